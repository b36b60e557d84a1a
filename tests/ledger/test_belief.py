import json
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from aged import DAY, MASTER, SECOND, Years, fill, person

from douane.ledger.belief import Belief
from douane.ledger.canonical import told_leaf
from douane.ledger.chain import Chain
from douane.ledger.erase import erase, find
from douane.ledger.jumped import jumped_in
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.purge import Purge, Purged
from douane.ledger.query import open_ledger
from douane.ledger.refused import LedgerRefused
from douane.ledger.retention import Keep, Policy
from douane.ledger.sealing import Sealer
from douane.ledger.verify import verify
from douane.ledger.verify_words import Word

YEAR = Policy()
MONTH = Policy(rules=(Keep("P1M", app="shop"),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "douane.db"


def purge(path: Path, policy: Policy, clock: Years, at: Callable[[int], None] = lambda _: None) -> Purged:
    """Purge; `at` is called before each step with its number."""
    with Purge(path, Sealer(MASTER), policy, who="a test", clock=clock, wait=5.0) as work:
        number = 0
        at(number)
        while work.step():
            number += 1
            at(number)
        return work.done


def do(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for sql in statements:
            db.execute(sql)


def ask(path: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def words(path: Path) -> tuple[str, str]:
    """What both verifiers say."""
    return str(verify(path, sealer=Sealer(MASTER)).word), SECOND.verify(path).word


def aged(path: Path, *, hours: int = 2) -> Years:
    """A ledger of two apps, written just now."""
    clock = Years()
    fill(path, clock, hours=hours, calls=3, app="crm")
    fill(path, clock, hours=1, calls=3, app="shop", first=100)
    return clock


LONG_AGO = "2020-01-01T00:00:00.000Z"
STEERED = {
    "a segment that is said to be old": f"UPDATE segments SET closed_at = '{LONG_AGO}' WHERE number = 1",
    "exchanges that are said to be old": f"UPDATE exchanges SET inspected_at = '{LONG_AGO}' WHERE id < 4",
    "data that are said to be of an old exchange": (
        f"UPDATE exchanges SET inspected_at = '{LONG_AGO}' WHERE id = (SELECT max(id) FROM exchanges)"
    ),
}  # fmt: skip


@pytest.mark.promise("nothing-unbelieved-goes")
@pytest.mark.parametrize("name", STEERED)
def test_what_was_changed_makes_nothing_go(path: Path, name: str) -> None:
    clock = aged(path)
    do(path, STEERED[name])
    before = ask(path, "SELECT count(*), sum(nonce IS NOT NULL) FROM exchanges")
    with pytest.raises(
        LedgerRefused, match=r"does not verify: ALTERED at .*; nothing was deleted; run `douane verify`"
    ):
        purge(path, YEAR, clock)
    assert ask(path, "SELECT count(*), sum(nonce IS NOT NULL) FROM exchanges") == before


@pytest.mark.promise("nothing-unbelieved-goes")
def test_an_app_that_was_renamed_to_one_with_a_shorter_rule_loses_nothing(path: Path) -> None:
    clock = aged(path)
    clock.now += 40 * DAY
    do(path, "UPDATE apps SET name = 'x' WHERE name = 'shop'", "UPDATE apps SET name = 'shop' WHERE name = 'crm'")
    with pytest.raises(LedgerRefused, match=r"ALTERED at .*apps 1"):
        purge(path, MONTH, clock)
    assert ask(path, "SELECT count(*) FROM exchanges WHERE nonce IS NULL") == [(0,)]


@pytest.mark.promise("nothing-unbelieved-goes")
def test_what_is_changed_between_two_steps_makes_nothing_go_that_is_not_over(path: Path) -> None:
    clock = aged(path, hours=1)
    clock.now += 40 * DAY
    policy = Policy(rules=(Keep("P1M", category="user.health_and_medical"), Keep("P1M", app="shop")))
    whole = path.read_bytes()
    crm = """SELECT (SELECT count(*) FROM exchanges WHERE id <= 4 AND nonce IS NULL),
        (SELECT count(*) FROM disclosures WHERE id IN (1, 3, 5) AND nonce IS NULL)"""
    for change in (
        f"UPDATE exchanges SET inspected_at = '{LONG_AGO}'",
        f"UPDATE segments SET closed_at = '{LONG_AGO}'",
        "UPDATE disclosures SET category = 'user.health_and_medical'",
        "UPDATE exchanges SET app_id = 2",
    ):
        for step in range(1, 4):
            for side in ("-wal", "-shm"):
                Path(f"{path}{side}").unlink(missing_ok=True)
            path.write_bytes(whole)
            with suppress(LedgerRefused):  # or else what is over went, and no more
                purge(path, policy, clock, lambda number: do(path, change) if number == step else None)  # noqa: B023 - called at once
            assert ask(path, crm) == [(0, 0)]
            assert ask(path, "SELECT count(*) FROM events WHERE kind = 'purge'") == [(0,)]


LAUNDERED = {
    "an observation": "DELETE FROM observations WHERE id = 1",
    "an app": "UPDATE apps SET upstream_host = 'elsewhere.example'",
    "an event that became another": (
        "UPDATE events SET kind = 'restored', body = '{\"at\":\"9999-01-01T00:00:00.000Z\",\"copy\":0,\"head\":\"00\","
        "\"seq\":999999999}' WHERE seq = (SELECT min(seq) FROM events WHERE kind = 'tally')"
    ),
    "an event whose body is gone": "UPDATE events SET body = NULL WHERE kind = 'tally' AND seq < 30",
    "an event that looks like a row's": (
        "UPDATE events SET body = NULL, kind = 'exchange', row = 1 WHERE kind = 'sealing'"
    ),
    "a row that is gone": "DELETE FROM gaps WHERE id = 1",
    "a detail that is gone": (
        "UPDATE exchanges SET nonce = NULL, session = '', rpc = '', salt = NULL WHERE id = 1"
    ),
}  # fmt: skip


@pytest.mark.promise("nothing-unbelieved-goes")
@pytest.mark.parametrize("name", LAUNDERED)
def test_a_change_is_not_told_again_and_does_not_go_with_its_segment(path: Path, name: str) -> None:
    clock = aged(path)
    clock.now += 367 * DAY
    fill(path, clock, hours=1, calls=1, first=200)
    do(path, LAUNDERED[name])
    with pytest.raises(LedgerRefused, match="does not verify: ALTERED at"):
        purge(path, YEAR, clock)
    assert ask(path, "SELECT count(*) FROM events WHERE kind = 'purge'") == [(0,)]
    assert set(words(path)) <= {Word.ALTERED, Word.MISSING}


def test_a_body_with_the_leaf_that_fits_it_is_not_believed_either(path: Path) -> None:
    clock = aged(path)
    clock.now += 367 * DAY
    (seq,) = ask(path, "SELECT min(seq) FROM events WHERE kind = 'tally'")[0]
    body = '{"observations":[],"uses":[]}'
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE events SET body = ?, leaf = ? WHERE seq = ?", (body, told_leaf(seq, "tally", body), seq))
    with pytest.raises(LedgerRefused, match="does not verify: ALTERED at"):
        purge(path, YEAR, clock)


def test_a_purge_goes_on_beside_another_and_beside_one_who_writes(path: Path) -> None:
    clock = aged(path, hours=4)
    clock.now += 367 * DAY
    fill(path, clock, hours=1, calls=1, first=200)

    def meanwhile(number: int) -> None:
        if number == 2:
            fill(path, clock, hours=1, calls=1, first=300)
            purge(path, YEAR, clock)

    purge(path, YEAR, clock, meanwhile)
    assert words(path) == (Word.PURGED, "PURGED-BY-POLICY")
    assert ask(path, "SELECT record_id FROM exchanges") == [("aged-200",), ("aged-300",), ("aged-500300",)]


def test_belief_says_what_the_chain_tells(path: Path) -> None:
    aged(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        belief = Belief(db)
        for _ in belief.steps():
            pass
        db.execute("BEGIN")
        belief.hold(Sealer(MASTER))
        assert belief.end == db.execute("SELECT seq, head FROM chain").fetchone()
        assert [one.number for one in belief.closed] == [row[0] for row in db.execute("SELECT number FROM segments")]
        assert [kind for _, kind, _ in belief.told] == ["sealing"]
        belief.rows("exchange", [row[0] for row in db.execute("SELECT id FROM exchanges")])
        with pytest.raises(LedgerRefused, match="ALTERED at exchange 999; nothing was deleted"):
            belief.rows("exchange", [1, 999])


@pytest.mark.promise("no-purge-before-its-time")
def test_both_verifiers_tell_a_purge_that_its_rule_does_not_allow(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = aged(path)
    clock.now += 40 * DAY
    short = Policy(keep="P1M", rules=(Keep("P1M", app="shop"),))
    real, lies = Chain.tell, set[str]()

    def said(self: Chain, kind: str, body: dict[str, object]) -> None:
        real(self, kind, {**body, "rule": "P12M"} if kind in lies else body)

    monkeypatch.setattr(Chain, "tell", said)
    whole = path.read_bytes()
    for lie, policy, expected in (
        ("", MONTH, "PURGED-BY-POLICY"),
        ("expired", MONTH, "ALTERED"),
        ("", short, "PURGED-BY-POLICY"),
        ("purge", short, "ALTERED"),
    ):
        for side in ("-wal", "-shm"):
            Path(f"{path}{side}").unlink(missing_ok=True)
        path.write_bytes(whole)
        lies.clear()
        lies.add(lie)
        assert purge(path, policy, clock)
        assert words(path) == (expected, expected)


@pytest.mark.promise("no-purge-before-its-time")
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("shop user.health_and_medical: P1M", "PURGED-BY-POLICY"),
        ("shop user: P1M", "PURGED-BY-POLICY"),
        ("user.health_and_medical: P1M", "PURGED-BY-POLICY"),
        ("shop: P1M", "PURGED-BY-POLICY"),
        ("crm user.health_and_medical: P1M", "ALTERED"),
        ("crm: P1M", "ALTERED"),
        ("shop user.contact: P1M", "ALTERED"),
        ("user.health: P1M", "ALTERED"),
        ("shop shop2: P1M", "ALTERED"),
        ("\ud800: P1M", "ALTERED"),
    ],
)
def test_both_verifiers_tell_what_expired_by_a_rule_for_another_app_or_category(
    path: Path, monkeypatch: pytest.MonkeyPatch, rule: str, expected: str
) -> None:
    clock = aged(path, hours=1)
    clock.now += 40 * DAY
    real = Chain.tell

    def said(self: Chain, kind: str, body: dict[str, object]) -> None:
        real(self, kind, {**body, "rule": rule} if kind == "expired" else body)

    monkeypatch.setattr(Chain, "tell", said)
    policy = Policy(rules=(Keep("P1M", app="shop", category="user.health_and_medical"),))
    assert purge(path, policy, clock).disclosures == 3
    assert words(path) == (expected, expected)


@pytest.mark.promise("no-purge-before-its-time")
def test_a_jump_that_the_file_hides_for_a_moment_is_found_in_what_is_signed(path: Path) -> None:
    clock = aged(path)
    clock.now += 400 * DAY
    fill(path, clock, hours=1, calls=1, first=200)
    clock.now += 2 * DAY
    assert jumped_in(path, YEAR, clock()) is not None
    closings = ask(path, "SELECT number, closed_at FROM segments")
    do(path, f"UPDATE segments SET closed_at = '{closings[-1][1]}'")
    assert jumped_in(path, YEAR, clock()) is None
    do(path, *(f"UPDATE segments SET closed_at = '{at}' WHERE number = {number}" for number, at in closings))
    before = ask(path, "SELECT count(*) FROM events")
    work = Purge(path, Sealer(MASTER), YEAR, who="a test", clock=clock, over_jump=False)
    with work, pytest.raises(LedgerRefused, match="the clock may be wrong; nothing was purged"):
        any(not work.step() for _ in range(100_000))
    assert ask(path, "SELECT count(*) FROM events") == before
    assert purge(path, YEAR, clock).segments > 0


@pytest.mark.promise("nothing-unbelieved-goes")
def test_what_is_refused_is_told_in_the_chain_once_for_each_place(path: Path) -> None:
    clock = aged(path)
    clock.now += 367 * DAY
    (tool,) = ask(path, "SELECT tool FROM exchanges WHERE id = 2")[0]
    do(path, "UPDATE exchanges SET tool = 'another' WHERE id = 2")
    for _ in range(2):
        with pytest.raises(LedgerRefused, match="does not verify: ALTERED at"):
            purge(path, YEAR, clock)
    refused = [json.loads(body) for (body,) in ask(path, "SELECT body FROM events WHERE kind = 'refused'")]
    assert [(one["who"], one["what"]) for one in refused] == [("a test", "purge")]
    assert refused[0]["place"].startswith(("event ", "exchange"))
    assert words(path) == ("ALTERED", "ALTERED")
    do(path, f"UPDATE exchanges SET tool = '{tool}' WHERE id = 2")
    assert words(path) == ("INTACT", "INTACT")


@pytest.mark.promise("nothing-unbelieved-goes")
def test_a_refused_erasure_is_told_in_the_chain(path: Path) -> None:
    aged(path)
    with closing(open_ledger(path)) as db:
        found = find(db, Pseudonymiser(MASTER), [("user.contact.email", person(1))])
    assert found.direct
    do(path, "UPDATE disclosures SET category = 'user.name' WHERE id = 1")
    with pytest.raises(LedgerRefused, match="nothing more was erased"):
        erase(path, Sealer(MASTER), found, who="ada")
    (body,) = ask(path, "SELECT body FROM events WHERE kind = 'refused'")[0]
    assert {**json.loads(body), "at": "", "place": ""} == {"at": "", "who": "ada", "what": "erasure", "place": ""}
