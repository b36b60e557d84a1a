"""Configuration files in a test: written, read, accepted or refused."""

from pathlib import Path

from douane.cli.config import Config, Errors, load_config


def load(folder: Path, text: str) -> Config | Errors:
    """What a configuration with this text is."""
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def accepted(folder: Path, text: str) -> Config:
    """The configuration, which must be a good one."""
    it = load(folder, text)
    assert isinstance(it, Config), str(it)
    return it


def refused(folder: Path, text: str) -> list[str]:
    """The faults of a configuration that must not be taken, each beginning with file and place."""
    it = load(folder, text)
    assert isinstance(it, Errors)
    return [line.removeprefix(f"{folder}/") for line in str(it).split("\n")]
