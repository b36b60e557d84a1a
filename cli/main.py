"""`douane`: the front door. One file a command; each imports what it needs when it runs."""

from typing import Annotated

import typer

from douane.cli import (
    anchor,
    app_sheet,
    backup,
    check,
    declare,
    detectors,
    erase,
    exercise,
    export,
    import_,
    key,
    least_schema,
    onward,
    person,
    purge,
    rejudge,
    replay,
    report,
    restore,
    review,
    run,
    scan,
    serve,
    show,
    tail,
    top,
    verify,
    why,
)
from douane.cli.front import Front
from douane.inspector.bugs import tell_bugs_without_values

app = typer.Typer(
    name="douane",
    cls=Front,
    help="Customs for ChatGPT apps: which personal data each app gets and returns, and what was never declared.",
    epilog=(
        "Exit codes: 0 done · 1 done, but part of it could not be read or written · "
        "2 wrong use, configuration or input · 3 could not start (port taken, folder in use, no key) · 130 interrupted."
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def show_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        from douane.cli.version import VERSION

        typer.echo(f"douane {VERSION}")
        raise typer.Exit


@app.callback()
def main(
    _version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Customs for ChatGPT apps: what was declared, what really crossed."""
    tell_bugs_without_values()


app.command("run")(run.run)
app.command("scan")(scan.scan)
app.command("report")(report.report)
app.command("serve")(serve.serve)
app.command("detectors")(detectors.detectors)
app.command("replay")(replay.replay)
app.command("check")(check.check)
app.add_typer(declare.app, name="declare")
app.command("review")(review.review)
app.command("why")(why.why)
app.command("top")(top.top)
app.command("tail")(tail.tail)
app.command("show")(show.show)
app.command("person")(person.person)
app.command("rejudge")(rejudge.rejudge)
app.command("exercise")(exercise.exercise)
app.command("least-schema")(least_schema.least_schema)
app.command("onward")(onward.onward)
app.command("app-sheet")(app_sheet.app_sheet)
app.add_typer(key.app, name="key")
app.command("verify")(verify.verify)
app.command("anchor")(anchor.anchor)
app.command("purge")(purge.purge)
app.command("erase")(erase.erase)
app.command("export")(export.export)
app.command("import")(import_.import_)
app.command("backup")(backup.backup)
app.command("restore")(restore.restore)


if __name__ == "__main__":
    app()
