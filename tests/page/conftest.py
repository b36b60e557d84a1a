"""One ledger and one `douane serve` for every test of the page, and a Chromium for each file."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from paged import Place, Served, fill, fill_hostile
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from starlette.testclient import TestClient

from douane.reports.page.app import page
from douane.reports.page.door import Door
from douane.reports.page.settings import PageSettings

ROOT = Path(__file__).parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
AXE = ROOT / "tests" / "node" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = ROOT / ".page-shots"
BASE = "http://127.0.0.1:8780"

expect.set_options(timeout=60_000)  # a deadline, not what is promised: five seconds are short on a busy machine

type Entered = Callable[..., tuple[TestClient, Door]]


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The ledger that the tests share; who writes to it adds rows."""
    made = Place(tmp_path_factory.mktemp("page"))
    fill(made)
    return made


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A ledger whose names attack whoever prints them."""
    made = Place(tmp_path_factory.mktemp("hostile"))
    fill_hostile(made)
    return made


@pytest.fixture(scope="session")
def served(place: Place) -> Iterator[Served]:
    """A real `douane serve` over the shared ledger."""
    one = Served(place, []).start()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One Chromium for a file: while it is there, an event loop runs in this thread, and no other can."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=found, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def opened() -> dict[str, Any]:
    """What a browser kept of the one-time address, which opens once."""
    return {}


@pytest.fixture(scope="module")
def inside(chromium: Browser, served: Served, opened: dict[str, Any]) -> Any:
    """The state of a browser that opened the one-time address."""
    if "state" not in opened:
        context = chromium.new_context()
        first = context.new_page()
        first.goto(served.addresses[0])
        first.wait_for_url(f"{served.base}/")
        opened["state"] = context.storage_state()
        context.close()
    return opened["state"]


@pytest.fixture
def browse(chromium: Browser, served: Served, inside: Any) -> Iterator[Callable[..., Page]]:
    """Opens a tab inside the page; at the end none of them may have logged an error or breached the policy."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_tab(path: str = "/", *, width: int = 1400, theme: Any = "light", zone: str = "Europe/Paris") -> Page:
        context = chromium.new_context(
            base_url=served.base,
            storage_state=inside,
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            timezone_id=zone,
            locale="en-GB",
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.goto(path)
        return tab

    yield open_tab
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def enter(place: Place) -> Iterator[Entered]:
    """Opens the page in this process, with a session: a client for it, and its door."""
    opened = ExitStack()

    def entered(*, into: Place | None = None, signed_in: bool = True, **settings: Any) -> tuple[TestClient, Door]:
        names = frozenset({"127.0.0.1", "localhost"})
        known = PageSettings((into or place).path, names, 8780, **settings)
        door = Door(password=known.password)
        client = opened.enter_context(TestClient(page(known, door), base_url=BASE))
        if signed_in:
            assert client.get("/open", params={"token": door.token()}).status_code == 200
        return client, door

    with opened:
        yield entered


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, to be evaluated in a tab."""
    if not AXE.is_file():
        pytest.skip("axe-core is not there; `make test` fetches it")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def shots() -> Callable[[Page, str], None]:
    """Keeps a picture of a tab, for people to look at, where `DOUANE_SHOTS` asks for pictures."""
    wanted = bool(os.environ.get("DOUANE_SHOTS"))
    if wanted:
        SHOTS.mkdir(exist_ok=True)

    def keep(tab: Page, name: str) -> None:
        if not wanted:
            return
        tab.screenshot(path=SHOTS / f"{name[:80]}.jpg", type="jpeg", quality=70, full_page=True)

    return keep
