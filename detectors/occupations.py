"""Words that name jobs, from `data/occupations.txt`, and the jobs in a text."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from douane.detectors.words import Token, tokens, word_set

_WIDE = word_set(
    "head chief lead agent chef cheffe charge chargee responsable aide auxiliaire model guide guard judge director "
    """
    officer manager merchant mover miner cadre employe employee maitre commercial commerciale vp assistant
    assistante
    """
)
"""Words that are a job's only with what follows them or stands before them."""
_BEFORE = word_set(
    """
    senior junior lead chief head deputy assistant associate staff principal night day shift bus truck lorry taxi
    train
    van delivery software hardware data web frontend backend full stack product project sales marketing account
    payroll
    hr office school primary secondary nursery maths english french science care social youth support registered
    dental veterinary kitchen hotel warehouse forklift construction site civil mechanical electrical chemical legal
    tax financial graphic fashion interior ux ui it network systems security police fire prison customs flight cabin
    crew personal executive general operations regional area branch store shop retail customer service call centre
    long haul self employed freelance chartered qualified trainee apprentice part time full community hospital
    paediatric intensive mental health theatre street railway crane machine production quality research lab business
    human resources public relations chef de sous premier premiere jeune ancien ancienne futur future
    """
)
_AFTER = word_set(
    """
    of de des du d en a l la le les aux au rang partie salle projet chantier equipe service vente ventes produit
    recouvrement communication marketing mission clientele comptabilite paie rh achats entretien securite maintenance
    cuisine creche ecole maternelle bts libre liberal liberale territorial territoriale hospitalier hospitaliere
    scolaire social sociale specialise specialisee independant independante commercial commerciale technique
    logistique
    qualite informatique administratif administrative juridique immobilier immobiliere ligne bus poids lourd lourds
    vie
    puericulture pharmacie laboratoire bloc anesthesiste cariste scientifique recherche procurement operations finance
    soignant soignante femme comptable engineering data product design growth brand people staff sales support nuit
    jour svt maths francais anglais
    histoire physique eps musique sport
    """
)


EMPLOYERS = word_set(
    """
    deloitte kpmg pwc mckinsey accenture capgemini ibm oracle sap atos sopra thales airbus dassault safran renault
    peugeot stellantis michelin totalenergies engie edf enedis sncf ratp veolia suez bouygues vinci eiffage l'oréal
    loreal danone sanofi carrefour auchan leclerc intermarché lidl aldi tesco sainsburys asda morrisons waitrose
    amazon google microsoft apple meta netflix tesla walmart target costco starbucks mcdonalds mcdo ikea decathlon
    barclays hsbc lloyds natwest santander jpmorgan citibank goldman allianz axa generali unilever nestlé nestle bosch
    siemens volkswagen bmw ryanair easyjet boeing rolls-royce gsk astrazeneca pfizer bayer serco capita fedex dhl ups
    deliveroo uber
    """
)
"""Firms with many thousands of employees: what is left or joined under such a name is no place and no party."""


@cache
def heads() -> frozenset[str]:
    """Folded words that name a job."""
    text = (files("douane.detectors") / "data" / "occupations.txt").read_text(encoding="utf-8")
    words = [word for line in text.splitlines() if not line.startswith("#") for word in line.split()]
    return frozenset(words) | frozenset(word.split("-")[0] for word in words if word.startswith(("aide-", "sage-")))


def is_job(text: str) -> bool:
    """Whether a whole value names a job."""
    found = tokens(text[:80])
    words = [token.word for token in found]
    if not 0 < len(words) <= 8:
        return False
    known = heads()
    if not any(word in known for word in (*words[:2], words[-1])):
        return len(words) > 1 and words[0] in {"head", "chief", "vp", "lead"}
    return len(words) > 1 or words[0] not in _WIDE


def job_at(words: Sequence[Token], at: int) -> tuple[int, int] | None:
    """The first and last token of the job whose word stands at `at`; None where it is too wide a word alone."""
    first = last = at
    while first > 0 and at - first < 3 and words[first - 1].word in _BEFORE and _beside(words, first - 1):
        first -= 1
    end = min(len(words) - 1, at + 4)
    while last < end and words[last + 1].word in _AFTER and _beside(words, last):
        last += 1
    while last > at and len(words[last].word) <= 3 and words[last].word not in {"svt", "eps", "vie", "bts", "bus"}:
        last -= 1
    if words[at].word in _WIDE and first == last:
        return None
    return first, last


def _beside(words: Sequence[Token], at: int) -> bool:
    return words[at + 1].start - words[at].end <= 2
