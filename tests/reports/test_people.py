"""Who made a report, and in which role, is said in the report's language."""

import pytest

from douane.ledger.reviews import Review, State
from douane.reports.i18n import Lang, Words
from douane.reports.kinds import audit_findings
from douane.reports.kinds.said import Said
from douane.reports.people import Under, lines, named, role_in
from douane.reports.reviewed import mark


@pytest.mark.parametrize(
    ("who", "english", "french"),
    [
        ("root", "root", "root"),
        ("Claire (system user root)", "Claire (system user root)", "Claire (utilisateur système root)"),
        ("Ada (page of root)", "Ada (page of root)", "Ada (page de root)"),
        (
            "Ada (page of Claire (system user root))",
            "Ada (page of Claire (system user root))",
            "Ada (page de Claire (utilisateur système root))",
        ),
        (  # a name that a person gave themselves
            "Ada (system user bob) (system user root)",
            "Ada (system user bob) (system user root)",
            "Ada (system user bob) (utilisateur système root)",
        ),
        ("Ada (system user a) b)", "Ada (system user a) b)", "Ada (system user a) b)"),
        ("Ada (page of b (page of c))", "Ada (page of b (page of c))", "Ada (page de b (page of c))"),
        ("(system user root)", "(system user root)", "(system user root)"),
        ("", "", ""),
        ("Ada )system user x(", "Ada )system user x(", "Ada )system user x("),
        (")", ")", ")"),
        ("Ada (system user)", "Ada (system user)", "Ada (system user)"),
        (
            "{0.__class__} (system user {x})",
            "{0.__class__} (system user {x})",
            "{0.__class__} (utilisateur système {x})",
        ),
    ],
)
def test_a_name_beside_that_of_the_system_is_said_in_the_language(who: str, english: str, french: str) -> None:
    assert (named(who, Words("en")), named(who, Words("fr"))) == (english, french)


def test_a_name_of_any_depth_is_said() -> None:
    deep = "a (page of " * 2_000 + "b" + ")" * 2_000
    assert named(deep, Words("fr")) == deep.replace("(page of ", "(page de ", 1)


@pytest.mark.parametrize(
    ("role", "english", "french"),
    [
        ("admin", "admin", "administrateur"),
        ("dpo", "DPO", "DPO"),
        ("developer", "developer", "développeur"),
        ("auditor", "auditor", "auditor"),
    ],
)
def test_a_role_is_said_in_the_language(role: str, english: str, french: str) -> None:
    assert (role_in(role, Words("en")), role_in(role, Words("fr"))) == (english, french)


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("en", "Made by Claire (system user root) as developer."),
        ("fr", "Établi par Claire (utilisateur système root) en tant que développeur."),
    ],
)
def test_a_document_says_who_made_it_as_what(lang: Lang, says: str) -> None:
    made = Under(who="Claire (system user root)", role="developer", at="2026-11-22T10:02:00Z")
    assert any(line.startswith(says) for line in lines(made, Words(lang)))


def test_who_reviewed_a_finding_is_said_in_the_language_too() -> None:
    one = Review("2026-11-22T10:02:00.000Z", "Ada (system user root)", "developer", "f" * 32, State.CONFIRMED)
    assert audit_findings._reviewed(one, "crm", "says", Said("fr", "audit"))[3] == (
        "Ada (utilisateur système root) (développeur)"
    )
    assert "Ada (utilisateur système root)" in mark(one, Words("fr"), str)
