"""Patterns that begin with words, tried only where one of those words stands: most of a text is then never looked at.

Which words may begin a match is read from the pattern itself, so that the answers are those of `finditer`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from douane.detectors.words import fold

_MOST = 400
"""Beginnings of a pattern beyond which it is searched for as a whole."""

_LARGE = re.compile(r"\[[^\]\\]{100,}\]")
"""A class of many characters: no word can be told from it, and it takes as long to read as all the rest."""


class Starts:
    """A pattern; `words` are the folded words that may begin a match, None where the pattern does not tell."""

    __slots__ = ("compiled", "words")

    def __init__(self, pattern: str) -> None:
        self.compiled = re.compile(pattern)
        self.words = first_words(self.compiled)

    def finditer(self, text: str, places: Mapping[str, Sequence[int]]) -> Iterable[re.Match[str]]:
        """What `finditer` finds in a text in which `places` says where each word stands."""
        known = self.words
        if known is None:
            return self.compiled.finditer(text)
        begun = places.keys() & known
        if not begun:
            return ()
        found_all: list[re.Match[str]] = []
        match, end = self.compiled.match, 0
        for start in sorted([start for word in begun for start in places[word]]):
            if start >= end:
                found = match(text, start)
                if found is not None:
                    end = found.end()
                    found_all.append(found)
        return found_all


def first_words(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """The folded words of which one begins every match; None where that cannot be told."""
    walk = _Walk()
    try:
        tree = parser.parse(_LARGE.sub("[^ ]", pattern.pattern), pattern.flags & ~re.UNICODE)
        going = walk.through(tree, frozenset({None}))
    except _UntoldError:
        return None
    # A match that may end within its first word may begin a longer one.
    return None if going else frozenset(walk.words)


class _UntoldError(Exception):
    """What a pattern begins with is too much, or no word: it is searched for as a whole."""


type _Begun = frozenset[str | None]
"""How a match may have begun: letters, none yet, or None where not even the edge of a word has been asked for."""


class _Walk:
    """The parts of a pattern in their order, up to the end of the first word; `words` are those that ended."""

    def __init__(self) -> None:
        self.words: set[str] = set()

    def through(self, tree: Any, begun: _Begun) -> _Begun:
        """What is still within its first word behind these parts."""
        for kind, given in tree:
            if not begun:
                break
            begun = self._part(kind, given, begun)
            if len(begun) + len(self.words) > _MOST:
                raise _UntoldError
        return begun

    def _part(self, kind: Any, given: Any, begun: _Begun) -> _Begun:
        if kind is op.LITERAL:
            return self._more(begun, (chr(given),))
        if kind is op.IN:
            return self._more(begun, tuple(_character(*one) for one in given))
        if kind is op.AT and given is op.AT_BOUNDARY:
            for text in begun:
                if text:
                    self.words.add(fold(text))
            return frozenset({"" for text in begun if not text})
        if kind in (op.ASSERT, op.ASSERT_NOT) and given[0] < 0:
            return begun
        if kind is op.SUBPATTERN:
            return self.through(given[3], begun)
        if kind is op.BRANCH:
            return frozenset().union(*(self.through(branch, begun) for branch in given[1]))
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            low, high, body = given
            once = self.through(body, begun)
            if once and high > 1:
                raise _UntoldError
            return once if low else once | begun
        raise _UntoldError

    def _more(self, begun: _Begun, chars: Sequence[str]) -> _Begun:
        going: set[str | None] = set()
        for text in begun:
            for char in chars:
                if text is not None and char.isalnum():
                    going.add(text + char)
                elif text:
                    self.words.add(fold(text))
                else:
                    raise _UntoldError
        return frozenset(going)


def _character(kind: Any, given: Any) -> str:
    if kind is op.LITERAL:
        return chr(given)
    if kind is op.CATEGORY and given in (op.CATEGORY_SPACE, op.CATEGORY_NOT_WORD):
        return " "
    raise _UntoldError
