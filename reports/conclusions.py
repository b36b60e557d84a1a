"""What the figures say of an app, in three sentences of plain words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from douane.audit.exchange import Outcome
from douane.audit.message import Direction
from douane.reports import safe
from douane.reports.hidden import Few
from douane.reports.i18n import Words
from douane.reports.model import App, Flow, SchemaState, Summary


@dataclass(frozen=True, slots=True)
class Name:
    """A word from outside, which each format makes harmless in its own way."""

    text: str


@dataclass(frozen=True, slots=True)
class Category:
    """The key of a data category."""

    key: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of the ledger; `one_day` when the document covers one day, so that the hour says it all."""

    at: str
    one_day: bool


@dataclass(frozen=True, slots=True)
class Clause:
    """A phrase with what it speaks of; clauses joined by semicolons make a sentence."""

    key: str
    n: int | None = None
    values: "Mapping[str, Value]" = field(default_factory=dict)


type Value = int | Name | Category | Moment | Clause
type Sentence = tuple[Clause, ...]


def conclusions(app: App, *, one_day: bool) -> tuple[Sentence, Sentence, Sentence]:
    """Three sentences on one app: what stands out, what was counted, what was not seen."""
    return _stands_out(app, one_day), _counted(app), _not_seen(app)


def _stands_out(app: App, one_day: bool) -> Sentence:
    name = Name(app.name)
    if not app.outcomes.messages:
        return (Clause("c1.silent", values={"app": name}),)
    if app.undeclared:
        return _undeclared(app, one_day)
    restricted = [flow for flow in app.flows if flow.restricted]
    if restricted:
        top = restricted[0]
        values: dict[str, Value] = {"app": name, "what": Category(top.category), "when": Moment(top.first, one_day)}
        sentence = [Clause(f"c1.restricted.{top.direction}", top.count, values)]
        others = len({flow.category for flow in restricted} - {top.category})
        if others:
            sentence.append(Clause("c1.others.restricted", others))
        return tuple(sentence)
    if app.disclosures and app.declared_nothing:
        return (Clause("c1.nothing", values={"app": name}),)
    ambiguous = [flow for flow in app.flows if flow.labels.ambiguous]
    if ambiguous:
        most = max(ambiguous, key=lambda flow: flow.labels.ambiguous)
        what: dict[str, Value] = {"app": name, "what": Category(most.category)}
        return (Clause("c1.ambiguous", most.labels.ambiguous, what),)
    if app.disclosures:
        vague = (Clause("c1.vague", app.labels.vague),) if app.labels.vague else ()
        return (Clause("c1.clean", values={"app": name}), *vague)
    undelivered = sum(app.outcomes.of(outcome).disclosures for outcome in Outcome if outcome is not Outcome.DELIVERED)
    return (Clause("c1.undelivered" if undelivered else "c1.empty", values={"app": name}),)


def _undeclared(app: App, one_day: bool) -> Sentence:
    top = next(flow for flow in app.flows if flow.undeclared)
    what: dict[str, Value] = {
        "app": Name(app.name),
        "what": Category(top.category),
        "when": Moment(_first(top), one_day),
    }
    source = "schema" if app.declared else "none"
    if top.by_declaration:
        source = "declaration"
    elif top.by_policy or top.by_connection:
        source = "policy" if top.by_policy else "connection"
    if top.denied:
        # counts that are hidden cannot be compared: whether all of them are denied is then not said
        hidden = isinstance(top.denied, Few) or isinstance(top.undeclared, Few)
        if hidden or top.denied == top.undeclared:
            source = "contradicted" if hidden else "denied"
    sentence = [Clause(f"c1.{source}.{top.direction}", top.undeclared, what)]
    if top.restricted:
        sentence.append(Clause("c1.rule"))
    others = len({flow.category for flow in app.flows if flow.undeclared} - {top.category})
    if others:
        sentence.append(Clause("c1.others", others))
    return tuple(sentence)


def _first(flow: Flow) -> str:
    return flow.undeclared_first or flow.first


def _counted(app: App) -> Sentence:
    delivered = Clause("count.messages", app.outcomes.delivered.messages)
    if not app.disclosures:
        return (Clause("c2.none", values={"messages": delivered}),)
    values: dict[str, Value] = {
        "messages": delivered,
        "to_app": app.one_way(Direction.TO_APP),
        "to_chatgpt": app.one_way(Direction.TO_CHATGPT),
        "categories": Clause("count.categories", app.categories),
    }
    special = (Clause("c2.special", app.special),) if app.special else ()
    return (Clause("c2.sum", app.disclosures, values), *special)


def _not_seen(app: App) -> Sentence:
    unseen = sum(tool.schema is SchemaState.UNSEEN for tool in app.tools)
    clauses: list[Clause] = []
    if app.not_inspected:
        clauses.append(Clause("c3.not_inspected", app.not_inspected))
    elif app.outcomes.messages:
        clauses.append(Clause("c3.inspected"))
    if app.outcomes.unknown.messages:
        clauses.append(Clause("c3.unknown", app.outcomes.unknown.messages))
    if app.declared is None:
        clauses.append(Clause("c3.undeclared"))
    if unseen:
        clauses.append(Clause("c3.schemas", unseen))
    clauses.append(Clause("c3.elsewhere"))
    return tuple(clauses)


@dataclass(frozen=True, slots=True)
class Voice:
    """Says sentences in one language for one format: `name` makes a word from outside harmless, `text` a phrase of
    ours part of the format (Markup for HTML)."""

    words: Words
    name: Callable[[str], str] = safe.plain
    text: Callable[[str], str] = str

    def clause(self, clause: Clause) -> str:
        """One clause, without a full stop."""
        return self._clause(clause, capital=False)

    def sentence(self, sentence: Sentence) -> str:
        """A whole sentence: first letter of ours raised, clauses joined, full stop."""
        parts = [self._clause(clause, capital=place == 0) for place, clause in enumerate(sentence)]
        return self.text(self.words.phrase("semicolon")).join(parts) + self.text(".")

    def sentences(self, sentences: Iterable[Sentence]) -> list[str]:
        """Each of the sentences."""
        return [self.sentence(sentence) for sentence in sentences]

    def _clause(self, clause: Clause, *, capital: bool) -> str:
        phrase = self.words.phrase(clause.key, clause.n)
        values = {name: self._value(value) for name, value in clause.values.items()}
        if clause.n is not None:
            values["n"] = self.text(self.words.number(clause.n))
        return self.text(phrase[:1].upper() + phrase[1:] if capital else phrase).format_map(values)

    def _value(self, value: Value) -> str:
        match value:
            case int():
                return self.text(self.words.number(value))
            case Name(text):
                return self.name(text)
            case Category(key):
                return self.text(self.words.category_in_words(safe.plain(key)))
            case Moment(at, one_day):
                return self.text(self.words.moment(at, one_day=one_day))
            case Clause():
                return self._clause(value, capital=False)


def sheets(summary: Summary, voice: Voice) -> list[tuple[App, list[str]]]:
    """Every app with its three sentences."""
    one_day = summary.period.one_day
    return [(app, voice.sentences(conclusions(app, one_day=one_day))) for app in summary.apps]
