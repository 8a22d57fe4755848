"""The virtual lab on OPC UA in a process of its own: who gets in and who does not, what goes over the wire, and what a dead line leaves behind."""

import asyncio
import json
import logging
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from attrs import evolve

from chemwright.errors import InputError, StorageError
from chemwright.experiment.lab.certificates import certificate_paths, make_certificates
from chemwright.experiment.lab.drivers import make_driver
from chemwright.experiment.lab.protocol import ConnectionLost, DeviceError
from chemwright.experiment.lab.records import Setpoint
from chemwright.experiment.lab.virtual.snar import station

pytest.importorskip("asyncua")
SPEED = 100.0


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def serve(folder, *more, speed=SPEED):
    """A server process and its address."""
    url = f"opc.tcp://127.0.0.1:{free_port()}/lab"
    command = [sys.executable, "-m", "chemwright", "lab", "virtual", "--url", url, "--keys", str(folder / "keys"), "--speed", str(speed), "--diary", str(folder / "diary"), *more]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "the virtual lab is at" in line:
            return process, url
    raise AssertionError("the server did not come up")


def end(process):
    process.kill()
    process.wait()
    process.stderr.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("opcua")
    make_certificates(out / "keys")
    make_certificates(out / "strangers", user="planner")
    return out


@pytest.fixture(scope="module")
def url(folder):
    process, url = serve(folder, "--watchdog", "1.0")
    yield url
    end(process)


def driver_for(folder, url, **options):
    return make_driver(station(time_factor=SPEED, driver="opcua", url=url, **{"keys": str(folder / "keys"), "timeout": "4", **options}))


@pytest.fixture
def driver(folder, url):
    out = driver_for(folder, url)
    out.connect()
    yield out
    out.close()


def test_private_keys_are_the_owners_alone(folder):
    paths = certificate_paths(folder / "keys")
    assert all(p.endswith((".pem", ".json")) for p in paths.values())
    assert {Path(p).stat().st_mode & 0o777 for p in paths.values()} == {0o600}
    assert (folder / "keys").stat().st_mode & 0o777 == 0o700
    assert json.loads(Path(paths["password"]).read_text())["password"] not in Path(paths["users"]).read_text()
    with pytest.raises(InputError, match="keys already"):
        make_certificates(folder / "keys")


def test_set_points_go_out_and_readings_come_in(driver, folder):
    driver.start("t1")
    driver.set([Setpoint("flow_a", 2.0, "mL/min"), Setpoint("temperature", 60.0, "degC")])
    first = {r.channel: r for r in driver.read()}
    assert first["ortho"].quality in ("waiting", "good")
    time.sleep(0.5)
    later = {r.channel: r for r in driver.read()}
    assert later["flow_a_measured"].value == pytest.approx(2.0, rel=0.05)
    assert later["pressure"].at > first["pressure"].at
    assert later["temperature_measured"].unit == "degC"
    driver.abort()
    time.sleep(0.3)
    assert {r.channel: r for r in driver.read()}["flow_a_measured"].value < 0.2
    assert '"run": "t1"' in (folder / "diary").read_text()


def test_a_lab_that_hears_nobody_makes_itself_safe(folder, url):
    driver = driver_for(folder, url)
    driver.connect()
    before = (folder / "diary").read_text().count("watchdog")
    driver.set([Setpoint("flow_a", 2.0, "mL/min")])
    time.sleep(2.0)
    assert (folder / "diary").read_text().count("watchdog") == before + 1
    driver.close()


def test_another_unit_is_told_before_anything_is_commanded(folder, url):
    st = station(driver="opcua", url=url, keys=str(folder / "keys"))
    channels = tuple(evolve(c, unit="L/h") if c.name == "flow_a" else c for c in st.channels)
    with pytest.raises(DeviceError, match="'mL/min' on the server, in 'L/h'"):
        make_driver(evolve(st, channels=channels, agreements=())).connect()


def strange(folder, name, change):
    """A copy of the client's keys with one thing changed."""
    out = folder / name
    out.mkdir(mode=0o700)
    ours, theirs = certificate_paths(folder / "keys"), certificate_paths(folder / "strangers")
    for key, path in certificate_paths(out).items():
        Path(path).write_bytes(Path((theirs if key in change else ours)[key]).read_bytes())
        Path(path).chmod(0o600)
    return out


@pytest.mark.parametrize("change", [("password",), ("client_certificate", "client_key"), ("server_certificate",)], ids=["password", "certificate", "server"])
def test_a_stranger_is_refused(folder, url, change, request):
    keys = strange(folder, request.node.callspec.id, change)
    with pytest.raises((ConnectionLost, DeviceError)):
        make_driver(station(driver="opcua", url=url, keys=str(keys), timeout="2")).connect()


def test_an_unknown_user_is_refused(folder, url):
    keys = strange(folder, "user", ())
    (keys / "password.json").write_text(json.dumps({"user": "admin", "password": json.loads((folder / "keys" / "password.json").read_text())["password"]}))
    with pytest.raises(DeviceError, match="refuses us"):
        make_driver(station(driver="opcua", url=url, keys=str(keys))).connect()


def test_keys_open_to_others_are_not_used(folder, url):
    keys = strange(folder, "open", ())
    (keys / "client-key.pem").chmod(0o644)
    with pytest.raises(StorageError, match="others may read"):
        make_driver(station(driver="opcua", url=url, keys=str(keys))).connect()


def raw(url, folder, *, secure, login):
    """Try to write a set point without the whole way in; what stopped it."""
    import asyncua
    from asyncua import ua
    from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256

    who = json.loads((folder / "keys" / "password.json").read_text())

    async def attempt():
        client = asyncua.Client(url, timeout=2)
        paths = certificate_paths(folder / "keys")
        if secure:
            client.application_uri = "urn:chemwright:lab:client"
            await client.set_security(
                SecurityPolicyBasic256Sha256,
                paths["client_certificate"],
                paths["client_key"],
                server_certificate=paths["server_certificate"],
                mode=ua.MessageSecurityMode.SignAndEncrypt,
            )
        try:
            await client.connect_socket()
            await client.send_hello()
            await client.open_secure_channel()
            await client.create_session()
            if login == "password":
                await client.activate_session(who["user"], who["password"])
            elif login == "anonymous":
                await client.activate_session()
            await client.get_node(ua.NodeId("flow_a", 2)).write_value(3.0)
        finally:
            client.disconnect_socket()

    asyncio.run(asyncio.wait_for(attempt(), 20))


@pytest.mark.parametrize(
    ("secure", "login"),
    [(False, "password"), (False, "anonymous"), (False, "none"), (True, "anonymous"), (True, "none")],
    ids=["open-password", "open-anonymous", "open-no-login", "anonymous", "no-login"],
)
def test_nothing_is_written_without_the_whole_way_in(folder, url, driver, secure, login, monkeypatch):
    import asyncua

    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    if not secure:  # an attacker's client does not mind that the server offers no open endpoint
        monkeypatch.setattr(asyncua.Client, "find_endpoint", staticmethod(lambda endpoints, *_: endpoints[0]))
    with pytest.raises(Exception) as error:  # noqa: PT011 (the library raises errors of many kinds)
        raw(url, folder, secure=secure, login=login)
    assert not isinstance(error.value, AssertionError)
    driver.read()
    time.sleep(0.3)
    assert {r.channel: r for r in driver.read()}["flow_a_measured"].value < 0.5


def test_a_server_that_dies_is_a_lost_connection(folder):
    process, address = serve(folder)
    driver = driver_for(folder, address, timeout="1.5")
    driver.connect()
    driver.read()
    end(process)
    with pytest.raises(ConnectionLost):
        driver.read()
    with pytest.raises(ConnectionLost):
        driver.connect()
