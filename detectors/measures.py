"""Measurements of a body and doses of a medicine in text: "Glycémie à jeun : 1,32 g/L", "75 mg tous les jours"."""

import re

from douane.detectors.scene import Seen
from douane.detectors.setting import HEALTH, Setting
from douane.detectors.subject import Subject

_UNIT = re.compile(
    r"(?i)\b\d{1,4}(?:[.,]\d{1,3})?\s?(?:mmol/l|mg/dl|g/l|[µu]g/l|ng/ml|m?ui/l|u/l|mmol/mol|g/dl|pg/ml|mm\s?hg|bpm)\b"
    r"|\b(?:spo2|sats?|saturation)\D{0,6}\d{2}\s?%"
    r"|\b(?:tension|bp|blood pressure|ta)\b\D{0,14}\d{1,3}\s?/\s?\d{1,3}\b"
)
_DOSE = re.compile(r"(?i)\b\d{1,5}(?:[.,]\d{1,3})?\s?(?:mg|µg|mcg|ui|iu)\b")
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
    if one.about in {Subject.THING, Subject.PLACE} and HEALTH not in about.about:
        return None
    text = one.text
    found = _UNIT.search(text) if "/" in text or "bpm" in text or "%" in text or "mm" in text else None
    if found is None:
        found = _DOSE.search(text)
        if found is None or not _TAKEN.search(text, max(0, found.start() - 60), found.end() + 60):
            return None
    medical = HEALTH in about.about or one.of_person or not one.meanings.isdisjoint(_SAYS)
    if not medical:
        return None
    start = 0
    for stop in _LINE.finditer(text, max(0, found.start() - 120), found.start()):
        start = stop.end()
    start = max(start, found.start() - 120)
    after = _LINE.search(text, found.end(), found.end() + 120)
    return start, after.start() if after else min(len(text), found.end() + 120)


_SAYS = frozenset({HEALTH, "cue.medical", "cue.person", "cue.lab"})
