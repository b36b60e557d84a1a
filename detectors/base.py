"""What a detector is, and the examples by which each one shows what it finds and what it leaves alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from douane.audit.finding import Finding
from douane.detectors.scene import Scene

type Given = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Match:
    """Fields in which the detector finds `category`.

    `given` is a JSON object as a tool's arguments (or, with `results`, as its structured answer) would hold it. `text`
    is what is found, the whole value when empty; `at` the slash-joined keys of the field, needed where `given` has
    several. Values are fictitious.
    """

    given: Given
    category: str
    text: str = ""
    at: str = ""
    results: bool = False
    locale: str = ""
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Miss:
    """Fields in which the detector finds nothing, and why that is right.

    `category`, when set, narrows it: other categories may be found.
    """

    given: Given
    why: str
    category: str = ""
    results: bool = False
    locale: str = ""


class DetectorFailed(Exception):  # noqa: N818 - it says what happened
    """A detector failed. Its text may be kept and shown: which one, where in its code and how, never a value."""


class Detector(Protocol):
    """Finds some categories of data in the fields of one message.

    `find` yields findings whose offsets lie in the field's `text`; overlaps are settled by `fusion`. It never raises on
    any input, takes time linear in the size of the fields, and logs nothing. `name` is stored with each finding,
    `title` is for people.
    """

    name: str
    title: str
    MATCHES: tuple[Match, ...]
    MISSES: tuple[Miss, ...]

    def find(self, scene: Scene) -> Iterable[Finding]: ...


@runtime_checkable
class Prepared(Protocol):
    """A detector that has something to load."""

    def prepare(self) -> None: ...


@runtime_checkable
class Completing(Protocol):
    """A detector that adds what it sees to what all others have found, instead of being weighed against them."""

    name: str

    def complete(self, scene: Scene, findings: Sequence[Finding]) -> list[Finding]: ...
