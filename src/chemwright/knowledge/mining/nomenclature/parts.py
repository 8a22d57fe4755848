"""The parts that the grammar of one word is made of: radical endings, hydro prefixes, retained acids in their forms, suffixes on a parent."""

from __future__ import annotations

import re

from chemwright.knowledge.mining.nomenclature.assemble import Unfit
from chemwright.knowledge.mining.nomenclature.fragment import Fragment, from_smiles
from chemwright.knowledge.mining.nomenclature.suffixes import ACYL, ATE, CHAIN_SUFFIXES, SUFFIXES

_YL = re.compile(r"(?:e?-(?P<loc>\d+[a-h]?)(?:\((?P<h>\d+)h\))?-|a-(?P<loc2>\d+)-)?(?P<end>ylideneamino|ylidene|ylene|yloxy|yl|oxy)")


def radical_endings(text: str, at: int, end: int) -> list[tuple[int, str, int, str]]:
    """Radical endings at a place: end, locant, bond order, tail."""
    match = _YL.match(text, at, end)
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
    if extra and (atom := out.locants.get(extra)) is not None:
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
