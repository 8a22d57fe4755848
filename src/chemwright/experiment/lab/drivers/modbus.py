"""Modbus: pumps and thermostats by a map of registers, over TCP or a serial line; an example to start from, as every maker's map is another one."""

from __future__ import annotations

import struct
import time
from collections.abc import Sequence
from typing import Any

from attrs import frozen

from chemwright.errors import InputError, MissingExtra
from chemwright.experiment.lab.drivers import number_option, option
from chemwright.experiment.lab.extra import missing_extra
from chemwright.experiment.lab.protocol import ConnectionLost, DeviceError, Polled
from chemwright.experiment.lab.records import Channel, Reading, Setpoint, Station

TYPES = {"int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "float32": ">f"}


@frozen
class Register:
    """Where a number is: ``device:register:type`` or ``device:register:type:scale``, as ``1:40:float32`` or ``2:4:int16:0.1``; the channel's value is the register's times the scale."""

    device: int
    register: int
    type: str
    scale: float = 1.0

    @property
    def words(self) -> int:
        """Registers that the number takes."""
        return struct.calcsize(TYPES[self.type]) // 2

    def pack(self, value: float) -> list[int]:
        """A value as registers, high word first.

        Raises:
            DeviceError: it does not fit.
        """
        raw: float = value / self.scale
        try:
            data = struct.pack(TYPES[self.type], raw if self.type == "float32" else round(raw))
        except struct.error:
            raise DeviceError(f"{value:g} does not fit a register of type {self.type}", where=f"register {self.register}", fix="check the scale of the address") from None
        return [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]

    def unpack(self, words: Sequence[int]) -> float:
        """Registers as a value."""
        data = b"".join(int(w).to_bytes(2, "big") for w in words)
        return float(struct.unpack(TYPES[self.type], data)[0]) * self.scale


def register_of(channel: Channel) -> Register:
    """The register that a channel's address names.

    Raises:
        InputError: malformed.
    """
    parts = channel.address.split(":")
    try:
        device, register, kind = int(parts[0]), int(parts[1]), parts[2]
        scale = float(parts[3]) if len(parts) == 4 else 1.0
        if len(parts) not in (3, 4) or kind not in TYPES or not 0 <= register < 65536 or not 0 < device < 248 or scale == 0:
            raise ValueError
    except (ValueError, IndexError):
        raise InputError(
            f"{channel.address!r} is no register", where=f"channel {channel.name!r}, address", fix="write device:register:type[:scale], as 1:40:float32 or 2:4:int16:0.1"
        ) from None
    return Register(device, register, kind, scale)


class ModbusDriver(Polled):
    """Options: ``host`` and ``port`` (502), or ``serial`` (a port) with ``baud`` (9600); ``timeout`` in s. Modbus has no users and no encryption: keep it on a line of its own."""

    def __init__(self, station: Station) -> None:
        super().__init__(station, number_option(station, "poll", 0.5))
        self.registers = {c.name: register_of(c) for c in station.channels}
        self._client: Any = None

    def connect(self) -> None:
        """As :meth:`Driver.connect`."""
        try:
            from pymodbus.client import ModbusSerialClient, ModbusTcpClient
        except ImportError:
            raise missing_extra("pymodbus") from None
        self.close_line()
        timeout = number_option(self.station, "timeout", 2.0)
        if self.station.driver.get("serial"):
            try:
                self._client = ModbusSerialClient(option(self.station, "serial"), baudrate=int(number_option(self.station, "baud", 9600)), timeout=timeout)
            except RuntimeError:  # what the library raises where pyserial is missing
                raise MissingExtra("pyserial is not installed", where=self._place(), fix="pip install pyserial") from None
        else:
            self._client = ModbusTcpClient(option(self.station, "host"), port=int(number_option(self.station, "port", 502)), timeout=timeout, retries=1)
        if not self._client.connect():
            raise ConnectionLost("no answer", where=self._place(), fix="check the address, and that nobody else holds the line")

    def _place(self) -> str:
        return self.station.driver.get("serial") or f"{self.station.driver.get('host', '')}:{self.station.driver.get('port', '502')}"

    def _ask(self, verb: str, *arguments: Any, **options: Any) -> Any:
        """One question; what the library raises or returns as an error becomes one of ours."""
        from pymodbus.exceptions import ModbusException

        if self._client is None:
            raise ConnectionLost("not connected", where=self._place(), fix="connect first")
        try:
            answer = getattr(self._client, verb)(*arguments, **options)
        except (ModbusException, OSError) as error:
            raise ConnectionLost(f"no answer ({type(error).__name__})", where=self._place(), fix="look whether the device is on; reaching it is tried again by itself") from None
        if answer.isError():
            raise DeviceError(f"the device refused: {answer}", where=self._place(), fix="compare the addresses with the device's map of registers")
        return answer

    def start(self, run: str) -> None:
        """As :meth:`Driver.start`: such devices know no runs."""

    def set(self, setpoints: Sequence[Setpoint]) -> None:
        """As :meth:`Driver.set`: each is read back."""
        for s in setpoints:
            r = self.registers[s.channel]
            words = r.pack(s.value)
            self._ask("write_registers", r.register, words, device_id=r.device)
            back = self._ask("read_holding_registers", r.register, count=r.words, device_id=r.device).registers
            if list(back) != words:
                raise DeviceError(
                    f"{s.channel} was commanded to {s.value:g} {s.unit} and stands at {r.unpack(back):g}", where=self._place(), fix="look whether the device is in local mode"
                )

    def read(self) -> tuple[Reading, ...]:
        """As :meth:`Driver.read`; a device that refuses one register makes that reading bad and leaves the others."""
        out = []
        for c in self.station.read_channels:
            r = self.registers[c.name]
            try:
                words = self._ask("read_holding_registers", r.register, count=r.words, device_id=r.device).registers
            except DeviceError as error:
                out.append(Reading(c.name, None, c.unit, time.time(), "bad", error.message[:200]))
                continue
            out.append(Reading(c.name, r.unpack(words), c.unit, time.time()))
        return tuple(out)

    def close_line(self) -> None:
        """Let go of the line."""
        if self._client is not None:
            self._client.close()
        self._client = None

    def close(self) -> None:
        """As :meth:`Driver.close`."""
        self.abort()
        self.close_line()
