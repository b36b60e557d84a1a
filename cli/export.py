"""`douane export`: the ledger to take away, with what it takes to verify it without Douane."""

import time
from pathlib import Path
from typing import Annotated

import typer

from douane.cli.exits import tell
from douane.cli.keeping import As, ConfigFile, LedgerFile, failing, kept, many, new


def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A zip file if it ends in .zip, else a folder; it must not be there.")
    ],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="For whom and why; told in the ledger.")] = "",
    config: ConfigFile = None,
    ledger: LedgerFile = None,
    name: As = None,
) -> None:
    """Write the whole ledger, verified, for an auditor who has no Douane: `douane import` reads it again.

    It holds the ledger as a SQLite file and its tables as JSON Lines, a verifier in one file, the anchors, the public
    keys, and a page in English and French. It holds pseudonyms, which are personal data, and never the master key.
    """
    from douane.cli.custody import anchor_folder
    from douane.cli.looking import Looker, admitted
    from douane.cli.progress import progress
    from douane.cli.version import VERSION
    from douane.ledger.anchors import files_of
    from douane.ledger.backup import place_of
    from douane.ledger.portable import export as write
    from douane.ledger.times import iso

    work_on = kept(config, ledger, name, "export", reason=reason)
    new(file)
    admitted(Looker(name, reason), "export", config=config, ledger=ledger)
    with failing():
        anchors = files_of(anchor_folder(work_on.settings), place_of(work_on.ledger).ledger)
        with progress("Exporting") as told:
            made = write(
                work_on.ledger,
                file,
                anchors=anchors,
                sealer=work_on.custody.sealer,
                at=iso(time.time()),
                version=VERSION,
                progress=told,
            )
    rows = many(made.lines["exchanges"], "exchange")
    tell(f"Export: {file.absolute()}, {rows}, {many(made.place.seq, 'event')}, {made.verified.word}.")
