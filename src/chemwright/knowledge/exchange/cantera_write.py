"""Write a mechanism as YAML for Cantera: its kept data, with every rate and polynomial as the records say now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from chemwright.errors import InputError, did_you_mean
from chemwright.knowledge.base import audit, entries, sources
from chemwright.knowledge.base.claims import Filed
from chemwright.knowledge.base.schema import STATUS_CODE, entry
from chemwright.knowledge.exchange.cantera_rates import parse_equation, places, put
from chemwright.knowledge.exchange.cantera_yaml import FRAME, Mechanism, mechanism, reaction_key
from chemwright.knowledge.exchange.rights import Purpose, refuse, refused_among
from chemwright.knowledge.exchange.writing import Written, replacing
from chemwright.knowledge.exchange.yaml_safe import dump
from chemwright.record import ModelRecord

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase


def write_cantera(kb: KnowledgeBase, path: str | Path, name: str, *, purpose: Purpose | None = None) -> Written:
    """Write a mechanism.

    Args:
        kb: base to read.
        path: YAML file to write.
        name: of the mechanism, with or without its hash, as ``gri30``.
        purpose: for whom; for the public when None.

    Raises:
        InputError: no such mechanism, several, or one that may not leave; StorageError: the file can't be written.
    """
    out = Path(path)
    with kb.reading() as connection:
        frame = _frame(connection, name)
        m = mechanism(json.loads(frame.record.extra[FRAME]), frame.record.id)
        models = _models(connection, m)
        refuse(refused_among([frame, *models.values()], sources.read_sources(connection), purpose or Purpose(changed=True)), f"export to {out.name}")
    written = 0
    for section, i, item in m.reactions():
        model = models.get(reaction_key(m.name, section, i))
        if model is not None:
            _rates(item, model.record, m, f"{m.title}, {section} {i + 1}")
            written += 1
    for item in m.data.get("species") or []:
        model = models.get(f"{m.name}/thermo {item['name']}")
        if model is not None:
            _polynomials(item["thermo"], model.record)
            written += 1
    with replacing(out) as stream:
        stream.write(dump(m.data).encode())
    with kb.writing() as connection:
        audit.write(connection, kb.who, "export", out.name, format="cantera", mechanism=m.name, records=written, audience=(purpose or Purpose()).target)
    return Written(str(out), {"model": written})


def _frame(connection: Connection, name: str) -> Filed:
    found = {}
    names = []
    for row in connection.execute(select(entry).where(entry.c.kind == "dataset", entry.c.status == STATUS_CODE["trusted"]).order_by(entry.c.pk)):
        if row.id == name or row.id.rsplit("#", 1)[0] == name or row.source is not None:
            item = entries.entry_as_filed(row)
            if FRAME in item.record.extra:
                names.append(row.id)
                if name in (row.id, row.id.rsplit("#", 1)[0]):
                    found[row.id] = item
    if len(found) != 1:
        what = f"{len(found)} mechanisms are called {name!r}" if found else f"no mechanism {name!r}"
        raise InputError(what, where="export", fix="give one of " + ", ".join(found) if found else did_you_mean(name, [n.rsplit("#", 1)[0] for n in names]))
    return next(iter(found.values()))


def _models(connection: Connection, m: Mechanism) -> dict[str, Filed]:
    """Standing models of a mechanism by id; of several with one id the latest."""
    query = select(entry).where(entry.c.kind == "model", entry.c.id.startswith(f"{m.name}/", autoescape=True), entry.c.status == STATUS_CODE["trusted"]).order_by(entry.c.pk)
    return {row.id: entries.entry_as_filed(row) for row in connection.execute(query)}


def _rates(item: dict[str, Any], model: ModelRecord, m: Mechanism, where: str) -> None:
    found = places(item, parse_equation(item["equation"], where), m.units, m.dimensions)
    for place in found or []:
        if model.parameters is not None and place.name in model.parameters:
            put(item, place, model.parameters[place.name].value)


def _polynomials(thermo: dict[str, Any], model: ModelRecord) -> None:
    if model.parameters is None:
        return
    for p in model.parameters.parameters:
        kind, _, rest = p.name.partition(".")
        if kind == "T":
            thermo["temperature-ranges"][int(rest)] = p.value
        else:
            i, j = rest.split(".")
            thermo["data"][int(i)][int(j)] = p.value
