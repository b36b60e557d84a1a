"""A tool's JSON Schema to what may be kept of it. Pure module: no I/O."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from douane.audit import announce
from douane.audit.jsontext import escape
from douane.audit.key_values import is_value, people_in
from douane.audit.keys import HIDDEN, is_field_name, is_name, is_pattern
from douane.audit.schema import (
    COMBINED,
    ITEMS,
    MAPS,
    MAX_LEVELS,
    REST,
    SAYS,
    SINGLE,
    outright,
    segments,
)

ELSEWHERE: Final = "urn:elsewhere"
"""Stands for every address of a schema and every reference that leads out of it."""

FROM: Final = "x-data-categories-from"
"""The keyword that says which of the categories under `SAYS` are a skeleton's own reading, and of what (`ORIGINS`)."""

ORIGINS: Final = ("name", "format", "words")

OTHER: Final = "other"
"""Stands for a `type` that JSON Schema does not have."""

TYPES: Final = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})

FORMATS: Final = frozenset((
    "base64url", "binary", "byte", "char", "commonmark", "date", "date-time", "decimal", "decimal128", "double",
    "double-int", "duration", "email", "float", "hostname", "html", "http-date", "idn-email", "idn-hostname",
    "int16", "int32", "int64", "int8", "ipv4", "ipv6", "iri", "iri-reference", "json-pointer", "media-range",
    "password", "phone", "regex", "relative-json-pointer", "sf-binary", "sf-boolean", "sf-decimal", "sf-integer",
    "sf-string", "sf-token", "time", "uint16", "uint32", "uint64", "uint8", "unixtime", "uri", "uri-reference",
    "uri-template", "uuid",
))  # fmt: skip
"""The formats of JSON Schema's drafts and of the OpenAPI Initiative's format registry."""

_REFERENCES = ("$ref", "$dynamicRef")
_LABELS = ("$anchor", "x-mcp-header")


def skeleton(schema: object) -> dict[str, Any] | bool:
    """The schema without anything a person could have written into it: no description, default, example, enum or const.

    Names, types, formats, `required` and structure stay, and `SAYS` holds what title and description said, so that a
    judgement on the skeleton is the judgement on the schema; `FROM` says of each such category what it was read in. Of
    types and formats only the known ones stay, of names those that look like names (`keys.is_name`) and are no person's
    value; the others read
    `{key}`, `{key2}` … and can then not be found by what crosses, but what a hidden name announces stays in `SAYS`.
    Deeper than `MAX_LEVELS` it reads `true`.
    """
    return _skeleton(schema, 0, _Names(people_in(schema)))


class _Names:
    """The names of one schema, each replaced alike wherever it stands if it may be a datum."""

    def __init__(self, people: Collection[str]) -> None:
        self._people = people
        self._hidden: dict[str, str] = {}

    def stays(self, name: str) -> bool:
        return is_field_name(name) or (is_name(name) and name not in self._people and not is_value(name))

    def kept(self, name: str) -> str:
        if self.stays(name):
            return name
        number = len(self._hidden) + 1
        return self._hidden.setdefault(name, HIDDEN if number == 1 else f"{HIDDEN[:-1]}{number}}}")

    def reference(self, target: str) -> str:
        """A reference within the schema with its names replaced; any other becomes `ELSEWHERE`."""
        if not target.startswith("#"):
            return ELSEWHERE
        if target.startswith("#/"):
            return "".join(("#", *(f"/{escape(self.kept(part))}" for part in segments(target[1:]))))
        return f"#{self.kept(target[1:])}" if target != "#" else target


def _skeleton(schema: object, level: int, names: _Names) -> dict[str, Any] | bool:
    if not isinstance(schema, Mapping):
        return schema if isinstance(schema, bool) else True
    if level >= MAX_LEVELS:
        return True
    out = _own(schema, names)
    for keyword in (*REST, *ITEMS, *SINGLE, "propertyNames"):
        if keyword in schema:
            inner = schema[keyword]
            if isinstance(inner, list | tuple):
                out[keyword] = [_skeleton(one, level + 1, names) for one in inner]
            else:
                out[keyword] = _skeleton(inner, level + 1, names)
    for keyword in (*COMBINED, "prefixItems"):
        inner = schema.get(keyword)
        if isinstance(inner, list | tuple):
            out[keyword] = [_skeleton(one, level + 1, names) for one in inner]
    for keyword in MAPS:
        inner = schema.get(keyword)
        if isinstance(inner, Mapping):
            rules = keyword == "patternProperties"
            out[keyword] = {
                _rule(key, inner) if rules else names.kept(key): (
                    _named(key, _skeleton(one, level + 1, names), names)
                    if keyword == "properties"
                    else _skeleton(one, level + 1, names)
                )
                for key, one in inner.items()
                if isinstance(key, str)
            }
    _add(out, _announced(schema), outright(schema), read_from(schema))
    if schema and not out:
        out["$comment"] = ""  # it said something, which is not what `{}` means
    return out


def read_from(schema: Mapping[str, Any]) -> dict[str, str]:
    """Which of the categories under `SAYS` a skeleton read in a name, a format or a title and description."""
    given = schema.get(FROM)
    origins = given if isinstance(given, Mapping) else {}
    return {key: origins[key] for key in sorted(outright(schema)) if origins.get(key) in ORIGINS}


def _announced(schema: Mapping[str, Any]) -> dict[str, str]:
    """What words that do not stay announce, each category with where it was read."""
    texts = [text for keyword in ("title", "description") if isinstance(text := schema.get(keyword), str)]
    out = dict.fromkeys(announce.announced(announce.words(*texts)), "words")
    if isinstance(form := schema.get("format"), str) and form not in FORMATS:
        out |= dict.fromkeys(announce.announced(announce.words(form)), "format")
    return out


def _add(kept: dict[str, Any], read: Mapping[str, str], said: Collection[str], known: Mapping[str, str]) -> None:
    """Note under `SAYS` what was `read` beside what was `said` before, and under `FROM` in what, as far as `known`."""
    if says := {*said, *read}:
        kept[SAYS] = sorted(says)
    if made := {key: one for key, one in read.items() if key not in said} | dict(known):
        kept[FROM] = dict(sorted(made.items()))


def _named(name: str, kept: dict[str, Any] | bool, names: _Names) -> dict[str, Any] | bool:
    """What stays of a property, with what its name announces where the name is hidden."""
    read = {} if names.stays(name) else dict.fromkeys(announce.announced(announce.words(name)), "name")
    if kept is False or not read:
        return kept
    out: dict[str, Any] = {} if kept is True else kept
    _add(out, read, outright(out), read_from(out))
    return out


def _own(schema: Mapping[str, Any], names: _Names) -> dict[str, Any]:
    """What stays of the keywords that hold words."""
    out: dict[str, Any] = {}
    types = schema.get("type")
    if isinstance(types, str):
        out["type"] = _type(types)
    elif isinstance(types, list | tuple) and all(isinstance(one, str) for one in types):
        out["type"] = [_type(one) for one in types]
    if isinstance(text := schema.get("format"), str) and text in FORMATS:
        out["format"] = text
    required = schema.get("required")
    if isinstance(required, list | tuple) and all(isinstance(one, str) for one in required):
        out["required"] = [names.kept(one) for one in required]
    out |= {key: names.reference(text) for key in _REFERENCES if isinstance(text := schema.get(key), str)}
    out |= {key: names.kept(text) for key in _LABELS if isinstance(text := schema.get(key), str)}
    if isinstance(schema.get("$id"), str):
        out["$id"] = ELSEWHERE
    return out


def _type(name: str) -> str:
    return name if name in TYPES else OTHER


def _rule(rule: str, rules: Mapping[str, Any]) -> str:
    """A pattern that looks like no datum; for another, one that lets every name in."""
    if is_pattern(rule):
        return rule
    return f".{{0,{list(rules).index(rule) + 1}}}"
