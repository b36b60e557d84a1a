"""`douane serve`: the page that people keep open."""

from pathlib import Path
from typing import Annotated

import typer

from douane.cli.exits import Exit, complain, tell
from douane.cli.looking import As, ReadConfig, ReadLedger, Reason, Unrecorded


def serve(
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen; anything but this machine needs a flag of its own.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for any free one.")] = 8780,
    role: Annotated[
        str | None,
        typer.Option(
            metavar="admin|dpo|developer",
            help="The role in which the page is shown, where it is to be less than yours.",
        ),
    ] = None,
    app: Annotated[
        list[str] | None, typer.Option("--app", metavar="NAME", help="Show only this app; may be repeated.")
    ] = None,
    lang: Annotated[
        str | None, typer.Option(metavar="en|fr", help="The page's language at first; the browser's without.")
    ] = None,
    remote: Annotated[
        bool, typer.Option("--beyond-this-machine", help="Let others connect; needs --password-file.")
    ] = False,
    password_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A password (first line, 12 characters or more) that opens a session too."),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST", help="A host name that the page answers to, as browsers write it; may be repeated."
        ),
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The certificate chain (PEM) for https.")
    ] = None,
    certificate_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The certificate's private key (PEM).")
    ] = None,
    config: ReadConfig = None,
    ledger: ReadLedger = None,
    who: As = None,
    reason: Reason = "",
    unrecorded: Unrecorded = False,
) -> None:
    """Show what crosses, app by app, on a page in the browser of this machine.

    Open the address that is printed: it works once. Each session is told in the ledger's chain. Stop with Ctrl-C.
    """
    from douane.cli.custody import custody
    from douane.cli.detection import configured
    from douane.cli.page_options import CannotServe, PageOptions, lang_of_page, role_called
    from douane.cli.report import opened
    from douane.cli.serving import serve_page
    from douane.ledger import keys
    from douane.reports.wrong import wrong

    settings, said = configured(config), lang or "en"
    try:
        options = PageOptions(
            config=settings,
            ledger=ledger,
            host=host,
            port=port,
            remote=remote,
            names=tuple(name or ()),
            password_file=password_file,
            certificate=certificate,
            certificate_key=certificate_key,
            role=role_called(role, lang),
            apps=tuple(app or ()),
            who=who,
            reason=reason,
            unrecorded=unrecorded,
            lang=lang_of_page(lang),
        )
        opened(ledger or settings.storage.folder / settings.storage.ledger, said).close()
        try:
            keeping = custody(settings)
        except keys.KeyRefused as error:
            if not unrecorded:
                complain(wrong("serve.untold", said, why=error))
                raise typer.Exit(Exit.CANNOT_START) from None
            keeping = None
        serve_page(options, keeping, tell, lambda address: tell(wrong("serve.open", said, address=address)))
    except CannotServe as error:
        complain(f"{error}")
        raise typer.Exit(error.code) from None
