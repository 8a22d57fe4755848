"""Readers of the laws of a ``[[reaction]]`` table, one function a law."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.kinetics.laws.enzyme import Inhibition, MichaelisMenten
from chemwright.kinetics.laws.hindered import Hindered
from chemwright.kinetics.laws.law import Law, PowerLaw
from chemwright.kinetics.laws.read_numbers import Numbers
from chemwright.kinetics.laws.surface import Adsorbate, SurfaceRate
from chemwright.kinetics.network import Reaction
from chemwright.kinetics.reactor_reaction import rate_unit
from chemwright.kinetics.reactor_toml import known_keys, table

COMMON = ("id", "text", "law", "K", "activity")


@frozen
class Place:
    """What a reader of a law needs.

    Args:
        part: the ``[[reaction]]`` table.
        reaction: as parsed.
        where: for errors.
        numbers: collected so far.
        adsorption: species to the name of its shared adsorption constant.
        K: name of the reaction's equilibrium constant; empty when irreversible.
    """

    part: Mapping[str, Any]
    reaction: Reaction
    where: str
    numbers: Numbers
    adsorption: Mapping[str, str] = field(factory=dict)
    K: str = ""

    def keys(self, *allowed: str, needed: tuple[str, ...] = ()) -> None:
        """Check the table's keys."""
        known_keys(self.part, (*COMMON, *allowed), ("text", *needed), self.where)

    @property
    def activity(self) -> str:
        """The species that multiplies the rate, or empty."""
        return self.text("activity")

    def text(self, key: str) -> str:
        """A species' name under a key, or empty."""
        value = self.part.get(key, "")
        if not isinstance(value, str):
            raise InputError(f"{key} = {value!r}", where=self.where, fix=f'name a species, as in {key} = "E"')
        return value

    def number(self, key: str, unit: str, shown: str, **how: Any) -> str:
        """Read a constant under a key and name it ``<key>.<id>``."""
        return self.numbers.constant(self.part[key], f"{key}.{self.reaction.id}", unit, shown, f"{self.where} {key}", **how)

    def rate_constant(self, order: float, key: str = "k") -> str:
        """Read k for an overall order."""
        if abs(order) > 9:
            raise InputError(f"overall order {order:g}, at most 9 expected", where=self.where, fix="write the reaction in elementary steps")
        return self.number(key, "1/s" if order == 1 else f"mM^{1 - order:g}/s", rate_unit(order) if order >= 0 else f"mol^{1 - order:g}/(L^{1 - order:g} s)")

    def orders(self, key: str) -> tuple[tuple[str, float | str], ...]:
        """Read ``key = { A = 1, B = "free" }``."""
        given = table(self.part, key, self.where) if key in self.part else {}
        if not given and key in self.part:
            raise InputError(f"{key} is empty", where=self.where, fix=f"write {key} = {{ A = 1 }}, or leave it out")
        return tuple((s, self.numbers.plain(v, f"n_{s}.{self.reaction.id}", f"{self.where} {key}.{s}", low=-5.0, high=9.0, std=0.5)) for s, v in given.items())

    def fixed_orders(self, key: str) -> dict[str, float]:
        """The same where an order can't be fitted."""
        found: dict[str, float] = {}
        for s, v in self.orders(key):
            if isinstance(v, str):
                raise InputError(f"the order of {s} can't be fitted here", where=f"{self.where} {key}", fix='give a number, or use law = "power"')
            found[s] = v
        return found

    def listed(self, key: str) -> tuple[str, ...]:
        """Read a list of species."""
        value = self.part.get(key, [])
        if not isinstance(value, list) or not all(isinstance(s, str) for s in value):
            raise InputError(f"{key} = {value!r} is no list of species", where=self.where, fix=f'write {key} = ["A", "B"]')
        return tuple(value)


def _mass_action(at: Place) -> Law:
    at.keys("k", needed=("k",))
    return PowerLaw(at.reaction, at.rate_constant(sum(n for _, n in at.reaction.reactants)), at.reaction.reactants, at.K, at.activity)


def _power(at: Place) -> Law:
    at.keys("k", "orders", needed=("k", "orders"))
    orders = at.orders("orders")
    overall = sum(at.numbers.found[v].value if isinstance(v, str) else v for _, v in orders)
    return PowerLaw(at.reaction, at.rate_constant(overall), orders, at.K, at.activity)


def _hindered(at: Place) -> Law:
    at.keys("k", "orders", "by", "Kh", needed=("k", "by", "Kh"))
    if "orders" in at.part:
        orders = at.orders("orders")
    else:
        orders = at.reaction.reactants
    overall = sum(at.numbers.found[v].value if isinstance(v, str) else v for _, v in orders)
    if not isinstance(at.part["by"], str):
        raise InputError(f"by = {at.part['by']!r}", where=at.where, fix='name the species that hinders, as in by = "B"')
    if at.K:
        raise InputError("a hindered power law is irreversible", where=at.where, fix='write the way back as a reaction of its own, or use law = "langmuir_hinshelwood"')
    return Hindered(PowerLaw(at.reaction, at.rate_constant(overall), orders, "", at.activity), at.part["by"], at.number("Kh", "1/mM", "L/mol"))


def _surface(at: Place) -> Law:
    at.keys("k", "adsorbed", "dissociative", "surface_orders", "from_fluid", "sites", "power", needed=("k", "adsorbed"))
    coefficients = dict(at.reaction.reactants)
    names, split = at.listed("adsorbed"), at.listed("dissociative")
    for s in split:
        if s not in names:
            raise InputError(f"{s!r} dissociates and is not adsorbed", where=f"{at.where} dissociative", fix=did_you_mean(s, names))
    units = {s: coefficients.get(s, 0.0) * (2.0 if s in split else 1.0) for s in names}
    fluid = at.fixed_orders("from_fluid") if "from_fluid" in at.part else {s: n for s, n in coefficients.items() if s not in names}
    for s, n in at.fixed_orders("surface_orders").items():
        if s not in names:
            raise InputError(f"{s!r} is not adsorbed", where=f"{at.where} surface_orders", fix=did_you_mean(s, names))
        units[s] = n
    sites = _texts(at, "sites", names)
    adsorbed = []
    for s in names:
        if s not in at.adsorption:
            raise InputError(f"no adsorption constant of {s!r}", where=f"{at.where} adsorbed", fix=did_you_mean(s, at.adsorption) or f'add [adsorption] with {s} = "0.1 L/mol"')
        adsorbed.append(Adsorbate(s, at.adsorption[s], units[s], s in split, sites.get(s, "")))
    if "from_fluid" not in at.part:
        for a in adsorbed:
            if a.units == 0 and a.species in coefficients:  # it blocks, and reacts from the fluid
                fluid[a.species] = coefficients[a.species]
    power = at.part.get("power")
    if power is not None and (isinstance(power, bool) or not isinstance(power, int | float) or not 0 <= power <= 9 or len(set(sites.values())) > 1):
        raise InputError(f"power = {power!r}", where=at.where, fix="give a number from 0 to 9; with several kinds of sites it follows from surface_orders")
    powers = (("", float(power)),) if power is not None else ()
    return SurfaceRate(at.reaction, at.rate_constant(sum(fluid.values())), tuple(adsorbed), tuple(fluid.items()), at.K, powers, at.activity)


def _texts(at: Place, key: str, names: tuple[str, ...]) -> dict[str, str]:
    """Read ``sites = { A = "metal", H2 = "edge" }``."""
    given = table(at.part, key, at.where) if key in at.part else {}
    for s, v in given.items():
        if s not in names or not isinstance(v, str):
            raise InputError(f"{key}.{s} = {v!r}", where=at.where, fix=did_you_mean(s, names) if s not in names else f'write {key} = {{ {s} = "metal" }}')
    return dict(given)


def _eley_rideal(at: Place) -> Law:
    law = _surface(at)
    assert isinstance(law, SurfaceRate)
    reacting = [a.species for a in law.adsorbed if a.units]
    if len(reacting) != 1 or not law.fluid:
        raise InputError(
            f"{len(reacting)} reactants react from the surface and {len(law.fluid)} from the fluid",
            where=at.where,
            fix="one adsorbed reactant meets one from the fluid: name one in 'adsorbed'",
        )
    return law


def _michaelis_menten(at: Place) -> Law:
    at.keys("vmax", "kcat", "enzyme", "Km", "Kia", "Kp", "mechanism", "inhibition", needed=("Km",))
    if ("vmax" in at.part) == ("kcat" in at.part) or ("kcat" in at.part) != ("enzyme" in at.part):
        raise InputError("a rate is given by vmax, or by kcat and enzyme", where=at.where, fix='write vmax = "1 mmol/(L s)", or kcat = "10 1/s" and enzyme = "E"')
    v = at.number("kcat", "1/s", "1/s") if "kcat" in at.part else at.number("vmax", "mM/s", "mmol/(L s)")
    reactants, products = [s for s, _ in at.reaction.reactants], [s for s, _ in at.reaction.products]
    substrates = _by_species(at, "Km", reactants)
    inhibitions = at.part.get("inhibition", [])
    if not isinstance(inhibitions, list) or not all(isinstance(i, dict) for i in inhibitions):
        raise InputError("'inhibition' is no list of tables", where=at.where, fix='write inhibition = [{ by = "I", kind = "competitive", K = "1 mmol/L" }]')
    found = tuple(_inhibition(at, i, j) for j, i in enumerate(inhibitions, 1))
    Kia = at.number("Kia", "mM", "mmol/L") if "Kia" in at.part else ""
    mechanism = at.part.get("mechanism", "single" if len(substrates) == 1 else "sequential")
    if not isinstance(mechanism, str):
        raise InputError(f"mechanism = {mechanism!r}", where=at.where, fix='write mechanism = "ping-pong"')
    return MichaelisMenten(at.reaction, v, substrates, at.text("enzyme"), found, mechanism, Kia, at.K, _by_species(at, "Kp", products) if "Kp" in at.part else (), at.activity)


def _by_species(at: Place, key: str, among: list[str]) -> tuple[tuple[str, str], ...]:
    """Michaelis constants: one for the only species, or a table by species."""
    given = at.part[key]
    if not isinstance(given, dict) or "value" in given or "same_as" in given:
        if len(among) != 1:
            raise InputError(f"one {key} and {len(among)} species", where=at.where, fix=f'write {key} = {{ {among[0]} = "1 mmol/L" }}')
        return ((among[0], at.number(key, "mM", "mmol/L")),)
    out = []
    for s, v in given.items():
        if s not in among:
            raise InputError(f"{key} of {s!r}", where=at.where, fix=did_you_mean(s, among))
        out.append((s, at.numbers.constant(v, f"{key}_{s}.{at.reaction.id}", "mM", "mmol/L", f"{at.where} {key}.{s}")))
    return tuple(out)


def _inhibition(at: Place, given: Mapping[str, Any], j: int) -> Inhibition:
    where = f"{at.where} inhibition {j}"
    known_keys(given, ("by", "kind", "K"), ("kind", "K"), where)
    kind = given["kind"]
    by = given.get("by", at.reaction.reactants[0][0] if kind == "substrate" else None)
    if not isinstance(by, str) or not isinstance(kind, str):
        raise InputError("an inhibition names its species and kind", where=where, fix='write { by = "I", kind = "competitive", K = "1 mmol/L" }')
    short = {"competitive": "Kic", "uncompetitive": "Kiu", "substrate": "Ksi"}.get(kind, "Ki")
    name = at.numbers.constant(given["K"], f"{short}_{by}.{at.reaction.id}", "mM", "mmol/L", f"{where} K")
    return Inhibition(by, kind, name)


READERS: dict[str, Callable[[Place], Law]] = {
    "mass_action": _mass_action,
    "power": _power,
    "hindered": _hindered,
    "langmuir_hinshelwood": _surface,
    "eley_rideal": _eley_rideal,
    "michaelis_menten": _michaelis_menten,
}
