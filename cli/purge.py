"""`douane purge`: what the retention rules say is over goes."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

import typer

from douane.cli.exits import Exit, complain, standard_output, tell
from douane.cli.keeping import As, ConfigFile, LedgerFile, failing, kept, many, tell_copies

if TYPE_CHECKING:
    from douane.ledger.purge import Purged
    from douane.ledger.retention import Policy

READERS_SECONDS: Final = 30.0
_LONGEST: Final = 500


def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")] = False,
    config: ConfigFile = None,
    ledger: LedgerFile = None,
    name: As = None,
    yes: Annotated[bool, typer.Option("--yes", help="Purge although the clock may have jumped ahead.")] = False,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why it is right all the same; told in the ledger.")
    ] = "",
) -> None:
    """Delete what has been kept long enough by the rules under `retention:`; `douane run` does so by itself.

    Details go one by one and leave tombstones; segments of which everything is over collapse to their signed headers.
    What went, how many and by which rule stands in the ledger's chain, and `douane verify` says PURGED-BY-POLICY.
    Where the clock may have jumped ahead, nothing goes without --yes and --reason.
    """
    from douane.cli.progress import progress
    from douane.ledger.jumped import jumped_in
    from douane.ledger.purge import Purge, due
    from douane.ledger.query import open_ledger

    work_on = kept(config, ledger, name, "purge --dry-run" if dry_run else "purge", verb="purge", reason=reason)
    policy = work_on.settings.retention.policy()
    with failing():
        if dry_run:
            db = open_ledger(work_on.ledger)
            try:
                with progress("Looking"):
                    would = due(db, policy, time.time())
            finally:
                db.close()
            say("Would go", would, policy)
        jump = jumped_in(work_on.ledger, policy, time.time())
        if jump is not None and (dry_run or not (yes and reason.strip())):
            said = str(jump)
            complain(
                f"{said[:1].upper()}{said[1:]}. Set it right; or, if Douane was not run for so long, say so with --yes "
                "and --reason. Nothing was purged."
            )
            raise typer.Exit(Exit.USAGE)
        if dry_run:
            return
        if jump is not None:
            policy = replace(policy, reason="; ".join(filter(None, (policy.reason, reason.strip()[:_LONGEST]))))
        work = Purge(
            work_on.ledger,
            work_on.custody.sealer,
            policy,
            who=work_on.who,
            about=work_on.about,
            anchors=work_on.custody.anchors,
            over_jump=jump is not None,
        )
        with progress("Purging"), work:
            until = 0.0
            while more := work.step():
                time.sleep(work.rest)  # a recording Douane that waits to write gets its turn
                until = until or (time.monotonic() + READERS_SECONDS if work.sweeping else 0.0)
                if until and time.monotonic() > until:
                    break
            done = work.done
    say("Gone", done, policy)
    tell_copies(work_on.ledger)
    if more:
        tell(
            "Somebody is reading the ledger: bytes of what went are still in its journal (-wal) and leave it with the "
            "next purge."
        )
        raise typer.Exit(Exit.PARTLY)


def say(what: str, purged: "Purged", policy: "Policy") -> None:
    """What went, by the rule, and for how long things are kept."""
    lines = [f"Kept: {'; '.join(map(str, policy.all()))}."]
    if policy.reason:
        lines.append(f"Reason: {policy.reason}")
    if not purged:
        lines.append(
            f"{what}: nothing. By the times in the file all of it is younger; `douane verify` tells whether they hold."
        )
    if purged.segments:
        whole = many(purged.segments, "whole segment")
        lines.append(f"{what}: {whole} with {many(purged.events, 'event')}, the rows of which go too.")
    for rule, rows in sorted(purged.rules.items()):
        lines.append(f"{what} by the rule {rule}: the detail of {many(rows, 'row')}.")
    with standard_output() as out:
        out.write("".join(f"{line}\n" for line in lines).encode())
        out.flush()
