"""`douane onward`: what apps passed on to others, as far as their egress listeners show it."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from douane.cli.exits import Exit, complain, standard_output
from douane.cli.looking import As, Looker, ReadConfig, Reason, Unrecorded

if TYPE_CHECKING:
    from douane.ledger.onward import Called, PassedOn, Refused, Sending

WORDS = {
    "en": {
        "lang": "en",
        "link": "{category}: received from ChatGPT {received}, {left}",
        "once": "{first}", "often": "{n} times, {first} to {last}",
        "delivered_link": "sent to {host} {when}", "failed_link": "tried to send to {host} {when}, and failed",
        "refused_link": "tried to send to {host} {when}, and refused by Douane",
        "unknown_link": "left for {host} {when}; whether it arrived is not known",
        "called": "{host}: called {n} times{but}", "called_once": "{host}: called once{but}",
        "but_failed": "{n} failed", "but_refused": "{n} refused by Douane",
        "but_unknown": "{n} with an unknown outcome",
        "held": "found in what was sent: {what}",
        "silent": "nothing was seen on its egress listener", "none": "not observable: it has no egress listener",
        "refused": "{n} requests refused before they left ({codes}): see egress_hosts in config.yaml",
        "refused_once": "1 request refused before it left ({codes}): see egress_hosts in config.yaml",
        "unknown": "nothing was seen; without an egress listener (egress_port in config.yaml) it is not observable",
    },
    "fr": {
        "lang": "fr",
        "link": "{category} : donnée reçue de ChatGPT {received}, {left}",
        "once": "le {first}", "often": "{n} fois, du {first} au {last}",
        "delivered_link": "envoyée à {host} {when}", "failed_link": "tentative d’envoi à {host} {when}, échouée",
        "refused_link": "tentative d’envoi à {host} {when}, refusée par Douane",
        "unknown_link": "partie vers {host} {when} ; on ignore si elle est arrivée",
        "called": "{host} : appelé {n} fois{but}", "called_once": "{host} : appelé une fois{but}",
        "but_failed": "{n} en échec", "but_refused": "{n} avec refus de Douane",
        "but_unknown": "{n} à l’issue inconnue",
        "held": "trouvé dans ce qui a été envoyé : {what}",
        "silent": "rien n’a été vu sur son écoute sortante", "none": "non observable : elle n’a pas d’écoute sortante",
        "refused": "{n} requêtes refusées avant leur départ ({codes}) : voir egress_hosts dans config.yaml",
        "refused_once": "1 requête refusée avant son départ ({codes}) : voir egress_hosts dans config.yaml",
        "unknown": "rien n’a été vu ; sans écoute sortante (egress_port dans config.yaml), ce n’est pas observable",
    },
}  # fmt: skip


def onward(
    app: Annotated[
        list[str] | None, typer.Option("--app", metavar="NAME", help="Only this app; may be repeated.")
    ] = None,
    output_format: Annotated[str, typer.Option("--format", "-f", metavar="text|json", help="How to print.")] = "text",
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of the answer.")] = "en",
    config: ReadConfig = None,
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

    words = WORDS[spoken(lang).lang]
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
        said = words["refused_once" if refused.count == 1 else "refused"]
        stopped = [f"  {said.format(n=refused.count, codes=codes)}"]
    if not called and stopped:
        return [f"{app}:", *stopped]
    if not called:
        known = listening.get(app)
        return [f"{app}: {words['unknown' if known is None else 'silent' if known else 'none']}"]
    lines = [f"{app}:"]
    lines += [f"  {line}" for line in links(passed, words)]
    for call in called:
        but = ", ".join(
            words[f"but_{outcome}"].format(n=count) for outcome, count in call.outcomes if outcome != "delivered"
        )
        said = words["called" if call.calls > 1 else "called_once"]
        lines.append(f"  {said.format(host=call.host, n=call.calls, but=f' ({but})' if but else '')}")
        if call.categories:
            what = ", ".join(f"{named(category, words)} ×{count}" for category, count in call.categories)
            lines.append(f"    {words['held'].format(what=what)}")
    return lines + stopped


def links(passed: "tuple[PassedOn, ...]", words: dict[str, str]) -> Iterator[str]:
    """What was passed on, one line for each category, host and outcome: when it was received, and when it was sent."""
    joined: dict[tuple[str, str, str], list[tuple[PassedOn, Sending]]] = {}
    for one in passed:
        for sending in one.sendings:
            joined.setdefault((one.category, one.host, sending.outcome), []).append((one, sending))
    for (category, host, outcome), some in joined.items():
        received = [one.received_at for one, _ in some]
        sent = [at for _, sending in some for at in (sending.first_at, sending.last_at)]
        when = moments(sum(sending.times for _, sending in some), min(sent), max(sent), words)
        left = words.get(f"{outcome}_link", words["unknown_link"]).format(host=host, when=when)
        yield words["link"].format(
            category=named(category, words),
            received=moments(len(received), min(received), max(received), words),
            left=left,
        )


def moments(times: int, first: str, last: str, words: dict[str, str]) -> str:
    """When something happened, and how often if more than once."""
    both = {"first": second(first, words), "last": second(last, words)}
    return words["often" if times > 1 else "once"].format(n=times, **both)


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
             "found": dict(one.categories), "outcomes": dict(one.outcomes)}
            for one in called
        ],
        "passed_on": [
            {"category": one.category, "host": one.host, "received_at": one.received_at, "sent_at": one.sent_at,
             "tool": one.tool, "disclosure_id": one.disclosure_id, "times": one.times,
             "outcomes": {sending.outcome: sending.times for sending in one.sendings}}
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
