"""The network of the learned properties, in torch: directed message passing over bonds, read out by sums and means over atoms, joined to descriptors; one head for all properties.

Each property's target is what a robust ridge on the descriptors leaves, in units of its scatter. The head gives a centre and a log width; the loss is Laplace's likelihood, so
that gross errors of tables pull like one of their size, and rows told to be noisy get wide. ``chemwright.property.learned.network`` runs the same with numpy.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from chemwright.property.learned.graphs import Graphs
from chemwright.structure.features import ATOM_SIZES, BOND_SIZES

Array = NDArray[np.float32]
SPREAD = (-4.0, 2.0)
"""Bounds of the log width, in units of the target's scatter."""

SELDOM = 0.4
"""Share of the seldom molecules that an epoch sees."""


class Net(nn.Module):
    """Directed message passing: ``width`` of hidden states, ``depth`` rounds, ``tasks`` heads of two outputs."""

    def __init__(self, tasks: int, descriptors: int, width: int = 128, depth: int = 4, hidden: int = 256, dropout: float = 0.05) -> None:
        super().__init__()
        a, b = sum(ATOM_SIZES), sum(BOND_SIZES)
        self.coarse = False  # products in bfloat16: three times as fast where the processor has it, exact enough but for the last epochs
        self.source, self.bond = nn.Linear(a, width), nn.Linear(b, width, bias=False)
        self.message = nn.ModuleList([nn.Linear(width, width) for _ in range(depth - 1)])
        self.atom = nn.Linear(a, width)
        self.gather = nn.Linear(width, width, bias=False)
        self.read1 = nn.Linear(2 * width + descriptors, hidden)
        self.read2 = nn.Linear(hidden, hidden // 2)
        self.out = nn.Linear(hidden // 2, 2 * tasks)
        self.drop = nn.Dropout(dropout)
        with torch.no_grad():
            self.out.weight.mul_(0.2)
            self.out.bias.zero_()

    def forward(
        self, atoms: torch.Tensor, bonds: torch.Tensor, start: torch.Tensor, end: torch.Tensor, of: torch.Tensor, sizes: torch.Tensor, descriptors: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        first = torch.relu(self.source(atoms)[start] + self.bond(bonds))
        h = first
        for layer in self.message:
            inward = torch.zeros(len(atoms), h.shape[1]).index_add_(0, end, h)
            back = h.view(-1, 2, h.shape[1]).flip(1).reshape(h.shape)  # directed bonds stand in pairs
            h = torch.relu(first + self._product(layer, inward[start] - back))
        inward = torch.zeros(len(atoms), h.shape[1]).index_add_(0, end, h)
        states = torch.relu(self.atom(atoms) + self._product(self.gather, inward))
        total = torch.zeros(len(sizes), states.shape[1]).index_add_(0, of, states)
        x = torch.cat([total * 0.1, total / sizes[:, None], descriptors], 1)
        x = torch.relu(self._product(self.read1, self.drop(x)))
        x = torch.relu(self.read2(self.drop(x)))
        centre, spread = self.out(x).chunk(2, 1)
        return centre, SPREAD[0] + (SPREAD[1] - SPREAD[0]) * torch.sigmoid(spread)

    def _product(self, layer: nn.Module, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.coarse):
            out: torch.Tensor = layer(x)
        return out.float()


def one_hot(kinds: NDArray[np.uint8], sizes: tuple[int, ...]) -> torch.Tensor:
    shift = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    out = torch.zeros(len(kinds), sum(sizes))
    return out.scatter_(1, torch.from_numpy(kinds.astype(np.int64) + shift), 1.0)


def batch(graphs: Graphs, rows: NDArray[np.int64], descriptors: Array) -> tuple[torch.Tensor, ...]:
    part = graphs.take(rows)
    return (
        one_hot(part.atoms, ATOM_SIZES),
        one_hot(part.bonds, BOND_SIZES),
        torch.from_numpy(part.start),
        torch.from_numpy(part.end),
        torch.from_numpy(part.of),
        torch.from_numpy(part.sizes.astype(np.float32)),
        torch.from_numpy(descriptors[rows]),
    )


def train(
    graphs: Graphs,
    descriptors: Array,
    target: Array,
    weight: Array,
    rows: NDArray[np.int64],
    *,
    seldom: NDArray[np.bool_] | None = None,
    start: dict[str, Array] | None = None,
    epochs: int,
    seed: int,
    size: int = 128,
    rate: float = 2e-3,
    beta: float = 0.5,
    watch: Any = None,
    **shape: Any,
) -> Net:
    """A net fitted to ``target`` (n, tasks; scaled) with ``weight`` (n, tasks; 0 where there is no figure) on ``rows``; of those that ``seldom`` marks each epoch sees a share of :data:`SELDOM`. With ``start`` the weights of an earlier round go on."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Net(target.shape[1], descriptors.shape[1], **shape)
    if start is not None:
        net.load_state_dict({k: torch.from_numpy(v) for k, v in start.items()})
    rows = rows[weight[rows].sum(1) > 0]
    rare = np.zeros(len(weight), np.bool_) if seldom is None else seldom
    always, sometimes = rows[~rare[rows]], rows[rare[rows]]
    part = int(SELDOM * len(sometimes))
    steps = epochs * ((len(always) + part + size - 1) // size)
    best = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-4)
    plan = torch.optim.lr_scheduler.OneCycleLR(best, rate, total_steps=steps, pct_start=0.15, anneal_strategy="cos", div_factor=20, final_div_factor=100)
    scale = float(weight[rows].sum()) / len(rows) * size
    y, w = torch.from_numpy(np.nan_to_num(target)), torch.from_numpy(weight)
    began = time.time()
    for epoch in range(epochs):
        net.train()
        net.coarse = epoch < epochs - 2
        order, total = rng.permutation(np.concatenate([always, rng.choice(sometimes, part, replace=False)])), 0.0
        for k in range(0, len(order), size):
            chosen = order[k : k + size]
            centre, spread = net(*batch(graphs, chosen, descriptors))
            t, v = y[chosen], w[chosen]
            loss = (v * ((t - centre).abs() * torch.exp(-spread) + spread) * torch.exp(beta * spread.detach())).sum() / scale
            best.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            best.step()
            plan.step()
            total += float(loss.detach())
        if watch is not None:
            watch(epoch, total / (len(order) / size), net, time.time() - began)
    net.coarse = False
    return net.eval()


def predict(net: Net, graphs: Graphs, descriptors: Array, rows: NDArray[np.int64], size: int = 512) -> tuple[Array, Array]:
    """Centre and log width of the scaled targets, shape (rows, tasks)."""
    out = []
    with torch.no_grad():
        for k in range(0, len(rows), size):
            out.append(net(*batch(graphs, rows[k : k + size], descriptors)))
    return torch.cat([o[0] for o in out]).numpy(), torch.cat([o[1] for o in out]).numpy()
