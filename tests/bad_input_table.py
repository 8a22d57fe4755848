"""One table of bad inputs: what is fed, and what the message must hold. Run by test_bad_input.py, printed by scripts/bad_input_page.py."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from attrs import frozen

BUNDLED = files("chemwright") / "data" / "cases" / "snar"
TOML = (BUNDLED / "case.toml").read_text(encoding="utf-8")
RUNS = (BUNDLED / "runs.csv").read_text(encoding="utf-8")
HEAD, ROW, ROW2 = RUNS.splitlines(keepends=True)[:3]
REACTOR = """[reactor]
type = "pfr"
volume = "1.5 m^3"
temperature = "330 K"
[feed]
flow = "17.5 m^3/h"
concentration = { A = "9.3 mol/L", B = "0 mol/L" }
[[reaction]]
text = "A <-> B"
k = { value = "31.1 1/h", at = "360 K", Ea = "65.7 kJ/mol" }
K = { value = 3.03, at = "333.15 K", dH = "-6.9 kJ/mol" }
"""
NET = "C1=C2C3=C4C1=C2C2=C1C5=C3C4=C1C2=C2C5=C5C1=C4C2=C2C5=C1C1=C2C4=C4C2=C1C1=C5C3=C4C1=C2C2=C5C3=C3C5=C2C2=C3C3=C1C2=C5C5=C3C3=C2C1=C5C5=C2C3=C3C5=C5C2=C3C3=C1C4=C5C2=C3C4=C4C1=C1C3=C2C4=C3C1=C1C3=C4C2=C2C4=C3C1=C1C3=C4C2=C2C5=C6C1=C3C4=C4C2=C5C6=C4C4=C6C5=C4C4=C5C6=C6C5=C4C4=C2C3=C5C6=C6C4=C4C2=C3C6=C6C4=C4C3=C2C5=C6C3=C2C4=C4C5=C5C2=C4C4=C5C2=C4C4=C2C5=C3C2=C2C4=C3C5=C5C2=C2C3=C5C5=C4C6=C2C3=C5C6=C6C4=C4C5=C3C4=C6C6=C5C3=C3C5=C6C6=C4C3=C5C5=C4C4=C6C5=CC4=C"
"""A net of 91 fused rings that RDKit did not finish in a minute."""


@frozen
class Bad:
    """One bad input.

    Args:
        id: its name.
        what: what is fed, for a reader.
        feed: writes the files into the working folder and gives the command line.
        kind: of the error.
        where: parts of the place that must be named.
        says: parts of the message.
        fix: a part of the mend.
        foreign: where another package's words begin in the message, which the page leaves out.
    """

    id: str
    what: str
    feed: Callable[[Path], list[str]]
    kind: str
    where: tuple[str, ...]
    says: tuple[str, ...]
    fix: str
    foreign: str = ""


KINETIC_RUNS = """run,time [min],temperature [degC],feed_A [mol/L],A [mol/L],B [mol/L]
one,5,60,1,0.8,0.2
one,10,,,0.6,0.4
two,5,80,1,0.4,0.6
two,10,,,0.2,0.8
"""


def kinetic(old: str, new: str) -> Callable[[Path], list[str]]:
    """A good table of kinetic runs, or a good network, with one change."""

    def feed(folder: Path) -> list[str]:
        network = '[[reaction]]\ntext = "A -> B"\n'
        assert old in KINETIC_RUNS + network, old
        (folder / "kinetic.csv").write_text(KINETIC_RUNS.replace(old, new, 1), encoding="utf-8")
        (folder / "network.toml").write_text(network.replace(old, new, 1), encoding="utf-8")
        return ["kinetics", "fit", "kinetic.csv", "network.toml", "--starts", "1"]

    return feed


def answer(bad: Bad, folder: Path) -> tuple[int, dict[str, str], list[str]]:
    """Feed a bad input to the command line in ``folder``, which must be the working folder.

    Returns:
        Exit status, the error as ``--json`` prints it, and the files that the command left or changed.
    """
    from typer.testing import CliRunner

    from chemwright.cli import case_commands, kinetics_commands, props_commands  # noqa: F401  (they register their commands)
    from chemwright.cli.app import app

    arguments = bad.feed(folder)
    before = _files(folder)
    run = CliRunner().invoke(app, [*arguments, "--json"])
    after = _files(folder)
    out: dict[str, Any] = json.loads(run.stdout)
    return run.exit_code, out["error"], sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _files(folder: Path) -> dict[str, int]:
    return {str(p.relative_to(folder)): p.lstat().st_mtime_ns for p in folder.rglob("*") if p.name != ".lock"}


def case(*changes: tuple[str, str], runs: str | bytes = RUNS, toml: bytes | None = None, command: tuple[str, ...] = ("develop", "case.toml")) -> Callable[[Path], list[str]]:
    """The bundled case with changes to its file, or other runs."""

    def feed(folder: Path) -> list[str]:
        text = TOML
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        (folder / "case.toml").write_bytes(text.encode() if toml is None else toml)
        (folder / "runs.csv").write_bytes(runs.encode() if isinstance(runs, str) else runs)
        return list(command)

    return feed


def runs(text: str | bytes) -> Callable[[Path], list[str]]:
    """The bundled case with other runs."""
    return case(runs=text)


def reactor(old: str, new: str) -> Callable[[Path], list[str]]:
    """A good reactor file with one change."""

    def feed(folder: Path) -> list[str]:
        assert old in REACTOR, old
        (folder / "reactor.toml").write_text(REACTOR.replace(old, new, 1), encoding="utf-8")
        return ["reactor", "reactor.toml"]

    return feed


def say(*arguments: str) -> Callable[[Path], list[str]]:
    """A command line without files."""
    return lambda folder: list(arguments)


def finished(*arguments: str) -> Callable[[Path], list[str]]:
    """A command on the folder of a good case."""

    def feed(folder: Path) -> list[str]:
        from chemwright.case import Case

        case()(folder)
        Case.from_toml(folder / "case.toml", folder / "my.case")
        return list(arguments)

    return feed


def _folder(change: Callable[[Path], None]) -> Callable[[Path], list[str]]:
    def feed(folder: Path) -> list[str]:
        finished()(folder)
        change(folder / "my.case")
        return ["explain", "my.case"]

    return feed


def _rewrite(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
        (folder / "manifest.json").unlink()

    return change


def _big(folder: Path) -> list[str]:
    case()(folder)
    os.truncate(folder / "runs.csv", 50_000_000)
    return ["develop", "case.toml"]


def _linked(folder: Path) -> list[str]:
    case()(folder)
    (folder / "runs.csv").unlink()
    (folder / "runs.csv").symlink_to("/etc/passwd")
    return ["develop", "case.toml"]


def _pipe(folder: Path) -> list[str]:
    case()(folder)
    (folder / "runs.csv").unlink()
    os.mkfifo(folder / "runs.csv")
    return ["develop", "case.toml"]


def _as_folder(folder: Path) -> list[str]:
    case()(folder)
    (folder / "runs.csv").unlink()
    (folder / "runs.csv").mkdir()
    return ["develop", "case.toml"]


R1 = 'text = "SM + amine -> ortho + HF"'
AMINE = '"C1COCCN1"'
CAPACITY = '"100 t/year"'
CLAIM = '# [[claim]]\n# id = "price.446-35-5"\n# value = "17.2 +/- 0.5 USD/kg"\n# source = "offer of Example Chemicals Ltd., November 2026"\n'
ONE = (CLAIM, '[[claim]]\nid = "price.446-35-5"\nvalue = "17 USD/kg"\nsource = "offer"\n')


def capacity(text: str) -> Callable[[Path], list[str]]:
    """Another capacity."""
    return case((CAPACITY, json.dumps(text)))


def cell(text: str) -> Callable[[Path], list[str]]:
    """One cell of row 3, column equivalents, is something else."""
    return runs(HEAD + ROW + ROW2.replace("4.59", text))


def header(old: str, new: str) -> Callable[[Path], list[str]]:
    """One header cell is something else."""
    return runs(HEAD.replace(old, new) + ROW)


def claim(text: str) -> Callable[[Path], list[str]]:
    """A [[claim]] of the case file."""
    return case((CLAIM, f"[[claim]]\n{text}\n"))


EQ = ("runs.csv", "row 3", "'equivalents'")
UNIX = os.name == "posix"

CASES = [
    # --- quantities
    Bad("unknown unit", 'capacity = "100 tonns/year"', capacity("100 tonns/year"), "unit", ("case.toml", "capacity"), ("'tonns'",), "'tonne'"),
    Bad("wrong dimension", 'capacity = "100 m"', capacity("100 m"), "unit", ("case.toml", "capacity"), ("'m'", "[mass] / [time]"), "kg/s"),
    Bad("no unit", 'capacity = "100"', capacity("100"), "unit", ("case.toml", "capacity"), ("no unit",), "kg/s"),
    Bad("no number", 'capacity = "t/year"', capacity("t/year"), "unit", ("case.toml", "capacity"), ("no number",), "50 degC"),
    Bad("decimal comma", 'capacity = "1,5 t/year"', capacity("1,5 t/year"), "unit", ("case.toml", "capacity"), ("1,5",), "not comma"),
    Bad("not finite", 'capacity = "nan t/year"', capacity("nan t/year"), "unit", ("case.toml", "capacity"), ("nan",), "number"),
    Bad("infinite", 'capacity = "1e999 t/year"', capacity("1e999 t/year"), "unit", ("case.toml", "capacity"), ("not a finite number",), "finite"),
    Bad("tower of powers", 'capacity = "10**10**10"', capacity("10**10**10"), "unit", ("case.toml", "capacity"), ("10**10",), "kg/m^3"),
    Bad("absurd exponent", 'capacity = "1 kg^99/s"', capacity("1 kg^99/s"), "unit", ("case.toml", "capacity"), ("exponent 99", "at most 9"), "exponent"),
    Bad("code in a unit", "capacity = \"1 __import__('os')\"", capacity("1 __import__('os')"), "unit", ("case.toml", "capacity"), ("can't read the unit",), "kg/m^3"),
    Bad("endless quantity", 'capacity = "1 mmm..." of 100,000 letters', capacity("1 " + "m" * 100_000), "unit", ("case.toml", "capacity"), ("short text",), "one text"),
    Bad("brackets", 'capacity = "1 kg/(h"', capacity("1 kg/(h"), "unit", ("case.toml", "capacity"), ("brackets",), "close"),
    Bad("ambiguous unit", 'capacity = "1 kg/h/year s"', capacity("1 kg/h s"), "unit", ("case.toml", "capacity"), ("two ways",), "bracket"),
    Bad("zero capacity", 'capacity = "0 t/year"', capacity("0 t/year"), "input", ("case.toml", "[case] capacity"), ("not above zero",), "100 t/year"),
    Bad("negative capacity", 'capacity = "-3 t/year"', capacity("-3 t/year"), "input", ("case.toml", "[case] capacity"), ("not above zero",), "100 t/year"),
    Bad("purity over 100 %", 'purity = "105 wt%"', case(('"98 wt%"', '"105 wt%"')), "input", ("case.toml", "[case] purity"), ("105 wt%", "at most 100 %"), "98 wt%"),
    Bad("purity as per cent without unit", "purity = 98", case(('"98 wt%"', "98")), "input", ("case.toml", "[case] purity"), ("purity 98",), "98 wt%"),
    Bad("purity zero", 'purity = "0 wt%"', case(('"98 wt%"', '"0 wt%"')), "input", ("case.toml", "[case] purity"), ("not above 0",), "98 wt%"),
    Bad("too many hours", "hours = 9000", case(('reactor = "pfr"', 'reactor = "pfr"\nhours = 9000')), "input", ("case.toml", "[plant] hours"), ("9000",), "8784"),
    Bad("budget of another kind", 'next --budget "5 kg"', finished("next", "my.case", "--budget", "5 kg"), "unit", ("budget",), ("'kg'", "[currency]"), "USD"),
    Bad("budget below zero", 'next --budget "-5 EUR"', finished("next", "my.case", "--budget", "-5 EUR"), "input", ("budget",), ("below zero",), "5 kEUR"),
    Bad("budget is nothing", 'next --budget ""', finished("next", "my.case", "--budget", ""), "unit", ("budget",), ("no number",), "number"),
    # --- substances
    Bad("unknown substance", 'amine = "morfoline"', case((AMINE, '"morfoline"')), "substance", ("case.toml", "[species] amine"), ("'morfoline'",), "morpholine"),
    Bad("unknown substance on the command line", "props morpholne", say("props", "morpholne"), "substance", ("props",), ("'morpholne'",), "'morpholine'"),
    Bad("wrong check digit", 'amine = "110-91-7"', case((AMINE, '"110-91-7"')), "substance", ("case.toml", "[species] amine"), ("check digit",), "ends in 8"),
    Bad("formula of many substances", "props C2H6O", say("props", "C2H6O"), "substance", ("props",), ("fits",), "ethanol"),
    Bad("nothing", 'props ""', say("props", ""), "substance", ("props",), ("no substance",), "CAS number"),
    Bad("endless substance", "props with 600 letters", say("props", "x" * 600), "substance", ("props",), ("600 characters", "at most 500"), "one name"),
    Bad("ring left open", 'amine = "C1COCCN"', case((AMINE, '"C1COCCN"')), "substance", ("case.toml", "[species] amine"), ("C1COCCN",), "SMILES"),
    Bad("impossible valence", 'amine = "CN(C)(C)(C)C"', case((AMINE, '"CN(C)(C)(C)C"')), "substance", ("case.toml", "[species] amine"), ("no substance name",), "SMILES"),
    Bad("undefined atom", 'amine = "C*"', case((AMINE, '"C*"')), "substance", ("case.toml", "[species] amine"), ("'C*'",), "SMILES"),
    Bad("SMILES that hangs the toolkit", "props with a net of 91 fused rings", say("props", NET), "substance", ("props",), ("91 ring closures", "not read within"), "smaller structure", foreign=" within"),
    Bad("one substance twice", 'HF = "F" and HF2 = "7664-39-3"', case(('HF    = "F"', 'HF = "F"\nHF2 = "7664-39-3"')), "input", ("case.toml", "[species]"), ("one substance",), "remove one"),
    Bad("reserved name", '[species] base = "CCN"', case(('HF    = "F"', 'HF = "F"\nbase = "CCN"')), "input", ("case.toml", "[species]"), ("'base'",), "[plant] base"),
    Bad("solvent unknown", 'name = "ethanool"', case(('name = "ethanol"', 'name = "ethanool"')), "substance", ("case.toml", "[solvent] name"), ("'ethanool'",), "ethanol"),
    Bad("target not made", "the target is a starting material", case(('target = "O=[N+]([O-])c1ccc(F)cc1N1CCOCC1"', 'target = "C1COCCN1"')), "input", ("case.toml", "[case] target"), ("no reaction",), "reaction"),
    # --- reactions
    Bad("unbalanced reaction", '"SM + amine -> ortho"', case((R1, 'text = "SM + amine -> ortho"')), "balance", ("case.toml", "reaction r1"), ("1 F missing", "1 H missing"), "by-product"),
    Bad("undeclared species", '"SM + amin -> ortho + HF"', case((R1, 'text = "SM + amin -> ortho + HF"')), "input", ("case.toml", "reaction r1"), ("'amin'",), "'amine'"),
    Bad("no arrow", '"SM + amine = ortho + HF"', case((R1, 'text = "SM + amine = ortho + HF"')), "input", ("case.toml", "[[reaction]] 1"), ("no single arrow",), "A + B -> C"),
    Bad("absurd coefficient", '"999999999 SM + amine -> ortho + HF"', case((R1, 'text = "999999999 SM + amine -> ortho + HF"')), "input", ("case.toml", "[[reaction]] 1"), ("coefficient",), "100"),
    Bad("mapped SMILES wrong", 'smiles = "[CH4:1]>>[CH3:1][OH:2]"', case((R1, 'smiles = "[CH4:1]>>[CH3:1][OH:2]"')), "balance", ("case.toml", "[[reaction]] 1"), ("map 2",), "map the reaction anew"),
    Bad("reaction twice", "two reactions of one id", case(('id = "r2"', 'id = "r1"')), "input", ("case.toml", "[[reaction]]"), ("share an id",), "own id"),
    Bad("reaction without prior", 'id = "x1"', case(('id = "r1"', 'id = "x1"')), "input", ("case.toml", "[kinetics] prior"), ("'k.x1'",), "r1"),
    Bad("reactions that feed each other", "X -> Y and Y -> X, neither fed", reactor("K = {", 'K = { value = 3.03, at = "333.15 K", dH = "-6.9 kJ/mol" }\n[[reaction]]\ntext = "X -> Y"\nk = "1 1/s"\n[[reaction]]\ntext = "Y -> X"\nk = "1 1/s"\n#'), "input", ("reactor.toml", "reaction r2"), ("'X' is neither fed nor made",), "add X"),
    # --- the case file
    Bad("no such file", "develop cas.toml", case(command=("develop", "cas.toml")), "input", ("cas.toml",), ("not found",), "'case.toml'"),
    Bad("unknown section", "[plnat]", case(("[plant]", "[plnat]")), "input", ("case.toml",), ("[plnat]",), "'plant'"),
    Bad("unknown key", "capcity = ...", case(("capacity =", "capcity =")), "input", ("case.toml", "[case]"), ("'capcity'",), "'capacity'"),
    Bad("missing key", "no capacity", case(('capacity = "100 t/year"', "")), "input", ("case.toml", "[case]"), ("'capacity' is missing",), "add capacity"),
    Bad("missing section", "no [solvent]", case(("[solvent]\nname", "#")), "input", ("case.toml",), ("[solvent] is missing",), "ethanol"),
    Bad("wrong type", "capacity = 100", case((CAPACITY, "100")), "input", ("case.toml", "[case]"), ("capacity is 100", "text in quotes"), "capacity"),
    Bad("not TOML", "[case without its bracket", case(("[case] ", "[case ")), "input", ("case.toml",), ("not TOML", "line 5"), "brackets"),
    Bad("nested too deep", "x = [[[[...", case(toml=b"x = " + b"[" * 100_000), "input", ("case.toml",), ("nested too deeply",), "sections"),
    Bad("case file in GBK", "Chinese comments in code page 936", case(toml=("# \u6848\u4f8b\n" + TOML).encode("gbk")), "input", ("case.toml", "row 1"), ("not UTF-8",), "UTF-8"),
    Bad("case file in UTF-16", "saved as 'Unicode'", case(toml=TOML.encode("utf-16")), "input", ("case.toml",), ("UTF-16",), "UTF-8"),
    Bad("empty case file", "no byte", case(toml=b""), "input", ("case.toml",), ("empty",), "chemwright new"),
    Bad("path that climbs", 'file = "../../etc/passwd"', case(('"runs.csv"', '"../../etc/passwd"')), "input", ("case.toml", "[experiments] file"), ("leads out",), "beside the case file"),
    Bad("absolute path", 'file = "/etc/passwd"', case(('"runs.csv"', '"/etc/passwd"')), "input", ("case.toml", "[experiments] file"), ("absolute path",), "beside the case file"),
    Bad("path of Windows", r'file = "C:\\runs.csv"', case(('"runs.csv"', '"C:\\\\runs.csv"')), "input", ("case.toml", "[experiments] file"), ("absolute path",), "beside the case file"),
    Bad("zero byte in a path", r'file = "runs\u0000.csv"', case(('"runs.csv"', '"runs\\u0000.csv"')), "input", ("case.toml", "[experiments] file"), ("control characters",), "single quotes"),
    Bad("endless path", "file of 5,000 letters", case(('"runs.csv"', '"' + "r" * 5000 + '"')), "input", ("case.toml", "[experiments] file"), ("too long", "5000"), "shorter"),
    Bad("unknown parameter set", 'prior = "Hone2016"', case(('"Hone2017"', '"Hone2016"')), "input", ("case.toml", "[kinetics] prior"), ("Hone2016",), "Hone2017"),
    Bad("unknown response", 'response = "efactor"', case(('response = "e_factor"', 'response = "efactor"')), "input", ("case.toml", "[experiments] response"), ("efactor",), "e_factor"),
    Bad("unknown objective", 'objectives = ["costs"]', case(('["cost", "e_factor"]', '["costs"]')), "input", ("case.toml", "[plant] objectives"), ("'costs'",), "'cost'"),
    Bad("negative width", "common_shift_sd = -1", case(("common_shift_sd = 4.0", "common_shift_sd = -1")), "input", ("case.toml", "[kinetics] common_shift_sd"), ("-1",), "above 0"),
    Bad("width not a number", "common_shift_sd = nan", case(("common_shift_sd = 4.0", "common_shift_sd = nan")), "unit", ("case.toml", "[kinetics] common_shift_sd"), ("nan", "finite"), "finite"),
    # --- claims
    Bad("claim of nothing", "id = price.446-35-6", claim('id = "price.446-35-6"\nvalue = "17 USD/kg"\nsource = "offer"'), "input", ("case.toml", "[[claim]] 1 id"), ("price.446-35-6",), "price.446-35-5"),
    Bad("claim of another dimension", 'value = "17 K"', claim('id = "price.446-35-5"\nvalue = "17 K"\nsource = "offer"'), "unit", ("case.toml", "[[claim]] 1 value"), ("'K'",), "USD/kg"),
    Bad("claim without source", "no source", claim('id = "price.446-35-5"\nvalue = "17 USD/kg"'), "input", ("case.toml", "[[claim]] 1"), ("'source' is missing",), "source"),
    Bad("claim twice", "two claims of one id", case((CLAIM, ONE[1] + ONE[1])), "input", ("case.toml", "[[claim]] 2"), ("twice",), "keep one"),
    Bad("claim that points to a claim", 'value = "price.64-17-5"', claim('id = "price.446-35-5"\nvalue = "price.64-17-5"\nsource = "offer"'), "unit", ("case.toml", "[[claim]] 1 value"), ("no number",), "number"),
    Bad("claim with a negative std", 'value = "17 +/- -1 USD/kg"', claim('id = "price.446-35-5"\nvalue = "17 +/- -1 USD/kg"\nsource = "offer"'), "unit", ("case.toml", "[[claim]] 1 value"), ("-1",), ">= 0"),
    # --- runs
    Bad("no runs file", 'file = "run.csv"', case(('"runs.csv"', '"run.csv"')), "input", ("run.csv",), ("not found",), "'runs.csv'"),
    Bad("empty runs", "no byte", runs(""), "input", ("runs.csv",), ("empty",), "header"),
    Bad("header alone", "no row", runs(HEAD), "input", ("runs.csv",), ("no runs",), "one row"),
    Bad("missing column", "no temperature", runs("residence_time [min],equivalents [-],concentration [M],e_factor [-]\n1,2,3,4\n"), "input", ("runs.csv",), ("'temperature'",), "temperature"),
    Bad("misspelt column", "temprature [degC]", header("temperature", "temprature"), "input", ("runs.csv",), ("'temperature'",), "'temprature'"),
    Bad("column twice", "equivalents twice", header("concentration [mol/L]", "equivalents [-]"), "input", ("runs.csv", "header"), ("twice",), "keep one"),
    Bad("column without unit", "temperature", header("temperature [degC]", "temperature"), "input", ("runs.csv", "header", "column 4"), ("no unit",), "temperature [K]"),
    Bad("column of unknown unit", "concentration [mols/Lx]", header("[mol/L]", "[mols/Lx]"), "input", ("runs.csv", "header", "column 3"), ("concentration", "mol/m^3"), ""),
    Bad("column of wrong dimension", "residence_time [kg]", header("[min]", "[kg]"), "input", ("runs.csv", "header", "column 1"), ("residence_time", "'s'"), "'s'"),
    Bad("tower of powers in a header", "equivalents [10**10**10]", header("equivalents [-]", "equivalents [10**10**10]"), "input", ("runs.csv", "header", "column 2"), ("equivalents",), "kg/m^3"),
    Bad("10,000 columns", "a header of 10,000 cells", runs(",".join(f"x{i} [-]" for i in range(10_000)) + "\n" + "1," * 9_999 + "1\n"), "input", ("runs.csv", "header"), ("10000 columns", "at most 200"), "conditions"),
    Bad("unknown condition", "stirring [rpm]", runs("stirring [rpm]," + HEAD + "1," + ROW), "input", ("runs.csv",), ("'stirring'",), "keep"),
    Bad("text in a number", "high", cell("high"), "input", EQ, ("'high'", "number without unit"), "digits"),
    Bad("unit in a cell", "4.59 eq", cell("4.59 eq"), "input", EQ, ("'4.59 eq'",), "without unit"),
    Bad("NaN", "nan", cell("nan"), "input", EQ, ("finite",), "delete the row"),
    Bad("inf", "-inf", cell("-inf"), "input", EQ, ("finite",), "delete the row"),
    Bad("overflow", "1e999", cell("1e999"), "input", EQ, ("not a finite number",), "exponent"),
    Bad("tower of powers in a cell", "10**10**10", cell("10**10**10"), "input", EQ, ("10**10**10",), "digits"),
    Bad("empty cell", "nothing between two commas", cell(""), "input", EQ, ("empty cell",), "fill in"),
    Bad("formula", "=A1*2", cell("=A1*2"), "input", EQ, ("'=A1*2' is a formula",), "values"),
    Bad("formula with plus", "+A1", cell("+A1"), "input", EQ, ("is a formula",), "values"),
    Bad("spreadsheet's error", "#DIV/0!", cell("#DIV/0!"), "input", EQ, ("#DIV/0!", "error"), "formula there"),
    Bad("comma decimal between commas", "4,59", cell("4,59"), "input", ("runs.csv", "row 3"), ("6 cells, 5 expected",), "decimal point"),
    Bad("comma decimal in quotes", '"4,59"', cell('"4,59"'), "input", EQ, ("decimal comma",), "'4.59'"),
    Bad("comma and point", "4,59 between semicolons, others with points", runs((HEAD + ROW + ROW2.replace("4.59", "4;59")).replace(",", ";").replace("4;59", "4,59")), "input", ("runs.csv", "row 3"), ("'4,59'", "a point"), "decimal points"),
    Bad("comma of two meanings", "1,234 between semicolons", runs((HEAD + "1,2,3,4,5\n").replace(",", ";").replace("1;2", "1,234;2")), "input", ("runs.csv", "row 2"), ("1.234 or 1234",), "'1.234'"),
    Bad("negative concentration", "-0.361 mol/L", runs(HEAD + ROW.replace("0.361", "-0.361")), "input", ("runs.csv", "row 2", "'concentration'"), ("zero or more",), "unit in the header"),
    Bad("negative time", "-1.24 min", runs(HEAD + ROW.replace("1.24", "-1.24")), "input", ("runs.csv", "row 2", "'residence_time'"), ("zero or more",), "unit in the header"),
    Bad("below absolute zero", "-300 degC", runs(HEAD + ROW.replace("64.8", "-300")), "input", ("runs.csv", "row 2", "'temperature'"), ("above 0 K",), "unit in the header"),
    Bad("duplicated run", "row 4 repeats row 2", runs(HEAD + ROW + ROW2 + ROW), "input", ("runs.csv", "row 4"), ("repeats row 2",), "replicate"),
    Bad("row too short", "4 cells", runs(HEAD + ROW.replace(",2.06", "")), "input", ("runs.csv", "row 2"), ("4 cells, 5 expected",), "fill"),
    Bad("quotation mark left open", 'a row that begins with "', runs(HEAD + '"' + ROW), "input", ("runs.csv", "row"), ("CSV",), "quotation"),
    Bad("Western code page", "a degree sign in Latin-1", runs((HEAD.replace("degC", "\u00b0C") + ROW).encode("latin-1")), "input", ("runs.csv", "row 1"), ("not UTF-8",), "CSV UTF-8"),
    Bad("UTF-16 without its mark", "UTF-16 LE", runs((HEAD + ROW).encode("utf-16-le")), "input", ("runs.csv",), ("UTF-16",), "CSV UTF-8"),
    Bad("GBK with a wrong cell", "\u9ad8 in code page 936", runs((HEAD + ROW + ROW2.replace("4.59", "\u9ad8")).encode("gbk")), "input", EQ, ("'\u9ad8'",), "digits"),
    Bad("BOM, CRLF and a wrong cell", "high, in a file of Windows", runs(b"\xef\xbb\xbf" + (HEAD + ROW + ROW2.replace("4.59", "high")).replace("\n", "\r\n").encode()), "input", EQ, ("'high'",), "digits"),
    Bad("a workbook", "an .xlsx named runs.csv", runs(b"PK\x03\x04\x14\0\x06\0" + b"\0" * 64), "input", ("runs.csv",), ("binary",), "CSV UTF-8"),
    Bad("50 MB", "50,000,000 bytes", _big, "input", ("runs.csv",), ("50 MB", "at most 20 MB"), "split"),
    Bad("a folder", "runs.csv is a folder", _as_folder, "input", ("runs.csv",), ("is a folder",), "file"),
    *([
        Bad("a link that leads out", "runs.csv is a link to /etc/passwd", _linked, "input", ("case.toml", "[experiments] file"), ("link that leads out",), "beside the case file"),
        Bad("a pipe", "runs.csv is a pipe that nobody writes", _pipe, "input", ("runs.csv",), ("no regular file",), "file"),
    ] if UNIX else []),
    # --- the case folder
    Bad("not a case", "explain nowhere.case", say("explain", "nowhere.case"), "input", ("nowhere.case",), ("not found",), "path"),
    Bad("newer case", "schema_version 99", _folder(_rewrite("case.json", '"schema_version": 1', '"schema_version": 99')), "storage", ("my.case",), ("schema version 99", "reads 1"), "update chemwright"),
    Bad("cut off case", "case.json ends in the middle", _folder(lambda f: (os.truncate(f / "case.json", 500), None)[1]), "storage", ("my.case",), ("case.json", "hash"), "copy"),
    Bad("case that is no JSON", "case.json holds [", _folder(lambda f: ((f / "manifest.json").unlink(), (f / "case.json").write_text("[" * 9000), None)[2]), "storage", ("my.case",), ("case.json", "JSON"), "copy"),
    Bad("case with a text for a number", '"capacity": "much"', _folder(_rewrite("case.json", '"capacity": 0.', '"capacity": "much", "x": 0.')), "storage", ("my.case",), ("case.json",), "copy"),
    Bad("broken decisions", "decisions.json holds [{}]", _folder(lambda f: ((f / "manifest.json").unlink(), (f / "decisions.json").write_text("[{}]"), None)[2]), "storage", ("my.case",), ("decisions.json", "'id'"), "copy"),
    Bad("unknown figure", "explain --figure costs", finished("next", "my.case", "--figure", "costs"), "input", ("figure",), ("'costs'",), "'cost'"),
    Bad("decision without a reason", 'decide ... --why " "', finished("decide", "my.case", "plant.site", "Tianjin", "--by", "A. Chemist", "--why", " "), "input", ("decide",), ("'why'",), "why"),
    # --- reactor files
    Bad("reactor of unknown type", 'type = "pfrr"', reactor('"pfr"', '"pfrr"'), "input", ("reactor.toml", "[reactor]"), ("'pfrr'",), "'pfr'"),
    Bad("reactor without volume", "no volume", reactor('volume = "1.5 m^3"\n', ""), "input", ("reactor.toml", "[reactor]"), ("'volume' is missing",), "volume"),
    Bad("volume in kg", 'volume = "1.5 kg"', reactor("1.5 m^3", "1.5 kg"), "unit", ("reactor.toml", "volume"), ("'kg'",), "m^3"),
    Bad("negative volume", 'volume = "-1 m^3"', reactor("1.5 m^3", "-1 m^3"), "input", ("reactor.toml", "volume"), ("out of range",), "number and unit"),
    Bad("zero flow", 'flow = "0 m^3/h"', reactor("17.5 m^3/h", "0 m^3/h"), "input", ("reactor.toml", "[feed] flow"), ("flow is 0",), "batch"),
    Bad("negative feed", 'B = "-1 mol/L"', reactor('"0 mol/L"', '"-1 mol/L"'), "input", ("reactor.toml", "concentration.B"), ("out of range",), "9.3 mol/L"),
    Bad("rate constant of another order", 'k in "L/(mol s)" for A <-> B', reactor('"31.1 1/h"', '"31.1 L/(mol s)"'), "unit", ("reactor.toml", "reaction r1 k"), ("'1/s'",), "order 1"),
    Bad("rate constant zero", 'k = "0 1/h"', reactor('"31.1 1/h"', '"0 1/h"'), "input", ("reactor.toml", "reaction r1 k"), ("not above 0",), "positive"),
    Bad("reversible without K", "A <-> B, no K", reactor('K = { value = 3.03, at = "333.15 K", dH = "-6.9 kJ/mol" }\n', ""), "input", ("reactor.toml", "reaction r1"), ("no K",), "add K"),
    Bad("reactor file not TOML", "flow = 17.5 m^3/h", reactor('"17.5 m^3/h"', "17.5 m^3/h"), "input", ("reactor.toml, line 6",), ("not valid TOML",), "quotes"),
    Bad("reactant from nowhere", "A not fed", reactor('A = "9.3 mol/L", B = "0 mol/L"', ""), "input", ("reactor.toml", "reaction r1"), ("neither fed nor made",), "add A"),
    # --- kinetic runs and networks
    Bad("time in mol", "header time [mol]", kinetic("time [min]", "time [mol]"), "input", ("kinetic.csv", "column 2"), ("'time'", "[substance]"), "'s'"),
    Bad("kinetic time negative", "a row at -5 min", kinetic("one,5,", "one,-5,"), "input", ("kinetic.csv, row 2", "'time'"), ("negative",), "start of the reaction"),
    Bad("kinetic times back", "10 min before 5 min in one run", kinetic("one,5,", "one,15,"), "input", ("kinetic.csv, row 3",), ("falls from 900 s to 600 s",), "own id"),
    Bad("run id twice", "rows of run one apart", kinetic("two,10,", "one,20,"), "input", ("kinetic.csv, row 5",), ("again on row 5",), "own id"),
    Bad("species without a reading", "column B is empty", kinetic(KINETIC_RUNS, KINETIC_RUNS.replace("0.2\none", "\none").replace("0.4\ntwo", "\ntwo").replace("0.6\ntwo", "\ntwo").replace("0.8\n", "\n")), "input", ("kinetic.csv", "'B'"), ("no reading",), "delete the column"),
    Bad("species not in the network", "column X [mol/L]", kinetic("B [mol/L]", "X [mol/L]"), "input", ("kinetic.csv", "column 6"), ("'X'",), "A, B"),
    Bad("nothing fed", "no feed column", kinetic("feed_A [mol/L]", "note"), "input", ("kinetic.csv",), ("what was fed",), "feed_A"),
    Bad("two feeds in a run", "feed 1 and 2 mol/L in run two", kinetic("two,10,,,", "two,10,,2,"), "input", ("kinetic.csv, row 5",), ("'A' changes from 1000 to 2000",), "own run id"),
    Bad("kinetic rate constant in kg", 'k = "1 kg"', kinetic('text = "A -> B"', 'text = "A -> B"\nk = "1 kg"'), "unit", ("network.toml", "k"), ("'kg'", "'1/s'"), "1/s"),
    Bad("unknown rate law", 'law = "michaelis"', kinetic('text = "A -> B"', 'text = "A -> B"\nlaw = "michaelis"'), "input", ("network.toml", "reaction r1"), ("'michaelis'",), "michaelis_menten"),
]  # fmt: skip


def page() -> str:
    """The documentation page, with the messages that these inputs give."""
    import contextlib
    import tempfile

    rows = []
    for bad in CASES:
        with tempfile.TemporaryDirectory() as base, contextlib.chdir(base):
            _, error, _ = answer(bad, Path(base))
            shutil.rmtree(base, ignore_errors=True)
            Path(base).mkdir(exist_ok=True)
        rows.append((bad.id, bad.what, error["kind"], error["where"] or "-", error["message"].partition(bad.foreign)[0] if bad.foreign else error["message"], error["fix"]))
    table = "\n".join("| " + " | ".join(_cell(text) for text in row) + " |" for row in rows)
    return f"{INTRO}\n\n{len(rows)} inputs.\n\n| | what is fed | kind | where | message | mend |\n|---|---|---|---|---|---|\n{table}\n"


def _cell(text: str) -> str:
    short = text if len(text) <= 240 else text[:237] + "..."
    return short.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;").replace("*", "\\*").replace("[[", "\\[\\[")


INTRO = """# Bad input

What chemwright says to input that can't be right. Each message names the place (file, row, field), what was given and expected, and the
mend; the exit status is 2, with `--json` the error is on stdout as `{"error": {"kind", "message", "where", "fix"}}`, and nothing is written.

This page is made from the table that the tests run (`tests/bad_input_table.py`): `python scripts/bad_input_page.py` writes it anew.

Read without complaint: UTF-8 with or without byte order mark, Windows line ends, semicolons or tabs between columns. Read, and said in
the notes of the result: UTF-16 with byte order mark, GB18030 (GBK, GB2312) where all of the text fits, and decimal commas in a file whose
columns are parted by semicolons or tabs, when no number has a point and the commas can't part thousands. A case file itself is UTF-8, as TOML asks.

There is no way to give a circular recycle: chemwright lays out the flowsheet and closes its recycle itself, and a claim is a number, never a
reference. What comes nearest, reactions that only feed each other, is in the table."""
