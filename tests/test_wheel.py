"""What ships: the wheel holds everything that runs and nothing else, and works outside the repository."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("audit", "cli", "demo", "detectors", "inspector", "ledger", "proxy", "reports", "wire")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    tree = out / "tree"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    for name in listed:
        source, target = ROOT / name, tree / name
        if source.is_file() and not source.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(tree)],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    (out / "build.log").write_bytes(built.stdout)
    return next(out.glob("*.whl"))


@pytest.mark.promise("wheel-is-whole")
def test_the_wheel_holds_nothing_outside_douane(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in names if not name.startswith(("douane/", "douane-"))] == []


def test_every_folder_of_data_is_a_package_of_its_own(wheel: Path) -> None:
    log = wheel.with_name("build.log").read_text(errors="replace")
    assert [line for line in log.splitlines() if "absent from" in line] == []


@pytest.mark.promise("wheel-is-whole")
def test_the_wheel_holds_every_file_that_runs(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    code, pages = {".py", ".typed"}, {".j2", ".html", ".css", ".js", ".svg", ".typ"}
    kinds = code | pages | {".json", ".yaml", ".txt", ".md", ".toml", ".csv"}
    expected = {
        f"douane/{path.relative_to(ROOT)}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and path.suffix in kinds and "__pycache__" not in path.parts
    }
    expected |= {f"douane/{room}/py.typed" for room in ROOMS}
    assert sorted(expected - names) == []


def test_the_wheel_runs_outside_the_repository(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(target)
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.path.insert(0, sys.argv.pop(1)); from douane.cli.main import app; app()",
            str(target),
            "scan",
            "-",
        ],
        input='{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"email":"jean.exemple@example.org"}}}\n',
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "user.contact.email" in ran.stdout
