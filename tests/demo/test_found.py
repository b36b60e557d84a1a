"""The demo's last lines are read from the ledger's summary, and say what is missing as plainly as what was found."""

import pytest
from pydantic import ValidationError

from douane.audit import taxonomy
from douane.audit.declaration import Declaration
from douane.audit.declaration_file import parse_declaration
from douane.audit.message import Direction
from douane.demo.apps import APPS
from douane.demo.found import Planted, compare, expected, in_words, name, named, sentence, times
from douane.reports.summary import App, Flow, Labels, Period, Place, Summary, Versions

HEALTH = Planted(app="clinic", direction=Direction.TO_APP, category="user.health_and_medical")
PHONE = Planted(app="clinic", direction=Direction.TO_CHATGPT, category="user.contact.phone_number")


def flow(
    category: str, direction: Direction, by_declaration: int, flags: tuple[str, ...] = (), app: str = "clinic"
) -> Flow:
    return Flow(
        app=app,
        category=category,
        direction=direction,
        flags=flags,
        count=5,
        labels=Labels(omitted=by_declaration),
        first="2027-01-01T00:00:00.000Z",
        last="2027-01-01T00:00:00.000Z",
        undeclared=by_declaration,
        by_declaration=by_declaration,
        places=(Place("book", "tools/call", "/params/arguments/reason", by_declaration, 1),),
        tools=("book",),
    )


def summary(*flows: Flow) -> Summary:
    names = sorted({each.app for each in flows})
    apps = tuple(App(n, "", "reverse", "", "", tuple(f for f in flows if f.app == n)) for n in names)
    return Summary(Period(), apps, Versions())


CONDITION = flow("user.health_and_medical.condition", Direction.TO_APP, 2, ("art9", "openai:restricted"))


def test_a_planted_category_is_shown_by_the_categories_under_it() -> None:
    found = compare(summary(CONDITION), [HEALTH])
    assert [(each.flows, each.count) for each in found.planted] == [((CONDITION,), 2)]
    assert found.missed == ()


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (flow("user.health_and_medical", Direction.TO_CHATGPT, 2), "the other direction"),
        (flow("user.health_and_medical", Direction.TO_APP, 0), "declared"),
        (flow("user.health_and_medical", Direction.TO_APP, 2, app="shop"), "another app"),
        (flow("user.contact", Direction.TO_APP, 2), "another category"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_planted_contradiction_is_missed_when_only_something_else_is_in_the_ledger(other: Flow, why: str) -> None:
    assert compare(summary(other), [HEALTH]).missed == (HEALTH,)


def test_the_words_name_app_direction_category_tool_number_and_what_kind_of_data_it_is() -> None:
    found = compare(summary(CONDITION), [HEALTH])
    assert in_words(found) == [
        "clinic received “Health condition or disability”, which it did not declare, twice (in book); "
        "a special category of data (GDPR Art. 9) and restricted by the platform's rules.",
        "All 1 contradictions that were planted were found.",
    ]


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (["user.location"], "“Location”"),
        (["user.location", "user.location.precise"], "“Precise location”"),
        (["user.location.precise", "user.location.imprecise"], "“Approximate location” and “Precise location”"),
    ],
    ids=str,
)
def test_what_was_found_is_called_by_its_own_name_and_not_by_what_it_is_a_kind_of(seen: list[str], words: str) -> None:
    assert named([flow(key, Direction.TO_APP, 1) for key in seen]) == words


def test_what_was_missed_is_said() -> None:
    found = compare(summary(CONDITION), [HEALTH, PHONE])
    assert sentence(found.planted[1]) == "clinic: not found that it returned “Phone number” without declaring it."
    assert in_words(found)[-1] == "1 of the 2 contradictions that were planted were found."


def test_what_nobody_planted_is_said_too() -> None:
    found = compare(summary(CONDITION, flow("user.contact.email", Direction.TO_APP, 1)), [HEALTH])
    assert "Not declared either: clinic: E-mail address." in in_words(found)


@pytest.mark.parametrize(("count", "words"), [(1, "once"), (2, "twice"), (3, "3 times")])
def test_small_numbers_are_words(count: int, words: str) -> None:
    assert times(count) == words


@pytest.mark.parametrize(
    ("category", "words"),
    [("user.health_and_medical", "Health"), ("user.financial.bank_account.iban", "IBAN"), ("no.such", "no.such")],
)
def test_a_category_is_called_by_its_name(category: str, words: str) -> None:
    assert name(category) == words


def test_a_planted_category_that_does_not_exist_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ValidationError, match="not a category"):
        Planted(app="clinic", direction=Direction.TO_APP, category="user.contact.emial")


@pytest.mark.parametrize("app", APPS)
def test_a_sample_apps_declaration_can_be_read(app: str) -> None:
    from importlib.resources import files

    text = (files("douane.demo") / "data" / f"{app}.yaml").read_text("utf-8")
    declaration = parse_declaration(text, f"{app}.yaml")
    assert isinstance(declaration, Declaration)
    assert declaration.app == app


HERS = Planted(app="rendezvous", direction=Direction.TO_APP, category="user.name")


@pytest.mark.parametrize("one", expected(), ids=lambda one: f"{one.app}-{one.direction}-{one.category}")
def test_what_is_planted_is_not_in_the_apps_declaration(one: Planted) -> None:
    from importlib.resources import files

    declaration = parse_declaration((files("douane.demo") / "data" / f"{one.app}.yaml").read_text("utf-8"), one.app)
    assert isinstance(declaration, Declaration)
    declared = declaration.categories(one.direction)
    if one == HERS:  # names are declared, and nothing of children's data
        assert not any("child" in purpose.subjects for purpose in declaration.purposes)
        one = Planted(app=one.app, direction=one.direction, category="user.childrens")
    assert [key for key in declared if taxonomy.is_within(one.category, key)] == []


def test_every_app_but_the_one_that_is_right_has_contradictions_in_both_directions() -> None:
    wrong = [app for app in APPS if app != "library"]
    assert {(one.app, one.direction) for one in expected()} == {(app, d) for app in wrong for d in Direction}


def test_an_app_of_which_nothing_is_undeclared_is_named() -> None:
    lines = in_words(compare(summary(flow("user.contact.email", Direction.TO_APP, 0)), []))
    assert "clinic: everything that was found, 5 disclosures, had been declared." in lines
    assert compare(summary(CONDITION), []).right == ()
