"""PC-SAFT parameters of any organic molecule from its structure: a small network trained end to end on vapour pressures and densities.

The network gives bounded departures from a group contribution: ln(m sigma^3), ln m and ln epsilon may leave it by :data:`BOUNDS` at most, so that no structure
runs away. Association sites come by rule (:mod:`chemwright.thermo.saft.features`), their energy and volume from the network within bounds. Several members, each trained without
a part of the molecules, are averaged. Trained by ``training/saft_network.py``; the card beside the weights tells on what. Evaluated in numpy.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import SubstanceError
from chemwright.structure.molecule import parse
from chemwright.thermo.saft.features import Seen, see
from chemwright.thermo.saft.record import Array

BOUNDS = (0.30, 0.60, 0.40)
"""Largest departure of ln(m sigma^3), ln m and ln epsilon from the group contribution."""
CLIP = 6.0
"""Inputs are held within so many standard deviations of the training molecules."""
NAME = "parameters"


class Inputs:
    """Features of n molecules as arrays, by a vocabulary of surroundings.

    Args:
        seen: the molecules.
        vocabulary: surroundings that have a column.
        blocks: which features: c counts, p plain descriptors, m mesoscopic ones.
    """

    def __init__(self, seen: Sequence[Seen], vocabulary: Sequence[str], blocks: str = "cpm") -> None:
        index = {v: i for i, v in enumerate(vocabulary)}
        self.counts = np.zeros((len(seen), len(vocabulary)))
        self.unknown = np.zeros(len(seen))
        for i, s in enumerate(seen):
            for k, n in s.counts.items():
                if k in index:
                    self.counts[i, index[k]] = n
                elif "|" in k:
                    self.unknown[i] += n
        plain = np.array([s.plain for s in seen]).reshape(len(seen), -1)
        heavy = np.maximum(plain[:, 0], 1.0)
        small = np.array([v.count("|") == 1 or v.startswith("ring") for v in vocabulary])
        part = self.counts[:, small]
        self.groups = np.column_stack([part, np.ones(len(seen))])
        self.fractions = np.column_stack([part / heavy[:, None], np.ones(len(seen)), 1.0 / heavy, np.log(heavy)])
        parts = {"c": [self.counts, part / heavy[:, None]], "p": [plain], "m": [np.array([s.mesoscopic for s in seen]).reshape(len(seen), -1)]}
        self.x = np.column_stack([a for b in blocks for a in parts[b]])
        self.heavy = heavy
        self.hetero = plain[:, 14]
        self.polar = (self.hetero > 0).astype(float)
        self.na, self.nb = np.array([float(s.na) for s in seen]), np.array([float(s.nb) for s in seen])
        self.mass = np.array([s.molar_mass for s in seen])


def group_contribution(inputs: Inputs, volume: Array, segments: Array, energy: Array) -> Array:
    """ln m sigma^3, ln m (sigma between 3.0 and 4.2 A) and ln epsilon (170 to 420 K) by group contribution, shape (n, 3)."""
    v = np.maximum(inputs.groups @ volume, 30.0)
    m = np.clip(inputs.groups @ segments, np.maximum(v / 4.2**3, 1.0), np.maximum(v / 3.0**3, 1.0))
    return np.log(np.column_stack([v, m, np.clip(inputs.fractions @ energy, 170.0, 420.0)]))


def bounded(out: Array, base: Array, inputs: Inputs) -> Array:
    """The eight parameters, shape (n, 8), from the network's six outputs and the group contribution (the training script has the same in torch)."""
    lnv = base[:, 0] + BOUNDS[0] * np.tanh(out[:, 0])
    lnm = np.maximum(base[:, 1] + BOUNDS[1] * np.tanh(out[:, 1]), 0.0)
    lne = base[:, 2] + BOUNDS[2] * np.tanh(out[:, 2])
    sites = (inputs.nb > 0).astype(float)
    mu = 5.0 * _sigmoid(out[:, 3] - 1.5) * inputs.polar * (1.0 - sites)
    kappa = np.exp(-8.0 + 7.0 * _sigmoid(out[:, 4])) * sites
    eab = (500.0 + 3500.0 * _sigmoid(out[:, 5])) * sites
    return np.column_stack([np.exp(lnm), np.exp((lnv - lnm) / 3.0), np.exp(lne), mu, kappa, eab, inputs.na * sites, inputs.nb])


def _sigmoid(x: Array) -> Array:
    return np.exp(-np.logaddexp(0.0, -x))


@frozen(eq=False)
class SaftNetwork:
    """The members' weights and what calibrates them.

    Args:
        vocabulary: surroundings, in the order of the columns.
        blocks: feature blocks, see :class:`Inputs`.
        members: of each: the arrays cv, cm, ce (group contribution), mean, std (scaling) and w1, b1, w2, b2, w3, b3.
        calibration: see :mod:`chemwright.thermo.saft.intervals`.
        card: where the weights come from.
    """

    vocabulary: tuple[str, ...]
    blocks: str
    members: tuple[dict[str, Array], ...]
    calibration: dict[str, Array]
    card: dict[str, Any]

    def each(self, inputs: Inputs) -> Array:
        """Parameters by each member, shape (members, n, 8)."""
        return np.array([self._member(m, inputs) for m in self.members])

    def mean(self, inputs: Inputs) -> Array:
        """Parameters of the ensemble, shape (n, 8): geometric means, arithmetic ones for the dipole and the association energy."""
        return combined(self.each(inputs))

    @staticmethod
    def _member(m: dict[str, Array], inputs: Inputs) -> Array:
        z = np.clip((inputs.x - m["mean"]) / m["std"], -CLIP, CLIP)
        for layer in ("1", "2"):
            z = z @ m["w" + layer].T + m["b" + layer]
            z = z * _sigmoid(z)
        return bounded(z @ m["w3"].T + m["b3"], group_contribution(inputs, m["cv"], m["cm"], m["ce"]), inputs)


def combined(each: Array) -> Array:
    """One set of parameters from those of the members, shape (members, n, 8) to (n, 8)."""
    out = each.mean(0)
    for k in (0, 1, 2):
        out[:, k] = np.exp(np.log(each[:, :, k]).mean(0))
    kappa = each[:, :, 4]
    out[:, 4] = np.where(kappa.min(0) > 0, np.exp(np.log(np.maximum(kappa, 1e-30)).mean(0)), 0.0)
    return out


def inputs_of(smiles: Sequence[str], vocabulary: Sequence[str], blocks: str) -> tuple[Inputs, list[str]]:
    """Features of molecules, and for each why it is none for PC-SAFT (empty when it is)."""
    seen, why = [], []
    blank = see(parse("CC"))
    for text in smiles:
        try:
            graph = parse(text)
            problem = unsuited(graph)
        except SubstanceError as error:
            graph, problem = None, error.message
        why.append(problem)
        seen.append(blank if problem or graph is None else see(graph))
    return Inputs(seen, vocabulary, blocks), why


def unsuited(graph: Any) -> str:
    """Why PC-SAFT from structure can't be asked of a molecule; empty when it can."""
    from rdkit import Chem

    from chemwright.thermo.saft.features import ELEMENTS

    atoms = list(graph.GetAtoms())
    strange = sorted({a.GetSymbol() for a in atoms} - {*ELEMENTS, "H"})
    if strange:
        return f"an atom of {', '.join(strange)}: no such molecule was learned from"
    if len(Chem.GetMolFrags(graph)) > 1:
        return "a salt or a mixture, not one molecule"
    if any(a.GetFormalCharge() and not any(n.GetFormalCharge() * a.GetFormalCharge() < 0 for n in a.GetNeighbors()) for a in atoms):
        return "an ion: electrolytes need an equation of state of their own"
    if any(a.GetNumRadicalElectrons() for a in atoms):
        return "a radical"
    if not any(a.GetSymbol() == "C" for a in atoms) or len(atoms) < 2:
        return "not an organic molecule of two atoms or more"
    return ""


@lru_cache(maxsize=1)
def network() -> SaftNetwork:
    """The network that ships."""
    folder = files("chemwright") / "data" / "saft"
    return load((folder / f"{NAME}.npz").read_bytes(), json.loads((folder / f"{NAME}.card.json").read_text(encoding="utf-8")))


def load(content: bytes, card: dict[str, Any]) -> SaftNetwork:
    """The network in an npz file (arrays alone, nothing in it is run)."""
    with np.load(BytesIO(content), allow_pickle=False) as file:
        arrays = {k: np.asarray(file[k]) for k in file.files}
    n = 1 + max(int(k.split(".")[0]) for k in arrays if k[0].isdigit())
    members = tuple(unpacked({k.split(".")[1]: v for k, v in arrays.items() if k.startswith(f"{i}.")}) for i in range(n))
    calibration = {k.removeprefix("calibration."): v.astype(float) for k, v in arrays.items() if k.startswith("calibration.")}
    vocabulary = tuple(bytes(arrays["vocabulary"]).decode("ascii").split("\n"))
    return SaftNetwork(vocabulary, str(card["blocks"]), members, calibration, card)


def unpacked(arrays: dict[str, Any]) -> dict[str, Array]:
    """A member's arrays as numbers to calculate with: its first layer is stored in 8-bit steps."""
    member = {k: np.asarray(v, dtype=float) for k, v in arrays.items()}
    member["w1"] = member["w1"] * member.pop("step1")[:, None]
    return member
