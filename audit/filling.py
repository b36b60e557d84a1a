"""Arguments for a tool, made from its schema and a made-up person's data. Pure module: no I/O, no chance.

The same schema, person and known values give the same arguments. What a schema does not say is not made up: a field
of no known meaning gets a short neutral word.
"""

from collections.abc import Mapping
from typing import Any, Final

from douane.audit import announce
from douane.audit.listed import LEVELS, most_specific, parts_of
from douane.audit.personas import Persona
from douane.audit.schema import outright
from douane.audit.whose import childs

_FORMATS: Final = {
    "date": "2026-12-15",
    "date-time": "2026-12-15T10:30:00Z",
    "time": "10:30:00Z",
    "duration": "PT1H",
    "uri": "https://www.example.org/page",
    "uri-reference": "/page",
    "hostname": "www.example.org",
    "uuid": "00000000-0000-4000-8000-000000000001",
}
_NAMED: Final = (
    (("date", "day", "jour", "when", "depart", "arrivee", "arrival"), "2026-12-15"),
    (("time", "heure", "hour"), "10:30"),
    (("url", "uri", "link", "lien"), "https://www.example.org/page"),
    (("lang", "language", "locale", "langue"), ""),
    (("currency", "devise"), "EUR"),
)
_FILE: Final = {
    "download_url": "https://files.example.invalid/exercise.txt",
    "file_id": "file_exercise_1",
    "mime_type": "text/plain",
    "file_name": "exercise.txt",
}
_MOST_ITEMS: Final = 3
_CHILDREN: Final = "user.childrens"  # says whose a datum is; what a name says besides goes before it

type Known = Mapping[str, Any]
"""Values that earlier answers gave, by the name of their key."""


def fill(schema: object, persona: Persona, known: Known | None = None, *, optional: bool = True) -> Any:
    """A value that the schema takes. With `optional`, optional members of a known meaning are given as well."""
    return _value(schema, schema, "", persona, known or {}, optional, 0, ())


def file_argument() -> dict[str, str]:
    """What ChatGPT puts in the place of a file parameter; nothing is at that address."""
    return dict(_FILE)


def _value(
    root: object,
    schema: object,
    name: str,
    who: Persona,
    known: Known,
    optional: bool,
    level: int,
    trail: tuple[int, ...],
) -> Any:
    if childs(name):
        who = who.of_child()
    parts = parts_of(root, _one_branch(schema), trail)
    merged: dict[str, Any] = {}
    for part in reversed(parts):
        merged.update({key: value for key, value in part.items() if key not in ("properties", "required")})
    for part in parts:
        if "const" in part:
            return part["const"]
        if isinstance(part.get("enum"), list) and part["enum"]:
            return part["enum"][0]
    kind = _kind(merged, parts)
    trail = (*trail, *(id(part) for part in parts))
    if kind == "object":
        return _object(root, parts, who, known, optional, level, trail)
    if kind == "array":
        count = merged.get("minItems")
        count = min(max(count, 1), _MOST_ITEMS) if isinstance(count, int) else 1
        item = merged.get("items")
        return [_value(root, item, name, who, known, optional, level + 1, trail)] * count if level < LEVELS else []
    if kind == "boolean":
        return bool(merged.get("default", True))
    if kind in ("integer", "number"):
        return _number(merged, kind, name, who, known)
    if kind == "null":
        return None
    return _text(merged, name, who, known)


def _object(
    root: object, parts: list[Mapping[str, Any]], who: Persona, known: Known, optional: bool, level: int,
    trail: tuple[int, ...],
) -> dict[str, Any]:  # fmt: skip
    lists = [part["required"] for part in parts if isinstance(part.get("required"), list)]
    required = {name for names in lists for name in names if isinstance(name, str)}
    out: dict[str, Any] = {}
    for part in parts:
        properties = part.get("properties")
        for key, inner in properties.items() if isinstance(properties, Mapping) else ():
            if not isinstance(key, str) or key in out or level >= LEVELS:
                continue
            if key in required or (optional and _means_something(inner, key)):
                out[key] = _value(root, inner, key, who, known, optional, level + 1, trail)
    return out


def _one_branch(schema: object) -> object:
    """A schema of alternatives with the first one that is not `null`."""
    if not isinstance(schema, Mapping):
        return schema
    for keyword in ("anyOf", "oneOf"):
        branches = schema.get(keyword)
        if isinstance(branches, list) and branches:
            rest = {key: value for key, value in schema.items() if key != keyword}
            real = [one for one in branches if not (isinstance(one, Mapping) and one.get("type") == "null")]
            return {**rest, "allOf": [*rest.get("allOf", ()), (real or branches)[0]]}
    return schema


def _kind(merged: Mapping[str, Any], parts: list[Mapping[str, Any]]) -> str:
    named = merged.get("type")
    if isinstance(named, list):
        named = next((one for one in named if one != "null"), "null")
    if isinstance(named, str):
        return named
    if any("properties" in part for part in parts):
        return "object"
    return "array" if "items" in merged else "string"


def _means_something(schema: object, key: str) -> bool:
    if not isinstance(schema, Mapping):
        return False
    texts = [key, *(text for word in ("title", "description") if isinstance(text := schema.get(word), str))]
    return bool(outright(schema) or announce.announced(announce.words(*texts)))


def _number(merged: Mapping[str, Any], kind: str, name: str, who: Persona, known: Known) -> int | float:
    if isinstance(known.get(name), int | float) and not isinstance(known.get(name), bool):
        return float(known[name]) if kind == "number" else int(known[name])
    if who.is_child and (said := _of_child(name, who)) is not None and said <= _most(merged):
        return said
    for keyword in ("default", "minimum"):
        given = merged.get(keyword)
        if isinstance(given, int | float) and not isinstance(given, bool):
            return max(given, 1) if keyword == "minimum" and given <= 1 <= _most(merged) else given
    least = merged.get("exclusiveMinimum")
    if isinstance(least, int | float) and not isinstance(least, bool):
        return least + 1
    value = min(2, _most(merged))
    return int(value) if kind == "integer" else value


def _of_child(name: str, who: Persona) -> int | None:
    """A child's age, or the year of its birth, where the number's name asks for one."""
    said = announce.announced(announce.words(name))
    if "user.demographic.age_range" in said and (age := who.fact("user.demographic.age_range") or "").isdecimal():
        return int(age)
    born = (who.fact("user.demographic.date_of_birth") or "")[:4]
    return int(born) if "user.demographic.date_of_birth" in said and born.isdecimal() else None


def _most(merged: Mapping[str, Any]) -> float:
    most = merged.get("maximum")
    return most if isinstance(most, int | float) and not isinstance(most, bool) else 1_000_000


def _text(merged: Mapping[str, Any], name: str, who: Persona, known: Known) -> str:
    value = _meant(merged, name, who, known)
    longest, shortest = merged.get("maxLength"), merged.get("minLength")
    if isinstance(shortest, int) and 0 < len(value) < shortest <= 1000:
        value = (value + " " + value * shortest)[:shortest].ljust(shortest, "x")
    return value[:longest] if isinstance(longest, int) and longest >= 0 else value


def _meant(merged: Mapping[str, Any], name: str, who: Persona, known: Known) -> str:
    words = {word for text in announce.words(name) for word in text}
    if isinstance(known.get(name), str) and (words & {"id", "ref", "reference", "key", "code"} or name.endswith("Id")):
        return str(known[name])
    said = outright(merged) or most_specific(announce.announced(announce.words(name)))
    if not said and isinstance(text := merged.get("description"), str):
        said = most_specific(announce.announced(announce.words(text)))
    for category in sorted(said, key=lambda one: (one == _CHILDREN, one)):
        fact = who.fact(category)
        if fact is not None:
            return fact
    if isinstance(form := merged.get("format"), str):
        if form in ("email", "idn-email"):
            return who.fact("user.contact.email") or "someone@example.org"
        if form in _FORMATS:
            return _FORMATS[form]
    for keyword in ("default", "example"):
        if isinstance(given := merged.get(keyword), str) and given:
            return given
    examples = merged.get("examples")
    if isinstance(examples, list) and examples and isinstance(examples[0], str):
        return examples[0]
    if name in who.words:
        return who.words[name]
    for hints, value in _NAMED:
        if words & set(hints):
            return value or who.lang
    for word in sorted(words):
        if word in who.words:
            return who.words[word]
    return who.words.get("query", "exercise")
