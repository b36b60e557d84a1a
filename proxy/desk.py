"""The desk of a listener: decides what is MCP, records it before it is passed on, refuses what must not pass."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from hmac import compare_digest
from typing import Any

from mitmproxy import http

from douane.ledger.record import RecordKind
from douane.proxy import concern, onward, sniff
from douane.proxy.answers import not_recorded_response, refusal_response
from douane.proxy.credentials import (
    credential_in_target,
    recorded_headers,
    recorded_target,
    session_in_target,
)
from douane.proxy.crossing import EGRESS, METADATA_KEY, Concern, Crossing
from douane.proxy.events import Events
from douane.proxy.recorder import Recorder
from douane.proxy.rewrite import Rewriter
from douane.proxy.routes import CONNECT, Refusal, Routed
from douane.proxy.streams import ByteCounter, StreamTap

_TO_APP, _TO_CHATGPT = "to_app", "to_chatgpt"


class Desk(ABC):
    """The hooks of one listener. Nothing here raises: a fault of our own is handled by the app's policy.

    Subclasses say where a request goes (`_route`). `owner` is the app to which a refused request is counted, if that
    is clear before it is routed.
    """

    route_name = "reverse"

    def __init__(
        self, recorder: Recorder, events: Events, rewriter: Rewriter, *, own_token: str | None = None, owner: str = ""
    ) -> None:
        self._recorder = recorder
        self._events = events
        self._rewriter = rewriter
        self._own_token = own_token.encode() if own_token is not None else None
        self._owner = owner

    # The hooks, in the order in which an exchange meets them.

    def refused(self, refusal: Refusal) -> None:
        """Count a request that is refused, and warn; nothing of what was asked for is told."""
        self._events.warn("refused", self._owner, refusal.code)
        if self._owner:
            self._recorder.count_gap(
                self._owner,
                "refused",
                "target",
                refusal.code,
                _TO_APP,
                route=EGRESS if self.route_name == EGRESS else "",
            )

    def connect(self, flow: http.HTTPFlow) -> None:
        """Refuse a CONNECT, by setting `flow.response`, unless this listener serves it."""
        flow.response = refusal_response(CONNECT)

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Route the request: give it a destination, or a response that refuses it."""
        if flow.error is not None:
            return
        try:
            self._admit(flow)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with us, nothing passes unrouted
            self._fault(error)
            flow.response = refusal_response(Refusal(500, "internal", "Douane could not route this request."))

    def request_overflows(self, flow: http.HTTPFlow) -> bool:
        """Record that the request is too large to be recorded; False refuses it."""
        crossing = _crossing(flow)
        if crossing is None or crossing.refused:
            return False
        crossing.request_streamed = True
        return self._guard(flow, crossing, lambda: self._record_overflow(flow, crossing))

    def request(self, flow: http.HTTPFlow) -> None:
        """Record the whole request; it is passed on unless `flow.response` is set."""
        crossing = _crossing(flow)
        if crossing is None or crossing.refused or crossing.request_streamed or flow.response is not None:
            return
        self._guard(flow, crossing, lambda: self._record_request(flow, crossing))

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Decide whether the answer is streamed, and how."""
        crossing, response = _crossing(flow), flow.response
        if crossing is None or crossing.refused or response is None:
            return
        crossing.answered = True
        try:
            self._rewriter.head(flow, crossing)
        except Exception as error:  # noqa: BLE001 - an answer that we could not rewrite is better than none
            self._fault(error)
        content_type = _header(response, b"content-type")
        is_event_stream = sniff.is_event_stream(content_type)
        legacy = is_event_stream and crossing.path_class == "oauth" and flow.request.method == "GET"
        if crossing.no_mcp and not legacy:
            if is_event_stream or (response.stream and not self._rewriter.wants_body(crossing)):
                response.stream = ByteCounter(crossing)
        elif is_event_stream:
            response.stream = StreamTap(crossing, self._recorder, self._events, self._rewriter.endpoint(flow, crossing))
        elif crossing.concern is Concern.UNKNOWN and (response.stream or not sniff.may_be_json(content_type)):
            response.stream = ByteCounter(crossing)

    def response_streams(self, flow: http.HTTPFlow) -> bool:
        """Record that an answer is about to stream; False replaces it."""
        crossing, response = _crossing(flow), flow.response
        if crossing is None or response is None:
            return False
        if isinstance(response.stream, StreamTap):
            return self._guard(flow, crossing, lambda: self._record_stream_head(flow, crossing))
        if isinstance(response.stream, ByteCounter):
            return True
        response.stream = ByteCounter(crossing)
        if crossing.concern is not Concern.MCP:
            return True
        crossing.answer_truncated = True
        return self._guard(flow, crossing, lambda: self._record_answer_overflow(flow, crossing))

    def stream_is_cut(self, flow: http.HTTPFlow) -> bool:
        """Say whether the stream must end now because its last piece could not be recorded."""
        crossing = _crossing(flow)
        return crossing is not None and crossing.cut

    def response(self, flow: http.HTTPFlow) -> None:
        """Record the whole answer."""
        crossing = _crossing(flow)
        if crossing is None or crossing.refused or crossing.stream_recorded or flow.response is None:
            return
        crossing.finished = True
        self._guard(flow, crossing, lambda: self._record_answer(flow, crossing))

    def failed(self, flow: http.HTTPFlow, side: str) -> None:
        """Take note of the side that failed."""
        crossing = _crossing(flow)
        if crossing is not None and not crossing.failed_side:
            crossing.failed_side = side

    def error(self, flow: http.HTTPFlow) -> None:
        """Record that the exchange failed."""
        crossing = _crossing(flow)
        if crossing is None or crossing.refused or crossing.finished:
            return
        crossing.finished = True
        invalid = flow.response is not None and not crossing.answered  # mitmproxy does not say whose fault that is
        side = crossing.failed_side or ("upstream" if invalid else "client")
        code = _fault_code(flow, crossing, side)
        if code == "connect-failed":
            whose = "a host that the app calls" if crossing.elsewhere else crossing.app.authority
            why = f"no connection to {whose}"
            if flow.error is not None and "certificate" in flow.error.msg.lower():
                why = f"the certificate of {whose} is not trusted; name its authority with `upstream_ca`"
            self._events.warn("upstream-unreachable", crossing.app.name, why)
        try:
            if crossing.stream_recorded:
                self._recorder.put(crossing.app, RecordKind.END, crossing.flow, {"reason": side}, seq=crossing.seq)
            elif crossing.recorded:
                meta = {"side": side, "code": code}
                self._recorder.put(crossing.app, RecordKind.FAULT, crossing.flow, meta)
            else:
                self._record_passage(flow, crossing)
        except Exception as error:  # noqa: BLE001 - the exchange is over either way
            self._fault(error)

    # Routing.

    @abstractmethod
    def _route(self, flow: http.HTTPFlow) -> Routed | Refusal:
        """Where a request goes, or why it goes nowhere."""

    def _admit(self, flow: http.HTTPFlow) -> None:
        request = flow.request
        routed = self._route(flow)
        if isinstance(routed, Refusal):
            flow.response = refusal_response(routed)
            self.refused(routed)
            return
        app = routed.app
        path = routed.target.partition("?")[0]
        crossing = Crossing(
            app=app,
            flow=flow.id,
            route=self.route_name,
            host=routed.elsewhere or app.host,
            elsewhere=bool(routed.elsewhere),
            target=routed.target,
            path=path,
            path_class=sniff.path_class(path),
            takes_messages=not routed.elsewhere and app.takes_messages_at(path),
        )
        flow.metadata[METADATA_KEY] = crossing
        if self._own_token is not None and compare_digest(_header(request, b"douane-own") or b"", self._own_token):
            crossing.own = True
            del request.headers["douane-own"]
        content_type, accept = _header(request, b"content-type"), _header(request, b"accept")
        concern.by_head(crossing, request.method, content_type, accept)
        if crossing.route == "reverse":
            self._rewriter.prepare(flow, crossing)

    # Recording.

    def _record_request(self, flow: http.HTTPFlow, crossing: Crossing) -> bool:
        request = flow.request
        body = request.raw_content or b""
        crossing.bytes_up = len(body)
        concern.by_body(crossing, body, _header(request, b"content-encoding") or b"")
        if crossing.concern is not Concern.MCP:
            return True
        return self._put_request(flow, crossing, body, truncated=False)

    def _put_request(self, flow: http.HTTPFlow, crossing: Crossing, body: bytes, *, truncated: bool) -> bool:
        request, app = flow.request, crossing.app
        fields = request.headers.fields
        named = {name.lower(): value for name, value in fields}
        session = named.get(b"mcp-session-id") or session_in_target(crossing.target)
        credential = (
            named.get(b"authorization")
            or named.get(b"x-api-key")
            or credential_in_target(crossing.target)
            or named.get(b"cookie")
            or b""
        )
        crossing.recorded = True
        meta = {
            "method": request.method,
            **recorded_target(crossing.target),
            "headers": recorded_headers(fields),
            "session": app.pseudonyms.session(session),
            "credential": app.pseudonyms.credential(credential),
            "route": crossing.route,
            "own": crossing.own,
            "host": crossing.host,
            "truncated": truncated,
        }
        return self._recorder.put(app, RecordKind.REQUEST, crossing.flow, meta, body, direction=_TO_APP)

    def _record_overflow(self, flow: http.HTTPFlow, crossing: Crossing) -> bool:
        size = _content_length(flow.request)
        may_matter = crossing.concern is Concern.UNKNOWN and sniff.may_be_json(_header(flow.request, b"content-type"))
        if crossing.concern is Concern.MCP or may_matter:
            crossing.concern = Concern.MCP
            passes = self._put_request(flow, crossing, b"", truncated=True)
            passes = (
                self._recorder.gap(
                    crossing.app,
                    crossing.flow,
                    "too-large",
                    "body",
                    "over body_limit_bytes",
                    _TO_APP,
                    size,
                    crossing.where,
                )
                and passes
            )
            if not passes:
                return False
        flow.request.stream = ByteCounter(crossing, up=True)
        return True

    def _answer_meta(self, flow: http.HTTPFlow, crossing: Crossing, *, truncated: bool) -> dict[str, Any]:
        response = flow.response
        if response is None:
            raise RuntimeError("an answer without a head")
        session = _header(response, b"mcp-session-id") or b""
        return {
            **crossing.where,
            "status": response.status_code,
            "headers": recorded_headers(response.headers.fields),
            "session": crossing.app.pseudonyms.session(session),
            "truncated": truncated,
        }

    def _record_stream_head(self, flow: http.HTTPFlow, crossing: Crossing) -> bool:
        if not self._request_is_recorded(flow, crossing):
            return False
        crossing.concern = Concern.MCP
        crossing.stream_recorded = True
        meta = self._answer_meta(flow, crossing, truncated=False)
        return self._recorder.put(crossing.app, RecordKind.STREAM, crossing.flow, meta, direction=_TO_CHATGPT)

    def _request_is_recorded(self, flow: http.HTTPFlow, crossing: Crossing) -> bool:
        """Record, late, a request that only its answer shows to be MCP."""
        if crossing.recorded:
            return True
        if crossing.path_class == "checkout":  # what was sent was no message; what it likely held is told instead
            return self._put_request(flow, crossing, b"", truncated=True) and self._checkout_gap(crossing)
        return self._put_request(flow, crossing, flow.request.raw_content or b"", truncated=crossing.request_streamed)

    def _record_answer_overflow(self, flow: http.HTTPFlow, crossing: Crossing) -> bool:
        size = _content_length(flow.response) if flow.response is not None else None
        meta = self._answer_meta(flow, crossing, truncated=True)
        return self._recorder.put(
            crossing.app, RecordKind.ANSWER, crossing.flow, meta, direction=_TO_CHATGPT
        ) and self._recorder.gap(
            crossing.app,
            crossing.flow,
            "too-large",
            "body",
            "over body_limit_bytes",
            _TO_CHATGPT,
            size,
            crossing.where,
        )

    def _record_answer(self, flow: http.HTTPFlow, crossing: Crossing) -> bool:
        response = flow.response
        if response is None:
            return True
        app = crossing.app
        if response.status_code == 101:
            return self._recorder.gap(app, crossing.flow, "websocket", "stream", "", "", None, crossing.where)
        if crossing.answer_truncated:
            self._recorder.delivered(app, crossing.flow)
            return True
        body = response.raw_content or b""
        if not response.stream:
            crossing.bytes_down = len(body)
        if (
            crossing.concern is Concern.UNKNOWN
            and not crossing.no_mcp
            and sniff.looks_like_json_rpc(body, _header(response, b"content-encoding") or b"")
        ):
            if not self._request_is_recorded(flow, crossing):
                return False
            crossing.concern = Concern.MCP
        if crossing.concern is not Concern.MCP:
            self._rewriter.document(flow, crossing)
            self._record_passage(flow, crossing)
            return True
        meta = self._answer_meta(flow, crossing, truncated=False)
        if not self._recorder.put(app, RecordKind.ANSWER, crossing.flow, meta, body, direction=_TO_CHATGPT):
            return False
        if flow.client_conn.connected:
            self._recorder.delivered(app, crossing.flow)
        return True

    def _record_passage(self, flow: http.HTTPFlow, crossing: Crossing) -> None:
        app = crossing.app
        if crossing.path_class == "checkout":
            self._checkout_gap(crossing)
        meta = {
            "host": crossing.host,
            "path_class": crossing.path_class,
            "status": flow.response.status_code if flow.response is not None else 0,
            "bytes_up": crossing.bytes_up,
            "bytes_down": crossing.bytes_down,
        }
        more, body = onward.carried(flow, crossing)
        self._recorder.put(app, RecordKind.PASSAGE, crossing.flow, {**meta, **more}, body)

    def _checkout_gap(self, crossing: Crossing) -> bool:
        detail = "likely: buyer name, contact, addresses, payment data"
        app, sent = crossing.app, crossing.bytes_up
        return self._recorder.gap(app, crossing.flow, "checkout", "body", detail, _TO_APP, sent, crossing.where)

    # When something of ours fails.

    def _guard(self, flow: http.HTTPFlow, crossing: Crossing, act: Callable[[], bool]) -> bool:
        """Run `act`; when it says no, or fails and the app's policy is to refuse, answer in the app's stead."""
        try:
            passes = act()
        except Exception as error:  # noqa: BLE001 - the policy decides what a fault of ours means for the traffic
            self._fault(error)
            direction = _TO_CHATGPT if crossing.answered else _TO_APP
            code = "refused" if crossing.app.refuses else "not-recorded"
            route = crossing.where.get("route", "")
            self._recorder.count_gap(crossing.app.name, code, "body", "a fault in the proxy", direction, route=route)
            passes = not crossing.app.refuses
        if not passes:
            crossing.refused = True
            flow.response = not_recorded_response(flow.request)
        return passes

    def _fault(self, error: Exception) -> None:
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        place = f"{where.tb_frame.f_code.co_name}:{where.tb_lineno}" if where is not None else "?"
        self._events.warn("proxy-fault", "", f"{type(error).__name__} in {place}")


def _crossing(flow: http.HTTPFlow) -> Crossing | None:
    found = flow.metadata.get(METADATA_KEY)
    return found if isinstance(found, Crossing) else None


def _header(message: http.Message, name: bytes) -> bytes | None:
    for key, value in message.headers.fields:
        if key.lower() == name:
            return value
    return None


def _content_length(message: http.Message) -> int | None:
    value = _header(message, b"content-length")
    return int(value) if value is not None and value.isdigit() else None


def _fault_code(flow: http.HTTPFlow, crossing: Crossing, side: str) -> str:
    if side == "client":
        return "client-gone"
    if not crossing.answered and flow.server_conn.timestamp_tcp_setup is None:
        return "connect-failed"
    return "answer-cut" if crossing.answered else "no-answer"
