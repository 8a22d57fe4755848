"""A draft as a commented case file beside its runs; checked as a case first, so that what is written is read again."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from attrs import frozen

from chemwright.case.draft import Draft, completed, tables
from chemwright.case.names import FILES, target_folder
from chemwright.case.read import record_of
from chemwright.case.runs import CONDITIONS
from chemwright.case.species import DEFAULT_BASE
from chemwright.record import CaseRecord
from chemwright.record.atomic import write_atomic

UNITS = {"residence_time": "min", "equivalents": "-", "concentration": "mol/L", "temperature": "degC", "e_factor": "-", "yield": "%", "conversion": "%"}


@frozen
class Written:
    """What `new` wrote.

    Args:
        path: of the case file.
        assumed: what was filled in, in words.
        missing: what keeps the case from running, in words; empty when it can run.
    """

    path: Path
    assumed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """The form that ``--json`` prints."""
        return {"case": str(self.path), "ready": not self.missing, "assumed": list(self.assumed), "missing": list(self.missing)}


def write_draft(draft: Draft, folder: str | Path | None = None) -> Written:
    """Complete a draft, check it as a case, and write ``case.toml`` and ``runs.csv``.

    Args:
        draft: what was said.
        folder: where to; a folder of the case's name when None.

    Returns:
        the path, what was assumed, what is missing. Without runs the file of runs has its header only.

    Raises:
        ChemwrightError: as :func:`chemwright.case.draft.completed` and :func:`chemwright.case.read.record_of`; then nothing is written.
        StorageError: a case is there already, or the folder can't be written.
    """
    from chemwright.loop.ready import missing_of

    target = target_folder(draft.name, folder)
    full, assumed = completed(draft)
    data = tables(full)
    record = record_of(data, Path() if full.runs is None else full.runs.parent, "new")
    if record.plant.base and not full.base:
        assumed.append(f"base: {DEFAULT_BASE}, for the acid that the reactions set free")
    missing = missing_of(record)
    if full.runs is None:
        missing.append(f"no runs yet: fill in {target / 'runs.csv'}, one row a run, or give them with --runs")
    text = case_text(full, data, record)
    assert tomllib.loads(text)["case"] == data["case"]
    runs = (",".join(f"{n} [{UNITS.get(n, 'mol/L')}]" for n in (*CONDITIONS, full.response)) + "\n").encode() if full.runs is None else full.runs.read_bytes()
    write_atomic(target / "runs.csv", runs)
    write_atomic(target / "case.toml", text.encode())
    return Written(target / "case.toml", tuple(assumed), tuple(missing))


def _quoted(text: str) -> str:
    """As a TOML text; TOML, unlike JSON, forbids the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def case_text(draft: Draft, data: dict[str, Any], record: CaseRecord) -> str:
    """The commented case file of a completed draft.

    Args:
        draft: completed.
        data: its tables.
        record: the case they make, for the structures in the comments.
    """
    case, kinetics = data["case"], data["kinetics"]
    known = {s.id: s for s in record.species}
    width = max(len(k) for k in draft.species)
    species = []
    for key, text in draft.species.items():
        found = known[key]
        said = ", ".join(
            t for t in (found.name if found.name != text else "", found.formula, f"CAS {found.cas}" if found.cas else "", found.smiles if found.smiles != text else "") if t
        )
        species.append(f"{key.ljust(width)} = {_quoted(text)}   # {said}")
    reactions = [f"[[reaction]]\nid = {_quoted(r['id'])}\ntext = {_quoted(r['text'])}" for r in data["reaction"]]
    prior = [f"prior = {_quoted(kinetics['prior'])}" + ("   # stands in for a prior of your chemistry, widened so that the runs decide" if draft.widened else "")]
    prior += [f"{k} = {json.dumps(v)}   # {_WIDTHS[k]}" for k, v in kinetics.items() if k != "prior"]
    return "\n".join(
        [
            f"# A case for chemwright, written by `chemwright new`. Run it with:  chemwright develop {FILES[0]}",
            "# Quantities are texts 'number unit'; substances are SMILES, names or CAS numbers. The report says what every number rests on.",
            "",
            "[case]",
            f"name = {_quoted(case['name'])}",
            f"target = {_quoted(case['target'])}   # the product: {draft.target} of [species]",
            f"capacity = {_quoted(case['capacity'])}   # product over a year",
            f"purity = {_quoted(case['purity'])}   # mass fraction of the product",
            "",
            "[species]   # every substance that a reaction names",
            *species,
            "",
            "[solvent]",
            f"name = {_quoted(draft.solvent)}",
            "",
            "# In the keys of [species]; elements must balance. The first reactant of r1 is the key reactant, the second the one that 'equivalents' counts.",
            "# Side reactions that make impurities belong here too, each with an id that the prior has (r2, r3, ...).",
            "\n\n".join(reactions),
            "",
            "[kinetics]",
            *prior,
            "",
            "[experiments]",
            'file = "runs.csv"   # units stand in its header',
            f"response = {_quoted(draft.response)}   # the measured column; the others are conditions",
            '# source = "our laboratory, notebook 12, 2026"   # who measured: text or DOI',
            "",
            "[plant]",
            'objectives = ["cost", "e_factor"]   # one or two of cost, e_factor, co2e, pmi',
            f"base = {_quoted(draft.base)}" if draft.base else '# base = "triethylamine"   # binds an acid that the reactions set free; this is the default',
            "# hours = 8000   # operating hours a year",
            "",
            "# A number of your own takes the place of a default; the report lists the ids:",
            "# [[claim]]",
            f'# id = "price.{next((s.cas or s.id for s in record.species if s.id in draft.species), "default")}"',
            '# value = "17.2 +/- 0.5 USD/kg"',
            '# source = "offer of Example Chemicals Ltd., November 2026"',
            "",
        ]
    )


_WIDTHS = {"common_shift_sd": "sd of a shift common to all ln k", "sd_ln_k": "sd of each ln k", "sd_Ea": "sd of each activation energy"}
