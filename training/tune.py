# ruff: noqa: T201 - prints its figures
"""Fit what export.py is told about a checkpoint, on development text: `python tune.py --corpora F --run F`.

The temperature makes probabilities match how often they are right; the offset trades precision of persons for recall.
"""

import argparse
from pathlib import Path

import corpora
import dataset
import features
import numpy as np
import torch
from generate import Generator
from model import LABELS, Net
from torch.nn import functional


@torch.no_grad()
def logits_of(net: Net, data: list[dataset.Row]) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits and labels of every labelled word."""
    found, gold = [], []
    for pieces, feats, mask, labels, _ in dataset.batches(data, np.random.default_rng(0), 4000, shake=False):
        known = torch.from_numpy(labels != dataset.SKIP)
        found.append(net(torch.from_numpy(pieces), torch.from_numpy(feats), torch.from_numpy(mask))[known])
        gold.append(torch.from_numpy(labels)[known])
    return torch.cat(found), torch.cat(gold)


def main() -> None:
    """Print the best temperature, and words of persons found for some offsets."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    state = torch.load(args.run / "net.pt", weights_only=True)
    layers = 1 + max(int(name.split(".")[1]) for name in state if name.startswith("layers."))
    net = Net(layers, len(state["pieces.weight"]))
    net.load_state_dict(state)
    net.eval()
    vocabulary = (args.run / "vocab.txt").read_text(encoding="utf-8").split("\n")
    hashed = (args.run / "lists.bin").read_bytes()
    count = len(hashed) // 5
    lists = features.wordpiece.Lists(hashed[: 4 * count], hashed[4 * count :])
    reader = features.wordpiece.Wordpiece({piece: at for at, piece in enumerate(vocabulary) if piece}, lists)
    held = Generator(7, held_out=True)
    sets = {name: list(dataset.rows(corpora.read(args.corpora, name), reader)) for name in corpora.DEV}
    sets["synthetic"] = list(dataset.rows([held.example() for _ in range(2000)], reader))
    told = {name: logits_of(net, data) for name, data in sets.items()}
    everything = torch.cat([logits for logits, _ in told.values()]), torch.cat([gold for _, gold in told.values()])
    losses = {
        step / 20: functional.cross_entropy(everything[0] / (step / 20), everything[1]).item() for step in range(10, 50)
    }
    temperature = min(losses, key=lambda one: losses[one])
    print("temperature", temperature)
    person = torch.tensor([1.0 if "PERSON" in label else 0.0 for label in LABELS])
    for offset in (-0.6, -0.3, 0.0, 0.3, 0.6, 0.9, 1.2):
        line = []
        for name, (logits, gold) in told.items():
            said = (logits / temperature + offset * person).softmax(-1)
            kinds = said[:, 1::2] + said[:, 2::2]
            called = (kinds.argmax(1) == 0) & (kinds[:, 0] > said[:, 0])
            true = (gold == 1) | (gold == 2)
            hit = int((called & true).sum())
            precision, recall = hit / max(1, int(called.sum())), hit / int(true.sum())
            line.append(f"{name} {precision:.3f}/{recall:.3f}/{2 * precision * recall / (precision + recall):.3f}")
        print(f"offset {offset:+.1f}:", "  ".join(line))


if __name__ == "__main__":
    main()
