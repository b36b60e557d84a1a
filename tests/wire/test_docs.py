"""docs/wire.md says what the code does."""

import re
from pathlib import Path

import pytest

from douane.audit.message import GAP_CODES
from douane.wire import assembler, encodings, jsonrpc, session, sse, stream

PAGE = (Path(__file__).parents[2] / "docs" / "wire.md").read_text(encoding="utf-8")
SOURCES = [path.read_text(encoding="utf-8") for path in (Path(__file__).parents[2] / "wire").glob("*.py")]


@pytest.mark.parametrize(
    "figure",
    [
        f"windows up to {encodings._ZSTD_WINDOW >> 20} MB",
        f"{encodings.DEFAULT_LIMIT >> 20} MB at a time",
        f"({sse.DEFAULT_LIMIT >> 20} MB by default)",
        f"nesting ({jsonrpc.MAX_DEPTH})",
        f"values ({jsonrpc.MAX_NODES:,})",
        f"{session.MAX_OPEN:,} at a time",
        f"last {assembler.Limits().events:,} events",
        f"up to {stream.MAX_HELD >> 20} MB: a decompressor",
        f"after {assembler.HOLD / 60:.0f} minutes",
    ],
)
def test_a_figure_on_the_page_is_the_one_in_the_code(figure: str) -> None:
    assert figure in " ".join(PAGE.split())


def test_every_gap_that_the_wire_gives_is_on_the_page() -> None:
    given = {code for source in SOURCES for code in re.findall(r'Gap\(\s*"([a-z-]+)"', source)}
    assert given - {"not-recorded"} <= set(GAP_CODES)
    assert [code for code in sorted(given) if f"`{code}`" not in PAGE] == []


@pytest.mark.parametrize("name", ["json", "sse", "get-sse", "legacy-sse"])
def test_every_transport_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE
    assert any(f'"{name}"' in source for source in SOURCES)
