"""Pairs: which request an answer answers."""

import pytest

from douane.audit.message import Direction, Gap
from douane.wire.session import Pairs, PendingRequest, RpcId, key_of, scope_of

TO_APP, TO_CHATGPT = Direction.TO_APP, Direction.TO_CHATGPT


def request(uid: str, flow: str = "a", at: float = 0.0) -> PendingRequest:
    return PendingRequest(uid, 0, "tools/call", "search", at, flow)


def answered(pairs: Pairs, rpc_id: RpcId, flow: str, scope: str = "", asked: Direction = TO_APP, **more: bool) -> str:
    found = pairs.answer("app", asked, rpc_id, flow=flow, scope=scope, **more)
    return found.code if isinstance(found, Gap) else found.uid


def test_the_flow_comes_first() -> None:
    pairs = Pairs()
    pairs.open("app", request("one", "a"), TO_APP, 1, "credential c")
    pairs.open("app", request("two", "b"), TO_APP, 1, "credential c")
    assert [answered(pairs, 1, "b", "credential c"), answered(pairs, 1, "a", "credential c")] == ["two", "one"]


def test_a_scope_pairs_across_flows() -> None:
    pairs = Pairs()
    pairs.open("app", request("one", "a"), TO_APP, 1, "session s")
    pairs.open("app", request("two", "b"), TO_APP, 1, "session t")
    assert [answered(pairs, 1, "g", "session t"), answered(pairs, 1, "g", "session s")] == ["two", "one"]


def test_two_that_fit_are_ambiguous_and_none_is_unpaired() -> None:
    pairs = Pairs()
    pairs.open("app", request("one", "a"), TO_APP, 1, "credential c")
    pairs.open("app", request("two", "b"), TO_APP, 1, "credential c")
    assert [answered(pairs, 1, "g", "credential c"), answered(pairs, 2, "g", "credential c")] == [
        "ambiguous",
        "unpaired",
    ]


def test_without_session_and_credential_only_the_flow_pairs() -> None:
    pairs = Pairs()
    pairs.open("app", request("one", "a"), TO_APP, 1, "")
    assert [answered(pairs, 1, "g"), answered(pairs, 1, "a")] == ["unpaired", "one"]


def test_apps_directions_and_types_are_apart() -> None:
    pairs = Pairs()
    pairs.open("other", request("one"), TO_APP, 1, "session s")
    pairs.open("app", request("two", "b"), TO_CHATGPT, 1, "session s")
    pairs.open("app", request("three", "c"), TO_APP, "1", "session s")
    assert answered(pairs, 1, "g", "session s") == "unpaired"
    assert answered(pairs, 1, "g", "session s", TO_CHATGPT) == "two"
    assert answered(pairs, "1", "g", "session s") == "three"


def test_one_and_one_point_nought_are_the_same_id() -> None:
    pairs = Pairs()
    pairs.open("app", request("one"), TO_APP, 1, "")
    assert answered(pairs, 1.0, "a") == "one"


@pytest.mark.parametrize(
    ("rpc_id", "whole", "expected"),
    [(None, False, "one"), ("1", False, "one"), (7, True, "one"), (7, False, "unpaired")],
)
def test_an_odd_id_answers_the_only_request_of_its_flow(rpc_id: RpcId, whole: bool, expected: str) -> None:
    pairs = Pairs()
    pairs.open("app", request("one"), TO_APP, 1, "")
    assert answered(pairs, rpc_id, "a", whole=whole) == expected


def test_an_odd_id_among_two_requests_is_no_ones() -> None:
    pairs = Pairs()
    pairs.open("app", request("one"), TO_APP, 1, "")
    pairs.open("app", request("two"), TO_APP, 2, "")
    assert answered(pairs, None, "a", whole=True) == "unpaired"


def test_an_answer_is_given_once() -> None:
    pairs = Pairs()
    pairs.open("app", request("one"), TO_APP, 1, "session s")
    assert [answered(pairs, 1, "a"), answered(pairs, 1, "a", "session s"), len(pairs)] == ["one", "unpaired", 0]


def test_a_cancelled_request_is_passed_over_for_another() -> None:
    pairs = Pairs()
    pairs.open("app", request("one", "a"), TO_APP, 1, "session s")
    pairs.open("app", request("two", "b"), TO_APP, 1, "session s")
    pairs.cancel("app", TO_APP, 1, flow="a", scope="")
    assert [answered(pairs, 1, "g", "session s"), answered(pairs, 1, "g", "session s")] == ["two", "one"]


def test_what_is_too_old_or_too_much_is_let_go() -> None:
    pairs = Pairs(limit=2, max_age=10.0)
    for uid, at in (("one", 0.0), ("two", 1.0), ("three", 2.0)):
        pairs.open("app", request(uid, uid, at), TO_APP, 1, "")
    assert [answered(pairs, 1, "one"), len(pairs)] == ["unpaired", 2]
    pairs.open("app", request("four", "four", 11.5), TO_APP, 1, "")
    assert [answered(pairs, 1, "two"), answered(pairs, 1, "three"), len(pairs)] == ["unpaired", "three", 1]


def test_an_older_request_is_looked_up_by_flow_then_by_scope() -> None:
    asked: list[str] = []
    stored = {
        key_of("flow a", TO_APP, 1): [request("one")],
        key_of("session s", TO_APP, 2): [request("two")],
        key_of("session s", TO_APP, 3): [request("three"), request("four")],
    }

    def find(app: str, key: str) -> list[PendingRequest]:
        asked.append(key)
        return stored.get(key, [])

    pairs = Pairs(find)
    assert answered(pairs, 1, "a", "session s", known=False) == "one"
    assert answered(pairs, 2, "a", "session s", known=False) == "two"
    assert answered(pairs, 3, "a", "session s", known=False) == "ambiguous"
    assert answered(pairs, 2, "a", "session s", known=True) == "two"
    assert asked == [
        key_of("flow a", TO_APP, 1),
        key_of("flow a", TO_APP, 2),
        key_of("session s", TO_APP, 2),
        key_of("flow a", TO_APP, 3),
        key_of("session s", TO_APP, 3),
        key_of("session s", TO_APP, 2),
    ]


def test_a_stored_request_that_is_too_old_does_not_count() -> None:
    pairs = Pairs(lambda _app, _key: [request("one", at=5.0), request("two", at=90.0)], max_age=50.0)
    found = pairs.answer("app", TO_APP, 1, flow="g", scope="session s", at=100.0)
    assert found == request("two", at=90.0)


def test_a_flow_can_be_forgotten_one_way() -> None:
    pairs = Pairs()
    pairs.open("app", request("one"), TO_APP, 1, "session s")
    pairs.open("app", request("two"), TO_CHATGPT, 1, "session s")
    pairs.forget("app", "a", TO_APP)
    assert [answered(pairs, 1, "g", "session s"), answered(pairs, 1, "g", "session s", TO_CHATGPT)] == [
        "unpaired",
        "two",
    ]


def test_a_session_goes_before_a_credential() -> None:
    assert [scope_of("s", "c"), scope_of("", "c"), scope_of("", "")] == ["session s", "credential c", ""]


def test_an_id_that_is_no_text_makes_a_key_that_is() -> None:
    assert key_of("flow a", TO_APP, "\ud800").isascii()


def test_many_equal_ids_that_nobody_answers_cost_no_more_than_others() -> None:
    pairs = Pairs(limit=5_000)
    for number in range(20_000):
        pairs.open("app", request(str(number), str(number)), TO_APP, 1, "credential c")
    assert [len(pairs), answered(pairs, 1, "g", "credential c"), answered(pairs, 1, "19999")] == [
        5_000,
        "ambiguous",
        "19999",
    ]
