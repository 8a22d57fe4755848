"""Stations to start from, one for each driver."""

from __future__ import annotations

from attrs import evolve

from chemwright.errors import InputError, did_you_mean
from chemwright.experiment.lab.bench import Bench, Figure, Recipe
from chemwright.experiment.lab.drivers import DRIVERS
from chemwright.experiment.lab.envelope import Condition, Envelope, Interlock, Limit
from chemwright.experiment.lab.records import Agreement, Channel, Station, SteadyRule


def template(driver: str) -> Bench:
    """A bench to edit.

    Raises:
        InputError: no such driver.
    """
    if driver in ("virtual", "opcua"):
        from chemwright.experiment.lab.virtual.snar import bench

        options = {"url": "opc.tcp://127.0.0.1:4840/lab", "keys": "~/.config/chemwright/lab/opcua"} if driver == "opcua" else {"seed": "0"}
        return bench("flow-1", 100.0 if driver == "virtual" else 1.0, **{"driver": driver, **options})
    if driver in ("folder", "sheet"):
        return _by_hand(driver)
    if driver in ("modbus", "serial"):
        return _devices(driver)
    raise InputError(f"no template for the driver {driver!r}", where="--driver", fix=did_you_mean(driver, DRIVERS) or f"one of {', '.join(DRIVERS)}")


def _by_hand(driver: str) -> Bench:
    """A flask, a person, an analysis."""
    station = Station(
        "bench-1",
        (
            Channel("temperature", "degC", "set", safe=20.0),
            Channel("time", "min", "set", safe=0.0),
            Channel("solvent", "1", "set", safe=0.0, levels=("toluene", "2-MeTHF", "water")),
            Channel("yield", "%", "result"),
        ),
        Envelope(limits=(Limit("temperature", 0.0, 110.0), Limit("time", 0.0, 1440.0))),
        SteadyRule(samples=1, volumes=0.0, limit=1e7),
        driver={"driver": driver},
    )
    return Bench(station, Recipe("direct"), (Figure("yield", "yield"),))


def _devices(driver: str) -> Bench:
    """A pump and a thermostat on a line, and an analyser."""
    modbus = driver == "modbus"
    channels = (
        Channel("flow", "mL/min", "set", safe=0.0, address="1:0:float32" if modbus else "1 FLOW {value}"),
        Channel("temperature", "degC", "set", safe=20.0, address="2:0:int16:0.1" if modbus else "2 TEMP {value}"),
        Channel("flow_measured", "mL/min", address="1:10:float32" if modbus else "1 FLOW?"),
        Channel("temperature_measured", "degC", tolerance=0.5, address="2:10:int16:0.1" if modbus else "2 TEMP?"),
        Channel("pressure", "bar", address="1:12:float32" if modbus else "1 PRES?"),
        Channel("absorbance", "1", "result", tolerance=0.01, address="3:0:float32" if modbus else "3 ABS?"),
    )
    station = Station(
        "line-1",
        channels,
        Envelope(
            limits=(Limit("flow", 0.0, 10.0), Limit("temperature", 0.0, 120.0, per_second=1.0)),
            interlocks=(Interlock("overpressure", Condition("pressure", "above", 10.0), 2.0, blind=30.0),),
        ),
        SteadyRule(samples=6, span=60.0, least=300.0, limit=7200.0),
        (
            Agreement("flow_measured", "flow", 0.1, 0.02, 30.0, "the pump does not deliver"),
            Agreement("temperature_measured", "temperature", 0.0, 3.0, 900.0, "the thermostat does not follow"),
        ),
        driver={"driver": driver, **({"host": "192.168.0.10", "port": "502"} if modbus else {"port": "/dev/ttyUSB0", "baud": "9600"})},
    )
    return Bench(station, Recipe("direct"), (Figure("absorbance", "absorbance"),))


def with_driver(bench: Bench, **options: str) -> Bench:
    """The bench with other options of its driver."""
    return evolve(bench, station=evolve(bench.station, driver={**bench.station.driver, **options}))
