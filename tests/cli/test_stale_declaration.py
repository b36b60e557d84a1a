"""A declaration that changed after the traffic was judged: a check says so, whatever the ledger read last."""

import json
from pathlib import Path
from subprocess import CompletedProcess

import captures
import pytest
from commanding import douane

from douane.audit.rules.examples import APP, call, declares, history
from douane.cli.checking import Scope, not_judged
from douane.ledger.hidden import Hidden

DECLARATION = """
douane_declaration: 1
app: crm
to_app: [user.contact.email]
to_chatgpt: [user.contact.phone_number]
"""
STRICT = DECLARATION.replace("to_app: [user.contact.email]", "to_app: [user.name]")


def check(folder: Path, *arguments: str) -> CompletedProcess[str]:
    return douane(folder, "check", "--declaration", "crm.yaml", "--ledger", "data/douane.db", *arguments)


@pytest.mark.slow
def test_a_declaration_that_was_loaded_without_judging_anything_judges_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(captures.jsonl())
    for text in (DECLARATION, STRICT):
        (tmp_path / "crm.yaml").write_text(text)
        ran = douane(tmp_path, "replay", "a.jsonl", "--declaration", "crm.yaml", "--ledger", "data/douane.db")
    assert ", 0 new in " in ran.stderr
    ran = check(tmp_path, "--fail-on", "never")
    assert ran.returncode == 2
    assert "could not judge: crm: the declaration file is not the one that judged; run `douane rejudge`" in ran.stderr
    dossier = check(tmp_path, "--profile", "openai-submission", "--format", "text")
    assert "run `douane rejudge`" in dossier.stdout
    told = json.loads(check(tmp_path, "--profile", "openai-submission", "--format", "json").stdout)
    assert [one["code"] for one in told["not_judged"]] == ["stale-declaration"]
    assert douane(tmp_path, "rejudge", "--ledger", "data/douane.db").returncode == 0
    ran = check(tmp_path, "--fail-on", "never", "--format", "json")
    assert (ran.returncode, json.loads(ran.stdout)["not_judged"]) == (0, [])


@pytest.mark.slow
def test_traffic_that_came_before_the_change_is_told_beside_what_came_after(tmp_path: Path) -> None:
    whole = captures.jsonl()
    for name, text, part in (("a", DECLARATION, whole), ("b", STRICT, whole.replace(b"lea.martin@", b"max.durand@"))):
        (tmp_path / "crm.yaml").write_text(text)
        (tmp_path / f"{name}.jsonl").write_bytes(part)
        douane(tmp_path, "replay", f"{name}.jsonl", "--declaration", "crm.yaml", "--ledger", "data/douane.db")
    ran = check(tmp_path, "--fail-on", "never")
    assert ran.returncode == 0, ran.stderr
    assert "data were judged against an older declaration; run `douane rejudge`." in ran.stdout


@pytest.mark.parametrize(
    ("stale", "en", "fr"),
    [
        (1, "1 of 3 data was judged", "1 des 3 données jugées l’a été d’après"),
        (2, "2 of 3 data were judged", "2 des 3 données jugées l’ont été d’après"),
    ],
)
def test_what_was_judged_earlier_is_counted_in_the_form_of_its_number(stale: int, en: str, fr: str) -> None:
    seen = history(call("find"), declared=declares())
    assert seen.declaration is not None
    against = {"0" * 64: stale, seen.declaration.sha256: 3 - stale}
    told = not_judged(Scope((APP,)), {APP: seen}, {APP: Hidden(1, {}, {}, against)}, {})
    (one,) = [one for one in told if one.code == "stale-declaration"]
    assert (en in one.says.en, fr in one.says.fr.replace("\u00a0", " "), one.count) == (True, True, stale)
