"""How much of what an app makes up is counted by name: beyond that it is counted together. Pure module: no I/O.

Names of tools, methods, fields and hosts come from outside, and each costs memory as long as the counts are kept. What
an app was given and gave stays complete, whatever it is called.
"""

from typing import Final

from douane.ledger.counting import FieldKey, GapKey, LatencyKey, MessageKey, PassageKey

NAMES: Final = 1_000
"""Tools of one app that are counted by name; as many methods, and as many hosts."""
PLACES: Final = 20_000
"""Kinds of data of one app (tool, place, category, verdict …) that are counted by themselves."""
REST: Final = "…"
"""The name under which the rest is counted."""


class Caps:
    """What is counted by name so far. Who comes first is named; `apps` are those that have more."""

    def __init__(self, names: int = NAMES, places: int = PLACES) -> None:
        self.apps: set[int] = set()
        self._most, self._places = names, places
        self._names: dict[tuple[int, str], set[str]] = {}
        self._data: dict[int, set[FieldKey]] = {}

    def message(self, key: MessageKey) -> MessageKey:
        """The key under which such messages are counted."""
        return key._replace(tool=self._tool(key.app, key.tool), method=self._name(key.app, "method", key.method))

    def field(self, key: FieldKey) -> FieldKey:
        """The key under which such data are counted: first without its place, then without its tool as well."""
        key = key._replace(tool=self._tool(key.app, key.tool), method=self._name(key.app, "method", key.method))
        known = self._data.setdefault(key.app, set())
        if key in known or len(known) < self._places:
            known.add(key)
            return key
        self.apps.add(key.app)
        key = key._replace(pointer=REST)
        if key in known or len(known) < 2 * self._places:
            known.add(key)
            return key
        # all that is left of the key are words of ours
        return key._replace(tool=REST if key.tool else "", method=REST if key.method else "")

    def latency(self, key: LatencyKey) -> LatencyKey:
        """The key under which such answers are counted."""
        return key._replace(tool=self._tool(key.app, key.tool))

    def gap(self, key: GapKey) -> GapKey:
        """The key under which such gaps are counted."""
        return key._replace(tool=self._tool(key.app, key.tool))

    def passage(self, key: PassageKey) -> PassageKey:
        """The key under which such passages are counted."""
        return key._replace(host=self._name(key.app, "host", key.host))

    def _tool(self, app: int, tool: str) -> str:
        return self._name(app, "tool", tool)

    def _name(self, app: int, what: str, name: str) -> str:
        if not name:
            return name
        known = self._names.setdefault((app, what), set())
        if name in known or len(known) < self._most:
            known.add(name)
            return name
        self.apps.add(app)
        return REST
