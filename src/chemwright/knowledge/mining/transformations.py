"""What a product weighs when the text does not name it ("the title compound"): the reactants' masses and a table of common transformations (``data/mining/transformations.csv``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from attrs import frozen

from chemwright.knowledge.mining.nomenclature.vocabulary import table

#: reagents that a transformation wants, as the text names them
_REAGENTS = {
    "hydride": r"borohydride|NaBH|hydride",
    "hydroxide": r"hydroxide|NaOH|KOH|LiOH|sodium carbonate|hydrolys|saponif|caustic",
    "acid": r"hydrogen chloride|hydrochlor|HCl|trifluoroacetic|TFA|formic acid|sulfonic acid|sulphuric|sulfuric",
    "trifluoroacetic": r"trifluoroacetic|TFA",
    "strong": r"hydroxide|NaOH|KOH|hydrochloric|HCl|sulfuric|sulphuric|hydrolys|carbonate|ammonia|methoxide",
    "reduction": r"hydrogen|palladium|Pd|Raney|platinum|iron|stannous|tin|zinc|dithionite|borohydride|hydride|phosphine|hydrazine",
    "hydrogen": r"hydrogen(?!\s+(?:chloride|bromide|peroxide))|palladium|Pd|Raney|platinum|ammonium formate|cyclohexadiene",
    "aluminium": r"alumin\w+ hydride|LAH|LiAlH|DIBAL|borane|diborane|borohydride",
    "fluoride or acid": r"fluoride|TBAF|hydrochloric|HCl|acetic acid|sulfonic",
    "peroxide": r"per(?:oxy)?(?:benzoic|acetic|oxide)|mCPBA|MCPBA|Oxone|oxone|periodate|chloroperbenzoic|hypochlorite|perborate",
    "oxidant": r"chrom|manganese dioxide|MnO|oxalyl chloride|Dess|Jones|pyridinium|hypochlorite|permanganate|TEMPO|dichromate|sulfur trioxide",
    "permanganate": r"permanganate|KMnO|chrom",
    "chlorinating": r"thionyl|oxalyl|SOCl|POCl|phosph\w+ (?:oxychloride|pentachloride|trichloride)|PCl|hydrochloric|hydrogen chloride|carbon tetrachloride|methanesulfonyl chloride",
    "brominating": r"tribromide|hydrobromic|HBr|hydrogen bromide|carbon tetrabromide|PBr",
    "bromine": r"bromine|bromosuccinimide|NBS|Br2|tribromide|dibromo",
    "chlorine": r"chlorine|chlorosuccinimide|NCS|sulfuryl|Cl2|hypochlorite",
    "iodine": r"iodine|iodosuccinimide|NIS|I2|iodine monochloride",
    "nitrating": r"nitric acid|HNO3|nitrate|fuming",
    "demethylating": r"tribromide|hydrobromic|HBr|hydrogen bromide|pyridine hydrochloride|BBr3|alumin\w+ chloride|iodide|thiolate",
    "methanol": r"methanol|MeOH|diazomethane|methyl iodide|trimethylsilyldiazomethane",
    "ethanol": r"ethanol|EtOH",
    "acetic anhydride": r"acetic anhydride|acetyl chloride|Ac2O",
    "formylating": r"formic|formate|dimethylformamide|DMF|formamide",
    "methylating": r"formaldehyde|formalin|methyl iodide|iodomethane|dimethyl sul\w+ate|diazomethane",
    "hydroxylamine": r"hydroxylamine",
    "cyanide": r"cyanide",
    "azide reagent": r"azide",
    "nitrite": r"nitrite",
    "dehydrating": r"oxychloride|POCl|anhydride|pentoxide|thionyl",
    "hydrogen chloride": r"hydrogen chloride|hydrochlor|HCl",
}
_METALS = ("Na", "K", "Li", "Cs")


@frozen
class Guess:
    """A product that a transformation would give.

    Args:
        molar_mass: kg/mol.
        name: of the transformation.
        of: structures of the one or two reactants.
    """

    molar_mass: float
    name: str
    of: tuple[str, ...]


def products(text: str, reactants: tuple[str, ...]) -> Iterator[Guess]:
    """Products of the transformations whose groups the reactants have and whose reagents the text names.

    Args:
        text: the procedure.
        reactants: SMILES, six at most are looked at.
    """
    known = [(s, *_groups(s)) for s in reactants[:6]]
    for rule in _rules():
        if rule["with"] and not _named(text, rule["with"]):
            continue
        for smiles, mass, groups in known:
            if rule["a"] not in groups:
                continue
            if not rule["b"]:
                change = formula_mass(rule["gained"]) - _loss(rule["lost"], smiles, smiles)
                if mass + change > 0.04:
                    yield Guess(mass + change, rule["name"], (smiles,))
                continue
            for other, mass_b, groups_b in known:
                if other != smiles and rule["b"] in groups_b:
                    if rule["lost"] == "half":
                        total = mass + (mass_b - 0.0180153) / 2
                    else:
                        total = mass + mass_b + formula_mass(rule["gained"]) - _loss(rule["lost"], smiles, other)
                    yield Guess(total, rule["name"], (smiles, other))


@lru_cache(maxsize=1)
def _rules() -> tuple[dict[str, str], ...]:
    return tuple(table("transformations"))


@lru_cache(maxsize=256)
def _reagent(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z])(?:{_REAGENTS[name]})" if name not in ("hydride", "acid") else _REAGENTS[name])


def _named(text: str, reagent: str) -> bool:
    return bool(_reagent(reagent).search(text))


@lru_cache(maxsize=512)
def formula_mass(formula: str) -> float:
    """kg/mol of a formula without brackets (``C2H4O2``); nothing weighs nothing."""
    from rdkit.Chem import GetPeriodicTable

    weigh = GetPeriodicTable().GetAtomicWeight
    return 1e-3 * sum(weigh(e) * int(n or 1) for e, n in re.findall(r"([A-Z][a-z]?)(\d*)", formula))


def _loss(lost: str, a: str, b: str) -> float:
    """What leaves: a formula, or one that depends on the reactants: HX, X, MX, MgX by the halogen of ``b`` (and the metal of ``a``), ROH by the ester of ``b``."""
    if lost in ("HX", "X", "MX", "MgX"):
        leaving = formula_mass(next((x for x in ("I", "Br", "Cl", "F") if re.search(rf"{x}(?![a-z])", b)), "Cl"))
        metal = next((m for m in _METALS if f"[{m}+]" in a), "") if lost == "MX" else ""
        return leaving + formula_mass({"HX": "H", "MgX": "Mg"}.get(lost, metal))
    if lost == "ROH":
        return formula_mass("C2H6O") if "ethyl ester" in _groups(b)[1] else formula_mass("CH4O")
    return formula_mass(lost)


@lru_cache(maxsize=4096)
def _groups(smiles: str) -> tuple[float, frozenset[str]]:
    """Molar mass (kg/mol) of the largest part of a substance, and the functions it has."""
    from rdkit import Chem

    from chemwright.errors import SubstanceError
    from chemwright.structure import molecule

    parts = smiles.split(".")
    main = smiles if any("+" in p or "-]" in p for p in parts) else max(parts, key=len)
    try:
        mass = float(molecule(main).molar_mass)
    except SubstanceError:
        return 0.0, frozenset()
    mol = Chem.MolFromSmiles(main)
    found = {name for name, query in _queries() if mol is not None and mol.HasSubstructMatch(query)}
    if main != smiles and "Cl" in parts:
        found.add("salt")
    return mass, frozenset(found)


@lru_cache(maxsize=1)
def _queries() -> tuple[tuple[str, Any], ...]:
    """The functions of ``data/mining/functions.csv`` as queries."""
    from rdkit import Chem

    return tuple((row["name"], Chem.MolFromSmarts(row["smarts"])) for row in table("functions"))
