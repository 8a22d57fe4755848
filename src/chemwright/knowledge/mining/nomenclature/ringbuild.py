"""Rings that are named by construction: cyclo-, bicyclo[..]-, spiro[..]-, and two rings fused (``imidazo[1,2-a]pyridine``)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chemwright.knowledge.mining.nomenclature.fragment import Fragment
from chemwright.knowledge.mining.nomenclature.vocabulary import rings

PREFIXES = {
    "benzo": "benzene", "benz": "benzene", "pyrido": "pyridine", "pyrimido": "pyrimidine", "pyrazino": "pyrazine", "pyridazino": "pyridazine", "pyrrolo": "pyrrole", "furo": "furan", "thieno": "thiophene",
    "imidazo": "imidazole", "pyrazolo": "pyrazole", "oxazolo": "oxazole", "isoxazolo": "isoxazole", "thiazolo": "thiazole", "isothiazolo": "isothiazole", "triazolo": "1,2,4-triazole", "tetrazolo": "tetrazole",
    "thiadiazolo": "1,3,4-thiadiazole", "oxadiazolo": "1,2,5-oxadiazole", "pyrano": "pyran", "thiopyrano": "thiopyran", "azepino": "azepine", "cyclopenta": "cyclopenta", "cyclohexa": "benzene",
    "dioxolo": "1,3-dioxole", "quinolo": "quinoline", "indolo": "indole", "triazino": "1,3,5-triazine", "cyclohepta": "cyclohepta",
}  # fmt: skip
_RANK = {"O": 0, "S": 1, "Se": 2, "N": 3, "P": 4, "Si": 5}


def cycle(n: int) -> Fragment:
    """A saturated carbon ring of ``n`` atoms."""
    out = Fragment()
    for i in range(n):
        out.locants[str(i + 1)] = out.add("C", i - 1 if i else None)
    out.bonds.append((0, n - 1, 1))
    out.ring = True
    return out


def bicycle(sizes: tuple[int, int, int]) -> Fragment:
    """Von Baeyer bicycle: bridges of ``sizes`` atoms, numbered from a bridgehead round the longest bridge first."""
    a, b, c = sizes
    out = Fragment()
    for i in range(a + b + 2):
        out.add("C", i - 1 if i else None)
    out.bonds.append((0, a + b + 1, 1))
    before = 0
    for _ in range(c):
        before = out.add("C", before)
    out.bonds.append((before, a + 1, 1))
    out.locants = {str(i + 1): i for i in range(a + b + c + 2)}
    out.ring = True
    return out


def spiro(sizes: tuple[int, int]) -> Fragment:
    """Spiro bicycle: the smaller ring first, then the common atom, then the larger."""
    a, b = sizes
    out = Fragment()
    for i in range(a + b + 1):
        out.add("C", i - 1 if i else None)
    out.bonds += [(0, a, 1), (a, a + b, 1)]
    out.locants = {str(i + 1): i for i in range(a + b + 1)}
    out.ring = True
    return out


_FUSED = re.compile(
    r"(?:\[(?P<hetero>[\d,]+)\])?-?(?P<prefix>"
    + "|".join(sorted(PREFIXES, key=len, reverse=True))
    + r")-?\[(?:(?P<locants>[\d,a-z]+)-)?(?P<side>[a-z])\]-?(?:\[(?P<base>[\d,]+)\])?"
)


def fused(text: str, start: int) -> Iterator[tuple[int, Fragment]]:
    """Fused bicycles whose name begins at ``start``: end of the name and ring system."""
    match = _FUSED.match(text, start)
    if match is None:
        return
    name = PREFIXES[match["prefix"]]
    if match["hetero"]:
        name = f"{match['hetero']}-{name.split('-')[-1]}"
    base = (match["base"] + "-") if match["base"] else ""
    rest = base + text[match.end() :]
    words = sorted(set(rings().at(rest, 0)), key=len, reverse=True)
    words += [base + w for w in rings().at(text, match.end())] if base else []
    for word in words:
        parent = rings().make(word) if word in rings() else None
        attached = cycle(int({"cyclopenta": 5, "cyclohepta": 7}[name])) if name.startswith("cyclo") else (rings().make(name) if name in rings() else None)
        if parent is None or attached is None:
            continue
        if name.startswith("cyclo"):
            attached.unsaturated = set(range(len(attached.atoms)))
        locants = tuple((match["locants"] or "").split(",")) if match["locants"] else ()
        joined = _fuse(parent, attached, locants, match["side"])
        if joined is not None:
            yield match.end() + len(word) - len(base), joined


def _fuse(parent: Fragment, attached: Fragment, locants: tuple[str, ...], side: str) -> Fragment | None:
    """Fuse the bond ``locants`` of ``attached`` to the bond ``side`` (a = 1-2, b = 2-3, ...) of ``parent``, then number the whole anew."""
    names = [k for k in parent.locants if k.isdigit() or re.fullmatch(r"\d+[a-z]", k)]
    ordered = sorted(names, key=lambda k: (int(re.match(r"\d+", k)[0]), k))  # type: ignore[index]
    index = ord(side) - ord("a")
    if index >= len(ordered) or len(locants) not in (0, 2):
        return None
    first, second = parent.locants[ordered[index]], parent.locants[ordered[(index + 1) % len(ordered)]]
    if locants:
        if any(k not in attached.locants for k in locants):
            return None
        one, two = (attached.locants[k] for k in locants)
    else:
        one, two = next(((i, j) for i, j, _ in attached.bonds if attached.atoms[i][0] == attached.atoms[j][0] == "C"), (0, 1))
    if two not in attached.neighbours(one):
        return None
    out = parent.copy()
    place = {one: first, two: second}
    for atom, (symbol, charge) in enumerate(attached.atoms):
        if atom in place:
            if symbol != "C" and out.atoms[place[atom]][0] == "C":
                out.atoms[place[atom]] = (symbol, charge)
                out.unsaturated.add(place[atom])
        else:
            place[atom] = out.add(symbol, charge=charge)
            if atom in attached.unsaturated:
                out.unsaturated.add(place[atom])
    out.bonds += [(place[i], place[j], 1) for i, j, _ in attached.bonds if {i, j} != {one, two}]
    for atom in (first, second):
        if out.atoms[atom][0] == "N":
            out.unsaturated.discard(atom)
    out.locants = _number(out)
    return out if out.locants else None


def _number(ring: Fragment) -> dict[str, int]:
    """Locants of a bicycle or other ring system with a single outer circuit: low locants to hetero atoms, then to fusion carbons, then by element rank."""
    fusion = {a for a in range(len(ring.atoms)) if ring.degree(a) > 2}
    inner = {frozenset((i, j)) for i, j, _ in ring.bonds if i in fusion and j in fusion}
    if len(fusion) != 2:
        inner = _inner(ring, fusion)
    near = {a: [b for b in ring.neighbours(a) if frozenset((a, b)) not in inner] for a in range(len(ring.atoms))}
    if any(len(n) != 2 for n in near.values()):
        return {}
    best: tuple[tuple[object, ...], dict[str, int]] | None = None
    for start in near:
        for onward in near[start]:
            before = next(b for b in near[start] if b != onward) if near[start][0] != near[start][1] else onward
            if before not in fusion or start in fusion:  # numbering begins at an atom just past a fusion atom
                continue
            walk = [start, onward]
            while len(walk) < len(near):
                walk.append(next(b for b in near[walk[-1]] if b != walk[-2]))
            locants, number, letters = {}, 0, 0
            for atom in walk:
                if atom in fusion and ring.atoms[atom][0] == "C":
                    letters += 1
                    locants[f"{number}{chr(96 + letters)}"] = atom
                else:
                    number, letters = number + 1, 0
                    locants[str(number)] = atom
            rank = _preference(ring, locants, fusion)
            if best is None or rank < best[0]:
                best = (rank, locants)
    return best[1] if best else {}


def _inner(ring: Fragment, fusion: set[int]) -> set[frozenset[int]]:
    """Bonds shared by two rings: those whose removal leaves their ends in a cycle of the rest on both sides (found by RDKit's ring count)."""
    from rdkit import Chem

    mol = Chem.RWMol()
    for _ in ring.atoms:
        mol.AddAtom(Chem.Atom(6))
    for i, j, _ in ring.bonds:
        mol.AddBond(i, j, Chem.BondType.SINGLE)
    Chem.FastFindRings(mol)
    info = mol.GetRingInfo()
    return {frozenset((b.GetBeginAtomIdx(), b.GetEndAtomIdx())) for b in mol.GetBonds() if info.NumBondRings(b.GetIdx()) > 1}


def _preference(ring: Fragment, locants: dict[str, int], fusion: set[int]) -> tuple[object, ...]:
    """Lower is better, by the rules in their order."""

    def key(text: str) -> tuple[int, str]:
        digits = re.match(r"\d+", text)
        return (int(digits[0]) if digits else 0, text)

    hetero = sorted((key(k), _RANK.get(ring.atoms[a][0], 9)) for k, a in locants.items() if ring.atoms[a][0] != "C")
    carbons = sorted(key(k) for k, a in locants.items() if a in fusion and ring.atoms[a][0] == "C")
    shared = sorted(key(k) for k, a in locants.items() if a in fusion and ring.atoms[a][0] != "C")
    return ([k for k, _ in hetero], sorted(((r, k) for k, r in hetero)), carbons, shared)
