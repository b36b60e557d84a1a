"""The declaration file: YAML or JSON text to a Declaration. Pure module: no I/O."""

import hashlib
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from douane.audit import taxonomy, yamltext
from douane.audit.category_key import CategoryKey
from douane.audit.declaration import Declaration, Recipient
from douane.audit.yamltext import Errors, refusal

APP_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
HOST_NAME = r"^(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"

__all__ = ["APP_NAME", "HOST_NAME", "DeclarationFile", "Errors", "RecipientEntry", "parse_declaration"]


class _Edge(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)


class RecipientEntry(_Edge):
    """A recipient as it is written in the file."""

    name: str = Field(min_length=1, max_length=200, description="the recipient's name, as people know it.")
    country: str = Field(
        default="", pattern=r"^([A-Z]{2})?$", description="a country code of two capital letters, such as FR."
    )
    role: Literal["", "processor", "controller", "joint"] = Field(
        default="", description="what the recipient is under the GDPR: processor, controller or joint."
    )
    hosts: tuple[Annotated[str, Field(pattern=HOST_NAME, max_length=253)], ...] = Field(
        default=(), max_length=200, description="host names without scheme, port or path, such as api.example.org."
    )


def _same_taxonomy(version: str) -> str:
    if version != taxonomy.VERSION:
        remedy = f"Check the categories against {taxonomy.VERSION} and write that, or leave the key out."
        raise refusal("not the taxonomy that this Douane knows", remedy)
    return version


def _named(entry: Any) -> Any:
    return {"name": entry} if isinstance(entry, str) else entry


class DeclarationFile(_Edge):
    """The file as it is written. The keys are documented in docs/declaration.md."""

    douane_declaration: Literal[1] = Field(description="the version of this format: 1.")
    app: str = Field(
        pattern=APP_NAME, description="the app's name in the configuration: letters, figures, `.`, `_`, `-`."
    )
    taxonomy: Annotated[str, AfterValidator(_same_taxonomy)] = Field(
        default=taxonomy.VERSION, max_length=100, description=f"the taxonomy of the categories: {taxonomy.VERSION}."
    )
    to_app: tuple[CategoryKey, ...] = Field(
        default=(),
        max_length=500,
        description="a list of categories that go to the app, such as user.contact.email.",
    )
    to_chatgpt: tuple[CategoryKey, ...] = Field(
        default=(),
        max_length=500,
        description="a list of categories that come back to ChatGPT, such as user.contact.email.",
    )
    recipients: tuple[Annotated[RecipientEntry, BeforeValidator(_named)], ...] = Field(
        default=(),
        max_length=500,
        description="a list of whom the app passes data on to: a name each, or `name` with more.",
    )


def parse_declaration(text: str, name: str) -> Declaration | Errors:
    """The declaration that `text` holds (YAML or JSON), or every fault in it by line and column. Never raises.

    `name` is the file's name for messages. An unknown category is a fault that suggests the nearest known one.
    """
    document = yamltext.parse(text, name)
    if isinstance(document, Errors):
        return document
    file = yamltext.read(document, DeclarationFile)
    if isinstance(file, Errors):
        return file
    return Declaration(
        app=file.app,
        to_app=tuple(sorted(set(file.to_app))),
        to_chatgpt=tuple(sorted(set(file.to_chatgpt))),
        recipients=tuple(Recipient(r.name, r.country, r.role, r.hosts) for r in file.recipients),
        sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        source=name,
        taxonomy=taxonomy.VERSION,
    )
