"""The shape of a person's name, given names, and the names of public figures."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from douane.audit import words_of_names
from douane.detectors.words import fold, split, word_set

_LATIN = (*range(0x41, 0x250), *range(0x1E00, 0x1F00))
_UPPER = "".join(chr(code) for code in _LATIN if chr(code).isupper())
_LOWER = "".join(chr(code) for code in _LATIN if chr(code).islower())
UPPER = f"[{_UPPER}]"
_PART = (
    rf"{UPPER}(?:[{_LOWER}]{{1,24}}|['’.](?=[\s{_UPPER}]))"
    rf"(?:['’-]{UPPER}?[{_LOWER}]{{1,24}}|{UPPER}[{_LOWER}]{{1,24}}){{0,3}}"
)
SHOUTED = rf"{UPPER}{{2,24}}(?:[-'’]{UPPER}{{2,24}})?"
_PARTICLE = (
    r"(?:de|du|des|de la|de los|del|della|di|da|dos|van|von|van der|van den|van de|der|den|la|le|el|al|bin|ben|"
    r"ibn|ter|ten|zu|st\.?|d['’]|y|e)"
)
WORD = rf"(?:{_PART}|{SHOUTED})"
NAME = rf"{_PART}(?:[  ](?:{_PARTICLE}[  ])?(?:{WORD}|{UPPER}\.)){{0,3}}"
"""A capitalised name of one to four parts, as a pattern; particles may stand between the parts."""

NAME_IN_FULL = rf"{_PART}(?:[  ](?:{_PARTICLE}[  ])?(?:{WORD}|{UPPER}\.)){{1,3}}"

PARTICLES = word_set(
    """
    et and de du des la le les los del della di da dos das van von der den el al bin ben ibn bint ter ten zu st
    san y e d o ould ait
    """
)
TITLES = word_set(
    """
    mr mrs ms miss mx mme mlle m dr prof monsieur madame mademoiselle sir me maitre docteur mister lady lord jr sr
    ii iii mstr chd inf
    """
)
_WHOLE = re.compile(r"[^\W\d_]+(?:[ '’ʼ.,()\"“”«»/‑-]+[^\W\d_]*)*")
_LONGEST = 60
_COMMON = word_set(
    """
    room suite deluxe junior standard premium basic the and or with for hotel inn restaurant pizza burger menu
    chambre lit double single salle table ticket plan pro free trial test company inc ltd llc sarl sas gmbh group
    club shop store bar cafe garage school college university hospital clinic center centre airport station street
    road avenue rue boulevard north south east west new best top great super mega order invoice report project
    meeting call note list file draft untitled default main home work other user admin guest customer client monday
    tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi dimanche january
    february march april may june july august september october november december janvier fevrier mars avril mai
    juin juillet aout septembre octobre novembre decembre shampoo polo belt boots guitar guitars car toy theme
    elementary house tower building bridge dam park plaza general info support team service office department agent
    system unknown anonymous none sandwich biography book album song concert tour film movie cover code chapter
    priority update crash request error warning success failed message hello bank finance thanks
    important news subject urgent bonjour merci salut cher chere dear hi hey
    ville ecole lycee hopital clinique pharmacie mairie gare place square jardin parc musee theatre eglise cathedrale
    chateau tour pont quai cours impasse allee chemin route lac mont montagne plage ile port baie residence cabinet
    agence atelier maison boutique magasin marche boulangerie garderie creche association federation syndicat parti
    comite conseil ministere departement region commune societe entreprise fondation institut laboratoire banque
    assurance mutuelle compagnie groupe equipe support services service cuisine poulet salade soupe tarte gateau
    church chapel cathedral mosque temple synagogue library museum gallery theater theatre stadium arena gym court
    lane drive way circle crescent grove terrace mews gardens garden farm cottage villa lodge manor castle hall
    hill hills lake river beach island bay valley mountain mount creek springs falls forest field fields market mall
    kitchen grill bistro brasserie trattoria pizzeria tavern pub bakery deli diner roastery brewery wines wine coffee
    tea pharmacy surgery dental medical health care clinics labs laboratories technologies technology systems
    solutions software consulting partners associates holdings industries international global services media studio
    studios design designs digital energy foods travel tours airlines air airways motors auto plumbing electric
    electrical construction builders contractors joinery roofing heating cleaning repairs parts supply supplies
    logistics transport trust foundation association society union council committee party league federation
    institute academy nursery kindergarten campus faculty ministry authority agency bureau board police fire
    insurance mutual credit savings capital investments realty properties estates estate apartments residences
    edition editions press publishing records music radio orchestra quartet band festival show season episode trail
    fc afc united city town village county state district zone area region national royal grand premier first second
    third lead leads sales marketing product products design engineer engineering manager director head chief officer
    assistant senior specialist analyst developer nurse teacher doctor driver worker technician consultant
    consulting architect accountant lawyer payroll human resources operations accounts account billing customer
    directeur directrice responsable chef cheffe infirmier infirmiere professeur ingenieur comptable vendeur
    vendeuse gerant gerante conseiller conseillere assistante technicien caissier caissiere cuisinier serveur
    living bedroom bathroom kitchen front back door window light lamp speaker phone laptop tablet printer camera
    black white red blue green yellow pink purple orange gold silver grey gray noir noire blanc blanche rouge bleu
    bleue vert verte jaune rose gris beige brown small medium large extra size pack set kit box case bag bottle
    chicken beef pork fish lamb salad soup cake pie bread rice pasta noodles curry burger fries cheese chocolate
    vegan vegetarian halal kosher gluten sans avec pour dans sur under over into from this that what when where
    which your our my his her their its all any some each every both few more most not only own same than too very
    english french spanish german italian chinese japanese arabic american british european african asian canadian
    francais francaise anglais anglaise espagnol allemand italien chinois japonais americain
    yes no oui non ok okay true false
    morning evening afternoon night day week month year today tomorrow yesterday spring summer autumn winter
    santa saint sainte san los las mount fort cape republic kingdom states islands
    open closed active inactive pending done new old ready draft sent received paid unpaid cancelled confirmed
    economy business class flexible direct express classic comfort family promo premium gold platinum bronze
    events catering lettings gardening transports traiteur evenements immobilier conseils bros cleaners florist
    fleuriste coiffure motoculture paysage nettoyage renovation menuiserie plomberie maconnerie carrelage
    total subtotal amount price balance payment transfer virement paiement facture loyer salaire prime
    chez riad dar auberge relais domaine ferme moulin mas gite camping bastide comptoir table petit petite grand
    grande
    sloppy uncle aunt mama papa little big old saint crazy lucky happy
    sci eurl scp scop snc ong usa uk ceo cto cfo hr rh sa plc corp nhs tva vat cgt cfdt ltda spa srl kg ag bv nv oy ab
    type status state date time name title label value number key id role
    """
)


_SURNAMES = word_set(
    "white brown green black gray grey price rose best lead noir petit grand blanc blanche gris moulin doctor mas curry"
)
_SURNAMES_OF_PLACES = word_set(
    """
    hall hill hills park field fields lake forest castle church temple court lane bridge bay beach grove house garden
    gardens spring tower camping chateau maison pont chapelle montagne tour jardin marche place gold silver red small
    day march may rice lamb english french german brun vert rouge rivers river mountain wood wine driver market
    """
)
"""Common words that are frequent family names: the first ones behind a given name, the others where a word says that a
name follows."""


def without_surname(words: Sequence[str], *, cued: bool = False) -> Sequence[str]:
    """The words of a name, its last one left out where it is a common word and a family name behind a given name.

    With `cued`, a word before the name has said that somebody is named.
    """
    if len(words) < 2 or is_common(words[0]):
        return words
    last = _bare(words[-1])
    if cued:
        named = is_given(words[0]) and (last in _SURNAMES or last in _SURNAMES_OF_PLACES)
    else:
        named = last in _SURNAMES and is_telling(words[0])
    return words[:-1] if named else words


def given_names() -> frozenset[str]:
    """Folded given names, those that are also words included."""
    return words_of_names.given_names()[0]


def telling_names() -> frozenset[str]:
    """Folded given names that are rarely anything else."""
    return words_of_names.given_names()[1]


@cache
def _public_names() -> frozenset[tuple[str, ...]]:
    text = (files("douane.detectors") / "data" / "public_names.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return frozenset(tuple(re.findall(r"[^\W_]+", one)) for one in " ".join(lines).split(","))


@cache
def _public_starts() -> frozenset[str]:
    return frozenset(name[0] for name in _public_names() if name)


def is_public(text: str) -> bool:
    """Whether a name is a public figure's, or one whom streets and works are named after."""
    words = tuple(split(fold(text[:80])))
    if not words or words[0] not in _public_starts():
        return False
    names = _public_names()
    return any(words[:size] in names for size in range(1, min(len(words), 5) + 1))


def _bare(word: str) -> str:
    return fold(word.strip(" .,;:'’\"“”«»()/"))


def is_given(word: str) -> bool:
    """Whether a word, or the first half of a double one, is a known given name."""
    folded = _bare(word)
    return folded in given_names() or ("-" in folded and folded.split("-")[0] in given_names())


def is_telling(word: str) -> bool:
    """Whether a word is a given name and rarely anything else."""
    folded = _bare(word)
    sure = telling_names()
    return folded in sure or ("-" in folded and folded.split("-")[0] in sure)


def has_given(text: str) -> bool:
    """Whether one of the words is a known given name."""
    return any(is_given(word) for word in text.split())


def looks_like_name(text: str, *, strict: bool = False) -> bool:
    """Whether a whole value has the shape of a person's name; `strict` asks for a given name and no common word."""
    stripped = text.strip()
    if len(stripped) > _LONGEST:
        return False
    if stripped.isalpha():
        return not strict
    if not _WHOLE.fullmatch(stripped):
        return False
    parts = stripped.split()
    if len(parts) > 7:
        return False
    return not strict or (len(parts) >= 2 and has_given(stripped) and not any(map(is_common, parts)))


def reads_as_name(text: str) -> bool:
    """Whether every word of a whole value is written as names are, and none is a common word."""
    if text.islower():
        return False
    parts = text.replace("/", " ").split()
    proper = 0
    for part in parts:
        bare = part.strip(".,;:'’\"“”«»()")
        folded = fold(bare)
        if not bare or folded in PARTICLES or folded in TITLES:
            continue
        if not bare[0].isupper() or folded in _COMMON:
            return False
        proper += 1
    return 0 < proper <= 5


def is_common(word: str) -> bool:
    """Whether a capitalised word is no name (a weekday, a kind of room)."""
    return fold(word.strip(" .,'’")) in _COMMON
