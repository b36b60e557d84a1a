"""One judged call as the inspector gives it to the ledger. Its data are invented."""

from dataclasses import replace

from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Source, Verdict
from douane.audit.message import Direction, Gap, Kind
from douane.ledger.pseudonyms import Pseudonymiser

PSEUDONYMS = Pseudonymiser(b"ledger master for the tests only")

OMITTED = Verdict(Source.SCHEMA, Label.OMITTED, "the input schema does not list it")
VAGUE = Verdict(Source.DECLARATION, Label.VAGUE, "user.contact is declared", 0.5)
DATUM = Disclosure(
    "/params/arguments/mail",
    "user.contact.email",
    ("hipaa",),
    "email",
    0.95,
    "an address with a known top-level domain",
    (OMITTED, VAGUE),
    Label.OMITTED,
    reached="json:/mail",
    length="16-31",
    pseudonym=PSEUDONYMS.of("travel", "user.contact.email", "camille@example.org"),
    preview="ca…rg",
    also=("/@http/header/x-openai-subject",),
)
CALL = Exchange(
    "5b1c2d3e4f50-7",
    2,
    1_700_000_000.5,
    "travel",
    Direction.TO_APP,
    Kind.REQUEST,
    "tools/call",
    "book",
    Outcome.UNKNOWN,
    412,
    11,
    protocol="2025-06-18",
    transport="json",
    session="s-1",
    flow="f-1",
    rpc="r-1",
    disclosures=(DATUM, replace(DATUM, pointer="/params/arguments/{key}", pseudonym=None, preview=None)),
    gaps=(Gap("no-schema"), Gap("too-deep", "/params", "48 levels", 10), Gap("too-deep", "/params", "48 levels", 5)),
)
