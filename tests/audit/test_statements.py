"""Flows held against statements: every label, every kind of pair, and what no order may change."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit import taxonomy
from douane.audit.declaration import Declaration, Notice, Party, Recipient, Says, Statement
from douane.audit.entities import Entities, of
from douane.audit.exchange import Label, Source, Verdict
from douane.audit.message import Direction
from douane.audit.statements import Atom, judge_statements, kind, relevant
from douane.audit.verdicts import ORDER, judge

YES, NO = Says.COLLECTS, Says.DOES_NOT_COLLECT
EMAIL, CONTACT, USER = "user.contact.email", "user.contact", "user"
CITY, ADDRESS, LOCATION = "user.contact.address.city", "user.contact.address", "user.location"
DECLARED = Declaration(
    "crm",
    (),
    (),
    recipients=(Recipient("Example Mail SAS"), Recipient("MailChimp")),
    publisher=Party("Example CRM", "Example CRM SAS"),
    title="CRM of Example",
)
NAMES = of(DECLARED)

type Row = tuple[Says, str, str]


def statements(*rows: Row, directions: tuple[Direction, ...] = tuple(Direction)) -> tuple[Statement, ...]:
    return tuple(
        Statement(f"policy/{number}", says, entity, (category,), "", directions)
        for number, (says, entity, category) in enumerate(rows, 1)
    )


def held(rows: tuple[Row, ...], category: str, entity: str = "we") -> Verdict:
    return judge_statements(Source.POLICY, statements(*rows), category, Direction.TO_APP, NAMES, entity=entity)


@pytest.mark.parametrize(
    ("category", "entity", "rows", "label", "score", "used"),
    [
        # the first party
        (EMAIL, "we", ((YES, "we", EMAIL),), Label.CLEAR, None, (1,)),
        (EMAIL, "we", ((YES, "Example CRM SAS", EMAIL),), Label.CLEAR, None, (1,)),
        (EMAIL, "we", ((YES, "crm", EMAIL),), Label.CLEAR, None, (1,)),
        (EMAIL, "we", ((YES, "first party", EMAIL),), Label.CLEAR, None, (1,)),
        (EMAIL, "we", ((YES, "we", CONTACT),), Label.VAGUE, 0.5, (1,)),
        (EMAIL, "we", ((YES, "we", USER),), Label.VAGUE, 1.0, (1,)),
        (EMAIL, "we", ((YES, "we", USER), (YES, "we", CONTACT)), Label.VAGUE, 0.5, (2,)),
        (EMAIL, "we", ((YES, "we", USER), (YES, "we", EMAIL)), Label.CLEAR, None, (2,)),
        (EMAIL, "we", ((NO, "we", EMAIL),), Label.INCORRECT, None, (1,)),
        (EMAIL, "we", ((NO, "we", USER),), Label.INCORRECT, None, (1,)),
        (EMAIL, "we", ((YES, "we", "user.name"),), Label.OMITTED, None, ()),
        (CONTACT, "we", ((YES, "we", EMAIL),), Label.OMITTED, None, ()),
        (EMAIL, "we", (), Label.GAP, None, ()),
        # what is said of anyone, or of third parties, is not said of the first party: neither way
        (EMAIL, "we", ((YES, "anyone", EMAIL),), Label.OMITTED, None, ()),
        (EMAIL, "we", ((NO, "anyone", EMAIL),), Label.OMITTED, None, ()),
        (EMAIL, "we", ((YES, "third party", EMAIL),), Label.OMITTED, None, ()),
        (EMAIL, "we", ((YES, "we", EMAIL), (NO, "anyone", EMAIL)), Label.CLEAR, None, (1,)),
        (EMAIL, "we", ((YES, "we", EMAIL), (NO, "Example Mail SAS", EMAIL)), Label.CLEAR, None, (1,)),
        # contradictions and narrowings of the first party: one entity, so only the data differ
        (EMAIL, "we", ((YES, "we", EMAIL), (NO, "we", EMAIL)), Label.AMBIGUOUS, None, (1, 2)),  # C1
        (EMAIL, "we", ((YES, "we", EMAIL), (NO, "we", CONTACT)), Label.AMBIGUOUS, None, (1, 2)),  # C2
        (EMAIL, "we", ((YES, "we", CONTACT), (NO, "we", EMAIL)), Label.INCORRECT, None, (1, 2)),  # N1
        (CITY, "we", ((YES, "we", CONTACT), (NO, "we", LOCATION)), Label.AMBIGUOUS, None, (1, 2)),  # C6
        # a contradiction beside a narrowing
        (EMAIL, "we", ((YES, "we", CONTACT), (NO, "we", EMAIL), (NO, "we", USER)), Label.AMBIGUOUS, None, (1, 3)),
        # recipients, by name and by kind
        (EMAIL, "Example Mail SAS", ((YES, "example  mail sas", EMAIL),), Label.CLEAR, None, (1,)),
        (EMAIL, "Example Mail SAS", ((YES, "third parties", EMAIL),), Label.VAGUE, 0.5, (1,)),
        (EMAIL, "Example Mail SAS", ((YES, "sous-traitant", EMAIL),), Label.VAGUE, 0.5, (1,)),
        (EMAIL, "Example Mail SAS", ((YES, "anyone", EMAIL),), Label.VAGUE, 1.0, (1,)),
        (EMAIL, "Example Mail SAS", ((YES, "third party", USER),), Label.VAGUE, 1.0, (1,)),
        (EMAIL, "Example Mail SAS", ((YES, "MailChimp", EMAIL),), Label.OMITTED, None, ()),
        (EMAIL, "Example Mail SAS", ((YES, "we", EMAIL),), Label.OMITTED, None, ()),
        (EMAIL, "Example Mail SAS", ((NO, "third party", EMAIL),), Label.INCORRECT, None, (1,)),
        (EMAIL, "MailChimp", ((YES, "api", EMAIL),), Label.VAGUE, 1 / 3, (1,)),
        # what is one thing under two keys, and what is part of two branches
        ("system.secret.password", "we", ((YES, "we", "user.authorization.password"),), Label.CLEAR, None, (1,)),
        (ADDRESS, "we", ((YES, "we", LOCATION),), Label.VAGUE, 0.5, (1,)),
        (LOCATION, "we", ((YES, "we", ADDRESS),), Label.OMITTED, None, ()),
    ],
)
def test_a_flow_gets_the_label_that_the_statements_about_it_give(
    category: str, entity: str, rows: tuple[Row, ...], label: Label, score: float | None, used: tuple[int, ...]
) -> None:
    found = held(rows, category, NAMES.resolve(entity))
    ids = tuple(f"policy/{number}" for number in used)
    assert (found.label, found.score, found.statements) == (label, score, ids)


GOOGLE, ADS, ANALYTICS, THIRD = "google", "advertising network", "analytic provider", "third party"


@pytest.mark.parametrize(
    ("name", "positive", "negative"),
    [
        ("C1", (GOOGLE, EMAIL), (GOOGLE, EMAIL)),
        ("C2", (GOOGLE, EMAIL), (GOOGLE, CONTACT)),
        ("N1", (GOOGLE, CONTACT), (GOOGLE, EMAIL)),
        ("C6", (GOOGLE, CONTACT), (GOOGLE, LOCATION)),
        ("C3", (GOOGLE, EMAIL), (THIRD, EMAIL)),
        ("C4", (GOOGLE, EMAIL), (THIRD, CONTACT)),
        ("N2", (GOOGLE, CONTACT), (THIRD, EMAIL)),
        ("C7", (GOOGLE, CONTACT), (THIRD, LOCATION)),
        ("N3", (THIRD, EMAIL), (GOOGLE, EMAIL)),
        ("C5", (THIRD, EMAIL), (GOOGLE, CONTACT)),
        ("N4", (THIRD, CONTACT), (GOOGLE, EMAIL)),
        ("C8", (THIRD, CONTACT), (GOOGLE, LOCATION)),
        ("C9", (ADS, EMAIL), (ANALYTICS, EMAIL)),
        ("C10", (ADS, EMAIL), (ANALYTICS, CONTACT)),
        ("C11", (ADS, CONTACT), (ANALYTICS, EMAIL)),
        ("C12", (ADS, CONTACT), (ANALYTICS, LOCATION)),
    ],
)
def test_each_of_the_sixteen_kinds_of_pairs_has_its_name_and_its_label(
    name: str, positive: tuple[str, str], negative: tuple[str, str]
) -> None:
    flow = CITY if LOCATION in (positive[1], negative[1]) else EMAIL
    found = held(((YES, *positive), (NO, *negative)), flow, GOOGLE)
    assert f" {name})" in found.reason
    assert found.label is (Label.AMBIGUOUS if name.startswith("C") else Label.INCORRECT)
    assert found.statements == ("policy/1", "policy/2")


def test_a_statement_about_one_direction_says_nothing_of_the_other() -> None:
    only_up = statements((YES, "we", EMAIL), directions=(Direction.TO_APP,))
    labels = [judge_statements(Source.POLICY, only_up, EMAIL, way, NAMES).label for way in Direction]
    assert labels == [Label.CLEAR if way is Direction.TO_APP else Label.OMITTED for way in Direction]


def test_the_larger_vagueness_is_the_score_and_the_reason_holds_both() -> None:
    found = held(((YES, "anyone", CONTACT),), EMAIL, NAMES.resolve("Example Mail SAS"))
    assert found.score == 1.0
    assert "0.50 for the data, 1.00 for the entity" in found.reason


def test_a_notice_that_the_declaration_does_not_have_has_no_row_and_an_empty_one_is_a_gap() -> None:
    with_both = Declaration(
        "crm", (), (), policy=Notice(statements=statements((YES, "we", EMAIL))), connection=Notice()
    )
    assert [one.source for one in judge(EMAIL, (), "/params/_meta/x", Direction.TO_APP, None, DECLARED)] == [
        Source.DECLARATION
    ]
    assert [
        (one.source, one.label) for one in judge(EMAIL, (), "/params/_meta/x", Direction.TO_APP, None, with_both)
    ] == [
        (Source.DECLARATION, Label.OMITTED),
        (Source.POLICY, Label.CLEAR),
        (Source.CONNECTION, Label.GAP),
    ]


def test_data_of_an_undetermined_kind_are_a_gap_in_every_source() -> None:
    whole = Declaration("crm", (USER,), (), policy=Notice(statements=statements((YES, "we", USER))))
    labels = {one.label for one in judge("unknown.personal", (), "/x", Direction.TO_APP, None, whole)}
    assert labels == {Label.GAP}


CATEGORIES = st.sampled_from([one.key for one in taxonomy.categories()])
ENTITIES = st.sampled_from(["we", "anyone", THIRD, GOOGLE, ADS, ANALYTICS, "Example Mail SAS", "Nobody knows Ltd", ""])
ROWS = st.lists(st.tuples(st.sampled_from(Says), ENTITIES, CATEGORIES), max_size=8)


@given(ROWS, CATEGORIES, ENTITIES, st.randoms(use_true_random=False))
def test_the_order_of_statements_changes_nothing(
    rows: list[Row], category: str, entity: str, chance: random.Random
) -> None:
    listed = list(statements(*rows))
    flow = NAMES.resolve(entity)
    first = judge_statements(Source.POLICY, listed, category, Direction.TO_APP, NAMES, entity=flow)
    chance.shuffle(listed)
    assert judge_statements(Source.POLICY, listed, category, Direction.TO_APP, NAMES, entity=flow) == first


@given(ROWS.filter(bool), CATEGORIES, ENTITIES, CATEGORIES, ENTITIES)
def test_one_more_positive_statement_never_makes_a_verdict_heavier(
    rows: list[Row], category: str, entity: str, said: str, of_whom: str
) -> None:
    flow = NAMES.resolve(entity)
    before, after = (held(tuple(some), category, flow) for some in (rows, [*rows, (YES, of_whom, said)]))
    assert ORDER.index(after.label) >= ORDER.index(before.label)


@given(ROWS, CATEGORIES, ENTITIES)
def test_a_word_is_never_silent_and_its_score_is_a_share(rows: list[Row], category: str, entity: str) -> None:
    found = held(tuple(rows), category, NAMES.resolve(entity))
    assert found.reason
    assert (found.score is not None) == (found.label is Label.VAGUE)
    assert found.score is None or 0 < found.score <= 1
    assert bool(found.statements) == (found.label not in (Label.GAP, Label.OMITTED))


@given(ROWS, CATEGORIES)
def test_only_statements_about_the_first_party_speak_for_it(rows: list[Row], category: str) -> None:
    own = tuple(row for row in rows if row[1] == "we")
    if own:
        assert held(tuple(rows), category).label is held(own, category).label
    else:
        assert held(tuple(rows), category).label in (Label.OMITTED, Label.GAP)


@given(ROWS, CATEGORIES, ENTITIES)
def test_every_pair_that_disagrees_has_one_of_the_sixteen_names(rows: list[Row], category: str, entity: str) -> None:
    found = relevant(statements(*rows), category, Direction.TO_APP, NAMES, NAMES.resolve(entity))
    names = {kind(one, other, NAMES) for one in found for other in found if one.says is YES and other.says is NO}
    assert names <= {*(f"C{n}" for n in range(1, 13)), *(f"N{n}" for n in range(1, 5))}


def test_every_entity_of_the_ontology_is_a_kind_of_anyone() -> None:
    bare = Entities()
    for name in (GOOGLE, ADS, "we", "firebase", "somebody new", "unknown entity"):
        assert bare.depth(bare.resolve(name)) > 0
    assert bare.depth("anyone") == 0
    assert "third party" not in bare.above("we")


def test_what_is_nearer_comes_first_and_ids_count_as_numbers() -> None:
    many = tuple(Statement(f"policy/{n}", YES, "we", (EMAIL,), "") for n in range(12, 0, -1))
    found = judge_statements(Source.POLICY, many, EMAIL, Direction.TO_APP, NAMES)
    assert found.statements == tuple(f"policy/{n}" for n in range(1, 13))
    assert (
        Atom("policy/2", YES, "we", EMAIL, (0.0, 0.0)).rank() < Atom("policy/10", YES, "we", EMAIL, (0.0, 0.0)).rank()
    )
