"""Ledgers that have aged: exchanges of made-up people, hour by hour, written through the real ledger."""

import importlib.util
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Source, Verdict
from douane.audit.history import Observation, Seen
from douane.audit.message import Direction, Gap, Kind
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger

MASTER = b"the master key of aged ledgers.."
DAY = 86_400.0
CLEAR = Verdict(Source.SCHEMA, Label.CLEAR, "the input schema lists it")


@dataclass
class Years:
    """A clock that tests turn: Unix time in seconds."""

    now: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.now


def datum(app: str, category: str, value: str, salt: bytes) -> Disclosure:
    """A disclosure of a value, as the inspector would write it."""
    made = Pseudonymiser(MASTER).of(app, category, value, salt=salt)
    preview = f"{value[:2]}…{value[-2:]}"
    return Disclosure(
        f"/params/arguments/{category.rpartition('.')[2]}", category, (), "made-up", 0.9, "for a test", (CLEAR,),
        Label.CLEAR, length="16-31", pseudonym=made, preview=preview,
    )  # fmt: skip


def call(number: int, app: str, session: str, *found: Disclosure, at: float, answers: int = 0) -> Exchange:
    """A call of `find` (or the answer to call `answers`) in which these data were found."""
    return Exchange(
        f"aged-{number}", 0, at, app, Direction.TO_CHATGPT if answers else Direction.TO_APP,
        Kind.RESULT if answers else Kind.REQUEST, "tools/call", "find", Outcome.DELIVERED, 120, 4,
        session=session, flow=f"flow-{number}", rpc="" if answers else f"rpc-of-{number:06}",
        answers=(f"aged-{answers}", 0) if answers else None, disclosures=found, gaps=(Gap("no-schema"),),
    )  # fmt: skip


def person(number: int) -> str:
    """The address of a made-up person."""
    return f"person{number:04}@example.org"


def salt_of(number: int) -> bytes:
    """The salt of a call, told so that a test can look for its bytes."""
    return b"salt of %08d" % number


def fill(path: Path, clock: Years, hours: int, calls: int, *, app: str = "crm", first: int = 1) -> int:
    """Write so many calls in each of so many hours, a segment for each hour; returns the next call's number.

    Call n is by person n, with a name and a diagnosis, in session `session-of-<n>`; an answer follows every third.
    """
    number = first
    with Ledger(path, taxonomy="t-1", clock=clock, sealer=Sealer(MASTER)) as ledger:
        run = ledger.add_run(at=clock(), version="0", config_sha256="")
        for _ in range(hours):
            with ledger.batch():
                for _ in range(calls):
                    salt, at = salt_of(number), clock()
                    found = (
                        datum(app, "user.contact.email", person(number), salt),
                        datum(app, "user.health_and_medical", f"diagnosis {number}", salt),
                    )
                    ledger.append(call(number, app, f"session-of-{number:06}", *found, at=at), salt=salt)
                    if number % 3 == 0:
                        answer = call(number + 500_000, app, f"session-of-{number:06}", at=at + 1, answers=number)
                        ledger.append(answer)
                    ledger.note(app, at=at, observations=(Observation(Seen.RETURNED_URL, f"h{number % 5}.example"),))
                    number += 1
            clock.now += 3600.0
            ledger.seal()
        ledger.end_run(run, at=clock())
        ledger.seal()
    return number


def second_verifier() -> Any:
    """`verify_ledger.py`, which is a script and no part of a package."""
    spec = importlib.util.spec_from_file_location(
        "verify_ledger", Path(__file__).parents[2] / "ledger" / "data" / "verify_ledger.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["verify_ledger"] = module
    spec.loader.exec_module(module)
    return module


SECOND = second_verifier()
