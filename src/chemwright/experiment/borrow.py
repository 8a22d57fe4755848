"""Experiments of another campaign, placed into this one's space so that they can be learned from."""

from __future__ import annotations

from attrs import evolve

from chemwright.errors import InputError
from chemwright.experiment.units import dimension
from chemwright.record import CampaignRecord, Trial, Variable


def borrowed(mine: CampaignRecord, other: CampaignRecord) -> tuple[tuple[Trial, ...], tuple[str, ...]]:
    """The ended trials of ``other`` that fit into ``mine``, and what is said about the rest.

    A variable that ``other`` did not have must have a single value or level here, or the experiments can't be placed; what ``other`` varied and this one
    does not know is left out (its effect is taken for noise). Numbers outside the bounds are kept: a model may learn from them.

    Raises:
        InputError: no objective in common, a variable that can't be filled, or no trial that fits.
    """
    shared = [o.name for o in mine.objectives if any(p.name == o.name and dimension(p.unit) == dimension(o.unit) for p in other.objectives)]
    if not shared:
        raise InputError(
            f"the campaign {other.name!r} measured none of {', '.join(o.name for o in mine.objectives)}", where="warm start", fix="give its objective the same name and dimension"
        )
    theirs = {v.name: v for v in other.variables}
    fixed = {v.name: _only(v, other.name) for v in mine.variables if v.name not in theirs}
    for v in mine.variables:
        w = theirs.get(v.name)
        if w is not None and ((v.kind == "categorical") != (w.kind == "categorical") or dimension(v.unit) != dimension(w.unit)):
            raise InputError(f"{v.name!r} is {w.kind} in {w.unit!r} there and {v.kind} in {v.unit!r} here", where="warm start", fix="rename one of them")
    out, unknown = [], set[str]()
    for t in other.trials:
        if t.state not in ("done", "failed"):
            continue
        point = {**{v.name: t.point[v.name] for v in mine.variables if v.name in theirs}, **fixed}
        strange = [f"{n} {point[n]}" for n in (v.name for v in mine.variables if v.kind == "categorical") if point[n] not in next(v.levels for v in mine.variables if v.name == n)]
        if strange:
            unknown.update(strange)
            continue
        results = {n: x for n, x in t.results.items() if n in shared}
        if t.state == "done" and not results:
            continue
        numbers = {n: x for n, x in point.items() if not isinstance(x, str)}
        levels = {n: x for n, x in point.items() if isinstance(x, str)}
        stds = {n: x for n, x in t.stds.items() if n in results}
        out.append(evolve(t, id=f"{other.name}:{t.id}", numbers=numbers, levels=levels, results=results, stds=stds, origin=f"from:{other.name}", mean={}, std={}, when=None))
    held = {t.id for t in mine.borrowed}
    out = [t for t in out if t.id not in held]
    if not out:
        raise InputError(
            f"no experiment of {other.name!r} fits", where="warm start", fix=f"levels that are unknown here: {', '.join(sorted(unknown))}" if unknown else "has it any that ended?"
        )
    words = [f"{len(out)} experiments of {other.name!r} are learned from, under an offset of their own"]
    if unknown:
        words.append(f"experiments with {', '.join(sorted(unknown)[:6])} are left out: this campaign does not have these levels")
    dropped = [n for n in theirs if n not in {v.name for v in mine.variables}]
    if dropped:
        words.append(f"{', '.join(dropped)} varied there and does not here: its effect is taken for noise")
    return tuple(out), tuple(words)


def _only(v: Variable, other: str) -> float | str:
    """The only value that a variable can have.

    Raises:
        InputError: it can have several.
    """
    if v.kind == "continuous" and v.low == v.high:
        return float(v.low or 0.0)
    choices: tuple[float | str, ...] = v.values or v.levels
    if len(choices) == 1:
        return choices[0]
    raise InputError(f"{v.name!r} varies here and {other!r} did not have it", where="warm start", fix="add it there with the one value it had, or leave it out here")
