"""What an app was given or gave of one category in one direction: how often, how it was judged, and where it stood."""

from dataclasses import dataclass

from douane.audit import taxonomy
from douane.audit.exchange import Label
from douane.audit.message import Direction
from douane.audit.verdicts import ORDER

LABELS = ORDER
"""Headlines, the most pressing first."""

PLACES_SHOWN = 4
"""Places named per finding; the rest is a number."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Disclosures by headline verdict."""

    prohibited: int = 0
    incorrect: int = 0
    omitted: int = 0
    ambiguous: int = 0
    vague: int = 0
    clear: int = 0
    gap: int = 0

    def __add__(self, other: "Labels") -> "Labels":
        return Labels(*(getattr(self, label) + getattr(other, label) for label in LABELS))

    def of(self, label: Label) -> int:
        """The number under one headline."""
        count: int = getattr(self, label)
        return count

    @property
    def worst(self) -> Label:
        """The most pressing headline that occurs; GAP when none does."""
        return next((label for label in LABELS if self.of(label)), Label.GAP)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding stood: tool (or method), pointer, how often, and the ledger's id of the first exchange."""

    tool: str
    method: str
    pointer: str
    count: int
    exchange: int


@dataclass(frozen=True, slots=True)
class Flow:
    """One app × category × direction: how many disclosures, how they were judged, when.

    `undeclared` counts those that a source leaves out or denies, whatever their headline (`by_schema`: the tool's
    schema, `by_declaration`: the app's declaration, `by_policy`: the privacy policy, `by_connection`: the information
    shown at connection; `denied`: by a statement); `undeclared_first` is the first of those. `places` is
    filled for what a person should look at; `places_more` counts the places beyond those named. `tools` are all those
    (or the methods, where there is no tool) of the disclosures that the app's declaration leaves out.
    """

    app: str
    category: str
    direction: Direction
    flags: tuple[str, ...]
    count: int
    labels: Labels
    first: str
    last: str
    undeclared: int = 0
    by_schema: int = 0
    by_declaration: int = 0
    by_policy: int = 0
    by_connection: int = 0
    denied: int = 0
    undeclared_first: str = ""
    places: tuple[Place, ...] = ()
    places_more: int = 0
    tools: tuple[str, ...] = ()

    @property
    def special(self) -> bool:
        """Whether it is a special category (GDPR Art. 9)."""
        return "art9" in self.flags

    @property
    def restricted(self) -> bool:
        """Whether the platform forbids it, whatever was declared."""
        return taxonomy.restricted(self.flags) or self.labels.prohibited > 0

    @property
    def notable(self) -> bool:
        """Whether a person should look at it."""
        return bool(
            self.undeclared or self.restricted or self.labels.ambiguous or {"art9", "art10", "minor"} & set(self.flags)
        )

    @property
    def weight(self) -> tuple[int, int, int, int, str, str]:
        """A sort key: what weighs most comes first."""
        return (
            -int(self.undeclared > 0) - 2 * int(self.undeclared > 0 and (self.special or self.restricted)),
            -int(self.restricted) - int(self.special),
            -self.undeclared,
            -self.count,
            self.category,
            self.direction,
        )
