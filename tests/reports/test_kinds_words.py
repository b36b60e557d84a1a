"""The words of the documents are complete in both languages, and French is set and spoken as French is."""

import json
import re
from importlib.resources import files

import pytest

from douane.reports.i18n import LANGS, french_spaces
from douane.reports.kinds.said import Said

FILES = ("kinds", "register", "incident", "dpia", "exit", "kit", "evidence", "person", "shown", "glance", "top")
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def pairs(name: str) -> dict[str, dict[str, str]]:
    """The phrases of one file."""
    read: dict[str, dict[str, str]] = json.loads(
        files("douane.reports").joinpath(f"data/{name}.json").read_text(encoding="utf-8")
    )
    return read


EVERY = [(name, key) for name in FILES for key in pairs(name)]


@pytest.mark.parametrize("name", FILES)
def test_both_languages_speak_of_the_same_things_in_as_many_forms(name: str) -> None:
    for key, both in pairs(name).items():
        forms = {lang: both[lang].split("|") for lang in LANGS}
        assert len(forms["en"]) == len(forms["fr"]), key
        used = {lang: {frozenset(PLACEHOLDER.findall(form)) for form in forms[lang]} for lang in LANGS}
        assert used["en"] == used["fr"], key
        assert all(form.strip() for some in forms.values() for form in some), key


@pytest.mark.parametrize("name", FILES)
def test_french_is_set_as_french_is(name: str) -> None:
    for key, both in pairs(name).items():
        text = french_spaces(both["fr"])
        assert not re.search(r" [:;?!»%](\s|$)|« ", text), key
        assert "'" not in text, key


@pytest.mark.parametrize("name", FILES)
def test_french_keeps_its_words_for_their_meaning(name: str) -> None:
    french = {key: both["fr"].lower() for key, both in pairs(name).items()}
    assert [key for key, text in french.items() if re.search(r"\bconforme\b|\billégal|\banonym", text)] == []
    breaches = [key for key, text in french.items() if "violation" in text]
    assert name == "incident" or breaches == []
    chapter_v = [key for key, text in french.items() if "transfert" in text]
    assert [key for key in chapter_v if not re.match(r"transfers|lack\.mechanism|q\.227", key)] == []


@pytest.mark.parametrize("name", FILES)
def test_english_promises_nothing_that_was_not_shown(name: str) -> None:
    english = " ".join(both["en"].lower() for both in pairs(name).values())
    assert not re.search(r"\bcompliant\b|\bviolation\b|\billegal\b|\banonymi[sz]ed\b", english)


@pytest.mark.parametrize(
    ("text", "english", "french"),
    [
        ("P12M", "12 months", "12 mois"),
        ("P1Y6M", "1 year and 6 months", "1 an et 6 mois"),
        ("PT0S", "not kept", "non conservées"),
        ("", "not declared", "non déclaré"),
        ("a while", "a while", "a while"),
    ],
)
def test_a_retention_is_told_in_words(text: str, english: str, french: str) -> None:
    assert (Said("en").duration(text), Said("fr").duration(text)) == (english, french)


def test_no_phrase_of_a_kind_hides_one_of_every_kind() -> None:
    shared = set(pairs("kinds"))
    assert [(name, key) for name, key in EVERY if name != "kinds" and key in shared] == []
