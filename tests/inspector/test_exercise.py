"""What an exercise takes for another person's data in an answer."""

import pytest

from douane.audit.personas import builtin
from douane.inspector.chatgpt import Reply
from douane.inspector.exercise import _leaked, _Person

OWNER, OTHER = builtin()[0], builtin()[2]
MAIL, USER = OWNER.facts["user.contact.email"], OWNER.facts["user.account.username"]


class Caller:
    person = OTHER
    era = "2025-11-25"


@pytest.mark.parametrize(
    ("text", "leaked"),
    [
        (f"Owner: {MAIL}", ["user.contact.email"]),
        (f"mail\n{MAIL}.", ["user.contact.email"]),
        (f'{{"mail": "{MAIL}", "note": "a\\n{USER}"}}', ["user.account.username", "user.contact.email"]),
        (f"signed in as {USER}.", ["user.account.username"]),
        (f"x{USER}", []),
        (f"{USER}@example.org", []),
        (OTHER.facts["user.contact.email"], []),
    ],
)
def test_a_datum_counts_where_it_stands_by_itself(text: str, leaked: list[str]) -> None:
    assert MAIL.startswith(USER)
    reply = Reply(result={"content": [{"type": "text", "text": text}]})
    assert _leaked(reply, OWNER, _Person(Caller())) == leaked  # type: ignore[arg-type]
