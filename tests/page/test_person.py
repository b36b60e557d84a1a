"""A look-up on the page: told before it is made, found in every app, and the value nowhere but in the one request."""

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from paged import CLEAR, OMITTED, START, Place, Served, datum
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from douane.audit.message import Direction
from douane.ledger.access import Access, Scope, accesses
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.query import open_ledger
from douane.ledger.sealing import Sealer
from douane.reports.page.door import Door
from douane.reports.page.settings import Hands, NotToldError, Viewer
from douane.reports.page.views import person as view

type Entered = Callable[..., tuple[TestClient, Door]]
type Browse = Callable[..., Page]

EMAIL = "ingrid.solheim@example.org"
OTHER = "tomas.berg@example.net"


def known(place: Place, email: str) -> None:
    """Two apps are sent a person's address, one of them undeclared."""
    with place.open() as ledger, ledger.batch():
        pseudonyms = Pseudonymiser(place.master)
        for app, declared in (("crm", OMITTED), ("trips", CLEAR)):
            found = datum("user.contact.email", "/params/arguments/email", CLEAR, declared, "email")
            named = replace(found, pseudonym=pseudonyms.of(app, "user.contact.email", email))
            place.message(ledger, app, Direction.TO_APP, "invite", named, times=2)


@pytest.fixture
def there(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    with made.open() as ledger, ledger.batch():
        ledger.add_run(at=START, version="0.1.0", config_sha256="c0" * 32, profile="dev")
    known(made, EMAIL)
    return made


def into(place: Place, told: list[str] | None = None, **more: Any) -> dict[str, Any]:
    """Settings under which the page may look for persons; what it tells goes into the list."""

    def tell(what: str, scope: Scope, who: str, why: str = "") -> str:
        if told is not None:
            told.append(f"{what} {' '.join(scope.apps)} {scope.since} {who} {why}".strip())
        return "2026-11-22T10:02:00.000Z"

    return {
        "into": place, "recorded": True, "hands": Hands(place.master, Sealer(place.master)),
        "viewer": Viewer("mara", "dpo"), "tell": tell, **more,
    }  # fmt: skip


def look_up(client: TestClient, identifiers: str, **more: str) -> Any:
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/person").text)
    assert csrf is not None
    return client.post("/person", data={"csrf": csrf[1], "identifiers": identifiers, **more})


@pytest.mark.promise("page-person")
def test_every_app_that_received_an_address_is_named_and_the_value_is_in_no_answer(
    enter: Entered, there: Place
) -> None:
    told: list[str] = []
    client, _ = enter(**into(there, told))
    answer = look_up(client, f"{EMAIL.upper()}\n{OTHER}\n", since="2020-01-01")
    assert answer.status_code == 200
    assert re.findall(r'<th scope="row"><bdi>(\w+)</bdi> <small>', answer.text) == ["trips", "trips", "crm", "crm"]
    for word in (EMAIL, EMAIL.upper(), OTHER, "ingrid", "solheim"):
        assert word.lower() not in answer.text.lower()
        assert word.encode() not in there.path.read_bytes()
        assert word.lower() not in client.get("/person").text.lower()
    assert told == ["page", "person  2020-01-01T00:00:00.000Z"]
    assert answer.headers["cache-control"] == "no-store"


def test_every_time_of_an_answer_is_in_the_reader_s_zone(enter: Entered, there: Place) -> None:
    client, _ = enter(**into(there))
    page = look_up(client, EMAIL).text
    head = page[page.index('aria-labelledby="found"') : page.index('aria-labelledby="who"')]
    assert head.count("<time ") == 2
    assert "(UTC)" not in head


@pytest.mark.promise("page-person")
def test_what_cannot_be_told_is_not_looked_for(enter: Entered, there: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[object] = []
    monkeypatch.setattr(view, "find", lambda *arguments, **_more: looked.append(arguments))

    def tell(what: str, _scope: Scope, _who: str, _why: str = "") -> str:
        if what == "person":
            raise NotToldError("the disk is full")
        return ""

    client, _ = enter(**into(there, tell=tell))
    answer = look_up(client, EMAIL)
    assert (answer.status_code, looked) == (503, [])
    assert "the disk is full" in answer.text


def test_a_reason_is_told_with_the_look_up_and_may_be_left_out(enter: Entered, there: Place) -> None:
    told: list[str] = []
    client, _ = enter(**into(there, told))
    assert look_up(client, EMAIL, reason=" request 17 ").status_code == 200
    assert look_up(client, EMAIL).status_code == 200
    assert [one.split() for one in told] == [["page"], ["person", "request", "17"], ["person"]]


def test_a_full_name_found_in_its_halves_is_marked_as_such(enter: Entered, there: Place) -> None:
    pseudonyms = Pseudonymiser(there.master)
    halves = [
        replace(
            datum(f"user.name.{key}", f"/params/arguments/{key}", CLEAR, CLEAR, "names"),
            pseudonym=pseudonyms.of("crm", "user.name", text),
        )
        for key, text in (("first", "Anne-Lise"), ("last", "van den Berg"))
    ]
    with there.open() as ledger, ledger.batch():
        there.message(ledger, "crm", Direction.TO_APP, "invite", *halves)
    client, _ = enter(**into(there))
    answer = look_up(client, "Anne-Lise van den Berg").text
    assert answer.count("<small>a given or family name beside the other half of the full name</small>") == 2
    assert "check that both are this person’s" in answer


@pytest.mark.parametrize(
    ("identifiers", "more", "status"),
    [
        ("", {}, 400),
        ("\n# nothing\n", {}, 400),
        ("\n".join(f"person.{number}@example.org" for number in range(view.MOST + 1)), {}, 400),
        (EMAIL, {"since": "yesterday"}, 400),
        (EMAIL, {"since": "2026-12-01", "until": "2026-11-01"}, 400),
        (EMAIL, {"category": "user.nonsense"}, 400),
    ],
)
def test_what_cannot_be_looked_for_is_said_and_not_told(
    enter: Entered, there: Place, identifiers: str, more: dict[str, str], status: int
) -> None:
    told: list[str] = []
    client, _ = enter(**into(there, told))
    assert look_up(client, identifiers, **more).status_code == status
    assert told == ["page"]


def test_without_the_key_nobody_is_looked_for(enter: Entered, there: Place) -> None:
    told: list[str] = []
    client, _ = enter(**into(there, told, hands=None))
    assert (look_up(client, EMAIL).status_code, told) == (409, ["page"])


def test_a_value_in_the_address_is_not_looked_for(enter: Entered, there: Place) -> None:
    told: list[str] = []
    client, _ = enter(**into(there, told))
    answer = client.get("/person", params={"identifiers": EMAIL})
    assert answer.status_code == 200
    assert "trips" not in answer.text
    assert told == ["page"]


@pytest.mark.promise("page-roles")
def test_a_developer_is_refused_and_that_is_told(enter: Entered, there: Place) -> None:
    told: list[str] = []
    client, _ = enter(**into(there, told, viewer=Viewer("jon", "developer", "", ("crm",))))
    assert client.get("/person").status_code == 403
    assert client.post("/person", data={"identifiers": EMAIL}).status_code == 403
    assert "refused: page person crm" in told


def test_in_a_browser_the_look_up_is_in_the_chain_and_not_in_the_address(browse: Browse, served: Served) -> None:
    known(served.place, OTHER)
    page = browse("/person")
    page.fill("#identifiers", OTHER)
    page.get_by_role("button", name="Look up").click()
    expect(page.locator("#who")).to_be_visible()
    assert page.url == f"{served.base}/person"
    assert OTHER not in page.content()
    assert page.input_value("#identifiers") == ""
    with closing(open_ledger(served.place.path)) as db:
        told: list[Access] = accesses(db)
    assert [one.what for one in told].count("person") == 1
    assert OTHER not in str(told)
