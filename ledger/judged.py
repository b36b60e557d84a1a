"""Whether the ledger has a record's part already: an index says where to look, and the row itself is believed.

Somebody may have put an entry into an index that its table does not have: a message that is still to come would be
taken for one that was judged.
"""

import sqlite3
from collections.abc import Callable
from typing import Any, Final

_WHOSE: Final = "record_id = ?1 AND part = ?2"
_EXCHANGE: Final = f"SELECT id FROM exchanges WHERE {_WHOSE}"  # noqa: S608 - our own words
_LONE_GAP: Final = f"SELECT id FROM gaps WHERE {_WHOSE}"  # noqa: S608 - likewise
_SURE_EXCHANGE: Final = f"SELECT id FROM exchanges NOT INDEXED WHERE {_WHOSE} AND id IN ({_EXCHANGE})"  # noqa: S608 - likewise
_SURE_GAP: Final = f"SELECT id FROM gaps NOT INDEXED WHERE {_WHOSE} AND exchange_id IS NULL AND id IN ({_LONE_GAP})"  # noqa: S608 - likewise
_EITHER: Final = f"{_EXCHANGE} UNION ALL {_LONE_GAP} LIMIT 1"
_SURE_EITHER: Final = f"{_SURE_EXCHANGE} UNION ALL {_SURE_GAP} LIMIT 1"

type Execute = Callable[[str, tuple[Any, ...]], sqlite3.Cursor]


def exchange_of(execute: Execute, record_id: str, part: int) -> int | None:
    """Return the id of the exchange of a record and part, None if there is none."""
    return _asked(execute, _EXCHANGE, _SURE_EXCHANGE, record_id, part)


def is_told(execute: Execute, record_id: str, part: int) -> bool:
    """Whether there is an exchange of a record and part, or a gap instead of one."""
    return _asked(execute, _EITHER, _SURE_EITHER, record_id, part) is not None


def _asked(execute: Execute, quick: str, sure: str, record_id: str, part: int) -> int | None:
    """For nearly every message there is none: the sure question, which takes twice as long, comes second."""
    if execute(quick, (record_id, part)).fetchone() is None:
        return None
    row = execute(sure, (record_id, part)).fetchone()
    return None if row is None else int(row[0])
