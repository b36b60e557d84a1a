"""What was declared and not seen, and where a datum that is passed on goes."""

import pytest

from douane.audit.declaration import Declaration, Notice, Party, Purpose, Recipient, Says, Statement
from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Source
from douane.audit.history import History, Numbered, Observation, Seen
from douane.audit.message import Direction, Kind
from douane.audit.onward import judge_onward, owner
from douane.audit.unused import What, unused

UP, DOWN = Direction.TO_APP, Direction.TO_CHATGPT
EMAIL = "user.contact.email"


def crossed(direction: Direction, *categories: str) -> Numbered:
    disclosures = tuple(Disclosure("/x", one, (), "d", 1.0, "", (), Label.GAP) for one in categories)
    kind = Kind.REQUEST if direction is UP else Kind.RESULT
    exchange = Exchange("r", 0, 0.0, "crm", direction, kind, "tools/call", "t", Outcome.DELIVERED, 1)
    return Numbered(1, Exchange(**{**_fields(exchange), "disclosures": disclosures}), "2026-01-01T00:00:00.000Z")


def _fields(exchange: Exchange) -> dict[str, object]:
    return {name: getattr(exchange, name) for name in Exchange.__slots__}


def test_what_was_declared_and_not_seen_is_named_with_the_messages_looked_at() -> None:
    declaration = Declaration(
        "crm",
        (EMAIL, "user.location", "user.name"),
        ("user.name",),
        purposes=(Purpose("purpose/1", "a", to_app=("user.location",)), Purpose("purpose/2", "b", to_app=(EMAIL,))),
    )
    history = History("crm", declaration, exchanges=(crossed(UP, EMAIL), crossed(UP), crossed(DOWN, EMAIL)))
    assert [(one.name, one.direction, one.seen_in, one.statements) for one in unused(history)] == [
        ("user.location", UP, 2, ("purpose/1",)),
        ("user.name", UP, 2, ("to_app",)),
        ("user.name", DOWN, 1, ("to_chatgpt",)),
    ]
    assert "2 messages" in unused(history)[0].says("en")
    assert "2 messages" in unused(history)[0].says("fr")


@pytest.mark.parametrize(
    ("declared", "seen", "expected"),
    [
        ("user.contact", EMAIL, False),  # a part of it was seen
        ("user.location", "user.contact.address.city", False),
        (EMAIL, "user.contact", True),
        (EMAIL, EMAIL, False),
        ("none", EMAIL, False),
    ],
)
def test_a_category_is_used_when_a_part_of_it_is(declared: str, seen: str, *, expected: bool) -> None:
    history = History("crm", Declaration("crm", (declared,), ()), exchanges=(crossed(UP, seen),))
    assert bool(unused(history)) is expected


@pytest.mark.parametrize(
    ("recipient", "hosts_called", "expected"),
    [
        (Recipient("Mailer", hosts=("mail.example",)), ("mail.example",), None),
        (Recipient("Mailer", hosts=("*.mail.example",)), ("eu.mail.example",), None),
        (Recipient("Mailer", hosts=("mail.example",)), ("other.example",), (1, True)),
        (Recipient("Mailer", hosts=("mail.example",)), (), (0, False)),
        (Recipient("Mailer"), ("mail.example",), (1, False)),
    ],
)
def test_a_recipient_without_a_destination_is_unused_or_was_not_observable(
    recipient: Recipient, hosts_called: tuple[str, ...], expected: tuple[int, bool] | None
) -> None:
    seen = tuple(Observation(Seen.EGRESS, host) for host in hosts_called)
    rows = unused(History("crm", Declaration("crm", (), (), (recipient,)), observations=seen))
    assert [(one.what, one.seen_in, one.observable) for one in rows] == (
        [] if expected is None else [(What.RECIPIENT, *expected)]
    )


def test_without_a_declaration_nothing_is_unused() -> None:
    assert unused(History("crm", exchanges=(crossed(UP),))) == ()


DECLARED = Declaration(
    "crm",
    (EMAIL,),
    (),
    recipients=(
        Recipient("Mailer", hosts=("mail.example",), categories=("user.contact",)),
        Recipient("Storage", hosts=("*.store.example",)),
        Recipient("Books", hosts=("books.example",)),
    ),
    publisher=Party("Example CRM", hosts=("crm.example", "*.crm.example")),
    purposes=(Purpose("purpose/1", "books", to_app=(EMAIL,), recipients=("Books",)),),
    policy=Notice(statements=(Statement("policy/1", Says.DOES_NOT_COLLECT, "third party", (EMAIL,), ""),)),
)


@pytest.mark.parametrize(
    ("host", "whose", "by_declaration"),
    [
        ("mail.example", "Mailer", Label.VAGUE),
        ("eu.store.example", "Storage", Label.VAGUE),
        ("books.example", "Books", Label.CLEAR),
        ("api.crm.example", "we", None),
        ("unknown.example", None, Label.OMITTED),
    ],
)
def test_an_onward_flow_is_judged_by_whose_destination_it_is(
    host: str, whose: str | None, by_declaration: Label | None
) -> None:
    verdicts = judge_onward(EMAIL, host, DECLARED)
    assert owner(host, DECLARED) == whose
    labels = [(one.source, one.label) for one in verdicts]
    if by_declaration is None:
        assert labels == []
    else:
        assert labels == [(Source.DECLARATION, by_declaration), (Source.POLICY, Label.INCORRECT)]


def test_an_onward_flow_without_a_declaration_is_a_gap() -> None:
    assert [one.label for one in judge_onward(EMAIL, "mail.example", None)] == [Label.GAP]


@pytest.mark.parametrize("said", ["third party", "anyone"])
@pytest.mark.parametrize(
    ("role", "denied", "affirmed"),
    [
        ("controller", Label.INCORRECT, Label.VAGUE),
        ("", Label.INCORRECT, Label.VAGUE),
        ("processor", Label.OMITTED, Label.OMITTED),
    ],
)
def test_what_is_said_of_third_parties_is_not_said_of_a_processor(
    said: str, role: str, denied: Label, affirmed: Label
) -> None:
    whose = (Recipient("Mailer", role=role, hosts=("mail.example",), categories=(EMAIL,)),)
    for says, expected in ((Says.DOES_NOT_COLLECT, denied), (Says.COLLECTS, affirmed)):
        policy = Notice(statements=(Statement("policy/1", says, said, (EMAIL,), ""),))
        declaration = Declaration("crm", (EMAIL,), (), recipients=whose, policy=policy)
        assert [one.label for one in judge_onward(EMAIL, "mail.example", declaration)] == [Label.CLEAR, expected]


@pytest.mark.parametrize(
    ("name", "entity", "label"),
    [("Mailer", "Mailer", Label.INCORRECT), ("Segment", "analytics provider", Label.INCORRECT)],
)
def test_what_is_said_of_a_processor_or_its_kind_counts(name: str, entity: str, label: Label) -> None:
    policy = Notice(statements=(Statement("policy/1", Says.DOES_NOT_COLLECT, entity, (EMAIL,), ""),))
    whose = (Recipient(name, role="processor", hosts=("mail.example",), categories=(EMAIL,)),)
    declaration = Declaration("crm", (EMAIL,), (), recipients=whose, policy=policy)
    assert judge_onward(EMAIL, "mail.example", declaration)[1].label is label
