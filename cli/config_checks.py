"""What one key of config.yaml cannot know of the others: ports that clash, loops, missing files."""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from douane.audit.yamltext import Document, Fault
from douane.audit.yamltext import Path as Place
from douane.cli import config_retention
from douane.cli.config_detectors import detector_faults, with_files
from douane.cli.config_keys import App, Settings
from douane.ledger.anchors import FOLDER

_APP_FILES = ("declaration", "tools", "approved", "chatgpt_ca", "upstream_ca")


def complete[S: Settings](config: S, folder: Path, key_file: Path) -> S:
    """The configuration with every port and path settled.

    An app without `port` shares the first port when it has `host_names` or `path_prefix`, else it gets the next port
    from there that nobody named and on which no upstream on this machine listens. Relative paths count from `folder`,
    the storage's from its own; `~` is the home.
    """
    storage = config.storage
    data = _settled(storage.folder, folder)
    key = _settled(storage.key_file or key_file, folder)
    listen = config.listen
    return config.model_copy(
        update={
            "apps": tuple(_with_ports(config, folder)),
            "detectors": with_files(config.detectors, lambda path: _settled(path, folder)),
            "listen": listen.model_copy(update=_files(listen, ("tls_certificate", "tls_key"), folder)),
            "storage": storage.model_copy(
                update={
                    "folder": data,
                    "ledger": _settled(storage.ledger, data),
                    "spool": _settled(storage.spool, data),
                    "key_file": key,
                }
            ),
            "trust": config.trust.model_copy(
                update={"anchor_folder": _settled(config.trust.anchor_folder or key.parent / FOLDER, folder)}
            ),
        }
    )


def check(config: Settings, document: Document) -> list[Fault]:
    """Everything wrong in a completed configuration that no single key shows."""
    return [
        *_names(config.apps, document),
        *_shared_ports(config.apps, document),
        *_taken_ports(config, document),
        *_loops(config, document),
        *_companions(config, document),
        *_missing_files(config, document),
        *_people(config, document),
        *config_retention.faults(config.retention, document),
        *detector_faults(config, document),
    ]


def _with_ports(config: Settings, folder: Path) -> Iterator[App]:
    first = config.listen.first_port
    taken = {port for port, _ in _other_ports(config)} | {app.port for app in config.apps if app.port}
    if any(app.port is None and _told_apart(app) for app in config.apps):
        taken.add(first)
    taken |= {port for host, port in map(_host_and_port, config.apps) if _is_this_machine(host)}
    following = first
    for app in config.apps:
        update = _files(app, _APP_FILES, folder)
        if app.port is None and (_told_apart(app) or not first):
            update["port"] = first
        elif app.port is None:
            while following in taken:
                following += 1
            update["port"] = following
            taken.add(following)
        yield app.model_copy(update=update)


def _files(section: Any, keys: Sequence[str], folder: Path) -> dict[str, Any]:
    return {key: _settled(path, folder) for key in keys if (path := getattr(section, key)) is not None}


def _settled(path: Path, folder: Path) -> Path:
    return Path.cwd() / folder.expanduser() / path.expanduser()


def _told_apart(app: App) -> bool:
    return bool(app.host_names) or app.path_prefix is not None


def _other_ports(config: Settings) -> Iterator[tuple[int, Place]]:
    """Every port of a forward proxy and where it is named."""
    if config.forward.enabled:
        yield config.forward.port, ("forward", "port")
    for index, app in enumerate(config.apps):
        if app.egress_port is not None:
            yield app.egress_port, ("apps", index, "egress_port")


def _names(apps: Sequence[App], document: Document) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for index, app in enumerate(apps):
        first = seen.setdefault(app.name.casefold(), index)
        if first != index:
            problem = f"apps[{first}] has this name already"
            yield document.fault(("apps", index, "name"), problem, "Give each app a name of its own.")


def _shared_ports(apps: Sequence[App], document: Document) -> Iterator[Fault]:
    for (_, one), (index, other) in combinations(enumerate(apps), 2):
        if not other.port or one.port != other.port:
            continue
        place: Place = ("apps", index, "port")
        if not (_told_apart(one) and _told_apart(other)):
            remedy = "Give each app a port of its own, or `host_names` or a `path_prefix` to both."
            yield document.fault(place, f"port {other.port} is taken by another app", remedy)
        elif _overlap(one, other):
            remedy = "Give them different `host_names`, or a `path_prefix` that does not lie in the other's."
            yield document.fault(place, f"cannot be told apart from another app on port {other.port}", remedy)
        elif one.require_chatgpt_certificate != other.require_chatgpt_certificate or one.chatgpt_ca != other.chatgpt_ca:
            remedy = "Give both the same `require_chatgpt_certificate` and `chatgpt_ca`, or ports of their own."
            yield document.fault(place, "asks for other client certificates than an app on the same port", remedy)


def _overlap(one: App, other: App) -> bool:
    same_host = set(one.host_names) & set(other.host_names) or not (one.host_names or other.host_names)
    first, second = sorted((f"{one.path_prefix or ''}/", f"{other.path_prefix or ''}/"), key=len)
    return bool(same_host) and second.startswith(first)


def _taken_ports(config: Settings, document: Document) -> Iterator[Fault]:
    taken = {app.port for app in config.apps if app.port}
    for port, place in _other_ports(config):
        if port and port in taken:
            yield document.fault(place, f"port {port} is taken by another listener", "Give it a port of its own.")
        taken.add(port)


def _loops(config: Settings, document: Document) -> Iterator[Fault]:
    listening = {app.port for app in config.apps} | {port for port, _ in _other_ports(config)}
    for index, app in enumerate(config.apps):
        host, port = _host_and_port(app)
        place: Place = ("apps", index, "upstream")
        if port in listening and (_is_this_machine(host) or host == config.listen.host.lower()):
            remedy = "Name the port on which the app itself listens, or move Douane to another `port`."
            yield document.fault(place, f"Douane itself listens on port {port}: a loop", remedy)
        elif app.public_url is not None and _origin(app.public_url) == _origin(app.upstream):
            remedy = "Name the app by its inner address here; `public_url` is the address that leads to Douane."
            yield document.fault(place, "leads to `public_url`, and so back to Douane: a loop", remedy)
        elif host in app.host_names:
            remedy = "Name the app by its inner address here; `host_names` are names that lead to Douane."
            yield document.fault(place, "is one of `host_names`, and so leads back to Douane: a loop", remedy)


def _is_this_machine(host: str) -> bool:
    if host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _host_and_port(app: App) -> tuple[str, int]:
    return _origin(app.upstream)[1:]


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)


def _companions(config: Settings, document: Document) -> Iterator[Fault]:
    """Keys that mean nothing without another."""
    listen, forward = config.listen, config.forward
    if (listen.tls_certificate is None) != (listen.tls_key is None):
        here, missing = ("tls_key", "tls_certificate") if listen.tls_key else ("tls_certificate", "tls_key")
        yield document.fault(("listen", here), f"`{missing}` is missing beside it", f"Add `{missing}`.")
    names = {app.name for app in config.apps}
    if forward.hosts and forward.app is None:
        yield document.fault(("forward", "hosts"), "no app to count these hosts for", "Add `app:` with an app's name.")
    if forward.app is not None and forward.app not in names:
        yield document.fault(("forward", "app"), "there is no app of this name", "Write the `name` of one of the apps.")
    if forward.enabled and not forward.hosts and not config.apps:
        yield document.fault(("forward", "enabled"), "there is nothing to open", "Add an app, or `hosts` and `app`.")
    for index, app in enumerate(config.apps):
        yield from _app_companions(config, app, index, document)


def _app_companions(config: Settings, app: App, index: int, document: Document) -> Iterator[Fault]:
    place: Place = ("apps", index)
    if app.oauth == "public_url" and app.public_url is None:
        remedy = "Add `public_url:` with the URL that ChatGPT is given."
        yield document.fault((*place, "oauth"), "`public_url` is missing", remedy)
    if app.require_chatgpt_certificate:
        if app.chatgpt_ca is None:
            remedy = "Add `chatgpt_ca:` with the file of the authorities that vouch for it."
            yield document.fault((*place, "require_chatgpt_certificate"), "`chatgpt_ca` is missing", remedy)
        if config.listen.tls_certificate is None:
            remedy = "Add `tls_certificate` and `tls_key` under `listen:`: a client shows a certificate over TLS only."
            yield document.fault((*place, "require_chatgpt_certificate"), "Douane does not listen with TLS", remedy)
    if app.egress_hosts and app.egress_port is None:
        remedy = "Add `egress_port:`, the port of the app's forward proxy."
        yield document.fault((*place, "egress_hosts"), "`egress_port` is missing", remedy)
    if app.upstream_ca is not None and urlsplit(app.upstream).scheme != "https":
        yield document.fault((*place, "upstream_ca"), "the upstream is not https", "Remove it, or use https.")


def _people(config: Settings, document: Document) -> Iterator[Fault]:
    """Profile and roles."""
    if config.profile == "monitor" and not config.reason:
        remedy = "Add `reason:` with why people are watched: every report prints it."
        yield document.fault(("profile",), "`reason` is missing beside it", remedy)
    seen: dict[str, int] = {}
    for index, one in enumerate(config.roles):
        first = seen.setdefault(one.who, index)
        if first != index:
            remedy = "Give each person one role."
            yield document.fault(("roles", index, "who"), f"roles[{first}] is of the same person", remedy)
        if (one.role == "developer") != bool(one.apps):
            fault = "a developer needs `apps`" if one.role == "developer" else "only a developer has `apps`"
            yield document.fault(("roles", index, "role"), fault, "A dpo and an admin look at every app.")


def _missing_files(config: Settings, document: Document) -> Iterator[Fault]:
    named: list[tuple[Place, Path | None]] = [
        (("listen", "tls_certificate"), config.listen.tls_certificate),
        (("listen", "tls_key"), config.listen.tls_key),
    ]
    for index, app in enumerate(config.apps):
        named.extend((("apps", index, key), getattr(app, key)) for key in _APP_FILES)
    for place, path in named:
        if path is not None and not path.is_file():
            remedy = "A relative path counts from the folder of this file."
            yield document.fault(place, "there is no such file", remedy)
