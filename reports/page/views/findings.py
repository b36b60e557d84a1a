"""Findings: filtered, grouped, reviewed as confirmed or a false alarm, and waived for a time with a reason."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from douane.audit.gate import Result
from douane.audit.rules.base import Severity, Text
from douane.audit.rules.telling import cited
from douane.audit.waivers import Waiver
from douane.ledger.failed import LedgerFailed
from douane.ledger.refused import LedgerRefused
from douane.ledger.reviews import NOTE_LONGEST, Review, Reviewed, State, in_force, review
from douane.reports import reviewed, safe
from douane.reports.findings import SEVERITIES
from douane.reports.i18n import french_spaces
from douane.reports.page import waiving
from douane.reports.page.asking import Asking
from douane.reports.page.settings import OFFICERS
from douane.reports.page.standing import Standing
from douane.reports.page.views.base import View, Way

ROWS: Final = 50
STATES: Final = (*(state.value for state in State), "waived")
GROUPS: Final = ("severity", "rule", "app")
FILTERS: Final = ("app", "rule", "severity", "state", "tool", "group")
_MOST: Final = 500
"""Findings that one form may be about."""
_WEIGHT: Final = {severity: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Row:
    """A finding as the page shows it, with what people said of it."""

    found: Result
    state: str
    review: Review | None = None
    waiver: Waiver | None = None

    @property
    def stamp(self) -> str:
        """What tells this state from one that somebody gives it later."""
        return f"{self.state} {self.review.at}" if self.review is not None else self.state


@dataclass(frozen=True, slots=True)
class Given:
    """What a form was sent with, to be shown in it again where it could not be done; `wrong` says why."""

    wrong: str = ""
    chosen: frozenset[str] = frozenset()
    note: str = ""
    reason: str = ""
    by: str = ""
    expires: str = ""
    paste: str = ""


def findings(asking: Asking) -> Response:
    """The list."""
    return _shown(asking, Given(by=asking.viewer.who))


def act(asking: Asking) -> Response:
    """Review or waive what was chosen, then show the list again."""
    asked = dict(parse_qsl(asking.posted("back")[:2000]))
    back = {key: value for key, value in asked.items() if key in (*FILTERS, "after")}
    given = Given(
        "",
        frozenset(asking.form.get("f", ())[:_MOST]),
        asking.posted("note")[:NOTE_LONGEST],
        asking.posted("reason").strip()[:2000],
        asking.posted("by").strip()[:200],
        asking.posted("expires").strip()[:10],
    )
    standing = asking.work.findings.now(asking.db)
    chosen = [one for one in _visible(asking, standing) if one.fingerprint in given.chosen]
    doing = asking.posted("do")
    why = _refused(asking, standing, chosen, doing, given) or _meanwhile(asking, standing, given)
    if not why and doing == "waive" and asking.settings.waivers is None:
        text = waiving.text_for(chosen, asking.words.lang, _accepted(given))
        return _shown(asking, _again(given, "", paste=text), back)
    if not why:
        try:
            count = _waive(asking, chosen, given) if doing == "waive" else _review(asking, chosen, State(doing), given)
        except waiving.CannotWaiveError as error:
            why = asking.words.phrase(f"waive.{error.key}").format(file=safe.plain(error.more))
        except (LedgerFailed, LedgerRefused) as error:
            why = asking.words.phrase("findings.untold").format(why=safe.plain(f"{error}", 300))
        else:
            return asking.go(f"/findings?{urlencode({**back, 'did': doing, 'n': count})}")
    return _shown(asking, _again(given, why), back, status=409 if doing else 200)


def _again(given: Given, wrong: str, *, paste: str = "") -> Given:
    return Given(wrong, given.chosen, given.note, given.reason, given.by, given.expires, paste)


def _accepted(given: Given) -> waiving.Acceptance:
    return waiving.Acceptance(given.reason, given.by, given.expires)


def _refused(asking: Asking, standing: Standing, chosen: list[Result], doing: str, given: Given) -> str:
    """Why nothing can be done; empty where it can."""
    words = asking.words
    if doing not in (*(state.value for state in State), "waive"):
        return words.phrase("findings.what")
    if standing.results is None or not chosen:
        return words.phrase("findings.none.chosen")
    if doing == "waive" and not (given.reason and given.by and _day(given.expires)):
        return words.phrase("waive.fill")
    if doing == "waive" and given.expires < datetime.now(UTC).date().isoformat():
        return words.phrase("waive.past")
    if not asking.settings.recorded and not (doing == "waive" and asking.settings.waivers is None):
        return words.phrase("findings.read.only")
    return ""


def _meanwhile(asking: Asking, standing: Standing, given: Given) -> str:
    """What somebody said of the chosen findings since the page was shown; empty where nobody did."""
    said = (one.partition(" ") for one in asking.form.get("seen", ())[:_MOST])
    seen = {fingerprint: stamp for fingerprint, _, stamp in said}
    since = [
        one
        for one in _rows(asking, standing)
        if one.found.fingerprint in given.chosen and seen.get(one.found.fingerprint, one.stamp) != one.stamp
    ]
    return asking.words.say("findings.meanwhile", len(since)) if since else ""


def _review(asking: Asking, chosen: list[Result], state: State, given: Given) -> int:
    hands, viewer = asking.settings.hands, asking.viewer
    told = review(
        asking.settings.ledger,
        hands.sealer if hands is not None else None,
        [Reviewed(one.fingerprint, one.rule.id, one.app) for one in chosen],
        state,
        who=by(asking),
        role=viewer.role,
        note=given.note,
        anchors=hands.anchors if hands is not None else None,
    )
    return len(told)


def by(asking: Asking) -> str:
    """Who does it, as the chain tells it: a name that was given with the password stands beside the page's own."""
    own, given = asking.settings.viewer.who, asking.session.who
    return f"{given} (page of {own})" if given else own


def _waive(asking: Asking, chosen: list[Result], given: Given) -> int:
    return waiving.waive(asking.settings, chosen, asking.words.lang, _accepted(given), datetime.now(UTC))


def _day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _visible(asking: Asking, standing: Standing) -> list[Result]:
    return [one for one in standing.results or () if asking.viewer.may_see(one.app)]


def _shown(asking: Asking, given: Given, query: dict[str, str] | None = None, *, status: int = 200) -> Response:
    asked = asking.query if query is None else query
    chosen = {key: asked.get(key, "") for key in FILTERS}
    standing = asking.work.findings.now(asking.db)
    rows = _rows(asking, standing)
    matching = sorted((one for one in rows if _fits(one, chosen)), key=lambda one: _order(one, chosen["group"]))
    keys = [one.found.fingerprint for one in matching]
    after = asked.get("after", "")
    start = keys.index(after) + 1 if after in keys else 0
    page = matching[start : start + ROWS]
    chosen |= {key: _short(chosen[key]) for key in ("app", "tool") if chosen[key]}
    kept = {key: value for key, value in chosen.items() if value}
    here = urlencode({**kept, **({"after": after} if start else {})})
    more = urlencode({**kept, "after": keys[start + ROWS - 1]}) if len(matching) > start + ROWS else ""
    return asking.page(
        "findings.html",
        status,
        standing=standing,
        at=datetime.fromtimestamp(standing.at, UTC).isoformat() if standing.at else "",
        counts=[(state, sum(_is(one, state) for one in rows)) for state in STATES],
        total=len(rows),
        matching=len(matching),
        first=start + 1,
        groups=_grouped(page, chosen["group"], asking),
        chosen=chosen,
        choices=_choices(rows),
        filtered=any(chosen[key] for key in FILTERS if key != "group"),
        here=here,
        more=more,
        start=urlencode(kept),
        given=given,
        may_act=asking.viewer.role in OFFICERS,
        did=asked.get("did", "") if asked.get("did", "") in (*(state.value for state in State), "waive") else "",
        n=asking.number("n"),
        today=datetime.now(UTC).date().isoformat(),
        said=Sayings(asking),
    )


def _rows(asking: Asking, standing: Standing) -> list[Row]:
    reviews = in_force(asking.db)
    held = waiving.held(asking.settings.waivers)
    today = datetime.now(UTC).date().isoformat()
    waivers = {one.fingerprint: one for one in held.waivers} if held is not None else {}
    rows: list[Row] = []
    for one in _visible(asking, standing):
        said, waiver = reviews.get(one.fingerprint), waivers.get(one.fingerprint)
        if waiver is not None and (waiver.rule != one.rule.id or waiver.app != one.app or not waiver.holds(today)):
            waiver = None
        rows.append(Row(one, said.state.value if said is not None else State.UNREVIEWED.value, said, waiver))
    return rows


def _fits(row: Row, chosen: dict[str, str]) -> bool:
    found = row.found
    state = chosen["state"]
    return (
        (not chosen["app"] or _short(found.app) == _short(chosen["app"]))
        and (not chosen["rule"] or found.rule.id == chosen["rule"])
        and (not chosen["severity"] or found.severity.value == chosen["severity"])
        and (not chosen["tool"] or _short(found.tool) == _short(chosen["tool"]))
        and (not state or _is(row, state))
    )


def _short(name: str) -> str:
    """A name as a filter has it: what cannot be printed would stand in the page otherwise."""
    return safe.plain(name, 60)


def _is(row: Row, state: str) -> bool:
    return row.waiver is not None if state == "waived" else row.state == state


def _order(row: Row, group: str) -> tuple[object, ...]:
    found = row.found
    weight = _WEIGHT[found.severity]
    rest = (found.app, found.rule.id, found.tool, found.place, found.category, found.fingerprint)
    if group == "app":
        return (found.app, weight, *rest)
    if group == "rule":
        return (weight, found.rule.id, *rest)
    return (weight, *rest)


def _grouped(rows: list[Row], group: str, asking: Asking) -> list[tuple[str, list[Row]]]:
    """The rows under their headings, one without words where they are not grouped."""
    said = Sayings(asking)
    out: list[tuple[str, list[Row]]] = []
    for row in rows:
        heading = ""
        if group == "app":
            heading = row.found.app
        elif group == "rule":
            heading = said.title(row)
        elif group == "severity":
            heading = said.severity(row.found.severity)
        if not out or out[-1][0] != heading:
            out.append((heading, []))
        out[-1][1].append(row)
    return out


def _choices(rows: list[Row]) -> dict[str, list[str]]:
    """What each filter can be set to: what occurs."""
    return {
        "app": sorted({_short(one.found.app) for one in rows}),
        "rule": sorted({one.found.rule.id for one in rows}),
        "severity": [one.value for one in Severity if any(row.found.severity is one for row in rows)],
        "state": list(STATES),
        "tool": sorted({_short(one.found.tool) for one in rows if one.found.tool}),
        "group": list(GROUPS),
    }


class Sayings:
    """A finding's sentences in the viewer's language. Names in them are others': templates make them harmless."""

    def __init__(self, asking: Asking) -> None:
        self._asking, self._words = asking, asking.words

    def title(self, row: Row) -> str:
        """What was found, in a few words."""
        return self._of(row.found.rule.title)

    def says(self, row: Row) -> str:
        """What was found, in a sentence."""
        return self._of(row.found.says)

    def remedy(self, row: Row) -> str:
        """How to mend it."""
        return self._of(row.found.remedy)

    def source(self, row: Row) -> str:
        """The text that the rule stands for."""
        return cited(row.found.rule, self._words.lang)

    def severity(self, severity: Severity) -> str:
        """How much it weighs, in a word."""
        return self._of(SEVERITIES[severity])

    def times(self, row: Row) -> str:
        """How often it was seen."""
        return self._words.say("count.times", self._asking.again(row.found.count))

    def by(self, row: Row) -> str:
        """What a person said of it, who and when."""
        return reviewed.mark(row.review, self._words, lambda text: text)

    def _of(self, text: Text) -> str:
        said = text.of(self._words.lang).replace("`", "")
        return french_spaces(said) if self._words.lang == "fr" else said


VIEW = View(
    "findings",
    "/findings",
    3,
    (Way("", findings), Way("", act, "POST", OFFICERS)),
)
