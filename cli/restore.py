"""`douane restore`: a copy of the ledger back in its place, and never unseen."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from douane.cli.exits import Exit, complain, standard_output, tell
from douane.cli.keeping import As, ConfigFile, LedgerFile, Yes, agreed, asked, failing, kept, many

if TYPE_CHECKING:
    from douane.ledger.backup import Comparison, Place


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The copy that `douane backup` made.")],
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why an older copy takes the ledger's place; told in the ledger.")
    ] = "",
    yes: Yes = False,
    config: ConfigFile = None,
    ledger: LedgerFile = None,
    name: As = None,
) -> None:
    """Put a copy in the ledger's place; the file that was there is kept beside it.

    The copy has to verify. It is held against the ledger and its anchors: if it is older, Douane says which events it
    lacks, asks for a reason, and writes both into the chain, so that the anchors hold again. So it does where another
    ledger lay. Who was erased since the
    copy was made is erased in it too. Stop Douane first.
    """
    from douane.cli.custody import anchor_folder
    from douane.cli.progress import progress
    from douane.ledger.backup import compare, place_of
    from douane.ledger.backup import restore as put_back
    from douane.ledger.files import no_file
    from douane.ledger.portable import checked

    work_on = kept(config, ledger, name, "restore", reason=reason, there=False)
    if not file.is_file():
        complain(f"{file}: {no_file(file).partition(';')[0]}. Name a copy that `douane backup` made.")
        raise typer.Exit(Exit.USAGE)
    with failing(), ExitStack() as stack:
        alone(stack, work_on.ledger)
        with progress("Verifying the copy") as told:
            checked(file, work_on.custody.sealer, progress=told)
        copy = place_of(file)
        with progress("Verifying the ledger"):
            known = anchor(anchor_folder(work_on.settings), copy.ledger)
            found = compare(file, work_on.ledger, known, work_on.custody.sealer)
        show(found)
        if work_on.custody.anchors is not None:
            for one in work_on.custody.anchors.others(str(work_on.ledger.resolve()), copy.ledger):
                tell(f"It takes the place of another ledger, {one.ledger}: up to event {one.seq:,} ({one.at}).")
        if found.older and not reason.strip():
            reason = asked("Why does an older copy take the ledger's place? ", "--reason")
            if not reason.strip():
                complain("An older copy needs a reason. Nothing was changed.")
                raise typer.Exit(Exit.USAGE)
        agreed("Put the copy in the ledger's place?", yes=yes)
        with progress("Restoring"):
            aside = put_back(
                file,
                work_on.ledger,
                found,
                work_on.custody.sealer,
                who=work_on.who,
                reason=reason.strip(),
                about=work_on.about,
                anchors=work_on.custody.anchors,
                check=lambda draft: checked(draft, work_on.custody.sealer),
            )
    tell(f"Restored: {work_on.ledger}, {many(found.copy.seq, 'event')}.")
    if aside is not None:
        tell(f"What was there is now {aside}. Delete it when you need it no more: it holds what it held.")


def alone(stack: ExitStack, ledger: Path) -> None:
    """Hold the locks of `douane run` and of its inspector; complains and exits with 3 where another process has one."""
    from douane.ledger.lock import Held, hold

    try:
        for lock in (ledger.with_name("douane.lock"), ledger.with_name(f"{ledger.name}.inspector.lock")):
            held = hold(lock, "douane restore")
            if isinstance(held, Held):
                complain(f"{ledger} is in use by another Douane (process {held.pid}). Stop it first.")
                raise typer.Exit(Exit.CANNOT_START)
            stack.enter_context(held)
    except OSError as error:
        complain(f"{ledger.parent}: {error.strerror}. Check its permissions.")
        raise typer.Exit(Exit.CANNOT_START) from None


def anchor(folder: Path, ledger: str) -> "Place | None":
    """How far the anchors say that a ledger was; complains and exits with 2 where they cannot be read."""
    from douane.ledger.anchors import latest, standing_of
    from douane.ledger.backup import Place
    from douane.ledger.verify_words import Unreadable

    try:
        known = standing_of(folder, ledger) or latest(folder, ledger)
    except Unreadable as error:
        complain(f"{error}. Move it away if it is not an anchor.")
        raise typer.Exit(Exit.USAGE) from None
    return None if known is None else Place(known.ledger, known.seq, known.head, known.at)


def show(found: "Comparison") -> None:
    """What the copy lacks, in lines."""
    lines = [f"The copy has {many(found.copy.seq, 'event')}."]
    if found.latest is None:
        lines.append("Of the ledger that it replaces nothing is known: no file can be read, and there is no anchor.")
    elif not found.older:
        lines.append("It lacks nothing that the ledger is known to have had.")
    else:
        when = f", {found.latest.at}" if found.latest.at else ""
        lines.append(
            f"It is older: {many(found.missing, 'event')} will be missing, {found.copy.seq + 1:,} to "
            f"{found.latest.seq:,}{when}."
        )
        if found.kinds:
            lines.append(f"  of these: {', '.join(f'{kind} {count:,}' for kind, count in found.kinds.items())}")
        else:
            lines.append("  which they were cannot be read any more")
    if found.doubted:
        lines.append(f"Of the file that it replaces: {found.doubted}. Who was erased since has to be erased again.")
    if any(found.erased):
        exchanges, disclosures = found.erased
        rows = f"{many(len(exchanges), 'exchange')} and {many(len(disclosures), 'datum', 'data')}"
        lines.append(f"  erased since, and erased in the copy too: {rows}")
    with standard_output() as out:
        out.write("".join(f"{line}\n" for line in lines).encode())
        out.flush()
