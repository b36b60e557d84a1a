"""Overlapping findings to one story a field: the surest kind of identifier wins, the most specific category stays."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from operator import itemgetter

from douane.audit.finding import Finding
from douane.audit.taxonomy import depth, is_within
from douane.detectors.findings import identity

_INSIDE = (
    "user.content",
    "user.childrens",
    "user.health_and_medical",
    "user.demographic.religious_belief",
    "user.demographic.philosophical_belief",
    "user.demographic.political_opinion",
    "user.demographic.trade_union",
    "user.demographic.sexual_orientation",
    "user.demographic.sex_life",
    "user.demographic.race_ethnicity",
    "user.criminal_history",
    "user.biometric",
    "user.behavior",
)
"""Categories that sentences say: a name or a number inside one is a datum of its own."""

_ADDRESS = "user.contact.address"
_IDENTIFIER_OF_HEALTH = ("user.health_and_medical.insurance_beneficiary_id", "user.health_and_medical.record_id")


@lru_cache(maxsize=1024)
def holds_others(category: str) -> bool:
    """Whether data of other categories inside such a finding are data of their own."""
    return any(is_within(category, outer) for outer in _INSIDE) and category not in _IDENTIFIER_OF_HEALTH


@lru_cache(maxsize=4096)
def _related(one: str, other: str) -> bool:
    return is_within(one, other) or is_within(other, one)


def fuse(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without those that another explains better, by field and place.

    Of overlapping findings of one line of categories the most specific category stays, with the best score and the
    wider span. Of overlapping identifiers of different kinds (a card or a phone?) the surest stays, the longer when
    equally sure. Sentences keep what is inside them.
    """
    by_field: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.end > finding.start:
            by_field.setdefault(identity(finding.of), []).append(finding)
    kept: list[Finding] = []
    for group in by_field.values():
        kept.extend(_fuse_field(group) if len(group) > 1 else group)
    return _once(kept)


def _once(findings: list[Finding]) -> list[Finding]:
    """Without what was found again in the text that holds a field: the field knows its own key."""
    if not any(one.of.opened for one in findings):
        return findings
    findings = _said_of_lines(_blocks(findings))
    found: dict[str, list[_Placed]] = {}
    for one in findings:
        if (one.of.excerpt or one.of.reached) and not holds_others(one.category):
            found.setdefault(one.of.pointer, []).append((*one.of.outer(one.start, one.end), one))
    inner = {pointer: _Inner(placed) for pointer, placed in found.items()}
    return [
        one for one in findings if not (one.of.opened and one.of.pointer in inner and inner[one.of.pointer].repeat(one))
    ]


def _blocks(findings: list[Finding]) -> list[Finding]:
    """The findings, each address that goes on below the line that names it as one, in place of its first line."""
    first: dict[tuple[str, int], Finding] = {}
    for one in findings:
        if one.of.excerpt and one.category == _ADDRESS:
            first[one.of.pointer, one.of.outer(one.start, one.end)[0]] = one
    if not first:
        return findings
    lines: list[Finding] = []
    whole: list[tuple[Finding, Finding]] = []
    for one in findings:
        if one.category != _ADDRESS or not one.of.opened or one.of.reached:
            continue
        line = first.get((one.of.pointer, one.start))
        if line is not None and _goes_on(one.of.text[one.start + line.end - line.start : one.end]):
            lines.append(line)
            whole.append((one, replace(one, score=max(one.score, line.score), minor=one.minor or line.minor)))
    if not lines:
        return findings
    kept = [one for one in findings if not any(one is line for line in lines)]
    return [next((new for old, new in whole if old is one), one) for one in kept]


def _goes_on(rest: str) -> bool:
    """Whether what follows the first line of an address are lines without a name of their own."""
    return rest.lstrip(" ,\r").startswith("\n") and ":" not in rest


def _said_of_lines(findings: list[Finding]) -> list[Finding]:
    """The findings without what a whole text says of one line, where the value under the line's key says it, too."""
    placed: dict[str, list[_Placed]] = {}
    for one in findings:
        if one.of.excerpt and holds_others(one.category):
            placed.setdefault(one.of.pointer, []).append((*one.of.outer(one.start, one.end), one))
    if not placed:
        return findings
    lines = {pointer: _Inner(found) for pointer, found in placed.items()}
    better: dict[int, Finding] = {}
    gone: set[int] = set()
    for one in findings:
        if not one.of.opened or one.of.pointer not in lines or not holds_others(one.category):
            continue
        inside = lines[one.of.pointer].over(*one.of.outer(one.start, one.end))
        same = [line for _, _, line in inside if line.of is not one.of and _related(one.category, line.category)]
        if same and all(_is_of_line(one, line) for line in same):
            gone.add(id(one))
            for line in same if len(same) == 1 else ():
                better[id(line)] = _merge(better.get(id(line), line), one)
    return [better.get(id(one), one) for one in findings if id(one) not in gone]


def _is_of_line(finding: Finding, line: Finding) -> bool:
    """Whether a finding in a text has nothing beside one line's key and its value, in which `line` was found."""
    start, end = finding.of.outer(finding.start, finding.end)
    first, last = line.of.outer(0, len(line.of.text))
    return end <= last and "\n" not in finding.of.text[finding.start : finding.start + max(0, first - start)]


type _Placed = tuple[int, int, Finding]
"""A finding and where it stands in the value at its pointer."""


class _Inner:
    """What was found in the fields that one value was opened to, in the order of their places."""

    def __init__(self, placed: list[_Placed]) -> None:
        self._placed = sorted(placed, key=itemgetter(0))
        self._longest = max(high - low for low, high, _ in placed)

    def over(self, start: int, end: int) -> Iterator[_Placed]:
        """What overlaps these characters."""
        first = bisect_left(self._placed, start - self._longest, key=itemgetter(0))
        for one in islice(self._placed, first, None):
            if one[0] >= end:
                return
            if start < one[1]:
                yield one

    def repeat(self, finding: Finding) -> bool:
        """Whether an inner field has the same datum: any at its place in an excerpt, else one of its kind."""
        if holds_others(finding.category):
            return False
        start, end = finding.of.outer(finding.start, finding.end)
        reached = finding.of.reached
        for low, high, other in self.over(start, end):
            if other.of is finding.of:
                continue
            if other.of.excerpt:
                return True
            decoded = len(other.of.reached) > len(reached) and other.of.reached.startswith(reached)
            if decoded and start <= low and high <= end and _related(finding.category, other.category):
                return True
        return False


def _fuse_field(group: list[Finding]) -> list[Finding]:
    """The findings of one field, settled within each run of overlapping ones."""
    kept: list[Finding] = []
    run: list[Finding] = []
    reach = 0
    for finding in sorted(group, key=lambda one: (one.start, one.end)):
        if run and finding.start >= reach:
            kept.extend(_settle(run))
            run = []
        run.append(finding)
        reach = max(reach, finding.end) if len(run) > 1 else finding.end
    kept.extend(_settle(run))
    return kept


def _settle(group: list[Finding]) -> list[Finding]:
    if len(group) == 1:
        return group
    kept: list[Finding] = []
    for finding in sorted(group, key=lambda one: (-one.score, one.start - one.end, one.start, one.category)):
        merged = False
        for at, other in enumerate(kept):
            if finding.start >= other.end or other.start >= finding.end:
                continue
            if _related(finding.category, other.category):
                kept[at] = _merge(other, finding)
                merged = True
                break
            if not (holds_others(finding.category) or holds_others(other.category)):
                merged = True
                break
        if not merged:
            kept.append(finding)
    return sorted(kept, key=lambda one: (one.start, one.end, one.category))


def _merge(sure: Finding, other: Finding) -> Finding:
    """The surer finding with the more specific category of both."""
    category = other.category if depth(other.category) > depth(sure.category) else sure.category
    normalised = sure.normalised or (other.normalised if (other.start, other.end) == (sure.start, sure.end) else "")
    return replace(sure, category=category, minor=sure.minor or other.minor, normalised=normalised)
