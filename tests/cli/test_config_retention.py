from pathlib import Path

import pytest

from douane.cli.config import Config, Errors, load_config
from douane.ledger.retention import Keep, Policy


def read(tmp_path: Path, text: str) -> Config | Errors:
    file = tmp_path / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return load_config(file)


def test_twelve_months_hold_where_nothing_is_written() -> None:
    assert Config().retention.policy() == Policy("P12M", (), "")


def test_rules_name_an_app_a_category_or_both(tmp_path: Path) -> None:
    text = """
retention:
  keep: P6M
  rules:
    - {category: user.health_and_medical, keep: P1M}
    - {app: crm, keep: P24M}
    - {app: crm, category: user.financial, keep: P10D}
  reason: an obligation to keep invoices
"""
    config = read(tmp_path, text)
    assert isinstance(config, Config)
    assert config.retention.policy() == Policy(
        "P6M",
        (Keep("P1M", "", "user.health_and_medical"), Keep("P24M", "crm"), Keep("P10D", "crm", "user.financial")),
        "an obligation to keep invoices",
    )


@pytest.mark.promise("longer-needs-a-reason")
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{keep: P13M}", "`reason` is missing. Add `reason:`"),
        ("{rules: [{app: crm, keep: P2Y}]}", "`reason` is missing"),
        ("{keep: a year}", "retention.keep: not a duration. Write an ISO 8601 duration: P12M"),
        ("{keep: PT6H}", "retention.keep: is under a day"),
        ("{rules: [{keep: P1M}]}", "is for nothing in particular"),
        ("{rules: [{app: crm, keep: P1M}, {app: crm, keep: P2M}]}", "retention.rules[1]: rules[0] is for the same"),
        ("{rules: [{category: user.shoe_size, keep: P1M}]}", "retention.rules[0].category"),
        ("{rules: [{app: crm}]}", "retention.rules[0]"),
        ("{forever: true}", "unknown key 'forever'"),
    ],
)
def test_a_fault_says_what_and_what_to_do(tmp_path: Path, text: str, fault: str) -> None:
    found = read(tmp_path, f"retention: {text}\n")
    assert isinstance(found, Errors)
    assert fault in str(found)


def test_longer_is_allowed_with_a_reason(tmp_path: Path) -> None:
    config = read(tmp_path, "retention: {keep: P36M, reason: internal control}\n")
    assert isinstance(config, Config)
    assert [str(rule) for rule in config.retention.policy().too_long()] == ["P36M"]
