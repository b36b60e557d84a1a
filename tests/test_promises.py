"""Every promise in docs/promises.md has tests, and every test that says that it shows a promise is named there."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "promises.md"
ROW = re.compile(r"^\| `([^`]*)` \|(.*)\|(.*)\|(.*)\|$", re.MULTILINE)
NODE = re.compile(r"`(tests/\S+?\.py::\w+)`")

type Tests = dict[str, frozenset[str]]
"""Test functions by node id, each with the promises that it says it shows."""


@dataclass(frozen=True)
class Promise:
    """A row of the page."""

    id: str
    sentence: str
    page: str
    tests: tuple[str, ...]


def promises(text: str) -> list[Promise]:
    """The rows of the page in order."""
    return [
        Promise(key, sentence.strip(), page.strip(), tuple(NODE.findall(tests)))
        for key, sentence, page, tests in ROW.findall(text)
    ]


def collected(files: Iterable[Path], root: Path) -> Tests:
    """The test functions of these files, as pytest would name them, without importing any."""
    found: Tests = {}
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                shown = [
                    ast.literal_eval(argument)
                    for call in node.decorator_list
                    if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.promise"
                    for argument in call.args
                ]
                found[f"{file.relative_to(root)}::{node.name}"] = frozenset(shown)
    return found


def faults(rows: list[Promise], tests: Tests) -> list[str]:
    """What does not fit between the page and the tests, each in one sentence."""
    found: list[str] = []
    named: dict[str, set[str]] = defaultdict(set)
    ids = [row.id for row in rows]
    found += [f"{one} stands there twice" for one in sorted({one for one in ids if ids.count(one) > 1})]
    for row in rows:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.id):
            found.append(f"{row.id!r} is no id")
        if not row.sentence.endswith(".") or not row.page:
            found.append(f"{row.id} lacks its sentence or its page")
        if not row.tests:
            found.append(f"{row.id} names no test")
        for test in row.tests:
            named[test].add(row.id)
            if test not in tests:
                found.append(f"{row.id} names {test}, which is not there")
            elif row.id not in tests[test]:
                found.append(f'{test} lacks @pytest.mark.promise("{row.id}")')
    for test, shown in tests.items():
        found += [f"{test} shows {one}, where it is not named" for one in sorted(shown - named[test])]
    return found


def test_every_promise_names_tests_that_say_so_and_every_such_test_is_named() -> None:
    rows = promises(PAGE.read_text(encoding="utf-8"))
    tests = collected(sorted((ROOT / "tests").rglob("test_*.py")), ROOT)
    assert len(rows) > 30
    assert faults(rows, tests) == []


def test_no_row_of_the_page_escapes_the_reader() -> None:
    text = PAGE.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| id ")]
    assert len(promises(text)) == len(lines)
    assert len(NODE.findall(text)) == text.count("::")


@pytest.mark.parametrize(
    ("row", "tests", "fault"),
    [
        ("| `a` | It is. | p | `tests/test_a.py::test_it` |", {"test_it": {"a"}}, ""),
        ("| `a` | It is. | p | |", {}, "a names no test"),
        ("| `a` | It is. | p | `tests/test_a.py::test_it` |", {}, "which is not there"),
        ("| `a` | It is. | p | `tests/test_a.py::test_it` |", {"test_it": set()}, "lacks @pytest.mark.promise"),
        ("| `A b` | It is. | p | `tests/test_a.py::test_it` |", {"test_it": {"A b"}}, "is no id"),
        ("", {"test_it": {"a"}}, "shows a, where it is not named"),
    ],
)
def test_what_does_not_fit_is_a_fault(tmp_path: Path, row: str, tests: dict[str, set[str]], fault: str) -> None:
    file = tmp_path / "tests" / "test_a.py"
    file.parent.mkdir()
    marks = {name: "".join(f"@pytest.mark.promise('{one}')\n" for one in shown) for name, shown in tests.items()}
    file.write_text("import pytest\n" + "".join(f"{mark}def {name}(): pass\n" for name, mark in marks.items()))
    found = faults(promises(row), collected([file], tmp_path))
    assert bool(found) is bool(fault)
    assert fault in "\n".join(found)
