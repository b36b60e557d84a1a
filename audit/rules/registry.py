"""The rules in this folder, and holding a history against all of them. Pure module: no I/O.

A file that sets `RULE` is a rule, with `MATCHES` and `MISSES`. Any other file must be named in `SUPPORT`: a rule that
forgot to register is an error at the start, not a rule that never finds anything.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from types import ModuleType
from typing import cast

import douane.audit.rules
from douane.audit.exchange import Outcome
from douane.audit.history import Condensed, History
from douane.audit.rules.base import Case, Hit, Rule, Severity

SUPPORT = frozenset({"base", "doing", "examples", "passing", "reading", "registry", "restricted", "sources", "telling"})
_ASKED_NOTHING = Rule.__dataclass_fields__["check"].default
_WEIGHT = {severity: at for at, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Registered:
    """A rule with the examples that document it."""

    rule: Rule
    matches: tuple[Case, ...]
    misses: tuple[Case, ...]


@cache
def registered() -> tuple[Registered, ...]:
    """Every rule with its examples, in the order of their ids. Raises RuntimeError for a file that is neither rule nor
    support, and for an id that two rules have."""
    found: dict[str, Registered] = {}
    for info in sorted(pkgutil.iter_modules(douane.audit.rules.__path__), key=lambda one: one.name):
        if info.name in SUPPORT:
            continue
        module = importlib.import_module(f"douane.audit.rules.{info.name}")
        one = _of(module, info.name)
        if one.rule.id in found:
            raise RuntimeError(f"two rules have the id {one.rule.id}")
        found[one.rule.id] = one
    if not found:
        raise RuntimeError("no rule was found in douane.audit.rules")
    return tuple(found[key] for key in sorted(found))


def load_all() -> tuple[Rule, ...]:
    """Every rule, in the order of their ids."""
    return tuple(one.rule for one in registered())


def rule_of(rule_id: str) -> Rule | None:
    """The rule of that id, None where there is none."""
    return next((rule for rule in load_all() if rule.id == rule_id), None)


def check_all(history: History, rules: Sequence[Rule] | None = None) -> list[tuple[Rule, Hit]]:
    """All that the rules find in a history, what weighs most first, each place of a rule once with its count.

    Looks at what was delivered: what did not arrive was not disclosed. The answer does not depend on the order in which
    the history lists anything; a hit's `exchange` and `disclosure` point at the earliest of those that it stands for.
    """
    kept: list[tuple[Rule, Hit]] = []
    for rule in load_all() if rules is None else rules:
        places: dict[str, _Place] = {}
        for index, hit in _hits(rule, history):
            known = places.get(hit.place)
            key = _when(index, hit, history)
            if known is None:
                known = places[hit.place] = _Place(key, index, hit, hit.count)
            else:
                known.count += hit.count
                if key < known.key:
                    known.key, known.index, known.hit = key, index, hit
            if index >= 0 and hit.disclosure >= 0:
                known.seen[index, hit.disclosure] = None
        kept.extend(
            (rule, replace(one.hit, exchange=one.index, count=one.count, seen=tuple(one.seen)))
            for one in places.values()
        )
    kept.sort(key=lambda one: (_WEIGHT[one[0].severity], one[0].id, one[1].place))
    return kept


type _Key = tuple[str, int, int, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class _Place:
    key: _Key
    index: int
    hit: Hit
    count: int
    seen: dict[tuple[int, int], None] = field(default_factory=dict[tuple[int, int], None])


def _hits(rule: Rule, history: History) -> Iterator[tuple[int, Hit]]:
    """The hits of a rule, each with the index of its exchange."""
    for hit in rule.check_app(history):
        yield hit.exchange, hit
    if rule.check is _ASKED_NOTHING:
        return
    check = rule.check
    for index, one in enumerate(history.exchanges):
        exchange = one.exchange
        if exchange.disclosures and exchange.outcome is Outcome.DELIVERED:
            for hit in check(exchange, history):
                yield index, hit if one.times == 1 else replace(hit, count=hit.count * one.times)


def _when(index: int, hit: Hit, history: History) -> _Key:
    """What tells of two hits on one place which is the earlier, whatever their order."""
    if index < 0:
        return ("", -1, hit.disclosure, hit.facts)
    one = history.exchanges[index]
    # where equal data are one, which datum of its exchange it was is in its id
    place = one.disclosure_ids[hit.disclosure] if isinstance(history, Condensed) else hit.disclosure
    return (one.at, one.id, place, hit.facts)


def _of(module: ModuleType, name: str) -> Registered:
    parts: Iterable[str] = [one for one in ("RULE", "MATCHES", "MISSES") if not hasattr(module, one)]
    if parts:
        raise RuntimeError(f"audit/rules/{name}.py sets no {' and no '.join(parts)}, and is not named in SUPPORT")
    return Registered(
        cast(Rule, module.RULE), cast("tuple[Case, ...]", module.MATCHES), cast("tuple[Case, ...]", module.MISSES)
    )
