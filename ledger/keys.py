"""The master key: where it lies, how it is made, read, locked and renewed, and the keys that are derived from it."""

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from platformdirs import user_config_dir

from douane.ledger.passphrase import LockRefused, is_locked, lock, unlock

KEY_BYTES = 32
KEY_FILE = "master.key"
_INFO = b"douane/1"
_LONGEST = 65_536

type Ask = Callable[[Path], str]
"""Gives the passphrase of a locked key file, or raises `KeyRefused`."""


class KeyRefused(Exception):  # noqa: N818 - it says what happened
    """The key file cannot be used. The message names the file, what is wrong with it and what to do; never a key."""


class Master(bytes):
    """The master key, with those that it replaced, the newest of them first: what they made still has to open.

    It is bytes for whoever needs one key. Neither `repr` nor `str` shows it.
    """

    older: tuple[bytes, ...]

    def __new__(cls, key: bytes, older: Iterable[bytes] = ()) -> Self:
        master = super().__new__(cls, key)
        master.older = tuple(bytes(one) for one in older)
        return master

    def __repr__(self) -> str:
        return f"<master key, {len(self.older)} older>"

    __str__ = __repr__


def all_of(master: bytes) -> tuple[bytes, ...]:
    """Return the key and those that it replaced, the newest first."""
    return (master, *master.older) if isinstance(master, Master) else (master,)


def key_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the master key lies: `DOUANE_KEY_FILE`, else `master.key` in the user's configuration folder."""
    named = environ.get("DOUANE_KEY_FILE", "")
    return Path(named).expanduser() if named else Path(user_config_dir("douane")) / KEY_FILE


def new_master() -> bytes:
    """Return 32 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def renewed(master: bytes) -> Master:
    """Return a new master key that keeps the old ones."""
    return Master(new_master(), all_of(master))


def fingerprint(master: bytes) -> str:
    """Return 16 hex digits by which people tell keys apart, and from which none can be had."""
    return derive(master, "fingerprint", length=8).hex()


def encode(master: bytes) -> str:
    """Return the key and its older ones as base64 text with a space between, as the pipes between processes carry it.

    A key file has each on a line of its own, the newest first.
    """
    return " ".join(base64.b64encode(one).decode("ascii") for one in all_of(master))


def decode(text: str | bytes) -> Master:
    """Return the key that `encode` wrote, white space around it ignored; raises `KeyRefused` for anything else."""
    try:
        found = [base64.b64decode(one, validate=True) for one in text.split()]
    except (binascii.Error, ValueError):
        found = []
    if not found or any(len(one) != KEY_BYTES for one in found):
        raise KeyRefused("a master key is 32 bytes in base64 (44 characters on one line); this is something else")
    return Master(found[0], found[1:])


def load(path: Path, *, data_folder: Path | None = None, allow_inside: bool = False, ask: Ask | None = None) -> Master:
    """Return the master key in `path`; `ask` gives the passphrase of a locked one.

    Raises `KeyRefused` when the file is missing, not a regular file, readable or writable by anyone but its owner,
    owned by somebody else, not a key, locked and not opened, or inside `data_folder` (a copy of the data would carry
    its key along) unless `allow_inside`.
    """
    check_place(path, data_folder, allow_inside)
    text = _text_in(path)
    try:
        if is_locked(text):
            if ask is None:
                raise KeyRefused("is locked with a passphrase; give it with DOUANE_PASSPHRASE_FILE")
            text = unlock(text, ask(path))
        return decode(text)
    except LockRefused as error:
        raise KeyRefused(f"{path}: {error}; give its passphrase, or put a copy of the file back") from None
    except KeyRefused as error:
        raise KeyRefused(f"{path}: {error}") from None


def load_or_create(
    path: Path, *, data_folder: Path | None = None, allow_inside: bool = False, ask: Ask | None = None
) -> Master:
    """Return the master key in `path`, made first if the file does not exist; raises as `load` does.

    The file appears whole or not at all, with mode 0600; of two processes that make it at once, one wins and both
    return the winner's key.
    """
    check_place(path, data_folder, allow_inside)
    if not path.exists():
        try:
            _create(path)
        except OSError as error:
            raise KeyRefused(f"{path}: cannot be made: {error.strerror}") from None
    return load(path, data_folder=data_folder, allow_inside=allow_inside, ask=ask)


def save(path: Path, master: bytes, *, passphrase: str = "") -> None:
    """Write the key and its older ones in place of the file, as a whole or not at all, mode 0600.

    With a passphrase the file is locked. Raises `KeyRefused` if it cannot be written.
    """
    text = encode(master).replace(" ", "\n").encode("ascii") + b"\n"
    path = path.resolve()  # a link stays a link
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = _draft(path, lock(text, passphrase) if passphrase else text)
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise KeyRefused(f"{path}: cannot be written: {error.strerror}; the key is as it was") from None


def locked(path: Path) -> bool:
    """Tell whether the key file is locked with a passphrase; raises `KeyRefused` as `load` does."""
    return is_locked(_text_in(path))


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


def check_place(path: Path, data_folder: Path | None, allow_inside: bool) -> None:
    """Refuse a key inside the data folder unless that is allowed. Raises `KeyRefused`."""
    if data_folder is None or allow_inside:
        return
    if path.resolve().is_relative_to(data_folder.resolve()):
        raise KeyRefused(
            f"{path}: lies inside the data folder {data_folder}, so a copy of the data would carry its key; "
            "move it and name it with DOUANE_KEY_FILE"
        )


def _text_in(path: Path) -> bytes:
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
        check_private(fd, path)
        return os.read(fd, _LONGEST)
    finally:
        os.close(fd)


def check_private(fd: int, path: Path) -> None:
    """Raise `KeyRefused` unless the open file is a regular one of this user, or of systemd's, for its owner alone."""
    state = os.fstat(fd)
    if not stat.S_ISREG(state.st_mode):
        raise KeyRefused(f"{path}: is not a regular file")
    handed = _is_handed_over(path)
    if stat.S_IMODE(state.st_mode) & (0o337 if handed else 0o077):
        raise KeyRefused(f"{path}: others can read or write it; run: chmod 600 {path}")
    if state.st_uid not in (os.geteuid(), 0 if handed else -1) and os.geteuid() != 0:
        raise KeyRefused(f"{path}: belongs to another user")


def is_open_to_others(fd: int) -> bool:
    """Whether an open file, a regular one, is not for this user alone; false for a pipe, which no name leads to."""
    state = os.fstat(fd)
    private = not stat.S_IMODE(state.st_mode) & 0o077 and (state.st_uid == os.geteuid() or os.geteuid() == 0)
    return stat.S_ISREG(state.st_mode) and not private


def _is_handed_over(path: Path, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether systemd handed the file over (LoadCredential): it is root's then, and an access list lets the user read.

    The list's mask stands where the group's rights are (mode 0440); others cannot enter the folder.
    """
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    return bool(folder) and path.parent.resolve() == Path(folder).resolve()


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft(path, encode(new_master()).encode("ascii") + b"\n")
    try:
        with suppress(FileExistsError):
            os.link(draft, path)  # unlike a rename, a link never replaces a key that another process has just made
    finally:
        draft.unlink()


def _draft(path: Path, text: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
