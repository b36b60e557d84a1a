"""The hosts that a widget may reach, and the permissions that it asks for. Pure module: no I/O.

Sources: MCP Apps extension (`_meta.ui.csp`, `_meta.ui.permissions`), OpenAI's Apps SDK (`openai/widgetCSP`).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from douane.audit.history import Observation, Seen
from douane.audit.hosts import host_of
from douane.audit.toolmeta import widget_uri

_MOST: Final = 100
_HOSTLESS: Final = re.compile(r"(?i)(?:javascript|data|blob|about|mailto|tel|file|filesystem|vbscript):")
_MCP_APPS: Final = (
    ("connectDomains", Seen.CSP_CONNECT),
    ("resourceDomains", Seen.CSP_RESOURCE),
    ("frameDomains", Seen.CSP_FRAME),
    ("baseUriDomains", Seen.CSP_RESOURCE),
)
_OPENAI: Final = (
    ("connect_domains", Seen.CSP_CONNECT),
    ("resource_domains", Seen.CSP_RESOURCE),
    ("frame_domains", Seen.CSP_FRAME),
    ("redirect_domains", Seen.CSP_REDIRECT),
)
_PERMISSIONS: Final = {"camera", "microphone", "geolocation", "clipboardWrite", "clipboardRead", "fullscreen", "midi"}


def widget(resource: Mapping[str, Any]) -> Iterator[Observation]:
    """What the `_meta` of one resource (of `resources/list` or `resources/read`) lets its widget reach; each once."""
    given = resource.get("_meta")
    meta: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    inner = meta.get("ui")
    ui: Mapping[str, Any] = inner if isinstance(inner, Mapping) else {}
    uri = widget_uri(resource.get("uri"))
    found: dict[Observation, None] = {}
    for rules, keys in ((ui.get("csp"), _MCP_APPS), (meta.get("openai/widgetCSP"), _OPENAI)):
        if not isinstance(rules, Mapping):
            continue
        for key, kind in keys:
            listed = rules.get(key)
            for origin in listed[:_MOST] if isinstance(listed, list) else ():
                name = "*" if origin == "*" else _host(origin) if isinstance(origin, str) else ""
                if name:
                    found[Observation(kind, name, uri)] = None
    asked = ui.get("permissions")
    names = list(asked) if isinstance(asked, Mapping | list) else []
    for name in names[:_MOST]:
        if isinstance(name, str) and (not isinstance(asked, Mapping) or asked[name] not in (None, False)):
            found[Observation(Seen.PERMISSION, name if name in _PERMISSIONS else "other", uri)] = None
    yield from found


def _host(origin: str) -> str:
    """The host of an origin, empty for a scheme that leads to none (`javascript:`, `data:`)."""
    return "" if _HOSTLESS.match(origin.strip()) else host_of(origin)
