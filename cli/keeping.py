"""What the commands share that take something out of the ledger's life: purge, erase, backup, restore, export."""

import signal
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from douane.cli.exits import Exit, complain, tell
from douane.ledger.failed import LedgerFailed
from douane.ledger.refused import LedgerRefused

if TYPE_CHECKING:
    from douane.cli.config import Config
    from douane.cli.custody import Custody
    from douane.ledger.chain import About

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="The configuration: its ledger, key and retention."),
]
LedgerFile = Annotated[
    Path | None, typer.Option("--ledger", metavar="FILE", help="The ledger itself, instead of the configured one.")
]
As = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="Who does it, where the system user does not say; told in the ledger."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """A ledger, with what it takes to write to it, and who does so."""

    settings: "Config"
    ledger: Path
    own: bool
    custody: "Custody" = field(repr=False)
    who: str

    @property
    def about(self) -> "About":
        """What a segment that is closed on the way says of this Douane."""
        return about(self.settings)


def about(settings: "Config") -> "About":
    """What a segment that a command closes says of this Douane."""
    from douane.audit import taxonomy
    from douane.cli.version import VERSION
    from douane.ledger.chain import About

    return About(taxonomy.VERSION, settings.digest(), "", VERSION)


def kept(
    config: Path | None,
    ledger: Path | None,
    name: str | None,
    what: str,
    *,
    verb: str = "",
    reason: str = "",
    there: bool = True,
) -> Kept:
    """The ledger to work on, its key and who works on it. `what` is told in its chain where the role does not allow it.

    Work on a copy, or on a ledger that the configuration does not name, leaves the anchors as they are: they would
    name it as the one that is written to. Complains and exits with 2 where there is no ledger (unless not `there`) or
    the role does not allow it, with 3 where the key cannot be had.
    """
    from douane.cli.custody import custody_or_exit
    from douane.cli.detection import configured
    from douane.cli.looking import system_user
    from douane.cli.report import opened

    settings = configured(config)
    storage = settings.storage
    own = storage.ledger if storage.ledger.is_absolute() else storage.folder / storage.ledger
    path = ledger or own
    if there:
        opened(path).close()
    allowed(settings, path, name, what, verb=verb or what, reason=reason)
    keeping = custody_or_exit(settings)
    if there and not original(settings, path):
        keeping = replace(keeping, anchors=None)
    return Kept(settings, path, path.resolve() == own.resolve(), keeping, told_as(system_user(), name))


def allowed(
    settings: "Config", path: Path, name: str | None, what: str, *, verb: str = "", said: str = "", reason: str
) -> None:
    """Hold work on a ledger against the roles; a refusal is told in its chain, complained of, and exits with 2.

    `said` is the complaint, by default that the role may not `verb` the ledger.
    """
    from douane.cli.looking import Book, Looker, role_of, system_user
    from douane.ledger.access import Scope

    user = system_user()
    role = role_of(settings.roles, user, name)
    if not settings.roles or (role is not None and role.role != "developer"):
        return
    who, looker = told_as(user, name), Looker(name, reason)
    book = Book(settings, path, original(settings, path), who, role.role if role else "", looker)
    plain = f"{name or user} may not {verb} this ledger. Ask a person with the role dpo or admin."
    book.refused(what, Scope(), said or plain)


def told_as(user: str, name: str | None) -> str:
    """Who does it, as the ledger tells it: the system user, beside the name given with --as."""
    return user if name in (None, "", user) else f"{name[:_LONGEST]} (system user {user})"


def original(settings: "Config", path: Path) -> bool:
    """Whether this is the ledger that is written to, and no copy; False where nothing can be read there."""
    from douane.cli.looking import anchored
    from douane.ledger.query import open_ledger

    storage = settings.storage
    own = storage.ledger if storage.ledger.is_absolute() else storage.folder / storage.ledger
    try:
        with closing(open_ledger(path)) as db:
            return path.resolve() == own.resolve() or anchored(db, path, settings)
    except (LedgerFailed, LedgerRefused, sqlite3.Error):
        return False


@contextmanager
def failing() -> Iterator[None]:
    """Complain of what the ledger refuses (exit code 2) or cannot do (3), and of a file that is there already (2).

    A signal to end is an exception here, so that no half-made copy of the ledger is left behind.
    """
    try:
        with _ending():
            yield
    except FileExistsError as error:
        complain(f"{error}.")
        raise typer.Exit(Exit.USAGE) from None
    except LedgerRefused as error:
        complain(f"{error}.")
        raise typer.Exit(Exit.USAGE) from None
    except LedgerFailed as error:
        complain(f"{error}.")
        raise typer.Exit(Exit.CANNOT_START) from None
    except sqlite3.Error as error:
        complain(f"the ledger failed ({getattr(error, 'sqlite_errorname', type(error).__name__)}).")
        raise typer.Exit(Exit.CANNOT_START) from None


@contextmanager
def _ending() -> Iterator[None]:
    """Leave as from an exception when the system or the terminal asks to end; only the main thread is asked."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    # who ignores a signal, as under nohup, goes on ignoring it
    heard = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is not signal.SIG_IGN]
    before = {one: signal.signal(one, end) for one in heard}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def tell_copies(ledger: Path) -> None:
    """Name the files beside a ledger that hold what it held before something was taken out of it."""
    from douane.ledger.backup import copies_beside

    if found := copies_beside(ledger):
        names = ", ".join(one.name for one in found)
        tell(
            f"Beside the ledger lie {many(len(found), 'copy', 'copies')} that may still hold it; delete them: {names}."
        )


def new(file: Path) -> None:
    """Complain of a file that is there already, and exit with 2."""
    if file.exists() or file.is_symlink():
        complain(f"{file}: is there already; name another.")
        raise typer.Exit(Exit.USAGE)


def agreed(question: str, *, yes: bool) -> None:
    """Ask for a yes; exits with 2 without one, and where nobody can be asked."""
    if yes:
        return
    if asked(f"{question} Type yes: ", "--yes").strip().lower() not in ("yes", "oui"):
        tell("Nothing was changed.")
        raise typer.Exit(Exit.USAGE)


def asked(question: str, option: str) -> str:
    """A line typed at the terminal; exits with 2 where there is none, naming the option to give instead."""
    if sys.stdin is None or not sys.stdin.isatty():
        complain(f"There is no terminal to ask at. Give {option}.")
        raise typer.Exit(Exit.USAGE)
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline()


def many(count: int, one: str, more: str = "") -> str:
    """A count with its word: `1 segment`, `2 segments`."""
    return f"{count:,} {one if count == 1 else more or f'{one}s'}"
