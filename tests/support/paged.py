"""A folder with a ledger for the page's tests, and a real `douane serve` over it. All data are invented."""

import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from running import until

from douane.audit import taxonomy
from douane.audit.context import ToolSchema
from douane.audit.declaration import Declaration, Recipient
from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Source, Verdict
from douane.audit.message import Direction, Gap, Kind
from douane.ledger.keys import load_or_create
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger

IN, BACK = Direction.TO_APP, Direction.TO_CHATGPT
CLEAR, VAGUE, OMITTED, GAP = Label.CLEAR, Label.VAGUE, Label.OMITTED, Label.GAP
HOSTILE = "<script>alert(1)</script>\u202egnp.exe\x1b[31m=cmd|' /C calc'!A0" + "x" * 500
DAY = 86_400.0
START = datetime(2026, 11, 13, 9, 2, 11, tzinfo=UTC).timestamp()
_PRESSING = (Label.PROHIBITED, OMITTED, VAGUE, CLEAR, GAP)


def datum(category: str, pointer: str, schema: Label, declaration: Label, detector: str = "key") -> Disclosure:
    """A disclosure judged by two sources, and by the platform where its flags ask for it."""
    flags = taxonomy.flags(category)
    verdicts = [Verdict(Source.SCHEMA, schema, "as told"), Verdict(Source.DECLARATION, declaration, "as told")]
    if taxonomy.restricted(flags):
        verdicts.append(Verdict(Source.PLATFORM, Label.PROHIBITED, "as told"))
    headline = next(label for label in _PRESSING if any(verdict.label is label for verdict in verdicts))
    return Disclosure(pointer, category, flags, detector, 0.9, "as told", tuple(verdicts), headline, length="8-15")


@dataclass(slots=True)
class Place:
    """A configured folder whose ledger a test fills."""

    folder: Path
    at: float = START
    number: int = 0
    master: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        (self.folder / "config.yaml").write_text("storage: {folder: data}\n")
        self.master = load_or_create(self.key)

    @property
    def key(self) -> Path:
        """The master key's file."""
        return self.folder / "key" / "master.key"

    @property
    def path(self) -> Path:
        """The ledger."""
        return self.folder / "data" / "douane.db"

    @property
    def environ(self) -> dict[str, str]:
        """What a command in this folder runs with."""
        return {**os.environ, "DOUANE_KEY_FILE": str(self.key)}

    def open(self) -> Ledger:
        """The ledger, to be written to."""
        return Ledger(self.path, taxonomy=taxonomy.VERSION, sealer=Sealer(self.master))

    def message(
        self,
        ledger: Ledger,
        app: str,
        direction: Direction,
        tool: str | None,
        *data: Disclosure,
        outcome: Outcome = Outcome.DELIVERED,
        gaps: tuple[Gap, ...] = (),
        duration: float = 48.0,
        times: int = 1,
        step: float = 37.0,
    ) -> None:
        """`times` equal messages of an app."""
        for _ in range(times):
            self.number += 1
            self.at += step
            answer = direction is BACK
            ledger.append(
                Exchange(
                    f"s-{self.number}",
                    0,
                    self.at,
                    app,
                    direction,
                    Kind.RESULT if answer else Kind.REQUEST,
                    "tools/call" if tool else "tools/list",
                    tool,
                    outcome,
                    412,
                    max(1, len(data)),
                    protocol="2025-11-25",
                    transport="http",
                    flow=f"f{self.number}",
                    duration_ms=duration + self.number % 17 if answer else None,
                    disclosures=data,
                    gaps=gaps,
                )
            )


def fill(place: Place) -> None:
    """Three apps over nine days: one declares well, one leaves health data out, one declares nothing."""
    with place.open() as ledger, ledger.batch():
        ledger.add_run(at=START, version="0.1.0", config_sha256="c0" * 32, profile="dev")
        _apps(ledger)
        for day in range(9):
            place.at = START + day * DAY
            _travel(place, ledger, 4 + 3 * (day % 3))
            _rendezvous(place, ledger, 2 + day % 4)
            _crm(place, ledger, 5 + day)
        place.message(ledger, "rendezvous", IN, "prendre_rendez_vous", outcome=Outcome.UNKNOWN)
        ledger.add_gap("g-1", 0, "crm", Gap("binary", size=1_200_000, count=4), place.at)
        ledger.add_passage(
            "p-1", "crm", at=place.at, host="sso.example.org", path_class="oauth", status=200, bytes_up=9, bytes_down=9
        )


def _apps(ledger: Ledger) -> None:
    for name in ("trips", "rendezvous", "crm"):
        ledger.add_app(name, at=START, upstream_host=f"{name}.example.org")
    recipients = (Recipient("Clinique Exemple", "FR", "processor"),)
    for app, to_app, back in (
        ("trips", ("user.contact.email", "user.name", "user.location"), ("user.name",)),
        ("rendezvous", ("user.name", "user.contact", "user.demographic.date_of_birth"), ("user.name",)),
    ):
        ledger.add_declaration(
            Declaration(app, to_app, back, recipients, "3f" * 32, f"{app}.yaml", taxonomy.VERSION), at=START
        )
    text = {"type": "string"}
    patient = {"type": "object", "required": ["nom"], "properties": {"nom": text, "tel": text, "date_naissance": text}}
    books = {"type": "object", "required": ["patient"], "properties": {"patient": patient, "creneau": text}}
    ledger.add_tool("rendezvous", ToolSchema("prendre_rendez_vous", books), at=START, annotations={})
    rows = {"type": "array", "items": {"type": "object", "properties": {"nom": text, "specialite": text}}}
    finds = ToolSchema("chercher_praticien", {"type": "object"}, {"type": "object", "properties": {"praticiens": rows}})
    ledger.add_tool("rendezvous", finds, at=START, annotations={"readOnlyHint": True})
    flight = {"type": "object", "properties": {"email": {"type": "string", "format": "email"}, "from": text}}
    trips = ToolSchema("search_flights", flight, {"type": "object"})
    ledger.add_tool("trips", trips, at=START, annotations={"readOnlyHint": True, "openWorldHint": True})


def _travel(place: Place, ledger: Ledger, times: int) -> None:
    given = (
        datum("user.contact.email", "/params/arguments/email", CLEAR, CLEAR),
        datum("user.location.imprecise", "/params/_meta/openai~1userLocation/city", GAP, VAGUE, "meta"),
    )
    place.message(ledger, "trips", IN, "search_flights", *given, times=times)
    back = datum("user.name", "/result/content/0/text", GAP, CLEAR)
    place.message(ledger, "trips", BACK, "search_flights", back, times=times)


def _rendezvous(place: Place, ledger: Ledger, times: int) -> None:
    who = datum("user.name", "/params/arguments/patient/nom", CLEAR, CLEAR)
    phone = datum("user.contact.phone_number", "/params/arguments/patient/tel", CLEAR, VAGUE, "phone")
    place.message(ledger, "rendezvous", IN, "prendre_rendez_vous", who, phone, times=times)
    why = datum("user.health_and_medical.condition", "/params/arguments/motif", OMITTED, OMITTED, "free-text")
    place.message(ledger, "rendezvous", IN, "prendre_rendez_vous", who, why, times=1 + times // 2)
    place.message(
        ledger,
        "rendezvous",
        BACK,
        "chercher_praticien",
        datum("user.name", "/result/structuredContent/praticiens/0/nom", CLEAR, CLEAR),
        datum("user.contact.address", "/result/structuredContent/praticiens/0/adresse", OMITTED, OMITTED),
        times=times,
        duration=90.0,
    )


def _crm(place: Place, ledger: Ledger, times: int) -> None:
    unknown = (Gap("no-schema"), Gap("no-declaration"))
    mail = datum("user.contact.email", "/params/arguments/{key}/email", GAP, GAP, "email")
    place.message(ledger, "crm", IN, "upsert_contact", mail, gaps=unknown, times=times)
    back = (
        datum("user.contact.email", "/result/content/0/text", GAP, GAP, "email"),
        datum("user.contact.phone_number", "/result/content/0/text", GAP, GAP, "phone"),
    )
    place.message(ledger, "crm", BACK, "export_contacts", *back, times=times)
    place.message(ledger, "crm", BACK, "export_contacts", gaps=(Gap("too-large", size=48_000_000),))


def fill_hostile(place: Place) -> None:
    """An app, a tool, a place and a host whose names attack whoever prints them."""
    with place.open() as ledger, ledger.batch():
        ledger.add_run(at=START, version="0.1.0", config_sha256="c0" * 32, profile="dev")
        ledger.add_app(HOSTILE, at=START, upstream_host=HOSTILE)
        schema = {"type": "object", "properties": {HOSTILE: {"type": "string"}, "a": {"$ref": "#/properties/a"}}}
        ledger.add_tool(HOSTILE, ToolSchema(HOSTILE, schema), at=START, annotations={"readOnlyHint": True})
        ledger.add_declaration(
            Declaration(HOSTILE, ("user.name",), (), (Recipient(HOSTILE),), "3f" * 32, "x.yaml", taxonomy.VERSION),
            at=START,
        )
        found = datum("user.health_and_medical", f"/params/arguments/{HOSTILE}", OMITTED, OMITTED)
        place.message(ledger, HOSTILE, IN, HOSTILE, found, gaps=(Gap("malformed"),), times=3)


@dataclass(slots=True)
class Served:
    """`douane serve` as a process. `address` is the one-time address, `said` what it printed."""

    place: Place
    arguments: list[str]
    said: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] = field(init=False)
    reader: threading.Thread = field(init=False)

    def start(self) -> "Served":
        """Start it and wait until it listens."""
        command = [sys.executable, "-m", "douane.cli.main", "serve", "--port", "0", *self.arguments]
        self.process = subprocess.Popen(
            command, cwd=self.place.folder, env=self.place.environ, stderr=subprocess.PIPE, text=True
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        until(lambda: self.addresses or self.process.poll() is not None, 60, "the page's address")
        if not self.addresses:
            raise RuntimeError(f"douane serve ended: {self.said}")
        return self

    @property
    def addresses(self) -> list[str]:
        """Every one-time address that was printed."""
        return [found[0] for line in self.said if (found := re.search(r"https?://\S+", line))]

    @property
    def base(self) -> str:
        """The page's address without the token."""
        return self.addresses[0].partition("/open")[0]

    def stop(self) -> int:
        """Stop it as Ctrl-C does; returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(60)
        finally:
            self.process.kill()
            self.reader.join(5)

    def _read(self) -> None:
        if self.process.stderr is not None:
            with self.process.stderr as lines:
                for line in lines:
                    self.said.append(line.rstrip("\n"))
