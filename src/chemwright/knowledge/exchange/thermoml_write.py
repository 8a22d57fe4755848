"""Write data sets of the properties that ThermoML has names for; each becomes one block of a report."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from chemwright.errors import InputError
from chemwright.knowledge.base import audit
from chemwright.knowledge.exchange.arrays import columns_of
from chemwright.knowledge.exchange.ord_write import substances_of
from chemwright.knowledge.exchange.rights import Purpose, refuse, refused_among
from chemwright.knowledge.exchange.thermoml_terms import BY_PHASE, COMPOSITIONS, GROUPS, PROPERTIES
from chemwright.knowledge.exchange.writing import Written, replacing
from chemwright.record import DataSetRecord, Source, SubstanceRecord
from chemwright.record.dataset import Column

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase

_TOLD: dict[str, tuple[str, float]] = {}
for _told, (_name, _factor) in PROPERTIES.items():
    _TOLD.setdefault(_name, (_told, _factor))
_PLAIN = {v: k for k, v in BY_PHASE.items()}
_STATES = {"temperature": "eTemperature", "pressure": "ePressure", "wavelength": "eMiscellaneous", "frequency": "eMiscellaneous"}
_VARIABLES = (*_STATES, "liquid_mole_fraction", *COMPOSITIONS)


def write_thermoml(kb: KnowledgeBase, path: str | Path, keys: Sequence[str], *, purpose: Purpose | None = None) -> Written:
    """Write data sets of one source as a ThermoML report.

    Args:
        kb: base to read.
        path: XML file to write.
        keys: of the data sets.
        purpose: for whom; for the public when None.

    Raises:
        InputError: no data set, of several sources, with a column that ThermoML has no name for, or one that may not leave; StorageError: the file can't be written.
    """
    out, items = Path(path), [kb.get(k) for k in keys]
    records = [i.record for i in items]
    if not records or not all(isinstance(r, DataSetRecord) for r in records) or len({r.source for r in records}) != 1:
        raise InputError("one or more data sets of one source are expected", where=f"export to {out.name}", fix="write each source's data sets to a file of their own")
    known = kb.sources()
    refuse(refused_among(items, known, purpose or Purpose(changed=True)), f"export to {out.name}")
    with kb.reading() as connection:
        compounds = substances_of(connection, list(dict.fromkeys(s for r in records for s in r.substances)))
    number = {key: str(n) for n, key in enumerate(compounds, start=1)}
    notes: dict[str, int] = {}
    parts = [_HEAD, _citation(known.get(records[0].source)), *(_compound(number[k], s) for k, s in compounds.items())]
    for r in records:
        parts += _block(r, columns_of(kb.asset(r.asset), f"data set {r.id!r}"), number, notes)
    with replacing(out) as stream:
        stream.write("".join([*parts, "</DataReport>\n"]).encode())
    with kb.writing() as connection:
        audit.write(connection, kb.who, "export", out.name, format="thermoml", records=len(records), audience=(purpose or Purpose()).target)
    return Written(str(out), {"dataset": len(records)}, tuple(notes))


_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<DataReport xmlns="http://www.iupac.org/namespaces/ThermoML">\n'
    "<Version><nVersionMajor>4</nVersionMajor><nVersionMinor>0</nVersionMinor></Version>\n"
)


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(' '.join(text.split()))}</{name}>" if text else ""


def _citation(source: Source | None) -> str:
    if source is None:
        return ""
    return "<Citation>" + _tag("yrPubYr", str(source.year) if source.year else "") + _tag("sTitle", source.citation) + _tag("sDOI", source.doi) + "</Citation>\n"


def _compound(number: str, s: SubstanceRecord) -> str:
    cas = s.cas.replace("-", "")
    head = f"<RegNum>{_tag('nCASRNum', cas)}<nOrgNum>{number}</nOrgNum></RegNum>"
    return "<Compound>" + head + _tag("sCommonName", s.name or s.key) + _tag("sFormulaMolec", s.formula) + _tag("sSmiles", s.smiles) + "</Compound>\n"


def _term(name: str, where: str) -> tuple[str, float, str]:
    """ThermoML's name, factor and phase of a property.

    Raises:
        InputError: it has none.
    """
    plain, phase = _PLAIN.get(name, (name, ""))
    if plain not in _TOLD:
        raise InputError(f"ThermoML has no name for {name or 'a column without a property'!r}", where=where, fix="write this data set as a package or as CSV")
    return (*_TOLD[plain], phase)


def _block(r: DataSetRecord, data: dict[str, list[float]], number: dict[str, str], notes: dict[str, int]) -> Iterator[str]:
    where = f"data set {r.id!r}"
    stds = {c.std for c in r.columns if c.std}
    columns = [c for c in r.columns if c.name not in stds]
    variables = [c for c in columns if c.property in _VARIABLES and not c.std]
    properties = [c for c in columns if c not in variables] or variables[-1:]
    variables = [c for c in variables if c not in properties]
    yield "<PureOrMixtureData>" + "".join(f"<Component><RegNum><nOrgNum>{number[s]}</nOrgNum></RegNum></Component>" for s in r.substances)
    for n, c in enumerate(properties, start=1):
        told, _, phase = _term(c.property, where)
        plain = _PLAIN.get(c.property, (c.property, ""))[0]
        group = next((g for g, names in GROUPS.items() if plain in names), "VolumetricProp")
        of = f"<RegNum><nOrgNum>{number[c.substance]}</nOrgNum></RegNum>" if c.substance in number else ""
        inside = _tag("ePropName", told) + _tag("sMethodName", r.method or "as filed")
        yield f"<Property><nPropNumber>{n}</nPropNumber><Property-MethodID><PropertyGroup><{group}>{inside}</{group}></PropertyGroup>{of}</Property-MethodID>{_phase('Prop', 'ePropPhase', phase or _told_phase(r))}<ePresentation>Direct value, X</ePresentation></Property>"
    yield "".join(f"<PhaseID>{_tag('ePhase', _written(p))}</PhaseID>" for p in _phases(r, columns))
    for name, value in r.conditions.items():
        head, _, rest = name.partition("[")
        told, factor, phase = _term(head, where)
        yield f"<Constraint><ConstraintID>{_type('Constraint', head, told, number.get(rest.rstrip(']'), ''))}</ConstraintID>{_phase('Constraint', 'eConstraintPhase', phase)}{_number('nConstraintValue', 'nConstrDigits', value, factor)}</Constraint>"
    for n, c in enumerate(variables, start=1):
        told, _, phase = _term(c.property, where)
        yield f"<Variable><nVarNumber>{n}</nVarNumber><VariableID>{_type('Variable', c.property, told, number.get(c.substance, ''))}</VariableID>{_phase('Var', 'eVarPhase', phase)}</Variable>"
    for i in range(r.rows):
        yield "<NumValues>" + "".join(_variable(n, c, data[c.name][i], where) for n, c in enumerate(variables, start=1))
        yield "".join(_property(n, c, data, i, where) for n, c in enumerate(properties, start=1)) + "</NumValues>\n"
    yield "</PureOrMixtureData>\n"
    if r.extra:
        notes["what an exchange format said beyond the columns is not written"] = 1


def _phases(r: DataSetRecord, columns: Sequence[Column]) -> list[str]:
    """The phases of a data set, from its note and its columns; the schema asks for one at least."""
    told = r.note.removeprefix("phases: ").split(", ") if r.note.startswith("phases: ") else []
    return sorted({p for p in (*told, *(_PLAIN.get(c.property, ("", ""))[1] for c in columns)) if p})


def _written(phase: str) -> str:
    return "Crystal" if phase == "solid" else phase.capitalize()


def _told_phase(r: DataSetRecord) -> str:
    """The one phase that the note of a data set tells; empty when it tells several."""
    said = r.note.removeprefix("phases: ") if r.note.startswith("phases: ") else ""
    return "" if "," in said else said


def _type(kind: str, name: str, told: str, number: str) -> str:
    tag = _STATES.get(name, "eComponentComposition")
    return f"<{kind}Type>{_tag(tag, told)}</{kind}Type>" + (f"<RegNum><nOrgNum>{number}</nOrgNum></RegNum>" if number else "")


def _phase(kind: str, tag: str, phase: str) -> str:
    return f"<{kind}PhaseID>{_tag(tag, _written(phase))}</{kind}PhaseID>" if phase else ""


def _number(name: str, digits: str, value: float, factor: float) -> str:
    """A number with the count of its digits, trailing zeros apart."""
    text = _si(value, factor)
    significant = text.lower().split("e")[0].replace("-", "").replace(".", "").strip("0")
    return f"<{name}>{text}</{name}><{digits}>{max(1, len(significant))}</{digits}>"


def _si(value: float, factor: float) -> str:
    return repr(float(f"{value / factor:.12g}"))


def _variable(n: int, c: Column, value: float, where: str) -> str:
    return "" if math.isnan(value) else f"<VariableValue><nVarNumber>{n}</nVarNumber>{_number('nVarValue', 'nVarDigits', value, _term(c.property, where)[1])}</VariableValue>"


def _property(n: int, c: Column, data: dict[str, list[float]], i: int, where: str) -> str:
    value, factor = data[c.name][i], _term(c.property, where)[1]
    if math.isnan(value):
        return ""
    std = data[c.std][i] if c.std in data else math.nan
    told = "" if math.isnan(std) else f"<PropUncertainty><nUncertAssessNum>1</nUncertAssessNum><nStdUncertValue>{_si(std, factor)}</nStdUncertValue></PropUncertainty>"
    return f"<PropertyValue><nPropNumber>{n}</nPropNumber>{_number('nPropValue', 'nPropDigits', value, factor)}{told}</PropertyValue>"
