"""The gallery's campaigns: a front found with a mechanism, rivals told apart. Drawn from the stored results of two benchmarks.

Usage: python scripts/gallery_campaigns.py [FOLDER]     (docs/gallery when left out)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import campaign_snar_judge as snar  # noqa: E402
import kinetics_discrimination_judge as rivals  # noqa: E402

from chemwright.record.atomic import write_atomic  # noqa: E402
from chemwright.report.chart import Series, xy  # noqa: E402
from chemwright.report.kinetics_plot import board  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results"
METHODS = (
    ("rivals", "four rival mechanisms", 1, "circle"),
    ("qlognehvi", "qLogNEHVI", 2, "square"),
    ("tsemo", "TSEMO", 3, "diamond"),
    ("baybe", "BayBE", 4, "cross"),
    ("random", "random", 5, "ring"),
)


def campaign_picture() -> str:
    """Share of the front's hypervolume by run, and one campaign on the front."""
    stored = json.loads((RESULTS / "campaign_snar.json").read_text())
    shares, front = [], json.loads(snar.FRONT.read_text())["front"]
    legend = []
    for key, name, tone, mark in METHODS:
        if f"{key}_0" not in stored:
            continue
        traces = [snar.trace(np.array(c["x"])) for c in stored[f"{key}_0"].values()]
        full = np.array([np.concatenate([t, np.full(snar.BUDGET - len(t), t[-1])]) for t in traces]).mean(0)
        runs = np.arange(1, snar.BUDGET + 1)
        shares.append(Series(name, runs.tolist(), (100 * full).tolist(), "line", tone))
        shares.append(Series(name, runs[3::6].tolist(), (100 * full[3::6]).tolist(), "points", tone, mark))
        legend.append(Series(name, [], [], "points", tone, mark))
    shares.append(Series("95 %", [1, snar.BUDGET], [95, 95], "line", 5, dash=1))
    points = [Series("true front", [row[4] / 1000 for row in front], [row[5] for row in front], "line", 5)]
    for key, name, tone, mark in METHODS[:2]:
        x = np.array(stored[f"{key}_0"]["0"]["x"])
        y = np.array([snar.objectives(row, snar.outlet(row)) for row in x])
        near = (y[:, 0] > snar.REFERENCE[0]) & (y[:, 1] < snar.REFERENCE[1])
        points.append(Series(name, (y[near, 0] / 1000).tolist(), y[near, 1].tolist(), "points", tone, mark))
    panels = [
        (xy(shares, "runs", "hypervolume, % of the true front's", title="share by run"), "Mean over the seeds, without noise"),
        (xy(points, "space-time yield [t/(m^3 h)]", "E-factor", title="front and runs"), "Seed 0: the runs that count, and the true front"),
    ]
    return board(panels, "Two figures of a flow reactor: runs until the front is found", legend)


def discrimination_picture() -> str:
    """Share of the cases decided rightly by run, and the mean probability of the true rival."""
    stored = json.loads((RESULTS / "kinetics_discrimination.json").read_text())
    shared = sorted(set.intersection(*(set(rows) for rows in stored.values())))
    tones = {"ours": (1, "circle", "designed to tell apart"), "D-optimal": (2, "square", "D-optimal"), "random": (5, "ring", "random")}
    decided, probability, legend = [], [], []
    runs = np.arange(1, rivals.BUDGET + 1)
    for method in (m for m in tones if m in stored):
        tone, mark, name = tones[method]
        cases = [stored[method][k] for k in shared]
        right = np.array([[c["decided"] == c["true"] and c["runs"] <= n for n in runs] for c in cases]).mean(0)
        p = np.array([[row[c["true"]] for row in c["p"]] + [c["p"][-1][c["true"]]] * (rivals.BUDGET - len(c["p"])) for c in cases]).mean(0)
        decided += [Series(name, runs.tolist(), (100 * right).tolist(), "line", tone), Series(name, runs[1::3].tolist(), (100 * right[1::3]).tolist(), "points", tone, mark)]
        probability += [Series(name, runs[:12].tolist(), p[:12].tolist(), "line", tone), Series(name, runs[1:12:3].tolist(), p[1:12:3].tolist(), "points", tone, mark)]
        legend.append(Series(name, [], [], "points", tone, mark))
    panels = [
        (xy(probability, "runs", "probability of the true rival", title="probability by run", floor=0.0), f"Mean over {len(shared)} cases, each of four rivals true in turn"),
        (xy(decided, "runs", "decided rightly [%]", title="decided by run", floor=0.0), "Cases decided with a probability above 0.95"),
    ]
    return board(panels, "Which of four rivals is true? Runs until it is known", legend)


def main() -> None:
    """Draw both."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "gallery"
    for name, make in (("campaign-snar", campaign_picture), ("rivals-discrimination", discrimination_picture)):
        write_atomic(folder / f"{name}.svg", make().encode())
        print(name)


if __name__ == "__main__":
    main()
