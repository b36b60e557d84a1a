"""What an app said it exchanges, and who answers for it. Pure module: no I/O.

Empty text and None always mean "not said": nothing is filled in for an author who kept silent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from douane.audit.message import Direction

FIRST_PARTY = "we"
"""The entity of a statement that the publisher makes of itself."""
ANYONE = "anyone"
"""The entity of a statement about third parties at large. It never speaks for the first party."""


class Says(StrEnum):
    """What a statement says of data: that it is collected (or received, shared, kept), or that it is not."""

    COLLECTS = "collects"
    DOES_NOT_COLLECT = "does_not_collect"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fact of the declaration comes from.

    `source` is one of `schema`, `manifest`, `policy`, `connection`, `human`; `quote` the words it rests on, `by` who
    wrote it down, `at` an ISO 8601 date, `url` where it stands.
    """

    source: str = ""
    quote: str = ""
    by: str = ""
    at: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """A person or company: the publisher, the organisation that uses the app, a representative, a DPO.

    `country` is an ISO 3166-1 alpha-2 code, `hosts` the host names that are its own.
    """

    name: str = ""
    legal_name: str = ""
    address: str = ""
    country: str = ""
    contact: str = ""
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Organisation:
    """The organisation that uses the apps, with its representative in the Union and its DPO."""

    party: Party = field(default_factory=Party)
    representative: Party | None = None
    dpo: Party | None = None


@dataclass(frozen=True, slots=True)
class Platform:
    """What is known of the ChatGPT contract. Every field is free text, empty where unknown; `date` is ISO 8601."""

    plan: str = ""
    contract: str = ""
    region: str = ""
    retention: str = ""
    training_use: str = ""
    source: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person or company that the app says it passes data on to.

    `country` is an ISO 3166-1 alpha-2 code, `role` one of `processor`, `controller`, `joint`; both empty when the app
    did not say. `hosts` are the host names under which it is reached. `categories` is what it receives, empty when
    the app did not say.
    """

    name: str
    country: str = ""
    role: str = ""
    hosts: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of a policy or of the information shown at connection, as a person read it.

    `id` names it within the declaration (`policy/3`, `connection/1`, counted from 1). `entity` is `we`, `anyone`, or
    the name of a recipient or of a kind of recipient in the entity ontology. `categories` are category keys. `quote`
    is the sentence itself.
    """

    id: str
    says: Says
    entity: str
    categories: tuple[str, ...]
    quote: str
    directions: tuple[Direction, ...] = (Direction.TO_APP, Direction.TO_CHATGPT)


@dataclass(frozen=True, slots=True)
class Notice:
    """A text for users: the privacy policy, or the information shown when the app is connected.

    `sha256` is the hex digest of its text and `date` when it was fetched or shown; `lang` a language tag. `controls`
    are what it offers people to do with their data, in its words.
    """

    url: str = ""
    sha256: str = ""
    date: str = ""
    lang: str = ""
    statements: tuple[Statement, ...] = ()
    controls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Roles:
    """Who is what under the GDPR for one purpose: `controller`, `processor`, `joint`, or empty where unknown."""

    organisation: str = ""
    publisher: str = ""
    openai: str = ""


@dataclass(frozen=True, slots=True)
class Purpose:
    """One processing activity: fides' `privacy_declaration`.

    `data_use` is a fides data use, `legal_basis` a fides name of an Art. 6 basis, `special_basis` one of an Art. 9(2)
    exception. `retention` is an ISO 8601 duration. `recipients` are names of the declaration's recipients. `id` is
    `purpose/N`, counted from 1; `register_ref` the number of the activity in the organisation's register. `carried`
    holds, by key and as JSON text, what else fides says of the activity: nothing here judges by it.
    """

    id: str
    name: str
    data_use: str = ""
    to_app: tuple[str, ...] = ()
    to_chatgpt: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    legal_basis: str = ""
    special_basis: str = ""
    retention: str = ""
    roles: Roles = field(default_factory=Roles)
    recipients: tuple[str, ...] = ()
    register_ref: str = ""
    shared: bool | None = None
    ephemeral: bool | None = None
    optional: bool | None = None
    provenance: tuple[Provenance, ...] = ()
    carried: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DeclaredField:
    """A place in a tool's arguments or structured content, with the categories said of it.

    `pointer` is an RFC 6901 pointer below the arguments or the structured content; `*` stands for any one key or
    index. `id` is `tool/NAME/fields` or `tool/NAME/output` with the pointer after it: `tool/find/fields/query`.
    """

    id: str
    pointer: str
    categories: tuple[str, ...]
    required: bool | None = None
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True)
class DeclaredTool:
    """What is said of one tool, field by field."""

    name: str
    input_sha256: str = ""
    fields: tuple[DeclaredField, ...] = ()
    output: tuple[DeclaredField, ...] = ()


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer under Chapter V of the GDPR: to which country, under which mechanism, with which document.

    `mechanism` is fides' name of it (`Adequacy Decision`, `SCCs`, `BCRs`, `Supplementary Measures`, `Other`), empty
    where not said. `recipient` is a recipient's name, empty for all in that country. `date` is ISO 8601.
    """

    country: str
    mechanism: str = ""
    reference: str = ""
    date: str = ""
    recipient: str = ""
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """One app's declaration file, as read.

    `to_app` and `to_chatgpt` are category keys of the taxonomy, sorted, each once: those of every purpose and those
    named without one. `sha256` is the hex digest of the file's bytes and `source` the file's name: together they say
    which wording a verdict was judged against. `lines` gives the line (from 1) of each statement, purpose and field by
    its id, and of each top-level key by its name. `provenance` is where the declaration as a whole comes from.
    """

    app: str
    to_app: tuple[str, ...]
    to_chatgpt: tuple[str, ...]
    recipients: tuple[Recipient, ...] = ()
    sha256: str = ""
    source: str = ""
    taxonomy: str = ""
    title: str = ""
    publisher: Party = field(default_factory=Party)
    organisation: Organisation = field(default_factory=Organisation)
    platform: Platform = field(default_factory=Platform)
    policy: Notice | None = None
    connection: Notice | None = None
    purposes: tuple[Purpose, ...] = ()
    tools: tuple[DeclaredTool, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    provenance: tuple[Provenance, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict[str, int], compare=False, repr=False)

    def categories(self, direction: Direction) -> tuple[str, ...]:
        """The categories declared for one direction."""
        return self.to_app if direction is Direction.TO_APP else self.to_chatgpt

    def tool(self, name: str | None) -> DeclaredTool | None:
        """What is said of the tool of that name, None when nothing is."""
        return next((tool for tool in self.tools if tool.name == name), None)
