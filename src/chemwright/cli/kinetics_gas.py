"""``chemwright kinetics gas``: a gas-phase mechanism of Cantera's YAML run in a closed vessel or an ideal tube."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chemwright.cli.app import Json, _print
from chemwright.cli.kinetics_commands import kinetics
from chemwright.cli.session import session


@kinetics.command()
def gas(
    file: Annotated[Path, typer.Argument(help="A mechanism in Cantera's YAML.")],
    mix: Annotated[str, typer.Option("--mix", metavar="AMOUNTS", help="Moles at the start, as 'CH4=1, O2=2, N2=7.52'.")],
    temperature: Annotated[str, typer.Option("--temperature", metavar="T", help="At the start, as '1400 K'.")],
    time: Annotated[str, typer.Option("--time", metavar="TIME", help="How long, as '30 ms'; of a tube since the gas entered.")],
    pressure: Annotated[str, typer.Option("--pressure", metavar="P", help="At the start.")] = "1 atm",
    constant: Annotated[str, typer.Option("--constant", help="volume, or pressure (an ideal tube too).")] = "volume",
    isothermal: Annotated[bool, typer.Option("--isothermal", help="Keep the temperature; adiabatic otherwise.")] = False,
    phase: Annotated[str, typer.Option("--phase", help="Of the file; its first ideal gas when left out.")] = "",
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Draw temperature, pressure and the main species into an .svg or .html file.")] = None,
    as_json: Json = False,
) -> None:
    """Let a gas react by a mechanism: composition over time, temperature, ignition delay.

    Example: chemwright kinetics gas gri30.yaml --mix "CH4=1, O2=2, N2=7.52" --temperature "1400 K" --time "30 ms" --json
    """
    with session(as_json):
        from chemwright.kinetics.gas_answer import gas_answer, read_mix
        from chemwright.kinetics.gas_reactor import ignite
        from chemwright.kinetics.laws.gas_read import read_gas
        from chemwright.quantity import si

        t, p, end = si(temperature, "K", "--temperature"), si(pressure, "Pa", "--pressure"), si(time, "s", "--time")
        amounts = read_mix(mix)
        mechanism = read_gas(file, phase)
        result = gas_answer(mechanism, *ignite(mechanism, amounts, t, p, end, constant=constant, adiabatic=not isothermal))
        if plot is not None:
            from chemwright.report.gas_plot import write_gas_plot

            write_gas_plot(plot, result, file.stem)
    _print(as_json, result, lambda: _table(result))


def _table(result: dict[str, Any]) -> None:
    """The end, and the ignition delay."""
    from chemwright.cli.tables import number, say, show

    delay = result["ignition_delay"]
    note = f"{result['species']} species, {result['reactions']} reactions; " + (f"ignition after {number(delay)} s" if delay is not None else "no ignition (rise below 50 K)")
    rows = [
        ("temperature [K]", number(result["temperature"][0], 5), number(result["temperature"][-1], 5)),
        ("pressure [Pa]", number(result["pressure"][0]), number(result["pressure"][-1])),
    ]
    rows += [(s, number(x[0]), number(x[-1])) for s, x in result["fractions"].items() if max(x[0], x[-1]) > 1e-4]
    show("Gas", ("", "start", "end"), rows, note)
    say("species below a mole fraction of 1e-4 at start and end are left out; --json has all")
