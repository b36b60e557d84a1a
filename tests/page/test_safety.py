"""The page as an attacker meets it: other sites, other names, no session, forged forms, other people's apps."""

import re
import sqlite3
import ssl
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trustme
from paged import HOSTILE, Place, Served
from starlette.testclient import TestClient
from typer.testing import CliRunner

from douane.audit.message import Direction
from douane.cli.main import app
from douane.ledger.access import Scope, accesses
from douane.ledger.query import open_ledger
from douane.reports.page.asking import Asking
from douane.reports.page.door import IDLE_SECONDS, SESSIONS, Door
from douane.reports.page.safety import CSP, HEADERS, from_itself, host_name
from douane.reports.page.settings import NotToldError, Viewer
from douane.reports.page.views import views
from douane.reports.people import Under

type Entered = Callable[..., tuple[TestClient, Door]]

PATHS = [
    f"{view.prefix}{way.path}".replace("{app:int}", "1").replace("{number:int}", "1") or "/"
    for view in views()
    for way in view.ways
    if way.method == "GET" and way.path != "/live"
]


def csrf_in(text: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', text)
    assert found is not None
    return found[1]


@pytest.mark.promise("page-one-door")
@pytest.mark.parametrize("path", [*PATHS, "/live", "/nothing-here", "/apps/999"])
def test_nothing_is_shown_without_a_session(enter: Entered, path: str) -> None:
    client, _ = enter(signed_in=False)
    answer = client.get(path)
    assert answer.status_code == 401
    assert not any(word in answer.text for word in ("rendezvous", "trips", "crm"))


@pytest.mark.promise("page-one-door")
def test_another_ledger_in_the_place_of_the_first_ends_every_session(enter: Entered, tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    first, second = Place(tmp_path / "first"), Place(tmp_path / "second")
    for one, name in ((first, "crm"), (second, "trips")):
        with one.open() as ledger, ledger.batch():
            ledger.add_run(at=one.at, version="0.1.0", config_sha256="c0" * 32, profile="dev")
            one.message(ledger, name, Direction.TO_APP, "find")
    told: list[str] = []

    def tell(what: str, *_more: object) -> str:
        told.append(what)
        return ""

    client, door = enter(into=first, tell=tell, say=told.append)
    assert "crm" in client.get("/apps").text
    second.path.replace(first.path)
    answer = client.get("/apps")
    assert (answer.status_code, "Another ledger" in answer.text, "trips" in answer.text) == (401, True, False)
    again = client.get("/findings")  # whichever request came first, the reader is told why
    assert (again.status_code, "Another ledger" in again.text) == (401, True)
    assert told[0] == "page"
    assert "Another ledger" in told[1]
    assert "/open?token=" in told[2]
    assert client.get("/open", params={"token": door.token()}).status_code == 200
    assert (told[-1], "trips" in client.get("/apps").text) == ("page", True)


@pytest.mark.promise("page-one-door")
def test_an_address_opens_one_session_once(enter: Entered) -> None:
    client, door = enter(signed_in=False)
    token = door.token()
    first = client.get("/open", params={"token": token})
    assert (first.status_code, client.get("/").status_code) == (200, 200)
    other = TestClient(client.app, base_url=str(client.base_url))
    again = other.get("/open", params={"token": token})
    assert (again.status_code, other.get("/").status_code) == (401, 401)


def test_looking_ahead_uses_no_address_up(enter: Entered) -> None:
    client, door = enter(signed_in=False)
    token = {"token": door.token()}
    assert client.head("/open", params=token).status_code == 503
    assert client.get("/open", params=token, headers={"sec-purpose": "prefetch;prerender"}).status_code == 503
    assert client.get("/open", params=token).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "\x00", "é" * 50, "a" * 9000])
def test_a_token_that_was_never_given_out_opens_nothing(enter: Entered, token: str) -> None:
    client, door = enter(signed_in=False)
    door.token()
    assert client.get("/open", params={"token": token}).status_code == 401


def test_the_cookie_is_for_this_page_alone(enter: Entered) -> None:
    client, door = enter(signed_in=False)
    cookie = client.get("/open", params={"token": door.token()}).headers["set-cookie"]
    assert cookie.startswith("douane-8780=")
    assert {"httponly", "path=/", "samesite=strict"} <= {part.strip().lower() for part in cookie.split(";")}
    assert "domain" not in cookie.lower()
    secured, other = enter(signed_in=False, secure=True)
    assert "Secure" in secured.get("/open", params={"token": other.token()}).headers["set-cookie"]


def test_a_cookie_of_nobodys_opens_nothing(enter: Entered) -> None:
    client, _ = enter(signed_in=False)
    for value in ("x", "", "a" * 5000, '"; douane-8780="'):
        assert client.get("/", headers={"cookie": f"douane-8780={value}"}).status_code == 401


@pytest.mark.promise("page-own-name")
@pytest.mark.parametrize(
    "host",
    ["evil.example.org", "127.0.0.1.example.org", "evil.example.org:8780", "127.0.0.1@evil.example.org", "", "[", "0"],
)
def test_another_name_is_not_answered_to(enter: Entered, host: str) -> None:
    client, _ = enter()
    answer = client.get("/", headers={"host": host})
    assert (answer.status_code, "rendezvous" in answer.text) == (421, False)


def test_its_own_names_are_answered_to(enter: Entered) -> None:
    client, _ = enter()
    for host in ("127.0.0.1:8780", "localhost:8780", "LOCALHOST", "localhost.:8780"):
        assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "name"),
    [("127.0.0.1:80", "127.0.0.1"), ("[::1]:8780", "::1"), ("A.Example", "a.example"), ("a/b", ""), ("x@y", "")],
)
def test_the_name_in_a_host_header(host: str, name: str) -> None:
    assert host_name(host) == name


@pytest.mark.promise("page-own-forms")
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example.org"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:3000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://[", "sec-fetch-site": "none"},
    ],
)
def test_another_sites_form_is_refused_even_with_the_right_token(enter: Entered, headers: dict[str, str]) -> None:
    client, _ = enter()
    csrf = csrf_in(client.get("/").text)
    assert client.post("/leave", data={"csrf": csrf}, headers=headers).status_code == 403
    assert client.get("/").status_code == 200  # the session is open still


@pytest.mark.promise("page-own-forms")
@pytest.mark.parametrize("csrf", ["", "x", "é"])
def test_a_form_without_the_sessions_token_does_nothing(enter: Entered, csrf: str) -> None:
    client, _ = enter()
    posts = ["/leave", "/address"]
    posts += [
        f"{view.prefix}{way.path}".replace("{number:int}", "1")
        for view in views()
        for way in view.ways
        if way.method == "POST"
    ]
    for path in posts:
        assert client.post(path, data={"csrf": csrf}).status_code == 403, path
    assert client.get("/").status_code == 200


def test_another_sessions_token_is_no_token(enter: Entered) -> None:
    client, door = enter()
    other = TestClient(client.app, base_url=str(client.base_url))
    other.get("/open", params={"token": door.token()})
    assert client.post("/leave", data={"csrf": csrf_in(other.get("/").text)}).status_code == 403


def test_a_form_of_another_type_or_size_is_refused(enter: Entered) -> None:
    client, _ = enter()
    csrf = csrf_in(client.get("/").text)
    assert client.post("/leave", json={"csrf": csrf}).status_code == 415
    assert client.post("/leave", data={"csrf": csrf, "x": "y" * 300_000}).status_code == 413
    many = "&".join(f"a{n}=" for n in range(3000))
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/leave", content=many, headers=form).status_code == 400


def test_a_page_inside_another_sites_is_refused(enter: Entered) -> None:
    client, _ = enter()
    inside = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
    assert client.get("/", headers=inside).status_code == 403
    assert client.get("/", headers={"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"}).status_code == 403
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert client.get("/", headers=link).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_refused(enter: Entered, method: str) -> None:
    client, _ = enter()
    assert client.request(method, "/").status_code == 405


def test_a_session_that_was_closed_is_over(enter: Entered) -> None:
    said: list[str] = []
    client, _ = enter(say=said.append)
    kept = dict(client.cookies)
    left = client.post("/leave", data={"csrf": csrf_in(client.get("/").text)})
    assert left.status_code == 200
    assert client.get("/", headers={"cookie": f"douane-8780={kept['douane-8780']}"}).status_code == 401
    assert len(said) == 1  # a new address for whoever runs it, since nobody could come in else
    assert client.get(said[0].partition(":8780")[2]).status_code == 200


def test_an_idle_session_ends_and_the_oldest_makes_room() -> None:
    now = 0.0
    door = Door(clock=lambda: now)
    cookie = door.open()
    now += IDLE_SECONDS - 1
    assert door.session(cookie) is not None
    now += IDLE_SECONDS + 1
    assert door.session(cookie) is None
    first = door.open()
    for _ in range(SESSIONS):
        now += 1
        door.open()
    assert door.session(first) is None


@pytest.mark.promise("page-headers")
@pytest.mark.parametrize("path", [*PATHS, "/live", "/nothing-here", "/open", "/favicon.ico", "/static/none/page.css"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_every_answer_carries_the_policy(enter: Entered, path: str, *, signed_in: bool) -> None:
    if signed_in and path == "/live":
        return  # a stream; the browser's tests read its headers
    client, _ = enter(signed_in=signed_in)
    answer = client.get(path)
    kept = {name: answer.headers[name] for name in HEADERS if name != "cache-control"}
    assert kept == {name: value for name, value in HEADERS.items() if name != "cache-control"}
    assert answer.headers["cache-control"] == "no-store" or path == "/favicon.ico"
    assert "unsafe" not in CSP


@pytest.mark.promise("page-headers")
def test_a_view_that_fails_tells_its_reader_nothing(enter: Entered, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    client, door = enter(signed_in=False, say=said.append)
    quiet = TestClient(client.app, base_url=str(client.base_url), raise_server_exceptions=False)
    quiet.get("/open", params={"token": door.token()})

    def fails(_asking: Asking) -> list[Any]:
        raise RuntimeError("camille.exemple@example.org")

    monkeypatch.setattr(Asking, "apps", fails)
    answer = quiet.get("/apps")
    assert (answer.status_code, "example.org" in answer.text, "Traceback" in answer.text) == (500, False, False)
    assert answer.headers["content-security-policy"] == CSP
    assert said == ["The page failed at 'apps' (RuntimeError)."]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_holds_no_inline_script_or_style(enter: Entered, path: str) -> None:
    client, _ = enter()
    text = client.get(path).text
    text = text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert re.findall(r'<style|<script(?! src="/static/)|\son\w+=|\sstyle=|javascript:|src="http', text) == []


@pytest.mark.parametrize(
    "path",
    [
        "/../config.yaml",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/apps/1/../../etc",
        "/apps/%00",
        "/apps/-1",
        "//",
    ],
)
def test_no_path_leads_out_of_the_page(enter: Entered, path: str) -> None:
    client, _ = enter()
    answer = client.get(path)
    assert answer.status_code in (200, 404)
    assert not any(word in answer.text for word in ("storage:", "import ", "root:"))


@pytest.mark.parametrize("number", ["9" * 30, "99999999999999999999", "0", "1.5", "0x1"])
def test_no_number_breaks_a_page(enter: Entered, number: str) -> None:
    client, _ = enter()
    assert client.get(f"/apps/{number}").status_code == 404
    assert client.get("/", params={"before": number}).status_code == 200
    assert client.get("/apps/1/data", params={"before": number}).status_code == 200


@pytest.mark.promise("page-roles")
def test_a_developer_sees_their_own_apps_alone(enter: Entered) -> None:
    client, _ = enter(viewer=Viewer("jon", "developer", apps=("crm",)))
    every, _ = enter()
    ids = dict(re.findall(r'href="(/apps/\d+)"[^>]*><bdi>(\w+)</bdi>', every.get("/apps").text))
    for path in PATHS:
        shown = client.get(path)
        assert not any(word in shown.text for word in ("rendezvous", "trips")), path
    for path, name in ids.items():
        for below in ("", "/data", "/tool?name=search_flights", "/tool?name=prendre_rendez_vous"):
            answer = client.get(f"{path}{below}")
            hidden = client.get(f"/apps/999{below}")
            if name != "crm":  # and it looks as though there were no such app
                assert (answer.status_code, answer.text) == (hidden.status_code, hidden.text) == (404, hidden.text)
    assert 'role="developer"' not in client.get("/").text


@pytest.mark.parametrize(("lang", "says"), [("en", "You look in the role DPO."), ("fr", "avec le rôle DPO.")])
def test_the_page_says_the_role_as_the_documents_do(enter: Entered, lang: str, says: str) -> None:
    client, _ = enter(viewer=Viewer("mara", "dpo"), lang=lang, recorded=False)
    assert says in client.get("/").text


@pytest.mark.promise("page-roles")
def test_a_role_that_may_not_is_refused_and_that_is_told(enter: Entered) -> None:
    told: list[str] = []

    def tell(what: str, _scope: Scope, _who: str) -> str:
        told.append(what)
        return "2026-11-22T10:00:00.000Z"

    viewer = Viewer("jon", "developer", apps=("crm",))
    client, _ = enter(viewer=viewer, tell=tell, recorded=True)
    refused = [view for view in views() if "developer" not in view.roles]
    for view in refused:
        assert client.get(view.prefix).status_code == 403, view.name
    assert told == ["page", *(f"refused: page {view.name}" for view in refused)]


@pytest.mark.promise("page-told")
def test_a_session_is_told_before_anything_is_shown(enter: Entered) -> None:
    def refuses(_what: str, _scope: Scope, _who: str) -> str:
        raise NotToldError("the ledger failed")

    client, door = enter(signed_in=False, tell=refuses, recorded=True)
    token = door.token()
    answer = client.get("/open", params={"token": token})
    assert (answer.status_code, "set-cookie" in answer.headers) == (503, False)
    assert client.get("/").status_code == 401
    assert client.get("/open", params={"token": token}).status_code == 503  # it is not used up: nobody came in


@pytest.mark.promise("page-reads-only")
def test_a_view_cannot_write(enter: Entered, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def writes(asking: Asking) -> list[Any]:
        for sql in ("DELETE FROM apps", "PRAGMA query_only = OFF", "DELETE FROM apps"):
            try:
                asking.db.execute(sql)
            except sqlite3.OperationalError as error:
                seen.append(str(error))
        return []

    monkeypatch.setattr(Asking, "apps", writes)
    client, _ = enter()
    client.get("/apps")
    assert set(seen) == {"attempt to write a readonly database"}


def test_hostile_names_are_shown_and_obeyed_by_nothing(enter: Entered, hostile: Place) -> None:
    client, _ = enter(into=hostile)
    with closing(open_ledger(hostile.path)) as db:
        number = db.execute("SELECT id FROM apps").fetchone()[0]
    tool = {"name": HOSTILE}
    with closing(open_ledger(hostile.path)) as db:
        names = [row[0] for row in db.execute("SELECT name FROM tools")]
    for path, query in (
        ("/", {}),
        ("/apps", {}),
        (f"/apps/{number}", {}),
        (f"/apps/{number}/data", {"pointer": HOSTILE, "tool": HOSTILE, "category": HOSTILE}),
        (f"/apps/{number}/data", {}),
        *((f"/apps/{number}/tool", {"name": name}) for name in names),
    ):
        answer = client.get(path, params=query)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text
        assert not any(char in answer.text for char in ("\u202e", "\x1b", "\x00"))
        assert "x" * 400 not in answer.text or path.endswith(("/tool", "/data", "/apps", "/"))
    assert client.get(f"/apps/{number}/tool", params=tool).status_code in (200, 404)


def test_no_value_is_on_any_page(enter: Entered, place: Place) -> None:
    client, _ = enter()
    with closing(open_ledger(place.path)) as db:
        secrets = [
            row[0] for row in db.execute("SELECT DISTINCT pseudonym FROM disclosures WHERE pseudonym IS NOT NULL")
        ]
    for path in PATHS:
        text = client.get(path).text
        assert not any(secret in text for secret in secrets), path


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "0.0.0.0"], "--beyond-this-machine"),
        (["--host", "192.0.2.7", "--beyond-this-machine"], "--password-file"),
        (["--host", "0.0.0.0", "--beyond-this-machine", "--password-file", "open"], "--name"),
        (["--password-file", "open"], "chmod 600"),
        (["--password-file", "short"], "12 characters"),
        (["--certificate", "open"], "--certificate-key"),
        (["--role", "king"], "--role"),
        (["--role", "developer"], "--app"),
        (["--lang", "de"], "--lang"),
    ],
)
@pytest.mark.promise("page-loopback")
def test_the_page_is_not_opened_to_others_by_mistake(
    place: Place, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    (place.folder / "open").write_text("a password that is long enough\n")
    (place.folder / "short").write_text("short\n")
    (place.folder / "open").chmod(0o644)
    (place.folder / "short").chmod(0o600)
    monkeypatch.chdir(place.folder)
    ran = CliRunner().invoke(app, ["serve", *arguments], prog_name="douane", env=place.environ)
    assert (ran.exit_code, words in ran.stderr) == (2, True), ran.stderr


def test_a_password_opens_a_session_and_is_not_guessed(enter: Entered) -> None:
    told: list[str] = []

    def tell(_what: str, _scope: Scope, who: str) -> str:
        told.append(who)
        return "2026-11-22T10:00:00.000Z"

    right = "correct horse battery"
    client, _ = enter(signed_in=False, password=right, tell=tell, recorded=True)
    for _ in range(8):
        assert client.post("/sign-in", data={"who": "mara", "password": "wrong"}).status_code == 401
    assert client.post("/sign-in", data={"who": "mara", "password": right}).status_code == 401  # too many tries
    other, _ = enter(signed_in=False, password=right, tell=tell, recorded=True)
    assert other.post("/sign-in", data={"who": "mara", "password": right}).status_code == 200
    assert "mara" in other.get("/").text
    assert told == ["mara"]
    none, _ = enter(signed_in=False)
    assert none.post("/sign-in", data={"who": "mara", "password": ""}).status_code == 401


def test_over_tls_the_address_and_the_cookie_are_for_https(place: Place, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "page.pem")
    secret = tmp_path / "secret"
    secret.write_text("correct horse battery\n")
    secret.chmod(0o600)
    pem = str(tmp_path / "page.pem")
    flags = ["--certificate", pem, "--certificate-key", pem, "--password-file", str(secret), "--name", "localhost"]
    served = Served(place, flags).start()
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    try:
        with httpx2.Client(verify=trusted) as client:
            assert served.addresses[0].startswith("https://localhost:")
            assert "Secure" in client.get(served.addresses[0]).headers["set-cookie"]
            signed_in = client.post(f"{served.base}/sign-in", data={"who": "mara", "password": "correct horse battery"})
            assert (signed_in.status_code, "mara" in client.get(f"{served.base}/").text) == (200, True)
    finally:
        assert served.stop() == 0
    with closing(open_ledger(place.path)) as db:
        assert any(one.who.startswith("mara (page of ") for one in accesses(db))


def test_small_counts_are_hidden_where_the_profile_says_so(enter: Entered) -> None:
    client, _ = enter(under=Under("audit"))
    apps = client.get("/apps").text
    assert re.search(r"&lt; 5|≥ ", apps)
    every, _ = enter()
    assert not re.search(r"&lt; 5|≥ \d", every.get("/apps").text)


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        (None, "a", True),
        ("http://a:1", "a:1", True),
        ("https://A", "a", True),
        ("http://a:2", "a:1", False),
        ("file://", "", False),
        ("http://[", "a", False),
    ],
)
def test_where_a_form_comes_from(origin: str | None, host: str, *, same: bool) -> None:
    assert from_itself(origin, host) is same


def test_the_cookie_and_the_token_are_in_no_log(place: Place) -> None:
    command = [sys.executable, "-m", "douane.cli.main", "serve", "--port", "0", "--ledger", "nowhere.db"]
    ran = subprocess.run(command, cwd=place.folder, env=place.environ, capture_output=True, text=True, check=False)
    assert (ran.returncode, "there is no ledger yet" in ran.stderr) == (2, True)


def test_the_session_stands_in_the_chain(served: Any, inside: Any, place: Place) -> None:
    assert inside["cookies"]
    with closing(open_ledger(place.path)) as db:
        told = [one for one in accesses(db) if one.what == "page"]
    assert told
    assert told[0].role == "admin"
