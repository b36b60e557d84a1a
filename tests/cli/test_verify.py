"""`douane verify` and `douane anchor`: what they print, exit with and keep, and that `run` refuses an older copy."""

import base64
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import chained
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner, Result

from douane.cli.main import app
from douane.cli.run import begins, purged
from douane.cli.verify import SENTENCES, as_text
from douane.ledger.anchors import FileAnchors, files_of
from douane.ledger.checkpoint import Signature, consistency, key_id, read_note, read_witness
from douane.ledger.passphrase import lock
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.swapped import swapped
from douane.ledger.verify import verify as verified
from douane.ledger.verify_anchors import segments_of
from douane.ledger.writing import writing


@dataclass(frozen=True, slots=True)
class Place:
    """A ledger with its key and anchors where a configuration says that they are."""

    config: Path
    ledger: Path
    key: Path
    anchors: Path

    @property
    def number(self) -> str:
        """The ledger's number."""
        return segments_of(self.ledger)[0].name

    def __call__(self, *words: str, config: Path | None = None) -> Result:
        """Run a command with this configuration."""
        return CliRunner().invoke(app, [*words, "--config", str(config or self.config)])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    anchors = tmp_path / "keys" / "anchors"
    kept: list[FileAnchors] = []

    def keep() -> FileAnchors:
        kept.append(FileAnchors(anchors))
        return kept[-1]

    with monkeypatch.context() as during:
        during.setattr(chained, "Kept", keep)
        made = chained.chained(tmp_path / "data")
    kept[0].close()
    key = tmp_path / "keys" / "master.key"
    made.key_file.rename(key)
    config = tmp_path / "config.yaml"
    config.write_text(f"storage: {{folder: {tmp_path / 'data'}, key_file: {key}}}\n")
    return Place(config, made.path, key, anchors)


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(statement)


def test_an_intact_ledger_is_told_with_its_counts_and_anchors(place: Place) -> None:
    ran = place("verify")
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.startswith(f"INTACT {place.ledger}\n7/7 segments, 152/152 events\n")
    assert "8/8 anchors hold\n" in ran.stdout
    assert f"Anchors in {place.anchors}: {place.number}.jsonl, {place.number}.head\n" in ran.stdout
    assert "Not checked" not in ran.stdout


def test_one_of_a_thing_is_told_as_one(place: Place) -> None:
    found = verified(place.ledger)
    said = as_text(place.ledger, replace(found, open_events=1, expired=1, erased=1), ())
    assert f"Segment {found.open_segment} is open, with 1 event\n" in said
    assert "\n1 row has lost its detail by the retention rules\n1 row has lost its detail because a person" in said
    said = as_text(place.ledger, replace(found, open_events=2, expired=2, erased=2), ())
    assert (
        "is open, with 2 events\n2 rows have lost their detail by the retention rules\n2 rows have lost their" in said
    )
    assert purged({"segments": 1, "events": 1, "details": 1}) == (
        "Purged by the retention rules: 1 whole segment with 1 event, and the detail of 1 row (docs/retention.md)."
    )


def test_what_does_not_hold_is_told_with_its_place_and_exit_code_1(place: Place) -> None:
    change(place.ledger, "UPDATE exchanges SET method = 'tools/list' WHERE id = 3")
    ran = place("verify")
    assert ran.exit_code == 1
    assert ran.stdout.startswith(f"ALTERED {place.ledger}\n6/7 segments, 151/152 events\n")
    (line,) = [one for one in ran.stdout.splitlines() if one.startswith("ALTERED segment")]
    assert "exchanges row 3, 2096-" in line
    assert line.endswith(SENTENCES["leaf"])
    told = json.loads(place("verify", "--format", "json").stdout)
    assert (told["word"], told["events"], told["found_count"]) == ("ALTERED", {"held": 151, "of": 152}, 1)
    assert (told["found"][0]["what"], told["found"][0]["table"], told["found"][0]["row"]) == ("leaf", "exchanges", 3)
    assert [one["word"] for one in told["closed"]].count("ALTERED") == 1


def test_many_places_are_counted_and_the_first_are_shown(place: Place) -> None:
    change(place.ledger, "UPDATE verdicts SET reason = 'other'")
    change(place.ledger, "UPDATE disclosures SET evidence = 'other'")
    change(place.ledger, "UPDATE disclosures SET length = 'other'")
    ran = place("verify")
    assert ran.stdout.splitlines()[-1].startswith("… and ")
    told = json.loads(place("verify", "--format", "json").stdout)
    assert told["found_count"] > 20


def test_without_a_key_it_says_what_it_could_not_check(place: Place, tmp_path: Path) -> None:
    place.key.rename(tmp_path / "elsewhere.key")
    ran = place("verify")
    assert ran.exit_code == 0
    assert "Not checked: the open segment's seal (21 events), since there is no master key here\n" in ran.stdout
    assert f"No master key at {place.key}\n" in ran.stdout
    ran = place("verify", "--key-file", str(tmp_path / "elsewhere.key"))
    assert (ran.exit_code, "Not checked" in ran.stdout) == (0, False)
    other = tmp_path / "other.key"
    other.write_text(base64.b64encode(bytes(32)).decode())
    other.chmod(0o600)
    ran = place("verify", "--key-file", str(other))
    assert (ran.exit_code, SENTENCES["seal"] in ran.stdout) == (1, True)


def test_a_key_that_is_there_and_cannot_be_used_leaves_the_ledger_unchecked_with_exit_code_2(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(why: str) -> None:
        ran = place("verify")
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert "so the ledger was not checked" in ran.stderr
        assert why in ran.stderr

    secret = tmp_path / "secret"
    secret.write_text("correct horse\n")
    secret.chmod(0o600)
    place.key.chmod(0o644)
    refused("others can read or write it")
    place.key.chmod(0o600)
    place.key.write_bytes(lock(place.key.read_bytes(), "correct horse"))
    refused("is locked with a passphrase")
    monkeypatch.setenv("DOUANE_PASSPHRASE_FILE", str(secret))
    assert place("verify").exit_code == 0
    secret.write_text("another\n")
    refused("give its passphrase")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--ledger", "none.db"), "none.db: there is no such file"),
        (("--ledger", "."), ".: is a folder; name the ledger's file"),
        (("--ledger", "/dev/null"), "/dev/null: is no regular file"),
        (("--ledger", "config.yaml"), "config.yaml: is no ledger (SQLITE_NOTADB); name the ledger's file"),
        (("--key-file", "none.key"), "none.key"),
        (("--anchor", "none.txt"), "none.txt: cannot be read as an anchor"),
        (("--anchor", "config.yaml"), "line 1 is no anchor of a ledger"),
        (("--witness", "w1"), "this is no verifier key"),
    ],
)
def test_what_cannot_be_read_is_exit_code_2(
    place: Place, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(place.config.parent)
    ran = place("verify", *options)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_an_older_copy_is_truncated_by_the_anchors_beside_the_key(place: Place, tmp_path: Path) -> None:
    copy = older(place, tmp_path)
    ran = place("verify", "--ledger", str(copy))
    assert ran.exit_code == 1
    assert ran.stdout.startswith("TRUNCATED ")
    assert place("verify").exit_code == 0


def older(place: Place, tmp_path: Path) -> Path:
    """A copy from before the last event, whose event the anchors know."""
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(place.ledger)) as db, closing(sqlite3.connect(copy)) as target:
        db.backup(target)
    keep = FileAnchors(place.anchors)
    with writing(place.ledger, Sealer(chained.MASTER), anchors=keep, clock=lambda: chained.START + 90_000) as (
        _,
        chain,
    ):
        chain.tell("access", chained.READING)
    keep.close()
    return copy


@pytest.mark.promise("older-copy-refused")
def test_run_refuses_an_older_copy_and_names_the_way(place: Place, tmp_path: Path) -> None:
    copy = older(place, tmp_path)
    assert swapped(place.ledger, place.anchors) is None
    copy.replace(place.ledger)
    for side in ("-wal", "-shm"):
        Path(f"{place.ledger}{side}").unlink(missing_ok=True)
    ran = place("run", "http://127.0.0.1:9/mcp", "--port", "0")
    assert ran.exit_code == 3
    assert f"{place.ledger} is an older copy of the ledger: it ends with event 152" in ran.stderr
    assert "knows it with event 153" in ran.stderr
    assert "`douane restore`" in ran.stderr


@pytest.mark.promise("older-copy-refused")
@pytest.mark.parametrize("end", [True, False])
def test_another_history_in_the_ledgers_place_is_noticed(place: Place, end: bool) -> None:
    if not end:  # the anchor is of an event before the last one
        with writing(place.ledger, Sealer(chained.MASTER), clock=lambda: chained.START + 90_000) as (_, chain):
            chain.tell("access", chained.READING)
    assert swapped(place.ledger, place.anchors) is None
    file = place.anchors / f"{place.number}.head"
    file.write_text(json.dumps({**json.loads(file.read_text()), "head": "ab" * 32}))
    assert "has another history" in str(swapped(place.ledger, place.anchors))


@pytest.mark.promise("older-copy-refused")
def test_a_deleted_ledger_is_not_begun_again_unless_somebody_says_why(place: Place) -> None:
    number, file = place.number, place.anchors / f"{place.number}.head"
    standing = json.loads(file.read_text()) | {"file": str(place.ledger.resolve())}
    file.write_text(json.dumps(standing))
    assert place("verify").exit_code == 0
    for side in ("", "-wal", "-shm"):
        Path(f"{place.ledger}{side}").unlink(missing_ok=True)
    ran = place("run", "http://127.0.0.1:9/mcp", "--port", "0")
    assert ran.exit_code == 3
    assert f"knows another ledger at {place.ledger}: {number} up to event 152" in ran.stderr
    assert "`douane run --new-ledger WHY`" in ran.stderr
    assert not place.ledger.exists()
    with Ledger(place.ledger, sealer=Sealer(chained.MASTER)) as ledger:  # by an older Douane, which did not look
        ledger.add_app("crm", at=chained.START)
    ran = place("verify")
    assert ran.exit_code == 1
    assert ran.stdout.startswith("FORKED ")
    assert f"knows another ledger at {place.ledger}: {number}" in ran.stdout
    assert begins(place.ledger, place.anchors, chained.MASTER, "the old one is archived")
    ran = place("verify")
    assert ran.exit_code == 0, ran.output
    assert f"this ledger took the place of the ledger {number}, known up to event 152" in ran.stdout


def test_no_anchor_no_ledger_and_no_database_are_no_swap(place: Place, tmp_path: Path) -> None:
    assert swapped(place.ledger, tmp_path) is None
    assert swapped(tmp_path / "none.db", place.anchors) is None
    (tmp_path / "text.db").write_text("no database at all")
    assert swapped(tmp_path / "text.db", place.anchors) is None


@pytest.mark.promise("older-copy-refused")
@pytest.mark.parametrize("text", ["half a li", "", '{"head": 3}'])
def test_a_ledger_whose_last_standing_cannot_be_read_is_not_believed(place: Place, text: str) -> None:
    (place.anchors / f"{place.number}.head").write_text(text)
    assert "is damaged. Put it back from a copy" in str(swapped(place.ledger, place.anchors))


def test_a_checkpoint_is_printed_and_serves_as_an_anchor(place: Place, tmp_path: Path) -> None:
    ran = place("anchor")
    assert ran.exit_code == 0, ran.output
    note = read_note(ran.stdout)
    assert (note.origin, note.size) == (f"douane/{place.number}", 7)
    kept = tmp_path / "kept"
    kept.write_text(ran.stdout)
    assert "9/9 anchors hold" in place("verify", "--anchor", str(kept)).stdout
    kept.write_text(ran.stdout.replace("\n7\n", "\n5\n"))
    assert place("verify", "--anchor", str(kept)).stdout.startswith("FORKED ")
    kept.write_text(ran.stdout.replace(place.number, "0" * 32))
    assert SENTENCES["note-ledger"] in place("verify", "--anchor", str(kept)).stdout
    key = place("anchor", "--key").stdout.strip()
    public = base64.b64decode(key.split("+", 2)[2])[1:]
    assert note.is_signed(public)
    assert key.startswith(f"{note.origin}+")


@pytest.mark.parametrize("since", [0, 3, 7])
def test_a_witness_is_sent_the_old_size_the_proof_and_the_checkpoint(place: Place, since: int) -> None:
    """c2sp.org/tlog-witness, add-checkpoint: an old size line, proof lines, an empty line, the checkpoint."""
    ran = place("anchor", "--since", str(since))
    head, _, note = ran.stdout.partition("\n\n")
    first, *proof = head.split("\n")
    assert first == f"old {since}"
    assert [base64.b64decode(line) for line in proof] == consistency(segments_of(place.ledger)[1], since)
    assert note == place("anchor").stdout


def test_a_size_that_was_never_reached_is_refused(place: Place) -> None:
    ran = place("anchor", "--since", "8")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "the ledger has 7 closed segments" in ran.stderr


def witnessed(text: str, name: str, at: int = 1_800_000_000) -> tuple[str, str]:
    """A witness's answer to a checkpoint, and its verifier key."""
    key = Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b"."))
    public, note = key.public_key().public_bytes_raw(), read_note(text)
    signed = key.sign(f"cosignature/v1\ntime {at}\n{note.text}".encode())
    line = Signature(name, key_id(name, public, b"\x04") + at.to_bytes(8, "big") + signed).line
    shown = key_id(name, public, b"\x04").hex()
    return f"{line}\n", f"{name}+{shown}+{base64.b64encode(b'\x04' + public).decode()}"


def test_an_answer_before_any_checkpoint_is_told_to_print_one_first(place: Place, tmp_path: Path) -> None:
    (tmp_path / "answer").write_text("\u2014 witness.example/w1 AAAAAAAA\n")
    ran = place("anchor", "--add-cosignature", str(tmp_path / "answer"))
    assert ran.exit_code == 2
    assert f"{tmp_path / 'answer'}: answers no checkpoint of this ledger; print one with `douane anchor`" in ran.stderr


def test_cosignatures_are_kept_and_looked_for(place: Place, tmp_path: Path) -> None:
    printed = place("anchor").stdout
    answer, key = witnessed(printed, "witness.example/w1")
    other, second = witnessed(printed, "witness.example/w2")
    (tmp_path / "answer").write_text(answer)
    (tmp_path / "whole").write_text(printed + other)
    ran = place("anchor", "--add-cosignature", str(tmp_path / "answer"))
    assert ran.exit_code == 0, ran.output
    assert place("anchor", "--add-cosignature", str(tmp_path / "whole")).exit_code == 0
    kept = place.anchors / f"{place.number}-7.checkpoint"
    assert kept in files_of(place.anchors, place.number)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [one.name.partition("/")[2] for one in read_note(kept.read_text()).signatures] == [place.number, "w1", "w2"]
    _, stranger = witnessed(printed, "witness.example/w3")
    ran = place("verify", "--witness", key, "--witness", second, "--witness", stranger)
    assert ran.exit_code == 0
    assert "9/9 anchors hold" in ran.stdout
    assert "Witness.example/w1 cosigned the checkpoint of 7 segments at 2027-01-15T08:00:00Z\n" in ran.stdout
    assert "Witness.example/w3 cosigned none of the checkpoints\n" in ran.stdout
    assert read_witness(key).name == "witness.example/w1"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text.replace("\n7\n", "\n5\n"), "is no checkpoint that this ledger signed"),
        (lambda text: text, "holds no cosignature of a witness"),
        (lambda text: text + "— witness.example/w1 AAAAAAAA\n", "holds no cosignature of a witness"),
        (lambda _: "something else", "has a line that is no signature"),
    ],
)
def test_what_is_no_cosigned_checkpoint_of_ours_is_not_kept(
    place: Place, tmp_path: Path, spoil: Callable[[str], str], message: str
) -> None:
    (tmp_path / "answer").write_text(spoil(place("anchor").stdout))
    ran = place("anchor", "--add-cosignature", str(tmp_path / "answer"))
    assert ran.exit_code == 2
    assert message in ran.stderr
    assert not list(place.anchors.glob("*-*"))


@pytest.mark.promise("checkpoint-standard")
def test_no_checkpoint_is_made_of_an_altered_ledger(place: Place) -> None:
    change(place.ledger, "UPDATE exchanges SET method = 'tools/list' WHERE id = 3")
    ran = place("anchor")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "is ALTERED, and no checkpoint is made of it" in ran.stderr


def test_a_restored_copy_and_hostile_names_in_it_are_told_without_being_obeyed(place: Place) -> None:
    body = {"at": "2096-10-03T00:00:00.000Z", "who": "ann\x1b[31m", "reason": "disk", "copy": 140, "seq": 149}
    with writing(place.ledger, Sealer(chained.MASTER), clock=lambda: chained.START + 90_000) as (_, chain):
        chain.tell("restored", {**body, "head": "00" * 32})
    ran = place("verify")
    assert "put in place by ann\ufffd[31m: events 141 to 149 were given up (disk)" in ran.stdout


@pytest.mark.promise("older-copy-refused")
@pytest.mark.parametrize("closed", [False, True], ids=["the last standing", "a closed segment"])
def test_nothing_is_appended_to_an_older_copy_so_that_it_cannot_become_the_newest(
    place: Place, tmp_path: Path, closed: bool
) -> None:
    copy = older(place, tmp_path)
    if closed:  # the last standing is lost, a line of the history stays
        keep = FileAnchors(place.anchors)
        with Ledger(place.ledger, sealer=Sealer(chained.MASTER), anchors=keep) as ledger:
            ledger.add_app("another", at=1.0)
            ledger.seal()
        keep.close()
        (place.anchors / f"{place.number}.head").unlink()
    copy.replace(place.ledger)
    for side in ("-wal", "-shm"):
        Path(f"{place.ledger}{side}").unlink(missing_ok=True)
    before = {one.name: one.read_bytes() for one in place.anchors.iterdir()}
    ran = place("report", "--reason", "a look")
    assert ran.exit_code != 0
    assert f"{place.ledger} is an older copy of the ledger" in ran.stderr
    assert {one.name: one.read_bytes() for one in place.anchors.iterdir()} == before
    assert place("verify").stdout.startswith("TRUNCATED ")
