"""What `douane run` says: warnings and notes in words, and as JSON lines."""

import json
import time
from datetime import UTC, datetime
from types import SimpleNamespace
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


def test_every_json_line_has_its_time(capsys: Any) -> None:
    console = Console("json", apps=["alpha"])
    before = datetime.fromtimestamp(time.time() - 0.001, UTC)
    console.open(SimpleNamespace(apps=()), [{"apps": ["alpha"], "port": 1}])  # type: ignore[arg-type]
    console.say("Stopping.")
    console.lag({"event": "lag", "seconds": 1.5})
    console.lag({"event": "lag", "seconds": 0.0})
    console.proxy_says(warning(code="spool-full", app="alpha"))
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in (out + err).splitlines()]
    assert [line["event"] for line in lines] == ["ready", "note", "lag", "lag", "warning"]
    assert all(before <= datetime.fromisoformat(line["at"]) <= datetime.now(UTC) for line in lines)


@pytest.mark.parametrize("kind", ["exchange", "gap", "outcome"])
def test_what_crossed_is_told_with_the_time_at_which_it_did(kind: str, capsys: Any) -> None:
    console = Console("json", apps=["alpha"])
    event = {"event": kind, "at": 1_790_000_000.25, "app": "alpha", "gaps": [], "messages": 1, "outcome": "failed"}
    (console.outcome if kind == "outcome" else console.crossed)(event)
    told = json.loads(capsys.readouterr().out)
    assert told == {**event, "at": "2026-09-21T14:13:20.250Z"}
    assert list(told)[:2] == ["event", "at"]
