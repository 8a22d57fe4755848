"""The commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from chemwright.cli.session import print_json, progress_bar, session

app = typer.Typer(
    name="chemwright",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="One chemical product from measured runs to a priced plant, with an error bar and a source on every number.\n\nExample: chemwright demo",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON alone on stdout.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder of the case; the case file's name with the ending .case when left out.")]
CasePath = Annotated[Path, typer.Argument(metavar="CASE", help="A case.toml, or a folder that develop wrote.")]
Seed = Annotated[int | None, typer.Option("--seed", min=0, max=2**31 - 1, help="Of all random draws; the same seed gives the same numbers.")]
Figure = Annotated[str, typer.Option("--figure", help="cost, e_factor, co2e, pmi or purity.")]


def _print(as_json: bool, data: Any, table: Callable[[], None]) -> None:
    """The result, for a machine or for a person."""
    if as_json:
        print_json(data)
    else:
        table()


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the case.")],
    folder: Annotated[Path | None, typer.Option("--folder", help="Where to; a folder of that name when left out.")] = None,
    as_json: Json = False,
) -> None:
    """Write a commented case file with example runs, ready to edit and to run.

    Example: chemwright new butyl-acetate --folder work/butyl-acetate
    """
    with session(as_json):
        from chemwright.case import write_template

        path = write_template(name, folder)
    from chemwright.cli import tables

    _print(as_json, {"case": str(path)}, lambda: tables.say(f"wrote {path}; next: chemwright develop {path}"))


@app.command()
def develop(case: CasePath, out: Out = None, seed: Seed = None, as_json: Json = False) -> None:
    """Take a case from runs to a priced plant with a report; steps that still hold are not computed again.

    Example: chemwright develop case.toml --out my.case --json
    """
    _develop(case, out, seed, as_json)


def _develop(case: Path, out: Path | None, seed: int | None, as_json: bool) -> dict[str, Any]:
    with session(as_json), progress_bar() as progress:
        from chemwright.case import Case

        result = Case.at(case, out, seed=seed).develop(progress)
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.developed(result))
    return result


@app.command()
def fit(case: CasePath, out: Out = None, seed: Seed = None, as_json: Json = False) -> None:
    """Fit the kinetics to the runs and say which parameters the data informed.

    Example: chemwright fit case.toml
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.case import Case

        result = Case.at(case, out, seed=seed).fit(progress)
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.kinetics(result))


@app.command()
def design(case: CasePath, out: Out = None, seed: Seed = None, as_json: Json = False) -> None:
    """Lay out and price the plant.

    Example: chemwright design case.toml --json
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.case import Case

        result = Case.at(case, out, seed=seed).design(progress)
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.design(result))


@app.command()
def explain(case: CasePath, figure: Figure = "cost", out: Out = None, seed: Seed = None, as_json: Json = False) -> None:
    """Share out the uncertainty of a plant figure over its causes.

    Example: chemwright explain my.case --figure e_factor
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.case import Case

        result = Case.at(case, out, seed=seed).explain(figure, progress)
    from chemwright.cli import tables

    _print(as_json, {"figure": figure, "causes": result}, lambda: tables.causes(result, figure, top=15))


@app.command(name="next")
def next_(
    case: CasePath,
    figure: Figure = "cost",
    budget: Annotated[str | None, typer.Option("--budget", help="As '5 kEUR'; dearer measurements are left out.")] = None,
    out: Out = None,
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """Rank measurements by what each would take off a figure's uncertainty for its cost.

    Example: chemwright next my.case --figure cost --budget "1 kEUR"
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.case import Case

        result = Case.at(case, out, seed=seed).next(figure, budget, progress)
    from chemwright.cli import tables

    _print(as_json, {"figure": figure, "next": result}, lambda: tables.experiments(result, figure, top=15))


@app.command()
def reactor(
    file: Annotated[Path, typer.Argument(help="A reactor.toml.")],
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Draw profiles, or a tank's steady states, into an .svg or .html file.")] = None,
    as_json: Json = False,
) -> None:
    """Run one ideal reactor: outlet, conversion, profile, all steady states of a tank.

    Example: chemwright reactor reactor.toml --plot reactor.svg
    """
    with session(as_json):
        from chemwright.kinetics.reactor_file import read_reactor, run_reactor, tank_curves_of

        spec = read_reactor(file)
        result = run_reactor(spec)
        if plot is not None:
            from chemwright.report.reactor_plot import write_plot

            write_plot(plot, result, file.stem, tank_curves_of(spec))
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.reactor(result))


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for the case and its report.")] = Path("chemwright-demo"),
    open_: Annotated[bool, typer.Option("--open", help="Open the report in the browser.")] = False,
    as_json: Json = False,
) -> None:
    """Develop the bundled case: 66 measured flow runs to a priced plant.

    Example: chemwright demo --open
    """
    with session(as_json):
        from chemwright.case import demo_case

        case = demo_case(out)
    result = _develop(case, out, None, as_json)
    if open_:
        import webbrowser

        webbrowser.open(Path(result["report"]).resolve().as_uri())


@app.command()
def check(
    only: Annotated[str | None, typer.Option("--only", metavar="NAME", help="A check's name, the group before its dot, or a room.")] = None,
    as_json: Json = False,
) -> None:
    """Compute published numbers that ship with the package again, ours beside theirs; exit status 1 when any fails.

    Example: chemwright check --only n-butane
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.loop.check import as_data, run_checks

        result = as_data(run_checks(only, progress))
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.checks(result))
    if result["failed"]:
        raise typer.Exit(1)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what is installed and what an extra would add.

    Example: chemwright doctor --json
    """
    with session(as_json):
        from chemwright.case.environment import doctor as look

        result = look()
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.doctor(result))


@app.command()
def version(as_json: Json = False) -> None:
    """Print the version.

    Example: chemwright version
    """
    with session(as_json):
        from chemwright import __version__
    _print(as_json, {"version": __version__}, lambda: print(__version__))
