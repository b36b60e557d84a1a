"""Douane's own clients follow a redirect within an app, and none that leads elsewhere."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import anyio
import httpx2
import pytest

from douane.inspector.client import Http, NotRead, read_app
from douane.inspector.redirects import FOLLOWING, RedirectedElsewhere


class Redirecting:
    """Answers every request with a redirect to `where`, and counts them."""

    def __init__(self, where: str) -> None:
        self.asked = 0
        self._where = where
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/mcp"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                with sock:
                    sock.settimeout(10)
                    sock.recv(65536)
                    self.asked += 1
                    head = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {self._where}\r\nContent-Length: 0\r\n"
                    sock.sendall(f"{head}Connection: close\r\n\r\n".encode())


@pytest.fixture
def inner() -> Iterator[Redirecting]:
    server = Redirecting("/")
    yield server
    server.close()


@pytest.mark.promise("own-origin")
def test_a_redirect_to_another_origin_is_not_followed_and_is_told(inner: Redirecting) -> None:
    outer = Redirecting(inner.url)
    try:
        read = read_app(Http(outer.url, "not-a-real-token"), seconds=10)
    finally:
        outer.close()
    assert isinstance(read, NotRead)
    assert read.why == f"{Http(outer.url)} sends on to another address, where nothing was sent"
    assert outer.asked >= 1
    assert inner.asked == 0


@pytest.mark.parametrize(
    ("location", "follows"),
    [
        ("/mcp/", True),
        ("http://app.example:80/other", True),
        ("https://app.example/mcp", False),
        ("http://app.example:8080/mcp", False),
        ("//169.254.169.254/latest", False),
        ("http://app.example@169.254.169.254/", False),
        ("http://[::1]/mcp", False),
        ("file:///etc/hostname", False),
        ("http://[broken", False),
    ],
)
def test_what_is_the_same_origin(location: str, follows: bool) -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        return httpx2.Response(307, headers={"location": location}) if len(asked) == 1 else httpx2.Response(200)

    async def ask() -> None:
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer), **FOLLOWING) as http:
            await http.post("http://app.example/mcp", json={})

    if follows:
        anyio.run(ask)
    else:
        with pytest.raises(RedirectedElsewhere):
            anyio.run(ask)
    assert len(asked) == (2 if follows else 1)
