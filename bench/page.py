"""How long the page's views take on a ledger of a million exchanges, and what counting it costs at the start.

The real application over real HTTP on this machine, in the role of an administrator, each view asked for several times
in turn; seconds of the clock and of the processor, the median of both. The first answers say how long counting takes.
"""

import http.client
import os
import resource
import socket
import statistics
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import uvicorn

from bench import filling
from douane.ledger.query import open_ledger
from douane.ledger.tallies import Tallies
from douane.reports.page.app import page
from douane.reports.page.door import Door
from douane.reports.page.settings import PageSettings

EXCHANGES = 1_000_000
AIM_MS = 200
TURNS = 7
COLUMNS = ("| view | server time | of it processor time |", "|---|---|---|")


class Browser:
    """A browser with one session, and no more than is needed to ask."""

    def __init__(self, ledger: Path) -> None:
        door = Door()
        sock = socket.socket()
        sock.bind(("127.0.0.1", 0))
        self._port = sock.getsockname()[1]
        settings = PageSettings(ledger=ledger, names=frozenset(("127.0.0.1",)), port=self._port, lang="en")
        config = uvicorn.Config(page(settings, door), log_level="critical", lifespan="on")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([sock],), daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 30
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        self._cookie = ""
        _, _, cookie = self.ask(f"/open?token={door.token()}")
        self._cookie = cookie.partition(";")[0]

    def ask(self, path: str) -> tuple[int, bytes, str]:
        """Status, content and cookie of an address."""
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=300)) as connection:
            connection.request("GET", path, headers={"Cookie": self._cookie} if self._cookie else {})
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers.get("Set-Cookie", "")

    def close(self) -> None:
        """End the server."""
        self._server.should_exit = True
        self._thread.join(10)


def counted(path: Path) -> tuple[float, float, float, list[str]]:
    """Seconds, processor seconds and MB that the first count takes, and the addresses of the views to ask for."""
    held, began, used = memory(), time.perf_counter(), time.process_time()
    with closing(open_ledger(path)) as db:
        tallies = Tallies()
        counts = tallies.follow(db)
        taken = (time.perf_counter() - began, time.process_time() - used, memory() - held)
    busiest = max(counts.apps(), key=lambda one: one.figures.messages).app
    tool = max(counts.tools(busiest), key=lambda one: one.figures.calls).tool
    rare = min(counts.fields(busiest, tool), key=lambda one: one.count)
    place = f"pointer={rare.pointer}&category={rare.category}&direction={rare.direction}"
    paths = ["/", "/apps", f"/apps/{busiest}", f"/apps/{busiest}/tool?name={tool}"]
    paths += [f"/apps/{busiest}/data?tool={tool}&{place}", "/findings", "/person", "/health", "/documents"]
    return *taken, paths


def memory() -> float:
    """MB that this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def asked(browser: Browser, path: str) -> tuple[float, float, int]:
    """Median milliseconds of the clock and of the processor for an address, and its status."""
    spent: list[tuple[float, float]] = []
    status = 0
    for _ in range(TURNS):
        began, used = time.perf_counter(), time.process_time()
        status, _, _ = browser.ask(path)
        spent.append(((time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000))
    return statistics.median(one for one, _ in spent), statistics.median(one for _, one in spent), status


def main(*, quick: bool = False, ledger: Path | None = None) -> list[str]:
    """Measure and return the lines of the table; of a ledger that is there, or of one that is made for it."""
    with tempfile.TemporaryDirectory() as folder:
        path = ledger or Path(folder, "douane.db")
        number = EXCHANGES // 50 if quick else EXCHANGES
        if ledger is None:
            filling.fill(path, number)
        seconds, used, held, paths = counted(path)
        lines = [f"| first count of {number:,} exchanges, {held:,.0f} MB | {seconds:.1f} s | {used:.1f} s |"]
        browser = Browser(path)
        try:
            deadline = time.monotonic() + 300
            while browser.ask("/apps")[0] == 503 and time.monotonic() < deadline:
                time.sleep(0.2)
            for address in paths:
                wall, cpu, status = asked(browser, address)
                shown = address.partition("?")[0]
                lines.append(f"| `{shown}`{'' if status == 200 else f' ({status})'} | {wall:,.0f} ms | {cpu:,.0f} ms |")
        finally:
            browser.close()
    return lines


if __name__ == "__main__":
    given = [Path(one) for one in sys.argv[1:] if not one.startswith("-")]
    print(f"load average {os.getloadavg()[0]:.1f}", *COLUMNS, sep="\n")
    print("\n".join(main(quick="--quick" in sys.argv, ledger=given[0] if given else None)))
