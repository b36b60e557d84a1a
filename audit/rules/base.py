"""What a rule is, and what it finds. Pure module: no I/O."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from douane.audit.exchange import Exchange
from douane.audit.history import History
from douane.audit.message import Direction


class Severity(StrEnum):
    """How much a finding weighs, heaviest first; the words are SARIF's levels."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Pack(StrEnum):
    """Whose rules these are."""

    OPENAI = "openai"
    MCP = "mcp"
    GDPR = "gdpr"


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in both languages; `{name}` stands for a fact of the hit."""

    en: str
    fr: str

    def of(self, lang: str) -> str:
        """The sentence in a language: French for `fr*`, English for all else."""
        return self.fr if lang.lower().startswith("fr") else self.en


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a hit rests on where no single disclosure is it: ids of disclosures in the ledger, statements, words, times.

    `why` is what each source said, in English; times are as in the ledger.
    """

    disclosures: tuple[int, ...] = ()
    statements: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    first_at: str = ""
    last_at: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """One finding of a rule (fr. écart). Names, categories and figures only, never a value.

    `place` is what the finding is about and what its fingerprint is made of, with the rule and the app: a tool and a
    pointer, a category, a host. The same fault seen in a thousand exchanges has one place. `exchange` and `disclosure`
    index into the history's exchanges and that exchange's disclosures (-1: the app as a whole). `facts` fill the
    rule's `says`; `count` is how often it was seen. `seen` are the indices of every disclosure that a hit stands for,
    as `check_all` gathers them: what another person's data are beside them is no evidence of it.
    """

    tool: str = ""
    place: str = ""
    category: str = ""
    direction: Direction | None = None
    exchange: int = -1
    disclosure: int = -1
    facts: tuple[tuple[str, str], ...] = ()
    count: int = 1
    evidence: Evidence | None = None
    seen: tuple[tuple[int, int], ...] = field(default=(), compare=False, repr=False)


def _none(_history: History) -> Iterable[Hit]:
    return ()


def _nothing(_exchange: Exchange, _history: History) -> Iterable[Hit]:
    return ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, with the wording that it stands for.

    `id` is `pack/name`; `version` a date (ISO 8601) that changes with the rule's meaning; `source` names the text,
    `url` where it stands, `wording` its words and `read` when they were read. `title` says the finding in a few words,
    `says` in a sentence, `remedy` how to mend it. `check` looks at one exchange, `check_app` at all that was seen.
    What `check` says of a datum depends on the datum, the message's direction, kind, method and tool, and what was seen
    of the app besides: not on the data beside it, so that equal data can be looked at once.
    `forbids`: whether its hits stand whatever was declared. `remedy_restricted` takes the place of `remedy` for a
    category that the platform forbids whatever was declared: to declare it would mend nothing.
    """

    id: str
    pack: Pack
    version: str
    title: Text
    severity: Severity
    source: str
    read: str
    wording: str
    says: Text
    remedy: Text
    url: str = ""
    forbids: bool = False
    remedy_restricted: Text | None = None
    check: Callable[[Exchange, History], Iterable[Hit]] = field(default=_nothing)
    check_app: Callable[[History], Iterable[Hit]] = field(default=_none)


@dataclass(frozen=True, slots=True)
class Case:
    """An example that documents a rule and tests it: a history in which the rule finds something, or nothing."""

    why: str
    history: History
