"""The corpora in one shape: text, entities, and the stretches whose labels a corpus does not tell."""

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from told import told

KINDS = ("PERSON", "LOCATION", "ORGANIZATION")
TRAIN = ("en-btc", "en-gum-ccby", "en-uner-pud", "en-wikigold", "en-wnut17-train", "fr-echr-train", "fr-europeana")
DEV = ("en-uner-ewt-dev", "en-wnut17-dev", "fr-echr-dev")

_CIVILITY = re.compile(
    r"^(?:(?:mr|mrs|ms|miss|dr|prof|sir|madam|lady|mme|mlle|mmes|mlles|mm|m|me|pr|monsieur|madame|mademoiselle|ma[iî]tre|"
    r"president|président|the|le|la|l['’])(?:\.\s*|\s+))+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?:['’]s?|[\s.,;:!?\"“”»)\]]+)$")
_INSTITUTION = re.compile(r"(?i)universit|institut|school|college|hospital|museum|church|library|academy|court")
_CAPITALISED = re.compile(r"\b[^\W\d_a-zà-ÿ][^\W\d_]+(?:[ '’-](?:de |du |des |la |le )?[^\W\d_a-zà-ÿ][^\W\d_]*)*")
_HANDLE = re.compile(r"@ ?\w+|#\w+|\b(?:https?|t\.co)\S*|\bRT\b")


@dataclass(frozen=True)
class Example:
    """A text, its entities (start, end, kind) and the stretches to leave out of the loss."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    unknown: tuple[tuple[int, int], ...] = ()
    weight: float = 1.0
    lang: str = "en"
    source: str = ""


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without civility, closing punctuation or possessive."""
    while start < end and not text[start].isalnum():
        start += 1
    head = _CIVILITY.match(text[start:end])
    if head is not None and start + head.end() < end:
        start += head.end()
    while start < end and (tail := _TAIL.search(text[start:end])) is not None and tail.end() > tail.start():
        if text[start:end][tail.start() :] == "." and re.search(r"\b\w\.$", text[start:end]):
            break
        end = start + tail.start()
    return start, end


def read(folder: Path, name: str) -> list[Example]:
    """One corpus of the folder `ner`, its conventions brought in line with the tagger's."""
    found: list[Example] = []
    with gzip.open(folder / "ner" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            found.append(_example(row["text"], [(s["start"], s["end"], s["label"]) for s in row["spans"]], name))
    return found


def _example(text: str, raw: list[tuple[int, int, str]], name: str) -> Example:
    spans: list[tuple[int, int, str]] = []
    unknown: list[tuple[int, int]] = []
    handles = [found.span() for found in _HANDLE.finditer(text)]
    for start, end, label in raw:
        if label not in KINDS:
            if label in {"MISC", "DEM", "CODE"}:
                unknown.append((start, end))
            continue
        if any(start < to and at < end for at, to in handles):
            unknown.append((start, end))
            continue
        if name == "en-gum-ccby" and label != "PERSON" and _INSTITUTION.search(text[start:end]):
            unknown.append((start, end))
            continue
        if label == "PERSON":
            start, end = trimmed(text, start, end)
        if start < end:
            spans.append((start, end, label))
    if name.startswith(("en-btc", "en-wnut")):
        unknown.extend(handles)
    if name.startswith("fr-echr"):
        for found in _CAPITALISED.finditer(text):
            at, to = found.span()
            if at and not any(at < end and start < to for start, end, _ in spans):
                unknown.append((at, to))
    seen, open_ = told(text, [*spans, *((start, end, "") for start, end in unknown)])
    spans = sorted(spans + seen)
    unknown.extend(open_)
    weight = {"fr-europeana": 0.5, "en-gum-ccby": 0.8}.get(name, 1.0)
    lang = "fr" if name.startswith("fr") else "en"
    return Example(text, tuple(spans), tuple(unknown), weight, lang, name)


def read_presidio(folder: Path) -> list[Example]:
    """The evaluation set of presidio-research; never trained on."""
    kinds = {kind: kind for kind in KINDS} | {"GPE": "LOCATION", "STREET_ADDRESS": "ADDRESS"}
    found: list[Example] = []
    with gzip.open(folder / "pii" / "presidio-research-synth-v2.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            spans = tuple(
                (s["start"], s["end"], kinds[s["label"]])
                for s in sorted(row["spans"], key=lambda s: s["start"])
                if s["label"] in kinds
            )
            found.append(Example(row["text"], spans, (), 1.0, "en", "presidio"))
    return found


def checksums(folder: Path) -> dict[str, str]:
    """sha256 of every corpus file that training or measuring reads."""
    files = sorted((folder / "ner").glob("*.gz")) + sorted((folder / "pii").glob("*.gz"))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
