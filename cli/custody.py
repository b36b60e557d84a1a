"""The master key, the seal and the anchors: where every command gets them from."""

import atexit
import getpass
import os
import sys
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import typer

from douane.cli.exits import Exit, complain
from douane.ledger import keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from douane.cli.config import Config
    from douane.cli.config_keys import Storage
    from douane.ledger.sealing import Anchors, Sealer

PASSPHRASE_FILE: Final = "DOUANE_PASSPHRASE_FILE"  # noqa: S105 - the name of a variable
PASSPHRASE_FD: Final = "DOUANE_PASSPHRASE_FD"  # noqa: S105 - likewise
_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class Custody:
    """What writes to a ledger, and what its pseudonyms and its spool were made with."""

    master: keys.Master = field(repr=False)
    sealer: "Sealer"
    anchors: "Anchors | None" = None


def key_file(storage: "Storage") -> Path:
    """Where the master key's file lies; its folder holds the anchors even where the key is in the keyring."""
    return storage.key_file or keys.key_path()


def anchor_folder(settings: "Config") -> Path:
    """Where the anchors are kept: beside the master key unless the configuration names another folder."""
    from douane.ledger.anchors import FOLDER

    return settings.trust.anchor_folder or key_file(settings.storage).parent / FOLDER


def where(storage: "Storage") -> str:
    """The place of the key in words, for messages."""
    return "the system's keyring" if storage.key_store == "keyring" else str(key_file(storage))


def master_of(storage: "Storage", *, create: bool = False, ask: keys.Ask | None = None) -> keys.Master:
    """The master key from the file or the keyring, made first where `create` allows it.

    `ask` gives the passphrase of a locked file, `passphrase` by default. Raises `KeyRefused`, which names the place and
    the remedy.
    """
    if storage.key_store == "keyring":
        return in_keyring(create=create)
    path = key_file(storage)
    if storage.ledger.is_absolute():
        keys.check_place(path, storage.ledger.parent, storage.key_in_folder)
    obtain = keys.load_or_create if create else keys.load
    return obtain(path, data_folder=storage.folder, allow_inside=storage.key_in_folder, ask=ask or passphrase)


def fitting(storage: "Storage", spool: Path | None = None, *, create: bool = False) -> keys.Master:
    """The master key that this ledger and this spool were made with; `create` makes one where neither is there yet.

    Raises `KeyRefused` for another one as well: it would fit nothing that is there.
    """
    from douane.ledger.custody import fits

    waiting = spool or storage.ledger.with_name("no-spool")
    master = master_of(storage, create=create and not (storage.ledger.exists() or waiting.exists()))
    if not fits(master, storage.ledger, waiting):
        raise keys.KeyRefused(
            f"{where(storage)}: not the key that {storage.ledger} was made with; name that one with DOUANE_KEY_FILE or "
            "storage.key_file, or another ledger with --data or --ledger"
        )
    return master


def in_keyring(*, create: bool = False) -> keys.Master:
    """The master key in the system's keyring; raises `KeyRefused`."""
    from douane.ledger import keyring_

    try:
        text = keyring_.read()
        if text is None and create:
            keyring_.write(keys.encode(keys.new_master()))
            text = keyring_.read()
    except keyring_.NoKeyring as error:
        raise keys.KeyRefused(f"{error}") from None
    if text is None:
        raise keys.KeyRefused(
            "the keyring holds no key of Douane; unlock the one with which the ledger was made, or set "
            "storage.key_store to file"
        )
    return keys.decode(text)


def kept(storage: "Storage", master: bytes, *, secret: str = "") -> None:
    """Put the master key where it belongs in place of what is there; `secret` is the passphrase of a locked file.

    Raises `KeyRefused`.
    """
    from douane.ledger import keyring_

    if storage.key_store == "file":
        keys.save(key_file(storage), master, passphrase=secret)
        return
    try:
        keyring_.write(keys.encode(master))
    except keyring_.NoKeyring as error:
        raise keys.KeyRefused(f"{error}") from None


def passphrase(path: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The passphrase of a locked key file: from the file or the descriptor that is named, else asked at the terminal.

    Raises `KeyRefused`.
    """
    if named := environ.get(PASSPHRASE_FILE, ""):
        return _first_line(Path(named).expanduser(), PASSPHRASE_FILE)
    if number := environ.get(PASSPHRASE_FD, ""):
        if not number.isdecimal():
            raise keys.KeyRefused(f"{PASSPHRASE_FD} is not the number of a file descriptor")
        return _first_line(int(number), PASSPHRASE_FD)
    if sys.stdin is None or not sys.stdin.isatty():
        raise keys.KeyRefused(f"is locked with a passphrase; give it with {PASSPHRASE_FILE}")
    return getpass.getpass(f"Passphrase of {path}: ")


def custody(settings: "Config", *, create: bool = False) -> Custody:
    """What every command that writes to the ledger needs. Raises `KeyRefused`."""
    return custody_with(settings, master_of(settings.storage, create=create))


def custody_with(settings: "Config", master: keys.Master) -> Custody:
    """What writes to the ledger with this master key."""
    from douane.ledger.anchors import FileAnchors
    from douane.ledger.sealing import Sealer

    anchors = FileAnchors(anchor_folder(settings), syslog=settings.trust.syslog)
    atexit.register(anchors.close)  # a command may end within the second for which the last standing is held back
    return Custody(master, Sealer(master), anchors)


def custody_or_exit(settings: "Config", *, create: bool = False) -> Custody:
    """As `custody`; complains and exits with 3 where the key cannot be had."""
    with or_exit():
        return custody(settings, create=create)


@contextmanager
def or_exit() -> "Iterator[None]":
    """Complain of a key that cannot be had, and exit with 3."""
    try:
        yield
    except keys.KeyRefused as error:
        complain(f"{error}.")
        raise typer.Exit(Exit.CANNOT_START) from None


def give_up(text: str) -> NoReturn:
    """Complain and leave with the exit code for wrong use or input."""
    complain(text)
    raise typer.Exit(Exit.USAGE)


def _first_line(source: Path | int, name: str) -> str:
    try:
        with open(source, "rb", closefd=isinstance(source, Path)) as file:
            if isinstance(source, Path):
                keys.check_private(file.fileno(), source)
            elif keys.is_open_to_others(source):
                raise keys.KeyRefused(
                    f"is locked with a passphrase, and others can read or write the file behind {name}; take their "
                    "rights away with chmod 600"
                )
            text = file.readline(_LONGEST).rstrip(b"\r\n").decode("utf-8", "surrogateescape")
    except OSError as error:
        raise keys.KeyRefused(f"is locked with a passphrase, and {name} cannot be read: {error.strerror}") from None
    if not text:
        raise keys.KeyRefused(f"is locked with a passphrase, and {name} gives none")
    return text
