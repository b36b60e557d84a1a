"""`douane declare init`: a draft of a declaration, read from what the app says of itself or from the ledger."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from douane.cli.exits import Exit, complain, standard_output, tell
from douane.cli.looking import As, Looker, ReadConfig, Reason, Unrecorded


def init(
    url: Annotated[str | None, typer.Argument(metavar="[URL]", help="The app's MCP URL.")] = None,
    command: Annotated[
        str | None, typer.Option(metavar="CMD", help="Start the app as this program and speak to it over stdio.")
    ] = None,
    app: Annotated[
        str | None, typer.Option(metavar="NAME", help="Read the ledger instead: the app's name in config.yaml.")
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="The app's name in the draft.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to; standard output by default. Never overwritten."),
    ] = None,
    token_env: Annotated[
        str | None, typer.Option(metavar="VARIABLE", help="The environment variable that holds an access token.")
    ] = None,
    seconds: Annotated[float, typer.Option(help="How long the app may take to answer.")] = 30.0,
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of the comments.")] = "en",
    config: ReadConfig = None,
    ledger: Annotated[Path | None, typer.Option(metavar="FILE", help="The ledger itself.")] = None,
    who: As = None,
    reason: Reason = "",
    unrecorded: Unrecorded = False,
) -> None:
    """Draft a declaration from the app's tools, schemas and widgets; what a person must fill in is marked TO FILL.

    Each field has a guessed category with its confidence and why. A guess is no declaration: check every line.
    """
    from douane.audit.declaration_file import APP_NAME, Errors, parse_declaration
    from douane.audit.draft import DraftTool, Source, draft
    from douane.cli.app_reading import app_read
    from douane.cli.scan import spoken
    from douane.ledger.fingerprint import sha256

    speaks = spoken(lang)
    if name is not None and not is_like(APP_NAME, name):
        complain("--name: letters, figures, `.`, `_` and `-`, at most 63.")
        raise typer.Exit(Exit.USAGE)
    if output is not None and output.exists():
        complain(f"{output}: this file is there already. Give another one with -o; a draft replaces nothing.")
        raise typer.Exit(Exit.USAGE)
    looker = Looker(who, reason, unrecorded)
    read = app_read(
        url,
        command,
        app,
        token_env=token_env,
        seconds=seconds,
        config=config,
        ledger=ledger,
        looker=looker,
        lang=lang,
    )
    source = Source(
        app=name or read.name,
        title=read.title,
        where="le registre" if app is not None and speaks.lang == "fr" else read.where,
        on=speaks.day(datetime.now(UTC).isoformat()) if speaks.lang == "fr" else datetime.now(UTC).date().isoformat(),
        tools=tuple(
            DraftTool(
                tool.schema,
                # a skeleton's digest would not be the schema's
                sha256(tool.schema.input_schema) if app is None and tool.schema.input_schema is not None else "",
                tool.seen_to_app,
                tool.seen_to_chatgpt,
            )
            for tool in list({one.schema.name: one for one in reversed(read.tools)}.values())[::-1]
        ),
        observed=read.observed,
    )
    text = draft(source, lang=lang)
    checked = parse_declaration(text, str(output or "draft"))
    if isinstance(checked, Errors):
        complain(f"This app's words make no readable draft:\n{checked}")
        raise typer.Exit(Exit.PARTLY)
    if output is None:
        with standard_output() as out:
            out.write(text.encode())
            out.flush()
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        complain(f"{output}: {error.strerror}. Give another file with -o.")
        raise typer.Exit(Exit.PARTLY) from None
    tell(f"Draft: {output} ({text.count('# TO FILL')} places to fill in)")


def is_like(pattern: str, text: str) -> bool:
    """Whether a text is what a pattern asks for, as a whole."""
    import re

    return re.fullmatch(pattern, text) is not None
