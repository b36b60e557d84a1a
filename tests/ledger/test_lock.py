import os
import subprocess
import sys

import pytest

from douane.ledger.lock import Held, Lock, hold

CHILD = """
import sys
from pathlib import Path
from douane.ledger.lock import Lock, hold
lock = hold(Path(sys.argv[1]), "inspector")
print(isinstance(lock, Lock), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def child(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path / "inspector.lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"True\n"
        yield process
        process.kill()


@pytest.mark.promise("one-douane")
def test_the_second_process_is_told_who_holds_the_lock(tmp_path, child):
    path = tmp_path / "inspector.lock"
    assert hold(path, "inspector") == Held(path, child.pid, "inspector")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.promise("one-douane")
def test_a_killed_holder_leaves_nothing_that_blocks(tmp_path, child):
    child.kill()
    child.wait()
    with hold(tmp_path / "inspector.lock") as lock:
        assert isinstance(lock, Lock)


def test_a_released_lock_is_free_and_a_second_release_does_nothing(tmp_path):
    path = tmp_path / "a" / "b.lock"
    first = hold(path, "proxy")
    assert isinstance(first, Lock)
    assert hold(path, "proxy") == Held(path, os.getpid(), "proxy")
    first.release()
    first.release()
    with hold(path) as again:
        assert isinstance(again, Lock)


@pytest.mark.parametrize("text", [b"", b"[1]", b"{", b'{"pid": "x", "what": 7}', b"\xff"])
def test_a_holder_that_did_not_say_who_it_is_is_still_a_holder(tmp_path, text):
    path = tmp_path / "x.lock"
    with hold(path):
        path.write_bytes(text)
        assert hold(path) == Held(path, None, "")
