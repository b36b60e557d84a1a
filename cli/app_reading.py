"""An app as the commands read it that look at what it says of itself: live over HTTP or stdio, or from the ledger."""

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from douane.cli.exits import Exit, complain
from douane.cli.looking import NOBODY, Looker

if TYPE_CHECKING:
    import sqlite3

    from douane.audit.context import ToolSchema
    from douane.audit.draft import Counted
    from douane.audit.history import Observation
    from douane.audit.toollist import Unread
    from douane.cli.config_keys import App
    from douane.inspector.client import Target
    from douane.inspector.knowledge import ToolFile


@dataclass(frozen=True, slots=True)
class SaidTool:
    """A tool with its annotations and what was found in its exchanges (empty when it was read live).

    `digests` are those of its schemas as they were sent, when only their skeletons are known; else empty.
    """

    schema: "ToolSchema"
    annotations: Mapping[str, Any]
    seen_to_app: "Counted"
    seen_to_chatgpt: "Counted"
    digests: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class SaidApp:
    """What an app says of itself. `where` names how it was read: `http://host:port`, a program, `the ledger`."""

    name: str
    title: str
    where: str
    tools: tuple[SaidTool, ...]
    observed: "tuple[Observation, ...]"
    version: str = ""
    protocol: str = ""
    unread: "tuple[Unread, ...]" = ()


def app_read(
    url: str | None,
    command: str | None,
    app: str | None,
    *,
    token_env: str | None = None,
    seconds: float = 30.0,
    config: Path | None = None,
    ledger: Path | None = None,
    looker: Looker = NOBODY,
    lang: str = "en",
) -> SaidApp:
    """The app at a URL, behind a command, or in the ledger; complains and exits with 2 when it cannot be read."""
    if sum(one is not None for one in (url, command, app)) != 1:
        complain("Name one app: its MCP URL, --command with the program that starts it, or --app from the ledger.")
        raise typer.Exit(Exit.USAGE)
    if app is not None:
        return from_ledger(app, config=config, ledger=ledger, looker=looker)
    return live(target_of(url, command, token_env), seconds=seconds, lang=lang)


def target_of(url: str | None, command: str | None, token_env: str | None = None) -> "Target":
    """What to connect to; complains of a URL, a command or a variable that cannot be one and exits with 2."""
    from douane.inspector.client import Command, Http

    if command is not None:
        try:
            words = shlex.split(command)
        except ValueError:
            words = []
        if not words:
            complain("--command: not a command line. Quote it as a whole: --command 'node server.js stdio'.")
            raise typer.Exit(Exit.USAGE)
        return Command(tuple(words))
    if url is None or not re.fullmatch(r"https?://[^\s/@]+(?:/\S*)?", url):
        complain("The URL must begin with http:// or https:// and name a host, as http://127.0.0.1:3000/mcp does.")
        raise typer.Exit(Exit.USAGE)
    token = os.environ.get(token_env, "") if token_env else ""
    if token_env and not token:
        complain(f"--token-env: the environment variable {token_env} is not set. Put the access token into it.")
        raise typer.Exit(Exit.USAGE)
    return Http(url, token)


def live(target: "Target", *, seconds: float = 30.0, lang: str = "en") -> SaidApp:
    """The app as it answers now; complains and exits with 2 when it does not.

    Names each part that could not be read as it stands, in `lang`.
    """
    from douane.audit.csp import widget
    from douane.audit.toollist import lines, tools_in
    from douane.cli.declaration_reading import typographic
    from douane.inspector.client import NotRead, read_app

    read = read_app(target, seconds=seconds)
    if isinstance(read, NotRead):
        complain(f"{read.why}. {read.remedy}")
        raise typer.Exit(Exit.USAGE)
    for line in lines(read.unread, lang):
        complain(typographic(line, lang))
    twice = len(read.tools) - len({tool["name"] for tool in read.tools})
    if twice:
        complain(f"{twice} tool(s) are listed under a name that another tool has; nobody can tell which one is called.")
    return SaidApp(
        name=slug(read.name),
        title=read.title or read.name,
        where=str(target),
        tools=tuple(SaidTool(tool, hints, {}, {}) for tool, hints in tools_in(list(read.tools))),
        observed=tuple(dict.fromkeys(one for resource in read.widgets for one in widget(resource))),
        version=read.version,
        protocol=read.protocol,
        unread=read.unread,
    )


def saved_list(path: Path, remedy: str, *, lang: str = "en") -> "ToolFile":
    """The tools in a saved list; names each part that could not be read as it stands, in `lang`.

    Complains of a file that is no such list, with `remedy`, and exits with 2.
    """
    from douane.audit.toollist import lines
    from douane.cli.declaration_reading import typographic
    from douane.inspector.knowledge import read_tools

    read = read_tools(path)
    if isinstance(read, str):
        complain(f"{path}: {read} {remedy}")
        raise typer.Exit(Exit.USAGE)
    for line in lines(read.unread, lang):
        complain(typographic(f"{path}: {line}", lang))
    return read


def saved_lists(apps: "Sequence[App]") -> None:
    """Read the lists of tools that the configured apps name, and complain of them as `saved_list` does."""
    for one in apps:
        if one.tools is not None:
            saved_list(one.tools, "Save the app's answer to tools/list there, as JSON.")


def from_ledger(app: str, *, config: Path | None, ledger: Path | None, looker: Looker) -> SaidApp:
    """The app as the ledger knows it; complains and exits with 2 when there is no such app in it."""
    from contextlib import closing

    from douane.audit.context import ToolSchema
    from douane.audit.message import Direction
    from douane.cli.looking import admitted
    from douane.cli.report import opened
    from douane.ledger.catalogue import read_tool, read_tools
    from douane.ledger.observations import read_found, read_observations
    from douane.ledger.query import find_tool_versions

    leave = admitted(looker, "what an app says of itself", config=config, ledger=ledger, apps=[app])
    with closing(opened(leave.ledger)) as db:
        apps_in(db, (app,))
        found = read_found(db, app)
        last = {one.name: one for one in find_tool_versions(db, app)}
        tools = [
            SaidTool(
                read_tool(db, app, fact.name)
                or ToolSchema(fact.name, fact.input_schema, fact.output_schema, meta=fact.meta),
                fact.annotations,
                found.get((fact.name, Direction.TO_APP), {}),
                found.get((fact.name, Direction.TO_CHATGPT), {}),
                (last[fact.name].input_schema_sha256 or "", last[fact.name].output_schema_sha256 or ""),
            )
            for fact in read_tools(db, app)
        ]
        return SaidApp(app, "", "the ledger", tuple(tools), tuple(read_observations(db, app)))


def apps_in(db: "sqlite3.Connection", wanted: Sequence[str] | None) -> list[str]:
    """The apps of a ledger that were asked for, all without a name; complains of an unknown one and exits with 2."""
    names = [name for (name,) in db.execute("SELECT name FROM apps ORDER BY name")]
    if any(one not in names for one in wanted or ()):
        known = f" It has: {', '.join(names)}." if names else " It has none."
        complain(f"--app: the ledger has no app of that name.{known}")
        raise typer.Exit(Exit.USAGE)
    return [name for name in names if not wanted or name in wanted]


def slug(name: str) -> str:
    """A name of the configuration's kind out of the app's own: letters, figures, `.`, `_`, `-`; `app` for nothing."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:63]
    return plain or "app"


def named(tools: Sequence[SaidTool], name: str | None) -> tuple[SaidTool, ...]:
    """The tools asked for, all without a name; complains of one that is not there and exits with 2."""
    if name is None:
        return tuple(tools)
    chosen = tuple(tool for tool in tools if tool.schema.name == name)
    if not chosen:
        complain("--tool: the app has no tool of that name.")
        raise typer.Exit(Exit.USAGE)
    return chosen
