"""Whole copies of a ledger, made while it is written, and the way back: no older copy takes its place unseen."""

import glob
import os
import secrets
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from douane.ledger import faults, given_up
from douane.ledger.belief import Belief
from douane.ledger.canonical import genesis, next_head
from douane.ledger.chain import About, Chain
from douane.ledger.erase import sweep_for
from douane.ledger.failed import LedgerFailed
from douane.ledger.files import error_name, no_ledger
from douane.ledger.query import open_ledger
from douane.ledger.refused import LedgerRefused
from douane.ledger.sealing import Anchors, Sealer, Standing
from douane.ledger.times import iso, moment
from douane.ledger.tombstones import empty_disclosures, empty_exchanges
from douane.ledger.writing import opened_for_writing, transaction, writing

_SWEEP_SECONDS: Final = 10.0

type Check = Callable[[Path], object]
"""Looks at a copy before it gets its name; raises what says why it may not."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a ledger's chain was: its number, last event and head, and the last moment that is known of it."""

    ledger: str
    seq: int
    head: bytes
    at: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A copy beside what is known of the ledger that it would replace.

    `latest` is the furthest that the ledger is known to have been, by the file itself or by an anchor; None when
    nothing is known. `missing` counts the events that the copy lacks, `kinds` those that can still be read, by kind.
    `erased` are the exchanges and disclosures whose detail was erased since the copy was made. `doubted` says why
    nothing in the ledger's file is believed, empty where all of it holds or there is none.
    """

    copy: Place
    latest: Place | None
    missing: int
    kinds: dict[str, int] = field(default_factory=dict[str, int])
    erased: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    doubted: str = ""

    @property
    def older(self) -> bool:
        """Whether the ledger was further than the copy is."""
        return self.missing > 0


def copy_whole(source: Path, target: Path, check: Check | None = None) -> Place:
    """Copy a ledger into a new file of one part, with mode 0600, while others write to it; return how far it goes.

    The copy is of one moment. It gets its name when it is whole, on the disk and passed by `check`. Raises
    `LedgerRefused` for what is no ledger of this version, `LedgerFailed` when SQLite or the disk fails,
    `FileExistsError` when there is such a file already.
    """
    if target.exists() or target.is_symlink():
        raise FileExistsError(f"{target}: this file is there already; name another")
    with drafted(target) as draft, closing(open_ledger(source)) as db:
        try:
            with closing(sqlite3.connect(draft, isolation_level=None)) as copy:
                db.backup(copy, pages=-1)
                copy.execute("PRAGMA journal_mode = DELETE").fetchall()  # one file, whole by itself
            place = place_of(draft)
            if check is not None:
                check(draft)
            to_disk(draft)
            os.link(draft, target)  # unlike a rename, a link never replaces a file
            to_disk(target.parent)
        except sqlite3.Error as error:
            raise LedgerFailed(f"{target}: the copy could not be made ({error_name(error)})") from None
        except FileExistsError:
            raise
        except OSError as error:
            raise LedgerFailed(f"{target}: the copy could not be made ({error.strerror})") from None
    return place


def place_of(path: Path) -> Place:
    """Return how far a ledger goes. Raises `LedgerRefused` for what is no ledger of this version, or has no chain."""
    try:
        with closing(open_ledger(path)) as db:
            row = db.execute(
                "SELECT ledger, seq, head, (SELECT coalesce(max(closed_at), '') FROM segments) FROM chain"
            ).fetchone()
    except sqlite3.Error as error:
        raise LedgerRefused(f"{path}: {no_ledger(error)}") from None
    if row is None:
        raise LedgerRefused(f"{path}: the ledger's chain has no beginning")
    return Place(*row)


def compare(copy: Path, ledger: Path, anchor: Place | None = None, sealer: Sealer | None = None) -> Comparison:
    """Hold a copy against the ledger that it would replace, and against what an anchor says of it.

    Raises `LedgerRefused` when the copy is no ledger, is one of another number than the ledger or the anchor, or has
    another history than the ledger; a ledger that is missing, cannot be read or does not verify is known by its anchor
    alone. `sealer` holds the ledger's end to its seal.
    """
    ours = place_of(copy)
    known = [anchor] if anchor is not None else []
    kinds: Counter[str] = Counter()
    erased: tuple[set[int], set[int]] = (set(), set())
    doubted = ""
    with suppress(LedgerRefused):
        known.append(place_of(ledger))
    for one in known:
        if one.ledger != ours.ledger:
            raise LedgerRefused(
                f"{copy}: is a copy of another ledger than {ledger}. If it is to take that place, move {ledger} away"
                " first, and the files that begin with its name, and restore again; else name another file for it"
            )
    if known and (anchor is None or len(known) > 1):
        with closing(open_ledger(ledger)) as db:
            try:
                told = _believed(db, sealer)
            except LedgerRefused as error:
                doubted = str(error)
                known = known[:-1]
            else:
                if head_at(db, ours.seq) not in (None, ours.head):
                    raise LedgerRefused(f"{copy}: has another history than {ledger}; run `douane verify` on both")
                sql = "SELECT kind, count(*) FROM events WHERE seq > ? GROUP BY 1"
                kinds.update(dict(db.execute(sql, (ours.seq,)).fetchall()))
                for seq, body in told:
                    if seq > ours.seq:
                        erased[0].update(body["exchanges"])
                        erased[1].update(body["disclosures"])
    latest = max(known, key=lambda one: one.seq, default=None)
    if latest is not None:
        latest = replace(latest, at=max(one.at for one in known))
    missing = 0 if latest is None else max(0, latest.seq - ours.seq)
    return Comparison(
        ours, latest, missing, dict(sorted(kinds.items())), (_sorted(erased[0]), _sorted(erased[1])), doubted
    )


def _believed(db: sqlite3.Connection, sealer: Sealer | None) -> list[tuple[int, dict[str, Any]]]:
    """The `erased` events of a ledger that holds, with their numbers; raises `LedgerRefused` for one that does not."""
    belief = Belief(db, undone="nothing in it is believed")
    for _ in belief.steps():
        pass
    db.execute("BEGIN")
    try:
        belief.hold(sealer)
    finally:
        db.execute("ROLLBACK")
    return [(seq, body) for seq, kind, body in belief.told if kind == "erased"]


def restore(
    copy: Path,
    ledger: Path,
    found: Comparison,
    sealer: Sealer | None,
    *,
    who: str,
    reason: str,
    about: About | None = None,
    anchors: Anchors | None = None,
    clock: Callable[[], float] = time.time,
    check: Check | None = None,
) -> Path | None:
    """Put a copy in the ledger's place; return where the file that was there lies now, None if there was none.

    Nobody may be writing. What takes the ledger's place was copied first, and is then held to `check` and to `found`:
    a copy that somebody changes after it was looked at is refused. The chain of the copy goes on with a `restored`
    event that says what it lacks, and what was erased since is erased in it again, before it gets the ledger's name:
    there is either the old file or the new one, whole. Raises as `copy_whole` and `writing` do.
    """
    fresh = ledger.with_name(f".{ledger.name}.{secrets.token_hex(8)}")
    aside = None
    sweep_drafts(ledger)
    try:
        place = copy_whole(copy, fresh, check)
        if (place.ledger, place.seq, place.head) != (found.copy.ledger, found.copy.seq, found.copy.head):
            raise LedgerRefused(f"{copy}: is not the copy any more that was compared; begin again")
        displaced = [] if anchors is None else anchors.others(str(ledger.resolve()), place.ledger)
        _carry_on(fresh, found, sealer, who=who, reason=reason, about=about or About(), clock=clock, instead=displaced)
        if found.older and anchors is not None and sealer is not None:
            anchors.gave_up(given_up.in_copy(fresh, found.copy.head), sealer)
        faults.point("restore")
        if ledger.exists():
            aside = _put_aside(ledger, clock())
        fresh.replace(ledger)
    except OSError as error:
        raise LedgerFailed(f"{ledger}: could not be replaced ({error.strerror})") from None
    finally:
        for side in ("", "-wal", "-shm"):
            Path(f"{fresh}{side}").unlink(missing_ok=True)
    _settle(ledger, displaced, anchors, aside)
    faults.point("restored")
    with writing(ledger, sealer, anchors=anchors, clock=clock):
        pass  # the anchors are told where the chain stands now
    return aside


def _settle(ledger: Path, displaced: Sequence[Standing], anchors: Anchors | None, aside: Path | None) -> None:
    """Put on the disk that a copy took the ledger's place; what fails now does not undo that, and is told as it is."""
    done = f"{ledger}: was replaced by the copy{'' if aside is None else f' (what was there is {aside} now)'}"
    try:
        to_disk(ledger.parent)
    except OSError as error:
        raise LedgerFailed(
            f"{done}, which a power cut may undo ({error.strerror}): see to the disk, then look with `douane verify`"
        ) from None
    try:
        if anchors is not None:
            for one in displaced:
                anchors.gave_way(one)
    except OSError as error:
        raise LedgerFailed(
            f"{done}, but the anchors still know another ledger there ({error.strerror}). Let their folder be written,"
            " and start with `douane run --new-ledger WHY`"
        ) from None


def _carry_on(
    path: Path,
    found: Comparison,
    sealer: Sealer | None,
    *,
    who: str,
    reason: str,
    about: About,
    clock: Callable[[], float],
    instead: Sequence[Standing] = (),
) -> None:
    with opened_for_writing(path) as db:
        chain = Chain(db, sealer, clock=clock)
        chain.about = about
        with transaction(db, chain):
            at = iso(clock())
            if found.older and found.latest is not None:
                if found.latest.at >= at:
                    with suppress(ValueError):  # an anchor may say anything
                        at = iso(moment(found.latest.at) + 0.002)  # the clock went back; older anchors must not count
                body = {"at": at, "who": who, "reason": reason, "copy": found.copy.seq}
                chain.tell("restored", {**body, "seq": found.latest.seq, "head": found.latest.head.hex()})
            tell_instead(chain, instead, who=who, reason=reason, at=at)
            exchanges = empty_exchanges(db, found.erased[0])
            disclosures = empty_disclosures(db, found.erased[1])
            if exchanges or disclosures:
                chain.tell("erased", {"at": at, "who": who, "exchanges": exchanges, "disclosures": disclosures})
        sweep_for(db, _SWEEP_SECONDS)
        db.execute("PRAGMA journal_mode = DELETE").fetchall()


def tell_instead(chain: Chain, left: Sequence[Standing], *, who: str, reason: str, at: str) -> None:
    """Append an event for each ledger whose place this one takes knowingly."""
    for one in left:
        body = {"at": at, "who": who, "reason": reason, "ledger": one.ledger, "seq": one.seq, "head": one.head.hex()}
        chain.tell("instead", body)


def _put_aside(ledger: Path, now: float) -> Path:
    """Give the file that is there a second name; its journal must not be read into the file that takes its place."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(ledger, isolation_level=None, timeout=1.0)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    name = f"{ledger.name}.before-{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    aside = ledger.with_name(name)
    os.link(ledger, aside)
    for side in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{ledger}{side}").rename(f"{aside}{side}")
    return aside


def sweep_drafts(ledger: Path) -> None:
    """Delete the whole copies that a restore which was killed left behind; for who holds the ledger's locks alone."""
    for left in _drafts(ledger):
        left.unlink(missing_ok=True)


def copies_beside(ledger: Path) -> list[Path]:
    """Return what lies beside a ledger and holds what it held: files that a restore replaced, or left behind."""
    return sorted([*ledger.parent.glob(f"{glob.escape(ledger.name)}.before-*"), *_drafts(ledger)])


def _drafts(ledger: Path) -> Iterator[Path]:
    return ledger.parent.glob(f".{glob.escape(ledger.name)}.{'[0-9a-f]' * 16}*")


@contextmanager
def drafted(target: Path) -> Iterator[Path]:
    """A new, private file beside the one that it becomes; taken away at the end, with what SQLite put beside it.

    Raises `LedgerFailed` when it cannot be made.
    """
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise LedgerFailed(f"{target}: cannot be made ({error.strerror})") from None
    try:
        yield draft
    finally:
        for side in ("", "-wal", "-shm", "-journal"):
            Path(f"{draft}{side}").unlink(missing_ok=True)


def head_at(db: sqlite3.Connection, seq: int) -> bytes | None:
    """Return the chain's head after an event, by the stored leaves; None when it is not there, or was purged."""
    row = db.execute(
        "SELECT last_seq, head FROM segments WHERE last_seq <= ? ORDER BY number DESC LIMIT 1", (seq,)
    ).fetchone()
    last, head = row or (0, genesis(*db.execute("SELECT ledger, created_at FROM chain").fetchone()))
    leaves = db.execute("SELECT leaf FROM events WHERE seq > ? AND seq <= ? ORDER BY seq", (last, seq)).fetchall()
    if len(leaves) != seq - last:
        return None
    for (leaf,) in leaves:
        head = next_head(head, leaf)
    return bytes(head)


def to_disk(path: Path) -> None:
    """Make sure that a file's content, or a folder's names, survive a power cut. Raises `OSError`."""
    number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _sorted(ids: set[int]) -> tuple[int, ...]:
    return tuple(sorted(ids))
