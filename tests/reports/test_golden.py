"""Every kind of document of every golden ledger: each format says the same, row by row and figure by figure."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from golden_documents import (
    KINDS,
    bare,
    expected,
    in_pdf,
    in_workbook,
    made,
    of_csv,
    of_html,
    of_markdown,
    of_workbook,
    printed,
    text_of_pdf,
)

from douane.reports.i18n import LANGS, Lang, Words
from douane.reports.kinds import kinds
from douane.reports.model import Summary
from douane.reports.render import render

LEDGERS = ("empty", "one", "demo", "gaps_only")
MADE: list[tuple[str, str, Lang]] = [(kind, name, lang) for kind in KINDS for name in LEDGERS for lang in LANGS]
MADE.append(("audit", "many", "fr"))
MADE.append(("register", "many", "en"))
POPPLER = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler's pdftotext is not there")


@pytest.mark.parametrize(("kind", "name", "lang"), MADE)
def test_every_table_says_the_same_in_every_format(ledgers: dict[str, Path], kind: str, name: str, lang: Lang) -> None:
    document, words, formats = made(ledgers[name], kind, lang), Words(lang), kinds()[kind].formats
    rows = [expected(table, words) for table in printed(document)]
    assert of_html(render(document, "html")) == rows
    assert of_markdown(render(document, "md")) == rows
    assert json.loads(render(document, "json"))["schema"] == f"douane.{kind}/1"
    if "xlsx" in formats:
        sheets = of_workbook(render(document, "xlsx"))
        assert [sheet if table.rows else [] for sheet, table in zip(sheets, document.tables, strict=True)] == [
            in_workbook(table, words) for table in document.tables
        ]
    if "csv" in formats and document.tables:
        lengths = {len(table.rows) for table in document.tables}
        assert len(of_csv(render(document, "csv"))) in lengths


@POPPLER
@pytest.mark.parametrize(("kind", "lang"), [(kind, lang) for kind in KINDS for lang in LANGS])
def test_a_pdf_says_every_row_and_has_a_bookmark_for_every_part(
    ledgers: dict[str, Path], tmp_path: Path, kind: str, lang: Lang
) -> None:
    document, words = made(ledgers["demo"], kind, lang), Words(lang)
    content = render(document, "pdf")
    assert (b"<pdfaid:part>2" in content, b"pdfuaid" in content) == (True, True)
    text = text_of_pdf(content, tmp_path)
    for table in printed(document):
        assert [row for row in in_pdf(table, words) if row not in text] == []
    for section in (document.perimeter, *document.sections):
        assert text.count(bare(section.heading)) >= 2  # in the contents, and where it stands
    told = subprocess.run(["pdfinfo", str(tmp_path / "document.pdf")], check=True, capture_output=True).stdout.decode()
    pages = re.search(r"^Pages:\s+(\d+)", told, re.MULTILINE)
    assert pages is not None
    assert (
        f"{int(pages[1])}".encode()
        in subprocess.run(
            ["pdftotext", "-f", pages[1], str(tmp_path / "document.pdf"), "-"], check=True, capture_output=True
        ).stdout
    )
    assert re.search(r"^Tagged:\s+yes", told, re.MULTILINE)


@POPPLER
@pytest.mark.parametrize("lang", LANGS)
def test_the_page_of_conclusions_is_one_page_and_none_before_it_is_nearly_empty(
    ledgers: dict[str, Path], tmp_path: Path, lang: Lang
) -> None:
    document, words = made(ledgers["demo"], "audit", lang), Words(lang)
    (tmp_path / "document.pdf").write_bytes(render(document, "pdf"))
    ran = subprocess.run(["pdftotext", "-raw", str(tmp_path / "document.pdf"), "-"], check=True, capture_output=True)
    pages = [bare(page) for page in ran.stdout.decode().split("\f")]
    figures, unobserved = in_pdf(printed(document)[1], words), bare(words.phrase("unobserved"))
    (concluding,) = [number for number, page in enumerate(pages) if figures[0] in page]
    assert all(row in pages[concluding] for row in figures)
    assert unobserved in pages[concluding]
    assert min(len(page) for page in pages[:concluding]) > 600


@pytest.mark.parametrize("lang", LANGS)
def test_the_totals_of_the_summary_are_those_of_every_document(
    ledgers: dict[str, Path], summaries: dict[str, Summary], lang: Lang
) -> None:
    summary = summaries["demo"]
    audit = made(ledgers["demo"], "audit", lang)
    incident = made(ledgers["demo"], "incident", lang)
    assert json.loads(render(audit, "json"))["report"]["totals"]["disclosures"] == summary.disclosures
    data = json.loads(render(incident, "json"))["data"]
    assert sum(one["disclosures"] for one in data) == summary.disclosures
    for document in (audit, incident):
        seen = json.loads(render(document, "json"))["apps_seen"]
        assert {one["name"]: one["messages"] for one in seen} == {
            app.name: app.outcomes.messages for app in summary.apps
        }
