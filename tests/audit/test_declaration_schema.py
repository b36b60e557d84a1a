"""The published JSON Schema is that of the reader: what one takes the other takes."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from declarations import declarations
from hypothesis import HealthCheck, given, settings

from douane.audit.declaration import Declaration
from douane.audit.declaration_file import parse_declaration
from douane.audit.declaration_schema import json_schema
from douane.audit.declaration_text import plain
from douane.audit.yamltext import Document, parse

PUBLISHED = Path(__file__).parents[2] / "docs" / "declaration.schema.json"
CHECK = jsonschema.Draft202012Validator(json_schema())
HEAD: dict[str, Any] = {"douane_declaration": 1, "app": "crm"}


def test_the_published_schema_is_the_one_of_the_reader() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == json_schema(), (
        "regenerate it: douane declare schema > docs/declaration.schema.json"
    )


def test_the_published_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(declarations())
def test_every_declaration_that_is_written_is_valid(declaration: Declaration) -> None:
    CHECK.validate(plain(declaration))


@pytest.mark.parametrize("app", ["crm", "rendezvous", "travel"])
def test_the_declarations_of_the_sample_apps_are_valid(app: str) -> None:
    document = parse((files("douane.demo") / "data" / f"{app}.yaml").read_text("utf-8"), app)
    assert isinstance(document, Document)
    CHECK.validate(document.data)


PURPOSE = {"data_use": "essential.service"}
BAD: dict[str, dict[str, Any]] = {
    "no app": {"app": None},
    "unknown key": {"to_ap": []},
    "unknown category": {"to_app": ["user.contact.emial"]},
    "text for a list": {"to_app": "user.name"},
    "nothing for a list": {"to_app": None},
    "country in words": {"recipients": [{"name": "X", "country": "France"}]},
    "empty name": {"recipients": [""]},
    "unknown use": {"privacy_declarations": [{"data_use": "essential.servce"}]},
    "unknown subject": {"privacy_declarations": [{"data_subjects": ["customers"]}]},
    "retention in words": {"privacy_declarations": [{**PURPOSE, "retention_period": "one year"}]},
    "no basis of Art. 6": {"privacy_declarations": [{**PURPOSE, "legal_basis_for_processing": "Consentement"}]},
    "no digest": {"privacy_policy": {"sha256": "abc"}},
    "no date": {"privacy_policy": {"fetched": "yesterday"}},
    "no URL": {"privacy_policy": "policy.html"},
    "a statement of nothing": {"privacy_policy": {"statements": [{"data_categories": []}]}},
    "a third word": {"privacy_policy": {"statements": [{"says": "maybe", "data_categories": ["user"]}]}},
    "no pointer": {"tools": {"x": {"fields": {"email": ["user.contact.email"]}}}},
    "a transfer to nowhere": {"transfers": [{"mechanism": "SCCs"}]},
    "an unknown mechanism": {"transfers": [{"country": "US", "mechanism": "scc"}]},
    "yes for true": {"privacy_declarations": [{**PURPOSE, "shared": "yes"}]},
    "a source of its own": {"provenance": {"source": "hearsay"}},
}
GOOD: dict[str, dict[str, Any]] = {
    "the short form": {"to_app": ["user.name"], "recipients": ["X", {"name": "Y"}]},
    "names for parties": {"publisher": "Carnet SAS", "organisation": {"dpo": "Camille"}},
    "a URL for the policy": {"privacy_policy": "https://carnet.example/privacy"},
    "a list for a field": {"tools": {"x": {"fields": {"/email": ["user.contact.email"]}}}},
    "a provenance alone": {"provenance": {"source": "human"}},
    "places to fill in": {"title": None, "publisher": {"name": None}, "platform": None, "tools": None},
    "nothing said": {
        "privacy_declarations": [
            {"special_category_legal_basis": None, "shared": None, "roles": None, "data_subjects": None}
        ]
    },
    "empty text": {"publisher": {"country": ""}, "privacy_policy": {"sha256": "", "fetched": "", "url": ""}},
}


@pytest.mark.parametrize("case", BAD)
def test_what_the_reader_refuses_the_schema_refuses(case: str) -> None:
    data = HEAD | BAD[case]
    assert not isinstance(parse_declaration(json.dumps(data), "x.json"), Declaration)
    assert not CHECK.is_valid(data)


@pytest.mark.parametrize("case", GOOD)
def test_what_the_reader_takes_the_schema_takes(case: str) -> None:
    data = HEAD | GOOD[case]
    it = parse_declaration(json.dumps(data), "x.json")
    assert isinstance(it, Declaration), str(it)
    CHECK.validate(data)
