"""The one appender: what a transaction wrote becomes events of a hash chain, MACed at each commit, signed in segments.

`docs/ledger-format.md` is the specification. A `Chain` lives as long as its connection; it holds the MAC key of the
next append only.
"""

import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, field
from typing import Final

from douane.ledger import faults
from douane.ledger.canonical import (
    HEADER,
    ROWS,
    SNAPSHOTS,
    canonical,
    genesis,
    next_head,
    snapshot_leaf,
    told_leaf,
)
from douane.ledger.following_on import goes_on, number_of
from douane.ledger.last_moment import last_moment
from douane.ledger.planted import own_schema
from douane.ledger.refused import LedgerRefused
from douane.ledger.sealing import (
    Anchors,
    Closed,
    Header,
    SealBroken,
    Sealer,
    Standing,
    mac,
    new_secrets,
    sign,
    step,
)
from douane.ledger.times import iso, moment
from douane.ledger.vouching import COUNTED, digest_of, last_digest, lasts, written

SEGMENT_SECONDS: Final = 3600.0
SEGMENT_EVENTS: Final = 2_500
"""A segment goes in one transaction when its time is over: this bounds how long others that write then wait."""
_BACK_SECONDS: Final = 1.0
_REMEDY: Final = "put the right file back, or take this one with `douane restore`"
_SNAPSHOT: Final = {one.kind: one for one in SNAPSHOTS}
_OPEN: Final = "SELECT number, first_seq, opened_at, previous_head, public_key, sealed FROM open_segment"
_INSERT: Final = "INSERT OR ABORT INTO events (seq, kind, row, body, leaf) VALUES (?, ?, ?, ?, ?)"
_INSERT_SEGMENT: Final = (
    f"INSERT OR ABORT INTO segments ({', '.join(HEADER)}, signature) VALUES ({', '.join('?' * (len(HEADER) + 1))})"  # noqa: S608 - our own names
)


@dataclass(frozen=True, slots=True)
class About:
    """What a closed segment says of the Douane that wrote it."""

    taxonomy: str = ""
    config_sha256: str = ""
    rules_sha256: str = ""
    version: str = ""


@dataclass(slots=True)
class _State:
    """The chain's end: as it stands in the table, and the key that its next MAC is made with."""

    ledger: str
    seq: int
    head: bytes
    segment: int
    appends: int
    mac: bytes | None
    open: tuple[int, int, str, bytes, bytes, bytes] | None = None
    key: bytes = field(default=b"", compare=False)


@dataclass(slots=True)
class _Queue:
    """What the open transaction told and changed, besides the rows that it wrote."""

    last: tuple[int, ...] = ()
    told: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    changed: dict[tuple[str, int], bool] = field(default_factory=dict[tuple[str, int], bool])


class Chain:
    """Appends what each transaction of one connection wrote.

    Call `begin` after BEGIN IMMEDIATE, `finish` before COMMIT and `committed` after it, or `rolled_back`. Without a
    sealer there is a chain and no seal, and a ledger that has a seal is refused.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        sealer: Sealer | None = None,
        *,
        anchors: Anchors | None = None,
        clock: Callable[[], float] = time.time,
        file: str | None = None,
    ) -> None:
        self.about = About()
        self._db = db
        self._sealer = sealer
        self._anchors = anchors
        self._clock = clock
        self._file = file
        self._number = number_of(file)
        self._schema: int | None = None
        self._state: _State | None = None
        self._sure: tuple[str, int, bytes] | None = None
        self._queue = _Queue()
        self._closed: list[Closed] = []
        self._latest = 0.0

    def begin(self) -> None:
        """Look where the chain stands, and whether nobody without the key moved it since.

        Raises `LedgerRefused` when the MAC is not the one that the master key makes, or there is no master key, and
        when another file, an older copy or another history is in the place of what was seen here before, or something
        that is not the schema's own is in the file.
        """
        if self._number is not None and number_of(self._file) != self._number:
            raise LedgerRefused(f"another file was put in the ledger's place while it was written; {_REMEDY}")
        self._schema = own_schema(self._db, self._schema)
        self._queue = _Queue(last=lasts(self._db))
        row = self._db.execute("SELECT ledger, seq, head, segment, appends, mac FROM chain").fetchone()
        if row is None:
            raise LedgerRefused("the ledger's chain has no beginning; run `douane verify`")
        known, found = self._state, _State(*row)
        if found.segment and self._sealer is None:
            raise LedgerRefused("the ledger is sealed, and nothing is written to it without its master key")
        found.open = self._db.execute(_OPEN).fetchone()
        moved = self._anchors is not None and self._anchors.moved(found.ledger)
        if known is not None and found == known and not moved:
            return
        at = (found.ledger, found.seq, found.head)
        follows = None if self._sure is None else goes_on(self._db, self._sure, at)
        if follows is False:
            raise LedgerRefused(f"an older copy or another history was put in the ledger's place meanwhile; {_REMEDY}")
        if known is None or not follows or moved:
            self._doubted(found.ledger, again=bool(follows))
        if found.segment:
            found.key = self._key_of(found)
        self._state, self._sure = found, at
        if self._anchors is not None and found.segment:
            self._anchors.saw(Standing(*at, iso(self._clock()), self._file))
        # another command may have been the last to append: that the clock went back since is told all the same
        self._latest = last_moment(self._db, found.open and (found.open[1], found.open[2]))

    def tell(self, kind: str, body: Mapping[str, object]) -> None:
        """Append an event that has only a body. It must hold no personal value."""
        self._queue.told.append((kind, canonical(body)))

    def changed(self, kind: str, row: int, *, anew: bool = False) -> None:
        """Append a snapshot of this row as it stands at the end; `anew` even if the last one is the same."""
        self._queue.changed[kind, row] = anew or self._queue.changed.get((kind, row), False)

    def finish(self, *, close_segment: bool = False) -> None:
        """Append what was written, told and changed since `begin`; close the segment if that is asked for.

        Does nothing when there is nothing to append.
        """
        state, now = self._standing(), self._clock()
        self._tell_clock(now)
        fresh = None
        if self._sealer is not None and not state.segment:
            fresh = new_secrets()
            note = self._sealer.note_key(state.ledger).public_key().public_bytes_raw()
            body = {"at": iso(now), "public_key": fresh.public.hex(), "note_key": note.hex()}
            self._queue.told.insert(0, ("sealing", canonical(body)))
        rows = self._events(state.seq)
        if not rows and not close_segment:
            return
        if fresh is not None and self._sealer is not None:
            start = self._db.execute("SELECT ledger, created_at FROM chain").fetchone()
            sealed = self._sealer.seal(state.ledger, 1, iso(now), fresh)
            self._open(state, (1, 1, iso(now), genesis(*start), fresh.public, sealed))
            state.key = fresh.seed
        for row in rows:
            state.head = next_head(state.head, row[4])
        state.seq += len(rows)
        if rows:
            self._db.executemany(_INSERT, rows)
            self._seal(state)
        if close_segment and state.segment:
            self._close(state, now)
        self._db.execute(
            "UPDATE OR ABORT chain SET seq = ?, head = ?, segment = ?, appends = ?, mac = ?",
            (state.seq, state.head, state.segment, state.appends, state.mac),
        )
        faults.point("append")

    def committed(self) -> None:
        """Tell the anchors, after the commit, where the chain stands."""
        closed, self._closed = self._closed, []
        state = self._state
        if state is not None:
            self._sure = (state.ledger, state.seq, state.head)
        if self._anchors is None or state is None or not state.segment:
            return
        for one in closed:
            self._anchors.closed(one)
        self._anchors.stands(Standing(state.ledger, state.seq, state.head, iso(self._clock()), self._file))

    def rolled_back(self) -> None:
        """Forget what was not committed."""
        self._state = None
        self._closed = []
        self._queue = _Queue()

    def adopt(self) -> None:
        """Begin as if every row of the file had been written in this transaction."""
        self.begin()
        self._queue = _Queue(last=(0,) * (len(ROWS) + len(COUNTED)))

    @property
    def sealed(self) -> bool:
        """Whether this chain signs its segments."""
        return self._sealer is not None

    def due(self) -> bool:
        """Whether the open segment is an hour old, by a clock that may have been set in between, or large."""
        sql = "SELECT opened_at, (SELECT seq FROM chain) - first_seq + 1 FROM open_segment"
        row = self._db.execute(sql).fetchone()
        if row is None:
            return False
        try:
            return row[1] >= SEGMENT_EVENTS or abs(self._clock() - moment(row[0])) >= SEGMENT_SECONDS
        except ValueError:  # somebody wrote there: the next append refuses it
            return True

    def _standing(self) -> _State:
        if self._state is None:
            raise RuntimeError("begin() comes before finish()")
        return self._state

    def _key_of(self, found: _State) -> bytes:
        """The key of the next append, from the sealed seed: what was appended last has to have its MAC."""
        if found.open is None or found.open[0] != found.segment or self._sealer is None:
            raise LedgerRefused("the ledger's open segment is not there; run `douane verify`")
        try:
            ours = self._sealer.unseal(found.ledger, found.segment, found.open[2], found.open[5])
        except SealBroken:
            raise LedgerRefused(
                "the ledger was sealed with another master key, or its open segment was changed; name that key, or run"
                " `douane verify`"
            ) from None
        key = step(ours.seed, found.appends)
        made = mac(key, found.ledger, found.segment, found.appends, found.seq, found.head)
        if found.mac != made or found.open[4] != ours.public or not self._follows(found.open):
            raise LedgerRefused("the ledger was changed by somebody without its master key; run `douane verify`")
        return step(key)

    def _doubted(self, ledger: str, *, again: bool) -> None:
        """Refuse a file that the anchors do not know: an older copy must not become the newest state."""
        if self._anchors is not None and self._file is not None:
            why = self._anchors.doubt(self._file, self._sealer, ledger, again=again)
            if why is not None:
                raise LedgerRefused(f"{why}. {_REMEDY[0].upper()}{_REMEDY[1:]}")

    def _follows(self, opened: tuple[int, int, str, bytes, bytes, bytes]) -> bool:
        """Whether the open segment begins where the last closed one ends."""
        before = self._db.execute(
            "SELECT last_seq + 1, head, next_public_key FROM segments WHERE number = ?", (opened[0] - 1,)
        ).fetchone()
        if before is None:
            start = self._db.execute("SELECT ledger, created_at FROM chain").fetchone()
            return opened[0] == 1 and (opened[1], opened[3]) == (1, genesis(*start))
        return (opened[1], opened[3], opened[4]) == tuple(before)

    def _tell_clock(self, now: float) -> None:
        back = self._latest - now
        if back > _BACK_SECONDS:
            self.tell("clock", {"at": iso(now), "back_seconds": round(back)})
        self._latest = now

    def _events(self, seq: int) -> list[tuple[int, str, int | None, str | None, bytes]]:
        out: list[tuple[int, str, int | None, str | None, bytes]] = []
        before = self._queue.last
        for kind, last in zip(ROWS, before[: len(ROWS)], strict=True):
            for row_ids, leaves in written(self._db, kind, last, seq + 1):
                for row_id, leaf in zip(row_ids, leaves, strict=True):
                    seq += 1
                    out.append((seq, kind.kind, row_id, None, leaf))
        for snapshot, last in zip(COUNTED, before[len(ROWS) :], strict=True):
            sql = f"SELECT id FROM {snapshot.table} WHERE id > ?"  # noqa: S608 - our own names
            for (row_id,) in self._db.execute(sql, (last,)):
                self._queue.changed.setdefault((snapshot.kind, row_id), False)
        for (kind_name, row_number), anew in sorted(self._queue.changed.items()):
            digest = digest_of(self._db, _SNAPSHOT[kind_name], row_number)
            if digest is not None and (anew or digest != last_digest(self._db, kind_name, row_number)):
                seq += 1
                leaf = snapshot_leaf(seq, kind_name, row_number, digest)
                out.append((seq, kind_name, row_number, digest, leaf))
        for kind_name, body in self._queue.told:
            seq += 1
            out.append((seq, kind_name, None, body, told_leaf(seq, kind_name, body)))
        self._queue = _Queue(last=lasts(self._db))
        return out

    def _seal(self, state: _State) -> None:
        """Count an append and make its MAC, with a key that is forgotten at once."""
        if not state.segment:
            return
        if not state.appends and state.mac is None:
            state.key = step(state.key)
        state.appends += 1
        state.mac = mac(state.key, state.ledger, state.segment, state.appends, state.seq, state.head)
        state.key = step(state.key)

    def _open(self, state: _State, opened: tuple[int, int, str, bytes, bytes, bytes]) -> None:
        self._db.execute("DELETE FROM open_segment")
        self._db.execute(
            "INSERT OR ABORT INTO open_segment (number, first_seq, opened_at, previous_head, public_key, sealed)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            opened,
        )
        state.open, state.segment, state.appends, state.mac = opened, opened[0], 0, None

    def _close(self, state: _State, now: float) -> None:
        if self._sealer is None or state.open is None:
            raise RuntimeError("only a sealed chain has segments")
        number, first, opened, before, public, sealed = state.open
        last = self._db.execute("SELECT signature FROM segments WHERE number = ?", (number - 1,)).fetchone()
        ours, fresh = self._sealer.unseal(state.ledger, number, opened, sealed), new_secrets()
        about = self.about
        header = Header(
            number=number,
            first_seq=first,
            last_seq=state.seq,
            count=state.seq - first + 1,
            opened_at=opened,
            closed_at=max(opened, iso(now)),
            previous_head=before,
            head=state.head,
            previous_signature=None if last is None else last[0],
            taxonomy=about.taxonomy,
            config_sha256=about.config_sha256,
            rules_sha256=about.rules_sha256,
            version=about.version,
            public_key=public,
            next_public_key=fresh.public,
        )
        signature = sign(ours.private, state.ledger, header)
        self._db.execute(_INSERT_SEGMENT, (*astuple(header), signature))
        # by the clock as it is: after one that was set back, a segment would be an hour old from its first append on
        again = self._sealer.seal(state.ledger, number + 1, iso(now), fresh)
        self._open(state, (number + 1, state.seq + 1, iso(now), state.head, fresh.public, again))
        state.mac = mac(fresh.seed, state.ledger, state.segment, 0, state.seq, state.head)
        state.key = step(fresh.seed)
        self._closed.append(Closed(state.ledger, header, signature))
        faults.point("close-segment")
