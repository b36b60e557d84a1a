"""kill -9 at random moments under load: every message that reached its receiver has exactly one row or gap."""

import asyncio
import contextlib
import json
import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from running import INSPECTOR, App, children, inspecting, running, until

from douane.ledger.pseudonyms import Pseudonymiser

MOMENTS = 50
SEED = 20261122


def echo(message: dict[str, Any]) -> dict[str, Any]:
    """The app: answers with the address that it was sent."""
    given = message.get("params", {}).get("arguments", {})
    return {"jsonrpc": "2.0", "id": message.get("id"), "result": {"content": [], "structuredContent": given}}


async def talk(port: int, name: str, stop: threading.Event, answered: list[str]) -> None:
    """Send messages, each with an e-mail address of its own, one after the other; a broken connection is made anew.

    The addresses that came back go into `answered`.
    """
    number = 0
    while not stop.is_set():
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                while not stop.is_set():
                    number += 1
                    arguments = {"email": f"person{number}.{name}@example.org"}
                    body = json.dumps(
                        {
                            "jsonrpc": "2.0",
                            "id": number,
                            "method": "tools/call",
                            "params": {"name": "find", "arguments": arguments},
                        }
                    ).encode()
                    writer.write(
                        b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
                    )
                    async with asyncio.timeout(10):
                        head = await reader.readuntil(b"\r\n\r\n")
                        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                        answer = json.loads(await reader.readexactly(length))
                    if "result" in answer:
                        answered.append(answer["result"]["structuredContent"]["email"])
                    await asyncio.sleep(0.004)
            finally:
                writer.close()
        await asyncio.sleep(0.02)


def load(port: int, stop: threading.Event, answered: list[str]) -> threading.Thread:
    async def everyone() -> None:
        await asyncio.gather(*(talk(port, f"c{n}", stop, answered) for n in range(4)))

    thread = threading.Thread(target=lambda: asyncio.run(everyone()), daemon=True)
    thread.start()
    return thread


@pytest.mark.promise("kill-9")
@pytest.mark.recovery
@pytest.mark.timeout(400)
def test_every_message_that_arrived_has_exactly_one_row_or_gap(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    stop = threading.Event()
    settings = tmp_path / "config.yaml"
    settings.write_text("detection: {presidio: false}\n")  # what is killed here should be work, not loading a model
    arguments = ("--port", "0", "--name", "app", "--config", str(settings))
    answered: list[str] = []
    with App(echo) as app, running(tmp_path, app.url, *arguments) as douane:
        until(lambda: douane.events("ready"))
        thread = load(douane.port(), stop, answered)
        killed: Counter[str] = Counter()
        victims: dict[str, Callable[[], int | None]] = {
            "proxy": lambda: children(douane.process.pid).get("douane.proxy.main"),
            "process that stands by": lambda: children(douane.process.pid).get(INSPECTOR),
            "inspector": lambda: inspecting(douane.process.pid),
        }
        while killed.total() < MOMENTS:
            who = chance.choice(sorted(victims))
            alive = victims[who]
            pid = until(alive, 60, f"a {who}")
            time.sleep(chance.random() * 0.9)  # the moment is the point of this test
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed[who] += 1
            until(lambda alive=alive, pid=pid: alive() not in (None, pid), 60, f"a new {who}")
        stop.set()
        thread.join(60)
        calls = [message for message in app.received if message.get("method") == "tools/call"]
        received = [message["params"]["arguments"]["email"] for message in calls]
        assert douane.stop() == 0
        master = douane.master()
    with running(
        tmp_path, app.url, *arguments
    ) as douane:  # what the last inspector left is worked off at the next start
        until(lambda: douane.events("lag") and douane.events("lag")[-1]["seconds"] == 0, 60, "the end of the backlog")
    names = Pseudonymiser(master)
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "douane.db")) as db:
        rows = Counter(
            db.execute(
                "SELECT e.direction, d.pseudonym FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id"
                " WHERE d.category = 'user.contact.email'"
            )
        )
        gaps = db.execute(
            "SELECT coalesce(sum(count), 0) FROM gaps WHERE exchange_id IS NULL"
            " AND code IN ('crashed', 'overran', 'expired', 'not-recorded', 'refused')"  # what stands for a message
        ).fetchone()[0]
        unpaired = db.execute("SELECT count(*) FROM gaps WHERE code IN ('unpaired', 'ambiguous')").fetchone()[0]
        taken_out = db.execute("SELECT count(*) FROM gaps WHERE code = 'spool-missing'").fetchone()[0]
    assert len(received) > MOMENTS
    assert len(answered) > MOMENTS
    assert len(set(received)) == len(received)
    missing = []
    for direction, emails in (("to_app", received), ("to_chatgpt", answered)):
        for email in emails:
            digest = names.of("app", "user.contact.email", email)
            count = rows[direction, digest.digest] if digest is not None else 0
            assert count <= 1, f"a message {direction} has {count} rows"
            missing += [direction] * (count == 0)
    assert len(missing) <= gaps, (
        f"{Counter(missing)} of {len(received)} and {len(answered)} messages have neither a row nor one of {gaps} gaps"
    )
    assert unpaired == 0
    assert taken_out == 0, "nobody took a record out"
