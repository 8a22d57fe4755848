"""Parameter sets by name: those in the package, and those that other packages plug in."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable

from chemwright.errors import InputError, did_you_mean
from chemwright.record import ParameterSet, from_json

GROUP = "chemwright.parameter_sets"


def _bundled() -> dict[str, Traversable]:
    folder = files("chemwright") / "data" / "parameters"
    return {entry.name.removesuffix(".json"): entry for entry in folder.iterdir() if entry.name.endswith(".json")}


def _plugged() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def parameter_sets() -> list[str]:
    """Names of all parameter sets at hand, sorted."""
    return sorted({*_bundled(), *_plugged()})


def load_parameter_set(name: str) -> ParameterSet:
    """The parameter set of that name.

    A set of the package goes before one of the same name plugged in through the entry point group ``chemwright.parameter_sets``,
    whose value is a :class:`ParameterSet` or a function without arguments that returns one.

    Raises:
        InputError: unknown name (near misses and the names at hand), or a plugged-in set that does not load.
    """
    bundled, plugged = _bundled(), _plugged()
    if name in bundled:
        return from_json(bundled[name].read_text(encoding="utf-8"), ParameterSet, where=f"parameter set {name}")
    if name in plugged:
        return _load(plugged[name])
    known = sorted({*bundled, *plugged})
    hint, all_names = did_you_mean(str(name), known), "known: " + ", ".join(known)
    raise InputError(f"no parameter set {name!r}", fix=hint if hint == all_names else f"{hint} {all_names}".strip())


def _load(point: EntryPoint) -> ParameterSet:
    """What another package's entry point gives, checked."""
    package = point.dist.name if point.dist is not None else point.value
    where = f"parameter set {point.name} of {package}"
    try:
        found = point.load()
        found = found() if callable(found) else found
    except Exception as error:  # another package's code: any failure is reported as that package's
        raise InputError(f"does not load: {type(error).__name__}: {error}", where=where, fix=f"repair or remove the package {package}") from error
    if not isinstance(found, ParameterSet):
        raise InputError(f"is a {type(found).__name__}, expected a ParameterSet", where=where, fix="let the entry point name a ParameterSet or a function that returns one")
    return found
