"""Findings that a person confirmed, called a false alarm or accepted: counted apart, with by whom and when."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from douane.audit.waivers import Waiver
from douane.ledger.reviews import Review, State
from douane.reports.i18n import Words
from douane.reports.people import named


@dataclass(frozen=True, slots=True)
class Counts:
    """Findings by what was said of them; one that is accepted by a waiver counts as `waived` alone."""

    unreviewed: int = 0
    confirmed: int = 0
    false_alarm: int = 0
    waived: int = 0

    @property
    def all(self) -> int:
        """Every finding."""
        return self.unreviewed + self.confirmed + self.false_alarm + self.waived


def counted(
    fingerprints: Iterable[str], reviews: Mapping[str, Review], waived: Mapping[str, Waiver] | None = None
) -> Counts:
    """How many of these findings are unreviewed, confirmed, false alarms and waived."""
    accepted = waived or {}
    every = list(fingerprints)
    states = [reviews[one].state if one in reviews else State.UNREVIEWED for one in every if one not in accepted]
    unreviewed, confirmed, false_alarm = (states.count(state) for state in State)
    return Counts(unreviewed, confirmed, false_alarm, len(every) - len(states))


def sentence(counts: Counts, words: Words) -> str:
    """The counts in a sentence."""
    parts = [
        words.say("review.unreviewed", counts.unreviewed),
        words.say("review.confirmed", counts.confirmed),
        words.say("review.false-alarm", counts.false_alarm),
    ]
    if counts.waived:
        parts.append(words.say("waiver.count", counts.waived))
    return words.say("review.counts", counts.all, parts=", ".join(parts))


def mark(review: Review | None, words: Words, shown: Callable[[str], str]) -> str:
    """What was said of a finding, by whom and when (UTC); empty for nothing. `shown` makes names harmless."""
    if review is None:
        return ""
    return words.say(
        f"review.by.{review.state.value}", who=shown(named(review.who, words)), when=words.minute(review.at)
    )


def accepted(waiver: Waiver | None, words: Words, shown: Callable[[str], str]) -> str:
    """Who accepted a finding, until when and why; empty for nothing. `shown` makes what a person wrote harmless."""
    if waiver is None:
        return ""
    until = "/".join(reversed(waiver.expires.split("-"))) if words.lang == "fr" else waiver.expires
    return words.say("waiver.by", who=shown(waiver.by), until=until, reason=shown(waiver.reason))


def waiver_document(waiver: Waiver | None) -> dict[str, str] | None:
    """A waiver for programs."""
    return None if waiver is None else {"reason": waiver.reason, "by": waiver.by, "expires": waiver.expires}


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
