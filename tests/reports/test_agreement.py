"""What several documents say of one thing, they say alike; and the commands that they cite take what they are given."""

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer.main

import douane.reports
from douane.audit.declaration import Declaration
from douane.audit.declaration_file import parse_declaration
from douane.audit.exchange import Label
from douane.audit.history import FieldUse, Observation, Seen
from douane.audit.message import Direction
from douane.cli.main import app as front_door
from douane.ledger.query import open_ledger
from douane.reports import json_
from douane.reports.document import Table
from douane.reports.i18n import Lang
from douane.reports.kinds import kinds
from douane.reports.kinds.base import Material, Seal
from douane.reports.kinds.gathered import About, gathered
from douane.reports.people import Under
from douane.reports.render import render
from douane.reports.summary import summarise

MADE = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
TRAVEL = Path(__file__).parents[2] / "demo" / "data" / "travel.yaml"
IN, CLEAR = Direction.TO_APP, Label.CLEAR
DATA = Path(douane.reports.__file__).parent / "data"
TAKES_A_MESSAGE = "show"
"""The command to which a document may hand the number of an exchange; `why` takes that of a disclosure."""


@pytest.fixture
def travel() -> Declaration:
    read = parse_declaration(TRAVEL.read_text(encoding="utf-8"), TRAVEL.name)
    assert isinstance(read, Declaration)
    return read


@pytest.fixture
def seen(golden: Any, make_datum: Callable[..., Any], travel: Declaration) -> Any:
    """An app that received some data, was seen to name three hosts, and declares a category that nothing can find."""
    golden.ledger.add_app("travel", at=golden.at, upstream_host="travel.example.org")
    golden.ledger.add_declaration(travel, at=golden.at)
    for place, category in enumerate(
        ("user.childrens", "user.financial.bank_account.iban", "user.location.precise", "user.contact.email")
    ):
        golden.message("travel", IN, "book_flight", make_datum(category, f"/x/{place}", CLEAR, CLEAR), times=6)
    noted = (
        Observation(Seen.FILE_DOWNLOAD, "files.example.net"),
        Observation(Seen.CSP_CONNECT, "metrics.example.net", "ui://card"),
        Observation(Seen.RETURNED_URL, "api.air.example"),
    )
    golden.ledger.note("travel", at=golden.at, observations=noted)
    return golden


@pytest.fixture
def made(seen: Any) -> Callable[..., str]:
    """Makes a document of the ledger as Markdown, its escapes taken out."""

    def of(kind: str, lang: Lang = "en", **more: Any) -> str:
        with closing(open_ledger(seen.ledger.path)) as db:
            document = kinds()[kind].build(Material(db, summarise(db, made_at=MADE), lang, MADE, **more))
        return render(document, "md").decode().replace("\\", "")

    return of


@pytest.mark.parametrize("kind", ["audit", "register", "incident", "dpia"])
def test_every_document_names_the_hosts_that_were_seen_and_by_what(made: Callable[..., str], kind: str) -> None:
    said = made(kind)
    for host, how in (
        ("files.example.net", "file that ChatGPT hands over"),
        ("metrics.example.net", "rights of a widget; its traffic is not observable"),
        ("api.air.example", "link in an answer"),
    ):
        assert re.search(rf"{re.escape(host)}.{{0,60}}{how}", said), (host, kind)


def test_a_declared_host_is_not_called_observed(seen: Any, travel: Declaration) -> None:
    with closing(open_ledger(seen.ledger.path)) as db:
        material = Material(db, summarise(db, made_at=MADE), "en", MADE, declarations={"travel": travel})
        document = kinds()["audit"].build(material)
    table = next(one for one in document.tables if one.caption == "Recipients and destinations")
    headings = [column.heading for column in table.columns]
    declared, observed = headings.index("Declared destination"), headings.index("Observed destination")
    rows = {str(row[0]): row for row in table.rows if row[-1] == "declaration"}
    assert rows["Air Example"][declared] == ["api.air.example"]
    assert {row[observed] for row in rows.values()} == {None}
    assert {row[observed] for row in table.rows if row[-1] != "declaration"} >= {"files.example.net", "api.air.example"}


def test_a_host_seen_outside_the_period_is_not_named(seen: Any) -> None:
    with closing(sqlite3.connect(seen.ledger.path)) as db:
        later = summarise(db, since="2027-01-01", made_at=MADE)
        now = summarise(db, made_at=MADE)
    assert [one.host for app in now.apps for one in app.sighted] == [
        "api.air.example",
        "files.example.net",
        "metrics.example.net",
    ]
    assert [one.recipient for one in now.apps[0].sighted] == ["Air Example", "", ""]
    assert not any(app.sighted for app in later.apps)


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "not looked for by detection"), ("fr", "non recherchée par la détection")]
)
def test_what_no_detector_can_find_is_not_called_unobserved(made: Callable[..., str], lang: Lang, words: str) -> None:
    for kind in ("audit", "register"):
        lines = [line for line in made(kind, lang).splitlines() if re.match(r"\| (Language|Langue) \|", line)]
        assert lines, kind
        assert all(words in line for line in lines), kind


def test_an_organisation_is_no_recipient_of_its_own(seen: Any, travel: Declaration) -> None:
    def external(declared: Declaration) -> str:
        with closing(open_ledger(seen.ledger.path)) as db:
            material = Material(db, summarise(db, made_at=MADE), "en", MADE, declarations={"travel": declared})
            text = render(kinds()["register"].build(material), "md").decode()
        return "\n".join(line for line in text.splitlines() if line.startswith("- **Other recipients"))

    assert "Wayfarer" not in external(travel)
    party = replace(travel.organisation.party, name="Sample Tours", legal_name="")
    assert "Wayfarer" in external(replace(travel, organisation=replace(travel.organisation, party=party)))


def test_a_processor_processes_what_comes_back_too(seen: Any, travel: Declaration) -> None:
    purpose = travel.purposes[0]
    roles = replace(purpose.roles, publisher="processor", organisation="controller")
    declared = replace(travel, purposes=(replace(purpose, to_app=(), to_chatgpt=("user.name",), roles=roles),))
    with closing(open_ledger(seen.ledger.path)) as db:
        material = Material(db, summarise(db, made_at=MADE), "en", MADE, declarations={"travel": declared})
        document = kinds()["register"].build(material)
    (row,) = next(one for one in document.tables if one.name.startswith("Record of the processor")).rows
    assert row[2] == (purpose.name, "Name, from the app to ChatGPT")


def test_what_calls_for_care_is_more_than_what_the_law_names(made: Callable[..., str]) -> None:
    for kind, heading in (("incident", "To weigh"), ("dpia", "to weigh")):
        line = next(one for one in made(kind).splitlines() if heading in one)
        for what in ("A child’s data", "IBAN (financial)", "Precise location"):
            assert what in line.replace("'", "’"), (kind, what)
        assert "E-mail" not in line


def cited() -> list[tuple[str, str]]:
    """Every command that a text of the documents cites, with the text."""
    texts = [
        text
        for file in sorted(DATA.glob("*.json"))
        if file.name != "glyphs.json"
        for pair in json.loads(file.read_text(encoding="utf-8")).values()
        for text in pair.values()
    ]
    return [(name, text) for text in texts for name in re.findall(r"\bdouane ([a-z]+(?:-[a-z]+)*)\b", text)]


def test_every_command_that_a_document_cites_exists() -> None:
    known = set(typer.main.get_command(front_door).commands)  # type: ignore[attr-defined]
    assert len(cited()) > 20
    assert {name for name, _ in cited()} <= known


def test_the_number_of_an_exchange_is_handed_to_the_command_that_takes_one() -> None:
    by_number = [
        (name, text)
        for name, text in cited()
        if name in ("show", "why") and re.search(r"exchange|échange|message", text)
    ]
    assert by_number
    assert {name for name, _ in by_number} == {TAKES_A_MESSAGE}


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("kind", ["audit", "register", "incident", "dpia", "exit"])
def test_no_table_has_a_name_that_a_tab_of_a_workbook_would_cut(seen: Any, kind: str, lang: Lang) -> None:
    with closing(open_ledger(seen.ledger.path)) as db:
        document = kinds()[kind].build(Material(db, summarise(db, made_at=MADE), lang, MADE))
    assert [table.name for table in document.tables if len(table.name) > 31] == []


def test_people_who_are_as_many_at_least_as_at_most_are_one_number(made: Callable[..., str]) -> None:
    said = made("incident", "fr")
    assert not re.search(r"de (\d+) à \1\b", said)
    assert "0 requête" not in said


def test_the_kit_proposes_a_legal_basis_and_supposes_none(seen: Any) -> None:
    with closing(open_ledger(seen.ledger.path)) as db:
        document = kinds()["kit"].build(Material(db, summarise(db, made_at=MADE), "fr", MADE))
    papers = {one.anchor: str(one).replace("\\xa0", " ") for one in document.sections}
    for name in ("register", "notice", "interests", "dpia"):
        assert "proposée" in papers[name], name
        assert "art. 6(1)(e)" in papers[name], name
    for name in ("register", "notice", "interests"):
        assert "Base légale retenue" in papers[name], name
    assert "Blank" in papers["interests"].partition("Autres suites données aux oppositions")[2][:60]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_perimeter_names_the_first_and_the_last_message_of_the_period(
    golden: Any, make_datum: Callable[..., Any], lang: Lang
) -> None:
    """Not when the app was first connected, nor what crossed before the period or after it."""
    golden.ledger.add_app("travel", at=golden.at, upstream_host="travel.example.org")
    golden.ledger.add_app("quiet", at=golden.at, upstream_host="quiet.example.org")
    crossed = []
    for _ in range(6):
        golden.message("travel", IN, "book_flight", make_datum("user.contact.email", "/x", CLEAR, CLEAR))
        crossed.append(datetime.fromtimestamp(golden.at, UTC))
    golden.message("quiet", IN, "read", make_datum("user.contact.email", "/x", CLEAR, CLEAR))
    since, until = crossed[1].isoformat(), crossed[4].isoformat()
    with closing(open_ledger(golden.ledger.path)) as db:
        summary = summarise(db, since=since, until=until, made_at=MADE)
        document = kinds()["audit"].build(Material(db, summary, lang, MADE))
    (seen,) = (one for one in document.perimeter.below if one.anchor == "perimeter-seen")
    (table,) = (one for one in seen.blocks if isinstance(one, Table))
    headings = [column.heading for column in table.columns]
    first = headings.index("First message" if lang == "en" else "Premier message")
    assert headings[first + 1] == ("Last message" if lang == "en" else "Dernier message")
    assert {row[0]: row[first - 1 : first + 2] for row in table.rows} == {
        "travel": (3, crossed[1], crossed[3]), "quiet": (0, "—", "—"),
    }  # fmt: skip
    told = {app["name"]: app for app in json.loads(json_.render(summary, lang=lang))["apps"]}
    assert (told["quiet"]["first_seen"], told["quiet"]["last_seen"]) == (None, None)
    assert datetime.fromisoformat(told["travel"]["last_seen"]) == crossed[3]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_report_of_a_period_tells_nothing_that_was_observed_beside_it(
    golden: Any, make_datum: Callable[..., Any], lang: Lang
) -> None:
    """What a tool says of itself stays, and is headed as what it is; what the tool received and returned does not."""
    golden.tool("travel", "book_flight", readOnlyHint=True)
    golden.message("travel", IN, "book_flight", make_datum("user.contact.email", "/x", CLEAR, CLEAR), times=6)
    used = FieldUse("book_flight", Direction.TO_CHATGPT, "/debug/trace_id", 6)
    left = Observation(Seen.UNLISTED, "/params/arguments/passport", "", "book_flight")
    golden.ledger.note("travel", at=golden.at, observations=(left,), uses=(used,))
    after = datetime.fromtimestamp(golden.at + 60, UTC).isoformat()
    day = {"en": "of how these stood last", "fr": "porte sur leur dernier état"}[lang]
    empty = {"en": "No message was observed in this period.", "fr": "Aucun message n’a été observé sur cette période."}
    told: dict[str, tuple[bool, ...]] = {}
    with closing(open_ledger(golden.ledger.path)) as db:
        for name, since, until in (("all", None, None), ("after", after, None), ("before", None, "2026-01-01")):
            about = About(since=since, until=until)
            given = gathered(db, about, lang, seal=Seal(), under=Under(), declarations={}, now=MADE)
            text = kinds()["audit"].make(given, "md").decode().replace("\\", "").replace("\u00a0", " ")
            rules = {group.rule.id for group in given.summary.findings.groups} if given.summary.findings else set()
            assert "openai/annotations" in rules, name
            observed = not rules.isdisjoint({"openai/internal-ids", "openai/open-schema"})
            told[name] = (observed, "trace_id" in text or "passport" in text, day in text, empty[lang] in text)
    assert told == {
        "all": (True, True, False, False), "after": (False, False, True, True), "before": (False, False, True, True),
    }  # fmt: skip
