"""What a declaration lacks, or says against itself, for the person who answers for it. Pure module: no I/O.

A lint is about the declaration alone; what crossed is judged elsewhere (`verdicts`, `rules`).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

from douane.audit import countries, entities, taxonomy
from douane.audit.declaration import Declaration, Platform, Provenance, Purpose
from douane.audit.declaration_claims import Claim, against_itself, against_purposes, against_recipients, unspoken
from douane.audit.message import Direction
from douane.audit.readings import found_as
from douane.audit.rules.base import Severity, Text
from douane.audit.subsumption import covers

_DIRECTIONS = {
    Direction.TO_APP: Text("to the app", "vers l’application"),
    Direction.TO_CHATGPT: Text("to ChatGPT", "vers ChatGPT"),
}

_PRECISE = frozenset({"user.name", "user.unique_id"})  # what lies under them says little more


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of lint: what it says, `{facts}` to be filled in, and how to mend it."""

    code: str
    severity: Severity
    says: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class Lint:
    """One thing to see to. `where` is the id of a part (`purpose/2`) or a key at the top; `line` from 1, 0 unknown.

    Facts are category keys, ids of parts, country codes and keys of the file: never the text of an author.
    """

    kind: Kind
    where: str
    line: int = 0
    category: str = ""
    declared: str = ""
    direction: Direction | None = None
    facts: tuple[tuple[str, str], ...] = ()

    def says(self, lang: str = "en") -> str:
        """The lint in a sentence of `lang`."""
        facts = dict(self.facts)
        for name in ("category", "declared"):
            if getattr(self, name):
                facts[name] = named(getattr(self, name), lang)
        if self.direction is not None:
            facts["direction"] = _DIRECTIONS[self.direction].of(lang)
        return self.kind.says.of(lang).format_map(facts)


def named(key: str, lang: str) -> str:
    """A category for a reader: its name, and its key."""
    known = taxonomy.category(key)
    if known is None:
        return key
    return f"« {known.name(lang)} » ({key})" if lang.lower().startswith("fr") else f"“{known.name(lang)}” ({key})"


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind of lint by its code."""
    rows = json.loads((files("douane.audit") / "data" / "lints.json").read_text(encoding="utf-8"))
    return {
        code: Kind(code, Severity(row["severity"]), Text(**row["says"]), Text(**row["remedy"]))
        for code, row in rows.items()
    }


def lint(declaration: Declaration, today: str = "") -> tuple[Lint, ...]:
    """Every lint, in the order of the file. `today` is an ISO 8601 date; without it, no date is one to come."""
    found = [
        *(_dates(declaration, today) if today else ()),
        *_parties(declaration),
        *_platform(declaration),
        *_texts(declaration),
        *_purposes(declaration),
        *_recipients(declaration),
        *_transfers(declaration),
        *_categories(declaration),
        *_tools(declaration),
    ]
    return tuple(sorted(found, key=lambda one: one.line or len(declaration.lines) + 10**6))


def _lint(
    declaration: Declaration,
    code: str,
    where: str,
    *,
    category: str = "",
    declared: str = "",
    direction: Direction | None = None,
    **facts: str,
) -> Lint:
    line = declaration.lines.get(where, 0)
    return Lint(kinds()[code], where, line, category, declared, direction, tuple(sorted(facts.items())))


def _dates(it: Declaration, today: str) -> Iterator[Lint]:
    """What is said to have been read, shown, signed or written down on a day that has not come."""
    noted: list[tuple[str, Provenance | None]] = [
        *(("provenance", one) for one in it.provenance),
        *((f"recipient/{number}", one.provenance) for number, one in enumerate(it.recipients, 1)),
        *((f"transfer/{number}", one.provenance) for number, one in enumerate(it.transfers, 1)),
        *((one.id, each) for one in it.purposes for each in one.provenance),
        *((place.id, place.provenance) for tool in it.tools for place in (*tool.fields, *tool.output)),
    ]
    dated = [
        ("privacy_policy", "fetched", "" if it.policy is None else it.policy.date),
        ("connection_information", "shown_at", "" if it.connection is None else it.connection.date),
        ("platform", "date", it.platform.date),
        *((f"transfer/{number}", "date", one.date) for number, one in enumerate(it.transfers, 1)),
        *((where, "provenance.at", one.at) for where, one in noted if one is not None),
    ]
    for where, key, day in dated:
        if day > today:
            yield _lint(it, "date-in-future", where, key=key)


def _parties(it: Declaration) -> Iterator[Lint]:
    publisher = it.publisher
    if not (publisher.name or publisher.legal_name):
        yield _lint(it, "no-publisher", "publisher")
    else:
        if not publisher.country:
            yield _lint(it, "publisher-without-country", "publisher")
        if not publisher.contact:
            yield _lint(it, "publisher-without-contact", "publisher")
    if not (it.organisation.party.name or it.organisation.party.legal_name):
        yield _lint(it, "no-controller", "organisation")
    elif it.organisation.dpo is None:
        yield _lint(it, "no-dpo", "organisation")


def _platform(it: Declaration) -> Iterator[Lint]:
    facts = [one.name for one in fields(Platform) if one.name not in ("source", "date")]
    unknown = [name for name in facts if not getattr(it.platform, name)]
    if unknown:
        yield _lint(it, "platform-unknown", "platform", keys=", ".join(unknown))
    if len(unknown) < len(facts) and not (it.platform.source and it.platform.date):
        yield _lint(it, "platform-undated", "platform")


def _texts(it: Declaration) -> Iterator[Lint]:
    policy = it.policy
    if policy is None:
        yield _lint(it, "no-policy", "privacy_policy")
    else:
        if not policy.sha256:
            yield _lint(it, "policy-without-digest", "privacy_policy")
        if not policy.date:
            yield _lint(it, "policy-without-date", "privacy_policy")
        if not policy.statements:
            yield _lint(it, "policy-without-statements", "privacy_policy")
        if not policy.controls:
            yield _lint(it, "policy-without-controls", "privacy_policy")
    if it.connection is None:
        yield _lint(it, "no-connection-information", "connection_information")
    for notice in (policy, it.connection):
        for statement in () if notice is None else notice.statements:
            if not statement.quote:
                yield _lint(it, "statement-without-quote", statement.id)
            if entities.unknown(statement.entity, it):
                near = entities.nearest(statement.entity, it)
                yield _lint(it, "statement-of-unknown-entity", statement.id, near=f" (`{near}`?)" if near else "")
            for key in statement.categories:
                declared = {*it.to_app, *it.to_chatgpt}
                if statement.says.value == "collects" and not any(
                    covers(key, one) or covers(one, key) or key in found_as(one) or one in found_as(key)
                    for one in declared
                ):
                    yield _lint(it, "statement-beyond-categories", statement.id, category=key)
        if notice is not None:
            yield from (_claim(it, "statements-disagree", one) for one in against_itself(notice, it))
    yield from (_claim(it, "statement-against-purpose", one) for one in against_purposes(it))
    yield from (_claim(it, "statement-against-recipient", one) for one in against_recipients(it))
    for direction, key in unspoken(it):
        named_in = (one.id for one in it.purposes if key in getattr(one, direction.value))
        where = next(named_in, direction.value)
        yield _lint(it, "category-in-no-statement", where, category=key, direction=direction)


def _claim(it: Declaration, code: str, claim: Claim) -> Lint:
    return _lint(it, code, claim.statement, category=claim.category, declared=claim.declared, other=claim.other)


def _purposes(it: Declaration) -> Iterator[Lint]:
    if not it.purposes and (it.to_app or it.to_chatgpt):
        yield _lint(it, "no-purposes", "privacy_declarations")
    roles = {one.name: one.role for one in it.recipients}
    for purpose in it.purposes:
        missing = {
            "name": not purpose.name,
            "use": not purpose.data_use,
            "categories": not (purpose.to_app or purpose.to_chatgpt),
            "subjects": not purpose.subjects,
            "basis": not purpose.legal_basis,
            "retention": not purpose.retention and purpose.ephemeral is not True,
            "roles": not (purpose.roles.organisation or purpose.roles.publisher),
        }
        for what, lacks in missing.items():
            if lacks:
                yield _lint(it, f"purpose-without-{what}", purpose.id)
        yield from _special(it, purpose)
        if purpose.shared is False and any(roles.get(name) != "processor" for name in purpose.recipients):
            yield _lint(it, "sharing-disagrees", purpose.id)
        if purpose.shared and not purpose.recipients:
            yield _lint(it, "shared-without-recipients", purpose.id)


def _special(it: Declaration, purpose: Purpose) -> Iterator[Lint]:
    keys = sorted({*purpose.to_app, *purpose.to_chatgpt})
    special = [key for key in keys if "art9" in taxonomy.flags(key)]
    if purpose.special_basis and not special:
        yield _lint(it, "exception-without-special", purpose.id)
    for key in [] if purpose.special_basis else special:
        yield _lint(it, "special-without-exception", purpose.id, category=key)


def _recipients(it: Declaration) -> Iterator[Lint]:
    in_purposes = {name for purpose in it.purposes for name in purpose.recipients}
    for number, recipient in enumerate(it.recipients, 1):
        where = f"recipient/{number}"
        if not recipient.country:
            yield _lint(it, "recipient-without-country", where)
        elif not countries.in_eea(recipient.country) and not any(
            one.country == recipient.country and one.recipient in ("", recipient.name) for one in it.transfers
        ):
            yield _lint(it, "recipient-outside-eea", where, country=recipient.country)
        if not recipient.role:
            yield _lint(it, "recipient-without-role", where)
        if it.purposes and recipient.name not in in_purposes:
            yield _lint(it, "recipient-without-purpose", where)


def _transfers(it: Declaration) -> Iterator[Lint]:
    for number, transfer in enumerate(it.transfers, 1):
        where = f"transfer/{number}"
        if countries.in_eea(transfer.country):
            yield _lint(it, "transfer-inside-eea", where, country=transfer.country)
            continue
        if not transfer.mechanism:
            yield _lint(it, "transfer-without-mechanism", where)
        if not (transfer.reference and transfer.date):
            yield _lint(it, "transfer-without-reference", where)


def _categories(it: Declaration) -> Iterator[Lint]:
    if not (it.to_app or it.to_chatgpt):
        yield _lint(it, "nothing-declared", "app")
    parents = {one.parent for one in taxonomy.categories()}
    for direction in Direction:
        served = {
            key for one in it.purposes for key in (one.to_app if direction is Direction.TO_APP else one.to_chatgpt)
        }
        for key in it.categories(direction):
            where = _place(it, direction, key)
            if it.purposes and key not in served:
                yield _lint(it, "category-without-purpose", where, category=key, direction=direction)
            if taxonomy.restricted(taxonomy.flags(key)):
                yield _lint(it, "restricted-category", where, category=key, direction=direction)
            elif taxonomy.is_within(key, "unknown"):
                yield _lint(it, "undetermined-category", where, category=key, direction=direction)
            elif key in parents and taxonomy.depth(key) < 2 and key not in _PRECISE:
                yield _lint(it, "wide-category", where, category=key, direction=direction)


def _place(it: Declaration, direction: Direction, key: str) -> str:
    """The first purpose that names the category, else the list at the top."""
    for one in it.purposes:
        if key in (one.to_app if direction is Direction.TO_APP else one.to_chatgpt):
            return one.id
    return direction.value


def _tools(it: Declaration) -> Iterator[Lint]:
    for tool in it.tools:
        if not tool.input_sha256:
            yield _lint(it, "tool-without-digest", f"tool/{tool.name}")
        for direction, places in ((Direction.TO_APP, tool.fields), (Direction.TO_CHATGPT, tool.output)):
            declared = it.categories(direction)
            for place in places:
                for key in place.categories:
                    if key != "none" and not any(covers(one, key) or key in found_as(one) for one in declared):
                        yield _lint(it, "field-beyond-categories", place.id, category=key, direction=direction)
