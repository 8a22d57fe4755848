"""A scheme of rate laws from the tables of a TOML file: every key, unit and name checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chemwright.errors import InputError, did_you_mean
from chemwright.kinetics.laws.acid_base import Acid, AcidBase
from chemwright.kinetics.laws.cycles import close_cycles
from chemwright.kinetics.laws.formation import Formation, equilibrium_number, gas_formation, liquid_formation
from chemwright.kinetics.laws.law import Deactivation, Law
from chemwright.kinetics.laws.number import Number
from chemwright.kinetics.laws.quasi_steady import QuasiSteady
from chemwright.kinetics.laws.read_laws import READERS, Place
from chemwright.kinetics.laws.read_numbers import Numbers
from chemwright.kinetics.laws.scheme import Scheme
from chemwright.kinetics.network import Reaction, parse_reaction
from chemwright.kinetics.reactor_toml import known_keys, quantity, table

SCHEME_KEYS = ("species", "temperature", "reaction", "adsorption", "deactivation", "acid_base", "solution", "quasi_steady", "formation")
MAX_REACTIONS = 500


def scheme_of(given: Mapping[str, Any], where: str = "scheme") -> Scheme:
    """Read a scheme (docs/reference/rate-laws.md describes the tables).

    Args:
        given: the tables of ``SCHEME_KEYS``, and no others.
        where: name of the file, for errors.

    Raises:
        InputError: unknown or missing keys, names or laws, numbers out of range, contradicting equilibrium constants; the place is named.
        UnitError: an unknown unit or a wrong dimension, naming one that fits.
    """
    known_keys(given, SCHEME_KEYS, ("reaction",), where)
    temperature = quantity(given["temperature"], "K", f"{where} temperature", low=10.0, high=5000.0, example="333 K") if "temperature" in given else None
    numbers = Numbers(temperature)
    adsorption = _adsorption(given, numbers, where)
    formation = _formation(given, where)
    parts = _tables(given, "reaction", where)
    if not 0 < len(parts) <= MAX_REACTIONS:
        raise InputError(f"{len(parts)} reactions, 1 to {MAX_REACTIONS} expected", where=where, fix="write each under its own [[reaction]]")
    laws: list[Law] = [_law(part, i, numbers, adsorption, formation, where) for i, part in enumerate(parts, 1)]
    laws += [_deactivation(part, i, numbers, f"{where} deactivation {i}") for i, part in enumerate(_tables(given, "deactivation", where), 1)]
    fast = tuple(_quasi_steady(part, i, numbers, f"{where} quasi_steady {i}") for i, part in enumerate(_tables(given, "quasi_steady", where), 1))
    acid_base = _acid_base(given, numbers, where)
    names = {law.reaction.id: K for law in laws if (K := getattr(law, "K", ""))}
    kept, ties = close_cycles([law.reaction for law in laws if law.reaction.id in names], names, tuple(numbers.found.values()))
    return Scheme(_species(given, laws, fast, acid_base, where), tuple(laws), kept, ties, acid_base, fast)


def _tables(given: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    value = given.get(key, [])
    if not isinstance(value, list) or not all(isinstance(r, dict) for r in value):
        raise InputError(f"{key!r} is no list of tables", where=where, fix=f"write each under its own [[{key}]], in double brackets")
    return value


def _law(part: dict[str, Any], i: int, numbers: Numbers, adsorption: Mapping[str, str], formation: Mapping[str, Formation], where: str) -> Law:
    id = part.get("id", f"r{i}")
    place = f"{where} reaction {id}"
    if not isinstance(id, str) or not id or not id.isprintable() or len(id) > 40:
        raise InputError(f"id {id!r} is no plain text", where=place, fix='write id = "r1"')
    kind = part.get("law", "mass_action")
    if not isinstance(kind, str) or kind not in READERS:
        raise InputError(f"unknown law {kind!r}", where=place, fix=did_you_mean(str(kind), READERS))
    if "text" not in part:
        raise InputError("'text' is missing", where=place, fix='add text = "A + B -> C"')
    reaction = parse_reaction(part["text"], id, place)
    _check_sites(reaction, place)
    K = _equilibrium(part, reaction, numbers, formation, f"{place} K")
    return READERS[kind](Place(part, reaction, place, numbers, adsorption, K))


def _check_sites(reaction: Reaction, where: str) -> None:
    """Sites of a surface, the stars in its species' names, are neither made nor lost.

    Raises:
        InputError: another number of stars on the right than on the left.
    """
    left, right = (sum(n * s.count("*") for s, n in terms) for terms in (reaction.reactants, reaction.products))
    if abs(left - right) > 1e-9:
        raise InputError(
            f"{str(reaction)!r} has {left:g} sites on the left and {right:g} on the right",
            where=where,
            fix="write 'A + * -> A*', a star for every site, 'dead*' for one that is lost",
        )


def _equilibrium(part: Mapping[str, Any], reaction: Reaction, numbers: Numbers, formation: Mapping[str, Formation], where: str) -> str:
    """Name of the equilibrium constant; one that is left out must follow from others."""
    if not reaction.reversible:
        if "K" in part:
            raise InputError(f"{str(reaction)!r} is irreversible and has a K", where=where, fix="write '<->', or leave K out")
        return ""
    name = f"K.{reaction.id}"
    if "K" not in part:
        return name
    if part["K"] == "formation":
        if numbers.temperature is None:
            raise InputError("K from formation data needs a temperature", where=where, fix='add temperature = "333 K" above the reactions')
        return numbers.add(equilibrium_number(reaction, formation, numbers.temperature, name), where)
    net = sum(n for _, n in reaction.products) - sum(n for _, n in reaction.reactants)
    shown = {0.0: "1", 1.0: "mol/L", -1.0: "L/mol"}.get(net, f"(mol/L)^{net:g}")
    return numbers.constant(part["K"], name, "1" if net == 0 else f"mM^{net:g}", shown, where, slope="dH", free=False)


def _adsorption(given: Mapping[str, Any], numbers: Numbers, where: str) -> dict[str, str]:
    part = table(given, "adsorption", where) if "adsorption" in given else {}
    return {s: numbers.constant(v, f"K_{s}", "1/mM", "L/mol", f"{where} [adsorption] {s}", slope="dH") for s, v in part.items()}


def _formation(given: Mapping[str, Any], where: str) -> dict[str, Formation]:
    """Formation data: ``{ cas = "..." }`` of a gas, or ``{ dHf, S }``, or ``{ dHf, dGf }``."""
    out: dict[str, Formation] = {}
    for s, part in (table(given, "formation", where) if "formation" in given else {}).items():
        place = f"{where} [formation] {s}"
        if not isinstance(part, dict):
            raise InputError(f"{part!r} is no table", where=place, fix=f'write {s} = {{ dHf = "-50 kJ/mol", dGf = "-30 kJ/mol" }}')
        known_keys(part, ("cas", "dHf", "dGf", "S", "phase", "std"), (), place)
        if "cas" in part:
            known_keys(part, ("cas", "phase"), (), place)
            phase = part.get("phase", "gas")
            if phase not in ("gas", "liquid"):
                raise InputError(f"phase = {phase!r}", where=place, fix='tables hold the gas and the pure liquid: write phase = "liquid", or give dHf and S')
            out[s] = (gas_formation if phase == "gas" else liquid_formation)(str(part["cas"]))
            continue
        if "dHf" not in part or ("S" in part) == ("dGf" in part):
            raise InputError("formation data are dHf with S or with dGf", where=place, fix='write { dHf = "-50 kJ/mol", dGf = "-30 kJ/mol" }, or { cas = "64-17-5" }')
        h = quantity(part["dHf"], "J/mol", f"{place} dHf", low=-1e8, high=1e8, example="-50 kJ/mol")
        if "S" in part:
            entropy = quantity(part["S"], "J/(mol K)", f"{place} S", low=-1e5, high=1e5, example="150 J/(mol K)")
        else:
            entropy = (h - quantity(part["dGf"], "J/mol", f"{place} dGf", low=-1e8, high=1e8, example="-30 kJ/mol")) / 298.15
        std = quantity(part["std"], "J/mol", f"{place} std", low=0.0, high=1e6, example="2 kJ/mol") if "std" in part else 0.0
        out[s] = Formation(h, entropy, str(part.get("phase", "solution")), std)
    return out


def _deactivation(part: Mapping[str, Any], i: int, numbers: Numbers, where: str) -> Law:
    known_keys(part, ("id", "activity", "k", "order", "by", "residual"), ("activity", "k"), where)
    name = part["activity"]
    if not isinstance(name, str) or not name:
        raise InputError(f"activity = {name!r}", where=where, fix='name it, as in activity = "a"')
    id = str(part.get("id", f"loss_{name}"))
    poisons = tuple((s, _order(n, f"{where} by.{s}")) for s, n in (table(part, "by", where) if "by" in part else {}).items())
    over = sum(n for _, n in poisons)
    k = numbers.constant(part["k"], f"k.{id}", f"mM^{-over:g}/s" if over else "1/s", f"L^{over:g}/(mol^{over:g} s)" if over else "1/s", f"{where} k")
    order = numbers.plain(part.get("order", 1.0), f"n.{id}", f"{where} order", low=0.0, high=5.0, std=0.5)
    residual = ""
    if "residual" in part:
        value = part["residual"] if isinstance(part["residual"], dict) else {"value": part["residual"]}
        residual = numbers.constant(value, f"{name}_end.{id}", "1", "1", f"{where} residual")
    return Deactivation(Reaction(id, ((name, 1.0),), ()), k, order, poisons, residual)


def _order(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 9:
        raise InputError(f"{value!r} is no order", where=where, fix="give a number above 0, at most 9")
    return float(value)


def _quasi_steady(part: Mapping[str, Any], i: int, numbers: Numbers, where: str) -> QuasiSteady:
    known_keys(part, ("species", "total", "sites"), ("species",), where)
    species = part["species"]
    if not isinstance(species, list) or not species or not all(isinstance(s, str) for s in species):
        raise InputError(f"species = {species!r} is no list of names", where=where, fix='write species = ["Br", "H"]')
    total = numbers.constant(part["total"], f"total.{i}" if i > 1 else "total", "mM", "mmol/L", f"{where} total", free=False) if "total" in part else ""
    sites = table(part, "sites", where) if "sites" in part else {}
    for s in sites:
        if s not in species:
            raise InputError(f"sites of {s!r}", where=where, fix=did_you_mean(s, species))
    return QuasiSteady(tuple(species), total, tuple(_order(sites.get(s, 1), f"{where} sites.{s}") for s in species) if sites else ())


def _acid_base(given: Mapping[str, Any], numbers: Numbers, where: str) -> AcidBase | None:
    parts = _tables(given, "acid_base", where)
    solution = table(given, "solution", where) if "solution" in given else {}
    if not parts and not solution:
        return None
    known_keys(solution, ("ions", "pKw", "pKw_dH"), (), f"{where} [solution]")
    acids = tuple(_acid(part, numbers, f"{where} acid_base {i}") for i, part in enumerate(parts, 1))
    ions = table(solution, "ions", f"{where} [solution]") if "ions" in solution else {}
    for s, z in ions.items():
        if isinstance(z, bool) or not isinstance(z, int) or not -5 <= z <= 5 or z == 0:
            raise InputError(f"charge {z!r} of {s!r}", where=f"{where} [solution] ions", fix="give a whole number such as 1 or -1")
    water = ""
    if "pKw" in solution:
        water = _acidity(solution["pKw"], solution.get("pKw_dH"), "Kw", 6.0, numbers, f"{where} [solution] pKw")
    return AcidBase(acids, tuple(ions.items()), water)


def _acid(part: Mapping[str, Any], numbers: Numbers, where: str) -> Acid:
    known_keys(part, ("species", "pKa", "forms", "charge", "dH"), ("species", "pKa", "forms", "charge"), where)
    pKa = part["pKa"] if isinstance(part["pKa"], list) else [part["pKa"]]
    heat = part.get("dH", [None] * len(pKa))
    heat = heat if isinstance(heat, list) else [heat]
    forms, charge, species = part["forms"], part["charge"], part["species"]
    if not isinstance(forms, list) or not all(isinstance(f, str) for f in forms) or not isinstance(species, str):
        raise InputError(f"forms = {forms!r}", where=where, fix='write forms = ["amineH", "amine_free"], the most protonated first')
    if isinstance(charge, bool) or not isinstance(charge, int) or not -5 <= charge <= 5:
        raise InputError(f"charge = {charge!r}", where=where, fix="give the charge of the most protonated form, as in charge = 1")
    if len(heat) != len(pKa):
        raise InputError(f"{len(pKa)} pKa and {len(heat)} dH", where=where, fix="give one dH for each pKa, or none")
    names = tuple(_acidity(v, h, f"Ka.{species}" if len(pKa) == 1 else f"Ka{i}.{species}", 3.0, numbers, f"{where} pKa") for i, (v, h) in enumerate(zip(pKa, heat, strict=True), 1))
    return Acid(species, tuple(forms), names, charge)


def _acidity(value: Any, heat: Any, name: str, scale: float, numbers: Numbers, where: str) -> str:
    """A pK (mol/L; a number, or ``{ value = 8.4, std = 0.3 }``) as the natural logarithm's number, SI."""
    part = value if isinstance(value, dict) else {"value": value}
    known_keys(part, ("value", "std", "at"), ("value",), where)
    for key, low, high in (("value", -20.0, 60.0), ("std", 0.0, 10.0)):
        v = part.get(key, 0.0)
        if isinstance(v, bool) or not isinstance(v, int | float) or not low <= v <= high:
            raise InputError(f"{key} = {v!r}", where=where, fix=f"give a number from {low:g} to {high:g}")
    at = quantity(part["at"], "K", f"{where}.at", low=10.0, high=5000.0, example="298 K") if "at" in part else 298.15
    energy = quantity(heat, "J/mol", f"{where} dH", low=-1e6, high=1e6, example="30 kJ/mol") if heat is not None else None
    return numbers.add(Number(name, 10.0 ** (scale - part["value"]), part.get("std", 0.0) * 2.302585092994046, True, energy, 0.0, at), where)


def _species(given: Mapping[str, Any], laws: list[Law], fast: tuple[QuasiSteady, ...], acid_base: AcidBase | None, where: str) -> tuple[str, ...]:
    """The species of the balances: as listed, or as they appear."""
    steady = {s for g in fast for s in g.species}
    named = [s for law in laws for s, _ in law.reaction.reactants + law.reaction.products]
    if acid_base is not None:
        named += acid_base.totals
    if "species" not in given:
        forms = set(acid_base.names) if acid_base is not None else set()
        named += [s for law in laws for s in law.uses if s not in forms]
        return tuple(s for s in dict.fromkeys(named) if s not in steady)
    listed = given["species"]
    if not isinstance(listed, list) or not all(isinstance(s, str) and s for s in listed) or len(set(listed)) != len(listed):
        raise InputError(f"species = {listed!r}", where=where, fix='write species = ["A", "B"], each once')
    for s in named:
        if s not in listed and s not in steady:
            raise InputError(f"species {s!r} is not listed", where=f"{where} species", fix=did_you_mean(s, listed))
    return tuple(s for s in listed if s not in steady)


__all__ = ["SCHEME_KEYS", "scheme_of"]
