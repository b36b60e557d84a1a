"""Under which profile a ledger is kept, who made a report of it and why: the lines that every format prints."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from douane.reports import safe
from douane.reports.i18n import Words

LONGEST = 500
"""Characters of a name or a reason that a format prints."""
_WAYS: Final = {"system user ": "people.system", "page of ": "people.page"}
"""What stands between a name in the ledger and the one that the system, or the page's own user, knows."""
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
    """A person as the ledger tells them, in the words of a language: `Ada (system user root)`. As unsafe as it came.

    At most the two brackets that Douane writes are said anew, the user of a page in the second; what a person called
    themselves stays as it was given, whatever brackets it has.
    """
    found = _beside(who)
    if found is None:
        return who
    name, way, user = found
    if way == "people.page" and (own := _beside(user)) is not None and own[1] == "people.system":
        user = words.phrase(own[1]).format(name=own[0], user=own[2])
    return words.phrase(way).format(name=name, user=user)


def _beside(who: str) -> tuple[str, str, str] | None:
    """A name, the way it is known and the name beside it, from the last bracket that closes with the text."""
    depth, at = 0, len(who)
    while at and (depth or at == len(who)):
        at -= 1
        depth += (who[at] == ")") - (who[at] == "(")
    name, inner = who[:at].removesuffix(" "), who[at + 1 : -1]
    way = next((way for way in _WAYS if inner.startswith(way)), "")
    if depth or not who.endswith(")") or not way or not name or who[at - 1] != " " or inner == way:
        return None
    return name, _WAYS[way], inner.removeprefix(way)


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
