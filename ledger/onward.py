"""What apps passed on, from a ledger: calls to hosts, what was found in them, and what ChatGPT had given before."""

import re
import sqlite3
from dataclasses import dataclass

from douane.ledger.rows import clean

_LINK = re.compile(r"(\S+) #([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Called:
    """A host that an app called, how often and when; `categories` are what was found in what it sent, by how often."""

    host: str
    calls: int
    first_at: str
    last_at: str
    categories: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A datum that ChatGPT gave an app and that then left for a host. Times are ISO 8601.

    `disclosure_id` is the disclosure to the app, `times` how often the same datum was sent to the host.
    """

    category: str
    host: str
    received_at: str
    sent_at: str
    tool: str | None
    disclosure_id: int
    times: int = 1


def read_onward(db: sqlite3.Connection, app: str) -> tuple[tuple[Called, ...], tuple[PassedOn, ...]]:
    """The hosts that an app called through its egress listener, and the data that it passed on, oldest first."""
    rows = db.execute(
        "SELECT o.name, o.detail, o.count, o.first_at, o.last_at FROM observations o JOIN apps a ON a.id = o.app_id"
        " WHERE a.name = ? AND o.kind = 'egress' ORDER BY o.first_at, o.id",
        (clean(app),),
    ).fetchall()
    calls = {name: (count, first, last) for name, detail, count, first, last in rows if not detail}
    held: dict[str, list[tuple[str, int]]] = {}
    passed: list[PassedOn] = []
    for name, detail, count, first, _last in rows:
        link = _LINK.fullmatch(detail)
        if link is None:
            if detail:
                held.setdefault(name, []).append((detail, count))
            continue
        given = db.execute(
            "SELECT e.at, e.tool FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id WHERE d.id = ?",
            (int(link.group(2)),),
        ).fetchone()
        if given is not None:
            passed.append(PassedOn(link.group(1), name, given[0], first, given[1], int(link.group(2)), count))
    called = tuple(
        Called(name, *figures, categories=tuple(sorted(held.get(name, ())))) for name, figures in calls.items()
    )
    return called, tuple(passed)


@dataclass(frozen=True, slots=True)
class Refused:
    """Requests that an app's egress listener did not let out, by the code of the refusal. Where to is not kept."""

    count: int
    first_at: str
    last_at: str
    codes: tuple[tuple[str, int], ...]


def read_refused(db: sqlite3.Connection, app: str, since: str = "", until: str = "") -> Refused | None:
    """What an app tried to send through its egress listener and was refused, from `since` on and before `until`."""
    rows = db.execute(
        "SELECT g.detail, sum(g.count), min(g.at), max(g.at) FROM gaps g JOIN apps a ON a.id = g.app_id"
        " WHERE a.name = ? AND g.code = 'refused' AND g.route = 'egress' AND g.at >= ? AND g.at < ?"
        " GROUP BY g.detail ORDER BY g.detail",
        (clean(app), since, until or "~"),
    ).fetchall()
    if not rows:
        return None
    codes = tuple((detail, count) for detail, count, _, _ in rows)
    return Refused(sum(n for _, n in codes), min(row[2] for row in rows), max(row[3] for row in rows), codes)


def egress_apps(db: sqlite3.Connection) -> frozenset[str]:
    """The apps of which something was seen on an egress listener."""
    rows = db.execute(
        "SELECT DISTINCT a.name FROM observations o JOIN apps a ON a.id = o.app_id WHERE o.kind = 'egress'"
    )
    return frozenset(name for (name,) in rows)
