"""Names of private persons: by key and record, and in text after the words by which people call each other.

Authors, brands, venues and public figures that somebody searches for are nobody's disclosure.
"""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import hints
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part
from douane.detectors.name_cues import (
    BEFORE_ADDRESS,
    BEFORE_PHONE,
    CHATTED,
    CHATTY,
    CUES,
    LABELLED,
    TRIGGERS,
    VCARD,
    Cue,
    titled,
)
from douane.detectors.name_keys import PLACED, Named, named
from douane.detectors.name_walk import spoken
from douane.detectors.names import has_given, is_common, is_given, is_public, is_telling, without_surname
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import SOMEBODY, Subject, of_value
from douane.detectors.words import fold, word_set

_NAME = "user.name"
_CHILD = "user.childrens"
_WEAK_CUE = 0.7
_STRONG_CUE = 0.74
_NOBODY = frozenset({Subject.PLACE, Subject.THING})
_NOT_PRIVATE = _NOBODY | {Subject.PROFESSIONAL}
_CHILDISH = re.compile(
    r"(?i)^(?:son|daughter|baby|child|kid|grandson|granddaughter|nephew|niece|fils|fille|b[ée]b[ée]|"
    r"enfant|petit-fils|petite-fille|neveu|ni[èe]ce)$"
)
_OF_CHILD = re.compile(
    r"(?i)\b(?:my|our|mon|ma|notre|nos|mes) (?:\w{1,12} )?(?:son|daughter|baby|child|kid|fils|fille|"
    r"b[ée]b[ée]|enfant)s?\b[^.!?\n]{0,80}(?:name is|named|called|s'appelle|pr[ée]nom(?: est)?|"
    r"nomm[ée]e?) $"
)

_I_AM = r"i am|i['’]m|je suis"
_IS_SELF = re.compile(rf"(?i)\b(?:{_I_AM}|im|this is|here is|c['’]est|ici|moi,?)\s$")
"""Who speaks of themselves as somebody's child is no child by that."""
_NUMBERED = re.compile(r" ?(?:#|n[°o] ?)?\d")
"""A figure behind a word makes it one of several things: "Text Resource 2"."""
_GROWN = re.compile(r"\b(?:19\d\d|200[0-8]|(?:1[89]|[2-9]\d) (?:ans|years))\b")
_SELF_NAMING = re.compile(rf"(?i)\b(?:my name|m['’]appelle|je me nomme|{_I_AM})\b")
_NAMED_ENDS = re.compile(
    r"(?i)\s*(?:$|[^\w\s'’-])|\s+(?:and|but|from|of|at|with|for|to|born|aged|calling|writing|speaking|living|i|my|"
    r"et|mais|de|du|à|au|en|pour|avec|chez|n[ée]e?|je|j['’]\w+|mon|ma)\b"
)
"""What stands behind a whole name; another word makes it a part of something: "I'm James Bond fan"."""
_PHONE_RUN = re.compile(r"[+0]\d[\d .()-]{7}")
_FIRMS = word_set("asso association fondation foundation enseigne etablissement organisme charity ngo ong org")
_CIVIL = frozenset({"mme", "mrs", "mr "})
_PUBLIC_WORK = re.compile(
    r"(?i)\b(?:cours|exposition|tableaux?|songs?|chansons?|concerts?|albums?|films?|movies?|books?|"
    r"livres?|novels?|recipes?|recettes?|portraits?|tablea\w{1,2}|mets|play|joue|lance|[ée]coute\w{0,2}|biograph\w{1,3}|"
    r"lyrics|by|po[èe]mes?|quotes?|starring|tickets? for|works of|œuvres? de|fan de|guitar\w{0,2}|shampoo|"
    r"museum|mus[ée]e|airport|theme|salle|room|rue|avenue|boulevard|street|place|hôtel|hotel|chez|garage|"
    r"lyc[ée]e|[ée]cole|school|university|fondation|stade)\b"
)


class PersonName:
    """A bare `name` counts in a person's record; elsewhere only with a known given name beside a family name."""

    name = "name"
    title = "Names of persons"
    MATCHES = (
        Match({"passager": {"nom": "Legendre"}}, _NAME),
        Match({"firstName": "Joshua"}, _NAME),
        Match({"patient": {"name": "Jennifer Monaco", "dob": "1946-02-03"}}, _NAME, at="patient/name"),
        Match({"beneficiary_name": "Hilmar Byrd"}, _NAME),
        Match({"contribuable": "Raymond Langlois"}, _NAME),
        Match({"comment": "call Alondra back next week"}, _NAME, text="Alondra"),
        Match({"body": "Salut Jérôme, à demain"}, _NAME, text="Jérôme"),
        Match({"requests": "crib for our daughter Emma"}, _NAME, text="Emma", minor=True),
        Match({"text": "changer mon rdv, Pierre Aubry, né le 13/11/1947"}, _NAME, text="Pierre Aubry"),
        Match({"note": "its under caroline price, thanks"}, _NAME, text="caroline price"),
        Match({"child": {"child_name": "Angela"}}, _CHILD, minor=True),
        Match({"name": "Hilary O'Sullivan", "email": "a@example.org"}, _NAME, at="name"),
        Match({"travellers": [{"given": "Oumar", "family": "Kessler"}]}, _NAME, at="travellers/family"),
        Match(
            {"columns": ["full_name", "city"], "rows": [["Ines Duval", "Pau"]]}, _NAME, text="Ines Duval", results=True
        ),
        Match({"pax": ["OKORO/ADA MRS"]}, _NAME, results=True),
        Match({"pax": ["OKORO/TIM MSTR"]}, _CHILD, results=True, minor=True),
        Match({"emergency": "Astrid +46 70 174 06 05"}, _NAME, text="Astrid"),
        Match({"garant": "Ghislaine Marchal"}, _NAME),
        Match({"invites": ["tata Josette"]}, _NAME, text="Josette"),
        Match({"values": ["Prosser, Gwen"]}, _NAME, results=True),
        Match({"msgs": [{"u": "tamsin", "m": "see you there"}]}, _NAME, at="msgs/u", results=True),
        Match({"text": "Patient : BOYER Joris, opéré hier"}, _NAME, text="BOYER Joris"),
        Match({"snippet": "lunch with Bakary at noon then home"}, _NAME, text="Bakary"),
        Match({"pupil": {"n": "Søren Abdi", "b": "2016-12-29"}}, _CHILD, at="pupil/n", minor=True),
        Match({"guests": [{"firstName": "Lou", "age": 7}]}, _CHILD, at="guests/firstName", minor=True),
        Match({"driver": "Tobenna Okonkwo", "plate": "x"}, _NAME, at="driver"),
        Match({"to_whom": "my brother-in-law Dmitri"}, _NAME, text="Dmitri"),
        Match({"text": "Maître : Fryderyk Kowalczyk, à jeun"}, _NAME, text="Fryderyk Kowalczyk", results=True),
        Match({"note": "parking badge for T. Adeyemi-Cole"}, _NAME, text="T. Adeyemi-Cole"),
        Match({"chats": [{"with": "Kasimir", "preview": "on my way", "unread": 2}]}, _NAME, "Kasimir", results=True),
        Match({"text": "the van is free. tunde 07700 900461"}, _NAME, text="tunde"),
        Match({"household": "the Adeyemi family"}, _NAME, text="Adeyemi"),
        Match({"guests": [{"g": "Tom + 2"}]}, _NAME, text="Tom"),
        Match({"driver": {"name": "Ivo Novak", "licence": "x"}}, _NAME, at="driver/name"),
        Match({"answer1": "Priya", "answer2": "x"}, _NAME, text="Priya"),
        Match({"field": "full name", "value": "Rohan Iyer"}, _NAME, text="Rohan Iyer"),
        Match({"text": "my name is Sarah White"}, _NAME, "Sarah White"),
        Match({"text": "je m'appelle Claire Petit"}, _NAME, "Claire Petit"),
        Match({"text": "please tell Sandra Hill it came"}, _NAME, "Sandra Hill"),
        Match({"text": "I am James Brown and I booked for two"}, _NAME, "James Brown"),
        Match({"text": "Bonjour, je suis James Brown."}, _NAME, "James Brown"),
    )
    MISSES = (
        Miss({"driver": {"name": "postgres", "version": "15"}}, "a program's"),
        Miss({"name": "Deluxe room", "email": "n/a"}, "a room"),
        Miss({"name": "Text Resource 2"}, "one of several things"),
        Miss({"room": {"name": "Chambre Agathe"}}, "a room named after somebody"),
        Miss({"hotelName": "Conrad Hilton Garden"}, "a hotel"),
        Miss({"restaurant": "Papa John's"}, "a restaurant"),
        Miss({"q": "songs by Taylor Swift"}, "a public figure in a search"),
        Miss({"q": "Barack Obama biography"}, "a public figure in a search"),
        Miss({"results": [{"name": "Jefferson Inn", "price": 385}]}, "a hotel in results"),
        Miss({"product_name": "Calvin Klein belt"}, "a brand"),
        Miss({"message": "standup moved to 10:15 in room Einstein"}, "a room"),
        Miss({"issue_body": "breaks the Elise theme"}, "a theme"),
        Miss({"school": "Thomas Jefferson Elementary"}, "a school"),
        Miss({"filename": "martin.txt"}, "a file"),
        Miss({"doctor": "Dr Ada Byrne"}, "a practitioner in a directory"),
        Miss({"username": "ada.b"}, "a handle", category=_NAME),
        Miss({"name": "search_hotels"}, "a tool"),
        Miss({"customer_name": "n/a"}, "none"),
        Miss({"text": "we met at Victoria Park with the kids"}, "a park"),
        Miss({"text": "paint the door in Jade Green"}, "a colour"),
        Miss({"results": [{"title": "Octavia Green 12m fixed"}]}, "a tariff", results=True),
        Miss({"text": "boulevard Émile Zola restaurants"}, "a street"),
        Miss({"author": "Jane Austen"}, "an author"),
        Miss({"cast": [{"actor": "Cillian Murphy", "as": "Tommy"}]}, "a performer", results=True),
        Miss({"author": "Nadia Merle"}, "an author"),
        Miss({"seed": ["Toto - Rosanna"]}, "a song"),
        Miss({"text": "Marketing wants to call the autumn range Margot"}, "a range of products"),
        Miss({"md": "- *Angela's Ashes*"}, "a book"),
        Miss({"main": "Sloppy Joe"}, "a dish"),
        Miss({"pickup": "Viale Enrico Forlanini"}, "a street"),
        Miss({"text": "salle Simone Veil à 9h"}, "a room"),
        Miss({"pet": {"name": "Oscar"}}, "a pet"),
        Miss({"relais": [{"nom": "Chez Simone"}]}, "a shop", results=True),
        Miss({"title": "Bump Jasmine to 5.1.2"}, "a program"),
        Miss({"jobs": [{"title": "Dev", "email": "jobs@acme.example"}]}, "a job", category=_NAME, results=True),
        Miss({"chats": [{"with": "Amazon", "preview": "votre colis arrive"}]}, "a firm", results=True),
        Miss({"name": "Otis", "species": "dog", "chip": "x"}, "an animal"),
        Miss({"text": "tendon d'Achille douloureux"}, "a part of the body", category=_NAME),
        Miss({"fils": [{"annonce": "Lampe Jeanne", "lu": True}]}, "a thread's subject", results=True),
        Miss({"text": "I'm James Bond fan"}, "a public figure that somebody admires"),
        Miss({"text": "The blog says: I am James Brown"}, "a public figure who is quoted", results=True),
        Miss({"clientInfo": {"name": "mcp-martin", "title": "Martin Client"}}, "a program"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        return names_of(scene)

    def by_rules(self, scene: Scene) -> Iterable[Finding]:
        """The names in a message, found afresh."""
        known: dict[str, bool] = {}
        later: list[Seen] = []
        for one in scene.texts:
            if len(one.text) < 2 or one.empty:
                continue
            keyed = named(one)
            for found in keyed:
                yield from self._made(one, found, known)
            if not keyed and one.prose:
                later.append(one)
        words = frozenset(known)
        for one in later:
            yield from self._said(one)
            if _may_say(one):
                for heard in spoken(one, words):
                    made = _PUBLIC_WORK.search(one.text, max(0, heard.start - 12), heard.start)
                    if (
                        made and (made.group() != "by" or " " in one.text[heard.start : heard.end])
                    ) or _PUBLIC_WORK.match(one.text, heard.end + 1):
                        continue
                    yield part(one, heard.start, heard.end, _NAME, heard.score, self.name, "a given name")
                    if any(known.get(word) for word in fold(one.text[heard.start : heard.end]).split()):
                        yield part(one, heard.start, heard.end, _CHILD, 0.8, self.name, "a child's name", minor=True)

    def _made(self, one: Seen, found: Named, known: dict[str, bool]) -> Iterable[Finding]:
        child = one.about is Subject.CHILD or found.child
        yield part(one, found.start, found.end, found.category, found.score, self.name, "key", minor=child)
        if child:
            yield part(one, found.start, found.end, _CHILD, found.score, self.name, "a child's record", minor=True)
        if found.score >= 0.85:
            first = found.category == "user.name.last"
            for word in fold(one.text[found.start : found.end]).split():
                if len(word) >= 4 and not is_common(word) and (not child or not first):
                    known[word] = known.get(word, True) and child
                    if found.category == _NAME:
                        break

    def _said(self, one: Seen) -> Iterable[Finding]:
        if hints.PROSE not in one.hints and (one.about in _NOBODY or not _FIRMS.isdisjoint(one.words)):
            return
        text = one.text
        if "VCARD" in text[:400]:
            for found in VCARD.finditer(text):
                for kind, group in (("", "full"), (".last", "last"), (".first", "first")):
                    if found[group]:
                        yield part(one, *found.span(group), _NAME + kind, 0.9, self.name, "an address book's card")
        if len(text) <= 60:
            span = titled(text, person=one.of_person)
            if span is not None and not one.searching:
                yield part(one, *span, _NAME, 0.75, self.name, "words before it")
                return
        if "@" in text:
            for found in BEFORE_ADDRESS.finditer(text):
                begin, end = self._trim(text, *found.span("n"))
                if begin is not None and (begin, end) == found.span("n"):
                    yield part(one, begin, end, _NAME, 0.88, self.name, "before an address")
        if ":" in text:
            yield from self._labelled(one)
        if one.has_digit and not one.searching and _PHONE_RUN.search(text):
            for found in BEFORE_PHONE.finditer(text):
                if is_telling(found["n"].split()[0]) and not is_common(found["n"].split()[-1]):
                    yield part(one, *found.span("n"), _NAME, 0.7, self.name, "before a phone number")
        words = one.vocabulary
        if words.isdisjoint(TRIGGERS):
            return
        for cue in CUES:
            if not words.isdisjoint(cue.triggers):
                for found in cue.pattern.finditer(text, one.places):
                    yield from self._cued(one, cue, found)
        if words.isdisjoint(CHATTED):
            return
        for found in CHATTY.finditer(text, one.places):
            parts = found.group("n").split()
            if (
                found.group()[:3].lower() in _CIVIL
                and parts[0].islower()
                and len(parts[0]) >= 3
                and not is_common(parts[0])
            ):
                start = found.start("n")
                yield part(one, start, start + len(parts[0]), _NAME, 0.65, self.name, "words before it")
                continue
            if found.group("n")[0].isupper() or not is_telling(parts[0]) or (len(parts) == 1 and len(parts[0]) < 4):
                continue
            yield part(one, found.start("n"), found.end("n"), _NAME, 0.65, self.name, "words before it")

    def _labelled(self, one: Seen) -> Iterable[Finding]:
        """The names after a person's role and a colon, as forms and lists have them."""
        text = one.text
        for found in LABELLED.finditer(text):
            role = of_value(found["r"])
            if role not in SOMEBODY or hints.THING in hints.of_key(found["r"]):
                continue
            begin, end = self._trim(text, *found.span("n"))
            if begin is None or (begin, end) != found.span("n") or is_public(text[begin:end]):
                continue
            score = 0.85 if has_given(text[begin:end]) else 0.72 if " " in text[begin:end] else 0.6
            yield part(one, begin, end, _NAME, score, self.name, "words before it")
            if role is Subject.CHILD and not _GROWN.search(text, end, end + 40):
                yield part(one, begin, end, _CHILD, score, self.name, "words before it", minor=True)

    def _cued(self, one: Seen, cue: Cue, found: re.Match[str]) -> Iterable[Finding]:
        """The name after a cue, unless it is a work's, a place's or a public figure's that is searched for."""
        text = one.text
        naming = _SELF_NAMING.search(found.group()) is not None
        themselves = naming and not one.searching
        said = themselves or cue.of_kin or cue.score >= _STRONG_CUE
        begin, end = self._trim(text, *found.span("n"), cued=said)
        if begin is None:
            return
        known = has_given(text[begin:end])
        # A namesake says so of themselves; who says it in an answer may be anybody, a text that is quoted too.
        namesake = themselves and (one.to_app or one.of_person) and _NAMED_ENDS.match(text, end) is not None
        if (is_public(text[begin:end]) and not namesake) or (not known and _NUMBERED.match(text, end)):
            return
        # A common word beside it makes it a place or a team ("Victoria Station", "The Finance Team").
        if (begin, end) != found.span("n") and (cue.score < 0.85 or not known):
            return
        if cue.score <= _WEAK_CUE and not is_given(text[begin:end].split()[0]):
            return
        score = cue.score if known else cue.score - 0.12
        if score < 0.6 or (
            one.searching
            and (not known or not (cue.of_kin or cue.score >= 0.85 or naming or "called" in found.group().lower()))
        ):
            return
        if _PUBLIC_WORK.search(text, max(0, found.start() - 12), begin) or _PUBLIC_WORK.match(text, end + 1):
            return
        if cue.of_kin:
            minor = (
                _CHILDISH.match(found.group("k")) is not None
                and _IS_SELF.search(text, max(0, found.start() - 14), found.start()) is None
            )
        else:
            minor = _OF_CHILD.search(text, max(0, found.start() - 100), begin) is not None
        yield part(one, begin, end, _NAME, score, self.name, "words before it", minor=minor or None)
        if minor:
            yield part(one, begin, end, _CHILD, score, self.name, "words before it", minor=True)

    @staticmethod
    def _trim(text: str, start: int, end: int, *, cued: bool = True) -> tuple[int | None, int]:
        """The span without common words at its edges; None where nothing is left."""
        words = text[start:end].split(" ")
        while words and is_common(words[-1]) and without_surname(words, cued=cued) is words:
            end -= len(words.pop()) + (1 if words else 0)
        while words and is_common(words[0]):
            first = words.pop(0)
            start += len(first) + 1
        if not words or len(text[start:end].strip()) < 2:
            return None, end
        return start, end


def _may_say(one: Seen) -> bool:
    """Whether names in the value may be private persons': not in searches, titles, places and products."""
    if one.searching or (one.text.startswith("Chez ") and len(one.text) <= 60):
        return False
    return hints.PROSE in one.hints or (one.about not in _NOT_PRIVATE and PLACED.isdisjoint(one.words))


DETECTOR = PersonName()


def names_of(scene: Scene) -> list[Finding]:
    """The names that keys, records and the words beside them tell, worked out once a message."""
    return scene.kept(_found)


def _found(scene: Scene) -> list[Finding]:
    return list(DETECTOR.by_rules(scene))
