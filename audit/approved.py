"""What of an app was approved, pinned by hash, and how what it says now differs from that. Pure module: no I/O.

ChatGPT reviews an app's tools as they are on one day; the app's server goes on living. A snapshot holds names, hashes,
hints, and the places of schemas with their types: no description and nothing else that a person wrote.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from douane.audit import yamltext
from douane.audit.context import ToolSchema
from douane.audit.history import Observation, Seen
from douane.audit.jsontext import escape
from douane.audit.keys import HIDDEN, is_name
from douane.audit.listed import listed, parts_of
from douane.audit.schema import REST
from douane.audit.skeleton import skeleton
from douane.audit.yamltext import Errors

HINTS: Final = ("destructiveHint", "idempotentHint", "openWorldHint", "readOnlyHint")
CSP: Final = {
    Seen.CSP_CONNECT: "connect",
    Seen.CSP_RESOURCE: "resource",
    Seen.CSP_FRAME: "frame",
    Seen.CSP_REDIRECT: "redirect",
    Seen.PERMISSION: "permission",
}


_MOST_RESTS: Final = 1000
_UNPRINTED: Final = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}


class _Edge(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


type _Digest = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]


_REST_SAYS: Final = "a mapping from a pointer with a keyword to what it lets in."


class ApprovedTool(_Edge):
    """A tool as it was approved: digests of what it says in words, and the places of its schemas with their types."""

    description_sha256: _Digest = Field(default="", description="a SHA-256 digest.")
    input_sha256: _Digest = Field(default="", description="a SHA-256 digest.")
    output_sha256: _Digest = Field(default="", description="a SHA-256 digest.")
    annotations: dict[str, bool] = Field(default={}, description="hints, each true or false.")
    meta: dict[str, Any] = Field(default={}, description="known keys of `_meta`.")
    input: dict[str, str] = Field(default={}, max_length=1000, description="a mapping from a pointer to a type.")
    output: dict[str, str] = Field(default={}, max_length=1000, description="a mapping from a pointer to a type.")
    input_rest: dict[str, str] | None = Field(default=None, max_length=1000, description=_REST_SAYS)
    output_rest: dict[str, str] | None = Field(default=None, max_length=1000, description=_REST_SAYS)


class Approved(_Edge):
    """What was approved of one app. `widgets` gives, for each `ui://` URI, hosts and permissions as `connect host`."""

    douane_approved: Literal[1] = Field(description="the version of this format: 1.")
    app: str = Field(max_length=100, description="the app's name.")
    approved_on: str = Field(default="", max_length=40, description="an ISO 8601 date.")
    approved_by: str = Field(default="", max_length=200, description="who approved.")
    read_from: str = Field(default="", max_length=300, description="how the app was read.")
    tools: dict[str, ApprovedTool] = Field(default={}, max_length=2000, description="a mapping from a tool's name.")
    widgets: dict[str, tuple[str, ...]] = Field(
        default={}, max_length=500, description="a mapping from a widget's URI."
    )


@dataclass(frozen=True, slots=True)
class Live:
    """A tool as it is now. The digests are of its schemas as they were sent, empty for none."""

    tool: ToolSchema
    annotations: Mapping[str, Any]
    input_sha256: str = ""
    output_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. `what` is `tools`, `description`, `inputSchema`, `outputSchema`, `annotations`, `_meta`
    or `csp`; `how` begins with `+` (new), `-` (gone) or `~` (other). Names, types, hosts and hints only.
    """

    what: str
    how: str
    tool: str = ""

    def observation(self) -> Observation:
        """The difference as an observation."""
        return Observation(Seen.DRIFT, self.what, self.how, self.tool or None)


def pinned(
    app: str,
    tools: Iterable[Live],
    observed: Iterable[Observation] = (),
    *,
    on: str = "",
    by: str = "",
    where: str = "",
) -> Approved:
    """The snapshot of an app as it is."""
    return Approved(
        douane_approved=1,
        app=app,
        approved_on=on,
        approved_by=by,
        read_from=where,
        tools={name(one.tool.name): _tool(one) for one in tools},
        widgets=_widgets(observed),
    )


def written(approved: Approved) -> str:
    """The snapshot as JSON text, keys sorted so that two of them can be compared line by line."""
    text = json.dumps(approved.model_dump(mode="json"), indent=2, sort_keys=True, ensure_ascii=False)
    return text.translate(_UNPRINTED) + "\n"


def parse_approved(text: str, file: str) -> Approved | Errors:
    """The snapshot that `text` holds, or every fault in it by line and column. Never raises."""
    document = yamltext.parse(text, file)
    return document if isinstance(document, Errors) else yamltext.read(document, Approved)


def differences(
    approved: Approved, tools: Iterable[Live], observed: Iterable[Observation] = (), *, whole: bool = True
) -> tuple[Difference, ...]:
    """What differs, tools in the order of the snapshot, each thing once.

    With `whole`, tools and widgets that are approved and not among those given are gone; without, nothing is said of
    them.
    """
    out: list[Difference] = []
    now = {name(one.tool.name): one for one in tools}
    for called, before in approved.tools.items():
        if called in now:
            out += _changes(called, before, _tool(now[called]))
        elif whole:
            out.append(Difference("tools", f"- {called}"))
    out += [Difference("tools", f"+ {called}") for called in now if called not in approved.tools]
    widgets = _widgets(observed)
    for uri in sorted({*approved.widgets, *widgets}):
        old, new = set(approved.widgets.get(uri, ())), set(widgets.get(uri, ()))
        out += [Difference("csp", f"+ {one} ({uri})") for one in sorted(new - old)]
        out += [Difference("csp", f"- {one} ({uri})") for one in sorted(old - new) if whole]
    return tuple(dict.fromkeys(out))


def name(text: str) -> str:
    """A tool's name as it may be kept: `{key}` for one that may be a datum."""
    return text if is_name(text) else HIDDEN


def _tool(one: Live) -> ApprovedTool:
    return ApprovedTool(
        description_sha256=one.tool.description_sha256,
        input_sha256=one.input_sha256,
        output_sha256=one.output_sha256,
        annotations={key: value for key in HINTS if isinstance(value := one.annotations.get(key), bool)},
        meta=dict(one.tool.meta),
        input=_places(one.tool.input_schema),
        output=_places(one.tool.output_schema),
        input_rest=_rest(one.tool.input_schema),
        output_rest=_rest(one.tool.output_schema),
    )


def _rest(schema: object) -> dict[str, str]:
    """What is let in beside the listed members, by pointer and keyword: `true`, `false` or `schema`."""
    said: dict[str, list[str]] = {}
    root = skeleton(schema) if schema is not None else None
    pending: list[tuple[object, str, tuple[int, ...]]] = [(root, "", ())]
    while pending and len(said) < _MOST_RESTS:
        whole, pointer, trail = pending.pop()
        parts = parts_of(root, whole, trail)
        below = (*trail, *map(id, parts))
        for part in parts if len(trail) < _MOST_RESTS else ():
            for keyword in REST:
                if keyword in part:
                    value = part[keyword]
                    text = str(value).lower() if isinstance(value, bool) else "schema"
                    said.setdefault(f"{pointer or '/'} {keyword}", []).append(text)
            inner = part.get("properties")
            if isinstance(inner, Mapping):
                pending += [(one, f"{pointer}/{escape(str(key))}", below) for key, one in inner.items()]
            pending.append((part.get("items"), f"{pointer}/*", below))
    return {place: "|".join(dict.fromkeys(texts)) for place, texts in said.items()}


def _places(schema: object) -> dict[str, str]:
    """The pointers that a schema lists, each with its type; of a required one with `!`. Names are safe to keep."""
    root = skeleton(schema) if schema is not None else None
    return {one.pointer: f"{_kinds(root, one.schema)}{'!' if one.required else ''}" for one in listed(root)}


def _kinds(root: object, schema: Mapping[str, Any]) -> str:
    """The types that may stand at a place with their formats, those of its alternatives and references included."""
    kinds: list[str] = []
    for part in parts_of(root, schema, ()):
        types, form = part.get("type"), part.get("format")
        named = f"({form})" if isinstance(form, str) else ""
        if isinstance(types, str):
            kinds.append(types + named)
        elif isinstance(types, list):
            kinds += [*types[:-1], *(f"{one}{named}" for one in types[-1:])]
        elif named:
            kinds.append(f"any{named}")
    return "|".join(dict.fromkeys(kinds)) or "any"


def _widgets(observed: Iterable[Observation]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for one in observed:
        if one.kind in CSP:
            found.setdefault(one.detail, set()).add(f"{CSP[one.kind]} {one.name}")
    return {uri: tuple(sorted(names)) for uri, names in sorted(found.items())}


def _changes(tool: str, before: ApprovedTool, after: ApprovedTool) -> Iterator[Difference]:
    if before.description_sha256 and before.description_sha256 != after.description_sha256:
        yield _digests("description", before.description_sha256, after.description_sha256, tool)
    for what, old, new, old_rest, new_rest, old_sha, new_sha in (
        ("inputSchema", before.input, after.input, before.input_rest, after.input_rest,
         before.input_sha256, after.input_sha256),
        ("outputSchema", before.output, after.output, before.output_rest, after.output_rest,
         before.output_sha256, after.output_sha256),
    ):  # fmt: skip
        if old_sha and old_sha == new_sha:
            continue  # an earlier Douane may have written its places otherwise
        found = list(_places_differ(what, old, new, tool))
        if old_rest is not None and new_rest is not None:  # a snapshot of an earlier Douane does not say
            found += _rests_differ(what, old_rest, new_rest, tool)
        yield from found
        if not found and old_sha != new_sha:
            # in its words, its limits or its values: the places are the same
            yield _digests(what, old_sha, new_sha, tool)
    for hint in HINTS:
        old_hint, new_hint = before.annotations.get(hint), after.annotations.get(hint)
        if old_hint != new_hint:
            yield Difference("annotations", f"~ {hint} {_said(old_hint)} → {_said(new_hint)}", tool)
    for key in sorted({*before.meta, *after.meta}):
        if before.meta.get(key) != after.meta.get(key):
            sign = "+" if key not in before.meta else "-" if key not in after.meta else "~"
            yield Difference("_meta", f"{sign} {key}", tool)


def _places_differ(what: str, old: Mapping[str, str], new: Mapping[str, str], tool: str) -> Iterator[Difference]:
    for pointer in sorted({*old, *new}):
        if pointer not in old:
            yield Difference(what, f"+ {pointer}", tool)
        elif pointer not in new:
            yield Difference(what, f"- {pointer}", tool)
        elif old[pointer] != new[pointer]:
            yield Difference(what, f"~ {pointer} {old[pointer]} → {new[pointer]}", tool)


def _rests_differ(what: str, old: Mapping[str, str], new: Mapping[str, str], tool: str) -> Iterator[Difference]:
    for place in sorted({*old, *new}):
        if old.get(place) != new.get(place):
            yield Difference(what, f"~ {place} {old.get(place, 'unset')} → {new.get(place, 'unset')}", tool)


def _digests(what: str, old: str, new: str, tool: str) -> Difference:
    """Words that are kept as a digest alone: that they differ, by the first eight digits of both."""
    return Difference(what, f"~ sha256 {old[:8] or 'unset'} → {new[:8] or 'unset'}", tool)


def _said(hint: bool | None) -> str:
    return "unset" if hint is None else "true" if hint else "false"
