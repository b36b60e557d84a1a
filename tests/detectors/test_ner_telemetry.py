"""The tagger's runtime can send usage data to its maker; loaded by Douane it does not begin to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LOAD = {
    "douane": "from douane.detectors.ner import Tagger; Tagger()",
    "by itself": (
        "import onnxruntime; from pathlib import Path; import douane.detectors as d; "
        "onnxruntime.InferenceSession(str(Path(d.__path__[0], 'data', 'ner', 'model.onnx')))"
    ),
}


@pytest.mark.promise("no-telemetry")
@pytest.mark.parametrize(("how", "left"), [("douane", False), ("by itself", True)])
def test_loading_the_tagger_leaves_no_device_id_and_no_queue_of_events(tmp_path: Path, how: str, left: bool) -> None:
    # Its uploader stays off in CI, where it would not be seen here: so without CI's variables, and with a home to fill.
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / ".cache")}
    ran = subprocess.run([sys.executable, "-c", LOAD[how]], env=environ, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert any("onnxruntime" in path.name for path in tmp_path.rglob("*")) is left
