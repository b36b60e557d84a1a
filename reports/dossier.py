"""What a developer brings to the review of an app: fields, hints, widgets' hosts, restricted data, and the grounds.

It says what was seen and what was not; the review is the platform's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from douane.audit import taxonomy
from douane.audit.exchange import Label, Source, Verdict
from douane.audit.gate import Result
from douane.audit.history import History, Seen
from douane.audit.listed import most_specific
from douane.audit.message import Direction, Kind
from douane.audit.readings import apart, found_as
from douane.audit.rules.base import Text
from douane.audit.rules.reading import personal, returned, spot
from douane.audit.verdicts import judge
from douane.reports.grounds import GROUNDS, Ground, Needs

_OUT: Final = "/result/structuredContent"
HINTS: Final = ("readOnlyHint", "destructiveHint", "openWorldHint", "idempotentHint")
_HINT_RULES: Final[Mapping[str, tuple[str, ...]]] = {
    "readOnlyHint": ("openai/read-only", "openai/annotations"),
    "destructiveHint": ("openai/destructive", "openai/annotations"),
    "openWorldHint": ("openai/open-world", "openai/open-world-before", "openai/annotations"),
    "idempotentHint": (),
}


class Status(StrEnum):
    """What the evidence says of a ground for rejection."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    WAIVED = "waived"
    NOT_OBSERVED = "not observed"


@dataclass(frozen=True, slots=True)
class ReturnedField:
    """A user-related field of an answer. `seen` is in how many answers; 0 when only the output schema lists it.

    `quotes` are the policy's statements that cover it (id, words); without one, `add` is a sentence for the policy.
    """

    tool: str
    place: str
    category: str
    seen: int
    label: Label
    quotes: tuple[tuple[str, str], ...]
    add: Text | None


@dataclass(frozen=True, slots=True)
class HintRow:
    """One hint of one tool: what it says (None: not said), how many calls were seen, and what speaks against it."""

    tool: str
    hint: str
    value: bool | None
    calls: int
    against: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class HostRow:
    """A host that a widget may reach, and whether that is a finding."""

    kind: Seen
    host: str
    widget: str
    against: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class GroundRow:
    """One ground for rejection with what the evidence says; `because` are the findings, or why it was not observed."""

    ground: Ground
    status: Status
    because: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """One app's dossier."""

    app: str
    calls: int
    answers: int
    tools: int
    declared: bool
    fields: tuple[ReturnedField, ...]
    hints: tuple[HintRow, ...]
    hosts: tuple[HostRow, ...]
    restricted: tuple[Result, ...]
    grounds: tuple[GroundRow, ...]

    @property
    def fails(self) -> bool:
        """Whether any ground fails."""
        return any(row.status is Status.FAIL for row in self.grounds)


def dossier(history: History, results: Sequence[Result], waived: Iterable[str]) -> Dossier:
    """The dossier of an app, from what was seen of it and the findings; `waived` are fingerprints."""
    mine = [one for one in results if one.app == history.app]
    accepted = frozenset(waived)
    calls = _count(history, Kind.REQUEST, Direction.TO_APP)
    answers = _count(history, Kind.RESULT, Direction.TO_CHATGPT)
    has = {
        Needs.CALLS: bool(calls),
        Needs.ANSWERS: bool(answers),
        Needs.TOOLS: bool(history.tools),
        Needs.DECLARATION: history.declaration is not None,
        Needs.WIDGETS: any(one.kind.value.startswith("csp-") for one in history.observations),
        Needs.SNAPSHOT: bool(history.seen(Seen.DRIFT) or history.seen(Seen.APPROVED)),
        Needs.NEVER: False,
    }
    return Dossier(
        app=history.app,
        calls=calls,
        answers=answers,
        tools=len(history.tools),
        declared=history.declaration is not None,
        fields=tuple(_fields(history)),
        hints=tuple(_hints(history, mine)),
        hosts=tuple(_hosts(history, mine)),
        restricted=tuple(one for one in mine if one.rule.label is Label.PROHIBITED or one.rule.id in _SPECIAL),
        grounds=tuple(_ground(ground, mine, accepted, has) for ground in GROUNDS),
    )


_SPECIAL: Final = ("openai/special-category",)


def _count(history: History, kind: Kind, direction: Direction) -> int:
    wanted = (
        one.exchange
        for one in history.exchanges
        if one.exchange.kind is kind and one.exchange.direction is direction and one.exchange.method == "tools/call"
    )
    return sum(1 for _ in wanted)


def _fields(history: History) -> Iterable[ReturnedField]:
    """What came back about a person, and what the output schemas say may come back."""
    seen: dict[tuple[str, str, str], int] = {}
    for one in history.exchanges:
        exchange = one.exchange
        if exchange.direction is Direction.TO_CHATGPT and exchange.kind is Kind.RESULT:
            for found in exchange.disclosures:
                if personal(found.category):
                    key = (exchange.tool or exchange.method or "", spot(found.pointer, found.reached), found.category)
                    seen[key] = seen.get(key, 0) + 1
    for tool in history.tools.values():
        for listed in returned(tool):
            for category in apart(most_specific(frozenset(filter(personal, listed.categories)))):
                place = _OUT + listed.pointer
                # what was found there is the listed one where detection cannot tell the two apart
                merely = [(tool.name, place, one) for one in found_as(category)]
                count = sum(seen.pop(one, 0) for one in merely)
                key = (tool.name, place, category)
                seen[key] = seen.get(key, 0) + count
    for (name, place, category), count in sorted(seen.items()):
        yield _field(history, name, place, category, count)


def _field(history: History, tool: str, place: str, category: str, count: int) -> ReturnedField:
    declaration = history.declaration
    verdicts = judge(
        category,
        taxonomy.flags(category),
        place.partition(" > ")[0].replace("*", "0"),
        Direction.TO_CHATGPT,
        None,
        declaration,
        tool=tool,
        reached=place.partition(" > ")[2],
    )
    policy = next((one for one in verdicts if one.source is Source.POLICY), None)
    label = policy.label if policy is not None else Label.GAP
    quotes = _quotes(history, policy) if policy is not None and label in (Label.CLEAR, Label.VAGUE) else ()
    return ReturnedField(tool, place, category, count, label, quotes, None if quotes else _sentence(tool, category))


def _quotes(history: History, verdict: Verdict) -> tuple[tuple[str, str], ...]:
    notice = history.declaration.policy if history.declaration is not None else None
    words = {one.id: one.quote for one in notice.statements} if notice is not None else {}
    return tuple((one, words[one]) for one in verdict.statements if one in words)


def _sentence(tool: str, category: str) -> Text:
    known = taxonomy.category(category)
    en, fr = (known.name("en"), known.name("fr")) if known is not None else (category, category)
    return Text(
        f"When you use “{tool}” in ChatGPT, we return the following data to ChatGPT: {en}. We use it for […], keep it "
        "for […] and share it with […].",
        f"Lorsque vous utilisez « {tool} » dans ChatGPT, nous renvoyons à ChatGPT la donnée suivante : {fr}. Nous "
        "l’utilisons pour […], la conservons pendant […] et la communiquons à […].",
    )


def _hints(history: History, results: Sequence[Result]) -> Iterable[HintRow]:
    calls: dict[str, int] = {}
    for one in history.exchanges:
        if one.exchange.kind is Kind.REQUEST and one.exchange.tool and one.exchange.direction is Direction.TO_APP:
            calls[one.exchange.tool] = calls.get(one.exchange.tool, 0) + 1
    for tool in history.tools.values():
        for hint in HINTS:
            value = tool.annotations.get(hint)
            against = tuple(
                one.says
                for one in results
                if one.tool == tool.name
                and one.rule.id in _HINT_RULES[hint]
                and (one.rule.id != "openai/annotations" or hint in one.place)
            )
            yield HintRow(tool.name, hint, value if isinstance(value, bool) else None, calls.get(tool.name, 0), against)


def _hosts(history: History, results: Sequence[Result]) -> Iterable[HostRow]:
    for one in history.observations:
        if one.kind.value.startswith("csp-"):
            against = tuple(
                found.says for found in results if found.rule.id == "openai/widget-hosts" and one.name in found.place
            )
            yield HostRow(one.kind, one.name, one.detail, against)


def _ground(ground: Ground, results: Sequence[Result], waived: frozenset[str], has: Mapping[Needs, bool]) -> GroundRow:
    found = [one for one in results if one.rule.id in ground.rules]
    held = [one for one in found if one.fingerprint not in waived]
    if held:
        return GroundRow(ground, Status.FAIL, tuple(one.says for one in held))
    if found:
        return GroundRow(ground, Status.WAIVED, tuple(one.says for one in found))
    missing = [need for need in ground.needs if not has[need]]
    if missing:
        return GroundRow(ground, Status.NOT_OBSERVED, tuple(MISSING[need] for need in missing))
    return GroundRow(ground, Status.PASS, ())


MISSING: Final[Mapping[Needs, Text]] = {
    Needs.CALLS: Text("no call of a tool was seen", "aucun appel d’outil n’a été vu"),
    Needs.ANSWERS: Text("no answer of a tool was seen", "aucune réponse d’outil n’a été vue"),
    Needs.TOOLS: Text("no list of tools was seen", "aucune liste d’outils n’a été vue"),
    Needs.DECLARATION: Text("no declaration was found", "aucune déclaration n’a été trouvée"),
    Needs.WIDGETS: Text("no widget with a CSP was seen", "aucun widget avec une CSP n’a été vu"),
    Needs.SNAPSHOT: Text(
        "no difference from an approved snapshot was seen", "aucune différence avec une version approuvée n’a été vue"
    ),
    Needs.NEVER: Text(
        "Douane does not look for this: read it by hand", "Douane ne le recherche pas : à lire à la main"
    ),
}
