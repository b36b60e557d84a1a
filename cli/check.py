"""`douane check`: a gate. What the ledger holds, against what was declared and the rules, as an exit code."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from douane.cli.exits import Exit, complain, tell
from douane.cli.looking import As, Looker, ReadLedger, Reason, Unrecorded

if TYPE_CHECKING:
    import sqlite3

    from douane.audit.gate import Result
    from douane.audit.waivers import Waivers
    from douane.cli.checking import Files, Scope
    from douane.cli.config import Config
    from douane.reports.checked import Checked

FORMATS = ("text", "json", "sarif", "junit", "github")
DOSSIER_FORMATS = ("text", "json", "md", "html")
PROFILES = ("openai-submission",)


def check(
    app: Annotated[
        list[str] | None, typer.Option("--app", metavar="NAME", help="Only this app; may be repeated.")
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="From this date or ISO 8601 time on.")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Up to this date, that day included, or time.")
    ] = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT",
            help="error (the default), warning, note or never; labels such as omitted; rules. Several with commas, or "
            "repeated.",
        ),
    ] = None,
    output_format: Annotated[
        str, typer.Option("--format", "-f", metavar="text|json|sarif|junit|github", help="How to tell it.")
    ] = "text",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; standard output by default.")
    ] = None,
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of the sentences.")] = "en",
    waivers: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Accepted findings; ./douane-waivers.yaml where there is one."),
    ] = None,
    write_waivers: Annotated[
        bool,
        typer.Option(
            "--write-waivers",
            help="Add what fails to the waivers' file, for a person to fill in why, who and until when.",
        ),
    ] = False,
    allow_undeclared: Annotated[
        bool,
        typer.Option("--allow-undeclared", help="An app without a declaration is held against the rules alone."),
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="openai-submission", help="A dossier for a review instead (--format text, md, html or json)."
        ),
    ] = None,
    identifiers: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|-|ask",
            help="Look whether apps share these identifiers, one a line; `ask` takes them without echo. None is kept.",
        ),
    ] = None,
    declaration: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What the app declared, where no configuration names it.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", metavar="FILE", help="The configuration; ./config.yaml where there is one."),
    ] = None,
    ledger: ReadLedger = None,
    who: As = None,
    reason: Reason = "",
    unrecorded: Unrecorded = False,
) -> None:
    """Hold what was seen against what was declared and the rules, and fail on findings.

    Exit codes: 0 nothing to fail on · 1 findings · 2 could not judge, or wrong use.
    """
    from douane.audit.gate import fails
    from douane.cli.checking import check as judge
    from douane.cli.identifiers import read as read_identifiers
    from douane.cli.identifiers import sharing
    from douane.cli.looking import admitted
    from douane.cli.progress import progress
    from douane.cli.replay import settled
    from douane.cli.report import opened
    from douane.reports.checked import Outcome

    wanted = wanted_of(["error"] if fail_on is None else fail_on)
    known = FORMATS if profile is None else DOSSIER_FORMATS
    if profile is not None and profile not in PROFILES:
        give_up(f"--profile: {', '.join(PROFILES)}.")
    if output_format not in known:
        give_up(f"--format: {', '.join(known)}{' with --profile' if profile else ''}.")
    spoken(lang)
    now = datetime.now(UTC)
    settings = settled(config, app[0] if app and declaration is not None else None, declaration, ledger)
    path = settings.storage.ledger
    looked_for = read_identifiers(identifiers) if identifiers is not None else None
    held, waivers_file = waivers_of(waivers, write=write_waivers)
    leave = admitted(
        Looker(who, reason, unrecorded),
        "check" if looked_for is None else f"check of {len(looked_for)} identifiers",
        config=config,
        ledger=ledger,
        apps=app or (),
        since=since,
        until=until,
        persons=looked_for is not None,
        early=False,  # that there is no traffic in it is what the check answers
        lang=lang,
    )
    with closing(opened(path)) as db:
        scope = scope_of(db, list(leave.apps), since, until, asked=app or [], lang=lang)
        shared = sharing(db, settings, looked_for) if looked_for is not None else None
        declared = files(settings)
        with progress("Judging"):
            checked, histories = judge(
                db, scope, declared, held, wanted, now=now, shared=shared, allow_undeclared=allow_undeclared
            )
    checked = replace(checked, under=replace(leave.under, exact=True))
    recorded(settings, held, now, anchor=leave.is_original)
    if write_waivers:
        drafts(waivers_file, [one for one in checked.open if fails(one, wanted)], lang, new=held is None)
    if profile is not None:
        from douane.cli.dossier import written

        raise typer.Exit(written(checked, histories, output_format, output, lang))
    put(rendered(checked, output_format, lang), output)
    codes = {Outcome.OK: Exit.OK, Outcome.FINDINGS: Exit.FINDINGS, Outcome.NOT_JUDGED: Exit.NOT_JUDGED}
    if checked.outcome is Outcome.NOT_JUDGED:
        for one in checked.unjudged:
            if one.fatal:
                complain(f"could not judge: {one.says.of(lang)}")
    raise typer.Exit(codes[checked.outcome])


def wanted_of(fail_on: list[str]) -> tuple[str, ...]:
    """The words of --fail-on; `never` is none of them."""
    from douane.audit.rules.registry import load_all
    from douane.cli.checking import unknown

    words = tuple(dict.fromkeys(word.strip() for one in fail_on for word in one.split(",") if word.strip()))
    if not words:
        give_up("--fail-on: says nothing. Give error, warning, note, never, a label or a rule's id, or leave it out.")
    if odd := unknown(words, load_all()):
        give_up(
            f"--fail-on: {len(odd)} word(s) unknown. Give error, warning, note, never, a label (prohibited, incorrect, "
            "omitted, ambiguous, vague) or a rule's id."
        )
    if "never" in words and len(words) > 1:
        give_up("--fail-on: never stands alone.")
    return () if "never" in words else words


def scope_of(
    db: "sqlite3.Connection",
    apps_of: list[str],
    since: str | None,
    until: str | None,
    *,
    asked: list[str],
    lang: str = "en",
) -> "Scope":
    """The apps and the time that are asked for; complains of a time that is none, and of an app that is not there."""
    from douane.cli.checking import Scope
    from douane.ledger.report_query import apps
    from douane.reports.summary import ScopeError, bound
    from douane.reports.wrong import scope

    known = [row.name for row in apps(db)]
    try:
        begin, end = bound(since, end=False), bound(until, end=True)
        if begin and end and begin >= end:
            raise ScopeError("the period ends before it begins; exchange --since and --until")
    except ScopeError as error:
        give_up(f"{scope(error, lang)}.")
    missing = [one for one in asked if one not in known]
    if missing:
        listed = ", ".join(known) or "none"
        give_up(f"--app: the ledger holds no traffic of that app; it holds: {listed}.")
    return Scope(tuple(sorted(set(apps_of) or set(known))), frozenset(asked), begin, end)


def files(settings: "Config") -> "dict[str, Files]":
    """What the configured apps' files say."""
    from douane.cli.checking import files_of
    from douane.cli.config import Errors, declarations

    read = declarations(settings)
    if isinstance(read, Errors):
        give_up(str(read))
    return files_of(settings, read)


def waivers_of(given: Path | None, *, write: bool) -> "tuple[Waivers | None, Path]":
    """The waivers, None where there is no file, and where the file is or would be; complains of its faults."""
    from douane.audit.waivers import FILE, parse_waivers
    from douane.cli.checking import shown
    from douane.cli.files import taken

    path = given or Path(FILE)
    if not path.exists() and (given is None or write):
        return None, path
    return taken(path, parse_waivers, name=shown(path), missing="Draft one with --write-waivers."), path


def recorded(settings: "Config", held: "Waivers | None", now: datetime, *, anchor: bool) -> None:
    """Write into the ledger what changed in the waivers since the last check; complains where it cannot be written.

    Without `anchor` the anchors stay as they are: one that named a copy, or a ledger that the configuration does not
    name, would make it the one whose readings are recorded.
    """
    from douane.audit.waivers import Waivers, events
    from douane.cli.custody import custody
    from douane.cli.report import opened
    from douane.ledger.keys import KeyRefused
    from douane.ledger.schema import LedgerRefused
    from douane.ledger.store import LedgerFailed
    from douane.ledger.waivers import record
    from douane.ledger.waivers import recorded as before

    ledger = settings.storage.ledger
    with closing(opened(ledger)) as db:
        known = before(db)
    if held is None and not known:
        return
    held = held or Waivers("", "")
    try:
        changed = events(known, held, now.date().isoformat())
        if not changed:
            return
        keeping = custody(settings)
        record(
            ledger,
            changed,
            at=now.timestamp(),
            file_sha256=held.sha256,
            sealer=keeping.sealer,
            anchors=keeping.anchors if anchor else None,
        )
    except (KeyRefused, LedgerFailed, LedgerRefused) as error:
        complain(f"{error}. The check stands without it.")


def drafts(path: Path, found: "list[Result]", lang: str, *, new: bool) -> None:
    """Add a waiver to fill in for each finding to the file."""
    from douane.audit import yamltext
    from douane.audit.waivers import drafted

    if not found:
        tell(f"{path}: nothing to waive.")
        return
    try:
        before = "" if new else path.read_text(encoding="utf-8")
        text = (before.rstrip("\n") + "\n" if before else "") + drafted(found, lang, head=new)
        read = yamltext.parse(text, str(path))
        whole = read.data.get("waivers") if isinstance(read, yamltext.Document) else None
        if not isinstance(whole, list) or len(whole) < len(found):
            give_up(f"{path}: cannot be added to. Write its waivers as a list of `- fingerprint:` blocks at its end.")
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        give_up(f"{path}: {error.strerror}. Name another file with --waivers.")
    tell(f"{path}: {len(found)} waiver(s) to fill in: reason, by, expires.")


def rendered(checked: "Checked", output_format: str, lang: str) -> str:
    """The check in the format asked for."""
    from douane.reports import check_json, check_text, github, junit, sarif

    formats = {
        "text": check_text.render,
        "json": check_json.render,
        "sarif": sarif.render,
        "junit": junit.render,
        "github": github.render,
    }
    return formats[output_format](checked, lang=lang)


def put(text: str, output: Path | None) -> None:
    """Write to the file or to standard output; what cannot be written is no outcome of a gate, and exits with 2."""
    from douane.cli.report import write

    try:
        write(text, output or Path("-"))
    except typer.Exit:
        raise typer.Exit(Exit.NOT_JUDGED) from None


def spoken(lang: str) -> None:
    """Complain of a language that is not spoken."""
    from douane.reports.i18n import LangError, lang_of

    try:
        lang_of(lang)
    except LangError as error:
        give_up(str(error))


def give_up(text: str) -> NoReturn:
    """Complain and leave with the exit code for wrong use or input."""
    complain(text)
    raise typer.Exit(Exit.USAGE)
