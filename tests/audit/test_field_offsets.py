"""The offsets of a field lead back to where its datum stood, however it was wrapped."""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opened import call

from douane.audit.fields import Field, fields
from douane.audit.jsontext import unescape

type Wrapped = tuple[str, tuple[int, int]]


def _spread(encode: Callable[[str], str], before: str, after: str) -> Callable[[str, int, int], Wrapped]:
    """A wrapping that encodes character by character."""

    def wrap(text: str, start: int, end: int) -> Wrapped:
        first = len(before) + len(encode(text[:start]))
        return before + encode(text) + after, (first, first + len(encode(text[start:end])))

    return wrap


def _in_base64(text: str, start: int, end: int) -> Wrapped:
    out = base64.b64encode(text.encode()).decode()
    return out, (0, len(out))


def _json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _json_plain(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _doubled(text: str) -> str:
    return text.replace('"', '""')


WRAPPINGS: dict[str, Callable[[str, int, int], Wrapped]] = {
    "json": _spread(_json, '{"a": 1, "note": ["', '"]}'),
    "json unescaped": _spread(_json_plain, '  {"note":"', '"}'),
    "json string": _spread(_json, '"', '"'),
    "json in prose": _spread(_json, 'Here it is: {"note": "', '"} (end)'),
    "base64": _in_base64,
    "query": _spread(lambda text: quote(text, safe=""), "https://example.org/a?x=1&note=", "&y=2"),
    "form": _spread(lambda text: quote(text, safe="").replace("%20", "+"), "x=1&note=", "&y=2"),
    "data": _spread(lambda text: quote(text, safe=""), "data:text/plain,", ""),
    "csv": _spread(_doubled, 'name,note\nAda,"', '"\nBo,x\n'),
}
texts = st.text(st.sampled_from("abcZÉé€😀 '\"\\/%&=+<>|,;{}[]@.1"), min_size=3, max_size=12)


@pytest.mark.promise("nothing-hides")
@given(st.lists(st.sampled_from(sorted(WRAPPINGS)), min_size=1, max_size=4), texts, st.data(), st.booleans())
def test_a_datum_wrapped_in_anything_is_found_and_its_offsets_lead_back(
    names: list[str], inner: str, data: Any, ascii_only: bool
) -> None:
    canary = f"Zoé Ada 😀 {inner} ~"  # begins and ends with what no notation takes for its own
    start = data.draw(st.integers(0, len(canary) - 1))
    end = data.draw(st.integers(start + 1, len(canary)))
    text, span = canary, (start, end)
    for name in names:
        text, span = WRAPPINGS[name](text, *span)
    message = call({"data": text}, ascii_only=ascii_only)
    hits = [field for field in fields(message)[0] if field.text == canary and not field.is_key]
    assert span in [field.outer(start, end) for field in hits]
    raw = message.text.encode()
    for field in hits:
        first, last = field.outer(start, end)
        bounds = field.raw_span(message, start, end)
        assert bounds is not None
        assert json.loads(b'"' + raw[slice(*bounds)] + b'"') == text[first:last]


json_values = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@given(json_values, st.booleans())
def test_the_bytes_of_a_field_read_as_json_are_its_text(value: Any, ascii_only: bool) -> None:
    message = call({"data": value}, ascii_only=ascii_only)
    raw = message.text.encode("utf-8", "surrogatepass")
    for field in fields(message)[0]:
        outer = _at(json.loads(message.text), field)
        if not isinstance(outer, str):
            bounds = field.raw_span(message, 0, len(field.text))
            assert bounds is not None
            assert json.loads(raw[slice(*bounds)]) == outer
            continue
        for start, end in {(0, len(field.text)), (0, 1), (len(field.text) // 2, len(field.text))}:
            first, last = field.outer(start, end)
            assert 0 <= first <= last <= len(outer)
            bounds = field.raw_span(message, start, end)
            assert bounds is not None
            cut = raw[slice(*bounds)].decode("utf-8", "surrogatepass")
            assert json.loads(f'"{cut}"') == outer[first:last]
            if field.layer is None:
                assert outer[first:last] == field.text[start:end]


def _at(body: Any, field: Field) -> Any:
    tokens = field.pointer.split("/")[1:]
    for token in tokens[:-1]:
        body = body[int(token)] if isinstance(body, list) else body[unescape(token)]
    last = unescape(tokens[-1])
    if field.in_key:
        return last
    return body[int(last)] if isinstance(body, list) else body[last]
