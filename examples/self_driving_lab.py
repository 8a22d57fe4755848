"""A laboratory that drives itself: a virtual flow reactor on OPC UA in a process of its own, a guard, a campaign, and two planted faults.

The campaign looks for the highest yield of the mono-substituted product of 2,4-difluoronitrobenzene with pyrrolidine over residence time, equivalents of
amine and temperature. It speaks with the reactor over an encrypted wire only. In the third run a pump blocks; later the line goes dead. Neither
run may end as a datum, and no experiment may get lost. At the end the experiments and the best one stand in a knowledge base.

Ten experiments take about half a minute; ``python examples/self_driving_lab.py 30`` does thirty.
"""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from chemwright.experiment.campaign import Campaign
from chemwright.experiment.lab.certificates import make_certificates
from chemwright.experiment.lab.guard.endpoint import user_folder
from chemwright.experiment.lab.history import attempts_of
from chemwright.experiment.lab.runner import RunOptions
from chemwright.experiment.lab.session import audit, run_campaign
from chemwright.experiment.lab.virtual.snar import bench, best_yield, true_yield
from chemwright.experiment.to_knowledge import write_knowledge
from chemwright.report.lab_chart import write_lab_trace

CAMPAIGN = """
[campaign]
name = "self-driving"
seed = 3
max_experiments = {n}

[[variable]]
name = "residence_time"
low = "0.5 min"
high = "10 min"
log = true

[[variable]]
name = "equivalents"
low = 1.0
high = 4.0

[[variable]]
name = "temperature"
low = "30 degC"
high = "120 degC"

[[objective]]
name = "yield"
goal = "maximise"
unit = "%"
"""
FAULTS = [
    {"kind": "blocked_pump", "target": "flow_b", "after": 3, "begin": 60.0, "length": 1500.0, "size": 0.05},
    {"kind": "connection", "after": 8, "begin": 60.0, "length": 1000.0},
]
SPEED = 500.0


def serve(folder: Path, url: str) -> subprocess.Popen:
    """The virtual lab in a process of its own; back when it can be reached."""
    diary = folder / "what-really-happened.jsonl"
    command = [sys.executable, "-m", "chemwright", "lab", "virtual", "--url", url, "--keys", str(folder / "keys"), "--speed", str(SPEED), "--seed", "7"]
    server = subprocess.Popen([*command, "--faults", json.dumps(FAULTS), "--watchdog", "0.8", "--diary", str(diary)], stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        if "the virtual lab is at" in line:
            return server
    raise SystemExit("the virtual lab did not come up")


def main(n: int) -> None:
    folder = Path(f"self-driving-lab-{time.strftime('%Y%m%d-%H%M%S')}")
    (folder / "campaign").mkdir(parents=True)
    os.environ.setdefault("CHEMWRIGHT_KEYS", str((folder / "keys").resolve()))  # of the audit log's seals; a user of flesh has them in the user's own folder
    make_certificates(folder / "keys")
    (folder / "campaign" / "campaign.toml").write_text(CAMPAIGN.format(n=n), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"opc.tcp://127.0.0.1:{free.getsockname()[1]}/lab"
    server = serve(folder, url)
    began = time.monotonic()

    def say(text: str, _: float | None) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)

    reactor = bench("virtual", SPEED, driver="opcua", url=url, keys=str((folder / "keys").resolve()))
    try:
        options = RunOptions(attempts=12, pause=0.5, patience=120.0)
        result = run_campaign(folder / "campaign", [reactor], options, {"poll": 0.05}, say)
    finally:
        server.terminate()
        server.wait(30)
    report(folder, result, say)
    if user_folder() == (folder / "keys").resolve():
        print(f"keys of this demonstration, to be deleted with it: {folder / 'keys'}")


def report(folder: Path, result: dict, say) -> None:
    """What came of it, held against what really happened."""
    campaign = Campaign.load(folder / "campaign")
    diary = [json.loads(line) for line in (folder / "what-really-happened.jsonl").read_text(encoding="utf-8").splitlines()]
    logs = audit(folder / "campaign", last=0)
    done = [t for t in campaign.trials if t.state == "done"]
    best = campaign.trial(campaign.best().ids[0])
    truth, optimum = true_yield(best.point), best_yield()
    print(f"\n{len(done)} experiments measured in {result['run']['attempts']} attempts; the reactor itself counted {sum(d['what'] == 'run' for d in diary)} starts")
    for d in diary:
        if d["what"] == "safe" and "watchdog" in d["why"]:
            print(f"the reactor made itself safe at {d['at']:.0f} s of its time: {d['why']}")
    print(f"best: measured {100 * best.results['yield']:.2f} %, true {100 * truth:.2f} %; the best there is {100 * optimum:.2f} %")
    print(f"audit log: {logs['logs'][0]['lines']} lines, {'whole' if logs['ok'] else 'DAMAGED'}")
    write_lab_trace(folder / "trace.svg", attempts_of(folder / "campaign"), 100 * optimum)
    filed, words = write_knowledge(campaign.record, str(folder / "lab.kb"), about="O=[N+]([O-])c1ccc(F)cc1N1CCCC1")
    print(f"knowledge base: {filed} experiments and a claim about the product; the trace is drawn in {folder / 'trace.svg'}" + "".join(f"; {w}" for w in words))
    worst = max(abs(t.results["yield"] - true_yield(t.point)) for t in done)
    print(f"largest difference between a datum and the truth: {100 * worst:.2f} % of yield")
    assert logs["ok"]
    assert worst < 0.06, "a faulty run became a datum"
    assert len(done) < 10 or optimum - truth < 0.05, "the optimum was not found"


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 10)
