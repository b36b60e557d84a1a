"""A ledger of as many exchanges as asked for, made up from a seed: what `bench.page` and `bench.reporting` measure on.

Twelve apps with sixty tools over a hundred days: calls and answers with lists of results, what ChatGPT sends along,
notifications, errors, refusals, gaps, and Douane's own traffic. All of it is fictitious. Up to `WRITTEN` exchanges are
written by the real `Ledger`, chain and all; what goes beyond are copies of their rows with later times, which no event
vouches for: pages and documents read them like any other.
"""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from douane.audit import taxonomy
from douane.audit.context import ToolSchema
from douane.audit.declaration import Declaration, Purpose, Recipient
from douane.audit.exchange import Disclosure, Exchange, Outcome, Pseudonym
from douane.audit.history import FieldUse, Observation, Seen
from douane.audit.message import Direction, Gap, Kind
from douane.audit.verdicts import headline, judge
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger

WRITTEN: Final = 20_000
MASTER: Final = bytes(range(32))
DAYS: Final = 100
START: Final = 1_780_000_000.0
BATCH: Final = 2_000
APPS: Final = (
    *("atelier", "bistro", "calendar", "clinic", "courses", "fleet"),
    *("garden", "hotel", "jobs", "ledgerly", "notes", "rail"),
)
_VERBS: Final = ("find", "book", "send", "list", "cancel")
_NOUNS: Final = ("visit", "order", "person", "file", "place")
_FIELDS: Final = (
    ("name", "user.name", True),
    ("email", "user.contact.email", True),
    ("phone", "user.contact.phone_number", True),
    ("city", "user.contact.address.city", False),
    ("street", "user.contact.address.street", False),
    ("born", "user.demographic.date_of_birth", False),
    ("reason", "user.health_and_medical.condition", False),
    ("card", "user.financial.credit_card", True),
    ("employer", "user.workplace", False),
    ("question", "user.content.prompt", False),
    ("account", "user.unique_id.pseudonymous", True),
    ("iban", "user.financial.bank_account.iban", True),
)
_META: Final = (
    ("/params/_meta/openai~1subject", "user.unique_id.pseudonymous", True),
    ("/params/_meta/openai~1userLocation/city", "user.location.imprecise.city", False),
    ("/params/_meta/openai~1locale", "user.demographic.language", False),
)


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool of a made-up app: what it takes, what it gives, once or in a list."""

    app: str
    name: str
    takes: tuple[tuple[str, str, bool], ...]
    gives: tuple[tuple[str, str, bool], ...]
    listed: bool
    schema: ToolSchema
    declaration: Declaration | None


def fill(path: Path, exchanges: int) -> None:
    """Make a ledger of so many exchanges, of which every twentieth is no call."""
    written = min(exchanges, WRITTEN)
    turns = -(-exchanges // written)
    span = DAYS * 86_400 // turns
    _write(path, written, span)
    if turns > 1:
        _copy(path, written, exchanges, span)


@cache
def tools() -> tuple[Tool, ...]:
    """Sixty tools, five for each app."""
    chance = random.Random(7)
    out: list[Tool] = []
    for number, app in enumerate(APPS):
        declaration = _declared(app, number, chance) if number % 3 else None
        for verb in _VERBS:
            takes, gives = chance.sample(_FIELDS, 4), chance.sample(_FIELDS, 5)
            listed = verb in ("find", "list")
            row = _schema([name for name, _, _ in gives[:4]])
            given = {"type": "object", "properties": {"rows": {"type": "array", "items": row}}} if listed else row
            schema = ToolSchema(f"{verb}_{_NOUNS[number % 5]}", _schema([name for name, _, _ in takes[:3]]), given)
            out.append(Tool(app, schema.name, tuple(takes), tuple(gives), listed, schema, declaration))
    return tuple(out)


def _schema(names: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}}


def _declared(app: str, number: int, chance: random.Random) -> Declaration:
    taken = tuple(sorted(key for _, key, _ in chance.sample(_FIELDS, 6)))
    given = tuple(sorted(key for _, key, _ in chance.sample(_FIELDS, 5)))
    return Declaration(
        app=app,
        to_app=taken,
        to_chatgpt=given,
        recipients=(Recipient("Example Mail SAS", hosts=("mail.example",)),),
        sha256=f"{number:064x}",
        source=f"{app}.yaml",
        purposes=(Purpose("purpose/1", "", to_app=taken, to_chatgpt=given),),
    )


def _write(path: Path, exchanges: int, span: int) -> None:
    chance = random.Random(11)
    with Ledger(path, taxonomy=taxonomy.VERSION, sealer=Sealer(MASTER), clock=lambda: START) as ledger:
        with ledger.batch():
            ledger.add_run(at=START, version="bench", config_sha256="")
            for one in tools():
                ledger.add_app(one.app, at=START, upstream_host=f"{one.app}.example")
                ledger.add_tool(one.app, one.schema, at=START, annotations={"readOnlyHint": one.listed})
                if one.declaration is not None:
                    ledger.add_declaration(one.declaration, at=START)
        made = _exchanges(span / exchanges, chance)
        left = exchanges
        while left > 0:
            with ledger.batch():
                for _ in range(min(BATCH, left)):
                    exchange = next(made)
                    ledger.append(exchange)
                    if exchange.tool and not exchange.answers:
                        use = FieldUse(exchange.tool, Direction.TO_APP, "/name", 1)
                        seen = Observation(Seen.RETURNED_URL, "cdn.example", tool=exchange.tool)
                        ledger.note(exchange.app, at=exchange.at, observations=(seen,), uses=(use,))
            left -= BATCH
        ledger.seal()


def _exchanges(step: float, chance: random.Random) -> Iterator[Exchange]:
    """Calls with their answers, one every `step` seconds."""
    number = 0
    while True:
        tool = chance.choice(tools())
        at, session = START + number * step, f"{tool.app}-{number // 40}"
        if number % 20 == 19:
            about = (tool.app, Direction.TO_APP, Kind.NOTIFICATION, "notifications/progress", None, Outcome.DELIVERED)
            yield Exchange(f"r{number}", 0, at, *about, 120, protocol="2025-11-25", session=session)
            number += 1
            continue
        fate = chance.random()
        outcome = Outcome.DELIVERED if fate > 0.03 else Outcome.FAILED if fate > 0.01 else Outcome.REFUSED
        call = Exchange(
            *(f"r{number}", 0, at, tool.app, Direction.TO_APP, Kind.REQUEST, "tools/call", tool.name, outcome),
            *(380, 12, "2025-11-25", "http", session, f"f{number}", f"q{number}"),
            own_traffic=fate > 0.995,
            disclosures=_sent(tool, chance),
            gaps=(Gap("irregular"),) if fate > 0.99 else (),
        )
        yield call
        number += 1
        if outcome is Outcome.DELIVERED:
            error = fate < 0.06
            yield replace(
                call,
                record_id=f"r{number}",
                at=at + chance.choice((0.04, 0.2, 0.9, 2.5)),
                direction=Direction.TO_CHATGPT,
                kind=Kind.ERROR if error else Kind.RESULT,
                size=2_400,
                rpc="",
                answers=(call.record_id, 0),
                http_status=200,
                duration_ms=chance.lognormvariate(5, 1),
                disclosures=() if error else _given(tool, chance),
                gaps=(Gap("too-large", size=4_000_000),) if chance.random() > 0.998 else (),
            )
            number += 1


def _sent(tool: Tool, chance: random.Random) -> tuple[Disclosure, ...]:
    found = [_datum(tool, META, chance) for META in _META if chance.random() < 0.4]
    for name, category, keyed in tool.takes:
        if chance.random() < 0.4:
            found.append(_datum(tool, (f"/params/arguments/{name}", category, keyed), chance))
    return tuple(found)


def _given(tool: Tool, chance: random.Random) -> tuple[Disclosure, ...]:
    found: list[Disclosure] = []
    for row in range(chance.choice((0, 1, 1, 2, 3)) if tool.listed else 1):
        above = f"/result/structuredContent/rows/{row}" if tool.listed else "/result/structuredContent"
        for name, category, keyed in tool.gives:
            if chance.random() < 0.5:
                found.append(_datum(tool, (f"{above}/{name}", category, keyed), chance, Direction.TO_CHATGPT))
    return tuple(found)


def _datum(
    tool: Tool, place: tuple[str, str, bool], chance: random.Random, way: Direction = Direction.TO_APP
) -> Disclosure:
    one = _judged(tool.app, tool.name, *place[:2], way)
    if not place[2]:
        return one
    return replace(one, pseudonym=Pseudonym(f"{chance.getrandbits(128):032x}" * 2, f"1-{APPS.index(tool.app):012x}"))


@cache
def _judged(app: str, name: str, pointer: str, category: str, way: Direction) -> Disclosure:
    tool = next(one for one in tools() if (one.app, one.name) == (app, name))
    flags = taxonomy.flags(category)
    verdicts = judge(category, flags, pointer, way, tool.schema, tool.declaration, method="tools/call", tool=name)
    return Disclosure(pointer, category, flags, "bench", 0.9, "", verdicts, headline(verdicts), length="8-15")


def _copy(path: Path, written: int, exchanges: int, span: int) -> None:
    """Write the rows again with later times and numbers of their own, until there are enough."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -262144")
        tops = {name: db.execute(f"SELECT max(id) FROM {name}").fetchone()[0] for name in _COPIES}
        times = -(-exchanges // written)
        db.execute("BEGIN")
        for turn in range(1, times):
            last = written if turn < times - 1 else exchanges - turn * written
            for name, (columns, values, condition) in _COPIES.items():
                db.execute(
                    f"INSERT INTO {name} ({columns}) SELECT {values} FROM {name} WHERE {condition}",
                    {f"{table}_by": turn * top for table, top in tops.items()}
                    | {"turn": turn, "later": f"+{turn * span} seconds", "last": last}
                    | {f"{table}_top": top for table, top in tops.items()},
                )
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


_LATER: Final = "strftime('%Y-%m-%dT%H:%M:%fZ', {0}, :later)"
_COPIES: Final = {
    "exchanges": (
        "id, record_id, part, app_id, tool_id, tool, at, direction, kind, method, protocol, transport, session, flow,"
        " rpc, answers_id, size, fields, duration_ms, http_status, outcome, own_traffic, redelivery, salt, taxonomy,"
        " inspected_at, route, host, nonce, commitment",
        "id + :exchanges_by, record_id || '-' || :turn, part, app_id, tool_id, tool, "
        + _LATER.format("at")
        + ", direction, kind, method, protocol, transport, session || '-' || :turn, flow || '-' || :turn, rpc,"
        " answers_id + :exchanges_by, size, fields, duration_ms, http_status, outcome, own_traffic, redelivery, salt,"
        " taxonomy, inspected_at, route, host, nonce, commitment",
        "id <= :last",
    ),
    "disclosures": (
        "id, exchange_id, category, flags, pointer, reached, detector, confidence, evidence, length, pseudonym, key_id,"
        " preview, also, headline, nonce, commitment",
        "id + :disclosures_by, exchange_id + :exchanges_by, category, flags, pointer, reached, detector, confidence,"
        " evidence, length, pseudonym, key_id, preview, also, headline, nonce, commitment",
        "exchange_id <= :last AND id <= :disclosures_top",
    ),
    "verdicts": (
        "id, disclosure_id, source, verdict, score, reason, statements, declaration_id, judgement_id, judged_at,"
        " replaced_at",
        "id + :verdicts_by, disclosure_id + :disclosures_by, source, verdict, score, reason, statements,"
        " declaration_id, judgement_id, judged_at, replaced_at",
        "id <= :verdicts_top AND disclosure_id <= (SELECT max(id) FROM disclosures WHERE exchange_id <= :last)",
    ),
    "gaps": (
        "id, record_id, part, exchange_id, app_id, at, route, code, place, detail, size, count",
        "id + :gaps_by, record_id || '-' || :turn, part, exchange_id + :exchanges_by, app_id, "
        + _LATER.format("at")
        + ", route, code, place, detail, size, count",
        "id <= :gaps_top AND exchange_id <= :last",
    ),
}
"""Columns, what is written into them, and which rows: those that the real ledger wrote."""
