"""Counts under 5 are hidden under the profile audit, and nothing that is printed depends on them."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from douane.audit.exchange import Disclosure, Label, Outcome
from douane.audit.message import Direction, Gap
from douane.reports import few, html, json_, markdown, terminal
from douane.reports.findings import judged
from douane.reports.hidden import Few, cell, coarse, part
from douane.reports.i18n import Words
from douane.reports.model import Summary
from douane.reports.people import Under

AUDIT = Under(profile="audit")
FORMATS = {"html": html.render, "json": json_.render, "md": markdown.render, "terminal": terminal.render}


def audited(golden: Any, summary_of: Callable[..., Summary]) -> Summary:
    summary = summary_of(golden)
    found = judged(golden.ledger._db, [app.name for app in summary.apps])
    return few.shown(dataclasses.replace(summary, under=AUDIT, findings=found))


def filled(golden: Any, datum: Callable[..., Disclosure], small: int) -> None:
    """Ten e-mail addresses, `small` health data, some of each undeclared, all at one moment."""
    golden.step = 0.0
    email = datum("user.contact.email", "/params/arguments/to", Label.CLEAR, Label.CLEAR)
    health = datum("user.health_and_medical", "/params/arguments/why", Label.OMITTED, Label.OMITTED)
    back = datum("user.contact.phone_number", "/result/structuredContent/tel", Label.OMITTED, Label.CLEAR)
    gap = Gap("no-schema")
    golden.message("crm", Direction.TO_APP, "send", email, times=10, gaps=(gap,))
    golden.message("crm", Direction.TO_CHATGPT, "send", back, times=7)
    golden.message("crm", Direction.TO_APP, "send", health, times=small, gaps=(gap,))
    golden.message("crm", Direction.TO_APP, "send", email, times=6, outcome=Outcome.REFUSED)


@pytest.mark.promise("small-counts-hidden")
@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("form", list(FORMATS))
def test_no_format_prints_anything_that_depends_on_a_hidden_count(
    golden: Any, summary_of: Callable[..., Summary], make_datum: Callable[..., Disclosure], tmp_path: Any, form: str,
    lang: str,
) -> None:  # fmt: skip
    pages = []
    for small in (1, 2, 3, 4):
        other = type(golden)(tmp_path / f"{small}.db")
        filled(other, make_datum, small)
        pages.append(FORMATS[form](audited(other, summary_of), lang=lang))
        other.ledger.close()
    assert pages[0] == pages[1] == pages[2] == pages[3]
    assert any(text in pages[0] for text in ("< 5", "&lt; 5", "\\u003c 5"))


def test_other_profiles_show_every_count(
    golden: Any, summary_of: Callable[..., Summary], make_datum: Callable[..., Disclosure]
) -> None:
    filled(golden, make_datum, 3)
    summary = summary_of(golden)
    assert few.shown(summary) is summary
    flows = json_.document(summary)["apps"][0]["flows"]
    assert {flow["category"]: flow["disclosures"] for flow in flows}["user.health_and_medical"] == 3


def test_large_counts_stay_exact_where_nothing_is_hidden_beside_them(
    golden: Any, summary_of: Callable[..., Summary], make_datum: Callable[..., Disclosure]
) -> None:
    filled(golden, make_datum, 5)
    shown = json.loads(json_.render(audited(golden, summary_of)))
    assert sorted(flow["disclosures"] for flow in shown["apps"][0]["flows"]) == [5, 7, 10]
    assert shown["totals"]["disclosures"] == 22


def test_a_part_is_hidden_where_the_rest_of_the_whole_is_small() -> None:
    cases = [(0, 10), (3, 10), (6, 10), (8, 10), (10, 10), (5, 10)]
    assert [str(part(*one)) for one in cases] == ["0", "< 5", "≥ 6", "≥ 6", "10", "5"]


def test_a_part_that_is_none_is_never_told_as_some() -> None:
    assert [part(0, whole) for whole in range(12)] == [0] * 12


def test_sums_tell_no_more_than_their_parts() -> None:
    words = Words("fr")
    assert [str(sum(one)) for one in ([0, cell(3)], [cell(3), cell(1)], [cell(2), 1234], [cell(4), coarse(90)])] == [
        "< 5", "≥ 2", "≥ 1235", "≥ 6",
    ]  # fmt: skip
    assert words.number(sum([cell(2), 1234])) == "≥ 1\u202f235"
    assert (str(cell(2) - 0), str(coarse(9) - 2)) == ("< 5", "≥ 3")
    assert (int(cell(1)), int(cell(4)), cell(0), cell(5)) == (1, 1, 0, 5)
    assert Words("en").say("count.messages", Few(cell=True)) == "< 5 messages"
    assert [Words("en").say("count.messages", Few(least)) for least in (1, 2)] == ["≥ 1 message", "≥ 2 messages"]
    said = [words.say("count.disclosures", one).replace("\u202f", " ") for one in (Few(1), Few(2), Few(cell=True))]
    assert said == ["≥ 1 communication", "≥ 2 communications", "< 5 communications"]
