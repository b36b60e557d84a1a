"""`douane backup`: a whole copy of the ledger, while Douane runs."""

from pathlib import Path
from typing import Annotated

import typer

from douane.cli.exits import tell
from douane.cli.keeping import As, ConfigFile, LedgerFile, failing, kept, many, new


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The copy; a file that is there is never replaced.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; told in the ledger.")] = "",
    config: ConfigFile = None,
    ledger: LedgerFile = None,
    name: As = None,
) -> None:
    """Copy the ledger, of one moment and verified, into one file that only its owner can read.

    The copy holds what the ledger holds, for as long as you keep it: an erasure and a purge do not reach it. The
    master key is not in it; keep a copy of the key elsewhere, for without it nothing can be looked up or restored.
    """
    from douane.cli.looking import Looker, admitted
    from douane.cli.progress import progress
    from douane.ledger.backup import copy_whole
    from douane.ledger.portable import checked

    work_on = kept(config, ledger, name, "backup", verb="copy", reason=reason)
    new(file)
    admitted(Looker(name, reason), "backup", config=config, ledger=ledger)
    with failing(), progress("Copying") as told:
        place = copy_whole(work_on.ledger, file, lambda copy: checked(copy, work_on.custody.sealer, progress=told))
    tell(f"Backup: {file.absolute()}, {many(place.seq, 'event')}, verified. The master key is not in it.")
