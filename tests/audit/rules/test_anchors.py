"""The gate leads a rule's finding to the line of the declaration where a person would mend it."""

from dataclasses import replace

import pytest

from douane.audit.exchange import Label
from douane.audit.gate import Anchor, anchored, results
from douane.audit.history import History
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, declares, history, purpose, tool
from douane.audit.rules.registry import check_all

LINES = {
    "app": 1,
    "privacy_policy": 4,
    "privacy_declarations": 10,
    "purpose/1": 11,
    "tool/book": 30,
    "tool/book/fields/phone_number": 32,
    "tool/book/fields/reason": 33,
    "tool/book/output/rows/*/email": 36,
}
DECLARED = replace(declares(purposes=(purpose("user.name", retention=""),)), lines=LINES)
EMAIL = "user.contact.email"


@pytest.mark.parametrize(
    ("rule", "line", "seen"),
    [
        ("gdpr/retention", 11, history(declared=DECLARED)),
        ("openai/collection-purpose", 32, history(tools=[tool("book", "phone_number")], declared=DECLARED)),
        (
            "openai/health-information",
            33,
            history(call("book", datum("user.health_and_medical", f"{ARGS}/reason")), declared=DECLARED),
        ),
        (
            "openai/undisclosed",
            36,
            history(answer("book", datum(EMAIL, f"{OUT}/rows/7/email", declaration=Label.OMITTED)), declared=DECLARED),
        ),
        ("openai/annotations", 30, history(tools=[tool("book", "name")], declared=DECLARED)),
        ("openai/policy-content", 4, history(declared=DECLARED)),
    ],
)
def test_a_finding_of_a_rule_is_anchored(rule: str, line: int, seen: History) -> None:
    found = next(one for one in results(seen, check_all(seen)) if one.rule.id == rule)
    assert anchored(found, DECLARED, "app.yaml", ("", {})).anchor == Anchor("app.yaml", line)
