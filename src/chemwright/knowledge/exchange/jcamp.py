"""JCAMP-DX spectra: read in every form of versions 4.24 and 5, written as plain points.

The permissive library ``jcamp`` 1.3.2 was weighed on the 144 files of its own source package: of the 140 that are read here it gives another number of points in eight
(three of them in DIF form, where NPOINTS tells) and fails on seven, and its failed checks are printed, not raised. So the forms are read here, and a failed check is an error.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chemwright.errors import InputError
from chemwright.knowledge import names as tables_of_names
from chemwright.knowledge.exchange.arrays import columns_of, with_columns
from chemwright.knowledge.exchange.jcamp_blocks import _TABLES, Block, Table, folded, read_blocks, tables, walk
from chemwright.knowledge.exchange.reading import read_bytes, read_old
from chemwright.knowledge.exchange.rights import Purpose, refuse, refused_among
from chemwright.knowledge.exchange.taking import Progress, Taken, count, file_name, take
from chemwright.knowledge.exchange.writing import Written, replacing
from chemwright.knowledge.identity import molecular, named
from chemwright.record import AssetRecord, DataSetRecord, Filing, Source, SubstanceRecord
from chemwright.record.dataset import Column

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase

FORM = "jcamp"
X_UNITS = {
    "1/CM": ("wavenumber", "1/m", 100.0), "CM-1": ("wavenumber", "1/m", 100.0), "CM^-1": ("wavenumber", "1/m", 100.0), "MICROMETERS": ("wavelength", "m", 1e-6), "MICRONS": ("wavelength", "m", 1e-6),
    "NANOMETERS": ("wavelength", "m", 1e-9), "NM": ("wavelength", "m", 1e-9), "WAVELENGTH (NM)": ("wavelength", "m", 1e-9), "HZ": ("frequency", "1/s", 1.0), "PPM": ("chemical_shift", "1", 1e-6),
    "M/Z": ("mass_to_charge_ratio", "1", 1.0), "SECONDS": ("time", "s", 1.0), "MILLISECONDS": ("time", "s", 1e-3), "MINUTES": ("time", "s", 60.0),
}  # fmt: skip
"""XUNITS to property, SI unit and factor; 1/CM of a Raman spectrum is a Raman shift."""
Y_UNITS = {
    "TRANSMITTANCE": ("transmittance", "1", 1.0),
    "% TRANSMITTANCE": ("transmittance", "1", 0.01),
    "PERCENT TRANSMITTANCE": ("transmittance", "1", 0.01),
    "%T": ("transmittance", "1", 0.01),
    "ABSORBANCE": ("absorbance", "1", 1.0),
    "A": ("absorbance", "1", 1.0),
}


def import_jcamp(kb: KnowledgeBase, path: str | Path, *, filing: Filing | None = None, progress: Progress = None) -> Taken:
    """Import the spectra of a file; the file itself is kept too.

    Args:
        kb: base to file into.
        path: ``.jdx``, ``.dx`` or ``.jcm``.
        filing: terms for all of it.
        progress: called as it goes on.

    Returns:
        what was filed, with what in the file did not agree with its labels.

    Raises:
        InputError: no JCAMP-DX, numbers that can't be read, or a failed check of ordinates; the line is named.
    """
    file = Path(path)
    root = read_blocks(read_old(file), file.name)
    notes: dict[str, int] = {}
    return take(kb, _records(root, file, notes), file=f"jcamp:{file_name(file)}", form=FORM, filing=filing, notes=notes, progress=progress)


def _records(root: Block, file: Path, notes: dict[str, int]) -> Iterator[Any]:
    data = read_bytes(file)
    sha = hashlib.sha256(data).hexdigest()
    number = 0
    for block in walk(root):
        for table in tables(block, file.name):
            number += 1
            for n in table.notes:
                count(notes, n)
            source = source_of(block, sha)
            substance = substance_of(block)
            record, columns = spectrum(block, table, f"{file.name}#{sha[:8]}/{number}", source, substance)
            yield [source, *([substance] if substance is not None else []), with_columns(record, columns)]
    if not number:
        raise InputError("no table of numbers in it", where=file.name, fix="give a file with XYDATA, XYPOINTS, a peak table or pages")
    yield (data, AssetRecord(sha, "chemical/x-jcamp-dx", len(data), file.name))


def source_of(block: Block, sha: str) -> Source:
    """Where a spectrum comes from: who measured it, who owns it, and the reference it gives."""
    said = [block.get("SOURCEREFERENCE"), block.get("ORIGIN"), block.get("OWNER")]
    return Source(
        f"jcamp:{sha[:16]}:{hashlib.sha256(json.dumps(said).encode()).hexdigest()[:6]}", "experiment", "; ".join(x for x in said if x)[:1000] or "spectrum of unnamed origin"
    )


def substance_of(block: Block) -> SubstanceRecord | None:
    """What the spectrum is of: by CAS number, InChI or name; under its name where no table knows that; None without any."""
    cas = block.get("CASREGISTRYNO").split(" ")[0]
    entry = tables_of_names.by_cas(cas) if cas and tables_of_names.check_digit(cas) == int(cas[-1]) else None
    name = block.get("CASNAME", "NAMES", "TITLE")
    entry = entry or (tables_of_names.by_name(name) if name and len(name) <= 200 else None)
    if entry is not None:
        return molecular(str(entry.smiles), name=str(entry.common_name), cas=str(entry.CASs))
    return named(name[:200]) if name else None


def spectrum(block: Block, table: Table, key: str, source: Source, substance: SubstanceRecord | None) -> tuple[DataSetRecord, dict[str, list[float]]]:
    """The record of a table, and its columns in SI."""
    kind = block.get("DATATYPE")
    x = X_UNITS.get(table.x_unit.upper(), ("", "1", 1.0))
    if "RAMAN" in kind.upper() and x[0] == "wavenumber":
        x = ("raman_shift", "1/m", 100.0)
    y = Y_UNITS.get(table.y_unit.upper(), ("", "1", 1.0))
    subject = substance.key if substance is not None else ""
    told = {
        "labels": [[label, text] for label, text, _ in block.labels if folded(label) not in _TABLES and folded(label) not in ("PAGE",)],
        "x_unit": table.x_unit, "y_unit": table.y_unit, "x_factor": x[2], "y_factor": y[2], "table": table.kind, "page": table.page, "texts": list(table.texts), "notes": list(table.notes),
    }  # fmt: skip
    columns = (Column("x", x[0], x[1], subject), Column("y", y[0], y[1], subject))
    method = "; ".join(p for p in (kind, block.get("SPECTROMETERDATASYSTEM"), table.page) if p)
    record = DataSetRecord(
        key,
        "spectrum",
        columns,
        substances=(subject,) if subject else (),
        method=method,
        source=source.id,
        note=block.get("TITLE"),
        extra={FORM: json.dumps(told, ensure_ascii=False)},
    )
    return record, {"x": [_times(v, x[2]) for v in table.x], "y": [_times(v, y[2]) for v in table.y]}


def _times(value: float, factor: float) -> float:
    """A product without the noise that the factor would bring."""
    return value if factor == 1.0 or math.isnan(value) else float(f"{value * factor:.15g}")


def write_jcamp(kb: KnowledgeBase, path: str | Path, key: str, *, purpose: Purpose | None = None) -> Written:
    """Write a spectrum as plain points, in the units it came in.

    Args:
        kb: base to read.
        path: file to write.
        key: of the data set.
        purpose: for whom; for the public when None.

    Raises:
        InputError: no spectrum, or one that may not leave; StorageError: the file can't be written.
    """
    from chemwright.knowledge.base import audit

    out, item = Path(path), kb.get(key)
    record = item.record
    if not isinstance(record, DataSetRecord) or record.kind != "spectrum" or len(record.columns) < 2:
        raise InputError("is no spectrum", where=f"record {key[:16]}", fix="give the key of a data set of the kind spectrum")
    refuse(refused_among([item], kb.sources(), purpose or Purpose(changed=True)), f"export to {out.name}")
    columns = columns_of(kb.asset(record.asset), f"data set {record.id!r}")
    with replacing(out) as stream:
        stream.write(jcamp_text(record, columns[record.columns[0].name], columns[record.columns[1].name]).encode())
    with kb.writing() as connection:
        audit.write(connection, kb.who, "export", out.name, format=FORM, record=item.key, audience=(purpose or Purpose()).target)
    return Written(str(out), {"dataset": 1})


_OWN = ("TITLE", "JCAMPDX", "DATATYPE", "DATACLASS", "XUNITS", "YUNITS", "XFACTOR", "YFACTOR", "FIRSTX", "LASTX", "DELTAX", "FIRSTY", "MAXX", "MINX", "MAXY", "MINY", "NPOINTS", "END", "BLOCKS", "BLOCKID", "NTUPLES", "ENDNTUPLES", "VARNAME", "SYMBOL", "VARTYPE", "VARFORM", "VARDIM", "UNITS", "FIRST", "LAST", "FACTOR", "MIN", "MAX")  # fmt: skip


def jcamp_text(record: DataSetRecord, x: list[float], y: list[float]) -> str:
    """The text of a spectrum in JCAMP-DX 4.24: labels as they were, numbers as plain points."""
    told = json.loads(record.extra.get(FORM, "{}"))
    labels = [(label, text) for label, text in told.get("labels", []) if folded(label) not in _OWN]
    kind = next((" ".join(t.split()) for label, t in told.get("labels", []) if folded(label) == "DATATYPE"), "") or "SPECTRUM"
    fx, fy = told.get("x_factor", 1.0), told.get("y_factor", 1.0)
    xs, ys = [_over(v, fx) for v in x], [_over(v, fy) for v in y]
    peaks = told.get("table") == "peaks"
    lines = [f"##TITLE= {_line(record.note or record.id)}", "##JCAMP-DX= 4.24 $$ written by chemwright", f"##DATA TYPE= {_line(kind)}"]
    if not any(folded(label) == "ORIGIN" for label, _ in labels):
        lines.append(f"##ORIGIN= {_line(record.source)}")
    lines += [f"##{_line(label)}= " + "\n".join(_safe(t) for t in text.strip().split("\n")) for label, text in labels]
    lines += [
        f"##XUNITS= {_line(told.get('x_unit') or record.columns[0].unit)}",
        f"##YUNITS= {_line(told.get('y_unit') or record.columns[1].unit)}",
        "##XFACTOR= 1",
        "##YFACTOR= 1",
    ]
    if not peaks and xs:
        lines += [f"##FIRSTX= {xs[0]!r}", f"##LASTX= {xs[-1]!r}", f"##FIRSTY= {_number(ys[0])}"]
    lines += [f"##NPOINTS= {len(xs)}", "##PEAK TABLE= (XY..XY)" if peaks else "##XYPOINTS= (XY..XY)"]
    lines += [f"{_number(a)}, {_number(b)}" for a, b in zip(xs, ys, strict=True)]
    return "\n".join([*lines, "##END=", ""])


def _over(value: float, factor: float) -> float:
    return value if factor == 1.0 or math.isnan(value) else float(f"{value / factor:.15g}")


def _number(value: float) -> str:
    return "?" if math.isnan(value) else repr(value).replace("e", "E")


def _line(text: str) -> str:
    return " ".join(text.replace("##", "# #").replace("$$", "$ $").split())


def _safe(line: str) -> str:
    """A further line of a label: it must not begin a label of its own."""
    return line.replace("##", "# #").replace("$$", "$ $")
