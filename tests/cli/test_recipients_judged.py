"""Declared recipients of whom nothing could be seen are told as not judged."""

import pytest

from douane.audit.declaration import Recipient
from douane.audit.history import Seen
from douane.audit.rules.examples import APP, call, declares, history, saw
from douane.cli.checking import Scope, not_judged
from douane.ledger.hidden import Hidden


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("", "Mailer, Storage"),  # no egress listener
        ("other.example", "Storage"),  # Storage has no host that could be seen
    ],
)
def test_recipients_that_could_not_be_seen_are_named_with_the_messages(host: str, expected: str) -> None:
    whose = (Recipient("Mailer", hosts=("mail.example",)), Recipient("Storage"))
    seen = history(call("find"), call("find"), declared=declares(recipients=whose),
                   seen=[saw(Seen.EGRESS, host)] if host else ())  # fmt: skip
    told = not_judged(Scope((APP,)), {APP: seen}, {APP: Hidden(2, {}, {})}, {})
    (one,) = [one for one in told if one.code == "recipients"]
    assert (one.fatal, one.says.en.endswith(f"not observable: {expected}."), "sur 2 messages, " in one.says.fr) == (
        False, True, True,
    )  # fmt: skip
