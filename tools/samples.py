"""Makes docs/samples from the demo's conversations: `python tools/samples.py`.

The demo's people talk to its sample apps through mitmdump; what crossed gets fixed times and the hosts of the example
domain, and `douane replay` takes it into a ledger of its own. So the samples are what the program makes, and two runs
differ in nothing but ids that are random.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import anyio
from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader, FlowWriter
from ruamel.yaml import YAML

from douane.cli.documents import declared, verified
from douane.cli.report import opened
from douane.demo.apps import APPS, START_S, Places, sample_apps
from douane.demo.client import play
from douane.demo.processes import HOST, python, running, wait_until_listening
from douane.demo.transcripts import transcripts
from douane.reports.i18n import LANGS
from douane.reports.kinds import kinds
from douane.reports.kinds.gathered import About, gathered
from douane.reports.people import Under

SAMPLES: Final = Path(__file__).parent.parent / "docs" / "samples"
FIRST: Final = datetime(2026, 11, 19, 8, 30, tzinfo=UTC)
MADE: Final = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
STEP_S: Final = 1_543.0
"""Seconds from one exchange to the next."""
THEN: Final = """
import sys, time
behind, real = time.time() - float(sys.argv.pop(1)), time.time
time.time = lambda: real() - behind
from douane.cli.main import app
app()
"""
"""The command line at another time: when an app was first and last seen is part of the samples, too."""


def host(app: str) -> str:
    """The host under which a sample app stands in the samples."""
    return f"{app}.example.org"


@contextmanager
def recorder(places: Places, flows: Path, folder: Path) -> Iterator[None]:
    """mitmdump in front of every app while the block runs; what crosses goes to `flows`."""
    modes = [f"--mode=reverse:http://{HOST}:{places.app[app]}@{HOST}:{places.front[app]}" for app in APPS]
    settings = ["--set=keep_host_header=true", "--set=connection_strategy=lazy", f"--set=confdir={folder / 'mitm'}"]
    command = [str(Path(sys.executable).parent / "mitmdump"), "-q", *modes, *settings, "-w", str(flows)]
    log = folder / "mitmdump.log"
    with running(command, [], log, wait=False) as process:
        wait_until_listening(process, list(places.front.values()), log, "mitmdump", START_S)
        yield


async def converse(places: Places) -> None:
    """One person after the other, so that what crosses has an order."""
    for transcript in transcripts():
        for person in transcript.users:
            alone = transcript.model_copy(update={"users": (person,)})
            await play(alone, places.front_url(transcript.app))


def recorded(folder: Path) -> Path:
    """What crosses when the demo's people talk to its apps, as mitmproxy's flows."""
    flows, places = folder / "as-recorded.mitm", Places.free()
    with recorder(places, flows, folder), sample_apps(folder, places, behind_douane=True):
        anyio.run(converse, places)
    return retold(flows, folder / "flows.mitm", {places.app[app]: app for app in APPS})


def retold(flows: Path, target: Path, apps: dict[int, str]) -> Path:
    """The flows in their order at fixed times, each at the host of its app (`apps` by port)."""
    with flows.open("rb") as read:
        found = [flow for flow in FlowReader(read).stream() if isinstance(flow, HTTPFlow)]
    with target.open("wb") as out:
        writer: Any = FlowWriter(out)  # type: ignore[no-untyped-call]  # mitmproxy has no types here
        for number, flow in enumerate(sorted(found, key=lambda flow: flow.request.timestamp_start)):
            app = apps.get(flow.request.port)
            if app is None or flow.response is None:
                continue
            begun = FIRST.timestamp() + number * STEP_S
            answered = begun + 0.03 + (number * 37 % 180) / 1000
            flow.request.host, flow.request.port, flow.request.scheme = host(app), 443, "https"
            flow.request.headers["host"] = host(app)
            flow.request.timestamp_start, flow.request.timestamp_end = begun, begun + 0.002
            flow.response.timestamp_start, flow.response.timestamp_end = answered, answered + 0.001
            writer.add(flow)
    return target


def configured(folder: Path) -> Path:
    """A configuration with the sample apps and what they declare."""
    apps = []
    for app in APPS:
        with as_file(files("douane.demo") / "data" / f"{app}.yaml") as declaration:
            (folder / f"{app}.yaml").write_bytes(declaration.read_bytes())
        apps.append({"name": app, "upstream": f"https://{host(app)}/mcp", "declaration": f"{app}.yaml"})
    path = folder / "config.yaml"
    storage = {"folder": str(folder / "data"), "key_file": str(folder / "key" / "master.key")}
    with path.open("w", encoding="utf-8") as file:
        YAML().dump({"storage": storage, "apps": apps}, file)
    return path


def main() -> None:
    """Write the samples."""
    with TemporaryDirectory(prefix="douane-samples-") as name, ExitStack() as stack:
        folder = Path(name)
        flows, config = recorded(folder), configured(folder)
        command = python("-c", THEN, f"{FIRST.timestamp() - 60}", "replay", str(flows), "--config", str(config))
        subprocess.run(command, check=True, cwd=folder)
        ledger = folder / "data" / "douane.db"
        seal, declarations = verified(ledger, config), declared(config)
        db = stack.enter_context(closing(opened(ledger)))
        SAMPLES.mkdir(exist_ok=True)
        for lang in LANGS:
            one = gathered(db, About(), lang, seal=seal, under=Under(), declarations=declarations, now=MADE)
            for form in ("pdf", "html"):
                (SAMPLES / f"audit.{lang}.{form}").write_bytes(kinds()["audit"].make(one, form))
            pictured(SAMPLES / f"audit.{lang}.pdf", SAMPLES.parent / "images" / f"audit.{lang}")


def pictured(pdf: Path, target: Path) -> None:
    """The page of who gets what as a picture, for the READMEs; needs poppler's pdftoppm."""
    page = ["-f", "3", "-l", "3", "-singlefile", "-r", "80", "-png"]
    subprocess.run(["pdftoppm", *page, str(pdf), str(target)], check=True)


if __name__ == "__main__":
    main()
