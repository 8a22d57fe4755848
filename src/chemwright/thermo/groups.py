"""Groups of the UNIFAC family: parameter sets, subgroup sizes, interactions and assignments to molecules, read from `thermo` (MIT)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from attrs import frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.structure.molecule import inchikey, parse


@frozen
class Family:
    """One member of the family.

    Args:
        name: short name.
        subgroups, interactions, catalogue: names of the tables in ``thermo.unifac``: subgroups, interaction parameters, subgroups with SMARTS.
        assignments: name of the table of assignments by InChIKey (Dortmund data bank).
        power: exponent of r in the first part of the combinatorial term [1].
        source: what to cite.
    """

    name: str
    subgroups: str
    interactions: str
    catalogue: str
    assignments: str
    power: float
    source: str


_ORIGINAL = ("UNIFAC_SUBGROUPS", "DDBST_UNIFAC_assignments")
_MODIFIED = ("DOUFSG_SUBGROUPS", "DDBST_MODIFIED_UNIFAC_assignments")
FAMILIES: dict[str, Family] = {
    f.name: f
    for f in (
        Family("original", "UFSG", "UFIP", *_ORIGINAL, 1.0, "Fredenslund, Jones, Prausnitz, AIChE J. 21 (1975) 1086"),
        Family(
            "dortmund",
            "DOUFSG",
            "DOUFIP2016",
            *_MODIFIED,
            0.75,
            "Weidlich, Gmehling, Ind. Eng. Chem. Res. 26 (1987) 1372; Constantinescu, Gmehling, J. Chem. Eng. Data 61 (2016) 2738",
        ),
        Family("psrk", "PSRKSG", "PSRKIP", "PSRK_SUBGROUPS", "DDBST_PSRK_assignments", 1.0, "Horstmann et al., Fluid Phase Equilib. 227 (2005) 157"),
        Family("unifac2", "UFSG", "UF2IP", *_ORIGINAL, 1.0, "Hayer, Wendel, Mandt, Hasse, Jirasek, UNIFAC 2.0 (2024)"),
        Family("dortmund2", "DOUFSG", "DOUF2IP", *_MODIFIED, 0.75, "Hayer, Hasse, Jirasek, modified UNIFAC 2.0 (2024)"),
    )
}
"""The members by name; ``unifac2`` and ``dortmund2`` are UNIFAC 2.0 and modified UNIFAC 2.0, whose matrices are complete."""


@frozen
class Subgroup:
    """A UNIFAC subgroup: main group id, volume r [1] and surface q [1]."""

    main: int
    r: float
    q: float


def family(name: str) -> Family:
    """The member of that name.

    Raises:
        InputError: there is none.
    """
    if name not in FAMILIES:
        raise InputError(f"no UNIFAC family {name!r}", fix=did_you_mean(name, FAMILIES) or f"one of {', '.join(FAMILIES)}")
    return FAMILIES[name]


@lru_cache(maxsize=8192)
def groups_of(smiles: str, name: str = "original", fragments: bool = True) -> dict[int, int]:
    """Subgroup id -> count of a molecule; empty when it has none. The dictionary is shared: don't change it.

    The Dortmund data bank's table by InChIKey; where ``fragments`` says so, then by the InChIKey's first block (a stereoisomer has the same groups), then a
    fragmentation by SMARTS that covers every atom once.

    Raises:
        SubstanceError: the SMILES can't be read.
    """
    member, key = family(name), inchikey(smiles)
    table, skeletons = _assignments(name)
    found = table.get(key) or {}
    if not found and fragments:
        found = table.get(skeletons.get(key[:14], "")) or _fragments(smiles, member)
    known, mains = getattr(_unifac(), member.subgroups), interaction_table(name)
    if not all(int(g) in known and int(known[int(g)].main_group_id) in mains for g in found):
        return {}
    return {int(g): int(n) for g, n in sorted(found.items())}


@lru_cache(maxsize=1024)
def subgroup(key: int, name: str = "original") -> Subgroup:
    """The subgroup of that id."""
    group = getattr(_unifac(), family(name).subgroups)[key]
    return Subgroup(int(group.main_group_id), float(group.R), float(group.Q))


@lru_cache(maxsize=8)
def interaction_table(name: str) -> dict[int, dict[int, tuple[float, float, float]]]:
    """a [K], b [1], c [1/K] by main groups m, n: psi_mn = exp(-(a + b T + c T^2)/T)."""
    out: dict[int, dict[int, tuple[float, float, float]]] = {}
    for m, row in getattr(_unifac(), family(name).interactions).items():
        out[int(m)] = {int(n): (float(v[0]), float(v[1]), float(v[2])) if isinstance(v, tuple) else (float(v), 0.0, 0.0) for n, v in row.items()}
    return out


def has_interaction(g: int, h: int, name: str = "original") -> bool:
    """Whether both interaction parameters between the main groups of two subgroups are known."""
    m, n = subgroup(g, name).main, subgroup(h, name).main
    table = interaction_table(name)
    return m == n or (n in table.get(m, {}) and m in table.get(n, {}))


def interactions(mains: tuple[int, ...], name: str = "original") -> tuple[tuple[tuple[float, ...], ...], ...]:
    """Matrices a [K], b [1], c [1/K] between main groups, zero on the diagonal."""
    table = interaction_table(name)
    return tuple(tuple(tuple(0.0 if m == n else table[m][n][k] for n in mains) for m in mains) for k in range(3))


def _unifac() -> Any:
    import thermo.unifac as unifac

    if not unifac._unifac_ip_loaded:
        unifac.load_unifac_ip()
    if not unifac.DDBST_UNIFAC_assignments:
        unifac.load_group_assignments_DDBST()
    return unifac


@lru_cache(maxsize=8)
def _assignments(name: str) -> tuple[dict[str, dict[int, int]], dict[str, str]]:
    """The table, and the first InChIKey of each first block in it."""
    table = getattr(_unifac(), family(name).assignments)
    skeletons: dict[str, str] = {}
    for key in table:
        skeletons.setdefault(key[:14], key)
    return table, skeletons


def _fragments(smiles: str, member: Family) -> dict[int, int]:
    """Groups by the SMARTS patterns that `thermo` carries, empty unless they cover the molecule."""
    from rdkit import rdBase
    from thermo.group_contribution.group_contribution_base import smarts_fragment_priority

    with rdBase.BlockLogs():
        found, _, covered, *_ = smarts_fragment_priority(getattr(_unifac(), member.catalogue), rdkitmol=parse(smiles))
    return dict(found) if covered else {}
