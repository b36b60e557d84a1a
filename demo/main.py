"""`make demo`: four sample apps behind Douane, ChatGPT-shaped conversations, live rows, a report, and what it says.

Everything runs on this machine's loopback interface and lives in one folder, `.demo/`, made anew each time.
"""

import argparse
import contextlib
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from importlib.resources import as_file, files
from pathlib import Path

import anyio
from ruamel.yaml import YAML

from douane.demo.apps import APPS, START_S, Places, sample_apps
from douane.demo.client import play
from douane.demo.found import compare, expected, in_words
from douane.demo.processes import NotStartedError, poll, python, started, wait_until_listening
from douane.demo.ruled import expected_findings, findings, held_against
from douane.demo.ruled import in_words as rule_lines
from douane.demo.transcripts import Transcript, transcripts
from douane.reports.summary import summarise

FOLDER = Path(".demo")
MARK = "made by the Douane demo"
DRAIN_S = 45
PACE_S = 0.4
SHOW_S = 1  # the last rows are on their way from the inspector to the screen


def fresh(folder: Path) -> Path:
    """An empty folder. One that the demo made before is emptied; any other that is in use is left alone.

    Raises FileExistsError.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise FileExistsError(f"{folder} holds something that the demo did not make; move it away first")
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / MARK).touch()
    return folder.resolve()


def write_config(folder: Path, places: Places) -> Path:
    """Write the demo's config.yaml, and the declarations beside it, to `folder`; gives the file's path."""
    for app in APPS:
        with as_file(files("douane.demo") / "data" / f"{app}.yaml") as declaration:
            shutil.copy(declaration, folder / f"{app}.yaml")
    signs_in = {"crm": {"oauth": "public_url", "public_url": places.front_url("crm")}}
    config = {
        "storage": {"folder": str(folder / "data"), "key_file": str(folder / "key" / "master.key")},
        "apps": [
            {
                "name": app,
                "upstream": places.own_url(app),
                "port": places.front[app],
                "declaration": str(folder / f"{app}.yaml"),
                **signs_in.get(app, {}),
            }
            for app in APPS
        ],
    }
    path = folder / "config.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(config, file)
    return path


@contextlib.contextmanager
def douane(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`douane run` while the block runs. Its rows go straight to this terminal; it is ended by SIGINT, as by Ctrl-C."""
    command = python("-m", "douane.cli.main", "run", "--config", str(config), "--log-format", "plain")
    with started(command) as process:
        yield process
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)


def say(words: str = "") -> None:
    """Print a line at once, between the rows that `douane run` prints."""
    print(words, flush=True)


async def converse(played: tuple[Transcript, ...], places: Places) -> None:
    """Play every transcript at the same time, through Douane."""
    async with anyio.create_task_group() as group:
        for transcript in played:
            group.start_soon(play, transcript, places.front_url(transcript.app), PACE_S)


def demo() -> int:
    """Run the demo. Exit code 0 when everything that was planted was found, 1 when not."""
    began = time.monotonic()
    folder = fresh(FOLDER)
    places, played = Places.free(), transcripts()
    config = write_config(folder, places)
    people = sum(len(transcript.users) for transcript in played)
    say(f"Starting four sample apps and Douane in front of them ({folder}) …")
    with douane(config) as post, sample_apps(folder, places, behind_douane=True):
        wait_until_listening(post, list(places.front.values()), None, "douane run", START_S)
        say("Loading the detectors, so that rows appear as people talk …")
        inspecting(folder / "data")
        say(f"{people} people talk to the apps, in the shapes that ChatGPT uses:\n")
        anyio.run(converse, played, places)
        if not drained(folder / "data"):
            say(f"After {DRAIN_S} s there are still messages that wait to be inspected; what follows lacks them.")
    say()
    written = ["report", "--config", str(config), "--format", "html", "-o", str(folder / "report.html")]
    subprocess.run(python("-m", "douane.cli.main", *written), check=True, stdout=subprocess.DEVNULL)
    with contextlib.closing(sqlite3.connect(f"file:{folder / 'data' / 'douane.db'}?mode=ro", uri=True)) as db:
        found = compare(summarise(db), expected())
        rules = held_against(findings(db, APPS), expected_findings())
    say(f"Done in {time.monotonic() - began:.0f} s. What was found:\n")
    for line in in_words(found):
        say(line)
    say("\nWhat the rules of the platform, of MCP and of the GDPR find (douane check tells more):\n")
    for line in rule_lines(rules, APPS):
        say(line)
    return 1 if found.missed or rules.missed else 0


def inspecting(data: Path) -> bool:
    """Wait until the inspector has loaded its models and begun; False when that took longer than START_S."""

    def begun() -> bool:
        try:
            with contextlib.closing(sqlite3.connect(f"file:{data / 'douane.db'}?mode=ro", uri=True)) as ledger:
                return bool(ledger.execute("SELECT count(*) FROM runs WHERE ended_at IS NULL").fetchone()[0])
        except sqlite3.Error:
            return False

    return poll(begun, START_S, every=0.1)


def drained(data: Path) -> bool:
    """Wait until nothing that crossed waits to be inspected; False when that took longer than DRAIN_S."""

    def empty() -> bool:
        with contextlib.closing(sqlite3.connect(f"file:{data / 'spool.db'}?mode=ro", uri=True)) as spool:
            return bool(spool.execute("SELECT count(*) = 0 FROM records").fetchone()[0])

    done = poll(empty, DRAIN_S, every=0.1)
    time.sleep(SHOW_S)
    return done


def interrupted(_number: int, _frame: object) -> None:
    """SIGTERM ends the demo as Ctrl-C does: through every `finally`."""
    raise KeyboardInterrupt


def main(argv: Sequence[str] | None = None) -> int:
    """The program: the exit code is the demo's, 2 when it could not start, 130 when it was interrupted."""
    argparse.ArgumentParser(
        "python -m douane.demo",
        description="Four sample apps behind Douane, conversations of fictitious people with them, live rows, and a "
        f"report, on this machine's loopback interface alone. It writes to {FOLDER} here.",
    ).parse_args(argv)
    signal.signal(signal.SIGTERM, interrupted)
    try:
        return demo()
    except (NotStartedError, FileExistsError) as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        say("\nInterrupted. Nothing is left running.")
        return 130
