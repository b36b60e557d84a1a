"""What the rules find of the sample apps, held against what was planted. Nothing here knows the answer beforehand."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, field_validator
from ruamel.yaml import YAML

from douane.audit.rules.registry import check_all, rule_of
from douane.ledger.history import history


class PlantedFinding(BaseModel):
    """A rule that one of the sample apps does not keep, and in which of its tools (empty: in no tool alone)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    app: str
    rule: str
    tool: str = ""

    @field_validator("rule")
    @classmethod
    def _rule_is_known(cls, value: str) -> str:
        if rule_of(value) is None:
            raise ValueError("no rule has this id; docs/rules.md lists them")
        return value


@dataclass(frozen=True, slots=True)
class Ruled:
    """The planted findings that were found, those that were not, and what was found besides."""

    found: tuple[PlantedFinding, ...]
    missed: tuple[PlantedFinding, ...]
    besides: tuple[PlantedFinding, ...]


def expected_findings() -> tuple[PlantedFinding, ...]:
    """The findings listed in data/expected.yaml."""
    text = (files("douane.demo") / "data" / "expected.yaml").read_text("utf-8")
    return tuple(PlantedFinding.model_validate(entry) for entry in YAML(typ="safe").load(text)["findings"])


def findings(db: sqlite3.Connection, apps: Iterable[str]) -> tuple[PlantedFinding, ...]:
    """What the rules find of each app in a ledger: each rule and tool once."""
    hits = {(app, rule.id, hit.tool) for app in apps for rule, hit in check_all(history(db, app))}
    return tuple(PlantedFinding(app=app, rule=rule, tool=tool) for app, rule, tool in sorted(hits))


def held_against(seen: Sequence[PlantedFinding], planted: Sequence[PlantedFinding]) -> Ruled:
    """Hold what the rules found against what was planted."""
    return Ruled(
        tuple(one for one in planted if one in seen),
        tuple(one for one in planted if one not in seen),
        tuple(one for one in seen if one not in planted),
    )


def in_words(ruled: Ruled, apps: Iterable[str]) -> list[str]:
    """The demo's lines on rules."""
    lines = []
    for app in apps:
        named = _titles(one for one in ruled.found if one.app == app)
        lines.append(f"{app}: {'; '.join(named)}." if named else f"{app}: no finding.")
    if ruled.missed:
        lines.append(f"Planted and not found: {'; '.join(f'{one.app}: {one.rule}' for one in ruled.missed)}.")
    if ruled.besides:
        lines.append(f"Found and not planted: {'; '.join(f'{one.app}: {one.rule}' for one in ruled.besides)}.")
    return lines


def _titles(some: Iterable[PlantedFinding]) -> list[str]:
    by_rule: dict[str, list[str]] = {}
    for one in some:
        by_rule.setdefault(one.rule, []).append(one.tool)
    told = []
    for rule_id, tools in by_rule.items():
        rule = rule_of(rule_id)
        named = ", ".join(sorted({tool for tool in tools if tool}))
        told.append(f"{rule.title.en if rule else rule_id}{f' ({named})' if named else ''}")
    return told
