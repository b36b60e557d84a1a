"""How well the detectors find what was labelled, and how long they take.

    python bench/accuracy.py GOLD.jsonl [--scorer score.py] [--no-presidio] [--errors]

GOLD holds one message a line with `gold` findings; the scorer is a module with `score(gold, predicted)`. Prints
field-level and span figures by language, direction and category, and time a message and a field, on one core.
"""

import argparse
import gc
import importlib.util
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

from douane.audit.context import Context, ToolSchema
from douane.audit.fields import Field, fields
from douane.audit.finding import Finding
from douane.audit.jsontext import Node, parse
from douane.audit.message import Direction, Kind, Message
from douane.detectors.registry import detect, load_all, prepare


def message_of(row: dict[str, Any]) -> tuple[Message, Context]:
    """A labelled line as the pipeline would have it."""
    payload = row["message"]
    text = json.dumps(payload, ensure_ascii=False)
    node = parse(text)
    if not isinstance(node, Node):
        raise SystemExit(f"{row['id']} is not JSON")
    kind = (
        Kind.REQUEST
        if "method" in payload and "id" in payload
        else Kind.NOTIFICATION
        if "method" in payload
        else Kind.RESULT
    )
    direction = Direction(row["direction"])
    # A result names no method; the pipeline knows it from the request that it answers.
    method = payload.get("method") or _answered(payload.get("result", {}))
    tool = row.get("tool")
    schema = ToolSchema(tool, row.get("input_schema")) if tool else None
    message = Message(row["app"], direction, kind, method, tool, payload.get("id"), node, text)
    locale = payload.get("params", {}).get("_meta", {}).get("openai/locale", "") or row["lang"]
    return message, Context(row["app"], direction, kind, method, tool, schema, locale)


def _answered(result: dict[str, Any]) -> str:
    if "contents" in result:
        return "resources/read"
    if "action" in result:
        return "elicitation/create"
    return "tools/call"


def predicted(findings: list[Finding]) -> list[dict[str, Any]]:
    """Findings as the scorer reads them: offsets in the string at the pointer."""
    rows = []
    for finding in findings:
        start, end = finding.of.outer(finding.start, finding.end)
        rows.append({"pointer": finding.of.pointer, "start": start, "end": end, "category": finding.category})
    return rows


def load_scorer(path: Path) -> Callable[..., dict[str, Any]]:
    """The `score` function of a scorer's file."""
    spec = importlib.util.spec_from_loader("scorer", SourceFileLoader("scorer", str(path)))
    if spec is None or spec.loader is None or not path.is_file():
        raise SystemExit(f"cannot read a scorer from {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.score  # type: ignore[no-any-return]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser()
    options.add_argument("gold", type=Path)
    options.add_argument("--scorer", type=Path)
    options.add_argument("--no-presidio", action="store_true")
    options.add_argument("--errors", action="store_true")
    options.add_argument("--repeat", type=int, default=1)
    given = options.parse_args()
    rows = [json.loads(line) for line in given.gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    detectors = load_all(presidio=not given.no_presidio)
    score = load_scorer(given.scorer or given.gold.with_name("score.py"))
    prepared = [(row, *message_of(row)) for row in rows]
    opened = [(row, message, context, fields(message)[0]) for row, message, context in prepared]
    prepare(detectors)
    gc.collect()
    guesses: dict[str, list[dict[str, Any]]] = {}
    times = [float("inf")] * len(opened)
    for _ in range(given.repeat):
        for at, (row, _message, context, seen) in enumerate(opened):
            started = time.process_time()
            found, gaps = detect(seen, context, detectors)
            times[at] = min(times[at], time.process_time() - started)
            guesses[row["id"]] = predicted(found)
            for gap in gaps:
                print(f"gap: {gap.code} {gap.detail} in {row['id']}")
    figures = score(rows, guesses)
    _print(figures)
    _harmless(opened, guesses)
    count = sum(len(seen) for _, _, _, seen in opened)
    total = sum(times)
    print(
        f"\n{len(rows)} messages, {count} fields: {total / len(rows) * 1e3:.2f} ms a message mean, "
        f"{statistics.median(times) * 1e6:.0f} µs median, {total / count * 1e6:.1f} µs a field, "
        f"{len(rows) / total:.0f} messages/s of processor time"
    )
    if given.errors:
        _errors(opened, guesses)


def _print(figures: dict[str, Any]) -> None:
    def line(name: str, row: dict[str, Any]) -> None:
        rates = f"P {row['precision']:.3f}  R {row['recall']:.3f}  F1 {row['f1']:.3f}"
        print(f"{name:48} {rates}  pred {row['predicted']:5} gold {row['gold']:5}")

    line("field", figures["micro"])
    line("field, without openai/* _meta", figures["micro_without_openai_meta"])
    line("span overlap", figures["span_overlap"])
    for table in ("by_lang", "by_direction", "by_category"):
        print(f"-- {table}")
        for name, row in figures[table].items():
            line(name, row)


def _harmless(
    opened: list[tuple[dict[str, Any], Message, Context, list[Field]]], guesses: dict[str, list[dict[str, Any]]]
) -> None:
    """The share of string and number places without a label that were flagged all the same."""
    places = flagged = 0
    for row, _message, _context, seen in opened:
        gold = {one["pointer"] for one in row["gold"]}
        soft = {one["pointer"] for one in row.get("ignore_categories", [])} | set(row["ignore"])
        found = {one["pointer"] for one in guesses[row["id"]]}
        harmless = {field.pointer for field in seen} - gold - soft
        places += len(harmless)
        flagged += len(harmless & found)
    print(f"\nharmless fields flagged: {flagged} of {places} ({flagged / max(1, places):.2%})")


def _errors(
    opened: list[tuple[dict[str, Any], Message, Context, list[Field]]], guesses: dict[str, list[dict[str, Any]]]
) -> None:
    def near(one: str, other: str) -> bool:
        short, long = sorted((one, other), key=len)
        return one == other or (short.count(".") >= 1 and long.startswith(short + "."))

    missed: dict[str, list[str]] = defaultdict(list)
    false: dict[str, list[str]] = defaultdict(list)
    for row, _message, _context, seen in opened:
        texts = {field.pointer: field.text for field in reversed(seen)}
        gold, guess = row["gold"], guesses[row["id"]]
        soft = [(one["pointer"], one["category"]) for one in row.get("ignore_categories", [])]
        for one in gold:
            if not any(
                one["pointer"] == other["pointer"] and near(one["category"], other["category"]) for other in guess
            ):
                missed[one["category"]].append(f"{row['id']} {one['pointer']} {texts.get(one['pointer'], '?')[:160]!r}")
        for one in guess:
            if any(one["pointer"] == at or one["pointer"].startswith(at + "/") for at in row["ignore"]):
                continue
            if any(one["pointer"] == at and near(one["category"], kind) for at, kind in soft):
                continue
            if not any(
                one["pointer"] == other["pointer"] and near(one["category"], other["category"]) for other in gold
            ):
                span = f"[{one['start']}:{one['end']}]"
                text = texts.get(one["pointer"], "?")[:160]
                false[one["category"]].append(f"{row['id']} {one['pointer']} {span} {text!r}")
    for name, table in (("MISSED", missed), ("FALSE", false)):
        for category, lines in sorted(table.items()):
            print(f"\n{name} {category} ({len(lines)})")
            for line in lines[:25]:
                print("  ", line)


if __name__ == "__main__":
    main()
