# ruff: noqa: T201 - says what it wrote
"""A checkpoint to what ships: an ONNX graph with 8-bit weights, the vocabulary, the name lists and facts about them.

The graph is written node by node with onnxruntime's fused operators. Weights are unsigned 8-bit with one scale for each
column (signed ones overflow in the AVX2 kernels), embeddings signed with one scale for each row.
"""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch
from dataset import LONGEST
from model import CASES, GAPS, HEADS, HIDDEN, LABELS, LISTS
from onnx import TensorProto, helper, numpy_helper

_DOMAIN = "com.microsoft"


class Graph:
    """Collects nodes and weights of the graph."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, name: str, value: np.ndarray) -> str:
        """Add a constant."""
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(
        self, kind: str, inputs: list[str], name: str, *, domain: str = "", count: int = 1, **attributes: object
    ) -> str:
        """Add a node; its first output is its name."""
        outputs = [name] if count == 1 else [f"{name}.{at}" for at in range(count)]
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=name, domain=domain, **attributes))
        return outputs[0]

    def dense(self, x: str, name: str, weight: np.ndarray, bias: np.ndarray) -> str:
        """A product with 8-bit weights; the input is made 8-bit as it comes."""
        columns = weight.T
        scale = np.maximum(np.abs(columns).max(axis=0), 1e-8) / 127
        whole = (np.clip(np.round(columns / scale), -127, 127) + 128).astype(np.uint8)
        inputs = [
            x,
            self.weight(f"{name}.w", whole),
            self.weight(f"{name}.s", scale.astype(np.float32)),
            self.weight(f"{name}.z", np.full(scale.shape, 128, np.uint8)),
            self.weight(f"{name}.b", bias),
        ]
        return self.node("DynamicQuantizeMatMul", inputs, name, domain=_DOMAIN)


def build(state: dict[str, np.ndarray], layers: int) -> onnx.ModelProto:
    """The graph of a checkpoint's weights."""
    graph = Graph()
    table = state["pieces.weight"]
    scale = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-8) / 127
    graph.weight("pieces.w", np.round(table / scale).astype(np.int8))
    graph.weight("pieces.s", scale.astype(np.float16))
    features = (
        state["case.weight"][:, None, None] + state["gap.weight"][None, :, None] + state["lists.weight"][None, None, :]
    ).reshape(CASES * GAPS * LISTS, HIDDEN)
    graph.weight("features.w", features.astype(np.float32))
    graph.weight("positions.w", state["positions.weight"][:LONGEST].astype(np.float32))
    rows = graph.node("Cast", [graph.node("Gather", ["pieces.w", "pieces"], "rows8")], "rows", to=TensorProto.FLOAT)
    scales = graph.node(
        "Cast", [graph.node("Gather", ["pieces.s", "pieces"], "scales16")], "scales", to=TensorProto.FLOAT
    )
    x = graph.node("Mul", [rows, scales], "word")
    x = graph.node("Add", [x, graph.node("Gather", ["features.w", "features"], "written")], "word+written")
    length = graph.node("Shape", ["pieces"], "length", start=1, end=2)
    graph.weight("zero", np.array([0], np.int64))
    positions = graph.node("Slice", ["positions.w", "zero", length], "places")
    x = graph.node("Add", [x, positions], "sum")

    def norm(x: str, name: str, skip: str | None = None) -> str:
        gamma, beta = (
            graph.weight(f"{name}.g", state[f"{name}.weight"]),
            graph.weight(f"{name}.b", state[f"{name}.bias"]),
        )
        if skip is not None:  # not SkipLayerNormalization: on a processor it takes twenty times as long as the two
            x = graph.node("Add", [x, skip], f"{name}.sum")
        return graph.node("LayerNormalization", [x, gamma, beta], name, epsilon=1e-12, axis=-1)

    x = norm(x, "norm")
    for at in range(layers):
        base = f"layers.{at}."
        dense = {
            part: (state[f"{base}{part}.weight"], state[f"{base}{part}.bias"]) for part in ("qkv", "out", "up", "down")
        }
        qkv = graph.dense(x, f"{base}qkv", *dense["qkv"])
        graph.node("Split", [qkv], f"{base}split", count=3, axis=-1, num_outputs=3)
        parts = [f"{base}split.{part}" for part in range(3)]
        seen = graph.node(
            "MultiHeadAttention", [*parts, "", "mask"], f"{base}attention", domain=_DOMAIN, num_heads=HEADS
        )
        x = norm(graph.dense(seen, f"{base}out", *dense["out"]), f"{base}norm1", x)
        up = graph.node("Gelu", [graph.dense(x, f"{base}up", *dense["up"])], f"{base}gelu", domain=_DOMAIN)
        x = norm(graph.dense(up, f"{base}down", *dense["down"]), f"{base}norm2", x)
    head = graph.weight("head.w", state["head.weight"].T.astype(np.float32))
    x = graph.node(
        "Add", [graph.node("MatMul", [x, head], "head"), graph.weight("head.b", state["head.bias"])], "logits"
    )
    shape = ["batch", "length"]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "douane-ner",
            [helper.make_tensor_value_info(name, TensorProto.INT32, shape) for name in ("pieces", "features", "mask")],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*shape, len(LABELS)])],
            graph.weights,
        ),
        opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid(_DOMAIN, 1)],
        ir_version=10,
        producer_name="douane",
    )
    onnx.checker.check_model(model)
    return model


def main() -> None:
    """Write model.onnx, vocab.txt, lists.bin and meta.json."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path, required=True, help="the trainer's output folder")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--temperature", type=float, default=1.0, help="divides the logits: as tune.py fits it")
    parser.add_argument("--calibration", type=json.loads, default=[[1, 0]] * 3, help="as evaluate.py --fit prints it")
    parser.add_argument("--person", type=float, default=0.0, help="added to the logits of persons, then")
    args = parser.parse_args()
    state = {name: value.numpy() for name, value in torch.load(args.run / "net.pt", weights_only=True).items()}
    layers = 1 + max(int(name.split(".")[1]) for name in state if name.startswith("layers."))
    args.out.mkdir(parents=True, exist_ok=True)
    onnx.save(build(state, layers), args.out / "model.onnx")
    for name in ("vocab.txt", "lists.bin"):
        shutil.copyfile(args.run / name, args.out / name)
    meta = {
        "labels": list(LABELS),
        "layers": layers,
        "longest": LONGEST,
        "temperature": args.temperature,
        "offset": [args.person if "PERSON" in label else 0.0 for label in LABELS],
        "calibration": args.calibration,
        "sha256": {
            name: hashlib.sha256((args.out / name).read_bytes()).hexdigest()
            for name in ("model.onnx", "vocab.txt", "lists.bin")
        },
    }
    (args.out / "meta.json").write_text(json.dumps(meta, indent=2) + "\n", encoding="utf-8")
    for path in sorted(args.out.iterdir()):
        print(path.name, path.stat().st_size)


if __name__ == "__main__":
    main()
