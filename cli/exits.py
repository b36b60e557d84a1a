"""Exit codes, the one way to complain, and standard streams that may be closed, full or broken off.

Python has None for a standard stream that was closed when the program started.
"""

import contextlib
import os
import sys
import unicodedata
from collections.abc import Iterator
from enum import IntEnum
from typing import BinaryIO

import typer


class Exit(IntEnum):
    """Exit codes of every command, as `douane --help` lists them."""

    OK = 0
    PARTLY = 1
    FINDINGS = 1  # of `check`: it was done, and something is to be mended
    ALTERED = 1  # of `verify`: the ledger is not as it was written
    USAGE = 2
    UNREADABLE = 2  # of `verify`: the file, an anchor or the key cannot be read
    NOT_JUDGED = 2  # of `check`: no ledger, traffic or declaration, or nothing could be read
    CANNOT_START = 3
    INTERRUPTED = 130


def complain(text: str) -> None:
    """Print what was wrong, where, and what to do, on standard error; nothing where that is closed or full."""
    if sys.stderr is None:
        return
    colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    _print("\x1b[31mdouane:\x1b[0m " if colour else "douane: ", text)


def tell(text: str) -> None:
    """Print a line on standard error; nothing where that is closed or full."""
    _print("", text)


def _print(mark: str, text: str) -> None:
    """What a text holds of others (a file's name) is made harmless: nothing of it is obeyed by a terminal."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"{mark}{''.join(map(_harmless, text))}\n")
            sys.stderr.flush()


def _harmless(char: str) -> str:
    return char if char in "\n\t" or unicodedata.category(char)[0] != "C" else "\ufffd"


def standard_input() -> BinaryIO:
    """Standard input as bytes; complains when it is closed."""
    if sys.stdin is None:
        complain("Standard input is closed. Give a file, or something to read.")
        raise typer.Exit(Exit.PARTLY)
    return sys.stdin.buffer


@contextlib.contextmanager
def standard_output() -> Iterator[BinaryIO]:
    """Standard output as bytes, for a block that writes to it and flushes; complains when it is closed or full.

    A reader that went away (`| head`) ends the command without a word. What the block does besides must raise no
    OSError of its own.
    """
    if sys.stdout is None:
        complain("Standard output is closed. Nothing was written.")
        raise typer.Exit(Exit.PARTLY)
    try:
        yield sys.stdout.buffer
        sys.stdout.flush()
    except OSError as error:
        _drop_what_is_left()
        if not isinstance(error, BrokenPipeError):
            complain(f"Standard output: {error.strerror}. It does not hold everything.")
        raise typer.Exit(Exit.PARTLY) from None


def _drop_what_is_left() -> None:
    """Let the flush at the end of the process succeed: what it holds has nowhere to go."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
