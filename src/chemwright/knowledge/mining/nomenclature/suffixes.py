"""Principal groups at the end of a name: what a suffix does to the parent it stands on."""

from __future__ import annotations

from collections.abc import Callable

from chemwright.knowledge.mining.nomenclature.fragment import Fragment

Apply = Callable[[Fragment, int], None]


def _put(symbol: str, order: int = 1, *, locant: str = "") -> Apply:
    def apply(f: Fragment, at: int) -> None:
        if order > 1:
            f.unsaturated.discard(at)
        new = f.add(symbol, at, order)
        if locant:
            _name(f, locant, new)

    return apply


def _name(f: Fragment, locant: str, atom: int) -> None:
    """Give an atom a letter locant: N, then N', N''."""
    while locant in f.locants:
        locant += "'"
    f.locants[locant] = atom


def _on_carbon(*atoms: tuple[str, int], carbon: bool = True, n: bool = False, acid: bool = False) -> Apply:
    """Atoms on a carbon that is new (``carboxylic``) or the chain's own (``oic``): symbol and bond order."""

    def apply(f: Fragment, at: int) -> None:
        centre = f.add("C", at) if carbon else at
        added = [f.add(symbol, centre, order) for symbol, order in atoms]
        if acid:
            f.acid.append((centre, added[-1]))
        if n:
            _name(f, "N", added[-1])
        if carbon and not acid:
            f.locants.setdefault("α", centre)

    return apply


def _sulfur(*atoms: tuple[str, int], n: bool = False, acid: bool = False) -> Apply:
    def apply(f: Fragment, at: int) -> None:
        centre = f.add("S", at)
        added = [f.add(symbol, centre, order) for symbol, order in atoms]
        if acid:
            f.acid.append((centre, added[-1]))
        if n:
            _name(f, "N", added[-1])

    return apply


def _boronic(f: Fragment, at: int) -> None:
    centre = f.add("B", at)
    f.add("O", centre)
    f.acid.append((centre, f.add("O", centre)))


def _hydrazide(carbon: bool) -> Apply:
    def apply(f: Fragment, at: int) -> None:
        centre = f.add("C", at) if carbon else at
        f.add("O", centre, 2)
        first = f.add("N", centre)
        f.add("N", first)

    return apply


def _chain(n: int, end: Apply) -> Apply:
    """A conjunctive suffix: a chain of ``n`` carbons on the ring, its end changed by ``end``."""

    def apply(f: Fragment, at: int) -> None:
        for k in range(n):
            at = f.add("C", at)
            f.locants.setdefault("αβγ"[n - 1 - k] if n <= 3 else "", at)
        end(f, at)

    return apply


_ACID = (("O", 2), ("O", 1))
#: on a ring or a chain atom at a locant
SUFFIXES: dict[str, Apply] = {
    "ol": _put("O"), "one": _put("O", 2), "on": _put("O", 2), "thione": _put("S", 2), "thiol": _put("S"), "amine": _put("N", locant="N"), "imine": _put("N", 2, locant="N"), "amin": _put("N", locant="N"),
    "carboxylic acid": _on_carbon(*_ACID, acid=True), "carboxylate": _on_carbon(*_ACID, acid=True), "carbonyl": _on_carbon(*_ACID, acid=True), "carboxamide": _on_carbon(("O", 2), ("N", 1), n=True),
    "carbonitrile": _on_carbon(("N", 3)), "carbaldehyde": _on_carbon(("O", 2)), "carboxaldehyde": _on_carbon(("O", 2)), "carboxylic acid amide": _on_carbon(("O", 2), ("N", 1), n=True),
    "carbothioamide": _on_carbon(("S", 2), ("N", 1), n=True), "carboximidamide": _on_carbon(("N", 2), ("N", 1), n=True), "carboxamidine": _on_carbon(("N", 2), ("N", 1), n=True),
    "carbohydrazide": _hydrazide(True), "carboxylic acid hydrazide": _hydrazide(True), "carbinol": _on_carbon(("O", 1)), "methanol": _on_carbon(("O", 1)), "methanamine": _on_carbon(("N", 1), n=True),
    "methylamine": _on_carbon(("N", 1), n=True), "ethanol": _chain(2, _put("O")), "ethanamine": _chain(2, _put("N", locant="N")), "ethylamine": _chain(2, _put("N", locant="N")),
    "propanol": _chain(3, _put("O")), "propanamine": _chain(3, _put("N", locant="N")),
    "acetic acid": _chain(1, _on_carbon(*_ACID, acid=True)), "acetate": _chain(1, _on_carbon(*_ACID, acid=True)), "acetonitrile": _chain(1, _on_carbon(("N", 3))),
    "acetamide": _chain(1, _on_carbon(("O", 2), ("N", 1), n=True)), "propanoic acid": _chain(2, _on_carbon(*_ACID, acid=True)), "propionic acid": _chain(2, _on_carbon(*_ACID, acid=True)),
    "butanoic acid": _chain(3, _on_carbon(*_ACID, acid=True)), "acetyl": _chain(1, _on_carbon(*_ACID, acid=True)),
    "sulfonic acid": _sulfur(("O", 2), ("O", 2), ("O", 1), acid=True), "sulfonate": _sulfur(("O", 2), ("O", 2), ("O", 1), acid=True), "sulfonyl": _sulfur(("O", 2), ("O", 2), ("O", 1), acid=True),
    "sulfonamide": _sulfur(("O", 2), ("O", 2), ("N", 1), n=True), "sulfinic acid": _sulfur(("O", 2), ("O", 1), acid=True), "sulfinate": _sulfur(("O", 2), ("O", 1), acid=True),
    "sulfinyl": _sulfur(("O", 2), ("O", 1), acid=True), "boronic acid": _boronic, "boronate": _boronic,
}  # fmt: skip
#: at the end of a chain, using its own carbon
CHAIN_SUFFIXES: dict[str, Apply] = {
    "oic acid": _on_carbon(*_ACID, carbon=False, acid=True), "oate": _on_carbon(*_ACID, carbon=False, acid=True), "oyl": _on_carbon(*_ACID, carbon=False, acid=True),
    "amide": _on_carbon(("O", 2), ("N", 1), carbon=False, n=True), "nitrile": _on_carbon(("N", 3), carbon=False), "aldehyde": _on_carbon(("O", 2), carbon=False), "al": _on_carbon(("O", 2), carbon=False), "oic acid amide": _on_carbon(("O", 2), ("N", 1), carbon=False, n=True),
    "thioamide": _on_carbon(("S", 2), ("N", 1), carbon=False, n=True), "amidine": _on_carbon(("N", 2), ("N", 1), carbon=False, n=True), "imidamide": _on_carbon(("N", 2), ("N", 1), carbon=False, n=True),
    "ohydrazide": _hydrazide(False), "hydrazide": _hydrazide(False), "oic acid hydrazide": _hydrazide(False),
}  # fmt: skip
#: suffixes that leave an acid whose OH makes way: what the word is then
ACYL = frozenset({"carbonyl", "oyl", "sulfonyl", "sulfinyl", "yl", "acetyl"})
ATE = frozenset({"carboxylate", "oate", "sulfonate", "sulfinate", "acetate", "ate", "onate", "boronate"})
EVERY = sorted({**SUFFIXES, **CHAIN_SUFFIXES}, key=len, reverse=True)
