"""Waivers given on the page: added to the file that is their source, and told in the ledger as a check tells them."""

import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from douane.audit.gate import Result
from douane.audit.waivers import FILE, Waivers, events, parse_waivers, written
from douane.audit.yamltext import Errors
from douane.ledger.query import open_ledger
from douane.ledger.reading import text_of
from douane.ledger.replacing import replace
from douane.ledger.waivers import record, recorded
from douane.reports.page.settings import PageSettings

_LOCK: Final = threading.Lock()
"""One at a time: each reads the file, adds to it and puts it back."""


class CannotWaiveError(Exception):
    """The file cannot be read or added to; `key` names the words that say why, `more` is what they name."""

    def __init__(self, key: str, more: str = "") -> None:
        super().__init__(key)
        self.key, self.more = key, more


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Why findings are accepted, by whom, and the last day (ISO 8601) on which that holds."""

    reason: str
    by: str
    expires: str


def held(path: Path | None) -> Waivers | None:
    """What the file holds, None where there is none or it cannot be read."""
    if path is None or not path.exists():
        return None
    try:
        read = parse_waivers(text_of(path), path.name)
    except (OSError, UnicodeDecodeError):
        return None
    return None if isinstance(read, Errors) else read


def text_for(found: Sequence[Result], lang: str, given: Acceptance) -> str:
    """What a person puts into a file of their own."""
    return written(found, lang, reason=given.reason, by=given.by, expires=given.expires)


def waive(settings: PageSettings, found: Sequence[Result], lang: str, given: Acceptance, now: datetime) -> int:
    """Add a waiver for each finding to the configured file, and tell in the ledger what changed; return how many.

    Findings that the file has already are left as they are. Raises `CannotWaiveError`, `LedgerFailed` and
    `LedgerRefused`: after the last two the file holds the waivers, and the next check tells them.
    """
    path = settings.waivers
    if path is None:
        raise CannotWaiveError("nofile")
    with _LOCK:
        try:
            before = text_of(path) if path.exists() else ""
        except (OSError, UnicodeDecodeError):
            raise CannotWaiveError("unreadable", path.name) from None
        known = parse_waivers(before, path.name) if before.strip() else Waivers(FILE, "")
        if isinstance(known, Errors):
            raise CannotWaiveError("faulty", path.name)
        there = {one.fingerprint for one in known.waivers}
        more = [one for one in found if one.fingerprint not in there]
        if not more:
            raise CannotWaiveError("already", path.name)
        head = not before.strip()
        added = written(more, lang, reason=given.reason, by=given.by, expires=given.expires, head=head)
        text = added if head else f"{before.rstrip()}\n{added}"
        read = parse_waivers(text, path.name)
        if isinstance(read, Errors) or {one.fingerprint for one in more} - {one.fingerprint for one in read.waivers}:
            raise CannotWaiveError("shape", path.name)
        try:
            replace(path, text)
        except OSError:
            raise CannotWaiveError("unwritable", path.name) from None
    _tell(settings, read, now)
    return len(more)


def _tell(settings: PageSettings, waivers: Waivers, now: datetime) -> None:
    with closing(open_ledger(settings.ledger)) as db:
        known = recorded(db)
    hands = settings.hands
    record(
        settings.ledger,
        events(known, waivers, now.date().isoformat()),
        at=now.timestamp(),
        file_sha256=waivers.sha256,
        sealer=hands.sealer if hands is not None else None,
        anchors=hands.anchors if hands is not None else None,
    )
