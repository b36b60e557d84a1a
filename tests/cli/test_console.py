"""What `douane run` says: warnings and notes in words, and as JSON lines."""

from typing import Any

import pytest

from douane.cli.console import Console


def warning(**said: Any) -> dict[str, Any]:
    return {"event": "warning", "code": "refused", "app": "", "detail": "", "count": 1, **said}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            {"code": "spool-full", "app": "alpha", "detail": "messages are not passed on until there is room"},
            "! alpha: the spool is full: messages are not passed on until there is room\n",
        ),
        ({"code": "spool-recovered", "app": "alpha"}, "! alpha: recording again\n"),
        ({"detail": "unknown-host", "count": 3}, "! a request was refused: unknown-host (3 times)\n"),
    ],
)
def test_a_warning_says_once_what_happens(said: dict[str, Any], words: str, capsys: Any) -> None:
    Console("plain", apps=["alpha"]).proxy_says(warning(**said))
    assert capsys.readouterr().err == words
