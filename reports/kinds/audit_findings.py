"""The audit report's findings: undeclared, prohibited and special-category disclosures, and what the rules find."""

from collections.abc import Iterator

from douane.audit.declaration import Declaration, Says, Statement
from douane.audit.subsumption import covers
from douane.audit.waivers import Waiver
from douane.ledger.reviews import NOTE_LONGEST, Review
from douane.reports import safe
from douane.reports.document import Block, Cell, Column, Quote, Section, Table, Text
from douane.reports.findings import Told, counted
from douane.reports.kinds.base import Material
from douane.reports.kinds.perimeter import moment
from douane.reports.kinds.said import Said
from douane.reports.model import Flow
from douane.reports.people import named, role_in
from douane.reports.phrases import Phrases

PLACES: int = 3
"""Places told of one line."""
LONGEST = 400


def category(flow: Flow, said: Said) -> str:
    """A flow's category with the marks that a reader must see."""
    marks = said.marks(flow.flags, flow.category)
    return said.category(flow.category) + (f" ({', '.join(marks)})" if marks else "")


def pressing(material: Material) -> list[Flow]:
    """The flows under one of the report's three heads, what weighs most first."""
    return [flow for flow in material.summary.notable if flow.undeclared or flow.restricted or flow.special]


def notable(material: Material, said: Said) -> Section:
    """Undeclared, prohibited and Art. 9 disclosures, each with evidence and the words that it contradicts."""
    flows = pressing(material)
    columns = (
        Column(said.phrase("col.app"), 1.1),
        Column(said.phrase("col.category"), 1.5),
        Column(said.phrase("audit.head"), 1.3),
        Column(said.phrase("col.where"), 2, mono=True),
        Column(said.phrase("audit.quote"), 2.2),
        Column(said.phrase("audit.evidence"), 1),
        Column(said.phrase("col.first"), 1),
    )
    rows = tuple(_row(flow, material, said) for flow in flows)
    table = Table(
        said.phrase("audit.notable.sheet"),
        columns,
        rows,
        empty=said.phrase("audit.notable.none"),
        tones=tuple("grave" if one.special or one.restricted else "warning" for one in flows),
    )
    blocks: list[Block] = [Text((said.phrase("audit.notable.lead"),)), table]
    if uncompared := material.summary.labels.gap:
        blocks.append(Text((said.say("notable.uncompared", uncompared),), "notice"))
    return Section("notable", said.phrase("audit.notable"), tuple(blocks))


def heads(flow: Flow, said: Said) -> list[str]:
    """Under which of the report's heads a flow is, with how many of its disclosures."""
    return [
        said.say(f"audit.head.{head}", n)
        for head, n in (
            ("undeclared", flow.undeclared),
            ("contradicted", flow.denied),
            ("prohibited", flow.labels.prohibited),
            ("special", flow.count if flow.special else 0),
        )
        if n
    ]


def _row(flow: Flow, material: Material, said: Said) -> tuple[Cell, ...]:
    places = flow.places[:PLACES]
    where = [f"{safe.plain(one.tool or one.method, 40)} {safe.middle(one.pointer, 70)}".strip() for one in places]
    more = len(flow.places) - len(places) + flow.places_more
    quotes = list(quoted(flow, material.declarations.get(flow.app), said))
    return (
        safe.plain(flow.app, 60),
        [category(flow, said), said.phrase(flow.direction.value)],
        heads(flow, said),
        where + ([said.say("count.places", more)] if more > 0 else []),
        [*Phrases(said).missing(flow), *quotes],
        [said.say("audit.evidence.cell", id=str(one.exchange)) for one in places if one.exchange],
        moment(flow.undeclared_first or flow.first),
    )


def quoted(flow: Flow, declaration: Declaration | None, said: Said) -> Iterator[str]:
    """The statements that say that such data are not collected, each with where it stands."""
    for one in _statements(declaration):
        denies = one.says is Says.DOES_NOT_COLLECT and flow.direction in one.directions
        if denies and any(covers(key, flow.category) for key in one.categories):
            yield said.say("audit.quote.said", quote=safe.plain(one.quote, LONGEST), id=safe.plain(one.id, 40))


def _statements(declaration: Declaration | None) -> tuple[Statement, ...]:
    if declaration is None:
        return ()
    notices = (declaration.policy, declaration.connection)
    return tuple(one for notice in notices if notice is not None for one in notice.statements)


def rules(material: Material, said: Said) -> Section:
    """What the rules find: one part each, with the text behind it."""
    told = Told(said, safe.plain, lambda text: text.replace("`", ""))
    findings = material.summary.findings
    lead = Text((told.lead(findings),))
    if findings is None or not findings.groups:
        return Section("rules", said.phrase("audit.rules"), (lead, Text((told.nothing(),), "quiet")))
    columns = (
        Column(said.phrase("audit.severity"), 0.8),
        Column(said.phrase("audit.rule"), 1.4, mono=True),
        Column(said.phrase("col.app"), 1),
        Column(said.phrase("audit.finding"), 1.6),
        Column(said.phrase("col.times"), 0.9, "end"),
    )
    rows: list[tuple[Cell, ...]] = []
    parts: list[Section] = []
    for number, group in enumerate(findings.groups, 1):
        app = safe.plain(group.app, 60)
        rows.append((told.severity(group), group.rule.id, app, told.title(group), group.count))
        seen = [counted(one, said) for one in told.lines(group)] + ([told.more(group)] if told.more(group) else [])
        parts.append(
            Section(
                f"rule-{number}",
                f"{told.title(group)}{said.phrase('colon')}{app} ({told.severity(group)})",
                (
                    Text(tuple(seen), bullets=True),
                    Text((f"{told.remedy}{said.phrase('colon')}{' '.join(told.remedies(group))}",)),
                    Quote(told.words_of(group), told.where(group)),
                ),
            )
        )
    table = Table(said.phrase("audit.rules.sheet"), columns, tuple(rows))
    return Section(
        "rules", said.phrase("audit.rules"), (lead, table, Text((told.by(findings),), "quiet")), tuple(parts)
    )


def reviews(material: Material, said: Said) -> Section:
    """What people said of findings: which they confirmed, called a false alarm or accepted, who, when and why."""
    told = Told(said, safe.plain, lambda text: text.replace("`", ""))
    findings = material.summary.findings
    rows: list[tuple[Cell, ...]] = []
    if findings is not None:
        for group in findings.groups:
            rows += [
                _reviewed(one.review, group.app, told.filled(group.rule.says, one.hit), said)
                for one in group.places
                if one.review is not None
            ]
        rows += [_reviewed(review, one.app, told.place(one), said) for one, review in findings.disclosures]
        for group in findings.groups:
            rows += [
                _accepted(one.waiver, group.app, told.filled(group.rule.says, one.hit), said)
                for one in group.places
                if one.waiver is not None
            ]
        rows += [_accepted(waiver, one.app, told.place(one), said) for one, waiver in findings.accepted]
    columns = (
        Column(said.phrase("col.app"), 1),
        Column(said.phrase("audit.finding"), 2.4),
        Column(said.phrase("audit.review.state"), 1),
        Column(said.phrase("audit.review.by"), 1.2),
        Column(said.phrase("audit.review.at"), 1),
        Column(said.phrase("audit.review.note"), 2),
    )
    counts = told.reviewed(findings) if findings is not None else ""
    table = Table(said.phrase("audit.reviews"), columns, tuple(rows), empty=said.phrase("review.none"))
    blocks: tuple[Block, ...] = (Text((counts,)), table) if counts else (table,)
    return Section("reviews", said.phrase("audit.reviews"), blocks)


def _accepted(waiver: Waiver, app: str, says: str, said: Said) -> tuple[Cell, ...]:
    until = said.day(waiver.expires)
    why = safe.plain(waiver.reason, NOTE_LONGEST)
    return safe.plain(app, 60), says, said.say("waiver.state", until=until), safe.plain(waiver.by, 200), "", why


def _reviewed(review: Review, app: str, says: str, said: Said) -> tuple[Cell, ...]:
    who = safe.plain(named(review.who, said), 200)
    return (
        safe.plain(app, 60),
        says,
        said.phrase(f"review.state.{review.state.value}"),
        f"{who} ({safe.plain(role_in(review.role, said))})" if review.role else who,
        moment(review.at),
        safe.plain(review.note, NOTE_LONGEST),
    )
