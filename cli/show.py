"""`douane show`: one message in full."""

from contextlib import closing
from typing import Annotated

import typer

from douane.cli.exits import Exit, complain, standard_output
from douane.cli.looking import As, Looker, ReadConfig, ReadLedger, Reason, Unrecorded


def show(
    exchange: Annotated[
        int,
        typer.Argument(
            metavar="ID", help="The message's number, as douane tail, reports and the ledger give it.", min=1
        ),
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

    try:
        spoken = lang_of(lang)
    except LangError as error:
        complain(f"{error}.")
        raise typer.Exit(Exit.USAGE) from None
    path = ledger or ledger_of(config)
    with closing(opened(path)) as db:
        app = app_of(db, exchange)
        if app is None:
            looker = Looker(who, reason, unrecorded)
            inside = traced(db, exchange)
            if inside is not None:
                admitted(looker, f"show message {inside.exchange_id}", config=config, ledger=ledger, apps=[inside.app])
                at = inside.exchange_id
                complain(f"{path}: {exchange} is no message, but a disclosure in message {at}: douane show {at}.")
                raise typer.Exit(Exit.USAGE)
            complain(f"{path}: there is no message {exchange}. douane tail and the view exchange_log have the numbers.")
            raise typer.Exit(Exit.USAGE)
        looker = Looker(who, reason, unrecorded)
        leave = admitted(looker, f"show message {exchange}", config=config, ledger=ledger, apps=[app])
        found = crossed(db, exchange)
    if found is None:  # purged a moment ago
        complain(f"{path}: there is no message {exchange} any more.")
        raise typer.Exit(Exit.USAGE)
    with standard_output() as out:
        if as_json:
            out.write(shown.dumped(found, leave.under).encode())
        else:
            shown.show(found, leave.under, lang=spoken)
