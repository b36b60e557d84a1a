"""What is wrong with how a command was called, in the language that was asked for with `--lang`."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, NoReturn

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from douane.cli.exits import Exit, complain

_KINDS: Final = {
    "NoSuchOption": "usage.option",
    "BadParameter": "usage.value",
    "MissingParameter": "usage.missing",
    "BadOptionUsage": "usage.needs",
}
"""The phrase for each kind of complaint that typer raises; it exports the names of a few only."""
_LANG: Final = "douane.lang"


class Front(TyperGroup):
    """The commands, which complain in French of options and arguments where `--lang fr` is among them."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Make the context as typer does, and keep the language that was asked for in it."""
        lang = lang_among(args)
        made = super().make_context(info_name, args, parent, **extra)
        made.meta[_LANG] = lang
        return made

    def invoke(self, ctx: Any) -> Any:
        """Run the command; typer says itself, in English, what is wrong where no French was asked for."""
        try:
            return super().invoke(ctx)
        except TyperException as error:
            if ctx.meta[_LANG] != "fr" or type(error).__name__ == "NoArgsIsHelpError":
                raise
            told = getattr(error, "ctx", None)
            _give_up(error, told.command_path if told else f"{ctx.command_path} {ctx.invoked_subcommand or ''}".strip())


def lang_among(args: Sequence[str]) -> str:
    """The last language that is asked for among arguments; English where there is none."""
    asked = [after for one, after in pairwise(args) if one == "--lang"]
    asked += [one.removeprefix("--lang=") for one in args if one.startswith("--lang=")]
    return "fr" if asked and asked[-1].lower().startswith("fr") else "en"


def _give_up(error: TyperException, command: str) -> NoReturn:
    """An argument itself is never repeated: it may be a person's."""
    from douane.reports.wrong import wrong

    key = _KINDS.get(type(error).__name__, "usage.other")
    if key == "usage.needs" and "not take a value" in str(getattr(error, "message", "")):
        key = "usage.flag"  # the same kind of complaint in typer: only its sentence says which of the two
    name = getattr(error, "option_name", "") or _hint(error)
    complain(wrong(key if name else "usage.other", "fr", name=name, command=command))
    raise typer.Exit(Exit.USAGE) from None


def _hint(error: TyperException) -> str:
    """The name of the option or argument that an error is about, as `--help` has it; empty where there is none."""
    param = getattr(error, "param", None)
    if param is None:
        return ""
    if param.param_type_name == "argument":
        return str(param.metavar or param.name.upper())
    return str(max(param.opts, key=len))
