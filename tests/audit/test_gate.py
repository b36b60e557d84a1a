"""Findings of the gate: each fault once, named the same from run to run, whatever the order."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit.declaration import Declaration, Notice, Purpose, Recipient, Says, Statement
from douane.audit.exchange import Label, Outcome
from douane.audit.fingerprints import fingerprint, of_purpose
from douane.audit.gate import Anchor, Result, anchored, fails, results
from douane.audit.history import History, Observation, Seen
from douane.audit.message import Direction
from douane.audit.planted import PLANTED
from douane.audit.rules.base import Severity
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, declares, history, purpose
from douane.audit.rules.registry import check_all

EMAIL, CARD, NAME = "user.contact.email", "user.financial.credit_card", "user.name"


def numbered(seen: History) -> History:
    """The history with an id for every disclosure, as the ledger gives them."""
    exchanges = tuple(
        replace(one, disclosure_ids=tuple(one.id * 10 + at for at in range(len(one.exchange.disclosures))))
        for one in seen.exchanges
    )
    return replace(seen, exchanges=exchanges)


def found(seen: History) -> list[Result]:
    return results(seen, check_all(seen))


def told(some: list[Result], pack: str = "verdict") -> list[tuple[str, str, str, int]]:
    return [(one.rule.id, one.tool, one.place, one.count) for one in some if one.rule.id.startswith(f"{pack}/")]


def test_a_fault_is_one_finding_however_often_and_in_whichever_row_it_was_seen() -> None:
    rows = [
        answer("find", datum(EMAIL, f"{OUT}/rows/{at}/email", declaration=Label.OMITTED), datum(NAME, f"{OUT}/name"))
        for at in range(3)
    ]
    seen = numbered(history(*rows))
    assert told(found(seen)) == [("verdict/omitted", "find", f"{OUT}/rows/*/email", 3)]
    one = found(seen)[0]
    assert (one.disclosures, one.first_at, one.last_at) == (
        (10, 20, 30),
        "2026-11-22T10:00:01.000Z",
        "2026-11-22T10:00:03.000Z",
    )


def test_the_evidence_of_a_rule_is_its_hits_and_not_what_others_said_at_the_same_place() -> None:
    therapy = "user.health_and_medical"
    seen = numbered(
        history(
            call("note", datum(therapy, f"{ARGS}/text")),
            call("note", datum(therapy, f"{ARGS}/text", minor=True), datum(therapy, f"{ARGS}/text")),
            call("note", datum(therapy, f"{ARGS}/text")),
        )
    )
    one = next(one for one in found(seen) if one.rule.id == "gdpr/minor")
    assert (one.count, one.disclosures) == (1, (20,))
    assert one.first_at == one.last_at == "2026-11-22T10:00:02.000Z"


def test_the_evidence_of_a_rule_that_looks_at_a_category_is_every_place_of_it() -> None:
    seen = numbered(history(call("a", datum(NAME, f"{ARGS}/x")), call("b", datum(NAME, f"{ARGS}/y"))))
    seen = replace(seen, declaration=declares((NAME,), purposes=(purpose(EMAIL),)))
    one = next(one for one in found(seen) if one.rule.id == "gdpr/no-purpose")
    assert (one.count, one.disclosures) == (2, (10, 20))


@pytest.mark.parametrize(
    "other",
    [
        call("find", datum(EMAIL, f"{ARGS}/email", declaration=Label.OMITTED)),
        answer("search", datum(EMAIL, f"{OUT}/email", declaration=Label.OMITTED)),
        answer("find", datum(EMAIL, f"{OUT}/mail", declaration=Label.OMITTED)),
        answer("find", datum(NAME, f"{OUT}/email", declaration=Label.OMITTED)),
        answer("find", datum(EMAIL, f"{OUT}/email", declaration=Label.VAGUE)),
    ],
    ids=["the other way", "another tool", "another place", "another category", "another label"],
)
def test_what_differs_is_another_finding(other: object) -> None:
    first = answer("find", datum(EMAIL, f"{OUT}/email", declaration=Label.OMITTED))
    some = found(history(first, other))  # type: ignore[arg-type]
    assert len(told(some)) == 2
    assert len({one.fingerprint for one in some}) == len(some)


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.FAILED, Outcome.UNKNOWN])
def test_what_was_not_delivered_is_no_finding(outcome: Outcome) -> None:
    assert found(history(call("find", datum(EMAIL, ARGS, declaration=Label.OMITTED), outcome=outcome))) == []


@pytest.mark.parametrize("label", [Label.CLEAR, Label.GAP])
def test_what_is_declared_or_compared_with_nothing_is_no_finding(label: Label) -> None:
    assert told(found(history(call("find", datum(EMAIL, ARGS, declaration=label))))) == []


def test_what_a_rule_forbids_is_not_told_twice() -> None:
    some = found(history(call("pay", datum(CARD, f"{ARGS}/card", platform=Label.PROHIBITED))))
    assert told(some) == []
    assert [one.rule.label for one in some if one.rule.id == "openai/payment-card"] == [Label.PROHIBITED]


def test_what_no_rule_tells_stays_a_verdict() -> None:
    seen = history(call("pay", datum(CARD, f"{ARGS}/card", platform=Label.PROHIBITED)))
    assert told(results(seen, ())) == [("verdict/prohibited", "pay", f"{ARGS}/card", 1)]


def test_the_sentences_name_the_sources_at_fault_in_both_languages() -> None:
    seen = history(
        call("find", datum(EMAIL, f"{ARGS}/q", schema=Label.OMITTED, declaration=Label.OMITTED, policy=Label.CLEAR))
    )
    one = next(one for one in found(seen) if one.rule.id == "verdict/omitted")
    assert one.says.en.endswith(f"at {ARGS}/q: nothing about it was found in the tool's schema and the declaration.")
    assert one.says.fr.endswith(
        f"à {ARGS}/q : rien à ce sujet n’a été trouvé dans le schéma de l’outil et la déclaration."
    )


exchanges = st.lists(
    st.builds(
        lambda tool, category, at, label, out: (answer if out else call)(
            tool, datum(category, f"{OUT if out else ARGS}/rows/{at}/x", declaration=label)
        ),
        st.sampled_from(["find", "pay"]),
        st.sampled_from([EMAIL, CARD, NAME]),
        st.integers(0, 3),
        st.sampled_from(list(Label)),
        st.booleans(),
    ),
    max_size=8,
)


@given(exchanges, st.randoms(use_true_random=False))
def test_findings_do_not_depend_on_the_order(some: list, chance: random.Random) -> None:  # type: ignore[type-arg]
    seen = numbered(history(*some))
    shuffled = list(seen.exchanges)
    chance.shuffle(shuffled)
    again = replace(seen, exchanges=tuple(shuffled))
    assert found(again) == found(seen)
    assert len({one.fingerprint for one in found(seen)}) == len(found(seen))


@given(st.tuples(*[st.text(max_size=6)] * 5), st.tuples(*[st.text(max_size=6)] * 5))
def test_fingerprints_of_other_parts_differ(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    def of(parts: tuple[str, ...]) -> str:
        return fingerprint(parts[0], parts[1], tool=parts[2], place=parts[3], category=parts[4])

    assert (of(one) == of(other)) == (one == other)


def test_a_fingerprint_is_as_it_was_written_in_waivers() -> None:
    assert (
        fingerprint(
            "verdict/omitted",
            "crm",
            tool="find",
            place="/params/arguments/q",
            category=EMAIL,
            direction=Direction.TO_APP,
        )
        == "b259c6fae0ea020393262333cb815f7b"
    )


def one_of(label: Label) -> Result:
    return results(history(call("find", datum(EMAIL, ARGS, declaration=label))), ())[0]


@pytest.mark.parametrize(
    ("wanted", "failing"),
    [
        ((), ""),
        (("error",), "prohibited incorrect omitted"),
        (("warning",), "prohibited incorrect omitted ambiguous"),
        (("note",), "prohibited incorrect omitted ambiguous vague"),
        (("vague",), "vague"),
        (("error", "vague"), "prohibited incorrect omitted vague"),
        (("verdict/ambiguous",), "ambiguous"),
        (("openai/undisclosed",), ""),
    ],
)
def test_a_gate_fails_on_severities_and_above_on_labels_and_on_rules(wanted: tuple[str, ...], failing: str) -> None:
    labels = [Label.PROHIBITED, Label.INCORRECT, Label.OMITTED, Label.AMBIGUOUS, Label.VAGUE]
    assert " ".join(label.value for label in labels if fails(one_of(label), wanted)) == failing


LINES = {"app": 2, "to_app": 3, "tool/find": 9, "tool/find/fields/q": 11, "policy/1": 20}


@pytest.mark.parametrize(
    ("lines", "statements", "line"),
    [
        (LINES, ("policy/1",), 20),
        (LINES, ("policy/9",), 11),
        ({"app": 2, "to_app": 3, "tool/find": 9}, (), 9),
        ({"app": 2, "to_app": 3}, (), 3),
        ({"app": 2}, (), 2),
        ({}, (), 1),
    ],
)
def test_a_finding_lies_at_the_line_that_speaks_of_it_most_closely(
    lines: dict[str, int], statements: tuple[str, ...], line: int
) -> None:
    seen = history(call("find", datum(EMAIL, f"{ARGS}/q", declaration=Label.OMITTED)))
    one = replace(results(seen, ())[0], statements=statements)
    declared = replace(declares(), lines=lines)
    assert isinstance(declared, Declaration)
    assert anchored(one, declared, "crm.yaml", ("", {})).anchor == Anchor("crm.yaml", line)


def test_without_a_declaration_a_finding_lies_at_the_tool() -> None:
    one = one_of(Label.OMITTED)
    assert anchored(one, None, "", ("tools.json", {"find": 7})).anchor == Anchor("tools.json", 7)
    assert anchored(one, None, "", ("", {})).anchor is None


def test_errors_come_first() -> None:
    seen = history(
        call("a", datum(EMAIL, ARGS, declaration=Label.VAGUE)), call("b", datum(EMAIL, ARGS, declaration=Label.OMITTED))
    )
    assert [one.severity for one in results(seen, ())] == [Severity.ERROR, Severity.NOTE]


def test_what_an_exercise_planted_is_no_finding_and_what_comes_back_of_it_is() -> None:
    place = f"{ARGS}/{PLANTED}/user_email"
    planted = call(
        "find", datum(EMAIL, place, schema=Label.OMITTED), datum(CARD, f"{ARGS}/{PLANTED}", platform=Label.PROHIBITED)
    )
    assert found(history(planted)) == []
    back = answer("find", datum(EMAIL, f"{OUT}/{PLANTED}/user_email", schema=Label.OMITTED))
    assert told(found(history(planted, back))) == [("verdict/omitted", "find", f"{OUT}/{PLANTED}/user_email", 1)]
    beside = call("find", datum(EMAIL, f"{ARGS}/{PLANTED}_2", schema=Label.OMITTED))
    assert told(found(history(beside))) == [("verdict/omitted", "find", f"{ARGS}/{PLANTED}_2", 1)]


def called(name: str, *categories: str, **more: str) -> Purpose:
    return replace(purpose(*categories, **more), name=name)


def of_purposes(*purposes: Purpose) -> dict[str, str]:
    """The fingerprints of the findings on purposes, by what they say."""
    numbered = tuple(replace(one, id=f"purpose/{at}") for at, one in enumerate(purposes, 1))
    some = found(history(declared=declares(purposes=numbered)))
    return {f"{one.rule.id} {one.says.en}": one.fingerprint for one in some if one.place.startswith("purpose/")}


def test_purposes_that_change_places_keep_their_fingerprints() -> None:
    first, second = (called(name, NAME, retention="", legal_basis="") for name in ("Find", "Bill"))
    kept, other = called("Ask", NAME), called("", EMAIL, register_ref="12", retention="")
    before = of_purposes(first, second)
    assert len(set(before.values())) == len(before) == 4
    assert of_purposes(second, first) == of_purposes(kept, second, first) == before
    for alone in (other, replace(other, register_ref="", data_use="essential.service")):
        assert [*of_purposes(alone).values()] == [*of_purposes(kept, alone).values()]
    assert [*of_purposes(other).values()] != [*of_purposes(replace(other, register_ref="13")).values()]


def test_purposes_that_are_called_alike_stay_apart() -> None:
    twice = called("Find", NAME, retention="")
    some = found(history(declared=declares(purposes=(replace(twice, id="purpose/1"), replace(twice, id="purpose/2")))))
    assert len({one.fingerprint for one in some if one.rule.id == "gdpr/retention"}) == 2


def test_a_transfer_of_a_purpose_is_named_by_it() -> None:
    some = (replace(called("Find", NAME), id="purpose/7"),)
    assert of_purpose("purpose/7 organisation Cloud US", some) == of_purpose(
        "purpose/1 organisation Cloud US", (replace(some[0], id="purpose/1"),)
    )
    assert [of_purpose(place, some) for place in ("purpose/8 x", "policy/1", "")] == ["purpose/8 x", "policy/1", ""]


def test_what_is_passed_on_is_a_finding_with_its_evidence_and_the_denying_statement_s_line() -> None:
    never = Statement("policy/1", Says.DOES_NOT_COLLECT, "third party", ("user",), "We never share personal data.")
    sent = [
        Observation(Seen.EGRESS, "mail-vendor.example", detail, tool, count, first, last)
        for detail, tool, count, first, last in (
            ("", None, 5, "2026-11-22T10:00:01.000Z", "2026-11-22T10:00:09.000Z"),
            (EMAIL, None, 5, "2026-11-22T10:00:01.000Z", "2026-11-22T10:00:09.000Z"),
            (f"{EMAIL} #12", "invite", 2, "2026-11-22T10:00:05.000Z", "2026-11-22T10:00:09.000Z"),
            (f"{EMAIL} #7", "find", 3, "2026-11-22T10:00:01.000Z", "2026-11-22T10:00:03.000Z"),
        )
    ]
    whose = (Recipient("Mailer", role="controller", hosts=("mail-vendor.example",), categories=(EMAIL,)),)
    declared = declares(recipients=whose, policy=Notice(statements=(never,)), lines={"policy/1": 9, "recipients": 3})
    (one,) = [one for one in found(history(seen=sent, declared=declared)) if one.rule.id == "gdpr/onward"]
    assert (one.severity, one.count, one.disclosures) == (Severity.ERROR, 5, (7, 12))
    assert (one.first_at, one.last_at) == ("2026-11-22T10:00:01.000Z", "2026-11-22T10:00:09.000Z")
    assert one.why[1].startswith("policy: incorrect: ")
    assert anchored(one, declared, "app.yaml", ("", {})).anchor == Anchor("app.yaml", 9)
    assert one.says.en == (
        "“E-mail address”, received from ChatGPT, left the app for mail-vendor.example, 5 time(s): the contrary is "
        "stated by the privacy policy."
    )
    other = replace(declared, recipients=(), policy=None)
    (nobody,) = [one for one in found(history(seen=sent, declared=other)) if one.rule.id == "gdpr/onward"]
    assert nobody.fingerprint == one.fingerprint
    assert anchored(nobody, other, "app.yaml", ("", {})).anchor == Anchor("app.yaml", 3)


def test_an_undeclared_destination_counts_calls_and_not_what_was_found_in_them() -> None:
    rows = (("", 2), (EMAIL, 2), (NAME, 2), (f"{EMAIL} #1", 1), (f"{EMAIL} #4", 1), (f"{NAME} #2", 2))
    sent = [Observation(Seen.EGRESS, "mail-vendor.example", detail, "find" if "#" in detail else None, count)
            for detail, count in rows]  # fmt: skip
    asks = [Observation(Seen.URL_ASKS, "forms.example.net", detail, "book", count)
            for detail, count in (("", 1), (EMAIL, 3), (NAME, 2))]  # fmt: skip
    some = [one for one in found(history(seen=[*sent, *asks], declared=declares())) if one.rule.id == "gdpr/recipient"]
    assert [(one.place, one.tool, one.count) for one in some] == [
        ("egress mail-vendor.example", "", 2),
        ("url-asks forms.example.net", "book", 4),
    ]
