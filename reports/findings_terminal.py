"""What the rules found, in a terminal."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from douane.audit.rules.base import Severity
from douane.reports import safe
from douane.reports.findings import Findings, Told, counted
from douane.reports.i18n import Words
from douane.reports.paragraph import Paragraph

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "dim"}


def parts(findings: Findings, words: Words) -> Iterator[RenderableType]:
    """The section as short paragraphs, without its heading."""
    told = Told(words, _shown)
    yield Paragraph(Text(told.lead(findings), style="dim"))
    if not findings.groups:
        yield Paragraph(Text(told.nothing()))
    if counts := told.reviewed(findings):
        yield Paragraph(Text(counts))
    for group in findings.groups:
        severity = (told.severity(group), STYLES[group.rule.severity])
        yield Paragraph(Text.assemble((_shown(group.app), "bold"), " · ", severity, " · ", told.title(group)), 0, 2)
        yield from (Paragraph(Text(counted(line, words)), 2, 4) for line in told.lines(group))
        if more := told.more(group):
            yield Paragraph(Text(more, style="dim"), 2, 4)
        remedies = " ".join(told.remedies(group))
        yield Paragraph(Text(f"{told.remedy}{words.phrase('colon')}{remedies}", style="dim"), 2, 4)
        yield Paragraph(Text(told.where(group), style="dim"), 2, 4)
    if lines := told.of_disclosures(findings):
        yield Paragraph(Text(told.disclosures, style="bold"))
        yield from (Paragraph(Text(counted(line, words)), 2, 4) for line in lines)
    yield Paragraph(Text(told.by(findings), style="dim"))


def _shown(text: str) -> str:
    return safe.plain(safe.middle(text, 60), 60)
