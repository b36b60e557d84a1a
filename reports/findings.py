"""What the rules found, for every format: grouped by rule and app, what weighs most first, in two languages."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from douane.audit.gate import Result, fingerprint_of, results
from douane.audit.history import History
from douane.audit.planted import without_planted
from douane.audit.quoted import quoted
from douane.audit.rules.base import Hit, Rule, Severity, Text
from douane.audit.rules.registry import check_all, load_all
from douane.audit.rules.telling import cited, facts, remedy_of
from douane.audit.waivers import Event, Waiver, Waivers, applied
from douane.ledger.condensed import condensed
from douane.ledger.equal import Equal, equal
from douane.ledger.history import Shared
from douane.ledger.report_query import Scope, ids, snapshot
from douane.ledger.report_query import apps as known_apps
from douane.ledger.reviews import Review, State, in_force
from douane.ledger.waivers import recorded
from douane.reports import reviewed
from douane.reports.i18n import Words, french_spaces

PLACES_SHOWN: Final = 5
"""Places told of one rule and app; the rest is a number."""

_HEADING = Text("Findings", "Écarts")
_LEAD = Text(
    "What the rules of OpenAI, of MCP and of the GDPR find in what was seen. A finding is something to look at, not a "
    "verdict in law; the words in quotation marks are those of the text.",
    "Ce que les règles d’OpenAI, de MCP et du RGPD relèvent dans ce qui a été observé. Un écart est un point à "
    "examiner, non une qualification juridique ; les mots cités sont ceux du texte, en anglais s’il n’a pas de version "
    "française.",
)
_STANDING = Text(
    "What a rule finds in the description of a tool, or in a declaration, is of how these stood last, whatever the "
    "period asked for.",
    "Ce qu’une règle relève dans la description d’un outil ou dans une déclaration porte sur leur dernier état, quelle "
    "que soit la période demandée.",
)
_NONE = Text("The rules found nothing in what was seen.", "Les règles n’ont rien relevé dans ce qui a été observé.")
_JUDGED = Text("{n} rules, the newest of {version}.", "{n} règles, la plus récente du {version}.")
_REMEDY = Text("Remedy", "Correction")
_SOURCE = Text("Source", "Source")
_READ = Text("read {read}", "lu en {read}")
_VERSION = Text("version {version}", "version {version}")
_MORE = Text("and {n} more places", "et {n} autres emplacements")
_ONE_MORE = Text("and one more place", "et un autre emplacement")
_DISCLOSURES = Text(
    "Disclosures that a person reviewed or accepted", "Communications revues ou acceptées par une personne"
)
SEVERITIES = {
    Severity.ERROR: Text("error", "erreur"),
    Severity.WARNING: Text("warning", "avertissement"),
    Severity.NOTE: Text("note", "remarque"),
}


@dataclass(frozen=True, slots=True)
class Placed:
    """A hit with the ledger's id of the earliest exchange that it stands for, 0 where it is of no one exchange.

    `fingerprint` is the one that `douane check` prints; `review` is None where nobody said anything of it, `waiver`
    where nobody accepted it.
    """

    hit: Hit
    exchange: int = 0
    fingerprint: str = ""
    review: Review | None = None
    waiver: Waiver | None = None

    @property
    def settled(self) -> bool:
        """Whether a person called it a false alarm or accepted it."""
        return self.waiver is not None or (self.review is not None and self.review.state is State.FALSE_ALARM)


@dataclass(frozen=True, slots=True)
class Group:
    """All that one rule found in one app, most often seen first."""

    app: str
    rule: Rule
    places: tuple[Placed, ...]

    @property
    def count(self) -> int:
        """How often it was seen, all places together."""
        return sum(one.hit.count for one in self.places)

    @property
    def dismissed(self) -> bool:
        """Whether a person called every place of it a false alarm, or accepted it."""
        return all(one.settled for one in self.places)


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, and by how many rules of which date (that of the newest).

    `results` are all findings as `douane check` has them: those of the groups, and each place whose disclosures do not
    hold. `reviews` are what people said of them, by fingerprint, and `waived` the waivers that accept some of them.
    `of_period`: whether only a part of what the ledger has was looked at.
    """

    groups: tuple[Group, ...]
    rules: int
    version: str
    results: tuple[Result, ...] = ()
    reviews: Mapping[str, Review] = field(default_factory=dict[str, Review])
    waived: Mapping[str, Waiver] = field(default_factory=dict[str, Waiver])
    of_period: bool = False

    def count(self, severity: Severity) -> int:
        """Places of that severity."""
        return sum(len(one.places) for one in self.groups if one.rule.severity is severity)

    def settled(self, fingerprint: str) -> bool:
        """Whether a person called the finding of that fingerprint a false alarm or accepted it."""
        review = self.reviews.get(fingerprint)
        return fingerprint in self.waived or (review is not None and review.state is State.FALSE_ALARM)

    @property
    def counts(self) -> reviewed.Counts:
        """All findings by what was said of them."""
        return reviewed.counted((one.fingerprint for one in self.results), self.reviews, self.waived)

    @property
    def disclosures(self) -> tuple[tuple[Result, Review], ...]:
        """The reviewed findings that are of no rule in `groups`: places whose disclosures do not hold."""
        told = {place.fingerprint for group in self.groups for place in group.places}
        return tuple(
            (one, self.reviews[one.fingerprint])
            for one in self.results
            if one.fingerprint in self.reviews and one.fingerprint not in told
        )

    @property
    def accepted(self) -> tuple[tuple[Result, Waiver], ...]:
        """The waived findings that are of no rule in `groups`: places whose disclosures do not hold."""
        told = {place.fingerprint for group in self.groups for place in group.places}
        return tuple(
            (one, self.waived[one.fingerprint])
            for one in self.results
            if one.fingerprint in self.waived and one.fingerprint not in told
        )


def judged(
    db: sqlite3.Connection,
    apps: Iterable[str],
    since: str = "",
    until: str = "",
    *,
    shared: Shared | None = None,
    today: str = "",
    seen: Equal | None = None,
) -> Findings:
    """Hold what the ledger has of these apps against every rule; times as the ledger writes them.

    `seen` is what was counted of them in that period, where it has been already. The waivers are those that the ledger
    recorded at the last check, as far as they hold `today` (ISO 8601; the clock's day in UTC where it is left out).
    """
    day = today or datetime.now(UTC).date().isoformat()
    waivers = [one.waiver for one in recorded(db).values() if one.event is not Event.WITHDRAWN]
    names = list(apps)
    with snapshot(db):
        if seen is None:
            seen = equal(db, Scope(ids(known_apps(db), names), since or None, until or None))
        made = found(condensed(db, names, seen, shared=shared), in_force(db), waivers, day)
    return replace(made, of_period=bool(since or until))


def found(
    histories: Iterable[History],
    reviews: Mapping[str, Review] | None = None,
    waivers: Iterable[Waiver] = (),
    today: str = "",
) -> Findings:
    """Hold these histories against every rule; what an exercise planted in a call is no finding of the app's.

    `reviews` are what people said of findings, by fingerprint; `waivers` accept some until their last day.
    """
    rules, said = load_all(), reviews or {}
    groups: list[Group] = []
    everything: list[Result] = []
    for seen in map(without_planted, histories):
        by_rule: dict[str, tuple[Rule, list[Placed]]] = {}
        hits = list(check_all(seen, rules))
        everything += results(seen, hits)
        for rule, hit in hits:
            number = seen.exchanges[hit.exchange].id if hit.exchange >= 0 else 0
            key = fingerprint_of(rule, hit, seen)
            by_rule.setdefault(rule.id, (rule, []))[1].append(Placed(hit, number, key, said.get(key)))
        for rule, places in by_rule.values():
            places.sort(key=lambda one: (-one.hit.count, one.hit.place))
            groups.append(Group(seen.app, rule, tuple(places)))
    weight = list(Severity)
    groups.sort(key=lambda one: (weight.index(one.rule.severity), one.rule.id, one.app))
    known = {one.fingerprint: said[one.fingerprint] for one in everything if one.fingerprint in said}
    waived = applied(Waivers("", "", tuple(waivers)), everything, today, ()).waived
    marked = [
        replace(one, places=tuple(replace(each, waiver=waived.get(each.fingerprint)) for each in one.places))
        for one in groups
    ]
    return Findings(tuple(marked), len(rules), max(rule.version for rule in rules), tuple(everything), known, waived)


@dataclass(frozen=True, slots=True)
class Line:
    """One place told: the sentence, how often, the exchange to look at (0: none), and what people said of it."""

    says: str
    count: int
    exchange: int
    review: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """The findings in one language.

    `shown` makes what comes from outside harmless for the format; `marked` gives the words between backticks in a
    rule's sentence the format's own mark.
    """

    words: Words
    shown: Callable[[str], str]
    marked: Callable[[str], str] = str

    @property
    def heading(self) -> str:
        """The section's heading."""
        return self.say(_HEADING)

    def lead(self, findings: Findings | None) -> str:
        """What a finding is, and under a period what is of no period."""
        return f"{self.say(_LEAD)} {self.say(_STANDING)}" if findings and findings.of_period else self.say(_LEAD)

    @property
    def remedy(self) -> str:
        """The word before a remedy."""
        return self.say(_REMEDY)

    @property
    def source(self) -> str:
        """The word before a source."""
        return self.say(_SOURCE)

    def nothing(self) -> str:
        """What to say where nothing was found."""
        return self.say(_NONE)

    def by(self, findings: Findings) -> str:
        """Which rules looked."""
        return self.say(_JUDGED, n=self.words.number(findings.rules), version=self.words.date(findings.version))

    def reviewed(self, findings: Findings) -> str:
        """How many findings there are, unreviewed, confirmed, false alarms and waived; empty where there is none."""
        return reviewed.sentence(findings.counts, self.words) if findings.results else ""

    @property
    def disclosures(self) -> str:
        """What stands over the disclosures that a person reviewed or accepted."""
        return self.say(_DISCLOSURES)

    def of_disclosures(self, findings: Findings) -> list[Line]:
        """The places whose disclosures do not hold and of which a person said something, or that one accepted."""
        told = {one.fingerprint: one for one, _ in (*findings.disclosures, *findings.accepted)}
        return [
            Line(self.place(one), 1, 0, self.mark(findings.reviews.get(key), findings.waived.get(key)))
            for key, one in told.items()
        ]

    def mark(self, review: Review | None, waiver: Waiver | None) -> str:
        """What people said of a finding: a review, a waiver, or both; empty for neither."""
        said = (
            reviewed.mark(review, self.words, self.shown),
            reviewed.accepted(waiver, self.words, self.shown),
        )
        return self.words.phrase("semicolon").join(one for one in said if one)

    def place(self, one: Result) -> str:
        """Where disclosures do not hold: the app, the category and its way, the place, and the verdict."""
        words = self.words
        way = words.phrase(one.direction.value) if one.direction is not None else ""
        label = words.phrase(f"label.{one.rule.label.value}") if one.rule.label is not None else one.rule.id
        what = ", ".join(part for part in (self.shown(words.category(one.category)), way) if part)
        where = " ".join(self.shown(part) for part in (one.tool, one.place) if part)
        return f"{self.shown(one.app)}{words.phrase('colon')}{what}, {where} ({label})"

    def severity(self, group: Group) -> str:
        """How much it weighs, in a word."""
        return self.say(SEVERITIES[group.rule.severity])

    def title(self, group: Group) -> str:
        """What was found, in a few words."""
        return self.say(group.rule.title)

    def lines(self, group: Group) -> list[Line]:
        """The places, in sentences; those most often seen."""
        return [
            Line(
                self.filled(group.rule.says, one.hit),
                one.hit.count,
                one.exchange,
                self.mark(one.review, one.waiver),
            )
            for one in group.places[:PLACES_SHOWN]
        ]

    def more(self, group: Group) -> str:
        """How many places were not told, empty for none."""
        left = len(group.places) - PLACES_SHOWN
        if left <= 0:
            return ""
        return self.say(_ONE_MORE) if left == 1 else self.say(_MORE, n=self.words.number(left))

    def remedies(self, group: Group) -> list[str]:
        """How to mend it: each different sentence once."""
        return list(
            dict.fromkeys(self.filled(remedy_of(group.rule, one.hit), one.hit) for one in group.places[:PLACES_SHOWN])
        )

    def words_of(self, group: Group) -> str:
        """The words of the text behind the rule, in this language where the text has such a version."""
        words = quoted(group.rule.wording, self.words.lang)
        return french_spaces(words) if self.words.lang == "fr" else words

    def tongue(self, group: Group) -> str:
        """The language tag of those words."""
        return "en" if quoted(group.rule.wording, self.words.lang) == group.rule.wording else self.words.lang

    def where(self, group: Group) -> str:
        """The text behind the rule, when it was read, the rule and its version."""
        rule = group.rule
        name = french_spaces(cited(rule, "fr")) if self.words.lang == "fr" else cited(rule, "en")
        read, version = (
            self.say(_READ, read=self.words.date(rule.read)),
            self.say(_VERSION, version=self.words.date(rule.version)),
        )
        return f"{name} ({read}). {rule.id}, {version}."

    def filled(self, text: Text, hit: Hit) -> str:
        """A rule's sentence with the facts of a hit."""
        marked = Text(self.marked(text.en), self.marked(text.fr))
        return self.say(marked, **facts(hit, self.words.lang, self.shown))

    def say(self, text: Text, **values: str) -> str:
        """A text in the language, with its typography."""
        said = text.of(self.words.lang)
        return (french_spaces(said) if self.words.lang == "fr" else said).format_map(values)


def markdown_lines(findings: Findings, words: Words, shown: Callable[[str], str]) -> Iterator[str]:
    """The section in Markdown, without its heading. `shown` escapes what comes from outside."""
    told = Told(words, shown)
    colon = words.phrase("colon")
    yield told.lead(findings)
    if not findings.groups:
        yield from ("", told.nothing())
    if counts := told.reviewed(findings):
        yield from ("", counts)
    for group in findings.groups:
        yield from ("", f"### {told.title(group)}{colon}{shown(group.app)} ({told.severity(group)})", "")
        for line in told.lines(group):
            yield f"- {counted(line, words)}"
        if more := told.more(group):
            yield f"- {more}"
        yield ""
        yield f"**{told.remedy}**{colon}{' '.join(told.remedies(group))}"
        yield ""
        where = f"[{told.where(group)}]({group.rule.url})" if group.rule.url else told.where(group)
        yield f"> «\u00a0{told.words_of(group)}\u00a0»" if words.lang == "fr" else f"> “{told.words_of(group)}”"
        yield f"> — {where}"
    if lines := told.of_disclosures(findings):
        yield from ("", f"### {told.disclosures}", "", *(f"- {counted(line, words)}" for line in lines))
    yield from ("", told.by(findings))


def counted(line: Line, words: Words) -> str:
    """A place's sentence with how often, where to look, and what a person said of it."""
    times = f" × {words.number(line.count)}" if line.count > 1 else ""
    where = f" ({words.say('evidence', id=line.exchange)})" if line.exchange else ""
    return line.says + times + where + (f" — {line.review}" if line.review else "")
