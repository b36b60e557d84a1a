"""`make bench`: six figures, never blended, each beside its peer in the same run; kept in docs/performance.md.

python -m bench [--quick]: with --quick the figures are printed and docs/performance.md is left alone.
"""

import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench import forwarding, inspection, judging, purging, sdk, sse, verifying

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- figures: written by make bench -->", "<!-- end of figures -->"


def model() -> str:
    """The processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor"
    )


def main() -> int:
    """Measure everything, print it, and write it down."""
    quick = "--quick" in sys.argv
    load = os.getloadavg()[0]
    lines = [
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores of {model()}, {platform.system()}, "
        f"CPython {platform.python_version()}, load average {load:.1f} at the start.",
        "",
        "### Forwarding while recording",
        "",
        "| size | connections | direct | mitmdump | Douane | Douane p50 | requests/s ÷ mitmdump's | p50 ÷ mitmdump's |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rows = forwarding.measure(
        (5_000,) if quick else forwarding.SIZES, (1,) if quick else forwarding.CONNECTIONS, 3 if quick else 5, 1.0, True
    )
    lines += [
        f"| {row.size / 1000:g} kB | {row.connections} "
        f"| {row.direct.per_second:,.0f}/s | {row.mitmdump.per_second:,.0f}/s "
        f"| {row.douane.per_second:,.0f}/s | {row.douane.p50_us / 1000:.2f} ms | **{row.rate_ratio:.2f} ×** "
        f"| **{row.p50_ratio:.2f} ×** |"
        for row in rows
    ]
    lines += [
        "",
        "### What it adds to a real server, and to a stream",
        "",
        "| what | direct | a relay adds | mitmdump adds | Douane adds | Douane's ÷ mitmdump's |",
        "|---|---|---|---|---|---|",
    ]
    lines += [*sdk.main(quick=quick), *sse.main(quick=quick)]
    lines += ["", "### Inspection", "", "| what | figure |", "|---|---|", *inspection.main(quick=quick)]
    lines += ["", "### Judging", "", "| what | processor time |", "|---|---|", *judging.main(quick=quick)]
    lines += ["", "### Verifying the ledger", "", "| what | figure |", "|---|---|", *verifying.main(quick=quick)]
    lines += ["", "### Purging the ledger", "", *purging.COLUMNS, *purging.main(quick=quick)]
    print("\n".join(lines))
    if not quick and PAGE.exists():
        text = PAGE.read_text(encoding="utf-8")
        head, _, rest = text.partition(BEGIN)
        _, _, tail = rest.partition(END)
        PAGE.write_text(f"{head}{BEGIN}\n{chr(10).join(lines)}\n{END}{tail}", encoding="utf-8")
    return 1 if any(row.douane.errors for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
