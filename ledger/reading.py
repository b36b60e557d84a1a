"""Reading a file that a person named: a regular one, and no more of it than a limit."""

import errno
import os
import stat
from pathlib import Path

MOST = 64 * 1024 * 1024
"""Octets of a file of text that are read at most: more than any list of tools or identifiers has."""


def text_of(path: Path, most: int = MOST, encoding: str = "utf-8") -> str:
    """Return the text of a regular file of at most `most` octets.

    Raises `OSError` for a folder, a device, a pipe and the like, which are not waited for, and for a longer file;
    `UnicodeDecodeError` for other text.
    """
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe that nobody writes to must not block
    with os.fdopen(fd, "rb") as file:
        mode = os.fstat(fd).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "not a regular file; save it as one", str(path))
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"larger than {most} octets", str(path))
    return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
