"""The master key: where it lies, how it is made and read, and the keys that are derived from it."""

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from platformdirs import user_config_dir

KEY_BYTES = 32
KEY_FILE = "master.key"
_INFO = b"douane/1"


class KeyRefused(Exception):  # noqa: N818 - it says what happened
    """The key file cannot be used. The message names the file, what is wrong with it and what to do; never a key."""


def key_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the master key lies: `DOUANE_KEY_FILE`, else `master.key` in the user's configuration folder."""
    named = environ.get("DOUANE_KEY_FILE", "")
    return Path(named).expanduser() if named else Path(user_config_dir("douane")) / KEY_FILE


def new_master() -> bytes:
    """Return 32 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def encode(master: bytes) -> str:
    """Return the key as base64 text without a line end, as the key file and the pipes between processes carry it."""
    return base64.b64encode(master).decode("ascii")


def decode(text: str | bytes) -> bytes:
    """Return the key that `encode` wrote, white space around it ignored; raises `KeyRefused` for anything else."""
    try:
        master = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        master = b""
    if len(master) != KEY_BYTES:
        raise KeyRefused("a master key is 32 bytes in base64 (44 characters on one line); this is something else")
    return master


def load(path: Path, *, data_folder: Path | None = None, allow_inside: bool = False) -> bytes:
    """Return the master key in `path`.

    Raises `KeyRefused` when the file is missing, not a regular file, readable or writable by anyone but its owner,
    owned by somebody else, not a key, or inside `data_folder` (a copy of the data would carry its key along) unless
    `allow_inside`.
    """
    _check_place(path, data_folder, allow_inside)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a FIFO must not block
    except FileNotFoundError:
        raise KeyRefused(
            f"{path}: there is no key file here; put back the key that the ledger was made with, name it with "
            "DOUANE_KEY_FILE or storage.key_file, or name another folder (--data, storage.folder) for a new ledger"
        ) from None
    except OSError as error:
        raise KeyRefused(f"{path}: cannot be opened: {error.strerror}") from None
    try:
        state = os.fstat(fd)
        if not stat.S_ISREG(state.st_mode):
            raise KeyRefused(f"{path}: is not a regular file")
        if stat.S_IMODE(state.st_mode) & 0o077:
            raise KeyRefused(f"{path}: others can read or write it; run: chmod 600 {path}")
        if state.st_uid != os.geteuid() and os.geteuid() != 0:
            raise KeyRefused(f"{path}: belongs to another user")
        text = os.read(fd, 4096)
    finally:
        os.close(fd)
    try:
        return decode(text)
    except KeyRefused as error:
        raise KeyRefused(f"{path}: {error}") from None


def load_or_create(path: Path, *, data_folder: Path | None = None, allow_inside: bool = False) -> bytes:
    """Return the master key in `path`, made first if the file does not exist; raises as `load` does.

    The file appears whole or not at all, with mode 0600; of two processes that make it at once, one wins and both
    return the winner's key.
    """
    _check_place(path, data_folder, allow_inside)
    if not path.exists():
        try:
            _create(path)
        except OSError as error:
            raise KeyRefused(f"{path}: cannot be made: {error.strerror}") from None
    return load(path, data_folder=data_folder, allow_inside=allow_inside)


def derive(master: bytes, *labels: str, length: int = 32) -> bytes:
    """Return the key of `length` bytes (1 to 8160) that belongs to these labels: HKDF-SHA-256 (RFC 5869), no salt.

    The info is `douane/1`, then each label as a four-byte big-endian length and its UTF-8 bytes, so that no two label
    lists make the same info.
    """
    info = bytearray(_INFO)
    for label in labels:
        encoded = label.encode("utf-8", "surrogatepass")
        info += len(encoded).to_bytes(4, "big") + encoded
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=bytes(info)).derive(master)


def _check_place(path: Path, data_folder: Path | None, allow_inside: bool) -> None:
    if data_folder is None or allow_inside:
        return
    if path.resolve().is_relative_to(data_folder.resolve()):
        raise KeyRefused(
            f"{path}: lies inside the data folder {data_folder}, so a copy of the data would carry its key; "
            "move it and name it with DOUANE_KEY_FILE"
        )


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(encode(new_master()).encode("ascii") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)  # unlike a rename, a link never replaces a key that another process has just made
    finally:
        draft.unlink()
