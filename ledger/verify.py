"""The first verifier: says of a ledger whether it is as it was written, and where it is not.

`docs/ledger-format.md` is the specification. It reads one snapshot of the file, so that a running Douane does not mind.
"""

import gc
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from douane.ledger import verify_rows
from douane.ledger.canonical import ROWS
from douane.ledger.checkpoint import Note
from douane.ledger.files import error_name
from douane.ledger.planted import planted
from douane.ledger.sealing import Sealer
from douane.ledger.verify_anchors import Anchor, Held, check_anchors, note_keys_of
from douane.ledger.verify_bytes import check_bytes
from douane.ledger.verify_early import check_early
from douane.ledger.verify_end import End
from douane.ledger.verify_export import check_export
from douane.ledger.verify_file import check_tables, opened, read_end, state_of
from douane.ledger.verify_heads import (
    Course,
    Open,
    Segment,
    Where,
    check_open,
    check_seal,
    check_segments,
    read_segments,
    walk,
)
from douane.ledger.verify_leaves import Part
from douane.ledger.verify_left import Left, false_of
from douane.ledger.verify_pool import Pool, processes, ranges
from douane.ledger.verify_told import Told, notes, tell
from douane.ledger.verify_words import Place, Places, SegmentWord, Unreadable, Verified, Word, gravest

_KINDS: Final = {one.table: one.kind for one in ROWS}

_AGAIN: Final = 5
"""How often a file is read that somebody else begins to write to in between."""

type Progress = Callable[[int, int], None]
"""Called with how many events went by and how many there are; each goes by three times."""


def verify(
    path: Path,
    *,
    sealer: Sealer | None = None,
    anchors: Sequence[Anchor | Note] = (),
    progress: Progress | None = None,
    children: int | None = None,
    alone: bool = False,
) -> Verified:
    """Return what is to be said of a ledger's file and its anchors.

    Without a sealer the open segment's MAC is not checked, and that is said. `children` is the number of processes
    beside this one (None: as many as help); `alone` leaves out what lies beside the ledger of an export. Raises
    `Unreadable` when the file is no ledger with a chain, or is broken.
    """
    for _ in range(_AGAIN):
        before = state_of(path)
        try:
            found = _once(path, sealer, anchors, progress, children, alone=alone)
        except Unreadable:
            if before in ((), state_of(path)):
                raise
            continue
        if before in ((), state_of(path)):  # else it was read as a file that nobody writes to, and somebody did
            return found
    raise Unreadable(f"{path}: was written to each time that it was read")


def _once(
    path: Path,
    sealer: Sealer | None,
    anchors: Sequence[Anchor | Note],
    progress: Progress | None,
    children: int | None,
    *,
    alone: bool,
) -> Verified:
    db = opened(path)
    collects = gc.isenabled()
    gc.disable()  # a collection after each few rows would be a tenth of the time, and nothing here makes cycles
    try:
        check_tables(db, str(path))
        # how many there may be: to count them would take as long as a hundredth of all the rest
        low, high = db.execute("SELECT min(seq), max(seq) FROM events NOT INDEXED").fetchone()
        count = 0 if low is None else high - low + 1
        counter = _Counter(progress, 3 * count)
        helping = processes(count) if children is None else children
        with Pool(db, path, helping, counter) as pool:
            return _Verifier(db, path, sealer, anchors, counter).run(pool, alone=alone)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise Unreadable(f"{path}: cannot be read to its end ({error_name(error)})") from None
    finally:
        if collects:
            gc.enable()
        db.close()


@dataclass(slots=True)
class _Counter:
    progress: Progress | None
    total: int
    done: int = 0

    def __call__(self, events: int) -> None:
        self.done += events
        if self.progress is not None:
            self.progress(min(self.done, self.total), self.total)


class _Verifier:
    def __init__(
        self,
        db: sqlite3.Connection,
        path: Path,
        sealer: Sealer | None,
        anchors: Sequence[Anchor | Note],
        counter: _Counter,
    ) -> None:
        self._db, self._path, self._sealer, self._anchors, self._counter = db, path, sealer, anchors, counter
        self._places = Places()
        self._unchecked: list[str] = []

    def run(self, pool: Pool, *, alone: bool) -> Verified:
        """Check everything, in the order of the specification's table of checks."""
        db, places = self._db, self._places
        end = read_end(db, str(self._path))
        if end is None:
            places.altered("chain")
            return self._nothing()
        for one in planted(db):
            places.altered("planted", table=one)
        check_bytes(db, self._path, places)
        segments = read_segments(db)
        places.where = Where(segments, end).of
        pool.start(ranges(db))
        told = tell(db, places, self._counter)
        sealed = bool(end.segment > 0 or segments or told.sealed)
        opened = check_open(db, end, sealed, segments[-1].number if segments else 0, places)
        purged = _ranges(segments, told.purged)
        course = walk(db, end, segments, opened, purged, places, self._counter)
        check_segments(end, segments, opened, told.public_key, places)
        bound = self._check_seal(end, opened, sealed, course)
        verify_rows.check_outcomes(db, told, places)
        verify_rows.check_sums(db, told, places)
        verify_rows.check_snapshots(db, told, places)
        parts, astray = pool.finish()
        bad = self._take(parts)
        vouched = verify_rows.check_vouched(
            db, {one.kind: [part.rows.get(one.kind, [0]) for part in parts] for one in ROWS}, places
        )
        verify_rows.check_verdicts(db, told, parts, vouched, places)
        verify_rows.check_gone(db, told, parts, places)
        check_early(db, segments, told, places)
        for what, where in astray:
            places.altered(what, table=where)
        keys = note_keys_of(told.note_key, told.note_keys, end, self._sealer)
        false = false_of(db, told.restored)
        left = Left(end.ledger, tuple(told.restored), segments, bound, course.broken, false, datetime.now(UTC))
        held = check_anchors(db, end, segments, opened, course, self._anchors, left, keys, places)
        if not alone:
            check_export(db, self._path, end, segments, (told.note_key, told.note_keys), places)
        return self._verified(end, segments, opened, told, course, purged, bad, held)

    def _check_seal(self, end: End, opened: Open | None, sealed: bool, course: Course) -> bool:
        """Whether the master key made the MAC of the chain's end."""
        if not sealed:
            if end.seq or course.present:
                self._places.altered("never-sealed")
            return False
        if opened is None:
            return False
        before = self._places.count
        check_seal(end, opened, self._sealer, course.present, self._places)
        if self._sealer is None:
            events = max(0, end.seq - opened.first_seq + 1)
            self._unchecked.append(
                f"the open segment's seal ({events:,} event{'s' * (events != 1)}), since there is no master key here"
            )
        return self._sealer is not None and self._places.count == before

    def _take(self, parts: Sequence[Part]) -> int:
        """Note what the ranges told; return how many events do not hold."""
        for part in parts:
            for what, table, first, last, row in part.runs:
                add = self._places.missing if what == "row-gone" else self._places.altered
                add(what, seq=first, last=last, table=table, row=row)
        return sum(part.faults for part in parts)

    def _verified(
        self,
        end: End,
        segments: Sequence[Segment],
        opened: Open | None,
        told: Told,
        course: Course,
        purged: Sequence[tuple[int, int]],
        bad: int,
        held: Held,
    ) -> Verified:
        places = self._places
        gone = [range(first, last + 1) for first, last in told.purged]
        for one in segments:
            if one.number not in places.words and any(one.number in numbers for numbers in gone):
                places.words[one.number] = Word.PURGED
        expected = max(0, end.seq - sum(high - low + 1 for low, high in purged))
        return Verified(
            word=gravest(places.words.values()),
            ledger=end.name,
            segments=tuple(
                SegmentWord(
                    *(one.number, places.words.get(one.number, Word.INTACT), one.first_seq, one.last_seq),
                    *(max(0, one.last_seq - one.first_seq + 1), one.closed_at),
                )
                for one in segments
            ),
            events=expected,
            events_held=max(0, min(expected, course.present) - bad),
            seq=end.seq,
            head=end.head.hex(),
            open_segment=end.segment,
            open_events=0 if opened is None else max(0, end.seq - opened.first_seq + 1),
            sealed=end.segment > 0,
            found=self._placed(),
            found_count=places.count,
            erased=places.details[Word.ERASED],
            expired=places.details[Word.PURGED],
            anchors=held.count,
            anchors_held=held.held,
            unchecked=(*self._unchecked, *dict.fromkeys(held.unchecked)),
            notes=(*held.notes, *notes(told)),
            restored=tuple(told.restored),
            purged=sum(any(one.first_seq <= high and one.last_seq >= low for low, high in purged) for one in segments),
        )

    def _placed(self) -> tuple[Place, ...]:
        """What was found, with the event and the moment of each row, looked up for those that are told only."""
        wanted = {
            (_KINDS[one.table].encode(), one.row) for one in self._places.kept if one.table in _KINDS and not one.seq
        }
        seqs: dict[tuple[bytes, object], int] = {}
        if wanted:
            for seq, kind, row in self._db.execute("SELECT seq, kind, row FROM events NOT INDEXED WHERE body IS NULL"):
                if (kind, row) in wanted:
                    seqs[kind, row] = seq
        out: list[Place] = []
        for one in self._places.kept:
            seq = one.seq or seqs.get((_KINDS.get(one.table, "").encode(), one.row), 0)
            segment = one.segment or (self._places.where(seq) if seq else 0)
            out.append(replace(one, seq=seq, last=max(one.last, seq), segment=segment, at=one.at or self._moment(one)))
        return tuple(out)

    def _moment(self, one: Place) -> str:
        column = {"verdicts": "judged_at", "tools": "seen_at", "apps": "first_seen", "runs": "started_at"}.get(
            one.table
        )
        column = column or ("at" if one.table in ("exchanges", "gaps", "passages", "waivers", "judgements") else None)
        sql = f"SELECT {column} FROM {one.table} NOT INDEXED WHERE id = ?"  # noqa: S608 - our own names
        if one.table == "disclosures":
            sql = "SELECT at FROM exchanges WHERE id = (SELECT exchange_id FROM disclosures WHERE id = ?)"
        elif column is None:
            return ""
        row = self._db.execute(sql, (one.row,)).fetchone()
        return row[0].decode("utf-8", "replace") if row is not None and isinstance(row[0], bytes) else ""

    def _nothing(self) -> Verified:
        places = self._places
        return Verified(
            *(Word.ALTERED, "", (), 0, 0, 0, "", 0, 0, False),
            *(tuple(places.kept), places.count, 0, 0, len(self._anchors), 0),
        )


def _ranges(segments: Sequence[Segment], purged: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The events of purged segments, as ranges that are in order and apart."""
    numbers = [range(first, last + 1) for first, last in purged]
    spans = sorted(
        (one.first_seq, one.last_seq)
        for one in segments
        if one.last_seq >= one.first_seq and any(one.number in some for some in numbers)
    )
    out: list[tuple[int, int]] = []
    for first, last in spans:
        if out and first <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], last))
        else:
            out.append((first, last))
    return tuple(out)
