"""Imports as the command line runs them: the wizard's questions at a terminal, its answers from flags."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import asdict

from chemwright.errors import ChemwrightError, InputError
from chemwright.record import Filing, Source, content_hash

if TYPE_CHECKING:
    from chemwright.knowledge.base import KnowledgeBase
    from chemwright.knowledge.intake.propose import Question
    from chemwright.knowledge.intake.wizard import Wizard

Progress = Callable[[str, float | None], None]


def cited(text: str) -> Source | None:
    """The source that a citation means."""
    return Source(f"experiment:{content_hash([text, 'experiment'])[:10]}", "experiment", text) if text else None


def table(
    base: KnowledgeBase, file: Path, maps: list[str], sheet: str, source: str, terms: Filing, on_error: str, *, propose: bool, yes: bool, ask: bool, progress: Progress
) -> dict[str, Any]:
    """A table of claims: guessed, asked, remembered, imported.

    Raises:
        InputError: a question is open and nobody can be asked; what would answer it is named. ChemwrightError: as the import.
    """
    from chemwright.knowledge.intake import import_claims, open_table, remember, start

    opened = open_table(file, sheet=sheet)
    wizard = start(base, opened)
    for given in maps:
        column, equals, use = given.partition("=")
        if not equals:
            raise InputError(f"{given!r} is no mapping", where="--map", fix="write 'COLUMN=USE', as 'Tb=boiling_point [degC]'")
        wizard = wizard.answer(column.strip(), use)
    guesses = [
        {"column": c.header, "role": c.role, "property": c.property, "unit": c.unit, "reason": g.reason, "sure": g.sure}
        for c, g in zip(wizard.given.columns, wizard.guesses, strict=True)
    ]
    questions = [{"column": q.key, "question": q.text, "answers": [w for w, _ in q.options]} for q in wizard.open]
    if propose:
        return {"form": "table", "read_as": opened.said, "columns": guesses, "questions": questions}
    for question in wizard.open:
        if question.key == "(source)":
            wizard = wizard.answer("(source)", "") if not source else wizard
        elif ask:
            wizard = _asked(wizard, question)
        elif yes and question.options:
            wizard = wizard.answer(question.key, "")
        else:
            answers = "; ".join(w for w, _ in question.options[:5])
            raise InputError(
                question.text, where=f"{file.name}, column {question.key!r}", fix=f"answer it with --map '{question.key}=...'" + (f", as one of: {answers}" if answers else "")
            )
    mapping = wizard.mapping()
    remember(base, mapping)
    report = import_claims(base, opened, mapping, source=cited(source), filing=terms, on_error=on_error, progress=progress)
    return {"form": "table", **asdict(report), "columns": guesses}


def _asked(wizard: Wizard, question: Question) -> Wizard:
    """A question put until its answer means something."""
    import typer

    typer.echo(f"\n{question.text}", err=True)
    for n, (words, _) in enumerate(question.options, 1):
        typer.echo(f"  {n} {words}", err=True)
    while True:
        reply = typer.prompt(f"{question.key} [1]" if question.options else question.key, default="" if question.options else None, show_default=False, err=True)
        try:
            return wizard.answer(question.key, str(reply))
        except ChemwrightError as error:  # an answer that means nothing is asked again; a bug is not
            typer.echo(f"  {error}", err=True)


def plate(base: KnowledgeBase, file: Path, layout_file: Path, sheet: str, terms: Filing, on_error: str, progress: Progress) -> dict[str, Any]:
    """A plate of runs, by its layout."""
    from chemwright.knowledge.intake import open_table
    from chemwright.knowledge.intake.layout_file import read_layout
    from chemwright.knowledge.intake.plates import import_plate, list_rows

    layout, source = read_layout(layout_file)
    if source is not None:
        base.add(source)
    report = import_plate(base, list_rows(open_table(file, sheet=sheet)), layout, filing=terms, on_error=on_error, progress=progress)
    return {"form": "plate", "file": file.name, **asdict(report)}


def structures(base: KnowledgeBase, file: Path, source: str, terms: Filing, on_error: str, progress: Progress) -> dict[str, Any]:
    """Structures of an SDF or SMILES file."""
    from chemwright.knowledge.intake.structures import import_structures

    report = import_structures(base, file, source=cited(source), filing=terms, on_error=on_error, progress=progress)
    return {"form": "structures", "file": file.name, **asdict(report)}


def exchange(base: KnowledgeBase, file: Path, form: str, terms: Filing, progress: Progress) -> dict[str, Any]:
    """One of the exchange formats, or a package."""
    from chemwright.knowledge.exchange.dispatch import import_file

    taken = import_file(base, file, form=form, filing=terms, progress=progress)
    return {**asdict(taken), "file": file.name}


def kept(base: KnowledgeBase, result: dict[str, Any], progress: Progress) -> str:
    """The path of the backup that the import made due, or empty."""
    from chemwright.knowledge.base.backup import backup_if_due

    changed = sum(v for k, v in result.items() if k in ("claims", "new", "experiments") and isinstance(v, int))
    if isinstance(result.get("new"), dict):
        changed = sum(result["new"].values())
    made = backup_if_due(base, changed, progress=progress) if changed else None
    return str(made) if made else ""
