"""A flow's verdict in words: what is contradicted is said wherever a platform rule would hide it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from douane.audit.exchange import Disclosure, Label, Source, Verdict
from douane.audit.message import Direction
from douane.reports import figure, html, terminal
from douane.reports.flow import Flow, Labels
from douane.reports.headline import beside, headline, in_words, shown_labels, verdicts
from douane.reports.hidden import Few
from douane.reports.i18n import Lang, Words
from douane.reports.kinds import kinds
from douane.reports.kinds.base import Material
from douane.reports.model import Summary
from douane.reports.render import render

MADE = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
HEALTH = "user.health_and_medical"


def flow(labels: Labels, undeclared: int = 0, denied: int = 0) -> Flow:
    count = sum(labels.of(label) for label in Label)
    return Flow("clinic", HEALTH, Direction.TO_APP, ("art9",), count, labels, "", "", undeclared, denied=denied)


RULE = Labels(prohibited=7)


@pytest.mark.parametrize(
    ("one", "en", "fr"),
    [
        (flow(RULE), "platform rule", "règle de la plateforme"),
        (
            flow(RULE, 7),
            "platform rule, no declaration found",
            "règle de la plateforme, sans déclaration trouvée",
        ),
        (
            flow(RULE, 7, 7),
            "platform rule, contradicts what the app says: 7",
            "règle de la plateforme, contredit ce que dit l’application\u00a0: 7",
        ),
        (
            flow(RULE, 7, 2),
            "platform rule, contradicts what the app says: 2, no declaration found, in all: 7",
            "règle de la plateforme, contredit ce que dit l’application\u00a0: 2, "
            "sans déclaration trouvée, au total\u00a0: 7",
        ),
        (flow(Labels(incorrect=3), 3, 3), "contradicted", "contredite"),
        (flow(Labels(vague=3)), "vague", "vague"),
    ],
)
def test_a_platform_rule_does_not_hide_a_contradiction(one: Flow, en: str, fr: str) -> None:
    assert headline(one, Words("en")) == en
    assert headline(one, Words("fr")) == fr
    assert figure.spoken(one, Words("en")).endswith(f", {en}")


def test_every_verdict_is_counted_and_what_is_contradicted_under_a_rule_apart() -> None:
    mixed = flow(Labels(prohibited=4, incorrect=2, vague=12), 6, 5)
    assert verdicts(mixed, Words("en")) == (
        "platform rule: 4",
        "contradicted, in all: 5",
        "no declaration found, in all: 6",
        "contradicted: 2",
        "vague: 12",
    )
    assert verdicts(flow(Labels(omitted=4, vague=12), 4), Words("fr")) == (
        "sans déclaration trouvée\u00a0: 4",
        "vagues\u00a0: 12",
    )


@pytest.mark.parametrize(
    ("lang", "told", "sole"),
    [
        ("en", "21 disclosures (no declaration found: 1, declared: 20)", "21 disclosures, no declaration found"),
        (
            "fr", "21 communications (sans déclaration trouvée : 1, déclarées : 20)",
            "21 communications, sans déclaration trouvée",
        ),
    ],
)  # fmt: skip
def test_the_words_of_a_picture_give_no_verdict_to_disclosures_that_have_another(
    golden: Any,
    summary_of: Callable[..., Summary],
    make_datum: Callable[..., Disclosure],
    lang: Lang,
    told: str,
    sole: str,
) -> None:
    place = ("user.contact.email", "/params/arguments/to", Label.CLEAR)
    golden.message("clinic", Direction.TO_APP, "book", make_datum(*place, Label.CLEAR), times=20)
    golden.message("clinic", Direction.TO_APP, "book", make_datum(*place, Label.OMITTED))
    summary = summary_of(golden)
    with closing(sqlite3.connect(golden.ledger.path)) as db:
        document = kinds()["audit"].build(Material(db, summary, lang, MADE))
    made = {form: render(document, form).decode() for form in ("html", "md")}
    page = str(figure.drawings(summary, Words(lang))[0].svg)
    for name, text in (made | {"page": page, "report": html.render(summary, lang=lang)}).items():
        plain = text.replace("\u00a0", " ").replace("\u202f", " ").replace("\\", "")
        assert told in plain, name
        assert sole not in plain, name


def test_hidden_counts_are_not_compared() -> None:
    assert beside(flow(RULE, Few(5), Few(cell=True))) == [(Label.INCORRECT, 1), (Label.OMITTED, 5)]


@pytest.fixture
def denied(golden: Any, summary_of: Callable[..., Summary]) -> Summary:
    """One app whose policy denies what a platform rule forbids."""
    said = (
        Verdict(Source.POLICY, Label.INCORRECT, "as told"),
        Verdict(Source.PLATFORM, Label.PROHIBITED, "as told"),
    )
    datum = Disclosure("/x", HEALTH, ("art9",), "key", 0.9, "as told", said, Label.PROHIBITED, length="8-15")
    golden.message("clinic", Direction.TO_APP, "book", datum, times=7)
    return summary_of(golden)


def test_the_terminal_says_both_and_counts_both(denied: Summary) -> None:
    said = terminal.render(denied, width=120)
    assert "platform rule, contradicts what the app says: 7" in said
    assert "⊘✗ platform rule" in said
    assert "contradicted in all, those under a platform rule included: 7" in said
    assert "7 of these, contradicted by what the app says" in " ".join(said.split())


def test_html_and_markdown_say_both(denied: Summary) -> None:
    page = html.render(denied)
    assert "v-incorrect" in html.verdict(denied.flows[0], Words("en"))
    assert "contradicts what the app says: 7" in page
    assert shown_labels(denied.flows[0]) == [Label.PROHIBITED, Label.INCORRECT]


@pytest.mark.parametrize("kind", ["audit", "incident", "register", "dpia"])
def test_every_document_says_both(golden: Any, denied: Summary, kind: str) -> None:
    with closing(sqlite3.connect(golden.ledger.path)) as db:
        document = kinds()[kind].build(Material(db, denied, "en", MADE))
    assert b"platform rule, contradicts what the app says: 7" in render(document, "md").replace(b"\\", b"")


@pytest.mark.parametrize(
    ("labels", "en", "fr"),
    [
        (Labels(clear=1), "1 disclosure, declared", "1 communication, déclarée"),
        (Labels(clear=21), "21 disclosures, declared", "21 communications, déclarées"),
        (Labels(gap=21), "21 disclosures, not compared", "21 communications, non comparées"),
    ],
)
def test_a_sole_verdict_agrees_with_the_count_before_it(labels: Labels, en: str, fr: str) -> None:
    assert (in_words(flow(labels), Words("en")), in_words(flow(labels), Words("fr"))) == (en, fr)
