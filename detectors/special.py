"""How the words of the lexicon are weighed: who is meant, and in what kind of field.

Shared by the detectors of health, belief, orientation, origin, offences and biometrics. A strong word counts where a
text speaks for or about a person; a weak one needs the person to be named beside it. In a search or a title, where
people look for books and places, even a strong word needs one.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from douane.audit.finding import Finding
from douane.detectors import hints, subject
from douane.detectors.clauses import clause, first_person, is_landmark, is_name, is_title, sentence
from douane.detectors.findings import part, whole
from douane.detectors.lexicon import Cues, Term, answers
from douane.detectors.scene import Scene, Seen
from douane.detectors.setting import Setting, asking_key, maybe, setting
from douane.detectors.subject import AT_WORK, SOMEBODY, Subject
from douane.detectors.topics import HEALTH, MACHINE, ORIENTATION, ORIGIN, OWN, POLITICS, UNION
from douane.detectors.weight import OTHERS, SHORT, TITLES, place_weight
from douane.detectors.words import key_words, word_set

_NONE_SAID = re.compile(
    r"(?i)^(?:no|none|nothing|aucune?|non|rien|pas d[e']|sans|n/a|normale?|ok|r\.?a\.?s\.?|nkd?a|nil|standard|regular|"
    r"all|any|unknown|prefer not|ne souhaite|undisclosed|not (?:specified|stated|disclosed|applicable)|en cours|todo|"
    r"pending|néant)\b[^,;]{0,24}$"
)
_STRICT = word_set("race races denomination orientation party template origin origine tribe confession culte union")
"""Words of keys that name a category in some records and something else in others: the answer decides."""
_SOFT = word_set(
    """
    symptom symptoms symptome symptomes treatment treatments traitement traitements drug drugs health sante dosage
    church parish paroisse faith pulse penal chronic surgery injury injuries
    culte antecedents infraction infractions offence offences offense offenses criminal conviction convictions
    disease accessibility dependency
    """
)
"""Words of keys that name a category, but are used of machines, plants and shops too."""


@lru_cache(maxsize=8192)
def sureness(key: str, category: str) -> int:
    """How surely a key names a category: 2 surely, 1 where the message or a record is of that kind, 0 by its answer."""
    words = key_words(key)[:12]
    if category in hints.of_words(tuple(word for word in words if word not in _STRICT and word not in _SOFT)):
        return 2
    alone = {word for word in words if category in hints.of_words((word,))}
    for start in range(len(words) - 1):
        for end in range(start + 2, min(len(words), start + 4) + 1):
            run = words[start:end]
            if alone.isdisjoint(run) and category in hints.of_words(run):
                return 2
    return 1 if category in hints.of_words(tuple(word for word in words if word not in _STRICT)) else 0


def _asks(key: str) -> bool:
    """Whether a key is a question in words, as an app puts one that anybody may ask."""
    return "?" in key or key.count(" ") > 3


_PLAIN_LISTS = frozenset({"items", "item", "entries", "list", "articles", "lignes", "lines", "rows"})


def record(one: Seen) -> Subject:
    """Whose record the field stands in, where the field's own key names a category and so says nothing of that."""
    about = one.about
    if about in OTHERS and subject.of_value(one.field.key) is about:
        for key in reversed(one.field.keys[:-1]):
            above = subject.of_holder(key) if key not in _PLAIN_LISTS else Subject.UNKNOWN
            if above is not Subject.UNKNOWN:
                return Subject.UNKNOWN if one.to_app and above is Subject.THING else above
        return Subject.UNKNOWN
    return about


_OFFERED = word_set(
    """
    halal kosher casher cacher wheelchair accessible accessibility pmr fauteuil allergens allergenes allergene allergen
    lgbt lgbtq gluten handicap handicapped disabled prayer braille
    """
)
"""What an app says of venues and dishes under the same key as of persons."""


def keyed(one: Seen, category: str, about: Setting) -> bool:
    """Whether the key says `category` of a person's record, and the value is an answer to that."""
    if category not in one.hints or one.empty or one.field.is_key or (category == POLITICS and about.officials):
        return False
    if one.field.excerpt and (". " in one.field.key or not TITLES.isdisjoint(_outer(one))):
        return False
    whose = record(one)
    if one.to_app and whose is Subject.PROFESSIONAL and category in {_BIOMETRIC, _OFFENCE}:
        whose = Subject.PERSON
    if whose in OTHERS or (not one.to_app and not about.of_person(one) and not _OFFERED.isdisjoint(one.words)):
        return False
    if one.field.value is True:
        return sureness(one.field.key, category) > 0
    if one.is_text and _NONE_SAID.match(one.text.strip()):
        return False
    sure = sureness(one.field.key, category)
    if about.nobody and (sure < 2 or one.field.excerpt or one.field.key != one.field.keys[-1] or _asks(one.field.key)):
        return False
    if sure == 2:
        return True
    if category in one.meanings or answered(one, category):
        return True
    if category == HEALTH and not one.meanings.isdisjoint(_OF_BODIES) and MACHINE not in about.about:
        return True
    if MACHINE in about.about or sure == 0:
        return sure == 1 and category in about.about
    return category in about.about or whose in SOMEBODY


def _outer(one: Seen) -> tuple[str, ...]:
    """The words of the key of the text that holds an excerpt."""
    return key_words(one.field.keys[-2]) if len(one.field.keys) > 1 else ()


def yes(one: Seen, about: Setting) -> bool:
    """Whether a field that is true is so of a person, not of a venue, a product or a search."""
    if one.field.value is not True or one.field.is_key or record(one) in OTHERS:
        return False
    return one.to_app or about.of_person(one)


def asked(one: Seen, category: str, about: Setting) -> bool:
    """Whether the schema's description of the field asks for `category`, and the value answers."""
    if one.empty or one.field.is_key or not one.to_app or category not in about.asks(one):
        return False
    if not one.is_text:
        return one.field.value is True
    text = one.text.strip()
    return 2 < len(text) <= SHORT and not _NONE_SAID.match(text) and any(char.isalpha() for char in text)


def answered(one: Seen, category: str) -> bool:
    """Whether the value is one of the answers that people give when asked for `category`."""
    if not one.is_text or one.empty or len(one.text) > 100:
        return False
    table = answers().get(category)
    if table is None:
        return False
    words = tuple(token.word for token in one.tokens)
    if not words or len(words) > 12:
        return False
    if words in table.whole:
        return True
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + table.longest) + 1):
            if words[start:end] in table.anywhere:
                return True
    return False


def hinted_answer(one: Seen, category: str, about: Setting) -> bool:
    """Whether an ambiguous key (`party`, `seeking`, `menu`) holds an answer of `category`."""
    if len(one.text) > 100:
        return False
    kinds = maybe(asking_key(one))
    if category not in kinds or one.field.is_key or one.empty or not one.is_text or about.nobody:
        return False
    if category == POLITICS and about.officials:
        return False
    loose = kinds[category] and category not in about.about
    if loose and category == _OFFENCE and HEALTH in about.about:
        return False
    if loose and not one.of_person and not _siblings_tell(one, category):
        return False
    if (
        not one.to_app
        and not one.of_person
        and (not _OFFERED.isdisjoint(one.words) or (len(one.tokens) > 1 and category not in about.about))
    ):
        return False
    if record(one) in AT_WORK and not one.to_app:
        return False
    return answered(one, category)


_DATING = word_set(
    """
    bio age pseudo profile profil gender genre sexe hobbies hobby interests photos distance height taille smoker
    fumeur relationship relation zodiac signe pitch accroche mot passions loisirs job
    """
)


def _siblings_tell(one: Seen, category: str) -> bool:
    """Whether the fields beside it make it a dating profile's, or an answer to a question of the same kind."""
    if category in {ORIENTATION, ORIGIN}:
        found = {word for other in one.siblings if other is not one for word in other.words if word in _DATING}
        return len(found) >= 2 or bool(found & {"bio", "pseudo"})
    return any(other is not one and other.hinted(category) for other in one.siblings)


def said(one: Seen, category: str, detector: str, about: Setting) -> Iterable[Finding]:
    """The clauses of a text that say `category` of a person."""
    if category not in one.meanings:
        return
    if one.field.excerpt and not TITLES.isdisjoint(_outer(one)):
        return
    if category in _OF_JOBS and "user.workplace" in one.hints:
        return
    weight = place_weight(one, about)
    if weight < 0:
        return
    if (category == POLITICS and about.officials) or (about.nobody and not any(term.personal for term in one.terms)):
        return
    of_person = about.of_person(one)
    hits = [term for term in one.terms if term.meaning == category]
    cues = [term for term in one.terms if term.meaning == "cue.person"]
    if not one.to_app and not of_person:
        cues = [term for term in cues if one.tokens[term.first].word not in _HOUSE or _NAMED.match(one.text, term.end)]
    persons = Cues(cues)
    general = Cues([term for term in one.terms if term.meaning == "cue.general"])
    body = Cues([term for term in one.terms if term.meaning == "cue.body"]) if category == HEALTH else None
    told = category in about.about and (one.to_app or of_person) and not one.searching and one.about not in OTHERS
    # What somebody wrote to somebody is said of whoever wrote it.
    spoken = of_person and not one.to_app and one.prose and not _SPOKEN.isdisjoint(one.words)
    if category == HEALTH and _LEAFLETS & one.meanings and not of_person:
        return
    brief = of_person and weight == 2 and len(one.tokens) <= (14 if one.to_app else 6)
    named = weight == 0 and is_title(one.text)
    own = OWN in about.about
    asking = category == HEALTH and _QUESTION.match(one.text) is not None
    clauses: dict[tuple[int, int], tuple[float, str]] = {}
    for term in hits:
        start, end = clause(one.text, term.start, term.end)
        if is_name(one.text, term) or _denied(one, term):
            continue
        if category == _RELIGION and is_landmark(one, term):
            continue
        person = term.personal or spoken or persons.between(start, end) or persons.near(term, 4, 3)
        if term.strong and not person and not one.searching and (weight > 0 or TITLES.isdisjoint(one.words)):
            person = persons.between(*sentence(one.text, term.start, term.end))
        if (
            (not one.to_app or about.translates)
            and not of_person
            and not spoken
            and _NORM.search(one.text, start, end)
            and not first_person(one, start, end)
        ):
            continue
        if weight < 2 and general.near(term, 5, 5) and not (person and first_person(one, start, end)):
            continue
        if named or (category == ORIENTATION and one.text[term.end : term.end + 1] == "-"):
            continue
        if not person and category in _READ_ABOUT and about.works and not first_person(one, start, end):
            continue
        if asking and not person and not first_person(one, start, end):
            continue
        if not one.to_app and not of_person and not person:
            if category == _OFFENCE and not cues and not one.field.excerpt and category not in about.about:
                continue
            if term.first == term.last and category in _ORGANISED and weight < 2 and not own:
                continue
            if any(token.word in _OF_VENUES for token in one.tokens[term.first : term.last + 1]):
                continue
        strong = term.strong or (body is not None and weight > 0 and body.near(term, 4, 4))
        score = _score(strong, weight, person) + (0.15 if told else 0.1 if brief else 0.0)
        if score < 0.5:
            continue
        known = clauses.get((start, end))
        if known is None or known[0] < score:
            clauses[start, end] = (min(score, 0.95), "said of a person" if person else "word of the lexicon")
    for (start, end), (score, evidence) in clauses.items():
        yield part(one, start, end, category, score, detector, evidence)


_RELIGION = "user.demographic.religious_belief"
_BIOMETRIC = "user.biometric"
_OFFENCE = "user.criminal_history"
_NAMED = re.compile(r" ?[,:]? ?(?:[A-ZÉ][^\W\d_]|Mr|Mme)")
_OF_JOBS = frozenset({HEALTH, _OFFENCE})
"""What a job may be about, and say nothing of who has it."""
_READ_ABOUT = frozenset({HEALTH, _RELIGION, POLITICS, UNION, ORIENTATION, _OFFENCE, ORIGIN})
_OF_BODIES = frozenset({"cue.medical", "cue.body"})
_LEAFLETS = frozenset({"cue.leaflet"})
_SPOKEN = word_set(
    "preview apercu snippet last message msg text texte body blurb bio about accroche pitch presentation"
)
_QUESTION = re.compile(
    r"(?i)^\W{0,3}(?:can|what|which|is|are|how|does|do|when|why|should|could|peut|peuvent|quel|quels|quelle|quelles|"
    r"combien|comment|pourquoi|est-ce|faut|y a-t-il|existe)\b"
)
_NORM = re.compile(
    r"(?i)\b(?:may|can|must|should|shall|are entitled|are eligible|doit|doivent|peut|peuvent|ont droit|a droit|"
    r"est tenue?|who are|who is|qui sont|bénéficient|interdit)\b"
)
_HOUSE = word_set("we our nous notre nos user member guest customer client")
"""Words by which an app speaks of itself and of its guests in general."""
_OF_VENUES = word_set(
    """
    halal kosher casher cacher wheelchair wheelchairs fauteuil pmr accessible accessibility gay lesbian lgbt lgbtq
    queer prayer priere mosque mosques mosquee mosquees church synagogue synagogues temple messe mass braille hearing
    loop pregnancy grossesse diabetic gluten allergy allergies handicap handicapes disabled reduced mobilite blind
    deaf
    """
)
"""What a venue may offer and an app may list: nobody's, unless a person is meant."""
_ORGANISED = frozenset({POLITICS, UNION})
"""Where the name of an organisation alone is news, not somebody's membership."""
_NO = word_set("no not without non pas aucun aucune sans never jamais ni neither nor denies nie t")
_STOP = frozenset(",.;:!?\n")
_BETWEEN = word_set("de d known any a un une le la more the with have has history")


def _denied(one: Seen, term: Term) -> bool:
    """Whether the term is said not to be so (`not diabetic`, `pas d'asthme`)."""
    if term.first == 0:
        return False
    before = one.tokens[term.first - 1].word
    if not _STOP.isdisjoint(one.text[one.tokens[term.first - 1].end : term.start]):
        return False
    if before in _BETWEEN and term.first > 1:
        before = one.tokens[term.first - 2].word
    return before in _NO


def _score(strong: bool, weight: int, person: bool) -> float:
    if strong:
        return (0.45, 0.75, 0.85, 0.85)[weight] + (0.1 if person else 0.0) + (0.1 if person and weight == 0 else 0.0)
    return (0.35, 0.4, 0.45, 0.65)[weight] + (0.2 if person else 0.0)


_NUMBERED = re.compile(
    r"(?i)^(?:[a-z]|rep|ans|res|resp|opt|col|val|item|field|champ|answer|reponse|question)[ _-]?\d{0,3}$"
)
_OPEN = word_set("answer reponse response choice choix value valeur saisie selected selection answers reponses")


def bare_answer(one: Seen, category: str) -> bool:
    """Whether a field whose key only counts questions (`r3`, `answer`) holds one word or phrase of `category`."""
    if category not in one.meanings or not one.to_app or len(one.text) > 60 or one.field.is_key:
        return False
    if _NUMBERED.match(one.field.key) is None and not (one.words and one.words[-1] in _OPEN):
        return False
    return any(
        term.meaning == category and term.strong and term.first == 0 and term.last == len(one.tokens) - 1
        for term in one.terms
    )


def find(scene: Scene, category: str, detector: str) -> Iterable[Finding]:
    """What keys, questions, answers and words say of `category` in a message."""
    about = setting(scene)
    for one in about.candidates:
        yield from of_field(one, category, detector, about)


def of_field(one: Seen, category: str, detector: str, about: Setting) -> Iterable[Finding]:
    """What one field's key, its description, its value and its words say of `category`."""
    if not (
        category in one.hints
        or category in one.meanings
        or category in maybe(asking_key(one))
        or category in about.asks(one)
    ):
        return
    if keyed(one, category, about):
        yield whole(one, category, 0.85, detector, "key")
    elif asked(one, category, about):
        yield whole(one, category, 0.8, detector, "description")
    elif hinted_answer(one, category, about):
        yield whole(one, category, 0.75, detector, "key and value")
    elif bare_answer(one, category):
        yield whole(one, category, 0.75, detector, "an answer to a numbered question")
    elif one.is_text and len(one.text) >= 3:
        yield from said(one, category, detector, about)
