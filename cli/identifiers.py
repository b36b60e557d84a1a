"""Identifiers that a person hands in for one check: read, joined across apps under the master key, kept nowhere."""

import getpass
import sqlite3
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, NoReturn

import typer

from douane.audit.identifiers import Identifier, parsed
from douane.cli.exits import Exit, complain, tell

if TYPE_CHECKING:
    from pathlib import Path

    from douane.audit.personas import Persona
    from douane.cli.config import Config

ASK: Final = "ask"


def read(where: str) -> list[Identifier]:
    """The identifiers of a file, of standard input (`-`), or asked for without echo (`ask`); complains and exits with
    2 where there are none."""
    from pathlib import Path

    from douane.ledger.reading import text_of as text_in

    try:
        if where == ASK:
            found = parsed(asked("--identifiers FILE or --identifiers -"))
        elif where == "-":
            if sys.stdin is None:
                give_up("--identifiers: standard input is closed. Give a file, or ask.")
            found = parsed(sys.stdin.buffer.read().decode("utf-8").splitlines())
        else:
            found = parsed(text_in(Path(where)).splitlines())
    except UnicodeDecodeError:
        give_up("--identifiers: this is not UTF-8 text. Save it as UTF-8.")
    except OSError as error:
        give_up(f"--identifiers: cannot be read ({error.strerror}). Give a file, - or ask.")
    if not found:
        give_up("--identifiers: there is none. Write one a line: an e-mail address, a phone number, an openai/subject.")
    return found


def asked(option: str) -> Iterable[str]:
    """Lines typed without echo, up to an empty one; exits with 2 where there is no terminal, naming the option."""
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", getpass.GetPassWarning)  # it would go on and show what is typed
                line = getpass.getpass("Identifier (not shown; nothing ends): ")
        except EOFError:
            return
        except getpass.GetPassWarning:
            give_up(f"There is no terminal to ask at. Give {option}.")
        if not line.strip():
            return
        yield line


def sharing(
    db: sqlite3.Connection, settings: "Config", identifiers: list[Identifier]
) -> Callable[[str], Mapping[str, int]]:
    """How many of the identifiers each app shares with another, by category; says how many could be joined.

    Complains and exits with 2 where the key is not the ledger's.
    """
    from douane.cli.custody import fitting
    from douane.ledger.keys import KeyRefused
    from douane.ledger.pseudonyms import Pseudonymiser, needs_salt
    from douane.ledger.shared import shared_subjects

    try:
        master = fitting(settings.storage)
    except KeyRefused as error:
        give_up(f"--identifiers: {error}.")
    fit = [one for one in identifiers if not needs_salt(*one)]
    tell(f"Identifiers: {len(identifiers)} read, {len(fit)} looked for; nothing of them is kept.")
    return shared_subjects(db, Pseudonymiser(master), fit)


def lines_of(personas: "Iterable[Persona]") -> list[str]:
    """The identifiers of made-up people, as `--identifiers` reads them."""
    from douane.ledger.pseudonyms import needs_salt

    out: list[str] = []
    for person in personas:
        known = {**person.facts, "user.unique_id.pseudonymous": person.subject}
        out += [f"{key}: {value}" for key, value in sorted(known.items()) if value and not needs_salt(key, value)]
    return list(dict.fromkeys(out))


def written(personas: "Iterable[Persona]", file: "Path") -> None:
    """Write the identifiers of made-up people into a new file that only its owner can read; exits with 2 if it is there
    already or cannot be written."""
    import os

    try:
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as out:
            out.write("".join(f"{line}\n" for line in lines_of(personas)))
    except FileExistsError:
        give_up(f"{file}: this file is there already. Give another one with --identifiers-out.")
    except OSError as error:
        give_up(f"{file}: {error.strerror}. Give another file with --identifiers-out.")


def give_up(text: str) -> NoReturn:
    """Complain and leave with the exit code for wrong use or input."""
    complain(text)
    raise typer.Exit(Exit.USAGE)
