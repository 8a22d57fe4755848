"""Between file and server: the same rows under the same keys, proved by hashes; one difference takes everything back."""

import json
import shutil

import pytest
from sqlalchemy import text as sql

from chemwright.errors import StorageError
from chemwright.knowledge.base import audit, contents, open_base
from chemwright.knowledge.base.migrate import migrate
from chemwright.knowledge.base.schema import metadata
from chemwright.knowledge.properties import Property
from chemwright.record import Claim, ExperimentRecord, Filing, Outcome, Participant, Source, SubstanceRecord


@pytest.fixture(scope="module")
def filled(tmp_path_factory, core_path):
    """A small core with experiments, files, labels, an own property and changes of standing."""
    path = tmp_path_factory.mktemp("migrate") / "small.kb"
    shutil.copyfile(core_path, path)
    with open_base(path, who="ann") as kb:
        experiments = [
            ExperimentRecord(
                f"run-{i}", f"氯苯与哌啶反应 {i}; stirred '; DROP TABLE claim; -- 🧪", (Participant("ethanol", "solvent"), Participant("water", "reactant", mass=0.1 * i)),
                {"temperature": 300.0 + i}, (Outcome("density", 900.0 + i / 7, 0.1, "water"),), settings={"well": f"A{i}"}, source="notebook 7",
            ) for i in range(40)
        ]  # fmt: skip
        keys = kb.add(*experiments, Source("notebook 7", "experiment", "笔记本"), filing=Filing("CC-BY-4.0", "group"))
        kb.put_asset(bytes(range(256)) * 40_000, "谱图.bin")  # two parts
        kb.put_asset(b"", "empty")
        kb.add_property(Property("ours:shine", low=0.0, high=1.0, zh="光泽"))
        kb.add(SubstanceRecord("material:Pt/C", "material", "铂碳", synonyms=("platinum on carbon",), composition={"Pt": 0.05, "C": 0.95}))
        claim = kb.add(Claim("x", "water", "ours:shine", 0.25, note="µ 水"))[0]
        kb.label(keys[0], claim, "material:Pt/C", add=["好", "checked"])
        kb.retract(keys[1], why="wrong vial")
        kb.supersede(keys[2], by=keys[3], why="measured again")
    return path


def prints(kb):
    with kb.reading() as connection:
        return {t.name: contents.fingerprint(connection, t) for t in metadata.sorted_tables if t.name != "audit"}


def trail(kb):
    return [{k: v for k, v in line.items() if k != "pk"} for line in reversed(kb.history(limit=1000))]


def test_there_and_back_by_hashes(filled, tmp_path, postgres_database):
    said = []
    with (
        open_base(filled, read_only=True) as first,
        open_base(postgres_database(), create=True, who="bob") as server,
        open_base(tmp_path / "back.kb", create=True, who="eve") as back,
    ):
        there = migrate(first, server, lambda words, share: said.append(share))
        migrate(server, back)
        assert prints(first) == prints(server) == prints(back)
        assert first.counts() == server.counts() == back.counts()
        assert there.rows["claim"] > 1000
        assert there.rows["blob"] == 3
        assert trail(server)[:-1] == trail(first)
        assert trail(back)[:-1] == trail(server)
        assert [line["what"] for line in trail(back)[-2:]] == ["migrate", "migrate"]
        for kb in (first, server, back):
            verdict = kb.verify()
            assert verdict.ok, str(verdict)
        assert [f.filing.labels for f in (server.get(c.key) for c in first.claims("water", "ours:shine"))] == [("checked", "好")]
        assert server.substance("铂碳") == first.substance("铂碳")
        assert first.claims("water") == server.claims("water") == back.claims("water")
        words = "铂碳"
        with back.reading() as a, server.reading() as b:
            on_file = a.execute(sql("SELECT count(*) FROM text_index WHERE text_index MATCH :w"), {"w": f'"{words}"'}).scalar()
            on_server = b.execute(sql("SELECT count(*) FROM text WHERE body @@ phraseto_tsquery('simple', :w)"), {"w": words}).scalar()
            assert on_file == on_server == 1
        # both go on counting from where the source stopped
        assert server.add(Claim("y", "ethanol", "ours:shine", 0.5)) == back.add(Claim("y", "ethanol", "ours:shine", 0.5))
        assert server.verify().ok
    assert [s for s in said if s is not None] == sorted(s for s in said if s is not None)


@pytest.fixture(params=["file", "server"])
def empty(request, tmp_path):
    """The address of a base to be."""
    return tmp_path / "new.kb" if request.param == "file" else request.getfixturevalue("postgres_database")()


def test_a_target_with_something_in_it_is_refused(filled, empty):
    with open_base(filled, read_only=True) as source, open_base(empty, create=True) as target:
        target.add(Claim("a", "ethanol", "boiling_point", 351.4, "K"))
        before = prints(target)
        with pytest.raises(StorageError, match=r"holds \d+ rows of \w+ already"):
            migrate(source, target)
        assert prints(target) == before


def test_one_difference_takes_everything_back(filled, empty, monkeypatch):
    from chemwright.knowledge.base import migrate as module

    real = module._insert

    def slips(connection, table, rows):
        real(connection, table, [[*row[:4], row[4] * (1 + 1e-11), *row[5:]] if table.name == "claim" and i == 7 else row for i, row in enumerate(rows)])

    monkeypatch.setattr(module, "_insert", slips)
    with open_base(filled, read_only=True) as source, open_base(empty, create=True) as target:
        with pytest.raises(StorageError, match="nothing was carried over"):
            migrate(source, target)
        assert target.counts() == {"substance": 0, "claim": 0, "source": 1}
        assert [line["what"] for line in target.history()] == ["init"]
        monkeypatch.undo()
        migrate(source, target)
        assert target.verify().ok


def test_a_damaged_source_is_not_carried_over(filled, tmp_path, empty):
    damaged = tmp_path / "damaged.kb"
    shutil.copyfile(filled, damaged)
    with open_base(damaged) as kb:
        with kb.writing() as connection:
            connection.execute(sql("UPDATE claim SET value = value * 1.5 WHERE pk = 5"))
        with open_base(empty, create=True) as target, pytest.raises(StorageError, match="does not say what was filed; nothing was carried over"):
            migrate(kb, target)


def test_the_trail_still_refuses_changes_after_a_migration(filled, empty):
    with open_base(filled, read_only=True) as source, open_base(empty, create=True) as target:
        migrate(source, target)
        for line in ("UPDATE audit SET who = 'x'", "DELETE FROM audit"):
            with pytest.raises(StorageError, match="append-only"), target.writing() as connection:
                connection.execute(sql(line))
        with target.reading() as connection:
            assert audit.broken_at(connection) is None
        assert json.loads(target.history(limit=1)[0]["detail"])["rows"] > 1000
