"""`make audit`: pip-audit on the pinned packages, and the difference between "nothing known" and "nobody was asked".

pip-audit ends with 0 when its service knows none of the packages, as behind a package mirror that does not carry PyPI's
JSON API. Here that is a result of its own. The exit code is 1 when a vulnerability is known, 3 when nothing could be
audited and `--strict` was given, else 0. Every further argument goes to pip-audit, such as `-s osv` or `--osv-url URL`.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
KNOWN, UNAVAILABLE = 1, 3
SECONDS = 600


@dataclass(frozen=True, slots=True)
class Audited:
    """What pip-audit said: how many packages its service knew, which it did not, and what is known of which."""

    known: int
    skipped: tuple[str, ...]
    vulnerable: tuple[str, ...]


def read(report: dict[str, Any]) -> Audited:
    """The content of pip-audit's JSON report."""
    skipped, vulnerable, known = [], [], 0
    for one in report["dependencies"]:
        if "skip_reason" in one:
            skipped.append(str(one["name"]))
            continue
        known += 1
        for found in one["vulns"]:
            fixed = ", ".join(found["fix_versions"]) or "no version yet"
            vulnerable.append(f"{one['name']} {one['version']}: {found['id']} (fixed in {fixed})")
    return Audited(known, tuple(skipped), tuple(vulnerable))


def audit(requirements: Path, arguments: Sequence[str]) -> Audited | str:
    """Run pip-audit on a hashed requirements file; why nothing came of it, when its service did not answer."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "-r", str(requirements)]
    try:
        ran = subprocess.run(
            [*command, "--progress-spinner", "off", "-f", "json", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return f"pip-audit did not end within {SECONDS} seconds"
    try:
        return read(json.loads(ran.stdout))
    except (ValueError, KeyError, TypeError):
        last = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return f"pip-audit ended with {ran.returncode}: {last[:300]}"


def told(came: Audited | str) -> str:
    """What came of the audit, in words."""
    if isinstance(came, str) or not came.known:
        why = came if isinstance(came, str) else f"its service knows none of the {len(came.skipped)} packages"
        return f"NOT AUDITED: {why}. Nothing is said of known vulnerabilities; run `make audit` with internet access."
    lines = [f"{came.known} packages audited, {len(came.vulnerable)} known vulnerabilities."]
    if came.skipped:
        lines.append(f"Not audited, unknown to the service: {', '.join(came.skipped)}.")
    return "\n".join([*lines, *(f"  {line}" for line in came.vulnerable)])


def main(arguments: Sequence[str]) -> int:
    """Audit, say what came of it, and give the exit code."""
    strict = "--strict" in arguments
    rest = [one for one in arguments if one != "--strict"]
    file = Path(rest.pop(0)) if rest and not rest[0].startswith("-") else ROOT / "requirements.txt"
    came = audit(file, rest)
    sys.stdout.write(told(came) + "\n")
    if isinstance(came, str) or not came.known:
        return UNAVAILABLE if strict else 0
    return KNOWN if came.vulnerable else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
