"""Every format tells the same figures, in plain words, and lets no name from outside do harm."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser

import pytest

from douane.audit.exchange import Outcome
from douane.reports import html, json_, markdown, terminal
from douane.reports.i18n import LANGS, Lang, LangError, Words
from douane.reports.model import Summary

RENDER: dict[str, Callable[..., str]] = {
    "html": html.render,
    "json": json_.render,
    "md": markdown.render,
    "txt": terminal.render,
}
GOLDEN = ("empty", "one", "demo", "many", "gaps_only", "hostile")
VOID = {"meta", "br", "wbr", "link", "img", "hr", "input"}


@dataclass
class Element:
    """One element of a page, with its text."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, tag: str, kind: str = "") -> Iterator["Element"]:
        """Every element below with that tag (and class)."""
        for child in self.children:
            if child.tag == tag and (not kind or kind in (child.attributes.get("class") or "").split()):
                yield child
            yield from child.all(tag, kind)

    @property
    def words(self) -> str:
        """Its text on one line."""
        return " ".join(self.text.split())


class Page(HTMLParser):
    """A parser that refuses a page whose tags do not close in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]
        self.feed(text)
        self.close()
        assert self.open == [self.root], [element.tag for element in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        assert len(element.attributes) == len(attrs), f"an attribute twice in <{tag}>"
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


@cache
def rendered(summary: Summary, kind: str, lang: str) -> str:
    return RENDER[kind](summary, lang=lang)


@cache
def page_of(text: str) -> Element:
    return Page(text).root


def cells(line: str) -> list[str]:
    """The cells of a row of a Markdown table."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def number(text: str) -> int:
    digits = re.sub(r"[\s,\u202f]", "", text)
    return 0 if digits in {"–", ""} else int(digits)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", GOLDEN[1:])
def test_totals_agree_across_formats(summaries: dict[str, Summary], name: str, lang: str) -> None:
    s = summaries[name]
    figures = [
        s.outcomes.delivered.messages,
        s.disclosures,
        s.undeclared,
        s.denied,
        s.labels.gap,
        s.labels.prohibited,
        s.special,
        s.not_inspected,
    ]
    (shown,) = page_of(rendered(s, "html", lang)).all("ul", "figures")
    in_html = [number(one.words) for one in shown.all("b")]
    words = Words("fr" if lang == "fr" else "en")
    lines = rendered(s, "md", lang).splitlines()
    delivered = words.phrase("figure.messages", figures[0])
    head = next(i for i, line in enumerate(lines) if delivered in line and line.startswith("|"))
    in_markdown = [number(cell) for cell in cells(lines[head + 2])]
    totals = json.loads(rendered(s, "json", lang))["totals"]
    in_json = [
        totals["messages"]["delivered"]["messages"],
        totals["disclosures"],
        totals["undeclared"],
        totals["denied"],
        totals["verdicts"]["gap"],
        totals["verdicts"]["prohibited"],
        totals["special"],
        totals["not_inspected"],
    ]
    assert (in_html, in_markdown, in_json) == (figures, figures, figures)


@pytest.mark.parametrize("name", ["one", "demo", "many"])
def test_every_flow_has_the_same_figures_in_every_format(summaries: dict[str, Summary], name: str) -> None:
    s, words = summaries[name], Words("en")
    expected = [
        (
            flow.direction.value,
            flow.count,
            [flow.undeclared if label.value == "omitted" else flow.labels.of(label) for label in app.columns],
        )
        for app in s.apps
        for flow in app.flows
    ]
    columns = {app.name: [label.value for label in app.columns] for app in s.apps}
    ways = {words.phrase("to_app"): "to_app", words.phrase("to_chatgpt"): "to_chatgpt"}
    in_html = []
    for table in page_of(rendered(s, "html", "en")).all("table", "flows"):
        for row in list(table.all("tr"))[1:]:
            way, count, *others = [cell.words for cell in row.all("td")]
            in_html.append((ways[way], number(count), [number(cell) for cell in others[:-2]]))
    in_markdown = []
    for line in rendered(s, "md", "en").splitlines():
        row = cells(line)
        if len(row) >= 10 and row[1] in ways:
            in_markdown.append((ways[row[1]], number(row[2]), [number(cell) for cell in row[3:-2]]))
    in_json = [
        (
            flow["direction"],
            flow["disclosures"],
            [flow["undeclared"] if label == "omitted" else flow["verdicts"][label] for label in shown],
        )
        for app in json.loads(rendered(s, "json", "en"))["apps"]
        for shown in [columns[app["name"]]]
        for flow in app["flows"]
    ]
    arrows = {"→": "to_app", "←": "to_chatgpt"}
    in_terminal = [
        (arrows[found[1]], number(found[2]))
        for found in re.finditer(r"^  \S.*? ([→←]) +([\d,]+) ━", rendered(s, "txt", "en"), re.MULTILINE)
    ]
    assert in_html == expected
    assert in_markdown == expected
    assert in_json == expected
    assert in_terminal == [(way, count) for way, count, _ in expected]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", ["html", "md"])
def test_outcomes_have_their_own_lines(summaries: dict[str, Summary], kind: str, lang: str) -> None:
    s, words = summaries["demo"], Words("fr" if lang == "fr" else "en")
    text = rendered(s, kind, lang)
    if kind == "html":
        rows = [[cell.words for cell in (*row.all("th"), *row.all("td"))] for row in page_of(text).all("tr")]
    else:
        rows = [cells(line) for line in text.splitlines()]
    for outcome in Outcome:
        tally = s.outcomes.of(outcome)
        counted = words.phrase("yes" if outcome is Outcome.DELIVERED else "no")
        figures = [words.number(tally.messages), words.number(tally.disclosures)]
        wanted = [words.phrase(f"outcome.{outcome.value}"), *figures, counted]
        assert [" ".join(cell.split()) for cell in wanted] in [[" ".join(cell.split()) for cell in row] for row in rows]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", list(RENDER))
@pytest.mark.parametrize("name", GOLDEN)
def test_no_document_promises_or_accuses(summaries: dict[str, Summary], name: str, kind: str, lang: str) -> None:
    text = rendered(summaries[name], kind, lang).lower()
    assert not re.search(
        r"\bcompliant\b|\bconforme\b|\billegal\b|\billégal|\bviolation\b|\banonymi[sz]|\banonymis", text
    )


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", list(RENDER))
@pytest.mark.parametrize("name", GOLDEN)
def test_every_document_says_that_unobserved_is_not_unshared(
    summaries: dict[str, Summary], name: str, kind: str, lang: str
) -> None:
    sentence = {"en": "Unobserved is not 'not shared'.", "fr": "Non observé ne veut pas dire non communiqué."}[lang]
    text = rendered(summaries[name], kind, lang)
    if kind == "json":
        assert json.loads(text)["perimeter"]["statement"] == sentence
    elif kind == "html":
        assert sentence in page_of(text).words
    else:
        assert sentence in " ".join(text.split())


@pytest.mark.parametrize("kind", ["html", "md"])
@pytest.mark.parametrize(("lang", "made"), [("en", "made on {} at {} UTC"), ("fr", "établi le {} à {} UTC")])
def test_a_document_says_when_it_was_made_as_its_sentences_do(
    summaries: dict[str, Summary], kind: str, lang: Lang, made: str
) -> None:
    summary, words = summaries["demo"], Words(lang)
    assert made.format(words.day(summary.made_at), words.clock(summary.made_at)) in rendered(summary, kind, lang)


@pytest.mark.parametrize("kind", ["html", "md", "txt"])
@pytest.mark.parametrize("name", GOLDEN)
def test_french_documents_never_break_before_their_punctuation(
    summaries: dict[str, Summary], name: str, kind: str
) -> None:
    text = rendered(summaries[name], kind, "fr")
    if kind == "html":
        (body,) = page_of(text).all("body")
        text = "\n".join(part.strip() for part in re.findall(r">([^<>]+)<", text[text.index("<body>") :]))
        assert body.words
    assert not re.search(r"\w [:;?!»](?:\s|$)", re.sub(r"\| :?-+:? ", "", text))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", list(RENDER))
def test_hostile_names_do_nothing(summaries: dict[str, Summary], kind: str, lang: str) -> None:
    text = rendered(summaries["hostile"], kind, lang)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)
    if kind == "json":
        assert text.isascii()
        assert not set(text) & set("<>&")
        assert {app["name"] for app in json.loads(text)["apps"]} >= {"<script>alert(1)</script>", "=cmd|'/C calc'!A0"}
        return
    assert "x" * 81 not in text
    if kind == "html":
        page = page_of(text)
        assert not list(page.all("script"))
        shown = [cell.words for tag in ("td", "th", "h3", "bdi", "text") for cell in page.all(tag)]
        assert not [words for words in shown if words.startswith(("=", "+", "@"))]
        assert "<script>alert(1)</script>" in page.words
    if kind == "md":
        assert "<script" not in text
        tables = [cells(line) for line in text.splitlines() if line.startswith("|")]
        assert {len(row) for row in tables} <= {4, 5, 6, 7, 8, 10}
        assert not [cell for row in tables for cell in row if cell.startswith(("=", "+", "@", "\\="))]


@pytest.mark.parametrize("kind", list(RENDER))
def test_an_unknown_language_is_refused(summaries: dict[str, Summary], kind: str) -> None:
    with pytest.raises(LangError):
        rendered(summaries["one"], kind, "de")


@pytest.mark.parametrize("lang", LANGS)
def test_an_empty_ledger_says_what_to_do_and_concludes_nothing(summaries: dict[str, Summary], lang: str) -> None:
    words = Words("fr" if lang == "fr" else "en")
    for kind in ("html", "md", "txt"):
        text = rendered(summaries["empty"], kind, lang)
        words_shown = page_of(text).words if kind == "html" else " ".join(text.split())
        assert " ".join(words.phrase("perimeter.conclusion").split()) in words_shown
        assert "douane run" in words_shown


def test_an_app_that_declared_nothing_has_platform_rules_first_and_its_gaps_summed_up(
    summaries: dict[str, Summary],
) -> None:
    text = rendered(summaries["demo"], "txt", "en")
    crm = text[text.index("■ crm") :]
    assert crm.startswith("■ crm received financial data (payment card), which the platform's rules forbid")
    assert text.count("no declaration found for the app") == 1
