"""Names of reactants to structures: how many give the structure of the record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mining_data import Truth
from mining_score import canonical


def names_table(truths: Sequence[Truth]) -> dict[str, float]:
    """Shares by mention (``mentions``), by distinct name (``distinct``), and by mention with the InChIKey's first block, which leaves stereo and protonation out (``connectivity``)."""
    from chemwright.knowledge.mining.structures import structure

    counts = Counter((c.name, s) for t in truths for c in t.components if c.role == "reactant" and c.name and (s := canonical(c.smiles)))
    ways: Counter[str] = Counter()
    total = right = distinct = connected = read = 0
    for (name, wanted), n in counts.items():
        found, how = structure(name)
        total += n
        read += n * bool(found)
        ok = found == wanted
        right += n * ok
        distinct += ok
        connected += n * (ok or (bool(found) and _block(found) == _block(wanted) != ""))
        ways[how] += n * ok
    out = {"n": total, "names": len(counts), "read": read / total, "mentions": right / total, "distinct": distinct / len(counts), "connectivity": connected / total}
    return out | {f"by {how}": n / total for how, n in sorted(ways.items()) if how}


def _block(smiles: str) -> str:
    from chemwright.errors import SubstanceError
    from chemwright.structure import inchikey

    try:
        return inchikey(smiles)[:14]
    except SubstanceError:
        return ""
