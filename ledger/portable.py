"""A ledger to take away: whole, in open formats, with what it takes to verify it without Douane; and back again."""

import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from douane.ledger.backup import Place, copy_whole, drafted, place_of, to_disk
from douane.ledger.canonical import genesis
from douane.ledger.failed import LedgerFailed
from douane.ledger.files import error_name
from douane.ledger.lines import TABLES, LinesDiffer, check_lines, hold_to, write_lines
from douane.ledger.query import open_ledger
from douane.ledger.refused import LedgerRefused
from douane.ledger.sealing import Sealer
from douane.ledger.verify import Progress, verify
from douane.ledger.verify_anchors import read_anchors
from douane.ledger.verify_words import Unreadable, Verified

FORMAT: Final = "douane-export/1"
LEDGER: Final = "ledger.db"
MANIFEST: Final = "manifest.json"
_VERIFIER: Final = "verify_ledger.py"
_PAGES: Final = {"README.md": "export.en.md", "LISEZMOI.md": "export.fr.md"}
_KEYS: Final = "public-keys.json"
_PIECE: Final = 1 << 20
_MOST_KEYS: Final = 1 << 28
_MOST_MANIFEST: Final = 1 << 20
_MOST_ANCHORS: Final = 1 << 28
_MOST: Final = 1 << 40


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds: how far its ledger goes, how many lines each table has, and what a verifier says of it."""

    place: Place
    lines: dict[str, int]
    verified: Verified


def export(
    source: Path,
    target: Path,
    *,
    anchors: Sequence[Path] = (),
    sealer: Sealer | None = None,
    at: str,
    version: str,
    progress: Progress | None = None,
) -> Exported:
    """Write a ledger with its verifier, anchors, public keys and open formats into a new zip file, or a new folder.

    It is a zip file if `target` ends in `.zip`. The ledger is that of one moment, without what stands in free pages of
    its file; whoever writes to it goes on. `at` is ISO 8601, `version` Douane's; `progress` is told how far verifying
    is. Raises `FileExistsError` when there is such a file already, `LedgerRefused` when the ledger does not verify,
    `LedgerFailed` when the disk or SQLite fails. Nothing is left behind then.
    """
    if target.exists() or target.is_symlink():
        raise FileExistsError(f"{target}: is there already; name another")
    with _folder_beside(target) as folder:
        try:
            kept = _keep_anchors(anchors, folder)  # before the copy: it may then be further than they are, never behind
            place = copy_whole(source, folder / LEDGER)
            verified = checked(folder / LEDGER, sealer, kept, progress)
            if progress is not None:
                progress(0, 0)
            _write_anew(folder / LEDGER)  # after it was verified: it would put a forged index right
            lines = _write_tables(folder)
            _write_papers(folder, place, at=at, version=version)
            _give_name(folder, target)
        except OSError as error:
            if isinstance(error, FileExistsError):
                raise
            raise LedgerFailed(f"{target}: cannot be written ({error.strerror})") from None
        except sqlite3.Error as error:
            raise LedgerFailed(f"{source}: cannot be exported ({error_name(error)})") from None
    return Exported(place, lines, verified)


def import_(source: Path, target: Path, *, sealer: Sealer | None = None, progress: Progress | None = None) -> Verified:
    """Take the ledger out of an export into a new file, mode 0600, if it verifies with the anchors that came with it.

    Raises `FileExistsError` when there is such a file already, `LedgerRefused` when the export is none, was altered,
    or its ledger does not verify, `LedgerFailed` when the disk fails. Nothing is left behind then.
    """
    if target.exists() or target.is_symlink():
        raise FileExistsError(f"{target}: is there already; name another")
    try:
        with _opened(source) as parts, drafted(target) as draft:
            said = _manifest(source, parts)
            _take_out(source, parts, said, draft)
            anchors = [one for name in parts.names("anchors/") for one in _anchors_in(name, parts)]
            verified = checked(draft, sealer, anchors, progress)
            _hold_tables(source, parts, draft)
            _hold_papers(source, parts, said, draft)
            to_disk(draft)
            os.link(draft, target)
            to_disk(target.parent)
    except FileExistsError:
        raise
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        raise LedgerRefused(f"{source}: cannot be read as an export ({error_name(error)})") from None
    return verified


def checked(
    path: Path, sealer: Sealer | None, anchors: Sequence[Any] = (), progress: Progress | None = None
) -> Verified:
    """Verify a copy; raises `LedgerRefused` when it does not hold."""
    try:
        found = verify(path, sealer=sealer, anchors=anchors, progress=progress, alone=True)
    except Unreadable as error:
        raise LedgerRefused(str(error)) from None
    if not found.word.holds:
        first = found.found[0].what if found.found else "see `douane verify`"
        raise LedgerRefused(f"the ledger does not verify: {found.word}, {first}; run `douane verify`")
    return found


def _write_anew(path: Path) -> None:
    """Write a ledger's rows into a file of their own: in free pages and ends of pages anything may stand."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("VACUUM INTO ?", (str(fresh),))
    to_disk(fresh)
    fresh.replace(path)


class _Parts:
    """The files of an export, in a folder or a zip file."""

    def __init__(self, folder: Path | None, archive: zipfile.ZipFile | None) -> None:
        self._folder = folder
        self._archive = archive

    def names(self, below: str) -> list[str]:
        if self._archive is not None:
            found = [one for one in self._archive.namelist() if one.startswith(below) and not one.endswith("/")]
        else:
            root = self._folder or Path()
            found = [f"{below}{one.name}" for one in (root / below).glob("*") if one.is_file()]
        return sorted(one for one in found if "/" not in one.removeprefix(below))

    def everything(self) -> list[str]:
        """Every name in it, folders with a slash at their end."""
        if self._archive is not None:
            return self._archive.namelist()
        root = self._folder or Path()
        return [f"{one.relative_to(root).as_posix()}{'/' * one.is_dir()}" for one in root.rglob("*")]

    def pieces(self, name: str, most: int) -> Iterator[bytes]:
        """The bytes of a file, at most so many: an archive may say one size and unpack to another."""
        try:
            opened = self._archive.open(name) if self._archive is not None else (self._folder or Path(), name)
        except KeyError:
            raise FileNotFoundError(2, "No such file", name) from None
        if isinstance(opened, tuple):
            opened = opened[0].joinpath(opened[1]).open("rb")
        with opened as file:
            while piece := file.read(_PIECE):
                most -= len(piece)
                if most < 0:
                    raise OSError(27, "is larger than it should be", name)
                yield piece


@contextmanager
def _opened(source: Path) -> Iterator[_Parts]:
    if source.is_dir():
        yield _Parts(source, None)
        return
    if not zipfile.is_zipfile(source):
        raise LedgerRefused(f"{source}: is no export: neither a zip file nor a folder; name what `douane export` wrote")
    with zipfile.ZipFile(source) as archive:
        yield _Parts(None, archive)


def _manifest(source: Path, parts: _Parts) -> dict[str, Any]:
    try:
        said = json.loads(b"".join(parts.pieces(MANIFEST, _MOST_MANIFEST)))
        if said["format"] != FORMAT or not isinstance(said["files"][LEDGER]["sha256"], str):
            raise ValueError
        if not all(isinstance(one["sha256"], str) and type(one["bytes"]) is int for one in said["files"].values()):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise LedgerRefused(f"{source}: is no export of Douane, or of a version that this one does not know") from None
    return dict(said)


def _take_out(source: Path, parts: _Parts, said: dict[str, Any], draft: Path) -> None:
    digest, size = hashlib.sha256(), said["files"][LEDGER].get("bytes")
    most = size if isinstance(size, int) and 0 <= size <= _MOST else 0
    with draft.open("wb") as out:
        for piece in parts.pieces(LEDGER, most):
            digest.update(piece)
            out.write(piece)
    if digest.hexdigest() != said["files"][LEDGER]["sha256"]:
        raise LedgerRefused(f"{source}: {LEDGER} is not the file that was exported")


def _hold_tables(source: Path, parts: _Parts, draft: Path) -> None:
    """Hold the tables beside the ledger to it: the manifest is signed by nobody, and people read the tables."""
    there = set(parts.names("tables/"))
    if strange := there - {f"tables/{table}.jsonl" for table in TABLES}:
        raise LedgerRefused(f"{source}: {min(strange)} is no table of the ledger")
    if gone := {f"tables/{table}.jsonl" for table in TABLES} - there:
        raise LedgerRefused(f"{source}: {min(gone)} is not there")
    try:
        with closing(open_ledger(draft)) as db:
            for table in TABLES:
                hold_to(db, table, parts.pieces(f"tables/{table}.jsonl", _MOST))
    except (LinesDiffer, sqlite3.Error) as error:
        why = error if isinstance(error, LinesDiffer) else error_name(error)
        raise LedgerRefused(f"{source}: the tables were altered: {why}") from None


def _hold_papers(source: Path, parts: _Parts, said: dict[str, Any], draft: Path) -> None:
    """Hold every file to the manifest, and what follows from the chain to the chain.

    The manifest is signed by nobody: who alters a page or takes an anchor away can alter it too. What lies beside and
    is of no table and no anchor is nobody's business.
    """
    there, place = parts.everything(), place_of(draft)
    named = {MANIFEST, *said["files"]}
    for name in sorted(there):
        mine = name.startswith(("tables/", "anchors/", f"{LEDGER}-")) and name not in ("tables/", "anchors/")
        if (mine and name not in named) or there.count(name) > 1:
            raise LedgerRefused(f"{source}: {name!a} is not of the export")
    if [said.get(one) for one in ("ledger", "seq", "head")] != [place.ledger, place.seq, place.head.hex()]:
        raise LedgerRefused(f"{source}: {MANIFEST} says that the chain ends elsewhere")
    for name, one in sorted(said["files"].items()):
        digest = hashlib.sha256()
        if name not in there:
            raise LedgerRefused(f"{source}: {name!a} is not there")
        for piece in parts.pieces(name, one["bytes"]):
            digest.update(piece)
        if digest.hexdigest() != one["sha256"]:
            raise LedgerRefused(f"{source}: {name!a} is not what the manifest says")
    try:
        keys = {"later_note_keys": {}, **json.loads(b"".join(parts.pieces(_KEYS, _MOST_KEYS)))}
    except (ValueError, TypeError, RecursionError):
        keys = {}
    if keys != _keys_of(draft, place):
        raise LedgerRefused(f"{source}: {_KEYS} has not the ledger's keys")


def _anchors_in(name: str, parts: _Parts) -> list[Any]:
    try:
        return list(read_anchors(b"".join(parts.pieces(name, _MOST_ANCHORS)).decode("utf-8"), name))
    except (Unreadable, UnicodeDecodeError):
        raise LedgerRefused(f"{name}: cannot be read as an anchor") from None


def _keep_anchors(anchors: Sequence[Path], folder: Path) -> list[Any]:
    out: list[Any] = []
    place = folder / "anchors"
    for one in anchors:
        place.mkdir(mode=0o700, exist_ok=True)
        try:
            text = _without_file(one.read_text(encoding="utf-8"))
            out += read_anchors(text, str(one))
        except (Unreadable, UnicodeDecodeError):
            raise LedgerRefused(f"{one}: cannot be read as an anchor; move it away") from None
        (place / one.name).write_text(text, encoding="utf-8", newline="")
    return out


def _without_file(text: str) -> str:
    """An anchor without the ledger's path: it names a folder of this machine, and often its user."""
    try:
        said = json.loads(text)
    except ValueError:
        return text  # many lines, or a checkpoint: neither names it
    if not isinstance(said, dict) or "file" not in said:
        return text
    return json.dumps({key: value for key, value in said.items() if key != "file"}, sort_keys=True) + "\n"


def _write_tables(folder: Path) -> dict[str, int]:
    tables = folder / "tables"
    tables.mkdir(mode=0o700)
    with closing(open_ledger(folder / LEDGER)) as db:
        lines = write_lines(db, tables)
        chain = db.execute("SELECT ledger, created_at FROM chain").fetchone()
        sql = "SELECT head FROM segments WHERE last_seq < (SELECT min(seq) FROM events) ORDER BY number DESC LIMIT 1"
        before = db.execute(sql).fetchone()
    try:
        check_lines(tables, before[0] if before is not None else genesis(*chain))
    except LinesDiffer as error:
        raise LedgerRefused(f"the ledger cannot be exported: {error}; run `douane verify`") from None
    return lines


def _write_papers(folder: Path, place: Place, *, at: str, version: str) -> None:
    data = files("douane.ledger") / "data"
    for name, source in {**_PAGES, _VERIFIER: _VERIFIER}.items():
        (folder / name).write_bytes(data.joinpath(source).read_bytes())
    _write_json(folder / _KEYS, _keys_of(folder / LEDGER, place))
    named = sorted(one for one in folder.rglob("*") if one.is_file())
    _write_json(
        folder / MANIFEST,
        {
            "format": FORMAT,
            "at": at,
            "version": version,
            "ledger": place.ledger,
            "seq": place.seq,
            "head": place.head.hex(),
            "files": {
                one.relative_to(folder).as_posix(): {"sha256": _digest(one), "bytes": one.stat().st_size}
                for one in named
            },
        },
    )


def _keys_of(ledger: Path, place: Place) -> dict[str, Any]:
    """The keys that check a ledger's signatures and checkpoints."""
    with closing(open_ledger(ledger)) as db:
        told = db.execute("SELECT body FROM events WHERE kind = 'sealing' AND row IS NULL ORDER BY seq LIMIT 1")
        sealing = told.fetchone()
        later = db.execute("SELECT body FROM events WHERE kind = 'note-key' AND row IS NULL ORDER BY seq")
        return {
            "ledger": place.ledger,
            "note_key": json.loads(sealing[0])["note_key"] if sealing is not None else None,
            "later_note_keys": {str(one["size"]): one["public_key"] for (body,) in later for one in [json.loads(body)]},
            "segments": {
                str(number): key.hex() for number, key in db.execute("SELECT number, public_key FROM segments")
            },
        }


def _give_name(folder: Path, target: Path) -> None:
    for one in folder.rglob("*"):
        one.chmod(0o700 if one.is_dir() else 0o600)
    if target.suffix != ".zip":
        folder.rename(target)  # onto nothing: a folder that is there was refused
        to_disk(target.parent)
        return
    with drafted(target) as draft:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            for one in sorted(folder.rglob("*")):
                if one.is_file():
                    archive.write(one, one.relative_to(folder).as_posix())
        to_disk(draft)
        os.link(draft, target)
        to_disk(target.parent)


@contextmanager
def _folder_beside(target: Path) -> Iterator[Path]:
    folder = target.with_name(f".{target.name}.{os.urandom(8).hex()}")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise LedgerFailed(f"{target}: cannot be made ({error.strerror})") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
