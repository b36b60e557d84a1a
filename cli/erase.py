"""`douane erase`: one person, or many, out of the ledger."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from douane.cli.custody import give_up
from douane.cli.exits import Exit, complain, standard_output, tell
from douane.cli.keeping import As, ConfigFile, LedgerFile, Yes, agreed, failing, kept, many, tell_copies

if TYPE_CHECKING:
    from douane.audit.identifiers import Identifier
    from douane.ledger.erase import Found

WAIT_SECONDS: Final = 30.0


def erase(
    file: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="Identifiers, one a line, instead of being asked for one; - reads them."),
    ] = None,
    category: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="What the identifiers are, such as user.name; else all that they can be."),
    ] = None,
    direct_only: Annotated[
        bool,
        typer.Option("--direct-only", help="Only the identifier itself, not what else stands in its sessions."),
    ] = False,
    yes: Yes = False,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; told in the ledger. Name no person in it.")] = "",
    wait: Annotated[
        float, typer.Option(min=0, max=900, metavar="SECONDS", help="How long to wait for messages in the spool.")
    ] = WAIT_SECONDS,
    config: ConfigFile = None,
    ledger: LedgerFile = None,
    name: As = None,
) -> None:
    """Take a person out of the ledger: shows what is linked to an identifier, asks, and takes its detail away.

    The identifier is asked for and not shown. Linked is what is the identifier itself, and all that crossed in the
    same app and session. Pseudonyms, previews, lengths, salts and session pseudonyms go; that something crossed, when,
    and of which category stays. The ledger's chain names the rows, never the person; `douane verify` says ERASED.
    """
    from douane.cli.looking import Looker, admitted
    from douane.cli.progress import progress
    from douane.ledger.erase import erase as take_away
    from douane.ledger.erase import find_believed, tell_refused, uninspected
    from douane.ledger.pseudonyms import Pseudonymiser
    from douane.ledger.query import open_ledger
    from douane.ledger.refused import LedgerDoubted

    work_on = kept(config, ledger, name, "erase", verb="erase from", reason=reason)
    wanted = identifiers(file, category)
    leave = admitted(Looker(name, reason), "erase", config=config, ledger=ledger, persons=True)
    if not leave.is_original:
        tell("What is erased will be recorded in this file's chain, though this reading is not.")
    with failing():
        if work_on.own and (left := uninspected(work_on.settings.storage.spool, wait)):
            complain(
                f"{many(left, 'recorded message')} not inspected yet may hold the person's data. Start `douane run` so "
                "that they are, or give --wait; 15 minutes after they came they are destroyed by it."
            )
            raise typer.Exit(Exit.CANNOT_START)
        with closing(open_ledger(work_on.ledger)) as db, progress("Looking") as told:
            try:
                found = find_believed(
                    db,
                    work_on.custody.sealer,
                    Pseudonymiser(work_on.custody.master),
                    wanted,
                    exact=category is not None,
                    progress=lambda _step, done, total: told(done, total),
                )
            except LedgerDoubted as doubt:
                told_of = work_on.custody
                tell_refused(work_on.ledger, told_of.sealer, doubt, who=work_on.who, anchors=told_of.anchors)
                raise
        show(found, direct_only=direct_only)
        if not found.direct:
            return
        agreed("Take this away for ever?", yes=yes)
        with progress("Erasing"):
            done = take_away(
                work_on.ledger,
                work_on.custody.sealer,
                found,
                who=work_on.who,
                direct_only=direct_only,
                about=work_on.about,
                anchors=work_on.custody.anchors,
            )
    rows = f"{many(done.exchanges, 'exchange')} and {many(done.disclosures, 'datum', 'data')}"
    tell(f"Erased: the detail of {rows}. Copies, backups and exports that were made before still hold it.")
    tell_copies(work_on.ledger)
    if not done.swept:
        tell("Somebody is reading the ledger: bytes of it are still in its journal (-wal). Run `douane purge` later.")
        raise typer.Exit(Exit.PARTLY)


def identifiers(file: str | None, category: str | None, lang: str = "en") -> "list[Identifier]":
    """The identifiers of a file, of standard input, or asked for; complains and exits with 2 where there are none.

    `lang` is the language that it complains in.
    """
    from douane.audit import taxonomy
    from douane.audit.identifiers import parsed
    from douane.cli.exits import standard_input
    from douane.cli.identifiers import asked
    from douane.ledger.reading import text_of
    from douane.reports.wrong import system, wrong

    if category is not None and taxonomy.category(category) is None:
        give_up(wrong("category.unknown", lang, name=category))
    try:
        if file is None:
            lines = list(asked("--file FILE or --file -"))
        elif file == "-":
            lines = standard_input().read().decode("utf-8").splitlines()
        else:
            lines = text_of(Path(file)).splitlines()
    except UnicodeDecodeError:
        give_up(wrong("file.text", lang))
    except OSError as error:
        give_up(wrong("file.unreadable", lang, why=system(error, lang)))
    found = parsed(lines)
    if not found:
        give_up(wrong("file.empty", lang))
    return found if category is None else [(category, value) for _, value in found]


def show(found: "Found", *, direct_only: bool) -> None:
    """What is linked, app by app."""
    lines = []
    for one in found.apps:
        kinds = ", ".join(f"{category} {count}" for category, count in one.categories.items())
        lines.append(f"{one.app}: {many(one.direct, 'datum', 'data')} of the identifier ({kinds})")
        if not direct_only:
            linked = f"{many(one.exchanges, 'exchange')} with {many(one.disclosures, 'datum', 'data')}"
            lines.append(f"  in the same sessions, and so linked: {linked} in all")
    if not found.direct:
        lines.append("Nothing in the ledger is linked to this identifier.")
    with standard_output() as out:
        out.write("".join(f"{line}\n" for line in lines).encode())
        out.flush()
