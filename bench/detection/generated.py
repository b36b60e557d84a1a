"""The parts of the page on harmless fields, on identifiers with check digits and on secrets, stock Presidio beside."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench import secret_cases
from bench.detection import harmless_cases, id_cases, tables
from bench.detection.calls import opened
from bench.detection.labelled import Measured
from bench.detection.messages import ABOUT, Opened, harmless, look
from bench.detection.peer import Stock, predictions, strings
from bench.detection.scoring import Prediction, near
from douane.audit.taxonomy import is_within
from douane.detectors.base import Detector


@dataclass(slots=True)
class Quiet:
    """Harmless string fields, and how many of them each system flagged."""

    fields: int = 0
    ours: int = 0
    stock: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, places: set[str], ours: Iterable[Prediction], stock: Iterable[Prediction]) -> None:
        """Count the places of one message; `kinds` has the category of what was flagged."""
        flagged = {one["pointer"]: one["category"] for one in ours if one["pointer"] in places}
        self.fields += len(places)
        self.ours += len(flagged)
        self.stock += len(places & {one["pointer"] for one in stock})
        self.kinds.update(flagged.values())


def quiet(measured: Sequence[Measured], detectors: Sequence[Detector], stock: Stock) -> list[str]:
    """The table of harmless fields: those of each labelled set, and generated ones."""
    rows: list[tuple[str, Quiet]] = []
    for one in measured:
        count = Quiet()
        for seen, said in zip(one.looks, one.said, strict=True):
            row = seen.opened.row
            places = harmless(row, {pointer for pointer, _ in strings(row["message"])})
            count.add(places, seen.predictions, said)
        seen_before, _ = ABOUT.get(one.name, (True, ""))
        rows.append((f"`{one.name}`, without a label" if seen_before else f"**`{one.name}`, not in view**", count))
    made = Quiet()
    for case in harmless_cases.cases():
        given = opened(case.given, french=case.french, answer=case.answer)
        places = {pointer for pointer, _ in strings(given.row["message"])}
        found = look(given, detectors).predictions
        made.add(places, found, predictions(stock, given.row["message"], given.row["lang"]))
    rows.append(("generated records", made))
    whole = Quiet(
        sum(count.fields for _, count in rows),
        sum(count.ours for _, count in rows),
        sum(count.stock for _, count in rows),
    )
    rows.append(("all together", whole))
    lines = tables.head("string fields", "flagged by Douane", "flagged by stock Presidio")
    lines += [
        tables.cells(name, tables.portion(one.ours, one.fields), tables.portion(one.stock, one.fields))
        for name, one in rows
    ]
    kinds = sum((one.kinds for _, one in rows), Counter[str]())
    common = ", ".join(f"`{name}` {count}" for name, count in kinds.most_common(6)) or "none"
    return [*lines, "", f"What the flagged ones were taken for: {common}.", ""]


@dataclass(slots=True)
class Hits:
    """Valid ones found, all valid ones, look-alikes flagged, all look-alikes, and findings that are wrong."""

    found: int = 0
    valid: int = 0
    flagged: int = 0
    others: int = 0
    wrong: int = 0

    def row(self, name: str) -> str:
        """A row of the table: recall, precision, look-alikes."""
        return tables.cells(
            name,
            tables.portion(self.found, self.valid) if self.valid else "–",
            tables.portion(self.found, self.found + self.wrong) if self.found + self.wrong else "–",
            tables.portion(self.flagged, self.others) if self.others else "–",
        )


def _fits(category: str, wanted: str) -> bool:
    """Whether a category is right: countries call one number a national or a tax number."""
    return near(category, wanted) or (
        is_within(category, "user.government_id") and is_within(wanted, "user.government_id")
    )


def _judge(case: id_cases.Case, found: Sequence[Prediction], into: Iterable[Hits]) -> None:
    good = False
    wrong = 0
    for one in found:
        text = case.given.get(case.pointer.rpartition("/")[2], "")
        right = (
            bool(case.category)
            and one["pointer"] == case.pointer
            and _fits(one["category"], case.category)
            and text[one["start"] : one["end"]].strip() == case.value
        )
        good |= right
        wrong += not right
    for hits in into:
        hits.wrong += wrong
        if case.category:
            hits.valid += 1
            hits.found += good
        else:
            hits.others += 1
            hits.flagged += bool(found)


def identifiers(detectors: Sequence[Detector], stock: Stock) -> list[str]:
    """The tables of identifiers: by place for both systems, then by kind for Douane."""
    ours: defaultdict[str, Hits] = defaultdict(Hits)
    kinds: defaultdict[str, Hits] = defaultdict(Hits)
    theirs: defaultdict[str, Hits] = defaultdict(Hits)
    for case in id_cases.cases():
        given: Opened = opened(case.given, french=case.french)
        _judge(case, look(given, detectors).predictions, (ours["all"], ours[case.place], kinds[case.kind]))
        said = predictions(stock, given.row["message"], given.row["lang"])
        _judge(case, said, (theirs["all"], theirs[case.place]))
    columns = ("", "found, span exact", "of all findings right", "look-alikes flagged")
    lines = tables.head("place", *columns[1:])
    for place, hits in sorted(ours.items()):
        lines += [hits.row(f"{place}: Douane"), theirs[place].row(f"{place}: stock Presidio")]
    lines += ["", *tables.head("identifier, Douane", *columns[1:])]
    lines += [hits.row(kind) for kind, hits in sorted(kinds.items())]
    return [*lines, ""]


def secrets(detectors: Sequence[Detector]) -> list[str]:
    """The table of secrets, all detectors running."""
    hits, exact = Hits(), 0
    for case in secret_cases.cases():
        found = look(opened(case.given), detectors).findings
        good = whole = False
        for one in found:
            start, end = one.of.outer(one.start, one.end)
            secret = is_within(one.category, "system.secret")
            right = secret and bool(case.category) and case.key in one.of.keys and start < case.end and case.start < end
            good |= right
            hits.wrong += secret and not right
            whole |= right and (start, end) == (case.start, case.end) and is_within(one.category, case.category)
        exact += whole
        if case.category:
            hits.valid += 1
            hits.found += good
        else:
            hits.others += 1
            hits.flagged += any(is_within(one.category, "system.secret") for one in found)
    lines = tables.head("secrets", "found", "of all findings right", "harmless fields flagged")
    return [
        *lines,
        hits.row("Douane"),
        "",
        f"Span and category are exact for {tables.portion(exact, hits.valid)}. "
        "Stock Presidio has no recognizer of secrets.",
        "",
    ]
