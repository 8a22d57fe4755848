"""The steps of forward development: properties, fit, design. Functions from a record and earlier results to plain data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chemwright.record import CaseRecord, Claim, Source

Progress = Callable[[str, float | None], None]


def properties(record: CaseRecord) -> dict[str, Any]:
    """Property claims of every species with their sources; a claim of the case itself takes the place of a table's."""
    from chemwright.property import pure_claims
    from chemwright.record.convert import converter

    own = {c.id: c for c in record.claims}
    claims: list[Claim] = []
    sources: dict[str, Source] = {}
    for species in record.species:
        result = pure_claims(species)
        claims += [own.get(c.id, c) for c in result.claims]
        sources.update({s.id: s for s in result.sources})
    encode = converter().unstructure
    return {"claims": [encode(c) for c in claims], "sources": [encode(sources[k]) for k in sorted(sources)]}


def fit(record: CaseRecord, progress: Progress | None = None) -> dict[str, Any]:
    """Kinetic fit of the case's runs (see :func:`chemwright.kinetics.fit_case`)."""
    from chemwright.kinetics import fit_case

    return fit_case(record, progress)


def plant_of(record: CaseRecord, properties: dict[str, Any], fit: dict[str, Any]) -> Any:
    """The compiled plant of a case from its earlier results."""
    from chemwright.flowsheet import build_plant
    from chemwright.record.convert import converter

    return build_plant(record, [converter().structure(c, Claim) for c in properties["claims"]], fit)


def design(
    record: CaseRecord, properties: dict[str, Any], fit: dict[str, Any], progress: Progress | None = None, *, points: int = 7, draws: int = 200, front_draws: int = 50
) -> dict[str, Any]:
    """Optimal plants: the front between the objectives, the best in the first one in detail, all with uncertainty.

    Args:
        record, properties, fit: the case and its earlier steps.
        progress: called with a text and the fraction done.
        points: on the front.
        draws: Monte-Carlo plants that check the linear std of the chosen point.
        front_draws: the same for every other point of the front.

    Raises:
        ConvergenceError: no operating point or optimum found.
    """
    from chemwright.flowsheet.optimise import Bounds, front
    from chemwright.flowsheet.profile import reactor_profile
    from chemwright.flowsheet.tables import balances, conditions, figures_with_std, streams, units

    plant = plant_of(record, properties, fit)
    bounds = Bounds.of(plant)
    found = front(plant, bounds, record.plant.objectives, points, progress)
    table = []
    for i, point in enumerate(found):
        figures, _, _ = figures_with_std(plant, point)
        if progress is not None:
            progress(f"sampled plants, point {i + 1} of {len(found)}", 1.0)
        sampled = monte_carlo(plant, point, front_draws if i else draws, record.seed)
        table.append({**{k: {"value": v["value"], "std": v["std"]} for k, v in figures.items()}, "conditions": conditions(point), "monte_carlo": sampled})
    best = found[0]
    figures, breakdown, _ = figures_with_std(plant, best)
    listed = streams(plant, best)
    return {
        **figures,
        "front": table,
        "chosen": 0,
        "conditions": conditions(best),
        "at_bounds": [n for n, v, lo, hi in zip(conditions(best), best.design, bounds.low, bounds.high, strict=True) if min(v - lo, hi - v) < 1e-3 * (hi - lo)],
        "unknowns": best.unknowns.tolist(),
        "streams": listed,
        "units": units(plant, best),
        "breakdown": breakdown,
        "balances": balances(plant, listed, best),
        "assumptions": assumptions(plant),
        "ideal": list(plant.activity.missing),
        "profile": reactor_profile(plant, best),
        "monte_carlo": table[0]["monte_carlo"],
        "converged": True,
    }


def monte_carlo(plant: Any, point: Any, n: int, seed: int) -> dict[str, Any]:
    """Solve the plant at ``n`` draws of all roots, design held: nonlinear mean and std beside the linear ones.

    A draw that is not physical (a factor below zero) or does not solve is counted, not hidden.
    """
    from chemwright.errors import ChemwrightError
    from chemwright.flowsheet.plant import FIGURES
    from chemwright.flowsheet.tables import figures_with_std

    figures, _, _ = figures_with_std(plant, point)
    sample = plant.numbers.ledger.sample(n, seed)
    columns = list(plant.numbers.columns)
    rows = []
    for draw in sample:
        p = plant.numbers.mean.copy()
        p[columns] = draw
        try:
            rows.append([plant.solve(point.design, p, point.unknowns).figures[f] for f in FIGURES])
        except (ChemwrightError, np.linalg.LinAlgError):
            continue
    values = np.array(rows)
    values = values[np.all(np.isfinite(values), axis=1)]
    return {
        "n": n,
        "failed": n - len(values),
        **{
            f: {
                "mean": float(values[:, i].mean()),
                "std": float(values[:, i].std(ddof=1)),
                "linear_std": figures[f]["std"],
                "p05": float(np.quantile(values[:, i], 0.05)),
                "p95": float(np.quantile(values[:, i], 0.95)),
            }
            for i, f in enumerate(FIGURES)
        },
    }


def _liquid(model: str, missing: list[str]) -> str:
    """What the activities rest on."""
    ideal = ", ".join(missing) or "none"
    if model == "unifac":
        return f"Liquid activities by UNIFAC where groups are known; treated as ideal: {ideal}."
    return f"Liquid activities by the model {model}; treated as ideal: {ideal}."


def assumptions(plant: Any) -> list[str]:
    """What the design takes for granted, in words."""
    ids = plant.layout.ids
    missing = [i for i in ids if i in plant.activity.missing]
    out = [
        "Reactor: ideal plug flow, isothermal, constant density; no extrapolation beyond the runs' range of conditions.",
        _liquid(plant.record.plant.activity, missing),
        "Impurities can't be flashed off: crystallisation yield, selectivity and solubility are claims without a measurement, each with its std.",
        "The lab's E-factor leaves solvent and base out; the plant's counts all that enters.",
        "Under uncertainty the operating point is held and flows and sizes follow the capacity.",
    ]
    if plant.layout.acid:
        out.append(f"{plant.layout.acid} is caught at once and wholly by the external base; the salt stays in the residue and is washed out of the cake.")
    return out + [
        f"{c.id}: {c.value:g} {c.unit if c.unit != '1' else ''}{f' +/- {c.std:g}' if c.std else ''} - {c.note}"
        for c in plant.numbers.claims.values()
        if c.id.startswith(("plant.", "crystallisation."))
    ]
