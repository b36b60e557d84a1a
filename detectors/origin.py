"""Racial or ethnic origin (GDPR Art. 9), offences (Art. 10), and biometric data (Art. 4(14), 9)."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import special
from douane.detectors.base import Match, Miss
from douane.detectors.findings import whole
from douane.detectors.scene import Scene, Seen
from douane.detectors.setting import Setting, is_template, setting
from douane.detectors.subject import NOBODY
from douane.detectors.topics import ANIMAL
from douane.detectors.words import word_set

_ORIGIN = "user.demographic.race_ethnicity"
_OFFENCE = "user.criminal_history"
_BIOMETRIC = "user.biometric"
_PLAIN = word_set("iris retina facial empreinte face fingerprints empreintes")
"""Words of keys that name a flower or a mark as well; there only a code is a template."""
_DEVICE = word_set(
    "device browser visitor canvas ssh tls cert certificate key audio id carbone carbon ecologique hydrique ecological"
)


_CODED = re.compile(r"^(?:\[ ?)?(?:[-+]?\d{0,3}\.\d+(?:[,; ]+|\]?$)|[A-Za-z0-9+/=_-]*\d[A-Za-z0-9+/=_-]*$)")
"""Numbers of a vector, or a code."""


class Origin:
    """Words of origin count in what is said of a person, not for a kitchen, a language or a coffee."""

    name = "origin-offence-biometrics"
    title = "Ethnic origin, offences, biometric data"
    MATCHES = (
        Match({"remark_text": "d'origine maghrébine"}, _ORIGIN),
        Match({"bio": "African-American, loves hiking"}, _ORIGIN, text="African-American"),
        Match({"ethnicity": "Roma"}, _ORIGIN),
        Match({"remark_text": "convicted of fraud in 2012"}, _OFFENCE),
        Match({"question": "j'ai été condamné pour vol, que faire ?"}, _OFFENCE, text="j'ai été condamné pour vol"),
        Match({"remark_text": "fingerprint hash 4c7137cf95c2ec8eb03323f7"}, _BIOMETRIC),
        Match({"voiceprint": "aJCZuhciKnPkfJq2"}, _BIOMETRIC),
        Match({"race": "White"}, _ORIGIN),
        Match({"bio": "half Nigerian, half Irish"}, _ORIGIN, text="half Nigerian"),
        Match({"ancestry": "Cherokee"}, _ORIGIN),
        Match({"question": "j'ai été placé en garde à vue hier"}, _OFFENCE),
        Match({"declaration": "I was convicted of shoplifting in 2014"}, _OFFENCE),
        Match({"hasConvictions": True}, _OFFENCE),
        Match({"note": "on parole until June"}, _OFFENCE),
        Match({"selfieVector": "0.12,0.98,-0.44"}, _BIOMETRIC),
        Match({"irisCode": "4f3a9c2e11aa77"}, _BIOMETRIC),
        Match({"note": "sort de prison, sérieux"}, _OFFENCE, text="sort de prison"),
        Match({"selfie_vecteur": "gAAAABf0e1d2c3b4a5968778"}, _BIOMETRIC),
        Match({"agent": {"empreinteDigitale": "464D520020323000"}}, _BIOMETRIC),
        Match({"b2": "une condamnation pour vol", "permis": "x"}, _OFFENCE, at="b2"),
    )
    MISSES = (
        Miss({"q": "African American history month"}, "history"),
        Miss({"product": {"race": "5 km"}}, "a run"),
        Miss({"color": "black"}, "a colour"),
        Miss({"cuisine": "asian"}, "a kitchen"),
        Miss({"question": "combien coûte un divorce ?"}, "no offence"),
        Miss({"remark_text": "no record found"}, "no record"),
        Miss({"q": "prison break episodes"}, "a series"),
        Miss({"device_fingerprint": "6d7e805da846a32c3bb81e3c29b62179"}, "a device's"),
        Miss({"conviction": "none"}, "none"),
        Miss({"race": "marathon de Paris"}, "a run"),
        Miss({"breed": "labrador", "race": "noir", "species": "dog"}, "an animal's"),
        Miss({"origine": "Italie", "produit": "huile d'olive"}, "a product's"),
        Miss({"note": "casier 12, code à la réception"}, "a locker"),
        Miss({"salle": "B2", "casier": "B12"}, "a locker's number"),
        Miss({"note": "caution de 300 € versée"}, "a deposit"),
        Miss({"message": "mon vol est annulé, que faire ?"}, "a flight"),
        Miss({"sentence": "The quick brown fox"}, "a sentence"),
        Miss({"q": "podcast on true crime and prison"}, "a podcast"),
        Miss({"empreinte_carbone": "1,2 t CO2e"}, "a footprint"),
        Miss({"iris": "setosa"}, "a flower"),
        Miss({"news": [{"headline": "Ex-minister convicted of fraud"}]}, "news", results=True),
        Miss({"text": "Le sénateur a été condamné pour fraude."}, "news", results=True),
        Miss({"voice_model": "nova-2"}, "a synthetic voice"),
        Miss({"job": "soudeur TIG"}, "a way to weld"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        about = setting(scene)
        for one in about.candidates:
            if ANIMAL not in about.about:
                yield from special.of_field(one, _ORIGIN, self.name, about)
            yield from special.of_field(one, _OFFENCE, self.name, about)
            if not _DEVICE.isdisjoint(one.words):
                continue
            if self._template(one, about):
                yield whole(one, _BIOMETRIC, 0.85, self.name, "key")
            elif one.is_text and len(one.text) >= 8:
                yield from special.said(one, _BIOMETRIC, self.name, about)

    @staticmethod
    def _template(one: Seen, about: Setting) -> bool:
        """Whether the field holds a template of a body's feature, by its key or its description."""
        if is_template(one.field.key) and one.is_text and len(one.text) >= 12 and _CODED.match(one.text) is not None:
            return special.record(one) not in NOBODY
        if isinstance(one.field.value, float):
            if is_template(one.field.key) and special.record(one) not in NOBODY:
                return True
            return special.keyed(one, _BIOMETRIC, about)
        if not one.is_text or len(one.text) < 8 or one.words == ("fingerprint",):
            return False
        if " " in one.text.strip() and not _PLAIN.isdisjoint(one.words):
            return False
        return special.keyed(one, _BIOMETRIC, about) or special.asked(one, _BIOMETRIC, about)


DETECTOR = Origin()
