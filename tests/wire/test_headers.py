"""Headers and URL parts: what is opened, and what never is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit.message import HttpPart
from douane.wire.headers import (
    answer_parts,
    decode_value,
    header_parts,
    is_inspected,
    names_session,
    session_in,
    target_parts,
)

OPENED = """
user-agent accept-language x-forwarded-for forwarded x-openai-session x-openai-subject mcp-name mcp-param-city
baggage x-user-email x-anything referer from x-real-ip true-client-ip client-id tenant
"""


@pytest.mark.parametrize("name", OPENED.split())
def test_a_header_that_may_carry_user_data_is_opened(name: str) -> None:
    assert is_inspected(name)


PASSED_OVER = """
authorization proxy-authorization cookie x-api-key x-auth-token dpop mcp-session-id mcp-protocol-version mcp-method
content-type content-length host accept accept-encoding traceparent last-event-id x-request-id x-stainless-lang
connection origin
"""


@pytest.mark.parametrize("name", PASSED_OVER.split())
def test_a_credential_or_a_protocol_header_is_not(name: str) -> None:
    assert not is_inspected(name)


def test_parts_keep_their_order_and_their_repetitions() -> None:
    headers = [["X-B", "1"], ["Authorization", "Bearer x"], ["x-a", "2"], ["X-B", "3"], ["X-Empty", ""]]
    assert header_parts(headers) == (
        HttpPart("header", "x-b", "1"),
        HttpPart("header", "x-a", "2"),
        HttpPart("header", "x-b", "3"),
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Lisbon", "Lisbon"),
        ("=?base64?SMOpbMOobmU=?=", "Hélène"),
        ("=?BASE64?SMOpbMOobmU=?=", "Hélène"),
        ("=?base64?SMOpbMOobmU?=", "=?base64?SMOpbMOobmU?="),
        ("=?base64?/w==?=", "=?base64?/w==?="),
        ("=?base64?!!!!?=", "=?base64?!!!!?="),
        ("=?base64?", "=?base64?"),
        ("=?base64??=", ""),
    ],
)
def test_a_mirrored_value_is_decoded_or_left_as_it_is(written: str, read: str) -> None:
    assert decode_value(written) == read
    assert header_parts([["Mcp-Param-Name", written]]) == (HttpPart("header", "mcp-param-name", read),)


def test_bytes_that_are_no_text_are_read_as_latin_1() -> None:
    assert header_parts([["X-Name", b"H\xe9l\xe8ne".decode("utf-8", "surrogateescape")]]) == (
        HttpPart("header", "x-name", "Hélène"),
    )


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("/mcp", ()),
        ("/", ()),
        ("/api/v1/mcp/", ()),
        ("/messages?sessionId={32}", ()),
        ("/messages/?session_id=abc", ()),
        ("/u/ada%40example.org/mcp", (HttpPart("path", "", "/u/ada@example.org/mcp"),)),
        ("https://app.example.org/u/ada", (HttpPart("path", "", "/u/ada"),)),
        (
            "/mcp?city=Porto+Novo&q=%C3%A9t%C3%A9#x",
            (HttpPart("query", "city", "Porto Novo"), HttpPart("query", "q", "été")),
        ),
        ("/mcp?ada@example.org&&a=", (HttpPart("query", "", "ada@example.org"), HttpPart("query", "a", ""))),
        ("/mcp?q=%ff%zz", (HttpPart("query", "q", "�%zz"),)),
    ],
)
def test_a_target_gives_path_and_query(target: str, parts: tuple[HttpPart, ...]) -> None:
    assert target_parts(target) == parts


def test_the_session_of_the_first_transport_is_in_its_query() -> None:
    assert session_in("/messages?a=1&sessionId=7%2F7#x") == "7/7"
    assert session_in("https://app.example.org/messages/?session_id=9") == "9"
    assert session_in("/messages") == ""
    assert [names_session(target) for target in ("/m?sessionId={3}", "/m?session-id=1", "/m?x=1", "/m")] == [
        True,
        True,
        False,
        False,
    ]


@given(st.text(max_size=80), st.text(max_size=20))
def test_no_target_and_no_header_makes_it_raise(target: str, value: str) -> None:
    target_parts(target)
    session_in(target)
    header_parts([["mcp-name", value], [value, value]])


EVERYDAY_ANSWER = """
server date vary etag content-security-policy x-powered-by retry-after x-ratelimit-remaining cf-cache-status
strict-transport-security content-type set-cookie www-authenticate mcp-session-id x-request-id
"""


@pytest.mark.parametrize("name", EVERYDAY_ANSWER.split())
def test_a_header_that_says_how_an_answer_was_made_is_not_opened(name: str) -> None:
    assert answer_parts([[name, "x"]]) == ()


@pytest.mark.parametrize("name", ["x-user-email", "location", "content-disposition", "x-customer", "x-anything"])
def test_a_header_of_an_answer_that_may_carry_user_data_is_opened(name: str) -> None:
    assert answer_parts([[name, "x"]]) == (HttpPart("header", name, "x"),)
