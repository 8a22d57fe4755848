"""Which substances of a procedure are its solvents: a second look, with the first classifier's probabilities of all its substances side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from chemwright.knowledge.mining.chemnames import Found
from chemwright.knowledge.mining.context import WORKUP, Context, Named, amounts_of, setting
from chemwright.knowledge.mining.trees import Trees

#: kinds of words that are coded as numbers: structure, that of the likeliest other solvent, the word it hangs by, the word that goes on
WORDS = ("structure", "rival", "head", "then")
_ROLES = ("catalyst", "none", "product", "reactant", "solvent")


def solvent_words(c: Context, found: Sequence[Named], roles: Sequence[Mapping[str, float]]) -> list[tuple[str, ...]]:
    """For each substance its words, in the order of :data:`WORDS`."""
    p = [r["solvent"] for r in roles]
    out: list[tuple[str, ...]] = []
    for i, n in enumerate(found):
        rivals = [k for k in range(len(found)) if k != i]
        rival = found[max(rivals, key=lambda k: p[k])].smiles if rivals else "none"
        out.append((n.smiles, rival, *setting(c, _early(c, n)[0])))
    return out


def _early(c: Context, n: Named) -> list[Found]:
    """Mentions before the work-up, or all when there are none."""
    early = [f for f in n.mentions if c.sentence(f.start) < c.workup_from]
    return early or list(n.mentions)


def solvent_rows(c: Context, found: Sequence[Named], roles: Sequence[Mapping[str, float]]) -> np.ndarray:
    """Numbers that stand beside the coded words; shape (substances, numbers)."""
    if not found:
        return np.zeros((0, 0))
    p = np.array([[r[k] for k in _ROLES] for r in roles])
    solvent, reactant, none = p[:, 4], p[:, 3], p[:, 1]
    facts = [_facts(c, n) for n in found]
    around = _around(c, found, roles)
    volume, moles = np.array([f[2] for f in facts]), np.array([f[3] for f in facts])
    out = []
    for i, n in enumerate(found):
        others = np.delete(solvent, i)
        top = [*sorted(others, reverse=True)[:4], 0.0, 0.0, 0.0, 0.0][:4]
        before, after = solvent[:i], solvent[i + 1 :]
        out.append(
            [
                *p[i], *top, solvent.sum(), before.max() if i else 0.0, after.max() if len(after) else 0.0, len(found), i, len(n.smiles), reactant.sum(), (solvent > solvent[i]).sum(), len(c.text),
                solvent[i] - top[0], len(c.names), p[:, 2].max(), *facts[i], np.delete(volume, i).max() if len(found) > 1 else 0.0, none[:i].sum(), moles.sum(), len(c.parts), *around[i],
            ]
        )  # fmt: skip
    return np.array(out, dtype=float)


_VOLUME = re.compile(r"\b(?:ml|mL|cc)\b")


def _around(c: Context, found: Sequence[Named], roles: Sequence[Mapping[str, float]]) -> list[list[float]]:
    """For each substance: how the text writes volumes (``ml.`` with a point goes with other habits of the record), the words its mentions hang by, its place from the first likely reactant, its neighbours and their probabilities, and its name."""
    volumes = len(_VOLUME.findall(c.text))
    points = c.text.count("ml.")
    places = sorted((f.start, i) for i, n in enumerate(found) for f in n.mentions)
    out = []
    for i, n in enumerate(found):
        f = _early(c, n)[0]
        part = c.parts[c.sentence(f.start)]
        given = [a for g in n.mentions for a in amounts_of(c, g)]
        heads = [setting(c, g)[0] for g in n.mentions[:4]]
        reactant = min((m.mentions[0].start for k, m in enumerate(found) if k != i and roles[k]["reactant"] > 0.5), default=-1)
        near = [roles[k]["solvent"] for at, k in places if k != i and abs(at - f.start) < 60]
        before = next((k for at, k in reversed(places) if at < f.start), -1)
        after = next((k for at, k in places if at > f.start), -1)
        out.append(
            [
                points / volumes if volumes else -1.0, volumes, points, heads.count("in"), sum(h in ("with", "by") for h in heads), sum(h in ("to", "into", "onto") for h in heads), heads.count("and"),
                0 <= reactant < f.start, (f.start - reactant) / len(c.text) if reactant >= 0 else -2.0, len(given), sum(a[0] == "volume" for a in given), max(near, default=-1.0), len(near),
                *(roles[k][r] if k >= 0 else -1.0 for k in (before, after) for r in ("solvent", "reactant", "none")), f.start - part.start, part.end - f.end,
                "aqueous" in c.text[max(0, f.start - 12) : f.start].lower(), len(f.name), f.name.isupper(), sum(bool(WORKUP.search(c.text[max(0, g.start - 60) : g.start])) for g in n.mentions), f.start,
            ]
        )  # fmt: skip
    return out


def _facts(c: Context, n: Named) -> tuple[float, ...]:
    """Mentions before and in the work-up, largest volume (mL), whether moles and mass are given, sentence, sentences past the work-up's first, place, whether it stands after ``in``."""
    early = [f for f in n.mentions if c.sentence(f.start) < c.workup_from]
    first = _early(c, n)[0]
    given = [a for f in n.mentions for a in amounts_of(c, f)]
    volume = 1e6 * max((v for k, v, *_ in given if k == "volume"), default=0.0)
    kinds = {k for k, *_ in given}
    sentence = c.sentence(first.start)
    inside = any(setting(c, f)[0] == "in" for f in n.mentions)
    return (
        len(early),
        len(n.mentions) - len(early),
        volume,
        "moles" in kinds,
        "mass" in kinds,
        sentence,
        sentence - c.workup_from,
        first.start / len(c.text),
        inside,
        c.text[first.end : first.end + 1] == "(",
    )


def solvents(model: Trees, c: Context, found: Sequence[Named], roles: Sequence[Mapping[str, float]]) -> list[float]:
    """Probability of each substance of being a solvent of the reaction."""
    if not found:
        return []
    words = [[model.code(kind, w) for kind, w in zip(WORDS, row, strict=True)] for row in solvent_words(c, found, roles)]
    return [float(x) for x in model.probabilities(np.hstack([np.array(words), solvent_rows(c, found, roles)]))]
