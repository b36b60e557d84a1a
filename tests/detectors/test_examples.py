"""Each detector finds its matches and leaves its misses alone, by itself and among the others."""

import pytest

from douane.audit import taxonomy
from douane.audit.finding import Finding
from douane.detectors.base import Detector, Match, Miss
from douane.detectors.fusion import fuse
from douane.detectors.registry import detect, load_all
from douane.detectors.scene import Scene

ALL = load_all()
MATCHES = [
    pytest.param(detector, match, id=f"{detector.name}-{at}")
    for detector in ALL
    for at, match in enumerate(detector.MATCHES)
]
MISSES = [
    pytest.param(detector, miss, id=f"{detector.name}-{at}-{miss.why.replace(' ', '-')[:40]}")
    for detector in ALL
    for at, miss in enumerate(detector.MISSES)
]


def place_of(finding: Finding) -> str:
    keys = [key for key in finding.of.keys if key not in {"params", "arguments", "result", "structuredContent"}]
    return "/".join(keys)


def is_match(finding: Finding, match: Match) -> bool:
    return (
        taxonomy.is_within(finding.category, match.category)
        and (not match.at or place_of(finding) == match.at)
        and finding.of.text[finding.start : finding.end] == (match.text or finding.of.text.strip())
        and finding.minor is match.minor
    )


@pytest.mark.parametrize(("detector", "match"), MATCHES)
def test_a_detector_finds_its_matches(detector: Detector, match: Match, opened) -> None:
    seen, context = opened(match.given, results=match.results, locale=match.locale)
    found = list(detector.find(Scene(seen, context)))
    assert any(is_match(one, match) for one in found), [
        (place_of(one), one.category, one.start, one.end) for one in found
    ]


@pytest.mark.parametrize(("detector", "match"), MATCHES)
def test_a_match_is_still_found_among_all_detectors(detector: Detector, match: Match, opened) -> None:
    seen, context = opened(match.given, results=match.results, locale=match.locale)
    found, gaps = detect(seen, context, ALL)
    assert not gaps
    assert any(taxonomy.is_within(one.category, match.category) for one in found)


@pytest.mark.parametrize(("detector", "miss"), MISSES)
def test_a_detector_leaves_its_misses_alone(detector: Detector, miss: Miss, opened) -> None:
    seen, context = opened(miss.given, results=miss.results, locale=miss.locale)
    found = [
        (place_of(one), one.category, one.evidence)
        for one in fuse(detector.find(Scene(seen, context)))
        if not miss.category or taxonomy.is_within(one.category, miss.category)
    ]
    assert found == [], miss.why


@pytest.mark.parametrize("detector", ALL, ids=lambda one: one.name)
def test_a_detector_has_more_misses_than_matches_of_a_kind(detector: Detector) -> None:
    kinds = {match.category for match in detector.MATCHES}
    assert detector.MATCHES
    assert all(miss.why for miss in detector.MISSES)
    assert len(detector.MISSES) >= max(5, len(kinds))


def test_there_are_more_misses_than_matches() -> None:
    assert sum(len(one.MISSES) for one in ALL) > sum(len(one.MATCHES) for one in ALL)


@pytest.mark.parametrize(("detector", "match"), MATCHES)
def test_the_categories_of_findings_are_in_the_taxonomy(detector: Detector, match: Match, opened) -> None:
    seen, context = opened(match.given, results=match.results, locale=match.locale)
    for finding in detector.find(Scene(seen, context)):
        assert taxonomy.category(finding.category) is not None
        assert 0 <= finding.start < finding.end <= len(finding.of.text)
        assert 0 < finding.score <= 1
        assert finding.detector == detector.name


@pytest.mark.parametrize(("detector", "match"), MATCHES)
def test_a_finding_prints_nothing_of_its_value(detector: Detector, match: Match, opened) -> None:
    seen, context = opened(match.given, results=match.results, locale=match.locale)
    for finding in detector.find(Scene(seen, context)):
        said = finding.of.text[finding.start : finding.end]
        if len(said) >= 4:
            assert said not in repr(finding)
