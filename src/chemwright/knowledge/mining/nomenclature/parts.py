"""The parts that the grammar of one word is made of: radical endings, hydro prefixes, retained acids in their forms, suffixes on a parent."""

from __future__ import annotations

import re

from chemwright.knowledge.mining.nomenclature.assemble import Unfit
from chemwright.knowledge.mining.nomenclature.fragment import Fragment, from_smiles
from chemwright.knowledge.mining.nomenclature.suffixes import ACYL, ATE, CHAIN_SUFFIXES, SUFFIXES

_YL = re.compile(r"(?:e?-(?P<loc>\d+[a-h]?)(?:\((?P<h>\d+)h\))?-|a-(?P<loc2>\d+)-)?(?P<end>ylideneamino|ylidene|ylene|yloxy|yl|oxy)")
#: what stands between a parent's name and the next part: atoms (symbol, order, index of the atom before, -1 for the parent's own) from the parent outwards; the last is that by which it hangs
_TAILS: dict[str, tuple[tuple[str, int, int], ...]] = {
    "oxy": (("O", 1, -1),), "sulfonyl": (("O", 2, 2), ("O", 2, 2), ("S", 1, -1)), "sulfinyl": (("O", 2, 1), ("S", 1, -1)), "carbonyl": (("O", 2, 1), ("C", 1, -1)),
    "sulfonyloxy": (("S", 1, -1), ("O", 2, 0), ("O", 2, 0), ("O", 1, 0)), "sulfonylamino": (("S", 1, -1), ("O", 2, 0), ("O", 2, 0), ("N", 1, 0)), "sulfonamido": (("S", 1, -1), ("O", 2, 0), ("O", 2, 0), ("N", 1, 0)),
    "carbonyloxy": (("C", 1, -1), ("O", 2, 0), ("O", 1, 0)), "carbonylamino": (("C", 1, -1), ("O", 2, 0), ("N", 1, 0)), "carboxamido": (("C", 1, -1), ("O", 2, 0), ("N", 1, 0)),
}  # fmt: skip
_TAIL = re.compile(r"e?(?:-(?P<loc>\d+[a-h]?)-)?(?P<tail>sulfonyloxy|sulfonylamino|sulfonamido|sulfonyl|sulfinyl|carbonyloxy|carbonylamino|carboxamido|carbonyl)")
_OYL = re.compile(r"oyl(?P<tail>oxy|amino)?")


def radical_endings(text: str, at: int, end: int) -> list[tuple[int, str, int, str]]:
    """Radical endings at a place: end, locant, bond order, tail."""
    match = _YL.match(text, at, end)
    if match is None and (tail := _TAIL.match(text, at, end)):
        return [(tail.end(), tail["loc"] or "", 1, tail["tail"])]
    if match is None and (oyl := _OYL.match(text, at, end)):
        return [(oyl.end(), "", 1, "oyl" + (oyl["tail"] or ""))]
    if match is None:
        return []
    place = match["loc"] or match["loc2"] or ""
    word = match["end"]
    if word in ("yl",):
        return [(match.end(), place, 1, "")]
    if word in ("yloxy",):
        return [(match.end(), place, 1, "oxy")]
    if word == "oxy":
        return [(match.end(), place, 1, "oxy")] if not place else []
    if word == "ylidene":
        return [(match.end(), place, 2, "")]
    return []


def hang_tail(group: Fragment, atom: int, tail: str) -> int:
    """Put what follows a parent's name (``sulfonyl``, ``carbonyloxy``, ``oyl``) on its atom; the atom by which the whole then hangs."""
    if tail.startswith("oyl"):
        if group.ring or group.free(atom) < 3:
            raise Unfit
        group.add("O", atom, 2)
        return {"": lambda: atom, "oxy": lambda: group.add("O", atom), "amino": lambda: group.add("N", atom)}[tail[3:]]()
    first = len(group.atoms)
    for symbol, _, _ in _TAILS[tail]:
        group.add(symbol)
    for k, (_, order, before) in enumerate(_TAILS[tail]):
        group.bonds.append((atom if before < 0 else first + before, first + k, order))
    last = len(group.atoms) - 1
    if group.atoms[last][0] == "N":
        _letter(group, last)
    return last


def hydrogenated(parent: Fragment, hydro: tuple[str, ...]) -> Fragment:
    """A retained parent with hydro prefixes (``3,4,5,6-tetrahydrophthalimide``): its carbon double bonds become a skeleton to be settled anew, less the places named.

    Raises:
        Unfit: a place that it doesn't have, or hydro prefixes without places.
    """
    if not hydro:
        return parent
    out = parent.copy()
    for k, (i, j, order) in enumerate(out.bonds):
        if order == 2 and out.atoms[i][0] in "CN" and out.atoms[j][0] in "CN":
            out.bonds[k] = (i, j, 1)
            out.unsaturated |= {i, j}
    for locant in hydro:
        atom = out.locants.get(locant)
        if atom is None or atom not in out.unsaturated:
            raise Unfit
        out.unsaturated.discard(atom)
    return out


def saturate(body: Fragment, indicated: tuple[str, ...], hydro: tuple[str, ...]) -> None:
    """Take the places of indicated hydrogen and hydro prefixes out of the double bonds, and put hetero atoms where -oxa-, -aza- say."""
    for locant in (*indicated, *(h for h in hydro if h[0].isdigit())):
        atom = body.locants.get(locant)
        if atom is None or not body.ring:
            raise Unfit
        body.unsaturated.discard(atom)
    for mark in hydro:
        if mark == "*":
            body.unsaturated = set()
        elif mark.startswith("#"):  # tetrahydrofuran: no locants needed where nothing is left to choose
            if not int(mark[1:]) <= len(body.unsaturated) <= int(mark[1:]) + 1:
                raise Unfit
            body.unsaturated = set()
        elif ":" in mark:
            element, locant = mark.split(":")
            atom = body.locants.get(locant)
            if atom is None:
                raise Unfit
            body.atoms[atom] = (element, 0)


def retained_acid(row: dict[str, str]) -> tuple[str, Fragment] | None:
    """A retained acid in one of its forms: kind and fragment."""
    out = from_smiles(row["smiles"], row["locants"])
    centres = [int(c) for c in row["centres"].split()]
    out.open = [a for k, a in out.locants.items() if a not in centres and k not in ("1", "N", "n", "-")] + ([out.locants["N"]] if "N" in out.locants else [])
    if row["stem"] in ("glycin", "alanin", "prolin"):
        out.open.insert(0, out.locants["N"])
    form = row["form"]
    for centre in centres if row["stem"] != "carbon" else centres[:1]:
        _form(out, centre, form)
    if row["stem"] == "carbon":
        out.acid.append((0, out.add("O", 0)))
    kind = "acyl" if form in ("yl", "oyl") else "ate" if form in ("ate", "oate", "onate", "imidate") else "molecule"
    if kind == "acyl":
        out.attach = centres[0]
    return kind, out


def _form(out: Fragment, centre: int, form: str) -> None:
    """Turn an aldehyde-like acid centre (C=O, or S(=O)=O) into the acid, ester stem, acyl, amide, nitrile and so on."""
    oxygens = [a for a in out.neighbours(centre) if out.atoms[a][0] == "O" and any({i, j} == {a, centre} and o == 2 for i, j, o in out.bonds)]
    if (form.endswith("acid") and form != "hydroxamic acid") or form in ("ate", "oate", "onate", "yl", "oyl", "ic"):
        out.acid.append((centre, out.add("O", centre)))
    elif form in ("amide", "onamide", "ide"):
        _letter(out, out.add("N", centre))
    elif form == "anilide":
        n = out.add("N", centre)
        first = out.add("C", n)
        ring = [first]
        for k in range(5):
            ring.append(out.add("C", ring[-1], 2 if k % 2 else 1))
        out.bonds.append((first, ring[-1], 2))
        for k, a in enumerate(ring):
            out.locants[f"{k + 1}'"] = a
        _letter(out, n)
    elif form in ("onitrile", "nitrile", "itrile"):
        out.drop(oxygens[0])
        out.add("N", centre, 3)
    elif form in ("amidine", "imidate"):
        out.drop(oxygens[0])
        _letter(out, out.add("N", centre, 2))
        other = out.add("N" if form == "amidine" else "O", centre)
        if form == "imidate":
            out.acid.append((centre, other))
        else:
            _letter(out, other)
    elif form in ("hydrazide", "ohydrazide"):
        out.add("N", out.add("N", centre))
    elif form == "hydroxamic acid":
        out.add("O", out.add("N", centre))


def _letter(f: Fragment, atom: int) -> None:
    for name in ("N", "N'", "N''"):
        if name not in f.locants:
            f.locants[name] = f.locants[name.lower()] = atom
            return


def acyl(fragment: Fragment) -> Fragment:
    """An acyl word as a substituent: the OH of its (last) acid centre gives way."""
    out = fragment.copy()
    centre, oxygen = out.acid[-1]
    out.drop(oxygen)
    out.attach, out.order, out.acid = centre, 1, out.acid[:-1]
    return out


def kind_of(suffix: str) -> str:
    """What a word that ends in this suffix is: ``acyl``, ``ate`` or ``molecule``."""
    return "acyl" if suffix in ACYL else "ate" if suffix in ATE else "molecule"


def with_suffix(body: Fragment, suffix: str, n: int, locants: tuple[str, ...], extra: str | None) -> Fragment | None:
    """The body with ``n`` suffixes at ``locants`` (chain ends for -oic acid and its kin), or None."""
    out = body.copy()
    if suffix in CHAIN_SUFFIXES and not out.ring:
        size = sum(k.isdigit() for k in out.locants)
        ends = [out.locants["1"], out.locants[str(size)]][:n] if size else []
        if n > 2 or len(ends) < n or (n == 2 and size < 2):
            return None
        for end in ends:
            if out.free(end) < 2:
                return None
            CHAIN_SUFFIXES[suffix](out, end)
        out.open = [a for k, a in out.locants.items() if k.isdigit() and a not in ends][:5]
        return out
    if suffix not in SUFFIXES:
        return None
    if suffix in ("carbonyl", "acetyl", "sulfonyl", "sulfinyl") and n > 1:
        return None
    places = list(locants[:n]) if len(locants) == n else []
    if not places:
        if len(locants) not in (0,) or (n > 1 and len(out.atoms) > 2):
            return None
        places = ["1", "2"][:n]
    for added in (extra or "").split(","):
        if (atom := out.locants.get(added.rstrip("h"))) is not None:
            out.unsaturated.discard(atom)
    for place in places:
        atom = out.locants.get(place)
        if atom is None:
            return None
        need = 2 if suffix in ("one", "on", "thione", "imine") else 1
        if out.free(atom) + (atom in out.unsaturated and need == 2) < need:
            return None
        before = len(out.atoms)
        SUFFIXES[suffix](out, atom)
        if out.atoms[atom][0] == "N":
            out.unsaturated.discard(atom)
        if "N" in out.locants and out.locants["N"] >= before:
            out.locants.setdefault("n", out.locants["N"])
    out.open = [a for k, a in out.locants.items() if k.isdigit() and k not in places and out.free(a) > 0][:5]
    if suffix in ("amine", "carboxamide", "sulfonamide", "methanamine") and len(body.atoms) == 1 and "N" in out.locants:
        out.open.insert(0, out.locants["N"])
    return out
