"""Google Play's Data safety form, as the Play Console exports it (CSV), to a declaration. Pure module: no I/O.

Columns: question, response, value, requirement, label; the first two are words of Google's. Read in November 2026.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from douane.audit import taxonomy
from douane.audit.declaration import Declaration, Provenance, Purpose
from douane.audit.imported import Imported, Unmapped, store
from douane.audit.rules.base import Text
from douane.audit.yamltext import MAX_CHARACTERS, Errors, Fault

_HEADER: Final = "Question ID (machine readable)"
_USAGE: Final = "PSL_DATA_USAGE_RESPONSES"
_TYPES: Final = "PSL_DATA_TYPES_"
_WORD: Final = re.compile(r"[A-Z][A-Z_:]{2,120}\Z")
_COLLECTS: Final = "PSL_DATA_COLLECTION_COLLECTS_PERSONAL_DATA"

_UNKNOWN = Text("no word of Google's that is known here", "mot inconnu ici parmi ceux de Google")
_NO_PLACE = Text("a declaration has no place for it", "sans équivalent dans une déclaration")
_NO_PURPOSE = Text("no purpose is ticked for it", "aucune finalité n’est cochée")
_ONE_WAY = Text(
    "collected data go to the app; what comes back to ChatGPT is not said",
    "les données collectées vont vers l’application ; ce qui revient à ChatGPT n’est pas indiqué",
)
_SHARED = Text(
    "shared, and with whom is not said: a person must name the recipients",
    "partagé sans que le destinataire soit indiqué : une personne doit le nommer",
)


@dataclass(slots=True)
class _Usage:
    """What the form says of one type of data."""

    shared: bool | None = None
    ephemeral: bool | None = None
    optional: bool | None = None
    purposes: list[str] = field(default_factory=list[str])


def read_google(text: str, name: str, app: str) -> Imported | Errors:
    """The declaration that an exported form makes for the app called `app`. Never raises.

    Types with the same purpose, and the same answers on sharing, ephemeral use and choice, make one purpose.
    """
    if len(text) > 4 * MAX_CHARACTERS:
        return _fault(name, 0, "the file is too long", f"Keep it under {4 * MAX_CHARACTERS} characters.")
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    except csv.Error:
        return _fault(name, 0, "this is not CSV", "Export the form again from the Play Console.")
    if not rows or len(rows[0]) < 3 or rows[0][0].strip() != _HEADER:
        return _fault(name, 1, "this is no Data safety form", f"Its first column is called “{_HEADER}”.")
    unmapped: list[Unmapped] = []
    chosen: list[str] = []
    usages: dict[str, _Usage] = {}
    for row in rows[1:]:
        question, response, value = (one.strip() for one in (*row, "", "", "")[:3])
        if not value or (value.casefold() == "false" and not question.endswith("PSL_DATA_USAGE_EPHEMERAL")):
            continue
        if question.startswith(_TYPES) and response:
            chosen.append(response)
        elif question.startswith(f"{_USAGE}:"):
            unmapped += _use(usages, question, response, value)
        elif question and question != _COLLECTS:
            unmapped.append(Unmapped(_shown(f"{question}:{response}" if response else question), _NO_PLACE))
    return _made(app, chosen, usages, unmapped)


def _use(usages: dict[str, _Usage], question: str, response: str, value: str) -> Iterator[Unmapped]:
    parts = question.split(":")
    if len(parts) != 3:
        yield Unmapped(_shown(question), _UNKNOWN)
        return
    usage = usages.setdefault(parts[1], _Usage())
    match parts[2], response:
        case "PSL_DATA_USAGE_COLLECTION_AND_SHARING", "PSL_DATA_USAGE_ONLY_COLLECTED":
            usage.shared = usage.shared or False  # ticked with ONLY_SHARED it means both
        case "PSL_DATA_USAGE_COLLECTION_AND_SHARING", (
            "PSL_DATA_USAGE_ONLY_SHARED" | "PSL_DATA_USAGE_BOTH_COLLECTED_AND_SHARED"
        ):
            usage.shared = True
        case "PSL_DATA_USAGE_EPHEMERAL", _:
            usage.ephemeral = value.casefold() == "true"
        case "DATA_USAGE_USER_CONTROL", "PSL_DATA_USAGE_USER_CONTROL_OPTIONAL":
            usage.optional = True
        case "DATA_USAGE_USER_CONTROL", "PSL_DATA_USAGE_USER_CONTROL_REQUIRED":
            usage.optional = False
        case (("DATA_USAGE_COLLECTION_PURPOSE" | "DATA_USAGE_SHARING_PURPOSE"), purpose):
            if purpose not in usage.purposes:
                usage.purposes.append(purpose)
        case _:
            yield Unmapped(_shown(question), _UNKNOWN)


def _made(app: str, chosen: list[str], usages: dict[str, _Usage], unmapped: list[Unmapped]) -> Imported:
    known = store("google")
    groups: dict[tuple[str, bool | None, bool | None, bool | None], tuple[list[str], list[str]]] = {}
    loose: list[str] = []
    for kind in dict.fromkeys(chosen):
        taken = known.types.get(kind)
        if taken is None:
            unmapped.append(Unmapped(_shown(kind), _UNKNOWN))
            continue
        if taken.why is not None:
            unmapped.append(Unmapped(kind, taken.why))
        usage = usages.get(kind, _Usage())
        if usage.shared:
            unmapped.append(Unmapped(kind, _SHARED))
        words = [word for word in usage.purposes if word in known.purposes]
        unmapped += [Unmapped(_shown(f"{kind}:{word}"), _UNKNOWN) for word in usage.purposes if word not in words]
        if not words and taken.categories:
            unmapped.append(Unmapped(kind, _NO_PURPOSE))
            loose += taken.categories
        for word in words if taken.categories else []:
            categories, kinds = groups.setdefault((word, usage.shared, usage.ephemeral, usage.optional), ([], []))
            categories += taken.categories
            kinds.append(kind)
    order = list(known.purposes)
    purposes = tuple(
        Purpose(
            id=f"purpose/{number}",
            name=word,
            data_use=known.purposes[word].use,
            to_app=tuple(sorted(set(categories))),
            shared=shared,
            ephemeral=ephemeral,
            optional=optional,
            provenance=(Provenance(source="manifest", quote=", ".join(kinds)),),
        )
        for number, ((word, shared, ephemeral, optional), (categories, kinds)) in enumerate(
            sorted(groups.items(), key=lambda one: (order.index(one[0][0]), str(one[0]))), 1
        )
    )
    used = dict.fromkeys(purpose.name for purpose in purposes)
    unmapped += [Unmapped(word, why) for word in used if (why := known.purposes[word].why) is not None]
    unmapped.append(Unmapped(_COLLECTS, _ONE_WAY))
    to_app = tuple(sorted({*loose, *(key for purpose in purposes for key in purpose.to_app)}))
    declaration = Declaration(
        app, to_app, (), taxonomy=taxonomy.VERSION, purposes=purposes,
        provenance=(Provenance(source="manifest", quote=known.source),),
    )  # fmt: skip
    return Imported(declaration, tuple(dict.fromkeys(unmapped)))


def _shown(word: str) -> str:
    return word if _WORD.match(word) else "(not shown)"


def _fault(name: str, line: int, problem: str, remedy: str) -> Errors:
    return Errors((Fault(name, line, 1 if line else 0, "", problem, remedy),))
