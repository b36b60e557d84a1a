"""The report in a real browser: nothing is wider than the window, in either language."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from golden_documents import KINDS, made
from playwright.sync_api import Browser, sync_playwright

from douane.reports import html
from douane.reports.model import Summary
from douane.reports.render import render

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDTHS = (320, 480, 767, 768, 900, 1000, 1100, 1216, 1280, 1600)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=found, args=FLAGS)
        yield opened
        opened.close()


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("name", ["demo", "many", "hostile"])
def test_nothing_is_wider_than_the_window(
    browser: Browser, summaries: dict[str, Summary], tmp_path: Path, name: str, lang: str
) -> None:
    page_file = tmp_path / "report.html"
    page_file.write_text(html.render(summaries[name], lang=lang), encoding="utf-8")
    page: Any = browser.new_page()
    page.goto(page_file.as_uri())
    too_wide = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if (needs := page.evaluate("document.documentElement.scrollWidth")) > width:
            too_wide[width] = needs
    page.close()
    assert too_wide == {}


def test_no_document_is_wider_than_a_telephone(browser: Browser, ledgers: dict[str, Path], tmp_path: Path) -> None:
    page: Any = browser.new_page(viewport={"width": 320, "height": 900})
    too_wide = {}
    for kind in KINDS:
        page_file = tmp_path / f"{kind}.html"
        page_file.write_bytes(render(made(ledgers["demo"], kind, "en"), "html"))
        page.goto(page_file.as_uri())
        if (needs := page.evaluate("document.documentElement.scrollWidth")) > 320:
            too_wide[kind] = needs
    page.close()
    assert too_wide == {}
