"""`douane tail`: what crosses, as it is written in the ledger."""

import sys
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

from douane.cli.exits import Exit, complain, standard_output
from douane.cli.looking import As, Looker, ReadConfig, ReadLedger, Reason, Unrecorded

if TYPE_CHECKING:
    from douane.cli.following import Followed
    from douane.ledger.following import Lost, Message

LINES: Final = 10
WATCHED: Final = 500
"""Messages shown of which a later outcome is told."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages are shown: of these tools, with a datum of these categories, only undeclared data."""

    tools: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    undeclared: bool = False

    def shows(self, one: "Message | Lost") -> bool:
        """Whether to show it; a gap without a message only where nothing but apps is asked for."""
        from douane.audit.taxonomy import is_within
        from douane.ledger.following import Lost

        if isinstance(one, Lost):
            return not (self.tools or self.categories or self.undeclared)
        if self.tools and one.tool not in self.tools:
            return False
        if not (self.categories or self.undeclared):
            return True
        return any(
            (not self.undeclared or datum.undeclared)
            and (not self.categories or any(is_within(datum.category, key) for key in self.categories))
            for datum in one.data
        )


def tail(
    app: Annotated[
        list[str] | None, typer.Option("--app", metavar="NAME", help="Only this app; may be repeated.")
    ] = None,
    tool: Annotated[
        list[str] | None, typer.Option("--tool", metavar="NAME", help="Only this tool; may be repeated.")
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option("--category", metavar="KEY", help="Only messages with data of this category. Repeatable."),
    ] = None,
    undeclared: Annotated[
        bool, typer.Option("--undeclared", help="Only messages with data that nobody declared.")
    ] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", metavar="N", help="First so many of the last 10,000 messages.", min=0)
    ] = LINES,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Go on until Ctrl-C, or stop there.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON object a line.")] = False,
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of the lines.")] = "en",
    config: ReadConfig = None,
    ledger: ReadLedger = None,
    who: As = None,
    reason: Reason = "",
    unrecorded: Unrecorded = False,
) -> None:
    """Show messages as they are written in the ledger, one a line, beginning with the last ones.

    A line has the message's number (douane show NUMBER), time (UTC), app, direction, tool, and what
    was found in it. It goes on where another file takes the ledger's place (a restore, a rotation),
    and ends on Ctrl-C, SIGTERM, or when nobody reads it any more.
    """
    from douane.audit import taxonomy
    from douane.cli.following import Followed, ending, there
    from douane.cli.looking import admitted
    from douane.cli.report import ledger_of, opened
    from douane.ledger.refused import LedgerRefused
    from douane.reports.i18n import LangError, lang_of
    from douane.reports.wrong import wrong

    try:
        spoken = lang_of(lang)
    except LangError as error:
        give_up(f"{error}.")
    for key in category or ():
        if taxonomy.category(key) is None:
            give_up(wrong("category.unknown", lang, name=key))
    path = ledger or ledger_of(config)
    opened(path, lang).close()
    looker = Looker(who, reason, unrecorded)

    def leave() -> tuple[str, ...]:
        return admitted(looker, "tail", config=config, ledger=ledger, apps=app or (), lang=lang).apps

    wanted = Wanted(tuple(tool or ()), tuple(category or ()), undeclared)
    apps = leave()
    there(path, config, app or (), lang)  # after the role: which apps there are is not for everybody
    with standard_output(), ending():
        try:
            followed = Followed(path, apps, leave, spoken)
        except LedgerRefused as error:
            give_up(f"{error}.")
        try:
            shown = Lines(followed, wanted, spoken, as_json=as_json)
            shown.begin(lines)
            if follow:
                shown.follow()
        finally:
            followed.close()


class Lines:
    """The lines of one run, and the messages among them whose outcome may still be told."""

    def __init__(self, followed: "Followed", wanted: Wanted, lang: str, *, as_json: bool) -> None:
        from rich.console import Console

        self._followed = followed
        self._wanted = wanted
        self._lang = lang
        self._json = as_json
        self._console: Console = Console(highlight=False, soft_wrap=True)
        self._open: deque[Message] = deque(maxlen=WATCHED)

    def begin(self, lines: int) -> None:
        """Show the last ones."""
        from douane.ledger import following

        if not lines or self._followed.db is None:
            return
        found: list[Message | Lost] = []
        for one in following.before(self._followed.db, self._followed.mark, self._followed.apps):
            if self._wanted.shows(one):
                found.append(one)
                if len(found) == lines:
                    break
        self._show(reversed(found))

    def follow(self) -> None:
        """Show what comes, until nobody reads it."""
        from douane.cli.following import POLL_SECONDS, pause

        while True:
            new = self._followed.new()
            self._show(one for one in new if self._wanted.shows(one))
            self._told()
            if not new and not pause(POLL_SECONDS):
                return

    def _show(self, found: "Iterable[Message | Lost]") -> None:
        from douane.ledger.following import Message

        some = False
        for one in found:
            some = True
            if isinstance(one, Message) and one.outcome == "unknown":
                self._open.append(one)
            self._line(event(one))
        if some:
            sys.stdout.flush()

    def _told(self) -> None:
        """Say which of the messages shown did not arrive after all."""
        waiting = {one.id: one for one in self._open}
        known = self._followed.outcomes(list(waiting))
        for number, outcome in known.items():
            self._open.remove(waiting[number])
            if outcome != "delivered" or self._json:
                self._line(event(waiting[number], outcome))
        if known:
            sys.stdout.flush()

    def _line(self, said: Mapping[str, Any]) -> None:
        from rich.text import Text

        from douane.reports import live
        from douane.reports.i18n import Words, lang_of

        if self._json:
            sys.stdout.write(f"{live.json_line(said)}\n")
            return
        number = f"message {said['id']}" if said["event"] != "gap" else "—"
        line = live.line(live.read(said), Words(lang_of(self._lang)))
        self._console.print(Text.assemble((f"{number:<14} ", "dim"), line))


def event(one: "Message | Lost", outcome: str = "") -> dict[str, Any]:
    """A message or gap as the events of `douane run` are; with an outcome, that this is what became of it."""
    from douane.ledger.following import Lost

    if isinstance(one, Lost):
        return {
            "event": "gap",
            "id": one.id,
            "at": one.at,
            "app": one.app,
            "route": one.route,
            "gaps": [one.code],
            "place": one.place,
            "count": one.count,
        }
    return {
        "event": "outcome" if outcome else "exchange",
        "id": one.id,
        "at": one.at,
        "app": one.app,
        "direction": one.direction.value,
        "kind": one.kind,
        "method": one.method,
        "tool": one.tool,
        "outcome": outcome or one.outcome,
        "route": one.route,
        "host": one.host,
        "flow": one.flow,
        "size": one.size,
        "duration_ms": one.duration_ms,
        "lag_ms": one.lag_ms,
        "categories": [
            {
                "disclosure": datum.id,
                "category": datum.category,
                "flags": list(datum.flags),
                "headline": datum.headline,
                "undeclared": datum.undeclared,
            }
            for datum in one.data
        ],
        "gaps": list(one.gaps),
    }


def give_up(text: str) -> NoReturn:
    """Complain and leave with the exit code for wrong use or input."""
    complain(text)
    raise typer.Exit(Exit.USAGE)
