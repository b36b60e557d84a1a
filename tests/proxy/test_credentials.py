"""What stays out of the spool, and what a request is taken for."""

import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.ledger.identities import Identities
from douane.proxy import sniff
from douane.proxy.credentials import (
    blank_target,
    credential_in_target,
    is_credential_form,
    is_withheld,
    recorded_headers,
    recorded_target,
    session_in_target,
)


@pytest.mark.promise("no-credentials")
@pytest.mark.parametrize(
    ("name", "withheld"),
    [
        (b"Authorization", True),
        (b"Proxy-Authorization", True),
        (b"COOKIE", True),
        (b"Set-Cookie", True),
        (b"X-Api-Key", True),
        (b"X-Forwarded-Client-Cert", True),
        (b"mcp-session-id", True),
        (b"X-Customer-Token", True),
        (b"X-My-Secret", True),
        (b"X-Goog-Api-Key", True),
        (b"X-User-Auth", True),
        (b"X-Csrf-Token", True),
        (b"Webhook-Signature", True),
        (b"X-Session", True),
        (b"X-Sessions-Of-App", True),
        (b"X-Otp", True),
        (b"X-Footprint", False),
        (b"Mcp-Param-Token", False),
        (b"Mcp-Name", False),
        (b"X-Openai-Session", False),
        (b"X-Openai-Subject", False),
        (b"User-Agent", False),
        (b"X-Author", False),
        (b"WWW-Authenticate", False),
        (b"Accept-Language", False),
    ],
)
def test_which_headers_are_withheld(name: bytes, withheld: bool) -> None:
    assert is_withheld(name) is withheld


@pytest.mark.parametrize(
    ("target", "recorded"),
    [
        ("/mcp", "/mcp"),
        ("/mcp?q=Lyon", "/mcp?q=Lyon"),
        ("/mcp?access_token=abc&q=1", "/mcp?access_token={3}&q=1"),
        ("/mcp?q=1&TOKEN=abcd", "/mcp?q=1&TOKEN={4}"),
        ("/m?api-key=a&api_key=bb&apikey=ccc&key=dddd", "/m?api-key={1}&api_key={2}&apikey={3}&key={4}"),
        ("/cb?code=xyz&state=s#access_token=12", "/cb?code={3}&state={1}#access_token={2}"),
        ("/m?sessionId=5f1c", "/m?sessionId={4}"),
        ("/m?session_id=5f1c", "/m?session_id={4}"),
        ("/f?X-Amz-Signature=ff&X-Amz-Date=1", "/f?X-Amz-Signature={2}&X-Amz-Date=1"),
        ("/m?%74oken=abc", "/m?%74oken={3}"),
        ("/m?a=1;token=abc", "/m?a=1;token={3}"),
        ("/m?auth_token=abc&user_token=abcd&userToken=a", "/m?auth_token={3}&user_token={4}&userToken={1}"),
        ("/m?client%5Fsecret=abc&x-auth=ab&loginSessionId=a", "/m?client%5Fsecret={3}&x-auth={2}&loginSessionId={1}"),
        ("/m;jsessionid=5F1C?q=1", "/m;jsessionid={4}?q=1"),
        ("/m;v=1;JSESSIONID=5F1C/x;sid=a", "/m;v=1;JSESSIONID={4}/x;sid={1}"),
        ("/m;a=1?q=x/y?z&token=a/b?c", "/m;a=1?q=x/y?z&token={5}"),
        ("/m?token=", "/m?token="),
        ("/m?monkey=1&encode=2", "/m?monkey=1&encode=2"),
        ("https://user:pw@h.example/x?sig=1", "https://{7}@h.example/x?sig={1}"),
    ],
)
def test_credentials_in_a_target_become_their_length(target: str, recorded: str) -> None:
    assert blank_target(target) == recorded


@given(st.text(alphabet="abc/?&=#;%{}@:", max_size=60))
def test_blanking_never_raises_and_is_stable(target: str) -> None:
    blanked = blank_target(target)
    assert len(blank_target(blanked)) <= len(blanked) + 60


@pytest.mark.promise("no-credentials")
@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="&#;=?"), min_size=4, max_size=40))
def test_no_token_survives_blanking(token: str) -> None:
    assert blank_target(f"/mcp?a=1&access_token={token}&b=2") == f"/mcp?a=1&access_token={{{len(token)}}}&b=2"


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("/mcp?q=1&api%5Fkey=ab&api%5Fkey=c&token=", ["api_key"]),
        ("/mcp?user_token=a;sig=b#access_token=c", ["user_token", "sig"]),
        ("/m;jsessionid=5F1C?q={3}", []),
        ("/mcp", []),
        ("/mcp?code=FR", []),
        ("/mcp?code=SplxlOBeZQQYbYS6WxSbIA", ["code"]),
    ],
)
def test_of_what_is_blanked_in_the_query_the_names_are_recorded(target: str, names: list[str]) -> None:
    recorded = recorded_target(target)
    assert (recorded["target"], recorded.get("withheld", [])) == (blank_target(target), names)


@pytest.mark.parametrize(
    ("target", "beside"),
    [
        ("/m;jsessionid=5F1C?q={3}", ["path jsessionid"]),
        ("/m;v=1;sid=a/x;sid=b#access_token=c&q=1", ["path sid", "fragment access_token"]),
        ("https://user:pw@h.example/x?sig=1", ["userinfo"]),
        ("/m;code=FR#code=FR", []),
        ("/mcp?token=abcdef", []),
    ],
)
def test_of_what_is_blanked_beside_the_query_part_and_name_are_recorded(target: str, beside: list[str]) -> None:
    assert recorded_target(target).get("withheld_beside", []) == beside


def test_urls_in_headers_are_blanked_and_odd_bytes_kept() -> None:
    fields = [
        (b"Referer", b"https://x.example/?token=abc"),
        (b"Location", b"https://x.example/cb?code=abcd"),
        (b"X-Name", b"\xc9vreux"),
        (b"Cookie", b"a=b"),
    ]
    recorded = recorded_headers(fields)
    assert recorded == [
        ["Referer", "https://x.example/?token={3}"],
        ["Location", "https://x.example/cb?code={4}"],
        ["X-Name", "\udcc9vreux"],
    ]
    json.dumps(recorded).encode("ascii")


def test_credentials_in_baggage_are_blanked_and_the_rest_kept() -> None:
    sent = b"userId=alice, auth_token=abc;ttl=3 ,session.id = xy,city=Lyon;secret=abcd"
    assert recorded_headers([(b"Baggage", sent)]) == [
        ["Baggage", "userId=alice, auth_token={3};ttl=3 ,session.id ={3},city=Lyon;secret={4}"]
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"grant_type=refresh_token&refresh_token=abc", True),
        (b"client_id=a&client_secret=b", True),
        (b"code=abc&redirect_uri=x", True),
        (b"a=1&code%5Fverifier=abc", True),
        (b"\r\nuser_token=abc", True),
        (b'{"grant_type":"refresh_token","refresh_token":"abc"}', True),
        (b"city=Lyon&guests=2", False),
        (b'{"jsonrpc":"2.0","method":"x","params":{"grant_type":"a=1&token=b"}}', False),
        (b"hello token=abc", False),
        (b"", False),
    ],
)
def test_a_form_with_a_credential_is_told_by_its_content(body: bytes, expected: bool) -> None:
    assert is_credential_form(body) is expected


@given(st.binary(max_size=200))
def test_telling_forms_never_raises(body: bytes) -> None:
    is_credential_form(body)


def test_sessions_and_credentials_in_a_target() -> None:
    assert session_in_target("/messages?x=1&sessionId=a%2Fb") == "a/b"
    assert session_in_target("/messages") == ""
    assert credential_in_target("/mcp?q=1&api_key=k") == "k"
    assert credential_in_target("/mcp?q=1") == ""


def test_pseudonyms_say_nothing_for_nothing() -> None:
    names = Identities(bytes(32), "travel")
    assert (names.credential(""), names.session(b"")) == ("", "")
    assert names.credential("x") != names.session("x")
    assert "x-secret" not in repr(names)


CALL = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'


@pytest.mark.parametrize(
    ("body", "encoding", "expected"),
    [
        (CALL, b"", True),
        (b"\xef\xbb\xbf \r\n" + CALL, b"identity", True),
        (b"[" + CALL + b"]", b"", True),
        (b'"jsonrpc"', b"", False),
        (b'{"a":1}', b"", False),
        (b"", b"", False),
        (b'<html>"jsonrpc"', b"", False),
        (gzip.compress(CALL, mtime=0), b"gzip", True),
        (gzip.compress(CALL, mtime=0), b"GZIP", True),
        (zlib.compress(CALL), b"deflate", True),
        (gzip.compress(b"{}", mtime=0), b"gzip", False),
        (CALL, b"gzip", False),
        (CALL, b"unheard-of", False),
    ],
)
def test_json_rpc_is_told_by_content(body: bytes, encoding: bytes, expected: bool) -> None:
    assert sniff.looks_like_json_rpc(body, encoding) is expected


@given(st.binary(max_size=200), st.sampled_from([b"", b"gzip", b"deflate", b"br", b"zstd", b"gzip, br", b"\xff"]))
def test_sniffing_never_raises(body: bytes, encoding: bytes) -> None:
    sniff.looks_like_json_rpc(body, encoding)
    sniff.legacy_endpoint(body)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/.well-known/openai-apps-challenge", "challenge"),
        ("/.well-known/oauth-protected-resource/mcp", "well-known"),
        ("/tenant/.well-known/openid-configuration", "well-known"),
        ("/oauth/token", "oauth"),
        ("/authorize", "oauth"),
        ("/register", "oauth"),
        ("/realms/x/protocol/openid-connect/auth", "oauth"),
        ("/checkout_sessions", "checkout"),
        ("/agentic_commerce/delegate_payment", "checkout"),
        ("/mcp", "other"),
        ("/", "other"),
        ("/authors", "other"),
    ],
)
def test_path_classes(path: str, expected: str) -> None:
    assert sniff.path_class(path) == expected


@pytest.mark.parametrize(
    ("stream", "url"),
    [
        (b"event: endpoint\ndata: /messages?sessionId=1\n\n", b"/messages?sessionId=1"),
        (b"event:endpoint\r\ndata:/m\r\n\r\n", b"/m"),
        (b": hello\n\nevent: endpoint\nid: 1\ndata: /m\n\n", b"/m"),
        (b"event: endpoint\ndata: /mess", None),
        (b"event: message\ndata: /m\n\n", None),
        (b"data: event: endpoint\ndata: /m\n\n", None),
        (b"", None),
    ],
)
def test_the_endpoint_event_is_found_once_it_is_whole(stream: bytes, url: bytes | None) -> None:
    found = sniff.legacy_endpoint(stream)
    assert (stream[found[0] : found[1]] if found else None) == url


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/messages?sessionId=1", "/messages"),
        ("http://up.example:3000/m?x=1", "/m"),
        ("//up.example:3000/m", "/m"),
        ("http://other.example/m", None),
        ("messages", None),
        ("http://[broken", None),
    ],
)
def test_only_endpoints_of_the_app_itself_are_learned(url: str, path: str | None) -> None:
    assert sniff.path_at_upstream(url, "http://up.example:3000") == path
