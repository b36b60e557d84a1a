"""`douane run`: the customs post opens. Starts the proxy and the inspector and shows what crosses."""

import secrets
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from douane.cli.exits import Exit, complain, tell

if TYPE_CHECKING:
    from douane.cli.config import Config
    from douane.cli.console import Console
    from douane.cli.supervisor import Child, Supervisor

READY_SECONDS = 30.0
DASHBOARD_PORT = 8780
PAGE = "page"
DEFAULT_CONFIG = Path("config.yaml")
PROFILES = {
    "dev": "Pseudonyms and previews may be kept with any data.",
    "audit": "No pseudonym is kept beside sensitive data, and reports hide counts under 5.",
    "monitor": "Persons are watched for the stated reason, which every report prints.",
}


def run(
    upstream: Annotated[
        str | None,
        typer.Argument(metavar="[URL]", help="Your app's MCP URL, such as http://127.0.0.1:3000/mcp."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", metavar="FILE", help="The configuration; ./config.yaml where there is one."),
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="What to call the app given as URL.")] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Where to listen for the app given as URL; 0 for any free port."),
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The address that ChatGPT is given, such as https://crm.example.org/mcp."),
    ] = None,
    declaration: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What the app given as URL declared (YAML or JSON).")
    ] = None,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the ledger and the spool lie.")] = None,
    log_format: Annotated[
        str | None,
        typer.Option(metavar="auto|plain|json", help="A live view on a terminal, plain lines, or JSON lines."),
    ] = None,
    new_ledger: Annotated[
        str | None,
        typer.Option(metavar="WHY", help="Why a ledger begins where the anchors know another one; told in it."),
    ] = None,
    dashboard: Annotated[
        bool, typer.Option("--dashboard", help="Serve the page as well, for this machine only (douane serve).")
    ] = False,
    dashboard_port: Annotated[
        int, typer.Option(min=0, max=65535, help="The page's port; 0 for any free one.")
    ] = DASHBOARD_PORT,
) -> None:
    """Put Douane in front of one app (URL) or of those in config.yaml, and show what crosses.

    Give ChatGPT, your tunnel or tunnel-client the address that is printed instead of your server's. Stop with Ctrl-C:
    what was recorded is still inspected.
    """
    app = {"name": name, "port": port, "public_url": public_url, "declaration": declaration}
    settled = settle(
        upstream, config, {key: value for key, value in app.items() if value is not None}, data, log_format
    )
    if new_ledger is not None and not new_ledger.strip():
        give_up("--new-ledger: say why another ledger begins there; it is told in the new one.")
    raise typer.Exit(open_post(settled, dashboard_port if dashboard else None, new_ledger))


def settle(
    upstream: str | None, file: Path | None, app: dict[str, Any], data: Path | None, log_format: str | None
) -> "Config":
    """The configuration that the command line asks for; complains and exits with 2 when there is none."""
    from douane.cli.config import Config, Errors, load_config

    if upstream is None and app:
        options = " and ".join(f"--{key.replace('_', '-')}" for key in app)
        give_up(f"{options}: only with a URL; in config.yaml they are keys of each app.")
    if upstream is None and file is None and not DEFAULT_CONFIG.is_file():
        give_up("no app to stand in front of. Give its URL (douane run http://127.0.0.1:3000/mcp) or --config FILE.")
    if log_format not in (None, "auto", "plain", "json"):
        give_up("--log-format: auto, plain or json.")
    base: Config | Errors = Config()
    if upstream is None or file is not None:
        base = load_config(file or DEFAULT_CONFIG)
    if isinstance(base, Errors):
        give_up(str(base))
    settled = base if upstream is None else Config.for_upstream(upstream, base=base, app=named(app))
    if isinstance(settled, Errors):
        give_up(str(settled))
    if data is not None:
        settled = with_folder(settled, data)
    if not settled.apps and not settled.forward.enabled:
        give_up(f"{file or DEFAULT_CONFIG} names no apps. Add one under `apps:`, or give your app's URL.")
    if log_format is not None:
        settled = settled.model_copy(update={"log": settled.log.model_copy(update={"format": log_format})})
    return settled


def named(app: dict[str, Any]) -> dict[str, Any]:
    """What the command line says of the app; a declaration gives it its name unless there is one."""
    from douane.audit.declaration_file import parse_declaration
    from douane.cli.config import Errors

    file = app.get("declaration")
    if file is None:
        return app
    try:
        read = parse_declaration(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        give_up(f"{file}: cannot be read ({type(error).__name__}). Name a YAML or JSON file.")
    if isinstance(read, Errors):
        give_up(str(read))
    return {"name": read.app, **app, "declaration": str(file.absolute())}


def with_folder(config: "Config", folder: Path) -> "Config":
    """The configuration with ledger and spool in another folder."""
    storage, folder = config.storage, folder.expanduser().absolute()
    update = {"folder": folder, "ledger": folder / storage.ledger.name, "spool": folder / storage.spool.name}
    return config.model_copy(update={"storage": storage.model_copy(update=update)})


def give_up(text: str) -> NoReturn:
    """Complain and leave with the exit code for wrong use."""
    complain(text)
    raise typer.Exit(Exit.USAGE)


def open_post(config: "Config", dashboard: int | None = None, new_ledger: str | None = None) -> int:
    """Run until a signal comes; returns the exit code. `dashboard` is the page's port, None for no page.

    `new_ledger` says why a ledger takes the place of another one that the anchors know.
    """
    from douane.cli.app_reading import saved_lists
    from douane.cli.config import Errors, declarations
    from douane.cli.console import Console
    from douane.cli.custody import fitting
    from douane.cli.damage import lost_transactions
    from douane.cli.declare_approve import snapshot_in
    from douane.cli.detection import assembled
    from douane.cli.plan import inspector_settings, proxy_settings
    from douane.cli.supervisor import Child, Supervisor
    from douane.ledger import keys
    from douane.ledger.backup import sweep_drafts
    from douane.ledger.lock import Held, hold
    from douane.ledger.sealing import Sealer
    from douane.ledger.swapped import swapped

    read = declarations(config)
    if isinstance(read, Errors):
        complain(str(read))
        return Exit.USAGE
    saved_lists(config.apps)
    for app in config.apps:
        if app.approved is not None:
            snapshot_in(app.approved)
    if config.detectors.folder is not None or config.detectors.models:
        assembled(config)
    storage = config.storage
    try:
        storage.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        locks = ExitStack()
        for folder in dict.fromkeys(
            one.resolve() for one in (storage.folder, storage.ledger.parent, storage.spool.parent)
        ):
            lock = hold(folder / "douane.lock", "douane run")
            if isinstance(lock, Held):  # before anything of another's is opened
                who = f"another Douane (process {lock.pid})"
                complain(f"{folder} is in use by {who}. Stop it, or give --data another folder.")
                return Exit.CANNOT_START
            locks.enter_context(lock)
        sweep_drafts(storage.ledger)
        lost = lost_transactions(storage.spool, storage.ledger)
        master = fitting(storage, storage.spool, create=True)
    except keys.KeyRefused as error:
        complain(f"{error}.")
        return Exit.CANNOT_START
    except OSError as error:
        complain(f"{storage.folder}: {error.strerror}. Name a folder of yours with --data or storage.folder.")
        return Exit.CANNOT_START
    anchors = config.trust.anchor_folder
    if new_ledger is not None and anchors is None:
        tell("No anchors are kept, so no other ledger is known, and --new-ledger is told nowhere.")
    if new_ledger is not None and anchors is not None and not begins(storage.ledger, anchors, master, new_ledger):
        return Exit.CANNOT_START
    if anchors is not None and (other := swapped(storage.ledger, anchors, Sealer(master))) is not None:
        remedy = (
            ""
            if "--new-ledger" in other
            else " Put the right file back, or take a copy knowingly with `douane restore`."
        )
        complain(f"{other}.{remedy}")
        return Exit.CANNOT_START
    own_token = secrets.token_hex(16)
    supervisor = Supervisor(
        [
            *page_of(config, dashboard, master),
            Child("proxy", "douane.proxy.main", proxy_settings(config, own_token, lost).model_dump_json(), master),
            Child("inspector", "douane.inspector.main", inspector_settings(config).model_dump_json(), master),
        ]
    )
    stop, hurry = threading.Event(), threading.Event()
    heed(lambda: hurry.set() if stop.is_set() else stop.set())
    console = Console(config.log.format, apps=[app.name for app in config.apps])
    with locks, console:
        for name, count in lost.items():
            console.warn(
                f"The journal of the {name} was damaged: {count} transaction(s) that were committed cannot be read any "
                "more. Each app gets a gap that says so. Look at the disk."
            )
        supervisor.start()
        try:
            return watch(config, supervisor, console, stop, own_token)
        finally:
            stop.set()
            if not console.opened:
                hurry.set()  # nothing was recorded
            else:
                console.say(
                    "Stopping: what was recorded is still inspected (Ctrl-C again leaves that to the next start)."
                )
            if not supervisor.stop(hurry=hurry) and console.opened:
                console.warn(
                    "A process had to be ended. What it had not inspected is inspected at the next start, "
                    f"or destroyed and told as a gap after {config.storage.keep_uninspected_minutes:g} minutes."
                )
            for event in supervisor.rest():
                if event.get("event") in ("exchange", "gap"):
                    console.crossed(event)
                elif event.get("event") == "anchor":
                    console.say(f"Anchor, to keep elsewhere: {event.get('line')}")


def begins(ledger: Path, anchors: Path, master: bytes, why: str) -> bool:
    """Let a ledger take the place of those that the anchors know there; complains and says no where it cannot."""
    from douane.cli.keeping import told_as
    from douane.cli.looking import system_user
    from douane.ledger.access import plain
    from douane.ledger.anew import begin_instead
    from douane.ledger.failed import LedgerFailed
    from douane.ledger.refused import LedgerRefused
    from douane.ledger.sealing import Sealer
    from douane.ledger.swapped import swapped
    from douane.ledger.verify_words import Unreadable

    sealer = Sealer(master)
    if (older := swapped(ledger, anchors, sealer, alone=True)) is not None:
        complain(f"{older}. Put the right file back, or take this one knowingly with `douane restore`.")
        return False
    try:
        left = begin_instead(ledger, anchors, sealer, who=told_as(system_user(), None), reason=plain(why))
    except (LedgerRefused, LedgerFailed, OSError, Unreadable) as error:
        complain(f"{error}.")
        return False
    if not left:
        tell(f"No other ledger is known at {ledger}, so nothing was displaced, and --new-ledger is told nowhere.")
    for one in left:
        tell(f"{ledger} takes the place of the ledger {one.ledger}, whose anchors stay: up to event {one.seq:,}.")
    return True


def watch(config: "Config", supervisor: "Supervisor", console: "Console", stop: threading.Event, own_token: str) -> int:
    """Show what the children say until a signal comes, or one of them cannot go on."""
    from douane.cli.own import Fetcher

    fetcher = Fetcher(config, own_token)
    deadline = time.monotonic() + READY_SECONDS
    ready: dict[str, Any] | None = None
    while not stop.is_set():
        if ready is None and time.monotonic() > deadline:
            complain(f"the proxy did not come up within {READY_SECONDS:.0f} seconds.")
            return Exit.CANNOT_START
        said = supervisor.next(0.2)
        console.tick()
        if said is None:
            continue
        who, event = said
        match event.get("event"):
            case "ready":
                if ready is None:
                    console.open(config, event["listeners"])
                    console.say(f"Profile: {config.profile_in_force}. {PROFILES[config.profile_in_force]}")
                ready = event
                supervisor.children["proxy"].settings = on_the_same_ports(config, own_token, event["listeners"])
                fetcher.listeners(event["listeners"])
            case "exchange" | "gap":
                console.crossed(event)
            case "inspecting":
                console.say(f"Inspecting with {event.get('detectors')} detectors.")
            case "outcome":
                console.outcome(event)
            case "lag":
                console.lag(event)
            case "tools-unknown":
                if fetcher.fetch(str(event["app"])):
                    console.say(f"Asking {event['app']} for its tools, as Douane's own traffic.")
            case "purged":
                console.say(purged(event))
            case "warning" | "oauth":
                console.proxy_says(event)
            case "page":
                console.say(f"Page, open once: {event.get('address')}")
            case "page-says":
                console.warn(f"page: {event.get('text')}")
            case "gone" | "failed" if who == PAGE:  # the post stays open: what crosses is recorded without a page
                console.warn(f"page: {event.get('detail') or 'it ended and is not started again'}")
            case "error" | "failed":
                complain(told(who, event))
            case "gone":
                complain(f"the {who} ended (code {event.get('code')}) and cannot go on.")
                return Exit.CANNOT_START
            case "restarted":
                console.warn(f"The {who} ended unexpectedly (code {event.get('code')}) and was started again.")
            case _:
                continue
    return Exit.OK


def heed(asked: Callable[[], None]) -> None:
    """Call `asked` when the system, the keyboard or the terminal asks to end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
            continue  # under nohup the terminal may close
        signal.signal(number, lambda *_: asked())


def page_of(config: "Config", port: int | None, master: bytes) -> "list[Child]":
    """The page's process, where one is wanted."""
    if port is None:
        return []
    from douane.cli.page_options import PageOptions
    from douane.cli.supervisor import Child

    options = PageOptions(config=config, port=port)
    return [Child(PAGE, "douane.cli.page_child", options.model_dump_json(), master)]


def purged(event: dict[str, Any]) -> str:
    """What the scheduled purge took away, in words."""
    from douane.cli.keeping import many

    whole = f"{many(event['segments'], 'whole segment')} with {many(event['events'], 'event')}"
    details = many(event["details"], "row")
    return f"Purged by the retention rules: {whole}, and the detail of {details} (docs/retention.md)."


def on_the_same_ports(config: "Config", own_token: str, listeners: list[dict[str, Any]]) -> str:
    """The proxy's settings with the ports that it got, so that a restart listens where clients expect it."""
    from douane.cli.plan import proxy_settings

    settings = proxy_settings(config, own_token)
    got = {(str(one.get("route")), app): int(one["port"]) for one in listeners for app in one.get("apps") or [None]}
    apps = tuple(
        app.model_copy(update={"listen_port": got.get(("reverse", app.name), app.listen_port)}) for app in settings.apps
    )
    forward = tuple(
        one.model_copy(update={"listen_port": got.get((one.route, one.app), one.listen_port)})
        for one in settings.forward
    )
    return settings.model_copy(update={"apps": apps, "forward": forward}).model_dump_json()


def told(who: str, event: dict[str, Any]) -> str:
    """What kept a child from starting, with the remedy where there is one."""
    detail = str(event.get("detail", ""))
    if event.get("code") == "listen":
        return f"cannot listen on {detail}."
    return f"{who}: {detail}"
