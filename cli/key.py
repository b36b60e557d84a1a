"""`douane key`: where the master key lies, and how it is renewed and locked. No secret is ever printed."""

import getpass
import sys
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from douane.cli.custody import (
    anchor_folder,
    custody_with,
    give_up,
    kept,
    key_file,
    master_of,
    or_exit,
    where,
)
from douane.cli.exits import Exit, complain, standard_output, tell
from douane.cli.keeping import As, about, allowed, told_as

if TYPE_CHECKING:
    from douane.cli.config import Config
    from douane.cli.config_keys import Storage
    from douane.ledger.keys import Master

app = typer.Typer(
    help="Show, renew and lock the master key. docs/keys.md says what depends on it.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="The configuration; ./config.yaml where there is one."),
]


@dataclass(frozen=True, slots=True)
class Use:
    """How a ledger uses the key: the epoch in force, those in which pseudonyms were made, and for how many apps."""

    path: Path
    fits: bool
    epoch: int = 0
    apps: int = 0
    epochs: tuple[int, ...] = ()


@app.command("show")
def show(config: ConfigFile = None, name: As = None) -> None:
    """Say where the master key lies, its fingerprint, and how the ledgers that are known here use it."""
    from douane.ledger import keys

    settings = settled(config)
    storage = settings.storage
    allowed(settings, storage.ledger, name, "key show", verb="look at the key of", reason="")
    with or_exit():
        master = master_of(storage)
        is_locked = storage.key_store == "file" and keys.locked(key_file(storage))
    newest, *older = keys.all_of(master)
    lines = [f"key: {where(storage)}", f"fingerprint: {keys.fingerprint(bytes(newest))}"]
    lines += [f"  replaced: {keys.fingerprint(bytes(one))}" for one in older]
    if storage.key_store == "file":
        lines.append(f"passphrase: {'yes' if is_locked else 'no'}")
    found = uses(settings, master)
    if not found:
        lines.append(f"ledger: {storage.ledger} (there is none yet)")
    lines += [line for use in found for line in said(use)]
    with standard_output() as out:
        out.write("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
        out.flush()


@app.command("rotate")
def rotate(
    config: ConfigFile = None,
    new_master: Annotated[
        bool,
        typer.Option("--new-master", help="Make a new master key too; the old one stays behind it in the same place."),
    ] = False,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; told in the ledger. Name no person in it.")] = "",
    name: As = None,
) -> None:
    """Begin a new epoch: pseudonyms are made with other keys from now on. Whoever was seen before is still found.

    A Douane that runs takes the epoch up within seconds. For --new-master it has to be stopped: the open segment is
    closed, and what comes next is sealed with the new key. Who did it and why stands in the ledger's chain.
    """
    from douane.cli.looking import system_user
    from douane.ledger import keys
    from douane.ledger.epochs import begin
    from douane.ledger.failed import LedgerFailed
    from douane.ledger.refused import LedgerRefused

    settings = settled(config)
    storage = settings.storage
    if not storage.ledger.exists():
        give_up(f"{storage.ledger}: there is no ledger yet, so there is nothing to renew. Start with: douane run.")
    allowed(settings, storage.ledger, name, "key rotate", verb="renew the key of", reason=reason)
    with ExitStack() as stack:
        if new_master:
            stack.enter_context(alone(storage))
        secret = Once()
        with or_exit():
            master = master_of(storage, ask=secret)
            fits_or_refused(storage, master)
        if new_master:
            with or_exit():
                master = keys.renewed(master)
                kept(storage, master, secret=secret.given)
            tell(f"New master key in {where(storage)}: {keys.fingerprint(bytes(master))}. Keep a copy of it.")
        keeping = custody_with(settings, master)
        try:
            epoch = begin(
                storage.ledger,
                keeping.sealer,
                who=told_as(system_user(), name),
                why=reason.strip(),
                master=master if new_master else b"",
                about=about(settings),
                anchors=keeping.anchors,
            )
        except (LedgerFailed, LedgerRefused) as error:
            complain(f"{error}.")
            raise typer.Exit(Exit.CANNOT_START) from None
    tell(f"Epoch {epoch} is in force in {storage.ledger}.")


@app.command("passphrase")
def passphrase(
    config: ConfigFile = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the passphrase away.")] = False,
    name: As = None,
) -> None:
    """Lock the key's file with a passphrase, or change it. It is asked for at the terminal, never given as an argument.

    A forgotten passphrase is a lost key. A service is given it with DOUANE_PASSPHRASE_FILE or DOUANE_PASSPHRASE_FD.
    """
    settings = settled(config)
    storage = settings.storage
    allowed(settings, storage.ledger, name, "key passphrase", verb="lock the key of", reason="")
    if storage.key_store != "file":
        give_up("storage.key_store: the keyring has a lock of its own. A passphrase is for a key file.")
    with or_exit():
        master = master_of(storage, create=not (remove or storage.ledger.exists()))
        kept(storage, master, secret="" if remove else chosen())
    tell(f"{key_file(storage)}: {'no passphrase any more' if remove else 'locked with the passphrase'}.")


def settled(config: Path | None) -> "Config":
    """The configuration with the ledger's whole path; complains of its faults and exits with 2."""
    from douane.cli.detection import configured

    read = configured(config)
    storage = read.storage
    whole = {"ledger": storage.folder / storage.ledger, "spool": storage.folder / storage.spool}
    return read.model_copy(update={"storage": storage.model_copy(update=whole)})


def uses(settings: "Config", master: "Master") -> list[Use]:
    """How the ledgers use the key: the configured one, and those that the anchors beside the key name."""
    import json

    paths = [settings.storage.ledger]
    for head in sorted(anchor_folder(settings).glob("*.head")):
        try:
            paths.append(Path(json.loads(head.read_text(encoding="utf-8"))["file"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return [use_of(path, master) for path in dict.fromkeys(path.resolve() for path in paths) if path.exists()]


def use_of(path: Path, master: "Master") -> Use:
    """How one ledger uses the key; complains and exits with 2 where it cannot be read."""
    from douane.cli.report import opened
    from douane.ledger.custody import fits
    from douane.ledger.epochs import in_force

    with closing(opened(path)) as db:
        epochs = tuple(number for (number,) in db.execute("SELECT DISTINCT epoch FROM keys ORDER BY epoch"))
        apps = db.execute("SELECT count(DISTINCT app_id) FROM keys").fetchone()[0]
        return Use(path, fits(master, path, path.with_name("no-spool")), in_force(db), int(apps), epochs)


def fits_or_refused(storage: "Storage", master: "Master") -> None:
    """Raise `KeyRefused` for a key that the ledger and the spool were not made with."""
    from douane.ledger.custody import fits
    from douane.ledger.keys import KeyRefused

    if not fits(master, storage.ledger, storage.spool):
        raise KeyRefused(f"{where(storage)}: not the key that {storage.ledger} was made with; name that one")


def said(use: Use) -> list[str]:
    """A ledger's use of the key in lines."""
    lines = [f"ledger: {use.path}", f"  fits: {'yes' if use.fits else 'no, it was made with another key'}"]
    if use.fits:
        made = ", ".join(map(str, use.epochs)) or "none"
        lines += [f"  epoch in force: {use.epoch}", f"  pseudonyms made in epochs: {made} (for {use.apps} app(s))"]
    return lines


def alone(storage: "Storage") -> ExitStack:
    """The locks that keep other Douanes from the data; complains and exits with 3 where one runs."""
    from douane.ledger.lock import Held, hold

    locks = ExitStack()
    inspector = storage.ledger.with_name(storage.ledger.name + ".inspector.lock")
    folders = dict.fromkeys((storage.folder, storage.ledger.parent, storage.spool.parent))
    for path in (*(folder / "douane.lock" for folder in folders), inspector):
        lock = hold(path, "douane key rotate")
        if isinstance(lock, Held):
            locks.close()
            complain(f"Douane runs with the old key (process {lock.pid}). Stop it, renew the key, start it again.")
            raise typer.Exit(Exit.CANNOT_START)
        locks.enter_context(lock)
    return locks


class Once:
    """Asks for the passphrase of a locked key file once; `given` is what it was, empty for a file without one."""

    def __init__(self) -> None:
        self.given = ""

    def __call__(self, path: Path) -> str:
        """Ask, or give what was given."""
        from douane.cli.custody import passphrase as asked

        self.given = self.given or asked(path)
        return self.given


def chosen() -> str:
    """A new passphrase, typed twice or taken from where a service's is; complains and exits with 2."""
    import os

    from douane.cli.custody import PASSPHRASE_FD, PASSPHRASE_FILE
    from douane.cli.custody import passphrase as given
    from douane.ledger.passphrase import LEAST

    if os.environ.get(PASSPHRASE_FILE) or os.environ.get(PASSPHRASE_FD):
        first = second = given(Path("new"))
    elif sys.stdin is None or not sys.stdin.isatty():
        give_up(f"A new passphrase is asked for at a terminal. Without one, name a file of it with {PASSPHRASE_FILE}.")
    else:
        first, second = getpass.getpass("New passphrase: "), getpass.getpass("Again: ")
    if first != second:
        give_up("The two are not the same. Nothing was changed.")
    if len(first) < LEAST:
        give_up(f"A passphrase has at least {LEAST} characters. Nothing was changed.")
    return first
