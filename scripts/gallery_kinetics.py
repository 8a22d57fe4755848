"""The gallery's kinetic pictures: fits, posteriors and rivals on measured runs. Drawn by gallery.py."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from attrs import frozen

from chemwright.kinetics import Ranking, compare, read_problem
from chemwright.kinetics.fitting import RunFit
from chemwright.report.kinetics_plot import fit_picture, posterior_picture, rivals_picture

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
SNAR = "A. M. Schweidtmann et al., Chem. Eng. J. 352 (2018) 277-282, doi:10.1016/j.cej.2018.07.031, as bundled"
PINENE = "R. E. Fuguitt and J. E. Hawkins, J. Am. Chem. Soc. 69 (1947), as the COPS collection has them (examples/pinene.csv)"


@frozen
class Drawn:
    """One entry: name of the file, heading, what the reader sees, where the readings come from, the command that draws it, and how it is made."""

    name: str
    heading: str
    text: str
    source: str
    command: str
    make: Callable[[], str]


@lru_cache(maxsize=2)
def ranked(name: str) -> Ranking:
    """The rivals of an example."""
    runs = EXAMPLES / "pinene.csv" if name == "pinene" else Path(str(files("chemwright") / "data" / "cases" / "snar" / "runs.csv"))
    problem, models = read_problem(runs, EXAMPLES / ("pinene.toml" if name == "pinene" else "snar_rivals.toml"))
    return compare(models.schemes, problem)


def fit_of(name: str, model: str) -> RunFit:
    """The fit of one of them."""
    fit = ranked(name)[model].fit
    assert fit is not None
    return fit


DRAWN: tuple[Drawn, ...] = (
    Drawn("pinene-fit", "Alpha-pinene at 189.5 °C", "Thermal isomerisation in a batch, five readings of eight samples, the network of Hunter and MacGregor with five constants; with noise of its own for each reading. With equal weights the constants come out that are commonly quoted for these data.", PINENE, "chemwright kinetics fit examples/pinene.csv examples/pinene.toml --model published --plot out/", lambda: fit_picture(fit_of("pinene", "published"), "published")),
    Drawn("pinene-rivals", "Rivals that show a flaw of the data", "By far the best network makes pyronene from pinene at 3 % of the conversion: in the table it is just that in every row, to the digits given, so it was not measured by itself. A ranking is as good as the readings.", PINENE, "chemwright kinetics compare examples/pinene.csv examples/pinene.toml --plot out/", lambda: rivals_picture(ranked("pinene"))),
    Drawn("snar-posterior", "Eight constants from an E-factor", "Nucleophilic substitution in a flow reactor, 66 runs of which the E-factor alone was measured. The main step and the way to para are known; of the two ways to bis the data set upper limits only, so that there the posterior lies on the prior.", SNAR, "python examples/compare_snar.py", lambda: posterior_picture(fit_of("snar", "all four"), "all four")),
    Drawn("snar-rivals", "Which by-products does the E-factor speak for?", "Para is needed; whether bis is made as well these runs can't tell, and the words say so.", SNAR, "python examples/compare_snar.py", lambda: rivals_picture(ranked("snar"))),
)  # fmt: skip


def section(pictures: tuple[Drawn, ...] = DRAWN) -> list[str]:
    """Lines of the gallery's page."""
    out = ["# Kinetics: fits and rivals on measured runs", ""]
    for p in pictures:
        out += [f"## {p.heading}", "", f"![{p.heading}]({p.name}.svg)", "", p.text, "", f"Readings: {p.source}.", "", "```sh", p.command, "```", ""]
    return out
