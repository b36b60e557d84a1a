"""How long the audit report of 200,000 exchanges takes, as HTML and as PDF, and how much memory it needs.

Each format is made by a process of its own, from the ledger's file to the document's bytes, the reading of the ledger
told apart; its modules have been compiled before, as an installation has them. Most of such a ledger's rows are copies
that no event vouches for: verifying, which `douane report` does first, is measured on those that the real ledger wrote.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bench import filling, verifying
from douane.ledger.query import open_ledger
from douane.reports.kinds import kinds
from douane.reports.kinds.base import Seal
from douane.reports.kinds.gathered import About, gathered
from douane.reports.people import Under

EXCHANGES = 200_000
VERIFIED = filling.WRITTEN
AIMS = {"html": 3.0, "pdf": 10.0}
AIM_MB = 500
COLUMNS = ("| the audit report | time | processor time | memory at most |", "|---|---|---|---|")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def made(ledger: Path, form: str) -> str:
    """Make the report in this process; the line of the table."""
    began, used = time.perf_counter(), time.process_time()
    with closing(open_ledger(ledger)) as db:
        material = gathered(db, About(), "en", seal=Seal(), under=Under(), declarations={}, now=NOW)
        read, reading = time.perf_counter() - began, time.process_time() - used
        document = kinds()["audit"].make(material, form)
    seconds, processor = time.perf_counter() - began, time.process_time() - used
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"| {form.upper()}, {len(document) / 1e6:.1f} MB (aim: {AIMS[form]:g} s, {AIM_MB} MB) | {seconds:.1f} s, of it "
        f"the reading of the ledger {read:.1f} s | {processor:.1f} s, {reading:.1f} s | {most:.0f} MB |"
    )


def verified(ledger: Path) -> str:
    """Verify the ledger; the line of the table."""
    seconds, processor, said = verifying.timed(ledger)
    with closing(open_ledger(ledger)) as db:
        exchanges = db.execute("SELECT count(*) FROM exchanges").fetchone()[0]
    return (
        f"| before it, verifying {said.events:,} events of {exchanges:,} exchanges (left out with `--unverified`) "
        f"| {seconds:.1f} s | {processor:.1f} s | |"
    )


def main(*, quick: bool = False, ledger: Path | None = None) -> list[str]:
    """Measure and return the lines of the table; of a ledger that is there, or of one that is made for it."""
    with tempfile.TemporaryDirectory() as folder:
        path = ledger or Path(folder, "douane.db")
        if ledger is None:
            filling.fill(path, EXCHANGES // 10 if quick else EXCHANGES)
        written = Path(folder, "written.db")
        filling.fill(written, VERIFIED // 10 if quick else VERIFIED)
        environ = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        environ["PYTHONPYCACHEPREFIX"] = str(Path(folder, "compiled"))
        command = [sys.executable, "-m", "bench.reporting", "--make"]

        def run(form: str, file: Path) -> str:
            done = subprocess.run([*command, form, str(file)], check=True, capture_output=True, text=True, env=environ)
            return done.stdout.strip()

        for form in AIMS:
            run(form, written)
        return [*(run(form, path) for form in AIMS), run("verify", written)]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        print(verified(Path(sys.argv[3])) if sys.argv[2] == "verify" else made(Path(sys.argv[3]), sys.argv[2]))
    else:
        given = [Path(one) for one in sys.argv[1:] if not one.startswith("-")]
        print(*COLUMNS, sep="\n")
        print("\n".join(main(quick="--quick" in sys.argv, ledger=given[0] if given else None)))
