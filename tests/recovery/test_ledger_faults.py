"""kill -9 at every step of purge, erasure, segment closing, append and restore: nothing lost, nothing doubled."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aged import DAY, MASTER, SECOND, Years, fill, person

from douane.ledger.backup import copy_whole
from douane.ledger.sealing import Sealer
from douane.ledger.verify import verify

ROOT = Path(__file__).parents[2]
WORK = """
import json, os, sys, traceback
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from aged import MASTER, Years, call
from douane.ledger import backup, erase as erasing, purge
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.query import open_ledger
from douane.ledger.retention import Keep, Policy
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger

def work(what, path, clock, people):
    purge.ROWS = erasing.BATCH = 2
    sealer = Sealer(MASTER)
    if what == "append":
        with Ledger(path, taxonomy="t-1", clock=clock, sealer=sealer) as ledger:
            for number in (900, 901):
                ledger.append(call(number, "crm", "s", at=clock()))
            ledger.seal()
    elif what == "purge":
        policy = Policy(rules=(Keep("P1D", category="user.health_and_medical"),))
        with purge.Purge(path, sealer, policy, who="a test", clock=clock) as going:
            while going.step():
                pass
    elif what == "erase":
        db = open_ledger(path)
        wanted = [("user.contact.email", person) for person in people]
        found = erasing.find(db, Pseudonymiser(MASTER), wanted)
        db.close()
        erasing.erase(path, sealer, found, who="a test", clock=clock)
    elif what == "restore":
        copy = path.with_name("copy.db")
        backup.restore(copy, path, backup.compare(copy, path), sealer, who="a test", reason="a test", clock=clock)

for line in sys.stdin:  # a fork for each piece of work: what is killed need not be loaded again
    what, path, now, people, fault = json.loads(line)
    child = os.fork()
    if not child:
        os.environ["DOUANE_FAULT"] = fault
        try:
            work(what, Path(path), Years(now), people)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
CASES = {
    "append": ("append", "append:2", "close-segment"),
    "purge": ("append:2", "collapse", "collapsed", "expire:2", "expired:2", "vacuum", "checkpoint"),
    "erase": ("append", "erase:2", "erased:2", "checkpoint"),
    "restore": ("append", "restore", "restored"),
}
PEOPLE = [person(number) for number in (200, 201, 202, 203)]


@pytest.fixture(scope="module")
def aged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A ledger with a segment that is over, two that are not, an older copy of it, and the moment that it is there."""
    folder = tmp_path_factory.mktemp("aged") / "data"
    clock = Years()
    fill(folder / "l.db", clock, hours=2, calls=3)
    clock.now += 368 * DAY
    fill(folder / "l.db", clock, hours=1, calls=4, first=200)
    copy_whole(folder / "l.db", folder / "copy.db")
    fill(folder / "l.db", clock, hours=1, calls=2, first=300)
    clock.now += 3 * DAY
    return folder, clock.now


type Run = Callable[[str, Path, float, str], int]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Does a piece of work in a process of its own, which ends at a fault: its exit code."""
    command = [sys.executable, "-c", WORK, str(ROOT / "tests" / "support")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:

        def ran(what: str, path: Path, now: float, fault: str) -> int:
            assert worker.stdin is not None
            assert worker.stdout is not None
            worker.stdin.write(json.dumps([what, str(path), now, PEOPLE, fault]) + "\n")
            worker.stdin.flush()
            code = int(worker.stdout.readline())
            assert code in (0, -signal.SIGKILL)
            return code

        yield ran


def words(path: Path) -> tuple[str, str]:
    """What both verifiers say."""
    key = path.with_name("master.key")
    key.write_text(b64encode(MASTER).decode())
    return str(verify(path, sealer=Sealer(MASTER), children=0).word), SECOND.verify(path, key).word


def state(path: Path) -> Any:
    """What the ledger says, without what differs from run to run (moments, keys, how many events said it)."""
    with closing(sqlite3.connect(path)) as db:
        rows = "SELECT record_id, session, salt, nonce IS NULL FROM exchanges ORDER BY id"
        data = "SELECT id, category, pseudonym, preview, length, nonce IS NULL FROM disclosures ORDER BY id"
        doubled = "SELECT count(*) - count(DISTINCT record_id) FROM exchanges"
        return [db.execute(sql).fetchall() for sql in (rows, data, doubled, "SELECT count(*) FROM verdicts")]


EXPECTED = {
    "append": ("INTACT", "INTACT"),
    "purge": ("PURGED-BY-POLICY", "PURGED-BY-POLICY"),
    "erase": ("ERASED", "ERASED"),
    "restore": ("INTACT", "INTACT"),
}
LAWFUL = {"INTACT", "ERASED", "PURGED-BY-POLICY"}


@pytest.fixture(scope="module")
def undisturbed(aged: tuple[Path, float], run: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each piece of work comes to when nothing disturbs it."""
    out = {}
    for what in CASES:
        folder = tmp_path_factory.mktemp(what) / "data"
        shutil.copytree(aged[0], folder)
        assert run(what, folder / "l.db", aged[1], "") == 0
        assert words(folder / "l.db") == EXPECTED[what]
        out[what] = state(folder / "l.db")
    return out


@pytest.mark.promise("killed-and-completed")
@pytest.mark.parametrize(("what", "fault"), [(what, fault) for what, faults in CASES.items() for fault in faults])
def test_a_kill_loses_nothing_doubles_nothing_and_a_second_run_completes(
    what: str, fault: str, aged: tuple[Path, float], run: Run, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "data" / "l.db"
    shutil.copytree(aged[0], path.parent)
    assert run(what, path, aged[1], fault) == -signal.SIGKILL
    first, second = words(path)
    assert first == second
    assert first in LAWFUL
    assert run(what, path, aged[1], "") == 0
    if what == "append":
        assert state(path)[0] == undisturbed[what][0]
    else:
        assert state(path) == undisturbed[what]
    assert words(path) == EXPECTED[what]
    assert [one.name for one in path.parent.iterdir() if one.name.startswith(".")] == []


def test_no_fault_point_does_anything_unless_it_is_named(aged: tuple[Path, float], run: Run, tmp_path: Path) -> None:
    path = tmp_path / "data" / "l.db"
    shutil.copytree(aged[0], path.parent)
    assert run("purge", path, aged[1], "no-such-point") == 0
