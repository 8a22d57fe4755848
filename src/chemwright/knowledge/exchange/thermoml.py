"""Read ThermoML: pure substances become claims, mixtures data sets with their columns as Parquet."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from chemwright.errors import InputError, SubstanceError
from chemwright.knowledge import names as tables
from chemwright.knowledge.exchange.arrays import with_columns
from chemwright.knowledge.exchange.ord_compounds import MAX_INCHI
from chemwright.knowledge.exchange.reading import read_bytes
from chemwright.knowledge.exchange.taking import Progress, Taken, count, file_name, take
from chemwright.knowledge.exchange.thermoml_terms import BY_PHASE, COMPOSITIONS, PROPERTIES, kind_of, phase_of
from chemwright.knowledge.identity import molecular, named
from chemwright.knowledge.vocabulary import vocabulary
from chemwright.knowledge.xml_safe import Element, parse_xml
from chemwright.record import Claim, DataSetRecord, Filing, Source, SubstanceRecord
from chemwright.record.dataset import Column

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase

MAX_BYTES = 100_000_000


@frozen
class Quantity:
    """A property, variable or constraint: its number in the file, ours for it, its factor, the compound (number) and phase it is of, its method."""

    number: str
    told: str
    name: str
    factor: float
    compound: str = ""
    phase: str = ""
    method: str = ""
    cover: float = 0.0


def import_thermoml(kb: KnowledgeBase, path: str | Path, *, filing: Filing | None = None, progress: Progress = None) -> Taken:
    """Import a ThermoML file.

    Args:
        kb: base to file into.
        path: XML file.
        filing: terms for all of it.
        progress: called as it goes on.

    Returns:
        what was filed, and what was left out.

    Raises:
        InputError: no ThermoML, or broken; the place is named.
    """
    file = Path(path)
    root = parse_xml(read_bytes(file, MAX_BYTES), file.name)
    notes: dict[str, int] = {}
    return take(kb, records_of(root, file.name, notes), file=f"thermoml:{file_name(file)}", form="thermoml", filing=filing, notes=notes, progress=progress)


def records_of(root: Element, where: str, notes: dict[str, int]) -> Iterator[Any]:
    """The records of a report.

    Raises:
        InputError: no ThermoML, a compound that is not listed, or a text where a number should be.
    """
    if root.name != "DataReport":
        raise InputError(f"no ThermoML: its root is <{root.name[:40]}>, <DataReport> expected", where=where, fix="give a file of the ThermoML archive")
    source = source_of(root)
    compounds = {number: substance for c in root.all("Compound") if (number := _org(c)) for substance in [substance_of(c)]}
    for n, block in enumerate(root.all("PureOrMixtureData"), start=1):
        here = f"{where}, PureOrMixtureData {n}"
        parts = [_org(c) for c in block.all("Component")]
        if missing := [p for p in parts if p not in compounds]:
            raise InputError(f"component {missing[0]!r} is not among the compounds", where=here, fix="restore it from its source")
        yield from _block(block, {p: compounds[p] for p in parts}, source, f"{source.id}/{n}", here, notes)
    for _ in root.all("ReactionData"):
        count(notes, "reaction data are not read")


def source_of(root: Element) -> Source:
    """The article of a report, by its DOI."""
    c = next(root.all("Citation"), Element("Citation"))
    authors = "; ".join(" ".join(a.text.split()).split("[")[0].strip(" ,") for a in c.all("sAuthor"))
    year = c.get("yrPubYr")
    parts = [authors, c.get("sTitle"), c.get("sPubName"), " ".join(x for x in (year, c.get("sVol"), c.get("sPage")) if x)]
    text = ". ".join(p.rstrip(". ") for p in parts if p)
    doi = c.get("sDOI")
    key = f"doi:{doi}" if doi else f"thermoml:{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    return Source(key, "literature", text or "ThermoML report", doi, int(year) if year.isdigit() else 0)


def _org(element: Element) -> str:
    return element.get("RegNum", "nOrgNum") or element.get("RegNum", "nCASRNum")


def substance_of(c: Element) -> SubstanceRecord:
    """A compound by InChI, SMILES, CAS number or name; under its name where no table knows that."""
    called = [" ".join(x.text.split()) for x in c.all("sCommonName")] or [c.get("sCASName")]
    number = c.get("RegNum", "nCASRNum")
    cas = f"{number[:-3]}-{number[-3:-1]}-{number[-1]}" if number.isdigit() and len(number) >= 5 else ""
    for smiles in (_from_inchi(c.get("sStandardInChI")), c.get("sSmiles")):
        try:
            if smiles:
                return molecular(smiles, name=called[0] if called else "", cas=cas)
        except SubstanceError:
            continue
    entry = tables.by_cas(cas) if cas and tables.check_digit(cas) == int(cas[-1]) else None
    entry = entry or next((e for name in called if name and (e := tables.by_name(name)) is not None), None)
    if entry is not None:
        return molecular(str(entry.smiles), name=str(entry.common_name), cas=str(entry.CASs))
    return named(called[0] or f"compound {_org(c)} of formula {c.get('sFormulaMolec')}", note=c.get("sFormulaMolec"))


def _from_inchi(text: str) -> str:
    from rdkit import Chem, rdBase

    if not text or len(text) > MAX_INCHI:
        return ""
    with rdBase.BlockLogs():
        graph = Chem.MolFromInchi(text if text.startswith("InChI=") else f"InChI={text}")  # type: ignore[no-untyped-call]
    return "" if graph is None else str(Chem.MolToSmiles(graph))


def _block(block: Element, parts: Mapping[str, SubstanceRecord], source: Source, key: str, where: str, notes: dict[str, int]) -> Iterator[Any]:
    properties = {q.number: q for p in block.all("Property") if (q := _property(p, notes)) is not None}
    variables = {q.number: q for v in block.all("Variable") for q in [_state(v, "Variable", "Var")]}
    fixed = [(_state(c, "Constraint", "Constraint"), _number(c.get("nConstraintValue"), where)) for c in block.all("Constraint")]
    rows = [_row(values, properties, variables, where) for values in block.all("NumValues")]
    head = [source, *parts.values()]
    known = all(q.name for q, _ in fixed) and all(q.name for q in variables.values())
    if len(parts) == 1 and known and all(q.name for q in properties.values()):
        key_of = next(iter(parts.values())).key
        yield head + list(_claims(rows, properties, variables, fixed, key_of, source, key, notes))
    elif properties:
        yield [*head, _data_set(rows, properties, variables, fixed, parts, source, key, notes)]


def _property(p: Element, notes: dict[str, int]) -> Quantity | None:
    group = next((g for pg in p.all("Property-MethodID", "PropertyGroup") for g in pg.children), Element(""))
    told = group.get("ePropName")
    if p.get("ePresentation") not in ("", "Direct value, X"):
        count(notes, f"values given as {p.get('ePresentation')!r} are left out")
        return None
    name, factor = PROPERTIES.get(told, ("", 1.0))
    phase = phase_of(p.get("PropPhaseID", "ePropPhase"))
    compound = p.get("Property-MethodID", "RegNum", "nOrgNum") or p.get("PropPhaseID", "RegNum", "nOrgNum")
    method = group.get("eMethodName") or group.get("sMethodName")
    return Quantity(p.get("nPropNumber"), told, BY_PHASE.get((name, phase), name), factor, compound, phase, method, _cover(p))


def _cover(p: Element) -> float:
    """What an expanded uncertainty is divided by: the coverage factor, or 2 and 1 for levels of 95 and 68 per cent; 0 when nothing says."""
    for inside, prefix in (("CombinedUncertainty", "nComb"), ("PropUncertainty", "n")):
        for u in p.all(inside):
            for tag in (f"{prefix}CoverageFactor", "nCoverageFactor"):
                if u.get(tag):
                    return _number(u.get(tag), "coverage factor")
            level = u.get(f"{prefix}UncertLevOfConfid") or u.get("nUncertLevOfConfid")
            if level:
                return {95: 2.0, 68: 1.0, 99: 2.576}.get(round(_number(level, "level of confidence")), 0.0)
    return 0.0


def _state(v: Element, kind: str, short: str) -> Quantity:
    holder = next(v.all(f"{kind}ID"), Element(""))
    told = next((" ".join(t.text.split()) for types in holder.all(f"{kind}Type") for t in types.children), "")
    name, factor = PROPERTIES.get(told, ("", 1.0))
    phase = phase_of(v.get(f"{short}PhaseID", f"e{short}Phase"))
    compound = holder.get("RegNum", "nOrgNum") or v.get("RegNum", "nOrgNum")
    return Quantity(v.get("nVarNumber") if kind == "Variable" else "", told, BY_PHASE.get((name, phase), name), factor, compound, phase)


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{text[:40]!r} is not a number", where=where, fix="restore it from its source") from None
    if not math.isfinite(value):
        raise InputError(f"{text[:40]!r} is not a finite number", where=where, fix="restore it from its source")
    return value


def _row(values: Element, properties: Mapping[str, Quantity], variables: Mapping[str, Quantity], where: str) -> dict[str, float]:
    """Numbers of a row in SI: ``v1`` of variables, ``p1`` of properties, ``s1`` their standard uncertainties."""
    out: dict[str, float] = {}
    for v in values.all("VariableValue"):
        number = v.get("nVarNumber")
        if number in variables:
            out[f"v{number}"] = _scaled(_number(v.get("nVarValue"), where), variables[number].factor)
    for p in values.all("PropertyValue"):
        number = p.get("nPropNumber")
        if number in properties and p.get("nPropValue"):
            q = properties[number]
            out[f"p{number}"] = _scaled(_number(p.get("nPropValue"), where), q.factor)
            std = _std(p, q, where)
            if std is not None and std > 0.0:
                out[f"s{number}"] = _scaled(std, q.factor)
    return out


def _scaled(value: float, factor: float) -> float:
    return value if factor == 1.0 else float(f"{value * factor:.12g}")


def _std(p: Element, q: Quantity, where: str) -> float | None:
    """Standard uncertainty: combined before that of the property alone, standard before expanded."""
    for inside, std, expanded in (("CombinedUncertainty", "nCombStdUncertValue", "nCombExpandUncertValue"), ("PropUncertainty", "nStdUncertValue", "nExpandUncertValue")):
        for u in p.all(inside):
            if u.get(std):
                return abs(_number(u.get(std), where))
            if u.get(expanded) and q.cover > 0.0:
                return abs(_number(u.get(expanded), where)) / q.cover
    return None


def _claims(
    rows: list[dict[str, float]],
    properties: Mapping[str, Quantity],
    variables: Mapping[str, Quantity],
    fixed: list[tuple[Quantity, float]],
    subject: str,
    source: Source,
    key: str,
    notes: dict[str, int],
) -> Iterator[Claim]:
    words = vocabulary()
    for i, row in enumerate(rows, start=1):
        conditions = {q.name: _scaled(value, q.factor) for q, value in fixed} | {variables[n[1:]].name: v for n, v in row.items() if n[0] == "v"}
        for number, q in properties.items():
            value = row.get(f"p{number}")
            if value is None:
                continue
            item = words.find(q.name)
            if item.check(value) or any(words.find(n).check(v) for n, v in conditions.items()):
                count(notes, f"{q.name} beyond what is possible is left out")
                continue
            yield Claim(f"{key}/{i}/{number}", subject, q.name, value, item.unit, row.get(f"s{number}"), dict(conditions), source.id, "measured", "", q.phase, q.method)


def _data_set(
    rows: list[dict[str, float]],
    properties: Mapping[str, Quantity],
    variables: Mapping[str, Quantity],
    fixed: list[tuple[Quantity, float]],
    parts: Mapping[str, SubstanceRecord],
    source: Source,
    key: str,
    notes: dict[str, int],
) -> tuple[bytes, DataSetRecord]:
    """A data set with one column for each variable and property, and one for each std that is told."""
    columns: list[Column] = []
    data: dict[str, list[float]] = {}

    def add(place: str, q: Quantity, std: str = "") -> None:
        substance = parts[q.compound].key if q.compound in parts else ""
        name = q.name or q.told or place
        name += f" of {substance}" if substance and q.name in (*COMPOSITIONS, *BY_PHASE.values()) else ""
        name = name if name not in data else f"{name} ({q.phase or place})" if f"{name} ({q.phase or place})" not in data else f"{name} #{place}"
        unit = vocabulary().find(q.name).unit if q.name else (q.told.rsplit(", ", 1)[1] if ", " in q.told else "1")
        columns.append(Column(name, q.name, unit, substance, f"std of {name}" if std else ""))
        data[name] = [row.get(place, math.nan) for row in rows]
        if std:
            columns.append(Column(f"std of {name}", "", unit, substance))
            data[f"std of {name}"] = [row.get(std, math.nan) for row in rows]

    for number, q in variables.items():
        add(f"v{number}", q)
    for number, q in properties.items():
        add(f"p{number}", q, f"s{number}" if any(f"s{number}" in row for row in rows) else "")
    conditions, extra = {}, {}
    for q, value in fixed:
        bracket = f"[{parts[q.compound].key}]" if q.compound in parts else ""
        if q.name and not vocabulary().find(q.name).check(_scaled(value, q.factor)):
            conditions[q.name + bracket] = _scaled(value, q.factor)
        else:
            extra[f"constraint {q.told}"] = repr(value)
    phases = sorted({q.phase for q in (*properties.values(), *variables.values()) if q.phase})
    if unknown := [q.told for q in (*properties.values(), *variables.values()) if not q.name]:
        count(notes, f"the column {unknown[0]!r} has no name in the vocabulary and keeps its own")
    method = "; ".join(dict.fromkeys(q.method for q in properties.values() if q.method))
    names = [q.name for q in (*properties.values(), *variables.values())]
    record = DataSetRecord(
        key, kind_of([q.name for q in properties.values()] if "boiling_point" not in names else names), tuple(columns), substances=tuple(s.key for s in parts.values()), conditions=conditions, method=method, source=source.id,
        note="phases: " + ", ".join(phases) if phases else "", extra=extra,
    )  # fmt: skip
    return with_columns(record, data)
