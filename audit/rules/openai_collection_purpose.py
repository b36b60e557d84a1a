"""Fields that ask for data which no declared purpose explains. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit import taxonomy
from douane.audit.declaration import DeclaredField, DeclaredTool
from douane.audit.history import History
from douane.audit.readings import found_as
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import declares, history, purpose, tool
from douane.audit.rules.reading import asked, covered, hit_on, personal, tools
from douane.audit.rules.restricted import LEAVE_OUT
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN

_PLACES = (
    "user.location", "user.contact.address.city", "user.contact.address.country", "user.contact.address.postal_code",
    "user.contact.address.state",
)  # fmt: skip

_SEARCHED = frozenset({"q", "query", "search", "keyword", "keywords", "term", "terms", "text", "filter", "recherche"})
"""What is looked for is in such a field, and its description names what can be found by it."""


def check_app(history: History) -> Iterator[Hit]:
    """Properties that ask for data about a person which neither a purpose nor the declared tool names."""
    declaration = history.declaration
    if declaration is None or not (declaration.purposes or declaration.tools):
        return
    purposes = {key for one in declaration.purposes for key in one.to_app}
    for one_tool in tools(history):
        said = declaration.tool(one_tool.name)
        told = purposes | {key for one in (said.fields if said else ()) for key in one.categories}
        spoken: set[tuple[str, str]] = set()
        for one in asked(one_tool):
            if one.name.lower() in _SEARCHED:
                continue
            wanted = [key for key in sorted(one.categories) if personal(key) and not _elsewhere(key)]
            # A name can announce two things ("user id"): one that is explained explains the field.
            if wanted and not any(_explained(key, told) for key in wanted):
                # What stands inside a field that was told of already, under the same name, is part of it.
                inside = any((above, wanted[0]) in spoken for above in _above(one.pointer))
                spoken.add((one.pointer, wanted[0]))
                if not inside:
                    yield hit_on(one_tool, one, wanted[0])


def _above(pointer: str) -> Iterator[str]:
    while pointer:
        pointer = pointer.rpartition("/")[0]
        yield pointer


def _elsewhere(category: str) -> bool:
    """What rules of its own speak of, and places: a town is as often a destination as somebody's home."""
    return taxonomy.restricted(taxonomy.flags(category)) or covered(category, _PLACES)


def _explained(category: str, told: set[str]) -> bool:
    """Whether something that was told covers a category, is a part of it, or is found under its name."""
    return (
        covered(category, told)
        or _covered_in_part(category, told)
        or any(category in found_as(declared) for declared in told)
    )


def _covered_in_part(category: str, told: set[str]) -> bool:
    """Whether what was told is a part of what the name says: "contact" beside a declared e-mail address."""
    return any(covered(key, (category,)) for key in told)


RULE = Rule(
    id="openai/collection-purpose",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Field that no purpose explains", "Champ qu’aucune finalité n’explique"),
    severity=Severity.WARNING,
    source=GUIDE,
    url=GUIDE_URL,
    read=READ,
    wording="Gather only the minimum data required to perform the tool's function. Inputs should be specific, narrowly "
    "scoped, and explicitly linked to the task.",
    says=Text(
        "{tool} asks for “{category}” at {pointer}; no declared purpose was found that names it.",
        "{tool} demande « {category} » à {pointer} ; aucune finalité déclarée ne mentionne cette donnée.",
    ),
    remedy=Text(
        "Take the field out of the schema, or say in the declaration for which purpose it is needed.",
        "Retirez ce champ du schéma, ou indiquez dans la déclaration la finalité qui le rend nécessaire.",
    ),
    remedy_restricted=LEAVE_OUT,
    check_app=check_app,
)

_PHONE = "user.contact.phone_number"
_BOOK = tool("book", "name", "phone_number")
_SEARCH = tool(
    "find",
    schema={"type": "object", "properties": {"query": {"type": "string", "description": "A phone number or e-mail"}}},
)
_LETTERS = tool("send", schema={"type": "object", "properties": {"private_messages": {
    "type": "array", "items": {"type": "object", "properties": {"subject": {}, "text": {}}},
}}})  # fmt: skip
MATCHES = (
    Case(
        "a phone number is asked for, and the purpose needs a name",
        history(tools=[_BOOK], declared=declares(purposes=(purpose("user.name"),))),
    ),
    Case("a list of messages, once", history(tools=[_LETTERS], declared=declares(purposes=(purpose("user.name"),)))),
    Case(
        "the declared tool knows only its other field",
        history(
            tools=[_BOOK],
            declared=declares(
                tools=(DeclaredTool("book", fields=(DeclaredField("tool/book/fields/name", "/name", ("user.name",)),)),)
            ),
        ),
    ),
)
MISSES = (
    Case("a purpose names it", history(tools=[_BOOK], declared=declares(purposes=(purpose("user.name", _PHONE),)))),
    Case(
        "a purpose names what it belongs to",
        history(tools=[_BOOK], declared=declares(purposes=(purpose("user.name", "user.contact"),))),
    ),
    Case(
        "a purpose names what the name cannot be told from",
        history(tools=[tool("apply", "fonction")], declared=declares(purposes=(purpose("user.job_title"),))),
    ),
    Case("no purpose was declared at all: that is another finding", history(tools=[_BOOK], declared=declares())),
    Case("nothing was declared", history(tools=[_BOOK])),
    Case(
        "a town, which may be where a trip leads to",
        history(tools=[tool("hotels", "city")], declared=declares(purposes=(purpose("user.name"),))),
    ),
    Case(
        "what a search looks through is no field for it",
        history(tools=[_SEARCH], declared=declares(purposes=(purpose("user.name"),))),
    ),
    Case(
        "what is restricted has rules of its own",
        history(tools=[tool("book", "passport_number")], declared=declares(purposes=(purpose("user.name"),))),
    ),
    Case(
        "a field that holds no data about a person",
        history(tools=[tool("book", "nights", "currency")], declared=declares(purposes=(purpose("user.name"),))),
    ),
)
