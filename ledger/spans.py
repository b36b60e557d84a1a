"""A ledger's exchanges and what was found in them, span by span, each column joined into one text by SQLite; read-only.

A row each would cost more in Python than in SQLite. Joined, a span is a few texts that are only split, and SQLite works
on it without Python's lock, so that two connections read two spans at a time. Whatever tells two messages or two data
apart is one JSON text: what came from outside is quoted in it, and no separator can be forged.
"""

import json
import os
import sqlite3
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from douane.audit.echo import GIVEN, identifies
from douane.audit.planted import PLANTED
from douane.audit.taxonomy import categories
from douane.ledger.query import open_ledger
from douane.ledger.report_query import Scope
from douane.ledger.schema import LedgerRefused

EXCHANGES: Final = 8_192
"""Ids of exchanges in a span at most: the memory of a pass does not grow with the ledger."""
DATA: Final = 24_000
"""Data in a span at most, where it has more than one exchange."""
READERS: Final = 2
"""Connections that read at a time beside the one that asks, where there are processors and spans enough."""
_WORTH: Final = 4  # spans below which starting threads costs more than it saves
_CACHE: Final = "PRAGMA cache_size = -16384"
_APART: Final = "\x1e"  # JSON text holds no control character
_MESSAGES: Final = """SELECT group_concat(id, ' '), group_concat(at, ' '), group_concat(json_array(app_id, direction,
        kind, outcome, coalesce(tool, ''), coalesce(method, ''), redelivery, own_traffic, route, protocol, taxonomy),
        char(30))
    FROM exchanges WHERE id BETWEEN :first AND :last AND +at >= :since AND +at < :until
      AND (:apps IS NULL OR app_id IN (SELECT value FROM json_each(:apps)))"""
_ECHOED: Final = f"""EXISTS (SELECT 1 FROM exchanges e CROSS JOIN exchanges q ON q.id = e.answers_id
        WHERE e.id = d.exchange_id AND e.direction = 'to_chatgpt' AND e.outcome = 'delivered'
          AND q.app_id = e.app_id AND q.direction = 'to_app' AND q.own_traffic = 0 AND q.route <> 'egress'
          AND q.redelivery = 0 AND q.at >= :since AND q.at < :until
          AND EXISTS (SELECT 1 FROM disclosures g WHERE g.exchange_id = q.id AND g.pseudonym = d.pseudonym
            AND ({{given}}))
          AND NOT EXISTS (SELECT 1 FROM disclosures g WHERE g.exchange_id = q.id AND g.pseudonym = d.pseudonym
            AND NOT ({{given}}) AND g.pointer NOT LIKE '/params/arguments/{PLANTED}/%'
            AND g.pointer <> '/params/arguments/{PLANTED}'))""".format(  # noqa: S608 - our own words
    given=" OR ".join(f"substr(g.pointer, 1, {len(prefix)}) = '{prefix}'" for prefix in GIVEN)
)
_FOUND: Final = f"""SELECT group_concat(id, ' '), group_concat(exchange_id, ' '), group_concat(text, char(30)) FROM (
    SELECT d.id, d.exchange_id, json_array(d.category, d.headline, d.detector, d.flags, d.also,
        CASE WHEN d.headline IN ('omitted', 'incorrect', 'prohibited')
            THEN (SELECT group_concat(v.source || ':' || v.verdict, ' ') FROM verdicts v
                WHERE v.disclosure_id = d.id AND v.replaced_at IS NULL) END, d.reached, d.pointer,
        CASE WHEN d.pseudonym IS NOT NULL AND d.category IN (SELECT value FROM json_each(:identifiers))
            THEN {_ECHOED} ELSE 0 END) AS text
    FROM disclosures d WHERE d.exchange_id BETWEEN :first AND :last ORDER BY d.exchange_id, d.id)"""  # noqa: S608 - our own words
_ENDS: Final = "SELECT (SELECT min(id) FROM exchanges), (SELECT max(id) FROM exchanges)"
_ROOM: Final = "SELECT exchange_id FROM disclosures WHERE exchange_id >= ? ORDER BY exchange_id LIMIT 1 OFFSET ?"
_STANDING: Final = "SELECT ledger, seq, head FROM chain"


@dataclass(frozen=True, slots=True)
class Span:
    """Some exchanges in the order of their ids: ids, times, and what tells them apart for a report; then their data.

    Ids are decimal texts. `messages` are JSON lists of app, direction, kind, outcome, tool, method, redelivery, own
    traffic, route, protocol and taxonomy; Douane's own traffic and what apps sent out are among them. `exchanges` says
    for each of `data` which message it was in; `texts` are JSON lists of category, headline, detector, flags, also,
    verdicts that hold (of faults only, else null), reached, pointer, and whether it is an identifier that ChatGPT had
    sent unasked. Data may be of messages outside the scope.
    """

    ids: list[str]
    times: list[str]
    messages: list[str]
    data: list[str]
    exchanges: list[str]
    texts: list[str]


def spans(db: sqlite3.Connection, scope: Scope) -> Iterator[Span]:
    """Read the exchanges of a scope with their data, oldest first, within one `report_query.snapshot` of `db`.

    A large ledger is read by connections of their own beside `db`, where they see it as `db` does.
    """
    bound = {**scope.bound(), "identifiers": _identifiers()}
    wanted = [{**bound, "first": first, "last": last} for first, last in _cut(db)]
    with _beside(db, len(wanted)) as readers:
        if not readers:
            for one in wanted:
                yield _read(db, one)
            return
        ahead: deque[Future[Span]] = deque()
        for place, one in enumerate(wanted):
            ahead.append(readers[place % len(readers)].asked(one))
            if len(ahead) > 2 * len(readers):
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _cut(db: sqlite3.Connection) -> Iterator[tuple[int, int]]:
    """The first and last id of each span."""
    start, end = db.execute(_ENDS).fetchone()
    while start is not None and start <= end:
        last = min(start + EXCHANGES - 1, end)
        over = db.execute(_ROOM, (start, DATA)).fetchone()
        if over is not None:
            last = min(last, max(over[0] - 1, start))
        yield start, last
        start = last + 1


def _read(db: sqlite3.Connection, bound: dict[str, Any]) -> Span:
    ids, times, messages = db.execute(_MESSAGES, bound).fetchone()
    if ids is None:
        return Span([], [], [], [], [], [])
    data, exchanges, texts = db.execute(_FOUND, bound).fetchone()
    crossed = (ids.split(" "), times.split(" "), messages.split(_APART))
    if data is None:
        return Span(*crossed, [], [], [])
    return Span(*crossed, data.split(" "), exchanges.split(" "), texts.split(_APART))


class _Reader:
    """A thread with a read-only connection of its own to a ledger, in one read transaction."""

    def __init__(self, path: Path) -> None:
        """Raises `LedgerRefused` and `sqlite3.Error`."""
        self._thread = ThreadPoolExecutor(1, "ledger-reader")
        try:
            self._db = self._thread.submit(open_ledger, path).result()
        except BaseException:
            self._thread.shutdown()
            raise

    def asked(self, bound: dict[str, Any]) -> Future[Span]:
        """Begin to read a span."""
        return self._thread.submit(_read, self._db, bound)

    def standing(self) -> tuple[str, int, bytes]:
        """Begin to read; where the chain of what it sees ends. Raises `sqlite3.Error`."""
        return self._thread.submit(self._begin).result()

    def close(self) -> None:
        """Leave what was not begun, and end."""
        self._thread.submit(self._db.close)
        self._thread.shutdown()

    def _begin(self) -> tuple[str, int, bytes]:
        self._db.execute(_CACHE)
        self._db.execute("BEGIN")
        return _standing(self._db)


@contextmanager
def _beside(db: sqlite3.Connection, spans: int) -> Iterator[list[_Reader]]:
    """Readers that see the ledger as `db` does; none where they cannot, or would not be worth it.

    The chain tells of every row that came, changed or went: where it ends in the same event, the rows are the same.
    """
    file = db.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]
    readers: list[_Reader] = []
    with ExitStack() as stack:
        if file and spans >= _WORTH and (os.process_cpu_count() or 1) > 1 and not _writes(db):
            try:
                for _ in range(READERS):
                    readers.append(one := _Reader(Path(file)))
                    stack.callback(one.close)
                here = _standing(db)
                if any(one.standing() != here for one in readers):
                    readers.clear()
            except (sqlite3.Error, LedgerRefused):
                readers.clear()
        yield readers


def _writes(db: sqlite3.Connection) -> bool:
    """Whether the connection may hold changes that no other sees."""
    return not db.execute("PRAGMA query_only").fetchone()[0]


def _standing(db: sqlite3.Connection) -> tuple[str, int, bytes]:
    ledger, seq, head = db.execute(_STANDING).fetchone()
    return ledger, seq, head


@cache
def _identifiers() -> str:
    return json.dumps([one.key for one in categories() if identifies(one.key)])
