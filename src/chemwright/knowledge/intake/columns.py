"""Columns of text brought to numbers and words, all cells of a block at once; what can't be read is named by row."""

from __future__ import annotations

from typing import Any

import numpy as np

from chemwright.knowledge.intake.blocks import Reject
from chemwright.knowledge.intake.texts import NUMBER

BLANKS = ("", "na", "n/a", "nan", "-", "--", "—", "–", "null", "none", "无", "n.d.", "nd")
_CONTROL = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]"
_PHASES = {"l": "liquid", "liq": "liquid", "liquid": "liquid", "液": "liquid", "液相": "liquid", "液体": "liquid", "g": "gas", "gas": "gas", "vapour": "gas", "vapor": "gas", "气": "gas", "气相": "gas", "气体": "gas",
           "s": "solid", "sol": "solid", "solid": "solid", "固": "solid", "固相": "solid", "固体": "solid", "cr": "crystal", "crystal": "crystal", "aq": "aqueous"}  # fmt: skip


def trimmed(column: Any) -> Any:
    """Cells without blanks at their ends."""
    import pyarrow.compute as pc

    return pc.utf8_trim_whitespace(column)


def numbers(column: Any, decimal: str, rows: np.ndarray, header: str, rejects: list[Reject]) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of a column and a mask of the rows that hold none by right (blank); NaN where there is none. Other text is added to the rejects.

    Args:
        column: strings.
        decimal: ``.`` or ``,``.
        rows: row numbers in the file, shape (n,).
        header: name of the column.
        rejects: bad cells are appended here.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    clean = pc.replace_substring(trimmed(column), "\u2212", "-")
    if decimal == ",":
        clean = pc.replace_substring(clean, ",", ".")
    good = pc.match_substring_regex(clean, NUMBER)
    blank = pc.is_in(pc.utf8_lower(clean), value_set=pa.array(BLANKS)).to_numpy(zero_copy_only=False)
    out = pc.cast(pc.if_else(good, clean, pa.scalar("nan")), pa.float64()).to_numpy(zero_copy_only=False).copy()
    bad = ~blank & ~np.isfinite(out)
    for k in np.flatnonzero(bad):
        rejects.append(Reject(int(rows[k]), header, f"{column[int(k)].as_py()[:60]!r} is no number", _mend(column[int(k)].as_py(), decimal)))
    out[blank] = np.nan
    return out, blank


def _mend(cell: str, decimal: str) -> str:
    if cell[:1] == "=":
        return "paste the cell as a value, without formula"
    if decimal == "." and "," in cell:
        return "write a decimal point, and no mark between thousands"
    if cell[:1] in "<>≤≥~≈":
        return "a bound is no value: leave the cell empty and say it in a note"
    return "write digits with a decimal point, without unit; leave it empty where there is none"


def texts(column: Any, rows: np.ndarray, header: str, rejects: list[Reject]) -> list[str]:
    """Cells as words, without blanks at their ends; control characters are added to the rejects."""
    import pyarrow.compute as pc

    clean = trimmed(column)
    odd = pc.match_substring_regex(clean, _CONTROL)
    if pc.any(odd).as_py():
        for k in np.flatnonzero(odd.to_numpy(zero_copy_only=False)):
            rejects.append(Reject(int(rows[k]), header, "holds control characters", "remove them: copy the cell as plain text"))
    out: list[str] = clean.to_pylist()
    return out


def coded(column: Any) -> tuple[np.ndarray, list[str]]:
    """Codes and the different cells that they mean: each is looked at once."""
    import pyarrow.compute as pc

    encoded = pc.dictionary_encode(trimmed(column))
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary.to_pylist()


def phase_of(text: str) -> str:
    """A phase in one spelling."""
    return _PHASES.get(text.casefold(), text)
