"""Detectors in a folder of the user: taken as they are, or refused with file, line and remedy."""

import os
from pathlib import Path
from typing import Any

import pytest

from douane.audit.message import Gap
from douane.detectors.assembly import assemble
from douane.detectors.extensions import Extensions, NotAssembledError
from douane.detectors.plugins import PluginRefusedError, load, sources
from douane.detectors.registry import prepare

HEAD = """
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole


class Locker:
    name = "locker"
    title = "Locker numbers"
    MATCHES = (Match({"locker": "L-204"}, "user.unique_id"),)
    MISSES = ()

    def find(self, scene):
        for one in scene:
            if one.words == ("locker",):
                BODY


DETECTOR = Locker()
"""
FOUND = 'yield whole(one, "user.unique_id", 0.9, self.name, "key")'
GOOD = HEAD.replace("BODY", FOUND)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    mine = tmp_path / "mine"
    mine.mkdir(mode=0o700)
    return mine.resolve()


def put(folder: Path, text: str, name: str = "locker.py") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return file


def test_a_file_of_the_folder_is_a_detector(folder: Path, opened: Any) -> None:
    put(folder, GOOD)
    put(folder, "raise SystemExit", "_helper.py")
    assembly = assemble(Extensions(folder=folder), presidio=False)
    findings, gaps = assembly.detect(*opened({"locker": "L-204"}))
    assert [(one.detector, one.category, one.evidence) for one in findings] == [("locker", "user.unique_id", "key")]
    assert gaps == []


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a = (\n", 1, "is not Python ('(' was never closed)"),
        ("\nimport nothing_of_this_name\n", 2, "fails when it is loaded (ModuleNotFoundError: No module named"),
        ("x = 1\nraise ValueError('Zoltan')\n", 2, "fails when it is loaded (ValueError)"),
        ("x = 1\nraise SystemExit(3)\n", 2, "fails when it is loaded (SystemExit)"),
        ("x = 1\n", 0, "sets no DETECTOR"),
        (GOOD.replace("Locker()", "Locker"), 18, "DETECTOR is a class. Set it to an instance: DETECTOR = Locker()"),
        (GOOD.replace("(self, scene)", "(self)"), 18, "DETECTOR.find does not take one scene"),
        (GOOD.replace('"locker"\n', '"Locker!"\n'), 18, "DETECTOR.name is not a name"),
        (GOOD.replace("def find", "def found"), 18, "DETECTOR has no find(scene)"),
        (GOOD.replace("MISSES = ()", "MISSES = []"), 18, "DETECTOR.MISSES is no tuple of Miss"),
        (GOOD.replace('(Match({"locker": "L-204"}, "user.unique_id"),)', "()"), 18, "DETECTOR.MATCHES is empty"),
        (GOOD.replace('}, "user.unique_id"', '}, "user.uniqueid"'), 18,
         "the category of DETECTOR.MATCHES[0] is not in the taxonomy. Did you mean user.unique_id?"),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_with_its_line(folder: Path, text: str, line: int, problem: str) -> None:
    file = put(folder, text)
    with pytest.raises(PluginRefusedError) as refused:
        load(folder)
    assert str(refused.value).startswith(f"{file}{f':{line}' if line else ''}: {problem}")
    assert "Zoltan" not in str(refused.value)


def test_what_others_can_change_is_refused(folder: Path) -> None:
    file = put(folder, GOOD)
    file.chmod(0o620)
    with pytest.raises(PluginRefusedError, match=r"locker\.py: can be changed by others\. Run: chmod go-w"):
        sources(folder)
    file.chmod(0o600)
    folder.chmod(0o777)
    with pytest.raises(PluginRefusedError, match=r"mine: can be changed by others"):
        sources(folder)
    folder.chmod(0o700)
    folder.parent.chmod(0o777)
    with pytest.raises(PluginRefusedError, match="can be changed by others"):
        sources(folder)


def test_what_belongs_to_somebody_else_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, GOOD)
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    with pytest.raises(PluginRefusedError, match="belongs to somebody else"):
        sources(folder)


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (folder / "locker.py").symlink_to(put(tmp_path, GOOD, "elsewhere.py"))
    with pytest.raises(PluginRefusedError, match=r"locker\.py: is a link\. Put the file itself in the folder\."):
        sources(folder)


def test_a_folder_that_is_missing_or_empty_is_refused(folder: Path) -> None:
    with pytest.raises(PluginRefusedError, match="holds no detector"):
        sources(folder)
    with pytest.raises(PluginRefusedError, match="cannot be read"):
        sources(folder / "none")


@pytest.mark.parametrize(
    ("body", "how"),
    [
        ('yield part(one, 0, 99, "user.unique_id", 0.9, self.name, "key")', ": gives a place outside its field"),
        ('yield whole(one, "user.badge", 0.9, self.name, "key")', ": gives a category that is not in the taxonomy"),
        ('yield whole(one, "user.unique_id", 7, self.name, "key")',
         ": gives a score that is not above 0 and at most 1"),
        ('yield whole(one, "user.unique_id", 0.9, "email", "key")',
         ": gives a finding under another name than its own"),
        ('yield "L-204"', ": gives what is no finding"),
        ("raise ValueError(one.text)", ":15: ValueError"),
        ("raise SystemExit(3)", ":15: SystemExit"),
        ("return 5", ": TypeError"),
    ],
)  # fmt: skip
def test_a_wrong_finding_is_a_gap_that_says_how_and_the_others_go_on(
    folder: Path, opened: Any, body: str, how: str
) -> None:
    put(folder, HEAD.replace("BODY", body))
    assembly = assemble(Extensions(folder=folder), presidio=False)
    findings, gaps = assembly.detect(*opened({"locker": "L-204", "to": "lea@example.org"}))
    assert [one.detector for one in findings] == ["email"]
    assert gaps == [Gap("detector-failed", "detectors", f"locker (locker.py{how})")]


def test_evidence_never_holds_the_value(folder: Path, opened: Any) -> None:
    put(folder, HEAD.replace("BODY", FOUND.replace('"key"', 'f"is {one.text}"')))
    findings, _ = assemble(Extensions(folder=folder), presidio=False).detect(*opened({"locker": "L-204"}))
    assert [one.evidence for one in findings] == ["said by the plugin"]


def test_a_name_in_use_is_refused(folder: Path) -> None:
    file = put(folder, GOOD.replace('"locker"\n', '"email"\n'))
    with pytest.raises(NotAssembledError) as refused:
        assemble(Extensions(folder=folder))
    assert str(refused.value) == f"{file}:18: another detector is called email too. Give it a name of its own."


@pytest.mark.parametrize("error", ["ValueError", "SystemExit"])
def test_a_plugin_that_cannot_prepare_is_refused_with_its_line(folder: Path, error: str) -> None:
    text = GOOD.replace("    def find", f"    def prepare(self):\n        raise {error}('Zoltan')\n\n    def find")
    file = put(folder, text)
    (plugin,) = load(folder)
    with pytest.raises(PluginRefusedError) as refused:
        prepare((plugin,))
    assert str(refused.value) == f"{file}:13: prepare() fails ({error}). Mend it."
