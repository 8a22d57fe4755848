"""What is installed, and the hash of the code that computes: both enter the keys of a case's steps."""

from __future__ import annotations

import hashlib
import platform
import re
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from chemwright.errors import StorageError

NUMERICAL = ("numpy", "scipy", "casadi", "scikit-learn", "chemicals", "thermo", "rdkit")
_SHELL = ("cli", "report", "serve")
_USES = {
    "postgres": "keeps the knowledge base on PostgreSQL", "mine": "reads PDF files", "exchange": "reads and writes ORD and XLSX files", "test": "runs the tests", "dev": "lint, types and import contracts, for work on chemwright itself",
}  # fmt: skip


def installed(package: str) -> str:
    """The installed version, empty when it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


@lru_cache(maxsize=2)
def code_hash(shell: bool = False) -> str:
    """SHA-256 over chemwright's own sources and data and the versions of the numerical packages.

    Args:
        shell: also the rooms that only show results (cli, report).
    """
    root = Path(__file__).resolve().parents[1]
    total = hashlib.sha256(" ".join(f"{p}={installed(p)}" for p in NUMERICAL).encode())
    try:
        for path in sorted(p for p in root.rglob("*") if p.suffix in (".py", ".csv", ".json", ".toml", ".npz") and (shell or p.relative_to(root).parts[0] not in _SHELL)):
            total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    except OSError as error:
        raise StorageError(f"chemwright's own files can't be read: {error}", fix="reinstall chemwright") from None
    return total.hexdigest()


def doctor() -> dict[str, Any]:
    """What is installed, what an extra would add, and what the machine offers (see :func:`chemwright.case.machine.machine`).

    Returns:
        ``{"chemwright", "python", "system", "packages": [{"name", "installed", "wanted"}], "extras": {name: {"for", "packages", "missing", "install"}}, "machine", "ready"}``.
    """
    from chemwright.case.machine import machine

    packages: list[dict[str, str]] = []
    extras: dict[str, dict[str, Any]] = {}
    for line in requires("chemwright") or []:
        match = re.match(r"^\s*([A-Za-z0-9._-]+)\s*([^;]*)(?:;(.*))?$", line)
        if match is None:
            continue
        name, wanted, marker = match.group(1), match.group(2).strip(), match.group(3) or ""
        row = {"name": name, "installed": installed(name), "wanted": wanted}
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", marker)
        if extra is None:
            packages.append(row)
            continue
        entry = extras.setdefault(extra.group(1), {"for": _USES.get(extra.group(1), ""), "packages": [], "missing": [], "install": f"pip install 'chemwright[{extra.group(1)}]'"})
        entry["packages"].append(row)
        if not row["installed"]:
            entry["missing"].append(name)
    return {
        "chemwright": installed("chemwright"), "python": platform.python_version(), "system": platform.platform(),
        "packages": packages, "extras": extras, "machine": machine(), "ready": all(p["installed"] for p in packages),
    }  # fmt: skip


def meta() -> dict[str, Any]:
    """What made a result, apart from time."""
    from chemwright import __version__

    return {"version": __version__, "code": code_hash()[:12]}


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
