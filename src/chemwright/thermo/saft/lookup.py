"""The best PC-SAFT parameters at hand: published where published, from structure elsewhere."""

from __future__ import annotations

import re

from chemwright.errors import PropertyMissing, SubstanceError
from chemwright.structure.molecule import inchikey
from chemwright.thermo.saft.learned import from_structure
from chemwright.thermo.saft.published import published
from chemwright.thermo.saft.record import SaftParameters

_KEY = re.compile(r"^[A-Z]{14}-[A-Z]{10}-[A-Z]$")


def parameters(substance: str, *, learned: bool = True) -> SaftParameters:
    """Parameters of a substance by SMILES or InChIKey.

    Args:
        substance: SMILES, or an InChIKey of 27 characters.
        learned: also ask the network where no published set is known (needs a SMILES).

    Raises:
        PropertyMissing: no published set, and the network can't be asked: the message says why (ion, salt, metal, InChIKey without a structure).
        SubstanceError: neither a SMILES nor an InChIKey.
    """
    text = substance.strip() if isinstance(substance, str) else ""
    by_key = bool(_KEY.match(text))
    found = published(text if by_key else _key(text))
    if found is not None:
        return found
    if by_key or not learned:
        raise PropertyMissing(f"no published PC-SAFT parameters of {substance!r}", where=text, fix="give its SMILES, so that they can be estimated from structure")
    said = from_structure([text])
    one = said.sets()[0]
    if one is None:
        raise PropertyMissing(f"no PC-SAFT parameters of {substance!r}: {said.why[0]}", where=text, fix="ask for a neutral organic molecule, or give parameters as SaftParameters")
    return one


def _key(smiles: str) -> str:
    """InChIKey of a SMILES, empty for a structure that InChI can't describe."""
    from chemwright.structure.molecule import parse

    parse(smiles)
    try:
        return inchikey(smiles)
    except SubstanceError:
        return ""
