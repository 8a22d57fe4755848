"""The laboratory from the command line, as a new user meets it; the film; the way of a campaign done by hand."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chemwright.cli import main
from chemwright.experiment.lab.bench import FIGURES, Bench, Figure, Recipe
from chemwright.experiment.lab.envelope import Condition, Envelope, Forbidden, Interlock, Limit, Material
from chemwright.experiment.lab.outcome import CAUSES, STATES, RunResult
from chemwright.experiment.lab.records import KINDS, QUALITIES, Agreement, Channel, Closure, Reading, Setpoint, Station, SteadyRule
from chemwright.experiment.lab.steady import Level
from chemwright.experiment.lab.virtual.faults import FAULTS, Fault
from chemwright.record import from_json, to_json
from test_lab_killed import CAMPAIGN

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def campaign(tmp_path, monkeypatch):
    monkeypatch.setenv("CHEMWRIGHT_KEYS", str(tmp_path / "keys"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "campaign.toml").write_text(CAMPAIGN.format(n=2), encoding="utf-8")
    return tmp_path


def call(capsys, *words, status=0):
    with pytest.raises(SystemExit) as ended:
        main(words)
    out, err = capsys.readouterr()
    assert ended.value.code == status, err
    return out


def test_a_campaign_runs_and_its_log_is_proved(campaign, capsys):
    result = json.loads(call(capsys, "lab", "run", "c", "--speed", "400", "--json"))
    assert result["run"]["measured"] == 2
    assert result["campaign"]["counts"]["done"] == 2
    again = json.loads(call(capsys, "lab", "run", "c", "--speed", "400", "--json"))
    assert again["run"]["attempts"] == 0
    assert "2 experiments" in again["run"]["why"]
    log = json.loads(call(capsys, "lab", "audit", "c", "--json"))
    assert log["ok"]
    assert {"begin", "command", "end", "safe state"} <= {line["what"] for line in log["logs"][0]["last"]} | {"begin"}
    assert "whole, sealed" in call(capsys, "lab", "audit", "c", "--verify")
    assert "off" in call(capsys, "lab", "watch", "c")
    assert "no guard" in json.loads(call(capsys, "lab", "abort", "c", "--who", "me", "--why", "x", "--json", status=2))["error"]["message"]
    path = Path(log["logs"][0]["file"])
    path.write_bytes(path.read_bytes().replace(b'"temperature":', b'"temperatura":', 1))
    assert "changed after it was written" in call(capsys, "lab", "audit", "c", "--verify", status=1)


def test_what_does_not_fit_is_said_before_anything_moves(campaign, capsys):
    call(capsys, "lab", "station", "sheet.toml", "--driver", "sheet")
    said = json.loads(call(capsys, "lab", "run", "c", "--station", "sheet.toml", "--json", status=2))["error"]
    assert "residence_time" in said["message"]
    assert not (campaign / "c" / "lab" / "bench-1").exists()
    assert "file of a station" in json.loads(call(capsys, "lab", "run", "c", "--driver", "modbus", "--json", status=2))["error"]["message"]
    call(capsys, "lab", "station", "sheet.toml", status=2)
    call(capsys, "lab", "audit", "nowhere", status=2)


def test_certificates_are_made_once(campaign, capsys):
    made = json.loads(call(capsys, "lab", "certificates", "--json"))
    assert all(Path(p).stat().st_mode & 0o077 == 0 for p in made["files"].values())
    call(capsys, "lab", "certificates", status=2)
    call(capsys, "lab", "certificates", "--renew")


BY_HAND = """
[campaign]
name = "by-hand"
max_experiments = 3
planner = "space_filling"

[[variable]]
name = "temperature"
low = "20 degC"
high = "100 degC"

[[variable]]
name = "time"
low = "0 min"
high = "60 min"

[[variable]]
name = "solvent"
levels = ["toluene", "2-MeTHF"]

[[objective]]
name = "yield"
unit = "%"
"""


def test_a_person_with_a_sheet_is_a_laboratory_too(campaign, capsys):
    (campaign / "c" / "campaign.toml").write_text(BY_HAND, encoding="utf-8")
    call(capsys, "lab", "station", "s.toml", "--driver", "sheet")
    text = (campaign / "s.toml").read_text().replace('driver = "sheet"', 'driver = "sheet"\nsettle = "0"\npoll = "0.1"')
    (campaign / "s.toml").write_text(text)
    drop, done = campaign / "c" / "lab" / "bench-1" / "drop", []

    def person():
        end = time.monotonic() + 60
        while len(done) < 3 and time.monotonic() < end:
            for page in drop.glob("*.html") if drop.is_dir() else ():
                if page.stem not in done:
                    done.append(page.stem)
                    (drop / f"{page.stem}.result.csv").write_text(f"run,yield [%]\n{page.stem},{60 + 5 * len(done)}\n")
            time.sleep(0.05)

    helper = threading.Thread(target=person)
    helper.start()
    result = json.loads(call(capsys, "lab", "run", "c", "--station", "s.toml", "--json"))
    helper.join()
    assert result["run"]["measured"] == 3
    assert result["campaign"]["best"]["values"]["yield"] == pytest.approx(75.0)
    assert sorted(p.suffix for p in (drop / "done").iterdir()) == [".csv"] * 6 + [".html"] * 3


@pytest.mark.slow
def test_the_film_in_short(tmp_path):
    run = subprocess.run([sys.executable, str(ROOT / "examples" / "self_driving_lab.py"), "5"], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "pump B does not deliver" in run.stdout
    assert "(connection)" in run.stdout
    assert "made itself safe" in run.stdout
    assert "5 experiments measured" in run.stdout
    assert "knowledge base: 5 experiments" in run.stdout


name = st.text(min_size=1, max_size=6)
finite = st.floats(-1e9, 1e9)
positive = st.floats(1e-6, 1e9)
numbers = st.dictionaries(name, finite, max_size=2)
conditions = st.builds(Condition, name, st.sampled_from(("above", "below")), finite)
levels = st.builds(Level, name, finite, positive, positive, st.integers(1, 9), name)
RECORDS = {
    "channel": st.builds(Channel, name, name, st.sampled_from(KINDS), finite, finite | st.none(), positive | st.none(), name, st.lists(name, max_size=2)),
    "setpoint": st.builds(Setpoint, name, finite, name),
    "reading": st.builds(Reading, name, finite | st.none() | st.just(float("nan")), name, positive, st.sampled_from(QUALITIES), name),
    "rule": st.builds(SteadyRule, st.integers(1, 9), positive, positive, positive, positive, st.integers(1, 9), st.integers(0, 9)),
    "agreement": st.builds(Agreement, name, name, positive, positive, positive, name),
    "closure": st.builds(Closure, numbers, numbers, positive, name),
    "limit": st.builds(Limit, name, st.floats(-1e9, 0.0) | st.none(), positive | st.none(), positive | st.none()),
    "interlock": st.builds(Interlock, name, conditions, positive, numbers, positive),
    "forbidden": st.builds(Forbidden, name, st.lists(conditions, max_size=2), name),
    "material": st.builds(Material, name, name, st.lists(name, max_size=2)),
    "envelope": st.builds(Envelope, accepted=st.dictionaries(name, name, max_size=2)),
    "station": st.builds(
        Station, name, st.lists(st.builds(Channel, name), max_size=2, unique_by=lambda c: c.name), driver=st.dictionaries(name, name, max_size=2), time_factor=positive
    ),
    "recipe": st.builds(Recipe, st.sampled_from(("direct", "flow")), positive, name, name, positive, positive, numbers),
    "figure": st.builds(Figure, name, name, st.sampled_from(FIGURES), positive),
    "bench": st.builds(Bench, st.builds(Station, name, st.just((Channel("a", kind="result"),)))),
    "level": levels,
    "result": st.builds(RunResult, name, st.integers(1, 9), st.sampled_from(STATES), numbers, st.lists(levels, max_size=2), st.sampled_from(CAUSES), name, name, name, name),
    "fault": st.builds(Fault, st.sampled_from(FAULTS), positive, st.integers(0, 9), positive, name, positive),
}


@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_of_the_laboratory_makes_the_round_trip(kind):
    @given(RECORDS[kind])
    @settings(max_examples=15, deadline=None)
    def check(record):
        assert from_json(to_json(record), type(record)) == record

    check()
