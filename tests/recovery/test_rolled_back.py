"""A real Douane under which the ledger goes back to an older copy: it warns, records on, and goes on when it can."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from running import App, Running, running, until
from speaking import call

pytestmark = [pytest.mark.recovery, pytest.mark.timeout(180)]


def end(path: Path) -> int:
    with closing(sqlite3.connect(path, timeout=60)) as db:
        return int(db.execute("SELECT seq FROM chain").fetchone()[0])


def exchanges(path: Path) -> int:
    with closing(sqlite3.connect(path, timeout=60)) as db:
        try:
            return int(db.execute("SELECT count(*) FROM exchanges WHERE own_traffic = 0").fetchone()[0])
        except sqlite3.OperationalError:  # the tables are being made
            return 0


def copy(source: Path, target: Path) -> None:
    """What `.backup` and `.restore` of SQLite's shell do."""
    with closing(sqlite3.connect(source, timeout=60)) as here, closing(sqlite3.connect(target, timeout=60)) as there:
        here.backup(there)


def warned(douane: Running) -> list[bytes]:
    return [line for line in douane.errors if b"put in the ledger's place" in line]


@pytest.mark.promise("older-copy-refused")
def test_a_ledger_that_went_back_under_it_is_warned_of_and_messages_wait(tmp_path: Path) -> None:
    ledger, old, new = tmp_path / "data" / "douane.db", tmp_path / "old.db", tmp_path / "new.db"
    with App() as app, running(tmp_path, app.url, "--port", "0") as douane:
        call(douane.port(), {"number": 1})
        until(lambda: ledger.exists() and exchanges(ledger) == 2, 60, "the first rows")
        copy(ledger, old)
        call(douane.port(), {"number": 2})
        until(lambda: exchanges(ledger) == 4, 60, "the next rows")
        copy(ledger, new)
        copy(old, ledger)
        gone_back = end(ledger)
        call(douane.port(), {"number": 3})
        until(lambda: warned(douane), 60, "a warning")
        assert b"`douane restore`" in warned(douane)[0]
        call(douane.port(), {"number": 4})
        assert len(app.received) == 4, "messages pass, recorded"
        assert end(ledger) == gone_back
        copy(new, ledger)
        until(lambda: exchanges(ledger) == 8, 60, "what waited in the spool")
