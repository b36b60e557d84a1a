"""Health information about a person. Pure module: no I/O."""

from douane.audit import taxonomy
from douane.audit.history import Seen
from douane.audit.rules.base import Case, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, history, saw, tool
from douane.audit.rules.restricted import SAYS, WORDING, crossing, solicited
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN


def _meant(category: str, flags: tuple[str, ...]) -> bool:
    return "openai:restricted" in flags and taxonomy.is_within(category, "user.health_and_medical")


RULE = Rule(
    id="openai/health-information",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Health information", "Donnée de santé"),
    severity=Severity.ERROR,
    source=GUIDE,
    url=GUIDE_URL,
    read=READ,
    wording=WORDING + "Protected health information (PHI).",
    says=SAYS,
    remedy=Text(
        "Leave the field out. Ask for what the appointment or order needs, not for the state of health behind it.",
        "Retirez ce champ. Demandez ce que le rendez-vous ou la commande exige, et non l’état de santé qui le motive.",
    ),
    forbids=True,
    check=crossing(_meant),
    check_app=solicited(_meant, forms=True),
)

MATCHES = (
    Case(
        "the reason for an appointment is an illness",
        history(call("book", datum("user.health_and_medical.condition", f"{ARGS}/reason"))),
    ),
    Case(
        "a patient’s treatment comes back",
        history(answer("patient", datum("user.health_and_medical.medication", f"{OUT}/treatments/0"))),
    ),
    Case("the schema asks for allergies", history(tools=[tool("book", "allergies")])),
    Case(
        "a form asks for it",
        history(seen=[saw(Seen.FORM_ASKS, "user.health_and_medical.condition", "allergies", "book")]),
    ),
)
MISSES = (
    Case("fitness figures are no health information here", history(call("run", datum("user.sensor", f"{ARGS}/steps")))),
    Case("a doctor’s name", history(answer("find", datum("user.name", f"{OUT}/doctor/name")))),
    Case("a fingerprint is of another kind", history(call("open", datum("user.biometric.fingerprint", f"{ARGS}/f")))),
)
