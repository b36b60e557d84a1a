"""Whether what stands in a ledger's file goes on from what the same process saw there before.

A file that is put back under a Douane that runs is as good as the file was then: its MACs hold. What was appended or
read last is known only to the process.
"""

import sqlite3
from pathlib import Path

from douane.ledger.canonical import next_head


def goes_on(db: sqlite3.Connection, known: tuple[str, int, bytes], found: tuple[str, int, bytes]) -> bool | None:
    """Tell whether the chain's end `found` follows from the end `known`: ledger, last event, head.

    None where it cannot be told: events in between were purged.
    """
    if found[0] != known[0] or found[1] < known[1]:
        return False
    at, head = known[1:]
    for seq, leaf in db.execute("SELECT seq, leaf FROM events WHERE seq > ? ORDER BY seq", (at,)):
        if seq != at + 1 or not isinstance(leaf, bytes):
            return None
        at, head = seq, next_head(head, leaf)
    return None if at != found[1] else head == found[2]


def number_of(file: str | None) -> tuple[int, int] | None:
    """Return by what the system tells a file from another of the same name; None where there is none."""
    if file is None:
        return None
    try:
        state = Path(file).stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino
