"""What of a list of tools is read, and what is named that is not."""

from typing import Any

import pytest

from douane.audit.rules.base import Text
from douane.audit.toollist import MOST_TOLD, Unread, lines, odd_in, refused, tools_in

FINE = {"name": "book", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}, "title": "Book"}

ODD: list[tuple[Any, list[str]]] = [
    ([FINE], []),
    ([FINE, 5], ["/1: is no object; the tool was passed over."]),
    ([{"inputSchema": {}}, FINE], ["/0/name: is missing; the tool was passed over."]),
    ({"tools": [{"name": ["jean@canary.example"]}]}, ["/tools/0/name: is no text; the tool was passed over."]),
    (
        {"jsonrpc": "2.0", "id": 1, "result": {"tools": [{"name": "a", "inputSchema": 5}]}},
        ["/result/tools/0/inputSchema: is no object; the tool was read without it."],
    ),
    (
        [{**FINE, "inputSchema": None, "outputSchema": True, "description": 7, "_meta": [], "annotations": []}],
        [
            "/0/inputSchema: is no object; the tool was read without it.",
            "/0/outputSchema: is no object; the tool was read without it.",
            "/0/annotations: is no object; the tool was read without it.",
            "/0/_meta: is no object; the tool was read without it.",
            "/0/description: is no text; the tool was read without it.",
        ],
    ),
    (
        [{**FINE, "annotations": {"readOnlyHint": "yes", "title": 5}}],
        ["/0/annotations/readOnlyHint: is neither true nor false; the tool was read without it."],
    ),
    # what an app may leave out, it may give as null; a schema that is missing is no schema that was dropped
    ([{"name": "a", "outputSchema": None, "annotations": None, "_meta": None, "description": None}], []),
    ([{**FINE, "annotations": {"readOnlyHint": None}}], []),
    ({"tools": "none"}, []),
    (5, []),
]


@pytest.mark.parametrize(("listed", "told"), ODD, ids=range(len(ODD)))
def test_what_is_passed_over_is_named_by_its_place_with_why_and_what_to_do(listed: Any, told: list[str]) -> None:
    odd = list(odd_in(listed))
    assert [one.told("en").removesuffix(f" {one.remedy.en}") for one in odd] == told
    assert all(one.remedy.en and one.remedy.fr and one.why.fr != one.why.en for one in odd)
    assert "canary" not in repr(odd)


@pytest.mark.parametrize("listed", [listed for listed, _ in ODD], ids=range(len(ODD)))
def test_every_entry_is_read_or_named(listed: Any) -> None:
    inner = listed.get("result", listed) if isinstance(listed, dict) else listed
    entries = inner.get("tools") if isinstance(inner, dict) else inner
    passed = [one for one in odd_in(listed) if "passed over" in one.why.en]
    assert len(list(tools_in(listed))) + len(passed) == (len(entries) if isinstance(entries, list) else 0)


def test_a_part_is_named_in_french_too() -> None:
    (one,) = odd_in([5], "tools/list, page 2")
    assert one.told("fr") == (
        "tools/list, page 2, /0 : n’est pas un objet ; l’outil n’est pas repris. "
        "Donnez chaque outil sous forme d’objet."
    )


def test_what_a_stricter_reader_refused_has_its_place_and_our_words() -> None:
    one = refused("string_type", ("tools", 0, "a/b"), "tools/list")
    assert (one.place(), one.why.en) == (
        "tools/list, /tools/0/a~1b",
        "is no text; what else stands there was read",
    )
    assert refused("literal_error", (), "tools/list").why.en.startswith("is not as MCP has it")


def test_many_parts_are_named_up_to_ten_and_counted_beyond() -> None:
    one = Unread("tools/list", "/tools/0", Text("is odd", "est étrange"), Text("Mend it.", "Corrigez."))
    assert lines([one] * MOST_TOLD, "en") == ["tools/list, /tools/0: is odd. Mend it."] * MOST_TOLD
    assert lines([one] * 12, "en")[MOST_TOLD:] == ["2 more part(s) could not be read as they stand."]
    assert lines([one] * 12, "fr")[MOST_TOLD:] == ["2 autre(s) partie(s) illisible(s)."]


def test_a_tool_named_with_half_a_pair_has_the_name_under_which_its_calls_are_read() -> None:
    assert [tool.name for tool, _ in tools_in([{"name": "send\ud83d", "inputSchema": {}}])] == ["send\ufffd"]
