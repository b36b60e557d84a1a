"""The scenario file of `douane exercise`: YAML or JSON text to a Scenario. Pure module: no I/O."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from douane.audit import placeholders, yamltext
from douane.audit.category_key import CategoryKey
from douane.audit.personas import Persona, builtin
from douane.audit.scenario import ERAS, Abuse, Expect, Scenario, Step
from douane.audit.yamltext import Document, Errors

_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
type _Word = Annotated[str, Field(max_length=1000)]


class _Edge(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)


class PersonaEntry(_Edge):
    """A made-up person as written in the file."""

    id: str = Field(pattern=_ID, description="a short name: letters, figures, `.`, `_`, `-`.")
    lang: Literal["en", "fr"] = Field(default="en", description="en or fr.")
    locale: str = Field(default="", max_length=35, description="a locale such as fr-FR.")
    subject: str = Field(default="", max_length=200, description="what `openai/subject` holds.")
    session: str = Field(default="", max_length=200, description="what `openai/session` holds.")
    location: dict[str, _Word | int | float] = Field(default={}, max_length=20, description="`openai/userLocation`.")
    facts: dict[CategoryKey, _Word] = Field(
        default={}, max_length=200, description="a mapping from a category to this person's made-up datum."
    )
    words: dict[str, _Word] = Field(default={}, max_length=200, description="a mapping from a field's name to a text.")
    token_env: str = Field(
        default="", max_length=100, description="the environment variable that holds this person's access token."
    )


class StepEntry(_Edge):
    """A call as written in the file."""

    tool: str = Field(min_length=1, max_length=200, description="the tool's name.")
    name: str = Field(default="", max_length=200, description="what the step is called in the table.")
    arguments: dict[str, Any] | None = Field(
        default=None, description="the arguments; made from the tool's schema when left out."
    )
    persona: str = Field(default="", max_length=63, description="the id of who calls; everybody when left out.")
    abuse: Literal["", "extra-fields", "injection", "other-tenant"] = Field(
        default="", description="extra-fields, injection or other-tenant."
    )
    expect: Literal["answered", "refused", "any"] = Field(default="any", description="answered, refused or any.")
    optional: bool = Field(default=True, description="whether optional arguments are made as well.")


class ScenarioFile(_Edge):
    """The file as it is written. docs/exercise.md says more."""

    douane_scenarios: Literal[1] = Field(description="the version of this format: 1.")
    eras: tuple[Literal["2025-11-25", "2026-07-28"], ...] = Field(
        default=("2025-11-25", "2026-07-28"), min_length=1, max_length=2, description="2025-11-25, 2026-07-28, or both."
    )
    personas: tuple[PersonaEntry, ...] = Field(
        default=(), max_length=50, description="made-up people; those that come with Douane when left out."
    )
    steps: tuple[StepEntry, ...] = Field(
        default=(), max_length=1000, description="a list of calls; made from the tools' schemas when left out."
    )


def parse_scenarios(text: str, name: str) -> Scenario | Errors:
    """The scenario that `text` holds, or every fault in it by line and column. Never raises. `steps` may be empty."""
    document = yamltext.parse(text, name)
    if isinstance(document, Errors):
        return document
    file = yamltext.read(document, ScenarioFile)
    if isinstance(file, Errors):
        return file
    people = tuple(_persona(entry, number) for number, entry in enumerate(file.personas, 1)) or builtin()
    faults = _faults(document, file, people)
    if faults:
        return yamltext.ordered(faults)
    steps = tuple(
        Step(
            one.tool, one.arguments, one.persona, Abuse(one.abuse), Expect(one.expect), one.optional, one.name,
        )
        for one in file.steps
    )  # fmt: skip
    return Scenario(steps, people, tuple(dict.fromkeys(file.eras)) or ERAS)


def with_steps(scenario: Scenario, made: Scenario) -> Scenario:
    """A scenario without steps, with those that were made from the tools' schemas."""
    return scenario if scenario.steps else replace(scenario, steps=made.steps, left_out=made.left_out)


def _persona(entry: PersonaEntry, number: int) -> Persona:
    return Persona(
        id=entry.id,
        lang=entry.lang,
        locale=entry.locale or ("fr-FR" if entry.lang == "fr" else "en-GB"),
        subject=entry.subject or f"v1/exercise-subject-{number}",
        session=entry.session or f"v1/exercise-session-{number}",
        location=dict(entry.location),
        facts=dict(entry.facts),
        words=dict(entry.words),
        token_env=entry.token_env,
        child=next((one.child for one in builtin() if one.lang == entry.lang), {}),
    )


def _faults(document: Document, file: ScenarioFile, people: Sequence[Persona]) -> list[yamltext.Fault]:
    known = {person.id for person in people}
    faults: list[yamltext.Fault] = []
    seen: set[str] = set()
    for number, person in enumerate(file.personas):
        if person.id in seen:
            remedy = "Give each person an id of their own."
            faults.append(document.fault(("personas", number, "id"), "another person has this id", remedy))
        seen.add(person.id)
    for number, step in enumerate(file.steps):
        if step.persona and step.persona not in known:
            names = ", ".join(sorted(known))
            remedy = f"Write one of: {names}." if len(names) < 300 else "Write the id of one of `personas:`."
            faults.append(document.fault(("steps", number, "persona"), "nobody has this id", remedy))
            continue
        playing = [person for person in people if step.persona in ("", person.id)]
        faults += placeholders.faults(document, ("steps", number, "arguments"), step.arguments, playing)
    return faults
