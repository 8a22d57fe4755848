"""The laboratory's parts: envelope, incompatibilities, steadiness, sealed logs, messages, benches, and what drivers make of what comes in."""

import json
import math
import os
import threading
import time
from pathlib import Path

import pytest
from attrs import evolve

from chemwright.errors import InputError, StorageError
from chemwright.experiment.lab import wire
from chemwright.experiment.lab.bench import Bench, Figure, Recipe
from chemwright.experiment.lab.bench_file import bench_of, bench_toml, read_bench
from chemwright.experiment.lab.certificates import hash_password, password_matches
from chemwright.experiment.lab.chain import ChainLog, make_key, read_chain, verify_chain
from chemwright.experiment.lab.drivers import DRIVERS, make_driver
from chemwright.experiment.lab.drivers.folder import FolderDriver, read_result
from chemwright.experiment.lab.drivers.modbus import register_of
from chemwright.experiment.lab.envelope import Condition, Envelope, Forbidden, Limit, Material, next_steps, refusals
from chemwright.experiment.lab.incompatible import clashes, pairs, with_incompatibilities
from chemwright.experiment.lab.journal import Journal
from chemwright.experiment.lab.outcome import RunResult, as_data, from_data
from chemwright.experiment.lab.protocol import ConnectionLost, DeviceError, Unsteady
from chemwright.experiment.lab.records import Channel, Reading, Setpoint, Station, SteadyRule
from chemwright.experiment.lab.steady import Level, SteadyWatch, drift, without_trend
from chemwright.experiment.lab.templates import template
from chemwright.experiment.lab.virtual.faults import FAULTS, Fault
from chemwright.experiment.lab.virtual.lab import snar_lab
from chemwright.experiment.lab.virtual.snar import SPECIES, bench, true_yield
from chemwright.record import from_json, to_json

ENVELOPE = Envelope(
    limits=(Limit("flow", 0.0, 5.0), Limit("temperature", 0.0, 100.0, per_second=2.0)),
    forbidden=(Forbidden("hot and dry", (Condition("temperature", "above", 60.0), Condition("flow", "below", 0.1))),),
)
NOW = {"flow": 1.0, "temperature": 20.0}


@pytest.mark.parametrize(
    ("commands", "elapsed", "said"),
    [
        ({"flow": 5.0}, 1.0, ""),
        ({"flow": 5.1}, 1.0, "above its limit"),
        ({"flow": -0.1}, 1.0, "below its limit"),
        ({"temperature": 30.0}, 5.0, ""),
        ({"temperature": 30.1}, 5.0, "faster than 2"),
        ({"temperature": 61.0, "flow": 0.05}, 100.0, "hot and dry"),
        ({"temperature": 61.0, "flow": 0.2}, 100.0, ""),
    ],
    ids=["high-edge", "high", "low", "rate-edge", "rate", "together", "apart"],
)
def test_a_command_outside_the_envelope_is_refused(commands, elapsed, said):
    reasons = refusals(ENVELOPE, commands, NOW, dict.fromkeys(NOW, elapsed))
    assert (said in " ".join(reasons)) if said else not reasons


def test_steps_toward_a_goal_keep_to_the_rates():
    state, goal, steps = dict(NOW), {"flow": 2.0, "temperature": 51.0}, 0
    while state != goal:
        step = next_steps(ENVELOPE, goal, state, dict.fromkeys(state, 1.5))
        assert not refusals(ENVELOPE, step, state, dict.fromkeys(state, 1.5))
        state.update(step)
        steps += 1
    assert steps == math.ceil(31 / 3)


def materials(*groups):
    return Envelope(materials=tuple(Material(f"m{i}", f"flow_{'ab'[i]}", g) for i, g in enumerate(groups)))


def test_feeds_that_must_not_meet_may_not_flow_together():
    station = evolve(bench().station, envelope=materials(("inorganic azides",), ("acids",)))
    guarded = with_incompatibilities(station)
    said = refusals(guarded.envelope, {"flow_a": 1.0, "flow_b": 0.1}, {}, {})
    assert any("hydrogen azide" in s for s in said)
    assert not refusals(guarded.envelope, {"flow_a": 1.0, "flow_b": 0.0}, {}, {})
    accepted = evolve(station.envelope, accepted={"acids|inorganic azides": "A. Chemist: quenched at 0.01 mol/L"})
    assert clashes(accepted) == []
    with pytest.raises(InputError, match="no reason"):
        clashes(evolve(station.envelope, accepted={"acids|inorganic azides": " "}))
    with pytest.raises(InputError, match="no group"):
        clashes(materials(("acid",), ("acids",)))


def test_wider_groups_count_and_the_bundled_chemistry_is_allowed():
    assert clashes(materials(("nitric acid",), ("inorganic cyanides",)))
    assert clashes(materials(("organic nitro compounds",), ("oxidizing agents",)))
    assert clashes(bench().station.envelope) == []
    assert {p.source for p in pairs()} == {"NRC1995", "APS"}


def station(**rule):
    channels = (Channel("flow", "mL/min", "set", safe=0.0), Channel("T", "degC", tolerance=0.5), Channel("c", "mol/L", "result", tolerance=0.01))
    return Station("s", channels, steady=SteadyRule(**{"samples": 5, "volumes": 2.0, "limit": 100.0, "missing": 3, "frozen": 4, **rule}))


def feed(watch, series):
    for t, (temperature, c) in enumerate(series):
        watch.add([Reading("T", temperature, "degC", float(t)), Reading("c", c, "mol/L", float(t))])


def noisy(level, t, size=0.002):
    return level + size * math.sin(12.9898 * t)  # far from periodic at whole numbers


def test_a_result_counts_only_after_the_temperature_has_come_and_the_liquid_has_passed():
    watch = SteadyWatch(station(), 10.0, 0.0)
    feed(watch, [(20.0 + 3 * t, noisy(1.0, t)) for t in range(20)])
    assert "T" in watch.waiting_for()
    assert [x.channel for x in watch.levels()] == ["T"]
    for t in range(20, 45):
        watch.add([Reading("T", 77.0 + noisy(0, t), "degC", float(t)), Reading("c", noisy(2.0, t), "mol/L", float(t))])
        if not watch.waiting_for():
            break
    assert 34 <= t <= 40
    level = watch.levels()[1]
    assert level.mean == pytest.approx(2.0, abs=0.003)
    assert level.std == pytest.approx(level.scatter / math.sqrt(5))


def test_a_slow_approach_is_not_taken_for_steady():
    watch = SteadyWatch(station(), 0.0, 0.0)
    feed(watch, [(77.0, 1.0 - math.exp(-t / 15)) for t in range(20)])
    assert "still moves" in watch.waiting_for()
    assert not without_trend([1.0, 1.1, 1.2, 1.3, 1.4])
    assert drift([0, 1, 2], [0, 1, 2]) == pytest.approx(2.0)


@pytest.mark.parametrize(("value", "said"), [(math.nan, "gave no number"), (None, "gave no number"), (0.7, "frozen sensor")], ids=["nan", "nothing", "frozen"])
def test_a_sensor_without_use_is_named(value, said):
    watch = SteadyWatch(station(), 0.0, 0.0)
    feed(watch, [(77.0 + noisy(0, t), value) for t in range(8)])
    assert said in watch.trouble()


def test_a_substance_that_is_not_there_is_no_frozen_sensor():
    watch = SteadyWatch(station(), 0.0, 0.0)
    feed(watch, [(77.0 + noisy(0, t), 0.0) for t in range(12)])
    assert watch.trouble() == ""
    assert watch.waiting_for() == ""


def written(path, key=b"", n=5):
    log = ChainLog(path, key)
    for i in range(n):
        log.write("me", "do", i=i)
    log.close()
    return path


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda lines: lines[:2] + lines[3:], "follow"),
        (lambda lines: lines[:-1], "missing at the end"),
        (lambda lines: [*lines[:1], lines[1].replace(b'"i":1', b'"i":7'), *lines[2:]], "changed after"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "follow"),
        (lambda lines: [*lines, b"{}\n"], "not a line of the log"),
    ],
    ids=["removed", "cut", "changed", "swapped", "added"],
)
def test_tampering_shows(tmp_path, harm, said):
    path = written(tmp_path / "a.jsonl")
    assert verify_chain(path).problems == ()
    path.write_bytes(b"".join(harm(path.read_bytes().splitlines(keepends=True))))
    assert any(said in p for p in verify_chain(path).problems)


def test_a_chain_written_anew_shows_by_its_seals(tmp_path):
    key = make_key(tmp_path / "keys" / "audit.key")
    assert (tmp_path / "keys" / "audit.key").stat().st_mode & 0o777 == 0o600
    assert verify_chain(written(tmp_path / "a.jsonl", key), key).sealed
    forged = verify_chain(written(tmp_path / "b.jsonl", b"another key"), key)
    assert not forged.sealed
    assert "seal" in forged.problems[0]
    (tmp_path / "keys" / "audit.key").chmod(0o644)
    with pytest.raises(StorageError, match="others may read"):
        make_key(tmp_path / "keys" / "audit.key")


def test_a_line_cut_off_by_a_crash_is_kept_and_told(tmp_path):
    path = written(tmp_path / "a.jsonl")
    with path.open("ab") as stream:
        stream.write(b'{"n":6,"at":"20')
    ChainLog(path).close()
    assert verify_chain(path).problems == ()
    assert [e["what"] for _, e in read_chain(path) if e][-1] == "torn"


def test_a_log_has_one_writer(tmp_path):
    log = ChainLog(tmp_path / "a.jsonl")
    with pytest.raises(StorageError, match="another process"):
        ChainLog(tmp_path / "a.jsonl")
    log.close()


@pytest.mark.parametrize("line", [b"x" * 70_000, b"[1]\n", b'{"a": NaN}\n', b"\xff\n", b"[" * 60_000], ids=["long", "list", "nan", "bytes", "deep"])
def test_a_message_that_is_none_is_refused(line):
    with pytest.raises(InputError):
        wire.unpack(line)


def test_the_journal_knows_how_far_each_experiment_came(tmp_path):
    journal = Journal(tmp_path / "j.jsonl")
    journal.intended("t1", {"flow": 1.0}, "s")
    journal.started("t1", 1, "s")
    journal.ended(RunResult("t1", 1, "failed", cause="fault", why="x", station="s"))
    journal.started("t1", 2, "s")
    result = RunResult("t1", 2, "measured", {"flow": 1.0}, (Level("c", 1.0, 0.1, 0.2, 4, "mol/L"),), station="s")
    journal.ended(result)
    journal.close()
    second = Journal(tmp_path / "j.jsonl")
    again = second.progress["t1"]
    second.close()
    assert (again.attempt, again.step, again.faults, again.result) == (2, "measured", 1, result)
    assert from_data(as_data(result)) == result


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_station_file_reads_back(driver, tmp_path):
    made = template(driver)
    (tmp_path / "s.toml").write_text(bench_toml(made), encoding="utf-8")
    assert read_bench(tmp_path / "s.toml") == made
    assert from_json(to_json(made.station), Station) == made.station


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"limits": []}, "unknown table"),
        ({"limit": [{"channel": "flow_x", "low": 0.0}]}, "no channel 'flow_x'"),
        ({"channel": [{"name": "a", "kind": "set"}]}, "safe"),
        ({"figure": [{"objective": "y", "channel": "pressure"}]}, "no result"),
        ({"material": [{"name": "m", "channel": "flow_a", "groups": ["acidz"]}]}, "acidz"),
        ({"steady": {"samples": "many"}}, "whole number"),
    ],
    ids=["table", "channel", "safe", "figure", "group", "type"],
)
def test_a_wrong_station_file_is_told_where(change, said):
    import tomllib

    data = tomllib.loads(bench_toml(template("virtual")))
    with pytest.raises(InputError, match=said):
        bench_of({**data, **change}, "s.toml")


def test_variables_become_flows_and_readings_become_yields():
    b = bench()
    points = b.setpoints({"residence_time": 300.0, "equivalents": 1.5, "temperature": 353.15})
    assert points["flow_a"] + points["flow_b"] == pytest.approx(1.0)
    assert 3.0 * points["flow_b"] / points["flow_a"] == pytest.approx(1.5)
    assert points["temperature"] == pytest.approx(80.0)
    assert b.residence(points) == pytest.approx(300.0)
    level = Level("ortho", 0.5, 0.01, 0.02, 4, "mol/L")
    figures = b.figures_of(RunResult("t", 1, "measured", points, (level,)))
    assert figures["yield"][0] == pytest.approx(0.5 / points["flow_a"])
    assert figures["space_time_yield"][0] == pytest.approx(500 * 0.2102056 / 300)
    assert figures["yield"][1] / figures["yield"][0] == pytest.approx(0.02)
    with pytest.raises(InputError, match="residence_time"):
        b.setpoints({"equivalents": 1.0})


def test_levels_become_positions():
    b = template("sheet")
    assert b.setpoints({"temperature": 353.15, "time": 3600.0, "solvent": "2-MeTHF"}) == pytest.approx({"temperature": 80.0, "time": 60.0, "solvent": 1.0})
    with pytest.raises(InputError, match="no level"):
        b.setpoints({"solvent": "toluol"})


def still(lab):
    lab.setup.noise.update(dict.fromkeys(lab.setup.noise, 0.0))
    return lab


def test_the_virtual_tube_agrees_with_the_balances():
    lab = still(snar_lab())
    lab.command({"flow_a": 2.0, "flow_b": 1.0, "temperature": 60.0})
    lab.advance(1200.0)
    found = {r.channel: r.value for r in lab.read()}
    point = {"residence_time": 5.0 / 3.0 * 60, "equivalents": 1.5, "temperature": 333.15}
    assert found["ortho"] / (2 / 3) == pytest.approx(true_yield(point), abs=2e-5)
    assert sum(found[s] for s in ("SM", "ortho", "para", "bis")) == pytest.approx(2 / 3, abs=1e-6)


def test_the_virtual_lab_has_delays_and_the_same_noise_for_the_same_seed():
    one, two = snar_lab(seed=4), snar_lab(seed=4)
    for lab in (one, two):
        lab.command({"flow_a": 1.0, "flow_b": 1.0, "temperature": 80.0})
        lab.advance(55.0)
        assert next(r for r in lab.read() if r.channel == "ortho").quality == "waiting"
        lab.advance(600.0)
    assert one.read() == two.read()
    assert one.now - next(r for r in one.read() if r.channel == "ortho").at >= 60.0
    assert one.temperature == pytest.approx(80.0, abs=0.1)


def through(lab):
    lab.command({"flow_a": 0.8, "flow_b": 0.8, "temperature": 50.0})
    lab.advance(390.0)
    lab.read()
    lab.advance(10.0)
    lab.command({"temperature": 70.0, "flow_a": 1.6})
    lab.advance(450.0)
    return {r.channel: r for r in lab.read()}


@pytest.fixture(scope="module")
def sound():
    return through(still(snar_lab()))


@pytest.mark.parametrize("kind", [k for k in FAULTS if k not in ("connection", "dead")])
def test_a_fault_shows(kind, sound):
    target = {"blocked_pump": "flow_b", "sensor_frozen": "ortho", "sensor_nan": "ortho", "sensor_silent": "ortho", "sensor_drift": "ortho"}.get(kind, "")
    size = {"blocked_pump": 0.1, "leak": 0.4, "clogging": 20.0, "sensor_drift": 2.0}.get(kind, 0.0)
    a, b = sound, through(still(snar_lab(faults=[Fault(kind, 400.0, target=target, size=size)])))
    expect = {"blocked_pump": "flow_b_measured", "leak": "pressure", "clogging": "pressure", "heater_stuck": "temperature_measured"}.get(kind, "ortho")
    assert a[expect].value is not None
    assert b[expect].value is None or abs(b[expect].value / a[expect].value - 1) > 0.1


def test_the_lab_makes_itself_safe_when_no_driver_is_heard():
    lab = snar_lab(watchdog=5.0)
    lab.command({"flow_a": 1.0, "temperature": 80.0})
    lab.advance(60.0, clock=4.0)
    assert not lab.is_safe()
    lab.advance(60.0, clock=2.0)
    assert lab.is_safe()


def test_waiting_without_a_guard(tmp_path):
    b = bench("v", 300.0, driver="virtual", seed="1")
    driver = make_driver(evolve(b.station, steady=evolve(b.station.steady, limit=1e5)))
    driver.connect()
    driver.set([Setpoint("flow_a", 4.0, "mL/min"), Setpoint("flow_b", 2.0, "mL/min"), Setpoint("temperature", 60.0, "degC")])
    levels = {x.channel: x.mean for x in driver.wait_steady(50.0)}
    assert levels["ortho"] / (2 / 3) == pytest.approx(true_yield({"residence_time": 50.0, "equivalents": 1.5, "temperature": 333.15}), abs=0.02)
    hasty = make_driver(evolve(b.station, steady=evolve(b.station.steady, limit=200.0, least=1e6)))
    with pytest.raises(Unsteady, match="not steady after 200 s"):
        hasty.wait_steady()


@pytest.fixture
def dropped(tmp_path):
    st = evolve(template("folder").station, driver={"driver": "folder", "folder": str(tmp_path), "settle": "0"})
    driver = FolderDriver(st)
    driver.connect()
    driver.start("t1#1")
    driver.set([Setpoint("temperature", 80.0, "degC"), Setpoint("solvent", 2.0)])
    return driver


def test_a_request_goes_out_and_a_result_comes_in(dropped, tmp_path):
    assert (tmp_path / "t1_1.request.csv").read_bytes().decode() == "run,temperature [degC],time [min],solvent\r\nt1_1,80,0,water\r\n"
    assert {r.quality for r in dropped.read()} == {"waiting"}
    (tmp_path / "t1_1.result.csv.part").write_text("run,yield [%]\nt1_1,5")
    (tmp_path / "t1_1.result.csv").write_text("run,yield [1]\nt1_1,0.8")  # no line end yet
    assert {r.quality for r in dropped.read()} == {"waiting"}
    (tmp_path / "t1_1.result.csv").write_text("run,yield [1]\nt1_1,0.85\n")
    assert [(r.value, r.unit, r.quality) for r in dropped.read()] == [(85.0, "%", "good")]
    assert sorted(p.name for p in (tmp_path / "done").iterdir()) == ["t1_1.request.csv", "t1_1.result.csv"]
    assert dropped.read()[0].value == 85.0


def test_a_file_that_still_grows_is_left_alone(tmp_path, dropped):
    slow = evolve(dropped.station, driver={**dropped.station.driver, "settle": "0.2"})
    driver = FolderDriver(slow)
    driver.start("t2")
    path = tmp_path / "t2.result.csv"
    path.write_text("run,yield [%]\n")
    assert driver.read()[0].quality == "waiting"
    time.sleep(0.25)
    path.write_text("run,yield [%]\nt2,70\n")
    assert driver.read()[0].quality == "waiting"
    time.sleep(0.25)
    assert driver.read()[0].value == 70.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("run,yield [%]\nother,5\n", "result of 'other'"),
        ("run,yield\nt,5\n", "has no unit"),
        ("run,yeild [%]\nt,5\n", "no channel 'yeild'"),
        ("run,yield [K]\nt,5\n", "unit 'K'"),
        ("run,yield [%]\nt,5,6\n", "3 cells"),
        ("run,yield [%]\n", "no line"),
    ],
    ids=["run", "unit", "name", "dimension", "cells", "empty"],
)
def test_a_wrong_result_is_told_where(text, said):
    with pytest.raises(DeviceError, match=said):
        read_result(text, template("folder").station, "t", 0.0)


@pytest.mark.parametrize("cell", ["", "nan", "n.d.", "inf"])
def test_a_result_without_a_number_is_no_datum(cell):
    (reading,) = read_result(f"run,yield [%]\nt,{cell}\n", template("folder").station, "t", 0.0)
    assert (reading.value, reading.quality) == (None, "missing")


def test_decimal_commas_and_replicates():
    readings = read_result("run;yield [%]\nt;80,5\nt;81,5\n", template("folder").station, "t", 0.0)
    assert [r.value for r in readings] == [80.5, 81.5]


def test_a_folder_that_is_gone_is_a_lost_connection(tmp_path):
    with pytest.raises(ConnectionLost):
        FolderDriver(evolve(template("folder").station, driver={"driver": "folder", "folder": str(tmp_path / "share")})).connect()


def test_the_sheet_says_what_to_do_and_nothing_in_it_runs(tmp_path):
    st = evolve(template("sheet").station, name="<script>alert(1)</script>", driver={"driver": "sheet", "folder": str(tmp_path)})
    driver = make_driver(st)
    driver.connect()
    driver.start("t1")
    driver.set([Setpoint("temperature", 80.0, "degC"), Setpoint("solvent", 1.0)])
    page = (tmp_path / "t1.html").read_text(encoding="utf-8")
    assert "<b>80</b> degC" in page
    assert "<b>2-MeTHF</b>" in page
    assert "<script>alert" not in page
    assert 'id="r-yield"' in page


def test_a_serial_line(tmp_path):
    import pty

    master, slave = pty.openpty()
    held = {"flow": 0.0}

    def pump():
        data = b""
        while True:
            try:
                data += os.read(master, 100)
            except OSError:
                return
            while b"\n" in data:
                line, _, data = data.partition(b"\n")
                words = line.split()
                if words[1] == b"FLOW":
                    held["flow"] = float(words[2])
                    os.write(master, b"OK\r\n" if held["flow"] <= 5 else b"ERR range\r\n")
                else:
                    os.write(master, (b"%.3f mL/min\r\n" % held["flow"]) if words[1] == b"FLOW?" else b"---\r\n")

    threading.Thread(target=pump, daemon=True).start()
    channels = (
        Channel("flow", "mL/min", "set", safe=0.0, address="1 FLOW {value}"),
        Channel("flow_measured", "mL/min", address="1 FLOW?"),
        Channel("pressure", "bar", address="1 PRES?"),
    )
    driver = make_driver(Station("p", channels, driver={"driver": "serial", "port": os.ttyname(slave), "timeout": "2"}))
    driver.connect()
    driver.set([Setpoint("flow", 1.25, "mL/min")])
    flow, pressure = driver.read()
    assert flow.value == 1.25
    assert (pressure.quality, pressure.note) == ("bad", "---")
    with pytest.raises(DeviceError, match="ERR range"):
        driver.set([Setpoint("flow", 9.0, "mL/min")])
    driver.close()
    assert held["flow"] == 0.0
    os.close(slave)
    os.close(master)


@pytest.mark.parametrize("address", ["", "1:0", "1:0:double", "0:0:int16", "1:70000:int16", "1:0:int16:0"])
def test_a_wrong_register_is_refused(address):
    with pytest.raises(InputError, match="register"):
        register_of(Channel("x", address=address))


def test_passwords():
    stored = hash_password("s3cret")
    assert password_matches("s3cret", stored)
    assert not password_matches("s3cret ", stored)
    assert not password_matches("", "")
    assert not password_matches("x", "no$hash")


def test_a_bench_refuses_what_it_cannot_do():
    b = bench()
    with pytest.raises(InputError, match="molar mass"):
        Bench(b.station, b.recipe, (Figure("s", "ortho", "space_time_yield"),))
    with pytest.raises(InputError, match="concentration_b"):
        Bench(b.station, evolve(b.recipe, concentration_b=0.0))
    assert Recipe().kind == "direct"
    assert len(SPECIES) == 6
    assert json.loads(to_json(b.station))["name"] == "virtual"
    assert Path(__file__).exists()
