"""What the commands on declarations share: reading a file, speaking a language, printing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from douane.cli.exits import Exit, complain, standard_output
from douane.cli.files import taken, text_of

if TYPE_CHECKING:
    from douane.audit.declaration import Declaration
    from douane.audit.yamltext import Errors

Lang = Annotated[str, typer.Option("--lang", metavar="en|fr", help="The language of what is printed.")]


def read(path: Path) -> "Declaration | Errors":
    """The declaration in a file, or why there is none; names the file as it was given."""
    from douane.audit.declaration_file import parse_declaration
    from douane.audit.yamltext import Errors

    text = text_of(path)
    return text if isinstance(text, Errors) else parse_declaration(text, str(path))


def readable(path: Path) -> "Declaration":
    """The declaration in a file; complains of one that cannot be read and exits with 2."""
    from douane.audit.declaration_file import parse_declaration

    return taken(path, parse_declaration)


def language(name: str) -> str:
    """`en` or `fr`; complains of any other language and exits with 2."""
    from douane.reports.i18n import LangError, lang_of

    try:
        return lang_of(name)
    except LangError as error:
        complain(str(error))
        raise typer.Exit(Exit.USAGE) from None


def typographic(text: str, lang: str) -> str:
    """`text` with the spaces of its language."""
    from douane.reports.i18n import french_spaces

    return french_spaces(text) if lang == "fr" else text


def say(lines: list[str]) -> None:
    """Print lines on standard output as UTF-8."""
    with standard_output() as out:
        out.write("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
        out.flush()
