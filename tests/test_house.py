"""The house keeps its rules: light to import, few names at the top, everything said and typed, small files, nothing of a machine."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import chemwright

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "src" / "chemwright").rglob("*.py"))
HEAVY = ("torch", "rdkit", "casadi", "pint", "scipy", "sklearn", "matplotlib", "pandas", "chemicals", "thermo", "fluids", "numpy", "attrs", "cattrs", "typer", "rich")
# a path into someone's machine; '/usr/bin/env' and web addresses are no such thing
MACHINE = re.compile(r"(?<![\w.:/-])/(?:" + "|".join(("work", "opt", "home", "root", "Users", "mnt", "srv")) + r")/[\w.-]")
LARGEST = 400


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def fresh(code):
    """What ``code`` prints in an interpreter of its own."""
    run = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    return run.stdout


def short(path):
    return str(path.relative_to(ROOT))


def test_plain_import_loads_nothing_heavy():
    loaded = fresh("import sys, chemwright; print(*sorted({m.partition('.')[0] for m in sys.modules}))").split()
    assert [name for name in HEAVY if name in loaded] == []


def test_records_load_without_the_numerical_libraries():
    loaded = fresh("import sys, chemwright as cw; cw.Value(1.0); cw.Claim, cw.Source, cw.ParameterSet; print(*sorted({m.partition('.')[0] for m in sys.modules}))").split()
    assert [name for name in HEAVY if name in loaded and name not in ("attrs",)] == []


def test_top_package_has_few_names_and_all_of_them_work():
    assert len(chemwright.__all__) <= 12
    assert set(chemwright.__all__) <= set(dir(chemwright))
    fresh("import chemwright as cw; [getattr(cw, n) for n in dir(cw)]; assert cw.__version__[0].isdigit(); assert cw.quantity.Value is cw.Value")
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = chemwright.nonsense


def test_every_room_can_be_reached():
    rooms = {p.parent.name for p in SOURCES if p.name == "__init__.py" and p.parent.parent.name == "chemwright"} - {"chemwright", "cli"}
    assert rooms - set(dir(chemwright)) == set()


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_a_source_file_is_small_and_without_star_imports(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LARGEST
    assert [n.lineno for n in ast.walk(tree(path)) if isinstance(n, ast.ImportFrom) and any(a.name == "*" for a in n.names)] == []


def public(body, prefix=""):
    """Public functions and classes of a module or class body, not those inside functions."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{node.name}.")


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_what_is_public_is_said_and_typed(path):
    module = tree(path)
    missing = [] if ast.get_docstring(module) else ["module: docstring"]
    for name, node in public(module.body):
        if not ast.get_docstring(node):
            missing.append(f"{name}: docstring")
        if isinstance(node, ast.ClassDef):
            continue
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        untyped = [a.arg for a in arguments if a.annotation is None and a.arg not in ("self", "cls")]
        if node.returns is None or untyped:
            missing.append(f"{name}: annotation of {', '.join(untyped) or 'what it returns'}")
    assert missing == []


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_no_error_outside_the_tree_is_raised_by_name(path):
    bare = {"Exception", "RuntimeError", "BaseException"}
    raised = [n.exc for n in ast.walk(tree(path)) if isinstance(n, ast.Raise) and n.exc is not None]
    assert [e.lineno for e in raised if isinstance(e, ast.Call) and isinstance(e.func, ast.Name) and e.func.id in bare] == []


def repository_files():
    """What git keeps; without git (a source archive), what lies in the folders that are ours."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
        files = [ROOT / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        files = [p for folder in ("src", "docs", "scripts", ".ci", "tests", "examples", "benchmarks") for p in (ROOT / folder).rglob("*")]
        files += list(ROOT.glob("*.*"))
    return [p for p in files if p.is_file() and not {"__pycache__", ".venv"} & set(p.parts) and not any(part.endswith(".egg-info") for part in p.parts)]


def test_no_file_names_a_path_of_a_machine():
    found = []
    for path in repository_files():
        try:
            content = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{short(path)}:{content.count(chr(10), 0, m.start()) + 1}" for m in MACHINE.finditer(content)]
    assert found == []


def test_machine_paths_are_told_from_others():
    slash = "/"
    assert MACHINE.search(f"open('{slash}work/main')")
    assert MACHINE.search(f"{slash}home/me")
    assert not MACHINE.search("https://example.org/work/x")
    assert not MACHINE.search("kJ/mol, #!/usr/bin/env bash, docs/work/x")


def test_the_shipped_marker_of_types_is_there():
    assert (ROOT / "src" / "chemwright" / "py.typed").is_file()


@pytest.mark.parametrize("script", ["scripts/setup.sh", "scripts/demo.sh", "scripts/test.sh", "scripts/postgres.sh", ".ci/run"])
def test_scripts_are_valid_bash(script):
    subprocess.run(["bash", "-n", str(ROOT / script)], check=True)
