"""Misses and false alarms in words: the category, the kind of place and the class of reason, never a value."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bench.detection.messages import Look
from bench.detection.scoring import counted, near
from douane.audit.fields import Field
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject

type Reason = tuple[str, str, str]
"""Category, kind of place, class of reason."""


@dataclass(slots=True)
class Errors:
    """How often each kind of miss and each kind of false alarm was seen."""

    missed: Counter[Reason]
    false: Counter[Reason]


def errors(looks: Iterable[Look]) -> Errors:
    """What went wrong in these messages, one count for each category at a place."""
    made = Errors(Counter(), Counter())
    for look in looks:
        row = look.opened.row
        kept = {(one["pointer"], one["category"]) for one in counted(row, look.predictions)}
        gold = {(one["pointer"], one["category"]) for one in row["gold"]}
        if kept == gold:
            continue
        scene = Scene(look.opened.fields, look.opened.context)
        seen: dict[str, list[Seen]] = {}
        for one in (*scene.fixed, *scene):
            seen.setdefault(one.field.pointer, []).append(one)
        for pointer, category in gold:
            if not any(pointer == at and near(category, found) for at, found in kept):
                instead = sorted(found for at, found in kept if at == pointer)
                here = seen.get(pointer, [])
                made.missed[category, _place(here), _why_missed(category, here, instead)] += 1
        by_pointer = {
            (one["pointer"], one["category"]): finding
            for one, finding in zip(look.predictions, look.findings, strict=True)
        }
        for pointer, category in kept:
            if any(pointer == at and near(category, label) for at, label in gold):
                continue
            finding = by_pointer[pointer, category]
            others = sorted(label for at, label in gold if at == pointer)
            said = f"{finding.detector}: {finding.evidence or 'no evidence named'}"
            why = f"the label says {others[0]} ({said})" if others else said
            made.false[category, _place(seen.get(pointer, [])), why] += 1
    return made


def _place(here: list[Seen]) -> str:
    """The kind of place: how the value is held there."""
    if not here:
        return "a value that is not opened"
    field: Field = here[0].field
    if "/_meta" in field.pointer:
        return "`_meta`"
    side = "arguments" if here[0].to_app else "answer"
    reached = {one.field.reached.partition(":")[0].rpartition(" ")[2] for one in here if one.field.reached}
    if any(one.field.is_key for one in here):
        return f"dictionary key, {side}"
    if reached:
        return f"{'/'.join(sorted(reached))} inside text, {side}"
    if not here[0].is_text:
        return f"number or boolean, {side}"
    if len(field.text) > 400:
        return f"long text, {side}"
    if here[0].prose and len(here[0].tokens) > 6:
        return f"sentence, {side}"
    return f"{'few words' if here[0].prose else 'one word or code'}, {side}"


def _why_missed(category: str, here: list[Seen], instead: list[str]) -> str:
    if instead:
        return f"taken for {instead[0]}"
    if not here:
        return "the place was not opened"
    if any(one.hinted(category) or any(near(category, hint) for hint in one.hints if "." in hint) for one in here):
        public = any(one.about in {Subject.PLACE, Subject.THING, Subject.PROFESSIONAL} for one in here)
        if public:
            return "the key says it, but the record reads as a venue's, a thing's or a professional's"
        return "the key says it, but the value's form was not accepted"
    if any(near(category, meaning) for one in here for meaning in one.meanings if "." in meaning):
        return "a word of the lexicon says it, but the sentence was not taken to be about the person"
    if any(len(one.tokens) > 6 for one in here):
        return "nothing known in the sentence says it"
    return "neither the key nor the words are known to say it"
