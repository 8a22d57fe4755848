"""UNIFAC groups: assignments by InChIKey, subgroup sizes and main-group interactions, read from `thermo` (MIT)."""

from __future__ import annotations

from functools import lru_cache

from attrs import frozen

from chemwright.structure.molecule import inchikey


@frozen
class Subgroup:
    """A UNIFAC subgroup: main group id, volume r [1] and surface q [1]."""

    main: int
    r: float
    q: float


def assignments(smiles: str) -> dict[int, int]:
    """Subgroup id -> count of the molecule in the Dortmund data bank's table; empty when it is not there.

    Raises:
        SubstanceError: the SMILES can't be read.
    """
    import thermo.unifac as unifac

    if not unifac.DDBST_UNIFAC_assignments:
        unifac.load_group_assignments_DDBST()
    return {int(g): int(n) for g, n in (unifac.DDBST_UNIFAC_assignments.get(inchikey(smiles)) or {}).items() if int(g) in unifac.UFSG}


@lru_cache(maxsize=256)
def subgroup(key: int) -> Subgroup:
    """The subgroup of that id (original UNIFAC)."""
    import thermo.unifac as unifac

    group = unifac.UFSG[key]
    return Subgroup(int(group.main_group_id), float(group.R), float(group.Q))


@lru_cache(maxsize=1)
def _table() -> dict[int, dict[int, float]]:
    """Interaction parameters a_mn [K] by main groups m, n."""
    import thermo.unifac as unifac

    if not unifac._unifac_ip_loaded:
        unifac.load_unifac_ip()
    return {int(m): {int(n): float(a) for n, a in row.items()} for m, row in unifac.UFIP.items()}


def has_interaction(g: int, h: int) -> bool:
    """Whether both interaction parameters between the main groups of two subgroups are known."""
    m, n = subgroup(g).main, subgroup(h).main
    table = _table()
    return m == n or (n in table.get(m, {}) and m in table.get(n, {}))


def interactions(mains: tuple[int, ...]) -> tuple[tuple[float, ...], ...]:
    """Matrix a_mn [K] of main groups, zero on the diagonal."""
    table = _table()
    return tuple(tuple(0.0 if m == n else table[m][n] for n in mains) for m in mains)
