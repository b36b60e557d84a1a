"""Holding a history against all rules: what is delivered, once for each place, in no order of the history's."""

import random
import types
from dataclasses import replace

import pytest
from growth import is_linear
from hypothesis import given
from hypothesis import strategies as st

from douane.audit.exchange import Label, Outcome
from douane.audit.history import History, Seen
from douane.audit.message import Direction
from douane.audit.rules import registry
from douane.audit.rules.base import Hit, Rule, Severity
from douane.audit.rules.examples import (
    ARGS,
    META,
    OUT,
    answer,
    call,
    datum,
    declares,
    history,
    marked,
    note,
    purpose,
    saw,
    tool,
    used,
)
from douane.audit.rules.registry import check_all, load_all, registered

EMAIL = "user.contact.email"
HEALTH = "user.health_and_medical.condition"
OMITTED = Label.OMITTED


def found(of: History) -> list[tuple[str, str, int]]:
    return [(rule.id, hit.place, hit.count) for rule, hit in check_all(of)]


def test_the_same_place_counts_once_with_how_often() -> None:
    seen = history(*(answer("find", datum(EMAIL, f"{OUT}/rows/{at}/email", declaration=OMITTED)) for at in range(4)),
                   declared=declares(to_chatgpt=("user.name",), purposes=(purpose("user.name"),)))  # fmt: skip
    assert ("openai/undisclosed", f"find {OUT}/rows/*/email {EMAIL}", 4) in found(seen)


def test_a_finding_points_at_the_earliest_message() -> None:
    seen = history(
        call("book", datum("user.name", f"{ARGS}/name")),
        call("book", datum("user.name", f"{ARGS}/name"), datum(HEALTH, f"{ARGS}/reason")),
        call("book", datum(HEALTH, f"{ARGS}/reason")),
    )
    ((rule, hit),) = check_all(seen)
    assert (rule.id, hit.exchange, hit.disclosure, hit.count) == ("openai/health-information", 1, 1, 2)


def test_what_was_not_delivered_was_not_disclosed() -> None:
    for outcome in (Outcome.REFUSED, Outcome.FAILED, Outcome.UNKNOWN):
        assert found(history(call("book", datum(HEALTH, f"{ARGS}/reason"), outcome=outcome))) == []


def test_an_app_of_which_nothing_is_known_has_no_findings() -> None:
    assert found(history()) == []
    assert found(history(declared=declares(("user.name",), ("user.name",)))) == []


def test_an_app_that_does_everything_right_has_no_findings() -> None:
    good = purpose("user.name", EMAIL, to_chatgpt=("user.name",))
    seen = history(
        call("reserve_table", datum("user.name", f"{ARGS}/name", declaration=Label.CLEAR, schema=Label.CLEAR)),
        answer("reserve_table", datum("user.name", f"{OUT}/name", declaration=Label.CLEAR, schema=Label.CLEAR), to=1),
        tools=[marked("reserve_table", "name", "email", "guests", readOnlyHint=False)],
        declared=declares(purposes=(good,), policy=_policy()),
        seen=[saw(Seen.CSP_CONNECT, "api.example.org", "ui://table"), saw(Seen.EGRESS, "api.example.org")],
        uses=[used("reserve_table", "/name"), used("reserve_table", "/booking_reference")],
    )
    assert found(seen) == []


def _policy():
    from douane.audit.declaration import Notice, Says, Statement

    said = Statement("policy/1", Says.COLLECTS, "we", ("user.name", EMAIL), "We collect your name and e-mail address.")
    return Notice(url="https://example.org/privacy", statements=(said,), controls=("You can delete your data.",))


def test_what_weighs_most_comes_first() -> None:
    weights = [rule.severity for rule, _ in check_all(MIXED)]
    assert weights == sorted(weights, key=list(Severity).index)
    assert len(set(weights)) == 3


MIXED = history(
    call("book", datum(HEALTH, f"{ARGS}/reason", declaration=OMITTED), datum(EMAIL, f"{ARGS}/mail")),
    answer("book", datum(EMAIL, f"{OUT}/rows/0/mail", declaration=OMITTED), to=1),
    answer("book", datum("system.secret.token", f"{OUT}/link", reached="query:/token"), to=1),
    note("notifications/message", datum(EMAIL, "/params/data/user")),
    call("book", datum("user.unique_id.pseudonymous", f"{META}/openai~1subject", who="a")),
    answer("book", datum("user.unique_id.pseudonymous", f"{OUT}/id", who="a"), to=5),
    call("book", datum("user.childrens", f"{ARGS}/child"), datum("user.criminal_history", f"{ARGS}/note")),
    tools=[marked("book_flight", "city", readOnlyHint=True), tool("chat", "chat_history"), tool("delete_all")],
    declared=declares(("user.contact",), purposes=(purpose("user.health_and_medical", retention=""),)),
    seen=[
        saw(Seen.CSP_CONNECT, "metrics.example.net", "ui://a"),
        saw(Seen.CSP_CONNECT, "metrics.example.net", "ui://b"),
        saw(Seen.EGRESS, "mail-vendor.example"),
        saw(Seen.FORM_ASKS, "system.secret.api_key", "api_key"),
        saw(Seen.UNLISTED, f"{ARGS}/0/a", tool="chat"),
        saw(Seen.UNLISTED, f"{ARGS}/1/a", tool="chat"),
    ],
    uses=[used("book", "/trace_id"), used("book", "/debug/a"), used("delete_all", "/deleted_count")],
    shared={EMAIL: 2},
)


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_history_changes_nothing(chance: random.Random) -> None:
    def mixed(rows):
        out = list(rows)
        chance.shuffle(out)
        return out

    other = replace(
        MIXED,
        exchanges=tuple(mixed(MIXED.exchanges)),
        observations=tuple(mixed(MIXED.observations)),
        uses=tuple(mixed(MIXED.uses)),
        tools=dict(mixed(MIXED.tools.items())),
    )
    told = [(rule.id, replace(hit, exchange=-1), _id(other, hit)) for rule, hit in check_all(other)]
    assert told == [(rule.id, replace(hit, exchange=-1), _id(MIXED, hit)) for rule, hit in check_all(MIXED)]


def _id(of: History, hit: Hit) -> int:
    return of.exchanges[hit.exchange].id if hit.exchange >= 0 else 0


CATEGORIES = st.sampled_from(
    [EMAIL, HEALTH, "user.name", "user.location.precise", "system.secret.token", "unknown.personal"]
)
POINTERS = st.sampled_from(
    [f"{ARGS}/a", f"{ARGS}/{{key}}/0", f"{OUT}/rows/3/b", "/result/content/0/text", "/error/message"]
)
DATA = st.builds(
    datum, CATEGORIES, POINTERS, minor=st.booleans(), reached=st.sampled_from(["", "json:/0/a", "query:/t"])
)
MESSAGES = st.one_of(
    st.builds(lambda data: call("act", *data), st.lists(DATA, max_size=3)),
    st.builds(lambda data: answer("act", *data, to=1), st.lists(DATA, max_size=3)),
    st.builds(lambda data: note("notifications/message", *data), st.lists(DATA, max_size=2)),
)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "properties", "items", "$ref", "allOf", "additionalProperties", "a"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(st.lists(MESSAGES, max_size=8), st.dictionaries(st.text(max_size=8), JUNK, max_size=3), JUNK)
def test_no_history_makes_a_rule_fail(messages, schema, meta) -> None:
    strange = tool("act", schema={"properties": schema, "x": meta}, meta={"openai/fileParams": meta, "ui": meta})
    for rule, hit in check_all(history(*messages, tools=[strange], declared=declares((EMAIL,)))):
        assert rule.says.en
        assert hit.place


@given(st.lists(MESSAGES, max_size=8))
def test_counts_add_up_over_parts_of_a_history(messages) -> None:
    """Rules that look at one message find in two halves what they find in the whole."""
    rules = [one for one in load_all() if one.check_app is Rule.__dataclass_fields__["check_app"].default]
    whole = history(*messages)
    halves = [replace(whole, exchanges=whole.exchanges[:4]), replace(whole, exchanges=whole.exchanges[4:])]

    def counted(of: History) -> dict[tuple[str, str], int]:
        return {(rule.id, hit.place): hit.count for rule, hit in check_all(of, rules)}

    summed: dict[tuple[str, str], int] = {}
    for half in halves:
        for key, count in counted(half).items():
            summed[key] = summed.get(key, 0) + count
    assert summed == counted(whole)


def test_a_file_that_is_no_rule_and_no_support_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError, match="sets no RULE and no MATCHES and no MISSES"):
        registry._of(types.ModuleType("forgotten"), "forgotten")
    monkeypatch.setattr(registry, "SUPPORT", registry.SUPPORT - {"sources"})
    registered.cache_clear()
    try:
        with pytest.raises(RuntimeError, match=r"sources\.py"):
            registered()
    finally:
        registered.cache_clear()


def test_directions_are_those_of_the_messages() -> None:
    for rule, hit in check_all(MIXED):
        if hit.exchange >= 0 and hit.disclosure >= 0 and hit.direction is not None:
            assert hit.direction is MIXED.exchanges[hit.exchange].exchange.direction, rule.id


def _many(calls: int) -> History:
    messages = [
        message
        for at in range(calls)
        for message in (
            call(f"t{at % 30}", datum(EMAIL, f"{ARGS}/email"), datum("user.name", f"{ARGS}/name")),
            answer(f"t{at % 30}", datum(EMAIL, f"{OUT}/rows/{at % 50}/email", declaration=OMITTED), to=2 * at + 1),
        )
    ]
    return history(*messages, tools=[tool(f"t{at}", "email", "city") for at in range(30)], declared=declares(("user",)))


def test_time_grows_with_the_messages_and_no_faster() -> None:
    seen = _many(4_000)
    assert is_linear(check_all, _many(400), seen, 10)
    assert len({hit.direction for _, hit in check_all(seen)} & set(Direction)) == 2
