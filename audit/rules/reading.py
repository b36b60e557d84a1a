"""What rules read out of a history: data, what a schema asks for, whose a host is. Pure module: no I/O."""

import json
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from douane.audit import announce, taxonomy
from douane.audit.declaration import Declaration
from douane.audit.exchange import Disclosure, Exchange
from douane.audit.history import History, ToolFacts
from douane.audit.hosts import belongs, local
from douane.audit.jsontext import escape
from douane.audit.message import Direction
from douane.audit.rules.base import Hit
from douane.audit.schema import COMBINED, ITEMS, MAX_LEVELS, find_property, segments

PLATFORM_HOSTS: Final = ("*.openai.com", "*.chatgpt.com", "*.oaiusercontent.com", "*.oaistatic.com")
"""ChatGPT's own hosts: what goes back there goes to no one new."""
ARGUMENTS: Final = "/params/arguments"
ANSWERS_OF_PEOPLE: Final = ("/params/arguments", "/params/inputResponses", "/result/content")
_MAX_PROPERTIES: Final = 500
_INDEX: Final = re.compile(r"(?<=/)[0-9]+(?=/|$)")
_ROW: Final = re.compile(r"(?<=[:/])[0-9]+(?=/|$| )")
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A property of a tool's schema: where it stands (indices as `*`), its own name, the categories it announces.

    `chosen` is true where the schema lists its values (`enum`, `const`) or lets no text in.
    """

    pointer: str
    name: str
    categories: frozenset[str]
    keys: frozenset[str] = frozenset()
    chosen: bool = False


@lru_cache(maxsize=8192)
def spot(pointer: str, reached: str = "") -> str:
    """A place that is the same in every message: indices and rows read `*`."""
    where = _INDEX.sub("*", pointer)
    return f"{where} > {_ROW.sub('*', reached)}" if reached else where


def data(
    exchange: Exchange, direction: Direction | None = None, within_any: tuple[str, ...] = ()
) -> Iterator[tuple[int, Disclosure]]:
    """The disclosures of an exchange with their numbers: all, or those of a direction, or within a category."""
    if direction is not None and exchange.direction is not direction:
        return
    for at, one in enumerate(exchange.disclosures):
        if not within_any or _in_any(one.category, within_any):
            yield at, one


@lru_cache(maxsize=8192)
def _in_any(category: str, roots: tuple[str, ...]) -> bool:
    return any(taxonomy.is_within(category, root) for root in roots)


def hit_of(exchange: Exchange, at: int, disclosure: Disclosure, **facts: str) -> Hit:
    """A hit on one disclosure; its facts are the tool (or method), the place and the category, and what is given."""
    whose = exchange.tool or exchange.method or exchange.kind.value
    where = spot(disclosure.pointer, disclosure.reached)
    known = {"tool": whose, "pointer": where, "category": disclosure.category, **facts}
    return Hit(
        tool=exchange.tool or "",
        place=f"{whose} {where} {disclosure.category}",
        category=disclosure.category,
        direction=exchange.direction,
        disclosure=at,
        facts=tuple(known.items()),
    )


def asked(tool: ToolFacts) -> tuple[Asked, ...]:
    """What a tool's input schema asks for, property by property, at any depth."""
    return _properties(_text(tool.input_schema))


def returned(tool: ToolFacts) -> tuple[Asked, ...]:
    """What a tool's output schema lists, property by property, at any depth."""
    return _properties(_text(tool.output_schema))


def hit_on(tool: ToolFacts, one: Asked, category: str = "", **facts: str) -> Hit:
    """A hit on a property of a tool's input schema."""
    where = f"inputSchema{one.pointer}"
    known = {"tool": tool.name, "pointer": where, "category": category, **facts}
    return Hit(
        tool=tool.name,
        place=f"{tool.name} {where} {category}".rstrip(),
        category=category,
        direction=Direction.TO_APP,
        facts=tuple((key, value) for key, value in known.items() if value),
    )


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case and without accents: `getUserById` and `get_user_by_id` are alike."""
    return tuple(word.lower() for word in _WORD.findall(name if name.isascii() else _without_accents(name)))


def _without_accents(name: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))


def covered(category: str, declared: Collection[str]) -> bool:
    """Whether one of the declared categories is this one or a wider one."""
    if isinstance(declared, tuple):
        return _in_any(category, declared)
    return any(taxonomy.is_within(category, one) for one in declared)


def personal(category: str) -> bool:
    """Whether the category is one of data about a person."""
    return taxonomy.is_within(category, "user")


def secret(category: str, flags: Collection[str]) -> bool:
    """Whether the datum gives access to something: a password, a key, a token. A card's security code is none here."""
    return ("secret" in flags and "pci:sad" not in flags) or taxonomy.is_within(category, "system.authentication")


def hosts_of(declaration: Declaration) -> tuple[str, ...]:
    """Every host that the declaration gives to its publisher, to a recipient or to the organisation."""
    own = (*declaration.publisher.hosts, *declaration.organisation.party.hosts)
    theirs = (host for recipient in declaration.recipients for host in recipient.hosts)
    return tuple(sorted({host.lower() for host in (*own, *theirs)}))


def strange(host: str, declaration: Declaration | None) -> bool:
    """Whether a declaration gives the host to nobody, be it that it names no host at all; false without a declaration.

    This machine's own addresses and ChatGPT's hosts are nobody's.
    """
    if declaration is None or local(host) or host.startswith("'"):
        return False
    return not belongs(host, (*hosts_of(declaration), *PLATFORM_HOSTS))


def tools(history: History) -> tuple[ToolFacts, ...]:
    """The app's tools by name."""
    return tuple(history.tools[name] for name in sorted(history.tools))


def _text(schema: Mapping[str, Any] | None) -> str:
    return "" if schema is None else json.dumps(schema, sort_keys=True)


@lru_cache(maxsize=512)
def _properties(text: str) -> tuple[Asked, ...]:
    root = json.loads(text) if text else None
    found: dict[str, Asked] = {}
    pending: list[tuple[object, str, int]] = [(root, "", 0)]
    seen: set[tuple[int, str]] = set()
    while pending and len(found) < _MAX_PROPERTIES:
        schema, pointer, level = pending.pop()
        if not isinstance(schema, Mapping) or level > MAX_LEVELS or (id(schema), pointer) in seen:
            continue
        seen.add((id(schema), pointer))
        pending.extend((one, pointer, level + 1) for one in _beside(schema, root))
        for keyword in (*ITEMS, "prefixItems"):
            inner = schema.get(keyword)
            each = inner if isinstance(inner, list) else (inner,)
            pending.extend((one, f"{pointer}/*", level + 1) for one in each)
        properties = schema.get("properties")
        for name, inner in properties.items() if isinstance(properties, Mapping) else ():
            below = f"{pointer}/{escape(str(name))}"
            if below.count("/") > 12 or below in found:
                continue
            path = ["0" if part == "*" else part for part in segments(below)]
            said = find_property(root, path)
            keys = inner.get("properties") if isinstance(inner, Mapping) else None
            categories = said.announced() if said is not None else announce.announced(announce.words(str(name)))
            found[below] = Asked(
                below,
                str(name),
                categories,
                frozenset(keys) if isinstance(keys, Mapping) else frozenset(),
                isinstance(inner, Mapping) and _chosen(inner),
            )
            pending.append((inner, below, level + 1))
    return tuple(found[pointer] for pointer in sorted(found))


def _chosen(schema: Mapping[str, Any]) -> bool:
    of = schema.get("items")
    schema = of if isinstance(of, Mapping) else schema
    return bool(schema.get("enum")) or "const" in schema or schema.get("type") in ("boolean", "integer", "number")


def _beside(schema: Mapping[str, Any], root: object) -> Iterator[object]:
    """The subschemas that apply at the same place."""
    for keyword in COMBINED:
        branches = schema.get(keyword)
        if isinstance(branches, list):
            yield from branches
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        here: object = root
        for part in segments(reference[1:]):
            here = here.get(part) if isinstance(here, Mapping) else None
        yield here
