"""Histories in few words, for the examples that document a rule and test it. Pure module: no I/O.

Names and hosts are fictitious. The exchanges of a history are numbered from 1, a second apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from douane.audit import taxonomy
from douane.audit.declaration import Declaration, Party, Purpose
from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Pseudonym, Source, Verdict
from douane.audit.history import FieldUse, History, Numbered, Observation, Seen, ToolFacts
from douane.audit.message import Direction, Kind
from douane.audit.verdicts import headline

APP: Final = "app"
ARGS: Final = "/params/arguments"
OUT: Final = "/result/structuredContent"
META: Final = "/params/_meta"
START: Final = 1_795_341_731.0  # 2026-11-22 10:02:11 UTC
_HARMLESS: Final = {"readOnlyHint": True, "destructiveHint": False, "openWorldHint": False}
PUBLISHER: Final = Party("Example", country="FR", hosts=("api.example.org",))


def history(
    *exchanges: Exchange,
    tools: Sequence[ToolFacts] = (),
    declared: Declaration | None = None,
    seen: Sequence[Observation] = (),
    uses: Sequence[FieldUse] = (),
    shared: Mapping[str, int] | None = None,
    day: str = "2026-11-22",
) -> History:
    """What was seen of an app: its exchanges as the records x-1, x-2, …"""
    numbered = tuple(
        Numbered(at, replace(one, record_id=f"x-{at}", at=START + at), f"{day}T10:{at // 60:02d}:{at % 60:02d}.000Z")
        for at, one in enumerate(exchanges, 1)
    )
    return History(
        APP, declared, {one.name: one for one in tools}, numbered, tuple(seen), tuple(uses), dict(shared or {})
    )


def call(tool: str, *data: Disclosure, outcome: Outcome = Outcome.DELIVERED) -> Exchange:
    """A call of a tool."""
    return _exchange(Direction.TO_APP, Kind.REQUEST, "tools/call", tool, data, outcome)


def answer(tool: str, *data: Disclosure, to: int = 0) -> Exchange:
    """The answer of a tool, to the history's exchange number `to`."""
    made = _exchange(Direction.TO_CHATGPT, Kind.RESULT, "tools/call", tool, data, Outcome.DELIVERED)
    return replace(made, answers=(f"x-{to}", 0)) if to else made


def failed(tool: str, *data: Disclosure) -> Exchange:
    """An error in answer to a call."""
    return _exchange(Direction.TO_CHATGPT, Kind.ERROR, "tools/call", tool, data, Outcome.DELIVERED)


def note(method: str, *data: Disclosure) -> Exchange:
    """A notification of the app."""
    return _exchange(Direction.TO_CHATGPT, Kind.NOTIFICATION, method, None, data, Outcome.DELIVERED)


def datum(
    category: str,
    pointer: str,
    *,
    reached: str = "",
    minor: bool = False,
    who: str = "",
    also: tuple[str, ...] = (),
    **verdicts: Label,
) -> Disclosure:
    """A datum at a pointer. `who` stands for its value (equal letters, equal values); verdicts are named by source."""
    judged = tuple(
        Verdict(Source(source), label, "as told", 0.5 if label is Label.VAGUE else None)
        for source, label in verdicts.items()
    )
    return Disclosure(
        pointer,
        category,
        taxonomy.flags(category, minor),
        "key",
        0.9,
        "as told",
        judged,
        headline(judged),
        reached=reached,
        pseudonym=Pseudonym(who * 64, "1-0123456789ab") if who else None,
        also=also,
    )


def tool(
    name: str,
    *asks: str,
    schema: Mapping[str, Any] | None = None,
    returns: Sequence[str] = (),
    meta: Mapping[str, Any] | None = None,
    seen_at: str = "2026-11-22T10:00:00.000Z",
    **hints: bool,
) -> ToolFacts:
    """A tool that takes text properties of those names (or has that schema), with its hints (`readOnlyHint=True`)."""
    given = schema if schema is not None else _object(asks)
    return ToolFacts(
        name, input_schema=given, output_schema=_object(returns) if returns else None, annotations=hints,
        meta=meta or {}, seen_at=seen_at,
    )  # fmt: skip


def marked(name: str, *asks: str, meta: Mapping[str, Any] | None = None, **hints: bool) -> ToolFacts:
    """A tool that sets all three hints to what a harmless, closed tool says, but for those given."""
    return replace(tool(name, *asks, meta=meta), annotations=_HARMLESS | hints)


def declares(
    to_app: tuple[str, ...] = (),
    to_chatgpt: tuple[str, ...] = (),
    *,
    publisher: Party = PUBLISHER,
    purposes: tuple[Purpose, ...] = (),
    **more: Any,
) -> Declaration:
    """A declaration; the categories of its purposes count among those that it names."""
    into = {*to_app, *(key for one in purposes for key in one.to_app)}
    out = {*to_chatgpt, *(key for one in purposes for key in one.to_chatgpt)}
    return Declaration(
        APP, tuple(sorted(into)), tuple(sorted(out)), publisher=publisher, purposes=purposes, source="app.yaml", **more
    )


def purpose(*to_app: str, to_chatgpt: tuple[str, ...] = (), number: int = 1, **more: Any) -> Purpose:
    """A purpose that says all that one should, but for what is given otherwise."""
    whole = {
        "data_use": "essential.service", "subjects": ("customer",), "legal_basis": "Contract", "retention": "P12M",
    }  # fmt: skip
    return Purpose(f"purpose/{number}", "Book a trip", to_app=to_app, to_chatgpt=to_chatgpt, **(whole | more))


def saw(kind: Seen, name: str, detail: str = "", tool: str | None = None, at: str = "2026-11-22") -> Observation:
    """Something seen once."""
    when = f"{at}T10:02:11.000Z"
    return Observation(kind, name, detail, tool, 1, when, when)


def used(tool: str, pointer: str, direction: Direction = Direction.TO_CHATGPT, calls: int = 3) -> FieldUse:
    """A place that held a value in some answers (or calls) of a tool."""
    return FieldUse(tool, direction, pointer, calls)


def _object(names: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names},
        "additionalProperties": False,
    }


def _exchange(
    direction: Direction, kind: Kind, method: str, tool: str | None, data: tuple[Disclosure, ...], outcome: Outcome
) -> Exchange:
    return Exchange("", 0, START, APP, direction, kind, method, tool, outcome, 100, len(data), disclosures=data)
