"""The report: self-contained, escaped, the same each time, and plain about what is missing."""

import copy
import json
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest

from chemwright.errors import InputError, StorageError
from chemwright.report import write_report
from chemwright.report.bar_chart import bars, stacked
from chemwright.report.chart import Axis, Series, nice_step, tick_text, ticks, xy
from chemwright.report.flow_diagram import diagram
from chemwright.report.flow_layout import arrange, edges_of
from chemwright.report.html import SECTIONS, page
from chemwright.report.sections_summary import tier_shares
from chemwright.report.text import Markup, clip, esc, formula, number, share_text, unit_text, width_of, with_std

EVIL = "<script>alert('x')</script> & \"quoted\" \x00\ud800 ]]> <!-- " + "long" * 60
CHINESE = chr(0x4E59) + chr(0x9187) * 30  # wide characters
VOID = {"meta", "br", "hr", "img", "link", "input"}


def stream(name, start, end, flow, phase="liquid"):
    mass = {"SM": 0.7 * flow, "ortho": 0.3 * flow, "bis": 0.0}
    return {"name": name, "from": start, "to": end, "phase": phase, "temperature": 350.0, "pressure": 101325.0, "mass_flow": flow, "mole": {}, "mass": mass}


@pytest.fixture
def details():
    """A small case by hand, with texts that want to break out of the page."""
    species = [{"id": "SM", "smiles": "O=[N+]([O-])c1ccc(F)cc1F", "name": EVIL, "cas": "", "formula": "C6H3F2NO2", "molar_mass": 0.15909},
               {"id": "ortho", "smiles": "O=[N+]([O-])c1ccc(F)cc1N1CCOCC1", "name": CHINESE, "cas": "", "formula": "", "molar_mass": 0.0},
               {"id": "odd", "smiles": "not<a>SMILES", "name": "", "cas": "", "formula": "", "molar_mass": 0.0}]  # fmt: skip
    record = {"name": EVIL, "target": species[1]["smiles"], "species": species, "solvent": "solvent", "reactions": [{"id": "r1", "text": "SM + amine -> ortho + HF <b>", "options": {}}],
              "plant": {"capacity": 0.00316880878, "purity": 0.98, "reactor": "pfr", "objectives": ["cost"], "base": "", "hours": 8000.0}, "claims": [], "sources": [],
              "experiments": {"columns": ["residence_time", "temperature"], "rows": [[60.0, 340.0], [90.0, 400.0], [30.0, 413.15]], "response": "e_factor", "values": [1.0, 0.5, 0.3]}}  # fmt: skip
    point = {"cost": {"value": 33.77, "std": 6.7}, "e_factor": {"value": 2.63, "std": 0.21}, "co2e": {"value": 19.0, "std": 3.7}, "conditions": {"temperature": 413.15}}
    other = copy.deepcopy(point) | {"cost": {"value": 33.9, "std": 6.8}, "e_factor": {"value": 2.61, "std": 0.2}}
    streams = [stream("fresh", "supply", "mixer", 0.4), stream("feed", "mixer", "reactor", 1.0), stream("effluent", "reactor", "neutraliser", 1.0), stream("neutral", "neutraliser", "evaporator", 1.0),
               stream("vapour", "evaporator", "condenser", 0.65, "vapour"), stream("recycle", "condenser", "mixer", 0.6), stream("purge", "condenser", "waste", 0.05), stream("residue", "evaporator", "crystalliser", 0.35),
               stream("wash", "supply", "crystalliser", 0.05), stream("product", "crystalliser", "product", 0.3, "solid"), stream(EVIL, "crystalliser", "waste", 0.1)]  # fmt: skip
    units = [{"id": u, "kind": EVIL, "text": "a unit", "duty": 7480.0, "size": 0.65, "size_name": "area", "size_unit": "m^2", "purchase": 6891.0, "installed": 24119.0, "in_range": u == "reactor", "count": 2}
             for u in ("preheater", "reactor", "evaporator", "condenser", "crystalliser", "filter", "dryer")]  # fmt: skip
    design = {"cost": point["cost"] | {"unit": "USD/kg"}, "e_factor": point["e_factor"] | {"unit": "1"}, "co2e": point["co2e"] | {"unit": "kg/kg"}, "pmi": {"value": 3.63, "std": 0.21, "unit": "1"},
              "purity": {"value": 0.9972, "std": 0.0014, "unit": "1"}, "front": [point, other], "chosen": 0, "conditions": {"temperature": 413.15, "residence_time": 120.0}, "at_bounds": ["temperature"],
              "streams": streams, "units": units, "breakdown": [{"item": EVIL, "group": "raw materials", "value": 12.0, "std": 4.9, "unit": "USD/kg"}, {"item": "electricity", "group": "utilities", "value": 8e-4, "std": 3e-4, "unit": "USD/kg"}],
              "balances": {"mass": 1e-16}, "assumptions": [EVIL, CHINESE], "converged": True, "monte_carlo": {"n": 200, "cost": {"p05": 23.0, "p95": 44.0}}}  # fmt: skip
    cause = {"cause": EVIL, "tier": "estimated", "source": "estimate", "share": 0.7, "root": "a", "details": []}
    kinetics = {
        "cause": "kinetics",
        "tier": "fitted",
        "source": "Hone2017",
        "share": 0.3,
        "root": "kinetics",
        "details": [{"cause": "runs.csv row 2", "source": EVIL, "share": 0.3}],
    }
    fit = {"parameters": {"k.r1": {"value": 0.0346, "std": 0.0042, "ln_std": 0.122, "prior_std": 0.0346, "prior_value": 0.579, "unit": "L/(mol s)", "informed": True}, "Ea.r1": {"value": 33.7, "std": 9.0, "prior_std": 10.0, "prior_value": 33.3, "unit": "kJ/mol", "informed": False}},
           "rmse": 0.012, "loo": {"mechanism": 0.05, "hybrid": 0.03}, "n": 3, "converged": True, "coverage": {"hybrid": 0.92, "level": 0.9, "mean_width": 0.04}, "starts": {"n": 6, "same": 6},
           "runs": {"columns": ["residence_time", "temperature"], "units": ["s", "K"], "rows": record["experiments"]["rows"], "response": "e_factor", "measured": [1.0, 0.5, 0.3], "mechanism": [1.1, 0.45, 0.33], "hybrid": [1.01, 0.5, None], "std": [0.02, 0.02, 0.02], "loo": [1.02, 0.51, 0.32]},
           "posterior": {"names": ["k.r1", "Ea.r1"], "mean": [-10.27, 33700.0], "cov": [[0.015, 0.0], [0.0, 8.1e7]], "prior_mean": [-7.45, 33300.0], "prior_sd": [4.12, 1e4]}}  # fmt: skip
    claim = {
        "id": "SM.tb",
        "subject": "SM",
        "property": "boiling_point",
        "value": 480.15,
        "unit": "K",
        "std": 0.87,
        "conditions": {"pressure": 101325.0},
        "source": "S1",
        "tier": "measured",
        "note": EVIL,
    }
    source = {"id": "S1", "kind": "database", "citation": EVIL, "doi": "10.1000/x", "year": 2000, "licence": "", "bibtex": ""}
    step = {
        "experiment": EVIL,
        "id": "q",
        "tier": "flowsheet",
        "cost": 100.0,
        "expected_reduction": 0.49,
        "per_cost": 0.0049,
        "std_after": 4.77,
        "informs": "price",
        "conditions": {"temperature": 413.15},
    }
    results = {
        "properties": {"claims": [claim], "sources": [source]},
        "fit": fit,
        "design": design,
        "explain": {"cost": [cause, kinetics], "e_factor": [kinetics | {"share": 1.0}]},
        "next": [step],
    }
    decision = {"id": "d", "what": "plant.reactor", "choice": EVIL, "by": "A", "why": CHINESE, "when": "", "evidence": ["x"]}
    return {"record": record, "results": results, "summary": {"meta": {"version": "0.1"}}, "decisions": [decision], "citations": ["@misc{a,\n  title = {<script>}\n}"]}


class Reader(HTMLParser):
    """Collects tags, attributes and the ids, and holds that every tag is closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes, self.errors = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, k, v or "") for k, v in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, k, v or "") for k, v in attrs]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append(tag)


def read(text):
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader


def test_page_is_well_formed_and_has_every_section(details):
    text = page(details)
    reader = read(text)
    assert reader.errors == []
    assert reader.open == []
    ids = [v for _, k, v in reader.attributes if k == "id"]
    assert [key for key, _, _ in SECTIONS] == [i for i in ids if not i.startswith("source-")]
    assert len(ids) == len(set(ids))
    assert "not available" not in text
    drawn = re.findall(r"<svg.*?</svg>", text, flags=re.S)
    assert len(drawn) > 12
    for one in drawn:
        ElementTree.fromstring(one)


def test_nothing_is_left_unescaped_and_nothing_is_asked_of_the_network(details):
    text = page(details)
    reader = read(text)
    assert "script" not in reader.tags
    assert "<script" not in text
    assert "<b> " not in text
    assert not {"link", "img", "iframe", "object", "form"} & set(reader.tags)
    assert not re.search(r"url\(|@import|\x00", text)
    for tag, key, value in reader.attributes:
        assert not key.startswith("on"), (tag, key)
        if key in ("href", "src", "xlink:href"):
            assert value.startswith("#"), (tag, value)
    policy = [v for _, k, v in reader.attributes if k == "content" and "default-src" in v]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


def test_links_lead_somewhere(details):
    reader = read(page(details))
    ids = {v for _, k, v in reader.attributes if k == "id"}
    assert {v[1:] for _, k, v in reader.attributes if k == "href"} <= ids


def test_same_details_give_the_same_bytes(details, tmp_path):
    first = write_report(details, tmp_path / "a.html").read_bytes()
    again = write_report(json.loads(json.dumps(details)), tmp_path / "deep" / "b.html").read_bytes()
    assert first == again
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["a.html"]


def test_details_are_not_changed(details):
    before = copy.deepcopy(details)
    page(details)
    assert details == before


@pytest.mark.parametrize("step", ["properties", "fit", "design", "explain", "next"])
def test_a_missing_step_is_said_to_be_missing(details, step):
    del details["results"][step]
    text = page(details)
    assert f"the step &#x27;{step}&#x27; has no result" in text
    assert read(text).errors == []


@pytest.mark.parametrize("key", ["streams", "units", "breakdown", "front", "conditions"])
def test_a_missing_part_of_the_design_is_said_to_be_missing(details, key):
    details["results"]["design"][key] = []
    text = page(details)
    assert "not available" in text
    assert read(text).errors == []


def test_an_empty_case_still_gives_a_page():
    text = page({})
    assert read(text).errors == []
    assert text.count("not available") >= len(SECTIONS)
    assert read(page({"record": None, "results": {"design": "text", "fit": [], "next": 3}, "decisions": "x"})).errors == []


def test_data_of_another_layout_are_named_and_do_not_stop_the_page(details):
    details["results"]["fit"]["parameters"] = ["k"]
    text = page(details)
    assert "another layout" in text
    assert read(text).errors == []


def test_what_must_not_be_overlooked_is_said(details):
    details["results"]["design"]["converged"] = False
    details["results"]["design"]["balances"] = {"mass": 1e-3}
    text = page(details)
    assert "did not converge" in text
    assert "A balance is open by 1.0e-03" in text
    assert "edge of what was measured (temperature)" in text


def test_unknown_language_and_unwritable_place(details, tmp_path):
    with pytest.raises(InputError, match="known: en"):
        write_report(details, tmp_path / "a.html", "xx")
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        write_report(details, tmp_path / "file" / "a.html")


@pytest.mark.parametrize(
    ("value", "std", "unit", "text"),
    [(33.7669, 6.678, "USD/kg", "33.8 \xb1 6.7 USD/kg"), (2.632, 0.2126, "1", "2.63 \xb1 0.21"), (6.891e3, 230.0, "", "6,890 \xb1 230"), (1.136e-4, 9.1e-6, "m^3", "(1.136 \xb1 0.091) \xd7 10<sup>-4</sup> m<sup>3</sup>"),
     (5.0, None, "K", "5.000 K"), (None, 1.0, "", "-"), (float("nan"), 1.0, "", "-"), (0.0, 0.5, "", "0.00 \xb1 0.50"), (1.0, 0.0, "", "1.000"), (4e9, 2e8, "", "(4.00 \xb1 0.20) \xd7 10<sup>9</sup>")],
)  # fmt: skip
def test_numbers_are_rounded_to_their_uncertainty(value, std, unit, text):
    assert with_std(value, std, unit) == text


def test_text():
    assert number(0.000123456) == "1.23 \xd7 10<sup>-4</sup>"
    assert number(33766.0) == "33,800"
    assert number(True) == "-"
    assert number(0) == "0"
    assert share_text(0.0004) == "< 0.1 %"
    assert share_text(0.065) == "6.5 %"
    assert share_text(0.52) == "52 %"
    assert share_text(None) == "-"
    assert esc(Markup("<b>")) == "<b>"
    assert esc("<b>") == "&lt;b&gt;"
    assert esc(None) == "-"
    assert "\x00" not in esc("\x00")
    assert width_of(CHINESE) == 62
    assert width_of(clip(CHINESE, 12)) <= 12
    assert clip("short", 12) == "short"
    assert formula("C6H3F2NO2") == "C<sub>6</sub>H<sub>3</sub>F<sub>2</sub>NO<sub>2</sub>"
    assert "<i>" not in formula("<i>")
    assert unit_text("m^2") == "m<sup>2</sup>"


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-3.2, 7.9), (1e-9, 3e-9), (5.0, 5.0), (0.0, 0.0), (-1e6, 1e6), (33.76, 33.94)])
def test_ticks_enclose_the_range_in_round_steps(low, high):
    marks = ticks(low, high)
    step = marks[1] - marks[0]
    assert marks[0] <= low + 1e-9 * step
    assert marks[-1] >= high - 1e-9 * step
    assert 2 <= len(marks) <= 12
    assert nice_step(step, 1) == pytest.approx(step)
    assert len({tick_text(m, step) for m in marks}) == len(marks)


def test_axis_is_linear():
    axis = Axis((0.0, 5.0, 10.0), 100.0, 0.0)
    assert [axis(v) for v in (0.0, 2.5, 10.0)] == [100.0, 75.0, 0.0]


def test_charts_take_odd_data():
    for series in ([], [Series("a", [1.0, float("nan"), 3.0], [1.0, 2.0, float("inf")], yerr=[0.1])], [Series("a", [2.0], [2.0], kind="line")]):
        ElementTree.fromstring(xy(series, EVIL, CHINESE, title=EVIL, equal=True))
    ElementTree.fromstring(bars([(EVIL, -1.0, 0.5, 1), ("b", 2.0, float("nan"), 2)], EVIL, title=EVIL))
    ElementTree.fromstring(bars([], "", title=""))
    ElementTree.fromstring(stacked([("a", 0.0), (EVIL, -1.0)], ["fitted", EVIL], title=EVIL))


def test_flow_diagram_puts_the_way_to_the_product_on_one_line(details):
    edges, names = edges_of(details["results"]["design"])
    layout = arrange(edges, names)
    line = [names[n] for n, (_, row) in sorted(layout.cells.items(), key=lambda item: item[1]) if row == 0]
    assert line == ["fresh", "mixer", "preheater", "reactor", "neutraliser", "evaporator", "crystalliser", "filter", "dryer", "product"]
    assert layout.cells["condenser"] == (layout.cells["evaporator"][0], -1)
    assert len(set(layout.cells.values())) == len(layout.cells)
    text = diagram(details["results"]["design"])
    ElementTree.fromstring(text)
    assert ">1,260<" in text
    assert "2,340 kg/h" in text


def test_flow_diagram_of_another_plant():
    loop = [stream("a", "x", "y", 1.0), stream("b", "y", "z", 1.0), stream("c", "z", "x", 1.0), stream("d", "y", "x", 1.0) | {"mass_flow": None}]
    island = [*loop, stream("e", "p", "q", 1.0), stream("f", "q", "p", 1.0)]
    for streams in (loop, island, loop[:1]):
        edges, names = edges_of({"streams": streams})
        layout = arrange(edges, names)
        assert set(layout.cells) == set(names)
        assert len(set(layout.cells.values())) == len(names)
        ElementTree.fromstring(diagram({"streams": streams}))


def test_shares_by_tier_sum_to_those_of_the_causes(details):
    sums = tier_shares(details["results"]["explain"]["cost"])
    assert list(sums) == ["fitted", "estimated"]
    assert sum(sums.values()) == pytest.approx(1.0)
