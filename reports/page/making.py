"""Documents made on the page: one at a time in a process of its own, kept until the page ends."""

import threading
import time
import weakref
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Final

from douane.audit.declaration import Declaration
from douane.ledger.anchors import files_of
from douane.ledger.query import open_ledger
from douane.ledger.verify import verify
from douane.ledger.verify_file import number_of
from douane.ledger.verify_words import Unreadable
from douane.reports.i18n import Lang
from douane.reports.kinds import kinds
from douane.reports.kinds.base import Material, Seal
from douane.reports.kinds.gathered import About, gathered
from douane.reports.kinds.holdings import Holdings
from douane.reports.kinds.in_force import InForce
from douane.reports.page.checking import Checking, anchors_of, sealer_of
from douane.reports.page.jobs import Job, Jobs, Tell
from douane.reports.people import Under

SORT: Final = "document"
KEPT: Final = 20
"""Documents that are kept; the oldest go first."""
_STEPS: Final = 100
_VERIFIED: Final = 60
"""Of a hundred steps, how many verifying the chain is shown as."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A document that is asked for. `since` and `until` are dates or empty; `verified` says whether the chain is looked
    through first.
    """

    kind: str
    form: str
    lang: Lang
    apps: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Made:
    """A document on the page's list, with a number of its own.

    `at` is when it was asked for (ISO 8601), `error` why there is none; `size` in bytes, 0 until it is there.
    """

    number: int
    wanted: Wanted
    who: str
    at: str
    path: Path
    size: int = 0
    error: str = ""
    job: Job | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The name of the file that is downloaded."""
        ending = "json" if self.wanted.form == "pia" else self.wanted.form
        return f"douane-{self.wanted.kind}-{self.at[:10]}-{self.number}.{ending}"


class Documents:
    """Makes documents and keeps the newest. Safe to use from several threads."""

    def __init__(self, jobs: Jobs, *, clock: Callable[[], float] = time.time) -> None:
        self._jobs, self._clock = jobs, clock
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._taken_away: Callable[[], object] | None = None
        self._made: dict[int, Made] = {}
        self._last = 0

    def make(
        self,
        wanted: Wanted,
        checking: Checking,
        under: Under,
        declarations: dict[str, Declaration],
        who: str,
        in_force: InForce | None = None,
        sources: Mapping[str, Path] | None = None,
    ) -> Made | None:
        """Begin a document; None while another one is being made."""
        with self._lock:
            number = self._last + 1
            path = self._place() / str(number)
            job = self._jobs.start(SORT, write, wanted, checking, under, declarations, str(path), in_force, sources)
            if job is None:
                return None
            self._last = number
            at = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            made = self._made[number] = Made(number, wanted, who, at, path, job=job)
            for old in sorted(self._made)[:-KEPT]:
                self._made.pop(old).path.unlink(missing_ok=True)
        return made

    @property
    def busy(self) -> bool:
        """Whether a document is being made."""
        job = self._jobs.of(SORT)
        return job is not None and job.runs

    def all(self) -> list[Made]:
        """Every document that is kept or being made, the newest first."""
        with self._lock:
            return [self._stands(one) for _, one in sorted(self._made.items(), reverse=True)]

    def of(self, number: int) -> Made | None:
        """The document of that number."""
        with self._lock:
            found = self._made.get(number)
            return None if found is None else self._stands(found)

    def close(self) -> None:
        """Take the documents away."""
        if self._taken_away is not None:
            self._taken_away()

    def _place(self) -> Path:
        """A folder that only this user can read, which goes when the page ends."""
        if self._folder is None:
            self._folder = Path(mkdtemp(prefix="douane-page-"))
            self._taken_away = weakref.finalize(self, rmtree, self._folder, ignore_errors=True)
        return self._folder

    def _stands(self, one: Made) -> Made:
        if one.job is not None and not one.job.runs:
            size = one.path.stat().st_size if not one.job.error and one.path.exists() else 0
            one = replace(one, job=None, error=one.job.error if size == 0 else "", size=size)
            self._made[one.number] = one
        return one


def write(
    tell: Tell,
    wanted: Wanted,
    checking: Checking,
    under: Under,
    declarations: dict[str, Declaration],
    path: str,
    in_force: InForce | None = None,
    sources: Mapping[str, Path] | None = None,
) -> None:
    """Make a document and write it to a new file that only this user can read."""
    seal = sealed(checking, wanted, lambda done, of: tell(_VERIFIED * done // max(1, of), _STEPS))
    tell(_VERIFIED, _STEPS)
    with closing(open_ledger(Path(checking.ledger))) as db:
        about = About(wanted.apps, wanted.since or None, wanted.until or None)
        material = gathered(
            db, about, wanted.lang, seal=seal, under=under, declarations=declarations, now=datetime.now(UTC)
        )
        material = replace(material, in_force=in_force)
        tell(_VERIFIED + (_STEPS - _VERIFIED) // 2, _STEPS)
        kind, file = kinds()[wanted.kind], Path(path)
        file.touch(0o600, exist_ok=False)
        if kind.stream is not None:
            kind.stream(replace(material, holdings=held(checking, wanted, material, sources or {})), wanted.form, file)
        else:
            file.write_bytes(kind.make(material, wanted.form))


def held(checking: Checking, wanted: Wanted, material: Material, sources: Mapping[str, Path]) -> Holdings:
    """Where the ledger and what belongs to it lie; the whole ledger goes along with a document of all apps only."""
    ledger = Path(checking.ledger)
    anchors = files_of(Path(checking.anchors), number_of(ledger)) if checking.anchors else []
    version = material.summary.versions.douane[-1] if material.summary.versions.douane else ""
    whole = not wanted.apps
    return Holdings(ledger, tuple(anchors), sealer_of(checking), sources, whole=whole, version=version)


def sealed(checking: Checking, wanted: Wanted, tell: Tell) -> Seal:
    """Where the chain ends, and what verifying it says where that is asked for."""
    from douane.ledger.verify_file import opened, read_end

    try:
        if not wanted.verified:
            with closing(opened(Path(checking.ledger))) as db:
                end = read_end(db, checking.ledger)
            return Seal() if end is None else Seal(end.name, end.seq, end.head.hex())
        said = verify(Path(checking.ledger), sealer=sealer_of(checking), anchors=anchors_of(checking), progress=tell)
    except Unreadable:
        return Seal()
    return Seal(said.ledger, said.seq, said.head, said.word.value, said.unchecked)
