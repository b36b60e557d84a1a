"""What the events of a chain say of the rows beside them, read once from the first to the last."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from douane.ledger.canonical import SNAPSHOTS
from douane.ledger.retention import before
from douane.ledger.times import iso, moment
from douane.ledger.verify_leaves import Numbers
from douane.ledger.verify_shapes import OUTCOMES, is_told, shaped
from douane.ledger.verify_words import Instead, Places, Restored

ERASED: Final = 1
EXPIRED: Final = 2
_SNAPSHOTS: Final = frozenset(one.kind.encode() for one in SNAPSHOTS)
_CHUNK: Final = 512
_MOST: Final = 2**63 - 1
"""What SQLite's integers hold."""

_ROUNDED: Final = 0.0005
"""What a float's rounding may take is less: moments have whole milliseconds."""

type Sum = tuple[int, str, str]
"""A count, its first moment and its last."""


@dataclass(frozen=True, slots=True)
class Purged:
    """A purge: the last segment that it took, how many events went, and the latest closing that its rule allows."""

    seq: int
    last: int
    events: int
    latest: str


@dataclass(frozen=True, slots=True)
class Expired:
    """Rows of one kind whose detail went by a rule: the latest moment of writing, app and category that it is for."""

    seq: int
    kind: str
    rows: tuple[int, ...]
    latest: str
    names: tuple[str, ...]


@dataclass(slots=True)
class Told:
    """What follows from the events: which word each row has to have."""

    outcomes: Numbers
    replaced: Numbers
    gone: dict[str, Numbers]
    """`exchange` and `disclosure` to the rows whose detail has gone: `ERASED`, `EXPIRED` or both."""
    words: list[str] = field(default_factory=lambda: [""])
    """What the numbers in `outcomes` and `replaced` mean; 0 is nothing."""
    digests: dict[tuple[bytes, int], bytes] = field(default_factory=dict[tuple[bytes, int], bytes])
    observations: dict[tuple[Any, ...], Sum] = field(default_factory=dict[tuple[Any, ...], Sum])
    uses: dict[tuple[Any, ...], Sum] = field(default_factory=dict[tuple[Any, ...], Sum])
    public_key: bytes | None = None
    note_key: bytes | None = None
    note_keys: list[tuple[int, bytes]] = field(default_factory=list[tuple[int, bytes]])
    """Later keys, each with the least number of segments of a checkpoint that it signs."""
    sealed: bool = False
    purged: tuple[tuple[int, int], ...] = ()
    """The numbers of purged segments, as ranges."""
    restored: list[Restored] = field(default_factory=list[Restored])
    instead: list[Instead] = field(default_factory=list[Instead])
    adopted: list[tuple[int, str, int]] = field(default_factory=list[tuple[int, str, int]])
    """Where rows were taken into the chain that were there before it: event, moment, how many."""
    purges: list[Purged] = field(default_factory=list[Purged])
    expired: list[Expired] = field(default_factory=list[Expired])


def tell(db: sqlite3.Connection, places: Places, told_of: Callable[[int], None]) -> Told:
    """Read every event that has a body; one whose body is of no shape is told as altered."""
    telling = Telling(db, places)
    rows = db.execute("SELECT seq, kind, row, body FROM events NOT INDEXED WHERE body IS NOT NULL ORDER BY seq")
    while chunk := rows.fetchmany(_CHUNK):
        for seq, kind, row, body in chunk:
            telling.take(seq, kind, row, body)
        told_of(len(chunk))
    return telling.told


class Telling:
    """Takes the events that have a body, one after the other, over a connection whose `text_factory` is `bytes`."""

    def __init__(self, db: sqlite3.Connection, places: Places) -> None:
        most = {
            table: 8 * int(db.execute(f"SELECT count(*) FROM {table} NOT INDEXED").fetchone()[0]) + 1_000_000  # noqa: S608 - our own names
            for table in ("exchanges", "disclosures", "verdicts")
        }
        told = self.told = Told(
            Numbers(most["exchanges"]),
            Numbers(most["verdicts"]),
            {"exchange": Numbers(most["exchanges"]), "disclosure": Numbers(most["disclosures"])},
        )
        self._places = places
        preceding = _Before(db)
        self._handlers: dict[bytes, Callable[[int, Mapping[str, Any]], None]] = {
            b"outcome": lambda seq, body: _outcome(told, preceding, seq, body),
            b"replaced": lambda seq, body: _replaced(told, preceding, seq, body),
            b"erased": lambda seq, body: _gone(told, preceding, seq, body, ERASED),
            b"expired": lambda seq, body: _gone(told, preceding, seq, body, EXPIRED),
            b"tally": lambda _, body: _tally(told, body),
            b"purge": lambda seq, body: _purge(told, seq, body),
            b"sealing": lambda _, body: _sealing(told, body),
            b"note-key": lambda _, body: _note_key(told, body),
            b"restored": lambda seq, body: told.restored.append(_restored(seq, body)),
            b"start": lambda _, body: _texts(body, "at", "version", "taxonomy", "config_sha256", "rules_sha256"),
            b"access": lambda _, body: _texts(body, "at"),
            b"review": lambda _, body: _texts(body, "at", "who", "role", "fingerprint", "state", "note", "rule", "app"),
            b"adopted": lambda seq, body: told.adopted.append(_adopted(seq, body)),
            b"instead": lambda seq, body: told.instead.append(_instead(seq, body)),
            b"epoch": lambda _, body: _counts(body, "epoch"),
            b"clock": lambda _, body: _texts(body, "at"),
        }

    def take(self, seq: int, kind: bytes, row: object, body: bytes) -> None:
        """Take from an event what follows from it; nothing from one whose body has no shape: it is told as altered."""
        if kind in _SNAPSHOTS:
            if type(row) is int:
                self.told.digests[kind, row] = body
            return
        if row is not None or not is_told(kind):
            return
        found = shaped(kind, body)
        if found is None:
            self._places.altered("body", seq=seq)
        elif handler := self._handlers.get(kind):
            handler(seq, found)


class _Before:
    """The highest row of a kind whose event stands before an event: a list means no later row of the same number."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._known: dict[str, tuple[int, int]] = {}

    def __call__(self, kind: str, seq: int) -> int:
        since, most = self._known.get(kind, (0, 0))
        row = self._db.execute(
            "SELECT row FROM events NOT INDEXED WHERE seq >= ? AND seq < ? AND kind = ? ORDER BY seq DESC LIMIT 1",
            (since, seq, kind),
        ).fetchone()
        if row is not None and type(row[0]) is int:
            most = max(most, row[0])
        self._known[kind] = (seq, most)
        return most


def _word(told: Told, word: str) -> int:
    try:
        return told.words.index(word, 1)
    except ValueError:
        told.words.append(word)
        return len(told.words) - 1


def _numbers(values: object) -> Sequence[int]:
    if not isinstance(values, list) or not all(type(one) is int and 0 <= one <= _MOST for one in values):
        raise TypeError
    return values


def _texts(body: Mapping[str, Any], *keys: str) -> None:
    if not all(isinstance(body[key], str) for key in keys):
        raise TypeError


def _counts(body: Mapping[str, Any], *keys: str) -> None:
    _numbers([body[key] for key in keys])


def _outcome(told: Told, preceding: _Before, seq: int, body: Mapping[str, Any]) -> None:
    most = preceding("exchange", seq)
    outcomes = told.outcomes
    for word in (one for one in OUTCOMES if one in body):
        number = _word(told, word)
        for row in body[word]:
            if row <= most and not outcomes[row]:
                outcomes[row] = number


def _replaced(told: Told, preceding: _Before, seq: int, body: Mapping[str, Any]) -> None:
    _texts(body, "at")
    most, number = preceding("verdict", seq), _word(told, body["at"])
    for row in _numbers(body["verdicts"]):
        if row <= most:
            told.replaced[row] = number


def _gone(told: Told, preceding: _Before, seq: int, body: Mapping[str, Any], why: int) -> None:
    _texts(body, "at")
    names, _, duration = body["rule"].rpartition(": ") if why == EXPIRED else ("", "", "")
    latest = latest_by(body["at"], [duration]) if why == EXPIRED else ""
    for kind in ("exchange", "disclosure"):
        most, known = preceding(kind, seq), told.gone[kind]
        rows = tuple(row for row in _numbers(body[f"{kind}s"]) if row <= most)
        for row in rows:
            known[row] = known[row] | why
        if latest and rows:
            told.expired.append(Expired(seq, kind, rows, latest, tuple(names.split())))


def _tally(told: Told, body: Mapping[str, Any]) -> None:
    for app, tool, kind, name, detail, count, first, last in _lists(body["observations"]):
        _add(told.observations, (app, tool, kind, name, detail), count, first, last)
    for app, tool, way, pointer, calls, last in _lists(body["uses"]):
        _add(told.uses, (app, tool, way, pointer), calls, "", last)


def _lists(values: object) -> Iterable[Sequence[Any]]:
    if not isinstance(values, list):
        raise TypeError
    return values


def _add(sums: dict[tuple[Any, ...], Sum], key: tuple[Any, ...], count: int, first: str, last: str) -> None:
    known = sums.get(key)
    if known is None:
        sums[key] = (count + 0, first, last)
    else:
        sums[key] = (known[0] + count, min(known[1], first), max(known[2], last))


def _purge(told: Told, seq: int, body: Mapping[str, Any]) -> None:
    ranges = tuple((int(first), int(last)) for first, last in _lists(body["segments"]))
    told.observations, told.uses = {}, {}
    _tally(told, body)
    told.purged = ranges
    (events,) = _numbers([body["events"]])
    latest = latest_by(body["at"], body["rule"].split(", "))
    told.purges.append(Purged(seq, max((last for _, last in ranges), default=0), events, latest))


def latest_by(at: str, durations: Sequence[str]) -> str:
    """The latest moment that was over at `at` by the shortest of these durations, and a second for rounding."""
    now = moment(at)
    return iso(max(before(now, one) for one in durations) + 1.0 + _ROUNDED)


def _sealing(told: Told, body: Mapping[str, Any]) -> None:
    public, note = bytes.fromhex(body["public_key"]), bytes.fromhex(body["note_key"])
    if not told.sealed:
        told.sealed, told.public_key, told.note_key = True, public, note


def _note_key(told: Told, body: Mapping[str, Any]) -> None:
    _texts(body, "at")
    told.note_keys.append((_numbers([body["size"]])[0], bytes.fromhex(body["public_key"])))


def _restored(seq: int, body: Mapping[str, Any]) -> Restored:
    _texts(body, "at", "head")
    copy, last = _numbers([body["copy"], body["seq"]])
    return Restored(seq, body["at"], str(body.get("who", "")), str(body.get("reason", "")), copy, last, body["head"])


def _adopted(seq: int, body: Mapping[str, Any]) -> tuple[int, str, int]:
    return seq, body["at"], sum(body["rows"].values())


def _instead(seq: int, body: Mapping[str, Any]) -> Instead:
    return Instead(seq, body["at"], body["who"], body["reason"], body["ledger"], body["seq"])


def notes(told: Told) -> list[str]:
    """Say what an auditor should know of where rows come from that are older than the chain, and what lay there."""
    out = [
        f"event {seq:,} ({at}) took in {count:,} row{'s' * (count != 1)} that were there before the chain: nobody"
        " vouches for what they were until then"
        for seq, at, count in told.adopted
    ]
    return out + [
        f"at event {one.event:,} ({one.at}) this ledger took the place of the ledger {one.ledger}, known up to event"
        f" {one.seq:,}, by {one.who or 'somebody'} ({one.reason or 'no reason given'})"
        for one in told.instead
    ]
