"""An app's own request as a message: query, JSON, forms, uploads."""

import gzip
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit.fields import fields
from douane.audit.message import Gap
from douane.wire.outgoing import outgoing

MAIL = "ada@example.org"
UPLOAD = (
    b'--x\r\nContent-Disposition: form-data; name="to"\r\n\r\nada@example.org\r\n'
    b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n'
    b"Content-Type: image/png\r\n\r\n\xff\xd8\r\n"
    b"--x--\r\n"
)


def held(body: bytes, **meta: str) -> dict[str, Any]:
    message, _ = outgoing("crm", body, meta, limit=100_000)
    return {} if message is None else {one.pointer: one.text for one in fields(message)[0]}


@pytest.mark.parametrize(
    ("body", "meta", "pointer"),
    [
        (b'{"to": {"mail": "ada@example.org"}}', {}, "/params/body/to/mail"),
        (b"to=ada%40example.org&x=1", {"content_type": "application/x-www-form-urlencoded"}, "/params/body/to"),
        (b"", {"target": "/send?to=ada%40example.org"}, "/params/query/to"),
        (gzip.compress(b'["ada@example.org"]', mtime=0), {"content_encoding": "gzip"}, "/params/body/0"),
        (UPLOAD, {"content_type": "multipart/form-data; boundary=x"}, "/params/body/to"),
        (b"ada@example.org", {"content_type": "text/plain"}, "/params/body"),
    ],
)
def test_what_an_app_sends_is_opened(body: bytes, meta: dict[str, str], pointer: str) -> None:
    assert held(body, **meta)[pointer] == MAIL


def test_what_is_not_text_is_a_gap() -> None:
    assert outgoing("crm", b"\xff\xfe\x00", {}, limit=100) == (None, (Gap("binary", size=3),))
    _, gaps = outgoing("crm", UPLOAD, {"content_type": "multipart/form-data; boundary=x"}, limit=10_000)
    assert [gap.code for gap in gaps] == ["binary"]
    assert outgoing("crm", b"", {"target": "/plain"}, limit=100) == (None, ())


@given(
    st.binary(max_size=200),
    st.text(max_size=60),
    st.sampled_from(
        ["", "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]
    )
    | st.text(max_size=40),
    st.sampled_from(["", "gzip", "br"]),
)
def test_no_request_makes_opening_raise(body: bytes, target: str, kind: str, coding: str) -> None:
    meta = {"target": f"/?{target}", "content_type": kind, "content_encoding": coding}
    for one in (body, b"--x\r\n" + body + b"\r\n--x--"):
        message, _ = outgoing("crm", one, meta, limit=10_000)
        if message is not None:
            fields(message)
