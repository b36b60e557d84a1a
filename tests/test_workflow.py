"""The GitHub Action, the hooks and the example workflow are what GitHub and pre-commit read, and their commands run."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import captures
import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
DECLARATION = "douane_declaration: 1\napp: crm\nto_app: [user.contact.email]\nto_chatgpt: [user.contact.phone_number]\n"


def read(name: str) -> Any:
    return YAML(typ="safe").load((ROOT / name).read_text(encoding="utf-8"))


def steps() -> dict[str, Any]:
    return {step["name"]: step for step in read("action.yml")["runs"]["steps"] if "name" in step}


def douane_on_path(folder: Path) -> Path:
    """A folder with a `douane` that runs this checkout."""
    tools = folder / "tools"
    tools.mkdir()
    command = tools / "douane"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m douane.cli.main "$@"\n')
    command.chmod(0o755)
    return tools


def bash(script: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    path = f"{folder / 'tools'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],  # as GitHub runs `shell: bash`
        cwd=folder,
        env={**os.environ, "PATH": path, "DOUANE_KEY_FILE": str(folder / "key" / "master.key"), **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


def test_every_input_of_the_action_is_described_and_used_and_no_step_pastes_one_into_a_script() -> None:
    action = read("action.yml")
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    for name, given in action["inputs"].items():
        assert given["description"]
        assert f"inputs.{name}" in text
        assert given.get("required") or "default" in given
    for step in steps().values():
        assert "${{" not in step["run"], step["name"]
        assert step["shell"] == "bash"


def test_the_example_gives_the_action_inputs_that_it_has() -> None:
    jobs = read("examples/workflow.yml")["jobs"]["douane"]["steps"]
    used = next(step for step in jobs if "douane@" in step.get("uses", ""))
    assert set(used["with"]) <= set(read("action.yml")["inputs"])
    assert used["id"] == "douane"


@pytest.mark.slow
def test_the_actions_steps_replay_check_and_annotate(tmp_path: Path) -> None:
    douane_on_path(tmp_path)
    (tmp_path / "declaration.yaml").write_text(DECLARATION)
    (tmp_path / "a b.jsonl").write_bytes(captures.jsonl())
    environ = {
        "APP": "",
        "CAPTURES": "a b.jsonl\n",
        "DECLARATION": "declaration.yaml",
        "FAIL_ON": "error",
        "LANGUAGE_OF_IT": "en",
        "LEDGER": ".douane/douane.db",
        "SARIF": "douane.sarif",
        "WAIVERS": "douane-waivers.yaml",
    }
    for name in ("Declaration", "Replay"):
        ran = bash(steps()[name]["run"], tmp_path, **environ)
        assert ran.returncode == 0, ran.stderr
    ran = bash(steps()["Check"]["run"], tmp_path, **environ)
    assert ran.returncode == 1
    assert "::error file=declaration.yaml,line=3,title=verdict/omitted (crm)::" in ran.stdout
    assert (tmp_path / "douane.sarif").stat().st_size > 0
    assert bash(steps()["Check"]["run"], tmp_path, **{**environ, "FAIL_ON": "never"}).returncode == 0
    nowhere = bash(steps()["Check"]["run"], tmp_path, **{**environ, "LEDGER": "nowhere.db"})
    assert nowhere.returncode != 0


@pytest.mark.slow
def test_the_hooks_run_commands_that_there_are(tmp_path: Path) -> None:
    douane_on_path(tmp_path)
    (tmp_path / "declaration.yaml").write_text(DECLARATION)
    hooks = {hook["id"]: hook for hook in read(".pre-commit-hooks.yaml")}
    assert set(hooks) == {"douane-declare-check", "douane-check"}
    takes, leaves = (re.compile(hooks["douane-declare-check"][key]) for key in ("files", "exclude"))
    names = ("declaration.yaml", "apps/crm-declaration.json", "docs/declaration.schema.json", "declaration.py")
    assert [one for one in names if takes.search(one) and not leaves.search(one)] == list(names[:2])
    ran = bash(f"{hooks['douane-declare-check']['entry']} declaration.yaml", tmp_path)
    assert ran.returncode == 0, ran.stderr
    (tmp_path / "declaration.yaml").write_text(DECLARATION.replace("to_app", "too_app"))
    assert bash(f"{hooks['douane-declare-check']['entry']} declaration.yaml", tmp_path).returncode == 2
    ran = bash(f"{hooks['douane-check']['entry']} --ledger nowhere.db", tmp_path)
    assert (ran.returncode, "there is no ledger yet" in ran.stderr) == (2, True)
