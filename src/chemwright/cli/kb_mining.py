"""``chemwright kb mine`` and ``kb review``: documents into a queue, and the queue under one's fingers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from chemwright.cli.app import Json, _print
from chemwright.cli.kb_options import DEFAULT, Base, kb, opened
from chemwright.cli.session import progress_bar, session


@kb.command()
def mine(
    files: Annotated[list[Path], typer.Argument(help="PDF, text, HTML or XML.")],
    kind: Annotated[list[str] | None, typer.Option("--kind", help="substance, property, procedure or kinetic; can be given again; all when left out.")] = None,
    trust: Annotated[float | None, typer.Option("--trust", min=0.0, max=1.0, help="Take in without review what is at least this sure; nothing when left out.")] = None,
    llm: Annotated[
        str, typer.Option("--llm", metavar="URL", help="A local language model that speaks OpenAI's protocol, as http://localhost:8080/v1; it only points at text.")
    ] = "",
    model: Annotated[str, typer.Option("--model", help="Name of that model.")] = "",
    base: Base = DEFAULT,
    as_json: Json = False,
) -> None:
    """Read documents and put what they propose into the review queue.

    Example: chemwright kb mine paper.pdf --kind property
    """
    with session(as_json), opened(base) as db, progress_bar() as progress:
        from chemwright.knowledge.mining.llm import Backend
        from chemwright.knowledge.review import mine_file, queue

        backend = Backend(llm, model) if llm else None
        rows = []
        for done, file in enumerate(files):
            progress(file.name, done / len(files))
            m = mine_file(db, file, threshold=trust, kinds=tuple(kind or ()), llm=backend)
            row = {"document": str(file), "waiting": len(m.proposals), "taken": m.taken, "again": m.again, "refused": [{"key": k, "why": w} for k, w in m.refused]}
            rows.append({**row, "notes": [{"what": n.what, "pages": n.pages, "why": n.why, "fix": n.fix, "text": str(n)} for n in m.notes]})
        result = {"documents": rows, "queue": len(queue(db))}
    from chemwright.cli import kb_tables

    _print(as_json, result, lambda: kb_tables.mined(result))


@kb.command()
def review(
    by: Annotated[str, typer.Option("--by", help="Who reviews; the login name when left out.")] = "",
    kind: Annotated[str, typer.Option("--kind", help="Only substance, property, procedure or kinetic.")] = "",
    list_: Annotated[bool, typer.Option("--list", help="Show what waits and stop.")] = False,
    accept: Annotated[list[str] | None, typer.Option("--accept", metavar="KEY", help="Take this one in without asking; can be given again.")] = None,
    accept_all: Annotated[bool, typer.Option("--accept-all", help="Take in all that wait (of --kind), one by one; what can't be filed waits on.")] = False,
    reject: Annotated[list[str] | None, typer.Option("--reject", metavar="KEY", help="Refuse this one without asking; can be given again.")] = None,
    base: Base = DEFAULT,
    as_json: Json = False,
) -> None:
    """Judge what was mined: one key a proposal.

    a accept, r reject, c correct, o more of the text, s skip, q quit. What is accepted becomes claims and experiments.

    Example: chemwright kb review --kind property --by "A. Chemist"
    """
    with session(as_json), opened(base) as db:
        from chemwright.cli import kb_tables
        from chemwright.errors import ChemwrightError, InputError
        from chemwright.knowledge import review as desk

        who = by or db.who
        done: dict[str, Any] = {"accepted": [], "rejected": [], "refused": []}
        for key in accept or ():
            done["accepted"].append({"proposal": key, "records": desk.accept(db, key, by=who)})
        for w in desk.queue(db, kind=kind) if accept_all else ():
            try:
                done["accepted"].append({"proposal": w.key, "records": desk.accept(db, w.key, by=who)})
            except ChemwrightError as error:
                done["refused"].append({"key": w.key, "why": str(error)})
        for key in reject or ():
            desk.reject(db, key, by=who)
            done["rejected"].append(key)
        waiting = desk.queue(db, kind=kind)
        if not (list_ or accept or accept_all or reject or as_json):
            if not sys.stdin.isatty():
                raise InputError("review asks for keys, and there is no terminal", where="kb review", fix="use --list, --accept KEY and --reject KEY")
            tell = sys.stderr.write
            with _keys(True):
                _desk(db, waiting, who, done, lambda text: (tell(text + "\n"), None)[1])
            waiting = desk.queue(db, kind=kind)
        result = {**done, "waiting": [kb_tables.proposal_data(w) for w in waiting]}
    _print(as_json, result, lambda: kb_tables.reviewed(result, whole=list_))


def _desk(db: Any, waiting: list[Any], who: str, done: dict[str, Any], tell: Callable[[str], None], read: Callable[[], str] | None = None) -> None:
    """The loop: show one, read a key, do it."""
    from chemwright.cli import kb_tables
    from chemwright.errors import ChemwrightError
    from chemwright.knowledge import review as desk

    key_of = read or _key
    for n, w in enumerate(waiting, 1):
        tell(f"\n[{n} of {len(waiting)}] {kb_tables.proposal_line(w)}\n  {kb_tables.evidence_line(w)}")
        while True:
            tell("  a accept, r reject, c correct, o more text, s skip, q quit")
            key = key_of().lower()
            try:
                if key == "a":
                    done["accepted"].append({"proposal": w.key, "records": desk.accept(db, w.key, by=who)})
                elif key == "r":
                    desk.reject(db, w.key, by=who)
                    done["rejected"].append(w.key)
                elif key == "c":
                    done["accepted"].append({"proposal": w.key, "records": desk.correct(db, w.key, _fields(w, tell), by=who)})
                elif key == "o":
                    tell(f"  {w.proposal.evidence.document}: {w.proposal.evidence.text}")
                    continue
                elif key in ("q", "\x03", "\x04", ""):
                    return
                elif key != "s":
                    continue
            except ChemwrightError as error:
                tell(f"  {error}")
                continue
            break


def _fields(waiting: Any, tell: Callable[[str], None]) -> dict[str, str]:
    """Fields and their new values, typed as name=value, one a line, until an empty line."""
    from chemwright.cli import kb_tables

    tell("  fields: " + "; ".join(f"{k}={v}" for k, v in kb_tables.editable(waiting.proposal.data).items()))
    tell("  type name=value, one a line; an empty line ends")
    out: dict[str, str] = {}
    with _keys(False):
        for line in iter(lambda: sys.stdin.readline().strip(), ""):
            name, equals, value = line.partition("=")
            if equals:
                out[name.strip()] = value.strip()
    return out


@contextmanager
def _keys(on: bool) -> Iterator[None]:
    """Keys come as they are pressed (``on``), or as lines; whichever it was before comes back afterwards. What was typed already is not lost."""
    if sys.platform == "win32":
        yield
    else:  # (the types of either platform are seen on one only)
        import termios

        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
        wanted = termios.tcgetattr(descriptor)
        lines = termios.ICANON | termios.ECHO
        wanted[3] = wanted[3] & ~lines if on else wanted[3] | lines
        try:
            termios.tcsetattr(descriptor, termios.TCSANOW, wanted)
            yield
        finally:
            termios.tcsetattr(descriptor, termios.TCSANOW, before)


def _key() -> str:
    """One key."""
    if sys.platform == "win32":
        import msvcrt

        return msvcrt.getwch()
    else:
        return sys.stdin.read(1)
