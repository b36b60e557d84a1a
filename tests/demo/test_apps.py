"""The sample apps are real MCP servers, and the pinned transcripts play against them without Douane."""

from collections.abc import Iterator
from typing import Any

import anyio
import httpx2
import pytest

from douane.demo.apps import APPS, Places, sample_apps
from douane.demo.client import Conversation, NotAnsweredError, answer_in, play, signed_in
from douane.demo.transcripts import Step, Transcript, transcripts

TRANSCRIPTS = {transcript.app: transcript for transcript in transcripts()}


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    places = Places.free()
    with sample_apps(tmp_path_factory.mktemp("apps"), places, behind_douane=False):
        yield {app: places.own_url(app) for app in APPS}


def step(app: str, user: int, call: str) -> tuple[Transcript, Step]:
    transcript = TRANSCRIPTS[app]
    return transcript, next(s for s in transcript.users[user].steps if s.call == call)


async def result_of(url: str, app: str, user: int, call: str) -> dict[str, Any]:
    transcript, wanted = step(app, user, call)
    async with httpx2.AsyncClient(timeout=60) as http:
        conversation = Conversation(http, url, transcript.users[user], transcript.protocol)
        await conversation.begin()
        return await conversation.take(wanted)


def test_there_is_a_transcript_for_every_app_in_both_languages_and_both_protocol_eras() -> None:
    assert set(TRANSCRIPTS) == {"travel", "rendezvous", "crm", "library"}
    assert {t.language for t in TRANSCRIPTS.values()} == {"en", "fr"}
    assert {t.protocol for t in TRANSCRIPTS.values()} == {"2025-11-25", "2026-07-28"}


@pytest.mark.parametrize("app", ["travel", "rendezvous", "crm", "library"])
def test_a_transcript_plays_to_its_end_against_the_app_itself(app: str, urls: dict[str, str]) -> None:
    heard: list[tuple[str, str]] = []
    anyio.run(play, TRANSCRIPTS[app], urls[app], 0, lambda name, what: heard.append((name, what)))
    steps = [(app, s.call or s.read) for user in TRANSCRIPTS[app].users for s in user.steps]
    assert sorted(heard) == sorted(steps)


def test_the_travel_app_returns_passport_numbers_and_internal_identifiers_that_its_schema_does_not_list(
    urls: dict[str, str],
) -> None:
    result = anyio.run(result_of, urls["travel"], "travel", 0, "book_flight")["structuredContent"]
    assert [sorted(p) for p in result["passengers"]] == [["family_name", "given_name", "passport_number"]] * 2
    assert sorted(result["debug"]) == ["customer_id", "trace_id"]


def test_the_travel_app_asks_back_for_a_phone_number_in_the_stateless_era(urls: dict[str, str]) -> None:
    transcript, wanted = step("travel", 0, "book_flight")

    async def ask() -> dict[str, Any]:
        async with httpx2.AsyncClient(timeout=60) as http:
            conversation = Conversation(http, urls["travel"], transcript.users[0], transcript.protocol)
            return await conversation.post(
                "tools/call", conversation.params(name=wanted.call, arguments=wanted.arguments)
            )

    result = anyio.run(ask)
    assert (result["resultType"], list(result["inputRequests"])) == ("input_required", ["contact_phone"])


def test_the_medical_app_returns_the_treatment_that_its_schema_does_not_list(urls: dict[str, str]) -> None:
    result = anyio.run(result_of, urls["rendezvous"], "rendezvous", 0, "prendre_rendez_vous")["structuredContent"]
    assert sorted(result["dossier"]) == ["allergies", "traitement_en_cours"]


def test_the_crm_offers_a_widget_and_a_file_parameter_to_those_who_sign_in(urls: dict[str, str]) -> None:
    async def look() -> tuple[dict[str, Any], dict[str, Any], str]:
        async with signed_in(urls["crm"], "2025-11-25", {}) as client:
            tools = {tool.name: tool.meta or {} for tool in (await client.list_tools()).tools}
            page = await client.read_resource("ui://carnet/contact-card.html")
            content = page.contents[0]
            return tools["find_contacts"] | tools["import_contacts"], content.meta or {}, content.mime_type or ""

    tools, page, mime_type = anyio.run(look)
    assert tools["ui"] == {"resourceUri": "ui://carnet/contact-card.html"}
    assert tools["openai/fileParams"] == ["file"]
    assert mime_type == "text/html;profile=mcp-app"
    assert page["ui"]["csp"]["connectDomains"] == ["https://api.carnet.example", "https://metrics.audience.example"]


def test_the_crm_turns_away_who_is_not_signed_in_and_names_its_resource_metadata(urls: dict[str, str]) -> None:
    response = httpx2.post(urls["crm"], json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert response.status_code == 401
    assert "resource_metadata=" in response.headers["www-authenticate"]


def test_a_request_that_fails_says_its_method_and_never_what_was_in_it(urls: dict[str, str]) -> None:
    transcript, _ = step("travel", 0, "book_flight")
    wrong = Step(call="book_flight", arguments={"offer_id": "canary-7731"})

    async def fail() -> None:
        async with httpx2.AsyncClient(timeout=60) as http:
            await Conversation(http, urls["travel"], transcript.users[0], transcript.protocol).take(wrong)

    with pytest.raises(NotAnsweredError) as caught:
        anyio.run(fail)
    assert "book_flight" in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("content_type", "body", "found"),
    [
        ("application/json", '{"jsonrpc":"2.0","id":3,"result":{}}', True),
        ("application/json", '{"jsonrpc":"2.0","id":4,"result":{}}', False),
        ("application/json", "", False),
        ("text/event-stream", 'event: message\r\ndata: {"jsonrpc":"2.0","id":3,"result":{}}\r\n\r\n', True),
        ("text/event-stream", 'data: {"jsonrpc":"2.0","id":3,"method":"ping"}\n\n', False),
        ("text/event-stream", ": only a comment\n\n", False),
    ],
)
def test_the_answer_to_a_request_is_found_in_json_and_in_a_stream(content_type: str, body: str, found: bool) -> None:
    response = httpx2.Response(200, headers={"content-type": content_type}, text=body)
    assert (answer_in(response, 3) is not None) is found


def test_no_transcript_says_its_values_when_it_is_printed() -> None:
    printed = repr(transcripts())
    assert "example.org" not in printed
    assert "925665416" not in printed
