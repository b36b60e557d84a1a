"""The ledger's health on the page: where it stands, what verifying says of a sound and of a changed one."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from paged import GAP, IN, START, Place, Served, datum
from playwright.sync_api import Page, expect
from running import until
from starlette.testclient import TestClient

from douane.audit.message import Gap
from douane.ledger.anchors import FileAnchors
from douane.ledger.health import sizes, standing
from douane.ledger.query import open_ledger
from douane.ledger.retention import Keep, Policy
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.reports.page.checking import Checking
from douane.reports.page.door import Door
from douane.reports.page.settings import Hands, Viewer

type Entered = Callable[..., tuple[TestClient, Door]]
type Browse = Callable[..., Page]


@pytest.fixture
def there(tmp_path: Path) -> Place:
    """A sealed ledger with a closed segment, anchors, and a gap in each of two apps."""
    made = Place(tmp_path)
    anchors = FileAnchors(tmp_path / "anchors")
    with Ledger(made.path, sealer=Sealer(made.master), anchors=anchors) as ledger:
        with ledger.batch():
            ledger.add_run(at=START, version="0.1.0", config_sha256="c0" * 32, profile="dev")
            for app in ("crm", "trips"):
                found = datum("user.name", "/params/arguments/name", GAP, GAP)
                made.message(ledger, app, IN, "send", found, gaps=(Gap("too-deep"),), times=7)
        ledger.seal()
        made.message(ledger, "crm", IN, "send")
    anchors.close()
    return made


def into(place: Place, **more: Any) -> dict[str, Any]:
    return {
        "into": place, "recorded": True, "hands": Hands(place.master, Sealer(place.master)),
        "anchors": place.folder / "anchors", "viewer": Viewer("mara", "dpo"), **more,
    }  # fmt: skip


def verify(client: TestClient) -> str:
    """Press the button; return what the page says in the end."""
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/health").text)
    assert csrf is not None
    shown: list[str] = [client.post("/health/verify", data={"csrf": csrf[1]}).text]

    def ended() -> bool:
        shown.append(client.get("/health").text)
        return "<progress" not in shown[-1]

    until(ended, 60, "the verification")
    return shown[-1]


def test_it_says_where_the_chain_stands(enter: Entered, there: Place) -> None:
    with closing(open_ledger(there.path)) as db:
        stands = standing(db)
        (seq, head) = db.execute("SELECT seq, head FROM chain").fetchone()
    assert stands is not None
    assert (stands.seq, stands.head, stands.closed, stands.open_number) == (seq, head.hex(), 1, 2)
    assert stands.segments[0].count + stands.open_events == seq
    client, _ = enter(**into(there, retention=Policy("P12M", (Keep("P1M", category="user.name"),))))
    text = client.get("/health").text
    assert head.hex() in text
    assert "12 months" in text
    assert "1 month" in text
    assert f"event {seq}," in text  # the anchor stands there too
    for name, size in sizes(there.path):
        assert f"<bdi>{name}</bdi>" in text or size == 0


@pytest.mark.promise("page-verifies")
def test_verifying_says_intact_of_a_sound_ledger_and_altered_of_a_changed_one(enter: Entered, there: Place) -> None:
    client, _ = enter(**into(there))
    assert "Not verified since" in client.get("/health").text
    assert "<strong>INTACT</strong>" in verify(client)
    with closing(sqlite3.connect(there.path)) as db, db:
        db.execute("UPDATE disclosures SET category = 'user.contact.email' WHERE id = 1")
    text = verify(client)
    assert "<strong>ALTERED</strong>" in text
    assert "<code>disclosures 1</code>" in text
    there.path.write_bytes(there.path.read_bytes()[:100])
    csrf = re.search(r'name="csrf" value="([^"]+)"', text)
    assert csrf is not None
    assert client.post("/health/verify", data={"csrf": csrf[1]}).status_code == 503  # it cannot even be opened


def test_a_second_press_begins_no_second_verification(
    enter: Entered, there: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("douane.reports.page.views.health.check", wait_to_be_told)
    client, _ = enter(**into(there))
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/health").text)
    assert csrf is not None
    texts = [client.post("/health/verify", data={"csrf": csrf[1]}).text for _ in range(3)]
    assert all('<progress id="bar" max="100" value="' in text for text in texts)
    told(there.path).touch()
    until(lambda: "could not be verified" in client.get("/health").text, 60, "the end of the only one")


def told(ledger: Path) -> Path:
    return ledger.with_name("told")


def wait_to_be_told(tell: Callable[[int, int], None], checking: Checking) -> None:
    tell(1, 2)
    until(told(Path(checking.ledger)).exists, 60, "the word")
    raise ZeroDivisionError("a value in a message")


def test_gaps_of_the_apps_that_a_developer_may_see(enter: Entered, there: Place) -> None:
    client, _ = enter(**into(there, viewer=Viewer("jon", "developer", "", ("crm",))))
    text = client.get("/health").text
    assert "crm" in text
    assert "trips" not in text


def test_in_a_browser_the_ledger_is_verified(browse: Browse, served: Served) -> None:
    page = browse("/health")
    page.get_by_role("button", name="Verify now").click()
    expect(page.locator(".word")).to_contain_text("INTACT")
    assert page.locator("#segments").count() in (0, 1)
