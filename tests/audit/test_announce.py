"""Whether the words of a property announce a category."""

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit import taxonomy
from douane.audit.announce import announced, announces, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dateOfBirth", ("date", "birth")),
        ("date-de_naissance", ("date", "naissance")),
        ("IBANNumber", ("iban", "number")),
        ("userID", ("user", "id")),
        ("Numéros de téléphone", ("numero", "telephone")),
        ("l'adresse e-mail", ("adresse", "e", "mail")),
        ("IPv4", ("ipv", "4")),
        ("addresses", ("addresse",)),
        ("", ()),
    ],
)
def test_a_text_is_split_into_plain_words(text: str, expected: tuple[str, ...]) -> None:
    assert words(text) == (expected,)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("email", "user.contact.email"),
        ("contactEMail", "user.contact.email"),
        ("The guest's e-mail address", "user.contact.email"),
        ("Adresse électronique du client", "user.contact.email"),
        ("email", "user.contact"),
        ("prenom_usage", "user.name"),
        ("Nom de famille", "user.name.last"),
        ("lastName", "user.name"),
        ("name", "user.name"),
        ("passager nom", "user.name"),
        ("date_naissance", "user.demographic.date_of_birth"),
        ("dateofbirth", "user.demographic.date_of_birth"),
        ("numTelephone", "user.contact.phone_number"),
        ("ipv4", "user.device.ip_address"),
        ("bank account", "user.financial.bank_account"),
        ("iban", "user.financial.bank_account"),
        ("allergies", "user.health_and_medical"),
        ("Motif de consultation", "user.health_and_medical"),
        ("numero_secu", "user.government_id.national_identification_number"),
        ("latitude", "user.location.precise"),
        ("city", "user.location.imprecise"),
        ("Adresse", "user.contact.address"),
        ("The customer's address, e-mail and telephone", "user.contact.address"),
        ("Votre adresse et votre adresse e-mail", "user.contact.address"),
        ("adresse postale ou adresse e-mail", "user.contact.address"),
        ("apiKey", "system.secret"),
        ("customer_id", "user.unique_id.pseudonymous"),
    ],
)
def test_a_property_announces_what_its_words_say(text: str, category: str) -> None:
    assert announces(words(text), category)


@pytest.mark.parametrize(
    ("text", "category", "why"),
    [
        ("contact", "user.contact.email", "a wider word is vague"),
        ("location", "user.location.precise", "a wider word is vague"),
        ("hotel name", "user.name", "a thing's name"),
        ("file_name", "user.name", "a thing's name"),
        ("restaurant address", "user.contact.address", "a thing's address"),
        ("Adresse e-mail pour la confirmation", "user.contact.address", "an e-mail address"),
        ("Adresse de courriel", "user.contact.address", "an e-mail address"),
        ("emailAddress", "user.contact.address", "an e-mail address"),
        ("adresse IP", "user.contact.address", "a device's address"),
        ("ip_address", "user.contact.address", "a device's address"),
        ("destination city", "user.location.imprecise", "a place that the message is about"),
        ("next page token", "system.secret.token", "a cursor"),
        ("emailed", "user.contact.email", "not the whole word"),
        ("query", "user.name", "says nothing"),
        ("phone", "user.contact.email", "another category"),
        ("", "user.name", "no words"),
        ("email", "user.contacts", "not a part by dots"),
    ],
)
def test_a_property_announces_nothing_that_its_words_do_not_say(text: str, category: str, why: str) -> None:
    assert not announces(words(text), category), why


def test_each_text_speaks_for_itself() -> None:
    assert announces(words("hotel", "name"), "user.name")
    assert not announces(words("first", "name of the hotel"), "user.name.first")


def test_every_category_of_the_vocabulary_is_one_of_the_taxonomy() -> None:
    rows = json.loads((files("douane.audit") / "data" / "category_words.json").read_text(encoding="utf-8"))[
        "categories"
    ]
    assert [key for key in rows if taxonomy.category(key) is None] == []
    assert [key for key, row in rows.items() if set(row) - {"words", "words_unless_of_a_thing", "not_in"}] == []


def test_every_category_of_personal_data_that_can_be_declared_can_be_announced() -> None:
    rows = json.loads((files("douane.audit") / "data" / "category_words.json").read_text(encoding="utf-8"))[
        "categories"
    ]
    silent = {one.key for one in taxonomy.categories()} - set(rows)
    assert silent <= {
        "none", "system", "system.authentication", "system.operations", "unknown", "unknown.personal", "user",
        "user.account.settings", "user.authorization.biometric", "user.biometric.health", "user.content.public",
        "user.user_sensor",
    }  # fmt: skip


@given(st.lists(st.text(max_size=60), max_size=4))
def test_announcing_never_raises_and_does_not_depend_on_case_or_order(texts: list[str]) -> None:
    said = announced(words(*texts))
    assert announced(words(*reversed(texts))) == said
    assert all(announces(words(*texts), key) for key in said)
