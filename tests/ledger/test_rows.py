"""No value that a peer can choose makes a write of the ledger fail."""

import math
import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Source, Verdict
from douane.audit.message import Direction, Gap, Kind
from douane.ledger.store import Ledger

EXTREMES = [
    0,
    1,
    -1,
    999,
    1000,
    2**63 - 1,
    2**63,
    -(2**63),
    -(2**63) - 1,
    999999999999999999999999,
    10**400,
    -(10**400),
]
integers = st.sampled_from(EXTREMES) | st.integers()
floats = st.floats() | integers
texts = st.text(st.characters(codec=None) | st.sampled_from("\0\ud800\udfff\n/{}")) | st.sampled_from(
    ["", "\ud800", "a\0b"]
)
gaps = st.builds(Gap, texts, texts, texts, st.none() | integers, integers)
verdicts = st.builds(Verdict, st.sampled_from(Source), st.sampled_from(Label), texts, st.none() | floats)
disclosures = st.builds(
    Disclosure,
    texts,
    texts,
    st.lists(texts, max_size=2).map(tuple),
    texts,
    floats,
    texts,
    st.lists(verdicts, max_size=2).map(tuple),
    st.sampled_from(Label),
    reached=texts,
    length=texts,
    preview=st.none() | texts,
    also=st.lists(texts, max_size=2).map(tuple),
)
exchanges = st.builds(
    Exchange,
    texts,
    integers,
    floats,
    texts,
    st.sampled_from(Direction),
    st.sampled_from(Kind),
    st.none() | texts,
    st.none() | texts,
    st.sampled_from(Outcome),
    integers,
    integers,
    protocol=texts,
    transport=texts,
    session=texts,
    flow=texts,
    rpc=texts,
    answers=st.none() | st.tuples(texts, integers),
    http_status=st.none() | integers,
    duration_ms=st.none() | floats,
    own_traffic=st.booleans(),
    redelivery=st.booleans(),
    disclosures=st.lists(disclosures, max_size=2).map(tuple),
    gaps=st.lists(gaps, max_size=3).map(tuple),
)


@given(exchanges)
def test_any_exchange_can_be_written_once(exchange: Exchange) -> None:
    with Ledger(None) as ledger:
        assert ledger.append(exchange) == 1
        assert ledger.has(exchange.record_id, exchange.part)
        assert ledger.append(exchange) is None
        assert isinstance(ledger.pending_requests(exchange.app, exchange.rpc), list)
        ledger.set_outcome(Outcome.FAILED, record_id=exchange.record_id, part=exchange.part, flow=exchange.flow)


@given(texts, integers, texts, gaps, floats)
def test_any_gap_can_be_written_once(record: str, part: int, app: str, gap: Gap, at: float) -> None:
    with Ledger(None) as ledger:
        assert ledger.add_gap(record, part, app, gap, at)
        assert not ledger.add_gap(record, part, app, gap, at)


@given(texts, texts, floats, texts, texts, st.none() | integers, integers, integers)
def test_any_passage_can_be_written_once(
    record: str, app: str, at: float, host: str, path_class: str, status: int | None, up: int, down: int
) -> None:
    passage: dict[str, Any] = {"at": at, "host": host, "path_class": path_class, "status": status}
    with Ledger(None) as ledger:
        assert ledger.add_passage(record, app, **passage, bytes_up=up, bytes_down=down)
        assert not ledger.add_passage(record, app, **passage, bytes_up=up, bytes_down=down)


@pytest.mark.parametrize(
    ("status", "duration", "kept"),
    [
        (0, 0.0, (0, 0.0)),
        (999, 1.5, (999, 1.5)),
        (1000, math.inf, (None, None)),
        (-1, math.nan, (None, None)),
        (999999999999999999999999, 10**400, (None, None)),
    ],
)
def test_a_status_or_duration_that_cannot_be_one_is_kept_as_unknown(
    tmp_path: Any, status: int, duration: float, kept: tuple[int | None, float | None]
) -> None:
    exchange = Exchange(
        "r-1", 0, 1.0, "travel", Direction.TO_CHATGPT, Kind.RESULT, "ping", None, Outcome.UNKNOWN, 2**80,
        http_status=status, duration_ms=duration,
    )  # fmt: skip
    with Ledger(tmp_path / "ledger.db") as ledger:
        ledger.append(exchange)
    db = sqlite3.connect(tmp_path / "ledger.db")
    row = db.execute("SELECT http_status, duration_ms, size FROM exchanges").fetchone()
    db.close()
    assert row == (*kept, 2**63 - 1)
