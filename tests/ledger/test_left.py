"""A `restored` event lets anchors off only where somebody with the master key wrote it, at a moment that had come."""

import json
import secrets
import sqlite3
import time
from base64 import b64encode
from contextlib import closing
from pathlib import Path

import pytest
from aged import SECOND
from attacking import image, said
from chained import DAY, MASTER, Chained, Clock, Kept
from mutations import make_leaves, set_end

from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.times import iso
from douane.ledger.verify import verify
from douane.ledger.verify_anchors import Anchor, read_anchors
from douane.ledger.writing import writing

WIDE = {"copy": 0, "seq": 10**9, "head": "00" * 32, "who": "root", "reason": "disk"}


@pytest.fixture
def made(tmp_path: Path) -> Chained:
    """A ledger of the last days, with closed segments and an open one."""
    path, key, kept, since = tmp_path / "douane.db", tmp_path / "master.key", Kept(), time.time() - 3 * DAY
    clock = Clock()
    key.write_bytes(b64encode(MASTER))
    for number in range(3):
        clock.now = at = since + number * DAY
        with Ledger(path, sealer=Sealer(MASTER), anchors=kept, clock=clock) as ledger:
            ledger.add_run(at=at, version=str(number), config_sha256="")
            ledger.seal()
            ledger.add_app(f"app-{number}", at=at)
    return Chained(path, MASTER, key, kept)


@pytest.fixture
def old(made: Chained, tmp_path: Path) -> Path:
    """An older copy, of before what the anchors know last."""
    old, now = tmp_path / "old.db", time.time()
    old.write_bytes(image(made.path))
    with Ledger(made.path, sealer=Sealer(MASTER), anchors=made.anchors, clock=lambda: now) as ledger:
        ledger.seal()
        ledger.add_run(at=now, version="4", config_sha256="")
    return old


def forge(path: Path, body: dict[str, object]) -> None:
    """Append an event as who has no key can: with its leaf, and the end's head made anew."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        seq = db.execute("SELECT seq + 1 FROM chain").fetchone()[0]
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        db.execute("INSERT INTO events VALUES (?, 'restored', NULL, ?, zeroblob(32))", (seq, text))
        db.execute("UPDATE chain SET seq = ?, appends = appends + 1", (seq,))
        make_leaves(db, seq)
        set_end(db)


@pytest.mark.promise("anchors-tell")
@pytest.mark.parametrize("later", [60.0, 73 * 365 * DAY])
def test_a_forged_word_of_a_restore_lets_no_anchor_off(made: Chained, old: Path, tmp_path: Path, later: float) -> None:
    anchors = made.anchors.write(tmp_path)
    assert said(old, None, anchors).word == "TRUNCATED"
    forge(old, {**WIDE, "at": iso(time.time() + later)})
    assert said(old, None, []).word == "INTACT", "whoever has neither cannot tell"
    assert said(old, None, anchors).word == "TRUNCATED"
    assert said(old, made, []).word == "ALTERED"
    assert said(old, made, anchors).word == "TRUNCATED"
    known = [one for file in anchors for one in read_anchors(file.read_text(), str(file))]
    found = verify(old, anchors=known, children=0)
    assert any("whether the master key's holder wrote event" in one for one in found.unchecked)


@pytest.mark.promise("anchors-tell")
@pytest.mark.parametrize("fitting", [False, True])
@pytest.mark.parametrize("closed", [False, True])
def test_an_event_that_is_made_to_tell_of_a_restore_lets_no_anchor_off_even_with_the_key(
    made: Chained, old: Path, tmp_path: Path, fitting: bool, closed: bool
) -> None:
    anchors = made.anchors.write(tmp_path)
    with closing(sqlite3.connect(old, isolation_level=None)) as db:
        text = json.dumps({**WIDE, "at": iso(time.time())}, sort_keys=True, separators=(",", ":"))
        where = "SELECT max(last_seq) FROM segments" if closed else "SELECT seq FROM chain"
        (seq,) = db.execute(where).fetchone()
        db.execute("UPDATE events SET kind = 'restored', row = NULL, body = ? WHERE seq = ?", (text, seq))
        if fitting:
            said_so = SECOND.sha(b"\x00", SECOND.enc(seq, "restored", text))
            db.execute("UPDATE events SET leaf = ? WHERE seq = ?", (said_so, seq))
    assert said(old, made, []).word == "ALTERED"
    assert said(old, made, anchors).word == "TRUNCATED"
    known = [one for file in anchors for one in read_anchors(file.read_text(), str(file))]
    found = verify(old, sealer=Sealer(MASTER), anchors=known, children=0)
    assert any("whether the master key's holder wrote event" in one for one in found.unchecked)
    assert not any("gave up" in one for one in found.notes)


@pytest.mark.promise("anchors-tell")
@pytest.mark.parametrize("closed", [True, False])
def test_a_ledger_made_anew_under_another_key_lets_no_anchor_off(
    made: Chained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: bool
) -> None:
    number, path = made.anchors.standing["ledger"], tmp_path / "anew.db"
    with monkeypatch.context() as during:
        during.setattr("douane.ledger.fourth.secrets.token_hex", lambda _: number)
        other = Ledger(path, sealer=Sealer(secrets.token_bytes(32)))
    with other as ledger:
        ledger.add_app("crm", at=time.time())
        with ledger.batch():
            ledger._chain.tell("restored", {**WIDE, "at": "2099-01-01T00:00:00.000Z"})
        if closed:
            ledger.seal()
    anchors = made.anchors.write(tmp_path)
    assert said(path, None, []).word == "INTACT"
    assert said(path, None, anchors).word in ("TRUNCATED", "FORKED")
    assert said(path, made, anchors).word in ("TRUNCATED", "FORKED")


@pytest.mark.promise("anchors-tell")
def test_a_restore_is_shown_by_the_key_and_once_its_segment_is_closed_by_an_anchor_of_before(
    made: Chained, old: Path, tmp_path: Path
) -> None:
    sealer, left, after, lines = Sealer(MASTER), made.anchors.standing, Kept(), list(made.anchors.lines)
    anchors = made.anchors.write(tmp_path)
    with closing(sqlite3.connect(old)) as db:
        (copy,) = db.execute("SELECT seq FROM chain").fetchone()
    now = time.time() + 60
    body = {"at": iso(now), "who": "x", "reason": "a test", "copy": copy, "seq": left["seq"], "head": left["head"]}
    with writing(old, sealer, anchors=after, clock=lambda: now) as (_, chain):
        chain.tell("restored", body)
    with Ledger(old, sealer=sealer, anchors=after, clock=lambda: now) as ledger:
        ledger.add_app("another", at=now)
        assert said(old, made, anchors).word == "INTACT"
        ledger.seal()
    assert said(old, made, anchors).word == "INTACT"
    assert said(old, None, anchors).word == "INTACT"
    found = verify(old, anchors=[one for file in anchors for one in read_anchors(file.read_text(), "")], children=0)
    assert found.anchors_held < found.anchors, "one of what was given up holds nothing"
    assert f"{found.anchors - found.anchors_held} anchor" in " ".join(found.notes)
    made.anchors.lines = [one for one in lines if int(str(one["seq"])) >= copy]  # none of before the restore
    assert said(old, None, made.anchors.write(tmp_path)).word == "FORKED"
    assert said(old, made, made.anchors.write(tmp_path)).word == "INTACT"


@pytest.mark.parametrize(("later", "counts"), [(DAY - 60, True), (DAY + 3600, False)])
@pytest.mark.parametrize("closed", [True, False])
def test_a_restore_of_a_moment_that_had_not_come_lets_no_anchor_off_even_with_the_key(
    made: Chained, old: Path, tmp_path: Path, later: float, counts: bool, closed: bool
) -> None:
    sealer, left, now = Sealer(MASTER), made.anchors.standing, time.time()
    with closing(sqlite3.connect(old)) as db:
        (copy,) = db.execute("SELECT seq FROM chain").fetchone()
    with Ledger(old, sealer=sealer, clock=lambda: now) as ledger:
        ledger.seal()
    body = {"at": iso(now + later), "who": "x", "reason": "", "copy": copy, "seq": left["seq"], "head": left["head"]}
    with writing(old, sealer, clock=lambda: now) as (_, chain):
        chain.tell("restored", body)
    if closed:
        with Ledger(old, sealer=sealer, clock=lambda: now) as ledger:
            ledger.seal()
    assert (said(old, made, made.anchors.write(tmp_path)).word == "INTACT") is counts


def test_an_anchor_that_knows_no_such_segment_binds_nothing(made: Chained, old: Path, tmp_path: Path) -> None:
    forge(old, {**WIDE, "at": iso(time.time())})
    line = Anchor(str(made.anchors.standing["ledger"]), 1, b"", "", 2**62, b"")
    assert verify(old, anchors=[line], children=0).word.value == "TRUNCATED"
    file = tmp_path / "wild"
    said_so = {"at": "", "head": "00" * 32, "ledger": line.ledger, "segment": 2**62, "seq": 1, "signature": "00" * 64}
    file.write_text(json.dumps(said_so))
    assert said(old, None, [file]).word == "TRUNCATED"
