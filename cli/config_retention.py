"""How long the ledger keeps what: the section `retention` of config.yaml."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from douane.audit.category_key import CategoryKey
from douane.audit.declaration_file import APP_NAME
from douane.audit.yamltext import Document, Fault, refusal
from douane.cli.config_people import Line
from douane.ledger.retention import DEFAULT, SHORTEST, Keep, Policy, is_longer


def _is_time(text: str) -> str:
    try:
        shorter = is_longer(SHORTEST, text)
    except ValueError:
        raise refusal("not a duration", "Write an ISO 8601 duration: P12M is twelve months, P30D 30 days.") from None
    if shorter:
        raise refusal("is under a day", "Write P1D or more: answers find their requests by what would go.")
    return text


type Time = Annotated[str, AfterValidator(_is_time)]


class Rule(BaseModel):
    """How long data of a category, of an app, or of both are kept."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    keep: Time = Field(description="how long, as an ISO 8601 duration such as P6M.")
    app: str = Field(default="", pattern=rf"^$|{APP_NAME}", description="the name of the app that it is for.")
    category: CategoryKey | None = Field(default=None, description="the category that it is for, with its parts.")


class Retention(BaseModel):
    """How long the ledger keeps what."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    keep: Time = Field(
        default=DEFAULT, description="how long, as an ISO 8601 duration such as P12M, where no rule says otherwise."
    )
    rules: tuple[Rule, ...] = Field(
        default=(), max_length=500, description="a list of rules, each with `keep` and an `app` or a `category`."
    )
    reason: Line | None = Field(default=None, description="why something is kept for longer than P12M, on one line.")
    automatic: bool = Field(default=True, description="true or false: whether `douane run` purges by itself.")

    def policy(self) -> Policy:
        """The rules as the ledger reads them."""
        rules = tuple(Keep(one.keep, one.app, one.category or "") for one in self.rules)
        return Policy(self.keep, rules, self.reason or "")


def faults(retention: Retention, document: Document) -> Iterator[Fault]:
    """What one rule alone cannot show: a reason that is missing, a rule for nothing in particular or said twice."""
    if retention.policy().too_long() and not retention.reason:
        remedy = "Add `reason:` with why something is kept for longer than P12M: every report prints it."
        yield document.fault(("retention",), "`reason` is missing", remedy)
    seen: dict[tuple[str, str], int] = {}
    for index, one in enumerate(retention.rules):
        if not one.app and not one.category:
            remedy = "Name an `app`, a `category` or both; `retention.keep` is for everything else."
            yield document.fault(("retention", "rules", index), "is for nothing in particular", remedy)
        first = seen.setdefault((one.app, one.category or ""), index)
        if first != index:
            remedy = "Say once how long it is kept."
            yield document.fault(("retention", "rules", index), f"rules[{first}] is for the same", remedy)
