"""Inputs made from a corpus: seeded, so that a run can be repeated, and led to code that no input reached before.

Lines that are reached for the first time are told by `sys.monitoring`, which costs nothing once a line was seen.
"""

import random
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType
from typing import Any, Final, Self

ROOT: Final = Path(__file__).resolve().parent.parent.parent
ROOMS: Final = tuple(f"{ROOT}/{room}/" for room in ("audit", "wire", "proxy", "inspector", "reports"))
_TOOL: Final = 4  # of the six numbers, one that the standard library reserves for nobody
_LONGEST: Final = 4096
_LONGEST_REPEATED: Final = 65_536
_ODD: Final = (
    b"\x00 \xff \xfe \xef\xbb\xbf \xed\xa0\x80 \xf4\x90\x80\x80 \x1b[2J \r \n \r\n\r\n \t \\ \" ' \\u0000 \\ud800 "
    b'\xc2\x85 \xe2\x80\xa8 { } [ ] [[[[[[[[ {"a": , : - 0 -0 1e999 -1e-999 NaN Infinity 9223372036854775808 '
    b"999999999999999999999999999999 true null % %00 %2e%2e %u2028 &amp; &#x1f600; =?base64? ?= # ? / // ~0 ~1 ~2 "
    b"data: id: event: retry: data:, ;base64, == - : | > << &a *a !!python/object: --- ... {{ }}"
).split(b" ")


class Reached:
    """Which lines of the product were reached; `anew` says whether there were new ones since it was last asked."""

    def __init__(self) -> None:
        self.lines = 0
        self._told = 0

    def __enter__(self) -> Self:
        watch = sys.monitoring
        watch.use_tool_id(_TOOL, "douane-fuzz")
        watch.register_callback(_TOOL, watch.events.LINE, self._line)
        watch.set_events(_TOOL, watch.events.LINE)
        watch.restart_events()
        return self

    def __exit__(self, *_: object) -> None:
        watch = sys.monitoring
        watch.set_events(_TOOL, 0)
        watch.register_callback(_TOOL, watch.events.LINE, None)
        watch.free_tool_id(_TOOL)

    def anew(self) -> bool:
        told, self._told = self._told, self.lines
        return self.lines > told

    def _line(self, code: CodeType, _number: int) -> Any:
        name = code.co_filename
        if name.startswith(ROOMS) or "/douane/" in name:
            self.lines += 1
        return sys.monitoring.DISABLE


class Mutator:
    """Endless inputs: those of the corpus, changed a little, joined, cut, and now and then repeated many times."""

    def __init__(self, corpus: Sequence[bytes], words: Sequence[bytes], seed: int) -> None:
        self.corpus = list(corpus)
        self._words = [*_ODD, *words]
        self._chance = random.Random(seed)

    def next(self) -> bytes:
        """One more input."""
        pick = self._chance.random
        size = len(self.corpus)
        # What was found last is changed most: it reached what the others did not.
        data = bytearray(self.corpus[int(size * pick() ** 0.6) if pick() < 0.7 else int(size * pick())])
        for _ in range(1 + int(4 * pick() ** 2)):
            self._change(data, pick())
        if pick() < 0.0003:
            at, width = self._place(data)
            block = bytes(data[at : at + width]) or b"["
            data[at:at] = block * (_LONGEST_REPEATED // len(block))
            return bytes(data[: 2 * _LONGEST_REPEATED])
        return bytes(data[:_LONGEST])

    def _place(self, data: bytearray) -> tuple[int, int]:
        at = int((len(data) + 1) * self._chance.random())
        return at, min(len(data) - at, 1 + int(16 * self._chance.random() ** 3))

    def _change(self, data: bytearray, how: float) -> None:
        at, width = self._place(data)
        pick = self._chance.random
        if how < 0.25 and at < len(data):
            data[at] ^= 1 << int(8 * pick())
        elif how < 0.35:
            data[at : at + 1] = bytes((int(256 * pick()),))
        elif how < 0.6:
            word = self._words[int(len(self._words) * pick())]
            data[at : at + (width if pick() < 0.5 else 0)] = word
        elif how < 0.7:
            del data[at : at + width * (8 if pick() < 0.2 else 1)]
        elif how < 0.8:
            data[at:at] = bytes(data[at : at + width * 4]) * (1 + int(3 * pick()))
        elif how < 0.95:
            other = self.corpus[int(len(self.corpus) * pick())]
            begin = int((len(other) + 1) * pick())
            end = begin + int((len(other) - begin + 1) * pick())
            data[at : at + (end - begin if pick() < 0.5 else 0)] = other[begin:end]
        else:
            del data[at:]
