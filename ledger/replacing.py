"""Putting a text in a file's place, whole or not at all."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path


def replace(path: Path, text: str) -> None:
    """Write a text to a file in one step: who reads it sees the old one or the new one. The file keeps its mode.

    A link is followed. Raises `OSError`; the file is as it was then.
    """
    path = path.resolve()
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        mode = 0o644
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(mode)
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
