"""Bytes of a ledger's file beside SQLite: read through a descriptor that this process has on it already.

POSIX takes away every lock that a process has on a file when it closes any descriptor of it, those of SQLite too:
another process could then write its journal into the file under a snapshot that is being read.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_PIECE: Final = 2**20
_OWN: Final = Path("/dev/fd")
"""Where Linux and macOS list a process's descriptors; where there is no such folder, closing a file unlocks nothing."""


def peek(path: Path, size: int, at: int = 0) -> bytes:
    """Return up to `size` bytes from `at` on; opens nothing while this process has the file open. Raises `OSError`."""
    wanted = path.stat()
    for number in _descriptors():
        with suppress(OSError):  # closed meanwhile, or not to be read from
            if os.path.samestat(os.fstat(number), wanted):
                found = os.pread(number, size, at)
                if os.path.samestat(os.fstat(number), wanted):
                    return found
    with path.open("rb") as file:  # nobody here has it open, so there is no lock to lose
        file.seek(at)
        return file.read(size)


def digest(path: Path) -> str:
    """Return a file's SHA-256 in hex, read as `peek` does. Raises `OSError`."""
    found, at = hashlib.sha256(), 0
    while piece := peek(path, _PIECE, at):
        found.update(piece)
        at += len(piece)
    return found.hexdigest()


def _descriptors() -> Iterator[int]:
    with suppress(OSError):
        yield from [int(one.name) for one in _OWN.iterdir()]
