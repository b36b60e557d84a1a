"""Reports on the page: made in a process of their own, told first, listed, downloaded, and gone with the page."""

import hashlib
import io
import json
import re
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from paged import Place, Served
from playwright.sync_api import Page, expect
from running import until
from starlette.testclient import TestClient

from douane.audit.declaration import Declaration
from douane.ledger.access import Scope
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.reports.kinds import kinds
from douane.reports.page.checking import Checking
from douane.reports.page.door import Door
from douane.reports.page.jobs import Jobs
from douane.reports.page.making import Documents, Wanted, write
from douane.reports.page.settings import Hands, Viewer
from douane.reports.people import Under

type Entered = Callable[..., tuple[TestClient, Door]]
type Browse = Callable[..., Page]


def into(place: Place, told: list[str] | None = None, **more: Any) -> dict[str, Any]:
    def tell(what: str, scope: Scope, _who: str) -> str:
        if told is not None:
            told.append(" ".join((what, *scope.apps)))
        return "2026-11-22T10:02:00.000Z"

    return {
        "into": place, "recorded": True, "hands": Hands(place.master, Sealer(place.master)),
        "viewer": Viewer("mara", "dpo", "a request"), "tell": tell, **more,
    }  # fmt: skip


def post(client: TestClient, **more: Any) -> Any:
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/documents").text)
    assert csrf is not None
    return client.post("/documents", data={"csrf": csrf[1], **more})


def made(client: TestClient, **more: Any) -> bytes:
    """Make a document and download it."""
    answer = post(client, **more)
    assert answer.status_code == 200, re.findall(r'role="alert">([^<]*)', answer.text)
    until(lambda: "<progress" not in client.get("/documents").text, 60, "the document")
    found = re.search(r'href="(/documents/\d+)" download', client.get("/documents").text)
    assert found is not None, client.get("/documents").text
    answer = client.get(found[1])
    assert answer.headers["content-disposition"].startswith('attachment; filename="douane-')
    return bytes(answer.content)


@pytest.mark.promise("page-documents")
def test_a_document_is_told_before_it_is_made_and_says_by_whom_for_what_and_what_verifying_said(
    enter: Entered, place: Place
) -> None:
    told: list[str] = []
    client, _ = enter(**into(place, told))
    audit = json.loads(made(client, kind="audit", format="json", language="fr", verified="yes"))
    assert (audit["schema"], audit["lang"], audit["ledger"]["verified"]) == ("douane.audit/1", "fr", "INTACT")
    assert (audit["under"]["made_by"], audit["under"]["role"], audit["under"]["made_for"]) == (
        "mara",
        "dpo",
        "a request",
    )
    assert audit["under"]["recorded_at"] == "2026-11-22T10:02:00.000Z"
    assert told == ["page", "report audit"]


@pytest.mark.parametrize(
    ("form", "status", "says"),
    [
        ({"kind": "no such"}, 400, "Choose a document"),
        ({"kind": "audit", "since": "31/12"}, 400, "cannot be read"),
        ({"kind": "audit", "since": "2026-11-15", "until": "2026-11-01"}, 400, "ends before it begins"),
        ({"kind": "register", "format": "pia"}, 400, "It is made as: "),
    ],
)
def test_what_cannot_be_made_is_said_and_not_told(
    enter: Entered, place: Place, form: dict[str, str], status: int, says: str
) -> None:
    told: list[str] = []
    client, _ = enter(**into(place, told))
    answer = post(client, **form)
    assert (answer.status_code, says in answer.text, told) == (status, True, ["page"])
    assert client.get("/documents/1").status_code == 404


def test_one_document_is_made_at_a_time(enter: Entered, place: Place) -> None:
    told: list[str] = []
    client, _ = enter(**into(place, told))
    assert post(client, kind="audit", format="md").status_code == 200
    again = post(client, kind="audit", format="md")
    assert (again.status_code, "is being made" in again.text) == (409, True)
    assert told.count("report audit") == 1


@pytest.mark.promise("page-roles")
def test_a_developer_gets_documents_of_their_own_apps_only(enter: Entered, place: Place) -> None:
    client, _ = enter(**into(place, viewer=Viewer("jon", "developer", "", ("crm",))))
    assert "rendezvous" not in client.get("/documents").text
    told = json.loads(made(client, kind="register", format="json", app=["rendezvous"], since="2026-11-14"))
    assert "rendezvous" not in json.dumps(told)
    assert "crm" in json.dumps(told)
    assert told["period"]["since"] == "2026-11-14T00:00:00.000Z"
    assert told["ledger"]["verified"] is None


def test_a_document_is_for_this_user_alone_one_that_fails_says_so_and_both_go_with_the_page(place: Place) -> None:
    jobs = Jobs()
    kept = Documents(jobs)
    for ledger in (place.path, place.folder / "no-ledger.db"):
        wanted = Wanted("exit", "md", "en", verified=False)
        assert kept.make(wanted, Checking(str(ledger)), Under(), {}, "mara") is not None
        until(lambda: not kept.busy, 60, "the document")
    failed, whole = kept.all()
    assert (bool(failed.error), failed.size) == (True, 0)
    assert (whole.error, whole.size) == ("", whole.path.stat().st_size)
    assert stat.S_IMODE(whole.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(whole.path.parent.stat().st_mode) == 0o700
    kept.close()
    jobs.close()
    assert not whole.path.parent.exists()


def test_a_review_pack_holds_the_declaration_files_that_are_still_the_ones_that_were_loaded(tmp_path: Path) -> None:
    same, other = tmp_path / "crm.yaml", tmp_path / "shop.yaml"
    for file in (same, other):
        file.write_text("declaration: 1\n")
    with Ledger(tmp_path / "douane.db", taxonomy="t") as ledger:
        for file in (same, other):
            sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
            ledger.add_declaration(Declaration(file.stem, (), (), (), sha256, file.name), at=0.0)
    other.write_text("declaration: 1 # changed since\n")
    wanted, checking = Wanted("evidence", "zip", "en", ("crm", "shop"), verified=False), Checking(str(ledger.path))
    sources = {"crm": same, "shop": other}
    write(lambda _done, _of: None, wanted, checking, Under(), {}, str(tmp_path / "made.zip"), None, sources)
    with zipfile.ZipFile(tmp_path / "made.zip") as pack:
        kept = [name for name in pack.namelist() if name.startswith("declarations/") and name.endswith(".yaml")]
        assert [pack.read(name) for name in kept] == [same.read_bytes()]


def test_every_kind_has_its_words_on_the_page(enter: Entered, place: Place) -> None:
    for lang in ("en", "fr"):
        client, _ = enter(**into(place))
        text = client.get("/documents", params={"lang": lang}).text
        names = re.findall(r'<label for="k-([\w-]+)"><b>([^<]+)</b> <span>([^<]*)</span>', text)
        assert {name for name, _, _ in names} == set(kinds())
        assert all(title != name and what for name, title, what in names)


def test_in_a_browser_a_report_is_made_downloaded_and_opened(browse: Browse, served: Served, tmp_path: Path) -> None:
    page = browse("/documents")
    page.get_by_label("Record of processing").check()
    page.select_option("#format", "xlsx")
    page.uncheck("#verified")
    page.get_by_role("button", name="Make it").click()
    link = page.get_by_role("link", name="Download").first
    page.get_by_label("Leaving an app").check()
    page.fill("#since", "2026-11-02")
    expect(link.or_(page.locator(".error")).first).to_be_visible()
    expect(page.locator(".error")).to_have_count(0)
    expect(page.get_by_role("button", name="Make it")).to_be_enabled()
    expect(page.get_by_label("Leaving an app")).to_be_checked()  # what is filled in meanwhile stays
    expect(page.locator("#since")).to_have_value("2026-11-02")
    with page.expect_download() as downloading:
        link.click()
    file = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(file)
    assert re.fullmatch(r"douane-register-\d{4}-\d\d-\d\d-\d+\.xlsx", file.name)
    book = openpyxl.load_workbook(io.BytesIO(file.read_bytes()))
    assert any("trips" in str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert page.url == f"{served.base}/documents"
