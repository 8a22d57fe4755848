"""A procedure laid open for reading: sentences, words, names, numbers, and what surrounds each; the features that the classifiers see."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator

from attrs import field, frozen

from chemwright.knowledge.mining.chemnames import Found, chemical_names
from chemwright.knowledge.mining.proposal import Reading
from chemwright.knowledge.mining.readings import amounts, percentages, temperatures, times
from chemwright.knowledge.mining.sentences import Span, sentences

_TOKEN = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?|[^\sA-Za-z\d]")
WORKUP = re.compile(
    r"\b(?:extract|wash|dried (?:over|with)|evaporat|concentrat|poured|quench|residue|filter|chromatograph|recrystalli|partition|triturat|purif|(?:organic|aqueous) (?:layer|phase)|washings|acidif|basif|neutrali[sz]ed|"
    r"taken up|separated|collected|worked up|diluted with)",
    re.IGNORECASE,
)
_VERBS = re.compile(
    r"\b(stir|heat|reflux|cool|add|warm|maintain|held|hold|kept|keep|allow|stand|stood|react|hydrogenat|shak|agitat|boil|irradiat|treat|dissol|dr(?:y|ied)|melt|distil|evaporat|wash|filter|pour|extract|concentrat|"
    r"recrystal|crystal|remov|chromatogr|dilut|quench|acidif|introduc|charg|mix|suspend|combin|prepar|obtain|giv|gave|yield|afford|provid|digest|autoclav|bubbl|pass|left|rais|collect|precipit|purif|elut|follow|"
    r"neutrali|continu|complet|ris|rose|drop|lower|form)\w*",
    re.IGNORECASE,
)
_MELTING = re.compile(r"(?:m\.?\s?p\.?|melt\w*|b\.?\s?p\.?|boiling (?:point|range)|mm\.?\s?Hg|mmHg|dec(?:omp)?)[^.;]{0,40}$", re.IGNORECASE)
_PRODUCT = re.compile(r"\b(?:giv\w*|gave|yield\w*|afford\w*|obtain\w*|provid\w*|produc\w*|furnish\w*|leav\w*|left|get|isolat\w*)\b[^.;]{0,80}$", re.IGNORECASE)

_GRAM = re.compile(r"(?:mg|g|gm|grams?|mmole?s?|mole?s?)[.,;)]*[ (,;]*$")
_SOLUTION = re.compile(r"\s*(?:of|aqueous|aq|solution|palladium|Pd|HCl|sodium|hydro|in|w/w|by)")


def bucket(n: float, edges: tuple[float, ...]) -> int:
    """Number of the band a value is in."""
    return bisect.bisect_right(edges, n)


@frozen
class Context:
    """One procedure.

    Args:
        text: the paragraph.
        parts: its sentences.
        names: substances named.
        temperatures: K; reflux stands as 0.
        times: s.
        percentages: per cent.
        amounts: kind, SI value, start, end.
    """

    text: str
    parts: tuple[Span, ...]
    names: tuple[Found, ...]
    temperatures: tuple[Reading, ...]
    times: tuple[Reading, ...]
    percentages: tuple[Reading, ...]
    amounts: tuple[tuple[str, float, int, int], ...]
    tokens: tuple[tuple[int, str], ...] = field(repr=False)
    places: tuple[int, ...] = field(repr=False)
    workup_from: int = 0

    def sentence(self, at: int) -> int:
        """Number of the sentence that holds a character."""
        return max(0, bisect.bisect_right([p.start for p in self.parts], at) - 1)


def read(text: str) -> Context:
    """Lay a paragraph open."""
    parts = sentences(text)
    workup = next((i for i, p in enumerate(parts) if i > 0 and WORKUP.search(p.text)), len(parts))
    tokens = tuple((m.start(), "#" if m.group()[0].isdigit() else m.group().lower()) for m in _TOKEN.finditer(text))
    return Context(
        text,
        parts,
        chemical_names(text),
        tuple(temperatures(text)),
        tuple(times(text)),
        tuple(percentages(text)),
        tuple(amounts(text)),
        tokens,
        tuple(s for s, _ in tokens),
        workup,
    )


def _around(c: Context, start: int, end: int, before: int = 5, after: int = 4) -> Iterator[str]:
    """Words before and after, by place and as a bag."""
    i, j = bisect.bisect_left(c.places, start), bisect.bisect_left(c.places, end)
    left = [t for _, t in c.tokens[max(0, i - before) : i]][::-1]
    right = [t for _, t in c.tokens[j : j + after]]
    for k, t in enumerate(left[:3]):
        yield f"l{k}={t}"
    for k, t in enumerate(right[:3]):
        yield f"r{k}={t}"
    yield "l01=" + "_".join(left[:2])
    yield "r01=" + "_".join(right[:2])
    yield from {f"L={t}" for t in left}
    yield from {f"R={t}" for t in right}


def _verbs(c: Context, start: int, end: int) -> tuple[str, str]:
    """The nearest verb before in the sentence, and the nearest after; five letters each."""
    part = c.parts[c.sentence(start)] if c.parts else Span(0, len(c.text), c.text)
    before = list(_VERBS.finditer(c.text, part.start, start))
    after = _VERBS.search(c.text, end, part.end)
    return (before[-1].group(1).lower()[:5] if before else "-"), (after.group(1).lower()[:5] if after else "-")


def _place(c: Context, start: int) -> Iterator[str]:
    number = c.sentence(start)
    yield f"sent={min(number, 4)}"
    yield f"pos={bucket(start / max(1, len(c.text)), (0.15, 0.3, 0.45, 0.6, 0.8))}"
    yield f"workup={bucket(number - c.workup_from, (-1, 0, 1, 3))}"
    yield f"last={number == len(c.parts) - 1}"


_HOLD = frozenset(
    {"stir", "heat", "reflu", "maint", "held", "hold", "kept", "keep", "stand", "stood", "react", "agita", "boil", "shak", "allow", "left", "warm", "conti", "hydro", "cool"}
)


def reading_features(c: Context, kind: str) -> list[list[str]]:
    """Features of each temperature (``T``), time (``t``) or percentage (``y``) of a procedure, in its order."""
    found = {"T": c.temperatures, "t": c.times, "y": c.percentages}[kind]
    verbs = [_verbs(c, r.start, r.start + len(r.text)) for r in found]
    region = [c.sentence(r.start) >= c.workup_from for r in found]
    holds = [v[0] in _HOLD and not w for v, w in zip(verbs, region, strict=True)]
    out = []
    for i, r in enumerate(found):
        end = r.start + len(r.text)
        verb, later = verbs[i]
        own = [f"v={verb}", f"v2={later}", f"w={region[i]}", f"vw={verb}/{region[i]}", f"n={min(i, 4)}", f"left={min(len(found) - 1 - i, 4)}", f"of={min(len(found), 5)}"]
        own += [
            f"before={min(sum(holds[:i]), 3)}",
            f"after={min(sum(holds[i + 1 :]), 3)}",
            f"hold={holds[i]}",
            f"hb={holds[i]}/{min(sum(holds[:i]), 3)}/{min(sum(holds[i + 1 :]), 2)}",
        ]
        own += [f"same={sum(abs(q.value - r.value) < 1e-6 for q in found) > 1}", f"range={r.low is not None}", f"a={r.assumed[:6]}"]
        own += list(_place(c, r.start)) + list(_around(c, r.start, end))
        if _MELTING.search(c.text[max(0, r.start - 60) : r.start]):
            own.append("melting")
        own += list(_value(kind, r)) + list(_partners(c, kind, r, end, verb))
        out.append(own)
    return out


def _value(kind: str, r: Reading) -> Iterator[str]:
    if kind == "T":
        yield f"val={bucket(r.value, (1, 223, 263, 278, 288, 296, 304, 330, 360, 380, 430, 500))}"
        yield f"room={r.assumed[:4]}"
    elif kind == "t":
        yield f"val={bucket(r.value, (90, 400, 1000, 2000, 4000, 8000, 16000, 30000, 50000, 90000))}"
    else:
        yield f"val={bucket(r.value, (2, 11, 21, 31, 50, 70, 90, 97, 100.1))}"


def _partners(c: Context, kind: str, r: Reading, end: int, verb: str) -> Iterator[str]:
    """Numbers of the other kinds close by in the same sentence."""
    number = c.sentence(r.start)
    others = {"T": c.times, "t": c.temperatures, "y": ()}[kind]
    near = [q for q in others if c.sentence(q.start) == number]
    gaps = [q.start - end if q.start >= end else r.start - (q.start + len(q.text)) for q in near]
    yield f"near={bucket(min(gaps), (6, 15, 30, 80)) if gaps else 'none'}"
    if gaps:
        q = near[gaps.index(min(gaps))]
        yield f"nearside={q.start > r.start}/{verb}"
        if kind == "t" and q.assumed:
            yield f"at={q.assumed[:6]}"
    if kind == "y":
        yield f"product={bool(_PRODUCT.search(c.text[max(0, r.start - 160) : r.start]))}"
        left = c.text[max(0, r.start - 25) : r.start]
        yield f"gram={bool(_GRAM.search(left))}"
        yield f"yieldword={bool(re.search('yield', c.text[max(0, r.start - 60) : end + 30], re.I))}"
        yield f"paren={left.rstrip()[-1:]}{c.text[end : end + 1]}"
        yield f"of={bool(_SOLUTION.match(c.text, end))}"


#: passed over on the way from a name back to the word it hangs by: amounts, articles, adjectives of state
_SKIP = frozenset({
    "#", "(", ")", "[", "]", ".", ",", ":", ";", "-", "×", "x", "a", "an", "the", "of", "ml", "l", "g", "mg", "kg", "cc", "mmol", "mol", "mmole", "moles", "mole", "liter", "liters",
    "litre", "litres", "milliliters", "dry", "anhydrous", "absolute", "abs", "hot", "cold", "warm", "boiling", "aqueous", "aq", "distilled", "glacial", "concentrated", "conc", "dilute",
    "about", "approximately", "ca", "further", "additional", "another", "more", "fresh", "freshly", "each", "parts", "part", "by", "volume", "volumes", "n", "m", "equiv", "equivalents",
    "eq", "excess", "pure", "purified", "commercial", "saturated", "sat", "%", "total",
})  # fmt: skip


def setting(c: Context, f: Found) -> tuple[str, str]:
    """The word that a name hangs by, past its amounts and adjectives (``in`` 50 ml of dry ...), and the word that goes on after its amounts in brackets."""
    i = bisect.bisect_left(c.places, f.start) - 1
    low = max(-1, i - 14)
    while i > low and c.tokens[i][1] in _SKIP:
        i -= 1
    head = c.tokens[i][1] if i > low and i >= 0 and c.sentence(c.tokens[i][0]) == c.sentence(f.start) else "start"
    brackets = _BRACKETS.match(c.text, f.end, f.end + 200)
    j = bisect.bisect_left(c.places, brackets.end() if brackets else f.end)
    while j < len(c.tokens) and c.tokens[j][1] in "),":
        j += 1
    return head, c.tokens[j][1] if j < len(c.tokens) else "end"


def name_features(c: Context) -> list[list[str]]:
    """Features of each substance named, in the order of the text."""
    seen: set[str] = set()
    out = []
    for f in c.names:
        verb, later = _verbs(c, f.start, f.end)
        work = c.sentence(f.start) >= c.workup_from
        own = [
            f"s={f.smiles if len(f.smiles) < 40 else 'long'}",
            f"sw={f.smiles if len(f.smiles) < 20 else 'long'}/{work}",
            f"how={f.how}",
            f"v={verb}",
            f"v2={later}",
            f"w={work}",
            f"vw={verb}/{work}",
        ]
        own.append(f"size={bucket(len(f.smiles), (0.5, 3, 6, 10, 16, 25, 40, 60))}")
        own.append(f"seen={f.smiles in seen}")
        kinds = sorted(k for k, *_ in amounts_of(c, f))
        own += [f"amount={'+'.join(sorted(set(kinds))) or 'none'}", f"aw={'+'.join(sorted(set(kinds)))}/{work}"]
        own.append(f"product={bool(_PRODUCT.search(c.text[max(0, f.start - 120) : f.start]))}")
        own += list(_place(c, f.start)) + list(_around(c, f.start, f.end))
        own += list(_solvent_like(c, f, work, verb, "+".join(sorted(set(kinds))) or "none"))
        seen.add(f.smiles)
        out.append(own)
    return out


def _solvent_like(c: Context, f: Found, work: bool, verb: str, kinds: str) -> Iterator[str]:
    """What tells a solvent from the same substance as reactant or in the work-up."""
    head, then = setting(c, f)
    small = f.smiles if len(f.smiles) < 20 else "long"
    number = c.sentence(f.start)
    yield f"head={head}"
    yield f"then={then}"
    yield f"ha={head}/{kinds}"
    yield f"hs={head}/{small}"
    yield f"as={kinds}/{small}"
    yield f"vs={verb}/{small}"
    yield f"ss={min(number, 3)}/{small}"
    yield f"wh={work}/{head}/{kinds}"
    yield f"hv={head}/{verb}"
    yield f"ht={head}/{then}"
    yield f"name={f.name.lower() if len(f.name) < 24 else 'long'}"
    yield f"capital={f.name[:1].isupper()}/{head == 'start'}/{kinds}"
    yield f"inside={min(2, max(0, c.text.count('(', 0, f.start) - c.text.count(')', 0, f.start)))}"
    volume = next((v for k, v, *_ in amounts_of(c, f) if k == "volume"), 0.0)
    if volume:
        yield f"ml={bucket(1e6 * volume, (0.5, 2, 5, 15, 50, 200, 1000))}/{kinds}"


@frozen
class Named:
    """A substance of a procedure with all its mentions.

    Args:
        smiles: its structure.
        mentions: where it is named, in order.
        features: what the role classifier sees.
    """

    smiles: str
    mentions: tuple[Found, ...]
    features: tuple[str, ...] = field(repr=False)


def substances(c: Context) -> tuple[Named, ...]:
    """Substances with a structure, in the order of their first mention; the features of mentions before the work-up and after it are kept apart."""
    groups: dict[str, list[tuple[Found, list[str]]]] = {}
    for f, own in zip(c.names, name_features(c), strict=True):
        if f.smiles:
            groups.setdefault(f.smiles, []).append((f, own))
    out = []
    for rank, (smiles, group) in enumerate(groups.items()):
        early = [own for _, own in group if "w=False" in own]
        late = [own for _, own in group if "w=True" in own]
        features = {x for own in early[:3] for x in own}
        if early:
            features |= {"P" + x for own in late[:2] for x in own if x.startswith(("l", "v", "amount"))}
        else:
            features |= {"P" + x for own in late[:2] for x in own} | {x for x in late[0] if x.startswith(("s=", "size", "how"))}
        features |= {f"early={min(len(early), 3)}", f"late={min(len(late), 3)}", f"times={min(len(early), 3)}/{min(len(late), 3)}", f"rank={min(rank, 8)}"}
        out.append(Named(smiles, tuple(f for f, _ in group), tuple(sorted(features))))
    return tuple(out)


_LEAD = re.compile(
    r"((?:\(?[\d.,]+\s*(?:M|N|g|mg|kg|gm|gms|grams?|ml|mL|cc|l|L|liters?|mmole?s?|mole?s?|%|equiv\w*|eq)\.?[\s,;:)/]*(?:and\s)?)+)(?P<of>of|each of|portions? of)?\s*(?:the\s|a\s|an\s)?(?:[a-z-]+\s){0,3}$"
)
_BRACKETS = re.compile(r"\s*(?:[(\[](?:[^()\[\]]|[(\[][^()\[\]]*[)\]])*[)\]]\s*){1,3}")
_OPEN = re.compile(r"\s*[(\[,:]\s*[^()\[\]]{0,90}")


def amounts_of(c: Context, f: Found) -> list[tuple[str, float, int, int]]:
    """Amounts that belong to a name: ``2.0 g (5 mmol) of`` right before it, else in brackets right after it, else without brackets on either side."""
    begin = max(0, f.start - 120)
    lead = _LEAD.search(c.text[begin : f.start])
    before = [a for a in c.amounts if begin + lead.start() <= a[2] and a[3] <= f.start] if lead else []
    if before and lead is not None and lead["of"]:
        return before
    following = next((g.start for g in c.names if g.start >= f.end), len(c.text))
    brackets = _BRACKETS.match(c.text, f.end, f.end + 200)
    inside = [a for a in c.amounts if f.end <= a[2] and a[3] <= min(brackets.end(), following)] if brackets else []
    if inside or before:
        return inside or before
    after = _OPEN.match(c.text, f.end, f.end + 140)
    return [a for a in c.amounts if f.end <= a[2] and a[3] <= min(after.end() + 1, following)] if after else []
