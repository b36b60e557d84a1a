"""A check as GitHub's workflow commands: an annotation for each finding, at the line where it is mended."""

from typing import Final

from douane.audit.rules.base import Severity
from douane.reports import safe
from douane.reports.checked import OUTCOMES, Checked, file_name
from douane.reports.i18n import lang_of

LONG: Final = 1000
_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(checked: Checked, *, lang: str = "en") -> str:
    """A line for each open finding and for what could not be judged, and one that sums up. Raises `LangError`."""
    lang = lang_of(lang)
    out: list[str] = []
    for one in checked.open:
        where = f"file={_property(file_name(one.anchor))},line={one.anchor.line}," if one.anchor is not None else ""
        title = _property(safe.plain(f"{one.rule.id} ({one.app})", LONG))
        text = _text(safe.plain(f"{one.says.of(lang)} {one.remedy.of(lang)}", LONG))
        out.append(f"::{_COMMANDS[one.severity]} {where}title={title}::{text} [{one.fingerprint}]")
    for missing in checked.unjudged:
        command = "error" if missing.fatal else "notice"
        out.append(f"::{command} title=douane check::{_text(safe.plain(missing.says.of(lang), LONG))}")
    out.append(
        f"douane check: {OUTCOMES[checked.outcome].of(lang)} "
        f"({len(checked.failing)}/{len(checked.open)}, --fail-on {','.join(checked.fail_on)})"
    )
    return "\n".join(out) + "\n"


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
