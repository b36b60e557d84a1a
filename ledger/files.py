"""Files that only their owner may read, and the words for what went wrong with one."""

import os
from contextlib import suppress
from pathlib import Path


def touch_private(path: Path) -> None:
    """Make the file with mode 0600 if it is missing, else take others' rights away. SQLite's side files inherit it.

    A missing folder is made with mode 0700. Raises `OSError`.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        for side in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{path}{side}").chmod(0o600)


def no_file(path: Path) -> str:
    """Return why a path cannot be read as a ledger's file, in words that go behind its name."""
    if path.is_dir():
        return "is a folder; name the ledger's file, such as douane.db or the ledger.db of an export"
    return "is no regular file; save it as one" if path.exists() else "there is no such file"


def no_ledger(error: Exception) -> str:
    """Return what to say of a file that SQLite does not read, in words that go behind its name."""
    name = error_name(error)
    if name != "SQLITE_NOTADB":
        return f"cannot be read as a ledger ({name})"
    return "is no ledger (SQLITE_NOTADB); name the ledger's file, a copy of it, or the ledger.db of an unpacked export"


def error_name(error: Exception) -> str:
    """Return SQLite's or the system's name for an error: never its text, which may quote what was written."""
    name = getattr(error, "sqlite_errorname", None) or getattr(error, "strerror", None)
    return str(name or type(error).__name__)
