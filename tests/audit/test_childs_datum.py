"""A child's datum is held against what is said of children: what is said of a name is said of the user's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit import taxonomy
from douane.audit.context import ToolSchema
from douane.audit.declaration import (
    FIRST_PARTY,
    Declaration,
    DeclaredField,
    DeclaredTool,
    Notice,
    Purpose,
    Says,
    Statement,
)
from douane.audit.exchange import Label, Source, Verdict
from douane.audit.message import Direction
from douane.audit.verdicts import ORDER, judge
from douane.reports.i18n import Words
from douane.reports.reasons import in_french

UP, DOWN = Direction.TO_APP, Direction.TO_CHATGPT
CHILDREN, FIRST, NAME = "user.childrens", "user.name.first", "user.name"
PLACE = "/params/arguments/x"
KEYS = st.sampled_from(
    [CHILDREN, FIRST, NAME, "user", "user.demographic", "user.demographic.age_range", "user.contact"]
)


def of(
    *into: str, subjects: tuple[str, ...] = (), field: tuple[str, ...] = (), policy: Notice | None = None
) -> Declaration:
    purposes = (Purpose("purpose/1", "p", to_app=into, subjects=subjects),) if subjects else ()
    tools = (DeclaredTool("t", fields=(DeclaredField("tool/t/fields//x", "/x", field),)),) if field else ()
    return Declaration("app", into, (), tools=tools, purposes=purposes, policy=policy)


def notice(*said: tuple[Says, str]) -> Notice:
    return Notice(
        statements=tuple(
            Statement(f"policy/{number}", says, FIRST_PARTY, (category,), "")
            for number, (says, category) in enumerate(said, 1)
        )
    )


def words(declared: Declaration, category: str = FIRST, *, minor: bool = True) -> dict[Source, Verdict]:
    flags = taxonomy.flags(category, minor=minor)
    return {one.source: one for one in judge(category, flags, PLACE, UP, None, declared, tool="t")}


@pytest.mark.parametrize(
    ("declared", "label", "reason"),
    [
        (of(CHILDREN), Label.CLEAR, f"the declaration names {CHILDREN} as sent to the app"),
        (of(CHILDREN, NAME), Label.CLEAR, f"the declaration names {CHILDREN} as sent to the app"),
        (of(NAME), Label.OMITTED, f"the declaration names {NAME} as sent to the app, but not as a child's data"),
        (of(FIRST), Label.OMITTED, f"the declaration names {FIRST} as sent to the app, but not as a child's data"),
        (of("user"), Label.VAGUE, "the declaration names only user as sent to the app"),
        (of("user.contact"), Label.OMITTED, f"the declaration does not name {FIRST} as sent to the app"),
        (of(FIRST, subjects=("customer", "child")), Label.CLEAR, f"the declaration names {FIRST} as sent to the app"),
        (of(NAME, subjects=("child",)), Label.VAGUE, f"the declaration names only {NAME} as sent to the app"),
        (
            of(NAME, subjects=("customer",)),
            Label.OMITTED,
            f"the declaration names {NAME} as sent to the app, but not as a child's data",
        ),
        (of(field=(CHILDREN,)), Label.CLEAR, f"the declaration says {CHILDREN} of this field"),
        (of(field=(FIRST, CHILDREN)), Label.CLEAR, f"the declaration says {CHILDREN} of this field"),
        (
            of(field=(FIRST,)),
            Label.OMITTED,
            f"the declaration says {FIRST} of this field, but not that it is a child's",
        ),
        (of(CHILDREN, field=(FIRST,)), Label.CLEAR, f"the declaration says {FIRST} of this field"),
        (of(FIRST, subjects=("child",), field=(FIRST,)), Label.CLEAR, f"the declaration says {FIRST} of this field"),
    ],
)
def test_a_childs_name_is_held_against_what_is_declared_of_children(
    declared: Declaration, label: Label, reason: str
) -> None:
    word = words(declared)[Source.DECLARATION]
    assert (word.label, word.reason) == (label, reason)
    assert in_french(word.reason, Words("fr"))


def test_what_is_declared_of_children_covers_nobody_elses_name() -> None:
    assert words(of(CHILDREN), minor=False)[Source.DECLARATION].label is Label.OMITTED
    assert words(of(FIRST), minor=False)[Source.DECLARATION].label is Label.CLEAR


def test_both_new_sentences_are_told_in_french() -> None:
    told = [in_french(words(one)[Source.DECLARATION].reason, Words("fr")) for one in (of(NAME), of(field=(FIRST,)))]
    assert told == [
        "La déclaration mentionne «\u00a0Nom\u00a0» (user.name) parmi ce qui est envoyé à l’application, mais pas "
        "comme une donnée d’enfant.",
        "La déclaration dit de ce champ\u00a0: «\u00a0Prénom\u00a0» (user.name.first), mais pas qu’il s’agit d’une "
        "donnée d’enfant.",
    ]


@pytest.mark.parametrize(
    ("said", "label"),
    [
        (((Says.COLLECTS, NAME), (Says.DOES_NOT_COLLECT, CHILDREN)), Label.INCORRECT),
        (((Says.COLLECTS, CHILDREN),), Label.CLEAR),
        (((Says.DOES_NOT_COLLECT, NAME), (Says.COLLECTS, CHILDREN)), Label.CLEAR),
        (((Says.COLLECTS, FIRST),), Label.CLEAR),  # a policy says of no sentence whom it is about
        (((Says.COLLECTS, "user.contact"),), Label.OMITTED),
    ],
)
def test_what_a_policy_says_of_children_comes_before_what_it_says_of_names(
    said: tuple[tuple[Says, str], ...], label: Label
) -> None:
    assert words(of(CHILDREN, policy=notice(*said)))[Source.POLICY].label is label


def test_a_schema_that_says_a_childs_data_of_a_place_says_it_of_a_childs_name() -> None:
    tool = ToolSchema("t", {"properties": {"x": {"type": "string", "x-data-categories": [CHILDREN]}}})
    verdicts = judge(FIRST, taxonomy.flags(FIRST, minor=True), PLACE, UP, tool, None)
    assert verdicts[0].label is Label.CLEAR
    assert judge(FIRST, taxonomy.flags(FIRST), PLACE, UP, tool, None)[0].label is Label.VAGUE


@given(
    KEYS,
    st.lists(KEYS, max_size=4),
    st.lists(KEYS, max_size=3),
    st.lists(KEYS, max_size=2),
    KEYS,
    st.booleans(),
)
def test_one_more_declared_category_never_makes_the_verdict_on_a_childs_datum_heavier(
    category: str, listed: list[str], about: list[str], field: list[str], more: str, childs: bool
) -> None:
    def label(listed: list[str], about: list[str]) -> Label:
        purposes = (Purpose("purpose/1", "p", to_app=tuple(about), subjects=("child",)),) if about else ()
        tools = (DeclaredTool("t", fields=(DeclaredField("f", "/x", tuple(field)),)),) if field else ()
        said = Declaration("app", (*listed, *about), (), tools=tools, purposes=purposes)
        return words(said, category)[Source.DECLARATION].label

    after = label(listed, [*about, more]) if childs else label([*listed, more], about)
    assert ORDER.index(after) >= ORDER.index(label(listed, about))
