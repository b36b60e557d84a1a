"""What a gate lets pass or holds back: verdicts and hits as findings, each fault once. Pure module: no I/O."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from douane.audit import taxonomy
from douane.audit.declaration import Declaration
from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Source, Verdict
from douane.audit.fingerprints import fingerprint, of_purpose
from douane.audit.history import History, Numbered
from douane.audit.message import Direction
from douane.audit.planted import is_planted
from douane.audit.rules.base import Evidence, Hit, Rule, Severity, Text
from douane.audit.rules.reading import spot
from douane.audit.rules.telling import mended, said
from douane.audit.verdict_words import SOURCES, SUMMARIES, LabelWords

EVIDENCE: Final = 20
"""Disclosures that a finding names at most, the earliest first."""
HEAVIEST: Final = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a person would mend a finding: a file and a line in it, from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """What a format tells of a rule: its words and where they come from. `version` is a date."""

    id: str
    severity: Severity
    version: str
    title: Text
    remedy: Text
    source: str = ""
    url: str = ""
    wording: str = ""
    read: str = ""
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A finding (fr. écart) of the gate: one fault of one app at one place, however often it was seen.

    `says` is a whole sentence, `remedy` another. `disclosures` are ids in the ledger, `why` what each source said (in
    English), and `statements` the ids of what was held against it. Times are as in the ledger, empty where the finding
    is of no moment.
    """

    rule: RuleFacts
    app: str
    says: Text
    remedy: Text
    fingerprint: str
    tool: str = ""
    place: str = ""
    category: str = ""
    direction: Direction | None = None
    count: int = 1
    first_at: str = ""
    last_at: str = ""
    disclosures: tuple[int, ...] = ()
    why: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    anchor: Anchor | None = None

    @property
    def severity(self) -> Severity:
        """How much it weighs."""
        return self.rule.severity


@dataclass(frozen=True, slots=True)
class Unjudged:
    """What could not be judged, and why. `fatal` where that leaves nothing to judge.

    `code` is one of `no-traffic`, `hidden` (every message ended as a gap), `no-declaration`, `stale-declaration`,
    `recipients` (whether data go to them was not observable), `hidden-tools` (tools that share one
    placeholder, since their names may be data), `egress-refused` (what the app tried to send through its
    egress listener and was not let out), `gaps`.
    """

    app: str
    code: str
    says: Text
    fatal: bool = False
    count: int = 0


VERDICT_RULES: Final[Mapping[Label, RuleFacts]] = {
    label: RuleFacts(
        id=f"verdict/{label.value}",
        severity=words.severity,
        version=words.version,
        title=words.title,
        remedy=words.remedy,
        source=words.source,
        url=words.url,
        label=label,
    )
    for label, words in SUMMARIES.items()
}


@dataclass(slots=True)
class _Group:
    label: Label
    direction: Direction
    tool: str
    place: str
    category: str
    count: int = 0
    first_at: str = ""
    last_at: str = ""
    ids: list[int] = field(default_factory=list[int])
    said: dict[Source, Verdict] = field(default_factory=dict[Source, Verdict])


type _Key = tuple[str, str, str, Direction]


def results(history: History, hits: Iterable[tuple[Rule, Hit]]) -> list[Result]:
    """Every finding of an app: the rules' hits, and each delivered disclosure whose headline is a fault.

    What a rule that forbids found is not told a second time as `verdict/prohibited`; what an exercise planted in a call
    is no finding of the app's. The answer does not depend on the
    order of the exchanges; what weighs most comes first.
    """
    groups = _groups(history.exchanges)
    out: list[Result] = []
    forbidden: set[_Key] = set()
    for rule, hit in hits:
        key = _of_hit(hit, history)
        if key is not None and is_planted(key[1], key[3]):
            continue
        if rule.forbids and key is not None:
            forbidden.add(key)
        out.append(_of_rule(rule, hit, history))
    for (key, label), group in groups.items():
        if (label is Label.PROHIBITED and key in forbidden) or is_planted(group.place, group.direction):
            continue
        out.append(_of_group(group, history.app))
    return ordered(out)


def ordered(found: Iterable[Result]) -> list[Result]:
    """What weighs most first, then by app, rule and place."""
    return sorted(
        found,
        key=lambda one: (HEAVIEST.index(one.severity), one.app, one.rule.id, one.tool, one.place, one.category,
                         one.direction or "", one.fingerprint),
    )  # fmt: skip


def facts_of(rule: Rule) -> RuleFacts:
    """What a format tells of a rule of the registry."""
    return RuleFacts(
        id=rule.id,
        severity=rule.severity,
        version=rule.version,
        title=rule.title,
        remedy=rule.remedy,
        source=rule.source,
        url=rule.url,
        wording=rule.wording,
        read=rule.read,
        label=Label.PROHIBITED if rule.forbids else None,
    )


def fails(result: Result, wanted: Collection[str]) -> bool:
    """Whether a finding is one of those that a gate was told to fail on: severities (and all above), labels, rules."""
    limits = [HEAVIEST.index(Severity(one)) for one in wanted if one in tuple(Severity)]
    if limits and HEAVIEST.index(result.severity) <= max(limits):
        return True
    return result.rule.id in wanted or (result.rule.label is not None and result.rule.label.value in wanted)


def anchored(
    result: Result, declaration: Declaration | None, file: str, tools: tuple[str, Mapping[str, int]]
) -> Result:
    """The finding with the line at which a person would mend it.

    `file` is the declaration's; `tools` is the file of the app's tools with each tool's line. In the declaration, the
    statement that was used comes before the field, the field before its tool, the tool before the direction's list.
    """
    if declaration is not None and file:
        lines = declaration.lines
        line = next((lines[one] for one in _parts(result) if one in lines), 1)
        return replace(result, anchor=Anchor(file, line))
    if tools[0]:
        return replace(result, anchor=Anchor(tools[0], tools[1].get(result.tool, 1)))
    return result


_SECTIONS: Final = (
    ("/params/arguments", "fields"),
    ("inputSchema", "fields"),
    ("/result/structuredContent", "output"),
)


_OF_RECIPIENTS: Final = frozenset({"gdpr/onward", "gdpr/onward-unclear", "gdpr/recipient", "gdpr/unused-recipient"})


def _parts(result: Result) -> Iterable[str]:
    yield from result.statements
    pieces = result.place.split(" ")
    yield pieces[0]  # a purpose's id, where a rule found something in a purpose
    where = next((piece for piece in pieces if piece.startswith(("/", "inputSchema/"))), "")
    for prefix, part in _SECTIONS:
        if result.tool and where.startswith(prefix):
            yield f"tool/{result.tool}/{part}{where.removeprefix(prefix)}"
    if result.tool:
        yield f"tool/{result.tool}"
    if result.rule.id.startswith("openai/policy"):
        yield "privacy_policy"
    if result.rule.id.startswith("gdpr/transfer"):
        yield "transfers"
    if result.rule.id in _OF_RECIPIENTS:
        yield "recipients"
    if result.rule.id.startswith("gdpr/"):
        yield "privacy_declarations"
    if result.direction is not None:
        yield result.direction.value
    yield from ("privacy_declarations", "privacy_policy", "app")


def _groups(exchanges: Sequence[Numbered]) -> dict[tuple[_Key, Label], _Group]:
    """The faults among the disclosures."""
    faults: dict[tuple[_Key, Label], _Group] = {}
    for numbered in exchanges:
        exchange = numbered.exchange
        if exchange.outcome is not Outcome.DELIVERED:
            continue
        for at, one in enumerate(exchange.disclosures):
            if one.headline in VERDICT_RULES:
                key = _key(exchange, one)
                group = faults.setdefault((key, one.headline), _Group(one.headline, exchange.direction, *key[:3]))
                _add(group, numbered, at)
    return faults


def _add(group: _Group, numbered: Numbered, at: int) -> None:
    number = numbered.disclosure_ids[at] if at < len(numbered.disclosure_ids) else 0
    disclosure = numbered.exchange.disclosures[at]
    group.count += numbered.times
    group.first_at = min(group.first_at or numbered.at, numbered.at)
    group.last_at = max(group.last_at, numbered.last_at or numbered.at)
    if number:
        group.ids += (number, *numbered.others)
    for verdict in disclosure.verdicts:
        known = group.said.get(verdict.source)
        if known is None or (verdict.label.value, verdict.reason) < (known.label.value, known.reason):
            group.said[verdict.source] = verdict


def _key(exchange: Exchange, one: Disclosure) -> _Key:
    whose = exchange.tool or exchange.method or exchange.kind.value
    return whose, spot(one.pointer, one.reached), one.category, exchange.direction


def _of_hit(hit: Hit, history: History) -> _Key | None:
    if not 0 <= hit.exchange < len(history.exchanges):
        return None
    exchange = history.exchanges[hit.exchange].exchange
    if not 0 <= hit.disclosure < len(exchange.disclosures):
        return None
    return _key(exchange, exchange.disclosures[hit.disclosure])


def fingerprint_of(rule: Rule, hit: Hit, history: History) -> str:
    """The fingerprint of what a rule found in a history."""
    place = of_purpose(hit.place, history.declaration.purposes) if history.declaration is not None else hit.place
    return fingerprint(rule.id, history.app, tool=hit.tool, place=place, category=hit.category, direction=hit.direction)


def _of_rule(rule: Rule, hit: Hit, history: History) -> Result:
    if hit.evidence is not None:
        rests = hit.evidence
    elif hit.seen:
        # of the hits alone: a rule may look at more than the place and the category, and beside it are others' data
        seen = _Group(Label.GAP, hit.direction or Direction.TO_APP, hit.tool, hit.place, hit.category)
        for index, at in hit.seen:
            _add(seen, history.exchanges[index], at)
        rests = Evidence(tuple(sorted(seen.ids)), _statements(seen.said.values()), (), seen.first_at, seen.last_at)
    else:
        rests = Evidence()
    return Result(
        rule=facts_of(rule),
        app=history.app,
        says=Text(said(rule, hit, "en"), said(rule, hit, "fr")),
        remedy=Text(mended(rule, hit, "en"), mended(rule, hit, "fr")),
        fingerprint=fingerprint_of(rule, hit, history),
        tool=hit.tool,
        place=hit.place,
        category=hit.category,
        direction=hit.direction,
        count=hit.count,
        first_at=rests.first_at,
        last_at=rests.last_at,
        disclosures=rests.disclosures[:EVIDENCE],
        why=rests.why,
        statements=rests.statements,
    )


def _of_group(group: _Group, app: str) -> Result:
    rule = VERDICT_RULES[group.label]
    words: LabelWords = SUMMARIES[group.label]
    known = taxonomy.category(group.category)
    at_fault = [source for source in Source if source in group.said and group.said[source].label is group.label]

    def say(lang: str) -> str:
        sources = [SOURCES[source].of(lang) for source in at_fault]
        way = _WAYS[group.direction].of(lang)
        return words.says.of(lang).format(
            tool=group.tool,
            way=way,
            category=known.name(lang) if known is not None else group.category,
            place=group.place,
            sources=_listed(sources, lang),
        )

    verdicts = [group.said[source] for source in Source if source in group.said]
    return Result(
        rule=rule,
        app=app,
        says=Text(say("en"), say("fr")),
        remedy=rule.remedy,
        fingerprint=fingerprint(
            rule.id, app, tool=group.tool, place=group.place, category=group.category, direction=group.direction
        ),
        tool=group.tool,
        place=group.place,
        category=group.category,
        direction=group.direction,
        count=group.count,
        first_at=group.first_at,
        last_at=group.last_at,
        disclosures=tuple(sorted(group.ids)[:EVIDENCE]),
        why=tuple(f"{one.source.value}: {one.label.value}: {one.reason}" for one in verdicts),
        statements=_statements(one for one in verdicts if one.label is group.label),
    )


_WAYS: Final = {
    Direction.TO_APP: Text("received", "a reçu"),
    Direction.TO_CHATGPT: Text("returned", "a renvoyé"),
}


def _statements(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for verdict in verdicts for one in verdict.statements))


def _listed(names: Sequence[str], lang: str) -> str:
    if len(names) < 2:
        return "".join(names)
    both = " et " if lang.lower().startswith("fr") else " and "
    return ", ".join(names[:-1]) + both + names[-1]
