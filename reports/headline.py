"""A flow's most pressing verdict in words, and what else holds of it: one way for documents, terminal and page.

A platform rule weighs more than a contradiction, and would hide it: so what a policy denies is said beside the rule.
"""

from douane.audit.exchange import Label
from douane.reports.flow import LABELS, Flow
from douane.reports.hidden import Few
from douane.reports.i18n import Words


def beside(flow: Flow) -> list[tuple[Label, int]]:
    """What else is true of a flow under a platform rule, with of how many disclosures: contradicted, not declared.

    Where every undeclared disclosure is contradicted, that says it all. Counts that are hidden cannot be compared.
    """
    if flow.labels.worst is not Label.PROHIBITED:
        return []
    told = [(Label.INCORRECT, flow.denied)] if flow.denied else []
    hidden = isinstance(flow.denied, Few) or isinstance(flow.undeclared, Few)
    if flow.undeclared and (not flow.denied or hidden or flow.denied != flow.undeclared):
        told.append((Label.OMITTED, flow.undeclared))
    return told


def shown_labels(flow: Flow) -> list[Label]:
    """The verdicts that a flow is marked with: its most pressing one, and what else is true of it."""
    return [flow.labels.worst, *(label for label, _ in beside(flow))]


def headline(flow: Flow, words: Words, count: int | None = None) -> str:
    """The most pressing verdict of a flow, and beside a platform rule how many of its disclosures are contradicted.

    With `count` the verdict's word agrees with that number before it.
    """
    told = words.phrase(f"label.{flow.labels.worst.value}", count)
    if not (more := beside(flow)):
        return told
    if [label for label, _ in more] == [Label.OMITTED]:
        return words.phrase("label.undeclared.prohibited")
    parts = (words.say(f"headline.{label.value}", count) for label, count in more)
    return ", ".join((told, *parts))


def in_words(flow: Flow, words: Words) -> str:
    """How many disclosures a flow has and their verdicts, in a line: each verdict with its number where they differ."""
    count, told = words.say("count.disclosures", flow.count), verdicts(flow, words)
    return f"{count}, {headline(flow, words, flow.count)}" if len(told) == 1 else f"{count} ({', '.join(told)})"


def verdicts(flow: Flow, words: Words) -> tuple[str, ...]:
    """How many disclosures stand under each verdict, the most pressing first; a sole verdict without a number.

    What is contradicted under a platform rule has a line of its own: each disclosure is counted by one verdict only.
    """
    found = [(label, flow.labels.of(label)) for label in LABELS if flow.labels.of(label)]
    if len(found) < 2:
        return (headline(flow, words),)
    colon = words.phrase("colon")
    lines = [f"{words.phrase(f'label.{label.value}', count)}{colon}{words.number(count)}" for label, count in found]
    lines[1:1] = [words.say(f"headline.{label.value}.all", count) for label, count in beside(flow)]
    return tuple(lines)
