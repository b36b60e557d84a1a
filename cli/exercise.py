"""`douane exercise`: plays ChatGPT against an app, with people who do not exist."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from douane.cli.declaration_reading import typographic
from douane.cli.exits import Exit, complain, standard_output

if TYPE_CHECKING:
    from douane.audit.scenario import Scenario
    from douane.cli.app_reading import SaidApp
    from douane.inspector.exercise import Played

_HEAD = {
    "en": ("era", "person", "tool", "tried", "came of it", "ms"),
    "fr": ("époque", "personne", "outil", "essai", "résultat", "ms"),
}
_WORDS = {
    "en": {
        "answered": "answered", "refused": "refused by the app", "failed": "no readable answer",
        "not-spoken": "the app does not speak this era", "not-tried": "not tried",
        "taken": "did not refuse fields that its schema does not list",
        "came-back": "the instruction comes back in the answer",
        "leaked": "gave another person's data", "extra-fields": "extra fields", "injection": "injected instruction",
        "other-tenant": "another person's identifier", "": "",
        "sum": "{steps} steps, {bad} of them not as expected.", "one": "1 step, {bad} not as expected.",
        "left": "Left out, because they say that they destroy something (--destructive plays them): {names}.",
    },
    "fr": {
        "answered": "a répondu", "refused": "refusé par l’application", "failed": "aucune réponse lisible",
        "not-spoken": "l’application ne parle pas cette version", "not-tried": "non essayé",
        "taken": "n’a pas refusé des champs absents de son schéma",
        "came-back": "l’instruction revient dans la réponse",
        "leaked": "a donné les données d’une autre personne", "extra-fields": "champs en trop",
        "injection": "instruction injectée", "other-tenant": "identifiant d’une autre personne", "": "",
        "sum": "{steps} étapes, dont {bad} au résultat inattendu.", "one": "1 étape, {bad} au résultat inattendu.",
        "left": "Laissés de côté, car ils disent détruire "
        "quelque chose (--destructive les joue) : {names}.",
    },
}  # fmt: skip


def exercise(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SCENARIOS.yaml] [URL]",
            help="The app's MCP URL, or Douane's URL for it; before it, a file that says what to play.",
        ),
    ] = None,
    command: Annotated[
        str | None,
        typer.Option(metavar="CMD", help="Start the app as this program for each person and speak over stdio instead."),
    ] = None,
    era: Annotated[
        list[str] | None, typer.Option(metavar="VERSION", help="2025-11-25 or 2026-07-28; both by default.")
    ] = None,
    abuse: Annotated[bool, typer.Option(help="Try what ought not to work as well.")] = True,
    destructive: Annotated[
        bool, typer.Option("--destructive", help="Call tools that say that they destroy something, too.")
    ] = False,
    output_format: Annotated[str, typer.Option("--format", "-f", metavar="text|json", help="How to print.")] = "text",
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of the table.")] = "en",
    token_env: Annotated[
        str | None, typer.Option(metavar="VARIABLE", help="The environment variable that holds an access token.")
    ] = None,
    seconds: Annotated[float, typer.Option(help="How long an answer may take.")] = 20.0,
    identifiers_out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the people's identifiers, for `douane check --identifiers`."),
    ] = None,
) -> None:
    """Play ChatGPT against an app: several made-up people at once, in both eras, then abuse.

    Without a file, every tool is called with arguments made from its schema.
    Exit code 1: a step had no readable answer, was not as expected, or gave another person's data.
    """
    from douane.cli.app_reading import live, target_of
    from douane.cli.identifiers import written
    from douane.cli.scan import spoken
    from douane.inspector.client import Command
    from douane.inspector.exercise import Exercise, played
    from douane.inspector.piped import URL

    language = spoken(lang).lang
    if output_format not in ("text", "json"):
        complain("--format: text or json.")
        raise typer.Exit(Exit.USAGE)
    named = list(targets or ())
    url = None if command is not None or not named else named.pop()
    if (url is None) == (command is None) or len(named) > 1:
        complain("Name the app's URL, or --command with the program that starts it, and at most one file of scenarios.")
        raise typer.Exit(Exit.USAGE)
    given = scenario_in(Path(named[0])) if named else None
    target = target_of(url, command, token_env)
    tokens = tokens_of(given, token_env)
    app = live(target, seconds=max(seconds, 5.0), lang=language)
    scenario = planned(app, given, era, abuse=abuse, destructive=destructive)
    if not scenario.steps:
        complain("There is nothing to play: the app lists no tool that may be called. Write steps in a file.")
        raise typer.Exit(Exit.USAGE)
    if identifiers_out is not None:
        written(scenario.personas, identifiers_out)
    tools = {tool.schema.name: tool.schema for tool in app.tools}
    words = target.words if isinstance(target, Command) else ()
    rows = played(Exercise(url or URL, scenario, tools, tokens, seconds, words))
    if output_format == "json":
        show_json(rows, scenario)
    else:
        show(rows, scenario, language)
    spoke = any(row.tool for row in rows)
    if not spoke or any(not row.met for row in rows):
        raise typer.Exit(Exit.PARTLY)


def scenario_in(file: Path) -> "Scenario":
    """The scenarios of a file; complains of every fault in it and exits with 2."""
    from douane.audit.scenario_file import parse_scenarios
    from douane.cli.files import taken

    return taken(file, parse_scenarios, missing="Give a file of scenarios, or leave it out.")


def planned(
    app: "SaidApp", given: "Scenario | None", eras: list[str] | None, *, abuse: bool, destructive: bool
) -> "Scenario":
    """What is played: the file's steps, else one for each tool."""
    from dataclasses import replace

    from douane.audit.scenario import ERAS, Scenario, default
    from douane.audit.scenario_file import with_steps

    made = default([(tool.schema, tool.annotations) for tool in app.tools], destructive=destructive, abuses=abuse)
    scenario: Scenario = made if given is None else with_steps(given, made)
    if not abuse:
        scenario = replace(scenario, steps=tuple(step for step in scenario.steps if not step.abuse))
    wanted = tuple(dict.fromkeys(eras or ()))
    if any(one not in ERAS for one in wanted):
        complain(f"--era: {' or '.join(ERAS)}.")
        raise typer.Exit(Exit.USAGE)
    return replace(scenario, eras=wanted) if wanted else scenario


def tokens_of(given: "Scenario | None", token_env: str | None) -> dict[str, str]:
    """Each person's access token, from the environment; complains of a variable that is not set and exits with 2."""
    from douane.audit.personas import builtin

    tokens: dict[str, str] = {}
    for person in given.personas if given is not None else builtin():
        variable = person.token_env or token_env
        if not variable:
            continue
        if not os.environ.get(variable):
            complain("token_env: the environment variable of a person is not set. Put the access token into it.")
            raise typer.Exit(Exit.USAGE)
        tokens[person.id] = os.environ[variable]
    return tokens


def show(rows: "tuple[Played, ...]", scenario: "Scenario", lang: str) -> None:
    """Print the table and the sum."""
    words = _WORDS[lang]
    table = [
        (
            row.era,
            row.persona,
            shown(row.name or row.tool),
            words[row.abuse],
            says(row, words, lang),
            f"{row.milliseconds:.0f}",
        )
        for row in rows
    ]
    lines = [_HEAD[lang], *table]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD[lang]))]
    with standard_output() as out:
        for line in lines:
            text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            out.write(f"{text}\n".encode("utf-8", "replace"))
        bad = sum(not row.met for row in rows)
        said = words["one" if len(rows) == 1 else "sum"].format(steps=len(rows), bad=bad)
        out.write(f"\n{said}\n".encode())
        if scenario.left_out:
            names = ", ".join(shown(name) for name in scenario.left_out)
            out.write(f"{words['left'].format(names=names)}\n".encode("utf-8", "replace"))
        out.flush()


def says(row: "Played", words: dict[str, str], lang: str) -> str:
    """What came of a step, with its note."""
    mark = "" if row.met else "! "
    note = typographic(row.note.of(lang), lang)
    return f"{mark}{words[row.result]}{f' ({note})' if note else ''}"


def shown(name: str) -> str:
    """A tool's name on a terminal: printable, and no longer than a line can bear."""
    return "".join(char if char.isprintable() else "?" for char in name)[:60]


def show_json(rows: "tuple[Played, ...]", scenario: "Scenario") -> None:
    """Print everything as one JSON object."""
    told = [
        {
            "era": row.era,
            "persona": row.persona,
            "tool": row.tool,
            "name": row.name,
            "abuse": row.abuse.value,
            "result": row.result.value,
            "note": row.note.en,
            "milliseconds": round(row.milliseconds, 1),
            "as_expected": row.met,
        }
        for row in rows
    ]
    text = json.dumps({"steps": told, "left_out": list(scenario.left_out)}, ensure_ascii=False, indent=2)
    with standard_output() as out:
        out.write(text.encode("utf-8", "replace") + b"\n")
        out.flush()
