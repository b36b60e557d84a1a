"""Reports name the privacy policy and the information shown at connection where these are what leaves a datum out."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from douane.audit.declaration import Declaration, Notice, Says, Statement
from douane.audit.exchange import Disclosure, Exchange, Outcome
from douane.audit.message import Direction, Kind
from douane.audit.verdicts import headline, judge
from douane.ledger.query import open_ledger
from douane.ledger.store import Ledger
from douane.reports import json_, markdown, terminal
from douane.reports.conclusions import Voice, conclusions
from douane.reports.i18n import Lang, Words
from douane.reports.model import Summary
from douane.reports.summary import summarise

EMAIL = "user.contact.email"
WAY = Direction.TO_APP


def stated(*rows: tuple[Says, str]) -> Notice:
    return Notice(
        statements=tuple(Statement(f"policy/{n}", says, "we", (key,), "") for n, (says, key) in enumerate(rows, 1))
    )


YES, NO = Says.COLLECTS, Says.DOES_NOT_COLLECT
APPS = {
    "silent": Declaration("silent", (EMAIL,), (), policy=stated((YES, "user.name"))),
    "unsaid": Declaration("unsaid", (EMAIL,), (), connection=stated((YES, "user.name"))),
    "denying": Declaration("denying", (EMAIL,), (), policy=stated((NO, EMAIL))),
    "torn": Declaration("torn", (EMAIL,), (), policy=stated((YES, EMAIL), (NO, EMAIL))),
    "clear": Declaration("clear", (EMAIL,), (), policy=stated((YES, EMAIL)), connection=stated((YES, EMAIL))),
}


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Summary]:
    path = tmp_path_factory.mktemp("sources") / "douane.db"
    with Ledger(path) as ledger, ledger.batch():
        for number, (app, declaration) in enumerate(APPS.items()):
            ledger.add_declaration(declaration, at=1.0)
            verdicts = judge(EMAIL, (), "/params/_meta/x", WAY, None, declaration)
            found = Disclosure("/params/_meta/x", EMAIL, (), "email", 0.9, "", verdicts, headline(verdicts))
            ledger.append(
                Exchange(
                    *(f"r{number}", 0, 1_790_000_000.0, app, WAY, Kind.REQUEST, "tools/call", "send"),
                    *(Outcome.DELIVERED, 9),
                    disclosures=(found,),
                )
            )
    with closing(open_ledger(path)) as db:
        yield summarise(db, made_at=datetime(2026, 11, 22, tzinfo=UTC))


def said(summary: Summary, app: str, lang: Lang) -> str:
    found = next(one for one in summary.apps if one.name == app)
    text = Voice(Words(lang)).sentences(conclusions(found, one_day=True))[0]
    return re.sub(r"[\u00a0\u202f]", " ", text)


@pytest.mark.parametrize(
    ("app", "english", "french"),
    [
        ("silent", "that its privacy policy does not mention", "dont sa politique de confidentialité ne parle pas"),
        ("unsaid", "that the information shown at connection does not mention", "information affichée à la connexion"),
        ("denying", "that its own statements say it does not collect", "disent ne pas collecter"),
        ("torn", "contradict each other on", "se contredisent sur"),
        ("clear", "no undeclared disclosure was found", "aucune communication"),
    ],
)
def test_the_first_sentence_says_which_source_leaves_it_out(
    summary: Summary, app: str, english: str, french: str
) -> None:
    assert english.lower() in said(summary, app, "en").lower()
    assert french.lower() in said(summary, app, "fr").lower()


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["the privacy policy (1), of which 1 denied", "the information shown at connection (1)", "ambiguous"]),
        (
            "fr",
            [
                "la politique de confidentialité (1), dont 1 avec mention contraire",
                "affichée à la connexion (1)",
                "ambiguë",
            ],
        ),
    ],
)
def test_the_documents_name_the_source_beside_each_flow(summary: Summary, lang: str, words: list[str]) -> None:
    text = re.sub(r"[\u00a0\u202f]", " ", markdown.render(summary, lang=lang)).replace("\\", "")
    assert [word for word in words if word not in text] == []
    assert terminal.render(summary, lang=lang)


def test_the_json_report_counts_each_source(summary: Summary) -> None:
    rows = {
        app["name"]: [
            (flow["headline"], flow["undeclared_by_policy"], flow["undeclared_by_connection"], flow["denied"])
            for flow in app["flows"]
        ]
        for app in json_.document(summary)["apps"]
    }
    assert rows == {
        "silent": [("omitted", 1, 0, 0)],
        "unsaid": [("omitted", 0, 1, 0)],
        "denying": [("incorrect", 1, 0, 1)],
        "torn": [("ambiguous", 0, 0, 0)],
        "clear": [("clear", 0, 0, 0)],
    }


def test_a_contradiction_is_among_what_to_look_at(summary: Summary) -> None:
    assert {flow.app for flow in summary.notable} == {"silent", "unsaid", "denying", "torn"}
