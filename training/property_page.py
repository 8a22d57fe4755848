"""The page of model cards, docs/reference/models.md, from the card of the shipped networks and the stored benchmark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chemwright.property.learned.domain import NOVELTY

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "models.md"
HEAD = """# Learned models

What chemwright estimates from structure alone where nothing is measured and no equation applies. Written by `training/property_page.py` from the card in
`src/chemwright/data/property/networks.json` and from `benchmarks/results/property_models.json`.

## Scalar properties of molecules

{members} networks of one kind share all {count} properties: a message-passing network over the molecule's bonds, read out together with {descriptors} cheap descriptors, gives for each property a
correction to a robust linear model on the descriptors, and a width. They run with numpy in single precision; the answer is their mean. `chemwright.property.learned` is the interface:

```python
from chemwright.property.learned import load
from chemwright.structure.features import featurise

model = load("normal_boiling_point")
found = model.predict(featurise(["CCCCCCO", "CC(=O)Oc1ccccc1C(=O)O"]))
found.mean, found.low, found.high, found.in_domain     # K, K, K (90 % interval), whether the model knows such molecules
model.neighbours("CCCCCCO", 3)                         # the nearest measured molecules with their values
model.drivers("CCCCCCO")                               # what each part does when it is put in place of hydrogen
```

`chemwright.property.learned.screening.screen(smiles, names)` does a chunk of molecules at once, for a pool of processes.

- **Data**: {data}. {molecules} molecules. Per molecule and property each source counts once; the largest group of sources that agree (within 1 % for temperatures) gives the value. A figure of a
  single source is learned from with half the weight, one that sources disagree on with a quarter. The tables hold gross errors (boiling points at reduced pressure, for one), also where two
  sources agree: the median error below is therefore far under the mean.
- **Kind of molecule**: one neutral molecule with carbon, of H, B, C, N, O, F, Si, P, S, Cl, Se, Br, I, no radical, no isotope, up to 60 heavy atoms. Anything else is answered with `in_domain` false.
  In domain also means: every atom with its neighbours occurs in a molecule that the property was learned from, and the molecule is not larger than nearly all of these.
- **Split**: {split}. The shipped mean of the networks has no held-out figure of its own; it should be somewhat better than what is told here.
- **Doubtful figures**: networks that saw neither a figure nor the held-out fold are asked first what they would have said. A figure further from it than four (of a single source) or six (of two and more)
  scatters of agreeing figures loses weight with the square of the distance, in training only. Of the single boiling points a third do. The scoring is as before, slips of the tables and all.
- **Intervals**: width of the network times the 90 % quantile of |error|/width on held-out molecules of the random folds. The quantile is taken apart for molecules with rings other than one of benzene (on these the networks err more than they tell), and by how new a molecule is: the share of its
  atoms that stand, with their neighbours and the neighbours of these, in surroundings that no molecule the property was learned from has (none; up to {bounds[0]:.0f} %; up to {bounds[1]:.0f} %; more), and out of domain, where the networks' disagreement joins the width. Never infinite.
- **Made** {made} by `{script}`; SHA-256 of the weights {sha}.
- **Not covered**: stereoisomers differ only where the bond or centre is told in the SMILES, and mirror images never; polymers, salts and ions.

"""


def table(card: dict[str, Any]) -> list[str]:
    out = ["| property | unit | figures | held-out molecules | mean error | median error | root mean square | in domain |", "|---|---|---|---|---|---|---|---|"]
    for p in card["properties"]:
        if p["shipped"]:
            unit = ("relative to " if p["scale"] == "log" else "") + p["unit"]
            at = f" at {p['temperature']:g} K" if p["temperature"] else ""
            out.append(f"| `{p['name']}`{at} | {unit} | {p['figures']} | {p['judged']} | {p['mae']:.3g} | {p['median']:.3g} | {p['rmse']:.3g} | {100 * p['in_domain']:.0f} % |")
    return [
        *out,
        "",
        "Errors of properties told as relative are differences of natural logarithms: 0.05 is about 5 %. Where fewer than 300 molecules have two sources that agree, single ones are judged too.",
    ]


def benchmark(found: dict[str, Any]) -> list[str]:
    out = [
        "## Beside others",
        "",
        "| set | split | molecules | mean error | root mean square | 90 % interval covers | mean width, in / out of domain |",
        "|---|---|---|---|---|---|---|",
    ]
    names = ("normal_boiling_point", "melting_point", "critical_temperature", "huuskonen", "aqsoldb", "freesolv")
    for split in ("random", "scaffold_hash", "scaffold"):
        for name in names:
            if row := found[split].get(name):
                unit = "K" if name.endswith(("point", "temperature")) else "kcal/mol" if name == "freesolv" else "log10 mol/L"
                out.append(
                    f"| {name} | {split} | {row['n']} | {row['mae']:.3g} {unit} | {row['rmse']:.3g} | {100 * row['coverage']:.1f} % | {row['width_in']:.3g} / {row['width_out']:.3g} |"
                )
    out += [f"| {n} | Joback's groups | {r['n']} | {r['mae']:.3g} K (ours on the same: {r['ours']:.3g}) | {r['rmse']:.3g} | | |" for n, r in found["joback"].items()]
    out += [
        f"| {n} | boosted trees, random | {r['n']} | {r['mae']:.3g} {'kcal/mol' if n == 'freesolv' else 'K'} | {r['rmse']:.3g} | | |" for n, r in found.get("trees", {}).items()
    ]
    told = [
        "",
        "Random: one network a fold, on the fold it never saw. Scaffold: rarest Bemis-Murcko scaffolds of a set tested, and every molecule with one of them left out of training in every property, so that next to no fused rings are "
        "left to learn from. Scaffold_hash: a fifth of all scaffolds, by hash, left out in every property; those of more than 5 % of the molecules (none, benzene) stay. The networks of the random folds had four rounds of training, those of the "
        "scaffold hash three, those of the other scaffold split one: its figures are the poorer for it. Intervals are set by the held-out errors of the (other) random folds, never by those of scaffold splits. That rings must be parted was seen on scaffolds other than "
        "the tested ones (the other four fifths): on these the errors of the random folds' own networks for their widths were 14 % (boiling), 5 % (melting) and 19 % (critical temperature) larger than on all molecules. The tested fifth "
        "had been looked at once before, with a rule without rings that covered 79 to 88 % of it. "
        "Run `benchmarks/property_models.py` to get the table anew (its docstring tells how).",
    ]
    speeds = [
        "",
        "Speed, from SMILES to intervals (two processors, otherwise idle):",
        "",
        *(f"- {label}: {value:.0f} molecules/s" for label, value in found.get("speed", {}).items()),
    ]
    return [*out, *told, *speeds]


def main() -> None:
    card = json.loads((ROOT / "src/chemwright/data/property/networks.json").read_text(encoding="utf-8"))
    shipped = [p for p in card["properties"] if p["shipped"]]
    head = HEAD.format(
        members=card["members"], count=len(shipped), descriptors=len(card["descriptors"]), data=card["data"], molecules=f"{card['molecules']:,}", split=card["split"], made=card["made"],
        script=card["script"], bounds=[100 * b for b in NOVELTY[1:]], sha=card["sha256"]["networks.npz"][:16],
    )  # fmt: skip
    found = json.loads((ROOT / "benchmarks/results/property_models.json").read_text(encoding="utf-8"))
    PAGE.write_text(head + "\n".join([*table(card), "", *benchmark(found)]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
