"""Plain data to YAML that `yamltext` reads back as it was, with comments. Pure module: no I/O."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from douane.audit.yamltext import Path

_WIDE: Final = 110
_PLAIN: Final = re.compile(r"(?:[^\W\d_](?:[\w ./+-]*[\w./+-])?|\d{4}-\d\d-\d\d)\Z")
_WORDS: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"})
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def written(data: Mapping[str, Any], notes: Mapping[Path, str] | None = None, head: str = "") -> str:
    """`data` as block YAML: mappings, lists, text, whole numbers, booleans; None leaves the place after the key empty.

    `notes` are comments by the path of the key or item they stand behind; `head` is a comment above all.
    """
    lines = [f"# {line}".rstrip() for line in head.splitlines()]
    lines += _mapping(data, (), notes or {})
    return "\n".join(lines or ["{}"]) + "\n"


def _mapping(data: Mapping[str, Any], path: Path, notes: Mapping[Path, str]) -> Iterator[str]:
    indent = "  " * len(path)
    for key, value in data.items():
        below = (*path, key)
        flow = _flow(value)
        note = _note(notes.get(below))
        if flow is not None:
            yield f"{indent}{_text(key)}:{' ' if flow else ''}{flow}{note}"
        else:
            yield f"{indent}{_text(key)}:{note}"
            yield from _block(value, below, notes)


def _block(value: Any, path: Path, notes: Mapping[Path, str]) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _mapping(value, path, notes)
        return
    indent = "  " * len(path)
    for number, item in enumerate(value):
        below = (*path, number)
        flow = _flow(item)
        if flow is not None:
            yield f"{indent}- {flow}{_note(notes.get(below))}"
            continue
        first = True
        for line in _block(item, below, notes):
            yield f"{indent}- {line[len(indent) + 2 :]}" if first else line
            first = False


def _flow(value: Any) -> str | None:
    """The value on one line; None for what needs several."""
    if isinstance(value, Mapping):
        return None if value else "{}"
    if isinstance(value, list | tuple):
        if not value:
            return "[]"
        if any(item is None or isinstance(item, Mapping | list | tuple) for item in value):
            return None
        line = f"[{', '.join(_scalar(item) for item in value)}]"
        return line if len(line) <= _WIDE else None
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _text(value)


def _text(text: str) -> str:
    if _PLAIN.match(text) and text.casefold() not in _WORDS and text.isprintable():
        return text
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable() or char in "\u00a0\u202f":
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _note(text: str | None) -> str:
    return f"  # {' '.join(text.split())}" if text else ""
