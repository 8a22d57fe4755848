"""Two liquids of two substances over temperature: the miscibility gap by any model, with measured points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chemwright.errors import InputError
from chemwright.thermo.diagram import Diagram, Line
from chemwright.thermo.mixture import Array, Mixture
from chemwright.thermo.ties import DRY


def liquid_pairs(mix: Mixture, temperatures: Array, feeds: int = 13) -> tuple[Array, Array]:
    """Mole fractions of the first substance in both liquids, shape (m, 2), nan where the liquid is one, and the temperatures.

    Raises:
        ConvergenceError: a flash did not converge.
    """
    from chemwright.thermo.equilibrium import flash_batch

    x = np.concatenate([[0.005, 0.02], np.linspace(0.05, 0.95, feeds), [0.98, 0.995]])
    T = np.repeat(temperatures, len(x))
    z = np.tile(np.stack([x, 1.0 - x], axis=1), (len(temperatures), 1))
    batch = flash_batch(mix.fluid, z, T, DRY, max_phases=2)
    if batch.x.shape[1] < 2:  # one liquid everywhere
        return np.full((len(temperatures), 2), np.nan), temperatures
    first = np.sort(batch.x[:, :2, 0], axis=1).reshape(len(temperatures), len(x), 2)
    two = (batch.count == 2).reshape(len(temperatures), len(x))
    out = np.full((len(temperatures), 2), np.nan)
    for k in range(len(temperatures)):
        if two[k].any():
            out[k] = first[k][int(np.argmax(two[k]))]
    return out, temperatures


def gap_diagram(mix: Mixture, low: float, high: float, measured: Sequence[Line] = (), steps: int = 61) -> Diagram:
    """Both liquids' compositions between two temperatures [K].

    Raises:
        InputError: not two substances, an empty range, or one liquid throughout; ConvergenceError: a flash did not converge.
    """
    if mix.n != 2:
        raise InputError(f"{mix.n} substances, 2 expected", where="diagram lle", fix="name two substances, or take the diagram binodal for three")
    if not 0.0 < low < high:
        raise InputError(f"an empty range of temperature, {low:g} to {high:g} K", where="diagram lle", fix="give the lower one first")
    pairs, T = liquid_pairs(mix, np.linspace(low, high, steps))
    if not np.isfinite(pairs).any():
        raise InputError(
            f"{' and '.join(mix.names)} mix in all proportions from {low:.0f} to {high:.0f} K by {mix.model}",
            where="diagram lle",
            fix="lower the temperature, or take another model",
        )
    lines = [Line("two liquids", *_border(pairs, T), "binodal")]
    title = f"{mix.names[0]} + {mix.names[1]}, two liquids, {mix.model}"
    return Diagram(
        "lle",
        title,
        f"mole fraction of {mix.names[0]} [mol/mol]",
        "temperature [K]",
        (*lines, *measured),
        notes=mix.sources,
        facts={"caution": list(mix.caution_liquids()), "T": T.tolist(), "x1": [[None if np.isnan(v) else float(v) for v in row] for row in pairs]},
    )


def _border(pairs: Array, T: Array) -> tuple[Array, Array]:
    """Left side up, right side down, closed over the top where the gap ends inside the range."""
    found = np.isfinite(pairs[:, 0])
    left, right, t = pairs[found, 0], pairs[found, 1], T[found]
    top = found.argmin() if found[0] and not found.all() else 0
    between = np.array([np.nan]) if not top else np.array([0.5 * (left[-1] + right[-1])])
    height = np.array([np.nan]) if not top else np.array([t[-1] + 0.25 * (T[1] - T[0])])
    return np.concatenate([left, between, right[::-1]]), np.concatenate([t, height, t[::-1]])
