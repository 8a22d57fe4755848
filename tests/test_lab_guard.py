"""The guard at work, each piece in a process of its own: what it refuses, what trips, what becomes a datum and what does not, and who may speak with it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from attrs import evolve

from chemwright.errors import InputError
from chemwright.experiment.lab.chain import read_chain, verify_chain
from chemwright.experiment.lab.envelope import Condition, Interlock, Material
from chemwright.experiment.lab.guard.client import GuardClient, GuardError, guarded
from chemwright.experiment.lab.guard.endpoint import LabFolder
from chemwright.experiment.lab.protocol import ConnectionLost
from chemwright.experiment.lab.records import SteadyRule
from chemwright.experiment.lab.session import audit, live, tell_guards
from chemwright.experiment.lab.virtual.snar import bench

POINTS = {"flow_a": 2.0, "flow_b": 1.0, "temperature": 50.0}


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """A function that starts a guard with a virtual lab; all of them have ended afterwards."""
    monkeypatch.setenv("CHEMWRIGHT_KEYS", str(tmp_path / "keys"))
    clients = []

    def make(name="v", *, state="ready", faults=(), options=None, change=None, **driver):
        b = bench(name, 300.0, driver="virtual", faults=json.dumps(list(faults)), diary=str(tmp_path / f"{name}.diary"), **driver)
        st = b.station if change is None else change(b.station)
        client = guarded(LabFolder(tmp_path / "lab" / name), st, {"poll": 0.03, "grace": 0.5, "silence": 60.0, "linger": 15.0, **(options or {})})
        clients.append(client)
        wait_for(lambda: client.status()["state"] == state)
        return client

    yield make
    pids = [json.loads(c.folder.endpoint.read_text())["pid"] for c in clients if c.folder.endpoint.exists()]
    for c in clients:
        c.close()
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    for c in clients:
        wait_for(lambda c=c: not c.folder.endpoint.exists())


def wait_for(what, seconds=30.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen")


def ready(client):
    return wait_for(lambda: client.status()["state"] == "ready")


def ended(client, id="t1", attempt=1):
    def look():
        result = client.result(id, attempt)
        return result if result is not None and result.state != "begun" else None

    return wait_for(look, 60.0)


def what(client):
    return [e["what"] for _, e in read_chain(client.folder.audit) if e]


def diary(tmp_path, name="v"):
    return [json.loads(x)["what"] for x in (tmp_path / f"{name}.diary").read_text().splitlines()]


def test_a_run_becomes_a_datum_once(lab, tmp_path):
    client = lab()
    assert client.perform("t1", 1, POINTS, 100.0).state == "begun"
    result = ended(client)
    assert result.state == "measured"
    assert result.level("ortho").mean == pytest.approx(0.5, abs=0.25)
    assert client.perform("t1", 1, POINTS, 100.0) == result
    assert diary(tmp_path).count("run") == 1
    assert verify_chain(client.folder.audit).problems == ()
    assert audit(client.folder.path)["logs"][0]["sealed"]
    assert live(client.folder.path)[0]["state"] == "ready"


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ({"temperature": 131.0}, "above its limit"),
        ({"flow_a": -1.0}, "below its limit"),
        ({"temperature": 110.0, "flow_a": 0.0, "flow_b": 0.0}, "boil dry"),
        ({"pressure": 3.0}, "no channel"),
    ],
    ids=["high", "low", "together", "unknown"],
)
def test_what_the_envelope_forbids_never_reaches_the_lab(lab, tmp_path, points, said):
    client = lab()
    result = client.perform("t1", 1, points, 100.0)
    assert (result.state, result.cause) == ("failed", "refused")
    assert said in result.why
    assert "command" not in what(client)
    assert "run" not in diary(tmp_path)


def test_incompatible_feeds_are_refused(lab):
    client = lab(change=lambda s: evolve(s, envelope=evolve(s.envelope, materials=(Material("bleach", "flow_a", ("hypochlorites",)), Material("acid", "flow_b", ("acids",))))))
    result = client.perform("t1", 1, POINTS, 100.0)
    assert result.cause == "refused"
    assert "chlorine" in result.why
    assert client.perform("t2", 1, {**POINTS, "flow_b": 0.0}, 100.0).state == "begun"


FAULTS = {
    "blocked pump": ({"kind": "blocked_pump", "target": "flow_b", "after": 1, "begin": 60.0, "size": 0.1}, "fault", "pump B"),
    "leak": ({"kind": "leak", "after": 1, "size": 0.5}, "measured", ""),
    "heater": ({"kind": "heater_stuck", "after": 1}, "fault", "heater"),
    "nan": ({"kind": "sensor_nan", "target": "ortho", "after": 1}, "sensor", "ortho gave no number"),
    "nothing": ({"kind": "sensor_silent", "target": "ortho", "after": 1}, "sensor", "ortho gave no number"),
    "frozen": ({"kind": "sensor_frozen", "target": "temperature_measured", "after": 1, "begin": 90.0}, "sensor", "frozen"),
}


@pytest.mark.parametrize("name", [n for n in FAULTS if n != "leak"])
def test_a_faulty_run_is_no_datum(lab, name):
    fault, cause, said = FAULTS[name]
    client = lab(faults=[fault])
    client.perform("t1", 1, POINTS, 100.0)
    result = ended(client)
    assert (result.state, result.cause) == ("failed", cause), result.why
    assert said in result.why
    assert result.levels == ()
    assert {k: v for k, v in client.status()["commands"].items() if k != "temperature"} == {"flow_a": 0.0, "flow_b": 0.0}


def test_a_pump_that_lies_about_its_flow_shows_in_the_response(lab):
    """The flow meters are left out, as where there are none: the aromatic balance does not close."""
    client = lab(faults=[{"kind": "blocked_pump", "target": "flow_b", "size": 0.3}], change=lambda s: evolve(s, agreements=()))
    client.perform("t1", 1, POINTS, 100.0)
    result = ended(client)
    assert result.cause == "fault", result.why
    assert "aromatic balance" in result.why


CLOG = {"kind": "clogging", "after": 1, "size": 400.0, "length": 1500.0}


def test_an_interlock_trips_holds_and_is_cleared_by_a_person(lab, tmp_path):
    client = lab(faults=[CLOG])
    client.perform("t1", 1, {**POINTS, "temperature": 30.0}, 1e5)
    result = ended(client)
    assert result.cause == "interlock"
    assert "overpressure" in result.why
    assert client.status()["state"] == "held"
    assert "safe" in diary(tmp_path)
    assert client.perform("t2", 1, POINTS, 100.0) is None
    os.kill(json.loads(client.folder.endpoint.read_text())["pid"], signal.SIGKILL)
    client.close()
    client = lab(state="held", faults=[CLOG])
    with pytest.raises(GuardError, match="missing"):
        client.clear("", "")
    assert tell_guards(client.folder.path, "clear", "A. Chemist", "filter changed") == ["v"]
    ready(client)
    assert "clear" in what(client)


def test_an_interlock_that_sees_nothing_trips(lab):
    blind = Interlock("overpressure", Condition("pressure", "above", 12.0), 2.0, {"flow_a": 0.0}, blind=60.0)
    client = lab(faults=[{"kind": "sensor_nan", "target": "pressure", "after": 1}], change=lambda s: evolve(s, envelope=evolve(s.envelope, interlocks=(blind,))))
    client.perform("t1", 1, POINTS, 1e5)
    result = ended(client)
    assert "no number from pressure" in result.why
    status = client.status()
    assert status["commands"]["flow_a"] == 0.0
    assert status["commands"]["flow_b"] == 1.0


def test_a_run_that_does_not_come_to_rest_ends_in_time(lab):
    client = lab(change=lambda s: evolve(s, steady=SteadyRule(samples=5, limit=300.0)))
    client.perform("t1", 1, POINTS, 1e5)
    result = ended(client)
    assert result.cause == "timeout"
    assert "readings" in result.why


def test_a_planner_that_is_gone_leaves_a_safe_lab_and_may_come_back(lab, tmp_path):
    client = lab()
    client.perform("t1", 1, POINTS, 1e5)
    client.close()
    folder = client.folder
    wait_for(lambda: "safe state" in what(client)[3:])
    again = GuardClient(folder, "planner")
    assert again.result("t1", 1).cause == "interrupted"
    assert again.perform("t1", 2, POINTS, 50.0).state == "begun"
    assert ended(again, "t1", 2).state == "measured"
    assert diary(tmp_path).count("run") == 2
    again.close()


def test_a_planner_that_comes_back_in_time_finds_its_run_going_on(lab, tmp_path):
    client = lab(options={"grace": 20.0})
    client.perform("t1", 1, POINTS, 100.0)
    client.close()
    again = GuardClient(client.folder, "planner")
    assert again.perform("t1", 1, POINTS, 100.0) is not None
    assert ended(again).state == "measured"
    assert diary(tmp_path).count("run") == 1
    again.close()


def test_a_guard_that_is_killed_leaves_a_safe_lab_and_an_interrupted_run(lab, tmp_path):
    client = lab()
    client.perform("t1", 1, POINTS, 1e5)
    wait_for(lambda: "command" in what(client))
    before = diary(tmp_path).count("safe")
    os.kill(json.loads(client.folder.endpoint.read_text())["pid"], signal.SIGKILL)
    wait_for(lambda: diary(tmp_path).count("safe") > before)
    with pytest.raises(ConnectionLost):
        client.status()
    again = lab()
    assert again.result("t1", 1).cause == "interrupted"
    assert verify_chain(again.folder.audit).problems == ()


def test_a_guard_whose_log_finds_no_room_ends_and_leaves_a_safe_lab(lab, tmp_path):
    resource = pytest.importorskip("resource")
    client = lab()
    client.perform("t1", 1, POINTS, 1e5)
    wait_for(lambda: "command" in what(client))
    before, pid = diary(tmp_path).count("safe"), json.loads(client.folder.endpoint.read_text())["pid"]
    size = client.folder.audit.stat().st_size
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, size))
    with pytest.raises((ConnectionLost, GuardError)):
        client.abort("A. Chemist", "smell of amine")
    wait_for(lambda: not client.folder.endpoint.exists())
    assert diary(tmp_path).count("safe") > before
    assert verify_chain(client.folder.audit).problems == () or "cut off" in verify_chain(client.folder.audit).problems[0]


def test_a_driver_that_is_killed_is_started_again(lab):
    client = lab()
    client.perform("t1", 1, POINTS, 1e5)
    guard = json.loads(client.folder.endpoint.read_text())["pid"]
    (rig,) = [int(x) for x in Path(f"/proc/{guard}/task/{guard}/children").read_text().split()]
    os.kill(rig, signal.SIGKILL)
    assert ended(client).cause == "connection"
    ready(client)
    assert client.perform("t1", 2, POINTS, 100.0).state == "begun"


def test_strangers_second_planners_and_nonsense(lab):
    client = lab()
    with pytest.raises(GuardError, match="another planner"):
        GuardClient(client.folder, "planner")
    viewer = GuardClient(client.folder)
    with pytest.raises(GuardError, match="only the planner"):
        viewer.perform("t1", 1, POINTS)
    with pytest.raises(GuardError, match="unknown verb"):
        viewer.ask({"do": "exec"})
    viewer.close()
    where = json.loads(client.folder.endpoint.read_text())
    assert client.folder.endpoint.stat().st_mode & 0o777 == 0o600
    assert Path(where["socket"]).stat().st_mode & 0o777 == 0o600
    for data, said in ((b'{"token": "x", "role": "planner"}\n', b"token"), (b"{" + b"x" * 200_000, b""), (b"\x80\x04\x95\n", b"no JSON")):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(where["socket"])
            s.settimeout(20.0)
            try:
                s.sendall(data)
                answer = s.recv(4096)
            except (BrokenPipeError, ConnectionResetError):
                answer = b""
            assert said in answer
            assert b'"ok":true' not in answer
    assert client.status()["state"] == "ready"
    assert "stranger refused" in what(client)


def test_another_description_of_a_guarded_station_is_refused(lab):
    client = lab()
    client.close()
    with pytest.raises(InputError, match="another description"):
        guarded(client.folder, bench("v", 1.0, driver="virtual").station)


def test_a_person_can_stop_it_all(lab):
    client = lab()
    client.perform("t1", 1, POINTS, 1e5)
    wait_for(lambda: client.status()["commands"]["flow_a"] == 2.0)
    tell_guards(client.folder.path, "abort", "A. Chemist", "smell of amine")
    result = ended(client)
    assert (result.cause, result.why) == ("aborted", "smell of amine")
    assert client.status()["commands"]["flow_a"] == 0.0
    assert threading.active_count() < 20


def test_the_guard_loads_no_planner_no_driver_and_no_numerical_library():
    code = "import sys, chemwright.experiment.lab.guard.main; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {m.partition(".")[0] for m in loaded} & {"numpy", "scipy", "casadi", "pint", "sklearn", "torch", "asyncua", "pymodbus", "rdkit"} == set()
    assert [m for m in loaded if m.startswith("chemwright.experiment.") and not m.startswith("chemwright.experiment.lab")] == []
    assert [m for m in loaded if m.startswith("chemwright.experiment.lab.drivers")] == []
