"""How many events of a ledger are verified in a second, beside plain SHA-256 of the same bytes in the same run.

The ledger is made by the real `Ledger` from made-up exchanges, in large batches; making it is not counted. The bytes
are those of every leaf and commitment, as `verify` has to put them together, and of the chain over the leaves.
"""

import hashlib
import os
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from bench.judging import SCHEMA, declared, found, judged
from douane.audit import taxonomy
from douane.audit.exchange import Exchange, Outcome
from douane.audit.message import Kind
from douane.ledger.canonical import ROWS, enc
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.verify import verify
from douane.ledger.verify_file import opened
from douane.ledger.verify_words import Verified, Word

EVENTS = 1_000_000
AIM = 200_000
"""Events in a second."""
BATCH = 500
MASTER = bytes(range(32))


def make(path: Path, events: int) -> None:
    """Write a sealed ledger of at least so many events, closed in segments of some tens of thousands."""
    made = judged(found(1), declared(1))
    with Ledger(path, taxonomy=taxonomy.VERSION, sealer=Sealer(MASTER)) as ledger:
        ledger.add_tool("bench", SCHEMA, at=1.0)
        ledger.add_declaration(declared(1), at=1.0)
        number = 0
        while count(path) < events:
            for _ in range(5):
                with ledger.batch():
                    for _ in range(BATCH):
                        way, disclosures = made[number % len(made)]
                        kind = Kind.RESULT if number % 2 else Kind.REQUEST
                        exchange = Exchange(
                            *(f"r{number}", 0, 1_790_000_000.0 + number, "bench", way, kind, "tools/call", "book"),
                            *(Outcome.DELIVERED, 400),
                        )
                        ledger.append(replace(exchange, disclosures=disclosures))
                        number += 1
            ledger.seal()


def count(path: Path) -> int:
    """How many events the ledger has."""
    with closing(opened(path)) as db:
        return int(db.execute("SELECT seq FROM chain").fetchone()[0])


def plain(path: Path) -> tuple[float, float]:
    """Seconds, and seconds of processor time, that one process takes to hash the same bytes, ready to be hashed."""
    lengths: list[int] = []
    with closing(opened(path)) as db:
        for kind in ROWS:
            columns = ", ".join(kind.columns)
            rows = db.execute(f"SELECT {columns} FROM {kind.table}")
            lengths += [1 + len(enc((1_000_000, kind.kind, *row))) for row in rows]
            if kind.detail:
                rows = db.execute(f"SELECT {', '.join(kind.detail)} FROM {kind.table}")
                lengths += [17 + len(enc(row)) for row in rows]
        lengths += [65] * int(db.execute("SELECT count(*) FROM events").fetchone()[0])
    content, sha256 = os.urandom(1 << 20), hashlib.sha256
    began, used = time.perf_counter(), processor()
    for length in lengths:
        sha256(content[:length]).digest()
    return time.perf_counter() - began, processor() - used


def processor() -> float:
    """Seconds of processor time so far, of this process and of those that it started and that have ended."""
    return sum(os.times()[:4])


def timed(path: Path) -> tuple[float, float, Verified]:
    """Seconds, seconds of processor time on all cores, and what was said."""
    began, used = time.perf_counter(), processor()
    said = verify(path, sealer=Sealer(MASTER))
    return time.perf_counter() - began, processor() - used, said


def main(*, quick: bool = False) -> list[str]:
    """Measure and return the lines of the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "douane.db")
        make(path, EVENTS // 10 if quick else EVENTS)
        runs = [timed(path) for _ in range(3)]
        seconds, used, said = min(runs, key=lambda run: run[0])
        if said.word is not Word.INTACT or said.events_held != said.events:
            raise RuntimeError(f"the ledger is {said.word}")
        hashing, hashed = plain(path)
    return [
        f"| `douane verify`, {said.events:,} events in {len(said.segments)} segments (aim: {AIM:,}/s) "
        f"| {said.events / seconds:,.0f}/s, {seconds:.1f} s |",
        f"| plain SHA-256 of the same bytes in one process, in the same run | {said.events / hashing:,.0f}/s; "
        f"`verify` takes {seconds / hashing:.1f} × as long |",
        f"| processor time of `douane verify` | {used / said.events * 1e6:.1f} µs an event on all cores together, "
        f"{used / hashed:.1f} × that of plain SHA-256 |",
    ]


if __name__ == "__main__":
    print("\n".join(main(quick="--quick" in sys.argv)))
