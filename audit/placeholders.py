"""What the arguments of a scenario leave to be filled in: `{user.contact.email}`, `{answer.contact_id}`. Pure module.

Any other text between braces is the author's own and stays.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from douane.audit import taxonomy, yamltext
from douane.audit.personas import Persona
from douane.audit.yamltext import Document, Fault, Path

ANSWER: Final = "answer."
_NAMED: Final = re.compile(r"\{([A-Za-z_]\w*(?:\.[\w-]+)+)\}")
_ROOTS: Final = frozenset({"answer", *(one.key.partition(".")[0] for one in taxonomy.categories())})


def named(value: Any) -> Iterator[str]:
    """Every name that given arguments leave to be filled in, the mistyped ones included; may name one twice."""
    for _, name in _places(value, ()):
        yield name


def lacking(value: Any, person: Persona, known: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the arguments for which this person has no datum and no earlier answer a value, each once."""
    return tuple(dict.fromkeys(name for name in named(value) if _unknown(name, person, known)))


def filled(value: Any, person: Persona, known: Mapping[str, Any]) -> Any:
    """The arguments with everything filled in; a value of an earlier answer that stands alone keeps its type."""
    if isinstance(value, dict):
        return {key: filled(inner, person, known) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, person, known) for inner in value]
    if not isinstance(value, str) or "{" not in value:
        return value
    whole = _NAMED.fullmatch(value)
    if whole is not None and whole[1].startswith(ANSWER):
        return known.get(whole[1].removeprefix(ANSWER), value)
    return _NAMED.sub(lambda found: _given(found[1], person, known, found[0]), value)


def faults(document: Document, path: Path, value: Any, people: Iterable[Persona]) -> list[Fault]:
    """What none of these people can fill in, with the nearest name that one of them can."""
    facts = {key for person in people for key in person.facts}
    found: list[Fault] = []
    for where, name in _places(value, path):
        if name.startswith(ANSWER) or name in facts:
            continue
        close = _nearest(name, facts)
        remedy = f"Did you mean {{{close}}}?" if close else "Write a category of `facts:`, or {answer.KEY}."
        found.append(document.fault(where, "nobody who plays this step has this datum", remedy))
    return found


def _nearest(name: str, facts: set[str]) -> str | None:
    return yamltext.nearest(name, facts) or (close if (close := taxonomy.nearest(name)) in facts else None)


def _places(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    pending: list[tuple[Path, Any]] = [(path, value)]
    while pending:
        where, here = pending.pop(0)
        if isinstance(here, Mapping):
            pending += [((*where, str(key)), inner) for key, inner in here.items()]
        elif isinstance(here, list | tuple):
            pending += [((*where, number), inner) for number, inner in enumerate(here)]
        elif isinstance(here, str):
            for found in _NAMED.finditer(here):
                root = found[1].partition(".")[0]
                if root in _ROOTS or yamltext.nearest(root, _ROOTS) is not None:
                    yield where, found[1]


def _unknown(name: str, person: Persona, known: Mapping[str, Any]) -> bool:
    return name.removeprefix(ANSWER) not in known if name.startswith(ANSWER) else name not in person.facts


def _given(name: str, person: Persona, known: Mapping[str, Any], left: str) -> str:
    if name.startswith(ANSWER):
        return str(known.get(name.removeprefix(ANSWER), left))
    return person.facts.get(name, left)
