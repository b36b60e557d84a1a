"""What a verdict rests on is told in French as it is in English, sentence by sentence."""

import re

import pytest

from douane.audit import taxonomy
from douane.audit.context import ToolSchema
from douane.audit.declaration import (
    FIRST_PARTY,
    Declaration,
    DeclaredField,
    DeclaredTool,
    Notice,
    Recipient,
    Says,
    Statement,
)
from douane.audit.exchange import Label, Verdict
from douane.audit.message import Direction
from douane.audit.onward import judge_onward
from douane.audit.rules.examples import ARGS, declares
from douane.audit.verdicts import judge
from douane.reports.i18n import Words
from douane.reports.reasons import in_french

EMAIL, CONTACT, NAME, HOST = "user.contact.email", "user.contact", "user.name", "mail-vendor.example"
UP, DOWN = Direction.TO_APP, Direction.TO_CHATGPT


def said(says: Says, category: str, entity: str = FIRST_PARTY, number: int = 1) -> Statement:
    return Statement(f"policy/{number}", says, entity, (category,), "")


def sources(*statements: Statement, into: tuple[str, ...] = (), fields: tuple[str, ...] = ()) -> Declaration:
    tools = (DeclaredTool("t", fields=(DeclaredField("tool/t/fields/x", "/x", fields),)),) if fields else ()
    return Declaration("app", into, (), tools=tools, policy=Notice(statements=statements))


def of_place(schema: object, category: str = EMAIL, flags: tuple[str, ...] = (), declared: Declaration | None = None):
    known = ToolSchema("t", schema if isinstance(schema, dict) else None)
    return judge(category, flags, f"{ARGS}/x", UP, known, declared, method="tools/call", tool="t")


def every() -> list[Verdict]:
    yes, no = Says.COLLECTS, Says.DOES_NOT_COLLECT
    mailer = (Recipient("Mailer, SAS", hosts=(HOST,), categories=(CONTACT,)),)
    out: list[Verdict] = []
    out += of_place(None)
    out += judge(EMAIL, (), f"{ARGS}/x", UP, None, None, method="tools/call", tool="t")
    for words in ({}, {"type": "object"}, {"x-data-categories": [EMAIL]}, {"x-data-categories": [CONTACT]}):
        out += of_place({"properties": {"x": {"type": "string", **words}}})
    out += of_place({"properties": {"x": {"x-data-categories": [NAME, "user.device"]}}})
    out += judge(EMAIL, (), f"{ARGS}/x/y", UP, ToolSchema("t", {"properties": {"x": {}}}), None, tool="t")
    out += of_place({"properties": {"y": {}}})
    restricted = [one.key for one in taxonomy.categories() if taxonomy.restricted(one.flags)]
    for category in (*restricted, "user.content.conversation"):
        out += of_place({}, category, taxonomy.flags(category))
    for category in (EMAIL, "unknown.personal", CONTACT):
        out += of_place({}, category, declared=sources(said(yes, NAME), into=(EMAIL,)))
    out += of_place({}, declared=sources(into=(CONTACT,)))
    out += of_place({}, declared=sources(into=(CONTACT,), fields=(NAME, "user.device")))
    out += of_place({}, declared=sources(fields=(EMAIL,)))
    out += of_place({}, declared=sources(fields=(CONTACT,)))
    for statements in (
        (said(no, EMAIL),),
        (said(yes, EMAIL),),
        (said(yes, CONTACT),),
        (said(yes, EMAIL), said(no, EMAIL, number=2)),
        (said(yes, CONTACT), said(no, EMAIL, number=2)),
    ):
        out += of_place({}, declared=sources(*statements))
    for recipients in ((), mailer, (Recipient("Mailer", hosts=(HOST,)),)):
        policy = Notice(statements=(said(yes, EMAIL, "third party"), said(no, NAME, "third party", 2)))
        declared = declares(recipients=recipients, policy=policy)
        for category in (EMAIL, CONTACT, NAME, "user.device"):
            out += judge_onward(category, HOST, declared)
    return out


@pytest.mark.parametrize("reason", sorted({one.reason for one in every()}))
def test_every_reason_has_its_french_sentence_with_the_same_categories(reason: str) -> None:
    french = in_french(reason, Words("fr"))
    assert french is not None
    keys = re.compile(r"\b(?:user|system|unknown)(?:\.[a-z_]+)+")
    assert sorted(keys.findall(french)) == sorted(keys.findall(reason))
    assert not re.search(r"\b(?:the|says|names|collects?|of|place)\b", french)
    assert ("Mailer" in french) == ("Mailer" in reason)


def test_every_label_is_among_them() -> None:
    assert {one.label for one in every()} == set(Label)


def test_a_sentence_that_is_none_of_ours_has_no_translation() -> None:
    assert in_french("as told", Words("fr")) is None
    assert in_french("", Words("fr")) is None
