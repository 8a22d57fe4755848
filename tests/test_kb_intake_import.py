"""Claims from tables into the base: whole batches, reruns, kills, two writers, hostile cells, suspicions."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bad_input_table import NET
from chemwright.errors import InputError
from chemwright.knowledge.base import open_base
from chemwright.knowledge.intake import ColumnUse, Mapping, import_claims, open_table, start
from chemwright.knowledge.intake.structures_pool import may_hang, read_structures
from chemwright.record import Claim, Filing, Source

WIDE = Mapping((
    ColumnUse("name", "substance"), ColumnUse("Tb [degC]", "value", "normal_boiling_point", "degC"), ColumnUse("rho [g/mL]", "value", "density", "g/mL"),
    ColumnUse("u", "std", of="rho [g/mL]"), ColumnUse("T [degC]", "condition", "temperature", "degC"), ColumnUse("ref", "source"), ColumnUse("note", "note"), ColumnUse("tags", "label"),
))  # fmt: skip
HEADER = "name,Tb [degC],rho [g/mL],u,T [degC],ref,note,tags\n"


def _write(path: Path, body: str) -> Path:
    path.write_text(HEADER + body, encoding="utf-8")
    return path


def test_a_claim_from_a_table_is_the_claim_that_add_files(tmp_path: Path) -> None:
    table = _write(tmp_path / "a.csv", "CCO,78.37,0.7850,0.0005,25,Smith2004,first,alpha;beta\nC,,,,,,,\n")
    with open_base(tmp_path / "a.kb", create=True) as kb:
        report = import_claims(kb, table, WIDE, filing=Filing(licence="CC-BY-4.0", visibility="public"))
        assert (report.rows, report.claims, report.empty, report.rejected, report.parts) == (2, 2, 2, 0, 1)
        boiling, density = kb.claims("CCO", "normal_boiling_point")[0], kb.claims("CCO", "density")[0]
        assert boiling.record.value == 351.52
        assert boiling.given == "78.37 degC"
        assert density.record.value == 785.0
        assert density.record.std == 0.5
        assert density.record.conditions == {"temperature": 298.15}
        assert (density.record.source, density.record.note, density.filing.licence, density.filing.labels) == ("Smith2004", "first", "CC-BY-4.0", ("alpha", "beta"))
        same = Claim("x", "CCO", "density", 0.785, "g/mL", 0.0005, {"temperature": 298.15}, "Smith2004", note="first")
        assert kb.add(same) == [density.key]
        assert kb.counts()["claim"] == 2
        assert [h["what"] for h in kb.history()][1:3] == ["imported", "import"]


def test_long_tables_with_a_unit_column_logs_and_property_names_with_units(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "cas,property,value,unit,std\n64-17-5,density,0.785,g/mL,0.001\n64-17-5,Boiling point [°C],78.37,,\n64-17-5,沸点,351.5,K,0.1\n64-17-5,densety,1,g/mL,\n64-17-5,density,1,K,\n64-17-4,density,1,g/mL,\n",
        encoding="utf-8",
    )
    with open_base(tmp_path / "a.kb", create=True) as kb:
        mapping = start(kb, open_table(path)).answer("(source)", "S1").mapping()
        report = import_claims(kb, path, mapping, on_error="skip")
        assert (report.claims, report.rejected) == (3, 3)
        assert [r.split(":")[0] for r in report.rejects] == ["row 5, column 'property'", "row 6, column 'value'", "row 7, column 'cas'"]
        assert "ends in 5" in (tmp_path / "a.rejects.csv").read_text(encoding="utf-8-sig")
        assert sorted(c.record.value for c in kb.claims("64-17-5")) == [351.5, 351.52, 785.0]
    log = Mapping((ColumnUse("s", "substance"), ColumnUse("lp", "value", "vapour_pressure", "kPa", scale="log10"), ColumnUse("u", "std", of="lp")))
    (tmp_path / "b.csv").write_text("s,lp,u\nCCO,0.9,0.01\n")
    with open_base(tmp_path / "b.kb", create=True) as kb:
        import_claims(kb, tmp_path / "b.csv", log)
        (claim,) = kb.claims("CCO")
        assert claim.record.value == pytest.approx(10**0.9 * 1000)
        assert claim.record.std == pytest.approx(10**0.9 * 1000 * 2.302585 * 0.01, rel=1e-6)


def test_bad_rows_stop_with_their_place_or_are_set_aside_whole(tmp_path: Path) -> None:
    body = "".join(f"CCO,{70 + i / 10},,,,,,\n" for i in range(20))
    table = _write(tmp_path / "a.csv", body + "CCO,abc,,,,,,\nCCO,=1+1,,,,,,\nCCO,-400,,,,,,\nCCO,1e999,,,,,,\nCC(O,1,,,,,,\n,1,,,,,,\nCCO,1,2\nCCO,1,,-1,,,,\nCCO,1,,,,,\x01,\n")
    with open_base(tmp_path / "a.kb", create=True) as kb:
        with pytest.raises(InputError, match="is no number") as error:
            import_claims(kb, table, WIDE)
        assert error.value.where == "a.csv, row 22, column 'Tb [degC]'"
        assert kb.counts()["claim"] == 0
        report = import_claims(kb, table, WIDE, on_error="skip")
        assert (report.rows, report.claims, report.rejected) == (29, 20, 9)
        with (tmp_path / "a.rejects.csv").open(encoding="utf-8-sig") as stream:
            kept = list(csv.reader(stream))
        assert [r[0] for r in kept] == ["row", *map(str, range(22, 31))]
        assert kept[2][5] == "'=1+1"  # no spreadsheet runs it
        assert all(r[2] for r in kept)
    wrong = Mapping((ColumnUse("name", "substance"), ColumnUse("Tb [degC]", "value", "density", "g/mL"), *(ColumnUse(c.header) for c in WIDE.columns[2:])))
    _write(tmp_path / "b.csv", "".join(f"CCO,-{i},,,,,,\n" for i in range(1, 40)))
    with open_base(tmp_path / "b.kb", create=True) as kb, pytest.raises(InputError, match="rows can't be taken"):
        import_claims(kb, tmp_path / "b.csv", wrong, on_error="skip")


def test_hostile_text_is_only_text(tmp_path: Path) -> None:
    evil = "'); DROP TABLE claim; --"
    table = _write(
        tmp_path / "a.csv", f'"{evil}",20,,,,"{evil}","{evil}","{evil}"\n乙醇,78.3,,,,手册,"=cmd|calc",标签\n{NET},20,,,,,,\n' + "".join(f"CCO,{i},,,,,,\n" for i in range(70, 80))
    )
    with open_base(tmp_path / "a.kb", create=True) as kb:
        report = import_claims(kb, table, WIDE, on_error="skip", structure_seconds=1.0)
        assert report.claims == 12
        assert report.rejected == 1
        assert "took the toolkit over 1 s" in report.rejects[0]
        (claim,) = kb.claims(evil)
        assert (claim.record.note, claim.record.source, claim.filing.labels) == (evil, evil, ("')", "--", "DROP TABLE claim"))
        assert kb.claims("乙醇")[0].filing.labels == ("标签",)


def test_a_structure_that_takes_too_long_ends_its_process_not_the_import() -> None:
    cage = "c12c3c4c5c1c1c6c7c2c2c8c3c3c9c4c4c%10c5c5c1c1c6c6c%11c7c2c2c7c8c3c3c8c9c4c4c9c%10c5c5c1c1c6c6c%11c2c2c7c3c3c8c4c4c9c5c1c1c6c2c3c41"
    assert may_hang(cage)
    assert not may_hang("CC(=O)Oc1ccccc1C(=O)O")
    slow, plain = read_structures([(cage, "smiles"), ("CCO", "smiles")], limit=0.001)
    assert "over 0.001 s" in slow["error"]
    assert plain["key"] == "LFQSCWFLJHTTHZ-UHFFFAOYSA-N"
    whole = read_structures([(cage, "smiles"), ("CCO", "smiles"), ("C(", "smiles"), ("*CC*", "polymer")], many=1)
    assert [bool(a.get("key")) for a in whole] == [True, True, False, True]


def test_a_second_run_skips_what_is_filed_and_new_rows_of_a_longer_file_come_in(tmp_path: Path) -> None:
    rows = [f"CCO,{70 + i / 10},,,,,,\n" for i in range(50)]
    table = _write(tmp_path / "a.csv", "".join(rows))
    with open_base(tmp_path / "a.kb", create=True) as kb:
        assert import_claims(kb, table, WIDE, batch_rows=20).parts == 3
        again = import_claims(kb, table, WIDE, batch_rows=20)
        assert (again.parts, again.done_before, again.claims) == (0, 3, 0)
        _write(table, "".join([*rows, "CCO,99,,,,,,\n"]))
        longer = import_claims(kb, table, WIDE, batch_rows=20)
        assert (longer.claims, longer.known) == (1, 50)
        assert kb.counts()["claim"] == 51


SCRIPT = """
import sys
from chemwright.knowledge.base import open_base
from chemwright.knowledge.intake import Mapping, import_claims
from chemwright.record import from_json
mapping = from_json(open(sys.argv[3], encoding="utf-8").read(), Mapping)
with open_base(sys.argv[1]) as kb:
    print("ready", flush=True)
    report = import_claims(kb, sys.argv[2], mapping, batch_rows=100, on_error="skip", progress=lambda words, share: print(words, flush=True))
    print("done", report.claims, flush=True)
"""


def _process(tmp_path: Path, base: Path, table: Path) -> subprocess.Popen[str]:
    from chemwright.record import to_json

    (tmp_path / "m.json").write_text(to_json(WIDE), encoding="utf-8")
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(base), str(table), str(tmp_path / "m.json")], stdout=subprocess.PIPE, text=True, env={**os.environ})


def test_killed_at_random_moments_the_base_holds_whole_batches_and_the_rest_comes_in_later(tmp_path: Path) -> None:
    count = 3000
    table = _write(tmp_path / "a.csv", "".join(f"C{'C' * (i % 40)},{i / 20:.2f},,,,ref{i % 7},row {i},\n" for i in range(count)))
    base = tmp_path / "a.kb"
    open_base(base, create=True).close()
    rng = random.Random(5)
    killed = 0
    for _ in range(4):
        process = _process(tmp_path, base, table)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.5))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        process.stdout.close()
        with open_base(base) as kb, kb.reading() as connection:
            parts = connection.exec_driver_sql("SELECT b.rows, (SELECT count(*) FROM claim c WHERE c.batch = b.pk) FROM batch b").all()
            assert all(rows == found == 100 for rows, found in parts)
            assert connection.exec_driver_sql("SELECT count(*) FROM claim WHERE batch NOT IN (SELECT pk FROM batch)").scalar() == 0
    assert killed >= 1
    process = _process(tmp_path, base, table)
    assert "done" in process.communicate(timeout=120)[0]
    with open_base(base) as kb:
        assert kb.counts()["claim"] == count
        assert kb.counts()["substance"] == 40
        with kb.reading() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM batch").scalar() == 30


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    tables = [_write(tmp_path / f"{k}.csv", "".join(f"C{'C' * (i % 30)},{i / 20 + k * 0.01:.2f},,,,,,\n" for i in range(1500))) for k in range(2)]
    base = tmp_path / "a.kb"
    open_base(base, create=True).close()
    both = [_process(tmp_path, base, t) for t in (*tables, tables[0])]  # and the same file a second time beside itself
    said = [p.communicate(timeout=120)[0] for p in both]
    assert all(p.returncode == 0 for p in both)
    assert all("done" in s for s in said)
    with open_base(base) as kb:
        assert kb.counts()["claim"] == 3000
        with kb.reading() as connection:
            from chemwright.knowledge.base import audit

            assert audit.broken_at(connection) is None
            assert connection.exec_driver_sql("SELECT sum(rows) FROM batch").scalar() == 3000


def test_slips_are_suspected_and_the_number_stays(tmp_path: Path) -> None:
    with open_base(tmp_path / "a.kb", create=True) as kb:
        for i, (tb, rho) in enumerate(((351.4, 785.1), (351.5, 784.9), (351.6, 785.4))):
            source = Source(f"s{i}", "literature", f"book {i}")
            kb.add(
                source,
                Claim("a", "CCO", "normal_boiling_point", tb, "K", source=source.id),
                Claim("b", "CCO", "density", rho, "kg/m^3", conditions={"temperature": 298.15}, source=source.id),
            )
        mapping = Mapping(
            (ColumnUse("s", "substance"), ColumnUse("p", "property"), ColumnUse("v", "value"), ColumnUse("u", "unit"), ColumnUse("T", "condition", "temperature", "degC"))
        )
        (tmp_path / "a.csv").write_text(
            "s,p,v,u,T\nCCO,normal_boiling_point,78.4,K,\nCCO,density,0.7852,kg/m^3,25\nCCO,density,785.5,kg/m^3,25\nCCO,density,2.895,kg/m^3,25\nCCO,density,785,kg/m^3,60\nCCO,density,600,kg/m^3,25\n"
        )
        report = import_claims(kb, tmp_path / "a.csv", mapping)
        assert report.suspicious == {"unit": 2, "log": 1, "outlier": 1}
        said = {c.record.value: c.filing.suspicion for c in kb.claims("CCO") if c.filing.suspicion}
        assert said[78.4] == "looks as if given in °C, not K: 78.4 + 273.15 = 351.55 K agrees with 3 others (median 351.5), 78.4 K does not"
        assert "g/cm^3" in said[0.7852]
        assert "log10" in said[2.895]
        assert "customary scatters" in said[600.0]
        assert 785.0 not in said


def test_fractions_of_a_component_are_conditions_under_its_key(tmp_path: Path) -> None:
    mapping = Mapping(
        (ColumnUse("s", "substance"), ColumnUse("x1", "condition", "mole_fraction", "1", of="ethanol"), ColumnUse("v", "value", "density", "kg/m^3")),
        conditions={"pressure": 101325.0},
        phase="l",
    )
    (tmp_path / "a.csv").write_text("s,x1,v\naqueous ethanol,0.4,900\naqueous ethanol,,998\n")
    with open_base(tmp_path / "a.kb", create=True) as kb:
        import_claims(kb, tmp_path / "a.csv", mapping)
        first, second = kb.claims("aqueous ethanol")
        assert first.record.conditions == {"pressure": 101325.0, "mole_fraction[LFQSCWFLJHTTHZ-UHFFFAOYSA-N]": 0.4}
        assert (second.record.conditions, second.record.phase) == ({"pressure": 101325.0}, "liquid")


def test_names_that_contradict_each_other_in_a_row_are_said(tmp_path: Path) -> None:
    mapping = Mapping((ColumnUse("s", "substance", reading="smiles"), ColumnUse("cas", "substance", reading="cas"), ColumnUse("v", "value", "density", "kg/m^3")))
    (tmp_path / "a.csv").write_text("s,cas,v\nCCO,64-17-5,785\nCCO,67-64-1,786\n,67-64-1,784\n")
    with open_base(tmp_path / "a.kb", create=True) as kb:
        report = import_claims(kb, tmp_path / "a.csv", mapping)
        assert report.suspicious == {"identity": 1}
        assert "another substance (acetone)" in next(c.filing.suspicion for c in kb.claims("CCO") if c.filing.suspicion)
        assert [c.record.value for c in kb.claims("67-64-1")] == [784.0]
