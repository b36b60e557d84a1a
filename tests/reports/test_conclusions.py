"""Three sentences per app, in words."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from douane.audit.exchange import Label, Outcome, Source, Verdict
from douane.audit.message import Direction, Gap
from douane.reports import few
from douane.reports.conclusions import Voice, conclusions
from douane.reports.i18n import Words
from douane.reports.model import Summary
from douane.reports.people import Under

IN, BACK = Direction.TO_APP, Direction.TO_CHATGPT
CLEAR, VAGUE, OMITTED, GAP = Label.CLEAR, Label.VAGUE, Label.OMITTED, Label.GAP
HEALTH = "user.health_and_medical.condition"


@pytest.fixture
def sentences(golden: Any, summary_of: Callable[..., Summary]) -> Callable[[str], list[str]]:
    def of(lang: str) -> list[str]:
        s = summary_of(golden)
        said = Voice(Words("fr" if lang == "fr" else "en")).sentences(conclusions(s.apps[0], one_day=s.period.one_day))
        return [one.replace("\u00a0", " ").replace("\u202f", " ") for one in said]

    return of


def test_health_data_that_was_not_declared(golden: Any, make_datum: Any, sentences: Callable[[str], list[str]]) -> None:
    golden.declaration("rendezvous", ("user.name",), ())
    golden.tool("rendezvous", "book")
    golden.message("rendezvous", IN, "book", make_datum(HEALTH, "/a", VAGUE, OMITTED), times=3)
    assert sentences("en") == [
        "rendezvous received health data (condition) that it did not declare: 3 disclosures, the first at 10:02; "
        "the platform's rules forbid this whatever is declared.",
        "3 disclosures were counted in 3 messages: 3 to the app, 0 to ChatGPT, in 1 category; "
        "3 of them are special categories (Art. 9).",
        "Every message recorded was inspected; what took another route was not observed.",
    ]
    assert sentences("fr") == [
        "rendezvous a reçu des données de santé (pathologie) sans les déclarer : 3 communications, "
        "la première à 10 h 02 ; les règles de la plateforme l’interdisent quelle que soit la déclaration.",
        "3 communications ont été comptées dans 3 messages : 3 vers l’application, 0 vers ChatGPT, pour 1 catégorie ; "
        "3 portent sur des données sensibles (art. 9).",
        "Tous les messages enregistrés ont été inspectés ; ce qui a pris une autre voie n’a pas été observé.",
    ]


@pytest.mark.parametrize(
    ("declared", "schema", "declaration", "says"),
    [
        (True, OMITTED, CLEAR, "in a field that its tool's schema does not list: 1 disclosure, at 10:02."),
        (False, OMITTED, GAP, "for which no declaration was found: 1 disclosure, at 10:02."),
        (True, GAP, OMITTED, "that it did not declare: 1 disclosure, at 10:02."),
    ],
)
def test_the_source_that_says_nothing_is_named(
    golden: Any,
    make_datum: Any,
    sentences: Callable[[str], list[str]],
    declared: bool,
    schema: Label,
    declaration: Label,
    says: str,
) -> None:
    if declared:
        golden.declaration("crm", ("user.name",), ())
    golden.message("crm", BACK, "find", make_datum("user.contact.email", "/a", schema, declaration))
    assert sentences("en")[0] == f"crm returned to ChatGPT contact data (e-mail address) {says}"


def test_without_anything_to_compare_with_nothing_is_called_undeclared(
    golden: Any, make_datum: Any, sentences: Callable[[str], list[str]]
) -> None:
    golden.message("crm", IN, "save", make_datum("user.name", "/a", GAP, GAP), gaps=(Gap("no-schema"),))
    first, _, last = sentences("en")
    assert (
        first
        == "What crm exchanged could be compared with nothing, since neither a declaration nor a schema was found."
    )
    assert last == (
        "Every message recorded was inspected; no declaration file was found; the schema of one tool was not seen; "
        "what took another route was not observed."
    )


def test_a_clean_app_is_told_so_only_of_what_was_observed(
    golden: Any, make_datum: Any, sentences: Callable[[str], list[str]]
) -> None:
    golden.declaration("trips", ("user.name",), ())
    golden.message("trips", IN, "search", make_datum("user.name", "/a", CLEAR, CLEAR))
    golden.message("trips", IN, "search", make_datum("user.name", "/a", VAGUE, CLEAR))
    assert sentences("en")[0] == (
        "No undeclared disclosure was found in what was observed of trips; 1 is declared in vague terms only."
    )


def test_what_has_an_unknown_fate_is_said_and_not_counted(
    golden: Any, make_datum: Any, sentences: Callable[[str], list[str]]
) -> None:
    golden.message("crm", IN, "save", make_datum(HEALTH, "/a", OMITTED, OMITTED), outcome=Outcome.UNKNOWN)
    assert sentences("en")[:2] == [
        "Personal data was found only in messages of crm that were not delivered or whose fate is unknown.",
        "No disclosure was counted in 0 messages.",
    ]
    assert "the fate of one message is unknown and it counts for nothing here" in sentences("en")[2]


def test_days_are_named_where_there_are_several(
    golden: Any, make_datum: Any, sentences: Callable[[str], list[str]]
) -> None:
    golden.declaration("crm", (), ())
    golden.step = 86_400.0
    golden.message("crm", IN, "save", make_datum("user.name", "/a", CLEAR, OMITTED), times=2)
    assert sentences("fr")[0].endswith("2 communications, la première le 23/11/2026 à 10 h 02.")


def test_an_app_in_which_nothing_was_found_is_told_so_only_of_what_could_be_inspected(
    golden: Any, sentences: Callable[[str], list[str]]
) -> None:
    golden.message("vault", IN, "open", gaps=(Gap("too-large"),))
    assert sentences("en")[0] == "No personal data was found in what could be inspected of vault."


def test_an_app_without_messages_is_told_so(golden: Any, sentences: Callable[[str], list[str]]) -> None:
    golden.tool("crm", "save")
    assert sentences("en")[0] == "No message of crm was observed in this period."


@pytest.mark.parametrize("denied", [1, 2, 3, 4])
def test_where_small_counts_are_hidden_nothing_says_that_all_of_them_are_denied(
    golden: Any, make_datum: Any, summary_of: Callable[..., Summary], denied: int
) -> None:
    for number in range(4):
        label = Label.INCORRECT if number < denied else OMITTED
        one = make_datum("user.contact.email", "/a", GAP, CLEAR)
        policy = Verdict(Source.POLICY, label, "as told")
        golden.message("crm", IN, "save", replace(one, verdicts=(*one.verdicts, policy), headline=label))
    whole = summary_of(golden)
    assert whole.apps[0].flows[0].denied == denied
    hidden = few.shown(replace(whole, under=Under("audit")))
    first = Voice(Words("en")).sentences(conclusions(hidden.apps[0], one_day=True))[0]
    assert first.replace("\u00a0", " ").startswith(
        "crm received contact data (e-mail address) that its own statements do not mention or say it does not collect: "
        "< 5 disclosures"
    )
