"""Declarations go to Fides and come back; what is Fides' own comes in with a table of what had no place."""

import json
from dataclasses import replace
from typing import Any

import pytest
from declarations import declarations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from douane.audit import taxonomy
from douane.audit.declaration import Declaration, Purpose
from douane.audit.fides_export import fides_of
from douane.audit.fides_import import read_fides
from douane.audit.imported import Imported
from douane.audit.yamltext import Document, Errors, parse

SLOW = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])


def taken(data: Any, **how: str) -> Imported:
    it = read_fides(json.dumps(data), "fides.json", **how)
    assert isinstance(it, Imported), str(it)
    return it


def system(**changed: Any) -> dict[str, Any]:
    return {"system": [{"fides_key": "crm", "system_type": "Service", "privacy_declarations": [], **changed}]}


@SLOW
@given(declarations())
def test_a_declaration_that_went_to_fides_comes_back_equal(declaration: Declaration) -> None:
    it = read_fides(fides_of(declaration).text, "fides.yaml")
    assert isinstance(it, Imported), str(it)
    assert replace(it.declaration, sha256=declaration.sha256, source=declaration.source) == declaration
    assert it.unmapped == ()


@SLOW
@given(declarations())
def test_fides_is_given_only_words_that_it_knows(declaration: Declaration) -> None:
    read = parse(fides_of(declaration).text, "fides.yaml")
    assert isinstance(read, Document)
    known = {one.key for one in taxonomy.categories() if one.origin == "fideslang"}
    for entry in read.data["system"][0]["privacy_declarations"]:
        assert set(entry["data_categories"]) <= known
        assert entry["data_use"]


def test_a_category_of_ours_goes_as_the_nearest_one_above_it() -> None:
    purpose = Purpose("purpose/1", "Pay", "sales", to_app=("none", "system.secret.token", "unknown.personal",
        "user.financial.bank_account.iban"))  # fmt: skip
    text = fides_of(Declaration("crm", purpose.to_app, (), purposes=(purpose,))).text
    assert "data_categories: [system, user, user.financial.bank_account]" in text


def test_children_among_the_data_subjects_go_as_the_nearest_word_of_fides_and_come_back() -> None:
    purpose = Purpose("purpose/1", "Teach", "essential.service", ("user.name",), subjects=("child", "next_of_kin"))
    it = fides_of(Declaration("crm", ("user.name",), (), purposes=(purpose,)))
    assert "data_subjects: [next_of_kin]" in it.text
    assert "privacy_declarations[].data_subjects" in it.beside
    back = read_fides(it.text, "fides.yaml")
    assert isinstance(back, Imported)
    assert back.declaration.purposes[0].subjects == ("child", "next_of_kin")
    changed = read_fides(it.text.replace("data_subjects: [next_of_kin]", "data_subjects: [patient]"), "fides.yaml")
    assert isinstance(changed, Imported)
    assert changed.declaration.purposes[0].subjects == ("patient",)
    assert [one.what for one in changed.unmapped] == ["privacy_declarations[0].data_subjects"]


def test_the_export_says_what_stands_beside() -> None:
    purpose = Purpose("purpose/1", "Find", "essential.service", to_app=("user.name",), ephemeral=True)
    it = fides_of(Declaration("crm", ("user.name",), (), purposes=(purpose, replace(purpose, data_use=""))))
    assert it.beside == (
        "privacy_declarations[].ephemeral", "privacy_declarations[].to_app", "privacy_declarations[].whole",
    )  # fmt: skip


PLAIN = {
    "name": "Find contacts",
    "data_use": "essential.service",
    "data_categories": ["user.name"],
    "data_subjects": ["customer"],
    "legal_basis_for_processing": "Contract",
    "retention_period": "12 months",
    "features": ["match"],
    "third_parties": "Example Cloud and partners",
    "data_shared_with_third_parties": True,
    "flexible_legal_basis_for_processing": False,
    "cookies": None,
}


def test_a_manifest_of_fides_alone_comes_in_with_what_it_says_and_no_more() -> None:
    it = taken(system(name="Carnet", legal_name="Carnet SAS", dpo="dpo@carnet.example",
        privacy_policy="https://carnet.example/p", privacy_declarations=[PLAIN]))  # fmt: skip
    purpose = it.declaration.purposes[0]
    assert purpose == Purpose(
        "purpose/1", "Find contacts", "essential.service", ("user.name",), ("user.name",), ("customer",), "Contract",
        retention="P12M", shared=True,
        carried=(("features", '["match"]'), ("third_parties", '"Example Cloud and partners"')),
    )  # fmt: skip
    assert it.declaration.title == "Carnet"
    assert it.declaration.publisher.contact == "dpo@carnet.example"
    assert it.declaration.recipients == ()
    assert [one.what for one in it.unmapped] == ["privacy_declarations[0].data_categories"]


@pytest.mark.parametrize(
    ("changed", "rows"),
    [
        ({"description": "A CRM"}, ["description"]),
        ({"organization_fides_key": "default_organization", "tags": None, "uses_profiling": False}, []),
        ({"organization_fides_key": "other"}, ["organization_fides_key"]),
        ({"legal_basis_for_transfers": ["SCCs"]}, ["legal_basis_for_transfers"]),
        ({"does_international_transfers": True}, ["does_international_transfers"]),
        ({"meta": {"other": 1}}, ["meta"]),
        ({"privacy_policy": "see our site"}, ["privacy_policy.url"]),
        ({"privacy_declarations": [{"data_use": "custom.use"}]},
         ["privacy_declarations[0].data_categories", "privacy_declarations[0].data_use"]),
        ({"privacy_declarations": [{"data_use": "sales", "data_categories": ["user.custom", "user.name"]}]},
         ["privacy_declarations[0].data_categories", "privacy_declarations[0].data_categories[0]"]),
        ({"privacy_declarations": [{"data_use": "sales", "retention_period": "as long as needed"}]},
         ["privacy_declarations[0].data_categories", "privacy_declarations[0].retention_period"]),
        ({"privacy_declarations": [{"data_use": "sales", "zz": 1}]},
         ["privacy_declarations[0].zz", "privacy_declarations[0].data_categories"]),
    ],
)  # fmt: skip
def test_what_has_no_place_is_in_the_table(changed: dict[str, Any], rows: list[str]) -> None:
    assert [one.what for one in taken(system(**changed)).unmapped] == rows


DECLARATION = Declaration(
    "crm", ("user.financial.bank_account.iban",), (), taxonomy=taxonomy.VERSION,
    purposes=(Purpose("purpose/1", "Pay", "essential.service", to_app=("user.financial.bank_account.iban",)),),
)  # fmt: skip


def edited(**changed: Any) -> Imported:
    read = parse(fides_of(DECLARATION).text, "fides.yaml")
    assert isinstance(read, Document)
    read.data["system"][0]["privacy_declarations"][0] |= changed
    return taken(read.data)


def test_what_was_changed_in_fides_holds() -> None:
    assert edited(legal_basis_for_processing="Consent").declaration.purposes[0].legal_basis == "Consent"
    assert edited(legal_basis_for_processing="Consent").unmapped == ()


def test_categories_that_were_changed_in_fides_hold_and_are_in_the_table() -> None:
    it = edited(data_categories=["user.name"])
    assert (it.declaration.to_app, it.declaration.to_chatgpt) == (("user.name",), ("user.name",))
    assert [one.what for one in it.unmapped] == ["privacy_declarations[0].data_categories"]


@pytest.mark.parametrize(
    ("text", "how", "said"),
    [
        ("{}", {}, "no system of fides in this file"),
        ("system: []", {}, "no system of fides in this file"),
        ("system: [{fides_key: a}, {fides_key: b}]", {}, "several systems stand here"),
        ("system: [{fides_key: a}, {fides_key: b}]", {"system": "c"}, "no one system has this key"),
        ("system: [{fides_key: '<Zoltan>'}]", {}, "no name that an app can have"),
        ("system: [", {}, "a bracket is not closed"),
    ],
)
def test_a_file_that_is_no_manifest_is_refused(text: str, how: dict[str, str], said: str) -> None:
    it = read_fides(text, "fides.yaml", **how)
    assert isinstance(it, Errors)
    assert said in str(it)
    assert "Zoltan" not in str(it)


def test_one_of_several_systems_is_chosen_by_its_key_and_called_otherwise() -> None:
    it = read_fides("system: [{fides_key: a}, {fides_key: b, name: B}]", "f.yaml", system="b", app="crm")
    assert isinstance(it, Imported)
    assert (it.declaration.app, it.declaration.title) == ("crm", "B")


junk = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["", "x", "user.name", "P1M", "https://a.example"])),
    lambda inside: st.one_of(
        st.lists(inside, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["fides_key", "name", "meta", "douane", "declaration", "privacy_declarations", "whole", "to_app",
                 "data_categories", "recipients", "third_parties", "carried", "roles", "tools", "publisher", "shared",
                 "data_shared_with_third_parties", "legal_basis_for_transfers", "provenance", "retention_period"]
            ),
            inside,
            max_size=5,
        ),
    ),
    max_leaves=25,
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(junk)
def test_no_manifest_makes_the_reader_raise(data: Any) -> None:
    it = read_fides(json.dumps({"system": [{"fides_key": "a", **(data if isinstance(data, dict) else {})}]}), "f.json")
    assert isinstance(it, Imported | Errors)
