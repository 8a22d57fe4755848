"""Questions of `chemwright new` on a terminal: each answer is checked at once, and asked for again until it holds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import typer
from attrs import evolve

from chemwright.case.draft import CAPACITY, PURITY, SMALL, SOLVENT, Draft, by_product, response_of
from chemwright.errors import ChemwrightError, InputError
from chemwright.knowledge import read_runs, resolve
from chemwright.quantity.units import si


def on_a_terminal() -> bool:
    """Whether there is someone to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def say(text: str) -> None:
    """A line beside the questions: on stderr, as they are."""
    print(text, file=sys.stderr, flush=True)


def answer(question: str, check: Callable[[str], str], default: str | None = None) -> str:
    """Ask until ``check`` takes the answer; what it returns is said (a structure, a converted quantity).

    Args:
        question: shown with the default in brackets.
        check: raises ChemwrightError on a wrong answer, else says how it was understood (empty: nothing to say).
        default: taken on an empty line; None asks again, and an empty one stands for 'none'.
    """
    while True:
        text = str(typer.prompt(question, default=default, show_default=bool(default), err=True)).strip()
        try:
            said = check(text)
        except ChemwrightError as error:
            say(f"  {error.message}. {error.fix}".rstrip(". ") + ".")
            continue
        if said:
            say(f"  {said}")
        return text


def ask_draft(name: str) -> Draft:
    """A draft from the answers of a person.

    Raises:
        typer.Abort: the input ended, or was broken off.
    """
    say("A new case. Substances are names, CAS numbers or SMILES; an empty line takes what stands in brackets.")
    species: dict[str, str] = {}
    target = answer("Product", _substance)
    species["sm"] = answer("Key reactant (the one not in excess)", _other_than(target))
    second = answer("Other reactant (empty for none)", lambda t: _other_than(target, species["sm"])(t) if t else "", "")
    if second:
        species["reagent"] = second
    draft = _reaction(Draft(name, target=target, species=species))
    solvent = answer("Solvent", _substance, SOLVENT)
    capacity = answer("Capacity", lambda t: _positive(t, "kg/s", "number unit, as '100 t/year'"), CAPACITY)
    purity = answer("Purity", _purity, PURITY)
    acid = any(_smiles(t) in ("F", "Cl", "Br", "I") for t in draft.species.values())
    base = answer("Base that binds the acid set free", _substance, "triethylamine") if acid else ""
    runs = answer("Measured runs, a CSV file (empty: none yet)", lambda t: _runs(t, list(draft.species)), "")
    return evolve(draft, solvent=solvent, capacity=capacity, purity=purity, base=base, runs=Path(runs) if runs else None)


def _reaction(draft: Draft) -> Draft:
    """The by-product found from the elements, or asked for until the reaction balances."""
    species = dict(draft.species)
    reactants = {key: _smiles(text) for key, text in species.items()}
    try:
        found = by_product(reactants, _smiles(draft.target))
    except ChemwrightError as error:
        say(f"  {error.message}")

        def closes(text: str) -> str:
            _substance(text)
            if by_product(reactants, f"{_smiles(draft.target)}.{_smiles(text)}") is not None:
                raise InputError("that does not balance", fix="name the one by-product that does")
            return ""

        species["by_product"] = answer("By-product", closes)
        right = "product + by_product"
    else:
        right = "product"
        if found is not None:
            species[found[0]] = SMALL[found[0]]
            right = f"product + {found[0]}"
    species["product"] = draft.target
    text = f"{' + '.join(reactants)} -> {right}"
    say(f"  reaction: {text}; add side reactions to the file where you know them")
    return evolve(draft, target="product", species=species, reactions=(text,))


def _smiles(text: str) -> str:
    return resolve(text, names=False).smiles


def _substance(text: str) -> str:
    found = resolve(text)
    return ", ".join(t for t in (found.name, found.formula, f"CAS {found.cas}" if found.cas else "", found.smiles) if t)


def _other_than(*others: str) -> Callable[[str], str]:
    """A substance that none of the earlier answers is."""

    def check(text: str) -> str:
        said = _substance(text)
        if _smiles(text) in [_smiles(o) for o in others]:
            raise InputError("that was given already", fix="name another substance")
        return said

    return check


def _positive(text: str, unit: str, like: str) -> str:
    if si(text, unit) <= 0:
        raise InputError(f"{text!r} is not above zero", fix=f"give {like}")
    return ""


def _purity(text: str) -> str:
    if not 0 < si(text, "1") <= 1:
        raise InputError(f"{text!r} is not above 0 and at most 100 %", fix="give a mass fraction, as '98 wt%' or 0.98")
    return ""


def _runs(text: str, species: list[str]) -> str:
    """How many runs of what, or nothing when none are named."""
    if not text:
        return ""
    from chemwright.case.runs import CONDITIONS

    path = Path(text.strip("\"'")).expanduser()
    response = response_of(path, species)
    return f"{len(read_runs(path, response, required=CONDITIONS).values)} runs, measured: {response}"
