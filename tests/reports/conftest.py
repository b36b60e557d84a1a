"""Golden ledgers: fictitious apps, people-free by construction (a ledger holds no value)."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from douane.audit import taxonomy
from douane.audit.context import ToolSchema
from douane.audit.declaration import Declaration, Recipient
from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Source, Verdict
from douane.audit.message import Direction, Gap, Kind
from douane.audit.taxonomy import VERSION
from douane.ledger.store import Ledger
from douane.reports.model import Summary
from douane.reports.summary import summarise

MADE = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
START = datetime(2026, 11, 22, 10, 2, 11, tzinfo=UTC).timestamp()
HOSTILE = "<script>alert(1)</script>\u202egnp.exe\x1b[31m=cmd|' /C calc'!A0"
NAMES = ("<script>alert(1)</script>", "=cmd|'/C calc'!A0", "\u202erevo\u202c", "\x1b]0;pwn\x07red\x1b[31m", "x" * 500)

IN, BACK = Direction.TO_APP, Direction.TO_CHATGPT
CLEAR, VAGUE, OMITTED, GAP, PROHIBITED = Label.CLEAR, Label.VAGUE, Label.OMITTED, Label.GAP, Label.PROHIBITED


def datum(category: str, pointer: str, schema: Label, declaration: Label, detector: str = "key") -> Disclosure:
    """A disclosure judged by two sources, and by the platform where its flags ask for it."""
    flags = taxonomy.flags(category)
    verdicts = [
        Verdict(Source.SCHEMA, schema, "as told", 0.5 if schema is VAGUE else None),
        Verdict(Source.DECLARATION, declaration, "as told", 0.5 if declaration is VAGUE else None),
    ]
    if taxonomy.restricted(flags):
        verdicts.append(Verdict(Source.PLATFORM, PROHIBITED, "as told"))
    order = (PROHIBITED, OMITTED, VAGUE, CLEAR, GAP)
    headline = next(label for label in order if any(verdict.label is label for verdict in verdicts))
    return Disclosure(pointer, category, flags, detector, 0.9, "as told", tuple(verdicts), headline, length="8-15")


class Golden:
    """A ledger in the making: each message a little later than the one before."""

    def __init__(self, path: Path) -> None:
        self.ledger = Ledger(path, taxonomy=VERSION)
        self.number = 0
        self.step = 37.0
        self.at = START

    def message(
        self,
        app: str,
        direction: Direction,
        tool: str | None,
        *data: Disclosure,
        outcome: Outcome = Outcome.DELIVERED,
        gaps: tuple[Gap, ...] = (),
        own: bool = False,
        duration: float | None = None,
        times: int = 1,
    ) -> None:
        """`times` equal messages of an app."""
        for _ in range(times):
            self.number += 1
            self.at += self.step
            answer = direction is BACK
            self.ledger.append(
                Exchange(
                    record_id=f"s-{self.number}",
                    part=0,
                    at=self.at,
                    app=app,
                    direction=direction,
                    kind=Kind.RESULT if answer else Kind.REQUEST,
                    method="tools/call" if tool else "tools/list",
                    tool=tool,
                    outcome=outcome,
                    size=412,
                    fields=max(1, len(data)),
                    protocol="2025-11-25",
                    transport="http",
                    flow=f"f{self.number}",
                    duration_ms=duration if duration is not None else (40.0 + self.number % 17 if answer else None),
                    own_traffic=own,
                    disclosures=data,
                    gaps=gaps,
                )
            )

    def gap(self, app: str, code: str, *, times: int = 1, size: int | None = None) -> None:
        """A gap of its own, of no message that could be read."""
        self.number += 1
        self.at += self.step
        self.ledger.add_gap(f"s-{self.number}", 0, app, Gap(code, size=size, count=times), self.at)

    def tool(self, app: str, name: str, *, takes: bool = True, gives: bool = False, **hints: bool) -> None:
        """A tool whose schema was seen."""
        schema = ToolSchema(name, {"type": "object"} if takes else None, {"type": "object"} if gives else None)
        self.ledger.add_tool(app, schema, at=START, annotations=hints)

    def declaration(self, app: str, to_app: tuple[str, ...], to_chatgpt: tuple[str, ...], *recipients: str) -> None:
        """A declaration file."""
        declared = Declaration(
            app, to_app, to_chatgpt, tuple(Recipient(name) for name in recipients), "3f" * 32, f"{app}.yaml", VERSION
        )
        self.ledger.add_declaration(declared, at=START)

    def passage(self, app: str, host: str, path_class: str, times: int = 1, status: int = 200) -> None:
        """Something that was not MCP."""
        for _ in range(times):
            self.number += 1
            self.at += 1
            self.ledger.add_passage(
                f"s-{self.number}",
                app,
                at=self.at,
                host=host,
                path_class=path_class,
                status=status,
                bytes_up=1_200,
                bytes_down=48_000,
            )


def empty(golden: Golden) -> None:
    """Nothing has crossed yet."""


def one(golden: Golden) -> None:
    """One app, well declared."""
    golden.ledger.add_run(at=START, version="0.1.0", config_sha256="c0" * 32)
    golden.ledger.add_app("trips", at=START, upstream_host="trips.example.org")
    golden.declaration("trips", ("user.contact.email", "user.name", "user.location"), ("user.name",), "Example Air")
    golden.tool("trips", "search_flights", gives=True, readOnlyHint=True, openWorldHint=True)
    golden.message(
        "trips",
        IN,
        "search_flights",
        datum("user.contact.email", "/params/arguments/email", CLEAR, CLEAR),
        datum("user.location.imprecise", "/params/_meta/openai~1userLocation/city", GAP, VAGUE, "meta"),
        times=12,
    )
    golden.message("trips", BACK, "search_flights", datum("user.name", "/result/content/0/text", GAP, CLEAR), times=9)


def demo(golden: Golden) -> None:
    """Three apps such as the demo has: one declares well, one leaves health data out, one declares nothing."""
    one(golden)
    golden.ledger.add_app("rendezvous", at=START, upstream_host="rdv.example.org")
    golden.ledger.add_app("crm", at=START, upstream_host="crm.example.org")
    golden.declaration(
        "rendezvous",
        ("user.name", "user.contact", "user.demographic.date_of_birth"),
        ("user.name",),
        "Clinique Exemple",
    )
    golden.tool("rendezvous", "prendre_rendez_vous", destructiveHint=False)
    golden.tool("rendezvous", "chercher_praticien", readOnlyHint=True)
    golden.message(
        "rendezvous",
        IN,
        "prendre_rendez_vous",
        datum("user.name", "/params/arguments/patient/nom", CLEAR, CLEAR),
        datum("user.contact.phone_number", "/params/arguments/patient/tel", CLEAR, VAGUE, "phone"),
        times=7,
    )
    golden.message(
        "rendezvous",
        IN,
        "prendre_rendez_vous",
        datum("user.health_and_medical.condition", "/params/arguments/motif", VAGUE, OMITTED, "free-text"),
        datum(
            "user.government_id.national_identification_number.nir",
            "/params/arguments/patient/nir",
            OMITTED,
            OMITTED,
            "nir",
        ),
        duration=80.0,
        times=3,
    )
    golden.message(
        "rendezvous",
        BACK,
        "chercher_praticien",
        datum("user.name", "/result/structuredContent/praticiens/0/nom", GAP, CLEAR),
        datum("user.contact.address", "/result/structuredContent/praticiens/0/adresse", GAP, OMITTED),
        datum("user.health_and_medical.medication", "/result/content/0/text", GAP, OMITTED, "free-text"),
        times=2,
    )
    golden.message(
        "rendezvous",
        IN,
        "prendre_rendez_vous",
        datum("user.name", "/params/arguments/patient/nom", CLEAR, CLEAR),
        outcome=Outcome.UNKNOWN,
        times=2,
    )
    golden.message("rendezvous", IN, None, own=True, times=2)
    golden.gap("rendezvous", "unpaired", times=1)
    golden.tool("crm", "upsert_contact", takes=False, destructiveHint=True)
    golden.message(
        "crm",
        IN,
        "upsert_contact",
        datum("user.contact.email", "/params/arguments/{key}/email", GAP, GAP, "email"),
        datum("user.name", "/params/arguments/{key}/name", GAP, GAP),
        datum("user.workplace", "/params/arguments/{key}/company", GAP, GAP),
        gaps=(Gap("no-schema"), Gap("no-declaration")),
        times=21,
    )
    golden.message(
        "crm",
        IN,
        "upsert_contact",
        datum("user.financial.credit_card", "/params/arguments/note", GAP, GAP, "card"),
        gaps=(Gap("no-schema"), Gap("no-declaration")),
        times=1,
    )
    golden.message(
        "crm",
        BACK,
        "export_contacts",
        datum("user.contact.email", "/result/content/0/text", GAP, GAP, "email"),
        datum("user.contact.phone_number", "/result/content/0/text", GAP, GAP, "phone"),
        times=1240,
    )
    golden.message("crm", BACK, "export_contacts", gaps=(Gap("too-large", size=48_000_000),), outcome=Outcome.FAILED)
    golden.gap("crm", "binary", times=4, size=1_200_000)
    golden.passage("crm", "crm.example.org", "oauth", 6)
    golden.passage("crm", "crm.example.org", "checkout", 1, 402)


def many(golden: Golden) -> None:
    """Twenty apps, each with some of a dozen categories."""
    golden.step = 311.0
    kinds = (
        ("user.name", "/params/arguments/name"),
        ("user.contact.email", "/params/arguments/email"),
        ("user.contact.phone_number", "/params/arguments/phone"),
        ("user.location.precise", "/params/_meta/openai~1userLocation/latitude"),
        ("user.financial.bank_account.iban", "/params/arguments/iban"),
        ("user.health_and_medical.condition", "/params/arguments/reason"),
        ("user.demographic.date_of_birth", "/params/arguments/dob"),
        ("user.device.ip_address", "/@http/header/x-forwarded-for"),
        ("user.content.prompt", "/params/arguments/query"),
        ("user.demographic.religious_belief", "/params/arguments/diet"),
        ("user.unique_id.pseudonymous", "/params/_meta/openai~1subject"),
        ("system.secret.token", "/params/arguments/token"),
        ("user.contact.address.postal_code", "/params/arguments/zip"),
    )
    names = ("atlas", "bistro", "calendar", "dossier", "ecole", "fleet", "garden", "hotel", "immo", "jobs", "kiosk")
    names += ("ledgerly", "mailbridge", "notes", "orders", "pharmacy-locator", "quiz", "rail", "studio", "tickets")
    labels = (CLEAR, VAGUE, CLEAR, OMITTED, GAP)
    for place, app in enumerate(names):
        if place % 3:
            golden.declaration(app, tuple(key for key, _ in kinds[: 3 + place % 4]), ("user.name",))
        for row, (key, pointer) in enumerate(kinds):
            if (place * 5 + row * 3) % 7 > 2:
                continue
            label = labels[(place + row) % 5] if place % 3 else GAP
            golden.message(app, IN, "act", datum(key, pointer, GAP, label), times=1 + (place * row) % 9)
            if row % 2:
                back = datum(key, "/result/structuredContent/rows/0", GAP, labels[(place * row) % 5])
                golden.message(app, BACK, "act", back, times=1 + (place + row) % 5)


def gaps_only(golden: Golden) -> None:
    """Messages that could not be opened, and none that could."""
    for code, times in (("too-large", 3), ("malformed", 1), ("expired", 12), ("crashed", 2), ("not-decodable", 1)):
        golden.gap("vault", code, times=times, size=2_500_000 if code == "too-large" else None)
    golden.message("vault", IN, "open", gaps=(Gap("too-deep"), Gap("no-schema")), times=2)


def hostile(golden: Golden) -> None:
    """Names of apps, tools, keys and hosts that attack whoever prints them."""
    for name in NAMES:
        golden.tool(name, name, readOnlyHint=True)
        golden.declaration(name, ("user.name",), (), name)
        found = datum("user.health_and_medical", f"/params/arguments/{name}", OMITTED, OMITTED)
        golden.message(name, IN, name, found, gaps=(Gap("malformed"),))
        golden.passage(name, name, name)


LEDGERS: dict[str, Callable[[Golden], None]] = {
    "empty": empty,
    "one": one,
    "demo": demo,
    "many": many,
    "gaps_only": gaps_only,
    "hostile": hostile,
}


def make(name: str, path: Path) -> sqlite3.Connection:
    """A connection to the golden ledger of that name, made at `path`."""
    golden = Golden(path)
    with golden.ledger.batch():
        LEDGERS[name](golden)
    golden.ledger.close()
    return sqlite3.connect(path)


@pytest.fixture(scope="session")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The golden ledgers' files by name."""
    folder = tmp_path_factory.mktemp("ledgers")
    for name in LEDGERS:
        make(name, folder / f"{name}.db").close()
    return {name: folder / f"{name}.db" for name in LEDGERS}


@pytest.fixture(scope="session")
def summaries(ledgers: dict[str, Path]) -> dict[str, Summary]:
    """The golden ledgers' summaries by name."""
    found = {}
    for name, path in ledgers.items():
        with closing(sqlite3.connect(path)) as db:
            found[name] = summarise(db, made_at=MADE)
    return found


@pytest.fixture
def golden(tmp_path: Path) -> Iterator[Golden]:
    """A ledger to fill; it is closed afterwards."""
    one = Golden(tmp_path / "douane.db")
    yield one
    one.ledger.close()


@pytest.fixture
def summary_of() -> Callable[..., Summary]:
    """Summarises a ledger in the making."""

    def of(golden: Golden, **scope: object) -> Summary:
        with closing(sqlite3.connect(str(golden.ledger.path))) as db:
            return summarise(db, **scope)  # type: ignore[arg-type]

    return of


@pytest.fixture
def make_datum() -> Callable[..., Disclosure]:
    """Makes a judged disclosure."""
    return datum
