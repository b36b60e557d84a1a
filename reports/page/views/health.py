"""The ledger's health: where its chain stands, what verifying says, anchors, retention, sizes, what waits, and gaps."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from starlette.responses import Response

from douane.ledger.anchors import standing_of
from douane.ledger.health import sizes, standing
from douane.ledger.verify_words import Verified
from douane.ledger.waiting import waiting
from douane.reports.model import GapSum
from douane.reports.page.asking import Asking
from douane.reports.page.checking import SORT, check, checking_of
from douane.reports.page.views.base import View, Way
from douane.reports.phrases import Phrases

SEGMENTS: Final = 12
PLACES: Final = 20
"""Places where verifying found something that are shown; `douane verify` tells all."""
GAPS: Final = 30


def health(asking: Asking) -> Response:
    """How the ledger stands."""
    settings = asking.settings
    running = asking.work.jobs.of(SORT)
    job = None if running is None else replace(running)  # as it is now: it may end while the page is written
    verified = job.result if job is not None and isinstance(job.result, Verified) else None
    stands = standing(asking.db, most=SEGMENTS)
    anchor = None
    if settings.anchors is not None and stands is not None:
        anchor = standing_of(settings.anchors, stands.ledger)
    waits = waiting(settings.spool) if settings.spool is not None else None
    return asking.page(
        "health.html",
        stands=stands,
        job=job,
        verified=verified,
        verified_at=_iso(job.started) if job is not None else "",
        places=verified.found[:PLACES] if verified is not None else (),
        anchor=anchor,
        held_back=stands.seq - anchor.seq if stands is not None and anchor is not None else 0,
        files=sizes(settings.ledger),
        spool_files=sizes(settings.spool) if settings.spool is not None else (),
        waits=waits,
        oldest=_iso(waits.oldest) if waits is not None and waits.oldest is not None else "",
        keeps=settings.retention.all() if settings.retention is not None else (),
        gaps=_gaps(asking),
    )


def verify_now(asking: Asking) -> Response:
    """Begin to verify, unless that goes on already."""
    asking.work.jobs.start(SORT, check, checking_of(asking.settings))
    return asking.go("/health")


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def _gaps(asking: Asking) -> list[tuple[str, str, str, int]]:
    """Gaps by app and code, most frequent first: app, meaning, code, how often as the profile lets it be shown."""
    said = Phrases(asking.words)
    found = [
        (row.name, GapSum(code, times, 0, "", ""))
        for row in asking.apps()
        for code, times in asking.counted.app(row.id).gaps.items()
    ]
    found.sort(key=lambda one: (-one[1].times, one[0], one[1].code))
    return [(app, said.gap(gap), gap.code, asking.again(gap.times)) for app, gap in found[:GAPS]]


VIEW = View("health", "/health", 5, (Way("", health), Way("/verify", verify_now, "POST")))
