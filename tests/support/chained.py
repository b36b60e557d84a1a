"""Ledgers with a sealed chain, made by the real `Ledger` and the other real writers, for tests of the evidence."""

import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from douane.audit.context import ToolSchema
from douane.audit.declaration import Declaration, Recipient
from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Source, Verdict
from douane.audit.history import FieldUse, Observation, Seen
from douane.audit.message import Direction, Gap, Kind
from douane.audit.verdicts import headline
from douane.audit.waivers import Event, Waiver
from douane.ledger.erase import erase, find
from douane.ledger.pseudonyms import Pseudonymiser, preview
from douane.ledger.purge import Purge
from douane.ledger.rejudge import rejudge
from douane.ledger.retention import Keep, Policy
from douane.ledger.sealing import Closed, GivenUp, Sealer, Standing
from douane.ledger.store import Ledger
from douane.ledger.times import iso
from douane.ledger.waivers import record
from douane.ledger.writing import writing

MASTER = bytes(range(32))
START = 4_000_000_000.0
DAY = 86_400.0
APPS = ("travel", "crm")
PEOPLE = ("camille.exemple@example.org", "lea.exemple@example.org", "noah.exemple@example.com")
_PLACES = ("/params/arguments/mail", "/params/arguments/note", "/params/arguments/{key}")


@dataclass(slots=True)
class Kept:
    """Anchors as the format writes them, kept by the test: of closed segments, and of the last append."""

    lines: list[dict[str, object]] = field(default_factory=list)
    standing: dict[str, object] = field(default_factory=dict)

    def doubt(self, file: str, sealer: Sealer | None, ledger: str, *, again: bool = False) -> str | None:
        return None

    def moved(self, ledger: str) -> bool:
        return False

    def saw(self, standing: Standing) -> None:
        pass

    def missed(self, file: str) -> str | None:
        return None

    def others(self, file: str, ledger: str) -> list[Standing]:
        return []

    def gave_way(self, other: Standing) -> None:
        pass

    def gave_up(self, given: GivenUp, sealer: Sealer) -> None:
        pass

    def stands(self, standing: Standing) -> None:
        """Keep where the chain stands."""
        self.standing = {
            "at": standing.at, "head": standing.head.hex(), "ledger": standing.ledger, "seq": standing.seq,
        }  # fmt: skip

    def closed(self, closed: Closed) -> None:
        """Keep a closed segment's line."""
        header = closed.header
        self.lines.append(
            {
                "at": header.closed_at, "head": header.head.hex(), "ledger": closed.ledger, "segment": header.number,
                "seq": header.last_seq, "signature": closed.signature.hex(),
            }
        )  # fmt: skip

    def write(self, folder: Path) -> list[Path]:
        """Write both into files as Douane's own; return them."""
        closed, last = folder / "anchors.jsonl", folder / "anchors.head"
        closed.write_text("".join(json.dumps(line) + "\n" for line in self.lines))
        last.write_text(json.dumps(self.standing) + "\n")
        return [closed, last]


@dataclass(frozen=True, slots=True)
class Chained:
    """A ledger's file, the master key that seals it, that key's file, and what anchors outside say."""

    path: Path
    master: bytes
    key_file: Path
    anchors: Kept


READING: dict[str, object] = {
    "at": "2096-10-03T00:00:00.000Z", "who": "a", "role": "dpo", "what": "a test", "why": "",
    "scope": {"apps": [], "since": "", "until": ""},
}  # fmt: skip
"""What an `access` event says."""


class Clock:
    """Unix time that moves only when it is told."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


def chained(folder: Path) -> Chained:
    """Write the ledger that most tests share: two apps, every kind of row, closed, empty and open segments."""
    return history(folder, random.Random(1), steps=4)


def history(folder: Path, rng: random.Random, *, steps: int = 3, pause: float = 3600.0) -> Chained:
    """Write a ledger of `steps` rounds, each closed with a segment, an empty segment, and a round that stays open.

    `pause` is the number of seconds between two rounds, an hour or more.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, key_file, clock, kept = folder / "douane.db", folder / "master.key", Clock(), Kept()
    key_file.write_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
    key_file.chmod(0o600)
    sealer = Sealer(MASTER)
    with Ledger(path, taxonomy="tax/1", clock=clock, sealer=sealer, anchors=kept) as ledger:
        number = 0
        run = ledger.add_run(at=clock.now, version="1.0", config_sha256="c" * 64, rules_sha256="d" * 64)
        for app in APPS:
            ledger.add_app(app, at=clock.now, upstream_host=f"{app}.example", egress=app == "crm")
            ledger.add_declaration(_declaration(app, 1), at=clock.now)
            ledger.add_tool(app, _tool("book"), at=clock.now, annotations={"readOnlyHint": True})
        for step in range(steps + 1):
            number = _round(ledger, rng, clock, number)
            if step == steps:
                break
            clock.now += pause + rng.random() * 60
            if step == 1:
                ledger.add_tool("travel", _tool("book", "note"), at=clock.now)
                ledger.add_declaration(_declaration("travel", 2), at=clock.now)
            assert ledger.seal(only_if_due=True)
            if step == 0:
                clock.now += 3601
                assert ledger.seal(only_if_due=True), "an empty one"
        ledger.end_run(run, at=clock.now)
    _beside(path, sealer, kept, clock)
    return Chained(path, MASTER, key_file, kept)


def lived(folder: Path, rng: random.Random, *, steps: int = 3, likely: float = 0.8) -> Chained:
    """Write such a ledger over weeks; details expire, a person is erased and old segments go, each if it is likely."""
    made = history(folder, rng, steps=steps, pause=20 * DAY)
    sealer, clock = Sealer(made.master), Clock()
    clock.now += steps * 20 * DAY + 2 * DAY
    if rng.random() < likely:
        _purge(made, sealer, Policy(rules=(Keep("P12D", app=rng.choice(APPS)),)), clock)
    if rng.random() < likely:
        with closing(sqlite3.connect(f"file:{made.path}?mode=ro", uri=True)) as db:
            found = find(db, Pseudonymiser(made.master), [("user.contact.email", rng.choice(PEOPLE))])
        erase(
            made.path, sealer, found, who="dpo", direct_only=rng.random() < 0.5, anchors=made.anchors, clock=clock,
        )  # fmt: skip
    if rng.random() < likely:
        _purge(made, sealer, Policy(keep=f"P{rng.choice((10, 30))}D"), clock)
    with Ledger(made.path, taxonomy="tax/1", clock=clock, sealer=sealer, anchors=made.anchors) as ledger:
        _round(ledger, rng, clock, 1000)
        assert ledger.seal()
        _round(ledger, rng, clock, 2000)
    return made


def _purge(made: Chained, sealer: Sealer, policy: Policy, clock: Clock) -> None:
    with Purge(made.path, sealer, policy, who="a test", anchors=made.anchors, clock=clock) as work:
        while work.step():
            pass


def _beside(path: Path, sealer: Sealer, kept: Kept, clock: Callable[[], float]) -> None:
    """What writers beside the inspector append: verdicts judged anew, a waiver, an access."""
    waiver = Waiver(
        "0123456789abcdef" * 2, "verdict/omitted", "crm", "agreed with the team", "A. Exemple", "2027-01-31"
    )
    record(path, [(Event.ACCEPTED, waiver)], at=clock(), file_sha256="e" * 64, sealer=sealer, anchors=kept)
    rejudge(
        path, "crm", reason="a new declaration", version="1.0", declaration=_declaration("crm", 3), sealer=sealer,
        anchors=kept, clock=clock,
    )  # fmt: skip
    with writing(path, sealer, anchors=kept, clock=clock) as (_, chain):
        chain.tell("access", {**READING, "at": iso(clock()), "who": "dpo", "what": "report", "why": "a test"})


def _round(ledger: Ledger, rng: random.Random, clock: Clock, number: int) -> int:
    for _ in range(rng.randint(2, 4)):
        number += 1
        clock.now += rng.random() * 30
        app = rng.choice(APPS)
        call = _call(app, number, clock.now, rng)
        with ledger.batch():
            ledger.append(call, salt=rng.randbytes(16))
            ledger.note(
                app,
                at=clock.now,
                observations=(Observation(Seen.RETURNED_URL, rng.choice(("a.example", "b.example")), tool="book"),),
                uses=(FieldUse("book", Direction.TO_APP, rng.choice(("/mail", "/note")), 1),),
            )
        if rng.random() < 0.7:
            ledger.set_outcome(rng.choice((Outcome.DELIVERED, Outcome.DELIVERED, Outcome.FAILED)), flow=call.flow)
        if rng.random() < 0.7:
            answer = replace(
                call, record_id=f"a{number}", direction=Direction.TO_CHATGPT, kind=Kind.RESULT, disclosures=(), rpc="",
                answers=(call.record_id, call.part), http_status=200, duration_ms=rng.random() * 400, gaps=(),
                outcome=Outcome.DELIVERED,
            )  # fmt: skip
            ledger.append(answer)
    ledger.add_gap(f"g{number}", 0, "travel", Gap("malformed", "body", "not JSON", 40 + number), clock.now)
    ledger.add_passage(
        f"p{number}", "crm", at=clock.now, host="crm.example", path_class="health", status=200, bytes_up=0,
        bytes_down=rng.randint(1, 999),
    )  # fmt: skip
    return number


def _call(app: str, number: int, at: float, rng: random.Random) -> Exchange:
    found = tuple(_disclosure(app, rng) for _ in range(rng.randint(0, 2)))
    gaps = (Gap("no-schema"), Gap("too-deep", "/params", "48 levels", 10)) if rng.random() < 0.4 else ()
    return Exchange(
        f"r{number}", 0, at, app, Direction.TO_APP, Kind.REQUEST, "tools/call", "book", Outcome.UNKNOWN,
        rng.randint(9, 999), rng.randint(1, 20), protocol="2025-06-18", transport="json", session=f"s-{app}",
        flow=f"f{number}", rpc=f"q{number}", disclosures=found, gaps=gaps,
        own_traffic=rng.random() < 0.1, redelivery=rng.random() < 0.1,
    )  # fmt: skip


def _disclosure(app: str, rng: random.Random) -> Disclosure:
    category, value = "user.contact.email", rng.choice(PEOPLE)
    verdicts = (
        Verdict(Source.SCHEMA, rng.choice((Label.CLEAR, Label.OMITTED, Label.GAP)), "held against the schema"),
        Verdict(Source.DECLARATION, Label.VAGUE, "user.contact is declared", 0.5, ("policy/1",)),
    )
    named = rng.random() < 0.8
    return Disclosure(
        rng.choice(_PLACES), category, rng.choice(((), ("hipaa",))), "email", round(rng.random(), 3), "an address",
        verdicts, headline(verdicts), length="16-31",
        pseudonym=Pseudonymiser(MASTER).of(app, category, value) if named else None,
        preview=preview(category, (), value) if named else None,
        also=rng.choice(((), ("/@http/header/mcp-param-mail",))),
    )  # fmt: skip


def _declaration(app: str, number: int) -> Declaration:
    return Declaration(
        app, ("user.contact",), ("user.name",), (Recipient("Mailer"),), sha256=str(number) * 64, source=f"{app}.yaml",
    )  # fmt: skip


def _tool(name: str, *more: str) -> ToolSchema:
    properties = {one: {"type": "string"} for one in ("mail", *more)}
    return ToolSchema(name, {"type": "object", "properties": properties}, {"type": "object"})
