"""The words of a text that a rule stands for, in French where the text is official in French."""

import pytest

from douane.audit.quoted import quoted
from douane.audit.rules.base import Rule
from douane.audit.rules.registry import load_all

RULES = load_all()
LAW = [rule for rule in RULES if "GDPR" in rule.source or "2016/679" in rule.source]


@pytest.mark.parametrize("rule", LAW, ids=lambda rule: str(rule.id))
def test_the_gdpr_is_quoted_in_french_to_who_reads_french(rule: Rule) -> None:
    french = quoted(rule.wording, "fr")
    assert french != rule.wording
    assert "'" not in french, "a typewriter's apostrophe"
    assert quoted(rule.wording, "en") == rule.wording


def test_a_text_that_exists_in_english_only_is_quoted_so() -> None:
    others = [rule for rule in RULES if rule not in LAW]
    assert len(LAW) > 10
    assert others
    assert all(quoted(rule.wording, "fr") == rule.wording for rule in others)
