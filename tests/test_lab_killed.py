"""The planner is killed again and again, the lab dies in the middle of a batch: no experiment is lost, none is done twice."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from chemwright.errors import InputError
from chemwright.experiment.campaign import Campaign
from chemwright.experiment.lab.certificates import make_certificates
from chemwright.experiment.lab.guard.endpoint import LabFolder
from chemwright.experiment.lab.journal import Journal
from chemwright.experiment.lab.runner import RunOptions
from chemwright.experiment.lab.session import audit, run_campaign, tell_guards
from chemwright.experiment.lab.virtual.snar import bench, true_yield
from test_lab_opcua import end, serve

pytest.importorskip("asyncua")
N, FEW, SPEED = 12, 6, 400.0

CAMPAIGN = """
[campaign]
name = "killed"
max_experiments = {n}
planner = "space_filling"

[[variable]]
name = "residence_time"
low = "0.8 min"
high = "3 min"

[[variable]]
name = "equivalents"
low = 1.0
high = 3.0

[[variable]]
name = "temperature"
low = "30 degC"
high = "60 degC"

[[objective]]
name = "yield"
goal = "maximise"
unit = "%"
"""

# the planner is forked anew for each moment, so that its imports are paid for once; it is killed from outside all the same
PLANNER = """
import json, os, signal, sys, time
from pathlib import Path
import chemwright.experiment.proposing
from chemwright.experiment.lab.runner import RunOptions
from chemwright.experiment.lab.session import run_campaign
from chemwright.experiment.lab.virtual.snar import bench
folder, speed, options = Path(sys.argv[1]), float(sys.argv[2]), json.loads(sys.argv[3])

def work():
    run_campaign(folder, [bench("v", speed, **options)], RunOptions(attempts=20, pause=0.2, poll=0.02), {"poll": 0.04, "grace": 60.0, "linger": 90.0}, lambda *_: None)

for line in sys.stdin:
    child = os.fork()
    if not child:
        try:
            work()
            os._exit(0)
        except BaseException as error:
            print("planner:", repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    end = time.monotonic() + float(line)
    while not (done := os.waitpid(child, os.WNOHANG))[0] and time.monotonic() < end:
        time.sleep(0.002)
    if not done[0]:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    print("killed" if not done[0] else "finished" if os.waitstatus_to_exitcode(done[1]) == 0 else "failed", flush=True)
"""


@contextmanager
def planner(folder, options):
    """A function that runs the planner and kills it after some seconds; what became of it."""
    process = subprocess.Popen([sys.executable, "-c", PLANNER, str(folder), str(SPEED), json.dumps(options)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def after(seconds):
        process.stdin.write(f"{seconds}\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    try:
        yield after
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(60)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("CHEMWRIGHT_KEYS", str(tmp_path / "keys"))
    make_certificates(tmp_path / "keys")
    (tmp_path / "campaign").mkdir()
    (tmp_path / "campaign" / "campaign.toml").write_text(CAMPAIGN.format(n=N), encoding="utf-8")
    yield tmp_path
    folder = LabFolder(tmp_path / "campaign" / "lab" / "v")
    if folder.endpoint.exists():
        os.kill(json.loads(folder.endpoint.read_text())["pid"], signal.SIGTERM)


def check(place, n, attempts):
    """Every experiment is done once, each datum is true, and the reactor saw the attempts that the journal tells and no others."""
    campaign = Campaign.load(place / "campaign")
    assert [t.state for t in campaign.trials] == ["done"] * n
    for t in campaign.trials:
        assert t.results["yield"] == pytest.approx(true_yield(t.point), abs=0.05)
    journal = Journal(place / "campaign" / "lab" / "journal.jsonl")
    progress = journal.progress
    journal.close()
    assert {p.step for p in progress.values()} == {"told"}
    seen = [json.loads(x)["run"] for x in (place / "diary").read_text().splitlines() if '"run"' in x and json.loads(x)["what"] == "run"]
    assert len(seen) == len(set(seen))
    assert {s.partition("#")[0] for s in seen} == {t.id for t in campaign.trials}
    assert len(seen) <= attempts
    assert audit(place / "campaign", 0)["ok"]


@pytest.mark.slow
def test_the_planner_is_killed_at_random(place):
    """Within the guard's grace: a run goes on while its planner is dead, and the next planner finds it."""
    rng, cut = random.Random(11), 0
    server, url = serve(place, "--watchdog", "5", speed=SPEED)
    try:
        with planner(place / "campaign", {"driver": "opcua", "url": url, "keys": str(place / "keys")}) as after:
            for moment in range(60):
                state = after(rng.uniform(0.02, 2.0) if moment < 14 else 60.0)
                assert state != "failed"
                cut += state == "killed"
                if state == "finished":
                    break
        assert cut >= 10
        check(place, N, N)  # not one attempt more than there are experiments
    finally:
        end(server)


@pytest.mark.slow
def test_the_lab_dies_in_the_middle(place):
    (place / "campaign" / "campaign.toml").write_text(CAMPAIGN.format(n=FEW), encoding="utf-8")
    server, url = serve(place, "--watchdog", "5", speed=SPEED)
    path = place / "campaign"
    bench_ = bench("v", SPEED, driver="opcua", url=url, keys=str(place / "keys"), timeout="1")
    servers, deaths = [server], []

    def die(text):
        deaths.append(text)
        end(servers[-1])
        servers.append(again(place, url))

    def say(text, _):
        if text.startswith(("t2 ", "t4 ")) and "yield" in text and len(deaths) < 2:
            threading.Timer(0.4, die, [text]).start()  # while the next run is on its way

    try:
        run_campaign(path, [bench_], RunOptions(attempts=20, pause=0.2, poll=0.02), {"poll": 0.04}, say)
    finally:
        end(servers[-1])
    assert len(deaths) == 2
    check(place, FEW, FEW + 6)


def again(place, url):
    """The server anew, at the same address, a moment later."""
    time.sleep(0.5)
    command = [sys.executable, "-m", "chemwright", "lab", "virtual", "--url", url, "--keys", str(place / "keys"), "--speed", str(SPEED), "--diary", str(place / "diary")]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def test_an_end_by_the_user_goes_on_where_it_was(place):
    """In one process, with the driver of the virtual lab; the first call does two experiments, the second one goes on."""
    options = {"driver": "virtual", "diary": str(place / "diary")}
    for runs in (2, 1):
        result = run_campaign(place / "campaign", [bench("v", SPEED, **options)], RunOptions(runs, poll=0.02), {"poll": 0.04}, lambda *_: None, keep_guard=runs == 2)
        assert result["run"]["measured"] == runs
    assert result["campaign"]["counts"]["done"] == 3
    wait_until_gone(place)
    with pytest.raises(InputError, match="no guard"):
        tell_guards(place / "campaign", "abort", "me", "x")
    assert Path(result["lab"]).is_dir()


def wait_until_gone(place):
    end_ = time.monotonic() + 20
    while LabFolder(place / "campaign" / "lab" / "v").endpoint.exists() and time.monotonic() < end_:
        time.sleep(0.05)
