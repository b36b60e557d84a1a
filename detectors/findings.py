"""How detectors make findings."""

from douane.audit.finding import Finding
from douane.detectors.scene import Seen
from douane.detectors.subject import Subject

identity = object.__hash__
"""What tells an object from every other one, as `id` does; but each call of `id` is an audit event, and asks the hooks
that libraries (filelock's, which Presidio brings) have set."""


def whole(
    one: Seen,
    category: str,
    score: float,
    detector: str,
    evidence: str,
    *,
    minor: bool | None = None,
    normalised: str = "",
) -> Finding:
    """The whole value, without the white space around it."""
    text = one.text
    start, end = 0, len(text)
    if text[:1].isspace() or text[-1:].isspace():
        start = end - len(text.lstrip())
        end = max(start, len(text.rstrip()))
    return part(one, start, end, category, score, detector, evidence, minor=minor, normalised=normalised)


def part(
    one: Seen,
    start: int,
    end: int,
    category: str,
    score: float,
    detector: str,
    evidence: str,
    *,
    minor: bool | None = None,
    normalised: str = "",
) -> Finding:
    """A part of the value. `minor` defaults to whether the record is a child's."""
    child = one.about is Subject.CHILD if minor is None else minor
    start, end = one.original(start, end)
    return Finding(one.field, start, end, category, score, detector, evidence, child, normalised)
