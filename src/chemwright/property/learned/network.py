"""The trained networks in numpy: directed message passing over bonds, read out by sums and means over atoms, joined to descriptors.

The scheme is that of directed message passing (K. Yang et al., J. Chem. Inf. Model. 59 (2019) 3370): a state on every directed bond is fed by the states of the bonds that reach its
start, its own reverse left out. Single precision throughout; the training script runs the same in torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.property.learned.graphs import Graphs
from chemwright.structure.features import ATOM_SIZES, BOND_SIZES

Single = NDArray[np.float32]
SPREAD = (-4.0, 2.0)
"""Bounds of the log width, in units of the target's scatter."""


@frozen(eq=False)
class Batch:
    """n molecules made ready for any number of networks: categories as zeros and ones, the matrix that sums directed bonds into the atoms they reach (A, 2 B), and the graphs."""

    atoms: Single
    bonds: Single
    reach: Any
    graphs: Graphs

    @classmethod
    def of(cls, graphs: Graphs) -> Batch:
        """Molecules, none without atoms, made ready."""
        return cls(one_hot(graphs.atoms, ATOM_SIZES), one_hot(graphs.bonds, BOND_SIZES), _reach(graphs), graphs)


@frozen(eq=False)
class Network:
    """Weights by the names that the training script gave them; all of single precision."""

    weights: Mapping[str, Single]
    depth: int

    def __call__(self, batch: Batch, inputs: Single) -> tuple[Single, Single]:
        """Centre and log width of every property, in units of the target's scatter.

        Args:
            batch: n molecules.
            inputs: standardised descriptors, shape (n, d).

        Returns:
            two arrays of shape (n, properties).
        """
        w = self.weights
        atoms, bonds, reach, graphs = batch.atoms, batch.bonds, batch.reach, batch.graphs
        first = (atoms @ w["source.weight"].T + w["source.bias"])[graphs.start]
        first += bonds @ w["bond.weight"].T
        h = np.maximum(first, 0.0, out=first)
        for k in range(self.depth - 1):
            message = (reach @ h)[graphs.start]
            message[0::2] -= h[1::2]
            message[1::2] -= h[0::2]
            h = message @ w[f"message.{k}.weight"].T
            h += w[f"message.{k}.bias"]
            h += first
            np.maximum(h, 0.0, out=h)
        states = atoms @ w["atom.weight"].T + w["atom.bias"] + (reach @ h) @ w["gather.weight"].T
        np.maximum(states, 0.0, out=states)
        total = np.add.reduceat(states, graphs.first_atom[:-1], axis=0)
        x = np.concatenate([total * np.float32(0.1), total / graphs.sizes[:, None].astype(np.float32), inputs], 1)
        x = np.maximum(x @ w["read1.weight"].T + w["read1.bias"], 0.0)
        x = np.maximum(x @ w["read2.weight"].T + w["read2.bias"], 0.0)
        out = x @ w["out.weight"].T + w["out.bias"]
        centre, spread = np.split(out, 2, axis=1)
        return centre, (SPREAD[0] + (SPREAD[1] - SPREAD[0]) / (1.0 + np.exp(-np.clip(spread, -30.0, 30.0)))).astype(np.float32)


def one_hot(kinds: NDArray[np.uint8], sizes: tuple[int, ...]) -> Single:
    """Categories (m, k) as zeros and ones, shape (m, sum of sizes)."""
    out = np.zeros((len(kinds), sum(sizes)), np.float32)
    shift = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    np.put_along_axis(out, kinds.astype(np.int64) + shift, 1.0, axis=1)
    return out


def _reach(graphs: Graphs) -> Any:
    """The sparse matrix that sums directed bonds into the atoms they reach, shape (A, 2 B)."""
    from scipy.sparse import csr_matrix

    order = np.argsort(graphs.end, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(graphs.end, minlength=len(graphs.atoms)))])
    return csr_matrix((np.ones(len(order), np.float32), order, first), shape=(len(graphs.atoms), len(order)))
