"""Hosts that were seen named, though no datum was seen to go there: links in answers, files, rights of widgets."""

import sqlite3
from dataclasses import dataclass
from typing import Final

from douane.audit.history import Seen
from douane.audit.onward import owner
from douane.ledger.observations import read_observations
from douane.ledger.promised import last_declaration
from douane.ledger.report_query import Scope

_HOWS: Final = {
    Seen.RETURNED_URL: "link",
    Seen.FILE_DOWNLOAD: "file",
    Seen.URL_ASKS: "asks",
    Seen.CSP_CONNECT: "widget",
    Seen.CSP_RESOURCE: "widget",
    Seen.CSP_FRAME: "widget",
    Seen.CSP_REDIRECT: "widget",
}


@dataclass(frozen=True, slots=True)
class Sighted:
    """A host and by what it is known: `link` in an answer, `file` that ChatGPT hands over, `asks` (where an app sends
    people by a URL), `widget` (whose rights name it).

    `recipient` is whom the declaration names for the host, `we` for the publisher itself, empty where it names nobody.
    """

    host: str
    how: str
    recipient: str = ""


def of_apps(db: sqlite3.Connection, scope: Scope, names: dict[int, str]) -> dict[int, tuple[Sighted, ...]]:
    """The hosts of each app that were seen in the scope, by host; apps without one are left out."""
    found: dict[int, tuple[Sighted, ...]] = {}
    for app, name in names.items():
        hosts = {
            (one.name, _HOWS[one.kind])
            for one in read_observations(db, name, scope.since, scope.until)
            if one.kind in _HOWS and one.name
        }
        if hosts:
            declared = last_declaration(db, name)
            found[app] = tuple(
                Sighted(host, how, (owner(host, declared[1]) if declared else None) or "")
                for host, how in sorted(hosts)
            )
    return found
