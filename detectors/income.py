"""What a person earns."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.identified import beside_person
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject

_SALARY = "user.financial.salary"
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
_NUMBER = re.compile(
    r"^[$€£]?\s?\d[\d  .,']{0,14}\s?(?:k|K|€|\$|£|euros?|EUR|USD|GBP|CHF)?(?:\s?/?\s?(?:an|year|month|"
    r"mois|yr|brut|net|annuel|h|hour))?$"
)


class Income:
    """Advertised pay is nobody's."""

    name = "income"
    title = "Income of a person"
    MATCHES = (
        Match({"salary": 58000}, _SALARY),
        Match({"revenu_annuel": "30000"}, _SALARY),
        Match({"text": "as a nurse at Riverside General I earn $71k, fine?"}, _SALARY, text="$71k"),
        Match({"text": "je gagne 2 300 euros par mois"}, _SALARY, text="2 300 euros"),
    )
    MISSES = (
        Miss({"results": [{"title": "Nurse", "company": "City Care", "salary": "45000"}]}, "a job offer", results=True),
        Miss({"amount": 1655}, "an amount"),
        Miss({"price_total": "301.47"}, "a price"),
        Miss({"balance": 4165}, "a balance"),
        Miss({"text": "loyer 900 €"}, "a rent"),
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
            elif one.prose:
                for found in _EARNS.finditer(one.text):
                    said = found.group(1)
                    if _worth_a_wage(said):
                        end = found.start(1) + len(said.rstrip())
                        yield part(one, found.start(1), end, _SALARY, 0.8, self.name, "words before it")

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
            return beside_person(one)
        return True


def _worth_a_wage(text: str) -> bool:
    """Whether an amount has a currency, a `k`, or four figures."""
    digits = sum(char.isdigit() for char in text)
    return (
        digits >= 4
        or any(sign in text for sign in "$€£")
        or text.rstrip().lower().endswith(("k", "euros", "euro", "dollars", "pounds", "eur", "usd", "gbp", "chf"))
    )


DETECTOR = Income()
