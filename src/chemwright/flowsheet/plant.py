"""Plant: the flowsheet of a case as a square system with exact derivatives; solve it, differentiate it, sample it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from attrs import define, frozen

from chemwright.errors import ConvergenceError, InputError, did_you_mean
from chemwright.flowsheet.balances import DESIGN, Layout, equations, layout_of, unknowns
from chemwright.flowsheet.economics import YEAR, account
from chemwright.flowsheet.numbers import Lookup, Numbers
from chemwright.kinetics.setup import Problem
from chemwright.model.hybrid import Hybrid
from chemwright.model.protocol import Array
from chemwright.record import CaseRecord
from chemwright.thermo import ActivityModel

FIGURES = ("cost", "e_factor", "co2e", "pmi", "purity")


@frozen(eq=False)
class Operating:
    """A solved plant.

    Args:
        design: design variables, SI, in the order of ``balances.DESIGN``.
        unknowns: scaled unknowns.
        figures: values of :data:`FIGURES`.
        residual: largest absolute residual of the square system.
    """

    design: Array
    unknowns: Array
    figures: dict[str, float]
    residual: float


@define(eq=False, slots=False)
class Plant:
    """Compiled equations of one case. Make it once; it holds no state besides compiled functions.

    Args:
        record, problem, hybrid, numbers, activity: the case, its kinetics, its uncertain numbers and its liquid model.
    """

    record: CaseRecord
    problem: Problem
    hybrid: Hybrid
    numbers: Numbers
    activity: ActivityModel

    @cached_property
    def layout(self) -> Layout:
        """Roles of the species."""
        return layout_of(self.record, self.problem)

    @cached_property
    def masses(self) -> dict[str, float]:
        """Molar masses, kg/mol."""
        return {s.id: s.molar_mass for s in self.record.species}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the unknowns."""
        return unknowns(self.layout, len(self.problem.model.law.network.reactions))

    @cached_property
    def symbols(self) -> dict[str, Any]:
        """Symbols v, d, p with residuals, figures, streams and accounts built on them."""
        import casadi as ca

        from chemwright.equipment import equipment_table
        from chemwright.structure import molecule

        v, d, p = ca.SX.sym("v", len(self.names)), ca.SX.sym("d", len(DESIGN)), ca.SX.sym("p", len(self.numbers.names))
        named = dict(zip(self.names, ca.vertsplit(v), strict=True))
        design = dict(zip(DESIGN, ca.vertsplit(d), strict=True))
        look = Lookup(self.numbers, ca.vertsplit(p))
        eqs, flows = equations(self.layout, self.problem, self.hybrid, self.activity, named, design, look, self.masses)
        running = self.record.plant.capacity * YEAR / (self.record.plant.hours * 3600.0)  # kg/s while the plant runs
        scale = running / flows.extra["product_mass"]
        carbon = {s.id: molecule(s.smiles).elements.get("C", 0) for s in self.record.species}
        cas = {s.id: s.cas for s in self.record.species}
        books = account(self.layout, flows, scale, design, look, self.masses, carbon, cas, equipment_table(), self.record.plant.hours)
        return {
            "v": v,
            "d": d,
            "p": p,
            "eqs": ca.vertcat(*eqs),
            "figures": ca.vertcat(*[books.figures[f] for f in FIGURES]),
            "flows": flows,
            "scale": scale,
            "books": books,
            "liquor": flows.extra["liquor"] - look("plant.min_liquor"),
        }

    @cached_property
    def _functions(self) -> dict[str, Any]:
        import casadi as ca

        s = self.symbols
        v, d, p = s["v"], s["d"], s["p"]
        if s["eqs"].numel() != v.numel():
            raise InputError(f"{s['eqs'].numel()} equations for {v.numel()} unknowns", where="flowsheet", fix="report this: the flowsheet is not square")
        items = list(s["books"].items)
        out = ca.vertcat(s["figures"], *[s["books"].items[i][1] for i in items])
        return {
            "residual": ca.Function("residual", [v, d, p], [s["eqs"], ca.jacobian(s["eqs"], v)]),
            "figures": ca.Function("figures", [v, d, p], [s["figures"]]),
            "slopes": ca.Function("slopes", [v, d, p], [out, ca.jacobian(out, v), ca.jacobian(out, p), ca.jacobian(s["eqs"], v), ca.jacobian(s["eqs"], p)]),
        }

    def guess(self, design: Array) -> Array:
        """A start for the unknowns: the tube integrated exactly, a flash at the solvent's boiling point."""
        problem, layout = self.problem, self.layout
        x = np.array([design[1], design[2], design[3], design[0]])
        assert self.hybrid.fit is not None
        theta = np.asarray(self.hybrid.parameters_at(x, self.hybrid.fit.posterior.mean), dtype=np.float64)
        from chemwright.flowsheet.balances import MESH
        from chemwright.model.reactors import profile

        c_in = np.asarray(problem.model.inlet(x), dtype=np.float64)
        run = profile(problem.model.law, theta, c_in, design[0], design[1], 401)
        nu = problem.model.law.stoichiometry
        import casadi as ca

        nodes, start = [], 0.0
        for end in MESH:
            nodes += [start + t * (end - start) for t in ca.collocation_points(3, "radau")]
            start = end
        xi = np.linalg.lstsq(nu.T, (run.c - c_in).T, rcond=None)[0] / design[3]
        guess = {f"xi.{i}.{k}": float(np.interp(t * design[1], run.time, xi[i])) for i in range(len(nu)) for k, t in enumerate(nodes)}
        mean = dict(zip(self.numbers.names, self.numbers.mean, strict=True))
        v_solvent = 1 / design[3] - sum(n * mean[f"{j}.liquid_molar_volume"] for j, n in ((layout.key, 1.0), (layout.reagent, design[2])) if j)
        guess["in.solvent"] = max(v_solvent / mean[f"{layout.solvent}.liquid_molar_volume"], 1.0) / 50.0
        guess["T_flash"] = (mean[f"{layout.solvent}.boiling_point"] + 5.0 + 15.0 * design[4]) / 100.0
        for j in layout.ids:
            volatility = np.exp(mean[f"{j}.vapour_pressure_A"] - mean[f"{j}.vapour_pressure_B"] / (guess["T_flash"] * 100 + mean[f"{j}.vapour_pressure_C"])) / 101325.0
            ratio = volatility * design[4] / max(1 - design[4], 1e-3)
            guess[f"s.{j}"] = design[4] if j == layout.solvent else ratio / (1 + ratio)
        return np.array([guess.get(n, 0.0) for n in self.names])

    def solve(self, design: Mapping[str, float] | Array, p: Array | None = None, start: Array | None = None) -> Operating:
        """Solve the square system by damped Newton with exact derivatives.

        Args:
            design: design variables by name, SI, or in order.
            p: numbers (mean when not given).
            start: scaled unknowns to start from.

        Raises:
            InputError: unknown design variable; ConvergenceError: not solved to 1e-11.
        """
        if isinstance(design, Mapping):
            wrong = [k for k in design if k not in DESIGN] + [k for k in DESIGN if k not in design]
            if wrong:
                raise InputError(f"design variable {wrong[0]!r}", where="design", fix=did_you_mean(wrong[0], DESIGN))
            design = np.array([design[k] for k in DESIGN], dtype=float)
        p = self.numbers.mean if p is None else p
        v = self.guess(design) if start is None else start.copy()
        call = self._functions["residual"]
        norm = np.inf
        for _ in range(60):
            g, jac = call(v, design, p)
            g = np.array(g).ravel()
            norm = float(np.max(np.abs(g)))
            if norm < 1e-12 or not np.isfinite(norm):
                break
            step = np.linalg.solve(np.array(jac), -g)
            damp = 1.0
            for _ in range(25):
                trial = np.array(call(v + damp * step, design, p)[0]).ravel()
                if np.all(np.isfinite(trial)) and np.max(np.abs(trial)) < (1 - 1e-4 * damp) * norm:
                    break
                damp *= 0.5
            if damp < 1e-6:
                break
            v = v + damp * step
        if not norm < 1e-11:
            raise ConvergenceError(
                f"the flowsheet's balances stay open by {norm:.1e}",
                where="flowsheet",
                fix="move the operating point toward one that solves (less evaporation, more solvent)",
                residuals={"balances of the plant, largest (scaled)": norm},
            )
        figures = dict(zip(FIGURES, np.array(self._functions["figures"](v, design, p)).ravel().tolist(), strict=True))
        return Operating(np.asarray(design, dtype=float), v, figures, norm)

    def sensitivities(self, point: Operating, p: Array | None = None) -> tuple[list[str], Array, Array]:
        """Exact total derivatives of figures and cost items to all numbers, by the implicit function theorem.

        Returns:
            names (figures, then items), values (M,), J (M, K).
        """
        p = self.numbers.mean if p is None else p
        y, y_v, y_p, g_v, g_p = (np.array(a) for a in self._functions["slopes"](point.unknowns, point.design, p))
        jac = y_p - y_v @ np.linalg.solve(g_v, g_p)
        return [*FIGURES, *self.symbols["books"].items], y.ravel(), jac

    def ledger_rows(self, jac: Array) -> Array:
        """The columns of J that are uncertain, in the ledger's order."""
        return jac[:, list(self.numbers.columns)]
