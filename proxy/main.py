"""The proxy process: settings and key in on standard input, event lines out on standard output."""

import asyncio
import errno
import logging
import os
import resource
import signal
import socket
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from pydantic import ValidationError

from douane.ledger import keys
from douane.ledger.spool import Spool, SpoolFailed
from douane.proxy.absent import leave_out
from douane.proxy.events import Events
from douane.proxy.settings import ProxySettings

EXIT_SETTINGS = 2
EXIT_LISTEN = 3
EXIT_SPOOL = 4
OPEN_FILES = 65_536


def _watch_stdin(loop: asyncio.AbstractEventLoop, stdin: BinaryIO, stop: Callable[[], None]) -> None:
    """Call `stop` when standard input ends: whoever started this process is gone, or wants it to end."""
    fd = stdin.fileno()

    def readable() -> None:
        if not os.read(fd, 4096):
            loop.remove_reader(fd)
            stop()

    with suppress(PermissionError):  # a plain file cannot be watched: then only a signal ends us
        loop.add_reader(fd, readable)


async def _main(settings: ProxySettings, master: bytes, events: Events, stdin: BinaryIO) -> int:
    from douane.proxy.listeners import CannotListen, Proxy  # only now: it imports mitmproxy
    from douane.proxy.no_tls import TlsRefused

    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    _watch_stdin(loop, stdin, stop.set)
    loop.set_exception_handler(
        lambda _loop, context: events.warn("proxy-fault", "", type(context.get("exception")).__name__)
    )
    try:
        spool = Spool(settings.spool, master, durability=settings.durability, limit_bytes=settings.spool_limit_bytes)
    except SpoolFailed as error:
        events.emit("error", code="spool", detail=str(error))
        return EXIT_SPOOL
    with spool:
        try:
            await Proxy(settings, master, spool, events).run(stop)
        except TlsRefused as error:
            events.emit("error", code="tls", detail=str(error))
            return EXIT_SETTINGS
        except CannotListen as error:
            events.emit("error", code="listen", detail=f"{error}: {why_not(error.error)}")
            return EXIT_LISTEN
    return 0


def allow_many_connections() -> None:
    """Raise this process's limit of open files to what the system lets it have: an idle stream takes two of them."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(most, OPEN_FILES)
    if now != resource.RLIM_INFINITY and now < wanted:
        with suppress(ValueError, OSError):  # macOS has a lower limit than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def main() -> int:
    """Run until standard input ends or a signal comes; returns the exit status."""
    allow_many_connections()
    leave_out()
    logging.lastResort = None
    logging.getLogger("mitmproxy").setLevel(logging.CRITICAL + 1)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL + 1)
    out = sys.stdout.fileno()
    if stat.S_ISFIFO(os.fstat(out).st_mode):
        os.set_blocking(out, False)  # whoever does not read our events must not hold up the traffic
    events = Events(out)
    stdin = open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)  # noqa: SIM115 - lives as long as we do
    try:
        settings = ProxySettings.model_validate_json(_line(stdin))
        master = keys.decode(_line(stdin))
    except (ValidationError, keys.KeyRefused) as error:
        events.emit("error", code="settings", detail=_explained(error))
        return EXIT_SETTINGS
    return asyncio.run(_main(settings, master, events, stdin))


def why_not(error: OSError) -> str:
    """Why a listener cannot be opened, and what to do about it."""
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return "`listen.host` is no address of this machine. Name one that it has, such as 127.0.0.1"
    if error.errno == errno.EADDRINUSE:
        return "another program has the port. Give --port or its key in config.yaml another one"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "the system does not allow this port. Give --port or its key in config.yaml one above 1023"
    return os.strerror(error.errno) if error.errno else type(error).__name__


def _line(stdin: BinaryIO) -> bytes:
    """Read one line, byte by byte, so that nothing after it is swallowed."""
    line = bytearray()
    while (byte := stdin.read(1)) and byte != b"\n":
        line += byte
    return bytes(line)


def _explained(error: ValidationError | keys.KeyRefused) -> str:
    if isinstance(error, keys.KeyRefused):
        return str(error)
    return "; ".join(
        f"{'.'.join(str(step) for step in found['loc'])}: {found['msg']}" for found in error.errors(include_input=False)
    )


if __name__ == "__main__":
    sys.exit(main())
