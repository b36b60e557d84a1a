"""What leaving an app takes: what depends on ChatGPT, whom to ask for erasure, what to revoke, what to take along."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from douane.audit.declaration import Declaration, Party, Recipient
from douane.audit.history import Seen
from douane.audit.message import Direction
from douane.ledger.catalogue import read_tools
from douane.ledger.leaving import OwnField, own_fields
from douane.ledger.observations import read_observations
from douane.ledger.report_query import Scope, apps, ids
from douane.reports import few, safe
from douane.reports.document import Cell, Column, Document, Section, Table, Text
from douane.reports.hidden import coarse
from douane.reports.kinds import perimeter as opening
from douane.reports.kinds.activities import declared_of
from douane.reports.kinds.base import Kind, Material
from douane.reports.kinds.register_cells import place
from douane.reports.kinds.said import LONG, Said
from douane.reports.model import App

_KIND: Final = "exit"
_KEYS: Final = (
    "openai/outputTemplate",
    "ui",
    "openai/fileParams",
    "openai/visibility",
    "openai/widgetAccessible",
    "openai/profile",
)
_OPENAI: Final = "OpenAI (ChatGPT)"

type _Row = tuple[Cell, ...]


def build(material: Material) -> Document:
    """The exit file of the apps of a summary. What was done, and when, is left to fill in."""
    said, declarations = Said(material.lang, _KIND), declared_of(material)
    shown = sorted(material.summary.apps, key=lambda app: app.name)
    features = _features(said, material, shown)
    asking = [one for app in shown for one in _asking(app, declarations.get(app.name))]
    revoking = [row for app in shown for row in _revoking(said, material, app)]
    erasure = Table(
        said.phrase("erasure"),
        (
            Column(said.phrase("col.app"), 1.1),
            Column(said.phrase("who"), 1.6),
            Column(said.phrase("why"), 1.6),
            Column(said.phrase("what"), 2.2),
            Column(said.phrase("contact"), 1.6),
            Column(said.phrase("asked"), 1.2),
        ),
        tuple(one.row(said) for one in asking),
        empty=said.phrase("erasure.none"),
    )
    return Document(
        _KIND,
        said.phrase("title"),
        said.phrase("subtitle"),
        material.lang,
        material.made_at,
        opening.perimeter(material),
        (
            Section(
                "features", said.phrase("features"), (_lead(said, "features.lead"), _feature_table(said, features))
            ),
            Section("erasure", said.phrase("erasure"), (_lead(said, "erasure.lead"), erasure)),
            Section("revoke", said.phrase("revoke"), (_lead(said, "revoke.lead"), _revoke_table(said, revoking))),
            Section(
                "take",
                said.phrase("take"),
                (
                    Text(tuple(said.phrase(f"take.{n}") for n in range(1, 5)), bullets=True),
                    _taken(said, shown, declarations),
                    Text((said.phrase("unseen.more"),), "notice"),
                ),
            ),
        ),
        opening.opening(material),
        opening.data(material)
        | few.told(
            {
                "features": [{"app": str(row[0]), "key": str(row[2])} for row in features],
                "erasure": [one.data() for one in asking],
                "revoke": [{"app": str(row[0]), "what": str(row[1]), "done": None} for row in revoking],
                "apps": [
                    {"app": app.name, "messages": app.outcomes.messages, "disclosures": app.disclosures}
                    for app in shown
                ],
            }
        ),
    )


def _lead(said: Said, key: str) -> Text:
    return Text((said.phrase(key),))


def _features(said: Said, material: Material, shown: Iterable[App]) -> list[_Row]:
    wanted = ids(apps(material.db), [app.name for app in shown])
    fields: dict[str, list[OwnField]] = {}
    for one in own_fields(material.db, Scope(wanted, material.since or None, material.until or None)):
        fields.setdefault(one.app, []).append(one)
    rows: list[_Row] = []
    for app in shown:
        name = safe.plain(app.name)
        tools = read_tools(material.db, app.name)
        for key in _KEYS:
            having = [safe.plain(tool.name) for tool in tools if key in tool.meta]
            if having:
                where = said.say("feature.tools", tools=", ".join(having))
                rows.append((name, said.phrase(f"f.{key}"), key, where))
        for field in fields.get(app.name, ()):
            key = f"f.{field.name}" if said.has(f"f.{field.name}") else "f.other"
            count = coarse(field.count) if material.summary.under.small_hidden else field.count
            where = said.say("feature.messages", count, last=said.day(field.last))
            rows.append((name, said.phrase(key), safe.plain(field.name), where))
        downloads = [one.name for one in read_observations(material.db, app.name) if one.kind is Seen.FILE_DOWNLOAD]
        if downloads:
            hosts = ", ".join(safe.plain(host) for host in dict.fromkeys(downloads))
            rows.append((name, said.phrase("f.file-download"), "download_url", said.say("feature.hosts", hosts=hosts)))
        checkouts = [one for one in app.passages if one.path_class == "checkout"]
        if checkouts:
            hosts = ", ".join(safe.plain(one.host) for one in checkouts)
            rows.append((name, said.phrase("f.checkout"), "checkout", said.say("feature.hosts", hosts=hosts)))
    return rows


def _feature_table(said: Said, rows: list[_Row]) -> Table:
    columns = (
        Column(said.phrase("col.app"), 1.2),
        Column(said.phrase("feature"), 2.2),
        Column(said.phrase("feature.name"), 1.8, mono=True),
        Column(said.phrase("feature.seen"), 2.4),
    )
    return Table(said.phrase("features"), columns, tuple(rows), empty=said.phrase("features.none"))


@dataclass(frozen=True, slots=True)
class _Ask:
    """Somebody to ask: `why` is a code, `what` categories with how often they were observed (None: declared)."""

    app: str
    name: str
    why: str
    what: tuple[tuple[str, int | None], ...]
    country: str = ""
    contact: str = ""

    def row(self, said: Said) -> _Row:
        """The line of the table."""
        nameless = self.why in ("openai", "destination") or not self.country
        who = safe.plain(self.name) if nameless and self.why != "recipient" else place(said, self.name, self.country)
        what = tuple(
            said.say("what.declared", category=said.category(key))
            if count is None
            else said.say("what.observed", category=said.category(key), n=count)
            for key, count in self.what
        )
        contact = safe.plain(self.contact, LONG) or said.blank("contact.fill")
        unsaid = said.phrase("what.unsaid" if self.why == "recipient" else "none.observed")
        why = said.phrase(f"why.{self.why}")
        return (safe.plain(self.app), who, why, what or unsaid, contact, said.blank("asked.fill"))

    def data(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "app": self.app,
            "who": self.name,
            "why": self.why,
            "country": self.country or None,
            "contact": self.contact or None,
            "got": [{"category": key, "observed": count} for key, count in self.what],
            "asked": None,
            "answered": None,
        }


def _asking(app: App, declared: Declaration | None) -> list[_Ask]:
    """Whom to ask: the publisher, its recipients, destinations of nobody's, and ChatGPT for what came back."""
    asked: list[_Ask] = []
    given = _observed(app, Direction.TO_APP)
    if given or declared is not None:
        publisher = declared.publisher if declared is not None else Party()
        name = publisher.name or publisher.legal_name or app.name
        asked.append(_Ask(app.name, name, "publisher", given, publisher.country, publisher.contact))
    for one in declared.recipients if declared is not None else ():
        what = (
            *_declared(one, declared),
            *((each.category, each.count) for each in app.onward if each.recipient == one.name),
        )
        asked.append(_Ask(app.name, one.name, "recipient", what, one.country))
    strangers: dict[str, list[tuple[str, int | None]]] = {}
    for each in app.onward:
        if not each.recipient:
            strangers.setdefault(each.host, []).append((each.category, each.count))
    asked += [_Ask(app.name, host, "destination", tuple(what)) for host, what in sorted(strangers.items())]
    if back := _observed(app, Direction.TO_CHATGPT):
        asked.append(_Ask(app.name, _OPENAI, "openai", back))
    return asked


def _observed(app: App, direction: Direction) -> tuple[tuple[str, int | None], ...]:
    return tuple((flow.category, flow.count) for flow in app.flows if flow.direction is direction)


def _declared(one: Recipient, declared: Declaration | None) -> tuple[tuple[str, int | None], ...]:
    purposes = declared.purposes if declared is not None else ()
    used = (key for purpose in purposes if one.name in purpose.recipients for key in purpose.to_app)
    return tuple((key, None) for key in one.categories or dict.fromkeys(used))


def _revoking(said: Said, material: Material, app: App) -> list[_Row]:
    name, fill = safe.plain(app.name), said.blank("asked.fill")
    rows: list[_Row] = [(name, said.phrase("revoke.connection"), said.phrase("revoke.connection.where"), fill)]
    signing = [one for one in app.passages if one.path_class == "oauth"]
    if signing:
        lines = tuple(
            said.say("revoke.oauth.where", one.count, host=safe.plain(one.host), last=said.day(one.last))
            for one in signing
        )
        rows.append((name, said.phrase("revoke.oauth"), lines, fill))
    asking = [safe.plain(tool.name) for tool in read_tools(material.db, app.name) if _signs_in(tool.meta)]
    if asking:
        where = said.say("feature.tools", tools=", ".join(asking))
        rows.append((name, said.phrase("revoke.scheme"), where, fill))
    for flow in app.flows:
        if "secret" in flow.flags:
            what = said.say("revoke.secret", category=said.category(flow.category))
            way = said.way(flow.direction)
            where = said.say("revoke.secret.where", flow.count, way=way, last=said.day(flow.last))
            rows.append((name, what, where, fill))
    seen = [one for one in read_observations(material.db, app.name) if one.kind is Seen.QUERY_CREDENTIAL]
    rows += [(name, said.phrase("revoke.query"), safe.plain(one.name), fill) for one in seen]
    return rows


def _signs_in(meta: Mapping[str, object]) -> bool:
    schemes = meta.get("securitySchemes")
    return isinstance(schemes, list) and any(
        isinstance(one, dict) and one.get("type") not in ("noauth", None) for one in schemes
    )


def _revoke_table(said: Said, rows: list[_Row]) -> Table:
    columns = (
        Column(said.phrase("col.app"), 1.2),
        Column(said.phrase("revoke.what"), 2.4),
        Column(said.phrase("revoke.where"), 2.6),
        Column(said.phrase("revoke.done"), 1.2),
    )
    return Table(said.phrase("revoke"), columns, tuple(rows), empty=said.phrase("revoke.none"))


def _taken(said: Said, shown: Iterable[App], declarations: Mapping[str, Declaration]) -> Table:
    columns = (
        Column(said.phrase("col.app"), 1.2),
        Column(said.phrase("col.messages"), 1, "end"),
        Column(said.phrase("col.count"), 1.2, "end"),
        Column(said.phrase("take.declaration"), 3.4, mono=True),
    )
    rows: list[_Row] = []
    for app in shown:
        declared = declarations.get(app.name)
        file: Cell = said.phrase("missing")
        if declared is not None:
            file = (safe.plain(declared.source), safe.plain(declared.sha256, 64))
        rows.append((safe.plain(app.name), said.count(app.outcomes.messages), said.count(app.disclosures), file))
    return Table(said.phrase("take"), columns, tuple(rows), said.phrase("take.caption"), said.phrase("take.none"))


KIND: Final = Kind(_KIND, ("pdf", "html", "xlsx", "json", "md"), build)
