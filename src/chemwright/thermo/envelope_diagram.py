"""Phase envelopes as diagrams."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chemwright.errors import InputError
from chemwright.thermo.diagram import Diagram, Line
from chemwright.thermo.eos_mixture import EosMixture
from chemwright.thermo.mixture import Mixture, fractions
from chemwright.thermo.saft_mixture import NamedSaft

MPA = 1e6


def envelope_diagram(mix: Mixture | EosMixture | NamedSaft, z: Sequence[float], measured: Sequence[Line] = ()) -> Diagram:
    """Bubble and dew line of one composition over temperature, with critical point, cricondenbar and cricondentherm.

    Raises:
        InputError: a liquid model (its vapour and liquid are apart), or a composition that is none; ConvergenceError: the line was lost.
    """
    from chemwright.thermo.equilibrium.envelope import phase_envelope

    if not isinstance(mix, EosMixture):
        raise InputError(f"an envelope needs a cubic equation of state, not {mix.model}", where="--model", fix="take --model pr or srk")
    if not len(z):
        raise InputError("an envelope needs a composition", where="--x", fix=f"give mole fractions of {', '.join(mix.names)}, as --x {','.join(['0.5'] * mix.n)}")
    feed = fractions(z, mix.names, "--x")
    e = phase_envelope(mix.fluid, np.asarray(feed))
    dew = np.asarray(e.dew, dtype=bool)
    lines = [Line(label, np.where(side, e.T, np.nan), np.where(side, e.P / MPA, np.nan), role) for label, side, role in (("bubble", ~dew, "bubble"), ("dew", dew, "dew"))]
    marks = [("critical point", e.critical), ("cricondenbar", (e.cricondenbar,) if e.cricondenbar else ()), ("cricondentherm", (e.cricondentherm,) if e.cricondentherm else ())]
    for (label, found), role in zip(marks, ("mark", "light", "heavy"), strict=True):
        if found:
            lines.append(Line(label, np.array([p[0] for p in found]), np.array([p[1] for p in found]) / MPA, role))
    facts = {"critical": [{"T": t, "P": p} for t, p in e.critical], "cricondenbar": e.cricondenbar, "cricondentherm": e.cricondentherm}
    said = ", ".join(f"{v:.3g} {n}" for n, v in zip(mix.names, feed, strict=True))
    return Diagram("envelope", f"Phase envelope of {said}, {mix.model}", "temperature [K]", "pressure [MPa]", (*lines, *measured), notes=(*mix.sources, *mix.notes), facts=facts)
