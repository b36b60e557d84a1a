"""How long a purge holds up others that write, beside a full VACUUM in the same run.

python -m bench.purging [--quick]: prints the figures and, without --quick, keeps them in docs/retention.md.

A writer in a process of its own appends to the ledger every few milliseconds while the purge works beside it, and
another one records to the spool. What counts is the longest time that one append, or one record, took.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bench.judging import declared, found, judged
from douane.audit.exchange import Disclosure, Exchange, Outcome
from douane.audit.message import Kind
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.purge import Purge
from douane.ledger.record import RecordKind
from douane.ledger.retention import Keep, Policy
from douane.ledger.sealing import Sealer
from douane.ledger.spool import Spool
from douane.ledger.store import Ledger

ROWS = 100_000
"""Rows that are purged; about as many stay."""
SEGMENT = 250
"""Exchanges of an hour."""
PAGE = Path(__file__).parent.parent / "docs" / "retention.md"
BEGIN, END = "<!-- figures: written by python -m bench.purging -->", "<!-- end of figures -->"
COLUMNS = ("| beside | ledger, median | p99 | longest | spool, p99 | longest |", "|---|---|---|---|---|---|")
MASTER = bytes(range(32))
DAY = 86_400.0
PACE_SECONDS = 0.005
_EXPIRED = "seq <= (SELECT last_seq FROM segments WHERE number = ?)"


@dataclass(frozen=True, slots=True)
class Stall:
    """What one writer went through, in milliseconds: how many writes, the median, the 99th percentile, the longest."""

    writes: int
    median: float
    p99: float
    longest: float

    @classmethod
    def of(cls, times: list[float]) -> "Stall":
        """Sum measured seconds up."""
        sorted_ = sorted(times) or [0.0]
        at = [sorted_[min(len(sorted_) - 1, int(len(sorted_) * share))] * 1000 for share in (0.5, 0.99)]
        return cls(len(times), *at, sorted_[-1] * 1000)


class Years:
    """A clock that is set: Unix time in seconds."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def make(path: Path, rows: int, now: float) -> int:
    """Write a ledger of twice so many rows, half of them over the year; returns the last segment that is over."""
    made, pseudonyms = judged(found(1), declared(1)), Pseudonymiser(MASTER)
    clock, number, over = Years(now - 380 * DAY), 0, 0
    with Ledger(path, taxonomy="bench", clock=clock, sealer=Sealer(MASTER)) as ledger:
        ledger.add_declaration(declared(1), at=clock())
        for wanted in (rows, 2 * rows):
            while count(path) < wanted:
                with ledger.batch():
                    for _ in range(SEGMENT):
                        way, disclosures = made[number % len(made)]
                        salt = number.to_bytes(16, "big")
                        exchange = Exchange(
                            *(f"r{number}", 0, clock(), "bench", way, Kind.REQUEST, "tools/call", "book"),
                            *(Outcome.DELIVERED, 400, 12),
                            session=f"{number // 20:064x}",
                            rpc=f"{number:064x}",
                            flow=f"f{number}",
                            disclosures=tuple(kept(one, number, pseudonyms) for one in disclosures),
                        )
                        ledger.append(exchange, salt=salt)
                        number += 1
                clock.now += 3600.0
                ledger.seal()
            if not over:
                with closing(sqlite3.connect(path)) as db:
                    over = db.execute("SELECT max(number) FROM segments").fetchone()[0]
                clock.now = now - 30 * DAY
    return int(over)


def kept(one: Disclosure, number: int, pseudonyms: Pseudonymiser) -> Disclosure:
    """A disclosure as the inspector writes it, of a value of its own."""
    made = pseudonyms.of("bench", "user.contact.email", f"person{number}@example.org")
    return replace(one, pseudonym=made, preview="pe…rg", length="16-31")


def count(path: Path) -> int:
    """How many events the ledger has: nearly all are rows."""
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("SELECT seq FROM chain").fetchone()[0])


def writer(path: Path, spool: bool) -> None:
    """Append to the ledger, or record to the spool, until standard input closes; print the times as JSON."""
    if spool:
        with Spool(path, MASTER) as box:
            again(lambda number: box.put(RecordKind.REQUEST, "bench", f"w{number}", 0, time.time(), {}, b"x" * 400))
        return
    way, _ = judged(found(1), declared(1))[0]
    whose = ("bench", way, Kind.REQUEST, "tools/call", "book", Outcome.DELIVERED, 400)
    with Ledger(path, taxonomy="bench", sealer=Sealer(MASTER)) as ledger:
        again(lambda number: ledger.append(Exchange(f"w{os.getpid()}-{number}", 0, time.time(), *whose)))


def again(write: Callable[[int], object]) -> None:
    """Write at the pace, and say the times at the end."""
    times: list[float] = []
    os.set_blocking(0, False)
    while not times or sys.stdin.buffer.raw.read(1) != b"":  # type: ignore[attr-defined]
        begun = time.perf_counter()
        write(len(times))
        times.append(time.perf_counter() - begun)
        if len(times) == 1:
            print("begun", flush=True)
            times[0] = 0.0  # the first opens files
        time.sleep(PACE_SECONDS)
    print(json.dumps(times))


@contextmanager
def writers(path: Path) -> Iterator[list[Stall]]:
    """Both writers beside the block; the list holds what they went through afterwards: ledger, then spool."""
    out: list[Stall] = []
    places = ((path, "ledger"), (path.with_name("spool.db"), "spool"))
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.purging", "--write", str(place), what],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for place, what in places
    ]
    for one in running:
        if one.stdout is not None:
            one.stdout.readline()  # it has begun
    yield out
    for one in running:
        said, _ = one.communicate(timeout=120)
        out.append(Stall.of(json.loads(said)))


def purge(path: Path, policy: Policy, now: float) -> tuple[int, float]:
    """Purge as `douane purge` does, at its pace; returns how many rows went and the longest step in milliseconds."""
    longest = 0.0
    with Purge(path, Sealer(MASTER), policy, who="bench", clock=lambda: now) as work:
        while True:
            begun = time.perf_counter()
            more = work.step()
            longest = max(longest, time.perf_counter() - begun)
            if not more:
                done = work.done
                return done.events + done.exchanges + done.disclosures, longest * 1000
            time.sleep(work.rest)


def main(*, quick: bool = False) -> list[str]:
    """Measure, and return the rows of a table of figures."""
    rows, now = (4_000 if quick else ROWS), time.time()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "purged" / "douane.db"
        over = make(path, rows, now)
        plain = Path(folder) / "vacuumed" / "douane.db"
        plain.parent.mkdir()
        shutil.copy(path, plain)
        with writers(path) as alone:
            time.sleep(1.0 if quick else 5.0)
        with writers(path) as whole:
            gone, step = purge(path, Policy(), now)
        with writers(path) as details:
            expired, _ = purge(path, Policy(rules=(Keep("P1D"),)), now)
        with closing(sqlite3.connect(plain, isolation_level=None)) as db:
            delete(db, over)
            size = plain.stat().st_size
        with writers(plain) as vacuumed, closing(sqlite3.connect(plain, isolation_level=None, timeout=60.0)) as db:
            begun = time.perf_counter()
            db.execute("VACUUM")
            took = (time.perf_counter() - begun) * 1000
    figures = [
        ("nothing else", alone, ""),
        (f"a purge of {gone:,} rows, whole segments", whole, f" (longest step {step:.0f} ms)"),
        (f"a purge of the details of {expired:,} rows", details, ""),
        (f"a full VACUUM of {size / 1e6:.0f} MB", vacuumed, f" (takes {took:.0f} ms)"),
    ]
    out = []
    for what, (ledger, spool), more in figures:
        out.append(
            f"| {what}{more} | {ledger.median:.1f} ms | {ledger.p99:.1f} ms | **{ledger.longest:.0f} ms** "
            f"| {spool.p99:.1f} ms | {spool.longest:.0f} ms |"
        )
    out.append("")
    ratio = vacuumed[0].longest / whole[0].longest
    out.append(f"The longest stall of a VACUUM is {ratio:.1f} times that of the purge.")
    return out


def delete(db: sqlite3.Connection, over: int) -> None:
    """Delete the rows that a purge would, without the rest of it."""
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("BEGIN IMMEDIATE")
    for kind, table in (("exchange", "exchanges"), ("disclosure", "disclosures"), ("verdict", "verdicts")):
        rows = f"SELECT row FROM events WHERE kind = '{kind}' AND {_EXPIRED}"
        db.execute(f"DELETE FROM {table} WHERE id IN ({rows})", (over,))
    db.execute(f"DELETE FROM events WHERE {_EXPIRED}", (over,))
    db.execute("COMMIT")


def table(lines: list[str], load: float) -> str:
    """The figures under their heading."""
    head = (
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores with `python -m bench.purging`, load average "
        f"{load:.1f} at the start: one append to the ledger, and one record to the spool, every 5 ms while the other\n"
        "thing goes on."
    )
    return "\n".join([head, "", *COLUMNS, *lines])


if __name__ == "__main__":
    if "--write" in sys.argv:
        writer(Path(sys.argv[2]), sys.argv[3] == "spool")
    else:
        begin = os.getloadavg()[0]
        measured = table(main(quick="--quick" in sys.argv), begin)
        print(measured)
        if "--quick" not in sys.argv:
            text = PAGE.read_text(encoding="utf-8")
            before, _, rest = text.partition(BEGIN)
            PAGE.write_text(f"{before}{BEGIN}\n{measured}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
