"""What the user adds reaches both processes that inspect, and what the configuration allows is a gap in the ledger."""

import json
import time
from pathlib import Path

import pytest
from post import Post

from douane.audit.fields import Limits
from douane.audit.jsontext import Node, parse
from douane.audit.message import Direction, Gap, Kind, Message
from douane.detectors.extensions import Allow, Extensions, NotAssembledError, Pattern
from douane.inspector.heavy import Heavy, Work
from douane.inspector.warm import warm_detect

GIVEN = Extensions(
    patterns=(Pattern(name="badge", category="user.unique_id", pattern=r"\bQX-\d{6}\b"),),
    allow=(Allow(category="user.contact.email"),),
)
CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "find", "arguments": {"zz": "QX-004217", "to": "lea@example.org"}},
}


def message() -> Message:
    text = json.dumps(CALL)
    node = parse(text)
    assert isinstance(node, Node)
    return Message("crm", Direction.TO_APP, Kind.REQUEST, "tools/call", "find", 1, node, text)


@pytest.mark.slow
def test_the_second_process_detects_with_what_the_user_added() -> None:
    heavy = Heavy(presidio=False, given=GIVEN)
    try:
        heavy.start(Work(message(), None, None, Limits(), 64), 60)
        deadline = time.monotonic() + 60
        while (answer := heavy.finished()) is None and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        heavy.stop()
    assert answer is not None
    inspected, why = answer
    assert inspected is not None, why
    assert [one.finding.detector for one in inspected.judged] == ["badge"]
    assert Gap("allowed", "detectors", "rule 1") in inspected.gaps


def test_what_the_configuration_allows_is_a_gap_in_the_ledger(tmp_path: Path) -> None:
    detect, count = warm_detect(presidio=False, given=GIVEN)
    assert count > 20
    post = Post(tmp_path, detect=detect)
    post.asks(CALL)
    try:
        post.work()
    finally:
        post.close()
    codes = [code for event in post.events for code in event.get("gaps", ())]
    assert "allowed" in codes


def test_what_cannot_be_put_together_stops_the_start() -> None:
    with pytest.raises(NotAssembledError):
        warm_detect(
            presidio=False, given=Extensions(patterns=(GIVEN.patterns[0].model_copy(update={"name": "email"}),))
        )
