"""The four sample apps, running: each in its own process on a free loopback port."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from douane.demo.processes import HOST, free_ports, python, running, wait_until_listening

APPS: tuple[str, ...] = ("travel", "rendezvous", "crm", "library")
START_S = 60


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything listens on the loopback interface: each app, Douane in front of it, and who signs people in."""

    app: dict[str, int]
    front: dict[str, int]
    issuer: int

    @classmethod
    def free(cls) -> "Places":
        """Places that nobody holds."""
        ports = free_ports(2 * len(APPS) + 1)
        half = len(APPS)
        return cls(
            dict(zip(APPS, ports[:half], strict=True)), dict(zip(APPS, ports[half : 2 * half], strict=True)), ports[-1]
        )

    def own_url(self, app: str) -> str:
        """The app's own MCP URL."""
        return f"http://{HOST}:{self.app[app]}/mcp"

    def front_url(self, app: str) -> str:
        """The URL under which Douane stands in front of the app."""
        return f"http://{HOST}:{self.front[app]}/mcp"


@contextlib.contextmanager
def sample_apps(folder: Path, places: Places, *, behind_douane: bool) -> Iterator[None]:
    """Run every app while the block runs; their logs go to `folder`. Raises NotStartedError.

    `behind_douane` says which URL clients know: an app that signs people in issues its tokens for that one.
    """
    public = places.front_url("crm") if behind_douane else places.own_url("crm")
    extra = {"crm": ["--public-url", public, "--issuer-port", str(places.issuer)]}
    listening = {"crm": [places.app["crm"], places.issuer]}
    with contextlib.ExitStack() as stack:
        started = []
        for app in APPS:  # side by side: each takes a second or more to import the SDK
            command = python("-m", f"douane.demo.{app}", "--port", str(places.app[app]), *extra.get(app, []))
            log = folder / f"{app}.log"
            process = stack.enter_context(running(command, [], log, wait=False))
            started.append((process, listening.get(app, [places.app[app]]), log, f"the {app} app"))
        for process, ports, log, name in started:
            wait_until_listening(process, ports, log, name, START_S)
        yield
