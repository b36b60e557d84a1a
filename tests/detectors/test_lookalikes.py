"""What only looks like somebody's own is left alone, and what looks nearly the same and is somebody's stays found."""

import pytest

from douane.detectors.secret_codes import door_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("use promo code 20240 to open an account", None),
        ("use promo code 20240 to open", None),
        ("I get error code 1603 to open the file", None),
        ("Utilisez le code 10200 pour ouvrir un compte", None),
        ("code 10200 pour entrer en contact", None),
        ("code 10200 to get in touch", None),
        ("the code of the building 2041 rules", None),
        ("building code 2021 applies in the hall", None),
        ("the code of the building is 2041", "2041"),
        ("the code of the building: 2041", "2041"),
        ("building code 4512", "4512"),
        ("the code 4512 to open the door", "4512"),
        ("you need code 4512 to get in.", "4512"),
        ("code 45A12 pour ouvrir", "45A12"),
        ("code 4512 pour ouvrir la porte", "4512"),
        ("code 4512 pour entrer dans l'immeuble", "4512"),
        ("the code to get in is 4512", "4512"),
    ],
)
def test_a_code_is_a_doors_where_words_say_so(text: str, code: str | None) -> None:
    assert {text[hit.start : hit.end] for hit in door_code(text)} == ({code} if code else set())
