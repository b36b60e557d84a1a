"""Who may look into a ledger, and the word in its chain that they did: what every command that reads one asks first."""

import json
import os
import pwd
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer

from douane.cli.exits import Exit, complain, tell

if TYPE_CHECKING:
    from douane.cli.config import Config
    from douane.cli.config_people import Role
    from douane.ledger.access import Access, Scope
    from douane.reports.people import Under

As = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="Who looks, where the system user does not say it; told in the ledger."),
]
Reason = Annotated[
    str,
    typer.Option("--reason", metavar="TEXT", help="Why; told in the ledger and in the report. Name no person in it."),
]
Unrecorded = Annotated[bool, typer.Option("--unrecorded", help="Read the ledger even where this cannot be told in it.")]
ReadConfig = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="FILE", help="The configuration that names the ledger.")
]
ReadLedger = Annotated[
    Path | None, typer.Option("--ledger", metavar="FILE", help="The ledger itself, instead of the configured one.")
]


@dataclass(frozen=True, slots=True)
class Looker:
    """Who says that they look, why, and whether they would do so unrecorded."""

    name: str | None = None
    reason: str = ""
    unrecorded: bool = False


NOBODY: Final = Looker()
"""The system user, without a reason."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """What may be read: the ledger, the apps (none: all of them), and the circumstances that a report prints.

    `is_original` says that the ledger is the one the configuration names, or that its anchor names this very file.
    """

    ledger: Path
    apps: tuple[str, ...]
    under: "Under"
    is_original: bool = False


def admitted(
    looker: Looker,
    what: str,
    *,
    config: Path | None = None,
    ledger: Path | None = None,
    apps: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    persons: bool = False,
    early: bool = True,
    lang: str = "en",
) -> Admitted:
    """Hold a reading against the roles and tell it in the ledger's chain, before anything is read.

    `persons` says that it looks for persons, `early` that a period that begins in the future is told here, `lang` in
    which language it complains.
    Complains and exits with 2 where there is no ledger or the role does not allow it, with 3 where it cannot be told
    and `--unrecorded` was not given.
    """
    from douane.cli.detection import configured
    from douane.cli.report import opened
    from douane.ledger.access import Scope, last_profile
    from douane.ledger.times import iso
    from douane.reports.people import Under
    from douane.reports.summary import ScopeError, bound
    from douane.reports.wrong import scope as said
    from douane.reports.wrong import wrong

    settings = configured(config)
    storage = settings.storage
    own = storage.ledger if storage.ledger.is_absolute() else storage.folder / storage.ledger
    path = ledger or own
    with closing(opened(path, lang)) as db:
        known = [name for (name,) in db.execute("SELECT name FROM apps ORDER BY name")]
        profile, purpose = last_profile(db)
        is_original = path.resolve() == own.resolve() or anchored(db, path, settings)
    user = system_user()
    role = role_of(settings.roles, user, looker.name)
    try:
        scope = Scope(tuple(one for one in apps if one in known), bound(since, end=False), bound(until, end=True))
    except ScopeError as error:
        complain(f"{said(error, lang)}.")
        raise typer.Exit(Exit.USAGE) from None
    is_reversed = scope.until and scope.until <= scope.since  # the command complains of that itself
    if early and scope.since > iso(time.time()) and not is_reversed:
        tell(wrong("future", lang))
    who = user if looker.name in (None, "", user) else f"{looker.name} (system user {user})"
    book = Book(settings, path, is_original, who, role.role if role else "", looker, lang)
    if why := refusal(settings, role, apps, known, user, looker, persons=persons, lang=lang):
        book.refused(what, scope, why)
    if any(one not in known for one in apps):
        return Admitted(path, tuple(apps), Under())  # the command says itself that there is no such app
    if role is not None and role.role == "developer":
        scope = Scope(tuple(app for app in known if app in role.apps and app in (apps or known)), *bounds(scope))
    told = book.enter(what, scope)
    under = circumstances(settings, profile, purpose, who, book.role, looker.reason, told.at if told else "")
    return Admitted(path, tuple(scope.apps), under, is_original)


def circumstances(
    settings: "Config", profile: str, purpose: str, who: str, role: str, why: str, at: str = ""
) -> "Under":
    """What a report prints of its circumstances: under the stricter of the ledger's profile and the configured one."""
    from douane.reports.people import Under

    profiles = {profile, settings.profile or (settings.profile_in_force if not profile else "")}
    stern = next((one for one in ("audit", "monitor") if one in profiles), "dev")
    policy = settings.retention.policy()
    kept = tuple(map(str, policy.too_long()))
    return Under(stern, settings.reason or purpose, who, role, why, at, kept, policy.reason)


@dataclass(frozen=True, slots=True)
class Book:
    """Where readings of one ledger are told, and by whom."""

    settings: "Config"
    path: Path
    is_original: bool
    who: str
    role: str
    looker: Looker
    lang: str = "en"

    def enter(self, what: str, scope: "Scope") -> "Access | None":
        """Tell a reading; None where it is not recorded, which is then said. Exits with 3 where that is not allowed."""
        from douane.reports.wrong import wrong

        if not self.is_original:
            tell(unrecorded("copy", self.lang))
            return None
        if not (os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)):
            tell(unrecorded("unwritable", self.lang))
            return None
        why = self._tell(what, scope)
        if not isinstance(why, str):
            return why
        if not self.looker.unrecorded:
            complain(wrong("untold", self.lang, why=why))
            raise typer.Exit(Exit.CANNOT_START)
        tell(wrong("unrecorded", self.lang, why=why))
        return None

    def refused(self, what: str, scope: "Scope", why: str) -> NoReturn:
        """Tell that a reading was refused, where that can be told, and exit with 2."""
        if self.is_original:
            self._tell(f"refused: {what}", scope)
        complain(why)
        raise typer.Exit(Exit.USAGE)

    def _tell(self, what: str, scope: "Scope") -> "Access | str":
        from douane.cli.custody import custody
        from douane.ledger.access import note
        from douane.ledger.failed import LedgerFailed
        from douane.ledger.keys import KeyRefused
        from douane.ledger.refused import LedgerRefused

        try:
            keeping = custody(self.settings)
            return note(
                self.path,
                keeping.sealer,
                who=self.who,
                role=self.role,
                what=what,
                why=self.looker.reason,
                scope=scope,
                anchors=keeping.anchors,
            )
        except (KeyRefused, LedgerFailed, LedgerRefused) as error:
            return str(error)


def unrecorded(why: str, lang: str) -> str:
    """That a reading is not recorded, and why: `copy`, `unwritable` or `key`."""
    from douane.reports.wrong import wrong

    return wrong("unrecorded", lang, why=wrong(f"unrecorded.{why}", lang))


def role_of(roles: "Sequence[Role]", user: str, name: str | None) -> "Role | None":
    """The role of the system user where the list has one, else that of the name given with --as; None for neither."""
    listed = {one.who: one for one in roles}
    return listed.get(user) or listed.get(name or "")


def refusal(
    settings: "Config",
    role: "Role | None",
    apps: Sequence[str],
    known: Sequence[str],
    user: str,
    looker: Looker,
    *,
    persons: bool,
    lang: str = "en",
) -> str:
    """Why the role does not allow a reading, in a language; empty where it does."""
    from douane.reports.wrong import wrong

    if role is None:
        if not settings.roles:
            return ""
        named = looker.name or user
        return wrong("role.none", lang, name=named)
    if role.role != "developer":
        return ""
    if persons:
        return wrong("role.persons", lang)
    if any(app not in role.apps for app in apps) or not set(role.apps).intersection((*known, *apps)):
        return wrong("role.apps", lang, apps=", ".join(role.apps))
    return ""


def anchored(db: sqlite3.Connection, path: Path, settings: "Config") -> bool:
    """Whether the ledger's anchor says that this very file is the one that is written to."""
    from douane.cli.custody import anchor_folder

    row = db.execute("SELECT ledger FROM chain").fetchone()
    try:
        head = json.loads((anchor_folder(settings) / f"{row[0]}.head").read_text(encoding="utf-8"))
        return bool(head["file"] == str(path.resolve()))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def bounds(scope: "Scope") -> tuple[str, str]:
    """The period of a scope."""
    return scope.since, scope.until


def system_user() -> str:
    """The name of the user whose process this is; the number where the system knows no name."""
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
