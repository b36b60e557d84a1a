"""What changed between two declarations of an app, in words. Pure module: no I/O."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from douane.audit import fides
from douane.audit.declaration import (
    Declaration,
    DeclaredTool,
    Notice,
    Party,
    Platform,
    Purpose,
    Recipient,
    Roles,
    Statement,
    Transfer,
)
from douane.audit.declaration_lint import named
from douane.audit.message import Direction
from douane.audit.rules.base import Text


class Kind(StrEnum):
    """What happened to a part."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `part` is what changed (`to_app`, `purpose`, `recipient`, …).

    Names in `says` are as their author wrote them, to be made harmless where they are shown.
    """

    kind: Kind
    part: str
    says: Text


_NOT_SAID = Text("not said", "non indiqué")
_LISTS = {
    Direction.TO_APP: Text("to the app", "vers l’application"),
    Direction.TO_CHATGPT: Text("to ChatGPT", "vers ChatGPT"),
}
_KEYS: dict[str, Text] = {
    "title": Text("title", "nom de l’application"),
    "name": Text("name", "nom"),
    "legal_name": Text("legal name", "dénomination"),
    "address": Text("address", "adresse"),
    "country": Text("country", "pays"),
    "contact": Text("contact", "contact"),
    "hosts": Text("hosts", "hôtes"),
    "plan": Text("plan", "offre"),
    "contract": Text("contract", "contrat"),
    "region": Text("region", "région"),
    "retention": Text("retention", "durée de conservation"),
    "training_use": Text("use for training", "usage pour l’entraînement"),
    "source": Text("source", "source"),
    "date": Text("date", "date"),
    "data_use": Text("data use", "usage"),
    "to_app": Text("categories to the app", "catégories vers l’application"),
    "to_chatgpt": Text("categories to ChatGPT", "catégories vers ChatGPT"),
    "subjects": Text("data subjects", "personnes concernées"),
    "legal_basis": Text("legal basis", "base légale"),
    "special_basis": Text("exception of Art. 9(2)", "exception de l’art. 9, par. 2"),
    "recipients": Text("recipients", "destinataires"),
    "register_ref": Text("number in the register", "numéro au registre"),
    "shared": Text("shared with third parties", "partage avec des tiers"),
    "ephemeral": Text("kept only while a request is served", "conservation le temps de la requête"),
    "optional": Text("may be refused", "facultatif"),
    "organisation": Text("role of the organisation", "rôle de l’organisme"),
    "publisher": Text("role of the publisher", "rôle de l’éditeur"),
    "openai": Text("role of OpenAI", "rôle d’OpenAI"),
    "role": Text("role", "rôle"),
    "categories": Text("categories", "catégories"),
    "mechanism": Text("mechanism", "mécanisme"),
    "reference": Text("document", "document"),
    "url": Text("URL", "URL"),
    "lang": Text("language", "langue"),
    "input_sha256": Text("schema", "schéma"),
    "required": Text("required", "obligatoire"),
    "quote": Text("sentence", "phrase"),
}
_WORDS = {"data_use": fides.Kind.USE, "legal_basis": fides.Kind.BASIS, "special_basis": fides.Kind.SPECIAL}
_CATEGORY_KEYS = ("to_app", "to_chatgpt", "categories")


def changes(old: Declaration, new: Declaration) -> tuple[Change, ...]:
    """Every difference in what the two say, in the order of the file; none for the same words written otherwise."""
    return (
        *_facts("app", Text("The app", "L’application"), {"title": old.title}, {"title": new.title}),
        *_party("publisher", Text("The publisher", "L’éditeur"), old.publisher, new.publisher),
        *_organisation(old, new),
        *_facts("platform", Text("The platform", "La plateforme"), _of(old.platform), _of(new.platform)),
        *_notice(
            "privacy_policy", Text("The privacy policy", "La politique de confidentialité"), old.policy, new.policy
        ),
        *_notice(
            "connection_information",
            Text("The information at connection", "L’information à la connexion"),
            old.connection,
            new.connection,
        ),
        *_categories(old, new),
        *_purposes(old.purposes, new.purposes),
        *_recipients(old.recipients, new.recipients),
        *_transfers(old.transfers, new.transfers),
        *_tools(old.tools, new.tools),
    )


def _of(value: Party | Platform | Roles) -> dict[str, Any]:
    return {one.name: getattr(value, one.name) for one in fields(value)}


def _categories(old: Declaration, new: Declaration) -> Iterator[Change]:
    for direction in Direction:
        before, after = old.categories(direction), new.categories(direction)
        way = _LISTS[direction]
        for key in (key for key in after if key not in before):
            yield Change(
                Kind.ADDED,
                direction.value,
                Text(
                    f"Category {way.en}: {named(key, 'en')} is now declared.",
                    f"Catégorie {way.fr} : {named(key, 'fr')} est désormais déclarée.",
                ),
            )
        for key in (key for key in before if key not in after):
            yield Change(
                Kind.REMOVED,
                direction.value,
                Text(
                    f"Category {way.en}: {named(key, 'en')} is no longer declared.",
                    f"Catégorie {way.fr} : {named(key, 'fr')} n’est plus déclarée.",
                ),
            )


def _facts(part: str, who: Text, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for key, after in new.items():
        before = old[key]
        if before == after:
            continue
        label = _KEYS[key]
        yield Change(
            Kind.CHANGED,
            part,
            Text(
                f"{who.en}: {label.en}: from {_value(key, before, 'en')} to {_value(key, after, 'en')}.",
                f"{who.fr} : {label.fr} : {_value(key, before, 'fr')} → {_value(key, after, 'fr')}.",
            ),
        )


def _value(key: str, value: Any, lang: str) -> str:
    if value is None or value == "" or value == ():
        return _NOT_SAID.of(lang)
    if isinstance(value, bool):
        return Text("yes", "oui").of(lang) if value else Text("no", "non").of(lang)
    if isinstance(value, tuple):
        items = [str(item) for item in value]
        return ", ".join(named(item, lang) if key in _CATEGORY_KEYS else item for item in items)
    word = fides.word(_WORDS[key], value) if key in _WORDS else None
    if word is not None:
        return word.name(lang)
    return f"{value[:12]}…" if key == "input_sha256" else str(value)


def _come_and_gone(part: str, what: Text, came: Iterable[str], went: Iterable[str]) -> Iterator[Change]:
    for name in came:
        yield Change(Kind.ADDED, part, Text(f"{what.en} {_en(name)} is new.", f"{what.fr} {_fr(name)} est nouveau."))
    for name in went:
        yield Change(
            Kind.REMOVED, part, Text(f"{what.en} {_en(name)} is gone.", f"{what.fr} {_fr(name)} a été retiré.")
        )


def _en(name: str) -> str:
    return f"“{name}”"


_ENTITIES = {"we": "nous", "third party": "tiers", "anyone": "quiconque", "first party": "nous"}


def _fr(name: str) -> str:
    return f"« {name} »"


def _party(part: str, who: Text, old: Party | None, new: Party | None) -> Iterator[Change]:
    if old is not None and new is not None:
        yield from _facts(part, who, _of(old), _of(new))
    elif new is not None:
        yield Change(Kind.ADDED, part, Text(f"{who.en} is now named.", f"{who.fr} : désormais indiqué."))
    elif old is not None:
        yield Change(Kind.REMOVED, part, Text(f"{who.en} is no longer named.", f"{who.fr} : n’est plus indiqué."))


def _organisation(old: Declaration, new: Declaration) -> Iterator[Change]:
    before, after = old.organisation, new.organisation
    yield from _party("organisation", Text("The organisation", "L’organisme"), before.party, after.party)
    who = Text("The representative", "Le représentant")
    yield from _party("organisation", who, before.representative, after.representative)
    who = Text("The data protection officer", "Le délégué à la protection des données")
    yield from _party("organisation", who, before.dpo, after.dpo)


def _notice(part: str, who: Text, old: Notice | None, new: Notice | None) -> Iterator[Change]:
    if old is None or new is None:
        if new is not None:
            yield Change(Kind.ADDED, part, Text(f"{who.en} is new.", f"{who.fr} : nouvelle."))
            yield from _statements(part, who, (), new.statements)
        elif old is not None:
            yield Change(Kind.REMOVED, part, Text(f"{who.en} is gone.", f"{who.fr} : retirée."))
            yield from _statements(part, who, old.statements, ())
        return
    facts = [{"url": one.url, "lang": one.lang, "date": one.date} for one in (old, new)]
    yield from _facts(part, who, facts[0], facts[1])
    if old.sha256 != new.sha256:
        yield Change(Kind.CHANGED, part, Text(f"{who.en}: the text is another one.", f"{who.fr} : le texte a changé."))
    yield from _statements(part, who, old.statements, new.statements)
    if set(old.controls) != set(new.controls):
        before, now = len(old.controls), len(new.controls)
        yield Change(
            Kind.CHANGED,
            part,
            Text(
                f"{who.en}: the controls offered to people are others ({before} before, {now} now).",
                f"{who.fr} : les moyens d’action offerts ont changé ({before} avant, {now} désormais).",
            ),
        )


def _statements(part: str, who: Text, old: tuple[Statement, ...], new: tuple[Statement, ...]) -> Iterator[Change]:
    before, after = ({_claim(one): one for one in all_of} for all_of in (old, new))
    for key, one in after.items():
        if key not in before:
            yield Change(Kind.ADDED, part, _said(who, one, Text("now says", "dit désormais")))
        elif before[key].quote != one.quote:
            yield Change(Kind.CHANGED, part, _said(who, one, Text("says in other words", "dit en d’autres termes")))
    for key, one in before.items():
        if key not in after:
            yield Change(Kind.REMOVED, part, _said(who, one, Text("no longer says", "ne dit plus")))


def _claim(one: Statement) -> tuple[Any, ...]:
    return one.says, one.entity.casefold(), tuple(sorted(one.categories)), one.directions


def _said(who: Text, one: Statement, verb: Text) -> Text:
    collects = one.says.value == "collects"
    en = ", ".join(named(key, "en") for key in one.categories)
    fr = ", ".join(named(key, "fr") for key in one.categories)
    who_fr = _ENTITIES.get(one.entity.casefold(), one.entity)
    return Text(
        f"{who.en} {verb.en}: {_en(one.entity)} {'collects' if collects else 'does not collect'} {en}.",
        f"{who.fr} {verb.fr} : {_fr(who_fr)}, {'collecte de' if collects else 'pas de collecte de'} {fr}.",
    )


def _by_name[T](old: Iterable[T], new: Iterable[T], key: Any) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """The parts that stand in both, those that came, those that went. Parts of one name pair in their order."""
    left: dict[Any, list[T]] = {}
    for one in old:
        left.setdefault(key(one), []).append(one)
    both: list[tuple[T, T]] = []
    came: list[T] = []
    for one in new:
        waiting = left.get(key(one))
        if waiting:
            both.append((waiting.pop(0), one))
        else:
            came.append(one)
    return both, came, [one for waiting in left.values() for one in waiting]


def _purposes(old: tuple[Purpose, ...], new: tuple[Purpose, ...]) -> Iterator[Change]:
    both, came, went = _by_name(old, new, lambda one: one.name)
    what = Text("Purpose", "Finalité")
    for before, after in both:
        who = Text(f"Purpose {_en(after.name or after.id)}", f"Finalité {_fr(after.name or after.id)}")
        yield from _facts("purpose", who, _purpose(before), _purpose(after))
        yield from _facts("purpose", who, _of(before.roles), _of(after.roles))
    yield from _come_and_gone(
        "purpose", what, [one.name or one.id for one in came], [one.name or one.id for one in went]
    )


def _purpose(one: Purpose) -> dict[str, Any]:
    apart = ("id", "name", "roles", "provenance", "carried")
    return {each.name: getattr(one, each.name) for each in fields(one) if each.name not in apart}


def _recipients(old: tuple[Recipient, ...], new: tuple[Recipient, ...]) -> Iterator[Change]:
    both, came, went = _by_name(old, new, lambda one: one.name)
    for before, after in both:
        who = Text(f"Recipient {_en(after.name)}", f"Destinataire {_fr(after.name)}")
        keys = ("country", "role", "hosts", "categories")
        facts = [{key: getattr(one, key) for key in keys} for one in (before, after)]
        yield from _facts("recipient", who, facts[0], facts[1])
    what = Text("Recipient", "Destinataire")
    yield from _come_and_gone("recipient", what, [one.name for one in came], [one.name for one in went])


def _transfers(old: tuple[Transfer, ...], new: tuple[Transfer, ...]) -> Iterator[Change]:
    both, came, went = _by_name(old, new, lambda one: (one.country, one.recipient))
    for before, after in both:
        name = _transfer(after)
        who = Text(f"Transfer {_en(name)}", f"Transfert {_fr(name)}")
        keys = ("mechanism", "reference", "date")
        facts = [{key: getattr(one, key) for key in keys} for one in (before, after)]
        yield from _facts("transfer", who, facts[0], facts[1])
    what = Text("Transfer", "Transfert")
    yield from _come_and_gone("transfer", what, [_transfer(one) for one in came], [_transfer(one) for one in went])


def _transfer(one: Transfer) -> str:
    return f"{one.country}: {one.recipient}" if one.recipient else one.country


def _tools(old: tuple[DeclaredTool, ...], new: tuple[DeclaredTool, ...]) -> Iterator[Change]:
    both, came, went = _by_name(old, new, lambda one: one.name)
    for before, after in both:
        who = Text(f"Tool {_en(after.name)}", f"Outil {_fr(after.name)}")
        yield from _facts("tool", who, {"input_sha256": before.input_sha256}, {"input_sha256": after.input_sha256})
        for what, here, there in (
            (Text("argument", "argument"), before.fields, after.fields),
            (Text("answer", "réponse"), before.output, after.output),
        ):
            stayed, new_fields, old_fields = _by_name(here, there, lambda one: one.pointer)
            field = Text(f"{who.en}, {what.en}", f"{who.fr}, {what.fr}")
            for one, other in stayed:
                about = Text(f"{field.en} {other.pointer}", f"{field.fr} {other.pointer}")
                facts = [{"categories": each.categories, "required": each.required} for each in (one, other)]
                yield from _facts("tool", about, facts[0], facts[1])
            pointers = ([one.pointer for one in new_fields], [one.pointer for one in old_fields])
            yield from _come_and_gone("tool", field, *pointers)
    what = Text("Tool", "Outil")
    yield from _come_and_gone("tool", what, [one.name for one in came], [one.name for one in went])
