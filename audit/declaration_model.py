"""The declaration file as it is written: the pydantic model of format 1. Pure module: no I/O.

A superset of fides' `privacy_declarations`: each of their keys may stand there under its own name.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from douane.audit import taxonomy
from douane.audit.declaration import FIRST_PARTY, Says
from douane.audit.declaration_values import (
    Basis,
    Categories,
    Country,
    Day,
    Digest,
    Duration,
    Flag,
    Host,
    Hosts,
    Lang,
    Mechanism,
    Pointer,
    Short,
    SomeCategories,
    SpecialBasis,
    Subject,
    Text,
    Url,
    Use,
)
from douane.audit.yamltext import refusal

APP_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"

NEVER_EMPTY = frozenset({"data_categories", "to_app", "to_chatgpt"})
"""Lists that say something even where they are empty: that no personal data go there. So `[]` must be written."""

type Control = Annotated[str, Field(min_length=1, max_length=4000)]
type Role = Literal["", "processor", "controller", "joint"]


class Entry(BaseModel):
    """A mapping of the file. A key with nothing after it is one that was left out, but for `NEVER_EMPTY`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _left_out(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        unsaid = cls.model_fields.keys() - NEVER_EMPTY
        return {key: value for key, value in data.items() if value is not None or key not in unsaid}


def _no_flag(version: Any) -> Any:
    """The version as it stands; true is no 1."""
    if isinstance(version, bool):
        raise refusal("must be 1", "Expected: the version of this format: 1.")
    return version


def _named(entry: Any) -> Any:
    return {"name": entry} if isinstance(entry, str) else entry


def _at_url(entry: Any) -> Any:
    return {"url": entry} if isinstance(entry, str) else entry


def _holding(entry: Any) -> Any:
    return {"data_categories": entry} if isinstance(entry, list) else entry


def _several(entry: Any) -> Any:
    return [entry] if isinstance(entry, dict) else entry


class ProvenanceEntry(Entry):
    """Where a fact comes from."""

    source: Literal["", "schema", "manifest", "policy", "connection", "human"] = Field(
        default="", description="schema, manifest, policy, connection or human."
    )
    quote: Text = Field(default="", description="the words that the fact rests on.")
    by: Short = Field(default="", description="who wrote it down.")
    at: Day = Field(default="", description="when, as an ISO 8601 date.")
    url: Url = Field(default="", description="where the words stand.")


type Provenances = Annotated[tuple[ProvenanceEntry, ...], BeforeValidator(_several), Field(max_length=100)]


class PartyEntry(Entry):
    """A person or company."""

    name: Short = Field(default="", description="the name, as people know it.")
    legal_name: Short = Field(default="", description="the name in the company register.")
    address: Text = Field(default="", description="the postal address.")
    country: Country = Field(default="", description="a country code, such as FR.")
    contact: Short = Field(default="", description="how to reach them: an e-mail address, a page, a phone number.")
    hosts: Hosts = Field(default=(), description="host names of their own, without scheme, port or path.")


class RecipientEntry(Entry):
    """A recipient as it is written in the file."""

    name: str = Field(min_length=1, max_length=200, description="the recipient's name, as people know it.")
    country: Country = Field(default="", description="a country code of two capital letters, such as FR.")
    role: Role = Field(default="", description="what the recipient is under the GDPR: processor, controller or joint.")
    hosts: tuple[Host, ...] = Field(
        default=(), max_length=200, description="host names without scheme, port or path, such as api.example.org."
    )
    data_categories: Categories = Field(default=(), description="what the recipient receives.")
    provenance: ProvenanceEntry | None = Field(default=None, description="where this comes from.")


type Party = Annotated[PartyEntry, BeforeValidator(_named)]


class OrganisationEntry(Entry):
    """The organisation that uses the app."""

    controller: Party = Field(default=PartyEntry(), description="the organisation itself.")
    representative: Party | None = Field(default=None, description="its representative in the Union (Art. 27).")
    dpo: Party | None = Field(default=None, description="its data protection officer.")


class PlatformEntry(Entry):
    """What is known of the ChatGPT contract."""

    plan: Short = Field(default="", description="the plan, such as Enterprise.")
    contract: Short = Field(default="", description="the contract or data processing agreement.")
    region: Short = Field(default="", description="where conversations are kept.")
    retention: Short = Field(default="", description="how long conversations are kept.")
    training_use: Short = Field(default="", description="whether conversations train models.")
    source: Text = Field(default="", description="where these facts come from.")
    date: Day = Field(default="", description="when they were read, as an ISO 8601 date.")


class StatementEntry(Entry):
    """One sentence of a text for users."""

    says: Literal["collects", "does_not_collect"] = Field(
        default=Says.COLLECTS.value, description="collects or does_not_collect."
    )
    entity: str = Field(
        default=FIRST_PARTY,
        min_length=1,
        max_length=200,
        description="who: we, anyone, a recipient's name, or a kind of recipient such as advertiser.",
    )
    data_categories: SomeCategories = Field(
        description="a list of the categories that the sentence speaks of, such as user.contact.email."
    )
    quote: Text = Field(default="", description="the sentence, word for word.")
    direction: Literal["to_app", "to_chatgpt", "both"] = Field(
        default="both", description="to_app, to_chatgpt or both."
    )


class PolicyEntry(Entry):
    """The privacy policy."""

    url: Url = Field(default="", description="where the policy stands: https://…")
    sha256: Digest = Field(default="", description="the SHA-256 digest of its text.")
    fetched: Day = Field(default="", description="when it was read, as an ISO 8601 date.")
    lang: Lang = Field(default="", description="a language tag, such as fr.")
    statements: Annotated[tuple[StatementEntry, ...], Field(max_length=1000)] = Field(
        default=(), description="a list of what its sentences say."
    )
    controls: Annotated[tuple[Control, ...], Field(max_length=100)] = Field(
        default=(), description="a list of what it offers people: to see, correct or delete data, to refuse a use."
    )


class ConnectionEntry(Entry):
    """What ChatGPT shows when the app is connected."""

    url: Url = Field(default="", description="where the text stands: https://…")
    sha256: Digest = Field(default="", description="the SHA-256 digest of the text shown.")
    text_sha256: Digest = Field(default="", description="another name for sha256.")
    shown_at: Day = Field(default="", description="when it was shown, as an ISO 8601 date.")
    lang: Lang = Field(default="", description="a language tag, such as fr.")
    statements: Annotated[tuple[StatementEntry, ...], Field(max_length=1000)] = Field(
        default=(), description="a list of what its sentences say."
    )


class RolesEntry(Entry):
    """Who is what for one purpose."""

    organisation: Role = Field(default="", description="controller, processor or joint.")
    publisher: Role = Field(default="", description="controller, processor or joint.")
    openai: Role = Field(default="", description="controller, processor or joint.")


class PurposeEntry(Entry):
    """One processing activity, with fides' keys."""

    name: Short = Field(default="", description="the activity's name.")
    data_use: Use = Field(default="", description="a data use of fides, such as essential.service.")
    data_categories: Categories = Field(default=(), description="a list of categories that go both ways.")
    to_app: Categories = Field(default=(), description="a list of categories that go to the app.")
    to_chatgpt: Categories = Field(default=(), description="a list of categories that come back to ChatGPT.")
    data_subjects: Annotated[tuple[Subject, ...], Field(max_length=50)] = Field(
        default=(), description="a list of data subjects of fides, such as customer."
    )
    legal_basis_for_processing: Basis = Field(
        default="", description="a legal basis of fides (GDPR Art. 6), such as Contract."
    )
    special_category_legal_basis: SpecialBasis = Field(
        default="", description="an exception of fides (GDPR Art. 9(2)), such as Explicit consent."
    )
    retention_period: Duration = Field(default="", description="an ISO 8601 duration, such as P12M.")
    roles: RolesEntry = Field(default=RolesEntry(), description="who is controller and who processor.")
    recipients: Annotated[tuple[Short, ...], Field(max_length=200)] = Field(
        default=(), description="a list of names out of `recipients:` above or below."
    )
    register_ref: Short = Field(default="", description="the activity's number in the organisation's register.")
    shared: Flag | None = Field(default=None, description="whether data go to third parties.")
    ephemeral: Flag | None = Field(default=None, description="whether data are kept only while a request is served.")
    optional: Flag | None = Field(default=None, description="whether a person may refuse.")
    provenance: Provenances = Field(default=(), description="where this comes from: a mapping, or a list of them.")

    # Keys of fides that nothing here judges by: taken so that a file for Fides can be read, and given back to it.
    data_shared_with_third_parties: Flag | None = Field(default=None, description="fides' name for shared.")
    third_parties: Text | None = Field(default=None, description="fides' words on third parties.")
    shared_categories: Categories | None = Field(default=None, description="categories shared with third parties.")
    processes_special_category_data: Flag | None = Field(default=None, description="true or false.")
    features: tuple[Text, ...] | None = Field(default=None, description="a list of features of processing.")
    flexible_legal_basis_for_processing: Flag | None = Field(default=None, description="true or false.")
    impact_assessment_location: Text | None = Field(default=None, description="where the assessment lies.")
    dataset_references: tuple[Short, ...] | None = Field(default=None, description="a list of fides keys.")
    egress: tuple[Short, ...] | None = Field(default=None, description="a list of fides keys.")
    ingress: tuple[Short, ...] | None = Field(default=None, description="a list of fides keys.")
    data_qualifier: Short | None = Field(default=None, description="a fides key.")
    cookies: tuple[dict[Short, Text | None], ...] | None = Field(default=None, description="a list of cookies.")

    @model_validator(mode="after")
    def _one_word_on_sharing(self) -> "PurposeEntry":
        if None not in (self.shared, self.data_shared_with_third_parties) and (
            self.shared != self.data_shared_with_third_parties
        ):
            remedy = "Keep one of `shared` and `data_shared_with_third_parties`."
            raise refusal("says two things about third parties", remedy)
        return self


CARRIED: tuple[str, ...] = (
    "third_parties",
    "shared_categories",
    "processes_special_category_data",
    "features",
    "flexible_legal_basis_for_processing",
    "impact_assessment_location",
    "dataset_references",
    "egress",
    "ingress",
    "data_qualifier",
    "cookies",
)
"""The keys of fides that are kept as they were written."""


class FieldEntry(Entry):
    """What is said of one field of a tool."""

    data_categories: Categories = Field(description="a list of categories, such as user.contact.email.")
    required: Flag | None = Field(default=None, description="true or false.")
    provenance: ProvenanceEntry | None = Field(default=None, description="where this comes from.")


type Fields = Annotated[dict[Pointer, Annotated[FieldEntry, BeforeValidator(_holding)]], Field(max_length=1000)]


class ToolEntry(Entry):
    """What is said of one tool."""

    input_schema_sha256: Digest = Field(default="", description="the digest of its input schema.")
    fields: Fields = Field(default_factory=dict, description="a mapping from a pointer to what the argument holds.")
    output: Fields = Field(default_factory=dict, description="a mapping from a pointer to what the answer holds.")


class TransferEntry(Entry):
    """A transfer under Chapter V of the GDPR."""

    country: Country = Field(min_length=1, description="a country code, such as US.")
    mechanism: Mechanism = Field(
        default="", description="Adequacy Decision, SCCs, BCRs, Supplementary Measures or Other."
    )
    reference: Text = Field(default="", description="the document.")
    ref: Text = Field(default="", description="another name for reference.")
    date: Day = Field(default="", description="the document's date, as an ISO 8601 date.")
    recipient: Short = Field(default="", description="a name out of `recipients:`.")
    provenance: ProvenanceEntry | None = Field(default=None, description="where this comes from.")


def _same_taxonomy(version: str) -> str:
    if version != taxonomy.VERSION:
        remedy = f"Check the categories against {taxonomy.VERSION} and write that, or leave the key out."
        raise refusal("not the taxonomy that this Douane knows", remedy)
    return version


class DeclarationFile(Entry):
    """The file as it is written. The keys are documented in docs/declaration.md."""

    douane_declaration: Annotated[Literal[1], BeforeValidator(_no_flag)] = Field(
        description="the version of this format: 1."
    )
    app: str = Field(
        pattern=APP_NAME, description="the app's name in the configuration: letters, figures, `.`, `_`, `-`."
    )
    taxonomy: Annotated[str, AfterValidator(_same_taxonomy)] = Field(
        default=taxonomy.VERSION, max_length=100, description=f"the taxonomy of the categories: {taxonomy.VERSION}."
    )
    title: Short = Field(default="", description="the app's name, as people know it.")
    publisher: Party = Field(default=PartyEntry(), description="who publishes the app: a name, or `name` with more.")
    organisation: OrganisationEntry = Field(
        default=OrganisationEntry(), description="who uses the app: controller, representative, dpo."
    )
    platform: PlatformEntry = Field(default=PlatformEntry(), description="what is known of the ChatGPT contract.")
    privacy_policy: Annotated[PolicyEntry, BeforeValidator(_at_url)] | None = Field(
        default=None, description="the app's privacy policy: its URL, or `url` with more."
    )
    connection_information: ConnectionEntry | None = Field(
        default=None, description="what is shown when the app is connected."
    )
    to_app: Categories = Field(
        default=(), description="a list of categories that go to the app, such as user.contact.email."
    )
    to_chatgpt: Categories = Field(
        default=(), description="a list of categories that come back to ChatGPT, such as user.contact.email."
    )
    privacy_declarations: Annotated[tuple[PurposeEntry, ...], Field(max_length=500)] = Field(
        default=(), description="a list of purposes, with the keys of fides."
    )
    recipients: Annotated[tuple[Annotated[RecipientEntry, BeforeValidator(_named)], ...], Field(max_length=500)] = (
        Field(default=(), description="a list of whom the app passes data on to: a name each, or `name` with more.")
    )
    transfers: Annotated[tuple[TransferEntry, ...], Field(max_length=500)] = Field(
        default=(), description="a list of transfers to countries outside the European Economic Area."
    )
    tools: Annotated[dict[Annotated[str, Field(min_length=1, max_length=200)], ToolEntry], Field(max_length=1000)] = (
        Field(default_factory=dict, description="a mapping from a tool's name to what is said of its fields.")
    )
    provenance: Provenances = Field(default=(), description="where the declaration comes from.")
