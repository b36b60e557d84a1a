"""Captured exchanges and logged messages into the spool, as the desk would have put them there.

What the desk keeps out of the spool (credentials, OAuth, forms) is kept out here by the same functions.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from douane.audit.message import Direction
from douane.ledger.identities import Identities
from douane.ledger.record import RecordKind
from douane.proxy import sniff
from douane.proxy.credentials import (
    credential_in_target,
    is_credential_form,
    recorded_headers,
    recorded_target,
    session_in_target,
)
from douane.wire.captured import Answer, Exchanged, Faulty, Fields, Logged

type Put = Callable[[RecordKind, str, str, int, float, dict[str, Any], bytes], object]
"""`Spool.put`."""

_JSON: Final = [["content-type", "application/json"]]
_FILE: Final = "file"


class Capture:
    """Puts what a capture holds into a spool. `name` begins the flows' names, `app_of` names a host's app, or None.

    The same capture gives the same records in the same order. `passed` counts exchanges whose host is no app's.
    """

    def __init__(self, put: Put, master: bytes, name: str, app_of: Callable[[str], str | None]) -> None:
        self._put = put
        self._master = master
        self._name = name
        self._app_of = app_of
        self._identities: dict[str, Identities] = {}
        self._mcp: dict[int, bool] = {}
        self._times: float = 0.0
        self.passed = 0

    def exchange(self, one: Exchanged, *, answers: bool) -> None:
        """Record one side of an exchange: its request, or in its turn its answer."""
        host = _host(one.url)
        app = self._app_of(host)
        if app is None:
            self.passed += not answers
            return
        if not answers:
            self._mcp[one.number] = mcp = _is_mcp(one)
            if mcp:
                self._request(one, app, host)
            return
        if self._mcp.pop(one.number, False):
            self._answer(one, app)
        else:
            self._passage(one, app, host)

    def logged(self, one: Logged, app: str, at: float) -> None:
        """Record one message of a log; `at` is when it crossed where the log does not say so."""
        self._times = max(self._times, at if one.at is None else one.at)
        moment = self._times if one.at is None else one.at
        session = self._of(app).session(one.session or f"log {self._name}")
        flow = self._flow(one.number)
        if one.direction is Direction.TO_APP:
            meta = self._request_meta(session=session)
            self._put(RecordKind.REQUEST, app, flow, 0, moment, meta, one.body)
            self._put(RecordKind.ANSWER, app, flow, 0, moment, _answer_meta(202, [], ""), b"")
        else:
            self._put(RecordKind.ANSWER, app, flow, 0, moment, _answer_meta(200, _JSON, session), one.body)
            self._put(RecordKind.OUTCOME, app, "", 0, moment, {"delivered": [flow]}, b"")

    def faulty(self, one: Faulty, app: str, at: float) -> None:
        """Record that an entry could not be read."""
        meta = {"code": "malformed", "place": "entry", "detail": "", "size": None, "direction": Direction.TO_APP.value}
        self._put(RecordKind.GAP, app, self._flow(one.number), 0, self._times or at, meta, b"")

    def _request(self, one: Exchanged, app: str, host: str) -> None:
        named = {name.lower(): value for name, value in reversed(one.headers)}
        target = _target(one.url)
        session = named.get(b"mcp-session-id") or session_in_target(target)
        credential = (
            named.get(b"authorization")
            or named.get(b"x-api-key")
            or credential_in_target(target)
            or named.get(b"cookie")
            or b""
        )
        meta = self._request_meta(
            method=one.method,
            **recorded_target(target),
            headers=recorded_headers(one.headers),
            session=self._of(app).session(session),
            credential=self._of(app).credential(credential),
            host=host,
        )
        flow = self._flow(one.number)
        self._put(RecordKind.REQUEST, app, flow, 0, one.at, meta, one.body)
        if one.missing:
            self._gap(app, flow, one.at, Direction.TO_APP, None)

    def _answer(self, one: Exchanged, app: str) -> None:
        flow, answer = self._flow(one.number), one.answer
        if one.websocket:
            meta = {"code": "websocket", "place": "stream", "detail": "", "size": None, "direction": ""}
            self._put(RecordKind.GAP, app, flow, 0, one.at, meta, b"")
        elif answer is None:
            self._put(RecordKind.FAULT, app, flow, 0, one.at, {"side": "upstream", "code": "no-answer"}, b"")
        else:
            self._answered(answer, app, flow)

    def _answered(self, answer: Answer, app: str, flow: str) -> None:
        named = {name.lower(): value for name, value in answer.headers}
        session = self._of(app).session(named.get(b"mcp-session-id", b""))
        meta = _answer_meta(answer.status, recorded_headers(answer.headers), session, truncated=answer.truncated)
        self._put(RecordKind.ANSWER, app, flow, 0, answer.at, meta, answer.body)
        if answer.missing:
            self._gap(app, flow, answer.at, Direction.TO_CHATGPT, answer.size)
        self._put(RecordKind.OUTCOME, app, "", 0, answer.at, {"delivered": [flow]}, b"")

    def _gap(self, app: str, flow: str, at: float, direction: Direction, size: int | None) -> None:
        detail = "the capture left it out"
        meta = {"code": "truncated", "place": "body", "detail": detail, "size": size, "direction": direction.value}
        self._put(RecordKind.GAP, app, flow, 0, at, meta, b"")

    def _passage(self, one: Exchanged, app: str, host: str) -> None:
        kind = sniff.path_class(urlsplit(one.url).path)
        if sniff.is_form(_first(one.headers, b"content-type")) and kind not in ("oauth", "checkout", "well-known"):
            kind = "form"
        elif is_credential_form(sniff.beginning(one.body)) and kind != "checkout":
            kind = "oauth"
        flow, answer = self._flow(one.number), one.answer
        if kind == "checkout":
            detail = "likely: buyer name, contact, addresses, payment data"
            where = {"place": "body", "direction": Direction.TO_APP.value}
            meta: dict[str, Any] = {"code": "checkout", "detail": detail, "size": len(one.body), **where}
            self._put(RecordKind.GAP, app, flow, 0, one.at, meta, b"")
        meta = {
            "host": host,
            "path_class": kind,
            "status": answer.status if answer is not None else 0,
            "bytes_up": len(one.body),
            "bytes_down": len(answer.body) if answer is not None else 0,
        }
        self._put(RecordKind.PASSAGE, app, flow, 0, one.at, meta, b"")

    def _request_meta(self, **said: Any) -> dict[str, Any]:
        return {
            "method": "POST",
            "target": "/",
            "headers": [],
            "session": "",
            "credential": "",
            "route": _FILE,
            "own": False,
            "host": "",
            "truncated": False,
            **said,
        }

    def _flow(self, number: int) -> str:
        return f"{self._name}-{number}"

    def _of(self, app: str) -> Identities:
        found = self._identities.get(app)
        if found is None:
            found = self._identities[app] = Identities(self._master, app)
        return found


def _answer_meta(status: int, headers: list[list[str]], session: str, *, truncated: bool = False) -> dict[str, Any]:
    return {"status": status, "headers": headers, "session": session, "truncated": truncated}


def _is_mcp(one: Exchanged) -> bool:
    """Whether an exchange is MCP, told as the desk does where it does not know the app's MCP path."""
    if sniff.path_class(urlsplit(one.url).path) in ("oauth", "well-known", "challenge"):
        return False
    encoding = _first(one.headers, b"content-encoding") or b""
    if sniff.looks_like_json_rpc(one.body, encoding):
        return True
    if one.body and sniff.is_form(_first(one.headers, b"content-type")):
        return False
    if is_credential_form(sniff.beginning(one.body, encoding)):
        return False
    named = {name.lower() for name, _ in one.headers}
    if named & {b"mcp-session-id", b"mcp-protocol-version", b"mcp-method"}:
        return True
    answer = one.answer
    if answer is None:
        return False
    if sniff.is_event_stream(_first(answer.headers, b"content-type")):
        return b'"jsonrpc"' in sniff.beginning(answer.body, _first(answer.headers, b"content-encoding") or b"")
    return sniff.looks_like_json_rpc(answer.body, _first(answer.headers, b"content-encoding") or b"")


def _first(headers: Fields, name: bytes) -> bytes | None:
    return next((value for key, value in headers if key.lower() == name), None)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _target(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/"
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def mcp_hosts(exchanges: Iterable[tuple[Exchanged, bool] | Faulty]) -> set[str]:
    """The hosts to which MCP requests went."""
    return {
        _host(one[0].url) for one in exchanges if not isinstance(one, Faulty) and not one[1] and _is_mcp(one[0])
    } - {""}
