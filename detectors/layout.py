"""Tables, name/value pairs and schemas: what a value's key would be, were it written as a key.

`{"columns": ["name"], "rows": [["Ana"]]}`, `{"field": "name", "value": "Ana"}` and `{"name": {"v": "Ana"}}` all say
`name` of Ana.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from douane.audit.context import Context
from douane.audit.fields import Field
from douane.detectors import hints, subject
from douane.detectors.subject import SOMEBODY
from douane.detectors.words import key_words, word_set

_CELL = re.compile(r"^(.{0,400})/([^/]{1,60})/(\d{1,6})/(\d{1,3})$")
_HEADING = re.compile(
    r"^(.{0,400})/(?:columns|headers|header|heading|headings|cols|colonnes|entetes|fields|champs|columnNames|"
    r"column_names|head|schema)/(\d{1,3})(?:/(?:name|title|label|key|field|header|nom|libelle))?$"
)
_LABELS = word_set(
    """
    name key field label question attribute property champ libelle cle intitule prop code id nom k q lbl caption
    fieldName field_name fieldLabel variable rubrique heading header prompt title titre what quoi f ref kind type
    """
)
_ANSWERS = word_set("value val valeur v answer reponse response a r fieldValue field_value content contenu text")
_WRAPPERS = word_set("value val valeur v raw formatted")
_TELLING = _LABELS | _ANSWERS | _WRAPPERS
_BESIDE_WRAPPED = _WRAPPERS | word_set(
    "unit unite u type t source src updated confidence label lang verified valid required score status visibility"
)
"""Keys that may stand beside a wrapped value: any other makes the object a record, and `v` one of its members."""
_LONGEST_LABEL = 60


def relabelled(fields: Sequence[Field]) -> Sequence[Field]:
    """The fields, each cell of a table under its column's heading and each value of a pair under its name.

    The cells of one row become siblings. Keys without a meaning of their own are not replaced.
    """
    cells: dict[int, re.Match[str]] = {}
    pairs: dict[int, list[int]] = {}
    wrapped: list[int] = []
    for at, field in enumerate(fields):
        path = field.reached or field.pointer
        if path[-1:].isdigit() and "/" in path:
            found = _CELL.match(path)
            if found:
                cells[at] = found
        key = field.key
        if key in _TELLING:
            if key in _ANSWERS or key in _LABELS:
                pairs.setdefault(field.group, []).append(at)
            if key in _WRAPPERS and len(field.keys) > 1:
                wrapped.append(at)
    if not (cells or pairs):
        return fields
    keys: dict[int, str] = {}
    groups: dict[int, int] = {}
    if cells:
        _of_tables(fields, cells, keys, groups)
    if wrapped:
        records = {
            field.group
            for field in fields
            if not field.is_key and len(field.key) == 1 and field.key not in _BESIDE_WRAPPED
        }
        wrapped = [at for at in wrapped if fields[at].group not in records]
    for at in wrapped:
        above = fields[at].keys[-2]
        if above not in _WRAPPERS and hints.of_key(above) and not hints.of_key(fields[at].key):
            keys[at] = above
    for members in pairs.values():
        if len(members) > 1:
            _of_pair(fields, members, keys)
    if not keys:
        return fields
    return [
        replace(field, key=keys[at], group=groups.get(at, field.group)) if at in keys else field
        for at, field in enumerate(fields)
    ]


def _of_pair(fields: Sequence[Field], members: Sequence[int], keys: dict[int, str]) -> None:
    labels = [at for at in members if fields[at].key in _LABELS and isinstance(fields[at].value, str)]
    answers = [at for at in members if fields[at].key in _ANSWERS]
    if len(answers) != 1:
        return
    for at in labels:
        label = fields[at].text
        if len(label) <= _LONGEST_LABEL and not fields[at].is_key and _says(label):
            keys[answers[0]] = label
            return


def _of_tables(
    fields: Sequence[Field], cells: dict[int, re.Match[str]], keys: dict[int, str], groups: dict[int, int]
) -> None:
    headings: dict[tuple[str, str, int], str] = {}
    for field in fields:
        path = field.reached or field.pointer
        found = _HEADING.match(path) if isinstance(field.value, str) and len(field.text) <= _LONGEST_LABEL else None
        if found:
            headings[_owner(field), found.group(1), int(found.group(2))] = field.text
    first: dict[tuple[str, str, int], str] = {}
    for at, found in cells.items():
        field = fields[at]
        if found.group(3) == "0" and isinstance(field.value, str) and len(field.text) <= _LONGEST_LABEL:
            first[_owner(field), f"{found.group(1)}/{found.group(2)}", int(found.group(4))] = field.text
    telling: dict[tuple[str, str], int] = {}
    for (owner, table, _column), text in first.items():
        telling[owner, table] = telling.get((owner, table), 0) + (1 if _says(text) else 0)
    rows: dict[tuple[str, str, str], int] = {}
    for at, found in cells.items():
        owner, table, row = _owner(fields[at]), f"{found.group(1)}/{found.group(2)}", found.group(3)
        heading = headings.get((owner, found.group(1), int(found.group(4))))
        if heading is None and row != "0" and telling.get((owner, table), 0) >= 2:
            heading = first.get((owner, table, int(found.group(4))))
        if heading is None:
            continue
        keys[at] = heading
        groups[at] = rows.setdefault((owner, table, row), -len(rows) - 2)


def _owner(field: Field) -> str:
    return field.pointer if field.reached else ""


@lru_cache(maxsize=4096)
def _says(label: str) -> bool:
    words = key_words(label)
    if not 0 < len(words) <= 8:
        return False
    return (
        bool(hints.of_words(words))
        or subject.of_value(label) in SOMEBODY
        or (words in {("name",), ("nom",), ("names",), ("noms",)})
    )


_NOTHING: frozenset[str] = frozenset()
MAPPING = (dict, Mapping)
"""What is asked first is what is nearly always so, and quick to ask."""
_LONGEST_QUESTION = 9


def asked_of(context: Context, keys: Sequence[str]) -> frozenset[str]:
    """The categories that the tool's schema asks for at these keys, by a short description or title."""
    schema = context.schema.input_schema if context.schema is not None else None
    node: Any = schema
    for key in keys[2:] if tuple(keys[:2]) == ("params", "arguments") else keys:
        while isinstance(node, MAPPING) and node.get("items") is not None and isinstance(node["items"], MAPPING):
            node = node["items"]
        properties = node.get("properties") if isinstance(node, MAPPING) else None
        if properties is None or not isinstance(properties, MAPPING) or key not in properties:
            return _NOTHING
        node = properties[key]
    if not isinstance(node, MAPPING):
        return _NOTHING
    for said in (node.get("description"), node.get("title")):
        if isinstance(said, str) and len(said) <= 80:
            return _asked(said)
    return _NOTHING


@lru_cache(maxsize=4096)
def _asked(text: str) -> frozenset[str]:
    words = key_words(text)
    return hints.of_words(words) if len(words) <= _LONGEST_QUESTION else _NOTHING
