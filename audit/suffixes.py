"""Names below which many people's hosts stand, so that no one owns all of them. Pure module: no I/O.

The list is data (`data/shared_suffixes.json`) and short: it stands in for no registry.
"""

import json
from functools import cache
from importlib.resources import files


def shared(name: str) -> bool:
    """Whether `*.` before this name takes in the hosts of many: a top-level name, a registry's, a host service's."""
    labels = name.lower().rstrip(".").split(".")
    if len(labels) < 2:
        return True
    registry, suffixes = _data()
    if len(labels) == 2 and len(labels[1]) == 2 and labels[0] in registry:
        return True
    return any(
        len(one) == len(labels) and all(a in ("*", b) for a, b in zip(one, labels, strict=True)) for one in suffixes
    )


@cache
def _data() -> tuple[frozenset[str], tuple[tuple[str, ...], ...]]:
    data = json.loads((files("douane.audit") / "data" / "shared_suffixes.json").read_text(encoding="utf-8"))
    return frozenset(data["registry_labels"]), tuple(tuple(one.split(".")) for one in data["suffixes"])
