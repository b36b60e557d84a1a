"""The pinned conversations that the demo plays. Everybody in them is fictitious."""

from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

PROTOCOLS = ("2025-11-25", "2026-07-28")
type Protocol = Literal["2025-11-25", "2026-07-28"]


class Edge(BaseModel):
    """Base of what is read from a transcript: an unknown key is an error, and no message repeats a value."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Step(Edge):
    """One thing the assistant does: call a tool, or read a resource (a widget's page).

    `says` is what the person wrote before, which never leaves ChatGPT. `answers` are the person's answers, by key,
    should the app ask back: `{"action": "accept", "content": {…}}`.
    """

    says: str = Field(default="", repr=False)
    call: str | None = None
    read: str | None = None
    arguments: dict[str, Any] = Field(default_factory=dict, repr=False)
    answers: dict[str, dict[str, Any]] = Field(default_factory=dict, repr=False)


class Person(Edge):
    """One conversation. `meta` is the `_meta` that ChatGPT adds to each tool call."""

    about: str
    meta: dict[str, Any] = Field(repr=False)
    steps: tuple[Step, ...]
    protocol: Protocol | None = None


class Transcript(Edge):
    """What several people do with one app at the same time.

    `client` is `chatgpt` (requests in the very shape that ChatGPT sends) or `sdk` (the official SDK's client, with
    sign-in).
    """

    app: str
    language: Literal["en", "fr"]
    protocol: Protocol
    client: Literal["chatgpt", "sdk"]
    about: str
    users: tuple[Person, ...]


def transcripts() -> tuple[Transcript, ...]:
    """Every pinned transcript, sorted by app."""
    folder = files("douane.demo") / "data"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".transcript.json")]
    return tuple(
        Transcript.model_validate_json(entry.read_text("utf-8")) for entry in sorted(found, key=lambda e: e.name)
    )
