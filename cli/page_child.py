"""The page as a process of `douane run`: options and the master key on standard input, events on standard output.

It ends when its standard input does. Exit codes: 0 ended as asked, 3 could not start.
"""

import json
import logging
import os
import sys
import threading

from pydantic import ValidationError

from douane.cli.custody import custody_with
from douane.cli.exits import Exit
from douane.cli.page_options import CannotServe, PageOptions
from douane.cli.serving import serve_page
from douane.inspector.bugs import tell_bugs_without_values
from douane.ledger import keys

_lock = threading.Lock()


def emit(event: str, **said: str) -> None:
    """Tell the parent; a parent that is gone hears nothing."""
    try:
        with _lock:
            sys.stdout.write(json.dumps({"event": event, **said}) + "\n")
            sys.stdout.flush()
    except (OSError, ValueError):
        return


def main() -> int:
    """Read the options, serve until the parent's pipe closes; returns the exit status."""
    tell_bugs_without_values()
    logging.lastResort = None
    try:
        options = PageOptions.model_validate_json(sys.stdin.readline())
        master = keys.decode(sys.stdin.readline())
    except (ValidationError, keys.KeyRefused) as error:
        emit("failed", detail=f"page settings: {type(error).__name__}")
        return Exit.CANNOT_START
    os.umask(0o077)
    ended = threading.Event()
    threading.Thread(target=_until_the_end_of_input, args=(ended,), daemon=True, name="parent").start()
    try:
        serve_page(
            options,
            custody_with(options.config, master),
            lambda line: emit("page-says", text=line),
            lambda address: emit("page", address=address),
            ended,
        )
    except CannotServe as error:
        emit("failed", detail=str(error))
        return Exit.CANNOT_START
    return Exit.OK


def _until_the_end_of_input(ended: threading.Event) -> None:
    while sys.stdin.readline():
        pass
    ended.set()


if __name__ == "__main__":
    sys.exit(main())
