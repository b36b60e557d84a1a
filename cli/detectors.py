"""`douane detectors`: what is looked for, by whom, with an example of each."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from douane.cli.exits import Exit, standard_output

if TYPE_CHECKING:
    from douane.detectors.assembly import Assembly
    from douane.reports.i18n import Words

WIDE = 150
"""Columns of the table where there is no terminal."""


def detectors(
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", metavar="FILE", help="The configuration; ./config.yaml where there is one."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Run every example of those that are on.")] = False,
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of the table.")] = "en",
) -> None:
    """List the detectors, built-in and yours: what each finds, with an invented example, and whether it is on."""
    from douane.cli.detection import assembled, configured
    from douane.cli.scan import spoken

    words = spoken(lang)
    with standard_output():
        assembly = assembled(configured(config), loaded=check)
    if check:
        raise typer.Exit(checked(assembly, words))
    rows = listed(assembly)
    with standard_output() as out:
        if as_json:
            out.write(json.dumps(rows, ensure_ascii=False, indent=1).encode() + b"\n")
        else:
            show(rows, words)


def listed(assembly: "Assembly") -> list[dict[str, Any]]:
    """Each detector as plain data."""
    from douane.detectors.examples import categories, shown

    return [
        {
            "name": one.detector.name,
            "title": one.detector.title,
            "on": one.on,
            "from": one.origin,
            "categories": list(getattr(one.detector, "categories", None) or categories(one.detector)),
            "languages": list(getattr(one.detector, "languages", ("en", "fr") if one.origin == "built-in" else ())),
            "example": shown(one.detector),
        }
        for one in assembly.sources
    ]


def show(rows: list[dict[str, Any]], words: "Words") -> None:
    """The table, and how many are on."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from douane.reports.paragraph import Paragraph

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDE)
    table = Table(header_style="bold", pad_edge=False, box=None, padding=(0, 2, 1, 0))
    for column in ("name", "state", "from", "finds", "languages", "example"):
        table.add_column(words.phrase(f"detectors.{column}"), overflow="fold")
    for row in rows:
        state = "on" if row["on"] else "off"
        table.add_row(
            Text(row["name"], style="bold" if row["on"] else "dim"),
            Text(words.phrase(f"detectors.{state}"), style="green" if row["on"] else "dim"),
            Text(words.phrase(f"detectors.from.{row['from']}")),
            Paragraph(Text(", ".join(dict.fromkeys(words.category(key) for key in row["categories"])))),
            Text(", ".join(row["languages"]) or "—"),
            Paragraph(Text(row["example"] or "—", style="" if row["on"] else "dim")),
        )
    console.print(table)
    count = sum(row["on"] for row in rows)
    console.print(words.say("detectors.count", count, all=len(rows)))


def checked(assembly: "Assembly", words: "Words") -> int:
    """Run the examples; say which went wrong."""
    from douane.detectors.examples import wrong

    with standard_output():
        assembly.prepare()
    total = failed = 0
    with standard_output() as out:
        for detector in assembly.detectors:
            total += len(detector.MATCHES) + len(detector.MISSES)
            for place in wrong(detector):
                failed += 1
                key = "detectors.not_found" if place.startswith("MATCHES") else "detectors.found"
                out.write(words.say(key, name=detector.name, place=place).encode() + b"\n")
        key = "detectors.failed" if failed else "detectors.passed"
        out.write(words.say(key, failed or total, all=total).encode() + b"\n")
    return Exit.PARTLY if failed else Exit.OK
