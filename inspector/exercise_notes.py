"""What an exercise notes beside the outcome of a step, in both languages; never a value that an app sent."""

from collections.abc import Collection, Sequence
from typing import Final

from douane.audit import yamltext
from douane.audit.rules.base import Text

NOTHING: Final = Text("", "")
NEEDS_TWO: Final = Text("needs two persons", "il faut deux personnes")
NO_IDENTIFIER: Final = Text(
    "no identifier that only another person was given",
    "aucun identifiant donné à une seule autre personne",
)
APPS_ERROR: Final = Text("an error of the app", "une erreur de l’application")


def rpc_error(code: int | None) -> Text:
    """An error of JSON-RPC, with its number where it has one."""
    number = "" if code is None else f" {code}"
    return Text(f"JSON-RPC error{number}", f"erreur JSON-RPC{number}")


def of_another(categories: Sequence[str]) -> Text:
    """Another person's data came back: their categories."""
    listed = ", ".join(categories)
    return Text(f"of another person: {listed}", f"d’une autre personne : {listed}")


def without(names: Sequence[str]) -> Text:
    """What the arguments leave to be filled in and nothing fills: names of a scenario file."""
    listed = ", ".join(f"{{{name}}}" for name in names)
    return Text(f"nothing to fill in for {listed}", f"rien à mettre à la place de {listed}")


def unlisted(tool: str, tools: Collection[str]) -> Text:
    """The app lists no tool of that name; the nearest that it lists, where one comes close."""
    close = yamltext.nearest(tool, tools)
    if close is None:
        return Text("the app lists no such tool", "l’application ne propose pas cet outil")
    close = "".join(char if char.isprintable() else "?" for char in close)[:60]
    return Text(
        f"the app lists no such tool; did you mean {close}?",
        f"l’application ne propose pas cet outil ; vouliez-vous dire {close} ?",
    )
