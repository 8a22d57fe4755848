"""chemwright: one chemical product from molecule to running plant, and back.

The few names of every session are here; the rest is reached through its room, as in ``cw.kinetics``. Everything loads on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chemwright import case, equipment, experiment, flowsheet, kinetics, knowledge, loop, model, property, quantity, record, report, structure, thermo  # noqa: F401
    from chemwright.case import Case
    from chemwright.experiment.campaign import Campaign
    from chemwright.property.answering import properties
    from chemwright.quantity import Value
    from chemwright.record import Claim, ParameterSet, Source

    __version__: str

__all__ = ["Campaign", "Case", "Claim", "ParameterSet", "Source", "Value", "__version__", "properties"]

_ROOMS = ("case", "equipment", "experiment", "flowsheet", "kinetics", "knowledge", "loop", "model", "property", "quantity", "record", "report", "structure", "thermo")


def __getattr__(name: str) -> Any:
    """Load a name or a room when it is first asked for."""
    value: Any
    if name == "Case":
        from chemwright.case import Case

        value = Case
    elif name == "Campaign":
        from chemwright.experiment.campaign import Campaign

        value = Campaign
    elif name == "Value":
        from chemwright.quantity import Value

        value = Value
    elif name == "properties":
        from chemwright.property.answering import properties

        value = properties
    elif name in ("Claim", "ParameterSet", "Source"):
        from chemwright import record

        value = getattr(record, name)
    elif name == "__version__":
        value = _version()
    elif name in _ROOMS:
        from importlib import import_module

        value = import_module(f"{__name__}.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *_ROOMS})


def _version() -> str:
    """The installed version; ``0+unknown`` when run from files that were never installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("chemwright")
    except PackageNotFoundError:
        return "0+unknown"
