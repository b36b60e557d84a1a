"""kill -9 at random moments under load: what the upstream received is in the spool, exactly once."""

import json
import random
import threading
import time
from collections import Counter
from typing import Any

import pytest

MOMENTS = 16


def serve(wire: Any, upstream: Any) -> None:
    """Answer half the calls as JSON and half as an event stream of three pieces."""
    while True:
        received = wire.message()
        upstream.received.append(received)
        number = json.loads(received.body)["id"]
        answer = b'{"jsonrpc":"2.0","id":%d,"result":{"n":%d}}' % (number, number)
        if number % 2:
            wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer))
            wire.send(answer)
            continue
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in (b": %d\n\n" % number, b"data: " + answer, b"\n\n"):
            wire.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        wire.send(b"0\r\n\r\n")


class Load:
    """Clients that send numbered calls until the proxy is gone, and keep what came back."""

    def __init__(self, proxy: Any, post: Any, first: int, clients: int = 4) -> None:
        self._proxy, self._post = proxy, post
        self._next = first
        self._lock = threading.Lock()
        self.answered: list[int] = []
        self._threads = [threading.Thread(target=self._talk) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def _number(self) -> int:
        with self._lock:
            self._next += 1
            return self._next

    def _talk(self) -> None:
        try:
            wire = self._proxy.connect()
            while True:
                number = self._number()
                body = json.dumps(
                    {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {"pad": "x" * 300}}
                )
                wire.send(self._post(body.encode()))
                wire.message()
                self.answered.append(number)
        except (EOFError, OSError):
            return

    def join(self) -> int:
        for thread in self._threads:
            thread.join(60)
        return self._next


@pytest.mark.promise("kill-9")
@pytest.mark.recovery
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_whenever_the_proxy_is_killed_each_message_the_upstream_received_is_in_the_spool_once(
    start_process, start_upstream, app, post
) -> None:
    moment = random.Random(20261122)
    up = start_upstream(serve)
    last = 0
    answered: list[int] = []
    for _ in range(MOMENTS):
        proxy = start_process(app(up))
        load = Load(proxy, post, last)
        time.sleep(moment.uniform(0.0, 0.35))  # the moment is what is tested: nothing is waited for
        proxy.kill()
        last = load.join()
        answered += load.answered
    records = proxy.records()
    requests = Counter(json.loads(record.body)["id"] for record in records if record.kind == "request")
    received = {json.loads(message.body)["id"] for message in up.received}
    assert len(received) > MOMENTS
    assert received - set(requests) == set()
    assert set(requests.values()) == {1}
    recorded = {json.loads(record.body)["id"] for record in records if record.kind == "answer"}
    streamed: dict[str, bytes] = {}
    for record in records:
        if record.kind == "piece":
            streamed[record.flow] = streamed.get(record.flow, b"") + record.body
    whole = [body for body in streamed.values() if body.endswith(b"}\n\n")]
    recorded |= {json.loads(body.split(b"data: ")[1])["id"] for body in whole}
    assert set(answered) - recorded == set()
