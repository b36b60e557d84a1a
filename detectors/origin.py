"""Racial or ethnic origin (GDPR Art. 9), offences (Art. 10), and biometric data (Art. 4(14), 9)."""

from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import special
from douane.detectors.base import Match, Miss
from douane.detectors.findings import whole
from douane.detectors.scene import Scene

_ORIGIN = "user.demographic.race_ethnicity"
_OFFENCE = "user.criminal_history"
_BIOMETRIC = "user.biometric"


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
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for category in (_ORIGIN, _OFFENCE):
            yield from special.find(scene, category, self.name)
        for one in scene.telling:
            if not one.is_text or "device" in one.words or "browser" in one.words:
                continue
            if special.keyed(one, _BIOMETRIC) and len(one.text) >= 8 and one.words != ("fingerprint",):
                yield whole(one, _BIOMETRIC, 0.85, self.name, "key")
            elif len(one.text) >= 8:
                yield from special.said(one, _BIOMETRIC, self.name)


DETECTOR = Origin()
