"""One datum held against schema, declaration and platform."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit import taxonomy
from douane.audit.context import ToolSchema
from douane.audit.declaration import Declaration, DeclaredField, DeclaredTool, Purpose
from douane.audit.exchange import Label, Source, Verdict
from douane.audit.fields import Field
from douane.audit.jsontext import pointer_of
from douane.audit.listing import listing
from douane.audit.message import Direction
from douane.audit.subsumption import above, covers
from douane.audit.verdicts import ORDER, headline, heavier, judge, vagueness

UP, DOWN = Direction.TO_APP, Direction.TO_CHATGPT
EMAIL, NAME = "user.contact.email", "user.name"
CARD = "user.financial.credit_card"


def at(pointer: str) -> Field:
    return Field(pointer, "", "", "", (), "place", 0)


def schema(**properties: Any) -> ToolSchema:
    return ToolSchema("t", {"type": "object", "properties": properties}, {"properties": properties})


def declared(to_app: tuple[str, ...] = (), to_chatgpt: tuple[str, ...] = ()) -> Declaration:
    return Declaration("app", to_app, to_chatgpt)


def rows(verdicts: tuple[Verdict, ...], source: Source) -> list[tuple[Label, float | None]]:
    return [(one.label, one.score) for one in verdicts if one.source is source]


@pytest.mark.parametrize(
    ("category", "tool", "pointer", "expected"),
    [
        (EMAIL, schema(email={"type": "string"}), "/params/arguments/email", [(Label.CLEAR, None)]),
        (EMAIL, schema(to={"title": "E-mail"}), "/params/arguments/to", [(Label.CLEAR, None)]),
        (EMAIL, schema(to={"description": "Adresse électronique"}), "/params/arguments/to", [(Label.CLEAR, None)]),
        (EMAIL, schema(to={"format": "email"}), "/params/arguments/to", [(Label.CLEAR, None)]),
        (EMAIL, schema(to={"x-data-categories": [EMAIL]}), "/params/arguments/to", [(Label.CLEAR, None)]),
        (EMAIL, schema(to={"x-data-categories": ["user.contact"]}), "/params/arguments/to", [(Label.VAGUE, 0.5)]),
        (EMAIL, schema(to={"items": {}, "title": "E-mails"}), "/params/arguments/to/3", [(Label.CLEAR, None)]),
        (EMAIL, schema(query={"type": "string"}), "/params/arguments/query", [(Label.VAGUE, 1.0)]),
        (EMAIL, schema(phone={"type": "string"}), "/params/arguments/phone", [(Label.VAGUE, 1.0)]),
        (EMAIL, schema(contact={"type": "object"}), "/params/arguments/contact/x", [(Label.VAGUE, 1.0)]),
        (EMAIL, schema(emails={"type": "object"}), "/params/arguments/emails/x", [(Label.CLEAR, None)]),
        ("user.location.precise", schema(location={}), "/params/arguments/location", [(Label.VAGUE, 0.5)]),
        (EMAIL, schema(query={}), "/params/arguments/email", [(Label.OMITTED, None)]),
        (EMAIL, schema(), "/params/arguments/email", [(Label.OMITTED, None)]),
        (EMAIL, schema(city={"x-mcp-header": "City"}), "/@http/header/mcp-param-city", [(Label.VAGUE, 1.0)]),
        (EMAIL, schema(email={"x-mcp-header": "Mail"}), "/@http/header/mcp-param-mail", [(Label.CLEAR, None)]),
        (EMAIL, schema(email={}), "/@http/header/mcp-param-mail", [(Label.OMITTED, None)]),
        (EMAIL, None, "/params/arguments/email", [(Label.GAP, None)]),
        (EMAIL, ToolSchema("t"), "/params/arguments/email", [(Label.GAP, None)]),
        (EMAIL, schema(email={}), "/params/_meta/openai~1subject", []),
        (EMAIL, schema(email={}), "/@http/header/user-agent", []),
        (EMAIL, schema(email={}), "/params/argumentsx/email", []),
    ],
)
def test_the_schema_says_whether_a_place_in_the_arguments_is_listed_and_what_it_holds(
    category: str, tool: ToolSchema | None, pointer: str, expected: list[tuple[Label, float | None]]
) -> None:
    assert rows(judge(category, (), at(pointer), UP, tool, None), Source.SCHEMA) == expected


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("/result/structuredContent/email", [(Label.CLEAR, None)]),
        ("/result/result/structuredContent/email", [(Label.CLEAR, None)]),
        ("/result/structuredContent/other", [(Label.OMITTED, None)]),
        ("/result/content/0/text", []),
        ("/params/arguments/email", []),
    ],
)
def test_an_answer_is_judged_by_the_output_schema_where_it_reaches(
    pointer: str, expected: list[tuple[Label, float | None]]
) -> None:
    assert rows(judge(EMAIL, (), at(pointer), DOWN, schema(email={}), None), Source.SCHEMA) == expected


def test_arguments_of_other_methods_have_no_schema() -> None:
    verdicts = judge(EMAIL, (), at("/params/arguments/email"), UP, None, None, method="prompts/get")
    assert rows(verdicts, Source.SCHEMA) == []


@pytest.mark.parametrize(
    ("category", "declaration", "direction", "expected"),
    [
        (EMAIL, declared((EMAIL,)), UP, (Label.CLEAR, None)),
        (EMAIL, declared((EMAIL,)), DOWN, (Label.OMITTED, None)),
        (EMAIL, declared((), (EMAIL,)), DOWN, (Label.CLEAR, None)),
        (EMAIL, declared(("user.contact",)), UP, (Label.VAGUE, 0.5)),
        (EMAIL, declared(("user",)), UP, (Label.VAGUE, 1.0)),
        (EMAIL, declared(("user", "user.contact")), UP, (Label.VAGUE, 0.5)),
        ("user.contact.address.city", declared(("user.contact",)), UP, (Label.VAGUE, 2 / 3)),
        ("user.contact.address.city", declared(("user.contact.address",)), UP, (Label.VAGUE, 1 / 3)),
        (EMAIL, declared(("user", EMAIL)), UP, (Label.CLEAR, None)),
        ("user.contact", declared((EMAIL,)), UP, (Label.OMITTED, None)),
        (EMAIL, declared(("user.cont",)), UP, (Label.OMITTED, None)),
        (EMAIL, declared(), UP, (Label.OMITTED, None)),
        (EMAIL, None, UP, (Label.GAP, None)),
        ("unknown.personal", declared(("user",)), UP, (Label.GAP, None)),
    ],
)
def test_a_declaration_covers_its_categories_and_vaguely_what_lies_below(
    category: str, declaration: Declaration | None, direction: Direction, expected: tuple[Label, float | None]
) -> None:
    verdicts = judge(category, (), at("/params/_meta/x"), direction, None, declaration)
    assert rows(verdicts, Source.DECLARATION) == [expected]


@pytest.mark.parametrize("declaration", [None, declared((CARD,), (CARD,))])
@pytest.mark.parametrize("direction", [UP, DOWN])
def test_what_the_platform_restricts_is_prohibited_whatever_was_declared(
    declaration: Declaration | None, direction: Direction
) -> None:
    verdicts = judge(CARD, taxonomy.flags(CARD), at("/params/_meta/x"), direction, None, declaration)
    assert rows(verdicts, Source.PLATFORM) == [(Label.PROHIBITED, None)]
    assert headline(verdicts) is Label.PROHIBITED


@pytest.mark.parametrize(
    ("category", "words"),
    [
        (CARD, "payment card data"),
        ("user.financial.credit_card.security_code", "payment card data"),
        ("user.health_and_medical.condition", "protected health information"),
        ("user.government_id.passport_number", "government identifiers"),
        ("system.secret.api_key", "access credentials and secrets"),
        ("user.content.conversation", "whole conversations"),
    ],
)
def test_the_reason_names_the_kind_of_restricted_data(category: str, words: str) -> None:
    verdicts = judge(category, taxonomy.flags(category), at("/params/_meta/x"), UP, None, None)
    assert [words in one.reason for one in verdicts if one.source is Source.PLATFORM] == [True]


def test_what_the_platform_does_not_restrict_has_no_word_from_it() -> None:
    assert rows(judge(EMAIL, taxonomy.flags(EMAIL), at("/params/_meta/x"), UP, None, None), Source.PLATFORM) == []


def test_the_three_sources_speak_in_a_fixed_order_and_in_words() -> None:
    health = "user.health_and_medical"
    verdicts = judge(
        health, taxonomy.flags(health), at("/params/arguments/note"), UP, schema(note={}), declared((NAME,))
    )
    assert verdicts == (
        Verdict(
            Source.SCHEMA,
            Label.VAGUE,
            "the tool's input schema lists this place without saying what personal data it holds",
            1.0,
        ),
        Verdict(
            Source.DECLARATION,
            Label.OMITTED,
            "the declaration does not name user.health_and_medical as sent to the app",
        ),
        Verdict(
            Source.PLATFORM,
            Label.PROHIBITED,
            "OpenAI's app guidelines: apps do not collect, solicit or process protected health information, "
            "whatever they declared",
        ),
    )


def test_a_declaration_of_a_part_is_named_in_the_reason() -> None:
    (verdict,) = judge("user.contact", (), at("/params/_meta/x"), UP, None, declared((EMAIL,)))
    assert verdict.reason.endswith("it names a part of it, user.contact.email")


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([], Label.GAP),
        ([Label.GAP, Label.GAP], Label.GAP),
        ([Label.GAP, Label.CLEAR], Label.CLEAR),
        ([Label.CLEAR, Label.VAGUE], Label.VAGUE),
        ([Label.VAGUE, Label.OMITTED, Label.CLEAR], Label.OMITTED),
        ([Label.OMITTED, Label.PROHIBITED], Label.PROHIBITED),
    ],
)
def test_the_headline_is_the_heaviest_label_and_a_gap_only_when_all_are(labels: list[Label], expected: Label) -> None:
    assert headline(Verdict(Source.SCHEMA, label, "") for label in labels) is expected


def test_the_order_holds_every_label_once() -> None:
    assert sorted(ORDER) == sorted(Label)


def test_the_page_on_verdicts_gives_the_order_that_the_code_keeps() -> None:
    page = (Path(__file__).parents[2] / "docs" / "verdicts.md").read_text(encoding="utf-8")
    assert " > ".join(label.value for label in ORDER) in page


LABELS = st.sampled_from(list(Label))


@given(LABELS, LABELS, LABELS)
def test_the_order_of_labels_is_total(one: Label, two: Label, three: Label) -> None:
    assert heavier(one, one) is one
    assert heavier(one, two) in (one, two)
    assert heavier(one, two) is heavier(two, one)
    assert heavier(heavier(one, two), three) is heavier(one, heavier(two, three))
    assert headline([Verdict(Source.SCHEMA, one, ""), Verdict(Source.PLATFORM, two, "")]) is heavier(one, two)


KEYS = st.sampled_from([one.key for one in taxonomy.categories()])


@given(KEYS, st.lists(KEYS, max_size=6), st.dictionaries(st.text(max_size=4), st.none(), max_size=4), st.randoms())
def test_a_judgement_does_not_depend_on_the_order_of_what_was_declared(
    category: str, keys: list[str], properties: dict[str, None], chance: random.Random
) -> None:
    def judged() -> tuple[Verdict, ...]:
        chance.shuffle(keys)
        names = list(properties)
        chance.shuffle(names)
        tool = schema(**{name: {"x-data-categories": list(keys), "title": "Contact"} for name in names})
        flags = list(taxonomy.flags(category))
        chance.shuffle(flags)
        pointer = pointer_of(("params", "arguments", min(properties) if properties else "none"))
        return judge(category, flags, at(pointer), UP, tool, declared(tuple(keys)))

    first = judged()
    assert all(judged() == first for _ in range(4))


@given(KEYS, KEYS)
def test_vagueness_lies_between_zero_and_one_and_is_zero_for_the_category_itself(
    category: str, declared_key: str
) -> None:
    score = vagueness(category, declared_key)
    if taxonomy.is_within(category, declared_key):
        assert score is not None
    if score is None:
        assert not covers(declared_key, category)
    else:
        assert covers(declared_key, category)
        assert 0 <= score <= 1
        assert (score == 0) == (covers(category, declared_key) and above(category)[declared_key] == 0)


@given(KEYS, KEYS)
def test_a_narrower_declaration_is_never_vaguer(category: str, key: str) -> None:
    wider = vagueness(category, key.rpartition(".")[0] or key)
    narrower = vagueness(category, key)
    if wider is not None and narrower is not None:
        assert narrower <= wider


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.sampled_from(["#", "object", "#/a"])),
    lambda inner: st.one_of(
        st.dictionaries(
            st.one_of(
                st.sampled_from(["properties", "items", "$ref", "anyOf", "type", "title", "x-data-categories", "a"]),
                st.text(max_size=3),
            ),
            inner,
            max_size=4,
        ),
        st.lists(inner, max_size=3),
    ),
    max_leaves=20,
)


@given(
    st.one_of(KEYS, st.text(max_size=10)),
    st.lists(st.text(max_size=5)),
    st.text(max_size=12),
    JSON,
    st.sampled_from(Direction),
)
def test_judging_never_raises_and_always_has_a_word_from_the_declaration(
    category: str, flags: list[str], tail: str, json_schema: Any, direction: Direction
) -> None:
    tool = ToolSchema("t", json_schema, json_schema)
    for pointer in (f"/params/arguments/{tail}", f"/result/structuredContent/{tail}", f"/@http/header/{tail}", tail):
        verdicts = judge(category, flags, at(pointer), direction, tool, None)
        assert rows(verdicts, Source.DECLARATION) == [(Label.GAP, None)]
        assert headline(verdicts) in Label


def field_of(pointer: str, *categories: str, where: str = "fields") -> DeclaredField:
    return DeclaredField(f"tool/send/{where}/{pointer}", pointer, categories)


BY_FIELD = Declaration(
    "app",
    (EMAIL,),
    (NAME,),
    tools=(
        DeclaredTool(
            "send",
            fields=(
                field_of("/to", EMAIL),
                field_of("/people/*/mail", "user.contact"),
                field_of("/people", NAME),
                field_of("/note"),
                field_of("/none", "none"),
            ),
            output=(field_of("/to", NAME, where="output"),),
        ),
    ),
    purposes=(
        Purpose("purpose/2", "b", to_app=(EMAIL,)),
        Purpose("purpose/10", "c", to_app=(EMAIL,)),
        Purpose("purpose/1", "a", to_app=("user.contact",)),
    ),
)


@pytest.mark.parametrize(
    ("pointer", "category", "tool", "label", "used"),
    [
        ("/params/arguments/to", EMAIL, "send", Label.CLEAR, ("tool/send/fields//to",)),
        ("/params/arguments/to", NAME, "send", Label.OMITTED, ("tool/send/fields//to",)),
        ("/params/arguments/to/0/inner", EMAIL, "send", Label.CLEAR, ("tool/send/fields//to",)),
        ("/params/arguments/people/3/mail", EMAIL, "send", Label.VAGUE, ("tool/send/fields//people/*/mail",)),
        ("/params/arguments/people/3/nick", NAME, "send", Label.CLEAR, ("tool/send/fields//people",)),
        ("/params/arguments/people/3/nick", EMAIL, "send", Label.OMITTED, ("tool/send/fields//people",)),
        ("/params/arguments/none", EMAIL, "send", Label.OMITTED, ("tool/send/fields//none",)),
        # nothing is said of the field: the app's categories speak
        ("/params/arguments/note", EMAIL, "send", Label.CLEAR, ("purpose/2", "purpose/10")),
        ("/params/arguments/other", EMAIL, "send", Label.CLEAR, ("purpose/2", "purpose/10")),
        ("/params/arguments/to", EMAIL, "another", Label.CLEAR, ("purpose/2", "purpose/10")),
        ("/params/arguments/to", EMAIL, None, Label.CLEAR, ("purpose/2", "purpose/10")),
        ("/params/_meta/to", EMAIL, "send", Label.CLEAR, ("purpose/2", "purpose/10")),
        ("/params/arguments/to", "unknown.personal", "send", Label.GAP, ()),
    ],
)
def test_what_is_said_of_a_field_comes_before_what_is_said_of_the_app(
    pointer: str, category: str, tool: str | None, label: Label, used: tuple[str, ...]
) -> None:
    verdicts = judge(category, (), pointer, UP, None, BY_FIELD, tool=tool)
    found = [(one.label, one.statements) for one in verdicts if one.source is Source.DECLARATION]
    assert found == [(label, used)]


def test_a_field_of_the_output_speaks_for_answers_only() -> None:
    verdicts = judge(NAME, (), "/result/structuredContent/to", DOWN, None, BY_FIELD, tool="send")
    assert [one.statements for one in verdicts if one.source is Source.DECLARATION] == [("tool/send/output//to",)]


@given(KEYS, st.lists(KEYS, max_size=6), KEYS, st.sampled_from(Direction))
def test_one_more_declared_category_never_makes_a_verdict_heavier(
    category: str, keys: list[str], more: str, direction: Direction
) -> None:
    pointer = "/params/_meta/x"
    before, after = (
        judge(category, (), pointer, direction, None, declared(tuple(some), tuple(some)))[0].label
        for some in (keys, [*keys, more])
    )
    assert ORDER.index(after) >= ORDER.index(before)


@given(KEYS, st.lists(st.tuples(KEYS, KEYS), max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_purposes_changes_nothing(
    category: str, rows: list[tuple[str, str]], chance: random.Random
) -> None:
    purposes = [Purpose(f"purpose/{n}", "", to_app=row) for n, row in enumerate(rows, 1)]
    keys = tuple(sorted({key for row in rows for key in row}))
    first = judge(category, (), "/x", UP, None, Declaration("app", keys, (), purposes=tuple(purposes)))
    chance.shuffle(purposes)
    assert judge(category, (), "/x", UP, None, Declaration("app", keys, (), purposes=tuple(purposes))) == first


def test_every_label_has_its_place_in_the_order() -> None:
    assert sorted(Label, key=ORDER.index) == list(ORDER)


@given(KEYS, st.sampled_from(Direction), st.text(max_size=12))
def test_a_pointer_is_enough_to_judge(category: str, direction: Direction, key: str) -> None:
    tool = schema(email={"type": "string"}, note={"title": "Note"})
    for name in ("email", "note", key):
        above_it = ("params", "arguments") if direction is UP else ("result", "structuredContent")
        pointer = pointer_of((*above_it, name))
        of_a_field = judge(category, taxonomy.flags(category), at(pointer), direction, tool, BY_FIELD)
        assert judge(category, taxonomy.flags(category), pointer, direction, tool, BY_FIELD) == of_a_field


def test_what_a_schema_does_not_list_is_not_kept() -> None:
    tool = schema(people={"type": "object", "additionalProperties": {"type": "string"}})
    assert tool.input_schema is not None
    for key in ("lea.exemple@example.org", "12345678"):
        judge(EMAIL, (), pointer_of(("params", "arguments", "people", key)), UP, tool, None)
    judge(EMAIL, (), "/params/arguments/people/0", UP, tool, None)
    assert [below for _, _, below in listing(tool.input_schema).known] == [("people", "0")]


@given(
    st.lists(
        st.tuples(KEYS, st.sampled_from(["email", "note", "people", "elsewhere"]), st.sampled_from(Direction)),
        min_size=1,
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_what_was_judged_before_changes_nothing(data: list[tuple[str, str, Direction]], chance: random.Random) -> None:
    def judged(rows: list[tuple[str, str, Direction]]) -> dict[tuple[str, str, Direction], tuple[Verdict, ...]]:
        tool = schema(email={"type": "string"}, note={"title": "Note"})
        declaration = replace(BY_FIELD, to_app=(EMAIL, "user.location"))  # new objects: nothing is known of them yet
        out: dict[tuple[str, str, Direction], tuple[Verdict, ...]] = {}
        for category, name, way in rows:
            above_it = ("params", "arguments") if way is UP else ("result", "structuredContent")
            out[category, name, way] = judge(
                category, taxonomy.flags(category), pointer_of((*above_it, name)), way, tool, declaration, tool="send"
            )
        return out

    first = judged(data)
    shuffled = list(data)
    chance.shuffle(shuffled)
    assert judged(shuffled) == first
    assert judged([*data, *shuffled]) == first
