"""`douane scan`: an answer for every line whatever is in it, and no silence when nothing can be read or written."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commanding import douane
from hypothesis import given
from hypothesis import strategies as st

from douane.inspector.scan import Scanner

EMAIL = "lea@example.org"
SCANNER = Scanner(presidio=False)


def call(**arguments: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "find", "arguments": arguments}}


def answers(line: Any, number: int = 3) -> list[dict[str, Any]]:
    return SCANNER.answers(line if isinstance(line, (str, bytes)) else json.dumps(line), number)


def found(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(f["pointer"], f.get("in"), f["start"], f["end"], f["category"]) for f in answer["findings"]]


def shell(redirection: str, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["sh", "-c", f'"$@" {redirection}', "sh", sys.executable, "-m", "douane.cli.main", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
    )


LIMIT = "nested deeper than the inspection limit"
DEEP = "[" * 200 + "]" * 200


@pytest.mark.parametrize(
    ("line", "label", "code", "error"),
    [
        (f'{{"id":"b","message":{DEEP}}}', "b", "too-deep", f"{LIMIT}, at character 147"),
        (f'{{"message":{DEEP},"id":"b"}}', "b", "too-deep", f"{LIMIT}, at character 138"),
        (f'{{"jsonrpc":"2.0","id":7,"method":"x","params":{DEEP}}}', 3, "too-deep", None),
        ('{"id":"b","message":[' + "0," * 200_000 + "0]}", "b", "too-many", None),
        ('{"id":"b","message":{', "b", "malformed", "not valid JSON, at character 21"),
        ("{", 3, "malformed", "not valid JSON, at character 1"),
        (b"\xff{}", 3, "malformed", "not UTF-8"),
        ('{"id":"b","message":[]}', "b", "malformed", "an empty batch"),
        ("[]", 3, "malformed", "an empty batch"),
        ('{"id":"b","message":"hello"}', "b", "malformed", None),
        ('{"id":"b"}', "b", "malformed", None),
        ("3", 3, "malformed", None),
    ],
    ids=[
        "too-deep", "too-deep-before-its-id", "a-bare-message-too-deep", "too-many", "broken-off", "broken",
        "not-utf-8", "an-empty-batch", "a-bare-empty-batch", "a-string", "no-message", "a-number",
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_says_why_and_keeps_its_id(
    line: str | bytes, label: Any, code: str, error: str | None
) -> None:
    (answer,) = answers(line)
    assert error is None or answer["error"] == error
    assert {**answer, "error": bool(answer["error"])} == {
        "id": label,
        "error": True,
        "findings": [],
        "undeclared": [],
        "gaps": [{"code": code, "place": "line"}],
    }


@pytest.mark.parametrize(
    ("beside", "error"),
    [
        ({"direction": "sideways"}, "unknown direction; give to_app or to_chatgpt, or leave it out"),
        ({"direction": 1}, "unknown direction; give to_app or to_chatgpt, or leave it out"),
        ({"input_schema": "x"}, "input_schema is no JSON object; give the tool's schema, or leave it out"),
        ({"output_schema": []}, "output_schema is no JSON object; give the tool's schema, or leave it out"),
        ({"direction": None, "input_schema": None}, None),
        ({"direction": "to_app", "input_schema": {"type": "object"}}, None),
    ],
    ids=str,
)
def test_what_stands_beside_the_message_is_checked(beside: dict[str, Any], error: str | None) -> None:
    (answer,) = answers({"id": "b", **beside, "message": call(email=EMAIL)})
    assert (answer["id"], answer.get("error"), bool(answer["findings"])) == ("b", error, error is None)


def test_a_bare_message_is_called_by_the_number_of_its_line() -> None:
    assert [answer["id"] for answer in answers(call(email=EMAIL), 12)] == [12]


@pytest.mark.parametrize("own", ["hello", {"a": 1}, []], ids=str)
def test_a_bare_message_may_have_a_key_called_message(own: Any) -> None:
    (answer,) = answers({**call(email=EMAIL), "message": own})
    assert (answer["id"], "error" in answer, len(answer["findings"])) == (3, False, 1)


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_batch_has_one_answer_per_item(wrapped: bool) -> None:
    batch = [call(email=EMAIL), 5, call(email="paul@example.org")]
    given = answers({"id": "b", "message": batch} if wrapped else batch)
    finding = ("/params/arguments/email", None, 0, len(EMAIL), "user.contact.email")
    assert [(one["id"], one["part"], "error" in one) for one in given] == [
        ("b" if wrapped else 3, 0, False),
        ("b" if wrapped else 3, 1, True),
        ("b" if wrapped else 3, 2, False),
    ]
    assert found(given[0]) == [finding]


def test_a_finding_in_a_key_says_so() -> None:
    (answer,) = answers(call(people={EMAIL: {"seen": True}}))
    assert found(answer) == [
        (f"/params/arguments/people/{EMAIL}", "key", 0, len(EMAIL), "user.contact.email"),
    ]


def test_a_number_is_as_long_as_python_prints_it() -> None:
    (answer,) = answers(
        '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"f","arguments":{"latitude":48.85660,"longitude":2.35220}}}'
    )
    assert [(f["pointer"], f["start"], f["end"]) for f in answer["findings"]] == [
        ("/params/arguments/latitude", 0, len("48.8566")),
        ("/params/arguments/longitude", 0, len("2.3522")),
    ]


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_line_makes_it_fail(line: bytes) -> None:
    assert all({"id", "findings", "undeclared", "gaps"} <= answer.keys() for answer in answers(line))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "message", "jsonrpc", "method", "params", "result", "direction", "input_schema"])
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_json_makes_it_fail(value: Any) -> None:
    assert all({"id", "findings", "undeclared", "gaps"} <= answer.keys() for answer in answers(value))


def test_a_byte_order_mark_and_empty_lines_are_passed_over(tmp_path: Path) -> None:
    given = "\ufeff" + json.dumps(call(email=EMAIL)) + "\n\n"
    ran = douane(tmp_path, "scan", "--no-presidio", given=given)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [found(json.loads(line)) for line in ran.stdout.splitlines()] == [
        [("/params/arguments/email", None, 0, len(EMAIL), "user.contact.email")]
    ]


@pytest.mark.parametrize(
    ("redirection", "complaint"),
    [
        ("<&-", b"douane: Standard input is closed. Give a file, or something to read.\n"),
        (">&-", b"douane: Standard output is closed. Nothing was written.\n"),
        (">/dev/full", b"douane: Standard output: No space left on device. It does not hold everything.\n"),
        (">/dev/full 2>&-", b""),
    ],
)
def test_a_standard_stream_that_cannot_be_used_is_complained_of(redirection: str, complaint: bytes) -> None:
    ran = shell(redirection, "scan", "--no-presidio", stdin=json.dumps(call(email=EMAIL)).encode())
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, b"", complaint)


def test_a_reader_that_goes_away_ends_it_without_a_word() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "douane.cli.main", "scan", "--no-presidio"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as scan:
        assert scan.stdout is not None
        scan.stdout.close()
        scan.stdout = None
        _, complaint = scan.communicate(json.dumps(call(email=EMAIL)).encode() + b"\n", 60)
    assert (scan.returncode, complaint) == (1, b"")
