"""What a PDF says can be copied and searched for as it was written, and no page has the end of a table alone."""

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from golden_documents import made

from douane.reports.document import Column, Document, Facts, Section, Table
from douane.reports.i18n import LANGS, Lang
from douane.reports.render import render

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler's pdftotext is not there")


def pages(document: Document, folder: Path) -> list[str]:
    """The text of each page, line by line as it is laid out."""
    file = folder / "one.pdf"
    file.write_bytes(render(document, "pdf"))
    ran = subprocess.run(["pdftotext", "-layout", str(file), "-"], check=True, capture_output=True)
    return ran.stdout.decode().split("\f")[:-1]


@pytest.mark.parametrize("lang", LANGS)
def test_an_audit_has_no_character_that_is_only_layout_and_its_head_can_be_found(
    ledgers: dict[str, Path], tmp_path: Path, lang: Lang
) -> None:
    text = "\n".join(pages(made(ledgers["demo"], "audit", lang), tmp_path))
    assert re.findall("[\u200b\u00ad\ufffc]", text) == []
    assert "3f" * 32 in text
    assert ("22/11/2026" if lang == "fr" else "22 Nov 2026") in text.replace("\u00a0", " ")


WORDS = ("22/11/2026", "127.0.0.1:8443", "d'authentification", "confidentialité", "prendre_rendez_vous")
LONG = "/params/arguments/" + "0a1b2c3d" * 8


def test_words_stay_whole_and_what_is_long_loses_no_character(tmp_path: Path) -> None:
    columns = tuple(Column(f"Column {number}", mono=number == 5) for number in range(6))
    text = pages(document(Table("one", columns, ((*WORDS, LONG),))), tmp_path)[0]
    for word in (*WORDS[:2], *WORDS[3:4]):
        assert word in text
    assert re.search("authen-?\\s*|authentifi-", text)
    assert "authentificati\n" not in text
    raw = subprocess.run(["pdftotext", "-raw", str(tmp_path / "one.pdf"), "-"], check=True, capture_output=True)
    assert LONG in re.sub(r"\s", "", raw.stdout.decode())


@pytest.mark.parametrize("rows", range(36, 39))
def test_no_page_has_one_row_of_a_table_alone(tmp_path: Path, rows: int) -> None:
    columns = (Column("Number"), Column("What"))
    told = pages(document(Table("one", columns, tuple((f"row{n:03}", "x") for n in range(rows)))), tmp_path)
    assert [found for page in told if len(found := re.findall(r"row\d{3}", page)) == 1] == []
    assert [page for page in told if "A heading" in page and "row000" not in page and "Contents" not in page] == []


def document(table: Table) -> Document:
    """A document with one table under its heading."""
    made_at = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
    perimeter = Section("perimeter", "Perimeter")
    return Document("audit", "A title", "", "fr", made_at, perimeter, (Section("a", "A heading", (table,)),), Facts(()))
