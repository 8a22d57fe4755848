"""The reader of a file is found by what it holds, whatever it is called."""

from __future__ import annotations

import gzip
import zipfile

import pytest
from ord_schema.proto import dataset_pb2

from chemwright.errors import InputError
from chemwright.knowledge.base.database import open_base
from chemwright.knowledge.exchange.dispatch import FORMS, import_file, recognise
from chemwright.knowledge.exchange.package import export_package
from chemwright.record import Claim, Filing, Source

DATASET = dataset_pb2.Dataset(name="own")
DATASET.reactions.add(reaction_id="ord-1").notes.procedure_details = "mix \0 well"
FILES = {
    "ord": ("a.bin", DATASET.SerializeToString()),
    "ord packed": ("a.pb.gz", gzip.compress(DATASET.SerializeToString())),
    "ord text": ("a.txt", b'reactions {\n  reaction_id: "x"\n}\n'),
    "thermoml": ("a.dat", b'<?xml version="1.0"?>\n<!-- a comment -->\n<DataReport xmlns="http://www.iupac.org/namespaces/ThermoML"/>'),
    "jcamp": ("a.txt", b"##TITLE= x\r\n##JCAMP-DX= 4.24\r\n"),
    "cantera": ("a.yaml", b"description: x\nphases:\n- {name: gas}\n"),
    "sdf": ("a.txt", b"\n  x\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n$$$$\n"),
    "csv": ("a.csv", b"substance,density\nwater,998\n"),
}


@pytest.mark.parametrize("name", FILES)
def test_content_tells_the_format(tmp_path, name):
    file, data = FILES[name]
    (tmp_path / file).write_bytes(data)
    assert recognise(tmp_path / file) == name.split(" ")[0]
    assert name.split(" ")[0] in FORMS


@pytest.mark.parametrize(
    ("file", "data"),
    [("a.csv", b""), ("a.pdf", b"%PDF-1.7\0"), ("a.gz", b"\x1f\x8b cut"), ("a.zip", b"PK\x03\x04"), ("a.xml", b"<html/>")],
    ids=["empty", "pdf", "cut", "zip", "html"],
)
def test_other_files_are_refused(tmp_path, file, data):
    (tmp_path / file).write_bytes(data)
    with pytest.raises(InputError, match=r"empty|no format|unpacked"):
        recognise(tmp_path / file)


def test_missing_files_have_near_misses(tmp_path):
    (tmp_path / "data.csv").write_text("x")
    with pytest.raises(InputError, match=r"data\.csv"):
        recognise(tmp_path / "dat.csv")
    with pytest.raises(InputError, match="folder"):
        recognise(tmp_path)


def test_a_file_goes_to_its_reader(tmp_path):
    with open_base(tmp_path / "a.kb", create=True) as kb:
        kb.add(Source("s", "experiment", "notebook"), Claim("a", "water", "density", 997.0, "kg/m^3", source="s"), filing=Filing("CC0-1.0", "public"))
        export_package(kb, tmp_path / "p.zip")
        assert zipfile.is_zipfile(tmp_path / "p.zip")
        with open_base(tmp_path / "b.kb", create=True) as other:
            assert import_file(other, tmp_path / "p.zip").form == "package"
            (tmp_path / "a.csv").write_bytes(FILES["csv"][1])
            with pytest.raises(InputError, match="mapping"):
                import_file(other, tmp_path / "a.csv")
            assert import_file(other, tmp_path / "a.csv", table_reader=lambda base, path: path.name) == "a.csv"
            with pytest.raises(InputError, match="jcamp"):
                import_file(other, tmp_path / "a.csv", form="jcmap")
