"""Draw the gallery: phase diagrams against measured points, kinetic fits. Usage: python scripts/gallery.py [--out FOLDER] [--only NAME ...]

The points stand in docs/gallery/data with the DOI of each; the page and the pictures go to docs/gallery. Nothing is fetched.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.record.atomic import write_atomic
from chemwright.report.phase_chart import write_diagram
from chemwright.thermo.diagram import Diagram, Line, binary, henry_diagram, melting_diagram
from chemwright.thermo.henry import henry
from chemwright.thermo.liquids import gap_diagram
from chemwright.thermo.local import STD, Fit, Points, fit_activity, read_points
from chemwright.thermo.mixture import Mixture, liquid_mixture, mixture, with_activity
from chemwright.thermo.ternary import binodal_diagram, residue_diagram

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "docs" / "gallery" / "data"
SRD = "H. H. Lee, J. C. Warner, J. Am. Chem. Soc. 57 (1935) 318, as NIST SRD 106 (system 59_142) gives it"
ATMOSPHERE = 101325.0


def kinetics() -> Any:
    """The module with the kinetic pictures, beside this file."""
    if str(ROOT / "scripts") not in sys.path:
        sys.path.insert(0, str(ROOT / "scripts"))
    import gallery_kinetics

    return gallery_kinetics


@frozen
class Picture:
    """One entry: name of the file, heading, what the reader sees, the command that draws it without the points, and how it is made."""

    name: str
    heading: str
    text: str
    command: str
    make: Callable[[], Diagram]


def source(name: str) -> str:
    """Source of a file of points."""
    with (DATA / "sources.csv").open(encoding="utf-8") as stream:
        found = {row["file"]: row["doi"] for row in csv.DictReader(stream)}
    return f"NIST ThermoML, doi:{found[name]}"


def points(name: str, n: int = 2) -> Points:
    """Measured points by name of the file."""
    return read_points(DATA / f"{name}.csv", n)


def dots(label: str, x: Sequence[float], y: Sequence[float], said: str, x_std: float = 0.0, y_std: float = 0.0) -> Line:
    """Measured points with error bars."""
    return Line(label, np.asarray(x, dtype=float), np.asarray(y, dtype=float), "measured", np.full(len(x), x_std), np.full(len(x), y_std), said)


def fitted(mix: Mixture, kind: str, p: Points, terms: int = 0) -> tuple[Mixture, Fit]:
    """The mixture with a model fitted to points."""
    fit = fit_activity(kind, p, mix.pure, terms=terms, cas=mix.cas)
    return with_activity(mix, fit.model, f"{kind.upper()} fitted"), fit


def ethanol_water() -> Diagram:
    """T-x-y at one atmosphere, NRTL fitted to the points, tabled parameters dashed beside it."""
    name = "ethanol-water-101kPa"
    p, mix = points(name), liquid_mixture(["ethanol", "water"], "nrtl")
    own, _ = fitted(mix, "nrtl", p, 2)
    d = binary("txy", own, P=101300.0, points=p, source=f"doi:{source(name).partition(':')[2]}")
    table = binary("txy", mix, P=101300.0).lines[0]
    return evolve(d, lines=(evolve(table, label="bubble line, ChemSep's NRTL parameters", role="guide"), *d.lines))


def hybrid() -> Diagram:
    """T-x-y by the hybrid model with its 90 % band."""
    name = "ethanol-water-101kPa"
    return binary("txy", mixture(["ethanol", "water"], "hybrid"), P=101300.0, points=points(name), source=f"doi:{source(name).partition(':')[2]}")


def benzene_cyclohexane() -> Diagram:
    """T-x-y of a nearly symmetric minimum azeotrope by UNIFAC, nothing fitted."""
    name = "benzene-cyclohexane-93kPa"
    return binary("txy", mixture(["benzene", "cyclohexane"], "unifac"), P=93320.0, points=points(name), source=f"doi:{source(name).partition(':')[2]}")


def ethanol_water_313() -> Diagram:
    """P-x-y at 313.15 K by UNIFAC."""
    name = "ethanol-water-313K"
    return binary("pxy", mixture(["ethanol", "water"], "unifac"), T=313.15, points=points(name), source=f"doi:{source(name).partition(':')[2]}")


def butanol_water() -> Diagram:
    """Heteroazeotrope by NRTL with ChemSep's parameters, boiling points and the two liquids on top."""
    p, liquids = points("1-butanol-water-101kPa"), points("1-butanol-water-liquids")
    d = binary("txy", mixture(["1-butanol", "water"], "nrtl"), P=101300.0, points=p, source=f"doi:{source('1-butanol-water-101kPa').partition(':')[2]}")
    x, T = np.concatenate([liquids.x[:, 0], liquids.xx[:, 0]]), np.tile(liquids.T, 2)
    gap = gap_diagram(liquid_mixture(["1-butanol", "water"], "nrtl"), 330.0, 365.0, steps=15).lines[0]
    near = T > 328.0
    return evolve(d, lines=(evolve(gap, label="two liquids"), *d.lines)).with_measured(
        [dots("measured, two liquids", x[near], T[near], source("1-butanol-water-liquids"), STD["xx"], STD["T"])]
    )


def maximum() -> Diagram:
    """Maximum azeotrope by a fitted Wilson equation."""
    name = "methanol-tert-butylamine-101kPa"
    p = points(name)
    own, _ = fitted(liquid_mixture(["methanol", "tert-butylamine"], "ideal"), "wilson", p, 2)
    return binary("txy", own, P=float(np.median(p.P)), points=p, source=f"doi:{source(name).partition(':')[2]}")


def carbon_dioxide_propane() -> Diagram:
    """P-x-y by Peng and Robinson with one tabled interaction parameter."""
    name = "carbon-dioxide-propane-273K"
    return binary("pxy", mixture(["carbon dioxide", "propane"], "pr"), T=273.15, points=points(name), source=f"doi:{source(name).partition(':')[2]}")


def cyclohexane_methanol() -> Diagram:
    """Miscibility gap by NRTL fitted to the two liquids."""
    name = "cyclohexane-methanol-liquids"
    p = points(name)
    own, _ = fitted(liquid_mixture(["cyclohexane", "methanol"], "ideal"), "nrtl", p, 2)
    return gap_diagram(
        own, 274.0, 330.0, [dots(f"measured ({2 * len(p.T)} points)", np.concatenate([p.x[:, 0], p.xx[:, 0]]), np.tile(p.T, 2), source(name), STD["xx"], STD["T"])], steps=113
    )


def residue() -> Diagram:
    """Residue curves by UNIFAC, measured binary azeotropes on top."""
    d = residue_diagram(liquid_mixture(["acetone", "chloroform", "methanol"], "unifac"), ATMOSPHERE)
    order = {"acetone": 0, "trichloromethane": 1, "methanol": 2}
    found, said = [], []
    with (ROOT / "benchmarks" / "data" / "azeotropes.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["kind"] == "azeotropic" and row["name1"] in order and row["name2"] in order:
                x = np.zeros(3)
                x[order[row["name1"]]], x[order[row["name2"]]] = float(row["x1"]), 1.0 - float(row["x1"])
                found.append(x)
                said.append(f"{row['name1']} + {row['name2']}: {_short(row['source'])}")
    x = np.array(found)
    return d.with_measured([Line("measured azeotropes", x[:, 0], x[:, 1], "measured", source="; ".join(said))])


def _short(text: str) -> str:
    first = text.split()[0]
    count = len(text.split())
    return f"doi:{first}" + (f" and {count - 1} more" if count > 1 else "") if first.startswith("10.") else "handbooks, see benchmarks/data/azeotropes_cited.csv"


def two_liquids() -> Diagram:
    """Binodal and tie lines by UNIFAC, measured tie-line ends on top."""
    name = "water-ethyl-acetate-ethanol-303K"
    p = points(name, 3)
    ends = [dots("measured ends of tie lines", np.concatenate([p.x[:, 0], p.xx[:, 0]]), np.concatenate([p.x[:, 1], p.xx[:, 1]]), source(name))]
    return binodal_diagram(liquid_mixture(["water", "ethyl acetate", "ethanol"], "unifac"), 303.15, ends)


def melting() -> Diagram:
    """Eutectic by UNIFAC; hardly different from the ideal solution."""
    with (DATA / "naphthalene-biphenyl-melting.csv").open(encoding="utf-8") as stream:
        rows = [(float(r["x1"]), float(r["T [K]"])) for r in csv.DictReader(stream)]
    return melting_diagram(liquid_mixture(["naphthalene", "biphenyl"], "unifac"), measured=dots("measured liquidus", [x for x, _ in rows], [t for _, t in rows], SRD, 0.001, 0.1))


def carbon_dioxide_water() -> Diagram:
    """Solubility of gases from tabled Henry constants; of carbon dioxide with measured points, brought to one atmosphere by proportion."""
    name = "carbon-dioxide-in-water"
    p = points(name)
    dissolved = p.x[:, 0] * ATMOSPHERE / p.P
    mark = dots(f"measured, carbon dioxide ({len(p.T)} points)", p.T, np.log10(dissolved), source(name), STD["T"], 0.01)
    return henry_diagram([henry(s) for s in ("carbon dioxide", "methane", "oxygen", "nitrogen")], 273.15, 343.15, [mark])


PICTURES = (
    Picture("ethanol-water-txy", "Ethanol and water, boiling", "NRTL fitted to the 16 points in `docs/gallery/data` (a + b/T, full line); ChemSep's parameters dashed. The azeotrope sits at the right.", 'chemwright mix fit docs/gallery/data/ethanol-water-101kPa.csv ethanol water --terms 2 --out txy.svg', ethanol_water),
    Picture(
        "ethanol-water-hybrid",
        "Ethanol and water by the hybrid model, with its band",
        "UNIFAC plus a learned excess Gibbs energy, nothing fitted here; these points were among the data it was trained on. Its band is calibrated to hold 90 % of the points of systems that the model never saw.",
        'chemwright mix ethanol water --at "101.3 kPa" --points docs/gallery/data/ethanol-water-101kPa.csv --out txy.svg',
        hybrid,
    ),
    Picture("benzene-cyclohexane-txy", "Benzene and cyclohexane, a minimum azeotrope", "Original UNIFAC, nothing fitted. The azeotrope lies a few hundredths too far to the right; on the left the line is up to 0.2 K high.", 'chemwright mix benzene cyclohexane --at "93.32 kPa" --model unifac --points docs/gallery/data/benzene-cyclohexane-93kPa.csv --out txy.svg', benzene_cyclohexane),
    Picture("ethanol-water-pxy", "Ethanol and water at 313.15 K", "Original UNIFAC, nothing fitted.", 'chemwright mix ethanol water --at "313.15 K" --diagram pxy --model unifac --points docs/gallery/data/ethanol-water-313K.csv --out pxy.svg', ethanol_water_313),
    Picture("butanol-water-txy", "1-Butanol and water, two liquids that boil together", "NRTL with ChemSep's parameters, which were not made for the gap: the three-phase line is right within a kelvin, the aqueous liquid is well described and the organic one holds too little water when hot.", 'chemwright mix 1-butanol water --at "101.3 kPa" --model nrtl --points docs/gallery/data/1-butanol-water-101kPa.csv --out txy.svg', butanol_water),
    Picture("methanol-tert-butylamine-txy", "Methanol and tert-butylamine, a maximum azeotrope", "Wilson's equation fitted to the 30 points.", 'chemwright mix fit docs/gallery/data/methanol-tert-butylamine-101kPa.csv methanol tert-butylamine --model wilson --out fit.svg', maximum),
    Picture("carbon-dioxide-propane-pxy", "Carbon dioxide and propane", "Peng and Robinson with ChemSep's one interaction parameter.", 'chemwright mix "carbon dioxide" propane --at "273.15 K" --diagram pxy --model pr --points docs/gallery/data/carbon-dioxide-propane-273K.csv --out pxy.svg', carbon_dioxide_propane),
    Picture("cyclohexane-methanol-lle", "Cyclohexane and methanol, a miscibility gap", "NRTL fitted to both liquids (a + b/T). Above the last points the line is extrapolated, and classical models close such a gap higher than nature does.", "chemwright mix fit docs/gallery/data/cyclohexane-methanol-liquids.csv cyclohexane methanol --terms 2 --out lle.svg", cyclohexane_methanol),
    Picture("acetone-chloroform-methanol-residue", "Acetone, chloroform, methanol: residue curves", "Original UNIFAC. Four azeotropes, one of them a saddle in the middle, from which four boundaries go out; no distillation crosses them. Measured binary azeotropes on top.", 'chemwright mix acetone chloroform methanol --at "1 atm" --diagram residue --model unifac --out residue.svg', residue),
    Picture("water-ethyl-acetate-ethanol-binodal", "Water, ethyl acetate, ethanol: two liquids", "Original UNIFAC at 303.15 K, whose parameters were made for boiling, not for two liquids: without ethanol the organic liquid holds more water than measured, with much of it less.", 'chemwright mix water "ethyl acetate" ethanol --at "303.15 K" --diagram binodal --model unifac --points docs/gallery/data/water-ethyl-acetate-ethanol-303K.csv --out binodal.svg', two_liquids),
    Picture("naphthalene-biphenyl-melting", "Naphthalene and biphenyl, melting", "Melting points and enthalpies of fusion from tables, UNIFAC; the source's columns are named the other way round than its melting points say, and were set right here.", "chemwright mix naphthalene biphenyl --diagram eutectic --model unifac --out eutectic.svg", melting),
    Picture("gases-in-water", "Gases in water", "Tabled Henry constants at a partial pressure of one atmosphere; the points of carbon dioxide were measured at 0.9 to 4.7 bar total pressure and scaled in proportion to it, so they carry the water vapour and the gas's imperfection with them.", 'chemwright mix "carbon dioxide" methane oxygen nitrogen --diagram henry --in water --out henry.svg', carbon_dioxide_water),
)  # fmt: skip


def page(pictures: Sequence[Picture], drawn: dict[str, Diagram]) -> str:
    """The gallery's page."""
    parts = ["# Gallery: phase diagrams against measured points", ""]
    parts += [
        f"{len(pictures)} diagrams, each drawn by `python scripts/gallery.py` from the points in [`data`](data) (their DOI in [`data/sources.csv`](data/sources.csv)) and by the models as they ship. Where a line misses the points, it is left so: the text says what is seen.",
        "",
    ]
    for p in pictures:
        d = drawn[p.name]
        facts = "; ".join(f"{'hetero' if a['hetero'] else ''}azeotrope at x = {a['x1']:.3f}, {a['T']:.2f} K" for a in d.facts.get("azeotropes", []))
        sources = "; ".join(dict.fromkeys(s.source for s in d.lines if s.source))
        parts += [
            f"## {p.heading}",
            "",
            f"![{p.heading}]({p.name}.svg)",
            "",
            p.text + (f" Computed: {facts}." if facts else ""),
            "",
            f"Points: {sources}.",
            "",
            "```sh",
            p.command,
            "```",
            "",
        ]
    return "\n".join([*parts, *kinetics().section()])


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the pictures, and the page when all of them are drawn."""
    others = kinetics().DRAWN
    names = [p.name for p in (*PICTURES, *others)]
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "gallery")
    parser.add_argument("--only", nargs="+", default=names, choices=names)
    args = parser.parse_args(arguments)
    args.out.mkdir(parents=True, exist_ok=True)
    drawn = {}
    for p in PICTURES:
        if p.name in args.only:
            drawn[p.name] = p.make()
            write_diagram(args.out / f"{p.name}.svg", drawn[p.name])
            print(p.name, flush=True)
    for k in others:
        if k.name in args.only:
            write_atomic(args.out / f"{k.name}.svg", k.make().encode())
            print(k.name, flush=True)
    if len(drawn) == len(PICTURES):
        (args.out / "README.md").write_text(page(PICTURES, drawn), encoding="utf-8")


if __name__ == "__main__":
    main()
