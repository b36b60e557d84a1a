"""How freely a field's key and its record let people speak of themselves there."""

import re

from douane.detectors import hints
from douane.detectors.names import is_given
from douane.detectors.scene import Seen
from douane.detectors.setting import Setting
from douane.detectors.subject import Subject
from douane.detectors.topics import OWN
from douane.detectors.words import word_set

OTHERS = frozenset({Subject.THING, Subject.PLACE, Subject.PROFESSIONAL})
"""Whose records are no private person's."""
SHORT = 160
"""Longer texts are prose in which a word is about somebody only where its sentence says so."""


def place_weight(one: Seen, about: Setting) -> int:
    """How freely a key lets people speak of themselves.

    -1 not at all, 0 in searches, titles and long prose, 1 in prose, 2 where a wish or a remark is asked for, 3 where
    the reason of a visit or a diet is.
    """
    if one.field.is_key or not _PLACED.isdisjoint(one.hints):
        return -1
    words = set(one.words)
    if one.words and one.words[-1] in _WHERE and len(one.text) <= 80:
        return 0
    if words & _FICTION and not one.to_app:
        return -1
    own = OWN in about.about
    if one.searching or (not own and words & TITLES and (one.words[-1] in TITLES or not words & _ASKING)):
        return 0
    if one.about in OTHERS and not one.to_app and (not words & _ASKING or words & _DESCRIBING):
        return 1 if own else 0 if one.prose else -1
    if words & _DESCRIBING and not one.to_app and not about.of_person(one) and len(one.field.keys) > 4:
        return 0
    if words & _ASKING:
        return (3 if words & _BODILY else 2) if len(one.text) <= SHORT else _long_weight(one)
    if len(one.text) > SHORT:
        return 1 if own else _long_weight(one)
    if hints.PROSE in one.hints or about.of_person(one) or own:
        return 1
    return 1 if one.prose and hints.THING not in one.hints else 0


_WHERE = word_set("lieu lieux venue location where endroit salle room adresse rendezvous")
"""Keys of places: what a place is called is said of nobody."""
_CAREER = word_set("resume cv curriculum vitae coverletter cover motivation candidature experience parcours")
_PARTS = word_set("experience experiences education formation formations competences skills profil profile references")
_FICTION = word_set("plot synopsis lyrics paroles intrigue overview storyline")
_HOUR = re.compile(r"(?m)^[ \t*•-]{0,6}\d{1,2} ?[h:] ?\d{0,2}\b")
_PLACED = frozenset({"user.contact.address", "user.contact.email", "user.name.first", "user.name.last"})
"""Hints of keys whose values are proper names."""
_NAMED = re.compile(r" ?[,:] ?[A-ZÉ][^\W\d_]")
_PARTIES = word_set("client cliente patient patiente salarie salariee employee claimant assure assuree insured prevenu")
"""Whom a long text may name and then speak of ("Our client, Ann Roe, ...")."""
_ENTRY = re.compile(
    r"(?m)^(?:[-*•] |\d{1,3}[.)] |[A-ZÉa-zé]{3,20}(?: [a-zé]{2,12})? ?: )([A-ZÉ][\w'’]{1,20}(?:-[A-ZÉ][\w'’]{1,20})?) "
    r"(?:[A-Z]\. )?[A-ZÉ][\w'’.-]"
)
"""A line about somebody: `- Ann Roe, ...`, `Subject: Ann Roe`."""
_GREETING = word_set("dear hi hello bonjour cher chere chers madame monsieur salut coucou bonsoir hey")


def _long_weight(one: Seen) -> int:
    """1 for long prose in which somebody speaks of themselves or to somebody, and for an agenda; 0 for any other."""
    if one.to_app and not _CAREER.isdisjoint(one.words) and ("@" in one.text or not _PARTS.isdisjoint(one.vocabulary)):
        return 1
    if one.of_person or any(token.word in _GREETING for token in one.tokens[:40]):
        return 1
    if one.has_digit and len(_HOUR.findall(one.text, 0, 4000)) >= 2:
        return 1
    if "cue.general" not in one.meanings and "cue.leaflet" not in one.meanings:
        for found in _ENTRY.finditer(one.text, 0, 4000):
            if is_given(found[1]):
                return 1
    spoken = meant = 0
    for term in one.terms:
        spoken += term.personal
        if term.meaning == "cue.person":
            meant += 1
            if one.text[term.end : term.end + 3].lstrip().startswith(":"):
                return 1
            if one.tokens[term.last].word in _PARTIES and _NAMED.match(one.text, term.end):
                return 1
    if spoken >= 2 and spoken * 60 >= len(one.tokens):
        return 1
    return 1 if meant >= 2 and meant * 40 >= len(one.tokens) and "cue.general" not in one.meanings else 0


TITLES = word_set(
    """
    title titre headline heading article subject objet category categorie tags tag cuisine product
    produit item name nom label_name
    tour tours visite excursion activity activite activities exhibition expo exposition atelier workshop class film
    movie show spectacle play song track album book livre novel game jeu
    merchant school specialty specialite url uri filename theme topic
    """
)
_ASKING = word_set(
    """
    request requests demande demandes note notes remark remarks remarque remarques comment comments commentaire
    commentaires instructions instruction diet dietary regime meal repas bio reason motif raison needs besoins
    preferences preference requirements allergies label libelle dons donation donations don memo observation
    observations assistance accommodation accessibility description symptoms complaint justification special about
    intro presentation condition conditions situation purpose service diagnosis treatment traitement food cause
    absence
    """
)


_DESCRIBING = word_set("description summary text content body about presentation details snippet excerpt")
"""Keys under which an app describes what it found; what it says there of nobody is about nobody."""
_BODILY = word_set(
    """
    diet dietary regime allergies reason motif condition conditions symptoms symptomes treatment traitement
    diagnosis accessibility absence
    """
)
