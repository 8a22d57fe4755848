"""Plates: wells, grids, lists, what is missing or doubled, and two real data sets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chemwright.errors import InputError
from chemwright.knowledge.base import open_base
from chemwright.knowledge.intake.blocks import open_table
from chemwright.knowledge.intake.grids import read_grids, row_letters, row_number, well, wells_of_grids
from chemwright.knowledge.intake.plates import Factor, Layout, by_reaction, import_plate, list_rows

DATA = Path(os.environ.get("CHEMWRIGHT_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")) / "hte"
BASE, SOLVENT, LEVEL = Factor("base", "base"), Factor("solvent", "solvent"), Factor("level", "outcome", "mass_fraction", "percent")


@pytest.mark.parametrize(("text", "wells", "name"), [("a01", 96, "A1"), ("H12", 96, "H12"), ("P24", 384, "P24"), ("AF48", 1536, "AF48")])
def test_wells(text: str, wells: int, name: str) -> None:
    assert well(text, wells) == name
    assert [row_number(row_letters(i)) for i in range(32)] == list(range(32))


@pytest.mark.parametrize(("text", "wells"), [("I1", 96), ("A13", 96), ("A0", 96), ("1A", 96), ("Q1", 384), ("AG1", 1536)])
def test_no_wells(text: str, wells: int) -> None:
    with pytest.raises(InputError, match="is no well"):
        well(text, wells)


def _sheet(rows: int, columns: int, **grids: str) -> list[list[str]]:
    out: list[list[str]] = []
    for name, cell in grids.items():
        out += [[name, *(str(c) for c in range(1, columns + 1))], *([row_letters(r), *([cell] * columns)] for r in range(rows)), [""]]
    return out


@pytest.mark.parametrize(("rows", "columns", "wells"), [(8, 12, 96), (16, 24, 384), (32, 48, 1536)], ids=["96", "384", "1536"])
def test_grids_of_a_whole_plate_become_experiments(tmp_path: Path, rows: int, columns: int, wells: int) -> None:
    grids, found = read_grids(_sheet(rows, columns, base="triethylamine", solvent="toluene", level="12.5"))
    assert found == wells
    table = wells_of_grids(grids, ("base", "solvent", "level"))
    assert len(table) == wells
    with open_base(tmp_path / "a.kb", create=True) as kb:
        report = import_plate(kb, table, Layout((BASE, SOLVENT, LEVEL), plate="P1", conditions={"temperature": 353.15}, source="Own"), wells=wells)
        assert (report.experiments, report.new, report.empty) == (wells, wells, 0)
        assert import_plate(kb, table, Layout((BASE, SOLVENT, LEVEL), plate="P1", conditions={"temperature": 353.15}, source="Own"), wells=wells).new == 0
        with kb.reading() as connection:
            from sqlalchemy import select

            from chemwright.knowledge.base.entries import entry_as_filed
            from chemwright.knowledge.base.schema import entry

            record = entry_as_filed(connection.execute(select(entry).where(entry.c.kind == "experiment").order_by(entry.c.pk).limit(1)).one()).record
        assert record.settings == {"well": "A1", "plate": "P1"}
        assert [(p.role, p.name) for p in record.participants] == [("base", "triethylamine"), ("solvent", "toluene")]
        assert (record.outcomes[0].value, record.conditions) == (0.125, {"temperature": 353.15})


@pytest.mark.parametrize(
    ("rows", "words", "fix"),
    [
        (
            [{"well": "A1", "base": "triethylamine", "solvent": "toluene"}, {"well": "a01", "base": "triethylamine", "solvent": "toluene"}],
            "well A1 occurs twice",
            "correct the well",
        ),
        ([{"well": "A1", "base": "", "solvent": "toluene"}], "no base", "none"),
        ([{"well": "A1", "base": "triethylamine", "solvent": "toluene"}, {"well": "A2", "base": "triethylamine", "solvent": "tolune"}], "unknown compound 'tolune'", "toluene"),
        ([{"well": "A1", "base": "pyridinne", "solvent": "L17"}], "unknown compound 'pyridinne'", "pyridine"),
        ([{"well": "A1", "base": "none", "solvent": "toluene", "level": "high"}], "'high' is no number", "digits"),
        ([{"well": "A1", "base": "none", "solvent": "toluene", "level": "180"}], "can't be above 1", "unit"),
        ([{"well": "Z9", "base": "none", "solvent": "toluene"}], "is no well of a plate of 96", "A1 to H12"),
    ],
    ids=["doubled", "missing", "near-miss", "near-miss-in-tables", "no-number", "impossible", "no-well"],
)
def test_what_is_wrong_with_a_plate_is_named(tmp_path: Path, rows: list[dict[str, str]], words: str, fix: str) -> None:
    with open_base(tmp_path / "a.kb", create=True) as kb:
        layout = Layout((BASE, SOLVENT, LEVEL), plate="P1")
        with pytest.raises(InputError, match=words) as error:
            import_plate(kb, rows, layout, wells=96)
        assert fix in error.value.fix
        assert kb.counts().get("experiment", 0) == 0
        report = import_plate(kb, rows, layout, wells=96, on_error="skip")
        assert len(report.problems) == 1
        assert report.experiments == len(rows) - 1


@pytest.mark.parametrize(
    ("sheet", "words"),
    [([["x", "y"]], "no grid"), (_sheet(2, 3, base="a") + _sheet(2, 3, base="b"), "occurs twice"), ([["base", "1", "2"], ["A", "x"], ["A", "y"]], "row A occurs twice")],
    ids=["none", "grid-twice", "row-twice"],
)
def test_sheets_without_whole_grids_are_refused(sheet: list[list[str]], words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_grids(sheet)


def _real(name: str) -> Path:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{name} is not here; set CHEMWRIGHT_DATA to the folder that holds hte/{name}")
    return path


COUPLING = "[c:1][Cl,Br,I].[NH2:2][c:3]>>[c:1][NH:2][c:3]"


def test_the_published_couplings_come_in_with_their_products(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    rows = list_rows(open_table(_real("buchwald_hartwig.xlsx"), sheet="FullCV_01"))
    assert len(rows) == 3955
    amine = "Cc1ccc(N)cc1"
    factors = (
        Factor("Ligand", "ligand"),
        Factor("Additive", "other"),
        Factor("Base", "base"),
        Factor("Aryl halide", "reactant"),
        Factor("Output", "outcome", "mass_fraction", "percent"),
    )
    layout = Layout(factors, participants={"reactant": (amine,)}, product=by_reaction(COUPLING, "Aryl halide", amine), source="Ahneman2018")
    with open_base(tmp_path / "a.kb", create=True) as kb:
        report = import_plate(kb, rows[:400], layout)
        assert (report.new, report.underived, report.problems) == (400, 0, ())
        products = {s.smiles for s in (kb.substance(k) for k in _keys(kb, "product"))}
        assert "Cc1ccc(Nc2ccc(C(F)(F)F)cc2)cc1" in products
        assert len(products) == 5  # fifteen halides, three of each aryl group
        assert len(_keys(kb, "ligand")) == 4


def _keys(kb: object, role: str) -> list[str]:
    from sqlalchemy import select

    from chemwright.knowledge.base.schema import link, substance

    with kb.reading() as connection:  # type: ignore[attr-defined]
        return list(connection.execute(select(substance.c.key).join(link, link.c.substance == substance.c.pk).where(link.c.role == role).distinct()).scalars())


def test_the_published_arylations_come_in_with_their_conditions(tmp_path: Path) -> None:
    rows = list_rows(_real("direct_arylation.csv"))
    assert len(rows) == 1728
    factors = (
        Factor("entry", "id"), Factor("Base_SMILES", "base"), Factor("Ligand_SMILES", "ligand"), Factor("Solvent_SMILES", "solvent"), Factor("Concentration", "condition", "concentration", "mol/L"),
        Factor("Temp_C", "condition", "temperature", "degC"), Factor("yield", "outcome", "mass_fraction", "percent"),
    )  # fmt: skip
    with open_base(tmp_path / "a.kb", create=True) as kb:
        report = import_plate(kb, rows[::8], Layout(factors, source="Shields2021"))
        assert report.new == 216
