"""What the ledger holds of what was planted, in words. Nothing here knows the answer: it is read from the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, field_validator
from ruamel.yaml import YAML

from douane.audit import taxonomy
from douane.audit.message import Direction
from douane.reports.summary import App, Flow, Summary


class Planted(BaseModel):
    """A contradiction that the demo plants: the app moves data of `category`, or of one under it, undeclared."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    app: str
    direction: Direction
    category: str

    @field_validator("category")
    @classmethod
    def _category_is_known(cls, value: str) -> str:
        if taxonomy.category(value) is None:
            raise ValueError(f"not a category; the nearest is {taxonomy.nearest(value)}")
        return value


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A planted contradiction, and the flows of the ledger that show it (none: it was missed)."""

    planted: Planted
    flows: tuple[Flow, ...]

    @property
    def count(self) -> int:
        """How many disclosures show it."""
        return sum(flow.by_declaration for flow in self.flows)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every planted contradiction with what was found of it, what was found besides, and the apps without a finding."""

    planted: tuple[Contradiction, ...]
    besides: tuple[Flow, ...]
    right: tuple[App, ...] = ()

    @property
    def missed(self) -> tuple[Planted, ...]:
        """What was planted and not found."""
        return tuple(each.planted for each in self.planted if not each.flows)


def expected() -> tuple[Planted, ...]:
    """The contradictions listed in data/expected.yaml."""
    text = (files("douane.demo") / "data" / "expected.yaml").read_text("utf-8")
    return tuple(Planted.model_validate(entry) for entry in YAML(typ="safe").load(text)["planted"])


def compare(summary: Summary, planted: Sequence[Planted]) -> Comparison:
    """Hold what the ledger says was exchanged without a declaration against what was planted."""
    undeclared = [flow for flow in summary.flows if flow.by_declaration]

    def shows(flow: Flow, one: Planted) -> bool:
        same = (flow.app, flow.direction) == (one.app, one.direction)
        return same and taxonomy.is_within(flow.category, one.category)

    found = tuple(Contradiction(one, tuple(flow for flow in undeclared if shows(flow, one))) for one in planted)
    besides = tuple(flow for flow in undeclared if not any(shows(flow, one) for one in planted))
    right = tuple(app for app in summary.apps if app.flows and not any(flow.undeclared for flow in app.flows))
    return Comparison(found, besides, right)


def times(count: int) -> str:
    """`once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def name(category: str) -> str:
    """A category's English name."""
    known = taxonomy.category(category)
    return known.name_en if known else category


def kinds(flows: Iterable[Flow]) -> str:
    """What the flows' flags say, in words; empty when they say nothing."""
    some = tuple(flows)
    flags = [
        "a special category of data (GDPR Art. 9)" if any(flow.special for flow in some) else "",
        "restricted by the platform's rules" if any(flow.restricted for flow in some) else "",
    ]
    return " and ".join(flag for flag in flags if flag)


def named(flows: Sequence[Flow]) -> str:
    """The categories that the flows are of, each by its name; one that another is under goes without saying."""
    seen = {flow.category for flow in flows}
    most_specific = [key for key in seen if not any(other != key and taxonomy.is_within(other, key) for other in seen)]
    return " and ".join(sorted(f"“{name(key)}”" for key in most_specific))


def sentence(one: Contradiction) -> str:
    """What was found of a planted contradiction: `travel returned passport number, which it did not declare: …`."""
    verb = "received" if one.planted.direction is Direction.TO_APP else "returned"
    if not one.flows:
        return f"{one.planted.app}: not found that it {verb} “{name(one.planted.category)}” without declaring it."
    tools = sorted({tool for flow in one.flows for tool in flow.tools})
    where = f" (in {', '.join(tools)})" if tools else ""
    also = kinds(one.flows)
    return (
        f"{one.planted.app} {verb} {named(one.flows)}, which it did not declare, {times(one.count)}{where}"
        f"{'; ' + also if also else ''}."
    )


def in_words(comparison: Comparison) -> list[str]:
    """The demo's last lines."""
    lines = [sentence(each) for each in comparison.planted]
    if comparison.besides:
        rest = sorted({f"{flow.app}: {name(flow.category)}" for flow in comparison.besides})
        lines.append(f"Not declared either: {'; '.join(rest)}.")
    lines += [
        f"{app.name}: everything that was found, {disclosures} disclosures, had been declared."
        for app in comparison.right
        for disclosures in [sum(flow.count for flow in app.flows)]
    ]
    total = len(comparison.planted)
    if comparison.missed:
        lines.append(f"{total - len(comparison.missed)} of the {total} contradictions that were planted were found.")
    else:
        lines.append(f"All {total} contradictions that were planted were found.")
    return lines
