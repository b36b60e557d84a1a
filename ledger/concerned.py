"""How many people some disclosures may concern: bounds from pseudonyms, for each app on its own, read-only.

No value and no pseudonym leaves this module. Whether two apps speak of one person is unknown: each has keys of its own.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from douane.audit import taxonomy
from douane.audit.message import Direction
from douane.audit.planted import is_planted
from douane.ledger.pseudonyms import points_to_one
from douane.ledger.report_query import Scope

_OF_USER = re.compile(r"/_meta/openai~1|^/@http/", re.IGNORECASE)
_SUBJECT = re.compile(r"openai(?:~1|-)subject\Z", re.IGNORECASE)
_INDEX = re.compile(r"(?<=/)[0-9]+(?=/|$)")
_SHORT = frozenset({"0", "1-3", "4-7"})  # buckets of values whose pseudonyms may differ from message to message

_ROWS = """SELECT e.app_id, e.id, e.at, e.flow, e.direction, d.category, d.pointer, d.pseudonym, d.key_id, d.length,
        d.nonce IS NULL AND d.commitment IS NOT NULL, e.salt IS NOT NULL
    FROM exchanges e JOIN disclosures d ON d.exchange_id = e.id
    WHERE e.outcome = 'delivered' AND e.own_traffic = 0 AND e.route <> 'egress' AND +e.at >= :since AND +e.at < :until
      AND (:apps IS NULL OR e.app_id IN (SELECT value FROM json_each(:apps)))
    ORDER BY e.app_id, e.id"""


@dataclass(frozen=True, slots=True)
class Range:
    """At least and at most how many."""

    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Without:
    """How many requests, and how many data, have lost the pseudonym that would say whose they are."""

    requests: int = 0
    data: int = 0


@dataclass(frozen=True, slots=True)
class Concerned:
    """What the disclosures of an app concern.

    `messages` held at least one, from `first` to `last` (ISO 8601). `users` are ChatGPT's users behind them, of whom
    `nameless` requests with their answers say nothing. `people` are those whom the data concern, users left aside;
    `identifiers` says how many different ones of each kind there were, `loose` how many data came without any.
    `unlinked` are the kinds of which equal values may not be known from message to message, with the number of
    messages that held one: there a value counts once in each. `forgotten` and `unkept` speak of requests that named
    their user and of data with an identifier whose pseudonym is not there: it was erased or has expired, or was never
    kept.
    """

    app: str
    messages: int
    first: str
    last: str
    users: Range
    nameless: int
    people: Range
    identifiers: tuple[tuple[str, int], ...]
    loose: int
    unlinked: tuple[tuple[str, int], ...] = ()
    forgotten: Without = Without()
    unkept: Without = Without()


@dataclass(frozen=True, slots=True)
class _Datum:
    flow: str
    at: str
    category: str
    pointer: str
    pseudonym: str | None
    key: str
    length: str
    gone: bool
    salted: bool

    @property
    def identifies(self) -> bool:
        return not self.of_user and points_to_one(self.category)

    @property
    def steady(self) -> bool:
        """Whether an equal value has an equal pseudonym in every message, whatever the value is."""
        return not taxonomy.is_within(self.category, "user.name") and self.length not in _SHORT

    @property
    def of_user(self) -> bool:
        return _OF_USER.search(self.pointer) is not None


@dataclass(slots=True)
class _Count:
    """The sets and figures of one app in the making."""

    times: list[str] = field(default_factory=list[str])
    flows: set[str] = field(default_factory=set[str])
    subjects: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    kinds: dict[tuple[str, str], set[str]] = field(default_factory=dict[tuple[str, str], set[str]])
    steady: dict[tuple[str, str], set[str]] = field(default_factory=dict[tuple[str, str], set[str]])
    unlinked: dict[str, int] = field(default_factory=dict[str, int])
    gone: set[str] = field(default_factory=set[str])
    unkept: set[str] = field(default_factory=set[str])
    in_one: int = 0
    loose: int = 0
    gone_data: int = 0
    unkept_data: int = 0


def concerned(db: sqlite3.Connection, scope: Scope, categories: Sequence[str] = ()) -> list[Concerned]:
    """What the delivered disclosures of these categories (none: of any) concern, by app; apps without any left out.

    At least: so many different identifiers of one kind under one key, or fields of one message that hold different
    names; this takes one person to have one value of a kind. At most: as if no two identifiers were one person's, and
    each datum that came without one, or whose identifier has no pseudonym any more, were another's.
    """
    names = dict(db.execute("SELECT id, name FROM apps").fetchall())
    found: list[Concerned] = []
    for app, rows in groupby(db.execute(_ROWS, scope.bound()), key=lambda row: int(row[0])):
        count = _Count()
        for _, message in groupby(rows, key=lambda row: int(row[1])):
            _add(count, list(_data(message)), categories)
        if count.times:
            found.append(_summed(names[app], count))
    return sorted(found, key=lambda one: one.app)


def _data(rows: Iterable[tuple[object, ...]]) -> Iterator[_Datum]:
    for _, _, at, flow, direction, category, pointer, pseudonym, key, length, gone, salted in rows:
        if not is_planted(str(pointer), Direction(str(direction))):
            digest = None if pseudonym is None else str(pseudonym)
            told = (str(flow), str(at), str(category), str(pointer), digest, str(key), str(length))
            yield _Datum(*told, bool(gone), bool(salted))


def _add(count: _Count, message: list[_Datum], categories: Sequence[str]) -> None:
    for one in message:
        if not _SUBJECT.search(one.pointer):
            continue
        if one.pseudonym is not None:
            count.subjects.setdefault(one.flow, (one.key, one.pseudonym))
        else:
            (count.gone if one.gone else count.unkept).add(one.flow)
    wanted = [
        one for one in message if not categories or any(taxonomy.is_within(one.category, key) for key in categories)
    ]
    if not wanted:
        return
    count.times.append(wanted[0].at)
    count.flows.add(wanted[0].flow)
    identifying = [one for one in message if one.identifies]
    named = [one for one in identifying if one.pseudonym is not None]
    theirs = [one for one in wanted if not one.of_user]
    if not theirs:
        return
    fields: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for one in named:
        digest = one.pseudonym or ""
        count.kinds.setdefault((one.category, one.key), set()).add(digest)
        if one.steady:
            count.steady.setdefault((one.category, one.key), set()).add(digest)
        elif taxonomy.is_within(one.category, "user.name"):
            # two names in one text may be one person's; two elements of one list with different names are not
            places, digests = fields.setdefault((one.category, _INDEX.sub("*", one.pointer)), (set(), set()))
            places.add(one.pointer)
            digests.add(digest)
    count.in_one = max([count.in_one, *(min(len(places), len(digests)) for places, digests in fields.values())])
    for category in {one.category for one in named if one.salted and not one.steady}:
        count.unlinked[category] = count.unlinked.get(category, 0) + 1
    lost = [one for one in identifying if one.pseudonym is None]
    gone = sum(one.gone for one in lost)
    if named:
        count.gone_data += gone
        count.unkept_data += len(lost) - gone
    elif gone:
        count.gone_data += len(theirs)
    elif lost:
        count.unkept_data += len(theirs)
    else:
        count.loose += len(theirs)


def _summed(app: str, count: _Count) -> Concerned:
    by_key: dict[str, set[str]] = {}
    for flow in count.flows & count.subjects.keys():
        key, digest = count.subjects[flow]
        by_key.setdefault(key, set()).add(digest)
    unknown = count.flows - count.subjects.keys()
    forgotten = Without(len(unknown & count.gone), count.gone_data)
    unkept = Without(len(unknown & count.unkept - count.gone), count.unkept_data)
    known = [len(digests) for digests in by_key.values()]
    identifiers: dict[str, int] = {}
    for (category, _), digests in count.kinds.items():
        identifiers[category] = identifiers.get(category, 0) + len(digests)
    most = sum(identifiers.values()) + count.loose + count.gone_data + count.unkept_data
    least = max([count.in_one, int(most > 0), *(len(digests) for digests in count.steady.values())])
    return Concerned(
        app,
        len(count.times),
        min(count.times),
        max(count.times),
        Range(max([1, *known]), sum(known) + len(unknown)),
        len(unknown) - forgotten.requests - unkept.requests,
        Range(least, most),
        tuple(sorted(identifiers.items())),
        count.loose,
        tuple(sorted((category, n) for category, n in count.unlinked.items() if n > 1)),
        forgotten,
        unkept,
    )
