"""Reviews in the chain: told once each, the latest holds, both verifiers accept them, and a purge loses none."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from aged import DAY, MASTER, Years, fill
from chained import chained

from douane.ledger.data import verify_ledger
from douane.ledger.purge import Purge
from douane.ledger.query import open_ledger
from douane.ledger.refused import LedgerRefused
from douane.ledger.retention import Policy
from douane.ledger.reviews import Review, Reviewed, State, in_force, review, reviews
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.verify import verify
from douane.ledger.writing import writing

SEALER = Sealer(MASTER)
ONE, OTHER = Reviewed("1" * 32, "verdict/omitted", "crm"), Reviewed("2" * 32, "openai/undisclosed", "travel")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "douane.db"
    with Ledger(path, sealer=SEALER, clock=lambda: 5.0) as made, made.batch():
        made.add_run(at=1.0, version="1", config_sha256="")
    return path


def held(path: Path) -> dict[str, Review]:
    with closing(open_ledger(path)) as db:
        return dict(in_force(db))


def test_a_review_says_who_when_what_of_which_finding_and_why(ledger: Path) -> None:
    told = review(
        ledger, SEALER, [ONE], State.FALSE_ALARM, who="mara", role="dpo", note="an invented address", clock=lambda: 7.0
    )
    expected = Review(
        "1970-01-01T00:00:07.000Z", "mara", "dpo", "1" * 32, State.FALSE_ALARM, "an invented address",
        "verdict/omitted", "crm",
    )  # fmt: skip
    assert told == (expected,)
    assert held(ledger) == {"1" * 32: expected}
    with closing(sqlite3.connect(ledger)) as db:
        (body,) = db.execute("SELECT body FROM events WHERE kind = 'review'").fetchone()
    assert json.loads(body) == {
        "at": "1970-01-01T00:00:07.000Z", "who": "mara", "role": "dpo", "fingerprint": "1" * 32,
        "state": "false-alarm", "note": "an invented address", "rule": "verdict/omitted", "app": "crm",
    }  # fmt: skip


@pytest.mark.promise("review-told")
def test_the_latest_holds_and_what_was_said_before_stays_in_the_chain(ledger: Path) -> None:
    review(ledger, SEALER, [ONE, OTHER], State.CONFIRMED, who="jon")
    review(ledger, SEALER, [ONE], State.FALSE_ALARM, who="mara")
    assert {key: (one.state, one.who) for key, one in held(ledger).items()} == {
        ONE.fingerprint: (State.FALSE_ALARM, "mara"),
        OTHER.fingerprint: (State.CONFIRMED, "jon"),
    }
    review(ledger, SEALER, [ONE], State.UNREVIEWED, who="mara")
    assert set(held(ledger)) == {OTHER.fingerprint}
    with closing(open_ledger(ledger)) as db:
        assert [one.state.value for one in reviews(db)] == ["confirmed", "confirmed", "false-alarm", "unreviewed"]
    assert verify(ledger, sealer=SEALER, children=0).word == "INTACT"


def test_nothing_is_told_of_what_is_no_fingerprint_or_without_the_key(ledger: Path) -> None:
    for wrong in ([], [Reviewed("0" * 31)], [ONE, Reviewed("G" * 32)], [Reviewed("0" * 32 + "\n")]):
        with pytest.raises(ValueError, match="32 hex digits"):
            review(ledger, SEALER, wrong, State.CONFIRMED, who="jon")
    with pytest.raises(LedgerRefused):
        review(ledger, None, [ONE], State.CONFIRMED, who="jon")
    assert held(ledger) == {}


def test_nothing_of_a_review_can_steer_a_terminal_or_grow_without_end(ledger: Path) -> None:
    (told,) = review(ledger, SEALER, [ONE], State.CONFIRMED, who="a\x1b[2J\u202eb", note="x" * 9000)
    assert (told.who, len(told.note)) == ("a\ufffd[2J\ufffdb", 500)


def test_a_body_of_another_shape_is_no_review_and_both_verifiers_say_so(tmp_path: Path) -> None:
    made = chained(tmp_path)
    review(made.path, Sealer(made.master), [ONE], State.CONFIRMED, who="jon", anchors=made.anchors)
    assert {verify(made.path, sealer=Sealer(made.master)).word, verify_ledger.verify(made.path).word} == {"INTACT"}
    with writing(made.path, Sealer(made.master), anchors=made.anchors) as (_, chain):
        chain.tell("review", {"at": "then", "who": 7, "fingerprint": "3" * 32, "state": "maybe"})
    assert set(held(made.path)) == {ONE.fingerprint}
    assert verify(made.path, sealer=Sealer(made.master)).word == "ALTERED"
    assert verify_ledger.verify(made.path).word == "ALTERED"


@pytest.mark.promise("review-told")
def test_a_purge_tells_again_the_reviews_that_go_and_still_hold(tmp_path: Path) -> None:
    path, clock = tmp_path / "data" / "douane.db", Years()
    fill(path, clock, hours=1, calls=1)
    gone = Reviewed("3" * 32)
    review(path, SEALER, [ONE, OTHER, gone], State.CONFIRMED, who="jon", clock=clock)
    review(path, SEALER, [gone], State.UNREVIEWED, who="jon", clock=clock)
    with writing(path, SEALER, clock=clock) as (_, chain):
        chain.finish(close_segment=True)
    clock.now += 300 * DAY
    review(path, SEALER, [OTHER], State.FALSE_ALARM, who="mara", clock=clock)
    before = held(path)
    clock.now += 67 * DAY
    with Purge(path, SEALER, Policy(), who="a test", clock=clock, wait=5.0) as work:
        while work.step():
            pass
    assert held(path) == before
    assert {key: one.who for key, one in before.items()} == {ONE.fingerprint: "jon", OTHER.fingerprint: "mara"}
    with closing(open_ledger(path)) as db:
        assert len(reviews(db)) == 2
    assert verify(path, sealer=SEALER, children=0).word == "PURGED-BY-POLICY"
