"""The commands citations and decide."""

from __future__ import annotations

import json

import pytest

from chemwright.cli import main


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    out = capfd.readouterr()
    return int(ended.value.code or 0), out.out, out.err


def test_decide_is_logged_and_citations_are_bibtex(tmp_path, capfd: pytest.CaptureFixture[str]) -> None:
    from chemwright.case import Case
    from chemwright.knowledge import write_bundled

    Case.from_toml(write_bundled("snar", tmp_path / "snar"), tmp_path / "a.case")
    status, out, _ = run(capfd, "decide", str(tmp_path / "a.case"), "plant.site", "Tianjin", "--by", "A. Chemist", "--why", "solvent recovery is there", "--json")
    assert status == 0
    assert json.loads(out)["choice"] == "Tianjin"
    assert [d.choice for d in Case.open(tmp_path / "a.case").decisions if d.by == "A. Chemist"] == ["Tianjin"]
    status, out, _ = run(capfd, "citations", str(tmp_path / "a.case"), "--json")
    assert status == 0
    entries = json.loads(out)["citations"]
    assert any("Hone2017" in e for e in entries)
    assert all(e.startswith("@") for e in entries)


def test_decide_without_a_reason_is_refused(tmp_path, capfd: pytest.CaptureFixture[str]) -> None:
    from chemwright.case import Case
    from chemwright.knowledge import write_bundled

    Case.from_toml(write_bundled("snar", tmp_path / "snar"), tmp_path / "a.case")
    status, _, err = run(capfd, "decide", str(tmp_path / "a.case"), "plant.site", "Tianjin", "--by", "A. Chemist", "--why", " ")
    assert status == 2
    assert "why" in err


def test_diff_says_what_changed_and_what_that_changed(tmp_path, capfd: pytest.CaptureFixture[str]) -> None:
    from chemwright.case import Case
    from chemwright.case.compare import compare
    from chemwright.knowledge import write_bundled

    path = write_bundled("snar", tmp_path / "snar")
    old = Case.from_toml(path, tmp_path / "old.case")
    path.write_text(
        path.read_text(encoding="utf-8").replace("100 t/year", "200 t/year") + '\n[[claim]]\nid = "plant.purge"\nvalue = "0.05 +/- 0.01"\nsource = "site"\n', encoding="utf-8"
    )
    new = Case.from_toml(path, tmp_path / "new.case")
    found = {c["path"]: c for c in compare(old, new)["changed"]}
    assert found["plant.capacity"]["after"] == pytest.approx(2 * found["plant.capacity"]["before"])
    assert found["claims[plant.purge].value"]["after"] == 0.05
    assert found["claims[plant.purge].value"]["before"] is None
    assert not any(k.startswith("species") for k in found)
    status, out, _ = run(capfd, "diff", str(tmp_path / "old.case"), str(tmp_path / "new.case"))
    assert status == 0
    assert "plant.capacity" in out
    status, out, _ = run(capfd, "diff", str(tmp_path / "old.case"), str(path), "--json")
    assert status == 0
    assert json.loads(out)["changed"] == compare(old, new)["changed"]
    assert not path.with_suffix(".case").exists()  # a file is read, and nothing is written beside it
    alone = compare(old, old)
    assert (alone["changed"], alone["figures"]) == ([], [])
    assert "chemwright develop" in alone["note"]


def test_figures_are_compared_where_both_have_a_design(snar, snar_results) -> None:
    from types import SimpleNamespace

    from chemwright.case.compare import compare

    dear = {**snar_results["design"], "cost": {"value": 40.0, "std": 3.0, "unit": "USD/kg"}}
    one, two = (SimpleNamespace(record=snar, results={"design": d}) for d in (snar_results["design"], dear))
    found = compare(one, two)
    assert found["note"] == ""
    cost = next(f for f in found["figures"] if f["figure"] == "cost")
    assert cost["change"] == pytest.approx(40.0 - snar_results["design"]["cost"]["value"])
    assert cost["change_std"] == pytest.approx((snar_results["design"]["cost"]["std"] ** 2 + 9.0) ** 0.5)
