"""Joining substituents to each other and to the parent, by the locants where there are any and by custom where there are none."""

from __future__ import annotations

from attrs import frozen

from chemwright.knowledge.mining.nomenclature.fragment import Fragment


class Unfit(Exception):
    """A reading of a name that can't be built; the parser tries the next."""


#: groups on -yl that what stands before them hangs on, hyphen or not
_CARRIERS = frozenset({"sulfonyl", "carbonyl", "sulfinyl", "seryl", "alanyl", "glycyl", "leucyl", "valyl", "prolyl", "lysyl", "arginyl", "histidyl", "tyrosyl", "phenylalanyl"})


@frozen
class Item:
    """A substituent waiting for its place.

    Args:
        locants: where, or empty.
        n: how many.
        group: the fragment, hanging by its ``attach``.
        bracket: whether it stood in brackets (nothing hangs on it from outside then).
        dash: whether a hyphen stands before it.
        name: the word, when it is one.
        grown: whether something hangs on it already.
    """

    locants: tuple[str, ...]
    n: int
    group: Fragment
    bracket: bool = False
    dash: bool = False
    name: str = ""
    grown: bool = False


def assemble(items: list[Item], parent: Fragment) -> Fragment:
    """The parent with all items hung on it.

    A substituent directly before another one that has no locant of its own hangs on that one (``hydroxymethyl``, ``dimethylamino``, ``2-chloroethyl``); otherwise on the parent. A locant before a group
    with one place only (``4-`` in ``4-chloromethyl``) belongs to the group that it forms a part of.

    Raises:
        Unfit: a locant that doesn't exist, a valence overrun, or no place.
    """
    rest = list(items)
    i = 0
    done: list[Item] = []
    while i < len(rest):
        item = rest[i]
        nxt = rest[i + 1] if i + 1 < len(rest) else None
        if nxt is not None and not nxt.locants and not nxt.bracket and not _siblings(item, nxt) and _takes(nxt.group, item):
            group = nxt.group.copy()
            here, up = _split(item, group)
            _place(group, item, here)
            if here:
                group = _gather(group, done)
            rest[i + 1] = Item(up, nxt.n, group, dash=nxt.dash, name=nxt.name, grown=True)
        else:
            done.append(item)
        i += 1
    out = parent.copy()
    for item in done:
        _place(out, item, item.locants)
    return out


def _gather(group: Fragment, done: list[Item]) -> Fragment:
    """``3-chloro-4-methoxyphenyl...``: what is numbered before a numbered neighbour belongs to the same ring, as long as it fits there."""
    while (
        done
        and done[-1].locants
        and (not group.simple or _of_nitrogen(done[-1], group))
        and len(done[-1].locants) == done[-1].n
        and all(_known(group, k) for k in done[-1].locants)
    ):
        trial = group.copy()
        try:
            _place(trial, done[-1], done[-1].locants)
        except Unfit:
            break
        group = trial
        done.pop()
    return group


def _of_nitrogen(item: Item, group: Fragment) -> bool:
    """``N-methyl-N-ethylaminomethyl``: whether the N is that of the amino group which follows."""
    return "N" in group.locants and len(item.locants) == item.n and all(k in ("n", "N") for k in item.locants)


def _known(group: Fragment, locant: str) -> bool:
    """Whether a group has a locant, primes apart (``2'-chlorophenyl`` is written so to tell rings apart)."""
    return locant in group.locants or locant.rstrip("'") in group.locants or (locant.isdigit() and f"{locant}'" in group.locants)


def _siblings(item: Item, nxt: Item) -> bool:
    """Whether two groups side by side hang on the same thing: ``benzyl-methyl-amino``, ``(4-carboxybutyl)triphenyl``."""
    many = nxt.n > 1 and nxt.name.endswith("yl") and (item.bracket or item.name.endswith("yl"))
    return (
        many
        or (item.bracket and nxt.n > 1)
        or (nxt.dash and not item.bracket and not item.grown and item.name.endswith("yl") and nxt.name.endswith("yl") and len(nxt.group.atoms) < 7 and nxt.name not in _CARRIERS)
    )


def _takes(group: Fragment, item: Item) -> bool:
    """Whether an item can hang on the group that follows it."""
    if not group.open and not any(_known(group, k) for k in item.locants):
        return False
    return not (item.locants and len(item.locants) == item.n and not group.simple and not all(_known(group, k) for k in item.locants))


def _split(item: Item, group: Fragment) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Locants for the item on the group, and those left over for the group on what comes next."""
    if not item.locants:
        return (), ()
    if _of_nitrogen(item, group):
        return item.locants, ()
    if len(item.locants) != item.n or group.simple or not all(_known(group, k) for k in item.locants):
        return (), item.locants
    return item.locants, ()


def _place(target: Fragment, item: Item, locants: tuple[str, ...]) -> None:
    """Hang ``n`` copies of a group on the target."""
    n = item.n
    if item.group.far >= 0:
        for pair in zip(locants, locants, strict=True) if item.name == "twice" else (locants,):
            _bridge(target, item.group, tuple(pair))
        return
    if locants and len(locants) != n:
        raise Unfit
    for k in range(n):
        at = _atom(target, locants[k]) if locants else _first(target, item.group)
        need = item.group.order
        if target.free(at) + (at in target.unsaturated and (need > 1 or target.atoms[at][0] == "N")) < need and not (target.atoms[at][0] == "S" and need == 2):
            raise Unfit
        target.hang(item.group, at)


def _bridge(target: Fragment, group: Fragment, locants: tuple[str, ...]) -> None:
    """Hang a group of two places, on two atoms or twice on one; on a benzene ring without locants at 3 and 4."""
    if not locants and len(target.atoms) == 6 and target.ring:
        locants = ("3", "4")
    if len(locants) != 2:
        raise Unfit
    first, second = (_atom(target, k) for k in locants)
    if target.free(first) < 1 + (first == second) or target.free(second) < 1:
        raise Unfit
    shift = target.hang(group, first)
    target.bonds.append((second, group.far + shift, 1))


def _atom(target: Fragment, locant: str) -> int:
    for name in (locant, locant.upper(), locant.lower(), locant.rstrip("'"), f"{locant}'"):
        if name in target.locants:
            return target.locants[name]
    if locant[0] in "nN" and target.ring:  # N-methylpiperazine: the ring's nitrogens in turn
        found = [a for k, a in target.locants.items() if target.atoms[a][0] == "N" and target.free(a) + (a in target.unsaturated) > 0]
        if found:
            return found[0]
    raise Unfit


def _first(target: Fragment, group: Fragment) -> int:
    """The first open atom with room, else any carbon with room in the order of locants."""
    for at in target.open:
        if target.free(at) >= group.order or (group.order > 1 and target.free(at) + (at in target.unsaturated) >= group.order):
            return at
    if len(set(target.locants.values())) == 0 and len(target.atoms) and target.free(target.attach) >= group.order:
        return target.attach
    for at in target.locants.values():
        if target.atoms[at][0] == "C" and target.free(at) >= group.order:
            return at
    raise Unfit
