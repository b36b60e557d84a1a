"""The generated cases are the same each time, and are what they say."""

import json
from collections import Counter
from pathlib import Path

import pytest

from bench.detection import harmless_cases, id_cases, page
from bench.detection.messages import Look, harmless, load, sets
from bench.detection.peer import strings
from bench.detection.reasons import errors


def test_there_are_enough_identifiers_and_as_many_look_alikes() -> None:
    cases = list(id_cases.cases())
    kinds = {kind.name: kind for kind in id_cases.KINDS}
    valid = [case for case in cases if case.category]
    assert len(valid) >= 500
    assert len(cases) - len(valid) >= 400
    assert cases == list(id_cases.cases())
    assert all(kinds[case.kind].valid(case.value.replace(" ", "")) for case in valid)
    assert all(case.value in next(iter(case.given.values())) for case in valid)


def test_no_look_alike_holds_a_valid_number_of_its_kind() -> None:
    kinds = {kind.name: kind for kind in id_cases.KINDS}
    for case in id_cases.cases():
        if not case.category:
            assert not any(kinds[case.kind].valid(word) for word in next(iter(case.given.values())).split())


def test_there_are_two_thousand_generated_harmless_strings() -> None:
    cases = list(harmless_cases.cases())
    assert cases == list(harmless_cases.cases())
    assert sum(len(list(strings({"params": {"arguments": case.given}}))) for case in cases) >= 2000
    assert len(Counter(case.kind for case in cases)) >= 15


def test_a_place_with_a_label_or_left_open_is_not_harmless() -> None:
    row = {
        "gold": [{"pointer": "/a"}],
        "ignore": ["/b"],
        "ignore_categories": [{"pointer": "/c", "category": "user.name"}],
    }
    assert harmless(row, {"/a", "/b", "/b/x", "/bc", "/c", "/d"}) == {"/bc", "/d"}


def test_errors_are_told_in_words_without_values() -> None:
    opened = load(sets()[0])[:60]
    made = errors(Look(one, [], [], 0.0) for one in opened)
    assert made.missed
    assert not made.false
    words = " ".join(" ".join(reason) for reason in made.missed)
    for one in opened:
        for label in one.row["gold"]:
            value = one.row["message"]
            for step in label["pointer"].split("/")[1:]:
                step = step.replace("~1", "/").replace("~0", "~")
                value = value[int(step)] if isinstance(value, list) else value[step]
            if isinstance(value, str) and len(value) > 12:
                assert value not in words


def test_a_section_is_replaced_and_the_rest_of_the_page_kept(tmp_path: Path) -> None:
    at = tmp_path / "page.md"
    at.write_text("# A\n<!-- one: written by x -->\nold\n<!-- end of one -->\nrest\n", encoding="utf-8")
    page.write(at, {"one": ["new", ""]}, "x")
    assert at.read_text() == "# A\n<!-- one: written by x -->\nnew\n<!-- end of one -->\nrest\n"
    with pytest.raises(ValueError, match="no section"):
        page.write(at, {"two": []}, "x")


def test_every_section_that_is_measured_has_its_place_in_the_page() -> None:
    text = (Path(page.__file__).parent.parent.parent / "docs" / "accuracy.md").read_text(encoding="utf-8")
    for name in ("sets", "labelled", "harmless", "identifiers", "secrets", "prose", "synthetic", "names", "errors"):
        assert f"<!-- {name}: written by make accuracy -->" in text
        assert f"<!-- end of {name} -->" in text


def test_the_labelled_sets_have_no_id_twice() -> None:
    for path in sets():
        ids = [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()]
        assert len(ids) == len(set(ids))
