"""What an app said it exchanges. Pure module: no I/O."""

from dataclasses import dataclass

from douane.audit.message import Direction


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person or company that the app says it passes data on to.

    `country` is an ISO 3166-1 alpha-2 code, `role` one of `processor`, `controller`, `joint`; both empty when the app
    did not say. `hosts` are the host names under which it is reached.
    """

    name: str
    country: str = ""
    role: str = ""
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """One app's declaration file, as read.

    `to_app` and `to_chatgpt` are category keys of the taxonomy, sorted, each once. `sha256` is the hex digest of the
    file's bytes and `source` the file's name: together they say which wording a verdict was judged against.
    """

    app: str
    to_app: tuple[str, ...]
    to_chatgpt: tuple[str, ...]
    recipients: tuple[Recipient, ...] = ()
    sha256: str = ""
    source: str = ""
    taxonomy: str = ""

    def categories(self, direction: Direction) -> tuple[str, ...]:
        """The categories declared for one direction."""
        return self.to_app if direction is Direction.TO_APP else self.to_chatgpt
