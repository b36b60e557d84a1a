"""`douane replay`: captured traffic through the same inspection and judgement, into a ledger."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from urllib.parse import urlsplit

import typer

from douane.cli.exits import Exit, complain, tell

if TYPE_CHECKING:
    from douane.cli.config import Config
    from douane.cli.replaying import Replayed

KINDS = {".har": "har", ".mitm": "mitm", ".flow": "mitm", ".flows": "mitm", ".jsonl": "jsonl", ".ndjson": "jsonl"}
SHOWN = 10


def replay(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A browser's HTTP archive (.har), mitmproxy's flows (.mitm), or JSON-RPC, a message a line (.jsonl).",
        ),
    ],
    app: Annotated[
        str | None, typer.Option("--app", metavar="NAME", help="Which app it is; by default the one with that host.")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", metavar="har|mitm|jsonl", help="What the file is; told from its name by default."
        ),
    ] = None,
    declaration: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What the app declared (YAML or JSON); it names the app, too.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", metavar="FILE", help="The configuration; ./config.yaml where there is one."),
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The ledger itself, instead of the configured one.")
    ] = None,
) -> None:
    """Put captured traffic through the same inspection and judgement as live traffic, into a ledger.

    Replaying the same file again adds nothing. No proxy runs and nothing leaves the machine.
    """
    from douane.audit.declaration_file import APP_NAME
    from douane.cli.declare_init import is_like
    from douane.reports.i18n import form

    if app is not None and not is_like(APP_NAME, app):
        give_up("--app: must be a name of letters, figures, '.', '_' and '-', as in config.yaml.")
    told = kind or KINDS.get(file.suffix.lower())
    if told not in ("har", "mitm", "jsonl"):
        give_up(f"{file}: say what it is with --format: har, mitm or jsonl.")
    settings = settled(config, app, declaration, ledger)
    name = app or (settings.apps[0].name if declaration is not None or len(settings.apps) == 1 else "")
    if told == "jsonl" and not name:
        give_up(f"{file}: a log names no app. Say which with --app NAME.")
    done = replayed(file, told, settings, app or (name if declaration is not None else ""), name)
    for one in done.faulty[:SHOWN]:
        complain(f"{file}: {'line' if told == 'jsonl' else 'entry'} {one.number}: {one.why}.")
    if len(done.faulty) > SHOWN:
        complain(f"{file}: {len(done.faulty) - SHOWN} more could not be read.")
    apps = sorted({*done.exchanges, *done.gaps})
    tell(f"{file}: {done.read} read, {sum(done.exchanges.values())} new in {settings.storage.ledger}.")
    for who in apps:
        gaps = f", {_counted('gap', done.gaps[who])}" if done.gaps[who] else ""
        tell(f"  {who}: {_counted('message', done.exchanges[who])}{gaps}")
    if done.passed:
        were = form("request to a host without MCP was|requests to hosts without MCP were", done.passed, "en")
        tell(f"  {done.passed} {were} left out.")
    if not done.read and not done.faulty:
        give_up(f"{file}: there is nothing in it.")
    if done.faulty:
        raise typer.Exit(Exit.PARTLY)


def _counted(word: str, number: int) -> str:
    from douane.reports.i18n import form

    return f"{number} {form(f'{word}|{word}s', number, 'en')}"


def settled(config: Path | None, app: str | None, declaration: Path | None, ledger: Path | None) -> "Config":
    """The configuration with what the command line says; complains of its faults and its files' and exits with 2."""
    from douane.cli.app_reading import saved_lists
    from douane.cli.config import Errors, declarations
    from douane.cli.config_keys import App
    from douane.cli.detection import configured
    from douane.cli.run import named

    read = configured(config)
    if not read.storage.ledger.is_absolute():
        storage = read.storage
        read = read.model_copy(
            update={"storage": storage.model_copy(update={"ledger": storage.folder / storage.ledger})}
        )
    if ledger is not None:
        read = read.model_copy(update={"storage": read.storage.model_copy(update={"ledger": ledger.absolute()})})
    if declaration is not None:
        said = named({"declaration": declaration, **({"name": app} if app else {})})
        one = App.model_validate({"upstream": "http://127.0.0.1/", **said})
        read = read.model_copy(update={"apps": (one,)})
    faults = declarations(read)
    if isinstance(faults, Errors):
        give_up(str(faults))
    saved_lists(read.apps)
    return read


def replayed(file: Path, kind: str, config: "Config", app: str, log_app: str) -> "Replayed":
    """Replay under the lock that lets one inspector work on a ledger; complains of what keeps it from that."""
    from douane.cli.config import Config
    from douane.cli.custody import fitting
    from douane.cli.plan import inspector_settings
    from douane.cli.progress import progress
    from douane.cli.replaying import replay as go
    from douane.cli.replaying import source
    from douane.detectors.extensions import NotAssembledError
    from douane.ledger import keys
    from douane.ledger.lock import Held, hold
    from douane.ledger.schema import LedgerRefused
    from douane.ledger.spool import SpoolFailed, SpoolFull
    from douane.ledger.store import LedgerFailed
    from douane.wire.captured import Unusable

    storage = config.storage
    ledger = storage.ledger
    try:
        opened = source(file, kind, app)
        if isinstance(opened, Unusable):
            give_up(f"{file}: {opened.why}")
    except OSError as error:
        give_up(f"{file}: cannot be read ({error.strerror}). Give a file.")
    try:
        ledger.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = hold(ledger.with_name(ledger.name + ".inspector.lock"), "douane replay")
        master = fitting(storage, create=True)
    except keys.KeyRefused as error:
        complain(f"{error}.")
        raise typer.Exit(Exit.CANNOT_START) from None
    except OSError as error:
        complain(f"{ledger}: {error.strerror}. Name a file of yours with --ledger.")
        raise typer.Exit(Exit.CANNOT_START) from None
    if isinstance(lock, Held):
        complain(f"{ledger} is in use by another Douane (process {lock.pid}). Stop it, or name another with --ledger.")
        raise typer.Exit(Exit.CANNOT_START)
    hosts = {urlsplit(one.upstream).hostname or "": one.name for one in config.apps}
    hosts |= {host: one.name for one in config.apps for host in one.host_names}
    hosts |= {urlsplit(one.public_url).hostname or "": one.name for one in config.apps if one.public_url}

    def app_of(host: str) -> str:
        return app or hosts.get(host) or named_after(Config, host)

    with lock:
        try:
            with progress(f"Replaying {file.name[:40]}") as told:
                done = go(opened, inspector_settings(config), master, app_of, log_app, told)
        except (LedgerRefused, NotAssembledError) as error:
            give_up(f"{error}.")
        except (LedgerFailed, SpoolFailed, SpoolFull) as error:
            complain(f"{error}.")
            raise typer.Exit(Exit.CANNOT_START) from None
        except OSError as error:
            give_up(f"{file}: cannot be read ({error.strerror}).")
    if isinstance(done, Unusable):
        give_up(f"{file}: {done.why}")
    return done


def named_after(config: "type[Config]", host: str) -> str:
    """What an app that the configuration does not name is called, as `douane run URL` would call it."""
    from douane.cli.config import Errors

    named = config.for_upstream(f"http://[{host}]/" if ":" in host else f"http://{host}/")
    return "app" if isinstance(named, Errors) else named.apps[0].name


def give_up(text: str) -> NoReturn:
    """Complain and leave with the exit code for wrong use or input."""
    complain(text)
    raise typer.Exit(Exit.USAGE)
