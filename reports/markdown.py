"""The report as Markdown (GitHub flavour), for a ticket, a wiki or a pull request."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from douane.audit.exchange import Outcome
from douane.reports import people, safe
from douane.reports.conclusions import Voice, conclusions
from douane.reports.findings import Told, markdown_lines
from douane.reports.headline import verdicts
from douane.reports.i18n import Words, lang_of
from douane.reports.model import LABELS, App, Flow, GapSum, Place, Summary
from douane.reports.phrases import Phrases


def render(summary: Summary, *, lang: str = "en") -> str:
    """The whole document. Raises `LangError`."""
    words = Words(lang_of(lang))
    return "\n".join(_Page(summary, words, Phrases(words)).lines()) + "\n"


@dataclass(frozen=True, slots=True)
class _Page:
    s: Summary
    w: Words
    t: Phrases

    def lines(self) -> Iterator[str]:
        s, w = self.s, self.w
        yield f"# {self.t.title(s)}"
        yield ""
        made = f" · {w.say('made', at=w.moment(s.made_at, one_day=False))}" if s.made_at else ""
        yield f"{self.t.period(s)}{made}"
        if s.filtered:
            yield from ("", w.phrase("filtered"))
        for line in people.lines(s.under, w, safe.markdown):
            yield from ("", line)
        yield from self._perimeter()
        yield from self._conclusions()
        if s.apps:
            yield from self._notable()
            yield from self._findings()
            for app in s.apps:
                yield from self._app(app)
            yield from self._onward()
        yield from self._unseen()
        yield from self._method()

    def _perimeter(self) -> Iterator[str]:
        s, w = self.s, self.w
        yield from _heading(2, w.phrase("perimeter"))
        yield f"{w.phrase('perimeter.lead')} **{w.phrase('unobserved')}**"
        yield from _heading(3, w.phrase("perimeter.seen"))
        if not s.apps:
            yield w.phrase("perimeter.empty")
        for app in s.apps:
            yield f"- **{safe.markdown(app.name)}**{w.phrase('colon')}{self.t.routes(app)}"
        yield from _heading(3, w.phrase("perimeter.unseen"))
        yield from (f"- {w.phrase(f'unseen.{code}')}" for code in s.unseen)
        yield ""
        asked = f" ({self.t.asked(s)})" if self.t.asked(s) else ""
        yield f"{w.phrase('perimeter.period')}{w.phrase('colon')}{self.t.period(s)}{asked}. {w.phrase('utc')}"

    def _conclusions(self) -> Iterator[str]:
        s, w = self.s, self.w
        yield from _heading(2, w.phrase("conclusions"))
        if not s.apps:
            yield w.phrase("perimeter.conclusion")
            return
        figures = (
            (s.outcomes.delivered.messages, "messages"),
            (s.disclosures, "disclosures"),
            (s.undeclared, "undeclared"),
            (s.denied, "denied"),
            (s.labels.gap, "uncompared"),
            (s.labels.prohibited, "prohibited"),
            (s.special, "special"),
            (s.not_inspected, "not_inspected"),
        )
        yield from _table(
            [w.phrase(f"figure.{key}", value) for value, key in figures],
            [[w.number(value) for value, _ in figures]],
            "r" * len(figures),
        )
        counts = "" if s.findings is None else Told(w, safe.markdown).reviewed(s.findings)
        yield from (w.phrase("overlap"), w.phrase("conclusions.lead"), *([counts] if counts else []))
        voice = Voice(w, name=safe.markdown)
        for app in s.apps:
            yield from _heading(3, safe.markdown(app.name))
            yield " ".join(voice.sentences(conclusions(app, one_day=s.period.one_day)))

    def _findings(self) -> Iterator[str]:
        if self.s.findings is not None:
            yield from _heading(2, Told(self.w, safe.markdown).heading)
            yield from markdown_lines(self.s.findings, self.w, safe.markdown)

    def _notable(self) -> Iterator[str]:
        s, w = self.s, self.w
        undeclared = [flow for flow in s.notable if flow.undeclared]
        flagged = [flow for flow in s.notable if not flow.undeclared]
        yield from _heading(2, w.phrase("notable"))
        yield w.phrase("notable.lead")
        yield from _heading(3, w.phrase("notable.undeclared"))
        if undeclared:
            columns = ("app", "category", "direction", "undeclared", "missing", "where", "first")
            rows = [
                [
                    safe.markdown(flow.app, 40),
                    self._category(flow),
                    w.phrase(flow.direction.value),
                    w.number(flow.undeclared),
                    ", ".join(self.t.missing(flow)),
                    self._where(flow),
                    self.t.when(s, flow.undeclared_first or flow.first),
                ]
                for flow in undeclared
            ]
            yield from _table([w.phrase(f"col.{column}") for column in columns], rows, "lllrlll")
        else:
            yield self.t.nothing_undeclared(s)
        yield from _heading(3, w.phrase("notable.restricted" if undeclared else "notable.restricted.first"))
        if not flagged:
            yield w.phrase("notable.restricted.none")
            return
        columns = ("app", "category", "direction", "count", "verdict", "where", "first")
        rows = [
            [
                safe.markdown(flow.app, 40),
                self._category(flow),
                w.phrase(flow.direction.value),
                w.number(flow.count),
                "<br>".join(verdicts(flow, w)),
                self._where(flow),
                self.t.when(s, flow.first),
            ]
            for flow in flagged
        ]
        yield from _table([w.phrase(f"col.{column}") for column in columns], rows, "lllrlll")

    def _app(self, app: App) -> Iterator[str]:
        w, colon = self.w, self.w.phrase("colon")
        yield from _heading(2, safe.markdown(app.name))
        yield f"- {w.phrase('sheet.host')}{colon}{safe.markdown(app.host) or '—'}, {self.t.routes(app)}"
        declared = w.phrase("sheet.declaration.none")
        if app.declared:
            declared = w.say(
                "sheet.declaration.file",
                file=safe.markdown(app.declared.file),
                at=w.minute(app.declared.loaded_at),
                sha256=safe.markdown(app.declared.sha256, 12),
            )
        yield f"- {w.phrase('sheet.declaration')}{colon}{declared}"
        tallies = ((outcome, app.outcomes.of(outcome).messages) for outcome in Outcome)
        said = [w.say(f"counted.{outcome.value}", n) for outcome, n in tallies if n]
        yield f"- {w.phrase('sheet.messages')}{colon}{', '.join(said) or '0'}"
        if app.latency:
            one = app.latency
            yield f"- {w.phrase('sheet.latency')}{colon}{self.t.latency(one.p50, one.p95, one.most, one.count)}"
        yield ""
        if not app.flows:
            yield w.phrase("sheet.no.disclosures")
        else:
            head = [w.phrase(f"col.{column}") for column in ("category", "direction", "count")]
            head += [w.phrase(f"label.{label.value}") for label in app.columns]
            head += [w.phrase("col.first"), w.phrase("col.last")]
            yield from _table(head, [self._flow(flow, app) for flow in app.flows], f"llr{'r' * len(app.columns)}ll")
        if app.tools:
            rows = [
                [
                    safe.markdown(tool.name),
                    w.number(tool.calls),
                    w.phrase(f"schema.{tool.schema.value}"),
                    self.t.says(tool),
                ]
                for tool in app.tools
            ]
            yield from _table(
                [w.phrase(f"col.{column}") for column in ("tool", "calls", "schema", "says")], rows, "lrll"
            )

    def _flow(self, flow: Flow, app: App) -> list[str]:
        counts = [flow.undeclared if label.value == "omitted" else flow.labels.of(label) for label in app.columns]
        return [
            self._category(flow),
            self.w.phrase(flow.direction.value),
            self.w.number(flow.count),
            *(self.w.number(count) for count in counts),
            self.t.when(self.s, flow.first),
            self.t.when(self.s, flow.last),
        ]

    def _onward(self) -> Iterator[str]:
        s, w = self.s, self.w
        yield from _heading(2, w.phrase("onward"))
        yield from (w.phrase("onward.lead"), "")
        for app in s.apps:
            if said := self.t.passes_on(app):
                yield f"- **{safe.markdown(app.name)}**{w.phrase('colon')}{said}"
        rows = [
            [
                safe.markdown(app.name, 40),
                w.category(one.category),
                safe.markdown(one.host, 60),
                self.t.recipient(one, safe.markdown),
                w.number(one.count),
                w.phrase(f"label.{one.headline.value}"),
                self.t.when(s, one.first),
                self.t.when(s, one.last),
                "<br>".join(self.t.links(s, one, safe.markdown)),
            ]
            for app in s.apps
            for one in app.onward
        ]
        columns = ("app", "category", "host", "recipient", "count", "verdict", "first", "last", "linked")
        if rows:
            yield from _table([w.phrase(f"col.{column}") for column in columns], rows, "llllrllll")

    def _unseen(self) -> Iterator[str]:
        s, w = self.s, self.w
        yield from _heading(2, w.phrase("unseen"))
        yield f"**{w.phrase('unobserved')}**"
        for key, kind in (("gaps", False), ("uncompared", True)):
            gaps = [gap for gap in s.gaps if gap.inspected is kind]
            if gaps:
                yield from _heading(3, w.phrase(key))
                yield from self._gaps(gaps)
            elif not kind and s.outcomes.messages:
                yield from ("", w.phrase("gaps.none"))
        yield from _heading(3, w.phrase("outcomes"))
        rows = [
            [
                w.phrase(f"outcome.{outcome.value}"),
                w.number(s.outcomes.of(outcome).messages),
                w.number(s.outcomes.of(outcome).disclosures),
                w.phrase("yes" if outcome is Outcome.DELIVERED else "no"),
            ]
            for outcome in Outcome
        ]
        yield from _table(
            [w.phrase(f"col.{column}") for column in ("outcome", "messages", "data", "counted")], rows, "lrrl"
        )
        yield f"{w.phrase('outcomes.note')} {self.t.own(s)}"
        yield from _heading(3, w.phrase("passages"))
        passages = [(app.name, one) for app in s.apps for one in app.passages]
        if not passages:
            yield w.phrase("passages.none")
            return
        rows = [
            [
                safe.markdown(one.host),
                safe.markdown(app, 40),
                safe.markdown(one.path_class, 40),
                w.number(one.count),
                w.size(one.bytes_up),
                w.size(one.bytes_down),
            ]
            for app, one in passages
        ]
        columns = ("host", "app", "kind", "passed", "up", "down")
        yield from _table([w.phrase(f"col.{column}") for column in columns], rows, "lllrrr")

    def _gaps(self, gaps: Iterable[GapSum]) -> Iterator[str]:
        rows = [
            [
                self.t.gap(gap),
                self.w.number(gap.times),
                self.w.size(gap.size) if gap.size else "—",
                ", ".join(safe.markdown(app, 24) for app in self.t.gap_apps(self.s, gap.code)),
                safe.markdown(gap.code, 40),
            ]
            for gap in gaps
        ]
        columns = ("meaning", "times", "size", "apps", "code")
        yield from _table([self.w.phrase(f"col.{column}") for column in columns], rows, "lrrll")

    def _method(self) -> Iterator[str]:
        w, colon = self.w, self.w.phrase("colon")
        yield from _heading(2, w.phrase("method"))
        yield f"{w.phrase('method.words')} {w.phrase('method.detect')}"
        yield ""
        for label in LABELS:
            yield f"- **{w.phrase(f'label.{label.value}')}**{colon}{w.phrase(f'meaning.{label.value}')}"
        yield ""
        versions = self.s.versions
        yield f"- {w.phrase('version.douane')}{colon}{self.t.versions(versions.douane)}"
        yield f"- {w.phrase('version.taxonomy')}{colon}{self.t.versions(versions.taxonomy)}"
        yield f"- {w.phrase('version.protocols')}{colon}{self.t.protocols(self.s)}"
        yield f"- {w.phrase('version.detectors')}{colon}{self.t.detectors(self.s)}"
        yield from ("", w.phrase("footer"))

    def _category(self, flow: Flow) -> str:
        marks = self.w.marks(flow.flags, flow.category)
        return self.w.category(flow.category) + (f" ({', '.join(marks)})" if marks else "")

    def _where(self, flow: Flow) -> str:
        places = [self._place(place) for place in flow.places[:2]]
        more = len(flow.places) - len(places) + flow.places_more
        return "<br>".join([*places, *([self.w.say("count.places", more)] if more else [])])

    def _place(self, place: Place) -> str:
        who = safe.markdown(place.tool or place.method, 48)
        return f"{who} {safe.markdown(safe.middle(place.pointer, 80), 80)}".strip()


def _heading(level: int, text: str) -> tuple[str, str, str]:
    return "", f"{'#' * level} {text}", ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], align: str) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---:' if side == 'r' else '---' for side in align)} |"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""
