"""Files that a person named: their text, and what a reader makes of it. One word for each thing that can go wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from douane.cli.exits import Exit, complain

if TYPE_CHECKING:
    from douane.audit.yamltext import Errors

CHECK = "Check the path."


def text_of(path: Path, *, name: str = "", missing: str = CHECK) -> "str | Errors":
    """The text of a regular file, or why it cannot be read; no more of it is read than a limit.

    `name` is what the file is called, its path where empty; `missing` says what to do where there is no such file.
    """
    from douane.audit.yamltext import Errors, Fault
    from douane.ledger.reading import text_of as text_in

    try:
        return text_in(path)
    except FileNotFoundError:
        problem, remedy = "there is no such file", missing
    except IsADirectoryError:
        problem, remedy = "this is a folder", "Name the file in it."
    except UnicodeDecodeError:
        problem, remedy = "this is not UTF-8 text", "Save it as UTF-8."
    except OSError as error:
        problem, remedy = f"cannot be read ({error.strerror})", "Check its permissions."
    return Errors((Fault(name or str(path), 0, 0, "", problem, remedy),))


def taken[T](path: Path, parse: "Callable[[str, str], T | Errors]", *, name: str = "", missing: str = CHECK) -> T:
    """What a reader makes of a file's text and name; complains of every fault and exits with 2.

    `name` and `missing` are as for `text_of`.
    """
    from douane.audit.yamltext import Errors

    text = text_of(path, name=name, missing=missing)
    read = text if isinstance(text, Errors) else parse(text, name or str(path))
    if isinstance(read, Errors):
        complain(str(read))
        raise typer.Exit(Exit.USAGE)
    return read
