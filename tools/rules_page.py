"""Prints docs/rules.md from the rules themselves: `python tools/rules_page.py > docs/rules.md`."""

import re
import sys

from douane.audit.rules.base import Pack, Severity
from douane.audit.rules.registry import Registered, registered
from douane.audit.taxonomy import VERSION

INTRO = """# Rules

A rule is a sentence that somebody else wrote (OpenAI's guidelines, MCP's specification, the GDPR), held against what
was seen of an app. A hit is a **finding** (fr. *écart*): something that a person should look at. It is no verdict in
law, and an app without findings is only one in which these rules found nothing in what passed.

- **Evidence first.** A rule finds something only where the history holds the evidence: a datum that was delivered, a
  property of a schema, a host that was observed, a sentence of the declaration. Where the declaration is missing,
  the rules that need it find nothing; that is reported as a gap. A host that a declaration gives to nobody is
  undeclared, be it that the declaration names no host at all.
- **One place, one finding.** The same fault in a thousand messages is one finding with its count. Its place (tool and
  pointer, with indices as `*`; category; host) holds no value and stays the same from run to run, so that it can be
  accepted or mended once.
- **Versions.** A wording changes; a rule's `version` is the date of the meaning that it has, and every report names it.
  `openWorldHint` had another meaning before October 2026: two rules stand for the two.
- **Severity.** `error`: the text says must, or an app would be rejected for it. `warning`: look at it. `note`: worth
  knowing.

In Python: `douane.audit.rules.registry.check_all(history)`. Each rule is a file in `audit/rules/` with `RULE`,
`MATCHES` and `MISSES`; a file that is dropped there is registered. This page is generated from those files
(`python tools/rules_page.py > docs/rules.md`), and a test keeps it so.
"""

PACKS = {
    Pack.OPENAI: ("OpenAI", "Plugin guidelines and review requirements, as read in October and November 2026."),
    Pack.MCP: ("MCP", "The specification of the protocol, version 2026-07-28."),
    Pack.GDPR: (
        "GDPR",
        "Regulation (EU) 2016/679. These rules read the declaration and what was seen; no legal advice.",
    ),
}

LIMITS = f"""
## What rules cannot know

- A tool's description is not kept, so no rule reads it. What it announces by category is kept in the schema's skeleton.
- A *precise address* (a street) can be where a parcel goes: only coordinates count for `openai/precise-location`.
- Names decide where `openai/read-only`, `openai/destructive` and `openai/internal-ids` look: a tool or field with
  another name is not found.
- What a widget sends from the browser, and what an app sends on outside of its egress listener, does not pass Douane.
- Whether a declaration is true is not judged here: verdicts hold it against what crossed ([verdicts.md](verdicts.md)).

Categories are those of the taxonomy {VERSION} ([taxonomy.md](taxonomy.md)).
"""


def page() -> str:
    """The whole page."""
    parts = [INTRO]
    for pack, (title, about) in PACKS.items():
        ours = [one for one in registered() if one.rule.pack is pack]
        parts.append(f"## {title}\n\n{about}\n\n{table(ours)}\n")
        parts += [section(one) for one in ours]
    return "\n".join(parts) + LIMITS


def table(rules: list[Registered]) -> str:
    """The rules of a pack in a table, what weighs most first."""
    order = list(Severity)
    rows = sorted(rules, key=lambda one: (order.index(one.rule.severity), one.rule.id))
    lines = ["| rule | severity | finding | écart | version |", "|---|---|---|---|---|"]
    lines += [
        f"| [`{one.rule.id}`](#{one.rule.id.replace('/', '')}) | {one.rule.severity.value} | {one.rule.title.en} |"
        f" {one.rule.title.fr} | {one.rule.version} |"
        for one in rows
    ]
    return "\n".join(lines)


def section(one: Registered) -> str:
    """A rule with its source, its remedy and its examples."""
    rule = one.rule
    source = f"[{rule.source}]({rule.url})" if rule.url else rule.source
    always = " It stands whatever was declared." if rule.forbids else ""
    found = "\n".join(f"- {case.why}" for case in one.matches)
    left = "\n".join(f"- {case.why}" for case in one.misses)
    remedy = re.sub(r"\{([a-z_]+)\}", r"*\1*", rule.remedy.en)
    if rule.remedy_restricted is not None:
        restricted = re.sub(r"\{([a-z_]+)\}", r"*\1*", rule.remedy_restricted.en)
        remedy = f"{remedy} For what the platform forbids: {restricted[:1].lower()}{restricted[1:]}"
    return (
        f"### {rule.id}\n\n"
        f"**{rule.title.en}** ({rule.severity.value}, version {rule.version}).{always}\n\n"
        f"> {rule.wording}\n\n{source}, read {rule.read}.\n\n"
        f"{remedy}\n\n"
        f"Found:\n\n{found}\n\nNot found:\n\n{left}\n"
    )


if __name__ == "__main__":
    sys.stdout.write(page())
