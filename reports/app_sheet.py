"""A sheet of what an app says of itself, for apps whose traffic cannot be seen: text, Markdown, HTML, JSON.

Nothing in it was observed. Categories are read from the words of tools and schemas; findings are those of the rules
that look at what a tool says.
"""

import html
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from douane.audit import taxonomy
from douane.audit.context import ToolSchema
from douane.audit.draft import about
from douane.audit.guess import GuessedField, guessed
from douane.audit.history import History, Observation, Seen, ToolFacts
from douane.audit.rules.base import Hit, Rule
from douane.audit.rules.registry import check_all
from douane.audit.rules.telling import cited, mended, said
from douane.audit.skeleton import skeleton
from douane.audit.toollist import Unread, lines
from douane.reports.checked import SEVERITIES
from douane.reports.i18n import Lang, Words, form, french_spaces
from douane.reports.safe import markdown, plain

HINTS: Final = ("readOnlyHint", "destructiveHint", "openWorldHint", "idempotentHint")
_HOSTS: Final = (Seen.CSP_CONNECT, Seen.CSP_RESOURCE, Seen.CSP_FRAME, Seen.CSP_REDIRECT, Seen.PERMISSION)
_WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "colon": ":",
        "title": "What {app} says of itself",
        "read": "Read from {where} on {on}. Nothing of this was observed: no traffic "
        "was seen, and what the app does is not known.",
        "tools": "Tools",
        "asks": "asks for",
        "gives": "gives back",
        "hints": "hints",
        "unset": "not said",
        "true": "yes",
        "false": "no",
        "sign": "sign-in",
        "none": "no category is named",
        "free": "takes or gives fields that its schema does not list",
        "hosts": "What its widgets may reach",
        "nohosts": "No widget that says what it may reach.",
        "findings": "Findings",
        "nofindings": "The rules find nothing in what the app says. Rules that look at traffic could not be asked.",
        "remedy": "To mend it",
        "source": "Source",
        "all": "All categories that its words name",
        "no": "none",
        "noauth": "none",
        "oauth2": "OAuth",
        "unread": "Could not be read as it stands: {n} part.|Could not be read as they stand: {n} parts.",
        "csp-connect": "may send data to",
        "csp-resource": "may load from",
        "csp-frame": "may frame",
        "csp-redirect": "may lead to",
        "permission": "asks for the permission",
    },
    "fr": {
        "colon": " :",
        "title": "Ce que {app} dit d’elle-même",
        "read": "Lu depuis {where} le {on}. Rien de ceci n’a été observé : aucun "
        "échange n’a été vu, et ce que fait l’application n’est pas connu.",
        "tools": "Outils",
        "asks": "demande",
        "gives": "renvoie",
        "hints": "indications",
        "unset": "non indiqué",
        "true": "oui",
        "false": "non",
        "sign": "connexion",
        "none": "aucune catégorie n’est nommée",
        "free": "prend ou renvoie des champs que son schéma ne liste pas",
        "hosts": "Ce que ses widgets peuvent atteindre",
        "nohosts": "Aucun widget ne dit ce qu’il peut atteindre.",
        "findings": "Écarts",
        "nofindings": "Les règles ne trouvent rien dans ce que dit l’application. Celles qui regardent "
        "les échanges n’ont pas pu être posées.",
        "remedy": "Pour y remédier",
        "source": "Source",
        "all": "Toutes les catégories que ses mots nomment",
        "no": "aucune",
        "noauth": "aucune",
        "oauth2": "OAuth",
        "unread": "Illisible en l’état : {n} partie.|Illisibles en l’état : {n} parties.",
        "csp-connect": "peut envoyer des données à",
        "csp-resource": "peut charger depuis",
        "csp-frame": "peut encadrer",
        "csp-redirect": "peut mener à",
        "permission": "demande l’autorisation",
    },
}


@dataclass(frozen=True, slots=True)
class SheetTool:
    """One tool: what its words ask for and give back, its hints (None: not said) and its kinds of sign-in."""

    name: str
    asks: tuple[GuessedField, ...]
    gives: tuple[GuessedField, ...]
    hints: tuple[tuple[str, bool | None], ...]
    sign_in: tuple[str, ...]
    open_ended: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """What an app says of itself. `on` is an ISO 8601 date, `where` how it was read."""

    app: str
    where: str
    on: str
    tools: tuple[SheetTool, ...]
    hosts: tuple[Observation, ...]
    findings: tuple[tuple[Rule, Hit], ...]
    unread: tuple[Unread, ...] = ()

    def categories(self) -> tuple[str, ...]:
        """Every category that the words of its tools name, sorted."""
        fields = [one for tool in self.tools for one in (*tool.asks, *tool.gives)]
        return tuple(sorted({guess.category for one in fields for guess in one.guesses}))


def sheet(
    app: str,
    tools: Sequence[tuple[ToolSchema, Any]],
    observed: Sequence[Observation] = (),
    *,
    where: str,
    on: str,
    unread: Sequence[Unread] = (),
) -> Sheet:
    """The sheet of an app's tools, each with its annotations, of what its widgets may reach, and of what is unread."""
    facts = {
        tool.name: ToolFacts(
            tool.name,
            input_schema=_kept(tool.input_schema),
            output_schema=_kept(tool.output_schema),
            annotations={key: value for key in HINTS if isinstance(value := hints.get(key), bool)},
            meta=tool.meta,
        )
        for tool, hints in tools
    }
    history = History(app, tools=facts, observations=tuple(observed))
    return Sheet(
        app,
        where,
        on,
        tuple(_tool(tool, hints) for tool, hints in tools),
        tuple(one for one in observed if one.kind in _HOSTS),
        tuple(check_all(history)),
        tuple(unread),
    )


def as_text(one: Sheet, lang: Lang) -> str:
    """The sheet for a terminal."""
    return _typographic("\n".join(_lines(one, _WORDS[lang], lang)) + "\n", lang)


def as_markdown(one: Sheet, lang: Lang) -> str:
    """The sheet as Markdown."""
    out: list[str] = []
    for line in _lines(one, _WORDS[lang], lang):
        depth = (len(line) - len(line.lstrip(" "))) // 2
        bare = line.strip(" ")
        out.append(f"{'  ' * (depth - 1)}- {markdown(bare, 600)}" if depth else markdown(bare, 600))
    head = f"# {out[0]}" if out else ""
    titles = {markdown(_WORDS[lang][key]) for key in ("tools", "hosts", "findings", "all")}
    body = [f"\n## {line}\n" if line in titles else line for line in out[1:]]
    return _typographic("\n".join([head, *body]) + "\n", lang)


def as_html(one: Sheet, lang: Lang) -> str:
    """The sheet as a page of its own, with nothing that is loaded from elsewhere."""
    read = list(_lines(one, _WORDS[lang], lang))
    titles = {_WORDS[lang][key] for key in ("tools", "hosts", "findings", "all")}
    body: list[str] = []
    for line in read[1:]:
        depth = (len(line) - len(line.lstrip(" "))) // 2
        safe = html.escape(_typographic(line.strip(), lang))
        if line in titles:
            body.append(f"<h2>{safe}</h2>")
        elif line.strip():
            body.append(f'<p style="margin-left:{depth * 1.5}em">{safe}</p>')
    title = html.escape(_typographic(read[0], lang))
    style = "body{font:16px/1.5 system-ui,sans-serif;max-width:50em;margin:2em auto;padding:0 1em}p{margin:.2em 0}"
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><style>{style}</style></head>\n'
        f"<body><h1>{title}</h1>\n" + "\n".join(body) + "\n</body></html>\n"
    )


def as_json(one: Sheet, lang: Lang) -> str:
    """The sheet for programs."""
    told = {
        "app": one.app,
        "read_from": one.where,
        "on": one.on,
        "observed": False,
        "unread": [
            {
                "request": part.request,
                "pointer": part.pointer,
                "says": part.why.of(lang),
                "remedy": part.remedy.of(lang),
            }
            for part in one.unread
        ],
        "categories": list(one.categories()),
        "tools": [
            {
                "name": tool.name,
                "asks_for": [_field(field) for field in tool.asks],
                "gives_back": [_field(field) for field in tool.gives],
                "hints": dict(tool.hints),
                "sign_in": list(tool.sign_in),
                "open_ended": tool.open_ended,
            }
            for tool in one.tools
        ],
        "widgets": [{"kind": host.kind.value, "name": host.name, "widget": host.detail} for host in one.hosts],
        "findings": [
            {
                "rule": rule.id,
                "version": rule.version,
                "severity": rule.severity.value,
                "tool": hit.tool,
                "place": hit.place,
                "says": said(rule, hit, lang),
                "remedy": mended(rule, hit, lang),
            }
            for rule, hit in one.findings
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _lines(one: Sheet, words: dict[str, str], lang: Lang) -> Iterator[str]:
    """The sheet line by line; two spaces a level."""
    yield words["title"].format(app=plain(one.app))
    on = Words(lang).day(one.on) if lang == "fr" else one.on
    yield words["read"].format(where=plain(one.where, 200), on=on)
    if one.unread:
        yield form(words["unread"], len(one.unread), lang).format(n=len(one.unread))
        yield from (f"  {plain(line, 600)}" for line in lines(one.unread, lang))
    yield ""
    yield words["all"]
    yield f"  {', '.join(_named(key, lang) for key in one.categories()) or words['none']}"
    yield ""
    yield words["tools"]
    for tool in one.tools:
        yield f"  {plain(tool.name)}"
        for key, fields in (("asks", tool.asks), ("gives", tool.gives)):
            known = [field for field in fields if field.guesses]
            yield f"    {words[key]}{words['colon']} {words['none'] if not known else ''}".rstrip()
            for field in known:
                what = ", ".join(
                    f"{_named(guess.category, lang)} ({_decimal(guess.confidence, lang)})" for guess in field.guesses
                )
                yield f"      {plain(field.pointer, 120)}: {what}"
        if tool.open_ended:
            yield f"    {words['free']}"
        hints = ", ".join(f"{name} {_hint(value, words)}" for name, value in tool.hints)
        yield f"    {words['hints']}{words['colon']} {hints}"
        sign_in = ", ".join(words.get(kind, kind) for kind in tool.sign_in)
        yield f"    {words['sign']}{words['colon']} {sign_in or words['unset']}"
    yield ""
    yield words["hosts"]
    for host in one.hosts:
        yield f"  {plain(host.detail)}: {words[host.kind.value]} {plain(host.name)}"
    if not one.hosts:
        yield f"  {words['nohosts']}"
    yield ""
    yield words["findings"]
    for rule, hit in one.findings:
        yield f"  [{SEVERITIES[rule.severity].of(lang)}] {plain(said(rule, hit, lang), 600)} ({rule.id})"
        yield f"    {words['remedy']}{words['colon']} {plain(mended(rule, hit, lang), 600)}"
        yield f"    {words['source']}{words['colon']} {plain(cited(rule, lang), 600)}"
    if not one.findings:
        yield f"  {words['nofindings']}"


def _tool(tool: ToolSchema, hints: Any) -> SheetTool:
    schemes = tool.meta.get("securitySchemes", ())
    return SheetTool(
        tool.name,
        guessed(tool.input_schema, about=about(tool)),
        guessed(tool.output_schema, about=about(tool)),
        tuple((key, value if isinstance(value := hints.get(key), bool) else None) for key in HINTS),
        tuple(dict.fromkeys(str(one.get("type")) for one in schemes)),
        any(_is_open(schema) for schema in (tool.input_schema, tool.output_schema)),
    )


def _is_open(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("additionalProperties", True) is not False


def _kept(schema: Any) -> dict[str, Any] | None:
    made = skeleton(schema) if schema is not None else None
    return made if isinstance(made, dict) else None


def _named(key: str, lang: Lang) -> str:
    category = taxonomy.category(key)
    return key if category is None else f"{category.name(lang)} [{key}]"


def _hint(value: bool | None, words: dict[str, str]) -> str:
    return words["unset"] if value is None else words["true" if value else "false"]


def _field(field: GuessedField) -> dict[str, Any]:
    return {
        "pointer": field.pointer,
        "required": field.required,
        "categories": [
            {"category": guess.category, "confidence": guess.confidence, "why": guess.why} for guess in field.guesses
        ],
    }


def _typographic(text: str, lang: Lang) -> str:
    return french_spaces(text) if lang == "fr" else text


def _decimal(value: float, lang: str) -> str:
    return f"{value:.2f}".replace(".", ",") if lang == "fr" else f"{value:.2f}"
