"""`douane rejudge`: hold what stands in the ledger against the words of today."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from douane.cli.exits import Exit, complain, standard_output
from douane.cli.looking import As, Looker, ReadLedger

if TYPE_CHECKING:
    from douane.audit.declaration import Declaration
    from douane.ledger.rejudge import Rejudged


def rejudge(
    app: Annotated[
        list[str] | None, typer.Option("--app", metavar="NAME", help="Only this app; may be repeated.")
    ] = None,
    declaration: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Judge against this declaration, for the app that it names, and keep it as the newest."
        ),
    ] = None,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="What has changed; it is kept beside the new verdicts.")
    ] = "",
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", metavar="FILE", help="The configuration: its ledger and declarations."),
    ] = None,
    ledger: ReadLedger = None,
    who: As = None,
) -> None:
    """Judge every disclosure anew after a declaration, the taxonomy or a rule has changed; old verdicts are kept."""
    from douane.cli.custody import custody_or_exit
    from douane.cli.detection import configured
    from douane.cli.looking import admitted
    from douane.cli.progress import progress
    from douane.cli.report import ledger_of, opened
    from douane.cli.version import VERSION
    from douane.ledger import report_query
    from douane.ledger.astray import refuse_astray
    from douane.ledger.rejudge import rejudge as judge_again
    from douane.ledger.schema import LedgerRefused
    from douane.ledger.store import LedgerFailed
    from douane.reports import safe

    path = ledger or ledger_of(config)
    declared = declarations_of(config, declaration)
    db = opened(path)
    try:
        known = [one.name for one in report_query.apps(db)]
    finally:
        db.close()
    wanted = list(app or ([only_app(declared)] if declaration is not None else known))
    for name in wanted:
        if name not in known:
            complain(f"--app: the ledger has no app of this name. It has: {', '.join(known) or 'none'}.")
            raise typer.Exit(Exit.USAGE)
    if declaration is not None and only_app(declared) not in wanted:
        complain(f"{declaration}: the declaration is for another app. Leave --app out, or name its app.")
        raise typer.Exit(Exit.USAGE)
    leave = admitted(Looker(who, reason), "rejudge", config=config, ledger=ledger, apps=wanted)
    keeping = custody_or_exit(configured(config))
    try:
        refuse_astray(path, "nothing was judged")  # whose verdicts are replaced is asked through an index
        with standard_output() as out:
            for name in wanted:
                with progress(f"Judging {safe.plain(name, 24)}") as told:
                    done = judge_again(
                        path,
                        name,
                        reason=reason,
                        version=VERSION,
                        declaration=declared.get(name),
                        sealer=keeping.sealer,
                        anchors=keeping.anchors if leave.is_original else None,
                        progress=told,
                    )
                if done is not None:
                    out.write("".join(f"{line}\n" for line in said(done)).encode())
                    out.flush()
    except (LedgerRefused, LedgerFailed) as error:
        complain(f"{error}.")
        raise typer.Exit(Exit.CANNOT_START) from None


def said(done: "Rejudged") -> list[str]:
    """What became of an app's disclosures, in lines."""
    from douane.audit.verdicts import ORDER

    if done.judgement is None:
        return [f"{done.app}: {done.judged} disclosures judged, nothing has changed"]
    lines = [
        f"{done.app}: {done.judged} disclosures judged, {done.replaced} verdicts replaced, "
        f"{done.changed} headlines changed (rejudgement {done.judgement})"
    ]
    moves = sorted(done.moves.items(), key=lambda move: [ORDER.index(label) for label in move[0]])
    return lines + [f"  {was.value} → {now.value}: {count}" for (was, now), count in moves]


def declarations_of(config: Path | None, file: Path | None) -> "dict[str, Declaration]":
    """The declarations of today by app: that of the file alone where one is named, else the configured ones."""
    from douane.cli.config import Errors, declarations
    from douane.cli.declaration_reading import readable
    from douane.cli.detection import configured

    if file is not None:
        one = readable(file)
        return {one.app: one}
    read = declarations(configured(config))
    if isinstance(read, Errors):
        complain(str(read))
        raise typer.Exit(Exit.USAGE)
    return read


def only_app(declared: "dict[str, Declaration]") -> str:
    """The app of the one declaration."""
    return next(iter(declared))
