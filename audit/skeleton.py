"""A tool's JSON Schema to what may be kept of it. Pure module: no I/O."""

from collections.abc import Mapping
from typing import Any

from douane.audit import announce
from douane.audit.schema import COMBINED, ITEMS, MAPS, MAX_LEVELS, REST, SAYS, SINGLE, outright

_KEPT = ("type", "format", "required", "$ref", "$anchor", "$id", "$dynamicRef", "x-mcp-header")


def skeleton(schema: object) -> dict[str, Any] | bool:
    """The schema without anything a person could have written into it: no description, default, example, enum or const.

    Names, types, formats, `required` and structure stay, and `SAYS` holds what title and description said, so that a
    judgement on the skeleton is the judgement on the schema. Deeper than `MAX_LEVELS` it reads `true`.
    """
    return _skeleton(schema, 0)


def _skeleton(schema: object, level: int) -> dict[str, Any] | bool:
    if not isinstance(schema, Mapping):
        return schema if isinstance(schema, bool) else True
    if level >= MAX_LEVELS:
        return True
    out: dict[str, Any] = {key: schema[key] for key in _KEPT if _is_plain(schema.get(key))}
    for keyword in (*REST, *ITEMS, *SINGLE, "propertyNames"):
        if keyword in schema:
            inner = schema[keyword]
            if isinstance(inner, list | tuple):
                out[keyword] = [_skeleton(one, level + 1) for one in inner]
            else:
                out[keyword] = _skeleton(inner, level + 1)
    for keyword in (*COMBINED, "prefixItems"):
        inner = schema.get(keyword)
        if isinstance(inner, list | tuple):
            out[keyword] = [_skeleton(one, level + 1) for one in inner]
    for keyword in MAPS:
        inner = schema.get(keyword)
        if isinstance(inner, Mapping):
            out[keyword] = {key: _skeleton(one, level + 1) for key, one in inner.items() if isinstance(key, str)}
    texts = [text for keyword in ("title", "description") if isinstance(text := schema.get(keyword), str)]
    says = outright(schema) | announce.announced(announce.words(*texts))
    if says:
        out[SAYS] = sorted(says)
    if schema and not out:
        out["$comment"] = ""  # it said something, which is not what `{}` means
    return out


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, str)
