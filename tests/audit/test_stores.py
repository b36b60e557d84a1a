"""What an app told the stores comes in as a declaration: each word of theirs is taken, or stands in the table."""

import csv
import io
import plistlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit import fides, taxonomy
from douane.audit.apple_manifest import read_apple
from douane.audit.declaration import Declaration, Purpose
from douane.audit.declaration_file import parse_declaration
from douane.audit.declaration_text import yaml_of
from douane.audit.google_safety import read_google
from douane.audit.imported import Imported, blanks, store
from douane.audit.yamltext import Errors

T = "NSPrivacyCollectedDataType"
HEADER = [
    "Question ID (machine readable)", "Response ID (machine readable)", "Response value", "Answer requirement",
    "Human-friendly question label",
]  # fmt: skip


def manifest(*types: dict[str, Any], **more: Any) -> str:
    return plistlib.dumps({"NSPrivacyCollectedDataTypes": list(types), **more}).decode()


def collected(kind: str, *purposes: str, linked: bool | None = None, tracking: bool = False) -> dict[str, Any]:
    return {
        T: T + kind,
        **({} if linked is None else {f"{T}Linked": linked}),
        f"{T}Tracking": tracking,
        f"{T}Purposes": [f"{T}Purpose{one}" for one in purposes],
    }


def form(*rows: tuple[str, str, str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *([*row, "MULTIPLE_CHOICE", "A, label"] for row in rows)])
    return out.getvalue()


def ticked(
    kind: str, *purposes: str, how: str = "ONLY_COLLECTED", ephemeral: str = "", control: str = "REQUIRED"
) -> Any:
    usage = f"PSL_DATA_USAGE_RESPONSES:{kind}"
    rows = [
        ("PSL_DATA_TYPES_PERSONAL", kind, "true"),
        (f"{usage}:PSL_DATA_USAGE_COLLECTION_AND_SHARING", f"PSL_DATA_USAGE_{how}", "true"),
        (f"{usage}:PSL_DATA_USAGE_EPHEMERAL", "", ephemeral),
        (f"{usage}:DATA_USAGE_USER_CONTROL", f"PSL_DATA_USAGE_USER_CONTROL_{control}", "true"),
    ]
    return [*rows, *((f"{usage}:DATA_USAGE_COLLECTION_PURPOSE", one, "true") for one in purposes)]


def apple(text: str) -> Imported:
    it = read_apple(text, "PrivacyInfo.xcprivacy", "crm")
    assert isinstance(it, Imported), str(it)
    return it


def google(text: str) -> Imported:
    it = read_google(text, "data_safety.csv", "crm")
    assert isinstance(it, Imported), str(it)
    return it


def of(purpose: Purpose) -> tuple[Any, ...]:
    return purpose.data_use, purpose.to_app, purpose.shared, purpose.ephemeral, purpose.optional


def test_each_of_apples_purposes_becomes_one_purpose_with_its_types() -> None:
    it = apple(
        manifest(
            collected("Name", "AppFunctionality", "Analytics"),
            collected("EmailAddress", "AppFunctionality"),
            collected("UserID", "Analytics"),
        )
    )
    assert [of(one) for one in it.declaration.purposes] == [
        ("analytics", ("user.account.username", "user.name", "user.unique_id"), None, None, None),
        ("essential.service", ("user.contact.email", "user.name"), None, None, None),
    ]
    assert it.declaration.to_app == ("user.account.username", "user.contact.email", "user.name", "user.unique_id")
    assert it.declaration.to_chatgpt == ()
    assert [one.what for one in it.unmapped] == ["NSPrivacyCollectedDataTypes"]
    assert it.declaration.purposes[1].provenance[0].quote == f"{T}Name, {T}EmailAddress"


@pytest.mark.parametrize(
    ("types", "more", "row"),
    [
        ([collected("Fitness", "Analytics")], {}, f"{T}Fitness"),
        ([collected("Name")], {}, f"{T}Name"),
        ([collected("Name", "Other")], {}, f"{T}PurposeOther"),
        ([collected("Name", "Zoltan Quixley")], {}, f"{T}Name: (not shown)"),
        ([collected("Zoltan Quixley", "Analytics")], {}, "(not shown)"),
        ([collected("Shoes", "Analytics")], {}, f"{T}Shoes"),
        ([collected("Name", "Analytics", tracking=True)], {}, f"{T}Name: {T}Tracking"),
        ([collected("Name", "Analytics", linked=False)], {}, f"{T}Name: {T}Linked"),
        ([collected("Name", "Analytics", linked=True)], {}, f"{T}Name: {T}Linked"),
        ([collected("Name", "Analytics"), "Zoltan Quixley"], {}, f"{T}s[2]"),
        ([], {"NSPrivacyTrackingDomains": ["a.example"]}, "NSPrivacyTrackingDomains"),
    ],
)
def test_what_apple_says_besides_is_in_the_table(types: list[Any], more: dict[str, Any], row: str) -> None:
    assert [one.what for one in apple(manifest(*types, **more)).unmapped] == [row, "NSPrivacyCollectedDataTypes"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "this is no XML property list"),
        ("bplist00", "plutil -convert xml1"),
        ("<plist>", "this is not XML"),
        ("<plist><array/></plist>", "this is no privacy manifest"),
        ("<plist><dict><key>a</key></dict></plist>", "this is no XML property list"),
        ("<plist><dict/></plist>", "no list of collected data types"),
        ('<!DOCTYPE x [<!ENTITY a "Zoltan">]><plist><dict><key>&a;</key><string/></dict></plist>', "no XML property"),
        ("<plist><dict><key>a</key><date>Zoltan</date></dict></plist>", "this is no XML property list"),
    ],
)
def test_what_is_no_manifest_of_apples_is_refused(text: str, said: str) -> None:
    it = read_apple(text, "x.xcprivacy", "crm")
    assert isinstance(it, Errors)
    assert said in str(it)
    assert "Zoltan" not in str(it)


def test_googles_types_with_the_same_answers_become_one_purpose() -> None:
    it = google(
        form(
            ("PSL_DATA_COLLECTION_COLLECTS_PERSONAL_DATA", "", "true"),
            *ticked("PSL_NAME", "PSL_APP_FUNCTIONALITY", "PSL_ACCOUNT_MANAGEMENT", ephemeral="false"),
            *ticked("PSL_EMAIL", "PSL_APP_FUNCTIONALITY", ephemeral="false"),
            *ticked("PSL_DEVICE_ID", "PSL_ADVERTISING", how="BOTH_COLLECTED_AND_SHARED", control="OPTIONAL"),
            *ticked("PSL_PHONE", "PSL_APP_FUNCTIONALITY", ephemeral="true"),
        )
    )
    assert [of(one) for one in it.declaration.purposes] == [
        ("essential.service", ("user.contact.email", "user.name"), False, False, False),
        ("essential.service", ("user.contact.phone_number",), False, True, False),
        ("marketing.advertising", ("user.device.device_id",), True, None, True),
        ("essential.service", ("user.name",), False, False, False),
    ]
    rows = [one.what for one in it.unmapped]
    assert rows == ["PSL_DEVICE_ID", "PSL_DATA_COLLECTION_COLLECTS_PERSONAL_DATA"]


def test_ticking_collected_and_shared_means_both() -> None:
    usage = "PSL_DATA_USAGE_RESPONSES:PSL_NAME:PSL_DATA_USAGE_COLLECTION_AND_SHARING"
    for order in (1, -1):
        rows = [(usage, "PSL_DATA_USAGE_ONLY_COLLECTED", "TRUE"), (usage, "PSL_DATA_USAGE_ONLY_SHARED", "TRUE")][
            ::order
        ]
        it = google(
            form(*ticked("PSL_NAME", "PSL_ANALYTICS", how="X")[:1], *rows, *ticked("PSL_NAME", "PSL_ANALYTICS")[4:])
        )
        assert [one.shared for one in it.declaration.purposes] == [True]


@pytest.mark.parametrize(
    ("rows", "row"),
    [
        ([("PSL_DATA_COLLECTION_ENCRYPTED_IN_TRANSIT", "", "true")], "PSL_DATA_COLLECTION_ENCRYPTED_IN_TRANSIT"),
        ([("PSL_DATA_DELETION_URL", "", "https://a.example/Zoltan")], "PSL_DATA_DELETION_URL"),
        (ticked("PSL_FITNESS", "PSL_ANALYTICS"), "PSL_FITNESS"),
        (ticked("PSL_SHOES", "PSL_ANALYTICS"), "PSL_SHOES"),
        (ticked("PSL_NAME"), "PSL_NAME"),
        (ticked("PSL_NAME", "PSL_SHOPPING"), "PSL_NAME:PSL_SHOPPING"),
        (ticked("PSL_NAME", "PSL_DEVELOPER_COMMUNICATIONS"), "PSL_DEVELOPER_COMMUNICATIONS"),
        ([("Zoltan Quixley", "", "true")], "(not shown)"),
    ],
)
def test_what_google_says_besides_is_in_the_table(rows: list[tuple[str, str, str]], row: str) -> None:
    assert row in [one.what for one in google(form(*rows)).unmapped]
    assert "Zoltan" not in str(google(form(*rows)).unmapped)


def test_what_is_not_ticked_says_nothing() -> None:
    it = google(form(("PSL_DATA_TYPES_PERSONAL", "PSL_NAME", ""), ("PSL_DATA_TYPES_PERSONAL", "PSL_EMAIL", "FALSE")))
    assert it.declaration.to_app == ()


@pytest.mark.parametrize("text", ["", "a,b,c\n1,2,3\n", 'Question ID (machine readable),"Zoltan\n', "\x00"])
def test_what_is_no_form_of_googles_is_refused(text: str) -> None:
    it = read_google(text, "x.csv", "crm")
    assert isinstance(it, Errors)
    assert "Zoltan" not in str(it)


@pytest.mark.parametrize("name", ["apple", "google"])
def test_a_store_is_told_in_words_of_ours(name: str) -> None:
    known = store(name)
    for taken in known.types.values():
        assert [key for key in taken.categories if taxonomy.category(key) is None] == []
        assert taken.categories or taken.why
    for taken in known.purposes.values():
        assert fides.word(fides.Kind.USE, taken.use) if taken.use else taken.why


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(store("apple").types)),
            st.sets(st.sampled_from(sorted(store("apple").purposes))),
            st.booleans(),
        )
    )
)
def test_every_manifest_of_apples_makes_a_file_that_is_read_back(types: list[tuple[str, set[str], bool]]) -> None:
    it = apple(manifest(*(collected(kind, *purposes, linked=linked) for kind, purposes, linked in types)))
    text = yaml_of(it.declaration, blanks(it.declaration))
    read = parse_declaration(text, "crm.yaml")
    assert isinstance(read, Declaration), str(read)
    assert (read.to_app, len(read.purposes)) == (it.declaration.to_app, len(it.declaration.purposes))


GOOGLE = st.tuples(
    st.sampled_from([*store("google").types, "PSL_SHOES"]),
    st.lists(st.sampled_from([*store("google").purposes, "PSL_X"]), max_size=3),
    st.sampled_from(["ONLY_COLLECTED", "ONLY_SHARED", "BOTH_COLLECTED_AND_SHARED", "?"]),
    st.sampled_from(["", "true", "false", "TRUE"]),
)


@given(st.lists(GOOGLE, max_size=5))
def test_every_form_of_googles_makes_a_file_that_is_read_back(kinds: list[tuple[str, list[str], str, str]]) -> None:
    rows = [row for kind, purposes, how, eph in kinds for row in ticked(kind, *purposes, how=how, ephemeral=eph)]
    it = google(form(*rows))
    read = parse_declaration(yaml_of(it.declaration, blanks(it.declaration, "fr")), "crm.yaml")
    assert isinstance(read, Declaration), str(read)
    assert read.to_app == it.declaration.to_app


@given(st.one_of(st.text(max_size=60), st.text(st.sampled_from('<>plistdcary/="!?&;- \n'), max_size=60)))
def test_no_text_makes_a_store_reader_raise(text: str) -> None:
    for read in (read_apple, read_google):
        for head in ("", "<plist><dict><key>NSPrivacyCollectedDataTypes</key>", ",".join(HEADER) + "\n"):
            assert isinstance(read(head + text, "x", "crm"), Imported | Errors)
