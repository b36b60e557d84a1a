"""`douane onward`: what apps passed on to others, as far as their egress listeners show it."""

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from douane.cli.exits import Exit, complain, standard_output
from douane.cli.looking import As, Looker, Reason, Unrecorded

if TYPE_CHECKING:
    from douane.ledger.onward import Called, PassedOn, Refused

_WORDS = {
    "en": {
        "lang": "en",
        "link": "{category}: received from ChatGPT {received}, sent to {host} {sent}", "times": " ({n} times)",
        "called": "{host}: called {n} times", "held": "found in what was sent: {what}",
        "silent": "nothing was seen on its egress listener", "none": "not observable: it has no egress listener",
        "refused": "{n} requests refused before they left ({codes}): see egress_hosts in config.yaml",
        "unknown": "nothing was seen; without an egress listener (egress_port in config.yaml) it is not observable",
    },
    "fr": {
        "lang": "fr",
        "link": "{category} : donnée reçue de ChatGPT le {received}, envoyée à {host} le {sent}",
        "times": " ({n} fois)",
        "called": "{host} : appelé {n} fois", "held": "trouvé dans ce qui a été envoyé : {what}",
        "silent": "rien n’a été vu sur son écoute sortante", "none": "non observable : elle n’a pas d’écoute sortante",
        "refused": "{n} requêtes refusées avant leur départ ({codes}) : voir egress_hosts dans config.yaml",
        "unknown": "rien n’a été vu ; sans écoute sortante (egress_port dans config.yaml), ce n’est pas observable",
    },
}  # fmt: skip


def onward(
    app: Annotated[
        list[str] | None, typer.Option("--app", metavar="NAME", help="Only this app; may be repeated.")
    ] = None,
    output_format: Annotated[str, typer.Option("--format", "-f", metavar="text|json", help="How to print.")] = "text",
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of the answer.")] = "en",
    config: Annotated[
        Path | None, typer.Option("--config", "-c", metavar="FILE", help="The configuration that names the ledger.")
    ] = None,
    ledger: Annotated[Path | None, typer.Option(metavar="FILE", help="The ledger itself.")] = None,
    who: As = None,
    reason: Reason = "",
    unrecorded: Unrecorded = False,
) -> None:
    """Say which data that ChatGPT gave an app left from there for other hosts, and when; never the data.

    Seen only where the app uses its egress listener (egress_port); elsewhere it is not observable.
    """
    from douane.cli.app_reading import apps_in
    from douane.cli.looking import admitted
    from douane.cli.report import opened
    from douane.cli.scan import spoken
    from douane.ledger.onward import read_onward, read_refused

    words = _WORDS[spoken(lang).lang]
    if output_format not in ("text", "json"):
        complain("--format: text or json.")
        raise typer.Exit(Exit.USAGE)
    listening = listeners(config)
    looker = Looker(who, reason, unrecorded)
    leave = admitted(looker, "onward", config=config, ledger=ledger, apps=app or ())
    with closing(opened(leave.ledger)) as db:
        told = {name: (*read_onward(db, name), read_refused(db, name)) for name in apps_in(db, leave.apps)}
    if output_format == "json":
        lines = [json.dumps([as_json(name, *found, listening) for name, found in told.items()], indent=2)]
    else:
        lines = [line for name, found in told.items() for line in as_text(name, *found, listening, words)]
    with standard_output() as out:
        out.write("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
        out.flush()


def listeners(config: Path | None) -> dict[str, bool]:
    """Whether each configured app has an egress listener; empty where there is no configuration to ask."""
    from douane.cli.config import Errors, load_config

    file = config or Path("config.yaml")
    if not file.is_file():
        return {}
    read = load_config(file)
    return {} if isinstance(read, Errors) else {one.name: one.egress_port is not None for one in read.apps}


def as_text(
    app: str,
    called: "tuple[Called, ...]",
    passed: "tuple[PassedOn, ...]",
    refused: "Refused | None",
    listening: dict[str, bool],
    words: dict[str, str],
) -> list[str]:
    """The lines on one app."""
    stopped: list[str] = []
    if refused is not None:
        codes = ", ".join(f"{code} ×{count}" for code, count in refused.codes)
        stopped = [f"  {words['refused'].format(n=refused.count, codes=codes)}"]
    if not called and stopped:
        return [f"{app}:", *stopped]
    if not called:
        known = listening.get(app)
        return [f"{app}: {words['unknown' if known is None else 'silent' if known else 'none']}"]
    lines = [f"{app}:"]
    for one in passed:
        said = words["link"].format(
            category=named(one.category, words),
            received=second(one.received_at, words),
            host=one.host,
            sent=second(one.sent_at, words),
        )
        lines.append(f"  {said}{words['times'].format(n=one.times) if one.times > 1 else ''}")
    for call in called:
        lines.append(f"  {words['called'].format(host=call.host, n=call.calls)}")
        if call.categories:
            what = ", ".join(f"{named(category, words)} ×{count}" for category, count in call.categories)
            lines.append(f"    {words['held'].format(what=what)}")
    return lines + stopped


def as_json(
    app: str,
    called: "tuple[Called, ...]",
    passed: "tuple[PassedOn, ...]",
    refused: "Refused | None",
    listening: dict[str, bool],
) -> dict[str, Any]:
    """One app for programs. `egress_listener` is null where no configuration says it."""
    return {
        "app": app,
        "egress_listener": True if called or refused is not None else listening.get(app),
        "called": [
            {"host": one.host, "calls": one.calls, "first_at": one.first_at, "last_at": one.last_at,
             "found": dict(one.categories)}
            for one in called
        ],
        "passed_on": [
            {"category": one.category, "host": one.host, "received_at": one.received_at, "sent_at": one.sent_at,
             "tool": one.tool, "disclosure_id": one.disclosure_id, "times": one.times}
            for one in passed
        ],
        "refused": None if refused is None else {
            "requests": refused.count, "first_at": refused.first_at, "last_at": refused.last_at,
            "codes": dict(refused.codes),
        },
    }  # fmt: skip


def second(at: str, words: dict[str, str]) -> str:
    """A time of the ledger to the second, in UTC, the day as the language writes it."""
    day, clock = at[:10], at[11:19]
    return f"{'/'.join(reversed(day.split('-')))} {clock}" if words["lang"] == "fr" else f"{day} {clock}"


def named(key: str, words: dict[str, str]) -> str:
    """A category's name with its key; the key alone where the taxonomy does not know it."""
    from douane.audit import taxonomy

    known = taxonomy.category(key)
    return key if known is None else f"{known.name(words['lang'])} ({key})"
