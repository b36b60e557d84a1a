"""config.yaml `detectors:`: what a user adds, and what is refused with which words."""

from pathlib import Path

import configuring
import pytest
from configuring import accepted

from douane.cli.plan import inspector_settings

CANARY = "Zoltan-Quixley-7781"
PATTERN = r"name: badge, category: user.unique_id, pattern: '\bSTF-\d{6}\b'"


def refused(folder: Path, text: str) -> list[str]:
    return [line.removeprefix("config.yaml:") for line in configuring.refused(folder, text)]


def one(key: str, inner: str) -> str:
    return f"detectors:\n  {key}:\n    - {{{inner}}}\n"


def test_what_is_added_reaches_the_inspector(tmp_path: Path) -> None:
    (tmp_path / "clubs.txt").write_text("# ours\nCercle du Phare\n\nLighthouse Circle\n", encoding="utf-8")
    config = accepted(
        tmp_path,
        "detection: {thresholds: {user.contact: 0.5}}\n"
        "detectors:\n"
        f"  patterns: [{{{PATTERN}, matches: [badge STF-004217], misses: [STF-42]}}]\n"
        "  words: [{name: clubs, category: user.demographic.trade_union, words: [Phare], file: clubs.txt}]\n"
        "  thresholds: {user.name: 0.6}\n",
    )
    settings = inspector_settings(config)
    assert settings.detectors.words[0].words == ("Phare", "Cercle du Phare", "Lighthouse Circle")
    assert settings.thresholds == {"user.contact": 0.5, "user.name": 0.6}
    assert type(settings).model_validate_json(settings.model_dump_json()).detectors == settings.detectors


def test_a_changed_file_of_words_is_another_configuration(tmp_path: Path) -> None:
    text = one("words", "name: clubs, category: user.name, file: clubs.txt")
    digests = []
    for words in ("Phare", "Phare\nMarée"):
        (tmp_path / "clubs.txt").write_text(words, encoding="utf-8")
        digests.append(accepted(tmp_path, text).digest())
    assert digests[0] != digests[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (one("patterns", PATTERN.replace("unique_id", "uniqueid")),
         "3:31: detectors.patterns[0].category: not a category of the taxonomy. Did you mean user.unique_id?"),
        (one("patterns", f"{PATTERN}, scor: 0.5"),
         "3:73: detectors.patterns[0]: unknown key 'scor'. Did you mean 'score'?"),
        (one("patterns", "name: badge, category: user.name, pattern: '(a'"),
         "3:7: detectors.patterns[0]: `pattern` is not a regular expression (missing ), unterminated subpattern, at "
         "character 1). Try it in Python's `re`; single quotes keep backslashes as they are."),
        (one("patterns", "name: badge, category: user.name, pattern: '[[a]b'"),
         "3:7: detectors.patterns[0]: `pattern` will be read otherwise one day (write \\[ for a bracket in a set, and "
         "no --, &&, || or ~~ there). Try it in Python's `re`; single quotes keep backslashes as they are."),
        (one("patterns", "name: badge, category: user.name, pattern: 'a*'"),
         "3:7: detectors.patterns[0]: `pattern` matches the empty text. Try it in Python's `re`; single quotes keep "
         "backslashes as they are."),
        (one("patterns", "name: badge, category: user.name, pattern: '(a+)+b'"),
         "3:51: detectors.patterns[0].pattern: takes too long on some texts. Bound each repetition ({1,64} instead of "
         r"+ or *), and begin with \b or a fixed character."),
        (one("patterns", f"{PATTERN}, matches: [STF-1]"),
         "3:83: detectors.patterns[0].matches[0]: `pattern` does not find it. Mend one of the two."),
        (one("patterns", f"{PATTERN}, misses: [STF-123456]"),
         "3:82: detectors.patterns[0].misses[0]: `pattern` finds it. Mend one of the two."),
        (one("patterns", PATTERN.replace("badge", "email")),
         "3:14: detectors.patterns[0].name: another detector has this name. Give it a name of its own."),
        (one("words", "name: clubs, category: user.name"),
         "3:7: detectors.words[0]: has no words. Add `words:` or `file:`."),
        (one("words", "name: clubs, category: user.name, file: none.txt"),
         "3:48: detectors.words[0].file: cannot be read (No such file or directory). Name a text file with one word or "
         "phrase a line; a relative path counts from this file."),
        (one("keys", "category: user.name, keys: ['--']"),
         "3:36: detectors.keys[0].keys[0]: holds no word. Write a key as the app does (`badge_no`); * stands for any "
         "words."),
        ("detectors:\n  allow:\n    - {}\n",
         "3:7: detectors.allow[0]: names nothing, so it would allow everything. Name a category, pointer, tool, app or "
         "text."),
        ("detectors: {off: [emial]}\n",
         "1:19: detectors.off[0]: there is no built-in detector of this name. Did you mean email?"),
        ("detectors: {off: [everything]}\n",
         "1:19: detectors.off[0]: is no detector to switch off here. Set `detection.free_text: persons`."),
        ("detection: {thresholds: {user.name: 0.5}}\ndetectors: {thresholds: {user.name: 0.6}}\n",
         "2:26: detectors.thresholds.user.name: stands under `detection.thresholds` as well. Keep one of the two."),
    ],
)  # fmt: skip
def test_a_fault_says_where_what_and_what_to_do(tmp_path: Path, text: str, expected: str) -> None:
    assert refused(tmp_path, text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        one("patterns", f"name: {CANARY}, category: {CANARY}, pattern: '({CANARY}'"),
        one("patterns", f"name: badge, category: user.name, pattern: '(?P={CANARY})'"),
        one("patterns", f"name: badge, category: user.name, pattern: '{CANARY}', matches: ['{CANARY[:5]}']"),
        one("words", f"name: clubs, category: user.name, file: {CANARY}.txt"),
        one("words", f"name: clubs, category: user.name, words: {CANARY}"),
        one("allow", f"text: [{CANARY}], sha256: [{CANARY}]"),
        one("allow", f"pointer: {CANARY}"),
        one("models", f"engine: {CANARY}, name: '{CANARY}'"),
        f"detectors: {{off: [{CANARY}]}}\n",
    ],
)
def test_no_fault_repeats_a_value(tmp_path: Path, text: str) -> None:
    assert CANARY not in "\n".join(refused(tmp_path, text))
