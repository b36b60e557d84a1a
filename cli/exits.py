"""Exit codes, and the one way to complain."""

import os
import sys
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command, as `douane --help` lists them."""

    OK = 0
    PARTLY = 1
    USAGE = 2
    CANNOT_START = 3
    INTERRUPTED = 130


def complain(text: str) -> None:
    """Print what was wrong, where, and what to do, on standard error."""
    colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    mark = "\x1b[31mdouane:\x1b[0m" if colour else "douane:"
    sys.stderr.write(f"{mark} {text}\n")
