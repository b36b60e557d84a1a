"""A person is found under every key and spelling, by number alone, and what cannot be found is counted."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from aged import MASTER, Years, call, datum, salt_of

from douane.audit.declaration import Declaration, Party, Purpose, Recipient
from douane.audit.exchange import Disclosure, Label, Outcome, Source, Verdict
from douane.audit.message import Direction
from douane.detectors import phone_forms
from douane.ledger.epochs import begin
from douane.ledger.erase import erase
from douane.ledger.erase import find as linked
from douane.ledger.keys import Master
from douane.ledger.person import Identifier, Person, find
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.query import open_ledger
from douane.ledger.sealing import Sealer
from douane.ledger.spellings import FORMS, REGIONS, How, halves, spellings
from douane.ledger.store import Ledger
from douane.ledger.unfound import Unfound
from douane.reports.kinds.said import Said
from douane.reports.person import asked

MAIL: Identifier = ("user.contact.email", "camille.moreau@example.org")
ANSWERS = Purpose("purpose/1", "Answer enquiries", to_app=("user.contact",), legal_basis="Consent", retention="P6M")
MEETS = Purpose("purpose/2", "Arrange meetings", to_app=("user.contact.email",), to_chatgpt=("user.name",))
SAID = Declaration(
    "crm", ("user.contact", "user.contact.email"), ("user.name",), (Recipient("Mailer", hosts=("mail.example",)),),
    sha256="ab" * 32, source="crm.yaml", taxonomy="t-1", publisher=Party("Crm Ltd", country="IE"),
    purposes=(ANSWERS, MEETS),
)  # fmt: skip
HELD = (Verdict(Source.DECLARATION, Label.CLEAR, "declared"),)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Camille's address in two apps and two epochs, a phone number, a name the other way round, and a first name."""
    path, clock = tmp_path / "douane.db", Years()
    with Ledger(path, taxonomy="t-1", clock=clock, sealer=Sealer(MASTER)) as ledger:
        ledger.add_declaration(SAID, at=clock())
        mail = replace(datum("crm", *MAIL, b""), verdicts=HELD)
        ledger.append(call(1, "crm", "s1", mail, at=clock()))
        named = datum("crm", "user.name", "Moreau Camille", b"")
        first = datum("crm", "user.name", "Camille", salt_of(2))
        ledger.append(call(2, "crm", "s2", named, first, at=clock(), answers=1), salt=salt_of(2))
        phone = datum("shop", "user.contact.phone_number", "+33639984410", b"")
        failed = replace(call(3, "shop", "s3", phone, at=clock()), outcome=Outcome.FAILED)
        ledger.append(failed)
        other = datum("shop", "user.contact.email", "noor@example.org", b"")
        ledger.append(call(4, "shop", "s4", other, at=clock()))
        ledger.seal()
    begin(path, Sealer(MASTER), clock=clock)
    with Ledger(path, taxonomy="t-1", clock=clock, sealer=Sealer(MASTER)) as ledger:
        again = replace(other, pseudonym=Pseudonymiser(MASTER, 2).of("shop", *MAIL), category="user.account.username")
        out = replace(
            call(5, "crm", "", replace(mail, pseudonym=Pseudonymiser(MASTER, 2).of("crm", *MAIL)), at=clock()),
            route="egress", host="mail.example", own_traffic=False,
        )  # fmt: skip
        ledger.append(call(6, "shop", "s5", again, at=clock()))
        ledger.append(out)
        ledger.seal()
    return path


def look(path: Path, *identifiers: Identifier, master: bytes = MASTER, **more: object) -> Person:
    with closing(open_ledger(path)) as db:
        return find(db, Pseudonymiser(master), identifiers, **more)  # type: ignore[arg-type]


def told(found: Person) -> list[tuple[str, str, str, str]]:
    return [(one.app, one.category, one.how.value, one.route) for one in found.disclosed]


@pytest.mark.promise("person-found")
def test_an_address_is_found_in_every_app_epoch_and_route(path: Path) -> None:
    found = look(path, ("user.contact.email", " Camille.Moreau@EXAMPLE.org "))
    assert told(found) == [
        ("crm", "user.contact.email", "own", "reverse"),
        ("shop", "user.account.username", "own", "reverse"),
        ("crm", "user.contact.email", "own", "egress"),
    ]
    assert ([one.epoch for one in found.disclosed], found.epochs, found.apps) == ([1, 2, 2], (1, 2), ("crm", "shop"))


def test_a_disclosure_has_the_declared_purposes_that_need_its_category_and_whom_a_host_belongs_to(path: Path) -> None:
    first, unnamed, sent = look(path, MAIL).disclosed
    assert [one.name for one in first.purposes] == ["Answer enquiries", "Arrange meetings"]
    assert first.declaration is not None
    assert (first.declaration.publisher, first.purposes[0].retention) == (Party("Crm Ltd", country="IE"), "P6M")
    assert (unnamed.purposes, unnamed.declaration) == ((), None)
    assert (sent.host, sent.purposes, sent.recipient) == ("mail.example", (), "Mailer")


@pytest.mark.promise("person-found")
@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        (("user.contact.phone_number", "06 39 98 44 10"), [("shop", "user.contact.phone_number", "spelling")]),
        (("user.contact.phone_number", "+33 (0)6 39 98 44 10"), [("shop", "user.contact.phone_number", "spelling")]),
        (("user.unique_id.pseudonymous", "0033 639984410"), [("shop", "user.contact.phone_number", "kind")]),
        (("user.name", "Camille Moreau"), [("crm", "user.name", "spelling")]),
        (("user.unique_id.pseudonymous", "MOREAU, Camille"), [("crm", "user.name", "kind")]),
        (("user.unique_id.pseudonymous", "Camille"), [("crm", "user.name", "shared")]),
        (("user.unique_id.pseudonymous", "nobody"), []),
    ],
)
def test_a_value_is_found_in_another_spelling_or_as_another_kind(
    path: Path, identifier: Identifier, expected: list[tuple[str, str, str]]
) -> None:
    assert [one[:3] for one in told(look(path, identifier))] == expected


def test_an_identifier_goes_by_its_number_alone(path: Path) -> None:
    found = look(path, ("user.contact.email", "x@example.org"), MAIL, ("user.name", "Camille"))
    assert [one.identifiers for one in found.disclosed] == [(2,), (3,), (2,), (2,)]
    assert (found.kinds[1], found.many, found.unfit) == ("user.contact.email", (3,), ())
    assert "camille" not in repr(found).lower()


def test_a_number_in_an_address_is_nobody_elses_phone(path: Path) -> None:
    assert told(look(path, ("user.contact.email", "a33639984410@example.org"))) == []


def test_what_a_category_says_it_is_can_be_all_that_it_is_looked_for_as(path: Path) -> None:
    assert len(look(path, ("user.unique_id.pseudonymous", MAIL[1])).disclosed) == 3
    assert look(path, ("user.unique_id.pseudonymous", MAIL[1]), exact=True).disclosed == ()


def test_a_scope_of_apps_and_time_is_kept(path: Path) -> None:
    at = look(path, MAIL).disclosed[0].at
    assert {one[0] for one in told(look(path, MAIL, apps=("shop",)))} == {"shop"}
    assert look(path, MAIL, until=at).disclosed == ()
    assert look(path, MAIL, apps=("elsewhere",)).disclosed == ()


def test_a_secret_cannot_be_looked_for_and_that_is_told(path: Path) -> None:
    found = look(path, ("system.secret.password", "correct horse"), MAIL)
    assert (found.unfit, found.many) == ((1,), ())


def test_an_outcome_is_told_and_what_failed_is_not_disclosed(path: Path) -> None:
    (one,) = look(path, ("user.contact.phone_number", "+33639984410")).disclosed
    assert (one.outcome, one.delivered, one.direction) == (Outcome.FAILED, False, Direction.TO_APP)


@pytest.mark.promise("person-found")
def test_what_a_lost_key_made_is_counted_as_not_searchable(path: Path) -> None:
    found = look(path, MAIL, master=Master(b"n" * 32))
    assert found.disclosed == ()
    assert [(one.app, one.epoch, one.data) for one in found.unfound.lost] == [
        ("crm", 1, 3), ("crm", 2, 1), ("shop", 1, 2), ("shop", 2, 1),
    ]  # fmt: skip
    assert look(path, MAIL, master=Master(b"n" * 32, [MASTER])).unfound.lost == ()


@pytest.mark.promise("person-found")
def test_what_was_erased_purged_or_kept_without_a_pseudonym_is_counted(path: Path) -> None:
    with closing(open_ledger(path)) as db:
        gone = linked(db, Pseudonymiser(MASTER), [("user.contact.email", "noor@example.org")])
    erase(path, Sealer(MASTER), gone, who="ada")
    health = replace(datum("shop", "user.health_and_medical", "x", b"s"), pseudonym=None, flags=("art9",), preview=None)
    secret = replace(health, category="system.secret.password", flags=("secret",))
    with Ledger(path, taxonomy="t-1", sealer=Sealer(MASTER)) as ledger:
        ledger.append(call(9, "shop", "", health, replace(health, category="user.name", flags=()), secret, at=2e9))
    left = look(path, MAIL).unfound
    assert replace(left, gaps=()) == Unfound(10, guarded=2, secret=1, erased=1)
    assert dict(left.gaps) == {"no-schema": 7}
    assert look(path, MAIL, apps=("crm",)).unfound.guarded == 0
    assert look(path, ("user.contact.email", "noor@example.org")).disclosed == ()


def test_looking_writes_nothing_and_keeps_nothing(path: Path) -> None:
    before = path.read_bytes()
    look(path, MAIL)
    assert path.read_bytes() == before
    with closing(open_ledger(path)) as db, pytest.raises(sqlite3.OperationalError):
        db.execute("DELETE FROM exchanges")


def test_many_identifiers_are_looked_for_at_once(path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    several = [("user.contact.email", f"nobody{number}@example.org") for number in range(1500)]
    found = look(path, *several, MAIL, progress=lambda *step: steps.append(step))
    assert {one.identifiers for one in found.disclosed} == {(1501,)}
    assert steps[:2] == [("identifiers", 1000, 1501), ("identifiers", 1501, 1501)]


def test_an_erasure_finds_what_a_look_up_finds(path: Path) -> None:
    for identifier in (MAIL, ("user.contact.phone_number", "06 39 98 44 10"), ("user.name", "Camille Moreau")):
        with closing(open_ledger(path)) as db:
            gone = linked(db, Pseudonymiser(MASTER), [identifier])
        assert sorted(one.id for one in look(path, identifier).disclosed) == list(gone.direct)


@pytest.fixture
def split(tmp_path: Path) -> Path:
    """Names of which given and family name stand apart: one person's, two people's, lists of people, a half alone."""
    path, clock = tmp_path / "douane.db", Years()

    def name(which: str, value: str, at: int, pointer: str) -> Disclosure:
        return replace(datum("crm", f"user.name{which}", value, salt_of(at)), pointer=pointer)

    people = {
        1: (name(".first", "Camille", 1, "/a/0/given"), name(".last", "Moreau", 1, "/a/0/family")),
        2: (name(".first", "Camille", 2, "/a/0/given"), name(".last", "Okafor", 2, "/a/0/family")),
        3: (name(".first", "Camille", 3, "/a/0/given"), name(".last", "Moreau", 3, "/a/0/family"),
            name(".first", "Camille", 3, "/a/1/given"), name(".last", "Okafor", 3, "/a/1/family"),
            name(".last", "Moreau", 3, "/a/2/family")),
        4: (name("", "camille", 4, "/given"), name("", "moreau", 4, "/more/family")),
        5: (name(".first", "Camille", 5, "/given"), name(".first", "Moreau", 5, "/friend")),
        6: (name(".first", "Camille", 6, "/given"), replace(
            name(".last", "Moreau", 6, "/city"), category="user.contact.address.city")),
        7: (name(".first", "Jean-Rémi", 7, "/given"), name(".last", "de la Tour", 7, "/family")),
        8: (name(".first", "Jean-Remi", 8, "/given"), name(".last", "Tour", 8, "/family")),
    }  # fmt: skip
    with Ledger(path, taxonomy="t-1", clock=clock, sealer=Sealer(MASTER)) as ledger:
        for number, found in people.items():
            ledger.append(call(number, "crm", f"s{number}", *found, at=clock() + number), salt=salt_of(number))
        ledger.seal()
    return path


def halves_of(found: Person) -> list[tuple[int, str, str]]:
    return [(one.exchange_id, one.pointer, one.how.value) for one in found.disclosed]


@pytest.mark.promise("person-found")
@pytest.mark.parametrize("category", ["user.name", "user.unique_id.pseudonymous"])
@pytest.mark.parametrize("value", ["Camille Moreau", "MOREAU, Camille"])
def test_a_full_name_is_found_where_given_and_family_name_stand_in_one_message(
    split: Path, category: str, value: str
) -> None:
    found = look(split, (category, value))
    assert halves_of(found) == [
        (1, "/a/0/given", "parts"), (1, "/a/0/family", "parts"),
        (3, "/a/0/given", "parts"), (3, "/a/0/family", "parts"),
        (4, "/given", "parts"), (4, "/more/family", "parts"),
    ]  # fmt: skip
    assert (found.halved, found.many) == ((1,), ())


def test_the_way_is_kept_for_each_identifier(split: Path) -> None:
    found = look(split, ("user.name", "Camille Moreau"), ("user.name.first", "Camille"), ("user.name.last", "Moreau"))
    pairs = {pair for one in found.disclosed for pair in zip(one.identifiers, one.ways, strict=True)}
    assert pairs == {(1, How.PARTS), (2, How.SHARED), (3, How.SHARED)}
    said = Said("en", "person")
    assert [row[4] for row in asked(said, found).rows] == [
        (said.phrase("asked.parts"),), (said.phrase("asked.many"),), (said.phrase("asked.many"),),
    ]  # fmt: skip


@pytest.mark.parametrize("value", ["Jean-Rémi de la Tour", "de la Tour Jean-Rémi"])
def test_a_name_of_several_words_is_divided_in_every_way_and_its_ends_alone_too(split: Path, value: str) -> None:
    assert [one[:2] for one in halves_of(look(split, ("user.name", value)))][:2] == [(7, "/given"), (7, "/family")]
    assert halves_of(look(split, ("user.name", "Jean-Rémi de la Tour")))[2:] == [
        (8, "/given", "parts"), (8, "/family", "parts"),
    ]  # fmt: skip


def test_the_ways_to_divide_a_name_are_few_whatever_its_length() -> None:
    assert halves("user.name", "Ada Okafor") == (("Ada", "Okafor"),)
    assert len(halves("user.name", " ".join("abcdefghijklmno"))) == 5
    assert halves("user.unique_id.pseudonymous", "v1/ab cd") == ()
    assert halves("user.name.last", "Okafor Moreau") == ()
    assert halves("user.contact.email", "Ada Okafor", exact=True) == ()


def test_an_erasure_divides_only_what_is_called_a_name(split: Path) -> None:
    with closing(open_ledger(split)) as db:
        called = linked(db, Pseudonymiser(MASTER), [("user.name", "Camille Moreau")])
        other = linked(db, Pseudonymiser(MASTER), [("user.unique_id.pseudonymous", "Camille Moreau")])
    assert (len(called.direct), other.direct) == (6, ())


def test_every_country_in_whose_way_a_detector_reads_a_number_is_tried() -> None:
    assert set(REGIONS) >= {"FR", "US", "GB", *phone_forms._WIDE}


def test_a_value_is_first_what_it_was_given_as() -> None:
    ways = list(spellings("user.contact.email", MAIL[1]))
    assert ways[0] == (*MAIL, How.OWN)
    assert {kind for kind, _, how in ways if how is How.KIND} == set(FORMS) - {
        "user.contact.phone_number", "user.financial.credit_card",
    }  # fmt: skip
    assert list(spellings("user.contact.email", MAIL[1], exact=True)) == ways[:1]
