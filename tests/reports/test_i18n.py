"""The words are complete in both languages, and French is set as French is."""

import json
import re
from importlib.resources import files

import pytest

from douane.audit import taxonomy
from douane.audit.exchange import Label, Outcome
from douane.audit.message import GAP_CODES
from douane.ledger.schema import Route
from douane.reports import i18n
from douane.reports.hidden import Few
from douane.reports.i18n import LANGS, LangError, Words, lang_of
from douane.reports.model import UNSEEN, SchemaState

EN, FR = Words("en"), Words("fr")
PAIRS: dict[str, dict[str, str]] = json.loads(
    files("douane.reports").joinpath("data/words.json").read_text(encoding="utf-8")
)
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("key", sorted(PAIRS))
def test_both_languages_speak_of_the_same_things_in_every_form(key: str) -> None:
    forms = {lang: PAIRS[key][lang].split("|") for lang in LANGS}
    assert set(PAIRS[key]) == set(LANGS)
    assert all(form.strip() for some in forms.values() for form in some)
    used = {lang: {frozenset(PLACEHOLDER.findall(form)) for form in some} for lang, some in forms.items()}
    assert used["en"] == used["fr"]


@pytest.mark.parametrize("lang", LANGS)
def test_every_code_of_ours_has_words(lang: i18n.Lang) -> None:
    words = Words(lang)
    wanted = [f"gap.{code}" for code in GAP_CODES]
    wanted += [f"label.{label.value}" for label in Label] + [f"meaning.{label.value}" for label in Label]
    wanted += [f"outcome.{outcome.value}" for outcome in Outcome] + [f"unseen.{code}" for code in UNSEEN]
    wanted += [f"route.{route.value}" for route in Route] + [f"schema.{state.value}" for state in SchemaState]
    wanted += [f"flag.{flag}" for flag in i18n.FLAG_ORDER]
    assert [key for key in wanted if not words.has(key)] == []
    assert all(words.phrase(key) for key in wanted)


def test_english_gap_words_are_those_of_the_audit() -> None:
    assert {code: EN.phrase(f"gap.{code}") for code in GAP_CODES} == GAP_CODES


@pytest.mark.parametrize("key", sorted(PAIRS))
def test_french_never_breaks_a_line_before_its_punctuation(key: str) -> None:
    text = FR.phrase(key)
    assert not re.search(r" [:;?!»%](\s|$)|« ", text)
    assert "'" not in text


def test_french_says_things_as_the_trade_does() -> None:
    every = " ".join(pair["fr"] for pair in PAIRS.values())
    assert FR.phrase("family.system.secret") == "des secrets d’authentification"
    assert FR.phrase("route.reverse") == "devant l’application (proxy inverse)"
    assert FR.phrase("sheet.seen") == "Vue pour la première et la dernière fois"
    assert [
        word for word in ("mandataire", "accès secrètes", "les avoir déclarées", "pour lesquelles") if word in every
    ] == []


def test_french_keeps_its_words_for_their_meaning() -> None:
    french = {key: pair["fr"].lower() for key, pair in PAIRS.items()}
    about_art_9 = [key for key, text in french.items() if "donnée sensible" in text or "données sensibles" in text]
    assert set(about_art_9) <= {
        "flag.art9", "figure.special", "c2.special", "notable.restricted", "notable.restricted.first",
        "notable.restricted.none",
    }  # fmt: skip
    chapter_v = [key for key, text in french.items() if "transfert" in text]
    assert set(chapter_v) == {"unseen.egress", "method.words"}
    assert not any(re.search(r"\bconforme\b|\bviolation\b|\billégal|\banonym", text) for text in french.values())


def test_english_promises_nothing_that_was_not_shown() -> None:
    english = " ".join(pair["en"].lower() for pair in PAIRS.values())
    assert not re.search(r"\bcompliant\b|\bviolation\b|\billegal\b|\banonymi[sz]ed\b", english)


@pytest.mark.parametrize(
    ("words", "said"),
    [(EN, ("12,345", "1 disclosure", "0 disclosures")), (FR, ("12\u202f345", "1 communication", "0 communication"))],
)
def test_numbers_and_plurals_follow_the_language(words: Words, said: tuple[str, str, str]) -> None:
    ones = (words.number(12345), words.say("count.disclosures", 1), words.say("count.disclosures", 0))
    assert ones == said


@pytest.mark.parametrize(
    ("words", "day", "minute", "clock"),
    [
        (EN, "22\u00a0Nov\u00a02026", "22\u00a0Nov\u00a02026 10:02", "10:02"),
        (FR, "22/11/2026", "22/11/2026 10:02", "10\u00a0h\u00a002"),
    ],
)
def test_times_are_written_the_language_s_way(words: Words, day: str, minute: str, clock: str) -> None:
    at = "2026-11-22T10:02:11.000Z"
    assert (words.day(at), words.minute(at), words.clock(at)) == (day, minute, clock)
    assert words.minute("") == "—"


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [(0.42, "0.4\u00a0ms", "0,4\u00a0ms"), (56.2, "56\u00a0ms", "56\u00a0ms"), (1250.0, "1.25\u00a0s", "1,25\u00a0s")],
)
def test_durations(value: float, english: str, french: str) -> None:
    assert (EN.milliseconds(value), FR.milliseconds(value)) == (english, french)


@pytest.mark.parametrize(
    ("octets", "english", "french"),
    [(0, "0\u00a0B", "0\u00a0o"), (1_200, "1.2\u00a0kB", "1,2\u00a0ko"), (48_000_000, "48.0\u00a0MB", "48,0\u00a0Mo")],
)
def test_sizes(octets: int, english: str, french: str) -> None:
    assert (EN.size(octets), FR.size(octets)) == (english, french)


@pytest.mark.parametrize(
    ("key", "english", "french"),
    [
        ("user.health_and_medical.condition", "health data (condition)", "des données de santé (pathologie)"),
        ("user.health_and_medical", "health data", "des données de santé"),
        ("user.financial.bank_account.iban", "financial data (IBAN)", "des données financières (IBAN)"),
        ("user.contact.email", "contact data (e-mail address)", "des données de contact (adresse électronique)"),
        ("not.known", "data (not.known)", "des données (not.known)"),
    ],
)
def test_a_category_in_a_sentence_names_its_family_and_itself(key: str, english: str, french: str) -> None:
    assert (EN.category_in_words(key), FR.category_in_words(key)) == (english, french)


def test_every_category_can_be_spoken_of() -> None:
    assert all(FR.category_in_words(one.key).startswith("des ") for one in taxonomy.categories())


def test_flags_that_a_reader_must_see_come_once_and_in_order() -> None:
    flags = ("hipaa", "pci:sad", "pci:chd", "openai:restricted", "art9")
    assert FR.marks(flags) == [
        "donnée sensible (art.\u00a09)",
        "règle de la plateforme",
        "à caractère hautement personnel",
    ]


def test_a_flag_is_not_repeated_where_the_category_says_it() -> None:
    flags = ("minor", "art9")
    assert EN.marks(flags, "user.childrens") == ["Art. 9"]
    assert EN.marks(flags, "user.name") == ["Art. 9", "a child's"]


@pytest.mark.parametrize(("asked", "lang"), [("fr", "fr"), ("FR_ca", "fr"), ("en-GB", "en")])
def test_a_language_is_found_by_its_tag(asked: str, lang: str) -> None:
    assert lang_of(asked) == lang


def test_a_language_that_is_not_spoken_is_refused() -> None:
    with pytest.raises(LangError, match="en, fr"):
        lang_of("de")


def test_lists_are_joined_with_and() -> None:
    assert (EN.listed([]), EN.listed(["a"]), FR.listed(["a", "b", "c"])) == ("", "a", "a, b et c")


@pytest.mark.parametrize(
    ("label", "none", "one", "many"),
    [
        (Label.GAP, "0 non comparée", "1 non comparée", "42 non comparées"),
        (Label.CLEAR, "0 déclarée", "1 déclarée", "42 déclarées"),
        (Label.INCORRECT, "0 contredite", "1 contredite", "42 contredites"),
        (Label.AMBIGUOUS, "0 ambiguë", "1 ambiguë", "42 ambiguës"),
        (Label.VAGUE, "0 vague", "1 vague", "42 vagues"),
        (Label.PROHIBITED, *(f"{n} relevant d’une règle de la plateforme" for n in (0, 1, 42))),
        (Label.OMITTED, *(f"{n} sans déclaration trouvée" for n in (0, 1, 42))),
    ],
)
def test_a_verdict_agrees_with_the_count_before_it(label: Label, none: str, one: str, many: str) -> None:
    assert [FR.say(f"counted.{label.value}", n) for n in (0, 1, 42)] == [none, one, many]
    assert FR.say(f"counted.{label.value}", Few(cell=True)).startswith("< 5 ")


def test_what_became_of_messages_agrees_with_their_count() -> None:
    assert [FR.say(f"counted.{one.value}", 2) for one in Outcome] == [
        "2 transmis", "2 refusés par Douane", "2 échoués", "2 d’issue inconnue",
    ]  # fmt: skip
    assert [FR.phrase("figure.messages", n) for n in (0, 1, 2)] == ["message transmis"] * 2 + ["messages transmis"]


def test_every_adjective_of_ours_that_stands_beside_a_count_has_its_plural() -> None:
    beside = [key for key in PAIRS if key.startswith(("counted.", "figure."))]
    assert beside
    for key in beside:
        one, *_ = PAIRS[key]["fr"].removeprefix("{n} ").split("|")
        first = one.removeprefix("dont ").removeprefix("non ").split()[0]
        invariable = first.endswith("s") or first in ("relevant", "sans", "d’issue")
        assert invariable or "|" in PAIRS[key]["fr"], key


def test_a_day_that_is_told_as_such_is_written_the_french_way() -> None:
    assert (Words("fr").date("2026-11-22"), Words("en").date("2026-11-22")) == ("22/11/2026", "2026-11-22")
    assert Words("fr").date("spring 2026") == "spring 2026"
