"""Whatever is fed to a parser, it answers or raises an error of chemwright, in bounded time: 150 examples each here, 100,000 in all when slow."""

from __future__ import annotations

import contextlib
import copy
import json
import tempfile
import time
import tomllib
from collections.abc import Callable
from functools import partial
from importlib.resources import as_file
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bad_input_table import BUNDLED, HEAD, REACTOR, ROW, RUNS, TOML
from chemwright.case.read import read_case, record_of
from chemwright.case.steps import money
from chemwright.errors import ChemwrightError
from chemwright.kinetics.network import parse_reaction
from chemwright.kinetics.reactor_file import read_reactor
from chemwright.knowledge import read_runs, resolve
from chemwright.quantity import Value, parse_unit, si
from chemwright.record import CaseRecord, Claim, Decision, Experiments, ParameterSet, PlantSpec, Source, Species, from_json, to_json
from chemwright.structure import inchikey, molecule, parse_mapped

SLOWEST = 10.0  # s of one example: far above what any takes, below what a user would call a hang


def pieces(*words: str, most: int = 14) -> st.SearchStrategy[str]:
    """Texts of the words of a language in any order, and any text."""
    return st.lists(st.sampled_from(words), max_size=most).map("".join) | st.text(max_size=60)


def mutated(good: str) -> st.SearchStrategy[str]:
    """A good text with one slice of it removed, doubled or replaced."""
    noise = st.sampled_from(["", '"', "[", "]", "=", "\n", "nan", "inf", "-1", "1e999", "\x00", "\u00b0", ",", ";", "#", "0", "10**10**10"]) | st.text(max_size=6)
    return st.tuples(st.integers(0, len(good)), st.integers(0, 30), noise).map(lambda t: good[: t[0]] + t[2] + good[t[0] + t[1] :])


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["1 kg", "nan", "../x", "A -> B", "C1CC1"]) | st.just([]) | st.just({})


@st.composite
def tree(draw: Any, good: Any, most: int = 3) -> Any:
    """Plain data with up to three of its places removed or replaced by something else."""
    out = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, most))):
        here = out
        while True:
            keys = list(here) if isinstance(here, dict) else list(range(len(here)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            deeper = isinstance(here[key], dict | list) and len(here[key]) > 0
            if deeper and draw(st.integers(0, 3)):
                here = here[key]
                continue
            if draw(st.integers(0, 3)) == 0:
                del here[key]
            else:
                here[key] = draw(LEAVES)
            break
    return out


FOLDER = Path(tempfile.mkdtemp(prefix="chemwright-fuzz-"))
(FOLDER / "runs.csv").write_text(RUNS, encoding="utf-8")


def put(name: str, data: str | bytes) -> Path:
    """A file of the fuzzer's own folder."""
    path = FOLDER / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))
    return path


with as_file(BUNDLED / "case.toml") as _path:
    GOOD = read_case(_path)
DATA = tomllib.loads(TOML)
KINDS = {"CaseRecord": (CaseRecord, GOOD), "ParameterSet": (ParameterSet, GOOD.prior), "Experiments": (Experiments, GOOD.experiments), "PlantSpec": (PlantSpec, GOOD.plant),
         "Species": (Species, GOOD.species[0]), "Source": (Source, GOOD.sources[0]), "Claim": (Claim, GOOD.claims[0]), "Value": (Value, Value(1.0, "kg", 0.1)),
         "decisions": (list[Decision], [Decision("d1", "a", "b", "c", "d", "e", ("f",))])}  # fmt: skip
UNITS = (
    "1",
    "2.5",
    "-",
    "+",
    "kg",
    "m",
    "mol",
    "L",
    "h",
    "degC",
    "%",
    "wt%",
    "$",
    "/",
    "*",
    "**",
    "^",
    "(",
    ")",
    " ",
    "9",
    ".",
    "e5",
    "+/-",
    "\u00b1",
    "\u00b2",
    "\u00b5",
    "\u00b0C",
    "nan",
    "EUR",
    ",",
)
SMILES = (
    "C",
    "c",
    "N",
    "n",
    "O",
    "[nH]",
    "[C@H]",
    "[C@@]",
    "=",
    "#",
    "(",
    ")",
    "1",
    "2",
    "%10",
    ".",
    "/",
    "\\",
    "F",
    "Cl",
    "[Na+]",
    "[O-]",
    "*",
    "[13C]",
    ":",
    "S",
    "P",
    "B",
    "[H]",
    "$",
    "~",
    ">>",
    ":1]",
)
CELLS = (
    "1",
    "2.5",
    "-3",
    ",",
    ";",
    "\t",
    "\n",
    "\r\n",
    '"',
    "nan",
    "=A1",
    "1,5",
    "1e999",
    " ",
    "[min]",
    "e_factor [-]",
    "temperature [degC]",
    "#REF!",
    "\ufeff",
    "\u9ad8",
    "c_A [M]",
    "sep=;\n",
)
WORDS = st.one_of(pieces(*CELLS, most=30), pieces(*CELLS, most=12).map((HEAD + ROW).__add__), mutated(HEAD + ROW))

#: parser -> (inputs, what is called, share of the 100,000 examples)
PARSERS: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], Any], int]] = {
    "quantity": (pieces(*UNITS) | pieces(*UNITS).map("1 ".__add__), lambda t: (si(t, "kg/s"), Value.parse(t, unit="m")), 18_000),
    "value": (pieces(*UNITS).map("1 +/- ".__add__) | pieces(*UNITS), Value.parse, 10_000),
    "unit": (pieces(*UNITS), parse_unit, 14_000),
    "budget": (pieces(*UNITS) | pieces(*UNITS, most=5).map("5 ".__add__), money, 5_000),
    "reaction": (pieces("A", "B", "2", "0", " + ", "+", " -> ", "<->", "<=>", "=>", " ", "1e9", "-", "_", "'", "."), parse_reaction, 16_000),
    "smiles": (pieces(*SMILES, most=20), molecule, 8_000),
    "inchikey": (pieces(*SMILES[:22]), inchikey, 2_000),
    "mapped reaction": (pieces("[CH3:1]", "[OH:2]", "[CH4:1]", "[O:2]", ".", ">>", ">", "C", "[FH:3]", "[F:3]"), parse_mapped, 4_000),
    "resolve": (pieces(*SMILES, most=8), lambda t: resolve(t, names=False), 600),
    "runs": (WORDS.map(lambda t: t.encode("utf-8", "surrogatepass")) | WORDS.map(lambda t: t.encode("gb18030", "ignore")) | WORDS.map(lambda t: t.encode("utf-16", "surrogatepass")) | st.binary(max_size=120),
             lambda data: read_runs(put("fuzz.csv", data), "e_factor"), 8_000),
    "reactor text": (mutated(REACTOR), lambda t: read_reactor(put("fuzz-reactor.toml", t)), 4_000),
    "case text": (mutated(TOML), lambda t: read_case(put("fuzz-case.toml", t)), 600),
    "case tables": (tree(DATA), lambda d: record_of(d, FOLDER, "case.toml"), 600),
    "claims": (st.lists(tree({"id": "price.446-35-5", "value": "17 +/- 1 USD/kg", "source": "offer", "kind": "literature", "tier": "measured", "note": "x"}, most=1), min_size=1, max_size=2),
               lambda tables: record_of({**DATA, "claim": tables}, FOLDER, "case.toml"), 200),
    **{f"json {name}": (tree(json.loads(to_json(good))).map(json.dumps) | mutated(to_json(good)) | st.text(max_size=20), partial(from_json, kind=kind, where="x.json"), 1_000)
       for name, (kind, good) in KINDS.items()},
}  # fmt: skip


def feed(call: Callable[[Any], Any], given_: Any) -> None:
    """Only an error of chemwright may come out, and soon."""
    begun = time.perf_counter()
    with contextlib.suppress(ChemwrightError):
        call(given_)
    assert time.perf_counter() - begun < SLOWEST


@pytest.mark.parametrize("name", PARSERS)
def test_any_input_gives_an_answer_or_an_error_of_chemwright(name: str) -> None:
    inputs, call, _ = PARSERS[name]

    @settings(max_examples=60 if name.startswith(("case", "claims", "resolve")) else 150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(inputs)
    def run(given_: Any) -> None:
        feed(call, given_)

    run()


@pytest.mark.slow
@pytest.mark.parametrize("name", PARSERS)
def test_a_hundred_thousand_inputs(name: str) -> None:
    inputs, call, share = PARSERS[name]

    @settings(max_examples=share, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(inputs)
    def run(given_: Any) -> None:
        feed(call, given_)

    run()


def test_the_shares_make_a_hundred_thousand() -> None:
    assert sum(share for *_, share in PARSERS.values()) == 100_000
