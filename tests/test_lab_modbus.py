"""A pump and a thermostat on a simulated Modbus server, over TCP."""

import asyncio
import socket
import threading

import pytest
from attrs import evolve

from chemwright.experiment.lab.drivers import make_driver
from chemwright.experiment.lab.drivers.modbus import Register
from chemwright.experiment.lab.protocol import ConnectionLost, DeviceError
from chemwright.experiment.lab.records import Channel, Setpoint
from chemwright.experiment.lab.templates import template

pytest.importorskip("pymodbus")


@pytest.fixture(scope="module")
def port():
    from pymodbus.server import ModbusTcpServer
    from pymodbus.simulator import DataType, SimData, SimDevice

    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        number = s.getsockname()[1]
    loop, up, held = asyncio.new_event_loop(), threading.Event(), []

    async def serve():
        devices = [SimDevice(i, [SimData(0, values=[0] * 20, datatype=DataType.REGISTERS)]) for i in (1, 2, 3)]
        held.append(ModbusTcpServer(devices, address=("127.0.0.1", number)))
        await held[0].serve_forever(background=True)
        up.set()

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(serve(), loop)
    assert up.wait(20)
    yield number
    asyncio.run_coroutine_threadsafe(held[0].shutdown(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def driver(port):
    st = template("modbus").station
    out = make_driver(evolve(st, driver={"driver": "modbus", "host": "127.0.0.1", "port": str(port), "timeout": "2"}))
    out.connect()
    yield out
    out.close()


def test_set_points_are_written_and_read_back(driver):
    driver.set([Setpoint("flow", 1.25, "mL/min"), Setpoint("temperature", 80.3, "degC")])
    for address, value in ((10, Register(1, 10, "float32").pack(1.26)), (12, Register(1, 12, "float32").pack(5.5))):
        driver._ask("write_registers", address, value, device_id=1)
    driver._ask("write_registers", 10, Register(2, 10, "int16", 0.1).pack(-4.5), device_id=2)
    found = {r.channel: r for r in driver.read()}
    assert found["flow_measured"].value == pytest.approx(1.26)
    assert found["temperature_measured"].value == pytest.approx(-4.5)
    assert found["pressure"].value == 5.5
    assert found["absorbance"].quality == "good"
    driver.abort()
    assert Register(1, 0, "float32").unpack(driver._ask("read_holding_registers", 0, count=2, device_id=1).registers) == 0.0


def test_a_register_that_is_not_there_is_a_bad_reading(driver):
    driver.registers["pressure"] = Register(1, 500, "float32")
    found = {r.channel: r for r in driver.read()}
    assert (found["pressure"].value, found["pressure"].quality) == (None, "bad")
    assert found["flow_measured"].quality == "good"


def test_a_number_that_does_not_fit_is_refused(driver):
    with pytest.raises(DeviceError, match="does not fit"):
        driver.set([Setpoint("temperature", 1e6, "degC")])


def test_nobody_there_is_a_lost_connection():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        number = s.getsockname()[1]
    st = template("modbus").station
    driver = make_driver(evolve(st, driver={"driver": "modbus", "host": "127.0.0.1", "port": str(number), "timeout": "0.5"}))
    with pytest.raises(ConnectionLost):
        driver.connect()


@pytest.mark.parametrize(("kind", "value"), [("int16", -5.0), ("uint16", 65535.0), ("int32", -70000.0), ("uint32", 4e9), ("float32", 0.1)])
def test_numbers_go_through_registers(kind, value):
    r = Register(1, 0, kind)
    assert r.unpack(r.pack(value)) == pytest.approx(value)
    assert Channel("x").kind == "read"
