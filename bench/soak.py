"""`make soak`: half an hour of traffic through a real `douane run` whose inspector is killed in between.

100 messages a second shaped like ChatGPT-app traffic, answered in JSON and as event streams, on two cores that the
app, the clients and Douane share. At the end each message that was sent is looked up in the ledger by its own e-mail
address: it must have exactly one row, or a gap that stands for it. Memory is read every few seconds from /proc (Linux
only), and its slope is fitted. The delay of a message is `inspected_at - at` of its row: from its last byte's record to
its judgement.

python -m bench.soak [--minutes 30] [--rate 100] [--kills 3] [--write]: with --write the figures go into
docs/reliability.md. The exit code is 1 when a message is lost or doubled, or an aim is missed.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import platform
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import linear_regression, mean
from typing import Any

from bench.__main__ import model
from bench.soak_traffic import Sent, load, serve
from douane.ledger import keys
from douane.ledger.pseudonyms import Pseudonymiser

PAGE = Path(__file__).parent.parent / "docs" / "reliability.md"
BEGIN, END = "<!-- soak: written by make soak -->", "<!-- end of soak -->"
INSPECTOR = "douane.inspector.main"
STANDING_BY = "standing by"
"""What `descendants` calls the warm process of which the one that inspects is a fork."""
ROLES = {
    "douane.cli.main": "supervisor",
    "douane.proxy.main": "proxy",
    INSPECTOR: "inspector",
    STANDING_BY: "process that stands by for the inspector",
    "douane.inspector.heavy_child": "second process of the inspector",
}
WARM_UP_SECONDS = 180.0
"""A process's first three minutes do not count for the slope: models load, and caches fill to their bounds."""
AIM_LAG_SECONDS = 1.0
AIM_GROWTH = 0.05
"""Memory is called flat when what the slope adds in the whole run is at most this part of the mean."""
REACHED = {True: "reached", False: "**missed**", None: "not measured"}
STANDS_FOR_A_MESSAGE = ("crashed", "overran", "expired", "not-recorded", "refused", "spool-unreadable")


@dataclass(slots=True)
class Post:
    """A running `douane run`: its process, where it listens, and how often it said what."""

    process: "subprocess.Popen[str]"
    said: Counter[str] = field(default_factory=Counter)
    listeners: list[dict[str, Any]] = field(default_factory=list)
    behind: float = 1.0

    def listen(self) -> None:
        """Take in what it says until it ends."""
        for line in self.process.stdout or ():
            with contextlib.suppress(ValueError):
                event = json.loads(line)
                self.said[str(event.get("event"))] += 1
                if event.get("event") == "ready":
                    self.listeners = event["listeners"]
                if event.get("event") == "lag":
                    self.behind = float(event["seconds"])


@dataclass(slots=True)
class Life:
    """One process of Douane: what it is, and its resident memory in MB by seconds."""

    role: str
    at: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def slope(self) -> tuple[float, float] | None:
        """MB an hour and the mean in MB, its first three minutes left out; None when too little of it was seen."""
        warm = [(at, mb) for at, mb in zip(self.at, self.megabytes, strict=True) if at - self.at[0] >= WARM_UP_SECONDS]
        if len(warm) < 10:
            return None
        times, sizes = zip(*warm, strict=True)
        return linear_regression(times, sizes).slope * 3600, mean(sizes)


@dataclass(slots=True)
class Found:
    """What the ledger and the spool hold of what was sent."""

    rows: int
    missing: int
    doubled: int
    gaps: dict[str, int]
    waiting: int
    delays: list[float]
    away: list[float]


def wait(true: Callable[[], Any], seconds: float, what: str) -> None:
    """Return when `true()` is truthy; end the measurement when that takes longer."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} did not happen within {seconds:.0f} seconds")
        time.sleep(0.1)


def descendants(pid: int) -> dict[int, str]:
    """The processes below `pid`, and itself, by the module that each runs, or `STANDING_BY`."""
    parents: dict[int, int] = {}
    modules: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                words = (entry / "cmdline").read_bytes().decode().split("\0")
                modules[int(entry.name)] = words[words.index("-m") + 1] if "-m" in words else words[0]
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    forked = {
        parents[child] for child in found if modules.get(child) == INSPECTOR == modules.get(parents.get(child, 0))
    }
    return {child: STANDING_BY if child in forked else modules.get(child, "") for child in sorted(found)}


def resident(pid: int) -> float | None:
    """The process's resident memory in MB, None when it is gone."""
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1000
    return None


def sample(pid: int, lives: dict[int, Life], stop: threading.Event, every: float) -> None:
    """Read the memory of Douane's processes until told to stop."""
    while not stop.wait(every):
        for child, module in descendants(pid).items():
            if module in ROLES and (now := resident(child)) is not None:
                life = lives.setdefault(child, Life(ROLES[module]))
                life.at.append(time.monotonic())
                life.megabytes.append(now)


@contextlib.contextmanager
def post(folder: Path, upstream: str) -> Iterator[Post]:
    """`douane run` as anybody starts it, with its default settings; ended by SIGINT when the block ends."""
    command = [sys.executable, "-m", "douane.cli.main", "run", upstream, "--name", "soak", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--data", str(folder / "data"), "--log-format", "json"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "DOUANE_KEY_FILE": str(folder / "key" / "master.key")},
        start_new_session=True,
    )
    running = Post(process)
    reader = threading.Thread(target=running.listen, daemon=True)
    reader.start()
    try:
        yield running
        process.send_signal(signal.SIGINT)
        process.wait(60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        reader.join(5)


def kill_inspector(running: Post, turn: int) -> float:
    """kill -9 of the process that inspects, every third time of the one that stands by, with which it goes.

    Returns the Unix time at which it was done.
    """
    victim = STANDING_BY if turn % 3 == 1 else INSPECTOR
    pid = next(pid for pid, module in descendants(running.process.pid).items() if module == victim)
    os.kill(pid, signal.SIGKILL)
    return time.time()


def look_up(folder: Path, sent: Sent, killed: list[float]) -> Found:
    """Ask ledger and spool for every message that was sent."""
    names = Pseudonymiser(keys.load(folder / "key" / "master.key"))
    with contextlib.closing(sqlite3.connect(folder / "data" / "douane.db")) as db:
        rows = Counter(
            db.execute(
                "SELECT e.kind, d.pseudonym FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id"
                " WHERE d.category = 'user.contact.email'"
            )
        )
        gaps = dict(
            db.execute("SELECT code, sum(count) FROM gaps WHERE exchange_id IS NULL GROUP BY code ORDER BY code")
        )
        delays = db.execute(
            "SELECT (julianday(inspected_at) - julianday(at)) * 86400, (julianday(at) - 2440587.5) * 86400 AS unix"
            " FROM exchanges WHERE own_traffic = 0 AND unix BETWEEN ? AND ?",
            (sent.began - 0.01, sent.ended + 0.01),
        ).fetchall()
    with contextlib.closing(sqlite3.connect(folder / "data" / "spool.db")) as db:
        (waiting,) = db.execute("SELECT count(*) FROM records").fetchone()
    if not delays:
        raise RuntimeError("the ledger has no row of the time of the run")
    missing = doubled = 0
    expected = {
        **dict.fromkeys(sent.in_json, ("request", "result")),
        **dict.fromkeys(sent.in_streams, ("request", "notification", "result")),
        **dict.fromkeys(sent.failed, ()),  # nothing is known to have crossed
    }
    for email, kinds in expected.items():
        digest = names.of("soak", "user.contact.email", email)
        if digest is None:
            raise RuntimeError("an address without a pseudonym cannot be looked up")
        counts = {kind: rows[kind, digest.digest] for kind in ("request", "notification", "result")}
        doubled += sum(max(0, count - 1) for count in counts.values())
        missing += sum(not counts[kind] for kind in kinds)
    away = [delay for delay, at in delays if not any(moment - 1 <= at <= moment + 15 for moment in killed)]
    return Found(len(delays), missing, doubled, gaps, waiting, sorted(one for one, _ in delays), sorted(away))


def share(sorted_values: list[float], part: float) -> float:
    """The value below which this part of them lies; 0 when there are none."""
    return sorted_values[min(len(sorted_values) - 1, int(part * len(sorted_values)))] if sorted_values else 0.0


def measure(minutes: float, rate: float, kills: int) -> tuple[list[str], bool]:
    """Run it; returns the lines of the page and whether every aim was reached."""
    load_before = os.getloadavg()[0]
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    app = spawn.Process(target=serve, args=(there,), daemon=True)
    app.start()
    lives: dict[int, Life] = {}
    killed: list[float] = []
    seconds = minutes * 60
    with tempfile.TemporaryDirectory() as name, post(Path(name), f"http://127.0.0.1:{here.recv()}/mcp") as running:
        wait(lambda: running.listeners, 60, "the start")
        port = int(running.listeners[0]["port"])
        warm = _client(spawn, port, 10, 2, seed=999)  # models loaded before the clock runs
        wait(lambda: running.behind == 0.0, 60, "the first inspection")
        stop = threading.Event()
        every = min(5.0, max(1.0, seconds / 100))
        sampler = threading.Thread(target=sample, args=(running.process.pid, lives, stop, every), daemon=True)
        sampler.start()
        result: list[Sent] = []
        client = threading.Thread(target=lambda: result.append(_client(spawn, port, rate, seconds, seed=1)))
        client.start()
        began = time.monotonic()
        for turn in range(kills):
            client.join(max(0.0, began + seconds * (turn + 1) / (kills * 3) - time.monotonic()))
            if client.is_alive():
                killed.append(kill_inspector(running, turn))
        client.join()
        sent = result[0]
        wait(lambda: running.behind == 0.0, 120, "the end of the backlog")
        stop.set()
        sampler.join()
        here.send(None)
        received = here.recv() - warm.calls
        running.process.send_signal(signal.SIGINT)
        running.process.wait(60)
        found = look_up(Path(name), sent, killed)
    app.join(5)
    return told(minutes, rate, load_before, sent, received, found, lives, killed)


def _client(spawn: Any, port: int, rate: float, seconds: float, *, seed: int) -> Sent:
    here, there = spawn.Pipe()
    client = spawn.Process(target=load, args=(there, port, rate, seconds, seed), daemon=True)
    client.start()
    sent: Sent = here.recv()
    client.join()
    return sent


def told(
    minutes: float,
    rate: float,
    load_before: float,
    sent: Sent,
    received: int,
    found: Found,
    lives: dict[int, Life],
    killed: list[float],
) -> tuple[list[str], bool]:
    """The lines of the page, and whether every aim was reached."""
    stands = sum(found.gaps.get(code, 0) for code in STANDS_FOR_A_MESSAGE)
    lost = max(0, found.missing - stands)
    p99 = share(found.delays, 0.99)
    reached = sent.messages / max(sent.ended - sent.began, 1e-9)
    memory, flat = _memory(lives, minutes)
    good: list[tuple[str, bool | None]] = [
        ("no message lost, none doubled", not lost and not found.doubled and not found.waiting and not sent.failed),
        (f"delay p99 at most {AIM_LAG_SECONDS:g} s", p99 <= AIM_LAG_SECONDS),
        ("memory flat", flat),
        (f"{rate:g} messages a second kept", reached >= 0.97 * rate),
    ]
    gaps = ", ".join(f"{code} {count}" for code, count in found.gaps.items()) or "none"
    lines = [
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores of {model()}, {platform.system()}, CPython "
        f"{platform.python_version()}, load average {load_before:.1f} at the start: {minutes:g} minutes at {rate:g} "
        f"messages a second, the inspector killed (kill -9) {len(killed)} times.",
        "",
        "| what | figure |",
        "|---|---|",
        f"| messages that crossed, of answered calls | {sent.messages:,} ({reached:.1f} a second) |",
        f"| calls answered in JSON, as an event stream, not answered | {len(sent.in_json):,}, "
        f"{len(sent.in_streams):,}, {len(sent.failed):,} |",
        f"| calls that the app received | {received:,} |",
        f"| rows in the ledger | {found.rows:,} |",
        f"| messages without a row | {found.missing:,} |",
        f"| gaps that stand for a message | {stands:,} |",
        f"| **lost** (neither row nor gap) | **{lost:,}** |",
        f"| doubled | {found.doubled:,} |",
        f"| gaps of the run (not of a message) | {gaps} |",
        f"| left in the spool at the end | {found.waiting:,} |",
        f"| from record to judgement, p50, p99, longest | {share(found.delays, 0.5):.3f} s, **{p99:.3f} s**, "
        f"{share(found.delays, 1.0):.3f} s |",
        f"| the same, the 15 s after each kill left out, p99 | {share(found.away, 0.99):.3f} s |",
        f"| a client's wait for its answer, p50, p99 | {share(sorted(sent.seconds), 0.5) * 1000:.1f} ms, "
        f"{share(sorted(sent.seconds), 0.99) * 1000:.1f} ms |",
        *memory,
        "",
        "Aims: " + "; ".join(f"{what}: {REACHED[held]}" for what, held in good) + ".",
    ]
    return lines, all(held is not False for _, held in good)


def _memory(lives: dict[int, Life], minutes: float) -> tuple[list[str], bool | None]:
    """A line for each kind of process, of the one that lived longest, and whether all are flat; None: not known."""
    lines: list[str] = []
    flat: bool | None = True
    for role in ROLES.values():
        mine = [life for life in lives.values() if life.role == role]
        if not mine:
            continue
        fitted = max(mine, key=lambda life: len(life.at)).slope()
        most = max(max(life.megabytes) for life in mine)
        if fitted is None:
            lines.append(f"| memory of the {role}: too short for a slope; at most | {most:.0f} MB |")
            flat = None if flat else flat
            continue
        slope, size = fitted
        flat = flat if slope * minutes / 60 <= AIM_GROWTH * size else False
        lines.append(
            f"| memory of the {role}: mean, at most, slope | {size:.0f} MB, {most:.0f} MB, {slope:+.1f} MB/h |"
        )
    return lines, flat


def main() -> int:
    """Measure, print, and with --write put the figures on the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=100, help="messages a second")
    parser.add_argument("--kills", type=int, default=3, help="how often the inspector is killed")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/reliability.md")
    given = parser.parse_args()
    lines, held = measure(given.minutes, given.rate, given.kills)
    print("\n".join(lines))
    if given.write:
        text = PAGE.read_text(encoding="utf-8")
        head, _, rest = text.partition(BEGIN)
        _, _, tail = rest.partition(END)
        PAGE.write_text(f"{head}{BEGIN}\n{chr(10).join(lines)}\n{END}{tail}", encoding="utf-8")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
