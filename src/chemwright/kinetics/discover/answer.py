"""A proposal as plain data, and its networks as a models file for ``kinetics fit`` and ``kinetics compare``."""

from __future__ import annotations

import json
import math
from typing import Any

from chemwright.kinetics.discover.propose import Candidate, Proposal
from chemwright.kinetics.discover.screen import Term
from chemwright.kinetics.reactor_reaction import rate_unit


def proposal_answer(proposal: Proposal) -> dict[str, Any]:
    """Everything a reader of the proposal needs, as JSON holds it; concentrations in mol/m^3."""
    sub = proposal.subspace
    return {
        "measured": list(sub.measured),
        "noise": {s: float(v) for s, v in zip(sub.measured, sub.noise, strict=True)},
        "independent_reactions": sub.rank,
        "singular_values": [float(v) for v in sub.singular],
        "noise_after": [float(v) for v in sub.remainder],
        "reactions": [{"text": str(r), "probability": p, "accepted": r in proposal.accepted} for r, p in proposal.tested],
        "screened": proposal.screened,
        "networks": [_network(n) for n in proposal.networks],
        "notes": list(proposal.notes),
    }


def _network(network: Candidate) -> dict[str, Any]:
    std = network.fit.posterior.std
    rows = [{"name": name, "value": float(v), "std": float(s)} for name, v, s in zip(network.fit.names, network.fit.theta, std, strict=True)]
    return {
        "reactions": list(network.reactions),
        "equations": network.scheme.equation().splitlines(),
        "weight": network.weight,
        "bic": network.bic,
        "aicc": network.fit.aicc if math.isfinite(network.fit.aicc) else None,
        "parameters": rows,
    }


def models_text(proposal: Proposal) -> str:
    """The networks as a models file: each a ``[[model]]`` with the constants found, free again within three decades."""
    t_ref = next(n.reference for n in proposal.networks[0].scheme.numbers if n.name.startswith("k."))
    species = f"species = {json.dumps(list(proposal.series.species), ensure_ascii=False)}"
    lines = [
        "# Networks proposed from the data; see docs/how-to/discover.md. Edit them, then:",
        "#   chemwright kinetics compare RUNS THIS_FILE",
        f'temperature = "{t_ref:.2f} K"',
        species,
        "",
    ]
    for i, network in enumerate(proposal.networks, 1):
        lines += ["[[model]]", f'name = "proposal {i}"  # weight {network.weight:.2f}', ""]
        values = dict(zip(network.fit.names, (float(v) for v in network.fit.theta), strict=True))
        for j, term in enumerate(network.terms, 1):
            lines += [*_reaction(term, f"r{j}", values), ""]
    return "\n".join(lines)


def _reaction(term: Term, id: str, values: dict[str, float]) -> list[str]:
    """One ``[[model.reaction]]``."""
    order = sum(n for _, n in term.orders)
    k = math.exp(values[f"k.{id}"]) * 1000.0 ** (order - 1)  # from mol/m^3 to mol/L
    unit = rate_unit(order) if order >= 0 else "1/s"
    energy = f', Ea = "{values[f"Ea.{id}"] / 1000:.4g} kJ/mol", Ea_std = "20 kJ/mol"' if f"Ea.{id}" in values else ""
    lines = ["[[model.reaction]]", f'id = "{id}"', f"text = {json.dumps(str(term.reaction))}", f'k = {{ value = "{k:.6g} {unit}", decades = 3{energy} }}']
    elementary = not term.hindered and sorted(term.orders) == sorted(term.reaction.reactants)
    if not elementary:
        lines.insert(3, f'law = "{"hindered" if term.hindered else "power"}"')
        lines.append(f"orders = {{ {', '.join(f'{s} = {n:g}' for s, n in term.orders)} }}")
    if term.hindered:
        lines += [f'by = "{term.hindered[0]}"', f'Kh = {{ value = "{math.exp(values[f"Kh.{id}"]) * 1000:.6g} L/mol", decades = 2 }}']
    return lines
