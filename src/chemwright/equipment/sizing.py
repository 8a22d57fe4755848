"""Sizes of vessels and heat-transfer equipment from flows, duties and times; SI, written once for numpy and CasADi."""

from __future__ import annotations

from typing import Any

from chemwright.equipment.checks import require_positive

_CHEN = 0.3275


def mean_temperature_difference(dT1: Any, dT2: Any) -> Any:
    """Smooth stand-in for the logarithmic mean: ``((dT1^m + dT2^m)/2)^(1/m)`` with m = 0.3275.

    Within 0.1 % of the exact mean for ratios up to 12, within 1 % up to 30; exact and differentiable where both are equal.

    Args:
        dT1: temperature difference at one end, K, > 0.
        dT2: at the other end, K, > 0.

    Returns:
        K, in the broadcast shape.

    Raises:
        InputError: a difference is not > 0 (temperatures cross).

    Source: Chen 1987.
    """
    require_positive("mean_temperature_difference", dT1=dT1, dT2=dT2)
    return (0.5 * (dT1**_CHEN + dT2**_CHEN)) ** (1.0 / _CHEN)


def exchanger_area(duty: Any, U: Any, dT_mean: Any, correction: Any = 1.0) -> Any:
    """Heat-transfer area ``duty / (U F dT_mean)``.

    Args:
        duty: heat transferred, W.
        U: overall coefficient, W/(m2 K).
        dT_mean: mean temperature difference, K.
        correction: F for flow that is not countercurrent, [-].

    Returns:
        m2.

    Raises:
        InputError: an argument is not > 0.
    """
    require_positive("exchanger_area", duty=duty, U=U, dT_mean=dT_mean, correction=correction)
    return duty / (U * correction * dT_mean)


def evaporator_area(duty: Any, U: Any, T_heating: Any, T_boiling: Any) -> Any:
    """Area of an evaporator whose two sides are isothermal (condensing steam, boiling liquid).

    Args:
        duty: W.
        U: W/(m2 K).
        T_heating: condensing temperature of the heating steam, K.
        T_boiling: boiling temperature of the leaving liquid (with its boiling-point rise), K.

    Returns:
        m2.

    Raises:
        InputError: the heating side is not hotter.
    """
    return exchanger_area(duty, U, T_heating - T_boiling)


def condenser_area(duty: Any, U: Any, T_condensing: Any, T_in: Any, T_out: Any) -> Any:
    """Area of a condenser of one substance against a coolant that warms up.

    Args:
        duty: W.
        U: W/(m2 K).
        T_condensing: condensing temperature, K.
        T_in: coolant inlet, K.
        T_out: coolant outlet, K.

    Returns:
        m2.

    Raises:
        InputError: the coolant is not colder than the vapour at both ends.
    """
    return exchanger_area(duty, U, mean_temperature_difference(T_condensing - T_in, T_condensing - T_out))


def coolant_flow(duty: Any, heat_capacity: Any, rise: Any) -> Any:
    """Mass flow, kg/s, of a coolant that takes ``duty`` (W) with ``heat_capacity`` (J/(kg K)) and temperature ``rise`` (K)."""
    require_positive("coolant_flow", duty=duty, heat_capacity=heat_capacity, rise=rise)
    return duty / (heat_capacity * rise)


def vessel_volume(flow: Any, time: Any, fill: Any = 0.8) -> Any:
    """Gross volume of a tank that holds ``time`` of a flow.

    Args:
        flow: m3/s.
        time: hold-up time, s.
        fill: filled fraction, [-].

    Returns:
        m3.

    Raises:
        InputError: an argument is not > 0.
    """
    require_positive("vessel_volume", flow=flow, time=time, fill=fill)
    return flow * time / fill


def batch_volume(flow: Any, batch_time: Any, vessels: Any = 1, fill: Any = 0.7) -> Any:
    """Gross volume of each of ``vessels`` equal batch vessels that together take a steady flow.

    Args:
        flow: m3/s fed without pause (a buffer tank holds it between charges).
        batch_time: charge, operate, discharge and clean, s.
        vessels: number working in turn, [-].
        fill: filled fraction, [-].

    Returns:
        m3 a vessel.

    Raises:
        InputError: an argument is not > 0.
    """
    require_positive("batch_volume", vessels=vessels)
    return vessel_volume(flow, batch_time, fill) / vessels


def cake_volume(solid: Any, batch_time: Any, cake_density: Any) -> Any:
    """Filter cake of one batch, m3, from dry solid (kg/s), ``batch_time`` (s) and dry solid per cake volume (kg/m3)."""
    require_positive("cake_volume", solid=solid, batch_time=batch_time, cake_density=cake_density)
    return solid * batch_time / cake_density


def tray_area(solid: Any, batch_time: Any, loading: Any) -> Any:
    """Tray area of a batch dryer, m2, from dry solid (kg/s), ``batch_time`` (s) and dry solid per tray area (kg/m2)."""
    require_positive("tray_area", solid=solid, batch_time=batch_time, loading=loading)
    return solid * batch_time / loading


def pump_power(flow: Any, pressure_rise: Any, efficiency: Any = 0.5) -> Any:
    """Shaft power of a pump ``flow * pressure_rise / efficiency``, W, from m3/s, Pa and [-]."""
    require_positive("pump_power", flow=flow, pressure_rise=pressure_rise, efficiency=efficiency)
    return flow * pressure_rise / efficiency


def refrigeration_power(duty: Any, T_cold: Any, T_hot: Any, second_law: Any = 0.45) -> Any:
    """Electrical power of a refrigerator, W: Carnot's work over a second-law efficiency.

    Args:
        duty: heat taken at T_cold, W.
        T_cold: evaporating temperature, K.
        T_hot: condensing temperature, K.
        second_law: real over Carnot coefficient of performance, [-]; 0.45 is our assumption for small packages.

    Raises:
        InputError: T_hot is not above T_cold, or an argument is not > 0.
    """
    require_positive("refrigeration_power", duty=duty, T_cold=T_cold, lift=T_hot - T_cold, second_law=second_law)
    return duty * (T_hot - T_cold) / (T_cold * second_law)
