"""The one appender: what a transaction wrote is chained, MACed and signed, and what was moved by others is refused."""

import base64
import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from entries import CALL

from douane.audit.exchange import Outcome
from douane.audit.history import Observation, Seen
from douane.ledger.canonical import enc, genesis, next_head
from douane.ledger.data import verify_ledger
from douane.ledger.keys import derive
from douane.ledger.refused import LedgerRefused
from douane.ledger.sealing import Closed, Header, Sealer, Standing, is_signed, step
from douane.ledger.store import Ledger
from douane.ledger.verify import verify
from douane.ledger.writing import writing

MASTER = b"m" * 32
AT = 1_700_000_000.0


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now=AT):
        self.now = now

    def __call__(self):
        return self.now


class Notebook:
    """Anchors that remember what they were told."""

    def __init__(self):
        self.stood: list[Standing] = []
        self.shut: list[Closed] = []

    def doubt(self, file, sealer, ledger, *, again=False):
        return None

    def moved(self, ledger):
        return False

    def saw(self, standing):
        pass

    def missed(self, file):
        return None

    def others(self, file, ledger):
        return []

    def gave_way(self, other):
        pass

    def gave_up(self, given, sealer):
        pass

    def stands(self, standing):
        self.stood.append(standing)

    def closed(self, closed):
        self.shut.append(closed)


class OnPurpose(Exception):  # noqa: N818
    """What ends a transaction of these tests."""


def spoilt(ledger):
    """A transaction that writes and then ends with an exception."""
    with ledger.batch():
        ledger.append(CALL, salt=b"s" * 16)
        raise OnPurpose


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


def opened(path, **more):
    return Ledger(path, taxonomy="tax/1", **{"sealer": Sealer(MASTER), "clock": Clock(), **more})


def asked(path, sql):
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def changed(path, sql):
    with closing(sqlite3.connect(path)) as db:
        db.execute(sql)
        db.commit()


def head_of(path):
    """The head over the stored leaves."""
    head = genesis(*asked(path, "SELECT ledger, created_at FROM chain")[0])
    for (leaf,) in asked(path, "SELECT leaf FROM events ORDER BY seq"):
        head = next_head(head, leaf)
    return head


def test_every_row_that_a_transaction_wrote_is_an_event_of_its_own(path):
    with opened(path) as ledger:
        ledger.append(CALL, salt=b"s" * 16)
    rows = {
        kind: asked(path, f"SELECT count(*) FROM {table}")[0][0]
        for kind, table in {
            "exchange": "exchanges",
            "disclosure": "disclosures",
            "verdict": "verdicts",
            "gap": "gaps",
            "app": "apps",
            "key": "keys",
        }.items()
    }
    assert all(rows.values())
    counted = dict(asked(path, "SELECT kind, count(*) FROM events WHERE kind <> 'sealing' GROUP BY kind"))
    assert counted == rows
    assert asked(path, "SELECT seq, head FROM chain") == [(sum(rows.values()) + 1, head_of(path))]


def test_the_numbers_run_on_over_transactions_and_openings(path):
    for name in "abc":
        with opened(path) as ledger:
            ledger.append(replace(CALL, record_id=f"spool-{name}"), salt=b"s" * 16)
    numbers = [seq for (seq,) in asked(path, "SELECT seq FROM events ORDER BY seq")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert asked(path, "SELECT head FROM chain") == [(head_of(path),)]


def test_a_transaction_that_failed_leaves_no_event(path):
    with opened(path) as ledger:
        ledger.add_app("crm", at=AT)
        before = asked(path, "SELECT * FROM chain")
        with pytest.raises(OnPurpose):
            spoilt(ledger)
        assert asked(path, "SELECT * FROM chain") == before
        ledger.append(CALL, salt=b"s" * 16)
    assert asked(path, "SELECT head FROM chain") == [(head_of(path),)]


def test_an_outcome_is_told_once_with_the_ids_that_got_it(path):
    with opened(path) as ledger:
        with ledger.batch():
            ledger.append(CALL, salt=b"s" * 16)
            ledger.append(replace(CALL, record_id="other-1"), salt=b"t" * 16)
        assert ledger.set_outcome(Outcome.DELIVERED, flow=CALL.flow) == 2
        assert ledger.set_outcome(Outcome.FAILED, flow=CALL.flow) == 0
    assert [json.loads(body) for (body,) in asked(path, "SELECT body FROM events WHERE kind = 'outcome'")] == [
        {"delivered": [1, 2]}
    ]


def test_an_exchange_whose_outcome_is_known_at_once_tells_it(path):
    with opened(path) as ledger:
        ledger.append(replace(CALL, outcome=Outcome.REFUSED), salt=b"s" * 16)
    assert asked(path, "SELECT body FROM events WHERE kind = 'outcome'") == [('{"refused":[1]}',)]


def test_what_is_counted_is_told_as_it_is_added(path):
    seen = Observation(Seen.RETURNED_URL, "api.example.org")
    with opened(path) as ledger:
        for _ in range(2):
            ledger.note("crm", at=AT, observations=[seen, seen])
    told = [json.loads(body) for (body,) in asked(path, "SELECT body FROM events WHERE kind = 'tally'")]
    assert [one["observations"][0][5] for one in told] == [2, 2]
    assert asked(path, "SELECT count FROM observations") == [(4,)]


def test_a_row_is_appended_once_in_a_transaction_that_finishes_twice(path):
    with opened(path) as ledger, ledger.batch():
        ledger.append(CALL, salt=b"s" * 16)
        ledger._chain.finish()
    counted = dict(asked(path, "SELECT kind, count(*) FROM events GROUP BY kind"))
    assert (counted["exchange"], counted["disclosure"]) == (1, 2)


def test_a_row_that_did_not_change_has_no_second_snapshot(path):
    with opened(path) as ledger:
        for host in ("one.example", "one.example", "two.example"):
            ledger.add_app("crm", at=AT, upstream_host=host)
    assert len(asked(path, "SELECT 1 FROM events WHERE kind = 'app'")) == 2


def test_other_writers_and_the_inspector_append_to_one_chain(path):
    with opened(path) as ledger:
        for turn in range(3):
            ledger.append(replace(CALL, record_id=f"r-{turn}"), salt=b"s" * 16)
            with writing(path, Sealer(MASTER), clock=Clock()) as (_, chain):
                chain.tell("access", {"at": "now", "who": "somebody", "what": "report"})
    assert len(asked(path, "SELECT 1 FROM events WHERE kind = 'access'")) == 3
    assert asked(path, "SELECT head FROM chain") == [(head_of(path),)]


def test_a_segment_is_signed_at_its_end_and_even_an_empty_one(path):
    book, clock = Notebook(), Clock()
    with opened(path, anchors=book, clock=clock) as ledger:
        ledger.add_app("crm", at=AT)
        assert ledger.seal(only_if_due=True) is False
        clock.now += 3600
        assert ledger.seal(only_if_due=True) is True
        assert ledger.seal() is True
    assert [one.header.number for one in book.shut] == [1, 2]
    assert [one.header.count > 0 for one in book.shut] == [True, False]
    for one in book.shut:
        assert is_signed(one.ledger, one.header, one.signature)
        assert not is_signed(one.ledger, replace(one.header, count=one.header.count + 1), one.signature)
    first, second = (one.header for one in book.shut)
    assert second.public_key == first.next_public_key
    assert second.previous_signature == book.shut[0].signature
    assert second.previous_head == first.head == second.head
    assert asked(path, "SELECT count(*), max(number) FROM open_segment") == [(1, 3)]


def test_the_secrets_of_a_closed_segment_are_in_no_file(path):
    with opened(path) as ledger:
        ledger.add_app("crm", at=AT)
        sealed = asked(path, "SELECT sealed FROM open_segment")[0][0]
        assert any(sealed in one.read_bytes() for one in path.parent.iterdir())
        ledger.seal()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert not any(sealed in one.read_bytes() for one in path.parent.iterdir())


def test_where_the_chain_stands_is_told_after_each_commit_and_never_before(path):
    book = Notebook()
    with opened(path, anchors=book) as ledger:
        with pytest.raises(OnPurpose):
            spoilt(ledger)
        assert book.stood == []
        ledger.add_app("crm", at=AT)
    seq, head = asked(path, "SELECT seq, head FROM chain")[0]
    assert [(one.seq, one.head, one.file) for one in book.stood] == [(seq, head, str(path.resolve()))]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE chain SET seq = seq - 1",
        "UPDATE chain SET head = zeroblob(32)",
        "UPDATE chain SET mac = zeroblob(32)",
        "UPDATE chain SET appends = appends + 1",
        "DELETE FROM open_segment",
        "UPDATE open_segment SET sealed = zeroblob(92)",
        "UPDATE open_segment SET opened_at = '2001-01-01T00:00:00.000Z'",
        "UPDATE open_segment SET opened_at = 'any time'",
        "DELETE FROM chain",
    ],
)
def test_nothing_is_appended_to_a_chain_that_somebody_without_the_key_moved(path, sql):
    with opened(path) as ledger:
        ledger.add_app("crm", at=AT)
        ledger.add_app("mail", at=AT)
        changed(path, sql)
        with pytest.raises(LedgerRefused, match="ledger"):
            ledger.add_app("pay", at=AT)
    with opened(path) as ledger, pytest.raises(LedgerRefused, match="ledger"):
        ledger.add_app("pay", at=AT)
    assert asked(path, "SELECT name FROM apps ORDER BY id") == [("crm",), ("mail",)]


@pytest.mark.parametrize("sealer", [None, Sealer(b"x" * 32)], ids=["no key", "another key"])
def test_a_sealed_ledger_takes_nothing_without_its_master_key(path, sealer):
    with opened(path) as ledger:
        ledger.add_app("crm", at=AT)
    with opened(path, sealer=sealer) as ledger, pytest.raises(LedgerRefused, match="master key"):
        ledger.add_app("mail", at=AT)


def test_a_replaced_master_key_still_opens_what_it_sealed(path):
    with opened(path) as ledger:
        ledger.add_app("crm", at=AT)
    with opened(path, sealer=Sealer(b"n" * 32, [MASTER])) as ledger:
        ledger.add_app("mail", at=AT)
        ledger.seal()
    with opened(path, sealer=Sealer(b"n" * 32)) as ledger:
        ledger.add_app("pay", at=AT)
    assert asked(path, "SELECT head FROM chain") == [(head_of(path),)]


def test_a_ledger_without_a_seal_chains_as_well_and_is_sealed_from_the_first_key_on(path):
    with opened(path, sealer=None) as ledger:
        ledger.add_app("crm", at=AT)
        assert ledger.seal() is False
    assert asked(path, "SELECT segment, mac FROM chain") == [(0, None)]
    with opened(path) as ledger:
        ledger.add_app("mail", at=AT)
        ledger.seal()
    assert asked(path, "SELECT first_seq, last_seq FROM segments") == [(1, 3)]


def test_a_clock_that_goes_back_is_told_and_no_segment_ends_before_it_began(path):
    clock = Clock()
    with opened(path, clock=clock) as ledger:
        ledger.add_app("crm", at=AT)
        clock.now -= 7200
        ledger.add_app("mail", at=AT)
        ledger.seal()
    assert [json.loads(body)["back_seconds"] for (body,) in asked(path, "SELECT body FROM events WHERE kind = 'clock'")]
    opened_at, closed_at = asked(path, "SELECT opened_at, closed_at FROM segments")[0]
    assert opened_at <= closed_at


def call_of(ledger):
    ledger.append(CALL, salt=b"s" * 16)


def run_of(ledger):
    run = ledger.add_run(at=AT - 60, version="1", config_sha256="")
    ledger.end_run(run, at=AT)


LAST = {
    "an app": lambda ledger: ledger.add_app("crm", at=1.0),  # which has no moment: the segment's opening counts
    "an exchange": call_of,
    "a run": run_of,
    "an anchor": lambda ledger: ledger.tell_unanchored("file", "ENOSPC"),
    "a closed segment": lambda ledger: ledger.seal(),
}


@pytest.mark.parametrize("last", LAST)
@pytest.mark.parametrize("sealer", [Sealer(MASTER), None], ids=["sealed", "unsealed"])
def test_a_clock_that_went_back_between_two_commands_is_told_by_the_second_alone(path, last, sealer):
    with opened(path, sealer=sealer) as ledger:
        call_of(ledger)
        LAST[last](ledger)
    for later in (-7200.4, -7199, -7198.9, 9000):
        with opened(path, sealer=sealer, clock=Clock(AT + later)) as ledger:
            ledger.add_app(f"crm {later}", at=AT)
            ledger.tell_unanchored("file", "ENOSPC")
    told = [json.loads(body) for (body,) in asked(path, "SELECT body FROM events WHERE kind = 'clock'")]
    assert told == [{"at": "2023-11-14T20:13:19.600Z", "back_seconds": 7200}]


def test_no_clock_is_told_where_two_processes_append_in_turn(path):
    clock = Clock()
    with opened(path, clock=clock) as one, opened(path, clock=clock) as other:
        for turn in range(4):
            clock.now += 0.7
            (one, other)[turn % 2].add_app(f"crm {turn}", at=AT)
            call_of(other)
    assert asked(path, "SELECT count(*) FROM events WHERE kind = 'clock'") == [(0,)]


def test_a_segment_that_was_opened_before_its_moment_was_bound_still_opens(path):
    with opened(path) as ledger:
        ledger.add_app("crm", at=AT)
    ((name, at, sealed),) = asked(path, "SELECT ledger, opened_at, sealed FROM chain, open_segment")
    made = Sealer(MASTER).unseal(name, 1, at, sealed)
    before = AESGCM(derive(MASTER, "ledger seal", name)).encrypt(bytes(12), made.seed + made.private, enc((name, 1)))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE open_segment SET sealed = ?", (bytes(12) + before,))
    with opened(path) as ledger:
        ledger.add_app("mail", at=AT)
        ledger.seal()
    key_file = path.with_name("key")
    key_file.write_text(base64.b64encode(MASTER).decode())
    assert verify(path, sealer=Sealer(MASTER)).word == verify_ledger.verify(path, key_file).word == "INTACT"


def test_a_clock_that_was_set_back_ends_one_segment_and_not_one_at_each_append(path):
    clock = Clock()
    with opened(path, clock=clock) as ledger:
        ledger.add_app("crm", at=AT)
        clock.now -= 7200
        for turn in range(3):
            ledger.seal(only_if_due=True)
            ledger.add_app("crm", at=AT, upstream_host=f"{turn}.example")
            clock.now += 1
    assert asked(path, "SELECT count(*) FROM segments") == [(1,)]


def test_an_old_mac_key_cannot_be_had_from_a_later_one():
    assert step(b"k" * 32, 3) == step(step(step(b"k" * 32)))
    assert step(b"k" * 32) != b"k" * 32


def test_the_columns_of_a_header_are_those_of_the_table(path):
    with opened(path) as ledger:
        ledger.add_app("crm", at=AT)
    columns = [row[1] for row in asked(path, "PRAGMA table_info(segments)")]
    assert columns == [*Header.__dataclass_fields__, "signature"]
