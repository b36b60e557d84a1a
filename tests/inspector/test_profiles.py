"""Under the profile audit, a message with sensitive data holds nothing that leads to a person."""

import json
from pathlib import Path

import pytest
from post import Post, call, result

EMAIL = "ingrid.solheim@example.org"
HEALTH = {"email": EMAIL, "diagnosis": "type 2 diabetes", "phone": "+47 22 12 34 56"}
ROWS = (
    "SELECT e.session <> '', d.pseudonym IS NOT NULL, d.preview IS NOT NULL, d.flags"
    " FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id WHERE e.tool = '{}'"
)


def seen(folder: Path, profile: str) -> Post:
    post = Post(folder, options={"profile": profile, "reason": "a drill"})
    for number, (tool, said) in enumerate((("book_visit", HEALTH), ("invite", {"email": EMAIL}))):
        flow = post.asks(call(number, tool, **said), session="s1")
        post.answers(flow, result(number, ok=True))
    post.work()
    return post


@pytest.mark.promise("nobody-beside-sensitive")
@pytest.mark.parametrize("profile", ["dev", "monitor", "audit"])
def test_only_an_audit_keeps_no_way_to_a_person_beside_sensitive_data(tmp_path: Path, profile: str) -> None:
    post = seen(tmp_path, profile)
    kept = post.rows(ROWS.format("book_visit"))
    assert {flag for row in kept for flag in json.loads(row[3])} & {"art9"}
    assert len(kept) > 1
    whole = profile != "audit"
    assert [any(row[at] for row in kept) for at in (0, 1, 2)] == [whole, whole, whole]
    other = post.rows(ROWS.format("invite"))
    assert [any(row[at] for row in other) for at in (0, 1, 2)] == [True, True, True]
    post.close()


def test_the_chain_tells_the_profile_and_its_reason_at_each_start(tmp_path: Path) -> None:
    post = seen(tmp_path, "monitor")
    (body,) = post.rows("SELECT body FROM events WHERE kind = 'start'")
    told = json.loads(body[0])
    assert (told["profile"], told["reason"]) == ("monitor", "a drill")
    post.close()
