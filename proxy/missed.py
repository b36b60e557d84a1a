"""What the spool could not take, counted in a small file beside it: a proxy that dies meanwhile forgets nothing.

The file has its full size from the start, so writing to it needs no room on the disk. It holds no byte of a message.
"""

import json
import os
import struct
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

type Key = tuple[str, str, str, str, str, str]
"""App, code, place, detail, direction, route of a gap."""
type Totals = Mapping[Key, list[int]]

SIZE: Final = 64 * 1024
_HEAD: Final = struct.Struct(">II")


class Missed:
    """The file at `path`, mode 0600. Raises `OSError` when it cannot be made."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            if os.fstat(self._fd).st_size < SIZE:
                os.pwrite(self._fd, bytes(SIZE - os.fstat(self._fd).st_size), os.fstat(self._fd).st_size)
            self._empty = not self.read()
        except OSError:
            self.close()
            raise

    def read(self) -> dict[Key, list[int]]:
        """What was counted and not yet written as gaps; nothing where the file does not say it whole."""
        length, checksum = _HEAD.unpack(os.pread(self._fd, _HEAD.size, 0).ljust(_HEAD.size, b"\0"))
        said = os.pread(self._fd, min(length, SIZE), _HEAD.size)
        if not length or len(said) < length or zlib.crc32(said) != checksum:
            return {}
        return {(a, b, c, d, e, f): [count, size] for (a, b, c, d, e, f), count, size in json.loads(said)}

    def keep(self, totals: Totals) -> None:
        """Write what is counted so far; what the file does not hold is left out. About 10 µs."""
        if not totals and self._empty:
            return
        self._empty = not totals
        listed = [[key, *sums] for key, sums in totals.items()]
        while len(said := json.dumps(listed).encode()) > SIZE - _HEAD.size:
            del listed[len(listed) // 2 :]
        with suppress(OSError):
            os.pwrite(self._fd, _HEAD.pack(len(said), zlib.crc32(said)) + said, 0)

    def close(self) -> None:
        """Close the file."""
        with suppress(OSError):
            os.close(self._fd)
