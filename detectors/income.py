"""What a person earns, where a person works, and as what."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.names import UPPER
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject
from douane.detectors.words import word_set

_SALARY = "user.financial.salary"
_WORK = "user.workplace"
_MONEY = (
    r"(?:[$€£] ?\d[\d,.  ]{0,12}\d?\s?[kK]?|\d[\d,.  ]{0,12}\d?\s?[kK]?\s?(?:€|\$|£|euros?|dollars?|"
    r"pounds?|EUR|USD|GBP|CHF|k)?)"
)
_EARNS = re.compile(
    rf"(?i)\b(?:(?:i|we|she|he) (?:earn|make|made|earned|makes|earns)|earning|salary(?: is| of|:)?|"
    rf"income(?: is| of|:)?|paid|wages?(?: of|:)?|at(?= [$€£]\d{{2,3}}[kK])|je gagne|je touche|on gagne|"
    rf"nous gagnons|gagne|salaire(?: est| de|:)?|revenus?(?: est| de| sont|:)?|pay[ée] )\s?(?:about |"
    rf"around |environ |d'environ |de |of |at )?({_MONEY})(?=[\s,.;!?)/]|$)"
)
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
_NUMBER = re.compile(
    r"^[$€£]?\s?\d[\d  .,']{0,14}\s?(?:k|K|€|\$|£|euros?|EUR|USD|GBP|CHF)?(?:\s?/?\s?(?:an|year|month|"
    r"mois|yr|brut|net|annuel|h|hour))?$"
)


class Income:
    """A company counts beside somebody's name or e-mail address; alone it is a company. Advertised pay is nobody's."""

    name = "income-and-work"
    title = "Salary, employer and job of a person"
    MATCHES = (
        Match({"salary": 58000}, _SALARY),
        Match({"revenu_annuel": "30000"}, _SALARY),
        Match({"text": "as a nurse at Riverside General I earn $71k, fine?"}, _SALARY, text="$71k"),
        Match({"text": "je gagne 2 300 euros par mois"}, _SALARY, text="2 300 euros"),
        Match({"name": "Isabelle Ruiz", "email": "a@example.net", "company": "Lucas et Fils"}, _WORK, at="company"),
        Match({"name": "Gail Ross", "job_title": "Chartered accountant"}, _WORK, at="job_title"),
        Match({"text": "as a nurse at Riverside General I earn little"}, _WORK, text="Riverside General"),
        Match({"note": "je travaille chez Lucas Optique"}, _WORK, text="Lucas Optique"),
    )
    MISSES = (
        Miss({"company": "Taylor Guitars", "stage": "open"}, "a company in a deal"),
        Miss({"results": [{"title": "Nurse", "company": "City Care", "salary": "45000"}]}, "a job offer", results=True),
        Miss({"job_id": "job-1234"}, "a task"),
        Miss({"amount": 1655}, "an amount"),
        Miss({"price_total": "301.47"}, "a price"),
        Miss({"balance": 4165}, "a balance"),
        Miss({"text": "loyer 900 €"}, "a rent"),
        Miss({"job": {"status": "running"}}, "a task"),
        Miss({"position": "12"}, "a rank"),
        Miss({"salary": "n/a"}, "not said"),
        Miss({"text": "budget 120 euros"}, "a budget"),
        Miss({"text": "we make 12 cakes"}, "cakes"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene:
            if one.field.is_key or one.empty or isinstance(one.field.value, bool):
                continue
            if _SALARY in one.hints and self._is_pay(one, scene):
                yield whole(one, _SALARY, 0.9, self.name, "key")
            elif _WORK in one.hints and one.is_text and self._is_work(one):
                yield whole(one, _WORK, 0.85, self.name, "key beside a person's data")
            elif one.prose:
                for found in _EARNS.finditer(one.text):
                    said = found.group(1)
                    if _worth_a_wage(said):
                        end = found.start(1) + len(said.rstrip())
                        yield part(one, found.start(1), end, _SALARY, 0.8, self.name, "words before it")
                for found in _WORKS.finditer(one.text):
                    yield part(one, found.start(1), found.end(1), _WORK, 0.75, self.name, "words before it")

    @staticmethod
    def _is_pay(one: Seen, scene: Scene) -> bool:
        if (one.is_text and not _NUMBER.match(one.text.strip())) or {
            "currency",
            "period",
            "type",
            "id",
            "min",
            "max",
        } & set(one.words):
            return False
        if one.about in {Subject.PLACE, Subject.THING}:
            return False
        if one.about is Subject.UNKNOWN and not scene.to_app and not one.field.reached:
            return _beside_person(one)
        return True

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
        if _beside_person(one):
            return True
        return one.of_person and not words & _COMPANY_KEYS


def _beside_person(one: Seen) -> bool:
    """Whether a sibling says who: a name, an e-mail address, a birth date."""
    for other in one.siblings:
        if other is one or other.empty:
            continue
        if other.tells_person or (
            {"name", "nom", "fullname"} & set(other.words) and other.about in {Subject.PERSON, Subject.UNKNOWN}
        ):
            return True
    return False


def _worth_a_wage(text: str) -> bool:
    """Whether an amount has a currency, a `k`, or four figures."""
    digits = sum(char.isdigit() for char in text)
    return (
        digits >= 4
        or any(sign in text for sign in "$€£")
        or text.rstrip().lower().endswith(("k", "euros", "euro", "dollars", "pounds", "eur", "usd", "gbp", "chf"))
    )


DETECTOR = Income()
