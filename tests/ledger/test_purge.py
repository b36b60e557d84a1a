import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from aged import DAY, MASTER, Years, call, fill, person, salt_of

from douane.audit.history import FieldUse
from douane.audit.message import Direction
from douane.ledger.failed import LedgerFailed
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.purge import Purge, Purged, details_over, due
from douane.ledger.query import open_ledger
from douane.ledger.refused import LedgerRefused
from douane.ledger.retention import Keep, Policy
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.verify import verify
from douane.ledger.writing import writing

YEAR = Policy()
HEALTH_FIRST = Policy(rules=(Keep("P1M", category="user.health_and_medical"),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "douane.db"


def purge(path: Path, policy: Policy, clock: Years) -> Purged:
    with Purge(path, Sealer(MASTER), policy, who="a test", clock=clock, wait=5.0) as work:
        while work.step():
            pass
        return work.done


def ask(path: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def told(path: Path, kind: str) -> list[dict]:
    return [json.loads(body) for (body,) in ask(path, f"SELECT body FROM events WHERE kind = '{kind}' ORDER BY seq")]


def residues(folder: Path, numbers: range) -> set[str]:
    """Which of the calls' pseudonyms, previews, sessions, requests and salts stand in any file of the folder."""
    bytes_ = b"".join(file.read_bytes() for file in sorted(folder.iterdir()))
    pseudonymiser = Pseudonymiser(MASTER)
    out = set()
    for number in numbers:
        mail = pseudonymiser.of("crm", "user.contact.email", person(number))
        illness = pseudonymiser.of("crm", "user.health_and_medical", f"diagnosis {number}", salt=salt_of(number))
        needles = {
            "pseudonym": mail.digest.encode(),
            "salted pseudonym": illness.digest.encode(),
            "session": f"session-of-{number:06}".encode(),
            "request": f"rpc-of-{number:06}".encode(),
            "salt": salt_of(number),
        }
        out |= {what for what, needle in needles.items() if needle in bytes_}
    return out | ({"preview"} if "pe…rg".encode() in bytes_ else set())


def test_nothing_goes_before_its_time(path: Path) -> None:
    clock = Years()
    fill(path, clock, hours=2, calls=5)
    clock.now += 360 * DAY
    before = ask(path, "SELECT * FROM events")
    assert purge(path, YEAR, clock) == Purged()
    assert ask(path, "SELECT * FROM events") == before


@pytest.mark.promise("details-expire")
def test_a_detail_goes_by_the_rule_of_its_category_and_the_row_stays(path: Path) -> None:
    clock = Years()
    fill(path, clock, hours=1, calls=6)
    clock.now += 40 * DAY
    assert purge(path, HEALTH_FIRST, clock) == Purged(0, 0, 0, 6, {"user.health_and_medical: P1M": 6})
    gone = "pseudonym IS NULL AND key_id IS NULL AND preview IS NULL AND length = '' AND nonce IS NULL"
    assert ask(path, f"SELECT category, {gone}, count(*) FROM disclosures GROUP BY 1, 2") == [
        ("user.contact.email", 0, 6),
        ("user.health_and_medical", 1, 6),
    ]
    assert ask(path, "SELECT count(*) FROM exchanges WHERE nonce IS NULL") == [(0,)]
    assert told(path, "expired") == [
        {"at": told(path, "expired")[0]["at"], "rule": "user.health_and_medical: P1M", "exchanges": [],
         "disclosures": [2, 4, 6, 8, 10, 12]}
    ]  # fmt: skip


def test_the_rule_of_an_app_is_for_its_sessions_too(path: Path) -> None:
    clock = Years()
    fill(path, clock, hours=1, calls=3, app="crm")
    fill(path, clock, hours=1, calls=3, app="shop", first=100)
    clock.now += 40 * DAY
    done = purge(path, Policy(rules=(Keep("P30D", app="shop"),)), clock)
    assert (done.exchanges, done.disclosures, done.rules) == (4, 6, {"shop: P30D": 10})
    left = "SELECT a.name, count(*) FROM exchanges e JOIN apps a ON a.id = e.app_id WHERE e.session <> '' GROUP BY 1"
    assert ask(path, left) == [("crm", 4)]


@pytest.mark.promise("details-expire")
def test_a_whole_expired_segment_collapses_to_its_header(path: Path) -> None:
    clock = Years()
    fill(path, clock, hours=3, calls=4)
    clock.now += 367 * DAY
    fill(path, clock, hours=1, calls=2, first=50)
    headers = ask(path, "SELECT * FROM segments")
    done = purge(path, Policy(reason="a test"), clock)
    assert (done.segments, done.exchanges) == (4, 0)  # three hours, and the short one at the end of the run
    assert ask(path, "SELECT * FROM segments")[: len(headers)] == headers
    assert ask(path, "SELECT record_id FROM exchanges ORDER BY id") == [("aged-50",), ("aged-51",), ("aged-500051",)]
    (body,) = told(path, "purge")
    assert (body["who"], body["rule"], body["reason"], body["segments"], body["events"]) == (
        *("a test", "P12M", "a test", [[1, 4]]),
        sum(row[3] for row in headers[:4]),
    )
    assert body["observations"] == [list(row) for row in ask(
        path, "SELECT app_id, tool, kind, name, detail, count, first_at, last_at FROM observations"
    )] != []  # fmt: skip
    assert len(told(path, "sealing")) == 1
    kept = "SELECT kind, row FROM events WHERE body IS NOT NULL AND row IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
    assert [row[0] for row in ask(path, kept)] == ["app", "key", "run", "run"]


def test_a_segment_stays_as_long_as_the_longest_rule_for_what_is_in_it(path: Path) -> None:
    clock = Years()
    fill(path, clock, hours=1, calls=2, app="crm")
    fill(path, clock, hours=1, calls=2, app="bank", first=100)
    clock.now += 370 * DAY
    done = purge(path, Policy(rules=(Keep("P24M", app="bank", category="user.contact"),), reason="law"), clock)
    assert (done.segments, done.events > 0) == (2, True)
    assert ask(path, "SELECT category, nonce IS NULL FROM disclosures ORDER BY id") == [
        ("user.contact.email", 0), ("user.health_and_medical", 1),
        ("user.contact.email", 0), ("user.health_and_medical", 1),
    ]  # fmt: skip
    clock.now += 370 * DAY
    assert (
        purge(path, Policy(rules=(Keep("P24M", app="bank"),), reason="law"), clock).segments == 3
    )  # what was told then too


def test_an_answer_that_stays_still_says_whom_it_answered(path: Path) -> None:
    clock = Years()
    fill(path, clock, hours=1, calls=3)
    clock.now += 367 * DAY
    with Ledger(path, taxonomy="t-1", clock=clock, sealer=Sealer(MASTER)) as ledger:
        ledger.append(call(9, "crm", "s", at=clock(), answers=3))
    purge(path, YEAR, clock)
    assert ask(path, "SELECT record_id, answers_id IS NOT NULL FROM exchanges") == [("aged-9", 1)]


@pytest.mark.promise("bytes-gone")
def test_the_bytes_are_gone_from_every_file(path: Path) -> None:
    clock = Years()
    fill(path, clock, hours=3, calls=120)
    everything = {"pseudonym", "salted pseudonym", "session", "request", "salt", "preview"}
    clock.now += 40 * DAY
    reader = open_ledger(path)  # keeps the WAL from being deleted at the end
    try:
        assert residues(path.parent, range(1, 361)) == everything
        purge(path, HEALTH_FIRST, clock)
        assert residues(path.parent, range(1, 361)) == everything - {"salted pseudonym"}
        clock.now += 330 * DAY
        purge(path, YEAR, clock)
        assert residues(path.parent, range(1, 361)) == set()
        assert ask(path, "PRAGMA freelist_count") == [(0,)]
        assert (path.stat().st_size, Path(f"{path}-wal").stat().st_size) < (300_000, 1)
    finally:
        reader.close()


@pytest.mark.promise("bytes-gone")
def test_details_that_expire_leave_no_bytes(path: Path) -> None:
    clock = Years()
    fill(path, clock, hours=1, calls=300)
    reader = open_ledger(path)
    try:
        clock.now += 2 * DAY
        purge(path, Policy(rules=(Keep("P1D", app="crm"),)), clock)
        assert residues(path.parent, range(1, 301)) == set()
        assert ask(path, "SELECT count(*) FROM disclosures") == [(600,)]
    finally:
        reader.close()


def test_while_somebody_reads_the_purge_waits_with_the_journal_and_holds_nobody_up(path: Path) -> None:
    clock = Years()
    fill(path, clock, hours=1, calls=20)
    clock.now += 367 * DAY
    reader = open_ledger(path)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM exchanges").fetchone()
    try:
        with Purge(path, Sealer(MASTER), YEAR, who="a test", clock=clock) as work:
            for _ in range(50):
                assert work.step()
            assert work.done.segments == 2
            with Ledger(path, taxonomy="t-1", clock=clock, sealer=Sealer(MASTER)) as ledger:
                ledger.append(call(9000, "crm", "s", at=clock()))
            reader.rollback()
            for _ in range(50):
                if not work.step():
                    break
            assert not work.step()
    finally:
        reader.close()
    assert residues(path.parent, range(1, 21)) == set()


def test_a_dry_run_says_what_a_purge_then_does(path: Path) -> None:
    clock = Years()
    fill(path, clock, hours=2, calls=5)
    clock.now += 350 * DAY
    fill(path, clock, hours=1, calls=5, first=100)
    clock.now += 17 * DAY
    policy = Policy(rules=(Keep("P10D", category="user.contact"),))
    db = open_ledger(path)
    would = due(db, policy, clock())
    db.close()
    assert would.segments == 3
    assert would.disclosures == 5
    assert purge(path, policy, clock) == would


def test_what_is_not_seen_any_more_leaves_the_counts(path: Path) -> None:
    clock = Years()
    fill(path, clock, hours=1, calls=3)
    clock.now += 367 * DAY
    fill(path, clock, hours=1, calls=1, first=2)
    purge(path, YEAR, clock)
    assert ask(path, "SELECT name, count FROM observations") == [("h2.example", 2)]


def test_sums_that_are_still_seen_carry_on_when_the_segments_of_their_beginning_go(path: Path) -> None:
    clock = Years()
    used = FieldUse("find", Direction.TO_APP, "/email", 3)
    left = FieldUse("find", Direction.TO_APP, "/fax", 1)
    fill(path, clock, hours=1, calls=3)
    note(path, clock, used, left)
    clock.now += 367 * DAY
    fill(path, clock, hours=1, calls=1, first=2)
    note(path, clock, used)
    assert purge(path, YEAR, clock).segments > 0
    assert ask(path, "SELECT pointer, calls FROM field_uses") == [("/email", 6)]
    assert ask(path, "SELECT name, count FROM observations") == [("h2.example", 2)]
    body = told(path, "purge")[-1]
    assert [row[3:5] for row in body["uses"]] == [["/email", 6]]
    assert [row[3] for row in body["observations"]] == ["h2.example"]
    assert verify(path, sealer=Sealer(MASTER)).word == "PURGED-BY-POLICY"


def note(path: Path, clock: Years, *uses: FieldUse) -> None:
    with Ledger(path, taxonomy="t-1", clock=clock, sealer=Sealer(MASTER)) as ledger:
        ledger.note("crm", at=clock(), uses=uses)
        ledger.seal()


def test_a_second_purge_finds_nothing(path: Path) -> None:
    clock = Years()
    fill(path, clock, hours=3, calls=5)
    clock.now += 367 * DAY
    purge(path, YEAR, clock)
    seq = ask(path, "SELECT seq FROM chain")
    assert purge(path, YEAR, clock) == Purged()
    assert ask(path, "SELECT seq FROM chain") == seq


def test_without_the_key_nothing_is_purged(path: Path) -> None:
    clock = Years()
    fill(path, clock, hours=1, calls=2)
    clock.now += 367 * DAY
    for sealer in (None, Sealer(b"x" * 32)):
        with Purge(path, sealer, YEAR, who="a test", clock=clock) as work, pytest.raises(LedgerRefused):
            work.step()
    assert ask(path, "SELECT count(*) FROM exchanges") == [(2,)]


def test_a_locked_ledger_is_said_and_nothing_is_lost(path: Path) -> None:
    clock = Years()
    fill(path, clock, hours=1, calls=2)
    clock.now += 367 * DAY
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        work = Purge(path, Sealer(MASTER), YEAR, who="a test", clock=clock, wait=0.05)
        with work, pytest.raises(LedgerFailed, match="SQLITE_BUSY"):
            work.step()
    finally:
        other.close()
    assert purge(path, YEAR, clock).segments == 2


def test_a_large_segment_is_closed_before_the_hour_so_that_a_purge_stays_short(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("douane.ledger.chain.SEGMENT_EVENTS", 20)
    clock = Years()
    with Ledger(path, taxonomy="t-1", clock=clock, sealer=Sealer(MASTER)) as ledger:
        assert not ledger.seal(only_if_due=True)
        for number in range(10):
            ledger.append(call(number + 1, "crm", "s", at=clock()))
        assert ledger.seal(only_if_due=True)
        assert not ledger.seal(only_if_due=True)


def test_after_a_step_the_file_is_left_to_others_for_as_long_as_it_took(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, ticks = Years(), [0.0]

    def monotonic() -> float:
        ticks[0] += 0.2  # each look at the clock is that much later: a step has two
        return ticks[0]

    fill(path, clock, hours=2, calls=5)
    clock.now += 400 * DAY
    with Purge(path, Sealer(MASTER), YEAR, who="a test", clock=clock, wait=5.0) as work:
        assert work.step()
        assert 0 < work.rest <= 0.5
        monkeypatch.setattr("douane.ledger.purge.time.monotonic", monotonic)
        assert work.step()
        assert work.rest == pytest.approx(0.2)


def test_a_purge_tells_again_what_is_said_once_and_holds_for_ever(path: Path) -> None:
    clock, then = Years(), "2026-01-01T00:00:00.000Z"
    fill(path, clock, hours=1, calls=1)
    with writing(path, Sealer(MASTER), clock=clock) as (_, chain):
        chain.tell("epoch", {"at": then, "epoch": 2})
    with writing(path, Sealer(MASTER), clock=clock) as (_, chain):
        chain.tell("epoch", {"at": then, "epoch": 3})
        chain.tell("instead", {"at": then, "who": "", "reason": "", "ledger": "a" * 32, "seq": 1, "head": "0" * 64})
        chain.tell("restored", {"at": then, "who": "", "reason": "", "copy": 1, "seq": 1, "head": "0" * 64})
        chain.finish(close_segment=True)
    before = {kind: told(path, kind) for kind in ("sealing", "restored", "instead")}
    clock.now += 367 * DAY
    purge(path, YEAR, clock)
    assert told(path, "start") == []
    assert {kind: told(path, kind) for kind in ("sealing", "restored", "instead")} == before
    assert told(path, "epoch") == [{"at": then, "epoch": 3}]
    with writing(path, Sealer(MASTER), clock=clock) as (_, chain):
        chain.tell("epoch", {"at": then, "epoch": 4})
        chain.finish(close_segment=True)
    clock.now += 367 * DAY
    purge(path, YEAR, clock)
    assert told(path, "epoch") == [{"at": then, "epoch": 4}]
    assert verify(path, sealer=Sealer(MASTER), children=0).word == "PURGED-BY-POLICY"


@pytest.mark.promise("details-expire")
def test_what_is_over_goes_although_a_clock_that_ran_ahead_wrote_more_before_it(path: Path) -> None:
    clock = Years()
    now = clock.now
    clock.now = now + 900 * DAY
    first = fill(path, clock, hours=1, calls=510)
    clock.now = now - 60 * DAY
    fill(path, clock, hours=1, calls=3, first=first)
    clock.now = now
    assert purge(path, Policy(keep="P31D"), clock).disclosures == 6
    assert ask(path, "SELECT count(*) FROM disclosures WHERE nonce IS NULL") == [(6,)]


@pytest.mark.promise("no-index-decides")
@pytest.mark.parametrize("over", ["exchange_id) WHERE (id < 0", "id", "exchange_id + 1000000"])
def test_an_index_that_hides_data_keeps_none_of_them_longer(path: Path, over: str) -> None:
    clock = Years()
    fill(path, clock, hours=2, calls=3)
    clock.now += 62 * DAY
    with closing(open_ledger(path)) as db:
        wanted = due(db, HEALTH_FIRST, clock.now)
    assert wanted.disclosures
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        (text,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'disclosures_by_exchange'").fetchone()
        db.execute("DROP INDEX disclosures_by_exchange")
        db.execute(f"CREATE INDEX disclosures_by_exchange ON disclosures ({over})")
        db.execute("PRAGMA writable_schema = ON").close()
        db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'disclosures_by_exchange'", (text,))
    with closing(open_ledger(path)) as db:
        assert due(db, HEALTH_FIRST, clock.now) == wanted
    done = purge(path, HEALTH_FIRST, clock)
    assert (done.exchanges, done.disclosures) == (wanted.exchanges, wanted.disclosures)


def test_what_is_held_of_the_data_in_one_step_does_not_grow_with_the_ledger(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Years()
    fill(path, clock, hours=1, calls=20)
    monkeypatch.setattr("douane.ledger.purge._DATA", 7)
    now = clock.now + 400 * DAY
    for policy in (YEAR, HEALTH_FIRST):
        with closing(open_ledger(path)) as db:
            found = [dict(over.disclosures) for over in details_over(db, policy, now)]
            ids = [number for one in found for numbers in one.values() for number in numbers]
            assert max(sum(map(len, one.values())) for one in found) == 7
            assert sorted(ids) == [number for (number,) in ask(path, "SELECT id FROM disclosures ORDER BY id")]
