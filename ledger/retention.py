"""How long the ledger keeps what: a default, and rules for an app's data of a category. Pure module: no clock."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from douane.audit import taxonomy
from douane.audit.declaration_values import DURATION

DEFAULT: Final = "P12M"
"""Twelve months: the upper end of what the CNIL recommends for logs (délibération n° 2021-122), followed by analogy."""
SHORTEST: Final = "P1D"
"""Answers find their requests by a detail that goes with the rest."""
_REFERENCE: Final = datetime(2001, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Keep:
    """One rule: data of this category (and its parts), of this app, are kept so long. Empty names mean any."""

    keep: str
    app: str = ""
    category: str = ""

    def __str__(self) -> str:
        names = " ".join(name for name in (self.app, self.category) if name)
        return f"{names}: {self.keep}" if names else self.keep

    def covers(self, app: str, category: str) -> bool:
        """Whether the rule is for this app's data of this category; an empty category is an exchange's own detail."""
        if self.app and self.app != app:
            return False
        return not self.category or (bool(category) and taxonomy.is_within(category, self.category))


@dataclass(frozen=True, slots=True)
class Policy:
    """What is kept how long, and why longer than twelve months.

    Of several rules that cover a datum the one with the shortest time counts; `keep` where none does.
    """

    keep: str = DEFAULT
    rules: tuple[Keep, ...] = ()
    reason: str = ""

    def of(self, app: str, category: str = "") -> Keep:
        """Return the rule that holds for an app's data of this category, or for its exchanges' own detail."""
        found = [rule for rule in self.rules if rule.covers(app, category)]
        return min(found, key=lambda rule: length(rule.keep), default=Keep(self.keep))

    def all(self) -> tuple[Keep, ...]:
        """Return every rule, the one without names first."""
        return (Keep(self.keep), *self.rules)

    def too_long(self) -> list[Keep]:
        """Return the rules that keep something for longer than twelve months."""
        return [rule for rule in self.all() if is_longer(rule.keep, DEFAULT)]


def before(now: float, duration: str) -> float:
    """Return the moment that lies an ISO 8601 duration before `now`, both as Unix time in seconds.

    Years and months are those of the calendar (31 March less one month is the last day of February); the first moment
    of 1970 for a duration that reaches further back. Raises `ValueError` for what is no duration.
    """
    years, months, weeks, days, hours, minutes, seconds = _parts(duration)
    at = datetime.fromtimestamp(now, UTC)
    month = at.year * 12 + at.month - 1 - years * 12 - months
    if month < 1970 * 12:
        return 0.0
    year, month = month // 12, month % 12 + 1
    at = at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))
    span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return max(0.0, at.timestamp() - span.total_seconds())


def length(duration: str) -> float:
    """Return a duration in seconds, months counted back from a first of January: for comparing, not for dating."""
    years, months, *_ = _parts(duration)
    if years * 12 + months > 12 * 31:
        return (years * 12 + months) * 30.5 * 86400
    return _REFERENCE - before(_REFERENCE, duration)


def is_longer(duration: str, than: str) -> bool:
    """Tell whether a duration is longer than another one."""
    return length(duration) > length(than)


def longest(durations: Iterable[str]) -> str:
    """Return the longest of these durations."""
    return max(durations, key=length)


def _parts(duration: str) -> tuple[int, ...]:
    if not DURATION.fullmatch(duration):
        raise ValueError("not an ISO 8601 duration")
    date, _, clock = duration[1:].partition("T")
    return (*_numbers(date, "YMWD"), *_numbers(clock, "HMS"))


def _numbers(text: str, units: str) -> list[int]:
    out: list[int] = []
    for unit in units:
        number, found, rest = text.partition(unit)
        out.append(int(number) if found else 0)
        text = rest if found else text
    return out
