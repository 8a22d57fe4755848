"""Case files are read and checked, case folders are whole and hashed, steps rerun only when what they read has changed."""

import json
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from attrs import evolve

import chemwright.loop
from chemwright.case import Case, CaseFolder, demo_case, read_case, write_template
from chemwright.case.citations import bibtex, sources_used
from chemwright.case.environment import doctor
from chemwright.case.read import decisions_of
from chemwright.case.species import BASE_CLAIM, salt_of, species_of
from chemwright.errors import BalanceError, ChemwrightError, InputError, StorageError, SubstanceError, UnitError
from chemwright.record import content_hash, from_json, to_json
from chemwright.record.atomic import write_atomic
from chemwright.structure import molecule

SNAR = files("chemwright") / "data" / "cases" / "snar"
TEXT = (SNAR / "case.toml").read_text(encoding="utf-8")
RUNS = (SNAR / "runs.csv").read_text(encoding="utf-8")
FIT = {
    "parameters": {"k.r1": {"value": 2.0, "std": 0.1, "prior_std": 2.0, "unit": "L/(mol min)", "informed": True}},
    "rmse": 0.1,
    "loo": {"mechanism": 0.2, "learner": 0.3, "hybrid": 0.1},
    "n": 66,
    "converged": True,
}


def figure(value):
    return {"value": value, "std": 1.0, "unit": "USD/kg"}


@pytest.fixture
def calls(monkeypatch):
    """The loop's steps and the report replaced by quick ones that count their calls."""
    made = []

    def step(name, result):
        def run(*args, **kwargs):
            made.append(name)
            return result

        monkeypatch.setattr(f"chemwright.{name}", run, raising=False)

    def write_report(details, path, lang="en"):
        made.append("report")
        path.write_text(json.dumps(details, sort_keys=True), encoding="utf-8")
        return path

    step("loop.properties", {"claims": [], "sources": []})
    step("loop.fit", FIT)
    step("loop.design", {"cost": figure(30.0), "e_factor": figure(9.0), "co2e": figure(20.0), "front": [], "numbers": (1.0, 2.0)})
    step("loop.explain", {"cost": [{"cause": "price of SM", "tier": "estimated", "source": "estimate", "share": 1.0, "root": "price.446-35-5", "details": []}]})
    step("loop.next_experiments", [{"experiment": "quote", "tier": "flowsheet", "cost": 100.0, "expected_reduction": 0.3, "per_cost": 0.003}])
    monkeypatch.setattr(
        "chemwright.loop.summary",
        lambda record, r: {"case": {"name": record.name, "target": record.target}, "kinetics": r["fit"], "design": r["design"], "explain": r["explain"], "next": r["next"]},
    )
    monkeypatch.setattr("chemwright.report.write_report", write_report, raising=False)
    return made


@pytest.fixture
def toml(tmp_path):
    return demo_case(tmp_path / "in")


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    return read_case(demo_case(tmp_path_factory.mktemp("snar")))


# --- reading


def test_the_bundled_case_is_read_in_si_with_sources(record):
    assert record.name == "snar-ortho"
    assert record.plant.capacity == pytest.approx(100e3 / (365.25 * 86400))
    assert record.plant.purity == pytest.approx(0.98)
    assert len(record.experiments.rows) == 66
    assert record.experiments.rows[0] == pytest.approx((1.24 * 60, 2.43, 361.0, 64.8 + 273.15))
    assert record.experiments.ids[0] == "runs.csv row 2"
    assert record.prior.common_shift_sd == 4.0
    assert [s.id for s in record.sources] == ["Hone2017", "case:assumption", "Schweidtmann2018"]
    assert record.experiments.source == "Schweidtmann2018"
    assert record.sources[-1].as_bibtex().startswith("@article{Schweidtmann2018,")
    assert record.species_by_id("SM").cas == "446-35-5"
    assert (record.solvent, record.species_by_id("solvent").cas) == ("solvent", "64-17-5")


def test_a_record_survives_json(record):
    assert from_json(to_json(record), type(record)) == record


def test_a_missing_base_is_assumed_and_said_so(record):
    base, salt = record.species_by_id("base"), record.species_by_id("base_salt")
    assert (record.plant.base, base.cas, salt.smiles, salt.formula) == ("base", "121-44-8", "CC[NH+](CC)CC.[F-]", "C6H16FN")
    assert salt.molar_mass == pytest.approx(base.molar_mass + record.species_by_id("HF").molar_mass, rel=1e-12)
    claim = next(c for c in record.claims if c.id == BASE_CLAIM)
    assert claim.tier == "assumed"
    assert next(d for d in decisions_of(record) if d.what == "plant.base").by == "rule:default-base"


@pytest.mark.parametrize("smiles", ["C1CCC2=NCCCN2CC1", "c1ccncc1", "CN(C)c1ccncc1", "CCN(C(C)C)C(C)C", "N", "CN1CCOCC1", "Cc1ccc(N)cc1"])
@pytest.mark.parametrize("acid", ["F", "Cl", "Br", "I"])
def test_a_salt_has_the_atoms_of_base_and_acid(smiles, acid):
    base, acid = species_of("base", smiles, ""), species_of("HX", acid, "")
    salt = molecule(salt_of(base, acid, "").smiles)
    assert salt.charge == 0
    assert salt.molar_mass == pytest.approx(base.molar_mass + acid.molar_mass, rel=1e-12)
    assert "+" in salt.smiles


def edited(tmp_path, *changes, runs=RUNS):
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "case.toml").write_text(text, encoding="utf-8")
    (tmp_path / "runs.csv").write_text(runs, encoding="utf-8")
    return tmp_path / "case.toml"


def test_own_base_names_and_widths(tmp_path):
    extra = 'sd_ln_k = 0.5\nsd_Ea = "4000 J/mol"\n'
    path = edited(
        tmp_path,
        ('reactor = "pfr"', 'reactor = "pfr"\nbase = "pyridine"\nhours = "330 day"'), ('"C1COCCN1"', '"morpholine"'), ('SM    = "O=[N+]([O-])c1ccc(F)cc1F"', 'SM = "446-35-5"'),
        ("common_shift_sd = 4.0", extra + "common_shift_sd = 0"), ('response = "e_factor"', 'response = "e_factor"\nsource = "A. Author, J. Chem. 2019, doi:10.1000/xyz123"'),
    )  # fmt: skip
    record = read_case(path, seed=3)
    assert record.species_by_id("base").name == "pyridine"
    assert record.species_by_id("base_salt").formula == "C5H6FN"
    assert record.claims == ()
    assert record.plant.hours == pytest.approx(7920)
    assert record.seed == 3
    assert (record.prior["k.r1"].std, record.prior["Ea.r1"].std, record.prior.common_shift_sd) == (0.5, 4.0, 0.0)
    source = next(s for s in record.sources if s.id == "experiments")
    assert (source.doi, source.year, source.kind) == ("10.1000/xyz123", 2019, "literature")


def test_runs_that_are_not_the_bundled_ones_are_not_cited_as_such(tmp_path):
    rows = RUNS.splitlines()
    path = edited(tmp_path, runs="\n".join(rows[:30]) + "\n")
    assert read_case(path).experiments.source == "experiments"
    path = edited(tmp_path, runs="\n".join([rows[0], *rows[:0:-1]]) + "\n")
    assert read_case(path).experiments.source == "Schweidtmann2018"


def test_a_solvent_among_the_species_keeps_its_key(tmp_path):
    assert read_case(edited(tmp_path, ("[species] ", '[species]\nEtOH = "ethanol"\n#'))).solvent == "EtOH"


def test_mapped_reaction_smiles(tmp_path):
    mapped = "[O:1]=[N+:2]([O-:3])[c:4]1[cH:5][cH:6][c:7]([F:8])[cH:9][c:10]1[F:11].[CH2:12]1[CH2:13][O:14][CH2:15][CH2:16][NH:17]1>>[O:1]=[N+:2]([O-:3])[c:4]1[cH:5][cH:6][c:7]([F:8])[cH:9][c:10]1[N:17]1[CH2:12][CH2:13][O:14][CH2:15][CH2:16]1.[FH:11]"
    record = read_case(edited(tmp_path, ('text = "SM + amine -> ortho + HF"', f'smiles = "{mapped}"')))
    assert record.reactions[0].text == "SM + amine -> ortho + HF"


R1 = 'text = "SM + amine -> ortho + HF"'
BAD = {
    "unknown section": ([("[plant]", "[plnat]")], InputError, "unknown section [plnat]", "'plant'"),
    "unknown key": ([("capacity =", "capcity =")], InputError, "unknown key 'capcity'", "'capacity'"),
    "no section": ([("[solvent]\nname", "#")], InputError, "section [solvent] is missing", "ethanol"),
    "missing key": ([('capacity = "100 t/year"', "")], InputError, "'capacity' is missing", ""),
    "wrong type": ([('"100 t/year"', "100")], InputError, "capacity is 100, expected a text", ""),
    "true as number": ([("common_shift_sd = 4.0", "common_shift_sd = true")], InputError, "common_shift_sd is True", ""),
    "not toml": ([("[case] ", "[case ")], InputError, "not TOML", ""),
    "empty text": ([('"snar-ortho"', '" "')], InputError, "name is empty", ""),
    "zero capacity": ([('"100 t/year"', '"0 t/year"')], InputError, "not above zero", "100 t/year"),
    "negative capacity": ([('"100 t/year"', '"-3 t/year"')], InputError, "not above zero", ""),
    "capacity in metres": ([('"100 t/year"', '"100 m"')], UnitError, "expected", "kg/s"),
    "capacity without unit": ([('"100 t/year"', '"100"')], UnitError, "no unit", "kg/s"),
    "unknown unit": ([('"100 t/year"', '"100 tonns/year"')], UnitError, "unknown unit 'tonns'", "tonne"),
    "purity above one": ([('"98 wt%"', "98")], InputError, "purity 98", "wt%"),
    "purity zero": ([('"98 wt%"', '"0 wt%"')], InputError, "purity", ""),
    "target no species": ([('target = "O=[N+]([O-])c1ccc(F)cc1N1CCOCC1"', 'target = "CCO"')], InputError, "none of the species", "[species]"),
    "target not made": ([('target = "O=[N+]([O-])c1ccc(F)cc1N1CCOCC1"', 'target = "C1COCCN1"')], InputError, "made by no reaction", ""),
    "bad smiles": ([('"C1COCCN1"', '"C1COCCN"')], SubstanceError, "C1COCCN", ""),
    "unknown name": ([('"C1COCCN1"', '"morfoline"')], SubstanceError, "no substance name", "morpholine"),
    "wrong check digit": ([('"C1COCCN1"', '"110-91-7"')], SubstanceError, "check digit", "110-91-"),
    "one substance twice": ([('HF    = "F"', 'HF = "F"\nHF2 = "7664-39-3"')], InputError, "one substance", ""),
    "reserved key": ([('HF    = "F"', 'HF = "F"\nbase = "CCN"')], InputError, "kept for chemwright", "[plant] base"),
    "bad key": ([('HF    = "F"', 'HF = "F"\n"2x" = "CCN"')], InputError, "no key for a species", ""),
    "species not text": ([('HF    = "F"', "HF = 3")], InputError, "expected a SMILES", ""),
    "unbalanced": ([(R1, 'text = "SM + amine -> ortho"')], BalanceError, "does not balance", "by-product"),
    "undeclared": ([(R1, 'text = "SM + amin -> ortho + HF"')], InputError, "'amin'", "'amine'"),
    "no arrow": ([(R1, 'text = "SM + amine = ortho"')], InputError, "arrow", "->"),
    "reversible": ([(R1, 'text = "SM + amine <-> ortho + HF"')], InputError, "reversible", "->"),
    "text and smiles": ([(R1, R1 + '\nsmiles = "C>>C"')], InputError, "either text or smiles", ""),
    "bad mapped smiles": ([(R1, 'smiles = "CC"')], SubstanceError, "not a reaction SMILES", ">>"),
    "same reaction id": ([('id = "r2"', 'id = "r1"')], InputError, "share an id", ""),
    "reaction not in prior": ([('id = "r1"', 'id = "x1"')], InputError, "has no 'k.x1'", "r1"),
    "unknown prior": ([('"Hone2017"', '"Hone2016"')], InputError, "Hone2016", "Hone2017"),
    "negative width": ([("common_shift_sd = 4.0", "common_shift_sd = -1")], InputError, "common_shift_sd is -1", ""),
    "width in metres": ([("common_shift_sd = 4.0", 'sd_Ea = "3 m"')], UnitError, "unit 'm'", "kJ/mol"),
    "absolute runs": ([('"runs.csv"', '"/etc/passwd"')], InputError, "absolute path", "beside"),
    "windows path": ([('"runs.csv"', '"C:\\\\runs.csv"')], InputError, "absolute path", ""),
    "runs outside": ([('"runs.csv"', '"../runs.csv"')], InputError, "out of the case's folder", ""),
    "runs missing": ([('"runs.csv"', '"run.csv"')], InputError, "not found", "runs.csv"),
    "unknown response": ([('response = "e_factor"', 'response = "efactor"')], InputError, "unknown response", "e_factor"),
    "unknown reactor": ([('"pfr"', '"pft"')], InputError, "reactor 'pft'", "pfr"),
    "unknown objective": ([('["cost", "e_factor"]', '["costs"]')], InputError, "'costs'", "'cost'"),
    "no objective": ([('["cost", "e_factor"]', "[]")], InputError, "objectives", "one or two"),
    "hours": ([('reactor = "pfr"', 'reactor = "pfr"\nhours = 9000')], InputError, "hours 9000", "8784"),
    "base is reagent": ([('reactor = "pfr"', 'reactor = "pfr"\nbase = "morpholine"')], InputError, "'amine'", "triethylamine"),
    "inorganic base": ([('reactor = "pfr"', 'reactor = "pfr"\nbase = "[Na+].[OH-]"')], InputError, "no amine nitrogen", "triethylamine"),
    "solvent unknown": ([('name = "ethanol"', 'name = "ethanool"')], SubstanceError, "ethanool", "ethanol"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "kind", "said", "fix"), BAD.values(), ids=BAD)
def test_bad_case_files_are_refused_with_the_place_and_the_mend(tmp_path, changes, kind, said, fix):
    with pytest.raises(ChemwrightError) as caught:
        read_case(edited(tmp_path, *changes))
    error = caught.value
    assert isinstance(error, kind)
    assert said in error.message
    assert fix in error.fix
    assert error.where


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    path = edited(tmp_path)
    (tmp_path / "runs.csv").unlink()
    (tmp_path / "runs.csv").symlink_to("/etc/passwd")
    with pytest.raises(InputError, match="link that leads out"):
        read_case(path)


def test_no_file_no_runs_column_too_many(tmp_path):
    with pytest.raises(InputError, match="not found"):
        read_case(tmp_path / "case.toml")
    with pytest.raises(InputError, match="is not a condition"):
        read_case(edited(tmp_path, runs=RUNS.replace("residence_time [min]", "stirring [-],residence_time [min]").replace("\n", "\n1,").rstrip("1,")))


# --- the folder


def test_a_write_that_is_killed_leaves_the_old_files_or_the_new_ones(tmp_path, monkeypatch, record):
    folder = CaseFolder(tmp_path / "c")
    folder.write_record(record)
    whole = [".lock", "case.json", "manifest.json"]
    real = os.replace

    def interrupted(at):
        """A write of two files that belong together, stopped where ``at`` is about to be moved into its place."""

        def replace(source, target):
            if Path(target).name == at:
                raise KeyboardInterrupt
            real(source, target)

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", replace)
            with pytest.raises(KeyboardInterrupt):
                folder.write_all({"case.json": to_json(evolve(record, name=at)).encode(), "decisions.json": b"[]"})

    interrupted("journal.json")  # the files count once the journal stands: not yet
    assert folder.read_both() == (record, ())
    assert sorted(p.name for p in folder.path.iterdir()) == whole
    for at in ("case.json", "decisions.json", "manifest.json"):
        folder.write_record(record)  # settles what the last one left
        interrupted(at)
        assert folder.read_both()[0].name == at
        assert folder.read("decisions.json") == b"[]"
    folder.write_record(evolve(record, name="other"))
    assert folder.read_record().name == "other"
    assert sorted(p.name for p in folder.path.iterdir()) == sorted([*whole, "decisions.json"])


@pytest.mark.parametrize(
    "moves", [{"../outside.txt": ".x.part"}, {"case.json": "../../secret.part"}, {"/etc/x": ".x.part"}, {"case.json": "steps/../../x.part"}, ["a"], {"case.json": 3}]
)
def test_a_journal_that_leads_out_of_the_folder_counts_for_nothing(tmp_path, record, moves):
    folder = CaseFolder(tmp_path / "c")
    folder.write_record(record)
    (tmp_path / "c" / ".x.part").write_text("x", encoding="utf-8")
    (tmp_path / "secret.part").write_text("x", encoding="utf-8")
    (tmp_path / "c" / "journal.json").write_text(json.dumps(moves), encoding="utf-8")
    assert folder.read_record() == record
    folder.write_decisions(())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c", "secret.part"]
    assert folder.read_record() == record


def test_corrupt_and_newer_cases_are_refused(tmp_path, record):
    folder = CaseFolder(tmp_path)
    with pytest.raises(StorageError, match=r"no case\.json"):
        folder.read_record()
    folder.write_record(record)
    good = (tmp_path / "case.json").read_text(encoding="utf-8")
    (tmp_path / "case.json").write_text(good[:200], encoding="utf-8")
    with pytest.raises(StorageError, match="content hash"):
        Case.open(tmp_path)
    folder.write("case.json", good[:200].encode())
    with pytest.raises(StorageError, match="can't be read"):
        Case.open(tmp_path)
    folder.write("case.json", good.replace('"schema_version": 1', '"schema_version": 99').encode())
    with pytest.raises(StorageError, match="schema version 99") as caught:
        Case.open(tmp_path)
    assert "update chemwright" in caught.value.fix
    folder.write_record(record)
    folder.write("decisions.json", b"[{}]")
    with pytest.raises(StorageError, match=r"decisions\.json"):
        Case.open(tmp_path)


def test_a_folder_that_cannot_be_written(tmp_path, record):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StorageError, match="can't write"):
        CaseFolder(tmp_path / "file").write_record(record)
    with pytest.raises(StorageError, match="can't write"):
        write_atomic(tmp_path / "file" / "case.json", b"x")


# --- the case


def test_an_unchanged_case_runs_no_step_again(toml, tmp_path, calls):
    out = tmp_path / "c"
    first = Case.from_toml(toml, out).develop()
    steps = ["loop.properties", "loop.fit", "loop.design", "loop.explain", "loop.next_experiments", "report"]
    assert calls == steps
    second = Case.from_toml(toml, out).develop()
    assert calls == steps
    assert set(second["meta"]["steps"].values()) == {"cached"}
    assert {k: v for k, v in first.items() if k != "meta"} == {k: v for k, v in second.items() if k != "meta"}
    assert first["design"]["numbers"] == [1.0, 2.0]
    Case.open(out).develop()
    assert calls == steps


@pytest.mark.parametrize(
    ("change", "again"),
    [
        (('"100 t/year"', '"200 t/year"'), {"loop.design", "loop.explain", "loop.next_experiments", "report"}),
        (("common_shift_sd = 4.0", "common_shift_sd = 3.0"), {"loop.fit", "loop.design", "loop.explain", "loop.next_experiments", "report"}),
        (('"snar-ortho"', '"renamed"'), {"report"}),
        (("# Run it", "# run it"), set()),
    ],
    ids=["capacity", "prior", "name", "comment"],
)
def test_a_step_reruns_only_when_what_it_read_has_changed(toml, tmp_path, calls, change, again):
    Case.from_toml(toml, tmp_path / "c").develop()
    calls.clear()
    toml.write_text(TEXT.replace(*change), encoding="utf-8")
    Case.from_toml(toml, tmp_path / "c").develop()
    assert set(calls) == again


def test_runs_and_seed_count_as_changes(toml, tmp_path, calls):
    Case.from_toml(toml, tmp_path / "c").fit()
    (toml.parent / "runs.csv").write_text("\n".join(RUNS.splitlines()[:40]) + "\n", encoding="utf-8")
    Case.from_toml(toml, tmp_path / "c").fit()
    Case.at(toml, tmp_path / "c", seed=5).fit()
    Case.at(tmp_path / "c", seed=6).fit()
    Case.at(tmp_path / "c").fit()
    assert calls == ["loop.fit"] * 4
    assert Case.at(toml, tmp_path / "c", seed=5).record.seed == 5


def test_broken_results_are_computed_again_and_said_so(toml, tmp_path, calls):
    case = Case.from_toml(toml, tmp_path / "c")
    case.develop()
    calls.clear()
    (tmp_path / "c" / "steps" / "fit.json").write_text("{", encoding="utf-8")
    out = Case.open(tmp_path / "c").develop()
    assert calls == ["loop.fit"]
    assert out["meta"]["steps"]["fit"].startswith("rerun")
    (tmp_path / "c" / "report.html").unlink()
    Case.open(tmp_path / "c").develop()
    assert calls == ["loop.fit", "report"]
    (tmp_path / "c" / "case.json").write_text("{", encoding="utf-8")
    out = Case.from_toml(toml, tmp_path / "c").develop()
    assert calls == ["loop.fit", "report"]
    assert "written anew" in out["meta"]["notes"][0]


def test_a_folder_of_another_or_a_newer_case_is_refused(toml, tmp_path, calls):
    Case.from_toml(toml, tmp_path / "c")
    record = CaseFolder(tmp_path / "c").read_record()
    CaseFolder(tmp_path / "c").write_record(evolve(record, name="x", target="CCO"))
    toml.write_text(TEXT + "\n# changed\n", encoding="utf-8")
    with pytest.raises(StorageError, match="another case"):
        Case.from_toml(toml, tmp_path / "c")
    text = to_json(record).replace('"schema_version": 1', '"schema_version": 2')
    CaseFolder(tmp_path / "c").write("case.json", text.encode())
    with pytest.raises(StorageError, match="schema version 2"):
        Case.from_toml(toml, tmp_path / "c")


def test_save_and_open_round_trip(toml, tmp_path, calls):
    case = Case.from_toml(toml, tmp_path / "c")
    case.develop()
    decision = case.decide("plant.capacity", "100 t/year", by="A. Chemist", why="what the customer wants")
    saved = case.save(tmp_path / "copy.case")
    again = Case.open(saved)
    calls.clear()
    assert again.record == case.record
    assert again.decisions == case.decisions
    assert again.decisions[-1] == decision
    assert again.results == case.results
    assert set(again.results) == {"properties", "fit", "design", "explain", "next"}
    again.develop()
    assert calls == ["report"]
    toml.write_text(TEXT.replace('"100 t/year"', '"50 t/year"'), encoding="utf-8")
    assert decision in Case.from_toml(toml, tmp_path / "c").decisions


def test_python_and_file_give_the_same_record(toml, record, calls, tmp_path):
    case = Case.new(
        "snar-ortho", target=record.target, capacity="100 t/year", purity="98 wt%", solvent="ethanol", prior="Hone2017", experiments=toml.parent / "runs.csv",
        species={s.id: s.smiles for s in record.species[:6]}, reactions=[r.text for r in record.reactions], kinetics={"common_shift_sd": 4.0}, plant={"objectives": ("cost", "e_factor")},
    )  # fmt: skip
    assert content_hash(case.record) == content_hash(record)
    assert case.folder is None
    assert case.results == {}
    assert case.develop()["report"] == ""
    with pytest.raises(InputError, match="in memory"):
        case.report()
    assert case.report(tmp_path / "r.html").is_file()
    case.save(tmp_path / "saved")
    assert case.report() == tmp_path / "saved" / "report.html"
    with pytest.raises(InputError, match="needs 'why'"):
        case.decide("a", "b", "c", " ")


def test_verbs_compute_only_what_they_need(toml, tmp_path, calls):
    case = Case.from_toml(toml, tmp_path / "c")
    assert case.fit() == FIT
    assert calls == ["loop.fit"]
    assert case.explain("plant.cost")[0]["share"] == 1.0
    with pytest.raises(InputError, match="unknown figure"):
        case.explain("costs")
    assert case.next()[0]["cost"] == 100.0
    calls.clear()
    case.next("e_factor", budget="1 kEUR")
    assert calls == ["loop.next_experiments"]
    with pytest.raises(InputError, match="below zero"):
        case.next(budget="-1 USD")
    with pytest.raises(UnitError):
        case.next(budget="5 kg")


def test_progress_runs_from_start_to_end(toml, tmp_path, calls):
    seen = []
    Case.from_toml(toml, tmp_path / "c").develop(lambda text, fraction: seen.append((text, fraction)))
    assert [t for t, _ in seen] == ["properties", "fit", "design", "explain", "next", "report"]
    assert [f for _, f in seen] == sorted(f for _, f in seen)


def test_citations_are_those_of_the_record_until_more_is_used(toml, tmp_path, calls, record):
    case = Case.from_toml(toml, tmp_path / "c")
    keys = [re.match(r"@\w+\{([^,]+),", entry).group(1) for entry in case.citations()]
    assert keys == ["Hone2017", "Schweidtmann2018", "case:assumption"]
    case.develop()
    assert {"Towler2013", "estimate"} <= {s.id for s in sources_used(case.record, case.results)}
    assert all(entry.startswith("@") for entry in bibtex(sources_used(record, {})))


def test_an_unchanged_case_is_read_without_the_heavy_libraries(toml, tmp_path):
    Case.from_toml(toml, tmp_path / "c")
    code = f"import sys; from chemwright.case import Case; c = Case.from_toml({str(toml)!r}, {str(tmp_path / 'c')!r}); assert c.record.name and c.results == {{}}; import chemwright.loop; print(*{{m.partition('.')[0] for m in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"rdkit", "chemicals", "casadi", "scipy", "thermo", "sklearn", "pint", "typer", "rich"} & set(run.stdout.split())


# --- templates and doctor


def test_a_template_runs_as_it_stands(tmp_path, record):
    path = write_template("butyl acetate", tmp_path / "b")
    assert evolve(read_case(path), name=record.name) == record
    with pytest.raises(StorageError, match="overwritten"):
        write_template("butyl acetate", tmp_path / "b")
    with pytest.raises(InputError, match="no name"):
        write_template("///", tmp_path / "d")


def test_a_template_takes_odd_names(tmp_path):
    assert read_case(write_template('5" pipe \\ ester', tmp_path / "b")).name == '5" pipe \\ ester'


def test_the_demo_case_is_written_once(tmp_path):
    path = demo_case(tmp_path)
    assert demo_case(tmp_path) == path
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(StorageError, match="overwritten"):
        demo_case(tmp_path)


def test_doctor_names_every_extra_with_its_pip_line():
    found = doctor()
    assert found["ready"]
    assert {"attrs", "casadi"} <= {p["name"] for p in found["packages"]}
    assert found["extras"]["test"]["install"] == "pip install 'chemwright[test]'"


def test_the_loop_has_the_functions_that_the_case_calls():
    assert all(callable(getattr(chemwright.loop, n)) for n in ("properties", "fit", "design", "explain", "next_experiments", "summary", "causes_of"))


def _with_claim(tmp_path: Path, text: str) -> Path:
    from chemwright.knowledge import write_bundled

    path = Path(write_bundled("snar", tmp_path / "snar"))
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    return path


def test_a_claim_of_the_case_file_takes_the_default_s_unit(tmp_path: Path) -> None:
    record = read_case(_with_claim(tmp_path, '\n[[claim]]\nid = "price.446-35-5"\nvalue = "15.5 +/- 0.5 EUR/kg"\nsource = "offer"\n'))
    claim = next(c for c in record.claims if c.id == "price.446-35-5")
    assert claim.unit == "USD/kg"
    assert claim.value > 15.5
    assert claim.std is not None
    assert claim.std > 0.5
    assert claim.source in {s.id for s in record.sources}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('id = "price.446-35-6"\nvalue = "17 USD/kg"\nsource = "offer"', "price.446-35-5"),
        ('id = "price.446-35-5"\nvalue = "17 K"\nsource = "offer"', "USD/kg"),
        ('id = "price.446-35-5"\nvalue = "17 USD/kg"', "source"),
        ('id = "price.446-35-5"\nvalue = "17 USD/kg"\nsource = "offer"\ntier = "mesured"', "measured"),
    ],
    ids=["unknown id", "wrong dimension", "no source", "unknown tier"],
)
def test_bad_claims_are_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ChemwrightError, match=words):
        read_case(_with_claim(tmp_path, f"\n[[claim]]\n{text}\n"))
