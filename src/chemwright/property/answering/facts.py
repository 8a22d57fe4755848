"""What the structure of a molecule says by itself: masses, atoms, groups, and whether it is of the kind that the methods were made for."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.errors import SubstanceError
from chemwright.property.answer import Array
from chemwright.structure.molecule import parse

ELEMENTS = frozenset(("H", "C", "N", "O", "F", "Cl", "Br", "I", "S", "P", "Si", "B"))
_ATOM = re.compile(r"([A-Z][a-z]?)(\d*)")

# diffusion volumes of E. N. Fuller, K. Ensley, J. C. Giddings, J. Phys. Chem. 73 (1969) 3679, as in Poling, Prausnitz, O'Connell, 5th edition 2001, table 11-1
_DIFFUSION = {"C": 15.9, "H": 2.31, "O": 6.11, "N": 4.54, "F": 14.7, "Cl": 21.0, "Br": 21.9, "I": 29.8, "S": 22.9}
_RING = -18.3
# CODATA key values (Cox, Wagman, Medvedev 1989): enthalpies of formation [J/mol] of what an atom burns to
_BURNT = {"C": -393_510.0, "S": -296_810.0, "N": 0.0, "Br": 0.0, "I": 0.0, "O": 0.0}
_WATER, _ACID = -285_830.0, {"F": -273_300.0, "Cl": -92_310.0}


@frozen(eq=False)
class Subject:
    """One molecule: RDKit graph (None where it can't be read), canonical text as given, why it is out of the ordinary (empty when not), counts of atoms, and why it can't be read."""

    smiles: str
    graph: Any
    odd: str
    atoms: Counter[str]
    error: str = ""


def subject(smiles: str) -> Subject:
    """Read a SMILES; one that can't be read is a subject with an error, so that a batch goes on."""
    try:
        graph = parse(smiles)
    except SubstanceError as error:
        return Subject(smiles, None, "can't be read", Counter(), f"{error.message}. {error.fix}" if error.fix else error.message)
    from rdkit.Chem import rdMolDescriptors

    atoms = Counter({e: int(k or 1) for e, k in _ATOM.findall(rdMolDescriptors.CalcMolFormula(graph))})
    return Subject(smiles, graph, _odd(smiles, graph, atoms), atoms)


def _odd(smiles: str, graph: Any, atoms: Counter[str]) -> str:
    """Why the methods were not made for such a substance; empty for an ordinary organic molecule."""
    return (_charged(graph) if "[" in smiles else "") or _strange(smiles, atoms)  # no charge and no radical is written without brackets


def _strange(smiles: str, atoms: Counter[str]) -> str:
    if "." in smiles:
        return "several molecules, not one"
    if other := sorted(set(atoms) - ELEMENTS):
        return f"holds {', '.join(other)}"
    return "" if "C" in atoms else "no organic molecule"


def _charged(graph: Any) -> str:
    from rdkit import Chem

    charged = [a for a in graph.GetAtoms() if a.GetFormalCharge() and not any(n.GetFormalCharge() * a.GetFormalCharge() < 0 for n in a.GetNeighbors())]
    if Chem.GetFormalCharge(graph):
        return "an ion"
    if charged:
        return "a salt or zwitterion"
    if any(a.GetNumRadicalElectrons() for a in graph.GetAtoms()):
        return "a radical"
    return ""


IONIC = ("an ion", "a salt or zwitterion", "a radical", "several molecules, not one", "can't be read")
"""Oddities with which no equation of a molecular liquid or gas is tried at all."""


class Facts:
    """Arrays over n molecules, each worked out when first asked for.

    Args:
        subjects: the molecules.

    ``lent`` may be set to a function that gives facts which others have worked out already, by name.
    """

    def __init__(self, subjects: Sequence[Subject]) -> None:
        self.subjects = list(subjects)
        self.n = len(self.subjects)
        self.ordinary = np.array([not s.odd for s in self.subjects], bool)
        self.molecular = np.array([s.odd not in IONIC for s in self.subjects], bool)
        self._kept: dict[str, Array] = {}
        self.lent: Callable[[str], Array | None] = lambda name: None
        self._done: dict[str, NDArray[np.bool_]] = {}

    def get(self, name: str, rows: NDArray[np.bool_] | None = None) -> Array:
        """One fact by name, nan where it can't be said; shape (n,). Where ``rows`` are given, no other rows need be right: some facts take long.

        Raises:
            KeyError: no such fact.
        """
        group = "joback" if name in _JOBACK else name
        if group not in self._done and (lent := self.lent(name)) is not None:
            self._kept[name], self._done[group] = lent, np.ones(self.n, bool)
        if group not in self._done:
            self._done[group] = np.zeros(self.n, bool)
            self._kept |= {k: np.full(self.n, np.nan) for k in (_JOBACK if name in _JOBACK else (name,))}
        todo = ~self._done[group] if rows is None else rows & ~self._done[group]
        for i in np.flatnonzero(todo).tolist():
            if name in _JOBACK:
                for key, value in _joback(self.subjects[i]).items():
                    self._kept[key][i] = value
            else:
                self._kept[name][i] = _tried(_FACTS[name], self.subjects[i])
        self._done[group] |= todo
        return self._kept[name]


def _tried(call: Callable[[Subject], float], s: Subject) -> float:
    """A fact, or nan where a library falls over the structure: a batch must go on."""
    if s.graph is None:
        return math.nan
    try:
        return call(s)
    except (ArithmeticError, ValueError, RuntimeError, LookupError):
        return math.nan


def _mass(s: Subject) -> float:
    from rdkit.Chem import rdMolDescriptors

    return float(rdMolDescriptors._CalcMolWt(s.graph))


def _atoms(s: Subject) -> float:
    return float(sum(s.atoms.values()))


def _fuller(s: Subject) -> float:
    if not set(s.atoms) <= set(_DIFFUSION):
        return math.nan
    rings = sum(
        all(a.GetIsAromatic() for a in map(s.graph.GetAtomWithIdx, ring)) or any(s.graph.GetAtomWithIdx(i).GetSymbol() != "C" for i in ring)
        for ring in s.graph.GetRingInfo().AtomRings()
    )
    return sum(_DIFFUSION[e] * k for e, k in s.atoms.items()) + _RING * rings


def _burning(s: Subject) -> float:
    """Enthalpy of formation of the products of complete combustion [J/mol]: CO2, liquid water, N2, SO2, HF and HCl gas, Br2, I2."""
    if not set(s.atoms) <= {*_BURNT, *_ACID, "H"} or not s.atoms["C"]:
        return math.nan
    hydrogen = s.atoms["H"] - sum(s.atoms[e] for e in _ACID)
    if hydrogen < 0:
        return math.nan  # more halogen than hydrogen: the products are not settled
    return sum(v * s.atoms[e] for e, v in (*_BURNT.items(), *_ACID.items())) + _WATER * hydrogen / 2


def _stoichiometric(s: Subject) -> float:
    """Volumes of air to burn one volume of vapour, and the vapour itself: 1/C of the stoichiometric mixture."""
    if not set(s.atoms) <= {"C", "H", "O", "N", "S", "F", "Cl", "Br", "I"} or not s.atoms["C"]:
        return math.nan
    halogens = sum(s.atoms[e] for e in ("F", "Cl", "Br", "I"))
    oxygen = s.atoms["C"] + s.atoms["S"] + max(s.atoms["H"] - halogens, 0) / 4 - s.atoms["O"] / 2
    return 1.0 + oxygen / 0.21 if oxygen > 0.25 else math.nan


def _crippen(k: int) -> Callable[[Subject], float]:
    def call(s: Subject) -> float:
        from rdkit.Chem import rdMolDescriptors

        return float(rdMolDescriptors.CalcCrippenDescriptors(s.graph)[k])

    return call


def _girolami(s: Subject) -> float:
    from rdkit import Chem

    from chemwright.property.molecule import girolami_volume

    return girolami_volume(Chem.AddHs(s.graph))


@lru_cache(maxsize=8)
def _pattern(smarts: str) -> Any:
    from rdkit import Chem

    return Chem.MolFromSmarts(smarts)


def _kind(s: Subject) -> float:
    """1 for alcohols, 2 for carboxylic acids, 0 otherwise."""
    if s.graph.HasSubstructMatch(_pattern("[CX3](=O)[OX2H1]")):
        return 2.0
    return 1.0 if s.graph.HasSubstructMatch(_pattern("[CX4][OX2H]")) else 0.0


_FACTS: dict[str, Callable[[Subject], float]] = {
    "mass": _mass,
    "atoms": _atoms,
    "carbons": lambda s: float(s.atoms["C"]),
    "hydrocarbon": lambda s: 1.0 if set(s.atoms) <= {"C", "H"} else math.nan,
    "similarity": lambda s: _atoms(s) / _mass(s),
    "fuller": _fuller,
    "burning": _burning,
    "stoichiometric": _stoichiometric,
    "crippen_logp": _crippen(0),
    "crippen_refraction": _crippen(1),
    "girolami": _girolami,
    "kind": _kind,
}
_JOBACK = (
    "joback_tb", "joback_tm", "joback_tc_ratio", "joback_pc", "joback_vc", "joback_hf", "joback_hfus", "joback_hvap", "joback_cp_a", "joback_cp_b", "joback_cp_c", "joback_cp_d", "joback_mu_a",
    "joback_mu_b",
)  # fmt: skip


@lru_cache(maxsize=1)
def _joback_groups() -> dict[Any, Any]:
    """The patterns of the groups, read once: reading them anew takes longer than all else."""
    from rdkit import Chem
    from thermo.group_contribution.joback import JOBACK_GROUPS_FOR_FRAGMENTATION

    return {k: Chem.MolFromSmarts(v) if isinstance(v, str) else v for k, v in JOBACK_GROUPS_FOR_FRAGMENTATION.items()}


def _joback(s: Subject) -> dict[str, float]:
    """Joback's group sums (K. G. Joback, R. C. Reid, Chem. Eng. Commun. 57 (1987) 233), counted by `thermo` (MIT); nothing where the groups don't cover the molecule."""
    if s.graph is None or s.odd:
        return {}
    from thermo.group_contribution.group_contribution_base import smarts_fragment
    from thermo.group_contribution.joback import Joback

    try:
        counts, success, _ = smarts_fragment(_joback_groups(), rdkitmol=s.graph)
        if not counts or not success:
            return {}
        got = {
            "joback_tb": Joback.Tb(counts), "joback_tm": Joback.Tm(counts), "joback_tc_ratio": Joback.Tc(counts, 1.0), "joback_pc": Joback.Pc(counts, sum(s.atoms.values())), "joback_vc": Joback.Vc(counts),
            "joback_hf": Joback.Hf(counts), "joback_hfus": Joback.Hfus(counts), "joback_hvap": Joback.Hvap(counts),
        }  # fmt: skip
        for key, values in (("cp", Joback.Cpig_coeffs(counts)), ("mu", Joback.mul_coeffs(counts))):
            got.update({f"joback_{key}_{letter}": v for letter, v in zip("abcd", values or (), strict=False)})
    except (ArithmeticError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {k: float(v) for k, v in got.items() if isinstance(v, int | float) and math.isfinite(v)}
