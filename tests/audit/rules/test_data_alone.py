"""What a rule says of a datum does not depend on the data beside it: equal data may be looked at once."""

from dataclasses import replace

import pytest

from douane.audit.rules.base import Case
from douane.audit.rules.registry import Registered, registered

CHECKED = [one for one in registered() if one.rule.check is not type(one.rule).__dataclass_fields__["check"].default]


@pytest.mark.parametrize("one", CHECKED, ids=lambda one: one.rule.id)
def test_a_datum_alone_gives_the_same_finding(one: Registered) -> None:
    cases: tuple[Case, ...] = (*one.matches, *one.misses)
    looked_at = 0
    for case in cases:
        # beside each other, the data of all the case's messages of one direction, kind, method and tool
        for numbered in case.history.exchanges:
            exchange = numbered.exchange
            alike = tuple(
                datum
                for other in case.history.exchanges
                if (other.exchange.direction, other.exchange.kind, other.exchange.method, other.exchange.tool)
                == (exchange.direction, exchange.kind, exchange.method, exchange.tool)
                for datum in other.exchange.disclosures
            )
            together = list(one.rule.check(replace(exchange, disclosures=alike), case.history))
            alone = [
                replace(hit, disclosure=at)
                for at, datum in enumerate(alike)
                for hit in one.rule.check(replace(exchange, disclosures=(datum,)), case.history)
            ]
            assert together == alone
            looked_at += len(alike)
    assert looked_at
