"""``chemwright kinetics discover``: networks proposed from runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chemwright.cli.app import Json, _print
from chemwright.cli.kinetics_commands import Data, Limit, _seconds, kinetics
from chemwright.cli.session import progress_bar, session


@kinetics.command()
def discover(
    data: Data,
    species: Annotated[
        list[str], typer.Option("--species", metavar="NAME=FORMULA", help="Who may take part, as ester=C4H8O2; given again for each, also those that nobody measures.")
    ],
    reactants: Annotated[int, typer.Option("--reactants", min=1, max=3, help="Molecules on the left at most.")] = 2,
    products: Annotated[int, typer.Option("--products", min=1, max=4, help="Molecules on the right at most.")] = 3,
    most: Annotated[int, typer.Option("--most", min=1, max=10, help="Reactions in a network at most; a reversible one counts as two.")] = 6,
    keep: Annotated[int, typer.Option("--keep", min=1, max=20, help="Networks shown at most.")] = 5,
    laws: Annotated[bool, typer.Option("--laws", help="Also seek rate laws by symbolic regression (needs chemwright[symbolic]).")] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the networks as a models file (.toml) for fit and compare.")] = None,
    limit: Limit = "5 min",
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Of the symbolic regression.")] = 0,
    as_json: Json = False,
) -> None:
    """Propose networks from data alone: how many reactions show, which ones balance and fit, which networks.

    Example: chemwright kinetics discover runs.csv --species A=C8H10O --species B=C8H10O --species C=C8H10O --out networks.toml
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.errors import InputError
        from chemwright.kinetics.discover import models_text, proposal_answer, propose, rate_laws
        from chemwright.kinetics.runs_file import read_runs
        from chemwright.record.atomic import write_atomic

        formulas: dict[str, str] = {}
        for text in species:
            name, _, formula = text.partition("=")
            if not name.strip() or not formula.strip():
                raise InputError(f"--species {text!r}", where="--species", fix="write NAME=FORMULA, as ester=C4H8O2")
            if name.strip() in formulas:
                raise InputError(f"{name.strip()!r} is given twice", where="--species", fix="give each species once")
            formulas[name.strip()] = formula.strip()
        runs = read_runs(data)
        found = propose(runs, formulas, reactants=reactants, products=products, most=most, keep=keep, time_limit=_seconds(limit), progress=progress)
        result = proposal_answer(found)
        result["notes"] = [*runs.notes, *result["notes"]]
        if laws:
            progress("rate laws", None)
            result["laws"] = [law.answer() for law in rate_laws(found, seed=seed)]
        if out is not None:
            write_atomic(out, models_text(found).encode())
            result["file"] = str(out)
    _print(as_json, result, lambda: _told(result))


def _told(result: dict[str, Any]) -> None:
    """The proposal as a person reads it."""
    from chemwright.cli.tables import number, say, show

    n = result["independent_reactions"]
    say(f"{n} independent reaction{'s show' if n != 1 else ' shows'} in {', '.join(result['measured'])}")
    accepted = [r for r in result["reactions"] if r["accepted"]]
    say(
        f"{len(result['reactions'])} reactions balance, {len(accepted)} of them lie in what the data span: "
        + "; ".join(r["text"] for r in accepted[:12])
        + (" ..." if len(accepted) > 12 else "")
    )
    for i, network in enumerate(result["networks"], 1):
        values = {p["name"]: p for p in network["parameters"]}
        rows = []
        for line in network["equations"]:
            id = line.split(":", 1)[0]
            k, energy = values[f"k.{id}"], values.get(f"Ea.{id}")
            rows.append(
                [
                    line.split(":", 1)[1].strip(),
                    f"{number(2.718281828459045 ** k['value'])} (+/- {100 * k['std']:.2g} %)",
                    f"{energy['value'] / 1000:.1f} +/- {energy['std'] / 1000:.1f}" if energy else "-",
                ]
            )
        show(f"Network {i}: weight {network['weight']:.2f}, BIC {network['bic']:.1f}", ("reaction and rate", "k (SI, mol)", "Ea [kJ/mol]"), rows, "", width=120)
    for law in result.get("laws", []):
        say(f"law of {law['reaction']} ({law['error']:.1%} off, size {law['size']}): {law['text']}{'' if law['passed'] else '   refused: ' + law['refused']}")
    for note in result["notes"]:
        say(f"note: {note}")
    if "file" in result:
        say(f"written: {result['file']}; next: chemwright kinetics compare RUNS {result['file']}")
