"""The tables on which the campaign planner's settings are tuned; none of them is in the exam (benchmarks/campaign_exam.py).

Measured: C-N couplings (Buchwald-Hartwig, Ahneman 2018; all, and of single aryl halides), redox-active molecules, silver nanoparticles and printed barrels of Olympus. Made: seeded factorials of reactions whose yield follows
from rate, deactivation and a side reaction (`reactions`), and seeded mixtures of six parts with a volcano, pairwise synergy and noise (`mixtures`). Scores are the exam's.
"""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
from campaign_exam import Array, Column, Row, Task, distinct, olympus_columns


def couplings(folder: Path, halide: int | None = None) -> Task:
    """The C-N couplings, or those of one aryl halide, as a search for yield in batches of 5 (read with openpyxl)."""
    from openpyxl import load_workbook

    sheet = load_workbook(folder / "hte" / "buchwald_hartwig.xlsx", read_only=True)["FullCV_01"]
    cells = [r[:5] for r in sheet.iter_rows(min_row=2, values_only=True) if r[0]]
    if halide is not None:
        named = sorted({str(r[3]) for r in cells})[halide]
        cells = [r for r in cells if r[3] == named]
    keep = (0, 1, 2, 3) if halide is None else (0, 1, 2)
    names = ("ligand", "additive", "base", "aryl_halide")
    rows, y = distinct([tuple(str(r[j]) for j in keep) for r in cells], [float(str(r[4])) for r in cells])
    name = "couplings" if halide is None else f"couplings_{halide}"
    return hte(name, tuple(Column(names[j], "smiles") for j in keep), rows, y)


def hte(name: str, columns: tuple[Column, ...], rows: tuple[Row, ...], y: Array, sign: int = 1) -> Task:
    """A table searched like the arylation."""
    m = sign * y
    return Task(name, columns, rows, y, sign, m >= np.quantile(m, 0.997), 5, 5, 50, 50)


def race(name: str, columns: tuple[Column, ...], rows: tuple[Row, ...], y: Array, sign: int, share: float) -> Task:
    """A table searched one by one for the best share of its rows."""
    good = np.zeros(len(y), bool)
    good[np.argsort(-sign * y, kind="stable")[: math.ceil(share * len(y))]] = True
    return Task(name, columns, rows, y, sign, good, 3, 1, 150, 50)


def redoxmers(folder: Path, which: int) -> Task:
    """One of the three properties of 1,408 redox-active molecules, by their substituents."""
    columns, cells, _ = olympus_columns(folder, "redoxmers")
    rows, y = distinct([tuple(r[:4]) for r in cells], [float(r[4 + which]) for r in cells])
    return hte(f"redoxmers_{which}", columns, rows, y, -1)


def olympus_race(folder: Path, name: str, share: float) -> Task:
    """Nanoparticles or barrels, one by one."""
    columns, cells, _ = olympus_columns(folder, name)
    k = len(columns)
    rows, y = distinct([tuple(float(v) for v in r[:k]) for r in cells], [float(r[k]) for r in cells])
    return race(name, columns, rows, y, 1, share)


def reactions(seed: int) -> Task:
    """4 bases, 12 ligands, 4 solvents, 3 concentrations, 3 temperatures, labels only: rate = sum of effects and pair effects, yield = 1 - exp(-rate time) less what deactivates and what goes aside, noise 2 %."""
    rng = np.random.default_rng(1000 + seed)
    sizes = (4, 12, 4, 3, 3)
    columns = (Column("base", "label"), Column("ligand", "label"), Column("solvent", "label"), Column("concentration", "number"), Column("temperature", "number"))
    effect = [rng.normal(0, s, k) for s, k in zip((0.8, 1.5, 0.7), sizes)]
    effect[1] -= rng.exponential(1.5, 12) * (rng.random(12) < 0.4)  # some ligands hardly work
    pair = {(a, b): rng.normal(0, 0.5, (sizes[a], sizes[b])) for a, b in ((0, 1), (0, 2), (1, 2))}
    slope, order, death = rng.normal(0.7, 0.3), rng.normal(0.3, 0.4), rng.normal(-1.5, 0.7) + rng.normal(0, 0.7, 12)
    aside = rng.normal(-1.5, 0.8) + rng.normal(0, 0.5, 4)[:, None] + rng.normal(0, 0.5, 4)[None, :]
    rows, y = [], []
    for b, lig, s, c, t in itertools.product(*map(range, sizes)):
        rate = effect[0][b] + effect[1][lig] + effect[2][s] + sum(p[(b, lig, s)[i], (b, lig, s)[j]] for (i, j), p in pair.items()) + slope * (t - 1) + order * (c - 1)
        turned = 1 - np.exp(-np.exp(rate) / np.exp(death[lig] + 1.2 * slope * (t - 1)) * (1 - np.exp(-np.exp(death[lig] + 1.2 * slope * (t - 1)) * 2)))
        clean = 1 / (1 + np.exp(aside[b, s] + 0.3 * (t - 1) + 0.2 * (c - 1)))
        y.append(float(np.clip(100 * turned * clean + rng.normal(0, 2), 0, 100)))
        rows.append((f"B{b}", f"L{lig}", f"S{s}", float(c), float(t)))
    return hte(f"reactions_{seed}", columns, tuple(rows), np.array(y))


def mixtures(seed: int) -> Task:
    """Six parts in steps of a tenth, at most four at a time: a volcano in the mean of a hidden property, synergies of pairs, small amounts that matter, noise of a quarter of the spread."""
    rng = np.random.default_rng(2000 + seed)
    x = np.array([p for p in itertools.product(range(11), repeat=6) if sum(p) == 10 and sum(v > 0 for v in p) <= 4], float) / 10
    hidden, weight = rng.normal(0, 1, 6), rng.normal(0, 1, 6)
    synergy = np.triu(rng.normal(0, 1.2, (6, 6)) * (rng.random((6, 6)) < 0.5), 1)
    y = -np.abs(x @ hidden - rng.normal(0, 0.5)) * rng.uniform(0.3, 1.5) + np.sqrt(x) @ weight * 0.5 + np.einsum("ni,ij,nj->n", np.sqrt(x), synergy, np.sqrt(x))
    y = y + rng.normal(0, 0.25 * y.std(), len(y))
    take = np.sort(rng.choice(len(x), min(len(x), 2121), replace=False))
    return race(f"mixtures_{seed}", tuple(Column(f"x{j}", "fraction") for j in range(6)), tuple(tuple(map(float, r)) for r in x[take]), y[take], 1, 0.01)


def surfaces(seed: int) -> Task:
    """A hundred measured settings of a flow reactor with three numbers and eight catalysts, repeated from a hidden yield surface: small tables with one or two good rows."""
    rng = np.random.default_rng(3000 + seed)
    n = 90
    x = np.c_[rng.integers(0, 8, n), rng.choice([0, 0.5, 1.0], n, p=[0.35, 0.3, 0.35]) + rng.normal(0, 0.02, n) * (rng.random(n) < 0.5), rng.random((n, 2))]
    lig = rng.normal(0, 1.5, 8)
    rate = lig[x[:, 0].astype(int)] + rng.normal(1, 0.5) * x[:, 1] + rng.normal(1.5, 0.7) * x[:, 2] + rng.normal(0.8, 0.5) * x[:, 3] - rng.normal(1, 0.4)
    y = 100 * (1 - np.exp(-np.exp(rate))) * np.exp(-np.maximum(0, rng.normal(0.3, 0.3)) * x[:, 2] * x[:, 1]) + rng.normal(0, 2, n)
    rows, y = distinct([(f"L{int(r[0])}", *map(float, r[1:])) for r in x], list(np.clip(y, 0, 100)))
    columns = (Column("ligand", "label"), Column("time", "number"), Column("temperature", "number"), Column("loading", "number"))
    return race(f"surfaces_{seed}", columns, rows, y, 1, 0.02)


def tuning_tasks(folder: Path) -> dict[str, Task]:
    """All of them by name."""
    found = [couplings(folder), *(couplings(folder, k) for k in (1, 4, 7, 10, 13)), *(redoxmers(folder, k) for k in range(3))]
    found += [olympus_race(folder, "agnp", 0.02), olympus_race(folder, "crossed_barrel", 0.01)]
    found += [reactions(k) for k in range(6)] + [mixtures(k) for k in range(4)] + [surfaces(k) for k in range(4)]
    return {t.name: t for t in found}
