"""The report: self-contained, escaped, the same each time, and plain about what is missing."""

import copy
import json
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest

from chemwright.errors import InputError, StorageError
from chemwright.report import write_report
from chemwright.report.bar_chart import bars, stacked, tornado
from chemwright.report.chart import Axis, Series, nice_step, tick_text, ticks, xy
from chemwright.report.corner import Normal, corner
from chemwright.report.flow_diagram import diagram
from chemwright.report.flow_layout import arrange, edges_of
from chemwright.report.html import SECTIONS, page
from chemwright.report.sections_gaps import found_gaps
from chemwright.report.sections_readiness import tier_shares, verdict
from chemwright.report.symbols import HALF, WORDS, symbol, symbol_of
from chemwright.report.text import Markup, clip, esc, formula, number, share_text, unit_text, width_of, with_std
from report_example import CHINESE, EVIL, example, stream

VOID = {"meta", "br", "hr", "img", "link", "input"}


@pytest.fixture
def details():
    return example()


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


def drawings(text):
    """Every outermost svg element of a page."""
    out, depth, start = [], 0, 0
    for found in re.finditer(r"<svg|</svg>", text):
        if found.group() == "<svg":
            start = found.start() if depth == 0 else start
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                out.append(text[start : found.end()])
    return out


def test_page_is_well_formed_and_has_every_section(details):
    text = page(details)
    reader = read(text)
    assert reader.errors == []
    assert reader.open == []
    ids = [v for _, k, v in reader.attributes if k == "id"]
    assert [key for key, _, _ in SECTIONS] == [i for i in ids if not i.startswith(("source-", "unit-"))]
    assert len(ids) == len(set(ids))
    assert "not available" not in text
    drawn = drawings(text)
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
    with pytest.raises(InputError, match="known: en, zh"):
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


def test_the_pump_is_drawn_where_the_plant_has_one(details):
    details["results"]["design"]["units"].append({"id": "pumps"})
    edges, names = edges_of(details["results"]["design"])
    assert [e.head for e in edges if e.tail == "mixer"] == ["feed pump"]
    assert "feed pump" in names
    text = diagram(details["results"]["design"])
    assert text.count('class="symbol"') == 9 + 1


def test_every_symbol_is_drawn_and_a_strange_unit_gets_a_box():
    assert {kind for _, kind in WORDS} | {"box"} == set(HALF)
    for kind in HALF:
        ElementTree.fromstring(symbol(kind, 10.0, 20.0))
    assert symbol_of("preheater") == "exchanger"
    assert symbol_of("solvent tank") == "tank"
    assert symbol_of("zzz") == "box"


def test_one_stream_table_for_each_choice_of_units(details):
    text = page(details)
    chosen = re.findall(r'<input type="radio" name="stream-units" id="(unit-\w+)" class="choice"( checked)?>', text)
    assert [bool(c) for _, c in chosen] == [True, False, False, False, False]
    assert text.count('class="chosen"') == len(chosen)
    assert text.count(".choice:nth-of-type(") >= len(chosen)
    product = next(s for s in details["results"]["design"]["streams"] if s["name"] == "product")
    assert f">{3600 * product['mass_flow']:,.0f}<" in text  # kg/h
    assert f">{product['mass_flow'] * 3.6 * 8000:,.0f}<" in text  # t/year at 8000 h


def test_the_front_shows_ledger_and_sampled_plants_side_by_side(details):
    text = page(details)
    assert "std by the ledger" in text
    assert "sampled plants" in text
    front = text[text.index('id="front"') : text.index('id="shares"')]
    assert re.search(r">33\.770?<.*>6\.7<.*>33\.500<.*>6\.9<", front)


def test_tornado_and_corner_take_odd_data():
    ElementTree.fromstring(tornado([(EVIL, -2.0, True), ("b", 0.0, False)], 10.0, EVIL, title=EVIL))
    ElementTree.fromstring(tornado([], 0.0, "", title=""))
    a, b = Normal(EVIL, EVIL, 1.0, 1e-6, 5.0, 100.0), Normal("b", "b", 0.0, 1.0, 0.0, 1.0)
    text = corner([a, b], [[1.0, -0.999], [-0.999, 1.0]], title=EVIL)
    ElementTree.fromstring(text)
    assert ">-1.00<" in text
    ElementTree.fromstring(corner([a], [[0.0]], title=""))


def test_ellipses_have_the_posteriors_width_and_correlation():
    one, two = Normal("a", "a", 0.0, 1.0, 0.0, 1.0), Normal("b", "b", 0.0, 2.0, 0.0, 2.0)
    text = corner([one, two], [[1.0, 1.2], [1.2, 4.0]], title="")
    points = [tuple(map(float, p.split(","))) for p in re.search(r'<polygon points="([^"]*)" class="cloud k1"', text).group(1).split()]
    half = [(max(v) - min(v)) / 2 for v in zip(*points, strict=True)]
    frame = 84  # px a cell
    marks = [ticks(*p.limits(), 3) for p in (one, two)]
    assert half[0] == pytest.approx(frame * 1.0 / (marks[0][-1] - marks[0][0]), rel=0.01)
    assert half[1] == pytest.approx(frame * 2.0 / (marks[1][-1] - marks[1][0]), rel=0.01)
    assert ">0.60<" in text


def test_gaps_name_what_is_missing(details):
    said = {what: which for what, which, _, _ in found_gaps(details)}
    assert said["activity: no group parameters, taken as ideal"] == "SM"
    assert said["kinetic parameters that the runs did not inform"] == "Ea.r1"
    assert said["optimum at the edge of what was measured"] == "temperature"
    assert "preheater" in said["cost correlations used outside their range"]
    assert "reactor" not in said["cost correlations used outside their range"].split(", ")
    assert said["sampled plants that did not solve"] == "2 of 200"
    claims = details["results"]["properties"]["claims"]
    claims.append(claims[0] | {"id": "x.mp", "subject": "x", "property": "melting_point", "tier": "assumed"})
    said = {what: which for what, which, _, _ in found_gaps(details)}
    assert said["properties of x that are missing"] == "boiling point"
    assert said["properties of x without a measurement"] == "melting point"
    assert "No gap was found" not in page(details)


def test_verdict_names_the_tier_that_carries_most(details):
    said = [verdict(name, details["results"]["explain"][name]).replace("\xa0", " ") for name in ("cost", "e_factor")]
    assert "rests to 70 % on estimated numbers; measured and fitted ones carry 30 % of it" in said[0]
    assert "estimated and assumed ones carry 0 %" in said[1]
    assert verdict("cost", []) == ""


def test_bands_stay_in_the_plot():
    text = xy([Series("a", [0.0, 1.0], [1.0, 2.0], kind="line", band=[5.0, 0.5])], "x", "y", title="", floor=0.0)
    points = [tuple(map(float, p.split(","))) for p in re.search(r'<polygon points="([^"]*)" class="band', text).group(1).split()]
    assert min(y for _, y in points) >= 12.0
    assert max(y for _, y in points) <= 320 - 46


def test_shares_by_tier_sum_to_those_of_the_causes(details):
    sums = tier_shares(details["results"]["explain"]["cost"])
    assert list(sums) == ["fitted", "estimated"]
    assert sum(sums.values()) == pytest.approx(1.0)
