"""The mechanism behind a table of runs: conditions -> ideal reactor -> observable, with exact sensitivities."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import ConvergenceError, InputError
from chemwright.kinetics.observe import Observer
from chemwright.kinetics.rates import GAS_CONSTANT, Isothermal, MassAction
from chemwright.model.protocol import Array
from chemwright.model.reactors import concentrations, plug_flow_function

COLUMNS = ("residence_time", "equivalents", "concentration", "temperature")


@frozen
class FlowModel:
    """Isothermal plug flow (or batch, with the residence time as batch time) of a network, seen by an observer.

    The columns of x are residence time (s), equivalents of the reagent, concentration of the key reactant (mol/m^3)
    and temperature (K).

    Args:
        law: rates.
        observer: what is measured.
        reagent: index of the species that ``equivalents`` doses; -1 when there is none.
        reltol: relative tolerance of the integrator.
    """

    law: MassAction
    observer: Observer
    reagent: int
    reltol: float = 1e-7

    @property
    def names(self) -> tuple[str, ...]:
        """Parameter names."""
        return self.law.names

    def inlet(self, x: Any) -> list[Any]:
        """Inlet concentrations (mol/m^3) of one run from its conditions; symbols allowed."""
        c: list[Any] = [0.0] * len(self.law.network.species)
        c[self.observer.key] = x[2]
        if self.reagent >= 0:
            c[self.reagent] = x[1] * x[2]
        return c

    def evaluate(self, theta: Array, x: Array, *, jacobian: bool = True) -> tuple[Array, Array]:
        """Observable on the fit scale (N,) and sensitivities (N, P); theta (P,) or (N, P), x (N, 4).

        Raises:
            ConvergenceError: the integrator failed or the observable is not finite (no product formed).
        """
        n, p = len(x), self.law.n_parameters
        if n == 0:
            return np.zeros(0), np.zeros((0, p))
        theta = np.broadcast_to(theta, (n, p))
        r = p // 2
        arrhenius = -(1 / x[:, 3:4] - 1 / np.array(self.law.t_ref)) / GAS_CONSTANT
        ln_k = theta[:, :r] + arrhenius * theta[:, r:]
        try:
            out = _compiled(self, n, jacobian)(ln_k.T, x.T)
        except RuntimeError as error:
            raise ConvergenceError(
                f"the integrator failed for a run: {str(error).splitlines()[-1][:120]}", fix="check rate constants and residence times", last_good=_runs_that_went(self, theta, x)
            ) from None
        y = np.array(out[0] if jacobian else out).ravel()
        jac = np.zeros((0, p))
        if jacobian:
            slope = np.array(out[1]).reshape(r, n, order="F").T
            jac = np.hstack([slope, slope * arrhenius])
        if not (np.all(np.isfinite(y)) and np.all(np.isfinite(jac))):
            bad = np.flatnonzero(~np.isfinite(y))
            raise ConvergenceError(
                "the observable is not finite for a run (no product formed?)", fix="check the rate constants' prior", residuals={"runs without a finite observable": len(bad)}
            )
        return y, jac

    def outlet(self, theta: Array, x: Array) -> Array:
        """Outlet concentrations (mol/m^3), shape (N, S)."""
        run = plug_flow_function(self.law, self.reltol)
        rows = []
        for row, th in zip(x, np.broadcast_to(theta, (len(x), self.law.n_parameters)), strict=True):
            c_in = np.array(self.inlet(row), dtype=float)
            rows.append(c_in + np.array(run(th, c_in, row[3], row[0])).ravel() @ self.law.stoichiometry)
        return np.array(rows)


def _runs_that_went(model: FlowModel, theta: Array, x: Array) -> dict[str, object]:
    """Which runs integrate one by one, asked only after a failure: the first that does not, by its conditions."""
    call = plug_flow_function(model.law, model.reltol)
    for i, (row, th) in enumerate(zip(x, theta, strict=True)):
        try:
            ok = bool(np.all(np.isfinite(np.array(call(th, np.array(model.inlet(row), dtype=float), row[3], row[0])))))
        except RuntimeError:
            ok = False
        if not ok:
            return {"runs integrated": i, "first run that is not, from 1": i + 1, "its residence time [s]": float(row[0]), "its temperature [K]": float(row[3])}
    return {"runs integrated (without sensitivities)": len(x)}


@lru_cache(maxsize=64)
def _compiled(model: FlowModel, n: int, jacobian: bool) -> Any:
    """The mapped CasADi function over n runs."""
    import casadi as ca

    law = Isothermal(model.law)
    ln_k, x = ca.MX.sym("ln_k", law.n_parameters), ca.MX.sym("x", 4)
    c_in = ca.vertcat(*model.inlet(ca.vertsplit(x)))
    xi = plug_flow_function(law, model.reltol)(ln_k, c_in, x[3], x[0])
    c = concentrations(law, ca.vertsplit(c_in), ca.vertsplit(xi))
    y = model.observer.fitted(ca.vertsplit(c_in), c)
    # forward mode on purpose: one augmented CVODES run a condition, and no backward problem to fail from far starts
    outputs = [y, ca.jtimes(y, ln_k, ca.DM.eye(law.n_parameters)).T] if jacobian else [y]
    return ca.Function("runs", [ln_k, x], outputs).map(n, "thread", 2)


def check_columns(columns: tuple[str, ...], where: str) -> None:
    """Check that a table has the columns the flow model needs.

    Raises:
        InputError: a missing column.
    """
    missing = [c for c in COLUMNS if c not in columns]
    if missing:
        raise InputError(f"no column {missing[0]!r}", where=where, fix=f"the header needs {', '.join(COLUMNS)}, each with its unit in brackets")
