"""`douane detectors`: every detector with an example, and the examples run."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from douane.audit import taxonomy
from douane.cli.main import app
from douane.detectors.registry import load_all

PLUGIN = """
from douane.detectors.base import Match, Miss
from douane.detectors.findings import whole


class Locker:
    name = "locker"
    title = "Locker numbers"
    MATCHES = (Match({"locker": "L-204"}, "user.unique_id"),)
    MISSES = (Miss({"locker": "none"}, "no locker"),)

    def find(self, scene):
        for one in scene:
            if one.words == ("locker",) and one.text.startswith("L-"):
                yield whole(one, "user.unique_id", 0.9, self.name, "key")


DETECTOR = Locker()
"""
CONFIG = r"""
detectors:
  off: [age]
  folder: mine
  patterns:
    - {name: badge, category: user.unique_id, pattern: '\bSTF-\d{6}\b', context: [badge], matches: [STF-004217]}
  words:
    - {name: clubs, category: user.demographic.trade_union, words: [Cercle du Phare]}
  keys:
    - {category: user.unique_id, keys: [kdnr]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "mine").mkdir(mode=0o700)
    (tmp_path / "mine" / "locker.py").write_text(PLUGIN, encoding="utf-8")
    (tmp_path / "mine" / "locker.py").chmod(0o600)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["detectors", *arguments])


def test_it_lists_every_detector_with_an_example() -> None:
    rows = {row["name"]: row for row in json.loads(run("--json").stdout)}
    assert list(rows) == [*(one.name for one in load_all()), "everything"]
    assert all(row["from"] == "built-in" and row["example"] for row in rows.values())
    assert [name for name, row in rows.items() if not row["on"]] == ["everything"]
    assert all(taxonomy.category(key) for row in rows.values() for key in row["categories"])


def test_it_lists_what_the_user_added_and_switched_off(folder: Path) -> None:
    rows = {row["name"]: row for row in json.loads(run("--json", "-c", str(folder / "config.yaml")).stdout)}
    assert [name for name, row in rows.items() if not row["on"]] == ["age", "everything"]
    assert {name: (row["from"], row["example"]) for name, row in rows.items() if row["from"] != "built-in"} == {
        "badge": ("config", "badge: STF-004217"),
        "clubs": ("config", "note: Cercle du Phare"),
        "key-hints": ("config", "kdnr: ABC-123"),
        "locker": ("plugin", "locker: L-204"),
    }


@pytest.mark.parametrize(("lang", "said"), [("en", "Example (invented)"), ("fr", "Exemple (fictif)")])
def test_the_table_speaks_both_languages(lang: str, said: str) -> None:
    ran = run("--lang", lang)
    assert (ran.exit_code, said in ran.stdout, "ana.lopez@example.org" in ran.stdout) == (0, True, True)


def test_the_examples_of_all_come_out_as_they_should(folder: Path) -> None:
    ran = run("--check", "-c", str(folder / "config.yaml"))
    assert (ran.exit_code, ran.stdout.splitlines()[:-1]) == (0, [])
    assert "all come out as they should" in ran.stdout


def test_an_example_that_goes_wrong_is_told(folder: Path) -> None:
    file = folder / "mine" / "locker.py"
    file.write_text(PLUGIN.replace('"none"', '"L-9"').replace('Match({"locker"', 'Match({"lockers"'), encoding="utf-8")
    ran = run("--check", "-c", str(folder / "config.yaml"), "--lang", "fr")
    assert ran.exit_code == 1
    assert ran.stdout.startswith("locker\u00a0: MATCHES[0] n’est pas trouvé\nlocker\u00a0: MISSES[0] est trouvé")


def test_a_broken_file_of_the_user_stops_it(folder: Path) -> None:
    file = folder / "mine" / "locker.py"
    file.write_text(PLUGIN.replace("Locker()", "Loker()"), encoding="utf-8")
    ran = run("-c", str(folder / "config.yaml"))
    assert ran.exit_code == 2
    assert f"{file.resolve()}:18: fails when it is loaded (NameError: name 'Loker' is not defined" in ran.stderr
