"""The MCP conformance suite finds the same through Douane as without it, check by check."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from douane.demo.processes import free_ports, running

pytestmark = [pytest.mark.conformance, pytest.mark.slow]

CURRENT = "@modelcontextprotocol/conformance/dist/index.js"
STABLE = "conformance-stable/dist/index.js"
RUNS = {
    # what is run: (the suite, its arguments, checks that succeed, scenarios whose checks may fail direct as well)
    "0.1.16": (STABLE, [], 40, ""),
    "2025-11-25": (CURRENT, ["--requirements", "2025-11-25"], 84, ""),
    # the tasks extension is optional, and the SDK under the fixture does not offer it
    "2026-07-28": (CURRENT, ["--requirements", "2026-07-28"], 169, "server-tasks-"),
}

type Checks = dict[str, list[tuple[str, str, str]]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The fixture server's URL."""
    (port,) = free_ports(1)
    script = Path(__file__).with_name("server.py")
    log = tmp_path_factory.mktemp("fixture") / "server.log"
    with running([sys.executable, str(script), str(port)], [port], log, name="the fixture server"):
        yield f"http://127.0.0.1:{port}/mcp"


@pytest.fixture(scope="module")
def suite(node: str, npm_peer: Callable[[str], str]) -> Callable[[str, str, Path], Checks]:
    """Run one of RUNS against a URL and give, by scenario, every check's (id, status, complaint)."""

    def run(which: str, url: str, folder: Path) -> Checks:
        script, arguments, _, _ = RUNS[which]
        command = [node, npm_peer(script), "server", "--url", url, *arguments, "-o", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=110)
        found: Checks = {}
        for path in folder.glob("*/checks.json"):
            scenario = scenario_of(path.parent.name)
            checks: list[dict[str, Any]] = json.loads(path.read_text())
            found[scenario] = [(c["id"], c["status"], complaint(c, url)) for c in checks]
        assert found, done.stdout[-2000:] + done.stderr[-2000:]
        return found

    return run


def scenario_of(folder: str) -> str:
    """`server-ping-2026-11-22T06-41-00-378Z` → `server-ping`."""
    return folder[: -len("-2026-11-22T06-41-00-378Z")]


def complaint(check: dict[str, Any], url: str) -> str:
    """A check's error message, with the URL under test written alike for every run."""
    return str(check.get("errorMessage") or "").replace(url, "URL")


@pytest.mark.promise("transparent")
@pytest.mark.parametrize("which", RUNS)
def test_the_suite_through_douane_equals_the_suite_direct_check_by_check(
    which: str,
    server: str,
    suite: Callable[[str, str, Path], Checks],
    douane_proxy: Callable[..., Any],
    tmp_path: Path,
) -> None:
    _, _, expected, excused = RUNS[which]
    direct = suite(which, server, tmp_path / "direct")
    succeeded = sum(status == "SUCCESS" for checks in direct.values() for _, status, _ in checks)
    failed = [s for s, checks in direct.items() if any(status == "FAILURE" for _, status, _ in checks)]
    assert succeeded == expected
    assert [scenario for scenario in failed if not (excused and scenario.startswith(excused))] == []
    with douane_proxy(server) as proxy:
        through = suite(which, proxy.url, tmp_path / "through")
    assert through == direct
