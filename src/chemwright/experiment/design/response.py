"""What a run would read, as a function of parameters and conditions, with exact derivatives to both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from chemwright.errors import ConvergenceError, InputError
from chemwright.model.protocol import Array

Outputs = Callable[[list[Any], list[Any]], list[Any]]


def _row(value: Any) -> Array:
    return np.atleast_1d(np.asarray(value, dtype=float))


@frozen(eq=False)
class Response:
    """A model of what one run reads: y = f(theta, x) with noise of known size.

    Args:
        parameters: names of theta, length P.
        factors: names of the conditions x, length D.
        outputs: names of the readings y, length m.
        noise: constant part of each reading's standard deviation, shape (m,).
        value, gradient, sensitivity, slope: CasADi functions (theta, x) -> y; -> y, dy/dx; -> y, dy/dtheta; -> y, dy/dtheta, dy/dx, d(dy/dtheta)/dx.
        relative: part of the standard deviation that grows with the reading, share of it, shape (m,).
    """

    parameters: tuple[str, ...]
    factors: tuple[str, ...]
    outputs: tuple[str, ...]
    noise: Array = field(converter=_row)
    value: Any
    gradient: Any
    sensitivity: Any
    slope: Any
    relative: Array = field(factory=lambda: np.zeros(0), converter=_row)

    def __attrs_post_init__(self) -> None:
        if len(self.noise) != len(self.outputs) or not np.all(np.isfinite(self.noise) & (self.noise > 0)):
            raise InputError(f"noise {self.noise.tolist()} for {len(self.outputs)} readings", where="noise", fix="give one standard deviation above zero for each reading")
        if len(self.relative) not in (0, len(self.outputs)) or not np.all(np.isfinite(self.relative) & (self.relative >= 0)):
            raise InputError(f"relative noise {self.relative.tolist()} for {len(self.outputs)} readings", where="noise", fix="give one share >= 0 for each reading")

    def with_noise(self, noise: Array) -> Response:
        """The same model with another noise, shape (m,)."""
        return evolve(self, noise=noise)

    def _call(self, function: Any, theta: Array, x: Array) -> list[Array]:
        try:
            found = function(theta, x)
        except RuntimeError as error:
            raise _failed(str(error), x) from None
        arrays = [np.array(v) for v in (found if isinstance(found, (tuple, list)) else (found,))]
        if not all(np.all(np.isfinite(v)) for v in arrays):
            raise _failed("a reading or its slope is not a number", x)
        return arrays

    def values(self, theta: Array, x: Array) -> Array:
        """Readings (N, m) at conditions x (N, D); theta (P,) or one row each (N, P).

        Raises:
            ConvergenceError: the model can't be evaluated, with the conditions.
        """
        x = np.atleast_2d(x)
        return np.array([self._call(self.value, t, row)[0].ravel() for t, row in zip(np.broadcast_to(theta, (len(x), len(self.parameters))), x, strict=True)])

    def gradients(self, theta: Array, x: Array) -> tuple[Array, Array]:
        """y (m,) and dy/dx (m, D) at one x (D,).

        Raises:
            ConvergenceError: the model can't be evaluated.
        """
        y, dy = self._call(self.gradient, theta, x)
        return y.ravel(), dy

    def sensitivities(self, theta: Array, x: Array) -> tuple[Array, Array]:
        """Readings (N, m) and dy/dtheta (N, m, P) at conditions x (N, D).

        Raises:
            ConvergenceError: the model can't be evaluated.
        """
        both = [self._call(self.sensitivity, theta, row) for row in np.atleast_2d(x)]
        return np.array([y.ravel() for y, _ in both]), np.array([j for _, j in both])

    def slopes(self, theta: Array, x: Array) -> tuple[Array, Array, Array, Array]:
        """y (m,), dy/dtheta (m, P), dy/dx (m, D) and d(dy/dtheta)/dx (m, P, D) at one x (D,).

        Raises:
            ConvergenceError: the model can't be evaluated.
        """
        m, p, d = len(self.outputs), len(self.parameters), len(self.factors)
        y, jac, dy, djac = self._call(self.slope, theta, x)
        return y.ravel(), jac, dy.reshape(m, d, order="F"), djac.reshape(m, p, d, order="F")

    def std(self, y: Array) -> Array:
        """Standard deviation of readings y (..., m), same shape."""
        return np.sqrt(self.noise**2 + (self.relative * y) ** 2) if len(self.relative) else np.broadcast_to(self.noise, np.shape(y))

    def whitened(self, theta: Array, x: Array) -> Array:
        """Sensitivities over the noise's standard deviation, shape (N, m, P): J^T J is the information of a run."""
        y, jac = self.sensitivities(theta, x)
        return np.asarray(jac / self.std(y)[..., None])

    def whitened_slopes(self, theta: Array, x: Array) -> tuple[Array, Array]:
        """Whitened sensitivities (m, P) at one x (D,), and their derivative (m, P, D)."""
        y, jac, dy, djac = self.slopes(theta, x)
        s = self.std(y)
        ds = (self.relative**2 * y / s)[:, None] * dy if len(self.relative) else np.zeros_like(dy)
        return jac / s[:, None], djac / s[:, None, None] - jac[:, :, None] * (ds / s[:, None] ** 2)[:, None, :]


def _failed(why: str, x: Array) -> ConvergenceError:
    from chemwright.model.reactors import reason

    return ConvergenceError(
        f"the model can't be evaluated: {reason(RuntimeError(why))}",
        where="conditions " + ", ".join(f"{v:.6g}" for v in np.ravel(x)),
        fix="narrow the bounds of the conditions or of the prior",
    )


def assemble(
    parameters: Sequence[str], factors: Sequence[str], outputs: Sequence[str], noise: Any, theta: Any, x: Any, y: Any, jac: Any, *, plain: Any = None, relative: Any = ()
) -> Response:
    """A response from CasADi expressions of y (m,) and dy/dtheta (m, P) in the symbols theta and x; the slopes to x by forward differentiation.

    Args:
        parameters, factors, outputs, noise, relative: as for :class:`Response`.
        theta, x: MX symbols.
        y, jac: expressions.
        plain: cheaper expression of y where sensitivities aren't wanted.
    """
    import casadi as ca

    both = ca.vertcat(y, ca.vec(jac))
    slope = ca.jtimes(both, x, ca.DM.eye(len(factors)))
    m, small = len(outputs), y if plain is None else plain
    return Response(
        tuple(parameters), tuple(factors), tuple(outputs), noise,
        ca.Function("value", [theta, x], [small]), ca.Function("gradient", [theta, x], [small, ca.jtimes(small, x, ca.DM.eye(len(factors)))]), ca.Function("sensitivity", [theta, x], [y, jac]),
        ca.Function("slope", [theta, x], [y, jac, slope[:m, :], slope[m:, :]]), relative,
    )  # fmt: skip


def algebraic(parameters: Sequence[str], factors: Sequence[str], outputs: Sequence[str], noise: Any, f: Outputs, *, relative: Any = ()) -> Response:
    """A response in closed form.

    Args:
        parameters, factors, outputs, noise, relative: as for :class:`Response`.
        f: (theta, x) as lists of symbols -> list of readings, written with numpy's or CasADi's own operators.

    Raises:
        InputError: ``f`` gives another number of readings than there are names.
    """
    import casadi as ca

    theta, x = ca.MX.sym("theta", len(parameters)), ca.MX.sym("x", len(factors))
    given = f(ca.vertsplit(theta), ca.vertsplit(x))
    if len(given) != len(outputs):
        raise InputError(f"{len(given)} readings and {len(outputs)} names", where="outputs", fix="name each reading")
    y = ca.vertcat(*given)
    return assemble(parameters, factors, outputs, noise, theta, x, y, ca.jacobian(y, theta), relative=relative)
