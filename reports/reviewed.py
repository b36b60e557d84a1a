"""Which findings a person confirmed or called a false alarm: counted apart, and told with by whom and when."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from douane.ledger.reviews import Review, State
from douane.reports.i18n import Words


@dataclass(frozen=True, slots=True)
class Counts:
    """Findings by what was said of them."""

    unreviewed: int = 0
    confirmed: int = 0
    false_alarm: int = 0

    @property
    def all(self) -> int:
        """Every finding."""
        return self.unreviewed + self.confirmed + self.false_alarm


def counted(fingerprints: Iterable[str], reviews: Mapping[str, Review]) -> Counts:
    """How many of these findings are unreviewed, confirmed and false alarms."""
    states = [reviews[one].state if one in reviews else State.UNREVIEWED for one in fingerprints]
    return Counts(*(states.count(state) for state in State))


def sentence(counts: Counts, words: Words) -> str:
    """The counts in a sentence."""
    parts = [
        words.say("review.unreviewed", counts.unreviewed),
        words.say("review.confirmed", counts.confirmed),
        words.say("review.false-alarm", counts.false_alarm),
    ]
    return words.say("review.counts", counts.all, parts=", ".join(parts))


def mark(review: Review | None, words: Words, shown: Callable[[str], str]) -> str:
    """What was said of a finding, by whom and when (UTC); empty for nothing. `shown` makes names harmless."""
    if review is None:
        return ""
    return words.say(f"review.by.{review.state.value}", who=shown(review.who), when=words.minute(review.at))


def document(review: Review | None) -> dict[str, str | None] | None:
    """A review for programs."""
    if review is None:
        return None
    return {
        "state": review.state.value,
        "by": review.who,
        "role": review.role or None,
        "at": review.at,
        "note": review.note or None,
    }


def numbers(counts: Counts) -> dict[str, int]:
    """The counts for programs."""
    return {"unreviewed": counts.unreviewed, "confirmed": counts.confirmed, "false_alarm": counts.false_alarm}
