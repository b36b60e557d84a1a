"""No text makes fields more, larger or slower than bounded, and what is left out for that is a gap."""

import base64
import json

import pytest
from growth import is_linear
from hypothesis import given
from hypothesis import strategies as st
from opened import call, seen

from douane.audit.fields import Limits, fields
from douane.audit.jsontext import Node, parse
from douane.audit.message import Direction, Gap, Kind, Message


@pytest.mark.promise("nothing-silently")
def test_what_is_nested_too_deep_leaves_a_gap_and_stays_a_field() -> None:
    text = "ada@example.org"
    for _ in range(4):
        text = base64.b64encode(text.encode()).decode()
    message = call({"data": text})
    assert seen(message) == [("/data", "base64 > base64 > base64 > base64", "ada@example.org")]
    found, gaps = fields(message, limits=Limits(depth=2))
    assert [f.reached for f in found] == ["base64 > base64"]
    assert gaps == [Gap("too-deep", "/params/arguments/data")]


def test_json_in_text_beyond_its_bounds_leaves_a_gap_and_the_text_stays_a_field() -> None:
    text = "[" * 300 + "]" * 300
    found, gaps = fields(call({"data": text}))
    assert [f.text for f in found] == [text]
    assert gaps == [Gap("too-deep", "/params/arguments/data")]


def test_too_many_fields_leave_one_gap() -> None:
    found, gaps = fields(call({"data": list(range(50))}), limits=Limits(fields=20))
    assert len(found) == 20
    assert gaps == [Gap("too-many", "body")]


def test_too_much_decoded_text_leaves_a_gap_and_the_text_stays_a_field() -> None:
    text = base64.b64encode(b"Ada Lovelace " * 100).decode()
    found, gaps = fields(call({"data": text}), limits=Limits(chars=1000))
    assert [f.text for f in found] == [text]
    assert gaps == [Gap("too-large", "/params/arguments/data", size=1300)]


def test_binary_content_leaves_a_gap_with_its_size() -> None:
    picture = bytes(range(256)) * 20
    for text in (base64.b64encode(picture).decode(), "data:image/png;base64," + base64.b64encode(picture).decode()):
        found, gaps = fields(call({"data": text}))
        assert found == []
        assert [(gap.code, gap.place, gap.size) for gap in gaps] == [("binary", "/params/arguments/data", 5120)]


def test_a_gap_names_no_key_that_may_be_a_datum() -> None:
    _, gaps = fields(call({"ada@example.org": "[" * 300}))
    assert gaps == [Gap("too-deep", "/params/arguments/{key}")]


@given(st.text(st.sampled_from("{}[]\"'\\:=,;|-%&#<>/@ \n\tab1éu0+?😀\ud800"), max_size=80))
def test_no_text_makes_it_raise(text: str) -> None:
    message = call({"data": text})
    for field in fields(message)[0]:
        first, last = field.outer(0, len(field.text))
        assert 0 <= first <= last <= len(text)
        assert field.raw_span(message, 0, len(field.text)) is not None


@pytest.mark.promise("bounded")
@given(st.text(st.sampled_from('{}[]",:\\u019aetrufalsn-+. é😀@/~'), max_size=60))
def test_no_message_makes_it_raise(text: str) -> None:
    payload = parse(text)
    if isinstance(payload, Node):
        for direction in Direction:
            fields(Message("demo", direction, Kind.RESULT, None, None, None, payload, text))


N = 20_000


def hard(n: int) -> dict[str, str]:
    """Strings of some four times n characters that a decoder could read again and again."""
    return {
        "braces": '{"' * n,
        "brackets": '["' * n,
        "labels": "nom: x\n" * n,
        "separators": ";" * 4 * n,
        "percent": "%2525" * n,
        "entities": "&" + "amp;" * n,
        "backslashes": "\\" * 4 * n,
        "tokens": "eyJhbGciOiJIUzI1NiJ9." * (n // 7),
        "quotes": '"' * 4 * n,
        "csv": 'a,b\n"' + '""' * n,
        "rules": "|-|\n" * n,
        "query": "http://a?" + "a=b&" * n,
        "schemes": "a.b+c:" * n,
        "elements": "<a " * n,
        "broken": '{"a":1}{"a":}' * (n // 8),
        "equals": "=" * 4 * n,
        "single": "{'" * n,
        "zeros": "0" * 4 * n,
        "cut": json.dumps([{"a": at} for at in range(n // 2)])[:-1],
        "spaces": ("{" + " " * 63) * (n // 10),
        "stars": "* " * n,
    }


@pytest.mark.parametrize("name", sorted(hard(1)))
def test_a_large_string_of_anything_takes_linear_time(name: str) -> None:
    small, large = (call({"data": hard(size)[name]}) for size in (N // 10, N))
    assert is_linear(fields, small, large, 10)
    found, _ = fields(large)
    assert sum(len(field.text) for field in found) <= 9 * len(hard(N)[name]) + 100_000
