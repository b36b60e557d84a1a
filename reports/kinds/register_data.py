"""The register for programs."""

from collections.abc import Mapping, Sequence
from typing import Any

from douane.audit.declaration import Declaration
from douane.reports import few
from douane.reports.kinds.activities import Activity, Beside, Part, Stray
from douane.reports.model import App, Flow


def data(
    sheets: Sequence[Activity],
    loose: Sequence[Stray],
    quiet: Sequence[App],
    declarations: Mapping[str, Declaration],
) -> dict[str, Any]:
    """The register for programs: keys of the taxonomy and of fides, names as they were declared, times ISO 8601."""
    told: dict[str, Any] = few.told(
        {
            "activities": [
                {"reference": sheet.reference or None, "parts": [_part_data(part) for part in sheet.parts]}
                for sheet in sheets
            ],
            "without_purpose": [
                {"app": one.app.name, "observed": [_flow_data(flow) for flow in one.flows]} for one in loose
            ],
            "apps_without_purpose": [{"app": app.name, "declaration": app.name in declarations} for app in quiet],
        }
    )
    return told


def _part_data(part: Part) -> dict[str, object]:
    purpose, declared = part.purpose, part.declaration
    return {
        "app": part.app.name,
        "purpose_id": purpose.id,
        "name": purpose.name or None,
        "data_use": purpose.data_use or None,
        "legal_basis": purpose.legal_basis or None,
        "special_basis": purpose.special_basis or None,
        "subjects": list(purpose.subjects),
        "retention": purpose.retention or None,
        "roles": {
            "organisation": purpose.roles.organisation or None,
            "publisher": purpose.roles.publisher or None,
            "openai": purpose.roles.openai or None,
        },
        "publisher": {"name": declared.publisher.name or None, "country": declared.publisher.country or None},
        "organisation": declared.organisation.party.name or declared.organisation.party.legal_name or None,
        "dpo": declared.organisation.dpo.name if declared.organisation.dpo else None,
        "recipients": [
            {"name": one.name, "country": one.country or None, "role": one.role or None} for one in part.recipients
        ],
        "transfers": [
            {
                "exporter": one.exporter,
                "importer": one.importer,
                "country": one.country or None,
                "basis": one.basis.value,
                "mechanism": one.transfer.mechanism if one.transfer else None,
                "reference": one.transfer.reference if one.transfer else None,
            }
            for one in part.exports
        ],
        "openai_leg": {"assessed": False, "region": declared.platform.region or None},
        "categories": [_beside_data(one) for one in part.beside],
        "observed_without_purpose": [_flow_data(flow) for flow in part.aside],
        "missing": list(part.missing),
        "declaration": {"file": declared.source, "sha256": declared.sha256},
    }


def _beside_data(one: Beside) -> dict[str, object]:
    return {
        "category": one.category,
        "direction": one.direction.value,
        "flags": list(one.flags),
        "declared_as": list(one.declared),
        "observed": _flow_data(one.flow) if one.flow else None,
    }


def _flow_data(flow: Flow) -> dict[str, object]:
    return {
        "category": flow.category,
        "direction": flow.direction.value,
        "disclosures": flow.count,
        "undeclared": flow.undeclared,
        "denied": flow.denied,
        "headline": flow.labels.worst.value,
        "first": flow.first,
        "last": flow.last,
        "exchanges": [one.exchange for one in flow.places],
    }
