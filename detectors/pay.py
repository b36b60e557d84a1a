"""Sums of money as people write them, and the words that make one a person's income."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from douane.detectors.words import Token, fold, tokens, word_set

_CODES = (
    "EUR|USD|GBP|CHF|CAD|AUD|NZD|MAD|DZD|TND|XOF|XAF|INR|LKR|PKR|NGN|KES|ZAR|GHS|BRL|MXN|JPY|CNY|HKD|SGD|AED|SAR|PLN|CZK|"
    "SEK|NOK|DKK|HUF|RON|TRY|ILS"
)
_FIGURES = r"\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3}){1,3}(?:[.,]\d{1,2})?|\d{1,8}(?:[.,]\d{1,2})?"
_BEFORE = rf"(?:[A-Z]{{0,2}}[$€£¥₹₦]|Rs\.?|(?:{_CODES})\b)"
_UNITS = "euros?|dollars?|pounds?|quid|balles|francs?|dirhams?|dinars?|roupies?|rupees"
_AFTER = rf"(?:€|\$|£|₹|(?:(?i:{_UNITS}|{_CODES}))\b)"
SUM = re.compile(
    rf"(?<![\w.,/-])(?:(?P<before>{_BEFORE})[ \u00a0]?)?(?P<figures>{_FIGURES})(?P<kilo>[ \u00a0]?[kK](?![\w²]))?"
    rf"(?P<after>[ \u00a0\u202f]?{_AFTER})?(?![\w%]|[.,/]\d)"
)
"""A sum; the groups say whether a currency or a `k` stands by it."""
RATE = re.compile(
    r"(?i)^[ \u00a0]?(?:(?P<clear>nets?\b|bruts?\b|gross\b|before tax|after tax|take[- ]home|"
    r"(?:/|per |an |a |de l['’]|par ) ?(?:hour|hr|heure|h)\b|p\.?a\.?(?!\w)|per annum|salary\b|salaire\b|wage|ote\b|"
    r"imposables?\b|de salaire|basic\b|base salary)"
    r"|(?P<time>(?:/|per |a |an |each |every |par |chaque |l['’])? ?(?:month|mois|year|yr|week|semaine|day|jour|an|"
    r"ann[ée]e|mo|annually|yearly|monthly|weekly|mensuels?|annuels?|fortnight)\b))"
)
"""What behind a sum says that it is paid again and again; `clear` where only pay is."""
_RANGE = re.compile(r"(?i)^ ?(?:-|–|—|to|à|et|and|/) ?[$€£]? ?\d")
_MOVED = re.compile(r"(?i)\b(?:from|de|gone|went|dropped|rose|raised|cut|pass[ée]e?|baiss|augment|tomb)")
_SECOND = re.compile(r"(?i)^ ?(?:to|à|a) (?=[$€£]?\d)")
_END = re.compile(r"[!?;|]|\.\s|\n\s*\n|\.$")
_REACH = 48

_ADVERT = word_set(
    """
    offre offres job jobs vacancy vacancies hiring recrute recrutons recrutement poste postes average moyen moyenne
    threshold seuil plafond bracket tranche coefficient up typical typically starting salaries grid grille barometre
    median
    """
)
_CORE = word_set(
    """
    salary salaire income revenu revenus earn earns earned earning gagne gagnons gagnent rfr agi wage wages pension
    tjm ctc percois percoit percevons salaires brut net remuneration pay paie w2
    """
)
"""Words that make even a bare number of four figures an income."""


_FIRMS = word_set(
    """
    entreprise societe company business firm startup shop restaurant groupe group association club commune ville city
    country pays boutique deposits deposit yoga
    """
)
"""Whose income is no person's, where one stands between the word and the sum."""


class _Cue(NamedTuple):
    words: tuple[str, ...]
    strong: bool


@cache
def _index() -> dict[str, tuple[_Cue, ...]]:
    """The words before an income by their first word, longest first."""
    data = tomllib.loads((files("douane.detectors") / "data" / "income.toml").read_text(encoding="utf-8"))
    found: dict[str, set[_Cue]] = {}
    for text, strong in ((data["loose"], False), (data["strong"], True)):
        for phrase in text.replace("\n", " ").split(","):
            words = tuple(token.word for token in tokens(fold(phrase)))
            if words:
                found.setdefault(words[0], set()).add(_Cue(words, strong))
    return {
        first: tuple(sorted(cues, key=lambda cue: (-len(cue.words), not cue.strong))) for first, cues in found.items()
    }


@cache
def _first_words() -> frozenset[str]:
    return frozenset(_index())


def says_pay(vocabulary: frozenset[str]) -> bool:
    """Whether `incomes` may find something in a text of these words."""
    return not _first_words().isdisjoint(vocabulary)


def incomes(text: str, words: Sequence[Token]) -> Iterable[tuple[int, int, float]]:
    """Where a text names somebody's income, and how surely."""
    index = _index()
    taken = -1
    count = len(words)
    for at in [at for at, token in enumerate(words) if token[0] in index]:
        for cue in index[words[at].word]:
            size = len(cue.words)
            if at + size > count or any(words[at + more].word != cue.words[more] for more in range(1, size)):
                continue
            start = words[at + size - 1].end
            for found in _after(text, start, cue):
                if found[0] >= taken and not _advertised(words, at):
                    taken = found[1]
                    yield found
            break


def _advertised(words: Sequence[Token], at: int) -> bool:
    """Whether the words around speak of pay that is offered or usual, not somebody's."""
    near = [token.word for token in words[max(0, at - 6) : at + 3]]
    if _MINE.intersection(token.word for token in words[max(0, at - 3) : at + 2]):
        return False
    return not _ADVERT.isdisjoint(near)


_SELF = word_set("my mon ma mes je i his her j")
_MINE = word_set("my mon ma mes je i our notre nos his her his son sa j we nous")


def speaks_of_self(words: Sequence[Token]) -> bool:
    """Whether a text has a word for the speaker or for somebody known."""
    return not _SELF.isdisjoint(token.word for token in words)


def _after(text: str, start: int, cue: _Cue) -> Iterable[tuple[int, int, float]]:
    """The sum behind a word for income, and a second one it went to."""
    reach = min(len(text), start + (_REACH if cue.strong else 24))
    end = _END.search(text, start, min(len(text), reach))
    found = SUM.search(text, start, min(len(text), start + 100))
    if found is None or found.start() >= reach or (end is not None and end.start() < found.start()):
        return
    if not _is_income(text, found, cue):
        return
    if found.start() - start > 4 and not _FIRMS.isdisjoint(token.word for token in tokens(text[start : found.start()])):
        return
    yield found.start(), found.end(), 0.8
    second = _SECOND.match(text[found.end() : found.end() + 6])
    if second is not None and _MOVED.search(text, max(0, start - 4), found.start()):
        other = SUM.match(text, found.end() + second.end())
        if other is not None:
            yield other.start(), other.end(), 0.8


def _is_income(text: str, found: re.Match[str], cue: _Cue) -> bool:
    """Whether a sum behind such a word is large and clear enough to be an income."""
    digits = sum(char.isdigit() for char in found["figures"])
    money = bool(found["before"] or found["after"])
    rest = text[found.end() : found.end() + 24]
    rate = RATE.match(rest)
    moved = _MOVED.search(text, max(0, found.start() - 8), found.start()) is not None
    if _RANGE.match(rest) and not moved:
        return False
    if found["kilo"]:
        return True
    value = _value(found["figures"])
    if value < 5 or (_YEAR.match(found["figures"]) and not money and rate is None):
        return False
    if cue.strong:
        if not money and _COUNTED.match(rest):
            return False
        return (
            money
            or rate is not None
            or (digits >= 4 and (not _CORE.isdisjoint(cue.words) or cue.words[-1] in {"touche", "gross"}))
        )
    return (rate is not None and (money or digits >= 3)) or (money and value >= 15000)


_COUNTED = re.compile(
    r"(?i)\s*(?:de |d['’])?(?:personnes?|habitants?|gens|foyers?|m[ée]nages?|patients?|enfants?|[ée]l[èe]ves?|"
    r"salari[ée]s?|familles?|cas|communes?|pays|fran[çc]ais\w{0,2}|people|persons|households|inhabitants|families|users?|clients?|"
    r"customers?|villages?|villes?|logements?|homes|voix|votes?)\b"
)
"""What is touched or made and is no money: "la grippe touche 3 000 habitants"."""
_YEAR = re.compile(r"^(?:19|20)\d\d$")


def _value(figures: str) -> float:
    """The sum as a number, whatever separates its thousands."""
    compact = re.sub(r"[ '’\u00a0\u202f]", "", figures)
    whole = re.sub(r"[.,]\d{1,2}$", "", compact)
    return float(re.sub(r"[.,]", "", whole) or 0)


_RATED = word_set(
    "net nets brut bruts gross hour hr heure annum pa salary salaire wage ote imposable imposables basic h tax take"
)


_YEARLY = word_set("year yr yearly annually annuel annuels")
_SPENT = word_set(
    """
    rent rents loyer loyers tuition cost costs costing coute coutent cout price prix fee fees frais budget revenue
    turnover sales ca spend spends spending spent save saves saving savings scholarship bourse grant subvention mortgage
    credit insurance assurance charges tax taxes impot impots donation don dons donate prize interest fine amende lease
    subscription abonnement membership cotisation bill bills facture poids weight tare surface ttc ht benefice resultat
    total montant quote devis upkeep entretien membership maintenance
    """
)
_SOMEBODY = word_set(
    """
    i my me he she his her him wife husband partner client lui elle il je j mon ma sa son mari femme works work job we
    our employed employee worker salarie salariee ouvrier ouvriere infirmier infirmiere nurse teacher cdi cdd poste smic
    tourne chez conjoint conjointe compagne compagnon temps tenant locataire applicant candidate daughter son fils fille
    married single couple
    """
)
_BARE_PAY = frozenset({"net", "nets", "brut", "bruts"})


def rated(text: str, said: frozenset[str]) -> Iterable[tuple[int, int, float]]:
    """Sums that say themselves that they are pay: `2 150 € net`, `32 $/hr`, or of somebody `£27,400 a year`."""
    yearly = not _YEARLY.isdisjoint(said) or {"par", "an"} <= said
    if not yearly and _RATED.isdisjoint(said):
        return
    somebody = not _SOMEBODY.isdisjoint(said)
    for found in SUM.finditer(text):
        rate = RATE.match(text[found.end() : found.end() + 24])
        if rate is None or _RANGE.match(text[found.end() : found.end() + 6]):
            continue
        value = _value(found["figures"]) * (1000 if found["kilo"] else 1)
        money = bool(found["before"] or found["after"] or found["kilo"])
        if rate["clear"] is not None and money:
            if value >= 5:
                yield found.start(), found.end(), 0.7
        elif somebody and (
            (yearly and money and rate["time"] is not None and 9_000 <= value <= 400_000)
            or (rate["clear"] is not None and fold(rate["clear"]) in _BARE_PAY and 600 <= value <= 15_000)
        ):
            near = {token.word for token in tokens(text[max(0, found.start() - 70) : found.end() + 30])}
            if near.isdisjoint(_SPENT) and near.isdisjoint(_FIRMS) and not near.isdisjoint(_SOMEBODY):
                yield found.start(), found.end(), 0.62
