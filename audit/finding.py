"""What a detector says of a field. Pure module: no I/O."""

from dataclasses import dataclass, field

from douane.audit.fields import Field


@dataclass(frozen=True, slots=True)
class Finding:
    """A category of data at a place.

    `start` and `end` are offsets in `of.text` (the printed value of the field). `score` is a confidence from 0 to 1.
    `detector` is the registered name of who found it, `evidence` why, in words that hold nothing of the value.
    `normalised` overrides what the pseudonym is made of (the E.164 form of a phone number, say); empty means the text
    between the offsets.
    """

    of: Field = field(repr=False)
    start: int
    end: int
    category: str
    score: float
    detector: str
    evidence: str = ""
    minor: bool = False
    normalised: str = field(default="", repr=False)
