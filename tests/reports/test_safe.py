"""Text from outside is made harmless in one place."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.reports import safe


@pytest.mark.promise("names-obey-nobody")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("crm", "crm"),
        ("Café  Zoé\n", "Café Zoé"),
        ("\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"),
        ("\u202egnp.exe", "\ufffdgnp.exe"),
        ("a\u200bb", "a\ufffdb"),
        ("\ud800", "\ufffd"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("@sum", "'@sum"),
        ("-1", "'-1"),
        ("x" * 500, "x" * 79 + "…"),
        ("e" + "\u0301" * 40, "é\u0301"),
        ("", ""),
    ],
)
def test_a_name_is_shown_on_one_line_without_anything_that_is_obeyed(text: str, shown: str) -> None:
    assert unicodedata.normalize("NFC", safe.plain(text)) == unicodedata.normalize("NFC", shown)


@given(st.text(), st.integers(min_value=4, max_value=80))
def test_what_is_shown_is_short_and_holds_no_control_or_format_character(text: str, limit: int) -> None:
    shown = safe.plain(text, limit)
    assert len(shown) <= limit
    assert not any(unicodedata.category(char)[0] == "C" for char in shown)
    assert not shown.startswith(("=", "+", "-", "@", " "))
    assert safe.plain(shown, limit) == shown


@pytest.mark.promise("names-obey-nobody")
@given(st.text(max_size=300))
def test_a_markdown_cell_holds_no_bare_pipe_tag_or_line_break(text: str) -> None:
    cell = safe.markdown(text)
    bare = cell.replace("\\\\", "").replace("\\|", "")
    assert "|" not in bare
    assert "<" not in cell
    assert "\n" not in cell


def test_a_pointer_is_cut_in_its_middle() -> None:
    assert safe.middle("/params/arguments/patient/nom", 15) == "/params…ent/nom"
    assert safe.middle("/a/b", 15) == "/a/b"


@given(st.text())
def test_json_text_means_the_same_and_can_stand_in_a_page(text: str) -> None:
    written = safe.json_text(json.dumps(text))
    assert json.loads(written) == text
    assert not set(written) & set("<>&\x7f")
    assert written.isascii()


def test_joined_lines_keep_their_breaks_and_are_cut_before_they_are_cleaned() -> None:
    assert safe.lines(("a\nb", "=c"), 80) == "a b\n'=c"
    assert safe.lines(("abcdef", "ghi"), 9) == "abcdef\ng…"
    endless = ("a" for _ in iter(int, 1))
    assert safe.lines(endless, 5) == "a\na\na"
