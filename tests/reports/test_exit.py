"""The exit file lists what depends on ChatGPT, whom to ask for erasure and what to revoke, from what was seen."""

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

from douane.audit.context import ToolSchema
from douane.audit.declaration import Declaration
from douane.audit.declaration_file import parse_declaration
from douane.audit.exchange import Exchange, Label, Outcome
from douane.audit.history import Observation, Seen
from douane.audit.message import Direction, Kind
from douane.ledger.query import open_ledger
from douane.reports import few
from douane.reports.document import Blank, Cell, Document, Table
from douane.reports.i18n import LANGS, Lang
from douane.reports.kinds import kinds
from douane.reports.kinds.base import Material
from douane.reports.people import Under
from douane.reports.summary import summarise

MADE = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
IN, BACK = Direction.TO_APP, Direction.TO_CHATGPT
TRAVEL = Path(__file__).parents[2] / "demo" / "data" / "travel.yaml"
EXIT = kinds()["exit"]


@pytest.fixture
def seen(golden: Any, make_datum: Callable[..., Any]) -> Any:
    """An app with a widget, files, sign-in, ChatGPT's own fields, a secret, and something sent on to a stranger."""
    declared = parse_declaration(TRAVEL.read_text(encoding="utf-8"), TRAVEL.name)
    assert isinstance(declared, Declaration)
    ledger = golden.ledger
    ledger.add_declaration(declared, at=golden.at)
    meta = {"openai/outputTemplate": "ui://trip/card", "securitySchemes": [{"type": "oauth2", "scopes": ["trips"]}]}
    ledger.add_tool("travel", ToolSchema("book_flight", {"type": "object"}, meta=meta), at=golden.at)
    city = make_datum("user.location.imprecise", "/params/_meta/openai~1userLocation/city", Label.GAP, Label.VAGUE)
    where = make_datum("user.location.precise", "/params/_meta/openai~1userLocation/latitude", Label.GAP, Label.VAGUE)
    token = make_datum("system.secret.token", "/params/arguments/key", Label.OMITTED, Label.OMITTED)
    golden.message("travel", IN, "book_flight", city, where, token, times=6)
    golden.message("travel", BACK, "book_flight", make_datum("user.name", "/result/x", Label.GAP, Label.CLEAR), times=5)
    golden.passage("travel", "auth.wayfarer.example", "oauth", 7)
    golden.passage("travel", "wayfarer.example", "checkout", 5)
    mail = make_datum("user.contact.email", "/body/email", Label.GAP, Label.OMITTED)
    ledger.append(
        Exchange(
            "s-out", 0, golden.at, "travel", IN, Kind.REQUEST, None, None, Outcome.DELIVERED, 9,
            route="egress", host="stranger.example", disclosures=(mail,),
        )
    )  # fmt: skip
    with ledger.batch():
        ledger.note("travel", at=golden.at, observations=(Observation(Seen.FILE_DOWNLOAD, "files.chatgpt.example"),))
    return golden


def made(seen: Any, lang: Lang = "en", under: Under | None = None) -> Document:
    """The exit file of the ledger."""
    with closing(open_ledger(seen.ledger.path)) as db:
        summary = few.shown(replace(summarise(db, made_at=MADE), under=under or Under()))
        return EXIT.build(Material(db, summary, lang, MADE))


def rows(document: Document, anchor: str) -> tuple[tuple[Cell, ...], ...]:
    """The rows of the table in a section."""
    section = next(one for one in document.sections if one.anchor == anchor)
    return next(block for block in section.blocks if isinstance(block, Table)).rows


def test_it_names_what_only_chatgpt_offers_and_where_that_was_seen(seen: Any) -> None:
    found = rows(made(seen), "features")
    assert [(row[2], row[3]) for row in found] == [
        ("openai/outputTemplate", "tools: book_flight"),
        ("openai/userLocation", "6 messages, last on 22\u00a0Nov\u00a02026"),
        ("download_url", "hosts: files.chatgpt.example"),
        ("checkout", "hosts: wayfarer.example"),
    ]


def test_it_names_whom_to_ask_for_erasure_with_what_they_got(seen: Any) -> None:
    found = {str(row[1]): row for row in rows(made(seen), "erasure")}
    assert list(found) == [
        "Wayfarer (IE)", "Air Example (PT)", "Fictional Airways (US)", "stranger.example", "OpenAI (ChatGPT)",
    ]  # fmt: skip
    assert found["Wayfarer (IE)"][4] == "privacy@wayfarer.example"
    assert "Precise location (observed, 6)" in str(found["Wayfarer (IE)"][3])
    assert "E-mail address (declared)" in str(found["Air Example (PT)"][3])
    assert found["stranger.example"][2] == "destination observed, no declared recipient found"
    assert found["OpenAI (ChatGPT)"][3] == ("Name (observed, 5)",)
    assert all(isinstance(row[5], Blank) for row in found.values())


def test_it_names_what_to_revoke_and_no_secret(seen: Any) -> None:
    found = rows(made(seen), "revoke")
    assert [row[1] for row in found] == [
        "the connection of the app in ChatGPT (disconnect it)",
        "access and refresh tokens (OAuth)",
        "sign-in that tools ask for",
        "a secret that crossed: Access token",
    ]
    assert found[1][2] == ("auth.wayfarer.example: 7 passages, last on 22\u00a0Nov\u00a02026",)
    assert all(isinstance(row[3], Blank) for row in found)


def test_small_counts_obey_the_profile(seen: Any) -> None:
    document = made(seen, under=Under(profile="audit"))
    stranger = next(row for row in rows(document, "erasure") if row[1] == "stranger.example")
    assert stranger[3] == ("E-mail address (observed, < 5)",)
    assert "6 messages" not in str(rows(document, "features"))


@pytest.mark.parametrize("lang", LANGS)
def test_every_format_is_made_and_their_figures_agree(seen: Any, lang: Lang) -> None:
    with closing(open_ledger(seen.ledger.path)) as db:
        summary = summarise(db, made_at=MADE)
        files = {form: EXIT.make(Material(db, summary, lang, MADE), form) for form in EXIT.formats}
    told, document = json.loads(files["json"]), made(seen, lang)
    assert [one["who"] for one in told["erasure"]] == [
        "Wayfarer", "Air Example", "Fictional Airways", "stranger.example", "OpenAI (ChatGPT)",
    ]  # fmt: skip
    got = [each["observed"] for one in told["erasure"] for each in one["got"] if one["why"] in ("publisher", "openai")]
    assert sum(got) == summary.disclosures == told["apps"][0]["disclosures"]
    assert len(told["features"]) == len(rows(document, "features"))
    book = load_workbook(BytesIO(files["xlsx"]))
    assert len(book.sheetnames) == 1 + len(document.tables)
    assert files["pdf"].startswith(b"%PDF-")


@pytest.mark.parametrize("name", ["empty", "gaps_only", "hostile"])
def test_odd_ledgers_make_one_too(ledgers: dict[str, Path], name: str) -> None:
    with closing(open_ledger(ledgers[name])) as db:
        material = Material(db, summarise(db, made_at=MADE), "fr", MADE)
        assert b"<script" not in EXIT.make(material, "html")
        assert EXIT.make(material, "pdf").startswith(b"%PDF-")
