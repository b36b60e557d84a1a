"""The section on what the rules found: the same in every format, in both languages, harmless with hostile names."""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from douane.audit import taxonomy
from douane.audit.exchange import Label
from douane.audit.history import History, Seen
from douane.audit.rules.base import Severity
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, declares, history, saw, tool, used
from douane.audit.rules.registry import load_all
from douane.audit.rules.telling import WORDS
from douane.cli.main import app
from douane.ledger.reviews import Review, State
from douane.reports import findings, html, json_, markdown, terminal
from douane.reports.i18n import LANGS, Lang, Words
from douane.reports.model import Summary

HEALTH = "user.health_and_medical.condition"
HOSTILE = "<script>alert(1)</script>\u202egnp.exe\x1b[31m=cmd|' /C calc'!A0"
RENDER: dict[str, Callable[..., str]] = {
    "html": html.render, "json": json_.render, "md": markdown.render, "txt": terminal.render,
}  # fmt: skip


def seen(name: str = "book", host: str = "metrics.example.net") -> History:
    """An app of which several rules find something, one of them in seven places."""
    return history(
        *(call(name, datum(HEALTH, f"{ARGS}/reason")) for _ in range(3)),
        answer(name, *(datum("user.name", f"{OUT}/{letter}", declaration=Label.OMITTED) for letter in "abcdefg"), to=1),
        tools=[replace(tool("find", "city", readOnlyHint=True, destructiveHint=False, openWorldHint=True), name=name)],
        declared=declares(("user.health_and_medical",)),
        seen=[saw(Seen.CSP_CONNECT, host, "ui://a")],
        uses=[used(name, "/trace_id")],
    )


@pytest.fixture
def judged(summaries: dict[str, Summary]) -> Summary:
    return replace(summaries["demo"], findings=findings.found([seen()]))


DOCS = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")


def keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def flat(text: str) -> str:
    return " ".join(text.split())


class Words_(HTMLParser):  # noqa: N801 - beside `Words`
    """The text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags = "", list[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(summary: Summary, kind: str, lang: str) -> str:
    text = RENDER[kind](summary, lang=lang)
    if kind == "html":
        text = Words_(text).text
    if kind == "md":
        text = re.sub(r"\\(.)", r"\1", text)
    return flat(text)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", ["html", "md", "txt"])
def test_every_finding_stands_in_every_format_with_remedy_source_and_version(
    judged: Summary, kind: str, lang: Lang
) -> None:
    text = shown(judged, kind, lang)
    told = findings.Told(Words(lang), str)
    assert judged.findings is not None
    assert told.heading in text
    for group in judged.findings.groups:
        assert told.title(group) in text
        for line in told.lines(group):
            assert flat(line.says).replace("\u00a0", " ") in text.replace("\u00a0", " ")
        for remedy in told.remedies(group):
            assert flat(remedy).replace("`", "") in text.replace("`", "")
        assert f"{group.rule.id}, version {Words(lang).date(group.rule.version)}" in text
        if kind != "txt":
            assert flat(told.words_of(group)) in text


def test_what_stands_between_backticks_is_code_on_the_page(judged: Summary) -> None:
    page = html.render(judged, lang="en")
    assert "<code>venue_city</code>" in page
    assert "`venue_city`" not in page


def test_findings_are_grouped_by_rule_and_app_the_heaviest_first(judged: Summary) -> None:
    assert judged.findings is not None
    groups = judged.findings.groups
    weights = [list(Severity).index(one.rule.severity) for one in groups]
    assert weights == sorted(weights)
    assert len({(one.rule.id, one.app) for one in groups}) == len(groups)
    health = next(one for one in groups if one.rule.id == "openai/health-information")
    assert (health.app, health.count, [place.exchange for place in health.places]) == ("app", 3, [1])


@pytest.mark.parametrize(("lang", "more"), [("en", "and 2 more places"), ("fr", "et 2 autres emplacements")])
def test_of_many_places_five_are_told_and_json_has_all(judged: Summary, lang: Lang, more: str) -> None:
    assert more in shown(judged, "txt", lang)
    groups = json.loads(json_.render(judged, lang=lang))["findings"]["groups"]
    undisclosed = next(one for one in groups if one["rule"] == "openai/undisclosed")
    assert len(undisclosed["places"]) == 7


@pytest.mark.parametrize("kind", list(RENDER))
def test_where_no_rules_were_asked_there_is_no_section(summaries: dict[str, Summary], kind: str) -> None:
    text = RENDER[kind](summaries["demo"], lang="en")
    assert "openai/" not in text
    assert "#findings" not in text


@pytest.mark.parametrize(("lang", "nothing"), [
    ("en", "The rules found nothing in what was seen."),
    ("fr", "Les règles n’ont rien relevé dans ce qui a été observé."),
])  # fmt: skip
@pytest.mark.parametrize("kind", ["html", "md", "txt"])
def test_nothing_found_is_said(summaries: dict[str, Summary], kind: str, lang: Lang, nothing: str) -> None:
    assert nothing in shown(replace(summaries["demo"], findings=findings.found([history()])), kind, lang)


def reviewed(seen_: History) -> dict[str, Review]:
    """A review of everything that is found, by somebody with a hostile name, every other one a false alarm."""
    states = itertools.cycle((State.CONFIRMED, State.FALSE_ALARM))
    return {
        one.fingerprint: Review("2026-11-22T10:02:00.000Z", HOSTILE, HOSTILE, one.fingerprint, state, HOSTILE)
        for one, state in zip(findings.found([seen_]).results, states, strict=False)
    }


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", list(RENDER))
def test_hostile_names_do_nothing(summaries: dict[str, Summary], kind: str, lang: Lang) -> None:
    hostile = seen(HOSTILE, "a|b<i>.example")
    text = RENDER[kind](replace(summaries["one"], findings=findings.found([hostile], reviewed(hostile))), lang=lang)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)
    if kind == "json":
        assert text.isascii()
        assert not set(text) & set("<>&")
    if kind == "html":
        assert not {"script", "i", "img"} & set(Words_(text).tags)
    if kind == "md":
        assert "<script" not in text
        assert "<i>" not in text


def test_what_stands_around_the_names_needs_no_escape() -> None:
    """The page puts escaped names into these sentences and takes the result as it is."""
    ours = [text for rule in load_all() for text in (rule.says, rule.remedy)]
    ours += [*WORDS.values()]
    names = [name for one in taxonomy.categories() for name in (one.name_en, one.name_fr)]
    assert not [text for both in ours for text in (both.en, both.fr) if set(text) & set("<>&")]
    assert not [name for name in names if set(name) & set("<>&")]


@pytest.mark.parametrize("kind", ["md", "txt"])
def test_french_never_breaks_before_its_punctuation(judged: Summary, kind: str) -> None:
    assert not re.search(r"\w [:;?!»](?:\s|$)", RENDER[kind](judged, lang="fr"))


def test_every_key_is_documented(judged: Summary) -> None:
    named = set(re.findall(r"`([\w.]+)`", DOCS))
    assert set(keys(json_.document(judged)["findings"])) - named == set()
    full = replace(judged, findings=findings.found([seen()], reviewed(seen())))
    told = json_.document(full)["findings"]
    assert told["reviewed_disclosures"] != []
    assert set(keys(told)) - named == set()


def test_the_lines_fit_the_terminal(judged: Summary) -> None:
    assert max(len(line) for line in terminal.render(judged, lang="fr", width=80).splitlines()) <= 80


@pytest.mark.parametrize(("lang", "word"), [("en", "Special category"), ("fr", "Donnée de santé")])
def test_the_report_command_asks_the_rules(ledgers: dict[str, Path], tmp_path: Path, lang: str, word: str) -> None:
    out = tmp_path / "report.json"
    ran = CliRunner().invoke(
        app, ["report", "--ledger", str(ledgers["demo"]), "-o", str(out), "--lang", lang], catch_exceptions=False
    )
    assert ran.exit_code == 0, ran.output
    found = json.loads(out.read_text(encoding="utf-8"))["findings"]
    assert found["rules"] == len(load_all())
    assert "openai/health-information" in {one["rule"] for one in found["groups"]}
    assert lang == "en" or word in {one["title"] for one in found["groups"]}


def test_a_period_without_messages_has_no_finding_on_messages(ledgers: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    CliRunner().invoke(
        app,
        ["report", "--ledger", str(ledgers["demo"]), "-o", str(out), "--since", "2027-01-01"],
        catch_exceptions=False,
    )
    rules = {one["rule"] for one in json.loads(out.read_text(encoding="utf-8"))["findings"]["groups"]}
    assert "openai/health-information" not in rules


def test_what_an_exercise_planted_in_a_call_is_no_finding() -> None:
    planted = datum("user.health_and_medical", "/params/arguments/douane_test_fields/notes", declaration=Label.OMITTED)
    real = datum("user.health_and_medical", "/params/arguments/notes", declaration=Label.OMITTED)
    told = {
        group.rule.id: [one.hit.place for one in group.places]
        for group in findings.found([history(call("find", planted, real), declared=declares())]).groups
    }
    assert told["openai/health-information"] == ["find /params/arguments/notes user.health_and_medical"]
    assert "douane_test_fields" not in str(told)
