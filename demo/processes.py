"""Start programs on free loopback ports, wait until they listen, and leave nothing of them running."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

HOST = "127.0.0.1"


class NotStartedError(Exception):
    """A program ended, or did not listen, before its deadline. The message holds the last lines that it wrote."""


def free_ports(count: int) -> tuple[int, ...]:
    """`count` different loopback ports that were free a moment ago."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return tuple(int(each.getsockname()[1]) for each in sockets)


def listens(port: int) -> bool:
    """Whether something accepts connections on the loopback `port`."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def poll(ready: Callable[[], bool], seconds: float, every: float = 0.02) -> bool:
    """Ask `ready` until it says yes (True) or `seconds` have passed (False)."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def last_lines(log: Path | None, count: int = 15) -> str:
    """The end of a log file, for the message of an error; empty when there is none."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:]) if log and log.exists() else ""


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold SIGINT and SIGTERM back until the block has ended; then they do what they would have done.

    Only the main thread gets signals; in any other nothing is held back.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    held = (signal.SIGINT, signal.SIGTERM)
    usual = {number: signal.signal(number, lambda it, _: arrived.append(it)) for number in held}
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        for late in arrived:
            signal.raise_signal(late)


def stop(process: subprocess.Popen[bytes], seconds: float = 5) -> None:
    """End `process` and its whole group: SIGTERM first, SIGKILL for what is left after `seconds`.

    The process must lead its own group (`start_new_session=True`).
    """
    with uninterrupted():
        for kind in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, kind)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


@contextlib.contextmanager
def started(
    command: Sequence[str], log: Path | None = None, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own group while the block runs; however the block ends, the group is ended.

    What it writes goes to the file `log`, without one to where this process writes. `env` is added to this process's.
    """
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(log.open("wb")) if log else None
        with uninterrupted():  # else a process could be started and nobody know of it
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )
            stack.callback(stop, process)
        yield process


def wait_until_listening(
    process: subprocess.Popen[bytes], ports: Sequence[int], log: Path | None, name: str, seconds: float
) -> None:
    """Return when every one of `ports` accepts connections.

    Raises NotStartedError when the process ended before, or not in time.
    """

    def settled() -> bool:
        return process.poll() is not None or all(listens(port) for port in ports)

    in_time = poll(settled, seconds)
    if process.poll() is not None:
        raise NotStartedError(f"{name} ended with code {process.returncode} before it listened:\n{last_lines(log)}")
    if not in_time:
        raise NotStartedError(f"{name} did not listen on {list(ports)} within {seconds:g} s:\n{last_lines(log)}")


@contextlib.contextmanager
def running(
    command: Sequence[str],
    ports: Sequence[int],
    log: Path,
    *,
    name: str = "",
    env: Mapping[str, str] | None = None,
    seconds: float = 30,
    wait: bool = True,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` while the block runs; entered once all `ports` listen. What it writes goes to the file `log`.

    `env` is added to this process's own. Without `wait` the block is entered at once: several programs start side by
    side, and `wait_until_listening` is for the caller. Raises NotStartedError; the group is ended in every case.
    """
    with started(command, log, env) as process:
        if wait:
            wait_until_listening(process, ports, log, name or command[0], seconds)
        yield process


def python(*arguments: str) -> list[str]:
    """The command line of this interpreter with `arguments`."""
    return [sys.executable, *arguments]
