"""Apple's privacy manifest (PrivacyInfo.xcprivacy) to a declaration. Pure module: no I/O.

Source: Apple, "Describing data use in privacy manifests", read in November 2026.
"""

import plistlib
import re
from typing import Any, Final
from xml.parsers.expat import ExpatError

from douane.audit import taxonomy
from douane.audit.declaration import Declaration, Provenance, Purpose
from douane.audit.imported import Imported, Unmapped, store
from douane.audit.rules.base import Text
from douane.audit.yamltext import MAX_CHARACTERS, Errors, Fault

_TYPES: Final = "NSPrivacyCollectedDataTypes"
_TYPE: Final = "NSPrivacyCollectedDataType"
_LINKED: Final = "NSPrivacyCollectedDataTypeLinked"
_TRACKING: Final = "NSPrivacyCollectedDataTypeTracking"
_PURPOSES: Final = "NSPrivacyCollectedDataTypePurposes"
_PURPOSE: Final = "NSPrivacyCollectedDataTypePurpose"
_WORD: Final = re.compile(r"NSPrivacy[A-Za-z]{1,60}\Z")

_UNKNOWN = Text("no word of Apple's that is known here", "mot inconnu ici parmi ceux d’Apple")
_NO_PURPOSE = Text("no purpose is named with it", "aucune finalité n’y est indiquée")
_TRACKED = Text(
    "used to track across apps: a declaration has no such key; say it in a purpose",
    "utilisé pour le pistage entre applications : sans équivalent ; l’indiquer dans une finalité",
)
_UNLINKED = Text(
    "not linked to the person: a declaration has no such key; what crosses is judged all the same",
    "non lié à la personne : sans équivalent ; ce qui circule est jugé de la même façon",
)
_LINKED_TO = Text(
    "linked to the person: a declaration has no such key; its categories are taken as data about the person",
    "lié à la personne : sans équivalent ; ses catégories sont reprises comme données de la personne",
)
_NO_ENTRY = Text("not an entry with keys, so nothing of it could be read", "entrée sans clés : rien n’a pu en être lu")
_NO_PLACE = Text("a declaration has no place for it", "sans équivalent dans une déclaration")
_ONE_WAY = Text(
    "collected data go to the app; what comes back to ChatGPT is not said",
    "les données collectées vont vers l’application ; ce qui revient à ChatGPT n’est pas indiqué",
)


def read_apple(text: str, name: str, app: str) -> Imported | Errors:
    """The declaration that a manifest (XML property list) makes for the app called `app`. Never raises.

    Each purpose becomes one purpose with the types that name it; what is collected goes to the app.
    """
    manifest = _plist(text, name)
    if isinstance(manifest, Errors):
        return manifest
    entries = manifest.get(_TYPES)
    if not isinstance(entries, list):
        return _fault(name, "no list of collected data types", f"Name a manifest with {_TYPES}.")
    known = store("apple")
    unmapped: list[Unmapped] = []
    by_purpose: dict[str, tuple[list[str], list[str]]] = {}
    loose: list[str] = []
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            unmapped.append(Unmapped(f"{_TYPES}[{number}]", _NO_ENTRY))
            continue
        kind = entry.get(_TYPE)
        what = _shown(kind)
        taken = known.types.get(str(kind).removeprefix(_TYPE)) if isinstance(kind, str) else None
        if taken is None:
            unmapped.append(Unmapped(what, _UNKNOWN))
            continue
        if taken.why is not None:
            unmapped.append(Unmapped(what, taken.why))
        if entry.get(_TRACKING) is True:
            unmapped.append(Unmapped(f"{what}: {_TRACKING}", _TRACKED))
        if isinstance(linked := entry.get(_LINKED), bool):
            unmapped.append(Unmapped(f"{what}: {_LINKED}", _LINKED_TO if linked else _UNLINKED))
        purposes = entry.get(_PURPOSES)
        named = [one for one in purposes if isinstance(one, str)] if isinstance(purposes, list) else []
        if not named and taken.categories:
            unmapped.append(Unmapped(what, _NO_PURPOSE))
            loose += taken.categories
        for purpose in named:
            word = purpose.removeprefix(_PURPOSE)
            if word not in known.purposes:
                unmapped.append(Unmapped(f"{what}: {_shown(purpose)}", _UNKNOWN))
                loose += taken.categories
            elif taken.categories:
                categories, types = by_purpose.setdefault(word, ([], []))
                categories += taken.categories
                types.append(str(kind))
    said = (key for key in manifest if key != _TYPES and manifest[key] not in (False, [], {}, None, ""))
    unmapped += [Unmapped(_shown(key), _NO_PLACE) for key in said]
    unmapped += [Unmapped(_PURPOSE + word, why) for word in by_purpose if (why := known.purposes[word].why) is not None]
    unmapped.append(Unmapped(_TYPES, _ONE_WAY))
    purposes_made = tuple(
        Purpose(
            id=f"purpose/{number}",
            name=_PURPOSE + word,
            data_use=known.purposes[word].use,
            to_app=tuple(sorted(set(categories))),
            provenance=(Provenance(source="manifest", quote=", ".join(types)),),
        )
        for number, (word, (categories, types)) in enumerate(sorted(by_purpose.items()), 1)
    )
    to_app = sorted({*loose, *(key for purpose in purposes_made for key in purpose.to_app)})
    declaration = Declaration(
        app, tuple(to_app), (), taxonomy=taxonomy.VERSION, purposes=purposes_made,
        provenance=(Provenance(source="manifest", quote=known.source),),
    )  # fmt: skip
    return Imported(declaration, tuple(dict.fromkeys(unmapped)))


def _plist(text: str, name: str) -> dict[str, Any] | Errors:
    if len(text) > MAX_CHARACTERS:
        return _fault(name, "the file is too long", f"Keep it under {MAX_CHARACTERS} characters.")
    if not text.lstrip("\ufeff \t\r\n").startswith("<"):
        return _fault(name, "this is no XML property list", "Turn it into one: plutil -convert xml1 FILE.")
    try:
        read = plistlib.loads(text.lstrip("\ufeff \t\r\n").encode(), fmt=plistlib.FMT_XML)
    except ExpatError as error:
        return Errors((Fault(name, error.lineno, error.offset + 1, "", "this is not XML", "Check the line."),))
    except (
        plistlib.InvalidFileException,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        LookupError,
        RecursionError,
    ):
        return _fault(name, "this is no XML property list", "Check it: plutil -lint FILE.")
    if not isinstance(read, dict):
        return _fault(name, "this is no privacy manifest", f"Name a manifest with {_TYPES}.")
    return read


def _shown(word: object) -> str:
    return word if isinstance(word, str) and _WORD.match(word) else "(not shown)"


def _fault(name: str, problem: str, remedy: str) -> Errors:
    return Errors((Fault(name, 0, 0, "", problem, remedy),))
