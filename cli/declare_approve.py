"""`douane declare approve` and `douane declare drift`: pin what was approved of an app, and say what differs since."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from douane.cli.exits import Exit, complain, standard_output, tell
from douane.cli.looking import As, Looker, Reason, Unrecorded

if TYPE_CHECKING:
    from douane.audit.approved import Approved, Difference, Live
    from douane.cli.app_reading import SaidApp

Url = Annotated[str | None, typer.Argument(metavar="[URL]", help="The app's MCP URL.")]
Command = Annotated[
    str | None, typer.Option("--command", metavar="CMD", help="Start the app as this program, over stdio.")
]
AppName = Annotated[str | None, typer.Option("--app", metavar="NAME", help="Read the ledger instead of the app.")]
Token = Annotated[
    str | None,
    typer.Option("--token-env", metavar="VARIABLE", help="The environment variable that holds an access token."),
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="FILE", help="The configuration that names the ledger.")
]
LedgerFile = Annotated[Path | None, typer.Option("--ledger", metavar="FILE", help="The ledger itself.")]

_WHAT = {
    "en": {
        "tools": "tools", "description": "description", "inputSchema": "input schema", "outputSchema": "output schema",
        "annotations": "annotations", "_meta": "_meta", "csp": "widget", "+": "new", "-": "gone", "~": "changed",
        "none": "Nothing differs from what was approved on {on}.",
        "some": "{n} difference(s) from what was approved on {on}.",
        "unknown": "an unknown date", ":": ":",
        "future": "The approval is dated {on}, a day that has not come: correct approved_on in the snapshot.",
    },
    "fr": {
        "tools": "outils", "description": "description", "inputSchema": "schéma d’entrée",
        "outputSchema": "schéma de sortie", "annotations": "annotations", "_meta": "_meta", "csp": "widget",
        "+": "nouveau", "-": "disparu", "~": "modifié",
        "none": "Rien ne diffère de ce qui a été approuvé le {on}.",
        "some": "{n} différence(s) avec ce qui a été approuvé le {on}.", "unknown": "une date inconnue",
        "future": "L’approbation est datée du {on}, un jour à venir : corrigez approved_on dans le fichier.",
        ":": "\u00a0:",
    },
}  # fmt: skip


def approve(
    url: Url = None,
    command: Command = None,
    app: AppName = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="The app's name in config.yaml.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; NAME.approved.json by default.")
    ] = None,
    by: Annotated[str, typer.Option(metavar="WHO", help="Who approves.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Replace a snapshot that is there.")] = False,
    token_env: Token = None,
    seconds: Annotated[float, typer.Option(help="How long the app may take to answer.")] = 30.0,
    config: ConfigFile = None,
    ledger: LedgerFile = None,
    who: As = None,
    reason: Reason = "",
    unrecorded: Unrecorded = False,
) -> None:
    """Pin an app's tools, schemas, annotations and widget hosts as they are now, by name and hash.

    Name the file in config.yaml under the app (approved:): Douane then says when the live app differs.
    """
    from douane.audit.approved import pinned, written
    from douane.cli.app_reading import app_read

    looker = Looker(who, reason, unrecorded)
    read = app_read(
        url, command, app, token_env=token_env, seconds=seconds, config=config, ledger=ledger, looker=looker
    )
    called = name or read.name
    path = output or Path(f"{called}.approved.json")
    if path.exists() and not replace:
        complain(
            f"{path}: this file is there already. Look at what differs with `douane declare drift`, then --replace."
        )
        raise typer.Exit(Exit.USAGE)
    on = datetime.now(UTC).date().isoformat()
    text = written(pinned(called, lives(read), read.observed, on=on, by=by, where=read.where))
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        complain(f"{path}: {error.strerror}. Give another file with -o.")
        raise typer.Exit(Exit.PARTLY) from None
    tell(f"Approved: {path} ({len(read.tools)} tools)")


def drift(
    url: Url = None,
    command: Command = None,
    app: AppName = None,
    approved: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The snapshot; with --app the configured one by default.")
    ] = None,
    output_format: Annotated[str, typer.Option("--format", "-f", metavar="text|json", help="How to print.")] = "text",
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of the answer.")] = "en",
    token_env: Token = None,
    seconds: Annotated[float, typer.Option(help="How long the app may take to answer.")] = 30.0,
    config: ConfigFile = None,
    ledger: LedgerFile = None,
    who: As = None,
    reason: Reason = "",
    unrecorded: Unrecorded = False,
) -> None:
    """Say in words how an app differs from what was approved of it.

    Exit code 1: something differs.
    """
    from douane.audit.approved import differences
    from douane.cli.app_reading import app_read
    from douane.cli.scan import spoken

    language = spoken(lang).lang
    if output_format not in ("text", "json"):
        complain("--format: text or json.")
        raise typer.Exit(Exit.USAGE)
    snapshot = snapshot_in(approved or configured(app, config))
    looker = Looker(who, reason, unrecorded)
    read = app_read(
        url,
        command,
        app,
        token_env=token_env,
        seconds=seconds,
        config=config,
        ledger=ledger,
        looker=looker,
        lang=language,
    )
    # the ledger may not have seen every tool since: what is not in it is not gone
    found = differences(snapshot, lives(read), read.observed, whole=app is None)
    show(found, snapshot, language, output_format)
    if found:
        raise typer.Exit(Exit.PARTLY)


def lives(read: "SaidApp") -> "tuple[Live, ...]":
    """The tools of an app with the digests of their schemas."""
    from douane.audit.approved import Live
    from douane.ledger.fingerprint import sha256

    return tuple(
        Live(
            tool.schema,
            tool.annotations,
            *(
                said or (sha256(schema) if schema is not None else "")
                for said, schema in zip(
                    tool.digests, (tool.schema.input_schema, tool.schema.output_schema), strict=True
                )
            ),
        )
        for tool in read.tools
    )


def configured(app: str | None, config: Path | None) -> Path:
    """The snapshot that the configuration names for an app; complains when it names none and exits with 2."""
    from douane.cli.config import Errors, load_config

    file = config or Path("config.yaml")
    if app is not None and file.is_file():
        read = load_config(file)
        if isinstance(read, Errors):
            complain(str(read))
            raise typer.Exit(Exit.USAGE)
        path = next((one.approved for one in read.apps if one.name == app), None)
        if path is not None:
            return path
    complain("Name the snapshot with --approved, or under the app in config.yaml (approved:) and the app with --app.")
    raise typer.Exit(Exit.USAGE)


def snapshot_in(path: Path) -> "Approved":
    """The snapshot in a file; complains of every fault in it and exits with 2."""
    from douane.audit.approved import parse_approved
    from douane.cli.files import taken

    return taken(path, parse_approved, missing="Make the snapshot with `douane declare approve`.")


def show(found: "tuple[Difference, ...]", snapshot: "Approved", lang: str, output_format: str) -> None:
    """Print the differences."""
    words = _WHAT[lang]
    if output_format == "json":
        told = [{"tool": one.tool, "what": one.what, "how": one.how} for one in found]
        lines = [json.dumps({"approved_on": snapshot.approved_on, "differences": told}, ensure_ascii=False, indent=2)]
    else:
        lines = [said(one, words) for one in found]
        on = snapshot.approved_on or words["unknown"]
        lines.append(words["some" if found else "none"].format(n=len(found), on=on))
        lines += to_come(snapshot.approved_on, datetime.now(UTC).date().isoformat(), words)
    with standard_output() as out:
        for line in lines:
            out.write(f"{line}\n".encode("utf-8", "replace"))
        out.flush()


def to_come(on: str, today: str, words: dict[str, str]) -> list[str]:
    """A line where an approval is dated on a day (ISO 8601) that has not come, else none."""
    return [words["future"].format(on=on)] if on[:10] > today else []


def said(one: "Difference", words: dict[str, str]) -> str:
    """One difference in words: `book, input schema: new /passport`."""
    sign, _, rest = one.how.partition(" ")
    what = f"{one.tool}, {words[one.what]}" if one.tool else words[one.what]
    plain = "".join(char if char.isprintable() else "?" for char in rest)
    return f"{what}{words[':']} {words[sign]} {plain}".rstrip()
