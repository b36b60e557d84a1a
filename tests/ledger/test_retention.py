from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.ledger.retention import Keep, Policy, before, is_longer, length


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("now", "duration", "then"),
    [
        ("2026-11-22T10:00:00", "P12M", "2025-11-22T10:00:00"),
        ("2026-11-22T10:00:00", "P1Y", "2025-11-22T10:00:00"),
        ("2026-03-31T10:00:00", "P1M", "2026-02-28T10:00:00"),
        ("2024-02-29T00:00:00", "P12M", "2023-02-28T00:00:00"),
        ("2026-01-15T00:00:00", "P30D", "2025-12-16T00:00:00"),
        ("2026-01-15T00:00:00", "P2W", "2026-01-01T00:00:00"),
        ("2026-01-15T00:00:00", "P1Y2M3DT4H5M6S", "2024-11-11T19:54:54"),
        ("2026-01-15T00:00:00", "P999999Y", "1970-01-01T00:00:00"),
        ("2026-01-15T00:00:00", "P999999D", "1970-01-01T00:00:00"),
        ("1970-01-15T00:00:00", "P1M", "1970-01-01T00:00:00"),
    ],
)
def test_a_duration_is_counted_back_on_the_calendar(now: str, duration: str, then: str) -> None:
    assert before(at(now), duration) == at(then)


@pytest.mark.parametrize("text", ["", "P", "12M", "P1.5M", "P-1M", "PT", "a year", "P1M2Y", "P1M\n"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an ISO 8601 duration"):
        before(0, text)


@pytest.mark.parametrize(
    ("one", "other", "longer"),
    [
        ("P13M", "P12M", True), ("P1Y", "P12M", False), ("P365D", "P12M", False), ("P367D", "P12M", True),
        ("P52W", "P12M", False), ("P53W", "P12M", True), ("P100Y", "P99Y", True), ("P12M", "P13M", False),
    ],
)  # fmt: skip
def test_durations_compare(one: str, other: str, longer: bool) -> None:
    assert is_longer(one, other) is longer


@given(st.integers(0, 900), st.integers(0, 900))
def test_more_months_are_longer(one: int, other: int) -> None:
    assert (length(f"P{one}M") > length(f"P{other}M")) == (one > other)


def test_of_several_rules_the_shortest_counts() -> None:
    policy = Policy(
        "P12M",
        (
            Keep("P24M", app="bank"),
            Keep("P6M", category="user.financial"),
            Keep("P1M", app="bank", category="user.financial.credit_card"),
        ),
        "a reason",
    )
    said = {
        (app, category): policy.of(app, category).keep
        for app in ("bank", "crm")
        for category in ("", "user.name", "user.financial", "user.financial.credit_card")
    }
    assert said == {
        ("bank", ""): "P24M", ("bank", "user.name"): "P24M",
        ("bank", "user.financial"): "P6M", ("bank", "user.financial.credit_card"): "P1M",
        ("crm", ""): "P12M", ("crm", "user.name"): "P12M",
        ("crm", "user.financial"): "P6M", ("crm", "user.financial.credit_card"): "P6M",
    }  # fmt: skip
    assert policy.too_long() == [Keep("P24M", app="bank")]
    assert str(policy.rules[2]) == "bank user.financial.credit_card: P1M"
