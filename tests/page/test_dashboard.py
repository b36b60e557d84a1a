"""`douane run --dashboard`: the page beside the post, as a process of its own that recording does not depend on."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from running import Running, children, free_port, until

PAGE = "douane.cli.page_child"


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Running]:
    """A post with a page, in front of an app that is not there."""
    upstream = f"http://127.0.0.1:{free_port()}/mcp"
    made = Running(tmp_path, [upstream, "--port", "0", "--dashboard", "--dashboard-port", "0"]).start()
    yield made
    made.stop()


def addresses(post: Running) -> list[str]:
    """The one-time addresses that were said."""
    return [
        found[0] for line in post.events("note") if (found := re.search(r"http://\S+/open\?\S+", str(line.get("text"))))
    ]


def test_the_page_stands_beside_the_post_and_recording_does_not_need_it(post: Running) -> None:
    address = until(lambda: addresses(post), 60, "the page's address")[0]
    with httpx2.Client() as client:
        # the inspector makes the ledger a moment after the page listens; an address is not used up until it opened
        until(lambda: client.get(address).status_code == 200, 60, "the session")
        assert "Nothing has crossed yet" in client.get(address.partition("/open")[0] + "/").text
    os.kill(children(post.process.pid)[PAGE], signal.SIGKILL)
    until(lambda: len(addresses(post)) == 2, 60, "a new address after the page's end")
    listener = f"http://127.0.0.1:{post.port()}/mcp"
    assert httpx2.post(listener, json={"jsonrpc": "2.0", "id": 1, "method": "ping"}).status_code in (200, 502, 504)
    assert post.stop() == 0
    until(lambda: not children(post.process.pid), 60, "the end of every process")


def test_a_page_that_cannot_listen_leaves_the_post_open(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        upstream = f"http://127.0.0.1:{free_port()}/mcp"
        post = Running(tmp_path, [upstream, "--port", "0", "--dashboard", "--dashboard-port", port]).start()
        until(lambda: b"cannot listen" in b"".join(post.errors), 60, "the warning")
        listener = f"http://127.0.0.1:{post.port()}/mcp"
        assert httpx2.post(listener, json={"jsonrpc": "2.0", "id": 1, "method": "ping"}).status_code in (200, 502, 504)
        assert post.stop() == 0
