"""A ledger that is followed while others write to it: waited on, and opened anew where another file takes its name."""

import select
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

import typer

from douane.cli.exits import Exit, complain, tell
from douane.ledger import following
from douane.ledger.following import Lost, Mark, Message
from douane.ledger.query import open_ledger
from douane.ledger.refused import LedgerRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

POLL_SECONDS: Final = 0.25


def there(path: Path, config: Path | None, apps: "Sequence[str]", lang: str) -> None:
    """Complain, in a language, of an app that neither the ledger nor the configuration has, and exit with 2."""
    from douane.cli.detection import configured
    from douane.reports.wrong import wrong

    with closing(open_ledger(path)) as db:
        known = {str(name) for (name,) in db.execute("SELECT name FROM apps")}
    if set(apps) - known - {one.name for one in configured(config).apps}:
        complain(f"{wrong('app', lang)}.")
        raise typer.Exit(Exit.USAGE)


class Followed:
    """A ledger that somebody reads along with.

    `again` is called when another file has taken the ledger's name, before it is read: it may have to be told there.
    `lang` is the language in which that is said.
    """

    def __init__(self, path: Path, apps: "Sequence[str]", again: Callable[[], object], lang: str = "en") -> None:
        self.path = path
        self.apps = apps
        self._again = again
        self._lang = lang
        self._file = following.identity(path)
        self.db: sqlite3.Connection | None = open_ledger(path)
        self.mark = following.end(self.db)
        self._number = _number(self.db)
        self._seen = self._version()
        self._complained = ""

    def close(self) -> None:
        """Give the file back."""
        if self.db is not None:
            self.db.close()
            self.db = None

    def new(self) -> list[Message | Lost]:
        """What was written since the last call; nothing while no ledger can be read, which is told once."""
        if following.identity(self.path) != self._file:
            self._reopen()
        if self.db is None:
            return []
        try:
            version = self._version()
            if version == self._seen:
                return []
            found, self.mark = following.new(self.db, self.mark, self.apps)
            if len(found) < following.PIECE:
                self._seen = version
        except sqlite3.Error:
            self.close()  # it is being replaced, or the disk fails: the next call looks again
            self._file = None
            return []
        return found

    def outcomes(self, ids: "Sequence[int]") -> dict[int, str]:
        """What became of these messages, as far as it is known."""
        if self.db is None or not ids:
            return {}
        try:
            return following.outcomes(self.db, ids)
        except sqlite3.Error:
            return {}

    def _version(self) -> int:
        """Changes when another connection has written."""
        return int(self.db.execute("PRAGMA data_version").fetchone()[0]) if self.db is not None else 0

    def _reopen(self) -> None:
        """Open what has the ledger's name now, and go on behind what was read, or at its end if it holds less."""
        self.close()
        file = following.identity(self.path)
        try:
            self.db = open_ledger(self.path)
            ends, number = following.end(self.db), _number(self.db)
        except (LedgerRefused, sqlite3.Error) as error:
            self.close()
            self._say("follow.none" if file is None else "follow.unreadable", why=error)
            return
        is_same = number == self._number and ends.exchange >= self.mark.exchange and ends.gap >= self.mark.gap
        self._say("follow.other")
        self._complained = ""
        self._again()
        self._file, self._number, self._seen = file, number, -1
        self.mark = self.mark if is_same else Mark(ends.exchange, ends.gap)

    def _say(self, key: str, **values: object) -> None:
        from douane.reports.wrong import wrong

        text = wrong(key, self._lang, **values)
        if text != self._complained:
            self._complained = text
            tell(text)


def _number(db: sqlite3.Connection) -> str:
    row = db.execute("SELECT ledger FROM chain").fetchone()
    return str(row[0]) if row is not None else ""


class Ended(BaseException):
    """Somebody asked for the end: Ctrl-C, or SIGTERM."""


@contextmanager
def ending() -> Iterator[None]:
    """End the block, and nothing else, on Ctrl-C and SIGTERM."""

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise Ended

    before = {one: signal.signal(one, end) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except Ended:
        return
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def pause(seconds: float) -> bool:
    """Wait; false, at once, where whoever reads standard output has gone."""
    try:
        number = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):  # closed, or no file at all
        time.sleep(seconds)
        return True
    poll = select.poll()
    poll.register(number, 0)  # asks for nothing, and so is told of a broken pipe alone
    return not poll.poll(seconds * 1000)
