"""Where a ledger's chain stood, kept in files and a log outside the database, so that a replaced file is noticed.

`<ledger>.jsonl` gets a line for each closed segment, on the disk before anything else is done; `<ledger>.head` is
replaced, at most once a second, by where the chain stood last. An anchor that cannot be written is told, and never
stops the ledger.
"""

import json
import os
import secrets
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from douane.ledger.files import error_name
from douane.ledger.reading import text_of
from douane.ledger.sealing import Closed, GivenUp, Sealer, Standing
from douane.ledger.verify_anchors import Anchor, read_anchors, read_line
from douane.ledger.verify_words import Unreadable

FOLDER: Final = "anchors"
"""The folder beside the master key, unless the configuration names another."""
SYSLOG: Final = Path("/dev/log")
HEAD_SECONDS: Final = 1.0
_PRIORITY: Final = 13 * 8 + 5  # log audit, notice
_MOST: Final = 1 << 28


@dataclass(frozen=True, slots=True)
class Unanchored:
    """An anchor that could not be written: `what` is file, head or syslog, `error` the system's name for why."""

    what: str
    place: str
    error: str


class FileAnchors:
    """Keeps the anchors of one ledger in a folder (mode 0700, files 0600), and in syslog if that is asked for.

    Nothing here raises: what could not be written waits for the next time, and `failures` tells of it once.
    """

    def __init__(
        self,
        folder: Path,
        *,
        syslog: bool = False,
        socket_path: Path = SYSLOG,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self.last = ""
        """The last line that was written or tried, as JSON."""
        self._syslog = socket_path if syslog else None
        self._monotonic = monotonic
        self._owed: list[tuple[str, str]] = []
        self._standing: Standing | None = None
        self._written_at: float | None = None
        self._failed: dict[str, Unanchored] = {}
        self._told: set[str] = set()
        self._sealer: Sealer | None = None
        self._seen: dict[str, Anchor] = {}
        self._marks: dict[str, tuple[int, ...] | None] = {}

    def stands(self, standing: Standing) -> None:
        """Keep where the chain stands; on the disk at once, or with the first call after a second."""
        self.saw(standing)
        self._standing = standing
        self.tend()

    def saw(self, standing: Standing) -> None:
        """Remember how far a file was, until this process ends: who opens that file again is held to it."""
        seen = Anchor(standing.ledger, standing.seq, standing.head, standing.at, file=standing.file)
        self._seen[standing.file or standing.ledger] = seen

    def moved(self, ledger: str) -> bool:
        """Whether another process wrote, since this one looked, how far the ledger was."""
        return ledger not in self._marks or self._marks[ledger] != _mark(self.folder / f"{ledger}.head")

    def closed(self, closed: Closed) -> None:
        """Append a closed segment's line; the next standing is written at once."""
        self._owed.append((closed.ledger, line_of(closed)))
        self.last = self._owed[-1][1]
        self._written_at = None
        self._pay()
        if self._syslog is not None:
            self._log(self.last)

    def doubt(self, file: str, sealer: Sealer | None, ledger: str, *, again: bool = False) -> str | None:
        """Return why this file, of this ledger's number, is not what the anchors and this process know of it.

        None if it may well be; `again` for a file that was held to them before and went on since. A line that is
        damaged is left out, and told among the `failures`.
        """
        from douane.ledger.swapped import swapped  # which reads what is written here

        self._sealer = sealer
        mark = _mark(self.folder / f"{ledger}.head")  # before it is read: what is written meanwhile is looked at again
        seen = self._seen.get(file)
        if seen is not None and seen.ledger != ledger:
            return f"another ledger was put in the place of {file} while it was written"
        if not again:
            with suppress(Unreadable):
                self._tell_damage(lines_of(self.folder, ledger)[1])
        why = swapped(Path(file), self.folder, sealer, seen=[] if seen is None else [seen], lines=not again)
        if why is None:
            self._marks[ledger] = mark
        return why

    def missed(self, file: str) -> str | None:
        """Return why no ledger may begin in this file, which has no chain yet; None where no other is known there."""
        from douane.ledger.instead import missed

        return missed(self.folder, Path(file))

    def others(self, file: str, ledger: str) -> list[Standing]:
        """Return where other ledgers stood last that are known in this file, the latest first."""
        from douane.ledger.instead import others

        return others(self.folder, Path(file), ledger)

    def gave_way(self, other: Standing) -> None:
        """Keep that another ledger lies in its file no more; raises `OSError`."""
        from douane.ledger.instead import give_way

        give_way(self.folder, other)

    def gave_up(self, given: GivenUp, sealer: Sealer) -> None:
        """Keep what a restore gives up, on the disk before anything else is done; raises `OSError`."""
        from douane.ledger import given_up

        self._sealer = sealer
        given_up.keep(self.folder, given, sealer)

    def tend(self) -> None:
        """Write what is due; to be called now and then when nothing happens."""
        now = self._monotonic()
        if self._standing is None or (self._written_at is not None and now - self._written_at < HEAD_SECONDS):
            return
        self._written_at = now
        self._pay()
        self._write_head(self._standing)

    def close(self) -> None:
        """Write what is left."""
        self._written_at = None
        self.tend()

    def failures(self) -> list[Unanchored]:
        """Return what could not be written since the last time this was asked; a trouble that lasts is told once."""
        fresh = [one for what, one in self._failed.items() if what not in self._told]
        self._told = set(self._failed)
        return fresh

    def _write_head(self, standing: Standing) -> None:
        said = {"at": standing.at, "head": standing.head.hex(), "ledger": standing.ledger, "seq": standing.seq}
        if standing.file is not None:
            said["file"] = standing.file
        line = json.dumps(said, sort_keys=True)
        self.last = line
        if self._is_behind(standing):
            self._standing = None
            return
        if standing.file is not None and self.moved(standing.ledger):
            why = self.doubt(standing.file, self._sealer, standing.ledger, again=True)
            if why is not None:  # this chain does not go through what another process wrote there
                self._failed["other"] = Unanchored("head", str(self.folder), "the ledger does not go on from it")
                self._standing = None
                return
        try:
            self._marks[standing.ledger] = _replace(self.folder / f"{standing.ledger}.head", f"{line}\n")
        except OSError as error:
            self._note("head", str(self.folder), error)
        else:
            self._failed.pop("head", None)
            self._standing = None

    def _is_behind(self, standing: Standing) -> bool:
        """Whether the file knows the ledger further: another process was later, or an older copy is in its place."""
        from douane.ledger import given_up

        known = standing_of(self.folder, standing.ledger)
        if known is None or known.ledger != standing.ledger or known.seq <= standing.seq:
            return False
        left = given_up.read(self.folder, standing.ledger, self._sealer)
        return not any(given_up.covers(one, known) for one in left)

    def _pay(self) -> None:
        """Append the lines that are owed, each on the disk before the next."""
        while self._owed:
            ledger, line = self._owed[0]
            try:
                append(self.folder / f"{ledger}.jsonl", f"{line}\n".encode())
            except OSError as error:
                self._note("file", str(self.folder), error)
                return
            self._failed.pop("file", None)
            self._owed.pop(0)

    def _tell_damage(self, lines: list[str]) -> None:
        if lines:
            said = f"{lines[0]} is no anchor; take that line out, or put the file back from a copy"
            self._failed["line"] = Unanchored("file", str(self.folder), said)
        else:
            self._failed.pop("line", None)

    def _log(self, line: str) -> None:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as log:
                log.connect(str(self._syslog))
                log.send(syslog_message(line))
        except OSError as error:
            self._note("syslog", str(self._syslog), error)
        else:
            self._failed.pop("syslog", None)

    def _note(self, what: str, place: str, error: OSError) -> None:
        self._failed[what] = Unanchored(what, place, error_name(error))


def line_of(closed: Closed) -> str:
    """Return a closed segment's line, without its end."""
    header = closed.header
    said = {
        "at": header.closed_at,
        "head": header.head.hex(),
        "ledger": closed.ledger,
        "segment": header.number,
        "seq": header.last_seq,
        "signature": closed.signature.hex(),
    }
    return json.dumps(said, sort_keys=True)


def syslog_message(line: str) -> bytes:
    """Return a line as a message of RFC 5424; the moment is the line's own."""
    at = json.loads(line)["at"]
    host = "".join(char for char in socket.gethostname() if "!" <= char <= "~")[:255] or "-"
    return f"<{_PRIORITY}>1 {at} {host} douane {os.getpid()} anchor - {line}".encode()


def files_of(folder: Path, ledger: str) -> list[Path]:
    """Return the files that a folder keeps of a ledger: its lines, its last standing and its checkpoints."""
    if not ledger or not ledger.isalnum():
        return []
    names = (f"{ledger}.jsonl", f"{ledger}.head")
    found = [folder / name for name in names if (folder / name).is_file()]
    return [*found, *sorted(folder.glob(f"{ledger}-*.checkpoint"))]


def latest(folder: Path, ledger: str) -> Anchor | None:
    """Return the furthest that the anchors say of a ledger, None where they say nothing; raises `Unreadable`."""
    found: list[Anchor] = []
    for path in files_of(folder, ledger):
        if path.suffix != ".checkpoint":
            found += [one for one in read_anchors(text_in(path), str(path)) if isinstance(one, Anchor)]
    return max((one for one in found if one.ledger == ledger), key=lambda one: (one.seq, one.at), default=None)


def standing_of(folder: Path, ledger: str) -> Anchor | None:
    """Return where a ledger's chain stood last, with its `file`; None where no readable file says so."""
    try:
        return read_line(text_in(folder / f"{ledger}.head"))
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, Unreadable):
        return None


def standing_in(folder: Path, ledger: str) -> Anchor | None:
    """Return where a ledger's chain stood last, None where there is no such file.

    Raises `Unreadable` for a file that is there and does not say so, with the remedy.
    """
    path = folder / f"{ledger}.head"
    if not _is_there(path):
        return None
    try:
        return read_line(text_in(path))
    except (ValueError, KeyError, TypeError):
        raise Unreadable(
            f"{path} is damaged. Put it back from a copy; move it away if you know how it came about, since the lines "
            "of closed segments alone then say how far the ledger was"
        ) from None


def lines_of(folder: Path, ledger: str) -> tuple[list[Anchor], list[str]]:
    """Return a ledger's lines of closed segments, and which lines of their file are damaged (file and number).

    A damaged line loses no other. Raises `Unreadable` for a file that is there and cannot be read.
    """
    path = folder / f"{ledger}.jsonl"
    if not ledger.isalnum() or not _is_there(path):
        return [], []
    found: list[Anchor] = []
    damaged: list[str] = []
    for number, line in enumerate(
        text_in(path, "latin-1").split("\n")[:-1], 1
    ):  # what has no end was not written whole
        try:
            one = read_line(line)
            if one.ledger != ledger or one.segment is None:
                raise ValueError
        except (ValueError, KeyError, TypeError):
            damaged.append(f"line {number} of {path.name}")
        else:
            found.append(one)
    return found, damaged


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read as an anchor ({error_name(error)})") from None
    return True


def _mark(path: Path) -> tuple[int, ...] | None:
    """By what a file that was replaced is told from the one before; None where there is none."""
    try:
        return _marked(path.lstat())
    except OSError:
        return None


def _marked(state: os.stat_result) -> tuple[int, ...]:
    return state.st_dev, state.st_ino, state.st_mtime_ns, state.st_size


def text_in(path: Path, encoding: str = "utf-8") -> str:
    """Return the text of an anchor's file; raises `Unreadable`, also for one that is no regular file or too large."""
    try:
        return text_of(path, _MOST, encoding)
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path}: cannot be read as an anchor ({error_name(error)})") from None


def append(path: Path, line: bytes) -> None:
    """Add a line to a private file, whole or not at all, on the disk when this returns; raises `OSError`."""
    _make(path.parent)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        _drop_torn(fd)
        written = os.write(fd, line)
        if written != len(line):  # a full disk: half a line would be no anchor
            os.ftruncate(fd, os.fstat(fd).st_size - written)
            raise OSError(28, "No space left on device")
        os.fsync(fd)
    finally:
        os.close(fd)


def _drop_torn(fd: int) -> None:
    """Take away a last line that was not written whole: Douane was killed in the middle of it."""
    size = os.fstat(fd).st_size
    tail = os.pread(fd, min(size, 4096), max(0, size - 4096))
    if tail and not tail.endswith(b"\n"):
        os.ftruncate(fd, size - len(tail) + tail.rfind(b"\n") + 1)


def _replace(path: Path, text: str) -> tuple[int, ...]:
    """Put a text in a file's place, whole or not at all; return its mark. Not waited for: it comes every second."""
    _make(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            mark = _marked(os.fstat(file.fileno()))
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
    return mark


def replace_head(folder: Path, ledger: str, line: str) -> None:
    """Put a line in the place of a ledger's last standing; raises `OSError`."""
    _replace(folder / f"{ledger}.head", f"{line}\n")


def _make(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
