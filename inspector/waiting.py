"""Messages that wait for the second process: in turn by app, in order within a flow, and within a bound of memory."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from douane.wire.crossing import Crossed, OutcomeNote

ROOM_BYTES = 64 * 1024 * 1024
"""What waiting messages may take in memory. Beyond, a message that its record can give again is put down to that."""


@dataclass(slots=True)
class Held:
    """A flow that waits for its heavy message: what came after it, in order, and the records to destroy after all."""

    crossed: list[Crossed] = field(default_factory=list)
    notes: list[OutcomeNote] = field(default_factory=list)
    done: list[str] = field(default_factory=list)


class Waiting:
    """The queue before the second process. `reread` gives the text of a message again, None when it cannot."""

    def __init__(self, reread: Callable[[Crossed], str | None], *, room: int = ROOM_BYTES) -> None:
        self._reread = reread
        self._room = room
        self._bytes = 0
        self._apps: OrderedDict[str, deque[Crossed]] = OrderedDict()
        self._flows: dict[str, Held] = {}

    def __bool__(self) -> bool:
        return bool(self._flows)

    def of(self, flow: str) -> Held | None:
        """What waits behind the heavy message of a flow, None when the flow does not wait."""
        return self._flows.get(flow)

    def add(self, crossed: Crossed) -> bool:
        """Let a heavy message wait, or one that follows it on its flow; False when there is no room for it."""
        held = self._flows.get(crossed.flow)
        kept = self._kept(crossed)
        if kept is None:
            return False
        if held is not None:
            held.crossed.append(kept)
            return True
        self._flows[crossed.flow] = Held()
        self._apps.setdefault(crossed.app, deque()).append(kept)
        return True

    def next(self) -> Crossed | None:
        """The message whose turn it is, every app in turn; still put down when its record could not give it again."""
        if not self._apps:
            return None
        app, queue = self._apps.popitem(last=False)
        crossed = queue.popleft()
        if queue:
            self._apps[app] = queue
        return self.whole(crossed)

    def whole(self, crossed: Crossed) -> Crossed:
        """A message that was put down, with its text again; as it is when that is gone."""
        message = crossed.message
        if message is None or not is_put_down(crossed):
            self._bytes -= crossed.size
            return crossed
        text = self._reread(crossed)
        return crossed if text is None else replace(crossed, message=replace(message, text=text))

    def release(self, flow: str) -> Held:
        """The flow waits no longer: what came after its heavy message."""
        return self._flows.pop(flow, None) or Held()

    def older(self, before: float) -> list[Crossed]:
        """Take out what has waited since before this Unix time."""
        found: list[Crossed] = []
        for app, queue in list(self._apps.items()):
            while queue and queue[0].at < before:
                crossed = queue.popleft()
                if not is_put_down(crossed):
                    self._bytes -= crossed.size
                found.append(crossed)
            if not queue:
                del self._apps[app]
        return found

    def _kept(self, crossed: Crossed) -> Crossed | None:
        if self._bytes + crossed.size <= self._room:
            self._bytes += crossed.size
            return crossed
        message = crossed.message
        if message is None or not message.unread or crossed.transport != "json":
            return None
        return replace(crossed, message=replace(message, text=""))


def is_put_down(crossed: Crossed) -> bool:
    """Whether the text of a waiting message has to be read from its record again."""
    return crossed.message is not None and crossed.message.unread and not crossed.message.text
