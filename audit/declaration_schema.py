"""The declaration file's format as a JSON Schema (2020-12), made from the model. Pure module: no I/O."""

from typing import Any

from douane.audit.declaration_model import NEVER_EMPTY, DeclarationFile

URL = "https://json-schema.org/draft/2020-12/schema"

# What may stand in the place of a mapping: a name, a URL, a list of categories.
_SHORT: dict[str, dict[str, Any]] = {
    "RecipientEntry": {"type": "string", "minLength": 1, "maxLength": 200},
    "PartyEntry": {"type": "string", "maxLength": 200},
    "PolicyEntry": {"$ref": "#/$defs/Url"},
    "FieldEntry": {"$ref": "#/$defs/Categories"},
    "Provenances": {"$ref": "#/$defs/ProvenanceEntry"},
}


def json_schema() -> dict[str, Any]:
    """The schema as plain data. It knows keys, shapes and words; that names stand for something is read, not schema."""
    schema = DeclarationFile.model_json_schema()
    definitions: dict[str, Any] = schema["$defs"]
    for one in (schema, *definitions.values()):
        _tidy(one)
    for name, short in _SHORT.items():
        definitions[name] = {"anyOf": [definitions[name], short]}
    return {"$schema": URL, **schema, "title": "Douane declaration", "$defs": dict(sorted(definitions.items()))}


def _tidy(model: dict[str, Any]) -> None:
    """Take away the titles that repeat a key; let a key that may be left out stand with nothing after it."""
    model.pop("title", None)
    required = model.get("required", ())
    for name, key in model.get("properties", {}).items():
        key.pop("title", None)
        if name in required or name in NEVER_EMPTY or {"type": "null"} in key.get("anyOf", ()):
            continue
        kept = {part: key.pop(part) for part in ("description", "default") if part in key}
        model["properties"][name] = {"anyOf": [dict(key), {"type": "null"}], **kept}
