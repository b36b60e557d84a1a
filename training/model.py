"""The tagger's network: the lower layers of a MiniLM, a table for how words are written, and a linear head."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

KINDS = ("PERSON", "LOCATION", "ORGANIZATION", "ADDRESS", "DATE_TIME", "TITLE", "NRP")
LABELS = ("O", *(f"{at}-{kind}" for kind in KINDS for at in "BI"))
HIDDEN, HEADS, INNER = 384, 12, 1536
CASES, GAPS, LISTS = 8, 3, 16


class Layer(nn.Module):
    """One transformer layer, normalised after each half as BERT is."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.out = nn.Linear(HIDDEN, HIDDEN)
        self.norm1 = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.up = nn.Linear(HIDDEN, INNER)
        self.down = nn.Linear(INNER, HIDDEN)
        self.norm2 = nn.LayerNorm(HIDDEN, eps=1e-12)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        batch, length, _ = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, HEADS, HIDDEN // HEADS).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self.norm1(x + self.out(seen.transpose(1, 2).reshape(batch, length, HIDDEN)))
        return self.norm2(x + self.down(functional.gelu(self.up(x))))


class Net(nn.Module):
    """Pieces and features to label logits for every piece."""

    def __init__(self, layers: int, vocabulary: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.pieces = nn.Embedding(vocabulary, HIDDEN)
        self.positions = nn.Embedding(512, HIDDEN)
        self.case = nn.Embedding(CASES, HIDDEN)
        self.gap = nn.Embedding(GAPS, HIDDEN)
        self.lists = nn.Embedding(LISTS, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.head = nn.Linear(HIDDEN, len(LABELS))
        self.dropout = nn.Dropout(dropout)
        for table in (self.case, self.gap, self.lists):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, pieces: torch.Tensor, features: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        x = self.pieces(pieces) + self.positions.weight[: pieces.shape[1]]
        x = (
            x
            + self.case(features // (GAPS * LISTS))
            + self.gap(features // LISTS % GAPS)
            + self.lists(features % LISTS)
        )
        x = self.dropout(self.norm(x))
        seen = mask[:, None, None, :]
        for layer in self.layers:
            x = layer(x, seen)
        return self.head(self.dropout(x))


def from_minilm(weights: Path, layers: int) -> Net:
    """A network that starts from the first layers of a BERT checkpoint."""
    state = {name.removeprefix("bert."): value for name, value in load_file(weights).items()}
    net = Net(layers, state["embeddings.word_embeddings.weight"].shape[0])
    with torch.no_grad():
        net.pieces.weight.copy_(state["embeddings.word_embeddings.weight"])
        net.positions.weight.copy_(
            state["embeddings.position_embeddings.weight"] + state["embeddings.token_type_embeddings.weight"][0]
        )
        net.norm.weight.copy_(state["embeddings.LayerNorm.weight"])
        net.norm.bias.copy_(state["embeddings.LayerNorm.bias"])
        for at, layer in enumerate(net.layers):
            base = f"encoder.layer.{at}."
            for kind in ("weight", "bias"):
                layer.qkv.get_parameter(kind).copy_(
                    torch.cat([state[f"{base}attention.self.{part}.{kind}"] for part in ("query", "key", "value")])
                )
                layer.out.get_parameter(kind).copy_(state[f"{base}attention.output.dense.{kind}"])
                layer.norm1.get_parameter(kind).copy_(state[f"{base}attention.output.LayerNorm.{kind}"])
                layer.up.get_parameter(kind).copy_(state[f"{base}intermediate.dense.{kind}"])
                layer.down.get_parameter(kind).copy_(state[f"{base}output.dense.{kind}"])
                layer.norm2.get_parameter(kind).copy_(state[f"{base}output.LayerNorm.{kind}"])
    return net
