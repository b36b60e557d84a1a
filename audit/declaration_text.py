"""A Declaration back to a file: the plain data of the format, and YAML to edit. Pure module: no I/O."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from douane.audit.declaration import (
    Declaration,
    DeclaredField,
    DeclaredTool,
    Notice,
    Party,
    Provenance,
    Purpose,
    Recipient,
    Statement,
    Transfer,
)
from douane.audit.yamltext import Path
from douane.audit.yamlwrite import written


def plain(declaration: Declaration) -> dict[str, Any]:
    """The declaration as plain data in the shape of the file; what was not said is left out."""
    in_purposes = [set[str](), set[str]()]
    for purpose in declaration.purposes:
        in_purposes[0].update(purpose.to_app)
        in_purposes[1].update(purpose.to_chatgpt)
    organisation = declaration.organisation
    return {
        "douane_declaration": 1,
        "app": declaration.app,
        **_said(
            taxonomy=declaration.taxonomy,
            title=declaration.title,
            publisher=_party(declaration.publisher) or None,
            organisation=_said(
                controller=_party(organisation.party) or None,
                representative=_party(organisation.representative),
                dpo=_party(organisation.dpo),
            )
            or None,
            platform=_said(**asdict(declaration.platform)) or None,
            privacy_policy=_notice(declaration.policy, "fetched"),
            connection_information=_notice(declaration.connection, "shown_at"),
            to_app=[key for key in declaration.to_app if key not in in_purposes[0]],
            to_chatgpt=[key for key in declaration.to_chatgpt if key not in in_purposes[1]],
            privacy_declarations=[purpose_plain(purpose) for purpose in declaration.purposes],
            recipients=[recipient_plain(recipient) for recipient in declaration.recipients],
            transfers=[transfer_plain(transfer) for transfer in declaration.transfers],
            tools={tool.name: _tool(tool) for tool in declaration.tools} or None,
            provenance=provenance_plain(declaration.provenance),
        ),
    }


def yaml_of(declaration: Declaration, notes: Mapping[Path, str] | None = None, head: str = "") -> str:
    """The declaration as a YAML file. `notes` are comments by path (`("privacy_declarations", 0, "name")`).

    A note on a key that the declaration does not say makes that key stand there with nothing after it, to be filled
    in.
    """
    data = plain(declaration)
    for path in notes or {}:
        _make_room(data, path)
    return written(data, notes, head)


def purpose_plain(purpose: Purpose) -> dict[str, Any]:
    """A purpose in the shape of the file."""
    both = purpose.to_app == purpose.to_chatgpt
    return _said(
        name=purpose.name,
        data_use=purpose.data_use,
        data_categories=list(purpose.to_app) if both else [],
        to_app=[] if both else list(purpose.to_app),
        to_chatgpt=[] if both else list(purpose.to_chatgpt),
        data_subjects=list(purpose.subjects),
        legal_basis_for_processing=purpose.legal_basis,
        special_category_legal_basis=purpose.special_basis,
        retention_period=purpose.retention,
        roles=_said(**asdict(purpose.roles)) or None,
        recipients=list(purpose.recipients),
        register_ref=purpose.register_ref,
        shared=purpose.shared,
        ephemeral=purpose.ephemeral,
        optional=purpose.optional,
        provenance=provenance_plain(purpose.provenance),
    ) | {key: json.loads(text) for key, text in purpose.carried}


def recipient_plain(recipient: Recipient) -> dict[str, Any]:
    """A recipient in the shape of the file."""
    return _said(
        name=recipient.name,
        country=recipient.country,
        role=recipient.role,
        hosts=list(recipient.hosts),
        data_categories=list(recipient.categories),
        provenance=_provenance(recipient.provenance),
    )


def transfer_plain(transfer: Transfer) -> dict[str, Any]:
    """A transfer in the shape of the file."""
    return _said(
        country=transfer.country,
        mechanism=transfer.mechanism,
        reference=transfer.reference,
        date=transfer.date,
        recipient=transfer.recipient,
        provenance=_provenance(transfer.provenance),
    )


def provenance_plain(provenance: Iterable[Provenance]) -> list[dict[str, Any]]:
    """Provenances in the shape of the file."""
    return [_said(**asdict(one)) for one in provenance]


def _said(**facts: Any) -> dict[str, Any]:
    """The facts that were said. An empty mapping stays: a DPO of whom nothing is known is still a DPO."""
    return {key: fact for key, fact in facts.items() if fact is not None and fact != "" and fact != []}


def _party(party: Party | None) -> dict[str, Any] | None:
    return None if party is None else _said(**{**asdict(party), "hosts": list(party.hosts)})


def _provenance(provenance: Provenance | None) -> dict[str, Any] | None:
    return None if provenance is None else _said(**asdict(provenance))


def _notice(notice: Notice | None, day: str) -> dict[str, Any] | None:
    if notice is None:
        return None
    return _said(
        url=notice.url,
        sha256=notice.sha256,
        **{day: notice.date},
        lang=notice.lang,
        statements=[_statement(statement) for statement in notice.statements],
        controls=list(notice.controls),
    )


def _statement(statement: Statement) -> dict[str, Any]:
    directions = statement.directions
    return {
        "says": statement.says.value,
        "entity": statement.entity,
        "data_categories": list(statement.categories),
        **_said(quote=statement.quote, direction="" if len(directions) != 1 else directions[0].value),
    }


def _tool(tool: DeclaredTool) -> dict[str, Any]:
    return _said(
        input_schema_sha256=tool.input_sha256,
        fields={one.pointer: _field(one) for one in tool.fields} or None,
        output={one.pointer: _field(one) for one in tool.output} or None,
    )


def _field(one: DeclaredField) -> dict[str, Any]:
    return {
        "data_categories": list(one.categories),
        **_said(required=one.required, provenance=_provenance(one.provenance)),
    }


def _make_room(data: dict[str, Any], path: Path) -> None:
    """Let the key at `path` stand in `data`, where the mappings above it can be made."""
    here: Any = data
    for part in path[:-1]:
        if isinstance(here, dict):
            here = here.setdefault(part, {})
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        else:
            return
    if isinstance(here, dict) and isinstance(path[-1], str):
        here.setdefault(path[-1], None)
