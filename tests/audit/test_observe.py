"""What a message shows besides disclosures."""

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit.context import ToolSchema
from douane.audit.fields import fields
from douane.audit.history import Observation, Seen
from douane.audit.hosts import ADDRESS, host_of, hosts_in
from douane.audit.jsontext import Node, parse
from douane.audit.message import Direction, HttpPart, Kind, Message
from douane.audit.observe import header_parameters, observe, used
from douane.audit.toolmeta import known_meta, widget_uri

DOWN, UP = Direction.TO_CHATGPT, Direction.TO_APP


def message(
    payload: Any, *, direction: Direction = DOWN, kind: Kind = Kind.RESULT, method: str = "tools/call", tool: Any = "t"
) -> Message:
    text = json.dumps(payload)
    node = parse(text)
    assert isinstance(node, Node)
    return Message("crm", direction, kind, method, tool, 1, node, text)


@dataclass(frozen=True)
class Found:
    category: str
    of: Any


def seen(one: Message, found: tuple[Any, ...] = ()) -> set[tuple[str, str, str]]:
    return {(o.kind.value, o.name, o.detail) for o in observe(one, fields(one)[0], found)}


def test_hosts_of_returned_urls_are_seen_without_path_port_or_user_name() -> None:
    answer = message(
        {
            "result": {
                "content": [
                    {"type": "text", "text": "See https://jo:pw@Files.Example.org:8443/u/jo@x.org?k=1 and more"}
                ],
                "structuredContent": {"link": "https://cdn.example.net/a", "note": "no url: here"},
            }
        }
    )
    assert seen(answer) == {("returned-url", "files.example.org", ""), ("returned-url", "cdn.example.net", "")}


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("access_token", "system.secret.token"),
        ("token", "system.secret.token"),
        ("user_token", "system.secret.token"),
        ("X-Auth", "system.secret.token"),
        ("key", "system.secret.api_key"),
        ("apiKey", "system.secret.api_key"),
        ("code", "system.secret.api_key"),
        ("sig", "system.secret.api_key"),
        ("pwd", "user.authorization.password"),
        ("otp", "system.secret.one_time_code"),
        ("session_id", None),
        ("JSESSIONID", None),
        ("page_token", None),
        ("max_tokens", None),
        ("csrf_token", None),
        ("state", None),
        ("code_verifier", None),
    ],
)
def test_a_credential_in_the_address_is_told_by_its_name_alone(name: str, category: str | None) -> None:
    call = message({"params": {"name": "t", "arguments": {}}}, direction=UP, kind=Kind.REQUEST)
    called = replace(call, http=(HttpPart("withheld", name, ""), HttpPart("query", "lang", "fr")))
    credentials = {one for one in seen(called) if one[0] == "query-credential"}
    assert credentials == (set() if category is None else {("query-credential", name, category)})


@pytest.mark.parametrize(
    ("place", "name", "part", "kind"),
    [
        ("withheld", "sessionId", "query", "protocol-session"),
        ("withheld", "session", "query", "protocol-session"),
        ("withheld", "sid", "query", "session"),
        ("withheld", "JSESSIONID", "query", "session"),
        ("withheld", "loginSession", "query", "session"),
        ("withheld", "state", "query", "other"),
        ("withheld", "page_token", "query", "other"),
        ("withheld-path", "jsessionid", "path", "session"),
        ("withheld-path", "session", "path", "session"),
        ("withheld-fragment", "access_token", "fragment", "system.secret.token"),
        ("withheld-userinfo", "", "userinfo", "user.authorization.password"),
    ],
)
def test_what_was_blanked_elsewhere_in_the_address_is_told_by_part_and_kind(
    place: str, name: str, part: str, kind: str
) -> None:
    call = message({"params": {"name": "t", "arguments": {}}}, direction=UP, kind=Kind.REQUEST)
    assert seen(replace(call, http=(HttpPart(place, name, ""),))) == {("withheld", part, kind)}


def test_urls_in_what_chatgpt_sends_are_no_destinations_of_the_app() -> None:
    call = message(
        {"params": {"name": "t", "arguments": {"u": "https://example.org/x"}}}, direction=UP, kind=Kind.REQUEST
    )
    assert seen(call) == set()


def test_a_widgets_csp_and_permissions_are_seen_in_both_spellings() -> None:
    read = message(
        {
            "result": {
                "contents": [
                    {
                        "uri": "ui://carnet/card.html",
                        "text": "<script src='https://unseen.example/x.js'></script>",
                        "_meta": {
                            "ui": {
                                "csp": {
                                    "connectDomains": [
                                        "https://api.carnet.example/v1",
                                        "*.cdn.example",
                                        "javascript:1",
                                        7,
                                        "'self'",
                                    ],
                                    "frameDomains": ["https://pay.example"],
                                },
                                "permissions": {"camera": {}, "microphone": False, "x-new": {}},
                            },
                            "openai/widgetCSP": {"redirect_domains": ["https://shop.example"]},
                        },
                    }
                ]
            }
        },
        method="resources/read",
    )
    uri = "ui://carnet/card.html"
    assert seen(read) == {
        ("csp-connect", "api.carnet.example", uri),
        ("csp-connect", "*.cdn.example", uri),
        ("csp-frame", "pay.example", uri),
        ("csp-redirect", "shop.example", uri),
        ("permission", "camera", uri),
        ("permission", "other", uri),
    }


def test_a_file_that_chatgpt_hands_over_is_seen_with_its_host_and_type() -> None:
    file = {"download_url": "https://files.oaiusercontent.example/f?sig=s", "file_id": "f1", "mime_type": "text/csv"}
    call = message(
        {"params": {"name": "t", "arguments": {"file": file, "more": [file], "deep": {"file": file}, "half": {
            "download_url": "https://other.example/"}}}},
        direction=UP, kind=Kind.REQUEST,
    )  # fmt: skip
    assert seen(call) == {("file-download", "files.oaiusercontent.example", "text/csv")}


def test_a_form_elicitation_shows_the_categories_it_asks_for() -> None:
    asks = {
        "message": "Please",
        "requestedSchema": {
            "type": "object",
            "properties": {"mail": {"type": "string", "format": "email"}, "x": {"type": "string"}},
        },
    }
    direct = message({"method": "elicitation/create", "params": asks}, kind=Kind.REQUEST, method="elicitation/create")
    embedded = message(
        {
            "result": {
                "resultType": "input_required",
                "inputRequests": {"k": {"method": "elicitation/create", "params": asks}},
            }
        }
    )
    assert seen(direct) == seen(embedded) == {("form-asks", "user.contact.email", "mail")}


def test_a_url_elicitation_shows_the_host_and_the_categories_found_in_its_url() -> None:
    asks = message(
        {"method": "elicitation/create", "params": {"mode": "url", "url": "https://pay.example/?mail=a@example.org"}},
        kind=Kind.REQUEST,
        method="elicitation/create",
    )
    of = next(field for field in fields(asks)[0] if field.pointer == "/params/url")
    assert seen(asks, (Found("user.contact.email", of),)) == {("url-asks", "pay.example", "user.contact.email")}
    assert seen(asks) == {("url-asks", "pay.example", "")}


def test_used_places_are_pointers_below_the_arguments_with_indices_as_stars() -> None:
    call = message(
        {"params": {"name": "t", "arguments": {
            "q": "x", "no": None, "empty": [], "who": [{"a/b": 1}, {"a/b": 2}], "f": False}}},
        direction=UP, kind=Kind.REQUEST,
    )  # fmt: skip
    assert set(used(call)) == {"", "/q", "/who/*/a~1b", "/f"}
    assert used(message({"result": {"structuredContent": {"a": {"b": 1}}}})) == ("", "/a/b")
    assert used(message({"result": {"tools": []}}, method="tools/list", tool=None)) == ()


def test_mirrored_headers_are_seen_wherever_they_stand() -> None:
    tool = ToolSchema(
        "t",
        {"properties": {"a": {"properties": {"region": {"x-mcp-header": "Region"}}}, "b": {"x-mcp-header": 3}}},
    )
    assert list(header_parameters(tool)) == [Observation(Seen.HEADER_PARAMETER, "region", "Mcp-Param-Region", "t")]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.example.org/x", "api.example.org"),
        ("https://*.example.org", "*.example.org"),
        ("api.example.org:443", "api.example.org"),
        ("http://[::1]:80/", "::1"),
        ("http://127.0.0.1:3000/mcp", "127.0.0.1"),
        ("https://81.2.69.142/x", ADDRESS),
        ("https://eyJhbGciOiJIUzI1.example.org/", "*.example.org"),
        ("https://cust-4823910.example.org/", "*.example.org"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("data:text/html,x", ""),
        ("'self'", ""),
        ("", ""),
        ("https://", ""),
    ],
)  # fmt: skip
def test_the_host_of_a_url_is_kept_without_what_may_be_a_datum(url: str, host: str) -> None:
    assert host_of(url) == host


@given(st.text(max_size=300))
def test_no_text_makes_hosts_or_uris_raise_or_keep_more_than_a_host(text: str) -> None:
    for one in (*hosts_in(text), host_of(text), *hosts_in(f"https://{text}")):
        assert not set(one) & set("/?#@ ")
    assert widget_uri(f"ui://{text}") == "ui://" or text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=12),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["_meta", "ui", "csp", "connectDomains", "contents", "uri", "inputRequests", "params"])
                | st.text(max_size=5),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ),
    st.sampled_from(["tools/call", "resources/read", "resources/list", "elicitation/create"]),
    st.sampled_from(list(Kind)),
    st.sampled_from(list(Direction)),
)
def test_no_message_makes_observing_raise(payload: Any, method: str, kind: Kind, way: Direction) -> None:
    one = message(
        {"result": payload, "params": payload, "x": "elicitation/create"}, direction=way, kind=kind, method=method
    )
    observe(one, fields(one)[0], ())
    used(one)
    known_meta({"_meta": payload, "securitySchemes": payload})


def test_only_known_keys_and_words_of_a_tools_meta_are_kept() -> None:
    assert known_meta(
        {
            "securitySchemes": [{"type": "oauth2", "scopes": ["crm.read", "jo@example.org"]}, {"type": "made-up"}, 3],
            "_meta": {
                "ui": {"resourceUri": "ui://carnet/card.html", "visibility": ["app", "everyone"]},
                "openai/fileParams": ["file", "tel 0612345678"],
                "openai/widgetAccessible": True,
                "openai/visibility": "secret word",
                "openai/toolInvocation/invoking": "Reading the file of Jo…",
            },
        }
    ) == {
        "securitySchemes": [{"type": "oauth2", "scopes": ["crm.read"]}, {"type": "other"}],
        "ui": {"resourceUri": "ui://carnet/card.html", "visibility": ["app"]},
        "openai/fileParams": ["file"],
        "openai/widgetAccessible": True,
    }


def test_file_parameters_that_are_no_list_are_kept_as_such() -> None:
    assert known_meta({"_meta": {"openai/fileParams": "document"}}) == {"openai/fileParams": ""}
    assert known_meta({"_meta": {"openai/fileParams": []}}) == {"openai/fileParams": []}
    assert known_meta({"_meta": {}}) == {}
