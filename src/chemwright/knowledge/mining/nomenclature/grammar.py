"""One word of a systematic name: substituents with locants and multipliers, then a parent with its suffixes. Backtracking, within a budget of steps."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from attrs import frozen

from chemwright.errors import SubstanceError
from chemwright.knowledge.mining.nomenclature import natural, ringbuild
from chemwright.knowledge.mining.nomenclature.assemble import Item, Unfit, assemble
from chemwright.knowledge.mining.nomenclature.fragment import Fragment
from chemwright.knowledge.mining.nomenclature.parts import acyl, hang_tail, hydrogenated, kind_of, radical_endings, retained_acid, saturate, with_suffix
from chemwright.knowledge.mining.nomenclature.stereo import labels
from chemwright.knowledge.mining.nomenclature.suffixes import EVERY
from chemwright.knowledge.mining.nomenclature.vocabulary import MULTIPLIERS, STEMS, acids, groups, parents, rings

STEPS = 3000
MAX_ITEMS = 24
_LOCANT = r"(?:\d+[a-h]?'{0,3}|[nos]\d*'{0,3}|alpha|beta|omega|α|β|γ|δ|ω|\d+\(\d+h\)|\d+α|\d+β)"
_LOCANTS = re.compile(rf"{_LOCANT}(?:,{_LOCANT})*(?=-|h\b|h-)")
_HYDRO = re.compile(r"(?:(?P<mult>di|tetra|hexa|octa|deca|per)?hydro)-?")
_INDICATED = re.compile(r"\(?(\d+[a-h]?(?:,\d+[a-h]?)*)h\)?(?:,(\d+)h)?-?")
_STEREO = re.compile(r"\((?P<all>[\d,a-zrse±+\-]*(?:[rsez]|±|\+|-|\+/-)(?:,[\da-z']*[rsez])*)\)-?|(?P<word>cis|trans|rac|dl|erythro|threo|endo|exo|syn|anti|d|l|e|z|r|s)-")
_MULT = sorted(MULTIPLIERS, key=len, reverse=True)
_ORTHO = {"o": "2", "m": "3", "p": "4", "ortho": "2", "meta": "3", "para": "4"}
_ORTHO_AT = re.compile(r"(ortho|meta|para|o|m|p)-")
_REPLACE = re.compile(r"(?:di|tri|tetra)?(oxa|aza|thia|sila)-?(?=[\d(a-z])")
_UNSATURATED = re.compile(r"(?:a?-?(?P<loc>\d+(?:\(\d+\))?(?:,\d+(?:\(\d+\))?)*)-)?(?P<mult>adi|atri|di|tri|tetra)?(?P<kind>ane?|ene?|yne?)(?=[^a-z]|[a-z]|$)")
_ELEMENT = {"oxa": "O", "aza": "N", "thia": "S", "sila": "Si"}


@frozen
class Word:
    """A word read.

    Args:
        kind: ``molecule``, ``radical``, ``acyl`` (an acid without its OH), ``ate`` (an acid whose OH waits for an ester group or a cation).
        fragment: what it builds.
        last: the suffix that ended it.
    """

    kind: str
    fragment: Fragment
    last: str = ""


class Parser:
    """Reads one word; holds the text and the steps left."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.left = STEPS

    def words(self) -> Iterator[Word]:
        """Every reading of the whole text, the likeliest first."""
        yield from self._sequence(0, len(self.text), [], ())

    def _step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise SubstanceError("the name takes too long to read", fix="give the structure as SMILES")

    def _sequence(
        self, at: int, end: int, items: list[Item], pending: tuple[str, ...], indicated: tuple[str, ...] = (), hydro: tuple[str, ...] = (), stereo: tuple[str, ...] = ()
    ) -> Iterator[Word]:
        """Items from ``at`` to the parent that ends at ``end``."""
        self._step()
        text = self.text
        if at >= end or len(items) > MAX_ITEMS:
            return
        if text[at] == "-":
            yield from self._sequence(at + 1, end, items, pending, indicated, hydro, stereo)
            return
        if not pending:
            if (mark := _STEREO.match(text, at, end)) and mark.end() < end:
                yield from self._sequence(mark.end(), end, items, (), indicated, hydro, (*stereo, mark["all"] or mark["word"]))
            if (para := _ORTHO_AT.match(text, at, end)) and para.end() < end:
                yield from self._sequence(para.end(), end, items, (_ORTHO[para[1]],), indicated, hydro, stereo)
            if (h := _INDICATED.match(text, at, end)) and h.end() < end:
                yield from self._sequence(h.end(), end, items, (), indicated + tuple(h[1].split(",")) + ((h[2],) if h[2] else ()), hydro, stereo)
            if (found := _LOCANTS.match(text, at, end)) and found.end() < end - 1:
                added = tuple(re.findall(r"\((\d+)h\)", found[0]))  # 2(1H)-pyridinone: the added hydrogen
                yield from self._sequence(found.end() + 1, end, items, tuple(re.sub(r"\(\d+h\)", "", found[0]).split(",")), indicated + added, hydro, stereo)
        if h := _HYDRO.match(text, at, end):
            told = len(pending) > 1 or (len(pending) == 1 and not h["mult"])
            marks = pending if told else {"di": ("#2",), "tetra": ("#4",), "hexa": ("#6",), "octa": ("#8",), "deca": ("#10",), "per": ("*",)}.get(h["mult"] or "", ())
            if marks and (told or not pending or not any(groups().at(text, at))):  # tetrahydropyranyl is a word of its own
                yield from self._sequence(h.end(), end, items, () if told else pending, indicated, hydro + marks, stereo)
        if pending and (r := _REPLACE.match(text, at, end)):
            yield from self._sequence(r.end(), end, items, (), indicated, hydro + tuple(f"{_ELEMENT[r[1]]}:{k}" for k in pending), stereo)
        yield from self._parent(at, end, items, pending, indicated, hydro, stereo)
        yield from self._item(at, end, items, pending, indicated, hydro, stereo)

    def _item(self, at: int, end: int, items: list[Item], pending: tuple[str, ...], indicated: tuple[str, ...], hydro: tuple[str, ...], stereo: tuple[str, ...]) -> Iterator[Word]:
        """One substituent, plain or in brackets, with or without multiplier, and what follows it."""
        text = self.text
        for mult in ("", *(m for m in _MULT if text.startswith(m, at))):
            start = at + len(mult)
            if mult and text.startswith("-", start):
                start += 1
            n = MULTIPLIERS.get(mult, 1)
            if start < end and text[start] == "(":
                close = _closing(text, start, end)
                if 0 < close < end - 1:
                    inner = Parser(text[start + 1 : close])
                    inner.left = self.left
                    for word in inner.words():
                        if word.kind in ("radical", "acyl"):
                            group = word.fragment if word.kind == "radical" else acyl(word.fragment)
                            item = Item(pending, 2 if group.far >= 0 else n, group, name="twice" if group.far >= 0 and n == 2 else "", bracket=True, dash=text[at - 1 : at] == "-")
                            yield from self._sequence(close + 1, end, [*items, item], (), indicated, hydro, stereo)
                            break
                    self.left = inner.left
                continue
            for name in groups().at(text, start):
                if start + len(name) < end:
                    group = groups().make(name)
                    if name == "methylene" and not mult and len(pending) == 2:  # 15,16-methylene: a bridge, not an end
                        group.order, group.far = 1, 0
                    item = Item(pending, 2 if group.far >= 0 else n, group, dash=text[at - 1 : at] == "-", name=name)
                    yield from self._sequence(start + len(name), end, [*items, item], (), indicated, hydro, stereo)
            for stop, group in self._radicals(start, end, pending, indicated, hydro):
                if stop < end:
                    yield from self._sequence(
                        stop, end, [*items, Item(() if group.own else pending, n, group, dash=text[at - 1 : at] == "-", name=text[start:stop])], (), (), (), stereo
                    )

    def _radicals(self, at: int, end: int, pending: tuple[str, ...], indicated: tuple[str, ...], hydro: tuple[str, ...]) -> Iterator[tuple[int, Fragment]]:
        """Chains and rings that end in -yl, -ylidene or -oxy within the word: end and fragment."""
        for stop, fragment, used in self._skeletons(at, end, pending):
            if self.text[at:stop] == "benz":  # benzyl is no phenyl
                continue
            body = fragment
            if indicated or hydro:
                body = body.copy()
                try:
                    saturate(body, indicated, hydro)
                except Unfit:
                    continue
            for ending, place, order, tail in radical_endings(self.text, stop, end):
                atom = body.locants.get(place) if place else None
                own = False
                if place and atom is None:
                    continue
                if (
                    atom is None
                    and not place
                    and not used
                    and body.ring
                    and len(body.atoms) > 3
                    and (len(body.atoms) > 6 or any(a[0] != "C" for a in body.atoms))
                    and len(pending) == 1
                    and pending[0] in body.locants
                ):
                    atom, own = body.locants[pending[0]], True
                if tail.startswith(("oyl", "carb", "sulf")) and own:
                    continue
                if atom is None:
                    atom = body.locants.get("1", 0)
                    if self.text[at:stop].endswith("thiophen"):  # methylthiophenyl is methylthio-phenyl
                        continue
                if body.free(atom) + ((atom in body.unsaturated and body.atoms[atom][0] in ("N", "P")) or order > 1) < order:
                    continue
                group = body.copy()
                group.attach, group.order = atom, order
                group.open = [a for k, a in group.locants.items() if a != atom and k.isdigit()][:4]
                if not group.ring:  # aminopropyl is 3-aminopropyl
                    group.open = [a for k, a in group.locants.items() if a != atom and k.isdigit()][::-1]
                group.simple = len(group.atoms) == 1
                if atom in group.unsaturated and (order > 1 or group.atoms[atom][0] in ("N", "P")):
                    group.unsaturated.discard(atom)
                group.own = own or used
                if tail:
                    try:
                        group.attach, group.order = hang_tail(group, atom, tail), 1
                    except Unfit:
                        continue
                yield ending, group

    def _skeletons(self, at: int, end: int, pending: tuple[str, ...]) -> Iterator[tuple[int, Fragment, bool]]:
        """Rings and chains without suffix that begin at ``at``: end, fragment, and whether a locant before may be its own."""
        text = self.text
        if match := re.compile(r"(?:(di)?spiro|bicyclo|tricyclo)-?\[([\d.]+)\]-?").match(text, at, end):
            sizes = tuple(int(k) for k in match[2].split(".") if k)
            if match[0].startswith("bicyclo") and len(sizes) == 3 and max(sizes) < 30:
                yield from self._named_chain(match.end(), end, ringbuild.bicycle(sizes))  # type: ignore[arg-type]
            elif match[0].startswith("spiro") and len(sizes) == 2 and max(sizes) < 30:
                yield from self._named_chain(match.end(), end, ringbuild.spiro(sizes))  # type: ignore[arg-type]
            return
        for stop, ring in ringbuild.fused(text, at):
            if stop <= end:
                yield stop, ring, False
        for name in rings().at(text, at):
            if at + len(name) <= end:
                yield at + len(name), rings().make(name), False
        if pending and len(pending) > 1:  # 1,3,4-thiadiazol: the locants are part of the ring's name
            joined = ",".join(pending) + "-"
            for name in rings().at(joined + text[at:end], 0):
                if name.startswith(joined):
                    yield at + len(name) - len(joined), rings().make(name), True
        yield from self._natural(at, end, pending)
        if text.startswith("cyclo", at):
            for stem, n in sorted(STEMS.items(), key=lambda s: -len(s[0])):
                if n > 2 and text.startswith(stem, at + 5):
                    yield from self._unsaturated(at + 5 + len(stem), end, ringbuild.cycle(n), pending)
        for stem, n in sorted(STEMS.items(), key=lambda s: -len(s[0])):
            if text.startswith(stem, at):
                chain = Fragment()
                for i in range(n):
                    chain.locants[str(i + 1)] = chain.add("C", i - 1 if i else None)
                chain.open = [0] if n == 1 else list(range(n - 1, -1, -1))
                yield from self._unsaturated(at + len(stem), end, chain, pending)

    def _natural(self, at: int, end: int, pending: tuple[str, ...]) -> Iterator[tuple[int, Fragment, bool]]:
        """Steroid skeletons with their double bonds, and the beta-lactams of penicillins and cephalosporins."""
        for stem in natural.STEROIDS:
            if self.text.startswith(stem, at):
                yield from self._unsaturated(at + len(stem), end, natural.steroid(stem), pending)
        for stop, lactam, used in natural.lactams(self.text, at, pending):
            if stop <= end:
                yield stop, lactam, used

    def _named_chain(self, at: int, end: int, ring: Fragment) -> Iterator[tuple[int, Fragment, bool]]:
        for stem, n in sorted(STEMS.items(), key=lambda s: -len(s[0])):
            if n == len(ring.atoms) and self.text.startswith(stem, at):
                yield from self._unsaturated(at + len(stem), end, ring, ())

    def _unsaturated(self, at: int, end: int, body: Fragment, pending: tuple[str, ...], used: bool = False) -> Iterator[tuple[int, Fragment, bool]]:
        """A chain or ring with its -an, -en, -yn parts read; the flag says whether the locants before were theirs."""
        match = _UNSATURATED.match(self.text, at, end)
        if match is None:
            yield at, body, used
            return
        if match["kind"].startswith("an"):
            if not match["loc"] and not match["mult"]:
                yield match.end(), body, used
            yield at, body, used
            return
        locants = match["loc"].split(",") if match["loc"] else list(pending) or ["1"]
        n = MULTIPLIERS.get((match["mult"] or "").removeprefix("a"), 1)
        order = 2 if match["kind"].startswith("en") else 3
        if len(locants) == n:
            out = body.copy()
            size = len(out.locants)
            for locant in locants:
                place, _, other = locant.rstrip(")").partition("(")  # 5(10): from 5 to 10
                first = out.locants.get(place)
                second = out.locants.get(other or str(int(place) % size + 1 if out.ring else int(place) + 1)) if place.isdigit() else None
                if first is None or second is None:
                    return
                out.bonds = [(i, j, order if {i, j} == {first, second} else o) for i, j, o in out.bonds]
            yield from self._unsaturated(match.end(), end, out, (), used or (not match["loc"] and bool(pending)))
        yield at, body, used

    def _parent(
        self, at: int, end: int, items: list[Item], pending: tuple[str, ...], indicated: tuple[str, ...], hydro: tuple[str, ...], stereo: tuple[str, ...]
    ) -> Iterator[Word]:
        """A parent that ends exactly at ``end``, joined with the items before it."""
        text = self.text
        rest = text[at:end]
        if rest in parents():
            with contextlib.suppress(Unfit):
                yield from self._join(items, pending, hydrogenated(parents().make(rest), hydro), "molecule", "", stereo)
        if rest in groups():
            yield from self._join(items, pending, groups().make(rest), "radical", "", stereo)
        if (row := acids().get(rest)) is not None:
            made = retained_acid(row)
            if made is not None:
                yield from self._join(items, pending, made[1], made[0], row["form"], stereo)
        for stop, group in self._radicals(at, end, pending, indicated, hydro):
            if stop == end:
                keep = () if group.own else pending
                if keep and not group.ring and len(keep) == 1 and keep[0] in group.locants and len(group.atoms) > 1:
                    moved = group.copy()
                    moved.attach = moved.locants[keep[0]]
                    yield from self._join(items, (), moved, "radical", "", stereo)
                    continue
                yield from self._join(items, keep, group, "radical", "", stereo)
        for stop, body, used in self._skeletons(at, end, pending):
            made_of = body
            if indicated or hydro:
                made_of = body.copy()
                try:
                    saturate(made_of, indicated, hydro)
                except Unfit:
                    continue
            before = () if used else pending
            for built, last in self._suffixed(made_of, stop, end, before, at):
                yield from self._join(items, () if last or not before else before, built, kind_of(last), last, stereo)

    def _suffixed(self, body: Fragment, at: int, end: int, pending: tuple[str, ...], start: int) -> Iterator[tuple[Fragment, str]]:
        """The parent with one or more suffixes up to ``end``; a locant before the parent is the first suffix's when that has none."""
        text = self.text
        for place in (at, at + 1) if text[at : at + 1] in ("e", "a") else (at,):
            if place == end:
                yield body, ""
                continue
            match = re.compile(r"-?(?:(?P<loc>[\da-hα-ω',]*\d[a-h]?'*)(?:\((?P<h>\d+h(?:,\d+h)*)\))?-)?(?P<mult>di|tri|tetra|bis)?-?").match(text, place, end)
            if match is None:
                continue
            for mult in {match["mult"] or "", ""}:
                begin = match.end() if mult == (match["mult"] or "") else match.start("mult")
                for suffix in EVERY:
                    if not text.startswith(suffix, begin) or begin + len(suffix) > end:
                        continue
                    self._step()
                    locants = tuple(match["loc"].split(",")) if match["loc"] else pending
                    built = with_suffix(body, suffix, MULTIPLIERS.get(mult, 1), locants, match["h"])
                    if built is None:
                        continue
                    stop = begin + len(suffix)
                    if stop == end:
                        yield built, suffix
                    else:
                        yield from ((b, last) for b, last in self._suffixed(built, stop, end, (), start) if last)

    def _join(self, items: list[Item], pending: tuple[str, ...], parent: Fragment, kind: str, last: str, stereo: tuple[str, ...]) -> Iterator[Word]:
        """Assemble; readings that don't fit are passed over."""
        if (
            pending
            and kind == "radical"
            and not items
            and pending[0] in parent.locants
            and len(pending) == 1
            and len(parent.atoms) > 1
            and parent.order == 1
            and parent.atoms[parent.attach][0] == "C"
            and not any(parent.attach in (i, j) and o == 2 and "O" in (parent.atoms[i][0], parent.atoms[j][0]) for i, j, o in parent.bonds)
        ):
            parent = parent.copy()
            parent.attach = parent.locants[pending[0]]
            pending = ()
        if pending and kind != "acyl" and not (kind == "radical" and pending == ("1",)):
            return
        try:
            built = assemble(items, parent)
        except Unfit:
            return
        if parent.alpha >= 0 and not any(t in ("d", "dl", "rac") or labels(t) for t in stereo):
            built.wanted.append(((parent.alpha,), "S"))
        for text in stereo:
            for locant, label in labels(text):
                at = [built.locants[locant]] if locant in built.locants else []
                own = list(range(len(parent.atoms)))
                built.wanted.append((tuple(at if locant else [parent.attach, *own]), label))
        yield Word(kind, built, last)


def _closing(text: str, start: int, end: int) -> int:
    """Index of the bracket that closes the one at ``start``, or -1."""
    depth = 0
    for i in range(start, end):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i
    return -1
