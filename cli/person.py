"""`douane person`: which apps were sent, or gave back, somebody's e-mail address, and what cannot be found."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer

from douane.cli.exits import Exit, complain, standard_output
from douane.cli.looking import As, Looker, ReadLedger, Reason, Unrecorded

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from douane.cli.config import Config
    from douane.cli.looking import Admitted
    from douane.ledger.person import Identifier, Person
    from douane.ledger.pseudonyms import Pseudonymiser
    from douane.reports.i18n import Lang

WHAT: Final = "person"
"""What the ledger's chain says that was asked; never of whom."""


def person(
    file: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="Identifiers, one a line, instead of being asked for them; - reads them."),
    ] = None,
    category: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="What the identifiers are, such as user.name; else all that they can be."),
    ] = None,
    app: Annotated[
        list[str] | None, typer.Option("--app", metavar="NAME", help="Only this app; may be repeated.")
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="From this date or ISO 8601 time on.")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Up to this date, that day included, or time.")
    ] = None,
    output_format: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", metavar="FORMAT", help="Write a document: pdf, html, xlsx, csv, json or md (Art. 15)."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to, - for standard output; by default douane-person.FORMAT."
        ),
    ] = None,
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Do not verify the chain for a document first; the document says so.")
    ] = False,
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of the answer.")] = "en",
    config: Annotated[
        Path | None, typer.Option("--config", "-c", metavar="FILE", help="The configuration: its ledger and key.")
    ] = None,
    ledger: ReadLedger = None,
    who: As = None,
    reason: Reason = "",
    unrecorded: Unrecorded = False,
) -> None:
    """Say which apps received a person's e-mail address, name or number, or gave it back, and when.

    The identifiers are asked for and not shown, and kept nowhere; an answer calls them by number. It
    has each disclosure with recipient, category, time, declared purposes and evidence, and what could
    not be looked through. The look-up is told in the ledger first, without them. A developer may not
    do it.
    """
    from douane.cli.detection import configured
    from douane.cli.erase import identifiers
    from douane.cli.keeping import allowed
    from douane.cli.looking import admitted, system_user
    from douane.cli.report import opened
    from douane.reports import person as documents
    from douane.reports.i18n import LangError, lang_of
    from douane.reports.wrong import wrong

    try:
        spoken = lang_of(lang)
    except LangError as error:
        give_up(f"{error}.")
    form = format_of(output_format, output, documents.FORMATS, spoken)
    settings = configured(config)
    storage = settings.storage
    own = storage.ledger if storage.ledger.is_absolute() else storage.folder / storage.ledger
    path = ledger or own
    with closing(opened(path, spoken)) as db:
        known = [name for (name,) in db.execute("SELECT name FROM apps ORDER BY name")]
    period(since, until, spoken)
    refused = wrong("role.persons.named", spoken, name=who or system_user())
    allowed(settings, path, who, WHAT, said=refused, reason=reason)
    for name in app or ():
        if name not in known:
            give_up(wrong("app.named", spoken, apps=", ".join(known) or wrong("app.nobody", spoken)))
    wanted = identifiers(file, category, spoken)
    leave = admitted(
        Looker(who, reason, unrecorded),
        WHAT,
        config=config,
        ledger=ledger,
        apps=app or (),
        since=since,
        until=until,
        persons=True,
        lang=spoken,
    )
    found, waiting = looked_for(
        settings, leave, wanted, since, until, exact=category is not None, own=path == own, lang=spoken
    )
    if form is None:
        from douane.reports import person_terminal

        with standard_output():
            person_terminal.show(found, leave.under, lang=spoken, waiting=waiting)
        return
    document(found, waiting, leave, spoken, form, output, scope=(since, until, config, unverified))


def period(since: str | None, until: str | None, lang: "Lang") -> None:
    """Complain of times that are none, and of a period that ends before it begins, and exit with 2."""
    from douane.reports.summary import ScopeError, bound
    from douane.reports.wrong import scope, wrong

    try:
        begin, end = bound(since, end=False), bound(until, end=True)
    except ScopeError as error:
        give_up(f"{scope(error, lang)}.")
    if begin and end and begin >= end:
        give_up(f"{wrong('reversed', lang)}.")


def looked_for(
    settings: "Config",
    leave: "Admitted",
    wanted: "Sequence[Identifier]",
    since: str | None,
    until: str | None,
    *,
    exact: bool,
    own: bool,
    lang: str = "en",
) -> "tuple[Person, int]":
    """What is found, and how many messages wait in the spool; complains and exits with 3 without the ledger's key."""
    from douane.cli.keeping import failing
    from douane.cli.progress import progress
    from douane.cli.report import opened
    from douane.ledger.erase import uninspected
    from douane.ledger.person import find
    from douane.reports.summary import bound

    with failing(), closing(opened(leave.ledger)) as db:
        pseudonymiser = key_of(settings, db, lang)
        waiting = uninspected(settings.storage.spool, 0.0) if own else 0
        with progress("Looking") as told:
            found = find(
                db,
                pseudonymiser,
                wanted,
                exact=exact,
                apps=leave.apps,
                since=bound(since, end=False),
                until=bound(until, end=True),
                progress=lambda _step, done, total: told(done, total),
            )
    return found, waiting


def key_of(settings: "Config", db: "sqlite3.Connection", lang: str = "en") -> "Pseudonymiser":
    """What makes the ledger's pseudonyms; complains and exits with 3 where the key made none of them."""
    from douane.cli.custody import master_of, or_exit, where
    from douane.ledger.pseudonyms import Pseudonymiser

    with or_exit():
        pseudonymiser = Pseudonymiser(master_of(settings.storage))
    keys = db.execute("SELECT a.name, k.key_id FROM keys k JOIN apps a ON a.id = k.app_id").fetchall()
    if keys and not any(pseudonymiser.made(app, key_id) for app, key_id in keys):
        from douane.reports.wrong import wrong

        is_ring = settings.storage.key_store == "keyring"
        complain(wrong("key.other", lang, place=wrong("key.keyring", lang) if is_ring else where(settings.storage)))
        raise typer.Exit(Exit.CANNOT_START)
    return pseudonymiser


def format_of(form: str | None, output: Path | None, formats: "Sequence[str]", lang: str = "en") -> str | None:
    """The document's format, by name or by the file's ending; None for the terminal. Exits with 2 for another."""
    ending = output.suffix.lstrip(".").lower() if output is not None else ""
    chosen = form or ({"htm": "html", "markdown": "md"}.get(ending, ending) if output is not None else None)
    if chosen is not None and chosen not in formats:
        from douane.reports.wrong import wrong

        give_up(wrong("format.person", lang, formats=", ".join(formats)))
    return chosen


def document(
    found: "Person",
    waiting: int,
    leave: "Admitted",
    lang: "Lang",
    form: str,
    output: Path | None,
    *,
    scope: tuple[str | None, str | None, Path | None, bool],
) -> None:
    """Write the document; what it opens with is made from the ledger as for every other document."""
    from dataclasses import replace

    from douane.cli.documents import Asked, material
    from douane.cli.progress import progress
    from douane.cli.report import opened, write
    from douane.reports import person as documents
    from douane.reports.render import render

    since, until, config, unverified = scope
    asked = Asked(WHAT, lang, leave.apps, since, until, (), config, leave.ledger, unverified)
    exact = replace(leave, under=replace(leave.under, exact=True))
    with closing(opened(leave.ledger)) as db:
        made = documents.build(material(db, asked, exact, lang), found, waiting=waiting)
    with progress("Making the document"):
        made_file = render(made, form)
    write(made_file, output or Path(f"douane-{WHAT}.{form}"), lang)


def give_up(text: str) -> NoReturn:
    """Complain and leave with the exit code for wrong use or input."""
    complain(text)
    raise typer.Exit(Exit.USAGE)
