"""A declaration as a fides manifest: one `system` with its `privacy_declarations`. Pure module: no I/O.

What fides has no key for stands in the system's `meta.douane`, so that `fides_import` gives back an equal
declaration. Source: fideslang 3.1, models System and PrivacyDeclaration.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from douane.audit import taxonomy
from douane.audit.declaration import Declaration, Purpose
from douane.audit.declaration_text import plain, purpose_plain
from douane.audit.fides import Kind, word
from douane.audit.yamlwrite import written

META = "douane"
SAME = (
    "name",
    "data_use",
    "data_subjects",
    "legal_basis_for_processing",
    "special_category_legal_basis",
    "retention_period",
)
"""Keys of a purpose that are fides' own."""
PUBLISHER = {"legal_name": "legal_name", "legal_address": "address", "dpo": "contact"}
"""Keys of a fides system, and what of the publisher they hold."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A manifest's text, and the keys of the declaration that fides has none for: they stand in `meta.douane`."""

    text: str
    beside: tuple[str, ...]


def fides_of(declaration: Declaration) -> Exported:
    """The declaration as a fides manifest (YAML)."""
    rest = plain(declaration)
    for key in ("douane_declaration", "app", "privacy_declarations"):
        rest.pop(key, None)
    system: dict[str, Any] = {"fides_key": declaration.app}
    if "title" in rest:
        system["name"] = rest.pop("title")
    system["system_type"] = "Service"
    publisher: dict[str, Any] = rest.pop("publisher", {})
    for theirs, ours in PUBLISHER.items():
        if ours in publisher:
            system[theirs] = publisher.pop(ours)
    if publisher:
        rest["publisher"] = publisher
    policy = rest.get("privacy_policy", {})
    if "url" in policy:
        system["privacy_policy"] = policy.pop("url")
    categories = {*declaration.to_app, *declaration.to_chatgpt} - {"none"}
    system |= {
        "processes_personal_data": bool(categories),
        "does_international_transfers": bool(declaration.transfers),
        "legal_basis_for_transfers": mechanisms(declaration),
        "privacy_declarations": [purpose_of_fides(one) for one in declaration.purposes if one.data_use],
    }
    beside = [_beside(one) for one in declaration.purposes]
    system["meta"] = {META: {"declaration": rest, "privacy_declarations": beside}}
    keys = sorted({*rest, *(f"privacy_declarations[].{key}" for one in beside for key in one)} - {"taxonomy"})
    return Exported(written({"system": [system]}), tuple(keys))


def purpose_of_fides(purpose: Purpose) -> dict[str, Any]:
    """A purpose as fides' `PrivacyDeclaration`."""
    said = purpose_plain(purpose)
    out = {key: said[key] for key in SAME if key in said}
    if purpose.subjects:
        out["data_subjects"] = subjects_known_to_fides(purpose.subjects)
    out["data_categories"] = known_to_fides({*purpose.to_app, *purpose.to_chatgpt})
    if purpose.shared is not None:
        out["data_shared_with_third_parties"] = purpose.shared
    if purpose.recipients:
        out["third_parties"] = third_parties(purpose.recipients)
    out["processes_special_category_data"] = special(purpose.to_app, purpose.to_chatgpt)
    carried = {key for key, _ in purpose.carried}
    return out | {key: said[key] for key in carried}


def known_to_fides(keys: Iterable[str]) -> list[str]:
    """The categories that fides knows: each of ours as the nearest one above it that is fides'."""
    found = set[str]()
    for key in keys:
        here: str | None = key
        while here is not None and ((known := taxonomy.category(here)) is None or known.origin != "fideslang"):
            here = here.rpartition(".")[0] or None
        if here is not None:
            found.add(here)
        elif key != "none":
            found.add("user")  # personal data of a kind that fides has no word for
    return sorted(found)


def subjects_known_to_fides(keys: Iterable[str]) -> list[str]:
    """The data subjects that fides knows, each once: one of ours (`child`) as the nearest that is fides'."""
    known = ((key, word(Kind.SUBJECT, key)) for key in keys)
    return list(dict.fromkeys(one.nearest if one is not None and one.nearest else key for key, one in known))


def third_parties(names: Iterable[str]) -> str:
    """Recipients as fides' one text."""
    return "; ".join(names)


def special(*several: Iterable[str]) -> bool:
    """Whether there are special categories (Art. 9) among the keys."""
    return any("art9" in taxonomy.flags(key) for keys in several for key in keys)


def mechanisms(declaration: Declaration) -> list[str]:
    """The mechanisms of transfer, each once."""
    return sorted({one.mechanism for one in declaration.transfers if one.mechanism})


def _beside(purpose: Purpose) -> Mapping[str, Any]:
    """What fides has no key for; the whole purpose where it has no data use, without which fides takes none."""
    said = purpose_plain(purpose)
    if not purpose.data_use:
        return {"whole": said}
    carried = sorted(key for key, _ in purpose.carried)
    taken = {*SAME, *carried, "shared"}
    if subjects_known_to_fides(purpose.subjects) != list(purpose.subjects):
        taken.remove("data_subjects")
    return {key: value for key, value in said.items() if key not in taken} | ({"carried": carried} if carried else {})
