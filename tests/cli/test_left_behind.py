"""Whole copies of a ledger that a command would leave behind when it is ended, or that lie beside it."""

import os
import signal
import time
from base64 import b64encode
from pathlib import Path

import pytest
from aged import DAY, MASTER, Years, fill
from typer.testing import CliRunner, Result

from douane.cli.main import app
from douane.ledger import backup
from douane.ledger.backup import copies_beside, sweep_drafts


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "key").mkdir(mode=0o700)
    key = tmp_path / "key" / "master.key"
    key.write_bytes(b64encode(MASTER))
    key.chmod(0o600)
    config = f"storage: {{folder: {tmp_path}/data, key_file: {key}}}\n"
    (tmp_path / "config.yaml").write_text(config + "retention: {rules: [{category: user, keep: P1M}]}\n")
    fill(tmp_path / "data" / "douane.db", Years(time.time() - 40 * DAY), hours=1, calls=2)
    return tmp_path


def douane(place: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--config", str(place / "config.yaml")], prog_name="douane")


def files(place: Path) -> list[Path]:
    return sorted(path for path in place.rglob("*") if not path.name.endswith(("-wal", "-shm", ".lock")))


@pytest.mark.promise("bytes-gone")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("command", ["backup", "export", "restore"])
def test_a_command_that_is_ended_leaves_no_copy_behind(
    place: Path, monkeypatch: pytest.MonkeyPatch, command: str, number: signal.Signals
) -> None:
    copy = place / "copy.db"
    assert douane(place, "backup", str(copy)).exit_code == 0
    before, handler, to_disk = files(place), signal.getsignal(number), backup.to_disk

    def ended(path: Path) -> None:
        os.kill(os.getpid(), number)
        to_disk(path)

    monkeypatch.setattr(backup, "to_disk", ended)
    said = {"backup": [str(place / "new.db")], "export": [str(place / "new.zip")], "restore": [str(copy), "--yes"]}
    ran = douane(place, command, *said[command])
    assert ran.exit_code == 128 + number, ran.output
    assert files(place) == before
    assert signal.getsignal(number) is handler


@pytest.mark.promise("bytes-gone")
def test_what_still_holds_what_went_is_named_by_who_takes_it_out(place: Path) -> None:
    ledger = place / "data" / "douane.db"
    names = [".douane.db.0123456789abcdef", "douane.db.before-20260101T000000Z-abcd"]
    for name in names:
        (ledger.parent / name).write_bytes(b"a copy")
    (ledger.parent / ".other.db.0123456789abcdef").write_bytes(b"of another")
    ran = douane(place, "purge")
    assert ran.exit_code == 0, ran.output
    said = f"Beside the ledger lie 2 copies that may still hold it; delete them: {', '.join(names)}."
    assert said in ran.stderr
    sweep_drafts(ledger)
    assert [path.name for path in copies_beside(ledger)] == names[1:]
