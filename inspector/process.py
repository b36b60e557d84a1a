"""The inspector's loop: records from the spool, through wire, fields, detectors and verdicts, into the ledger.

A record leaves the spool only after what it told is committed to the ledger, where `UNIQUE(record_id, part)` makes a
second pass idempotent: a crash at any point loses nothing and doubles nothing.
"""

import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

from douane.audit.exchange import Outcome
from douane.audit.message import Gap
from douane.inspector import noting, onward
from douane.inspector.ahead import Ahead
from douane.inspector.anchoring import Anchoring
from douane.inspector.asked import Asked
from douane.inspector.beginning import begun, wire_limits
from douane.inspector.behind import Behind
from douane.inspector.budget import Budget, Inflight, Overran
from douane.inspector.entry import entry
from douane.inspector.events import exchange_event, gap_event, outcome_event
from douane.inspector.heavy import Heavy
from douane.inspector.judging import Judging
from douane.inspector.knowledge import Knowledge
from douane.inspector.pipeline import Detect, Inspected, is_tool_list
from douane.inspector.settings import InspectorSettings
from douane.inspector.taken_out import TakenOut
from douane.inspector.waiting import Waiting, is_put_down
from douane.ledger.identities import Identities
from douane.ledger.record import Record, RecordKind
from douane.ledger.schema import ToolSource
from douane.ledger.spool import Expired, Spool, Unreadable
from douane.wire.assembler import Assembler
from douane.wire.body import text_again
from douane.wire.crossing import Crossed, OutcomeNote
from douane.wire.session import PendingRequest

BATCH = 64
"""Records taken at a time: small enough for a live view, large enough to share a commit."""
AHEAD = 4
"""From so many records on that wait, messages are inspected ahead: a few are done before another process knows."""
CRASHES = 2
"""A record that ended this many inspectors becomes a gap."""
SWEEP_SECONDS = 5.0
TIDY_SECONDS = 60.0
"""How long what was destroyed may stand, sealed, in the spool's WAL when there is always something to do."""
READING_SECONDS = 5.0
"""Time budget of decoding one record: a backstop, since what takes long to read is left to the second process."""

type Emit = Callable[[dict[str, Any]], None]


class Inspector:
    """Works the spool off, one `turn()` after the other. `clock` gives Unix time, `emit` takes events for a console."""

    def __init__(
        self,
        settings: InspectorSettings,
        master: bytes,
        detect: Detect,
        *,
        clock: Callable[[], float] = time.time,
        emit: Emit,
        ahead: Ahead | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._emit = emit
        self._spool = Spool(settings.spool, master)
        self.anchoring = Anchoring(settings, emit)
        self._ledger, self._run, self._pseudonyms = begun(settings, master, clock, self.anchoring.anchors)
        self._knowledge = Knowledge(self._ledger, settings.apps, clock())
        self._asked = Asked(self._ledger, master)
        self._assembler = Assembler(
            self._before,
            session_name=lru_cache(4096)(lambda app, session: Identities(master, app).session(session)),
            limits=wire_limits(settings),
            hold=settings.keep_seconds * 14 / 15,
        )
        self._budget = Budget()
        known, budget = self._knowledge, self._budget
        self._judging = Judging(settings, detect, known, budget, ahead=ahead, mark=self._mark, emit=emit)
        self._inflight = Inflight(settings.spool.with_name(settings.spool.name + ".inflight"))
        self._heavy = Heavy(presidio=settings.presidio, everything=settings.everything, given=settings.detectors)
        self._waiting = Waiting(self._text_again)
        self._in_heavy: tuple[Crossed, int] | None = None
        self._known: dict[str, tuple[int, str]] = {}
        self._later: deque[Callable[[], object]] = deque()
        self._broken = False
        self._cursor = 0
        self._more = True
        self._last_at = 0.0
        self._sweep_at = 0.0
        self._tidy_at = 0.0
        self._unknown = noting.Unknown(emit)
        self._behind = Behind(self._spool, self._ledger)
        self._taken_out = TakenOut(self._spool, self._ledger, (app.name for app in settings.apps))
        if blamed := self._inflight.read():
            self._spool.bump(blamed)
            self._inflight.mark(0)

    def turn(self) -> int:
        """Take in what is new, what the second process finished and what grew too old; returns how much that was."""
        events: list[dict[str, Any]] = []
        done: list[str] = []
        records: Sequence[Record | Unreadable] = ()
        if time.monotonic() >= self._sweep_at:
            self._sweep()
        self.anchoring.tend(self._ledger)
        if self._news():
            records = self._spool.take(self._cursor, BATCH)
            self._more = bool(records)
        finished = self._heavy.finished()
        if not records and finished is None:
            return 0
        with self._ledger.batch():
            if finished is not None:
                done += self._finish(finished, events)
            for record in records:
                self._cursor = record.id
                self._behind.took(record)
                self._taken_out.took(record.id, record.app, record.at, events)
                self._known[record.uid] = (record.id, record.flow)
                self._inflight.mark(record.id)
                self._take_in(record, events, done, ahead=len(records) >= AHEAD)
            self._catch_up()
            self._judging.forget()
            self._inflight.mark(0)
        self._destroy(done)
        self._feed_heavy()
        for event in events:
            self._emit(event)
        return len(records) + (finished is not None)

    def idle(self) -> bool:
        """Whether everything that was recorded so far is in the ledger."""
        return not self._news() and not self._waiting

    def lag_seconds(self) -> float:
        """How far inspection is behind recording, 0 when nothing waits."""
        return self._behind.seconds(self._clock(), idle=self.idle())

    def _news(self) -> bool:
        """Whether the spool may hold records that were not taken; asking the spool resets it, so it is kept here."""
        if self._spool.changed():
            self._more = True
        return self._more

    def close(self) -> None:
        """Give files and the second process back."""
        self._heavy.stop()
        self._judging.stop()
        self._spool.tidy()
        self._spool.close()
        self._pseudonyms.close()
        self._ledger.end_run(self._run, at=self._clock())
        self._ledger.seal()
        self.anchoring.close()
        self._ledger.close()
        self._inflight.close()

    def absolve(self) -> None:
        """Say that the record in hand is not to blame for the end of this process."""
        self._inflight.mark(0)

    def _take_in(
        self, record: Record | Unreadable, events: list[dict[str, Any]], done: list[str], *, ahead: bool
    ) -> None:
        """Read a record; what is to be written of it comes `_later`, after what those before it told."""
        later = self._later.append
        later(partial(self._turn_to, record))
        if not isinstance(record, Unreadable) and record.kind is RecordKind.PASSAGE and record.attempts < CRASHES:
            later(partial(self._pass_by, record, events, done))
            return
        read = self._read(record)
        if isinstance(read, Gap):
            later(partial(self._give_up, record, read, done))
            return
        for crossed in read:
            if crossed.message is not None and crossed.route != onward.EGRESS and is_tool_list(crossed.message):
                source = ToolSource.FETCHED if crossed.own else ToolSource.SEEN
                self._catch_up()  # what crossed before is judged by what was known then
                self._knowledge.learn(crossed.message, source, crossed.at)
            if ahead and self._waiting.of(crossed.flow) is None:
                self._judging.look_ahead(crossed)
            later(partial(self._handle, crossed, events))
        for note in self._assembler.notes():
            later(partial(self._note, note))
        later(partial(self._release_or_hold, self._assembler.done(), done))

    def _read(self, record: Record | Unreadable) -> list[Crossed] | Gap:
        if isinstance(record, Unreadable):
            return Gap("spool-unreadable", size=record.size)
        if record.attempts >= CRASHES:
            return Gap("crashed", size=len(record.body))
        try:
            with self._budget.of(READING_SECONDS):
                return self._assembler.feed(record)
        except Overran:
            return Gap("overran", detail="while decoding", size=len(record.body))
        except Exception as error:
            if self._broken:
                raise
            return Gap("crashed", detail=type(error).__name__, size=len(record.body))

    def _catch_up(self) -> None:
        """Write what was read and is not written yet, in the order of the records."""
        while self._later:
            self._later.popleft()()

    def _turn_to(self, record: Record | Unreadable) -> None:
        self._last_at = record.at
        self._inflight.mark(record.id)

    def _mark(self, uid: str) -> None:
        if uid in self._known:
            self._inflight.mark(self._known[uid][0])

    def _before(self, app: str, asked_under: str) -> Sequence[PendingRequest]:
        """The requests of an earlier inspector; those whose answers were read and not yet written have one."""
        if self._later:
            self._broken = True  # what fails here is no decoder's bug
            with self._budget.paused():
                self._catch_up()
            self._broken = False
        return self._asked.before(app, asked_under)

    def _note(self, note: OutcomeNote) -> None:
        if (held := self._waiting.of(note.flow)) is None:
            self._settle(note)
        else:
            held.notes.append(note)

    def _pass_by(self, record: Record, events: list[dict[str, Any]], done: list[str]) -> None:
        done.append(record.uid)
        if not onward.pass_by(self._ledger, record):
            return
        sent = onward.read(record, self._budget.of(READING_SECONDS), limit=self._settings.max_body_bytes)
        onward.called(self._ledger, sent)
        self._judge_here(sent, events, READING_SECONDS)
        if record.meta.get("status"):
            self._ledger.set_outcome(Outcome.DELIVERED, record_id=record.uid)

    def _settle(self, note: OutcomeNote) -> None:
        changed = self._ledger.set_outcome(
            note.outcome, record_id=note.record_uid or None, flow=note.flow, direction=note.direction
        )
        if changed and note.outcome in (Outcome.FAILED, Outcome.REFUSED):
            self._emit(outcome_event(note, changed, self._last_at))

    def _give_up(self, record: Record | Unreadable | Expired, gap: Gap, done: list[str]) -> None:
        self._ledger.add_gap(record.uid, 0, record.app, gap, record.at)
        done.append(record.uid)

    def _release_or_hold(self, uids: list[str], done: list[str]) -> None:
        """Add to `done` those that may be destroyed now; the others wait with their flow."""
        for uid in uids:
            held = self._waiting.of(self._known[uid][1]) if uid in self._known else None
            (done if held is None else held.done).append(uid)

    def _destroy(self, done: list[str]) -> None:
        self._spool.delete(self._known.pop(uid)[0] for uid in done if uid in self._known)

    def _handle(self, crossed: Crossed, events: list[dict[str, Any]]) -> None:
        if not self._judging.is_heavy(crossed) and self._waiting.of(crossed.flow) is None:
            self._judge_here(crossed, events)
        elif not self._waiting.add(crossed):
            self._note_gap(crossed, Gap("overran", detail="too much was waiting", size=crossed.size), events)

    def _text_again(self, crossed: Crossed) -> str | None:
        """The text of a message from its record, None when that is gone."""
        number = self._known.get(crossed.record_uid, (0, ""))[0]
        found = self._spool.take(number - 1, 1) if number else []
        if not found or found[0].id != number or isinstance(found[0], Unreadable):
            return None
        return text_again(found[0], self._settings.max_body_bytes)

    def _judge_here(self, crossed: Crossed, events: list[dict[str, Any]], seconds: float | None = None) -> None:
        if crossed.message is None:
            for gap in crossed.gaps:
                self._note_gap(crossed, gap, events)
            return
        came = self._judging.inspected(crossed, seconds)
        if isinstance(came, Gap):
            self._note_gap(crossed, came, events)
        else:
            self._append(crossed, came, events)

    def _append(self, crossed: Crossed, inspected: Inspected, events: list[dict[str, Any]]) -> None:
        message = crossed.message
        if message is None:
            raise ValueError("nothing to append")
        inspected = self._judging.sure(inspected)
        self._mark(crossed.record_uid)
        salt = secrets.token_bytes(16)
        try:
            made = entry(
                crossed,
                message,
                inspected,
                pseudonymiser=self._pseudonyms.now,
                salt=salt,
                declared=self._knowledge.declared(message.app, message.tool),
                tools=self._knowledge.names(message.app),
                rpc=self._asked.key(crossed.app, crossed.rpc_key),
                guarded=self._settings.profile == "audit",
            )
        except Exception as error:  # noqa: BLE001 - as above: a bug costs one message, and its text is not told
            self._note_gap(crossed, Gap("crashed", detail=type(error).__name__, size=crossed.size), events)
            return
        if self._ledger.append(made, salt=salt) is not None:
            events.append(exchange_event(made, self._lag_ms(made.at)))
            if made.route == onward.EGRESS:
                onward.note_onward(self._ledger, crossed, made)
                return
            noting.note(self._ledger, self._knowledge, message, made, inspected)
            self._unknown.ask(made, inspected)

    def _note_gap(self, crossed: Crossed, gap: Gap, events: list[dict[str, Any]]) -> None:
        if self._ledger.add_gap(crossed.record_uid, crossed.part, crossed.app, gap, crossed.at, route=crossed.route):
            events.append(gap_event(crossed, gap, self._lag_ms(crossed.at)))

    def _lag_ms(self, at: float) -> float:
        return round(max(0.0, self._clock() - at) * 1000, 1)

    def _feed_heavy(self) -> None:
        if self._in_heavy is None and (crossed := self._waiting.next()) is not None:
            self._in_heavy = (crossed, CRASHES if is_put_down(crossed) else 1)
            if is_put_down(crossed):
                self._heavy.answer("spool-unreadable")
                return
            self._heavy.start(self._judging.work(crossed), self._settings.budget_seconds)

    def _finish(self, finished: tuple[Inspected | None, str], events: list[dict[str, Any]]) -> list[str]:
        if self._in_heavy is None:
            return []
        crossed, tries = self._in_heavy
        inspected, why = finished
        if inspected is None and why == "crashed" and tries < CRASHES:
            self._in_heavy = (crossed, tries + 1)
            self._heavy.start(self._judging.work(crossed), self._settings.budget_seconds)
            return []
        self._in_heavy = None
        if inspected is None:
            self._note_gap(crossed, Gap(why, size=crossed.size), events)
        else:
            self._append(crossed, inspected, events)
        return self._release(crossed, events)

    def _release(self, crossed: Crossed, events: list[dict[str, Any]]) -> list[str]:
        """Let a flow go on after its heavy message; it is held again when another heavy one follows."""
        held = self._waiting.release(crossed.flow)
        for one in held.crossed:
            self._handle(self._waiting.whole(one), events)
        if (again := self._waiting.of(crossed.flow)) is not None:
            again.done += held.done
            again.notes += held.notes
            return []
        for note in held.notes:
            self._settle(note)
        return held.done

    def _sweep(self) -> None:
        """Destroy what is too old, with a gap for each record that was never inspected, in a transaction of its own."""
        self._sweep_at = time.monotonic() + SWEEP_SECONDS
        due = self._sweep_at > self._tidy_at or not (self._more or self._waiting)
        if due and self._spool.tidy():
            self._tidy_at = self._sweep_at + TIDY_SECONDS
        else:
            self._spool.checkpoint()
        events: list[dict[str, Any]] = []
        with self._ledger.batch():
            gone: list[str] = []
            for crossed in self._waiting.older(self._clock() - self._settings.keep_seconds):
                self._note_gap(crossed, Gap("expired", size=crossed.size), events)
                gone += self._release(crossed, events)
            gone += self._too_old()
        self._destroy(gone)
        self._ledger.seal(only_if_due=True)
        self._pseudonyms.look()
        for event in events:
            self._emit(event)

    def _too_old(self) -> list[str]:
        gone: list[str] = []
        for record in self._spool.expired(self._clock() - self._settings.keep_seconds):
            self._taken_out.destroyed(record.id)
            taken_in = record.uid in self._known
            self._known.setdefault(record.uid, (record.id, record.flow))
            if self._waiting.of(record.flow) is not None:
                continue  # in the second process: its time budget bounds the wait
            if taken_in:
                gone.append(record.uid)
            else:
                self._give_up(record, Gap("expired", place=record.kind, size=record.size), gone)
        return gone
