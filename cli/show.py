"""`douane show`: one message in full."""

from contextlib import closing
from typing import Annotated

import typer

from douane.cli.exits import Exit, complain, standard_output
from douane.cli.looking import As, Looker, ReadConfig, ReadLedger, Reason, Unrecorded

_DIGITS = 18  # whatever number has no more of them, SQLite can hold: its largest has 19


def show(
    exchange: Annotated[
        str,
        typer.Argument(metavar="ID", help="The message's number, as douane tail, reports and the ledger give it."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of the text.")] = "en",
    config: ReadConfig = None,
    ledger: ReadLedger = None,
    who: As = None,
    reason: Reason = "",
    unrecorded: Unrecorded = False,
) -> None:
    """Show one message: what crossed, each verdict with the words it rests on, outcome, gaps, session, chain.

    Of a value it shows what the ledger keeps: category, place, a bucket of its length, and a preview
    where there is one. It says where the message stands in the chain and whether the events of its
    rows hold; douane verify looks at the whole chain.
    """
    from douane.cli.looking import admitted
    from douane.cli.report import ledger_of, opened
    from douane.ledger.crossed import app_of, crossed
    from douane.ledger.traced import traced
    from douane.reports import shown
    from douane.reports.i18n import LangError, lang_of
    from douane.reports.wrong import wrong

    try:
        spoken = lang_of(lang)
    except LangError as error:
        complain(f"{error}.")
        raise typer.Exit(Exit.USAGE) from None
    number = number_of(exchange)
    if number < 1:
        complain(wrong("number", lang))
        raise typer.Exit(Exit.USAGE)
    path = ledger or ledger_of(config)
    with closing(opened(path, lang)) as db:
        app = app_of(db, number)
        if app is None:
            looker = Looker(who, reason, unrecorded)
            inside = traced(db, number)
            if inside is not None:
                admitted(
                    looker,
                    f"show message {inside.exchange_id}",
                    config=config,
                    ledger=ledger,
                    apps=[inside.app],
                    lang=lang,
                )
                at = inside.exchange_id
                complain(wrong("message.inside", lang, file=path, number=str(number), message=str(at)))
                raise typer.Exit(Exit.USAGE)
            complain(wrong("message.none", lang, file=path, number=str(number)))
            raise typer.Exit(Exit.USAGE)
        looker = Looker(who, reason, unrecorded)
        leave = admitted(looker, f"show message {number}", config=config, ledger=ledger, apps=[app], lang=lang)
        found = crossed(db, number)
    if found is None:  # purged a moment ago
        complain(wrong("message.gone", lang, file=path, number=str(number)))
        raise typer.Exit(Exit.USAGE)
    with standard_output() as out:
        if as_json:
            out.write(shown.dumped(found, leave.under).encode())
        else:
            shown.show(found, leave.under, lang=spoken)


def number_of(text: str) -> int:
    """A message's or disclosure's number as somebody wrote it; 0 where it is none that a ledger can have."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else 0
