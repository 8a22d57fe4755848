"""SMARTS as a user gives them: bounded, and without their recursive parts where only a screen is made of them."""

from __future__ import annotations

from typing import Any

MAX_SMARTS = 1_000
MAX_ATOMS = 200
MAX_RECURSION = 40
MAX_DEPTH = 4


class PatternError(ValueError):
    """A SMARTS that is not read; the message says why."""


def check(smarts: str) -> None:
    """Refuse what is too long or too deep before any parser sees it.

    Raises:
        PatternError: empty, over 1,000 characters, over 40 recursive parts or more than 4 of them within one another.
    """
    if not smarts.strip() or len(smarts) > MAX_SMARTS:
        raise PatternError(f"a SMARTS of 1 to {MAX_SMARTS} characters is expected, {len(smarts)} were given")
    if not smarts.isascii() or any(c.isspace() for c in smarts.strip()):
        raise PatternError("a SMARTS has no blanks and no characters outside ASCII")
    depth = deepest = 0
    inside: list[bool] = []
    for i, c in enumerate(smarts):
        if c == "(":
            inside.append(i > 0 and smarts[i - 1] == "$")
            depth += inside[-1]
            deepest = max(deepest, depth)
        elif c == ")" and inside:
            depth -= inside.pop()
    if smarts.count("$(") > MAX_RECURSION or deepest > MAX_DEPTH:
        raise PatternError(f"at most {MAX_RECURSION} recursive parts $(...), at most {MAX_DEPTH} within one another, are read")


def read_pattern(smarts: str) -> Any:
    """The RDKit pattern of a SMARTS.

    Raises:
        PatternError: too long or deep, not SMARTS, or of more than 200 atoms.
    """
    from rdkit import Chem

    check(smarts)
    pattern = Chem.MolFromSmarts(smarts.strip())
    if pattern is None:
        raise PatternError(f"{smarts[:80]!r} is not a valid SMARTS")
    if not 0 < pattern.GetNumAtoms() <= MAX_ATOMS:
        raise PatternError(f"a pattern of 1 to {MAX_ATOMS} atoms is expected, {pattern.GetNumAtoms()} were given")
    return pattern


def without_recursion(smarts: str) -> str:
    """The pattern with each ``$(...)`` and ``!$(...)`` replaced by ``*``, which fits any atom: it matches at least where the pattern does."""
    out: list[str] = []
    i = 0
    while i < len(smarts):
        if smarts.startswith(("$(", "!$("), i):
            i = _closing(smarts, smarts.index("(", i)) + 1
            out.append("*")
        else:
            out.append(smarts[i])
            i += 1
    return "".join(out)


def required(smarts: str) -> list[list[str]]:
    """What a match must hold besides, by its recursive parts: of each list at least one pattern.

    ``[C;$(A),$(B)]`` gives ``[[A, B]]``; alternatives of which one is not recursive, and ``!$(...)``, require nothing.
    """
    out: list[list[str]] = []
    for atom in _bracketed(smarts):
        for part in _split(atom, ";"):
            found = [_positive(choice) for choice in _split(part, ",")]
            if all(found):
                out.append([f for f in found if f])
    return out


def _bracketed(smarts: str) -> list[str]:
    """The text of each atom in brackets that is not within a recursive part."""
    out: list[str] = []
    i = 0
    while i < len(smarts):
        if smarts[i] == "[":
            start = i = i + 1
            while i < len(smarts) and smarts[i] != "]":
                i = _closing(smarts, i + 1) + 1 if smarts.startswith("$(", i) else i + 1
            out.append(smarts[start:i])
        i += 1
    return out


def _split(text: str, mark: str) -> list[str]:
    """Parts between marks outside round brackets."""
    out, depth = [""], 0
    for c in text:
        depth += (c == "(") - (c == ")")
        if c == mark and depth == 0:
            out.append("")
        else:
            out[-1] += c
    return out


def _positive(choice: str) -> str:
    """The first recursive part that is not negated; empty when there is none."""
    i = 0
    while (at := choice.find("$(", i)) >= 0:
        end = _closing(choice, at + 1)
        if at == 0 or choice[at - 1] != "!":
            return choice[at + 2 : end]
        i = end
    return ""


def _closing(text: str, start: int) -> int:
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i
    return len(text)
