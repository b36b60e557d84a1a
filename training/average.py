"""The mean of checkpoints' weights: `python average.py OUT RUN RUN ...`."""

import shutil
import sys
from pathlib import Path

import torch


def main() -> None:
    """Write the mean, and the files beside the last run's checkpoint."""
    out, *runs = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    states = [torch.load(run / "net.pt", weights_only=True) for run in runs]
    torch.save({name: sum(state[name] for state in states) / len(states) for name in states[0]}, out / "net.pt")
    for name in ("vocab.txt", "lists.bin"):
        shutil.copyfile(runs[-1] / name, out / name)


if __name__ == "__main__":
    main()
