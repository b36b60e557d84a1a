"""Which category a listed field may hold, how sure that is, and why. Pure module: no I/O.

A guess is no declaration: nobody said it. It rests on the words that the app's author gave, or on what was seen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from douane.audit import announce, taxonomy
from douane.audit.listed import Listed, listed, most_specific, property_at, said_by
from douane.audit.readings import apart
from douane.audit.schema import segments
from douane.audit.skeleton import read_from
from douane.audit.whose import childs, nobodys

OUTRIGHT: Final = 0.95
FORMAT: Final = 0.9
NAME: Final = 0.8
WORDS: Final = 0.6
ABOVE: Final = 0.4

_CHILDREN: Final = "user.childrens"
_OUTCOMES = frozenset({"success", "succeeded", "ok", "done", "error", "failed"})
"""Names of booleans that say how a call went: a `message` beside one is the tool's, and nobody's."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A category, a confidence from 0 to 1, and why.

    `why` is one of `outright`, `format`, `name`, `words`, `above` and `seen`; `times` counts the disclosures for
    `seen`.
    """

    category: str
    confidence: float
    why: str
    times: int = 0


@dataclass(frozen=True, slots=True)
class GuessedField:
    """One listed place with what it may hold, the surest first; `guesses` is empty where nothing says anything."""

    pointer: str
    required: bool
    types: tuple[str, ...]
    guesses: tuple[Guess, ...]
    is_listed: bool = True


def guessed(
    schema: object, seen: Mapping[str, Mapping[str, int]] | None = None, about: Iterable[str] = ()
) -> tuple[GuessedField, ...]:
    """Every leaf that the schema lists with its guesses, then the places that were `seen` and are not listed.

    `seen` counts disclosures: a pointer (indices as `*`) to categories to how many. `about` are the name and
    description of the tool: what is an animal's by them, by its path or by what stands beside it is no person's.
    """
    seen = seen or {}
    out: list[GuessedField] = []
    pointers: set[str] = set()
    places = listed(schema)
    subject = Subjects(places, about)
    told = {_above(one) for one in places if one.name.lower() in _OUTCOMES and "boolean" in _types(one)}
    for place in places:
        if not place.leaf:
            continue
        pointers.add(place.pointer)
        words = () if place.name.lower() == "message" and _above(place) in told else _from_words(schema, place)
        words = [one for one in words if one.why == "outright" or not subject.is_nobodys(place, one.category)]
        if subject.is_childs(place) and not any(one.why == "outright" for one in words):
            words += [Guess(_CHILDREN, NAME, "name") for one in words[:1] if taxonomy.is_within(one.category, "user")]
        guesses = _together((*words, *_from_seen(seen.get(place.pointer, {}))))
        out.append(GuessedField(place.pointer, place.required, _types(place), guesses))
    for pointer, categories in sorted(seen.items()):
        if pointer not in pointers:
            out.append(GuessedField(pointer, False, (), _together(_from_seen(categories)), is_listed=False))
    return tuple(out)


class Subjects:
    """Whose the places of one schema are, as far as their words and those of the tool say it."""

    def __init__(self, places: Iterable[Listed], about: Iterable[str] = ()) -> None:
        """Take the places with the name and description of their tool."""
        self._about = tuple(about)
        self._beside: dict[str, list[str]] = {}
        for one in places:
            self._beside.setdefault(_above(one), []).append(one.name)

    def is_childs(self, place: Listed) -> bool:
        """Whether the place stands in a child's record; the `children` of a node that have children are none."""
        above = [part for part in segments(place.pointer)[:-1] if part != "*"]
        return any(childs(part) and part not in self._beside.get(_above(place), ()) for part in above)

    def is_nobodys(self, place: Listed, category: str) -> bool:
        """Whether what a word announces of the place is no person's (`whose.nobodys`)."""
        texts = [text for key in ("title", "description") if isinstance(text := place.schema.get(key), str)]
        path = [part for part in segments(place.pointer) if part != "*"]
        return nobodys(category, (*path, *texts), (*self._beside.get(_above(place), ()), *self._about))


def categories_of(fields: Iterable[GuessedField]) -> dict[str, Guess]:
    """Each guessed category with its surest guess, by key."""
    out: dict[str, Guess] = {}
    for one in fields:
        for guess in one.guesses:
            if guess.category not in out or out[guess.category].confidence < guess.confidence:
                out[guess.category] = guess
    return dict(sorted(out.items()))


def _above(place: Listed) -> str:
    return place.pointer.rpartition("/")[0]


def _from_words(schema: object, place: Listed) -> list[Guess]:
    kept = read_from(place.schema)
    found = [Guess(one, OUTRIGHT, "outright") for one in most_specific(said_by(place.schema) - kept.keys())]
    if found:
        return found
    form, name = place.schema.get("format"), place.name
    if isinstance(form, str):
        found += _said(form, FORMAT, "format")
    found += _read(kept, FORMAT, "format")
    if name:
        whole = " ".join(part for part in segments(place.pointer) if part != "*")
        found += _said(name, NAME, "name") or _said(whole, NAME, "name")
    found += _read(kept, NAME, "name")
    texts = (place.schema.get(keyword) for keyword in ("title", "description"))
    words = [one for text in texts if isinstance(text, str) for one in _said(text, WORDS, "words")]
    # "e-mail address" speaks of one thing: words beside what the name says already are left to the name.
    beside = {one.category.rpartition(".")[0] for one in found}
    found += [one for one in (*words, *_read(kept, WORDS, "words")) if one.category.rpartition(".")[0] not in beside]
    if not found and (said := property_at(schema, place.pointer)) is not None:
        found += [Guess(category, ABOVE, "above") for category in most_specific(said.announced())]
    return found


def _read(kept: Mapping[str, str], confidence: float, why: str) -> list[Guess]:
    """What a skeleton keeps of words that did not stay."""
    said = tuple(category for category, origin in kept.items() if origin == why)
    return [Guess(category, confidence, why) for category in most_specific(said)]


def _said(text: str, confidence: float, why: str) -> list[Guess]:
    return [Guess(category, confidence, why) for category in most_specific(announce.announced(announce.words(text)))]


def _from_seen(categories: Mapping[str, int]) -> list[Guess]:
    return [Guess(category, min(0.99, 0.7 + 0.05 * count), "seen", count) for category, count in categories.items()]


def _together(guesses: Iterable[Guess]) -> tuple[Guess, ...]:
    best: dict[str, Guess] = {}
    for one in guesses:
        if one.category not in best or best[one.category].confidence < one.confidence:
            best[one.category] = one
    kept = apart(most_specific(tuple(best)))
    return tuple(sorted((best[key] for key in kept), key=lambda one: (-one.confidence, one.category)))


def _types(place: Listed) -> tuple[str, ...]:
    named = place.schema.get("type")
    if isinstance(named, str):
        return (named,)
    return tuple(one for one in named if isinstance(one, str)) if isinstance(named, list) else ()
