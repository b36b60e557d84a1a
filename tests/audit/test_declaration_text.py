"""A declaration goes to a file, to the ledger's document, and back as it was."""

from dataclasses import replace
from typing import Any

import pytest
from declarations import declarations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from douane.audit import taxonomy
from douane.audit.declaration import Declaration, Purpose
from douane.audit.declaration_document import declaration_of, document_of
from douane.audit.declaration_file import parse_declaration
from douane.audit.declaration_text import yaml_of
from douane.audit.yamltext import Document, parse
from douane.audit.yamlwrite import written

SLOW = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(declarations())
def test_a_declaration_that_is_written_as_yaml_is_read_back_equal(declaration: Declaration) -> None:
    it = parse_declaration(yaml_of(declaration), "crm.yaml")
    assert isinstance(it, Declaration), str(it)
    assert replace(it, sha256=declaration.sha256, source=declaration.source) == declaration


@SLOW
@given(declarations())
def test_a_declaration_that_the_ledger_keeps_is_read_back_equal(declaration: Declaration) -> None:
    assert declaration_of(document_of(declaration)) == declaration


@SLOW
@given(declarations())
def test_a_file_that_is_read_and_kept_gives_back_its_lines_too(declaration: Declaration) -> None:
    it = parse_declaration(yaml_of(declaration), "crm.yaml")
    assert isinstance(it, Declaration)
    kept = declaration_of(document_of(it))
    assert (kept, dict(kept.lines)) == (it, dict(it.lines))


def test_a_kept_declaration_is_read_though_the_taxonomy_has_moved_on() -> None:
    old = Declaration("crm", ("user.no_longer_there",), (), taxonomy="fideslang/2")
    assert declaration_of(document_of(old)) == old


def test_what_was_not_said_is_not_kept() -> None:
    assert document_of(Declaration("crm", ("user.name",), ())) == '{"app":"crm","to_app":["user.name"],"to_chatgpt":[]}'


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"app": "Zoltan"}', '{"app": 1, "to_app": 2}'])
def test_what_is_no_kept_declaration_is_refused_without_a_word_of_it(text: str) -> None:
    with pytest.raises(ValueError, match="no declaration") as refused:
        declaration_of(text)
    assert "Zoltan" not in str(refused.value)


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**17), 10**17), st.text(st.characters(exclude_categories=["Cs"]))
)
trees = st.recursive(
    scalars,
    lambda inside: st.one_of(
        st.lists(inside, max_size=4),
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), inside, max_size=4),
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), trees, max_size=5))
def test_plain_data_are_read_back_as_they_were(data: dict[str, Any]) -> None:
    it = parse(written(data, head="made by a test"), "x.yaml")
    assert isinstance(it, Document), str(it)
    assert it.data == data


@pytest.mark.parametrize(
    "text",
    ["null", "~", "true", "No", "1", "1.5", "1e3", "0x1f", "-", "- a", "a: b", "a #b", "#b", "%a", "*a", "&a", "!a",
     "'", '"', "\\", "", " a", "a ", "a\nb", "\t", "é", "\u2028", "\x85", "\x00", "\x7f", "😀", "\ue000", "[", "{", ",",
     "2026-11-02", "12:30", "?", "? a", "|", ">", "@", "`", "<<", "---", "...", ".5", "+1", "_1", "a:", "\ufeff"],
)  # fmt: skip
def test_a_hard_text_is_read_back_as_a_key_and_as_a_value(text: str) -> None:
    it = parse(written({text: [text, {text: text}]}), "x.yaml")
    assert isinstance(it, Document), str(it)
    assert it.data == {text: [text, {text: text}]}


def test_a_note_makes_room_for_what_a_person_must_fill_in() -> None:
    declaration = Declaration(
        "crm",
        ("user.name",),
        (),
        taxonomy=taxonomy.VERSION,
        purposes=(Purpose("purpose/1", "Find", to_app=("user.name",)),),
    )
    notes = {
        ("privacy_declarations", 0, "legal_basis_for_processing"): "to fill in",
        ("publisher", "name"): "to fill in",
    }
    text = yaml_of(declaration, notes, head="A draft.\nTo be read by a person.")
    assert text == (
        "# A draft.\n# To be read by a person.\n"
        "douane_declaration: 1\n"
        "app: crm\n"
        'taxonomy: "fideslang/3.1.4+douane.1"\n'
        "privacy_declarations:\n"
        "  - name: Find\n"
        "    to_app: [user.name]\n"
        "    legal_basis_for_processing:  # to fill in\n"
        "publisher:\n"
        "  name:  # to fill in\n"
    ).replace('"fideslang/3.1.4+douane.1"', "fideslang/3.1.4+douane.1")
    assert parse_declaration(text, "crm.yaml") == replace(
        declaration,
        sha256=parse_declaration(text, "").sha256,
        source="crm.yaml",  # type: ignore[union-attr]
    )
