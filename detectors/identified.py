"""Whether a record says whose it is."""

from douane.detectors.scene import Seen
from douane.detectors.subject import Subject


def beside_person(one: Seen) -> bool:
    """Whether a sibling says who: a name, an e-mail address, a birth date."""
    for other in one.siblings:
        if other is one or other.empty:
            continue
        if other.tells_person or (
            {"name", "nom", "fullname"} & set(other.words) and other.about in {Subject.PERSON, Subject.UNKNOWN}
        ):
            return True
    return False
