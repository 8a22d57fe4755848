"""Names of several words: acids, esters, acid chlorides, functional classes (``methyl iodide``), salts and hydrates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from chemwright.errors import SubstanceError
from chemwright.knowledge.mining.nomenclature.finish import finish
from chemwright.knowledge.mining.nomenclature.fragment import Fragment, from_smiles
from chemwright.knowledge.mining.nomenclature.grammar import Parser, Word
from chemwright.knowledge.mining.nomenclature.normalise import normalise
from chemwright.knowledge.mining.nomenclature.peptides import peptide

MAX_NAME = 250
MAX_SPACES = 10
_CLASS = {
    "chloride": "Cl", "bromide": "Br", "iodide": "I", "fluoride": "F", "cyanide": "C#N", "isocyanate": "N=C=O", "isothiocyanate": "N=C=S", "thiocyanate": "SC#N", "azide": "N=[N+]=[N-]", "alcohol": "O",
    "mercaptan": "S", "thiol": "S", "amine": "N", "hydroperoxide": "OO", "hydrazine": "NN", "carbinol": "CO", "isocyanide": "[N+]#[C-]",
}  # fmt: skip
_TWO = {
    "ether": "O",
    "sulfide": "S",
    "thioether": "S",
    "ketone": "C=O",
    "sulfoxide": "S=O",
    "sulfone": "S(=O)=O",
    "disulfide": "SS",
    "amine": "N",
    "peroxide": "OO",
    "carbonate": "C(=O)(O)O",
}
_SALTS = {
    "hydrochloride": "Cl", "hydrobromide": "Br", "hydroiodide": "I", "hydriodide": "I", "hydrofluoride": "F", "trifluoroacetate": "OC(=O)C(F)(F)F", "hydrogen sulfate": "OS(=O)(=O)O", "sulfate": "OS(=O)(=O)O",
    "hydrate": "O", "tosylate": "Cc1ccc(cc1)S(=O)(=O)O", "mesylate": "CS(=O)(=O)O", "oxalate": "OC(=O)C(=O)O", "acetate salt": "CC(=O)O", "nitrate": "O[N+](=O)[O-]", "perchlorate": "OCl(=O)(=O)=O",
    "methanesulfonate": "CS(=O)(=O)O", "p-toluenesulfonate": "Cc1ccc(cc1)S(=O)(=O)O", "maleate": "OC(=O)/C=C\\C(=O)O", "fumarate": "OC(=O)/C=C/C(=O)O",
}  # fmt: skip
_METALS = {
    "sodium": ("Na", 1),
    "potassium": ("K", 1),
    "lithium": ("Li", 1),
    "cesium": ("Cs", 1),
    "silver": ("Ag", 1),
    "calcium": ("Ca", 2),
    "magnesium": ("Mg", 2),
    "zinc": ("Zn", 2),
    "barium": ("Ba", 2),
    "ammonium": ("NH4", 1),
}
_COUNT = {"": 1, "mono": 1, "di": 2, "tri": 3, "bis": 2, "tetra": 4}
_ESTER = re.compile(r"^(?P<acid>.*acid|[^ ]*(?:ine|ate|glycine|phan)),? ?,?(?P<mult>di|mono|bis-?)?\(?(?P<alkyl>[^ ]+?)\)?(?: |-)ester$")
_DERIVED = re.compile(r"^(?P<acid>.*acid),? ?(?P<what>chloride|bromide|fluoride|amide|hydrazide|anhydride|nitrile|methylamide|anilide|dimethylamide|dichloride|azide)$")


@lru_cache(maxsize=8192)
def structure_of(name: str) -> str:
    """Canonical SMILES of a systematic or semi-systematic name, or empty when the grammar can't read it. Bounded in time.

    Covers substitutive names over the vocabulary in ``data/mining``, fused bicycles, von Baeyer and spiro rings, acids and what is made of them, functional-class names and common salts.
    """
    if not isinstance(name, str) or not 2 < len(name) <= MAX_NAME or name.count(" ") > MAX_SPACES:
        return ""
    if made := peptide(name):
        return made
    text = normalise(name)
    for reading in _readings(text):
        try:
            return finish(reading)
        except SubstanceError:
            continue
    return ""


def _readings(text: str) -> Iterator[list[Fragment]]:
    """Lists of fragments (several for salts), likeliest first."""
    try:
        yield from _salt(text)
        yield from ([f] for f in _neutral(text))
        joined = text.replace(" ", "")
        if joined != text:
            yield from ([f] for f in _neutral(joined))
    except (SubstanceError, RecursionError):
        return


def _salt(text: str) -> Iterator[list[Fragment]]:
    """``X hydrochloride``, ``sodium X-ate``, ``X sodium salt``, ``X hydrate``."""
    for word, smiles in _SALTS.items():
        match = re.match(rf"^(.+?)[ -](sesqui|hemi|mono|di|tri|bis)?\(?{re.escape(word)}\)?(?: salt)?$", text)
        if match and match[2] not in ("sesqui", "hemi"):
            for reading in _readings(match[1]):
                yield [from_smiles(smiles) for _ in range(_COUNT[match[2] or ""])] + reading
    if match := re.match(r"^(.+ium) (chloride|bromide|iodide|tetrafluoroborate|hexafluorophosphate|hydroxide|fluoride)$", text):
        anions = {
            "chloride": "[Cl-]",
            "bromide": "[Br-]",
            "iodide": "[I-]",
            "tetrafluoroborate": "F[B-](F)(F)F",
            "hexafluorophosphate": "F[P-](F)(F)(F)(F)F",
            "hydroxide": "[OH-]",
            "fluoride": "[F-]",
        }
        for fragment in _neutral(match[1]):
            yield [fragment, from_smiles(anions[match[2]])]
    if match := re.match(r"^(?P<mult>di|tri)?(?P<metal>" + "|".join(_METALS) + r") (?:salt of )?(?P<rest>.+)$", text) or re.match(
        r"^(?P<rest>.+?),? (?P<mult>di|mono)?(?P<metal>" + "|".join(_METALS) + r")(?: salt)?$", text
    ):
        symbol, charge = _METALS[match["metal"]]
        for fragment in _anions(match["rest"]):
            yield _ions(fragment, symbol, charge)


def _ions(fragment: Fragment, symbol: str, charge: int) -> list[Fragment]:
    out = fragment.copy()
    for _, oxygen in out.acid:
        out.atoms[oxygen] = (out.atoms[oxygen][0], -1)
    n, out.acid = len(out.acid), []
    copies = charge if n == 1 else 1
    metal = f"[{symbol}+]" if charge == 1 else f"[{symbol}+{charge}]"
    return [out.copy() for _ in range(copies)] + [from_smiles(metal) for _ in range(max(1, n * copies // charge))]


def _anions(text: str) -> Iterator[Fragment]:
    """Readings whose acid groups give their hydrogens away: ``benzoate``, ``acetic acid``, ``methoxide``, ``phenolate``."""
    if text.endswith("oxide") and len(text) > 6:
        for word in Parser(text[:-3].replace("ox", "oxy") if not text.endswith("yloxide") else text[:-5] + "oxy").words():
            if word.kind == "radical":
                out = word.fragment.copy()
                out.acid = [(out.attach, out.attach)]
                yield out
                return
    for word in Parser(text).words():
        if word.fragment.acid:
            yield word.fragment


_OXIDE = re.compile(r"^(?P<base>.+?)[- ](?:(?P<loc>\d+(?:,\d+)*|[ns](?:,s)?)-)?(?P<two>di)?oxide$")


def _oxides(text: str) -> Iterator[Fragment]:
    """``...-1-oxide``, ``...-1,1-dioxide``, ``... S-oxide`` on sulfur and phosphorus, ``... 3-oxide`` and ``N-oxide`` on a nitrogen without hydrogen."""
    match = _OXIDE.match(text)
    if match is None:
        return
    places = (match["loc"] or "").split(",")
    for fragment in _neutral(match["base"]):
        out = fragment.copy()
        atom = out.locants.get(places[0]) if places[0].isdigit() else None
        if atom is None:
            kinds = "N" if places[0] == "n" else "S" if places[0] == "s" else "SP"
            able = [a for a, (s, c) in enumerate(out.atoms) if s in kinds and s != "*" and c == 0 and (s != "N" or a in out.unsaturated or out.free(a) == 0)]
            atom = able[0] if len(able) == 1 else None
        if atom is None or out.atoms[atom][0] not in "NSP":
            continue
        for _ in range(2 if match["two"] else 1):
            if out.atoms[atom][0] == "N":
                out.atoms[atom] = ("N", 1)
                out.add("O", atom, charge=-1)
            else:
                out.add("O", atom, 2)
        yield out
        return


def _neutral(text: str) -> Iterator[Fragment]:
    """One molecule."""
    for word in Parser(text).words():
        if word.kind == "molecule" and word.fragment.order != 0:
            yield _closed(word)
    if match := _ESTER.match(text):
        yield from _ester(_COUNT[(match["mult"] or "").rstrip("-")], match["alkyl"], match["acid"])
    if match := _DERIVED.match(text):
        yield from _derived(match["acid"], match["what"])
    parts = _split(text)
    if len(parts) > 1:
        yield from _phrase(parts)
    if text.endswith("oxide"):
        yield from _oxides(text)


def _closed(word: Word) -> Fragment:
    out = word.fragment.copy()
    out.acid = []
    return out


def _split(text: str) -> list[str]:
    """Words parted by spaces outside brackets."""
    out, depth, last = [], 0, 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if c == " " and depth <= 0:
            out.append(text[last:i])
            last = i + 1
    return [w for w in [*out, text[last:]] if w]


def _radicals(text: str, kinds: tuple[str, ...] = ("radical",)) -> Iterator[Word]:
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    for word in Parser(text).words():
        if word.kind in kinds:
            yield word


def _phrase(parts: list[str]) -> Iterator[Fragment]:
    """Functional-class names: esters, halides, ethers, anhydrides, oximes."""
    last = parts[-1]
    if last in ("chloride", "bromide", "iodide", "fluoride") and len(parts) == 2 and parts[0].endswith("ium"):
        return
    if last in _CLASS and len(parts) >= 2:
        for word in _radicals(" ".join(parts[:-1]) if len(parts) == 2 else "".join(parts[:-1]), ("radical", "acyl")):
            yield _capped(word, _CLASS[last])
            break
    if (match := re.fullmatch(r"(di|tri|tetra)(chloride|bromide|iodide|cyanide)", last)) and len(parts) == 2:
        for word in _radicals(parts[0], ("acyl",)):
            if len(word.fragment.acid) == _COUNT[match[1]]:
                yield _halide(word.fragment, _CLASS[match[2]])
                break
    if last in _TWO and len(parts) >= 2:
        yield from _between(parts[:-1], _TWO[last])
    if last == "anhydride" and len(parts) == 2:
        yield from _derived(parts[0] + " acid", "anhydride")
    if (last == "oxide" and len(parts) >= 3 and parts[-2] in ("n", "n-")) or last == "n-oxide":
        base = "".join(parts[: -1 if last == "n-oxide" else -2])
        for fragment in _neutral(base):
            nitrogen = next((a for a, (s, _) in enumerate(fragment.atoms) if s == "N" and (a in fragment.unsaturated or fragment.free(a) == 0)), None)
            if nitrogen is not None:
                out = fragment.copy()
                out.atoms[nitrogen] = ("N", 1)
                out.add("O", nitrogen, charge=-1)
                yield out
                break
    if (found := re.fullmatch(r"(?:o-(?P<alkyl>[a-z()-]+?)-?)?oxime", "".join(parts[1:]))) and found["alkyl"]:
        alkyl = next(_radicals(found["alkyl"]), None)
        for fragment in _phrase([parts[0], "oxime"]) if alkyl is not None else ():
            out = fragment.copy()
            out.hang(alkyl.fragment, len(out.atoms) - 1)  # type: ignore[union-attr]
            yield out
            break
    if last == "oxime" and len(parts) >= 2:
        for fragment in _neutral(" ".join(parts[:-1])):
            for i, j, order in fragment.bonds:
                if order == 2 and {fragment.atoms[i][0], fragment.atoms[j][0]} == {"C", "O"}:
                    out = fragment.copy()
                    oxygen = i if fragment.atoms[i][0] == "O" else j
                    out.atoms[oxygen] = ("N", 0)
                    out.add("O", oxygen)
                    yield out
                    break
            break
    yield from _alkyl_ate(parts)


def _alkyl_ate(parts: list[str]) -> Iterator[Fragment]:
    """``ethyl 3-oxobutanoate``, ``dimethyl malonate``, ``ethyl methyl malonate``, ``tert-butyl hydrogen malonate``."""
    for cut in range(len(parts) - 1, 0, -1):
        acid = "".join(parts[cut:])
        for word in Parser(acid).words():
            if word.kind != "ate" or not word.fragment.acid:
                continue
            alkyls: list[Fragment] = []
            for text in parts[:cut]:
                if text in ("hydrogen", "mono"):
                    continue
                mult = next((m for m in ("di", "tri", "bis", "tris") if text.startswith(m)), "")
                found = next(_radicals(text), None)
                if found is None and mult:
                    found = next(_radicals(text[len(mult) :].lstrip("-")), None)
                    n = {"di": 2, "tri": 3, "bis": 2, "tris": 3}[mult]
                else:
                    n = 1
                if found is None:
                    break
                alkyls += [found.fragment] * n
            else:
                if alkyls and len(alkyls) <= len(word.fragment.acid):
                    yield _esterify(word.fragment, alkyls)
            break


def _esterify(acid: Fragment, alkyls: list[Fragment]) -> Fragment:
    out = acid.copy()
    sites, out.acid = out.acid, []
    for (_, oxygen), alkyl in zip(reversed(sites) if len(alkyls) == 1 else sites, alkyls, strict=False):
        out.hang(alkyl, oxygen)
    return out


def _ester(n: int, alkyl: str, acid: str) -> Iterator[Fragment]:
    group = next(_radicals(alkyl), None)
    if group is None:
        return
    for word in Parser(acid).words():
        if word.fragment.acid:
            yield _esterify(word.fragment, [group.fragment] * (n if n <= len(word.fragment.acid) else 1))
            return


def _halide(acid: Fragment, smiles: str) -> Fragment:
    out = acid.copy()
    sites, out.acid = out.acid, []
    for centre, oxygen in sites:
        out.drop(oxygen)
        out.hang(from_smiles(smiles), centre)
    return out


def _capped(word: Word, smiles: str) -> Fragment:
    """A radical or acyl with a small group on it."""
    if word.kind == "acyl":
        return _halide(word.fragment, smiles)
    cap = from_smiles(smiles)
    out = word.fragment.copy()
    if word.fragment.order == 2:  # ethylidene dichloride and its kin are not read here
        raise SubstanceError("not read")
    out.hang(cap, out.attach)
    return out


def _derived(acid: str, what: str) -> Iterator[Fragment]:
    for word in Parser(acid).words():
        if not word.fragment.acid:
            continue
        if what in ("chloride", "bromide", "fluoride", "dichloride", "azide"):
            yield _halide(word.fragment, _CLASS[what.removeprefix("di")])
        elif what == "anhydride":
            yield _anhydride(word.fragment)
        else:
            ends = {"amide": "N", "hydrazide": "NN", "nitrile": "N", "methylamide": "NC", "dimethylamide": "N(C)C", "anilide": "Nc1ccccc1"}
            yield _halide(word.fragment, ends[what])
        return


def _anhydride(acid: Fragment) -> Fragment:
    out = acid.copy()
    if len(out.acid) == 2:
        (_, keep), (centre, gone) = out.acid
        out.drop(gone)
        out.bonds.append((keep, centre, 1))
        out.acid = []
        return out
    (centre, oxygen), out.acid = out.acid[0], []
    other = acid.copy()
    other.drop(other.acid[0][1])
    other.attach, other.order, other.acid = other.acid[0][0], 1, []
    out.hang(other, oxygen)
    return out


def _between(words: list[str], smiles: str) -> Iterator[Fragment]:
    """``diethyl ether``, ``ethyl vinyl ether``, ``methyl phenyl sulfide``, ``dimethylamine`` written apart."""
    if len(words) == 1:
        for mult in ("di", "bis", "tri"):
            if words[0].startswith(mult) and (one := next(_radicals(words[0][len(mult) :].lstrip("-")), None)) is not None:
                core = from_smiles(smiles)
                for k in range(_COUNT[mult]):
                    core.hang(one.fragment, 0 if smiles not in ("SS", "OO") else k)
                yield core
                return
        if (one := next(_radicals(words[0]), None)) is not None and smiles in ("O", "S", "SS", "C=O"):
            core = from_smiles(smiles)
            for k in range(2):
                core.hang(one.fragment, k if smiles == "SS" else 0)
            yield core
        return
    found = [next(_radicals(w), None) for w in words]
    if all(f is not None for f in found) and len(found) <= 3:
        core = from_smiles(smiles)
        for k, f in enumerate(found):
            core.hang(f.fragment, 0 if smiles not in ("SS", "OO") else k)  # type: ignore[union-attr]
        yield core
