"""What the apps said about themselves, as the inspector knows it: tools and declarations."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from douane.audit.approved import Approved, Live, differences, parse_approved
from douane.audit.context import ToolSchema
from douane.audit.declaration import Declaration
from douane.audit.declaration_file import Errors, parse_declaration
from douane.audit.history import Observation, Seen
from douane.audit.jsontext import plain
from douane.audit.key_values import people_in
from douane.audit.message import Message
from douane.audit.observe import header_parameters
from douane.audit.schema import declared_keys
from douane.audit.toollist import Unread, lines, odd_in, tools_in
from douane.inspector.seen import kept
from douane.inspector.settings import AppSettings
from douane.ledger.fingerprint import sha256
from douane.ledger.reading import text_of
from douane.ledger.schema import Route, ToolSource
from douane.ledger.store import Ledger


class Knowledge:
    """Tools and declarations by app; tools are kept in the ledger, so that a restart forgets nothing."""

    def __init__(self, ledger: Ledger, apps: tuple[AppSettings, ...], now: float) -> None:
        self._ledger = ledger
        self._tools: dict[tuple[str, str], ToolSchema | None] = {}
        self._declarations: dict[str, Declaration] = {}
        self._keys: dict[tuple[str, str], frozenset[str]] = {}
        self._names: dict[str, set[str]] = {}
        self._own: dict[str, tuple[str, ...]] = {}
        self._shown: set[tuple[str, Observation]] = set()
        self._approved: dict[str, Approved] = {}
        for app in apps:
            self._read(app, now)

    def declaration(self, app: str) -> Declaration | None:
        """What the app declared, None when no declaration was found."""
        return self._declarations.get(app)

    def tool(self, app: str, name: str | None) -> ToolSchema | None:
        """The newest schema of a tool, None while it has not been seen."""
        if name is None:
            return None
        key = (app, name)
        if key not in self._tools:
            self._tools[key] = found = self._ledger.tool(app, name)
            if found is not None:
                self._names.setdefault(app, set()).add(name)
        return self._tools[key]

    def names(self, app: str) -> set[str]:
        """The names of the app's tools that are known."""
        return self._names.get(app, set())

    def own_hosts(self, app: str) -> tuple[str, ...]:
        """The host names under which the app itself is reached: its upstream's, and those its publisher declared."""
        return self._own.get(app, ())

    def declared(self, app: str, name: str | None) -> frozenset[str]:
        """The property names that the tool's schemas list: they may appear in pointers."""
        tool = self.tool(app, name)
        if tool is None:
            return frozenset()
        key = (app, tool.name)
        if key not in self._keys:
            people = people_in((tool.input_schema, tool.output_schema))
            self._keys[key] = declared_keys(tool) - people
        return self._keys[key]

    def learn(self, message: Message, source: ToolSource, at: float) -> int:
        """Keep every tool of a `tools/list` answer; returns how many there were."""
        try:
            listed = msgspec.json.decode(message.text) if message.unread else plain(message.payload)
        except (msgspec.MsgspecError, RecursionError):
            return 0
        count = 0
        for tool, annotations in tools_in(listed):
            self._keep(message.app, tool, annotations, source, at)
            count += 1
        return count

    def _keep(self, app: str, tool: ToolSchema, annotations: dict[str, Any], source: ToolSource, at: float) -> None:
        self._ledger.add_tool(app, tool, at=at, annotations=annotations, source=source)
        self._observe(app, tool, at)
        if source is not ToolSource.FILE:
            self._compare(app, tool, annotations, at)
        self._names.setdefault(app, set()).add(tool.name)
        self._tools[app, tool.name] = tool
        self._keys.pop((app, tool.name), None)

    def _observe(self, app: str, tool: ToolSchema, at: float) -> None:
        """Note what a tool list shows besides schemas; a list is asked for often, so each thing is noted once."""
        shown = tuple(one for one in header_parameters(tool) if (app, one) not in self._shown)
        self._shown.update((app, one) for one in shown)
        if shown:
            self._ledger.note(app, at=at, observations=kept(shown, declared=()))

    def drifted(self, app: str, observed: Iterable[Observation]) -> tuple[Observation, ...]:
        """What widgets may reach and were not approved for; nothing where no snapshot is known."""
        approved = self._approved.get(app)
        if approved is None:
            return ()
        return tuple(one.observation() for one in differences(approved, (), observed, whole=False))

    def _compare(self, app: str, tool: ToolSchema, annotations: dict[str, Any], at: float) -> None:
        """Note how a live tool differs from the approved one, or that it agrees with it."""
        approved = self._approved.get(app)
        if approved is None:
            return
        digests = ("" if one is None else sha256(one) for one in (tool.input_schema, tool.output_schema))
        found = differences(approved, (Live(tool, annotations, *digests),), whole=False)
        noted = [one.observation() for one in found] or [Observation(Seen.APPROVED, "tools", tool=tool.name)]
        self._ledger.note(app, at=at, observations=noted)

    def _read(self, app: AppSettings, now: float) -> None:
        self._ledger.add_app(
            app.name, at=now, upstream_host=app.upstream_host, route=Route(app.route), egress=app.egress
        )
        self._own[app.name] = tuple(host for host in (app.upstream_host,) if host)
        if app.declaration is not None:
            read = parse_declaration(app.declaration.read_text(encoding="utf-8"), app.declaration.name)
            if not isinstance(read, Errors):
                self._declarations[app.name] = read
                self._own[app.name] += read.publisher.hosts
                self._ledger.add_declaration(replace(read, app=app.name), at=now)
        if app.approved is not None:
            approved = parse_approved(app.approved.read_text(encoding="utf-8"), app.approved.name)
            if not isinstance(approved, Errors):
                self._approved[app.name] = approved
        if app.tools is not None and not isinstance(listed := read_tools(app.tools), str):
            for tool, annotations in listed.tools:
                self._keep(app.name, tool, annotations, ToolSource.FILE, now)


@dataclass(frozen=True, slots=True)
class ToolFile:
    """The tools of a saved list, each with its annotations, and what of it could not be read as it stands."""

    tools: tuple[tuple[ToolSchema, dict[str, Any]], ...]
    unread: tuple[Unread, ...] = ()


def read_tools(file: Path) -> ToolFile | str:
    """The tools in a saved list, or a sentence that says why there are none; it quotes nothing of the file."""
    try:
        listed = json.loads(text_of(file))
    except OSError as error:
        return f"cannot be read ({error.strerror})."
    except UnicodeDecodeError:
        return "this is not UTF-8 text."
    except (ValueError, RecursionError) as error:
        at = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        return f"this is not JSON{at}."
    unread = tuple(odd_in(listed))
    if tools := tuple(tools_in(listed)):
        return ToolFile(tools, unread)
    return " ".join(("no tool is listed in it.", *lines(unread, "en")))
