"""The traffic of a soak: an app that answers in JSON or as an event stream, and clients that keep a rate.

Each call carries an e-mail address of its own, and so does each message that answers it, so that the ledger can be
asked for every single one. Calls have the shape of `bench.inspection`'s; all of it is fictitious and made from a seed.
"""

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from bench.inspection import messages

CONNECTIONS = 8
STREAMED = "en-US"
"""The app streams its answer to clients of this locale: about every second call."""
PER_PAIR = 5
"""Messages of one call that is answered in JSON (two) and one that is streamed (three)."""


def answers_to(call: dict[str, Any]) -> list[dict[str, Any]]:
    """What the app says to a call: its answer, and before it a progress notification if it streams."""
    given = call["params"]["arguments"]
    number = int(call["id"])
    booking = {"reference": f"BK-{number:06}", "status": "confirmed", "price": 40 + number % 860}
    contact = {"email": given["email"], "phone": f"+33639{980_000 + number % 10_000}"}
    answer = {
        "jsonrpc": "2.0",
        "id": number,
        "result": {
            "content": [{"type": "text", "text": f"Booked for {given['name'].split()[0]}."}],
            "structuredContent": {
                "booking": booking,
                "contact": contact,
                "hotel": {"name": "Hôtel du Parc", "stars": 1 + number % 5},
            },
        },
    }
    if not streamed(call):
        return [answer]
    params = {"progressToken": number, "progress": 1, "total": 2, "message": f"Writing to {given['email']}"}
    return [{"jsonrpc": "2.0", "method": "notifications/progress", "params": params}, answer]


def streamed(call: dict[str, Any]) -> bool:
    """Whether the app answers this call as an event stream."""
    return bool(call["params"]["_meta"]["openai/locale"] == STREAMED)


def serve(told: Connection) -> None:
    """Run the app: the port is sent through `told`, and at the end how many calls it received."""
    received = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
                call = json.loads(await reader.readexactly(length) or b"{}")
                if call.get("method") != "tools/call":
                    writer.write(_json({"jsonrpc": "2.0", "id": call.get("id"), "result": {"tools": []}}))
                    continue
                received += 1
                said = answers_to(call)
                if len(said) == 1:
                    writer.write(_json(said[0]))
                    await writer.drain()
                    continue
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                )
                for message in said:
                    event = b"event: message\r\ndata: " + json.dumps(message).encode() + b"\r\n\r\n"
                    writer.write(b"%x\r\n%s\r\n" % (len(event), event))
                    await writer.drain()
                    await asyncio.sleep(0.005)
                writer.write(b"0\r\n\r\n")
                await writer.drain()
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await asyncio.to_thread(told.recv)
        told.send(received)

    asyncio.run(main())


def _json(message: dict[str, Any]) -> bytes:
    body = json.dumps(message, ensure_ascii=False).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@dataclass(slots=True)
class Sent:
    """What the clients did: addresses of answered calls by how they were answered, and calls without an answer."""

    began: float = 0.0
    ended: float = 0.0
    in_json: list[str] = field(default_factory=list)
    in_streams: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """How many calls were answered."""
        return len(self.in_json) + len(self.in_streams)

    @property
    def messages(self) -> int:
        """How many messages crossed, of answered calls."""
        return 2 * len(self.in_json) + 3 * len(self.in_streams)


def load(told: Connection, port: int, rate: float, seconds: float, seed: int) -> None:
    """Send `rate` messages a second for `seconds` to the port, and what came of it, a `Sent`, through `told`."""
    told.send(asyncio.run(_load(port, rate, seconds, seed)))


async def _load(port: int, rate: float, seconds: float, seed: int) -> Sent:
    sent, calls = Sent(began=time.time()), messages(2**31, seed)
    start = time.perf_counter()
    beat = PER_PAIR / 2 / rate
    due = iter(range(int(seconds / beat)))

    async def client() -> None:
        link: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        for turn in due:
            call, _ = next(calls)
            await asyncio.sleep(start + turn * beat - time.perf_counter())
            began, email = time.perf_counter(), call["params"]["arguments"]["email"]
            try:
                link = link or await asyncio.open_connection("127.0.0.1", port)
                async with asyncio.timeout(30):
                    good = await ask(*link, call)
            except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError):
                good, link = False, None
            sent.seconds.append(time.perf_counter() - began)
            kept = sent.failed if not good else sent.in_streams if streamed(call) else sent.in_json
            kept.append(email)
        if link is not None:
            link[1].close()

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    sent.ended = time.time()
    return sent


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, call: dict[str, Any]) -> bool:
    """Send a call and read its answer whole; whether it is the answer that the app gives."""
    body = json.dumps(call, ensure_ascii=False).encode()
    writer.write(
        b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nUser-Agent: openai-mcp/1.0.0\r\n"
        b"Accept: application/json, text/event-stream\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"transfer-encoding: chunked" in head:
        whole = b""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            whole += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
        said = [json.loads(line[5:]) for line in whole.splitlines() if line.startswith(b"data:")]
    else:
        length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
        said = [json.loads(await reader.readexactly(length))]
    return said == answers_to(call)
