"""Every name, place, organisation, date, title, nationality, number and web address in free text, whosever it is.

Off by default: `detection.free_text: everything` turns it on, for those who redact texts or compare tools.
"""

import re
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.blocks import continued, to_its_end
from douane.detectors.findings import identity, part
from douane.detectors.fusion import holds_others
from douane.detectors.scene import Scene, Seen
from douane.detectors.untied import (
    CARD,
    CIVILITY,
    COUNTRY,
    DATE_SAID,
    JOB,
    NATION,
    PHONE,
    SITE,
    UNIT,
    nation_category,
    untied,
)

if TYPE_CHECKING:
    from douane.detectors.ner import Entity, Tagger

_NATION = "user.demographic.nationality"
_ADDRESS = "user.contact.address"
_PLACE = "user.location.imprecise"
_ORGANISATION = "user.workplace"
_DATE = "unknown.personal"
_GENDER = "user.demographic.gender"
_SEEN = {
    "PERSON": "user.name",
    "ADDRESS": _ADDRESS,
    "LOCATION": _PLACE,
    "ORGANIZATION": _ORGANISATION,
    "DATE_TIME": _DATE,
    "TITLE": _GENDER,
}
_PLACES = frozenset({"ADDRESS", "LOCATION"})
_LOOKS = {
    DATE_SAID: _DATE,
    CIVILITY: _GENDER,
    JOB: _ORGANISATION,
    COUNTRY: _PLACE,
    SITE: "user.contact.url",
    PHONE: "user.contact.phone_number",
    CARD: "user.financial.credit_card",
    UNIT: _ADDRESS,
}
"""A job and an organisation are what `workplace` reports where they are somebody's; a date has no category."""
_INNER = re.compile(r"[^\W_](?:.*[^\W_])?", re.DOTALL)
_SURE_OF_LOOK = 0.55
_LIKELY = {NATION: 0.46, COUNTRY: 0.46, JOB: 0.45}
"""Words that are names of persons and places as well: what the tagger sees there goes first."""
_LEAST, _MOST = 0.45, 0.55
"""Scores of what the tagger sees lie between the least confidence that counts by default and what rules give."""


class Everything:
    """All that the tagger sees in free text, however unsure, and what looks like a date, title, phone or site."""

    name = "everything"
    title = "Every name, place, organisation, date, title and site in free text (detection.free_text)"
    MATCHES: tuple[Match, ...] = (
        Match({"note": "the concert of Jacques Brel was in Brussels"}, "user.name", "Jacques Brel"),
        Match({"note": "the concert of Jacques Brel was in Brussels"}, _PLACE, "Brussels"),
        Match({"note": "We moved the order to Siemens on Friday"}, _ORGANISATION, "Siemens"),
        Match({"note": "the gate was painted on 14 March 2024 by two people"}, _DATE, "14 March 2024"),
        Match({"note": "la grille a été peinte le 14 mars 2024"}, _DATE, "14 mars 2024"),
        Match({"note": "as Mrs. Dalloway said, buy the flowers"}, _GENDER, "Mrs."),
        Match({"note": "the shop, 12 Baker Street, London NW1 6XE, closes at noon"}, _ADDRESS,
              "12 Baker Street, London NW1 6XE"),
        Match({"note": "an electrician must sign the form"}, _ORGANISATION, "electrician"),
        Match({"note": "Norwegian butter is sold out"}, _NATION, "Norwegian"),
        Match({"note": "see www.example.com for the rules"}, "user.contact.url", "www.example.com"),
        Match({"note": "the museum answers on 555 010 1234"}, "user.contact.phone_number", "555 010 1234"),
    )  # fmt: skip
    MISSES: tuple[Miss, ...] = (
        Miss({"sku": "AX-4417"}, "no free text"),
        Miss({"note": "please reply as soon as you can"}, "nothing in it"),
        Miss({"note": "the total comes to 1 200.50 euros"}, "a price"),
        Miss({"note": "installez la version 3.12.4 puis relancez"}, "a version"),
        Miss({"note": "the box weighs 12 kg and holds 40 pieces"}, "measures"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        asked = [one for one in scene.prose if not one.empty]
        if not asked:
            return
        for one, entities in zip(asked, self._tagger.tag([one.text for one in asked]), strict=True):
            for start, end, category, score, evidence in _told(one, entities):
                yield part(one, start, end, category, score, self.name, evidence)

    def complete(self, scene: Scene, findings: Sequence[Finding]) -> list[Finding]:
        """The findings of the other detectors and, around and between them, all that this one sees."""
        kept = list(findings)
        taken: defaultdict[str | int, _Taken] = defaultdict(_Taken)
        for one in kept:
            if not holds_others(one.category):
                place, shift = _place(one)
                taken[place].rest(one.start + shift, one.end + shift)
        # Parts of a text that are fields of their own come first: the text that holds them says the rest.
        for one in sorted(self.find(scene), key=_order):
            place, shift = _place(one)
            for start, end in taken[place].rest(one.start + shift, one.end + shift):
                if end - start == one.end - one.start:
                    kept.append(one)
                elif (found := _INNER.search(one.of.text, start - shift, end - shift)) is not None:
                    kept.append(replace(one, start=found.start(), end=found.end()))
        return kept

    def prepare(self) -> None:
        """Load the tagger now instead of with the first text."""
        _ = self._tagger

    @cached_property
    def _tagger(self) -> "Tagger":
        from douane.detectors.ner import Tagger

        return Tagger()


type _Told = tuple[int, int, str, float, str]


def _told(one: Seen, entities: Sequence["Entity"]) -> Iterator[_Told]:
    text = one.text
    for entity in entities:
        category = nation_category(text[entity.start : entity.end]) if entity.label == "NRP" else _SEEN[entity.label]
        score = round(_LEAST + (_MOST - _LEAST) * entity.score, 3)
        end = entity.end
        if entity.label in _PLACES:
            end = continued(text, to_its_end(text, entity.start, end))
        yield entity.start, end, category, score, "language model"
    for start, end, kind in untied(text, one.tokens):
        category = nation_category(text[start:end]) if kind == NATION else _LOOKS[kind]
        yield start, end, category, _LIKELY.get(kind, _SURE_OF_LOOK), "shape"


def _order(one: Finding) -> tuple[bool, float, int]:
    """Parts of a text that are fields of their own first, the surest first, the longest of the equally sure."""
    return one.of.opened, -one.score, one.start - one.end


def _place(one: Finding) -> tuple[str | int, int]:
    """Where a finding is counted, and how far its offsets lie from those there: an excerpt's in the text it is of."""
    of = one.of
    if of.layer is None or of.excerpt:
        return f"{of.pointer}\0{of.in_key}", of.outer(one.start, one.end)[0] - one.start
    return identity(of), 0


class _Taken:
    """The stretches of a text that findings cover, apart and in order."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, int]] = []

    def rest(self, start: int, end: int) -> list[tuple[int, int]]:
        """What of a stretch is not covered yet; from now on it is."""
        parts = self._parts
        at = bisect_left(parts, (start,))
        if at and parts[at - 1][1] > start:
            start = parts[at - 1][1]
        free: list[tuple[int, int]] = []
        for low, high in islice(parts, at, None):
            if low >= end:
                break
            if start < low:
                free.append((start, low))
            start = max(start, high)
        if start < end:
            free.append((start, end))
        for one in free:
            insort(parts, one)
        return free


EVERYTHING = Everything()
"""The one detector that no list of all holds: `assembly` adds it."""
