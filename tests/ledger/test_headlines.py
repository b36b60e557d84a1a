"""Headlines are held to the verdicts from what windows of events say of both, as SQL over the whole tables does it."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from chained import MASTER, history

from douane.ledger import verify_leaves, verify_rows
from douane.ledger.sealing import Sealer
from douane.ledger.verify import verify
from douane.ledger.verify_headlines import WORDS, follow, gravest, headed
from douane.ledger.verify_words import Verified

SEALER = Sealer(MASTER)
MOST = 1000
ALL_WORDS = (*WORDS, "unheard-of")


def by_hand(verdicts: list[tuple[int, str, str | None]]) -> dict[int, str]:
    """The gravest verdict that holds of each disclosure."""
    out: dict[int, str] = {}
    for number, word, replaced in verdicts:
        known = word if word in WORDS else "gap"
        if replaced is None and WORDS.index(known) > WORDS.index(out.get(number, "gap")):
            out[number] = known
    return out


def test_what_windows_say_in_pieces_and_in_any_order_is_what_all_verdicts_say() -> None:
    rng = random.Random(11)
    for _ in range(300):
        count = rng.randint(1, 30)
        verdicts = [
            (rng.randint(1, count), rng.choice(ALL_WORDS), rng.choice([None, None, "then"]))
            for _ in range(rng.randint(1, 60))
        ]
        should = by_hand(verdicts)
        words = [should.get(number, "gap") for number in range(1, count + 1)]
        wrong = rng.randrange(3) == 0
        if wrong:
            at = rng.randrange(count)
            words[at] = rng.choice([one for one in ALL_WORDS if one != words[at]])
        pieces = [verdicts[at : at + 7] for at in range(0, len(verdicts), 7)]
        rng.shuffle(pieces)
        worst = [
            gravest(
                [b"%d" % one for one, _, _ in some], [word.encode() for _, word, _ in some], [at for *_, at in some]
            )
            for some in pieces
        ]
        cut = rng.randint(0, count)
        headlines = [
            headed(1 + at, [one.encode() for one in some]) for at, some in ((0, words[:cut]), (cut, words[cut:]))
        ]
        assert follow(headlines, [one for one in worst if one is not None], MOST) is not wrong


def test_verdicts_of_disclosures_that_have_gone_count_for_nothing_and_wild_numbers_are_not_counted_to() -> None:
    worst = gravest([b"3", b"7"], [b"vague", b"prohibited"], [None, None])
    assert worst is not None
    assert follow([headed(3, [b"vague"])], [worst], MOST)
    assert not follow([headed(3, [b"vague"])], [worst], 7)
    assert gravest([b"3", b"70000"], [b"vague", b"vague"], [None, None]) is None
    assert gravest([b"-1"], [b"vague"], [None]) is None
    with pytest.raises(ValueError, match="invalid literal"):
        gravest([b"x"], [b"vague"], [None])


def places(said: Verified) -> list[tuple[str, str, object]]:
    return sorted((one.what, one.table, one.row) for one in said.found)


def forced(path: Path, monkeypatch: pytest.MonkeyPatch) -> Verified:
    """What is said where nothing is held at once."""
    with monkeypatch.context() as patched:
        patched.setattr(verify_leaves.Windows, "hold", lambda *_: None)
        return verify(path, sealer=SEALER, children=0)


@pytest.mark.parametrize(
    ("statement", "finds"),
    [
        ("SELECT 1", 0),
        ("UPDATE disclosures SET headline = 'vague' WHERE headline != 'vague'", 1),
        ("UPDATE disclosures SET headline = 'gap' WHERE headline != 'gap'", 1),
        ("UPDATE verdicts SET verdict = 'gap'", 1),
        ("UPDATE verdicts SET verdict = 'prohibited' WHERE id % 3 = 0", 1),
        ("UPDATE verdicts SET replaced_at = NULL", 1),
        ("UPDATE verdicts SET replaced_at = '2026-01-01T00:00:00.000Z' WHERE replaced_at IS NULL AND id % 2 = 0", 1),
        ("UPDATE verdicts SET disclosure_id = disclosure_id + 1", 1),
        ("DELETE FROM verdicts WHERE id % 5 = 0", 1),
        ("INSERT INTO verdicts SELECT id + 100000, disclosure_id, source, 'prohibited', score, reason, statements,"
         " declaration_id, judgement_id, judged_at, NULL FROM verdicts WHERE id % 4 = 0", 1),
        ("UPDATE disclosures SET id = id + 5000000000 WHERE id = (SELECT max(id) FROM disclosures)", 1),
    ],
)  # fmt: skip
def test_whatever_is_changed_is_told_as_by_the_whole_tables(
    ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str, finds: int
) -> None:
    path = tmp_path / "changed.db"
    with closing(sqlite3.connect(ledger)) as db, closing(sqlite3.connect(path, isolation_level=None)) as copy:
        db.backup(copy)
        copy.execute("PRAGMA foreign_keys = OFF")
        copy.execute("PRAGMA ignore_check_constraints = ON")
        copy.execute(statement)
    said = verify(path, sealer=SEALER, children=0)
    assert places(said) == places(forced(path, monkeypatch))
    assert bool(said.found) is bool(finds)


def test_a_ledger_as_it_was_written_is_not_read_again_for_its_headlines(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_rows, "_HEADLINES", "SELECT raise_if_asked()")
    assert not verify(ledger, sealer=SEALER, children=0).found


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(history(tmp_path_factory.mktemp("ledger"), random.Random(4), steps=2).path)
