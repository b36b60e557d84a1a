"""Names of private persons: by key and record, and in text after the words by which people introduce or call each other.

Authors, brands, venues and public figures that somebody searches for are nobody's disclosure.
"""

import re
from collections.abc import Iterable

from douane.audit.context import Context
from douane.audit.finding import Finding
from douane.detectors import hints, subject
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.names import NAME, NAME_IN_FULL, has_given, is_common, is_given, looks_like_name
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject

_NAME = "user.name"
_CHILD = "user.childrens"
_KINDS = ("user.name.first", "user.name.last")
_GENERIC = frozenset({"name", "nom", "names", "noms"})
_ROLES = subject.PERSON | subject.CHILD
_LIST = re.compile(r"\s*(?:,|;| and | et |&|/)\s*")
_KIN = r"wife|husband|son|daughter|mother|father|mum|mom|dad|brother|sister|baby|child|kid|partner|girlfriend|boyfriend|friend|colleague|boss|neighbou?r|cousin|nephew|niece|uncle|aunt|grandson|granddaughter|grandmother|grandfather"
_KIN_FR = r"femme|mari|fils|fille|m[èe]re|p[èe]re|fr[èe]re|s(?:oe|œ)ur|b[ée]b[ée]|enfant|compagne|compagnon|copain|copine|amie?|coll[èe]gue|voisine?|cousine?|neveu|ni[èe]ce|oncle|tante|[ée]poux|[ée]pouse|petit-fils|petite-fille|patronne?"
_CHILDISH = re.compile(r"(?i)^(?:son|daughter|baby|child|kid|grandson|granddaughter|nephew|niece|fils|fille|b[ée]b[ée]|enfant|petit-fils|petite-fille|neveu|ni[èe]ce)$")
_OF_CHILD = re.compile(
    r"(?i)\b(?:my|our|mon|ma|notre|nos|mes) (?:\w{1,12} )?(?:son|daughter|baby|child|kid|fils|fille|b[ée]b[ée]|enfant)s?\b[^.!?\n]{0,80}(?:name is|named|called|s'appelle|pr[ée]nom(?: est)?|nomm[ée]e?) $"
)

# Each cue ends where the name begins; the words of the cue may be in any case, the name may not.
_CUES: tuple[tuple[re.Pattern[str], float], ...] = (
    (re.compile(rf"(?:^|[\n.!?]\s{{0,3}})(?i:hi|hello|dear|hey|good (?:morning|evening|afternoon)|bonjour|bonsoir|salut|coucou|ch[eè]re?s?|hola|hallo)\s(?P<n>{NAME})(?=\s?[,!\n.]|$)"), 0.9),
    (re.compile(rf"(?i:\b(?:my|his|her|their|full|the|last|first|a) name(?: is|'s)|\bname(?:d| is|:)|\bnamed|\bcalled|\bje m'appelle|\bs'appelle|\bse nomme|\bnommée?|\bpr[ée]nomm[ée]e?|\bau nom d[e']|\bunder(?: the name(?: of)?)?|\bnom\s?:|\bnom de|\bname)\s{{0,2}}(?P<n>{NAME})"), 0.8),
    (re.compile(rf"(?i:\b(?:call|calling|ring|text|remind|ask|tell|invite|thank|ping|chase|follow up with|meeting with|lunch with|dinner with|coffee with|speak (?:to|with)|talk (?:to|with)|spoke (?:to|with)|married to|relancer|rappeler|appeler|contacter|pr[ée]venir|joindre|remercier|inviter|informer|[ée]crire [àa]|parler [àa]|voir avec|rdv avec|rendez-vous avec|d[ée]jeuner avec|d[îi]ner avec|mari[ée]e? (?:[àa]|avec)|interphone|sonnette|sonner chez|[àa] l['’]attention de|attn:?|c/o|file of|record (?:of|for)|dossier de|profile of|account of|compte de|signed by|sign[ée] par|on behalf of|de la part de|entre))\s(?P<n>{NAME})"), 0.74),
    (re.compile(rf"(?i:\b(?:e-?mail|phone|meet|contact|notify|message|visit|pay|reach|from|for|with|pour|avec|chez|de|by|par|and|et|to|à))\s(?P<n>{NAME_IN_FULL})"), 0.7),
    (re.compile(rf"(?:^|[\s(«\"])(?i:m\.|mr\.?|mrs\.?|ms\.?|miss|mme\.?|mlle\.?|monsieur|madame|mademoiselle)\s(?P<n>{NAME})"), 0.85),
    (re.compile(rf"(?i:\b(?:my|our|his|her|their|the)\s(?:little |older |younger |eldest |youngest |best |\d{{1,2}}[ -]year[ -]old )?(?P<k>{_KIN})(?:'s name is|,| is called| named|)\s)(?P<n>{NAME})"), 0.88),
    (re.compile(rf"(?i:\b(?:mon|ma|mes|notre|nos|son|sa|ses|leur)\s(?:petite? |grande? |fut(?:ur|ure) )?(?P<k>{_KIN_FR})(?:,| s'appelle| est|)\s)(?P<n>{NAME})"), 0.88),
    (re.compile(rf"(?P<n>{NAME_IN_FULL})(?= (?i:called|rang|phoned|wrote|emailed|texted|said|asked|is (?:my|our|a)|was|lives|works|needs|wants|has|a appel[ée]|a [ée]crit|a demand[ée]|habite|travaille|souhaite|veut|doit|est (?:mon|ma|notre|n[ée]e?))\b)"), 0.75),
    (re.compile(rf"(?i:\b(?:regards|best wishes|cheers|thanks|thank you|sincerely|yours|love|xoxo|cordialement|bien à vous|amicalement|bises|bisous|merci|à bientôt)),?\s{{0,2}}\n\s{{0,3}}(?P<n>{NAME})\s{{0,3}}(?:\n|$)"), 0.85),
    (re.compile(rf"(?i:\b(?:i am|i'm|this is|je suis|moi c'est|c'est))\s(?P<n>{NAME_IN_FULL})"), 0.75),
    (re.compile(rf"(?<![\w])(?P<n>{NAME_IN_FULL}),? (?=(?:\(?(?i:born|n[ée]e?(?:\(e\))?|dob|age[d]?|âgée?|[0-9]{{1,2}} ans|[0-9]{{1,2}} years)))"), 0.85),
)  # fmt: skip
# A cue is tried only where one of its words stands in the text.
_TRIGGERED = tuple(
    (pattern, score, frozenset(words.split()))
    for (pattern, score), words in zip(
        _CUES,
        (
            "hi hello dear hey good bonjour bonsoir salut coucou cher chere chers cheres hola hallo",
            "name named called m s appelle se nomme nommee prenomme prenommee nom under",
            "call calling ring text remind ask tell invite thank ping chase follow meeting lunch dinner coffee speak talk spoke married relancer rappeler appeler contacter prevenir joindre remercier "
            "inviter informer ecrire parler voir rdv rendez dejeuner diner marie mariee interphone sonnette sonner attention attn c file record dossier profile account compte signed signe behalf part entre",
            "e email mail phone meet contact notify message visit pay reach from for with pour avec chez de by par and et to a",
            "m mr mrs ms miss mme mlle monsieur madame mademoiselle",
            "my our his her their the",
            "mon ma mes notre nos son sa ses leur",
            "called rang phoned wrote emailed texted said asked is was lives works needs wants has a habite travaille souhaite veut doit est",
            "regards wishes cheers thanks thank sincerely yours love xoxo cordialement vous amicalement bises bisous merci bientot",
            "i this je moi c",
            "born ne nee n dob age aged agee ans years",
        ),
        strict=True,
    )
)
_AT_START = re.compile(rf"^\s*(?P<n>{NAME_IN_FULL})\s?(?=<[^\s<>@]{{1,64}}@|\()")
_CHATTY = re.compile(
    r"(?i)\b(?:my name is|name is|i am|i'm|je m'appelle|under|called|au nom de|moi c'est|relancer|rappeler|call|name)\s(?P<n>[^\W\d_]{2,20}(?: [^\W\d_]{2,20})?)"
)
_PUBLIC_WORK = re.compile(
    r"(?i)\b(?:songs?|chansons?|concerts?|albums?|films?|movies?|books?|livres?|novels?|biograph\w{1,3}|lyrics|by|po[èe]mes?|quotes?|starring|tickets? for|works of|œuvres? de|fan de|guitar\w{0,2}|shampoo|museum|mus[ée]e|airport|theme|salle|room|rue|avenue|boulevard|street|place|hôtel|hotel|chez|garage|lyc[ée]e|[ée]cole|school|university|fondation|stade)\b"
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
    )
    MISSES = (
        Miss({"name": "Deluxe room", "email": "n/a"}, "a room"),
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
        Miss({"text": "boulevard Émile Zola restaurants"}, "a street"),
        Miss({"author": "Jane Austen"}, "an author"),
    )

    def find(self, scene: Scene, context: Context) -> Iterable[Finding]:
        for one in scene.texts:
            if len(one.text) < 2 or one.empty or (one.field.is_key and not one.prose):
                continue
            keyed = list(self._keyed(one))
            yield from keyed
            if not keyed and one.prose:
                yield from self._said(one)

    def _keyed(self, one: Seen) -> Iterable[Finding]:
        text = one.text.strip()
        if len(text) > 80 or one.field.is_key or not looks_like_name(text):
            return
        score, category = self._by_key(one, text)
        if not score:
            return
        if "," not in text and ";" not in text or category != _NAME:
            yield from self._made(one, category, score)
            return
        start = 0
        for piece in _LIST.split(one.text):
            at = one.text.index(piece, start)
            start = at + len(piece)
            if piece.strip():
                yield part(one, at, start, category, score, self.name, "key")

    def _by_key(self, one: Seen, text: str) -> tuple[float, str]:
        """How sure the key makes us that a value of a name's shape is a private person's name, and which part of it."""
        about = one.about
        for kind in _KINDS:
            if kind in one.hints and about is not Subject.THING:
                return 0.95, kind
        words = one.words
        own = subject.of_key(one.field.key, last=True)
        if own in {Subject.PLACE, Subject.THING, Subject.PROFESSIONAL}:
            return 0.0, _NAME
        if _NAME in one.hints and about not in {Subject.PLACE, Subject.THING}:
            return 0.93, _NAME
        if hints.SEARCH in one.hints or "user.account.username" in one.hints:
            return 0.0, _NAME
        if _GENERIC.intersection(words):
            if about in {Subject.PERSON, Subject.CHILD}:
                return 0.93, _NAME
            if about is Subject.UNKNOWN and looks_like_name(text, strict=True):
                return 0.6 if text[:1].isupper() else 0.0, _NAME
            return 0.0, _NAME
        if words and words[-1] in _ROLES and own in {Subject.PERSON, Subject.CHILD} and not any(char.islower() and at == 0 for at, char in enumerate(text)):
            known = has_given(text)
            if known or len(text.split()) >= 2:
                return (0.9 if known else 0.75), _NAME
            return 0.6, _NAME
        return 0.0, _NAME

    def _made(self, one: Seen, category: str, score: float) -> Iterable[Finding]:
        child = one.about is Subject.CHILD
        yield whole(one, category, score, self.name, "key", minor=child)
        if child:
            yield whole(one, _CHILD, score, self.name, "a child's record", minor=True)

    def _said(self, one: Seen) -> Iterable[Finding]:
        if one.about in {Subject.PLACE, Subject.THING} and hints.PROSE not in one.hints:
            return
        text = one.text
        start = _AT_START.match(text)
        if start is not None:
            yield part(one, start.start("n"), start.end("n"), _NAME, 0.85, self.name, "before an address")
        words = {token.word for token in one.tokens}
        for pattern, score, triggers in _TRIGGERED:
            if words.isdisjoint(triggers):
                continue
            for found in pattern.finditer(text):
                begin, end = self._trim(text, *found.span("n"))
                if begin is None:
                    continue
                said = text[begin:end]
                known = has_given(said)
                sure = score if known else score - 0.12
                if sure < 0.6 or (one.searching and not known):
                    continue
                if one.searching and "k" not in pattern.groupindex and score < 0.85:
                    continue
                if _PUBLIC_WORK.search(text[max(0, found.start() - 12) : begin]) or _PUBLIC_WORK.match(text[end + 1 :]):
                    continue
                minor = (
                    _CHILDISH.match(found.group("k")) is not None
                    if "k" in pattern.groupindex
                    else _OF_CHILD.search(text[max(0, found.start() - 100) : begin]) is not None
                )
                yield part(one, begin, end, _NAME, sure, self.name, "words before it", minor=minor or None)
                if minor:
                    yield part(one, begin, end, _CHILD, sure, self.name, "words before it", minor=True)
        for found in _CHATTY.finditer(text):
            words = found.group("n").split()
            if found.group("n")[0].isupper() or not is_given(words[0]) or (len(words) == 1 and len(words[0]) < 4):
                continue
            yield part(one, found.start("n"), found.end("n"), _NAME, 0.65, self.name, "words before it")

    @staticmethod
    def _trim(text: str, start: int, end: int) -> tuple[int | None, int]:
        """The span without common words at its edges; None where nothing is left."""
        words = text[start:end].split(" ")
        while words and is_common(words[-1]):
            end -= len(words.pop()) + (1 if words else 0)
        while words and is_common(words[0]):
            first = words.pop(0)
            start += len(first) + 1
        if not words or len(text[start:end].strip()) < 2:
            return None, end
        return start, end


DETECTOR = PersonName()
