import csv
import json

import numpy as np
import pytest

from chemwright.cli import main
from chemwright.errors import InputError
from chemwright.kinetics.hybrid.file import load
from chemwright.kinetics.models_file import read_models
from chemwright.kinetics.network import Network, parse_reaction
from chemwright.kinetics.rates import MassAction
from chemwright.kinetics.runs import Run
from chemwright.kinetics.simulate import simulate

SPECIES = ("A", "B", "C", "D")
NETWORK = """species = ["A", "B", "C", "D"]

[[reaction]]
id = "r1"
text = "A + B -> C"

[substances]
A = "O=C1CCCCC1"
B = "CC=O"
C = "CC(O)C1CCCCC1=O"
D = "CC(O)OC(C)C1CCCCC1=O"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("hybrid")
    truth = MassAction(Network(SPECIES, (parse_reaction("A + B -> C", "r1"), parse_reaction("C + B -> D", "r2"))), (330.0, 330.0))
    rng, times = np.random.default_rng(0), np.linspace(0, 3600, 6)[1:]
    with (where / "runs.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["run", "time [s]", "temperature [K]", "feed_A [mol/L]", "feed_B [mol/L]", "A [mol/L]", "C [mol/L]"])
        for i in range(5):
            run = Run(str(i), "batch", [rng.uniform(300, 700), rng.uniform(400, 1200), 0, 0], float(rng.uniform(320, 340)), times, np.full((5, 1), np.nan))
            c = simulate(truth, run, np.array([np.log(1e-6), np.log(6e-7), 55e3, 80e3])) + 1.0 * rng.standard_normal((5, 4))
            for t, row in zip(times, c, strict=True):
                table.writerow([i, t, run.temperature, run.feed[0] / 1e3, run.feed[1] / 1e3, row[0] / 1e3, row[2] / 1e3])
    (where / "network.toml").write_text(NETWORK)
    return where


def call(capfd, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["kinetics", "hybrid", *map(str, arguments)])
    out, err = capfd.readouterr()
    return ended.value.code, out, err


def test_from_files_to_a_model_and_a_picture(capfd, folder):
    status, out, err = call(
        capfd, folder / "runs.csv", folder / "network.toml", "--starts", "1", "--kind", "rate", "--json", "--out", folder / "m.json", "--plot", folder / "m.svg"
    )
    assert status == 0, err
    answer = json.loads(out)
    assert answer["best"] == "rate"
    assert answer["said"] == "+ B + C -> D"
    assert {r["kind"] for r in answer["kinds"]} == {"mechanism", "rate"}
    assert answer["learned"][0]["laws"]
    assert (folder / "m.svg").read_text().startswith("<svg")
    model = load(folder / "m.json", read_models(folder / "network.toml").named()[1])
    run = Run("new", "batch", [400.0, 900.0, 0, 0], 330.0, np.array([900.0, 3600.0]), np.full((2, 2), np.nan))
    assert model.predict(run)[0].in_domain.all()
    with pytest.raises(InputError, match="doesn't hold its mechanism"):
        load(folder / "m.json")


def test_the_table(capfd, folder):
    status, out, err = call(capfd, folder / "runs.csv", folder / "network.toml", "--starts", "1", "--kind", "missing_rate", "--direction", "C + B -> D")
    assert status == 0, err
    assert "Learned: + B + C -> D" in out
    assert "missing_rate *" in out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--formula", "X=C"], "can't read 'X=C'"),
        (["--kind", "rat"], "did you mean 'rate'"),
        (["--direction", "A -> C", "--kind", "missing_rate"], "makes or loses"),
        (["--plot", "m.png"], "end the name with .svg or .html"),
    ],
    ids=["formula", "kind", "direction", "plot"],
)
def test_errors_help(capfd, folder, more, said):
    status, _, err = call(capfd, folder / "runs.csv", folder / "network.toml", "--starts", "1", *more)
    assert status == 2
    assert said in err
