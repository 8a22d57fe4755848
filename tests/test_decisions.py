"""The decision log: evidence that exists, undo that is logged, what holds after each entry; older files are read."""

from __future__ import annotations

import json

import pytest

from chemwright.case import Case
from chemwright.case.decisions import decided, listed, taken_back
from chemwright.case.folder import DECISIONS, CaseFolder
from chemwright.cli import main
from chemwright.errors import InputError
from chemwright.knowledge import write_bundled
from chemwright.record import Decision, from_json, to_json
from chemwright.record.decisions import standings

OLD_FILE = (
    """[{"by": "A. Chemist", "choice": "Tianjin", "evidence": [], "id": "d1", "what": "plant.site", "when": "2026-11-01T08:00:00+00:00", "why": "solvent recovery is there"}]"""
)


@pytest.fixture
def case(tmp_path):
    return Case.from_toml(write_bundled("snar", tmp_path / "snar"), tmp_path / "a.case")


def states(log):
    return {s.decision.id: (s.state, s.by) for s in standings(log) if s.decision.when}


def entry(id, what="plant.site", choice="Tianjin"):
    return Decision(id, what, choice, "A", "because", "2026-11-24T08:00:00+00:00")


@pytest.mark.parametrize(
    ("log", "wanted"),
    [
        ([entry("d1")], {"d1": ("holds", "")}),
        ([entry("d1"), entry("d2", choice="Nanjing")], {"d1": ("replaced", "d2"), "d2": ("holds", "")}),
        ([entry("d1"), entry("d2", "undo", "d1")], {"d1": ("undone", "d2"), "d2": ("undo", "")}),
        ([entry("d1"), entry("d2", "undo", "d1"), entry("d3")], {"d1": ("undone", "d2"), "d2": ("undo", ""), "d3": ("holds", "")}),
        ([entry("d1"), entry("d2", choice="Nanjing"), entry("d3", "undo", "d2")], {"d1": ("holds", ""), "d2": ("undone", "d3"), "d3": ("undo", "")}),
        ([Decision("plant.reactor", "plant.reactor", "cstr"), entry("d1", "plant.reactor", "pfr")], {"d1": ("replaced", "plant.reactor")}),
    ],
    ids=["one", "decided again", "undone", "redone", "the one before holds again", "the case file goes first"],
)
def test_what_holds(log, wanted):
    assert states(log) == wanted


def test_an_undo_is_logged_and_survives_the_disk(case, tmp_path):
    case.decide("plant.site", "Tianjin", "A. Chemist", "solvent recovery is there", evidence=["price.446-35-5", "Hone2017", "runs.csv row 2"])
    case.decide("plant.site", "Nanjing", "B", "cheaper steam", evidence=["d1"])
    case.undo("d2", "B", "the offer was withdrawn")
    again = Case.open(tmp_path / "a.case")
    assert again.decisions == case.decisions
    assert [d.id for d in again.decisions if d.when] == ["d1", "d2", "d3"]
    assert states(again.decisions) == {"d1": ("holds", ""), "d2": ("undone", "d3"), "d3": ("undo", "")}
    assert again.decide("plant.site", "Nanjing", "B", "a new offer").id == "d4"
    assert states(again.decisions)["d1"] == ("replaced", "d4")
    log = list(again.decisions)
    assert tuple(from_json(to_json(log), list[Decision])) == tuple(log)


def test_a_log_written_before_undo_was_known_is_read(case, tmp_path):
    files = CaseFolder(tmp_path / "a.case")
    files.write(DECISIONS, OLD_FILE.encode())
    old = Case.open(tmp_path / "a.case")
    assert states(old.decisions) == {"d1": ("holds", "")}
    old.undo("d1", "B", "sold")
    assert set(json.loads((tmp_path / "a.case" / DECISIONS).read_text(encoding="utf-8"))[1]) == set(json.loads(OLD_FILE)[0])  # no field that an older one refuses


@pytest.mark.parametrize(
    ("evidence", "said"),
    [("price.446-35-6", "price.446-35-5"), ("design.cost", "chemwright develop"), ("Hone2018", "Hone2017"), ("zzzzzzzzzzzzzzz", "design.cost")],
    ids=["claim", "a step without a result", "source", "nothing near"],
)
def test_evidence_must_exist(case, evidence, said):
    with pytest.raises(InputError) as caught:
        case.decide("plant.site", "Tianjin", "A", "x", evidence=[evidence])
    assert said in str(caught.value)
    assert not any(d.when for d in case.decisions)


def test_results_are_evidence(snar, snar_results):
    found = decided((), snar, snar_results, "plant.site", "Tianjin", "A", "x", ["design.cost", "fit.k.r1", "next", "SM.boiling_point"])
    assert found.evidence == ("design.cost", "fit.k.r1", "next", "SM.boiling_point")


@pytest.mark.parametrize(
    ("id", "said"),
    [("d7", "known: d1"), ("d1", "undone already, by d2"), ("d2", "an undo itself"), ("plant.base", "[plant] base"), ("", "needs 'id'")],
    ids=["unknown", "undone", "an undo", "the case file's", "empty"],
)
def test_what_cannot_be_undone(id, said):
    log = (Decision("plant.base", "plant.base", "x"), entry("d1"), entry("d2", "undo", "d1"))
    with pytest.raises(InputError) as caught:
        taken_back(log, id, "A", "x")
    assert said in str(caught.value)


def test_a_decision_that_the_steps_would_not_see_is_refused(case):
    with pytest.raises(InputError, match="would change nothing"):
        case.decide("plant.reactor", "cstr", "A", "x")
    assert case.decide("plant.reactor", "pfr", "A", "confirmed").id == "d1"
    with pytest.raises(InputError, match="kept for"):
        case.decide("undo", "d1", "A", "x")


def test_the_report_strikes_what_is_undone():
    from chemwright.report.sections_record import decisions

    html = decisions({"decisions": listed((entry("d1"), entry("d2", "undo", "d1"), entry("d3", choice="Nanjing")))})
    assert "<s>Tianjin</s>" in html
    assert "undone by d2" in html
    assert "<b>Nanjing</b>" in html


def test_the_command(case, tmp_path, capfd):
    folder = str(tmp_path / "a.case")

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["decide", folder, *arguments])
        out = capfd.readouterr()
        return int(ended.value.code or 0), out.out, out.err

    assert run("plant.site", "Tianjin", "--by", "A", "--why", "w", "--evidence", "Hone2017")[1].startswith("decided plant.site: Tianjin (A), logged as d1")
    assert json.loads(run("--undo", "d1", "--by", "A", "--why", "sold", "--json")[1])["choice"] == "d1"
    assert "plant.site: Tianjin  [undone by d2]" in run("--list")[1]
    rows = json.loads(run("--list", "--json")[1])["decisions"]
    assert [(r["id"], r["state"], r["state_by"]) for r in rows if r["when"]] == [("d1", "undone", "d2"), ("d2", "undo", "")]
    assert rows[-2]["evidence"] == ["Hone2017"]
    for wrong in (("--undo", "d1", "--list"), (), ("a", "b"), ("--undo", "d2", "--by", "A", "--why", "x")):
        status, out, err = run(*wrong)
        assert (status, out) == (2, "")
        assert err.strip()
