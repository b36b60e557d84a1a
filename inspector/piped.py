"""Speaks to an app over its standard streams through an HTTP client: one process for each person.

A POST is a line to the process; what it writes until the answer comes back as server-sent events.
"""

import json
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import anyio
import httpx2
from anyio.abc import ByteSendStream, Process
from anyio.streams.buffered import BufferedByteReceiveStream

URL: Final = "http://stdio.invalid/mcp"
"""What a client calls: nothing is at that address, and nothing is sent there."""
PERSON: Final = "X-Openai-Subject"
"""The header that says whose process a request is for."""
_MOST_BYTES: Final = 16 * 1024 * 1024
_GRACE: Final = 2.0  # seconds to end after standard input is closed


@dataclass(slots=True)
class _Running:
    process: Process
    hears: ByteSendStream = field(repr=False)
    said: BufferedByteReceiveStream = field(repr=False)


class Piped(httpx2.AsyncBaseTransport):
    """Starts `words` once for each person, and ends what it started when it is closed."""

    def __init__(self, words: tuple[str, ...], seconds: float) -> None:
        self._words = words
        self._seconds = seconds
        self._running: dict[str, _Running] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Hand one message on; the response to a request is a stream, that to anything else is empty."""
        body = await request.aread()
        message = json.loads(body)
        one = await self._of(request.headers.get(PERSON, ""))
        try:
            with anyio.fail_after(self._seconds):
                await one.hears.send(json.dumps(message).encode() + b"\n")
        except TimeoutError:
            raise httpx2.WriteTimeout("the program does not read", request=request) from None
        except (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
            raise httpx2.WriteError("the program has ended", request=request) from None
        if "method" not in message or "id" not in message:
            return httpx2.Response(202)
        lines = self._until(one, message["id"], request)
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=lines)

    async def aclose(self) -> None:
        """End every process: its input first, then the process."""
        with anyio.CancelScope(shield=True):
            for one in self._running.values():
                await _ended(one.process)
        self._running.clear()

    async def _of(self, person: str) -> _Running:
        if person not in self._running:
            try:
                process = await anyio.open_process(self._words, stderr=subprocess.DEVNULL, env=dict(os.environ))
            except OSError:
                raise httpx2.ConnectError("the program cannot be started") from None
            if process.stdin is None or process.stdout is None:
                raise httpx2.ConnectError("the program has no standard streams")
            self._running[person] = _Running(process, process.stdin, BufferedByteReceiveStream(process.stdout))
        return self._running[person]

    async def _until(self, one: _Running, number: Any, request: httpx2.Request) -> AsyncIterator[bytes]:
        while True:
            try:
                with anyio.fail_after(self._seconds):
                    line = await one.said.receive_until(b"\n", _MOST_BYTES)
            except TimeoutError:
                raise httpx2.ReadTimeout("no answer in time", request=request) from None
            except (anyio.IncompleteRead, anyio.EndOfStream, anyio.DelimiterNotFound, anyio.BrokenResourceError):
                raise httpx2.ReadError("the program has ended, or says too much", request=request) from None
            try:
                message = json.loads(line)
            except (ValueError, RecursionError):
                continue  # a line of a log that should have gone elsewhere
            yield b"data: " + line.strip() + b"\n\n"
            if isinstance(message, dict) and message.get("id") == number and "method" not in message:
                return


async def _ended(process: Process) -> None:
    if process.stdin is not None:
        with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
            await process.stdin.aclose()
    for end in (None, process.terminate, process.kill):
        if end is not None:
            with suppress(ProcessLookupError):
                end()
        with anyio.move_on_after(_GRACE):
            await process.wait()
        if process.returncode is not None:
            break
    await process.aclose()
