"""Which feeds must not meet: pairs of reactive groups from a cited table, turned into commands that are forbidden together."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files
from itertools import combinations

from attrs import evolve, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.experiment.lab.envelope import Condition, Envelope, Forbidden, Material
from chemwright.experiment.lab.records import Station

ORGANIC = "organic compounds"
WIDER = {
    "strong bases": ("bases",),
    "nitric acid": ("acids", "oxidizing agents"),
    "hypochlorites": ("oxidizing agents",),
    "inorganic nitrates": ("oxidizing agents",),
    "metal hydrides": ("reducing agents",),
}
"""Groups that a group belongs to as well; each that begins with ``organic`` also belongs to the organic compounds, as do amines."""


@frozen
class Pair:
    """Two groups that must not meet, what comes of it, and who says so."""

    a: str
    b: str
    consequence: str
    source: str


@lru_cache(maxsize=1)
def pairs() -> tuple[Pair, ...]:
    """The table that ships; see ``data/safety/SOURCE.md``."""
    text = (files("chemwright") / "data" / "safety" / "incompatible.csv").read_text(encoding="utf-8")
    return tuple(Pair(r["group_a"], r["group_b"], r["consequence"], r["source"]) for r in csv.DictReader(text.splitlines()))


def groups() -> tuple[str, ...]:
    """Names of all groups of the table."""
    return tuple(sorted({g for p in pairs() for g in (p.a, p.b)} | {"amines"}))


def _all_groups(material: Material) -> set[str]:
    """Groups of a material and those that they belong to.

    Raises:
        InputError: a group that the table does not know, as it would protect nothing.
    """
    out = set()
    for name in material.groups:
        if name not in groups():
            raise InputError(
                f"{name!r} is no group of the table of incompatibilities", where=f"material {material.name!r}", fix=did_you_mean(name, groups()) or "see docs/how-to/laboratory.md"
            )
        out |= {name, *WIDER.get(name, ())}
        if name.startswith("organic ") or name == "amines":
            out.add(ORGANIC)
    return out


def clashes(envelope: Envelope) -> list[tuple[Material, Material, Pair]]:
    """Materials of different feeds whose groups must not meet, but for the accepted pairs.

    Raises:
        InputError: an unknown group; an accepted pair without a reason.
    """
    accepted = {frozenset(k.split("|")) for k, why in envelope.accepted.items() if _reasoned(k, why)}
    out = []
    found = [(m, _all_groups(m)) for m in envelope.materials]
    for (one, first), (two, second) in combinations(found, 2):
        for p in pairs():
            meet = (p.a in first and p.b in second) or (p.b in first and p.a in second)
            if meet and one.channel != two.channel and frozenset((p.a, p.b)) not in accepted:
                out.append((one, two, p))
    return out


def _reasoned(pair: str, why: str) -> bool:
    if pair.count("|") != 1 or not why.strip():
        raise InputError(
            f"the accepted pair {pair!r} has no reason, or is not 'group|group'", where="accepted", fix='write it as "acids|inorganic azides" = "who decided so, and why"'
        )
    return True


def with_incompatibilities(station: Station) -> Station:
    """The station whose forbidden commands hold its incompatible feeds: none of two that clash may flow while the other does.

    Raises:
        InputError: as :func:`clashes`.
    """
    rules = []
    for one, two, p in clashes(station.envelope):
        why = f"{p.a} and {p.b} are incompatible" + (f": {p.consequence}" if p.consequence else "") + f" ({p.source})"
        rules.append(Forbidden(f"{one.name} with {two.name}", (Condition(one.channel, "above", 0.0), Condition(two.channel, "above", 0.0)), why))
    return evolve(station, envelope=evolve(station.envelope, forbidden=(*station.envelope.forbidden, *rules)))
