"""What a tool's schema says of a category at a place, found once for each place. Pure module: no I/O."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from douane.audit import taxonomy
from douane.audit.exchange import Label, Source, Verdict
from douane.audit.identity import Same
from douane.audit.schema import Property, Schema, declared_keys, find_property
from douane.audit.subsumption import vagueness

_MOST: Final = 8192
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """A schema with the words that were asked of it already."""

    schema: Schema
    keys: frozenset[str]
    known: dict[tuple[str, str, tuple[str, ...]], Verdict] = field(
        default_factory=dict[tuple[str, str, tuple[str, ...]], Verdict]
    )

    def word(self, below: tuple[str, ...], category: str, kind: str) -> Verdict:
        """The word on a category at a place below the arguments (`kind` is `input`) or the output."""
        key = (category, kind, below)
        found = self.known.get(key)
        if found is None:
            found = word_of(find_property(self.schema, below), category, kind)
            # a key that the schema does not list may be a datum, and a datum is not kept
            if all(one in self.keys or (one.isdigit() and len(one) <= _DIGITS) for one in below):
                if len(self.known) >= _MOST:
                    self.known.clear()
                self.known[key] = found
        return found


def listing(schema: Schema) -> Listing:
    """The schema's listing, one for each schema that is in use."""
    return _listing(Same(schema))


@lru_cache(maxsize=256)
def _listing(schema: Same[Schema]) -> Listing:
    return Listing(schema.it, declared_keys(schema.it))


def word_of(found: Property | None, category: str, kind: str) -> Verdict:
    """The verdict on a category found at a property; None for a place that the schema does not list."""
    if found is None:
        return Verdict(Source.SCHEMA, Label.OMITTED, f"the tool's {kind} schema does not list this place")
    return Verdict(Source.SCHEMA, *_word_of(found, category, f"the tool's {kind} schema"))


def _word_of(found: Property, category: str, whose: str) -> tuple[Label, str, float | None]:
    said = found.announced()
    if any(taxonomy.is_within(one, category) for one in said):
        return Label.CLEAR, f"{whose} lists this place and says {category}", None
    wider = [(score, one) for one in said if (score := vagueness(category, one)) is not None]
    if wider:
        score, one = min(wider)
        if not score:
            return Label.CLEAR, f"{whose} lists this place and says {one}", None
        return Label.VAGUE, f"{whose} says only {one} of this place", score
    if found.opened:
        return Label.VAGUE, f"{whose} does not list this place itself, only one above it that takes anything", 1.0
    if said:
        return Label.VAGUE, f"{whose} lists this place but says {', '.join(sorted(said)[:3])} of it", 1.0
    return Label.VAGUE, f"{whose} lists this place without saying what personal data it holds", 1.0
