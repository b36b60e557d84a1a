"""Numbers that an authority gave a person. Pure module: no I/O."""

from douane.audit import taxonomy
from douane.audit.history import Seen
from douane.audit.rules.base import Case, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, history, saw, tool
from douane.audit.rules.restricted import SAYS, WORDING, crossing, solicited
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN


def _meant(category: str, flags: tuple[str, ...]) -> bool:
    return "openai:restricted" in flags and taxonomy.is_within(category, "user.government_id")


RULE = Rule(
    id="openai/government-id",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Government identifier", "Identifiant officiel"),
    severity=Severity.ERROR,
    source=GUIDE,
    url=GUIDE_URL,
    read=READ,
    wording=WORDING + "Government identifiers (such as social security numbers).",
    says=SAYS,
    remedy=Text(
        "Leave the number out, and check identity where it is needed on a page of your own, outside the tool.",
        "Retirez ce numéro et, si l’identité doit être vérifiée, faites-le sur une page à vous, hors de l’outil.",
    ),
    forbids=True,
    check=crossing(_meant),
    check_app=solicited(_meant, forms=True),
)

MATCHES = (
    Case(
        "a passport number is sent with a booking",
        history(call("book", datum("user.government_id.passport_number", f"{ARGS}/passport"))),
    ),
    Case(
        "every answer repeats the social security number",
        history(
            answer("file", datum("user.government_id.national_identification_number.nir", f"{OUT}/rows/0/nir")),
            answer("file", datum("user.government_id.national_identification_number.nir", f"{OUT}/rows/1/nir")),
        ),
    ),
    Case("the schema asks for a passport", history(tools=[tool("book", "passport_number")])),
    Case(
        "a form asks for it",
        history(seen=[saw(Seen.FORM_ASKS, "user.government_id.passport_number", "passport", "book")]),
    ),
)
MISSES = (
    Case("a loyalty number", history(call("book", datum("user.unique_id.pseudonymous", f"{ARGS}/loyalty_number")))),
    Case("a booking reference", history(tools=[tool("book", "booking_reference")])),
    Case("a nationality", history(call("book", datum("user.demographic.nationality", f"{ARGS}/nationality")))),
)
