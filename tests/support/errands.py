"""What Douane does with traffic, once, in a folder: run, scan, report, check, replay.

`python errands.py FOLDER`; ends with 0 when every command did its work.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import captures
from running import App, running, until
from speaking import call

TEXT = "Léa Exemple, 12 rue des Lilas, 75011 Paris, lea.exemple@example.org, +33 6 39 98 12 34"
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}
DECLARATION = "douane_declaration: 1\napp: crm\nto_app: [user.contact.email]\n"


def douane(folder: Path, *words: str, given: str | None = None, codes: tuple[int, ...] = (0,)) -> str:
    """Run a command; what it said. Raises when it ended with another code than one of these."""
    ran = subprocess.run(
        [sys.executable, "-m", "douane.cli.main", *words], input=given, cwd=folder, capture_output=True, text=True,
        check=False, env={**os.environ, "DOUANE_KEY_FILE": str(folder / "key" / "master.key")},
    )  # fmt: skip
    if ran.returncode not in codes:
        raise RuntimeError(f"douane {words[0]} ended with {ran.returncode}: {ran.stderr[-2000:]}")
    return ran.stdout


def listeners() -> set[str]:
    """The addresses at which any process of this network namespace listens, as the kernel writes them."""
    found: set[str] = set()
    for name in ("tcp", "tcp6"):
        lines = Path("/proc/self/net", name).read_text().splitlines()[1:]
        found |= {line.split()[1].split(":")[0] for line in lines if line.split()[3] == "0A"}
    return found


def main() -> int:
    folder = Path(sys.argv[1])
    (folder / "crm.yaml").write_text(DECLARATION)
    with App() as app, running(folder, app.url, "--port", "0", "--declaration", str(folder / "crm.yaml")) as post:
        answer = call(post.port(), {"note": TEXT, "email": "lea.exemple@example.org"})
        if "result" not in answer:
            raise RuntimeError("no result")
        if listeners() - LOOPBACK:
            raise RuntimeError("something listens at an address that is not loopback")
        until(lambda: len(post.events("exchange")) >= 2, 60, "two exchanges")
    ledger = ["--ledger", str(folder / "data" / "douane.db")]
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "t", "arguments": {"note": TEXT}}}
    if "user.contact.email" not in douane(folder, "scan", "-", given=json.dumps(message) + "\n"):
        raise RuntimeError("scan found nothing")
    douane(folder, "report", *ledger, "--format", "html", "-o", "report.html")
    douane(folder, "check", *ledger, codes=(0, 1))
    (folder / "replayed").mkdir()
    (folder / "captured.jsonl").write_bytes(captures.jsonl())
    douane(folder, "replay", "captured.jsonl", "--app", "replayed", "--ledger", "replayed/douane.db")
    return 0


if __name__ == "__main__":
    sys.exit(main())
