"""Transfers under Chapter V of the GDPR: who exports to whom, and on what they rest. Pure module: no I/O.

Adequacy decisions are a dated data file (`data/adequacy.json`). A transfer needs an exporter that is a controller or a
processor under the GDPR and another controller or processor in a third country that receives the data (EDPB Guidelines
05/2021, criteria 1 to 3). Data that a person gives directly are none: the person is no exporter. Nor are data that one
entity keeps within itself: exporter and importer must be distinct (criterion 2), as verdicts resolve their names.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from douane.audit import entities, fides
from douane.audit.countries import in_eea
from douane.audit.declaration import FIRST_PARTY, Declaration, Party, Purpose, Recipient, Transfer
from douane.audit.rules.base import Text

_RESPONSIBLE: Final = ("controller", "joint", "processor")
_ADEQUACY: Final = "Adequacy Decision"


class Standing(StrEnum):
    """What is known of the protection in a country."""

    EEA = "eea"
    ADEQUATE = "adequate"
    IN_PART = "adequate in part"  # the decision covers some importers only
    IF_CERTIFIED = "adequacy only if certified"
    NONE = "no adequacy decision"
    UNKNOWN = "country unknown"


class Basis(StrEnum):
    """What an export rests on, as far as was declared."""

    NOT_NEEDED = "not-needed"  # the importer is in the European Economic Area
    ITSELF = "itself"  # exporter and importer are the same entity
    ADEQUACY = "adequacy"
    IF_CERTIFIED = "if-certified"  # adequacy only if the importer is certified; nothing else was declared
    IN_PART = "in-part"  # adequacy for some importers only; nothing else was declared
    MECHANISM = "mechanism"  # another mechanism was declared
    AT_ODDS = "at-odds"  # an adequacy decision was declared, and there is none
    MISSING = "missing"  # nothing was declared
    UNKNOWN = "unknown"  # the importer's country was not said


FINDINGS: Final = frozenset({Basis.IF_CERTIFIED, Basis.IN_PART, Basis.AT_ODDS, Basis.MISSING, Basis.UNKNOWN})
"""The bases that a person has to look at."""


@dataclass(frozen=True, slots=True)
class Export:
    """One exporter that passes a purpose's data on to one importer.

    `exporter` is `organisation` or `publisher`, `importer` a name, `country` its code, empty where not said. `purpose`
    is the purpose's id. `transfer` is the declared transfer that covers it.
    """

    exporter: str
    importer: str
    country: str
    purpose: str
    categories: tuple[str, ...]
    standing: Standing
    basis: Basis
    transfer: Transfer | None = None

    def says(self, lang: str) -> str:
        """What it rests on, in a sentence."""
        facts = {
            "who": _WHO[self.exporter].of(lang),
            "to": self.importer,
            "country": self.country or "?",
            "mechanism": _mechanism(self.transfer.mechanism, lang) if self.transfer else "",
            "as_of": "/".join(reversed(as_of().split("-"))) if lang.lower().startswith("fr") else as_of(),
        }
        return _SAYS[self.basis].of(lang).format_map(facts)


def _mechanism(name: str, lang: str) -> str:
    known = fides.word(fides.Kind.MECHANISM, name)
    return known.name(lang) if known is not None else name


def as_of() -> str:
    """The day (ISO 8601) for which the list of adequacy decisions holds."""
    return _data()[0]


def standing(country: str) -> Standing:
    """What is known of the protection in a country (ISO 3166-1 alpha-2; empty: unknown)."""
    if not country:
        return Standing.UNKNOWN
    if in_eea(country):
        return Standing.EEA
    return _data()[1].get(country, Standing.NONE)


def exports(declaration: Declaration) -> tuple[Export, ...]:
    """Every export that the declared roles make, in the order of the purposes; none where no role was declared.

    The organisation exports to the publisher where it answers for the purpose (controller, joint controller or
    processor), is established in the Union or has a representative there, and the publisher answers for it too. The
    publisher exports to the purpose's recipients where it is established in the Union, or is a processor of such an
    organisation, or received the data by such an export (onward transfer, Art. 44).
    """
    return tuple(one for purpose in declaration.purposes for one in _of_purpose(declaration, purpose))


def _of_purpose(declaration: Declaration, purpose: Purpose) -> Iterator[Export]:
    organisation, publisher, roles = declaration.organisation, declaration.publisher, purpose.roles
    itself = one_entity(declaration)
    under_the_law = in_eea(organisation.party.country) or organisation.representative is not None
    given = under_the_law and roles.organisation in _RESPONSIBLE and roles.publisher in _RESPONSIBLE
    if given:
        name = publisher.name or publisher.legal_name or declaration.title or declaration.app
        yield _export(declaration, purpose, "organisation", name, publisher.country, purpose.to_app, itself=itself)
    if given or (in_eea(publisher.country) and roles.publisher in _RESPONSIBLE):
        known = entities.of(declaration)
        for recipient in _recipients(declaration, purpose):
            categories = recipient.categories or purpose.to_app
            own = known.resolve(recipient.name) == FIRST_PARTY
            yield _export(declaration, purpose, "publisher", recipient.name, recipient.country, categories, itself=own)


def one_entity(declaration: Declaration) -> bool:
    """Whether the organisation that uses the app is its publisher, by name: it is then no recipient of its own."""
    return _same(declaration.organisation.party, declaration.publisher.name, declaration.publisher.legal_name)


def _same(party: Party, *names: str) -> bool:
    """Whether a party goes by one of these names, as names are compared everywhere."""
    own = {entities.fold(one) for one in (party.name, party.legal_name) if one}
    return not own.isdisjoint(entities.fold(one) for one in names if one)


def _recipients(declaration: Declaration, purpose: Purpose) -> list[Recipient]:
    named = set(purpose.recipients)
    return [one for one in declaration.recipients if one.name in named]


def _export(
    declaration: Declaration,
    purpose: Purpose,
    exporter: str,
    importer: str,
    country: str,
    categories: tuple[str, ...],
    *,
    itself: bool,
) -> Export:
    where = standing(country)
    if itself:
        return Export(exporter, importer, country, purpose.id, categories, where, Basis.ITSELF)
    declared = _declared(declaration, country, importer) if where is not Standing.EEA else None
    return Export(exporter, importer, country, purpose.id, categories, where, _basis(where, declared), declared)


def _declared(declaration: Declaration, country: str, importer: str) -> Transfer | None:
    """The transfer that names the importer, else the one for its whole country; one with a mechanism first."""
    fitting = [one for one in declaration.transfers if one.country == country and one.recipient in (importer, "")]
    return min(fitting, key=lambda one: (not one.mechanism, not one.recipient), default=None)


def _basis(where: Standing, declared: Transfer | None) -> Basis:
    mechanism = declared.mechanism if declared is not None else ""
    if where is Standing.EEA:
        return Basis.NOT_NEEDED
    if where is Standing.UNKNOWN:
        return Basis.UNKNOWN
    if mechanism and mechanism != _ADEQUACY:
        return Basis.MECHANISM
    if where is Standing.ADEQUATE:
        return Basis.ADEQUACY
    if where is Standing.IF_CERTIFIED:
        return Basis.IF_CERTIFIED
    if where is Standing.IN_PART:
        return Basis.IN_PART
    return Basis.AT_ODDS if mechanism else Basis.MISSING


@cache
def _data() -> tuple[str, dict[str, Standing]]:
    data = json.loads((files("douane.audit") / "data" / "adequacy.json").read_text(encoding="utf-8"))
    known: dict[str, Standing] = {}
    for row in data["countries"]:
        in_part = Standing.IN_PART if row.get("only") else Standing.ADEQUATE
        known[row["code"]] = Standing.IF_CERTIFIED if row.get("certified") else in_part
    return data["as_of"], known


_WHO: Final = {
    "organisation": Text("the organisation", "l’organisation"),
    "publisher": Text("the app's publisher", "l’éditeur de l’application"),
}
_SAYS: Final = {
    Basis.NOT_NEEDED: Text(
        "{who} passes data on to {to} ({country}), within the European Economic Area: no transfer",
        "{who} communique des données à {to} ({country}), dans l’Espace économique européen : pas de transfert",
    ),
    Basis.ITSELF: Text(
        "{who} and {to} are the same entity: no transfer",
        "{who} et {to} sont une même entité : pas de transfert",
    ),
    Basis.ADEQUACY: Text(
        "transfer by {who} to {to} ({country}): an adequacy decision is listed for the country as of {as_of}",
        "transfert par {who} vers {to} ({country}) : une décision d’adéquation figure pour ce pays au {as_of}",
    ),
    Basis.IF_CERTIFIED: Text(
        "transfer by {who} to {to} ({country}): adequacy only if certified under the EU-US Data Privacy Framework"
        " (list as of {as_of}); no other mechanism was declared",
        "transfert par {who} vers {to} ({country}) : adéquation seulement si le destinataire est certifié au titre du"
        " cadre de protection des données UE-États-Unis (liste au {as_of}) ; aucun autre mécanisme n’est déclaré",
    ),
    Basis.IN_PART: Text(
        "transfer by {who} to {to} ({country}): the adequacy decision covers some importers only (list as of {as_of});"
        " no other mechanism was declared",
        "transfert par {who} vers {to} ({country}) : la décision d’adéquation ne couvre que certains destinataires"
        " (liste au {as_of}) ; aucun autre mécanisme n’est déclaré",
    ),
    Basis.MECHANISM: Text(
        "transfer by {who} to {to} ({country}) under a declared mechanism: {mechanism}",
        "transfert par {who} vers {to} ({country}) au titre d’un mécanisme déclaré : {mechanism}",
    ),
    Basis.AT_ODDS: Text(
        "transfer by {who} to {to} ({country}): an adequacy decision was declared, and none is listed as of {as_of}",
        "transfert par {who} vers {to} ({country}) : une décision d’adéquation est déclarée, aucune ne figure au"
        " {as_of}",
    ),
    Basis.MISSING: Text(
        "transfer by {who} to {to} ({country}): no mechanism was declared, and no adequacy decision is listed as of"
        " {as_of}",
        "transfert par {who} vers {to} ({country}) : aucun mécanisme n’est déclaré, aucune décision d’adéquation ne"
        " figure au {as_of}",
    ),
    Basis.UNKNOWN: Text(
        "{who} passes data on to {to}, whose country was not declared: whether that is a transfer is unknown",
        "{who} communique des données à {to}, dont le pays n’est pas déclaré : on ignore s’il s’agit d’un transfert",
    ),
}
