"""The page's process: its settings from the configuration, where it listens, and the server itself."""

import asyncio
import contextlib
import logging
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from douane.cli.config import Config, Errors, declarations
from douane.cli.custody import Custody, anchor_folder
from douane.cli.exits import Exit
from douane.cli.in_force import in_force
from douane.cli.looking import anchored, circumstances, unrecorded
from douane.cli.page_options import CannotServe, NotAllowed, PageOptions, checked, is_loopback, unspecified, viewer_of
from douane.ledger.access import Scope
from douane.reports.page.settings import Hands, NotToldError, PageSettings, Tell, Viewer
from douane.reports.people import Under
from douane.reports.wrong import system, wrong

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from douane.reports.page.door import Door

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
LEAST_PASSWORD: Final = 12
_MOST_PASSWORD: Final = 1024


def settings_of(options: PageOptions, keeping: Custody | None, port: int, say: Callable[[str], None]) -> PageSettings:
    """The page's settings; `keeping` is None where nothing can be told. Raises `CannotServe`."""
    config = options.config
    own = config.storage.folder / config.storage.ledger
    path = (options.ledger or own).absolute()
    viewer = _admitted(options, path, own, keeping)
    declared = declarations(config)
    if isinstance(declared, Errors):
        raise CannotServe(str(declared))
    original = _is_original(path, own, config)
    if keeping is None:
        say(unrecorded("key", options.spoken))
    elif not original:
        say(unrecorded("copy", options.spoken))
    recorded = keeping is not None and original
    return PageSettings(
        ledger=path,
        names=_names(options),
        shown=_shown(options),
        port=port,
        viewer=viewer,
        lang=options.lang,
        under=_under(config, path),
        tell=_teller(path, keeping, viewer.who, viewer.role, viewer.why)
        if keeping is not None and recorded
        else _untold,
        recorded=recorded,
        say=say,
        hands=Hands(keeping.master, keeping.sealer, keeping.anchors) if keeping is not None and recorded else None,
        password=_password(options.password_file, options.spoken),
        secure=options.certificate is not None,
        spool=(config.storage.folder / config.storage.spool).absolute() if original else None,
        waivers=waiver_file(),
        anchors=anchor_folder(config) if original else None,
        in_force=in_force(config),
        retention=config.retention.policy(),
        declarations={name: one for name, one in declared.items() if viewer.may_see(name)},
        sources={
            app.name: app.declaration.absolute()
            for app in config.apps
            if app.declaration is not None and viewer.may_see(app.name)
        },
        egress={app.name: app.egress_port is not None for app in config.apps},
    )


def _admitted(options: PageOptions, path: Path, own: Path, keeping: Custody | None) -> Viewer:
    """Who looks. A refusal is told in the chain, where it can be, before it is said. Raises `CannotServe`."""
    try:
        return viewer_of(options)
    except NotAllowed as refused:
        if keeping is not None and _is_original(path, own, options.config):
            with suppress(NotToldError):
                tell = _teller(path, keeping, refused.who, refused.role, options.reason)
                tell("refused: page", Scope(options.apps), "")
        raise CannotServe(str(refused)) from None


def waiver_file() -> Path:
    """The file of waivers that `douane check` reads here."""
    return Path("douane-waivers.yaml").absolute()


def _untold(_what: str, _scope: Scope, _who: str, _why: str = "", /) -> str:
    return ""


def _is_original(path: Path, own: Path, config: Config) -> bool:
    from douane.ledger.query import open_ledger
    from douane.ledger.refused import LedgerRefused

    if path.resolve() == own.resolve():
        return True
    try:
        with closing(open_ledger(path)) as db:
            return anchored(db, path, config)
    except LedgerRefused as error:
        raise CannotServe(f"{error}.") from None


def _under(config: Config, path: Path) -> Under:
    """The profile and the retention that the page prints; whoever looks, it says itself."""
    from douane.ledger.access import last_profile
    from douane.ledger.query import open_ledger
    from douane.ledger.refused import LedgerRefused

    profile, purpose = "", ""
    with suppress(LedgerRefused), closing(open_ledger(path)) as db:  # `douane run` may be about to make it
        profile, purpose = last_profile(db)
    return circumstances(config, profile, purpose, "", "", "")


def _teller(path: Path, keeping: Custody, own: str, role: str, why: str) -> Tell:
    """What tells a reading; one at a time, since the anchors are one file."""
    from douane.ledger.access import note
    from douane.ledger.failed import LedgerFailed
    from douane.ledger.refused import LedgerRefused

    lock = threading.Lock()

    def tell(what: str, scope: Scope, who: str, reason: str = "", /) -> str:
        name = f"{who} (page of {own})" if who else own
        try:
            with lock:
                told = note(
                    path,
                    keeping.sealer,
                    who=name,
                    role=role,
                    what=what,
                    why=reason or why,
                    scope=scope,
                    anchors=keeping.anchors,
                )
        except (LedgerFailed, LedgerRefused) as error:
            raise NotToldError(str(error)) from None
        return told.at

    return tell


def _names(options: PageOptions) -> frozenset[str]:
    names = {one.lower().rstrip(".") for one in options.names}
    if is_loopback(options.host) or unspecified(options.host):
        names.update(LOOPBACK)
    if not unspecified(options.host):
        names.add(options.host.lower())
    return frozenset(names)


def _shown(options: PageOptions) -> str:
    """The name in the address that is printed."""
    if options.names:
        return options.names[0]
    return "127.0.0.1" if options.host == "localhost" else options.host


def _password(file: Path | None, lang: str) -> str:
    if file is None:
        return ""
    from douane.ledger.reading import text_of

    try:
        if file.stat().st_mode & 0o077:
            raise CannotServe(wrong("serve.rights", lang, file=file))
        lines = text_of(file, 64 * 1024).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotServe(wrong("serve.unreadable", lang, file=file, why=type(error).__name__)) from None
    found = lines[0].strip() if lines else ""
    if not LEAST_PASSWORD <= len(found) <= _MOST_PASSWORD:
        raise CannotServe(wrong("serve.short", lang, file=file, least=LEAST_PASSWORD))
    return found


def bound(host: str, port: int, lang: str = "en") -> socket.socket:
    """A socket that listens there. Raises `CannotServe`."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(128)
    except OSError as error:
        why = system(error, lang) if error.errno and error.errno > 0 else wrong("serve.address", lang)
        told = wrong("serve.port", lang, host=host, port=str(port), why=why)
        raise CannotServe(told, Exit.CANNOT_START) from None
    made.setblocking(False)
    return made


def serve_page(
    options: PageOptions,
    keeping: Custody | None,
    say: Callable[[str], None],
    opened: Callable[[str], None],
    ended: threading.Event | None = None,
) -> None:
    """Serve until a signal comes, or `ended` is set. `opened` gets the one-time address. Raises `CannotServe`."""
    from douane.reports.page.app import address_of, page
    from douane.reports.page.door import Door

    checked(options)
    with closing(bound(options.host, options.port, options.spoken)) as listening:
        settings = settings_of(options, keeping, listening.getsockname()[1], say)
        door = Door(password=settings.password)
        app = page(settings, door)
        opened(address_of(settings, door.token()))
        asyncio.run(_served(app, listening, options, door, ended or threading.Event()))


async def _served(
    app: "Starlette", listening: socket.socket, options: PageOptions, door: "Door", ended: threading.Event
) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Leave signals to `_served`: uvicorn would raise them again once it has ended."""
            yield

    for name in ("uvicorn", "uvicorn.error", "asyncio"):  # what fails here could quote what was asked
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    made = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=256,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=2,
    )
    if options.certificate is not None and options.certificate_key is not None:
        try:
            made.ssl_certfile, made.ssl_keyfile = str(options.certificate), str(options.certificate_key)
            made.load()
        except (OSError, ssl.SSLError) as error:
            raise CannotServe(
                wrong("serve.unusable", options.spoken, file=options.certificate, why=type(error).__name__)
            ) from None
    server = Server(made)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        door.close_all()  # streams end by themselves then
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
            continue  # under nohup the terminal may close
        with suppress(ValueError, RuntimeError):  # only the main thread hears signals
            loop.add_signal_handler(number, stop)
    watching = asyncio.create_task(_watched(ended, stop))
    try:
        await server.serve(sockets=[listening])
    finally:
        watching.cancel()


async def _watched(ended: threading.Event, stop: Callable[[], None]) -> None:
    while not ended.is_set():  # noqa: ASYNC110 - it is set in another thread
        await asyncio.sleep(0.2)
    stop()
