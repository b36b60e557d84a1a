"""Keys that hold names, and how surely key, record and shape make a whole value a private person's name."""

import re
from typing import NamedTuple

from douane.detectors import hints, subject
from douane.detectors.correspondence import AUTOMATIC
from douane.detectors.name_cues import HOUSEHOLD, LED, titled
from douane.detectors.names import (
    PARTICLES,
    TITLES,
    has_given,
    is_common,
    is_given,
    is_public,
    is_telling,
    looks_like_name,
    reads_as_name,
)
from douane.detectors.scene import Seen
from douane.detectors.subject import NOBODY, NOT_PRIVATE, SOMEBODY, Subject
from douane.detectors.words import key_words, word_set

NAME_ = "user.name"
KINDS = ("user.name.first", "user.name.last")
_GENERIC = frozenset({"name", "nom", "names", "noms", "fullname", "nm"})
_FIRST_KEYS = word_set("given first p fn pn prn pren fname gname gn givens firsts display")
_LAST_KEYS = word_set("family last l ln sn lname fam nf surname")
_TERSE = word_set(
    "n nm nom name who qui fiche m label libelle display id title full fullname u user holder tag value valeur"
)
_SHORT_KEYS = _FIRST_KEYS | _LAST_KEYS | (_TERSE - _GENERIC)
_WHO = word_set(
    """
    who qui whom pour for by par under with avec u user sender display beneficiaire au from de to a foyer
    nouveau nouvelle ancien ancienne new old previous former next current qn whose name
    """
)
_SIGNED = word_set("author auteur autrice by par postedby writer poster username pseudo u")
_SAID = word_set(
    """
    review reviews avis comment comments commentaires commentaire commit commits line lines blame message messages msg
    msgs post posts thread replies reply history events notes log logs entries testimonials temoignages feedback
    """
)
_CORRESPONDENTS = word_set("from de sender expediteur correspondent interlocuteur nick avec with author auteur by par")
_TALK = word_set(
    """
    preview apercu snippet extrait text texte txt message msg m body contenu content lastmessage unread lu vu nonlus
    online reponse reply
    """
)
_MAIL = word_set("subject objet sujet unsubscribe newsletter labels folder")
_NUMBERED = word_set(
    "champ field x q value val valeur answer reponse col colonne column data param arg p input f c v a r entry rep item"
)
"""Keys that say nothing but the place of a value in a form."""
_ROLES = subject.PERSON | subject.CHILD
PLACED = word_set(
    """
    salle galerie room seed top track genre address adresse street rue location lieu place pickup dropoff sejour
    destination arret ville city town region property stop near street address1 line1 line2 line l1 l2 l3 voie
    quartier
    country pays state county arrivee depart province airport terminal campus title titre subject objet sujet
    headline summary theme
    topic brand marque model modele product produit item article category categorie tag tags slug type status statut
    file filename path url uri uid sku code variant color couleur font icon image photo logo company societe
    entreprise
    org organization organisation employer employeur department service team project projet repo branch album song
    artist artiste movie film book livre playlist podcast episode game jeu recipe recette dish plat menu drink boisson
    wine vin event evenement course cours class classe school ecole venue hotel restaurant shop store magasin merchant
    commercant enseigne bank banque carrier airline train vessel ship station gare line bus parc park museum musee
    destinations stops waypoint route trail race compet competition tournament league club equipe version locale lang
    language langue currency devise timezone main starter fund institution issuer dessert entree plat asso
    association listing arr dep pitch court terrain piste ground arena
    """
)
"""Keys of places, works, products and firms, which are often named after people."""
_NEVER = PLACED | word_set(
    """
    what quoi why text content description desc body md markdown html
    facts faits question answer reponse prompt q query search term keyword keywords
    """
)
_PLACES = frozenset({"user.location", "user.contact", "user.location.imprecise", "user.workplace", "user.behavior"})
LIST = re.compile(r"(?i)\s*(?:,|;|\n| and | et | & | \+ | / )\s*")
_AIRLINE = re.compile(
    r"^(?P<n>[A-ZÀ-Þ][A-ZÀ-Þ' -]{0,30}/[A-ZÀ-Þ][A-ZÀ-Þ -]{0,40}?)(?P<t> ?(?:MR|MRS|MS|MISS|MSTR|MSS|CHD|"
    r"INF|DR|MME|MLLE|M))?$"
)
_MRZ = re.compile(
    r"(?:^|\n)[PIACV][A-Z<][A-Z]{3}(?P<n>[A-Z]{1,30}(?:<[A-Z]{1,30}){0,4}<<[A-Z]{1,30}(?:<[A-Z]{1,30}){0,4})<"
)
_CHILD_TITLES = frozenset({"MSTR", "CHD", "INF"})


class Named(NamedTuple):
    """A part of a value that is a name."""

    start: int
    end: int
    category: str
    score: float
    child: bool = False


def named(one: Seen) -> list[Named]:
    """The names that a whole value is, by its key, its record and its shape."""
    text = one.text.strip()
    if not 2 <= len(text) <= 160:
        return []
    start = 0 if len(text) == len(one.text) else one.text.index(text)
    if "/" in text or "<<" in text:
        coded = _coded(one, text, start)
        if coded:
            return coded
    if len(text) > 90:
        return []
    own = subject.of_value(one.field.key)
    if one.has_digit or not looks_like_name(text) or (text.endswith("y") and HOUSEHOLD.match(text)):
        return _with_detail(one, own, text, start)
    if one.field.is_key:
        return [Named(start, start + len(text), NAME_, 0.75)] if _full(text) and not is_public(text) else []
    score, category = _by_key(one, text, own)
    if not score and about_child(one) and is_given(text) and reads_as_name(text):
        score, category = 0.85, KINDS[0]
    if not score or text.startswith("Chez "):
        return []
    if text[0].islower() and " " in text:
        inner = titled(text, person=True)
        if inner is not None:
            return [Named(start + inner[0], start + inner[1], category, score)]
    if category != NAME_:
        return [Named(start, start + len(text), category, score)]
    return _pieces(text, start, category, score)


def about_child(one: Seen) -> bool:
    """Whether a value under a letter or two stands in a child's record."""
    return len(one.field.key) <= 2 and one.about is Subject.CHILD and not one.hints and one.words != ("v",)


def _pieces(text: str, start: int, category: str, score: float) -> list[Named]:
    """Each of several people in one value; "Lastname, Firstname" is one."""
    pieces = [piece for piece in LIST.split(text) if piece.strip()]
    if len(pieces) < 2:
        return [Named(start, start + len(text), category, score)]
    if len(pieces) == 2 and "," in text and " " not in pieces[0].strip() and not is_telling(pieces[0]):
        return [Named(start, start + len(text), category, score)]
    found: list[Named] = []
    at = 0
    for piece in pieces:
        at = text.index(piece, at)
        if not is_common(piece):
            found.append(Named(start + at, start + at + len(piece), category, score))
        at += len(piece)
    return found


def _coded(one: Seen, text: str, start: int) -> list[Named]:
    if "<<" in text:
        found = _MRZ.search(text)
        return [Named(start + found.start("n"), start + found.end("n"), NAME_, 0.9)] if found else []
    if "/" in text and text.isupper():
        found = _AIRLINE.match(text)
        if found and (found["t"] or one.of_person or not one.hints.isdisjoint({NAME_, *KINDS})):
            child = (found["t"] or "").strip() in _CHILD_TITLES
            return [Named(start, start + len(text), NAME_, 0.9, child)]
    return []


def _with_detail(one: Seen, own: Subject, text: str, start: int) -> list[Named]:
    """A name before a phone number or a remark in brackets, under a person's role."""
    listed = one.about in _SURE_ONE and bool(one.words) and (len(one.words[-1]) <= 2 or one.words[-1] in _WHO)
    if not (own in _SURE_ONE or NAME_ in one.hints or listed) or hints.PROSE in one.hints:
        return []
    found = HOUSEHOLD.match(text) if own in _SURE_ONE else None
    if found and not is_common(found["n"]):
        return [Named(start + found.start("n"), start + found.end("n"), NAME_, 0.8)]
    found = LED.match(text)
    if found:
        parts = found["n"].split()
        if not any(map(is_common, parts)) or (len(parts) == 2 and is_telling(parts[1])):
            return [Named(start, start + found.end("n"), NAME_, 0.8)]
    return []


def _full(text: str) -> bool:
    """Whether a value reads as a full name with a known given name."""
    parts = text.split()
    if len(parts) < 2 or not reads_as_name(text) or "'s " in text or "’s " in text:
        return False
    first = parts[1] if len(parts) > 2 and parts[0].strip(".").lower() in TITLES else parts[0]
    return is_given(first) or ((first.isupper() or "," in text) and any(map(is_telling, parts)))


def _by_key(one: Seen, text: str, own: Subject) -> tuple[float, str]:
    """How sure we are that a value of a name's shape is a private person's name, and which part of it."""
    about = one.about
    for kind in KINDS if one.hints and about is not Subject.THING else ():
        if kind in one.hints:
            return 0.95, kind
    words = one.words
    key = words[-1] if words else ""
    if about is Subject.PERSON and own is Subject.PROFESSIONAL:
        # A driver whom the request names is a customer or a colleague.
        own = about
        if NAME_ not in one.hints and len(words) == 1 and len(text.split()) > 1 and reads_as_name(text):
            return _role_score(text), NAME_
    signer = key in _SIGNED or (key == "name" and len(words) == 2 and words[0] in _SIGNED)
    if signer and own in {Subject.UNKNOWN, Subject.THING, Subject.PERSON}:
        signed = _signed(one, text)
        if signed:
            return signed, NAME_
    if own in NOT_PRIVATE and about is not Subject.PERSON:
        return 0.0, NAME_
    if NAME_ in one.hints and about not in NOBODY:
        return 0.93, NAME_
    if hints.SEARCH in one.hints or "user.account.username" in one.hints:
        return 0.0, NAME_
    in_person = about in SOMEBODY
    if key == "title" and _is_entrys(one):
        return 0.0, NAME_
    if len(words) == 1 and key in _SHORT_KEYS and (in_person or _is_pair(one)) and reads_as_name(text):
        if key in _FIRST_KEYS:
            return 0.85, KINDS[0]
        if key in _LAST_KEYS:
            return 0.85, KINDS[1]
        if key in _TERSE and key not in _GENERIC and (len(text) > 3 or is_given(text)):
            return (0.85 if has_given(text) else 0.7), NAME_
    if not _GENERIC.isdisjoint(words):
        return _generic(one, text, about)
    if _by_role(words, own, text):
        return _role_score(text), NAME_
    if about in NOT_PRIVATE:
        return 0.0, NAME_
    score = _by_look(one, text, key, in_person=in_person)
    return (0.0 if score and is_public(text) else score), NAME_


def _by_look(one: Seen, text: str, key: str, *, in_person: bool) -> float:
    """How sure we are of a name under a key that does not ask for one, by how it is written."""
    words = one.words
    if len(words) == 2 and words[1].isdigit() and words[0] in _NUMBERED and text[0].isupper() and not one.hints:
        # A form's answer that says what it is by itself alone.
        return 0.6 if (is_telling(text) or _full(text)) and (one.to_app or _beside_contact(one)) else 0.0
    if not _NEVER.isdisjoint(words) or hints.THING in one.hints or not _PLACES.isdisjoint(one.hints):
        return 0.0
    if _full(text) or (
        in_person and len(text.split()) > 1 and reads_as_name(text) and any(map(is_telling, text.split()))
    ):
        return 0.75
    if key in _WHO and " " not in text and is_telling(text):
        return 0.65
    if words[:1] == words[-1:] and key in _CORRESPONDENTS and text[0].isupper() and _talks(one, text):
        return 0.65
    if key == "under" and one.to_app and not is_common(text):
        return 0.65
    if len(key) <= 1 and not in_person and " " not in text and text[:1].isupper() and is_telling(text):
        return 0.6
    return 0.0


def _is_entrys(one: Seen) -> bool:
    """Whether a title is what an entry of a list of things is called, a job's say, or is held by who is named there."""
    if any(not other.hints.isdisjoint(_NAMES) for other in one.siblings[:60]):
        return True
    above = (subject.of_holder(key) for key in reversed(one.field.keys[:-1]))
    return next((said for said in above if said is not Subject.UNKNOWN), Subject.UNKNOWN) in NOBODY


_NAMES = frozenset({NAME_, *KINDS})
_SURE_ONE = frozenset({Subject.PERSON, Subject.CHILD})
_SURE = frozenset({Subject.PERSON, Subject.PROFESSIONAL})
_BEASTS = word_set("breed race species espece animal price prix sku weight poids robe puce chip brand")
_LIVING = word_set("age ages bio aboutme gender pronouns genre sexe sex dob birthdate naissance born relation")


def _generic(one: Seen, text: str, about: Subject) -> tuple[float, str]:
    if (is_telling(text.split()[0]) or reads_as_name(text)) and about not in _SURE:
        beside = {word for other in one.siblings[:60] for word in other.words}
        if not beside.isdisjoint(_LIVING) and beside.isdisjoint(_BEASTS) and has_given(text):
            return 0.85, NAME_
    if about in SOMEBODY:
        first = text.split()[0]
        if about is Subject.PERSON and ("'s " in text or "’s " in text) and not is_telling(first):
            return 0.0, NAME_
        if any(map(is_common, text.split())) and not has_given(text):
            return 0.0, NAME_
        return (0.0 if "'s " in text else 0.93), NAME_
    if (
        about is Subject.UNKNOWN
        and one.words in {("nom",), ("noms",)}
        and " " in text
        and reads_as_name(text)
        and (
            # French lists put the family name first.
            any(map(is_telling, text.split())) and not is_public(text)
        )
    ):
        return 0.65, NAME_
    if about is Subject.UNKNOWN and _full(text) and looks_like_name(text, strict=True) and not is_public(text):
        return 0.6, NAME_
    return 0.0, NAME_


def _by_role(words: tuple[str, ...], own: Subject, text: str) -> bool:
    if not words or own not in SOMEBODY or _ROLES.isdisjoint(words):
        return False
    last = next((word for word in reversed(words) if not word.isdigit()), "")
    return (last in _ROLES or last in _GENERIC or last in {"sig", "signature", "now", "actuel"}) and (
        not text[0].islower() or is_telling(text.split()[0])
    )


def _role_score(text: str) -> float:
    parts = text.split()
    if "'s " in text or (any(map(is_common, parts)) and not (len(parts) == 2 and is_telling(parts[0]))):
        return 0.0
    if any(not part[0].isupper() and part.strip(".,").lower() not in (PARTICLES | TITLES) for part in parts) and not (
        is_telling(parts[0])
    ):
        return 0.0
    known = has_given(text)
    if known or len(parts) >= 2:
        return 0.9 if known else 0.75
    return 0.6


def _signed(one: Seen, text: str) -> float:
    """Whether what somebody wrote or did is signed: a review, a comment, a commit."""
    above = {word for key in one.field.keys[-4:-1] for word in key_words(key)}
    beside = {word for other in one.siblings[:60] for word in other.words if other is not one}
    if above.isdisjoint(_SAID) and beside.isdisjoint(_SAID | {"sha", "m"}):
        return 0.0
    first = text.split()[0]
    if reads_as_name(text) and (has_given(text) or len(text.split()) == 2):
        return 0.75
    return 0.65 if " " not in text and is_telling(first) and len(text) >= 4 else 0.0


def _talks(one: Seen, text: str) -> bool:
    """Whether one word under `from` is somebody who writes: beside a message, in no mailbox that firms write to."""
    if len(text) < 3 or is_common(text) or not text.isalpha():
        return False
    if text.lower() in _SENDERS or any(
        AUTOMATIC.search(other.text[:300]) for other in one.siblings[:12] if other.prose
    ):
        return False
    beside = {word for other in one.siblings[:40] for word in other.words if other is not one}
    return not beside.isdisjoint(_TALK) and beside.isdisjoint(_MAIL) and not {"to", "a", "vers"} & beside


_SENDERS = word_set(
    """
    amazon netflix google apple microsoft facebook instagram whatsapp linkedin twitter github gitlab slack zoom paypal
    stripe uber deliveroo airbnb booking vinted leboncoin ebay etsy ikea decathlon fnac darty orange sfr bouygues free
    vodafone sosh edf engie sncf ratp ouigo trainline ryanair easyjet lufthansa revolut monzo starling barclays hsbc
    lloyds natwest santander boursorama doctolib ameli urssaf spotify deezer disney youtube tiktok snapchat discord
    telegram signal notion trello asana jira figma dropbox alert alerts alertes notifications newsletter robot chatbot
    jenkins travis circleci sentry dependabot renovate grafana datadog pagerduty zapier
    concierge reception accueil moderation staff everyone
    """
)
"""Firms and programs that write to people."""


def _beside_contact(one: Seen) -> bool:
    """Whether a sibling's value is a phone number or an e-mail address."""
    for other in one.siblings[:40]:
        if other is one or not other.is_text or not 6 <= len(other.text) <= 60:
            continue
        if "@" in other.text[1:] or _PHONE.match(other.text):
            return True
    return False


_PHONE = re.compile(r"^\s*(?:\+|0)\d[\d ().-]{7,18}$")


def _is_pair(one: Seen) -> bool:
    """Whether two siblings of one or two letters hold a given name and a family name."""
    first = last = False
    for other in one.siblings[:40]:
        if not other.is_text or len(other.words) != 1 or len(other.text) > 40:
            continue
        if other.words[0] in _FIRST_KEYS and is_given(other.text):
            first = True
        elif other.words[0] in _LAST_KEYS or other.words[0] in {"n", "nom", "name", "a", "age"}:
            last = True
    return first and last
