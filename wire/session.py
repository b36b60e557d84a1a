"""Which request an answer answers. Pure module: no I/O.

JSON-RPC ids repeat between users, sessions and directions, so an id counts only within a scope: the HTTP flow that
the request came in (and a stream that resumes it), else the session, else the pseudonym of the credential, else
nothing. Two requests that fit are `ambiguous`, none is `unpaired`: never a guess.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from douane.audit.message import Direction, Gap

type RpcId = str | int | float | None

MAX_OPEN: Final = 20_000
MAX_AGE: Final = 3600.0  # seconds
_CANDIDATES: Final = 64  # looked at for one answer, so that equal ids by the thousand cost no more than a few


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request as its answer needs to know it: its name, where it came, what it asked."""

    uid: str
    part: int
    method: str
    tool: str | None
    at: float
    flow: str = ""
    session: str = ""
    protocol: str = ""
    own: bool = False


type Lookup = Callable[[str, str], Sequence[PendingRequest]]
"""(app, `rpc_key`) -> the requests without an answer that were given out under that key."""


def id_text(rpc_id: RpcId) -> str:
    """An id as ASCII text that shows its JSON type; 1 and 1.0 are one number, "1" is another id."""
    if isinstance(rpc_id, float) and rpc_id.is_integer():
        rpc_id = int(rpc_id)
    return ascii(rpc_id)


def scope_of(session: str, credential: str) -> str:
    """The scope of ids beyond one flow, "" when there is none."""
    return f"session {session}" if session else f"credential {credential}" if credential else ""


def key_of(scope: str, asked: Direction, rpc_id: RpcId) -> str:
    """The key of a request that crossed in direction `asked` within `scope`."""
    return f"{scope} {asked} {id_text(rpc_id)}"


def flow_scope(flow: str) -> str:
    """The scope of ids within one flow."""
    return f"flow {flow}"


@dataclass(slots=True)
class _Open:
    serial: int
    app: str
    request: PendingRequest
    asked: Direction
    rpc_id: RpcId = field(repr=False)
    keys: tuple[str, ...] = field(repr=False)
    cancelled: bool = False


class Pairs:
    """The requests whose answers are still to come: at most `limit`, none older than `max_age` seconds.

    `find` is asked for requests that are no longer in memory.
    """

    def __init__(self, find: Lookup | None = None, *, limit: int = MAX_OPEN, max_age: float = MAX_AGE) -> None:
        self._find = find
        self._limit = limit
        self._max_age = max_age
        self._serial = 0
        self._open: OrderedDict[int, _Open] = OrderedDict()
        self._by_key: dict[tuple[str, str], dict[int, _Open]] = {}
        self._by_flow: dict[tuple[str, str], dict[int, _Open]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def open(self, app: str, request: PendingRequest, asked: Direction, rpc_id: RpcId, scope: str) -> None:
        """A request crossed in direction `asked`; `scope` is that of `scope_of`."""
        self._serial += 1
        keys = [key_of(flow_scope(request.flow), asked, rpc_id)]
        if scope:
            keys.append(key_of(scope, asked, rpc_id))
        entry = _Open(self._serial, app, request, asked, rpc_id, tuple(keys))
        self._open[entry.serial] = entry
        for key in keys:
            self._by_key.setdefault((app, key), {})[entry.serial] = entry
        self._by_flow.setdefault((app, request.flow), {})[entry.serial] = entry
        while len(self._open) > self._limit or next(iter(self._open.values())).request.at < request.at - self._max_age:
            self._close(next(iter(self._open.values())))

    def answer(
        self,
        app: str,
        asked: Direction,
        rpc_id: RpcId,
        *,
        flow: str,
        scope: str,
        at: float = 0.0,
        resumed: str = "",
        known: bool = True,
        whole: bool = False,
    ) -> PendingRequest | Gap:
        """The request (which crossed in direction `asked`) of an answer seen on `flow` at `at`; then no longer open.

        `resumed` is the flow whose stream `flow` resumes, if any. `known` is false when the start of `flow` was not
        seen, so that its request may be one that only the look-up knows. `whole` says that the answer was the flow's
        whole body, which answers the flow's only request whatever id it carries.
        """
        for one in (flow, resumed) if resumed else (flow,):
            found = self._by_key.get((app, key_of(flow_scope(one), asked, rpc_id)))
            if found:
                return self._choose(found.values())
        among = islice(self._by_flow.get((app, flow), {}).values(), _CANDIDATES)
        on_flow = [entry for entry in among if entry.asked is asked]
        if len(on_flow) == 1 and (whole or rpc_id is None or str(rpc_id) == str(on_flow[0].rpc_id)):
            return self._choose(on_flow)
        if not known:
            stored = self._stored(app, key_of(flow_scope(flow), asked, rpc_id), at)
            if stored is not None:
                return stored
        if not scope or rpc_id is None:
            return Gap("unpaired", "/id", "no request on this flow" if scope else "no session or credential to pair by")
        key = key_of(scope, asked, rpc_id)
        found = self._by_key.get((app, key))
        if found:
            return self._choose(found.values())
        return self._stored(app, key, at) or Gap("unpaired", "/id", "no request seen")

    def cancel(self, app: str, asked: Direction, rpc_id: RpcId, *, flow: str, scope: str) -> None:
        """A request was called off: it is passed over where another one fits an answer as well."""
        for key in (key_of(flow_scope(flow), asked, rpc_id), key_of(scope, asked, rpc_id)):
            for entry in self._by_key.get((app, key), {}).values():
                entry.cancelled = True

    def forget(self, app: str, flow: str, asked: Direction) -> None:
        """No answer to the requests that crossed on `flow` in direction `asked` can come any more."""
        for entry in list(self._by_flow.get((app, flow), {}).values()):
            if entry.asked is asked:
                self._close(entry)

    def _stored(self, app: str, key: str, at: float) -> PendingRequest | Gap | None:
        found = self._find(app, key) if self._find is not None else ()
        stored = [request for request in found if request.at >= at - self._max_age]
        if len(stored) > 1:
            return Gap("ambiguous", "/id", "several requests fit")
        return stored[0] if stored else None

    def _choose(self, entries: Iterable[_Open]) -> PendingRequest | Gap:
        looked_at = list(islice(entries, _CANDIDATES))
        alive = [entry for entry in looked_at if not entry.cancelled] or looked_at
        if len(alive) > 1:
            return Gap("ambiguous", "/id", "several requests fit")
        self._close(alive[0])
        return alive[0].request

    def _close(self, entry: _Open) -> None:
        del self._open[entry.serial]
        owners = [(self._by_key, key) for key in entry.keys] + [(self._by_flow, entry.request.flow)]
        for index, key in owners:
            entries = index[entry.app, key]
            del entries[entry.serial]
            if not entries:
                del index[entry.app, key]
