"""Rate constants of gas-phase steps (Arrhenius, Lindemann, Troe, SRI, PLOG, Chebyshev) for floats, arrays and CasADi symbols."""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from chemwright.kinetics.laws.gas_constant import GAS_CONSTANT
from chemwright.model.lower import exp, fmax, is_symbolic, log

LEAST = 1e-300


def choose(condition: Any, yes: Any, no: Any) -> Any:
    """``yes`` where the condition holds, else ``no``; elementwise."""
    if is_symbolic(condition, yes, no):
        return sys.modules["casadi"].if_else(condition, yes, no)
    return np.where(condition, yes, no)


def arrhenius(p: Mapping[str, float], temperature: Any, head: str = "") -> Any:
    """A T^b exp(-Ea/(R T)), SI."""
    a, b, ea = p[head + "A"], p.get(head + "b", 0.0), p.get(head + "Ea", 0.0)
    if a == 0.0:
        return 0.0 * temperature
    value = exp(math.log(abs(a)) + b * log(temperature) - ea / GAS_CONSTANT / temperature)
    return value if a > 0 else -value


def falloff(p: Mapping[str, float], temperature: Any, body: Any, activated: bool) -> Any:
    """Rate constant between its limits of low and high pressure.

    Lindemann's form with the broadening of Troe (R. G. Gilbert, K. Luther and J. Troe, Ber. Bunsenges. Phys. Chem. 87 (1983)
    169-177) or SRI (P. H. Stewart, C. W. Larson and D. M. Golden, Combust. Flame 75 (1989) 25-31) where given.

    Args:
        p: numbers ``low.A ... high.Ea``, ``troe.*``, ``sri.*``, SI.
        temperature: K.
        body: effective concentration of the third body, mol/m^3.
        activated: a chemically activated step, which falls with pressure.
    """
    low, high = arrhenius(p, temperature, "low."), arrhenius(p, temperature, "high.")
    x = fmax(low * body / high, LEAST)
    broad: Any = 1.0
    if "troe.A" in p:
        broad = _troe(p, temperature, x)
    elif "sri.A" in p:
        a = p["sri.A"] * exp(-p["sri.B"] / temperature) + (exp(-temperature / p["sri.C"]) if p.get("sri.C") else 0.0)
        lx = log(x) / math.log(10)
        broad = p.get("sri.D", 1.0) * exp(log(a) / (1 + lx * lx)) * exp(p.get("sri.E", 0.0) * log(temperature))
    return (low if activated else high * x) / (1 + x) * broad


def _troe(p: Mapping[str, float], temperature: Any, x: Any) -> Any:
    a = p["troe.A"]
    centre: Any = 0.0
    if p["troe.T3"]:
        centre = centre + (1 - a) * exp(-temperature / p["troe.T3"])
    if p["troe.T1"]:
        centre = centre + a * exp(-temperature / p["troe.T1"])
    if p.get("troe.T2"):
        centre = centre + exp(-p["troe.T2"] / temperature)
    centre = log(fmax(centre, LEAST)) / math.log(10)
    lx = log(x) / math.log(10)
    c, n = -0.4 - 0.67 * centre, 0.75 - 1.27 * centre
    share = (lx + c) / (n - 0.14 * (lx + c))
    return exp(math.log(10) * centre / (1 + share * share))


def plog(p: Mapping[str, float], temperature: Any, pressure: Any) -> Any:
    """ln k by straight lines over ln P between tabled pressures, constant beyond them; expressions at one pressure add up."""
    table: dict[float, Any] = {}
    i = 0
    while f"plog.{i}.P" in p:
        at = p[f"plog.{i}.P"]
        value = arrhenius(p, temperature, f"plog.{i}.")
        table[at] = table[at] + value if at in table else value
        i += 1
    known = sorted(table)
    logs = {at: log(table[at]) for at in known}
    ln = log(pressure)
    value = logs[known[0]] + 0.0 * ln
    for a, b in itertools.pairwise(known):
        share = (ln - math.log(a)) / (math.log(b) - math.log(a))
        value = choose(pressure > a, logs[a] + share * (logs[b] - logs[a]), value)
    return exp(choose(pressure > known[-1], logs[known[-1]], value))


def chebyshev(p: Mapping[str, float], temperature: Any, pressure: Any) -> Any:
    """log10 k as a double Chebyshev series in 1/T and log P (P. K. Venkatesh et al., AIChE J. 43 (1997) 1331-1340)."""
    low, high = 1 / p["T.low"], 1 / p["T.high"]
    t = (2 / temperature - low - high) / (high - low)
    a, b = math.log10(p["P.low"]), math.log10(p["P.high"])
    s = (2 * log(pressure) / math.log(10) - a - b) / (b - a)
    rows = [tuple(int(x) for x in k.split(".")[1:]) for k in p if k.startswith("chebyshev.")]
    ts, ss = _polynomials(t, max(i for i, _ in rows)), _polynomials(s, max(j for _, j in rows))
    return exp(math.log(10) * sum(p[f"chebyshev.{i}.{j}"] * ts[i] * ss[j] for i, j in rows))


def _polynomials(x: Any, degree: int) -> list[Any]:
    out = [1.0 + 0.0 * x, x]
    for _ in range(degree - 1):
        out.append(2 * x * out[-1] - out[-2])
    return out
