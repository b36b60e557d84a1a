"""`douane show` shows a message in full, says whether its rows hold in the chain, and obeys roles and profiles."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aged import MASTER, Years, call, datum, salt_of
from click.testing import Result
from typer.testing import CliRunner

from douane.audit.message import Gap
from douane.cli.main import app
from douane.ledger.access import accesses
from douane.ledger.crossed import crossed
from douane.ledger.erase import erase, find
from douane.ledger.keys import encode
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.query import open_ledger
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger

MAIL = ("user.contact.email", "camille@example.org")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger with a call, its answer, a health datum with a name beside it, and a second segment that is open."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").mkdir(mode=0o700)
    key = tmp_path / "key" / "master.key"
    key.write_text(encode(MASTER))
    key.chmod(0o600)
    monkeypatch.setenv("DOUANE_KEY_FILE", str(key))
    (tmp_path / "config.yaml").write_text("storage: {folder: data}\n")
    clock = Years()
    with Ledger(tmp_path / "data" / "douane.db", taxonomy="t-1", clock=clock, sealer=Sealer(MASTER)) as ledger:
        ledger.append(call(1, "crm", "s", datum("crm", *MAIL, b""), at=clock()))
        ledger.append(replace(call(2, "crm", "s", at=clock(), answers=1), duration_ms=12.5, http_status=200))
        ledger.seal()
        clock.now += 5
        ill = replace(datum("crm", "user.health_and_medical", "x", salt_of(3)), flags=("art9",), preview=None)
        named = replace(datum("crm", "user.name", "Ada Lovelace", b""), preview="Ad…ce")
        late = replace(call(3, "crm", "s", ill, named, at=clock()), gaps=(Gap("too-deep", "/params", "33", 10),))
        ledger.append(late, salt=salt_of(3))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["show", *arguments], prog_name="douane", env={"COLUMNS": "80"})


def shown(*arguments: str) -> dict[str, Any]:
    ran = run(*arguments, "--json")
    assert ran.exit_code == 0, ran.output
    read: dict[str, Any] = json.loads(ran.stdout)
    return read


def test_a_message_is_shown_whole_in_both_languages(place: Path) -> None:
    for lang, expected in (
        ("en", ("Message 1: ChatGPT → crm", "E-mail address: declared", "16-31 characters", "Answered by: message 2")),
        ("fr", ("Message 1 : ChatGPT → crm", "Adresse électronique : déclarée", "16-31 caractères", "message 1 sur 3")),
    ):
        ran = run("1", "--lang", lang)
        assert (ran.exit_code, ran.stderr) == (0, "")
        said = " ".join(ran.stdout.replace("\u00a0", " ").split())
        assert [part for part in expected if part not in said] == []
        assert max(map(len, ran.stdout.splitlines())) <= 80
        assert MAIL[1] not in ran.stdout


def test_links_lead_to_the_request_and_through_the_session(place: Path) -> None:
    second = shown("2")
    assert (second["exchange"]["answers"], second["exchange"]["duration_ms"]) == (1, 12.5)
    assert {key: second["session"][key] for key in ("messages", "place", "before", "after")} == {
        "messages": 3, "place": 2, "before": 1, "after": 3,
    }  # fmt: skip
    assert shown("1")["exchange"]["answered"] == [2]


@pytest.mark.promise("shown-with-its-evidence")
def test_the_events_of_a_message_hold_in_a_closed_and_in_the_open_segment(place: Path) -> None:
    first, third = shown("1")["chain"], shown("3")["chain"]
    assert (first["holds"], first["segment"], first["signature_holds"], first["heads_hold"]) == (True, 1, True, True)
    assert (third["holds"], third["segment"], third["signature_holds"], third["closed_at"]) == (True, 2, None, None)
    kinds = [one["kind"] for one in third["events"]]
    assert kinds == ["exchange", "disclosure", "disclosure", "verdict", "verdict", "gap"]
    assert all(one["seq"] for one in third["events"])


ALTERED: list[tuple[str, str, Callable[[dict[str, Any]], bool]]] = [
    ("UPDATE exchanges SET method = 'tools/list' WHERE id = 1", "1", lambda one: one["events"][0]["holds"]),
    ("UPDATE disclosures SET category = 'user.name' WHERE id = 1", "1", lambda one: one["events"][1]["holds"]),
    ("UPDATE disclosures SET preview = 'zz…zz' WHERE id = 1", "1", lambda one: one["events"][1]["detail"]),
    ("UPDATE exchanges SET salt = x'00' WHERE id = 3", "3", lambda one: one["events"][0]["detail"]),
    ("UPDATE segments SET version = 'x' WHERE number = 1", "1", lambda one: one["signature_holds"]),
    ("UPDATE events SET leaf = zeroblob(32) WHERE seq = 1", "1", lambda one: one["heads_hold"]),
    ("DELETE FROM events WHERE kind = 'gap' AND row = 3", "3", lambda one: one["events"][-1]["seq"] != 0),
]


@pytest.mark.promise("shown-with-its-evidence")
@pytest.mark.parametrize(("sql", "number", "part"), ALTERED, ids=[one[0] for one in ALTERED])
def test_what_was_altered_does_not_hold_and_is_said_loudly(
    place: Path, sql: str, number: str, part: Callable[[dict[str, Any]], bool]
) -> None:
    (place / "copy.db").write_bytes((place / "data" / "douane.db").read_bytes())
    with closing(sqlite3.connect(place / "copy.db")) as db:
        db.execute(sql)
        db.commit()
    chain = shown(number, "--ledger", "copy.db")["chain"]
    assert (chain["holds"], part(chain)) == (False, False)
    said = run(number, "--ledger", "copy.db").stdout
    assert "NOT" in said.partition("In the chain")[2]


def test_what_was_erased_is_said_and_holds(place: Path) -> None:
    path = place / "data" / "douane.db"
    with closing(open_ledger(path)) as db:
        gone = find(db, Pseudonymiser(MASTER), [MAIL])
    erase(path, Sealer(MASTER), gone, who="ada")
    one = shown("1")
    assert (one["exchange"]["detail_gone"], one["session"], one["chain"]["holds"]) == (True, None, True)
    assert (one["chain"]["detail_taken_away_by"], one["disclosures"][0]["detail_gone"]) == ("erased", True)
    assert "because a person asked for erasure" in " ".join(run("1").stdout.split())


@pytest.mark.parametrize(("profile", "previews"), [("dev", [None, "Ad…ce"]), ("audit", [None, None])])
def test_previews_beside_sensitive_data_are_not_shown_under_audit(
    place: Path, profile: str, previews: list[str | None]
) -> None:
    (place / "config.yaml").write_text(f"storage: {{folder: data}}\nprofile: {profile}\n")
    assert [one["preview"] for one in shown("3")["disclosures"]] == previews
    assert ("Ad…ce" in run("3").stdout) is (profile == "dev")


def test_a_gap_is_said_with_its_place(place: Path) -> None:
    said = " ".join(run("3").stdout.split())
    assert "nested deeper than the inspection limit · at /params · 33 · 10 B" in said


@pytest.mark.promise("access-told")
def test_it_is_told_and_a_developer_sees_their_own_app_only(place: Path) -> None:
    roles = "roles: [{who: jon, role: developer, apps: [crm]}, {who: ann, role: developer, apps: [elsewhere]}]"
    (place / "config.yaml").write_text(f"storage: {{folder: data}}\n{roles}\n")
    assert run("1", "--as", "jon").exit_code == 0
    refused = run("1", "--as", "ann")
    assert (refused.exit_code, refused.stdout) == (2, "")
    with closing(open_ledger(place / "data" / "douane.db")) as db:
        assert [one.what for one in accesses(db)] == ["show message 1", "refused: show message 1"]


@pytest.mark.parametrize("number", ["0", "99", "x"])
def test_a_message_that_is_not_there_is_said(place: Path, number: str) -> None:
    ran = run(number)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "99" not in number or "there is no message 99" in ran.stderr


def test_a_ledger_that_was_never_sealed_is_read_as_well(tmp_path: Path) -> None:
    with Ledger(tmp_path / "d.db", taxonomy="t-1") as ledger:
        ledger.append(call(1, "crm", "", at=1_790_000_000.0))
    with closing(open_ledger(tmp_path / "d.db")) as db:
        one = crossed(db, 1)
    assert one is not None
    assert one.chain is not None
    assert (one.chain.segment, one.chain.holds, one.chain.seq > 0) == (0, True, True)


def test_the_number_of_a_disclosure_leads_to_its_message(place: Path) -> None:
    clock = Years()
    clock.now += 10
    data = [datum("crm", *MAIL, bytes([number])) for number in range(4)]
    with Ledger(place / "data" / "douane.db", taxonomy="t-1", clock=clock, sealer=Sealer(MASTER)) as ledger:
        ledger.append(call(4, "crm", "s", *data, at=clock()))
    ran = run("7")
    assert ran.exit_code == 2
    assert "7 is no message, but a disclosure in message 4: douane show 4" in " ".join(ran.stderr.split())
