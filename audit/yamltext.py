"""YAML or JSON text to a pydantic model, with faults that say where and never quote a value. Pure module: no I/O."""

import difflib
import re
import types
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, TypeAliasType, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

type Path = tuple[str | int, ...]

MAX_CHARACTERS = 262_144
MAX_DEPTH = 32
MAX_BRACKETS = 100
"""Open brackets up to which text is handed to the YAML reader, whose time grows with the square of them."""

_NULL = re.compile(r"(?:~|null|Null|NULL|)\Z")
_TRUE = re.compile(r"(?:true|True|TRUE)\Z")
_FALSE = re.compile(r"(?:false|False|FALSE)\Z")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,30}|[0-9]{1,30}(?:\.[0-9]{0,30})?)(?:[eE][-+]?[0-9]{1,3})?\Z")
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp"))
_REFUSAL: Final = "douane"
_BRACKET = re.compile(r"[\[\]{}]")
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_KEY = re.compile(r"[A-Za-z_][A-Za-z_.-]{0,40}[0-9]{0,2}\Z")

# What ruamel.yaml says of broken text may quote it, so only these sentences of ours are ever shown.
_SYNTAX: tuple[tuple[str, str, str], ...] = (
    ("mapping values are not allowed", "a colon stands where none may", "Check the indentation, or quote the text."),
    ("could not find expected ':'", "a key without a colon", "Write `key: value`, with a space after the colon."),
    ("cannot start any token", "a character that cannot stand here", "Indent with spaces, not tabs; quote the text."),
    ("found unexpected end of stream", "a quote is not closed", "Close the quotation mark."),
    ("expected <block end>", "the indentation does not fit", "Line it up with its neighbours."),
    ("did not find expected", "a bracket or a comma is missing", "Close what was opened, or part it by commas."),
    ("expected ',' or", "a bracket or a comma is missing", "Close what was opened, or part it by commas."),
    ("expected the node content", "a value is missing, or a bracket is not closed", "Write the value, or `]` or `}`."),
    ("undefined alias", "an alias that nothing defines", "Quote text that begins with `*` or `&`."),
    ("but found another document", "a second document begins", "Keep one document in a file."),
    ("unknown escape character", "an unknown escape in double quotes", "Use single quotes, or double the backslash."),
    ("duplicate", "something is defined twice", "Keep one of the two."),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: where, what, and what to do. Holds no value.

    `line` and `column` count from 1; both are 0 where there is no text to point into, such as a missing file.
    """

    file: str
    line: int
    column: int
    where: str
    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        file = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{file}: {where}{self.problem}.{remedy}"


@dataclass(frozen=True, slots=True)
class Errors:
    """Why a file was not taken: at least one fault, in the order of the file."""

    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data and where each part of it stood: `keys` and `values` map a path to (line, column) from 1."""

    name: str
    data: Any = field(repr=False)
    keys: Mapping[Path, tuple[int, int]] = field(repr=False)
    values: Mapping[Path, tuple[int, int]] = field(repr=False)

    def fault(self, path: Path, problem: str, remedy: str = "", *, at_key: bool = False) -> Fault:
        """A fault at `path`, or at the nearest place above it that stands in the text."""
        line, column = self.position(path, at_key=at_key)
        return Fault(self.name, line, column, spell(path), problem, remedy)

    def position(self, path: Path, *, at_key: bool = False) -> tuple[int, int]:
        """Line and column of the value (or the key) at `path`, or of the nearest place above it."""
        for table in (self.keys, self.values) if at_key else (self.values, self.keys):
            if path in table:
                return table[path]
        return self.position(path[:-1], at_key=True) if path else (1, 1)


class _UnreadableError(Exception):
    """Carries a fault out of the walk; never leaves this module."""

    def __init__(self, node: Node, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.node, self.problem, self.remedy = node, problem, remedy


def spell(path: Path) -> str:
    """`apps[0].upstream`; a key that does not look like a name reads `…`."""
    out = ""
    for part in path:
        if isinstance(part, int):
            out += f"[{part}]"
        else:
            out += ("." if out else "") + (part if _KEY.match(part) else "…")
    return out


def shown(key: str) -> str:
    """The key in quotes if it looks like a name of a key, else words: a value in a key's place is not repeated."""
    return f"'{key}'" if _KEY.match(key) else "(not shown)"


def parse(text: str, name: str) -> Document | Errors:
    """YAML 1.2 or JSON text as plain data with positions; the fault otherwise. Never raises.

    Only the plain part of YAML is read: no tags, aliases or merge keys, one document, keys that are strings and stand
    once in their mapping. Integers, floats, booleans and null follow the YAML 1.2 core schema; a date is text.
    """
    if len(text) > MAX_CHARACTERS:
        return _one(name, 1, 1, "the file is too long", f"Keep it under {MAX_CHARACTERS} characters.")
    if _brackets(text) > MAX_BRACKETS:
        return _one(name, 1, 1, "nested too deep", f"Keep it under {MAX_DEPTH} levels.")
    text = text.removeprefix("\ufeff")
    directive = _DIRECTIVE.search(text)
    if directive is not None:
        line = text.count("\n", 0, directive.start()) + 1
        return _one(name, line, 1, "a line begins with %", "Remove it: directives are not read. Quote or indent text.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they quote the text
            root = YAML(typ="safe", pure=True).compose(text)
        if root is None:
            return Document(name, {}, {}, {(): (1, 1)})
        walk = _Walk()
        return Document(name, walk.plain(root, ()), walk.keys, walk.values)
    except _UnreadableError as unreadable:
        mark = unreadable.node.start_mark
        return _one(name, mark.line + 1, mark.column + 1, unreadable.problem, unreadable.remedy)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        said = error.problem or ""
        for sign, problem, remedy in _SYNTAX:
            if sign in said:
                return _one(name, line, column, problem, remedy)
        return _one(name, line, column, "this is not YAML", "Check the line and the one above it.")
    except RecursionError:
        return _one(name, 1, 1, "nested too deep", f"Keep it under {MAX_DEPTH} levels.")
    except (YAMLError, ValueError, OverflowError, TypeError, AttributeError, LookupError, AssertionError):
        # The composer has no position for these: characters that YAML refuses, broken escapes and directives.
        line, column = _first_odd_character(text)
        return _one(name, line, column, "this is not YAML", "Remove control characters and broken escapes.")


def read[M: BaseModel](document: Document, model: type[M]) -> M | Errors:
    """The document as a `model`; else one fault for each thing wrong, with the nearest good key for an unknown one."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
    faults = [_fault(document, model, one) for one in found]
    return ordered(faults)


def refusal(problem: str, remedy: str) -> PydanticCustomError:
    """What a validator raises for `read` to tell as a fault; neither text may hold the value."""
    return PydanticCustomError(_REFUSAL, "{problem}", {"problem": problem, "remedy": remedy})


def ordered(faults: Sequence[Fault]) -> Errors:
    """The faults in the order of the file."""
    return Errors(tuple(sorted(dict.fromkeys(faults), key=lambda fault: (fault.line, fault.column, fault.problem))))


def nearest(key: str, candidates: Collection[str]) -> str | None:
    """The candidate that was most likely meant, None when none is near."""
    by_form = {candidate.casefold().replace("-", "_"): candidate for candidate in sorted(candidates)}
    close = difflib.get_close_matches(key.casefold().replace("-", "_"), list(by_form), n=1, cutoff=0.6)
    return by_form[close[0]] if close else None


def model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """The model that describes the mapping at `path` below `model`, None where none does."""
    here: type[BaseModel] | None = model
    named = False  # whether the next part is a name that the file's author chose, as in a mapping of tools
    for part in path:
        if isinstance(part, int):
            continue
        if named:
            named = False
            continue
        info = here.model_fields.get(part) if here is not None else None
        here = next(_models(info.annotation), None) if info is not None else None
        named = here is not None and info is not None and _is_mapping(info.annotation)
    return here


def _is_mapping(annotation: Any) -> bool:
    if isinstance(annotation, TypeAliasType):
        return _is_mapping(annotation.__value__)
    if get_origin(annotation) is Annotated:
        return _is_mapping(get_args(annotation)[0])
    return get_origin(annotation) is dict


class _Walk:
    def __init__(self) -> None:
        self.keys: dict[Path, tuple[int, int]] = {}
        self.values: dict[Path, tuple[int, int]] = {}
        self._seen: set[int] = set()

    def plain(self, node: Node, path: Path) -> Any:
        if id(node) in self._seen:
            raise _UnreadableError(
                node, "an alias repeats a part", "Write the part out: anchors and aliases are not read."
            )
        self._seen.add(id(node))
        if len(path) > MAX_DEPTH:
            raise _UnreadableError(node, "nested too deep", f"Keep it under {MAX_DEPTH} levels.")
        self.values[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.plain(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            return _scalar(node)
        raise _UnreadableError(node, "this is not YAML", "Write a value, a list or a mapping.")

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, ScalarNode) else None
            if not isinstance(key, str) or (key == "<<" and key_node.style is None):
                raise _UnreadableError(key_node, "a key that is not text", "Write `key: value`.")
            if key in out:
                raise _UnreadableError(key_node, f"the key {shown(key)} stands here twice", "Keep one of the two.")
            below = (*path, key)
            self.keys[below] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            out[key] = self.plain(value_node, below)
        return out


def _scalar(node: ScalarNode) -> str | int | float | bool | None:
    value: str = node.value
    if str(node.tag) not in _PLAIN_TAGS:
        raise _UnreadableError(node, "a tag (`!…`) stands before the value", "Remove it: tags are not read.")
    if node.style is not None:
        return value
    if _NULL.match(value):
        return None
    if _TRUE.match(value):
        return True
    if _FALSE.match(value):
        return False
    if _INTEGER.match(value):
        return int(value)
    if _FLOAT.match(value):
        return float(value)
    return value


def _fault(document: Document, model: type[BaseModel], error: Any) -> Fault:
    kind: str = error["type"]
    raw: tuple[str | int, ...] = error["loc"]
    path = _in_document(document, raw)
    context: Mapping[str, Any] = error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(document, model, raw)
    if kind == "missing":
        key = str(raw[-1])
        return document.fault(raw[:-1], f"the key {shown(key)} is missing", _expected(model, raw), at_key=True)
    if kind == _REFUSAL:
        return document.fault(path, error["msg"], str(context.get("remedy", "")))
    return document.fault(path, _problem(kind, context), _expected(model, path))


def _unknown_key(document: Document, model: type[BaseModel], path: Path) -> Fault:
    key = str(path[-1])
    here = model_at(model, path[:-1])
    known = sorted(here.model_fields) if here is not None else []
    close = nearest(key, known)
    remedy = f"Did you mean '{close}'?" if close else f"The keys here are: {', '.join(known)}."
    line, column = document.position(path, at_key=True)
    return Fault(document.name, line, column, spell(path[:-1]), f"unknown key {shown(key)}", remedy)


def _in_document(document: Document, loc: Path) -> Path:
    """`loc` without the parts that pydantic adds for unions and the like."""
    path: Path = ()
    for part in loc:
        if (*path, part) in document.values:
            path = (*path, part)
    return path


_WORDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("int_",), "must be a whole number"),
    (("float_", "decimal_", "finite_number"), "must be a number"),
    (("bool_",), "must be true or false"),
    (("string_type", "string_sub_type", "string_unicode", "path_type"), "must be text (put figures in quotes)"),
    (("string_too_short", "too_short"), "is too short or empty"),
    (("string_too_long", "too_long"), "is too long"),
    (("string_pattern_mismatch",), "is not written as it must be"),
    (("list_", "tuple_", "set_", "frozen_set_"), "must be a list"),
    (("dict_", "model_", "mapping_", "dataclass_"), "must be a mapping (`key: value`)"),
)
_BOUNDS = {
    "greater_than": ("gt", "must be greater than"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than": ("lt", "must be less than"),
    "less_than_equal": ("le", "must be at most"),
}


_NOTHING: Final = "'', "  # what may be left out is not offered as an empty text


def _problem(kind: str, context: Mapping[str, Any]) -> str:
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"{words} {context[name]}"
    if kind in ("literal_error", "enum"):
        return f"must be {str(context['expected']).removeprefix(_NOTHING)}"
    for starts, words in _WORDS:
        if kind.startswith(starts):
            return words
    return "is not what is expected here"


def _expected(model: type[BaseModel], path: Path) -> str:
    """What the model says of the key at `path`, or of the nearest one above it."""
    names = list(path)
    while names and isinstance(names[-1], int):
        names.pop()
    if not names:
        return ""
    here = model_at(model, tuple(names[:-1]))
    info = here.model_fields.get(str(names[-1])) if here is not None else None
    return f"Expected: {info.description}" if info is not None and info.description else ""


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, TypeAliasType):
        yield from _models(annotation.__value__)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is Annotated:
        yield from _models(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType, list, tuple, dict):
        for argument in get_args(annotation):
            yield from _models(argument)


def _brackets(text: str) -> int:
    """The most brackets that are open at once, those in quotes and comments included."""
    depth = deepest = 0
    for bracket in _BRACKET.finditer(text):
        depth = max(0, depth + (1 if bracket.group() in "[{" else -1))
        deepest = max(deepest, depth)
    return deepest


def _one(name: str, line: int, column: int, problem: str, remedy: str) -> Errors:
    return Errors((Fault(name, line, column, "", problem, remedy),))


def _first_odd_character(text: str) -> tuple[int, int]:
    odd = next((i for i, char in enumerate(text) if not char.isprintable() and char not in "\t\r\n"), None)
    if odd is None:
        return 1, 1
    return text.count("\n", 0, odd) + 1, odd - (text.rfind("\n", 0, odd) + 1) + 1
