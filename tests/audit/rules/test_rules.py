"""Every rule: what it finds, what it leaves alone, and how it says so in both languages."""

import importlib.util
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from douane.audit import taxonomy
from douane.audit.rules.base import Case, Pack, Rule, Text
from douane.audit.rules.registry import SUPPORT, check_all, load_all, registered, rule_of
from douane.audit.rules.telling import mended, said, sentence

ROOT = Path(__file__).parents[3]
RULES = registered()
MATCHES = [pytest.param(one.rule, case, id=f"{one.rule.id}-{case.why[:40]}") for one in RULES for case in one.matches]
MISSES = [pytest.param(one.rule, case, id=f"{one.rule.id}-{case.why[:40]}") for one in RULES for case in one.misses]
HOLES = re.compile(r"\{([a-z_]+)\}")


@pytest.mark.parametrize(("rule", "case"), MATCHES)
def test_a_rule_finds_its_matches(rule: Rule, case: Case) -> None:
    assert check_all(case.history, [rule]), case.why


@pytest.mark.parametrize(("rule", "case"), MISSES)
def test_a_rule_leaves_its_misses_alone(rule: Rule, case: Case) -> None:
    assert check_all(case.history, [rule]) == [], case.why


@pytest.mark.parametrize(("rule", "case"), MATCHES)
def test_a_finding_is_told_in_both_languages(rule: Rule, case: Case) -> None:
    for _, hit in check_all(case.history, [rule]):
        english, french = ((said(rule, hit, lang), mended(rule, hit, lang)) for lang in ("en", "fr"))
        assert not any("{" in text for text in (*english, *french))
        assert all(one != other for one, other in zip(english, french, strict=True))
        assert all(text.endswith((".", "…", "!")) for text in (*english, *french))


@pytest.mark.parametrize(("rule", "case"), MATCHES)
def test_a_finding_says_where_without_a_value(rule: Rule, case: Case) -> None:
    hits = [hit for _, hit in check_all(case.history, [rule])]
    assert len({hit.place for hit in hits}) == len(hits)
    for hit in hits:
        assert hit.place
        assert not re.search(r"(?<!purpose)/[0-9]+(/|$| )", hit.place), "an index makes a place of every row"
        assert hit.category == "" or taxonomy.category(hit.category) is not None
        assert hit.count >= 1
        # a pseudonym stands for a value
        assert not re.search(r"[0-9a-f]{16}", repr(hit))


TO_SAY_SO = re.compile(r"declar|polic|purpose|disclos|statement|consent|data_subjects")
NEVER_RESTRICTED = {
    "gdpr/criminal": "convictions are not restricted",
    "openai/special-category": "restricted data have rules of their own",
    "openai/profiling": "behaviour and device data alone",
}


@pytest.mark.parametrize("rule", [one.rule for one in RULES], ids=lambda rule: rule.id)
def test_nobody_is_told_to_declare_what_the_platform_forbids(rule: Rule) -> None:
    hits = [
        hit for one in RULES if one.rule is rule for case in one.matches for _, hit in check_all(case.history, [rule])
    ]
    if rule.forbids or rule.id in NEVER_RESTRICTED or not TO_SAY_SO.search(rule.remedy.en):
        return
    for hit in hits:
        if hit.category:
            facts = {**dict(hit.facts), "category": "user.financial.credit_card"}
            card = replace(hit, category="user.financial.credit_card", facts=tuple(facts.items()))
            assert mended(rule, card, "en").startswith("Leave “"), rule.id


@pytest.mark.parametrize("rule", [one.rule for one in RULES], ids=lambda rule: rule.id)
def test_a_rule_is_whole(rule: Rule) -> None:
    assert rule.id.split("/")[0] == rule.pack.value
    assert date.fromisoformat(rule.version) <= date(2026, 12, 31)
    assert re.fullmatch(r"2026-(0[1-9]|1[0-2])(-\d\d)?", rule.read)
    assert rule.source
    assert rule.wording
    assert rule.url == "" or rule.url.startswith("https://")
    for text in (rule.title, rule.says, rule.remedy):
        assert text.en
        assert text.fr
        assert text.en != text.fr
        assert set(HOLES.findall(text.en)) == set(HOLES.findall(text.fr))
    assert len(rule.title.en) <= 70
    assert len(rule.title.fr) <= 80


@pytest.mark.parametrize("rule", [one.rule for one in RULES], ids=lambda rule: rule.id)
def test_a_rule_says_finding_and_never_violation(rule: Rule) -> None:
    words = " ".join(part for text in (rule.title, rule.says, rule.remedy) for part in (text.en, text.fr))
    assert not re.search(r"\b(violat\w*|illegal|illégal\w*|compliant|conforme\w*|infringe\w*)\b", words, re.IGNORECASE)


@pytest.mark.parametrize("one", RULES, ids=lambda one: one.rule.id)
def test_a_rule_has_examples_of_both_kinds(one) -> None:
    assert one.matches
    assert len(one.misses) >= 2
    assert len(one.misses) + 1 >= len(one.matches)
    assert all(case.why for case in (*one.matches, *one.misses))


def test_an_id_is_the_name_of_its_file() -> None:
    files = {path.stem for path in (ROOT / "audit" / "rules").glob("*.py")} - SUPPORT - {"__init__"}
    assert {rule.id.replace("/", "_").replace("-", "_") for rule in load_all()} == files


def test_every_pack_has_rules() -> None:
    assert {rule.pack for rule in load_all()} == set(Pack)
    assert [rule.id for rule in load_all()] == sorted(rule.id for rule in load_all())


def test_a_rule_is_had_by_its_id() -> None:
    assert rule_of("openai/undisclosed") is not None
    assert rule_of("openai/no-such-rule") is None


def test_a_fact_that_a_hit_lacks_is_a_bug() -> None:
    rule, hit = check_all(RULES[0].matches[0].history, [RULES[0].rule])[0]
    with pytest.raises(KeyError):
        sentence(Text("{nobody_gave_this}", "{nobody_gave_this}"), hit, "en")
    assert rule is RULES[0].rule


def test_the_page_is_the_one_that_the_rules_make() -> None:
    spec = importlib.util.spec_from_file_location("rules_page", ROOT / "tools" / "rules_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == module.page(), "run: python tools/rules_page.py > docs/rules.md"
