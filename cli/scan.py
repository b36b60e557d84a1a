"""`douane scan`: JSON Lines in, JSON Lines out; nothing is stored and nothing leaves the machine."""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from douane.cli.exits import Exit, complain, standard_input, standard_output

if TYPE_CHECKING:
    from douane.inspector.scan import Scanner
    from douane.reports.i18n import Words


def scan(
    file: Annotated[
        str,
        typer.Argument(
            metavar="[FILE|-]", help="JSON Lines: bare JSON-RPC messages, or {id, direction, input_schema, message}."
        ),
    ] = "-",
    show_values: Annotated[bool, typer.Option("--show-values", help="Print the values found, in clear.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say in words, for each field, which evidence counted, or why none did.")
    ] = False,
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of --explain.")] = "en",
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", metavar="FILE", help="The configuration; ./config.yaml where there is one."),
    ] = None,
    presidio: Annotated[bool, typer.Option(help="Use Presidio for free text.")] = True,
) -> None:
    """Say what personal data each message holds and what of it the tool's schema does not list.

    A line is a bare JSON-RPC message, or {"id", "direction", "input_schema", "message"}.
    The answer is {"id", "findings", "undeclared", "gaps"}; a batch has one per item.
    A finding is {"pointer", "start", "end", "category", "flags", "score", "detector"}.
    """
    from douane.cli.detection import assembled, configured
    from douane.inspector.scan import Scanner

    with standard_output():  # before the detectors take their seconds to load
        words = spoken(lang)
        scanner = Scanner(assembly=assembled(configured(config), presidio=presidio, loaded=True))
    unread = 0
    for number, line in lines(file):
        if explain:
            unread += explained(scanner, line, number, words, show_values=show_values)
            continue
        for answer in scanner.answers(line, number, show_values=show_values):
            unread += answer.get("error") is not None
            # A lone surrogate has no UTF-8; written as \udc80 it is what JSON calls it.
            printed = json.dumps(answer, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
            with standard_output() as out:
                out.write(printed)
                out.flush()
    if unread:
        where = "." if explain else ' in its "error".'
        complain(f"{unread} message(s) could not be read; each says why{where}")
        raise typer.Exit(Exit.PARTLY)


def spoken(lang: str) -> "Words":
    """The words of a language; complains of one that is not spoken and exits with 2."""
    from douane.reports.i18n import LangError, Words, lang_of

    try:
        return Words(lang_of(lang))
    except LangError as error:
        complain(str(error))
        raise typer.Exit(Exit.USAGE) from None


def explained(scanner: "Scanner", line: bytes, number: int, words: "Words", *, show_values: bool) -> int:
    """Print a line's messages explained; returns how many could not be read."""
    from rich.console import Console

    from douane.cli.explained import told

    console = Console(highlight=False, soft_wrap=True)
    messages = scanner.explained(line, number)
    with standard_output():
        for message in messages:
            for text in told(message, words, show_values=show_values):
                console.print(text)
        console.file.flush()
    return sum(message.item.message is None for message in messages)


def lines(file: str) -> Iterator[tuple[int, bytes]]:
    """The non-empty lines of a file or of standard input, numbered from 1, without a byte order mark at the start."""
    try:
        source: Any = standard_input() if file == "-" else Path(file).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        complain(f"{file}: {error.strerror}. Give a file of JSON Lines, or - for standard input.")
        raise typer.Exit(Exit.USAGE) from None
    with source:
        numbered = enumerate(source, 1)
        while True:
            try:
                number, line = next(numbered, (0, b""))
            except OSError as error:
                complain(f"{file}: {error.strerror}. What came before was scanned.")
                raise typer.Exit(Exit.PARTLY) from None
            if not number:
                return
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if line.strip():
                yield number, line
