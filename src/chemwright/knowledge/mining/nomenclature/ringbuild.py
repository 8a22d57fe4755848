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
    "benzopyrano": "chromene", "chromeno": "chromene", "naphtho": "naphthalene", "isoquino": "isoquinoline", "quinazolino": "quinazoline", "quinoxalino": "quinoxaline", "benzimidazo": "benzimidazole", "indeno": "indene",
    "benzofuro": "benzofuran", "benzothieno": "benzothiophene", "diazepino": "1,4-diazepine", "oxazino": "1,3-oxazine", "thiazino": "1,3-thiazine", "oxepino": "oxepin", "thiepino": "thiepin", "selenopheno": "selenophene",
    "isoindolo": "isoindole", "indazolo": "indazole", "phthalazino": "phthalazine", "cinnolino": "cinnoline", "purino": "purine", "benzothiazolo": "benzothiazole", "dithiolo": "1,3-dithiole",
}  # fmt: skip
#: prefixes that mean a ring only with the places of its hetero atoms
_HETERO_TOLD = frozenset({"diazepino", "oxazino", "thiazino", "dithiolo"})
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
    yield from _dibenzo(text, start)
    match = _FUSED.match(text, start)
    if match is None:
        return
    yield from _twice(text, match)
    attached = _attached(match)
    if attached is None:
        return
    base = (match["base"] + "-") if match["base"] else ""
    rest = base + text[match.end() :]
    words = sorted(set(rings().at(rest, 0)), key=len, reverse=True)
    words += [base + w for w in rings().at(text, match.end())] if base else []
    for word in words:
        parent = rings().make(word) if word in rings() else None
        if parent is None:
            continue
        joined = _fuse(parent, attached, _locants(match), match["side"])
        if joined is not None and (numbered := _numbered(joined)) is not None:
            joined = numbered
            yield match.end() + len(word) - len(base), joined


def _locants(match: re.Match[str]) -> tuple[str, ...]:
    return tuple(match["locants"].split(",")) if match["locants"] else ()


def _attached(match: re.Match[str]) -> Fragment | None:
    """The ring that a prefix names, with its own locants of hetero atoms (``[1,3]thiazino``) where those make a ring we know."""
    name = PREFIXES[match["prefix"]]
    if name.startswith("cyclo"):
        out = cycle({"cyclopenta": 5, "cyclohepta": 7}[name])
        out.unsaturated = set(range(len(out.atoms)))
        return out
    if match["prefix"] in _HETERO_TOLD and not match["hetero"]:
        return None
    told = f"{match['hetero']}-{name.split('-')[-1]}" if match["hetero"] else name
    return rings().make(told if told in rings() else name) if told in rings() or name in rings() else None


def _twice(text: str, match: re.Match[str]) -> Iterator[tuple[int, Fragment]]:
    """Two prefixes on one parent: ``imidazo[1,5-a]thieno[2,3-f][1,4]diazepine``."""
    second = _FUSED.match(text, match.end() - (len(match["base"]) + 2 if match["base"] else 0))
    if second is None:
        return
    base = (second["base"] + "-") if second["base"] else ""
    first_ring, second_ring = _attached(match), _attached(second)
    if first_ring is None or second_ring is None:
        return
    for word in sorted(set(rings().at(base + text[second.end() :], 0)), key=len, reverse=True):
        joined = _fuse(rings().make(word), second_ring, _locants(second), second["side"])
        joined = _fuse(joined, first_ring, _locants(match), match["side"]) if joined is not None else None
        if joined is not None and (numbered := _numbered(joined)) is not None and len(word) >= len(base):
            yield second.end() + len(word) - len(base), numbered


_DIBENZO = re.compile(r"dibenzo?-?\[(?P<one>[a-z]),(?P<two>[a-z])\]-?(?:\[(?P<base>[\d,]+)\])?")


def _dibenzo(text: str, start: int) -> Iterator[tuple[int, Fragment]]:
    """``dibenzo[b,f]azepine``."""
    match = _DIBENZO.match(text, start)
    if match is None:
        return
    base = (match["base"] + "-") if match["base"] else ""
    for word in sorted(set(rings().at(base + text[match.end() :], 0)), key=len, reverse=True):
        joined: Fragment | None = rings().make(word)
        for side in (match["two"], match["one"]):
            joined = _fuse(joined, rings().make("benzene"), (), side) if joined is not None else None
        if joined is not None and (numbered := _numbered(joined)) is not None and len(word) >= len(base):
            yield match.end() + len(word) - len(base), numbered


def _numbered(ring: Fragment) -> Fragment | None:
    ring.locants = _number(ring)
    return ring if ring.locants else None


def _fuse(parent: Fragment, attached: Fragment, locants: tuple[str, ...], side: str) -> Fragment | None:
    """Fuse the bond ``locants`` of ``attached`` to the bond ``side`` (a = 1-2, b = 2-3, ...) of ``parent``, whose locants stay."""
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
    return out


def _number(ring: Fragment) -> dict[str, int]:
    """Locants of a bicycle or other ring system with a single outer circuit: low locants to hetero atoms, then to fusion carbons, then by element rank."""
    fusion = {a for a in range(len(ring.atoms)) if ring.degree(a) > 2}
    inner = {frozenset((i, j)) for i, j, _ in ring.bonds if i in fusion and j in fusion}
    if len(fusion) != 2:
        inner = _inner(ring, fusion)
    if len(inner) > 2:  # four rings and more are numbered by their drawing, which is not done here
        return {}
    near = {a: [b for b in ring.neighbours(a) if frozenset((a, b)) not in inner] for a in range(len(ring.atoms))}
    if any(len(n) != 2 for n in near.values()):
        return {}
    ends, bay = _three_rings(ring, inner)
    best: tuple[tuple[object, ...], dict[str, int]] | None = None
    for start in near:
        for onward in near[start]:
            before = next(b for b in near[start] if b != onward) if near[start][0] != near[start][1] else onward
            if before not in fusion or start in fusion or (ends and start not in ends):  # numbering begins at an atom just past a fusion atom
                continue
            if bay and not (before in bay and next(b for b in near[before] if b != start) in bay):
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


def _three_rings(ring: Fragment, inner: set[frozenset[int]]) -> tuple[set[int], set[int]]:
    """Of three rings in a chain: the atoms where numbering may begin (those of the outer rings), and the two fusion atoms of the bay when the chain is bent, behind which it must end. Empty for all other systems."""
    if len(inner) != 2:
        return set(), set()
    (a, b), (c, d) = (tuple(bond) for bond in inner)
    if {a, b} & {c, d}:
        return set(), set()
    rest = {frozenset((i, j)) for i, j, _ in ring.bonds} - inner
    middle = {a, b, c, d} | {x for x in range(len(ring.atoms)) if _path(rest, x, {a, b}, {c, d})}
    outer = set(range(len(ring.atoms))) - middle
    bay = {x for bond in rest if len(bond & {a, b}) == 1 and len(bond & {c, d}) == 1 for x in bond}
    return outer, (bay if len(middle) >= 6 and len(bay) == 2 else set())


def _path(rest: set[frozenset[int]], x: int, one: set[int], two: set[int]) -> bool:
    """Whether an atom lies on the way from one fusion bond to the other."""
    ends, seen, todo = set(), {x}, [x]
    if x in one | two:
        return False
    while todo:
        now = todo.pop()
        for bond in rest:
            if now in bond:
                (other,) = bond - {now}
                if other in one | two:
                    ends.add(1 if other in one else 2)
                elif other not in seen:
                    seen.add(other)
                    todo.append(other)
    return ends == {1, 2}


def _inner(ring: Fragment, fusion: set[int]) -> set[frozenset[int]]:
    """Bonds shared by two rings: those whose removal leaves their ends in a cycle of the rest on both sides (found by RDKit's ring count)."""
    from rdkit import Chem

    mol = Chem.RWMol()
    for _ in ring.atoms:
        mol.AddAtom(Chem.Atom(6))
    for i, j, _ in ring.bonds:
        mol.AddBond(i, j, Chem.BondType.SINGLE)
    Chem.GetSSSR(mol)
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
