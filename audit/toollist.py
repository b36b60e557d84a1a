"""The tools of an app's list, and what of the list could not be read as it stands. Pure module: no I/O.

Source: MCP 2025-11-25 and 2026-07-28, `Tool` and `ListToolsResult` in the schema.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from douane.audit.context import ToolSchema
from douane.audit.escapes import whole
from douane.audit.jsontext import pointer_of
from douane.audit.rules.base import Text
from douane.audit.toolmeta import description_sha256, known_meta

MOST_TOLD: Final = 10
"""Parts that are named one by one; the others are counted."""

_NO_OBJECT: Final = Text("is no object", "n’est pas un objet")
_NO_TEXT: Final = Text("is no text", "n’est pas un texte")
_MISSING: Final = Text("is missing", "est absent")
_NO_FLAG: Final = Text("is neither true nor false", "n’est ni true ni false")
_LEFT_OUT: Final = Text("; the tool was passed over", " ; l’outil n’est pas repris")
_WITHOUT: Final = Text("; the tool was read without it", " ; l’outil est lu sans cet élément")
_NAME_IT: Final = Text("Give every tool a name, as a text.", "Donnez à chaque outil un nom, en texte.")
_FLAGS: Final = ("readOnlyHint", "destructiveHint", "openWorldHint", "idempotentHint")
_MUST: Final[Mapping[str, tuple[Text, Text]]] = {
    "inputSchema": (
        _NO_OBJECT,
        Text(
            'Give a JSON Schema there, as an object: {"type": "object"} at least.',
            'Mettez-y un schéma JSON, sous forme d’objet : au moins {"type": "object"}.',
        ),
    ),
    "outputSchema": (
        _NO_OBJECT,
        Text(
            "Give a JSON Schema there, as an object, or leave it out.",
            "Mettez-y un schéma JSON, sous forme d’objet, ou retirez-le.",
        ),
    ),
    "annotations": (
        _NO_OBJECT,
        Text("Give an object of hints there, or leave it out.", "Mettez-y un objet d’indications, ou retirez-le."),
    ),
    "_meta": (_NO_OBJECT, Text("Give an object there, or leave it out.", "Mettez-y un objet, ou retirez-le.")),
    "description": (_NO_TEXT, Text("Give a text there, or leave it out.", "Mettez-y un texte, ou retirez-le.")),
}
_FAULTS: Final[Mapping[str, Text]] = {
    "missing": _MISSING,
    "string_type": _NO_TEXT,
    "dict_type": _NO_OBJECT,
    "model_type": _NO_OBJECT,
    "model_attributes_type": _NO_OBJECT,
    "list_type": Text("is no list", "n’est pas une liste"),
    "bool_type": _NO_FLAG,
    "bool_parsing": _NO_FLAG,
}
_ODD: Final = Text("is not as MCP has it", "n’est pas tel que MCP le prévoit")
_PAGE_READ: Final = Text("; what else stands there was read", " ; le reste a été lu")
_AS_MCP: Final = Text(
    "Write it as MCP's schema has it: a client may refuse the whole answer.",
    "Écrivez-le comme le prévoit le schéma de MCP : un client peut refuser toute la réponse.",
)


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of what an app offers that was not read as it stands, why, and what to do; it quotes nothing of it.

    `request` is the request that the part answered (`tools/list, page 2`), empty for a file; `pointer` is a JSON
    Pointer (RFC 6901) into the answer's result or the file, empty for all of it.
    """

    request: str
    pointer: str
    why: Text
    remedy: Text

    def place(self) -> str:
        """Where the part stands: request and pointer."""
        return ", ".join(one for one in (self.request, self.pointer) if one)

    def told(self, lang: str) -> str:
        """The part in a line: where, why, what to do."""
        colon = " :" if lang == "fr" else ":"
        return f"{self.place()}{colon} {self.why.of(lang)}. {self.remedy.of(lang)}"


def tools_in(listed: Any) -> Iterator[tuple[ToolSchema, dict[str, Any]]]:
    """The tools of a list, each with its annotations: a bare array, `{"tools": […]}`, or a whole JSON-RPC answer.

    What is no tool is passed over; `odd_in` names it.
    """
    for _, tool in _entries(listed):
        if isinstance(tool, dict) and isinstance(name := tool.get("name"), str):
            into, out, annotations = tool.get("inputSchema"), tool.get("outputSchema"), tool.get("annotations")
            description = tool.get("description")
            yield (
                ToolSchema(
                    whole(name),  # as the calls of a tool name it
                    input_schema=into if isinstance(into, dict) else None,
                    output_schema=out if isinstance(out, dict) else None,
                    description=description if isinstance(description, str) else "",
                    meta=known_meta(tool),
                    description_sha256=description_sha256(description) if isinstance(description, str) else "",
                ),
                annotations if isinstance(annotations, dict) else {},
            )


def odd_in(listed: Any, request: str = "") -> Iterator[Unread]:
    """What of a list is no tool, and what of its tools was read as if it were not there, in the order of the list.

    `null` counts as left out, save for a tool's name and `inputSchema`, which MCP requires.
    """
    for pointer, tool in _entries(listed):
        if not isinstance(tool, dict):
            why, remedy = _NO_OBJECT, Text("Give every tool as an object.", "Donnez chaque outil sous forme d’objet.")
            yield Unread(request, pointer, _joined(why, _LEFT_OUT), remedy)
            continue
        if not isinstance(tool.get("name"), str):
            why = _NO_TEXT if "name" in tool else _MISSING
            yield Unread(request, f"{pointer}/name", _joined(why, _LEFT_OUT), _NAME_IT)
            continue
        for key, (why, remedy) in _MUST.items():
            value = tool.get(key)
            wanted = str if key == "description" else dict
            if key in tool and not isinstance(value, wanted) and (value is not None or key == "inputSchema"):
                yield Unread(request, f"{pointer}/{key}", _joined(why, _WITHOUT), remedy)
        hints = tool.get("annotations")
        for key, value in hints.items() if isinstance(hints, dict) else ():
            if key in _FLAGS and value is not None and not isinstance(value, bool):
                remedy = Text("Give true or false there.", "Mettez-y true ou false.")
                yield Unread(request, f"{pointer}/annotations/{key}", _joined(_NO_FLAG, _WITHOUT), remedy)


def refused(kind: str, keys: Iterable[str | int], request: str) -> Unread:
    """What a reader that keeps to MCP's schema refused of an answer. `kind` is pydantic's word for why."""
    return Unread(request, pointer_of(keys), _joined(_FAULTS.get(kind, _ODD), _PAGE_READ), _AS_MCP)


def lines(unread: Iterable[Unread], lang: str) -> list[str]:
    """The parts in lines, the first ten by name and the others by number."""
    parts = list(unread)
    more = len(parts) - MOST_TOLD
    rest = Text(f"{more} more part(s) could not be read as they stand.", f"{more} autre(s) partie(s) illisible(s).")
    return [one.told(lang) for one in parts[:MOST_TOLD]] + ([rest.of(lang)] if more > 0 else [])


def _joined(one: Text, other: Text) -> Text:
    return Text(one.en + other.en, one.fr + other.fr)


def _entries(listed: Any) -> Iterator[tuple[str, Any]]:
    """Each entry of a list of tools with its pointer."""
    at = ""
    if isinstance(listed, dict):
        at = "/result/tools" if "result" in listed else "/tools"
        inner = listed.get("result", listed)
        listed = inner.get("tools") if isinstance(inner, dict) else None
    for number, tool in enumerate(listed if isinstance(listed, list) else ()):
        yield f"{at}/{number}", tool
