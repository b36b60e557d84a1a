"""The long run: `python tests/fuzz TARGET --runs N` (see `make fuzz`).

Each input has a time and the process a memory bound. What breaks one is written to `.fuzz/`, by its target and hash.
"""

import argparse
import faulthandler
import hashlib
import resource
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from mutating import Mutator, Reached
from targets import TARGETS, Target

FOUND = Path(".fuzz")
HARD_SECONDS = 60
KEPT = 4_000
"""Inputs in the corpus at most."""


class TooSlow(BaseException):
    """An input took longer than it may. Nothing that is fuzzed may catch it."""


def too_slow(_number: int, _frame: FrameType | None) -> None:
    """The signal's handler."""
    raise TooSlow


def megabytes() -> float:
    """The most memory that this process ever had."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def broken(target: Target, data: bytes) -> Path:
    """Keep an input that broke something, and say where."""
    file = FOUND / target.name / hashlib.sha256(data).hexdigest()[:16]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def one(target: Target, data: bytes) -> str:
    """Run one input; what went wrong, empty for nothing."""
    signal.setitimer(signal.ITIMER_VIRTUAL, target.seconds)
    try:
        target.run(data)
    except TooSlow:
        return f"over {target.seconds:g} s of processor time"
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return f"{type(error).__name__} at {_where(error)}"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return ""


def _where(error: BaseException) -> str:
    trace, last = error.__traceback__, ""
    while trace is not None:
        last = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return last


def run(target: Target, runs: int, seed: int, memory: int) -> int:
    """Run so many inputs; the number of kinds of failure."""
    mutator = Mutator(target.corpus(), target.words, seed)
    bugs: dict[str, Path] = {}
    for data in mutator.corpus:
        if wrong := one(target, data):
            bugs.setdefault(wrong, broken(target, data))
    before = megabytes()
    resource.setrlimit(resource.RLIMIT_AS, (int((before + memory) * (1 << 20)) + (2 << 30), resource.RLIM_INFINITY))
    begun = told = time.monotonic()
    longest = size = 0.0
    done = 0
    with Reached() as reached:
        for data in mutator.corpus[:]:
            one(target, data)
        reached.anew()
        for done in range(1, runs + 1):
            if done % 1000 == 1:
                faulthandler.dump_traceback_later(HARD_SECONDS + 60, exit=True)
                if time.monotonic() - told > 60:
                    told = time.monotonic()
                    print(f"{target.name}: {done:,} inputs, {done / (told - begun):,.0f} a second", flush=True)
            data = mutator.next()
            size += len(data)
            at = time.thread_time()
            wrong = one(target, data)
            longest = max(longest, time.thread_time() - at)
            if wrong and wrong not in bugs:
                bugs[wrong] = broken(target, data)
                print(f"{target.name}: {wrong} ({bugs[wrong]})", flush=True)
            if reached.anew() and len(mutator.corpus) < KEPT and len(data) < 4096:
                mutator.corpus.append(data)
            if done % 10_000 == 0 and megabytes() - before > memory:
                bugs["memory"] = broken(target, data)
                break
        lines = reached.lines
    faulthandler.cancel_dump_traceback_later()
    print(
        f"{target.name}: {done:,} inputs of {size / max(done, 1):,.0f} bytes in {time.monotonic() - begun:,.0f} s, "
        f"{lines:,} lines reached, corpus {len(mutator.corpus)}, longest {longest * 1000:.0f} ms, "
        f"memory +{megabytes() - before:.0f} MB, {len(bugs)} kinds of failure",
        flush=True,
    )
    for wrong, file in bugs.items():
        print(f"  {wrong}: {file}")
    return len(bugs)


def main() -> int:
    """Read the command line and run."""
    read = argparse.ArgumentParser(prog="python tests/fuzz", description=__doc__)
    read.add_argument("target", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all by default")
    read.add_argument("--runs", type=int, default=1_000_000, help="inputs for each target")
    read.add_argument("--seed", type=int, default=20261122)
    read.add_argument("--memory", type=int, default=400, help="megabytes by which the process may grow")
    given = read.parse_args()
    if unknown := set(given.target) - set(TARGETS):
        read.error(f"no target is called {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    signal.signal(signal.SIGVTALRM, too_slow)
    names = given.target or list(TARGETS)
    return min(sum(run(TARGETS[name], given.runs, given.seed, given.memory) for name in names), 1)


if __name__ == "__main__":
    sys.exit(main())
