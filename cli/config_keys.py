"""The keys of config.yaml, each with what it means. docs/configuration.md says more."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from platformdirs import user_data_dir
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from douane.audit.category_key import CategoryKey
from douane.audit.declaration_file import APP_NAME, HOST_NAME
from douane.audit.yamltext import refusal
from douane.cli.config_people import Line, Profile, Role, profile_of
from douane.cli.config_retention import Retention
from douane.detectors.extensions import Extensions

_URL_REMEDY = "Write it as http://127.0.0.1:3000/mcp."


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)


def split_url(text: str) -> SplitResult:
    """The parts of an http(s) URL without user name, query or fragment; raises `PydanticCustomError` for any other."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise refusal("is not a URL", _URL_REMEDY) from None
    if parts.scheme not in ("http", "https"):
        raise refusal("must begin with http:// or https://", _URL_REMEDY)
    if parts.username is not None or parts.password is not None:
        remedy = "Remove what stands before the @: Douane passes on the credentials that the client sends."
        raise refusal("must not hold a user name or password", remedy)
    if (
        not parts.hostname
        or port == 0
        or any(char.isspace() or char == "\\" or not char.isprintable() for char in text)
    ):
        raise refusal("is not a URL", _URL_REMEDY)
    if not text.isascii():
        raise refusal("must be ASCII", "Write the host name in punycode and escape the path (%C3%A9).")
    if "?" in text or "#" in text:
        remedy = "Put them into the URL that you give to ChatGPT: Douane passes them on."
        raise refusal("must not have a query or a fragment", remedy)
    if any(segment in (".", "..") for segment in parts.path.replace("%2e", ".").replace("%2E", ".").split("/")):
        raise refusal("must not have . or .. in its path", "Write the path out.")
    return parts


def _is_url(text: str) -> str:
    split_url(text)
    return text


def _is_public_url(text: str) -> str:
    parts = split_url(text)
    if parts.scheme != "https" and parts.hostname not in LOCAL_NAMES:
        raise refusal("must begin with https://", "ChatGPT connects to https only (http is taken for localhost).")
    return text


LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def _is_prefix(text: str) -> str:
    plain = text.rstrip("/")
    odd = any(char in "?#%\\ " or not char.isprintable() for char in plain)
    if not plain.startswith("/") or "//" in plain or odd or {".", ".."} & set(plain.split("/")):
        raise refusal("is not a plain path", "Begin with / and keep to letters, figures and dashes: /crm.")
    return plain


def _is_file_name(value: Any) -> Any:
    if isinstance(value, str) and (not value or "\0" in value):
        raise refusal("is not a file name", "Write a path; a relative one counts from the folder of this file.")
    return value


def _is_opened_host(text: str) -> str:
    if text.startswith("*") and text.count(".") < 2:
        raise refusal("would open every host", "Name the hosts: api.example.org, or *.example.org.")
    return text.lower()


type Port = Annotated[int, Field(ge=0, le=65535)]
type FileName = Annotated[Path, BeforeValidator(_is_file_name)]
type HostName = Annotated[str, Field(pattern=HOST_NAME, max_length=253), AfterValidator(str.lower)]
type OpenedHost = Annotated[
    str,
    Field(pattern=r"^(\*|[A-Za-z0-9-]+)(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?$", max_length=260),
    AfterValidator(_is_opened_host),
]
type Score = Annotated[float, Field(ge=0, le=1)]


class App(_Section):
    """One app behind Douane."""

    name: str = Field(pattern=APP_NAME, description="the app's name in reports: letters, figures, `.`, `_` and `-`.")
    # URLs can hold secrets in their path, so they stay out of `repr`.
    upstream: Annotated[str, AfterValidator(_is_url)] = Field(
        repr=False, description="the app's MCP URL with its path, such as http://127.0.0.1:3000/mcp."
    )
    port: Port | None = Field(
        default=None, description="the port on which Douane listens for this app, 0 for any free one."
    )
    host_names: tuple[HostName, ...] = Field(
        default=(), max_length=50, description="a list of host names, such as crm.example.org."
    )
    path_prefix: Annotated[str, AfterValidator(_is_prefix)] | None = Field(
        default=None, description="a path under which the app stands, such as /crm."
    )
    public_url: Annotated[str, AfterValidator(_is_public_url)] | None = Field(
        default=None, repr=False, description="the URL that ChatGPT is given, such as https://crm.example.org/mcp."
    )
    oauth: Literal["detect", "public_url", "rewrite"] = Field(
        default="detect", description="detect, public_url or rewrite."
    )
    declaration: FileName | None = Field(default=None, description="the app's declaration file.")
    tools: FileName | None = Field(default=None, description="a saved answer to tools/list, in JSON.")
    approved: FileName | None = Field(
        default=None, description="the snapshot that `douane declare approve` made of the app."
    )
    fetch_tools: bool = Field(
        default=True, description="true or false: whether Douane asks the app for its tools itself."
    )
    on_log_failure: Literal["refuse", "pass"] = Field(
        default="refuse", description="refuse or pass: what happens to a message that cannot be recorded."
    )
    require_chatgpt_certificate: bool = Field(
        default=False, description="true or false: whether clients must show ChatGPT's certificate."
    )
    chatgpt_ca: FileName | None = Field(
        default=None, description="the file of the authorities that vouch for ChatGPT's certificate."
    )
    upstream_ca: FileName | None = Field(
        default=None, description="the file of the authorities that vouch for an https upstream."
    )
    egress_port: Port | None = Field(
        default=None, description="the port of a forward proxy for what this app sends out itself."
    )
    egress_hosts: tuple[OpenedHost, ...] = Field(
        default=(),
        max_length=500,
        description="a list of hosts that the app may reach through it, such as api.example.org.",
    )


class Listen(_Section):
    """Where Douane listens for ChatGPT or the tunnel."""

    host: str = Field(
        default="127.0.0.1",
        pattern=r"^[A-Za-z0-9.:_-]{1,253}$",
        description="the address to listen on: 127.0.0.1 for this machine only, 0.0.0.0 for all.",
    )
    first_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        default=8700, description="the first port for apps that name none, 0 for any free ones."
    )
    tls_certificate: FileName | None = Field(default=None, description="a PEM file with the certificate chain.")
    tls_key: FileName | None = Field(default=None, description="a PEM file with the certificate's private key.")
    body_seconds: int = Field(
        default=600, ge=1, le=86_400, description="seconds that a request's body may take to come whole."
    )
    silent_seconds: int = Field(
        default=900, ge=1, le=604_800, description="seconds that a connection may have no request open."
    )
    waiting_mib: int = Field(
        default=128, ge=1, le=65_536, description="how much of unfinished requests is kept in memory, in MiB."
    )


class Forward(_Section):
    """A forward proxy for clients on this machine. Off by default."""

    enabled: bool = Field(default=False, description="true or false: whether there is a forward proxy.")
    port: Port = Field(default=8790, description="the port on 127.0.0.1, 0 for any free one.")
    hosts: tuple[OpenedHost, ...] = Field(
        default=(),
        max_length=500,
        description="a list of hosts that may be opened besides the apps', such as mcp.example.org.",
    )
    app: str | None = Field(
        default=None, pattern=APP_NAME, description="the name of the app that exchanges with `hosts` count for."
    )


class Storage(_Section):
    """What is kept, and where."""

    folder: FileName = Field(default=Path(user_data_dir("douane")), description="the folder of ledger and spool.")
    ledger: FileName = Field(
        default=Path("douane.db"), description="the ledger's file; a relative path counts from `folder`."
    )
    spool: FileName = Field(
        default=Path("spool.db"), description="the spool's file; a relative path counts from `folder`."
    )
    key_store: Literal["file", "keyring"] = Field(
        default="file", description="file, or keyring for the operating system's keyring."
    )
    key_file: FileName | None = Field(default=None, description="the master key's file, outside `folder`.")
    key_in_folder: bool = Field(default=False, description="true or false: whether the key may lie inside `folder`.")
    durability: Literal["process", "power"] = Field(
        default="process", description="process (survives kill -9) or power (survives a power cut; slower)."
    )
    spool_limit_mib: int = Field(default=512, ge=1, le=1_048_576, description="the spool's largest size in MiB.")
    keep_uninspected_minutes: float = Field(
        default=15, gt=0, le=15, description="minutes after which an uninspected message is destroyed, at most 15."
    )


class Trust(_Section):
    """Where it is kept, outside the database, how far the ledger was."""

    anchor_folder: FileName | None = Field(
        default=None,
        description="the folder of the anchors, which say how far the ledger was; outside `storage.folder`.",
    )
    syslog: bool = Field(default=False, description="true or false: whether the anchors also go to syslog.")


class Inspection(_Section):
    """How much one message may cost."""

    time_budget_seconds: float = Field(default=30, gt=0, le=600, description="seconds of inspection for one message.")
    max_body_mib: int = Field(
        default=16, ge=1, le=1024, description="the largest body that is recorded and inspected, in MiB."
    )
    max_event_mib: int = Field(
        default=16, ge=1, le=1024, description="the largest event of a stream that is inspected, in MiB."
    )
    max_depth: int = Field(default=128, ge=1, le=512, description="how deep JSON may be nested.")
    max_fields: int = Field(
        default=20_000, ge=1, le=1_000_000, description="how many fields of one message are opened."
    )


class Detection(_Section):
    """What is looked for."""

    presidio: bool = Field(default=True, description="true or false: whether free text is read with Presidio.")
    languages: tuple[Literal["fr", "en"], ...] = Field(
        default=("fr", "en"), min_length=1, max_length=2, description="a list of the languages of free text: fr, en."
    )
    free_text: Literal["persons", "everything"] = Field(
        default="persons",
        description="persons (what free text says of somebody) or everything (every name, place, organisation, date, "
        "title, number and site in it).",
    )
    minimum_score: Score = Field(
        default=0.4, description="the confidence from 0 to 1 below which a finding is dropped."
    )
    thresholds: Mapping[CategoryKey, Score] = Field(
        default={}, description="a minimum score for each category that needs its own, such as `user.name: 0.6`."
    )


class Log(_Section):
    """What `douane run` shows."""

    format: Literal["auto", "plain", "json"] = Field(
        default="auto", description="auto (a live view on a terminal, lines elsewhere), plain or json."
    )


class Settings(_Section):
    """Everything that config.yaml can say."""

    apps: tuple[App, ...] = Field(
        default=(), max_length=500, description="a list of apps, each with `name` and `upstream`."
    )
    listen: Listen = Field(default=Listen(), description="where Douane listens.")
    forward: Forward = Field(default=Forward(), description="a forward proxy for clients on this machine.")
    storage: Storage = Field(default=Storage(), description="what is kept, and where.")
    retention: Retention = Field(default=Retention(), description="how long the ledger keeps what.")
    trust: Trust = Field(default=Trust(), description="where it is kept, outside the database, how far the ledger was.")
    inspection: Inspection = Field(default=Inspection(), description="how much one message may cost.")
    detection: Detection = Field(default=Detection(), description="what is looked for.")
    detectors: Extensions = Field(default=Extensions(), description="what you add to detection, and take away.")
    log: Log = Field(default=Log(), description="what `douane run` shows.")
    profile: Profile | None = Field(
        default=None,
        description="dev, audit (the default off this machine) or monitor: how closely people are watched.",
    )
    reason: Line = Field(default="", description="why people are watched, on one line; the profile monitor needs it.")
    roles: tuple[Role, ...] = Field(
        default=(), max_length=500, description="a list of who may look into the ledger, each with `who` and `role`."
    )

    @property
    def profile_in_force(self) -> Profile:
        """The profile that is written, else the one that where Douane listens asks for."""
        return profile_of(self.profile, self.listen.host)
