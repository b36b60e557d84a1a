import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit import taxonomy
from douane.audit.exchange import Pseudonym
from douane.ledger.keys import derive
from douane.ledger.pseudonyms import (
    LookedUp,
    Pseudonymiser,
    epoch_of,
    length_bucket,
    needs_salt,
    preview,
)

MASTER = b"pseudonym master for these tests"
SALT = bytes(16)
KEYS = [category.key for category in taxonomy.categories()]
PSEUDONYMS = Pseudonymiser(MASTER)


def digest(category, value, *, app="travel", salt=SALT, epoch=1):
    made = Pseudonymiser(MASTER, epoch).of(app, category, value, salt=salt)
    return made and made.digest


def test_the_digest_is_as_documented():
    key = derive(MASTER, "pseudonym", "travel", "3")
    text = b"\0\0\0\5email" + b"\0\0\0\0" + b"camille@example.org"
    assert Pseudonymiser(MASTER, 3).of("travel", "user.contact.email", " Camille@Example.org ") == Pseudonym(
        hmac.digest(key, text, "sha256").hex(),
        "3-" + derive(MASTER, "pseudonym key id", "travel", "3", length=6).hex(),
    )
    salted = b"\0\0\0\4text" + b"\0\0\0\x10" + SALT + b"f"
    assert digest("user.demographic.gender", "F", epoch=3) == hmac.digest(key, salted, "sha256").hex()


SAME = [
    ("user.contact.email", "Camille.Durand@Example.org", "mailto:camille.durand@example.org"),
    ("user.contact.phone_number", "+33 6 39 98 01 23", "0033639980123"),
    ("user.contact.phone_number", "33639980123", "+33 (6) 39.98.01.23"),
    ("user.name", "Camille  Durand", "camille durand"),
    ("user.name", "Camille DURAND", "Ｃamille Durand"),
    ("user.financial.bank_account.iban", "FR76 3000 6000 0112 3456 7890 189", "fr7630006000011234567890189"),
    ("user.financial.credit_card", "4111 1111 1111 1111", "4111-1111-1111-1111"),
    ("user.device.ip_address", "2001:DB8:0:0::1", "[2001:db8::1]"),
    ("user.device.device_id", "00:1A:2b:3C:4d:5E", "001a2b3c4d5e"),
    ("user.contact.address", "12, rue des Lilas", "12 Rue des lilas"),
]
DIFFERENT = [
    ("user.contact.email", "a.durand@example.org", "b.durand@example.org"),
    ("user.name", "Camille Durand", "Camille Durant"),
    ("user.unique_id", "v1/AbCdEf", "v1/abcdef"),
    ("user.location.precise", "48.8566", "48.8567"),
    ("user.financial.salary", "42000", "42001"),
    ("user.behavior", "true", "false"),
]


@pytest.mark.parametrize(("category", "left", "right"), SAME)
def test_one_value_written_two_ways_has_one_pseudonym(category, left, right):
    assert digest(category, left) == digest(category, right) is not None


@pytest.mark.parametrize(("category", "left", "right"), DIFFERENT)
def test_two_values_have_two_pseudonyms_numbers_and_booleans_too(category, left, right):
    assert None is not digest(category, left) != digest(category, right) is not None


@pytest.mark.promise("pseudonyms-per-app")
@pytest.mark.parametrize("category", KEYS)
def test_no_two_apps_or_epochs_share_a_digest_or_a_key(category):
    made = [
        Pseudonymiser(MASTER, epoch).of(app, category, "camille.durand@example.org", salt=SALT)
        for app in ("travel", "clinic")
        for epoch in (1, 2)
    ]
    if made[0] is not None:
        assert len({one.digest for one in made}) == len({one.key_id for one in made}) == 4
    else:
        assert made == [None] * 4


@pytest.mark.promise("pseudonyms-per-app")
@given(st.text(max_size=40), st.sampled_from(KEYS))
def test_a_value_in_two_apps_cannot_be_joined_whatever_it_is(value, category):
    left, right = (PSEUDONYMS.of(app, category, value, salt=SALT) for app in ("travel", "clinic"))
    assert left is right is None or left.digest != right.digest


LOW_ENTROPY = [
    ("user.demographic.gender", "female"),
    ("user.demographic.age_range", "34"),
    ("user.demographic.date_of_birth", "1990-02-03"),
    ("user.demographic.religious_belief", "none of the ones named"),
    ("user.location.imprecise", "Villeneuve-sur-Exemple"),
    ("user.contact.address.postal_code", "75011"),
    ("user.contact.address.city", "Villeneuve sur Exemple"),
    ("user.financial.salary", "42000"),
    ("user.health_and_medical.condition", "an illness"),
    ("user.name.first", "Bartholomew"),
    ("user.unique_id", "42"),
    ("user.contact.phone_number", "3615"),
    ("user.of_a_kind_not_known", "anything at all"),
]


@pytest.mark.promise("low-entropy-salted")
@pytest.mark.parametrize(("category", "value"), LOW_ENTROPY)
def test_a_low_entropy_value_differs_between_exchanges_and_needs_a_salt(category, value):
    assert needs_salt(category, value)
    assert digest(category, value, salt=b"a" * 16) != digest(category, value, salt=b"b" * 16) is not None
    assert digest(category, value, salt=b"") is None
    assert PSEUDONYMS.look_up(value, category, [("travel", 1)]) == []


@pytest.mark.parametrize(("category", "value"), [row[:2] for row in SAME])
def test_an_identifier_is_the_same_in_every_exchange(category, value):
    assert not needs_salt(category, value)
    assert digest(category, value, salt=b"a" * 16) == digest(category, value, salt=b"")


@pytest.mark.promise("secrets-length-only")
@pytest.mark.parametrize("category", [key for key in KEYS if {"secret", "pci:sad"} & set(taxonomy.flags(key))])
def test_a_secret_has_no_pseudonym_and_cannot_be_looked_up(category):
    value = "correct-horse-battery-staple"
    assert digest(category, value) is None
    assert PSEUDONYMS.look_up(value, category, [("travel", 1)]) == []
    assert PSEUDONYMS.salted_digests("travel", 1, category, value, SALT) == []


def test_secrets_are_there_to_be_tested():
    assert {"system.secret.password", "user.financial.credit_card.security_code"} <= {
        key for key in KEYS if digest(key, "1234567890 abc") is None
    }


def test_a_flag_that_only_the_detector_knows_counts():
    assert PSEUDONYMS.of("travel", "user.unique_id", "1234567890", flags=("secret",)) is None
    assert preview("user.unique_id", ("minor",), "1234567890") is None


@pytest.mark.parametrize("value", ["", "  ", "\n"])
@pytest.mark.parametrize("category", ["user.name", "user.contact.email", "user.content"])
def test_nothing_has_no_pseudonym(category, value):
    assert digest(category, value) is None


def test_a_look_up_finds_what_was_made_in_every_app_and_epoch():
    value, category = "+33 6 39 98 01 23", "user.contact.phone_number"
    keys = [("travel", 1), ("clinic", 2)]
    assert PSEUDONYMS.look_up(value, category, keys) == [
        LookedUp(app, epoch, digest(category, value, app=app, epoch=epoch)) for app, epoch in keys
    ]


def test_a_salted_value_is_found_with_its_salt():
    found = PSEUDONYMS.salted_digests("clinic", 2, "user.demographic.gender", "F", b"s" * 16)
    assert found == [digest("user.demographic.gender", "f", app="clinic", epoch=2, salt=b"s" * 16)]
    assert PSEUDONYMS.salted_digests("clinic", 2, "user.contact.email", "a.b@example.org", SALT) == []


@given(st.text(), st.sampled_from(KEYS))
def test_any_text_is_taken(value, category):
    made = PSEUDONYMS.of("app", category, value, salt=SALT)
    assert made is None or len(made.digest) == 64


@pytest.mark.parametrize("value", ["\ud800\udfff", "a\ud83d", "12\udc00345678", "x" * 100_000])
@pytest.mark.parametrize("category", ["user.name", "user.contact.email", "user.unique_id", "user.content"])
def test_lone_surrogates_and_long_texts_are_taken(value, category):
    assert len(digest(category, value + " two") or "") == 64


def test_the_digits_of_every_script_are_digits():
    assert digest("user.contact.phone_number", "+٣٣٦٣٩٩٨٠١٢٣") == digest("user.contact.phone_number", "+33639980123")


@pytest.mark.parametrize("wrong", ["", "1", "x-ab", "0-ab", "-ab", "1-", "١"])
def test_what_is_no_key_id_has_no_epoch(wrong):
    with pytest.raises(ValueError, match="not the id"):
        epoch_of(wrong)


def test_a_key_id_says_its_epoch_and_an_epoch_starts_at_one():
    assert epoch_of(Pseudonymiser(MASTER, 12).key_id("travel")) == 12
    with pytest.raises(ValueError, match="1 or more"):
        Pseudonymiser(MASTER, 0)


# previews


PREVIEWS = [
    ("user.contact.email", "camille.durand@example.org", "ca…rg"),
    ("user.contact.phone_number", "+33 6 39 98 01 23", "+3…23"),
    ("user.financial.bank_account.iban", "FR7630006000011234567890189", "FR…89"),
    ("user.unique_id.pseudonymous", "12345678", "12…8"),
    ("user.unique_id.pseudonymous", "123456789", "12…89"),
    ("user.unique_id.pseudonymous", "  12345678  ", "12…8"),
    ("user.unique_id.pseudonymous", "\x1b[345678901", "·[…01"),
    ("user.unique_id.pseudonymous", "\u202e2345678901", "·2…01"),
]
NO_PREVIEWS = [
    ("user.unique_id.pseudonymous", "1234567", "seven characters"),
    ("user.unique_id.pseudonymous", "12            34", "four characters and a lot of nothing"),
    ("user.unique_id.pseudonymous", "12------------34", "four characters and a lot of hyphens"),
    ("user.name", "Camille Durand", "a name"),
    ("user.contact.address", "12 rue des Lilas, 75011 Paris", "an address"),
    ("user.content.private", "a long text about somebody", "free text"),
    ("user.health_and_medical.insurance_beneficiary_id", "123456789012", "health"),
    ("user.health_and_medical.condition", "diabetes mellitus", "health"),
    ("user.criminal_history", "1234567890", "convictions"),
    ("user.childrens", "1234567890", "a child"),
    ("system.secret.api_key", "sk-1234567890", "a secret"),
    ("user.financial.credit_card.security_code", "1234567890", "card code"),
    ("user.location.precise", "48.85661234", "a coordinate"),
    ("user.demographic.date_of_birth", "1990-02-03", "a date of birth"),
]


@pytest.mark.parametrize(("category", "value", "expected"), PREVIEWS)
def test_an_identifier_shows_its_ends(category, value, expected):
    assert preview(category, (), value) == expected


@pytest.mark.parametrize(("category", "value", "why"), NO_PREVIEWS)
def test_nothing_else_shows_anything(category, value, why):
    assert preview(category, (), value) is None


SHOWN = [key for key in KEYS if preview(key, (), "1234567890") is not None]


@pytest.mark.promise("short-preview")
@given(st.text(min_size=8) | st.text("0123456789abcdef -", min_size=8, max_size=14), st.sampled_from(SHOWN))
def test_a_preview_shows_at_most_four_characters_and_less_than_half_of_the_value(value, category):
    shown = preview(category, (), value)
    if shown is None:
        assert sum(map(str.isalnum, value)) < 8
        return
    first, last = shown[:2], shown[3:]
    telling = sum(map(str.isalnum, value))
    assert shown[2] == "…"
    assert (len(first), len(last) in (1, 2)) == (2, True)
    assert sum(map(str.isalnum, first + last)) < telling / 2
    assert len(first + last) < len(value) / 2
    assert (value.strip()[:2], value.strip()[-len(last) :]) == (first, last) or "·" in shown


@pytest.mark.promise("secrets-length-only")
@given(st.text(max_size=60), st.sampled_from(KEYS), st.sampled_from(["art9", "art10", "minor", "secret", "pci:sad"]))
def test_a_flagged_value_is_never_shown(value, category, flag):
    assert preview(category, (flag,), value) is None


@pytest.mark.parametrize(
    ("length", "bucket"),
    [
        (0, "0"), (1, "1-3"), (3, "1-3"), (4, "4-7"), (7, "4-7"), (8, "8-15"), (15, "8-15"), (16, "16-31"),
        (4095, "2048-4095"), (4096, "4096+"), (10**9, "4096+"),
    ],
)  # fmt: skip
def test_lengths_are_kept_in_buckets(length, bucket):
    assert length_bucket(length) == bucket
