"""Stations to start from, one for each driver."""

from __future__ import annotations

from chemwright.errors import InputError, did_you_mean
from chemwright.experiment.lab.bench import Bench, Figure, Recipe
from chemwright.experiment.lab.drivers import DRIVERS
from chemwright.experiment.lab.envelope import Condition, Envelope, Interlock, Limit
from chemwright.experiment.lab.records import Agreement, Channel, Station, SteadyRule

ADDRESSES = {
    "modbus": ("1:0:float32", "2:0:int16:0.1", "1:10:float32", "2:10:int16:0.1", "1:12:float32", "3:0:float32"),
    "serial": ("1 FLOW {value}", "2 TEMP {value}", "1 FLOW?", "2 TEMP?", "1 PRES?", "3 ABS?"),
    "sila": ("Pump.SetFlow.Flow", "Thermostat.SetTemperature.Temperature", "Pump.Flow", "Thermostat.Temperature", "Pump.Pressure", "Photometer.Absorbance"),
}
"""Of flow, temperature, both measured, pressure and absorbance; made up, to be replaced by those of the devices."""
OPTIONS = {
    "modbus": {"host": "192.168.0.10", "port": "502"},
    "serial": {"port": "/dev/ttyUSB0", "baud": "9600"},
    "sila": {"host": "192.168.0.10", "port": "50052", "certificate": "server.pem", "abort": "Pump.Halt"},
}


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
    if driver in ADDRESSES:
        return _devices(driver)
    raise InputError(f"no driver {driver!r}", where="--driver", fix=did_you_mean(driver, DRIVERS))


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
    at = ADDRESSES[driver]
    channels = (
        Channel("flow", "mL/min", "set", safe=0.0, address=at[0]),
        Channel("temperature", "degC", "set", safe=20.0, address=at[1]),
        Channel("flow_measured", "mL/min", address=at[2]),
        Channel("temperature_measured", "degC", tolerance=0.5, address=at[3]),
        Channel("pressure", "bar", address=at[4]),
        Channel("absorbance", "1", "result", tolerance=0.01, address=at[5]),
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
        driver={"driver": driver, **OPTIONS[driver]},
    )
    return Bench(station, Recipe("direct"), (Figure("absorbance", "absorbance"),))
