"""The outcome of a check, as every format tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from douane.audit.gate import Anchor, Result, RuleFacts, Unjudged, fails
from douane.audit.rules.base import Severity, Text
from douane.audit.waivers import Waiver
from douane.ledger.reviews import Review
from douane.reports.people import Under


class Outcome(StrEnum):
    """How a check ended; the order of the exit codes 0, 1, 2."""

    OK = "ok"
    FINDINGS = "findings"
    NOT_JUDGED = "could-not-judge"


@dataclass(frozen=True, slots=True)
class Checked:
    """One check: of which apps and which time, with what found, what waived, what not judged.

    `results` hold what weighs most first, waived ones among them; `waived` names those by fingerprint, `reviews` what
    people said of some, which changes no outcome. `fail_on` are the severities, labels and rule ids that the gate fails
    on. `rules` are all that were held against the traffic.
    `gaps` counts what was not inspected, by app and code. `versions` says which Douane, taxonomy and rules judged.
    `under` says under which profile and who asked, None where nobody did.
    """

    apps: tuple[str, ...]
    results: tuple[Result, ...]
    unjudged: tuple[Unjudged, ...] = ()
    waived: Mapping[str, Waiver] = field(default_factory=dict[str, Waiver])
    reviews: Mapping[str, Review] = field(default_factory=dict[str, Review])
    fail_on: tuple[str, ...] = (Severity.ERROR.value,)
    rules: tuple[RuleFacts, ...] = ()
    exchanges: Mapping[str, int] = field(default_factory=dict[str, int])
    gaps: Mapping[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    since: str = ""
    until: str = ""
    made_at: str = ""
    under: Under | None = None

    @property
    def open(self) -> tuple[Result, ...]:
        """The findings that nobody waived."""
        return tuple(one for one in self.results if one.fingerprint not in self.waived)

    @property
    def failing(self) -> tuple[Result, ...]:
        """The findings that the gate fails on."""
        return tuple(one for one in self.open if fails(one, self.fail_on))

    @property
    def outcome(self) -> Outcome:
        """Findings come before what could not be judged: what was found stands either way."""
        if self.failing:
            return Outcome.FINDINGS
        return Outcome.NOT_JUDGED if any(one.fatal for one in self.unjudged) else Outcome.OK


def file_name(anchor: Anchor) -> str:
    """The file of an anchor as every format can hold it: what cannot be printed reads U+FFFD."""
    return "".join(char if char.isprintable() else "\ufffd" for char in anchor.file)


OUTCOMES: dict[Outcome, Text] = {
    Outcome.OK: Text("nothing found to fail on", "aucun écart bloquant"),
    Outcome.FINDINGS: Text("findings to mend", "des écarts à corriger"),
    Outcome.NOT_JUDGED: Text("could not judge", "contrôle impossible"),
}
SEVERITIES: dict[Severity, Text] = {
    Severity.ERROR: Text("error", "erreur"),
    Severity.WARNING: Text("warning", "avertissement"),
    Severity.NOTE: Text("note", "remarque"),
}
UNSEEN = Text(
    "What did not cross Douane was not observed: it is neither found nor ruled out here.",
    "Ce qui n’a pas traversé Douane n’a pas été observé : ce contrôle ne le constate ni ne l’exclut.",
)
