"""The ``closure`` join: a learner inside the rate equations, as a function of the local state.

The learner multiplies one reaction's rate by exp(f(c, T)); stoichiometry stays outside it, so atoms are conserved whatever
it says, and the factor is positive, so an empty species stays empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import ConvergenceError
from chemwright.kinetics.flow_model import FlowModel
from chemwright.kinetics.rates import MassAction
from chemwright.model.lower import exp
from chemwright.model.protocol import Array, Learner
from chemwright.model.reactors import concentrations, plug_flow_function


@frozen(eq=False)
class ClosedLaw:
    """Mass action with a learned factor on some reactions.

    Args:
        law: the known rates.
        learner: f over the state: concentrations (mol/m^3) of all species, then temperature (K).
        reactions: indices of the reactions that it multiplies.
    """

    law: MassAction
    learner: Learner
    reactions: tuple[int, ...]

    @property
    def stoichiometry(self) -> Array:
        """nu, shape (R, S)."""
        return self.law.stoichiometry

    @property
    def n_parameters(self) -> int:
        """Those of the law, then the learner's weights."""
        return self.law.n_parameters + self.learner.n_weights

    def rates(self, c: Sequence[Any], temperature: Any, theta: Sequence[Any]) -> list[Any]:
        """Rates in mol/(m^3 s); theta = [law's parameters, weights]."""
        p = self.law.n_parameters
        rates = self.law.rates(c, temperature, [theta[i] for i in range(p)])
        factor = exp(self.learner.evaluate([*c, temperature], [theta[p + i] for i in range(self.learner.n_weights)]))
        return [r * factor if i in self.reactions else r for i, r in enumerate(rates)]


@frozen(eq=False)
class ClosedFlowModel:
    """A flow model whose rates carry a learned closure; its parameters are [theta, w], as Hybrid's ``closure`` join expects."""

    base: FlowModel
    law: ClosedLaw

    @property
    def names(self) -> tuple[str, ...]:
        """Parameter names, weights as ``w.0`` ..."""
        return self.base.names + tuple(f"w.{i}" for i in range(self.law.learner.n_weights))

    def evaluate(self, theta: Array, x: Array, *, jacobian: bool = True) -> tuple[Array, Array]:
        """Observable on the fit scale (N,) and sensitivities (N, P + M); arguments as in :meth:`FlowModel.evaluate`.

        Raises:
            ConvergenceError: the integrator failed.
        """
        n, p = len(x), self.law.n_parameters
        theta = np.broadcast_to(theta, (n, p))
        try:
            out = _compiled(self, n, jacobian)(theta.T, x.T)
        except RuntimeError as error:
            raise ConvergenceError(f"the integrator failed for a run: {str(error).splitlines()[-1][:120]}", fix="check rate constants and residence times") from None
        y = np.array(out[0] if jacobian else out).ravel()
        jac = np.array(out[1]).reshape(p, n, order="F").T if jacobian else np.zeros((0, p))
        if not (np.all(np.isfinite(y)) and np.all(np.isfinite(jac))):
            raise ConvergenceError("the observable is not finite for a run", fix="check the rate constants' prior")
        return y, jac


@lru_cache(maxsize=16)
def _compiled(model: ClosedFlowModel, n: int, jacobian: bool) -> Any:
    import casadi as ca

    theta, x = ca.MX.sym("theta", model.law.n_parameters), ca.MX.sym("x", 4)
    c_in = ca.vertcat(*model.base.inlet(ca.vertsplit(x)))
    xi = plug_flow_function(model.law, model.base.reltol)(theta, c_in, x[3], x[0])
    y = model.base.observer.fitted(ca.vertsplit(c_in), concentrations(model.law, ca.vertsplit(c_in), ca.vertsplit(xi)))
    outputs = [y, ca.jtimes(y, theta, ca.DM.eye(model.law.n_parameters)).T] if jacobian else [y]
    return ca.Function("runs", [theta, x], outputs).map(n, "thread", 2)
