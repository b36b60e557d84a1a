"""What a streamed body passes through, piece by piece, on its way. Synchronous, and never raises."""

from collections.abc import Callable

from douane.ledger.record import RecordKind
from douane.proxy import sniff
from douane.proxy.credentials import session_in_target
from douane.proxy.crossing import Crossing
from douane.proxy.events import Events
from douane.proxy.recorder import Recorder

_BEGINNING_BYTES = 16 * 1024


class ByteCounter:
    """Lets a body through unread and counts its bytes."""

    __slots__ = ("_crossing", "_up")

    def __init__(self, crossing: Crossing, *, up: bool = False) -> None:
        self._crossing = crossing
        self._up = up

    def __call__(self, piece: bytes) -> bytes:
        """Count the piece and return it."""
        if self._up:
            self._crossing.bytes_up += len(piece)
        else:
            self._crossing.bytes_down += len(piece)
        return piece


class StreamTap:
    """Records each raw piece of an event stream before it returns it; `cut` is set on the crossing when it cannot.

    In the first event it looks for the `endpoint` of the 2024-11-05 transport: the app's message path is learned, the
    session id in it is recorded as its pseudonym only, and `rename` may put another URL in its place.
    """

    __slots__ = ("_beginning", "_crossing", "_events", "_held", "_recorder", "_rename")

    def __init__(
        self, crossing: Crossing, recorder: Recorder, events: Events, rename: Callable[[str], str] | None
    ) -> None:
        self._crossing = crossing
        self._recorder = recorder
        self._events = events
        self._rename = rename
        self._beginning: bytes | None = b""
        self._held: list[bytes] = []

    def __call__(self, piece: bytes) -> bytes | list[bytes]:
        """Record the piece and return what is passed on; an empty piece is the end of the stream."""
        crossing = self._crossing
        if crossing.cut:
            return []
        try:
            return self._take(piece)
        except Exception as error:  # noqa: BLE001 - mitmproxy would drop the piece in silence
            self._events.warn("proxy-fault", crossing.app.name, f"{type(error).__name__} in a stream")
            direction = "to_chatgpt"
            code = "refused" if crossing.app.refuses else "not-recorded"
            route = crossing.where.get("route", "")
            self._recorder.count_gap(
                crossing.app.name, code, "stream", "a fault in the proxy", direction, len(piece), route=route
            )
            crossing.cut = crossing.app.refuses
            return [] if crossing.cut else piece

    def _take(self, piece: bytes) -> bytes | list[bytes]:
        crossing = self._crossing
        if not piece:
            crossing.finished = True
            self._recorder.put(
                crossing.app,
                RecordKind.END,
                crossing.flow,
                {**crossing.where, "reason": "complete"},
                seq=crossing.seq,
                direction="to_chatgpt",
            )
            self._recorder.delivered(crossing.app, crossing.flow)
            return self._release()
        recorded, passed, session = piece, [piece], ""
        if self._beginning is not None:
            recorded, passed, session = self._look_at_beginning(piece)
        meta = {**crossing.where, "session": session} if session else crossing.where
        passes = self._recorder.put(
            crossing.app,
            RecordKind.PIECE,
            crossing.flow,
            meta,
            recorded,
            seq=crossing.seq,
            direction="to_chatgpt",
        )
        if not passes:
            crossing.cut = True
            return []
        self._recorder.progressed(crossing.app, crossing.flow, crossing.seq)
        crossing.seq += 1
        return passed[0] if len(passed) == 1 else passed

    def _look_at_beginning(self, piece: bytes) -> tuple[bytes, list[bytes], str]:
        """Return what is recorded of the piece, what is passed on now, and the session's pseudonym."""
        before = self._beginning or b""
        beginning = before + piece
        found = sniff.legacy_endpoint(beginning)
        if found is None:
            over = _first_event_is_over(beginning) or len(beginning) > _BEGINNING_BYTES
            self._beginning = None if over else beginning
            if self._rename is None:
                return piece, [piece], ""
            self._held.append(piece)
            return piece, self._release() if over else [], ""
        self._beginning = None
        app = self._crossing.app
        start, end = found
        url = beginning[start:end].decode("utf-8", "replace").strip()
        path = sniff.path_at_upstream(url, app.origin)
        if path is not None:
            app.learn(path)
        session = session_in_target(url)
        recorded = _masked(beginning, start, end, session)[len(before) :] if session else piece
        if self._rename is not None:
            renamed = beginning[:start] + self._rename(url).encode() + beginning[end:]
            self._held = []
            return recorded, [renamed], app.pseudonyms.session(session)
        return recorded, [piece], app.pseudonyms.session(session)

    def _release(self) -> list[bytes]:
        held, self._held = self._held, []
        return held


def _first_event_is_over(beginning: bytes) -> bool:
    """Say whether an event with data is complete: then no `endpoint` event comes first any more."""
    return b"data" in beginning and any(end in beginning for end in (b"\n\n", b"\r\r", b"\r\n\r\n"))


def _masked(beginning: bytes, start: int, end: int, session: str) -> bytes:
    raw = session.encode()
    masked = beginning[start:end].replace(raw, b"x" * len(raw))
    if masked == beginning[start:end]:  # the id is percent-encoded: hide the whole query
        url = beginning[start:end]
        query = url.find(b"?") + 1
        masked = url[:query] + b"x" * (len(url) - query)
    return beginning[:start] + masked + beginning[end:]
