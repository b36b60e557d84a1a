"""What overlapping findings become: one datum, one finding."""

import pytest

from douane.detectors.registry import detect, load_all

ADDRESS = "ana.lopez%40example.org"


@pytest.mark.parametrize(
    ("value", "start"),
    [
        (ADDRESS, 0),
        (f"https://x.example/a?u={ADDRESS}", 22),
        (f"https://x.example/people/{ADDRESS}/edit", 25),
        (f"see https://x.example/a?u={ADDRESS}&z=2 for it", 26),
    ],
)
def test_an_encoded_address_is_found_once_where_it_stands(value: str, start: int, opened) -> None:
    seen, context = opened({"link": value}, results=False, locale="")
    found, gaps = detect(seen, context, load_all(presidio=False))
    emails = [one for one in found if one.category == "user.contact.email"]
    assert not gaps
    assert [one.of.outer(one.start, one.end) for one in emails] == [(start, start + len(ADDRESS))]


def test_an_address_that_goes_on_below_the_line_that_names_it_is_one(opened) -> None:
    address = "14 Larkspur Road\nApt 3B\nDayton, OH 45402"
    text = f"Name: Anna Martin\nAddress: {address}\nPhone: +1 937 555 0142"
    seen, context = opened({"text": text}, results=False, locale="")
    found, gaps = detect(seen, context, load_all())
    addresses = [one for one in found if one.category == "user.contact.address"]
    assert not gaps
    assert [one.of.outer(one.start, one.end) for one in addresses] == [
        (text.index(address), text.index(address) + len(address))
    ]


def test_an_address_ends_where_the_next_line_has_a_name_of_its_own(opened) -> None:
    text = "Name: Anna Martin\nAddress: 14 Larkspur Road\nCity: Dayton\nZIP: 45402"
    seen, context = opened({"text": text}, results=False, locale="")
    found, _ = detect(seen, context, load_all())
    start = text.index("14")
    assert (start, start + len("14 Larkspur Road")) in [one.of.outer(one.start, one.end) for one in found]


@pytest.mark.parametrize(
    ("line", "key", "category"),
    [
        ("Casier: condamné pour vol en 2019", "Casier: ", "user.criminal_history"),
        ("Criminal record: convicted of theft in 2019", "Criminal record: ", "user.criminal_history"),
        ("Religion: catholique pratiquante", "Religion: ", "user.demographic.religious_belief"),
        ("Syndicat: adhérente CGT", "Syndicat: ", "user.demographic.trade_union"),
        ("Opinion: vote écologiste", "Opinion: ", "user.demographic.political_opinion"),
        ("Ethnicity: Black British", "Ethnicity: ", "user.demographic.race_ethnicity"),
        ("Santé: diabète de type 2", "Santé: ", "user.health_and_medical"),
        (
            "Notes: suivie ici. Condamnée pour vol en 2019.",
            "Notes: suivie ici. ",
            "user.criminal_history",
        ),
    ],
)
def test_what_a_line_says_is_found_once_where_its_value_stands(line: str, key: str, category: str, opened) -> None:
    text = f"Nom: Léa Martin\n{line}\nVille: Lyon"
    seen, context = opened({"text": text}, results=False, locale="")
    found, _ = detect(seen, context, load_all())
    said = [one for one in found if one.category.startswith(category)]
    start = text.index(line) + len(key)
    end = text.index("\nVille") - line.endswith(".")
    assert [one.of.outer(one.start, one.end) for one in said] == [(start, end)]


def test_what_goes_on_below_a_line_is_a_finding_of_its_own(opened) -> None:
    text = "Nom: Léa Martin\nSanté: diabète de type 2\n  asthme sévère depuis 2010\nVille: Lyon"
    seen, context = opened({"text": text}, results=False, locale="")
    found, _ = detect(seen, context, load_all())
    said = [one.of.outer(one.start, one.end) for one in found if one.category.startswith("user.health")]
    assert len(said) == 2
    assert any(start <= text.index("diabète") < end for start, end in said)
    assert any(start <= text.index("asthme") < end for start, end in said)
