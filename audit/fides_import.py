"""A fides manifest (`system` with `privacy_declarations`) to a declaration. Pure module: no I/O.

Where `fides_export` left `meta.douane`, an equal declaration comes back; what was changed in Fides since holds.
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from douane.audit import yamltext
from douane.audit.declaration_file import declared
from douane.audit.declaration_model import APP_NAME, CARRIED, DeclarationFile, PurposeEntry
from douane.audit.fides_export import (
    META,
    PUBLISHER,
    SAME,
    known_to_fides,
    mechanisms,
    special,
    subjects_known_to_fides,
    third_parties,
)
from douane.audit.imported import Imported, Unmapped
from douane.audit.rules.base import Text
from douane.audit.yamltext import Document, Errors

_NO_PLACE = Text("a declaration has no place for it", "sans équivalent dans une déclaration")
_REFUSED = Text("not a value that a declaration takes", "valeur non admise dans une déclaration")
_BOTH_WAYS = Text(
    "fides does not say which way data go: taken for both ways",
    "fides n’indique pas le sens de circulation : repris dans les deux sens",
)
_CHANGED = Text(
    "changed since the export: what was noted beside it in meta.douane was left out",
    "modifié depuis l’export : ce que meta.douane notait à côté a été laissé de côté",
)
_UNLIKE = Text("not what the rest of the file says", "ne correspond pas au reste du fichier")
_DEFAULTS: Final[tuple[Any, ...]] = (None, "", False, [], {})
_READ: Final = {
    "fides_key", "name", "system_type", "privacy_declarations", "privacy_policy", "meta", *PUBLISHER,
    "does_international_transfers", "legal_basis_for_transfers", "processes_personal_data",
}  # fmt: skip
_USUAL: Final = {"organization_fides_key": "default_organization", "administrating_department": "Not defined"}
_SPAN: Final = re.compile(r"\s*(\d{1,5})\s*(day|week|month|year)s?\s*\Z", re.IGNORECASE)


def read_fides(text: str, name: str, app: str = "", system: str = "") -> Imported | Errors:
    """The declaration of a system in a fides manifest (YAML or JSON). Never raises.

    `system` is its `fides_key`, needed where the manifest has several; `app` is what the app is called here, the
    `fides_key` where empty.
    """
    document = yamltext.parse(text, name)
    if isinstance(document, Errors):
        return document
    chosen = _chosen(document, system)
    if isinstance(chosen, Errors):
        return chosen
    found, at = chosen
    called = app or found.get("fides_key")
    if not isinstance(called, str) or not re.fullmatch(APP_NAME, called):
        remedy = "Say what the app is called: --app NAME."
        return Errors((document.fault((*at, "fides_key"), "no name that an app can have", remedy),))
    unmapped: list[Unmapped] = []
    data = _assembled(found, unmapped)
    file = _taken(DeclarationFile, {**data, "douane_declaration": 1, "app": called}, "", unmapped)
    declaration = declared(_with_known_recipients(file, unmapped))
    said = found.get("legal_basis_for_transfers") or []
    if not isinstance(said, list) or sorted(str(one) for one in said) != mechanisms(declaration):
        unmapped.append(Unmapped("legal_basis_for_transfers", _UNLIKE))
    elif bool(found.get("does_international_transfers")) != bool(declaration.transfers):
        unmapped.append(Unmapped("does_international_transfers", _UNLIKE))
    return Imported(declaration, tuple(dict.fromkeys(unmapped)))


def _chosen(document: Document, key: str) -> tuple[dict[str, Any], tuple[str | int, ...]] | Errors:
    data = document.data
    systems = data.get("system") if isinstance(data, dict) else None
    if isinstance(data, dict) and "douane_declaration" in data:
        return Errors((document.fault(("douane_declaration",), "this is a declaration already", "Use it as it is."),))
    if isinstance(data, dict) and systems is None and "privacy_declarations" in data:
        return data, ()
    if isinstance(systems, dict):
        systems = [systems]
    listed = systems if isinstance(systems, list) else []
    found = [(one, ("system", number)) for number, one in enumerate(listed) if isinstance(one, dict)]
    wanted = [one for one in found if not key or one[0].get("fides_key") == key]
    if len(wanted) == 1:
        return wanted[0]
    if not found:
        return Errors((document.fault((), "no system of fides in this file", "Name a manifest with `system:`."),))
    problem = "several systems stand here" if not key else "no one system has this key"
    return Errors((document.fault(("system",), problem, "Choose one by its fides_key: --system KEY."),))


def _with_known_recipients(file: DeclarationFile, unmapped: list[Unmapped]) -> DeclarationFile:
    known = {one.name for one in file.recipients}
    kept: list[PurposeEntry] = []
    for number, one in enumerate(file.privacy_declarations):
        names = tuple(name for name in one.recipients if name in known)
        if names != one.recipients:
            unmapped.append(Unmapped(f"privacy_declarations[{number}].recipients", _UNLIKE))
        kept.append(one.model_copy(update={"recipients": names}))
    transfers = tuple(one for one in file.transfers if one.recipient in ("", *known))
    if transfers != file.transfers:
        unmapped.append(Unmapped("transfers", _UNLIKE))
    return file.model_copy(update={"privacy_declarations": tuple(kept), "transfers": transfers})


def _assembled(system: Mapping[str, Any], unmapped: list[Unmapped]) -> dict[str, Any]:
    """The system in the shape of a declaration file."""
    meta = system.get("meta")
    ours = meta.get(META) if isinstance(meta, dict) else None
    beside = ours if isinstance(ours, dict) else {}
    if isinstance(meta, dict) and set(meta) - {META}:
        unmapped.append(Unmapped("meta", _NO_PLACE))
    top = beside.get("declaration")
    data: dict[str, Any] = deepcopy(top) if isinstance(top, dict) else {}
    for key, value in system.items():
        if key not in _READ and value not in _DEFAULTS and value != _USUAL.get(key):
            unmapped.append(Unmapped(yamltext.spell((key,)), _NO_PLACE))
    if system.get("name"):
        data["title"] = system["name"]
    publisher = data.get("publisher")
    known = {theirs: system[theirs] for theirs in PUBLISHER if system.get(theirs)}
    if known:
        party = publisher if isinstance(publisher, dict) else {}
        data["publisher"] = {**party, **{PUBLISHER[theirs]: value for theirs, value in known.items()}}
    if system.get("privacy_policy"):
        policy = data.get("privacy_policy")
        data["privacy_policy"] = {**(policy if isinstance(policy, dict) else {}), "url": system["privacy_policy"]}
    data["privacy_declarations"] = _purposes(system.get("privacy_declarations"), beside, unmapped)
    return data


def _purposes(entries: Any, beside: Mapping[str, Any], unmapped: list[Unmapped]) -> list[dict[str, Any]]:
    found = [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    noted = beside.get("privacy_declarations")
    notes = [one for one in noted if isinstance(one, dict)] if isinstance(noted, list) else []
    if len([one for one in notes if "whole" not in one]) != len(found):
        if notes:
            unmapped.append(Unmapped("privacy_declarations", _CHANGED))
        notes = [*({} for _ in found), *(one for one in notes if "whole" in one)]
    left = iter(enumerate(found))
    out: list[dict[str, Any]] = []
    for note in notes:
        if "whole" in note:
            whole = note["whole"] if isinstance(note["whole"], dict) else {}
            out.append(plain_entry(whole, "meta.douane", unmapped))
            continue
        number, entry = next(left)
        out.append(_purpose(entry, note, f"privacy_declarations[{number}]", unmapped))
    return out


def _purpose(entry: Mapping[str, Any], note: Mapping[str, Any], where: str, unmapped: list[Unmapped]) -> dict[str, Any]:
    said = {key: deepcopy(value) for key, value in entry.items() if value is not None}
    strange = [key for key in said if key not in PurposeEntry.model_fields]
    strange = [key for key in strange if said.pop(key) not in _DEFAULTS]
    unmapped += [Unmapped(f"{where}.{yamltext.spell((key,))}", _NO_PLACE) for key in strange]
    more = {key: deepcopy(value) for key, value in note.items() if key not in (*SAME, "carried")}
    carried = note.get("carried")
    kept = carried if isinstance(carried, list) else []
    exact = {one: [key for key in more.get(one) or [] if isinstance(key, str)] for one in _WAYS}
    keys = sorted({key for one in exact.values() for key in one})
    theirs = said.pop("data_categories", [])
    listed = sorted(str(key) for key in theirs) if isinstance(theirs, list) else []
    if note and listed == known_to_fides(keys):
        said |= {one: more[one] for one in _WAYS if one in more}
    else:
        said["data_categories"] = theirs
        unmapped.append(Unmapped(f"{where}.data_categories", _CHANGED if note else _BOTH_WAYS))
    for one in _WAYS:
        more.pop(one, None)
    ours = [key for key in note.get("data_subjects") or [] if isinstance(key, str)]
    if ours and subjects_known_to_fides(ours) == said.get("data_subjects"):
        said["data_subjects"] = ours
    elif ours:
        unmapped.append(Unmapped(f"{where}.data_subjects", _CHANGED))
    names = [name for name in more.get("recipients") or [] if isinstance(name, str)]
    if "third_parties" not in kept and names and said.get("third_parties") == third_parties(names):
        said.pop("third_parties")
    elif "third_parties" not in kept and names:
        unmapped.append(Unmapped(f"{where}.third_parties", _CHANGED))
        more.pop("recipients")
    if "processes_special_category_data" not in kept and said.get("processes_special_category_data") == special(keys):
        said.pop("processes_special_category_data")
    for key in CARRIED:  # what fides writes where nothing was said
        if key not in kept and said.get(key) in _DEFAULTS:
            said.pop(key, None)
    span = _SPAN.match(said["retention_period"]) if isinstance(said.get("retention_period"), str) else None
    if span is not None:
        said["retention_period"] = f"P{int(span[1])}{span[2][0].upper()}"
    return plain_entry(more | said, where, unmapped)


_WAYS = ("data_categories", "to_app", "to_chatgpt")


def plain_entry(entry: Mapping[str, Any], where: str, unmapped: list[Unmapped]) -> dict[str, Any]:
    """The keys of a purpose that can be read; the others are added to the table."""
    known = {key: value for key, value in entry.items() if key in PurposeEntry.model_fields}
    read = _taken(PurposeEntry, known, where, unmapped)
    return read.model_dump(mode="json", exclude_defaults=True)


def _taken[M: BaseModel](model: type[M], entry: dict[str, Any], where: str, unmapped: list[Unmapped]) -> M:
    """`entry` as a model, without the parts that it does not take: those are added to the table."""
    data = deepcopy(entry)
    while True:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False, include_context=False)
        paths = {_standing(data, one["loc"]) for one in found}
        for path in sorted(paths, key=lambda path: [str(part).zfill(6) for part in path], reverse=True):
            gone = path or ("shared",)
            what = yamltext.spell(gone)
            unmapped.append(Unmapped(f"{where}.{what}" if where else what, _REFUSED))
            _remove(data, gone)


def _standing(data: Any, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """`loc` as far as it stands in `data`."""
    path: tuple[str | int, ...] = ()
    here = data
    for part in loc:
        if not isinstance(here, dict | list):
            break
        try:
            here = here[part]  # type: ignore[index]
        except (LookupError, TypeError):
            break
        path = (*path, part)
    return path


def _remove(data: Any, path: tuple[str | int, ...]) -> None:
    here = data
    for part in path[:-1]:
        here = here[part]
    if isinstance(here, dict):
        here.pop(path[-1], None)
    elif isinstance(here, list) and isinstance(path[-1], int):
        del here[path[-1]]
