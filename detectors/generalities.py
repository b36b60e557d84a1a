"""Whether what an app answers is said in general (a leaflet, a law, a menu, a poll) or of somebody."""

import re

from douane.detectors import subject
from douane.detectors.names import NAME_IN_FULL, has_given, is_given
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject
from douane.detectors.words import key_words, word_set


def is_general(scene: Scene, named: bool) -> bool:
    """Whether the message is an answer in which no private person appears; `named` says that an object names one."""
    return not (
        scene.to_app
        or named
        or (len(scene) > 0 and scene[0].field.pointer.startswith("/params"))
        or any(_owns(word) for word in key_words(scene.context.tool or ""))
        or any(_shows_person(one) for one in scene)
    )


def lists_works(scene: Scene) -> bool:
    """Whether tool, a title or a folder says that the message lists works to read or to watch."""
    return not _WORKS.isdisjoint(key_words(scene.context.tool or "")) or any(
        len(one.text) <= 40 and one.is_text and not _WORKS.isdisjoint(one.vocabulary) for one in scene
    )


def lists_officials(scene: Scene) -> bool:
    """Whether this is an answer about those who stand for an office or hold one: their party is public."""
    if scene.to_app:
        return False
    words = set(key_words(scene.context.tool or ""))
    for path in scene.levels:
        words.update(key_words(path[-1]) if path else ())
    return not _OFFICES.isdisjoint(words)


def translates(scene: Scene) -> bool:
    """Whether the tool is asked to translate or to rewrite a text."""
    return not _REWRITES.isdisjoint(key_words(scene.context.tool or ""))


_OFFICES = word_set(
    """
    candidates candidats candidat candidate nominees deputes depute elus maires maire mayors senators senator senateurs
    representatives officials official mp mps councillors councillor conseillers ministers ministres legislators
    congress parliament parlement assemblee senat ballot scrutin bulletin tickets
    """
)
_REWRITES = word_set(
    """
    translate traduire traduis translation traduction reformuler reformule rephrase paraphrase summarize summarise
    resumer proofread corriger correct simplify simplifier
    """
)
_WORKS = word_set(
    "books livres bookshelf biblio bibliography bibliographie films movies watchlist readings bookclub podcasts"
)
_OWNERS = word_set(
    """
    my mes mon ma me own history historique chart record records dossier account compte inbox messages thread threads
    conversation chat refill refills prescriptions ordonnances today week semaine day jour doses voicemail
    timeline feed status statut bilan releve activity activite log suivi statement synthese vivier shortlist who qui
    """
)
"""Words of tools that answer about somebody, beside those that name persons."""
_PERSONS = subject.PERSON | subject.CHILD


def _owns(word: str) -> bool:
    return word in _OWNERS or word in _PERSONS or (word[-1] == "s" and word[:-1] in _PERSONS)


_SPEAKS = word_set("my mine mon ma mes moi je j i i'm im he she his her hers him il elle your you votre vos ton ta tes")
_TO_ALL = re.compile(
    r"(?i)\b(?:if|when|whether|unless|should|may|can|must) you\b|\byou (?:may|can|must|should|need)\b|\bsi vous\b|"
    r"\bvous (?:pouvez|devez|êtes tenus?)\b|\b(?:your|votre) (?:doctor|gp|pharmacist|médecin|pharmacien)\b"
)
"""How an app speaks to whom it may concern."""
_PAID = word_set("rembourse remboursee remboursement reimbursed reimbursement")
_OF_NAME = re.compile(
    r"(?:(?m:^)[-*•] |\b(?:by|for|with|avec|pour|de|of|chez) )([A-ZÉÈÎÏ][\w'’]{2,20}(?:-[A-ZÉÈÎÏ]\w{2,20})?)\b"
)
_GENERAL = frozenset({"cue.leaflet", "cue.general"})


def _shows_person(one: Seen) -> bool:
    """Whether a field tells that an answer is about somebody: by its key, or by the words in which it speaks."""
    if one.field.is_key or one.empty:
        return False
    if not one.words or one.words in _ASKED:
        return False
    if not one.hints.isdisjoint(_ONLY_PERSONS) and one.about not in _OTHERS:
        return True
    if one.of_person and (len(one.field.keys) < 3 or not _CONTACTS.issuperset(one.hints) or not one.hints):
        return True
    if not one.prose:
        return False
    if one.vocabulary.isdisjoint(_SPEAKS):
        if not one.vocabulary.isdisjoint(_PAID):
            return True
        if any(term.meaning == "cue.person" and _LABELLED.match(one.text, term.end) for term in one.terms):
            return True
        return len(one.text) > 60 and any(is_given(found[1]) for found in _OF_NAME.finditer(one.text, 0, 4000))
    return one.meanings.isdisjoint(_GENERAL) and _TO_ALL.search(one.text, 0, 4000) is None


_ASKED = frozenset({("q",), ("question",), ("titre",), ("title",), ("headline",), ("faq",)})
"""Keys of what anybody may ask."""
_ONLY_PERSONS = frozenset({"user.demographic.age_range", "user.demographic.date_of_birth", "user.name.first"})
_CONTACTS = frozenset(
    {"user.contact.phone_number", "user.contact.email", "user.contact.address", "user.contact.address.postal_code"}
)
"""What a venue has as well as a person."""
_LABELLED = re.compile(r" ?[:,]? ?(?:[A-ZÉ][^\W\d_]|Mr|Mme|M\.)")
_OTHERS = frozenset({Subject.THING, Subject.PLACE, Subject.PROFESSIONAL})


_ONE_PERSON = re.compile(
    r"(?i)\b(?:i|i['’](?:m|ve|d)|my|me|we|our|he|his|him|she|her|patient|client|mr|mrs|ms|dr|miss)\b"
)
_RULED = re.compile(r"(?i)\b(?:must|can|should|may|shall|ought)\b")
_SENTENCE = re.compile(r"(?:[!?\n]|[^\W\d]{3}\.)\s")
_NAMED = re.compile(NAME_IN_FULL)
_REACH = 160


def is_anybodys_age(text: str, start: int) -> bool:
    """Whether the sentence before "at the age of" or "by the age of" at `start` speaks of nobody, or makes a rule."""
    near = text[max(0, start - _REACH) : start]
    before = near[max((ended.end() for ended in _SENTENCE.finditer(near)), default=0) :]
    if _RULED.search(before):
        return True
    if _ONE_PERSON.search(before):
        return False
    return not any(has_given(found.group()) for found in _NAMED.finditer(before))
