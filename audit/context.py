"""What a detector and a judge may know besides the fields. Pure module: no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from douane.audit.message import Direction, Kind


@dataclass(frozen=True, slots=True)
class ToolSchema:
    """A tool as its app describes it: `inputSchema` and `outputSchema` are JSON Schema objects, None where unknown.

    `meta` holds known keys of its `_meta` only (`toolmeta.known_meta`), `description_sha256` the hash of its
    description, empty for none.
    """

    name: str
    input_schema: Mapping[str, Any] | None = None
    output_schema: Mapping[str, Any] | None = None
    description: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])
    description_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """The message around a field: app, direction, kind, method, the tool's schema, and the locale that ChatGPT sent."""

    app: str
    direction: Direction
    kind: Kind
    method: str | None
    tool: str | None = None
    schema: ToolSchema | None = field(default=None, repr=False)
    locale: str = ""
