"""The proxy process: how it starts, what it says, how it ends."""

import errno
import json
import resource
import signal
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from douane.proxy.listeners import is_of_this_machine
from douane.proxy.main import why_not

CALL = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"find","arguments":{}}}'


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_it_is_ready_after_two_seconds_of_work_at_most_and_says_where_it_listens(
    start_process, start_upstream, app, tmp_path
) -> None:
    """Seconds of processor time, from its start to its end: those on the clock depend on who else is on the machine."""
    up = start_upstream()
    taken = []
    for number in range(2):
        before = cpu_of_children()
        proxy = start_process(app(up), app(up, "crm"), spool=tmp_path / f"{number}.db")
        first, second = proxy.ready["listeners"]
        assert (first["apps"], first["route"], first["tls"]) == (["travel"], "reverse", False)
        assert second["apps"] == ["crm"]
        assert first["port"] != second["port"]
        proxy.stop()
        taken.append(cpu_of_children() - before)
    assert min(taken) <= 2.0, taken


@pytest.mark.parametrize("way", ["end of input", signal.SIGTERM, signal.SIGINT], ids=str)
def test_it_ends_cleanly_and_frees_its_port(way, start_process, start_upstream, app, post) -> None:
    up = start_upstream()
    proxy = start_process(app(up))
    wire = proxy.connect()
    wire.send(post(CALL))
    assert wire.message().status == 200
    if isinstance(way, signal.Signals):
        proxy.process.send_signal(way)
        assert proxy.process.wait(60) == 0
    else:
        assert proxy.stop() == 0
    assert wire.to_end() == b""
    wire.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", proxy.port))
    assert proxy.kinds(outcomes=True) == ["request", "answer", "outcome"]


def test_it_ends_while_a_stream_is_open(start_process, start_upstream, app) -> None:
    def serve(wire, upstream) -> None:
        wire.message()
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        wire.to_end()
        upstream.said.append("closed")

    up = start_upstream(serve)
    proxy = start_process(app(up))
    wire = proxy.connect()
    wire.send(b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
    wire.until(b"data: 1\n\n")
    assert proxy.stop() == 0
    assert wire.to_end() == b""
    wire.close()
    assert proxy.kinds() == ["request", "stream", "piece", "end"]
    assert up.said == ["closed"]


def test_a_request_under_way_is_answered_before_it_ends(start_process, start_upstream, app, post) -> None:
    def serve(wire, upstream) -> None:
        wire.message()
        upstream.said.append("asked")
        while "ending" not in upstream.said:
            time.sleep(0.01)
        time.sleep(0.2)
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    up = start_upstream(serve)
    proxy = start_process(app(up))
    wire = proxy.connect()
    wire.send(post(CALL))
    proxy.until(lambda _: up.said == ["asked"])
    proxy.process.send_signal(signal.SIGTERM)
    up.said.append("ending")
    assert wire.message().body == b"{}"
    assert proxy.process.wait(60) == 0
    assert proxy.kinds(outcomes=True) == ["request", "answer", "outcome"]


@pytest.mark.promise("faults-without-values")
@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("{", "Invalid JSON"),
        ('{"spool": "s.db", "apps": [{"name": "a", "upstream": "ftp://secret-value.example/"}]}', "apps.0.upstream"),
        ('{"spool": "s.db", "apps": [{"name": "a", "upstream": "http://u:secret-value@h/mcp"}]}', "user name"),
        ('{"spool": "s.db", "unknown-secret-value": 1}', "Extra inputs"),
    ],
)
def test_wrong_settings_are_named_without_their_values(settings, says, launch) -> None:
    process = launch(settings)
    said = json.loads(process.stdout.readline())
    assert (said["event"], said["code"]) == ("error", "settings")
    assert says in said["detail"]
    assert "secret-value@" not in said["detail"]
    assert process.wait(60) == 2


def test_a_port_that_is_taken_is_an_error_of_its_own(launch, start_upstream, tmp_path: Path) -> None:
    up = start_upstream()
    settings = {
        "spool": str(tmp_path / "spool.db"),
        "apps": [{"name": "a", "upstream": f"http://127.0.0.1:{up.port}/mcp", "listen_port": up.port}],
    }
    process = launch(settings)
    said = json.loads(process.stdout.readline())
    assert said["code"] == "listen"
    assert said["detail"].startswith(f"127.0.0.1:{up.port} for a: another program has the port. Give ")
    assert process.wait(60) == 3


@pytest.mark.parametrize(
    ("listener", "whose"),
    [({}, "forward mode"), ({"route": "egress", "app": "a"}, "the egress of a")],
)
def test_whose_port_is_taken_is_said_of_forward_listeners_too(
    listener: dict[str, Any], whose: str, launch, tmp_path: Path, start_upstream
) -> None:
    up = start_upstream()
    settings = {
        "spool": str(tmp_path / "spool.db"),
        "confdir": str(tmp_path / "ca"),
        "apps": [{"name": "a", "upstream": f"http://127.0.0.1:{up.port}/mcp"}],
        "forward": [{**listener, "listen_port": up.port}],
    }
    process = launch(settings)
    assert f":{up.port} for {whose}: another program" in json.loads(process.stdout.readline())["detail"]
    assert process.wait(60) == 3


def test_a_spool_that_cannot_be_opened_is_an_error_of_its_own(launch, tmp_path: Path) -> None:
    (tmp_path / "spool.db").write_bytes(b"this is not a spool " * 500)
    process = launch({"spool": str(tmp_path / "spool.db"), "apps": []})
    assert json.loads(process.stdout.readline())["code"] == "spool"
    assert process.wait(60) == 4


@pytest.mark.promise("faults-without-values")
def test_a_key_that_is_none_is_refused_without_being_shown(launch, tmp_path: Path) -> None:
    process = launch({"spool": str(tmp_path / "spool.db"), "apps": []}, key=b"short-secret")
    said = process.stdout.readline()
    assert json.loads(said)["code"] == "settings"
    assert b"short" not in said
    assert process.wait(60) == 2


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.EADDRINUSE, "x"), "another program has the port"),
        (OSError(errno.EADDRNOTAVAIL, "x"), "no address of this machine"),
        (socket.gaierror(-2, "x"), "no address of this machine"),
        (PermissionError(errno.EACCES, "x"), "does not allow this port"),
    ],
    ids=str,
)
def test_why_it_cannot_listen_is_said_with_the_remedy(error: OSError, says: str) -> None:
    assert says in why_not(error)


@pytest.mark.parametrize(
    ("host", "own"), [("127.0.0.1", True), ("localhost", True), ("::1", True), ("192.0.2.7", False)]
)
def test_it_knows_the_addresses_of_its_own_machine(host: str, own: bool) -> None:
    assert is_of_this_machine(host) is own
