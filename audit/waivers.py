"""`douane-waivers.yaml`: findings that somebody accepted, with a reason and an end. Pure module: no I/O, no clock."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from douane.audit import yamltext
from douane.audit.fingerprints import fingerprint
from douane.audit.gate import Anchor, Result, RuleFacts
from douane.audit.rules.base import Severity, Text
from douane.audit.yamltext import Document, Errors, Fault, refusal

FILE: Final = "douane-waivers.yaml"
_VERSION: Final = "2026-11-22"


def _filled_in(value: Any) -> Any:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise refusal(
            "is not filled in", "A waiver needs a fingerprint, a rule, an app, a reason, a person and an end."
        )
    return value


def _is_day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise refusal("is not a date", "Write the last day on which it holds: 2027-01-31.") from None
    if len(text) != len("2027-01-31"):
        raise refusal("is not a date", "Write the last day on which it holds: 2027-01-31.")
    return text


class WaiverEntry(BaseModel):
    """A waiver as it is written in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    fingerprint: Annotated[str, BeforeValidator(_filled_in)] = Field(
        pattern=r"^[0-9a-f]{32}$", description="the finding's fingerprint, 32 hex digits as `douane check` prints them."
    )
    rule: Annotated[str, BeforeValidator(_filled_in)] = Field(
        max_length=100, description="the rule's id, such as verdict/omitted."
    )
    app: Annotated[str, BeforeValidator(_filled_in)] = Field(max_length=100, description="the app's name.")
    reason: Annotated[str, BeforeValidator(_filled_in)] = Field(
        max_length=2000, description="why the finding is accepted, in a sentence."
    )
    by: Annotated[str, BeforeValidator(_filled_in)] = Field(max_length=200, description="the person who accepts it.")
    expires: Annotated[str, BeforeValidator(_filled_in), AfterValidator(_is_day)] = Field(
        description="the last day on which it holds, such as 2027-01-31."
    )
    note: str = Field(default="", max_length=2000, description="what the finding was, for readers of this file.")


class WaiversFile(BaseModel):
    """The file as it is written. The keys are documented in docs/gate.md."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    douane_waivers: Literal[1] = Field(description="the version of this format: 1.")
    waivers: tuple[WaiverEntry, ...] = Field(default=(), max_length=10_000, description="a list of waivers.")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One accepted finding. `expires` is the last day (ISO 8601) on which it holds, `line` where it stands (from 1)."""

    fingerprint: str
    rule: str
    app: str
    reason: str
    by: str
    expires: str
    line: int = 1

    def holds(self, today: str) -> bool:
        """Whether it holds on this day (ISO 8601)."""
        return today <= self.expires


@dataclass(frozen=True, slots=True)
class Waivers:
    """The file's waivers in its order, its name, and the SHA-256 (hex) of its wording."""

    file: str
    sha256: str
    waivers: tuple[Waiver, ...] = ()


def parse_waivers(text: str, name: str) -> Waivers | Errors:
    """The waivers that `text` holds (YAML or JSON), or every fault in it by line and column. Never raises.

    `name` is the file's name for messages. Two waivers of one fingerprint are a fault.
    """
    document = yamltext.parse(text, name)
    if isinstance(document, Errors):
        return document
    document = _at_their_keys(document)
    file = yamltext.read(document, WaiversFile)
    if isinstance(file, Errors):
        return file
    lines = [document.position(("waivers", at))[0] for at in range(len(file.waivers))]
    first: dict[str, int] = {}
    faults: list[Fault] = []
    for at, entry in enumerate(file.waivers):
        if entry.fingerprint in first:
            problem = f"the fingerprint of the waiver at line {first[entry.fingerprint]}, once more"
            faults.append(document.fault(("waivers", at, "fingerprint"), problem, "Keep one of the two."))
        first.setdefault(entry.fingerprint, lines[at])
    if faults:
        return yamltext.ordered(faults)
    return Waivers(
        name,
        hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        tuple(
            Waiver(one.fingerprint, one.rule, one.app, one.reason, one.by, one.expires, lines[at])
            for at, one in enumerate(file.waivers)
        ),
    )


def _at_their_keys(document: Document) -> Document:
    """The document with what was left open placed at its key: YAML places it where the next thing begins."""
    listed: Any = document.data.get("waivers") if isinstance(document.data, dict) else None
    entries: list[Any] = listed if isinstance(listed, list) else []
    left_open: dict[yamltext.Path, tuple[int, int]] = {
        ("waivers", at, key): document.position(("waivers", at, key), at_key=True)
        for at, entry in enumerate(entries)
        if isinstance(entry, dict)
        for key, value in entry.items()
        if value is None
    }
    return replace(document, values={**document.values, **left_open})


EXPIRED: Final = RuleFacts(
    "waiver/expired",
    Severity.WARNING,
    _VERSION,
    Text("A waiver that has ended", "Une dérogation arrivée à son terme"),
    Text(
        "Mend the finding and remove the waiver, or have somebody accept it anew.",
        "Corrigez l’écart et retirez la dérogation, ou faites-la renouveler.",
    ),
)
UNMATCHED: Final = RuleFacts(
    "waiver/unmatched",
    Severity.WARNING,
    _VERSION,
    Text("A waiver without its finding", "Une dérogation sans écart correspondant"),
    Text(
        "Remove the waiver if the finding is mended; else correct its fingerprint, rule or app.",
        "Retirez la dérogation si l’écart est corrigé ; sinon, corrigez son empreinte, sa règle ou son application.",
    ),
)
_ENDED: Final = Text(
    "The waiver of {rule} for {app} ended on {expires}.",
    "La dérogation à {rule} pour {app} s’est terminée le {expires}.",
)
_NONE: Final = Text(
    "The waiver of {rule} for {app} fits no finding of this check.",
    "La dérogation à {rule} pour {app} ne correspond à aucun écart de ce contrôle.",
)


@dataclass(frozen=True, slots=True)
class Applied:
    """Which findings are waived, by fingerprint, and what is to be said of the waivers themselves."""

    waived: Mapping[str, Waiver]
    findings: tuple[Result, ...]


def applied(waivers: Waivers | None, found: Iterable[Result], today: str, apps: Collection[str]) -> Applied:
    """Hold the waivers against the findings of a check of `apps` on a day (ISO 8601).

    A waiver fits a finding of its fingerprint, rule and app, and holds until its last day. One that ended is a finding
    and waives nothing, whether it fits or not; one that holds and fits none is a finding where its app was checked.
    """
    if waivers is None:
        return Applied({}, ())
    by_fingerprint = {one.fingerprint: one for one in found}
    waived: dict[str, Waiver] = {}
    told: list[Result] = []
    for one in waivers.waivers:
        finding = by_fingerprint.get(one.fingerprint)
        fits = finding is not None and finding.rule.id == one.rule and finding.app == one.app
        if not one.holds(today) and (fits or one.app in apps):
            told.append(_about(one, waivers.file, EXPIRED, _ENDED))
        elif not fits and one.app in apps:
            told.append(_about(one, waivers.file, UNMATCHED, _NONE))
        elif fits:
            waived[one.fingerprint] = one
    return Applied(waived, tuple(told))


def _about(one: Waiver, file: str, rule: RuleFacts, says: Text) -> Result:
    facts = {"rule": one.rule, "app": one.app, "expires": one.expires}
    return Result(
        rule=rule,
        app=one.app,
        says=Text(says.en.format(**facts), says.fr.format(**facts)),
        remedy=rule.remedy,
        fingerprint=fingerprint(rule.id, one.app, place=one.fingerprint),
        place=one.fingerprint,
        anchor=Anchor(file, one.line),
    )


class Event(StrEnum):
    """What became of a waiver since the last check."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The last that a ledger says of a waiver."""

    event: Event
    waiver: Waiver


def events(before: Mapping[str, Recorded], waivers: Waivers, today: str) -> list[tuple[Event, Waiver]]:
    """What changed between what a ledger recorded (by fingerprint) and the file; nothing when asked twice.

    A waiver that already ended when it is first seen was accepted and has expired.
    """
    out: list[tuple[Event, Waiver]] = []
    now = {one.fingerprint: one for one in waivers.waivers}
    for key, one in now.items():
        known = before.get(key)
        ended = not one.holds(today)
        if known is None or known.event is Event.WITHDRAWN:
            out.append((Event.ACCEPTED, one))
            out += [(Event.EXPIRED, one)] * ended
        elif not _same(known.waiver, one):
            out.append((Event.CHANGED, one))
            out += [(Event.EXPIRED, one)] * ended
        elif ended and known.event is not Event.EXPIRED:
            out.append((Event.EXPIRED, one))
    gone = [one.waiver for key, one in before.items() if key not in now and one.event is not Event.WITHDRAWN]
    return out + [(Event.WITHDRAWN, one) for one in gone]


def _same(one: Waiver, other: Waiver) -> bool:
    return (one.rule, one.app, one.reason, one.by, one.expires) == (
        other.rule,
        other.app,
        other.reason,
        other.by,
        other.expires,
    )


def drafted(found: Iterable[Result], lang: str, *, head: bool = True) -> str:
    """YAML with a waiver to fill in for each finding: why, who and until when are left to a person."""
    out = ["douane_waivers: 1", "waivers:"] if head else []
    for one in found:
        out += [
            f"  - fingerprint: {_quoted(one.fingerprint)}",
            f"    rule: {_quoted(one.rule.id)}",
            f"    app: {_quoted(one.app)}",
            f"    note: {_quoted(one.says.of(lang)[:2000])}",
            "    reason:",
            "    by:",
            "    expires:",
        ]
    return "\n".join(out) + "\n"


def written(found: Iterable[Result], lang: str, *, reason: str, by: str, expires: str, head: bool = True) -> str:
    """YAML with a waiver for each finding, filled in; `expires` is the last day (ISO 8601) on which they hold."""
    filled = {"reason": reason, "by": by, "expires": expires}
    text = drafted(found, lang, head=head)
    for key, value in filled.items():
        text = text.replace(f"\n    {key}:\n", f"\n    {key}: {_quoted(' '.join(value.split()))}\n")
    return text


def _quoted(text: str) -> str:
    plain = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
