"""What a real app sends out through its real egress listener, JSON-RPC, JSON and form, is told apart everywhere."""

import contextlib
import json
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from running import App, Running, until
from typer.testing import CliRunner

from douane.cli.main import app
from douane.demo.processes import free_ports, running

APP = """
import json, sys, urllib.parse, urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
port, egress, vendor = map(int, sys.argv[1:])
out = urllib.request.build_opener(urllib.request.ProxyHandler({"http": f"http://127.0.0.1:{egress}"}))
def send(body, kind):
    request = urllib.request.Request(f"http://localhost:{vendor}/send", body, {"content-type": kind})
    out.open(request, timeout=60).read()
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *args):
        pass
    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["content-length"])))
        mail = message["params"]["arguments"]["email"]
        rpc = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "mail", "arguments": {"to": mail}}}
        send(json.dumps(rpc).encode(), "application/json")
        send(json.dumps({"to": mail}).encode(), "application/json")
        send(urllib.parse.urlencode({"to": mail}).encode(), "application/x-www-form-urlencoded")
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": {"content": []}}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""
DECLARED = """
douane_declaration: 1
app: crm
to_app: [user.contact.email]
recipients:
  - {name: Mail Vendor, hosts: [localhost], data_categories: [user.contact.email]}
"""
MAIL = "ingrid.solheim@example.org"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger of one call from ChatGPT, which the app passed on three times in three shapes."""
    folder = tmp_path_factory.mktemp("egress")
    script = folder / "app.py"
    script.write_text(APP)
    (folder / "crm.yaml").write_text(DECLARED)
    port, egress, front, other = free_ports(4)
    config = folder / "config.yaml"
    config.write_text(
        f"apps:\n  - name: crm\n    upstream: http://127.0.0.1:{port}/mcp\n    port: {front}\n    fetch_tools: false\n"
        f"    egress_port: {egress}\n    egress_hosts: [localhost]\n    declaration: crm.yaml\n"
        f"  - name: plain\n    upstream: http://127.0.0.1:{port}/mcp\n    port: {other}\n    fetch_tools: false\n"
    )
    path = folder / "data" / "douane.db"
    with (
        App() as vendor,
        running(
            [sys.executable, str(script), str(port), str(egress), str(vendor.port)], [port], folder / "log", name="app"
        ),
    ):
        douane = Running(folder, ["--config", str(config)]).start()
        try:
            params = {"name": "invite", "arguments": {"email": MAIL}}
            call = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}
            assert (
                httpx2.post(
                    f"http://127.0.0.1:{front}/mcp", json=call, headers={"user-agent": ""}, timeout=60
                ).status_code
                == 200
            )

            def judged() -> bool:
                with (
                    contextlib.suppress(sqlite3.Error),
                    closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db,
                ):
                    sql = (
                        "SELECT count(*), sum(route = 'egress' AND direction = 'to_app') FROM exchanges"
                        " WHERE outcome = 'delivered'"
                    )
                    total, sent = db.execute(sql).fetchone()
                    return bool(sent == 3 and total >= 5)
                return False

            until(judged, 60, "three requests that left, judged and delivered")
        finally:
            douane.stop()
    return path


def told(ledger: Path, kind: str, lang: str = "en") -> str:
    chosen = ["--format", kind, "-o", "-"] if kind != "text" else []
    ran = CliRunner().invoke(app, ["report", "--ledger", str(ledger), "--lang", lang, *chosen], env={"COLUMNS": "300"})
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def test_nothing_of_it_counts_between_chatgpt_and_the_app(ledger: Path) -> None:
    report = json.loads(told(ledger, "json"))
    (crm,) = (one for one in report["apps"] if one["name"] == "crm")
    assert report["totals"]["disclosures"] == 1
    assert crm["messages"]["delivered"]["messages"] == 2
    assert [(flow["category"], flow["direction"], flow["disclosures"]) for flow in crm["flows"]] == [
        ("user.contact.email", "to_app", 1)
    ]
    assert [tool["name"] for tool in crm["tools"]] == ["invite"]
    assert crm["passages"] == []
    assert {one["app"]: one["routes"] for one in report["perimeter"]["observed"]} == {
        "crm": ["reverse", "egress"], "plain": ["reverse"]
    }  # fmt: skip
    codes = [one["code"] for one in report["perimeter"]["not_observed"]]
    assert {"egress", "bypass"} <= set(codes)


def test_the_three_requests_are_passed_on_and_linked(ledger: Path) -> None:
    apps = {one["name"]: one for one in json.loads(told(ledger, "json"))["apps"]}
    assert (apps["plain"]["egress_listener"], apps["plain"]["passed_on"]) == (False, [])
    (one,) = apps["crm"]["passed_on"]
    assert (one["category"], one["host"], one["recipient"]) == ("user.contact.email", "localhost", "Mail Vendor")
    assert (one["disclosures"], one["linked"], len(one["links"]), one["headline"]) == (3, 3, 3, "clear")
    assert all(link["received"] <= link["sent"] for link in one["links"])
    assert one["first"] <= one["last"]


@pytest.mark.parametrize(
    ("lang", "title", "none", "link"),
    [
        ("en", "Passed on by the app", "not observable (no egress listener)", "received from ChatGPT"),
        ("fr", "Communiqué à son tour par l’application", "non observable (pas d’écoute sortante)", "reçu de ChatGPT"),
    ],
)
@pytest.mark.parametrize("kind", ["html", "md", "text"])
def test_every_format_says_the_same(ledger: Path, kind: str, lang: str, title: str, none: str, link: str) -> None:
    (one,) = next(found["passed_on"] for found in json.loads(told(ledger, "json"))["apps"] if found["name"] == "crm")
    whole = told(ledger, kind, lang)
    section = whole[whole.rindex(title) :]
    for words in (none, "localhost", "Mail Vendor", link):
        assert words in section, words
    assert MAIL not in whole
    assert len(re.findall(rf"{link} \d\d:\d\d:\d\d", section.replace("\u00a0", " "))) == len(one["links"])
    counted = {
        "html": '<td role="cell" data-label="[^"]*" class="n">3</td>',
        "md": r"\| 3 \|",
        "text": r", 3 (times|fois), ",
    }
    assert len(re.findall(counted[kind], section)) == 1
    for link_of in one["links"]:
        assert link_of["sent"][11:19] in section


def test_the_views_the_check_and_why_leave_it_out(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger)) as db:
        assert db.execute("SELECT host, disclosures, verdict FROM passed_on").fetchall() == [("localhost", 3, "clear")]
        assert db.execute("SELECT sum(disclosures) FROM who_gets_what").fetchone() == (1,)
        assert db.execute("SELECT count(*) FROM exchange_log").fetchone() == (2,)
        number = db.execute(
            "SELECT d.id FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id WHERE e.route = 'egress' LIMIT 1"
        ).fetchone()[0]
        assert db.execute("SELECT egress FROM apps WHERE name = 'crm'").fetchone() == (1,)
    checked = CliRunner().invoke(app, ["check", "--ledger", str(ledger), "--app", "crm", "--format", "json"])
    apps = json.loads(checked.stdout)
    assert "'messages': 2" in str(apps)
    why = CliRunner().invoke(app, ["why", str(number), "--ledger", str(ledger)])
    assert (why.exit_code, "sent out by crm to localhost" in why.stdout) == (0, True), why.stdout
    assert MAIL.encode() not in ledger.read_bytes()
