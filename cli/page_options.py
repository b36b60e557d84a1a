"""What the command line says of the page, and who may look: checked before anything listens."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from douane.cli.config import Config
from douane.cli.exits import Exit
from douane.cli.looking import role_of, system_user
from douane.reports.i18n import Lang, LangError, lang_of
from douane.reports.page.settings import Role, Viewer
from douane.reports.wrong import wrong

PORT: Final = 8780
_RANK: Final[dict[Role, int]] = {"developer": 0, "dpo": 1, "admin": 2}


class PageOptions(BaseModel):
    """What the command line says of the page, beside the configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    config: Config
    ledger: Path | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = PORT
    remote: bool = False
    names: tuple[str, ...] = ()
    password_file: Path | None = None
    certificate: Path | None = None
    certificate_key: Path | None = None
    role: Role | None = None
    apps: tuple[str, ...] = ()
    who: str | None = None
    reason: str = ""
    unrecorded: bool = False
    lang: Literal["en", "fr"] | None = None

    @property
    def spoken(self) -> Lang:
        """The language of complaints: that of the page where one was asked for."""
        return self.lang or "en"


class NotAllowed(Exception):  # noqa: N818 - it says what happened
    """The role does not allow what was asked for."""

    def __init__(self, text: str, who: str, role: str = "") -> None:
        super().__init__(text)
        self.who, self.role = who, role


class CannotServe(Exception):  # noqa: N818 - it says what happened
    """The page cannot be served as asked; the message says why and what to do, `code` is the exit code."""

    def __init__(self, text: str, code: int = Exit.USAGE) -> None:
        super().__init__(text)
        self.code = code


def checked(options: PageOptions) -> None:
    """Raise `CannotServe` where the page would be open to others without a flag, a password and a name."""
    lang = options.spoken
    if not is_loopback(options.host):
        if not options.remote:
            raise CannotServe(wrong("serve.host", lang, host=options.host))
        if options.password_file is None:
            raise CannotServe(wrong("serve.password", lang))
        if unspecified(options.host) and not options.names:
            raise CannotServe(wrong("serve.name", lang))
    if (options.certificate is None) is not (options.certificate_key is None):
        raise CannotServe(wrong("serve.certificate", lang))


def is_loopback(host: str) -> bool:
    """Whether only this machine can connect to an address."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def unspecified(host: str) -> bool:
    """Whether an address stands for all of the machine's."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def viewer_of(options: PageOptions) -> Viewer:
    """Who looks, in which role: that of the configuration, or less where less was asked for.

    Raises `NotAllowed`, and `CannotServe` where `--role` needs more to be said.
    """
    user, roles, lang = system_user(), options.config.roles, options.spoken
    found = role_of(roles, user, options.who)
    who = user if options.who in (None, "", user) else f"{options.who} (system user {user})"
    if roles and found is None:
        raise NotAllowed(wrong("role.none", lang, name=options.who or user), who)
    own: Role = found.role if found is not None else "admin"
    role = min(own, options.role or own, key=_RANK.__getitem__)
    if options.role is not None and _RANK[options.role] > _RANK[own]:
        raise NotAllowed(wrong("role.less", lang, role=options.role, own=own), who, own)
    apps: tuple[str, ...] | None = options.apps or None
    if own == "developer" and found is not None:
        if any(app not in found.apps for app in options.apps):
            raise NotAllowed(wrong("role.apps.page", lang, apps=", ".join(found.apps)), who, own)
        apps = options.apps or found.apps
    elif role == "developer" and apps is None:
        raise CannotServe(wrong("serve.apps", lang))
    return Viewer(who, role, options.reason, apps)


def role_called(name: str | None, lang: str | None = None) -> Role | None:
    """The role asked for. Raises `CannotServe` for what is none."""
    if name is None:
        return None
    for role in _RANK:
        if name == role:
            return role
    raise CannotServe(wrong("serve.role", lang or "en"))


def lang_of_page(name: str | None) -> Lang | None:
    """The language asked for, None for the browser's. Raises `CannotServe`."""
    try:
        return None if name is None else lang_of(name)
    except LangError as error:
        raise CannotServe(f"--lang: {error}.") from None
