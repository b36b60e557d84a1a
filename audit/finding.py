"""What a detector says of a field. Pure module: no I/O."""

from dataclasses import dataclass, field
from typing import Final

from douane.audit.fields import Field


# Not frozen: see `audit.jsontext.Member`.
@dataclass(slots=True, unsafe_hash=True)
class Finding:
    """A category of data at a place. Never changed once built.

    `start` and `end` are offsets in `of.text` (the printed value of the field). `score` is a confidence from 0 to 1.
    `detector` is the registered name of who found it, `evidence` why, in words that hold nothing of the value.
    `normalised` overrides what the pseudonym is made of (the E.164 form of a phone number, say); empty means the text
    between the offsets.
    """

    of: Final[Field] = field(repr=False)
    start: Final[int]
    end: Final[int]
    category: Final[str]
    score: Final[float]
    detector: Final[str]
    evidence: Final[str] = ""
    minor: Final[bool] = False
    normalised: Final[str] = field(default="", repr=False)
