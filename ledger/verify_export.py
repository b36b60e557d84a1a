"""What lies beside the ledger of an export, held to it: its tables as lines, the manifest and the public keys.

`docs/ledger-format.md` says under "An export" what is looked at. Nobody signs the manifest, so it says nothing of the
chain that is not compared with the chain.
"""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PureWindowsPath
from typing import Any, Final

from douane.ledger.peeking import digest
from douane.ledger.verify_end import End
from douane.ledger.verify_file import COLUMNS, is_blob
from douane.ledger.verify_heads import Segment
from douane.ledger.verify_words import Places, Unreadable

LEDGER: Final = "ledger.db"
_MANIFEST: Final = "manifest.json"
_KEYS: Final = "public-keys.json"
_BESIDE: Final = (_MANIFEST, "tables", "anchors", _KEYS)
_TABLES: Final = tuple(sorted(COLUMNS.keys() - {"open_segment"}))
_ORDER: Final = {"keys": "app_id, epoch", "chain": "one", "events": "seq", "segments": "number"}


def check_export(
    db: sqlite3.Connection, path: Path, end: End, segments: Sequence[Segment], note_keys: "NoteKeys", places: Places
) -> None:
    """Hold what lies beside a ledger to it, where that makes it an export's; raises `Unreadable`."""
    folder = path.parent
    if path.name != LEDGER or not any((folder / one).exists() for one in _BESIDE):
        return
    try:
        _check_files(folder, end, places)
        _check_keys(folder / _KEYS, end, segments, note_keys, places)
        if (folder / "tables").is_dir():
            _check_tables(db, folder / "tables", places)
    except OSError as error:
        raise Unreadable(f"{error.filename}: cannot be read ({error.strerror})") from None


type NoteKeys = tuple[bytes | None, Sequence[tuple[int, bytes]]]
"""The first key that signs checkpoints, and the later ones with the number of segments from which each signs."""


def _check_files(folder: Path, end: End, places: Places) -> None:
    """Hold each file to the manifest, and the manifest's place in the chain to the chain's end."""
    try:
        said = json.loads((folder / _MANIFEST).read_bytes())
        known = {str(name): (one["sha256"], one["bytes"]) for name, one in said["files"].items()}
        place = (said["ledger"], said["seq"], said["head"])
        whole = said["format"] == "douane-export/1"
    except FileNotFoundError:
        places.altered("export-gone", table=_MANIFEST)
        return
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        whole, known, place = False, {}, ("", 0, "")
    if not whole or place != (end.name, end.seq, end.head.hex()):
        places.altered("export", table=_MANIFEST)
    if not whole:
        return
    for one in sorted(folder.rglob("*")):
        name = one.relative_to(folder).as_posix()
        if name.startswith(("tables/", "anchors/", f"{LEDGER}-")) and (one.is_dir() or name not in known):
            places.altered("export-more", table=name)
    for name, expected in sorted(known.items()):
        file = folder / name
        if not _is_inside(folder, name) or not file.is_file():
            places.altered("export-gone", table=name)
        elif expected[1] != file.stat().st_size or expected[0] != digest(file):
            places.altered("export", table=name)


def _is_inside(folder: Path, name: str) -> bool:
    """Whether a name of the manifest, which nobody signs, is that of a place in the folder, links followed."""
    apart = Path(name).is_absolute() or PureWindowsPath(name).drive
    if apart or "\\" in name or ".." in Path(name).parts:
        return False
    with suppress(OSError, ValueError):  # no name that a file can have
        return (folder / name).resolve().is_relative_to(folder.resolve())
    return False


def _check_keys(path: Path, end: End, segments: Sequence[Segment], note_keys: NoteKeys, places: Places) -> None:
    first, later = note_keys
    keys = {
        "ledger": end.name,
        "note_key": None if first is None else first.hex(),
        "later_note_keys": {str(size): key.hex() for size, key in later},
        "segments": {str(one.number): _hex(one.column("public_key")) for one in segments},
    }
    try:
        said = {"later_note_keys": {}, **json.loads(path.read_bytes())}
    except (OSError, ValueError, TypeError, RecursionError):
        said = {}
    if said != keys:
        places.altered("export", table=_KEYS)


def _hex(value: object) -> str | None:
    return value.hex() if isinstance(value, bytes) else None


def _check_tables(db: sqlite3.Connection, folder: Path, places: Places) -> None:
    """Hold each line to its row, value by value."""
    for one in sorted(folder.iterdir()):
        if one.suffix != ".jsonl" or one.stem not in _TABLES:
            places.altered("export-more", table=f"tables/{one.name}")
    for table in _TABLES:
        path = folder / f"{table}.jsonl"
        if path.is_file():
            if wrong := _first_wrong(db, path, table):
                places.altered("export", table=f"tables/{path.name}", row=wrong)
        elif path.exists():
            raise Unreadable(f"{path}: cannot be read (it is no file)")
        else:
            places.altered("export-gone", table=f"tables/{path.name}")


def _first_wrong(db: sqlite3.Connection, path: Path, table: str) -> int:
    """The number of the first line that is not the row in its place, 0 for none."""
    names = [row[0].decode() for row in db.execute("SELECT name FROM pragma_table_info(?)", (table,))]
    blobs = [is_blob(table, name) for name in names]
    listed = ", ".join(f'"{name}"' for name in names)
    rows = db.execute(f"SELECT {listed} FROM {table} NOT INDEXED ORDER BY {_ORDER.get(table, 'id')}")  # noqa: S608 - our own names
    number = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            row = rows.fetchone()
            try:
                said: Any = json.loads(line, object_pairs_hook=tuple)  # an array is a list
                if type(said) is not tuple or row is None or [one[0] for one in said] != names:
                    return number
                if not all(map(_is_value, [one[1] for one in said], row, blobs)):
                    return number
            except (ValueError, LookupError, TypeError, RecursionError):
                return number
    return 0 if rows.fetchone() is None else number + 1


def _is_value(said: object, stored: object, blob: bool) -> bool:
    if not isinstance(stored, bytes):
        return type(said) is type(stored) and said == stored
    if not isinstance(said, str):
        return False
    return (said == stored.hex()) if blob else said.encode("utf-8", "surrogatepass") == stored
