"""Under which profile a ledger is kept, who made a report of it and why: the lines that every format prints."""

from collections.abc import Callable
from dataclasses import dataclass

from douane.reports import safe
from douane.reports.i18n import Words

LONGEST = 500
"""Characters of a name or a reason that a format prints."""
UNRECORDED = ""
"""The time of a reading that was told nowhere."""


@dataclass(frozen=True, slots=True)
class Under:
    """The circumstances of a report. `who` is empty where nobody asked; `at` where the reading is not in the chain.

    `reason` is the configured one of the profile, `why` that of this reading. All of it comes from outside.
    """

    profile: str = "dev"
    reason: str = ""
    who: str = ""
    role: str = ""
    why: str = ""
    at: str = UNRECORDED

    @property
    def small_hidden(self) -> bool:
        """Whether counts under 5 are hidden."""
        return self.profile == "audit"


def lines(under: Under, words: Words, shown: Callable[[str, int], str] = safe.plain) -> list[str]:
    """The sentences in a language; `shown` makes words from outside harmless for the format."""
    said = [words.phrase(f"people.{under.profile if under.profile in ('audit', 'monitor') else 'dev'}")]
    if under.reason:
        said.append(words.phrase("people.reason").format(reason=shown(under.reason, LONGEST)))
    if under.who:
        role = words.phrase("people.role").format(role=shown(under.role, LONGEST)) if under.role else ""
        why = words.phrase("people.why").format(why=shown(under.why, LONGEST)) if under.why else ""
        told = "people.recorded" if under.at else "people.unrecorded"
        made = words.phrase("people.made").format(who=shown(under.who, LONGEST), role=role, why=why)
        said.append(f"{made} {words.phrase(told)}")
    return said


def document(under: Under) -> dict[str, str | bool | None]:
    """The circumstances for programs."""
    return {
        "profile": under.profile,
        "reason": under.reason or None,
        "counts_under_5_hidden": under.small_hidden,
        "made_by": under.who or None,
        "role": under.role or None,
        "made_for": under.why or None,
        "recorded_at": under.at or None,
    }
