"""Health (GDPR Art. 4(15), 9): conditions, drugs, disability, pregnancy, allergies, measurements of a body."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import hints, special
from douane.detectors.base import Match, Miss
from douane.detectors.findings import whole
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject
from douane.detectors.words import word_set

_HEALTH = "user.health_and_medical"
_MEASURE = word_set(
    """
    heart rate heartrate bpm pulse frequence cardiaque glucose glycemie systolic diastolic hba1c spo2 saturation
    cholesterol pressure tension temperature viral
    """
)
_NONE_SAID = re.compile(
    r"(?i)^(?:no|none|nothing|aucune?|non|rien|pas de|sans|n/a|normal|ok|r\.?a\.?s\.?|standard|regular|"
    r"all|any)\b[^,;]{0,24}$"
)
_CODE = re.compile(r"^[A-Za-z]{0,5}[-_ ]?\d[\w -]{3,}$")


_NAMES = frozenset(
    {
        ("name",),
        ("nom",),
        ("label",),
        ("libelle",),
        ("substance",),
        ("value",),
        ("code", "label"),
        ("description",),
        ("title",),
    }
)


class Health:
    """A clinic's specialty, an article's title and a weight are no health data; `pregnant: false` is left alone."""

    name = "health"
    title = "Health, disability, pregnancy, medication"
    MATCHES = (
        Match({"requests": "wheelchair-accessible room"}, _HEALTH),
        Match({"patient": {"pregnant": True}}, _HEALTH),
        Match({"heart_rate": 104}, _HEALTH),
        Match({"reason": "séropositif, bilan annuel"}, _HEALTH, text="séropositif"),
        Match(
            {"user_request": "ma femme a un cancer du sein, quelles aides ?"},
            _HEALTH,
            text="ma femme a un cancer du sein",
        ),
        Match({"q": "exercises for my arthritis"}, _HEALTH),
        Match({"diagnosis": "lupus"}, _HEALTH),
        Match({"allergies": "arachides"}, _HEALTH),
        Match({"driver_note": "I am blind, please call"}, _HEALTH, text="I am blind"),
        Match({"instructions": "je suis cœliaque"}, _HEALTH),
    )
    MISSES = (
        Miss({"q": "The Diabetes Code book"}, "a book"),
        Miss({"article": "Cancer screening explained"}, "an article"),
        Miss({"patient": {"pregnant": False}}, "no"),
        Miss({"specialty": "cardiologist"}, "a clinic's specialty"),
        Miss({"reason": "annual check-up"}, "says nothing of health"),
        Miss({"requests": "high floor, away from the bar"}, "a wish"),
        Miss({"allergies": "none"}, "none"),
        Miss({"weight_kg": 71}, "a weight"),
        Miss({"text": "I read a chapter on the history of aspirin."}, "history"),
        Miss({"status": "blind"}, "one word under a status"),
        Miss({"results": [{"name": "City Hospital", "rating": 4}]}, "a hospital", results=True),
        Miss({"cluster": {"health": "green"}}, "a machine's", category=_HEALTH + ".machine"),
        Miss({"product_name": "Migraine: a novel"}, "a product"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.telling:
            found = self._keyed(one) or self._named(one)
            if found is not None:
                yield found
            elif one.is_text and len(one.text) >= 3:
                yield from special.said(one, _HEALTH, self.name)

    def _named(self, one: Seen) -> Finding | None:
        """The name of an entry in a list of drugs, allergies or conditions."""
        keys = one.field.keys
        if len(keys) < 2 or not one.is_text or one.empty or one.words not in _NAMES or len(one.text) > 80:
            return None
        if _HEALTH in hints.of_key(keys[-2]) and one.about not in {Subject.THING, Subject.PLACE}:
            return whole(one, _HEALTH, 0.8, self.name, "key of the list")
        return None

    def _keyed(self, one: Seen) -> Finding | None:
        if not special.keyed(one, _HEALTH) or "id" in one.words or "number" in one.words:
            return None
        value = one.field.value
        if one.about in {Subject.THING, Subject.PLACE}:
            return None
        if value is True:
            return whole(one, _HEALTH, 0.9, self.name, "key")
        if isinstance(value, bool):
            return None
        numeric = not isinstance(value, str) or one.text.strip().replace(".", "", 1).replace("/", "", 1).isdigit()
        if numeric:
            return whole(one, _HEALTH, 0.9, self.name, "key") if _MEASURE.intersection(one.words) else None
        text = one.text.strip()
        if _NONE_SAID.match(text) or (_CODE.match(text) and not one.prose) or text.startswith(("http", "/")):
            return None
        if not any(char.isalpha() for char in text):
            return None
        return whole(one, _HEALTH, 0.8, self.name, "key")


DETECTOR = Health()
