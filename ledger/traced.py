"""One disclosure with all that its verdicts rest on, read from the ledger."""

import json
import sqlite3
from dataclasses import dataclass

from douane.audit.declaration import Declaration, Notice, Provenance
from douane.audit.exchange import Label, Source, Verdict
from douane.audit.message import Direction
from douane.ledger.promised import read_declaration

_DISCLOSURE = """SELECT d.id, e.id, e.at, a.name, e.direction, e.kind, e.method, e.tool, e.outcome, d.category, d.flags,
    d.pointer, d.reached, d.detector, d.confidence, d.evidence, d.headline, e.taxonomy, e.inspected_at,
    t.version, t.source, t.seen_at,
    (SELECT r.version FROM runs r WHERE r.started_at <= e.inspected_at ORDER BY r.id DESC LIMIT 1), e.route, e.host
    FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id JOIN apps a ON a.id = e.app_id
    LEFT JOIN tools t ON t.id = e.tool_id WHERE d.id = ?"""
_VERDICTS = """SELECT v.source, v.verdict, v.reason, v.score, v.statements, v.declaration_id, v.judged_at,
    v.replaced_at, n.file, n.sha256, n.loaded_at, j.id, j.reason, j.version
    FROM verdicts v LEFT JOIN declarations n ON n.id = v.declaration_id LEFT JOIN judgements j ON j.id = v.judgement_id
    WHERE v.disclosure_id = ? ORDER BY v.replaced_at IS NOT NULL, v.id"""


@dataclass(frozen=True, slots=True)
class Rested:
    """What a verdict names: a statement, a purpose, a declared field or a list of the declaration.

    `says` is `collects` or `does_not_collect` for a statement. `quote` is its words, `url` where they stand, `by` and
    `at` who wrote them down and when; each empty where the declaration does not say.
    """

    id: str
    says: str = ""
    entity: str = ""
    name: str = ""
    categories: tuple[str, ...] = ()
    quote: str = ""
    url: str = ""
    by: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A verdict with who judged it, when, and against which wording.

    `judgement` is the number of the rejudgement, with its `why` and the Douane that judged; None when the inspector
    judged. `replaced_at` is empty while the verdict holds. `file`, `sha256` and `loaded_at` are the declaration's.
    """

    verdict: Verdict
    judged_at: str
    replaced_at: str
    judgement: int | None
    why: str
    version: str
    file: str
    sha256: str
    loaded_at: str
    rested: tuple[Rested, ...]


@dataclass(frozen=True, slots=True)
class Traced:
    """A disclosure, its message, and every verdict on it; those that hold first.

    `tool_version`, `tool_source` and `tool_seen_at` are of the schema that it was held against, None and empty where
    there was none. On the route `egress`, the app itself sent it to `host`, or had it from there.
    """

    id: int
    exchange_id: int
    at: str
    app: str
    direction: Direction
    kind: str
    method: str
    tool: str
    outcome: str
    category: str
    flags: tuple[str, ...]
    pointer: str
    reached: str
    detector: str
    confidence: float
    evidence: str
    headline: Label
    taxonomy: str
    inspected_at: str
    tool_version: int | None
    tool_source: str
    tool_seen_at: str
    version: str
    verdicts: tuple[Held, ...] = ()
    route: str = "reverse"
    host: str = ""


def traced(db: sqlite3.Connection, disclosure: int) -> Traced | None:
    """Return the disclosure of that number with its verdicts, None when there is none."""
    row = db.execute(_DISCLOSURE, (disclosure,)).fetchone()
    if row is None:
        return None
    declarations: dict[int, Declaration | None] = {}
    held: list[Held] = []
    for of_one in db.execute(_VERDICTS, (disclosure,)).fetchall():
        source, label, reason, score, statements, declaration_id = of_one[:6]
        verdict = Verdict(Source(source), Label(label), reason, score, tuple(json.loads(statements)))
        if declaration_id is not None and declaration_id not in declarations:
            declarations[declaration_id] = read_declaration(db, declaration_id)
        declaration = declarations.get(declaration_id) if declaration_id is not None else None
        judged_at, replaced_at, file, sha256, loaded_at, judgement, why, version = of_one[6:]
        held.append(
            Held(
                verdict,
                judged_at,
                replaced_at or "",
                judgement,
                why or "",
                version or row[22] or "",
                file or "",
                sha256 or "",
                loaded_at or "",
                tuple(rested(declaration, one) for one in verdict.statements),
            )
        )
    return Traced(
        id=row[0],
        exchange_id=row[1],
        at=row[2],
        app=row[3],
        direction=Direction(row[4]),
        kind=row[5],
        method=row[6] or "",
        tool=row[7] or "",
        outcome=row[8],
        category=row[9],
        flags=tuple(json.loads(row[10])),
        pointer=row[11],
        reached=row[12],
        detector=row[13],
        confidence=row[14],
        evidence=row[15],
        headline=Label(row[16]),
        taxonomy=row[17],
        inspected_at=row[18],
        tool_version=row[19],
        tool_source=row[20] or "",
        tool_seen_at=row[21] or "",
        version=row[22] or "",
        verdicts=tuple(held),
        route=row[23],
        host=row[24],
    )


def rested(declaration: Declaration | None, name: str) -> Rested:
    """Return what an id of a verdict's statements stands for; the id alone where the declaration is not kept whole."""
    if declaration is None:
        return Rested(name)
    for notice in (declaration.policy, declaration.connection):
        found = _stated(notice, name)
        if found is not None:
            return found
    for purpose in declaration.purposes:
        if purpose.id == name:
            first = purpose.provenance[0] if purpose.provenance else None
            return _proved(name, first, name_=purpose.name, categories=(*purpose.to_app, *purpose.to_chatgpt))
    for tool in declaration.tools:
        for field in (*tool.fields, *tool.output):
            if field.id == name:
                return _proved(name, field.provenance, name_=tool.name, categories=field.categories)
    listed = {"to_app": declaration.to_app, "to_chatgpt": declaration.to_chatgpt}
    return Rested(name, categories=listed.get(name, ()))


def _stated(notice: Notice | None, name: str) -> Rested | None:
    for one in notice.statements if notice is not None else ():
        if one.id == name and notice is not None:
            return Rested(name, one.says.value, one.entity, "", one.categories, one.quote, notice.url, "", notice.date)
    return None


def _proved(name: str, provenance: Provenance | None, *, name_: str, categories: tuple[str, ...]) -> Rested:
    known = provenance or Provenance()
    return Rested(name, "", "", name_, categories, known.quote, known.url, known.by, known.at)
