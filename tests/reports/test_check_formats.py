"""Every format of a check tells the same findings; SARIF keeps to its schema; no name breaks out of a format."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from douane.audit.exchange import Label
from douane.audit.gate import VERDICT_RULES, Anchor, Result, Unjudged, facts_of, results
from douane.audit.history import Observation, Seen
from douane.audit.rules.base import Text
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, declares, history, tool
from douane.audit.rules.registry import check_all, load_all
from douane.audit.waivers import Waiver
from douane.ledger.reviews import Review, State
from douane.reports import check_json, check_text, github, junit, sarif
from douane.reports.checked import Checked
from douane.reports.dossier import Status, dossier
from douane.reports.dossier_pages import render as render_dossier
from douane.reports.grounds import GROUNDS

SCHEMA = json.loads((Path(__file__).parent.parent / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
_SUPPRESSION = SCHEMA["definitions"]["suppression"]["properties"]
_SUPPRESSION["status"] = _SUPPRESSION.pop("state")  # renamed between the draft in tests/data and the standard
EMAIL = "user.contact.email"
FORMATS: dict[str, Callable[..., str]] = {
    "text": check_text.render,
    "json": check_json.render,
    "sarif": sarif.render,
    "junit": junit.render,
    "github": github.render,
}


def a_check(tool_name: str = "find", app: str = "crm", file: str = "crm.yaml", reason: str = "Mended soon.") -> Checked:
    seen = replace(
        history(
            call(tool_name, datum(EMAIL, f"{ARGS}/q", declaration=Label.OMITTED)),
            answer(tool_name, datum("user.name", f"{OUT}/name", declaration=Label.VAGUE)),
            tools=[tool(tool_name, "q")],
            declared=declares(),
        ),
        app=app,
    )
    found = tuple(replace(one, anchor=Anchor(file, 7)) for one in results(seen, check_all(seen)))
    waived = next(one for one in found if one.rule.id == "verdict/vague")
    return Checked(
        apps=(app,),
        results=found,
        unjudged=(Unjudged(app, "gaps", Text(f"{app}: 2 lost.", f"{app} : 2 perdus.")),),
        waived={
            waived.fingerprint: Waiver(waived.fingerprint, waived.rule.id, app, reason, "Léa Martin", "2027-01-31")
        },
        rules=(*map(facts_of, load_all()), *VERDICT_RULES.values()),
        exchanges={app: 2},
        gaps={app: {"too-large": 2}},
        versions={"douane": "0.1.0", "taxonomy": "t/1", "rules": "2026-11-22"},
        made_at="2026-11-22T10:00:00Z",
    )


def fingerprints(checked: Checked) -> list[str]:
    return [one.fingerprint for one in checked.results]


VALIDATOR = jsonschema.Draft4Validator(SCHEMA)


def valid(log: Any) -> None:
    VALIDATOR.validate(log)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_sarif_keeps_to_its_schema_and_names_every_finding_by_its_fingerprint(lang: str) -> None:
    checked = a_check()
    log = json.loads(sarif.render(checked, lang=lang))
    valid(log)
    run = log["runs"][0]
    assert [one["partialFingerprints"]["douane/v1"] for one in run["results"]] == fingerprints(checked)
    assert [run["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] for one in run["results"]] == [
        one["ruleId"] for one in run["results"]
    ]
    assert {
        (where["artifactLocation"]["uri"], where["region"]["startLine"])
        for one in run["results"]
        for where in [one["locations"][0]["physicalLocation"]]
    } == {("crm.yaml", 7)}
    assert [len(one.get("suppressions", ())) for one in run["results"]] == [
        int(one.fingerprint in checked.waived) for one in checked.results
    ]


def test_what_the_schema_forbids_is_noticed() -> None:
    log = json.loads(sarif.render(a_check()))
    log["runs"][0]["results"][0]["level"] = "violation"
    with pytest.raises(jsonschema.ValidationError):
        valid(log)


def test_every_rule_of_sarif_says_what_it_is_how_to_mend_it_and_where_it_comes_from() -> None:
    rules = json.loads(sarif.render(a_check()))["runs"][0]["tool"]["driver"]["rules"]
    assert len(rules) == len(load_all()) + len(VERDICT_RULES)
    for rule in rules:
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert rule["properties"]["title"]["fr"] != rule["properties"]["title"]["en"]
        assert "{" not in rule["help"]["text"]


def test_junit_counts_what_fails_what_is_skipped_and_what_found_nothing() -> None:
    checked = a_check()
    root = ET.fromstring(junit.render(checked))
    suite = root.find("testsuite")
    assert suite is not None
    assert int(suite.attrib["failures"]) == len(checked.failing) == len(suite.findall("testcase/failure"))
    assert int(suite.attrib["skipped"]) == len(suite.findall("testcase/skipped"))
    assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
    passed = {case.attrib["name"] for case in suite.findall("testcase") if len(case) == 0}
    assert "openai/conversation" in passed
    assert "verdict/omitted" not in passed


def test_an_app_that_could_not_be_judged_passes_nothing() -> None:
    fatal = Unjudged("crm", "no-traffic", Text("crm: no traffic.", "crm : aucun trafic."), fatal=True)
    checked = replace(a_check(), results=(), waived={}, unjudged=(fatal,))
    root = ET.fromstring(junit.render(checked))
    assert [case.attrib["name"] for case in root.iter("testcase")] == ["not-judged/no-traffic"]
    assert root.attrib["errors"] == "1"
    assert json.loads(sarif.render(checked))["runs"][0]["invocations"][0]["executionSuccessful"] is False
    assert github.render(checked).startswith("::error title=douane check::crm: no traffic.")
    assert json.loads(check_json.render(checked))["outcome"] == "could-not-judge"


def test_github_annotates_open_findings_and_leaves_waived_ones_out() -> None:
    checked = a_check()
    lines = github.render(checked).splitlines()
    assert [line for line in lines if line.startswith("::error file=crm.yaml,line=7,title=verdict/omitted (crm)::")]
    assert not [line for line in lines if "verdict/vague" in line]


def test_json_says_of_each_finding_whether_it_fails_and_who_waived_it() -> None:
    told = json.loads(check_json.render(a_check()))
    by_rule = {one["rule"]: one for one in told["findings"]}
    assert by_rule["verdict/omitted"]["failing"] is True
    assert by_rule["verdict/vague"]["waiver"] == {"reason": "Mended soon.", "by": "Léa Martin", "expires": "2027-01-31"}
    assert told["not_judged"][0]["code"] == "gaps"


@pytest.mark.parametrize(("lang", "told"), [("en", "called a false alarm by"), ("fr", "qualifié de fausse alerte par")])
def test_what_a_person_said_of_a_finding_is_told_and_changes_no_outcome(lang: str, told: str) -> None:
    checked = a_check()
    one = next(one.fingerprint for one in checked.failing)
    review = Review("2026-11-22T10:02:00.000Z", "Léa <Martin>", "dpo", one, State.FALSE_ALARM, "a tes\u202et")
    with_review = replace(checked, reviews={one: review})
    assert with_review.outcome is checked.outcome
    log = sarif.log(with_review, lang=lang)
    VALIDATOR.validate(log)
    results = {each["partialFingerprints"]["douane/v1"]: each for each in log["runs"][0]["results"]}
    assert results[one]["properties"]["review"] == {
        "state": "false-alarm", "by": "Léa <Martin>", "role": "dpo", "at": review.at, "note": "a tes\ufffdt",
    }  # fmt: skip
    assert "suppressions" not in results[one]
    assert [key for key, each in results.items() if "review" in each["properties"]] == [one]
    before, after = (ET.fromstring(junit.render(each, lang=lang)) for each in (checked, with_review))
    assert (after.attrib, len(list(before.iter("properties")))) == (before.attrib, 0)
    (case,) = [case for case in after.iter("testcase") if case.find("properties") is not None]
    assert [inner.tag for inner in case] == ["properties", "failure"]
    (said,) = [each.attrib["value"] for each in case.iter("property") if each.attrib["name"] == "review"]
    assert said.startswith(f"{told} Léa <Martin>, ")
    assert said.endswith("a tes\ufffdt")
    assert "22" in said


def test_french_lines_agree_with_their_counts_and_write_days_the_french_way() -> None:
    checked = a_check()
    said = check_text.render(checked, lang="fr")
    assert "2 messages jugés" in said
    assert "jusqu’au 31/01/2027" in said
    assert "règles 22/11/2026" in said
    assert not re.search(r"\(s\)|2027-01|2026-11", said)
    failing, opened = len(checked.failing), len(checked.open)
    assert f"{failing} écart{'s' * (failing > 1)} bloquant{'s' * (failing > 1)} (--fail-on error)" in said
    assert f"{opened} ouvert{'s' * (opened > 1)} en tout" in said
    alone = replace(checked, exchanges={"crm": 1}, results=checked.failing[:1], waived={})
    assert "1 message jugé\n" in check_text.render(alone, lang="fr")
    assert "1 finding fails the gate (--fail-on error), 1 open in all" in check_text.render(alone)


CLAIMS = re.compile(r"violat|compliant|conforme|illegal|illégal|anonym", re.IGNORECASE)


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("name", ["text", "github", "junit"])
def test_no_format_claims_more_than_was_seen(name: str, lang: str) -> None:
    told = FORMATS[name](a_check(), lang=lang)
    assert CLAIMS.findall(told) == []
    if name == "text":
        assert ("was not observed" in told) == (lang == "en")
        assert ("n’a pas été observé" in told) == (lang == "fr")


odd = st.text(st.characters(codec=None), max_size=30)


@settings(max_examples=15)
@given(odd, odd, odd, odd)
def test_no_name_breaks_out_of_a_format(tool_name: str, app: str, file: str, reason: str) -> None:
    checked = replace(a_check(tool_name, app, f"{file}.yaml", reason), rules=())
    plain = len(check_text.render(a_check()).splitlines())
    assert len(check_text.render(checked).splitlines()) == plain
    assert len(github.render(checked).splitlines()) == len(github.render(a_check()).splitlines())
    valid(json.loads(sarif.render(checked)))
    ET.fromstring(junit.render(checked).encode("utf-8"))
    assert len(json.loads(check_json.render(checked))["findings"]) == len(checked.results)


def the_dossier(declared: bool = True, called: str = "find") -> Any:
    quoted = declares(to_chatgpt=("user.name",)) if declared else None
    seen = replace(
        history(
            call(called, datum(EMAIL, f"{ARGS}/q", declaration=Label.OMITTED)),
            answer(called, datum(EMAIL, f"{OUT}/rows/0/email", declaration=Label.OMITTED)),
            tools=[tool(called, "q", returns=("phone_number",), readOnlyHint=True)],
            declared=quoted,
            seen=[Observation(Seen.CSP_CONNECT, "api.example.org", "ui://crm/card.html")],
        ),
        app="crm",
    )
    found: list[Result] = results(seen, check_all(seen))
    return dossier(seen, found, ()), replace(a_check(), results=tuple(found))


def test_a_dossier_has_every_field_seen_or_listed_every_hint_and_every_ground() -> None:
    made, _ = the_dossier()
    assert [(one.place, one.category, one.seen) for one in made.fields] == [
        (f"{OUT}/phone_number", "user.contact.phone_number", 0),
        (f"{OUT}/rows/*/email", EMAIL, 1),
    ]
    assert all(one.quotes or one.add for one in made.fields)
    assert {(one.hint, one.value) for one in made.hints} == {
        ("readOnlyHint", True),
        ("destructiveHint", None),
        ("openWorldHint", None),
        ("idempotentHint", None),
    }
    assert [(one.host, one.widget) for one in made.hosts] == [("api.example.org", "ui://crm/card.html")]
    assert [row.ground.id for row in made.grounds] == [ground.id for ground in GROUNDS]
    by_id = {row.ground.id: row.status for row in made.grounds}
    assert (by_id["undisclosed"], by_id["annotations"]) == (Status.FAIL, Status.FAIL)
    assert (by_id["fair-play"], by_id["drift"]) == (Status.NOT_OBSERVED, Status.NOT_OBSERVED)
    assert (by_id["tokens-in-urls"], made.fails) == (Status.PASS, True)


def test_without_a_declaration_a_dossier_passes_nothing_that_needs_one() -> None:
    made, _ = the_dossier(declared=False)
    by_id = {row.ground.id: row.status for row in made.grounds}
    assert (by_id["undisclosed"], by_id["policy-content"]) == (Status.NOT_OBSERVED, Status.NOT_OBSERVED)


def test_every_rule_of_a_ground_is_one_of_the_registry() -> None:
    known = {rule.id for rule in load_all()} | {rule.id for rule in VERDICT_RULES.values()}
    assert {rule for ground in GROUNDS for rule in ground.rules} <= known


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("form", ["text", "md", "html", "json"])
def test_a_dossier_can_be_read_in_every_form(form: str, lang: str) -> None:
    made, checked = the_dossier()
    told = render_dossier([made], checked, form, lang=lang)
    assert CLAIMS.findall(told) == []
    if form == "json":
        assert json.loads(told)["apps"][0]["grounds"][0]["outcome"] == "fail"
        return
    heads = {"en": "Grounds for rejection", "fr": "Motifs de rejet"}
    assert heads[lang] in told
    assert ("[…]" in told.replace("\\", "")) is True
    if form == "html":
        assert told.count("<table>") == told.count("</table>") == 4


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("form", ["text", "md", "html", "json"])
@pytest.mark.parametrize("called", ["{key}", "{0}", "{", "}{", "{tool!r:9}"])
def test_a_dossier_tells_a_tool_whose_name_has_braces(called: str, form: str, lang: str) -> None:
    made, checked = the_dossier(called=called)
    told = render_dossier([made], checked, form, lang=lang)
    assert called in told.replace("\\", "")


def test_a_french_dossier_quotes_as_french_does() -> None:
    made, checked = the_dossier()
    field = replace(made.fields[0], quotes=(("policy/1", "Nous lisons votre adresse."),), add=None)
    told = render_dossier([replace(made, fields=(field,))], checked, "text", lang="fr")
    assert "«\u00a0Nous lisons votre adresse.\u00a0» (policy/1)" in told.replace("\u202f", "\u00a0") or (
        "« Nous lisons votre adresse. » (policy/1)" in told
    )
    assert "“" not in told
