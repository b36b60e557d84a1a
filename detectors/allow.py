"""Findings that the configuration allows: left out of what is found, and counted."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from douane.audit import taxonomy
from douane.audit.context import Context
from douane.audit.finding import Finding
from douane.audit.message import Gap
from douane.detectors.extensions import Allow

CODE = "allowed"


@dataclass(frozen=True, slots=True)
class AllowList:
    """The rules of the configuration, in its order."""

    rules: tuple[Allow, ...] = ()

    def rule(self, finding: Finding, context: Context) -> int | None:
        """The number, from 1, of the first rule that allows the finding; None where none does."""
        for number, rule in enumerate(self.rules, 1):
            if _fits(rule, finding, context):
                return number
        return None

    def sift(self, findings: Sequence[Finding], context: Context) -> tuple[list[Finding], list[Gap]]:
        """The findings that no rule allows, and for each rule that allows some a gap that counts them."""
        if not self.rules:
            return list(findings), []
        kept: list[Finding] = []
        counts: dict[int, int] = {}
        for finding in findings:
            number = self.rule(finding, context)
            if number is None:
                kept.append(finding)
            else:
                counts[number] = counts.get(number, 0) + 1
        gaps = [Gap(CODE, "detectors", f"rule {number}", count=count) for number, count in sorted(counts.items())]
        return kept, gaps


def _fits(rule: Allow, finding: Finding, context: Context) -> bool:
    if rule.category is not None and not taxonomy.is_within(finding.category, rule.category):
        return False
    if rule.app is not None and not fits(rule.app, context.app):
        return False
    if rule.tool is not None and not fits(rule.tool, context.tool or ""):
        return False
    if rule.pointer is not None and not fits(rule.pointer, finding.of.pointer, within="/"):
        return False
    if not (rule.text or rule.sha256):
        return True
    texts, sums = _texts(rule.text), _texts(rule.sha256)
    found = finding.of.text[finding.start : finding.end]
    return found in texts or (bool(sums) and digest(found) in sums)


def digest(text: str) -> str:
    """The SHA-256 (hex) of a text, as `sha256:` in an allow-list has it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=4096)
def _texts(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(texts)


def fits(pattern: str, text: str, *, within: str = "") -> bool:
    """Whether the pattern fits the whole text: `*` is any characters but those in `within`, `**` any at all.

    Keeps the set of places that are reached, so that it takes time linear in the text for every pattern.
    """
    reached = {0}
    for part in re.split(r"(\*{1,2})", pattern):
        if part == "**" or (part == "*" and not within):
            reached = set(range(min(reached), len(text) + 1))
        elif part == "*":
            reached = _onwards(reached, text, within)
        else:
            reached = {at + len(part) for at in reached if text.startswith(part, at)}
        if not reached:
            return False
    return len(text) in reached


def _onwards(reached: set[int], text: str, within: str) -> set[int]:
    found: set[int] = set()
    running = False
    for at in range(len(text) + 1):
        running = running or at in reached
        if running:
            found.add(at)
        if at < len(text) and text[at] in within:
            running = False
    return found
