"""Tables of interaction parameters and Henry constants that `thermo` (MIT) carries as JSON: pairs of CAS numbers to numbers."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

Row = dict[str, float]
FILES = {
    "ChemSep NRTL": "ChemSep/nrtl.json",
    "ChemSep Wilson": "ChemSep/wilson.json",
    "ChemSep UNIQUAC": "ChemSep/uniquac.json",
    "ChemSep PR": "ChemSep/pr.json",
    "ChemSep Henry": "ChemSep/henry.json",
    "Sander T dep": "Sander_henry_T_dep.json",
    "Sander Const": "Sander_henry_const.json",
}


@lru_cache(maxsize=8)
def table(name: str) -> dict[str, Row]:
    """Rows by ``"CAS CAS"`` of one of :data:`FILES`; read here, as the package's own reader leaves the files open."""
    spec = find_spec("thermo")
    assert spec is not None
    assert spec.origin is not None
    text = (Path(spec.origin).parent / "Interaction Parameters" / FILES[name]).read_text(encoding="utf-8")
    data: dict[str, Row] = json.loads(text)["data"]
    return data
