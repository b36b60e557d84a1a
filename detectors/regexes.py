"""Whether a regular expression that a user wrote is one, and whether it is quick on the worst text for it.

Backtracking is judged by measuring: texts are made from the expression itself (each repetition driven long, then broken
off) and matched in a process of their own that a timer ends. Reading the expression alone refuses harmless nesting and
misses alternatives that overlap; another engine would be one more dependency and read other expressions. This file
imports the standard library only, so that the process starts at once.
"""

import json
import re
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

WINDOW = 4096
"""Characters of a value that are matched at a time."""
MOST_SECONDS = 0.025
"""What matching one window may cost on the worst text: some 6 s for a megabyte, and 1 ms for a usual value."""
_ENDED_AFTER = 0.3
_PATIENCE = 20.0
_SIZES = (24, 400, WINDOW)
_ALPHABET = ("a", "A", "0", " ", "-", ".", "@", "a ", "a0", "é", "a.", "\n", "'")
_MOST_PUMPS = 40

_SAID = (
    "missing ), unterminated subpattern",
    "unbalanced parenthesis",
    "nothing to repeat",
    "multiple repeat",
    "unterminated character set",
    "look-behind requires fixed-width pattern",
    "bad escape",
    "bad character range",
    "unknown extension",
    "missing group name",
    "global flags not at the start of the expression",
)
"""What `re` says that holds nothing of the expression."""


def why_not(pattern: str, ignore_case: bool = False) -> str:
    """What keeps the text from being an expression that finds something; empty when nothing does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)
            compiled = re.compile(pattern, re.IGNORECASE if ignore_case else 0)
    except FutureWarning:
        return "will be read otherwise one day (write \\[ for a bracket in a set, and no --, &&, || or ~~ there)"
    except re.error as error:
        said = next((words for words in _SAID if str(error.msg).startswith(words)), "not read")
        at = "" if error.pos is None else f", at character {error.pos + 1}"
        return f"is not a regular expression ({said}{at})"
    except (RecursionError, OverflowError):
        return "is too large for a regular expression"
    return "matches the empty text" if compiled.fullmatch("") is not None else ""


@lru_cache(maxsize=16)
def slow(patterns: tuple[tuple[str, bool], ...]) -> tuple[bool, ...]:
    """For each good expression (with `ignore_case`) whether its worst text takes too long. Starts a process."""
    out: list[bool] = []
    while len(out) < len(patterns):
        rest = patterns[len(out) :]
        told = _measured(rest)
        out.extend(told)
        if len(told) < len(rest):
            out.append(True)
    return tuple(out)


def _measured(patterns: Sequence[tuple[str, bool]]) -> list[bool]:
    """The answers of one process, up to the expression at which it had to be ended."""
    try:
        ran = subprocess.run(
            [sys.executable, "-I", str(Path(__file__))],
            input=json.dumps(patterns).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=False,
        )
        said = ran.stdout
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
    return [line == b"slow" for line in said.splitlines()]


class _TooLongError(Exception):
    """The timer rang."""


def _ring(_number: int, _frame: Any) -> None:
    raise _TooLongError


def main() -> None:
    """The process that measures: expressions as JSON on standard input, `slow` or `quick` for each on its output."""
    timed = hasattr(signal, "setitimer")
    if timed:
        signal.signal(signal.SIGVTALRM, _ring)
    for pattern, ignore_case in json.load(sys.stdin):
        compiled = re.compile(pattern, re.IGNORECASE if ignore_case else 0)
        try:
            if timed:
                signal.setitimer(signal.ITIMER_VIRTUAL, _ENDED_AFTER)
            bad = any(_costs(compiled, text) > MOST_SECONDS for text in attacks(pattern))
        except _TooLongError:
            bad = True
        if timed:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        sys.stdout.write("slow\n" if bad else "quick\n")
        sys.stdout.flush()


def _costs(compiled: re.Pattern[str], text: str) -> float:
    """The processor time of one pass; a slow pass is measured again, since a pause is no cost of the expression."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        for _found in compiled.finditer(text):
            pass
        best = min(best, time.process_time() - began)
        if best <= MOST_SECONDS:
            break
    return best


def attacks(pattern: str) -> Iterator[str]:
    """Texts that make a backtracking engine work for nothing, short ones first."""
    tree = parser.parse(pattern)
    pumps = list(dict.fromkeys([*_pumps(tree, ""), *(("", part) for part in _ALPHABET)]))[:_MOST_PUMPS]
    for size in _SIZES:
        for before, pump in pumps:
            yield (before + pump * (size // max(1, len(pump)) + 1))[:size] + "\x00!"


def _pumps(tree: Any, before: str) -> list[tuple[str, str]]:
    """Each repetition's body as text, with a text that leads to it."""
    found: list[tuple[str, str]] = []
    for kind, given in tree:
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            low, high, body = given
            if high == op.MAXREPEAT or high - low > 4:
                for choice in range(3):
                    pump = _sample(body, choice)
                    found.extend([(before, pump), ("", pump)] if pump else [])
            found.extend(_pumps(body, before))
        else:
            for inner in _inner(kind, given):
                found.extend(_pumps(inner, before))
        before += _sample([(kind, given)], 0)
    return found


def _inner(kind: Any, given: Any) -> list[Any]:
    if kind is op.SUBPATTERN:
        return [given[3]]
    if kind is op.BRANCH:
        return list(given[1])
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return [given[1]]
    return [given] if kind is op.ATOMIC_GROUP else []


def _sample(tree: Any, choice: int) -> str:
    """A text that the tree matches, more or less; `choice` picks among what is possible."""
    out = ""
    for kind, given in tree:
        if kind is op.LITERAL:
            out += chr(given)
        elif kind is op.NOT_LITERAL:
            out += "a" if given != ord("a") else "b"
        elif kind is op.ANY:
            out += "a0 "[choice % 3]
        elif kind is op.IN:
            out += _member(given, choice)
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            out += _sample(given[2], choice) * min(max(int(given[0]), 1), 20)
        elif kind is op.BRANCH:
            out += _sample(given[1][choice % len(given[1])], choice)
        elif kind in (op.SUBPATTERN, op.ATOMIC_GROUP):
            out += _sample(_inner(kind, given)[0], choice)
    return out


def _member(members: Any, choice: int) -> str:
    """A character of a set."""
    text = "".join(chr(given) for kind, given in members if kind is op.LITERAL)
    text += "".join(chr(given[0]) + chr(given[1]) for kind, given in members if kind is op.RANGE)
    text += "".join({op.CATEGORY_DIGIT: "0", op.CATEGORY_SPACE: " "}.get(given, "a0_é") for kind, given in members
                    if kind is op.CATEGORY)  # fmt: skip
    if members[0][0] is op.NEGATE:
        text = next((char for char in "a0 -.@\x01" if char not in text), "é")
    return text[choice % len(text)] if text else "a"


if __name__ == "__main__":
    main()
