"""No clear value leaves the sealed spool: planted everywhere, found nowhere."""

import base64
import json
import os
import re
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from running import App, Running, until

WORDS = iter(range(10_000, 99_999))


def canary(kind: str) -> str:
    """A value that stands nowhere else; fictitious, and shaped so that a detector may or may not know it."""
    number = next(WORDS)
    return {
        "plain": f"Zqv{number}Kw",
        "email": f"zqv{number}kw@example.org",
        "phone": f"+3363998{number}",
        "key": f"zqv{number}kw",
        "secret": f"sk_live_zqv{number}kwZQV{number}KWzqvzqvzqv",
        "name": f"Zqvine Kwarz{number}",
    }[kind]


def call(number: int, arguments: Any, meta: Any = None) -> dict[str, Any]:
    params = {"name": "search_contacts", "arguments": arguments}
    return {
        "jsonrpc": "2.0",
        "id": number,
        "method": "tools/call",
        "params": {**params, **({"_meta": meta} if meta else {})},
    }


ENCODINGS = {
    "plain": lambda text: text,
    "json in a string": lambda text: json.dumps({"contact": text}),
    "a key of JSON in a string": lambda text: json.dumps({canary("key"): {"contact": text}}),
    "base64": lambda text: base64.b64encode(json.dumps({"contact": text}).encode()).decode(),
    "a URL": lambda text: f"https://app.example/find?who={urllib.parse.quote(text)}",
    "CSV": lambda text: f"id,contact\n1,{text}\n2,other\n",
    "key: value": lambda text: f"Contact: {text}\nStatus: open",
    "prose": lambda text: f"Please call {text} before Friday, merci.",
}


def messages() -> Iterator[tuple[str, dict[str, Any] | bytes, dict[str, str], str, Any]]:
    """Where, what ChatGPT sends, extra headers, the target, and what the app answers."""
    number = 0

    def answer(message_id: int, **result: Any) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": message_id, "result": {"content": [], **result}}

    for kind in ("plain", "email", "phone", "secret", "name"):
        for encode in ENCODINGS.values():
            number += 1
            sent, returned = encode(canary(kind)), encode(canary(kind))
            yield (
                "arguments and structured content",
                call(number, {"query": sent}),
                {},
                "/mcp",
                answer(number, structuredContent={"found": returned}, content=[{"type": "text", "text": returned}]),
            )
    number += 1
    yield (
        "keys",
        call(number, {canary("key"): {canary("email"): 1}, "map": {canary("name"): True}}),
        {},
        "/mcp",
        answer(number, structuredContent={canary("key"): 1}),
    )
    number += 1
    inner = canary("key")
    twice = f'{{"{inner}":{{"a":"{canary("email")}","a":"{canary("email")}"}}}}'
    yield (
        "a key twice below a key that is a datum",
        f'{{"jsonrpc":"2.0","id":{number},"method":"tools/call","params":{{"name":"t","arguments":{twice}}}}}'.encode(),
        {f"Mcp-Param-{canary('key')}": canary("email")},
        "/mcp",
        answer(number),
    )
    number += 1
    yield (
        "_meta and its HTTP twins",
        call(
            number,
            {},
            {"openai/subject": canary("plain"), "openai/userLocation": {"city": canary("plain")}, canary("key"): 1},
        ),
        {
            "X-Openai-Subject": canary("plain"),
            "Mcp-Param-City": canary("plain"),
            "User-Agent": canary("plain"),
            "X-Team": canary("name"),
        },
        "/mcp",
        answer(number, _meta={"widget": canary("email")}),
    )
    number += 1
    yield (
        "URL, credentials and cookies",
        call(number, {}),
        {
            "Authorization": f"Bearer {canary('secret')}",
            "Cookie": f"session={canary('plain')}",
            "Mcp-Session-Id": canary("plain"),
            "X-Api-Key": canary("secret"),
        },
        f"/mcp?city={canary('plain')}&access_token={canary('secret')}",
        answer(number),
    )
    number += 1
    yield (
        "method and tool names, ids",
        {
            "jsonrpc": "2.0",
            "id": canary("email"),
            "method": f"tools/{canary('key')}",
            "params": {"name": canary("key")},
        },
        {},
        "/mcp",
        {
            "jsonrpc": "2.0",
            "id": canary("email"),
            "error": {"code": -32000, "message": canary("email"), "data": {"trace": canary("name")}},
        },
    )
    number += 1
    yield ("a tool's name", {**call(number, {}), "params": {"name": canary("key")}}, {}, "/mcp", answer(number))
    number += 1
    yield (
        "what the tools are said to be",
        {"jsonrpc": "2.0", "id": number, "method": "tools/list"},
        {},
        "/mcp",
        answer(
            number,
            tools=[
                {
                    "name": "find",
                    "description": canary("email"),
                    "inputSchema": {
                        "type": "object",
                        "properties": {
                            "who": {
                                "type": "string",
                                "default": canary("email"),
                                "examples": [canary("name")],
                                "enum": [canary("plain")],
                            }
                        },
                    },
                }
            ],
        ),
    )
    yield (
        "malformed JSON",
        f'{{"jsonrpc": "2.0", "id": 1, "method": "{canary("plain")}", "params": {{"q": "{canary("email")}'.encode(),
        {},
        "/mcp",
        answer(0),
    )
    yield (
        "not MCP",
        canary("email").encode(),
        {"Content-Type": "text/plain"},
        f"/other/{canary('plain')}?q={canary('email')}",
        {"who": canary("email")},
    )
    yield (
        "OAuth",
        f"grant_type=authorization_code&code={canary('secret')}&client_secret={canary('secret')}".encode(),
        {"Content-Type": "application/x-www-form-urlencoded"},
        "/token",
        {"access_token": canary("secret")},
    )


def traces(text: str) -> set[bytes]:
    """The digits of every canary, which survive any encoding of text, and what base64 makes of it at each offset."""
    found: set[bytes] = set()
    for core in set(re.findall(r"(?i)zqv\d{5}kw|Kwarz\d{5}|\+3363998\d{5}", text)):
        for form in {core, core.lower(), core.upper()}:
            found |= {form.encode(), form.encode().hex().encode()}
            for shift in range(3):
                encoded = base64.b64encode(b"x" * shift + form.encode()).decode()
                found.add(encoded[4 : len(encoded) // 4 * 4 - 4].encode())
    return {trace for trace in found if len(trace) >= 8}


def everything_sent(talk: list[tuple[Any, ...]]) -> str:
    return " ".join(
        part.decode()
        if isinstance(part, bytes)
        else part
        if isinstance(part, str)
        else json.dumps(part, ensure_ascii=False)
        for one in talk
        for part in one
    )


def speak(port: int, talk: list[tuple[Any, ...]]) -> None:
    for _, body, headers, target, _ in talk:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        link = HTTPConnection("127.0.0.1", port, timeout=60)
        link.request("POST", target, raw, {"Content-Type": "application/json", **headers})
        link.getresponse().read()
        link.close()


@pytest.mark.promise("no-clear-value")
@pytest.mark.timeout(240)
def test_nothing_that_was_planted_is_found_anywhere(tmp_path: Path) -> None:
    talk = list(messages())
    answers = iter([answer for *_, answer in talk])
    planted = traces(everything_sent(talk))
    assert len(planted) > 500
    outputs: dict[str, bytes] = {}
    with App(answer=lambda _message: next(answers)) as app:
        douane = Running(tmp_path, [app.url, "--port", "0", "--name", "app"]).start()
        try:
            speak(douane.port(), talk)
            until(lambda: len(douane.events("exchange")) + len(douane.events("gap")) >= len(talk), 60, "inspection")
        finally:
            assert douane.stop() == 0
        outputs["standard output"], outputs["standard error"] = b"".join(douane.raw), b"".join(douane.errors)
    environ = {**os.environ, "DOUANE_KEY_FILE": str(tmp_path / "key" / "master.key")}

    def douane_says(*arguments: str, stdin: bytes = b"") -> bytes:
        ran = subprocess.run(
            [sys.executable, "-m", "douane.cli.main", *arguments],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env=environ,
            check=False,
        )
        return ran.stdout + ran.stderr

    ledger = str(tmp_path / "data" / "douane.db")
    for kind in ("html", "json", "md"):
        for lang in ("en", "fr"):
            douane_says("report", "--ledger", ledger, "--format", kind, "--lang", lang, "-o", f"report.{lang}.{kind}")
    outputs["report in the terminal"] = douane_says("report", "--ledger", ledger)
    lines = b"\n".join(json.dumps(body).encode() for _, body, *_ in talk if isinstance(body, dict))
    outputs["scan"] = b"\n".join(
        re.sub(rb'"(pointer|reached)": "[^"]*"', b"", line)
        for line in douane_says("scan", "--no-presidio", stdin=lines).splitlines()
    )
    for name, text in {
        "config.yaml": f"apps:\n  - name: {canary('email')}\n    {canary('key')}: 1\n"
        f"    upstream: http://{canary('plain')}:{canary('secret')}@host/mcp\n",
        "broken.yaml": f"apps: [{canary('email')}\n",
    }.items():
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_text(text)
        outputs[f"bad {name}"] = douane_says("run", "--config", f"in/{name}")
        planted |= traces(text)
    (tmp_path / "in" / "app.yaml").write_text(
        text := f"douane_declaration: 1\napp: {canary('email')}\nto_app: [{canary('plain')}]\n"
    )
    planted |= traces(text)
    outputs["bad declaration"] = douane_says("run", "http://127.0.0.1:9/mcp", "--declaration", "in/app.yaml")

    places = {
        str(path.relative_to(tmp_path)): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file() and path.parent.name != "in"
    }
    assert any(name.endswith("douane.db") for name in places)
    assert any(name.endswith("report.fr.html") for name in places)
    leaks = sorted(
        f"{place}: {trace.decode()}"
        for place, content in {**places, **outputs}.items()
        for trace in planted
        if trace in content
    )
    assert leaks == []
