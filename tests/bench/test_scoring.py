"""Our scorer counts as the scorer that came with the labels does, and its intervals hold the figures."""

import json
import random
import types
from pathlib import Path
from typing import Any

import pytest

from bench.accuracy import load_scorer
from bench.detection import scoring
from bench.detection.scoring import Prediction

DATA = Path(__file__).parent.parent.parent / "bench" / "data"
ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (DATA / "mcp-dev.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def reference() -> types.ModuleType:
    module = types.ModuleType("reference")
    exec(compile((DATA / "score.py.txt").read_text(encoding="utf-8"), "score.py.txt", "exec"), module.__dict__)
    return module


def guesses(row: dict[str, Any], chance: random.Random) -> list[Prediction]:
    """Some labels kept, moved, made coarser or finer, doubled; others invented, some where nothing is scored."""
    found: list[Prediction] = []
    open_places = [*row["ignore"], *(one["pointer"] for one in row["ignore_categories"]), "/result/nowhere"]
    kinds = [
        "user.name",
        "user.contact",
        "user",
        "user.financial.bank_account",
        "user.health_and_medical",
        "system.secret",
    ]
    for label in row["gold"]:
        for _ in range(chance.choice((0, 1, 1, 1, 2))):
            category = chance.choice(
                (
                    label["category"],
                    label["category"] + ".finer",
                    label["category"].rpartition(".")[0],
                    chance.choice(kinds),
                )
            )
            start = max(0, label["start"] + chance.choice((0, 0, 0, 2, 50)))
            found.append(
                Prediction(
                    pointer=label["pointer"],
                    start=start,
                    end=label["end"] + chance.choice((0, 3, 60)),
                    category=category,
                )
            )
    for pointer in open_places:
        if chance.random() < 0.5:
            at = pointer + chance.choice(("", "/inside"))
            found.append(Prediction(pointer=at, start=0, end=3, category=chance.choice(kinds)))
    for one in row["ignore_categories"]:
        found.append(Prediction(pointer=one["pointer"], start=0, end=3, category=one["category"]))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_both_scorers_agree_on_random_predictions(seed: int, reference: types.ModuleType) -> None:
    chance = random.Random(seed)
    rows = chance.sample(ROWS, 120)
    predicted = {row["id"]: guesses(row, chance) for row in rows}
    ours = scoring.as_reference(scoring.tally(row, predicted[row["id"]]) for row in rows)
    assert ours == reference.score(rows, predicted)


def test_both_scorers_agree_on_no_predictions_at_all(reference: types.ModuleType) -> None:
    assert scoring.as_reference(scoring.tally(row, []) for row in ROWS) == reference.score(ROWS, {})


def test_an_interval_holds_its_figure_and_is_the_same_each_time() -> None:
    chance = random.Random(1)
    tallies = [scoring.tally(row, guesses(row, chance)) for row in ROWS]
    first = scoring.intervals(tallies, rounds=200)
    assert first == scoring.intervals(tallies, rounds=200)
    assert all(one.low - 1e-9 <= one.f1 <= one.high + 1e-9 for key, one in first.items() if key[0] in {"field", "lang"})
    assert 0 < first[scoring.FIELD].low < first[scoring.FIELD].high < 1


@pytest.mark.parametrize(
    ("flagged", "of", "low", "high"), [(0, 0, 0, 0), (0, 100, 0, 0.037), (10, 1000, 0.0054, 0.0183), (5, 5, 0.5655, 1)]
)
def test_a_share_has_wilsons_interval(flagged: int, of: int, low: float, high: float) -> None:
    assert scoring.share(flagged, of)[1:] == pytest.approx((low, high), abs=1e-4)


def test_the_command_reads_the_scorer_that_the_page_names(reference: types.ModuleType) -> None:
    rows = ROWS[:20]
    found = {
        row["id"]: [{key: one[key] for key in ("pointer", "start", "end", "category")} for one in row["gold"]]
        for row in rows
    }
    assert load_scorer(DATA / "score.py.txt")(rows, found) == reference.score(rows, found)
    with pytest.raises(SystemExit, match="cannot read a scorer"):
        load_scorer(DATA / "no-such-file.py")
