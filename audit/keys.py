"""Dictionary keys: which are names of fields, and pointers in which the others are hidden. Pure module: no I/O.

A key can itself be a datum (`{"jean@example.org": {…}}`). What is written down about a field therefore keeps a key only
where it is a key of the protocol, declared by the app, or made of words that field names are made of.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Final

from douane.audit.jsontext import unescape
from douane.audit.key_values import SECRET, is_value
from douane.audit.places import everywhere
from douane.audit.words_of_names import vocabulary

HIDDEN: Final = "{key}"
_HIDDEN: Final = re.compile(r"\{key[0-9]*\}")
MAX_KEY: Final = 80  # characters; nobody names a field with more
_MAX_REMEMBERED: Final = 20_000

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^A-Za-z0-9 _.:/()'’?°#$@*-]")
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,2}")


_names: set[str] = set()  # keys found to be names of fields; a key that is not is never remembered
_pointers: set[tuple[str, tuple[str, ...] | None, frozenset[str]]] = set()  # in which nothing is hidden


def is_field_name(key: str) -> bool:
    """True for a key made only of known words, with at most one single letter and two figures.

    Split at capitals, spaces and punctuation; accents and case do not count.
    """
    if key in _names:
        return True
    if not key or len(key) > MAX_KEY or "@" in key:
        return False
    plain = key
    if not key.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", key) if not unicodedata.combining(c))
    known, accompanied = vocabulary()
    words = _WORDS.findall(plain)
    if not words:
        return False
    digits = singles = 0
    for word in words:
        if word.isdigit():
            digits += len(word)
        elif len(word) == 1 and word.isascii():
            singles += 1
        elif word.lower() not in known and not (len(words) > 1 and word.lower() in accompanied):
            return False
    if digits > 2 or singles > 1:
        return False
    if digits and len(words) == 1:
        return False
    if len(_names) < _MAX_REMEMBERED:
        _names.add(key)
    return True


_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.\-/:]{0,79}|[0-9]{1,3}")
_PATTERN: Final = re.compile(r"[!-?A-~]{0,80}")  # ASCII without space and at sign
_FIGURES: Final = re.compile(r"[0-9]{5}")
_RUN: Final = re.compile(r"[A-Za-z0-9]{12,}")
_LONG_RUN: Final = 20  # letters; in fewer, a token cannot be told from an abbreviation
_WORD_LENGTH: Final = 2.5  # what is made of words has longer ones on average


def is_name(name: str) -> bool:
    """True for a name that a schema's author would give: shaped like an identifier, or a name of a field.

    An identifier has at most 80 letters, figures and joining signs, no five figures in a row, and nothing in it that
    looks like a token. Indices up to 999 count.
    """
    return (_IDENTIFIER.fullmatch(name) is not None and not _looks_like_a_datum(name)) or is_field_name(name)


_TOOL: Final = re.compile(r"[^\W_][\w.\-/:]{0,127}")
_LONG_NUMBER: Final = re.compile(r"[0-9](?:[ .()/-]?[0-9]){7}")


def is_tool_name(name: str) -> bool:
    """True for a name of a tool that holds no person's value: `is_name`, or letters of any script and a few figures.

    MCP allows 128 letters, figures and joining signs. Eight figures in a row (or joined as in a phone's number), a
    UUID, and a run of twenty letters and figures that is made of no words may each be somebody's: they do not stay.
    """
    if _LONG_NUMBER.search(name):
        return False
    if is_name(name):
        return True
    if _TOOL.fullmatch(name) is None or SECRET.search(name):
        return False
    return not any(len(run) >= _LONG_RUN and _looks_like_a_datum(run) for run in _RUN.findall(name))


def safe_tool(name: str, listed: Collection[str] = frozenset()) -> str:
    """A tool's name for display: itself where the app listed it or it is made of words, else `{key}`.

    ChatGPT keeps its own list, so tools are called before theirs was seen. A name that nobody listed has to be shaped
    like an identifier with a word that names are made of in it.
    """
    if name in listed or is_field_name(name):
        return name
    known, _ = vocabulary()
    said = any(len(word) > 2 and word.lower() in known for word in _WORDS.findall(name))
    return name if said and is_name(name) else HIDDEN


def is_pattern(rule: str) -> bool:
    """True for a regular expression over names in which nothing looks like a datum."""
    return _PATTERN.fullmatch(rule) is not None and not _looks_like_a_datum(rule)


def _looks_like_a_datum(text: str) -> bool:
    if _FIGURES.search(text) or SECRET.search(text):
        return True
    for run in _RUN.findall(text):
        words = len(_WORDS.findall(run))
        if len(run) < words * _WORD_LENGTH and (len(run) >= _LONG_RUN or any(c.isdigit() for c in run)):
            return True
    return False


def safe_pointer(pointer: str, declared: Collection[str] = frozenset(), *, keys: Sequence[str] | None = None) -> str:
    """The pointer with every key that may be a datum replaced by `{key}`.

    Kept are keys of the protocol at their place, keys in `declared` (those of the tool's schema) that are no person's
    value, and names of fields (`is_field_name`). Array indices stay; give the object keys along the pointer as `keys`
    (`Field.keys`) to tell them from keys made of figures, else indices over 999 are taken for keys.
    """
    if not pointer:
        return ""
    remembered = pointer, tuple(keys) if keys is not None else None, frozenset(declared)
    if remembered in _pointers:
        return pointer
    path = everywhere()
    expected = list(keys) if keys is not None else None
    at = 0
    safe: list[str] = []
    for token in pointer.split("/")[1:]:
        key = unescape(token)
        if expected is None:
            is_key = _INDEX.fullmatch(key) is None
        elif at < len(expected) and expected[at] == key:
            is_key = True
            at += 1
        else:
            is_key = not key.isdigit()
        known = key in path.keys
        path = path.step(key)
        safe.append(token if not is_key or known or stays(key, declared) else HIDDEN)
    shown = "/" + "/".join(safe)
    # keys that go on in what was opened there are not in the pointer, and may be data
    if shown == pointer and (expected is None or at == len(expected)) and len(_pointers) < _MAX_REMEMBERED:
        _pointers.add(remembered)
    return shown


def safe_reached(reached: str, declared: Collection[str] = frozenset()) -> str:
    """The decoding path with every key that may be a datum replaced by `{key}`; steps and row numbers stay."""
    if not reached:
        return ""
    return " > ".join(_safe_step(step, declared) for step in reached.split(" > "))


def _safe_step(step: str, declared: Collection[str]) -> str:
    name, mark, rest = step.partition(":")
    if not mark:
        return name if is_field_name(name) else HIDDEN
    tokens: list[str] = []
    for at, token in enumerate(rest.split("/")):
        key = unescape(token.replace("~2", ">"))
        keep = not key or _INDEX.fullmatch(key) is not None or stays(key, declared)
        if at == 0 and key.isdigit():
            keep = True  # the number of a row
        tokens.append(token if keep else HIDDEN)
    return f"{name}:{'/'.join(tokens)}"


def is_hidden(key: str) -> bool:
    """Whether a key stands for one that is not written down: `{key}`, in a schema also `{key2}` and so on."""
    return _HIDDEN.fullmatch(key) is not None


def safe_key(key: str, declared: Collection[str] = frozenset()) -> str:
    """One key for display: itself where it names a field, else `{key}`."""
    return key if stays(key, declared) else HIDDEN


def stays(key: str, declared: Collection[str] = frozenset()) -> bool:
    """Whether a key may be written down: a name of a field, or one that the app declared and that is no person's value.

    An app may list e-mail addresses, phone numbers, customers' numbers or people's names as properties, encoded or not:
    those stay hidden.
    """
    return is_field_name(key) or (key in declared and not is_value(key))
