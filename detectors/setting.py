"""What a message is about, as its app, tool and keys say, and what its schema asks in each field.

A field `q1` says nothing; its description "Known allergies", or a tool named `triage_form`, does.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from douane.audit.context import Context
from douane.detectors import hints, subject
from douane.detectors.generalities import is_general, lists_officials, lists_works, translates
from douane.detectors.layout import MAPPING
from douane.detectors.lexicon import answers, asking_words, terms
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import SOMEBODY, Subject
from douane.detectors.topics import (
    ANIMAL,
    BY_WORD,
    HEALTH,
    OFFENCE,
    ORIENTATION,
    ORIGIN,
    OWN,
    POLITICS,
    RELIGION,
    UNION,
    of_name,
)
from douane.detectors.words import key_words, tokens, word_set

SPECIAL = frozenset(
    {
        HEALTH,
        RELIGION,
        POLITICS,
        UNION,
        ORIENTATION,
        OFFENCE,
        "user.demographic.philosophical_belief",
        "user.demographic.sex_life",
        ORIGIN,
        "user.biometric",
    }
)

_SHORT = word_set("fc hr rhr hrv pouls halal kosher casher resting bp ta cc hpi abo groupe group sang blood rh rhesus")
"""Words of keys that name a category too briefly for `keys.toml`."""


class Setting:
    """What one message is about."""

    __slots__ = (
        "_asked",
        "_nobody",
        "_people",
        "_properties",
        "_public",
        "_scene",
        "about",
        "candidates",
        "translates",
    )

    def __init__(self, scene: Scene) -> None:
        found = set(of_name(scene.context.app)) | set(of_name(scene.context.tool or ""))
        keys = {one.field.key for one in scene}
        keys.update(*{one.field.keys[:-1] for one in scene})
        read = [_of_key(key) for key in keys]
        found.update(*[said for said, _ in read if said])
        words: set[str] = set().union(*[parts for _, parts in read])
        if not words.isdisjoint(_SELF) and not (
            words.isdisjoint(_SEEKS) and (words.isdisjoint(_MATCHES) or words.isdisjoint(_AGES))
        ):
            found.add(ORIENTATION)
        if not (words.isdisjoint(_STARTS) or words.isdisjoint(_HEADED)) and words.isdisjoint(_PUBLIC):
            found.add(OWN)
        if ANIMAL in found:
            found.discard(HEALTH)
        self._public = not words.isdisjoint(_TIMETABLE)
        self.about = frozenset(found)
        """The categories and settings that app, tool and keys name."""
        self._scene = scene
        self._people: frozenset[tuple[str, ...]] | None = None
        self._nobody: bool | None = None
        self.translates = translates(scene)
        self._properties = _properties(scene.context)
        self._asked: dict[Seen, frozenset[str]] = {}
        self.candidates: list[Seen] = []
        """The fields that may say something of a special category."""
        telling = set(scene.telling)
        described = bool(self._properties)
        dating, medical = ORIENTATION in found, HEALTH in found
        for one in scene:
            field = one.field
            if (
                one in telling
                or _may_say(field.key)
                or (field.key in _KINDS and _may_ask(asking_key(one)))
                or (one.is_text and not _CUES.isdisjoint(one.meanings))
                or (field.value is True and said_by_key(field.key))
                or (dating and one.is_text and not _SELF.isdisjoint(one.words))
                or (described and self.asks(one))
                or (medical and one.words in LAB_VALUES)
                or (len(field.keys) > 1 and is_chart(field.keys[-2]))
            ):
                self.candidates.append(one)

    def of_person(self, one: Seen) -> bool:
        """Whether a field stands in a private person's record, or beside or under the name of one (`guest`, `who`)."""
        if one.of_person:
            return True
        if one.about in _OTHERS and not (
            one.about is Subject.PROFESSIONAL and one.to_app and one.words and one.words[-1] in _NOTES
        ):
            return False
        people = self.people
        if not people:
            return False
        above = one.field.keys[:-1]
        return above in people or (len(above) > 2 and above[:-1] in people and above[-1] not in subject.PLUMBING)

    def record(self, one: Seen) -> set[str]:
        """The words of the keys of the field's object."""
        return self._scene.levels.get(one.field.keys[:-1], set())

    @property
    def people(self) -> frozenset[tuple[str, ...]]:
        """The paths of the objects that name a person under a key that says so."""
        if self._people is None:
            self._people = frozenset(one.field.keys[:-1] for one in self._scene if _names_person(one, self._scene))
        return self._people

    @property
    def nobody(self) -> bool:
        """Whether this is an answer of the app in which no private person appears: what it says, it says in general."""
        if self._nobody is None:
            self._nobody = not (ORIENTATION in self.about or (OWN in self.about and not self._public)) and is_general(
                self._scene, bool(self.people)
            )
        return self._nobody

    @property
    def officials(self) -> bool:
        """Whether this is an answer about candidates for an office and those who hold one."""
        return self._scene.kept(lists_officials)

    @property
    def works(self) -> bool:
        """Whether the message is a list of works to read or to watch."""
        return self._scene.kept(lists_works)

    def asks(self, one: Seen) -> frozenset[str]:
        """The special categories that the schema's title or description of the field asks for."""
        if not self._properties:
            return _NOTHING
        known = self._asked.get(one)
        if known is None:
            known = _NOTHING
            text = _description(self._properties, one.field.keys[2:])
            if text:
                known = of_question(text)
            self._asked[one] = known
        return known

    def described(self, one: Seen) -> frozenset[str]:
        """The words of the schema's title and description of the field."""
        if not self._properties:
            return _NOTHING
        return frozenset(token.word for token in tokens(_description(self._properties, one.field.keys[2:])))


_NOTES = word_set("note notes comment comments commentaire commentaires remark remarks remarque avis report rapport")
"""What a teacher or a doctor writes of somebody."""
_TIMETABLE = word_set(
    "cours classes class places spots capacity capacite tarif tarifs price prix tickets seance seances"
)
"""Keys of a timetable for all."""
LAB_VALUES = frozenset(
    {("value",), ("result",), ("valeur",), ("resultat",), ("taux",), ("res",), ("val",), ("mesure",)}
)
"""Keys of what a laboratory found, beside the name of the test."""
_OTHERS = frozenset({Subject.THING, Subject.PLACE, Subject.PROFESSIONAL})
_CUES = frozenset({"cue.seek", "cue.injury"})
"""Words that say a special category together with others only."""
_SELF = word_set("about bio blurb headline accroche pitch pseudo tagline presentation hobbies zodiac moi")
_STARTS = word_set("start starts debut begin begins startsat dtstart")
_HEADED = word_set("title titre summary")
_PUBLIC = word_set(
    "venue price prix tickets billets speaker speakers organizer lineup capacity isbn sku rating lesson cours"
)
"""Keys that together make the entry of somebody's calendar, and those of an event for all."""
_SEEKS = word_set("montre seeking seeks seek cherche lookingfor interestedin attracted orientation swipe")
_MATCHES = word_set("match matches profile profiles profil profils likes singles suggestions candidates")
_AGES = word_set("age yrs ans km distance dist accroche blurb pseudo tagline hobbies zodiac")
"""Keys that together make a dating profile."""
_WHO = frozenset({"who", "qui", "nm", "display", "pt"})
_SENDERS = frozenset({"from", "de", "sender", "with", "avec", "expediteur"})
_MESSAGE = word_set("preview apercu snippet last message msg text texte body unread lu sent")
_NO_NAME = word_set("id type count number email mail phone tel status ref code note notes message")


def _names_person(one: Seen, scene: Scene) -> bool:
    """Whether the field names a person under a key that says so: `guest: "Ann Roe"`, `who`, the sender of a message."""
    if one.field.is_key or one.has_digit or not one.is_text or not 1 < len(one.text) <= 60:
        return False
    if one.field.pointer[-1:].isdigit():
        # One of a list of names: what stands beside the list is nobody's in particular.
        return False
    key = one.field.key
    if key in _SENDERS:
        if len(one.text) < 3 or scene.levels.get(one.field.keys[:-1], _NOTHING).isdisjoint(_MESSAGE):
            return False
    elif key not in _WHO and (subject.of_value(key) not in SOMEBODY or not _NO_NAME.isdisjoint(one.words)):
        return False
    return one.text[0].isupper() or key in _SENDERS or key in _WHO


_NOTHING: frozenset[str] = frozenset()


def setting(scene: Scene) -> Setting:
    """What the message is about; worked out once a message."""
    return scene.kept(Setting)


@lru_cache(maxsize=8192)
def said_by_key(key: str) -> frozenset[str]:
    """The special categories that the words of a key say by themselves (`anticoagulants`, `apnee_sommeil`)."""
    words = key_words(key)[:8]
    if not words or max(map(len, words)) < 4:
        return _NOTHING
    if words in _DIETS:
        return frozenset({RELIGION})
    return frozenset(term.meaning for term in terms(tokens(" ".join(words))) if term.strong) & SPECIAL


_FEATURES = word_set(
    """
    face facial faciale faciales selfie visage iris retina retine retinal voice vocal vocale voix finger fingers thumb
    doigt doigts pouce index empreinte empreintes digitale palm paume vein veines gait demarche ear oreille
    """
)
_TEMPLATES = word_set(
    """
    vector vecteur vecteurs vectors embedding embeddings template templates tmpl tpl gabarit hash descriptor
    descripteur descriptors features encoding encodage print prints scan minutiae minuties blob signature sample
    echantillon model modele map biometric biometrique image raw bytes fmd iso wsq code data
    """
)
_NO_FEATURE = word_set("text texte id url uri type bio price language langue lang speed index name nom note call mail")


_CHARTS = word_set("vitals vital vitaux constantes obs signes")


@lru_cache(maxsize=8192)
def is_chart(key: str) -> bool:
    """Whether what stands under a key is measured at a bed (`vitals`, `constantes`)."""
    return not _CHARTS.isdisjoint(key_words(key))


@lru_cache(maxsize=8192)
def is_template(key: str) -> bool:
    """Whether a key puts a feature of the body beside a word for a template of it (`selfie_vecteur`)."""
    words = key_words(key)
    if len(words) < 2 or len(words) > 6 or words[-1] in _NO_FEATURE:
        return False
    return not _FEATURES.isdisjoint(words) and not _TEMPLATES.isdisjoint(words)


_DIETS = frozenset(
    {("no", "beef"), ("sans", "boeuf"), ("sans", "porc"), ("no", "pork"), ("pork", "free"), ("beef", "free")}
)
_KEYS_SAY = frozenset({HEALTH, RELIGION, POLITICS, ANIMAL, OFFENCE})
_KEYS_LOOSE = word_set(
    """
    date match matches service services campaign legal police temple faith union recovery health sante surgery sage
    host api device devices vehicle car cat chat my mes mon race accessibility background diagnostic
    symptom symptoms symptome symptomes prescription rx allergy allergies allergie handicap disability
    medication medications medicament medicaments pregnancy grossesse church churches prayer prayers priere prieres
    denier tithe tithes bapteme criminal casier detenu
    """
)


@lru_cache(maxsize=8192)
def _of_key(key: str) -> tuple[frozenset[str], frozenset[str]]:
    """What one key says of the message, by words that do not occur in other kinds of messages; and its words."""
    words = key_words(key)
    said = frozenset(
        meaning
        for word in words
        if word not in _KEYS_LOOSE
        for meaning in BY_WORD.get(word, ())
        if meaning in _KEYS_SAY
    )
    return said, frozenset(words)


@lru_cache(maxsize=8192)
def _may_ask(key: str) -> bool:
    return bool(maybe(key)) or not _SHORT.isdisjoint(key_words(key))


@lru_cache(maxsize=8192)
def _may_say(key: str) -> bool:
    return (key not in _KINDS and _may_ask(key)) or is_template(key)


def _properties(context: Context) -> Mapping[str, Any]:
    """The described properties of the tool's arguments, empty where nothing is described."""
    schema = context.schema
    if schema is None or not isinstance(schema.input_schema, Mapping):
        return {}
    found = schema.input_schema.get("properties")
    return found if isinstance(found, MAPPING) and _described(found, 0) else {}


def _described(properties: Mapping[str, Any], depth: int) -> bool:
    """Whether any property has a title or a description."""
    for node in properties.values():
        for _ in range(4):
            if node is None or not isinstance(node, MAPPING):
                break
            if "description" in node or "title" in node:
                return True
            inner = node.get("properties")
            if inner is not None and isinstance(inner, MAPPING) and depth < 8 and _described(inner, depth + 1):
                return True
            node = node.get("items")
    return False


def _description(properties: Mapping[str, Any], keys: Sequence[str]) -> str:
    """Title and description of the property at the end of `keys`, array items included."""
    node: Any = None
    for key in keys[:12]:
        node = properties.get(key)
        for _ in range(4):
            # None is asked about first: what is no dictionary is dear to tell.
            if node is None or not isinstance(node, MAPPING):
                break
            if node.get("items") is None or not isinstance(node["items"], MAPPING):
                break
            node = {**node["items"], "description": node["items"].get("description") or node.get("description")}
        if node is None or not isinstance(node, MAPPING):
            return ""
        inner = node.get("properties")
        properties = inner if inner is not None and isinstance(inner, MAPPING) else {}
    if node is None or not isinstance(node, MAPPING):
        return ""
    parts = [text for name in ("title", "description") if isinstance(text := node.get(name), str)]
    return " ".join(parts)[:200]


@lru_cache(maxsize=4096)
def of_question(text: str) -> frozenset[str]:
    """The special categories that a question or a description asks for, for instance "Known allergies"."""
    words = tokens(text)
    if len(words) > 14:
        return _NOTHING
    found = set(hints.of_words(tuple(token.word for token in words)))
    found.update(term.meaning for term in terms(words))
    return frozenset(found & SPECIAL)


_KINDS = frozenset({"type", "kind", "reason", "motif", "nature", "category", "categorie"})


def asking_key(one: Seen) -> str:
    """The field's key, with the one above where it only says that a kind or a reason is meant (`leaves`, `kind`)."""
    key = one.field.key
    if key in _KINDS and len(one.field.keys) > 1:
        return f"{one.field.keys[-2]} {key}"
    return key


@lru_cache(maxsize=8192)
def maybe(key: str) -> Mapping[str, bool]:
    """The categories for which a key asks if the answer is of that kind; True where the key is a loose one."""
    words = key_words(key)[:8]
    if asking_words().isdisjoint(words):
        return {}
    parts = {words[start : start + size] for start in range(len(words)) for size in (1, 2, 3)}
    found: dict[str, bool] = {}
    for category, table in answers().items():
        if not parts.isdisjoint(table.keys):
            found[category] = False
        elif not parts.isdisjoint(table.loose):
            found[category] = True
    return found
