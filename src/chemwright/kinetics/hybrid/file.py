"""A trained hybrid as a JSON file and back: numbers and names only, no code; a law that isn't mass action is given again when it is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from attrs import asdict

from chemwright.errors import InputError, did_you_mean
from chemwright.kinetics import observables
from chemwright.kinetics.hybrid.fit import Fit
from chemwright.kinetics.hybrid.law import HybridLaw, MissingRate, Part, RateFactor, Widened
from chemwright.kinetics.hybrid.problem import References
from chemwright.kinetics.hybrid.residual import OutputResidual
from chemwright.kinetics.hybrid.trained import HybridModel, Member
from chemwright.kinetics.network import Network, parse_reaction
from chemwright.kinetics.rates import Equilibrium, MassAction
from chemwright.model.gaussian import GaussianProcess
from chemwright.model.learners import MonotonePerceptron, OnState, PowerLaw, Sum
from chemwright.model.mlp import Perceptron
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array
from chemwright.model.reactors import RateLaw
from chemwright.record.atomic import write_atomic

FORMAT, VERSION = "chemwright hybrid model", 1
READINGS = {c.__name__: c for c in (observables.Linear, observables.Conversion, observables.Yield, observables.EFactor, observables.HeatRate)}
"""Kinds of observables that a file may name."""


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in data.items()}


def _learner(item: Any) -> dict[str, Any]:
    if isinstance(item, Sum):
        return {"kind": "sum", "terms": [_learner(t) for t in item.terms]}
    if isinstance(item, OnState):
        return {"kind": "state", "learner": _learner(item.learner), "species": item.species, "c_ref": item.c_ref, "knee": item.knee, "thermal": item.thermal}
    if isinstance(item, GaussianProcess | Perceptron):
        return {"kind": type(item).__name__, **_plain(item.arrays())}
    if isinstance(item, PowerLaw | MonotonePerceptron):
        data = asdict(item)
        if isinstance(item, PowerLaw):
            data["fixed"] = [v if np.isfinite(v) else None for v in item.fixed]
        return {"kind": type(item).__name__, **data}
    raise InputError(f"a learner of the kind {type(item).__name__} can't be stored", where="learner", fix="use one of chemwright.model.learners")


def _learner_from(data: dict[str, Any]) -> Any:
    rest = {k: v for k, v in data.items() if k != "kind"}
    kind = data["kind"]
    if kind == "sum":
        return Sum(tuple(_learner_from(t) for t in data["terms"]))
    if kind == "state":
        return OnState(**{**rest, "learner": _learner_from(data["learner"])})
    if kind == "GaussianProcess":
        return GaussianProcess.from_arrays({k: np.array(v) for k, v in rest.items()})
    if kind == "Perceptron":
        return Perceptron(int(rest["shape"][0]), int(rest["shape"][1]), float(rest["amplitude"]), rest["centre"], rest["scale"])
    if kind == "PowerLaw":
        return PowerLaw(**{**rest, "fixed": [np.nan if v is None else v for v in rest["fixed"]]})
    if kind == "MonotonePerceptron":
        return MonotonePerceptron(**rest)
    raise InputError(f"unknown learner {str(kind)[:40]!r}", where="learner", fix="the file is of another version, or damaged")


def _part(part: Part) -> dict[str, Any]:
    if isinstance(part, MissingRate):
        keep = {"direction": part.direction, "scale": part.scale, "c_ref": part.c_ref, "name": part.name, "drives": part.drives}
        return {"kind": "missing", **keep, "learner": _learner(part.learner)}
    return {"kind": "factor", "reactions": part.reactions, "link": part.link, "name": part.name, "learner": _learner(part.learner)}


def _part_from(data: dict[str, Any]) -> Part:
    learner = _learner_from(data["learner"])
    if data["kind"] == "missing":
        return MissingRate(data["direction"], float(data["scale"]), float(data["c_ref"]), learner, str(data["name"]), tuple(data["drives"]))
    return RateFactor(tuple(data["reactions"]), learner, str(data["link"]), str(data["name"]))


def _base(law: RateLaw) -> dict[str, Any] | None:
    inner = law.law if isinstance(law, Widened) else law
    if not isinstance(inner, MassAction):
        return None
    return {
        "species": inner.network.species,
        "reactions": [[r.id, str(r)] for r in inner.network.reactions],
        "t_ref": inner.t_ref,
        "equilibria": [None if e is None else [e.K, e.temperature, e.dH] for e in inner.equilibria],
    }


def _base_from(data: dict[str, Any] | None, law: RateLaw | None, n_species: int) -> RateLaw:
    if law is None:
        if data is None:
            raise InputError("the file doesn't hold its mechanism", where="law", fix="give the rate law that the model was trained on")
        network = Network(tuple(data["species"]), tuple(parse_reaction(text, name) for name, text in data["reactions"]))
        law = MassAction(network, tuple(data["t_ref"]), tuple(None if e is None else Equilibrium(*e) for e in data["equilibria"]))
    extra = n_species - law.stoichiometry.shape[1]
    return law if extra == 0 else Widened(law, extra)


def _gaussian(g: Gaussian) -> dict[str, Any]:
    return {"mean": g.mean.tolist(), "cov": g.cov.tolist()}


def _gaussian_from(data: dict[str, Any]) -> Gaussian:
    return Gaussian(np.array(data["mean"], dtype=float), np.array(data["cov"], dtype=float))


def _member(m: Member) -> dict[str, Any]:
    f, r = m.fit, m.residual
    fit = {
        "posterior": _gaussian(f.posterior), "prior": _gaussian(f.prior), "jacobian": f.jacobian.tolist(), "residual": f.residual.tolist(), "scales": f.scales.tolist(),
        "sigma": f.sigma.tolist(), "log_evidence": f.log_evidence, "nfev": f.nfev,
    }  # fmt: skip
    out = {"weight": m.weight, "words": m.words, "parts": [_part(p) for p in m.law.parts], "fit": fit}
    if r is not None:
        out["residual"] = {"process": _learner(r.process), "columns": r.columns, "outputs": r.outputs.tolist(), "ramp_time": r.ramp_time}
    return out


def _member_from(data: dict[str, Any], base: RateLaw) -> Member:
    f = data["fit"]
    arrays: dict[str, Array] = {k: np.array(f[k], dtype=float) for k in ("jacobian", "residual", "scales", "sigma")}
    posterior, prior = _gaussian_from(f["posterior"]), _gaussian_from(f["prior"])
    arrays["jacobian"] = arrays["jacobian"].reshape(len(arrays["residual"]), len(prior.mean))
    fit = Fit(posterior, prior, **arrays, log_evidence=float(f["log_evidence"]), starts=(), nfev=int(f["nfev"]))
    r = data.get("residual")
    residual = None if r is None else OutputResidual(_learner_from(r["process"]), tuple(int(j) for j in r["columns"]), np.array(r["outputs"]), float(r["ramp_time"]))
    return Member(HybridLaw(base, tuple(_part_from(p) for p in data["parts"])), fit, float(data["weight"]), str(data["words"]), residual)


def pack(model: HybridModel) -> dict[str, Any]:
    """A trained hybrid as plain data."""
    ref = model.references
    return {
        "format": FORMAT, "version": VERSION, "kind": model.kind, "species": model.species, "base": _base(model.law.base),
        "observables": [{"kind": type(o).__name__, **asdict(o)} for o in model.observables],  # type: ignore[arg-type]
        "members": [_member(m) for m in model.members],
        "references": {"c": ref.c.tolist(), "temperature": ref.temperature, "rate": ref.rate, "low": ref.low.tolist(), "high": ref.high.tolist()},
        "log_evidence": model.log_evidence, "left_out": model.left_out, "left_out_rmse": model.left_out_rmse, "coverage": model.coverage, "typical_std": model.typical_std.tolist(), "sources": model.sources,
    }  # fmt: skip


def unpack(data: dict[str, Any], law: RateLaw | None = None) -> HybridModel:
    """Back from :func:`pack`.

    Args:
        data: as packed, also after a round through JSON.
        law: the mechanism; needed where it isn't mass action.

    Raises:
        InputError: not such data, or of another version.
    """
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise InputError("this is no trained hybrid", where="format", fix="give a file that chemwright kinetics hybrid wrote")
    if data.get("version") != VERSION:
        raise InputError(f"version {data.get('version')!r} of the format", where="version", fix=f"this chemwright reads version {VERSION}: train the model again")
    try:
        base = _base_from(data["base"], law, len(data["species"]))
        seen = [_observable_from(o) for o in data["observables"]]
        members = [_member_from(m, base) for m in data["members"]]
        r = data["references"]
        ref = References(np.array(r["c"], dtype=float), float(r["temperature"]), float(r["rate"]), np.array(r["low"], dtype=float), np.array(r["high"], dtype=float))
        scores = {k: float(data[k]) for k in ("log_evidence", "left_out", "left_out_rmse", "coverage")}
        return HybridModel(
            str(data["kind"]), tuple(data["species"]), tuple(seen), members, ref, **scores, typical_std=np.array(data["typical_std"], dtype=float), sources=tuple(data["sources"])
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(f"a trained hybrid with a broken field ({type(error).__name__}: {str(error)[:80]})", where="hybrid", fix="train it again") from None


def _observable_from(data: dict[str, Any]) -> Any:
    if data["kind"] not in READINGS:
        raise InputError(f"unknown observable {str(data['kind'])[:40]!r}", where="observables", fix=did_you_mean(str(data["kind"])[:40], READINGS))
    rest = {k: _tuples(v) for k, v in data.items() if k != "kind"}
    return READINGS[data["kind"]](**rest)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list | tuple) else value


def save(model: HybridModel, path: Path) -> None:
    """Write a trained hybrid; the file is whole or not there."""
    write_atomic(path, (json.dumps(pack(model), allow_nan=False) + "\n").encode())


def load(path: Path, law: RateLaw | None = None) -> HybridModel:
    """Read what :func:`save` wrote.

    Raises:
        InputError: no such file, or not a trained hybrid.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"can't read it ({type(error).__name__})", where=str(path), fix="give a file that chemwright kinetics hybrid wrote") from None
    return unpack(data, law)
