"""ParameterSet: the numbers of a model, small, cited, named by their paper."""

from __future__ import annotations

from attrs import field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.record.claim import Source
from chemwright.record.fields import as_tuple, filled, finite, named_numbers, number, unique, within


@frozen
class Parameter:
    """One number of a set.

    Args:
        name: key, as in ``k.r1`` or ``Ea.r1``.
        value: magnitude in ``unit``.
        unit: unit text.
        std: prior standard deviation; of the natural logarithm when ``log`` is true, else in ``unit``.
        log: whether the uncertainty (and the regression) is on the logarithm.
    """

    name: str = field(validator=filled)
    value: float = field(converter=number, validator=finite)
    unit: str = "1"
    std: float = field(default=0.0, converter=number, validator=within(0.0))
    log: bool = False

    def __attrs_post_init__(self) -> None:
        if self.log and self.value <= 0:
            raise InputError(f"parameter {self.name!r} is {self.value!r}", fix="give a positive number where it is fitted on the logarithm")


@frozen
class ParameterSet:
    """Named numbers with one citation.

    Args:
        name: named by its paper, as ``Hone2017``.
        source: the citation.
        parameters: the numbers.
        conditions: reference conditions in SI, as ``{"temperature": 363.15}``.
        common_shift_sd: standard deviation of a shift common to all log parameters (an analogous system's prior).
        note: what a user must know before using it.
    """

    name: str = field(validator=filled)
    source: Source
    parameters: tuple[Parameter, ...] = field(default=(), converter=as_tuple, validator=unique("name"))
    conditions: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)
    common_shift_sd: float = field(default=0.0, converter=number, validator=within(0.0))
    note: str = ""

    def __getitem__(self, name: str) -> Parameter:
        """The parameter of that name.

        Raises:
            InputError: unknown name, with near misses.
        """
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        names = [p.name for p in self.parameters]
        raise InputError(f"parameter set {self.name!r} has no {name!r}", fix=did_you_mean(name, names))

    def __contains__(self, name: object) -> bool:
        return any(p.name == name for p in self.parameters)
