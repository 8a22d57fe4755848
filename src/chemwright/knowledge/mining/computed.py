"""Yields that stand nowhere in the text but follow from its amounts: mass of the product over its molar mass and the moles of a reactant, each way of taking them judged by a trained classifier."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from chemwright.knowledge.mining.context import WORKUP, Context, Named, amounts_of, bucket
from chemwright.knowledge.mining.transformations import formula_mass, products

#: ways of computing looked at for one procedure, most; per cent that a yield can be (a little over 100: weighing)
MOST, LEAST, LARGEST = 60, 1.0, 105.0
_MADE = re.compile(
    r"\b(giv|gave|yield|afford|obtain|provid|produc|furnish|leav|left|isolat|collect|recover|weigh|deliver|prepar|dried|crystalli|recrystalli|get|got|result|separat|purif|form|there|remain|distill)\w*[^.;]{0,170}$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[\s),]*(?:\([^()]*\)\s*)?,?\s*((?:of|as)?\s*(?:an?|the)?\s*(?:title|titled|desired|named|above|product|compound|crude|crystal\w*|solid|oil|white|yellow|colou?rless|residue|expected|pure|objective|target|corresponding|[a-z]+))?",
    re.IGNORECASE,
)
_FORMULA = re.compile(r"\bC\.?(?:sub\.)?(\d{1,2})\s?H\.?(\d{1,3})((?:\s?(?:Br|Cl|F|I|N|O|S|P|Si|Na|B)\d{0,2}){0,6})(?=[\s:,.;)(+·]|$)")
_ION = re.compile(
    r"(?:\bM\s?\+?\s?\+\s?(?P<h1>H)?\s?\)?\+?|\(M\s?\+\s?(?P<h2>H)\)\s?\+?|\[M\s?\+\s?(?P<h3>H)\]\s?\+?|MH\+|\bm/[ez]\b)\s*(?:at|of|=|:)?\s*(?P<n>\d{3}(?:\.\d+)?)(?!\s*[(\d])|(?P<n2>\d{3}(?:\.\d+)?)\s*\(?(?:M\s?\+\s?(?P<h4>H)?|MH)\+?"
)


@frozen
class Computed:
    """One way of computing the yield.

    Args:
        value: per cent.
        features: what the classifier sees.
        start: where the product's amount stands.
        text: the product's amount as written.
        why: how it was computed, in words.
    """

    value: float
    features: tuple[str, ...]
    start: int
    text: str
    why: str


@frozen
class _Mass:
    """A molar mass (kg/mol) that the product may have: of what, how known, how likely a product (0 to 1), where named, the structures it came from, the transformation."""

    value: float
    name: str
    how: str
    likely: float
    start: int = -1
    of: tuple[str, ...] = ()
    rule: str = ""


@frozen
class _Scarce:
    """An amount (mol) that may be that of the scarcest reactant."""

    moles: float
    how: str
    likely: float
    smiles: str
    name: str


def ways(c: Context, found: Sequence[Named], roles: Sequence[Mapping[str, float]]) -> list[Computed]:
    """Ways of computing the yield of a procedure, each with its features.

    Args:
        c: the procedure.
        found: its substances.
        roles: probability of each role, one for each substance.
    """
    used = _scarce(c, found, roles)
    made = list(_made(c, found, roles))
    if not used or not made:
        return []
    masses = [*_named(c, found, roles), *_measured(c), *_guessed(c, found, roles, used)]
    sure = max((m.likely for m in masses if m.how == "named"), default=0.0)
    shared = (f"best={bucket(sure, (0.1, 0.3, 0.6, 0.9))}", f"guesses={min(sum(m.how == 'guessed' for m in masses), 6)}", f"reactants={min(len(used), 4)}")
    return [
        Computed(
            value,
            (*about, *_about(m, start), *_lim(u, rank, m), *_size(value, kind, rank, m), *shared, *(f"{x}/{m.how}" for x in shared)),
            start,
            c.text[start:end],
            _why(c.text[start:end], m, u),
        )
        for m in masses
        for kind, amount, start, end, about in made
        if kind == "mass" or (m.how == "named" and abs(start - m.start) <= 200)
        for rank, u in enumerate(sorted((u for u in used if m.how != "named" or u.smiles != m.of[0]), key=lambda u: u.moles)[:4])
        if LEAST <= (value := 100.0 * (amount if kind == "moles" else amount / m.value) / u.moles) <= LARGEST
    ][:MOST]


def _why(amount: str, m: _Mass, u: _Scarce) -> str:
    return f"computed from {amount} of {m.name[:160]} and {u.name[:60]}, one to one"


def _size(value: float, kind: str, rank: int, m: _Mass) -> Iterator[str]:
    band = bucket(value, (5, 15, 30, 50, 70, 85, 95, 100, 103, 110))
    yield f"value={band}"
    yield f"kind={kind}"
    yield f"vh={band}/{m.how}/{rank}"
    if m.how == "guessed":
        yield f"vr={bucket(value, (30, 60, 90, 102))}/{m.rule}"
        yield f"of={len(m.of)}/{rank}"


def _about(m: _Mass, start: int) -> Iterator[str]:
    yield f"how={m.how}"
    yield f"hl={m.how}/{bucket(m.likely, (0.1, 0.25, 0.5, 0.75, 0.9))}"
    if m.how == "guessed":
        yield f"rule={m.rule}"
    if m.start >= 0:
        yield f"gap={bucket(start - m.start, (-250, -120, -40, -8, 0, 40, 100, 200, 400))}"


def _lim(u: _Scarce, rank: int, m: _Mass) -> Iterator[str]:
    yield f"rank={rank}"
    yield f"lim={u.how}"
    yield f"ll={bucket(u.likely, (0.2, 0.4, 0.6, 0.8, 0.95))}/{rank}"
    yield f"lc={'c' in u.smiles.lower().replace('cl', '') if u.smiles else 'unknown'}/{rank}"
    if u.smiles and m.of:
        yield f"part={u.smiles in m.of}/{m.how}"
        yield f"weight={bucket(len(u.smiles) / max(1, len(m.of[0])), (0.15, 0.4, 0.7, 1.0, 1.4))}/{m.how}"


def _moles(values: Mapping[str, float], smiles: str) -> tuple[float, str]:
    """Moles of an amount and how they are known."""
    if values.get("moles"):
        return values["moles"], "stated"
    if values.get("mass") and smiles:
        weight = molar_mass(smiles)
        if weight:
            return values["mass"] / weight, "mass"
    return 0.0, ""


def molar_mass(smiles: str) -> float:
    """kg/mol, or 0 for what can't be read."""
    from chemwright.errors import SubstanceError
    from chemwright.structure import molecule

    try:
        return float(molecule(smiles).molar_mass)
    except SubstanceError:
        return 0.0


def _scarce(c: Context, found: Sequence[Named], roles: Sequence[Mapping[str, float]]) -> list[_Scarce]:
    """Amounts of what may be the scarcest reactant: of named substances by their amounts, and moles that stand alone (of names without structure)."""
    out: list[_Scarce] = []
    taken: set[int] = set()
    for n, p in zip(found, roles, strict=True):
        for f in n.mentions:
            amounts = amounts_of(c, f)
            taken |= {a[2] for a in amounts}
            values: dict[str, float] = {}
            for kind, value, *_ in amounts:
                values.setdefault(kind, value)
            moles, how = _moles(values, n.smiles)
            if moles > 0 and p["reactant"] > 0.15 and p["product"] < 0.6:
                out.append(_Scarce(moles, how, p["reactant"], n.smiles, f.name))
                break
    limit = _turn(c)
    out += [_Scarce(v, "alone", 0.5, "", "an amount in moles") for kind, v, start, _ in c.amounts if kind == "moles" and v > 0 and start not in taken and start < limit]
    return out


def _turn(c: Context) -> int:
    """Where the work-up begins."""
    return c.parts[c.workup_from].start if c.workup_from < len(c.parts) else len(c.text)


def _made(c: Context, found: Sequence[Named], roles: Sequence[Mapping[str, float]]) -> Iterator[tuple[str, float, int, int, tuple[str, ...]]]:
    """Amounts that may be the product's, the last five, with features."""
    owner = {a[2]: max(p, key=lambda k: p[k]) for n, p in zip(found, roles, strict=True) for f in n.mentions for a in amounts_of(c, f)}
    turn = _turn(c)
    choice = []
    for kind, value, start, end in c.amounts:
        if kind not in ("mass", "moles") or value <= 0:
            continue
        verb = _MADE.search(c.text, max(0, start - 240), start)
        role = owner.get(start, "-")
        if role in ("solvent", "catalyst") or (role == "reactant" and start < turn) or (verb is None and start < turn):
            continue
        choice.append((kind, value, start, end, verb.group(1).lower()[:5] if verb else "-", role))
    choice = choice[-5:]
    masses = [x for x in choice if x[0] == "mass"]
    for i, (kind, value, start, end, made, role) in enumerate(choice):
        left = len(masses) - 1 - next((j for j, x in enumerate(masses) if x[2] >= start), len(masses) - 1)
        after = _AFTER.match(c.text, end)
        word = (after.group(1) or "-").lower().split()[-1] if after and after.group(1) and after.group(1).strip() else "-"
        near = c.text[max(0, start - 40) : start].lower()
        yield kind, value, start, end, (
            f"verb={made}", f"owner={role}", f"left={left}", f"of={len(masses)}", f"next={word}", f"vl={made}/{left}", f"crude={'crude' in c.text[max(0, start - 60) : end + 40]}", f"i={i}",
            f"title={bool(re.search('title|desired|named|product', c.text[max(0, start - 60) : end + 60]))}", f"paren={near.rstrip()[-1:] == '('}", f"late={start >= turn}", f"pos={bucket(start / len(c.text), (0.3, 0.5, 0.7, 0.9))}",
            f"work={bool(WORKUP.search(c.text, end))}",
        )  # fmt: skip


def _named(c: Context, found: Sequence[Named], roles: Sequence[Mapping[str, float]]) -> Iterator[_Mass]:
    """Molar masses of substances named that may be the product, the likeliest three."""
    likely = sorted((p["product"], i) for i, p in enumerate(roles) if p["product"] > 0.04)[-3:]
    for p, i in reversed(likely):
        weight = molar_mass(found[i].smiles)
        if weight > 0.04:
            last = found[i].mentions[-1]
            yield _Mass(weight, last.name, "named", p, last.start, (found[i].smiles,))


def _measured(c: Context) -> Iterator[_Mass]:
    """Molar masses from an elemental analysis or a mass spectrum in the text."""
    for stated in list(_FORMULA.finditer(c.text))[:2]:
        weight = formula_mass(f"C{stated[1]}H{stated[2]}{stated[3]}".replace(" ", ""))
        if weight > 0.06:
            yield _Mass(weight, stated.group(), "formula", 0.5, stated.start())
    # a spectrum gives the lightest isotopes' mass; the average one of an organic product of some 300 g/mol is about 0.1 to 0.2 g/mol more
    for ion in list(_ION.finditer(c.text))[:2]:
        protonated = any(ion[k] for k in ("h1", "h2", "h3", "h4")) or "MH" in ion.group()
        yield _Mass(1e-3 * (float(ion["n"] or ion["n2"]) - 1.007 * protonated + 0.1), f"the substance with {ion.group().strip()}", "spectrum", 0.5, ion.start())


def _guessed(c: Context, found: Sequence[Named], roles: Sequence[Mapping[str, float]], used: Sequence[_Scarce]) -> Iterator[_Mass]:
    """Molar masses of what the reactants would give."""
    amounts = {u.smiles for u in used}
    start = [(p["reactant"], n.smiles) for n, p in zip(found, roles, strict=True) if p["reactant"] > 0.25 and ("C" in n.smiles or "c" in n.smiles)]
    start.sort(key=lambda x: (x[1] not in amounts, -x[0]))
    seen: set[int] = set()
    for guess in products(c.text, tuple(s for _, s in start[:5])):
        if round(1e5 * guess.molar_mass) not in seen:
            seen.add(round(1e5 * guess.molar_mass))
            yield _Mass(guess.molar_mass, f"a product not named, taken as that of {guess.name} ({' + '.join(guess.of)})", "guessed", 0.5, -1, guess.of, guess.name)
