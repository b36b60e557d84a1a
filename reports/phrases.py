"""Phrases that every document needs, made from a summary's figures."""

from collections.abc import Callable
from dataclasses import dataclass

from douane.audit.declaration import FIRST_PARTY
from douane.audit.message import GAP_CODES
from douane.reports import safe
from douane.reports.i18n import Words
from douane.reports.model import App, Flow, GapSum, Summary, ToolState
from douane.reports.onward import Onward

_ROUTES = ("reverse", "forward", "egress", "file")
_SAYS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")


def hint_key(hint: str, value: object) -> str:
    """The key of what a tool says by a hint that it sets to `value`."""
    return f"says.not.{hint}" if value is False else f"says.{hint}"


@dataclass(frozen=True, slots=True)
class Phrases:
    """Sentences in one language that hold nothing from outside, unless made harmless here."""

    words: Words

    def title(self, summary: Summary) -> str:
        """The title of the document."""
        if not summary.apps:
            return self.words.phrase("title.empty")
        return self.words.say("title", len(summary.apps))

    def period(self, summary: Summary) -> str:
        """The time that the document covers."""
        period, words = summary.period, self.words
        if not period.first:
            return words.phrase("period.none")
        if period.one_day:
            day, begins, ends = words.day(period.first), words.clock(period.first), words.clock(period.last)
            if begins == ends:
                return words.phrase("period.minute").format_map({"first": day, "from": begins})
            return words.phrase("period.one").format_map({"first": day, "from": begins, "to": ends})
        return words.say("period.between", first=words.day(period.first), last=words.day(period.last))

    def when(self, summary: Summary, at: str) -> str:
        """A time for a table: the hour alone where the document covers one day and says which."""
        if summary.period.one_day and at[:10] == summary.period.first[:10]:
            return self.words.hour(at)
        return self.words.minute(at)

    def asked(self, summary: Summary) -> str:
        """The period asked for, empty when none was."""
        period, words = summary.period, self.words
        if not (period.since or period.until):
            return ""
        since = words.minute(period.since) if period.since else words.phrase("period.open.start")
        until = words.minute(period.until) if period.until else words.phrase("period.open.end")
        return words.say("period.asked", since=since, until=until)

    def route(self, route: str) -> str:
        """How an app was observed."""
        return self.words.phrase(f"route.{route if route in _ROUTES else 'other'}")

    def routes(self, app: App) -> str:
        """By which routes an app was observed."""
        return self.words.listed(self.route(route) for route in app.routes or (app.route,))

    def by_route(self, summary: Summary) -> list[tuple[str, list[App]]]:
        """Every route by which something was observed, with its apps."""
        found: dict[str, list[App]] = {}
        for app in summary.apps:
            for route in app.routes or (app.route,):
                found.setdefault(route, []).append(app)
        return sorted(found.items())

    def recipient(self, one: Onward, name: Callable[[str], str] = safe.plain) -> str:
        """Whom the declaration names for a host; `name` makes a word from outside harmless."""
        return self.owner(one.recipient, name)

    def owner(self, recipient: str, name: Callable[[str], str] = safe.plain) -> str:
        """Whose a host is: `we` for the publisher, a recipient's name, empty where the declaration names nobody."""
        if recipient == FIRST_PARTY:
            return self.words.phrase("onward.recipient.we")
        return name(recipient) if recipient else self.words.phrase("onward.recipient.none")

    def links(self, summary: Summary, one: Onward, name: Callable[[str], str] = safe.plain) -> list[str]:
        """Which of what left ChatGPT had given before, and when."""
        said = [
            self.words.say(
                "onward.link",
                category=self.words.category(one.category),
                received=self._second(summary, link.received),
                host=name(one.host),
                sent=self._second(summary, link.sent),
            )
            for link in one.links
        ]
        more = one.linked - len(one.links)
        return [*said, *([self.words.say("onward.links.more", more)] if more else [])]

    def passes_on(self, app: App) -> str:
        """What to say of an app of which nothing is told line by line, empty where something is."""
        if app.onward:
            return ""
        return self.words.phrase("onward.silent" if app.egress else "onward.unobservable")

    def _second(self, summary: Summary, at: str) -> str:
        one_day = summary.period.one_day and at[:10] == summary.period.first[:10]
        return at[11:19] if one_day else f"{self.words.day(at)} {at[11:19]}"

    def gap(self, gap: GapSum) -> str:
        """What a gap's code means."""
        if self.words.has(f"gap.{gap.code}"):
            return self.words.phrase(f"gap.{gap.code}")
        return GAP_CODES.get(gap.code, safe.plain(gap.code, 40))

    def nothing_undeclared(self, summary: Summary) -> str:
        """What to say where no disclosure is known to be undeclared, and beside it how many could not be compared."""
        if summary.disclosures and all(app.declared_nothing for app in summary.apps):
            return self.words.phrase("notable.uncomparable")
        none = self.words.phrase("notable.undeclared.none")
        uncompared = summary.labels.gap
        return f"{none} {self.words.say('notable.uncompared', uncompared)}" if uncompared else none

    def missing(self, flow: Flow) -> list[str]:
        """The sources that do not mention a flow, or deny it, with how many of its disclosures."""
        sources = (
            ("schema", flow.by_schema),
            ("declaration", flow.by_declaration),
            ("policy", flow.by_policy),
            ("connection", flow.by_connection),
            ("denied", flow.denied),
        )
        return [self.words.say(f"missing.{source}", n) for source, n in sources if n]

    def says(self, tool: ToolState) -> str:
        """What a tool's annotations claim, in words; those without words of ours are left out."""
        told = dict.fromkeys(tool.annotations, True) | dict.fromkeys(tool.denials, False)
        return ", ".join(self.words.phrase(hint_key(hint, told[hint])) for hint in _SAYS if hint in told) or "—"

    def protocols(self, summary: Summary) -> str:
        """The MCP revisions seen, with their messages."""
        unnamed = self.words.phrase("version.protocols.unnamed")
        seen = [f"{safe.plain(name, 20) or unnamed} ({self.words.number(n)})" for name, n in summary.versions.protocols]
        return ", ".join(seen) or self.words.phrase("unknown")

    def detectors(self, summary: Summary) -> str:
        """The detectors that found something, with how often."""
        found = [f"{safe.plain(name, 30)} ({self.words.number(n)})" for name, n in summary.versions.detectors]
        return ", ".join(found) or "—"

    def versions(self, names: tuple[str, ...]) -> str:
        """Version names in a row."""
        return ", ".join(safe.plain(name, 40) for name in names) or self.words.phrase("unknown")

    def douane(self, summary: Summary) -> str:
        """Which Douane wrote the ledger."""
        return f"Douane {self.versions(summary.versions.douane)}" if summary.versions.douane else "Douane"

    def latency(self, p50: float, p95: float, most: float, count: int) -> str:
        """A response time in words."""
        w = self.words
        return w.say(
            "sheet.latency.words",
            p50=w.milliseconds(p50),
            p95=w.milliseconds(p95),
            most=w.milliseconds(most),
            answers=w.say("count.answers", count),
        )

    def own(self, summary: Summary) -> str:
        """What Douane itself sent."""
        if not summary.own_messages:
            return self.words.phrase("own.none")
        return self.words.say("own", summary.own_messages)

    def gap_apps(self, summary: Summary, code: str) -> list[str]:
        """The names of the apps with a gap of that code, as they stand in the ledger."""
        return [app.name for app in summary.apps if any(gap.code == code for gap in app.gaps)]
