"""A message's fields seen together: what their keys say, who their siblings are, whose record they stand in.

Built once a message and shared by all detectors, so that each part is worked out at most once.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from douane.audit.context import Context
from douane.audit.fields import Field
from douane.audit.message import Direction
from douane.detectors import hints, subject
from douane.detectors.fixed import is_fixed
from douane.detectors.layout import asked_of, relabelled
from douane.detectors.lexicon import Term, may_hold, terms
from douane.detectors.minors import is_grown, is_minor
from douane.detectors.plain import is_plain, plain
from douane.detectors.subject import NOBODY, SOMEBODY, Subject
from douane.detectors.words import Token, key_words, places, tokens, vocabulary, word_set

_EMPTY = word_set(
    """
    n/a na none null nil - -- . ? unknown inconnu inconnue aucun aucune no non false tbd x xxx empty vide not
    provided nr rien nothing neant néant undefined default ras r.a.s. sans
    """
)


@lru_cache(maxsize=8192)
def _of_key(key: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The words of a key and what it suggests."""
    return key_words(key), hints.of_key(key)


@lru_cache(maxsize=8192)
def _says_special(key: str) -> bool:
    """Whether a key suggests a special category."""
    return not _SPECIAL.isdisjoint(hints.of_key(key))


class Seen:
    """A field and what was worked out about it."""

    __slots__ = (
        "_about",
        "_meanings",
        "_places",
        "_run",
        "_scene",
        "_spans",
        "_terms",
        "_tokens",
        "_vocabulary",
        "empty",
        "field",
        "has_digit",
        "hints",
        "is_text",
        "prose",
        "searching",
        "text",
        "to_app",
        "words",
    )

    def __init__(self, field: Field, scene: "Scene") -> None:
        text = bare = field.text
        spans = None
        prose = digits = False
        self.field = field
        self.is_text = is_text = isinstance(field.value, str)
        """Whether the value is a string."""
        if text.isalnum() and text.isascii():
            digits = not text.isalpha()
        else:
            if is_text and not is_plain(text):
                read = plain(text)
                text, spans = read.text, read.spans
            bare = text.strip()
            prose = is_text and (" " in bare or (not bare.isprintable() and len(bare.split(None, 1)) > 1))
            digits = _DIGIT.search(text) is not None
        self.text = text
        self._spans = spans
        self.prose = prose
        """Whether the value is a string of several words."""
        words, said = _of_key(field.key)
        self.words = words
        """The words of the field's own key."""
        self.hints = _NOTHING if field.is_key else said
        """The categories and roles that the field's own key suggests; empty for a dictionary key."""
        if not said and scene.described and not field.is_key:
            self.hints = asked_of(scene.context, field.keys)
        self.searching = hints.SEARCH in self.hints
        """Whether the key is one where people type what they look for, names of works and public figures included."""
        self.empty = field.value is False or not bare or (len(bare) <= 12 and bare.lower() in _EMPTY)
        """Whether the value stands for no value (`n/a`, `none`, `aucun`, false)."""
        self.has_digit = digits
        """Whether there is a figure in the value."""
        self.to_app = scene.to_app
        """Whether the field goes to the app."""
        self._scene = scene
        self._about: Subject | None = None
        self._run: bool | None = None
        self._tokens: tuple[Token, ...] | None = None if is_text else ()
        self._vocabulary: frozenset[str] | None = None if is_text else _NOTHING
        self._places: dict[str, list[int]] | None = None
        self._terms: tuple[Term, ...] | None = None if is_text else ()
        self._meanings: frozenset[str] | None = None if is_text else _NOTHING

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where characters of `text` stand in the field's own text."""
        spans = self._spans
        return (start, end) if spans is None or start >= end else (spans[start][0], spans[end - 1][1])

    def hinted(self, category: str) -> bool:
        """Whether the key suggests `category` or something under it."""
        return category in self.hints

    @property
    def tells_person(self) -> bool:
        """Whether a filled in field of this key is found in a person's record only."""
        return (
            bool(self.hints)
            and not self.hints.isdisjoint(subject.PERSON_SIBLINGS)
            and _AMBIGUOUS.isdisjoint(self.words)
            and not self.empty
        )

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The words of the value."""
        known = self._tokens
        if known is None:
            known = self._tokens = tokens(self.text)
        return known

    @property
    def vocabulary(self) -> frozenset[str]:
        """The different words of the value: what detectors ask first, before they look closer."""
        known = self._vocabulary
        if known is None:
            read = self._tokens
            known = vocabulary(self.text) if read is None else frozenset([token[0] for token in read])
            self._vocabulary = known
        return known

    @property
    def places(self) -> Mapping[str, Sequence[int]]:
        """Where each word of the value stands."""
        if self._places is None:
            self._places = places(self.tokens)
        return self._places

    @property
    def terms(self) -> tuple[Term, ...]:
        """The words and phrases of the lexicon in the value."""
        known = self._terms
        if known is None:
            # What is no prose is read where it is made of words, and is no code, path or address.
            said = self.prose or (len(self.text) <= 60 and not self.has_digit and "/" not in self.text)
            known = self._terms = terms(self.tokens) if said and may_hold(self.vocabulary) else ()
        return known

    @property
    def meanings(self) -> frozenset[str]:
        """What the terms in the value mean."""
        known = self._meanings
        if known is None:
            read = self.terms
            known = self._meanings = frozenset([term[0] for term in read]) if read else _NOTHING
        return known

    @property
    def about(self) -> Subject:
        """Whose or what's record the field stands in, as far as keys, siblings and direction tell."""
        known = self._about
        if known is None:
            known = self._about = self._scene.subject_of(self)
        return known

    @property
    def has_run(self) -> bool:
        """Whether eight figures stand with little between them: what numbers of phones, cards and accounts all have."""
        if self._run is None:
            self._run = self.has_digit and _RUN.search(self.text) is not None
        return self._run

    @property
    def of_person(self) -> bool:
        """Whether the record is a private person's, a child's included."""
        return self.about in SOMEBODY

    @property
    def siblings(self) -> Sequence["Seen"]:
        """The members of the same object, the field itself included."""
        return self._scene.groups.get(self.field.group, (self,))


class Scene(Sequence[Seen]):
    """The fields of one message."""

    def __init__(self, fields: Sequence[Field], context: Context) -> None:
        self.context = context
        self.fixed: list[Seen] = []
        """What ChatGPT says of its user in fields whose meaning is fixed; only `chatgpt` looks at them."""
        self._seen: list[Seen] = []
        self.to_app = context.direction is Direction.TO_APP
        """Whether the message goes to the app."""
        self.described = context.schema is not None and self.to_app
        """Whether a schema may say what a key without a meaning asks for."""
        self._kept: dict[Callable[[Scene], Any], Any] = {}
        for field in relabelled(fields):
            fixed = "openai" in field.pointer and is_fixed(field)
            (self.fixed if fixed else self._seen).append(Seen(field, self))

    def __len__(self) -> int:
        return len(self._seen)

    def __getitem__(self, index: int) -> Seen:  # type: ignore[override]
        return self._seen[index]

    def __iter__(self) -> Iterator[Seen]:
        return iter(self._seen)

    def kept[T](self, make: Callable[["Scene"], T]) -> T:
        """What `make` works out of the message, once. The message holds it: it holds the message's values."""
        if make not in self._kept:
            self._kept[make] = make(self)
        return self._kept[make]  # type: ignore[no-any-return]

    def forget(self) -> None:
        """Let go of all values at once, which hold each other; the message cannot be looked at any more."""
        self.__dict__.clear()

    @cached_property
    def texts(self) -> list[Seen]:
        """The fields whose value is a string."""
        return [one for one in self._seen if one.is_text]

    @cached_property
    def prose(self) -> list[Seen]:
        """The fields whose value is a string of several words."""
        return [one for one in self._seen if one.prose]

    @cached_property
    def telling(self) -> list[Seen]:
        """The fields whose value or key says something of a special category."""
        return [
            one
            for one in self._seen
            if (one.hints and not _SPECIAL.isdisjoint(one.hints))
            or (one.is_text and len(one.text) >= 2 and one.meanings and not _SPECIAL.isdisjoint(one.meanings))
            or (len(one.field.keys) > 1 and _says_special(one.field.keys[-2]))
        ]

    @cached_property
    def with_digits(self) -> list[Seen]:
        """The fields with at least one digit, dictionary keys and numbers included."""
        return [one for one in self._seen if one.has_digit]

    @cached_property
    def levels(self) -> dict[tuple[str, ...], set[str]]:
        """The words of the keys under each path of keys: siblings, the members of a sibling array included."""
        found: dict[tuple[str, ...], set[str]] = {}
        for one in self._seen:
            found.setdefault(one.field.keys[:-1], set()).update(one.words)
        return found

    @cached_property
    def groups(self) -> dict[int, list[Seen]]:
        """The fields of each object."""
        found: dict[int, list[Seen]] = {}
        for one in self._seen:
            found.setdefault(one.field.group, []).append(one)
        return found

    @cached_property
    def _group_subjects(self) -> dict[int, Subject]:
        return {group: self._siblings_subject(members) for group, members in self.groups.items()}

    @staticmethod
    def _siblings_subject(members: list[Seen]) -> Subject:
        person = thing = 0
        for one in members:
            if one.empty and one.field.value is not False:
                continue
            if one.hints and one.tells_person and subject.of_value(one.field.key) not in NOBODY:
                person += 1
            if subject.tells_thing(one.words):
                thing += 1
        if thing > person:
            return Subject.PLACE
        return Subject.PERSON if person else Subject.UNKNOWN

    @cached_property
    def _minors(self) -> frozenset[int]:
        """The objects that are a minor's record, by an age, a birth date or a fare for children."""
        return frozenset(group for group, members in self.groups.items() if is_minor(members))

    @cached_property
    def _adults(self) -> frozenset[int]:
        """The objects that are a grown-up's record, by an age or a birth date."""
        return frozenset(group for group, members in self.groups.items() if is_grown(members))

    @cached_property
    def _beasts(self) -> frozenset[int]:
        """The objects that are an animal's record."""
        return frozenset(
            one.field.group for one in self._seen if not one.field.is_key and not subject.BEASTS.isdisjoint(one.words)
        )

    def _is_thread(self, group: int) -> bool:
        """Whether an object is one of a mailbox's threads."""
        return any(not subject.THREADS.isdisjoint(one.words) for one in self.groups.get(group, ())[:40])

    def subject_of(self, one: Seen) -> Subject:
        """What `one`'s key says, else the nearest telling key above it, else its siblings, else the direction."""
        field = one.field
        software, telling = subject.of_path(field.keys[:-1])
        if software:
            return Subject.THING
        own = subject.of_value(field.key)
        if self.to_app and own is Subject.THING and not subject.PERFORMERS.isdisjoint(one.words):
            own = _UNKNOWN
        if (own is _UNKNOWN or own is _PERSON) and field.group in self._minors and not subject.is_adults(one.words):
            return Subject.CHILD
        if own is _UNKNOWN and not _OF_BEAST.isdisjoint(one.words) and field.group in self._beasts:
            return Subject.THING
        if own is Subject.PROFESSIONAL and self.to_app and not subject.DRIVER.isdisjoint(one.words):
            return Subject.PERSON
        if (
            own is Subject.PROFESSIONAL
            and len(field.keys) > 1
            and not subject.DRIVER.isdisjoint(one.words)
            and subject.of_holder(field.keys[-2]) is Subject.PERSON
        ):
            return Subject.PERSON
        if own is not _UNKNOWN and not field.is_key:
            return own
        siblings = self._group_subjects.get(field.group, Subject.UNKNOWN)
        for key, above in telling:
            if self.to_app and above is Subject.THING and not subject.PERFORMERS.isdisjoint(key_words(key)):
                continue
            if above is Subject.PROFESSIONAL and self.to_app and not subject.DRIVER.isdisjoint(key_words(key)):
                # Who is to drive a hired car, as the request names them; no driver of a database.
                beside = self.groups.get(field.group, ())[:40]
                if siblings is Subject.PERSON or any(not _DRIVES.isdisjoint(other.words) for other in beside):
                    return Subject.PERSON
            if above is Subject.CHILD:
                if field.group in self._adults:
                    return Subject.PERSON
                if key.lower() in {"fils", "fil"} and self._is_thread(field.group):
                    continue
            if (
                above in NOBODY
                and siblings is Subject.PERSON
                and (one.words[-1:] == () or not subject.is_beasts(key) or _OF_BEAST.isdisjoint(one.words))
            ):
                return siblings
            return above
        if siblings is Subject.PLACE and self.to_app and field.keys[:2] == _ARGUMENTS and len(field.keys) == 3:
            return Subject.UNKNOWN
        return siblings


_UNKNOWN, _PERSON = Subject.UNKNOWN, Subject.PERSON
_SPECIAL = frozenset(
    {
        "user.health_and_medical",
        "user.demographic.religious_belief",
        "user.demographic.philosophical_belief",
        "user.demographic.political_opinion",
        "user.demographic.trade_union",
        "user.demographic.sexual_orientation",
        "user.demographic.sex_life",
        "user.demographic.race_ethnicity",
        "user.criminal_history",
        "user.biometric",
    }
)
_NOTHING: frozenset[str] = frozenset()
_AMBIGUOUS = frozenset({"title", "titre", "genre", "orientation"})
_DIGIT = re.compile(r"\d")
_RUN = re.compile(r"\d(?:[ .()/\u00a0\u202f\u2010\u2011-]{0,3}\d){7}")
_DRIVES = word_set(
    "licence license permis age dob phone tel telephone mobile gsm naissance birth prenom surname first last country"
)
_OF_BEAST = word_set(
    "name nom n nm prenom surnom age ages born birth dob ne nee naissance sex sexe gender months mois ddn"
)
_ARGUMENTS = ("params", "arguments")
"""Where the record that the user fills in stands: a price there is what the user pays, not a shop's."""
