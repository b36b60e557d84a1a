"""Whatever a message is made of, it is one row or one gap, the next one is inspected, and no output obeys its names."""

import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
import post
import pytest
import zstandard
from post import call
from typer.testing import CliRunner

from douane.cli.main import app

type Case = tuple[bytes, str, Counter[str]]


def around(arguments: str) -> bytes:
    text = f'{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"find","arguments":{arguments}}}}}'
    return text.encode("utf-8", "surrogatepass")


BOMB = around('{"x":"' + "x" * 40_000_000 + '"}')
CASES: dict[str, Case] = {
    "depth": (around("[" * 5_000 + "]" * 5_000), "", Counter({"too-deep": 1})),
    "depth without an end": (b'{"a":' * 3_000, "", Counter({"too-deep": 1})),
    "equal keys": (around('{"a":"x","a":"y"}'), "", Counter({"row": 1, "duplicate-key": 1})),
    "huge numbers": (around(f'{{"a":{"9" * 9_000},"b":-1e999999,"c":1e-999999}}'), "", Counter({"row": 1})),
    "half a pair": (around('{"\\ud800":"\\udfff x","b":"\\ud83d"}'), "", Counter({"row": 1})),
    "half a pair in bytes": (around('{"a":"\ud800"}'), "", Counter({"row": 1, "irregular": 1})),
    "NaN": (around('{"a":NaN,"b":-Infinity}'), "", Counter({"row": 1, "irregular": 1})),
    "NUL": (around('{"a\\u0000b":"x\\u0000y"}'), "", Counter({"row": 1})),
    "a bomb in gzip": (gzip.compress(BOMB, mtime=0), "gzip", Counter({"too-large": 1})),
    "a bomb in gzip in gzip": (gzip.compress(gzip.compress(BOMB)), "gzip, gzip", Counter({"too-large": 1})),
    "a bomb in br": (brotli.compress(BOMB, quality=1), "br", Counter({"too-large": 1})),
    "a bomb in zstd": (zstandard.ZstdCompressor(level=1).compress(BOMB), "zstd", Counter({"too-large": 1})),
    "backslashes and quotes": (around(json.dumps({"a": '\\"' * 3_000})), "", Counter({"row": 1})),
}  # fmt: skip


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Any]:
    made = post.Post(tmp_path)
    yield made
    made.close()


def told(here: Any) -> Counter[str]:
    """The rows, and the gaps by code, without those that any call without a schema or a declaration has."""
    usual = "('no-schema', 'no-declaration')"
    rows = here.rows("SELECT 'row' FROM exchanges") + here.rows(f"SELECT code FROM gaps WHERE code NOT IN {usual}")
    return Counter(one for (one,) in rows)


@pytest.mark.parametrize("case", CASES)
def test_a_message_made_to_do_harm_is_one_row_or_one_gap_and_the_next_is_inspected(case: str, here: Any) -> None:
    body, coding, expected = CASES[case]
    begun = time.thread_time()
    here.asks(body, headers=[["content-encoding", coding]] if coding else [])
    here.work()
    assert told(here) == expected
    here.asks(call(2, email="lea.exemple@example.org"))
    here.work()
    assert told(here) == expected + Counter({"row": 1})
    assert ("user.contact.email",) in here.rows("SELECT category FROM disclosures")
    assert time.thread_time() - begun < 10


NAMES = ("\x1b]0;owned\x07\x1b[31m", "<script>alert(1)</script>", "=cmd|'/C calc'!A0", "\u202egnp.exe", "a\r\n\r\nb")


def test_names_that_crossed_are_obeyed_by_no_output(here: Any, tmp_path: Path) -> None:
    """The ledger's own rows hold what a peer called its tools, methods, keys and protocol."""
    for number, name in enumerate(NAMES):
        spoken = {
            "jsonrpc": "2.0",
            "id": number,
            "method": name,
            "params": {name: {"email": "lea.exemple@example.org"}},
        }
        here.asks(spoken, headers=[["mcp-protocol-version", name]])
        here.asks(call(f"{number}{name}", name, **{name: "lea.exemple@example.org"}))
    here.work()
    assert sum(told(here).values()) >= 2 * len(NAMES)
    for form in ("text", "html", "json", "md"):
        chosen = [] if form == "text" else ["--format", form, "-o", "-"]
        ran = CliRunner().invoke(app, ["report", "--ledger", str(tmp_path / "douane.db"), *chosen])
        assert ran.exit_code == 0, ran.output
        assert not set(ran.stdout) & set("\x1b\x07\u202e\r"), form
        assert "<script>alert" not in ran.stdout, form
