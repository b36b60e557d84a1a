"""The one place where text from outside (names of apps, tools, keys, hosts) is made harmless for a document."""

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 80
"""Characters of a name that a document shows; what is longer ends in an ellipsis."""

_FORMULA = tuple("=+-@\t\r")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~$&=:/@.-])")
_SPACES = re.compile(r"[\s\u2028\u2029]+")
_JSON = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x7F: "\\u007f"}


def plain(text: str, limit: int = LONGEST) -> str:
    """`text` on one line of at most `limit` characters, with nothing that a terminal, browser or spreadsheet obeys.

    Control and format characters (terminal escapes, bidirectional marks, zero-width and tag characters), lone
    surrogates, private-use and unassigned characters become U+FFFD; runs of white space one space; a first character
    that starts a spreadsheet formula gets an apostrophe before it. Idempotent for texts within `limit`.
    """
    cut = text[: limit * 4 + 4]  # a hostile name may be megabytes long: look at no more than can be shown
    shown = _SPACES.sub(" ", cut).strip()
    shown = "".join("\ufffd" if unicodedata.category(char)[0] == "C" else char for char in shown)
    shown = _at_most_two_marks(shown)
    if shown.startswith(_FORMULA):
        shown = "'" + shown
    if len(shown) > limit or len(cut) < len(text):
        shown = shown[: limit - 1].rstrip() + "…"
    return shown


def lines(texts: Iterable[str], limit: int) -> str:
    """Each of the texts as `plain` on a line of its own, at most `limit` characters in all; no further one is read."""
    shown: list[str] = []
    left = limit
    for text in texts:
        if left <= 0:
            break
        shown.append(plain(text, left))
        left -= len(shown[-1]) + 1
    return "\n".join(shown)


def _at_most_two_marks(text: str) -> str:
    """`text` with at most two combining marks in a row, so that stacked accents do not leave their line."""
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= 2:
            kept.append(char)
    return "".join(kept)


def middle(text: str, limit: int) -> str:
    """`plain(text)` cut in its middle where it is longer than `limit`: both ends of a pointer tell the most."""
    whole = plain(text, limit=max(limit * 8, LONGEST))
    if len(whole) <= limit:
        return whole
    head = (limit - 1) // 2
    return f"{whole[:head]}…{whole[len(whole) - (limit - 1 - head) :]}"


def markdown(text: str, limit: int = LONGEST) -> str:
    """`plain(text)` with every character that Markdown, its tables or inline HTML give a meaning escaped."""
    return _MARKDOWN.sub(r"\\\1", plain(text, limit)).replace("\\<", "&lt;").replace("\\>", "&gt;")


def json_text(text: str) -> str:
    """A JSON document (ASCII only) that can stand inside HTML or a terminal as it is."""
    return text.translate(_JSON)
