"""The incident file gives what was recorded and leaves the judgement, the consequences and the measures to a person."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from douane.audit.exchange import Exchange, Label, Outcome, Pseudonym
from douane.audit.message import Direction, Kind
from douane.ledger.erase import erase, find
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.query import open_ledger
from douane.reports import few
from douane.reports.document import Blank, Cell, Document, Facts, Section, Table
from douane.reports.i18n import LANGS, Lang
from douane.reports.kinds import kinds
from douane.reports.kinds.base import CannotBuild, Material
from douane.reports.people import Under
from douane.reports.summary import summarise

MADE = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
IN = Direction.TO_APP
INCIDENT = kinds()["incident"]


@pytest.fixture
def seen(golden: Any, make_datum: Callable[..., Any]) -> Any:
    """An app that got six e-mail addresses with a health condition, and other data beside them."""
    for number in range(6):
        mail = make_datum("user.contact.email", "/params/arguments/email", Label.CLEAR, Label.CLEAR)
        digest = Pseudonym(f"{number:064x}", "1-0123456789ab")
        illness = make_datum("user.health_and_medical", "/params/arguments/reason", Label.OMITTED, Label.OMITTED)
        golden.message("clinic", IN, "book", replace(mail, pseudonym=digest), illness)
    city = make_datum("user.location.imprecise", "/params/arguments/city", Label.CLEAR, Label.CLEAR)
    golden.message("clinic", IN, "near", city, times=3)
    golden.message("clinic", IN, "book", city, outcome=Outcome.FAILED, times=2)
    return golden


def made(seen: Any, *categories: str, lang: Lang = "en", under: Under | None = None) -> Document:
    """The incident of the ledger for these categories."""
    with closing(open_ledger(seen.ledger.path)) as db:
        summary = few.shown(replace(summarise(db, made_at=MADE), under=under or Under()))
        return INCIDENT.build(Material(db, summary, lang, MADE, categories=categories))


def section(document: Document, anchor: str) -> Section:
    """The section of that anchor."""
    pending = [document.perimeter, *document.sections]
    while pending:
        one = pending.pop()
        if one.anchor == anchor:
            return one
        pending.extend(one.below)
    raise AssertionError(anchor)


def facts(document: Document, anchor: str) -> dict[str, Cell]:
    """The labels of a section with what stands beside each."""
    return dict(next(block for block in section(document, anchor).blocks if isinstance(block, Facts)).rows)


def rows(document: Document, anchor: str) -> tuple[tuple[Cell, ...], ...]:
    """The rows of a section's table."""
    return next(block for block in section(document, anchor).blocks if isinstance(block, Table)).rows


def test_it_counts_the_messages_records_and_people_of_the_categories_asked_for(seen: Any) -> None:
    document = made(seen, "user.health_and_medical")
    nature = facts(document, "nature")
    assert (nature["Messages concerned"], nature["Records concerned (data that were disclosed)"]) == (6, 6)
    assert [row[1:4] for row in rows(document, "people")] == [
        ("users of ChatGPT", 1, 6),
        ("people whom the data concern", 6, 6),
    ]
    assert rows(document, "people")[0][4] == "pseudonyms of ChatGPT’s user id; 6 requests do not name their user"
    assert [(row[0], row[1], row[3]) for row in rows(document, "data")] == [
        ("clinic", "Health (Art. 9, platform rule)", 6)
    ]


def test_both_directions_and_every_verdict_of_a_category_are_told(seen: Any, make_datum: Callable[..., Any]) -> None:
    found = make_datum("user.name", "/params/arguments/who", Label.CLEAR, Label.CLEAR)
    seen.message("clinic", IN, "book", found, times=20)
    seen.message("clinic", IN, "book", make_datum("user.name", "/params/arguments/who", Label.OMITTED, Label.OMITTED))
    seen.message("clinic", Direction.TO_CHATGPT, "book", found, times=3)
    document = made(seen, "user.name")
    told = {row[2]: row[6] for row in rows(document, "data")}
    assert told["from ChatGPT to the app"] == ("no declaration found: 1", "declared: 20")
    assert told["from the app to ChatGPT"] == "declared"
    line = facts(document, "line")["Categories and records"]
    assert line == ["clinic, Name, from ChatGPT to the app: 21", "clinic, Name, from the app to ChatGPT: 3"]


@pytest.mark.parametrize(
    ("lang", "users", "names", "gone"),
    [
        (
            "en", "1 request named its user, whose pseudonym was erased or has expired: it may be anybody’s",
            "Given name: 2 in 2 messages; equal ones count anew in each (see the method)",
            "2 data whose identifiers were erased or have expired",
        ),
        (
            "fr",
            "1 requête nommait son utilisateur, dont le pseudonyme a été effacé ou est arrivé à échéance : elle peut "
            "être de n’importe qui",
            "Prénom : 2 dans 2 messages ; une même valeur compte de nouveau dans chacun (voir la méthode)",
            "2 données dont les identifiants ont été effacés ou sont arrivés à échéance",
        ),
    ],
)  # fmt: skip
def test_equal_names_and_what_was_erased_are_not_told_as_something_else(
    golden: Any, make_datum: Callable[..., Any], lang: Lang, users: str, names: str, gone: str
) -> None:
    keys = Pseudonymiser(bytes(32))
    for number, mail in enumerate(("ada@people.example", "ada@people.example", "bea@people.example")):
        salt = number.to_bytes(16, "big")
        values = (
            ("/params/_meta/openai~1subject", "user.unique_id.pseudonymous", f"v1/user-of-{mail}"),
            ("/params/arguments/email", "user.contact.email", mail),
            ("/params/arguments/first", "user.name.first", "Fictitious"),
        )
        data = tuple(
            replace(
                make_datum(category, pointer, Label.CLEAR, Label.CLEAR),
                pseudonym=keys.of("clinic", category, value, salt=salt),
            )
            for pointer, category, value in values
        )
        head = (f"n-{number}", 0, 1_800_000_000.0 + number, "clinic", IN, Kind.REQUEST, "tools/call", "book")
        golden.ledger.append(Exchange(*head, Outcome.DELIVERED, 9, flow=f"n{number}", disclosures=data), salt=salt)
    with closing(open_ledger(golden.ledger.path)) as db:
        found = find(db, keys, [("user.contact.email", "bea@people.example")])
    erase(golden.ledger.path, None, found, who="a test")
    of_users, of_people = (row[4] for row in rows(made(golden, lang=lang), "people"))
    said = [str(line).replace("\u00a0", " ").replace("\u202f", " ") for line in (*of_users, *of_people)]  # type: ignore[misc]
    assert users in said
    assert names in said
    assert gone in said


def test_what_a_person_has_to_say_is_left_blank(seen: Any) -> None:
    document = made(seen)
    blanks = [
        label
        for anchor in ("qualify", "nature", "contact", "consequences", "measures", "line")
        for label, value in facts(document, anchor).items()
        if isinstance(value, Blank)
    ]
    assert blanks == [
        "Became aware on", "Notify before", "Reasons for a delay (Art. 33(1))", "Kind of breach",
        "Data protection officer", "Organisation", "Consequences for people, and how grave",
        "Information of the people (Art. 34)", "Taken", "Proposed", "No.", "Became aware on", "Effects",
        "Remedial action", "Authority notified on, or why not", "People told on, or why not",
    ]  # fmt: skip


def test_what_is_not_counted_is_told(seen: Any) -> None:
    (text,) = section(made(seen), "uncounted").blocks
    assert "clinic: 2 messages that were refused, failed or have an unknown outcome (2 data" in str(text)


def test_small_counts_obey_the_profile(seen: Any) -> None:
    document = made(seen, "user.location", under=Under(profile="audit"))
    assert facts(document, "nature")["Messages concerned"] == "< 5"
    assert {cell for row in rows(document, "people") for cell in row[2:4]} == {"< 5"}
    assert document.wide is not None
    assert "< 5" in str(document.wide.rows[0])
    assert '"messages": "< 5"' in json.dumps(document.data)


def test_categories_that_never_crossed_make_no_incident(seen: Any) -> None:
    document = made(seen, "user.financial")
    assert rows(document, "data") == rows(document, "people") == ()
    nature = facts(document, "nature")
    assert nature["Messages concerned"] == 0
    assert nature["First and last message concerned"] == (
        "no message of these apps, in this period, holds these categories"
    )


@pytest.mark.parametrize("lang", LANGS)
def test_every_format_is_made_and_their_figures_agree(seen: Any, lang: Lang) -> None:
    with closing(open_ledger(seen.ledger.path)) as db:
        material = Material(db, summarise(db, made_at=MADE), lang, MADE)
        files = {form: INCIDENT.make(material, form) for form in INCIDENT.formats}
    told = json.loads(files["json"])
    document = made(seen, lang=lang)
    assert (told["messages"], told["records"]) == (9, 15)
    assert sum(one["disclosures"] for one in told["data"]) == told["records"]
    assert [told[name] for name in ("became_aware", "consequences", "measures")] == [None] * 3
    people = told["people"][0]["data_subjects"]
    assert people == {"least": 6, "most": 9, "data_without": 3, "data_erased": 0, "data_unkept": 0}
    assert files["csv"].decode("utf-8-sig").count(";") >= 9
    book = load_workbook(BytesIO(files["xlsx"]))
    data = next(sheet for sheet in book if sheet.max_row == len(rows(document, "data")) + 1 and sheet.max_column == 7)
    assert data.max_row > 1
    assert files["pdf"].startswith(b"%PDF-")


def test_it_speaks_of_a_breach_only_as_the_law_does(seen: Any) -> None:
    text = str(made(seen, lang="fr")).replace("\\xa0", "\u00a0")
    assert "au sens de l’art.\u00a04(12)" in text
    said = text.lower()
    assert said.count("violation") == said.count("registre des violations") + said.count("nature de la violation") + 1


def test_a_category_that_is_none_is_refused(seen: Any) -> None:
    with pytest.raises(CannotBuild, match="not in the taxonomy"):
        made(seen, "user.helth")


@pytest.mark.parametrize("name", ["empty", "gaps_only", "hostile"])
def test_odd_ledgers_make_one_too(ledgers: dict[str, Path], name: str) -> None:
    with closing(open_ledger(ledgers[name])) as db:
        material = Material(db, summarise(db, made_at=MADE), "fr", MADE)
        assert b"<script" not in INCIDENT.make(material, "html")
        assert INCIDENT.make(material, "pdf").startswith(b"%PDF-")
