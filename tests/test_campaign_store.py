"""A campaign on disk: the journal is the truth, a kill at any time loses and repeats nothing, one writer at a time."""

import json
import random
import signal
import subprocess
import sys
import time

import attrs
import pytest

from chemwright.errors import InputError, StorageError
from chemwright.experiment import Campaign, categorical, continuous, objective
from chemwright.experiment import store as store_module
from chemwright.experiment.folder import change_campaign, open_campaign
from chemwright.experiment.store import EVERY, JOURNAL, SNAPSHOT, Event, load_record, update
from chemwright.experiment.template import template
from chemwright.record import CampaignSettings, from_json, to_json
from chemwright.record.lock import hold


def campaign(**settings):
    variables = [continuous("x", 0, 1), categorical("base", ["a", "b", "c"])]
    return Campaign.new("kept", variables, [objective("y", "maximise")], settings=CampaignSettings(planner="space_filling", **settings), seed=3)


def test_saved_and_loaded_is_the_same(tmp_path):
    c = campaign()
    c.save(tmp_path / "c")
    assert Campaign.load(tmp_path / "c").record == c.record
    for _ in range(EVERY + 3):
        c = c.suggest(1)
        c.save(tmp_path / "c")
        c = c.tell(c.last[0], 1.0, when=1.0)
        c.save(tmp_path / "c")
        assert load_record(tmp_path / "c") == c.record
    c.save(tmp_path / "c")  # nothing new: no line is added
    lines = (tmp_path / "c" / JOURNAL).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 2 * (EVERY + 3)
    assert json.loads((tmp_path / "c" / SNAPSHOT).read_text(encoding="utf-8"))["events"] == 2 * EVERY
    event = from_json(lines[3], Event)
    assert from_json(to_json(event), Event) == event
    borrowed = attrs.evolve(c.record, borrowed=c.record.trials[:1])
    attrs.evolve(c, record=borrowed).save(tmp_path / "c")
    assert load_record(tmp_path / "c") == borrowed


def saved(tmp_path):
    c = campaign().suggest(2)
    c.save(tmp_path / "c")
    d = c.tell("t1", 0.5, when=2.0)
    d.save(tmp_path / "c")
    return tmp_path / "c", c, d


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_torn_last_line_was_never_saved_and_is_cut_off(tmp_path, cut):
    folder, c, d = saved(tmp_path)
    whole = (folder / JOURNAL).read_bytes()
    (folder / JOURNAL).write_bytes(whole[:-cut])
    assert load_record(folder) == c.record
    d.save(folder)
    assert (folder / JOURNAL).read_bytes() == whole


@pytest.mark.parametrize(
    "damage", [lambda p: p.unlink(), lambda p: p.write_bytes(p.read_bytes()[:100]), lambda p: p.write_text("{}", encoding="utf-8"), lambda p: p.write_text(p.read_text(encoding="utf-8").replace("kept", "kopt"), encoding="utf-8"), lambda p: p.write_bytes(b"\xff\xfe")]
)  # fmt: skip
def test_a_snapshot_that_is_damaged_is_passed_over(tmp_path, damage):
    folder, _, d = saved(tmp_path)
    damage(folder / SNAPSHOT)
    assert load_record(folder) == d.record


def test_a_snapshot_ahead_of_the_journal_is_passed_over(tmp_path):
    folder, c, _ = saved(tmp_path)
    lines = (folder / JOURNAL).read_text(encoding="utf-8").splitlines(keepends=True)
    data = json.loads((folder / SNAPSHOT).read_text(encoding="utf-8"))
    (folder / SNAPSHOT).write_text(json.dumps({**data, "events": 9}), encoding="utf-8")
    (folder / JOURNAL).write_text("".join(lines[:1]), encoding="utf-8")
    assert load_record(folder) == c.record


def test_a_snapshot_of_another_journal_is_passed_over(tmp_path):
    folder, _, d = saved(tmp_path)
    other = campaign().suggest(1)
    other.save(tmp_path / "other")
    (folder / SNAPSHOT).write_bytes((tmp_path / "other" / SNAPSHOT).read_bytes())
    assert load_record(folder) == d.record


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: [lines[0], "not json\n", *lines[1:]], "line 2"),
        (lambda lines: [lines[0], lines[0], *lines[1:]], "line 2"),
        (lambda lines: lines[1:], "line 1"),
        (lambda lines: [], "empty"),
        (lambda lines: [lines[0], lines[1].replace('"number": 1', '"number": 7')], "event 7"),
        (lambda lines: [lines[0].replace('"schema_version": 1', '"schema_version": 99')], "schema version 99"),
    ],
    ids=range(6),
)
def test_a_damaged_journal_is_said_with_its_line(tmp_path, change, said):
    folder, _, _ = saved(tmp_path)
    (folder / SNAPSHOT).unlink()
    lines = (folder / JOURNAL).read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / JOURNAL).write_text("".join(change(lines)), encoding="utf-8")
    with pytest.raises(InputError, match=said) as caught:
        load_record(folder)
    assert JOURNAL in caught.value.where


def test_who_comes_late_does_not_overwrite(tmp_path):
    folder, c, d = saved(tmp_path)
    with pytest.raises(StorageError, match="moved on"):
        c.save(folder)
    other = c.tell("t2", 0.7, when=3.0)
    with pytest.raises(StorageError, match="moved on"):
        other.save(folder)
    with pytest.raises(StorageError, match="another campaign"):
        attrs.evolve(d, record=attrs.evolve(d.record, name="other")).save(folder)
    assert load_record(folder) == d.record
    change_campaign(folder, lambda c: c.tell("t2", 0.7))
    assert {t.id: t.results for t in load_record(folder).trials} == {"t1": {"y": 0.5}, "t2": {"y": 0.7}}


def test_one_writer_at_a_time(tmp_path, monkeypatch):
    from concurrent.futures import ThreadPoolExecutor

    folder, _, d = saved(tmp_path)
    monkeypatch.setattr("chemwright.record.lock.WAIT", 0.05)
    with hold(folder), ThreadPoolExecutor(1) as pool, pytest.raises(StorageError, match="working on this campaign"):
        pool.submit(d.suggest(1).save, folder).result()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: update(folder, lambda r: Campaign(r).suggest(1).record), range(8)))
    assert [t.id for t in load_record(folder).trials] == [f"t{i}" for i in range(1, 11)]


def test_a_change_that_fails_leaves_the_folder_as_it_was(tmp_path, monkeypatch):
    folder, _, d = saved(tmp_path)
    before = (folder / JOURNAL).read_bytes()
    with pytest.raises(InputError):
        change_campaign(folder, lambda c: c.tell("t9", 1))
    monkeypatch.setattr(store_module.os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(StorageError, match="disk is full"):
        d.suggest(1).save(folder)
    monkeypatch.undo()
    assert load_record(folder).trials[:2] == d.record.trials
    assert (folder / JOURNAL).read_bytes().startswith(before)


def test_what_is_not_there_is_said_with_near_misses(tmp_path):
    saved(tmp_path)
    with pytest.raises(InputError, match="did you mean 'c'") as caught:
        Campaign.load(tmp_path / "C")
    assert "no campaign" in caught.value.message
    with pytest.raises(InputError, match="chemwright lab new"):
        Campaign.load(tmp_path / "elsewhere" / "x")


def test_the_file_of_a_campaign_may_change_as_far_as_the_experiments_allow(tmp_path):
    file = tmp_path / "campaign.toml"
    text = template("x", "screen")
    file.write_text(text, encoding="utf-8")
    c = change_campaign(file, lambda c: c.suggest(2))
    assert open_campaign(tmp_path).record == c.record
    file.write_text(text.replace('"KOtBu"]\n', '"KOtBu", "NaOH"]\n', 1), encoding="utf-8")
    d = open_campaign(tmp_path)
    assert d.words == ("campaign.toml was changed: variables is as it says now",)
    assert "NaOH" in d.record.variables[1].levels
    assert d.record.trials == c.record.trials
    assert open_campaign(tmp_path).words == ()
    change_campaign(tmp_path, lambda c: c.tell({"catalyst": "Pd(OAc)2", "base": "NaOH", "solvent": "DMF", "temperature": 60}, 5))
    for old, new, said in (
        ('"KOtBu", "NaOH"]', '"KOtBu"]', "'NaOH' of 'base' is gone"),
        ('name = "temperature"', 'name = "T"', "'temperature' is gone"),
        ("[[objective]]", '[[variable]]\nname = "n"\nvalues = [1, 2]\n\n[[objective]]', "'n' is new"),
        ('name = "yield"', 'name = "purity"', "'yield' is gone"),
    ):
        now = text.replace('"KOtBu"]\n', '"KOtBu", "NaOH"]\n', 1).replace(old, new, 1)
        file.write_text(now, encoding="utf-8")
        with pytest.raises(InputError, match=said):
            open_campaign(tmp_path)


PLANNER = """
import sys
from pathlib import Path
from chemwright.experiment import Campaign
from chemwright.experiment.store import update
folder, wanted = Path(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
while True:
    record = update(folder, lambda r: r)
    c = Campaign(record)
    if not c.open:
        if len(c.trials) >= wanted:
            break
        c = Campaign(update(folder, lambda r: Campaign(r).suggest(2).record))
        print("proposed", *[t.id for t in c.open], flush=True)
    for t in c.open:
        y = t.numbers["x"] + len(t.levels["base"])
        update(folder, lambda r: Campaign(r).tell(t.id, y, when=1.0).record)
        print("saved", t.id, repr(y), flush=True)
print("finished", flush=True)
"""


def test_ten_kills_lose_and_repeat_nothing(tmp_path):
    folder, wanted = tmp_path / "c", 60
    campaign().save(folder)
    rng = random.Random(7)
    said, kills = {}, 0
    while True:
        child = subprocess.Popen([sys.executable, "-c", PLANNER, str(folder), str(wanted)], stdout=subprocess.PIPE, text=True)
        lines = [child.stdout.readline()]
        if kills < 10:
            time.sleep(rng.uniform(0.0, 0.12))
            child.send_signal(signal.SIGKILL)
            kills += 1
        lines += child.stdout.read().splitlines()
        child.stdout.close()
        child.wait()
        for words in (line.split() for line in lines if line.startswith("saved")):
            if len(words) == 3:  # a kill may cut the line itself
                assert words[1] not in said, "an experiment was repeated"
                said[words[1]] = float(words[2])
        record = load_record(folder)
        assert [t.id for t in record.trials] == [f"t{i}" for i in range(1, len(record.trials) + 1)]
        assert all(record.trials[int(name[1:]) - 1].results == {"y": y} for name, y in said.items()), "a result was lost"
        assert len([t for t in record.trials if t.state == "open"]) <= 2
        if "finished" in lines:
            break
    assert kills == 10
    assert len(record.trials) == wanted
    straight = campaign()
    while len(straight.trials) < wanted:
        straight = straight.suggest(2)
        for t in straight.open:
            straight = straight.tell(t.id, t.numbers["x"] + len(t.levels["base"]), when=1.0)
    assert record.trials == straight.record.trials
