"""Which other ledgers the anchors know at a file's place: one that was taken away leaves them behind.

A file that is not there, one without a chain and another ledger's have no anchors of their own that say so. What the
others say is all that is left: the file that `<ledger>.head` names.
"""

import json
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from douane.ledger.anchors import replace_head, standing_of, text_in
from douane.ledger.sealing import Standing
from douane.ledger.verify_file import NoDatabase, opened, read_end
from douane.ledger.verify_words import Unreadable


def others(folder: Path, file: Path, ledger: str) -> list[Standing]:
    """Return where other ledgers than this one (all, if it is empty) stood last in that file, the latest first.

    A standing that cannot be read names no file.
    """
    place = str(file.resolve())
    found = [one for path in folder.glob("*.head") if (one := standing_of(folder, path.stem)) is not None]
    there = [one for one in found if one.file == place and one.ledger != ledger]
    return sorted(
        (Standing(one.ledger, one.seq, one.head, one.at, one.file) for one in there),
        key=lambda one: (one.at, one.seq, one.ledger),
        reverse=True,
    )


def displaced(folder: Path, file: Path, ledger: str) -> str | None:
    """Return why a ledger of this number, or none, cannot be what belongs there; None where no anchor says so."""
    found = others(folder, file, ledger)
    if not found:
        return None
    one, now = found[0], f"the file there is the ledger {ledger}" if ledger else "no ledger with a chain is there now"
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return (
        f"{folder} knows another ledger at {file}: {one.ledger} up to event {one.seq} ({one.at}){more}; {now}. Put "
        "the right file back (from a copy with `douane restore`). Only if another ledger is meant to begin or to go on "
        "there, say why with `douane run --new-ledger WHY`: that ledger tells it, and the anchors of the other one stay"
    )


def missed(folder: Path, file: Path) -> str | None:
    """Return why no ledger may begin in a file that has no chain yet; None where one has, or where none is known."""
    if not others(folder, file, "") or _may_have_chain(file):
        return None
    return displaced(folder, file, "")


def _may_have_chain(file: Path) -> bool:
    """Whether a file has a chain, or cannot be read just now: who opens it next says why, and may try again."""
    try:
        file.stat()
        db = opened(file)
    except (FileNotFoundError, NoDatabase):
        return False
    except (OSError, Unreadable):
        return True
    with closing(db):
        try:
            return read_end(db, str(file)) is not None
        except Unreadable:
            return False
        except sqlite3.Error as error:
            return error.sqlite_errorcode != sqlite3.SQLITE_ERROR  # which says that there is no such table


def give_way(folder: Path, other: Standing) -> None:
    """Keep where another ledger stood, and that it lies in that file no more; raises `OSError`."""
    said = None
    with suppress(Unreadable, ValueError):  # what cannot be read names no file
        said = json.loads(text_in(folder / f"{other.ledger}.head"))
    if isinstance(said, dict) and said.pop("file", None) is not None:
        replace_head(folder, other.ledger, json.dumps(said, sort_keys=True))
