"""What an exercise plays: who calls which tool with what, in which era, and which abuse is tried. Pure: no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from douane.audit.context import ToolSchema
from douane.audit.personas import Persona, builtin

LEGACY: Final = "2025-11-25"
MODERN: Final = "2026-07-28"
ERAS: Final = (LEGACY, MODERN)


class Abuse(StrEnum):
    """What is tried that ought not to work."""

    NONE = ""
    EXTRA_FIELDS = "extra-fields"  # arguments that the schema does not list, with a person's data in them
    INJECTION = "injection"  # instructions in a text argument
    OTHER_TENANT = "other-tenant"  # an identifier out of another person's answers


class Expect(StrEnum):
    """What an answer is expected to be."""

    ANSWERED = "answered"
    REFUSED = "refused"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Step:
    """One call. `arguments` None: made from the tool's schema and the person's data.

    Texts in given arguments may name a datum of the person: `{user.contact.email}`, or a value of an earlier answer by
    its key: `{answer.contact_id}`. `persona` is an id, empty for everybody.
    """

    tool: str
    arguments: Mapping[str, Any] | None = None
    persona: str = ""
    abuse: Abuse = Abuse.NONE
    expect: Expect = Expect.ANY
    optional: bool = True
    name: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is played, in order; every person plays all of their steps, all persons at the same time."""

    steps: tuple[Step, ...]
    personas: tuple[Persona, ...] = field(default_factory=builtin)
    eras: tuple[str, ...] = ERAS
    left_out: tuple[str, ...] = ()


def default(
    tools: Sequence[tuple[ToolSchema, Mapping[str, Any]]], *, destructive: bool = False, abuses: bool = True
) -> Scenario:
    """Every tool called by everybody, then what ought not to work, tried once by each.

    What needs an identifier comes after what needs none, be it that this writes: the answer to a registration gives the
    number by which it is read. Of either, what reads comes first. Tools that say that they destroy something are left
    out unless `destructive`.
    """
    left_out = tuple(tool.name for tool, hints in tools if hints.get("destructiveHint") is True and not destructive)
    played = [(tool, hints) for tool, hints in tools if tool.name not in left_out]
    played.sort(key=lambda one: (_needs_identifier(one[0]), one[1].get("readOnlyHint") is not True))
    steps = [Step(tool.name) for tool, _ in played]
    if abuses:
        for abuse in (Abuse.EXTRA_FIELDS, Abuse.INJECTION, Abuse.OTHER_TENANT):
            steps += [Step(tool.name, abuse=abuse) for tool, _ in played if _can_be_tried(abuse, tool)]
    return Scenario(tuple(steps), left_out=left_out)


def identifiers(schema: object) -> tuple[str, ...]:
    """The top-level arguments that name a thing: `id`, `contact_id`, `orderId`, `reference`."""
    return tuple(name for name in _properties(schema) if is_identifier(name))


def is_identifier(name: str) -> bool:
    """Whether a key is called as identifiers are."""
    low = name.lower()
    return low in ("id", "ref", "reference", "uuid", "key") or low.endswith(("_id", "-id")) or name.endswith("Id")


def texts(schema: object) -> tuple[str, ...]:
    """The top-level arguments that take free text."""
    return tuple(
        name
        for name, inner in _properties(schema).items()
        if isinstance(inner, Mapping) and inner.get("type") == "string" and not {"enum", "const", "format"} & set(inner)
    )


def _can_be_tried(abuse: Abuse, tool: ToolSchema) -> bool:
    if abuse is Abuse.INJECTION:
        return bool(texts(tool.input_schema))
    if abuse is Abuse.OTHER_TENANT:
        return bool(identifiers(tool.input_schema))
    return True


def _needs_identifier(tool: ToolSchema) -> bool:
    required = (tool.input_schema or {}).get("required")
    return isinstance(required, list) and any(isinstance(name, str) and is_identifier(name) for name in required)


def _properties(schema: object) -> Mapping[str, Any]:
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    return (
        {key: inner for key, inner in properties.items() if isinstance(key, str)}
        if isinstance(properties, Mapping)
        else {}
    )
