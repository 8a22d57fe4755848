"""Consensus of the shipped core: is a source that was left out where the others say it is, and is a planted slip found? Beside median and mean.

    python benchmarks/knowledge_consensus.py

Groups: every property of the core, claims of one substance under equal conditions from three or more sources; only substances of the test half (the
scatter between sources was fitted to the other half, see training/scatter.py). Left out: each source in turn, unless
another source has the same figure to six digits (it would be its own witness). Planted: in a seeded choice of groups one source's figure is
replaced by a slip (factor 10, 1000, degC read as K, 10 % off); found means it is listed as conflicting, held means that the consensus moved by
less than one standard deviation. The rule's constants were written down before this was run.
"""

from __future__ import annotations

import hashlib
import math
import random
import sys
from collections import defaultdict
from statistics import mean, median, stdev

from attrs import evolve

from chemwright.knowledge.base import open_base
from chemwright.knowledge.base.claims import Filed
from chemwright.knowledge.conflicts import groups
from chemwright.knowledge.consensus import agreement, expected_std
from chemwright.knowledge.core import core_file
from chemwright.knowledge.properties import Property


def tested(key: str) -> bool:
    """Whether a substance is in the test half: the first bit of the SHA-256 of its key is 1."""
    return hashlib.sha256(key.encode()).digest()[0] >= 128


SLIPS = ("factor 10", "factor 1000", "degC as K", "10 % off")
PLANTED = 4000


def scale(item: Property, v: float) -> float:
    return math.log(v) if item.scale == "log" else v


def slip(kind: str, value: float, rng: random.Random) -> float:
    if kind == "degC as K":
        return value - 273.15 if value > 280 else value + 273.15
    factor = {"factor 10": 10.0, "factor 1000": 1000.0, "10 % off": 1.1}[kind]
    return value * factor if rng.random() < 0.5 else value / factor


def main() -> None:
    base = open_base(core_file(lambda text, f: print(f"\r{text:30s}", end="", file=sys.stderr)), read_only=True)
    rng = random.Random(20261124)
    inside: dict[str, list[tuple[float, float]]] = defaultdict(list)
    peers: dict[str, list[int]] = {"consensus": [], "median, sd of all": [], "mean, sd of all": []}
    candidates: list[tuple[Property, list[Filed]]] = []
    for item in base.vocabulary:
        for group in groups(base, item):
            if not tested(group[0].record.subject) or len({c.record.source for c in group}) < 3 or any(c.record.value <= 0 for c in group):
                continue
            candidates.append((item, group))
            for source in {c.record.source for c in group}:
                out = [c for c in group if c.record.source == source]
                rest = [c for c in group if c.record.source != source]
                x = out[0].record.value
                if any(abs(c.record.value - x) <= 1e-6 * abs(x) for c in rest):
                    continue
                a = agreement(rest, item)
                u = expected_std(out[0], item)
                s = a.std / (a.value if item.scale == "log" else 1.0)
                z = (scale(item, x) - scale(item, a.value)) / math.hypot(u, s)
                inside[item.name].append((abs(z), math.hypot(u, s) / (1.0 if item.scale == "log" else abs(x))))
                values = [scale(item, c.record.value) for c in rest]
                for name, centre in (("median, sd of all", median(values)), ("mean, sd of all", mean(values))):
                    peers[name].append(abs(scale(item, x) - centre) <= 2 * math.hypot(stdev(values), u))
                peers["consensus"].append(abs(z) <= 2)
    print(f"{'property':42s} {'left out':>8s} {'|z|<1':>7s} {'|z|<2':>7s} {'2 sigma band':>22s} {'mean rel. width':>16s}")
    for name in sorted(inside, key=lambda n: -len(inside[n]))[:25]:
        zs = inside[name]
        n = len(zs)
        within = 2 * math.sqrt(0.954 * 0.046 / n)
        print(
            f"{name:42s} {n:8d} {sum(z < 1 for z, _ in zs) / n:7.3f} {sum(z < 2 for z, _ in zs) / n:7.3f} {0.954 - within:11.3f} - {min(1.0, 0.954 + within):6.3f} {2 * mean(w for _, w in zs):16.3f}"
        )
    total = sum(map(len, inside.values()))
    print(f"{'all':42s} {total:8d} {sum(z < 1 for zs in inside.values() for z, _ in zs) / total:7.3f} {sum(z < 2 for zs in inside.values() for z, _ in zs) / total:7.3f}")
    for name, hits in peers.items():
        print(f"inside two sigma, {name:24s} {mean(hits):.3f}")
    plant(rng, candidates)


def plant(rng: random.Random, candidates: list[tuple[Property, list[Filed]]]) -> None:
    found: dict[str, list[int]] = defaultdict(list)
    moved: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for k in range(PLANTED):
        item, group = rng.choice(candidates)
        kind = SLIPS[k % len(SLIPS)]
        i = rng.randrange(len(group))
        value = slip(kind, group[i].record.value, rng)
        if value <= 0 or (kind == "degC as K" and item.unit != "K"):
            continue
        before = agreement(group, item)
        bad = evolve(group[i], record=evolve(group[i].record, value=value))
        after = agreement([*group[:i], bad, *group[i + 1 :]], item)
        found[kind].append(bad in after.conflicting)
        old, new = [c.record.value for c in group], [c.record.value for c in (*group[:i], bad, *group[i + 1 :])]
        for name, shift in (("consensus", after.value - before.value), ("median", median(new) - median(old)), ("mean", mean(new) - mean(old))):
            moved[kind][name].append(abs(shift) <= before.std)
    print("\nplanted slip    tried   found | value held within one std: consensus, median, mean")
    for kind in SLIPS:
        held = "  ".join(f"{mean(moved[kind][n]):.3f}" for n in ("consensus", "median", "mean"))
        print(f"{kind:14s} {len(found[kind]):6d} {mean(found[kind]):7.3f} | {held}")


if __name__ == "__main__":
    main()
