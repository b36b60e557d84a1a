"""What was freed between what stays goes back to the system."""

import subprocess
import sys

import pytest

HOLES = """
from douane.proxy.heap import Heap

def resident():
    return next(int(line.split()[1]) for line in open('/proc/self/status') if line.startswith('VmRSS'))

kept = [bytes(3_000) for _ in range(20_000)]
full = resident()
del kept[: 20_000 - 1]  # the last one stays, so that the top of the heap does too
freed = resident()
heap = Heap()
heap.tidy(100.0)
print(full - resident(), freed - resident())
again = [bytes(3_000) for _ in range(20_000)]
del again[:-1]
before = resident()
heap.tidy(159.0)
print(before - resident())
heap.tidy(160.0)
print(before - resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_freed_memory_is_given_back_once_a_minute() -> None:
    ran = subprocess.run([sys.executable, "-c", HOLES], capture_output=True, text=True, check=True)
    (whole, _), (early,), (due,) = (tuple(map(int, line.split())) for line in ran.stdout.splitlines())
    assert whole > 40_000  # of 60 MB
    assert early < 1_000
    assert due > 40_000
