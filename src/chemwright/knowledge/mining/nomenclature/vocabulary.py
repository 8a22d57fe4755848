"""The words of the name grammar, read once from the tables in ``data/mining``: rings, substituent groups, acids with retained names, other retained parents."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib.resources import files

from chemwright.knowledge.mining.nomenclature.fragment import Fragment, from_smiles

MULTIPLIERS = {
    "mono": 1, "di": 2, "tri": 3, "tetra": 4, "penta": 5, "hexa": 6, "hepta": 7, "octa": 8, "nona": 9, "deca": 10, "undeca": 11, "dodeca": 12, "bis": 2, "tris": 3, "tetrakis": 4,
}  # fmt: skip
AMINO = frozenset(
    {
        "alanine",
        "valine",
        "leucine",
        "phenylalanine",
        "tyrosine",
        "tryptophan",
        "serine",
        "methionine",
        "proline",
        "histidine",
        "lysine",
        "ornithine",
        "asparagine",
        "glutamine",
        "aspartic acid",
        "glutamic acid",
        "arginine",
    }
)
STEMS = {
    "meth": 1, "eth": 2, "prop": 3, "but": 4, "pent": 5, "hex": 6, "hept": 7, "oct": 8, "non": 9, "dec": 10, "undec": 11, "dodec": 12, "tridec": 13, "tetradec": 14, "pentadec": 15, "hexadec": 16,
    "heptadec": 17, "octadec": 18, "nonadec": 19, "eicos": 20, "icos": 20, "docos": 22,
}  # fmt: skip


def table(name: str) -> Iterator[dict[str, str]]:
    """Rows of one of the tables."""
    text = (files("chemwright") / "data" / "mining" / f"{name}.csv").read_text(encoding="utf-8")
    yield from csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))


class Words:
    """Words of one kind, found at a place in a text, longest first."""

    def __init__(self, entries: dict[str, Callable[[], Fragment]]) -> None:
        self._entries = entries
        self._by_head: dict[str, list[str]] = {}
        for word in sorted(entries, key=len, reverse=True):
            self._by_head.setdefault(word[:1], []).append(word)

    def at(self, text: str, start: int) -> Iterator[str]:
        """Words that begin at ``start``."""
        for word in self._by_head.get(text[start : start + 1], ()):
            if text.startswith(word, start):
                yield word

    def make(self, word: str) -> Fragment:
        """A new fragment of a word."""
        return self._entries[word]()

    def __contains__(self, word: str) -> bool:
        return word in self._entries


def _ring(row: dict[str, str]) -> Fragment:
    out = from_smiles(row["smiles"], row["locants"], skeleton=True)
    saturated = row["saturated"].split()
    for locant, atom in out.locants.items():
        if saturated == ["all"] or locant in saturated:
            out.unsaturated.discard(atom)
    out.prefer = {out.locants[k] for k in row["hydrogen"].split()}
    if saturated == ["all"]:
        out.unsaturated = set()
    return out


@lru_cache(maxsize=1)
def rings() -> Words:
    """Ring parents and their aliases, with and without the final e."""
    entries: dict[str, Callable[[], Fragment]] = {}
    for row in table("rings"):
        for name in (row["name"], *row["alias"].split()):
            short = name.removesuffix("e")
            make = (lambda r: lambda: _ring(r))(row)
            entries.setdefault(name, make)
            entries.setdefault(short, make)
    return Words(entries)


@lru_cache(maxsize=1)
def groups() -> Words:
    """Substituent groups; the order of the bond they hang by is in the table."""
    return Words({row["name"]: (lambda r: lambda: _group(r))(row) for row in table("groups")})


def _group(row: dict[str, str]) -> Fragment:
    out = from_smiles(row["smiles"], row["locants"])
    out.open = [int(i) for i in row["open"].split()]
    out.order = int(row["order"])
    if out.order == 0:  # a bridge: its first and its last atom hang
        out.order, out.far = 1, len(out.atoms) - 1
    out.simple = len(set(out.locants.values())) <= 1 or row["name"] in ("methoxy", "acetyl", "acetoxy", "ethoxy", "benzyloxycarbonyl")
    return out


@lru_cache(maxsize=1)
def parents() -> Words:
    """Retained names of whole molecules that can carry substituents."""

    def make(row: dict[str, str]) -> Callable[[], Fragment]:
        def build() -> Fragment:
            out = from_smiles(row["smiles"], row["locants"])
            out.open = [int(i) for i in row["open"].split()]
            for centre, (symbol, _) in enumerate(out.atoms):  # carboxylic acids among the parents make esters and salts
                if symbol == "C":
                    orders = {a: o for i, j, o in out.bonds if centre in (i, j) for a in (i, j) if a != centre and out.atoms[a] == ("O", 0) and out.degree(a) == 1}
                    if sorted(orders.values()) == [1, 2] and row["name"] not in ("betaine",):
                        out.acid.append((centre, next(a for a, o in orders.items() if o == 1)))
            if row["name"] in AMINO:
                out.alpha = out.locants["2"]
            return out

        return build

    return Words({row["name"]: make(row) for row in table("parents")})


@lru_cache(maxsize=1)
def acids() -> dict[str, dict[str, str]]:
    """Retained acids: ``stem + form`` -> row with the key ``form``, for instance ``benzamide``."""
    out: dict[str, dict[str, str]] = {}
    for row in table("acids"):
        for form in row["forms"].split(";"):
            out.setdefault(row["stem"] + form, {**row, "form": form})
    return out
