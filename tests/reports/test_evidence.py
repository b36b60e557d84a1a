"""The review pack can be checked by somebody who has nothing of Douane, holds no value, and obeys profile and role."""

import csv
import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aged import MASTER, Years, datum, person

from douane.audit import taxonomy
from douane.audit.declaration import Declaration
from douane.audit.declaration_file import parse_declaration
from douane.audit.exchange import Disclosure, Exchange, Outcome
from douane.audit.message import Direction, Kind
from douane.audit.waivers import Event, Waiver
from douane.ledger import keys
from douane.ledger.anchors import FileAnchors, files_of
from douane.ledger.backup import place_of
from douane.ledger.query import open_ledger
from douane.ledger.reviews import Reviewed, State, review
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.waivers import record
from douane.reports import few
from douane.reports.i18n import Lang
from douane.reports.kinds import evidence_tables, kinds
from douane.reports.kinds.base import CannotBuild, Material
from douane.reports.kinds.holdings import Holdings
from douane.reports.kinds.said import Said
from douane.reports.page.checking import Checking
from douane.reports.page.making import Wanted, write
from douane.reports.people import Under
from douane.reports.summary import summarise

MADE = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
SEALER = Sealer(MASTER)
EVIDENCE = kinds()["evidence"]
TRAVEL = Path(__file__).parents[2] / "demo" / "data" / "travel.yaml"
DIAGNOSIS = "a made-up diagnosis"
ALONE = {
    "README.md", "LISEZMOI.md", "SHA256SUMS", "manifest.json", "audit.pdf", "audit.html", "register.pdf",
    "register.csv", "register.xlsx", "disclosures.csv", "passed-on.csv", "declarations.csv", "rules.csv",
    "waivers.csv", "reviews.csv",
}  # fmt: skip
IN, BACK = Direction.TO_APP, Direction.TO_CHATGPT


def found(category: str, value: str) -> Disclosure:
    made: Disclosure = datum("travel", category, value, b"salt")
    return replace(made, flags=taxonomy.flags(category))


class Made:
    """A sealed ledger with anchors, and what a pack is made of."""

    def __init__(self, folder: Path, *, beside: bool = False) -> None:
        self.path, self.folder, clock = folder / "data" / "douane.db", folder, Years(MADE.timestamp() - 7200)
        declared = parse_declaration(TRAVEL.read_text(encoding="utf-8"), TRAVEL.name)
        assert isinstance(declared, Declaration)
        anchors = FileAnchors(folder / "anchors")
        with Ledger(self.path, taxonomy=taxonomy.VERSION, sealer=SEALER, anchors=anchors, clock=clock) as ledger:
            ledger.add_run(at=clock(), version="0", config_sha256="")
            ledger.add_declaration(declared, at=clock())
            for number in range(1, 9):
                self._message(ledger, clock, number, IN, found("user.contact.email", person(number)))
            self._message(ledger, clock, 20, BACK, found("user.name", "Ada Specimen"))
            health = found("user.health_and_medical", DIAGNOSIS)
            self._message(ledger, clock, 21, IN, health if beside else replace(health, pseudonym=None, preview=None))
            self._message(ledger, clock, 22, IN, found("user.contact.email", person(22)), route="egress")
            self._message(ledger, clock, 23, IN, found("user.contact.email", person(23)), outcome=Outcome.REFUSED)
            ledger.seal()
        waiver = Waiver("ab" * 16, "openai/undisclosed", "travel", "=cmd|'/C calc'!A0", "the DPO", "2027-01-01")
        record(self.path, [(Event.ACCEPTED, waiver)], at=clock(), file_sha256="", sealer=SEALER, anchors=anchors)
        for app in ("travel", "another"):
            seen = [Reviewed("cd" * 16, "openai/undisclosed", app)]
            review(self.path, SEALER, seen, State.CONFIRMED, who="mara", role="dpo", anchors=anchors, clock=clock)
        anchors.close()

    def _message(
        self, ledger: Ledger, clock: Years, number: int, way: Direction, *data: Disclosure, **more: object
    ) -> None:
        clock.now += 1
        values = {"outcome": Outcome.DELIVERED, "route": "reverse"} | more
        outcome, route = values["outcome"], values["route"]
        assert isinstance(outcome, Outcome)
        assert isinstance(route, str)
        head = (f"s-{number}", 0, clock.now, "travel", way, Kind.REQUEST, "tools/call", "book_flight", outcome, 9)
        host = "stranger.example" if route == "egress" else ""
        ledger.append(Exchange(*head, disclosures=data, route=route, host=host), salt=b"salt of a message")

    def holdings(self, *, whole: bool = True) -> Holdings:
        anchors = files_of(self.folder / "anchors", place_of(self.path).ledger)
        return Holdings(self.path, tuple(anchors), SEALER, {"travel": TRAVEL}, whole, "0")

    def pack(self, *, under: Under | None = None, lang: Lang = "en", whole: bool = True, name: str = "p.zip") -> Path:
        target = self.folder / name
        with closing(open_ledger(self.path)) as db:
            summary = few.shown(replace(summarise(db, made_at=MADE), under=under or Under()))
            material = Material(db, summary, lang, MADE, holdings=self.holdings(whole=whole))
            assert EVIDENCE.stream is not None
            (told,) = EVIDENCE.stream(material, "zip", target)
        assert re.search(r"[0-9a-f]{64}", told)
        return target


def unpacked(pack: Path, folder: Path) -> Path:
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(folder)
    return folder


def checked(folder: Path) -> int:
    """What `sha256sum` says, run as the first page has it."""
    assert "    sha256sum --check --strict SHA256SUMS\n" in (folder / "LISEZMOI.md").read_text()
    return subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=folder, check=False, capture_output=True
    ).returncode


def rows(folder: Path, name: str) -> list[list[str]]:
    """The rows of a table below its heading."""
    text = (folder / name).read_text(encoding="utf-8-sig")
    return list(csv.reader(text.splitlines(), delimiter=";"))[1:]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("ledger"))


@pytest.fixture(scope="module")
def folder(made: Made) -> Path:
    """A pack of everything, in English, unpacked."""
    return unpacked(made.pack(), made.folder / "unpacked")


@pytest.mark.promise("evidence-checks-itself")
def test_it_holds_what_its_first_page_says_and_its_verifier_needs_no_douane(folder: Path) -> None:
    names = {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}
    assert {name for name in names if "/" not in name} == ALONE
    assert {"declarations/0001.json", "declarations/0001.yaml", "ledger/verify_ledger.py"} < names
    assert (folder / "declarations" / "0001.yaml").read_bytes() == TRAVEL.read_bytes()
    page = (folder / "README.md").read_text()
    command = next(line for line in page.splitlines() if line.startswith("    python "))
    assert command.count("--anchor") == 2
    elsewhere = {"PATH": os.environ["PATH"], "PYTHONPATH": ""}
    arguments = [*command.split()[1:], "--json"]
    ran = subprocess.run(
        [sys.executable, "-c", ALONE_RUN, *arguments], cwd=folder, env=elsewhere, check=False, capture_output=True
    )
    assert (ran.returncode, json.loads(ran.stdout)["word"]) == (0, "INTACT"), ran.stderr


ALONE_RUN = """
import runpy, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in ("cryptography", "cffi", "_cffi_backend"):
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.promise("evidence-checks-itself")
def test_a_byte_that_was_changed_in_any_file_is_told(folder: Path, tmp_path: Path) -> None:
    assert checked(folder) == 0
    copy = shutil.copytree(folder, tmp_path / "copy")
    listed = [line.split("  ", 1)[1] for line in (copy / "SHA256SUMS").read_text().splitlines()]
    everything = {one.relative_to(copy).as_posix() for one in copy.rglob("*") if one.is_file()}
    assert set(listed) == everything - {"SHA256SUMS"}
    told = json.loads((copy / "manifest.json").read_text())["files"]
    assert set(told) == everything - {"SHA256SUMS", "manifest.json"}
    for name in listed:
        kept = (copy / name).read_bytes()
        place = len(kept) // 2
        (copy / name).write_bytes(kept[:place] + bytes([(kept[place] if kept else 0) ^ 1]) + kept[place + 1 :])
        assert checked(copy) != 0, name
        (copy / name).write_bytes(kept)
    (copy / "rules.csv").unlink()
    assert checked(copy) != 0


def test_the_accounting_says_which_data_to_whom_and_when(folder: Path, made: Made) -> None:
    with closing(open_ledger(made.path)) as db:
        summary = summarise(db, made_at=MADE)
    found_rows = rows(folder, "disclosures.csv")
    assert len(found_rows) == summary.disclosures == 10
    first = found_rows[0]
    assert first[2:8] == [
        "2026-11-22 16:30:01", "travel", "from ChatGPT to the app", "OpenAI (ChatGPT)", "Wayfarer", "",
    ]  # fmt: skip
    assert first[9] == "user.contact.email"
    assert first[13:15] == ["Book flights", "Contract (Art. 6(1)(b))"]
    assert len(first[16]) == 64
    assert [row[5:7] for row in found_rows if row[9] == "user.name"] == [["Wayfarer", "OpenAI (ChatGPT)"]]
    (out,) = rows(folder, "passed-on.csv")
    assert out[5:8] == ["Wayfarer", "no declared recipient found", "stranger.example"]
    (waiver,) = rows(folder, "waivers.csv")
    assert waiver[5].startswith("'=cmd")
    reviewed, of_another = rows(folder, "reviews.csv")
    assert of_another[4] == "another"
    assert reviewed[1:] == ["confirmed", "cd" * 16, "openai/undisclosed", "travel", "", "mara", "dpo"]
    told = json.loads((folder / "manifest.json").read_text())["rows"]
    assert told == {name: len(rows(folder, name)) for name in told}
    assert told["rules.csv"] > 40
    assert rows(folder, "declarations.csv")[0][5] == "declarations/0001.json, declarations/0001.yaml"


@pytest.mark.promise("evidence-checks-itself")
def test_no_value_key_or_path_of_the_machine_is_in_it(folder: Path, made: Made, tmp_path: Path) -> None:
    with zipfile.ZipFile(folder / "register.xlsx") as book:
        sheets = b"".join(book.read(name) for name in book.namelist())
    content = sheets + b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())
    planted = [person(1), "Ada Specimen", DIAGNOSIS, MASTER.hex(), str(made.folder), str(tmp_path.parent)]
    assert [one for one in planted if one.encode() in content] == []
    assert MASTER not in content


def test_the_profile_audit_has_sums_without_pseudonyms_and_hides_small_counts(made: Made, tmp_path: Path) -> None:
    folder = unpacked(made.pack(under=Under(profile="audit"), lang="fr", name="audit.zip"), tmp_path)
    told = {row[6]: row[11] for row in rows(folder, "disclosures.csv")}
    assert told == {"user.contact.email": "8", "user.name": "< 5", "user.health_and_medical": "< 5"}
    with closing(sqlite3.connect(made.path)) as db:
        pseudonyms = [one for (one,) in db.execute("SELECT pseudonym FROM disclosures WHERE pseudonym IS NOT NULL")]
    assert len(pseudonyms) == 11
    papers = b"".join((folder / name).read_bytes() for name in ALONE)
    assert not any(one.encode() in papers for one in pseudonyms)
    assert (folder / "ledger" / "ledger.db").is_file()
    assert "Ne remettez le dossier ledger" in (folder / "LISEZMOI.md").read_text()


def test_under_audit_no_ledger_goes_along_that_leads_to_persons_beside_sensitive_data(tmp_path: Path) -> None:
    older = Made(tmp_path, beside=True)
    folder = unpacked(older.pack(under=Under(profile="audit")), tmp_path / "audit")
    assert not (folder / "ledger").exists()
    assert json.loads((folder / "manifest.json").read_text())["ledger_left_out_because"] == "sensitive"
    assert "no pseudonym may stand beside sensitive data" in (folder / "README.md").read_text()
    assert checked(folder) == 0


def test_the_ledger_does_not_go_along_with_some_apps_only(made: Made, tmp_path: Path) -> None:
    folder = unpacked(made.pack(whole=False, name="some.zip"), tmp_path)
    assert {one.relative_to(folder).parts[0] for one in folder.rglob("*")} == {*ALONE, "declarations"}
    assert "douane export" in (folder / "README.md").read_text()
    for name, said in (("README.md", "stays where it is"), ("LISEZMOI.md", "reste où il est")):
        page = (folder / name).read_text()
        assert said in page
        assert "goes at least as far" not in page
        assert "va au moins aussi loin" not in page


def test_of_some_apps_only_their_waivers_and_reviews_are_told(made: Made, tmp_path: Path) -> None:
    with closing(open_ledger(made.path)) as db:
        material = Material(db, replace(summarise(db, made_at=MADE), filtered=True), "en", MADE)
        of = evidence_tables.accounting(Said("en", "evidence"), material)
        assert evidence_tables.reviews(tmp_path / "reviews.csv", of) == 1
        assert evidence_tables.waivers(tmp_path / "waivers.csv", of) == 1
        nobody = replace(of, material=replace(material, summary=replace(material.summary, apps=())))
        assert evidence_tables.waivers(tmp_path / "waivers.csv", nobody) == 0


def test_only_lines_that_the_pack_joins_itself_stay_lines(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    row = ("find\r\n=contact", 3, ("Book\nrooms", "=1+1"))
    assert evidence_tables.written(path, Said("en", "evidence"), ("tool", "no", "purpose"), [row]) == 1
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file, delimiter=";"))[1] == ["find =contact", "3", "Book rooms\n'=1+1"]


def test_the_same_pack_made_twice_has_the_same_bytes_and_is_private(folder: Path, made: Made) -> None:
    first, second = folder.parent / "p.zip", made.pack(name="second.zip")
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {one.date_time for one in archive.infolist()} == {(2026, 11, 22, 18, 30, 0)}
        assert {one.external_attr >> 16 & 0o777 for one in archive.infolist()} == {0o600}


def test_a_ledger_that_was_altered_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    ours = Made(tmp_path)
    with closing(sqlite3.connect(ours.path)) as db, db:
        db.execute("UPDATE exchanges SET tool = 'other' WHERE id = 1")
    with pytest.raises(CannotBuild, match="does not verify"):
        ours.pack()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["anchors", "data"]


@pytest.mark.parametrize("apps", [(), ("travel",)])
def test_the_page_makes_the_same_pack(made: Made, tmp_path: Path, apps: tuple[str, ...]) -> None:
    checking = Checking(str(made.path), str(made.folder / "anchors"), keys.encode(MASTER))
    wanted = Wanted("evidence", "zip", "en", apps, verified=False)
    write(lambda _done, _of: None, wanted, checking, Under(), {}, str(tmp_path / "1"))
    assert stat.S_IMODE((tmp_path / "1").stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["1"]
    assert (unpacked(tmp_path / "1", tmp_path / "out") / "ledger").exists() is not bool(apps)


@pytest.fixture(params=["empty", "hostile"])
def odd(request: pytest.FixtureRequest, ledgers: dict[str, Path]) -> Iterator[Material]:
    with closing(open_ledger(ledgers[request.param])) as db:
        yield Material(db, summarise(db, made_at=MADE), "fr", MADE)


def test_odd_ledgers_make_one_too(odd: Material, tmp_path: Path) -> None:
    assert EVIDENCE.stream is not None
    EVIDENCE.stream(odd, "zip", tmp_path / "p.zip")
    folder = unpacked(tmp_path / "p.zip", tmp_path / "out")
    assert checked(folder) == 0
    assert b"<script" not in (folder / "audit.html").read_bytes()
    assert len(rows(folder, "disclosures.csv")) == odd.summary.disclosures
    for name in ("disclosures.csv", "declarations.csv", "waivers.csv"):
        assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows(folder, name) for cell in row)
    assert all(re.fullmatch(r"[\w./-]+", one.name) for one in folder.rglob("*"))
