"""The mean of the hybrid activity model's learned part as an ONNX graph: for run-times that know neither numpy nor this package.

Inputs, float64: ``first`` and ``second`` (n, d) coordinates of the two molecules (``Scale.molecules``), ``first_is`` and ``second_is`` (n, m) with a one at the molecule of the
data that is the same and zeros elsewhere, ``features`` (n, 4, families) from ``pair_features``. Output ``theta`` (n, 5): A0, B0, A1, B1, C. Weights that say the same for every
pair are constants of the graph.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from chemwright.thermo.hybrid.kernel import CLIP, CLIP_SLOPE, unlike
from chemwright.thermo.hybrid.learned import Learned


class Graph:
    """Nodes and constants of a graph that is being written."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.known: dict[Any, str] = {}

    def const(self, value: Any) -> str:
        """A constant."""
        from onnx import numpy_helper

        array = np.asarray(value)
        key = (array.shape, str(array.dtype), array.tobytes())
        if key not in self.known:
            self.known[key] = f"c{len(self.constants)}"
            self.constants.append(numpy_helper.from_array(array, self.known[key]))
        return self.known[key]

    def single(self, value: Any) -> str:
        """A constant kept in single precision (as the npz file has it), used in double."""
        from onnx import TensorProto

        return self.op("Cast", self.const(np.asarray(value, dtype=np.float32)), to=TensorProto.DOUBLE)

    def op(self, kind: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        """A node."""
        from onnx import helper

        name = out or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def squared(self, a: str, b: Any) -> str:
        """Squared distances between the rows of a tensor and those of a constant array."""
        norm = self.op("ReduceSum", self.op("Mul", a, a), self.const(np.array([1])), keepdims=1)
        used = np.flatnonzero(b.any(0))  # columns of zeros add nothing to the product
        part = self.op("Gather", a, self.const(used), axis=1)
        cross = self.op("Mul", self.op("MatMul", part, self.single(b[:, used].T.copy())), self.const(-2.0))
        return self.op("Relu", self.op("Add", self.op("Add", norm, self.const((b**2).sum(1)[None])), cross))

    def bell(self, distance: str, length: float) -> str:
        """exp(-d / 2 l^2)."""
        return self.op("Exp", self.op("Mul", distance, self.const(-1.0 / (2.0 * length**2))))


def export(learned: Learned, path: Path) -> None:
    """Write the graph."""
    import onnx
    from onnx import TensorProto, helper

    g, w, m, p = Graph(), learned.width, learned.molecules, learned.pairs
    total = w.constant**2 + w.long**2 + w.short**2 + w.identity**2

    def like(at: str, same: str) -> str:
        distance = g.squared(at, m.at)
        near = g.op("Add", g.op("Mul", g.bell(distance, w.length_long), g.const(w.long**2 / total)), g.op("Mul", g.bell(distance, w.length_short), g.const(w.short**2 / total)))
        return g.op("Add", g.op("Add", near, g.op("Mul", same, g.const(w.identity**2 / total))), g.const(w.constant**2 / total))

    first, second = like("first", "first_is"), like("second", "second_is")
    i, j = g.const(p.i), g.const(p.j)

    def matched(a: str, b: str) -> str:
        return g.op("Mul", g.op("Gather", first, a, axis=1), g.op("Gather", second, b, axis=1))

    straight, crossed = matched(i, j), matched(j, i)
    gap = g.op("Sub", "first", "second")
    apart = g.op("Sqrt", g.op("Sub", g.const(1.0), g.bell(g.op("ReduceSum", g.op("Mul", gap, gap), g.const(np.array([1])), keepdims=1), w.length_alike)))
    scale = g.op("Mul", apart, g.const(unlike(m, p, w)[None]))
    half = g.op("Mul", scale, g.const(0.5))
    symmetric, antisymmetric = g.op("Mul", half, g.op("Add", straight, crossed)), g.op("Mul", half, g.op("Sub", straight, crossed))
    own = np.concatenate([np.clip(p.features[:, :2], -CLIP, CLIP), np.clip(p.features[:, 2:], -CLIP_SLOPE, CLIP_SLOPE)], 1)
    rows = []
    for k in range(4):
        row = g.op("Gather", "features", g.const(np.array(k)), axis=1)
        limit = CLIP if k < 2 else CLIP_SLOPE
        rows.append(g.op("Clip", row, g.const(-limit), g.const(limit)))
    said = [g.op("MatMul", rows[k], g.single(own[:, k].T.copy())) for k in range(4)]
    signature = g.op("Concat", rows[0], g.op("Abs", rows[1]), axis=1)
    near = g.bell(g.squared(signature, np.hstack([own[:, 0], np.abs(own[:, 1])])), w.length_pair)
    local = g.op("Add", g.op("Mul", near, g.const(w.linear**2 * w.local)), g.const(w.linear**2 * (1 - w.local)))
    slope = g.const(w.linear_slope**2)
    pair = g.op("Mul", g.op("Mul", scale, near), g.const(w.pair**2))
    terms = [
        g.op("Add", g.op("Add", symmetric, g.op("Mul", local, said[0])), pair),
        g.op("Add", antisymmetric, g.op("Mul", local, said[1])),
        g.op("Add", symmetric, g.op("Mul", slope, said[2])),
        g.op("Add", antisymmetric, g.op("Mul", slope, said[3])),
        symmetric,
    ]
    sizes = (w.A0, w.B0, w.A1, w.B1, w.C)
    columns = [g.op("MatMul", term, g.const(learned.weights[:, k : k + 1] * size**2)) for k, (term, size) in enumerate(zip(terms, sizes, strict=True))]
    g.op("Concat", *columns, out="theta", axis=1)

    def tensor(name: str, *shape: Any) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["n", *shape])

    d, n_molecules, families = m.at.shape[1], len(m.keys), p.features.shape[2]
    inputs = [tensor("first", d), tensor("second", d), tensor("first_is", n_molecules), tensor("second_is", n_molecules), tensor("features", 4, families)]
    graph = helper.make_graph(g.nodes, "activity_hybrid", inputs, [tensor("theta", 5)], g.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="chemwright")
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
