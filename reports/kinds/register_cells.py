"""The columns of the register: each cell of an activity, made once for the sheet and for the wide table."""

import json
from collections.abc import Callable, Collection, Iterator
from typing import Final

from douane.audit import adequacy
from douane.audit.countries import in_eea
from douane.audit.declaration import FIRST_PARTY, Organisation, Party
from douane.audit.exchange import Label
from douane.audit.fides import Kind
from douane.audit.message import Direction
from douane.reports import safe
from douane.reports.document import Blank, Cell
from douane.reports.kinds.activities import Beside, Part, recipients_of
from douane.reports.kinds.said import LONG, Said
from douane.reports.model import App, Flow

_FINDINGS: Final = (Label.PROHIBITED, Label.INCORRECT, Label.OMITTED, Label.AMBIGUOUS, Label.VAGUE)
_EXCHANGES: Final = 12


def who(said: Said, party: Party | None) -> str:
    """A party with what was declared of it, in a line."""
    if party is None:
        return said.phrase("missing")
    name = party.name or party.legal_name
    legal = party.legal_name if party.legal_name != name else ""
    return said.or_missing(", ".join(one for one in (name, legal, party.address, party.country, party.contact) if one))


def representative(said: Said, organisation: Organisation) -> str:
    """The representative (Art. 27) in a line; none is needed by an organisation in the European Economic Area."""
    if organisation.representative is None and in_eea(organisation.party.country):
        return said.phrase("representative.none")
    return who(said, organisation.representative)


def place(said: Said, name: str, country: str) -> str:
    """A name with its country."""
    shown = safe.plain(country) or said.phrase("country.missing")
    return said.say("party", name=said.or_missing(name), country=shown)


def hosts(said: Said, app: App, categories: Collection[str] | None = None) -> tuple[str, ...]:
    """The hosts that an app was seen to pass data on to, of these categories or of any, then those only named."""
    found = {one.host: one for one in app.onward if categories is None or one.category in categories}
    lines = [
        said.say("destination", host=safe.plain(host), whose=_whose(said, one.recipient))
        for host, one in sorted(found.items())
    ]
    lines += [
        said.say(
            *("destination.how", None),
            host=safe.plain(one.host),
            whose=_whose(said, one.recipient),
            how=said.phrase(f"sighted.{one.how}"),
        )
        for one in app.sighted
        if one.host not in found
    ]
    if not found and not app.egress:
        lines.append(said.phrase("destinations.unobservable"))
    return tuple(lines) or (said.phrase("destinations.none"),)


def _whose(said: Said, recipient: str) -> str:
    if recipient == FIRST_PARTY:
        return said.phrase("destination.we")
    return safe.plain(recipient) or said.phrase("destination.nobody")


def transfers(said: Said, part: Part) -> tuple[str, ...]:
    """The transfers that the declared roles make, those declared that no role explains, and what nobody assessed.

    ChatGPT's own leg is in every exchange, and no role or country of it is declared that could be judged.
    """
    lines: list[str] = []
    for one in part.exports:
        if one.basis is adequacy.Basis.NOT_NEEDED:
            continue
        text = safe.plain(one.says(said.lang), LONG)
        if one.transfer is not None and (one.transfer.reference or one.transfer.date):
            document = ", ".join(each for each in (one.transfer.reference, said.date(one.transfer.date)) if each)
            text = said.say("transfers.document", says=text, reference=safe.plain(document, LONG))
        lines.append(text)
    used = {one.transfer for one in part.exports}
    named = {one.name for one in part.recipients} | {""}
    for declared in part.declaration.transfers:
        if declared not in used and declared.recipient in named:
            mechanism = said.fides(Kind.MECHANISM, declared.mechanism)
            recipient = said.or_missing(declared.recipient)
            country = safe.plain(declared.country)
            lines.append(said.say("transfers.declared", country=country, mechanism=mechanism, recipient=recipient))
    if not lines:
        roles = part.purpose.roles
        lines.append(said.phrase("transfers.none" if roles.organisation or roles.publisher else "transfers.unknown"))
    lines.append(said.say("transfers.openai", region=said.or_missing(part.declaration.platform.region)))
    return tuple(dict.fromkeys(lines))


def findings(said: Said, part: Part) -> tuple[str, ...]:
    """How many of the part's disclosures stand under each headline that a person should look at."""
    labels = part.labels
    lines = [
        said.say("findings.line", label=said.phrase(f"label.{label.value}", labels.of(label)), n=labels.of(label))
        for label in _FINDINGS
        if labels.of(label)
    ]
    if labels.prohibited and (denied := sum(flow.denied for flow in part.flows)):
        lines.insert(1, said.say("headline.incorrect.all", denied))
    return tuple(lines) or (said.phrase("findings.none" if part.flows else "findings.unseen"),)


def missing(said: Said, part: Part) -> tuple[str, ...]:
    """The points that the declaration leaves out."""
    return tuple(said.phrase(f"lack.{name}") for name in part.missing) or (said.phrase("missing.none"),)


def _ref(said: Said, part: Part) -> Cell:
    return said.or_missing(part.purpose.register_ref)


def _app(said: Said, part: Part) -> Cell:
    declared = part.declaration
    publisher = declared.publisher.name or declared.publisher.legal_name
    return (safe.plain(declared.title or part.app.name), place(said, publisher, declared.publisher.country))


def _roles(said: Said, part: Part) -> Cell:
    roles = part.purpose.roles
    given = (("organisation", roles.organisation), ("publisher", roles.publisher), ("openai", roles.openai))
    return tuple(said.say(f"roles.{name}", role=said.role(role)) for name, role in given)


def _controller(said: Said, part: Part) -> Cell:
    one = part.declaration.organisation
    given = (("organisation", who(said, one.party)), ("representative", representative(said, one)))
    return tuple(said.say(f"controller.{name}", who=told) for name, told in (*given, ("dpo", who(said, one.dpo))))


def _use(said: Said, part: Part) -> Cell:
    features = json.loads(dict(part.purpose.carried).get("features", "[]"))
    return (said.fides(Kind.USE, part.purpose.data_use), *(safe.plain(str(one), LONG) for one in features))


def _exception(said: Said, part: Part) -> Cell:
    special = said.phrase("semicolon").join(_aside(said, flow) for flow in part.aside if flow.special)
    if part.purpose.special_basis or part.special:
        declared = said.fides(Kind.SPECIAL, part.purpose.special_basis)
        return (declared, said.say("exception.beside", what=special)) if special else declared
    return Blank(said.say("exception.open", what=special)) if special else said.phrase("exception.none")


def _declared(said: Said, part: Part) -> Cell:
    lines: list[str] = []
    for direction, keys in ((Direction.TO_APP, part.purpose.to_app), (Direction.TO_CHATGPT, part.purpose.to_chatgpt)):
        lines += [f"{name}, {said.way(direction)}" for name in said.categories(keys)]
    return said.or_missing_list(lines)


def _observed(said: Said, part: Part) -> Cell:
    lines = tuple(
        said.say(
            "observed.line",
            category=said.category(flow.category),
            way=said.way(flow.direction),
            n=flow.count,
            first=said.day(flow.first),
            last=said.day(flow.last),
        )
        for flow in part.flows
    )
    return lines or said.phrase("none.observed")


def _aside(said: Said, flow: Flow) -> str:
    """A category that no declared purpose of the app needs, as often as it was observed."""
    return said.say("aside.line", category=said.category(flow.category), way=said.way(flow.direction), n=flow.count)


def _sensitive(said: Said, part: Part) -> Cell:
    aside = tuple(said.say("aside.sensitive", what=_aside(said, flow)) for flow in part.aside)
    hows: dict[str, set[str]] = {}
    for one in part.delicate:
        hows.setdefault(one.category, set()).update(_how(one))
    if not hows:
        return (said.phrase("aside.none"), *aside) if aside else said.phrase("no")
    lines = [
        said.say(
            "sensitive.line",
            category=said.categories([key])[0],
            how=said.phrase(f"sensitive.{'both' if len(how) > 1 else next(iter(how))}"),
        )
        for key, how in sorted(hows.items())
    ]
    return (said.phrase("yes"), *lines, *aside)


def _how(one: Beside) -> Iterator[str]:
    if one.category in one.declared:
        yield "declared"
    if one.flow is not None:
        yield "observed"
    elif one.category not in one.declared:
        yield "declared"


def _source(said: Said, part: Part) -> Cell:
    ways = dict.fromkeys(one.direction for one in part.beside)
    return tuple(said.phrase(f"source.{way.value}") for way in Direction if way in ways) or said.phrase("missing")


def _recipients(said: Said, part: Part, *roles: str) -> Cell:
    declared = part.declaration
    lines = [place(said, one.name, one.country) for one in recipients_of(part, *roles)]
    if part.purpose.roles.publisher in roles and not adequacy.one_entity(declared):
        name = declared.publisher.name or declared.publisher.legal_name or declared.title or declared.app
        lines.insert(0, place(said, name, declared.publisher.country))
    if part.purpose.roles.openai in roles:
        lines.append(said.say("openai.region", region=said.or_missing(part.declaration.platform.region)))
    return tuple(lines) or said.phrase("none.declared")


def _destinations(said: Said, part: Part) -> Cell:
    return hosts(said, part.app, {one.category for one in part.beside if one.direction is Direction.TO_APP})


def _dpia(said: Said, part: Part) -> Cell:
    where = json.loads(dict(part.purpose.carried).get("impact_assessment_location", '""'))
    return said.say("dpia.at", where=safe.plain(str(where), LONG)) if where else said.blank("dpia.fill")


def _evidence(said: Said, part: Part) -> Cell:
    lines = [
        said.say("evidence.line", category=said.category(flow.category), exchange=str(one.exchange))
        for flow in part.flows
        for one in flow.places
    ]
    found = any(part.labels.of(label) for label in _FINDINGS)
    return tuple(dict.fromkeys(lines))[:_EXCHANGES] or said.phrase("evidence.unnamed" if found else "evidence.none")


def _dates(said: Said, part: Part) -> Cell:
    known = part.app.declared
    declared = part.declaration
    return said.say(
        "dates.line",
        file=safe.plain(declared.source),
        sha256=safe.plain(declared.sha256, 64),
        at=said.minute(known.loaded_at) if known else "—",
    )


COLUMNS: Final[tuple[tuple[str, Callable[[Said, Part], Cell]], ...]] = (
    ("ref", _ref),
    ("app", _app),
    ("roles", _roles),
    ("controller", _controller),
    ("purpose", lambda said, part: said.or_missing(part.purpose.name)),
    ("use", _use),
    ("basis", lambda said, part: said.fides(Kind.BASIS, part.purpose.legal_basis)),
    ("exception", _exception),
    (
        "subjects",
        lambda said, part: said.or_missing_list(said.fides(Kind.SUBJECT, one) for one in part.purpose.subjects),
    ),
    ("declared", _declared),
    ("observed", _observed),
    ("sensitive", _sensitive),
    ("source", _source),
    ("internal", lambda said, _: said.blank("internal.fill")),
    ("external", lambda said, part: _recipients(said, part, "controller", "joint")),
    ("processors", lambda said, part: _recipients(said, part, "processor")),
    ("roleless", lambda said, part: _recipients(said, part, "")),
    ("destinations", _destinations),
    ("transfers", transfers),
    ("retention", lambda said, part: said.duration(part.purpose.retention)),
    ("measures", lambda said, _: said.blank("measures.fill")),
    ("dpia", _dpia),
    ("findings", findings),
    ("evidence", _evidence),
    ("dates", _dates),
    ("created", lambda said, _: said.blank("created.fill")),
    ("missing.heading", missing),
)
"""Every column by the key of its heading, in the order of the CNIL's template and ours after it."""
