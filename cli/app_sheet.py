"""`douane app-sheet`: what an app says of itself, for apps whose traffic cannot be seen."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from douane.cli.exits import Exit, complain

if TYPE_CHECKING:
    from douane.reports.app_sheet import Sheet

FORMATS = ("text", "md", "html", "json")


def app_sheet(
    target: Annotated[
        str, typer.Argument(metavar="URL|FILE", help="The app's MCP URL, or a saved answer to tools/list (JSON).")
    ],
    name: Annotated[str | None, typer.Option(metavar="NAME", help="The app's name on the sheet.")] = None,
    output_format: Annotated[
        str, typer.Option("--format", "-f", metavar="text|md|html|json", help="How the sheet is written.")
    ] = "text",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; standard output by default.")
    ] = None,
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of the sheet.")] = "en",
    token_env: Annotated[
        str | None, typer.Option(metavar="VARIABLE", help="The environment variable that holds an access token.")
    ] = None,
    seconds: Annotated[float, typer.Option(help="How long the app may take to answer.")] = 30.0,
) -> None:
    """Say what an app declares of itself: tools, categories asked for, hints, hosts of its widgets, findings.

    Nothing on the sheet was observed. It is for apps that run between OpenAI and their makers, out of sight.
    """
    from douane.cli.report import write
    from douane.cli.scan import spoken
    from douane.reports import app_sheet as sheets

    language = spoken(lang).lang
    if output_format not in FORMATS:
        complain(f"--format: {', '.join(FORMATS)}.")
        raise typer.Exit(Exit.USAGE)
    on = datetime.now(UTC).date().isoformat()
    made = (
        of_url(target, name, on, token_env, seconds, language)
        if re.match(r"\w+://", target)
        else of_file(target, name, on, language)
    )
    render = {"text": sheets.as_text, "md": sheets.as_markdown, "html": sheets.as_html, "json": sheets.as_json}
    write(render[output_format](made, language), output or Path("-"))


def of_url(url: str, name: str | None, on: str, token_env: str | None, seconds: float, lang: str) -> "Sheet":
    """The sheet of a live app."""
    from douane.cli.app_reading import live, target_of
    from douane.reports.app_sheet import sheet

    app = live(target_of(url, None, token_env), seconds=seconds, lang=lang)
    tools = [(tool.schema, tool.annotations) for tool in app.tools]
    return sheet(name or app.title or app.name, tools, app.observed, where=app.where, on=on, unread=app.unread)


def of_file(file: str, name: str | None, on: str, lang: str) -> "Sheet":
    """The sheet of a saved list of tools; complains of a file that is none and exits with 2."""
    from douane.cli.app_reading import saved_list
    from douane.reports.app_sheet import sheet

    path = Path(file)
    read = saved_list(path, "Give the app's MCP URL, or save its answer to tools/list there.", lang=lang)
    return sheet(name or path.name.partition(".")[0], read.tools, where=path.name, on=on, unread=read.unread)
