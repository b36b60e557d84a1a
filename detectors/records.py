"""What the fields of one object tell together of whose record it is: a person's, a business's, or nobody's.

Finer than `Scene.subject_of`, which goes by keys alone: here values count as well (a name beside an address, a business
among the siblings), and an object of one-letter keys is read by what its values look like.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from douane.detectors import subject
from douane.detectors.names import has_given, is_telling, looks_like_name
from douane.detectors.premises import key_says, names_premises
from douane.detectors.scene import Scene, Seen
from douane.detectors.streets import has_street, is_street
from douane.detectors.subject import AT_WORK, SOMEBODY, Subject
from douane.detectors.words import word_set

_NAME_KEYS = word_set(
    """
    n nm nom name names noms who qui client titulaire fullname owner holder signataire prenom p given first last
    family surname display displayname contact customer patient recipient destinataire tenant locataire person
    personne user buyer applicant candidat candidate fn ln firstname lastname
    """
)
_PLACE_NAME_KEYS = word_set("n nm nom name title titre label libelle lib site org organisation organization shop store")
_STRONG = frozenset({"user.name.first", "user.name.last", "user.demographic.date_of_birth"})
_FIRM = word_set(
    """
    nightly nuitee sleeps couchages bedrooms checkin checkout
    siret siren raison raisonsociale sociale enseigne
    opening openings horaires hours ouverture rating ratings stars
    etoiles reviews website amenities cuisine cuisines menu rules chef capacity capacite specialties
    """
)
_FIRM_NAME = word_set("company societe entreprise firm business org organisation organization")
_PERSONAL = frozenset({"user.government_id", "user.demographic.age_range", "user.demographic.gender"})
_AMBIGUOUS = word_set("title titre genre prefix tva vat rcs orientation")
_HOLDERS = word_set(
    """
    owner holder titulaire tenant locataire buyer acheteur applicant patient passenger guest recipient destinataire
    consignee beneficiary beneficiaire insured assure voter member membre adherent student etudiant eleve pupil
    """
)
_MOST = 60
"""Members of an object that are looked at: a long list of values is no record."""


class Record(NamedTuple):
    """Whose an object's fields are."""

    person: int
    """0 not a person's as far as it tells, 1 a name or a person's number stands in it, 2 what only a person has."""
    business: int
    """0 no business's as far as it tells, 1 a company's name stands in it, 2 what only a business or a venue has."""
    terse: bool
    """Whether most of its keys have one or two letters."""
    street: bool
    """Whether one of its values is a street by its shape."""


_MAILBOX = re.compile(
    r"(?i)\s*(?:info|infos|contact|hello|support|sav|help|accueil|r[ée]servations?|bookings?|billetterie|tickets|sales|"
    r"presse?|office|admin|bonjour|service\w{0,8}|care|enquiries|reception|mairie|secretariat|customer\w{0,8})[.+-]?\w{0,12}@"
)
"""Mailboxes of firms and offices."""
_NONE = Record(0, 0, False, False)


class Records:
    """The records of one message, each worked out when first asked for."""

    def __init__(self, scene: Scene) -> None:
        self._groups = scene.groups
        self._known: dict[int, Record] = {}
        self._forms: dict[int, bool] = {}
        self._levels: dict[tuple[str, ...], Record] = {}
        self._paths: dict[tuple[str, ...], list[Seen]] | None = None
        self._seen: Sequence[Seen] = list(scene)

    def of(self, one: Seen) -> Record:
        """The record that a field stands in."""
        group = one.field.group
        if group not in self._known:
            self._known[group] = _read(self._groups.get(group, [one]))
        return self._known[group]

    def is_form(self, one: Seen) -> bool:
        """Whether the fields beside one are a form's answers under numbered keys, somebody's name among them."""
        group = one.field.group
        if group not in self._forms:
            numbered = [
                other
                for other in self._groups.get(group, [one])[:_MOST]
                if len(other.words) == 2 and other.words[1].isdigit()
            ]
            self._forms[group] = len(numbered) >= 3 and any(
                other.is_text and len(other.text) <= 40 and any(map(is_telling, other.text.split()))
                for other in numbered
            )
        return self._forms[group]

    def members(self, path: tuple[str, ...]) -> Sequence[Seen]:
        """The fields that stand directly under a path of keys."""
        if self._paths is None:
            self._paths = {}
            for one in self._seen:
                self._paths.setdefault(one.field.keys[:-1], []).append(one)
        return self._paths.get(path, ())

    def at(self, path: tuple[str, ...]) -> Record:
        """The record of the members that stand directly under a path of keys."""
        if path not in self._levels:
            self._levels[path] = _read(self.members(path))
        return self._levels[path]

    def _is_firms(self, path: tuple[str, ...]) -> bool:
        """Whether a `contact` in an answer is how to reach the app or a venue: nobody is named in it or beside it."""
        if self.at(path[:-1]).person:
            return False
        mailbox = any(other.is_text and _MAILBOX.match(other.text) for other in self.members(path)[:20])
        return mailbox or not self.at(path).person

    def whose(self, one: Seen, *, own: bool = True) -> Subject:
        """Whose the field is: a person, a place, or unknown. Nearest evidence first; `own` counts its own key too."""
        keys = one.field.keys
        if own:
            said = key_says(one.field.key)
            if said:
                return Subject.PERSON if said == "home" else Subject.PLACE
        said_of = _weigh(self.of(one), keys[-2] if len(keys) > 1 else "")
        if said_of is not Subject.UNKNOWN:
            return said_of
        for at in range(len(keys) - 2, -1, -1):
            said = key_says(keys[at])
            if said:
                return Subject.PERSON if said == "home" else Subject.PLACE
            above = subject.of_holder(keys[at])
            if keys[at] == "contact" and not one.to_app and self._is_firms(keys[: at + 1]):
                return Subject.PLACE
            if above in SOMEBODY:
                return Subject.PERSON
            if above in AT_WORK:
                return Subject.PLACE
            said_of = _weigh(self.at(keys[:at]), keys[at - 1] if at else "")
            if said_of is not Subject.UNKNOWN:
                return said_of
        about = one.about
        return Subject.PERSON if about is Subject.CHILD else about


def records(scene: Scene) -> Records:
    """The records of a message; the detectors that ask share one."""
    return scene.kept(Records)


def _weigh(record: Record, above: str) -> Subject:
    """Whose a record is; a name alone is nobody's where the key above says a place or a professional."""
    if not (record.person or record.business):
        return Subject.UNKNOWN
    if record.person == 1 and above:
        kind = subject.of_holder(above)
        if kind in AT_WORK or (kind is not Subject.PERSON and key_says(above) == "premises"):
            return Subject.PLACE
    return Subject.PERSON if record.person >= record.business else Subject.PLACE


def _says_person(one: Seen) -> bool:
    words = one.words
    if "email" in words and _MAILBOX.match(one.text):
        return False
    if one.hints and (one.tells_person or not (_PERSONAL.isdisjoint(one.hints) or not _AMBIGUOUS.isdisjoint(words))):
        return True
    if not one.is_text or len(one.text) > 60:
        return False
    named, held = not _NAME_KEYS.isdisjoint(words), not _HOLDERS.isdisjoint(words)
    if not (named or held) or not looks_like_name(one.text):
        return False
    if named and has_given(one.text):
        return True
    return held and not names_premises(one.text, one.vocabulary)


def _read(members: Sequence[Seen]) -> Record:
    if not members:
        return _NONE
    person = business = short = 0
    street = False
    for one in members[:_MOST]:
        words, field = one.words, one.field
        if field.is_key or one.empty:
            continue
        last = field.pointer[-3:]
        last = last[last.rfind("/") + 1 :]
        short += len(field.key) <= 2 or (len(last) <= 2 and last.isalpha())
        if not _FIRM.isdisjoint(words) or (
            isinstance(field.value, float) and set(words) == {"note"} and field.value <= 5
        ):
            business = 2
        elif not _FIRM_NAME.isdisjoint(words):
            business = max(business, 1)
        if one.is_text and not _PLACE_NAME_KEYS.isdisjoint(words) and names_premises(one.text, one.vocabulary):
            business = 2
            continue
        professional = subject.of_value(field.key) in AT_WORK
        if not professional:
            if not _STRONG.isdisjoint(one.hints):
                person = 2
            elif person == 0 and _says_person(one):
                person = 1
        if not street and one.is_text and one.has_digit and len(one.text) <= 120 and has_street(one.tokens):
            street = is_street(one.text, one.tokens)
    return Record(person, business, short >= 2 and 2 * short >= sum(not one.field.is_key for one in members), street)
