"""Judges anew what stands in the ledger: new verdicts beside the old ones, which stay with the time they ended.

What is judged is what the ledger kept (category, place, flags, the tool's version of the day), never a value: there is
none. Safe beside a running inspector: each batch is one short transaction.
"""

import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from douane.audit import taxonomy
from douane.audit.context import ToolSchema
from douane.audit.declaration import Declaration
from douane.audit.exchange import Label, Source, Verdict
from douane.audit.keys import HIDDEN
from douane.audit.message import Direction
from douane.audit.onward import judge_onward
from douane.audit.readings import place_of, readings
from douane.audit.verdicts import headline, judge
from douane.ledger.catalogue import write_declaration
from douane.ledger.chain import Chain
from douane.ledger.promised import last_declaration
from douane.ledger.rows import bounded, clean, listed
from douane.ledger.sealing import Anchors, Sealer
from douane.ledger.times import iso
from douane.ledger.writing import opened_for_writing, transaction

BATCH: Final = 400
"""Exchanges of one transaction: an inspector that waits to write waits a fraction of a second."""
_MOST: Final = 20_000
_DECLARED: Final = ("declaration", "policy", "connection")

_FOUND = """SELECT d.id, d.exchange_id, d.category, d.flags, d.pointer, d.headline, e.direction, e.method, e.tool,
    e.tool_id, e.route, e.host, d.reached FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id
    WHERE e.app_id = ? AND e.id BETWEEN ? AND ? ORDER BY d.id"""
_HELD = """SELECT v.id, v.disclosure_id, v.source, v.verdict, v.score, v.reason, v.statements, v.declaration_id
    FROM verdicts v WHERE v.disclosure_id BETWEEN ? AND ? AND v.replaced_at IS NULL ORDER BY v.id"""
_WRITE = """INSERT OR ABORT INTO verdicts (disclosure_id, source, verdict, score, reason, statements, declaration_id,
    judgement_id, judged_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""


@dataclass(frozen=True, slots=True)
class Rejudged:
    """What became of one app's disclosures.

    `judged` of them were judged, `replaced` verdicts were replaced, `changed` disclosures have another headline since;
    `moves` counts them by old and new headline. `judgement` is the number of the row in `judgements`, None when nothing
    was replaced.
    """

    app: str
    judged: int
    replaced: int
    changed: int
    moves: dict[tuple[Label, Label], int]
    judgement: int | None


@dataclass(slots=True)
class _Tally:
    judged: int = 0
    replaced: int = 0
    changed: int = 0


def rejudge(
    path: Path,
    app: str,
    *,
    reason: str,
    version: str,
    declaration: Declaration | None = None,
    sealer: Sealer | None = None,
    anchors: Anchors | None = None,
    clock: Callable[[], float] = time.time,
    batch: int = BATCH,
    progress: Callable[[int, int], None] | None = None,
) -> Rejudged | None:
    """Judge every disclosure of an app anew; None when the ledger does not know the app.

    Against `declaration`, which the ledger then keeps as the app's newest, else against the newest that it has. A word
    that has not changed stays as it is, so that judging twice writes nothing the second time. The schema's word on a
    place in which a key was hidden cannot be found again and stays as well. Raises `LedgerRefused` for a file that is
    no ledger of this version or whose chain cannot be continued with `sealer`, `LedgerFailed` when SQLite or the disk
    fails; batches that were done stay done.
    """
    with opened_for_writing(path) as db:
        chain = Chain(db, sealer, anchors=anchors, clock=clock, file=str(path.resolve()))
        row = db.execute("SELECT id FROM apps WHERE name = ?", (clean(app),)).fetchone()
        if row is None:
            return None
        judging = _Judging(db, chain, row[0], bounded(reason) or "", version, clock)
        with transaction(db, chain):
            judging.prepare(app, declaration)
        first = 0
        while True:
            with transaction(db, chain):
                last = judging.work(first, batch)
            if last is None:
                break
            first = last + 1
            if progress is not None:
                progress(first, db.execute("SELECT max(id) FROM exchanges").fetchone()[0])
        done = judging.tally
        return Rejudged(app, done.judged, done.replaced, done.changed, dict(judging.moves), judging.judgement)


class _Judging:
    """One app's rejudgement, batch by batch."""

    def __init__(
        self, db: sqlite3.Connection, chain: Chain, app_id: int, reason: str, version: str, clock: Callable[[], float]
    ) -> None:
        self._db = db
        self._chain = chain
        self._app_id = app_id
        self._about = (reason, taxonomy.VERSION, version)
        self._clock = clock
        self._declaration: Declaration | None = None
        self._declaration_id: int | None = None
        self._tools: dict[int, ToolSchema] = {}
        self._rows: dict[int, tuple[Verdict, tuple[object, ...]]] = {}
        self.tally = _Tally()
        self.moves: defaultdict[tuple[Label, Label], int] = defaultdict(int)
        self.judgement: int | None = None

    def prepare(self, app: str, declaration: Declaration | None) -> None:
        """Keep the declaration that is judged against, or find the newest."""
        if declaration is None:
            found = last_declaration(self._db, app)
            if found is not None:
                self._declaration_id, self._declaration = found
            return
        now = iso(self._clock())
        version = declaration.taxonomy or taxonomy.VERSION
        self._declaration = declaration
        self._declaration_id = write_declaration(self._db, self._app_id, declaration, version, now)

    def work(self, first: int, batch: int) -> int | None:
        """Judge the next exchanges from id `first` on; return the last one's id, None when there was none."""
        last = self._db.execute(
            "SELECT max(id) FROM (SELECT id FROM exchanges WHERE app_id = ? AND id >= ? ORDER BY id LIMIT ?)",
            (self._app_id, first, batch),
        ).fetchone()[0]
        if last is None:
            return None
        found = self._db.execute(_FOUND, (self._app_id, first, last)).fetchall()
        if found:
            self._replace(found)
        return int(last)

    def _replace(self, found: Sequence[tuple[Any, ...]]) -> None:
        held: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for row in self._db.execute(_HELD, (found[0][0], found[-1][0])):
            held[row[1]].append(row)
        ended: list[tuple[object, ...]] = []
        written: list[tuple[object, ...]] = []
        headlines: list[tuple[str, int]] = []
        for row in found:
            number, was = row[0], row[5]
            old = {one[2]: one for one in held[number]}
            new = {verdict.source._value_: verdict for verdict in self._judged(row)}
            if HIDDEN in row[4] and "schema" in old:
                new["schema"] = kept = _verdict(old["schema"])
                self._rows[id(kept)] = (kept, old["schema"][3:])
            for source, one in old.items():
                if source not in new or self._row(new[source]) != one[3:]:
                    ended.append((one[0],))
            for source, verdict in new.items():
                values = self._row(verdict)
                if source not in old or values != old[source][3:]:
                    written.append((number, source, *values))
            now = headline(new.values())
            if now._value_ != was:
                headlines.append((now._value_, number))
                self.moves[Label(was), now] += 1
        self._write(len(found), ended, written, headlines)

    def _judged(self, row: tuple[Any, ...]) -> tuple[Verdict, ...]:
        _, _, category, flags, pointer, _, direction, method, tool, tool_id, route, host, reached = row
        if route == "egress":
            if direction != Direction.TO_APP:
                return ()
            also = readings(category, place_of(pointer, reached or ""))
            return judge_onward(category, host, self._declaration, also)
        return judge(
            category,
            taxonomy.flags(category, minor='"minor"' in flags),
            pointer,
            Direction(direction),
            self._tool(tool_id),
            self._declaration,
            method=method,
            tool=tool,
            reached=reached or "",
        )

    def _row(self, verdict: Verdict) -> tuple[object, ...]:
        """The values of a verdict's row from its label on; most verdicts are one object many times over."""
        known = self._rows.get(id(verdict))
        if known is not None and known[0] is verdict:
            return known[1]
        against = verdict.source.value in _DECLARED and verdict.label is not Label.GAP
        values = (
            verdict.label.value,
            verdict.score,
            clean(verdict.reason),
            listed(verdict.statements) if verdict.statements else "[]",
            self._declaration_id if against else None,
        )
        if len(self._rows) > _MOST:
            self._rows.clear()
        self._rows[id(verdict)] = (verdict, values)
        return values

    def _write(
        self,
        judged: int,
        ended: list[tuple[object, ...]],
        written: list[tuple[object, ...]],
        headlines: list[tuple[str, int]],
    ) -> None:
        tally = self.tally
        tally.judged += judged
        tally.replaced += len(ended)
        tally.changed += len(headlines)
        now = iso(self._clock())
        if self.judgement is None:
            if not ended and not written:
                return
            self.judgement = self._db.execute(
                "INSERT OR ABORT INTO judgements (at, reason, taxonomy, version, disclosures, changed)"
                " VALUES (?, ?, ?, ?, 0, 0)",
                (now, *self._about),
            ).lastrowid
        if ended:
            sql = "UPDATE OR ABORT verdicts SET replaced_at = ? WHERE id = ?"
            self._db.executemany(sql, [(now, *one) for one in ended])
            self._chain.tell("replaced", {"at": now, "verdicts": [one[0] for one in ended]})
        self._db.executemany(_WRITE, [(*one, self.judgement, now) for one in written])
        self._db.executemany("UPDATE OR ABORT disclosures SET headline = ? WHERE id = ?", headlines)
        self._db.execute(
            "UPDATE OR ABORT judgements SET disclosures = ?, changed = ? WHERE id = ?",
            (tally.judged, tally.changed, self.judgement),
        )

    def _tool(self, tool_id: int | None) -> ToolSchema | None:
        if tool_id is None:
            return None
        known = self._tools.get(tool_id)
        if known is None:
            name, taken, given = self._db.execute(
                "SELECT name, input_schema, output_schema FROM tools WHERE id = ?", (tool_id,)
            ).fetchone()
            into, out = (None if text is None else json.loads(text) for text in (taken, given))
            known = self._tools[tool_id] = ToolSchema(name, into, out)
        return known


def _verdict(row: tuple[Any, ...]) -> Verdict:
    return Verdict(Source(row[2]), Label(row[3]), row[5], row[4])
