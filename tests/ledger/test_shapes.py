"""What told events may say: both verifiers hold every body to the page's table, and agree on each that is forged."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from attacking import Attacked
from chained import history
from shapes import forged, lawful, shapes, tell_all

from douane.ledger import canonical, verify_shapes
from douane.ledger.canonical import canonical as written
from douane.ledger.data import verify_ledger
from douane.ledger.verify import verify
from douane.ledger.verify_told import Telling, latest_by
from douane.ledger.verify_words import Places

KINDS = sorted(shapes())
SOME = 150
"""Forged events in one file: the second verifier shows up to 200 places."""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    """A small ledger with every kind of row."""
    folder = tmp_path_factory.mktemp("plain")
    return Attacked(history(folder, random.Random(3), steps=0), folder)


def end_of(ledger: Attacked) -> int:
    """The number of the last event."""
    with closing(sqlite3.connect(ledger.ledger.path)) as db:
        return int(db.execute("SELECT seq FROM chain").fetchone()[0])


def altered(path: Path) -> tuple[list[int], list[int]]:
    """The events whose body both verifiers tell as altered."""
    first = [one.seq for one in verify(path, children=0).found if one.what == "body"]
    shape = "its body is not of the shape that the format has"
    second = [int(one.where.split()[1]) for one in verify_ledger.verify(path).findings if one.what == shape]
    return first, second


def test_the_page_and_both_verifiers_have_the_same_kinds(plain: Attacked) -> None:
    assert set(KINDS) == verify_ledger.SHAPES.keys()
    assert all(verify_shapes.is_told(kind.encode()) for kind in KINDS)
    rows = {one.kind for one in (*canonical.ROWS, *canonical.SNAPSHOTS)}
    with closing(sqlite3.connect(plain.ledger.path)) as db:
        assert {kind for (kind,) in db.execute("SELECT kind FROM events")} <= rows | set(KINDS)


@pytest.mark.promise("told-as-written")
def test_a_lawful_body_of_any_kind_is_not_minded(plain: Attacked) -> None:
    rng = random.Random(7)
    events = [(kind, written(lawful(kind, rng))) for kind in KINDS if kind != "purge" for _ in range(12)]
    events += [(kind, written({**lawful(kind, rng), "later": value})) for kind in KINDS[:4] for value in ("x", 7)]
    events += [("a kind of later", "nope"), ("a kind of later", "")]
    path = plain.changed(lambda db: tell_all(db, events))
    assert altered(path) == ([], [])
    assert plain.of(path, key=False).word == "INTACT"
    path = plain.changed(lambda db: tell_all(db, [("purge", written(lawful("purge", rng)))]))
    assert altered(path) == ([], []), "its sums are other ones, and that is told as such"


@pytest.mark.promise("told-as-written")
@pytest.mark.parametrize("kind", KINDS)
def test_a_body_of_another_shape_is_told_by_both(plain: Attacked, kind: str) -> None:
    rng = random.Random(kind)
    bodies = list(forged(kind, rng))
    rng.shuffle(bodies)
    for start in range(0, len(bodies), SOME):
        some = bodies[start : start + SOME]
        path = plain.changed(lambda db: tell_all(db, [(kind, one) for one in some]))  # noqa: B023 - called at once
        first = end_of(plain) + 1
        expected = list(range(first, first + len(some)))
        assert altered(path) == (expected, expected)


@pytest.mark.promise("told-as-written")
def test_each_forged_body_alone_makes_a_ledger_altered(plain: Attacked) -> None:
    rng = random.Random(11)
    for kind in KINDS:
        for body in rng.sample(list(forged(kind, rng)), 3):
            assert plain.said(lambda db, one=(kind, body): tell_all(db, [one]), key=False).word == "ALTERED", kind


@pytest.mark.promise("told-as-written")
@pytest.mark.parametrize("kind", KINDS)
def test_from_a_body_of_another_shape_nothing_follows(plain: Attacked, kind: str) -> None:
    """A body that has all that its kind needs, and one thing that no body has."""
    rows = {"exchanges": [1], "disclosures": [1], "verdicts": [1], "delivered": [1], "segments": [[1, 1]]}

    def change(db: sqlite3.Connection) -> None:
        body = lawful(kind, random.Random(kind))
        tell_all(db, [(kind, written({**body, **{key: rows[key] for key in body.keys() & rows.keys()}, "more": None}))])

    path = plain.changed(change)
    assert [(one.word, one.what) for one in verify(path, children=0).found] == [("ALTERED", "body")]
    assert [one.what for one in verify_ledger.verify(path).findings] == [
        "its body is not of the shape that the format has"
    ]


def test_of_an_exchange_with_several_outcomes_both_take_the_first_in_the_order_of_the_page(plain: Attacked) -> None:
    assert verify_shapes.OUTCOMES == ("delivered", "refused", "failed")
    assert list(verify_ledger.SHAPES["outcome"]) == [f"[{one}]" for one in verify_shapes.OUTCOMES]

    body = written({"failed": [1], "refused": [1], "delivered": [1]}).encode()
    with closing(sqlite3.connect(plain.ledger.path)) as db:
        db.text_factory = bytes
        telling, check = Telling(db, Places()), verify_ledger.Check(db, [], [])
        telling.take(end_of(plain) + 1, b"outcome", None, body)
        check.vouched["exchanges"] = {1: 1}
        check.told(end_of(plain) + 1, "outcome", body)
    assert telling.told.words[telling.told.outcomes[1]] == check.outcomes[1].decode() == "delivered"


def test_a_told_event_that_names_a_row_says_nothing(plain: Attacked) -> None:
    def change(db: sqlite3.Connection) -> None:
        tell_all(db, [("outcome", '{"failed":[1,2,3,4]}')])
        db.execute("UPDATE events SET row = 1 WHERE seq = (SELECT max(seq) FROM events)")

    path = plain.changed(change)
    assert plain.of(path, key=False).word == "ALTERED"
    assert [one.what for one in verify(path, children=0).found] == ["shape"]


@pytest.mark.parametrize(
    ("at", "rule", "latest"),
    [
        ("2026-03-31T10:00:00.007Z", "P1M", "2026-02-28T10:00:01.007Z"),
        ("2026-03-31T10:00:00.007Z", "P999999D", "1970-01-01T00:00:01.000Z"),
        ("1975-01-01T00:00:00.000Z", "P999999W", "1970-01-01T00:00:01.000Z"),
        ("9999-12-31T23:59:59.999Z", "PT0S", "9999-12-31T23:59:59.000Z"),
        ("9999-12-30T23:59:59.999Z", "PT0S", "9999-12-31T00:00:00.999Z"),
        ("9876-05-04T03:02:01.123Z", "P1D, P2D", "9876-05-03T03:02:02.123Z"),
    ],
)
def test_both_verifiers_reckon_the_moment_that_a_rule_allows_alike(at: str, rule: str, latest: str) -> None:
    assert latest_by(at, rule.split(", ")) == latest
    assert verify_ledger.latest_by(at, rule.split(", ")) == latest.encode()
