"""Water with organic solutes: a water that suits mixtures, and the binary parameter from the solute's structure.

The published set of 2023 for water was made for the pure substance; without a binary parameter it finds most organic molecules far too soluble. Here water is that of Gross and Sadowski,
Ind. Eng. Chem. Res. 41 (2002) 5510, and kij is a linear function of plain descriptors, fitted by ``training/saft_water.py`` to aqueous solubilities.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from chemwright.structure.molecule import parse
from chemwright.thermo.saft.features import Seen, see
from chemwright.thermo.saft.record import Array, SaftParameters

WATER = SaftParameters("water", 0.018015, 1.0656, 3.0007, 366.51, kappa_ab=0.034868, epsilon_k_ab=2500.7, na=1.0, nb=1.0, source="Gross2002", note="for aqueous mixtures")
"""Gross and Sadowski 2002, doi 10.1021/ie010954d, table of associating substances."""
CLIP = 3.0


@lru_cache(maxsize=1)
def card() -> dict[str, Any]:
    """Coefficients, what they were fitted to and how well they hold."""
    return dict(json.loads((files("chemwright") / "data" / "saft" / "water.json").read_text(encoding="utf-8")))


def descriptors(seen: Seen) -> Array:
    """What kij depends on: :data:`chemwright.thermo.saft.features.PLAIN`, and each class of donor."""
    from chemwright.thermo.saft.features import SITES

    return np.array([*seen.plain, *(float(seen.site_class == i) for i in range(len(SITES)))])


def kij_with_water(smiles: str) -> float:
    """Binary parameter of an organic solute with :data:`WATER`.

    Raises:
        SubstanceError: the SMILES can't be read.
    """
    said = card()
    z = np.clip((descriptors(see(parse(smiles))) - np.array(said["mean"])) / np.array(said["std"]), -CLIP, CLIP)
    return float(said["intercept"] + z @ np.array(said["coefficients"]))
