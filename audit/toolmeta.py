"""What a tool says besides its schemas, as it may be kept: known keys and known words only. Pure module: no I/O.

Sources: OpenAI's Apps SDK reference (tool descriptor `_meta`), the MCP Apps extension (`_meta.ui`), MCP's
`securitySchemes`.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

from douane.audit.keys import is_name

_SCHEMES: Final = frozenset({"noauth", "oauth2", "apiKey", "http", "openIdConnect"})
_VISIBLE: Final = frozenset({"model", "app", "public", "private"})
_FLAGS: Final = ("openai/widgetAccessible", "openai/profile")
_MOST: Final = 50
_URI: Final = re.compile(r"(ui://)([A-Za-z0-9._~/-]{1,200})")
MIME: Final = re.compile(r"[a-z]{1,20}/[a-z0-9][a-z0-9.+-]{0,60}")
"""A MIME type without parameters."""


def known_meta(tool: Mapping[str, Any]) -> dict[str, Any]:
    """The known keys of a listed tool's `_meta`, and its `securitySchemes`; what may be a datum is left out.

    Keys: `securitySchemes`, `ui` (`resourceUri`, `visibility`), `openai/outputTemplate`, `openai/visibility`,
    `openai/fileParams`, `openai/widgetAccessible`, `openai/profile`. File parameters that are no list are an
    empty text.
    """
    given = tool.get("_meta")
    meta: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    out: dict[str, Any] = {}
    schemes = tool.get("securitySchemes", meta.get("securitySchemes"))
    if isinstance(schemes, list):
        out["securitySchemes"] = [_scheme(one) for one in schemes[:_MOST] if isinstance(one, Mapping)]
    ui = _ui(meta)
    if ui:
        out["ui"] = ui
    if uri := widget_uri(meta.get("openai/outputTemplate")):
        out["openai/outputTemplate"] = uri
    if (visibility := meta.get("openai/visibility")) in ("public", "private"):
        out["openai/visibility"] = visibility
    files = meta.get("openai/fileParams")
    if isinstance(files, list):
        out["openai/fileParams"] = [one for one in files[:_MOST] if isinstance(one, str) and is_name(one)]
    elif files is not None:
        out["openai/fileParams"] = ""
    out |= {key: value for key in _FLAGS if isinstance(value := meta.get(key), bool)}
    return out


def widget_uri(value: object) -> str:
    """A widget's `ui://` URI as it may be kept, `ui://` alone when a part of it may be a datum; empty for no such."""
    if not isinstance(value, str) or not value.startswith("ui://"):
        return ""
    match = _URI.fullmatch(value)
    if match is None or not all(is_name(part) or is_name(f"n{part}") for part in _parts(match.group(2))):
        return "ui://"
    return value


def description_sha256(description: str) -> str:
    """The SHA-256 (hex) of a tool's description; empty for none."""
    return hashlib.sha256(description.encode("utf-8", "surrogatepass")).hexdigest() if description else ""


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _scheme(scheme: Mapping[str, Any]) -> dict[str, Any]:
    kind = scheme.get("type")
    out: dict[str, Any] = {"type": kind if kind in _SCHEMES else "other"}
    scopes = scheme.get("scopes")
    if isinstance(scopes, list):
        out["scopes"] = [one for one in scopes[:_MOST] if isinstance(one, str) and is_name(one)]
    return out


def _ui(meta: Mapping[str, Any]) -> dict[str, Any]:
    given = meta.get("ui")
    ui: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    out: dict[str, Any] = {}
    if uri := widget_uri(ui.get("resourceUri", meta.get("ui/resourceUri"))):
        out["resourceUri"] = uri
    visibility = ui.get("visibility")
    if isinstance(visibility, list):
        out["visibility"] = sorted({one for one in visibility if isinstance(one, str) and one in _VISIBLE})
    return out
