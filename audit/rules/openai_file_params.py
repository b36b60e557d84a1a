"""File parameters that are not of the shape that ChatGPT fills. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.history import History, ToolFacts
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import history, tool
from douane.audit.rules.reading import asked, tools
from douane.audit.rules.sources import READ, REVIEW, WRITTEN

_PROPERTIES = ("download_url", "file_id", "file_name", "mime_type")


def check_app(history: History) -> Iterator[Hit]:
    """Names in `openai/fileParams` that are no top-level field, or whose field does not declare all four properties.

    A value that is no list (`toolmeta.known_meta` keeps it as an empty text) names nothing that ChatGPT would fill.
    """
    for one in tools(history):
        named = one.meta.get("openai/fileParams")
        if named is not None and not isinstance(named, list | tuple):
            facts = (("tool", one.name), ("field", "…"), ("what", "no-list"), ("missing", "[…]"))
            yield Hit(one.name, f"{one.name} _meta/openai~1fileParams", facts=facts)
        for name in sorted({str(name) for name in named}) if isinstance(named, list | tuple) else ():
            if missing := _missing(one, name):
                facts = (("tool", one.name), ("field", name), ("what", "unlisted"), ("missing", missing))
                yield Hit(one.name, f"{one.name} _meta/openai~1fileParams/{name}", facts=facts)


def _missing(one: ToolFacts, name: str) -> str:
    places = {place.pointer: place for place in asked(one)}
    if f"/{name}" not in places:
        return name
    there = {key for key in _PROPERTIES if f"/{name}/{key}" in places or f"/{name}/*/{key}" in places}
    return ", ".join(key for key in _PROPERTIES if key not in there)


RULE = Rule(
    id="openai/file-params",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Shape of a file parameter", "Forme d’un paramètre de fichier"),
    severity=Severity.ERROR,
    source=REVIEW,
    read=READ,
    wording="In our words: the scan rejects a schema that does not declare all four properties of a file parameter.",
    says=Text(
        "{tool} names {field} in openai/fileParams; {what} {missing}.",
        "{tool} cite {field} dans openai/fileParams ; {what} {missing}.",
    ),
    remedy=Text(
        "Make {field} a top-level field of the input schema with the four properties of a file.",
        "Faites de {field} un champ de premier niveau du schéma d’entrée, avec les quatre propriétés d’un fichier.",
    ),
    check_app=check_app,
)

_FILE = {"type": "object", "properties": {key: {"type": "string"} for key in _PROPERTIES}}
_HALF = {"type": "object", "properties": {"download_url": {"type": "string"}, "file_id": {"type": "string"}}}


def _takes(field: object, *named: str) -> History:
    schema = {"type": "object", "properties": {"document": field}}
    return history(tools=[tool("read", schema=schema, meta={"openai/fileParams": list(named)})])


MATCHES = (
    Case("the field declares two of four", _takes(_HALF, "document")),
    Case("the field is a string", _takes({"type": "string"}, "document")),
    Case("the value is no list", history(tools=[tool("read", "document", meta={"openai/fileParams": ""})])),
    Case("there is no such field", _takes(_FILE, "attachment")),
)
MISSES = (
    Case("all four", _takes(_FILE, "document")),
    Case("an array of files", _takes({"type": "array", "items": _FILE}, "document")),
    Case("behind a reference", history(tools=[tool("read", meta={"openai/fileParams": ["document"]}, schema={
        "type": "object", "properties": {"document": {"$ref": "#/$defs/File"}}, "$defs": {"File": _FILE},
    })])),
    Case("no file parameter", _takes(_HALF)),
)  # fmt: skip
