"""Structures in bulk: SMILES lists, tables and SDF files with their fields."""

from __future__ import annotations

from pathlib import Path

import pytest

from chemwright.errors import InputError
from chemwright.knowledge.base import open_base
from chemwright.knowledge.intake.structures import import_structures
from chemwright.record import Source


def test_smiles_lists(tmp_path: Path) -> None:
    path = tmp_path / "a.smi"
    path.write_text("smiles name\nCCO ethanol\nOCC 乙醇\nC1CC broken\n\n*CC* polyethylene\n", encoding="utf-8")
    with open_base(tmp_path / "a.kb", create=True) as kb:
        report = import_structures(kb, path)
        assert (report.records, report.new, report.rejected, report.rejects[0].split(":")[0]) == (4, 2, 1, "record 4")
        assert kb.substance("乙醇").name == "ethanol"
        assert kb.substance("polyethylene").kind == "polymer"
        assert import_structures(kb, path).new == 0
        with pytest.raises(InputError, match="not a valid SMILES") as error:
            import_structures(kb, path, on_error="stop")
        assert error.value.where == "a.smi, record 4"


def test_tables_with_a_column_of_smiles(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Name,SMILES,logP,vendor,Tb [degC]\nethanol,CCO,-0.31,ACME,78.4\nbenzene,c1ccccc1,2.13,,80.1\n")
    with open_base(tmp_path / "a.kb", create=True) as kb:
        report = import_structures(kb, path, source=Source("V1", "database", "a vendor's list"))
        assert (report.new, report.claims, report.notes) == (2, 4, {"vendor": 1})
        assert kb.claims("benzene", "normal_boiling_point")[0].record.value == pytest.approx(353.25)
        assert kb.claims("benzene")[0].record.source == "V1"
        assert kb.substance("ethanol").note == "vendor: ACME"
    path.write_text("a,b\n1,2\n")
    with open_base(tmp_path / "b.kb", create=True) as kb, pytest.raises(InputError, match="no column of SMILES"):
        import_structures(kb, path)


def test_sdf_files_record_by_record(tmp_path: Path) -> None:
    from rdkit import Chem

    def record(smiles: str, name: str, **fields: str) -> str:
        block = Chem.MolToMolBlock(Chem.MolFromSmiles(smiles))
        body = "".join(f"> <{k}>\n{v}\n\n" for k, v in fields.items())
        return name + block[block.index("\n") :] + body + "$$$$\n"

    path = tmp_path / "a.sdf"
    broken = record("CCO", "x").replace("  3  2", " 99 99", 1)
    path.write_text(
        record("CCO", "ethanol", **{"density [g/mL]": "0.789", "batch": "7"}) + broken + record("CC(=O)C", "acetone", **{"density [g/mL]": "-4"}) + "x" * (2 << 20) + "\n$$$$\n",
        encoding="utf-8",
    )
    with open_base(tmp_path / "a.kb", create=True) as kb:
        report = import_structures(kb, path)
        assert (report.records, report.new, report.claims, report.rejected) == (4, 2, 1, 2)
        assert [r.split(":")[0] for r in report.rejects] == ["record 2", "record 4"]
        assert kb.claims("ethanol", "density")[0].record.value == 789.0
        assert kb.substance("acetone").note == "density [g/mL]: -4"
    (tmp_path / "a.xyz").write_text("x")
    with open_base(tmp_path / "b.kb", create=True) as kb, pytest.raises(InputError, match="not read as structures"):
        import_structures(kb, tmp_path / "a.xyz")


def test_a_structure_read_in_bulk_is_the_one_that_identity_reads() -> None:
    import random
    import re

    from chemwright.errors import ChemwrightError
    from chemwright.knowledge import names
    from chemwright.knowledge.identity import molecular
    from chemwright.knowledge.intake.structure_worker import describe

    entries = list(names._database().CAS_index.values())
    some = [str(e.smiles) for e in random.Random(11).sample(entries, 300)] + ["[2H]OC", "[CH3:7]O", "C[C@H](N)C(=O)O", "[Na+].[Cl-]", "[HH]", "F/C=C/F", "C(", "[Fe]", "*CC*"]
    for text in some:
        got = describe(text, "smiles")
        if "error" in got:
            with pytest.raises(ChemwrightError, match=re.escape(got["error"])):
                molecular(text)
            continue
        right = molecular(text)
        assert (got["key"], got["kind"], got["smiles"], got["formula"], got["molar_mass"]) == (right.key, right.kind, right.smiles, right.formula, right.molar_mass)
