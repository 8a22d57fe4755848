"""The steps of a case, what each reads, and the rule that one reruns only when what it read has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from chemwright.case.environment import code_hash
from chemwright.errors import InputError, did_you_mean
from chemwright.record import CaseRecord, content_hash, to_json

Progress = Callable[[str, float | None], None]

STEPS = ("properties", "fit", "design", "explain", "next")
#: fields of the record that a step reads
FIELDS: dict[str, tuple[str, ...]] = {
    "properties": ("species", "claims"),
    "fit": ("target", "species", "reactions", "prior", "experiments", "seed"),
    "design": ("target", "species", "solvent", "reactions", "plant", "prior", "experiments", "claims", "seed"),
    "explain": ("target", "species", "solvent", "reactions", "plant", "prior", "experiments", "claims", "seed"),
    "next": ("target", "species", "solvent", "reactions", "plant", "prior", "experiments", "claims", "seed"),
}
#: earlier steps that a step reads
READS: dict[str, tuple[str, ...]] = {
    "properties": (),
    "fit": (),
    "design": ("properties", "fit"),
    "explain": ("properties", "fit", "design"),
    "next": ("properties", "fit", "design", "explain"),
}
#: share of the whole time, for the progress bar
SHARES = {"properties": 0.05, "fit": 0.55, "design": 0.25, "explain": 0.05, "next": 0.05, "report": 0.05}


class Store(Protocol):
    """Where results are kept between calls: a folder, or a dict."""

    def read_step(self, step: str) -> dict[str, Any] | None:
        """``{"key", "result"}`` or None."""
        ...

    def write_step(self, step: str, key: str, result: Any) -> None:
        """Keep a result under its key."""
        ...

    def has_step(self, step: str) -> bool:
        """Whether something is kept, readable or not."""
        ...

    def hold(self) -> AbstractContextManager[bool]:
        """Be the only writer; whether the system holds the lock."""
        ...


class MemoryStore:
    """Results of a case that has no folder yet."""

    def __init__(self) -> None:
        self.steps: dict[str, dict[str, Any]] = {}

    def read_step(self, step: str) -> dict[str, Any] | None:
        """``{"key", "result"}`` or None."""
        return self.steps.get(step)

    def write_step(self, step: str, key: str, result: Any) -> None:
        """Keep a result under its key."""
        self.steps[step] = {"key": key, "result": result}

    def has_step(self, step: str) -> bool:
        """Whether something is kept."""
        return step in self.steps

    def hold(self) -> AbstractContextManager[bool]:
        """Nobody else can write here."""
        return nullcontext(True)


def key_of(step: str, record: CaseRecord, results: dict[str, Any]) -> str:
    """SHA-256 over the step's name, the code, the record's fields it reads, and the earlier results it reads.

    Args:
        step: one of :data:`STEPS`.
        record: the case.
        results: at least the steps of ``READS[step]``.
    """
    read = [step, code_hash(), *(content_hash(getattr(record, f)) for f in FIELDS[step]), *(content_hash(results[s]) for s in READS[step])]
    return hashlib.sha256("\n".join(read).encode()).hexdigest()


def current(step: str, record: CaseRecord, results: dict[str, Any], store: Store) -> tuple[str, Any | None]:
    """The step's key, and the stored result when it was computed under this key."""
    key = key_of(step, record, results)
    found = store.read_step(step)
    return key, found["result"] if found is not None and found["key"] == key else None


def compute(step: str, record: CaseRecord, results: dict[str, Any], progress: Progress | None) -> Any:
    """Run a step of the loop.

    Raises:
        ChemwrightError: as the step does.
    """
    from chemwright import loop

    if step == "properties":
        return loop.properties(record)
    if step == "fit":
        return loop.fit(record, progress)
    if step == "design":
        return loop.design(record, results["properties"], results["fit"], progress)
    if step == "explain":
        return loop.explain(record, results["properties"], results["fit"], results["design"])
    return loop.next_experiments(record, results["properties"], results["fit"], results["design"], results["explain"])


def run(step: str, record: CaseRecord, results: dict[str, Any], store: Store, progress: Progress | None = None, alone: Callable[[], None] | None = None) -> tuple[Any, str]:
    """A step's result, computed when there is none under its key; and how it came: ``cached``, ``run`` or ``rerun: ...``.

    ``alone`` is called before anything is computed: it makes sure that nobody else works on the case.
    """
    key, found = current(step, record, results, store)
    if found is None and alone is not None:
        alone()
        key, found = current(step, record, results, store)  # the other one may just have finished it
    if found is not None:
        return found, "cached"
    unreadable = store.has_step(step) and store.read_step(step) is None
    result = json.loads(to_json(compute(step, record, results, progress)))  # as it will be read back: a rerun gives the same numbers
    store.write_step(step, key, result)
    return result, "rerun: its file could not be read" if unreadable else "run"


def check_figure(figure: str) -> None:
    """Refuse a figure that no plant has, before a minute is spent on the plant.

    Raises:
        InputError: unknown figure, with near misses.
    """
    from chemwright.flowsheet.plant import FIGURES

    if figure.removeprefix("plant.") not in FIGURES:
        raise InputError(f"unknown figure {figure!r}", where="figure", fix=did_you_mean(figure.removeprefix("plant."), FIGURES))


def needed(step: str) -> tuple[str, ...]:
    """The step with all earlier ones it rests on, in order."""
    return tuple(s for s in STEPS if s == step or s in READS[step])


def scaled(step: str, progress: Progress | None) -> Progress | None:
    """A step's progress as a part of the whole."""
    if progress is None:
        return None
    names = list(SHARES)
    start = sum(SHARES[s] for s in names[: names.index(step)])

    def tell(text: str, fraction: float | None) -> None:
        progress(f"{step}: {text}" if text else step, start + SHARES[step] * min(max(fraction or 0.0, 0.0), 1.0))

    return tell


def money(budget: str | float) -> float:
    """A budget in USD.

    Raises:
        InputError: below zero. UnitError: not an amount of money.
    """
    from chemwright.quantity.units import si

    value = si(budget, "USD", "budget")
    if value < 0:
        raise InputError(f"budget {budget!r} is below zero", where="budget", fix="give an amount, as '5 kEUR'")
    return value
