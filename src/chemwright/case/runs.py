"""The case's measured runs, and where they come from."""

from __future__ import annotations

import re
from importlib.resources import as_file
from pathlib import Path

from chemwright.errors import InputError, did_you_mean, near_misses
from chemwright.record import Experiments, Source

CONDITIONS = ("residence_time", "equivalents", "concentration", "temperature")
RESPONSES = ("e_factor", "yield", "conversion")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.I)
_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")


def read_experiments(path: Path, response: str, source: str, species: tuple[str, ...], where: str) -> tuple[Experiments, Source]:
    """Runs in SI, with a name for each (file and row) and their Source.

    Args:
        path: CSV file with units in its header.
        response: ``e_factor``, ``yield``, ``conversion`` or ``c_<species>``.
        source: what the case file says of the runs' origin: text or DOI, may be empty.
        species: ids, for ``c_<species>``.
        where: place of the response in the case file.

    Raises:
        InputError: unknown response, or anything wrong with the file.
    """
    from chemwright.knowledge import read_runs

    known = (*RESPONSES, *(f"c_{s}" for s in species))
    if response not in known:
        raise InputError(f"unknown response {response!r}", where=where, fix=did_you_mean(response, known))
    table = read_runs(path, response, required=CONDITIONS)
    extra = [c for c in table.columns if c not in CONDITIONS and c not in known]
    if extra:
        raise InputError(
            f"column {extra[0]!r} is not a condition of a run",
            where=path.name,
            fix=did_you_mean(extra[0], CONDITIONS) if near_misses(extra[0], CONDITIONS) else f"keep {', '.join(CONDITIONS)} and {response}",
        )
    origin = source_of(path, response, source)
    ids = tuple(f"{path.name} row {row}" for row in table.row_numbers)
    keep = [table.columns.index(c) for c in CONDITIONS]
    rows = tuple(tuple(row[i] for i in keep) for row in table.rows)
    return Experiments(CONDITIONS, rows, response, table.values, origin.id, "pfr", ids, table.notes), origin


def source_of(path: Path, response: str, text: str) -> Source:
    """The Source of a file of runs: as the case file says, else the bundled one when the figures are the bundled ones, else the file itself."""
    if text:
        doi = _DOI.search(text)
        year = _YEAR.search(text.replace(doi.group(0), "") if doi else text)
        found = doi.group(1).rstrip(".,;)") if doi else ""
        return Source("experiments", "literature" if doi else "experiment", " ".join(text.split())[:500], found, int(year.group(1)) if year else 0)
    return _bundled(path, response) or Source("experiments", "experiment", f"Runs of {path.name}, given with the case; no origin stated")


def _bundled(path: Path, response: str) -> Source | None:
    """The source of a bundled case whose runs are the same figures, whatever their order of rows or name of file."""
    from chemwright.knowledge import bundled_case, bundled_cases, read_runs

    def figures(file: Path) -> tuple[tuple[str, ...], list[tuple[float, ...]]]:
        table = read_runs(file, response)
        order = sorted(range(len(table.columns)), key=lambda i: table.columns[i])
        return tuple(table.columns[i] for i in order), sorted((*(row[i] for i in order), y) for row, y in zip(table.rows, table.values, strict=True))

    mine = figures(path)
    for name in bundled_cases():
        try:
            with as_file(bundled_case(name) / "runs.csv") as file:
                same = figures(file) == mine
        except InputError:  # another response: other figures
            continue
        if same:
            return _from_note((bundled_case(name) / "SOURCE.md").read_text(encoding="utf-8"))
    return None


def _from_note(text: str) -> Source:
    """The Source that a SOURCE.md states: its BibTeX entry, its 'Measured by:' paragraph, its licence."""
    bibtex = re.search(r"```bibtex\n(.*?)\n```", text, re.S)
    said = re.search(r"Measured by:\s*(.*?)(?:\n\n|$)", text, re.S)
    if bibtex is None or said is None:
        raise InputError("SOURCE.md of a bundled case has no BibTeX entry", fix="reinstall chemwright")
    entry = bibtex.group(1)
    key = re.match(r"@\w+\{([^,]+),", entry)
    fields = dict(re.findall(r"^\s*(\w+)\s*=\s*\{(.*)\},?\s*$", entry, re.M))
    citation = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(said.group(1).split()))
    return Source(key.group(1) if key else "bundled", "literature", citation, fields.get("doi", ""), int(fields.get("year", 0)), "MIT (figures as carried by olymp 0.0.1b0)", entry)
