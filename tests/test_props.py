"""The command props: one substance, several, and a file of molecules."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from chemwright.cli import main


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["props", *arguments])
    out = capfd.readouterr()
    return int(ended.value.code or 0), out.out, out.err


def claims(capfd, *arguments):
    status, out, err = run(capfd, *arguments, "--json")
    assert status == 0, err
    return json.loads(out)


def test_value_std_tier_and_source(capfd):
    data = claims(capfd, "ethanol", "110-91-8", "CCN(CC)CC", "--only", "boiling_point")
    assert [s["cas"] for s in data["substances"]] == ["64-17-5", "110-91-8", "121-44-8"]
    boiling = data["claims"][0]
    assert boiling["substance"] == "ethanol"
    assert boiling["property"] == "normal_boiling_point"
    assert boiling["value"] == pytest.approx(351.4, abs=0.5)
    assert boiling["low"] < boiling["value"] < boiling["high"]
    assert boiling["std"] > 0
    assert boiling["tier"] == "measured"
    assert boiling["source"] in data["sources"]


def test_every_source_has_a_citation(capfd):
    data = claims(capfd, "O=[N+]([O-])c1ccc(F)cc1N1CCOCC1", "--at", "350K")
    used = {s for c in data["claims"] for s in c["sources"]}
    assert used
    assert used == set(data["sources"])
    assert [k for k, v in data["sources"].items() if k == v and not k.startswith(("learned", "definition", "power"))] == []


def test_for_people(capfd):
    status, out, _ = run(capfd, "O=[N+]([O-])c1ccc(F)cc1N1CCOCC1")
    assert status == 0
    assert "boiling point" in out
    assert "90 % interval" in out
    assert "no figure" in out
    assert "hazards: hints, no classification" in out


def test_at_a_temperature(capfd):
    """At its normal boiling point (351.5 K) ethanol has one atmosphere."""
    (row,) = claims(capfd, "ethanol", "--at", "78.3 degC", "--only", "psat")["claims"]
    assert row["temperature"] == pytest.approx(351.45)
    assert row["value"] == pytest.approx(101325, rel=0.02)
    assert 0.01 < row["std"] / row["value"] < 0.05


@pytest.mark.parametrize(("arguments", "said"), [
    (("ethanol", "--at", "80"), "no unit"),
    (("ethanol", "--at", "3 kg"), "[temperature]"),
    (("ethanol", "--at", "0 K"), "above 0"),
    (("ethanol", "--at", "9000 K"), "up to 5000 K"),
    (("ethanol", "--pressure", "0 bar"), "above 0"),
    (("ethanol", "--only", "boilng_point"), "boiling_point"),
    (("ethanol", "--tier", "best"), "measured, mechanism, hybrid, learned"),
    (("morpholne",), "morpholine"),
    (("",), "no substance"),
    (("C1CC",), "no valid SMILES"),
    (("nothing.smi", "--out", "x.parquet"), "no file"),
    (("a", "b", "--out", "x.parquet"), "2 arguments"),
], ids=["no unit", "no temperature", "zero", "hot", "no pressure", "property", "tier", "name", "empty", "ring", "no file", "two files"])  # fmt: skip
def test_what_is_wrong_is_said_plainly(capfd, arguments, said):
    status, _, err = run(capfd, *arguments)
    assert status == 2
    assert said in err


def test_a_file_without_out_is_told(capfd, tmp_path):
    (tmp_path / "m.smi").write_text("CCO\n", encoding="utf-8")
    status, _, err = run(capfd, str(tmp_path / "m.smi"))
    assert status == 2
    assert "--out" in err


LINES = [
    "CCO ethanol",
    "C1CC broken",
    "",
    "c1ccccc1",
    "[Na+].[Cl-] salt",
    "[CH3] radical",
    "CC[Hg]CC mercury",
    "F[B-](F)(F)F.CCN1C=C[N+](C)=C1 liquid",
    "C" * 600,
    "CCCCCCCCCC decane",
]


def test_a_file_of_molecules(capfd, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    (tmp_path / "m.smi").write_text("\n".join(LINES), encoding="utf-8")
    status, out, err = run(capfd, str(tmp_path / "m.smi"), "--out", str(tmp_path / "p.parquet"), "--json")
    assert status == 0, err
    assert json.loads(out)["rows"] == 9
    table = pq.read_table(tmp_path / "p.parquet").to_pylist()
    assert [r["row"] for r in table] == [1, 2, 4, 5, 6, 7, 8, 9, 10]
    assert [r["row"] for r in table if r["error"]] == [2, 9]
    by_row = {r["row"]: r for r in table}
    assert by_row[1]["name"] == "ethanol"
    assert by_row[1]["normal_boiling_point"] == pytest.approx(351.5, abs=0.5)
    assert by_row[1]["normal_boiling_point_low"] < by_row[1]["normal_boiling_point"] < by_row[1]["normal_boiling_point_high"]
    assert by_row[1]["normal_boiling_point_tier"] == "measured"
    assert by_row[2]["normal_boiling_point"] is None
    assert not list(tmp_path.glob("*.parts"))


def test_a_table_of_molecules_into_a_table(capfd, tmp_path):
    (tmp_path / "m.csv").write_text('id,SMILES\na,CCO\nb,"C1CC"\n', encoding="utf-8")
    status, _, err = run(capfd, str(tmp_path / "m.csv"), "--out", str(tmp_path / "p.csv"), "--only", "logP")
    assert status == 0, err
    rows = (tmp_path / "p.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith('"row","smiles","name","error","octanol_water_partition_coefficient_log"')
    assert rows[1].startswith('2,"CCO","a",,-0.3')
    assert "not a valid SMILES" in rows[2]
    (tmp_path / "n.csv").write_text("structure\nCCO\n", encoding="utf-8")
    assert "no column 'smiles'" in run(capfd, str(tmp_path / "n.csv"), "--out", str(tmp_path / "q.csv"))[2]


def test_parts_of_another_job_are_not_taken(capfd, tmp_path):
    (tmp_path / "m.smi").write_text("CCO\n", encoding="utf-8")
    (tmp_path / "p.csv.parts").mkdir()
    (tmp_path / "p.csv.parts" / "job.json").write_text('{"stamp": "other"}', encoding="utf-8")
    status, _, err = run(capfd, str(tmp_path / "m.smi"), "--out", str(tmp_path / "p.csv"), "--only", "logP")
    assert status == 2
    assert "another job" in err


@pytest.mark.slow
def test_killed_and_run_again_it_goes_on_without_doubles(tmp_path):
    """Killed by SIGKILL after the first parts are there; the second run keeps them and each molecule stands once."""
    import pyarrow.parquet as pq

    molecules = [f"{'C' * (1 + i % 20)}O m{i}" for i in range(6000)]
    (tmp_path / "m.smi").write_text("\n".join(molecules), encoding="utf-8")
    command = [sys.executable, "-m", "chemwright", "props", "m.smi", "--out", "p.parquet", "--only", "logP,psat,tb"]
    first = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
    folder, deadline = tmp_path / "p.parquet.parts", time.monotonic() + 120
    while len(list(folder.glob("part-*.parquet"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    kept = {f.name: f.stat().st_mtime_ns for f in folder.glob("part-*.parquet")}
    assert 2 <= len(kept) <= 6
    done = subprocess.run([*command, "--json"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["kept"] == len(kept)
    table = pq.read_table(tmp_path / "p.parquet")
    assert table.column("name").to_pylist() == [f"m{i}" for i in range(6000)]
