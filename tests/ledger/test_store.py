import json
import sqlite3
from dataclasses import replace
from enum import StrEnum

import pytest
from entries import CALL, DATUM, OMITTED, PSEUDONYMS, VAGUE

from douane.audit.context import ToolSchema
from douane.audit.declaration import Declaration, Recipient
from douane.audit.exchange import Label, Outcome, Pseudonym
from douane.audit.message import Direction, Gap, Kind
from douane.ledger.pseudonyms import length_bucket, preview
from douane.ledger.schema import Route, ToolSource
from douane.ledger.store import Ledger, LedgerFailed, Pending
from douane.ledger.times import iso

NOW = 1_800_000_000.0
ANSWER = replace(
    CALL,
    record_id="5b1c2d3e4f50-8",
    part=0,
    at=CALL.at + 0.25,
    direction=Direction.TO_CHATGPT,
    kind=Kind.RESULT,
    answers=(CALL.record_id, CALL.part),
    http_status=200,
    duration_ms=250.0,
    rpc="",
    disclosures=(),
    gaps=(),
)


class Unheard(StrEnum):
    """A word that no table takes, which only a bug could bring."""

    OF = "unheard-of"


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / "ledger.db", taxonomy="tax/1", clock=lambda: NOW) as made:
        yield made


@pytest.fixture
def rows(ledger):
    """Ask the file what a table holds, through a connection of its own."""
    db = sqlite3.connect(f"file:{ledger.path}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row

    def ask(sql, *values):
        found = [dict(row) for row in db.execute(sql if " " in sql else f"SELECT * FROM {sql} ORDER BY 1", values)]
        return [{key: value for key, value in row.items() if key not in ("nonce", "commitment")} for row in found]

    yield ask
    db.close()


def test_an_exchange_is_kept_with_all_that_belongs_to_it(ledger, rows):
    ledger.add_tool("travel", ToolSchema("book", {"type": "object"}), at=CALL.at)
    assert ledger.append(CALL, salt=b"s" * 16) == 1
    assert rows("exchanges") == [
        {
            "id": 1, "record_id": "5b1c2d3e4f50-7", "part": 2, "app_id": 1, "tool_id": 1, "tool": "book",
            "at": "2023-11-14T22:13:20.500Z", "direction": "to_app", "kind": "request", "method": "tools/call",
            "protocol": "2025-06-18", "transport": "json", "session": "s-1", "flow": "f-1", "rpc": "r-1",
            "answers_id": None, "size": 412, "fields": 11, "duration_ms": None, "http_status": None,
            "outcome": "unknown", "own_traffic": 0, "redelivery": 0, "salt": b"s" * 16,
            "taxonomy": "tax/1", "inspected_at": iso(NOW), "route": "reverse", "host": "",
        }
    ]  # fmt: skip
    first = {
        "id": 1, "exchange_id": 1, "category": "user.contact.email", "flags": '["hipaa"]',
        "pointer": "/params/arguments/mail", "reached": "json:/mail", "detector": "email", "confidence": 0.95,
        "evidence": "an address with a known top-level domain", "length": "16-31",
        "pseudonym": DATUM.pseudonym.digest, "key_id": DATUM.pseudonym.key_id, "preview": "ca…rg",
        "also": '["/@http/header/x-openai-subject"]', "headline": "omitted",
    }  # fmt: skip
    second = first | {
        "id": 2, "pointer": "/params/arguments/{key}", "pseudonym": None, "key_id": None, "preview": None
    }  # fmt: skip
    assert rows("disclosures") == [first, second]
    schema = {"source": "schema", "verdict": "omitted", "score": None, "reason": OMITTED.reason}
    declared = {"source": "declaration", "verdict": "vague", "score": 0.5, "reason": VAGUE.reason}
    fixed = {
        "statements": "[]", "declaration_id": None, "judgement_id": None, "judged_at": iso(NOW), "replaced_at": None,
    }  # fmt: skip
    assert rows("verdicts") == [
        {"id": number, "disclosure_id": datum} | verdict | fixed
        for number, (datum, verdict) in enumerate([(1, schema), (1, declared), (2, schema), (2, declared)], 1)
    ]
    gap = {
        "record_id": CALL.record_id,
        "part": 2,
        "exchange_id": 1,
        "app_id": 1,
        "at": iso(CALL.at),
        "route": "reverse",
    }
    assert rows("gaps") == [
        {"id": 1, "code": "no-schema", "place": "body", "detail": "", "size": None, "count": 1} | gap,
        {"id": 2, "code": "too-deep", "place": "/params", "detail": "48 levels", "size": 15, "count": 2} | gap,
    ]
    assert rows("keys") == [{"key_id": DATUM.pseudonym.key_id, "app_id": 1, "epoch": 1, "created_at": iso(NOW)}]


def test_a_second_append_changes_nothing_and_says_so(ledger, rows):
    assert ledger.append(CALL) == 1
    before = {table: rows(table) for table in ("exchanges", "disclosures", "verdicts", "gaps")}
    assert ledger.append(replace(CALL, method="other", disclosures=(DATUM,) * 3)) is None
    assert {table: rows(table) for table in before} == before
    assert (ledger.has(CALL.record_id, 2), ledger.has(CALL.record_id, 3)) == (True, False)
    assert ledger.append(replace(CALL, part=3)) == 2


def test_an_answer_points_to_its_request(ledger, rows):
    with ledger.batch():
        ledger.append(CALL)
        ledger.append(ANSWER)
        ledger.append(replace(ANSWER, part=1, answers=("nothing", 0)))
    assert [row["answers_id"] for row in rows("exchanges")] == [None, 1, None]


def test_a_batch_is_kept_together_or_not_at_all(ledger, rows):
    def fail():
        with ledger.batch():
            ledger.append(CALL)
            with ledger.batch():
                ledger.append(ANSWER)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert rows("exchanges") == rows("apps") == rows("keys") == []
    with ledger.batch():
        assert ledger.append(CALL) is not None
        assert rows("exchanges") == []
    assert len(rows("exchanges")) == 1
    assert len(rows("disclosures")) == 2


def test_a_batch_in_which_a_write_failed_is_not_committed_even_if_the_caller_goes_on(ledger, rows):
    bad = replace(ANSWER, disclosures=(replace(DATUM, headline=Unheard.OF),))

    def go_on():
        with ledger.batch():
            ledger.append(CALL)
            with pytest.raises(LedgerFailed, match="SQLITE_CONSTRAINT_CHECK"):
                ledger.append(bad)

    with pytest.raises(LedgerFailed, match="none of it was kept"):
        go_on()
    assert rows("exchanges") == []
    assert ledger.append(CALL) is not None
    with pytest.raises(LedgerFailed):
        ledger.append(bad)
    assert ledger.append(ANSWER) is not None
    assert [row["answers_id"] for row in rows("exchanges")] == [None, rows("exchanges")[0]["id"]]


@pytest.mark.parametrize(
    "change", [{"outcome": Unheard.OF}, {"disclosures": (replace(DATUM, headline=Unheard.OF),)}], ids=["own", "inner"]
)
def test_what_breaks_a_rule_of_the_tables_is_refused_without_being_printed(ledger, rows, change):
    with pytest.raises(LedgerFailed) as caught:
        ledger.append(replace(CALL, method="canary-of-the-method", **change))
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert rows("exchanges") == []


def test_an_unknown_outcome_becomes_known_once(ledger, rows):
    def outcomes():
        return [row["outcome"] for row in rows("exchanges")]

    ledger.append(CALL)
    ledger.append(ANSWER)
    assert ledger.set_outcome(Outcome.UNKNOWN, flow="f-1") == 0
    assert ledger.set_outcome(Outcome.DELIVERED, flow="f-1", direction=Direction.TO_CHATGPT) == 1
    assert outcomes() == ["unknown", "delivered"]
    assert ledger.set_outcome(Outcome.FAILED, flow="f-1") == 1
    assert ledger.set_outcome(Outcome.REFUSED, record_id=CALL.record_id, part=2) == 0
    assert outcomes() == ["failed", "delivered"]
    assert ledger.set_outcome(Outcome.FAILED, record_id="none") == ledger.set_outcome(Outcome.FAILED, flow="none") == 0
    with pytest.raises(ValueError, match="record_id or a flow"):
        ledger.set_outcome(Outcome.FAILED)


def test_a_gap_without_an_exchange_is_kept_once(ledger, rows):
    gap = Gap("expired", "body", "after 900 s", 512)
    assert ledger.add_gap("r-1", 0, "travel", gap, 5.0)
    assert not ledger.add_gap("r-1", 0, "travel", gap, 6.0)
    assert ledger.add_gap("r-1", 1, "travel", gap, 5.0)
    assert [(row["part"], row["exchange_id"], row["at"], row["size"]) for row in rows("gaps")] == [
        (0, None, "1970-01-01T00:00:05.000Z", 512),
        (1, None, "1970-01-01T00:00:05.000Z", 512),
    ]


@pytest.mark.parametrize("code", ["crashed", "overran", "expired", "malformed", "stream-lost"])
def test_a_message_that_was_judged_is_not_a_gap_as_well(ledger, rows, code):
    ledger.append(CALL)
    before = [rows(table) for table in ("apps", "gaps", "exchanges")]
    assert not ledger.add_gap(CALL.record_id, CALL.part, "another", Gap(code), 5.0)
    assert [rows(table) for table in ("apps", "gaps", "exchanges")] == before
    assert ledger.add_gap(CALL.record_id, CALL.part + 1, "travel", Gap(code), 5.0)
    assert ledger.add_gap("another", CALL.part, "travel", Gap(code), 5.0)


@pytest.mark.parametrize("code", ["crashed", "overran", "expired", "malformed", "stream-lost"])
def test_a_message_that_was_given_up_is_not_an_exchange_as_well(ledger, rows, code):
    ledger.add_gap(CALL.record_id, CALL.part, "travel", Gap(code), 5.0)
    before = [rows(table) for table in ("apps", "gaps", "exchanges")]
    assert ledger.append(replace(CALL, app="another")) is None
    assert [rows(table) for table in ("apps", "gaps", "exchanges")] == before
    assert not ledger.has(CALL.record_id, CALL.part)
    assert ledger.add_gap(CALL.record_id, CALL.part, "travel", Gap("malformed", "elsewhere"), 5.0)
    assert ledger.append(replace(CALL, part=CALL.part + 1)) == 1


def test_looking_for_either_uses_an_index(rows):
    for sql in (
        "SELECT 1 FROM gaps WHERE record_id = ? AND part = ? AND exchange_id IS NULL",
        "SELECT 1 FROM exchanges WHERE record_id = ? AND part = ?",
    ):
        assert ["SEARCH" in row["detail"] for row in rows(f"EXPLAIN QUERY PLAN {sql}", "r-1", 0)] == [True]


def test_an_app_keeps_its_first_and_last_moment(ledger, rows):
    ledger.add_app("travel", at=50.0, upstream_host="127.0.0.1:3000", route=Route.FORWARD)
    with ledger.batch():
        for at in (40.0, 60.0, 45.0):
            ledger.append(replace(CALL, part=int(at), at=at))
    ledger.add_app("travel", at=55.0, upstream_host="app.example.org")
    assert rows("apps") == [
        {
            "id": 1, "name": "travel", "upstream_host": "app.example.org", "route": "reverse",
            "first_seen": iso(40.0), "last_seen": iso(60.0), "egress": 0,
        }
    ]  # fmt: skip


SCHEMA = {
    "type": "object",
    "title": "canary-title",
    "properties": {
        "mail": {
            "type": "string",
            "format": "email",
            "description": "canary-description",
            "default": "canary@d.example",
        },
        "kind": {"enum": ["canary-enum"], "const": "canary-const", "examples": ["canary-example"]},
    },
    "required": ["mail"],
    "additionalProperties": False,
}


def test_a_tool_is_kept_without_its_prose(ledger, rows):
    tool = ToolSchema("book", SCHEMA, {"type": "object"}, "canary-of-the-tool")
    hints = {"readOnlyHint": True, "title": "canary-annotation"}
    assert ledger.add_tool("travel", tool, at=1.0, annotations=hints, source=ToolSource.FETCHED) == 1
    kept = ledger.tool("travel", "book")
    assert kept is not None
    assert kept.input_schema["properties"]["mail"]["format"] == "email"
    assert (kept.input_schema["required"], kept.input_schema["additionalProperties"]) == (["mail"], False)
    assert "canary" not in json.dumps(rows("tools"))
    assert (rows("tools")[0]["annotations"], rows("tools")[0]["source"]) == ('{"readOnlyHint": true}', "fetched")
    assert ledger.tool("travel", "none") is ledger.tool("none", "book") is None


def test_a_tool_gets_a_version_when_it_changes_and_only_then(ledger, rows):
    def add(schema, **more):
        return ledger.add_tool("travel", ToolSchema("book", schema), at=1.0, **more)

    changed = SCHEMA | {"description": "another wording"}
    assert [add(SCHEMA), add(SCHEMA), add(changed), add(SCHEMA), add(SCHEMA, annotations={"openWorldHint": True})] == [
        1, 1, 2, 3, 4,
    ]  # fmt: skip
    ledger.append(CALL)
    assert rows("exchanges")[0]["tool_id"] == 4
    assert add(changed) == 5
    ledger.append(ANSWER)
    assert rows("exchanges")[1]["tool_id"] == 5


def test_tools_whose_names_may_be_data_share_one_name_and_are_each_kept_once(ledger, rows):
    def list_them():
        for name, schema in (("zoltan@d.example", SCHEMA), ("+33639981234", {"type": "object"})):
            ledger.add_tool(
                "travel", ToolSchema(name, schema), at=1.0, annotations={"zoltan": True, "openWorldHint": 1}
            )

    list_them()
    list_them()
    ledger.append(replace(CALL, tool="zoltan@d.example"))
    assert [(row["name"], row["version"], row["annotations"]) for row in rows("tools")] == [
        ("{key}", 1, "{}"), ("{key}", 2, "{}"),
    ]  # fmt: skip
    assert [(row["tool"], row["tool_id"]) for row in rows("exchanges")] == [("{key}", None)]
    assert ledger.tool("travel", "zoltan@d.example") is ledger.tool("travel", "{key}") is None


def test_a_tool_without_schemas_is_kept_as_such(ledger):
    ledger.add_tool("travel", ToolSchema("ping"), at=1.0)
    assert ledger.tool("travel", "ping") == ToolSchema("ping")


DECLARATION = Declaration(
    "travel", ("user.contact", "user.name"), ("user.location",), (Recipient("Exemple SARL"),), "ab" * 32,
    "/home/somebody/travel.yaml", "tax/1",
)  # fmt: skip


def test_verdicts_point_to_the_declaration_they_were_judged_against(ledger, rows):
    gap = replace(VAGUE, label=Label.GAP, score=None)
    ledger.append(CALL)
    assert ledger.add_declaration(DECLARATION, at=1.0) == ledger.add_declaration(DECLARATION, at=2.0) == 1
    ledger.append(replace(ANSWER, disclosures=(replace(DATUM, verdicts=(OMITTED, VAGUE, gap)),)))
    assert [row["declaration_id"] for row in rows("verdicts")] == [None] * 4 + [None, 1, None]
    assert [(row["file"], row["sha256"], row["taxonomy"]) for row in rows("declarations")] == [
        ("travel.yaml", "ab" * 32, "tax/1")
    ]
    assert [(row["what"], row["name"]) for row in rows("declared")] == [
        ("to_app", "user.contact"), ("to_app", "user.name"), ("to_chatgpt", "user.location"),
        ("recipient", "Exemple SARL"),
    ]  # fmt: skip
    assert ledger.add_declaration(replace(DECLARATION, sha256="cd" * 32), at=3.0) == 2
    assert ledger.add_declaration(DECLARATION, at=4.0) == 3


def test_a_passage_is_kept_once(ledger, rows):
    passage = {"at": 1.0, "host": "a.example", "path_class": "other", "status": 200, "bytes_up": 1, "bytes_down": 2}
    assert ledger.add_passage("r-1", "travel", **passage)
    assert not ledger.add_passage("r-1", "travel", **passage)
    assert rows("passages") == [
        {"id": 1, "record_id": "r-1", "app_id": 1, "route": "reverse"} | passage | {"at": iso(1.0)}
    ]


def test_a_run_has_a_beginning_and_one_end(ledger, rows):
    run = ledger.add_run(at=1.0, version="0.1.0", config_sha256="ef" * 32)
    ledger.end_run(run, at=2.0)
    ledger.end_run(run, at=3.0)
    assert rows("runs") == [
        {
            "id": 1, "started_at": iso(1.0), "ended_at": iso(2.0), "version": "0.1.0", "config_sha256": "ef" * 32,
            "taxonomy": "tax/1",
        }
    ]  # fmt: skip


def test_a_request_is_pending_until_its_answer_is_in_the_ledger(ledger):
    expected = Pending(
        CALL.record_id, 2, iso(CALL.at), Direction.TO_APP, "tools/call", "book", "2025-06-18", "s-1", "f-1"
    )
    with ledger.batch():
        ledger.append(CALL)
        ledger.append(replace(CALL, part=5, kind=Kind.NOTIFICATION))
        assert ledger.pending_requests("travel", "r-1") == [expected]
    assert ledger.pending_requests("clinic", "r-1") == ledger.pending_requests("travel", "r-2") == []
    assert ledger.pending_requests("travel", "") == []
    ledger.append(ANSWER)
    assert ledger.pending_requests("travel", "r-1") == []


@pytest.mark.parametrize("text", ["\ud800", "a\udfff\0b", "x" * 10_000, "\x1b[2J"])
def test_names_that_a_peer_chose_are_kept_bounded_and_storable(ledger, rows, text):
    odd = replace(DATUM, pointer=text, reached=text, evidence=text, verdicts=(replace(OMITTED, reason=text),))
    change = {"method": text, "tool": text, "app": text, "protocol": text, "session": text, "flow": text, "rpc": text}
    assert ledger.append(replace(CALL, disclosures=(odd,), gaps=(Gap("malformed", text, text),), **change)) == 1
    assert len(rows("exchanges")[0]["method"]) == min(len(text), 256)
    assert ledger.append(replace(ANSWER, **change)) == 2


def test_a_ledger_goes_on_where_it_stopped(tmp_path):
    path = tmp_path / "ledger.db"
    with Ledger(path) as first:
        first.append(CALL)
    with Ledger(path) as second:
        assert second.append(CALL) is None
        assert second.append(ANSWER) == 2
        assert second.append(replace(CALL, part=9)) == 3
        assert second.pending_requests("travel", "r-1")[0].part == 9


def test_a_ledger_can_live_in_memory():
    with Ledger(None) as ledger:
        assert ledger.append(CALL) == 1


def test_no_value_can_be_found_in_the_files(tmp_path):
    values = {
        "user.contact.email": "canary.dupont@example.org",
        "user.name": "Canary Dupont",
        "user.contact.phone_number": "+33639981234",
        "user.location.precise": "48.8512345678",
        "user.financial.salary": "4217733",
        "system.secret.password": "canary-password-1",
        "user.financial.credit_card.security_code": "9173",
        "user.health_and_medical.condition": "canary syndrome",
        "user.demographic.religious_belief": "canaryism",
        "user.unique_id": "canary\ud800-identifier",
        "user.content.private": "canary é text " * 50,
    }
    path = tmp_path / "ledger.db"
    with Ledger(path) as ledger:
        for number, (category, value) in enumerate(values.items()):
            datum = replace(
                DATUM,
                category=category,
                pseudonym=PSEUDONYMS.of("travel", category, value, salt=b"s" * 16),
                preview=preview(category, (), value),
                length=length_bucket(len(value)),
            )
            ledger.append(replace(CALL, part=number, disclosures=(datum,)), salt=b"s" * 16)
        ledger.add_tool("travel", ToolSchema("book", SCHEMA, None, "canary"), at=1.0, annotations={"title": "canary"})
        files = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert set(files) == {"ledger.db", "ledger.db-wal", "ledger.db-shm"}
    held = b"".join(files.values()) + path.read_bytes()
    assert b"user.contact.email" in held
    for value in (*values.values(), "canary", "639981234", "Dupont"):
        assert value.encode("utf-8", "surrogatepass").lower() not in held.lower()
        assert value.encode("utf-16-le", "surrogatepass") not in held


def test_a_pseudonym_of_an_unknown_form_is_a_bug_that_writes_nothing(ledger, rows):
    with pytest.raises(ValueError, match="not the id"):
        ledger.append(replace(CALL, disclosures=(replace(DATUM, pseudonym=Pseudonym("ab", "nonsense")),)))
    assert rows("exchanges") == []


@pytest.mark.parametrize(
    ("at", "text"),
    [(0, "1970-01-01T00:00:00.000Z"), (1.9999, "1970-01-01T00:00:01.999Z"), (4102444800.5, "2100-01-01T00:00:00.500Z")],
)
def test_times_are_written_in_utc_to_the_millisecond(at, text):
    assert iso(at) == text
