"""Whole expired segments: their events and rows go, their signed headers stay, and one event carries the rest on."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Final

from douane.ledger import faults
from douane.ledger.belief import Belief, Header
from douane.ledger.bodies import read
from douane.ledger.canonical import ROWS
from douane.ledger.chain import Chain
from douane.ledger.retention import Policy, before, is_longer
from douane.ledger.times import iso

EVENTS: Final = 1_000
"""Events that go in one transaction, unless a single segment has more."""
_OBSERVED: Final = "app_id, tool, kind, name, detail, count, first_at, last_at"
_USED: Final = "app_id, tool, direction, pointer, calls, last_at"
_APPS: Final = """SELECT DISTINCT x.app_id FROM events v NOT INDEXED CROSS JOIN {0} x NOT INDEXED ON x.id = v.row
    WHERE v.kind = ? AND v.seq BETWEEN ? AND ?"""
_FOUND: Final = """SELECT DISTINCT x.app_id, d.category FROM events v NOT INDEXED
    CROSS JOIN disclosures d NOT INDEXED ON d.id = v.row
    CROSS JOIN exchanges x NOT INDEXED ON x.id = d.exchange_id WHERE v.kind = 'disclosure' AND v.seq BETWEEN ? AND ?"""


@dataclass(frozen=True, slots=True)
class Expired:
    """The segments, beginning with the first that still has events, that go together, and their events."""

    first: int
    last: int
    first_seq: int
    last_seq: int
    events: int
    rule: str


def expired_segments(
    db: sqlite3.Connection,
    policy: Policy,
    now: float,
    most: int = EVENTS,
    *,
    closed: Sequence[Header] | None = None,
    start: int | None = None,
) -> Expired | None:
    """Return the next closed segments whose time is over, at least one and about `most` events of them; else None.

    A segment's time is the longest that the policy gives to anything in it, the default at least, counted from its
    closing. Segments go in their order, so one that has to stay keeps those behind it. `closed` are all the headers and
    `start` the last that was purged where they are known; else they are read, and nothing is known of their truth.
    """
    if start is None:
        gone = purged(db)
        start = gone[-1][1] if gone else 0
    apps = dict(db.execute("SELECT id, name FROM apps NOT INDEXED").fetchall())
    rules: list[str] = []
    taken: list[tuple[int, int, int, int]] = []
    latest = iso(before(now, policy.keep))
    sql = "SELECT number, first_seq, last_seq, count, closed_at FROM segments WHERE number > ? ORDER BY number"
    headers = db.execute(sql, (start,)) if closed is None else map(astuple, closed[start:])
    for number, first, last, count, closed_at in headers:
        if closed_at >= latest or (taken and taken[-1][0] + 1 != number):
            break
        rule = _kept_for(db, policy, apps, first, last)
        if closed_at >= iso(before(now, rule)):
            break
        if taken and sum(one[3] for one in taken) + count > most:
            break
        taken.append((number, first, last, count))
        rules.append(rule)
    if not taken or taken[0][0] != start + 1:
        return None
    rule = ", ".join(sorted(set(rules)))
    return Expired(taken[0][0], taken[-1][0], taken[0][1], taken[-1][2], sum(one[3] for one in taken), rule)


def collapse(
    db: sqlite3.Connection, chain: Chain, policy: Policy, belief: Belief, *, who: str, now: float
) -> Expired | None:
    """Delete the next expired segments' events and rows, and tell it; inside a transaction of `chain`.

    All of it is held to the chain first, with what is told again and carried on. Foreign keys must be off: a row that
    stays may point to one that goes, and is part of the chain as it is. Raises `LedgerRefused`.
    """
    belief.hold()
    found = expired_segments(db, policy, now, closed=belief.closed, start=belief.purged)
    if found is None:
        return None
    span = (found.first_seq, found.last_seq)
    belief.whole(*span)
    belief.snapshots("app")
    belief.sums()
    for kind, row in belief.snapshots_up_to(found.last_seq):
        chain.changed(kind, row, anew=True)
    for kind, body in _told_again(belief, found.last_seq):
        chain.tell(kind, body)
    for one in ROWS:
        # through no index: one that somebody changed would name rows of other segments
        which = "(SELECT row FROM events NOT INDEXED WHERE seq BETWEEN ? AND ? AND kind = ?)"
        db.execute(f"DELETE FROM {one.table} NOT INDEXED WHERE id IN {which}", (*span, one.kind))  # noqa: S608 - our own names
    db.execute("DELETE FROM events WHERE seq BETWEEN ? AND ?", span)
    faults.point("collapse")
    chain.tell(
        "purge",
        {
            "at": iso(now),
            "who": who,
            "rule": found.rule,
            "reason": policy.reason,
            "segments": [[1, found.last]],
            "events": found.events,
            **_sums(db, policy, now),
        },
    )
    return found


def purged(db: sqlite3.Connection) -> list[tuple[int, int]]:
    """Return the ranges of segments that were ever purged, by the last `purge` event.

    Raises `LedgerRefused` for an event that is not as one is written.
    """
    row = db.execute(
        "SELECT seq, body FROM events WHERE kind = 'purge' AND row IS NULL ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return []
    return read(row[0], "purge", row[1], lambda body: [(int(first), int(last)) for first, last in body["segments"]])


def _kept_for(db: sqlite3.Connection, policy: Policy, apps: Mapping[int, str], first: int, last: int) -> str:
    """The longest time that the policy gives to anything in these events, the default at least."""
    keep = policy.keep
    if not any(is_longer(rule.keep, keep) for rule in policy.rules):
        return keep
    held: set[tuple[str, str]] = set()
    for one in ROWS:
        if one.kind in ("exchange", "gap", "passage"):
            rows = db.execute(_APPS.format(one.table), (one.kind, first, last))
            held.update((apps.get(row[0], ""), "") for row in rows)
    held.update((apps.get(app, ""), category) for app, category in db.execute(_FOUND, (first, last)))
    for app, category in held:
        kept = policy.of(app, category).keep
        keep = kept if is_longer(kept, keep) else keep
    return keep


def _told_again(belief: Belief, last: int) -> list[tuple[str, dict[str, Any]]]:
    """What is said once and holds for ever: the keys, the epoch in force, which history was left, and the reviews."""
    told = belief.told
    for_ever = ("sealing", "note-key", "restored", "instead")
    again = [(kind, body) for seq, kind, body in told if seq <= last and kind in for_ever]
    epochs = [(seq, body) for seq, kind, body in told if kind == "epoch"]
    again += [("epoch", body) for seq, body in epochs[-1:] if seq <= last]
    # what a person said of a finding must not end with its segment
    reviews = {str(body.get("fingerprint")): (seq, body) for seq, kind, body in told if kind == "review"}
    return again + [
        ("review", body) for seq, body in reviews.values() if seq <= last and body.get("state") != "unreviewed"
    ]


def _sums(db: sqlite3.Connection, policy: Policy, now: float) -> dict[str, list[Any]]:
    """The counted tables as they stand after what nobody has seen for the time of its app is taken from them."""
    for app_id, name in db.execute("SELECT id, name FROM apps NOT INDEXED").fetchall():
        over = (app_id, iso(before(now, policy.of(name).keep)))
        db.execute("DELETE FROM observations NOT INDEXED WHERE app_id = ? AND last_at < ?", over)
        db.execute("DELETE FROM field_uses NOT INDEXED WHERE app_id = ? AND last_at < ?", over)
    seen = f"SELECT {_OBSERVED} FROM observations NOT INDEXED ORDER BY id"  # noqa: S608 - our own names
    uses = f"SELECT {_USED} FROM field_uses NOT INDEXED ORDER BY id"  # noqa: S608 - our own names
    return {
        "observations": [list(row) for row in db.execute(seen)],
        "uses": [list(row) for row in db.execute(uses)],
    }
