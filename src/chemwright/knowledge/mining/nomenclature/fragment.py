"""A piece of a molecule under construction: atoms, bonds, locants, and the double bonds of rings left open until all is joined.

A ring with the most non-cumulative double bonds is kept as a skeleton whose atoms are marked ``unsaturated``; what takes a place out of it (hydro prefixes, indicated hydrogen, an oxo group, a substituent on
nitrogen) clears the mark, and at the end the double bonds are a perfect matching of the atoms still marked. So no case of "which tautomer" is written down anywhere.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from chemwright.errors import SubstanceError

BUDGET = 4000


class Fragment:
    """Mutable while a name is being assembled; never leaves this package.

    Attributes:
        atoms: element, charge, of each atom.
        bonds: (i, j, order).
        locants: locant text -> atom.
        open: atoms where an unlocated substituent goes, first choice first.
        unsaturated: atoms that want one double bond within their ring system.
        attach: atom by which it hangs on the rest when it is a substituent.
        order: order of that bond.
        acid: acid carbons (or sulfur) with the OH atom each carries, for esters, amides and chlorides: (centre, oxygen).
        wanted: stereo labels with the atoms they may stand on, likeliest first: ``R``, ``S``, ``E``, ``Z``.
        simple: whether it has one place only, so that a locant before it must belong to what it hangs on.
        ring: whether it is a ring system.
        alpha: stereo centre of an amino acid, L when the name says nothing; -1 for all else.
        prefer: nitrogens that carry the hydrogen when the name does not say which.
        own: whether the locant before it says which of its own atoms it hangs by (``2-pyridyl``).
        far: the other atom by which a group of two places hangs (``methylenedioxy``, ``epoxy``); -1 for all else.
    """

    def __init__(self) -> None:
        self.atoms: list[tuple[str, int]] = []
        self.bonds: list[tuple[int, int, int]] = []
        self.locants: dict[str, int] = {}
        self.open: list[int] = []
        self.unsaturated: set[int] = set()
        self.attach = 0
        self.order = 1
        self.acid: list[tuple[int, int]] = []
        self.wanted: list[tuple[tuple[int, ...], str]] = []
        self.simple = False
        self.ring = False
        self.own = False
        self.prefer: set[int] = set()
        self.alpha = -1
        self.far = -1

    def copy(self) -> Fragment:
        """An independent copy."""
        out = Fragment()
        out.atoms, out.bonds, out.locants, out.open = list(self.atoms), list(self.bonds), dict(self.locants), list(self.open)
        out.unsaturated, out.attach, out.order, out.acid, out.wanted = set(self.unsaturated), self.attach, self.order, list(self.acid), list(self.wanted)
        out.simple, out.ring, out.own = self.simple, self.ring, self.own
        out.prefer, out.alpha, out.far = set(self.prefer), self.alpha, self.far
        return out

    def add(self, symbol: str, to: int | None = None, order: int = 1, charge: int = 0) -> int:
        """A new atom, bonded to ``to``; its index."""
        self.atoms.append((symbol, charge))
        if to is not None:
            self.bonds.append((to, len(self.atoms) - 1, order))
        return len(self.atoms) - 1

    def merge(self, other: Fragment) -> int:
        """Take in the atoms and bonds of another fragment, unbonded; the shift of its indices."""
        shift = len(self.atoms)
        self.atoms += other.atoms
        self.bonds += [(i + shift, j + shift, o) for i, j, o in other.bonds]
        self.unsaturated |= {i + shift for i in other.unsaturated}
        self.prefer |= {i + shift for i in other.prefer}
        self.wanted += [(tuple(i + shift for i in atoms), w) for atoms, w in other.wanted]
        return shift

    def hang(self, other: Fragment, at: int) -> int:
        """Bond a substituent to atom ``at``; the shift of its indices."""
        shift = self.merge(other)
        self.bonds.append((at, other.attach + shift, other.order))
        if at in self.unsaturated and (other.order > 1 or self.atoms[at][0] in ("N", "P", "B") or self.degree(at) > 3):
            self.unsaturated.discard(at)
        return shift

    def degree(self, atom: int) -> int:
        """Number of bonds of an atom (each counted once)."""
        return sum(atom in (i, j) for i, j, _ in self.bonds)

    def used(self, atom: int) -> int:
        """Sum of bond orders of an atom, an unsaturated ring atom counted with its coming double bond."""
        return sum(o for i, j, o in self.bonds if atom in (i, j)) + (atom in self.unsaturated)

    def free(self, atom: int) -> int:
        """Hydrogens an atom can still give away."""
        symbol, charge = self.atoms[atom]
        valence = {"C": 4, "N": 3, "O": 2, "S": 2, "Si": 4, "Sn": 4, "P": 3, "B": 3, "Ge": 4, "Se": 2}.get(symbol, 1) + (charge if symbol in ("N", "P", "O", "S") else -abs(charge))
        if symbol in ("S", "P", "Se"):  # each oxide or imide raises the valence by two
            valence += 2 * sum(o == 2 and self.atoms[j if i == atom else i][0] in ("O", "N") for i, j, o in self.bonds if atom in (i, j))
        return valence - self.used(atom)

    def neighbours(self, atom: int) -> list[int]:
        """Atoms bonded to an atom."""
        return [j if i == atom else i for i, j, _ in self.bonds if atom in (i, j)]

    def drop(self, atom: int) -> None:
        """Mark an atom as gone: element ``*``, all its bonds removed (indices stay valid)."""
        self.atoms[atom] = ("*", 0)
        self.bonds = [b for b in self.bonds if atom not in b[:2]]
        self.unsaturated.discard(atom)


def from_smiles(smiles: str, locants: str = "", *, skeleton: bool = False) -> Fragment:
    """A fragment from SMILES whose atoms carry the given locants in order; with ``skeleton`` every ring atom but O and S is marked unsaturated and bonds are single.

    Locants are parted by spaces; ``-`` gives an atom none; several for one atom are joined by ``/``.
    """
    return _from_smiles(smiles, locants, skeleton).copy()


@lru_cache(maxsize=4096)
def _from_smiles(smiles: str, locants: str, skeleton: bool) -> Fragment:
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        mol: Any = Chem.MolFromSmiles(smiles, sanitize=False)
    if mol is None:
        raise SubstanceError(f"{smiles!r} in the vocabulary is not SMILES", fix="report this as a bug")
    if not skeleton:
        Chem.SanitizeMol(mol)
        Chem.Kekulize(mol, clearAromaticFlags=True)
    out = Fragment()
    for atom in mol.GetAtoms():
        out.add(atom.GetSymbol(), charge=atom.GetFormalCharge())
    for bond in mol.GetBonds():
        out.bonds.append((bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), 1 if skeleton else int(bond.GetBondTypeAsDouble())))
    if skeleton:
        out.unsaturated = {a.GetIdx() for a in mol.GetAtoms() if a.GetSymbol() in ("C", "N", "P", "B")}
        out.ring = True
    for index, text in enumerate(locants.split()):
        for locant in () if text == "-" else text.split("/"):
            out.locants[locant] = index
    if not skeleton:
        info = Chem.GetSymmSSSR(mol)
        out.ring = len(info) > 0
    return out


def settle(fragment: Fragment) -> None:
    """Place the open double bonds: a perfect matching of the unsaturated atoms, giving up as few marks as need be (nitrogen first, then low locants).

    Raises:
        SubstanceError: no matching within the budget.
    """
    rank = {a: i for i, a in enumerate(fragment.locants.values())}
    for part in _components(fragment):
        if _match(fragment, part):
            continue
        order = sorted(part, key=lambda a: (fragment.atoms[a][0] != "N", a not in fragment.prefer, fragment.degree(a) > 2, rank.get(a, 99)))
        if len(part) % 2 and any(_match(fragment, part - {a}) for a in order):
            continue
        raise SubstanceError("no way to place the double bonds of a ring", fix="give the structure as SMILES")
    fragment.unsaturated = set()


def _components(fragment: Fragment) -> list[set[int]]:
    """Connected groups of unsaturated atoms."""
    left, parts = set(fragment.unsaturated), []
    near: dict[int, list[int]] = {a: [] for a in left}
    for i, j, o in fragment.bonds:
        if i in left and j in left and o == 1:
            near[i].append(j)
            near[j].append(i)
    while left:
        stack, part = [left.pop()], set()
        while stack:
            atom = stack.pop()
            part.add(atom)
            for other in near[atom]:
                if other in left:
                    left.discard(other)
                    stack.append(other)
        parts.append(part)
    return parts


def _match(fragment: Fragment, part: set[int]) -> bool:
    """Try to pair all atoms of ``part``; on success the bonds become double."""
    edges: dict[int, list[int]] = {a: [] for a in part}
    for i, j, o in fragment.bonds:
        if i in part and j in part and o == 1:
            edges[i].append(j)
            edges[j].append(i)
    steps, pairs = [0], {}

    def pair(left: frozenset[int]) -> bool:
        if not left:
            return True
        steps[0] += 1
        if steps[0] > BUDGET:
            return False
        atom = min(left, key=lambda a: (sum(b in left for b in edges[a]), a))
        for other in edges[atom]:
            if other in left and pair(left - {atom, other}):
                pairs[atom] = other
                return True
        return False

    if len(part) % 2 or not pair(frozenset(part)):
        return False
    double = {frozenset(p) for p in pairs.items()}
    fragment.bonds = [(i, j, 2 if frozenset((i, j)) in double else o) for i, j, o in fragment.bonds]
    return True
