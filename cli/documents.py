"""`douane report KIND`: a document of a ledger as a file."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer

from douane.cli.exits import Exit, complain, standard_output, tell

if TYPE_CHECKING:
    import sqlite3

    from douane.audit.declaration import Declaration
    from douane.cli.looking import Admitted, Looker
    from douane.reports.i18n import Lang
    from douane.reports.kinds.base import Kind, Material, Seal


@dataclass(frozen=True, slots=True)
class Asked:
    """What a document was asked to be about; times as they were given, `lang` too."""

    kind: str
    lang: str
    apps: Sequence[str] = ()
    since: str | None = None
    until: str | None = None
    categories: Sequence[str] = ()
    config: Path | None = None
    ledger: Path | None = None
    unverified: bool = False


def document(asked: Asked, looker: "Looker", form: str | None, output: Path | None) -> None:
    """Write a document. Complains and exits with 2 for what there is not, with 1 where it cannot be written."""
    from douane.cli.detection import configured
    from douane.cli.in_force import holdings, in_force
    from douane.cli.looking import admitted
    from douane.cli.progress import progress
    from douane.cli.report import opened, write
    from douane.ledger.report_query import snapshot
    from douane.ledger.verify_words import Unreadable
    from douane.reports.i18n import LangError, lang_of
    from douane.reports.kinds.base import CannotBuild
    from douane.reports.summary import ScopeError
    from douane.reports.wrong import scope, wrong

    kind = kind_of(asked.kind, asked.lang)
    chosen = format_for(kind, form, output, asked.lang)
    target = output or Path(f"douane-{kind.name}.{chosen}")
    if asked.categories and not kind.by_category:
        complain(wrong("category", asked.lang, kind=kind.name))
        raise typer.Exit(Exit.USAGE)
    try:
        lang = lang_of(asked.lang)
        leave = admitted(
            looker,
            f"report {kind.name}",
            config=asked.config,
            ledger=asked.ledger,
            apps=asked.apps,
            since=asked.since,
            until=asked.until,
            lang=lang,
        )
        settings = configured(asked.config)
        with closing(opened(leave.ledger, lang)) as db, snapshot(db):
            one = replace(material(db, asked, leave, lang), in_force=in_force(settings))
            if kind.stream is not None:
                streamed(kind, replace(one, holdings=holdings(settings, leave)), chosen, target)
                return
            with progress("Making the document"):
                made = kind.make(one, chosen)
    except (ScopeError, LangError, CannotBuild, Unreadable) as error:
        complain(f"{scope(error, asked.lang)}.")
        raise typer.Exit(Exit.USAGE) from None
    write(made, target, asked.lang)


def streamed(kind: "Kind", one: "Material", form: str, output: Path) -> None:
    """Have a kind write its file beside where it belongs, then put it there; exits with 1 where that cannot be done.

    A file that is there is replaced as a whole or stays as it is; a device, a pipe or - gets a copy.
    """
    from douane.cli.progress import progress
    from douane.reports.wrong import system, wrong

    special = str(output) == "-" or (output.exists() and not output.is_file())
    try:
        with TemporaryDirectory(prefix=".douane-", dir=None if special else output.resolve().parent) as folder:
            draft = Path(folder) / "made"
            with progress("Making the document"):
                told = kind.stream(one, form, draft) if kind.stream is not None else ()
            draft.chmod(0o600)
            if str(output) == "-":
                with standard_output() as out, draft.open("rb") as made:
                    copyfileobj(made, out)
                    out.flush()
            elif special:
                with output.open("wb") as out, draft.open("rb") as made:
                    copyfileobj(made, out)
            else:
                draft.replace(output.resolve())
    except OSError as error:
        complain(wrong("write", one.lang, file=output, why=system(error, one.lang)))
        raise typer.Exit(Exit.PARTLY) from None
    for line in (*told, *([] if str(output) == "-" else [wrong("written", one.lang, file=output.absolute())])):
        tell(line)


def kind_of(name: str, lang: str = "en") -> "Kind":
    """The kind of document of that name; complains of another and exits with 2."""
    from douane.reports.kinds import kinds
    from douane.reports.wrong import wrong

    known = kinds()
    if name not in known:
        complain(wrong("kind", lang, kinds=", ".join(known)))
        raise typer.Exit(Exit.USAGE)
    return known[name]


def format_for(kind: "Kind", form: str | None, output: Path | None, lang: str = "en") -> str:
    """The format that was asked for by name or by the file's ending, else the kind's own; exits with 2 for another."""
    ending = output.suffix.lstrip(".").lower() if output is not None else ""
    chosen = form or {"htm": "html", "markdown": "md"}.get(ending, ending) or kind.formats[0]
    if chosen not in kind.formats:
        from douane.reports.wrong import wrong

        complain(wrong("format", lang, kind=kind.name, formats=", ".join(kind.formats)))
        raise typer.Exit(Exit.USAGE)
    return chosen


def material(db: "sqlite3.Connection", asked: Asked, leave: "Admitted", lang: "Lang") -> "Material":
    """What the document is made from. Raises `ScopeError`."""
    from douane.cli.progress import progress
    from douane.reports.kinds.gathered import About, gathered

    seal = verified(leave.ledger, asked.config, look=not asked.unverified, lang=lang)
    declarations = declared(asked.config)
    with progress("Reading the ledger"):
        return gathered(
            db,
            About(leave.apps, asked.since, asked.until, asked.categories),
            lang,
            seal=seal,
            under=leave.under,
            declarations=declarations,
            now=datetime.now(UTC),
        )


def verified(path: Path, config: Path | None, *, look: bool = True, lang: str = "en") -> "Seal":
    """Where the ledger's chain ends and what verifying it says; without a word where that is not asked for."""
    from douane.cli.detection import configured
    from douane.cli.verify import gathered, sealer_of, shown
    from douane.ledger.verify import verify
    from douane.ledger.verify_file import opened as unparsed
    from douane.ledger.verify_file import read_end
    from douane.ledger.verify_words import Unreadable
    from douane.reports.kinds.base import Seal

    try:
        if not look:
            with closing(unparsed(path)) as db:
                end = read_end(db, str(path))
            return Seal() if end is None else Seal(end.name, end.seq, end.head.hex())
        settings = configured(config)
        anchors, _ = gathered(path, settings, ())
        sealer, why = sealer_of(settings, None)
        with shown() as progress:
            said = verify(path, sealer=sealer, anchors=anchors, progress=progress)
    except Unreadable as error:
        from douane.reports.wrong import wrong

        tell(wrong("unchecked", lang, why=error))
        return Seal()
    return Seal(said.ledger, said.seq, said.head, said.word.value, (*said.unchecked, *([why] if why else [])))


def declared(config: Path | None) -> "Mapping[str, Declaration]":
    """The declarations of the configured apps; complains of one that cannot be read and exits with 2."""
    from douane.cli.config import Errors, declarations
    from douane.cli.detection import configured

    read = declarations(configured(config))
    if isinstance(read, Errors):
        complain(str(read))
        raise typer.Exit(Exit.USAGE)
    return read
