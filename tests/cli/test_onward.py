"""A datum that ChatGPT gives an app and that leaves through the app's egress listener is linked, by a real app."""

import contextlib
import json
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
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *args):
        pass
    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["content-length"])))
        arguments = message["params"]["arguments"]
        form = urllib.parse.urlencode({"to": arguments["email"], "text": "Welcome"}).encode()
        out.open(f"http://127.0.0.1:{vendor}/send?source=crm", form, timeout=60).read()
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": {"content": []}}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""
MAIL = "ingrid.solheim@example.org"
DENIED = (
    "privacy_policy:\n  url: https://crm.example/privacy\n  statements:\n    - {says: does_not_collect, entity: "
    "third party, data_categories: [user], quote: We never share any personal data with third parties.}\n"
)
VENDOR = "recipients:\n  - {name: Vendor, hosts: [127.0.0.1], data_categories: [user.contact.email]}\n"
DECLARED = (
    (DENIED, [], 0),  # the app's own machine is nobody's, unless somebody is declared to be there
    (
        DENIED + VENDOR,
        [
            "declaration: clear: the declaration names user.contact.email as received by Vendor",
            "policy: incorrect: the privacy policy says that third party does not collect user",
        ],
        1,
    ),
    (
        "recipients:\n  - {name: Vendor, hosts: [127.0.0.1], data_categories: [user.name]}\n",
        ["declaration: omitted: the declaration does not name user.contact.email as received by Vendor"],
        1,
    ),
    (VENDOR, [], 0),
)


def test_what_an_app_passes_on_is_linked_to_what_chatgpt_gave_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOUANE_KEY_FILE", str(tmp_path / "key" / "master.key"))
    script = tmp_path / "app.py"
    script.write_text(APP)
    port, egress, front = free_ports(3)
    config = tmp_path / "config.yaml"
    config.write_text(
        f"apps:\n  - name: crm\n    upstream: http://127.0.0.1:{port}/mcp\n    port: {front}\n    fetch_tools: false\n"
        f"    egress_port: {egress}\n    egress_hosts: [127.0.0.1]\n"
    )
    ledger = tmp_path / "data" / "douane.db"
    with (
        App() as vendor,
        running(
            [sys.executable, str(script), str(port), str(egress), str(vendor.port)],
            [port],
            tmp_path / "log",
            name="app",
        ),
    ):
        douane = Running(tmp_path, ["--config", str(config)]).start()
        try:
            call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
            for number in (1, 2):
                params = {"name": "invite", "arguments": {"email": MAIL}}
                answer = httpx2.post(
                    f"http://127.0.0.1:{front}/mcp", json={**call, "id": number, "params": params}, timeout=60
                )
                assert answer.status_code == 200

            def linked() -> bool:
                with (
                    contextlib.suppress(sqlite3.Error),
                    closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as db,
                ):
                    sql = "SELECT sum(count) FROM observations WHERE detail LIKE '%#%'"
                    return bool(db.execute(sql).fetchone()[0] == 2)
                return False

            until(linked, 60, "the link")
        finally:
            douane.stop()
    ran = CliRunner().invoke(app, ["onward", "--ledger", str(ledger), "--format", "json"])
    (told,) = json.loads(ran.stdout)
    assert told["egress_listener"] is True
    assert [(one["host"], one["calls"], one["found"]) for one in told["called"]] == [
        ("127.0.0.1", 2, {"user.contact.email": 2})
    ]
    assert {(one["category"], one["host"], one["tool"]) for one in told["passed_on"]} == {
        ("user.contact.email", "127.0.0.1", "invite")
    }
    assert all(one["received_at"] <= one["sent_at"] for one in told["passed_on"])
    for lang, says in (
        ("en", "received from ChatGPT"),
        ("fr", " (user.contact.email) : donnée reçue de ChatGPT 2 fois, du "),
    ):
        text = CliRunner().invoke(app, ["onward", "--app", "crm", "--ledger", str(ledger), "--lang", lang])
        assert (text.exit_code, says in text.stdout, MAIL in text.stdout) == (0, True, False)
    assert MAIL.encode() not in ledger.read_bytes()
    for declared, said, code in DECLARED:
        file = tmp_path / "crm.yaml"
        file.write_text(f"douane_declaration: 1\napp: crm\nto_app: [user.contact.email]\n{declared}")
        again = CliRunner().invoke(app, ["rejudge", "--declaration", str(file), "--ledger", str(ledger)])
        assert again.exit_code == 0, again.output
        ran = CliRunner().invoke(
            app,
            ["check", "--app", "crm", "--declaration", str(file), "--ledger", str(ledger), "--fail-on", "gdpr/onward",
             "--format", "json"],
        )  # fmt: skip
        found = [one for one in json.loads(ran.stdout)["findings"] if one["rule"] == "gdpr/onward"]
        assert ([one["sources"] for one in found], ran.exit_code) == ([said] if said else [], code), ran.stdout
        assert all((one["count"], one["severity"], len(one["disclosures"])) == (2, "error", 2) for one in found)
        assert MAIL not in ran.stdout


def test_without_an_egress_listener_it_is_not_observable(tmp_path: Path) -> None:
    from post import Post, call

    post = Post(tmp_path)
    post.asks(call(1, "invite", email=MAIL), app="crm")
    post.work()
    post.close()
    config = tmp_path / "config.yaml"
    config.write_text("apps:\n  - {name: crm, upstream: 'http://127.0.0.1:3000/mcp'}\n")
    ran = CliRunner().invoke(app, ["onward", "--ledger", str(tmp_path / "douane.db"), "--config", str(config)])
    assert (ran.exit_code, ran.stdout) == (0, "crm: not observable: it has no egress listener\n")


def test_what_an_egress_listener_refused_is_told_with_the_reason(tmp_path: Path) -> None:
    from post import Post, call

    post = Post(tmp_path)
    post.asks(call(1, "invite", email=MAIL), app="crm")
    post.work()
    post.close()
    with closing(sqlite3.connect(tmp_path / "douane.db")) as db, db:
        db.execute(
            "INSERT INTO gaps (record_id, part, app_id, at, route, code, place, detail, count) SELECT 'r', 0, id,"
            " '2026-11-02T10:00:00.000Z', 'egress', 'refused', 'target', 'not-allowed', 36 FROM apps"
        )
    ledger = ["--ledger", str(tmp_path / "douane.db")]
    for lang, says in (
        ("en", "36 requests refused before they left (not-allowed ×36)"),
        ("fr", "36 requêtes refusées"),
    ):
        ran = CliRunner().invoke(app, ["onward", *ledger, "--lang", lang])
        assert (ran.exit_code, says in ran.stdout) == (0, True), ran.output
    with closing(sqlite3.connect(tmp_path / "douane.db")) as db, db:
        db.execute("UPDATE gaps SET count = 1")
    for lang, says in (("en", "1 request refused before it left"), ("fr", "1 requête refusée avant son départ")):
        assert says in CliRunner().invoke(app, ["onward", *ledger, "--lang", lang]).stdout
    with closing(sqlite3.connect(tmp_path / "douane.db")) as db, db:
        db.execute("UPDATE gaps SET count = 36")
    (told,) = json.loads(CliRunner().invoke(app, ["onward", *ledger, "--format", "json"]).stdout)
    assert (told["egress_listener"], told["refused"]["requests"], told["refused"]["codes"]) == (
        True, 36, {"not-allowed": 36},
    )  # fmt: skip
    ran = CliRunner().invoke(app, ["check", *ledger, "--allow-undeclared", "--format", "json"])
    told = {one["code"]: one["says"] for one in json.loads(ran.stdout)["not_judged"]}
    assert "refused 36 requests before they left (not-allowed × 36)" in told["egress-refused"]
