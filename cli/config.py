"""config.yaml: read, checked, and completed with what it leaves open."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult

from pydantic_core import PydanticCustomError

from douane.audit import yamltext
from douane.audit.declaration import Declaration
from douane.audit.declaration_file import parse_declaration
from douane.audit.yamltext import Document, Errors, Fault
from douane.cli.config_checks import check, complete
from douane.cli.config_keys import LOCAL_NAMES, App, Settings, split_url
from douane.cli.files import text_of
from douane.ledger.keys import key_path

__all__ = ["App", "Config", "Errors", "declarations", "load_config"]


class Config(Settings):
    """The whole configuration. As `load_config` and `for_upstream` return it, every port and path is settled."""

    @classmethod
    def for_upstream(
        cls, url: str, *, base: "Config | None" = None, app: Mapping[str, Any] | None = None
    ) -> "Config | Errors":
        """The configuration of `douane run URL`: one app on the first port, all else as in `base` or by default.

        The app is named after the upstream's host, or `app-PORT` where that is this machine; `app` holds further keys
        of it.
        """
        try:
            name = _name_of(split_url(url.strip()))
        except PydanticCustomError:
            name = "app"
        one = {"name": name, "upstream": url, **(app or {})}
        nowhere: dict[yamltext.Path, tuple[int, int]] = {(): (0, 0), ("apps",): (0, 0), ("apps", 0): (0, 0)}
        nowhere |= {("apps", 0, key): (0, 0) for key in one}
        document = Document("command line", {"apps": [one]}, nowhere, nowhere)
        read = yamltext.read(document, cls)
        if isinstance(read, Config):
            read = (base or cls()).model_copy(update={"apps": read.apps})
            read = _completed(read, document, Path.cwd())
        if isinstance(read, Errors):
            return Errors(tuple(replace(fault, where=_on_the_command_line(fault.where)) for fault in read.faults))
        return read

    def digest(self) -> str:
        """SHA-256 (hex) of the settled configuration: equal for equal settings, however they were written.

        The files of the user's folder of detectors are part of it.
        """
        digest = hashlib.sha256(self.model_dump_json().encode())
        folder = self.detectors.folder
        for file in sorted(folder.glob("*.py")) if folder is not None else ():
            with suppress(OSError):
                digest.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()


def load_config(path: Path) -> Config | Errors:
    """The configuration in `path`, or every fault in it by line and column. Files that it names must exist."""
    name = str(path)
    text = text_of(path, missing="Check the path, or copy the default config.yaml there.")
    if isinstance(text, Errors):
        return text
    document = yamltext.parse(text, name)
    if isinstance(document, Errors):
        return document
    # `apps:` with everything below it commented out is an empty section, not a wrong one.
    if isinstance(document.data, dict):
        data = {
            key: value for key, value in document.data.items() if value is not None or key not in Config.model_fields
        }
        document = replace(document, data=data)
    read = yamltext.read(document, Config)
    if isinstance(read, Errors):
        return read
    return _completed(read, document, path.parent)


def declarations(config: Config) -> dict[str, Declaration] | Errors:
    """Each app's declaration by the app's name, apps without a file left out; else every fault of every file."""
    out: dict[str, Declaration] = {}
    faults: list[Fault] = []
    for app in config.apps:
        read = _declaration(app, app.declaration) if app.declaration is not None else None
        if isinstance(read, Errors):
            faults.extend(read.faults)
        elif read is not None:
            out[app.name] = read
    return Errors(tuple(faults)) if faults else out


def _declaration(app: App, path: Path) -> Declaration | Errors:
    name = str(path)
    text = text_of(path)
    if isinstance(text, Errors):
        return text
    read = parse_declaration(text, path.name)
    if isinstance(read, Errors):
        return Errors(tuple(replace(fault, file=name) for fault in read.faults))
    if read.app == app.name:
        return read
    document = yamltext.parse(text, name)
    line, column = document.position(("app",)) if isinstance(document, Document) else (0, 0)
    remedy = f"Write `app: {app.name}`, or name the file of the right app in the configuration."
    return Errors((Fault(name, line, column, "app", "the declaration is for another app", remedy),))


def _completed(config: Config, document: Document, folder: Path) -> Config | Errors:
    settled = complete(config, folder, key_path())
    faults = check(settled, document)
    return yamltext.ordered(faults) if faults else settled


def _on_the_command_line(where: str) -> str:
    key = where.rpartition(".")[2]
    return f"--{key.replace('_', '-')}" if key in ("name", "port", "public_url", "declaration") else "the upstream URL"


def _name_of(parts: SplitResult) -> str:
    host = (parts.hostname or "").strip(".")
    if host in LOCAL_NAMES or not any(char.isalpha() for char in host) or ":" in host:
        return f"app-{parts.port or (443 if parts.scheme == 'https' else 80)}"
    return host.replace("_", "-")[:63].strip("-.")
