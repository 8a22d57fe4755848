"""Which substance a text means: SMILES, CAS number or name, offline."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from attrs import evolve, frozen

from chemwright.errors import SubstanceError
from chemwright.structure import inchikey, is_smiles, molecule

MAX_TEXT = 500


@frozen
class Substance:
    """A substance that has been identified.

    Args:
        name: common name, empty when the tables don't hold the substance (or weren't asked).
        cas: CAS number, empty likewise.
        smiles: canonical SMILES.
        formula: Hill formula.
        molar_mass: kg/mol.
    """

    name: str
    cas: str
    smiles: str
    formula: str
    molar_mass: float


def resolve(text: str, where: str = "", *, names: bool = True) -> Substance:
    """The substance that a SMILES, a CAS number, a name or an unambiguous formula means, in this order.

    Text that reads as SMILES is always SMILES: ``F`` is hydrogen fluoride, ``CO`` methanol, ``N`` ammonia. Whole CAS numbers
    (``64-17-5``, check digit checked) and names are looked up in the tables of ``chemicals`` (PubChem synonyms).

    Args:
        text: what the user wrote, at most 500 characters.
        where: place to name in an error.
        names: also look up name and CAS number of a SMILES; with False a SMILES loads no table (2 s).

    Raises:
        SubstanceError: unknown, with near misses; a wrong check digit; a formula that several substances share.
    """
    if not isinstance(text, str) or not text.strip():
        raise SubstanceError("no substance given", where=where, fix="give a name, a CAS number or a SMILES")
    clean = " ".join(text.split())
    if len(clean) > MAX_TEXT:
        raise SubstanceError(f"substance text of {len(clean)} characters, at most {MAX_TEXT} expected", where=where, fix="give one name, CAS number or SMILES")
    try:
        return _resolve(clean, names)
    except SubstanceError as error:
        raise SubstanceError(error.message, where=where, fix=error.fix) from None


@lru_cache(maxsize=1024)
def _resolve(text: str, names: bool) -> Substance:
    from chemwright.knowledge import names as tables

    digit = tables.check_digit(text)
    if digit is not None:
        return _of_cas(text, digit)
    if is_smiles(text):
        return _of_smiles(text, names)
    same_formula = tables.by_formula(text)
    entry = tables.by_name(text, fold=len(same_formula) < 2)  # folded to lower case, a formula would name one isomer at random
    if entry is not None:
        return _of_entry(entry, text)
    if len(same_formula) == 1:
        return _of_entry(same_formula[0], text)
    if same_formula:
        some = ", ".join(repr(e.common_name) for e in same_formula[:3])
        raise SubstanceError(f"the formula {text!r} fits {len(same_formula)} substances", fix=f"give a name, CAS number or SMILES; among them: {some}")
    return _unknown(text)


def _of_smiles(text: str, names: bool) -> Substance:
    """A SMILES, with name and CAS when the tables hold its InChIKey."""
    found = molecule(text)
    plain = Substance("", "", found.smiles, found.formula, found.molar_mass)
    if not names:
        return plain
    from chemwright.knowledge import names as tables

    try:
        entry = tables.by_inchikey(inchikey(text))
    except SubstanceError:  # InChI can't describe it: it has a structure all the same, only no name here
        return plain
    return plain if entry is None else evolve(plain, name=str(entry.common_name), cas=str(entry.CASs))


def _of_cas(text: str, digit: int) -> Substance:
    """A CAS number, its check digit checked first."""
    from chemwright.knowledge import names as tables

    if int(text[-1]) != digit:
        raise SubstanceError(f"CAS number {text!r} has a wrong check digit", fix=f"check the number: one that begins {text[:-1]!r} ends in {digit}")
    entry = tables.by_cas(text)
    if entry is None:
        raise SubstanceError(f"CAS number {text!r} is not in the tables", fix="give the substance as SMILES")
    return _of_entry(entry, text)


def _of_entry(entry: Any, text: str) -> Substance:
    """A table entry; formula and molar mass come from its structure, as for every other substance."""
    if not is_smiles(str(entry.smiles)):
        raise SubstanceError(f"{text!r} is known, but its structure {entry.smiles!r} can't be read", fix="give the substance as SMILES")
    found = molecule(str(entry.smiles))
    return Substance(str(entry.common_name), str(entry.CASs), found.smiles, found.formula, found.molar_mass)


def _unknown(text: str) -> Substance:
    """Say what was near."""
    from chemwright.knowledge import names as tables

    near = tables.near_names(text)
    hint = "did you mean " + " or ".join(repr(n) for n in near) + "? " if near else ""
    what = f"{text[:80]!r} is no substance name in the tables, no CAS number and no valid SMILES"
    raise SubstanceError(what, fix=f"{hint}A CAS number (64-17-5) or SMILES (CCO) always works")
