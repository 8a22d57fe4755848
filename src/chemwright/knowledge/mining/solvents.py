"""Which substances of a procedure are its solvents: a second look, with the first classifier's probabilities of all its substances side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from chemwright.knowledge.mining.chemnames import Found
from chemwright.knowledge.mining.context import Context, Named, amounts_of, setting
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
    volume, moles = np.array([f[2] for f in facts]), np.array([f[3] for f in facts])
    out = []
    for i, n in enumerate(found):
        others = np.delete(solvent, i)
        top = [*sorted(others, reverse=True)[:4], 0.0, 0.0, 0.0, 0.0][:4]
        before, after = solvent[:i], solvent[i + 1 :]
        out.append(
            [
                *p[i], *top, solvent.sum(), before.max() if i else 0.0, after.max() if len(after) else 0.0, len(found), i, len(n.smiles), reactant.sum(), (solvent > solvent[i]).sum(), len(c.text),
                solvent[i] - top[0], len(c.names), p[:, 2].max(), *facts[i], np.delete(volume, i).max() if len(found) > 1 else 0.0, none[:i].sum(), moles.sum(), len(c.parts),
            ]
        )  # fmt: skip
    return np.array(out, dtype=float)


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
