"""SiLA 2: addresses, refusals, and a device over TLS in a process of its own."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from chemwright.errors import InputError
from chemwright.experiment.lab.drivers import make_driver
from chemwright.experiment.lab.drivers.sila import address_of
from chemwright.experiment.lab.protocol import DeviceError
from chemwright.experiment.lab.records import Channel, Station

CHANNELS = (
    Channel("flow", "mL/min", "set", safe=0.0, address="Pump.SetFlow.Flow"),
    Channel("flow_measured", "mL/min", address="Pump.Flow"),
    Channel("broken", "1", address="Pump.Broken"),
)


@pytest.mark.parametrize("address", ["", "Pump", "Pump.SetFlow", "Pump.__class__.x", "Pump.SetFlow.Flow.More"])
def test_a_wrong_address_is_refused(address):
    with pytest.raises(InputError, match="SiLA 2"):
        address_of(Channel("flow", "mL/min", "set", safe=0.0, address=address))


def test_an_open_line_to_another_machine_is_refused():
    with pytest.raises(InputError, match="another machine"):
        make_driver(Station("p", CHANNELS, driver={"driver": "sila", "host": "192.168.0.9", "insecure": "yes"}))


def test_a_device_over_tls_in_a_process_of_its_own():
    pytest.importorskip("sila2")
    checks = Path(__file__).with_name("sila_device.py")
    done = subprocess.run([sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider", str(checks)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_protocol_buffers_that_do_not_go_together_are_told(monkeypatch):
    """As sila2 ends after ord_schema was loaded."""

    class Broken(ModuleType):
        def __getattr__(self, name):
            raise TypeError("Couldn't build proto file into descriptor pool: duplicate file name SiLAFramework.proto")

    monkeypatch.setitem(sys.modules, "sila2", ModuleType("sila2"))
    monkeypatch.setitem(sys.modules, "sila2.client", Broken("sila2.client"))
    driver = make_driver(Station("p", CHANNELS, driver={"driver": "sila", "host": "127.0.0.1", "insecure": "yes"}))
    with pytest.raises(DeviceError, match="ord_schema"):
        driver.connect()
