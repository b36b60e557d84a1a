"""Under which profile a ledger is kept, who made a report of it and why: the lines that every format prints."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from douane.reports import safe
from douane.reports.i18n import Words

LONGEST = 500
"""Characters of a name or a reason that a format prints."""
_BESIDE: Final = re.compile(r"(?P<name>.+?) \((?P<way>system user|page of) (?P<user>.+)\)")
"""A name as the ledger tells it where the system, or the page's own user, knows another one."""
_WAYS: Final = {"system user": "people.system", "page of": "people.page"}
UNRECORDED = ""
"""The time of a reading that was told nowhere."""


@dataclass(frozen=True, slots=True)
class Under:
    """The circumstances of a report. `who` is empty where nobody asked; `at` where the reading is not in the chain.

    `reason` is the configured one of the profile, `why` that of this reading; `kept` are the retention rules of more
    than twelve months, `kept_reason` the one given for them. All of it comes from outside.
    """

    profile: str = "dev"
    reason: str = ""
    who: str = ""
    role: str = ""
    why: str = ""
    at: str = UNRECORDED
    kept: tuple[str, ...] = ()
    kept_reason: str = ""
    exact: bool = False
    """Whether this document shows every count whatever the profile."""

    @property
    def small_hidden(self) -> bool:
        """Whether counts under 5 are hidden."""
        return self.profile == "audit" and not self.exact


def lines(under: Under, words: Words, shown: Callable[[str, int], str] = safe.plain) -> list[str]:
    """The sentences in a language; `shown` makes words from outside harmless for the format."""
    profile = under.profile if under.profile in ("audit", "monitor") else "dev"
    said = [words.phrase("people.audit.exact" if profile == "audit" and under.exact else f"people.{profile}")]
    if under.reason:
        said.append(words.phrase("people.reason").format(reason=shown(under.reason, LONGEST)))
    if under.kept:
        rules, reason = shown(words.phrase("semicolon").join(under.kept), LONGEST), shown(under.kept_reason, LONGEST)
        said.append(words.phrase("people.kept").format(rules=rules, reason=reason))
    if under.who:
        role = words.phrase("people.role").format(role=shown(role_in(under.role, words), LONGEST)) if under.role else ""
        why = words.phrase("people.why").format(why=shown(under.why, LONGEST)) if under.why else ""
        told = "people.recorded" if under.at else "people.unrecorded"
        made = words.phrase("people.made").format(who=shown(named(under.who, words), LONGEST), role=role, why=why)
        said.append(f"{made} {words.phrase(told)}")
    return said


def named(who: str, words: Words) -> str:
    """A person as the ledger tells them, in the words of a language: `Ada (system user root)`. As unsafe as it came."""
    found = _BESIDE.fullmatch(who)
    if found is None:
        return who
    return words.phrase(_WAYS[found["way"]]).format(name=named(found["name"], words), user=named(found["user"], words))


def role_in(role: str, words: Words) -> str:
    """A role in words; one that Douane does not know as it stands."""
    return words.phrase(f"people.role.{role}") if words.has(f"people.role.{role}") else role


def document(under: Under) -> dict[str, str | bool | list[str] | None]:
    """The circumstances for programs."""
    return {
        "profile": under.profile,
        "reason": under.reason or None,
        "counts_under_5_hidden": under.small_hidden,
        "made_by": under.who or None,
        "role": under.role or None,
        "made_for": under.why or None,
        "recorded_at": under.at or None,
        "kept_over_a_year": list(under.kept),
        "kept_reason": under.kept_reason or None,
    }
