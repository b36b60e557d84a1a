"""The first verifier: its words, its places and counts, with and without a key, in one process and in several."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from chained import MASTER, READING, START, Chained, chained

from douane.audit.exchange import Outcome
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.verify import verify
from douane.ledger.verify_leaves import Numbers
from douane.ledger.verify_pool import RANGE, Pool, processes, ranges
from douane.ledger.verify_words import Unreadable, Verified, Word, gravest
from douane.ledger.writing import writing

SEALER = Sealer(MASTER)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Chained:
    return chained(tmp_path_factory.mktemp("chained"))


def copied(made: Chained, folder: Path, *statements: str) -> Path:
    """A copy in which these statements were run."""
    path = folder / "copy.db"
    with closing(sqlite3.connect(made.path)) as db, closing(sqlite3.connect(path, isolation_level=None)) as copy:
        db.backup(copy)
        for statement in statements:
            copy.execute(statement)
    return path


@pytest.mark.promise("verify-says")
def test_an_untouched_ledger_is_intact_with_every_segment_and_event(made: Chained) -> None:
    said = verify(made.path, sealer=SEALER)
    with closing(sqlite3.connect(made.path)) as db:
        ((events,),) = db.execute("SELECT count(*) FROM events")
        ((segments,),) = db.execute("SELECT count(*) FROM segments")
        ledger, seq, head = db.execute("SELECT ledger, seq, hex(head) FROM chain").fetchone()
    assert (said.word, said.found, said.unchecked) == (Word.INTACT, (), ())
    assert (said.events_held, said.events, said.segments_held, len(said.segments)) == (
        events,
        events,
        segments,
        segments,
    )
    assert (said.ledger, said.seq, said.head) == (ledger, seq, head.lower())
    assert said.open_events > 0
    assert any(one.count == 0 for one in said.segments), "an empty segment counts, too"


@pytest.mark.promise("verify-says")
def test_without_the_key_it_says_how_many_events_it_could_not_check(made: Chained, tmp_path: Path) -> None:
    said = verify(made.path)
    (unchecked,) = said.unchecked
    assert said.word is Word.INTACT
    assert f"{said.open_events} events" in unchecked
    forged = copied(made, tmp_path, "UPDATE chain SET mac = zeroblob(32)")
    assert verify(forged).word is Word.INTACT, "which is why it says so"
    assert [one.what for one in verify(forged, sealer=SEALER).found] == ["mac"]
    assert [one.what for one in verify(made.path, sealer=Sealer(bytes(32))).found] == ["seal"]


@pytest.mark.promise("verify-says")
@pytest.mark.parametrize(
    ("statement", "word", "what", "table"),
    [
        ("UPDATE exchanges SET method = 'x' WHERE id = 2", Word.ALTERED, "leaf", "exchanges"),
        ("UPDATE disclosures SET confidence = 0.123 WHERE id = 2", Word.ALTERED, "leaf", "disclosures"),
        ("UPDATE disclosures SET preview = 'zzzz' WHERE id = 2", Word.ALTERED, "commitment", "disclosures"),
        ("UPDATE exchanges SET nonce = NULL WHERE id = 2", Word.ALTERED, "detail-left", "exchanges"),
        ("UPDATE exchanges SET outcome = 'failed' WHERE id = 1", Word.ALTERED, "outcome", "exchanges"),
        ("UPDATE disclosures SET headline = 'vague' WHERE id = 1", Word.ALTERED, "headline", "disclosures"),
        ("UPDATE verdicts SET replaced_at = 'then' WHERE id = 1", Word.ALTERED, "replaced", "verdicts"),
        ("UPDATE observations SET count = count + 1 WHERE id = 1", Word.ALTERED, "sum", "observations"),
        ("DELETE FROM field_uses WHERE id = 1", Word.ALTERED, "sum", "field_uses"),
        ("UPDATE apps SET upstream_host = 'evil.example' WHERE id = 1", Word.ALTERED, "digest", "apps"),
        ("DELETE FROM runs", Word.MISSING, "row-gone", "runs"),
        ("DELETE FROM waivers", Word.MISSING, "row-gone", "waivers"),
        ("DELETE FROM verdicts WHERE id = 3", Word.ALTERED, "row-gone", "verdicts"),
        ("UPDATE declared SET declaration_id = 999 WHERE id = 1", Word.ALTERED, "row-unknown", "declared"),
        ("UPDATE events SET body = '{}' WHERE kind = 'start'", Word.ALTERED, "leaf", ""),
        ("UPDATE segments SET closed_at = 'later' WHERE number = 3", Word.ALTERED, "signature", ""),
        ("DELETE FROM segments WHERE number = 3", Word.MISSING, "segment-gone", ""),
        ("DELETE FROM events WHERE kind = 'access'", Word.TRUNCATED, "end-gone", ""),
        ("DELETE FROM events WHERE kind = 'start'", Word.MISSING, "event-gone", ""),
        ("UPDATE events SET seq = 900 WHERE kind = 'start'", Word.ALTERED, "seq", ""),
        ("DELETE FROM chain", Word.ALTERED, "chain", ""),
        ("DELETE FROM open_segment", Word.ALTERED, "open-segment", ""),
    ],
)
def test_it_says_what_does_not_hold_and_where(
    made: Chained, tmp_path: Path, statement: str, word: Word, what: str, table: str
) -> None:
    said = verify(copied(made, tmp_path, statement), sealer=SEALER)
    assert said.word is word
    assert (what, table) in [(one.what, one.table) for one in said.found]


def test_a_place_has_its_segment_event_row_and_moment(made: Chained, tmp_path: Path) -> None:
    with closing(sqlite3.connect(made.path)) as db:
        seq, at = db.execute(
            "SELECT e.seq, x.at FROM events e JOIN exchanges x ON x.id = e.row WHERE e.kind = 'exchange' AND x.id = 3"
        ).fetchone()
        (segment,) = db.execute("SELECT number FROM segments WHERE ? BETWEEN first_seq AND last_seq", (seq,)).fetchone()
    said = verify(copied(made, tmp_path, "UPDATE exchanges SET outcome = 'failed', size = 99 WHERE id = 3"))
    assert {(one.what, one.segment, one.seq, one.table, one.row, one.at) for one in said.found} >= {
        (what, segment, seq, "exchanges", 3, at) for what in ("leaf",)
    }
    assert {one.number: one.word for one in said.segments}[segment] is Word.ALTERED
    assert said.segments_held == len(said.segments) - 1
    assert said.events_held == said.events - 1


def test_a_row_that_no_event_vouches_for_is_found_even_where_numbers_are_wild(made: Chained, tmp_path: Path) -> None:
    columns = (
        "exchange_id, category, flags, pointer, reached, detector, confidence, evidence, also, commitment, length,"
        " headline"
    )
    path = copied(
        made,
        tmp_path,
        f"INSERT INTO disclosures (id, {columns}) SELECT 9000000000000, {columns} FROM disclosures WHERE id = 1",
    )
    (place,) = [one for one in verify(path).found if one.what == "row-unknown"]
    assert (place.table, place.row) == ("disclosures", 9_000_000_000_000)


def test_nothing_that_stands_outside_the_chain_is_told(made: Chained, tmp_path: Path) -> None:
    path = copied(
        made,
        tmp_path,
        "UPDATE apps SET last_seen = '2000-01-01T00:00:00.000Z'",
        "UPDATE judgements SET disclosures = 77",
        "DROP INDEX verdicts_by_disclosure",
        "VACUUM",
    )
    assert verify(path, sealer=SEALER).word is Word.INTACT


def test_wild_numbers_neither_hang_nor_break_it(made: Chained, tmp_path: Path) -> None:
    path = copied(
        made,
        tmp_path,
        "UPDATE chain SET seq = 9223372036854775807, appends = 9223372036854770000",
        f"UPDATE events SET body = '{{\"delivered\":[1,-{10**30}]}}' WHERE kind = 'outcome'",
        "UPDATE segments SET last_seq = 9223372036854775807 WHERE number = 2",
    )
    said = verify(path, sealer=SEALER)
    assert said.word is Word.TRUNCATED
    assert {"appends", "body", "signature"} <= {one.what for one in said.found}


def test_an_event_in_the_place_of_another_and_two_for_one_row_are_told(made: Chained, tmp_path: Path) -> None:
    said = verify(copied(made, tmp_path, "UPDATE events SET row = 1 WHERE kind = 'exchange' AND row = 2"))
    assert {("leaf", 1), ("row-twice", 1), ("row-unknown", 2)} <= {(one.what, one.row) for one in said.found}


def same(one: Verified, other: Verified) -> bool:
    return (one.word, one.found, one.events_held, one.segments) == (
        other.word,
        other.found,
        other.events_held,
        other.segments,
    )


@pytest.mark.parametrize("statement", ["SELECT 1", "UPDATE verdicts SET score = 0.5 WHERE id > 2", "DELETE FROM gaps"])
def test_other_processes_find_the_same(made: Chained, tmp_path: Path, statement: str) -> None:
    path = copied(made, tmp_path, statement)
    assert same(verify(path, sealer=SEALER, children=2), verify(path, sealer=SEALER, children=0))


def test_small_ledgers_start_no_process(made: Chained) -> None:
    assert processes(1000) == 0
    with closing(sqlite3.connect(made.path)) as db:
        ((last,),) = db.execute("SELECT seq FROM chain")
        assert ranges(db) == [(1, last)]
        assert last < RANGE


def test_a_process_that_dies_is_replaced_by_this_one(
    made: Chained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = Pool.start

    def start(pool: Pool, spans: list[tuple[int, int]]) -> None:
        for child in pool._children:
            child._process.kill()
            child._process.wait()
        begun(pool, spans)

    monkeypatch.setattr(Pool, "start", start)
    assert verify(made.path, sealer=SEALER, children=1).word is Word.INTACT


@pytest.mark.promise("verify-while-running")
def test_a_ledger_that_is_being_written_is_intact_all_the_while(tmp_path: Path) -> None:
    made = chained(tmp_path)
    stop, written = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            with writing(made.path, SEALER, clock=lambda: START + 90_000) as (_, chain):
                chain.tell("access", READING)
            written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        said = [verify(made.path, sealer=SEALER, children=number % 2) for number in range(8)]
    finally:
        stop.set()
        writer.join()
    assert [one.word for one in said] == [Word.INTACT] * 8
    assert said[-1].seq > said[0].seq
    assert verify(made.path, sealer=SEALER).events_held >= len(written) > 0


def test_progress_is_told_up_to_the_end(made: Chained) -> None:
    told: list[tuple[int, int]] = []
    said = verify(made.path, progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] > 2 * said.events
    assert {total for _, total in told} == {3 * said.events}
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def unreadable(tmp_path: Path, make: Callable[[Path], object]) -> str:
    path = tmp_path / "file.db"
    make(path)
    with pytest.raises(Unreadable) as caught:
        verify(path)
    return str(caught.value)


def test_what_is_no_ledger_is_unreadable_and_says_why(made: Chained, tmp_path: Path) -> None:
    assert "no such file" in unreadable(tmp_path / "none", lambda _: None)
    assert "SQLITE_NOTADB" in unreadable(tmp_path, lambda path: path.write_bytes(b"something else" * 100))
    (tmp_path / "a").mkdir()
    assert "no table" in unreadable(tmp_path / "a", lambda path: sqlite3.connect(path).close())
    path = copied(made, tmp_path, "ALTER TABLE gaps RENAME COLUMN detail TO said")
    with pytest.raises(Unreadable, match="gaps has no column detail"):
        verify(path)


def test_a_ledger_that_was_never_sealed_is_altered_unless_it_is_empty(tmp_path: Path) -> None:
    with Ledger(tmp_path / "new.db"):
        pass
    assert verify(tmp_path / "new.db").word is Word.INTACT
    with Ledger(tmp_path / "open.db") as ledger:
        ledger.add_app("crm", at=START)
        ledger.set_outcome(Outcome.DELIVERED, flow="none")
    said = verify(tmp_path / "open.db")
    assert (said.word, [one.what for one in said.found]) == (Word.ALTERED, ["never-sealed"])


def test_the_gravest_word_is_the_ledgers() -> None:
    assert gravest([]) is Word.INTACT
    assert gravest([Word.MISSING, Word.ERASED, Word.ALTERED]) is Word.ALTERED
    assert [one.holds for one in Word] == [True, True, True, False, False, False, False]


def test_numbers_keep_what_is_dense_and_what_is_wild() -> None:
    numbers = Numbers(10)
    for number in (0, 3, 10, 11, 10**15, -4):
        numbers[number] = number % 7 + 1
    assert {number: numbers[number] for number in numbers} == {
        number: number % 7 + 1 for number in (0, 3, 10, 11, 10**15, -4)
    }
    assert numbers[5] == numbers[10**16] == 0
