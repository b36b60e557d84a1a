"""A ledger's connection and its transactions: each ends with what it wrote appended to the chain, or with nothing."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from douane.ledger.chain import Chain
from douane.ledger.failed import LedgerFailed
from douane.ledger.files import error_name, touch_private
from douane.ledger.ids import check_ids
from douane.ledger.refused import LedgerRefused
from douane.ledger.schema import prepare
from douane.ledger.sealing import Anchors, Sealer


class Transactions:
    """What `Ledger` is built on; it fills in what begins and ends a transaction. Not safe to share between threads."""

    def __init__(
        self,
        path: Path | None,
        *,
        durability: Literal["process", "power"],
        clock: Callable[[], float],
        sealer: Sealer | None,
        anchors: Anchors | None,
    ) -> None:
        self.path = path
        self._depth = 0
        self._spoilt = self._close_segment = False
        name = str(path or "the ledger in memory")
        if path is not None and anchors is not None and (why := anchors.missed(str(path.resolve()))) is not None:
            raise LedgerRefused(why)
        try:
            if path is not None:
                touch_private(path)
            db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=5.0)
        except (OSError, sqlite3.Error) as error:
            raise LedgerFailed(f"{name}: cannot be opened ({error_name(error)})") from None
        self._db = db
        try:
            db.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)  # Douane has none
            prepare(db, name)
            db.execute("PRAGMA journal_mode = WAL").close()
            db.execute(f"PRAGMA synchronous = {'FULL' if durability == 'power' else 'NORMAL'}")
            db.execute(f"PRAGMA fullfsync = {'ON' if durability == 'power' else 'OFF'}")
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA secure_delete = ON").close()
            db.execute("PRAGMA cache_size = -16384")
            db.execute("PRAGMA temp_store = MEMORY").close()
        except sqlite3.Error as error:
            db.close()
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_NOTADB:
                raise LedgerRefused(f"{name}: this file is not a Douane ledger; name another file") from None
            raise LedgerFailed(f"{name}: cannot be opened ({error_name(error)})") from None
        except LedgerRefused:
            db.close()
            raise
        file = None if path is None else str(path.resolve())
        self._chain = Chain(db, sealer, anchors=anchors, clock=clock, file=file)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Commit everything written inside together, or nothing of it when an exception leaves. May be nested.

        When a write inside failed and the caller went on, nothing is committed and `LedgerFailed` raised at the end:
        do the records again, each by itself, to find the one that fails.
        """
        if self._depth:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            return
        self._execute("BEGIN IMMEDIATE")
        self._depth, self._spoilt = 1, False
        try:
            self._guarded(self._chain.begin)
            self._guarded(lambda: check_ids(self._db))
            self._began()
            yield
            if self._spoilt:
                raise LedgerFailed(f"{self.path}: a write of this batch failed, so none of it was kept")
            self._guarded(self._end)
            self._execute("COMMIT")
        except BaseException:
            self._forget()
            self._chain.rolled_back()
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise
        finally:
            self._depth = 0
        self._chain.committed()

    def close(self) -> None:
        """Close the file; further calls on this object fail."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _began(self) -> None:
        """Prepare a transaction that has just begun."""

    def _ending(self) -> None:
        """Write what was held back until the end of the transaction."""

    def _forget(self) -> None:
        """Drop what is known of rows that may have been rolled back."""

    def _end(self) -> None:
        self._ending()
        self._chain.finish(close_segment=self._close_segment)
        self._close_segment = False

    def _execute(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise LedgerFailed(f"{self.path}: the ledger failed ({error_name(error)})") from None

    def _asked[T](self, question: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return question(self._db)
        except sqlite3.Error as error:
            raise LedgerFailed(f"{self.path}: the ledger failed ({error_name(error)})") from None

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """A batch, or a part of the one that is open, that spoils the whole batch when an exception leaves it.

        A savepoint for each part would let the batch go on, but doubled the cost of an append.
        """
        with nullcontext() if self._depth else self.batch():
            try:
                yield
            except BaseException as error:
                self._spoilt = True
                if isinstance(error, sqlite3.Error | OverflowError | UnicodeEncodeError):
                    raise LedgerFailed(f"{self.path}: a row could not be written ({error_name(error)})") from None
                raise

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except sqlite3.Error as error:
            raise LedgerFailed(f"{self.path}: a row could not be written ({error_name(error)})") from None
        except LedgerRefused as error:
            raise LedgerRefused(f"{self.path}: {error}") from None
