"""What an app sends on by itself, opened and linked to what ChatGPT gave it.

A datum is linked by its pseudonym, which is made with the app's own key: equal pseudonyms are equal values, no value
is kept. What has no stable pseudonym (a low-entropy value) is seen and not linked.
"""

from douane.audit.exchange import Exchange
from douane.audit.history import Observation, Seen
from douane.audit.hosts import host_of
from douane.audit.message import Direction, Gap, Message
from douane.inspector.budget import Budget, Overran
from douane.ledger.record import Record
from douane.ledger.store import Ledger
from douane.wire.crossing import Crossed
from douane.wire.outgoing import outgoing

EGRESS = "egress"
"""The route of what an app sends out itself, and of what it is answered."""
HTTP = "http"
"""The transport of what is no MCP."""


def pass_by(ledger: Ledger, record: Record) -> bool:
    """Write that something which is no MCP passed; true when it is new and an app's own, so that it is to be opened."""
    meta = record.meta
    status = meta.get("status")
    new = ledger.add_passage(
        record.uid,
        record.app,
        at=record.at,
        host=str(meta.get("host", "")),
        path_class=str(meta.get("path_class", "")),
        status=status if isinstance(status, int) else None,
        bytes_up=int(meta.get("bytes_up", 0)),
        bytes_down=int(meta.get("bytes_down", 0)),
        route=EGRESS if meta.get("route") == EGRESS else "reverse",
    )
    return new and meta.get("route") == EGRESS


def sent_out(record: Record, *, limit: int) -> Crossed:
    """The request of an egress passage as a message of its app's; without a message where there is nothing to open."""
    message, gaps = outgoing(record.app, record.body, record.meta, limit=limit)
    if record.meta.get("truncated") is True:
        gaps = (*gaps, Gap("too-large", detail="an app's own request"))
    return _crossed(record, gaps, message)


def read(record: Record, budget: Budget, *, limit: int) -> Crossed:
    """As `sent_out`, within the time budget; what overruns it or fails is a gap."""
    try:
        with budget:
            return sent_out(record, limit=limit)
    except Overran:
        return unopened(record, "overran")
    except Exception as error:  # noqa: BLE001 - as for a message: its text may hold a value, its type does not
        return unopened(record, "crashed", type(error).__name__)


def unopened(record: Record, code: str, why: str = "") -> Crossed:
    """An egress passage of which nothing was opened, with the reason."""
    return _crossed(record, (Gap(code, detail=why, size=len(record.body)),), None)


def _crossed(record: Record, gaps: tuple[Gap, ...], message: Message | None) -> Crossed:
    return Crossed(
        message=message,
        gaps=gaps,
        app=record.app,
        record_uid=record.uid,
        part=0,
        at=record.at,
        direction=Direction.TO_APP,
        size=len(record.body),
        flow=record.flow,
        transport=HTTP,
        route=EGRESS,
        host=str(record.meta.get("host", "")),
    )


def called(ledger: Ledger, crossed: Crossed) -> None:
    """Count that the app called a host; what is answered, and further messages of one request, are no call."""
    host = host_of(crossed.host)
    if host and crossed.direction is Direction.TO_APP and crossed.part == 0 and not crossed.own:
        ledger.note(crossed.app, at=crossed.at, observations=[Observation(Seen.EGRESS, host)])


def note_onward(ledger: Ledger, crossed: Crossed, made: Exchange) -> None:
    """Count a call that is MCP, what was found in what an app sent out, and which of it ChatGPT had given it.

    One observation for each category, and one for each earlier disclosure (`category #id`).
    """
    if crossed.transport != HTTP:
        called(ledger, crossed)
    if not made.host or made.direction is not Direction.TO_APP or made.own_traffic:
        return
    seen: dict[Observation, None] = {}
    for one in made.disclosures:
        seen[Observation(Seen.EGRESS, made.host, one.category)] = None
        given = None if one.pseudonym is None else ledger.given(made.app, one.pseudonym.digest, before=made.at)
        if given is not None:
            number, tool = given
            seen[Observation(Seen.EGRESS, made.host, f"{one.category} #{number}", tool)] = None
    if seen:
        ledger.note(made.app, at=made.at, observations=seen)
