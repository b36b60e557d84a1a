"""The settings that `proxy.main` reads from its standard input: one JSON object on one line."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

CHATGPT_CLIENT_NAME = "mtls.prod.connectors.openai.com"

type Port = Annotated[int, Field(ge=0, le=65535)]


class Edge(BaseModel):
    """Base of every settings model: unknown keys are errors, and no message repeats a value."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ListenTls(Edge):
    """The certificate that a listener shows, and the client certificate that it asks for.

    `cert_file` is a PEM file with the chain, `key_file` its private key (the same file when left out). With
    `client_ca_file` a client must show a certificate that this CA file vouches for and whose SAN has a dnsName
    equal to `client_name`; the default is the name in ChatGPT's client certificate.
    """

    cert_file: Path
    key_file: Path | None = None
    client_ca_file: Path | None = None
    client_name: str = CHATGPT_CLIENT_NAME


class AppSettings(Edge):
    """One app behind Douane.

    `upstream` is the app's MCP URL; its path is the MCP path. Port 0 means any free port. `host_names` are the names
    that a request may ask for besides the listening address and loopback (`*`: any); with several apps on one
    listener they also say which app is meant. `path_prefix` puts the app under a path of its own. `base_path` limits
    which of the upstream's paths may be asked for. `upstream_ca_file` is the CA file for an https upstream instead of
    the system's.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)]
    upstream: str
    listen_host: str = "127.0.0.1"
    listen_port: Port = 0
    host_names: tuple[str, ...] = ()
    path_prefix: str = ""
    base_path: str = ""
    on_log_failure: Literal["refuse", "pass"] = "refuse"
    public_url: str | None = None
    oauth: Literal["public_url", "rewrite", "detect"] = "detect"
    tls: ListenTls | None = None
    upstream_ca_file: Path | None = None

    @field_validator("upstream")
    @classmethod
    def _upstream_is_a_plain_url(cls, value: str) -> str:
        _plain_url(value, "upstream")
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url_is_a_plain_url(cls, value: str | None) -> str | None:
        if value is not None:
            _plain_url(value, "public_url")
        return value

    @field_validator("path_prefix", "base_path")
    @classmethod
    def _paths_begin_with_a_slash(cls, value: str) -> str:
        value = value.rstrip("/")
        if value and (not value.startswith("/") or "//" in value or any(c in value for c in "?#%\\ ")):
            raise ValueError("must begin with / and be a plain path without query, escapes or empty segments")
        return value

    @field_validator("host_names")
    @classmethod
    def _host_names_are_lower_case(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name.lower() for name in value)


class ForwardSettings(Edge):
    """A forward proxy listener with TLS interception, for clients on this machine.

    Route `forward`: clients reach the configured apps' upstreams through it, and each exchange belongs to the app
    whose upstream it names. Route `egress`: the named app's own outgoing traffic. `allow_hosts` are the other hosts
    that may be reached (`api.example.org`, `*.example.org`; with `:port` only that port): nothing else is opened.
    """

    route: Literal["forward", "egress"] = "forward"
    app: str | None = None
    listen_host: str = "127.0.0.1"
    listen_port: Port = 0
    allow_hosts: tuple[str, ...] = ()
    upstream_ca_file: Path | None = None

    @field_validator("allow_hosts")
    @classmethod
    def _allow_hosts_are_lower_case(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name.lower() for name in value)

    @model_validator(mode="after")
    def _stays_on_this_machine(self) -> Self:
        if not is_loopback(self.listen_host):
            raise ValueError("a forward listener serves this machine only: listen_host must be a loopback address")
        if self.app is None and (self.route == "egress" or self.allow_hosts):
            raise ValueError("app must name the app that this listener's other traffic belongs to")
        return self


class ProxySettings(Edge):
    """Everything that the proxy process needs to know besides the master key.

    `body_limit_bytes` is the largest message that is recorded; larger ones stream through and leave a gap.
    `idle_timeout_s` is how long nothing may cross on a connection, `silent_timeout_s` how long it may have no request
    open, `head_timeout_s` and `body_timeout_s` how long a request's head, and a body that is kept until it is whole,
    may take. `waiting_limit_bytes` bounds what waits so of all clients together.
    `own_token` marks Douane's own requests: one that carries it in `Douane-Own` is recorded as own traffic, and the
    header is not passed on. `lost` is how many transactions damaged journals lost before this start: each app gets a
    gap for each file.
    """

    apps: tuple[AppSettings, ...] = ()
    forward: tuple[ForwardSettings, ...] = ()
    spool: Path
    durability: Literal["process", "power"] = "process"
    spool_limit_bytes: Annotated[int, Field(gt=0)] = 512 * 1024 * 1024
    body_limit_bytes: Annotated[int, Field(gt=0)] = 16 * 1024 * 1024
    confdir: Path | None = None
    idle_timeout_s: Annotated[int, Field(gt=0)] = 7 * 24 * 3600
    head_timeout_s: Annotated[float, Field(gt=0)] = 60.0
    body_timeout_s: Annotated[float, Field(gt=0)] = 600.0
    silent_timeout_s: Annotated[float, Field(gt=0)] = 900.0
    waiting_limit_bytes: Annotated[int, Field(gt=0)] = 128 * 1024 * 1024
    own_token: str | None = Field(default=None, min_length=16, repr=False)
    lost: dict[str, Annotated[int, Field(gt=0)]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _listeners_can_be_told_apart(self) -> Self:
        names = [app.name for app in self.apps]
        if len(names) != len(set(names)):
            raise ValueError("two apps have the same name")
        for listener in self.forward:
            if listener.app is not None and listener.app not in names:
                raise ValueError("a forward listener names an app that is not configured")
        if self.forward and self.confdir is None:
            raise ValueError("forward listeners need confdir, the folder of their certificate authority")
        shared: dict[tuple[str, int], list[AppSettings]] = {}
        for app in self.apps:
            if app.listen_port:
                shared.setdefault((app.listen_host, app.listen_port), []).append(app)
        for apps in shared.values():
            _check_shared(apps)
        return self


def _check_shared(apps: list[AppSettings]) -> None:
    if any(app.tls != apps[0].tls for app in apps):
        raise ValueError("apps that share a listener must have the same tls settings")
    seen: set[tuple[str, str]] = set()
    for app in apps:
        for name in app.host_names or ("",):
            if (name, app.path_prefix) in seen:
                raise ValueError("apps that share a listener need different host_names or path_prefix")
            seen.add((name, app.path_prefix))


def _plain_url(value: str, what: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        port_is_valid = parts.port is None or 0 < parts.port < 65536
    except ValueError:
        raise ValueError(f"{what} is not a valid URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_valid:
        raise ValueError(f"{what} must be http://host[:port]/path or https://host[:port]/path")
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"{what} must not carry a user name or password")
    if parts.query or parts.fragment:
        raise ValueError(f"{what} must not have a query or a fragment")
    return parts


def is_loopback(host: str) -> bool:
    """Say whether a host name or address can only mean this machine."""
    if host.lower() in ("localhost", "localhost."):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
