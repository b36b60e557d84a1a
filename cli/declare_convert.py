"""`douane declare import` and `douane declare export`: other formats of the same promises."""

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from douane.cli.declaration_reading import Lang, language, readable, say, typographic
from douane.cli.exits import Exit, complain, tell
from douane.cli.files import text_of

if TYPE_CHECKING:
    from douane.audit.imported import Imported, Unmapped


class From(StrEnum):
    """A format that can be turned into a declaration."""

    FIDES = "fides"
    APPLE = "apple"
    GOOGLE = "google"


class To(StrEnum):
    """A format that a declaration can be turned into."""

    FIDES = "fides"


Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file, which must be new.")
]


def import_(
    format: Annotated[  # noqa: A002
        From, typer.Argument(metavar="fides|apple|google", help="What the file is.", show_default=False)
    ],
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A fides manifest, PrivacyInfo.xcprivacy, or the Data safety form (CSV)."),
    ],
    app: Annotated[str, typer.Option("--app", metavar="NAME", help="What the app is called in config.yaml.")] = "",
    system: Annotated[
        str, typer.Option("--system", metavar="KEY", help="The fides_key, where a manifest has several systems.")
    ] = "",
    output: Output = None,
    lang: Lang = "en",
) -> None:
    """Turn a fides manifest, Apple's privacy manifest or Google Play's form into a declaration file.

    What a person must fill in is marked; nothing is invented. What could not be mapped is listed on standard error.
    """
    from douane.audit.declaration_text import yaml_of
    from douane.audit.imported import blanks

    spoken = language(lang)
    imported = _read(format, file, app, system)
    head = _HEADS[spoken].format(file=re.sub(r"[^\w. -]", "_", file.name)[:80])
    _write(output, yaml_of(imported.declaration, blanks(imported.declaration, spoken), head))
    for line in _table(imported.unmapped, spoken):
        tell(line)


def export(
    format: Annotated[  # noqa: A002
        To, typer.Argument(metavar="fides", help="What to turn it into.", show_default=False)
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A declaration file.")],
    output: Output = None,
    lang: Lang = "en",
) -> None:
    """Turn a declaration file into a fides manifest: a system with its privacy declarations.

    What fides has no key for stands in the system's meta.douane; `import fides` gives back the same declaration.
    """
    from douane.audit.fides_export import fides_of

    spoken = language(lang)
    made = {To.FIDES: fides_of}[format](readable(file))
    _write(output, made.text)
    if made.beside:
        said = (
            "dans meta.douane, sans clé ou sans mot chez fides :"
            if spoken == "fr"
            else "in meta.douane, fides has no key or word:"
        )
        tell(typographic(f"{said} {', '.join(made.beside)}", spoken))


_HEADS = {
    "en": "Made from {file}. Read it, fill in what is marked, and say what comes back to ChatGPT (to_chatgpt).",
    "fr": "Établi d’après {file}. À relire et à compléter ; indiquer ce qui revient à ChatGPT (to_chatgpt).",
}


def _read(form: From, file: Path, app: str, system: str) -> "Imported":
    from douane.audit.apple_manifest import read_apple
    from douane.audit.declaration_model import APP_NAME
    from douane.audit.fides_import import read_fides
    from douane.audit.google_safety import read_google
    from douane.audit.yamltext import Errors

    if (app or form is not From.FIDES) and not re.fullmatch(APP_NAME, app):
        complain("Say what the app is called in config.yaml: --app NAME (letters, figures, '.', '_', '-').")
        raise typer.Exit(Exit.USAGE)
    text = text_of(file)
    read: Imported | Errors
    if isinstance(text, Errors):
        read = text
    elif form is From.FIDES:
        read = read_fides(text, str(file), app, system)
    else:
        read = (read_apple if form is From.APPLE else read_google)(text, str(file), app)
    if isinstance(read, Errors):
        complain(str(read))
        raise typer.Exit(Exit.USAGE)
    return read


def _write(output: Path | None, text: str) -> None:
    if output is None:
        say([text.removesuffix("\n")])
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        complain(f"{output}: this file exists. Name a new one; nothing was written.")
        raise typer.Exit(Exit.USAGE) from None
    except OSError as error:
        complain(f"{output}: cannot be written ({error.strerror}). Name another file.")
        raise typer.Exit(Exit.USAGE) from None


def _table(rows: "tuple[Unmapped, ...]", lang: str) -> list[str]:
    """What could not be mapped, in two columns."""
    if not rows:
        return ["Tout a été repris." if lang == "fr" else "Everything was taken."]
    heads = ("Non repris tel quel", "Pourquoi") if lang == "fr" else ("Not taken as it is", "Why")
    whats = [one.what.replace("(not shown)", "(non affiché)") if lang == "fr" else one.what for one in rows]
    wide = min(60, max(len(heads[0]), *map(len, whats)))
    lines = [f"{heads[0]:<{wide}}  {heads[1]}", f"{'-' * wide}  {'-' * len(heads[1])}"]
    return lines + [
        f"{what:<{wide}}  {typographic(one.why.of(lang), lang)}" for what, one in zip(whats, rows, strict=True)
    ]
