"""Douane's proxy process for a measurement: started on a free port, given back, ended."""

import contextlib
import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

from douane.proxy.settings import AppSettings, ProxySettings


@contextlib.contextmanager
def douane_proxy(upstream: str, folder: Path) -> Iterator[int]:
    """Run `python -O -m douane.proxy.main` in front of `upstream`, recording into `folder`; yields its port."""
    settings = ProxySettings(
        apps=(AppSettings(name="bench", upstream=upstream, on_log_failure="refuse"),),
        spool=folder / "spool.db",
        spool_limit_bytes=2**33,
    )
    child = subprocess.Popen(
        [sys.executable, "-O", "-m", "douane.proxy.main"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("no pipes to the proxy")
        child.stdin.write(settings.model_dump_json() + "\n" + b64encode(bytes(32)).decode() + "\n")
        child.stdin.flush()
        for line in child.stdout:
            event = json.loads(line)
            if event.get("event") == "ready":
                yield int(event["listeners"][0]["port"])
                return
        raise RuntimeError(f"the proxy ended with {child.wait()}")
    finally:
        child.kill()
        child.wait()
