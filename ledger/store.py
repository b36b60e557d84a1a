"""The ledger's writing side: judged exchanges, gaps, tools, declarations and runs, each written once."""

import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from douane.audit.context import ToolSchema
from douane.audit.declaration import Declaration
from douane.audit.exchange import Disclosure, Exchange, Outcome
from douane.audit.history import FieldUse, Observation
from douane.audit.keys import HIDDEN
from douane.audit.message import Direction, Gap
from douane.ledger import pending
from douane.ledger.canonical import NONCE_BYTES
from douane.ledger.catalogue import read_tool, write_declaration, write_tool
from douane.ledger.chain import About
from douane.ledger.failed import LedgerFailed as LedgerFailed
from douane.ledger.judged import exchange_of, is_told
from douane.ledger.observations import Tally
from douane.ledger.pending import Pending as Pending
from douane.ledger.pseudonyms import epoch_of
from douane.ledger.rows import (
    INSERT_DISCLOSURE,
    INSERT_EXCHANGE,
    INSERT_GAP,
    INSERT_VERDICT,
    bounded,
    clean,
    counted,
    disclosure_rows,
    exchange_row,
    gap_row,
    numbered,
    status_of,
    summed,
    tool_name,
)
from douane.ledger.schema import Route, ToolSource
from douane.ledger.sealing import Anchors, Sealer
from douane.ledger.times import iso
from douane.ledger.transactions import Transactions


class Ledger(Transactions):
    """The one writer of a ledger file (None: in memory). Not safe to share between threads.

    `taxonomy` goes on every row that is judged; `clock` gives Unix time for `inspected_at` and `judged_at`.
    `durability` "power" waits for the disk at each commit, "process" does not. Raises `LedgerRefused` for a file that
    is not ours or newer than this version, `LedgerFailed` when it cannot be opened.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        taxonomy: str = "",
        durability: Literal["process", "power"] = "process",
        clock: Callable[[], float] = time.time,
        sealer: Sealer | None = None,
        anchors: Anchors | None = None,
    ) -> None:
        self.taxonomy = taxonomy
        self._clock = clock
        self._tally = Tally()
        self._outcomes: dict[str, list[int]] = {}
        self._next_disclosure = 1
        self._now = ""
        self._forget()
        super().__init__(path, durability=durability, clock=clock, sealer=sealer, anchors=anchors)
        self._chain.about = About(taxonomy=taxonomy)

    def append(self, exchange: Exchange, *, salt: bytes = b"") -> int | None:
        """Write one exchange with its disclosures, verdicts and gaps; return its id.

        None, and nothing written, when the ledger has its (`record_id`, `part`), as an exchange or as a gap that says
        why there is none: what a message counts as must not depend on how often it was read. The exchange is written
        whole or not at all. `salt` is what its low-entropy pseudonyms were made with.
        """
        with self._whole():
            # asked first: an insert that conflicts would use up an id, and a missing id looks like a lost row
            if is_told(self._execute, clean(exchange.record_id), numbered(exchange.part)):
                return None
            app_id = self._app(exchange.app, exchange.at)
            now = self._now
            cursor = self._db.execute(
                INSERT_EXCHANGE,
                exchange_row(
                    exchange,
                    app_id=app_id,
                    tool_id=self._tool_id(app_id, tool_name(exchange.tool)),
                    answers_id=self._answered(exchange.answers),
                    salt=salt,
                    taxonomy=self.taxonomy,
                    now=now,
                    nonce=secrets.token_bytes(NONCE_BYTES),
                ),
            )
            exchange_id = cursor.lastrowid or 0
            if exchange.outcome is not Outcome.UNKNOWN:
                self._outcomes.setdefault(exchange.outcome.value, []).append(exchange_id)
            if exchange.disclosures:
                self._add_disclosures(exchange.disclosures, app_id, exchange_id, now)
            if exchange.gaps:
                numbers = (clean(exchange.record_id), numbered(exchange.part), exchange_id, app_id)
                whose = (*numbers, iso(exchange.at), exchange.route)
                self._db.executemany(INSERT_GAP, [(*whose, *gap_row(gap)) for gap in summed(exchange.gaps)])
            return exchange_id

    def note(
        self, app: str, *, at: float, observations: Iterable[Observation] = (), uses: Iterable[FieldUse] = ()
    ) -> None:
        """Count what was seen besides disclosures; written with the batch, equal things in one row.

        Counted once only if the caller counts once: note what belongs to an exchange after `append` gave its id.
        """
        with self._whole():
            app_id = self._app(app, at)
            self._tally.observe(app_id, observations, at)
            self._tally.use(app_id, uses, at)

    def has(self, record_id: str, part: int) -> bool:
        """Tell whether an exchange with this record and part is in the ledger."""
        return exchange_of(self._execute, clean(record_id), numbered(part)) is not None

    def add_gap(self, record_id: str, part: int, app: str, gap: Gap, at: float, *, route: str = "reverse") -> bool:
        """Write a gap that belongs to no exchange. `at` is Unix time in seconds.

        False, and nothing written, when the ledger has it, or has an exchange of this record and part: that message
        was judged.
        """
        with self._whole():
            if self.has(record_id, part):
                return False
            row = (clean(record_id), numbered(part), None, self._app(app, at), iso(at), route, *gap_row(gap))
            return self._db.execute(INSERT_GAP, row).rowcount > 0

    def set_outcome(
        self,
        outcome: Outcome,
        *,
        record_id: str | None = None,
        part: int | None = None,
        flow: str | None = None,
        direction: Direction | None = None,
    ) -> int:
        """Give exchanges of unknown outcome this one; return how many rows changed. A known outcome never changes.

        Which: those of `record_id` (one `part` of it, or all) or of `flow`, in one `direction` or both. Raises
        `ValueError` when neither a record nor a flow is named.
        """
        if record_id is None and flow is None:
            raise ValueError("set_outcome needs a record_id or a flow")
        if outcome is Outcome.UNKNOWN:
            return 0
        where = {
            "record_id": record_id and clean(record_id),
            "part": part and numbered(part),
            "flow": flow and clean(flow),
            "direction": direction and direction.value,
        }
        named = {column: value for column, value in where.items() if value is not None}
        which = "".join(f" AND {column} = ?" for column in named)
        sql = f"UPDATE OR ABORT exchanges SET outcome = ? WHERE outcome = 'unknown'{which}"  # noqa: S608 - our column names
        with self._whole():
            changed = [row[0] for row in self._db.execute(f"{sql} RETURNING id", (outcome.value, *named.values()))]
            if changed:
                self._outcomes.setdefault(outcome.value, []).extend(changed)
            return len(changed)

    def add_app(
        self, name: str, *, at: float, upstream_host: str = "", route: Route = Route.REVERSE, egress: bool = False
    ) -> int:
        """Make the app known, or bring its host and route up to date; return its id.

        An app that once had an egress listener keeps that word.
        """
        with self._whole():
            app_id = self._app(name, at)
            sql = "UPDATE OR ABORT apps SET upstream_host = ?, route = ?, egress = max(egress, ?) WHERE id = ?"
            self._db.execute(sql, (bounded(upstream_host), Route(route).value, egress, app_id))
            self._chain.changed("app", app_id)
            return app_id

    def add_tool(
        self,
        app: str,
        tool: ToolSchema,
        *,
        at: float,
        annotations: Mapping[str, Any] | None = None,
        source: ToolSource = ToolSource.SEEN,
    ) -> int:
        """Keep a tool's skeleton; return its version, a new one if its schemas or annotations are not the last's."""
        with self._whole():
            app_id = self._app(app, at)
            self._tools.pop((app_id, tool_name(tool.name)), None)
            return write_tool(self._db, app_id, tool, annotations or {}, ToolSource(source), iso(at))

    def tool(self, app: str, name: str) -> ToolSchema | None:
        """Return the last version of a tool as its skeletons, without descriptions; None when none was seen."""
        return self._asked(lambda db: read_tool(db, app, name))

    def add_declaration(self, declaration: Declaration, *, at: float) -> int:
        """Keep what an app declared; return the declaration's id, the last one's if nothing changed since.

        From now on this app's verdicts against its declaration point to it. Of its `source` the file's name is kept,
        not the folder.
        """
        with self._whole():
            app_id = self._app(declaration.app, at)
            taxonomy = declaration.taxonomy or self.taxonomy
            written = self._declarations[app_id] = write_declaration(self._db, app_id, declaration, taxonomy, iso(at))
            return written

    def add_passage(
        self,
        record_id: str,
        app: str,
        *,
        at: float,
        host: str,
        path_class: str,
        status: int | None,
        bytes_up: int,
        bytes_down: int,
        route: str = "reverse",
    ) -> bool:
        """Write that something which is not MCP passed; false when the ledger has this record's passage."""
        with self._whole():
            row = (
                clean(record_id),
                self._app(app, at),
                iso(at),
                bounded(host),
                bounded(path_class),
                status_of(status),
                counted(bytes_up),
                counted(bytes_down),
                route,
            )
            return (
                self._db.execute(
                    "INSERT OR ABORT INTO passages (record_id, app_id, at, host, path_class, status, bytes_up,"
                    " bytes_down, route) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (record_id) DO NOTHING",
                    row,
                ).rowcount
                > 0
            )

    def add_run(
        self,
        *,
        at: float,
        version: str,
        config_sha256: str,
        rules_sha256: str = "",
        profile: str = "dev",
        reason: str = "",
    ) -> int:
        """Write that a Douane of this version, with these rules and this profile, began; return the run's id."""
        with self._whole():
            sql = "INSERT OR ABORT INTO runs (started_at, version, config_sha256, taxonomy) VALUES (?, ?, ?, ?)"
            run_id = self._db.execute(sql, (iso(at), version, config_sha256, self.taxonomy)).lastrowid or 0
            self._chain.about = about = About(self.taxonomy, config_sha256, rules_sha256, version)
            self._chain.tell(
                "start", {"at": iso(at), "run": run_id, **asdict(about), "profile": profile, "reason": reason}
            )
            return run_id

    def end_run(self, run_id: int, *, at: float) -> None:
        """Write that a run ended; only the first end counts."""
        with self._whole():
            sql = "UPDATE OR ABORT runs SET ended_at = ? WHERE id = ? AND ended_at IS NULL"
            self._db.execute(sql, (iso(at), run_id))
            self._chain.changed("run", run_id)

    def tell_unanchored(self, what: str, error: str) -> None:
        """Write that an anchor (`what`: file, head or syslog) could not be kept, and the system's name for why."""
        with self._whole():
            self._chain.tell("unanchored", {"at": self._now, "what": what, "error": error})

    def seal(self, *, only_if_due: bool = False) -> bool:
        """Close and sign the open segment, even an empty one; `only_if_due`: when it is an hour old.

        False, and nothing written, when it was not due or the ledger has no seal.
        """
        if self._chain.sealed and (not only_if_due or self._chain.due()):
            with self._whole():
                self._close_segment = True
            return True
        return False

    def given(self, app: str, digest: str, *, before: float) -> tuple[int, str | None] | None:
        """Return the latest disclosure of this pseudonym to the app before a moment: its id and the tool; else None."""
        return self._asked(lambda db: pending.given(db, app, digest, before=before))

    def pending_requests(self, app: str, rpc: str) -> list[Pending]:
        """Return the unanswered requests of an app with this `rpc` key, oldest first; none for an empty key."""
        return self._asked(lambda db: pending.requests(db, app, rpc))

    def _forget(self) -> None:
        self._apps: dict[str, int] = {}
        self._seen: dict[int, tuple[float, float]] = {}
        self._tools: dict[tuple[int, str | None], int | None] = {}
        self._keys: set[str] = set()
        self._declarations: dict[int, int | None] = {}
        self._tally.clear()
        self._outcomes = {}

    def _app(self, name: str, at: float) -> int:
        app_id = self._apps.get(name)
        if app_id is None:
            stored, now = clean(name), iso(at)
            sql = (
                "INSERT OR ABORT INTO apps (name, first_seen, last_seen) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING"
            )
            self._db.execute(sql, (stored, now, now))
            found = self._db.execute("SELECT id FROM apps NOT INDEXED WHERE name = ?", (stored,)).fetchone()
            app_id = self._apps[name] = int(found[0])
        first, last = self._seen.get(app_id, (at, at))
        self._seen[app_id] = (min(first, at), max(last, at))
        return app_id

    def _write_seen(self) -> None:
        for app_id, (first, last) in self._seen.items():
            self._execute(
                "UPDATE OR ABORT apps SET first_seen = min(first_seen, ?), last_seen = max(last_seen, ?) WHERE id = ?",
                (iso(first), iso(last), app_id),
            )
        self._seen = {}

    def _began(self) -> None:
        row = self._execute("SELECT seq FROM sqlite_sequence WHERE name = 'disclosures'").fetchone()
        self._next_disclosure = (row[0] if row else 0) + 1
        self._now = iso(self._clock())

    def _ending(self) -> None:
        self._write_seen()
        if told := self._tally.write(self._db):
            self._chain.tell("tally", told)
        if self._outcomes:
            self._chain.tell("outcome", self._outcomes)
            self._outcomes = {}

    def _tool_id(self, app_id: int, name: str | None) -> int | None:
        if name is None or name == HIDDEN:
            return None
        key = (app_id, name)
        if key not in self._tools:
            sql = "SELECT id FROM tools WHERE app_id = ? AND name = ? ORDER BY version DESC LIMIT 1"
            row = self._db.execute(sql, key).fetchone()
            self._tools[key] = row[0] if row else None
        return self._tools[key]

    def _declaration(self, app_id: int) -> int | None:
        if app_id not in self._declarations:
            sql = "SELECT max(id) FROM declarations WHERE app_id = ?"
            self._declarations[app_id] = self._db.execute(sql, (app_id,)).fetchone()[0]
        return self._declarations[app_id]

    def _answered(self, answers: tuple[str, int] | None) -> int | None:
        if answers is None:
            return None
        return exchange_of(self._execute, clean(answers[0]), numbered(answers[1]))

    def _add_disclosures(self, disclosures: tuple[Disclosure, ...], app_id: int, exchange_id: int, now: str) -> None:
        for one in disclosures:
            if one.pseudonym is not None and one.pseudonym.key_id not in self._keys:
                self._add_key(one.pseudonym.key_id, app_id, now)
        rows, verdicts = disclosure_rows(
            disclosures,
            first_id=self._next_disclosure,
            exchange_id=exchange_id,
            declaration_id=self._declaration(app_id),
            now=now,
            nonces=secrets.token_bytes(NONCE_BYTES * len(disclosures)),
        )
        self._db.executemany(INSERT_DISCLOSURE, rows)
        self._db.executemany(INSERT_VERDICT, verdicts)
        self._next_disclosure += len(rows)

    def _add_key(self, key_id: str, app_id: int, now: str) -> None:
        sql = "INSERT OR ABORT INTO keys (key_id, app_id, epoch, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (key_id)"
        self._db.execute(f"{sql} DO NOTHING", (key_id, app_id, epoch_of(key_id), now))
        self._chain.changed("key", app_id * 1_000_000 + epoch_of(key_id))
        self._keys.add(key_id)
