"""Where a person works, and as what."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.identified import beside_person
from douane.detectors.names import UPPER
from douane.detectors.scene import Scene, Seen
from douane.detectors.words import word_set

_WORK = "user.workplace"
_WORKS = re.compile(
    rf"\b(?i:i work (?:at|for)|i'm (?:working|employed) (?:at|by)|works (?:at|for)|employed by|"
    rf"employee (?:of|at)|je travaille (?:chez|à|pour|au)|je bosse (?:chez|à|pour|au)|salari[ée]e? (?:chez|"
    rf"de|à)|employ[ée]e? (?:chez|de|par|à)|travaille (?:chez|pour)|(?:as|i am|i'm|comme|en tant que|"
    rf"je suis) (?:an? |une? )?(?:[^\W\d_]{{3,24}} ){{1,3}}(?:at|chez|for|pour|à|au))\s(?:(?i:the|la|le|"
    rf"l['’]) ?)?({UPPER}[\w&.'’-]{{1,30}}(?: {UPPER}[\w&.'’-]{{1,30}}){{0,4}})"
)
_COMPANY_KEYS = word_set(
    """
    company organization organisation entreprise societe department employer employeur
    """
)


class Workplace:
    """A company counts beside somebody's name or e-mail address; alone it is a company."""

    name = "workplace"
    title = "Employer and job of a person"
    MATCHES = (
        Match({"name": "Isabelle Ruiz", "email": "a@example.net", "company": "Lucas et Fils"}, _WORK, at="company"),
        Match({"name": "Gail Ross", "job_title": "Chartered accountant"}, _WORK, at="job_title"),
        Match({"text": "as a nurse at Riverside General I earn little"}, _WORK, text="Riverside General"),
        Match({"note": "je travaille chez Lucas Optique"}, _WORK, text="Lucas Optique"),
    )
    MISSES = (
        Miss({"company": "Taylor Guitars", "stage": "open"}, "a company in a deal"),
        Miss({"results": [{"title": "Nurse", "company": "City Care", "salary": "45000"}]}, "a job offer", results=True),
        Miss({"job_id": "job-1234"}, "a task"),
        Miss({"job": {"status": "running"}}, "a task"),
        Miss({"position": "12"}, "a rank"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.texts:
            if one.field.is_key or one.empty:
                continue
            if _WORK in one.hints and self._is_work(one):
                yield whole(one, _WORK, 0.85, self.name, "key beside a person's data")
            elif one.prose:
                for found in _WORKS.finditer(one.text):
                    yield part(one, found.start(1), found.end(1), _WORK, 0.75, self.name, "words before it")

    @staticmethod
    def _is_work(one: Seen) -> bool:
        text = one.text.strip()
        if not 2 <= len(text) <= 80 or not any(char.isalpha() for char in text) or "@" in text or "_" in text:
            return False
        words = set(one.words)
        if words & {
            "id",
            "size",
            "status",
            "type",
            "phone",
            "email",
            "address",
            "url",
            "website",
            "domain",
            "count",
            "number",
            "siret",
            "siren",
        }:
            return False
        if beside_person(one):
            return True
        return one.of_person and not words & _COMPANY_KEYS


DETECTOR = Workplace()
