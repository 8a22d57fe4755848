"""What test_lab_sila.py runs in a process of its own: a SiLA 2 device over TLS, commanded, read, and its stranger refused.

A process that has loaded the protocol buffers of ord_schema can't load those of sila2 any more.
"""

import socket

import pytest

from chemwright.experiment.lab.drivers import make_driver
from chemwright.experiment.lab.protocol import ConnectionLost, DeviceError
from chemwright.experiment.lab.records import Channel, Setpoint, Station

FEATURE = """<?xml version="1.0" encoding="utf-8" ?>
<Feature SiLA2Version="1.0" FeatureVersion="1.0" Originator="org.chemwright" Category="tests"
 xmlns="http://www.sila-standard.org" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://www.sila-standard.org https://gitlab.com/SiLA2/sila_base/raw/master/schema/FeatureDefinition.xsd">
 <Identifier>Pump</Identifier><DisplayName>Pump</DisplayName><Description>A pump for tests.</Description>
 <Command><Identifier>SetFlow</Identifier><DisplayName>Set Flow</DisplayName><Description>Command the flow.</Description><Observable>No</Observable>
  <Parameter><Identifier>Flow</Identifier><DisplayName>Flow</DisplayName><Description>mL/min</Description><DataType><Basic>Real</Basic></DataType></Parameter></Command>
 <Command><Identifier>Halt</Identifier><DisplayName>Halt</DisplayName><Description>Stop at once.</Description><Observable>No</Observable></Command>
 <Property><Identifier>Flow</Identifier><DisplayName>Flow</DisplayName><Description>mL/min</Description><Observable>No</Observable><DataType><Basic>Real</Basic></DataType></Property>
 <Property><Identifier>Broken</Identifier><DisplayName>Broken</DisplayName><Description>Never works.</Description><Observable>No</Observable><DataType><Basic>Real</Basic></DataType></Property>
</Feature>"""
CHANNELS = (
    Channel("flow", "mL/min", "set", safe=0.0, address="Pump.SetFlow.Flow"),
    Channel("flow_measured", "mL/min", address="Pump.Flow"),
    Channel("broken", "1", address="Pump.Broken"),
)


@pytest.fixture(scope="module")
def device(tmp_path_factory):
    pytest.importorskip("sila2")
    from sila2.framework import Feature
    from sila2.server import FeatureImplementationBase, SilaServer
    from sila2.server.encryption import generate_self_signed_certificate

    class Pump(FeatureImplementationBase):
        flow, halts = 0.0, 0

        def SetFlow(self, Flow, *, metadata):
            if Flow > 5:
                raise ValueError("out of range")
            self.flow = Flow

        def Halt(self, *, metadata):
            self.halts += 1

        def get_Flow(self, *, metadata):
            return self.flow

        def get_Broken(self, *, metadata):
            raise ValueError("no sensor")

    from uuid import uuid4

    uuid = uuid4()
    key, certificate = generate_self_signed_certificate(uuid, "127.0.0.1")
    server = SilaServer("Pump", "Pump", "for tests", "1.0", "https://example.org", uuid)
    pump = Pump(server)
    server.set_feature_implementation(Feature(FEATURE), pump)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    server.start("127.0.0.1", port, private_key=key, cert_chain=certificate, enable_discovery=False)
    path = tmp_path_factory.mktemp("sila") / "server.pem"
    path.write_bytes(certificate)
    yield pump, port, path
    server.stop(grace_period=0)


def driver_of(device, **options):
    _, port, certificate = device
    return make_driver(Station("p", CHANNELS, driver={"driver": "sila", "host": "127.0.0.1", "port": str(port), "certificate": str(certificate), "abort": "Pump.Halt", **options}))


def test_a_device_is_commanded_and_read(device):
    driver = driver_of(device)
    driver.connect()
    driver.set([Setpoint("flow", 1.5, "mL/min")])
    flow, broken = driver.read()
    assert flow.value == 1.5
    assert (broken.value, broken.quality) == (None, "bad")
    with pytest.raises(DeviceError, match="refused"):
        driver.set([Setpoint("flow", 9.0, "mL/min")])
    driver.close()
    assert device[0].flow == 0.0
    assert device[0].halts == 1
    with pytest.raises(ConnectionLost):
        driver.read()


def test_a_stranger_with_another_certificate_is_not_believed(device, tmp_path):
    from uuid import uuid4

    from sila2.server.encryption import generate_self_signed_certificate

    other = tmp_path / "other.pem"
    other.write_bytes(generate_self_signed_certificate(uuid4(), "127.0.0.1")[1])
    with pytest.raises(ConnectionLost):
        driver_of(device, certificate=str(other)).connect()
