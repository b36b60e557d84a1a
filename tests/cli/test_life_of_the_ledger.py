"""`douane purge`, `erase`, `backup`, `restore`, `export` and `import`, as a person types them."""

import fcntl
import getpass
import json
import os
import pty
import re
import sqlite3
import stat
import subprocess
import sys
import termios
import time
from base64 import b64encode
from contextlib import closing
from pathlib import Path

import pytest
from aged import DAY, MASTER, Years, fill, person
from typer.testing import CliRunner, Result

from douane.cli.main import app
from douane.ledger.anchors import FileAnchors
from douane.ledger.lock import Lock, hold
from douane.ledger.record import RecordKind
from douane.ledger.sealing import Sealer
from douane.ledger.spool import Spool
from douane.ledger.store import Ledger
from douane.ledger.swapped import swapped

ROLES = """
roles:
  - {who: root, role: developer, apps: [crm]}
  - {who: nobody, role: dpo}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a configuration, a key and a ledger, of which a part is over by the rules."""
    (tmp_path / "key").mkdir(mode=0o700)
    key = tmp_path / "key" / "master.key"
    key.write_bytes(b64encode(MASTER))
    key.chmod(0o600)
    (tmp_path / "config.yaml").write_text(
        f"storage: {{folder: {tmp_path}/data, key_file: {key}}}\n"
        "retention: {rules: [{category: user.health_and_medical, keep: P1M}]}\n",
        encoding="utf-8",
    )
    clock = Years(time.time() - 400 * DAY)
    fill(tmp_path / "data" / "douane.db", clock, hours=1, calls=3)
    clock.now = time.time() - 40 * DAY
    fill(tmp_path / "data" / "douane.db", clock, hours=1, calls=4, first=100)
    return tmp_path


def douane(place: Path, *arguments: str, typed: str | None = None) -> Result:
    config = [] if arguments[0] == "import" else ["--config", str(place / "config.yaml")]
    return CliRunner().invoke(app, [*arguments, *config], prog_name="douane", input=typed)


def ask(place: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(place / "data" / "douane.db")) as db:
        return db.execute(sql).fetchall()


def told(place: Path, kind: str) -> list[dict]:
    return [json.loads(body) for (body,) in ask(place, f"SELECT body FROM events WHERE kind = '{kind}' ORDER BY seq")]


def anchor(place: Path, first: int) -> None:
    """Write to the ledger as Douane does, with anchors."""
    anchors = FileAnchors(place / "key" / "anchors")
    with Ledger(place / "data" / "douane.db", taxonomy="t-1", sealer=Sealer(MASTER), anchors=anchors) as ledger:
        ledger.add_app(f"app-{first}", at=time.time())
        ledger.seal()
    anchors.close()


def test_purge_after_a_jump_of_the_clock_asks_for_a_reason_and_tells_it(place: Path) -> None:
    for file in (place / "data").glob("douane.db*"):
        file.unlink()
    fill(place / "data" / "douane.db", Years(time.time() - 400 * DAY), hours=2, calls=3)
    rows = ask(place, "SELECT count(*) FROM exchanges")
    for arguments in ((), ("--dry-run",), ("--yes",), ("--reason", "it was off"), ("--yes", "--reason", " ")):
        done = douane(place, "purge", *arguments)
        assert done.exit_code == 2
        assert "the clock may be wrong" in done.stderr
        assert re.search(r"All that is over at once was written up to [0-9-]+T[0-9:.]+Z", done.stderr)
        assert "Nothing was purged" in done.stderr
    assert ask(place, "SELECT count(*) FROM exchanges") == rows
    assert told(place, "purge") == []
    done = douane(place, "purge", "--yes", "--reason", "it was off for a year")
    assert done.exit_code == 0, done.stderr
    assert ask(place, "SELECT count(*) FROM exchanges") == [(0,)]
    assert told(place, "purge")[-1]["reason"] == "it was off for a year"
    assert "nothing. By the times in the file all of it is younger" in douane(place, "purge").stdout


def test_purge_says_what_would_go_and_then_does_it(place: Path) -> None:
    dry = douane(place, "purge", "--dry-run")
    assert (dry.exit_code, dry.stdout.splitlines()) == (
        0,
        [
            "Kept: P12M; user.health_and_medical: P1M.",
            "Would go: 2 whole segments with 28 events, the rows of which go too.",
            "Would go by the rule user.health_and_medical: P1M: the detail of 4 rows.",
        ],
    )
    assert ask(place, "SELECT count(*) FROM exchanges") == [(9,)]
    done = douane(place, "purge")
    assert (done.exit_code, done.stdout) == (0, dry.stdout.replace("Would go", "Gone"))
    assert ask(place, "SELECT count(*) FROM exchanges") == [(5,)]
    assert told(place, "purge")[0]["who"] == getpass.getuser()
    assert "nothing. By the times in the file all of it is younger" in douane(place, "purge").stdout
    assert douane(place, "verify").exit_code == 0


def test_erase_shows_asks_and_takes_away(place: Path, tmp_path: Path) -> None:
    file = tmp_path / "who.txt"
    file.write_text(f"{person(102)}\n", encoding="utf-8")
    done = douane(place, "erase", "--file", str(file), "--yes", "--reason", "request of 3 March")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines() == [
        "crm: 1 datum of the identifier (user.contact.email 1)",
        "  in the same sessions, and so linked: 2 exchanges with 2 data in all",
    ]
    assert "Erased: the detail of 2 exchanges and 2 data." in done.stderr
    assert person(102) not in done.output
    bodies = told(place, "erased")
    assert [(body["exchanges"], body["disclosures"]) for body in bodies] == [([8], []), ([7], [11, 12])]
    (access,) = told(place, "access")
    assert (access["what"], access["why"]) == ("erase", "request of 3 March")
    again = douane(place, "erase", "--file", str(file), "--yes")
    assert (again.exit_code, again.stdout) == (0, "Nothing in the ledger is linked to this identifier.\n")
    assert "ERASED" in douane(place, "verify").stdout


@pytest.mark.promise("erased-unnamed")
def test_erase_asks_at_the_terminal_and_shows_nothing_of_the_identifier(place: Path) -> None:
    for answer, code in (("no", 2), ("yes", 0)):
        master, slave = pty.openpty()
        words = [sys.executable, "-m", "douane.cli.main", "erase", "--config", str(place / "config.yaml")]
        process = subprocess.Popen(
            words, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(slave)
        shown = conversation(master, [("Identifier", person(101)), ("Identifier", ""), ("Type yes", answer)])
        assert process.wait(60) == code, shown
        os.close(master)
        assert person(101) not in shown
        assert ("Erased" in shown) == (answer == "yes")
    assert len(told(place, "erased")) == 1


def conversation(terminal: int, lines: list[tuple[str, str]]) -> str:
    """Type each line when its question stands there; returns all that was shown."""
    shown, said = "", 0
    deadline = time.monotonic() + 90
    waiting = list(lines)
    while time.monotonic() < deadline:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece.decode("utf-8", "replace")
        if waiting and waiting[0][0] in shown[said:]:
            said = len(shown)
            os.write(terminal, waiting.pop(0)[1].encode() + b"\n")
    return shown


def test_erase_needs_a_yes_and_identifiers(place: Path, tmp_path: Path) -> None:
    file = tmp_path / "who.txt"
    file.write_text(f"{person(102)}\n", encoding="utf-8")
    assert douane(place, "erase", "--file", str(file)).exit_code == 2
    assert told(place, "erased") == []
    file.write_text("# nobody\n", encoding="utf-8")
    assert douane(place, "erase", "--file", str(file), "--yes").exit_code == 2
    assert douane(place, "erase", "--file", str(tmp_path / "none"), "--yes").exit_code == 2
    assert douane(place, "erase", "--category", "user.shoe_size", "--file", str(file)).exit_code == 2


@pytest.mark.promise("erased-in-the-spool-too")
def test_erase_refuses_while_a_recorded_message_waits_to_be_inspected(place: Path, tmp_path: Path) -> None:
    file = tmp_path / "who.txt"
    file.write_text(f"{person(102)}\n", encoding="utf-8")
    with Spool(place / "data" / "spool.db", MASTER) as spool:
        spool.put(RecordKind.REQUEST, "crm", "f", 0, time.time(), {}, b"")
    refused = douane(place, "erase", "--file", str(file), "--yes", "--wait", "0")
    assert refused.exit_code == 3
    assert "1 recorded message not inspected yet" in refused.stderr
    assert told(place, "erased") == []


@pytest.mark.promise("older-copy-told")
def test_backup_and_restore(place: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    anchor(place, 1)
    made = douane(place, "backup", str(copy))
    assert made.exit_code == 0, made.stderr
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert douane(place, "backup", str(copy)).exit_code == 2
    anchor(place, 2)
    (seq,) = ask(place, "SELECT seq FROM chain")[0]
    assert "older copy" in (swapped(copy, place / "key" / "anchors") or "")  # what `douane run` would refuse
    no_reason = douane(place, "restore", str(copy), "--yes")
    assert no_reason.exit_code == 2
    assert "It is older: 1 event will be missing" in no_reason.stdout
    assert "of these: app 1" in no_reason.stdout
    done = douane(place, "restore", str(copy), "--yes", "--reason", "the disk broke")
    assert done.exit_code == 0, done.stderr
    (body,) = told(place, "restored")
    assert (body["reason"], body["seq"], body["copy"]) == ("the disk broke", seq, seq - 1)
    assert douane(place, "verify").exit_code == 0, douane(place, "verify").stdout
    assert len(list((place / "data").glob("douane.db.before-*"))) == 1
    assert swapped(place / "data" / "douane.db", place / "key" / "anchors", Sealer(MASTER)) is None


def test_a_restore_needs_douane_to_be_stopped(place: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    douane(place, "backup", str(copy))
    held = hold(place / "data" / "douane.lock", "douane run")
    assert isinstance(held, Lock)
    with held:
        refused = douane(place, "restore", str(copy), "--yes", "--reason", "x")
    assert refused.exit_code == 3
    assert "in use by another Douane" in refused.stderr


def test_an_altered_copy_is_not_restored(place: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    douane(place, "backup", str(copy))
    with closing(sqlite3.connect(copy, isolation_level=None)) as db:
        db.execute("UPDATE exchanges SET outcome = 'failed' WHERE id = 2")
    refused = douane(place, "restore", str(copy), "--yes", "--reason", "x")
    assert refused.exit_code == 2
    assert "does not verify" in refused.stderr
    assert told(place, "restored") == []


def test_export_and_import(place: Path, tmp_path: Path) -> None:
    anchor(place, 1)
    made = douane(place, "export", str(tmp_path / "out.zip"), "--reason", "the audit of 2026")
    assert made.exit_code == 0, made.stderr
    assert told(place, "access")[-1]["why"] == "the audit of 2026"
    there = tmp_path / "elsewhere" / "ledger.db"
    read = douane(place, "import", str(tmp_path / "out.zip"), "--to", str(there))
    assert read.exit_code == 0, read.stderr
    imported, unchecked = read.stderr.splitlines()
    assert imported.startswith(f"Imported: {there}, ")
    assert imported.endswith(", INTACT.")
    assert unchecked.startswith("Not checked: the open segment's seal (")
    assert read.stdout == ""
    assert douane(place, "import", str(tmp_path / "out.zip"), "--to", str(there)).exit_code == 2
    assert douane(place, "import", str(tmp_path / "none.zip"), "--to", str(tmp_path / "x.db")).exit_code == 2


def test_a_developer_may_do_none_of_it(place: Path, tmp_path: Path) -> None:
    config = place / "config.yaml"
    config.write_text(config.read_text() + ROLES.replace("root", getpass.getuser()), encoding="utf-8")
    file = tmp_path / "who.txt"
    file.write_text(f"{person(102)}\n", encoding="utf-8")
    asked = (
        ("purge", "--reason", "r 1"),
        ("purge", "--dry-run"),
        ("erase", "--file", str(file), "--yes", "--reason", "r 3"),
        ("backup", str(tmp_path / "copy.db"), "--reason", "r 4"),
        ("export", str(tmp_path / "out.zip"), "--reason", "r 5"),
        ("restore", str(file), "--yes", "--reason", "r 6"),
        ("key", "rotate", "--reason", "r 7", "--as", "nobody"),
        ("key", "rotate", "--new-master"),
        ("key", "show"),
        ("key", "passphrase", "--remove", "--as", "nobody"),
    )
    for arguments in asked:
        refused = douane(place, *arguments)
        assert (refused.exit_code, "may not" in refused.stderr) == (2, True), arguments
    assert not list(tmp_path.glob("*.zip"))
    user = getpass.getuser()
    named = f"nobody (system user {user})"
    assert [(one["who"], one["role"], one["what"], one["why"]) for one in told(place, "access")] == [
        (user, "developer", "refused: purge", "r 1"),
        (user, "developer", "refused: purge --dry-run", ""),
        (user, "developer", "refused: erase", "r 3"),
        (user, "developer", "refused: backup", "r 4"),
        (user, "developer", "refused: export", "r 5"),
        (user, "developer", "refused: restore", "r 6"),
        (named, "developer", "refused: key rotate", "r 7"),
        (user, "developer", "refused: key rotate", ""),
        (user, "developer", "refused: key show", ""),
        (named, "developer", "refused: key passphrase", ""),
    ]
    assert not told(place, "epoch")


def test_a_refusal_stays_out_of_a_copy(place: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert douane(place, "backup", str(copy)).exit_code == 0
    config = place / "config.yaml"
    config.write_text(config.read_text() + ROLES.replace("root", getpass.getuser()), encoding="utf-8")
    before = copy.read_bytes()
    assert douane(place, "export", str(tmp_path / "out.zip"), "--ledger", str(copy)).exit_code == 2
    assert copy.read_bytes() == before


def test_work_on_a_copy_leaves_the_anchors_with_the_ledger(place: Path, tmp_path: Path) -> None:
    copy, file = tmp_path / "copy.db", tmp_path / "who.txt"
    file.write_text(f"{person(102)}\n", encoding="utf-8")
    assert douane(place, "backup", str(copy)).exit_code == 0
    anchor(place, 1)
    (head,) = (place / "key" / "anchors").glob("*.head")
    before = head.read_bytes()
    for arguments in (
        ("rejudge",),
        ("rejudge", "--declaration", str(declared(tmp_path))),
        ("erase", "--file", str(file), "--yes"),
        ("purge",),
    ):
        done = douane(place, *arguments, "--ledger", str(copy))
        assert done.exit_code == 0, done.output
        assert head.read_bytes() == before, arguments[0]
        if arguments[0] == "erase":
            assert "This reading is not recorded: this file is a copy" in done.stderr
            assert "What is erased will be recorded in this file's chain" in done.stderr
    assert "disclosures judged" in douane(place, "rejudge").stdout
    assert head.read_bytes() != before


def declared(folder: Path) -> Path:
    """A declaration that judges otherwise than none."""
    file = folder / "crm.yaml"
    file.write_text("douane_declaration: 1\napp: crm\nto_app: [user.contact]\n", encoding="utf-8")
    return file


def test_without_the_key_nothing_is_begun(place: Path, tmp_path: Path) -> None:
    (place / "key" / "master.key").unlink()
    for arguments in (("purge",), ("backup", str(tmp_path / "copy.db")), ("export", str(tmp_path / "out.zip"))):
        assert douane(place, *arguments).exit_code == 3


@pytest.mark.promise("longer-needs-a-reason")
def test_every_report_prints_why_something_is_kept_for_longer_than_a_year(place: Path) -> None:
    config = place / "config.yaml"
    rules = "retention: {rules: [{app: crm, keep: P10Y}], reason: invoices are kept for ten years}"
    config.write_text(config.read_text().partition("retention:")[0] + rules + "\n", encoding="utf-8")
    said = "Kept for longer than twelve months (crm: P10Y), for a stated reason: invoices are kept for ten years"
    for form in ((), ("--format", "md", "-o", "-"), ("--format", "html", "-o", "-")):
        printed = douane(place, "report", *form).stdout.replace("\\", "")
        assert said in " ".join(printed.split()), form
    assert "Conservation de plus de douze mois" in douane(place, "report", "--lang", "fr").stdout
    under = json.loads(douane(place, "report", "--format", "json", "-o", "-").stdout)["under"]
    assert (under["kept_over_a_year"], under["kept_reason"]) == (["crm: P10Y"], "invoices are kept for ten years")
