"""Skeletons with names of their own: steroids, penams and cephams. Their stereochemistry is not built in; labels that a name gives are set where they can be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from chemwright.knowledge.mining.nomenclature.fragment import Fragment, from_smiles

#: stem -> highest number of the carbons it has beyond gonane's 17 (18 and 19 are the methyl groups at 13 and 10), longest stem first
STEROIDS = {"cholest": 27, "androst": 19, "pregn": 21, "estr": 18, "chol": 24, "gon": 17}
_BONDS = (
    (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7), (7, 8), (8, 9), (9, 10), (1, 10), (5, 10), (9, 11), (11, 12), (12, 13), (13, 14), (8, 14), (14, 15), (15, 16), (16, 17), (13, 17),
    (13, 18), (10, 19), (17, 20), (20, 21), (20, 22), (22, 23), (23, 24), (24, 25), (25, 26), (25, 27),
)  # fmt: skip
_LACTAM = re.compile(r"(?P<kind>ceph|pen)(?:-(?P<loc>\d)-)?(?P<end>em|am)")
_RINGS = {"ceph": ("S1CCCN2C1CC2=O", "1/s 2 3 4 5 6 7 8 -", "3"), "pen": ("S1CCN2C1CC2=O", "1/s 2 3 4 5 6 7 -", "2")}


@lru_cache(maxsize=8)
def _steroid(stem: str) -> Fragment:
    out = Fragment()
    last = STEROIDS[stem]
    for n in range(1, last + 1):
        out.locants[str(n)] = out.add("C")
    out.bonds = [(i - 1, j - 1, 1) for i, j in _BONDS if max(i, j) <= last]
    out.ring = True
    return out


def steroid(stem: str) -> Fragment:
    """The saturated skeleton of a stem, numbered as usual."""
    return _steroid(stem).copy()


def lactams(text: str, at: int, pending: tuple[str, ...]) -> Iterator[tuple[int, Fragment, bool]]:
    """``3-cephem``, ``ceph-3-em``, ``cepham``, ``penam``, ``penem``: end, skeleton with its ring carbonyl, whether the locant before is that of the double bond."""
    match = _LACTAM.match(text, at)
    if match is None:
        return
    smiles, locants, usual = _RINGS[match["kind"]]
    out = from_smiles(smiles, locants)
    out.ring = True
    used = False
    if match["end"] == "em":
        used = match["loc"] is None and len(pending) == 1
        place = match["loc"] or (pending[0] if used else usual)
        first, second = out.locants.get(place), out.locants.get(str(int(place) + 1)) if place.isdigit() else None
        if first is None or second is None:
            return
        out.bonds = [(i, j, 2 if {i, j} == {first, second} else o) for i, j, o in out.bonds]
    yield match.end(), out, used
