"""The taxonomy holds what detectors, declarations and reports need of it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit import taxonomy

EXTENSIONS = [
    "user.demographic.trade_union",
    "user.demographic.nationality",
    "user.demographic.philosophical_belief",
    "user.demographic.sex_life",
    "user.financial.bank_account.iban",
    "user.financial.crypto_wallet",
    "user.financial.salary",
    "user.financial.credit_card.security_code",
    "user.government_id.tax_id",
    "user.government_id.health_insurance_number",
    "user.health_and_medical.condition",
    "user.health_and_medical.medication",
    "user.health_and_medical.procedure",
    "user.content.conversation",
    "user.content.prompt",
    "user.content.file",
    "system.secret",
    "system.secret.api_key",
    "system.secret.token",
    "system.secret.private_key",
    "unknown.personal",
    "none",
]


def test_the_85_keys_of_fideslang_are_there() -> None:
    assert sum(one.origin == "fideslang" for one in taxonomy.categories()) == 85


@pytest.mark.parametrize("key", EXTENSIONS)
def test_our_extensions_are_there(key: str) -> None:
    known = taxonomy.category(key)
    assert known is not None
    assert known.origin == "douane"


def test_every_category_has_a_parent_and_names_in_both_languages() -> None:
    keys = {one.key for one in taxonomy.categories()}
    for one in taxonomy.categories():
        assert one.name_en.strip(), one.key
        assert one.name_fr.strip(), one.key
        assert one.parent is None or one.parent in keys, one.key
        assert one.flags <= set(taxonomy.FLAGS), one.key


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_no_two_categories_share_a_name(lang: str) -> None:
    names = [one.name(lang) for one in taxonomy.categories()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("key", "minor", "expected"),
    [
        ("user.health_and_medical", False, ("art9", "hipaa", "openai:restricted", "openai:regulated")),
        ("user.health_and_medical.medication", False, ("art9", "hipaa", "openai:restricted", "openai:regulated")),
        ("user.financial.credit_card", False, ("pci:chd", "openai:restricted")),
        ("user.financial.credit_card.security_code", False, ("pci:chd", "pci:sad", "secret", "openai:restricted")),
        ("user.demographic.religious_belief", False, ("art9", "openai:regulated")),
        ("user.criminal_history", False, ("art10",)),
        (
            "user.government_id.national_identification_number.nir",
            False,
            ("nir", "hipaa", "openai:restricted"),
        ),
        ("user.childrens", False, ("minor",)),
        ("user.name", True, ("minor", "hipaa")),
        ("system.secret.api_key", False, ("secret", "openai:restricted")),
        ("user.demographic.nationality", False, ()),
        (
            "user.health_and_medical.unheard_of",
            False,
            ("art9", "hipaa", "openai:restricted", "openai:regulated"),
        ),
        ("nowhere", False, ()),
    ],
)
def test_flags_are_those_of_the_category_and_its_ancestors(key: str, minor: bool, expected: tuple[str, ...]) -> None:
    assert taxonomy.flags(key, minor) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("user.health_and_medical", True),
        ("user.financial.credit_card", True),
        ("user.government_id.passport_number", True),
        ("system.secret.token", True),
        ("user.authorization.password", True),
        ("user.name", False),
        ("user.demographic.religious_belief", False),
    ],
)
def test_restricted_is_what_the_platform_forbids(key: str, expected: bool) -> None:
    assert taxonomy.restricted(taxonomy.flags(key)) is expected


@pytest.mark.parametrize(
    ("key", "ancestor", "expected"),
    [
        ("user.contact.email", "user.contact", True),
        ("user.contact.email", "user.contact.email", True),
        ("user.contact", "user.contact.email", False),
        ("user.contacts", "user.contact", False),
    ],
)
def test_a_category_lies_within_its_dotted_prefixes(key: str, ancestor: str, expected: bool) -> None:
    assert taxonomy.is_within(key, ancestor) is expected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("user.contact.emial", "user.contact.email"),
        ("contact.email", "user.contact.email"),
        ("user.emial", "user.contact.email"),
        ("User.Name", "user.name"),
        ("user/contact/phone-number", "user.contact.phone_number"),
        ("zzzzzz", None),
    ],
)
def test_a_mistyped_key_leads_to_the_one_that_was_meant(typed: str, meant: str | None) -> None:
    assert taxonomy.nearest(typed) == meant


@given(st.text(max_size=60))
def test_no_key_is_too_odd_to_ask_for(key: str) -> None:
    near = taxonomy.nearest(key)
    assert near is None or taxonomy.category(near) is not None
    assert set(taxonomy.flags(key)) <= set(taxonomy.FLAGS)


def test_names_follow_the_language_of_the_reader() -> None:
    email = taxonomy.category("user.contact.email")
    assert email is not None
    assert (email.name("en"), email.name("fr-FR")) == ("E-mail address", "Adresse électronique")
    assert taxonomy.flag_name("art9", "fr") == "Catégorie particulière (art. 9 RGPD)"
    assert taxonomy.flag_name("unheard-of") == "unheard-of"


def test_the_docs_list_every_category_and_flag() -> None:
    text = (Path(__file__).parents[2] / "docs" / "taxonomy.md").read_text(encoding="utf-8")
    assert f"`{taxonomy.VERSION}`" in text
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    expected = [
        f"| `{flag}` | {taxonomy.flag_name(flag)} | {taxonomy.flag_name(flag, 'fr')} |" for flag in taxonomy.FLAGS
    ]
    for one in taxonomy.categories():
        mark = "" if one.origin == "fideslang" else " †"
        flags = " ".join(f"`{flag}`" for flag in taxonomy.FLAGS if flag in one.flags)
        expected.append(f"| `{one.key}`{mark} | {one.name_en} | {one.name_fr} | {flags} |")
    assert rows == expected
