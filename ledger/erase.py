"""Erasure of one person from the ledger: what is linked to an identifier is found, shown, and its detail taken away.

What stays is a tombstone: that an exchange crossed, when, between whom, and of which category, with a hash over bytes
that nobody has any more. The chain names the rows, never the person.
"""

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from douane.ledger import faults
from douane.ledger.belief import Belief
from douane.ledger.chain import About, Chain
from douane.ledger.doubted import telling
from douane.ledger.files import error_name
from douane.ledger.person import matches
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.refused import LedgerDoubted, LedgerRefused
from douane.ledger.sealing import Anchors, Sealer
from douane.ledger.times import iso
from douane.ledger.tombstones import empty_disclosures, empty_exchanges, sweep
from douane.ledger.unfound import Progress
from douane.ledger.writing import opened_for_writing, transaction

BATCH: Final = 100
"""Exchanges whose detail goes in one transaction."""
SWEEP_SECONDS: Final = 10.0
_MARKS: Final = 500
_STANDING: Final = "SELECT id FROM disclosures NOT INDEXED WHERE nonce IS NOT NULL AND exchange_id IN ({})"
_POLL_SECONDS: Final = 0.05
_PAUSE_SECONDS: Final = 0.002  # locks are not fair: without a pause a waiting inspector is starved


@dataclass(frozen=True, slots=True)
class InApp:
    """What is linked to a person in one app: data that are the identifier, and all that stands in linked exchanges."""

    app: str
    direct: int
    exchanges: int
    disclosures: int
    categories: dict[str, int]


@dataclass(frozen=True, slots=True)
class Found:
    """Rows that are linked to a person.

    `direct` are disclosures of the identifier, `holding` the exchanges that hold one, `linked` the other exchanges of
    the same app and session, and those that answer them or are answered by them.
    """

    direct: tuple[int, ...]
    holding: tuple[int, ...]
    linked: tuple[int, ...]
    apps: tuple[InApp, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """Of how many rows the detail has gone, and whether its bytes have left the files too: somebody may be reading."""

    exchanges: int
    disclosures: int
    swept: bool


def find_believed(
    db: sqlite3.Connection,
    sealer: Sealer | None,
    pseudonymiser: Pseudonymiser,
    identifiers: Iterable[tuple[str, str]],
    *,
    exact: bool = False,
    progress: Progress | None = None,
) -> Found:
    """As `find`, of one moment of the file, after all that the answer rests on was held to its chain.

    What a row says of its session or its pseudonym decides whose detail goes. Raises `LedgerRefused` where the ledger
    does not verify.
    """
    belief = Belief(db)
    for _ in belief.steps():
        pass
    db.execute("BEGIN")
    try:
        belief.hold(sealer)
        belief.snapshots("app", "key")
        found = find(db, pseudonymiser, identifiers, exact=exact, progress=progress)
        belief.rows("exchange", (*found.holding, *found.linked))
        belief.rows("disclosure", found.direct)
    finally:
        db.execute("ROLLBACK")
    return found


def find(
    db: sqlite3.Connection,
    pseudonymiser: Pseudonymiser,
    identifiers: Iterable[tuple[str, str]],
    *,
    exact: bool = False,
    progress: Progress | None = None,
) -> Found:
    """Return what is linked to identifiers (category and value), without writing or keeping anything.

    Each value is looked for as its category says, in its spellings (`ledger.spellings`) and, unless `exact`, as every
    kind of identifier that it can be. One that is salted in each exchange (a first name, a town) is looked for in each.
    """
    ids = sorted(matches(db, pseudonymiser, list(identifiers), exact=exact, progress=progress))
    holding = sorted(
        {row[0] for row in _each(db, "SELECT exchange_id FROM disclosures NOT INDEXED WHERE id IN ({})", ids)}
    )
    linked = sorted(_linked(db, holding) - set(holding))
    return Found(tuple(ids), tuple(holding), tuple(linked), tuple(_by_app(db, ids, holding, linked)))


def erase(
    path: Path,
    sealer: Sealer | None,
    found: Found,
    *,
    who: str,
    direct_only: bool = False,
    about: About | None = None,
    anchors: Anchors | None = None,
    clock: Callable[[], float] = time.time,
) -> Erased:
    """Take the detail of what was found away, tell the chain which rows, and make the bytes leave the files.

    `direct_only` takes the data that are the identifier alone and leaves sessions and other data. The exchanges that
    hold the identifier come last, so that an erasure that was broken off finds the rest of its rows again. Each row is
    held to the chain in the transaction that empties it. Raises as `writing` does; what was done stays done.
    """
    exchanges = disclosures = 0
    with opened_for_writing(path) as db:
        chain = Chain(db, sealer, anchors=anchors, clock=clock, file=str(path.resolve()))
        chain.about = about or About()
        with telling(db, chain, who=who, what="erasure", now=clock()):
            belief = Belief(db, undone="nothing more was erased")
            for _ in belief.steps():
                pass
            for some_exchanges, direct in _pieces(found, direct_only):
                with transaction(db, chain):
                    belief.hold()
                    # asked for in here, and through no index: whose data they are must not change before they go
                    some_disclosures = [*direct, *(row[0] for row in _each(db, _STANDING, some_exchanges))]
                    belief.rows("exchange", some_exchanges)
                    belief.rows("disclosure", some_disclosures)
                    emptied = empty_exchanges(db, some_exchanges)
                    gone = empty_disclosures(db, some_disclosures)
                    faults.point("erase")
                    if emptied or gone:
                        body = {"at": iso(clock()), "who": who, "exchanges": emptied, "disclosures": gone}
                        chain.tell("erased", body)
                faults.point("erased")
                time.sleep(_PAUSE_SECONDS)
                exchanges += len(emptied)
                disclosures += len(gone)
        swept = sweep_for(db, SWEEP_SECONDS)
    return Erased(exchanges, disclosures, swept)


def tell_refused(
    path: Path,
    sealer: Sealer | None,
    doubt: LedgerDoubted,
    *,
    who: str,
    anchors: Anchors | None = None,
    clock: Callable[[], float] = time.time,
) -> None:
    """Tell in the chain that somebody was not erased since the ledger is doubted, and raise the doubt again."""
    with opened_for_writing(path) as db:
        chain = Chain(db, sealer, anchors=anchors, clock=clock, file=str(path.resolve()))
        with telling(db, chain, who=who, what="erasure", now=clock()):
            raise doubt


def sweep_for(db: sqlite3.Connection, seconds: float) -> bool:
    """Make the bytes of what was deleted leave the files; false when somebody read the ledger for so many seconds."""
    deadline = time.monotonic() + seconds
    for _ in sweep(db):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)  # a waiting writer gets its turn
    return True


def uninspected(spool: Path, seconds: float) -> int:
    """Wait until what the spool holds now has been inspected, at most so long; return how many messages are left.

    Heads of streams that are still open hold no message and are not counted. 0 when there is no spool. Raises
    `LedgerRefused` when it cannot be read.
    """
    if not spool.exists():
        return 0
    deadline = time.monotonic() + seconds
    try:
        with closing(sqlite3.connect(f"file:{quote(str(spool.absolute()))}?mode=ro", uri=True, timeout=5.0)) as db:
            newest = db.execute("SELECT coalesce(max(id), 0) FROM records").fetchone()[0]
            sql = "SELECT count(*) FROM records WHERE id <= ? AND kind <> 'stream'"
            while (left := int(db.execute(sql, (newest,)).fetchone()[0])) and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
    except sqlite3.Error as error:
        raise LedgerRefused(f"{spool}: the spool cannot be read ({error_name(error)})") from None
    return left


def _linked(db: sqlite3.Connection, holding: Sequence[int]) -> set[int]:
    """The exchanges of the same app and session as these, and those that answer them or that they answer."""
    sessions = set(
        _each(db, "SELECT app_id, session FROM exchanges NOT INDEXED WHERE session <> '' AND id IN ({})", holding)
    )
    out: set[int] = set()
    if sessions:
        for number, app_id, session in db.execute(
            "SELECT id, app_id, session FROM exchanges NOT INDEXED WHERE session <> ''"
        ):
            if (app_id, session) in sessions:
                out.add(number)
    pairs = (
        "SELECT answers_id FROM exchanges NOT INDEXED WHERE answers_id IS NOT NULL AND id IN ({})",
        "SELECT id FROM exchanges NOT INDEXED WHERE answers_id IN ({})",
    )
    partners = {row[0] for sql in pairs for row in _each(db, sql, holding)}
    there = _each(db, "SELECT id FROM exchanges NOT INDEXED WHERE nonce IS NOT NULL AND id IN ({})", sorted(partners))
    return out | {row[0] for row in there}


def _by_app(db: sqlite3.Connection, direct: Sequence[int], holding: list[int], linked: list[int]) -> Iterator[InApp]:
    names: dict[int, str] = dict(db.execute("SELECT id, name FROM apps NOT INDEXED").fetchall())
    exchanges = Counter(
        row[0] for row in _each(db, "SELECT app_id FROM exchanges NOT INDEXED WHERE id IN ({})", holding + linked)
    )
    of = "SELECT e.app_id, d.category, d.id FROM disclosures d NOT INDEXED CROSS JOIN exchanges e NOT INDEXED ON"
    of += " e.id = d.exchange_id WHERE "
    data = Counter(row[0] for row in _each(db, of + "d.nonce IS NOT NULL AND d.exchange_id IN ({})", holding + linked))
    found = Counter((row[0], row[1]) for row in _each(db, of + "d.id IN ({})", direct))
    for app_id in sorted(exchanges, key=lambda one: names.get(one, "")):
        categories = {category: count for (app, category), count in sorted(found.items()) if app == app_id}
        yield InApp(names.get(app_id, ""), sum(categories.values()), exchanges[app_id], data.get(app_id, 0), categories)


def _pieces(found: Found, direct_only: bool) -> Iterator[tuple[list[int], list[int]]]:
    """Exchanges whose data all go, or data that go by themselves."""
    if direct_only:
        for start in range(0, len(found.direct), BATCH):
            yield [], list(found.direct[start : start + BATCH])
        return
    for exchanges in (found.linked, found.holding):
        for start in range(0, len(exchanges), BATCH):
            yield list(exchanges[start : start + BATCH]), []


def _each(db: sqlite3.Connection, sql: str, ids: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(ids), _MARKS):
        chunk = ids[start : start + _MARKS]
        yield from db.execute(sql.format(", ".join("?" * len(chunk))), chunk).fetchall()
