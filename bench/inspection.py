"""How many messages a second the inspector works off, and how long a burst of 10,000 takes.

The real inspector process on a spool filled with messages shaped like ChatGPT-app traffic (median 11 fields, 400
bytes), fictitious and made from a seed: requests with arguments and `_meta`, and their answers. Printed as messages a
second of wall-clock time.
"""

import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from douane.inspector.settings import InspectorSettings
from douane.ledger.record import RecordKind
from douane.ledger.spool import Spool

AIM = 400
"""Messages a second, on the quiet machine."""
GIVEN = ["Léa", "Karim", "Sophie", "Tom", "Anna", "Yuki", "Fatou", "Pierre", "Emily", "Jan"]
FAMILY = ["Exemple", "Martin", "Nowak", "Diallo", "Smith", "Tanaka", "Benali", "Durand", "Novak", "Lopez"]
PLACES = ["Paris", "Lyon", "Lisbon", "Berlin", "Leeds", "Nantes", "Turin", "Ghent"]
NOTES = [
    "rappeler demain matin, il préfère le téléphone",
    "window seat please, travelling with my sister",
    "allergic to peanuts, needs a quiet room",
    "merci de confirmer le rendez-vous avec le docteur avant vendredi",
    "no changes, standard delivery to the same address",
]


def messages(count: int, seed: int = 1) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Pairs of a call and its answer."""
    chance = random.Random(seed)
    for number in range(count):
        given, family = chance.choice(GIVEN), chance.choice(FAMILY)
        email = f"{given}.{family}{number}@example.org".lower()
        yield (
            {
                "jsonrpc": "2.0",
                "id": number,
                "method": "tools/call",
                "params": {
                    "name": "book",
                    "arguments": {
                        "name": f"{given} {family}",
                        "email": email,
                        "city": chance.choice(PLACES),
                        "date": f"2026-12-{chance.randrange(1, 29):02}",
                        "guests": chance.randrange(1, 6),
                        "note": chance.choice(NOTES),
                    },
                    "_meta": {
                        "openai/locale": chance.choice(["fr-FR", "en-US"]),
                        "openai/subject": f"v1/{chance.randrange(10**30):x}",
                        "openai/userLocation": {
                            "city": chance.choice(PLACES),
                            "country": "FR",
                            "latitude": 48.85,
                            "longitude": 2.35,
                        },
                    },
                },
            },
            {
                "jsonrpc": "2.0",
                "id": number,
                "result": {
                    "content": [{"type": "text", "text": f"Booked for {given}."}],
                    "structuredContent": {
                        "booking": {
                            "reference": f"BK-{number:06}",
                            "status": "confirmed",
                            "price": chance.randrange(40, 900),
                        },
                        "contact": {"email": email, "phone": f"+33639{chance.randrange(980000, 990000)}"},
                        "hotel": {"name": "Hôtel du Parc", "stars": chance.randrange(1, 6)},
                    },
                },
            },
        )


def fill(spool: Spool, pairs: int, seed: int) -> int:
    """Put `pairs` calls and answers into the spool as the proxy would; returns the number of messages."""
    headers = [["content-type", "application/json"], ["user-agent", "openai-mcp/1.0.0"]]
    for number, (asked, answered) in enumerate(messages(pairs, seed)):
        flow, now = f"{seed}-{number}", time.time()
        meta = {
            "method": "POST",
            "target": "/mcp",
            "headers": headers,
            "session": "",
            "credential": "",
            "route": "reverse",
        }
        spool.put(RecordKind.REQUEST, "bench", flow, 0, now, meta, json.dumps(asked, ensure_ascii=False).encode())
        spool.put(
            RecordKind.ANSWER,
            "bench",
            flow,
            0,
            now,
            {"status": 200, "headers": headers},
            json.dumps(answered, ensure_ascii=False).encode(),
        )
    return 2 * pairs


def drain(pairs: int, *, seed: int = 1, presidio: bool = True) -> tuple[int, float]:
    """Work `pairs` off with a real inspector process; returns messages and seconds, start-up not counted."""
    master = bytes(32)
    with tempfile.TemporaryDirectory() as folder:
        ledger, spool_file = Path(folder, "douane.db"), Path(folder, "spool.db")
        settings = InspectorSettings(ledger=ledger, spool=spool_file, presidio=presidio)
        with Spool(spool_file, master, limit_bytes=2**33) as spool:
            child = subprocess.Popen(
                [sys.executable, "-m", "douane.inspector.main"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            try:
                if child.stdin is None or child.stdout is None:
                    raise RuntimeError("no pipes")
                child.stdin.write(settings.model_dump_json() + "\n" + b64encode(master).decode() + "\n")
                child.stdin.flush()
                fill(spool, 20, seed=999)
                for line in child.stdout:  # warm: models loaded, first messages seen
                    if '"exchange"' in line:
                        break
                empty(spool, child)
                count = fill(spool, pairs, seed)
                began = time.perf_counter()
                start_left = spool.size().records
                threading_drain(child)
                empty(spool, child)
                seconds = time.perf_counter() - began
                with closing(sqlite3.connect(ledger)) as db:
                    (rows,) = db.execute("SELECT count(*) FROM exchanges").fetchone()
                if rows != count + 40:
                    raise RuntimeError(f"{rows} rows for {count + 40} messages")
                return start_left, seconds
            finally:
                child.kill()
                child.wait()


def empty(spool: Spool, child: "subprocess.Popen[str]") -> None:
    """Wait until everything is worked off; an inspector that died ends the measurement."""
    while spool.size().records:
        if child.poll() is not None:
            raise RuntimeError(f"the inspector ended with {child.returncode}")
        time.sleep(0.02)


def threading_drain(child: "subprocess.Popen[str]") -> None:
    """Read the child's events away, so that a full pipe does not slow it."""
    import threading

    stream = child.stdout
    if stream is not None:
        threading.Thread(target=lambda: [None for _ in stream], daemon=True).start()


def main(*, quick: bool = False) -> list[str]:
    """Measure and return the lines of the table."""
    runs = [drain(500 if quick else 1_500, seed=seed) for seed in range(1, 2 if quick else 4)]
    return lines(runs, drain(1_000 if quick else 5_000, seed=77))


def lines(runs: Sequence[tuple[int, float]], burst: tuple[int, float]) -> list[str]:
    """The lines of the table; each run, and the burst, is its messages and its seconds."""
    rate = median(count / seconds for count, seconds in runs)
    count, seconds = burst
    what = f"median of {len(runs)} runs of {runs[0][0]:,}; aim: {AIM}"
    return [
        f"| sustained inspected messages a second ({what}) | {rate:.0f} |",
        f"| drain time of a burst of {count:,} messages ({count / seconds:.0f} a second) | {seconds:.1f} s |",
    ]


if __name__ == "__main__":
    print("\n".join(main(quick="--quick" in sys.argv)))
