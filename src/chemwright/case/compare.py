"""Difference of two cases: what was changed in the record, and what that changed in the plant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chemwright.case.case import Case
from chemwright.case.read import read_case
from chemwright.record.convert import converter

FIGURES = ("cost", "e_factor", "co2e", "pmi", "purity")


def flatten(data: Any, path: str = "") -> dict[str, Any]:
    """Leaves of plain data by path; list entries that have an id or name go by it, so that an inserted one moves no other."""
    if isinstance(data, dict):
        return {k: v for key, value in data.items() for k, v in flatten(value, f"{path}.{key}" if path else str(key)).items()}
    if isinstance(data, list | tuple):
        keys = [(d.get("id") or d.get("name")) if isinstance(d, dict) else None for d in data]
        unique = None not in keys and len(set(keys)) == len(keys)
        return {k: v for i, value in enumerate(data) for k, v in flatten(value, f"{path}[{keys[i] if unique else i}]").items()}
    return {path: data}


def opened(path: str | Path) -> Case:
    """A case to compare: of a folder with its results, of a case file in memory with none; nothing is written.

    Raises:
        StorageError: no case in the folder; ChemwrightError: as :func:`chemwright.case.read.read_case`.
    """
    return Case(read_case(path)) if Path(path).is_file() else Case.open(path)


def compare(before: Case, after: Case) -> dict[str, Any]:
    """What changed between two cases.

    Args:
        before, after: opened cases; figures are compared where both have a design.

    Returns:
        ``changed``: rows of path, before, after (``None`` where it is not there); ``figures``: rows of figure, unit, before, after,
        change (each value and std; the std of the change takes the two as independent and so is an upper bound where they share causes),
        ``because`` (rows of cause, id, change, how, largest first, see :func:`chemwright.loop.attribute.attribute`); ``note``: why there are
        no figures or no causes, or empty.
    """
    encode = converter().unstructure
    old, new = flatten(encode(before.record)), flatten(encode(after.record))
    changed = [{"path": k, "before": old.get(k), "after": new.get(k)} for k in sorted(old.keys() | new.keys()) if old.get(k) != new.get(k)]
    results = [case.results for case in (before, after)]
    without = [word for word, r in zip(("older", "newer"), results, strict=True) if "design" not in r]
    if without:
        note = f"no figures: the {' and the '.join(without)} case has no design that holds for this version; run chemwright develop on it"
        return {"changed": changed, "figures": [], "note": note}
    why: dict[str, list[dict[str, Any]]] = {}
    note = ""
    if changed and all(step in r for r in results for step in ("properties", "fit")):
        from chemwright.loop.attribute import attribute

        why, note = attribute(before.record, after.record, *results)
    figures = []
    for name in FIGURES:
        a, b = (r["design"][name] for r in results)
        figures.append({"figure": name, "unit": b["unit"], "before": a["value"], "before_std": a["std"], "after": b["value"], "after_std": b["std"], "change": b["value"] - a["value"], "change_std": float((a["std"] ** 2 + b["std"] ** 2) ** 0.5), "because": why.get(name, [])})  # fmt: skip
    return {"changed": changed, "figures": figures, "note": note}
