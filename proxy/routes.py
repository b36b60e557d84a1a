"""Which app a request is for, or why it is refused. Pure: the only destinations are those in the settings."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import unquote_to_bytes, urlsplit

from douane.ledger.identities import Identities
from douane.proxy.settings import AppSettings, is_loopback

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._-]{1,253}))(?::([0-9]{1,5}))?")
_PLAIN_PATH = re.compile(r"/(?!/)[A-Za-z0-9_\-~/:@!$&'()*+,=]*")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LEARNED_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that Douane answers itself: HTTP status, a short code, a sentence on what to change."""

    status: int
    code: str
    message: str


@dataclass(slots=True)
class App:
    """One configured app, ready for routing."""

    name: str
    scheme: str
    host: str
    port: int
    mcp_path: str
    prefix: str
    base_path: str
    host_names: frozenset[str]
    refuses: bool
    settings: AppSettings
    pseudonyms: Identities = field(repr=False)
    message_paths: set[str] = field(default_factory=set)

    @property
    def authority(self) -> str:
        """The upstream's own Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """The upstream's origin as it names itself."""
        return f"{self.scheme}://{self.authority}"

    def learn(self, path: str) -> None:
        """Remember the path of a legacy message endpoint that the app named."""
        if len(self.message_paths) < _LEARNED_LIMIT:
            self.message_paths.add(path)

    def takes_messages_at(self, path: str) -> bool:
        """Say whether this upstream path (no query) is the MCP path or a message endpoint that the app named."""
        return path.rstrip("/") == self.mcp_path or path in self.message_paths


def app_from(settings: AppSettings, master: bytes) -> App:
    """Make an app ready for routing."""
    upstream = urlsplit(settings.upstream)
    names = set(settings.host_names)
    if settings.public_url and (public := urlsplit(settings.public_url).hostname):
        names.add(public)
    return App(
        name=settings.name,
        scheme=upstream.scheme,
        host=upstream.hostname or "",
        port=upstream.port or _DEFAULT_PORTS[upstream.scheme],
        mcp_path=upstream.path.rstrip("/"),
        prefix=settings.path_prefix,
        base_path=settings.base_path,
        host_names=frozenset(names),
        refuses=settings.on_log_failure == "refuse",
        settings=settings,
        pseudonyms=Identities(master, settings.name),
    )


@dataclass(frozen=True, slots=True)
class Routed:
    """A request that may go on: to this app, asking for this target (path and query) of it.

    `elsewhere` is the host that a forward listener's client asked for when it is not the app's own upstream.
    """

    app: App
    target: str
    elsewhere: str = ""


TUNNELS = (".ngrok-free.app", ".ngrok-free.dev", ".ngrok.app", ".ngrok.dev", ".ngrok.io", ".trycloudflare.com")
"""Zones of tunnel services that hand out names of their own."""

BAD_PATH = Refusal(400, "path", "The path has dot segments, a backslash, control characters or an empty first segment.")
BAD_HOST = Refusal(400, "host", "The request needs exactly one valid Host, and no second one that differs.")
UNKNOWN_HOST = Refusal(
    421, "unknown-host", "This host name is not configured. Add it to the app's host_names, or set its public_url."
)
UNKNOWN_PATH = Refusal(404, "unknown-path", "No configured app is served at this path.")
AMBIGUOUS = Refusal(421, "ambiguous", "Several apps share this listener; use the host name or path prefix of one.")
ABSOLUTE = Refusal(421, "absolute-form", "This is not an open proxy: the request names another host.")
CONNECT = Refusal(405, "connect", "This is not an open proxy: CONNECT is not served here.")
CLIENT_CERTIFICATE = Refusal(400, "client-certificate", "The client showed no certificate that is accepted here.")
NOT_ALLOWED = Refusal(403, "not-allowed", "This destination is not in the configuration.")
PATH_OVERRIDE = Refusal(400, "path-override", "Headers that replace the request's path or method are not passed on.")


def route(apps: Sequence[App], host: str | None, target: str, local_ip: str = "") -> Routed | Refusal:
    """Find the app for an origin-form request.

    `host` is the Host header's value, `local_ip` the address on which the connection came in. A host name that an
    app lists decides first, then the longest path prefix.
    """
    if host is None:
        return BAD_HOST
    name = host_name(host)
    if name is None:
        return BAD_HOST
    path, _, query = target.partition("?")
    if path_fault(path):
        return BAD_PATH
    named = [app for app in apps if name in app.host_names]
    if not named:
        local = _leads_here(name, local_ip)
        named = [app for app in apps if local or "*" in app.host_names]
        if not named:
            return UNKNOWN_HOST
    return _by_path(named, path, query and f"?{query}")


def _by_path(apps: Sequence[App], path: str, query: str) -> Routed | Refusal:
    found: list[tuple[App, str]] = []
    for app in apps:
        inner = _without_prefix(path, app.prefix)
        if inner is not None and _within(inner, app.base_path):
            found.append((app, inner))
    if not found:
        return UNKNOWN_PATH
    longest = max(len(app.prefix) for app, _ in found)
    found = [(app, inner) for app, inner in found if len(app.prefix) == longest]
    if len(found) > 1:
        return AMBIGUOUS
    app, inner = found[0]
    return Routed(app, inner + query)


def _without_prefix(path: str, prefix: str) -> str | None:
    """Return the path that the upstream knows, None when the prefix does not fit.

    Well-known documents carry the path at their end (RFC 9728 §3.1, RFC 8414 §3.1), so the prefix is taken out there.
    """
    if not prefix:
        return path
    if path == prefix or path.startswith(prefix + "/"):
        return path[len(prefix) :] or "/"
    well_known = re.fullmatch(r"(/\.well-known/[^/]+)(/.*)", path)
    if well_known and (well_known[2] == prefix or well_known[2].startswith(prefix + "/")):
        return well_known[1] + well_known[2][len(prefix) :]
    return None


def _within(path: str, base: str) -> bool:
    return not base or path == base or path.startswith((base + "/", "/.well-known/"))


@lru_cache(maxsize=4096)
def path_fault(path: str) -> bool:
    """Say whether a path may mean another place to another reader: dot segments in any encoding, `\\`, `//` first…"""
    if _PLAIN_PATH.fullmatch(path):
        return False
    if not path.startswith("/"):
        return True
    raw = path.encode("utf-8", "surrogateescape")
    for _ in range(4):
        if raw.startswith((b"//", b"/\\")) or b"\\" in raw or any(byte < 0x20 or byte == 0x7F for byte in raw):
            return True
        if any(segment.split(b";")[0] in (b".", b"..") for segment in raw.split(b"/")):
            return True
        decoded = unquote_to_bytes(raw)
        if decoded == raw:
            return False
        raw = decoded
    return True


@lru_cache(maxsize=1024)
def host_name(value: str) -> str | None:
    """Return the lower-case host of a Host header without its port, None when it is not one valid host."""
    found = _HOST.fullmatch(value)
    if not found or (found[3] and int(found[3]) > 65535):
        return None
    return (found[1] or found[2]).lower().rstrip(".")


def is_destination(value: str, host: str, port: int, scheme: str) -> bool:
    """Say whether a Host header or authority names this destination; without a port it names the scheme's own."""
    found = _HOST.fullmatch(value)
    if not found or host_name(value) != host.lower().strip("[]").rstrip("."):
        return False
    return int(found[3] or _DEFAULT_PORTS.get(scheme, 0)) == port


def accepts_host(apps: Iterable[App], value: str, local_ip: str) -> bool:
    """Say whether every host in a comma-separated forwarding header is one that may be asked for here."""
    for item in value.split(","):
        name = host_name(item.strip().strip('"'))
        if name is None:
            return False
        local = _leads_here(name, local_ip)
        if not local and not any(name in app.host_names or "*" in app.host_names for app in apps):
            return False
    return True


def names_another(apps: Iterable[App], app: App, value: str) -> bool:
    """Say whether a comma-separated forwarding header names a host of another app, and none of this one's."""
    others = {name for other in apps if other is not app for name in other.host_names} - app.host_names
    return any(host_name(item.strip().strip('"')) in others for item in value.split(","))


def _leads_here(name: str, local_ip: str) -> bool:
    """Say whether a name can only have led here with its owner's will, so that no stranger's page can use it.

    The names of tunnel services count: a page elsewhere cannot make one of them resolve to this machine (DNS
    rebinding), since the services hold their zones.
    """
    return is_loopback(name) or name.endswith(TUNNELS) or _same_address(name, local_ip)


def _same_address(name: str, local_ip: str) -> bool:
    try:
        return bool(local_ip) and ip_address(name) == ip_address(local_ip)
    except ValueError:
        return False


def forwarded_hosts(value: str) -> list[str]:
    """Return the `host=` parameters of a Forwarded header (RFC 7239)."""
    return re.findall(r'(?i)(?:^|[;,\s])host="?([^";,\s]*)', value)


def allowed(patterns: Iterable[str], host: str, port: int) -> bool:
    """Say whether a destination fits one of the patterns of `ForwardSettings.allow_hosts`."""
    host = host.lower().rstrip(".")
    for pattern in patterns:
        name, colon, wanted = pattern.rpartition(":") if re.search(r":[0-9]+\Z", pattern) else (pattern, "", "")
        if colon and int(wanted) != port:
            continue
        if name == host or (name.startswith("*.") and host.endswith(name[1:]) and len(host) > len(name) - 1):
            return True
    return False
