"""What a vessel of gas did, as plain data; amounts from a text."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chemwright.errors import InputError
from chemwright.kinetics.gas_reactor import GasRun
from chemwright.kinetics.laws.gas import GasMechanism

POINTS = 201  # of the answer, evenly in time, and the steepest stretch with them


def read_mix(text: str) -> dict[str, float]:
    """Amounts from ``'CH4=1, O2=2'``.

    Raises:
        InputError: a part that is not name=amount, or a name twice.
    """
    out: dict[str, float] = {}
    for part in text.split(","):
        name, mark, amount = part.rpartition("=")
        name = name.strip()
        try:
            value = float(amount)
        except ValueError:
            value = math.nan
        if not mark or not name or not math.isfinite(value) or value < 0:
            raise InputError(f"can't read the amount {part.strip()[:40]!r}", where="--mix", fix="write 'CH4=1, O2=2, N2=7.52'")
        if name in out:
            raise InputError(f"{name!r} is given twice", where="--mix", fix="give each species once")
        out[name] = value
    return out


def gas_answer(mechanism: GasMechanism, run: GasRun, delay: float) -> dict[str, Any]:
    """Time, temperature, pressure, mole fractions and ignition delay, ready for JSON."""
    n = len(run.time)
    steepest = int(np.argmax(np.abs(np.gradient(run.temperature, run.time))))
    kept = sorted({*np.linspace(0, n - 1, min(POINTS, n)).astype(int).tolist(), *range(max(steepest - 10, 0), min(steepest + 11, n))})
    return {
        "mechanism": mechanism.name,
        "phase": mechanism.phase,
        "species": len(mechanism.species),
        "reactions": len(mechanism.steps),
        "ignition_delay": delay if math.isfinite(delay) else None,
        "time": run.time[kept].tolist(),
        "temperature": run.temperature[kept].tolist(),
        "pressure": run.pressure[kept].tolist(),
        "fractions": {s: run.fractions[kept, j].tolist() for j, s in enumerate(run.species)},
        "units": {"ignition_delay": "s", "time": "s", "temperature": "K", "pressure": "Pa", "fractions": "1"},
    }
