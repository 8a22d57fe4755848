"""The report in Chinese: every text of the page has its Chinese form, what a user wrote stays as it is."""

import ast
import html
import re
import string
from importlib.resources import files

import pytest
from attrs import evolve

from chemwright.report.html import SECTIONS, page
from chemwright.report.lang_zh import TEMPLATES
from chemwright.report.terms_zh import TERMS
from chemwright.report.words import speaking, term, tr, trm
from report_example import example

HAN = re.compile("[\u4e00-\u9fff]")
UNITS = {"USD", "mol", "min", "bar", "kPa", "year", "CO2e", "CO2", "log10", "ln", "Shapley", "IPOPT", "chemwright", "HPLC", "std", "kJ", "kW"}


def calls():
    """(file, function, first argument) of every call of tr and trm in the report's sources."""
    for path in (files("chemwright") / "report").iterdir():
        if path.name.endswith(".py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("tr", "trm"):
                    yield path.name, node.args[0]


def test_every_text_of_the_page_is_in_the_catalogue_and_nothing_else():
    used = set()
    for name, argument in calls():
        assert isinstance(argument, ast.Constant), (name, ast.unparse(argument))
        used.add(argument.value)
    assert used - set(TEMPLATES) == set()
    assert set(TEMPLATES) - used == set()
    assert len(used) > 150


def fields(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_chinese_templates_take_the_same_values():
    for english, chinese in TEMPLATES.items():
        assert fields(english) == fields(chinese), english
    for english, chinese in TERMS.items():
        assert len(fields(english)) == len(fields(chinese)), english
        chinese.format(*"abcdefgh")


@pytest.mark.parametrize("title", [t for _, t, _ in SECTIONS] + [t for _, _, parts in SECTIONS for t, _ in parts if t])
def test_headings_are_chinese(title):
    with speaking("zh"):
        assert HAN.search(term(title))


def test_words_go_back_to_english():
    with speaking("zh"):
        assert tr("cost") == "\u6210\u672c"
        assert term("price of ethanol") == "\u4ef7\u683c\uff08ethanol\uff09"
        assert term("kinetics (66 runs and prior)").startswith("\u52a8\u529b\u5b66")
        assert term("my own word") == "my own word"
        assert "&lt;b&gt;" in trm("wanted: {n} wt%", n="<b>")
    assert tr("cost") == "cost"
    assert term("price of ethanol") == "price of ethanol"
    assert term(None) == "-"


def test_what_a_person_wrote_is_not_translated():
    details = example("plain")
    claim = details["results"]["properties"]["claims"][0]
    claim["note"] = "from atoms per mass"
    text = page(details, "zh")
    assert "from atoms per mass" not in text
    details["record"]["claims"] = [claim | {"id": "plant.wash"}]
    claim["id"] = "plant.wash"
    details["results"]["design"]["assumptions"] = ["plant.wash: 1 - fresh feeds", "plant.purge: 1 - fresh feeds"]
    details["decisions"] = [{"what": "cost", "choice": "steam", "by": "waste", "why": "total", "when": "2026-01-01"}]
    text = page(details, "zh")
    assert text.count("from atoms per mass") == 2  # the property, and the claim in the case
    assert "plant.wash: 1 - fresh feeds" in text
    assert "plant.purge: 1 - \u65b0\u9c9c\u8fdb\u6599" in text
    assert "<td>cost</td><td><b>steam</b></td><td>waste</td><td>total</td>" in text


def strings(data):
    """All texts in plain data, keys too."""
    if isinstance(data, dict):
        for k, v in data.items():
            yield str(k)
            yield from strings(v)
    elif isinstance(data, list | tuple):
        for v in data:
            yield from strings(v)
    elif isinstance(data, str):
        yield data


def leftovers(text, details, keep=UNITS):
    """Words of three Latin letters or more that the page shows and that neither the data nor the units explain."""
    known = {w for s in strings(details) for w in re.findall(r"[A-Za-z][A-Za-z0-9]{2,}", s)} | keep
    body = re.sub(r"<pre.*?</pre>", "", text[text.index("<body>") :], flags=re.DOTALL)
    shown = re.findall(r">([^<>]+)<", body) + re.findall(r'(?:title|aria-label)="([^"]*)"', body)
    return {w for s in shown for w in re.findall(r"[A-Za-z][A-Za-z0-9]{2,}", html.unescape(s)) if w not in known}


def test_no_english_is_left_on_a_chinese_page():
    details = example("some text of the user")
    details["record"]["name"] = "demo"
    assert leftovers(page(details, "zh"), details) == {"valid"}  # from the structure's own error: not a valid SMILES
    keys = {"results", "record", "decisions", "citations", "properties", "fit", "design", "explain", "next"}  # data keys that stand in quotes
    assert leftovers(page({}, "zh"), {}, UNITS | keys) == set()


#: what results carry as data: names, units, ids and citations
DATA = re.compile(r"^(id|name|smiles|text|citation|bibtex|source|evidence|choice|row_id|doi|unit|subject)$")


def user_words(data):
    """Words under the keys that hold names, ids and citations."""
    if isinstance(data, dict):
        for k, v in data.items():
            if DATA.match(k) or k in ("mass", "mole", "parameters", "species"):
                yield from strings(v if k not in ("mass", "mole") else list(v))
            yield from user_words(v)
    elif isinstance(data, list | tuple):
        for v in data:
            yield from user_words(v)


@pytest.mark.slow
def test_the_bundled_case_in_chinese_keeps_only_names_and_citations(snar, snar_results):
    from chemwright.record.convert import converter

    record = converter().unstructure(evolve(snar, name="demo"))
    details = {"record": record, "results": snar_results, "summary": {}, "decisions": [], "citations": ["@misc{a}"]}
    text = page(details, "zh")
    for key in ("flow", "streams", "cost", "front", "shares", "gaps", "next", "equipment"):
        part = text[text.index(f'id="{key}"') : text.index("</section>", text.index(f'id="{key}"'))]
        names = {w for s in user_words({"record": record}) for w in re.findall(r"[A-Za-z][A-Za-z0-9]{2,}", s)}
        sources = {
            w
            for causes in snar_results["explain"].values()
            for c in causes
            for s in (c["source"], *(d["source"] for d in c["details"]), *(d["cause"] for d in c["details"]))
            for w in re.findall(r"[A-Za-z][A-Za-z0-9]{2,}", s)
        }
        words = re.findall(r"[A-Za-z][A-Za-z0-9]{2,}", " ".join(html.unescape(s) for s in re.findall(r">([^<>]+)<", part)))
        left = {
            w for w in words if w not in names | sources | UNITS | {u["source"] for u in snar_results["design"]["units"]} and not any(n.startswith(w) for n in names)
        }  # charts cut names
        assert left == set(), key
    assert len(text.encode()) < 1_500_000
    with speaking("zh"):
        for cause in snar_results["explain"]["cost"]:
            assert HAN.search(term(cause["cause"])), cause["cause"]
        for step in snar_results["next"]:
            assert HAN.search(term(step["experiment"])), step["experiment"]
        for unit in snar_results["design"]["units"]:
            assert all(HAN.search(term(unit[k])) for k in ("id", "text", "kind", "size_name")), unit
