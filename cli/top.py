"""`douane top`: what crosses now, by app or tool, on the whole terminal."""

import os
import select
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer

from douane.cli.exits import Exit, complain, standard_output
from douane.cli.looking import As, Looker, ReadConfig, ReadLedger, Reason, Unrecorded

if TYPE_CHECKING:
    from douane.cli.following import Followed
    from douane.reports.i18n import Lang
    from douane.reports.top import Traffic, View

DRAW_SECONDS: Final = 0.5
_WIDEST_SECONDS: Final = 86_400.0


def top(
    app: Annotated[
        list[str] | None, typer.Option("--app", metavar="NAME", help="Only this app; may be repeated.")
    ] = None,
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of the view.")] = "en",
    config: ReadConfig = None,
    ledger: ReadLedger = None,
    who: As = None,
    reason: Reason = "",
    unrecorded: Unrecorded = False,
) -> None:
    """Show what crosses now on the whole terminal: apps or tools, rates, lag, undeclared data, gaps.

    Keys: q ends it, s sorts by the next column, t shows tools or apps, w changes the time that is
    counted, p holds it still.
    """
    from douane.cli.detection import configured
    from douane.cli.following import Followed, ending, there
    from douane.cli.looking import admitted
    from douane.cli.report import opened
    from douane.ledger.refused import LedgerRefused
    from douane.reports.i18n import LangError, lang_of
    from douane.reports.top import Traffic, View
    from douane.reports.wrong import wrong

    try:
        spoken = lang_of(lang)
    except LangError as error:
        give_up(f"{error}.")
    if not on_terminal():
        give_up(wrong("top.terminal", lang))
    storage = configured(config).storage
    own = storage.ledger if storage.ledger.is_absolute() else storage.folder / storage.ledger
    path = ledger or own
    opened(path, lang).close()
    looker = Looker(who, reason, unrecorded)

    def leave() -> tuple[str, ...]:
        return admitted(looker, "top", config=config, ledger=ledger, apps=app or (), lang=lang).apps

    apps = leave()
    there(path, config, app or (), lang)  # after the role: which apps there are is not for everybody
    with standard_output(), ending():
        try:
            followed = Followed(path, apps, leave, spoken)
        except LedgerRefused as error:
            give_up(f"{error}.")
        try:
            watch(followed, Traffic(), View(), spoken, storage.spool if path == own else None)
        finally:
            followed.close()


def on_terminal() -> bool:
    """Whether standard output is a terminal that can show the view."""
    return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def watch(followed: "Followed", traffic: "Traffic", view: "View", lang: "Lang", spool: Path | None) -> None:
    """Draw until somebody ends it; the terminal is as it was afterwards."""
    from rich.console import Console
    from rich.live import Live

    from douane.ledger import following
    from douane.ledger.times import iso
    from douane.ledger.waiting import waiting
    from douane.reports.top import MOST, Screen

    if followed.db is not None:
        since = iso(time.time() - _WIDEST_SECONDS)
        traffic.add(following.since(followed.db, since, followed.mark, followed.apps, most=MOST))
    console = Console(highlight=False)
    now = time.time()
    with keys() as pressed, Live(console=console, screen=True, auto_refresh=False) as shown:
        while True:
            traffic.add(followed.new())
            if not view.held:
                now = time.time()
                traffic.expire(now)
                waits = waiting(spool) if spool is not None else None
                traffic.waiting = None if waits is None else waits.records
            shown.update(Screen(traffic, view, lang, now, followed.path.name), refresh=True)
            for key in pressed(DRAW_SECONDS):
                if not view.key(key):
                    return


@contextmanager
def keys() -> "Iterator[Keys]":
    """Keys as they are pressed, without a line's end and unseen; none where standard input is no terminal."""
    if sys.stdin is None or not sys.stdin.isatty():
        yield Keys(None)
        return
    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    try:
        tty.setcbreak(number, termios.TCSANOW)
        yield Keys(number)
    finally:
        termios.tcsetattr(number, termios.TCSANOW, before)


class Keys:
    """Waits for keys."""

    def __init__(self, number: int | None) -> None:
        self._number = number

    def __call__(self, seconds: float) -> str:
        """The keys pressed within so many seconds, as soon as there are any; `q` where the terminal has gone."""
        if self._number is None:
            time.sleep(seconds)
            return ""
        if not select.select([self._number], [], [], seconds)[0]:
            return ""
        try:
            read = os.read(self._number, 64)
        except OSError:
            return "q"
        return read.decode("ascii", "replace") or "q"


def give_up(text: str) -> NoReturn:
    """Complain and leave with the exit code for wrong use or input."""
    complain(text)
    raise typer.Exit(Exit.USAGE)
