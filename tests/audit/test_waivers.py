"""Waivers: who accepted which finding, why and until when; never invented, never silent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit.exchange import Label
from douane.audit.gate import Result, results
from douane.audit.rules.examples import ARGS, call, datum, history
from douane.audit.waivers import Event, Recorded, Waiver, Waivers, applied, drafted, events, parse_waivers
from douane.audit.yamltext import Errors


def finding(tool: str = "find") -> Result:
    return results(history(call(tool, datum("user.contact.email", ARGS, declaration=Label.OMITTED))), ())[0]


FOUND = finding()
GOOD = f"""
douane_waivers: 1
waivers:
  - fingerprint: {FOUND.fingerprint}
    rule: verdict/omitted
    app: app
    reason: Removed with version 4.
    by: Léa Martin
    expires: 2027-01-31
"""


def waivers(text: str = GOOD) -> Waivers:
    read = parse_waivers(text, "w.yaml")
    assert isinstance(read, Waivers), str(read)
    return read


def faults(text: str) -> str:
    read = parse_waivers(text, "w.yaml")
    assert isinstance(read, Errors)
    return str(read)


def test_a_waiver_is_read_with_its_line() -> None:
    assert waivers().waivers == (
        Waiver(FOUND.fingerprint, "verdict/omitted", "app", "Removed with version 4.", "Léa Martin", "2027-01-31", 4),
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("2027-01-31", "soon-lea@example.org", "w.yaml:9:14: waivers[0].expires: is not a date. Write the last day"),
        ("2027-01-31", "20270131", "w.yaml:9:14: waivers[0].expires: must be text"),
        ("Removed with version 4.", "", "w.yaml:7:5: waivers[0].reason: is not filled in."),
        ("Léa Martin", "''", "w.yaml:8:9: waivers[0].by: is not filled in."),
        (FOUND.fingerprint, "lea@example.org", "w.yaml:4:18: waivers[0].fingerprint: is not written as it must be."),
        ("reason:", "reazon:", "w.yaml:7:5: waivers[0]: unknown key 'reazon'. Did you mean 'reason'?"),
        ("    by: Léa Martin\n", "", "w.yaml:4:5: waivers[0]: the key 'by' is missing."),
        ("douane_waivers: 1", "douane_waivers: 2", "w.yaml:2:17: douane_waivers: must be 1."),
    ],
)
def test_a_fault_says_where_and_what_to_do_and_quotes_nothing(old: str, new: str, says: str) -> None:
    told = faults(GOOD.replace(old, new))
    assert says in told
    assert "lea@" not in told


def test_one_finding_has_one_waiver() -> None:
    twice = GOOD + GOOD.partition("waivers:\n")[2]
    assert "the fingerprint of the waiver at line 4, once more" in faults(twice)


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    parse_waivers(text, "w.yaml")
    parse_waivers("douane_waivers: 1\nwaivers:\n" + text, "w.yaml")


def test_a_draft_invents_neither_reason_nor_person_nor_end_and_is_refused_until_they_are_there() -> None:
    draft = drafted([FOUND, finding("search")], "fr")
    told = faults(draft)
    assert told.count("is not filled in") == 6
    filled = (
        draft.replace("reason:\n", "reason: r\n").replace("by:\n", "by: b\n").replace("expires:", "expires: 2027-01-31")
    )
    assert [one.fingerprint for one in waivers(filled).waivers] == [FOUND.fingerprint, finding("search").fingerprint]


@given(st.text(max_size=40))
def test_a_draft_stands_whatever_a_tool_is_called(tool: str) -> None:
    draft = drafted([finding(tool)], "en").replace("reason:\n", "reason: r\n").replace("by:\n", "by: b\n")
    assert len(waivers(draft.replace("expires:", "expires: 2027-01-31")).waivers) == 1


@pytest.mark.parametrize(
    ("text", "today", "waived", "told"),
    [
        (GOOD, "2027-01-31", 1, []),
        (GOOD, "2027-02-01", 0, ["waiver/expired"]),
        (GOOD.replace("verdict/omitted", "verdict/vague"), "2027-01-01", 0, ["waiver/unmatched"]),
        (GOOD.replace(FOUND.fingerprint, "0" * 32), "2027-02-01", 0, ["waiver/expired"]),
        (GOOD.replace(FOUND.fingerprint, "0" * 32), "2027-01-01", 0, ["waiver/unmatched"]),
        (GOOD.replace("app: app", "app: other"), "2027-01-01", 0, []),
    ],
    ids=[
        "its last day",
        "the day after",
        "another rule",
        "ended, of no finding",
        "another finding",
        "an app not checked",
    ],
)
def test_a_waiver_holds_for_its_finding_until_its_last_day(text: str, today: str, waived: int, told: list[str]) -> None:
    held = applied(waivers(text), [FOUND], today, {"app"})
    assert (len(held.waived), [one.rule.id for one in held.findings]) == (waived, told)
    assert all(one.anchor is not None and one.anchor.line == 4 for one in held.findings)


ONE = waivers().waivers[0]


@pytest.mark.parametrize(
    ("before", "text", "today", "expected"),
    [
        (None, GOOD, "2027-01-01", ["accepted"]),
        (None, GOOD, "2027-02-01", ["accepted", "expired"]),
        (Event.ACCEPTED, GOOD, "2027-01-01", []),
        (Event.ACCEPTED, GOOD, "2027-02-01", ["expired"]),
        (Event.EXPIRED, GOOD, "2027-02-01", []),
        (Event.ACCEPTED, GOOD.replace("2027-01-31", "2027-06-30"), "2027-01-01", ["changed"]),
        (Event.EXPIRED, GOOD.replace("2027-01-31", "2027-06-30"), "2027-03-01", ["changed"]),
        (Event.ACCEPTED, "douane_waivers: 1", "2027-01-01", ["withdrawn"]),
        (Event.WITHDRAWN, "douane_waivers: 1", "2027-01-01", []),
        (Event.WITHDRAWN, GOOD, "2027-01-01", ["accepted"]),
    ],
)
def test_the_ledger_is_told_what_changed_and_nothing_twice(
    before: Event | None, text: str, today: str, expected: list[str]
) -> None:
    known = {} if before is None else {ONE.fingerprint: Recorded(before, ONE)}
    changed = events(known, waivers(text), today)
    assert [event.value for event, _ in changed] == expected
    after = known | {one.fingerprint: Recorded(event, one) for event, one in changed}
    assert events(after, waivers(text), today) == []
