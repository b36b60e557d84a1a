"""The three sample apps, running: each in its own process on a free loopback port."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from douane.demo.processes import HOST, free_ports, python, running, wait_until_listening

APPS: tuple[str, ...] = ("travel", "rendezvous", "crm")


@contextlib.contextmanager
def sample_apps(folder: Path, public_urls: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Run every app while the block runs; gives each app's own MCP URL. Their logs go to `folder`.

    `public_urls` says under which URL clients reach an app that signs people in (its tokens are for that URL); an app
    that is not in it is reached directly. Raises NotStartedError.
    """
    ports = dict(zip((*APPS, "issuer"), free_ports(len(APPS) + 1), strict=True))
    urls = {app: f"http://{HOST}:{ports[app]}/mcp" for app in APPS}
    extra = {"crm": ["--public-url", public_urls.get("crm", urls["crm"]), "--issuer-port", str(ports["issuer"])]}
    listening = {"crm": [ports["crm"], ports["issuer"]]}
    with contextlib.ExitStack() as stack:
        started = []
        for app in APPS:  # side by side: each takes a second or more to import the SDK
            command = python("-m", f"douane.demo.{app}", "--port", str(ports[app]), *extra.get(app, []))
            log = folder / f"{app}.log"
            process = stack.enter_context(running(command, [], log, wait=False))
            started.append((process, listening.get(app, [ports[app]]), log, f"the {app} app"))
        for process, expected, log, name in started:
            wait_until_listening(process, expected, log, name, 30)
        yield urls
