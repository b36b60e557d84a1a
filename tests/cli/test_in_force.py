"""What a document may say of where the anchors lie."""

from pathlib import Path

import pytest

from douane.cli.config import Config
from douane.cli.in_force import anchors_apart


@pytest.mark.parametrize(
    ("anchors", "apart"),
    [
        ("key", False),
        ("key/anchors", False),
        ("ledger", False),
        ("ledger/anchors", False),
        ("data/../data", False),
        ("elsewhere", True),
        ("key/further", True),
    ],
)
def test_anchors_are_apart_only_where_none_of_douanes_files_lie(tmp_path: Path, anchors: str, apart: bool) -> None:
    config = Config.model_validate(
        {
            "storage": {
                "folder": tmp_path / "data",
                "ledger": tmp_path / "ledger" / "douane.db",
                "key_file": tmp_path / "key" / "master.key",
            },
            "trust": {"anchor_folder": tmp_path / anchors},
        }
    )
    assert anchors_apart(config) is apart
