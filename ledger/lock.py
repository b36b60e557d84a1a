"""Exclusive locks between processes, for what only one may do at a time."""

import errno
import fcntl
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody else holds the lock: its process id and what it said it was, where known."""

    path: Path
    pid: int | None
    what: str


class Lock:
    """A lock that this process holds until `release`, the end of a `with`, or its own end, however it comes."""

    __slots__ = ("_fd", "path")

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self._fd: int | None = fd

    def release(self) -> None:
        """Give the lock back; a second call does nothing. The file stays: taking it away would let two hold it."""
        fd, self._fd = self._fd, None
        if fd is not None:
            with suppress(OSError):
                os.ftruncate(fd, 0)
            os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


def hold(path: Path, what: str = "") -> Lock | Held:
    """Take the lock at `path` without waiting, or say who holds it.

    `what` is what others are told (`inspector`, `proxy`). The lock is the kernel's (flock), so it ends with its
    holder and no stale file can block. The file has mode 0600. Raises `OSError` when it cannot be opened at all.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        try:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            return _holder(path, os.pread(fd, 4096, 0))
        finally:
            os.close(fd)
    with suppress(OSError):  # on a full disk the lock is held all the same; only who holds it stays unsaid
        os.ftruncate(fd, 0)
        os.pwrite(fd, json.dumps({"pid": os.getpid(), "what": what}).encode("ascii"), 0)
    return Lock(path, fd)


def _holder(path: Path, text: bytes) -> Held:
    try:
        said = json.loads(text)
    except ValueError:
        said = None  # the holder has the lock and has not yet written who it is
    if not isinstance(said, dict):
        return Held(path, None, "")
    pid, what = said.get("pid"), said.get("what")
    return Held(path, pid if isinstance(pid, int) else None, what if isinstance(what, str) else "")
