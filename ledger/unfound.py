"""What a search for a person cannot find in a ledger, counted, so that nobody takes silence for an answer."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from douane.ledger.bodies import read
from douane.ledger.collapse import purged
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.report_query import Scope

type Progress = Callable[[str, int, int], None]
"""Is told a step (`identifiers`, `messages` or `unfound`), how much of it is done, and of how much."""

_SCOPE: Final = """e.at >= :since AND e.at < :until
    AND (:apps IS NULL OR e.app_id IN (SELECT value FROM json_each(:apps)))"""


@dataclass(frozen=True, slots=True)
class LostKey:
    """Pseudonyms of an app that a master key made which is not there any more: nobody can be found in them."""

    app: str
    epoch: int
    data: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Unfound:
    """What of a scope cannot be found, whoever it is about.

    `guarded` data came in messages with sensitive data, which the profile `audit` keeps without pseudonyms; `secret`
    are passwords and the like, of which there never is one. Of `erased` and `expired` data the detail has gone.
    `purged` whole segments have gone, the last of which was closed at `purged_until`. `gaps` are messages, or parts of
    them, that were not read or only with a reservation, by code.
    """

    data: int = 0
    guarded: int = 0
    secret: int = 0
    erased: int = 0
    expired: int = 0
    purged: int = 0
    purged_until: str = ""
    lost: tuple[LostKey, ...] = ()
    gaps: tuple[tuple[str, int], ...] = ()


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody."""
    del step, done, total


def unfound(db: sqlite3.Connection, scope: Scope, pseudonymiser: Pseudonymiser, told: Progress) -> Unfound:
    """Return what of a scope cannot be found, as long as the pseudonyms are all that is left of a value."""
    told("unfound", 0, 3)
    counts = {"data": 0, "guarded": 0, "secret": 0, "erased": 0, "expired": 0}
    named = {kind: _named(db, kind) for kind in ("erased", "expired")}
    sql = f"""SELECT d.nonce IS NULL, d.flags, count(*), group_concat(CASE WHEN d.nonce IS NULL THEN d.id END)
        FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id WHERE {_SCOPE} AND d.pseudonym IS NULL
        GROUP BY 1, 2"""  # noqa: S608 - our own words
    for gone, flags, count, numbers in db.execute(sql, scope.bound()):
        if gone:
            here = {int(one) for one in numbers.split(",")}
            erased = len(here & named["erased"])
            counts["erased"] += erased
            counts["expired"] += len(here) - erased
        else:
            counts["secret" if {"secret", "pci:sad"} & set(json.loads(flags)) else "guarded"] += count
    told("unfound", 1, 3)
    sql = f"SELECT count(*) FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id WHERE {_SCOPE}"  # noqa: S608 - likewise
    counts["data"] = db.execute(sql, scope.bound()).fetchone()[0]
    lost = tuple(_lost(db, scope, pseudonymiser))
    told("unfound", 2, 3)
    gaps = db.execute(
        f"SELECT e.code, sum(e.count) FROM gaps e WHERE {_SCOPE} GROUP BY e.code ORDER BY e.code",  # noqa: S608 - likewise
        scope.bound(),
    ).fetchall()
    gone_segments = purged(db)
    until = ""
    if gone_segments:
        row = db.execute("SELECT closed_at FROM segments WHERE number = ?", (gone_segments[-1][1],)).fetchone()
        until = row[0] if row is not None else ""
    told("unfound", 3, 3)
    return Unfound(
        **counts,
        purged=sum(last - first + 1 for first, last in gone_segments),
        purged_until=until,
        lost=lost,
        gaps=tuple((str(code), int(count)) for code, count in gaps),
    )


def _named(db: sqlite3.Connection, kind: str) -> set[int]:
    """The disclosures whose detail events of this kind say has gone."""
    rows = db.execute("SELECT seq, body FROM events WHERE kind = ? AND row IS NULL", (kind,))
    named = (read(seq, kind, body, lambda body: [int(one) for one in body["disclosures"]]) for seq, body in rows)
    return {one for some in named for one in some}


def _lost(db: sqlite3.Connection, scope: Scope, pseudonymiser: Pseudonymiser) -> Iterator[LostKey]:
    keys = db.execute("SELECT k.key_id, a.name, k.epoch FROM keys k JOIN apps a ON a.id = k.app_id ORDER BY 2, 3")
    for key_id, app, epoch in keys.fetchall():
        if pseudonymiser.made(app, key_id):
            continue
        sql = f"""SELECT count(*), min(e.at), max(e.at) FROM exchanges e JOIN disclosures d ON d.exchange_id = e.id
            WHERE {_SCOPE} AND d.key_id = :key"""  # noqa: S608 - likewise
        count, first, last = db.execute(sql, {**scope.bound(), "key": key_id}).fetchone()
        if count:
            yield LostKey(app, epoch, count, first, last)
