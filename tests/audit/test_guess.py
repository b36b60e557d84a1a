"""What a listed field may hold, guessed from the words of its schema."""

from typing import Any

import pytest

from douane.audit.guess import guessed

PRIVATE = "user.content.private"


def categories(properties: dict[str, Any]) -> dict[str, list[str]]:
    found = guessed({"type": "object", "properties": properties})
    return {one.pointer: [guess.category for guess in one.guesses] for one in found}


@pytest.mark.parametrize("outcome", ["success", "ok", "Done"])
def test_a_message_beside_how_the_call_went_is_the_tools(outcome: str) -> None:
    found = categories({outcome: {"type": "boolean"}, "message": {"type": "string"}})
    assert found["/message"] == []


def test_a_message_beside_anything_else_may_be_a_persons() -> None:
    text = {"type": "string"}
    assert categories({"message": text})["/message"] == [PRIVATE]
    assert categories({"message": text, "success": text})["/message"] == [PRIVATE]
    assert categories({"message": text, "urgent": {"type": "boolean"}})["/message"] == [PRIVATE]


def test_how_another_object_went_says_nothing_of_a_message() -> None:
    sent = {"type": "object", "properties": {"message": {"type": "string"}}}
    assert categories({"success": {"type": "boolean"}, "sent": sent})["/sent/message"] == [PRIVATE]
