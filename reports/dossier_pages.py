"""A dossier as text, Markdown, HTML or JSON, in English or French."""

import html
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from douane.audit.exchange import Label
from douane.audit.rules.base import Text
from douane.reports import people, safe
from douane.reports.checked import UNSEEN, Checked
from douane.reports.dossier import Dossier, ReturnedField, Status
from douane.reports.i18n import Words, french_spaces, lang_of
from douane.reports.i18n import form as form_for

SCHEMA: Final = "douane.dossier/1"
LONG: Final = 600

_TITLE = Text("Dossier for a review: {app}", "Dossier pour un examen : {app}")
_SCOPE = Text(
    "Seen: {tools}, {calls}, {answers}. {statement} “Pass” says that nothing was found in "
    "what was seen; the review is the platform's.",
    "Vu : {tools}, {calls}, {answers}. {statement} « Réussi » signifie que rien n’a été "
    "trouvé dans ce qui a été vu ; l’examen appartient à la plateforme.",
)
_TOOLS = Text("{n} tool|{n} tools", "{n} outil|{n} outils")
_CALLS = Text("{n} call|{n} calls", "{n} appel|{n} appels")
_ANSWERS = Text("{n} answer|{n} answers", "{n} réponse|{n} réponses")
_FIELDS = Text("User-related fields of answers", "Champs relatifs aux personnes dans les réponses")
_HINTS = Text("Hints of the tools", "Indications des outils")
_HOSTS = Text("Hosts that widgets may reach", "Hôtes que les widgets peuvent joindre")
_RESTRICTED = Text("Restricted data and special categories", "Données restreintes et catégories particulières")
_GROUNDS = Text("Grounds for rejection", "Motifs de rejet")
_NONE = Text("None seen.", "Rien de vu.")
_HEADS: Final = {
    "fields": (
        Text("tool", "outil"),
        Text("place", "endroit"),
        Text("data", "donnée"),
        Text("answers", "réponses"),
        Text("in the policy", "dans la politique"),
        Text("statement, or a sentence to add if it is true", "mention, ou phrase à ajouter si elle est vraie"),
    ),
    "hints": (Text("tool", "outil"), Text("hint", "indication"), Text("says", "valeur"), Text("evidence", "éléments")),
    "hosts": (Text("may", "peut"), Text("host", "hôte"), Text("widget", "widget"), Text("findings", "écarts")),
    "restricted": (Text("rule", "règle"), Text("finding", "écart"), Text("seen", "constaté")),
    "grounds": (
        Text("ground", "motif"),
        Text("outcome", "résultat"),
        Text("because", "raison"),
        Text("rules", "règles"),
    ),
}
STATUSES: Final = {
    Status.PASS: Text("pass", "réussi"),
    Status.FAIL: Text("fail", "échec"),
    Status.WAIVED: Text("waived", "sous dérogation"),
    Status.NOT_OBSERVED: Text("not observed", "non observé"),
}
_LABELS: Final = {
    Label.CLEAR: Text("named", "nommée"),
    Label.VAGUE: Text("named vaguely", "nommée vaguement"),
    Label.OMITTED: Text("not found", "introuvable"),
    Label.INCORRECT: Text("denied", "niée"),
    Label.AMBIGUOUS: Text("contradictory", "contradictoire"),
    Label.GAP: Text("no policy to compare with", "aucune politique à comparer"),
    Label.PROHIBITED: Text("forbidden", "interdite"),
}
_QUOTED: Final = {"en": ("“", "”"), "fr": ("«\u00a0", "\u00a0»")}
_AGAINST_NOTHING = Text(
    "{n} call seen, nothing against it|{n} calls seen, nothing against it",
    "{n} appel vu, rien ne s’y oppose|{n} appels vus, rien ne s’y oppose",
)
_NOT_CALLED = Text("never called", "jamais appelé")
_UNSAID = Text("not said", "non précisé")


@dataclass(frozen=True, slots=True)
class Table:
    """A section: a title, the columns' names and the rows, all plain text."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One app's dossier in words."""

    title: str
    scope: str
    tables: tuple[Table, ...]
    none: str


def render(dossiers: Sequence[Dossier], checked: Checked, form: str, *, lang: str = "en") -> str:
    """The dossiers as `text`, `md`, `html` or `json`. Raises `LangError`."""
    lang = lang_of(lang)
    if form == "json":
        told = {
            "schema": SCHEMA,
            "lang": lang,
            "made_at": checked.made_at or None,
            "under": None if checked.under is None else people.document(checked.under),
            "versions": dict(checked.versions),
            "statement": UNSEEN.of(lang),
            "not_judged": [
                {"app": one.app, "code": one.code, "says": one.says.of(lang), "fatal": one.fatal}
                for one in checked.unjudged
            ],
            "apps": [_document(one, lang) for one in dossiers],
        }
        return safe.json_text(json.dumps(told, ensure_ascii=True, indent=2)) + "\n"
    asked = () if checked.under is None else people.lines(checked.under, Words(lang))
    pages = [page(one, lang, [un.says for un in checked.unjudged if un.app == one.app], asked) for one in dossiers]
    if form == "html":
        return _html(pages, lang)
    return "\n".join((_markdown if form == "md" else _text)(one) for one in pages)


def page(one: Dossier, lang: str, unjudged: Sequence[Text] = (), asked: Sequence[str] = ()) -> Page:
    """The dossier in words of one language; its scope ends with what was not judged and with who asked."""

    def say(text: Text, n: int | None = None, **facts: object) -> str:
        told = form_for(text.of(lang), n, lang_of(lang)).format(n=n, **facts)
        return french_spaces(told) if lang == "fr" else told

    def table(title: Text, key: str, rows: Sequence[tuple[str, ...]]) -> Table:
        return Table(say(title), tuple(say(name) for name in _HEADS[key]), tuple(rows))

    def all_of(texts: Sequence[Text]) -> str:
        # whole sentences with names of an app's in them, such as `{key}`: never formatted again
        told = [french_spaces(text.fr) if lang == "fr" else text.en for text in texts]
        return (" " if all(one.endswith(".") for one in told) else "; ").join(told)

    return Page(
        title=say(_TITLE, app=one.app),
        scope=" ".join(
            (
                say(
                    _SCOPE,
                    tools=say(_TOOLS, one.tools),
                    calls=say(_CALLS, one.calls),
                    answers=say(_ANSWERS, one.answers),
                    statement=UNSEEN.of(lang),
                ),
                *(french_spaces(text.fr) if lang == "fr" else text.en for text in unjudged),
                *asked,
            )
        ),
        tables=(
            table(
                _GROUNDS,
                "grounds",
                [
                    (say(row.ground.title), say(STATUSES[row.status]), all_of(row.because), ", ".join(row.ground.rules))
                    for row in one.grounds
                ],
            ),
            table(_FIELDS, "fields", [_field(row, say, all_of, _QUOTED[lang]) for row in one.fields]),
            table(
                _HINTS,
                "hints",
                [
                    (
                        row.tool,
                        row.hint,
                        say(_UNSAID) if row.value is None else str(row.value).lower(),
                        all_of(row.against) or say(_AGAINST_NOTHING if row.calls else _NOT_CALLED, row.calls),
                    )
                    for row in one.hints
                ],
            ),
            table(
                _HOSTS,
                "hosts",
                [(row.kind.value.removeprefix("csp-"), row.host, row.widget, all_of(row.against)) for row in one.hosts],
            ),
            table(
                _RESTRICTED,
                "restricted",
                [(row.rule.id, all_of((row.says,)), str(row.count)) for row in one.restricted],
            ),
        ),
        none=say(_NONE),
    )


def _field(
    row: ReturnedField, say: Callable[..., str], all_of: Callable[[Sequence[Text]], str], marks: tuple[str, str]
) -> tuple[str, ...]:
    quoted = " ".join(f"{marks[0]}{quote}{marks[1]} ({name})" for name, quote in row.quotes)
    return (
        row.tool,
        row.place,
        row.category,
        str(row.seen),
        say(_LABELS[row.label]),
        quoted or (all_of((row.add,)) if row.add is not None else ""),
    )


def _document(one: Dossier, lang: str) -> dict[str, Any]:
    return {
        "app": one.app,
        "seen": {"tools": one.tools, "calls": one.calls, "answers": one.answers},
        "declared": one.declared,
        "grounds": [
            {
                "id": row.ground.id,
                "title": row.ground.title.of(lang),
                "outcome": row.status.value,
                "because": [text.of(lang) for text in row.because],
                "rules": list(row.ground.rules),
            }
            for row in one.grounds
        ],
        "fields": [
            {
                "tool": row.tool,
                "place": row.place,
                "category": row.category,
                "answers": row.seen,
                "policy": row.label.value,
                "statements": [{"id": name, "quote": quote} for name, quote in row.quotes],
                "sentence_to_add": row.add.of(lang) if row.add is not None else None,
            }
            for row in one.fields
        ],
        "hints": [
            {
                "tool": row.tool,
                "hint": row.hint,
                "says": row.value,
                "calls": row.calls,
                "against": [text.of(lang) for text in row.against],
            }
            for row in one.hints
        ],
        "widget_hosts": [
            {
                "kind": row.kind.value,
                "host": row.host,
                "widget": row.widget,
                "against": [t.of(lang) for t in row.against],
            }
            for row in one.hosts
        ],
        "restricted": [
            {"rule": row.rule.id, "says": row.says.of(lang), "count": row.count, "fingerprint": row.fingerprint}
            for row in one.restricted
        ],
    }


def _text(one: Page) -> str:
    out = [safe.plain(one.title, LONG), "", safe.plain(one.scope, LONG), ""]
    for table in one.tables:
        out += [safe.plain(table.title), ""]
        for row in table.rows:
            cells = [safe.plain(cell, LONG) for cell in row]
            out.append("  " + "  ".join(cell for cell in cells if cell))
        if not table.rows:
            out.append(f"  {one.none}")
        out.append("")
    return "\n".join(out)


def _markdown(one: Page) -> str:
    out = [f"# {safe.markdown(one.title, LONG)}", "", safe.markdown(one.scope, LONG), ""]
    for table in one.tables:
        out += [f"## {safe.markdown(table.title)}", ""]
        if not table.rows:
            out += [safe.markdown(one.none), ""]
            continue
        out += [f"| {' | '.join(table.head)} |", f"|{'---|' * len(table.head)}"]
        out += [f"| {' | '.join(safe.markdown(cell, LONG) for cell in row)} |" for row in table.rows]
        out.append("")
    return "\n".join(out)


_STYLE: Final = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1c2430;"
    "background:#fff}table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}th,td{text-align:left;"
    "vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid #d9dee6;overflow-wrap:anywhere}"
    "th{font-weight:600;background:#f4f6f9}@media print{body{margin:0;max-width:none}}"
)


def _html(pages: Sequence[Page], lang: str) -> str:
    def cell(text: str) -> str:
        return html.escape(safe.plain(text, LONG))

    title = cell(pages[0].title) if pages else "Douane"
    out = [
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<style>{_STYLE}</style></head><body>",
    ]
    for one in pages:
        out += [f"<h1>{cell(one.title)}</h1>", f"<p>{cell(one.scope)}</p>"]
        for table in one.tables:
            out.append(f"<h2>{cell(table.title)}</h2>")
            if not table.rows:
                out.append(f"<p>{cell(one.none)}</p>")
                continue
            head = "".join(f'<th scope="col">{cell(name)}</th>' for name in table.head)
            out.append(f"<table><thead><tr>{head}</tr></thead><tbody>")
            out += ["<tr>" + "".join(f"<td>{cell(text)}</td>" for text in row) + "</tr>" for row in table.rows]
            out.append("</tbody></table>")
    return "\n".join([*out, "</body></html>"]) + "\n"
