"""Runs, mechanism and formulas from the files and options of ``chemwright kinetics hybrid``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chemwright.errors import InputError, did_you_mean
from chemwright.kinetics.laws import Scheme
from chemwright.kinetics.models_file import read_problem
from chemwright.kinetics.reactor_toml import load_toml
from chemwright.kinetics.runs import RunSet


def read_hybrid(data: Path, network: Path, model: str, formulas: Sequence[str], conditions: Sequence[str]) -> tuple[RunSet, Scheme, dict[str, str] | None]:
    """Runs over the network's species, the network, and formulas by species where all are known.

    Args:
        data: CSV of the runs.
        network: TOML of the mechanism.
        model: its name, where the file has several.
        formulas: ``NAME=FORMULA`` each; the SMILES of the file's [substances] serve for the others.
        conditions: species that are none.

    Raises:
        InputError, UnitError: naming file, field and fix.
    """
    runs, models = read_problem(data, network)
    _, scheme = models.named(model)
    found = _from_smiles(network)
    for text in formulas:
        name, sign, formula = text.partition("=")
        if not sign or name.strip() not in scheme.species:
            raise InputError(f"can't read {text!r}", where="--formula", fix=did_you_mean(name.strip(), scheme.species) or "write it as D=C10H18O3")
        found[name.strip()] = formula.strip()
    lost = [s for s in scheme.species if s not in found and s not in conditions and s not in scheme.fresh]
    if found and lost:
        raise InputError(f"no formula for {lost[0]!r}", where="--formula", fix=f"add --formula {lost[0]}=... (or its SMILES under [substances]), or give no formula at all")
    return runs.over(scheme.species), scheme, found or None


def _from_smiles(network: Path) -> dict[str, str]:
    """Formulas of what the file's [substances] name; the file has been checked before."""
    from chemwright.structure import molecule

    part = load_toml(network).get("substances", {})
    return {s: molecule(smiles).formula for s, smiles in part.items()}
