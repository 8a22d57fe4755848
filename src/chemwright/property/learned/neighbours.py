"""The nearest measured molecules, by fingerprints kept as packed bits."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.property.answer import Neighbour
from chemwright.property.learned.store import read, store
from chemwright.structure import molecule

BITS = 1024


@frozen(eq=False)
class Known:
    """Molecules learned from: SMILES, names, packed fingerprints (n, 128), and which figure (column of the networks, value in SI) belongs to which row."""

    smiles: tuple[str, ...]
    names: tuple[str, ...]
    bits: NDArray[np.uint8]
    rows: NDArray[np.int32]
    columns: NDArray[np.uint8]
    values: NDArray[np.float32]


@lru_cache(maxsize=1)
def known() -> Known:
    """The shipped table, loaded once.

    Raises:
        StorageError: the file is missing or damaged.
    """
    a = read("neighbours.npz")
    smiles, names = (tuple(a[k].tobytes().decode("utf-8").split("\n")) for k in ("smiles", "names"))
    return Known(smiles, names, a["bits"], a["rows"], a["columns"], a["values"])


def fingerprint(smiles: str) -> NDArray[np.uint8]:
    """Morgan fingerprint of radius 2, 1,024 bits packed into 128 bytes.

    Raises:
        SubstanceError: not a SMILES.
    """
    from rdkit import DataStructs

    from chemwright.structure.molecule import parse

    return np.frombuffer(DataStructs.BitVectToBinaryText(_generator().GetFingerprint(parse(smiles))), np.uint8)  # type: ignore[no-untyped-call]


@lru_cache(maxsize=1)
def _generator() -> Any:
    from rdkit.Chem import rdFingerprintGenerator

    return rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=BITS)


def similarities(one: NDArray[np.uint8], many: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Tanimoto similarity of packed fingerprints: ``one`` (128,) to ``many`` (n, 128)."""
    both = np.bitwise_count(many & one).sum(1, dtype=np.int64)
    either = np.bitwise_count(many | one).sum(1, dtype=np.int64)
    return both / np.maximum(either, 1)


def nearest(name: str, smiles: str, k: int) -> tuple[Neighbour, ...]:
    """The ``k`` molecules with a figure of the property nearest to ``smiles``, most similar first; of equally similar ones (homologues have equal bits) those of nearest size.

    Raises:
        SubstanceError: not a SMILES.
    """
    table, column = known(), store().index(name)
    of = table.columns == column
    rows, values = table.rows[of], table.values[of]
    likeness = similarities(fingerprint(smiles), table.bits[rows])
    size = len(molecule(smiles).smiles)
    order = np.lexsort((np.array([abs(len(table.smiles[r]) - size) for r in rows]), -likeness))[: max(0, k)]
    return tuple(Neighbour(table.names[rows[i]] or table.smiles[rows[i]], table.smiles[rows[i]], float(likeness[i]), float(values[i])) for i in order)
