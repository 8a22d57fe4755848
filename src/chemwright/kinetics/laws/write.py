"""A scheme as the text of a TOML file, which :func:`chemwright.kinetics.laws.scheme_of` reads back: to keep a fit, or begin the next from it."""

from __future__ import annotations

import json
import math
from typing import Any

from attrs import define, evolve, field

from chemwright.errors import InputError
from chemwright.kinetics.laws.enzyme import MichaelisMenten
from chemwright.kinetics.laws.law import Deactivation, Law, PowerLaw
from chemwright.kinetics.laws.number import DECADE, Number
from chemwright.kinetics.laws.scheme import Scheme
from chemwright.kinetics.laws.surface import SurfaceRate
from chemwright.model.posterior import Gaussian


def scheme_toml(scheme: Scheme, fitted: Gaussian | None = None) -> str:
    """The scheme's tables.

    Args:
        scheme: its laws are those of the reader.
        fitted: posterior of its parameters: values and widths of the free numbers then are those of the fit (correlations are not kept).

    Raises:
        InputError: a law, or a sharing of numbers, that the tables have no words for.
    """
    numbers = scheme.numbers if fitted is None else _fitted(scheme, fitted)
    told = _Told({n.name: n for n in numbers})
    parts = [f"species = {_text(list(scheme.species + scheme.fast))}\n"]
    adsorption = {a.species: a.K for law in scheme.laws if isinstance(law, SurfaceRate) for a in law.adsorbed}
    for law in scheme.laws:
        if isinstance(law, SurfaceRate):
            for a in law.adsorbed:
                if adsorption[a.species] != a.K:
                    raise InputError(f"{a.species!r} adsorbs with two constants", where=f"reaction {law.reaction.id}", fix="a file has one adsorption constant for each species")
    if adsorption:
        parts.append(_section("[adsorption]", {_key(s): told.number(k, f"K_{s}", "1/mM", "dH") for s, k in adsorption.items()}))
    parts += [_section("[[reaction]]", _reaction(law, told)) for law in scheme.laws if not isinstance(law, Deactivation)]
    parts += [_section("[[deactivation]]", _deactivation(law, told)) for law in scheme.laws if isinstance(law, Deactivation)]
    for i, g in enumerate(scheme.quasi_steady, 1):
        total = {"total": told.number(g.total, f"total.{i}" if i > 1 else "total", "mM", "Ea")} if g.total else {}
        parts.append(
            _section("[[quasi_steady]]", {"species": _text(list(g.species)), **total, **({"sites": _table(dict(zip(g.species, g.sites, strict=True)))} if g.sites else {})})
        )
    return "\n".join(parts + _solution(scheme, told))


def _fitted(scheme: Scheme, fitted: Gaussian) -> tuple[Number, ...]:
    """Numbers with the values and widths of a posterior."""
    if len(fitted.mean) != scheme.n_parameters:
        raise InputError(f"{len(fitted.mean)} fitted parameters, the scheme has {scheme.n_parameters}", where="fitted", fix="give the posterior of this scheme")
    at = {name: (float(m), float(s)) for name, m, s in zip(scheme.names, fitted.mean, fitted.std, strict=True)}
    out = []
    for n in scheme.numbers:
        if n.std:
            n = evolve(n, value=math.exp(at[n.name][0]) if n.log else at[n.name][0], std=at[n.name][1])
        if n.energy_std:
            n = evolve(n, energy=at[n.energy_name][0], energy_std=at[n.energy_name][1])
        out.append(n)
    return tuple(out)


@define
class _Told:
    """Numbers by name, and which of them stand in the text already."""

    numbers: dict[str, Number]
    done: set[str] = field(factory=set)

    def number(self, name: str, usual: str, unit: str, slope: str) -> str:
        """A number as an inline table; a reference where it stands further up."""
        n = self.numbers[name]
        if name in self.done:
            return _table({"same_as": name})
        self.done.add(name)
        value: Any = n.value if unit == "1" else f"{n.value!r} {unit}"
        out: dict[str, Any] = {"value": value, "at": f"{n.reference!r} K"}
        out |= {"decades": n.std / DECADE} if n.std else {"fixed": True}
        if n.energy is not None:
            out |= {slope: f"{n.energy!r} J/mol", f"{slope}_std": f"{n.energy_std!r} J/mol"}
        return _table(out | ({"name": name} if name != usual else {}))

    def plain(self, value: float | str, usual: str) -> Any:
        """An order: a number, or an inline table where it is fitted."""
        if not isinstance(value, str):
            return value
        if value in self.done:
            return {"same_as": value}
        self.done.add(value)
        n = self.numbers[value]
        return {"start": n.value, "std": n.std} | ({"name": value} if value != usual else {})


def _reaction(law: Law, told: _Told) -> dict[str, str]:
    """A ``[[reaction]]`` table: keys to TOML values."""
    r = law.reaction
    out = {"id": _text(r.id), "text": _text(str(r))}
    if isinstance(law, PowerLaw):
        plain = law.orders == r.reactants
        orders = {s: told.plain(v, f"n_{s}.{r.id}") for s, v in law.orders}
        over = sum(told.numbers[v].value if isinstance(v, str) else v for _, v in law.orders)
        out |= {"law": _text("mass_action" if plain else "power"), "k": told.number(law.k, f"k.{r.id}", _rate(over), "Ea")}
        out |= {} if plain else {"orders": _table(orders)}
    elif isinstance(law, SurfaceRate):
        out |= {
            "law": _text("langmuir_hinshelwood"),
            "k": told.number(law.k, f"k.{r.id}", _rate(sum(n for _, n in law.fluid)), "Ea"),
            "adsorbed": _text([a.species for a in law.adsorbed]),
        }
        out |= {"dissociative": _text([a.species for a in law.adsorbed if a.dissociative]), "surface_orders": _table({a.species: a.units for a in law.adsorbed})}
        out |= {"from_fluid": _table(dict(law.fluid))} if law.fluid else {}
        out |= {"sites": _table({a.species: a.site for a in law.adsorbed if a.site})} if any(a.site for a in law.adsorbed) else {}
        out |= {"power": repr(law.powers[0][1])} if law.powers else {}
    elif isinstance(law, MichaelisMenten):
        out |= _enzyme(law, told)
    else:
        raise InputError(f"a law of the kind {type(law).__name__}", where=f"reaction {r.id}", fix="files know power laws, surfaces, enzymes and deactivation")
    K, activity = getattr(law, "K", ""), getattr(law, "activity", "")
    if K and K in told.numbers:
        net = sum(n for _, n in r.products) - sum(n for _, n in r.reactants)
        out["K"] = told.number(K, f"K.{r.id}", "1" if net == 0 else f"mM^{net:g}", "dH")
    return out | ({"activity": _text(activity)} if activity else {})


def _enzyme(law: MichaelisMenten, told: _Told) -> dict[str, str]:
    """The keys of an enzyme's law."""
    id, out = law.reaction.id, {"law": _text("michaelis_menten"), "mechanism": _text(law.mechanism)}
    out |= {"kcat": told.number(law.v, f"kcat.{id}", "1/s", "Ea"), "enzyme": _text(law.enzyme)} if law.enzyme else {"vmax": told.number(law.v, f"vmax.{id}", "mM/s", "Ea")}
    for key, terms in (("Km", law.substrates), ("Kp", law.products)):
        if terms:
            out[key] = "{ " + ", ".join(f"{_key(s)} = {told.number(k, f'{key}_{s}.{id}', 'mM', 'Ea')}" for s, k in terms) + " }"
    if law.Kia:
        out["Kia"] = told.number(law.Kia, f"Kia.{id}", "mM", "Ea")
    if law.inhibitions:
        short, rows = {"competitive": "Kic", "uncompetitive": "Kiu", "substrate": "Ksi"}, []
        for i in law.inhibitions:
            constant = told.number(i.K, f"{short.get(i.kind, 'Ki')}_{i.species}.{id}", "mM", "Ea")
            rows.append(f"{{ by = {_text(i.species)}, kind = {_text(i.kind)}, K = {constant} }}")
        out["inhibition"] = f"[{', '.join(rows)}]"
    return out


def _deactivation(law: Deactivation, told: _Told) -> dict[str, str]:
    id, name = law.reaction.id, law.reaction.reactants[0][0]
    over = sum(n for _, n in law.poisons)
    out = {"id": _text(id), "activity": _text(name), "k": told.number(law.k, f"k.{id}", f"mM^{-over:g}/s" if over else "1/s", "Ea")}
    order = told.plain(law.order, f"n.{id}")
    out["order"] = _table(order) if isinstance(order, dict) else repr(float(order))
    out |= {"by": _table(dict(law.poisons))} if law.poisons else {}
    return out | ({"residual": told.number(law.residual, f"{name}_end.{id}", "1", "Ea")} if law.residual else {})


def _solution(scheme: Scheme, told: _Told) -> list[str]:
    """Acids and bases, ions, the solvent."""
    if scheme.acid_base is None:
        return []

    def acidity(name: str, scale: float) -> tuple[str, str]:
        n = told.numbers[name]
        heat = _text(f"{n.energy!r} J/mol") if n.energy is not None else ""
        return _table({"value": scale - math.log10(n.value), "std": n.std / DECADE, "at": f"{n.reference!r} K"}), heat

    parts = []
    for a in scheme.acid_base.acids:
        rows = [acidity(k, 3.0) for k in a.constants]
        heat = {"dH": f"[{', '.join(h for _, h in rows)}]"} if all(h for _, h in rows) else {}
        parts.append(
            _section("[[acid_base]]", {"species": _text(a.total), "pKa": f"[{', '.join(p for p, _ in rows)}]", "forms": _text(list(a.forms)), "charge": str(a.charge), **heat})
        )
    solution = {"ions": _table(dict(scheme.acid_base.ions))} if scheme.acid_base.ions else {}
    if scheme.acid_base.water:
        pK, heat_of_water = acidity(scheme.acid_base.water, 6.0)
        solution |= {"pKw": pK} | ({"pKw_dH": heat_of_water} if heat_of_water else {})
    return [*parts, *([_section("[solution]", solution)] if solution else [])]


def _rate(order: float) -> str:
    return "1/s" if order == 1 else f"mM^{1 - order:g}/s"


def _section(head: str, rows: dict[str, str]) -> str:
    return "\n".join([head, *(f"{k} = {v}" for k, v in rows.items())]) + "\n"


def _key(name: str) -> str:
    return name if name.replace("_", "a").replace("-", "a").isalnum() and name.isascii() else json.dumps(name)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _table(value: Any) -> str:
    """An inline table; numbers and texts as they are."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(str(k))} = {_table(v)}" for k, v in value.items()) + " }"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(float(value)) if isinstance(value, float) else str(value) if isinstance(value, int) else _text(value)
