"""Processing activities: what declarations say of them, with what was observed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from douane.audit import adequacy, taxonomy
from douane.audit.adequacy import Export
from douane.audit.countries import in_eea
from douane.audit.declaration import Declaration, Purpose, Recipient
from douane.audit.message import Direction
from douane.audit.readings import found_as
from douane.audit.subsumption import vagueness
from douane.ledger.promised import last_declaration
from douane.reports.kinds.base import Material
from douane.reports.model import App, Flow, Labels, Summary

_MARKED = frozenset({"art9", "art10", "nir"})


@dataclass(frozen=True, slots=True)
class Beside:
    """A category of an activity: as what it was declared (empty: as nothing), and what was observed (None: nothing)."""

    category: str
    direction: Direction
    declared: tuple[str, ...]
    flow: Flow | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags of the category, and those of what was observed."""
        seen = set(taxonomy.flags(self.category)) | set(self.flow.flags if self.flow else ())
        return tuple(flag for flag in taxonomy.FLAGS if flag in seen)


@dataclass(frozen=True, slots=True)
class Part:
    """One purpose of one app: a processing activity as far as that app has a part in it.

    A flow stands under every purpose that needs its category: which of them a message served is not on the wire.
    `aside` are the special categories, criminal data and national numbers of the app that no purpose of it needs: any
    message may have held them, so that no sheet of the app can say that there are none.
    """

    app: App
    declaration: Declaration
    purpose: Purpose
    beside: tuple[Beside, ...]
    exports: tuple[Export, ...]
    aside: tuple[Flow, ...] = ()

    @property
    def flows(self) -> tuple[Flow, ...]:
        """What was observed of it."""
        return tuple(one.flow for one in self.beside if one.flow is not None)

    @property
    def labels(self) -> Labels:
        """Its disclosures by headline verdict."""
        return sum((flow.labels for flow in self.flows), Labels())

    @property
    def special(self) -> bool:
        """Whether a special category (GDPR Art. 9) was declared or observed."""
        return any("art9" in one.flags for one in self.beside)

    @property
    def delicate(self) -> tuple[Beside, ...]:
        """Its special categories, criminal data and national numbers, declared or observed."""
        return tuple(one for one in self.beside if not _MARKED.isdisjoint(one.flags))

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """The recipients that the purpose names, as the declaration describes them."""
        known = {one.name: one for one in self.declaration.recipients}
        return tuple(known.get(name, Recipient(name)) for name in self.purpose.recipients)

    @property
    def missing(self) -> tuple[str, ...]:
        """What the declaration leaves unsaid that a register asks for, by name."""
        declared, purpose, organisation = self.declaration, self.purpose, self.declaration.organisation
        said = {
            "reference": purpose.register_ref,
            "controller": organisation.party.name or organisation.party.legal_name,
            "representative": organisation.representative or in_eea(organisation.party.country),
            "dpo": organisation.dpo,
            "purpose": purpose.name,
            "use": purpose.data_use,
            "basis": purpose.legal_basis,
            "exception": purpose.special_basis or not self.special,
            "subjects": purpose.subjects,
            "categories": purpose.to_app or purpose.to_chatgpt,
            "recipients": purpose.recipients or purpose.shared is False,
            "country": declared.publisher.country and all(one.country for one in self.recipients),
            "retention": purpose.retention,
            "roles": purpose.roles.organisation and purpose.roles.publisher,
            "mechanism": not any(one.basis in adequacy.FINDINGS for one in self.exports),
        }
        return tuple(name for name, found in said.items() if not found)


@dataclass(frozen=True, slots=True)
class Activity:
    """One sheet of the register: purposes of one or more apps under one reference; empty where none was declared."""

    reference: str
    parts: tuple[Part, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What the declarations call it, each name once."""
        return tuple(dict.fromkeys(part.purpose.name for part in self.parts if part.purpose.name))


@dataclass(frozen=True, slots=True)
class Stray:
    """What was observed of an app and belongs to no declared purpose of it."""

    app: App
    declaration: Declaration | None
    flows: tuple[Flow, ...]


def activities(summary: Summary, declarations: Mapping[str, Declaration]) -> tuple[Activity, ...]:
    """Every declared activity, by reference; purposes without a reference last, each on its own."""
    sheets: dict[tuple[str, str], list[Part]] = {}
    alone: list[Part] = []
    for app in sorted(summary.apps, key=lambda one: one.name):
        declared = declarations.get(app.name)
        if declared is None:
            continue
        exports = adequacy.exports(declared)
        organisation = declared.organisation.party
        aside = tuple(flow for flow in _loose(app, declared) if not _MARKED.isdisjoint(flow.flags))
        for purpose in declared.purposes:
            mine = tuple(one for one in exports if one.purpose == purpose.id)
            part = Part(app, declared, purpose, _beside(app, purpose), mine, aside)
            if purpose.register_ref:
                key = (organisation.name or organisation.legal_name).casefold(), purpose.register_ref
                sheets.setdefault(key, []).append(part)
            else:
                alone.append(part)
    referred = [Activity(key[1], tuple(parts)) for key, parts in sorted(sheets.items(), key=lambda one: one[0][::-1])]
    return (*referred, *(Activity("", (part,)) for part in alone))


def strays(summary: Summary, declarations: Mapping[str, Declaration]) -> tuple[Stray, ...]:
    """What was observed and belongs to no declared purpose, by app; apps with none of it are left out."""
    found: list[Stray] = []
    for app in sorted(summary.apps, key=lambda one: one.name):
        declared = declarations.get(app.name)
        if flows := _loose(app, declared):
            found.append(Stray(app, declared, flows))
    return tuple(found)


def unpurposed(stray: Stray, declaration: Declaration) -> Part:
    """What was observed of an app that declares purposes, and under none of them, as an activity that nobody named."""
    beside = tuple(Beside(flow.category, flow.direction, (), flow) for flow in stray.flows)
    return Part(stray.app, declaration, Purpose("", ""), beside, ())


def declared_of(material: Material) -> dict[str, Declaration]:
    """The declaration of each app that has one: that in force, else the last that the ledger holds."""
    found: dict[str, Declaration] = {}
    for app in material.summary.apps:
        kept = material.declarations.get(app.name)
        if kept is None and (last := last_declaration(material.db, app.name)) is not None:
            kept = last[1]
        if kept is not None:
            found[app.name] = kept
    return found


def silent(summary: Summary, declarations: Mapping[str, Declaration]) -> tuple[App, ...]:
    """The apps of which no purpose was declared, by name."""
    named = {name for name, declared in declarations.items() if declared.purposes}
    return tuple(sorted((app for app in summary.apps if app.name not in named), key=lambda one: one.name))


def _loose(app: App, declared: Declaration | None) -> tuple[Flow, ...]:
    """The flows of an app that no declared purpose of it needs."""
    purposes = declared.purposes if declared is not None else ()
    return tuple(flow for flow in app.flows if not any(_covering(flow, one) for one in purposes))


def _said(purpose: Purpose, direction: Direction) -> tuple[str, ...]:
    return purpose.to_app if direction is Direction.TO_APP else purpose.to_chatgpt


def _covering(flow: Flow, purpose: Purpose) -> tuple[str, ...]:
    """The categories of a purpose that speak of a flow, the most exact first."""
    scores: list[tuple[float, str]] = []
    for key in _said(purpose, flow.direction):
        score = vagueness(flow.category, key)
        if score is None and flow.category in found_as(key):
            score = 0.0
        if score is not None:
            scores.append((score, key))
    return tuple(key for _, key in sorted(scores))


def _beside(app: App, purpose: Purpose) -> tuple[Beside, ...]:
    rows: list[Beside] = []
    for direction in Direction:
        used: set[str] = set()
        for flow in app.flows:
            if flow.direction is direction and (covering := _covering(flow, purpose)):
                rows.append(Beside(flow.category, direction, covering, flow))
                used.update(covering)
        rows += [Beside(key, direction, (key,)) for key in _said(purpose, direction) if key not in used]
    return tuple(sorted(rows, key=lambda row: (row.category, row.direction)))


def recipients_of(part: Part, *roles: str) -> Iterable[Recipient]:
    """The recipients of a part in one of these roles (empty: not said)."""
    return (one for one in part.recipients if one.role in roles)
