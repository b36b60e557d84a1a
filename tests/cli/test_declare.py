"""`douane declare`: what is lacking, what changed, and other formats, on the command line."""

import json
import plistlib
import re
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from douane.audit.declaration import Declaration
from douane.audit.declaration_file import parse_declaration
from douane.audit.fault_words import french
from douane.audit.yamltext import _SYNTAX, _WORDS
from douane.cli.main import app

SHORT = "douane_declaration: 1\napp: crm\nto_app: [user.name]\n"
AGAINST_ITSELF = SHORT + (
    "privacy_declarations: [{name: Zoltan-Quixley, data_categories: [user.name]}]\n"
    "privacy_policy:\n  statements:\n  - {says: does_not_collect, data_categories: [user.name], quote: We do not.}\n"
)


FAULTY = """
douane_declaration: 2
app: crm
taxonomy: fideslang/1.0.0
privacy_policy: {sha256: abc, fetched: 2026-02-31}
privacy_declarations:
  - data_use: essential.servce
    data_subjects: [zzzz]
    retention_period: 12 months
    legal_basis_for_processing: Concent
    special_category_legal_basis: Zz
    roles: {organisation: controler}
recipients: [{name: we}, {name: X, country: Frankreich}]
transfers: [{country: US, mechanism: SCC, date: tomorrow}]
tools: {t: {fields: {query: [user.name]}}}
"""
SYNTAX_AND_KINDS = [text for row in _SYNTAX for text in row[1:]] + [words for _, words in _WORDS]


def douane(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["declare", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for one in ("crm", "travel", "rendezvous", "library"):
        shutil.copy(str(files("douane.demo") / "data" / f"{one}.yaml"), tmp_path / f"{one}.yaml")
    (tmp_path / "short.yaml").write_text(SHORT)
    (tmp_path / "against.yaml").write_text(AGAINST_ITSELF)
    return tmp_path


@pytest.mark.parametrize("name", ["crm", "travel", "rendezvous", "library"])
def test_the_declarations_of_the_sample_apps_lack_nothing_that_matters(folder: Path, name: str) -> None:
    ran = douane("check", "--fail-on", "warning", folder / f"{name}.yaml")
    assert (ran.exit_code, ran.stderr) == (0, "")


def test_a_lint_is_told_with_file_line_severity_remedy_and_code(folder: Path) -> None:
    ran = douane("check", folder / "against.yaml")
    assert ran.exit_code == 1
    assert (
        f"{folder}/against.yaml:7: error: policy/1: This says that “Name” (user.name) is not collected; purpose/1 "
        "declares “Name” (user.name). Correct the one that is wrong. [statement-against-purpose]\n"
    ) in ran.stdout
    assert ran.stdout.splitlines()[-1].startswith(f"{folder}/against.yaml: 1 error, ")
    assert "Zoltan" not in ran.output


def test_faults_are_told_in_french(folder: Path) -> None:
    (folder / "bad.yaml").write_text("douane_declaration: 1\napp: crm\nto_ap: [user.name]\n")
    ran = douane("check", "--lang", "fr", folder / "bad.yaml", folder / "none.yaml")
    assert ran.exit_code == 2
    assert "none.yaml\u00a0: ce fichier n’existe pas. Vérifiez le chemin." in ran.stderr
    assert "clé inconnue\u00a0: " in ran.stderr
    assert [word for word in ("unknown", "Did you mean", "there is no", "Check") if word in ran.stderr] == []


def test_what_yaml_is_faulty_for_has_french_words() -> None:
    texts = [*SYNTAX_AND_KINDS, "must be at least 3", "the key 'app' is missing", "Keep it under 32 levels."]
    assert [text for text in texts if not french(text)] == []
    assert french("nothing of the kind") == ""


def test_every_fault_of_a_declaration_has_french_words(folder: Path) -> None:
    (folder / "bad.yaml").write_text(FAULTY)
    ran = douane("check", "--lang", "fr", folder / "bad.yaml")
    lines = ran.stderr.splitlines()
    assert (ran.exit_code, len(lines)) == (2, 15)
    english = re.compile(r"\b(?:not|Write|Expected|lists|Keep|Check|or|must|Did you|stands|this|which)\b")
    assert [line for line in lines if english.search(line)] == []
    assert "le contenu n’est pas celui" not in ran.stderr


def test_a_category_in_no_statement_is_told_at_the_purpose_that_names_it(folder: Path) -> None:
    text = AGAINST_ITSELF.replace("[user.name], quote", "[user.location], quote")
    text += "  - {says: collects, data_categories: [user.contact], quote: We do.}\n"
    (folder / "unsaid.yaml").write_text(text)
    ran = douane("check", folder / "unsaid.yaml")
    line = 1 + text[: text.index("{name: Zoltan")].count("\n")
    assert (
        f"unsaid.yaml:{line}: warning: purpose/1: " in ran.stdout
        or f"unsaid.yaml:{line}: note: purpose/1: " in ran.stdout
    )


def test_a_declaration_is_no_manifest_to_import(folder: Path) -> None:
    ran = douane("import", "fides", folder / "crm.yaml")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "this is a declaration already. Use it as it is." in ran.stderr


def test_lints_are_told_in_french(folder: Path) -> None:
    ran = douane("check", "--lang", "fr", folder / "against.yaml")
    assert ran.exit_code == 1
    assert ": erreur: policy/1: Cette phrase dit que la catégorie «\u00a0Nom\u00a0» (user.name) n’est pas" in ran.stdout
    assert ".yaml: 1 erreur, " in ran.stdout


@pytest.mark.parametrize(
    ("name", "fail_on", "code"),
    [
        ("short", "error", 0), ("short", "warning", 1), ("short", "never", 0),
        ("against", "error", 1), ("against", "never", 0),
        ("library", "warning", 0), ("library", "note", 1),
    ],
)  # fmt: skip
def test_the_exit_code_follows_the_severity(folder: Path, name: str, fail_on: str, code: int) -> None:
    assert douane("check", "--fail-on", fail_on, folder / f"{name}.yaml").exit_code == code


def test_a_file_that_is_no_declaration_is_told_and_the_others_are_checked(folder: Path) -> None:
    (folder / "bad.yaml").write_text("douane_declaration: 1\napp: crm\nto_ap: []\n")
    ran = douane("check", folder / "bad.yaml", folder / "none.yaml", folder / "short.yaml")
    assert ran.exit_code == 2
    assert f"{folder}/bad.yaml:3:1: unknown key 'to_ap'. Did you mean 'to_app'?" in ran.stderr
    assert f"{folder}/none.yaml: there is no such file. Check the path." in ran.stderr
    assert "[no-publisher]" in ran.stdout


def test_json_holds_faults_and_lints(folder: Path) -> None:
    (folder / "bad.yaml").write_text("app: crm\n")
    ran = douane("check", "--format", "json", folder / "bad.yaml", folder / "against.yaml")
    bad, against = json.loads(ran.stdout)
    assert (ran.exit_code, ran.stderr) == (2, "")
    assert [(one["line"], one["problem"]) for one in bad["faults"]] == [(1, "the key 'douane_declaration' is missing")]
    assert [(one["code"], one["line"]) for one in against["lints"] if one["severity"] == "error"] == [
        ("statement-against-purpose", 7)
    ]


def test_what_changed_is_said_in_words(folder: Path) -> None:
    (folder / "new.yaml").write_text(SHORT.replace("user.name", "user.contact.email") + "recipients: [Example Cloud]\n")
    ran = douane("diff", folder / "short.yaml", folder / "new.yaml")
    assert (ran.exit_code, ran.stdout.splitlines()) == (
        1,
        [
            "Category to the app: “E-mail address” (user.contact.email) is now declared.",
            "Category to the app: “Name” (user.name) is no longer declared.",
            "Recipient “Example Cloud” is new.",
        ],
    )
    ran = douane("diff", "--lang", "fr", "--format", "json", folder / "short.yaml", folder / "new.yaml")
    assert [(row["kind"], row["part"]) for row in json.loads(ran.stdout)] == [
        ("added", "to_app"), ("removed", "to_app"), ("added", "recipient"),
    ]  # fmt: skip
    assert json.loads(ran.stdout)[2]["says"] == "Destinataire «\u00a0Example Cloud\u00a0» est nouveau."


def test_two_that_say_the_same_differ_in_nothing(folder: Path) -> None:
    (folder / "new.yaml").write_text('{"douane_declaration": 1, "app": "crm", "to_app": ["user.name"]}')
    ran = douane("diff", folder / "short.yaml", folder / "new.yaml")
    assert (ran.exit_code, ran.stdout) == (0, "The two declarations say the same.\n")


@pytest.mark.promise("names-obey-nobody")
def test_a_name_with_terminal_commands_is_made_harmless(folder: Path) -> None:
    (folder / "new.yaml").write_text(SHORT + 'recipients: ["\\e[2J\\e[31mX"]\n')
    ran = douane("diff", folder / "short.yaml", folder / "new.yaml")
    assert ran.exit_code == 1
    assert "\x1b" not in ran.stdout


@pytest.mark.parametrize("name", ["crm", "travel", "rendezvous", "library"])
def test_a_declaration_goes_to_fides_and_back(folder: Path, name: str) -> None:
    manifest, again = folder / "fides.yaml", folder / "again.yaml"
    ran = douane("export", "fides", folder / f"{name}.yaml", "-o", manifest)
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert "in meta.douane, fides has no key or word: connection_information, organisation," in ran.stderr
    ran = douane("import", "fides", manifest, "-o", again)
    assert (ran.exit_code, ran.stderr) == (0, "Everything was taken.\n")
    assert douane("diff", folder / f"{name}.yaml", again).exit_code == 0


def test_a_manifest_of_apples_becomes_a_draft_that_check_accepts(folder: Path) -> None:
    types = [
        {"NSPrivacyCollectedDataType": f"NSPrivacyCollectedDataType{kind}", "NSPrivacyCollectedDataTypeLinked": True,
         "NSPrivacyCollectedDataTypePurposes": ["NSPrivacyCollectedDataTypePurposeAppFunctionality"]}
        for kind in ("EmailAddress", "Fitness")
    ]  # fmt: skip
    manifest, draft = folder / "PrivacyInfo.xcprivacy", folder / "draft.yaml"
    manifest.write_bytes(plistlib.dumps({"NSPrivacyCollectedDataTypes": types}))
    ran = douane("import", "apple", manifest, "--app", "crm", "-o", draft)
    assert ran.exit_code == 0
    assert ran.stderr.splitlines()[0].split("  ")[0] == "Not taken as it is"
    assert "NSPrivacyCollectedDataTypeFitness" in ran.stderr
    text = draft.read_text()
    assert text.startswith("# Made from PrivacyInfo.xcprivacy. Read it, fill in what is marked")
    assert "legal_basis_for_processing:  # to be filled in by a person\n" in text
    assert isinstance(parse_declaration(text, "draft.yaml"), Declaration)
    assert douane("check", draft).exit_code == 0


def test_googles_form_becomes_a_draft_on_standard_output(folder: Path) -> None:
    form = folder / "safety.csv"
    form.write_text(
        "\ufeffQuestion ID (machine readable),Response ID (machine readable),Response value,Answer requirement,"
        "Human-friendly question label\r\nPSL_DATA_TYPES_PERSONAL,PSL_EMAIL,true,MULTIPLE_CHOICE,Personal info\r\n"
        "PSL_DATA_USAGE_RESPONSES:PSL_EMAIL:DATA_USAGE_COLLECTION_PURPOSE,PSL_ANALYTICS,true,MULTIPLE_CHOICE,x\r\n",
        newline="",
    )
    ran = douane("import", "google", form, "--app", "crm", "--lang", "fr")
    assert ran.exit_code == 0
    assert "retention_period:  # à compléter par une personne\n" in ran.stdout
    assert "Non repris tel quel" in ran.stderr
    it = parse_declaration(ran.stdout, "draft.yaml")
    assert isinstance(it, Declaration)
    assert (it.to_app, it.purposes[0].data_use) == (("user.contact.email",), "analytics")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import", "apple", "short.yaml"], "Say what the app is called in config.yaml: --app NAME"),
        (["import", "apple", "short.yaml", "--app", "crm"], "this is no XML property list"),
        (["import", "google", "short.yaml", "--app", "crm"], "this is no Data safety form"),
        (["import", "fides", "short.yaml"], "this is a declaration already"),
        (["import", "fides", "none.yaml"], "there is no such file"),
        (["export", "fides", "none.yaml"], "there is no such file"),
        (["export", "fides", "short.yaml", "-o", "crm.yaml"], "this file exists"),
        (["export", "fides", "short.yaml", "-o", "no/such/folder.yaml"], "cannot be written"),
        (["diff", "short.yaml", "none.yaml"], "there is no such file"),
        (["check", "--lang", "de", "short.yaml"], "no reports in this language"),
    ],
)
def test_wrong_use_is_told_with_what_to_do(
    folder: Path, arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    ran = douane(*arguments)
    assert ran.exit_code == 2
    assert said in ran.stderr


def test_the_schema_is_printed_as_json(folder: Path) -> None:
    assert json.loads(douane("schema").stdout)["title"] == "Douane declaration"
