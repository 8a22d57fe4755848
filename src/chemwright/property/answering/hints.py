"""Hints at hazard classes of GHS, from figures and from structural alerts. Hints, not a classification: that rests on test data and on the law where the substance is sold.

Flammable liquids by flash point and boiling point: UN, Globally Harmonized System of Classification and Labelling of Chemicals, 10th edition 2023, chapter 2.6, table 2.6.1.
The alerts name groups that chapter 2.1, 2.8, 2.15 and their test manuals single out as possibly explosive, self-reactive or peroxidic (UN Manual of Tests and Criteria, appendix 6,
tables A6.1 and A6.3), and electrophiles by their reaction with proteins (D. W. Roberts, A. O. Aptula, J. Appl. Toxicol. 28 (2008) 377).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

_ALERTS = (
    ("organic peroxide", "H240-H242 possible: decomposes on heating", "[OX2,OX1][OX2;!$(O[N+])]"),
    ("azide", "H200-H240 possible: explosive group", "[$([NX1]=[NX2]=[NX2]),$([NX1-]=[N+]=[NX2]),$([NX1]#[N+][N-]),$([NX2]=[N+]=[NX1-])]"),
    ("diazo or diazonium", "H240-H242 possible: decomposes on heating", "[$([#6]=[N+]=[N-]),$([#6][N+]#N)]"),
    ("three or more nitro groups", "H200-H205 possible: explosive", "[$([NX3](=O)=O),$([NX3+](=O)[O-])].[$([NX3](=O)=O),$([NX3+](=O)[O-])].[$([NX3](=O)=O),$([NX3+](=O)[O-])]"),
    ("nitrate ester", "H200-H205 possible: explosive", "[OX2][$([NX3](=O)=O),$([NX3+](=O)[O-])]"),
    ("N-nitroso compound", "H350 possible: carcinogenic", "[NX3][NX2]=O"),
    ("isocyanate", "H334, H317 possible: sensitiser", "[NX2]=C=O"),
    ("acyl halide", "H314 possible: corrosive", "[CX3](=O)[F,Cl,Br,I]"),
    ("carboxylic anhydride", "H314, H334 possible: corrosive, sensitiser", "[CX3](=O)[OX2][CX3](=O)"),
    ("epoxide or aziridine", "H317, H341 possible: sensitiser, mutagenic", "[$(C1OC1),$(C1NC1)]"),
    ("Michael acceptor", "H317 possible: sensitiser", "[CX3H1,CX3H2]=[CX3;!$(C=C[OH])][CX3](=O)[#6,#7,#8,H]"),
    ("aldehyde", "H317 possible: sensitiser", "[CX3H1](=O)[#6]"),
    ("sulfonate or sulfate alkyl ester", "H350 possible: alkylating agent", "[CX4;H2,H3][OX2][SX4](=O)=O"),
    ("strong acid", "H314 possible: corrosive", "[$([SX4](=O)(=O)[OX2H]),$([CX3](=O)([OX2H])C(F)(F)F)]"),
)  # fmt: skip


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, str, Any], ...]:
    from rdkit import Chem

    return tuple((name, said, Chem.MolFromSmarts(smarts)) for name, said, smarts in _ALERTS)


def alerts(graph: Any) -> list[str]:
    """What groups of a structure hint at, as ``group: statement``."""
    return [f"{name}: {said}" for name, said, pattern in _patterns() if graph.HasSubstructMatch(pattern)]


def flammable(flash: float | None, boiling: float | None, liquid: bool) -> str:
    """The class of a flammable liquid from flash point and boiling point [K]; empty when it is none, or no liquid at room temperature."""
    if flash is None or not liquid:
        return ""
    if flash < 296.15:
        return "H224: extremely flammable liquid" if boiling is not None and boiling <= 308.15 else "H225: highly flammable liquid"
    return "H226: flammable liquid" if flash <= 333.15 else ""
