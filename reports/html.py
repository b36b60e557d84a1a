"""The report as one HTML file: no script, nothing from elsewhere, made to be read on paper and on any screen."""

import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from douane.audit.exchange import Label, Outcome
from douane.audit.message import Direction
from douane.reports import figure, people, phrases, safe
from douane.reports.conclusions import Voice, conclusions
from douane.reports.findings import Findings, Told
from douane.reports.headline import beside
from douane.reports.i18n import Words, lang_of
from douane.reports.model import LABELS, Flow, Place, Summary

_CODE = re.compile("`([^`]+)`")


def render(summary: Summary, *, lang: str = "en") -> str:
    """The whole document. Raises `LangError`."""
    words = Words(lang_of(lang))
    voice = Voice(words, name=name, text=lambda phrase: escape(phrase))
    one_day = summary.period.one_day
    return (
        _environment()
        .get_template("report.html")
        .render(
            s=summary,
            w=words,
            t=phrases.Phrases(words),
            style=Markup(_style()),  # noqa: S704 -- a file of this package
            conclusions=[(app, voice.sentences(conclusions(app, one_day=one_day))) for app in summary.apps],
            drawings=figure.drawings(summary, words),
            judged=_findings(summary.findings, words),
            findings_heading=Told(words, str).heading,
            reviewed="" if summary.findings is None else Told(words, str).reviewed(summary.findings),
            undeclared=[flow for flow in summary.notable if flow.undeclared],
            flagged=[flow for flow in summary.notable if not flow.undeclared],
            gaps=[gap for gap in summary.gaps if not gap.inspected],
            uncompared=[gap for gap in summary.gaps if gap.inspected],
            people=people.lines(summary.under, words),
            labels=LABELS,
            outcomes=tuple(Outcome),
            directions=tuple(Direction),
            isolate=name,
        )
    )


def _findings(findings: Findings | None, words: Words) -> Markup:
    """The section on what the rules found, empty where none was asked."""
    if findings is None:
        return Markup("")
    told = Told(
        words, lambda text: str(name(safe.middle(text, 90), 90)), lambda text: _CODE.sub(r"<code>\1</code>", text)
    )
    return Markup(  # noqa: S704 -- a template with autoescape
        _environment().get_template("findings.html").render(findings=findings, f=told, w=words)
    )


def name(text: str, limit: int = safe.LONGEST) -> Markup:
    """A word from outside, isolated from the direction of the text around it."""
    return Markup("<bdi>{}</bdi>").format(safe.plain(text, limit))


def pointer(place: Place) -> Markup:
    """The pointer of a place, which may break after a slash."""
    parts = [escape(part) for part in safe.middle(place.pointer, 120).split("/")]
    return Markup("<code><bdi>{}</bdi></code>").format(Markup("/<wbr>").join(parts))


def verdict(flow: Flow, words: Words) -> Markup:
    """A flow's verdict in a mark and words."""
    parts = [label_mark(flow.labels.worst, words)]
    parts += [
        Markup('<span class="verdict v-{}">{}{}{}{}</span>').format(
            *(label.value, figure.icon(label), words.phrase(f"label.{label.value}", count), words.phrase("colon")),
            words.number(count),
        )
        for label, count in beside(flow)
    ]
    return Markup(" ").join(parts)


def label_mark(label: Label, words: Words) -> Markup:
    """A verdict in a mark and words."""
    return Markup('<span class="verdict v-{}">{}{}</span>').format(
        label.value, figure.icon(label), words.phrase(f"label.{label.value}")
    )


@cache
def _style() -> str:
    folder = files("douane.reports").joinpath("templates")
    return "".join(folder.joinpath(f"{name}.css").read_text(encoding="utf-8") for name in ("report", "findings"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("douane.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(name=name, pointer=pointer, verdict=verdict, label_mark=label_mark)
    return environment
