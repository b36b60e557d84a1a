"""`douane least-schema`: what an app's tools ask for and never use, and a tighter schema to paste."""

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from douane.cli.exits import Exit, complain, standard_output
from douane.cli.looking import As, Looker, ReadConfig, Reason, Unrecorded

if TYPE_CHECKING:
    from douane.audit.least import Least

_WORDS = {
    "en": {
        "head": "{app}, {tool}: {calls} observed calls", "few": "too few to propose a schema (--calls {least})",
        "none": "no tool of the app was called", "unused": "never used", "unlisted": "used, not listed",
        "more": "held more than it says", "always": "always given, could be required", "says": "it says: {says}",
        "nothing": "nothing", "fits": "The schema lists what is used, and nothing else.", "paste": "The least schema:",
        "times": "{n} of {calls} calls",
        "untold": "cannot be told whether it is used (its name, or one beside it, is hidden)",
        "untold_used": "cannot be told whether it is listed (its name, or one that is listed, is hidden)",
    },
    "fr": {
        "head": "{app}, {tool} : {calls} appels observés", "few": "trop peu pour proposer un schéma (--calls {least})",
        "none": "aucun outil de l'application n'a été appelé", "unused": "jamais utilisé",
        "unlisted": "utilisé, non listé", "more": "contenait plus que ce qu'il dit",
        "always": "toujours donné, pourrait être requis", "says": "il dit : {says}", "nothing": "rien",
        "fits": "Le schéma liste ce qui est utilisé, et rien d'autre.", "paste": "Le schéma minimal :",
        "times": "{n} appels sur {calls}",
        "untold": "usage impossible à établir (son nom, ou un nom voisin, est masqué)",
        "untold_used": "présence dans le schéma impossible à établir (son nom, ou un nom listé, est masqué)",
    },
}  # fmt: skip


def least_schema(
    app: Annotated[
        list[str] | None, typer.Option("--app", metavar="NAME", help="Only this app; may be repeated.")
    ] = None,
    tool: Annotated[str | None, typer.Option(metavar="NAME", help="Only this tool.")] = None,
    calls: Annotated[int, typer.Option(min=1, help="From how many observed calls on a schema is proposed.")] = 20,
    output_format: Annotated[str, typer.Option("--format", "-f", metavar="text|json", help="How to print.")] = "text",
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of the answer.")] = "en",
    config: ReadConfig = None,
    ledger: Annotated[Path | None, typer.Option(metavar="FILE", help="The ledger itself.")] = None,
    who: As = None,
    reason: Reason = "",
    unrecorded: Unrecorded = False,
) -> None:
    """Say which arguments of an app's tools were never used or held more than they say, and print the least schema.

    Only what was seen speaks: a field that nobody used yet may be needed tomorrow. Descriptions are not in the ledger;
    paste the structure, and keep your words.
    """
    from douane.audit.least import least
    from douane.audit.message import Direction
    from douane.cli.app_reading import apps_in
    from douane.cli.looking import admitted
    from douane.cli.report import opened
    from douane.cli.scan import spoken
    from douane.ledger.catalogue import read_tools
    from douane.ledger.observations import read_found, read_uses

    language = spoken(lang).lang
    if output_format not in ("text", "json"):
        complain("--format: text or json.")
        raise typer.Exit(Exit.USAGE)
    told: list[tuple[str, str, Least]] = []
    looker = Looker(who, reason, unrecorded)
    leave = admitted(looker, "least-schema", config=config, ledger=ledger, apps=app or ())
    with closing(opened(leave.ledger)) as db:
        for name in apps_in(db, leave.apps):
            found, uses = read_found(db, name), read_uses(db, name)
            for fact in read_tools(db, name):
                mine = {
                    use.pointer: use.calls
                    for use in uses
                    if use.tool == fact.name and use.direction is Direction.TO_APP
                }
                if tool in (None, fact.name) and mine:
                    held = found.get((fact.name, Direction.TO_APP), {})
                    told.append((name, fact.name, least(fact.input_schema, mine, held, (fact.name,))))
    if tool is not None and not told:
        complain("--tool: no call of a tool of that name was seen.")
        raise typer.Exit(Exit.USAGE)
    show(told, calls, _WORDS[language], output_format)


def show(told: "list[tuple[str, str, Least]]", calls: int, words: dict[str, str], output_format: str) -> None:
    """Print what was found of each tool."""
    if output_format == "json":
        lines = [json.dumps([as_json(*one, calls) for one in told], ensure_ascii=False, indent=2)]
    else:
        lines = [line for one in told for line in as_text(*one, calls, words)] or [words["none"]]
    with standard_output() as out:
        out.write("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
        out.flush()


def as_text(app: str, tool: str, found: "Least", calls: int, words: dict[str, str]) -> list[str]:
    """The lines on one tool."""
    lines = [words["head"].format(app=app, tool=tool, calls=found.calls)]
    lines += [f"  {words['unused']}: {pointer}" for pointer in found.unused]
    for pointer, times in found.unlisted:
        lines.append(f"  {words['unlisted']}: {pointer} ({words['times'].format(n=times, calls=found.calls)})")
    lines += [f"  {words['untold']}: {pointer}" for pointer in found.untold]
    for pointer, times in found.untold_used:
        lines.append(f"  {words['untold_used']}: {pointer} ({words['times'].format(n=times, calls=found.calls)})")
    for one in found.more:
        held = ", ".join(f"{category} ×{count}" for category, count in one.held)
        says = words["says"].format(says=", ".join(one.says) or words["nothing"])
        lines.append(f"  {words['more']}: {one.pointer}: {held} ({says})")
    lines += [f"  {words['always']}: {pointer}" for pointer in found.always]
    if found.calls < calls or found.schema is None:
        return [*lines, f"  {words['few'].format(least=calls)}", ""]
    if not (found.unused or found.unlisted or found.more or found.untold or found.untold_used):
        lines.append(f"  {words['fits']}")
    schema = json.dumps(found.schema, ensure_ascii=False, indent=2)
    return [*lines, f"  {words['paste']}", *(f"  {line}" for line in schema.splitlines()), ""]


def as_json(app: str, tool: str, found: "Least", calls: int) -> dict[str, Any]:
    """One tool for programs."""
    return {
        "app": app,
        "tool": tool,
        "calls": found.calls,
        "unused": list(found.unused),
        "unlisted": [{"pointer": pointer, "calls": times} for pointer, times in found.unlisted],
        "cannot_be_told": {
            "listed": list(found.untold),
            "used": [{"pointer": pointer, "calls": times} for pointer, times in found.untold_used],
        },
        "carried_more": [
            {"pointer": one.pointer, "says": list(one.says), "held": dict(one.held)} for one in found.more
        ],
        "always_given": list(found.always),
        "schema": found.schema if found.calls >= calls else None,
    }
