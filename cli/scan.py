"""`douane scan`: JSON Lines in, JSON Lines out; nothing is stored and nothing leaves the machine."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from douane.cli.exits import Exit, complain


def scan(
    file: Annotated[
        str,
        typer.Argument(
            metavar="[FILE|-]", help="JSON Lines: bare JSON-RPC messages, or {id, direction, input_schema, message}."
        ),
    ] = "-",
    show_values: Annotated[bool, typer.Option("--show-values", help="Print the values found, in clear.")] = False,
    presidio: Annotated[bool, typer.Option(help="Use Presidio for free text.")] = True,
) -> None:
    """Say what personal data each message holds and what of it the tool's schema does not list.

    A line is a bare JSON-RPC message or {"id", "direction": "to_app"|"to_chatgpt", "input_schema", "message"}. The
    answer is {"id", "findings": [{"pointer", "start", "end", "category", "flags", "score", "detector"}], "undeclared":
    [pointers], "gaps": []}; offsets count characters of the string at the pointer.
    """
    from douane.inspector.scan import Scanner

    scanner = Scanner(presidio=presidio)
    unread = 0
    for number, line in lines(file):
        answer = scanner.line(line, number, show_values=show_values)
        unread += answer.get("error") is not None
        # A lone surrogate has no UTF-8; written as \udc80 it is what JSON calls it.
        sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
        sys.stdout.buffer.flush()
    if unread:
        complain(f'{unread} line(s) could not be read; each says why in its "error".')
        raise typer.Exit(Exit.PARTLY)


def lines(file: str) -> Iterator[tuple[int, bytes]]:
    """The non-empty lines of a file or of standard input, numbered from 1."""
    try:
        source: Any = sys.stdin.buffer if file == "-" else Path(file).open("rb")  # noqa: SIM115 - closed with the process
    except OSError as error:
        complain(f"{file}: {error.strerror}. Give a file of JSON Lines, or - for standard input.")
        raise typer.Exit(Exit.USAGE) from None
    with source:
        yield from ((number, line) for number, line in enumerate(source, 1) if line.strip())
