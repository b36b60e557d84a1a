"""Recorded steps of HTTP exchanges to the messages that crossed, paired and named. Pure module: no I/O."""

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from douane.audit.exchange import Outcome
from douane.audit.message import GAP_CODES, Direction, Gap, HttpPart
from douane.wire import headers, jsonrpc, revision, sse
from douane.wire.body import decoded, header_pairs
from douane.wire.conversation import Conversation, Place, digest_of
from douane.wire.crossing import Crossed, Crossing, OutcomeNote
from douane.wire.encodings import DEFAULT_LIMIT, Decoder, decode
from douane.wire.flow import Flow
from douane.wire.jsonrpc import Parsed
from douane.wire.kinds import event_items, is_phrase, is_sse, marked
from douane.wire.recent import Recent
from douane.wire.session import Lookup
from douane.wire.sse import Event, SseDecoder
from douane.wire.stream import Stream

HOLD: Final = 840.0
"""Seconds that a record is kept for a restart: a minute less than the spool keeps anything."""

BATCH_STEP: Final = 1 << 32
"""The n-th message of a batch inside an event has the event's number plus n times this."""

_NO_MESSAGE: Final = frozenset({202, 204, 205, 304})
_NEVER_REACHED: Final = ("connect", "dns", "resolve", "refused", "tls", "unreachable")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes decoded at most (of a body, of one event of a stream), nesting, and entries remembered at most.

    Of a message over `skim` characters only the envelope is read (None: all is read).
    """

    depth: int = jsonrpc.MAX_DEPTH
    skim: int | None = None
    body: int = DEFAULT_LIMIT
    event: int = sse.DEFAULT_LIMIT
    flows: int = 20_000
    requests: int = 20_000
    events: int = 5_000
    names: int = 5_000


class Assembler:
    """Records in, messages out; nothing that crossed makes it raise.

    Feed records in the order of the spool. What `feed` gave back must be committed before the records that `done`
    names are deleted; then a restart that feeds the remaining records gives the same names (`record_uid`, `part`)
    again and loses nothing. `find` finds requests that an earlier run saw; `session_name` makes a session's pseudonym
    from (app, session id) exactly as the proxy does.
    """

    def __init__(
        self,
        find: Lookup | None = None,
        *,
        session_name: Callable[[str, str], str] = lambda _app, _session: "",
        limits: Limits | None = None,
        hold: float = HOLD,
    ) -> None:
        self._limits = limits or Limits()
        self._session_name = session_name
        self._hold = hold
        self._flows: Recent[tuple[str, str], Flow] = Recent(self._limits.flows)
        self._ended: Recent[tuple[str, str], deque[tuple[int, str]]] = Recent(1_000)
        self._conversation = Conversation(
            find, requests=self._limits.requests, events=self._limits.events, names=self._limits.names
        )
        self._kept: OrderedDict[str, float] = OrderedDict()
        self._done: list[str] = []
        self._notes: list[OutcomeNote] = []
        self._now = 0.0

    def feed(self, item: Crossing) -> list[Crossed]:
        """The messages and gaps that this record completes, in the order in which they crossed."""
        self._now = max(self._now, item.at)
        self._kept[item.uid] = item.at
        match str(item.kind):
            case "request":
                return self._request(item)
            case "answer":
                return self._answer(item)
            case "stream":
                return self._head(item)
            case "piece":
                return self._piece(item)
            case "end":
                return self._end(item, str(item.meta.get("reason", "")))
            case "fault":
                return self._fault(item)
            case "gap":
                return self._said(item)
            case "outcome":
                self._outcome(item)
            case _:
                pass
        self._release(item.uid)
        return []

    def done(self, now: float | None = None) -> list[str]:
        """Records that may be deleted once all that was given back so far is committed; each is named once.

        `now` (Unix seconds; by default the time of the newest record) lets go of what was held for too long.
        """
        oldest = (self._now if now is None else now) - self._hold
        while self._kept and next(iter(self._kept.values())) <= oldest:
            self._done.append(self._kept.popitem(last=False)[0])
        done, self._done = self._done, []
        return done

    def notes(self) -> list[OutcomeNote]:
        """What became known of earlier messages since the last call; apply after what `feed` gave back."""
        notes, self._notes = self._notes, []
        return notes

    def _request(self, item: Crossing) -> list[Crossed]:
        flow = self._flow(item)
        target, pairs = _text(item.meta, "target"), header_pairs(item.meta)
        flow.known, flow.verb = True, _text(item.meta, "method").upper()
        flow.listens = flow.verb == "GET" and "text/event-stream" in headers.first(pairs, "accept").lower()
        flow.session, flow.credential = _text(item.meta, "session"), _text(item.meta, "credential")
        flow.own = item.meta.get("own") is True
        flow.legacy = headers.names_session(target)
        flow.revision = revision.revision(headers.first(pairs, "mcp-protocol-version"))
        resumes = headers.first(pairs, "last-event-id")
        flow.root = self._conversation.root(flow, resumes) if resumes else ""
        if flow.route == "egress":  # an app's own library says its name there, no person's device
            pairs = [pair for pair in pairs if pair[0].lower() != "user-agent"]
        parts = headers.target_parts(target) + headers.withheld_parts(item.meta) + headers.header_parts(pairs)
        found: list[Crossed] = []
        for one in self._read(item):
            place = Place(item.uid, len(found), item.at, Direction.TO_APP)
            if isinstance(one, Parsed):
                found.append(self._conversation.message(flow, place, one, parts))
                parts = ()
            else:
                found.append(self._conversation.unread(flow, place, one))
        if any(
            part.place == "query" or (part.place == "header" and part.name not in headers.EVERYDAY) for part in parts
        ):
            place = Place(item.uid, 0, item.at, Direction.TO_APP)
            found[:1] = [self._conversation.http_only(flow, place, parts, found[0] if found else None)]
        flow.context.append(item.uid)  # after a restart, what follows needs to know its session and its ids
        return found

    def _answer(self, item: Crossing) -> list[Crossed]:
        flow = self._answered_flow(item)
        pairs = header_pairs(item.meta)
        found: list[Crossed] = []
        if is_sse(pairs, item.body):
            found = self._events_of(flow, item, pairs)
        else:
            items = self._read(item)
            if flow.status in _NO_MESSAGE or is_phrase(flow.status, item.body):
                items = [one for one in items if isinstance(one, Parsed)]
            if flow.status is not None and flow.status >= 400 and len(items) == 1 and isinstance(items[0], Gap):
                items = [self._http_error(item, pairs) or items[0]]
            for one in items:
                place = Place(item.uid, len(found), item.at, Direction.TO_CHATGPT, whole=len(items) == 1)
                if isinstance(one, Parsed):
                    found.append(self._conversation.message(flow, place, one))
                else:
                    found.append(self._conversation.unread(flow, place, one))
        parts = headers.answer_parts(pairs)
        if parts:
            found = self._with_headers(flow, item, found, parts)
        if flow.status != 202:  # else the answers come on the stream of the 2024-11-05 transport
            self._conversation.pairs.forget(flow.app, flow.name, Direction.TO_APP)
        self._close(flow)
        self._release(item.uid)
        return found

    def _with_headers(
        self, flow: Flow, item: Crossing, found: list[Crossed], parts: tuple[HttpPart, ...]
    ) -> list[Crossed]:
        """An answer's headers with its first message, or by themselves where it has none."""
        for index, one in enumerate(found):
            if one.message is not None:
                return [*found[:index], replace(one, message=replace(one.message, http=parts)), *found[index + 1 :]]
        place = Place(item.uid, 0, item.at, Direction.TO_CHATGPT)
        return [self._conversation.http_only(flow, place, parts, found[0] if found else None), *found[1:]]

    def _head(self, item: Crossing) -> list[Crossed]:
        flow = self._answered_flow(item)
        coding = headers.first(header_pairs(item.meta), "content-encoding")
        flow.stream = Stream(coding, event_limit=self._limits.event, body_limit=self._limits.body)
        flow.context.append(item.uid)
        parts = headers.answer_parts(header_pairs(item.meta))
        return self._with_headers(flow, item, [], parts) if parts else []

    def _piece(self, item: Crossing) -> list[Crossed]:
        flow = self._flow(item)
        if flow.stream is None:
            flow.stream = Stream(None, event_limit=self._limits.event, body_limit=self._limits.body)
        session = _text(item.meta, "session")
        if session:  # the proxy keeps the id itself out of what it records of the `endpoint` event
            flow.session, flow.legacy = session, True
            flow.context.append(item.uid)
        found: list[Crossed] = []
        for named in flow.stream.feed(item.uid, item.seq, item.body):
            found += self._streamed(flow, item.uid, named.part, item.at, named.item)
        if found:
            flow.passed.append((item.seq, item.uid))
        self._release_pieces(flow)
        return found

    def _end(self, item: Crossing, reason: str) -> list[Crossed]:
        flow = self._flow(item)
        found: list[Crossed] = []
        if flow.stream is not None:
            for named in flow.stream.close(complete=reason == "complete", pieces=item.seq):
                found += self._streamed(flow, item.uid, named.part, item.at, named.item)
            self._release_pieces(flow)
        if reason != "client":
            self._note(flow, Direction.TO_CHATGPT, Outcome.DELIVERED)
        if not flow.resumable:
            self._conversation.pairs.forget(flow.app, flow.name, Direction.TO_APP)
        self._close(flow)
        self._release(item.uid)
        return found

    def _fault(self, item: Crossing) -> list[Crossed]:
        side, code = _text(item.meta, "side"), _text(item.meta, "code").lower()
        flow = self._flow(item)
        if flow.stream is not None:
            return self._end(item, side if side == "client" else "upstream")
        if self._ended.get((item.app, item.flow)) is None:
            outcome = Outcome.UNKNOWN
            if side != "client" and any(word in code for word in _NEVER_REACHED):
                outcome = Outcome.FAILED
            elif code == "answer-cut":
                outcome = Outcome.DELIVERED
            self._note(flow, Direction.TO_APP, outcome)
            self._conversation.pairs.forget(flow.app, flow.name, Direction.TO_APP)
        self._close(flow)
        self._release(item.uid)
        return []

    def _said(self, item: Crossing) -> list[Crossed]:
        """A gap that the proxy found."""
        code, size, count = _text(item.meta, "code"), item.meta.get("size"), item.meta.get("count")
        direction = Direction.TO_CHATGPT if _text(item.meta, "direction") == Direction.TO_CHATGPT else Direction.TO_APP
        gap = Gap(
            code if code in GAP_CODES else "not-recorded",
            _text(item.meta, "place") or "body",
            _text(item.meta, "detail"),
            size if isinstance(size, int) else None,
            count if isinstance(count, int) else 1,
        )
        flow = self._flows.get((item.app, item.flow)) or Flow(
            item.app, item.flow, route=_text(item.meta, "route") or "reverse", host=_text(item.meta, "host")
        )
        if gap.code == "refused" and item.flow:
            self._note(flow, Direction.TO_APP, Outcome.REFUSED)
        self._release(item.uid)
        return [self._conversation.unread(flow, Place(item.uid, 0, item.at, direction), gap)]

    def _outcome(self, item: Crossing) -> None:
        flows = item.meta.get("delivered")
        for flow in flows if isinstance(flows, (list, tuple)) else ():
            self._notes.append(OutcomeNote(item.app, str(flow), Direction.TO_CHATGPT, Outcome.DELIVERED))
        streams = item.meta.get("streams")
        for name, seq in streams.items() if isinstance(streams, Mapping) else ():
            key = (item.app, str(name))
            flow = self._flows.get(key)
            passed = flow.passed if flow is not None else self._ended.get(key)
            while passed and isinstance(seq, int) and passed[0][0] <= seq:
                uid = passed.popleft()[1]
                self._notes.append(OutcomeNote(*key, Direction.TO_CHATGPT, Outcome.DELIVERED, uid))

    def _streamed(self, flow: Flow, uid: str, part: int, at: float, item: Event | Gap) -> list[Crossed]:
        """The messages of one event; those of a batch are numbered within the event's number."""
        if isinstance(item, Gap):
            return [self._conversation.unread(flow, Place(uid, part, at, Direction.TO_CHATGPT), item)]
        if item.id is not None:
            self._conversation.event_seen(flow, item.id)
        if item.event == "endpoint" and flow.verb in ("", "GET"):
            return self._endpoint(flow, uid, item)
        found: list[Crossed] = []
        for index, one in enumerate(event_items(item, self._limits.depth, self._limits.skim)):
            number = part if index == 0 else part + index * BATCH_STEP
            place = Place(
                uid,
                number,
                at,
                Direction.TO_CHATGPT,
                event_id=item.id,
                index=index,
                digest=digest_of(item.data) if item.id else b"",
            )
            if isinstance(one, Parsed):
                found.append(self._conversation.message(flow, place, one))
            else:
                found.append(self._conversation.unread(flow, place, one))
        return found

    def _endpoint(self, flow: Flow, uid: str, event: Event) -> list[Crossed]:
        """The first event of the 2024-11-05 transport: where the client is to post, which names the session."""
        flow.legacy = True
        session = headers.session_in(event.data.decode("utf-8", "replace"))
        if session and not flow.session:
            flow.session = self._session_name(flow.app, session)
        flow.context.append(uid)
        return []

    def _events_of(self, flow: Flow, item: Crossing, pairs: list[tuple[str, str]]) -> list[Crossed]:
        """An event stream that was recorded as one answer."""
        decoder = Decoder(headers.first(pairs, "content-encoding"), limit=self._limits.body)
        events = SseDecoder(limit=self._limits.event)
        items = [event for chunk in decoder.feed(item.body) for event in events.feed(chunk)]
        items += events.close()
        if decoder.close() is not None and decoder.gap is not None:
            items.append(replace(decoder.gap, place="stream", size=len(item.body)))
        elif item.meta.get("truncated") is True and not any(isinstance(one, Event) and not one.whole for one in items):
            items.append(Gap("truncated", "stream"))
        found: list[Crossed] = []
        for number, one in enumerate(items):
            found += self._streamed(flow, item.uid, number, item.at, one)
        return found

    def _read(self, item: Crossing) -> list[Parsed | Gap]:
        """The messages of a body; what was wrong with the transfer is a gap on the first, or the only thing found."""
        if not item.body:
            return []
        body, wrong = decoded(item, self._limits.body)
        items = jsonrpc.read(body, max_depth=self._limits.depth, skim=self._limits.skim)
        return items if wrong is None else marked(items, wrong)

    def _http_error(self, item: Crossing, pairs: list[tuple[str, str]]) -> Parsed | None:
        body = decode(item.body, headers.first(pairs, "content-encoding"), self._limits.body)
        return jsonrpc.http_error(body) if isinstance(body, bytes) else None

    def _flow(self, item: Crossing) -> Flow:
        flow = self._flows.get((item.app, item.flow))
        if flow is None:
            flow = Flow(item.app, item.flow)
            evicted = self._flows.put((item.app, item.flow), flow)
            if evicted is not None:
                self._let_go(evicted)
        if route := _text(item.meta, "route"):
            flow.route, flow.host = route, _text(item.meta, "host")
        return flow

    def _answered_flow(self, item: Crossing) -> Flow:
        flow = self._flow(item)
        status = item.meta.get("status")
        flow.status = status if isinstance(status, int) and 100 <= status <= 599 else None
        flow.session = _text(item.meta, "session") or flow.session
        self._note(flow, Direction.TO_APP, Outcome.DELIVERED)
        return flow

    def _close(self, flow: Flow) -> None:
        self._flows.pop((flow.app, flow.name))
        self._ended.put((flow.app, flow.name), flow.passed)
        self._let_go(flow)

    def _let_go(self, flow: Flow) -> None:
        context, flow.context = flow.context, []
        if flow.stream is not None:
            flow.stream.close(complete=False)
            self._release_pieces(flow)
        for uid in context:
            self._release(uid)

    def _release_pieces(self, flow: Flow) -> None:
        if flow.stream is not None:
            released, flow.stream.released = flow.stream.released, []
            for uid in released:
                if uid not in flow.context:
                    self._release(uid)

    def _release(self, uid: str) -> None:
        if self._kept.pop(uid, None) is not None:
            self._done.append(uid)

    def _note(self, flow: Flow, direction: Direction, outcome: Outcome, uid: str = "") -> None:
        self._notes.append(OutcomeNote(flow.app, flow.name, direction, outcome, uid, flow.route))


def _text(meta: Mapping[str, Any], key: str) -> str:
    value = meta.get(key)
    return value if isinstance(value, str) else ""
