"""What leaves an app through its egress listener stands apart from what ChatGPT and the app exchanged."""

import json
from contextlib import closing

import pytest
from post import MASTER, Post, call, result

from douane.cli.checking import Scope, not_judged
from douane.cli.onward import WORDS, as_json, as_text, links
from douane.inspector.settings import AppSettings
from douane.ledger.hidden import hidden
from douane.ledger.history import history
from douane.ledger.observations import read_found
from douane.ledger.onward import PassedOn, Sending, read_onward
from douane.ledger.query import counts, last_exchanges, open_ledger
from douane.ledger.record import RecordKind
from douane.ledger.rejudge import rejudge
from douane.ledger.sealing import Sealer

MAIL = "ingrid.solheim@example.org"
OUT = {"route": "egress", "host": "mail-vendor.example"}
DECLARED = """
douane_declaration: 1
app: crm
publisher: {name: CRM, hosts: [crm.example]}
privacy_declarations:
  - name: invitations
    data_use: essential.service
    to_app: [user.contact.email]
    recipients: [Mail Vendor]
recipients:
  - {name: Mail Vendor, hosts: [mail-vendor.example], data_categories: [user.contact.email]}
"""


@pytest.fixture
def post(tmp_path):
    made = Post(tmp_path, apps=(AppSettings(name="crm", egress=True),))
    yield made
    made.close()


def given(post):
    flow = post.asks(call(1, "invite", email=MAIL), app="crm")
    post.answers(flow, result(1, ok=True), app="crm")


def passage(post, body, *, host="mail-vendor.example", content_type="application/json", status=200):
    post.flows += 1
    return post.put(
        RecordKind.PASSAGE, f"out{post.flows}", app="crm", body=body, target="/send", content_type=content_type,
        content_encoding="", route="egress", host=host, path_class="other", status=status, bytes_up=9, bytes_down=2,
    )  # fmt: skip


def sent(post):
    return post.rows("SELECT host, direction, transport, method, tool, outcome FROM exchanges WHERE route = 'egress'")


def test_json_rpc_that_an_app_sends_out_is_no_exchange_with_chatgpt(post):
    given(post)
    flow = post.asks(call("v1", "send_mail", to=MAIL), app="crm", **OUT)
    post.answers(flow, result("v1", owner="owner@example.net"), app="crm")
    post.put(RecordKind.OUTCOME, "", app="crm", delivered=[flow])
    post.work()
    assert sent(post) == [
        ("mail-vendor.example", "to_app", "json", "tools/call", None, "delivered"),
        ("mail-vendor.example", "to_chatgpt", "json", "tools/call", None, "delivered"),
    ]
    with closing(open_ledger(post.folder / "douane.db")) as db:
        assert (counts(db).exchanges, counts(db).disclosures) == (2, 1)
        assert [one.tool for one in last_exchanges(db, 9)] == ["invite", "invite"]
        assert {tool for tool, _ in read_found(db, "crm")} == {"invite"}
    for view in ("who_gets_what", "undeclared_disclosures", "exchange_log"):
        rows = post.rows(f"SELECT * FROM {view}")
        assert "mail-vendor.example" not in str(rows), view
    assert post.rows("SELECT host, category, disclosures FROM passed_on") == [
        ("mail-vendor.example", "user.contact.email", 1)
    ]
    assert post.rows("SELECT DISTINCT tool FROM field_uses") == [("invite",)]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps({"to": MAIL}).encode(), "application/json"),
        (b"to=ingrid.solheim%40example.org&text=Welcome", "application/x-www-form-urlencoded"),
    ],
    ids=["json", "form"],
)
def test_what_is_no_mcp_is_an_exchange_of_its_own_route(post, body, content_type):
    given(post)
    passage(post, body, content_type=content_type)
    post.work()
    assert sent(post) == [("mail-vendor.example", "to_app", "http", "http/request", None, "delivered")]
    assert post.rows("SELECT detail FROM observations WHERE kind = 'egress' ORDER BY detail") == [
        ("",), ("user.contact.email",), ("user.contact.email #1",)
    ]  # fmt: skip
    assert post.rows("SELECT count(*) FROM passages WHERE route = 'egress'") == [(1,)]
    assert MAIL.encode() not in (post.folder / "douane.db").read_bytes()


def test_a_request_without_an_answer_is_not_counted_as_delivered(post):
    passage(post, json.dumps({"to": MAIL}).encode(), status=0)
    post.work()
    assert [row[-1] for row in sent(post)] == ["unknown"]
    assert post.rows("SELECT * FROM passed_on") == []


def test_tools_of_a_third_party_are_not_learned_as_the_apps(post):
    flow = post.asks({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, app="crm", **OUT)
    post.answers(flow, result(1) | {"result": {"tools": [{"name": "theirs", "inputSchema": {}}]}}, app="crm")
    post.work()
    assert post.rows("SELECT name FROM tools") == []
    assert len(sent(post)) == 2


def test_a_gap_in_what_an_app_sends_out_is_none_of_its_exchange_with_chatgpt(post):
    passage(post, b"\xff\xfe\x00", content_type="application/octet-stream")
    flow = post.asks(b"{not json", app="crm", **OUT)
    post.answers(flow, result(1), app="crm")
    post.work()
    assert {route for (route,) in post.rows("SELECT route FROM gaps")} == {"egress"}
    with closing(open_ledger(post.folder / "douane.db")) as db:
        assert counts(db).gaps == 0


def test_equal_ids_and_sessions_on_both_routes_are_not_mixed_up(post):
    mine = post.asks(call(7, "invite", email=MAIL), app="crm", session="s")
    theirs = post.asks(call(7, "send_mail", to=MAIL), app="crm", session="s", **OUT)
    post.answers(theirs, result(7), app="crm")
    post.answers(mine, result(7), app="crm")
    post.work()
    pairs = post.rows("SELECT a.route, q.route FROM exchanges a JOIN exchanges q ON q.id = a.answers_id ORDER BY a.id")
    assert pairs == [("egress", "egress"), ("reverse", "reverse")]


def test_a_restart_in_a_stream_keeps_the_route(post):
    flow = post.asks(call(1, "send_mail", to=MAIL), app="crm", **OUT)
    post.put(RecordKind.STREAM, flow, app="crm", status=200, headers=[["content-type", "text/event-stream"]], **OUT)
    post.work()
    post.inspector.close()
    post.inspector = post.open()
    event = b"data: " + json.dumps(result(1, note=MAIL)).encode() + b"\n\n"
    post.put(RecordKind.PIECE, flow, app="crm", body=event, **OUT)
    post.put(RecordKind.END, flow, seq=1, app="crm", reason="complete", **OUT)
    post.work()
    assert {row[0] for row in post.rows("SELECT route FROM exchanges")} == {"egress"}
    assert len(sent(post)) == 2


def test_a_heavy_message_is_judged_as_onward_too(tmp_path):
    post = Post(tmp_path, apps=(AppSettings(name="crm", egress=True),), options={"heavy_bytes": 300})
    flow = post.asks(call(1, "send_mail", to=MAIL, text="Welcome. " * 60), app="crm", **OUT)
    post.answers(flow, result(1), app="crm")
    post.work()
    assert post.rows("SELECT DISTINCT source, verdict FROM verdicts") == [("declaration", "gap")]
    post.close()


def test_what_leaves_is_judged_by_what_was_declared_of_the_recipient_and_again_by_a_rejudgement(tmp_path):
    file = tmp_path / "crm.yaml"
    file.write_text(DECLARED)
    post = Post(tmp_path, apps=(AppSettings(name="crm", egress=True, declaration=file),))
    given(post)
    for host in ("mail-vendor.example", "tracker.example"):
        passage(post, json.dumps({"to": MAIL}).encode(), host=host)
    post.work()
    verdicts = (
        "SELECT host, headline FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id WHERE route = 'egress'"
    )
    assert post.rows(verdicts) == [("mail-vendor.example", "clear"), ("tracker.example", "omitted")]
    assert post.rows("SELECT count(*) FROM undeclared_disclosures WHERE pointer LIKE '/params/body%'") == [(0,)]
    done = rejudge(tmp_path / "douane.db", "crm", reason="again", version="t", sealer=Sealer(MASTER))
    assert done is not None
    assert (done.replaced, done.changed) == (0, 0)
    post.close()


def test_what_became_of_each_attempt_is_told_and_equal_lines_are_one(post):
    for number in (1, 2):
        given(post)
        passage(post, json.dumps({"to": MAIL}).encode(), status=None if number == 1 else 200)
    passage(post, json.dumps({"to": MAIL}).encode())
    post.work()
    with closing(open_ledger(post.folder / "douane.db")) as db:
        called, passed = read_onward(db, "crm")
    assert [(one.host, one.calls, one.outcomes) for one in called] == [
        ("mail-vendor.example", 3, (("delivered", 2), ("unknown", 1)))
    ]
    assert [(one.times, [(each.outcome, each.times) for each in one.sendings]) for one in passed] == [
        (1, [("unknown", 1)]),
        (2, [("delivered", 2)]),
    ]
    lines = as_text("crm", called, passed, None, {}, WORDS["en"])
    assert [line.partition("(user.contact.email): ")[2].partition(" 20")[0] for line in lines[1:3]] == [
        "received from ChatGPT",
        "received from ChatGPT",
    ]
    assert ", left for mail-vendor.example " in lines[1]
    assert lines[1].endswith("; whether it arrived is not known")
    assert ", sent to mail-vendor.example 2 times, " in lines[2]
    assert lines[3] == "  mail-vendor.example: called 3 times (1 with an unknown outcome)"
    told = as_json("crm", called, passed, None, {})
    assert [one["outcomes"] for one in told["passed_on"]] == [{"unknown": 1}, {"delivered": 2}]


@pytest.mark.parametrize(
    ("outcome", "lang", "says"),
    [
        ("failed", "en", "tried to send to mail-vendor.example 2026-11-22 10:02:11, and failed"),
        ("refused", "en", "tried to send to mail-vendor.example 2026-11-22 10:02:11, and refused by Douane"),
        ("failed", "fr", "tentative d’envoi à mail-vendor.example le 22/11/2026 10:02:11, échouée"),
        ("unknown", "fr", "partie vers mail-vendor.example le 22/11/2026 10:02:11 ; on ignore si elle est arrivée"),
    ],
)
def test_an_attempt_that_did_not_arrive_is_never_called_sent(outcome, lang, says):
    at = "2026-11-22T10:02:11.000Z"
    passed = PassedOn("user.contact.email", "mail-vendor.example", at, at, None, 7, 1, (Sending(outcome, 1, at, at),))
    (line,) = links((passed,), WORDS[lang])
    assert line.endswith(says)


def test_what_was_given_often_and_sent_often_is_one_line(post):
    for _ in range(3):
        given(post)
        passage(post, json.dumps({"to": MAIL}).encode())
    post.work()
    with closing(open_ledger(post.folder / "douane.db")) as db:
        lines = as_text("crm", *read_onward(db, "crm"), None, {}, WORDS["en"])
    assert len(lines) == 4
    assert "received from ChatGPT 3 times, " in lines[1]
    assert ", sent to mail-vendor.example 3 times, " in lines[1]


def test_tools_that_share_a_placeholder_are_told(post):
    post.asks(call(1, "ada@example.org", city="Lyon"), app="crm")
    post.asks(call(2, "book", city="Lyon"), app="plain")
    post.work()
    with closing(open_ledger(post.folder / "douane.db")) as db:
        seen = {app: history(db, app) for app in ("crm", "plain")}
        unseen = {app: hidden(db, app, "", "") for app in seen}
    told = not_judged(Scope(("crm", "plain")), seen, unseen, {}, allow_undeclared=True)
    assert [one.app for one in told if one.code == "hidden-tools"] == ["crm"]
    assert all("{key}" in one.says.en + one.says.fr for one in told if one.code == "hidden-tools")
