"""Open Reaction Database: messages come back as they were, changes lie over them, and what never was a message becomes a valid one."""

from __future__ import annotations

import gzip
import os
import struct
from pathlib import Path

import pytest
from attrs import evolve
from ord_schema.proto import dataset_pb2, reaction_pb2

from chemwright.errors import InputError
from chemwright.knowledge.base.database import open_base
from chemwright.knowledge.exchange.choose import Chosen, chosen_entries
from chemwright.knowledge.exchange.ord import import_ord, kept_message, message_of, message_text
from chemwright.knowledge.exchange.ord_units import fill, to_si
from chemwright.knowledge.exchange.ord_wire import MAX_REACTION, read_dataset
from chemwright.knowledge.exchange.ord_write import findings, write_ord
from chemwright.knowledge.identity import molecular
from chemwright.record import ExperimentRecord, Filing, Outcome, Participant, Source

OPEN = Filing(licence="CC-BY-SA-4.0", visibility="public")
ETHANOL = "LFQSCWFLJHTTHZ-UHFFFAOYSA-N"


def reaction(n: int = 0):
    """An oxidation of our own making, with something of every part."""
    r = reaction_pb2.Reaction(reaction_id=f"ord-{n:032x}")
    r.identifiers.add(type="REACTION_CXSMILES", value="CCO.O=O>>CC=O |f:0.1|")
    alcohol = r.inputs["alcohol"].components.add(reaction_role="REACTANT", is_limiting=True)
    alcohol.identifiers.add(type="SMILES", value="OCC")
    alcohol.identifiers.add(type="NAME", value="乙醇")
    fill(alcohol.amount.moles, 0.0125)
    alcohol.amount.moles.precision = 0.1
    alcohol.source.vendor = "our own still"
    solvent = r.inputs["solvent"].components.add(reaction_role="SOLVENT")
    solvent.identifiers.add(type="NAME", value="water")
    fill(solvent.amount.volume, 2e-5)
    unread = r.inputs["catalyst"].components.add(reaction_role="CATALYST")
    unread.identifiers.add(type="SMILES", value="not a smiles")
    unread.identifiers.add(type="NAME", value="catalyst of lot 7")
    unread.amount.unmeasured.type = reaction_pb2.UnmeasuredAmount.CATALYTIC
    r.conditions.temperature.setpoint.value, r.conditions.temperature.setpoint.units = 60.0, reaction_pb2.Temperature.CELSIUS
    r.conditions.pressure.atmosphere.type = reaction_pb2.PressureConditions.Atmosphere.OXYGEN
    r.conditions.stirring.rate.rpm = 600
    r.conditions.reflux = True
    r.notes.procedure_details = f"Run {n}: 加热并搅拌。"
    r.workups.add(type="EXTRACTION", details="with ether").input.components.add(reaction_role="WORKUP").identifiers.add(type="SMILES", value="CCOCC")
    outcome = r.outcomes.add()
    fill(outcome.reaction_time, 7200.0)
    outcome.conversion.value = 91.5
    outcome.analyses["GC"].type = reaction_pb2.Analysis.GC
    product = outcome.products.add(is_desired_product=True, reaction_role="PRODUCT")
    product.identifiers.add(type="SMILES", value="CC=O")
    product.measurements.add(analysis_key="GC", type="YIELD").percentage.value = 87.3
    product.measurements.add(analysis_key="GC", type="PURITY").percentage.value = 140.0  # impossible: it stays in the message
    fill(product.measurements.add(type="AMOUNT").amount.mass, 4.8e-4)
    r.provenance.doi = "10.1000/own"
    r.provenance.experiment_start.value = "2024-05-06 07:08:09"
    r.provenance.record_created.time.value = "2024-05-07"
    r.provenance.record_created.person.username = "li"
    r.provenance.record_created.person.email = "li@example.org"
    return r


def dataset(n: int = 3):
    return dataset_pb2.Dataset(name="own", description="made for a test", dataset_id="ord_dataset-" + "0" * 32, reactions=[reaction(i) for i in range(n)])


def written(data, path: Path) -> Path:
    body = data.SerializeToString()
    path.write_bytes(gzip.compress(body) if path.suffix == ".gz" else body)
    return path


def experiments(kb):
    with kb.reading() as connection:
        return [item for _, item in chosen_entries(connection, Chosen(), "experiment")]


@pytest.fixture
def base(tmp_path):
    with open_base(tmp_path / "a.kb", create=True, who="li") as kb:
        import_ord(kb, written(dataset(), tmp_path / "own.pb.gz"), filing=OPEN)
        yield kb


def test_fields_are_read_in_si(base):
    e = experiments(base)[0].record
    people = {p.role: p for p in e.participants}
    assert people["reactant"].substance == ETHANOL
    assert people["reactant"].amount == pytest.approx(0.0125)
    assert people["reactant"].name == "乙醇"
    assert people["solvent"].substance == molecular("O").key
    assert people["catalyst"].substance == "name:catalyst of lot 7"
    assert people["product"].mass == pytest.approx(4.8e-4)
    assert e.conditions == {"temperature": pytest.approx(333.15), "reaction_time": 7200.0, "rotation_speed": 10.0}
    assert [(o.property, o.value) for o in e.outcomes] == [("conversion", pytest.approx(0.915)), ("yield", pytest.approx(0.873))]
    assert "purity 1.4" in e.settings["left_out"]
    assert e.settings["atmosphere"] == "oxygen"
    assert e.reaction == "CCO.O=O>>CC=O"
    assert e.started == "2024-05-06T07:08:09"
    assert base.sources()[e.source].doi == "10.1000/own"


@pytest.mark.parametrize("ending", ["pb", "pb.gz", "pbtxt", "json", "json.gz"])
def test_every_form_comes_back_as_it_was(base, tmp_path, ending):
    made = write_ord(base, tmp_path / f"out.{ending}", dataset="ord_dataset-" + "0" * 32)
    assert made.records == {"experiment": 3}
    head, back = read_dataset(tmp_path / f"out.{ending}")
    assert list(back) == list(dataset().reactions)
    assert (head.name, head.description, head.dataset_id) == ("own", "made for a test", dataset().dataset_id)
    if ending.startswith("pb"):
        import_ord(base, tmp_path / f"out.{ending}", filing=OPEN)
        assert len(experiments(base)) == 3  # the same again is nothing new


@pytest.mark.parametrize("ending", ["pb", "pb.gz", "pbtxt", "json"])
def test_a_file_of_another_name_is_read_by_what_it_holds(base, tmp_path, ending):
    write_ord(base, tmp_path / f"out.{ending}")
    (tmp_path / f"out.{ending}").rename(tmp_path / "download.bin")
    assert len(list(read_dataset(tmp_path / "download.bin")[1])) == 3


def test_not_a_number_keeps_its_bits(tmp_path):
    data = dataset(1)
    data.reactions[0].conditions.temperature.setpoint.precision = struct.unpack("<f", b"\x00\x00\xc0\xff")[0]  # NaN with a sign, as real files have it
    with open_base(tmp_path / "a.kb", create=True) as kb:
        import_ord(kb, written(data, tmp_path / "n.pb"), filing=OPEN)
        assert kept_message(experiments(kb)[0].record).SerializeToString(deterministic=True) == data.reactions[0].SerializeToString(deterministic=True)


def test_what_is_changed_in_the_base_is_changed_in_the_message_and_nothing_else(base, tmp_path):
    old = experiments(base)[1]
    people = tuple(evolve(p, amount=0.025) if p.role == "reactant" else p for p in old.record.participants)
    outcomes = tuple(evolve(o, value=0.5) if o.property == "yield" else o for o in old.record.outcomes)
    new = base.add(evolve(old.record, participants=people, outcomes=outcomes, conditions={**old.record.conditions, "temperature": 353.15}), filing=OPEN)[0]
    base.supersede(old.key, by=new, why="weighed again")
    made = write_ord(base, tmp_path / "o.pb", [new])
    assert made.notes == ()
    (back,) = read_dataset(tmp_path / "o.pb")[1]
    assert to_si(back.inputs["alcohol"].components[0].amount.moles) == pytest.approx(0.025)
    assert to_si(back.conditions.temperature.setpoint) == pytest.approx(353.15)
    assert back.outcomes[0].products[0].measurements[0].percentage.value == pytest.approx(50.0)
    expected = reaction(1)
    expected.inputs["alcohol"].components[0].amount.Clear()
    back.inputs["alcohol"].components[0].amount.Clear()
    for r in (expected, back):
        r.conditions.temperature.setpoint.Clear()
        r.outcomes[0].products[0].measurements[0].percentage.Clear()
    assert back == expected


def test_an_experiment_of_our_own_becomes_a_valid_message(tmp_path):
    with open_base(tmp_path / "a.kb", create=True, who="li") as kb:
        ethanol, ethanal = molecular("CCO", name="ethanol", cas="64-17-5"), molecular("CC=O", name="acetaldehyde")
        record = ExperimentRecord(
            "run 7", "Heated.", (Participant(ethanol.key, "reactant", "", 0.1, note="limiting"), Participant("water", "solvent", "", None, None, 1e-4), Participant(ethanal.key, "product", "", None, 0.003)),
            {"temperature": 333.15, "reaction_time": 3600.0}, (Outcome("yield", 0.68, 0.02, ethanal.key, "GC"), Outcome("conversion", 0.9)), "CCO>>CC=O", settings={"well": "A1"}, source="s",
        )  # fmt: skip
        kb.add(Source("s", "experiment", "notebook 3", "10.1000/n3"), ethanol, ethanal, record, filing=OPEN)
        made = write_ord(kb, tmp_path / "o.pb", email="li@example.org")
        assert made.notes == ()  # the validation of ord-schema has nothing to say
        (back,) = read_dataset(tmp_path / "o.pb")[1]
        assert findings(back) == []
        assert back.outcomes[0].products[0].measurements[1].percentage.value == pytest.approx(68.0)
        assert back.provenance.doi == "10.1000/n3"
        assert any("mail" in n for n in write_ord(kb, tmp_path / "o.pb").notes)  # without an address it says what is missing


def test_messages_that_may_not_leave_stay(base, tmp_path):
    keys = [i.key for i in experiments(base)]
    base.terms(keys[0], visibility="private")
    with pytest.raises(InputError, match="private"):
        write_ord(base, tmp_path / "o.pb")
    assert write_ord(base, tmp_path / "o.pb", leave_out=True).records == {"experiment": 2}


BROKEN = {
    "cut.pb": (lambda b: b[:-5], "ends within a message|not a reaction"),
    "cut.pb.gz": (lambda b: gzip.compress(b)[:-20], "unpacked|ends within"),
    "other.pb": (lambda b: b"\xff" * 40, "no protobuf"),
    "field.pb": (lambda b: b.replace(b"\x1a", b"\x1b", 1), "no protobuf|ends within|not a reaction"),
    "large.pb": (lambda b: b"\x1a" + bytes([0x80 | (MAX_REACTION + 1) & 0x7F, 0x80, 0x80, 0x80, 0x01]) + b"x", "at most"),
    "other.json": (lambda b: b'{"reactions": 3}', "not a data set"),
    "deep.json": (lambda b: b'{"reactions":' * 5000, "not a data set"),
    "other.pbtxt": (lambda b: b"reactions { nonsense: 3 }", "not a data set"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_refused_plainly(tmp_path, name):
    make, message = BROKEN[name]
    (tmp_path / name).write_bytes(make(dataset().SerializeToString()))
    with open_base(tmp_path / "a.kb", create=True) as kb, pytest.raises(InputError, match=message):
        import_ord(kb, tmp_path / name)


def test_a_message_and_its_text_are_one():
    r = reaction()
    assert message_of(message_text(r)) == r
    assert message_text(message_of(message_text(r))) == message_text(r)


@pytest.mark.parametrize("fixed", [("Temperature", 333.15), ("Pressure", 2.5e5), ("Time", 90.0), ("Mass", 1.2e-3), ("Moles", 3e-4), ("Volume", 5e-6)], ids=lambda f: f[0])
def test_quantities_go_and_come_back(fixed):
    kind, value = fixed
    quantity = getattr(reaction_pb2, kind)()
    assert to_si(quantity) is None
    fill(quantity, value)
    assert to_si(quantity) == pytest.approx(value, rel=1e-6)
    for number, unit in quantity.DESCRIPTOR.fields_by_name["units"].enum_type.values_by_number.items():
        if number:
            quantity.units = number
            fill(quantity, value)
            assert quantity.units == number, unit.name
            assert to_si(quantity) == pytest.approx(value, rel=1e-5)


@pytest.mark.skipif("CHEMWRIGHT_ORDERLY" not in os.environ, reason="the wheel 'orderly' is not there")
def test_real_data_sets_lose_nothing(tmp_path):
    paths = sorted(Path(os.environ["CHEMWRIGHT_ORDERLY"]).rglob("*.pb.gz"), key=lambda p: p.stat().st_size)[:4]
    assert len(paths) == 4
    with open_base(tmp_path / "a.kb", create=True) as kb:
        for path in paths:
            import_ord(kb, path, filing=OPEN)
            head, before = read_dataset(path)
            write_ord(kb, tmp_path / path.name, dataset=head.dataset_id)
            after = read_dataset(tmp_path / path.name)
            assert head == after[0]
            assert [r.SerializeToString(deterministic=True) for r in after[1]] == [r.SerializeToString(deterministic=True) for r in before]
