"""`python -m douane.demo --help` says what the demo does and starts nothing."""

from pathlib import Path

import pytest

from douane.demo.main import main


@pytest.mark.parametrize(("argument", "code"), [("--help", 0), ("--no-such-option", 2)])
def test_it_says_what_it_does_and_starts_nothing(
    argument: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main([argument])
    told = capsys.readouterr()
    assert ended.value.code == code
    assert "python -m douane.demo" in told.out + told.err
    assert ("Four sample apps behind Douane" in told.out) is (code == 0)
    assert list(tmp_path.iterdir()) == []
