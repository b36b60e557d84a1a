"""Groups of equal messages with what was found in them, counted span by span: what `ledger.equal` answers from.

A ledger may be counted in parts, in several processes: a part goes as JSON, and parts are added up in the order of the
ledger, so that they say what one count of all says.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from douane.ledger.spans import Span

NAMED: Final = 20
"""Disclosures of a group that are named by their ids, the lowest."""


class Message(NamedTuple):
    """Equal messages. Tool and method are empty where there is none."""

    app: int
    direction: str
    kind: str
    outcome: str
    tool: str
    method: str
    redelivery: int


@dataclass(slots=True)
class Times:
    count: int
    first: str
    last: str
    exchange: str
    disclosure: str
    ids: list[str]


@dataclass(slots=True)
class Group:
    """Equal messages: what was found in them by its text, and in how many of them something was."""

    message: Message
    exchange: int
    first: str
    last: str
    count: int = 0
    carrying: int = 0
    data: dict[str, Times] = field(default_factory=dict[str, Times])


@dataclass(slots=True)
class MessageKind:
    """Messages of one text: the group they are counted in, None for what is apart, and what else the text says."""

    group: Group | None
    app: int
    own: bool
    route: str
    protocol: str
    taxonomy: str
    days: dict[str, int] | None
    count: int = 0


class Groups:
    """Messages and data in groups of equals."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.groups: dict[Message, Group] = {}
        self.kinds: dict[str, MessageKind] = {}
        self.by_day: dict[int, dict[str, int]] = {}

    def count(self, span: Span) -> None:
        """Count one span. On every row's way in a pass: few objects, and no function of ours."""
        kinds, known = self.kinds, dict[str, tuple[Group, str]]()
        for number, at, text in zip(span.ids, span.times, span.messages, strict=True):
            kind = kinds.get(text)
            if kind is None:
                kind = kinds[text] = self._kind(text, number, at)
            kind.count += 1
            group = kind.group
            if group is None:
                continue
            known[number] = (group, at)
            group.count += 1
            if at < group.first:
                group.first = at
            elif at > group.last:
                group.last = at
            if kind.days is not None:
                day = at[:10]
                kind.days[day] = kind.days.get(day, 0) + 1
        before, at, data = "", "", dict[str, Times]()
        here = False
        for number, exchange, text in zip(span.data, span.exchanges, span.texts, strict=True):
            if exchange != before:
                before, found = exchange, known.get(exchange)
                here = found is not None
                if found is not None:
                    group, at = found
                    group.carrying += 1
                    data = group.data
            if not here:
                continue
            times = data.get(text)
            if times is None:
                data[text] = Times(1, at, at, exchange, number, [number])
                continue
            times.count += 1
            if at < times.first:
                times.first, times.exchange, times.disclosure = at, exchange, number
            elif at > times.last:
                times.last = at
            if times.count <= NAMED:
                times.ids.append(number)

    def _kind(self, text: str, number: str, at: str) -> MessageKind:
        *values, own, route, protocol, taxonomy = json.loads(text)
        message = Message(*values)
        group: Group | None = None
        if not own and route != "egress":
            group = self.groups.get(message)
            if group is None:
                group = self.groups[message] = Group(message, int(number), at, at)
        days = self.by_day.setdefault(message.app, {}) if group is not None and message.outcome == "delivered" else None
        return MessageKind(group, message.app, bool(own), route, protocol, taxonomy, days)

    def state(self) -> dict[str, Any]:
        """All that was counted, as JSON has it; `add` takes it."""
        return {
            "groups": [
                [
                    *(*message, one.exchange, one.first, one.last, one.count, one.carrying),
                    [
                        [text, each.count, each.first, each.last, each.exchange, each.disclosure, each.ids]
                        for text, each in one.data.items()
                    ],
                ]
                for message, one in self.groups.items()
            ],
            "kinds": [[text, one.count] for text, one in self.kinds.items()],
            "days": [[app, list(days.items())] for app, days in self.by_day.items()],
        }

    def add(self, state: dict[str, Any]) -> None:
        """Add what was counted of later messages: all their ids are higher than those counted here."""
        for *row, exchange, first, last, count, carrying, data in state["groups"]:
            message = Message(*row)
            group = self.groups.get(message)
            if group is None:
                group = self.groups[message] = Group(message, exchange, first, last)
            group.first, group.last = min(group.first, first), max(group.last, last)
            group.count += count
            group.carrying += carrying
            for text, *values in data:
                _add(group.data, text, Times(*values))
        for text, count in state["kinds"]:
            if text not in self.kinds:
                self.kinds[text] = self._kind(text, "0", "")  # its group is here already
            self.kinds[text].count += count
        for app, days in state["days"]:
            mine = self.by_day.setdefault(app, {})
            for day, count in days:
                mine[day] = mine.get(day, 0) + count


def _add(data: dict[str, Times], text: str, later: Times) -> None:
    times = data.get(text)
    if times is None:
        data[text] = later
        return
    times.count += later.count
    if later.first < times.first:
        times.first, times.exchange, times.disclosure = later.first, later.exchange, later.disclosure
    times.last = max(times.last, later.last)
    times.ids += later.ids[: max(0, NAMED - len(times.ids))]
