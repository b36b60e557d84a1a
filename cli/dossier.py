"""The dossier of `douane check --profile openai-submission`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from douane.cli.exits import Exit, complain

if TYPE_CHECKING:
    from douane.audit.history import History
    from douane.reports.checked import Checked


def written(checked: "Checked", histories: "Mapping[str, History]", form: str, output: Path | None, lang: str) -> Exit:
    """Write the dossier of every app that was checked; returns 1 when a ground fails, 2 when nothing was seen."""
    from douane.cli.check import put
    from douane.reports.dossier import dossier
    from douane.reports.dossier_pages import render

    made = [dossier(histories[app], checked.results, checked.waived) for app in checked.apps]
    put(render(made, checked, form, lang=lang), output)
    fatal = [one for one in checked.unjudged if one.fatal]
    for one in fatal:
        complain(f"could not judge: {one.says.of(lang)}")
    if any(one.fails for one in made):
        return Exit.FINDINGS
    return Exit.NOT_JUDGED if fatal else Exit.OK
