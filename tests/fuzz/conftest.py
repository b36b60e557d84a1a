"""The fuzzers are run from this folder and belong to no package: they are imported from there."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
