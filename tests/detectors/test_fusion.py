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
