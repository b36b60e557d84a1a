import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from aged import MASTER, Years, call, datum, fill, person, salt_of
from astray import led_astray

from douane.ledger import pseudonyms
from douane.ledger.belief import Belief
from douane.ledger.erase import Erased, Found, InApp, erase, find, find_believed, uninspected
from douane.ledger.person import matches
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.query import open_ledger
from douane.ledger.record import RecordKind
from douane.ledger.refused import LedgerRefused
from douane.ledger.sealing import Sealer
from douane.ledger.spellings import FORMS
from douane.ledger.spool import Spool
from douane.ledger.store import Ledger

PSEUDONYMS = Pseudonymiser(MASTER)
CAMILLE = ("user.contact.email", "camille@example.org")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A session in which Camille's address crossed, a session of somebody else, and one without a session."""
    path, clock = tmp_path / "data" / "douane.db", Years()
    with Ledger(path, taxonomy="t-1", clock=clock, sealer=Sealer(MASTER)) as ledger:
        at = clock()

        def mail(app: str, value: str):
            return datum(app, "user.contact.email", value, b"")

        town = datum("crm", "user.contact.address.city", "Lyon", salt_of(2))
        ledger.append(call(1, "crm", "session-of-camille", mail("crm", CAMILLE[1]), at=at))
        ledger.append(call(2, "crm", "session-of-camille", town, at=at), salt=salt_of(2))
        ledger.append(call(3, "crm", "session-of-camille", at=at, answers=1))
        ledger.append(call(4, "crm", "session-of-noor", mail("crm", "noor@example.org"), at=at))
        ledger.append(call(5, "shop", "", mail("shop", CAMILLE[1]), mail("shop", "noor@example.org"), at=at))
        ledger.append(call(6, "shop", "", mail("shop", "x@example.org"), at=at, answers=5))
        ledger.append(call(7, "shop", "session-of-camille", mail("shop", "y@example.org"), at=at))
        ledger.seal()
    return path


def look(path: Path, *identifiers: tuple[str, str], exact: bool = False) -> Found:
    with closing(open_ledger(path)) as db:
        return find(db, PSEUDONYMS, identifiers, exact=exact)


def ask(path: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def test_what_is_linked_is_found_directly_and_through_the_apps_own_session(path: Path) -> None:
    assert look(path, CAMILLE) == Found(
        direct=(1, 4),
        holding=(1, 5),
        linked=(2, 3, 6),
        apps=(
            InApp("crm", 1, 3, 2, {"user.contact.email": 1}),
            InApp("shop", 1, 2, 3, {"user.contact.email": 1}),
        ),
    )


def test_a_session_of_the_same_name_in_another_app_is_not_linked(path: Path) -> None:
    assert 7 not in look(path, CAMILLE).linked


@pytest.mark.promise("erased-unnamed")
def test_an_erasure_takes_everything_that_is_linked_and_leaves_tombstones(path: Path) -> None:
    before = ask(path, "SELECT id, category, commitment, headline FROM disclosures")
    assert erase(path, Sealer(MASTER), look(path, CAMILLE), who="ada") == Erased(5, 5, True)
    assert ask(path, "SELECT id, category, commitment, headline FROM disclosures") == before
    gone = "pseudonym IS NULL AND key_id IS NULL AND preview IS NULL AND length = '' AND nonce IS NULL"
    assert ask(path, f"SELECT id FROM disclosures WHERE NOT ({gone})") == [(3,), (7,)]
    gone = "session = '' AND rpc = '' AND salt IS NULL AND nonce IS NULL"
    assert ask(path, f"SELECT id FROM exchanges WHERE NOT ({gone})") == [(4,), (7,)]
    assert look(path, CAMILLE) == Found((), (), (), ())
    assert look(path, ("user.contact.email", "noor@example.org")).direct == (3,)


@pytest.mark.promise("erased-unnamed")
@pytest.mark.promise("bytes-gone")
def test_the_erasure_is_recorded_without_naming_the_person(path: Path) -> None:
    erase(path, Sealer(MASTER), look(path, CAMILLE), who="ada")
    bodies = [json.loads(body) for (body,) in ask(path, "SELECT body FROM events WHERE kind = 'erased' ORDER BY seq")]
    assert [sorted(body) for body in bodies] == [["at", "disclosures", "exchanges", "who"]] * 2
    assert [(body["exchanges"], body["disclosures"]) for body in bodies] == [([2, 3, 6], [2, 6]), ([1, 5], [1, 4, 5])]
    content = b"".join(file.read_bytes() for file in path.parent.iterdir())
    traces = [one.digest.encode() for one in PSEUDONYMS.look_up(CAMILLE[1], CAMILLE[0], [("crm", 1), ("shop", 1)])]
    assert not [trace for trace in (*traces, salt_of(2), "ca…rg".encode()) if trace in content]


def test_only_the_identifier_itself_goes_if_that_is_asked_for(path: Path) -> None:
    assert erase(path, Sealer(MASTER), look(path, CAMILLE), who="ada", direct_only=True) == Erased(0, 2, True)
    assert ask(path, "SELECT id FROM disclosures WHERE nonce IS NULL") == [(1,), (4,)]
    assert ask(path, "SELECT count(*) FROM exchanges WHERE nonce IS NULL") == [(0,)]


def test_a_value_that_is_salted_is_found_in_each_exchange(path: Path) -> None:
    assert look(path, ("user.contact.address.city", "lyon")).direct == (2,)


def test_an_identifier_is_found_as_whatever_the_detector_took_it_for(path: Path) -> None:
    assert look(path, ("user.unique_id.pseudonymous", CAMILLE[1])).direct == (1, 4)
    assert look(path, ("user.unique_id.pseudonymous", CAMILLE[1]), exact=True).direct == ()


def test_every_form_of_identifier_is_looked_for() -> None:
    rules = pseudonyms._RULES
    assert {rules[form].form for form in FORMS} == {rule.form for rule in rules.values() if rule.identifier}


def test_an_erasure_that_was_broken_off_finds_the_rest_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class BrokenOffError(Exception):
        pass

    monkeypatch.setattr("douane.ledger.erase.BATCH", 1)
    from douane.ledger import faults

    reached = []

    def point(name: str) -> None:
        reached.append(name)
        if reached.count("erased") == 4:
            raise BrokenOffError

    monkeypatch.setattr(faults, "point", point)
    with pytest.raises(BrokenOffError):
        erase(path, Sealer(MASTER), look(path, CAMILLE), who="ada")
    monkeypatch.undo()
    left = look(path, CAMILLE)
    assert (left.direct, left.holding, left.linked) == ((4,), (5,), ())
    erase(path, Sealer(MASTER), left, who="ada")
    assert ask(path, "SELECT id FROM disclosures WHERE nonce IS NOT NULL") == [(3,), (7,)]


def test_an_observation_that_names_an_erased_disclosure_by_number_stays(path: Path) -> None:
    from douane.audit.history import Observation, Seen

    with Ledger(path, taxonomy="t-1", sealer=Sealer(MASTER)) as ledger:
        seen = Observation(Seen.EGRESS, "api.example", "user.contact.email#1")
        ledger.note("crm", at=time.time(), observations=(seen,))
    erase(path, Sealer(MASTER), look(path, CAMILLE), who="ada")
    assert ask(path, "SELECT detail FROM observations") == [("user.contact.email#1",)]


def test_many_people_are_erased_at_once(tmp_path: Path) -> None:
    path, clock = tmp_path / "douane.db", Years()
    fill(path, clock, hours=1, calls=30)
    found = look(path, *(("user.contact.email", person(number)) for number in range(1, 21)))
    done = erase(path, Sealer(MASTER), found, who="ada", clock=clock)
    assert (len(found.direct), done.exchanges, done.disclosures) == (20, 26, 40)
    assert ask(path, "SELECT count(*) FROM disclosures WHERE nonce IS NOT NULL") == [(20,)]


@pytest.mark.promise("erased-in-the-spool-too")
def test_what_waits_in_the_spool_is_waited_for(tmp_path: Path) -> None:
    place = tmp_path / "spool.db"
    assert uninspected(place, 5.0) == 0
    with Spool(place, MASTER) as spool:
        for kind in (RecordKind.STREAM, RecordKind.REQUEST, RecordKind.PIECE):
            spool.put(kind, "crm", "flow", 0, time.time(), {}, b"")
        started = time.monotonic()
        assert uninspected(place, 0.2) == 2
        assert time.monotonic() - started >= 0.2
        ids = [record.id for record in spool.take(0, 10)]

        def inspect() -> None:
            with Spool(place, MASTER) as other:
                other.delete(ids[1:])

        worker = threading.Timer(0.2, inspect)
        worker.start()
        assert uninspected(place, 20.0) == 0
        worker.join()


def test_a_spool_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    place = tmp_path / "spool.db"
    place.write_bytes(b"no spool at all" * 100)
    with pytest.raises(LedgerRefused, match="spool"):
        uninspected(place, 0.1)


STEERED = {
    "sessions": "UPDATE exchanges SET session = 'session-of-camille'",
    "a session of another": "UPDATE exchanges SET session = (SELECT session FROM exchanges WHERE id = 1) WHERE id = 4",
    "a pseudonym": "UPDATE disclosures SET pseudonym = (SELECT pseudonym FROM disclosures WHERE id = 1) WHERE id = 3",
    "an answer": "UPDATE exchanges SET answers_id = 1 WHERE id = 4",
    "data of another message": "UPDATE disclosures SET exchange_id = 1 WHERE id = 3",
    "a row that nobody vouches for": "DELETE FROM events WHERE kind = 'exchange' AND row = 4",
}


@pytest.mark.promise("nothing-unbelieved-goes")
def test_nobody_is_erased_by_what_the_chain_does_not_vouch_for(path: Path) -> None:
    found, whole = look(path, CAMILLE), path.read_bytes()
    for change in STEERED.values():
        for side in ("-wal", "-shm"):
            Path(f"{path}{side}").unlink(missing_ok=True)
        path.write_bytes(whole)
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(change)
        with (
            closing(open_ledger(path)) as db,
            pytest.raises(LedgerRefused, match=r"ALTERED at .*; nothing was deleted"),
        ):
            find_believed(db, Sealer(MASTER), PSEUDONYMS, [CAMILLE])
        with pytest.raises(LedgerRefused, match="ALTERED at"):
            erase(path, Sealer(MASTER), found, who="ada")
        assert ask(path, "SELECT count(*) FROM exchanges WHERE nonce IS NULL") == [(0,)]


def test_what_is_changed_after_it_was_found_is_not_erased(path: Path) -> None:
    with closing(open_ledger(path)) as db:
        found = find_believed(db, Sealer(MASTER), PSEUDONYMS, [CAMILLE])
    assert found == look(path, CAMILLE)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE disclosures SET exchange_id = 1 WHERE id = 3")
    with pytest.raises(LedgerRefused, match=r"ALTERED at .*; nothing more was erased"):
        erase(path, Sealer(MASTER), found, who="ada")
    assert ask(path, "SELECT count(*) FROM disclosures WHERE nonce IS NULL") == [(0,)]


@pytest.mark.promise("no-index-decides")
def test_an_index_that_leads_to_somebody_else_erases_nobody_else(path: Path) -> None:
    found = look(path, CAMILLE)
    ((digest,),) = ask(path, "SELECT pseudonym FROM disclosures WHERE id = 1")
    led_astray(path, "disclosures_by_pseudonym", "disclosures", 1, 3, "pseudonym", digest)
    led_astray(path, "exchanges_by_answered", "exchanges", 3, 4, "answers_id", 1)
    assert ask(path, f"SELECT id FROM disclosures WHERE pseudonym = '{digest}'") == [(3,)]  # so anybody else is led
    assert look(path, CAMILLE) == found
    with closing(open_ledger(path)) as db:
        assert find_believed(db, Sealer(MASTER), PSEUDONYMS, [CAMILLE]) == found
    with closing(open_ledger(path)) as db:
        person_of = matches(db, PSEUDONYMS, [CAMILLE])
        assert sorted(person_of) == list(found.direct)


@pytest.mark.promise("nothing-unbelieved-goes")
def test_a_datum_that_is_moved_while_the_chain_is_walked_does_not_go(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_ledger(path)) as db:
        found = find_believed(db, Sealer(MASTER), PSEUDONYMS, [CAMILLE])
    walk = Belief.steps

    def walked(self: Belief) -> Iterator[None]:
        yield from walk(self)
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("UPDATE disclosures SET exchange_id = 1 WHERE id = 3")

    held = Belief.hold

    def put_back(self: Belief, sealer: Sealer | None = None) -> None:
        self._db.execute("UPDATE disclosures SET exchange_id = 4 WHERE id = 3")  # as if before this transaction
        held(self, sealer)

    monkeypatch.setattr(Belief, "steps", walked)
    monkeypatch.setattr(Belief, "hold", put_back)
    erase(path, Sealer(MASTER), found, who="ada")
    assert ask(path, "SELECT nonce IS NULL FROM disclosures WHERE id = 3") == [(0,)]
