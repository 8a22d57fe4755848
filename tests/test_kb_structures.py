"""The structure index: the same answers as RDKit one by one, whatever comes new, however long it takes, and whatever a file holds."""

import time

import numpy as np
import pytest
from rdkit import Chem, DataStructs, rdBase
from rdkit.Chem import rdFingerprintGenerator
from sqlalchemy import select, update

from chemwright.errors import InputError
from chemwright.knowledge.base import substances
from chemwright.knowledge.base.database import open_base
from chemwright.knowledge.base.schema import substance
from chemwright.knowledge.search import forget_structures, search, structure_index, update_fingerprints
from chemwright.knowledge.search.fingerprints import compute
from chemwright.knowledge.search.patterns import MAX_DEPTH, PatternError, check, required, without_recursion
from chemwright.knowledge.search.structures import StructureIndex
from chemwright.knowledge.search.worker import TimeLimit, Worker
from chemwright.record import Filing, SubstanceRecord

PATTERNS = [
    "C", "[#6]", "[OX2H]", "C#N", "cCl", "n", "[R2]", "[x4]", "[r5]", "[r{8-20}]", "[2H]", "[+]", "[!#6;!#1]", "[F,Cl,Br,I]", "S", "SS", "C=C", "c:c", "C~N", "[H]", "[H]O", "*", "[X4]", "[^2]", "[D4]", "[v5]", "[z2]",
    "[CX3](=O)[OX2H1]", "[NX3;H2;!$(NC=O)]", "[NX3;H0;!$(NC=O);!$(N=*)]([#6])([#6])[#6]", "[$(C(=O)O),$(S(=O)(=O)O)]", "[$([OH]c),$(N)]", "[$([CH3]),$([CH2]);!$(C-O)]C", "[$([$(C=O)])]", "[C;$(C(F)(F)F)]", "S(=O)(=O)N",
    "c1ccccc1", "n1ccccc1", "c1ccc2ccccc2c1", "C1CCCCC1", "O=C1C(N)C2SCCN12", "[!#1;!R]c1ccccc1[!#1;!R]", "[CH2][CH2][CH2][CH2]", "[R]-!@[R]", "[Na,K,Fe,Zn]", "C(F)(F)F", "[C@](C)(N)O", "F/C=C/F", "[Na+].[Cl-]", "[U]",
    "C1CCC2C(C1)CCC1C2CCC2CCCC12", "P(=O)(O)O", "[#7]~[#6]~[#8]", "a!:a", "[OX2H]-[CX4;R]", "[nH]", "[O-]", "[N+](=O)[O-]", "C=,#C", "C-;@C", "C!-C",
]  # fmt: skip


def smiles_of(n):
    """Real molecules from the tables of ``chemicals``, every kind of element among them."""
    from pathlib import Path

    import chemicals

    folder = Path(chemicals.__file__).parent / "Identifiers"
    out = []
    for name, step, most in (("chemical identifiers pubchem large.tsv", 53, n - 150), ("Inorganic db.tsv", 6, 100), ("Cation db.tsv", 4, 50)):
        lines = (folder / name).read_text(encoding="utf-8").splitlines()[::step][: 2 * most]
        with rdBase.BlockLogs():
            mols = [Chem.MolFromSmiles(line.split("\t")[4]) for line in lines]
        out += [Chem.MolToSmiles(m) for m in mols if m is not None and m.GetNumAtoms()][:most]
    return list(dict.fromkeys(out))


def file(kb, smiles, start=0):
    with kb.writing() as connection:
        records = [SubstanceRecord(f"key:{start + i}", "molecule", smiles=s) for i, s in enumerate(smiles)]
        rows = substances.ensure(connection, records, Filing(visibility="public"))
    return [rows[r.key] for r in records]


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    kb = open_base(tmp_path_factory.mktemp("structures") / "a.kb", create=True)
    smiles = smiles_of(1300)
    rows = file(kb, smiles)
    yield kb, np.array(rows), [Chem.MolFromSmiles(s) for s in smiles]
    forget_structures()
    kb.close()


@pytest.mark.parametrize("smarts", PATTERNS)
def test_substructures_are_those_that_rdkit_finds(known, smarts):
    kb, rows, mols = known
    pattern = Chem.MolFromSmarts(smarts)
    expected = [int(r) for r, m in zip(rows, mols, strict=True) if m.HasSubstructMatch(pattern)]
    index = structure_index(kb)
    found, complete = index.substructure(smarts)
    assert complete
    assert found.tolist() == expected
    some, whole = index.substructure(smarts, limit=7)
    assert some.tolist() == expected[:7]
    assert whole == (len(expected) <= 7)
    within = rows[::3]
    assert index.substructure(smarts, within=within)[0].tolist() == [r for r in expected if r in set(within.tolist())]


@pytest.mark.parametrize(
    ("smiles", "threshold", "top"), [("CCO", 0.0, 50), ("CC(=O)Oc1ccccc1C(=O)O", 0.3, None), ("c1ccccc1", 0.5, 5), ("[Na+].[Cl-]", 0.9, None), ("CCCCCCCCCC", 0.0, 1)]
)
def test_similarities_are_those_of_rdkit(known, smiles, threshold, top):
    kb, rows, mols = known
    make = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048).GetFingerprint
    scores = np.array(DataStructs.BulkTanimotoSimilarity(make(Chem.MolFromSmiles(smiles)), [make(m) for m in mols]))
    found, values = structure_index(kb).similar(smiles, threshold, top)
    expected = sorted((-s, int(r)) for r, s in zip(rows, scores, strict=True) if s > 0 and s >= threshold)[:top]
    assert values == pytest.approx([-s for s, _ in expected], abs=1e-6)
    assert set(found.tolist()) == {r for _, r in expected}


def test_similarity_in_small_blocks_finds_the_same(known, monkeypatch):
    index = structure_index(known[0])
    whole = [index.similar("CC(=O)Oc1ccccc1C(=O)O", t, top) for t, top in ((0.0, 30), (0.25, None), (0.6, 3))]
    monkeypatch.setattr("chemwright.knowledge.search.screen.BLOCK", 64)
    for (rows, scores), (t, top) in zip(whole, ((0.0, 30), (0.25, None), (0.6, 3)), strict=True):
        again, values = index.similar("CC(=O)Oc1ccccc1C(=O)O", t, top)
        assert again.tolist() == rows.tolist()
        assert values.tolist() == scores.tolist()


def test_what_comes_new_is_found_and_kept(tmp_path):
    kb = open_base(tmp_path / "b.kb", create=True)
    index = StructureIndex(workers=2)
    index.refresh(kb)
    assert len(index) == 0
    assert index.substructure("C")[0].tolist() == []
    rows = []
    for i, block in enumerate((["CCO", "c1ccccc1"], ["CC#N"], ["Cc1ccccc1", "*CC(*)c1ccccc1", "no SMILES"], ["C[Se]C"])):
        rows += file(kb, block, 10 * i)
        kb.add(SubstanceRecord(f"name:{i}", "name", f"nameless {i}"))
        index.refresh(kb)
        index.refresh(kb)
    assert index.substructure("c1ccccc1")[0].tolist() == [rows[1], rows[3], rows[4]]
    assert index.substructure("[Se]")[0].tolist() == [rows[6]]
    assert update_fingerprints(kb) == 7
    assert update_fingerprints(kb) == 0
    with kb.reading() as connection:
        unread = connection.execute(select(substance.c.pk).where(substance.c.pattern == b"")).scalars().all()
    assert unread == [rows[5]]
    again = StructureIndex()
    again.refresh(kb)
    assert again.substructure("c1ccccc1")[0].tolist() == [rows[1], rows[3], rows[4]]
    index.close()
    again.close()
    kb.close()


def test_two_processes_share_the_work(known, monkeypatch):
    kb, rows, mols = known
    monkeypatch.setattr("chemwright.knowledge.search.structures.PARALLEL_FROM", 10)
    index = StructureIndex(workers=2)
    index.refresh(kb)
    pattern = Chem.MolFromSmarts("c1ccccc1C=O")
    expected = [int(r) for r, m in zip(rows, mols, strict=True) if m.HasSubstructMatch(pattern)]
    assert index.substructure("c1ccccc1C=O")[0].tolist() == expected
    assert index.substructure("c1ccccc1C=O", limit=2)[0].tolist() == expected[:2]
    index.close()


HANG = "*" + "~*" * 30 + "~[$([Fe])]"
BALL = "c12c3c4c5c1c1c6c7c2c2c8c3c3c9c4c4c%10c5c5c1c1c6c6c%11c7c2c2c7c8c3c3c8c9c4c4c9c%10c5c5c1c1c6c6c%11c2c2c7c3c3c8c4c4c9c5c1c1c6c2c3c41"


def test_a_pattern_without_end_is_stopped_and_the_next_one_works(tmp_path):
    kb = open_base(tmp_path / "c.kb", create=True)
    rows = file(kb, [BALL + ".[Fe]", "CC[Fe]"])
    index = StructureIndex()
    index.refresh(kb)
    start = time.monotonic()
    with pytest.raises(TimeLimit, match="time limit"):
        index.substructure(HANG, seconds=1.0)
    assert time.monotonic() - start < 5.0
    assert index.substructure("C[Fe]")[0].tolist() == [rows[1]]
    assert index.substructure("CC[Fe]")[0].tolist() == [rows[1]]
    index.close()
    kb.close()


def test_a_structure_without_end_counts_as_unreadable(monkeypatch):
    """The process is stopped as it would be by a SMILES that hangs: here it is one that the process has been made slow for."""
    monkeypatch.setattr("chemwright.knowledge.search.fingerprints.SECONDS_EACH", 0.0)
    worker = Worker()
    assert [r.pattern for r in compute(["CCO", "CC"], set(), [worker])] == [b"", b""]
    monkeypatch.setattr("chemwright.knowledge.search.fingerprints.SECONDS_EACH", 20.0)
    assert len(compute(["CCO"], set(), [worker])[0].morgan) == 256
    worker.stop()


@pytest.mark.parametrize(
    "smarts", ["C(=O", "", " ", "x" * 2000, "C" * 300, "[$([$([$([$([$(C)])])])])]", "[" + ",".join(["$(C)"] * 50) + "]", "C C", "碳", "\0", "C\nC", "[$(" * 300]
)
def test_patterns_that_are_refused(known, smarts):
    with pytest.raises(InputError) as caught:
        structure_index(known[0]).substructure(smarts)
    assert caught.value.fix


def test_a_file_with_false_fingerprints_is_read_without_harm(tmp_path):
    kb = open_base(tmp_path / "d.kb", create=True)
    rows = file(kb, ["CCO", "CCN", "CCC", "CCS", "CCCl", "C#N"])
    update_fingerprints(kb)
    bad = [b"x", b"", b"\xff" * 300, b"\x01" * 258, b"\xff" * 5000]
    with kb.writing() as connection:
        for row, blob in zip(rows, bad, strict=False):
            connection.execute(update(substance).where(substance.c.pk == row).values(pattern=blob, morgan=b"\xff" * 256))
    kb.close()
    with open_base(tmp_path / "d.kb", read_only=True) as again:
        index = StructureIndex()
        index.refresh(again)
        assert rows[5] in index.substructure("C#N")[0].tolist()
        assert set(index.substructure("C")[0].tolist()) <= set(rows)
        index.similar("CCO")
        index.close()


def test_a_base_that_can_only_be_read_is_searched(tmp_path, monkeypatch):
    monkeypatch.setattr("chemwright.knowledge.search.structures.STORE_FROM", 1)
    with open_base(tmp_path / "e.kb", create=True) as kb:
        file(kb, ["CCO", "CCN"])
    with open_base(tmp_path / "e.kb", read_only=True) as kb:
        assert len(search(kb, "substructure:CN")) == 1
    forget_structures()


@pytest.mark.parametrize(
    ("smarts", "screen", "needs"),
    [
        ("[C;$(A),$(B)]", "[C;*,*]", [["A", "B"]]), ("[!$(C=O)]N", "[*]N", []), ("[N;!$(N=*);$(NC)]", "[N;*;*]", [["NC"]]), ("[$(A),O]", "[*,O]", []), ("C(C)N", "C(C)N", []),
        ("[$([C;$(N)])]", "[*]", [["[C;$(N)]"]]), ("[$(C[O,N])]C", "[*]C", [["C[O,N]"]]),
    ],
)  # fmt: skip
def test_recursive_parts(smarts, screen, needs):
    assert without_recursion(smarts) == screen
    assert required(smarts) == needs


def test_the_bounds_of_patterns():
    deep = "C"
    for _ in range(MAX_DEPTH):
        deep = f"[$({deep})]"
    check(deep)
    with pytest.raises(PatternError):
        check(f"[$({deep})]")
