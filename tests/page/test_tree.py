"""A tool's schema as a tree, whatever a stranger wrote into it, with what crossed in its place."""

from typing import Any

import pytest

from douane.ledger.counted import FieldFigures
from douane.reports.page.tree import NODES, Node, beside, nodes, tree

ROOT = "/params/arguments"


def crossed(pointer: str, category: str = "user.name", count: int = 3) -> FieldFigures:
    sources = dict.fromkeys(("schema", "declaration", "policy", "connection"), 0)
    return FieldFigures(
        1, "t", "tools/call", "to_app", pointer, category, (), count, {"clear": count}, 0, 0, sources, 1, 9
    )


def drawn(node: Node) -> Any:
    """A tree as plain values: name, whether it is listed, how much crossed, what is below."""
    return [(one.name, one.listed, sum(found.count for found in one.found), drawn(one)) for one in node.below]


def test_what_crossed_hangs_where_it_stood() -> None:
    schema = {
        "type": "object",
        "required": ["patient"],
        "properties": {
            "patient": {"type": "object", "properties": {"nom": {"type": "string"}, "a/b": {"type": "string"}}},
            "dates": {"type": "array", "items": {"type": "object", "properties": {"jour": {"type": "string"}}}},
        },
    }
    found = [
        crossed(f"{ROOT}/patient/nom"),
        crossed(f"{ROOT}/patient/a~1b", count=2),
        crossed(f"{ROOT}/dates/*/jour"),
        crossed(f"{ROOT}/motif"),
        crossed("/params/_meta/city"),
    ]
    top = tree(schema, ROOT, found)
    assert drawn(top) == [
        ("patient", True, 0, [("nom", True, 3, []), ("a/b", True, 2, [])]),
        ("dates", True, 0, [("*", True, 0, [("jour", True, 3, [])])]),
        ("motif", False, 3, []),
    ]
    assert [node.required for node in top.below] == [True, False, False]
    assert [(node.name, node.found[0].count) for node in beside(ROOT, found)] == [("/params/_meta/city", 3)]


def test_without_a_schema_everything_is_beside_it() -> None:
    assert drawn(tree(None, ROOT, [crossed(f"{ROOT}/{{key}}/email")])) == [
        ("{key}", False, 0, [("email", False, 3, [])])
    ]


def test_alternatives_and_references_are_one_place() -> None:
    schema = {
        "$defs": {"who": {"properties": {"name": {"type": "string"}}}},
        "allOf": [{"$ref": "#/$defs/who"}, {"properties": {"age": {"type": ["integer", "null"]}}}],
        "additionalProperties": {"type": "string"},
    }
    top = tree(schema, ROOT, [])
    assert {(node.name, node.kind, node.pointer) for node in top.below} == {
        ("{key}", "string", f"{ROOT}/{{key}}"),
        ("name", "string", f"{ROOT}/name"),
        ("age", "integer | null", f"{ROOT}/age"),
    }


@pytest.mark.parametrize(
    "schema",
    [
        True,
        False,
        {},
        [],
        "x",
        7,
        {"properties": []},
        {"properties": {"a": None}},
        {"$ref": "#"},
        {"$ref": "#/nowhere/~2/x"},
        {"$ref": "https://example.org/x"},
        {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"type": {"a": 1}, "required": "x", "items": [{"$ref": "#"}], "x-data-categories": 5},
        {"properties": {"a": {"properties": {"b": {"$ref": "#"}}}}},
    ],
)
def test_a_strangers_schema_never_raises_and_ends(schema: object) -> None:
    assert len(list(nodes(tree(schema, ROOT, [crossed(f"{ROOT}/a/b/c")])))) <= NODES + 10


def test_a_schema_that_doubles_at_each_level_stays_small() -> None:
    schema: dict[str, Any] = {
        "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}, "c": {"anyOf": [{"$ref": "#"}] * 4}}
    }
    assert len(list(nodes(tree(schema, ROOT, [])))) <= NODES + 1
