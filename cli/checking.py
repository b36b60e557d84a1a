"""What `douane check` puts together: histories, rules, the declarations' lines, waivers, and what was not seen."""

import re
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from douane.audit import taxonomy
from douane.audit.declaration import Declaration
from douane.audit.gate import VERDICT_RULES, Result, RuleFacts, Unjudged, anchored, facts_of, ordered, results
from douane.audit.history import History
from douane.audit.keys import HIDDEN
from douane.audit.rules.base import Rule, Text
from douane.audit.rules.registry import check_all, load_all
from douane.audit.unused import What, unused
from douane.audit.waivers import EXPIRED, UNMATCHED, Waivers, applied
from douane.cli.config import Config
from douane.cli.version import VERSION
from douane.ledger.hidden import Hidden, hidden
from douane.ledger.history import Shared, history
from douane.ledger.onward import Refused, read_refused
from douane.ledger.reviews import in_force
from douane.reports.checked import Checked
from douane.reports.i18n import form

_NO_TRAFFIC = Text("{app}: no traffic in this period.", "{app} : aucun trafic dans cette période.")
_HIDDEN = Text(
    "{app}: the only message could not be read: {codes}.|{app}: not one of {n} messages could be read: {codes}.",
    "{app} : le seul message n’a pas pu être lu : {codes}.|{app} : aucun des {n} messages n’a pu être lu : {codes}.",
)
_LOST = Text(
    "{app}: {n} message could not be read: {codes}.|{app}: {n} messages could not be read: {codes}.",
    "{app} : {n} message n’a pas pu être lu : {codes}.|{app} : {n} messages n’ont pas pu être lus : {codes}.",
)
_NO_DECLARATION = Text(
    "{app}: no declaration found, so nothing was held against one.",
    "{app} : aucune déclaration trouvée, donc rien n’a été comparé à une déclaration.",
)
_STALE = Text(
    "{app}: the declaration file is not the one that judged; run `douane rejudge`.",
    "{app} : le fichier de déclaration n’est pas celui qui a servi à juger ; lancez `douane rejudge`.",
)
_PARTLY_STALE = Text(
    "{app}: {n} of {data} data was judged against an older declaration; run `douane rejudge`.|"
    "{app}: {n} of {data} data were judged against an older declaration; run `douane rejudge`.",
    "{app} : {n} des {data} données jugées l’a été d’après une déclaration antérieure ; lancez `douane rejudge`.|"
    "{app} : {n} des {data} données jugées l’ont été d’après une déclaration antérieure ; lancez `douane rejudge`.",
)
_RECIPIENTS = Text(
    "{app}: in {n} message, whether data go to these recipients was not observable: {names}.|"
    "{app}: in {n} messages, whether data go to these recipients was not observable: {names}.",
    "{app} : sur {n} message, l’envoi de données à ces destinataires n’était pas observable : {names}.|"
    "{app} : sur {n} messages, l’envoi de données à ces destinataires n’était pas observable : {names}.",
)
_REFUSED = Text(
    "{app}: its egress listener refused {n} request before it left ({codes}); where it was to go is not kept.|"
    "{app}: its egress listener refused {n} requests before they left ({codes}); where they were to go is not kept.",
    "{app} : son écoute sortante a refusé {n} requête avant son départ ({codes}) ; sa destination n’est pas "
    "conservée.|"
    "{app} : son écoute sortante a refusé {n} requêtes avant leur départ ({codes}) ; leur destination n’est pas "
    "conservée.",
)
_HIDDEN_TOOLS = Text(
    "{app}: tools whose names may be somebody's all read {key}; what is found at the same place of several of them is "
    "one finding.",
    "{app} : les outils dont le nom peut désigner quelqu’un se lisent tous {key} ; ce qui est relevé au même "
    "emplacement de plusieurs d’entre eux ne fait qu’un écart.",
)
_NO_APPS = Text("The ledger holds no app.", "Le registre ne contient aucune application.")


@dataclass(frozen=True, slots=True)
class Files:
    """What an app's files say: the declaration with its path, and the file of its tools."""

    declaration: Declaration | None = None
    path: str = ""
    tools: str = ""
    tool_lines: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Scope:
    """Which apps, and which time as the ledger writes it. `asked` are the apps that were named."""

    apps: tuple[str, ...]
    asked: frozenset[str] = frozenset()
    since: str = ""
    until: str = ""


def check(
    db: sqlite3.Connection,
    scope: Scope,
    files: Mapping[str, Files],
    waivers: Waivers | None,
    fail_on: Sequence[str],
    *,
    now: datetime,
    shared: Shared | None = None,
    allow_undeclared: bool = False,
) -> tuple[Checked, dict[str, History]]:
    """Judge what the ledger holds of these apps; also what the histories were.

    `shared` says for an app how many subjects another app saw as well. An app without a declaration, or whose file is
    not the one that judged, could not be judged; `allow_undeclared` accepts the first.
    """
    rules = load_all()
    histories: dict[str, History] = {}
    unseen: dict[str, Hidden] = {}
    stopped: dict[str, Refused] = {}
    found: list[Result] = []
    for app in scope.apps:
        said = files.get(app, Files())
        seen = histories[app] = history(
            db, app, scope.since or None, scope.until or None, declaration=said.declaration, shared=shared
        )
        unseen[app] = hidden(db, app, scope.since, scope.until)
        if (refused := read_refused(db, app, scope.since, scope.until)) is not None:
            stopped[app] = refused
        hits = check_all(seen, rules) if seen.exchanges else []
        tools = (said.tools, said.tool_lines)
        found += [anchored(one, said.declaration, said.path, tools) for one in results(seen, hits)]
    held = applied(waivers, found, now.date().isoformat(), set(scope.apps))
    checked = Checked(
        apps=scope.apps,
        results=tuple(ordered([*found, *held.findings])),
        unjudged=tuple(not_judged(scope, histories, unseen, files, refused=stopped, allow_undeclared=allow_undeclared)),
        waived=held.waived,
        reviews=in_force(db),
        fail_on=tuple(fail_on),
        rules=(*map(facts_of, rules), *VERDICT_RULES.values(), *WAIVER_RULES),
        exchanges={app: len(histories[app].exchanges) for app in scope.apps},
        gaps={app: unseen[app].gaps for app in scope.apps},
        versions=versions(rules),
        since=scope.since,
        until=scope.until,
        made_at=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    return checked, histories


WAIVER_RULES: tuple[RuleFacts, ...] = (EXPIRED, UNMATCHED)


def versions(rules: Sequence[Rule]) -> dict[str, str]:
    """Which Douane, taxonomy and rules judge: of the rules, the date of the newest."""
    return {"douane": VERSION, "taxonomy": taxonomy.VERSION, "rules": max(rule.version for rule in rules)}


def not_judged(
    scope: Scope,
    histories: Mapping[str, History],
    unseen: Mapping[str, Hidden],
    files: Mapping[str, Files],
    *,
    refused: Mapping[str, Refused] | None = None,
    allow_undeclared: bool = False,
) -> list[Unjudged]:
    """What keeps an app from being judged, and what of it was not seen."""
    if not scope.apps:
        return [Unjudged("", "no-traffic", _NO_APPS, fatal=True)]
    nothing_at_all = not any(histories[app].exchanges for app in scope.apps)
    out: list[Unjudged] = []
    for app in scope.apps:
        seen, gaps = histories[app], unseen[app]
        lost = sum(gaps.lost.values())
        facts = {"app": app, "n": str(lost), "codes": ", ".join(f"{code} × {n}" for code, n in gaps.lost.items())}
        if not seen.exchanges and lost:
            out.append(Unjudged(app, "hidden", _filled(_HIDDEN, facts), fatal=True, count=lost))
            continue
        if not seen.exchanges:
            fatal = app in scope.asked or nothing_at_all
            out.append(Unjudged(app, "no-traffic", _filled(_NO_TRAFFIC, facts), fatal=fatal))
            continue
        if lost:
            out.append(Unjudged(app, "gaps", _filled(_LOST, facts), count=lost))
        said = files.get(app, Files()).declaration
        if seen.declaration is None:
            out.append(Unjudged(app, "no-declaration", _filled(_NO_DECLARATION, facts), fatal=not allow_undeclared))
        elif stale := gaps.stale((said or seen.declaration).sha256):
            whole = sum(gaps.against.values())
            says = _filled(_STALE if stale == whole else _PARTLY_STALE, {**facts, "n": str(stale), "data": str(whole)})
            out.append(Unjudged(app, "stale-declaration", says, fatal=stale == whole, count=stale))
        hidden_from = [one.name for one in unused(seen) if one.what is What.RECIPIENT and not one.observable]
        if hidden_from:
            told = {"app": app, "n": str(len(seen.exchanges)), "names": ", ".join(hidden_from)}
            out.append(Unjudged(app, "recipients", _filled(_RECIPIENTS, told), count=len(hidden_from)))
        if HIDDEN in seen.tools or any(one.exchange.tool == HIDDEN for one in seen.exchanges):
            out.append(Unjudged(app, "hidden-tools", _filled(_HIDDEN_TOOLS, {"app": app, "key": HIDDEN})))
        if (stopped := (refused or {}).get(app)) is not None:
            codes = ", ".join(f"{code} × {n}" for code, n in stopped.codes)
            told = {"app": app, "n": str(stopped.count), "codes": codes}
            out.append(Unjudged(app, "egress-refused", _filled(_REFUSED, told), count=stopped.count))
    return out


def _filled(text: Text, facts: Mapping[str, str]) -> Text:
    """A text in both languages; of its two forms the one that fits the fact `n`."""
    count = int(facts["n"]) if "n" in facts else None
    return Text(form(text.en, count, "en").format(**facts), form(text.fr, count, "fr").format(**facts))


def files_of(config: Config, declarations: Mapping[str, Declaration]) -> dict[str, Files]:
    """Each configured app's files, their paths as a person in this folder would write them."""
    out: dict[str, Files] = {}
    for app in config.apps:
        tools = shown(app.tools) if app.tools is not None else ""
        out[app.name] = Files(
            declaration=declarations.get(app.name),
            path=shown(app.declaration) if app.declaration is not None else "",
            tools=tools,
            tool_lines=tool_lines(app.tools) if app.tools is not None else {},
        )
    return out


def shown(path: Path) -> str:
    """A path as it reads from the current folder, absolute where it lies elsewhere."""
    absolute, here = path.absolute(), Path.cwd()
    return absolute.relative_to(here).as_posix() if absolute.is_relative_to(here) else str(absolute)


def tool_lines(path: Path) -> dict[str, int]:
    """The line of each tool's name in a saved list of tools; none for a file that cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    out: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        for name in re.findall(r'"name"\s*:\s*"([^"\\]{1,200})"', line):
            out.setdefault(name, number)
    return out


def unknown(wanted: Collection[str], rules: Sequence[Rule]) -> list[str]:
    """Those words of --fail-on that are no severity, label or rule."""
    known = {"error", "warning", "note", "never", *(label.value for label in VERDICT_RULES)}
    known |= {rule.id for rule in rules} | {rule.id for rule in (*VERDICT_RULES.values(), *WAIVER_RULES)}
    return [one for one in wanted if one not in known]
