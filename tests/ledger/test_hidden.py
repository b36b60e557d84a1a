"""What a period hides: messages that were never judged, apart from those that were judged in part."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from douane.audit import taxonomy
from douane.audit.declaration import Declaration
from douane.audit.exchange import Disclosure, Exchange, Outcome
from douane.audit.message import Direction, Gap, Kind
from douane.audit.verdicts import headline, judge
from douane.audit.waivers import Event, Waiver
from douane.ledger.hidden import Hidden, hidden
from douane.ledger.query import open_ledger
from douane.ledger.rejudge import rejudge
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
    whole = Hidden(1, {"malformed": 4}, {"malformed": 4, "too-many": 2})
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


def test_data_are_counted_by_the_declaration_that_they_were_held_against(tmp_path: Path) -> None:
    path = tmp_path / "douane.db"
    old = Declaration("crm", ("user.contact",), (), sha256="1" * 64, source="crm.yaml")
    new = replace(old, to_app=("user.name",), sha256="2" * 64)
    ledger = Ledger(path)

    def arrives(number: int, against: Declaration | None) -> None:
        category = "user.contact.email"
        flags = taxonomy.flags(category)
        verdicts = judge(category, flags, "/params/arguments/email", Direction.TO_APP, None, against)
        datum = Disclosure("/params/arguments/email", category, flags, "t", 0.9, "field", verdicts, headline(verdicts))
        ledger.append(
            Exchange(
                f"r-{number}",
                0,
                AT + number,
                "crm",
                Direction.TO_APP,
                Kind.REQUEST,
                "tools/call",
                "send",
                Outcome.DELIVERED,
                2,
                disclosures=(datum,),
            )
        )

    arrives(1, None)
    ledger.add_declaration(old, at=AT)
    arrives(2, old)
    ledger.add_declaration(new, at=AT + 3)
    ledger.close()
    with closing(open_ledger(path)) as db:
        assert hidden(db, "crm", "", "").against == {"": 1, "1" * 64: 1}
        assert [hidden(db, "crm", "", "").stale(one.sha256) for one in (old, new)] == [1, 2]
    rejudge(path, "crm", reason="changed", version="1")
    with closing(open_ledger(path)) as db:
        assert hidden(db, "crm", "", "").against == {"2" * 64: 2}
