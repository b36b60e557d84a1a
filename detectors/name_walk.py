"""Names in sentences: full names by a given name, and given names that somebody does things with."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from douane.detectors.names import NAME, UPPER, given_names, is_common, is_public, telling_names, without_surname
from douane.detectors.scene import Seen
from douane.detectors.words import Token, word_set

_NAME_AT = re.compile(NAME)
_SHOUTED_BEFORE = re.compile(rf"(?:{UPPER}{{2,24}}(?:-{UPPER}{{2,24}})?)[  ]$")
_SHOUTED = re.compile(rf"{UPPER}{{3,24}}(?:[  ]{UPPER}{{3,24}})?")
_BEFORE = word_set(
    """
    with w told tell ask asked call called calling ring rang text texted invite met meet see saw pick drop dropped and
    for from to of by thank thanks tell remind pay paid owe owes visit visiting neighbour neighbor friend sister
    brother
    nana granny aunt uncle auntie cousin colleague mum mom dad son daughter hi hello hey dear cheers love regards
    that front does did can will let help send sent give gave miss missed hug kiss poke because when if while but
    avec pour chez de d a et par dej dejeuner diner resto voir vu dit garder garde demander prevenir appeler rappeler
    remercier inviter voisin voisine ami amie tata tonton papi mamie oncle tante cousin cousine maman papa que qu
    quand
    si mais embrasse bisous merci salut coucou bonjour cher chere anniversaire fete cadeau signe collegue lui
    nous vous est notre mon ma chef manager boss stp svp rdv take taking bring fetch get collect feed drive driving
    picking meeting amene amener emmene emmener recuperer recupere chercher depose deposer attend attendre aide aider
    appelle rappelle previens contacte relance
    epouse mari femme about against without sans contre behind beside unlike like contacter relancer croise rejoint
    rejoindre quitte quitter divorcee divorce separee larguer embrasser remplacer excuser accompagner surveiller
    doit dois rend rendre unlocked opened signed written replace cover covering lend lent
    grandad granddad grandpa grandma gran nan nanny pop mamy mimi meme pepe papy passport passeport host hosted
    babysitting babysit mind minding hug kissed married dating ex
    """
)
_AFTER = word_set(
    """
    has had have is was will would can could said says say wants wanted needs needed asks asked told called came comes
    went goes got gets lives works likes hates loves left started starts turned turns won wont cannot isn t s and does
    did doesn accepte accepter a est ete etait sera viendra vient va veut peut ne n doit devait gere habite travaille
    souhaite demande dit aime adore arrive part passe prend prendra et qui se s m nous vous lui collected picked
    dropped joined moved died passed broke booked bought sent gave took thinks thought keeps kept cried laughed fell
    rang phoned texted wrote writes knows knew looks looked sounds seems feels felt loves hates plays sleeps slept
    eats ate arrives arrived stays stayed hurt hurts hit bit cut screamed shouted refuses refused agreed agrees
    celebrates rentre rentrera dort mange joue pleure crie tousse vomit repond repondra rappelle appelle propose refuse
    pense croit sait parle rit tombe tombee trouve trouvee perd fait fera met mettra cherche garde revient repart reste
    fete accouche demenage deménage tu drives brings cooks pays picks hosts covers swims runs sits drops collects
    watches hasnt isnt wasnt didnt doesnt conduit amene ramene apporte cuisine paie vend achete prepare
    """
)
_WHEN = word_set("after before until since once when because while apres avant depuis des pendant quand lorsque que si")
_STOP_BEFORE = word_set(
    """
    rue avenue boulevard place square quai cours allee impasse chemin route salle gymnase stade college lycee ecole
    hopital clinique st saint sainte saints san santa hotel gite villa residence chez restaurant cafe bar theatre
    musee
    parc pont tour gare station street road lane room hall park school hospital house theme gamme range release branch
    version model modele parfum song songs album film movie book novel series chanson livre roman piece opera by play
    storm hurricane tempete ouragan cyclone typhoon lake mount port cape fort vin domaine chateau cuvee recipe recette
    salade tarte variete variety cultivar pots plant planted prune salon boutique magasin shop store boulangerie
    pharmacie agence cabinet galerie fondation prix award stand brand marque label projet project codename tendon
    velo commode vase pull robe jupe veste manteau bottes poupee doudou buffet armoire bibelot assiette service
    talon temple bibliotheque mediatheque library lampe chaise table fauteuil canape portrait buste statue tombeau
    recette recettes poeme poemes sonate symphonie chansons bouillon auberge villa casa domaine camp operation plan
    loi effet syndrome methode test maladie theoreme doctrine arret affaire case law cote poussette robe sac lit
    """
)
_STOP_AFTER = word_set(
    """
    street road avenue lane park station airport museum theatre hall hospital school college university square bridge
    house hotel inn ltd inc llc plc gmbh sarl sas sa co corp foundation institute prize award album song film series
    collection theme release version theorem the
    """
)
_MADE = word_set(
    """
    song songs book books novel novels film films album albums written painted directed composed music poem poems play
    plays track tracks hit hits works work recipe recipes photo photos cover covers painting paintings sung lyrics
    """
)
_LINKS = word_set("d de du des la le l of the")
_STOPS = ".!?,;:\n-–—(•*"
"""What stands before a word that opens a clause."""


class Spoken(NamedTuple):
    """A name in a text."""

    start: int
    end: int
    score: float


def spoken(one: Seen, known: Sequence[str] | frozenset[str] = frozenset()) -> Iterator[Spoken]:
    """The names in a text that a known given name, or a name that stands in the same message's records, tells."""
    names = given_names()
    if one.vocabulary.isdisjoint(names) and one.vocabulary.isdisjoint(known):
        return
    tokens = one.tokens
    text = one.text
    lower = text.islower()
    sure = telling_names()
    reach = 0
    for at, token in enumerate(tokens):
        word = token[0]
        if (word not in names and word not in known) or token.start < reach or len(word) < 2:
            continue
        if not (text[token.start].isupper() or (lower and len(word) >= 4 and word in sure)) or _glued(text, token):
            continue
        span = _span(text, token, lower=lower, told=one.to_app or one.of_person)
        if span is None:
            continue
        start, end, parts = span
        before = tokens[at - 1].word if at else ""
        after = next((later.word for later in tokens[at + 1 : at + 6] if later.start >= end), "")
        if before in _LINKS and at > 1 and tokens[at - 2].word in _STOP_BEFORE:
            before = tokens[at - 2].word
        if before == "by" and parts == 1 and (at < 2 or tokens[at - 2].word not in _MADE):
            before = "to"
        if before in _STOP_BEFORE or after in _STOP_AFTER or is_public(text[start:end]):
            reach = end
            continue
        ahead = text[max(0, start - 3) : start].rstrip(" ")
        if before == "1" and start <= 12 and text[max(0, start - 4) : start].strip() in {"1:1", "1-1", "1/1"}:
            before = "with"
        opens = not ahead or ahead[-1] in _STOPS
        signs = opens and bool(ahead) and at >= 4 and not text[end : end + 4].strip(" .!)\n")
        if opens and text[end : end + 1] == ":" and (not ahead or "\n" in text[max(0, start - 3) : start]):
            # A line of a chat begins with who says it.
            signs = word in sure
        score = _score(word, parts, before, after, sure=sure, known=known, opens=opens, signs=signs, told=one.to_app)
        if score:
            reach = end
            yield Spoken(start, end, score)


def _score(
    word: str,
    parts: int,
    before: str,
    after: str,
    *,
    sure: frozenset[str],
    known: Sequence[str] | frozenset[str],
    opens: bool,
    signs: bool,
    told: bool,
) -> float:
    if word in known:
        return 0.8
    if parts >= 2:
        return 0.75 if word in sure else 0.6
    if word not in sure or len(word) < 3:
        return 0.0
    if signs:
        return 0.7
    near = before in _BEFORE or ((opens or (told and before in _WHEN)) and after in _AFTER)
    return 0.65 if near else 0.0


def _glued(text: str, token: Token) -> bool:
    """Whether the word is a part of an address, a path or an identifier."""
    before = text[token.start - 1] if token.start else " "
    after = text[token.end] if token.end < len(text) else " "
    return (
        before in "@._/\\=#&-" or after in "@_/\\=" or (after == "." and text[token.end + 1 : token.end + 2].isalnum())
    )


def _span(text: str, token: Token, *, lower: bool, told: bool) -> tuple[int, int, int] | None:
    if lower:
        return token.start, token.end, 1
    found = _NAME_AT.match(text, token.start) or _SHOUTED.match(text, token.start)
    if found is None or found.end() < token.end:
        return None
    start, end = found.span()
    for mark in ("'s", "’s"):
        held = text.find(mark, start, end + 2)
        if held > 0 and (held + 2 >= len(text) or not text[held + 2].isalpha()):
            if text[held + 2 : held + 4].strip()[:1].isupper():
                # What is hers and capitalised is a work or a place.
                return None
            end = held
    words = text[start:end].split()
    while len(words) > 1 and is_common(words[-1]) and (not told or without_surname(words) is words):
        if not text[end - len(words[-1])].isupper():
            break
        end -= len(words.pop()) + 1
        if text[end:].strip()[:1].isupper():
            # A common word behind it makes it a place, a team or a firm.
            return None
    if is_common(words[0]):
        return None
    ahead = _SHOUTED_BEFORE.search(text, max(0, start - 26), start)
    if ahead and not is_common(ahead.group().strip()) and not text[start : start + 2].isupper():
        start = ahead.start()
        words.append("")
    return start, end, len(words)
