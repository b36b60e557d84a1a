"""The peers from npm are pinned by version and hash, and the lock file holds no address."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent.parent / "node"
PACKAGE: dict[str, Any] = json.loads((FOLDER / "package.json").read_text())
LOCK: dict[str, Any] = json.loads((FOLDER / "package-lock.json").read_text())


def test_every_peer_is_pinned_to_one_version() -> None:
    versions = PACKAGE["dependencies"].values()
    assert [v for v in versions if not re.fullmatch(r"(npm:@[\w/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?", v)] == []


@pytest.mark.promise("pinned")
def test_every_package_in_the_lock_file_has_a_hash_and_no_address() -> None:
    packages = {path: entry for path, entry in LOCK["packages"].items() if path}
    assert [path for path, entry in packages.items() if not entry.get("integrity", "").startswith("sha512-")] == []
    assert [path for path, entry in packages.items() if "://" in json.dumps(entry)] == []


def test_installing_runs_no_script_of_a_package() -> None:
    settings = (FOLDER / ".npmrc").read_text().split()
    assert {"ignore-scripts=true", "omit-lockfile-registry-resolved=true"} <= set(settings)
