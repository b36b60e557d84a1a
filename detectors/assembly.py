"""All that detects under one configuration: the package's detectors, the user's, and what the user allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from douane.audit import taxonomy
from douane.audit.context import Context
from douane.audit.fields import Field
from douane.audit.finding import Finding
from douane.audit.message import Gap
from douane.detectors import registry
from douane.detectors.allow import AllowList
from douane.detectors.base import Detector
from douane.detectors.custom import custom
from douane.detectors.engines import engines
from douane.detectors.everything import EVERYTHING
from douane.detectors.extensions import Extensions, NotAssembledError
from douane.detectors.plugins import Guarded, PluginRefusedError, load


@dataclass(frozen=True, slots=True)
class Source:
    """A detector, where it comes from (`built-in`, `config`, `plugin`, `engine`), and whether it is on."""

    detector: Detector
    origin: str
    on: bool = True


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How sure a finding must be: by category, where that of the nearest one above counts, else `minimum`."""

    minimum: float = 0.0
    by_category: Mapping[str, float] = field(default_factory=dict[str, float])

    def least(self, category: str) -> float:
        """The least score of a finding of that category."""
        covering = [key for key in self.by_category if taxonomy.is_within(category, key)]
        return self.by_category[max(covering, key=len)] if covering else self.minimum


@dataclass(frozen=True, slots=True)
class Assembly:
    """The detectors that are on, those that are off, the allow-list and the thresholds (none by default)."""

    sources: tuple[Source, ...]
    allow: AllowList
    thresholds: Thresholds = Thresholds()

    @property
    def detectors(self) -> tuple[Detector, ...]:
        """The detectors that are on."""
        return tuple(one.detector for one in self.sources if one.on)

    def detect(self, fields: Sequence[Field], context: Context) -> tuple[list[Finding], list[Gap]]:
        """What the detectors find surely enough and no rule allows; a gap for each rule counts what it allowed."""
        found, gaps = registry.detect(fields, context, self.detectors)
        kept, allowed = self.allow.sift(found, context)
        return [one for one in kept if one.score >= self.thresholds.least(one.category)], [*gaps, *allowed]

    def prepare(self) -> None:
        """Load what the detectors would else load with the first text that needs it."""
        registry.prepare(self.detectors)


def assemble(
    given: Extensions | None = None,
    *,
    presidio: bool = True,
    everything: bool = False,
    thresholds: Thresholds | None = None,
) -> Assembly:
    """The detectors of the package and of the user; with `everything`, free text reports what is nobody's as well.

    Raises NotAssembledError where two share a name, none is on, or a file or model of the user's cannot be used.
    """
    given = given or Extensions()
    running = registry.load_all(presidio=presidio)
    sources = [Source(one, "built-in", one in running and one.name not in given.off) for one in registry.load_all()]
    sources.append(Source(EVERYTHING, "built-in", everything and presidio))
    sources.extend(Source(one, "config") for one in custom(given))
    if given.folder is not None:
        sources.extend(Source(one, "plugin") for one in load(given.folder))
    sources.extend(Source(one, "engine") for one in engines(given.models))
    names = [one.detector.name for one in sources]
    for one in sources:
        if names.count(one.detector.name) > 1 and isinstance(one.detector, Guarded):
            problem = f"another detector is called {one.detector.name} too"
            raise PluginRefusedError(one.detector.file, one.detector.line, problem, "Give it a name of its own.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise NotAssembledError(f"two detectors are called {twice}; give each a name of its own")
    if not any(one.on for one in sources):
        raise NotAssembledError("every detector is switched off; nothing would be inspected")
    return Assembly(tuple(sources), AllowList(given.allow), thresholds or Thresholds())
