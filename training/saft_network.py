"""Train the network that gives PC-SAFT parameters from structure: first on published parameters, then end to end on measurements through feos' gradients.

    CHEMWRIGHT_ESPER=... python training/saft_network.py rows.npz out.npz [--epochs 60] [--members 1 2 3 4]

Member k of the ensemble never sees fold k (1-4); no member sees the test fold 0. The outputs are bounded departures from a group contribution fitted here to the
published parameters, so that no structure can run away: see `chemwright.thermo.saft.network`, which evaluates the same network in numpy.
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
from pcsaft_data import TEST, fold

from chemwright.thermo.saft.features import Seen, see

RDLogger.DisableLog("rdApp.*")
feos.set_num_threads(1)
FULL = feos.EquationOfStateAD.PcSaftFull
NAMES = ["m", "sigma", "epsilon_k", "mu", "kappa_ab", "epsilon_k_ab"]
PSAT, DENSITY, BOILING, HVAP = 0, 1, 2, 3
LEAST_MOLECULES = 12
BOUNDS = (0.30, 0.60, 0.40)
"""Largest departure of ln(m sigma^3), ln m and ln epsilon from the group contribution."""


class Equation(torch.autograd.Function):
    """ln of a property by feos, differentiable with respect to the parameters; 0 with gradient 0 where feos finds no answer."""

    @staticmethod
    def forward(ctx: Any, parameters: torch.Tensor, name: str, inputs: np.ndarray) -> Any:
        call = {"psat": feos.Property.vapor_pressure_derivatives, "density": feos.Property.liquid_density_derivatives, "hvap": feos.Property.enthalpy_of_vaporization_derivatives}[name]
        value, grad, good = (np.asarray(a) for a in call(FULL, NAMES, parameters.detach().numpy().astype(float), inputs))
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


class Table:
    """Features of the molecules as arrays, by a vocabulary of surroundings."""

    def __init__(self, seen: list[Seen], vocabulary: list[str], blocks: str = "cpm") -> None:
        index = {v: i for i, v in enumerate(vocabulary)}
        self.counts = np.zeros((len(seen), len(vocabulary)))
        for i, s in enumerate(seen):
            for k, n in s.counts.items():
                if k in index:
                    self.counts[i, index[k]] = n
        heavy = np.array([s.plain[0] for s in seen])
        self.small = np.array([v.count("|") == 1 or v.startswith("ring") for v in vocabulary])  # atoms without neighbours, and rings
        self.groups = np.column_stack([self.counts[:, self.small], np.ones(len(seen))])
        self.fractions = np.column_stack([self.counts[:, self.small] / heavy[:, None], np.ones(len(seen)), 1.0 / heavy, np.log(heavy)])
        parts = {"c": [self.counts, self.counts[:, self.small] / heavy[:, None]], "p": [np.array([s.plain for s in seen])], "m": [np.array([s.mesoscopic for s in seen])]}
        self.x = np.column_stack([a for b in blocks for a in parts[b]])
        self.na, self.nb = np.array([s.na for s in seen], float), np.array([s.nb for s in seen], float)
        self.mass = np.array([s.molar_mass for s in seen])


def ridge(a: np.ndarray, y: np.ndarray, weight: float, w: np.ndarray | None = None) -> np.ndarray:
    w = np.ones(len(y)) if w is None else w
    return np.linalg.solve(a.T @ (a * w[:, None]) + weight * np.eye(a.shape[1]), a.T @ (y * w))


class Net(torch.nn.Module):
    def __init__(self, inputs: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(inputs, hidden), torch.nn.SiLU(), torch.nn.Dropout(dropout), torch.nn.Linear(hidden, hidden), torch.nn.SiLU(), torch.nn.Dropout(dropout), torch.nn.Linear(hidden, 6)
        )
        torch.nn.init.zeros_(self.layers[-1].weight)
        torch.nn.init.zeros_(self.layers[-1].bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


def parameters(out: torch.Tensor, base: torch.Tensor, na: torch.Tensor, nb: torch.Tensor, polar: torch.Tensor) -> torch.Tensor:
    """Eight parameters from the six outputs and the group contribution (ln m sigma^3, ln m, ln epsilon)."""
    lnv = base[:, 0] + BOUNDS[0] * torch.tanh(out[:, 0])
    lnm = torch.clamp(base[:, 1] + BOUNDS[1] * torch.tanh(out[:, 1]), min=0.0)
    lne = base[:, 2] + BOUNDS[2] * torch.tanh(out[:, 2])
    sites = (nb > 0).double()
    mu = 5.0 * torch.sigmoid(out[:, 3] - 1.5) * polar * (1 - sites)
    kappa = torch.exp(-8.0 + 7.0 * torch.sigmoid(out[:, 4])) * sites
    eab = (500.0 + 3500.0 * torch.sigmoid(out[:, 5])) * sites
    return torch.stack([torch.exp(lnm), torch.exp((lnv - lnm) / 3), torch.exp(lne), mu, kappa, eab, na * sites, nb], 1)


def esper() -> tuple[list[str], list[str], np.ndarray]:
    """Published parameters of selected molecules outside the test fold."""
    from pcsaft_data import selected

    smiles, keys, values = [], [], []
    with open(os.environ["CHEMWRIGHT_ESPER"], encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            mol = Chem.MolFromInchi(row["inchi"])
            if mol is None or not selected(mol):
                continue
            smiles.append(Chem.MolToSmiles(mol, isomericSmiles=False))
            keys.append(Chem.InchiToInchiKey(row["inchi"])[:14])
            values.append([float(row[k] or 0.0) for k in ("m", "sigma", "epsilon_k", "mu", "kappa_ab", "epsilon_k_ab")])
    kept = [i for i, k in enumerate(keys) if fold(k) != TEST]
    return [smiles[i] for i in kept], [keys[i] for i in kept], np.array(values)[kept]


def baseline(t: Table, rows: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Group contributions to m sigma^3, m (both additive) and epsilon (by fractions), on published parameters that keep to the middle of their bounds."""
    ok = (p[:, 1] > 2.6) & (p[:, 1] < 4.45) & (p[:, 4] < 0.5)
    g = t.groups[rows][ok]
    volume = p[ok, 0] * p[ok, 1] ** 3
    w = 1.0 / volume**2
    return ridge(g, volume, 3e-4, w / w.mean() / 1e0), ridge(g, p[ok, 0], 3.0), ridge(t.fractions[rows][ok], p[ok, 2], 0.3)


def based(t: Table, cv: np.ndarray, cm: np.ndarray, ce: np.ndarray) -> np.ndarray:
    """ln m sigma^3, ln m (sigma between 3.0 and 4.2 A), ln epsilon (170 to 420 K)."""
    v = np.maximum(t.groups @ cv, 30.0)
    m = np.clip(t.groups @ cm, np.maximum(v / 4.2**3, 1.0), np.maximum(v / 3.0**3, 1.0))
    return np.log(np.column_stack([v, m, np.clip(t.fractions @ ce, 170.0, 420.0)]))


def huber(r: torch.Tensor, d: float) -> torch.Tensor:
    return d * (torch.sqrt(1 + (r / d) ** 2) - 1)


def residuals(par: torch.Tensor, rows: np.ndarray, mass: np.ndarray, at: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """ln deviations scaled so that 0.1 is one unit of care, and which are answered; rows sorted by kind; ``at`` maps molecules to rows of ``par``."""
    out, good = torch.zeros(len(rows), dtype=torch.float64), torch.zeros(len(rows), dtype=torch.bool)
    for kinds, name, scale in (((PSAT, BOILING), "psat", 1.0), ((DENSITY,), "density", 6.0), ((HVAP,), "hvap", 2.0)):
        here = np.flatnonzero(np.isin(rows[:, 0], kinds))
        if not len(here):
            continue
        r = rows[here]
        mol = r[:, 1].astype(int)
        inputs = r[:, 2:4] if name == "density" else r[:, 2:3]
        value = {"psat": np.where(r[:, 0] == BOILING, r[:, 3], r[:, 4]), "density": r[:, 4] / mass[mol] * 1e-3, "hvap": r[:, 4] * (1e-3 if HVAP_KJ else 1.0)}[name]
        said, ok = Equation.apply(par[at[mol]], name, np.ascontiguousarray(inputs))
        out[here] = scale * (said - torch.from_numpy(np.log(value)))
        good[here] = ok
    return out, good


HVAP_KJ = False


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("rows")
    ask.add_argument("out")
    ask.add_argument("--epochs", type=int, default=60)
    ask.add_argument("--members", type=int, nargs="+", default=[1, 2, 3, 4])
    ask.add_argument("--seeds", type=int, default=1)
    ask.add_argument("--hidden", type=int, default=96)
    ask.add_argument("--dropout", type=float, default=0.1)
    ask.add_argument("--decay", type=float, default=1e-2)
    ask.add_argument("--rate", type=float, default=2e-3)
    ask.add_argument("--blocks", default="cpm")
    ask.add_argument("--least", type=int, default=LEAST_MOLECULES)
    ask.add_argument("--share", type=float, default=1.0)
    o = ask.parse_args()
    data = np.load(o.rows)
    keys, smiles, rows = [str(k) for k in data["key"]], [str(s) for s in data["smiles"]], data["rows"]
    es, ek, ep = esper()
    extra = [i for i, k in enumerate(ek) if k not in set(keys)]
    smiles += [es[i] for i in extra]
    keys += [ek[i] for i in extra]
    where = {k: i for i, k in enumerate(keys)}
    erow = np.array([where[k] for k in ek])
    cache = Path(o.rows).with_suffix(".seen.npy")
    seen = [see(Chem.MolFromSmiles(s)) for s in smiles]
    count = Counter(k for s in seen for k in s.counts)
    vocabulary = sorted(k for k, n in count.items() if n >= o.least)
    t = Table(seen, vocabulary, o.blocks)
    folds = np.array([fold(k) for k in keys])
    print(len(keys), "molecules", len(vocabulary), "surroundings", t.x.shape[1], "inputs", cache.name, flush=True)
    # rows: one molecule's rows of one kind share their weight
    ident = rows[:, 0] * 1e6 + rows[:, 1]
    _, inverse, n = np.unique(ident, return_inverse=True, return_counts=True)
    weight = rows[:, 5] / np.sqrt(n[inverse])
    saved: dict[str, np.ndarray] = {"vocabulary": np.array(vocabulary)}
    oof = np.full((len(rows), len(o.members) * o.seeds), np.nan)
    for number, (member, seed) in enumerate((m, s) for m in o.members for s in range(o.seeds)):
        torch.manual_seed(100 * seed + member)
        rng = np.random.default_rng(100 * seed + member)
        train = folds != member
        tr_e = train[erow]
        cv, cm, ce = baseline(t, erow[tr_e], ep[tr_e])
        base = torch.from_numpy(based(t, cv, cm, ce))
        mean, std = t.x[train].mean(0), np.maximum(t.x[train].std(0), 0.05)
        x = torch.from_numpy(np.clip((t.x - mean) / std, -6, 6)).float()
        na, nb = torch.from_numpy(t.na), torch.from_numpy(t.nb)
        polar = torch.from_numpy((np.array([s.plain[14] for s in seen]) > 0).astype(float))
        net = Net(x.shape[1], o.hidden, o.dropout)
        optimiser = torch.optim.AdamW(net.parameters(), lr=o.rate, weight_decay=o.decay)
        target = torch.from_numpy(np.column_stack([np.log(ep[:, 0] * ep[:, 1] ** 3), np.log(ep[:, 0]), np.log(ep[:, 2])]))
        epos = {int(r): i for i, r in enumerate(erow)}
        mols = np.flatnonzero(train)
        order = np.argsort(rows[:, 1], kind="stable")
        starts = np.searchsorted(rows[order, 1], np.arange(len(keys) + 1))
        steps = o.epochs * (len(mols) // 384 + 1)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, o.rate, total_steps=steps + 1, pct_start=0.15)
        vrows = np.flatnonzero(~train[rows[:, 1].astype(int)])
        t0 = time.time()
        for epoch in range(o.epochs):
            net.train()
            total = 0.0
            for batch in np.array_split(rng.permutation(mols), len(mols) // 384 + 1):
                out = net(x[batch]).double()
                par = parameters(out, base[batch], na[batch], nb[batch], polar[batch])
                with_e = np.array([j for j, b in enumerate(batch) if int(b) in epos], int)
                te = target[[epos[int(batch[j])] for j in with_e]]
                lnp = torch.log(par[with_e, :3])
                pull = huber(torch.log(par[with_e, 0] * par[with_e, 1] ** 3) - te[:, 0], 0.1).sum() * 2 + huber(lnp[:, 0] - te[:, 1], 0.2).sum() * 0.5 + huber(lnp[:, 2] - te[:, 2], 0.1).sum()
                small = 1e-3 * (out**2).sum()
                if epoch < 3:
                    loss = (pull + small) / len(batch)
                else:
                    at = np.full(len(keys), -1)
                    at[batch] = np.arange(len(batch))
                    pick = np.concatenate([order[starts[b] : starts[b + 1]] for b in batch])
                    r, good = residuals(par, rows[pick], t.mass, at)
                    w = torch.from_numpy(weight[pick]) * good
                    loss = ((huber(r, 0.1) * w).sum() + 0.1 * pull + small) / len(batch)
                if not torch.isfinite(loss):
                    print("nan", epoch, torch.isfinite(out).all(), torch.isfinite(par).all(0), float(pull), float(small)); sys.exit()
                optimiser.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                optimiser.step()
                schedule.step()
                total += float(loss) / (len(mols) // 384 + 1)
            if epoch % 10 == 9 or epoch == o.epochs - 1:
                with torch.no_grad():
                    net.eval()
                    par = parameters(net(x).double(), base, na, nb, polar)
                    r, good = residuals(par, rows[vrows], t.mass, np.arange(len(keys)))
                print(f"member {member} seed {seed} epoch {epoch + 1} loss {total:.4f} {report(rows[vrows], r.numpy(), good.numpy())} {time.time() - t0:.0f} s", flush=True)
        oof[vrows, number] = np.where(good.numpy(), r.numpy(), np.nan)
        tag = f"{number}"
        saved |= {f"{tag}.cv": cv, f"{tag}.cm": cm, f"{tag}.ce": ce, f"{tag}.mean": mean, f"{tag}.std": std, f"{tag}.fold": np.array(member)}
        saved |= {f"{tag}.{k.replace('layers.', '')}": v.detach().numpy() for k, v in net.state_dict().items()}
    np.savez_compressed(o.out, oof=oof, **saved)


def report(rows: np.ndarray, r: np.ndarray, good: np.ndarray) -> str:
    """Median and mean over molecules of the mean relative deviation: ThermoML vapour pressure (weight 1), density, and boiling points as pressures."""
    out = []
    for kind, scale, only in ((PSAT, 1.0, 1.0), (DENSITY, 6.0, 1.0), (BOILING, 1.0, None)):
        here = (rows[:, 0] == kind) & ((rows[:, 5] == only) if only else True)
        off = np.where(good[here], np.abs(np.expm1(r[here] / scale)), 1.0)
        mol = rows[here, 1].astype(int)
        each = np.bincount(mol, off) / np.maximum(np.bincount(mol), 1)
        each = each[np.bincount(mol) > 0]
        out.append(f"{100 * np.median(each):.1f}/{100 * each.mean():.1f}%")
    return "psat {} density {} boiling {}".format(*out) + f" unanswered {np.sum(~good)}"


if __name__ == "__main__":
    main()
