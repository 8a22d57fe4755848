"""A mixture ready to be asked: its substances' pure models and a liquid model by name; many bubble points at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from chemwright.errors import ConvergenceError, InputError, did_you_mean
from chemwright.thermo.activity import ActivityModel
from chemwright.thermo.pure import PureModel, pure_model

if TYPE_CHECKING:
    from chemwright.thermo.eos_mixture import EosMixture
    from chemwright.thermo.saft_mixture import NamedSaft

Array = NDArray[np.float64]
R = 8.314462618  # J/(mol K), CODATA 2018, exact
SUM_TOLERANCE = 1e-3
LOWEST, HIGHEST = 150.0, 1200.0
HIGH_PRESSURE = 1e6
LIQUIDS = ("hybrid", "ideal", "unifac", "dortmund", "psrk", "unifac2", "dortmund2", "nrtl", "wilson", "uniquac")
EQUATIONS = ("pr", "srk", "pcsaft")


@frozen(eq=False)
class Mixture:
    """Substances with an activity model of the liquid and an ideal vapour: y_i P = x_i gamma_i psat_i.

    Args:
        names: as asked for, in order.
        smiles, cas: of each; cas empty where unknown.
        pure: pure models, in order.
        activity: model of the liquid.
        model: its name.
        sources: what the numbers rest on.
    """

    names: tuple[str, ...]
    smiles: tuple[str, ...]
    cas: tuple[str, ...]
    pure: tuple[PureModel, ...]
    activity: ActivityModel
    model: str
    sources: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """How many substances."""
        return len(self.names)

    def caution(self, P: float | None) -> tuple[str, ...]:
        """What a reader should know at a pressure [Pa]: substances taken as ideal, and where the ideal vapour is no longer one."""
        missing = tuple(self.activity.missing)
        out = [f"{', '.join(missing)}: no parameters in {self.model}, treated as ideal"] if missing else []
        if P is not None and P > HIGH_PRESSURE:
            out.append(f"the vapour is taken as an ideal gas, which at {P / 1e6:.3g} MPa it is not: take --model pr, srk or pcsaft")
        return tuple(out)

    def caution_liquids(self) -> tuple[str, ...]:
        """What a reader should know where two liquids are computed."""
        if self.model != "hybrid":
            return ()
        return ("the hybrid was trained on boiling liquids, not on two liquids: gaps by --model unifac, or by NRTL fitted to tie lines, may be nearer",)

    @property
    def fluid(self) -> Any:
        """The same for the flashes of :mod:`chemwright.thermo.equilibrium`."""
        from chemwright.thermo.equilibrium.gamma_phi import GammaPhi

        return GammaPhi(self.activity, list(self.pure))  # type: ignore[arg-type]  # (the converter's type is not inferred)

    def ln_gamma(self, x: Any, T: Any) -> Array:
        """ln(activity coefficient) [1], shape (..., n), for x of that shape and T [K] of shape (...)."""
        x = np.asarray(x, dtype=float)
        T = np.broadcast_to(np.asarray(T, dtype=float), x.shape[:-1])
        out = self.activity.ln_gamma([x[..., i] for i in range(self.n)], T)
        return np.stack([np.broadcast_to(np.asarray(g, dtype=float), x.shape[:-1]) for g in out], axis=-1)

    def partial(self, x: Any, T: Any) -> Array:
        """Partial pressures [Pa] over the liquid, shape (..., n)."""
        x = np.asarray(x, dtype=float)
        psat = np.stack([np.broadcast_to(np.asarray(m.psat(np.asarray(T, dtype=float)), dtype=float), x.shape[:-1]) for m in self.pure], axis=-1)
        return np.asarray(x * np.exp(self.ln_gamma(x, T)) * psat, dtype=float)

    def bubble_pressures(self, x: Any, T: Any) -> tuple[Array, Array]:
        """Bubble pressures [Pa], shape (...), and vapour mole fractions, shape (..., n)."""
        p = self.partial(x, T)
        total = p.sum(axis=-1)
        return total, p / total[..., None]

    def bubble_temperatures(self, x: Any, P: float, start: Any = None) -> tuple[Array, Array]:
        """Bubble temperatures [K], shape (...), and vapour mole fractions, shape (..., n), at one pressure [Pa].

        Newton on ln P over T with the slope of the vapour pressures alone, which converges to rounding in a few steps.

        Args:
            x: mole fractions, shape (..., n).
            P: pressure [Pa].
            start: first guess of the temperatures [K], shape (...).

        Raises:
            ConvergenceError: a point has no bubble point between 150 and 1200 K.
        """
        x = np.asarray(x, dtype=float)
        T = np.clip(x @ np.array([self.boiling_point(i, P) for i in range(self.n)]) if start is None else np.asarray(start, dtype=float), LOWEST, HIGHEST)
        B, C = np.array([m.antoine[1] for m in self.pure]), np.array([m.antoine[2] for m in self.pure])
        for _ in range(100):
            p = self.partial(x, T)
            total = np.maximum(p.sum(axis=-1), 1e-250)
            slope = np.maximum(np.sum(p * B / (T[..., None] + C) ** 2, axis=-1) / total, 1e-3)
            step = np.clip((np.log(P) - np.log(total)) / slope, -40.0, 40.0)
            T = np.clip(T + step, LOWEST, HIGHEST)
            if np.max(np.abs(step), initial=0.0) < 1e-8:
                return T, p / total[..., None]
        salts = [n for n, m in zip(self.names, self.pure, strict=True) if m.t_boil > HIGHEST]
        raise ConvergenceError(
            f"a liquid of {', '.join(self.names)} has no bubble point at {P:.6g} Pa between {LOWEST:.0f} and {HIGHEST:.0f} K at some of its compositions",
            fix=f"leave out {', '.join(salts)}, which does not boil" if salts else "check the pressure and the model; for gases take an equation of state, as --model pr",
        )

    def ln_pressure_std(self, x: Any, T: Any) -> Array | None:
        """Standard uncertainty [1] of the logarithm of bubble pressures, shape (m,), for x of shape (m, n) and T [K] of shape (m,); nothing of a model that has none."""
        own = getattr(self.activity, "ln_pressure_std", None)
        if own is None:
            return None
        x, T = np.atleast_2d(np.asarray(x, dtype=float)), np.atleast_1d(np.asarray(T, dtype=float))
        y = self.bubble_pressures(x, T)[1]
        return np.asarray(own(list(x.T), T, list(y.T)), dtype=float)

    def temperature_std(self, x: Any, T: Any) -> Array | None:
        """The same for bubble temperatures [K] at given pressure: divided by d ln P/dT of the vapour pressures, weighted by the vapour."""
        spread = self.ln_pressure_std(x, T)
        if spread is None:
            return None
        T = np.atleast_1d(np.asarray(T, dtype=float))
        y = self.bubble_pressures(np.atleast_2d(np.asarray(x, dtype=float)), T)[1]
        B, C = np.array([m.antoine[1] for m in self.pure]), np.array([m.antoine[2] for m in self.pure])
        return np.asarray(spread / np.sum(y * B / (T[:, None] + C) ** 2, axis=1))

    def boiling_point(self, i: int, P: float) -> float:
        """Boiling temperature [K] of pure substance i at P [Pa], from its vapour pressure."""
        m = self.pure[i]
        return float(m.antoine[1] / (m.antoine[0] + np.log(m.psat_factor) - np.log(P)) - m.antoine[2])


def mixture(substances: Sequence[str], model: str = "unifac", where: str = "") -> Mixture | EosMixture | NamedSaft:
    """Resolve substances, gather their pure models from claims, and set up a model of the liquid, or of vapour and liquid alike.

    Args:
        substances: names, CAS numbers or SMILES.
        model: one of :func:`models`.
        where: place to name in an error.

    Raises:
        InputError: no substance, one twice, or no such model (near misses named); SubstanceError: unknown substance;
        PropertyMissing: the model has no parameters for a pair.
    """
    from chemwright.knowledge import resolve
    from chemwright.property import pure_claims
    from chemwright.record import Species

    given = [s for s in substances if s.strip()]
    if not given:
        raise InputError("an empty mixture", where=where, fix="name its substances, as in: ethanol water")
    found = [resolve(s, where or s) for s in given]
    for i, f in enumerate(found):
        if f.smiles in [g.smiles for g in found[:i]]:
            raise InputError(f"{given[i]!r} stands twice in the mixture", where=where or given[i], fix="name each substance once")
    names = tuple(s if not _is_code(s) else (f.name or s) for s, f in zip(given, found, strict=True))
    if model not in models():
        raise InputError(f"no model {model!r}", where="--model", fix=did_you_mean(model, models()))
    if model == "pcsaft":
        from chemwright.thermo.saft_mixture import named_saft

        return named_saft(names, [f.smiles for f in found], [f.cas for f in found])
    if model in EQUATIONS:
        from chemwright.thermo.eos_mixture import eos_mixture

        return eos_mixture(names, [f.smiles for f in found], [f.cas for f in found], model)
    pure, sources = [], []
    for name, f in zip(names, found, strict=True):
        species = Species(name, f.smiles, f.name, f.cas, f.formula, f.molar_mass)
        result = pure_claims(species)
        pure.append(pure_model(species, result.claims))
        sources += [s.citation for s in result.sources if s.citation not in sources]
    activity = liquid_model(model, names, tuple(f.smiles for f in found), tuple(f.cas for f in found))
    said = str(getattr(activity, "source", ""))
    sources += [said] if said else []
    return Mixture(names, tuple(f.smiles for f in found), tuple(f.cas for f in found), tuple(pure), activity, model, tuple(sources))


def models() -> tuple[str, ...]:
    """Names of the models that :func:`mixture` takes: of the liquid, then equations of state."""
    return (*LIQUIDS, *EQUATIONS)


def liquid_mixture(substances: Sequence[str], model: str = "unifac", where: str = "") -> Mixture:
    """As :func:`mixture`, for what needs activity coefficients.

    Raises:
        InputError: the model is an equation of state; and as :func:`mixture`.
    """
    if model in EQUATIONS:
        raise InputError(f"{model} is an equation of state; a model of the liquid is needed here", where=where or "--model", fix=f"take one of {', '.join(LIQUIDS)}")
    out = mixture(substances, model, where)
    assert isinstance(out, Mixture)
    return out


def liquid_model(model: str, ids: tuple[str, ...], smiles: tuple[str, ...], cas: tuple[str, ...]) -> ActivityModel:
    """The liquid model of that name.

    Raises:
        InputError: no such model; PropertyMissing: no parameters.
    """
    from chemwright.thermo.choose import activity_model
    from chemwright.thermo.local.tables import KINDS, local_model

    if model not in LIQUIDS:
        raise InputError(f"no model of the liquid {model!r}", where="--model", fix=did_you_mean(model, LIQUIDS))
    if model in KINDS:
        return local_model(model, ids, cas)
    return activity_model(list(zip(ids, smiles, strict=True)), "original" if model == "unifac" else model)


def fractions(values: Sequence[float], names: Sequence[str], where: str = "") -> tuple[float, ...]:
    """Mole fractions, checked: one for each name, none negative, sum 1 within 0.001 (then scaled to one exactly).

    Raises:
        InputError: another count, a negative or not finite one, or another sum.
    """
    x = [float(v) for v in values]
    if len(x) != len(names):
        raise InputError(f"{len(x)} mole fractions given, {len(names)} expected", where=where, fix=f"give one for each of {', '.join(names)}")
    if not all(np.isfinite(x)) or min(x) < 0.0:
        raise InputError(f"mole fractions {', '.join(f'{v:g}' for v in x)} must be finite and not negative", where=where, fix="check the composition")
    if abs(sum(x) - 1.0) > SUM_TOLERANCE:
        raise InputError(f"mole fractions sum to {sum(x):.4g}, 1 expected", where=where, fix="scale them, or check for per cent")
    return tuple(v / sum(x) for v in x)


def _is_code(text: str) -> bool:
    """Whether a text is a CAS number or looks like SMILES rather than a name."""
    return any(c in text for c in "=#()[]@") or text.replace("-", "").isdigit() or text.isupper()


def with_activity(mix: Mixture, activity: ActivityModel, model: str, source: str = "") -> Mixture:
    """The same substances with another liquid model."""
    return evolve(mix, activity=activity, model=model, sources=(*mix.sources, source) if source else mix.sources)
