"""Train the network that gives PC-SAFT parameters from structure: first on published parameters, then end to end on measurements through feos' gradients.

    CHEMWRIGHT_THERMOML=... CHEMWRIGHT_ESPER=... python training/saft_network.py rows.npz network.npz [--blocks cpm]

Member k of the ensemble never sees fold k (1-4); no member sees the test fold 0. Boiling points of tables that the growing model contradicts are set aside every five
epochs (``trimmed``). `chemwright.thermo.saft.network` evaluates the same network in numpy.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import feos
import numpy as np
import torch
from rdkit import Chem, RDLogger

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from pcsaft_data import TEST, fold, selected

from chemwright.thermo.saft.features import see
from chemwright.thermo.saft.network import BOUNDS, CLIP, Inputs, group_contribution

RDLogger.DisableLog("rdApp.*")
feos.set_num_threads(1)
FULL = feos.EquationOfStateAD.PcSaftFull
NAMES = ["m", "sigma", "epsilon_k", "mu", "kappa_ab", "epsilon_k_ab"]
PSAT, DENSITY, BOILING, HVAP = 0, 1, 2, 3
CALLS = {"psat": feos.Property.vapor_pressure_derivatives, "density": feos.Property.liquid_density_derivatives, "hvap": feos.Property.enthalpy_of_vaporization_derivatives}
TERMS = (((PSAT, BOILING), "psat", 1.0), ((DENSITY,), "density", 6.0), ((HVAP,), "hvap", 2.0))
"""Kinds of rows, the property that says them, and how many times an ln deviation counts: 10 % of a pressure as much as 1.7 % of a density."""
TRIM_FROM, LOWEST, HIGHEST = 10, -0.6, 1.2
WARM = 3
"""Epochs on published parameters alone."""
CARE = 0.1
"""ln deviation at which the loss turns from square to absolute."""


class Equation(torch.autograd.Function):
    """ln of a property by feos, differentiable with respect to the parameters; 0 with gradient 0 where feos finds no answer."""

    @staticmethod
    def forward(ctx: Any, parameters: torch.Tensor, name: str, inputs: np.ndarray) -> Any:
        value, grad, good = (np.asarray(a) for a in CALLS[name](FULL, NAMES, parameters.detach().numpy().astype(float), inputs))
        good = good & np.isfinite(value) & (value > 0) & np.isfinite(grad).all(1)
        safe = np.where(good, value, 1.0)
        full = np.zeros((len(value), 8))
        full[:, :6] = np.where(good[:, None], grad / safe[:, None], 0.0)
        ctx.save_for_backward(torch.from_numpy(full))
        ctx.mark_non_differentiable(mask := torch.from_numpy(good))
        return torch.from_numpy(np.log(safe)), mask

    @staticmethod
    def backward(ctx: Any, out: torch.Tensor, _: torch.Tensor) -> Any:
        (grad,) = ctx.saved_tensors
        return grad * out[:, None], None, None


class Net(torch.nn.Module):
    def __init__(self, inputs: int, hidden: int, dropout: float) -> None:
        super().__init__()
        layers: list[torch.nn.Module] = []
        for a, b in ((inputs, hidden), (hidden, hidden)):
            layers += [torch.nn.Linear(a, b), torch.nn.SiLU(), torch.nn.Dropout(dropout)]
        self.layers = torch.nn.Sequential(*layers, torch.nn.Linear(hidden, 6))
        torch.nn.init.zeros_(self.layers[-1].weight)
        torch.nn.init.zeros_(self.layers[-1].bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


class Molecules:
    """Features of all molecules as tensors, and the published parameters of some."""

    def __init__(self, smiles: list[str], least: int, blocks: str) -> None:
        seen = [see(Chem.MolFromSmiles(s)) for s in smiles]
        count = Counter(k for s in seen for k in s.counts)
        self.vocabulary = sorted(k for k, n in count.items() if n >= least)
        self.inputs = Inputs(seen, self.vocabulary, blocks)
        self.na, self.nb, self.polar = (torch.from_numpy(a) for a in (self.inputs.na, self.inputs.nb, self.inputs.polar))

    def parameters(self, out: torch.Tensor, base: torch.Tensor, rows: Any) -> torch.Tensor:
        """The eight parameters, as ``chemwright.thermo.saft.network.bounded``."""
        lnv = base[rows, 0] + BOUNDS[0] * torch.tanh(out[:, 0])
        lnm = torch.clamp(base[rows, 1] + BOUNDS[1] * torch.tanh(out[:, 1]), min=0.0)
        lne = base[rows, 2] + BOUNDS[2] * torch.tanh(out[:, 2])
        sites = (self.nb[rows] > 0).double()
        mu = 5.0 * torch.sigmoid(out[:, 3] - 1.5) * self.polar[rows] * (1 - sites)
        kappa = torch.exp(-8.0 + 7.0 * torch.sigmoid(out[:, 4])) * sites
        eab = (500.0 + 3500.0 * torch.sigmoid(out[:, 5])) * sites
        return torch.stack([torch.exp(lnm), torch.exp((lnv - lnm) / 3), torch.exp(lne), mu, kappa, eab, self.na[rows] * sites, self.nb[rows]], 1)


class Published:
    """Published parameters of selected molecules outside the test fold."""

    def __init__(self) -> None:
        self.smiles: list[str] = []
        self.key: list[str] = []
        values = []
        with open(os.environ["CHEMWRIGHT_ESPER"], encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                mol = Chem.MolFromInchi(row["inchi"])
                if mol is None or not selected(mol) or fold(key := Chem.InchiToInchiKey(row["inchi"])[:14]) == TEST:
                    continue
                self.smiles.append(Chem.MolToSmiles(mol, isomericSmiles=False))
                self.key.append(key)
                values.append([float(row[k] or 0.0) for k in NAMES])
        self.values = np.array(values)

    def contribution(self, inputs: Inputs, rows: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Group contributions to m sigma^3, m (both additive) and epsilon (by fractions), on the sets that keep to the middle of their bounds."""
        p = self.values
        ok = chosen & (p[:, 1] > 2.6) & (p[:, 1] < 4.45) & (p[:, 4] < 0.5)
        g, volume = inputs.groups[rows[ok]], p[ok, 0] * p[ok, 1] ** 3
        w = 1.0 / volume**2
        return _ridge(g, volume, 3e-4, w / w.mean()), _ridge(g, p[ok, 0], 3.0), _ridge(inputs.fractions[rows[ok]], p[ok, 2], 0.3)


def _ridge(a: np.ndarray, y: np.ndarray, weight: float, w: np.ndarray | None = None) -> np.ndarray:
    w = np.ones(len(y)) if w is None else w
    return np.linalg.solve(a.T @ (a * w[:, None]) + weight * np.eye(a.shape[1]), a.T @ (y * w))


def huber(r: torch.Tensor, d: float) -> torch.Tensor:
    return d * (torch.sqrt(1 + (r / d) ** 2) - 1)


def residuals(par: torch.Tensor, rows: np.ndarray, mass: np.ndarray, at: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """ln deviations, scaled by :data:`TERMS`, and which are answered; ``at`` maps molecules to rows of ``par``."""
    out, good = torch.zeros(len(rows), dtype=torch.float64), torch.zeros(len(rows), dtype=torch.bool)
    for kinds, name, scale in TERMS:
        here = np.flatnonzero(np.isin(rows[:, 0], kinds))
        if not len(here):
            continue
        r = rows[here]
        mol = r[:, 1].astype(int)
        value = {"psat": np.where(r[:, 0] == BOILING, r[:, 3], r[:, 4]), "density": r[:, 4] / mass[mol] * 1e-3, "hvap": r[:, 4]}[name]
        said, ok = Equation.apply(par[at[mol]], name, np.ascontiguousarray(r[:, 2:4] if name == "density" else r[:, 2:3]))
        out[here] = scale * (said - torch.from_numpy(np.log(value)))
        good[here] = ok
    return out, good


def trimmed(weight: np.ndarray, rows: np.ndarray, r: np.ndarray, good: np.ndarray) -> np.ndarray:
    """Weights without the boiling points of tables that the model contradicts: most stand for boiling under vacuum, which the tables leave unsaid."""
    return np.where((rows[:, 0] == BOILING) & good & ((r < LOWEST) | (r > HIGHEST)), 0.0, weight)


def report(rows: np.ndarray, r: np.ndarray, good: np.ndarray) -> str:
    """Median and mean over molecules of the mean relative deviation: ThermoML's vapour pressures and densities, and boiling points as pressures."""
    out = []
    for kind, scale, only in ((PSAT, 1.0, 1.0), (DENSITY, 6.0, 1.0), (BOILING, 1.0, 0.0)):
        here = (rows[:, 0] == kind) & (rows[:, 5] >= only)
        off = np.where(good[here], np.abs(np.expm1(r[here] / scale)), 1.0)
        mol = rows[here, 1].astype(int)
        n = np.bincount(mol)
        each = (np.bincount(mol, off) / np.maximum(n, 1))[n > 0]
        out.append(f"{100 * np.median(each):.1f}/{100 * each.mean():.1f}%")
    return "psat {} density {} boiling {}".format(*out) + f" unanswered {np.sum(~good)}"


def train(
    member: int, seed: int, all_molecules: Molecules, published: Published, where: np.ndarray, folds: np.ndarray, rows: np.ndarray, o: Any
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """One member: its arrays, and the deviations of the rows of its own fold."""
    torch.manual_seed(100 * seed + member)
    rng = np.random.default_rng(100 * seed + member)
    chosen = folds != member
    inputs = all_molecules.inputs
    contribution = published.contribution(inputs, where, chosen[where])
    base = torch.from_numpy(group_contribution(inputs, *contribution))
    mean, std = inputs.x[chosen].mean(0), np.maximum(inputs.x[chosen].std(0), 0.05)
    x = torch.from_numpy(np.clip((inputs.x - mean) / std, -CLIP, CLIP)).float()
    net = Net(x.shape[1], o.hidden, o.dropout)
    optimiser = torch.optim.AdamW(net.parameters(), lr=o.rate, weight_decay=o.decay)
    mols = np.flatnonzero(chosen)
    batches = len(mols) // o.batch + 1
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, o.rate, total_steps=o.epochs * batches + 1, pct_start=0.15)
    p = published.values
    target = torch.from_numpy(np.log(np.column_stack([p[:, 0] * p[:, 1] ** 3, p[:, 0], p[:, 2]])))
    row_of = {int(r): i for i, r in enumerate(where)}
    order = np.argsort(rows[:, 1], kind="stable")
    starts = np.searchsorted(rows[order, 1], np.arange(len(folds) + 1))
    _, inverse, n = np.unique(rows[:, 0] * 1e6 + rows[:, 1], return_inverse=True, return_counts=True)
    full = np.where((rows[:, 0] == BOILING) & (rows[:, 5] < 1.0), 0.4, rows[:, 5]) / np.sqrt(n[inverse])  # rows of one molecule and kind share their weight
    weight, everyone, start = full, np.arange(len(folds)), time.time()
    own = np.flatnonzero(~chosen[rows[:, 1].astype(int)])

    def said() -> tuple[np.ndarray, np.ndarray]:
        net.eval()
        with torch.no_grad():
            r, good = residuals(all_molecules.parameters(net(x).double(), base, everyone), rows, inputs.mass, everyone)
        return r.numpy(), good.numpy()

    for epoch in range(o.epochs):
        if epoch >= TRIM_FROM and epoch % 5 == 0:
            weight = trimmed(full, rows, *said())
        net.train()
        for batch in np.array_split(rng.permutation(mols), batches):
            out = net(x[batch]).double()
            par = all_molecules.parameters(out, base, batch)
            known = np.array([j for j, b in enumerate(batch) if int(b) in row_of], int)
            aim, ln = target[[row_of[int(batch[j])] for j in known]], torch.log(par[known, :3])
            pull = (2 * huber(ln[:, 0] + 3 * ln[:, 1] - aim[:, 0], 0.1) + 0.5 * huber(ln[:, 0] - aim[:, 1], 0.2) + huber(ln[:, 2] - aim[:, 2], 0.1)).sum()
            loss = (pull if epoch < WARM else 0.1 * pull) + 1e-3 * (out**2).sum()
            if epoch >= WARM:
                at = np.full(len(folds), -1)
                at[batch] = np.arange(len(batch))
                pick = np.concatenate([order[starts[b] : starts[b + 1]] for b in batch])
                r, good = residuals(par, rows[pick], inputs.mass, at)
                loss = loss + (huber(r, CARE) * torch.from_numpy(weight[pick]) * good).sum()
            optimiser.zero_grad()
            (loss / len(batch)).backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
        if epoch % 10 == 9 or epoch == o.epochs - 1:
            r, good = said()
            print(f"member {member} seed {seed} epoch {epoch + 1} {report(rows[own], r[own], good[own])} {time.time() - start:.0f} s", flush=True)
    left = np.full(len(rows), np.nan)
    left[own] = np.where(good[own], r[own], np.nan)
    arrays = dict(zip(("cv", "cm", "ce"), contribution, strict=True)) | {"mean": mean, "std": std, "fold": np.array(member)}
    return arrays | {k.replace("layers.", ""): v.detach().numpy() for k, v in net.state_dict().items()}, left


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("rows")
    ask.add_argument("out")
    ask.add_argument("--epochs", type=int, default=60)
    ask.add_argument("--members", type=int, nargs="+", default=[1, 2, 3, 4])
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--hidden", type=int, default=96)
    ask.add_argument("--dropout", type=float, default=0.2)
    ask.add_argument("--decay", type=float, default=0.3)
    ask.add_argument("--rate", type=float, default=2e-3)
    ask.add_argument("--batch", type=int, default=384)
    ask.add_argument("--blocks", default="cpm")
    ask.add_argument("--least", type=int, default=14, help="molecules that have a surrounding, for it to count")
    o = ask.parse_args()
    data = np.load(o.rows)
    keys, smiles, rows = [str(k) for k in data["key"]], [str(s) for s in data["smiles"]], data["rows"]
    published = Published()
    extra = [i for i, k in enumerate(published.key) if k not in set(keys)]
    smiles += [published.smiles[i] for i in extra]
    keys += [published.key[i] for i in extra]
    index = {k: i for i, k in enumerate(keys)}
    molecules = Molecules(smiles, o.least, o.blocks)
    print(len(keys), "molecules,", molecules.inputs.x.shape[1], "inputs", flush=True)
    saved: dict[str, np.ndarray] = {"vocabulary": np.array(molecules.vocabulary), "blocks": np.array(o.blocks)}
    where, folds = np.array([index[k] for k in published.key]), np.array([fold(k) for k in keys])
    left = []
    for number, member in enumerate(o.members):
        arrays, deviations = train(member, o.seed, molecules, published, where, folds, rows, o)
        saved |= {f"{number}.{k}": v for k, v in arrays.items()}
        left.append(deviations)
    total = np.nanmean(np.column_stack([np.where(np.isnan(d), np.nan, d) for d in left]), axis=1)
    print("all members, each on its own fold:", report(rows[np.isin(folds[rows[:, 1].astype(int)], o.members)], *_told(total[np.isin(folds[rows[:, 1].astype(int)], o.members)])))
    np.savez_compressed(o.out, left_out=np.column_stack(left), **saved)


def _told(r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    good = np.isfinite(r)
    return np.where(good, r, 0.0), good


if __name__ == "__main__":
    main()
