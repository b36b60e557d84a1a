"""Equal data of equal messages, counted in one pass over a ledger: what summaries and rules are made of, read-only.

A ledger of years holds few data that differ: the same tool is given the same category at the same place again and
again. Everything that tells two data apart for a report is in the key, all that is counted beside it. What tells people
apart (pseudonyms, sessions) is in neither, but for whether an identifier came back that ChatGPT had sent unasked.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from douane.audit.echo import GIVEN, identifies
from douane.audit.planted import PLANTED
from douane.audit.taxonomy import categories
from douane.ledger.report_query import FoundRow, OutcomeRow, Scope

SOURCES: Final = ("schema", "declaration", "policy", "connection")
NAMED: Final = 20
"""Disclosures of a group that are named by their ids, the lowest."""
_SOME: Final = 8_192  # exchanges that are read at a time: the memory of a pass does not grow with the ledger
_ECHO: Final = "\x1d"
_MESSAGES: Final = """SELECT id, at, app_id, direction, kind, outcome, coalesce(tool, ''), coalesce(method, ''),
    redelivery FROM exchanges
    WHERE id BETWEEN :first AND :last AND own_traffic = 0 AND route <> 'egress' AND at >= :since AND at < :until
      AND (:apps IS NULL OR app_id IN (SELECT value FROM json_each(:apps)))"""
# One text for all that tells a datum apart: a string each would double the time. What comes from outside is last, or
# quoted, so that no two data have the same text.
_DATA: Final = """SELECT d.id, d.exchange_id, d.category || char(31) || d.headline || char(31) || d.detector || char(31)
    || d.flags || char(31) || d.also || char(31) || CASE WHEN d.headline IN ('omitted', 'incorrect', 'prohibited')
        THEN coalesce((SELECT group_concat(v.source || ':' || v.verdict, ' ') FROM verdicts v
            WHERE v.disclosure_id = d.id AND v.replaced_at IS NULL), '') ELSE '' END
    || char(31) || CASE WHEN d.reached = '' THEN '' ELSE json_quote(d.reached) END || char(31) || d.pointer
    FROM disclosures d WHERE d.exchange_id BETWEEN ? AND ? ORDER BY d.exchange_id, d.id"""
_ECHOES: Final = f"""SELECT d.id FROM exchanges e CROSS JOIN disclosures d ON d.exchange_id = e.id
    CROSS JOIN exchanges q ON q.id = e.answers_id
    WHERE e.id BETWEEN :first AND :last AND e.direction = 'to_chatgpt' AND e.outcome = 'delivered'
      AND d.pseudonym IS NOT NULL AND d.category IN (SELECT value FROM json_each(:identifiers))
      AND q.app_id = e.app_id AND q.direction = 'to_app' AND q.own_traffic = 0 AND q.route <> 'egress'
      AND q.redelivery = 0 AND q.at >= :since AND q.at < :until
      AND EXISTS (SELECT 1 FROM disclosures g WHERE g.exchange_id = q.id AND g.pseudonym = d.pseudonym AND ({{given}}))
      AND NOT EXISTS (SELECT 1 FROM disclosures g WHERE g.exchange_id = q.id AND g.pseudonym = d.pseudonym
        AND NOT ({{given}}) AND g.pointer NOT LIKE '/params/arguments/{PLANTED}/%'
        AND g.pointer <> '/params/arguments/{PLANTED}')""".format(  # noqa: S608 - our own words
    given=" OR ".join(f"substr(g.pointer, 1, {len(prefix)}) = '{prefix}'" for prefix in GIVEN)
)


class Message(NamedTuple):
    """Equal messages. Tool and method are empty where there is none."""

    app: int
    direction: str
    kind: str
    outcome: str
    tool: str
    method: str
    redelivery: int


@dataclass(frozen=True, slots=True)
class Datum:
    """Equal data of equal messages: how often, when first and last, and in which exchange first.

    `labels` is the verdict that holds by source, of data whose headline is a fault. `echoed` says whether it is an
    identifier that ChatGPT had sent unasked with the call. `disclosure` is the first one's id, `ids` the lowest ids.
    """

    message: Message
    category: str
    headline: str
    detector: str
    flags: str
    also: str
    labels: Mapping[str, str]
    reached: str
    pointer: str
    echoed: bool
    count: int
    first: str
    last: str
    exchange: int
    disclosure: int
    ids: tuple[int, ...]


@dataclass(slots=True)
class _Times:
    count: int
    first: str
    last: str
    exchange: int
    disclosure: int
    ids: list[int]


@dataclass(slots=True)
class _Group:
    """Equal messages: what was found in them by its text, and in how many of them something was."""

    message: Message
    number: int
    count: int
    first: str
    last: str
    carrying: int = 0
    data: dict[str, _Times] = field(default_factory=dict[str, _Times])


class Equal:
    """All messages and all data of a scope, in groups of equals."""

    def __init__(self, scope: Scope, groups: Iterable[_Group]) -> None:
        self.scope = scope
        self._groups = list(groups)
        self._data: list[Datum] | None = None

    def data(self) -> list[Datum]:
        """The data, in the order in which the first of each was written."""
        if self._data is None:
            rows = [(times.ids[0], group, text, times) for group in self._groups for text, times in group.data.items()]
            self._data = [_datum(group.message, text, times) for _, group, text, times in sorted(rows, key=_by_id)]
        return self._data

    def found(self) -> list[FoundRow]:
        """Everything found in the messages, in groups of equals, whatever became of the message."""
        groups: dict[tuple[Any, ...], tuple[int, str, str, int]] = {}
        for one in self.data():
            message = one.message
            context = (message.app, message.direction, message.outcome, message.tool, message.method)
            out = frozenset(source for source, label in one.labels.items() if label in ("omitted", "incorrect"))
            key = (
                *(context, one.category, one.flags, one.headline, one.detector, one.pointer),
                *(tuple(source in out for source in SOURCES), "incorrect" in one.labels.values()),
            )
            count, first, last, exchange = groups.get(key, (0, one.first, one.last, one.exchange))
            earliest = min((first, exchange), (one.first, one.exchange))
            groups[key] = (count + one.count, earliest[0], max(last, one.last), earliest[1])
        rows: list[FoundRow] = []
        for (context, category, flags, headline, detector, pointer, out, denied), times in groups.items():
            values: tuple[Any, ...] = (category, _texts(flags), headline, detector, pointer, *out, denied, *times)
            rows.append(FoundRow(*context, *values))
        return rows

    def outcomes(self) -> list[OutcomeRow]:
        """Messages by app, direction and outcome."""
        rows: dict[tuple[int, str, str], OutcomeRow] = {}
        for one in self._groups:
            key = (one.message.app, one.message.direction, one.message.outcome)
            known = rows.get(key, OutcomeRow(*key, 0, 0, one.first, one.last))
            counts = (known.messages + one.count, known.carrying + one.carrying)
            rows[key] = OutcomeRow(*key, *counts, min(known.first, one.first), max(known.last, one.last))
        return [rows[key] for key in sorted(rows)]

    def calls(self) -> dict[tuple[int, str], int]:
        """Calls by app and tool."""
        out: dict[tuple[int, str], int] = {}
        for one in self._groups:
            key = (one.message.app, one.message.tool)
            if one.message.tool and one.message.kind == "request":
                out[key] = out.get(key, 0) + one.count
        return out

    def messages(self, app: int) -> dict[str, int]:
        """Messages of an app by direction, each once, however often it was delivered."""
        out: dict[str, int] = {}
        for one in self._groups:
            if one.message.app == app and not one.message.redelivery:
                out[one.message.direction] = out.get(one.message.direction, 0) + one.count
        return out

    def named(self, app: int) -> dict[str, str]:
        """When each tool of an app was first named, by a message that was no redelivery."""
        out: dict[str, str] = {}
        for one in self._groups:
            if one.message.app == app and one.message.tool and not one.message.redelivery:
                out[one.message.tool] = min(out.get(one.message.tool, one.first), one.first)
        return out


def equal(db: sqlite3.Connection, scope: Scope) -> Equal:
    """Count the messages and data of a scope; Douane's own traffic and what apps sent out themselves are in neither."""
    groups: dict[tuple[Any, ...], _Group] = {}
    first, last = db.execute("SELECT (SELECT min(id) FROM exchanges), (SELECT max(id) FROM exchanges)").fetchone()
    for start in range(first or 1, (last or 0) + 1, _SOME):
        _read(db, {**scope.bound(), "first": start, "last": start + _SOME - 1}, groups)
    return Equal(scope, groups.values())


def _read(db: sqlite3.Connection, bound: dict[str, Any], groups: dict[tuple[Any, ...], _Group]) -> None:
    """Count the exchanges of one span. On every row's way in a pass: few objects, and no function of ours."""
    known: dict[int, tuple[_Group, str]] = {}
    for number, at, *key in db.execute(_MESSAGES, bound):
        values = tuple(key)
        group = groups.get(values)
        if group is None:
            group = groups[values] = _Group(Message(*values), len(groups), 0, at, at)
        known[number] = (group, at)
        group.count += 1
        if at < group.first:
            group.first = at
        elif at > group.last:
            group.last = at
    if not known:
        return
    echoes = {row[0] for row in db.execute(_ECHOES, {**bound, "identifiers": _identifiers()})}
    before = 0
    for number, exchange, text in db.execute(_DATA, (bound["first"], bound["last"])):
        found = known.get(exchange)
        if found is None:
            continue
        group, at = found
        if exchange != before:
            before = exchange
            group.carrying += 1
        if number in echoes:
            text = _ECHO + text
        times = group.data.get(text)
        if times is None:
            group.data[text] = _Times(1, at, at, exchange, number, [number])
            continue
        times.count += 1
        if at < times.first:
            times.first, times.exchange, times.disclosure = at, exchange, number
        elif at > times.last:
            times.last = at
        if len(times.ids) < NAMED:
            times.ids.append(number)


def _datum(message: Message, text: str, times: _Times) -> Datum:
    echoed = text.startswith(_ECHO)
    category, headline, detector, flags, also, said, reached, pointer = text.removeprefix(_ECHO).split("\x1f", 7)
    labels = dict(one.split(":", 1) for one in said.split(" ")) if said else {}
    return Datum(
        *(message, category, headline, detector, flags, also, labels, json.loads(reached) if reached else "", pointer),
        *(echoed, times.count, times.first, times.last, times.exchange, times.disclosure, tuple(times.ids)),
    )


def _by_id(row: tuple[int, _Group, str, _Times]) -> int:
    return row[0]


@cache
def _identifiers() -> str:
    return json.dumps([one.key for one in categories() if identifies(one.key)])


@lru_cache(maxsize=1024)
def _texts(stored: str) -> tuple[str, ...]:
    return tuple(str(one) for one in json.loads(stored))
