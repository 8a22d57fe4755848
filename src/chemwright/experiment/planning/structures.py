"""From a space to what the planner's kernel needs: scaled numbers, codes of levels, and how far apart the structures of levels are."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from chemwright.experiment.planning.domain import Array, Axis, Domain, descriptor_distances
from chemwright.experiment.space import Space
from chemwright.record import Variable

LEARNED = (
    "normal_boiling_point", "liquid_molar_volume", "relative_permittivity", "dipole_moment", "hansen_dispersion_parameter", "hansen_polar_parameter",
    "hansen_hydrogen_bond_parameter", "octanol_water_partition_coefficient_log", "aqueous_solubility_log",
)  # fmt: skip
"""What sets solvents, bases and ligands apart as liquids and partners, of what the property room has learnt."""


def domain_of(space: Space) -> Domain:
    """The kernel's view of a space.

    Raises:
        SubstanceError: a SMILES that can't be read.
    """
    return Domain(tuple(axis_of(v) for v in space.variables))


def axis_of(v: Variable) -> Axis:
    """One variable. Of two levels structure can't say more than that they differ."""
    if v.kind != "categorical":
        return Axis(v.name)
    n = len(v.levels)
    if n < 3 or v.encoding == "one_hot":
        return Axis(v.name, n)
    if v.encoding == "table":
        return Axis(v.name, n, (descriptor_distances(np.array(v.table, float)),))
    return Axis(v.name, n, (structure_distances(v.smiles),))


@lru_cache(maxsize=64)
def structure_distances(smiles: tuple[str, ...]) -> Array:
    """Squared distances between molecules from structure alone, on average 1 between different ones, shape (K, K): half from descriptors (size, polarity, shape, rings, and for molecules in the range of the
    learned networks their volatility, polarity, solubility), half from shared atom environments."""
    table = np.hstack([descriptors(smiles), learned(smiles)])
    return np.asarray(0.5 * descriptor_distances(table) + 0.5 * environment_distances(smiles))


def descriptors(smiles: tuple[str, ...]) -> Array:
    """Descriptors of molecules, shape (K, d).

    Raises:
        SubstanceError: a SMILES that can't be read.
    """
    from chemwright.errors import SubstanceError
    from chemwright.structure.features import featurise

    found = featurise(smiles)
    for i, problem in found.problems.items():
        raise SubstanceError(f"level {i + 1}: {problem}", where=smiles[i], fix="correct its SMILES, or use one_hot")
    return np.asarray(found.descriptors, float)


def learned(smiles: tuple[str, ...]) -> Array:
    """Learned properties of the largest part of each molecule (an ion's counter-ion left out), shape (K, p); a property for which any level is out of the networks' domain is left out."""
    from chemwright.property.learned.screening import screen

    found = screen([max(s.split("."), key=len) for s in smiles], LEARNED)
    columns = [found[n].mean for n in LEARNED if np.isfinite(found[n].mean).all() and found[n].in_domain.all()]
    return np.stack(columns, 1) if columns else np.zeros((len(smiles), 0))


def environment_distances(smiles: tuple[str, ...]) -> Array:
    """1 - Tanimoto similarity of counted atom environments (Morgan, radius 2), scaled to a mean of 1 between different molecules, shape (K, K)."""
    from rdkit.Chem import rdFingerprintGenerator

    from chemwright.structure.molecule import parse

    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    counts = np.array([generator.GetCountFingerprintAsNumPy(parse(s)) for s in smiles], float)
    least = np.minimum(counts[:, None], counts[None]).sum(-1)
    most = np.maximum(counts[:, None], counts[None]).sum(-1)
    d = 1.0 - least / np.maximum(most, 1.0)
    n = len(d)
    mean = d.sum() / max(n * (n - 1), 1)
    return np.asarray(d / mean if mean > 0 else d)
