"""The spool: what crossed, sealed and committed before it is passed on, until the inspector has judged it.

One writer (the proxy) puts; one reader (the inspector, another process) takes and deletes. Each has its own connection
to one SQLite file in WAL mode. The format is in `docs/ledger.md`.
"""

import json
import os
import sqlite3
import struct
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from cryptography.exceptions import InvalidTag

from douane.ledger.files import error_name, touch_private
from douane.ledger.opening import Seal
from douane.ledger.record import Record, RecordKind
from douane.ledger.spooled import Expired, SpoolSize, Unreadable

__all__ = ["Durability", "Expired", "Spool", "SpoolFailed", "SpoolFull", "SpoolSize", "Unreadable"]

type Durability = Literal["process", "power"]

APPLICATION_ID = 0x444F5553  # "DOUS"
FORMAT = 1
LIMIT_BYTES = 1 << 30
ID_BLOCK = 10_000
"""How many ids a writer takes at a time, from a multiple of it and one on; within such a block it leaves none out."""

_PAGE = 4096
_ROW_OVERHEAD = 2 * _PAGE  # a row's share of b-tree and freelist pages, rounded up: the estimate may only be too high
_BACK_STOP_PAGES = 24_576  # 96 MiB of WAL: the writer checkpoints by itself only if no reader does
_REWIND_PAGES = 12_288
_DELETE_CHUNK = 8
_TAKE_BYTES = 32 << 20
_BUSY_SECONDS = 2.0
_HELD_SECONDS = 0.02  # once a lock was held for all of the above: the proxy must not stand still for each message
_PAUSE_SECONDS = 20e-6
_YIELD_SECONDS = 200e-6
_NONCE = 12
_NUMBERS = struct.Struct(">qqd")

_SCHEMA = (
    "CREATE TABLE spool (one INTEGER PRIMARY KEY CHECK (one = 1), uuid TEXT NOT NULL, next_id INTEGER NOT NULL) STRICT",
    "CREATE TABLE records (id INTEGER PRIMARY KEY, app TEXT NOT NULL, flow TEXT NOT NULL, kind TEXT NOT NULL,"
    " seq INTEGER NOT NULL, at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL,"
    " sealed BLOB NOT NULL) STRICT",
)
_INSERT = "INSERT INTO records (id, app, flow, kind, seq, at, size, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_DELETE = f"DELETE FROM records WHERE id IN ({', '.join('?' * _DELETE_CHUNK)})"  # noqa: S608 - marks only
_BUMP = f"UPDATE records SET attempts = attempts + 1 WHERE id IN ({', '.join('?' * _DELETE_CHUNK)})"  # noqa: S608


class SpoolFull(Exception):  # noqa: N818 - it says what happened
    """The spool holds as much as its limit allows; nothing was written."""


class SpoolFailed(Exception):  # noqa: N818 - it says what happened
    """The spool could not be opened, read or written; nothing was written. The message names SQLite's error code."""


class Spool:
    """One process's way to the spool file. Not safe to share between threads.

    `durability` "process" survives the death of every process (WAL, synchronous NORMAL); "power" also that of the
    machine (FULL: one fsync a put). `limit_bytes` bounds the database's used pages, its WAL not counted. The file and
    its side files are readable by their owner only. `number` is what a new file is numbered with (32 hex digits, a
    random one by default): records' uids begin with it. Raises `SpoolFailed` if it cannot be opened or is none.
    """

    def __init__(
        self,
        path: Path,
        master: bytes,
        *,
        durability: Durability = "process",
        limit_bytes: int = LIMIT_BYTES,
        number: str = "",
    ) -> None:
        self.path = path
        self.limit_bytes = limit_bytes
        self._next_id = self._last_id = 0
        self._estimate = limit_bytes + 1  # unknown until the first put asks
        self._version: int | None = None
        self._held = False  # whether somebody kept the file locked for as long as a write waits
        try:
            touch_private(path)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=5.0)
        except (OSError, sqlite3.Error) as error:
            raise SpoolFailed(f"{path}: the spool cannot be opened ({error_name(error)})") from None
        try:
            self.uuid = self._open(durability, number)
        except sqlite3.Error as error:
            self._db.close()
            raise SpoolFailed(f"{path}: not a usable spool ({error_name(error)})") from None
        except SpoolFailed:
            self._db.close()
            raise
        self._short = self.uuid[:12]
        self._seal = Seal(master, "spool", self.uuid)

    def put(
        self, kind: RecordKind, app: str, flow: str, seq: int, at: float, meta: bytes | dict[str, Any], body: bytes
    ) -> str:
        """Seal and commit one record; return its uid. `at` is Unix time in seconds, `meta` a dict or its JSON bytes.

        Raises `SpoolFull` at the limit and `SpoolFailed` for every error of SQLite or the disk. Whatever is raised,
        nothing of the record was kept.
        """
        if isinstance(meta, dict):
            meta = json.dumps(meta, separators=(",", ":")).encode("ascii")
        cost = len(meta) + len(body) + _ROW_OVERHEAD
        if self._estimate + cost > self.limit_bytes:
            self._estimate = self._used_bytes()
            if self._estimate + cost > self.limit_bytes:
                raise SpoolFull(f"{self.path}: the spool holds {self._estimate} of {self.limit_bytes} bytes")
        if self._next_id >= self._last_id:
            self._reserve_ids()
        row_id = self._next_id
        nonce = os.urandom(_NONCE)
        plain = b"".join((len(meta).to_bytes(4, "big"), meta, body))
        try:
            bound = _bound(row_id, app, flow, kind, seq, at)
            row = (row_id, app, flow, kind.value, seq, at, len(body), nonce + self._seal.encrypt(nonce, plain, bound))
        except (UnicodeEncodeError, OverflowError, struct.error) as error:
            raise SpoolFailed(f"{self.path}: the record cannot be sealed ({type(error).__name__})") from None
        self._write(lambda: self._db.execute(_INSERT, row))
        self._next_id = row_id + 1
        self._estimate += cost
        return f"{self._short}-{row_id}"

    def take(self, after_id: int = 0, limit: int = 256, *, max_bytes: int = _TAKE_BYTES) -> list[Record | Unreadable]:
        """Return up to `limit` records with ids above `after_id`, oldest first; they stay in the spool.

        Stops after the record with which the sealed bytes reach `max_bytes`, so at least one record comes if any
        waits. A record that cannot be unsealed comes as `Unreadable`.
        """
        rows: list[tuple[Any, ...]] = []
        taken = 0
        cursor = self._read(
            "SELECT id, app, flow, kind, seq, at, attempts, size, sealed FROM records WHERE id > ? ORDER BY id LIMIT ?",
            (after_id, limit),
        )
        try:
            for row in cursor:
                rows.append(row)
                taken += len(row[8])
                if taken >= max_bytes:
                    break
        except sqlite3.Error as error:
            raise SpoolFailed(f"{self.path}: the spool cannot be read ({error_name(error)})") from None
        finally:
            cursor.close()  # an open cursor would keep the WAL from being rewound
        return [self._unseal(row) for row in rows]

    def delete(self, ids: Iterable[int]) -> None:
        """Destroy these records, a few to a transaction; ids that are not there are passed over."""
        self._each_chunk(_DELETE, ids)

    def bump(self, ids: int | Iterable[int]) -> None:
        """Count one more attempt on these records."""
        self._each_chunk(_BUMP, (ids,) if isinstance(ids, int) else ids)

    def expired(self, before: float, limit: int = 1000) -> list[Expired]:
        """Return up to `limit` records from before this Unix time, oldest first; they stay in the spool.

        For a reader that must write a gap for each before it destroys them.
        """
        cursor = self._read(
            "SELECT id, app, flow, kind, seq, at, size, attempts FROM records WHERE at < ? ORDER BY id LIMIT ?",
            (before, limit),
        )
        with closing(cursor):
            return [Expired(row[0], f"{self._short}-{row[0]}", *row[1:]) for row in self._rows(cursor)]

    def expire(self, before: float) -> list[Expired]:
        """Destroy every record from before this Unix time and return their plain columns."""
        gone: list[Expired] = []
        while found := self.expired(before):
            self.delete(record.id for record in found)
            gone += found
        return gone

    def changed(self) -> bool:
        """Tell whether another connection has committed since the last call; true on the first call. About 2 µs."""
        with closing(self._read("PRAGMA data_version", ())) as cursor:
            version: int = self._rows(cursor)[0][0]
        known, self._version = self._version, version
        return known != version

    def size(self) -> SpoolSize:
        """Return how much waits. Reads every row's plain columns: for a status line, not for every message."""
        with closing(self._read("SELECT count(*), min(at) FROM records", ())) as cursor:
            records, oldest = self._rows(cursor)[0]
        return SpoolSize(records, self._used_bytes(), oldest)

    def newest(self) -> int:
        """Return the highest id that waits, 0 for none."""
        with closing(self._read("SELECT max(id) FROM records", ())) as cursor:
            return int(self._rows(cursor)[0][0] or 0)

    def checkpoint(self) -> None:
        """Copy the WAL into the database. The reader calls this about once a second.

        The bulk is copied while the writer goes on. Only a WAL over 48 MiB is then also rewound, for which a writer
        waits while the pages of the last milliseconds reach the disk.
        """
        pages = self._checkpoint("PASSIVE")
        if pages > _REWIND_PAGES:
            self._checkpoint("RESTART")

    def tidy(self) -> bool:
        """Empty the WAL, in which destroyed records still stand, and give an empty spool's disk space back.

        False when a writer was at work. The reader calls this when idle, and about once a minute. It never waits for a
        writer; a writer may wait some milliseconds for it.
        """
        with closing(self._read("SELECT EXISTS (SELECT 1 FROM records)", ())) as cursor:
            empty = not self._rows(cursor)[0][0]
        try:
            if empty and self._pragma("freelist_count") > 256:
                self._db.execute("VACUUM")
            return bool(self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
        except sqlite3.Error:
            return False

    def close(self) -> None:
        """Close the connection; further calls on this object fail."""
        with suppress(sqlite3.Error):
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _open(self, durability: Durability, number: str) -> str:
        db = self._db
        db.text_factory = _text
        found = self._pragma("application_id")
        # Without tables it is one whose maker died before its first commit, or whose journal is lost.
        if found not in (0, APPLICATION_ID) or (found == 0 and self._tables()):
            raise SpoolFailed(f"{self.path}: this file is not a Douane spool; name another file")
        if found and self._pragma("user_version") != FORMAT:
            raise SpoolFailed(f"{self.path}: a spool of another Douane version; let that version empty it first")
        if not found:
            db.execute(f"PRAGMA page_size = {_PAGE}")
        db.execute("PRAGMA journal_mode = WAL").close()
        db.execute(f"PRAGMA synchronous = {'FULL' if durability == 'power' else 'NORMAL'}")
        db.execute("PRAGMA fullfsync = ON" if durability == "power" else "PRAGMA fullfsync = OFF")
        db.execute("PRAGMA secure_delete = ON").close()
        db.execute(f"PRAGMA wal_autocheckpoint = {_BACK_STOP_PAGES}").close()
        db.execute("BEGIN IMMEDIATE")
        if self._pragma("application_id") == 0:  # asked again under the lock: another process may have been faster
            for statement in _SCHEMA:
                db.execute(statement)
            db.execute("INSERT INTO spool (one, uuid, next_id) VALUES (1, ?, 1)", (number or uuid.uuid4().hex,))
            db.execute(f"PRAGMA user_version = {FORMAT}")
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("COMMIT")
        row = db.execute("SELECT uuid FROM spool").fetchone()
        if row is None:
            raise SpoolFailed(f"{self.path}: the spool has lost its own number; move the file away")
        db.execute("PRAGMA busy_timeout = 0").close()  # from here on `_write` does the waiting
        return str(row[0])

    def _write(self, act: Callable[[], object]) -> None:
        """Run one autocommitted statement, waiting in steps of about 70 µs (SQLite's own first step is 1 ms)."""
        deadline = 0.0
        while True:
            try:
                act()
                self._held = False
                return
            except sqlite3.Error as error:
                if self._db.in_transaction:
                    with suppress(sqlite3.Error):
                        self._db.execute("ROLLBACK")
                now = time.monotonic()
                deadline = deadline or now + (_HELD_SECONDS if self._held else _BUSY_SECONDS)
                if not _busy(error) or now > deadline:
                    self._held = _busy(error)
                    raise SpoolFailed(f"{self.path}: the spool cannot be written ({error_name(error)})") from None
            except OverflowError:
                raise SpoolFailed(f"{self.path}: a number in the record is out of range") from None
            time.sleep(_PAUSE_SECONDS)

    def _read(self, sql: str, values: Sequence[object]) -> sqlite3.Cursor:
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                return self._db.execute(sql, values)
            except sqlite3.Error as error:
                if not _busy(error) or time.monotonic() > deadline:
                    raise SpoolFailed(f"{self.path}: the spool cannot be read ({error_name(error)})") from None
            time.sleep(_PAUSE_SECONDS)

    def _rows(self, cursor: sqlite3.Cursor) -> list[Any]:
        try:
            return cursor.fetchall()
        except sqlite3.Error as error:
            raise SpoolFailed(f"{self.path}: the spool cannot be read ({error_name(error)})") from None

    def _each_chunk(self, sql: str, ids: Iterable[int]) -> None:
        wanted = sorted(set(ids))
        for start in range(0, len(wanted), _DELETE_CHUNK):
            if start:
                time.sleep(_YIELD_SECONDS)  # locks are not fair: without a pause a waiting writer is starved
            chunk = wanted[start : start + _DELETE_CHUNK]
            chunk += chunk[-1:] * (_DELETE_CHUNK - len(chunk))
            self._write(lambda chunk=chunk: self._db.execute(sql, chunk))  # type: ignore[misc]

    def _reserve_ids(self) -> None:
        """Take the next block of ids from the file. Ids are never given twice, and cheaper so than by AUTOINCREMENT."""
        taken: list[int] = []

        def reserve() -> None:
            rows = self._db.execute("UPDATE spool SET next_id = next_id + ? RETURNING next_id", (ID_BLOCK,)).fetchall()
            taken.append(rows[0][0])

        self._write(reserve)
        self._next_id, self._last_id = taken[-1] - ID_BLOCK, taken[-1]

    def _checkpoint(self, mode: Literal["PASSIVE", "RESTART"]) -> int:
        with closing(self._read(f"PRAGMA wal_checkpoint({mode})", ())) as cursor:
            pages: int = self._rows(cursor)[0][1]
        return pages

    def _tables(self) -> int:
        count: int = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        return count

    def _pragma(self, name: str) -> int:
        value: int = self._db.execute(f"PRAGMA {name}").fetchone()[0]
        return value

    def _used_bytes(self) -> int:
        try:
            return (self._pragma("page_count") - self._pragma("freelist_count")) * self._pragma("page_size")
        except sqlite3.Error as error:
            raise SpoolFailed(f"{self.path}: the spool cannot be read ({error_name(error)})") from None

    def _unseal(self, row: tuple[Any, ...]) -> Record | Unreadable:
        row_id, app, flow, kind, seq, at, attempts, size, sealed = row
        uid = f"{self._short}-{row_id}"
        try:
            named = RecordKind(kind)
            bound = _bound(row_id, app, flow, named, seq, at)
            plain = self._seal.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
            end = 4 + int.from_bytes(plain[:4], "big")
            meta = json.loads(plain[4:end])
        except (InvalidTag, ValueError, OverflowError, struct.error):
            return Unreadable(row_id, uid, app, flow, kind, seq, at, size, attempts)
        if not isinstance(meta, dict):
            return Unreadable(row_id, uid, app, flow, kind, seq, at, size, attempts)
        return Record(row_id, uid, app, flow, named, seq, at, meta, plain[end:], attempts)


def _bound(row_id: int, app: str, flow: str, kind: RecordKind, seq: int, at: float) -> bytes:
    """Return what the seal binds beside the content: every plain column that is final when the record is put."""
    parts = [_NUMBERS.pack(row_id, seq, at)]
    for text in (app, flow, kind.value):
        encoded = text.encode()
        parts.append(len(encoded).to_bytes(4, "big") + encoded)
    return b"".join(parts)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")  # altered bytes must reach the seal's check rather than stop the reading


def _busy(error: sqlite3.Error) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
