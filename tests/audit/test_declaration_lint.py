"""A lint says what is missing or at odds; each kind has a declaration that it speaks of and one that it does not."""

import json
from dataclasses import replace
from typing import Any

import pytest
from declarations import declarations
from hypothesis import HealthCheck, given, settings

from douane.audit.declaration import Declaration
from douane.audit.declaration_file import parse_declaration
from douane.audit.declaration_lint import kinds, lint
from douane.audit.rules.base import Severity

QUOTE = {"quote": "We keep the names of your contacts."}
NAMES = {"says": "collects", "data_categories": ["user.name"], **QUOTE}
PURPOSE: dict[str, Any] = {
    "name": "Find contacts",
    "data_use": "essential.service",
    "data_categories": ["user.name"],
    "data_subjects": ["customer"],
    "legal_basis_for_processing": "Contract",
    "retention_period": "P12M",
    "roles": {"organisation": "controller", "publisher": "processor"},
    "recipients": ["Cloud"],
}
RECIPIENT = {"name": "Cloud", "country": "FR", "role": "processor"}
US = {**RECIPIENT, "country": "US"}
TRANSFER = {"country": "US", "mechanism": "SCCs", "reference": "annex 4", "date": "2026-03-03"}
WHOLE: dict[str, Any] = {
    "douane_declaration": 1,
    "app": "crm",
    "publisher": {"name": "Carnet SAS", "country": "FR", "contact": "privacy@carnet.example"},
    "organisation": {"controller": "Exemple SA", "dpo": "Camille Exemple"},
    "platform": {
        "plan": "Enterprise", "contract": "2026-03", "region": "EU", "retention": "30 days", "training_use": "none",
        "source": "contract", "date": "2026-03-03",
    },
    "privacy_policy": {
        "url": "https://carnet.example/privacy", "sha256": "0" * 64, "fetched": "2026-11-02", "statements": [NAMES],
        "controls": ["People can have their data deleted."],
    },
    "connection_information": {"sha256": "0" * 64, "shown_at": "2026-11-02"},
    "privacy_declarations": [PURPOSE],
    "recipients": [RECIPIENT],
    "tools": {"find": {"input_schema_sha256": "0" * 64, "fields": {"/query": ["user.name"]}}},
}  # fmt: skip


TODAY = "2026-11-22"


def read(data: dict[str, Any]) -> Declaration:
    it = parse_declaration(json.dumps(data, indent=1), "crm.json")
    assert isinstance(it, Declaration), str(it)
    return it


def found(**changed: Any) -> list[tuple[str, str]]:
    return [(one.kind.code, one.where) for one in lint(read(WHOLE | changed), TODAY)]


def policy(*statements: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return WHOLE["privacy_policy"] | {"statements": [NAMES, *statements]} | changed


def purpose(**changed: Any) -> list[dict[str, Any]]:
    return [PURPOSE | changed]


DENIES = {"says": "does_not_collect", **QUOTE}
CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("nothing-declared", "app", {"privacy_declarations": [], "tools": None}),
    ("no-publisher", "publisher", {"publisher": None}),
    ("publisher-without-country", "publisher", {"publisher": {"name": "X", "contact": "y"}}),
    ("publisher-without-contact", "publisher", {"publisher": {"name": "X", "country": "FR"}}),
    ("no-controller", "organisation", {"organisation": None}),
    ("no-dpo", "organisation", {"organisation": {"controller": "Exemple SA"}}),
    ("platform-unknown", "platform", {"platform": WHOLE["platform"] | {"plan": ""}}),
    ("platform-undated", "platform", {"platform": WHOLE["platform"] | {"date": ""}}),
    ("no-policy", "privacy_policy", {"privacy_policy": None}),
    ("policy-without-digest", "privacy_policy", {"privacy_policy": policy(sha256="")}),
    ("policy-without-date", "privacy_policy", {"privacy_policy": policy(fetched="")}),
    ("policy-without-statements", "privacy_policy", {"privacy_policy": policy(statements=[])}),
    ("policy-without-controls", "privacy_policy", {"privacy_policy": policy(controls=[])}),
    ("no-connection-information", "connection_information", {"connection_information": None}),
    ("statement-of-unknown-entity", "policy/2", {"privacy_policy": policy({**NAMES, "entity": "Acme Nowhere"})}),
    ("statement-without-quote", "policy/2", {"privacy_policy": policy({**NAMES, "quote": ""})}),
    ("statements-disagree", "policy/2", {"privacy_policy": policy({**DENIES, "data_categories": ["user.name"]})}),
    (
        "statement-against-purpose",
        "policy/2",
        {"privacy_policy": policy({**DENIES, "data_categories": ["user.name"]})},
    ),
    (
        "statement-against-recipient",
        "policy/2",
        {
            "privacy_policy": policy({**DENIES, "entity": "anyone", "data_categories": ["user.name"]}),
            "recipients": [RECIPIENT | {"role": "controller"}],
        },
    ),
    ("category-in-no-statement", "purpose/1", {"privacy_declarations": purpose(to_app=["user.contact.email"])}),
    (
        "statement-beyond-categories",
        "policy/2",
        {"privacy_policy": policy({**NAMES, "data_categories": ["user.payment"]})},
    ),
    ("no-purposes", "privacy_declarations", {"privacy_declarations": [], "to_app": ["user.name"]}),
    ("category-without-purpose", "to_app", {"to_app": ["user.payment"]}),
    ("purpose-without-name", "purpose/1", {"privacy_declarations": purpose(name="")}),
    ("purpose-without-use", "purpose/1", {"privacy_declarations": purpose(data_use="")}),
    ("purpose-without-categories", "purpose/2", {"privacy_declarations": [PURPOSE, PURPOSE | {"data_categories": []}]}),
    ("purpose-without-subjects", "purpose/1", {"privacy_declarations": purpose(data_subjects=[])}),
    ("purpose-without-basis", "purpose/1", {"privacy_declarations": purpose(legal_basis_for_processing="")}),
    (
        "special-without-exception",
        "purpose/1",
        {"privacy_declarations": purpose(to_app=["user.demographic.trade_union"])},
    ),
    (
        "exception-without-special",
        "purpose/1",
        {"privacy_declarations": purpose(special_category_legal_basis="Explicit consent")},
    ),
    ("purpose-without-retention", "purpose/1", {"privacy_declarations": purpose(retention_period="")}),
    ("purpose-without-roles", "purpose/1", {"privacy_declarations": purpose(roles=None)}),
    (
        "sharing-disagrees",
        "purpose/1",
        {"privacy_declarations": purpose(shared=False), "recipients": [RECIPIENT | {"role": "controller"}]},
    ),
    ("shared-without-recipients", "purpose/1", {"privacy_declarations": purpose(shared=True, recipients=[])}),
    ("recipient-without-country", "recipient/1", {"recipients": [RECIPIENT | {"country": ""}]}),
    ("recipient-without-role", "recipient/1", {"recipients": [RECIPIENT | {"role": ""}]}),
    ("recipient-without-purpose", "recipient/2", {"recipients": [RECIPIENT, RECIPIENT | {"name": "Other"}]}),
    ("recipient-outside-eea", "recipient/1", {"recipients": [US]}),
    ("transfer-without-mechanism", "transfer/1", {"recipients": [US], "transfers": [TRANSFER | {"mechanism": ""}]}),
    ("transfer-without-reference", "transfer/1", {"recipients": [US], "transfers": [TRANSFER | {"date": ""}]}),
    ("transfer-inside-eea", "transfer/1", {"transfers": [TRANSFER | {"country": "RE"}]}),
    ("restricted-category", "purpose/1", {"privacy_declarations": purpose(to_app=["user.government_id"])}),
    ("wide-category", "purpose/1", {"privacy_declarations": purpose(to_app=["user.contact"])}),
    ("undetermined-category", "purpose/1", {"privacy_declarations": purpose(to_app=["unknown.personal"])}),
    (
        "field-beyond-categories",
        "tool/find/fields/query",
        {"tools": {"find": {"input_schema_sha256": "0" * 64, "fields": {"/query": ["user.payment"]}}}},
    ),
    ("tool-without-digest", "tool/find", {"tools": {"find": {}}}),
    ("date-in-future", "privacy_policy", {"privacy_policy": policy(fetched="2026-11-23")}),
]  # fmt: skip


def test_a_declaration_that_lacks_nothing_has_no_lint() -> None:
    assert found() == []


@pytest.mark.parametrize(("code", "where", "changed"), CASES, ids=[case[0] for case in CASES])
def test_a_lint_speaks_of_the_part_that_it_is_about(code: str, where: str, changed: dict[str, Any]) -> None:
    assert (code, where) in found(**changed)


@pytest.mark.parametrize(
    ("where", "changed"),
    [
        ("connection_information", {"connection_information": {"sha256": "0" * 64, "shown_at": "2027-01-01"}}),
        ("platform", {"platform": WHOLE["platform"] | {"date": "2027-01-01"}}),
        ("transfer/1", {"recipients": [US], "transfers": [TRANSFER | {"date": "2027-01-01"}]}),
        ("recipient/1", {"recipients": [RECIPIENT | {"provenance": {"source": "human", "at": "2027-01-01"}}]}),
        ("purpose/1", {"privacy_declarations": purpose(provenance=[{"source": "human", "at": "2027-01-01"}])}),
    ],
)
def test_a_date_that_has_not_come_is_told_wherever_it_stands(where: str, changed: dict[str, Any]) -> None:
    assert [one for one in found(**changed) if one[0] == "date-in-future"] == [("date-in-future", where)]
    assert "date-in-future" not in {one.kind.code for one in lint(read(WHOLE | changed))}


def test_every_kind_of_lint_has_a_case() -> None:
    assert {case[0] for case in CASES} == set(kinds())


@pytest.mark.parametrize(
    ("why", "changed"),
    [
        (
            "a denial of a part is a narrowing",
            {"privacy_policy": policy({**DENIES, "data_categories": ["user.name.first"]})},
        ),
        (
            "a denial for the other direction",
            {
                "privacy_policy": policy({**DENIES, "direction": "to_chatgpt", "data_categories": ["user.payment"]}),
                "privacy_declarations": purpose(to_app=["user.payment"]),
            },
        ),
        (
            "a processor is no third party",
            {"privacy_policy": policy({**DENIES, "entity": "anyone", "data_categories": ["user.name"]})},
        ),
        ("a transfer to the country covers all recipients in it", {"recipients": [US], "transfers": [TRANSFER]}),
        ("what is not kept has no retention", {"privacy_declarations": purpose(retention_period="", ephemeral=True)}),
    ],
)  # fmt: skip
def test_what_is_no_contradiction_and_no_lack(why: str, changed: dict[str, Any]) -> None:
    codes = {code for code, _ in found(**changed)}
    assert not {code for code in codes if kinds()[code].severity is Severity.ERROR}
    assert not {code for code in codes if code.startswith(("transfer", "recipient", "purpose-without"))}


OWN = WHOLE["publisher"]["name"]


@pytest.mark.parametrize("entity", ["nous", "We", OWN, OWN.upper(), "first party"])
def test_every_name_of_the_first_party_counts_as_the_first_party(entity: str) -> None:
    spoken = found(privacy_policy=policy({**NAMES, "entity": entity}, statements=[{**NAMES, "entity": entity}]))
    assert "category-in-no-statement" not in {code for code, _ in spoken}
    denied = found(privacy_policy=policy({**DENIES, "entity": entity, "data_categories": ["user.name"]}))
    assert {("statements-disagree", "policy/2"), ("statement-against-purpose", "policy/2")} <= set(denied)


def test_a_denial_of_what_a_category_is_also_part_of_is_told() -> None:
    denied = found(
        privacy_policy=policy(
            {**NAMES, "data_categories": ["user.contact.address"]}, {**DENIES, "data_categories": ["user.location"]}
        ),
        privacy_declarations=purpose(to_app=["user.name", "user.contact.address"]),
    )
    assert {("statements-disagree", "policy/3"), ("statement-against-purpose", "policy/3")} <= set(denied)


@pytest.mark.parametrize(
    ("declared", "spoken"),
    [("user.job_title", "user.workplace"), ("user.location.imprecise", "user.contact.address.city")],
)
def test_a_statement_speaks_of_what_is_part_of_it_or_found_as_it(declared: str, spoken: str) -> None:
    codes = {
        code
        for code, _ in found(
            privacy_policy=policy({**NAMES, "data_categories": [spoken]}),
            privacy_declarations=purpose(to_app=["user.name", declared]),
        )
    }
    assert not codes & {"category-in-no-statement", "statement-beyond-categories"}


def test_lints_come_in_the_order_of_the_file_with_their_lines() -> None:
    it = read(
        WHOLE | {"privacy_declarations": [PURPOSE | {"name": ""}, PURPOSE | {"data_use": ""}], "tools": {"x": {}}}
    )
    lines = [one.line for one in lint(it) if one.line]
    assert lines == sorted(lines)
    assert len(lines) == 3


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(declarations())
def test_every_declaration_can_be_linted_in_both_languages(declaration: Declaration) -> None:
    for one in lint(replace(declaration, recipients=declaration.recipients)):
        for lang in ("en", "fr"):
            assert "{" not in one.says(lang)


SECRET = "Zoltan-Quixley-7781"


def test_no_lint_repeats_what_an_author_wrote() -> None:
    everywhere = read(
        WHOLE
        | {
            "title": SECRET,
            "publisher": SECRET,
            "organisation": {"controller": SECRET},
            "privacy_policy": policy({**DENIES, "entity": SECRET, "quote": SECRET, "data_categories": ["user.name"]}),
            "recipients": [RECIPIENT | {"name": f"{SECRET} Ltd", "country": "", "role": ""}],
            "privacy_declarations": purpose(name=SECRET, recipients=[f"{SECRET} Ltd"], retention_period=""),
        }
    )
    lints = lint(everywhere)
    assert len(lints) > 4
    assert [one for one in lints if SECRET in one.says("en") + one.says("fr") + one.where] == []


@pytest.mark.parametrize("code", kinds())
def test_a_lint_claims_nothing_about_the_law(code: str) -> None:
    one = kinds()[code]
    text = " ".join((one.says.en, one.says.fr, one.remedy.en, one.remedy.fr)).lower()
    assert [word for word in ("violation", "illegal", "illégal", "compliant", "conforme") if word in text] == []


@pytest.mark.parametrize(
    ("entity", "near"), [("wee", "we"), ("anyonne", "anyone"), ("Clowd", "recipient/1"), ("Xyzzy Quux", "")]
)
def test_a_mistyped_entity_is_told_with_the_nearest_that_is_known(entity: str, near: str) -> None:
    some = lint(read({**WHOLE, "privacy_policy": policy({**NAMES, "entity": entity})}), TODAY)
    (one,) = [one for one in some if one.kind.code == "statement-of-unknown-entity"]
    assert (f"`{near}`?" in one.says("en")) == bool(near)
    assert entity not in one.says("en") + one.says("fr")


@pytest.mark.parametrize("entity", ["we", "anyone", "third parties", "des tiers", "cloud", "Carnet SAS", "crm"])
def test_an_entity_that_is_known_is_not_told(entity: str) -> None:
    some = lint(read({**WHOLE, "privacy_policy": policy({**NAMES, "entity": entity})}), TODAY)
    assert "statement-of-unknown-entity" not in [one.kind.code for one in some]
