"""Equal data of equal messages, counted in one pass over a ledger: what summaries and rules are made of, read-only.

A ledger of years holds few data that differ: the same tool is given the same category at the same place again and
again. Everything that tells two data apart for a report is in the key, all that is counted beside it. What tells people
apart (pseudonyms, sessions) is in neither, but for whether an identifier came back that ChatGPT had sent unasked.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from douane.ledger.equal_beside import count_spans
from douane.ledger.equal_groups import Group, Groups, Message, Times
from douane.ledger.report_query import FoundRow, OutcomeRow, Scope

SOURCES: Final = ("schema", "declaration", "policy", "connection")


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


class CallsRow(NamedTuple):
    """Calls of one tool by outcome, the first and last moment, and the first exchange's id."""

    app: int
    tool: str
    fates: dict[str, int]
    first: str
    last: str
    exchange: int


class AnswersRow(NamedTuple):
    """Requests of one app that were passed on, those answered with a result or an error, and those that failed."""

    app: int
    requests: int
    results: int
    errors: int
    failed: int


class Equal(Groups):
    """All messages and all data of a scope, in groups of equals."""

    def __init__(self, scope: Scope) -> None:
        """Nothing yet; `equal` counts."""
        super().__init__()
        self.scope = scope
        self._data: list[Datum] | None = None

    def data(self) -> list[Datum]:
        """The data, in the order in which the first of each was written."""
        if self._data is None:
            groups = self.groups.values()
            rows = [(int(times.ids[0]), group, text, times) for group in groups for text, times in group.data.items()]
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
        for one in self.groups.values():
            key = (one.message.app, one.message.direction, one.message.outcome)
            known = rows.get(key, OutcomeRow(*key, 0, 0, one.first, one.last))
            counts = (known.messages + one.count, known.carrying + one.carrying)
            rows[key] = OutcomeRow(*key, *counts, min(known.first, one.first), max(known.last, one.last))
        return [rows[key] for key in sorted(rows)]

    def calls(self) -> dict[tuple[int, str], int]:
        """Calls by app and tool."""
        out: dict[tuple[int, str], int] = {}
        for one in self.groups.values():
            key = (one.message.app, one.message.tool)
            if one.message.tool and one.message.kind == "request":
                out[key] = out.get(key, 0) + one.count
        return out

    def messages(self, app: int) -> dict[str, int]:
        """Messages of an app by direction, each once, however often it was delivered."""
        out: dict[str, int] = {}
        for one in self.groups.values():
            if one.message.app == app and not one.message.redelivery:
                out[one.message.direction] = out.get(one.message.direction, 0) + one.count
        return out

    def named(self, app: int) -> dict[str, str]:
        """When each tool of an app was first named, by a message that was no redelivery."""
        out: dict[str, str] = {}
        for one in self.groups.values():
            if one.message.app == app and one.message.tool and not one.message.redelivery:
                out[one.message.tool] = min(out.get(one.message.tool, one.first), one.first)
        return out

    def calls_of_tools(self) -> list[CallsRow]:
        """Calls by app and tool, most often called first."""
        rows: dict[tuple[int, str], CallsRow] = {}
        for one in self.groups.values():
            message = one.message
            if not message.tool or message.kind != "request":
                continue
            key = (message.app, message.tool)
            known = rows.get(key, CallsRow(*key, {}, one.first, one.last, one.exchange))
            known.fates[message.outcome] = known.fates.get(message.outcome, 0) + one.count
            first, last = min(known.first, one.first), max(known.last, one.last)
            rows[key] = CallsRow(*key, known.fates, first, last, min(known.exchange, one.exchange))
        return sorted(rows.values(), key=lambda row: (-sum(row.fates.values()), row.app, row.tool))

    def answers(self) -> list[AnswersRow]:
        """Requests to each app, and how they were answered, by app."""
        out: dict[int, AnswersRow] = {}
        for one in self.groups.values():
            message, n = one.message, one.count
            asked = n if message.kind == "request" and message.direction == "to_app" else 0
            back = message.direction == "to_chatgpt"
            known = out.get(message.app, AnswersRow(message.app, 0, 0, 0, 0))
            out[message.app] = AnswersRow(
                message.app,
                known.requests + (asked if message.outcome != "refused" else 0),
                known.results + (n if back and message.kind == "result" else 0),
                known.errors + (n if back and message.kind == "error" else 0),
                known.failed + (asked if message.outcome == "failed" else 0),
            )
        return [out[app] for app in sorted(out)]

    def days(self) -> dict[str, int]:
        """Delivered messages by day (UTC, `2026-11-22`), in the order of time."""
        out: dict[str, int] = {}
        for days in self.by_day.values():
            for day, count in days.items():
                out[day] = out.get(day, 0) + count
        return dict(sorted(out.items()))

    def own_traffic(self) -> dict[int, int]:
        """Messages that Douane itself exchanged with an app (to fetch its schemas), by app."""
        out: dict[int, int] = {}
        for one in self.kinds.values():
            if one.own:
                out[one.app] = out.get(one.app, 0) + one.count
        return out

    def routes(self) -> dict[int, tuple[str, ...]]:
        """By which routes messages of each app crossed, `egress` among them."""
        found: dict[int, set[str]] = {}
        for one in self.kinds.values():
            if not one.own:
                found.setdefault(one.app, set()).add(one.route)
        return {app: tuple(sorted(routes, reverse=True)) for app, routes in sorted(found.items())}

    def protocols(self) -> tuple[tuple[str, int], ...]:
        """Messages by MCP revision, in the order of its name; an empty name for those that named none."""
        out: dict[str, int] = {}
        for one in self.kinds.values():
            if one.group is not None:
                out[one.protocol] = out.get(one.protocol, 0) + one.count
        return tuple(sorted(out.items()))

    def taxonomies(self) -> tuple[str, ...]:
        """The versions of the taxonomy under which the messages were judged."""
        return tuple(sorted({one.taxonomy for one in self.kinds.values() if one.group is not None} - {""}))


def equal(db: sqlite3.Connection, scope: Scope) -> Equal:
    """Count the messages and data of a scope.

    Douane's own traffic and what apps sent out themselves are in nothing but `own_traffic` and `routes`.
    """
    seen = Equal(scope)
    count_spans(db, scope, seen)
    return seen


def _datum(message: Message, text: str, times: Times) -> Datum:
    category, headline, detector, flags, also, said, reached, pointer, echoed = json.loads(text)
    labels = dict(one.split(":", 1) for one in said.split(" ")) if said else {}
    return Datum(
        *(message, category, headline, detector, flags, also, labels, reached, pointer, bool(echoed)),
        *(times.count, times.first, times.last, int(times.exchange), int(times.disclosure), tuple(map(int, times.ids))),
    )


def _by_id(row: tuple[int, Group, str, Times]) -> int:
    return row[0]


@lru_cache(maxsize=1024)
def _texts(stored: str) -> tuple[str, ...]:
    return tuple(str(one) for one in json.loads(stored))
