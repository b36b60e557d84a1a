"""Secrets are found in the places where messages hold them, and what looks like one is left alone."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from douane.audit.context import Context
from douane.audit.fields import fields
from douane.audit.finding import Finding
from douane.audit.jsontext import Node, parse
from douane.audit.message import Direction, Kind, Message
from douane.audit.taxonomy import is_within
from douane.detectors.fusion import fuse
from douane.detectors.scene import Scene
from douane.detectors.secret import DETECTOR

BENCH = Path(__file__).parents[2] / "bench" / "secret_cases.py"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("secret_cases", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["secret_cases"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", [7, 2026])
def test_secrets_are_found_and_harmless_fields_are_not(bench: ModuleType, seed: int) -> None:
    figures = bench.measure(seed)
    assert figures.positives >= 500
    assert figures.negatives >= 1500
    assert figures.recall >= 0.98, figures.missed
    assert figures.precision >= 0.98, figures.false
    assert figures.exact >= 0.97
    assert figures.flagged <= 0.01 * figures.negatives, figures.false


def test_the_figures_fall_without_the_detector(bench: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "DETECTOR", SimpleNamespace(name="none", find=lambda scene: ()))
    assert bench.measure().recall == 0


def test_the_figures_fall_with_a_careless_detector(bench: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(scene: Scene) -> list[Finding]:
        return [
            Finding(one.field, 0, len(one.text), "system.secret", 0.9, "all")
            for one in scene.texts
            if len(one.text) > 9
        ]

    monkeypatch.setattr(bench, "DETECTOR", SimpleNamespace(name="all", find=find))
    assert bench.measure().precision < 0.6


def test_the_same_seed_makes_the_same_cases(bench: ModuleType) -> None:
    assert list(bench.cases(3)) == list(bench.cases(3))
    assert list(bench.cases(3)) != list(bench.cases(4))


KEY = "a8Xk29fLmQpZ71TnBvRcYw34Hd"
HEX = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"
SAID: list[tuple[dict[str, Any], str, str]] = [
    ({"value1": "root / P@ssw0rd!2024"}, "P@ssw0rd!2024", "password"),
    ({"message": "creds: admin:Zx9!kkQ2"}, "Zx9!kkQ2", "password"),
    ({"message": "voici mes identifiants : jdupont / Winter2024!"}, "Winter2024!", "password"),
    ({"note": "Netflix pw: Poulet42!"}, "Poulet42!", "password"),
    ({"q": "mon wifi c'est Livebox-A4F2 et le code est 8F3KQ92LMZ"}, "8F3KQ92LMZ", "password"),
    ({"auth": {"password": "correct horse battery staple"}}, "correct horse battery staple", "password"),
    ({"code": "conn = connect(user='app', password='Zx9!kkQ2vv')"}, "Zx9!kkQ2vv", "password"),
    ({"cmd": "mysql -u root -pS3cretPw99 app"}, "S3cretPw99", "password"),
    ({"message": "digicode 45B12, 3e étage"}, "45B12", "password"),
    ({"message": "The door code is 4821#, key under the mat"}, "4821#", "password"),
    ({"message": "code for the gate is 4471#"}, "4471#", "password"),
    ({"message": "the code to the building: 19A74"}, "19A74", "password"),
    ({"message": "le code 19A74 pour entrer, puis au fond"}, "19A74", "password"),
    ({"sms": "Votre code de sécurité Banque Exemple est le 739201."}, "739201", "one_time_code"),
    ({"sms": "<#> Your ExampleApp code is 739-201"}, "739-201", "one_time_code"),
    ({"message": "j'ai reçu le code 482913 par sms"}, "482913", "one_time_code"),
    ({"pin": 4821}, "4821", "one_time_code"),
    ({"headers": {"Cookie": f"session={KEY}; theme=dark"}}, KEY, "token"),
    ({"env": [{"name": "API_KEY", "value": KEY}]}, KEY, "api_key"),
    ({"datadog": {"appKey": HEX}}, HEX, ""),
    ({"note": f"seed phrase: {' '.join(['legal', 'winner'] * 6)}"}, " ".join(["legal", "winner"] * 6), "private_key"),
]  # fmt: skip
QUIET: list[dict[str, Any]] = [
    {"note": "wifi extender TL-WA850RE"},
    {"text": "Login to Gmail2 from iPhone14"},
    {"message": "Your order code is 482913"},
    {"message": "Use code 2024 at checkout, valid until May"},
    {"message": "Votre code client est 482913"},
    {"message": "2FA is on since 2024"},
    {"shipping": {"pin_code": "560001", "city": "Bengaluru"}},
    {"note": "sk-learn-contrib-categorical-encoders-v2"},
    {"text": "files start with -----BEGIN PRIVATE KEY----- and then base64"},
    {"code": "token = jwt.encode(payload, settings.SECRET_KEY, algorithm='HS256')"},
    {"code": "const token = localStorage.getItem('accessToken');"},
    {"discord_channel_id": "123456789012345678"},
    {"items": [{"name": "color", "value": KEY}]},
    {"password": "required"},
    {"password": "Your password was changed"},
    {"token": "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"},
    {"secret": "projects/42/secrets/database"},
    {"access_key": "Alt+Shift+S"},
    {"message": "Reservation confirmed. Confirmation code: 48291334"},
    {"message": "password reset ticket INC0012345 closed"},
    {"message": "password manager 1Password8 and KeePassXC2"},
    {"message": "Contact: marie.dupont@example.org / 06 12 34 56 78"},
    {"message": "Reference key REF20260401ABCD1234EF was archived"},
    {"note": "wifi hotels near 75011, room 1204"},
    {"url": "https://img.example.org/i.jpg?sig=small&w=200"},
    {"cookie": "lang=fr; theme=dark; _ga=GA1.2.123456789.1712345678"},
    {"id": "evt_1NvXkL2eZvKYlo2CrXq8aBcd"},
    {"headers": {"X-Request-Id": KEY}},
    {"key": KEY},
]


@pytest.mark.parametrize(("given", "secret", "kind"), SAID, ids=[f"said-{at}" for at in range(len(SAID))])
def test_what_people_and_programs_write_is_found(given: dict[str, Any], secret: str, kind: str, opened: Any) -> None:
    found = fuse(DETECTOR.find(Scene(*opened(given))))
    assert [
        one for one in found
        if one.of.text[one.start : one.end] == secret and is_within(one.category, f"system.secret.{kind}".rstrip("."))
    ]  # fmt: skip


@pytest.mark.parametrize("given", QUIET, ids=[f"quiet-{at}" for at in range(len(QUIET))])
def test_what_only_looks_like_a_secret_is_left_alone(given: dict[str, Any], opened: Any) -> None:
    assert [(one.category, one.evidence) for one in fuse(DETECTOR.find(Scene(*opened(given))))] == []


DRAWN = "q7Zt3VbX9mKd2LfR8wYc5NhJ1sGp6TaE4uQxB0oV"


@pytest.mark.parametrize("place", ["_meta", "structuredContent"])
@pytest.mark.parametrize("key", ["api_key", "session_token"])
def test_what_an_app_hides_from_the_model_is_found_like_what_it_shows(place: str, key: str) -> None:
    assert found_in({place: {key: DRAWN}}) == {f"/result/{place}/{key}"}


def test_what_the_protocol_itself_has_in_meta_is_no_secret() -> None:
    assert found_in({"_meta": {"progressToken": DRAWN, "openai/widgetSessionId": DRAWN}}) == set()


def found_in(result: dict[str, Any]) -> set[str]:
    text = json.dumps({"jsonrpc": "2.0", "id": 1, "result": result})
    node = parse(text)
    assert isinstance(node, Node)
    message = Message("crm", Direction.TO_CHATGPT, Kind.RESULT, "tools/call", "find", 1, node, text)
    context = Context("crm", message.direction, message.kind, message.method, message.tool)
    return {one.of.pointer for one in fuse(DETECTOR.find(Scene(fields(message)[0], context)))}
