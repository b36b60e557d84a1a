"""The declaration file: YAML or JSON text to a Declaration. Pure module: no I/O."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from douane.audit import entities, taxonomy, yamltext
from douane.audit.declaration import (
    Declaration,
    DeclaredField,
    DeclaredTool,
    Notice,
    Organisation,
    Party,
    Platform,
    Provenance,
    Purpose,
    Recipient,
    Roles,
    Says,
    Statement,
    Transfer,
)
from douane.audit.declaration_model import (
    APP_NAME,
    CARRIED,
    ConnectionEntry,
    DeclarationFile,
    FieldEntry,
    PartyEntry,
    PolicyEntry,
    ProvenanceEntry,
    PurposeEntry,
    RecipientEntry,
    StatementEntry,
    ToolEntry,
)
from douane.audit.declaration_values import HOST_NAME
from douane.audit.message import Direction
from douane.audit.yamltext import Document, Errors, Fault

__all__ = ["APP_NAME", "HOST_NAME", "DeclarationFile", "Errors", "RecipientEntry", "declared", "parse_declaration"]

_BOTH = (Direction.TO_APP, Direction.TO_CHATGPT)


def parse_declaration(text: str, name: str) -> Declaration | Errors:
    """The declaration that `text` holds (YAML or JSON), or every fault in it by line and column. Never raises.

    `name` is the file's name for messages. An unknown category, data use, legal basis… is a fault that suggests the
    nearest known one.
    """
    document = yamltext.parse(text, name)
    if isinstance(document, Errors):
        return document
    file = yamltext.read(document, DeclarationFile)
    if isinstance(file, Errors):  # told at once with the rest, not once the rest is mended
        return yamltext.ordered([*file.faults, *_reserved(document)])
    faults = [*_reserved(document), *_contradicted(file, document)]
    if faults:
        return yamltext.ordered(faults)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return declared(file, sha256=digest, source=name, lines=_lines(file, document))


def declared(
    file: DeclarationFile, *, sha256: str = "", source: str = "", lines: Mapping[str, int] | None = None
) -> Declaration:
    """What a file says, as a Declaration."""
    organisation = file.organisation
    purposes = tuple(_purpose(entry, number) for number, entry in enumerate(file.privacy_declarations, 1))
    return Declaration(
        app=file.app,
        to_app=_sorted(file.to_app, *(purpose.to_app for purpose in purposes)),
        to_chatgpt=_sorted(file.to_chatgpt, *(purpose.to_chatgpt for purpose in purposes)),
        recipients=tuple(
            Recipient(r.name, r.country, r.role, r.hosts, _once(r.data_categories), _provenance(r.provenance))
            for r in file.recipients
        ),
        sha256=sha256,
        source=source,
        taxonomy=taxonomy.VERSION,
        title=file.title,
        publisher=_party(file.publisher),
        organisation=Organisation(
            _party(organisation.controller),
            None if organisation.representative is None else _party(organisation.representative),
            None if organisation.dpo is None else _party(organisation.dpo),
        ),
        platform=Platform(**file.platform.model_dump()),
        policy=None if file.privacy_policy is None else _policy(file.privacy_policy),
        connection=None if file.connection_information is None else _connection(file.connection_information),
        purposes=purposes,
        tools=tuple(_tool(name, entry) for name, entry in file.tools.items()),
        transfers=tuple(
            Transfer(t.country, t.mechanism, t.reference or t.ref, t.date, t.recipient, _provenance(t.provenance))
            for t in file.transfers
        ),
        provenance=_provenances(file.provenance),
        lines=lines or {},
    )


def _once(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys))


def _sorted(*several: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({key for keys in several for key in keys}))


def _party(entry: PartyEntry) -> Party:
    return Party(**entry.model_dump())


def _provenance(entry: ProvenanceEntry | None) -> Provenance | None:
    return None if entry is None else Provenance(**entry.model_dump())


def _provenances(entries: Sequence[ProvenanceEntry]) -> tuple[Provenance, ...]:
    return tuple(Provenance(**entry.model_dump()) for entry in entries)


def _policy(entry: PolicyEntry) -> Notice:
    said = _statements("policy", entry.statements)
    return Notice(entry.url, entry.sha256, entry.fetched, entry.lang, said, entry.controls)


def _connection(entry: ConnectionEntry) -> Notice:
    digest = entry.sha256 or entry.text_sha256
    return Notice(entry.url, digest, entry.shown_at, entry.lang, _statements("connection", entry.statements))


def _statements(what: str, entries: Sequence[StatementEntry]) -> tuple[Statement, ...]:
    return tuple(
        Statement(
            id=f"{what}/{number}",
            says=Says(entry.says),
            entity=entry.entity,
            categories=_once(entry.data_categories),
            quote=entry.quote,
            directions=_BOTH if entry.direction == "both" else (Direction(entry.direction),),
        )
        for number, entry in enumerate(entries, 1)
    )


def _purpose(entry: PurposeEntry, number: int) -> Purpose:
    carried = {key: value for key in CARRIED if (value := getattr(entry, key)) is not None}
    shared = entry.data_shared_with_third_parties if entry.shared is None else entry.shared
    return Purpose(
        id=f"purpose/{number}",
        name=entry.name,
        data_use=entry.data_use,
        to_app=_sorted(entry.data_categories, entry.to_app),
        to_chatgpt=_sorted(entry.data_categories, entry.to_chatgpt),
        subjects=_once(entry.data_subjects),
        legal_basis=entry.legal_basis_for_processing,
        special_basis=entry.special_category_legal_basis,
        retention=entry.retention_period,
        roles=Roles(**entry.roles.model_dump()),
        recipients=_once(entry.recipients),
        register_ref=entry.register_ref,
        shared=shared,
        ephemeral=entry.ephemeral,
        optional=entry.optional,
        provenance=_provenances(entry.provenance),
        carried=tuple((key, json.dumps(carried[key], ensure_ascii=False, sort_keys=True)) for key in sorted(carried)),
    )


def _tool(name: str, entry: ToolEntry) -> DeclaredTool:
    return DeclaredTool(
        name,
        entry.input_schema_sha256,
        _fields(f"tool/{name}/fields", entry.fields),
        _fields(f"tool/{name}/output", entry.output),
    )


def _fields(above: str, entries: Mapping[str, FieldEntry]) -> tuple[DeclaredField, ...]:
    return tuple(
        DeclaredField(above + at, at, _once(one.data_categories), one.required, _provenance(one.provenance))
        for at, one in entries.items()
    )


def _reserved(document: Document) -> Iterator[Fault]:
    """Recipients that are called as the first party, anyone or third parties at large are, in a file as it stands."""
    data = document.data if isinstance(document.data, Mapping) else {}
    publisher = data.get("publisher")
    named = publisher if isinstance(publisher, Mapping) else {"name": publisher}
    own = (data.get("app"), data.get("title"), named.get("name"), named.get("legal_name"))
    listed = data.get("recipients")
    for number, recipient in enumerate(listed if isinstance(listed, list | tuple) else ()):
        name = recipient.get("name") if isinstance(recipient, Mapping) else recipient
        if isinstance(name, str) and entities.reserved(name, [one for one in own if isinstance(one, str)]):
            remedy = "Write the recipient's own name. What stays with the publisher has no recipient."
            says = "stands for the app, its publisher, anyone or third parties"
            yield document.fault(("recipients", number, "name"), says, remedy)


def _contradicted(file: DeclarationFile, document: Document) -> Iterator[Fault]:
    """What is well written and cannot be meant: names that stand for nothing, or for two things."""
    known: set[str] = set()
    for number, recipient in enumerate(file.recipients):
        if recipient.name in known:
            yield document.fault(
                ("recipients", number), "a recipient of this name stands above", "Keep one of the two."
            )
        known.add(recipient.name)
    remedy = "Write the name as it stands under `recipients:`, or add the recipient there."
    for number, purpose in enumerate(file.privacy_declarations):
        for at, name in enumerate(purpose.recipients):
            if name not in known:
                yield document.fault(
                    ("privacy_declarations", number, "recipients", at), "no recipient has this name", remedy
                )
    for number, transfer in enumerate(file.transfers):
        if transfer.recipient and transfer.recipient not in known:
            yield document.fault(("transfers", number, "recipient"), "no recipient has this name", remedy)
        if transfer.reference and transfer.ref and transfer.reference != transfer.ref:
            yield document.fault(("transfers", number, "ref"), "says another thing than `reference`", "Keep one.")
    connection = file.connection_information
    if connection is not None and connection.sha256 and connection.text_sha256 not in ("", connection.sha256):
        yield document.fault(("connection_information", "text_sha256"), "says another thing than `sha256`", "Keep one.")


def _lines(file: DeclarationFile, document: Document) -> dict[str, int]:
    """The line of every part that a finding can point to."""
    lines = {key: document.position((key,), at_key=True)[0] for key in document.data}
    for what, key in (("purpose", "privacy_declarations"), ("recipient", "recipients"), ("transfer", "transfers")):
        for number in range(len(getattr(file, key))):
            lines[f"{what}/{number + 1}"] = document.position((key, number))[0]
    for what, key in (("policy", "privacy_policy"), ("connection", "connection_information")):
        notice = getattr(file, key)
        for number in range(0 if notice is None else len(notice.statements)):
            lines[f"{what}/{number + 1}"] = document.position((key, "statements", number))[0]
    for name, tool in file.tools.items():
        lines[f"tool/{name}"] = document.position(("tools", name), at_key=True)[0]
        for part in ("fields", "output"):
            for pointer in getattr(tool, part):
                line = document.position(("tools", name, part, pointer), at_key=True)[0]
                lines[f"tool/{name}/{part}{pointer}"] = line
    return lines
