"""HTML documents pass a validator (html-validate), and axe-core finds no serious violation in them in a browser."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from golden_documents import KINDS, made
from playwright.sync_api import Browser, sync_playwright

from douane.reports import html
from douane.reports.i18n import LANGS
from douane.reports.model import Summary
from douane.reports.render import render

NODE = Path(__file__).parent.parent / "node" / "node_modules"
VALIDATOR = NODE / "html-validate" / "bin" / "html-validate.mjs"
AXE = NODE / "axe-core" / "axe.min.js"
RULES = Path(__file__).parent / "htmlvalidate.json"
LEDGERS = ("empty", "demo", "gaps_only", "hostile")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def pages(
    ledgers: dict[str, Path], summaries: dict[str, Summary], tmp_path_factory: pytest.TempPathFactory
) -> list[Path]:
    """Every kind of document of several ledgers in both languages, and the summary, as files."""
    folder = tmp_path_factory.mktemp("pages")
    for name in LEDGERS:
        for lang in LANGS:
            for kind in KINDS:
                (folder / f"{kind}-{name}-{lang}.html").write_bytes(render(made(ledgers[name], kind, lang), "html"))
            (folder / f"summary-{name}-{lang}.html").write_text(html.render(summaries[name], lang=lang), "utf-8")
    return sorted(folder.iterdir())


def validated(*files: Path) -> str:
    """What the validator has to say; empty where all is well."""
    node = shutil.which("node")
    if node is None or not VALIDATOR.is_file():
        pytest.skip("html-validate is not there; `make test` fetches it")
    command = [node, str(VALIDATOR), "--config", str(RULES), "--formatter", "text", *map(str, files)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=files[0].parent)
    assert (ran.returncode, ran.stderr) in ((0, ""), (1, "")), ran.stderr
    return ran.stdout.strip()


def test_every_document_is_valid_html(pages: list[Path]) -> None:
    assert len(pages) == len(LEDGERS) * len(LANGS) * (len(KINDS) + 1)
    assert validated(*pages) == ""


def test_the_validator_sees_what_is_wrong(pages: list[Path], tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.html"
    text = next(page for page in pages if page.name == "audit-demo-en.html").read_text("utf-8")
    wrong.write_text(text.replace("</table>", "", 1), "utf-8")
    assert "table" in validated(wrong)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None or not AXE.is_file():
        pytest.skip("no Chromium, or no axe-core (`make test` fetches it)")
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=found, args=FLAGS)
        yield opened
        opened.close()


@pytest.mark.browser
def test_axe_finds_nothing_serious_in_any_document(browser: Browser, pages: list[Path]) -> None:
    chosen = [page for page in pages if page.stem.endswith("demo-fr") or page.stem == "audit-hostile-en"]
    assert len(chosen) == len(KINDS) + 2
    axe, serious = AXE.read_text("utf-8"), list[str]()
    tab = browser.new_page(bypass_csp=True)
    for page in chosen:
        tab.goto(page.as_uri())
        tab.evaluate(axe)
        found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious += [
            f"{page.stem}: {one['id']} {[node['target'] for node in one['nodes']][:2]}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]
    tab.close()
    assert serious == []
