"""The shape of what a told event says, by the specification's table. Pure module: no I/O."""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from itertools import repeat
from typing import Any, Final

type Shape = Callable[[Any], bool]
"""Whether a value, as JSON has it, is of a type of the table."""

OUTCOMES: Final = ("delivered", "refused", "failed")
_MOST: Final = 2**63 - 1
_MOMENT: Final = re.compile(
    r"((?:19[7-9]|[2-9][0-9]{2})[0-9]-[0-9]{2}-[0-9]{2})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
)
_DURATION: Final = re.compile(
    r"P(?=[0-9T])(?:[0-9]{1,6}Y)?(?:[0-9]{1,6}M)?(?:[0-9]{1,6}W)?(?:[0-9]{1,6}D)?"
    r"(?:T(?=[0-9])(?:[0-9]{1,6}H)?(?:[0-9]{1,6}M)?(?:[0-9]{1,6}S)?)?"
)
_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def shaped(kind: bytes, body: bytes) -> dict[str, Any] | None:
    """Return what a told event says; None for a body that has not the shape of its kind, a kind without one included.

    What is returned holds the keys of its kind, and beside them at most texts and numbers.
    """
    shape = _SHAPES.get(kind)
    if shape is None:
        return None
    try:
        text = body.decode("ascii")
        found = json.loads(text)
        if not isinstance(found, dict) or _CANONICAL(found) != text:
            return None
    except (ValueError, RecursionError):
        return None
    required, optional = shape
    if not required.keys() <= found.keys():
        return None
    if not all(required.get(key, optional.get(key, _text_or_number))(value) for key, value in found.items()):
        return None
    return found


def is_told(kind: bytes) -> bool:
    """Whether the specification has a shape for this kind."""
    return kind in _SHAPES


def is_moment(value: object) -> bool:
    """Whether a value is a moment as the specification writes it."""
    return _moment(value)


def _number(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _MOST


def _id(value: Any) -> bool:
    return type(value) is int and 0 < value <= _MOST


def _ids(value: Any) -> bool:
    if type(value) is not list:
        return False
    return not value or (set(map(type, value)) == {int} and min(value) > 0 and max(value) <= _MOST)


def _text(value: Any) -> bool:
    return type(value) is str


def _text_or_number(value: Any) -> bool:
    return _text(value) or _number(value)


def _name(value: Any) -> bool:
    if type(value) is not str:
        return False
    with suppress(UnicodeEncodeError):
        return value.isascii() or bool(value.encode())
    return False


def _moment(value: Any) -> bool:
    return type(value) is str and _is_moment(value)


@lru_cache(maxsize=256)
def _is_moment(text: str) -> bool:
    found = _MOMENT.fullmatch(text)
    with suppress(ValueError):  # of a day that its month does not have
        return found is not None and bool(date.fromisoformat(found[1]))
    return False


def _matches(pattern: str) -> Shape:
    compiled = re.compile(pattern)
    return lambda value: type(value) is str and compiled.fullmatch(value) is not None


def _duration(value: str) -> bool:
    return _DURATION.fullmatch(value) is not None


def _rule(value: Any) -> bool:
    return type(value) is str and _duration(value.rpartition(": ")[2])


def _rules(value: Any) -> bool:
    return type(value) is str and all(map(_duration, value.split(", ")))


def _counts(value: Any) -> bool:
    return type(value) is dict and all(map(_number, value.values()))


def _scope(value: Any) -> bool:
    if type(value) is not dict or value.keys() != {"apps", "since", "until"}:
        return False
    apps = value["apps"]
    return type(apps) is list and all(map(_text, (*apps, value["since"], value["until"])))


def _row(*shapes: Shape) -> Shape:
    def is_row(value: Any) -> bool:
        return (
            type(value) is list
            and len(value) == len(shapes)
            and all(shape(one) for shape, one in zip(shapes, value, strict=True))
        )

    return is_row


def _rows(*shapes: Shape) -> Shape:
    is_row = _row(*shapes)
    return lambda value: type(value) is list and all(map(is_row, value))


def _ranges(value: Any) -> bool:
    return _rows(_id, _id)(value) and all(first <= last for first, last in value)


_key: Final = _matches("[0-9a-f]{64}")
_observed: Final = _rows(_id, *repeat(_name, 4), _id, _moment, _moment)
_used: Final = _rows(_id, *repeat(_name, 3), _id, _moment)


def _texts(names: str) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), _text)


_AT: Final[dict[str, Shape]] = {"at": _moment}
_SUMS: Final[dict[str, Shape]] = {"observations": _observed, "uses": _used}
_DETAIL: Final[dict[str, Shape]] = {"exchanges": _ids, "disclosures": _ids}
_SHAPES: Final[Mapping[bytes, tuple[Mapping[str, Shape], Mapping[str, Shape]]]] = {
    b"adopted": ({**_AT, "rows": _counts}, {}),
    b"sealing": ({**_AT, "public_key": _key, "note_key": _key}, {}),
    b"note-key": ({**_AT, "public_key": _key, "size": _number}, {}),
    b"outcome": ({}, dict.fromkeys(OUTCOMES, _ids)),
    b"replaced": ({**_AT, "verdicts": _ids}, {}),
    b"tally": (_SUMS, {}),
    b"start": (
        {**_AT, "run": _number, **_texts("version taxonomy config_sha256 rules_sha256")},
        _texts("profile reason"),
    ),
    b"access": ({**_AT, **_texts("who role what why"), "scope": _scope}, {}),
    b"review": (
        {
            **_AT,
            **_texts("who role note rule app"),
            "fingerprint": _matches("[0-9a-f]{32}"),
            "state": _matches("confirmed|false-alarm|unreviewed"),
        },
        {},
    ),
    b"expired": ({**_AT, "rule": _rule, **_DETAIL}, {}),
    b"erased": ({**_AT, "who": _text, **_DETAIL}, {}),
    b"purge": (
        {**_AT, **_texts("who reason"), "rule": _rules, "segments": _ranges, "events": _number, **_SUMS},
        {},
    ),
    b"epoch": ({**_AT, "epoch": _id}, _texts("who why master")),
    b"clock": ({**_AT, "back_seconds": _number}, {}),
    b"refused": ({**_AT, **_texts("who what place")}, {}),
    b"instead": ({**_AT, **_texts("who reason ledger"), "seq": _number, "head": _key}, {}),
    b"unanchored": ({**_AT, **_texts("what error")}, {}),
    b"restored": ({**_AT, **_texts("who reason"), "copy": _number, "seq": _number, "head": _key}, {}),
}
"""The keys of each kind with their types, and those that may lack."""
