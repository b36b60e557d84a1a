# ruff: noqa: T201 - prints its progress
"""Fine-tune the tagger: `python train.py --corpora FOLDER --minilm FOLDER --out FOLDER`."""

import argparse
import json
import random
import time
from pathlib import Path

import corpora
import dataset
import features
import numpy as np
import torch
from generate import Generator
from model import LABELS, from_minilm
from torch.nn import functional

CLIP = 1.0
WARM = 40
KEPT = {"fr-europeana": 0.6}
KEPT_EMPTY = {"fr-europeana": 0.15, "fr-echr-train": 0.5, "en-gum-ccby": 0.5}
"""The share of texts that is kept, with and without a name in them, for each corpus."""


def reader_of(minilm: Path, out: Path, examples: list[corpora.Example]) -> features.wordpiece.Wordpiece:
    """The text reader, with the name lists; both are written to the output folder as the tagger will read them."""
    vocabulary = (minilm / "vocab.txt").read_text(encoding="utf-8").split("\n")
    while vocabulary and not vocabulary[-1]:
        vocabulary.pop()
    keys, bits = features.hashed(features.listed_words(dataset.common_words(examples)))
    (out / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    (out / "lists.bin").write_bytes(keys.tobytes() + bits.tobytes())
    lists = features.wordpiece.Lists(keys.tobytes(), bits.tobytes())
    return features.wordpiece.Wordpiece({piece: at for at, piece in enumerate(vocabulary)}, lists)


def chosen(examples: list[corpora.Example], rng: random.Random) -> list[corpora.Example]:
    """The training corpora, thinned: old newspapers and texts with no name in them teach little for their length."""
    return [
        one
        for one in examples
        if rng.random() < (KEPT.get(one.source, 1.0) if one.spans else KEPT_EMPTY.get(one.source, 0.8))
    ]


@torch.no_grad()
def word_scores(net: torch.nn.Module, data: list[dataset.Row]) -> dict[str, float]:
    """F1 of person words and accuracy of words on development rows: a quick look, not the evaluation."""
    net.eval()
    hit = wrong = missed = 0
    for pieces, feats, mask, labels, _ in dataset.batches(data, np.random.default_rng(0), 4000, shake=False):
        logits = net(torch.from_numpy(pieces), torch.from_numpy(feats), torch.from_numpy(mask))
        said = logits.argmax(-1).numpy()
        known = labels != dataset.SKIP
        person, gold = (said == 1) | (said == 2), (labels == 1) | (labels == 2)
        hit += int((person & gold & known).sum())
        wrong += int((person & ~gold & known).sum())
        missed += int((~person & gold & known).sum())
    net.train()
    precision, recall = hit / max(1, hit + wrong), hit / max(1, hit + missed)
    score = 2 * precision * recall / max(1e-9, precision + recall)
    return {"p": round(precision, 3), "r": round(recall, 3), "f": round(score, 3)}


def load(net: torch.nn.Module, state: dict[str, torch.Tensor]) -> None:
    """A checkpoint into the network; one made with fewer lists or labels keeps what it knows of those."""
    wanted = net.state_dict()
    known = len(state["head.bias"])
    if known < len(wanted["head.bias"]):
        fresh = len(wanted["head.bias"]) - known
        added = 0.02 * torch.randn(fresh, state["head.weight"].shape[1])
        state["head.weight"] = torch.cat([state["head.weight"], added])
        state["head.bias"] = torch.cat([state["head.bias"], torch.full((fresh,), -4.0)])
    while state["lists.weight"].shape[0] < wanted["lists.weight"].shape[0]:
        state["lists.weight"] = torch.cat([state["lists.weight"], state["lists.weight"]])
    net.load_state_dict(state)


def main() -> None:
    """Train for a fixed number of steps."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--minilm", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="a checkpoint to go on from")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument(
        "--steps", type=int, default=1000, help="a file named `finish` in the output folder ends earlier"
    )
    parser.add_argument("--decay", type=int, default=250, help="the last steps, in which the rate falls to nothing")
    parser.add_argument("--tokens", type=int, default=1536)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--synthetic", type=int, default=25_000, help="new synthetic examples for every pass")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)

    examples = [one for name in corpora.TRAIN for one in corpora.read(args.corpora, name)]
    reader = reader_of(args.minilm, args.out, examples)
    real = list(dataset.rows(chosen(examples, random.Random(args.seed)), reader))  # noqa: S311
    dev = {name: list(dataset.rows(corpora.read(args.corpora, name), reader)) for name in corpora.DEV}
    held = Generator(7, held_out=True)
    dev["synthetic"] = list(dataset.rows([held.example() for _ in range(1500)], reader))
    generator = Generator(args.seed)

    net = from_minilm(args.minilm / "model.safetensors", args.layers)
    if args.start:
        load(net, torch.load(args.start, weights_only=True))
    decayed = [value for value in net.parameters() if value.ndim > 1]
    plain = [value for value in net.parameters() if value.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}], lr=args.rate, fused=True
    )
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / WARM, 1.0, max(0.01, (args.steps - step) / args.decay))
    )
    step, pieces_seen, total, began = 0, 0, 0.0, time.monotonic()
    net.train()
    while step < args.steps:
        invented = list(dataset.rows([generator.example() for _ in range(args.synthetic)], reader))
        print(json.dumps({"real": len(real), "synthetic": len(invented), "labels": len(LABELS)}), flush=True)
        for pieces, feats, mask, labels, weights in dataset.batches(real + invented, rng, args.tokens, shake=True):
            logits = net(torch.from_numpy(pieces), torch.from_numpy(feats), torch.from_numpy(mask))
            gold = torch.from_numpy(labels)
            loss = functional.cross_entropy(
                logits.flatten(0, 1), gold.flatten(), ignore_index=dataset.SKIP, reduction="none", label_smoothing=0.02
            ).view(gold.shape)
            weight = torch.from_numpy(weights)[:, None] * (gold != dataset.SKIP)
            loss = (loss * weight).sum() / weight.sum().clamp(min=1)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), CLIP)
            optimizer.step()
            scheduler.step()
            step += 1
            total += loss.item()
            pieces_seen += int(mask.sum())
            if step % 10 == 0 and (args.out / "finish").exists():
                (args.out / "finish").unlink()
                args.steps = min(args.steps, step + args.decay)
                print(json.dumps({"steps": args.steps}), flush=True)
            if step % 50 == 0:
                pace = pieces_seen / (time.monotonic() - began)
                print(json.dumps({"step": step, "loss": round(total / 50, 4), "pieces/s": round(pace)}), flush=True)
                total = 0.0
            if step % 300 == 0 or step == args.steps:
                torch.save(net.state_dict(), args.out / "net.pt")
                print(json.dumps({name: word_scores(net, part) for name, part in dev.items()}), flush=True)
            if step == args.steps:
                break


if __name__ == "__main__":
    main()
