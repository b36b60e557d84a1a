"""Patterns, word lists and key hints of the configuration, and what it allows."""

import hashlib
from typing import Any

import pytest
from growth import is_linear

from douane.audit.message import Gap
from douane.detectors.allow import fits
from douane.detectors.assembly import assemble
from douane.detectors.extensions import Allow, Extensions, KeyHint, NotAssembledError, Pattern, WordList
from douane.detectors.regexes import slow
from douane.detectors.scene import Scene

BADGE = {"name": "badge", "category": "user.unique_id", "pattern": r"\bSTF-\d{6}\b"}


def found(opened: Any, given: dict[str, Any], extensions: Extensions) -> list[tuple[str, str, str]]:
    seen, context = opened(given)
    findings, _ = assemble(extensions, presidio=False).detect(seen, context)
    return [(one.detector, one.category, one.of.text[one.start : one.end]) for one in findings]


def patterns(**more: Any) -> Extensions:
    return Extensions(patterns=(Pattern(**{**BADGE, **more}),))


def test_a_pattern_finds_its_places(opened: Any) -> None:
    given = {"memo": "STF-004217 and STF-004218, not STF-1"}
    expected = [("badge", "user.unique_id", "STF-004217"), ("badge", "user.unique_id", "STF-004218")]
    assert found(opened, given, patterns()) == expected


def test_a_group_called_found_is_what_is_found(opened: Any) -> None:
    given = {"memo": "badge 004217 please"}
    extensions = patterns(pattern=r"\bbadge (?P<found>\d{6})\b")
    assert [text for _, _, text in found(opened, given, extensions)] == ["004217"]


@pytest.mark.parametrize(
    ("given", "more", "count"),
    [
        ({"badgeNo": "STF-004217"}, {"keys": ("badge_no",)}, 1),
        ({"BADGE-NO": "STF-004217"}, {"keys": ("badge_no",)}, 1),
        ({"his_badge_code": "STF-004217"}, {"keys": ("*badge*",)}, 1),
        ({"sku": "STF-004217"}, {"keys": ("badge_no",)}, 0),
        ({"memo": "matricule STF-004217"}, {"context": ("Matricule",)}, 1),
        ({"memo": "article STF-004217"}, {"context": ("matricule",)}, 0),
        ({"memo": "matricule " + "of " * 60 + "STF-004217"}, {"context": ("matricule",)}, 0),
        ({"memo": "badge STF-004217"}, {"keys": ("sku",), "context": ("badge",)}, 1),
        ({"memo": "stf-004217"}, {"ignore_case": True}, 1),
        ({"memo": "stf-004217"}, {}, 0),
    ],
)
def test_keys_and_context_say_where_a_pattern_counts(
    opened: Any, given: dict[str, Any], more: dict[str, Any], count: int
) -> None:
    assert len(found(opened, given, patterns(**more))) == count


def test_a_pattern_finds_what_stands_where_a_window_ends(opened: Any) -> None:
    text = "".join(f"STF-{number:06} " for number in range(2000))
    seen = [text for _, _, text in found(opened, {"memo": text}, patterns())]
    assert seen == [f"STF-{number:06}" for number in range(2000)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\bSTF-\d{6}\b", False),
        (r"\b[\w.+-]{1,64}@[\w-]{1,63}\.[a-z]{2,9}\b", False),
        (r"(a+)+b", True),
        (r"(\w+\s?)*$", True),
        (r"(a|a)*b", True),
        (r"\d+\d+\d+x", True),
        (r"\w+@", True),
    ],
)
def test_an_expression_that_takes_too_long_is_known(pattern: str, expected: bool) -> None:
    assert slow(((pattern, False),)) == (expected,)


@pytest.mark.parametrize(
    ("given", "more", "texts"),
    [
        ({"memo": "réunion du CERCLE du phare demain"}, {}, ["CERCLE du phare"]),
        ({"memo": "le cercle des amis"}, {}, []),
        ({"memo": "Cercle du Phare"}, {"whole": True}, ["Cercle du Phare"]),
        ({"memo": "au Cercle du Phare"}, {"whole": True}, []),
    ],
)
def test_a_word_list_finds_its_phrases(
    opened: Any, given: dict[str, Any], more: dict[str, Any], texts: list[str]
) -> None:
    words = WordList(name="clubs", category="user.demographic.trade_union", words=("Cercle du phare", "Phare"), **more)
    seen = found(opened, given, Extensions(words=(words,)))
    assert [text for name, _, text in seen if name == "clubs"] == texts


def test_a_key_hint_takes_the_whole_value(opened: Any) -> None:
    extensions = Extensions(keys=(KeyHint(category="user.unique_id", keys=("kdnr", "*ident")),))
    given = {"kdnr": " 4711 ", "appIdent": 12, "kdnrs": "1", "ident_of_none": "5"}
    assert found(opened, given, extensions) == [
        ("key-hints", "user.unique_id", "4711"),
        ("key-hints", "user.unique_id", "12"),
    ]


EMAIL = "lea@example.org"


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        ({"category": "user.contact"}, True),
        ({"category": "user.name"}, False),
        ({"app": "app", "tool": "to*", "pointer": "/params/arguments/*", "category": "user"}, True),
        ({"app": "other", "category": "user"}, False),
        ({"pointer": "/params/*"}, False),
        ({"pointer": "/params/**"}, True),
        ({"text": (EMAIL,)}, True),
        ({"text": ("LEA@example.org",)}, False),
        ({"sha256": (hashlib.sha256(EMAIL.encode()).hexdigest().upper(),)}, True),
        ({"sha256": ("0" * 64,)}, False),
        ({"text": (EMAIL,), "app": "other"}, False),
    ],
)
def test_an_allow_list_leaves_out_and_counts(opened: Any, rule: dict[str, Any], allowed: bool) -> None:
    seen, context = opened({"to": EMAIL})
    assembly = assemble(Extensions(allow=(Allow(text=("nobody",)), Allow(**rule))), presidio=False)
    findings, gaps = assembly.detect(seen, context)
    assert len(findings) == (not allowed)
    assert gaps == ([Gap("allowed", "detectors", "rule 2")] if allowed else [])


def test_what_is_allowed_and_looked_for_is_not_printed() -> None:
    given = Extensions(allow=(Allow(text=("Zoltan",)),), patterns=(Pattern(**{**BADGE, "pattern": "Zoltan"}),))
    assert "Zoltan" not in repr(given)


def test_a_pattern_of_stars_takes_linear_time() -> None:
    def tried(size: int) -> bool:
        return fits("**a" * 20 + "b", "a/" * size, within="/") or fits("*a" * 20 + "b", "a" * 2 * size, within="/")

    assert not tried(2000)
    assert is_linear(tried, 200, 2000, 10)


def test_a_detector_can_be_switched_off(opened: Any) -> None:
    assert found(opened, {"to": EMAIL}, Extensions(off=("email",))) == []


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(NotAssembledError, match="email"):
        assemble(patterns(name="email"))


def test_a_long_list_takes_no_longer_where_all_begin_alike(opened: Any) -> None:
    seen, context = opened({"memo": "cercle 4 " * 2000 + "cercle numéro 99"})

    def detector(words: int) -> Any:
        clubs = WordList(name="clubs", category="user.name", words=tuple(f"cercle numero {at}" for at in range(words)))
        (made,) = [one for one in assemble(Extensions(words=(clubs,))).detectors if one.name == "clubs"]
        return made

    def find(detector: Any) -> list[str]:
        return [one.of.text[one.start :] for one in detector.find(Scene(seen, context))]

    short, long = detector(100), detector(5000)
    assert find(long) == ["cercle numéro 99"]
    # Held against each word of the list, the text would take fifty times as long.
    assert is_linear(find, short, long, 6)
