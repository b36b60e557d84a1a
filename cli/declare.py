"""`douane declare`: the declaration file: check it, compare two, draft one, turn it into other formats and back."""

import json
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from douane.cli.declaration_reading import Lang, language, read, readable, say, typographic
from douane.cli.declare_approve import approve, drift
from douane.cli.declare_convert import export, import_
from douane.cli.declare_init import init
from douane.cli.exits import Exit, complain

if TYPE_CHECKING:
    from douane.audit.declaration_lint import Lint

app = typer.Typer(
    help="The declaration file: check it, compare two, draft one, turn it into other formats and back.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class FailOn(StrEnum):
    """From which severity a lint counts as a failure."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NEVER = "never"


class Format(StrEnum):
    """How lints and changes are printed."""

    TEXT = "text"
    JSON = "json"


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Declaration files, YAML or JSON.")],
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Leave with 1 for a lint of this severity or a heavier one.")
    ] = FailOn.ERROR,
    format: Annotated[Format, typer.Option("--format", help="text, or json for programs.")] = Format.TEXT,  # noqa: A002
    lang: Lang = "en",
) -> None:
    """Read declarations and say what each lacks, or says against itself.

    Exit codes: 0 nothing to see to · 1 lints at or above --fail-on · 2 a file is no declaration.
    """
    from douane.audit.declaration_lint import lint
    from douane.audit.fault_words import told
    from douane.audit.yamltext import Errors

    spoken = language(lang)
    failed = unreadable = False
    answers: list[dict[str, Any]] = []
    for path in files:
        it = read(path)
        if isinstance(it, Errors):
            unreadable = True
            answers.append({"file": str(path), "faults": [_fault(one) for one in it.faults], "lints": []})
            if format is Format.TEXT:
                complain("\n".join(typographic(told(one, spoken), spoken) for one in it.faults))
            continue
        lints = lint(it, date.today().isoformat())  # noqa: DTZ011  # the day where the person is
        failed = failed or any(_weighs(one, fail_on) for one in lints)
        answers.append({"file": str(path), "faults": [], "lints": [_lint(one, spoken) for one in lints]})
        if format is Format.TEXT:
            say(_told(str(path), lints, spoken))
    if format is Format.JSON:
        say([json.dumps(answers, ensure_ascii=False, indent=1)])
    raise typer.Exit(Exit.USAGE if unreadable else Exit.PARTLY if failed else Exit.OK)


@app.command("diff")
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The earlier declaration file.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The later one.")],
    format: Annotated[Format, typer.Option("--format", help="text, or json for programs.")] = Format.TEXT,  # noqa: A002
    lang: Lang = "en",
) -> None:
    """Say in words what changed between two declarations of an app.

    Exit codes: 0 they say the same · 1 they differ · 2 a file is no declaration.
    """
    from douane.audit.declaration_diff import changes
    from douane.reports.safe import plain

    spoken = language(lang)
    found = changes(readable(old), readable(new))
    texts = [typographic(plain(one.says.of(spoken), 600), spoken) for one in found]
    if format is Format.JSON:
        rows = [
            {"kind": one.kind.value, "part": one.part, "says": text} for one, text in zip(found, texts, strict=True)
        ]
        say([json.dumps(rows, ensure_ascii=False, indent=1)])
    elif texts:
        say(texts)
    else:
        say(["Les deux déclarations disent la même chose." if spoken == "fr" else "The two declarations say the same."])
    raise typer.Exit(Exit.PARTLY if found else Exit.OK)


app.command("init")(init)
app.command("approve")(approve)
app.command("drift")(drift)


app.command("import")(import_)
app.command("export")(export)


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of the declaration file, for editors and other programs."""
    from douane.audit.declaration_schema import json_schema

    say([json.dumps(json_schema(), ensure_ascii=False, indent=1)])


_SEVERITIES = {"error": "erreur", "warning": "avertissement", "note": "remarque"}
_WEIGHTS = ("error", "warning", "note")


def _weighs(one: "Lint", fail_on: FailOn) -> bool:
    return fail_on is not FailOn.NEVER and _WEIGHTS.index(one.kind.severity) <= _WEIGHTS.index(fail_on)


def _told(file: str, lints: "tuple[Lint, ...]", lang: str) -> list[str]:
    from douane.reports.safe import plain

    lines = []
    for one in lints:
        severity = _SEVERITIES[one.kind.severity] if lang == "fr" else one.kind.severity.value
        place = f"{file}:{one.line}" if one.line else file
        words = typographic(f"{one.says(lang)} {one.kind.remedy.of(lang)}", lang)
        lines.append(f"{place}: {severity}: {plain(one.where, 200)}: {words} [{one.kind.code}]")
    return [*lines, f"{file}: {_counted(lints, lang)}"]


def _counted(lints: "tuple[Lint, ...]", lang: str) -> str:
    if not lints:
        return "rien à signaler." if lang == "fr" else "nothing to see to."
    parts = []
    for severity in _WEIGHTS:
        count = sum(one.kind.severity == severity for one in lints)
        word = _SEVERITIES[severity] if lang == "fr" else severity
        if count:
            parts.append(f"{count} {word}{'s' if count > 1 else ''}")
    return ", ".join(parts) + "."


def _lint(one: "Lint", lang: str) -> dict[str, Any]:
    return {
        "code": one.kind.code,
        "severity": one.kind.severity.value,
        "where": one.where,
        "line": one.line or None,
        "says": typographic(one.says(lang), lang),
        "remedy": typographic(one.kind.remedy.of(lang), lang),
    }


def _fault(one: Any) -> dict[str, Any]:
    return {
        "line": one.line or None,
        "column": one.column or None,
        "where": one.where,
        "problem": one.problem,
        "remedy": one.remedy,
    }
