"""Categories that detection cannot tell apart are judged by what their place says, and the table holds them all."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from douane.audit import taxonomy
from douane.audit.declaration import Declaration, DeclaredField, DeclaredTool, Notice, Recipient, Says, Statement
from douane.audit.exchange import Label, Source
from douane.audit.guess import guessed
from douane.audit.history import Seen
from douane.audit.message import Direction
from douane.audit.onward import judge_onward, passed_on
from douane.audit.readings import apart, readings, table
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, declares, history, saw, tool
from douane.audit.rules.gdpr_unused import check_app
from douane.audit.subsumption import above
from douane.audit.verdicts import judge
from douane.detectors.registry import load_all
from douane.reports.dossier import dossier

ROOT = Path(__file__).parents[2]
UP, DOWN = Direction.TO_APP, Direction.TO_CHATGPT
JOB, WORK, FIRM = "user.job_title", "user.workplace", "user.contact.organization"
FAX, PHONE = "user.contact.fax_number", "user.contact.phone_number"
CITY, PLACE = "user.contact.address.city", "user.location.imprecise"


def reported() -> set[str]:
    """What the package's detectors give as an example, or name in their code and data."""
    files = [one for one in (ROOT / "detectors").rglob("*") if one.suffix in (".py", ".toml", ".txt")]
    text = "\n".join(one.read_text(encoding="utf-8") for one in files)
    named = set(re.findall(r"(?:user|system)(?:\.[a-z_]+)+", text))
    return {match.category for one in load_all() for match in one.MATCHES} | named


def test_every_category_is_found_found_as_another_or_listed_as_never_found() -> None:
    found = {key for one in reported() for key in above(one)}
    as_another, never = table()
    known = {one.key for one in taxonomy.categories()} - {"none", "unknown"}
    assert sorted(known - found - as_another.keys() - never) == []
    assert sorted(never & found) == []
    assert sorted(never & as_another.keys()) == []
    assert sorted((as_another.keys() | never) - known) == []
    assert sorted({one for keys in as_another.values() for one in keys} - found) == []


def test_the_page_lists_the_table() -> None:
    page = (ROOT / "docs" / "verdicts.md").read_text(encoding="utf-8")
    data = json.loads((ROOT / "audit" / "data" / "category_found.json").read_text(encoding="utf-8"))
    for key, row in data["found_as"].items():
        assert f"| `{key}` | {', '.join(f'`{one}`' for one in row['as'])} | {', '.join(row['words'])} |" in page
    assert [key for key in data["not_found"] if f"`{key}`" not in page] == []


@pytest.mark.parametrize(
    ("found", "path", "said", "expected"),
    [
        (WORK, ("params", "arguments", "job_title"), (), (JOB,)),
        (WORK, ("jobTitle", "0"), (), (JOB,)),
        (WORK, ("Intitulé de métier",), (), (JOB,)),
        (WORK, ("employer",), (), (FIRM,)),
        (WORK, ("bio",), (), ()),
        (WORK, ("bio",), (JOB,), (JOB,)),
        (WORK, (), (), ()),
        (PHONE, ("fax",), (), (FAX,)),
        (PHONE, ("phone",), (), ()),
        (PLACE, ("address", "city"), (), (CITY,)),
        ("user.contact.email", ("job_title",), (), ()),
    ],
)
def test_a_place_says_which_of_several_categories_was_found(
    found: str, path: tuple[str, ...], said: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert readings(found, path, said) == expected


def policy(*statements: tuple[Says, str]) -> Notice:
    return Notice(
        "https://example.org/privacy",
        statements=tuple(
            Statement(f"policy/{at}", says, "we", (category,), "…") for at, (says, category) in enumerate(statements, 1)
        ),
    )


@pytest.mark.parametrize(
    ("found", "pointer", "reached", "declared", "said", "labels"),
    [
        (WORK, f"{ARGS}/job_title", "", JOB, (Says.COLLECTS, JOB), (Label.CLEAR, Label.CLEAR)),
        (WORK, "/params/text", "json:/0/job_title", JOB, (Says.COLLECTS, JOB), (Label.CLEAR, Label.CLEAR)),
        (WORK, f"{ARGS}/job_title", "", WORK, (Says.COLLECTS, WORK), (Label.CLEAR, Label.CLEAR)),
        (WORK, f"{ARGS}/job_title", "", JOB, (Says.DOES_NOT_COLLECT, JOB), (Label.CLEAR, Label.INCORRECT)),
        (WORK, f"{ARGS}/employer", "", JOB, (Says.DOES_NOT_COLLECT, JOB), (Label.OMITTED, Label.OMITTED)),
        (WORK, f"{ARGS}/note", "", JOB, (Says.COLLECTS, JOB), (Label.OMITTED, Label.OMITTED)),
        (PHONE, f"{ARGS}/fax", "", FAX, (Says.DOES_NOT_COLLECT, FAX), (Label.CLEAR, Label.INCORRECT)),
        (PHONE, f"{ARGS}/fax", "", PHONE, (Says.DOES_NOT_COLLECT, PHONE), (Label.CLEAR, Label.INCORRECT)),
        (PLACE, f"{ARGS}/city", "", CITY, (Says.COLLECTS, "user.contact.address"), (Label.CLEAR, Label.VAGUE)),
    ],
)
def test_what_is_declared_or_denied_is_held_against_what_the_place_says(
    found: str, pointer: str, reached: str, declared: str, said: tuple[Says, str], labels: tuple[Label, Label]
) -> None:
    declaration = Declaration("app", (declared,), (), policy=policy(said))
    by = {one.source: one.label for one in judge(found, (), pointer, UP, None, declaration, reached=reached)}
    assert (by[Source.DECLARATION], by[Source.POLICY]) == labels


def test_a_declared_field_says_what_is_found_in_it_whatever_its_name() -> None:
    field = DeclaredField("tool/t/fields//what", "/what", (JOB,))
    declaration = Declaration("app", (JOB,), (), tools=(DeclaredTool("t", fields=(field,)),))
    by = judge(WORK, (), f"{ARGS}/what", UP, None, declaration, tool="t")
    assert [one.label for one in by if one.source is Source.DECLARATION] == [Label.CLEAR]


@pytest.mark.parametrize(
    ("declared", "pointer", "unused"),
    [
        (JOB, f"{ARGS}/job_title", False),
        (JOB, f"{ARGS}/note", False),
        (JOB, f"{ARGS}/employer", True),
        ("user.content.self_image", f"{ARGS}/job_title", False),
        (FAX, f"{ARGS}/job_title", True),
    ],
)
def test_what_is_found_as_another_category_is_not_unused(declared: str, pointer: str, *, unused: bool) -> None:
    seen = history(*(call("t", datum(WORK, pointer)) for _ in range(20)), declared=declares((declared,)))
    assert bool(list(check_app(seen))) is unused


def test_a_draft_and_a_dossier_name_a_field_once() -> None:
    schema = {"type": "object", "properties": {"job_title": {"type": "string"}}}
    (field,) = guessed(schema, {"/job_title": {WORK: 3}})
    assert [one.category for one in field.guesses] == [JOB]
    assert apart((WORK, JOB, "user.name")) == (JOB, "user.name")
    seen = history(answer("t", datum(WORK, f"{OUT}/job_title")), tools=[tool("t", returns=("job_title",))])
    assert [(one.place, one.category, one.seen) for one in dossier(seen, (), ()).fields] == [
        (f"{OUT}/job_title", JOB, 1)
    ]


_HOST = "mail-vendor.example"
_MAILER = (Recipient("Mailer", hosts=(_HOST,), categories=(JOB,)),)
_JOB_SAID = Statement("policy/1", Says.COLLECTS, "Mailer", (JOB,), "Mailer receives your job title.")


def test_what_is_passed_on_is_read_by_its_place_as_well() -> None:
    declared = declares(recipients=_MAILER, policy=Notice(statements=(_JOB_SAID,)))
    bare = judge_onward(WORK, _HOST, declared)
    by_place = judge_onward(WORK, _HOST, declared, (JOB,))
    assert [one.label for one in bare] == [Label.OMITTED, Label.OMITTED]
    assert [one.label for one in by_place] == [Label.CLEAR, Label.CLEAR]


def test_a_recipient_of_data_of_undetermined_kind_is_a_gap_and_an_unknown_one_is_not() -> None:
    declared = declares(recipients=_MAILER, policy=Notice(statements=(_JOB_SAID,)))
    assert [one.label for one in judge_onward("unknown.personal", _HOST, declared)] == [Label.GAP, Label.GAP]
    assert judge_onward("unknown.personal", "else.example", declared)[0].label is Label.OMITTED


@pytest.mark.parametrize(
    ("key", "fields", "labels"),
    [
        ("job_title", (), [Label.CLEAR]),
        ("note", (DeclaredField("tool/1", "/note", (JOB,)),), [Label.CLEAR]),
        ("note", (), [Label.OMITTED]),
    ],
)
def test_a_datum_that_left_is_read_by_where_chatgpt_had_put_it(
    key: str, fields: tuple[DeclaredField, ...], labels: list[Label]
) -> None:
    declared = declares((JOB,), recipients=_MAILER, tools=(DeclaredTool("hire", fields=fields),))
    seen = history(
        call("hire", datum(WORK, f"{ARGS}/{key}")), declared=declared, seen=[saw(Seen.EGRESS, _HOST, f"{WORK} #7")]
    )
    numbered = [replace(one, disclosure_ids=(7,)) for one in seen.exchanges]
    assert [one.label for one in passed_on(replace(seen, exchanges=tuple(numbered)))] == labels


def test_of_data_that_left_for_one_host_the_heaviest_is_told_once() -> None:
    declared = declares((JOB,), recipients=_MAILER)
    links = [saw(Seen.EGRESS, _HOST, f"{WORK} #{number}") for number in (7, 8)]
    seen = history(
        call("hire", datum(WORK, f"{ARGS}/job_title"), datum(WORK, f"{ARGS}/note")), declared=declared, seen=links
    )
    numbered = [replace(one, disclosure_ids=(7, 8)) for one in seen.exchanges]
    (one,) = passed_on(replace(seen, exchanges=tuple(numbered)))
    assert (one.label, one.disclosures, one.times) == (Label.OMITTED, (8,), 1)
