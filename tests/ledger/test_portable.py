import hashlib
import json
import shutil
import sqlite3
import stat
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aged import DAY, MASTER, SECOND, Years, fill, person

from douane.ledger.anchors import FileAnchors, files_of
from douane.ledger.backup import place_of
from douane.ledger.erase import erase, find
from douane.ledger.portable import LEDGER, MANIFEST, Exported, export, import_
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.purge import Purge
from douane.ledger.query import last_exchanges, open_ledger
from douane.ledger.refused import LedgerRefused
from douane.ledger.retention import Keep, Policy
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.verify import verify
from douane.ledger.verify_words import Word

SEALER = Sealer(MASTER)
NAMES = {"README.md", "LISEZMOI.md", "ledger.db", "verify_ledger.py", "manifest.json", "public-keys.json"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger in which somebody was erased, some detail has expired and a segment was purged."""
    return filled(tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of such a ledger as a folder, for tests that copy it."""
    place = tmp_path_factory.mktemp("whole")
    exported(filled(place), place / "out")
    return place / "out"


def filled(tmp_path: Path) -> Path:
    path, clock = tmp_path / "data" / "douane.db", Years()
    fill(path, clock, hours=1, calls=3)
    clock.now += 360 * DAY
    fill(path, clock, hours=2, calls=5, first=100)
    clock.now += 20 * DAY
    policy = Policy(rules=(Keep("P10D", category="user.health_and_medical"),))
    with Purge(path, SEALER, policy, who="a test", clock=clock) as work:
        while work.step():
            pass
    with closing(open_ledger(path)) as db:
        found = find(db, Pseudonymiser(MASTER), [("user.contact.email", person(101))])
    erase(path, SEALER, found, who="ada", clock=clock)
    anchors = FileAnchors(tmp_path / "anchors")
    with Ledger(path, taxonomy="t-1", sealer=SEALER, anchors=anchors, clock=clock) as ledger:
        ledger.add_app("shop", at=clock())
        ledger.seal()
    anchors.close()
    return path


def exported(path: Path, target: Path) -> Exported:
    kept = files_of(path.parent.parent / "anchors", place_of(path).ledger)
    assert len(kept) == 2
    return export(path, target, anchors=kept, sealer=SEALER, at="2026-11-22T10:00:00.000Z", version="0")


@pytest.mark.promise("export-verifies")
@pytest.mark.parametrize("name", ["out.zip", "out"])
def test_an_export_holds_everything_and_its_own_verifier_agrees(path: Path, tmp_path: Path, name: str) -> None:
    done = exported(path, tmp_path / name)
    assert done.verified.word == Word.PURGED
    assert done.lines["exchanges"] == 13
    folder = tmp_path / "unpacked"
    if name == "out.zip":
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        zipfile.ZipFile(tmp_path / name).extractall(folder)
    else:
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o700
        folder = tmp_path / name
    assert {one.name for one in folder.iterdir()} == {*NAMES, "anchors", "tables"}
    manifest = json.loads((folder / MANIFEST).read_text())
    everything = {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}
    assert set(manifest["files"]) == everything - {MANIFEST}
    assert {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in manifest["files"]
    } == {name: one["sha256"] for name, one in manifest["files"].items()}  # fmt: skip
    options = [word for one in sorted((folder / "anchors").iterdir()) for word in ("--anchor", str(one))]
    ran = subprocess.run(
        [sys.executable, folder / "verify_ledger.py", folder / LEDGER, *options, "--json"],
        check=False, capture_output=True, text=True, cwd=folder,
    )  # fmt: skip
    assert (ran.returncode, json.loads(ran.stdout)["word"]) == (0, "PURGED-BY-POLICY"), ran.stderr


@pytest.mark.promise("nothing-kept-beside")
def test_an_export_leaves_free_pages_and_ends_of_pages_behind(path: Path, tmp_path: Path) -> None:
    kept = b"kept by somebody in a page that is free"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA secure_delete = OFF").close()
        db.execute("CREATE TABLE hidden (text TEXT)")
        db.executemany("INSERT INTO hidden VALUES (?)", [(kept.decode() * 20,)] * 50)
        db.execute("DROP TABLE hidden")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    assert kept in path.read_bytes()
    done = exported(path, tmp_path / "out")
    assert done.verified.word.holds
    ledger = tmp_path / "out" / LEDGER
    assert kept not in ledger.read_bytes()
    assert stat.S_IMODE(ledger.stat().st_mode) == 0o600
    assert place_of(ledger) == done.place
    with closing(sqlite3.connect(ledger)) as db:
        assert db.execute("PRAGMA freelist_count").fetchone() == (0,)


@pytest.mark.promise("export-verifies")
def test_an_export_carries_no_key_and_no_path_of_the_machine(path: Path, tmp_path: Path) -> None:
    exported(path, tmp_path / "out")
    content = b"".join(one.read_bytes() for one in (tmp_path / "out").rglob("*") if one.is_file())
    assert MASTER not in content
    assert MASTER.hex().encode() not in content
    assert str(path.parent).encode() not in content


def test_the_lines_say_what_the_tables_hold(path: Path, tmp_path: Path) -> None:
    exported(path, tmp_path / "out")
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        rows = [
            {key: value.hex() if isinstance(value, bytes) else value for key, value in dict(row).items()}
            for row in db.execute("SELECT * FROM disclosures ORDER BY id")
        ]
    lines = (tmp_path / "out" / "tables" / "disclosures.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == rows


def test_an_import_makes_a_ledger_for_reading_elsewhere(path: Path, tmp_path: Path) -> None:
    for name in ("out.zip", "out"):
        exported(path, tmp_path / name)
        target = tmp_path / f"{name}.db"
        assert import_(tmp_path / name, target).word == Word.PURGED
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        with closing(open_ledger(target)) as there, closing(open_ledger(path)) as here:
            assert last_exchanges(there, 99) == last_exchanges(here, 99)


def altered(folder: Path, name: str, change: Any) -> None:
    """Change a file of an export, and the manifest with it, as whoever alters one would."""
    change(folder / name)
    manifest = json.loads((folder / MANIFEST).read_text())
    content = (folder / name).read_bytes()
    manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (folder / MANIFEST).write_text(json.dumps(manifest))


def set_outcome(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("UPDATE exchanges SET outcome = 'failed' WHERE id = (SELECT max(id) FROM exchanges)")


@pytest.mark.promise("export-verifies")
@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        (LEDGER, set_outcome, "ALTERED"),
        (LEDGER, lambda file: file.write_bytes(file.read_bytes()[:5000]), "cannot be read"),
        (LEDGER, lambda file: file.write_bytes(b"no ledger"), "ledger"),
        (MANIFEST, lambda file: file.write_text('{"format": "douane-export/99", "files": {}}'), "no export"),
        (MANIFEST, lambda file: file.write_text("[" * 100_000), "no export"),
        (MANIFEST, lambda file: file.write_text('{"format": "douane-export/1", "files": []}'), "no export"),
        (MANIFEST, lambda file: file.unlink(), "cannot be read"),
    ],
    ids=["outcome", "cut", "no-ledger", "other-format", "deep", "no-files", "no-manifest"],
)
def test_what_does_not_verify_is_refused_and_leaves_nothing(
    path: Path, tmp_path: Path, name: str, change: Any, why: str
) -> None:
    exported(path, tmp_path / "out")
    if name == MANIFEST:
        change(tmp_path / "out" / name)
    else:
        altered(tmp_path / "out", name, change)
    with pytest.raises(LedgerRefused, match=why):
        import_(tmp_path / "out", tmp_path / "in" / "l.db")
    assert not list((tmp_path / "in").glob("*"))


@pytest.mark.promise("export-verifies")
def test_a_manifest_leads_no_verifier_out_of_the_folder(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, beside, content = tmp_path / "out", tmp_path / "beside", b"of no export"
    exported(path, folder)
    beside.write_bytes(content)
    (folder / "link").symlink_to(beside)
    for inside in ("C:drive", "back\\slash", "of another size"):
        (folder / inside).write_bytes(content)
    names = {str(beside), "../beside", "link", "C:drive", "back\\slash", "null\0", "of another size"}
    manifest = json.loads((folder / MANIFEST).read_text())
    for name in names:
        size = len(content) + (name == "of another size")
        manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": size}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    read: list[str] = []

    def noting(file: Path) -> str:
        read.append(file.name)
        return hashlib.sha256(file.read_bytes()).hexdigest()

    monkeypatch.setattr("douane.ledger.verify_export.digest", noting)
    monkeypatch.setattr(SECOND, "digest_of", noting)
    assert names <= {one.table for one in verify(folder / LEDGER, children=0).found}
    assert {SECOND.plain(name) for name in names} <= {one.where for one in SECOND.verify(folder / LEDGER).findings}
    assert LEDGER in read
    assert not {"beside", "link", "C:drive", "back\\slash", "of another size"} & set(read), "they are not even read"


def swap_recipients(file: Path) -> None:
    text = file.read_text()
    assert '"user.contact.email"' in text
    file.write_text(text.replace('"user.contact.email"', '"user.contact"', 1))


@pytest.mark.promise("export-verifies")
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("disclosures", swap_recipients),
        ("exchanges", lambda file: file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))),
        ("gaps", lambda file: file.write_text(file.read_text() + "{}\n")),
        ("apps", lambda file: file.write_text(file.read_text().replace('{"id":1,', '{"id":7,"id":1,', 1))),
    ],
)
def test_a_table_beside_the_ledger_that_says_something_else_is_told_by_import_and_verifier(
    path: Path, tmp_path: Path, name: str, change: Any
) -> None:
    exported(path, tmp_path / "out")
    ledger = tmp_path / "out" / LEDGER
    assert SECOND.verify(ledger).word == "PURGED-BY-POLICY"
    altered(tmp_path / "out", f"tables/{name}.jsonl", change)
    with pytest.raises(LedgerRefused, match=rf"the tables were altered: {name}\.jsonl"):
        import_(tmp_path / "out", tmp_path / "l.db")
    said = SECOND.verify(ledger)
    assert said.word == verify(ledger, children=0).word == "ALTERED"
    assert f"tables/{name}.jsonl" in said.findings[-1].where
    assert f"tables/{name}.jsonl" in [one.table for one in verify(ledger, children=0).found]
    (tmp_path / "out" / "tables" / f"{name}.jsonl").unlink()
    assert SECOND.verify(ledger).findings[-1].what == "is not there"
    assert verify(ledger, children=0).found[-1].what == "export-gone"
    with pytest.raises(LedgerRefused):
        import_(tmp_path / "out", tmp_path / "l.db")


def other_key(file: Path) -> None:
    said = json.loads(file.read_text())
    file.write_text(json.dumps({**said, "segments": {**said["segments"], "1": "00" * 32}}))


def other_end(file: Path) -> None:
    said = json.loads(file.read_text())
    file.write_text(json.dumps({**said, "seq": said["seq"] + 1}))


@pytest.mark.promise("export-verifies")
@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda out: altered(out, "public-keys.json", other_key), "public-keys.json"),
        (lambda out: (out / "public-keys.json").unlink(), "public-keys.json"),
        (lambda out: other_end(out / MANIFEST), MANIFEST),
        (lambda out: (out / "README.md").write_text("It needs no verifying."), "README.md"),
        (lambda out: (out / "verify_ledger.py").write_text("print('INTACT')"), "verify_ledger.py"),
        (lambda out: shutil.rmtree(out / "anchors"), "anchors/"),
        (lambda out: (out / "anchors" / "more.head").write_text(next(out.glob("anchors/*.head")).read_text()), "more"),
        (lambda out: shutil.rmtree(out / "tables"), "tables/"),
        (lambda out: (out / "tables" / "more").mkdir(), "tables/more"),
        (lambda out: (out / "tables" / "more.jsonl").write_text("{}"), "tables/more"),
        (lambda out: (out / "ledger.db-wal").touch(), "ledger.db-wal"),
    ],
    ids=lambda one: one.strip("/") if isinstance(one, str) else "",
)
def test_whatever_of_an_export_was_changed_added_or_taken_away_is_told_by_import_and_verifier(
    whole: Path, tmp_path: Path, change: Any, where: str
) -> None:
    out = shutil.copytree(whole, tmp_path / "out")
    change(out)
    for source in (out, Path(shutil.make_archive(str(out), "zip", out))):
        with pytest.raises(LedgerRefused, match=where):
            import_(source, tmp_path / "l.db")
    said, first = SECOND.verify(out / LEDGER), verify(out / LEDGER, children=0)
    assert said.word == first.word == "ALTERED"
    assert any(where in one.where for one in said.findings)
    assert any(where in one.table for one in first.found)


def test_what_somebody_lays_beside_an_export_is_nobody_s_business(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("received on Monday")
    assert import_(tmp_path / "out", tmp_path / "l.db").word == Word.PURGED
    assert SECOND.verify(tmp_path / "out" / LEDGER).word == "PURGED-BY-POLICY"
    assert verify(tmp_path / "out" / LEDGER, children=0).word == "PURGED-BY-POLICY"


@pytest.mark.promise("export-verifies")
def test_lines_are_held_to_rows_value_by_value_by_both_verifiers(whole: Path, tmp_path: Path) -> None:
    out = shutil.copytree(whole, tmp_path / "out")
    name = "tables/apps.jsonl"
    lines = [json.loads(line) for line in (out / name).read_text().splitlines()]
    first = lines[0]
    words: dict[str, set[str]] = {}
    for how, one in {
        "other spaces": json.dumps(first, indent=None),
        "a real number": json.dumps({**first, "id": float(first["id"])}),
        "a truth": json.dumps({**first, "egress": bool(first["egress"])}),
        "a list of pairs": json.dumps(list(first.items())),
        "a list of no pairs": json.dumps([[*pair, 1] for pair in first.items()]),
        "another order": json.dumps(dict(reversed(first.items()))),
        "half a character": json.dumps({**first, "name": "\ud800"}),
        "no number": json.dumps({**first, "id": float("nan")}),
        "much": "[" * 100_000,
        "nothing": "",
    }.items():
        text = "\n".join([one, *map(json.dumps, lines[1:])]) + "\n"
        altered(out, name, lambda file: file.write_text(text))  # noqa: B023 - called at once
        words[how] = {verify(out / LEDGER, children=0).word, SECOND.verify(out / LEDGER).word}
    assert words.pop("other spaces") == {"PURGED-BY-POLICY"}
    assert words == {key: {"ALTERED"} for key in words}


def test_a_part_that_is_twice_in_an_archive_is_refused(whole: Path, tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "out"), "zip", whole)
    with zipfile.ZipFile(tmp_path / "out.zip", "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("README.md", "It needs no verifying.")
    with pytest.raises(LedgerRefused, match=r"README\.md"):
        import_(tmp_path / "out.zip", tmp_path / "l.db")


def test_an_anchor_that_came_along_has_to_hold(path: Path, tmp_path: Path) -> None:
    exported(path, tmp_path / "out")
    (head,) = (tmp_path / "out" / "anchors").glob("*.head")
    said = json.loads(head.read_text())
    head.write_text(json.dumps({**said, "seq": said["seq"] + 5}))
    with pytest.raises(LedgerRefused, match="TRUNCATED"):
        import_(tmp_path / "out", tmp_path / "l.db")


def test_the_ledger_of_another_export_is_refused(path: Path, tmp_path: Path) -> None:
    exported(path, tmp_path / "out")
    with (tmp_path / "out" / LEDGER).open("ab") as file:
        file.write(b"\0" * 4096)
    with pytest.raises(LedgerRefused):
        import_(tmp_path / "out", tmp_path / "l.db")


def test_an_archive_that_unpacks_to_more_than_it_says_is_refused(path: Path, tmp_path: Path) -> None:
    exported(path, tmp_path / "out")
    (tmp_path / "out" / LEDGER).write_bytes(b"\0" * 50_000_000)
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in (tmp_path / "out").rglob("*"):
            if one.is_file():
                archive.write(one, one.relative_to(tmp_path / "out").as_posix())
    with pytest.raises(LedgerRefused, match=r"larger|cannot be read"):
        import_(bomb, tmp_path / "l.db")


def test_an_altered_ledger_is_not_exported(path: Path, tmp_path: Path) -> None:
    set_outcome(path)
    with pytest.raises(LedgerRefused, match="ALTERED"):
        exported(path, tmp_path / "out.zip")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["anchors", "data"]


def test_what_is_neither_a_zip_file_nor_a_folder_is_told_what_to_name(path: Path, tmp_path: Path) -> None:
    with pytest.raises(LedgerRefused, match="neither a zip file nor a folder; name what `douane export` wrote"):
        import_(path, tmp_path / "l.db")
    assert not (tmp_path / "l.db").exists()


def test_nothing_is_written_over(path: Path, tmp_path: Path) -> None:
    exported(path, tmp_path / "out.zip")
    with pytest.raises(FileExistsError):
        exported(path, tmp_path / "out.zip")
    with pytest.raises(FileExistsError):
        import_(tmp_path / "out.zip", path)
