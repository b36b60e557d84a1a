"""How many people some disclosures concern: bounds, and never a value or a pseudonym."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from douane.audit import taxonomy
from douane.audit.exchange import Disclosure, Exchange, Label, Outcome
from douane.audit.message import Direction, Kind
from douane.ledger.concerned import Concerned, Range, Without, concerned
from douane.ledger.erase import erase, find
from douane.ledger.pseudonyms import Pseudonymiser, length_bucket
from douane.ledger.query import open_ledger
from douane.ledger.report_query import Scope
from douane.ledger.store import Ledger

MASTER = bytes(range(32))
SUBJECT = "/params/_meta/openai~1subject"
HEALTH = "user.health_and_medical.condition"


class Book:
    """A ledger to fill with requests and answers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ledger = Ledger(path, taxonomy=taxonomy.VERSION)
        self.number = 0

    def put(self, flow: str, *data: tuple[str, str, str], app: str = "crm", epoch: int = 1, **more: Any) -> None:
        """One message: pointer, category and value of each datum; the value is only turned into a pseudonym."""
        self.number += 1
        keys = Pseudonymiser(MASTER, epoch)
        salt = self.number.to_bytes(16, "big")
        given: dict[str, Any] = {"direction": Direction.TO_APP, "outcome": Outcome.DELIVERED} | more
        self.ledger.append(
            Exchange(
                record_id=f"r{self.number}",
                part=0,
                at=1_800_000_000.0 + self.number,
                app=app,
                kind=Kind.REQUEST,
                method="tools/call",
                tool="act",
                size=10,
                flow=flow,
                disclosures=tuple(
                    Disclosure(
                        pointer, category, taxonomy.flags(category), "key", 0.9, "as told", (), Label.GAP,
                        length=length_bucket(len(value)), pseudonym=keys.of(app, category, value, salt=salt),
                    )
                    for pointer, category, value in data
                ),
                **given,
            ),
            salt=salt,
        )  # fmt: skip

    def count(self, *categories: str, **scope: Any) -> list[Concerned]:
        """What the disclosures of these categories concern."""
        with closing(open_ledger(self.path)) as db:
            return concerned(db, Scope(**scope), categories)

    def erase(self, address: str, *, direct_only: bool = False) -> None:
        """Erase the person of an e-mail address."""
        with closing(open_ledger(self.path)) as db:
            found = find(db, Pseudonymiser(MASTER), [("user.contact.email", address)])
        erase(self.path, None, found, who="a test", direct_only=direct_only)

    def one(self, *categories: str) -> Concerned:
        """The same, of the only app."""
        (found,) = self.count(*categories)
        return found


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """An empty ledger."""
    made = Book(tmp_path / "douane.db")
    yield made
    made.ledger.close()


def subject(name: str) -> tuple[str, str, str]:
    """ChatGPT's id of its user."""
    return SUBJECT, "user.unique_id.pseudonymous", name


def mail(name: str, place: str = "/params/arguments/email") -> tuple[str, str, str]:
    """An e-mail address."""
    return place, "user.contact.email", f"{name}@people.example"


def illness(place: str = "/params/arguments/reason") -> tuple[str, str, str]:
    """A health condition, whose pseudonyms are salted."""
    return place, HEALTH, "a fictitious illness"


def test_the_same_address_twice_is_one_person_at_least_and_at_most(book: Book) -> None:
    book.put("f1", subject("v1/first-user"), mail("ada"))
    book.put("f2", subject("v1/first-user"), mail("ada"))
    found = book.one()
    assert (found.messages, found.users, found.people) == (2, Range(1, 1), Range(1, 1))


def test_users_of_chatgpt_are_counted_apart_from_the_people_in_the_data(book: Book) -> None:
    book.put("f1", subject("v1/first-user"), mail("ada"), mail("bea", "/params/arguments/cc"))
    book.put("f2", subject("v1/other-user"), mail("cleo"))
    found = book.one()
    assert (found.users, found.nameless, found.people) == (Range(2, 2), 0, Range(3, 3))
    assert found.identifiers == (("user.contact.email", 3),)


def test_what_chatgpt_says_of_its_user_is_about_nobody_else(book: Book) -> None:
    where = ("/params/_meta/openai~1userLocation/city", "user.location.imprecise", "Exampleville")
    book.put("f1", subject("v1/first-user"), where)
    assert book.one().people == Range(0, 0)
    assert book.one().users == Range(1, 1)


def test_an_answer_belongs_to_the_user_of_its_request_and_a_nameless_one_to_anybody(book: Book) -> None:
    book.put("f1", subject("v1/first-user"))
    book.put("f1", mail("ada", "/result/content/0/text"), direction=Direction.TO_CHATGPT)
    book.put("f2", mail("ada"))
    found = book.one("user.contact")
    assert (found.messages, found.users, found.nameless) == (2, Range(1, 2), 1)


def test_two_kinds_of_identifier_may_be_one_person_or_two(book: Book) -> None:
    book.put("f1", mail("ada"), ("/params/arguments/phone", "user.contact.phone_number", "+33 1 99 00 12 34"))
    assert book.one().people == Range(1, 2)


def test_a_renewed_key_makes_one_address_look_like_two_at_most(book: Book) -> None:
    book.put("f1", subject("v1/first-user"), mail("ada"))
    book.put("f2", subject("v1/first-user"), mail("ada"), epoch=2)
    found = book.one()
    assert (found.users, found.people) == (Range(1, 2), Range(1, 2))


def test_data_without_any_identifier_may_each_be_of_another_person(book: Book) -> None:
    book.put("f1", illness())
    book.put("f2", illness())
    found = book.one()
    assert (found.people, found.loose, found.identifiers) == (Range(1, 2), 2, ())


def test_names_in_the_elements_of_a_list_are_people_and_names_in_one_text_may_be_one(book: Book) -> None:
    people = ("Ada Example", "Bea Example", "Cleo Example")
    text = "/result/content/0/text"
    book.put("f1", *((text, "user.name", one) for one in people))
    assert book.one().people == Range(1, 3)
    rows = enumerate(people)
    book.put("f2", *((f"/result/structuredContent/rows/{n}/name", "user.name", one) for n, one in rows))
    assert book.one().people == Range(3, 3)


def test_only_messages_with_a_category_asked_for_count_with_the_identifiers_beside_it(book: Book) -> None:
    book.put("f1", mail("ada"), illness())
    book.put("f2", mail("bea"))
    assert book.one("user.health_and_medical").people == Range(1, 1)
    assert book.one("user.contact").people == Range(2, 2)
    assert book.count("user.financial") == []


def test_what_was_not_delivered_douane_s_own_and_what_left_the_app_count_as_nothing(book: Book) -> None:
    book.put("f1", mail("ada"), outcome=Outcome.FAILED)
    book.put("f2", mail("bea"), own_traffic=True)
    book.put("f3", mail("cleo"), route="egress", host="vendor.example")
    assert book.count() == []


def test_each_app_is_counted_on_its_own_and_only_in_the_period(book: Book) -> None:
    book.put("f1", mail("ada"))
    book.put("f2", mail("ada"), app="travel")
    assert [(one.app, one.people) for one in book.count()] == [("crm", Range(1, 1)), ("travel", Range(1, 1))]
    first = book.count()[0].first
    assert [one.app for one in book.count(until=book.count()[1].first, since=first)] == ["crm"]
    assert [one.app for one in book.count(apps=(2,))] == ["travel"]


def test_a_first_name_counts_once_in_each_message_and_that_is_told(book: Book) -> None:
    first = ("/params/arguments/first", "user.name.first", "Ada")
    for flow in ("f1", "f2", "f3"):
        book.put(flow, subject("v1/first-user"), mail("ada"), first)
    found = book.one()
    assert dict(found.identifiers) == {"user.contact.email": 1, "user.name.first": 3}
    assert found.unlinked == (("user.name.first", 3),)
    assert (found.people.least, found.people.most) == (1, 4)


def test_in_one_message_an_equal_first_name_is_one_value(book: Book) -> None:
    book.put("f1", *((f"/params/arguments/{n}", "user.name.first", "Ada") for n in "ab"))
    found = book.one()
    assert (found.identifiers, found.unlinked) == ((("user.name.first", 1),), ())


def test_what_was_erased_named_its_user_and_had_an_identifier(book: Book) -> None:
    book.put("f1", subject("v1/first-user"), mail("ada"), illness())
    book.put("f2", subject("v1/other-user"), mail("bea"), illness())
    book.put("f3", illness())
    before = book.one()
    assert (before.forgotten, before.unkept, before.nameless, before.loose) == (Without(), Without(), 1, 1)
    book.erase("ada@people.example")
    found = book.one()
    assert (found.users, found.nameless, found.forgotten.requests) == (Range(1, 3), 1, 1)
    assert (found.people, found.loose, found.forgotten.data) == (Range(1, 4), 1, 2)
    assert found.identifiers == (("user.contact.email", 1),)
    assert found.unkept == Without()


def test_an_identifier_that_was_erased_alone_may_have_been_another_s(book: Book) -> None:
    book.put("f1", subject("v1/first-user"), mail("ada"), mail("bea", "/params/arguments/cc"), illness())
    book.erase("ada@people.example", direct_only=True)
    found = book.one()
    assert (found.users, found.people, found.forgotten) == (Range(1, 1), Range(1, 2), Without(0, 1))


def test_what_was_never_kept_under_a_pseudonym_is_no_erased_nor_nameless_one(book: Book) -> None:
    book.put("f1", (SUBJECT, "user.unique_id.pseudonymous", ""), ("/params/arguments/email", "user.contact.email", ""))
    found = book.one()
    assert (found.nameless, found.loose, found.forgotten, found.unkept) == (0, 0, Without(), Without(1, 1))
    assert (found.users, found.people) == (Range(1, 1), Range(1, 1))


def test_nothing_of_a_person_leaves_it(book: Book) -> None:
    book.put("f1", subject("v1/first-user"), mail("ada"), illness())
    told = repr(book.count())
    digest = Pseudonymiser(MASTER).of("crm", "user.contact.email", "ada@people.example")
    assert digest is not None
    assert not any(one in told for one in ("ada", "first-user", "illness", digest.digest[:12]))
