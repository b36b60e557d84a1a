"""What `douane run` shows: a live view on a terminal, plain lines elsewhere, JSON lines on request."""

import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from rich.console import Console as Rich
from rich.console import Group
from rich.live import Live as RichLive
from rich.text import Text

from douane.ledger.times import iso
from douane.reports import live, safe

if TYPE_CHECKING:
    from douane.cli.config import Config

LAG_ALARM_SECONDS = 30.0
REDRAW_SECONDS = 0.25


class Console:
    """The display of one run. `kind` is auto, plain or json; warnings always go to standard error."""

    def __init__(self, kind: str, *, apps: list[str], lang: str = "en") -> None:
        self._json = kind == "json"
        self._lang = lang
        self._apps = apps
        self._out = Rich(highlight=False, soft_wrap=True)
        self._err = Rich(stderr=True, highlight=False, soft_wrap=True)
        self._view = live.Live(lang=lang)
        terminal = self._out.is_terminal and not self._out.is_dumb_terminal
        self._live = (
            RichLive(console=self._out, auto_refresh=False, screen=False) if terminal and kind == "auto" else None
        )
        self._drawn = 0.0
        self._dirty = True
        self._lagging = False
        self._caught_up: bool | None = None
        self.opened = False
        """Whether Douane ever listened."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._live is not None and self._live.is_started:
            self._redraw()
            self._live.stop()

    def open(self, config: "Config", listeners: list[dict[str, Any]]) -> None:
        """Say where Douane listens and what to do with it."""
        self.opened = True
        if self._json:
            self._line(event_line("ready", listeners=listeners))
            return
        upstreams = {app.name: app for app in config.apps}
        for listener in listeners:
            for text in told(listener, upstreams):
                self._line(text)
        self._line("The detectors are loading; what crosses meanwhile is recorded and inspected in a moment.")
        self._line(f"Ledger: {config.storage.ledger}. Try it with test accounts first. Stop with Ctrl-C.")
        if self._live is not None:
            self._live.start()

    def crossed(self, event: dict[str, Any]) -> None:
        """Show one exchange or gap."""
        if self._json:
            self._line(event_line(**event))
        elif self._live is not None:
            self._view.add(event)
            self._dirty = True
        elif not event.get("own"):
            self._line(live.plain_line(event, lang=self._lang))

    def lag(self, event: dict[str, Any]) -> None:
        """Warn, once each time, when inspection falls far behind; in JSON also tell when it has caught up."""
        seconds = float(event.get("seconds", 0.0))
        if self._json and (seconds == 0.0) is not self._caught_up:
            self._caught_up = seconds == 0.0
            self._line(event_line("lag", seconds=seconds))
        self._view.lag(seconds)
        self._dirty = True
        if seconds > LAG_ALARM_SECONDS and not self._lagging:
            self.warn(f"Inspection is {seconds:.0f} s behind; messages wait encrypted in the spool.")
        self._lagging = seconds > LAG_ALARM_SECONDS

    def outcome(self, event: dict[str, Any]) -> None:
        """Show that messages told of before did not arrive."""
        if self._json:
            self._line(event_line(**event))
            return
        self._view.outcome(event)
        self._dirty = True
        aim = "the host it was sent to" if event.get("route") == "egress" else "the app"
        what = {"failed": f"did not reach {aim}", "refused": "refused, not forwarded"}.get(
            str(event.get("outcome")), ""
        )
        self.warn(f"{event.get('app')}: {event.get('messages')} message(s) {what}")

    def proxy_says(self, event: dict[str, Any]) -> None:
        """Show a warning of the proxy, with what to change where it says so."""
        if event.get("event") == "oauth":
            self.warn(
                f"{event.get('app')}: the app names itself {event.get('names')} in its OAuth discovery documents, but "
                f"clients reach it as {event.get('reached_as')}. {event.get('change')}"
            )
            return
        code, app_name = str(event.get("code")), str(event.get("app", ""))
        detail = f": {event['detail']}" if event.get("detail") else ""
        if code in LASTING:
            self._view.alarm(app_name, f"{WARNINGS[code]}{detail}")
            self._dirty = True
        elif code in RELIEVED:
            self._view.alarm(app_name, "")
            self._dirty = True
        count = int(event.get("count", 1))
        times = f" ({count} times)" if count > 1 else ""
        app = f"{app_name}: " if app_name else ""
        self.warn(f"{app}{WARNINGS.get(code, code)}{detail}{times}")

    def say(self, text: str) -> None:
        """One line about Douane itself."""
        if self._json:
            self._line(event_line("note", text=text))
        else:
            self._line(text)

    def warn(self, text: str) -> None:
        """One loud line, on standard error."""
        if self._json:
            self._err.print(Text(event_line("warning", text=text)))
            return
        # A live view that something is printed past breaks; printed through it, the line stays above it.
        above = self._live is not None and self._live.is_started and self._err.is_terminal
        (self._out if above else self._err).print(Text(f"! {safe.plain(text, 600)}", style="bold red"))

    def tick(self) -> None:
        """Redraw the live view when there is something new."""
        if self._live is not None and self._live.is_started and time.monotonic() - self._drawn > REDRAW_SECONDS:
            self._redraw()

    def _redraw(self) -> None:
        if self._live is not None and self._dirty:
            self._live.update(Group(self._view), refresh=True)
            self._dirty = False
            self._drawn = time.monotonic()

    def _line(self, text: str) -> None:
        if self._live is not None:
            self._out.print(Text(text))
            return
        try:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
        except (OSError, AttributeError, ValueError):
            # The reader of the rows is gone, the log's disk is full, or there is no output: the post stays open.
            sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end


def event_line(event: str = "", at: float | None = None, **said: Any) -> str:
    """An event as a line of JSON with its time in ISO 8601, UTC: `at` (Unix seconds), or now."""
    moment = at if isinstance(at, int | float) else time.time()
    return live.json_line({"event": event, "at": iso(moment), **said})


WARNINGS = {
    "ledger-failed": "the ledger cannot be written; messages wait encrypted in the spool",
    "purge-failed": "what is over by the retention rules could not go; it is tried again in six hours",
    "spool-missing": "somebody took so many records out of the spool before they were inspected",
    "clock-ahead": "nothing was purged; set the clock right, or say with `douane purge --yes --reason` that it is",
    "beside-ended": "the process beside the inspector ended too often; what waits takes twice as long",
    "unanchored": "it is not kept outside the database how far the ledger is",
    "spool-recovered": "recording again",
    "upstream-unreachable": "the app does not answer",
    "spool-full": "the spool is full",
    "spool-failed": "the spool cannot be written",
    "refused": "a request was refused",
    "proxy-fault": "a fault in the proxy",
}


LASTING = frozenset({"ledger-failed", "spool-full", "spool-failed"})
"""Warnings that stay on the screen until they are over."""
RELIEVED = frozenset({"spool-recovered"})


def told(listener: dict[str, Any], upstreams: dict[str, Any]) -> list[str]:
    """What to do with a listener, in words."""
    scheme = "https" if listener.get("tls") else "http"
    host = str(listener.get("host"))
    address = f"{scheme}://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{listener.get('port')}"  # noqa: S104
    route = listener.get("route")
    if route == "egress":
        names = ", ".join(listener.get("apps", ()))
        return [
            f"{names}: start the app with HTTP_PROXY={address} HTTPS_PROXY={address} to see what it sends out itself."
        ]
    if route == "forward":
        return [f"Clients on this machine: HTTPS_PROXY={address} (trust Douane's authority first: docs/proxy.md)."]
    lines = []
    for name in listener.get("apps", ()):
        app = upstreams.get(name)
        if app is None:
            continue
        path = f"{app.path_prefix or ''}{urlsplit(app.upstream).path}"
        public = (
            f"give ChatGPT {app.public_url}"
            if app.public_url
            else f"point your tunnel or tunnel-client at {address}{path}"
        )
        lines.append(f"{name}: {address}{path} → {app.upstream}. Now {public} instead of your server.")
    return lines
