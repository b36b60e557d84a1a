"""What the configuration and the ledger in force say of Douane itself, as cells for the papers of the kit."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from douane.audit import taxonomy
from douane.audit.declaration import Declaration, Party
from douane.reports import safe
from douane.reports.document import Blank, Cell, Facts
from douane.reports.kinds.activities import declared_of
from douane.reports.kinds.base import Material
from douane.reports.kinds.in_force import InForce
from douane.reports.kinds.register_cells import who
from douane.reports.kinds.said import LONG, Said

_DELICATE = frozenset({"art9", "art10"})


@dataclass(frozen=True, slots=True)
class Known:
    """All that the papers are filled with. What is not known is a blank."""

    said: Said
    material: Material

    @property
    def force(self) -> InForce | None:
        """The configuration in force; None where none was read."""
        return self.material.in_force

    def unread(self) -> Blank:
        """The blank for what only a configuration could say."""
        return self.said.blank("fill.config")

    def lines(self, key: str, **values: str) -> tuple[str, ...]:
        """A text as its lines."""
        return tuple(self.said.say(key, None, **values).split("\n"))

    def basis(self, key: str) -> tuple[str, ...]:
        """The legal basis that is proposed (the text called `key`), and whom the law denies it (Art. 6(1), last
        subparagraph)."""
        return (self.said.phrase(key), self.said.phrase("basis.public"))

    def profile(self) -> tuple[str, ...]:
        """The profile in force, with its reason."""
        said, under = self.said, self.material.summary.under
        name = under.profile if under.profile in ("audit", "monitor") else "dev"
        found = [said.phrase(f"fact.profile.{name}")]
        force = self.force
        if force is not None and not force.profile_written and name == ("dev" if force.here_only else "audit"):
            found.append(said.phrase("fact.profile.derived"))
        if under.reason:
            found.append(said.say("fact.profile.reason", reason=safe.plain(under.reason, LONG)))
        return tuple(found)

    def keep(self) -> Cell:
        """How long what is kept, by which rules, and who purges."""
        if self.force is None:
            return self.unread()
        said, force = self.said, self.force
        found = [said.say("fact.keep", keep=said.duration(force.keep))]
        for app, category, keep in force.rules:
            what = said.category(category) if category else safe.plain(app)
            if app and category:
                what = said.say("fact.rule.both", app=safe.plain(app), category=what)
            found.append(said.say("fact.rule", what=what, keep=said.duration(keep)))
        if force.keep_reason:
            found.append(said.say("fact.keep.reason", reason=safe.plain(force.keep_reason, LONG)))
        found.append(said.phrase("fact.purge.on" if force.automatic else "fact.purge.off"))
        found.append(self.spool())
        return tuple(found)

    def spool(self) -> str:
        """How long a message waits in clear's stead, sealed."""
        minutes = math.ceil(self.force.minutes) if self.force is not None else 15
        return self.said.say("fact.spool", minutes=self.said.say("duration.minutes", minutes))

    def kept_for(self) -> str:
        """The general retention in words; empty where it is not known."""
        return "" if self.force is None else self.said.duration(self.force.keep)

    def roles(self) -> Cell:
        """How many accounts have which role."""
        if self.force is None:
            return self.unread()
        if not self.force.roles:
            return self.said.phrase("fact.roles.none")
        return tuple(self.said.say("fact.role", n, role=role) for role, n in self.force.roles)

    def key(self) -> str:
        """Where the master key lies, in words; the blank's words where it is not known."""
        if self.force is None:
            return self.said.say("render.blank.hint", hint=self.said.phrase("fill.config"))
        store = "keyring" if self.force.key_store == "keyring" else "inside" if self.force.key_in_folder else "file"
        return self.said.phrase(f"fact.key.{store}")

    def observed(self) -> tuple[str, ...]:
        """Apps, figures and categories that the ledger holds."""
        said, summary = self.said, self.material.summary
        names = [safe.plain(app.name, 60) for app in summary.apps]
        if not names:
            return (said.phrase("fact.apps.none"),)
        messages = sum(app.outcomes.messages for app in summary.apps)
        return (
            said.say("fact.apps", apps=said.listed(names)),
            said.say("fact.figures", messages=messages, disclosures=summary.disclosures),
            *self.categories(),
        )

    def categories(self) -> tuple[str, ...]:
        """The categories that were observed, and the delicate ones again."""
        said = self.said
        keys = sorted({flow.category for app in self.material.summary.apps for flow in app.flows})
        delicate = [key for key in keys if not _DELICATE.isdisjoint(taxonomy.flags(key))]
        what = ", ".join(said.category(key) for key in keys)
        found = [said.say("fact.categories", what=what) if keys else said.phrase("fact.categories.none")]
        special = ", ".join(said.category(key) for key in delicate)
        found.append(said.say("fact.special", what=special) if delicate else said.phrase("fact.special.none"))
        return tuple(found)

    def party(self, of: str) -> Cell:
        """The controller, the representative or the DPO, as the apps' declarations name them; a blank where none."""
        found: dict[str, None] = {}
        for app, declared in sorted(declared_of(self.material).items()):
            party = _party(declared, of)
            if party is not None and (party.name or party.legal_name or party.contact):
                line = self.said.say("declared.by", name=who(self.said, party), app=safe.plain(app))
                found.setdefault(line)
        return tuple(found) or self.said.blank("fill.name")

    def open_codes(self) -> tuple[str, ...]:
        """What of the configuration in force a person should look at, by code."""
        force = self.force
        if force is None:
            return ()
        profile = self.material.summary.under.profile
        checks = {
            "profile": profile not in ("audit", "monitor"),
            "monitor": profile == "monitor",
            "roles": not force.roles,
            "tls": not force.here_only and not force.tls,
            "certificate": force.certificates < force.apps,
            "anchors": not force.anchors_apart and not force.syslog,
            "key": force.key_in_folder,
            "pass": force.passing > 0,
            "purge": not force.automatic,
            "egress": force.egress < force.apps,
            "power": force.durability != "power",
        }
        return tuple(code for code, is_open in checks.items() if is_open)

    def open_points(self) -> Cell:
        """The same in sentences."""
        if self.force is None:
            return self.unread()
        return tuple(self.said.phrase(f"open.{code}") for code in self.open_codes()) or self.said.phrase(
            "own.plan.none"
        )


def facts(rows: Iterable[tuple[str, Cell]]) -> Facts:
    """Labels with their cells, the lines of a cell told apart by dashes."""
    return Facts(tuple((label, dashed(cell)) for label, cell in rows))


def dashed(cell: Cell) -> Cell:
    """A cell of several lines with a dash before each; any other as it is."""
    return tuple(f"– {line}" for line in cell) if isinstance(cell, tuple) and len(cell) > 1 else cell


def _party(declared: Declaration, of: str) -> Party | None:
    one = declared.organisation
    return {"controller": one.party, "representative": one.representative, "dpo": one.dpo}[of]
