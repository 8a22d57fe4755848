"""Drivers: OPC UA, SiLA 2, Modbus and a serial pump, a drop folder, a person with a sheet, and the virtual lab in the same process."""

from __future__ import annotations

from collections.abc import Callable

from chemwright.errors import InputError, did_you_mean
from chemwright.experiment.lab.protocol import Driver
from chemwright.experiment.lab.records import Station

DRIVERS = ("virtual", "opcua", "sila", "modbus", "serial", "folder", "sheet")


def _virtual(station: Station) -> Driver:
    from chemwright.experiment.lab.drivers.virtual import VirtualDriver

    return VirtualDriver(station)


def _opcua(station: Station) -> Driver:
    from chemwright.experiment.lab.drivers.opcua import OpcUaDriver

    return OpcUaDriver(station)


def _modbus(station: Station) -> Driver:
    from chemwright.experiment.lab.drivers.modbus import ModbusDriver

    return ModbusDriver(station)


def _serial(station: Station) -> Driver:
    from chemwright.experiment.lab.drivers.serial_pump import SerialPumps

    return SerialPumps(station)


def _folder(station: Station) -> Driver:
    from chemwright.experiment.lab.drivers.folder import FolderDriver

    return FolderDriver(station)


def _sheet(station: Station) -> Driver:
    from chemwright.experiment.lab.drivers.sheet import SheetDriver

    return SheetDriver(station)


def _sila(station: Station) -> Driver:
    from chemwright.experiment.lab.drivers.sila import SilaDriver

    return SilaDriver(station)


_MAKERS: dict[str, Callable[[Station], Driver]] = {
    "virtual": _virtual, "opcua": _opcua, "modbus": _modbus, "serial": _serial, "folder": _folder, "sheet": _sheet, "sila": _sila,
}  # fmt: skip


def make_driver(station: Station) -> Driver:
    """The driver that a station names.

    Raises:
        InputError: none of :data:`DRIVERS`, or its options are wrong.
    """
    name = station.driver.get("driver", "")
    if name not in _MAKERS:
        raise InputError(f"no driver {name!r}", where=f"station {station.name!r}", fix=did_you_mean(name, DRIVERS))
    return _MAKERS[name](station)


def option(station: Station, key: str, default: str | None = None) -> str:
    """An option of the station's driver.

    Raises:
        InputError: it is missing and has no default.
    """
    value = station.driver.get(key, default)
    if value is None or value == "":
        raise InputError(f"the driver needs the option {key!r}", where=f"station {station.name!r}, driver", fix=f"add {key} = ... under [driver]")
    return value


def number_option(station: Station, key: str, default: float) -> float:
    """A number among the options.

    Raises:
        InputError: it is no number above 0.
    """
    text = station.driver.get(key, str(default))
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e12:
        raise InputError(f"{key} = {text!r} is not a number from 0", where=f"station {station.name!r}, driver", fix="give a number")
    return value
