"""What declarations and the ledger can answer of an impact assessment, question by question."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from douane.audit.declaration import Declaration, Notice
from douane.audit.fides import Kind
from douane.audit.message import Direction
from douane.reports import safe
from douane.reports.headline import verdicts
from douane.reports.kinds.activities import Activity, Part, Stray
from douane.reports.kinds.register_cells import hosts, place, transfers, who
from douane.reports.kinds.said import LONG, Said
from douane.reports.model import App, Summary
from douane.reports.phrases import Phrases

CONSENT: Final = "Consent"


@dataclass(frozen=True, slots=True)
class Known:
    """All that the answers are made from."""

    said: Said
    summary: Summary
    declarations: Mapping[str, Declaration]
    sheets: Sequence[Activity]
    strays: Sequence[Stray]

    @property
    def parts(self) -> list[Part]:
        """Every purpose of every app."""
        return [part for sheet in self.sheets for part in sheet.parts]

    def declared(self, app: App, what: str) -> str:
        """A line that comes from a declaration."""
        return self.said.say("declared", app=safe.plain(app.name), what=what)

    def observed(self, app: App, what: str) -> str:
        """A line that comes from the ledger."""
        return self.said.say("observed", app=safe.plain(app.name), what=what)

    def of_parts(self, what: Callable[[Part], str]) -> list[str]:
        """A line for each purpose."""
        return [
            self.declared(part.app, self.said.say("of", purpose=self.purpose(part), what=what(part)))
            for part in self.parts
        ]

    def purpose(self, part: Part) -> str:
        """A purpose by reference and name."""
        ref = safe.plain(part.purpose.register_ref) or self.said.phrase("no.ref")
        return self.said.say("purpose", ref=ref, name=self.said.or_missing(part.purpose.name))

    def texts(self) -> Iterator[tuple[App, Declaration]]:
        """Each app that has a declaration, with it."""
        for app in self.summary.apps:
            if app.name in self.declarations:
                yield app, self.declarations[app.name]

    def unsaid(self) -> list[str]:
        """A line for each app without a declaration."""
        bare = (app for app in self.summary.apps if app.name not in self.declarations)
        return [self.said.say("undeclared", app=safe.plain(app.name)) for app in bare]


def _processing(known: Known) -> list[str]:
    said = known.said
    names = [safe.plain(app.name) for app in known.summary.apps]
    lines = [said.say("apps.line", apps=said.listed(names))] if names else []
    lines += [known.declared(part.app, known.purpose(part)) for part in known.parts]
    return lines + known.unsaid()


def _responsibilities(known: Known) -> list[str]:
    said = known.said
    lines: list[str] = []
    for app, declared in known.texts():
        one = declared.organisation
        publisher, organisation, dpo = (who(said, party) for party in (declared.publisher, one.party, one.dpo))
        line = said.say("who", publisher=publisher, organisation=organisation, dpo=dpo)
        lines.append(known.declared(app, line))
    return lines + known.of_parts(
        lambda part: said.say(
            "roles",
            organisation=said.role(part.purpose.roles.organisation),
            publisher=said.role(part.purpose.roles.publisher),
            openai=said.role(part.purpose.roles.openai),
        )
    )


def _data(known: Known) -> list[str]:
    said = known.said
    lines = known.of_parts(
        lambda part: (
            ", ".join(said.categories(dict.fromkeys((*part.purpose.to_app, *part.purpose.to_chatgpt))))
            or said.phrase("missing")
        )
    )
    lines += known.of_parts(
        lambda part: said.say(
            "subjects",
            who=", ".join(said.or_missing_list(said.fides(Kind.SUBJECT, one) for one in part.purpose.subjects)),
        )
    )
    for app in known.summary.apps:
        for flow in app.flows:
            what = said.say(
                "flow",
                category=said.categories([flow.category])[0],
                way=said.way(flow.direction),
                n=flow.count,
                verdict=said.phrase("semicolon").join(verdicts(flow, said)),
            )
            lines.append(known.observed(app, what))
    return lines


def _cycle(known: Known) -> list[str]:
    said = known.said
    lines: list[str] = []
    for app in known.summary.apps:
        ways = {way.value: app.one_way(way) for way in Direction}
        lines.append(known.observed(app, said.say("ways", **ways)))
        lines.append(known.observed(app, said.say("passed", hosts=", ".join(hosts(said, app)))))
    return lines + _retention(known)


def _assets(known: Known) -> list[str]:
    said, phrases = known.said, Phrases(known.said)
    lines = [
        known.observed(app, said.say("route", host=safe.plain(app.host) or "—", route=phrases.routes(app)))
        for app in known.summary.apps
    ]
    for app, declared in known.texts():
        one = declared.platform
        if not any((one.plan, one.region, one.retention, one.training_use)):
            continue
        line = said.say(
            "platform",
            plan=said.or_missing(one.plan),
            region=said.or_missing(one.region),
            retention=said.or_missing(one.retention),
            training=said.or_missing(one.training_use),
        )
        lines.append(known.declared(app, line))
    return lines


def _purposes(known: Known) -> list[str]:
    return known.of_parts(lambda part: known.said.fides(Kind.USE, part.purpose.data_use)) + known.unsaid()


def _bases(known: Known) -> list[str]:
    said = known.said

    def basis(part: Part) -> str:
        given = [said.fides(Kind.BASIS, part.purpose.legal_basis)]
        if part.special or part.purpose.special_basis:
            given.append(f"{said.phrase('q.exception')} {said.fides(Kind.SPECIAL, part.purpose.special_basis)}")
        return said.phrase("semicolon").join(given)

    return known.of_parts(basis)


def _minimisation(known: Known) -> list[str]:
    said = known.said
    lines: list[str] = []
    for app in known.summary.apps:
        unused = dict.fromkeys(key for way in Direction for key in app.unused(way))
        if unused:
            lines.append(known.observed(app, said.say("unused", what=", ".join(said.categories(unused)))))
    for one in known.strays:
        keys = dict.fromkeys(flow.category for flow in one.flows)
        lines.append(known.observed(one.app, said.say("beyond", what=", ".join(said.categories(keys)))))
    return lines


def _retention(known: Known) -> list[str]:
    return known.of_parts(lambda part: known.said.duration(part.purpose.retention))


def _information(known: Known) -> list[str]:
    said = known.said
    lines: list[str] = []
    for app, declared in known.texts():
        lines += [
            known.declared(app, _notice(said, key, notice))
            for key, notice in (("policy", declared.policy), ("connection", declared.connection))
            if notice is not None
        ]
    for app in known.summary.apps:
        counts = (("missed", app.undeclared), ("denied", sum(flow.denied for flow in app.flows)))
        lines += [known.observed(app, said.say(key, n)) for key, n in counts if n]
    return lines + _controls(known) + known.unsaid()


def _notice(said: Said, key: str, notice: Notice) -> str:
    url, date = said.or_missing(notice.url), said.or_missing(said.date(notice.date))
    return said.say(key, len(notice.statements), url=url, date=date)


def _consent(known: Known) -> list[str]:
    resting = [part for part in known.parts if part.purpose.legal_basis == CONSENT]
    return [known.declared(part.app, known.said.say("consent", purpose=known.purpose(part))) for part in resting]


def _controls(known: Known) -> list[str]:
    """What the policies say of people's rights, once: a declaration does not say of which right a sentence speaks."""
    return [
        known.declared(app, known.said.say("control", quote=safe.plain(quote, LONG)))
        for app, declared in known.texts()
        for quote in (declared.policy.controls if declared.policy else ())
    ]


def _processors(known: Known) -> list[str]:
    said = known.said
    found: list[str] = []
    for part in known.parts:
        named = [place(said, one.name, one.country) for one in part.recipients if one.role == "processor"]
        if part.purpose.roles.publisher == "processor":
            named.insert(0, who(said, part.declaration.publisher))
        if named:
            found.append(known.declared(part.app, said.say("of", purpose=known.purpose(part), what=", ".join(named))))
    return found


def _transfers(known: Known) -> list[str]:
    return known.of_parts(lambda part: known.said.phrase("semicolon").join(transfers(known.said, part)))


def _impacts(known: Known) -> list[str]:
    said = known.said
    return [
        known.observed(app, said.say("weigh", what=", ".join(cares)))
        for app in known.summary.apps
        if (cares := said.cares(app.flows))
    ]


def _changing(known: Known) -> list[str]:
    lines: list[str] = []
    for app in known.summary.apps:
        tools = [safe.plain(tool.name) for tool in app.tools if "destructiveHint" in tool.annotations]
        if tools:
            lines.append(known.observed(app, known.said.say("destructive", tools=", ".join(tools))))
    return lines


def _plan(known: Known) -> list[str]:
    said, findings = known.said, known.summary.findings
    return [
        known.observed(
            next(app for app in known.summary.apps if app.name == group.app),
            said.say("action", len(group.places), title=group.rule.title.of(said.lang), rule=group.rule.id),
        )
        for group in (findings.groups if findings is not None else ())
        if any(app.name == group.app for app in known.summary.apps) and not group.dismissed
    ]


def _nothing(_: Known) -> Iterable[str]:
    return ()


_RISK: Final = ("impacts", "threats", "sources", "measures", "severity", "likelihood")

type _Question = tuple[int, str, Callable[[Known], Iterable[str]]]
type _Item = tuple[str, tuple[_Question, ...]]

QUESTIONS: Final[tuple[tuple[str, tuple[_Item, ...]], ...]] = (
    (
        "1",
        (
            ("1.1", ((111, "q.111", _processing), (112, "q.112", _responsibilities), (113, "q.113", _nothing))),
            ("1.2", ((121, "q.121", _data), (122, "q.122", _cycle), (123, "q.123", _assets))),
        ),
    ),
    (
        "2",
        (
            (
                "2.1",
                (
                    (211, "q.211", _purposes),
                    (212, "q.212", _bases),
                    (213, "q.213", _minimisation),
                    (214, "q.214", _nothing),
                    (215, "q.215", _retention),
                ),
            ),
            (
                "2.2",
                (
                    (221, "q.221", _information),
                    (222, "q.222", _consent),
                    (223, "q.223", _nothing),
                    (224, "q.224", _nothing),
                    (225, "q.225", _nothing),
                    (226, "q.226", _processors),
                    (227, "q.227", _transfers),
                ),
            ),
        ),
    ),
    (
        "3",
        (
            ("3.1", ((310, "q.310", _nothing),)),
            *(
                (
                    f"3.{item}",
                    tuple(
                        (300 + 10 * item + n, f"q.{name}", answers.get(name, _nothing))
                        for n, name in enumerate(_RISK, 1)
                    ),
                )
                for item, answers in ((2, {"impacts": _impacts}), (3, {"threats": _changing}), (4, {}))
            ),
        ),
    ),
    ("4", (("4.1", ((411, "q.411", _nothing), (412, "q.412", _plan), (413, "q.413", _nothing))),)),
)
"""Sections, their parts, and the questions by their number in the CNIL's PIA tool; 310 and 41x are ours."""

IN_TOOL: Final = frozenset({*range(111, 114), *range(121, 124), *range(211, 216), *range(221, 228)})
"""The questions whose answer is a text in the tool."""
