"""Recording before forwarding, what happens when that fails, and what became of what was recorded."""

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol

from douane.ledger.record import RecordKind
from douane.ledger.spool import Spool, SpoolFailed, SpoolFull
from douane.proxy.crossing import EGRESS
from douane.proxy.events import Events
from douane.proxy.missed import Key, Missed
from douane.proxy.routes import App

FLUSH_INTERVAL_S = 0.2
_RETRY_INTERVAL_S = 1.0
_HELD_FLOWS = 10_000
_ROOM_OVERHEAD_BYTES = 16 * 1024
"""What a record takes besides its body, rounded up: its meta and its share of the file's pages."""


_MEANWHILE = {
    True: "messages are not passed on until there is room",
    False: "messages pass without a record until there is room",
    None: "what was noted of messages waits",
}
"""What happens while the spool takes nothing: an app's messages are refused, or not, or it had none so far."""


class Puts(Protocol):
    """The spool as the proxy uses it."""

    def put(
        self, kind: RecordKind, app: str, flow: str, seq: int, at: float, meta: dict[str, Any], body: bytes
    ) -> object:
        """Seal and commit one record, or raise `SpoolFull` or `SpoolFailed`."""


def has_room(spool: Spool, size: int) -> bool:
    """Say whether the spool is below its low-water mark: room for a body of `size` bytes and for a tenth of its limit.

    A body over half of the limit counts as half. Costs a connection to the file, so it is asked about once a second.
    """
    try:
        with closing(sqlite3.connect(f"{spool.path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.1)) as db:
            pages, free, page_size = (
                db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
            )
    except sqlite3.Error:
        return False
    wanted = max(spool.limit_bytes // 10, min(size + _ROOM_OVERHEAD_BYTES, spool.limit_bytes // 2))
    return bool((pages - free) * page_size + wanted <= spool.limit_bytes)


@dataclass(slots=True)
class _Outcomes:
    delivered: list[str] = field(default_factory=list)
    streams: dict[str, int] = field(default_factory=dict)


class Recorder:
    """Puts records into the spool and applies each app's policy when the spool cannot take them.

    What was lost is counted and written as gaps as soon as the spool takes records again; until then `missed` keeps the
    counts for a proxy that comes after this one, which also tells that the spool has recovered. `has_room` says whether
    a body of so many bytes would fit: until then, or until one as large as those refused was taken, a full spool has
    not recovered, though smaller records may pass.
    """

    def __init__(
        self,
        spool: Puts,
        events: Events,
        *,
        clock: Callable[[], float] = time.time,
        has_room: Callable[[int], bool] = lambda _: False,
        missed: Missed | None = None,
    ) -> None:
        self._spool = spool
        self._events = events
        self._clock = clock
        self._outcomes: dict[str, _Outcomes] = {}
        self._missed = missed
        self._lost: dict[Key, list[int]] = missed.read() if missed is not None else {}
        self._failing = bool(self._lost)  # the proxy before this one warned and died: that it is over is ours to tell
        self._next_try = 0.0
        self._has_room = has_room
        self._refused_bytes = max((-(-size // count) for count, size in self._lost.values()), default=0)
        self._next_look = 0.0
        self._policies: dict[str, bool] = {}

    def put(
        self,
        app: App,
        kind: RecordKind,
        flow: str,
        meta: dict[str, Any],
        body: bytes = b"",
        *,
        seq: int = 0,
        direction: str = "",
    ) -> bool:
        """Record; return whether what was to be recorded may be passed on."""
        self._policies[app.name] = app.refuses
        if self._try(kind, app.name, flow, seq, meta, body):
            if self._lost and not self._failing:
                self._write_gaps()
            return True
        code = "refused" if app.refuses else "not-recorded"
        route = EGRESS if meta.get("route") == EGRESS else ""
        self.count_gap(app.name, code, "body", "the spool could not take it", direction, len(body), route=route)
        if self._missed is not None:
            self._missed.keep(self._lost)
        return not app.refuses

    def count_gap(
        self, app: str, code: str, place: str, detail: str, direction: str, size: int = 0, *, route: str = ""
    ) -> None:
        """Add to a gap that `flush` writes, equal ones summed up."""
        totals = self._lost.setdefault((app, code, place, detail, direction, route), [0, 0])
        totals[0] += 1
        totals[1] += size

    def gap(
        self,
        app: App,
        flow: str,
        code: str,
        place: str,
        detail: str,
        direction: str,
        size: int | None,
        where: Mapping[str, str] | None = None,
    ) -> bool:
        """Record a gap at once; return whether what it stands for may be passed on. `where` is its route and host."""
        meta: dict[str, Any] = {
            **(where or {}),
            "code": code,
            "place": place,
            "detail": detail,
            "size": size,
            "direction": direction,
        }
        return self.put(app, RecordKind.GAP, flow, meta, direction=direction)

    def delivered(self, app: App, flow: str) -> None:
        """Note that the answer of this flow was handed to a live client connection."""
        outcomes = self._of(app)
        if len(outcomes.delivered) < _HELD_FLOWS:
            outcomes.delivered.append(flow)

    def progressed(self, app: App, flow: str, seq: int) -> None:
        """Note that the pieces of a stream up to `seq` were handed to a live client connection."""
        outcomes = self._of(app)
        if len(outcomes.streams) < _HELD_FLOWS or flow in outcomes.streams:
            outcomes.streams[flow] = seq

    def flush(self, *, last: bool = False) -> None:
        """Write the outcomes and gaps noted since the last call; what cannot be written waits for the next one.

        The `last` call tries in any case.
        """
        if self._failing and time.monotonic() < self._next_try and not last:
            return
        for app, noted in list(self._outcomes.items()):
            meta: dict[str, Any] = {"delivered": noted.delivered}
            if noted.streams:
                meta["streams"] = noted.streams
            if not self._try(RecordKind.OUTCOME, app, "", 0, meta, b""):
                return
            del self._outcomes[app]
        if self._lost:
            self._write_gaps()

    def _of(self, app: App) -> _Outcomes:
        noted = self._outcomes.get(app.name)
        if noted is None:
            noted = self._outcomes[app.name] = _Outcomes()
        return noted

    def _write_gaps(self) -> None:
        for key, (count, size) in list(self._lost.items()):
            app, code, place, detail, direction, route = key
            meta = {
                "code": code,
                "place": place,
                "detail": detail,
                "size": size or None,
                "direction": direction,
                "count": count,
            }
            if route:
                meta["route"] = route
            if not self._try(RecordKind.GAP, app, "", 0, meta, b""):
                break
            del self._lost[key]
        if self._missed is not None:
            self._missed.keep(self._lost)

    def _try(self, kind: RecordKind, app: str, flow: str, seq: int, meta: dict[str, Any], body: bytes) -> bool:
        try:
            self._spool.put(kind, app, flow, seq, self._clock(), meta, body)
        except (SpoolFull, SpoolFailed, ValueError) as error:
            self._failing = True
            self._next_try = time.monotonic() + _RETRY_INTERVAL_S
            full = isinstance(error, SpoolFull)
            if full:
                self._refused_bytes = max(self._refused_bytes, len(body))
            meanwhile = _MEANWHILE[self._policies.get(app)]
            if not full:
                meanwhile = meanwhile.replace("there is room", "it can be written")
            self._events.warn("spool-full" if full else "spool-failed", app, meanwhile)
            return False
        if self._failing and self._recovered(len(body)):
            self._failing = False
            self._refused_bytes = 0
            self._events.warn("spool-recovered", app)
        return True

    def _recovered(self, taken: int) -> bool:
        if taken >= self._refused_bytes:
            return True
        now = time.monotonic()
        if now < self._next_look:
            return False
        self._next_look = now + _RETRY_INTERVAL_S
        return self._has_room(self._refused_bytes)
