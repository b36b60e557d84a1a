"""A draft of a declaration file: what is known is written, what is guessed says so, what is not known stays open.

Pure module: no I/O. Whatever a person must fill in is marked `# TO FILL`; nothing is invented. Guesses stand with their
confidence and why, as comments: they are no statement of the app's.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from douane.audit import taxonomy
from douane.audit.context import ToolSchema
from douane.audit.guess import Guess, GuessedField, categories_of, guessed
from douane.audit.history import Observation, Seen
from douane.audit.rules.base import Text
from douane.audit.taxonomy import VERSION

TO_FILL: Final = "# TO FILL"

type Counted = Mapping[str, Mapping[str, int]]
"""Disclosures: a pointer below the arguments or the structured content to categories to how many."""


@dataclass(frozen=True, slots=True)
class DraftTool:
    """A tool to draft from: its schemas, their digest, and what was found in its exchanges, if any were seen."""

    schema: ToolSchema
    input_sha256: str = ""
    seen_to_app: Counted = field(default_factory=dict[str, Mapping[str, int]])
    seen_to_chatgpt: Counted = field(default_factory=dict[str, Mapping[str, int]])


@dataclass(frozen=True, slots=True)
class Source:
    """What a draft is made of. `app` is the configuration's name, `title` the app's own, `where` how it was read.

    `on` is an ISO 8601 date.
    """

    app: str
    title: str
    where: str
    on: str
    tools: tuple[DraftTool, ...]
    observed: tuple[Observation, ...] = ()


_CHATGPT: Final = ("user.unique_id.pseudonymous", "user.location.imprecise", "user.location.precise", "user.device")
_DESTINATIONS: Final = (Seen.CSP_CONNECT, Seen.CSP_FRAME, Seen.RETURNED_URL, Seen.EGRESS)

_SAYS: Final[dict[str, Text]] = {
    "head": Text(
        "DRAFT, made by Douane from {where} on {on}. Categories are guesses from names and from what was seen: nobody"
        " has declared them. Check every line against what the app says, fill in what is marked TO FILL, and delete"
        " what is not said.",
        "BROUILLON, établi par Douane d’après {where} le {on}. Les catégories sont devinées d’après les noms et ce qui"
        " a été vu : personne ne les a déclarées. Vérifiez chaque ligne d’après ce que dit l’application, remplissez ce"
        " qui est marqué TO FILL, supprimez ce qui n’est pas dit.",
    ),
    "publisher": Text("who publishes the app", "qui édite l’application"),
    "country": Text("country code, such as FR", "code pays, par exemple FR"),
    "contact": Text("how to reach them", "comment les joindre"),
    "controller": Text("the organisation that uses the app", "l’organisation qui utilise l’application"),
    "dpo": Text("its data protection officer", "son délégué à la protection des données"),
    "url": Text("where the privacy policy stands", "où se trouve la politique de confidentialité"),
    "statements": Text(
        "one entry for each sentence of the policy on data: says, entity, data_categories, quote",
        "une entrée par phrase de la politique sur les données : says, entity, data_categories, quote",
    ),
    "controls": Text(
        "what the policy offers people: to see, correct or delete their data, to refuse a use",
        "ce que la politique offre aux personnes : consulter, rectifier, effacer leurs données, refuser un usage",
    ),
    "purpose": Text("what the data are for", "à quoi servent les données"),
    "use": Text("a data use of fides", "un usage de données de fides"),
    "basis": Text("legal basis (GDPR Art. 6)", "base légale (RGPD art. 6)"),
    "special": Text(
        "exception of GDPR Art. 9(2): a category below is special",
        "exception de l’art. 9(2) du RGPD : une catégorie ci-dessous est particulière",
    ),
    "retention": Text("how long: P30D, P12M, PT0S", "combien de temps : P30D, P12M, PT0S"),
    "subjects": Text("whose data: customer, employee…", "données de qui : customer, employee…"),
    "recipient": Text("who is behind {host} ({kind})", "qui est derrière {host} ({kind})"),
    "no-host": Text("whom the app passes data on to", "à qui l’application transmet des données"),
    "chatgpt": Text(
        "ChatGPT itself may send these with every call; keep them if the app says that it takes them:",
        "ChatGPT peut joindre ceci à chaque appel ; à garder si l’application dit qu’elle les reçoit :",
    ),
    "none": Text(
        "no word says what it holds; leave it out if it is not personal",
        "aucun mot ne dit ce qu’il contient ; à supprimer si ce n’est pas personnel",
    ),
    "open": Text("the schema does not list what may stand in it", "le schéma ne dit pas ce qu’il peut contenir"),
    "unlisted": Text("seen, though the schema does not list it", "vu, bien que le schéma ne le liste pas"),
    "no-schema": Text("no output schema: look at its answers", "aucun schéma de sortie : examinez ses réponses"),
    "nameless": Text("a tool without a name of its own", "un outil sans nom à lui"),
    "outright": Text("the schema says so", "le schéma le dit"),
    "format": Text("its format says so", "son format le dit"),
    "name": Text("its name says so", "son nom le dit"),
    "words": Text("its description says so", "sa description le dit"),
    "above": Text("what stands above it says so", "ce qui le contient le dit"),
    "seen": Text("found there {times} times", "trouvé là {times} fois"),
}


def draft(source: Source, *, lang: str = "en") -> str:
    """The draft as YAML text that `declaration_file.parse_declaration` reads. Ends with a newline."""
    return "\n".join(_Draft(source, lang).lines()) + "\n"


class _Draft:
    def __init__(self, source: Source, lang: str) -> None:
        self._source = source
        self._lang = lang
        self._fields: dict[str, tuple[tuple[GuessedField, ...], tuple[GuessedField, ...]]] = {
            tool.schema.name: (
                guessed(tool.schema.input_schema, tool.seen_to_app, about(tool.schema, source.title)),
                guessed(tool.schema.output_schema, tool.seen_to_chatgpt, about(tool.schema, source.title)),
            )
            for tool in source.tools
        }

    def lines(self) -> Iterator[str]:
        yield from self._comment(self._say("head", where=self._source.where, on=self._source.on))
        yield "douane_declaration: 1"
        yield f"app: {quoted(self._source.app)}"
        yield f"taxonomy: {VERSION}"
        if self._source.title:
            yield f"title: {quoted(self._source.title)}"
        yield from self._people()
        given = [guess for into, _ in self._fields.values() for guess in into]
        taken = [guess for _, out in self._fields.values() for guess in out]
        yield from self._purpose(categories_of(given), categories_of(taken))
        yield from self._recipients()
        yield from self._tools()

    def _people(self) -> Iterator[str]:
        yield ""
        yield "publisher:"
        yield f"  name:  {self._fill('publisher')}"
        yield f"  country:  {self._fill('country')}"
        yield f"  contact:  {self._fill('contact')}"
        yield "organisation:"
        yield "  controller:"
        yield f"    name:  {self._fill('controller')}"
        yield "  dpo:"
        yield f"    name:  {self._fill('dpo')}"
        yield "privacy_policy:"
        yield f"  url:  {self._fill('url')}"
        yield f"  statements: []  {self._fill('statements')}"
        yield f"  controls: []  {self._fill('controls')}"

    def _purpose(self, given: Mapping[str, Guess], taken: Mapping[str, Guess]) -> Iterator[str]:
        yield ""
        yield "privacy_declarations:"
        yield f"  - name:  {self._fill('purpose')}"
        yield f"    data_use:  {self._fill('use')}"
        yield f"    legal_basis_for_processing:  {self._fill('basis')}"
        if any("art9" in taxonomy.flags(key) for key in (*given, *taken)):
            yield f"    special_category_legal_basis:  {self._fill('special')}"
        yield f"    retention_period:  {self._fill('retention')}"
        yield f"    data_subjects: []  {self._fill('subjects')}"
        yield from self._categories("to_app", given)
        for line in self._comment(self._say("chatgpt")):
            yield f"    {line}"
        for key in _CHATGPT:
            if key not in given:
                yield f"    # - {key}  {TO_FILL}"
        yield from self._categories("to_chatgpt", taken)

    def _categories(self, key: str, guesses: Mapping[str, Guess]) -> Iterator[str]:
        yield f"    {key}:{'' if guesses else ' []'}"
        for guess in guesses.values():
            yield f"      - {guess.category}  # {self._because(guess)}"

    def _recipients(self) -> Iterator[str]:
        yield ""
        yield f"recipients: []  {self._fill('no-host')}"
        hosts: dict[str, str] = {}
        for one in self._source.observed:
            if one.kind in _DESTINATIONS:
                hosts.setdefault(one.name, one.kind.value)
        for name, kind in sorted(hosts.items()):
            yield f"#  - name:  {TO_FILL}: {self._say('recipient', host=_one_line(name), kind=kind)}"
            if name != "*":  # the format takes no host that is everyone's
                yield f"#    hosts: [{quoted(name)}]"

    def _tools(self) -> Iterator[str]:
        yield ""
        names = {quoted(tool.schema.name).strip('" ') for tool in self._source.tools} - {""}
        yield f"tools:{'' if names else ' {}'}"
        written: set[str] = set()
        for tool in self._source.tools:
            into, out = self._fields[tool.schema.name]
            name = quoted(tool.schema.name)
            if not name.strip('" ') or name in written:
                yield f"  # {self._fill('nameless')}"
                continue
            written.add(name)
            yield f"  {name}:"
            if tool.input_sha256:
                yield f"    input_schema_sha256: {tool.input_sha256}"
            yield from self._places("fields", into)
            if tool.schema.output_schema is None and not out:
                yield f"    output: {{}}  {self._fill('no-schema')}"
            else:
                yield from self._places("output", out)

    def _places(self, key: str, fields: Iterable[GuessedField]) -> Iterator[str]:
        once = {quoted(one.pointer): one for one in fields if one.pointer and len(one.pointer) <= 200}
        fields = [one for one in once.values() if one.pointer.isprintable()]
        yield f"    {key}:{'' if fields else ' {}'}"
        for one in fields:
            yield f"      {quoted(one.pointer)}:"
            names = ", ".join(guess.category for guess in one.guesses)
            why = "; ".join(f"{guess.category.rpartition('.')[2]}: {self._because(guess)}" for guess in one.guesses)
            if len(one.guesses) == 1:
                why = self._because(one.guesses[0])
            note = f"# {why}" if one.guesses else self._fill("open" if "object" in one.types else "none")
            if not one.is_listed:
                note += f"; {self._say('unlisted')}"
            yield f"        data_categories: [{names}]  {note}"
            if key == "fields":
                yield f"        required: {'true' if one.required else 'false'}"

    def _because(self, guess: Guess) -> str:
        return f"{guess.confidence:.2f}: {self._say(guess.why, times=str(guess.times))}"

    def _fill(self, key: str) -> str:
        return f"{TO_FILL}: {self._say(key)}"

    def _say(self, key: str, **facts: str) -> str:
        return _SAYS[key].of(self._lang).format(**facts)

    def _comment(self, text: str) -> Iterator[str]:
        line = "#"
        for word in _one_line(text).split():
            if len(line) + len(word) > 108:
                yield line
                line = "#"
            line += f" {word}"
        yield line


def about(tool: ToolSchema, title: str = "") -> tuple[str, ...]:
    """What is said of a tool as a whole, by which the subject of its fields is judged."""
    return tuple(text for text in (tool.name, tool.description, title) if text)


def quoted(text: str) -> str:
    """A text of a stranger's as a YAML scalar: double-quoted, without control characters and lone surrogates."""
    plain = "".join(char for char in text if char.isprintable()).encode("utf-8", "replace").decode("utf-8")[:200]
    return json.dumps(plain, ensure_ascii=False)


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
