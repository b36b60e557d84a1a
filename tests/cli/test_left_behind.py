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
from douane.cli.run import heed
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
    before, handler, to_disk = files(place), signal.signal(number, signal.SIG_DFL), backup.to_disk  # nohup ignores one

    def ended(path: Path) -> None:
        os.kill(os.getpid(), number)
        to_disk(path)

    monkeypatch.setattr(backup, "to_disk", ended)
    said = {"backup": [str(place / "new.db")], "export": [str(place / "new.zip")], "restore": [str(copy), "--yes"]}
    try:
        ran = douane(place, command, *said[command])
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, handler)
    assert ran.exit_code == 128 + number, ran.output
    assert files(place) == before


def test_a_terminal_that_closes_ends_no_command_under_nohup(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    to_disk = backup.to_disk

    def closes(path: Path) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        to_disk(path)

    monkeypatch.setattr(backup, "to_disk", closes)
    handler = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        ran = douane(place, "backup", str(place / "new.db"))
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, handler)
    assert ran.exit_code == 0, ran.output
    assert (place / "new.db").exists()


@pytest.mark.parametrize(("before", "ends"), [(signal.SIG_IGN, False), (signal.SIG_DFL, True)])
def test_a_terminal_that_closes_ends_douane_except_under_nohup(before: signal.Handlers, ends: bool) -> None:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = {one: signal.getsignal(one) for one in numbers}
    asked: list[bool] = []
    signal.signal(signal.SIGHUP, before)
    try:
        heed(lambda: asked.append(True))
        signal.raise_signal(signal.SIGHUP)
        assert asked == [True] * ends
        signal.raise_signal(signal.SIGTERM)
        assert asked == [True] * (ends + 1)
    finally:
        for one, handler in handlers.items():
            signal.signal(one, handler)


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
