"""`douane import`: an export as a ledger for reading elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from douane.cli.exits import Exit, complain, tell
from douane.cli.keeping import failing, many


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `douane export` wrote: a zip file or a folder.")],
    to: Annotated[Path, typer.Option("--to", metavar="LEDGER", help="The new ledger file; it must not be there.")],
) -> None:
    """Take the ledger out of an export, if it verifies with the anchors that came with it; else nothing is written.

    The file is for reading: `douane report --ledger LEDGER`, `douane verify --ledger LEDGER`. Without the master key
    nobody can be looked up in it.
    """
    from douane.cli.progress import progress
    from douane.ledger.portable import import_ as read

    if not file.exists():
        complain(f"{file}: there is no such file. Name what `douane export` wrote.")
        raise typer.Exit(Exit.USAGE)
    with failing(), progress("Importing") as told:
        found = read(file, to, progress=told)
    tell(f"Imported: {to.absolute()}, {many(found.events_held, 'event')}, {found.word}.")
    for one in found.unchecked:
        tell(f"Not checked: {one}")
