"""The configuration in force, as far as a document speaks of it: settings and figures, no name, path or address."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InForce:
    """What config.yaml says, or what holds where it says nothing.

    `rules` are the retention rules (app, category, duration; either of the first two may be empty), `roles` how many
    accounts have each; `certificates`, `passing` and `egress` count the apps that ask for ChatGPT's certificate, pass
    on what cannot be recorded, and have an egress listener. `minutes` is how long an uninspected message is kept,
    `everything` whether free text is reported whole, whether it is a person's or not.
    """

    apps: int = 0
    profile_written: bool = False
    here_only: bool = True
    tls: bool = False
    certificates: int = 0
    passing: int = 0
    egress: int = 0
    forward: bool = False
    keep: str = "P12M"
    rules: tuple[tuple[str, str, str], ...] = ()
    keep_reason: str = ""
    automatic: bool = True
    key_store: str = "file"
    key_in_folder: bool = False
    durability: str = "process"
    minutes: float = 15
    anchors_apart: bool = False
    syslog: bool = False
    roles: tuple[tuple[str, int], ...] = ()
    free_text: bool = True
    everything: bool = False
    languages: tuple[str, ...] = ("fr", "en")
    own_detectors: int = 0
    switched_off: int = 0
    sha256: str = ""
