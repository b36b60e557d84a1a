"""What an app passed on, as far as its egress listener shows it: figures, and phrases for every format."""

import sqlite3
from dataclasses import dataclass

from douane.audit import taxonomy
from douane.audit.declaration import FIRST_PARTY
from douane.audit.exchange import Label
from douane.audit.onward import owner
from douane.audit.verdicts import heavier
from douane.ledger import passed_on
from douane.ledger.promised import last_declaration
from douane.ledger.report_query import Scope

LINKS_SHOWN = 3
"""Links told of one line; the rest is a number."""


@dataclass(frozen=True, slots=True)
class Link:
    """When ChatGPT gave a datum, and when that very datum was sent out. ISO 8601, UTC."""

    received: str
    sent: str


@dataclass(frozen=True, slots=True)
class Onward:
    """One category that an app sent to one host.

    `recipient` is whom the declaration names for the host, `we` for the publisher itself, empty where it names nobody.
    `linked` counts what ChatGPT had given before; `links` are the first of those.
    """

    category: str
    host: str
    recipient: str
    flags: tuple[str, ...]
    headline: Label
    count: int
    first: str
    last: str
    linked: int = 0
    links: tuple[Link, ...] = ()

    @property
    def by_publisher(self) -> bool:
        """Whether the host is the publisher's own."""
        return self.recipient == FIRST_PARTY


def of_apps(db: sqlite3.Connection, scope: Scope, names: dict[int, str]) -> dict[int, tuple[Onward, ...]]:
    """What each app passed on in the scope, by host and category."""
    linked: dict[tuple[int, str, str], list[Link]] = {}
    for link in passed_on.links(db, scope):
        linked.setdefault((link.app, link.host, link.category), []).append(Link(link.received, link.sent))
    rows: dict[tuple[int, str, str], list[passed_on.SentRow]] = {}
    for row in passed_on.sent(db, scope):
        rows.setdefault((row.app, row.host, row.category), []).append(row)
    said = {app: last_declaration(db, names.get(app, "")) for app in {key[0] for key in rows}}
    found: dict[int, list[Onward]] = {}
    for (app, host, category), some in rows.items():
        declared = said[app]
        worst = Label(some[0].headline)
        for row in some[1:]:
            worst = heavier(worst, Label(row.headline))
        flags = {flag for row in some for flag in row.flags}
        links = linked.get((app, host, category), [])
        found.setdefault(app, []).append(
            Onward(
                category,
                host,
                (owner(host, declared[1]) if declared else None) or "",
                tuple(flag for flag in taxonomy.FLAGS if flag in flags),
                worst,
                sum(row.count for row in some),
                min(row.first for row in some),
                max(row.last for row in some),
                len(links),
                tuple(links[:LINKS_SHOWN]),
            )
        )
    return {app: tuple(lines) for app, lines in found.items()}
