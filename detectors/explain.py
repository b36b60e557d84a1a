"""Why a field holds what was found, and why nothing was found in the others: as codes, which a command puts into words.

The detectors that are switched off are asked as well. Nothing here holds a value.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from douane.audit import taxonomy
from douane.audit.context import Context
from douane.audit.fields import Field
from douane.audit.finding import Finding
from douane.audit.message import Gap
from douane.detectors import hints, subject
from douane.detectors.assembly import Assembly
from douane.detectors.base import Detector
from douane.detectors.everything import EVERYTHING
from douane.detectors.fusion import fuse
from douane.detectors.registry import confident
from douane.detectors.scene import Scene, Seen
from douane.detectors.shapes import shape_of
from douane.detectors.subject import Subject

_MOST = 4
_SUBJECTS = {
    Subject.PERSON: "person",
    Subject.CHILD: "child",
    Subject.PLACE: "place",
    Subject.THING: "thing",
    Subject.PROFESSIONAL: "professional",
}
_NOBODYS = frozenset({Subject.PLACE, Subject.THING, Subject.PROFESSIONAL})


@dataclass(frozen=True, slots=True)
class Why:
    """A reason: a code, and what its sentence names (categories, detectors, scores; never a value)."""

    code: str
    named: Mapping[str, str | float] = field(default_factory=dict[str, str | float])


@dataclass(frozen=True, slots=True)
class Found:
    """A finding and the evidence for it."""

    finding: Finding = field(repr=False)
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """A field, what was found in it, and what was not and why. Without findings `why` has at least one reason."""

    of: Field = field(repr=False)
    found: tuple[Found, ...]
    why: tuple[Why, ...]


def explain(
    fields: Sequence[Field], context: Context, assembly: Assembly
) -> tuple[list[Explained], list[Finding], list[Gap]]:
    """Each field explained in order, and what `assembly.detect` finds in them."""
    final, gaps = assembly.detect(fields, context)
    scene = Scene(fields, context)
    raw = _candidates(scene, assembly.detectors)
    fused = confident(fuse([one for found in raw.values() for one in found]))
    dropped = _dropped(fused, context, assembly)
    # What reports everything says nothing of why a field is nobody's.
    asked = [one.detector for one in assembly.sources if not one.on and one.detector is not EVERYTHING]
    off = _candidates(scene, asked)
    by_field: dict[str, list[Finding]] = {}
    for finding in final:
        by_field.setdefault(_place(finding.of), []).append(finding)
    out: list[Explained] = []
    for seen in sorted([*scene, *scene.fixed], key=lambda one: one.field.at):
        place = _place(seen.field)
        here = by_field.get(place, [])
        found = tuple(Found(one, tuple(_evidence(one, seen, scene, raw.get(place, [])))) for one in here)
        missed = list(dropped.get(place, ()))
        missed.extend(_lost(raw.get(place, []), here, fused))
        if not found:
            missed.extend(
                Why("off", {"detector": one.detector, "category": one.category}) for one in off.get(place, [])
            )
            missed.extend(_silent(seen, scene) if not missed else ())
        unique = {(one.code, tuple(sorted(one.named.items()))): one for one in missed}
        out.append(Explained(seen.field, found, tuple(unique.values())[:_MOST]))
    return out, final, gaps


def _place(of: Field) -> str:
    return f"{of.pointer}\0{of.reached}\0{of.in_key}\0{of.is_key}"


def _candidates(scene: Scene, detectors: Sequence[Detector]) -> dict[str, list[Finding]]:
    """What each detector says by itself, by field."""
    found: dict[str, list[Finding]] = {}
    for detector in detectors:
        try:
            for one in list(detector.find(scene)):
                found.setdefault(_place(one.of), []).append(one)
        except Exception:  # noqa: BLE001, S112 - `detect` tells it as a gap
            continue
    return found


def _dropped(fused: Sequence[Finding], context: Context, assembly: Assembly) -> dict[str, list[Why]]:
    """What the thresholds and the allow-list took away, by field."""
    out: dict[str, list[Why]] = {}
    for one in fused:
        rule = assembly.allow.rule(one, context)
        least = assembly.thresholds.least(one.category)
        if rule is not None:
            out.setdefault(_place(one.of), []).append(Why("allowed", {"category": one.category, "rule": str(rule)}))
        elif one.score < least:
            named: dict[str, str | float] = {"category": one.category, "score": one.score, "least": least}
            out.setdefault(_place(one.of), []).append(Why("below", named))
    return out


def _lost(raw: Sequence[Finding], here: Sequence[Finding], fused: Sequence[Finding]) -> Iterator[Why]:
    """Candidates that another explains better, in this field or in the text that holds it."""
    for one in raw:
        if any(_same(one, other) for other in fused):
            continue
        winner = next((other for other in here if other.start < one.end and one.start < other.end), None)
        if winner is None:
            if not here:
                yield Why("repeated", {"category": one.category})
        elif not _related(winner.category, one.category):
            yield Why("lost", {"category": one.category, "score": one.score, "winner": winner.category})


def _same(one: Finding, other: Finding) -> bool:
    return (
        one.of is other.of
        and one.start < other.end
        and other.start < one.end
        and _related(one.category, other.category)
    )


def _related(one: str, other: str) -> bool:
    return taxonomy.is_within(one, other) or taxonomy.is_within(other, one)


def _evidence(finding: Finding, seen: Seen, scene: Scene, raw: Sequence[Finding]) -> Iterator[Why]:
    """All that counted for a finding, the detector's own word first."""
    yield Why("evidence", {"words": finding.evidence})
    others = [
        one.detector
        for one in raw
        if one.detector != finding.detector
        and one.start < finding.end
        and finding.start < one.end
        and _related(one.category, finding.category)
    ]
    for name in dict.fromkeys(others):
        yield Why("also", {"detector": name})
    key = _asked(seen, finding.category)
    if key:
        own = key in hints.of_key(seen.field.key)
        yield Why("key" if own else "schema", {"category": key})
    if seen.about in _SUBJECTS:
        yield Why(f"record.{_SUBJECTS[seen.about]}")
    beside = sorted({hint for one in seen.siblings if one is not seen for hint in one.hints & subject.PERSON_SIBLINGS})
    for category in beside[:2]:
        yield Why("sibling", {"category": category})
    yield Why("to_app" if scene.to_app else "to_chatgpt")


def _asked(seen: Seen, category: str) -> str:
    """The most specific category of the key that agrees with `category`; empty where none does."""
    fitting = [one for one in seen.hints if not one.startswith("role.") and _related(one, category)]
    return max(fitting, key=taxonomy.depth, default="")


def _silent(seen: Seen, scene: Scene) -> Iterator[Why]:
    """Why a field without any candidate says nothing."""
    if seen in scene.fixed:
        yield Why("fixed")
        return
    if seen.empty:
        yield Why("empty")
        return
    if seen.field.opened:
        yield Why("opened")
    shape = shape_of(seen.text)
    if shape:
        yield Why(f"shape.{shape}")
    asked = [one for one in seen.hints if not one.startswith("role.")]
    if asked:
        category = max(sorted(asked), key=taxonomy.depth)
        about = seen.about
        if about in _NOBODYS:
            yield Why(f"nobodys.{_SUBJECTS[about]}", {"category": category})
        else:
            yield Why("unlike", {"category": category})
    for meaning in sorted(seen.meanings):
        if taxonomy.category(meaning) is not None:
            yield Why("unsaid", {"category": meaning})
    if seen.searching:
        yield Why("search")
    elif not asked and seen.about in _NOBODYS:
        yield Why(f"record.{_SUBJECTS[seen.about]}")
    if not shape and not asked:
        yield Why("nothing.prose" if seen.prose else "nothing")
