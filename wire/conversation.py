"""Parsed messages to named, paired ones: the memory that spans HTTP exchanges. Pure module: no I/O."""

from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

from douane.audit.jsontext import Node
from douane.audit.message import Direction, Gap, HttpPart, Kind, Message
from douane.wire import revision
from douane.wire.crossing import Crossed
from douane.wire.flow import Flow
from douane.wire.jsonrpc import Parsed
from douane.wire.recent import Recent
from douane.wire.session import Lookup, Pairs, PendingRequest, flow_scope, key_of

_ANSWERS: Final = (Kind.RESULT, Kind.ERROR)
_NOTHING: Final = Node((), 0, 0, "object")


# Not frozen: see `audit.jsontext.Member`.
@dataclass(slots=True, unsafe_hash=True)
class Place:
    """Where an item was read: its record's uid, its number there, when it was complete, and which way it went.

    `whole` says that the item is all that the flow's answer holds. `event_id` is that of the SSE event around it,
    `index` its number in that event and `digest` one of the event's data.
    """

    uid: Final[str]
    part: Final[int]
    at: Final[float]
    direction: Final[Direction]
    whole: Final[bool] = False
    event_id: Final[str | None] = None
    index: Final[int] = 0
    digest: Final[bytes] = b""


@dataclass(frozen=True, slots=True)
class _Delivery:
    digest: bytes
    name: tuple[str, int]
    request: PendingRequest | None


def digest_of(data: bytes) -> bytes:
    """What tells one event's data from another's."""
    return blake2b(data, digest_size=16).digest()


class Conversation:
    """Pairs, tools of tasks, revisions of sessions and events already delivered, all bounded."""

    def __init__(self, find: Lookup | None, *, requests: int, events: int, names: int) -> None:
        self.pairs = Pairs(find, limit=requests)
        self._deliveries: Recent[tuple[str, str, str, int], _Delivery] = Recent(events)
        self._event_roots: Recent[tuple[str, str, str], tuple[str, ...]] = Recent(events)
        self._task_tools: Recent[tuple[str, str], str] = Recent(names)
        self._revisions: Recent[tuple[str, str], str] = Recent(names)

    def root(self, flow: Flow, event_id: str) -> str:
        """The flow whose stream gave the event that `flow` asks to resume after, "" when that is not certain."""
        roots = self._event_roots.get((flow.app, flow.scope, event_id)) or ()
        return roots[0] if len(roots) == 1 else ""

    def event_seen(self, flow: Flow, event_id: str) -> None:
        """`flow` gave an event with this id."""
        flow.resumable = True
        key, root = (flow.app, flow.scope, event_id), flow.root or flow.name
        roots = self._event_roots.get(key) or ()
        if root not in roots:
            self._event_roots.put(key, (*roots[:1], root))

    def message(self, flow: Flow, place: Place, parsed: Parsed, parts: tuple[HttpPart, ...] = ()) -> Crossed:
        """A message that crossed on `flow`."""
        earlier = self._earlier(flow, place)
        request: PendingRequest | None = None
        gaps = parsed.gaps
        if parsed.kind in _ANSWERS:
            paired = earlier.request if earlier and earlier.request else self._pair(flow, place, parsed)
            if isinstance(paired, Gap):
                if not (place.whole and flow.known and parsed.kind is Kind.ERROR):  # else it is about the HTTP request
                    gaps = (*gaps, paired)
            else:
                request = paired
        method = parsed.method if request is None else request.method
        tool = self._tool(flow, parsed, request)
        protocol = self._protocol(flow, parsed, method, request)
        rpc_key = ""
        if parsed.kind is Kind.REQUEST and method is not None:
            rpc_key = self._rpc_key(flow, place.direction, parsed)
            if earlier is None:
                asked = PendingRequest(
                    place.uid, place.part, method, tool, place.at, flow.name, flow.session, protocol, flow.own
                )
                self.pairs.open(flow.app, asked, place.direction, parsed.rpc_id, flow.scope)
        elif parsed.method == "notifications/cancelled":
            self.pairs.cancel(
                flow.app, place.direction, revision.request_cancelled(parsed), flow=flow.name, scope=flow.scope
            )
        self._remember(flow, place, request)
        return Crossed(
            message=Message(
                app=flow.app,
                direction=place.direction,
                kind=parsed.kind,
                method=method,
                tool=tool,
                rpc_id=parsed.rpc_id,
                payload=parsed.node,
                text=parsed.text,
                http=parts,
                unread=parsed.unread,
            ),
            gaps=gaps,
            app=flow.app,
            record_uid=place.uid,
            part=place.part,
            at=place.at,
            direction=place.direction,
            size=parsed.size,
            flow=flow.name,
            transport=flow.transport,
            protocol=protocol,
            session=flow.session or (request.session if request else ""),
            rpc_id=parsed.rpc_id,
            rpc_key=rpc_key,
            answers=(request.uid, request.part) if request else None,
            http_status=flow.status if place.direction is Direction.TO_CHATGPT else None,
            duration_ms=_elapsed(request, place),
            own=flow.own or (request is not None and request.own),
            route=flow.route,
            host=flow.host,
            redelivery_of=earlier.name if earlier else None,
        )

    def unread(self, flow: Flow, place: Place, gap: Gap) -> Crossed:
        """Something that crossed on `flow` and could not be read."""
        request: PendingRequest | Gap | None = None
        if place.whole:
            request = self.pairs.answer(
                flow.app, Direction.TO_APP, None, flow=flow.name, scope="", known=True, whole=True
            )
        paired = request if isinstance(request, PendingRequest) else None
        return Crossed(
            message=None,
            gaps=(gap,),
            app=flow.app,
            record_uid=place.uid,
            part=place.part,
            at=place.at,
            direction=place.direction,
            size=gap.size or 0,
            flow=flow.name,
            transport=flow.transport,
            protocol=self._protocol(flow, None, None, paired),
            session=flow.session,
            answers=(paired.uid, paired.part) if paired else None,
            http_status=flow.status if place.direction is Direction.TO_CHATGPT else None,
            duration_ms=_elapsed(paired, place),
            own=flow.own,
            route=flow.route,
            host=flow.host,
        )

    def http_only(self, flow: Flow, place: Place, parts: tuple[HttpPart, ...], crossed: Crossed | None) -> Crossed:
        """A request or answer of which only headers or URL can be read; `crossed` is what its body gave, if any."""
        message = Message(
            app=flow.app,
            direction=place.direction,
            kind=Kind.NOTIFICATION,
            method=flow.verb or None,
            tool=None,
            rpc_id=None,
            payload=_NOTHING,
            text="",
            http=parts,
        )
        if crossed is not None:
            return replace(crossed, message=message)
        return Crossed(
            message=message,
            gaps=(),
            app=flow.app,
            record_uid=place.uid,
            part=place.part,
            at=place.at,
            direction=place.direction,
            size=0,
            flow=flow.name,
            transport=flow.transport,
            protocol=self._protocol(flow, None, None, None),
            session=flow.session,
            own=flow.own,
            route=flow.route,
            host=flow.host,
        )

    def _pair(self, flow: Flow, place: Place, parsed: Parsed) -> PendingRequest | Gap:
        asked = Direction.TO_APP if place.direction is Direction.TO_CHATGPT else Direction.TO_CHATGPT
        return self.pairs.answer(
            flow.app,
            asked,
            parsed.rpc_id,
            flow=flow.name,
            scope=flow.scope,
            at=place.at,
            resumed=flow.root,
            known=flow.known,
            whole=place.whole,
        )

    def _rpc_key(self, flow: Flow, asked: Direction, parsed: Parsed) -> str:
        # The answer to what the app asks, and any answer of the 2024-11-05 transport, comes on another flow.
        elsewhere = flow.legacy or asked is Direction.TO_CHATGPT
        return key_of((elsewhere and flow.scope) or flow_scope(flow.name), asked, parsed.rpc_id)

    def _tool(self, flow: Flow, parsed: Parsed, request: PendingRequest | None) -> str | None:
        tool = revision.tool_called(parsed)
        if request is not None:
            tool = request.tool
            created = revision.task_created(parsed) if request.method == "tools/call" else None
            if created is not None and tool is not None:
                self._task_tools.put((flow.app, created), tool)
        if tool is None:
            task = revision.task_asked(parsed) or revision.task_related(parsed)
            if task is not None:
                tool = self._task_tools.get((flow.app, task))
        return tool

    def _protocol(self, flow: Flow, parsed: Parsed | None, method: str | None, request: PendingRequest | None) -> str:
        said = revision.spoken(parsed, method) if parsed is not None else ""
        if said and flow.scope and method == "initialize" and parsed is not None and parsed.kind is Kind.RESULT:
            self._revisions.put((flow.app, flow.scope), said)
        return (
            said
            or flow.revision
            or (self._revisions.get((flow.app, flow.scope)) if flow.scope else None)
            or (request.protocol if request else "")
            or (revision.LEGACY if flow.legacy else revision.ASSUMED)
        )

    def _earlier(self, flow: Flow, place: Place) -> _Delivery | None:
        if not place.event_id:
            return None
        found = self._deliveries.get(_delivery_key(flow, place, place.event_id))
        return found if found is not None and found.digest == place.digest else None

    def _remember(self, flow: Flow, place: Place, request: PendingRequest | None) -> None:
        if place.event_id:
            key = _delivery_key(flow, place, place.event_id)
            known = self._deliveries.get(key)
            if known is None or known.digest != place.digest:
                self._deliveries.put(key, _Delivery(place.digest, (place.uid, place.part), request))


def _delivery_key(flow: Flow, place: Place, event_id: str) -> tuple[str, str, str, int]:
    return flow.app, flow.scope or flow_scope(flow.root or flow.name), event_id, place.index


def _elapsed(request: PendingRequest | None, place: Place) -> float | None:
    if request is None or place.at < request.at:  # a clock that was set back meanwhile measured nothing
        return None
    return round((place.at - request.at) * 1000, 3)
