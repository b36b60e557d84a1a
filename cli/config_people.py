"""Who may look into the ledger, and how closely it watches people: the profile and the roles of config.yaml."""

from ipaddress import ip_address
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from douane.audit.declaration_file import APP_NAME

type Profile = Literal["dev", "audit", "monitor"]
type RoleName = Literal["admin", "dpo", "developer"]
type Line = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]

LOCAL: Final = frozenset({"localhost", "localhost."})


class Role(BaseModel):
    """What one person may look at."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    who: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")] = Field(
        description="the system user, or the name given with `--as`."
    )
    role: RoleName = Field(description="admin, dpo or developer.")
    apps: tuple[Annotated[str, Field(pattern=APP_NAME)], ...] = Field(
        default=(), max_length=500, description="a list of the apps that a developer may look at."
    )


def profile_of(written: Profile | None, host: str) -> Profile:
    """Return the profile in force: the written one, else `dev` where only this machine can connect, else `audit`."""
    if written is not None:
        return written
    if host.lower() in LOCAL:
        return "dev"
    try:
        return "dev" if ip_address(host).is_loopback else "audit"
    except ValueError:
        return "audit"
