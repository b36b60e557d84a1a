"""The declaration file: read whole, refused with the place and the remedy, never with a value."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from douane.audit import fides, taxonomy
from douane.audit.declaration import Declaration, Recipient
from douane.audit.declaration_file import parse_declaration
from douane.audit.declaration_lint import kinds
from douane.audit.declaration_model import (
    ConnectionEntry,
    DeclarationFile,
    FieldEntry,
    OrganisationEntry,
    PartyEntry,
    PlatformEntry,
    PolicyEntry,
    ProvenanceEntry,
    PurposeEntry,
    RecipientEntry,
    StatementEntry,
    ToolEntry,
    TransferEntry,
)
from douane.audit.imported import store
from douane.audit.message import Direction
from douane.audit.rules.registry import check_all, registered
from douane.audit.yamltext import Errors, parse

CANARY = "Zoltan-Quixley-7781"

YAML = """\
# What the app exchanges
douane_declaration: 1
app: crm
taxonomy: fideslang/3.1.4+douane.1
to_app:
  - user.name
  - user.contact.email
  - user.name
to_chatgpt: [user.contact]
recipients:
  - Example Mail SAS
  - name: Example Cloud
    country: FR
    role: processor
    hosts: [api.example.org, "*.example.net"]
"""

EXPECTED = Declaration(
    app="crm",
    to_app=("user.contact.email", "user.name"),
    to_chatgpt=("user.contact",),
    recipients=(
        Recipient("Example Mail SAS"),
        Recipient("Example Cloud", "FR", "processor", ("api.example.org", "*.example.net")),
    ),
    sha256="",
    source="crm.yaml",
    taxonomy=taxonomy.VERSION,
)


def read(text: str) -> Declaration:
    it = parse_declaration(text, "crm.yaml")
    assert isinstance(it, Declaration), it
    return it


def refused(text: str) -> list[str]:
    it = parse_declaration(text, "crm.yaml")
    assert isinstance(it, Errors)
    return str(it).split("\n")


def without_digest(declaration: Declaration) -> Declaration:
    return Declaration(
        declaration.app,
        declaration.to_app,
        declaration.to_chatgpt,
        declaration.recipients,
        "",
        declaration.source,
        declaration.taxonomy,
    )


def test_a_declaration_is_read_from_yaml() -> None:
    assert without_digest(read(YAML)) == EXPECTED


def test_a_declaration_is_read_from_json_indented_in_any_way() -> None:
    data = {
        "douane_declaration": 1,
        "app": "crm",
        "to_app": ["user.name", "user.contact.email"],
        "to_chatgpt": ["user.contact"],
        "recipients": [
            "Example Mail SAS",
            {
                "name": "Example Cloud",
                "country": "FR",
                "role": "processor",
                "hosts": ["api.example.org", "*.example.net"],
            },
        ],
    }
    for indent in (None, 2, "\t"):
        assert without_digest(read(json.dumps(data, indent=indent))) == EXPECTED


def test_the_digest_is_that_of_the_text() -> None:
    assert read(YAML).sha256 != read(YAML + "\n").sha256
    assert len(read(YAML).sha256) == 64


def test_each_direction_has_its_own_categories() -> None:
    assert EXPECTED.categories(Direction.TO_APP) == ("user.contact.email", "user.name")
    assert EXPECTED.categories(Direction.TO_CHATGPT) == ("user.contact",)


def test_an_app_may_declare_that_it_exchanges_nothing() -> None:
    assert without_digest(read("douane_declaration: 1\napp: crm\n")) == Declaration(
        "crm", (), (), source="crm.yaml", taxonomy=taxonomy.VERSION
    )


HEAD = "douane_declaration: 1\napp: crm\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            HEAD + "to_ap: []\n",
            ["crm.yaml:3:1: unknown key 'to_ap'. Did you mean 'to_app'?"],
        ),
        (
            HEAD + "zzz: []\n",
            [
                "crm.yaml:3:1: unknown key 'zzz'. The keys here are: app, connection_information, douane_declaration, "
                "organisation, platform, privacy_declarations, privacy_policy, provenance, publisher, recipients, "
                "taxonomy, title, to_app, to_chatgpt, tools, transfers."
            ],
        ),
        (
            HEAD + "to_app:\n  - user.name\n  - user.contact.emial\n",
            ["crm.yaml:5:5: to_app[1]: not a category of the taxonomy. Did you mean user.contact.email?"],
        ),
        (
            HEAD + f"to_app: [{CANARY}]\n",
            ["crm.yaml:3:10: to_app[0]: not a category of the taxonomy. docs/declaration.md lists the categories."],
        ),
        (
            HEAD + "taxonomy: fideslang/2\n",
            [
                "crm.yaml:3:11: taxonomy: not the taxonomy that this Douane knows. Check the categories against "
                f"{taxonomy.VERSION} and write that, or leave the key out."
            ],
        ),
        (
            HEAD + "recipients:\n  - nmae: Example\n",
            [
                "crm.yaml:4:5: recipients[0]: the key 'name' is missing. Expected: the recipient's name, as people "
                "know it.",
                "crm.yaml:4:5: recipients[0]: unknown key 'nmae'. Did you mean 'name'?",
            ],
        ),
        (
            HEAD + "recipients:\n  - name: Example\n    country: France\n",
            [
                "crm.yaml:5:14: recipients[0].country: not a country code. Did you mean FR?",
            ],
        ),
        (
            HEAD + "recipients:\n  - name: Example\n    hosts: ['https://example.org/x']\n",
            [
                "crm.yaml:5:13: recipients[0].hosts[0]: is not written as it must be. Expected: host names without "
                "scheme, port or path, such as api.example.org."
            ],
        ),
        (
            HEAD + "publisher: {name: Example, hosts: ['*.NET']}\n"
            "recipients:\n  - name: Vendor\n    hosts: [a.amazonaws.com, '*.amazonaws.com', '*.co.uk', '*.a.co.uk']\n",
            [
                "crm.yaml:3:36: publisher.hosts[0]: takes in hosts of others. Write the name that they registered, "
                "such as *.example.org, or each host.",
                "crm.yaml:6:30: recipients[0].hosts[1]: takes in hosts of others. Write the name that they registered, "
                "such as *.example.org, or each host.",
                "crm.yaml:6:49: recipients[0].hosts[2]: takes in hosts of others. Write the name that they registered, "
                "such as *.example.org, or each host.",
            ],
        ),
        (
            HEAD + "title: Carnet\npublisher: {name: Carnet SAS, legal_name: Société Carnet}\n"
            "recipients: [We, nous, anyone, CRM, carnet, carnet sas, societe  carnet, third party, Carnet Ads]\n",
            [
                f"crm.yaml:5:{column}: recipients[{at}].name: stands for the app, its publisher, anyone or third "
                "parties. Write the recipient's own name. What stays with the publisher has no recipient."
                for at, column in enumerate((14, 18, 24, 32, 37, 45, 57, 74))
            ],
        ),
        (
            HEAD + "publsher: X\nrecipients: [{name: we}, {name: X, country: Frankreich}]\n",
            [
                "crm.yaml:3:1: unknown key 'publsher'. Did you mean 'publisher'?",
                "crm.yaml:4:21: recipients[0].name: stands for the app, its publisher, anyone or third parties. Write "
                "the recipient's own name. What stays with the publisher has no recipient.",
                "crm.yaml:4:45: recipients[1].country: not a country code. Did you mean FR?",
            ],
        ),
        (
            "douane_declaration: true\napp: crm\n",
            ["crm.yaml:1:21: douane_declaration: must be 1. Expected: the version of this format: 1."],
        ),
        (
            HEAD + "recipients:\n  - {name: Example, country: EU}\n",
            [
                "crm.yaml:4:30: recipients[0].country: the Union is not a country. Write the country itself, such as "
                "FR (ISO 3166-1)."
            ],
        ),
        (
            HEAD + "recipients:\n  - {name: Example, role: boss}\n",
            [
                "crm.yaml:4:27: recipients[0].role: must be 'processor', 'controller' or 'joint'. Expected: what the "
                "recipient is under the GDPR: processor, controller or joint."
            ],
        ),
        (
            "douane_declaration: 2\napp: crm\n",
            ["crm.yaml:1:21: douane_declaration: must be 1. Expected: the version of this format: 1."],
        ),
        (
            HEAD + "to_app: user.name\n",
            [
                "crm.yaml:3:9: to_app: must be a list. Expected: a list of categories that go to the app, such as "
                "user.contact.email."
            ],
        ),
        (HEAD + "app: other\n", ["crm.yaml:3:1: the key 'app' stands here twice. Keep one of the two."]),
        (HEAD + "\tx: 1\n", ["crm.yaml:3:1: a character that cannot stand here. "
            "Indent with spaces, not tabs; quote the text."]),
        (HEAD + "to_app: [user.name\n", ["crm.yaml:4:1: a bracket or a comma is missing. "
            "Close what was opened, or part it by commas."]),
        (HEAD + "x: 'y\n", ["crm.yaml:4:1: a quote is not closed. Close the quotation mark."]),
        (HEAD + "x: !!python/name:os y\n", ["crm.yaml:3:4: a tag (`!…`) stands before the value. "
            "Remove it: tags are not read."]),
        (
            "x: &x [1]\ny: *x\n",
            ["crm.yaml:1:4: an alias repeats a part. Write the part out: anchors and aliases are not read."],
        ),
        (
            HEAD + "%YAML 1.0\n",
            ["crm.yaml:3:1: a line begins with %. Remove it: directives are not read. Quote or indent text."],
        ),
        ("- a\n", ["crm.yaml:1:1: must be a mapping (`key: value`)."]),
    ],
)  # fmt: skip
def test_a_fault_says_where_and_what_to_do(text: str, expected: list[str]) -> None:
    assert refused(text) == expected


def test_every_fault_is_told_at_once_in_the_order_of_the_file() -> None:
    lines = refused("app: '-'\nto_app: [x]\ndouane_declaration: 3\nzz: 1\n")
    assert [line.split(":")[1] for line in lines] == ["1", "2", "3", "4"]


PLACES = [
    f"{CANARY}: 1\n",
    f"{HEAD}{CANARY}: 1\n",
    f"{HEAD}? [{CANARY}]\n: 1\n",
    f"{HEAD}to_app: {CANARY}\n",
    f"{HEAD}to_app: [{CANARY}]\n",
    f"{HEAD}to_app: {{{CANARY}: {CANARY}}}\n",
    f"{HEAD}taxonomy: {CANARY}\n",
    f"{HEAD}recipients: {CANARY}\n",
    f"{HEAD}recipients: [[{CANARY}]]\n",
    f"{HEAD}recipients: [{{name: {CANARY}, country: {CANARY}, role: {CANARY}, hosts: ['{CANARY} ']}}]\n",
    f"{HEAD}recipients: [{{{CANARY}: x}}]\n",
    f"douane_declaration: {CANARY}\napp: {CANARY}\n",
    f"app: '{CANARY} {CANARY}'\n",
    f"{HEAD}x: *{CANARY}\n",
    f"&{CANARY} a: &{CANARY} {CANARY}\n",
    f"{HEAD}x: !{CANARY} y\n",
    f"%YAML {CANARY}\n---\n{HEAD}",
    f'{HEAD}x: "{CANARY}\\q"\n',
    f"{HEAD}x: '{CANARY}\n",
    f"{HEAD}{CANARY}: 1\n{CANARY}: 2\n",
    f"{HEAD}x: {CANARY}\x07\n",
    f"{HEAD}  {CANARY}\n",
]


@pytest.mark.parametrize("number", range(len(PLACES)))
def test_no_fault_repeats_what_the_file_held(number: int) -> None:
    it = parse_declaration(PLACES[number], "crm.yaml")
    assert isinstance(it, Errors)
    assert CANARY not in str(it) + repr(it)
    assert "Zoltan" not in str(it) + repr(it)


def test_a_document_does_not_show_its_data() -> None:
    assert CANARY not in repr(parse(f"a: {CANARY}", "x.yaml"))


@pytest.mark.parametrize(
    "text", ["[" * 3000, "{a: " * 3000, "- " * 3000, "a: " + "x" * 300_000, "\x00", "\udcff", "\ufeff"]
)
def test_hostile_text_is_refused_without_an_exception(text: str) -> None:
    assert isinstance(parse_declaration(text, "x.yaml"), Errors)


FRAGMENTS = st.sampled_from(
    ["a: ", "- ", "\n", "  ", "[", "]", "{", "}", "'", '"', "\\", "&a ", "*a", "!t ", "%", "---", "...", "|", ">", "? ",
     ": ", "#", "\t", "1", "null", "<<: ", "app", "to_app", "\\U", "\x85", "\u2028", "@", "`", "%YAML 1.1"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=80), st.lists(FRAGMENTS, max_size=25).map("".join)))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    it = parse_declaration(text, "x.yaml")
    if isinstance(it, Errors):
        assert it.faults
        assert all(fault.line >= 1 and fault.column >= 1 for fault in it.faults)


KEYS = st.lists(st.sampled_from([one.key for one in taxonomy.categories()]), max_size=6)


@given(KEYS, KEYS)
def test_what_is_written_as_json_is_read_back_whole(to_app: list[str], to_chatgpt: list[str]) -> None:
    text = json.dumps({"douane_declaration": 1, "app": "crm", "to_app": to_app, "to_chatgpt": to_chatgpt})
    it = read(text)
    assert (set(it.to_app), set(it.to_chatgpt)) == (set(to_app), set(to_chatgpt))


MODELS: dict[str, type[BaseModel]] = {
    "": DeclarationFile,
    "publisher.": PartyEntry,
    "organisation.": OrganisationEntry,
    "platform.": PlatformEntry,
    "privacy_policy.": PolicyEntry,
    "connection_information.": ConnectionEntry,
    "statements[].": StatementEntry,
    "privacy_declarations[].": PurposeEntry,
    "recipients[].": RecipientEntry,
    "transfers[].": TransferEntry,
    "tools.NAME.": ToolEntry,
    "fields.POINTER.": FieldEntry,
    "provenance.": ProvenanceEntry,
}


@pytest.mark.parametrize("where", MODELS)
def test_every_key_of_the_file_is_described(where: str) -> None:
    assert [name for name, info in MODELS[where].model_fields.items() if not info.description] == []


def section(title: str) -> str:
    page = (Path(__file__).parents[2] / "docs" / "declaration.md").read_text(encoding="utf-8")
    return page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_page_on_declarations_lists_every_key() -> None:
    keys = [f"{where}{key}" for where, model in MODELS.items() for key in model.model_fields]
    assert [key for key in keys if f"| `{key}` |" not in section("Keys")] == []


def test_the_page_on_declarations_lists_every_category_and_flag() -> None:
    page = section("Categories")
    rows = [
        f"| `{one.key}` | {one.name_en} | {one.name_fr} | {', '.join(taxonomy.flags(one.key))} |"
        for one in taxonomy.categories()
    ]
    assert [row for row in page.split("\n") if row.startswith("| `") and row.count("|") == 5] == rows
    assert [flag for flag in taxonomy.FLAGS if f"| `{flag}` | {taxonomy.flag_name(flag)} |" not in page] == []


@pytest.mark.parametrize("word", ["children", "Enfants", "pupil", "mineur", "minors", "enfant"])
def test_other_words_for_children_are_led_to_the_one_that_is_taken(word: str) -> None:
    text = f"douane_declaration: 1\napp: crm\nprivacy_declarations:\n  - data_subjects: [{word}]\n"
    assert [one.partition("not a ")[2] for one in refused(text)] == ["data subject of fides. Did you mean child?"]


def test_what_the_rule_on_children_advises_is_taken_and_ends_its_finding() -> None:
    remedy = next(one for one in registered() if one.rule.id == "gdpr/minor")
    declared = read("douane_declaration: 1\napp: crm\nprivacy_declarations:\n  - data_subjects: [child]\n")
    assert all(word in remedy.rule.remedy.en for word in ("`child`", "`data_subjects`", "`user.childrens`"))
    for case in remedy.matches:
        assert check_all(case.history, [remedy.rule])
        assert not check_all(replace(case.history, declaration=declared), [remedy.rule])


def test_the_page_on_declarations_lists_every_word_of_fides() -> None:
    page = section("Words of fides")
    words = [word for kind in fides.Kind for word in fides.words(kind)]
    assert [word.key for word in words if f"| `{word.key}` | {word.en} | {word.fr} |" not in page] == []


def test_the_page_on_declarations_lists_every_lint() -> None:
    rows = [f"| `{one.code}` | {one.severity.value} | {one.says.en} |" for one in kinds().values()]
    assert [row for row in rows if row not in section("Lints")] == []


@pytest.mark.parametrize("name", ["apple", "google"])
def test_the_page_on_declarations_lists_every_word_of_a_store(name: str) -> None:
    page, known = section("Other formats"), store(name)
    for word, taken in known.types.items():
        assert f"| `{word}` | {', '.join(f'`{key}`' for key in taken.categories) or 'none'} |" in page
    for word, taken in known.purposes.items():
        assert f"| `{word}` | {f'`{taken.use}`' if taken.use else 'none'} |" in page


def test_the_example_on_the_page_is_a_declaration() -> None:
    page = (Path(__file__).parents[2] / "docs" / "declaration.md").read_text(encoding="utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    assert without_digest(read(example)) == EXPECTED


def test_the_full_example_on_the_page_is_a_declaration_with_every_part() -> None:
    page = (Path(__file__).parents[2] / "docs" / "declaration.md").read_text(encoding="utf-8")
    it = read(page.split("```yaml\n")[2].partition("```")[0])
    assert it.to_app == ("user.name",)
    assert it.to_chatgpt == ("user.contact.email", "user.name")
    assert [tool.fields[0].id for tool in it.tools] == ["tool/find_contacts/fields/query"]
    assert [statement.id for statement in it.policy.statements] == ["policy/1", "policy/2"] if it.policy else False
    assert [transfer.recipient for transfer in it.transfers] == ["Example Cloud"]
