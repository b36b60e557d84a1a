"""The two READMEs say the same, in English and in French, and begin with a report that the program still makes."""

import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer.main

from douane.cli.main import app
from douane.ledger.query import open_ledger
from douane.ledger.store import Ledger
from douane.reports.i18n import LANGS, Lang
from douane.reports.kinds import kinds
from douane.reports.kinds.base import Seal
from douane.reports.kinds.gathered import About, gathered
from douane.reports.people import Under

ROOT = Path(__file__).parent.parent
README = {"en": "README.md", "fr": "README.fr.md"}
SHOWN = re.compile(r"^\$ (.*?)(?:\s+#.*)?$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def text(lang: str) -> str:
    return (ROOT / README[lang]).read_text(encoding="utf-8")


def levels(lang: str) -> list[str]:
    without = re.sub(r"^```.*?^```", "", text(lang), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"^#+(?= )", without, re.MULTILINE)


def test_both_have_the_same_parts_in_the_same_order() -> None:
    assert levels("en") == levels("fr")
    counts = [
        (len(re.findall(mark, text(lang), re.MULTILINE)) for mark in (r"^\|", r"^- ", r"^```")) for lang in ("en", "fr")
    ]
    assert list(counts[0]) == list(counts[1])


def test_both_show_the_same_commands_and_name_each_that_people_need() -> None:
    commands = SHOWN.findall(text("en"))
    assert commands == SHOWN.findall(text("fr"))
    known = typer.main.get_command(app)
    named = {command.split()[1] for command in commands if command.startswith("douane ")}
    assert named <= set(getattr(known, "commands", {}))
    assert {"run", "serve", "report", "top", "show", "scan", "person", "review", "check", "declare", "why"} <= named
    told = {command.split()[2] for command in commands if command.startswith("douane report ")}
    assert told <= set(kinds())


def test_both_lead_to_the_same_places_but_for_their_language() -> None:
    def neutral(link: str) -> str:
        return re.sub(r"\.(en|fr)\.(pdf|html|png)$", r".\2", link).replace("README.fr.md", "README.md")

    assert [neutral(one) for one in LINK.findall(text("en"))] == [neutral(one) for one in LINK.findall(text("fr"))]


@pytest.mark.parametrize("lang", LANGS)
def test_every_picture_is_there_and_in_the_language_of_its_page(lang: Lang) -> None:
    shown = [one for one in LINK.findall(text(lang)) if one.endswith(".png")]
    assert shown
    assert all(one.endswith(f".{lang}.png") and (ROOT / one).is_file() for one in shown)


@pytest.mark.parametrize("lang", LANGS)
def test_what_comes_first_is_a_report_in_that_language(lang: Lang) -> None:
    assert LINK.findall(text(lang))[:2] == [f"docs/samples/audit.{lang}.pdf", f"docs/samples/audit.{lang}.html"]
    pdf = (ROOT / "docs" / "samples" / f"audit.{lang}.pdf").read_bytes()
    assert (b"<pdfaid:part>2" in pdf, b"pdfuaid" in pdf) == (True, True)


@pytest.mark.parametrize("lang", LANGS)
def test_the_sample_has_the_parts_that_a_report_has_today(lang: Lang, tmp_path: Path) -> None:
    Ledger(tmp_path / "douane.db").close()
    with closing(open_ledger(tmp_path / "douane.db")) as db:
        now = datetime(2026, 11, 22, tzinfo=UTC)
        one = gathered(db, About(), lang, seal=Seal(), under=Under(), declarations={}, now=now)
        document = kinds()["audit"].build(one)
    sample = (ROOT / "docs" / "samples" / f"audit.{lang}.html").read_text(encoding="utf-8")
    parts = [section.heading for section in (document.perimeter, *document.sections)]
    assert re.findall(r"<h2>(.*?)</h2>", sample) == parts, "run: python tools/samples.py"


def test_french_keeps_its_punctuation_with_the_word_before() -> None:
    prose = re.sub(r"^```.*?^```|`[^`]*`|^\|---.*$", "", text("fr"), flags=re.DOTALL | re.MULTILINE)
    assert re.findall(r"\w [:;?!»](?=[\s*]|$)|« ", prose) == []
    assert "'" not in prose
