"""Other people's servers, which declare nothing, through the gate: every finding is one that a person reads as true."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from commanding import douane
from running import running as douane_running

from douane.demo.processes import free_ports, running

pytestmark = [pytest.mark.conformance, pytest.mark.slow]

BRIDGE = Path(__file__).parents[2] / "support" / "bridge.py"
PEERS = "@modelcontextprotocol"
SCRIPTS = {
    "everything": f"{PEERS}/server-everything/dist/index.js",
    "memory": f"{PEERS}/server-memory/dist/index.js",
    "budget": f"{PEERS}/server-budget-allocator/dist/index.js",
}
STDIO = {"everything": ["stdio"], "memory": [], "budget": ["--stdio"]}
TOKEN = "tok_live_5fK2pWq8Zr3Xv7Ln1Bd6"

# Each was read beside the server's source. None of the three sets `additionalProperties: false`, so that each tool
# takes the fields that an exercise adds; server-everything gives out its environment, in which a token is planted, and
# asks for a `location`; the budget allocator has no annotations at all.
OPEN = "openai/open-schema"
FOUND: dict[str, set[tuple[str, str]]] = {
    "everything": {
        *((OPEN, tool) for tool in (
            "echo", "get-annotated-message", "get-env", "get-resource-links", "get-resource-reference",
            "get-structured-content", "get-sum", "get-tiny-image", "gzip-file-as-resource", "simulate-research-query",
            "toggle-simulated-logging", "toggle-subscriber-updates", "trigger-long-running-operation",
        )),
        ("openai/secret-returned", "get-env"),
        ("openai/raw-location", "get-structured-content"),
    },
    "memory": {
        (OPEN, tool) for tool in (
            "add_observations", "create_entities", "create_relations", "open_nodes", "read_graph", "search_nodes",
        )
    },
    "budget": {(OPEN, "get-budget-data"), ("openai/annotations", "get-budget-data")},
}  # fmt: skip


@contextmanager
def served(which: str, node: str, script: str, folder: Path) -> Iterator[str]:
    """A server from npm under a URL, with an environment of its own; the one that knows stdio only behind a bridge."""
    (port,) = free_ports(1)
    mode = ["streamableHttp"] if which == "everything" else []
    command = [node, script, *mode]
    if which == "memory":
        command = [sys.executable, str(BRIDGE), str(port), node, script]
    clean = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PWD": "/srv/app-2/data",
        "PORT": str(port),
        "MEMORY_FILE_PATH": str(folder / "memory.jsonl"),
        "API_TOKEN": TOKEN,
    }
    words = ["env", "-i", *(f"{name}={value}" for name, value in clean.items()), *command]
    with running(words, [port], folder / "server.log", name=which):
        yield f"http://127.0.0.1:{port}/mcp"


def checked(which: str, node: str, script: str, folder: Path) -> dict[str, Any]:
    """What `douane check` says after `douane exercise` played against the server through `douane run`."""
    with served(which, node, script, folder) as url, douane_running(folder, url, "--name", which, "--port", "0") as up:
        played = douane(folder, "exercise", f"http://127.0.0.1:{up.port()}/mcp", "--era", "2025-11-25")
        assert played.returncode == 0, played.stdout + played.stderr
    done = douane(folder, "check", "--ledger", str(folder / "data" / "douane.db"), "--format", "json")
    assert done.stdout, done.stderr  # whether an app without a declaration can be judged is not the matter here
    assert TOKEN not in done.stdout
    read: dict[str, Any] = json.loads(done.stdout)
    return read


@pytest.mark.timeout(180)
@pytest.mark.parametrize("which", sorted(SCRIPTS))
def test_what_the_gate_finds_of_a_server_that_declares_nothing_is_true(
    which: str, node: str, npm_peer: Callable[[str], str], tmp_path: Path
) -> None:
    result = checked(which, node, npm_peer(SCRIPTS[which]), tmp_path)
    assert {(one["rule"], one["tool"]) for one in result["findings"]} == FOUND[which]
    assert [one["code"] for one in result["not_judged"]] == ["no-declaration"]


@pytest.mark.parametrize("which", sorted(SCRIPTS))
def test_the_draft_made_of_a_server_is_accepted(
    which: str, node: str, npm_peer: Callable[[str], str], tmp_path: Path
) -> None:
    command = " ".join([node, npm_peer(SCRIPTS[which]), *STDIO[which]])
    made = douane(tmp_path, "declare", "init", "--command", command, "-o", "draft.yaml")
    assert made.returncode == 0, made.stderr
    held = douane(tmp_path, "declare", "check", "draft.yaml")
    assert held.returncode == 0, held.stderr
    assert ": error:" not in held.stdout + held.stderr
