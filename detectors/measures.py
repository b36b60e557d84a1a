"""Measurements of a body and doses of a medicine in text: "Glycémie à jeun : 1,32 g/L", "75 mg tous les jours"."""

import re

from douane.detectors.clauses import clause
from douane.detectors.scene import Seen
from douane.detectors.setting import Setting
from douane.detectors.subject import NOBODY
from douane.detectors.topics import HEALTH
from douane.detectors.words import word_set

_UNIT = re.compile(
    r"(?i)\b\d{1,4}(?:[.,]\d{1,3})?\s?(?:mmol/l|mg/dl|g/l|[µu]g/l|ng/ml|m?ui/l|u/l|mmol/mol|g/dl|pg/ml|mm\s?hg|bpm)\b"
    r"|\b(?:spo2|sats?|saturation)\D{0,6}\d{2}\s?%"
    r"|\b(?:tension|bp|blood pressure|ta)\b\D{0,14}\d{1,3}\s?/\s?\d{1,3}\b"
)
_DOSE = re.compile(r"(?i)\b\d{1,5}(?:[.,]\d{1,3})?\s?(?:mg|µg|mcg|ui|iu)\b")
_HAS_DOSE = re.compile(r"\d ?(?:[mM][gGcC]|[µuU])|\d ?[iI][uU]")
_TAKEN = re.compile(
    r"(?i)\b(?:matin|midi|soir|par jour|fois par|au coucher|daily|per day|a day|twice|bid|tds|nightly|at night|bedtime|"
    r"toutes les|tous les jours|every|morning|evening|cp|comprim[eé]s?|g[eé]lules?|tablets?|tabs?|capsules?|puffs?|"
    r"bouff[eé]es?|gouttes|le soir|x\d|once|weekly|par semaine|/j(?:our)?)\b"
)
_LINE = re.compile(r"[;\n]|\.\s")


def measured(one: Seen, about: Setting) -> tuple[int, int] | None:
    """Where a text states a measurement or a dose of a person, the line around it; None where it states none."""
    if not one.prose or one.field.is_key or one.searching or len(one.text) > 20_000:
        return None
    if one.about in NOBODY and HEALTH not in about.about:
        return None
    if not one.meanings.isdisjoint(_NOBODY) and not one.of_person:
        return None
    if not one.words or one.words[-1] in _FOR_ALL:
        return None
    if HEALTH not in about.about and not one.of_person and one.meanings.isdisjoint(_SAYS):
        return None
    text = one.text
    found = _UNIT.search(text) if "/" in text or "bpm" in text or "%" in text or "mm" in text else None
    if found is None:
        found = _DOSE.search(text) if _HAS_DOSE.search(text) else None
        if found is None or not _TAKEN.search(text, max(0, found.start() - 60), found.end() + 60):
            return None
    start = 0
    for stop in _LINE.finditer(text, max(0, found.start() - 120), found.start()):
        start = stop.end()
    start = max(start, found.start() - 120)
    after = _LINE.search(text, found.end(), found.end() + 120)
    return start, after.start() if after else min(len(text), found.end() + 120)


_FOR_ALL = word_set("adultes adults enfants children posologie dosage directions usage adult adulte")
"""Headings of a leaflet."""
_NOBODY = frozenset({"cue.leaflet", "cue.animal"})
"""Instructions to all, and what is said of animals."""
_SAYS = frozenset({HEALTH, "cue.medical", "cue.person", "cue.lab"})


def is_blood_group(text: str) -> bool:
    """Whether a text is a blood group with its rhesus factor."""
    return _GROUP.match(text.strip()) is not None


def is_pressure(text: str) -> bool:
    """Whether a text is a blood pressure."""
    return len(text) <= 24 and _PRESSURE.match(text.strip()) is not None


_GROUP = re.compile(r"(?i)^(?:AB|A|B|O|0) ?(?:[+-]|\u2212|rh ?[+-]|rh[ée]sus ?[+-]|(?:rh )?(?:pos|n[ée]g)[a-z]{0,5})$")
_PRESSURE = re.compile(
    r"(?i)^(?:[6-9]|1\d|2[0-4]|[6-9]\d|1\d\d|2[0-4]\d)(?:[.,]\d)? ?/ ?"
    r"(?:[3-9]|1[0-5]|[3-9]\d|1[0-5]\d)(?:[.,]\d)?(?: ?mm ?hg)?$"
)
_OWNED = word_set("my his her our your their mon ma mes son sa ses ton ta left right gauche droit droite lower")
_PLAIN_PARTS = word_set(
    "back head hand hands foot feet heart side arm blood joint joints nerve cou rein reins pied dos"
)
"""Parts of a body that are parts of other things as well: there somebody's must be meant."""


def _of_thing(one: Seen, at: int) -> bool:
    """Whether a part is one of a thing (`the left arm of the chair`)."""
    return at + 1 < len(one.tokens) and one.tokens[at + 1].word in {"of", "de", "du", "panel", "cover", "strap"}


def hurt(one: Seen) -> tuple[int, int] | None:
    """The clause in which a part of a body is hurt or was operated on; None where there is none."""
    if one.field.is_key or len(one.text) > 2000:
        return None
    for term in one.terms:
        if term.meaning != "cue.injury":
            continue
        for body in one.terms:
            if body.meaning != "cue.body" or not -5 <= body.first - term.last <= 5:
                continue
            before = {token.word for token in one.tokens[max(0, body.first - 3) : body.first]}
            if one.tokens[body.first].word in _PLAIN_PARTS and (before.isdisjoint(_OWNED) or _of_thing(one, body.last)):
                continue
            start, end = clause(one.text, term.start, term.end)
            if start <= body.start < end:
                return start, end
    return None
