"""What the learned part sees of a molecule and of a pair: cheap descriptors, group surface fractions, and what the UNIFAC family says at infinite dilution."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.structure.molecule import inchikey, parse
from chemwright.thermo.activity import Unifac
from chemwright.thermo.groups import FAMILIES, groups_of, subgroup

Array = NDArray[np.float64]
BASES = ("dortmund2", "unifac2")
"""The members whose mean excess Gibbs energy the learned part corrects: those with complete matrices."""
MEMBERS = tuple(FAMILIES)
MAIN_GROUPS, MEAN_AREA, AREA_POWER = 110, 54.8, 0.4
COLD, HOT = 298.15, 358.15
ELEMENTS = ("N", "O", "F", "Cl", "Br", "I", "S", "Si", "P")
ORGANIC = frozenset({"H", "C", *ELEMENTS})
WATER = "XLYOFNOQVPJJNP-UHFFFAOYSA-N"


@frozen(eq=False)
class Features:
    """One molecule.

    Args:
        key: InChIKey.
        size: its size q in the excess function [1]: (Labute surface / 54.8 A^2)^0.4.
        values: descriptors, shape (49,): surface, polarity, elements, and how the surface is shared among ranges of charge and lipophilicity.
        groups: square roots of the surface fractions of the modified UNIFAC main groups, shape (110,), zeros where it has no groups.
        outside: why it is outside what the model is for, empty when it is not.
    """

    key: str
    size: float
    values: Array
    groups: Array
    outside: str


@lru_cache(maxsize=4096)
def features(smiles: str) -> Features:
    """The :class:`Features` of a SMILES.

    Raises:
        SubstanceError: the SMILES can't be read.
    """
    from rdkit.Chem import rdMolDescriptors as rd

    graph = parse(smiles)
    area, heavy = float(rd.CalcLabuteASA(graph)), max(1, graph.GetNumHeavyAtoms())
    logp, refraction = (float(v) for v in rd.CalcCrippenDescriptors(graph))
    count = Counter(a.GetSymbol() for a in graph.GetAtoms())
    root = heavy**0.5
    plain = [
        float(np.log(area / 20.0)),
        rd.CalcTPSA(graph) / area,
        logp / root,
        logp,
        refraction / area,
        rd.CalcNumHBD(graph) / root,
        rd.CalcNumHBA(graph) / root,
        rd.CalcNumRings(graph) / root,
        rd.CalcNumAromaticRings(graph),
        rd.CalcFractionCSP3(graph),
        rd.CalcNumRotatableBonds(graph) / heavy,
        *(count[e] / heavy for e in ELEMENTS),
        *(v / area for v in rd.PEOE_VSA_(graph)),
        *(v / area for v in rd.SlogP_VSA_(graph)),
    ]
    key = inchikey(smiles)
    return Features(key, (area / MEAN_AREA) ** AREA_POWER, np.nan_to_num(np.array(plain, dtype=float)), _groups(smiles), _outside(graph, key))


def _groups(smiles: str) -> Array:
    out = np.zeros(MAIN_GROUPS)
    for g, n in groups_of(smiles, BASES[0]).items():
        group = subgroup(g, BASES[0])
        out[group.main] += n * max(group.q, 0.1)
    return np.sqrt(out / max(out.sum(), 1e-9))


def _outside(graph: object, key: str) -> str:
    """Why a structure is none of the neutral organic molecules (and water) that the model was trained on."""
    atoms = list(graph.GetAtoms())  # type: ignore[attr-defined]
    symbols = {a.GetSymbol() for a in atoms}
    if key == WATER:
        return ""
    if any(a.GetFormalCharge() and not any(n.GetFormalCharge() * a.GetFormalCharge() < 0 for n in a.GetNeighbors()) for a in atoms):
        return "ion or salt"
    if any(a.GetNumRadicalElectrons() for a in atoms):
        return "radical"
    if "C" not in symbols:
        return "inorganic"
    return "" if symbols <= ORGANIC else "metal or rare element"


def at_infinite_dilution(first: str, second: str, family: str) -> Array:
    """ln(gamma) at infinite dilution of the first in the second, and of the second in the first, at 298.15 and 358.15 K, shape (2, 2); NaN where the family does not cover them."""
    model = Unifac.from_smiles([("1", first), ("2", second)], family, fragments=True)
    if model.missing:
        return np.full((2, 2), np.nan)
    t = np.array([COLD, HOT])
    one, none = np.ones(2), np.zeros(2)
    return np.stack([model.ln_gamma([none, one], t)[0], model.ln_gamma([one, none], t)[1]], 1)


def pair_features(first: str, second: str) -> Array:
    """What the family says of a pair, in the coefficients of the excess function (:mod:`chemwright.thermo.hybrid.excess`), shape (4, members + 1).

    Rows: A and B at 298.15 K, and how both change between 298.15 and 358.15 K; columns: how each member differs from the base, then the base itself.
    A member that does not cover the pair differs by nothing. Exchanging the molecules turns the signs of the second and the fourth row.
    """
    q1, q2 = features(first).size, features(second).size
    dilute = {name: at_infinite_dilution(first, second, name) for name in MEMBERS}
    covered = [dilute[name] for name in BASES if not np.isnan(dilute[name]).any()]
    base = np.mean(covered, 0) if covered else np.full((2, 2), np.nan)
    table = []
    for value in (*(dilute[name] - base for name in MEMBERS), base):  # rows cold and hot, columns first and second
        u, v = value[:, 0] / q1, value[:, 1] / q2
        a, b = 0.5 * (u + v), 0.5 * (v - u)
        table.append([a[0], b[0], a[0] - a[1], b[0] - b[1]])
    return np.nan_to_num(np.array(table).T)
