"""What can be told of an incident (GDPR Art. 33): data, people as a range, and the line for the register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from douane.audit import taxonomy
from douane.audit.declaration import Declaration
from douane.ledger.concerned import Concerned, Range, concerned
from douane.ledger.report_query import Scope, apps, ids
from douane.reports import few, safe
from douane.reports.document import Cell, Column, Document, Facts, Section, Table, Text
from douane.reports.hidden import Few
from douane.reports.kinds import perimeter as opening
from douane.reports.kinds.activities import declared_of
from douane.reports.kinds.base import CannotBuild, Kind, Material
from douane.reports.kinds.perimeter import moment
from douane.reports.kinds.register_cells import hosts, place, who
from douane.reports.kinds.said import Said
from douane.reports.model import LABELS, Flow, Summary

_KIND: Final = "incident"


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known of the incident: the flows of the categories asked for, and whom they concern by app."""

    flows: tuple[Flow, ...]
    concerned: tuple[Concerned, ...]

    @property
    def messages(self) -> int:
        """Messages concerned, all apps."""
        return sum(one.messages for one in self.concerned)

    @property
    def records(self) -> int:
        """Data concerned, all apps."""
        return sum(flow.count for flow in self.flows)

    @property
    def names(self) -> list[str]:
        """The apps, safe to print."""
        return [safe.plain(one.app) for one in self.concerned]


def build(material: Material) -> Document:
    """The incident of the apps, period and categories asked for. What only a person can know is left to fill in.

    Raises `CannotBuild` for a category that is not in the taxonomy.
    """
    if any(taxonomy.category(key) is None for key in material.categories):
        raise CannotBuild("a category asked for is not in the taxonomy; docs/taxonomy.md lists those that are")
    said, declarations = Said(material.lang, _KIND), declared_of(material)
    told = _Told(_flows(material.summary, material.categories), _concerned(material))
    line = _line(said, told)
    return Document(
        _KIND,
        said.phrase("title"),
        said.phrase("subtitle"),
        material.lang,
        material.made_at,
        opening.perimeter(material),
        (
            Section(
                "qualify",
                said.phrase("qualify"),
                (
                    Text(tuple(said.phrase(f"qualify.{n}") for n in (1, 2, 3))),
                    _blanks(said, "awareness", "deadline", "late"),
                ),
            ),
            _nature(said, material, told, declarations),
            Section("contact", said.phrase("contact"), (_contact(said, told, declarations),)),
            Section("consequences", said.phrase("consequences"), (_consequences(said, told),)),
            Section(
                "measures",
                said.phrase("measures"),
                (
                    Facts(
                        tuple(
                            (said.phrase(f"measures.{one}"), said.blank("measures.fill"))
                            for one in ("taken", "proposed")
                        )
                    ),
                ),
            ),
            Section("line", said.phrase("line"), (_line_facts(line),)),
        ),
        opening.opening(material),
        opening.data(material) | _data(material, told),
        line,
    )


def _blanks(said: Said, *keys: str) -> Facts:
    return Facts(tuple((said.phrase(key), said.blank(f"{key}.fill")) for key in keys))


def _flows(summary: Summary, categories: Sequence[str]) -> tuple[Flow, ...]:
    return tuple(
        flow
        for flow in summary.flows
        if not categories or any(taxonomy.is_within(flow.category, key) for key in categories)
    )


def _concerned(material: Material) -> tuple[Concerned, ...]:
    """Whom the disclosures concern; under a profile that hides small counts only as far as it lets them be shown."""
    wanted = ids(apps(material.db), [app.name for app in material.summary.apps])
    found = concerned(material.db, Scope(wanted, material.since or None, material.until or None), material.categories)
    if not material.summary.under.small_hidden:
        return tuple(found)
    return tuple(few.concerned(one) for one in found)


def _nature(said: Said, material: Material, told: _Told, declarations: Mapping[str, Declaration]) -> Section:
    asked = said.categories(material.categories) or said.phrase("asked.all")
    rows: list[tuple[str, Cell]] = [
        (said.phrase("kind"), said.blank("kind.fill")),
        (said.phrase("apps"), said.listed(told.names) or said.phrase("apps.none")),
        (said.phrase("asked"), asked),
        (said.phrase("facts.between"), _between(said, told)),
        (said.phrase("events"), said.count(told.messages)),
        (said.phrase("records"), said.count(told.records)),
    ]
    methods = ["method.1", "method.2", "method.3", "method.4"]
    if material.summary.under.small_hidden:
        methods.append("method.few")
    return Section(
        "nature",
        said.phrase("nature"),
        (Facts(tuple(rows)),),
        (
            Section("data", said.phrase("data"), (_data_table(said, told),)),
            Section("people", said.phrase("people"), (_people(said, told),)),
            Section("method", said.phrase("method"), (Text(tuple(said.phrase(one) for one in methods), bullets=True),)),
            Section("where", said.phrase("where"), (_where(said, material, told, declarations),)),
            Section("uncounted", said.phrase("uncounted"), (Text(_uncounted(said, material.summary), bullets=True),)),
        ),
    )


def _between(said: Said, told: _Told) -> str:
    if not told.concerned:
        return said.phrase("facts.none")
    first, last = min(one.first for one in told.concerned), max(one.last for one in told.concerned)
    return said.say("facts.between.line", first=said.minute(first), last=said.minute(last))


def _data_table(said: Said, told: _Told) -> Table:
    columns = (
        Column(said.phrase("col.app"), 1.3),
        Column(said.phrase("col.category"), 2),
        Column(said.phrase("col.direction"), 1.8),
        Column(said.phrase("col.count"), 1.7, "end"),
        Column(said.phrase("col.first"), 1.2),
        Column(said.phrase("col.last"), 1.2),
        Column(said.phrase("col.verdict"), 1.5),
    )
    rows = tuple(
        (
            safe.plain(flow.app),
            said.categories([flow.category])[0],
            said.way(flow.direction),
            said.count(flow.count),
            moment(flow.first),
            moment(flow.last),
            said.verdict(flow),
        )
        for flow in told.flows
    )
    return Table(said.phrase("data"), columns, rows, said.phrase("data.caption"), said.phrase("data.empty"))


def _people(said: Said, told: _Told) -> Table:
    columns = (
        Column(said.phrase("col.app"), 1.2),
        Column(said.phrase("people.who"), 2),
        Column(said.phrase("people.least"), 0.8, "end"),
        Column(said.phrase("people.most"), 0.8, "end"),
        Column(said.phrase("people.from"), 3),
    )
    rows: list[tuple[Cell, ...]] = []
    for one in told.concerned:
        name = safe.plain(one.app)
        users = (said.count(one.users.least), said.count(one.users.most))
        people = (said.count(one.people.least), said.count(one.people.most))
        rows.append((name, said.phrase("people.users"), *users, _users_from(said, one)))
        counted = _people_from(said, one) or said.phrase("people.none")
        rows.append((name, said.phrase("people.subjects"), *people, counted))
    return Table(said.phrase("people"), columns, tuple(rows), said.phrase("people.caption"), said.phrase("facts.none"))


def _users_from(said: Said, one: Concerned) -> Cell:
    """What the number of users was counted from, and which requests may be anybody's."""
    without = (("gone", one.forgotten.requests), ("unkept", one.unkept.requests))
    lost = [said.say(f"people.users.{key}", n) for key, n in without if n]
    if one.nameless:
        named = said.say("people.users.from", one.nameless)
    else:
        named = said.phrase("people.users.known" if lost else "people.users.all")
    return [named, *lost] if lost else named


def _people_from(said: Said, one: Concerned) -> list[str]:
    """What the number of people was counted from, a line for each kind of identifier and each lack of one."""
    across = dict(one.unlinked)
    kinds = [
        said.say("people.kind.unlinked", across[key], category=said.category(key), times=n)
        if key in across
        else said.say("people.kind", n, category=said.category(key))
        for key, n in one.identifiers
    ]
    without = (("loose", one.loose), ("gone", one.forgotten.data), ("unkept", one.unkept.data))
    return kinds + [said.say(f"people.{key}", n) for key, n in without if n]


def _where(said: Said, material: Material, told: _Told, declarations: Mapping[str, Declaration]) -> Table:
    columns = (
        Column(said.phrase("col.app"), 1.2),
        Column(said.phrase("publisher"), 1.6),
        Column(said.phrase("recipients"), 1.8),
        Column(said.phrase("destinations"), 4),
    )
    rows: list[tuple[Cell, ...]] = []
    known = {app.name: app for app in material.summary.apps}
    for one in told.concerned:
        declared = declarations.get(one.app)
        publisher = declared.publisher if declared else None
        named = [place(said, each.name, each.country) for each in declared.recipients] if declared else []
        wanted = {flow.category for flow in told.flows} if material.categories else None
        rows.append(
            (
                safe.plain(one.app),
                place(said, publisher.name or publisher.legal_name, publisher.country)
                if publisher
                else said.phrase("missing"),
                said.or_missing_list(named),
                hosts(said, known[one.app], wanted),
            )
        )
    return Table(said.phrase("where"), columns, tuple(rows), said.phrase("where.caption"), said.phrase("facts.none"))


def _uncounted(said: Said, summary: Summary) -> tuple[str, ...]:
    lines: list[str] = []
    for app in summary.apps:
        lost = app.outcomes.refused + app.outcomes.failed + app.outcomes.unknown
        if lost.messages or app.not_inspected:
            name = safe.plain(app.name)
            figures = {"messages": lost.messages, "data": lost.disclosures, "gaps": app.not_inspected}
            lines.append(said.say("uncounted.line", app=name, **figures))
    return tuple(lines) or (said.phrase("uncounted.none"),)


def _contact(said: Said, told: _Told, declarations: Mapping[str, Declaration]) -> Facts:
    organisations = [declarations[one.app].organisation for one in told.concerned if one.app in declarations]
    dpos = dict.fromkeys(who(said, one.dpo) for one in organisations if one.dpo is not None)
    controllers = dict.fromkeys(who(said, one.party) for one in organisations if one.party.name or one.party.legal_name)
    return Facts(
        (
            (said.phrase("contact.dpo"), tuple(dpos) or said.blank("contact.fill")),
            (said.phrase("contact.controller"), tuple(controllers) or said.blank("contact.fill")),
        )
    )


def _consequences(said: Said, told: _Told) -> Facts:
    return Facts(
        (
            (said.phrase("consequences.marks"), said.cares(told.flows) or said.phrase("consequences.marks.none")),
            (said.phrase("consequences.likely"), said.blank("consequences.fill")),
            (said.phrase("consequences.people"), said.blank("consequences.people.fill")),
        )
    )


def _line(said: Said, told: _Told) -> Table:
    """The line that the controller keeps of the breach: facts, effects and remedies (Art. 33(5))."""
    people = [
        _range(said, name, said.phrase(f"people.{key}"), found)
        for name, one in zip(told.names, told.concerned, strict=True)
        for key, found in (("users", one.users), ("subjects", one.people))
    ]
    data = [
        said.say(
            "line.data.line",
            app=safe.plain(flow.app),
            category=said.category(flow.category),
            way=said.way(flow.direction),
            n=flow.count,
        )
        for flow in told.flows
    ]
    fill = said.blank("line.fill")
    given: tuple[tuple[str, Cell], ...] = (
        ("line.ref", said.blank("line.ref.fill")),
        ("line.when", _between(said, told)),
        ("awareness", said.blank("awareness.fill")),
        ("line.facts", said.say("line.messages", told.messages, apps=said.listed(told.names) or "—")),
        ("line.data", data or said.phrase("data.empty")),
        ("line.people", people or said.phrase("people.none")),
        ("line.effects", fill),
        ("line.remedy", fill),
        ("line.authority", fill),
        ("line.told", fill),
    )
    columns = tuple(Column(said.phrase(key)) for key, _ in given)
    return Table(said.phrase("tab.line"), columns, (tuple(value for _, value in given),))


def _range(said: Said, name: str, who_: str, found: Range) -> str:
    """How many people, as a range, or as one number where both ends are the same and told."""
    if found.least == found.most and not isinstance(found.least, Few) and not isinstance(found.most, Few):
        return said.say("line.people.exact", found.least, app=name, who=who_)
    return said.say("line.people.line", app=name, who=who_, least=found.least, most=found.most)


def _line_facts(line: Table) -> Facts:
    return Facts(tuple((column.heading, value) for column, value in zip(line.columns, line.rows[0], strict=True)))


def _data(material: Material, told: _Told) -> dict[str, object]:
    """The same for programs; what is left to fill in is null."""
    shown: dict[str, object] = few.told(
        {
            "categories": list(material.categories),
            "messages": told.messages,
            "records": told.records,
            "data": [
                {
                    "app": flow.app,
                    "category": flow.category,
                    "direction": flow.direction.value,
                    "disclosures": flow.count,
                    "headline": flow.labels.worst.value,
                    "denied": flow.denied,
                    "labels": {label.value: flow.labels.of(label) for label in LABELS if flow.labels.of(label)},
                    "first": flow.first,
                    "last": flow.last,
                }
                for flow in told.flows
            ],
            "people": [
                {
                    "app": one.app,
                    "messages": one.messages,
                    "first": one.first,
                    "last": one.last,
                    "users": {
                        "least": one.users.least,
                        "most": one.users.most,
                        "requests_without": one.nameless,
                        "requests_erased": one.forgotten.requests,
                        "requests_unkept": one.unkept.requests,
                    },
                    "data_subjects": {
                        "least": one.people.least,
                        "most": one.people.most,
                        "data_without": one.loose,
                        "data_erased": one.forgotten.data,
                        "data_unkept": one.unkept.data,
                    },
                    "identifiers": dict(one.identifiers),
                    "unlinked": dict(one.unlinked),
                }
                for one in told.concerned
            ],
            "became_aware": None,
            "consequences": None,
            "measures": None,
        }
    )
    return shown


KIND: Final = Kind(_KIND, ("pdf", "html", "xlsx", "csv", "json", "md"), build, by_category=True)
