"""What a period hides: messages that were never judged, apart from those that were judged in part."""

from pathlib import Path

from douane.audit.declaration import Declaration
from douane.audit.exchange import Exchange, Outcome
from douane.audit.message import Direction, Gap, Kind
from douane.audit.waivers import Event, Waiver
from douane.ledger.hidden import Hidden, hidden
from douane.ledger.query import open_ledger
from douane.ledger.store import Ledger
from douane.ledger.waivers import record, recorded

AT = 1_795_341_731.0


def test_what_was_judged_and_what_was_lost_are_counted_apart_and_by_period(tmp_path: Path) -> None:
    path = tmp_path / "douane.db"
    ledger = Ledger(path)
    ledger.add_declaration(Declaration("crm", (), (), sha256="ab" * 32, source="crm.yaml"), at=AT)
    partly = Exchange("r-1", 0, AT, "crm", Direction.TO_APP, Kind.REQUEST, "ping", None, Outcome.DELIVERED, 2,
                      gaps=(Gap("too-many", count=2),))  # fmt: skip
    ledger.append(partly)
    ledger.add_gap("r-2", 0, "crm", Gap("malformed"), AT)
    ledger.add_gap("r-3", 0, "crm", Gap("malformed", count=3), AT + 86_400)
    ledger.close()
    db = open_ledger(path)
    whole = Hidden(1, {"malformed": 4}, {"malformed": 4, "too-many": 2}, "ab" * 32)
    assert hidden(db, "crm", "", "") == whole
    assert hidden(db, "crm", "", "2026-11-23").lost == {"malformed": 1}
    assert hidden(db, "other", "", "") == Hidden(0, {}, {})
    db.close()


def test_the_last_word_on_a_waiver_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "douane.db"
    Ledger(path).close()
    one = Waiver("0" * 32, "verdict/omitted", "crm", "Mended soon.", "Léa Martin", "2027-01-31")
    later = Waiver("0" * 32, "verdict/omitted", "crm", "Later.", "Léa Martin", "2027-06-30")
    record(path, [(Event.ACCEPTED, one)], at=AT, file_sha256="ab" * 32)
    record(path, [(Event.CHANGED, later)], at=AT, file_sha256="cd" * 32)
    db = open_ledger(path)
    assert {key: (last.event, last.waiver) for key, last in recorded(db).items()} == {"0" * 32: (Event.CHANGED, later)}
    db.close()
