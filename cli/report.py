"""`douane report`: what the ledger says, in the terminal or as a file."""

import dataclasses
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from douane.cli.exits import Exit, complain, standard_output, tell
from douane.cli.looking import As, Looker, ReadConfig, ReadLedger, Reason, Unrecorded

if TYPE_CHECKING:
    import sqlite3

FORMATS = ("html", "json", "md")


def report(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="KIND",
            help="A document, such as audit; docs/reports.md lists them. Without it, the summary of the ledger.",
        ),
    ] = None,
    output_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="Write a file: html, json or md; of a document also pdf, xlsx, csv or zip, where it comes so.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to, - for standard output; by default douane-report.FORMAT, or douane-KIND.FORMAT.",
        ),
    ] = None,
    app: Annotated[
        list[str] | None, typer.Option("--app", metavar="NAME", help="Only this app; may be repeated.")
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="From this date or ISO 8601 time on.")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Up to this date, that day included, or time.")
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(metavar="CATEGORY", help="Only this data category, of a document that takes one. Repeatable."),
    ] = None,
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Do not verify the chain for a document first; the document says so.")
    ] = False,
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of the report.")] = "en",
    config: ReadConfig = None,
    ledger: ReadLedger = None,
    who: As = None,
    reason: Reason = "",
    unrecorded: Unrecorded = False,
) -> None:
    """Say who got which data, what of it nobody declared, and what was not observed."""
    from douane.cli.looking import admitted
    from douane.cli.progress import progress
    from douane.ledger.report_query import snapshot
    from douane.reports import few, html, json_, markdown, terminal
    from douane.reports.findings import judged
    from douane.reports.i18n import LangError
    from douane.reports.summary import ScopeError, looked_at, summary_of
    from douane.reports.wrong import scope, wrong

    looker = Looker(who, reason, unrecorded)
    if kind is not None:
        from douane.cli.documents import Asked, document

        asked = Asked(kind, lang, app or (), since, until, category or (), config, ledger, unverified)
        document(asked, looker, output_format, output)
        return
    if category or unverified:
        complain(wrong("summary.only", lang))
        raise typer.Exit(Exit.USAGE)
    if output_format not in (None, *FORMATS):
        complain(wrong("format.summary", lang, formats=", ".join(FORMATS)))
        raise typer.Exit(Exit.USAGE)
    if output is not None and output_format is None:
        output_format = format_of(output, lang)
    leave = admitted(
        looker, "report", config=config, ledger=ledger, apps=app or (), since=since, until=until, lang=lang
    )
    db = opened(leave.ledger, lang)
    try:
        with snapshot(db), progress("Reading the ledger"):
            seen = looked_at(db, apps=leave.apps or None, since=since, until=until)
            summary = summary_of(db, seen, made_at=datetime.now(UTC))
            names = [one.name for one in summary.apps]
            found = judged(db, names, summary.period.since, summary.period.until, seen=seen)
        summary = few.shown(dataclasses.replace(summary, findings=found, under=leave.under))
        if output_format is None:
            from douane.reports.glance import trend

            with progress("Reading the ledger"):
                spans = trend(db, summary)
            with standard_output():
                terminal.show(summary, lang=lang, trend=spans)
            return
        renderer = {"html": html.render, "json": json_.render, "md": markdown.render}[output_format]
        text = renderer(summary, lang=lang)
    except (ScopeError, LangError) as error:
        complain(scope(error, lang))
        raise typer.Exit(Exit.USAGE) from None
    finally:
        db.close()
    write(text, output or Path(f"douane-report.{output_format}"), lang)


def format_of(output: Path, lang: str = "en") -> str:
    """The format that a file's ending asks for."""
    ending = output.suffix.lstrip(".").lower()
    known = {"html": "html", "htm": "html", "json": "json", "md": "md", "markdown": "md"}
    if ending not in known:
        from douane.reports.wrong import wrong

        complain(wrong("ending", lang, file=output, formats=", ".join(FORMATS)))
        raise typer.Exit(Exit.USAGE)
    return known[ending]


def ledger_of(config: Path | None) -> Path:
    """Where the configured ledger lies."""
    from douane.cli.config import Config, Errors, load_config

    file = config or Path("config.yaml")
    if config is None and not file.is_file():
        storage = Config().storage
        return storage.folder / storage.ledger
    read = load_config(file)
    if isinstance(read, Errors):
        complain(str(read))
        raise typer.Exit(Exit.USAGE)
    return read.storage.ledger


def opened(path: Path, lang: str = "en") -> "sqlite3.Connection":
    """The ledger, read-only; complains, in a language, when there is none, and when it is something else."""
    from douane.ledger.query import open_ledger as open_readonly
    from douane.ledger.schema import LedgerRefused

    if not path.is_file():
        from douane.reports.wrong import wrong

        complain(wrong("ledger.none", lang, file=path))
        raise typer.Exit(Exit.USAGE)
    try:
        return open_readonly(path)
    except LedgerRefused as error:
        complain(f"{error}.")
        raise typer.Exit(Exit.USAGE) from None


def write(text: str | bytes, output: Path, lang: str = "en") -> None:
    """Write the report, readable by its owner only: it names people's data, though not their values.

    A file that is there is replaced as a whole or stays as it is; a device or pipe is written to.
    """
    content = text.encode() if isinstance(text, str) else text
    if str(output) == "-":
        with standard_output() as out:
            out.write(content)
            out.flush()
        return
    from douane.reports.wrong import system, wrong

    try:
        if output.exists() and not output.is_file():
            with output.open("wb") as special:
                special.write(content)
        else:
            replace(output.resolve(), content)
    except OSError as error:
        complain(wrong("write", lang, file=output, why=system(error, lang)))
        raise typer.Exit(Exit.PARTLY) from None
    tell(wrong("written", lang, file=output.absolute()))


def replace(target: Path, content: bytes) -> None:
    """Put a new file, readable by its owner only, in the place of `target`. Raises OSError and leaves no rest."""
    fd, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)  # mode 0600
    written = Path(name)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(content)
        written.replace(target)
    finally:
        written.unlink(missing_ok=True)
