"""A command in a test: typed in a folder that has a key file of its own, in this process or in one of its own.

Here a command takes no two seconds to start. Where the process is what is tested (its streams, its end, what it loads),
`command` and `surroundings` are for a real one.
"""

import os
import sys
from contextlib import chdir
from pathlib import Path
from subprocess import CompletedProcess

from looking import COPY
from typer.testing import CliRunner

from douane.cli.main import app


def command(*arguments: str) -> list[str]:
    """A command line for a process of its own."""
    return [sys.executable, "-m", "douane.cli.main", *arguments]


def key_file(folder: Path) -> dict[str, str]:
    """Where a folder's commands keep the key."""
    return {"DOUANE_KEY_FILE": str(folder / "key" / "master.key")}


def surroundings(folder: Path) -> dict[str, str]:
    """What a process of its own runs with."""
    return {**os.environ, **key_file(folder)}


def douane(folder: Path, *arguments: str, given: str = "") -> CompletedProcess[str]:
    """What a command did in a folder; the word that its ledger is a copied one is left out. A bug is raised."""
    with chdir(folder):
        done = CliRunner().invoke(app, arguments, input=given, env=key_file(folder))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return CompletedProcess(list(arguments), done.exit_code, done.stdout, done.stderr.replace(COPY, ""))
