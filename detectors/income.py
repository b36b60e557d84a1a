"""What a person earns: pay, pensions, benefits, by key and in text."""

import re
from collections.abc import Iterable
from functools import lru_cache

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.gates import by_words
from douane.detectors.hints import of_words
from douane.detectors.identified import beside_person
from douane.detectors.pay import SUM, incomes, rated, says_pay, speaks_of_self
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import NOBODY, PERSON, Subject
from douane.detectors.words import fold, key_words, word_set

_SALARY = "user.financial.salary"
_NOT = word_set(
    """
    currency devise periode type id min max minimum maximum range from to frequency frequence count status unit unite
    label name date band grade low high floor ceiling plafond budget filter verified proof justificatif required source
    bracket tranche percent pct growth company average median moyen moyenne mean typical usual advertised offered offre
    entreprise societe business firm
    """
)
_SHORT = 16
_MAYBE = word_set(
    """
    hourly horaire
    brut net gross mensuel mensuels rate taux pay monthly yearly annual annuel traitement indemnite wage ote
    paie
    """
)
"""Words that are a person's income only in a person's or a payroll's record."""
_PAYROLL = word_set(
    """
    payroll paie salaire salary payslip bulletin payee contractor contractors hr rh salarie employee employe
    nir ssn worker timesheet shift
    """
)
_YEARS = word_set("year annee period last exercice")
_HOURLY = word_set("hourly horaire rate taux tjm day")
_TAX_BOX = re.compile(r"(?i)^(?:case|box|ligne|line|field)?[_ -]?(?:1|2)?1[A-D][A-DJKOPS]$")
_FORMS = word_set("w2 w p60 p45 payslip p11d bulletin 1099 t4")
_FORM_BOXES = word_set("box 1 wages gross pay total")
_OF_INCOME = word_set(
    """
    foyer self partner conjoint declarant amount montant value valeur monthly yearly annual mensuel annuel net
    brut gross total 1 2 base fixed variable me spouse other autres current actuel
    """
)
_PRICED = word_set("tarif tarifs price prix cost cout fee fees honoraires budget rent loyer charge quote devis")
_AMOUNTS = word_set("amount montant credit value valeur somme sum gross net amt m mt mnt eur usd gbp chf cad val")
_LABELS = word_set(
    """
    description label libelle memo type category categorie intitule payee merchant reference narrative text
    motif nature lib desc lbl txt info detail details wording particulars from
    """
)
_PAID_IN = re.compile(
    r"(?i)\b(?:salar(?:y|ies)|salaires?|wages|payroll|paie|paye|pension|retraite|universal credit|dwp|caf|rsa|"
    r"p[oô]le emploi|france travail|cpam|carsat|agirc|stipend|child benefit|allocations?)\b"
)
_ADVERT = re.compile(
    r"(?i)\b(?:apply (?:now|today|by|at)|hiring|"
    r"vacanc(?:y|ies)|we offer|job description|recrut\w{1,8}|offre d['’]emploi|"
    r"poste (?:à pourvoir|bas[ée])|postulez|candidatez|cdi\b|cdd\b|h/f\b|f/h\b)"
)
_VALUE = re.compile(
    r"^(?:gross|net|brut|environ|about|approx\.?|circa|~)?\s?(?P<sum>\S.{0,22}?)"
    r"\s?(?:(?:/|per|an?|par|de l['’]|by the)?\s?"
    r"(?:hour|hr|h|heure|day|jour|week|month|mois|year|yr|annum|an|p\.?a\.?|mo)\.?)?"
    r"\s?(?:bruts?|nets?|gross|annuels?|mensuels?|before tax|after tax)?"
    r"\s?(?:(?:/|per|par|an?) ?(?:month|mois|year|an))?$"
)


class Income:
    """Advertised, usual and asked-for ranges of pay are nobody's; sums in a person's record or speech are."""

    name = "income"
    title = "Income of a person"
    MATCHES = (
        Match({"salary": 58000}, _SALARY),
        Match({"revenu_annuel": "30000"}, _SALARY),
        Match({"netAPayer": 2411.06, "nir": "281053339599526"}, _SALARY, at="netAPayer"),
        Match({"brut": 3110.0, "netAPayer": 2411.06}, _SALARY, at="brut", results=True),
        Match({"revenus": {"foyer": 42000}}, _SALARY, at="revenus/foyer"),
        Match({"text": "on touche 3400 à deux"}, _SALARY, text="3400"),
        Match({"text": "my gross is 4200 a month"}, _SALARY, text="4200"),
        Match({"monthlyIncome": "LKR 310,000"}, _SALARY),
        Match({"dayRate": "£450/day"}, _SALARY),
        Match({"tjm": 520}, _SALARY),
        Match({"case1AJ": 31240}, _SALARY),
        Match({"w2": {"box1": 51288.4, "box2": 4102.11}}, _SALARY, at="w2/box1"),
        Match({"qui": "Cheick Sangaré", "mensuel": 2380, "tel": "06 39 98 11 04"}, _SALARY, at="mensuel"),
        Match({"tx": {"amount": 2214.08, "label": "VIR SALAIRE SEPTEMBRE"}}, _SALARY, at="tx/amount"),
        Match({"text": "as a nurse at Riverside General I earn $71k, fine?"}, _SALARY, text="$71k"),
        Match({"text": "je gagne 2 300 euros par mois"}, _SALARY, text="2 300 euros"),
        Match({"text": "je touche 1 450 € net d'allocations"}, _SALARY, text="1 450 €"),
        Match({"text": "couple, 4 150 euros nets par mois à deux"}, _SALARY, text="4 150 euros"),
        Match({"text": "my wife is on 41k a year"}, _SALARY, text="41k"),
        Match({"text": "my pension is £812 a month"}, _SALARY, text="£812"),
        Match({"text": "I get paid $32/hr at the yard"}, _SALARY, text="$32"),
        Match({"text": "ma retraite est de 1.240,50 € par mois"}, _SALARY, text="1.240,50 €"),
        Match({"text": "my take-home pay has gone from £1,610 to £990 a month"}, _SALARY, text="£990"),
        Match({"rows": [{"Salarié": "Jade Colas", "Brut": "2 690"}]}, _SALARY, at="rows/Brut", results=True),
        Match({"c": [{"qui": "Y. Kaci", "poste": "cuisinier", "souhait": 34500}]}, _SALARY, at="c/souhait"),
        Match({"ops": [{"lib": "VIR SALAIRE CHU", "m": 2044.18}]}, _SALARY, at="ops/m", results=True),
        Match({"text": "He is a driver there. £27,400 a year."}, _SALARY, text="£27,400"),
        Match({"text": "elle est à 2 300 nets depuis mai"}, _SALARY, text="2 300"),
        Match({"text": "Expected pay: $96,000"}, _SALARY, text="$96,000"),
        Match({"current": {"title": "Cook", "org": "Lot 7", "pay": 31400}}, _SALARY, at="current/pay", results=True),
        Match(
            {"items": [{"desc": "SALARY 1,904.11 ESK COUNCIL", "amt": 1904.11}]},
            _SALARY,
            text="1,904.11",
            at="items/desc",
            results=True,
        ),
        Match({"r4": "entre 1 800 et 2 300 € par mois"}, _SALARY),
        Match({"q9": "£40,000–£49,999 a year"}, _SALARY),
        Match({"household_income": "50-75k"}, _SALARY),
        Match({"expected_salary": "£45k-£50k"}, _SALARY),
        Match({"pay": {"annual": 41200}}, _SALARY, at="pay/annual"),
        Match({"tranche_revenus": "de 20 000 à 30 000 €"}, _SALARY),
        Match({"text": "Nadia demande 36 000 € bruts"}, _SALARY, text="36 000 €"),
    )
    MISSES = (
        Miss({"texte": "Ce séisme touche 12 000 personnes."}, "people, no sum", results=True),
        Miss({"results": [{"title": "Nurse", "company": "City Care", "salary": "45000"}]}, "a job offer", results=True),
        Miss({"text": "We are hiring a cook, salary £28,000, apply now"}, "a job offer", results=True),
        Miss({"q": "remote jobs paying salary over 50k"}, "a search for jobs"),
        Miss({"salary_min": 40000}, "a filter"),
        Miss({"salaryRange": "40000"}, "a filter"),
        Miss({"text": "salaire moyen d'un infirmier : 2 300 €"}, "usual pay"),
        Miss({"text": "nurse salary £30,000-£35,000"}, "a range"),
        Miss({"amount": 1655}, "an amount"),
        Miss({"rate": 4.5}, "a rate"),
        Miss({"tarif": "12 €/h"}, "a price"),
        Miss({"text": "bonus 25% on deposits over 200 €"}, "an offer"),
        Miss({"text": "retraite de yoga 450 euros"}, "a stay"),
        Miss({"text": "revenus de l'entreprise : 2 300 000 €"}, "a company's"),
        Miss({"net": 12.5, "weight": "g"}, "a weight"),
        Miss({"bonus": "0,76"}, "a coefficient"),
        Miss({"text": "Bonus : 0,76, franchise 380 €"}, "a coefficient"),
        Miss({"price_total": "301.47"}, "a price"),
        Miss({"balance": 4165}, "a balance"),
        Miss({"budget": "entre 1 800 et 2 300 € par mois"}, "a budget"),
        Miss({"r4": "entre 2 et 5 ans"}, "years"),
        Miss({"q": "between £300,000 and £400,000 a year"}, "a search"),
        Miss({"previous": {"net": 18200, "gross": 20110}, "company": "ACME"}, "a company's", results=True),
        Miss({"r4": "200 à 300 €"}, "an amount"),
        Miss({"salary_range": "40-50k"}, "a filter"),
        Miss({"text": "loyer 900 €"}, "a rent"),
        Miss({"text": "Total: £118.40, paid by Direct Debit"}, "a bill"),
        Miss({"text": "I paid 1200 euros for the sofa"}, "a purchase"),
        Miss({"text": "the course is on 12 May and costs 40 a month"}, "a price"),
        Miss({"salary": "n/a"}, "not said"),
        Miss({"text": "budget 120 euros"}, "a budget"),
        Miss({"text": "my rent is £14,400 a year"}, "a rent"),
        Miss({"text": "we spend $30,000 a year on care"}, "a cost"),
        Miss({"text": "il vend un lot, poids 1 740 net"}, "a weight"),
        Miss({"house": {"title": "Villa", "asking": 345000, "owner": "Ana Ruiz", "rent": 12}}, "a house's price"),
        Miss({"text": "we make 12 cakes"}, "cakes"),
        Miss({"text": "prime time on channel 1200"}, "a channel"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.with_digits:
            if one.field.is_key or one.empty or isinstance(one.field.value, bool):
                continue
            if _SALARY in one.hints:
                if _is_pay(one, scene):
                    yield whole(one, _SALARY, 0.9, self.name, "key")
                    continue
            elif (not one.prose or len(one.text) <= _SHORT) and self._by_record(one):
                yield whole(one, _SALARY, 0.75, self.name, "key in a record of pay")
                continue
            if one.is_text and scene.to_app and len(one.text) <= 60 and _answers_pay(one):
                yield whole(one, _SALARY, 0.75, self.name, "a range of pay")
                continue
            if one.prose:
                yield from self._said(one, scene)

    def _said(self, one: Seen, scene: Scene) -> Iterable[Finding]:
        if one.about in NOBODY and not scene.to_app and not _is_payment(one):
            return
        found = [*(incomes(one.text, one.tokens) if says_pay(one.vocabulary) else ()), *rated(one.text, one.vocabulary)]
        if (
            not found
            or not _PRICED.isdisjoint(one.words)
            or ((one.searching or _ADVERT.search(one.text)) and not speaks_of_self(one.tokens))
        ):
            return
        for start, end, score in found:
            yield part(one, start, end, _SALARY, score, self.name, "words around it")

    @staticmethod
    def _by_record(one: Seen) -> bool:
        """Whether a plain key holds pay because of the record in which it stands."""
        if not (_may_hold(one.words) or _is_tax_box(one.field.key)):
            return False
        value = _sum(one.text.strip())
        if value is None:
            return False
        if _is_tax_box(one.field.key):
            return value >= 100
        words = set(one.words)
        above = key_words(one.field.keys[-2]) if len(one.field.keys) > 1 else ()
        if _SALARY in of_words(above) and not words & _NOT and not words & _SOLD and words & _OF_INCOME:
            return value >= 100
        if words <= _FORM_BOXES and "box" in words and _FORMS.intersection(above) and "1" in words:
            return value >= 100
        if one.to_app and words and words <= _PAID_BY and _PAYS.intersection(above):
            return value >= 100 or (value >= 5 and bool(words & _HOURLY))
        if words & _AMOUNTS and _paid_in(one):
            return value > 0
        if words & _EARNED and words <= _OF_EARNED and _NOW.intersection(above) and value >= 100:
            worked = any(not _WORKED.isdisjoint(other.words) for other in one.siblings)
            return worked and not any(_SOLD.intersection(other.words) for other in one.siblings)
        if words & _ASKED and words <= _OF_ASKED and 1_000 <= value <= 500_000:
            return _beside_job(one)
        if not words & _MAYBE or words & _NOT or value < 5:
            return False
        if any(
            _SALARY in other.hints or _PAYROLL.intersection(other.words) for other in one.siblings if other is not one
        ):
            return value >= 100 or bool(words & _HOURLY)
        if value < 100 or (one.about is not Subject.PERSON and not beside_person(one) and not _beside_who(one)):
            return False
        return not any(_SOLD.intersection(other.words) for other in one.siblings)


_SOLD = word_set(
    "price prix product produit loan pret invoice facture interest weight poids qty quantity vat tva plan subscription "
    "rent loyer"
)


_ASKED = word_set("asking asks asked souhait souhaite desired expected pretention expectation expectations target")
_OF_ASKED = _ASKED | word_set("pay comp eur usd gbp amount montant k annual annuel brut net gross")
_JOBS = word_set(
    "candidate candidat candidats applicant poste role job title position cv profil metier talent experience"
)


_EARNED = word_set("pay comp wage ote brut net gross package remun annuel annual mensuel monthly base fixe")
_OF_EARNED = _EARNED | word_set("eur usd gbp chf cad k amount montant yearly year month mois an per par total variable")
_PAYS = word_set("pay comp remuneration compensation package salary salaire paye")
_PAID_BY = word_set("annual base hourly monthly yearly gross net brut annuel mensuel horaire fixe fixed")
_WORKED = word_set("title titre role poste job position employer employeur org emploi metier fonction")
_NOW = word_set(
    "current actuel actuelle present previous precedent last latest dernier derniere employment emploi contrat_actuel"
)
"""Keys of the work that somebody has or had, whose pay is theirs."""


_may_hold = by_words(_MAYBE | _EARNED | _AMOUNTS | _ASKED | _OF_INCOME | _FORM_BOXES)
"""Whether a plain key may hold pay: one of these words stands in it."""
_is_tax_box = lru_cache(maxsize=8192)(_TAX_BOX.match)


def _is_payment(one: Seen) -> bool:
    """Whether a text is the line of a payment that calls it pay (`SALARY 2,914.06 …`)."""
    return (
        not _LABELS.isdisjoint(one.words)
        and len(one.text) <= 140
        and _PAID_IN.search(one.text) is not None
        and any(other is not one and not _SUMS.isdisjoint(other.words) for other in one.siblings)
    )


_SUMS = word_set("amount montant amt credit debit sum somme mt mnt m value valeur balance solde")
_RANGED = re.compile(
    r"(?i)^(?:(?:environ|about|around|approx\.?|soit) )?"
    r"(?:(?:entre|between|from|de|moins de|plus de|less than|more than|under|over|up to|jusqu['’]à|au moins|at least"
    r"|<|>|≥|≤|\+|-) ?)?(?:[$€£] ?)?(?P<low>\d[\d ., \u202f]{0,9})(?P<kilo> ?k)?(?: ?(?:€|\$|£|euros?|eur|gbp|usd))?"
    r"(?: ?(?:-|–|—|et|à|and|to|a) ?(?:[$€£] ?)?\d[\d ., \u202f]{0,9}(?: ?k)?)?"
    r" ?(?:€|\$|£|euros?|eur|gbp|usd|chf|cad)?(?: ?(?:or|et|ou|and) (?:more|plus|less|moins|over|under))?\+?"
    r"(?P<time>,? ?(?:nets?|bruts?|gross|before tax|after tax)?,? ?(?:(?:/|per|par|an?|each|chaque) ?)?"
    r"(?:month|mois|year|yr|annum|an|p\.?a\.?|annuels?|mensuels?|nets?|bruts?|gross)?"
    r"(?: (?:nets?|bruts?|gross|before tax|after tax))?)\.?$"
)
"""A range of money as the answer to a question: `entre 2 000 et 2 500 € par mois`, `£30,000–£39,999`, `25-30k`."""
_OF_PERSON = word_set("income incomes revenu revenus ressources foyer household rfr earnings gagne earn")
_WISHED = _ASKED | word_set("current actuel my mon pretentions expectations wish wanted")
_RANGES = word_set("bracket tranche range band level niveau fourchette group classe")
_QUESTION = re.compile(r"^(?:[rqaxvfs]|rep|reponse|answer|ans|question|choix|choice|item|field|value|champ)$")
_TIMED = re.compile(r"(?i)\b(?:month|mois|year|yr|annum|an|p\.?a|annuels?|mensuels?|nets?|bruts?|gross)\b")


def _answers_pay(one: Seen) -> bool:
    """Whether a whole value is the range in which a person says their income is."""
    if not _may_ask(one.words):
        return False
    words = set(one.words)
    told = _SALARY in one.hints and bool(words & _WISHED)
    told = told or (bool(words & _OF_PERSON) and (bool(words & _RANGES) or _SALARY in one.hints))
    asked = any(map(str.isdigit, one.words)) and all(word.isdigit() or _QUESTION.match(word) for word in one.words)
    if not (told or asked) or not words.isdisjoint(_FILTERS):
        return False
    found = _RANGED.match(one.text.strip())
    if found is None:
        return False
    low = int("0" + "".join(char for char in found["low"].partition(",")[0] if char.isdigit())[:9])
    if "," in found["low"] and len(found["low"].replace(" ", "").rpartition(",")[2]) == 3:
        low = int("".join(char for char in found["low"] if char.isdigit())[:9])
    if found["kilo"]:
        low *= 1000
    if told:
        return not 1950 <= low <= 2050 or not found.group().isdigit()
    money = any(char in one.text for char in "€$£") or "eur" in one.text.lower()
    return money and low >= 1000 and _TIMED.search(found["time"]) is not None


_FILTERS = word_set(
    "min max minimum maximum filter filtre offered offre job poste median average moyen moyenne currency entreprise "
    "societe business firm company boutique commerce association commune ville city pays country national threshold "
    "seuil plafond limit eligibility eligibilite"
)


_may_ask = by_words(_WISHED | _OF_PERSON, never=_FILTERS, numbered=True)


def _beside_job(one: Seen) -> bool:
    """Whether a sum that is asked for stands in the record of somebody who looks for work."""
    words = {word for other in one.siblings if other is not one for word in other.words}
    above = key_words(one.field.keys[-2]) if len(one.field.keys) > 1 else ()
    working = not _JOBS.isdisjoint(words) or not _JOBS.isdisjoint(above)
    return working and words.isdisjoint(_SOLD) and (beside_person(one) or _beside_who(one))


def _beside_who(one: Seen) -> bool:
    """Whether a sibling's key names somebody in a few letters (`qui`, `who`, `n`, `label`) or a person's kind."""
    for other in one.siblings:
        if other is not one and other.is_text and (_WHO.intersection(other.words) or PERSON.intersection(other.words)):
            return True
    return False


_WHO = word_set("qui who nm nom name fullname prenom payee")


def _paid_in(one: Seen) -> bool:
    """Whether the record is a payment that its label calls pay."""
    return any(
        other is not one and other.is_text and _LABELS.intersection(other.words) and _PAID_IN.search(other.text)
        for other in one.siblings
    )


def _is_pay(one: Seen, scene: Scene) -> bool:
    """Whether a value under pay's key is a person's pay."""
    if not _NOT.isdisjoint(one.words):
        return False
    value = _sum(one.text.strip())
    if value is None or (1950 <= value <= 2050 and not _YEARS.isdisjoint(one.words)):
        return False
    if value < 50 and not _HOURLY.intersection(one.words) and not {"hourly", "wage", "wages"}.intersection(one.words):
        return False
    if one.about in NOBODY:
        return beside_person(one) and not scene.to_app
    if one.about is Subject.UNKNOWN and not scene.to_app and not one.field.reached:
        return (
            beside_person(one)
            or _beside_who(one)
            or not _OFFERED.intersection(word for other in one.siblings for word in other.words)
        )
    return True


_OFFERED = word_set(
    "company entreprise employer title titre location lieu url posted apply job poste offre contract contrat remote "
    "teletravail skills"
)


def _sum(text: str) -> float | None:
    """The sum that is the whole value, None where the value is more or less than one."""
    if len(text) > 40:
        return None
    if text.replace(".", "", 1).isdigit():
        return float(text)
    found = _VALUE.match(fold(text) if not text.isascii() and "€" not in text and "£" not in text else text)
    if found is None:
        return None
    inner = found["sum"].strip()
    hit = SUM.fullmatch(inner)
    if hit is None:
        return None
    compact = re.sub(r"[^\d.,]", "", hit["figures"])
    compact = re.sub(r"[.,](\d{1,2})$", r"~\1", compact)
    value = float(re.sub(r"[.,]", "", compact).replace("~", ".") or 0)
    return value * 1000 if hit["kilo"] else value


DETECTOR = Income()
