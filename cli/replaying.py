"""A capture through the post without a proxy: into a spool of its own, and from there through the inspector."""

import errno
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from douane.inspector.process import Inspector
from douane.inspector.settings import AppSettings, InspectorSettings
from douane.inspector.warm import warm_detect
from douane.ledger import report_query
from douane.ledger.query import open_ledger
from douane.ledger.report_query import AppRow
from douane.ledger.schema import LedgerRefused
from douane.ledger.spool import Spool
from douane.proxy.captured import Capture, mcp_hosts
from douane.wire.captured import MAX_ENTRY, Exchanged, Faulty, Unusable
from douane.wire.har import read_har
from douane.wire.rpclog import RpcLog

LAYOUT = "replay/1"
"""Changes with the records that a capture gives: they are numbered, and their numbers must not mean something else."""
MAX_ARCHIVE = 512 * 1024 * 1024
"""Bytes of an HTTP archive, which is one JSON object; the other kinds are read piece by piece."""
AT_A_TIME = 64
ENDLESS = 1e12
"""Seconds that a record may wait: a capture's times lie in the past, and none of it expires."""
PAUSE_SECONDS = 0.005

type Read = tuple[Exchanged, bool] | Faulty


@dataclass(slots=True)
class Replayed:
    """What became of a capture: new exchanges and gaps, by app, and what could not be read."""

    exchanges: Counter[str] = field(default_factory=Counter[str])
    gaps: Counter[str] = field(default_factory=Counter[str])
    read: int = 0
    passed: int = 0
    faulty: list[Faulty] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Source:
    """A capture that was opened: its kind (`har`, `mitm` or `jsonl`), and a number that only its content gives."""

    path: Path
    kind: str
    number: str


def source(path: Path, kind: str, app: str) -> Source | Unusable:
    """The capture in a file. Raises OSError."""
    digest = sha256(f"{LAYOUT}\0{app}\0".encode())
    if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe would be waited for
        raise OSError(errno.EINVAL, "not a regular file; save it as one", str(path))
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
        if kind == "har" and file.tell() > MAX_ARCHIVE:
            why = f"larger than {MAX_ARCHIVE // (1024 * 1024)} MiB. Save the entries of the app's host only."
            return Unusable(why)
    return Source(path, kind, digest.hexdigest()[:32])


def exchanges(source: Source, stack: ExitStack) -> Iterator[Read] | Unusable:
    """Each exchange of an archive or a flow file; the file stays open as long as `stack`. Raises OSError."""
    if source.kind == "har":
        return read_har(source.path.read_bytes())
    from douane.proxy.flows import read_flows  # only here: mitmproxy takes a second to load

    return read_flows(stack.enter_context(source.path.open("rb")))


def replay(
    source: Source,
    settings: InspectorSettings,
    master: bytes,
    app_of: Callable[[str], str],
    log_app: str,
    told: Callable[[int, int], None] | None = None,
) -> Replayed | Unusable:
    """Put a capture through the inspector into the ledger that `settings` name.

    `app_of` names the app of a host to which MCP went, `log_app` that of a log. `told` is told how far it is, in
    entries of an archive or octets of a log. Raises OSError for the capture, and
    what `Inspector` raises.
    """
    done = Replayed()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="douane-replay-")))
        hosts: set[str] = set()
        entries: list[int] = [0]
        if source.kind != "jsonl":
            looked = exchanges(source, stack)
            if isinstance(looked, Unusable):
                return looked
            hosts = mcp_hosts(counted(looked, entries))
        apps = {host: app_of(host) for host in sorted(hosts)}
        settings = settings.model_copy(
            update={
                "spool": folder / "spool.db",
                "keep_seconds": ENDLESS,
                "apps": with_apps(settings, apps, log_app if source.kind == "jsonl" else ""),
            }
        )
        spool = stack.enter_context(Spool(folder / "spool.db", master, number=source.number))
        detect, _ = warm_detect(presidio=settings.presidio, everything=settings.everything, given=settings.detectors)

        def emit(event: dict[str, Any]) -> None:
            if event.get("event") in ("exchange", "gap"):
                (done.exchanges if event["event"] == "exchange" else done.gaps)[str(event.get("app", ""))] += 1

        inspector = Inspector(settings, master, detect, emit=emit)
        try:
            capture = Capture(spool.put, master, source.number[:12], apps.get)
            for number, at in enumerate(_recorded(source, capture, done, log_app, set(apps.values()), stack), 1):
                if number % AT_A_TIME == 0:
                    drain(inspector)
                    if told is not None:
                        told(*(at or (number, entries[0])))
            drain(inspector)
            done.passed = capture.passed
        finally:
            inspector.close()
    return done


def drain(inspector: Inspector) -> None:
    """Inspect until everything that was recorded is in the ledger."""
    while not inspector.idle():
        if not inspector.turn():
            time.sleep(PAUSE_SECONDS)


def with_apps(settings: InspectorSettings, apps: dict[str, str], log_app: str) -> tuple[AppSettings, ...]:
    """The settings of the apps that the capture is of, with their declarations where known.

    An app that the ledger knows keeps its host and its route; a new one has the route `file`.
    """
    known = {app.name: app for app in settings.apps}
    before = {row.name: (row.host, row.route) for row in _apps_in(settings.ledger)}
    hosts: dict[str, str] = {}
    for host, name in apps.items():
        hosts.setdefault(name, host)
    if log_app:
        hosts.setdefault(log_app, "")
    out: list[AppSettings] = []
    for name, host in sorted(hosts.items()):
        app = known.get(name, AppSettings(name=name))
        upstream, route = before.get(name, (app.upstream_host or host, "file"))
        out.append(app.model_copy(update={"route": route, "upstream_host": upstream or app.upstream_host or host}))
    return tuple(out)


def _apps_in(ledger: Path) -> list[AppRow]:
    if not ledger.is_file():
        return []
    try:
        with closing(open_ledger(ledger)) as db:
            return report_query.apps(db)
    except LedgerRefused:
        return []  # an older one, which the inspector brings up to date


def _recorded(
    source: Source, capture: Capture, done: Replayed, log_app: str, apps: Collection[str], stack: ExitStack
) -> Iterator[tuple[int, int] | None]:
    """Record entry after entry, with a pause after each in which what was recorded may be inspected.

    Of a log it says each time how many octets were read, and of how many.
    """
    began = source.path.stat().st_mtime
    if source.kind == "jsonl":
        file = stack.enter_context(source.path.open("rb"))
        size = source.path.stat().st_size
        for one in log_lines(file):
            if isinstance(one, Faulty):
                done.faulty.append(one)
                capture.faulty(one, log_app, began)
            else:
                done.read += 1
                capture.logged(one, log_app, began)
            yield file.tell(), size
        return
    read = exchanges(source, stack)
    if isinstance(read, Unusable):
        return
    for found in read:
        if isinstance(found, Faulty):
            done.faulty.append(found)
            if log_app in apps:
                capture.faulty(found, log_app, began)
            continue
        exchange, answers = found
        done.read += not answers
        capture.exchange(exchange, answers=answers)
        yield None


def counted(read: Iterator[Read], entries: list[int]) -> Iterator[Read]:
    """The same, counted in `entries[0]` as it is read: exchanges alone, as they are recorded later."""
    for one in read:
        entries[0] += not isinstance(one, Faulty)
        yield one


def log_lines(file: BinaryIO) -> Iterator[Any]:
    """The messages of a log; of a line that is too long nothing is kept in memory."""
    log = RpcLog()
    number = 0
    while line := file.readline(MAX_ENTRY + 2):
        number += 1
        if len(line) > MAX_ENTRY and not line.endswith(b"\n"):
            while (rest := file.readline(MAX_ENTRY)) and not rest.endswith(b"\n"):
                pass
        read = log.read(line, number)
        if read is not None:
            yield read
