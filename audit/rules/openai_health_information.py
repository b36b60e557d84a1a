"""Health information about a person. Pure module: no I/O."""

from collections.abc import Iterator
from typing import Final

from douane.audit import taxonomy
from douane.audit.history import History, Seen, ToolFacts
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, history, saw, tool
from douane.audit.rules.reading import asked, name_words
from douane.audit.rules.restricted import SAYS, WORDING, crossing, solicited
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN


def _meant(category: str, flags: tuple[str, ...]) -> bool:
    return "openai:restricted" in flags and taxonomy.is_within(category, "user.health_and_medical")


_asked = solicited(_meant, forms=True)
_NAMES: Final = """
animal pet dog cat horse bird fish cattle cow sheep pig goat livestock herd species breed veterinary vet plant crop
chien cheval oiseau poisson betail vache mouton porc chevre troupeau espece veterinaire plante
"""
_ANIMALS: Final = frozenset(_NAMES.split())
"""Words for what falls ill and is nobody."""


def check_app(history: History) -> Iterator[Hit]:
    """Properties and forms that ask for it; not of an animal or a plant, as the tool or a property says."""
    for hit in _asked(history):
        tool = history.tools.get(hit.tool)
        if tool is None or not _of_an_animal(tool, dict(hit.facts).get("pointer", "")):
            yield hit


def _of_an_animal(tool: ToolFacts, pointer: str) -> bool:
    above = pointer.removeprefix("inputSchema").rpartition("/")[0]
    beside = (one.name for one in asked(tool) if one.pointer.rpartition("/")[0] == above)
    said = {word for name in (tool.name, above, *beside) for word in name_words(name)}
    return any(word in _ANIMALS or word.removesuffix("s") in _ANIMALS for word in said)


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
    check_app=check_app,
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
    Case("the schema asks for a person’s symptoms", history(tools=[tool("triage", "patient", "symptoms")])),
    Case(
        "a form asks for it",
        history(seen=[saw(Seen.FORM_ASKS, "user.health_and_medical.condition", "allergies", "book")]),
    ),
)
MISSES = (
    Case("fitness figures are no health information here", history(call("run", datum("user.sensor", f"{ARGS}/steps")))),
    Case("a doctor’s name", history(answer("find", datum("user.name", f"{OUT}/doctor/name")))),
    Case("an animal’s symptoms", history(tools=[tool("animal_diagnosis", "animal", "symptoms")])),
    Case("a plant’s disease", history(tools=[tool("identify", "species", "disease")])),
    Case("a fingerprint is of another kind", history(call("open", datum("user.biometric.fingerprint", f"{ARGS}/f")))),
)
