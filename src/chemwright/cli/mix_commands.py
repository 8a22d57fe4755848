"""``chemwright mix``: phase equilibria of a mixture, its azeotropes, diagrams, and parameters fitted to measured points."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from chemwright.cli.app import Json, _print, app
from chemwright.cli.session import progress_bar, session

DEFAULT_VERB = "diagram"


class WithDefault(TyperGroup):
    """The group that takes ``mix ethanol water ...`` as ``mix diagram ethanol water ...``; a near miss of a verb stays an error."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default verb in front where the first word is none."""
        from chemwright.errors import near_misses

        if args and not args[0].startswith("-") and args[0] not in self.commands and not near_misses(args[0], self.commands, 1):
            args = [DEFAULT_VERB, *args]
        return super().parse_args(ctx, args)


mix = typer.Typer(
    name="mix",
    cls=WithDefault,
    no_args_is_help=True,
    rich_markup_mode=None,
    help='Phase equilibria of mixtures, and their diagrams.\n\nExample: chemwright mix ethanol water --at "1 atm" --diagram txy --out txy.svg',
)
app.add_typer(mix)


def _models(incomplete: str) -> list[str]:
    """Names of models for the tab key."""
    from chemwright.thermo.mixture import models

    return [m for m in models() if m.startswith(incomplete)]


Substances = Annotated[list[str], typer.Argument(help="Names, CAS numbers or SMILES.")]
At = Annotated[list[str] | None, typer.Option("--at", metavar="CONDITION", help="A temperature or a pressure, as '350 K' or '1 atm'; can be given again for the other.")]
Model = Annotated[str, typer.Option("--model", help="Model of the liquid; see docs/how-to/mixtures.md.", autocompletion=_models)]
X = Annotated[str, typer.Option("--x", metavar="FRACTIONS", help="Mole fractions in the substances' order, as 0.4,0.6.")]


def _ask(substances: list[str], model: str, at: list[str] | None, *, liquid: bool = False) -> tuple[Any, float | None, float | None]:
    """The mixture and its conditions; units are parsed first, as they cost nothing."""
    from chemwright.thermo.ask import conditions
    from chemwright.thermo.mixture import liquid_mixture, mixture

    T, P = conditions(at or [])
    return (liquid_mixture if liquid else mixture)(substances, model), T, P


@mix.command()
def bubble(substances: Substances, x: X = "", at: At = None, model: Model = "hybrid", as_json: Json = False) -> None:
    """Where a liquid begins to boil, and its first vapour.

    Example: chemwright mix bubble ethanol water --x 0.3,0.7 --at "1 atm"
    """
    _saturation("bubble", substances, x, at, model, as_json)


@mix.command()
def dew(substances: Substances, x: X = "", at: At = None, model: Model = "hybrid", as_json: Json = False) -> None:
    """Where a vapour begins to condense, and its first liquid.

    Example: chemwright mix dew ethanol water --x 0.3,0.7 --at "360 K" --model nrtl
    """
    _saturation("dew", substances, x, at, model, as_json)


def _saturation(kind: str, substances: list[str], x: str, at: list[str] | None, model: str, as_json: bool) -> None:
    with session(as_json):
        from chemwright.thermo import ask

        m, T, P = _ask(substances, model, at)
        result = ask.saturation(kind, m, ask.composition(x, m, "--x"), T, P)
    from chemwright.cli import mix_tables

    _print(as_json, result, lambda: mix_tables.saturation(result))


@mix.command()
def flash(substances: Substances, x: X = "", at: At = None, model: Model = "hybrid", as_json: Json = False) -> None:
    """Phases of a feed at a temperature and a pressure: vapour and up to three liquids.

    Example: chemwright mix flash 1-butanol water --x 0.2,0.8 --at "360 K" --at "1 atm" --model nrtl
    """
    with session(as_json):
        from chemwright.thermo import ask

        m, T, P = _ask(substances, model, at)
        result = ask.flashed(m, ask.composition(x, m, "--x"), T, P)
    from chemwright.cli import mix_tables

    _print(as_json, result, lambda: mix_tables.phases(result))


@mix.command()
def stability(substances: Substances, x: X = "", at: At = None, model: Model = "hybrid", as_json: Json = False) -> None:
    """Does a feed stay one phase? Without a pressure only liquids count.

    Example: chemwright mix stability 1-butanol water --x 0.2,0.8 --at "300 K"
    """
    with session(as_json):
        from chemwright.thermo import ask

        m, T, P = _ask(substances, model, at)
        result = ask.stability(m, ask.composition(x, m, "--x"), T, P)
    from chemwright.cli import mix_tables

    _print(as_json, result, lambda: mix_tables.phases(result))


@mix.command()
def gamma(substances: Substances, x: X = "", at: At = None, model: Model = "hybrid", as_json: Json = False) -> None:
    """Activity coefficients, at infinite dilution too, and excess properties.

    Example: chemwright mix gamma ethanol water --x 0.3,0.7 --at "25 degC"
    """
    with session(as_json):
        from chemwright.thermo import ask

        m, T, _ = _ask(substances, model, at, liquid=True)
        result = ask.coefficients(m, ask.composition(x, m, "--x") if x else None, T)
    from chemwright.cli import mix_tables

    _print(as_json, result, lambda: mix_tables.coefficients(result))


@mix.command()
def solubility(
    substances: Annotated[list[str], typer.Argument(help="The solid, then its solvents: names, CAS numbers or SMILES.")],
    x: Annotated[str, typer.Option("--x", metavar="FRACTIONS", help="Mole fractions of the solvents without the solid; not needed for one solvent.")] = "",
    at: At = None,
    model: Model = "pcsaft",
    as_json: Json = False,
) -> None:
    """How much of a solid dissolves in a solvent or a mixture of solvents.

    Example: chemwright mix solubility paracetamol ethanol water --x 0.3,0.7 --at "25 degC"
    """
    with session(as_json):
        from chemwright.thermo import ask

        m, T, _ = _ask(substances, model, at, liquid=model != "pcsaft")
        result = ask.solubility(m, ask.of_solvents(x, m), T)
    from chemwright.cli import mix_tables

    _print(as_json, result, lambda: mix_tables.solubility(result))


@mix.command()
def azeotropes(substances: Substances, at: At = None, model: Model = "hybrid", as_json: Json = False) -> None:
    """Every azeotrope of two to six substances at a pressure; those of two liquids are marked.

    Example: chemwright mix azeotropes acetone chloroform methanol --at "1 atm"
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.thermo import ask

        m, _, P = _ask(substances, model, at, liquid=True)
        progress("looking for azeotropes", None)
        result = ask.all_azeotropes(m, P)
    from chemwright.cli import mix_tables

    _print(as_json, result, lambda: mix_tables.azeotropes(result))


@mix.command()
def diagram(
    substances: Substances,
    at: At = None,
    x: X = "",
    kind: Annotated[str, typer.Option("--diagram", metavar="KIND", help="txy, pxy, xy, gamma, excess, lle, eutectic, residue, binodal, envelope or henry.")] = "txy",
    model: Model = "hybrid",
    points: Annotated[Path | None, typer.Option("--points", metavar="CSV", help="Measured points to lay on top.")] = None,
    source: Annotated[str, typer.Option("--source", help="Where the points come from, for the legend.")] = "",
    solvent: Annotated[str, typer.Option("--in", metavar="SOLVENT", help="Of the diagram henry.")] = "water",
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="An .svg file; KIND.svg when left out.")] = None,
    as_json: Json = False,
) -> None:
    """Draw a phase diagram, measured points on top.

    Example: chemwright mix diagram ethanol water --at "1 atm" --diagram txy --model nrtl --out txy.svg

    Then: chemwright mix acetone chloroform methanol --at "1 atm" --diagram residue
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.report.phase_chart import checked_path, write_diagram
        from chemwright.thermo.ask import conditions, numbers
        from chemwright.thermo.ask_diagram import drawn

        path = checked_path(out or Path(f"{kind}.svg"))
        T, P = conditions(at or [])
        picture = drawn(kind, substances, model, T=T, P=P, points=points, source=source, solvent=solvent, composition=numbers(x, "--x") if x else (), progress=progress)
        write_diagram(path, picture)
        result = {**picture.as_data(), "file": str(path)}
    from chemwright.cli import mix_tables

    _print(as_json, result, lambda: mix_tables.diagram(result))


@mix.command()
def fit(
    points: Annotated[Path, typer.Argument(help="CSV of measured points: 'T [degC],P [kPa],x1,y1', also gamma1, xx1, hE.")],
    substances: Substances,
    model: Annotated[str, typer.Option("--model", help="nrtl, wilson or uniquac.")] = "nrtl",
    terms: Annotated[int, typer.Option("--terms", min=0, max=2, help="1: b/T; 2: a + b/T; 0 lets the points decide.")] = 0,
    alpha: Annotated[float, typer.Option("--alpha", help="NRTL's non-randomness, held.")] = 0.3,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Draw the fit over the points into an .svg file.")] = None,
    as_json: Json = False,
) -> None:
    """Fit NRTL, Wilson or UNIQUAC to measured points, with covariance and errors.

    Example: chemwright mix fit points.csv ethanol water --model nrtl --out fit.svg
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.report.phase_chart import checked_path, write_diagram
        from chemwright.thermo.ask_diagram import fitted

        path = None if out is None else checked_path(out)
        result, picture = fitted(points, substances, model, terms=terms, alpha=alpha, progress=progress)
        if path is not None and picture is None:
            result["notes"].append("a fit of more than two substances is not drawn")
        elif path is not None and picture is not None:
            write_diagram(path, picture)
            result["file"] = str(path)
    from chemwright.cli import mix_tables

    _print(as_json, result, lambda: mix_tables.fit(result))


@mix.command()
def henry(
    solutes: Annotated[list[str], typer.Argument(help="Gases or other dilute substances: names, CAS numbers or SMILES.")],
    solvent: Annotated[str, typer.Option("--in", metavar="SOLVENT", help="The liquid.")] = "water",
    at: At = None,
    as_json: Json = False,
) -> None:
    """Henry constants from tables, and how much dissolves at a partial pressure.

    Example: chemwright mix henry oxygen "carbon dioxide" --in water --at "25 degC" --at "1 atm"
    """
    with session(as_json):
        from chemwright.thermo.ask import conditions
        from chemwright.thermo.ask_diagram import henry_rows

        T, P = conditions(at or [])
        result = henry_rows(solutes, solvent, T, P)
    from chemwright.cli import mix_tables

    _print(as_json, result, lambda: mix_tables.henry(result))
