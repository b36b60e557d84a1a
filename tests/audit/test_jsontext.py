"""JSON text to a tree with places: strict, linear, and exact about where each value stood."""

import json
import re
from typing import Any

import pytest
from growth import is_linear
from hypothesis import example, given
from hypothesis import strategies as st

from douane.audit.jsontext import (
    Malformed,
    Member,
    Node,
    byte_span,
    escape,
    get,
    parse,
    plain,
    pointer_of,
    prefix,
    unescape,
)

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=25)


@given(values, st.booleans(), st.sampled_from([None, 2]))
def test_what_json_writes_is_read_back(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    node = parse(text)
    assert isinstance(node, Node)
    assert plain(node) == value


def every_node(root: Node) -> list[Node]:
    out, work = [], [root]
    while work:
        node = work.pop()
        out.append(node)
        if isinstance(node.value, tuple):
            work.extend(item.node if isinstance(item, Member) else item for item in node.value)
    return out


@given(values, st.booleans(), st.sampled_from([None, 1]))
def test_each_span_cut_out_of_the_text_is_that_value(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = "  " + json.dumps(value, ensure_ascii=ascii_only, indent=indent) + "\n"
    root = parse(text)
    assert isinstance(root, Node)
    for node in every_node(root):
        assert json.loads(text[node.start : node.end]) == plain(node)
        if node.kind == "object" and isinstance(node.value, tuple):
            for member in node.value:
                assert isinstance(member, Member)
                assert json.loads(text[member.start : member.end]) == member.key


# Every kind of escape, surrogates in pairs and alone, and characters of one to four bytes.
pieces = st.sampled_from(
    [
        "a",
        " ",
        "é",
        "€",
        "😀",
        "\\n",
        '\\"',
        "\\\\",
        "\\/",
        "\\u00e9",
        "\\u0041",
        "\\ud83d\\ude00",
        "\\ud83d",
        "\\ude00",
    ]
)


@given(st.lists(pieces, max_size=12), st.data())
@example(["\\ud83d", "\\ud83d\\ude00", "😀"], None)
def test_a_byte_span_holds_exactly_the_characters_asked_for(parts: list[str], data: Any) -> None:
    text = '{"é": "' + "".join(parts) + '", "b": 1}'
    node = get(_tree(text), "é")
    assert node is not None
    assert isinstance(node.value, str)
    size = len(node.value)
    start = data.draw(st.integers(0, size)) if data else 0
    end = data.draw(st.integers(start, size)) if data else size
    first, last = byte_span(text, node.start, start, end)
    cut = text.encode("utf-8", "surrogatepass")[first:last].decode("utf-8", "surrogatepass")
    assert json.loads(f'"{cut}"') == node.value[start:end]


def _tree(text: str) -> Node:
    node = parse(text)
    assert isinstance(node, Node)
    return node


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "[",
        "}",
        "[1,]",
        "[,1]",
        '{"a":1,}',
        '{"a"}',
        '{"a":}',
        "{a:1}",
        "{'a':1}",
        "[1 2]",
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "1e",
        "0x10",
        "NaN",
        "Infinity",
        "-Infinity",
        "nul",
        "True",
        '"',
        '"\\x41"',
        '"\\u12"',
        '"a\nb"',
        "[1}",
        '{"a":1]',
        "1 1",
        '{"a":1}x',
        "\ufeff{}",
        '"\x00"',
        "[1]//",
        '{"a" 1}',
        "truefalse",
        "--1",
        "1.e3",
        "[[]",
        '{"a":[}',
    ],
)
def test_what_is_not_json_is_malformed(text: str) -> None:
    found = parse(text)
    assert isinstance(found, Malformed)
    assert found.code == "malformed"
    assert 0 <= found.at <= len(text)


def _refused(name: str) -> None:
    raise ValueError(name)


@given(st.text(alphabet='{}[]",:\\u019aetrufalsn-+. \n\x00é😀\ud800', max_size=40))
def test_any_text_is_read_as_the_standard_library_reads_it(text: str) -> None:
    try:
        expected = json.loads(text, parse_constant=_refused)
    except ValueError:
        assert isinstance(parse(text), Malformed)
    else:
        assert plain(_tree(text)) == expected


@given(st.text(alphabet="{}[]\"',:\\u019aetrufalsnNoE-+. \n\x00é😀\ud800$_", max_size=60), st.booleans())
def test_no_text_makes_the_tolerant_reader_raise(text: str, partial: bool) -> None:
    for found in (parse(text, lenient=True), prefix(text, lenient=True, partial=partial)):
        if isinstance(found, Node):
            assert 0 <= found.start <= found.end <= len(text)
            plain(found)
        else:
            assert 0 <= found.at <= len(text)


def test_equal_keys_are_all_kept_and_the_last_one_counts() -> None:
    text = '{"a": 1, "b": 2, "a": {"c": 3}}'
    node = _tree(text)
    assert [m.key for m in node.value if isinstance(m, Member)] == ["a", "b", "a"]  # type: ignore[union-attr]
    assert plain(node) == {"a": {"c": 3}, "b": 2}
    found = get(node, "a", "c")
    assert found is not None
    assert (found.value, text[found.start : found.end]) == (3, "3")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("a", 0), "x"),
        (("a", 1, "b"), None),
        (("a", 2), "missing"),
        (("a", -1), "missing"),
        (("a", "0"), "missing"),
        (("z",), "missing"),
        (("a", 0, "deeper"), "missing"),
        ((0,), "missing"),
    ],
)
def test_get_follows_keys_and_indices(path: tuple[str | int, ...], value: object) -> None:
    found = get(_tree('{"a": ["x", {"b": null}]}'), *path)
    assert ("missing" if found is None else found.value) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9" * 600, int("9" * 600)),
        ("9" * 601, "9" * 601),
        ("-" + "1" * 5000, "-" + "1" * 5000),
        ("1e400", "1e400"),
        ("-1E+999999999999", "-1E+999999999999"),
        ("1e-999999", 0.0),
        ("-0", 0),
        ("12345678901234567890", 12345678901234567890),
        ("1.5E3", 1500.0),
    ],
)
def test_numbers_that_no_type_holds_are_kept_as_text(text: str, value: object) -> None:
    assert parse(text) == Node(value, 0, len(text), "number")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["[" * 129 + "]" * 129, "[" * 1_000_000, '{"a":' * 200 + "1" + "}" * 200, "[" * 128 + "[]"]
)
def test_deep_nesting_is_refused_without_recursion(text: str) -> None:
    found = parse(text)
    assert isinstance(found, Malformed)
    assert found.code == "too-deep"


def test_depth_and_size_up_to_their_bounds_are_read() -> None:
    assert isinstance(parse("[" * 128 + "1" + "]" * 128), Node)
    deep = parse("[" * 50_000 + "]" * 50_000, max_depth=50_000)
    assert isinstance(deep, Node)
    assert plain(deep) is not None
    assert isinstance(parse("[1,2,3]", max_nodes=4), Node)
    assert parse("[1,2,3]", max_nodes=3) == Malformed("too-many", 5)


def test_a_value_is_read_from_the_middle_of_a_text() -> None:
    text = 'Result: {"a": [1]} and more'
    found = prefix(text, 8)
    assert isinstance(found, Node)
    assert text[found.start : found.end] == '{"a": [1]}'
    assert parse(text, start=8) == Malformed("malformed", 19)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'name': 'Zo\\u00e9', 'ok': True, 'no': None}", {"name": "Zoé", "ok": True, "no": None}),
        ("{\"it's\": \"l'eau\", 'false': False}", {"it's": "l'eau", "false": False}),
        ("{name: 'x', $a_1: undefined, 'q': 'it\\'s \\xe9'}", {"name": "x", "$a_1": None, "q": "it's é"}),
        ("[1, 2, ]", [1, 2]),
        ('{"a": 1, }', {"a": 1}),
        ('{"a": NaN, "b": -Infinity, "c": nan}', {"a": "NaN", "b": "-Infinity", "c": "nan"}),
        ('"a\nb\\x41\\U0001f600"', "a\nbA😀"),
        ("{1: 'a', 2: {'b': []}}", {"1": "a", "2": {"b": []}}),
    ],
)
def test_the_tolerant_reader_takes_what_python_and_javascript_print(text: str, value: object) -> None:
    assert isinstance(parse(text), Malformed)
    node = parse(text, lenient=True)
    assert isinstance(node, Node)
    assert plain(node) == value


@given(st.dictionaries(st.text(max_size=8), st.text() | st.integers() | st.booleans() | st.none(), min_size=1))
def test_a_dictionary_that_python_printed_is_read_back(value: dict[str, Any]) -> None:
    node = parse(repr(value), lenient=True)
    assert isinstance(node, Node)
    assert plain(node) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, "b": {"c": [1, 2', {"a": 1, "b": {"c": [1, 2]}}),
        ('{"a": 1, "b": "cut of', {"a": 1}),
        ('[{"a": 1}, {"b": ', [{"a": 1}]),
        ('{"a": [[[1', {"a": [[[1]]]}),
        ('{"a": 1} rest', {"a": 1}),
        ('{"a": 1 oops "b": 2}', {"a": 1}),
    ],
)
def test_a_value_that_breaks_off_gives_what_was_read_of_it(text: str, value: object) -> None:
    node = prefix(text, partial=True)
    assert isinstance(node, Node)
    assert plain(node) == value


@pytest.mark.parametrize("text", ["", "{", '{"a":', "[[[", '"abc', "{]"])
def test_a_value_of_which_nothing_was_read_stays_malformed(text: str) -> None:
    assert isinstance(prefix(text, partial=True), Malformed)


@given(values, st.data())
def test_every_beginning_of_a_value_is_read_or_refused(value: Any, data: Any) -> None:
    text = json.dumps(value)
    cut = text[: data.draw(st.integers(0, len(text)))]
    found = prefix(cut, partial=True)
    if isinstance(found, Node):
        assert found.end <= len(cut)
        plain(found)


@given(st.lists(st.text() | st.integers(0, 99)))
def test_a_pointer_is_taken_apart_into_what_it_was_made_of(steps: list[str | int]) -> None:
    pointer = pointer_of(steps)
    assert [unescape(token) for token in pointer.split("/")[1:]] == [str(step) for step in steps]
    assert re.search("~(?![01])", pointer) is None


def test_a_key_with_slashes_and_tildes_is_escaped() -> None:
    assert (escape("openai/locale"), escape("~/"), escape("plain")) == ("openai~1locale", "~0~1", "plain")


def test_no_value_shows_in_a_repr() -> None:
    assert "secret" not in repr(_tree('{"secret": ["secret", {"a": "secret"}]}'))


@pytest.mark.parametrize(
    ("head", "unit", "end"),
    [
        ('"', "\\", ""),
        ('"', 'a\\"', ""),
        ("[", "1,", ""),
        ('{"a":', " ", ""),
        ("-", "1", "x"),
        ("", '{"a" ', ""),
        ("", " ", ""),
        ('["', "é", '"]'),
        ('"', "\\ud83d", '"'),
        ("", "[[],[],", ""),
    ],
)
def test_a_long_text_of_anything_is_read_in_linear_time(head: str, unit: str, end: str) -> None:
    def read(text: str) -> None:
        parse(text)
        parse(text, lenient=True)
        prefix(text, lenient=True, partial=True)

    short, long = (head + unit * (size // len(unit)) + end for size in (20_000, 200_000))
    assert is_linear(read, short, long, 10)
