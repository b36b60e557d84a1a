"""What apps passed on, from a ledger: calls to hosts, what was found in them, and what ChatGPT had given before."""

import re
import sqlite3
from dataclasses import dataclass

from douane.ledger.rows import clean

_UNKNOWN = "unknown"
_SENT = """SELECT host, category, given, outcome, count(*), min(at), max(at) FROM (
    SELECT DISTINCT e.id, e.host, d.category, e.outcome, e.at, (
        SELECT g.id FROM disclosures g JOIN exchanges r ON r.id = g.exchange_id
        WHERE g.pseudonym = d.pseudonym AND r.app_id = e.app_id AND r.direction = 'to_app' AND r.own_traffic = 0
          AND r.route <> 'egress' AND r.at <= e.at ORDER BY g.id DESC LIMIT 1) AS given
    FROM exchanges e JOIN apps a ON a.id = e.app_id JOIN disclosures d ON d.exchange_id = e.id
    WHERE a.name = ? AND e.route = 'egress' AND e.direction = 'to_app' AND e.own_traffic = 0
      AND d.pseudonym IS NOT NULL)
    GROUP BY host, category, given, outcome ORDER BY host, category, given, min(at)"""
_LINK = re.compile(r"(\S+) #([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Called:
    """A host that an app called, how often and when; `categories` are what was found in what it sent, by how often.

    `outcomes` counts the requests that the ledger still holds by what became of them.
    """

    host: str
    calls: int
    first_at: str
    last_at: str
    categories: tuple[tuple[str, int], ...] = ()
    outcomes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Sending:
    """How often a datum was sent to a host with one outcome (`delivered`, `failed`, `refused`, `unknown`), and when."""

    outcome: str
    times: int
    first_at: str
    last_at: str


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A datum that ChatGPT gave an app and that then left for a host. Times are ISO 8601.

    `disclosure_id` is the disclosure to the app, `times` how often the app sent the same datum to the host, `sendings`
    the same by outcome: what the ledger holds no more counts as `unknown`.
    """

    category: str
    host: str
    received_at: str
    sent_at: str
    tool: str | None
    disclosure_id: int
    times: int = 1
    sendings: tuple[Sending, ...] = ()


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
    sendings, outcomes = _sendings(db, app), _outcomes(db, app)
    for name, detail, count, first, last in rows:
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
            category, number = link.group(1), int(link.group(2))
            known = sendings.get((name, category, number), ())
            gone = count - sum(one.times for one in known)
            left = (*known, Sending(_UNKNOWN, gone, first, last)) if gone > 0 else known
            passed.append(PassedOn(category, name, given[0], first, given[1], number, count, left))
    called = tuple(
        Called(name, *figures, tuple(sorted(held.get(name, ()))), outcomes.get(name, ()))
        for name, figures in calls.items()
    )
    return called, tuple(passed)


def _sendings(db: sqlite3.Connection, app: str) -> dict[tuple[str, str, int], tuple[Sending, ...]]:
    """What became of the requests that held a datum which ChatGPT had given: by host, category and its disclosure."""
    rows = db.execute(_SENT, (clean(app),)).fetchall()
    found: dict[tuple[str, str, int], list[Sending]] = {}
    for host, category, given, *sending in rows:
        if given is not None:
            found.setdefault((host, category, given), []).append(Sending(*sending))
    return {key: tuple(some) for key, some in found.items()}


def _outcomes(db: sqlite3.Connection, app: str) -> dict[str, tuple[tuple[str, int], ...]]:
    """What became of an app's own requests, by host."""
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    rows = db.execute(
        "SELECT e.host, e.outcome, count(*) FROM exchanges e JOIN apps a ON a.id = e.app_id WHERE a.name = ?"
        " AND e.route = 'egress' AND e.direction = 'to_app' AND e.part = 0 AND e.own_traffic = 0"
        " GROUP BY e.host, e.outcome ORDER BY e.host, e.outcome",
        (clean(app),),
    )
    for host, outcome, count in rows:
        found[host] = (*found.get(host, ()), (outcome, count))
    return found


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
