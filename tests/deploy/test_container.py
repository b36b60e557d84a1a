"""The container file and its compose example: what they say holds together, and Douane runs as they say."""

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from confined import Confinement
from ruamel.yaml import YAML
from running import App, Running, until
from speaking import call

from douane.cli.config import Config, load_config

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
KNOWN = {"FROM", "WORKDIR", "RUN", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL"}
KNOWN |= {"HEALTHCHECK", "ENTRYPOINT", "CMD"}


def instructions() -> list[tuple[str, str]]:
    """The container file's instructions, each with the rest of its line."""
    text = re.sub(r"\\\n", " ", (DEPLOY / "Containerfile").read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


def last(instruction: str) -> str:
    return [rest for name, rest in instructions() if name == instruction][-1]


def words(instruction: str) -> list[str]:
    """The words of an instruction in JSON form, what stands before it left out."""
    rest = last(instruction)
    found: list[str] = json.loads(rest[rest.index("[") :])
    return found


def service() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return dict(found["services"]["douane"])


def pins(file: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """Each package of a hashed requirements file: its version and hashes."""
    found = {}
    for block in re.split(r"\n(?=[a-z0-9])", file.read_text(encoding="utf-8")):
        head = re.match(r"([a-z0-9][a-z0-9._-]*)==(\S+)", block)
        if head:
            found[head[1]] = (head[2], frozenset(re.findall(r"sha256:[0-9a-f]{64}", block)))
    return found


def test_only_known_instructions_in_an_order_that_builds() -> None:
    names = [name for name, _ in instructions()]
    assert set(names) <= KNOWN
    assert names[0] == "FROM"
    assert names.count("FROM") == 2
    assert names.index("ENTRYPOINT") > names.index("USER") > len(names) - names[::-1].index("FROM") - 1


def test_every_room_and_file_that_is_built_from_is_copied_and_not_ignored() -> None:
    copied = {rest.split()[0] for name, rest in instructions() if name == "COPY" and not rest.startswith("--from")}
    copied |= {one for name, rest in instructions() if name == "COPY" for one in rest.split()[:-1] if "." in one}
    copied |= {"LICENSE", "NOTICE"} & set(" ".join(rest for _, rest in instructions()).split())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rooms = {folder.split("/")[0] for folder in project["tool"]["setuptools"]["package-dir"].values()}
    needed = rooms | {"deploy/requirements.txt", "pyproject.toml", "README.md", "LICENSE", "NOTICE"}
    let_in = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")
    }
    assert {one for one in needed if (ROOT / one).exists()} == needed
    assert copied - {"--from=build"} == needed
    assert let_in == needed


@pytest.mark.promise("pinned")
def test_the_image_has_the_versions_that_are_tested_and_nothing_else() -> None:
    image, tested = pins(DEPLOY / "requirements.txt"), pins(ROOT / "requirements.txt")
    assert len(image) > 80
    assert {name: pin for name, pin in image.items() if tested.get(name) != pin} == {}, "run: make lock"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    direct = {re.split(r"[>=<\[ ]", one)[0].replace(".", "-") for one in project["project"]["dependencies"]}
    assert sorted(direct - {name.replace(".", "-") for name in image}) == [], "run: make lock"
    assert not {"pytest", "playwright", "mypy"} & set(image)


@pytest.mark.promise("deploy-container")
def test_the_compose_example_takes_every_right_away_that_douane_does_without() -> None:
    said = service()
    assert said["user"] == last("USER") == "10001:10001"
    assert (said["read_only"], said["cap_drop"], said["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    assert said["ulimits"]["core"] == 0
    assert all(port.startswith("127.0.0.1:") for port in said["ports"])
    assert {volume.split(":")[1] for volume in said["volumes"] if not volume.endswith(":ro")} == set(words("VOLUME"))
    assert not {"privileged", "network_mode", "pid", "cap_add", "devices"} & set(said)
    assert [volume for volume in said["volumes"] if "docker.sock" in volume] == []


def test_the_example_of_a_configuration_is_one() -> None:
    assert isinstance(load_config(DEPLOY / "config.yaml"), Config)


@pytest.mark.slow
@pytest.mark.promise("deploy-container")
def test_douane_runs_as_the_container_file_says(tmp_path: Path) -> None:
    uid = int(last("USER").split(":")[0])
    config, key = tmp_path / "config.yaml", tmp_path / "master.key"
    made = subprocess.run(["openssl", "rand", "-base64", "32"], check=True, capture_output=True)
    key.write_bytes(made.stdout)
    key.chmod(0o400)
    os.chown(key, uid, uid)
    folders = {}
    for where in words("VOLUME"):
        folder = folders[where] = tmp_path / Path(where).name
        folder.mkdir(mode=0o700)
        os.chown(folder, uid, uid)
    environ = dict(pair.split("=", 1) for pair in last("ENV").split())
    it = Confinement(
        folder=str(tmp_path / "root"),
        uid=uid,
        environ={"PATH": "/usr/bin:/bin", **environ},
        files={
            "/opt/douane": os.environ.get("DOUANE_IMAGE_VENV", sys.prefix),
            "/etc/douane/config.yaml": str(config),
            environ["DOUANE_KEY_FILE"]: str(key),
        },
        writable={where: str(folder) for where, folder in folders.items()},
    )
    with App() as app:
        config.write_text(
            f"apps:\n  - {{name: crm, upstream: '{app.url}', port: 0, fetch_tools: false}}\n"
            "listen: {host: 0.0.0.0}\ndetection: {presidio: false}\ntrust: {anchor_folder: /var/lib/douane-anchors}\n"
        )
        config.chmod(0o644)
        douane = Running(tmp_path, [], command=it.command(*words("ENTRYPOINT"), *words("CMD"))).start()
        try:
            port = douane.port()
            answer = call(port, {"email": "lea.exemple@example.org"})
            until(lambda: douane.events("exchange"), 60, "an exchange")
            health = [word.replace("8700", str(port)) for word in words("HEALTHCHECK")]
            healthy = subprocess.run(it.command(*health), check=False, capture_output=True, timeout=60)
        finally:
            code = douane.stop()
        ill = subprocess.run(it.command(*health), check=False, capture_output=True, timeout=60)
    assert "result" in answer
    assert (healthy.returncode, ill.returncode) == (0, 1)
    assert (code, douane.complaints()) == (0, [])
    with contextlib.closing(sqlite3.connect(folders["/var/lib/douane"] / "douane.db")) as db:
        assert db.execute("SELECT count(*) FROM disclosures WHERE category = 'user.contact.email'").fetchone() == (1,)
