"""The detectors in this folder, and running them all.

A file that sets `DETECTOR` is a detector. Any other file must be named in `SUPPORT`: a detector that forgot to register
is a start-up error, not a silent gap.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

import douane.detectors
from douane.audit.context import Context
from douane.audit.fields import Field
from douane.audit.finding import Finding
from douane.audit.message import Gap
from douane.detectors.base import Completing, Detector, DetectorFailed, Prepared
from douane.detectors.confidence import confidence
from douane.detectors.fusion import fuse
from douane.detectors.scene import Scene

SUPPORT = frozenset(
    {
        "allow",
        "assembly",
        "base",
        "blocks",
        "chance",
        "clauses",
        "confidence",
        "correspondence",
        "custom",
        "dates",
        "document_shapes",
        "engines",
        "everything",
        "examples",
        "gates",
        "generalities",
        "explain",
        "extensions",
        "findings",
        "fixed",
        "fusion",
        "hints",
        "homes",
        "id_shapes",
        "identified",
        "issuers",
        "layout",
        "lexicon",
        "measures",
        "minors",
        "morphology",
        "name_cues",
        "name_keys",
        "name_walk",
        "names",
        "nations",
        "ner",
        "occupations",
        "pay",
        "phone_forms",
        "plain",
        "plugins",
        "premises",
        "records",
        "regexes",
        "registry",
        "scene",
        "screen",
        "secret_codes",
        "secret_names",
        "secret_words",
        "setting",
        "shapes",
        "special",
        "starts",
        "streets",
        "subject",
        "topics",
        "untied",
        "weight",
        "wordpiece",
        "words",
    }
)
STATISTICAL = frozenset({"free_text", "presidio"})
"""The files with statistical models and Presidio: left out with `presidio=False`."""


class NoDetectorsError(RuntimeError):
    """The folder of detectors is empty or holds a file that is no detector: refusing to inspect with less than all."""


@cache
def load_all(*, presidio: bool = True) -> tuple[Detector, ...]:
    """Every detector of the package, by file name. Loads no model: a model is loaded when it is first needed.

    Raises NoDetectorsError where there is none, or a file is neither a detector nor known support.
    """
    names = sorted(info.name for info in pkgutil.iter_modules(douane.detectors.__path__) if info.name not in SUPPORT)
    if not presidio:
        names = [name for name in names if name not in STATISTICAL]
    found: list[Detector] = []
    for name in names:
        module = importlib.import_module(f"douane.detectors.{name}")
        detector: Detector | None = getattr(module, "DETECTOR", None)
        if detector is None:
            raise NoDetectorsError(f"detectors/{name}.py sets no DETECTOR and is not listed in registry.SUPPORT")
        found.append(detector)
    if not found:
        raise NoDetectorsError("no detector found in the detectors folder; nothing would be inspected")
    if len({one.name for one in found}) != len(found):
        raise NoDetectorsError("two detectors share a name; each needs its own")
    return tuple(found)


def prepare(detectors: Sequence[Detector]) -> None:
    """Load what the detectors would else load with the first text that needs it: call it before time is counted."""
    for detector in detectors:
        if isinstance(detector, Prepared):
            detector.prepare()


def detect(
    fields: Sequence[Field], context: Context, detectors: Sequence[Detector] | None = None
) -> tuple[list[Finding], list[Gap]]:
    """What the detectors (all of them by default) find in a message's fields, overlaps settled, and how surely.

    A detector that raises gives a gap that names it and nothing else; the others still run. Raises NoDetectorsError for
    an empty list of detectors.
    """
    findings, gaps = settled(fields, context, detectors)
    return confident(findings), gaps


def confident(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with, as score, how often those of their rule's score are right; the user's own as they say."""
    ours = _names()
    return [_scored(one, confidence(one.score)) if one.detector in ours else one for one in findings]


def _scored(one: Finding, score: float) -> Finding:
    """As `dataclasses.replace`, which takes three times as long."""
    return Finding(
        one.of, one.start, one.end, one.category, score, one.detector, one.evidence, one.minor, one.normalised
    )


@cache
def _names() -> frozenset[str]:
    return frozenset(one.name for one in load_all())


def settled(
    fields: Sequence[Field], context: Context, detectors: Sequence[Detector] | None = None
) -> tuple[list[Finding], list[Gap]]:
    """As `detect`, with the scores of the rules."""
    chosen = load_all() if detectors is None else detectors
    if not chosen:
        raise NoDetectorsError("no detector to run; nothing would be inspected")
    scene = Scene(fields, context)
    findings: list[Finding] = []
    gaps: list[Gap] = []
    finding, completing = _parted(chosen)
    for detector in finding:
        try:
            findings.extend(detector.find(scene))
        except Exception as error:  # noqa: BLE001 - one detector's bug must not lose what the others find; its text may hold values
            gaps.append(Gap("detector-failed", "detectors", _how(detector, error)))
    found = fuse(findings)
    for last in completing:
        try:
            found = last.complete(scene, found)
        except Exception as error:  # noqa: BLE001 - as above
            gaps.append(Gap("detector-failed", "detectors", _how(last, error)))
    scene.forget()
    return found, gaps


def _parted(chosen: Sequence[Detector]) -> tuple[Sequence[Detector], Sequence[Completing]]:
    try:
        return _parted_once(tuple(chosen))
    except TypeError:  # a detector of the user's that has no hash
        return _parted_once.__wrapped__(tuple(chosen))


@lru_cache(maxsize=8)
def _parted_once(chosen: tuple[Detector, ...]) -> tuple[tuple[Detector, ...], tuple[Completing, ...]]:
    """Those that find, and those that complete what the others found: each message asks for the same ones."""
    return (
        tuple(one for one in chosen if not isinstance(one, Completing)),
        tuple(one for one in chosen if isinstance(one, Completing)),
    )


def _how(detector: Detector | Completing, error: Exception) -> str:
    return str(error) if isinstance(error, DetectorFailed) else detector.name
