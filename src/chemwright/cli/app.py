"""The commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from chemwright.cli import complete
from chemwright.cli.session import print_json, progress_bar, session

ORDER = (
    "doctor", "demo", "new", "develop", "report", "fit", "design", "explain", "next", "diff", "decide", "citations", "kb", "props", "mix", "reactor", "kinetics", "lab", "check", "completion", "version",
)  # fmt: skip
"""Commands as a new user meets them; what is not named here follows."""


class InOrder(TyperGroup):
    """The group whose help lists its commands in :data:`ORDER`."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of the commands, in order."""
        names = super().list_commands(ctx)
        return sorted(names, key=lambda n: ORDER.index(n) if n in ORDER else len(ORDER))


app = typer.Typer(
    name="chemwright",
    cls=InOrder,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="One chemical product from measured runs to a priced plant, with an error bar and a source on every number.\n\nExample: chemwright demo",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON alone on stdout.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder of the case; the case file's name with the ending .case when left out.")]
CasePath = Annotated[Path, typer.Argument(metavar="CASE", help="A case.toml, or a folder that develop wrote.", autocompletion=complete.cases)]
Seed = Annotated[int | None, typer.Option("--seed", min=0, max=2**31 - 1, help="Of all random draws; the same seed gives the same numbers.")]
Lang = Annotated[str, typer.Option("--lang", help="Language of the report: en or zh.")]
Figure = Annotated[str, typer.Option("--figure", help="cost, e_factor, co2e, pmi or purity.", autocompletion=complete.figures)]


def _print(as_json: bool, data: Any, table: Callable[[], None]) -> None:
    """The result, for a machine or for a person."""
    if as_json:
        print_json(data)
    else:
        table()


@app.command()
def develop(case: CasePath, out: Out = None, seed: Seed = None, lang: Lang = "en", as_json: Json = False) -> None:
    """Take a case from runs to a priced plant and a report.

    Steps that still hold are not computed again.

    Example: chemwright develop case.toml --out my.case --json
    """
    _develop(case, out, seed, as_json, lang)


def _develop(case: Path, out: Path | None, seed: int | None, as_json: bool, lang: str = "en") -> dict[str, Any]:
    with session(as_json), progress_bar() as progress:
        from chemwright.case import Case

        result = Case.at(case, out, seed=seed).develop(progress, lang)
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.developed(result))
    return result


@app.command()
def fit(case: CasePath, out: Out = None, seed: Seed = None, as_json: Json = False) -> None:
    """Fit the kinetics; say which parameters the data informed.

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
    """Share out a figure's uncertainty over its causes.

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
    """Rank measurements by uncertainty taken off for their cost.

    Example: chemwright next my.case --figure cost --budget "1 kEUR"
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.case import Case

        result = Case.at(case, out, seed=seed).next(figure, budget, progress)
    from chemwright.cli import tables

    _print(as_json, {"figure": figure, "next": result}, lambda: tables.experiments(result, figure, top=15))


@app.command()
def reactor(
    file: Annotated[Path, typer.Argument(help="A reactor.toml.", autocompletion=complete.toml_files)],
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Draw profiles, or a tank's steady states, into an .svg or .html file.")] = None,
    as_json: Json = False,
) -> None:
    """Run one ideal reactor: outlet, profile, all steady states.

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
    """Develop the bundled case: 66 flow runs to a priced plant.

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
    only: Annotated[str | None, typer.Option("--only", metavar="NAME", help="A check's name, the group before its dot, or a room.", autocompletion=complete.checks)] = None,
    as_json: Json = False,
) -> None:
    """Compute published numbers again, ours beside theirs.

    Exit status 1 when any fails.

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
    """Say what is installed, and what this machine lacks.

    Example: chemwright doctor --json
    """
    with session(as_json):
        from chemwright.case.environment import doctor as look

        result = look()
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.doctor(result))


@app.command()
def completion(shell: Annotated[str, typer.Argument(help="bash, zsh, fish, powershell or pwsh.", autocompletion=complete.shells)], as_json: Json = False) -> None:
    """Print a shell's completion script.

    `chemwright --install-completion` puts it in place for the shell in use.

    Example: chemwright completion bash >> ~/.bash_completion
    """
    with session(as_json):
        script = complete.script(shell)
    _print(as_json, {"shell": shell, "script": script}, lambda: print(script))


@app.command()
def version(as_json: Json = False) -> None:
    """Print the version.

    Example: chemwright version
    """
    with session(as_json):
        from chemwright import __version__
    _print(as_json, {"version": __version__}, lambda: print(__version__))
