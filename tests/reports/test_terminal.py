"""The terminal summary fits 80 columns and stays plain where it must."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from douane.reports import terminal
from douane.reports.i18n import LANGS
from douane.reports.model import Summary
from douane.reports.paragraph import Paragraph

GOLDEN = ("empty", "one", "demo", "many", "gaps_only", "hostile")


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", GOLDEN)
def test_no_line_is_wider_than_the_terminal(summaries: dict[str, Summary], name: str, lang: str, width: int) -> None:
    lines = terminal.render(summaries[name], lang=lang, width=width).splitlines()
    assert [line for line in lines if cell_len(line) > width] == []


@pytest.mark.parametrize("name", GOLDEN)
def test_nothing_is_cut_off_at_80_columns(summaries: dict[str, Summary], name: str) -> None:
    flows = summaries[name].flows
    text = terminal.render(summaries[name], lang="fr")
    assert len(re.findall(r"^  \S.*? [→←] +[\d\u202f,]+ ━", text, re.MULTILINE)) == len(flows)


def test_colours_only_where_there_is_a_terminal(summaries: dict[str, Summary], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured, piped, plain = io.StringIO(), io.StringIO(), io.StringIO()
    terminal.show(summaries["demo"], console=Console(file=coloured, force_terminal=True, color_system="standard"))
    terminal.show(summaries["demo"], console=Console(file=piped))
    monkeypatch.setenv("NO_COLOR", "1")
    terminal.show(summaries["demo"], console=Console(file=plain, force_terminal=True))
    assert re.search(r"\x1b\[1;3[35]m", coloured.getvalue())
    assert "\x1b" not in piped.getvalue()
    assert not re.search(r"\x1b\[[\d;]*3\d", plain.getvalue())


@given(st.text(alphabet="ab \u00a0é漢", max_size=80), st.integers(4, 40), st.integers(0, 3), st.integers(0, 3))
def test_a_paragraph_keeps_its_words_and_its_no_break_spaces(text: str, width: int, indent: int, hang: int) -> None:
    lines = Paragraph(Text(text), indent, hang).lines(width)
    room = [width - (hang if place else indent) for place in range(len(lines))]
    assert all(cell_len(line.plain) <= max(2, most) for line, most in zip(lines, room, strict=True))
    assert "".join(line.plain for line in lines).replace(" ", "") == text.replace(" ", "")


def test_a_paragraph_breaks_at_plain_spaces_only() -> None:
    lines = Paragraph(Text("trois communications\u00a0: une"), 0, 2).lines(18)
    assert [line.plain for line in lines] == ["trois", "communications\u00a0:", "une"]


@pytest.mark.parametrize("width", [48, 60, 80])
def test_no_line_is_broken_at_a_no_break_space(summaries: dict[str, Summary], width: int) -> None:
    lines = terminal.render(summaries["demo"], lang="fr", width=width).splitlines()
    assert [line for line in lines if re.match(r"\s*(»|[:;!?%×]( |$))", line) or re.search("(«|×)\u00a0?$", line)] == []
