"""`make audit` tells a known vulnerability, an unknown package and a service that is not there from one another."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
HASH = "0" * 64
FAULTY = {
    "id": "TEST-2026-0001",
    "summary": "a made-up fault",
    "affected": [
        {
            "package": {"name": "faulty", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}],
        }
    ],
}


class Service(BaseHTTPRequestHandler):
    """An OSV service that knows of one fault, in `faulty`."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known: dict[str, Any] = {"vulns": [FAULTY]} if asked["package"]["name"] == "faulty" else {}
        body = json.dumps(known).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the base class
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)


def audit(folder: Path, packages: str, *arguments: str) -> tuple[int, str]:
    """The exit code of the audit of some pinned packages, and what it said."""
    file = folder / "requirements.txt"
    file.write_text("".join(f"{one} --hash=sha256:{HASH}\n" for one in packages.split()))
    ran = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "vulnerabilities.py"), str(file), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.stderr == ""
    return ran.returncode, ran.stdout


@pytest.mark.promise("vulnerabilities-told")
def test_a_known_vulnerability_fails_the_audit(tmp_path: Path, service: str) -> None:
    code, said = audit(tmp_path, "faulty==1.0 sound==1.0", "-s", "osv", "--osv-url", service)
    assert (code, said) == (
        1,
        "2 packages audited, 1 known vulnerabilities.\n  faulty 1.0: TEST-2026-0001 (fixed in 2.0)\n",
    )


def test_packages_without_a_known_vulnerability_pass(tmp_path: Path, service: str) -> None:
    code, said = audit(tmp_path, "sound==1.0", "-s", "osv", "--osv-url", service)
    assert (code, said) == (0, "1 packages audited, 0 known vulnerabilities.\n")


@pytest.mark.promise("vulnerabilities-told")
@pytest.mark.parametrize(("arguments", "code"), [((), 0), (("--strict",), 3)])
def test_a_service_that_is_not_there_is_told_and_is_no_clean_bill(
    tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    nowhere = "http://127.0.0.1:9/v1/query"
    got, said = audit(tmp_path, "sound==1.0", *arguments, "-s", "osv", "--osv-url", nowhere)
    assert got == code
    assert said.startswith("NOT AUDITED: ")
    assert "audited, 0 known" not in said
