"""The rules of gitleaks as the package has them: complete, lazily read, linear."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from growth import is_linear, without_collections
from hypothesis import given
from hypothesis import strategies as st

from douane.audit import taxonomy
from douane.detectors import secret_codes, secret_names, secret_words
from douane.detectors.chance import is_drawn, is_placeholder, is_wordy
from douane.detectors.issuers import Hit, Rule, compiled, issued, rules

DATA = tomllib.loads((Path(secret_words.__file__).parent / "data" / "secrets.toml").read_text(encoding="utf-8"))
RULES = rules()
AROUND = {**secret_words.RECOGNIZERS, **secret_names.RECOGNIZERS, **secret_codes.RECOGNIZERS}
SIZE = 5_000
FILLERS = ("", "=", ": ", " ", "a1", "a" * 30 + " ", "\n")


def test_every_rule_of_gitleaks_is_there_or_left_out_with_a_reason() -> None:
    assert len(DATA["rules"]) + len(DATA["dropped"]) == 222
    assert all(len(reason) > 10 for reason in DATA["dropped"].values())
    assert not {rule["id"] for rule in DATA["rules"]} & set(DATA["dropped"])


def test_the_licence_of_the_rules_comes_with_them() -> None:
    text = (Path(secret_words.__file__).parent / "data" / "secrets.toml").read_text(encoding="utf-8")
    assert "Copyright (c) 2019 Zachary Rice" in text
    assert "The above copyright notice and this permission notice shall be included" in text


def test_names_of_rules_are_unique() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda one: one.id)
def test_a_rule_can_be_tried(rule: Rule) -> None:
    pattern = compiled(rule.pattern)
    assert -1 <= rule.group <= pattern.groups
    assert not (rule.group == -1 and pattern.groups < 2)
    assert rule.keywords
    assert all(word == word.lower() for word in rule.keywords)
    assert taxonomy.category(rule.category) is not None
    assert not pattern.search("")
    for allowed in rule.allowed:
        re.compile(allowed)


def test_importing_the_detector_compiles_and_reads_no_rule() -> None:
    code = (
        "from douane.detectors import secret, issuers; "
        "print(issuers.compiled.cache_info().currsize, issuers._load.cache_info().currsize)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["0", "0"]


def grows_linearly(find: Callable[[str], Iterator[Hit]], piece: str) -> bool:
    """Whether finding takes time that grows no faster than a text of this piece; below 80 ms it is not looked at."""
    small, large = (piece * (size // len(piece)) + "!" for size in (SIZE, 8 * SIZE))
    return is_linear(lambda text: list(find(text)), small, large, 8, least=0.08)


@pytest.mark.parametrize("rule", RULES, ids=lambda one: one.id)
def test_a_rule_takes_linear_time(rule: Rule) -> None:
    with without_collections():
        for word in (*rule.keywords[:1], *rule.exact):
            for filler in FILLERS:
                assert grows_linearly(lambda text: issued(rule, text), word + filler), (
                    f"{rule.id} on {word!r}{filler!r}"
                )


@pytest.mark.parametrize("name", AROUND)
def test_a_recognizer_takes_linear_time(name: str) -> None:
    words, find = AROUND[name]
    fillers = (*FILLERS, "1 ", "a.", "a:b@", '"', "code 1234 ", "eyJ.", "A1b2-", "abc ")
    with without_collections():
        for piece in (*(word + filler for word in words[:3] for filler in fillers), *fillers[3:]):
            assert grows_linearly(find, piece), f"{name} on {piece!r}"


def test_the_check_for_linear_time_can_fail() -> None:
    quadratic = re.compile(r"a*b")

    def find(text: str) -> Iterator[Hit]:
        if quadratic.search(text[::3]):
            yield Hit(0, 1, "", 1, "")

    assert not grows_linearly(find, "a")


@given(
    st.text()
    | st.lists(st.sampled_from([word for words, _ in AROUND.values() for word in words]) | st.text(max_size=9)).map(
        " ".join
    )
)
def test_no_recognizer_raises_and_hits_lie_in_the_text(text: str) -> None:
    for _, find in AROUND.values():
        for hit in find(text):
            assert 0 <= hit.start < hit.end <= len(text)


@given(st.text(max_size=80))
def test_no_judgement_of_chance_raises(value: str) -> None:
    assert {type(judge(value)) for judge in (is_drawn, is_placeholder, is_wordy)} == {bool}


@pytest.mark.parametrize(
    ("value", "drawn"),
    [
        ("oay9S0XEhKI7wvRtzdO9PfxI29vf1DWX", True),
        ("7fc29fe01a1a1c36e47214f0f1740519", True),
        ("kqzvwxjhgfdptrbnmklq", True),
        ("AuthenticationTokenProvider", False),
        ("customer_id_primary_key", False),
        ("2026-04-01T10:00:00Z", False),
        ("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", False),
        ("your_api_key_goes_here", False),
        ("1.2345.67890.1234", False),
        ("https://example.org/a1b2c3d4", False),
    ],
)
def test_what_looks_drawn_by_chance(value: str, drawn: bool) -> None:
    assert is_drawn(value) is drawn
